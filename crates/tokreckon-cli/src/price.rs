//! `tokreckon price`: usage → line items, total, card and source.

use std::fmt::Write;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokreckon::book::Known;
use tokreckon::charge::{Charge, LineItem, Terms};
use tokreckon::ledger::{Ledger, Outcome, RoundingScope};
use tokreckon::money::{Exact, Money};
use tokreckon::price::{Rate, RateCard};
use tokreckon::record::Record;
use tokreckon::report::Bounds;
use tokreckon::usage::Totals;

use crate::Exit;
use crate::args::{CountArgs, OutputFormat, PriceArgs};
use crate::context::{book, complain, layers, settings, with_hint};
use crate::input::{Row, complain_reject, read_all};
use crate::print::{Align, Sheet, bounds_cells, clean, json_bounds, json_document};

pub(crate) fn run(args: &PriceArgs, out: &mut String) -> Result<Exit> {
    let layers = layers(&args.book)?;
    let mut settings = settings(
        &[],
        "UTC",
        args.input.at.as_deref(),
        args.input.service_tier.as_deref(),
        &args.terms,
    )?;
    let line_rounding = match settings.rounding.take() {
        None => None,
        Some(policy) if policy.scope == RoundingScope::Line => Some((policy.places, policy.mode)),
        Some(_) => bail!(
            "`--round`: `price` knows single charges only, so only `line` rounding; `report` knows days and invoices"
        ),
    };
    let mut pricer = Pricer {
        args,
        ledger: Ledger::new(book(&layers), settings),
        line_rounding,
        charges: Vec::new(),
        exit: Exit::Fine,
    };
    if let Some(totals) = totals(&args.counts) {
        if !args.input.files.is_empty() {
            bail!("give counts or files, not both");
        }
        pricer.price("command line", &Record { totals: Some(totals), ..Record::EMPTY });
    } else {
        let tallies = read_all(&args.input, &mut |file, row| match row {
            Row::Record(record) => {
                pricer.price(&format!("{}:{}", file.name, record.line), record);
            }
            Row::Reject(reject) => {
                complain_reject(file.name, &reject);
                pricer.exit = pricer.exit.max(Exit::Findings);
            }
        })?;
        if tallies.iter().any(|tally| tally.failure.is_some()) {
            pricer.exit = Exit::Failed;
        }
    }
    pricer.print(out);
    Ok(pricer.exit)
}

/// Totals from `--input`, `--cached` and so on; `None` when no count was given.
pub(crate) fn totals(counts: &CountArgs) -> Option<Totals> {
    counts.input.or(counts.output)?;
    Some(Totals {
        input: counts.input,
        cache_read: counts.cached,
        cache_write: counts.cache_write,
        output: counts.output,
        reasoning: counts.reasoning,
        ..Totals::default()
    })
}

struct Pricer<'a, 'b> {
    args: &'a PriceArgs,
    ledger: Ledger<'b>,
    line_rounding: Option<(u32, tokreckon::money::Rounding)>,
    charges: Vec<Priced>,
    exit: Exit,
}

/// One priced record, ready to print.
struct Priced {
    text: String,
    sheet: Sheet,
    json: Value,
}

impl Pricer<'_, '_> {
    fn price(&mut self, place: &str, record: &Record<'_>) {
        let asked = &self.args;
        let mut record = record.clone();
        if let Some(provider) = &asked.input.provider {
            record.provider = provider;
        }
        if let Some(model) = &asked.model {
            record.model = model;
        }
        if let Some(variant) = &asked.variant {
            record.variant = Known::Is(variant);
        }
        if asked.input.at.is_some() {
            record.period = None;
        }
        if let Some(tier) =
            asked.input.service_tier.as_deref().and_then(tokreckon::price::ServiceTier::from_word)
        {
            record.service_tier = Known::Is(tier);
        }
        match self.ledger.add(&record).outcome {
            Outcome::Charged { usage, card, .. } => {
                let (terms, currency) = self.ledger.terms_for(&record, card);
                let Some(card) = self.ledger.cards().get(card) else {
                    return;
                };
                let terms = Terms { line_rounding: self.line_rounding, ..terms };
                match card.charge_with(&usage, record.shape, terms) {
                    Ok(mut charge) => {
                        charge.low.currency = currency;
                        charge.high = charge.high.map(|high| Money { currency, ..high });
                        self.charges.push(describe(place, card, &charge, terms));
                    }
                    Err(error) => self.fail(place, &error.to_string(), None),
                }
            }
            Outcome::NotCharged(refusal) => {
                let reason = self.ledger.reason(refusal).clone();
                self.fail(place, &reason.to_string(), reason.hint(self.ledger.book()))
            }
            Outcome::CostOnly => self.fail(place, "a billed cost, no usage to price", None),
        }
    }

