//! Requests that raise no finding: looked at without building a record, and counted in bulk.
//!
//! Whatever is the same for all requests under one price is looked up once, for a [`Desk`]; what is
//! the same for all under one name, once for a [`Name`]. A request is then a few comparisons and sums.

use std::iter;

use super::family::Family;
use super::packed::Short;
use super::units::Sums;
use super::{Auditor, NO_ID, NO_TOTAL, RowRef, checks, limits, split, steps, times};
use crate::ledger::{CostsOfOne, Ledger, Posted, RawCost};
use crate::record::{Besides, Request};

/// Desks by the number of the ledger's least costs, and what was counted at them.
#[derive(Debug, Default)]
pub(super) struct Quiet(Vec<Option<Desk>>);

/// What is the same for every request with the same card, situation and terms.
#[derive(Debug)]
struct Desk {
    costs: CostsOfOne,
    /// The number of its currency and scale among the ids.
    kind: Option<u8>,
    /// Most input and output tokens.
    most: [u64; 2],
    /// Whether these are known.
    knows: [bool; 2],
    /// Seconds at which nothing is to be said about the time: from the first until the last.
    from: i64,
    until: i64,
    /// The first name; nearly always there is no other.
    first: Name,
    others: Vec<Name>,
}

/// A name under which there are requests.
#[derive(Debug)]
struct Name {
    /// As in [`Posted`].
    labels: [u32; 2],
    family: Option<Family>,
    /// No rule speaks of the steps of its counts or its reasoning.
    has_no_rule: bool,
    /// None before the first request with input and output.
    sums: Option<Sums>,
    counts: Counts,
}

/// How many requests that raise no finding were not checked, and by what.
#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    no_total: u64,
    id: u64,
    no_reasoning: u64,
    not_measured: u64,
    cached_in_steps: u64,
}

/// Names at a desk that are remembered; requests under other names go the long way.
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
        if self.pass(file, request, posted).is_none() {
            self.look_closer(file, request, posted, ledger);
        }
    }

    /// Counts a request about which nothing is to be said; `None` leaves everything as it was.
    #[inline]
    fn pass(&mut self, file: usize, request: &Request<'_>, posted: &Posted) -> Option<()> {
        let desk = self.quiet.0.get_mut(posted.costs as usize)?.as_mut()?;
        let finds = self.window.is_some()
            || desk.costs.unpriced & posted.metered != 0
            || request.input > desk.most[0]
            || request.output > desk.most[1]
            || request.at.0 < desk.from
            || request.at.0 >= desk.until
            || request.besides.is_some_and(|besides| is_odd(request, besides));
        if finds {
            return None;
        }
        let mantissa = desk.costs.least(posted)?;
        let CostsOfOne { scale, currency, .. } = desk.costs;
        let cost = RawCost { mantissa, scale, currency };
        let kind = desk.kind;
        let name = desk.name(posted.names)?;
        let mut sums = if has_both(request) { Some(name.sums.as_mut()?) } else { None };
        if !name.has_no_rule {
            name.counts.check(name.family, request)?;
        }
        name.counts.requests += 1;
        let has_total = request.besides.is_some_and(|besides| besides.total.is_some());
        name.counts.no_total += u64::from(!has_total);
        let row = RowRef { file, line: request.line };
        if let Some(sums) = &mut sums {
            let counts = (request.input, request.output);
            self.checks.sellers.add_to(sums, counts, row, &cost);
        }
        if request.id.is_empty() {
            name.counts.id += 1;
            return Some(());
        }
        let tokens = posted.tokens();
        match (kind, u32::try_from(tokens), u64::try_from(mantissa)) {
            (Some(kind), Ok(tokens), Ok(mantissa)) if mantissa <= Short::MOST => {
                self.ids.see_short(request.id.as_bytes(), row, tokens, kind, mantissa);
            }
            _ => self.ids.see(request.id.as_bytes(), row, tokens, Some(cost)),
        }
        Some(())
    }

    /// Looks at a request for which there is no desk or no name yet, or something to be said.
    #[inline(never)]
    fn look_closer(
        &mut self,
        file: usize,
        request: &Request<'_>,
        posted: &Posted,
        ledger: &Ledger<'_>,
    ) {
        let is_new = self.open_desk(request, posted, ledger).unwrap_or(false);
        if is_new && self.pass(file, request, posted).is_some() {
            return;
        }
        // Whatever is to be said is said in one place.
        let record = request.record();
        if let Some(outcome) = ledger.outcome_of(posted, &record) {
            self.observe(file, &record, &outcome, ledger);
        }
    }

    /// Remembers a request's price and name; false when they were known, and `None` when there is
    /// no need or no room.
    fn open_desk(
        &mut self,
        request: &Request<'_>,
        posted: &Posted,
        ledger: &Ledger<'_>,
    ) -> Option<bool> {
        if self.window.is_some() || request.model.is_empty() {
            return None;
        }
        let number = posted.costs as usize;
        if self.quiet.0.len() <= number {
            self.quiet.0.resize_with(number + 1, || None);
        }
        let family = self.family(request.model.as_str());
        let is_new_desk = self.quiet.0[number].is_none();
        if is_new_desk {
            self.quiet.0[number] =
                Some(self.desk(Name::new(posted.names, family), posted, ledger)?);
        }
        let desk = self.quiet.0[number].as_mut()?;
        let is_new_name = is_new_desk || desk.name(posted.names).is_none();
        if is_new_name && !is_new_desk {
            if desk.others.len() >= MAX_NAMES {
                return None;
            }
            desk.others.push(Name::new(posted.names, family));
        }
        let name = desk.name(posted.names)?;
        let is_first = has_both(request) && name.sums.is_none();
        if is_first {
            let sellers = &mut self.checks.sellers;
            let number =
                sellers.number(ledger.book(), request.provider.as_str(), request.model.as_str());
            name.sums = Some(Sums::of(number));
        }
        Some(is_new_name || is_first)
    }

    fn desk(&mut self, first: Name, posted: &Posted, ledger: &Ledger<'_>) -> Option<Desk> {
        let costs = ledger.costs_of_one(posted)?;
        let kind = self.ids.kind(costs.currency, costs.scale);
        let now = self.checks.now;
        let limits = self.limits_of(posted.card as usize, ledger);
        let most = limits.most();
        let (from, until) = times::span(limits.released.as_ref(), now);
        Some(Desk {
            costs,
            kind: u8::try_from(kind).ok(),
            most: most.map(|most| most.unwrap_or(u64::MAX)),
            knows: most.map(|most| most.is_some()),
            from,
            until: until.min(limits.until()),
            first,
            others: Vec::new(),
        })
    }

    /// Lists what was counted without a look at the list.
    pub(super) fn list_quiet(&mut self) {
        for desk in std::mem::take(&mut self.quiet).0.into_iter().flatten() {
            let [knows_context, knows_maximum] = desk.knows;
            let CostsOfOne { scale, currency, .. } = desk.costs;
            for Name { counts, sums, .. } in iter::once(desk.first).chain(desk.others) {
                if let Some(sums) = sums {
                    self.checks.sellers.settle(&sums, scale, currency);
                }
                self.looked_at.records += counts.requests;
                self.looked_at.cached_in_steps += counts.cached_in_steps;
                let unless = |is_known: bool| if is_known { 0 } else { counts.requests };
                let all = [
                    (NO_TOTAL, counts.no_total),
                    (super::NO_BASELINE, counts.requests),
                    (checks::NO_TEXT, counts.requests),
                    (NO_ID, counts.id),
                    (limits::NO_MAXIMUM, unless(knows_maximum)),
                    (limits::NO_CONTEXT, unless(knows_context)),
                    (steps::NO_REASONING, counts.no_reasoning),
                    (steps::NOT_MEASURED, counts.not_measured),
                ];
                for (what, records) in all.into_iter().filter(|(_, records)| *records > 0) {
                    self.unchecked(what, records);
                }
            }
        }
    }
}

