//! What a group is called: the labels of a record, and its day, week or month in the zone asked for.

use jiff::civil::{Date, Weekday};

use super::names::Names;
use super::{Dimension, GroupKey, GroupTally, Ledger};
use crate::book::Known;
use crate::record::Record;
use crate::time::{Instant, Period};

impl Ledger<'_> {
    /// The groups with their labels.
    pub(crate) fn labelled_groups(&self) -> impl Iterator<Item = (Vec<String>, &GroupTally)> {
        self.groups.iter().map(|(key, tally)| {
            let ids = key.iter().take(self.settings.by.len());
            (ids.map(|&id| self.names.text(id).to_owned()).collect(), tally)
        })
    }

    pub(super) fn group(&mut self, record: &Record<'_>, period: Option<Period>) -> u32 {
        let mut key = GroupKey::default();
        for at in 0..self.settings.by.len().min(key.len()) {
            key[at] = self.label(record, period, self.settings.by[at]);
        }
        self.group_of(key)
    }

    /// The group with these labels.
    pub(super) fn group_of(&mut self, key: GroupKey) -> u32 {
        *self.group_ids.entry_or_insert_with(key, || {
            self.groups.push((key, GroupTally::default()));
            u32::try_from(self.groups.len().saturating_sub(1)).expect("fewer than 2^32 groups")
        })
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
