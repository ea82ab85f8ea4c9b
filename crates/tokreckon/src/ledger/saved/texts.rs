//! The texts of a saved ledger, all of them: what must not be kept is replaced before it is written.

use std::collections::BTreeMap;

use super::{SavedCell, SavedError, SavedLedger, SavedOutcome, SavedSource, SavedSums};

impl SavedLedger {
    /// The same ledger with other texts in the place of some, wherever they come from what was read:
    /// names of files, providers, models, projects and the like, paths of members, reasons. `other` says
    /// what stands for a text, `None` where it stays. Cells that differ no more become one.
    ///
    /// ```
    /// use tokreckon::ledger::saved::SavedLedger;
    /// let ledger = SavedLedger::new(&[], "UTC");
    /// assert_eq!(ledger.clone().with_texts(&|_| Some("hidden".to_owned())), Ok(ledger));
    /// ```
    ///
    /// # Errors
    /// When reported costs of cells that become one have too many digits in sum.
    pub fn with_texts(
        mut self,
        other: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SavedError> {
        for source in self.sources.values_mut() {
            source.replace_texts(other)?;
        }
        Ok(self)
    }
}

/// Puts another text in its place, where there is one.
fn replace(text: &mut String, other: &dyn Fn(&str) -> Option<String>) {
    if let Some(other) = other(text) {
        *text = other;
    }
}

// Every field is named in these: one that comes later is not forgotten.
impl SavedSource {
    fn replace_texts(&mut self, other: &dyn Fn(&str) -> Option<String>) -> Result<(), SavedError> {
        // Formats, kinds of rows and notes are words of this library.
        let Self { name, format: _, rows: _, notes: _, replaced: _, conflicts: _, cells } = self;
        replace(name, other);
        for (mut cell, mut sums) in std::mem::take(cells) {
            cell.replace_texts(other);
            sums.replace_texts(other);
            let sum: &mut SavedSums = cells.entry(cell).or_default();
            sum.add(&sums).map_err(|_| SavedError::Digits)?;
        }
        Ok(())
    }
}

impl SavedCell {
    fn replace_texts(&mut self, other: &dyn Fn(&str) -> Option<String>) {
        let Self {
            provider,
            model,
            service_tier: _,
            variant,
            labels,
            time: _,
            is_request: _,
            outcome,
            unreported: _,
            metered: _,
            assumed: _,
        } = self;
        let reason = match outcome {
            SavedOutcome::Refused { code: _, reason } => Some(reason),
            SavedOutcome::Charged { .. } | SavedOutcome::CostOnly => None,
        };
        let texts = [provider, model].into_iter().chain(variant).chain(labels).chain(reason);
        texts.for_each(|text| replace(text, other));
    }
}

impl SavedSums {
    fn replace_texts(&mut self, other: &dyn Fn(&str) -> Option<String>) {
        let Self {
            records: _,
            straddling: _,
            counts: _,
            prompt: _,
            tokens: _,
            reported: _,
            unread,
        } = self;
        let mut replaced: BTreeMap<String, u64> = BTreeMap::new();
        for (mut paths, records) in std::mem::take(unread) {
            replace(&mut paths, other);
            let sum = replaced.entry(paths).or_default();
            *sum = sum.saturating_add(records);
        }
        *unread = replaced;
    }
}
