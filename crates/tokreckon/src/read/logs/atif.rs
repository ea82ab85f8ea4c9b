//! Trajectories of agents in the Agent Trajectory Interchange Format (ATIF), as Harbor writes them.
//!
//! A step with `metrics` is a request, unless it says that it made several calls: `prompt_tokens` includes
//! cached ones, `extra` holds what the provider said besides. `final_metrics` adds the steps up. What it
//! holds beyond them is a sum of its own, open upwards: calls of which no step tells. Steps that were copied from the trajectory before are none of this one;
//! trajectories of sub-agents stand inside or in files of their own. The cost is what the harness
//! calculated, in dollars.

use crate::json::Value;

use super::provider_and_model;
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::read::object::{Object, amount, count, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::{Record, Repeats, fingerprint};
use crate::usage::{Layout, Totals};

const TOKENS: &str = "the tokens themselves";

pub(super) const METRICS: &[Member] = &[
    ("prompt_tokens", To::Count(Field::Input)),
    ("completion_tokens", To::Count(Field::Output)),
    ("cached_tokens", To::Count(Field::CacheRead)),
    ("total_prompt_tokens", To::Count(Field::Input)),
    ("total_completion_tokens", To::Count(Field::Output)),
    ("total_cached_tokens", To::Count(Field::CacheRead)),
    ("cost_usd", To::Not("read apart")),
    ("total_cost_usd", To::Not("read apart")),
    ("total_steps", To::Not("steps are no requests")),
    ("prompt_token_ids", To::Not(TOKENS)),
    ("completion_token_ids", To::Not(TOKENS)),
    ("logprobs", To::Not("how likely each token was")),
    (
        "extra",
        To::In(&[
            ("reasoning_tokens", To::Count(Field::Reasoning)),
            ("cache_read_input_tokens", To::Count(Field::CacheRead)),
            ("cache_creation_input_tokens", To::Count(Field::CacheWrite)),
            ("latency_ms", To::Not("how long it took")),
        ]),
    ),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: METRICS, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    text(object, "schema_version").is_some_and(|version| version.starts_with("ATIF-"))
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let agent = inner(object, &["agent"]);
    let of_agent = agent.and_then(|agent| text(agent, "model_name")).unwrap_or("");
    let names = ["session_id", "trajectory_id"].map(|name| text(object, name));
    let session: Vec<&str> = names.into_iter().flatten().collect();
    // Without either, steps of all files have the same numbers.
    let id = |step: &str| {
        if session.is_empty() { String::new() } else { format!("{}/{step}", session.join("/")) }
    };
    let (mut counted, mut copied) = (Metrics::default(), Metrics::default());
    let steps = object.get("steps").and_then(Value::as_array).into_iter().flatten();
    for (at, step) in steps.filter_map(Value::as_object).enumerate() {
        let Some(metrics) = inner(step, &["metrics"]) else {
            each(Item::Skipped { line, why: Skip::NotUsage });
            continue;
        };
        if step.get("is_copied_context") == Some(&Value::Bool(true)) {
            copied.add(metrics)?;
            each(Item::Skipped { line, why: Skip::NotUsage });
            continue;
        }
        let calls = count(step, "llm_call_count")?;
        let number = count(step, "step_id")?.unwrap_or(at as u64);
        let place = Place {
            line,
            number,
            id: id(&number.to_string()),
            model: text(step, "model_name").unwrap_or(of_agent),
            agent: of_agent,
            shape: match calls {
                Some(2..) => Shape::Sum { requests: calls },
                _ => Shape::Request,
            },
        };
        let mut unread = Unread::default();
        let done = SPELLING.read(metrics, Scope::Usage, &[], &mut unread).and_then(|totals| {
            record(&place, &totals, amount(metrics, "cost_usd")?, &mut unread, step, options, each)
        });
        if let Err(problem) = done.and_then(|()| counted.add(metrics)) {
            each(Item::Reject(Reject { line, problem }));
        }
    }
    let inside = object.get("subagent_trajectories").and_then(Value::as_array);
    let inside = || inside.into_iter().flatten().filter_map(Value::as_object);
    if let Some(last) = inner(object, &["final_metrics"]) {
        let mut below = Metrics::default();
        for metrics in inside().filter_map(|of| inner(of, &["final_metrics"])) {
            below.add(metrics)?;
        }
        let place = Place {
            line,
            number: u64::MAX,
            id: id("final"),
            model: of_agent,
            agent: of_agent,
            shape: Shape::Sum { requests: None },
        };
        let done = beyond(last, &counted, [&copied, &below]).and_then(|rest| {
            let Some((totals, cost, mut unread)) = rest else { return Ok(()) };
            record(&place, &totals, cost, &mut unread, object, options, each)
        });
        if let Err(problem) = done {
            each(Item::Reject(Reject { line, problem }));
        }
    }
    for trajectory in inside() {
        self::line(trajectory, line, options, each)?;
    }
    Ok(())
}

/// What metrics of several steps add up to.
#[derive(Default)]
struct Metrics {
    steps: u64,
    /// Input, cached input, output.
    tokens: [u64; 3],
    /// Steps that say what was cached, and what it cost.
    with_cached: u64,
    with_cost: u64,
    cost: Exact,
}

impl Metrics {
    fn add(&mut self, metrics: &Object) -> Result<(), Problem> {
        let totals = SPELLING.read(metrics, Scope::Usage, &[], &mut Unread::default())?;
        let cost = amount(metrics, "cost_usd")?.or(amount(metrics, "total_cost_usd")?);
        let counts = [totals.input, totals.cache_read, totals.output];
        let too_much = |what: &str| Problem::NotACount {
            column: "final_metrics".to_owned(),
            value: format!("{what} of the steps, more than is counted"),
        };
        for (sum, count) in self.tokens.iter_mut().zip(counts) {
            let added = sum.checked_add(count.unwrap_or(0));
            *sum = added.ok_or_else(|| too_much("tokens"))?;
        }
        let added = self.cost.plus(cost.unwrap_or(Exact::ZERO));
        self.cost = added.map_err(|_| too_much("cost"))?;
        self.steps += 1;
        self.with_cached += u64::from(totals.cache_read.is_some());
        self.with_cost += u64::from(cost.is_some());
        Ok(())
    }
}

/// What the metrics of a whole run hold beyond its steps, and beyond those that it may add up besides:
/// copied ones, sub-agents. All of them where no step counts.
fn beyond(
    last: &Object,
    steps: &Metrics,
    others: [&Metrics; 2],
) -> Result<Option<(Totals, Option<Exact>, Unread)>, Problem> {
    let mut unread = Unread::default();
    let totals = SPELLING.read(last, Scope::Usage, &[], &mut unread)?;
    let cost = amount(last, "total_cost_usd")?.or(amount(last, "cost_usd")?);
    if steps.steps == 0 {
        return Ok(Some((totals, cost, unread)));
    }
    let all = [totals.input, totals.cache_read, totals.output].map(|count| count.unwrap_or(0));
    // Steps may hold more: then the run was added up before its end.
    let more = |at: usize| all[at].saturating_sub(steps.tokens[at]);
    let (input, cached, output) = (more(0), more(1), more(2));
    let [copied, below] = others.map(|other| [other.tokens[0], other.tokens[2]].map(u128::from));
    let both = [copied[0] + below[0], copied[1] + below[1]];
    if [[0, 0], copied, below, both].contains(&[input.into(), output.into()]) {
        let says_cached = steps.with_cached == steps.steps && totals.cache_read.is_some();
        if [input, output] == [0, 0] && cached > 0 && says_cached {
            return Err(Problem::Disagree {
                left: format!("total_cached_tokens {}", all[1]),
                right: format!("{} in the steps", steps.tokens[1]),
            });
        }
        return Ok(None);
    }
    unread.add(&["final_metrics (more than the steps)"]);
    let rest = Totals {
        layout: totals.layout,
        input: Some(input),
        cache_read: totals.cache_read.map(|_| cached).filter(|cached| *cached <= input),
        output: Some(output),
        ..Totals::default()
    };
    let costs_all = steps.with_cost == steps.steps;
    let cost = cost.filter(|_| costs_all).map_or(Ok(None), |cost| {
        let rest = cost.minus(steps.cost).map_err(|_| Problem::NotAnAmount {
            column: "total_cost_usd".to_owned(),
            value: cost.to_string(),
        });
        rest.map(|rest| Some(rest).filter(|rest| !rest.is_negative()))
    });
    Ok(Some((rest, cost?, unread)))
}

/// Where metrics stand, and what stands around them.
struct Place<'v> {
    line: u64,
    /// The step.
    number: u64,
    /// Empty where the trajectory has no name.
    id: String,
    model: &'v str,
    /// The model of the agent, which may name the seller where a step does not.
    agent: &'v str,
    shape: Shape,
}

fn record(
    place: &Place<'_>,
    totals: &Totals,
    cost: Option<Exact>,
    unread: &mut Unread,
    step: &Object,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    if totals.input.is_none() && totals.output.is_none() {
        return Err(Problem::NoUsageReported { detail: String::new() });
    }
    let (provider, model) = provider_and_model(place.model, '/');
    let of_agent = provider_and_model(place.agent, '/').0;
    let provider = if provider.is_empty() { of_agent } else { provider };
    let period = period(step, &["timestamp"])?;
    let row = (place.number, place.model, period, totals.counts());
    each(Item::Record(&Record {
        line: place.line,
        provider: if options.provider.is_empty() { provider } else { options.provider },
        model,
        period,
        shape: place.shape,
        totals: Some(*totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        id: &place.id,
        unread: unread.as_str(),
        repeats: if place.id.is_empty() {
            Repeats::SameRow(fingerprint(&row))
        } else {
            Repeats::UniqueId
        },
        ..Record::EMPTY
    }));
    Ok(())
}
