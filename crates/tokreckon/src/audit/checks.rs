//! The consistency checks, one after the other: each speaks of what it can decide and says what it
//! could not check.

use super::family::Family;
use super::limits;
use super::view::{Checked, Found, View};
use super::{
    Auditor, Code, RowRef, cutoff, prompt, repeated, residual, split, steps, times, units,
};
use crate::book::FindError;
use crate::ledger::{Ledger, NotCharged, Outcome};
use crate::lookup::Lookup;
use crate::money::{Currency, Exact};
use crate::record::Record;
use crate::time::Instant;
use crate::usage::Totals;

/// Said of a record that is counts and nothing else.
pub(super) const NO_TEXT: &str =
    "answers, prompts and repeated requests: the file holds counts only";

/// Said of a record with an answer alone.
const NO_REQUEST: &str = "prompts and repeated requests: no request in the file";

/// What the checks remember from record to record.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) now: Option<Instant>,
    families: Lookup<Box<str>, Option<Family>>,
    requests: repeated::Requests,
    templates: prompt::Templates,
    pub(super) sellers: units::Sellers,
}

impl Checks {
    /// Nothing seen yet at a time.
    pub(super) fn at(now: Option<Instant>) -> Self {
        Self { now, ..Self::default() }
    }

    /// Adds what another part of the input shows.
    pub(super) fn absorb(&mut self, part: Self) {
        self.requests.absorb(&part.requests);
        self.templates.absorb(part.templates);
        self.sellers.absorb(part.sellers);
    }
}

impl Auditor {
    /// An auditor that knows what time it is, for times in the future. The library never asks.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self { checks: Checks::at(Some(now)), ..Self::default() }
    }

    /// Looks at one record; true when its split of the output is impossible.
    pub(super) fn check_consistency(
        &mut self,
        row: RowRef,
        record: &Record<'_>,
        totals: &Totals,
        outcome: &Outcome,
        ledger: &Ledger<'_>,
        stake: Option<(Currency, Exact)>,
    ) -> bool {
        let view = View::new(record, totals, self.family(record.model), outcome, ledger);
        let above = split::reasoning_above_output(&view);
        let impossible = self.take(Code::ReasoningAboveOutput, row, &view, Ok(above));
        if let Some(found) = self.checks.sellers.check(&view, row, stake) {
            // The other checks on counts would say the same once more.
            self.take(Code::NotTokens, row, &view, Ok(Some(found)));
        } else {
            self.check_counts(row, &view);
        }
        self.check_text(row, &view);
        let now = self.checks.now;
        let time = match outcome {
            Outcome::Charged { card, .. } => {
                let limits = self.limits_of(*card, ledger);
                times::impossible(&view, limits.released.as_ref(), now)
            }
            Outcome::NotCharged(NotCharged::NoCard(
                FindError::NotInForce { .. } | FindError::StartUnknown { .. },
            )) => {
                let released = limits::released(ledger, record.provider, record.model);
                times::impossible(&view, released.as_ref(), now)
            }
            _ => times::impossible(&view, None, now),
        };
        self.take(Code::ImpossibleTime, row, &view, time);
        impossible
    }

    fn check_counts(&mut self, row: RowRef, view: &View<'_, '_>) {
        let cached = view.totals.cache_read.unwrap_or(0);
        self.looked_at.cached_in_steps +=
            u64::from(steps::has_cached_in_steps(view.family, cached));
        let checks = [
            (Code::ReasoningOffStep, steps::reasoning(view)),
            (Code::ReasoningOfPlainModel, Ok(split::reasoning_of_plain_model(view))),
            (Code::CachedOffStep, Ok(steps::cached(view))),
        ];
        for (code, checked) in checks {
            self.take(code, row, view, checked);
        }
        if view.counts_only() {
            return;
        }
        self.take(Code::OutputUnexplained, row, view, residual::unexplained(view));
        // What cannot be checked was said by the other half of this check.
        let below = residual::below_visible(view).or(Ok(None));
        self.take(Code::OutputBelowVisible, row, view, below);
        if view.record.evidence.request.is_some() {
            self.take(Code::OutputAboveCap, row, view, cutoff::above_cap(view));
            self.take(Code::PromptDiffers, row, view, prompt::differs(view));
            if let Ok(count) = view.recount() {
                self.checks.templates.add(view, row, count);
            }
        }
    }

    /// What only a request or an answer shows.
    fn check_text(&mut self, row: RowRef, view: &View<'_, '_>) {
        if view.counts_only() {
            self.unchecked(NO_TEXT, 1);
            return;
        }
        self.take(Code::CutBeforeAnswer, row, view, cutoff::empty_answer(view));
        if view.record.evidence.request.is_none() {
            self.unchecked(NO_REQUEST, 1);
            return;
        }
        let repeated = self.checks.requests.check(view, row);
        self.take(Code::RepeatedRequest, row, view, repeated);
    }

    /// Notes what only all records together show.
    pub(super) fn finish_checks(&mut self) {
        let Checks { templates, sellers, .. } = std::mem::take(&mut self.checks);
        for (row, found) in templates.finish() {
            self.note_found(Code::PromptOffsetChanges, row, 0, found);
        }
        for units::Together { records, tokens, rows, hint } in sellers.finish() {
            let more = records.saturating_sub(rows.len() as u64);
            let mut message = None;
            for (at, (row, found)) in rows.into_iter().enumerate() {
                message = Some(found.message.clone());
                self.note_found(Code::NotTokens, row, if at == 0 { tokens } else { 0 }, found);
            }
            let key = message.map(|message| (Code::NotTokens, message));
            if let Some(finding) = key.and_then(|key| self.findings.get_mut(&key)) {
                finding.records += more;
                finding.hint = Some(hint);
            }
        }
        for (message, hint) in sellers.together() {
            if let Some(finding) = self.findings.get_mut(&(Code::NotTokens, message)) {
                finding.hint = Some(hint);
            }
        }
    }

    pub(super) fn family(&mut self, model: &str) -> Option<Family> {
        if let Some(known) = self.checks.families.get(model) {
            return *known;
        }
        let family = Family::of(model);
        self.checks.families.insert(model.into(), family);
        family
    }

    /// Notes the outcome of a check; true when it found something.
    fn take(&mut self, code: Code, row: RowRef, view: &View<'_, '_>, checked: Checked) -> bool {
        match checked {
            Ok(None) => false,
            Ok(Some(found)) => {
                let counts = [view.totals.input, view.totals.output];
                let tokens = counts.into_iter().flatten().map(u128::from).sum();
                self.note_found(code, row, tokens, found);
                true
            }
            Err(why) => {
                self.unchecked(why, 1);
                false
            }
        }
    }

    fn note_found(&mut self, code: Code, row: RowRef, tokens: u128, found: Found) {
        let key = (code, found.message.clone());
        self.note(code, found.message, || None, row, tokens, found.stake);
        if let Some(finding) = self.findings.get_mut(&key)
            && finding.figures.len() < finding.rows.len()
        {
            finding.figures.push(found.figures);
        }
    }
}
