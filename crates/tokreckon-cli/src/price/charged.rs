//! Priced usage in print: the amount with its grade, what it takes for granted, the lines, one line
//! of provenance.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result};
use tokreckon::charge::{Amount, Charge, LineItem, Terms};
use tokreckon::document::{ChargesDocument, PricedUsageDocument};
use tokreckon::grade::{Assumptions, Doubt, Doubts, Grade};
use tokreckon::money::{Currency, Exact, TrySum};
use tokreckon::price::{Rate, RateCard, State};
use tokreckon::report::Bounds;
use tokreckon::time::Period;
use tokreckon::usage::{Meter, Usage};
use tokreckon::words::counted;

use super::bounds;
use super::source::{source_text, sources, sources_line};
use crate::args::{OutputFormat, PriceArgs};
use crate::asked::{age_note, assumed_text, cure};
use crate::print::{Align, Remarks, Sheet, bounds_cells, grouped, json_document, total_text};

/// One priced record.
pub(super) struct Priced<'b> {
    /// `response.json:1`; empty for counts of the command line.
    pub(super) place: String,
    pub(super) card: RateCard<'b>,
    pub(super) charge: Charge<'b>,
    pub(super) usage: Usage,
    pub(super) terms: Terms,
    /// When it happened; `None` where today was assumed.
    pub(super) period: Option<Period>,
    /// That its seller served the model no more then.
    pub(super) retired: Option<String>,
}

