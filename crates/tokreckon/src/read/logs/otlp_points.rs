//! Points of counters: each the growth since its start, or the sum since then.
//!
//! A counter that begins anew says so by a later start. Points come in any order, and exporters send one
//! again when they are not sure that it arrived: so the points of a series are put in the order of their
//! times first. Growth is what a sum has more than the sum before it under one start. A sum that falls
//! though its start stays contradicts the one before, and is refused. Only where no start is said has such
//! a counter begun anew. Growth with the start, the end and the value of another is the same point again.
//! Source of these rules: the data model of OpenTelemetry metrics, "Temporality" and "Resets and gaps".

use std::collections::BTreeMap;

use super::otlp_family::{Family, Kind, Meta, Reading};
use super::otlp_sum::Sum;
use crate::json::Value;
use crate::money::Exact;
use crate::read::object::{Object, amount};
use crate::read::table::Each;
use crate::read::{Item, Problem, Reject, Skip, cell, shortened};

/// When a point was counted, in nanoseconds since 1970, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time {
    is_cumulative: bool,
    /// 0 where it is not said.
    start: i64,
    end: i64,
}

impl Time {
    pub(super) fn of(data: &Object, point: &Object) -> Result<Self, Problem> {
        let written = data.get("aggregationTemporality").map(Value::to_string).unwrap_or_default();
        let written = written.trim_matches('"');
        let is_cumulative = match written {
            "1" | "AGGREGATION_TEMPORALITY_DELTA" => false,
            "2" | "AGGREGATION_TEMPORALITY_CUMULATIVE" => true,
            _ => {
                return Err(Problem::NotAWord {
                    column: "aggregationTemporality".to_owned(),
                    value: shortened(written.as_bytes()),
                    expected: "1 (growth) or 2 (the sum since the start)",
                });
            }
        };
        let nanoseconds = |name: &str| {
            let value = point.get(name).map(Value::to_string).unwrap_or_default();
            let wrong = || Problem::NotATime {
                column: name.to_owned(),
                value: shortened(value.as_bytes()),
            };
            let found = whole(point, name).map_err(|_| wrong())?.unwrap_or(0);
            i64::try_from(found).map_err(|_| wrong())
        };
        let (start, end) = (nanoseconds("startTimeUnixNano")?, nanoseconds("timeUnixNano")?);
        if end == 0 {
            return Err(Problem::MissingCell { column: "timeUnixNano".to_owned() });
        }
        Ok(Self { is_cumulative, start, end })
    }
}

/// A point of a series; one whose exporter left its sum out has no reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    time: Time,
    reading: Option<Reading>,
    line: u64,
}

impl Point {
    /// Reads what a point counts: the sum of a histogram, or the number of a counter.
    pub(super) fn read(
        is_tokens: bool,
        point: &Object,
        time: Time,
        line: u64,
    ) -> Result<Self, Problem> {
        let name = ["sum", "asInt", "asDouble"].into_iter().find(|name| point.contains_key(name));
        let requests = whole(point, "count")?;
        let nothing = Some(Reading { requests, ..Reading::default() });
        let reading = match name {
            // A histogram of nothing, or a point that says that there is no value.
            None if requests == Some(0)
                || whole(point, "flags")?.is_some_and(|set| set & 1 == 1) =>
            {
                nothing
            }
            None => None,
            Some(name) if is_tokens => {
                let tokens = whole(point, name)?;
                tokens.map(|tokens| Reading { tokens, dollars: Exact::ZERO, requests })
            }
            Some(name) => {
                amount(point, name)?.map(|dollars| Reading { tokens: 0, dollars, requests: None })
            }
        };
        Ok(Self { time, reading, line })
    }
}

/// The points of one series, by kind of token; dollars have none.
#[derive(Debug)]
pub(super) struct Series {
    meta: Meta,
    points: BTreeMap<Option<Kind>, Vec<Point>>,
}

impl Series {
    pub(super) const fn new(meta: Meta) -> Self {
        Self { meta, points: BTreeMap::new() }
    }

    pub(super) fn take(
        &mut self,
        family: &Family,
        kind: Option<&str>,
        point: Point,
    ) -> Result<(), Problem> {
        let kind = match kind {
            None => None,
            Some(word) => Some(Kind::of(word).ok_or_else(|| Problem::NotAWord {
                column: family.kind.to_owned(),
                value: shortened(word.as_bytes()),
                expected: "a kind of token such as `input` or `output`",
            })?),
        };
        self.points.entry(kind).or_default().push(point);
        Ok(())
    }

