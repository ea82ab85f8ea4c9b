//! Groups by number, and what they are called: the labels of a record, and its day, week or month in the
//! zone asked for.

use jiff::civil::{Date, Weekday};

use super::names::Names;
use super::{Dimension, GroupKey, GroupTally, Ledger, MOST_DIMENSIONS};
use crate::book::Known;
use crate::lookup::{Numbers, Seen};
use crate::record::Record;
use crate::time::{Instant, Period};

/// The groups of a ledger: of a million of them each takes no more than it holds.
#[derive(Debug)]
pub(super) struct KnownGroups {
    /// How many labels a group has.
    dimensions: usize,
    numbers: Numbers,
    /// Numbers of the labels, group after group.
    labels: Vec<u32>,
    /// What each holds besides charged cells; nearly always nothing.
    tallies: Vec<Option<Box<GroupTally>>>,
}

impl KnownGroups {
    pub(super) fn new(by: &[Dimension]) -> Self {
        let dimensions = by.len().min(MOST_DIMENSIONS);
        let (numbers, labels, tallies) = Default::default();
        Self { dimensions, numbers, labels, tallies }
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.tallies.len()
    }

    /// The number of the group with these labels, made when it is not there.
    pub(super) fn number(&mut self, key: &GroupKey) -> u32 {
        let Self { dimensions, numbers, labels, tallies } = self;
        let key = &key[..*dimensions];
        let is_it = |group: u32| labels_of(labels, *dimensions, group) == key;
        let (number, seen) = numbers.number(key, is_it, tallies.len());
        if seen == Seen::First {
            labels.extend_from_slice(key);
            tallies.push(None);
        }
        number
    }

    /// What a group holds besides charged cells.
    pub(super) fn tally(&mut self, group: u32) -> &mut GroupTally {
        self.tallies[group as usize].get_or_insert_default()
    }

    /// The groups in the order of their numbers: their labels, and what each holds besides cells.
    pub(super) fn into_all(self) -> impl Iterator<Item = (Vec<u32>, Option<Box<GroupTally>>)> {
        let Self { dimensions, labels, tallies, .. } = self;
        let of = move |group| labels_of(&labels, dimensions, group).to_vec();
        (0..).zip(tallies).map(move |(group, tally)| (of(group), tally))
    }
}

fn labels_of(labels: &[u32], dimensions: usize, group: u32) -> &[u32] {
    let start = (group as usize).saturating_mul(dimensions);
    &labels[start..start.saturating_add(dimensions)]
}

impl Ledger<'_> {
    /// The labels of a group.
    pub(crate) fn labels(&self, group: u32) -> impl Iterator<Item = &str> {
        let KnownGroups { dimensions, labels, .. } = &self.groups;
        labels_of(labels, *dimensions, group).iter().map(|&label| self.names.text(label))
    }

    /// What a group holds besides charged cells, if anything.
    pub(crate) fn group_tally(&self, group: u32) -> Option<&GroupTally> {
        self.groups.tallies.get(group as usize)?.as_deref()
    }

    /// The numbers of the groups, sorted by their labels.
    pub(crate) fn sorted_groups(&self) -> Vec<u32> {
        let mut groups: Vec<u32> = (0..).take(self.groups.count()).collect();
        groups.sort_unstable_by(|&a, &b| self.labels(a).cmp(self.labels(b)));
        groups
    }

    pub(super) fn group(&mut self, record: &Record<'_>, period: Option<Period>) -> u32 {
        let mut key = GroupKey::default();
        for at in 0..self.settings.by.len().min(key.len()) {
            key[at] = self.label(record, period, self.settings.by[at]);
        }
        self.groups.number(&key)
    }

    /// True for a period that reaches over more than one day of the zone.
    pub(super) fn spans_days(&self, period: Period) -> bool {
        let zone = &self.settings.zone;
        !period.is_instant()
            && period.start.date_in(zone) != Instant(period.end.0.saturating_sub(1)).date_in(zone)
    }

    /// True where records are told apart by day, week or month.
    pub(super) fn is_by_calendar(&self) -> bool {
        self.settings.by.iter().any(|by| by.is_calendar())
    }

    fn label(&mut self, record: &Record<'_>, period: Option<Period>, by: Dimension) -> u32 {
        let said = match (by, record.service_tier, self.settings.service_tier) {
            (Dimension::ServiceTier, Known::Unknown, Some(tier)) => Some(tier.as_str()),
            _ => plain_label(record, by),
        };
        if let Some(text) = said {
            return self.names.number(text);
        }
        let date = period.and_then(|period| period.start.date_in(&self.settings.zone));
        let Some(date) = date else { return Names::EMPTY };
        let text = match by {
            Dimension::Week => monday(date).to_string(),
            Dimension::Month => format!("{:04}-{:02}", date.year(), date.month()),
            _ => date.to_string(),
        };
        self.names.number(&text)
    }
}

/// Labels that need no calendar.
pub(crate) fn plain_label<'r>(record: &Record<'r>, dimension: Dimension) -> Option<&'r str> {
    match dimension {
        Dimension::Provider => Some(record.provider),
        Dimension::Model => Some(record.model),
        Dimension::Project => Some(record.project),
        Dimension::ApiKey => Some(record.api_key),
        Dimension::User => Some(record.user),
        Dimension::LineItem => Some(record.line_item),
        Dimension::Session => Some(record.origin.session),
        Dimension::Agent => Some(record.origin.agent),
        Dimension::Label(_) => Some(record.origin.label),
        Dimension::ServiceTier => Some(match record.service_tier {
            Known::Is(tier) => tier.as_str(),
            Known::Unknown => "unknown",
        }),
        Dimension::Day | Dimension::Week | Dimension::Month => None,
    }
}

fn monday(date: Date) -> Date {
    let back = i64::from(date.weekday().since(Weekday::Monday));
    date.checked_sub(jiff::Span::new().days(back)).unwrap_or(date)
}
