//! Tests of the built-in book, and how they ask it about one model.

mod cache_prices;
mod facts;
mod same_as;
mod tied_prices;
mod traps;

use tokreckon_data::BUILTIN;
use tokreckon_data::schema::day_of_date;
use tokreckon_data::table::{Model, Price, Provider, Tables};
use tokreckon_data::words::{Meter, Precision, ServiceTier, State};

/// A seller of the built-in book.
pub(crate) fn provider(id: &str) -> &'static Provider {
    let found = BUILTIN.providers.iter().find(|provider| BUILTIN.str(provider.id) == id);
    found.unwrap_or_else(|| panic!("no provider `{id}`"))
}

/// A model of the built-in book, by its exact id in lower case.
pub(crate) fn model(provider_id: &str, id: &str) -> Option<&'static Model> {
    let models = Tables::rows(&BUILTIN.models, provider(provider_id).models);
    let key = id.to_lowercase();
    let at = models.binary_search_by(|model| BUILTIN.str(model.key).cmp(&key)).ok()?;
    models.get(at)
}

/// Every price of a model.
pub(crate) fn prices(provider_id: &str, id: &str) -> &'static [Price] {
    let model = model(provider_id, id).unwrap_or_else(|| panic!("no model `{id}`"));
    Tables::rows(&BUILTIN.prices, model.prices)
}

/// The base prices of a meter: standard tier, no variant, no window, no threshold.
pub(crate) fn base(provider_id: &str, id: &str, meter: Meter) -> Vec<&'static Price> {
    let plain = |price: &&Price| {
        price.meter == meter
            && price.service_tier == ServiceTier::Standard
            && price.variant.len == 0
            && price.window == 0
            && price.threshold == 0
    };
    prices(provider_id, id).iter().filter(plain).collect()
}

/// `2025-01-31` as Unix seconds.
pub(crate) fn day(text: &str) -> i64 {
    let mut parts = text.split('-').map(|part| part.parse::<u16>().expect("a number"));
    let mut next = || parts.next().expect("year, month and day");
    let (year, month, day) = (next(), next(), next());
    let small = |number: u16| u8::try_from(number).expect("a small number");
    i64::from(day_of_date(year, small(month), small(day))) * 86_400
}

/// The price of a list that holds at an instant.
pub(crate) fn at<'a>(prices: &[&'a Price], seconds: i64) -> Option<&'a Price> {
    let holds = |price: &&&Price| {
        let begun = price.from.precision == Precision::Unknown || price.from.seconds <= seconds;
        begun && (price.until.precision == Precision::Open || seconds < price.until.seconds)
    };
    prices.iter().find(holds).copied()
}

/// The amount as text without trailing zeros, or the state.
pub(crate) fn amount(price: &Price) -> String {
    if price.state != State::Priced {
        return price.state.to_string();
    }
    let digits = format!("{:0>1$}", price.mantissa, usize::from(price.scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(price.scale));
    let text = format!("{whole}.{fraction}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
