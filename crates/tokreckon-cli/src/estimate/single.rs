//! One request: p50, p90, p99 and the hard cap, in tokens and money.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Value, json};
use tokreckon::estimate::Output;
use tokreckon::price::{Doubt, RateCard, ServiceTier};
use tokreckon::reasoning::{
    Amount, CAP_REACHED, Estimate, HardCap, Kind as NumberKind, Origin, Quantiles,
};
use tokreckon::request::Class;
use tokreckon_data::priors::Work;

use super::words::{
    assumptions, cached, cost_cells, currency, finding, headline, json_amount, json_cap, json_cost,
    json_findings, json_price, json_prompt, kind, price_lines,
};
use super::{Asked, Cached, Kind, Limits, Priced, Setup, exit_of, plan, priced};
use crate::Exit;
use crate::args::OutputFormat;
use crate::print::{Align, Sheet, json_document};

/// One level of an estimate with its cost.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) hidden: Option<Amount>,
    pub(super) visible: Option<Amount>,
    pub(super) output: Option<Amount>,
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
    let budget = setup.budget.map(|budget| {
        let (name, cost) = at_confidence(setup, asked, &card, &limits, &answer);
        super::batch::budget_said(budget, &name, &cost)
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
    if setup.args.output.format == OutputFormat::Json {
        let price = json_price(&card, !matches!(setup.cached, Cached::NotSaid));
        let mut value = json(setup, asked, &answer, provider, &limits);
        value["price"] = price;
        value["plan"] = json!(plan);
        value["budget"] =
            json!(budget.as_ref().map(|(held, said)| json!({ "held": held, "says": said })));
        json_document("tokreckon-estimate/1", value, out);
    } else {
        print(setup, asked, &answer, &card, &limits, out);
        if setup.args.output.format != OutputFormat::Csv {
            for line in budget.iter().map(|(_, said)| said).chain(plan.iter().flatten()) {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    let over = budget.is_some_and(|(held, _)| !held);
    Ok(exit_of(&asked.findings).max(if over { Exit::Findings } else { Exit::Fine }))
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
    let cap = cap.map(|cap| HardCap { tokens: cap.tokens.saturating_mul(choices), ..cap });
    let prompts = [setup.prompts(asked.prompt, 1)];
    let thinking = no_thinking(&estimate);
    let most = cap.map(|cap| u128::from(cap.tokens));
    let line = |name, [hidden, visible, output]: [Option<Amount>; 3]| {
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
        estimate.mean_output.map(|tokens| Amount { tokens, kind: NumberKind::Estimate(None) });
    let lines =
        levels.chain(mean.and_then(|mean| line("mean", [None, None, Some(mean)]))).collect();
    let at_cap = Output { low: most.unwrap_or(0), high: most, thinking };
    let cap_cost = priced(card, &prompts, at_cap);
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
    let cost = priced(card, &[setup.prompts(asked.prompt, 1)], output);
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

fn print(
    setup: &Setup<'_>,
    asked: &Asked,
    answer: &Answer,
    card: &std::result::Result<RateCard<'_>, String>,
    limits: &Limits,
    out: &mut String,
) {
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
    let tokens = |amount: Option<Amount>| {
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
    if let Some(said) = said(answer).filter(|_| format != OutputFormat::Csv) {
        let _ = writeln!(out, "{said}\n");
    }
    sheet.without_empty_columns().print(format, out);
    if format == OutputFormat::Csv {
        return;
    }
    let mut text = String::new();
    notes(setup, asked, answer, limits, &mut text);
    price_lines(card, !matches!(setup.cached, Cached::NotSaid), &mut text);
    for found in &asked.findings {
        let _ = writeln!(text, "{}", finding(found));
    }
    let _ = write!(out, "\n{text}");
}

/// The answer in one line.
fn said(answer: &Answer) -> Option<String> {
    let cost = |name| answer.lines.iter().find(|line| line.name == name).map(|line| &line.cost);
    headline(cost("p50")?, cost("p90")?, &answer.cap_cost, "9 of 10")
}

/// The prompt, the basis, what is assumed, and what happens at the cap.
fn notes(setup: &Setup<'_>, asked: &Asked, answer: &Answer, limits: &Limits, text: &mut String) {
    let Estimate { basis, output, hidden, cap_reached_per_mille, .. } = &answer.estimate;
    let class = match asked.prompt.class() {
        Class::Exact => "exact",
        Class::Estimate => "estimate",
        Class::Unknown => "a part cannot be counted",
    };
    let _ = writeln!(
        text,
        "prompt: {} tokens ({class}), {}, model {}",
        asked.prompt,
        asked.endpoint.name(),
        asked.kind.model
    );
    let off = answer.estimate.thinking == Some(false);
    if off {
        text.push_str("no reasoning: hidden tokens are 0\n");
    }
    for note in &answer.estimate.notes {
        let _ = writeln!(text, "not used: {note}");
    }
    if !off || setup.args.visible.is_none() {
        let _ = writeln!(text, "basis: {basis}");
        if basis.origin != Origin::Nobody {
            let _ = writeln!(text, "coverage: {}", basis.coverage());
        }
        if hidden.is_some() && !off {
            text.push_str(
                "each column has its own levels: hidden and visible do not add up to output\n",
            );
        }
    }
    match (basis.origin, output) {
        (Origin::Own, Some(output)) => {
            let _ = writeln!(text, "output, 90 %: {}", output.p90_guarantee);
        }
        (Origin::Recorded, _) if setup.args.visible.is_none() => text.push_str(OWN_ROWS),
        _ => {}
    }
    if let Some(tokens) = setup.args.visible {
        let _ = writeln!(text, "assumption: {tokens} visible tokens in each answer");
    }
    if !limits.disputed.is_empty() {
        let _ = writeln!(
            text,
            "largest output: sources differ ({}); the largest is taken",
            limits.disputed
        );
    }
    if let Some(share) = cap_reached_per_mille.filter(|share| *share > 0) {
        let _ = writeln!(text, "cap reached by about {share} in 1,000 answers: {CAP_REACHED}");
    }
    let _ = writeln!(text, "{}", cached(setup.cached));
    let costs = answer.lines.iter().map(|line| &line.cost).chain([&answer.cap_cost]);
    let mut doubts: Vec<Doubt> =
        costs.filter_map(|cost| cost.as_ref().ok()).flat_map(|cost| cost.doubts.iter()).collect();
    doubts.dedup();
    let mut said: Vec<&str> = doubts.into_iter().map(Doubt::explanation).collect();
    said.sort_unstable();
    said.dedup();
    for doubt in said {
        let _ = writeln!(text, "price not exact: {doubt}");
    }
}

/// What sharpens an estimate from recorded answers of others.
const OWN_ROWS: &str =
    "hint: `calibrate` your own log and give it as `--history`: 5 rows say more than this prior\n";

fn json(
    setup: &Setup<'_>,
    asked: &Asked,
    answer: &Answer,
    provider: &str,
    limits: &Limits,
) -> Value {
    let Kind { model, sending, .. } = &asked.kind;
    let levels: Vec<_> = answer
        .lines
        .iter()
        .map(|line| {
            json!({
                "level": line.name,
                "hidden": json_amount(line.hidden),
                "visible": json_amount(line.visible),
                "output": json_amount(line.output),
                "cost": json_cost(&line.cost),
            })
        })
        .collect();
    json!({
        "provider": provider,
        "model": model,
        "effort": sending.effort,
        "label": sending.label,
        "kind": sending.work.map(Work::word),
        "says": said(answer),
        "thinking": answer.estimate.thinking,
        "choices": sending.choices,
        "prompt": json_prompt(asked.prompt),
        "levels": levels,
        "cap": { "output": json_cap(answer.cap), "cost": json_cost(&answer.cap_cost) },
        "cap_reached_per_mille": answer.estimate.cap_reached_per_mille,
        "largest_output_disputed": (!limits.disputed.is_empty()).then_some(&limits.disputed),
        "not_used": answer.estimate.notes,
        "basis": answer.estimate.basis.to_string(),
        "coverage": answer.estimate.basis.coverage(),
        "assumptions": assumptions(setup),
        "findings": json_findings(&asked.findings),
    })
}
