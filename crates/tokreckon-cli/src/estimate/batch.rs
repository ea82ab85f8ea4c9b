//! A batch file: read line by line, totalled by model, held against a budget.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use tokreckon::document::{
    BudgetHeldDocument, CardDocument, CostDocument, EstimateBatchDocument, EstimateModelDocument,
    TotalLevelDocument,
};
use tokreckon::estimate::{CacheWrites, Cost, Output, Prompts};
use tokreckon::money::{Currency, Exact};
use tokreckon::reasoning::{EstimateInput, Interval};
use tokreckon::request::Request;
use tokreckon::words::counted;

use super::lines::{self, Contents, Form, Group};
use super::single::{MOST_SURE, level_name, no_thinking};
use super::words::{
    add_card, add_refusals, add_warnings, assumptions, card_document, cost_cells, currency, found,
    headline,
};
use super::{Cached, Priced, Setup, capped, exit_of, plan, priced};
use crate::Exit;
use crate::args::OutputFormat;
use crate::print::{Align, Remarks, Sheet, json_document};

/// Where the levels of a total are that say about what it is, and what it is at most.
pub(super) const MIDDLE: usize = 1;
pub(super) const UPPER: usize = 3;

/// Levels of a total: two ends of a 90 % interval, its middle, its mean, and the most that can be billed.
pub(super) const LEVELS: [(&str, LevelKind); 5] = [
    ("5 %", LevelKind { word: "estimate", says: "lower end of a 90 % interval" }),
    ("50 %", LevelKind { word: "estimate", says: "as likely above as below" }),
    ("mean", LevelKind { word: "estimate", says: "what such batches cost on average" }),
    ("95 %", LevelKind { word: "estimate", says: "upper end of a 90 % interval" }),
    ("cap", LevelKind { word: "cap", says: "every answer at its limit" }),
];

/// What a level is.
#[derive(Clone, Copy)]
pub(super) struct LevelKind {
    /// For machines: `exact`, `estimate`, `cap`.
    word: &'static str,
    /// For people.
    says: &'static str,
}

/// How often the intervals held in the backtest, which wrote `data/priors/coverage.toml`.
pub(super) fn totals_held() -> String {
    let shares = |own: bool| {
        let of = tokreckon_data::PRIORS.totals.iter().filter(move |one| (one.own_rows > 0) == own);
        of.map(|one| (one.inside + 5) / 10)
    };
    let span = |own: bool| match (shares(own).min(), shares(own).max()) {
        (Some(low), Some(high)) if low == high => format!("{low} %"),
        (Some(low), Some(high)) => format!("{low} to {high} %"),
        _ => "an unknown share".to_owned(),
    };
    let requests = tokreckon_data::PRIORS.totals.first().map_or(0, |one| one.requests);
    format!(
        "coverage: totals of {requests} requests lay inside their 90 % interval in {} of batches with \
         own rows, in {} with the prior, whose interval is wide",
        span(true),
        span(false)
    )
}

/// One level of a total.
pub(super) struct Level {
    /// Output tokens; `None` when not known.
    pub(super) output: Option<u128>,
    pub(super) cost: Priced,
}

/// The requests to one model.
pub(super) struct Model {
    name: String,
    pub(super) requests: u64,
    pub(super) prompt: Group,
    /// What its numbers rest on, each with how many requests.
    bases: Vec<(String, u64)>,
    price: CardDocument,
    pub(super) levels: Vec<Level>,
    /// The total that is as sure as the budget must be.
    sure: Level,
    plan: Vec<String>,
}

pub(super) fn run(setup: &Setup<'_>, path: &Path, out: &mut String) -> Result<Exit> {
    print_all(setup, &lines::read(setup, path, true)?, out)
}

/// So many requests like one.
pub(super) fn run_alike(
    setup: &Setup<'_>,
    request: &Request,
    times: u64,
    out: &mut String,
) -> Result<Exit> {
    print_all(setup, &lines::alike(setup, request, times)?, out)
}

