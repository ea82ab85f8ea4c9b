//! `tokreckon compare`: the same usage for several models at every seller, cheapest first.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::charge::{Charge, Shape, Terms};
use tokreckon::document::{CompareDocument, OfferDocument};
use tokreckon::grade::{Assumption, Assumptions, Doubt};
use tokreckon::ledger::Conversion;
use tokreckon::money::{Currency, Exact, Money};
use tokreckon::price::{Rate, ServiceTier, State};
use tokreckon::time::Period;
use tokreckon::usage::Usage;

use crate::Exit;
use crate::args::{CompareArgs, CountArgs, OutputFormat};
use crate::asked::{assumed_text, cure, refuse_assumed, retired_text};
use crate::context::{
    book, complain, conversions, known_provider, layers, not_found_as, now, period, service_tier,
};
use crate::kind::command_for;
use crate::offers::{OfferGroup, currency_of_most, resells};
use crate::price::{UnitPrices, bounds, source_text, sources, totals, unit};
use crate::print::{Align, Remarks, Sheet, bounds_cells, json_document};
use crate::words::{Words, looks_like_a_file, unknown_model};

/// What the usage costs at one seller.
struct Offer<'b> {
    provider: &'b str,
    model: &'b str,
    variant: &'b str,
    /// Since when it serves the model no more, where it does not then.
    retired: Option<&'b str>,
    /// `Err` holds the reason.
    charge: Result<Charge<'b>, String>,
}

pub(crate) fn run(args: &CompareArgs, out: &mut String) -> Result<Exit> {
    refuse_files(&args.words)?;
    let words: Vec<PathBuf> = args.words.iter().map(PathBuf::from).collect();
    let words = Words::of(&words, false)?;
    let models: Vec<String> = words.models.into_iter().chain(args.model.clone()).collect();
    if models.is_empty() {
        bail!("no model to compare\nhint: `tokreckon compare gpt-4o claude-sonnet-4-5 1000 500`");
    }
    let counts = CountArgs {
        input: args.counts.input.or(words.input),
        output: args.counts.output.or(words.output),
        ..args.counts
    };
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let providers = args.provider.iter().map(|name| known_provider(&book, name));
    let providers: Vec<String> =
        providers.map(|id| id.map(str::to_owned)).collect::<Result<_>>()?;
    let period = args.at.as_deref().map_or_else(now, period)?;
    let tier = args.service_tier.as_deref().map(service_tier).transpose()?;
    let Some(mut totals) = totals(&counts) else {
        let asked = UnitPrices {
            models: &models,
            at: period,
            is_dated: args.at.is_some(),
            providers: &providers,
            tier: tier.unwrap_or(ServiceTier::Standard),
            variant: None,
            sources: args.answer.sources,
            output: &args.output,
        };
        return side_by_side(&book, &asked, args, out);
    };
    totals.cache_read = totals.cache_read.or(Some(0));
    let mut assumptions = Assumptions::NONE;
    if args.at.is_none() {
        assumptions = assumptions.with(Assumption::Now);
    }
    if args.counts.cached.is_none() {
        assumptions = assumptions.with(Assumption::NothingCached);
    }
    if tier.is_none() {
        assumptions = assumptions.with(Assumption::StandardTier);
    }
    if args.answer.strict {
        refuse_assumed(assumptions, "")?;
    }
    let asking = Asking {
        book,
        usage: totals.to_usage()?,
        shape: args.counts.shape(),
        period,
        tier: tier.unwrap_or(ServiceTier::Standard),
        providers: &providers,
        rates: conversions(&args.rates)?,
    };
    let mut offers = Vec::new();
    // A model counts as answered when one of its sellers has a price and serves it.
    let (mut unknown, mut ended) = (0, 0);
    for model in &models {
        let of_model = asking.offers(model)?;
        if of_model.iter().all(|offer| offer.charge.is_err()) {
            unknown += 1;
        } else if !of_model.iter().any(Offer::is_served) {
            ended += 1;
        }
        offers.extend(of_model);
    }
    // What the question takes for granted every answer does.
    for charge in offers.iter_mut().filter_map(|offer| offer.charge.as_mut().ok()) {
        charge.assumptions = charge.assumptions.union(assumptions);
    }
    let served = offers.iter().filter(|offer| offer.is_served());
    let served = served.filter_map(|offer| Some(offer.charge.as_ref().ok()?.low.currency));
    let home = currency_of_most(served);
    offers.sort_by_cached_key(|offer| offer.rank(home));
    offers.dedup_by(|a, b| (a.provider, a.model, a.variant) == (b.provider, b.model, b.variant));
    let remarks = asking.remarks(&offers, home, args.answer.sources);
    match args.output.format {
        OutputFormat::Json => {
            let offers = offers.iter().map(Offer::document).collect();
            let period = asking.period;
            let mut document = CompareDocument::new(models.clone(), period, assumptions, offers);
            document.notes = remarks.notes();
            document.headline = remarks.headline;
            json_document(&document, out);
        }
        _ => print(&offers, &remarks, args, out),
    }
    let is_bare = args.output.quiet || args.answer.total || args.output.format == OutputFormat::Csv;
    if ended > 0 && is_bare {
        retired(&offers).for_each(|said| complain(&said));
    }
    Ok(match (unknown, ended) {
        (0, 0) => Exit::Fine,
        (all, _) if all == models.len() => Exit::Failed,
        _ => Exit::Findings,
    })
}

