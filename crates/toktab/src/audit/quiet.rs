//! Requests that raise no finding: looked at without building a record, and counted in bulk.

use super::family::Family;
use super::{Auditor, NO_ID, NO_TOTAL, RowRef, checks, limits, split, steps, times};
use crate::ledger::{Ledger, Posted, RawCost};
use crate::record::{Besides, Request};
use crate::time::Period;

/// How many requests that raise no finding were not checked, and by what.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    requests: u64,
    no_total: u64,
    id: u64,
    maximum: u64,
    context: u64,
    no_reasoning: u64,
    not_measured: u64,
    cached_in_steps: u64,
}

/// The names under which a card was used: their families, and the numbers of their sellers.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Vec<Name>>);

#[derive(Debug)]
struct Name {
    provider: Box<str>,
    model: Box<str>,
    family: Option<Family>,
    seller: Option<usize>,
}

/// What is said of a quiet request.
struct Said {
    cost: RawCost,
    /// The place of its name in the card's list.
    name: usize,
    no_maximum: bool,
    no_context: bool,
    steps: Option<&'static str>,
    cached_in_steps: bool,
}

/// Names of a card that are remembered; requests under other names go the long way.
const MAX_NAMES: usize = 16;

impl Auditor {
    /// Looks at a request that [`Ledger::add_request`] has taken, as [`Auditor::observe`] looks at
    /// its record.
    #[inline]
    pub fn observe_request(
        &mut self,
        file: usize,
        request: &Request<'_>,
        posted: &Posted,
        ledger: &Ledger<'_>,
    ) {
        let Some(said) = self.look(request, posted, ledger) else {
            // Whatever is to be said is said in one place.
            let record = request.record();
            if let Some(outcome) = ledger.outcome_of(posted, &record) {
                self.observe(file, &record, &outcome, ledger);
            }
            return;
        };
        self.quiet.requests += 1;
        let has_total = request.besides.is_some_and(|besides| besides.total.is_some());
        self.quiet.no_total += u64::from(!has_total);
        self.quiet.maximum += u64::from(said.no_maximum);
        self.quiet.context += u64::from(said.no_context);
        self.quiet.cached_in_steps += u64::from(said.cached_in_steps);
        match said.steps {
            Some(steps::NO_REASONING) => self.quiet.no_reasoning += 1,
            Some(_) => self.quiet.not_measured += 1,
            None => {}
        }
        let row = RowRef { file, line: request.line };
        if request.input > 0 && request.output > 0 {
            let name = &mut self.names.0[posted.card as usize][said.name];
            let sellers = &mut self.checks.sellers;
            let number = *name.seller.get_or_insert_with(|| {
                sellers.number(ledger.book(), request.provider, request.model)
            });
            sellers.add(number, (request.input, request.output), row, &said.cost);
        }
        if request.id.is_empty() {
            self.quiet.id += 1;
            return;
        }
        self.ids.see_request(request.id, row, posted.tokens(), posted.costs, &said.cost);
    }

    /// What could not be checked of a request; `None` when there may be something to say.
    #[inline]
    fn look(
        &mut self,
        request: &Request<'_>,
        posted: &Posted,
        ledger: &Ledger<'_>,
    ) -> Option<Said> {
        // What a bucket shows is decided where its record is looked at.
        let is_odd = |besides: &Besides| {
            let sum = u128::from(request.input) + u128::from(request.output);
            besides.bucket.is_some() || besides.total.is_some_and(|total| u128::from(total) != sum)
        };
        if request.besides.is_some_and(is_odd) {
            return None;
        }
        if self.window.is_some() || request.model.is_empty() || ledger.leaves_open(posted) {
            return None;
        }
        let (card, now) = (posted.card as usize, self.checks.now);
        let limits = self.limits_of(card, ledger);
        let [no_maximum, no_context] = limits.quiet(posted, request.at)?;
        if times::of(Period::at(request.at), limits.released.as_ref(), now).is_some() {
            return None;
        }
        let cost = ledger.least_cost_of(posted)?;
        let (name, family) = self.name(card, request)?;
        let steps = match steps::is_off_step(family, request.reasoning) {
            Ok(true) => return None,
            Ok(false) => None,
            Err(why) => Some(why),
        };
        let finds = split::is_plain_but_reasons(family, request.reasoning.unwrap_or(0))
            || steps::is_cached_off_step(family, request.cache_read.unwrap_or(0));
        let cached_in_steps = steps::has_cached_in_steps(family, request.cache_read.unwrap_or(0));
        (!finds).then_some(Said { cost, name, no_maximum, no_context, steps, cached_in_steps })
    }

    /// The place of a request's name in its card's list, and its family.
    #[inline]
    fn name(&mut self, card: usize, request: &Request<'_>) -> Option<(usize, Option<Family>)> {
        if let Some(names) = self.names.0.get(card) {
            let is_own =
                |name: &Name| *name.model == *request.model && *name.provider == *request.provider;
            if let Some(at) = names.iter().position(is_own) {
                return Some((at, names[at].family));
            }
        } else {
            self.names.0.resize_with(card + 1, Vec::new);
        }
        let family = self.family(request.model);
        let names = self.names.0.get_mut(card).filter(|names| names.len() < MAX_NAMES)?;
        let (provider, model) = (request.provider.into(), request.model.into());
        names.push(Name { provider, model, family, seller: None });
        Some((names.len() - 1, family))
    }

    /// Lists what was counted without a look at the list.
    pub(super) fn list_quiet(&mut self) {
        let quiet = std::mem::take(&mut self.quiet);
        self.looked_at.records += quiet.requests;
        self.looked_at.cached_in_steps += quiet.cached_in_steps;
        let counts = [
            (NO_TOTAL, quiet.no_total),
            (super::NO_BASELINE, quiet.requests),
            (checks::NO_TEXT, quiet.requests),
            (NO_ID, quiet.id),
            (limits::NO_MAXIMUM, quiet.maximum),
            (limits::NO_CONTEXT, quiet.context),
            (steps::NO_REASONING, quiet.no_reasoning),
            (steps::NOT_MEASURED, quiet.not_measured),
        ];
        for (what, records) in counts.into_iter().filter(|(_, records)| *records > 0) {
            self.unchecked(what, records);
        }
    }
}