    fn fail(&mut self, place: &str, message: &str, hint: Option<String>) {
        complain(&format!("{:#}", with_hint(format!("{place}: {message}"), hint)));
        self.exit = self.exit.max(Exit::Findings);
    }

    fn print(&self, out: &mut String) {
        if self.args.output.format == OutputFormat::Json {
            let charges: Vec<Value> =
                self.charges.iter().map(|priced| priced.json.clone()).collect();
            json_document("tokreckon-price/1", json!({ "charges": charges }), out);
            return;
        }
        for (at, priced) in self.charges.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            priced.sheet.print(self.args.output.format, out);
            if self.args.output.format != OutputFormat::Csv {
                out.push('\n');
                out.push_str(&priced.text);
            }
        }
    }
}

fn describe(place: &str, card: &RateCard<'_>, charge: &Charge<'_>, terms: Terms) -> Priced {
    let currency = charge.low.currency;
    let mut sheet = Sheet::new([
        ("meter", Align::Left),
        ("quantity", Align::Count),
        ("unit price", Align::Left),
        ("to", Align::Left),
        (currency.as_str(), Align::Amount),
        ("up to", Align::Amount),
    ]);
    for line in &charge.lines {
        let (low, high) = price_texts(line);
        let [cost, up_to] = bounds_cells(&Bounds { low: line.low, high: line.high, open: false });
        sheet.row(vec![meter_text(line), line.quantity.to_string(), low, high, cost, up_to]);
    }
    for unpriced in &charge.unpriced {
        let state = unpriced.state.map_or("not listed", tokreckon::price::State::as_str).to_owned();
        let cells =
            [unpriced.meter.to_string(), unpriced.quantity.to_string(), state, String::new()];
        sheet.row(cells.into_iter().chain(["unknown".to_owned(), String::new()]).collect());
    }
    let [low, high] = bounds_cells(&bounds(charge));
    sheet.total(vec!["total".to_owned(), String::new(), String::new(), String::new(), low, high]);
    Priced {
        text: notes(place, card, charge, terms),
        sheet: sheet.without_empty_columns(),
        json: json(place, card, charge),
    }
}

