//! The same request at every provider that sells the model, cheapest first.

use std::collections::BTreeSet;

use anyhow::Result;
use tokreckon::document::{
    CapDocument, CostDocument, EstimateCompareDocument, EstimateOfferDocument,
};
use tokreckon::estimate::RequestFinding;
use tokreckon::money::{Currency, Exact};
use tokreckon::price::ServiceTier;

use super::single::{Answer, answer};
use super::words::{add_refusals, add_warnings, cached, cost_cells};
use super::{Asked, Priced, Setup, exit_of};
use crate::Exit;
use crate::args::OutputFormat;
use crate::asked::retired_text;
use crate::offers::{OfferGroup, currency_of_most, resells};
use crate::print::{Align, Remarks, Sheet, json_document};
use crate::words::unknown_model;

struct Offer<'b> {
    provider: &'b str,
    model: &'b str,
    /// Since when it serves the model no more, where it does not then.
    retired: Option<&'b str>,
    answer: Answer,
}

pub(super) fn run(setup: &Setup<'_>, asked: &Asked, out: &mut String) -> Result<Exit> {
    let sellers = setup.book.sellers(&asked.kind.model);
    if sellers.is_empty() {
        return Err(unknown_model(&setup.book, &asked.kind.model));
    }
    let tier = setup.service_tier(ServiceTier::Standard)?;
    let mut offers: Vec<Offer<'_>> = sellers
        .into_iter()
        .map(|(provider, model)| {
            let card = setup.card(provider, model, tier);
            let answer = answer(setup, asked, &card, &setup.limits(provider, model));
            let retired = setup.book.retired(provider, model, setup.period);
            Offer { provider, model, retired, answer }
        })
        .collect();
    // Each seller says for itself until when it serves the model.
    let findings: Vec<RequestFinding> =
        asked.findings.iter().filter(|found| !found.code.starts_with("model-")).cloned().collect();
    let served = offers.iter().filter(|offer| offer.retired.is_none());
    let home = currency_of_most(served.filter_map(Offer::currency));
    offers.sort_by_cached_key(|offer| {
        (sort_key(offer, home), resells(offer.provider, offer.model), offer.provider)
    });
    let remarks = remarks(setup, asked, &offers, home, &findings);
    match setup.args.output.format {
        OutputFormat::Json => {
            let (model, prompt) = (&asked.kind.model, asked.prompt);
            let offers = offers.iter().map(Offer::document).collect();
            let mut document = EstimateCompareDocument::new(model, prompt, offers, &findings);
            document.notes = remarks.notes();
            json_document(&document, out);
        }
        format => {
            if !setup.is_bare() {
                remarks.print_above(out);
            }
            sheet(&offers).print(format, out);
            if !setup.is_bare() {
                remarks.print_below(out);
            }
        }
    }
    let none = home.is_none().then(|| "no seller that serves it has a price".to_owned());
    let unknown: Vec<String> = none.into_iter().collect();
    Ok(exit_of(setup, &findings, &unknown, None))
}

impl Offer<'_> {
    /// The currency of its prices; `None` where it has none.
    fn currency(&self) -> Option<Currency> {
        costs(self).into_iter().flatten().find_map(|cost| Some(cost.as_ref().ok()?.currency))
    }
}

/// The costs of an offer at p50, p90 and the cap.
fn costs<'o>(offer: &'o Offer<'_>) -> [Option<&'o Priced>; 3] {
    let at = |name| offer.answer.lines.iter().find(|line| line.name == name).map(|line| &line.cost);
    [at("p50"), at("p90"), Some(&offer.answer.cap_cost)]
}

/// By its group, then by the p90, without one by the cap.
fn sort_key(
    offer: &Offer<'_>,
    home: Option<Currency>,
) -> (OfferGroup, Option<Currency>, Exact, Exact) {
    let [_, p90, cap] = costs(offer);
    let Some(Ok(cost)) = p90.or(cap) else {
        return (OfferGroup::Unpriced, None, Exact::ZERO, Exact::ZERO);
    };
    let high = if cost.bounds.open { cost.bounds.low } else { cost.bounds.high };
    let group = match offer.retired {
        Some(_) => OfferGroup::Retired,
        None if Some(cost.currency) != home => OfferGroup::OtherCurrency,
        None if cost.bounds.open => OfferGroup::Open,
        None => OfferGroup::Bounded,
    };
    (group, Some(cost.currency), high, cost.bounds.low)
}

fn sheet(offers: &[Offer<'_>]) -> Sheet<'static> {
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
        ("retired", Align::Left),
    ]);
    for offer in offers {
        let mut cells = vec![offer.provider.to_owned(), offer.model.to_owned()];
        for cost in costs(offer) {
            cells.extend(cost.map_or(["no basis".to_owned(), String::new()], cost_cells));
        }
        cells.push(offer.currency().map_or(String::new(), |currency| currency.to_string()));
        cells.push(offer.retired.unwrap_or_default().to_owned());
        sheet.row(cells);
    }
    sheet.without_empty_columns()
}

/// Why offers are unknown or ranges, and what they rest on.
fn remarks(
    setup: &Setup<'_>,
    asked: &Asked,
    offers: &[Offer<'_>],
    home: Option<Currency>,
    findings: &[RequestFinding],
) -> Remarks {
    let mut remarks = Remarks::default();
    add_refusals(&mut remarks, "the request", findings);
    for Offer { provider, model, retired, .. } in offers {
        remarks.reasons.extend(retired.map(|day| retired_text(model, provider, day)));
    }
    let others = offers.iter().filter(|offer| offer.retired.is_none()).filter_map(Offer::currency);
    for other in others.filter(|other| Some(*other) != home).collect::<BTreeSet<_>>() {
        remarks.reasons.push(format!("not compared: amounts in {other}, listed below the others"));
    }
    for offer in offers {
        let Offer { provider, answer, .. } = offer;
        match &answer.cap_cost {
            Err(reason) if offer.currency().is_some() => {
                remarks.add(&format!("{provider}: no cap: {reason}"));
            }
            Err(reason) => remarks.add(&format!("{provider}: cost unknown: {reason}")),
            Ok(cost) => {
                for doubt in cost.doubts.iter() {
                    remarks.add(&format!("{provider}: not exact: {}", doubt.explanation()));
                }
            }
        }
    }
    remarks.add("p50 and p90 are estimates, cap is the most that can be billed");
    let prompt = asked.prompt;
    remarks.add(&format!("prompt: {prompt} tokens, taken to be alike at every provider"));
    if let Some(offer) = offers.first() {
        let basis = &offer.answer.estimate.basis;
        remarks.add(&format!("basis: {basis}"));
        remarks.add(&format!("coverage: {}", basis.coverage()));
    }
    remarks.add(&cached(setup.cached));
    add_warnings(&mut remarks, findings);
    remarks
}

impl Offer<'_> {
    fn document(&self) -> EstimateOfferDocument {
        let answer = &self.answer;
        let levels = answer.lines.iter().map(|line| (line.name, CostDocument::from(&line.cost)));
        let cap = CapDocument::new(answer.cap, CostDocument::from(&answer.cap_cost));
        EstimateOfferDocument::new(self.provider, self.model, levels, cap, &answer.estimate)
    }
}