/// What is in a file is no model: says which command it is for.
fn refuse_files(words: &[String]) -> Result<()> {
    let is_file = |word: &&String| {
        let is_path = looks_like_a_file(Path::new(word), word);
        is_path && (Path::new(word).is_file() || Path::new(word).extension().is_some())
    };
    let Some(file) = words.iter().find(is_file) else { return Ok(()) };
    let command = match command_for(Path::new(file)) {
        // Before it is sent: what it will cost at each of them.
        "count" | "estimate" => {
            let models: Vec<&str> =
                words.iter().filter(|word| *word != file).map(String::as_str).collect();
            let whom = if models.is_empty() { "--compare".to_owned() } else { models.join(" ") };
            format!("estimate {file} {whom}")
        }
        command => format!("{command} {file}"),
    };
    bail!("`{file}` is a file, and models are compared\nhint: `tokreckon {command}`");
}

/// Without tokens there is nothing to add up: what models cost by the token, and what to say for more.
fn side_by_side(
    book: &PriceBook<'_>,
    asked: &UnitPrices<'_>,
    args: &CompareArgs,
    out: &mut String,
) -> Result<Exit> {
    let hint = format!(
        "tokens in and out say who is cheapest: `tokreckon compare {} 1000 500`",
        asked.models.join(" ")
    );
    if args.answer.total {
        bail!("no tokens to compare\nhint: {hint}");
    }
    if args.answer.strict && args.at.is_none() {
        refuse_assumed(Assumptions::NONE.with(Assumption::Now), "")?;
    }
    let exit = unit::print(book, asked, out)?;
    if matches!(args.output.format, OutputFormat::Table | OutputFormat::Md) && !args.output.quiet {
        let _ = writeln!(out, "{hint}");
    }
    Ok(exit)
}

/// The same question for every model and seller.
struct Asking<'a, 'b> {
    book: PriceBook<'b>,
    usage: Usage,
    /// Of how many requests it is, where that was said.
    shape: Option<Shape>,
    period: Period,
    tier: ServiceTier,
    /// Only these sellers, by their ids; empty for all.
    providers: &'a [String],
    /// From other currencies.
    rates: Vec<Conversion>,
}

impl<'b> Asking<'_, 'b> {
    /// One offer a seller. What the id names is kept: a region of Bedrock stays that region.
    fn offers(&self, model: &str) -> Result<Vec<Offer<'b>>> {
        let mut sellers: Vec<(&'b str, &'b str, &'b str, &str)> = Vec::new();
        let (own, rest): (Vec<_>, Vec<_>) = self
            .book
            .sellers(model)
            .into_iter()
            .partition(|(provider, _)| self.book.get(provider, model).is_some());
        for (provider, id) in own.into_iter().chain(rest) {
            match self.book.get(provider, model) {
                Some(found) => sellers.push((provider, found.model, found.variant, model)),
                None => sellers.push((provider, id, "", id)),
            }
        }
        if !self.providers.is_empty() {
            let wanted: Vec<&str> = self.providers.iter().map(String::as_str).collect();
            sellers.retain(|(provider, ..)| wanted.contains(provider));
        }
        if sellers.is_empty() && !self.providers.is_empty() {
            let error = self.book.lookup(&self.providers[0], model).err();
            let message = format!("no price for `{model}` at {}", self.providers.join(", "));
            return Err(not_found_as(message, error.as_ref(), &self.book));
        }
        if sellers.is_empty() {
            return Err(unknown_model(&self.book, model));
        }
        let offer = |(provider, listed, variant, id)| Offer {
            provider,
            model: listed,
            variant,
            retired: self.book.retired(provider, id, self.period),
            charge: self.charge(provider, id, variant),
        };
        Ok(sellers.into_iter().map(offer).collect())
    }

    fn charge(&self, provider: &str, id: &str, variant: &str) -> Result<Charge<'b>, String> {
        let query = Query {
            provider,
            model: id,
            period: self.period,
            service_tier: Known::Is(self.tier),
            variant: Known::Is(variant),
        };
        let card = self.book.find(&query).map_err(|error| error.to_string())?;
        let rate = Conversion::at(&self.rates, card.currency, self.period.start);
        let terms = rate.map_or(Terms::LIST, |rate| Terms { factor: rate.rate, ..Terms::LIST });
        let shape = self.shape.unwrap_or_else(|| card.shape_of(&self.usage));
        let charge = card.charge_with(&self.usage, shape, terms);
        let mut charge = charge.map_err(|error| error.to_string())?;
        if let Some(rate) = rate {
            let currency = rate.to;
            charge.low.currency = currency;
            charge.high = charge.high.map(|high| Money { currency, ..high });
        }
        if charge.lines.is_empty() {
            let state = charge.unpriced.first().and_then(|line| line.state);
            return Err(format!("price {}", state.map_or("not listed", State::as_str)));
        }
        Ok(charge)
    }
}

