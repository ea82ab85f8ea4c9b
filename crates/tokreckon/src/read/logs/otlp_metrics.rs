//! OpenTelemetry metrics of programs that call models (OTLP JSON): sums of tokens by model and kind.
//!
//! | metric | kinds of token | input includes | output includes |
//! |---|---|---|---|
//! | `gen_ai.client.token.usage` (histogram) | `gen_ai.token.type`: input, output | cached tokens, not told apart | reasoning, not told apart |
//! | `claude_code.token.usage` | `type`: input, output, cacheRead, cacheCreation | nothing else | reasoning |
//! | `gemini_cli.token.usage` | `type`: input, output, cache, thought, tool | cached tokens | no thoughts |
//!
//! A point is the growth since its start or, where the counter is cumulative, the sum since then: see
//! `otlp_points`. Points that differ in the kind of token alone are one sum. Dollars are those that the
//! program calculated (`claude_code.cost.usage`).
//!
//! One request is counted once. Where a service writes the metric of its program for a model, that of the
//! conventions says the same and gives way. Requests that stand in the file one by one (logs, spans) count,
//! and of the sums of the same service and model no more than what they hold beyond. A sum whose start is not
//! said may hold every request before its end; one that names only the model that was asked for, what another
//! model answered. A metric that is not
//! known and whose name or unit says that it counts tokens or money makes the sums of its service open
//! upwards, with its name.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;

use super::Log;
use super::otlp::{attributes, list, sender, written};
use super::otlp_family::{FAMILIES, Family, Meta};
use super::otlp_points::{Point, Series, Time};
use super::otlp_sum::Sum;
use super::stated::{Names, Stated};
use crate::json::Value;
use crate::read::object::{Object, inner, text};
use crate::read::spelling::{Member, To};
use crate::read::table::Each;
use crate::read::unread::{counts_or_prices, says_nothing};
use crate::read::{Item, Note, Options, Problem, Reject, Skip, shortened};

/// Metrics whose names sound as if they counted tokens or money.
pub(super) const IRRELEVANT: &[Member] = &[
    ("gemini_cli.token.efficiency", To::Not("a share of the tokens that are counted")),
    ("gemini_cli.chat_compression", To::Not("lengths of a history before and after")),
    ("gemini_cli.memory.usage", To::Not("memory of the machine")),
    ("gemini_cli.cpu.usage", To::Not("time of the processor")),
];

/// Words of metrics about a machine, which uses no tokens.
const OF_MACHINES: [&str; 9] =
    ["memory", "cpu", "disk", "filesystem", "network", "heap", "gc", "thread", "connections"];

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("resourceMetrics")
}

/// What was seen of the counters of a file.
#[derive(Default)]
pub(super) struct Counters {
    /// By family and all attributes but the kind of token.
    series: BTreeMap<(usize, String), Series>,
    /// Metrics that may count and are not known: by sender the names, and the first line.
    unknown: BTreeMap<String, (BTreeSet<String>, u64)>,
    sums: Vec<Sum>,
    said: bool,
}

impl Log for Counters {
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        _options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        if !self.said {
            self.said = true;
            each(Item::Note(Note::SumsOfMetrics));
        }
        let mut counts = false;
        for resource in list(object, "resourceMetrics") {
            match self.resource(resource, line, each) {
                Ok(found) => counts |= found,
                Err(problem) => {
                    counts = true;
                    each(Item::Reject(Reject { line, problem }));
                }
            }
        }
        if !counts {
            each(Item::Skipped { line, why: Skip::NotUsage });
        }
        Ok(())
    }

    fn give_way(&mut self, stated: &Stated, each: Each<'_>) {
        for ((at, _), series) in std::mem::take(&mut self.series) {
            if let Some(family) = FAMILIES.get(at) {
                series.add_up(family, &mut self.sums, each);
            }
        }
        self.sums.sort_by_key(Sum::line);
        let own: BTreeSet<(String, String)> = self
            .sums
            .iter()
            .filter(|sum| !sum.family.is_of_conventions())
            .map(|sum| (sum.sender.clone(), sum.model.clone()))
            .collect();
        let mut families: BTreeMap<&str, BTreeMap<Names, Vec<Sum>>> = BTreeMap::new();
        for sum in std::mem::take(&mut self.sums) {
            if sum.family.is_of_conventions()
                && sum.models().any(|model| own.contains(&(sum.sender.clone(), model.to_owned())))
            {
                each(Item::Skipped { line: sum.line(), why: Skip::RepeatsItsParts });
                continue;
            }
            let groups = families.entry(sum.family.tokens).or_default();
            groups.entry(sum.names()).or_default().push(sum);
        }
        for groups in families.into_values() {
            let asked = |(names, sums): (Names, Vec<Sum>)| {
                let asked = sums.iter().flat_map(Sum::models).map(str::to_owned).collect();
                (Names { asked, ..names }, sums)
            };
            let groups: Vec<(Names, Vec<Sum>)> = groups.into_iter().map(asked).collect();
            let names: Vec<&Names> = groups.iter().map(|(names, _)| names).collect();
            let repeated = stated.repeated(&names);
            for ((_, sums), requests) in groups.into_iter().zip(repeated) {
                self.sums.extend(Sum::beyond(sums, &requests, each));
            }
        }
        self.sums.sort_by_key(Sum::line);
        for (sender, (names, line)) in std::mem::take(&mut self.unknown) {
            let mut open = self.sums.iter_mut().filter(|sum| sum.sender == sender).peekable();
            if open.peek().is_none() {
                let value = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let problem = Problem::NotAWord {
                    column: "name".to_owned(),
                    value: shortened(value.as_bytes()),
                    expected: "a metric that is known, such as `gen_ai.client.token.usage`",
                };
                each(Item::Reject(Reject { line, problem }));
            }
            open.for_each(|sum| names.iter().for_each(|name| sum.unread.add(&[name])));
        }
    }

    fn finish(&mut self, options: &Options<'_>, each: Each<'_>) {
        for sum in std::mem::take(&mut self.sums) {
            sum.hand_over(options, each);
        }
    }
}

