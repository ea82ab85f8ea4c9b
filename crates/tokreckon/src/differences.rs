//! Two price books side by side: same, different, or in one of them only, with exact ratios.
//!
//! Prices are compared per provider, model, meter and conditions, at one instant or over all time.
//! What counts is what is said, not how: a window by its hours and not by its name, `>= 200,000`
//! like `> 199,999`, an alias like the id it leads to. A price that is not sourced is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tokreckon_data::table::{Bound, Model, Price, Provider, Tables};

use crate::money::Exact;
use crate::price::{Comparison, Precision, Rate, Scope, ServiceTier, State};
use crate::time::{DAY_SECONDS, Instant, day_text};
use crate::usage::Meter;

/// One price of two books.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Difference<'b> {
    /// Who sends the bill.
    pub provider: &'b str,
    /// Model id.
    pub model: &'b str,
    /// What is counted.
    pub meter: Meter,
    /// Under which conditions.
    pub conditions: Conditions<'b>,
    /// Start and end in Unix seconds, where the whole of time is compared; `None` for an end that
    /// neither book gives.
    pub period: (Option<i64>, Option<i64>),
    /// The price of the first book.
    pub left: Option<Rate<'b>>,
    /// The price of the second book.
    pub right: Option<Rate<'b>>,
    /// How they compare.
    pub outcome: DifferenceOutcome,
}

/// How two prices compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DifferenceOutcome {
    /// Equal amounts for the same thing, whatever their units.
    Same,
    /// Different amounts, or a price against none.
    Differ,
    /// In the first book only.
    OnlyLeft,
    /// In the second book only.
    OnlyRight,
}

impl DifferenceOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Same, Self::Differ, Self::OnlyLeft, Self::OnlyRight];

    /// One word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differ => "differ",
            Self::OnlyLeft => "left",
            Self::OnlyRight => "right",
        }
    }
}

/// Under which conditions a price holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conditions<'b> {
    /// Service tier.
    pub service_tier: ServiceTier,
    /// Region or another variant; empty for none.
    pub variant: &'b str,
    /// Hours such as `16:30-00:30`; empty for all.
    pub hours: String,
    /// Fewest prompt tokens with which it holds; 0 for always.
    pub from_tokens: u64,
    /// True when it applies to what is beyond the threshold only.
    pub marginal: bool,
    /// Currency.
    pub currency: &'b str,
}

impl fmt::Display for Conditions<'_> {
    /// `batch, geo=us, from 200001 tokens`; nothing for a price without conditions in dollars.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.service_tier != ServiceTier::Standard {
            parts.push(self.service_tier.to_string());
        }
        parts.extend((!self.variant.is_empty()).then(|| self.variant.to_owned()));
        parts.extend((!self.hours.is_empty()).then(|| self.hours.clone()));
        if self.from_tokens > 0 {
            let beyond = if self.marginal { "beyond" } else { "from" };
            parts.push(format!("{beyond} {} tokens", self.from_tokens));
        }
        parts.extend((self.currency != "USD").then(|| self.currency.to_owned()));
        f.write_str(&parts.join(", "))
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Only this provider.
    pub provider: Option<&'a str>,
    /// Only this model id, in any case.
    pub model: Option<&'a str>,
    /// What holds then; all of time when `None`.
    pub at: Option<Instant>,
}

/// Compares two books, sorted by provider, model, meter, conditions and period.
#[must_use]
pub fn compare<'b>(left: &'b Tables, right: &'b Tables, asked: Asked<'_>) -> Vec<Difference<'b>> {
    let mut found = Vec::new();
    let ids: BTreeSet<&str> =
        [left, right].iter().flat_map(|t| t.providers.iter().map(|p| t.str(p.id))).collect();
    for provider in ids {
        if asked.provider.is_some_and(|only| only != provider) {
            continue;
        }
        let sides = [Side::of(left, provider), Side::of(right, provider)];
        let keys: BTreeSet<&str> = sides.iter().flat_map(Side::priced).collect();
        for key in keys {
            if asked.model.is_some_and(|only| only.to_lowercase() != key) {
                continue;
            }
            compare_model(provider, key, &sides, asked.at, &mut found);
        }
    }
    found
}

/// The ratio of the second price to the first: a decimal where it ends, else a fraction.
#[must_use]
pub fn ratio(left: &Rate<'_>, right: &Rate<'_>) -> Option<String> {
    let (left, right) = (left.unit_price()?, right.unit_price()?);
    left.compare(&right)?;
    let numerator = right.amount.times(left.counted_per_unit().ok()?).ok()?;
    let denominator = left.amount.times(right.counted_per_unit().ok()?).ok()?;
    ratio_of(numerator, denominator)
}

