//! What a model costs: unit prices of every seller, the maker's first, then the cheapest.

use std::fmt::Write;

use anyhow::Result;
use tokreckon::book::{FindError, Known, PriceBook, Query};
use tokreckon::document::{RateDocument, SellerPricesDocument, UnitPricesDocument};
use tokreckon::money::{Currency, Exact};
use tokreckon::price::{Bracket, Entry, Rate, RateCard, ServiceTier, State, UnitPrice};
use tokreckon::time::Period;
use tokreckon::usage::Meter;
use tokreckon::words::grouped;

use super::source::{source_text, sources_line};
use crate::Exit;
use crate::args::{OutputArgs, OutputFormat};
use crate::asked::{age_note, retired_text, seller};
use crate::context::{complain, not_found};
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
    /// Since when it serves the model no more, where it does not then.
    pub(crate) retired: Option<&'b str>,
}

/// A question for unit prices.
pub(crate) struct UnitPrices<'a> {
    /// One, or several side by side.
    pub(crate) models: &'a [String],
    pub(crate) at: Period,
    /// Whether that day was named.
    pub(crate) is_dated: bool,
    /// Only these sellers; empty for all.
    pub(crate) providers: &'a [String],
    pub(crate) tier: ServiceTier,
    pub(crate) variant: Option<&'a str>,
    /// Whether every source is listed.
    pub(crate) sources: bool,
    pub(crate) output: &'a OutputArgs,
}

/// What sellers ask for one model, the maker first, then the cheapest, then who sells it no more.
struct Found<'a, 'b> {
    model: &'a str,
    maker: Option<&'b str>,
    offers: Vec<Offer<'b>>,
    /// Sellers without a price, and why.
    without: Vec<(&'b str, FindError)>,
}

/// Prints what every seller asks for models then.
pub(crate) fn print(
    book: &PriceBook<'_>,
    asked: &UnitPrices<'_>,
    out: &mut String,
) -> Result<Exit> {
    let output = asked.output;
    let all: Vec<Found<'_, '_>> =
        asked.models.iter().map(|model| found(book, asked, model)).collect::<Result<_>>()?;
    let is_empty = all.iter().all(|found| found.offers.is_empty());
    let mut without = all.iter().flat_map(|found| &found.without);
    if let (true, Some((_, error))) = (is_empty, without.next())
        && output.format != OutputFormat::Json
    {
        return Err(not_found(error, book));
    }
    let is_served = all.iter().all(Found::is_served);
    let remarks = remarks(asked, &all);
    if !is_served && (output.quiet || output.format == OutputFormat::Csv) {
        remarks.reasons.iter().for_each(|reason| complain(reason));
    }
    let offers = || all.iter().flat_map(|found| &found.offers);
    match output.format {
        OutputFormat::Json => {
            let sellers = offers().map(Offer::document).collect();
            let without = all.iter().flat_map(Found::without).map(str::to_owned).collect();
            let mut document = UnitPricesDocument::new(&asked.models.join(", "), sellers, without);
            document.notes = remarks.notes();
            document.headline = remarks.headline;
            json_document(&document, out);
        }
        format if format == OutputFormat::Csv || output.quiet => sheet(offers()).print(format, out),
        format => {
            remarks.print_above(out);
            sheet(offers()).print(format, out);
            remarks.print_below(out);
        }
    }
    Ok(match (is_empty, is_served) {
        (true, _) => Exit::Failed,
        (_, false) => Exit::Findings,
        (_, true) => Exit::Fine,
    })
}

/// Looks for every seller of a model, or for those that are wanted.
fn found<'a, 'b>(
    book: &PriceBook<'b>,
    asked: &UnitPrices<'_>,
    model: &'a str,
) -> Result<Found<'a, 'b>> {
    let maker = seller(book, model).ok().map(|found| found.provider);
    let mut sellers = book.sellers(model);
    if !asked.providers.is_empty() {
        let wanted = asked.providers.iter().map(|provider| book.lookup(provider, model));
        let (found, missing): (Vec<_>, Vec<_>) = wanted.partition(Result::is_ok);
        if let (true, Some(Err(error))) = (found.is_empty(), missing.first()) {
            return Err(not_found(error, book));
        }
        sellers = found.into_iter().flatten().map(|found| (found.provider, found.model)).collect();
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
        let retired = book.retired(provider, id, asked.at);
        match book.find(&query) {
            Ok(card) => offers.push(Offer { card, variant, retired }),
            Err(error) => without.push((provider, error)),
        }
    }
    offers.sort_by_cached_key(|offer| {
        let card = &offer.card;
        let price = |meter| shown_price(card, meter).map(|price| per_million(&price));
        let known = price(Meter::Input).is_none();
        (
            offer.retired.is_some(),
            Some(card.provider) != maker,
            card.currency,
            known,
            price(Meter::Input),
            price(Meter::Output),
            card.provider,
        )
    });
    Ok(Found { model, maker, offers, without })
}

/// The first offer of each model in one line; who sells one no more; what else has a price, where the
/// prices come from, who has none.
fn remarks(asked: &UnitPrices<'_>, all: &[Found<'_, '_>]) -> Remarks {
    let mut headlines = all.iter().filter_map(Found::headline);
    let headline = headlines.next();
    let mut remarks = Remarks { headline, reasons: headlines.collect(), ..Remarks::default() };
    let offers = || all.iter().flat_map(|found| &found.offers);
    for offer in offers() {
        let card = &offer.card;
        let ended = |day| retired_text(card.model, card.provider, day);
        remarks.reasons.extend(offer.retired.map(ended));
    }
    for offer in offers() {
        offer.besides(&mut remarks);
    }
    if asked.sources {
        for offer in offers() {
            offer.sources(&mut remarks);
        }
    } else {
        let rates: Vec<Rate<'_>> = offers().flat_map(|offer| offer.card.rates().copied()).collect();
        remarks.add(&sources_line(&rates));
    }
    if let Some(note) = age_note(asked.at).filter(|_| asked.is_dated) {
        remarks.add(&note);
    }
    let without: Vec<&str> = all.iter().flat_map(Found::without).collect();
    if !without.is_empty() {
        remarks.add(&format!("no price: {}", without.join(", ")));
    }
    remarks
}

impl<'b> Found<'_, 'b> {
    fn headline(&self) -> Option<String> {
        self.offers.first().map(|first| first.headline(self.model, self.maker))
    }

