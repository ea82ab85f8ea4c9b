//! Trajectories of agents in the Agent Trajectory Interchange Format (ATIF), as Harbor writes them.
//!
//! A step with `metrics` is a request, unless it says that it made several calls: `prompt_tokens` includes
//! cached ones, `extra` holds what the provider said besides. `final_metrics` adds the steps up. What it
//! holds beyond them is a sum of its own, open upwards: calls of which no step tells. Steps that were copied
//! from the trajectory before are none of this one; trajectories of sub-agents stand inside or in files of
//! their own. A run may add both up besides, or not: where that is not to be seen, as much as they hold is
//! no more than counted already. The cost is what the harness calculated, in dollars.

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

#[expect(clippy::unnecessary_wraps, reason = "the form of all that read a line")]
pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    run(object, line, options, each);
    Ok(())
}

/// Hands over what a run and those inside of it used, and says what that comes to. What cannot be read of it
/// is refused by itself.
fn run(object: &Object, line: u64, options: &Options<'_>, each: Each<'_>) -> Metrics {
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
        let is_copied = step.get("is_copied_context") == Some(&Value::Bool(true));
        let mut one = || {
            let said = Said::of(metrics)?;
            if is_copied {
                each(Item::Skipped { line, why: Skip::NotUsage });
                return Ok(said);
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
            record(&place, &said, step, options, each)?;
            Ok(said)
        };
        match one() {
            Ok(said) if is_copied => copied.add(&said),
            Ok(said) => counted.add(&said),
            Err(problem) => each(Item::Reject(Reject { line, problem })),
        }
    }
    let inside = object.get("subagent_trajectories").and_then(Value::as_array);
    let mut below = Metrics::default();
    for trajectory in inside.into_iter().flatten().filter_map(Value::as_object) {
        below.join(&run(trajectory, line, options, each));
    }
    if let Some(last) = inner(object, &["final_metrics"]) {
        let place = Place {
            line,
            number: u64::MAX,
            id: id("final"),
            model: of_agent,
            agent: of_agent,
            shape: Shape::Sum { requests: None },
        };
        let rest = Said::of(last).and_then(|last| beyond(last, &counted, &copied, &below));
        let rest = rest.and_then(|rest| {
            rest.map_or(Ok(None), |rest| {
                record(&place, &rest, object, options, each).map(|()| Some(rest))
            })
        });
        match rest {
            Ok(rest) => rest.iter().for_each(|rest| counted.add(rest)),
            Err(problem) => each(Item::Reject(Reject { line, problem })),
        }
    }
    counted.join(&below);
    counted
}

/// What metrics say.
struct Said {
    totals: Totals,
    cost: Option<Exact>,
    unread: Unread,
}

impl Said {
    fn of(metrics: &Object) -> Result<Self, Problem> {
        let mut unread = Unread::default();
        let totals = SPELLING.read(metrics, Scope::Usage, &[], &mut unread)?;
        let cost = amount(metrics, "cost_usd")?.or(amount(metrics, "total_cost_usd")?);
        Ok(Self { totals, cost, unread })
    }
}

/// What metrics of several steps add up to.
struct Metrics {
    steps: u64,
    /// Input, cached input, output.
    tokens: [u128; 3],
    /// Each of them says what was cached.
    says_cached: bool,
    /// `None` where one of them does not say, or beyond what an amount can hold.
    cost: Option<Exact>,
}

impl Default for Metrics {
    /// Of no step.
    fn default() -> Self {
        Self { steps: 0, tokens: [0; 3], says_cached: true, cost: Some(Exact::ZERO) }
    }
}

impl Metrics {
    fn add(&mut self, said: &Said) {
        let counts = [said.totals.input, said.totals.cache_read, said.totals.output];
        self.join(&Self {
            steps: 1,
            tokens: counts.map(|count| count.map_or(0, u128::from)),
            says_cached: said.totals.cache_read.is_some(),
            cost: said.cost,
        });
    }

    fn join(&mut self, other: &Self) {
        self.steps += other.steps;
        for (sum, count) in self.tokens.iter_mut().zip(other.tokens) {
            *sum += count;
        }
        self.says_cached &= other.says_cached;
        self.cost = self.cost.zip(other.cost).and_then(|(sum, cost)| sum.plus(cost).ok());
    }
}

/// What the metrics of a whole run hold beyond its steps, and beyond those that it may add up besides: copied
/// ones, all or none, and of sub-agents any. All of them where nothing else counts.
fn beyond(
    last: Said,
    steps: &Metrics,
    copied: &Metrics,
    below: &Metrics,
) -> Result<Option<Said>, Problem> {
    let all = [last.totals.input, last.totals.cache_read, last.totals.output]
        .map(|count| count.unwrap_or(0));
    // Steps may hold more: then the run was added up before its end.
    let more: Vec<u128> =
        all.iter().zip(steps.tokens).map(|(all, of)| u128::from(*all).saturating_sub(of)).collect();
    let holds = |others: [u128; 3]| others[0] <= more[0] && others[2] <= more[2];
    let both = [0, 1, 2].map(|at| copied.tokens[at] + below.tokens[at]);
    let has_others = (copied.steps > 0 && holds(copied.tokens)) || below.steps > 0;
    if steps.steps == 0 && !has_others {
        return Ok(Some(last));
    }
    if [[0; 3], copied.tokens, below.tokens, both]
        .iter()
        .any(|others| (others[0], others[2]) == (more[0], more[2]))
    {
        let says_cached = steps.says_cached && last.totals.cache_read.is_some();
        if (more[0], more[2]) == (0, 0) && more[1] > 0 && says_cached {
            return Err(Problem::Disagree {
                left: format!("total_cached_tokens {}", all[1]),
                right: format!("{} in the steps", steps.tokens[1]),
            });
        }
        return Ok(None);
    }
    let mut taken = Metrics::default();
    taken.join(below);
    if holds(copied.tokens) {
        taken.join(copied);
    }
    let rest = |at: usize| {
        let rest = more[at].saturating_sub(taken.tokens[at]);
        u64::try_from(rest).expect("a part of a count")
    };
    let (input, cached, output) = (rest(0), rest(1), rest(2));
    taken.join(steps);
    let totals = Totals {
        layout: last.totals.layout,
        input: Some(input),
        cache_read: last.totals.cache_read.map(|_| cached).filter(|cached| *cached <= input),
        output: Some(output),
        ..Totals::default()
    };
    let cost = match (last.cost, taken.cost) {
        (Some(all), Some(taken)) => Some(all.minus(taken).map_err(|_| Problem::NotAnAmount {
            column: "total_cost_usd".to_owned(),
            value: all.to_string(),
        })?),
        _ => None,
    };
    let mut unread = last.unread;
    unread.add(&["final_metrics (more than the steps)"]);
    Ok(Some(Said { totals, cost: cost.filter(|cost| !cost.is_negative()), unread }))
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
    said: &Said,
    step: &Object,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let Said { totals, cost, unread } = said;
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
        provider: options.provider_or(provider),
        model,
        period,
        shape: place.shape,
        totals: Some(*totals),
        reported: (*cost).map(|amount| Money { amount, currency: Currency::USD }),
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
