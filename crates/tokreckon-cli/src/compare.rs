//! `tokreckon compare`: the same usage for several models at every seller, cheapest first.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::charge::{Charge, Shape, Terms};
use tokreckon::document::{CompareDocument, OfferDocument};
use tokreckon::grade::{Assumption, Assumptions};
use tokreckon::money::{Currency, Exact};
use tokreckon::price::{Rate, ServiceTier, State};
use tokreckon::time::Period;
use tokreckon::usage::Usage;

use crate::Exit;
use crate::args::{CompareArgs, CountArgs, OutputFormat};
use crate::asked::{assumed_text, refuse_assumed};
use crate::context::{book, layers, not_found_as, now, period, service_tier};
use crate::price::{bounds, source_text, sources, totals};
use crate::print::{Align, Remarks, Sheet, bounds_cells, json_document};
use crate::words::{Words, unknown_model};

/// What the usage costs at one seller.
struct Offer<'b> {
    provider: &'b str,
    model: &'b str,
    variant: &'b str,
    /// `Err` holds the reason.
    charge: Result<Charge<'b>, String>,
}

pub(crate) fn run(args: &CompareArgs, out: &mut String) -> Result<Exit> {
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
    let Some(mut totals) = totals(&counts) else {
        bail!("no usage to compare\nhint: give tokens in and out: `--input 1000 --output 500`");
    };
    totals.cache_read = totals.cache_read.or(Some(0));
    let mut assumptions = Assumptions::NONE;
    if args.at.is_none() {
        assumptions = assumptions.with(Assumption::Now);
    }
    if args.counts.cached.is_none() {
        assumptions = assumptions.with(Assumption::NothingCached);
    }
    let tier = args.service_tier.as_deref().map(service_tier).transpose()?;
    if tier.is_none() {
        assumptions = assumptions.with(Assumption::StandardTier);
    }
    if args.answer.strict {
        refuse_assumed(assumptions, "")?;
    }
    let layers = layers(&args.book)?;
    let asking = Asking {
        book: book(&layers),
        usage: totals.to_usage()?,
        period: args.at.as_deref().map_or_else(now, period)?,
        tier: tier.unwrap_or(ServiceTier::Standard),
        providers: &args.provider,
    };
    let mut offers = Vec::new();
    // A model counts as answered when one of its sellers has a price.
    let mut unknown = 0;
    for model in &models {
        let of_model = asking.offers(model)?;
        unknown += usize::from(of_model.iter().all(|offer| offer.charge.is_err()));
        offers.extend(of_model);
    }
    // What the question takes for granted every answer does.
    for charge in offers.iter_mut().filter_map(|offer| offer.charge.as_mut().ok()) {
        charge.assumptions = charge.assumptions.union(assumptions);
    }
    offers.sort_by_cached_key(Offer::rank);
    offers.dedup_by(|a, b| (a.provider, a.model, a.variant) == (b.provider, b.model, b.variant));
    let remarks = remarks(&offers, args.answer.sources);
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
    Ok(match unknown {
        0 => Exit::Fine,
        some if some < models.len() => Exit::Findings,
        _ => Exit::Failed,
    })
}

/// The same question for every model and seller.
struct Asking<'a, 'b> {
    book: PriceBook<'b>,
    usage: Usage,
    period: Period,
    tier: ServiceTier,
    /// Only these sellers; empty for all.
    providers: &'a [String],
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
        let charge = card.charge_with(&self.usage, Shape::Request, Terms::LIST);
        let charge = charge.map_err(|error| error.to_string())?;
        if charge.lines.is_empty() {
            let state = charge.unpriced.first().and_then(|line| line.state);
            return Err(format!("price {}", state.map_or("not listed", State::as_str)));
        }
        Ok(charge)
    }
}

impl Offer<'_> {
    /// Priced offers by their upper bound within a currency, open ends and unpriced ones last.
    fn rank(&self) -> (u8, Option<Currency>, Exact, Exact, String, String) {
        let names = || (self.provider.to_owned(), self.model.to_owned());
        let (provider, model) = names();
        match &self.charge {
            Ok(charge) => {
                let low = charge.low.amount;
                let (last, high) = charge.high.map_or((1, low), |high| (0, high.amount));
                (last, Some(charge.low.currency), high, low, provider, model)
            }
            Err(_) => (2, None, Exact::ZERO, Exact::ZERO, provider, model),
        }
    }

    fn document(&self) -> OfferDocument {
        OfferDocument::new([self.provider, self.model, self.variant], self.charge.as_ref())
    }
}

fn print(offers: &[Offer<'_>], remarks: &Remarks, args: &CompareArgs, out: &mut String) {
    let format = args.output.format;
    if args.answer.total {
        if let Some(Ok(charge)) = offers.first().map(|offer| &offer.charge) {
            let [low, high] = bounds_cells(&bounds(charge));
            let _ = writeln!(out, "{}", [low, high].join(" ").trim_end());
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

/// `0.00045 USD (assumed) · gemini-2.5-flash at google, the cheapest of 12`, and what is assumed; why
/// offers are unknown or ranges.
fn remarks(offers: &[Offer<'_>], all_sources: bool) -> Remarks {
    let mut remarks = Remarks::default();
    let Some(first) = offers.first() else { return remarks };
    match &first.charge {
        Err(_) => {
            let sellers = offers.len();
            remarks.headline = Some(format!("unknown · none of {sellers} sellers has a price"));
        }
        Ok(charge) => {
            let grade = charge.grade();
            let amount = bounds(charge).text(charge.low.currency);
            let cheapest = match offers.len() {
                1 => String::new(),
                count => format!(", the cheapest of {count}"),
            };
            let (model, provider) = (first.model, first.provider);
            remarks.headline =
                Some(format!("{amount} ({grade}) · {model} at {provider}{cheapest}"));
            let all = offers.iter().filter_map(|offer| offer.charge.as_ref().ok());
            let assumed = all.fold(Assumptions::NONE, |sum, charge| sum.union(charge.assumptions));
            if !assumed.is_empty() {
                remarks.reasons.push(format!("assumed: {}", assumed_text(assumed, provider)));
            }
        }
    }
    add_reasons(&mut remarks, offers, all_sources);
    remarks
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
    ]
}

/// Why offers are unknown or ranges, each reason once; with `--sources` who says so.
fn add_reasons(remarks: &mut Remarks, offers: &[Offer<'_>], all_sources: bool) {
    let mut doubts: Vec<(&str, Vec<&str>)> = Vec::new();
    for offer in offers {
        match &offer.charge {
            Err(reason) => {
                remarks.add(&format!("{}: {reason}", offer.provider));
            }
            Ok(charge) => {
                for doubt in charge.doubts.iter() {
                    let known = doubts.iter_mut().find(|(text, _)| *text == doubt.explanation());
                    match known {
                        Some((_, providers)) => providers.push(offer.provider),
                        None => doubts.push((doubt.explanation(), vec![offer.provider])),
                    }
                }
            }
        }
    }
    for (text, mut providers) in doubts {
        providers.dedup();
        remarks.add(&format!("{}: not exact: {text}", providers.join(", ")));
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