    fn without(&self) -> impl Iterator<Item = &'b str> {
        self.without.iter().map(|(provider, _)| *provider)
    }

    /// True where somebody serves the model then.
    fn is_served(&self) -> bool {
        self.offers.first().is_some_and(|first| first.retired.is_none())
    }
}

/// A table of unit prices, one line an offer.
pub(crate) fn sheet<'o>(offers: impl Iterator<Item = &'o Offer<'o>> + Clone) -> Sheet<'static> {
    let mut sheet = Sheet::new(
        [("provider", Align::Left), ("model", Align::Left), ("variant", Align::Left)]
            .into_iter()
            .chain(COLUMNS.map(|(_, name)| (name, Align::Amount)))
            .chain(["currency", "since", "standing", "retired"].map(|name| (name, Align::Left))),
    )
    .spare(&["standing", "cache write", "since", "cached"]);
    let name_currency = offers.clone().any(|offer| offer.card.currency != Currency::USD);
    for offer in offers {
        sheet.row(offer.cells(name_currency));
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
        let answer = if prices.is_empty() {
            card.brackets().first().map(without_column).unwrap_or_default()
        } else {
            format!("{} · {} per 1M tokens", prices.join(", "), card.currency)
        };
        let whose = match (maker, self.retired) {
            (_, Some(day)) => format!(" until {day}"),
            (Some(maker), None) if maker != card.provider => {
                format!(" ({maker} does not sell it then)")
            }
            (None, None) => " (its maker does not sell it)".to_owned(),
            _ => String::new(),
        };
        format!("{answer} · {model} at {}{whose}", card.provider)
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
            self.retired.unwrap_or_default().to_owned(),
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
            let others = if at == 0 { without_column(bracket) } else { prices(bracket, &[]) };
            if others.is_empty() {
                continue;
            }
            let beyond = match bracket.threshold {
                0 => String::new(),
                threshold => format!(", prompts beyond {} tokens", grouped(threshold.into())),
            };
            let (model, provider) = (card.model, card.provider);
            remarks.add(&format!("{model} at {provider}{beyond}: {others}"));
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

/// What has a price in a bracket and no column.
fn without_column(bracket: &Bracket<'_>) -> String {
    prices(bracket, &COLUMNS.map(|(meter, _)| meter))
}

/// Prices of a bracket, but for some meters, each unit once: `input 2.40, output 12.00 USD per 1M tokens,
/// requests 0.006 to 0.014 USD per request`.
fn prices(bracket: &Bracket<'_>, without: &[Meter]) -> String {
    let mut text = String::new();
    let mut unit_before = String::new();
    for (meter, entry) in &bracket.entries {
        let Entry::Rate(range) = entry else { continue };
        if without.contains(meter) {
            continue;
        }
        let (low, high) = (range.low.to_string(), range.high.to_string());
        let (amount, unit) = low.split_once(' ').unwrap_or((&low, ""));
        if !text.is_empty() && unit_before != unit {
            let _ = write!(text, " {unit_before}");
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        let _ = write!(text, "{meter} {amount}");
        if low != high {
            let (most, _) = high.split_once(' ').unwrap_or((&high, ""));
            let _ = write!(text, " to {most}");
        }
        unit.clone_into(&mut unit_before);
    }
    if text.is_empty() { text } else { format!("{text} {unit_before}") }
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
