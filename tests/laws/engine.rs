//! How the laws ask the library: a price file as a user's layer, a card, a charge.

use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::charge::{Charge, Shape, Terms};
use tokreckon::money::{Exact, InexactError};
use tokreckon::price::{RateCard, ServiceTier};
use tokreckon::time::Period;
use tokreckon::usage::Usage;
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{Origin, read};
use tokreckon_data::table::Tables;

pub(crate) fn exact(text: &str) -> Exact {
    text.parse().expect("a decimal number")
}

pub(crate) fn period(text: &str) -> Period {
    Period::parse(text).expect("a time")
}

/// The tables of price files as a user gives them.
pub(crate) fn tables(texts: &[&str]) -> Tables {
    let files: Vec<_> = texts
        .iter()
        .map(|text| {
            let (file, mistakes) = read(text, Origin::User);
            assert!(mistakes.is_empty(), "{mistakes:?} in\n{text}");
            file
        })
        .collect();
    compile(&files).expect("price files that go together")
}

pub(crate) fn card<'b>(
    book: &PriceBook<'b>,
    provider: &str,
    model: &str,
    at: &str,
) -> RateCard<'b> {
    let query = Query {
        provider,
        model,
        period: period(at),
        service_tier: Known::Is(ServiceTier::Standard),
        variant: Known::Is(""),
    };
    book.find(&query).expect("a card")
}

pub(crate) fn charge<'b>(
    card: &RateCard<'b>,
    usage: &Usage,
    shape: Shape,
    factor: Exact,
) -> Result<Charge<'b>, InexactError> {
    card.charge_with(usage, shape, Terms { factor, line_rounding: None })
}
