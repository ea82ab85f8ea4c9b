//! What a group is called: the labels of a record, and its day, week or month in the zone asked for.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::{Dimension, GroupKey, GroupTally, Ledger};
use crate::book::Known;
use crate::lookup::Lookup;
use crate::record::Record;
use crate::time::Instant;

#[derive(Debug, Default)]
pub(super) struct DateCache {
    minute: Option<(i64, Date)>,
}

impl Ledger<'_> {
    /// The groups with their labels.
    pub(crate) fn labelled_groups(&self) -> impl Iterator<Item = (Vec<String>, &GroupTally)> {
        self.groups.iter().map(|(key, tally)| {
            let ids = key.iter().take(self.settings.by.len());
            let labels =
                ids.filter_map(|&id| self.labels.get(id as usize)).map(ToString::to_string);
            (labels.collect(), tally)
        })
    }

    pub(super) fn group(&mut self, record: &Record<'_>) -> u32 {
        self.straddling += u64::from(self.straddles_days(record));
        let mut key = GroupKey::default();
        for at in 0..self.settings.by.len().min(key.len()) {
            key[at] = self.label(record, self.settings.by[at]);
        }
        self.group_of(key)
    }

    /// The group with these labels.
    pub(super) fn group_of(&mut self, key: GroupKey) -> u32 {
        *self.group_ids.entry_or_insert_with(key, || {
            self.groups.push((key, GroupTally::default()));
            u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
        })
    }

    pub(super) fn straddles_days(&mut self, record: &Record<'_>) -> bool {
        let Some(period) = record.period.filter(|period| !period.is_instant()) else {
            return false;
        };
        if !self.settings.by.iter().any(|dimension| dimension.is_calendar()) {
            return false;
        }
        let last = Instant(period.end.0 - 1);
        let zone = &self.settings.zone;
        self.dates.date(period.start, zone) != self.last_dates.date(last, zone)
    }

    /// The label of a text, by the shortest way when it is the one last used for this dimension.
    pub(super) fn text_label(&mut self, dimension: Dimension, text: &str) -> u32 {
        let last = self.last_labels[dimension as usize];
        if self.labels.get(last as usize).is_some_and(|label| **label == *text) {
            return last;
        }
        let id = intern_label(&mut self.labels, &mut self.label_ids, text);
        self.last_labels[dimension as usize] = id;
        id
    }

    fn label(&mut self, record: &Record<'_>, dimension: Dimension) -> u32 {
        if let Some(text) = plain_label(record, dimension) {
            return self.text_label(dimension, text);
        }
        let period = record.period.or(self.settings.undated);
        let Some(date) =
            period.and_then(|period| self.dates.date(period.start, &self.settings.zone))
        else {
            return intern_label(&mut self.labels, &mut self.label_ids, "");
        };
        *self.date_labels.entry_or_insert_with((dimension, date), || {
            let text = match dimension {
                Dimension::Week => monday(date).to_string(),
                Dimension::Month => format!("{:04}-{:02}", date.year(), date.month()),
                _ => date.to_string(),
            };
            intern_label(&mut self.labels, &mut self.label_ids, &text)
        })
    }
}

pub(super) fn intern_label(
    labels: &mut Vec<Box<str>>,
    ids: &mut Lookup<Box<str>, u32>,
    text: &str,
) -> u32 {
    if let Some(&id) = ids.get(text) {
        return id;
    }
    let id = u32::try_from(labels.len()).unwrap_or(u32::MAX);
    labels.push(text.into());
    ids.insert(text.into(), id);
    id
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

impl DateCache {
    /// The local date. Since 1972 zones change their offset at full minutes only, but not at full
    /// quarters of an hour: Newfoundland did at 00:01.
    fn date(&mut self, at: Instant, zone: &TimeZone) -> Option<Date> {
        let minute = at.0.div_euclid(60);
        if let Some((known, date)) = self.minute
            && known == minute
        {
            return Some(date);
        }
        let date = at.date_in(zone)?;
        self.minute = Some((minute, date));
        Some(date)
    }
}
