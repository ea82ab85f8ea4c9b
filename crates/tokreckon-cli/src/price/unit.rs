//! What a model costs: unit prices of every seller, the maker's first, then the cheapest.

use anyhow::Result;
use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::document::{RateDocument, SellerPricesDocument, UnitPricesDocument};
use tokreckon::money::Exact;
use tokreckon::price::{Entry, Rate, RateCard, ServiceTier, State, UnitPrice};
use tokreckon::time::Period;
use tokreckon::usage::Meter;

use super::source::{source_text, sources_line};
use crate::Exit;
use crate::args::{OutputArgs, OutputFormat};
use crate::asked::{age_note, seller};
use crate::context::not_found;
use crate::print::{Align, Remarks, Sheet, json_document};
use crate::words::unknown_model;

/// Meters with a column of their own; the others have one line below.
const COLUMNS: [(Meter, &str); 4] = [
    (Meter::Input, "input"),
    (Meter::CacheRead, "cached"),
    (Meter::CacheWrite5m, "cache write"),
    (Meter::Output, "output"),
];

/// What tokens are priced by in the table.
const MILLION: u64 = 1_000_000;

/// One seller's prices.
pub(crate) struct Offer<'b> {
    pub(crate) card: RateCard<'b>,
    pub(crate) variant: String,
}

/// A question for unit prices.
pub(crate) struct UnitPrices<'a> {
    pub(crate) model: &'a str,
    pub(crate) at: Period,
    /// Whether that day was named.
    pub(crate) is_dated: bool,
    /// Only this seller.
    pub(crate) provider: Option<&'a str>,
    pub(crate) tier: ServiceTier,
    pub(crate) variant: Option<&'a str>,
    /// Whether every source is listed.
    pub(crate) sources: bool,
    pub(crate) output: &'a OutputArgs,
}

/// Prints what every seller asks for a model then.
pub(crate) fn print(
    book: &PriceBook<'_>,
    asked: &UnitPrices<'_>,
    out: &mut String,
) -> Result<Exit> {
    let UnitPrices { model, output, .. } = *asked;
    let maker = seller(book, model).ok().map(|found| found.provider);
    let mut sellers = book.sellers(model);
    if let Some(provider) = asked.provider {
        let found = book.lookup(provider, model).map_err(|error| not_found(&error, book))?;
        sellers = vec![(found.provider, found.model)];
    }
    if sellers.is_empty() {
        return Err(unknown_model(book, model));
    }
    let (mut offers, mut without) = (Vec::new(), Vec::new());
    for (provider, id) in sellers {
        // The id as it was typed may name a region, the listed one does not.
        let (id, variant) = match book.get(provider, model) {
            Some(found) => (model, found.variant.to_owned()),
            None => (id, String::new()),
        };
        let query = Query {
            provider,
            model: id,
            period: asked.at,
            service_tier: Known::Is(asked.tier),
            variant: Known::Is(asked.variant.unwrap_or(&variant)),
        };
        match book.find(&query) {
            Ok(card) => offers.push(Offer { card, variant }),
            Err(error) => without.push((provider, error)),
        }
    }
    offers.sort_by_cached_key(|offer| {
        let card = &offer.card;
        let price = |meter| shown_price(card, meter).map(|price| per_million(&price));
        let known = price(Meter::Input).is_none();
        (
            Some(card.provider) != maker,
            card.currency,
            known,
            price(Meter::Input),
            price(Meter::Output),
            card.provider,
        )
    });
    if let (true, Some((_, error))) = (offers.is_empty(), without.first())
        && output.format != OutputFormat::Json
    {
        return Err(not_found(error, book));
    }
    let without: Vec<&str> = without.iter().map(|(provider, _)| *provider).collect();
    let remarks = remarks(asked, maker, &offers, &without);
    match output.format {
        OutputFormat::Json => {
            let sellers = offers.iter().map(Offer::document).collect();
            let without = without.into_iter().map(str::to_owned).collect();
            let mut document = UnitPricesDocument::new(model, sellers, without);
            document.notes = remarks.notes();
            document.headline = remarks.headline;
            json_document(&document, out);
        }
        format if format == OutputFormat::Csv || output.quiet => sheet(&offers).print(format, out),
        format => {
            remarks.print_above(out);
            sheet(&offers).print(format, out);
            remarks.print_below(out);
        }
    }
    Ok(if offers.is_empty() { Exit::Failed } else { Exit::Fine })
}

