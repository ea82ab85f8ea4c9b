//! Groups added up again: by fewer dimensions, or under other labels.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Group, Groups, Report};
use crate::ledger::{Dimension, NotChargedTally};
use crate::money::InexactError;

/// Groups being added up.
#[derive(Default)]
pub(super) struct Sum {
    group: Group,
    not_charged: BTreeMap<String, NotChargedTally>,
}

impl Report {
    /// The same charges grouped by some of this report's dimensions, to the same last digit.
    ///
    /// A dimension that this report is not grouped by has empty labels.
    ///
    /// # Errors
    /// When an exact sum needs more than 38 digits.
    pub fn regrouped(&self, by: &[Dimension]) -> Result<Self, InexactError> {
        let places: Vec<Option<usize>> = by
            .iter()
            .map(|dimension| self.by.iter().position(|other| other == dimension))
            .collect();
        let mut report = self.relabelled(by.to_vec(), &mut |labels| {
            let label = |place: &Option<usize>| place.and_then(|at| labels.get(at).cloned());
            places.iter().map(|place| label(place).unwrap_or_default()).collect()
        })?;
        if !by.iter().any(|dimension| dimension.is_calendar()) {
            report.straddling = 0;
        }
        Ok(report)
    }

    /// The same charges under other labels: groups that come to have the same labels become one.
    ///
    /// # Errors
    /// When an exact sum needs more than 38 digits.
    pub fn relabelled(
        &self,
        by: Vec<Dimension>,
        relabel: &mut dyn FnMut(&[String]) -> Vec<String>,
    ) -> Result<Self, InexactError> {
        // Labels alone, and then group after group: never more than one of them unpacked.
        let named = |labels: Vec<String>| Group { labels: relabel(&labels), ..Group::default() };
        let named: Groups = self.groups.labels().map(named).collect();
        let mut order: Vec<usize> = (0..named.len()).collect();
        order.sort_by(|&a, &b| named.by_labels(a, b));
        let mut groups = Groups::default();
        for alike in order.chunk_by(|&a, &b| named.by_labels(a, b).is_eq()) {
            let mut sum = Sum::default();
            for group in alike.iter().filter_map(|&at| self.groups.get(at)) {
                sum.add(&group)?;
            }
            let labels = named.get(alike[0]).map(|group| group.labels);
            groups.push(&sum.finish(labels.unwrap_or_default()));
        }
        Ok(Self {
            by,
            groups,
            total: self.total.clone(),
            unreadable: self.unreadable,
            straddling: self.straddling,
            days: self.days,
            rounding: self.rounding.clone(),
            meters: self.meters.clone(),
            provenance: self.provenance.clone(),
        })
    }
}

impl Sum {
    /// A sum that begins with a group that has no records without a charge.
    pub(super) const fn of(group: Group) -> Self {
        Self { group, not_charged: BTreeMap::new() }
    }

    /// What was summed, but for records that were not charged.
    pub(super) const fn group(&mut self) -> &mut Group {
        &mut self.group
    }

    /// Adds records that were not charged to those of the same reason: reasons that read alike are one.
    pub(super) fn add_not_charged(&mut self, tally: &NotChargedTally) {
        let key = format!("{} {}", tally.reason.code(), tally.reason);
        let new = || NotChargedTally::new(Arc::clone(&tally.reason));
        self.not_charged.entry(key).or_insert_with(new).absorb(tally);
    }

    pub(super) fn add(&mut self, other: &Group) -> Result<(), InexactError> {
        let sum = &mut self.group;
        sum.records.add(other.records);
        sum.doubts = sum.doubts.union(other.doubts);
        for (path, records) in &other.unread {
            *sum.unread.entry(path.clone()).or_default() += records;
        }
        sum.assumptions = sum.assumptions.union(other.assumptions);
        sum.with_reported += other.with_reported;
        sum.unsplit_output += other.unsplit_output;
        sum.unsplit_input += other.unsplit_input;
        for (meter, count) in other.counts.iter() {
            sum.counts.add(meter, count);
        }
        for (&currency, &bounds) in &other.costs {
            sum.costs.entry(currency).add(bounds)?;
        }
        for (&currency, &amount) in &other.firm {
            let sum = sum.firm.entry(currency);
            *sum = sum.plus(amount)?;
        }
        for (&currency, &amount) in &other.reported {
            let sum = sum.reported.entry(currency);
            *sum = sum.plus(amount)?;
        }
        for (&key, &count) in &other.unpriced {
            *sum.unpriced.entry(key).or_default() += count;
        }
        for tally in &other.not_charged {
            self.add_not_charged(tally);
        }
        Ok(())
    }

    pub(super) fn finish(self, labels: Vec<String>) -> Group {
        let not_charged = self.not_charged.into_values().collect();
        Group { labels, not_charged, ..self.group }
    }
}