/// A quotient of amounts as text: `0.8`, `11/3`; `None` when the divisor is zero.
#[must_use]
pub fn ratio_of(numerator: Exact, denominator: Exact) -> Option<String> {
    if denominator.is_zero() {
        return None;
    }
    if let Ok(quotient) = numerator.divided_by(denominator)
        && quotient.scale() <= 6
    {
        return Some(quotient.to_string());
    }
    let scale = numerator.scale().max(denominator.scale());
    let whole = |number: Exact| -> Option<u128> {
        let power = 10_i128.checked_pow(scale - number.scale())?;
        u128::try_from(number.mantissa().checked_mul(power)?).ok()
    };
    let (mut left, mut right) = (whole(numerator)?, whole(denominator)?);
    let (top, bottom) = (left, right);
    while right != 0 {
        (left, right) = (right, left % right);
    }
    let (top, bottom) = (top / left.max(1), bottom / left.max(1));
    Some(if bottom == 1 { top.to_string() } else { format!("{top}/{bottom}") })
}

/// A provider in one of the books.
struct Side<'b> {
    tables: &'b Tables,
    models: BTreeMap<&'b str, &'b Model>,
}

impl<'b> Side<'b> {
    fn of(tables: &'b Tables, provider: &str) -> Self {
        let is = |p: &&Provider| tables.str(p.id) == provider;
        let rows = tables.providers.iter().find(is).map(|p| p.models).unwrap_or_default();
        let models = Tables::rows(&tables.models, rows);
        Self { tables, models: models.iter().map(|model| (tables.str(model.key), model)).collect() }
    }

    /// Keys of the models that have prices of their own.
    fn priced(&self) -> impl Iterator<Item = &'b str> + '_ {
        let own = |model: &Model| model.prices.start < model.prices.end;
        self.models.iter().filter(move |(_, model)| own(model)).map(|(key, _)| *key)
    }

    /// The prices of a model or of the id it is an alias of, and its id.
    fn rates(&self, key: &str) -> (Option<&'b str>, Vec<Rate<'b>>) {
        let Some(model) = self.models.get(key) else {
            return (None, Vec::new());
        };
        let mut rows = Tables::rows(&self.tables.prices, model.prices);
        let target = self.tables.str(model.alias_of).to_lowercase();
        if let Some(target) = self.models.get(target.as_str()).filter(|_| rows.is_empty()) {
            rows = Tables::rows(&self.tables.prices, target.prices);
        }
        let sourced = rows.iter().filter(|row| row.state != State::NotSourced);
        let rates = sourced.map(|row| Rate { tables: self.tables, row, layer: 0 }).collect();
        (Some(self.tables.str(model.id)), rates)
    }
}

/// The prices of one meter under one set of conditions, in both books.
type Group<'b> = [Vec<Rate<'b>>; 2];

fn compare_model<'b>(
    provider: &'b str,
    key: &'b str,
    sides: &[Side<'b>; 2],
    at: Option<Instant>,
    found: &mut Vec<Difference<'b>>,
) {
    let mut groups: BTreeMap<(Meter, Conditions<'b>), Group<'b>> = BTreeMap::new();
    let mut id = None;
    for (nth, side) in sides.iter().enumerate() {
        let (name, rates) = side.rates(key);
        id = id.or(name);
        for rate in rates {
            let group = groups.entry((rate.meter(), conditions(&rate))).or_default();
            if let Some(side) = group.get_mut(nth) {
                side.push(rate);
            }
        }
    }
    let id = id.unwrap_or(key);
    for ((meter, conditions), [left, right]) in groups {
        let mut add = |period, left: Option<Rate<'b>>, right: Option<Rate<'b>>| {
            let outcome = match (&left, &right) {
                (Some(left), Some(right)) if same(left, right) => DifferenceOutcome::Same,
                (Some(_), Some(_)) => DifferenceOutcome::Differ,
                (Some(_), None) => DifferenceOutcome::OnlyLeft,
                (None, Some(_)) => DifferenceOutcome::OnlyRight,
                (None, None) => return,
            };
            let conditions = conditions.clone();
            found.push(Difference {
                provider,
                model: id,
                meter,
                conditions,
                period,
                left,
                right,
                outcome,
            });
        };
        if let Some(Instant(at)) = at {
            add((None, None), holding(&left, at), holding(&right, at));
            continue;
        }
        for (from, until) in stretches(left.iter().chain(&right)) {
            let (left, right) = (holding(&left, from), holding(&right, from));
            add((Some(from), (until < i64::MAX).then_some(until)), left, right);
        }
    }
}

fn conditions<'b>(rate: &Rate<'b>) -> Conditions<'b> {
    let row: &'b Price = rate.row;
    let from_tokens = match (row.threshold, row.comparison) {
        (0, _) => 0,
        (tokens, Comparison::Above) => tokens.saturating_add(1),
        (tokens, Comparison::AtLeast) => tokens,
    };
    Conditions {
        service_tier: row.service_tier,
        variant: rate.tables.str(row.variant),
        hours: hours(rate.tables, row),
        from_tokens,
        marginal: row.threshold > 0 && row.scope == Scope::Marginal,
        currency: rate.tables.str(row.currency),
    }
}