/// The first offer in one line; what else has a price, where the prices come from, who has none.
fn remarks(
    asked: &UnitPrices<'_>,
    maker: Option<&str>,
    offers: &[Offer<'_>],
    without: &[&str],
) -> Remarks {
    let headline = offers.first().map(|first| first.headline(asked.model, maker));
    let mut remarks = Remarks { headline, ..Remarks::default() };
    for offer in offers {
        offer.besides(&mut remarks);
    }
    if asked.sources {
        for offer in offers {
            offer.sources(&mut remarks);
        }
    } else {
        let rates: Vec<Rate<'_>> =
            offers.iter().flat_map(|offer| offer.card.rates().copied()).collect();
        remarks.add(&sources_line(&rates));
    }
    if let Some(note) = age_note(asked.at).filter(|_| asked.is_dated) {
        remarks.add(&note);
    }
    if !without.is_empty() {
        remarks.add(&format!("no price: {}", without.join(", ")));
    }
    remarks
}

/// A table of unit prices, one line an offer.
pub(crate) fn sheet(offers: &[Offer<'_>]) -> Sheet {
    let mut sheet = Sheet::new(
        [("provider", Align::Left), ("model", Align::Left), ("variant", Align::Left)]
            .into_iter()
            .chain(COLUMNS.map(|(_, name)| (name, Align::Amount)))
            .chain([("currency", Align::Left), ("since", Align::Left), ("standing", Align::Left)]),
    )
    .spare(&["standing", "cache write", "since", "cached"]);
    for offer in offers {
        sheet.row(offer.cells(offers.iter().any(|offer| offer.card.currency.as_str() != "USD")));
    }
    sheet.without_empty_columns()
}

impl Offer<'_> {
    /// `2.50 in, 1.25 cached, 10.00 out: USD per 1M tokens, gpt-4o at openai`.
    fn headline(&self, model: &str, maker: Option<&str>) -> String {
        let words = [(Meter::Input, "in"), (Meter::CacheRead, "cached"), (Meter::Output, "out")];
        let prices = words.iter().filter_map(|(meter, word)| {
            let text = self.cell(*meter);
            (!text.is_empty()).then(|| format!("{text} {word}"))
        });
        let prices: Vec<String> = prices.collect();
        let card = &self.card;
        let whose = if Some(card.provider) == maker { "" } else { " (its maker does not sell it)" };
        format!(
            "{} · {} per 1M tokens · {model} at {}{whose}",
            prices.join(", "),
            card.currency,
            card.provider
        )
    }

    fn cells(&self, name_currency: bool) -> Vec<String> {
        let card = &self.card;
        let mut cells = vec![card.provider.to_owned(), card.model.to_owned(), self.variant.clone()];
        cells.extend(COLUMNS.map(|(meter, _)| self.cell(meter)));
        let mut since: Vec<String> =
            card.rates().map(|rate| tokreckon::price::bound_text(rate.from())).collect();
        since.sort();
        let standing = card.rates().map(Rate::standing).max();
        cells.extend([
            if name_currency { card.currency.to_string() } else { String::new() },
            since.pop().unwrap_or_default(),
            standing.map_or(String::new(), |standing| standing.to_string()),
        ]);
        cells
    }

    /// The price of a meter per million, its bounds, or what there is instead.
    fn cell(&self, meter: Meter) -> String {
        match self.card.brackets().first().and_then(|base| base.entry(meter)) {
            Some(Entry::Rate(range)) if range.low.per == MILLION || range.low.per == 1000 => {
                let text = |price: &UnitPrice| per_million(price).to_string_padded(2);
                let (low, high) = (text(&range.low), text(&range.high));
                if low == high { low } else { format!("{low} to {high}") }
            }
            Some(Entry::Rate(range)) => range.low.to_string(),
            Some(Entry::Missing(State::NotSourced, _)) => "unknown".to_owned(),
            Some(Entry::Missing(state, _)) => state.to_string(),
            None => String::new(),
        }
    }

    /// What else it has a price for, and what changes for long prompts.
    fn besides(&self, remarks: &mut Remarks) {
        let card = &self.card;
        for (at, bracket) in card.brackets().iter().enumerate() {
            let others = bracket.entries.iter().filter_map(|(meter, entry)| {
                let has_column = at == 0 && COLUMNS.iter().any(|(known, _)| known == meter);
                match entry {
                    Entry::Rate(range) if !has_column => Some(format!("{meter} {}", range.low)),
                    _ => None,
                }
            });
            let others: Vec<String> = others.collect();
            if others.is_empty() {
                continue;
            }
            let beyond = match bracket.threshold {
                0 => String::new(),
                threshold => format!(", prompts beyond {threshold} tokens"),
            };
            let (model, provider) = (card.model, card.provider);
            remarks.add(&format!("{model} at {provider}{beyond}: {}", others.join(", ")));
        }
    }

    fn sources(&self, remarks: &mut Remarks) {
        let mut said: Vec<String> = Vec::new();
        for rate in self.card.rates() {
            let text = source_text(*rate);
            if !said.contains(&text) {
                remarks.add(&format!("{}: {text}", self.card.provider));
                said.push(text);
            }
        }
    }

    pub(crate) fn document(&self) -> SellerPricesDocument {
        let (provider, model) = (self.card.provider, self.card.model);
        let rates = self.card.rates().map(RateDocument::from);
        SellerPricesDocument::new(provider, model, Some(&self.variant), rates)
    }
}

fn shown_price(card: &RateCard<'_>, meter: Meter) -> Option<UnitPrice> {
    match card.brackets().first()?.entry(meter)? {
        Entry::Rate(range) => Some(range.high),
        Entry::Missing(..) => None,
    }
}

fn per_million(price: &UnitPrice) -> Exact {
    let factor = u128::from(MILLION / price.per.clamp(1, MILLION));
    price.amount.times_count(factor).unwrap_or(price.amount)
}