impl Counters {
    /// Takes the points of a service; false where none counts.
    fn resource(&mut self, resource: &Object, line: u64, each: Each<'_>) -> Result<bool, Problem> {
        let sender = sender(resource)?;
        let (room, mut of) = (Bump::new(), String::new());
        if let Some(resource) = inner(resource, &["resource"]) {
            of = written(&attributes(resource, &room)?, "");
        }
        let mut counts = false;
        for scope in list(resource, "scopeMetrics") {
            let name = inner(scope, &["scope"]).and_then(|scope| text(scope, "name"));
            let of = format!("{of}\n{}", name.unwrap_or(""));
            for metric in list(scope, "metrics") {
                counts |= self.metric(metric, &sender, &of, line, each);
            }
        }
        Ok(counts)
    }

    /// Takes the points of a metric; false where it is none that counts.
    fn metric(
        &mut self,
        metric: &Object,
        sender: &str,
        of: &str,
        line: u64,
        each: Each<'_>,
    ) -> bool {
        let name = text(metric, "name").unwrap_or("");
        let is = |family: &Family| family.tokens == name || family.dollars == Some(name);
        let data = ["sum", "histogram", "exponentialHistogram"];
        let known = FAMILIES.iter().enumerate().find(|(_, family)| is(family));
        let (Some((at, family)), Some(data)) = (known, inner(metric, &data)) else {
            let counts = may_count(metric, name);
            if counts {
                let new = || (BTreeSet::new(), line);
                let (names, _) = self.unknown.entry(sender.to_owned()).or_insert_with(new);
                names.insert(name.to_owned());
            }
            return counts;
        };
        let is_tokens = family.tokens == name;
        for point in list(data, "dataPoints") {
            if let Err(problem) = self.point(at, family, is_tokens, data, point, (sender, of), line)
            {
                each(Item::Reject(Reject { line, problem }));
            }
        }
        true
    }

    #[expect(clippy::too_many_arguments, reason = "a point, and what stands around it")]
    fn point(
        &mut self,
        at: usize,
        family: &'static Family,
        is_tokens: bool,
        data: &Object,
        point: &Object,
        (sender, of): (&str, &str),
        line: u64,
    ) -> Result<(), Problem> {
        let room = Bump::new();
        let attributes = attributes(point, &room)?;
        let kind = is_tokens.then(|| text(&attributes, family.kind).unwrap_or(""));
        let time = Time::of(data, point)?;
        let read = Point::read(is_tokens, point, time, line)?;
        let key = format!("{of}\n{}", written(&attributes, family.kind));
        let series = self
            .series
            .entry((at, key))
            .or_insert_with(|| Series::new(Meta::of(family, &attributes, sender)));
        series.take(family, kind, read)
    }
}

/// True for a metric that is not known and may count tokens or money: by its name or its unit, where a
/// point of it is not zero.
fn may_count(metric: &Object, name: &str) -> bool {
    let unit = text(metric, "unit").unwrap_or("").to_ascii_lowercase();
    let by_unit = ["token", "usd", "dollar"].iter().any(|word| unit.contains(word));
    let of_machine = name.split(['.', '_']).any(|word| OF_MACHINES.contains(&word));
    let known = IRRELEVANT.iter().any(|(known, _)| *known == name);
    if known || of_machine || !(by_unit || counts_or_prices(name)) {
        return false;
    }
    let data = metric.values().filter_map(Value::as_object);
    let mut points = data.flat_map(|data| list(data, "dataPoints"));
    points.any(|point| {
        let values =
            ["sum", "asInt", "asDouble", "count"].iter().filter_map(|name| point.get(name));
        values.into_iter().any(|value| !says_nothing(value) && value.as_str() != Some("0"))
    })
}