/// In which order offers stand: their group, and within one currency by their bounds, upper one first.
type Rank = (OfferGroup, Option<Currency>, Exact, Exact, bool, String, String);

impl Offer<'_> {
    /// True where it can be had for a price.
    fn is_served(&self) -> bool {
        self.charge.is_ok() && self.retired.is_none()
    }

    fn group(&self, home: Option<Currency>) -> OfferGroup {
        match &self.charge {
            Err(_) => OfferGroup::Unpriced,
            Ok(_) if self.retired.is_some() => OfferGroup::Retired,
            Ok(charge) if Some(charge.low.currency) != home => OfferGroup::OtherCurrency,
            Ok(charge) if charge.high.is_none() => OfferGroup::Open,
            Ok(_) => OfferGroup::Bounded,
        }
    }

    fn rank(&self, home: Option<Currency>) -> Rank {
        let charge = self.charge.as_ref().ok();
        let low = charge.map_or(Exact::ZERO, |charge| charge.low.amount);
        let high = charge.and_then(|charge| charge.high).map_or(low, |high| high.amount);
        let currency = charge.map(|charge| charge.low.currency);
        let names = [self.provider, self.model].map(str::to_owned);
        let [provider, model] = names;
        let resells = resells(self.provider, self.model);
        (self.group(home), currency, high, low, resells, provider, model)
    }

    fn document(&self) -> OfferDocument {
        let names = [self.provider, self.model, self.variant];
        OfferDocument::new(names, self.charge.as_ref()).retired(self.retired)
    }
}

fn print(offers: &[Offer<'_>], remarks: &Remarks, args: &CompareArgs, out: &mut String) {
    let format = args.output.format;
    if args.answer.total {
        if let Some(Ok(charge)) = offers.first().map(|offer| &offer.charge) {
            let [low, high] = bounds_cells(&bounds(charge));
            let currency = charge.low.currency;
            let named =
                if currency == Currency::USD { String::new() } else { currency.to_string() };
            let words = [low, high, named].into_iter().filter(|word| !word.is_empty());
            let _ = writeln!(out, "{}", words.collect::<Vec<_>>().join(" "));
        }
        return;
    }
    let notes = format != OutputFormat::Csv && !args.output.quiet;
    if notes {
        remarks.print_above(out);
    }
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("model", Align::Left),
        ("variant", Align::Left),
        ("cost", Align::Amount),
        ("up to", Align::Amount),
        ("currency", Align::Left),
        ("standing", Align::Left),
        ("seen", Align::Left),
        ("retired", Align::Left),
    ])
    .spare(&["seen", "standing", "currency"]);
    for offer in offers {
        sheet.row(cells(offer));
    }
    sheet.without_empty_columns().print(format, out);
    if notes {
        remarks.print_below(out);
    }
}