pub(super) fn print(all: &[Priced<'_>], args: &PriceArgs, out: &mut String) -> Result<()> {
    let format = args.output.format;
    if format == OutputFormat::Json {
        json_document(&document(all, args)?, out);
        return Ok(());
    }
    if args.answer.total {
        out.push_str(&total_text(&sums(all)?));
        return Ok(());
    }
    let sheet = match all {
        [] => return Ok(()),
        _ if format == OutputFormat::Csv => lines_sheet(all),
        [one] => one.sheet(),
        several => records_sheet(several),
    };
    if format == OutputFormat::Csv || args.output.quiet {
        sheet.print(format, out);
        return Ok(());
    }
    let remarks = remarks(all, args.answer.sources)?;
    remarks.print_above(out);
    sheet.print(format, out);
    remarks.print_below(out);
    Ok(())
}

fn document(all: &[Priced<'_>], args: &PriceArgs) -> Result<ChargesDocument> {
    let charges = all.iter().map(|priced| {
        let usage = if priced.place.is_empty() { "command line" } else { &priced.place };
        PricedUsageDocument::new(usage, &priced.card, &priced.charge)
    });
    let mut document = ChargesDocument::new(charges.collect());
    let remarks = remarks(all, args.answer.sources)?;
    document.notes = remarks.notes();
    document.headline = remarks.headline;
    Ok(document)
}

/// The amount with its grade, what it takes for granted, and where its prices come from.
fn remarks(all: &[Priced<'_>], all_sources: bool) -> Result<Remarks> {
    match all {
        [] => Ok(Remarks::default()),
        [one] => Ok(one.remarks(all_sources)),
        several => remarks_of(several, all_sources),
    }
}

impl Priced<'_> {
    /// `0.0095975 USD (exact) · 57 in, 2,167 out (64 reasoning) · o1-mini at openai · 2025-04-09`, which
    /// file, which card, and one line of provenance or all of it.
    fn remarks(&self, all_sources: bool) -> Remarks {
        let charge = &self.charge;
        let mut parts = vec![
            graded(&bounds(charge), charge.low.currency, charge.grade()),
            usage_text(&self.usage),
            format!("{} at {}", self.card.model, self.card.provider),
        ];
        parts.extend(self.period.map(|period| period.to_string()));
        let mut remarks = Remarks {
            headline: Some(parts.join(" · ")),
            reasons: self.reasons(),
            below: Vec::new(),
        };
        if !self.place.is_empty() {
            remarks.add(&format!("usage: {}", self.place));
        }
        if let Some(how) = self.card.matched.says() {
            remarks.add(&format!("card: {how}"));
        }
        add_sources(&mut remarks, sources(&self.charge), all_sources);
        if let Some(note) = self.period.and_then(age_note) {
            remarks.add(&note);
        }
        remarks
    }

    /// What makes it a range, what it takes for granted, terms and rounding.
    fn reasons(&self) -> Vec<String> {
        let (charge, terms) = (&self.charge, &self.terms);
        let mut reasons: Vec<String> = self.retired.iter().cloned().collect();
        reasons.extend(charge.doubts.iter().flat_map(|doubt| why(doubt, self.place.is_empty())));
        if !charge.assumptions.is_empty() {
            let assumed = assumed_text(charge.assumptions, self.card.provider);
            reasons.push(format!("assumed: {assumed}"));
        }
        if terms.factor != Exact::ONE {
            reasons.push(format!("terms: list price × {}", terms.factor));
        }
        if !charge.rounding_difference.is_zero() {
            let (difference, currency) = (charge.rounding_difference, charge.low.currency);
            reasons.push(format!("rounding: {difference} {currency} in all"));
        }
        reasons
    }

    /// The lines and, where there are several, their sum.
    fn sheet(&self) -> Sheet<'static> {
        let currency = self.charge.low.currency;
        let mut sheet = Sheet::new([
            ("meter", Align::Left),
            ("quantity", Align::Count),
            ("unit price", Align::Left),
            ("to", Align::Left),
            (currency.as_str(), Align::Amount),
            ("up to", Align::Amount),
        ]);
        for cells in self.lines() {
            sheet.row(cells);
        }
        let [low, high] = bounds_cells(&bounds(&self.charge));
        let blank = String::new;
        sheet.total(vec!["total".to_owned(), blank(), blank(), blank(), low, high]);
        sheet.without_empty_columns()
    }

    /// Meter, quantity, unit price, highest unit price, cost, highest cost.
    fn lines(&self) -> Vec<Vec<String>> {
        let priced = self.charge.lines.iter().map(|line| {
            let (low, high) = price_texts(line);
            let [cost, up_to] =
                bounds_cells(&Bounds { low: line.low, high: line.high, open: false });
            vec![meter_text(line), line.quantity.to_string(), low, high, cost, up_to]
        });
        let unpriced = self.charge.unpriced.iter().map(|unpriced| {
            let state = unpriced.state.map_or("not listed", State::as_str).to_owned();
            let (meter, quantity) = (unpriced.meter.to_string(), unpriced.quantity.to_string());
            vec![meter, quantity, state, String::new(), "unknown".to_owned(), String::new()]
        });
        priced.chain(unpriced).collect()
    }
}

/// Why it is a range, and what to say for one amount.
fn why(doubt: Doubt, is_typed: bool) -> impl Iterator<Item = String> {
    let cure = cure(doubt, is_typed).map(|cure| format!("  hint: {cure}"));
    [format!("not exact: {}", doubt.explanation())].into_iter().chain(cure)
}

/// One line of provenance, or each source with what it is for.
fn add_sources(remarks: &mut Remarks, sources: Vec<(String, Rate<'_>)>, all: bool) {
    if all {
        for (what, rate) in sources {
            remarks.add(&format!("{what}: {}", source_text(rate)));
        }
    } else {
        let rates: Vec<Rate<'_>> = sources.into_iter().map(|(_, rate)| rate).collect();
        remarks.add(&sources_line(&rates));
    }
}

/// `0.0095975 USD (exact)`.
fn graded(bounds: &Bounds, currency: Currency, grade: Grade) -> String {
    format!("{} ({grade})", bounds.text(currency))
}

/// `57 in, 2,167 out (64 reasoning)`, and what else was counted.
fn usage_text(usage: &Usage) -> String {
    let mut text = format!("{} in", grouped(usage.prompt_tokens()));
    let cached = usage.count(Meter::CacheRead);
    if cached > 0 {
        let _ = write!(text, " ({} cached)", grouped(cached.into()));
    }
    let _ = write!(text, ", {} out", grouped(usage.output_tokens()));
    let reasoning = usage.count(Meter::Reasoning);
    if reasoning > 0 {
        let _ = write!(text, " ({} reasoning)", grouped(reasoning.into()));
    }
    text
}

/// Sums by currency.
fn sums(all: &[Priced<'_>]) -> Result<BTreeMap<Currency, (Bounds, Grade)>> {
    let mut by_currency: BTreeMap<Currency, Vec<Amount>> = BTreeMap::new();
    for priced in all {
        by_currency.entry(priced.charge.low.currency).or_default().push(priced.charge.total());
    }
    let mut sums = BTreeMap::new();
    for (currency, amounts) in by_currency {
        let Some(sum) = amounts.into_iter().try_sum().context("the sum")? else { continue };
        let high = sum.high.map_or(sum.low.amount, |high| high.amount);
        let bounds = Bounds { low: sum.low.amount, high, open: sum.high.is_none() };
        sums.insert(currency, (bounds, sum.grade));
    }
    Ok(sums)
}

/// The same for several records: their sum, each reason once.
fn remarks_of(all: &[Priced<'_>], all_sources: bool) -> Result<Remarks> {
    let sums = sums(all)?;
    let sums: Vec<String> =
        sums.iter().map(|(currency, (bounds, grade))| graded(bounds, *currency, *grade)).collect();
    let headline = format!("{} · {}", sums.join(" + "), counted(all.len(), "record"));
    let retired: BTreeSet<&String> = all.iter().filter_map(|one| one.retired.as_ref()).collect();
    let mut reasons: Vec<String> = retired.into_iter().cloned().collect();
    let doubts = all.iter().fold(Doubts::NONE, |all, one| all.union(one.charge.doubts));
    reasons.extend(doubts.iter().flat_map(|doubt| why(doubt, false)));
    let mut assumed: BTreeMap<&str, Assumptions> = BTreeMap::new();
    for priced in all.iter().filter(|priced| !priced.charge.assumptions.is_empty()) {
        let known = assumed.entry(priced.card.provider).or_default();
        *known = known.union(priced.charge.assumptions);
    }
    for (provider, assumptions) in assumed {
        reasons.push(format!("assumed: {}", assumed_text(assumptions, provider)));
    }
    let mut remarks = Remarks { headline: Some(headline), reasons, below: Vec::new() };
    let mut rates: Vec<(String, Rate<'_>)> = Vec::new();
    for priced in all {
        for (meters, rate) in sources(&priced.charge) {
            if !rates.iter().any(|(_, other)| source_text(*other) == source_text(rate)) {
                rates.push((format!("{} {meters}", priced.card.model), rate));
            }
        }
    }
    add_sources(&mut remarks, rates, all_sources);
    let newest = all.iter().filter_map(|priced| priced.period).max_by_key(|period| period.end.0);
    if let Some(note) = newest.and_then(age_note) {
        remarks.add(&note);
    }
    Ok(remarks)
}

/// One row a record.
fn records_sheet(all: &[Priced<'_>]) -> Sheet<'static> {
    let mut sheet = Sheet::new([
        ("usage", Align::Left),
        ("provider", Align::Left),
        ("model", Align::Left),
        ("input", Align::Count),
        ("cached", Align::Count),
        ("output", Align::Count),
        ("cost", Align::Amount),
        ("up to", Align::Amount),
        ("currency", Align::Left),
        ("grade", Align::Left),
    ])
    .spare(&["cached", "provider", "currency"]);
    for priced in all {
        let charge = &priced.charge;
        let [low, high] = bounds_cells(&bounds(charge));
        let cached = priced.usage.count(Meter::CacheRead);
        sheet.row(vec![
            priced.place.clone(),
            priced.card.provider.to_owned(),
            priced.card.model.to_owned(),
            priced.usage.prompt_tokens().to_string(),
            if cached > 0 { cached.to_string() } else { String::new() },
            priced.usage.output_tokens().to_string(),
            low,
            high,
            charge.low.currency.to_string(),
            charge.grade().to_string(),
        ]);
    }
    sheet.without_empty_columns()
}

/// For spreadsheets: one row a line item, each with its record.
fn lines_sheet(all: &[Priced<'_>]) -> Sheet<'static> {
    let mut sheet = Sheet::new([
        ("usage", Align::Left),
        ("provider", Align::Left),
        ("model", Align::Left),
        ("meter", Align::Left),
        ("quantity", Align::Count),
        ("unit price", Align::Left),
        ("to", Align::Left),
        ("cost", Align::Amount),
        ("up to", Align::Amount),
        ("currency", Align::Left),
        ("grade", Align::Left),
    ]);
    for priced in all {
        let [low, high] = bounds_cells(&bounds(&priced.charge));
        let total =
            vec!["total".to_owned(), String::new(), String::new(), String::new(), low, high];
        for cells in priced.lines().into_iter().chain([total]) {
            let of_record =
                [&priced.place, priced.card.provider, priced.card.model].map(str::to_owned);
            let charge = &priced.charge;
            let end = [charge.low.currency.to_string(), charge.grade().to_string()];
            sheet.row(of_record.into_iter().chain(cells).chain(end).collect());
        }
    }
    sheet.without_empty_columns()
}

fn meter_text(line: &LineItem<'_>) -> String {
    if line.meter == line.priced_as {
        line.meter.to_string()
    } else {
        format!("{} (as {})", line.meter, line.priced_as)
    }
}

fn price_texts(line: &LineItem<'_>) -> (String, String) {
    let high =
        if line.low_price == line.high_price { String::new() } else { line.high_price.to_string() };
    (line.low_price.to_string(), high)
}
