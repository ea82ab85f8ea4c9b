//! One request: p50, p90, p99 and the hard cap, in tokens and money.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::Result;
use tokreckon::document::{
    BudgetHeldDocument, CapDocument, CardDocument, CostDocument, EstimateDocument, LevelDocument,
};
use tokreckon::estimate::Output;
use tokreckon::price::{Doubt, RateCard, ServiceTier};
use tokreckon::reasoning::{
    CAP_REACHED, Estimate, EstimateOrigin, HardCap, Kind as NumberKind, Quantiles, TokenAmount,
};
use tokreckon::request::TokenClass;

use super::words::{
    add_card, add_refusals, add_warnings, assumptions, cached, card_document, cost_cells, currency,
    found, headline, kind,
};
use super::{Asked, Cached, Kind, Limits, Priced, Setup, capped, exit_of, plan, priced};
use crate::Exit;
use crate::args::OutputFormat;
use crate::print::{Align, Remarks, Sheet, json_document};

/// One level of an estimate with its cost.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) hidden: Option<TokenAmount>,
    pub(super) visible: Option<TokenAmount>,
    pub(super) output: Option<TokenAmount>,
    pub(super) cost: Priced,
}

/// An estimate at one provider.
pub(super) struct Answer {
    pub(super) estimate: Estimate,
    pub(super) lines: Vec<Line>,
    pub(super) cap: Option<HardCap>,
    pub(super) cap_cost: Priced,
}

