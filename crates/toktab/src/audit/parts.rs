//! An audit in parts, one for each thread: added up they are what one auditor would have found.

use super::checks::Checks;
use super::{Auditor, Finding, MAX_ROWS, MAX_SIGHTINGS};

impl Auditor {
    /// An auditor for a part of the input, to be given to [`Auditor::absorb`]. It knows what time
    /// it is, and nothing of a baseline: that needs the rows in their order.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self { checks: Checks::at(self.checks.now), ..Self::default() }
    }

    /// Takes the ids that a part of the auditor has seen since it was last settled. Parts must be
    /// settled in the order of the input: the first record with an id is not a copy.
    pub fn settle(&mut self, part: &mut Self) {
        self.ids.see(&part.sightings);
        part.sightings.clear();
    }

    /// Settles with itself, when much has been put off.
    pub fn settle_own(&mut self) {
        if self.sightings.len() >= MAX_SIGHTINGS {
            self.ids.see(&self.sightings);
            self.sightings.clear();
        }
    }

    /// Adds the findings of a part that has been settled; parts come in any order.
    ///
    /// Records that keep their request must all be in one part: a request repeated within minutes
    /// is looked for among the records of a part.
    pub fn absorb(&mut self, mut part: Self) {
        self.settle(&mut part);
        part.list_quiet();
        self.checks.absorb(part.checks);
        self.looked_at.absorb(part.looked_at);
        for (what, records) in part.not_checked {
            self.unchecked(what, records);
        }
        for (key, other) in part.findings {
            if let Some(finding) = self.findings.get_mut(&key) {
                finding.absorb(other);
            } else {
                self.findings.insert(key, other);
            }
        }
    }
}

impl Finding {
    /// Adds the records of another part. The first rows of both are the first of all, each with
    /// its figures.
    fn absorb(&mut self, other: Self) {
        self.records += other.records;
        self.tokens += other.tokens;
        let has_figures = !self.figures.is_empty() || !other.figures.is_empty();
        let rows = self.rows.drain(..).chain(other.rows);
        let mut figures = self.figures.drain(..).chain(other.figures);
        let mut all: Vec<_> = rows.map(|row| (row, figures.next().unwrap_or_default())).collect();
        drop(figures);
        all.sort_by_key(|(row, _)| *row);
        all.truncate(MAX_ROWS);
        let (rows, figures) = all.into_iter().unzip();
        self.rows = rows;
        self.figures = if has_figures { figures } else { Vec::new() };
        for (currency, amount) in other.at_stake {
            let sum = self.at_stake.entry(currency).or_default();
            *sum = sum.plus(amount).unwrap_or(*sum);
        }
    }
}