impl Asking<'_, '_> {
    /// `0.00045 USD (assumed) · gemini-2.5-flash at google, the cheapest of 12`, and what is assumed;
    /// what is not compared; why offers are unknown or ranges.
    fn remarks(&self, offers: &[Offer<'_>], home: Option<Currency>, all_sources: bool) -> Remarks {
        let mut remarks = Remarks { headline: headline(offers, home), ..Remarks::default() };
        let Some(first) = offers.first() else { return remarks };
        let charges = || offers.iter().filter_map(|offer| offer.charge.as_ref().ok());
        let assumed = charges().fold(Assumptions::NONE, |sum, one| sum.union(one.assumptions));
        if !assumed.is_empty() {
            remarks.reasons.push(format!("assumed: {}", assumed_text(assumed, first.provider)));
        }
        if let Some(home) = home {
            let others =
                offers.iter().filter(|offer| offer.group(Some(home)) == OfferGroup::OtherCurrency);
            let others = others.filter_map(|offer| Some(offer.charge.as_ref().ok()?.low.currency));
            for other in others.collect::<BTreeSet<_>>() {
                remarks.reasons.push(format!(
                    "not compared: amounts in {other}, listed below those in {home}; `--rate {other}=…{home}` compares them by your rate"
                ));
            }
        }
        for Conversion { from, to, rate, .. } in &self.rates {
            remarks.reasons.push(format!("1 {from} = {rate} {to}, your rate"));
        }
        remarks.reasons.extend(retired(offers));
        add_reasons(&mut remarks, offers, all_sources);
        remarks
    }
}

/// Who sells a model no more.
fn retired(offers: &[Offer<'_>]) -> impl Iterator<Item = String> {
    offers
        .iter()
        .filter_map(|offer| Some(retired_text(offer.model, offer.provider, offer.retired?)))
}

fn headline(offers: &[Offer<'_>], home: Option<Currency>) -> Option<String> {
    let first = offers.first()?;
    let Ok(charge) = &first.charge else {
        return Some(format!("unknown · none of {} sellers has a price", offers.len()));
    };
    let count = offers.iter().filter(|offer| offer.group(home).is_compared()).count();
    let cheapest = match (first.retired, count) {
        (Some(day), _) if offers.len() == 1 => format!(", retired since {day}"),
        (Some(day), _) => format!(", retired since {day} as at every other seller"),
        (None, 1) if offers.len() == 1 => String::new(),
        (None, 1) => ", the only one with a price to compare".to_owned(),
        (None, count) => format!(", the cheapest of {count}"),
    };
    let (amount, grade) = (bounds(charge).text(charge.low.currency), charge.grade());
    Some(format!("{amount} ({grade}) · {} at {}{cheapest}", first.model, first.provider))
}

fn cells(offer: &Offer<'_>) -> Vec<String> {
    let (currency, [cost, up_to]) = match &offer.charge {
        Ok(charge) => (charge.low.currency.to_string(), bounds_cells(&bounds(charge))),
        Err(_) => (String::new(), ["unknown".to_owned(), String::new()]),
    };
    let rates: Vec<Rate<'_>> = offer
        .charge
        .as_ref()
        .map_or(Vec::new(), |charge| sources(charge).into_iter().map(|(_, rate)| rate).collect());
    let standing = rates.iter().map(Rate::standing).max();
    let seen = rates.iter().map(Rate::seen).min();
    vec![
        offer.provider.to_owned(),
        offer.model.to_owned(),
        offer.variant.to_owned(),
        cost,
        up_to,
        currency,
        standing.map_or(String::new(), |standing| standing.to_string()),
        seen.unwrap_or_default(),
        offer.retired.unwrap_or_default().to_owned(),
    ]
}

/// Why offers are unknown or ranges, each reason once; with `--sources` who says so.
fn add_reasons(remarks: &mut Remarks, offers: &[Offer<'_>], all_sources: bool) {
    let mut doubts: Vec<(Doubt, Vec<&str>)> = Vec::new();
    for offer in offers {
        match &offer.charge {
            Err(reason) => {
                remarks.add(&format!("{}: {reason}", offer.provider));
            }
            Ok(charge) => {
                for doubt in charge.doubts.iter() {
                    let known = doubts.iter_mut().find(|(known, _)| *known == doubt);
                    match known {
                        Some((_, providers)) => providers.push(offer.provider),
                        None => doubts.push((doubt, vec![offer.provider])),
                    }
                }
            }
        }
    }
    for (doubt, mut providers) in doubts {
        providers.dedup();
        remarks.add(&format!("{}: not exact: {}", providers.join(", "), doubt.explanation()));
        if let Some(cure) = cure(doubt, true) {
            remarks.add(&format!("  hint: {cure}"));
        }
    }
    if !all_sources {
        remarks.add("`--sources` lists who says so");
        return;
    }
    for offer in offers {
        let rates = offer.charge.as_ref().map_or(Vec::new(), sources);
        for (meters, rate) in rates {
            let (provider, model) = (offer.provider, offer.model);
            remarks.add(&format!("{provider} {model}, {meters}: {}", source_text(rate)));
        }
    }
}
