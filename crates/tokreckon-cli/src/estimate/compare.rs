//! The same request at every provider that sells the model, cheapest first.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};
use tokreckon::money::{Currency, Exact};
use tokreckon::price::ServiceTier;

use super::single::{Answer, answer};
use super::words::{cached, cost_cells, finding, json_cap, json_cost, json_findings, json_prompt};
use super::{Asked, Priced, Setup, exit_of};
use crate::Exit;
use crate::args::OutputFormat;
use crate::context::with_hint;
use crate::print::{Align, Sheet, json_document};

struct Offer<'b> {
    provider: &'b str,
    model: &'b str,
    answer: Answer,
}

pub(super) fn run(setup: &Setup<'_>, asked: &Asked, out: &mut String) -> Result<Exit> {
    let sellers = setup.book.sellers(&asked.kind.model);
    if sellers.is_empty() {
        let hint = setup.book.lookup("openai", &asked.kind.model).err();
        let hint = hint.and_then(|error| error.hint(&setup.book));
        let message = format!("no provider in the price book sells `{}`", asked.kind.model);
        return Err(with_hint(message, hint));
    }
    let tier = setup.service_tier(ServiceTier::Standard)?;
    let mut offers: Vec<Offer<'_>> = sellers
        .into_iter()
        .map(|(provider, model)| {
            let card = setup.card(provider, model, tier);
            let answer = answer(setup, asked, &card, &setup.limits(provider, model));
            Offer { provider, model, answer }
        })
        .collect();
    offers.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)).then_with(|| a.provider.cmp(b.provider)));
    match setup.args.output.format {
        OutputFormat::Json => json_document(
            "tokreckon-estimate-compare/1",
            json!({
                "model": asked.kind.model,
                "prompt": json_prompt(asked.prompt),
                "offers": offers.iter().map(json_offer).collect::<Vec<_>>(),
                "findings": json_findings(&asked.findings),
            }),
            out,
        ),
        format => print(setup, asked, &offers, format, out),
    }
    Ok(exit_of(&asked.findings))
}

/// The costs of an offer at p50, p90 and the cap.
fn costs<'o>(offer: &'o Offer<'_>) -> [Option<&'o Priced>; 3] {
    let at = |name| offer.answer.lines.iter().find(|line| line.name == name).map(|line| &line.cost);
    [at("p50"), at("p90"), Some(&offer.answer.cap_cost)]
}

/// By the p90, without one by the cap; open ends and unknown prices last.
fn sort_key(offer: &Offer<'_>) -> (u8, Option<Currency>, Exact, Exact) {
    let [_, p90, cap] = costs(offer);
    match p90.or(cap) {
        Some(Ok(cost)) if !cost.bounds.open => {
            (0, Some(cost.currency), cost.bounds.high, cost.bounds.low)
        }
        Some(Ok(cost)) => (1, Some(cost.currency), cost.bounds.low, cost.bounds.low),
        _ => (2, None, Exact::ZERO, Exact::ZERO),
    }
}

fn print(
    setup: &Setup<'_>,
    asked: &Asked,
    offers: &[Offer<'_>],
    format: OutputFormat,
    out: &mut String,
) {
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("model", Align::Left),
        ("p50", Align::Amount),
        ("p50 up to", Align::Amount),
        ("p90", Align::Amount),
        ("p90 up to", Align::Amount),
        ("cap", Align::Amount),
        ("cap up to", Align::Amount),
        ("currency", Align::Left),
    ]);
    for offer in offers {
        let mut cells = vec![offer.provider.to_owned(), offer.model.to_owned()];
        for cost in costs(offer) {
            cells.extend(cost.map_or(["no basis".to_owned(), String::new()], cost_cells));
        }
        let known = offer.answer.cap_cost.as_ref().ok();
        cells.push(known.map_or(String::new(), |cost| cost.currency.to_string()));
        sheet.row(cells);
    }
    sheet.without_empty_columns().print(format, out);
    if format == OutputFormat::Csv {
        return;
    }
    out.push('\n');
    for offer in offers {
        match &offer.answer.cap_cost {
            Err(reason) => {
                let _ = writeln!(out, "{}: cost unknown: {reason}", offer.provider);
            }
            Ok(cost) => {
                for doubt in cost.doubts.iter() {
                    let _ = writeln!(out, "{}: not exact: {}", offer.provider, doubt.explanation());
                }
            }
        }
    }
    let _ = writeln!(out, "p50 and p90 are estimates, cap is the most that can be billed");
    let _ = writeln!(out, "prompt: {} tokens, taken to be alike at every provider", asked.prompt);
    if let Some(offer) = offers.first() {
        let basis = &offer.answer.estimate.basis;
        let _ = writeln!(out, "basis: {basis}\ncoverage: {}", basis.coverage());
    }
    let _ = writeln!(out, "{}", cached(setup.cached));
    for found in &asked.findings {
        let _ = writeln!(out, "{}", finding(found));
    }
}

fn json_offer(offer: &Offer<'_>) -> Value {
    let levels: Vec<Value> = offer
        .answer
        .lines
        .iter()
        .map(
            |line| json!({ "level": line.name, "kind": "estimate", "cost": json_cost(&line.cost) }),
        )
        .collect();
    json!({
        "provider": offer.provider,
        "model": offer.model,
        "levels": levels,
        "cap": { "output": json_cap(offer.answer.cap), "cost": json_cost(&offer.answer.cap_cost) },
        "basis": offer.answer.estimate.basis.to_string(),
    })
}
