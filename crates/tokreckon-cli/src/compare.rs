//! `tokreckon compare`: the same usage at every provider that sells the model, cheapest first.

use std::fmt::Write;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokreckon::book::{Known, Query};
use tokreckon::charge::{Shape, Terms};
use tokreckon::money::{Currency, Exact};
use tokreckon::price::Rate;
use tokreckon::report::Bounds;

use crate::Exit;
use crate::args::{CompareArgs, OutputFormat};
use crate::context::{book, layers, now, period, service_tier, with_hint};
use crate::price::{bounds, source_text, totals};
use crate::print::{Align, Sheet, bounds_cells, json_bounds, json_document};

/// What the usage costs at one provider.
struct Offer {
    provider: String,
    model: String,
    /// `Err` holds the reason.
    cost: Result<(Currency, Bounds), String>,
    standing: String,
    seen: String,
    source: String,
    notes: Vec<&'static str>,
}

pub(crate) fn run(args: &CompareArgs, out: &mut String) -> Result<Exit> {
    let Some(totals) = totals(&args.counts) else {
        bail!("no usage to compare\nhint: give `--input`, `--cached` and `--output`");
    };
    let usage = totals.to_usage()?;
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let period = args.at.as_deref().map_or_else(now, period)?;
    let service_tier = service_tier(&args.service_tier)?;
    let sellers = book.sellers(&args.model);
    if sellers.is_empty() {
        let error = book.lookup("openai", &args.model).err();
        let hint = error.and_then(|error| error.hint(&book));
        return Err(with_hint(
            format!("no provider in the price book sells `{}`", args.model),
            hint,
        ));
    }
    let mut offers: Vec<Offer> = sellers
        .into_iter()
        .map(|(provider, model)| {
            let query = Query {
                provider,
                model,
                period,
                service_tier: Known::Is(service_tier),
                variant: Known::Is(""),
            };
            let mut offer = Offer {
                provider: provider.to_owned(),
                model: model.to_owned(),
                cost: Err(String::new()),
                standing: String::new(),
                seen: String::new(),
                source: String::new(),
                notes: Vec::new(),
            };
            let card = match book.find(&query) {
                Ok(card) => card,
                Err(error) => {
                    return Offer { cost: Err(error.to_string()), ..offer };
                }
            };
            let charge = match card.charge_with(&usage, Shape::Request, Terms::LIST) {
                Ok(charge) => charge,
                Err(error) => {
                    return Offer { cost: Err(error.to_string()), ..offer };
                }
            };
            let rates = charge.lines.iter().flat_map(|line| &line.rates);
            let mut rates: Vec<&Rate<'_>> =
                rates.chain(charge.unpriced.iter().filter_map(|line| line.rate.as_ref())).collect();
            rates.dedup();
            let standing = rates.iter().map(|rate| rate.standing()).max();
            offer.standing = standing.map_or(String::new(), |standing| standing.to_string());
            offer.seen = rates.iter().map(|rate| rate.seen()).min().unwrap_or_default();
            offer.source = rates.first().map_or(String::new(), |rate| source_text(**rate));
            offer.notes = charge.doubts.iter().map(tokreckon::price::Doubt::explanation).collect();
            offer.cost = if charge.lines.is_empty() {
                let state = charge.unpriced.first().and_then(|line| line.state);
                Err(format!(
                    "price {}",
                    state.map_or("not listed", tokreckon::price::State::as_str)
                ))
            } else {
                Ok((charge.low.currency, bounds(&charge)))
            };
            offer
        })
        .collect();
    offers.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)).then_with(|| a.provider.cmp(&b.provider)));
    match args.output.format {
        OutputFormat::Json => json_document(
            "tokreckon-compare/1",
            json!({
                "model": args.model,
                "period": period.to_string(),
                "offers": offers.iter().map(json_offer).collect::<Vec<_>>(),
            }),
            out,
        ),
        format => print(&offers, format, out),
    }
    Ok(Exit::Fine)
}

/// Priced offers by their upper bound within a currency, open ends and unpriced ones last.
fn sort_key(offer: &Offer) -> (u8, Option<Currency>, Exact, Exact) {
    match &offer.cost {
        Ok((currency, bounds)) if !bounds.open => (0, Some(*currency), bounds.high, bounds.low),
        Ok((currency, bounds)) => (1, Some(*currency), bounds.low, bounds.low),
        Err(_) => (2, None, Exact::ZERO, Exact::ZERO),
    }
}

fn print(offers: &[Offer], format: OutputFormat, out: &mut String) {
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("model", Align::Left),
        ("cost", Align::Amount),
        ("up to", Align::Amount),
        ("currency", Align::Left),
        ("standing", Align::Left),
        ("seen", Align::Left),
    ]);
    for offer in offers {
        let (currency, [cost, up_to]) = match &offer.cost {
            Ok((currency, bounds)) => (currency.to_string(), bounds_cells(bounds)),
            Err(_) => (String::new(), ["unknown".to_owned(), String::new()]),
        };
        let cells =
            [&offer.provider, &offer.model, &cost, &up_to, &currency, &offer.standing, &offer.seen];
        sheet.row(cells.into_iter().cloned().collect());
    }
    sheet.without_empty_columns().print(format, out);
    if format == OutputFormat::Csv {
        return;
    }
    out.push('\n');
    for offer in offers {
        if let Err(reason) = &offer.cost {
            let _ = writeln!(out, "{}: {reason}", offer.provider);
        }
        let notes = if offer.cost.is_ok() { offer.notes.as_slice() } else { &[] };
        for note in notes {
            let _ = writeln!(out, "{}: not exact: {note}", offer.provider);
        }
        if !offer.source.is_empty() {
            let _ = writeln!(out, "{}: {}", offer.provider, offer.source);
        }
    }
}

fn json_offer(offer: &Offer) -> Value {
    let (cost, reason) = match &offer.cost {
        Ok((currency, bounds)) => (json_bounds(currency.as_str(), bounds), Value::Null),
        Err(reason) => (Value::Null, reason.clone().into()),
    };
    json!({
        "provider": offer.provider,
        "model": offer.model,
        "cost": cost,
        "unknown_because": reason,
        "notes": offer.notes,
        "standing": offer.standing,
        "seen": offer.seen,
        "source": offer.source,
    })
}