/// The hours of a window in words, whatever its name.
fn hours(tables: &Tables, row: &Price) -> String {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let window = usize::from(row.window).checked_sub(1).and_then(|at| tables.windows.get(at));
    let Some(window) = window else {
        return String::new();
    };
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let mut spans: Vec<(u16, u16)> =
        window.hours.iter().copied().filter(|span| *span != (0, 0)).collect();
    spans.sort_unstable();
    let spans: Vec<String> =
        spans.into_iter().map(|(start, end)| format!("{}-{}", clock(start), clock(end))).collect();
    let mut text = if row.outside_window { "not ".to_owned() } else { String::new() };
    text.push_str(&spans.join(" and "));
    if window.days != 0b111_1111 {
        let days = DAYS.iter().enumerate().filter(|(day, _)| window.days >> day & 1 == 1);
        text.push_str(" on ");
        text.push_str(&days.map(|(_, day)| *day).collect::<Vec<_>>().join(" "));
    }
    if window.except > 0 {
        text.push_str(" except holidays");
    }
    text
}

/// Start and end in Unix seconds; a price with an unknown start is vouched for from the day on
/// which it was seen, as the book does.
fn period(row: &Price) -> (i64, i64) {
    let from = match row.from.precision {
        Precision::Unknown if row.seen_day == i32::MIN => i64::MIN,
        Precision::Unknown => i64::from(row.seen_day) * DAY_SECONDS,
        _ => row.from.seconds,
    };
    let until = match row.until {
        Bound { precision: Precision::Open | Precision::Unknown, .. } => i64::MAX,
        bound => bound.seconds,
    };
    (from, until)
}

fn holding<'b>(rates: &[Rate<'b>], at: i64) -> Option<Rate<'b>> {
    let holds = |rate: &&Rate<'_>| {
        let (from, until) = period(rate.row);
        from <= at && at < until
    };
    rates.iter().find(holds).copied()
}

/// The stretches of time between the bounds of prices.
fn stretches<'r, 'b: 'r>(rates: impl Iterator<Item = &'r Rate<'b>>) -> Vec<(i64, i64)> {
    let mut bounds: Vec<i64> = rates.flat_map(|rate| <[i64; 2]>::from(period(rate.row))).collect();
    bounds.sort_unstable();
    bounds.dedup();
    bounds.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect()
}

fn same(left: &Rate<'_>, right: &Rate<'_>) -> bool {
    match (left.unit_price(), right.unit_price()) {
        (Some(a), Some(b)) => a.compare(&b).is_some_and(std::cmp::Ordering::is_eq),
        _ => left.state() == right.state(),
    }
}

/// A bound of [`Difference::period`] for people.
#[must_use]
pub fn moment(seconds: i64) -> String {
    match seconds {
        i64::MIN => "unknown".to_owned(),
        seconds if seconds.rem_euclid(DAY_SECONDS) == 0 => {
            day_text(seconds.div_euclid(DAY_SECONDS))
        }
        seconds => Instant(seconds).to_string(),
    }
}

/// A price that another source gives differently, out of [`Rate::also_seen`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Competing {
    /// The amount, in the unit of the price.
    pub amount: String,
    /// Who gives it, and when it was seen.
    pub by: String,
    /// The ratio to the price of the book.
    pub ratio: Option<String>,
}

/// The competing values that the book keeps beside a price.
#[must_use]
pub fn competing(rate: &Rate<'_>) -> Vec<Competing> {
    let price = rate.unit_price().map(|price| price.amount);
    let values = rate.also_seen().split("; ").filter(|part| !part.is_empty());
    values
        .map(|part| {
            let (amount, by) = part.split_once(" (").unwrap_or((part, ""));
            let by = by.strip_suffix(')').unwrap_or(by);
            let ratio = price
                .zip(amount.parse::<Exact>().ok())
                .and_then(|(price, other)| ratio_of(other, price));
            Competing { amount: amount.to_owned(), by: by.to_owned(), ratio }
        })
        .collect()
}