pub(super) fn run(setup: &Setup<'_>, asked: &Asked, out: &mut String) -> Result<Exit> {
    let provider = setup.provider(&asked.kind.model)?;
    let tier = setup.service_tier(ServiceTier::Standard)?;
    let card = setup.card(provider, &asked.kind.model, tier);
    let limits = setup.limits(provider, &asked.kind.model);
    let answer = answer(setup, asked, &card, &limits);
    let budget = setup.args.budget.map(|budget| {
        let (name, cost) = at_confidence(setup, asked, &card, &limits, &answer);
        let refused = asked.findings.iter().any(|finding| finding.refused);
        super::batch::budget_said(budget, &name, &cost, refused.then_some("the request"))
    });
    let plan = match &setup.args.rate_limit_tier {
        Some(tier) => {
            let reserved = asked
                .prompt
                .band()
                .high
                .zip(answer.cap)
                .map(|(prompt, cap)| u128::from(prompt) + u128::from(cap.tokens));
            Some(plan::one_by_one(setup, provider, &asked.kind.model, tier, 1, reserved)?)
        }
        None => None,
    };
    let price = card_document(&card, !matches!(setup.cached, Cached::NotSaid));
    let remarks = remarks(setup, asked, &answer, &price, &limits);
    if setup.args.output.format == OutputFormat::Json {
        let mut document = document(asked, &answer, provider);
        document.notes = remarks.notes();
        document.headline = remarks.headline;
        document.largest_output_disputed = (!limits.disputed.is_empty()).then_some(limits.disputed);
        document.assumptions = assumptions(setup);
        document.price = price;
        document.plan = plan;
        document.budget = budget.as_ref().map(BudgetHeldDocument::from);
        json_document(&document, out);
    } else {
        print(&answer, &remarks, setup, out);
        if !setup.is_bare() {
            for line in budget.iter().map(|(_, said)| said).chain(plan.iter().flatten()) {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    let unknown: Vec<String> = card.err().into_iter().collect();
    Ok(exit_of(setup, &asked.findings, &unknown, budget.as_ref()))
}

/// Estimates and prices a request at one provider.
pub(super) fn answer(
    setup: &Setup<'_>,
    asked: &Asked,
    card: &std::result::Result<RateCard<'_>, String>,
    limits: &Limits,
) -> Answer {
    let band = asked.prompt.band();
    let input = asked.kind.input(band.likely, limits, setup.visible());
    let estimate = setup.estimator.estimate(&input);
    // The shortest prompt leaves the most of the context window.
    let choices = u64::from(asked.kind.sending.choices);
    let cap = input.caps.hard(band.low);
    let cap = cap.map(|cap| cap.times(choices));
    let prompts = [setup.prompts(asked)];
    let thinking = no_thinking(&estimate);
    let most = cap.map(|cap| u128::from(cap.tokens));
    let line = |name, [hidden, visible, output]: [Option<TokenAmount>; 3]| {
        let least = output.or(hidden)?.tokens;
        let high = output.map(|output| u128::from(output.tokens)).or(most);
        let output_range = Output { low: u128::from(least), high, thinking };
        let cost = priced(card, &prompts, output_range);
        Some(Line { name, hidden, visible, output, cost })
    };
    let parts = [&estimate.hidden, &estimate.visible, &estimate.output];
    let levels = ["p50", "p90", "p99"].into_iter().enumerate().filter_map(|(at, name)| {
        let pick = |levels: &Quantiles| [levels.p50, levels.p90, levels.p99][at];
        line(name, parts.map(|part| part.as_ref().map(pick)))
    });
    let mean =
        estimate.mean_output.map(|tokens| TokenAmount::new(tokens, NumberKind::Estimate(None)));
    let lines =
        levels.chain(mean.and_then(|mean| line("mean", [None, None, Some(mean)]))).collect();
    let at_cap = Output { low: most.unwrap_or(0), high: most, thinking };
    let cap_cost = capped(priced(card, &prompts, at_cap));
    Answer { estimate, lines, cap, cap_cost }
}

/// Whether output is of a thinking mode: `Some(false)` when nothing is thought.
pub(super) fn no_thinking(estimate: &Estimate) -> Option<bool> {
    estimate.thinking.filter(|thinking| !thinking)
}

/// The cost at the level that is as sure as asked.
fn at_confidence(
    setup: &Setup<'_>,
    asked: &Asked,
    card: &std::result::Result<RateCard<'_>, String>,
    limits: &Limits,
    answer: &Answer,
) -> (String, Priced) {
    let input = asked.kind.input(asked.prompt.band().likely, limits, setup.visible());
    let tokens = setup.estimator.output_at(&input, setup.confidence);
    let Some(tokens) = tokens.filter(|_| setup.confidence <= MOST_SURE) else {
        return ("the hard cap".to_owned(), answer.cap_cost.clone());
    };
    let thinking = no_thinking(&answer.estimate);
    let output = Output { low: u128::from(tokens), high: Some(u128::from(tokens)), thinking };
    let cost = priced(card, &[setup.prompts(asked)], output);
    (level_name(setup.confidence), cost)
}

/// Estimates say nothing about levels beyond this, in thousandths.
pub(super) const MOST_SURE: u64 = 995;

/// `p95`, `p99.5`.
pub(super) fn level_name(per_mille: u64) -> String {
    match per_mille % 10 {
        0 => format!("p{}", per_mille / 10),
        tenth => format!("p{}.{tenth}", per_mille / 10),
    }
}

fn print(answer: &Answer, remarks: &Remarks, setup: &Setup<'_>, out: &mut String) {
    let format = setup.args.output.format;
    let currency = currency(answer.lines.iter().map(|line| &line.cost).chain([&answer.cap_cost]));
    let mut sheet = Sheet::new([
        ("level", Align::Left),
        ("hidden", Align::Count),
        ("visible", Align::Count),
        ("output", Align::Count),
        (currency.as_str(), Align::Amount),
        ("up to", Align::Amount),
        ("kind", Align::Left),
    ]);
    let tokens = |amount: Option<TokenAmount>| {
        amount.map_or("unknown".to_owned(), |amount| amount.tokens.to_string())
    };
    for line in &answer.lines {
        let [cost, up_to] = cost_cells(&line.cost);
        let kind = line.output.or(line.hidden).map_or(String::new(), |amount| kind(amount.kind));
        let split = line.name != "mean";
        let part = |amount| if split { tokens(amount) } else { String::new() };
        let counts = [part(line.hidden), part(line.visible), tokens(line.output)];
        let [hidden, visible, output] = counts;
        sheet.row(vec![line.name.to_owned(), hidden, visible, output, cost, up_to, kind]);
    }
    let [cost, up_to] = cost_cells(&answer.cap_cost);
    let (most, limit) =
        answer.cap.map_or(("unknown".to_owned(), "no limit is known".to_owned()), |cap| {
            (cap.tokens.to_string(), format!("cap: {}", cap.limit))
        });
    sheet.row(vec!["cap".to_owned(), String::new(), String::new(), most, cost, up_to, limit]);
    let sheet = sheet.without_empty_columns();
    if setup.is_bare() {
        sheet.print(format, out);
        return;
    }
    remarks.print_above(out);
    sheet.print(format, out);
    remarks.print_below(out);
}

/// The answer in one line.
fn said(answer: &Answer) -> Option<String> {
    let cost = |name| answer.lines.iter().find(|line| line.name == name).map(|line| &line.cost);
    headline(cost("p50")?, cost("p90")?, &answer.cap_cost, "9 of 10")
}

/// The answer in one line; the prompt, the basis, what is assumed, what happens at the cap, the
/// sources of the prices, and what the provider would refuse.
fn remarks(
    setup: &Setup<'_>,
    asked: &Asked,
    answer: &Answer,
    price: &CardDocument,
    limits: &Limits,
) -> Remarks {
    let mut remarks = Remarks { headline: said(answer), ..Remarks::default() };
    let Estimate { basis, output, hidden, cap_reached_per_mille, .. } = &answer.estimate;
    let class = match asked.prompt.class() {
        TokenClass::Exact => "exact",
        TokenClass::Estimate => "estimate",
        TokenClass::Unknown => "a part cannot be counted",
    };
    let (endpoint, model) = (asked.endpoint.name(), &asked.kind.model);
    remarks.add(&format!("prompt: {} tokens ({class}), {endpoint}, model {model}", asked.prompt));
    let off = answer.estimate.thinking == Some(false);
    if off {
        remarks.add("no reasoning: hidden tokens are 0");
    }
    for note in &answer.estimate.notes {
        remarks.add(&format!("not used: {note}"));
    }
    if !off || setup.args.visible.is_none() {
        remarks.add(&format!("basis: {basis}"));
        if basis.origin != EstimateOrigin::Nobody {
            remarks.add(&format!("coverage: {}", basis.coverage()));
        }
        if hidden.is_some() && !off {
            remarks
                .add("each column has its own levels: hidden and visible do not add up to output");
        }
    }
    match (basis.origin, output) {
        (EstimateOrigin::Own, Some(output)) => {
            remarks.add(&format!("output, 90 %: {}", output.p90_guarantee));
        }
        (EstimateOrigin::Recorded, _) if setup.args.visible.is_none() => remarks.add(OWN_ROWS),
        _ => {}
    }
    if let Some(tokens) = setup.args.visible {
        remarks.add(&format!("assumption: {tokens} visible tokens in each answer"));
    }
    if !limits.disputed.is_empty() {
        let disputed = &limits.disputed;
        remarks.add(&format!("largest output: sources differ ({disputed}); the largest is taken"));
    }
    if let Some(share) = cap_reached_per_mille.filter(|share| *share > 0) {
        remarks.add(&format!("cap reached by about {share} in 1,000 answers: {CAP_REACHED}"));
    }
    remarks.add(&cached(setup.cached));
    for doubt in price_doubts(answer) {
        remarks.add(&format!("price not exact: {doubt}"));
    }
    add_card(price, &mut remarks);
    add_refusals(&mut remarks, "the request", &asked.findings);
    add_warnings(&mut remarks, &asked.findings);
    remarks
}

/// Why prices are ranges, each reason once.
fn price_doubts(answer: &Answer) -> BTreeSet<&'static str> {
    let costs = answer.lines.iter().map(|line| &line.cost).chain([&answer.cap_cost]);
    let known = costs.filter_map(|cost| cost.as_ref().ok());
    known.flat_map(|cost| cost.doubts.iter()).map(Doubt::explanation).collect()
}

/// What sharpens an estimate from recorded answers of others.
const OWN_ROWS: &str =
    "hint: `calibrate` your own log and give it as `--history`: 5 rows say more than this prior";

fn document(asked: &Asked, answer: &Answer, provider: &str) -> EstimateDocument {
    let Kind { model, sending, .. } = &asked.kind;
    let levels = answer.lines.iter().map(|line| {
        let tokens = [line.hidden, line.visible, line.output];
        LevelDocument::new(line.name, tokens, CostDocument::from(&line.cost))
    });
    let cap = CapDocument::new(answer.cap, CostDocument::from(&answer.cap_cost));
    let levels = (levels.collect(), cap);
    let estimate = &answer.estimate;
    let mut document =
        EstimateDocument::new(provider, model, sending, asked.prompt, estimate, levels);
    document.findings = found(&asked.findings);
    document
}