fn print_all(setup: &Setup<'_>, contents: &Contents, out: &mut String) -> Result<Exit> {
    let mut models = Vec::new();
    let mut names: Vec<&str> = contents.kinds.keys().map(|kind| kind.model.as_str()).collect();
    names.dedup();
    for name in names {
        models.push(model(setup, contents, name)?);
    }
    let totals: Vec<Level> = (0..LEVELS.len())
        .map(|at| sum_of(models.iter().filter_map(|model| model.levels.get(at))))
        .collect();
    let sure = sum_of(models.iter().map(|model| &model.sure));
    let budget = setup.args.budget.map(|budget| {
        let name = match setup.confidence {
            ..=MOST_SURE => level_name(setup.confidence),
            _ => "the hard cap".to_owned(),
        };
        let refused = contents.refused_text();
        let (held, mut said) = budget_said(budget, &name, &sure.cost, refused.as_deref());
        if contents.rejected > 0 {
            let _ = write!(said, ", without {}", counted(contents.rejected, "rejected line"));
        }
        (held, said)
    });
    let remarks = remarks(setup, contents, &models, &totals);
    if setup.args.output.format == OutputFormat::Json {
        let mut document = document(contents, &models, &totals);
        document.notes = remarks.notes();
        document.headline = remarks.headline;
        document.assumptions = setup.form_assumed(contents).chain(assumptions(setup)).collect();
        document.budget = budget.as_ref().map(BudgetHeldDocument::from);
        json_document(&document, out);
    } else {
        print(&models, &totals, &remarks, setup, out);
        if let (Some((_, said)), false) = (&budget, setup.is_bare()) {
            let _ = writeln!(out, "{said}");
        }
    }
    let listed = contents.rejected + contents.duplicates > 0;
    let unknown = models.iter().filter_map(|model| model.price.unknown_because.clone());
    let unknown: Vec<String> = unknown.collect();
    let exit = exit_of(setup, &contents.findings, &unknown, budget.as_ref());
    Ok(exit.max(if listed { Exit::Findings } else { Exit::Fine }))
}

/// Whether a cost holds a budget: only when nothing would be `refused`, and its upper bound is known and
/// within.
pub(super) fn budget_said(
    (budget, currency): (Exact, Option<Currency>),
    level: &str,
    cost: &Priced,
    refused: Option<&str>,
) -> (bool, String) {
    let named = currency.map_or(String::new(), |currency| format!(" {currency}"));
    let said = format!("budget {budget}{named}");
    if let Some(refused) = refused {
        return (false, format!("{said} not known to hold: {refused} would be refused"));
    }
    match cost {
        Ok(cost) if currency.is_some_and(|currency| currency != cost.currency) => {
            (false, format!("{said} cannot be promised: the prices are in {}", cost.currency))
        }
        Ok(cost) if !cost.bounds.open => {
            let (held, high) = (cost.bounds.high <= budget, cost.bounds.high);
            let word = if held { "holds" } else { "would be exceeded" };
            (held, format!("{said} {word}: {level} is {high} {}", cost.currency))
        }
        Ok(_) => (false, format!("{said} cannot be promised: {level} has no upper bound")),
        Err(reason) => (false, format!("{said} cannot be promised: {reason}")),
    }
}

fn model(setup: &Setup<'_>, contents: &Contents, name: &str) -> Result<Model> {
    model_at(setup, contents, name, (setup.provider(name)?, name))
}