    /// Adds the growth of every interval to the sum of that interval.
    pub(super) fn add_up(self, family: &'static Family, sums: &mut Vec<Sum>, each: Each<'_>) {
        let Self { meta, points } = self;
        let says_dollars = points.contains_key(&None);
        let mut of_interval: BTreeMap<Time, Sum> = BTreeMap::new();
        for (kind, mut points) in points {
            points.sort_by_key(|point| (point.time, point.reading, point.line));
            let mut before: Option<Point> = None;
            for (at, point) in points.iter().copied().enumerate() {
                // What the exporter left out of a sum lies in a later one.
                let is_open = point.time.is_cumulative && point.reading.is_none();
                let is_of_start = |later: &Point| later.time.start == point.time.start;
                let mut later = points.iter().skip(at + 1).filter(|later| is_of_start(later));
                if is_open && later.any(|later| later.reading.is_some()) {
                    continue;
                }
                let same = before.filter(|before| {
                    before.time.is_cumulative == point.time.is_cumulative
                        && before.time.start == point.time.start
                });
                let grown = grown(family, same, point);
                let (from, growth) = match grown {
                    Ok(Some(found)) => found,
                    Ok(None) => {
                        each(Item::Skipped { line: point.line, why: Skip::NoGrowth });
                        continue;
                    }
                    Err(problem) => {
                        each(Item::Reject(Reject { line: point.line, problem }));
                        continue;
                    }
                };
                before = Some(point);
                if growth.is_some_and(|growth| growth.is_nothing()) {
                    continue;
                }
                let new = || Sum::new(family, &meta, point.line, (from, point.time.end));
                let sum = of_interval.entry(point.time).or_insert_with(new);
                sum.says_dollars = says_dollars;
                if let Err(problem) = sum.add(kind, growth, from) {
                    each(Item::Reject(Reject { line: point.line, problem }));
                }
            }
        }
        sums.extend(of_interval.into_values());
    }
}

/// What a point adds, and from when on: nothing where it is the point before once more. `before` is the one
/// before it under the same start.
fn grown(
    family: &Family,
    before: Option<Point>,
    point: Point,
) -> Result<Option<(i64, Option<Reading>)>, Problem> {
    let Time { is_cumulative, start, end } = point.time;
    let Some(before) = before else { return Ok(Some((start, point.reading))) };
    if point.time == before.time && point.reading == before.reading {
        return Ok(None);
    }
    let (Some(now), Some(then), true) = (point.reading, before.reading, is_cumulative) else {
        return Ok(Some((start, point.reading)));
    };
    if now.tokens < then.tokens || now.dollars < then.dollars {
        if start == 0 {
            return Ok(Some((before.time.end, Some(now))));
        }
        let said = |reading: Reading, end: i64| {
            let Reading { tokens, dollars, .. } = reading;
            let value = if dollars.is_zero() { tokens.to_string() } else { dollars.to_string() };
            format!("{} {value} at {end}", family.tokens)
        };
        return Err(Problem::Disagree { left: said(then, before.time.end), right: said(now, end) });
    }
    let dollars = now.dollars.minus(then.dollars).map_err(|_| Problem::NotAnAmount {
        column: family.dollars.unwrap_or(family.tokens).to_owned(),
        value: now.dollars.to_string(),
    })?;
    let requests = match (now.requests, then.requests) {
        (Some(now), Some(then)) => now.checked_sub(then),
        (now, _) => now,
    };
    let growth = Reading { tokens: now.tokens - then.tokens, dollars, requests };
    Ok(Some((before.time.end, Some(growth))))
}

/// A whole number, which OTLP writes as text, as a number, or with a point and nothing behind it.
fn whole(object: &Object, name: &str) -> Result<Option<u64>, Problem> {
    let written = match object.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => (*text).to_owned(),
        Some(other) => other.to_string(),
    };
    let number = cell::amount(written.as_bytes()).filter(|number| number.scale() == 0);
    let whole = number.and_then(|number| u64::try_from(number.mantissa()).ok());
    let wrong =
        || Problem::NotACount { column: name.to_owned(), value: shortened(written.as_bytes()) };
    whole.map(Some).ok_or_else(wrong)
}
