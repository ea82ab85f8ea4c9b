//! The same request at every provider that sells the model, cheapest first.

use anyhow::Result;
use tokreckon::document::{
    CapDocument, CostDocument, EstimateCompareDocument, EstimateOfferDocument,
};
use tokreckon::money::{Currency, Exact};
use tokreckon::price::ServiceTier;

use super::single::{Answer, answer};
use super::words::{cached, cost_cells, finding};
use super::{Asked, Priced, Setup, exit_of};
use crate::Exit;
use crate::args::OutputFormat;
use crate::context::not_found_as;
use crate::print::{Align, Remarks, Sheet, json_document};

struct Offer<'b> {
    provider: &'b str,
    model: &'b str,
    answer: Answer,
}

pub(super) fn run(setup: &Setup<'_>, asked: &Asked, out: &mut String) -> Result<Exit> {
    let sellers = setup.book.sellers(&asked.kind.model);
    if sellers.is_empty() {
        let error = setup.book.lookup("openai", &asked.kind.model).err();
        let message = format!("no provider in the price book sells `{}`", asked.kind.model);
        return Err(not_found_as(message, error.as_ref(), &setup.book));
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
    let remarks = remarks(setup, asked, &offers);
    match setup.args.output.format {
        OutputFormat::Json => {
            let (model, prompt) = (&asked.kind.model, asked.prompt);
            let offers = offers.iter().map(Offer::document).collect();
            let mut document = EstimateCompareDocument::new(model, prompt, offers, &asked.findings);
            document.notes = remarks.notes();
            json_document(&document, out);
        }
        format => {
            sheet(&offers).print(format, out);
            if format != OutputFormat::Csv {
                remarks.print_below(out);
            }
        }
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

fn sheet(offers: &[Offer<'_>]) -> Sheet {
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
    sheet.without_empty_columns()
}

/// Why offers are unknown or ranges, and what they rest on.
fn remarks(setup: &Setup<'_>, asked: &Asked, offers: &[Offer<'_>]) -> Remarks {
    let mut remarks = Remarks::default();
    for Offer { provider, answer, .. } in offers {
        match &answer.cap_cost {
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
    for found in &asked.findings {
        remarks.add(&finding(found));
    }
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