/// The requests to a model at a provider, which sells it under this id.
pub(super) fn model_at(
    setup: &Setup<'_>,
    contents: &Contents,
    name: &str,
    (provider, id): (&str, &str),
) -> Result<Model> {
    let limits = setup.limits(provider, id);
    let card = setup.card(provider, id, setup.service_tier(contents.form.tier())?);
    let of_model = || contents.kinds.iter().filter(|(kind, _)| kind.model == name);
    let mut prompt = Group { low: 0, likely: 0, high: Some(0) };
    let (mut requests, mut cap) = (0u64, Some(0u128));
    let (mut inputs, mut prompts) = (Vec::<(EstimateInput<'_>, u64)>::new(), Vec::new());
    let mut thinking = Some(false);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (kind, groups) in of_model() {
        let alone = kind.input(0, &limits, setup.visible());
        thinking = thinking.and(no_thinking(&setup.estimator.estimate(&alone)));
        for (group, count) in groups {
            let input = kind.input(group.likely, &limits, setup.visible());
            let most = input.caps.hard(group.low).map(|cap| u128::from(cap.tokens));
            let choices = u128::from(kind.sending.choices) * u128::from(*count);
            cap = cap.zip(most).map(|(sum, most)| sum + most * choices);
            prompts.push(prompt_group(setup, *group, *count, kind.sending.cache_writes));
            inputs.push((input, *count));
            prompt.add(*group, *count);
            requests += count;
        }
        // The form of a request tells its kind, and the kind what is known of it.
        if let Some(group) = groups.keys().next() {
            let input = kind.input(group.likely, &limits, setup.visible());
            let basis = setup.estimator.estimate(&input).basis.to_string();
            *counts.entry(basis).or_default() += groups.values().sum::<u64>();
        }
    }
    let total = setup.estimator.total(&inputs);
    let level = |tokens: Option<u64>| {
        // Embeddings have no output, and a prompt that fills the context window leaves none.
        let none = cap.filter(|cap| *cap == 0);
        let known = none.or(tokens.map(u128::from));
        let known = known.map(|tokens| cap.map_or(tokens, |cap| tokens.min(cap)));
        let range = Output { low: known.unwrap_or(0), high: known.or(cap), thinking };
        Level { output: known, cost: priced(&card, &prompts, range) }
    };
    let of = |pick: fn(&Interval) -> u64| level(total.as_ref().map(|total| pick(&total.output)));
    let at_cap = Output { low: cap.unwrap_or(0), high: cap, thinking };
    let at_cap = || Level { output: cap, cost: capped(priced(&card, &prompts, at_cap)) };
    let levels = vec![
        of(|interval| interval.low),
        of(|interval| interval.median),
        of(|interval| interval.mean),
        of(|interval| interval.high),
        at_cap(),
    ];
    let sure = if setup.confidence > MOST_SURE {
        at_cap()
    } else {
        level(total.as_ref().map(|total| total.output_at(setup.confidence)))
    };
    if cap == Some(0) {
        counts = BTreeMap::from([("no output is possible".to_owned(), requests)]);
    }
    let mut bases: Vec<(String, u64)> = counts.into_iter().collect();
    bases.sort_by_key(|(_, count)| Reverse(*count));
    let mut said = Vec::new();
    if let Some(tier) = &setup.args.rate_limit_tier {
        let reserved = cap.zip(prompt.high).map(|(cap, high)| cap + u128::from(high));
        said = plan::one_by_one(setup, provider, name, tier, requests, reserved)?;
        let lines = contents.lines_of(name);
        if contents.form == Form::Batch {
            said.extend(plan::batches(setup, provider, name, tier, lines)?);
        }
    }
    let price = card_document(&card, !matches!(setup.cached, Cached::NotSaid));
    Ok(Model { name: name.to_owned(), requests, prompt, bases, price, levels, sure, plan: said })
}

fn prompt_group(setup: &Setup<'_>, group: Group, requests: u64, writes: CacheWrites) -> Prompts {
    let Group { low, high, .. } = group;
    Prompts { low, high, cached: setup.cached.of(low), requests, writes }
}

/// A level of all models together: each end is the sum of theirs.
fn sum_of<'l>(levels: impl Iterator<Item = &'l Level> + Clone) -> Level {
    let output = levels.clone().map(|level| level.output).sum::<Option<u128>>();
    let mut sum: Option<Priced> = None;
    for level in levels {
        sum = Some(match sum {
            None => level.cost.clone(),
            Some(sum) => sum.and_then(|sum| plus(sum, level.cost.clone()?)),
        });
    }
    Level { output, cost: sum.unwrap_or_else(|| Err("there is no request".to_owned())) }
}

fn plus(a: Cost, b: Cost) -> Priced {
    if a.currency != b.currency {
        return Err("the models are priced in several currencies".to_owned());
    }
    let add = |a: Exact, b: Exact| a.plus(b).map_err(|error| error.to_string());
    let mut sum = a;
    sum.bounds.low = add(a.bounds.low, b.bounds.low)?;
    sum.bounds.high = add(a.bounds.high, b.bounds.high)?;
    sum.bounds.open |= b.bounds.open;
    sum.doubts = a.doubts.union(b.doubts);
    Ok(sum)
}

fn print(
    models: &[Model],
    totals: &[Level],
    remarks: &Remarks,
    setup: &Setup<'_>,
    out: &mut String,
) {
    let format = setup.args.output.format;
    let all = models.iter().flat_map(|model| &model.levels).map(|level| &level.cost);
    let currency = currency(all);
    let mut sheet = Sheet::new([
        ("model", Align::Left),
        ("requests", Align::Count),
        ("prompt", Align::Left),
        ("level", Align::Left),
        ("output", Align::Count),
        (currency.as_str(), Align::Amount),
        ("up to", Align::Amount),
        ("kind", Align::Left),
    ]);
    let mut rows = |name: &str, requests: u64, prompt: &Group, levels: &[Level]| {
        for (level, (label, kind)) in levels.iter().zip(LEVELS) {
            let [cost, up_to] = cost_cells(&level.cost);
            let output = level.output.map_or("unknown".to_owned(), |tokens| tokens.to_string());
            let cells = [name, &requests.to_string(), &prompt.to_string(), label, &output];
            let mut cells: Vec<String> = cells.map(str::to_owned).to_vec();
            let LevelKind { word, says } = kind_of(levels, kind);
            cells.extend([cost, up_to, format!("{word}: {says}")]);
            sheet.row(cells);
        }
    };
    for model in models {
        rows(&model.name, model.requests, &model.prompt, &model.levels);
    }
    if models.len() != 1 {
        let mut prompt = Group { low: 0, likely: 0, high: Some(0) };
        for model in models {
            prompt.add(model.prompt, 1);
        }
        rows("all", models.iter().map(|model| model.requests).sum(), &prompt, totals);
    }
    let sheet = sheet.without_empty_columns().spare(&["kind", "requests", "prompt"]);
    if setup.is_bare() {
        sheet.print(format, out);
        return;
    }
    remarks.print_above(out);
    sheet.print(format, out);
    remarks.print_below(out);
}

/// The answer in one line; what each model's numbers rest on, what is assumed, what the provider
/// would refuse, and what became of the lines.
fn remarks(setup: &Setup<'_>, contents: &Contents, models: &[Model], totals: &[Level]) -> Remarks {
    let mut remarks = Remarks::default();
    if let [_, middle, _, upper, cap] = totals {
        remarks.headline = headline(&middle.cost, &upper.cost, &cap.cost, "19 of 20 such batches");
    }
    remarks.reasons.extend(setup.form_assumed(contents));
    for model in models {
        for basis in model.basis_texts() {
            remarks.add(&format!("{}: basis: {basis}", model.name));
        }
        add_card(&model.price, &mut remarks);
        model.plan.iter().for_each(|line| remarks.add(line));
    }
    remarks.add(&totals_held());
    if models.len() > 1 {
        remarks.add("all: sums of each model's ends, wider than a joint interval would be");
    }
    for assumed in assumptions(setup) {
        remarks.add(&assumed);
    }
    let refused = contents.refused_text().unwrap_or_else(|| "the file".to_owned());
    add_refusals(&mut remarks, &refused, &contents.findings);
    add_warnings(&mut remarks, &contents.findings);
    if let Some(lines) = contents.lines_text() {
        remarks.add(&lines);
    }
    remarks
}

/// The kind of a level, unless no answer can have any output.
fn kind_of(levels: &[Level], kind: LevelKind) -> LevelKind {
    let most = levels.last().and_then(|cap| cap.output);
    match (most, kind.word) {
        (Some(0), _) => LevelKind { word: "exact", says: "no output is possible" },
        (None, "cap") => LevelKind { says: "not every answer has a known limit", ..kind },
        _ => kind,
    }
}

fn document(contents: &Contents, models: &[Model], totals: &[Level]) -> EstimateBatchDocument {
    let levels = |all: &[Level]| -> Vec<TotalLevelDocument> {
        let level = |(level, (label, kind)): (&Level, (&str, LevelKind))| {
            let kind = match level.output {
                None => "unknown",
                Some(_) => kind_of(all, kind).word,
            };
            TotalLevelDocument::new(label, kind, level.output, CostDocument::from(&level.cost))
        };
        all.iter().zip(LEVELS).map(level).collect()
    };
    let each = models.iter().map(|model| {
        EstimateModelDocument::new(
            &model.name,
            model.requests,
            model.prompt.document(),
            levels(&model.levels),
            &model.basis_texts().join("; "),
            model.price.clone(),
            &model.plan,
        )
    });
    let counts = [contents.lines, contents.rejected, contents.duplicates];
    let mut document =
        EstimateBatchDocument::new(&contents.name, counts, each.collect(), levels(totals));
    document.findings = found(&contents.findings);
    document
}

impl Setup<'_> {
    /// What only the form of the file says.
    pub(super) fn form_assumed(&self, contents: &Contents) -> impl Iterator<Item = String> {
        contents.form.assumed(self.args.service_tier.is_some())
    }
}

impl Model {
    /// What its numbers rest on; for several kinds of requests, how many are of each.
    pub(super) fn basis_texts(&self) -> Vec<String> {
        match self.bases.as_slice() {
            [(basis, _)] => vec![basis.clone()],
            several => several
                .iter()
                .map(|(basis, count)| format!("{count} of {} requests: {basis}", self.requests))
                .collect(),
        }
    }
}

impl Contents {
    fn lines_of(&self, model: &str) -> &[tokreckon::plan::PlannedLine] {
        self.by_line.get(model).map_or(&[], Vec::as_slice)
    }
}