pub(crate) fn bounds(charge: &Charge<'_>) -> Bounds {
    let low = charge.low.amount;
    Bounds { low, high: charge.high.map_or(low, |high| high.amount), open: charge.high.is_none() }
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

/// Why, by which card, and says who.
fn notes(place: &str, card: &RateCard<'_>, charge: &Charge<'_>, terms: Terms) -> String {
    let mut text = String::new();
    for doubt in charge.doubts.iter() {
        let _ = writeln!(text, "not exact: {}", doubt.explanation());
    }
    if terms.factor != Exact::ONE {
        let _ = writeln!(text, "terms: list price × {}", terms.factor);
    }
    if !charge.rounding_difference.is_zero() {
        let _ = writeln!(
            text,
            "rounding: {} {} in all",
            charge.rounding_difference, charge.low.currency
        );
    }
    let _ = writeln!(text, "usage: {}", clean(place));
    let _ = writeln!(text, "card: {} at {}{}", card.model, card.provider, matched_text(card));
    for (meters, rate) in sources(charge) {
        let _ = writeln!(text, "{}: {}", meters, source_text(rate));
    }
    text
}

fn matched_text(card: &RateCard<'_>) -> String {
    match &card.matched {
        tokreckon::price::Match::Exact => String::new(),
        tokreckon::price::Match::Alias(of) => format!(" (alias of {of})"),
        tokreckon::price::Match::Rule { pattern, .. } => format!(" (by the rule `{pattern}`)"),
    }
}

/// `2025-01-31 to now, curated, seen 2026-11-20: llm-prices 5c1774b …`.
pub(crate) fn source_text(rate: Rate<'_>) -> String {
    let mut text = format!("{}, {}", rate.period_text(), rate.standing());
    if !rate.service_tier().as_str().eq("standard") {
        let _ = write!(text, ", {}", rate.service_tier());
    }
    for (label, value) in [("", rate.variant().to_owned()), ("hours ", rate.window())] {
        if !value.is_empty() {
            let _ = write!(text, ", {label}{value}");
        }
    }
    if rate.threshold() > 0 {
        let _ = write!(text, ", long prompts from {}", rate.threshold());
    }
    if !rate.seen().is_empty() {
        let _ = write!(text, ", seen {}", rate.seen());
    }
    if !rate.source().is_empty() {
        let _ = write!(text, ": {}", rate.source());
    }
    for (label, value) in [
        ("; start: ", rate.basis()),
        ("; also seen: ", rate.also_seen()),
        ("; note: ", rate.note()),
    ] {
        if !value.is_empty() {
            let _ = write!(text, "{label}{value}");
        }
    }
    text
}

/// Each price behind a charge once, with the meters it was used for.
pub(crate) fn sources<'b>(charge: &Charge<'b>) -> Vec<(String, Rate<'b>)> {
    let of_lines = charge
        .lines
        .iter()
        .flat_map(|line| line.rates.iter().map(|rate| (line.meter.to_string(), *rate)));
    let of_rest = charge
        .unpriced
        .iter()
        .filter_map(|unpriced| Some((unpriced.meter.to_string(), unpriced.rate?)));
    let mut sources: Vec<(String, Rate<'b>)> = Vec::new();
    for (meter, rate) in of_lines.chain(of_rest) {
        match sources.iter_mut().find(|(_, other)| source_text(*other) == source_text(rate)) {
            Some((meters, _)) if !meters.split(", ").any(|other| other == meter) => {
                *meters = format!("{meters}, {meter}");
            }
            Some(_) => {}
            None => sources.push((meter, rate)),
        }
    }
    sources
}

fn json(place: &str, card: &RateCard<'_>, charge: &Charge<'_>) -> Value {
    let lines: Vec<Value> = charge.lines.iter().map(|line| {
        let currency = charge.low.currency.as_str();
        json!({
            "meter": line.meter.as_str(),
            "priced_as": line.priced_as.as_str(),
            "quantity": line.quantity.to_string(),
            "unit_price_low": line.low_price.amount.to_string(),
            "unit_price_high": line.high_price.amount.to_string(),
            "unit": format!("{} {}", line.low_price.per, line.low_price.noun),
            "unit_price_currency": line.low_price.currency.as_str(),
            "cost": json_bounds(currency, &Bounds { low: line.low, high: line.high, open: false }),
            "doubts": line.doubts.iter().map(tokreckon::price::Doubt::code).collect::<Vec<_>>(),
            "rates": line.rates.iter().map(|rate| json_rate(*rate)).collect::<Vec<_>>(),
        })
    }).collect();
    let unpriced: Vec<Value> = charge
        .unpriced
        .iter()
        .map(|unpriced| {
            json!({
                "meter": unpriced.meter.as_str(),
                "quantity": unpriced.quantity.to_string(),
                "state": unpriced.state.map_or("not-listed", tokreckon::price::State::as_str),
            })
        })
        .collect();
    json!({
        "usage": place,
        "provider": card.provider,
        "model": card.model,
        "total": json_bounds(charge.low.currency.as_str(), &bounds(charge)),
        "doubts": charge.doubts.iter().map(tokreckon::price::Doubt::code).collect::<Vec<_>>(),
        "rounding_difference": charge.rounding_difference.to_string(),
        "lines": lines,
        "unpriced": unpriced,
    })
}

/// Everything the book knows about one unit price.
pub(crate) fn json_rate(rate: Rate<'_>) -> Value {
    let price = rate.unit_price();
    json!({
        "meter": rate.meter().as_str(),
        "state": rate.state().as_str(),
        "amount": price.map(|price| price.amount.to_string()),
        "unit": price.map(|price| format!("{} {}", price.per, price.noun)),
        "currency": rate.currency().as_str(),
        "service_tier": rate.service_tier().as_str(),
        "variant": rate.variant(),
        "hours": rate.window(),
        "threshold": rate.threshold(),
        "from": tokreckon::price::bound_text(rate.from()),
        "until": tokreckon::price::bound_text(rate.until()),
        "standing": rate.standing().as_str(),
        "seen": rate.seen(),
        "source": rate.source(),
        "basis": rate.basis(),
        "also_seen": rate.also_seen(),
        "note": rate.note(),
    })
}