/// What a bucket shows, or a total that is not the sum, is decided where its record is looked at.
fn is_odd(request: &Request<'_>, besides: &Besides) -> bool {
    let sum = u128::from(request.input) + u128::from(request.output);
    besides.bucket.is_some() || besides.total.is_some_and(|total| u128::from(total) != sum)
}

/// Whether neither count is zero.
#[inline]
const fn has_both(request: &Request<'_>) -> bool {
    request.input > 0 && request.output > 0
}

impl Name {
    fn new(labels: [u32; 2], family: Option<Family>) -> Self {
        let has_rule = |family| steps::has_rule(family) || split::has_rule(family);
        Self {
            labels,
            family,
            has_no_rule: !family.is_some_and(has_rule),
            sums: None,
            counts: Counts::default(),
        }
    }
}

impl Desk {
    /// The name with these labels, if it is known.
    #[inline]
    fn name(&mut self, labels: [u32; 2]) -> Option<&mut Name> {
        if self.first.labels == labels {
            return Some(&mut self.first);
        }
        self.others.iter_mut().find(|name| name.labels == labels)
    }
}

impl Counts {
    /// Counts what cannot be checked; `None` when there is a finding to be made.
    #[inline]
    fn check(&mut self, family: Option<Family>, request: &Request<'_>) -> Option<()> {
        let (reasoning, cached) = (request.reasoning, request.cache_read.unwrap_or(0));
        let steps = steps::is_off_step(family, reasoning);
        if steps == Ok(true)
            || split::is_plain_but_reasons(family, reasoning.unwrap_or(0))
            || steps::is_cached_off_step(family, cached)
        {
            return None;
        }
        self.cached_in_steps += u64::from(steps::has_cached_in_steps(family, cached));
        match steps {
            Err(steps::NO_REASONING) => self.no_reasoning += 1,
            Err(_) => self.not_measured += 1,
            Ok(_) => {}
        }
        Some(())
    }
}
