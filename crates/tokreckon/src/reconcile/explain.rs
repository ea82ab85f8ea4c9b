//! Gaps and their causes: alternatives are tried one by one, then in pairs; what fits to the last
//! digit is the explanation.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Cause, Change, Variation};
use super::fit::{Billed, Fit, factor, fit, near_factor, nearest, rounding};
use super::intake::{Atom, Reconciler};
use super::key::Key;
use super::keys::{Kind, Matched, Unit, UnitKey};
use super::line_item::Class;
use super::outcome::Compared;
use super::reprice::{Priced, Pricer};
use super::variations::variations;
use crate::agreed;
use crate::money::{Exact, InexactError};

/// Most usages that are priced anew for pairs of changes.
const PAIR_BUDGET: usize = 2_000_000;

/// In how many ways a bill must be able to differ, for each change that is tried, before one of them
/// and rounding explain it: then chance makes less than one explanation in ten such gaps.
const CERTAINTY: u128 = 10;

/// Changes that together are one explanation, in the order in which they are applied.
pub(super) type Candidate = Vec<Variation>;

/// One thing compared, on its way to a verdict.
pub(super) struct Case<'m> {
    pub(super) key: &'m UnitKey,
    pub(super) unit: &'m Unit,
    pub(super) atoms: Vec<(&'m Atom, &'m str)>,
    pub(super) billed: Billed,
    pub(super) base: Priced,
    pub(super) fit: Fit,
    pub(super) nearest: Exact,
    pub(super) total: Exact,
    pub(super) candidates: Vec<Candidate>,
}

impl Case<'_> {
    pub(super) fn gap(&self) -> Result<Exact, InexactError> {
        self.total.minus(self.nearest)
    }

    /// Usage and a bill that differ, so that changes can be tried.
    fn is_puzzle(&self) -> bool {
        let differs = matches!(self.fit, Fit::Open | Fit::No);
        !self.atoms.is_empty() && !self.billed.is_empty() && differs
    }
}

pub(super) struct Explainer<'m, 'r, 'b> {
    pub(super) matched: &'m Matched,
    pub(super) reconciler: &'m Reconciler,
    pub(super) pricer: Pricer<'r, 'b>,
    pub(super) budget: usize,
}

/// Everything compared, and how many gaps were not tried with pairs.
pub(super) type Explained = (Vec<Compared>, u64);

pub(super) fn explain<'m>(
    matched: &'m Matched,
    reconciler: &'m Reconciler,
    pricer: Pricer<'_, '_>,
) -> Result<Explained, InexactError> {
    Explainer { matched, reconciler, pricer, budget: PAIR_BUDGET }.run()
}

impl<'m> Explainer<'m, '_, '_> {
    fn run(mut self) -> Result<Explained, InexactError> {
        let mut cases = Vec::new();
        for (key, unit) in &self.matched.units {
            cases.push(self.case(key, unit)?);
        }
        for case in cases.iter_mut().filter(|case| case.is_puzzle()) {
            case.candidates = self.singles(case)?;
        }
        let factors = common_factors(&cases);
        let comparable = cases.iter().filter(|case| case.is_puzzle()).count();
        for case in cases.iter_mut().filter(|case| case.is_puzzle()) {
            if case.candidates.is_empty()
                && let Some(by) = factor(&case.base, &case.billed)
                && agreed::known(by).is_some()
                && match factors.get(&by) {
                    Some(count) if *count > 1 => true,
                    _ => comparable == 1 && self.proves_a_factor(case),
                }
            {
                case.candidates.push(vec![Variation::of_all(Change::Factor(by))]);
            }
        }
        self.rounded_factor(&mut cases)?;
        let mut open: Vec<usize> = (0..cases.len())
            .filter(|&at| cases[at].is_puzzle() && cases[at].candidates.is_empty())
            .collect();
        open.sort_by_key(|&at| std::cmp::Reverse(size(cases[at].gap().unwrap_or_default())));
        let factors = factors.into_iter().filter(|(_, count)| *count > 1).map(|(by, _)| by);
        let factors: Vec<Exact> = factors.filter(|by| agreed::known(*by).is_some()).collect();
        let mut untried = 0;
        for at in open {
            let pairs = self.pairs(&cases[at], &factors)?;
            untried += u64::from(pairs.is_none());
            cases[at].candidates = pairs.unwrap_or_default();
        }
        let compared = self.verdicts(&cases)?;
        Ok((compared, untried))
    }

    fn case(&mut self, key: &'m UnitKey, unit: &'m Unit) -> Result<Case<'m>, InexactError> {
        let atoms: Vec<(&Atom, &str)> = unit
            .atoms
            .iter()
            .map(|&at| (&self.matched.atoms[at], self.matched.models[at].as_str()))
            .collect();
        let fold = self.fold(unit);
        let mut base = self.pricer.price(&atoms, key.currency, &[])?.folded(&fold)?;
        // What could not be read may be part of any of it.
        base.unread |= self.reconciler.rejected > 0 && unit.kind == Kind::Tokens;
        let mut billed = Billed::new();
        let mut total = Exact::ZERO;
        for (class, (amount, rows)) in &unit.billed {
            let sum = billed.entry(fold(*class)).or_default();
            *sum = (sum.0.plus(*amount)?, sum.1 + rows);
            total = total.plus(*amount)?;
        }
        let fit = fit(&base, &billed);
        let nearest = match fit {
            // All that is above it may be what has no price.
            Fit::Open => base.total()?.low,
            _ => nearest(&base, &billed)?,
        };
        Ok(Case { key, unit, atoms, billed, base, fit, nearest, total, candidates: Vec::new() })
    }

    /// Where a class of the usage belongs among those of the bill.
    fn fold(&self, unit: &Unit) -> impl Fn(Class) -> Class + use<'m> {
        let classes = &self.matched.classes;
        let whole = !self.matched.keys.contains(&Key::Class)
            || unit.billed.contains_key(&Class::All)
            || classes.is_empty();
        move |class| if whole { Class::All } else { class.among(classes) }
    }

    pub(super) fn priced(
        &mut self,
        case: &Case<'_>,
        changes: &[&Variation],
    ) -> Result<Priced, InexactError> {
        let fold = self.fold(case.unit);
        self.pricer.price(&case.atoms, case.key.currency, changes)?.folded(fold)
    }

    /// The rounding that makes changed amounts fit.
    fn rounded(
        &mut self,
        case: &Case<'_>,
        priced: &Priced,
        changes: &[&Variation],
        tried: usize,
    ) -> Result<Option<Variation>, InexactError> {
        let tried = tried as u128;
        let places = self.reconciler.bill.places(case.key.currency);
        // Small amounts are easily half a unit from each other: beside another change, rounding is
        // only told from chance where the bill could have said many things.
        let told = distinguishable(&case.billed, places) >= tried * CERTAINTY;
        // Beside usage without a price nothing is told from rounding.
        if priced.is_open() || !(changes.is_empty() || (told && priced.is_exact())) {
            return Ok(None);
        }
        let mut lines = Vec::new();
        if case.billed.contains_key(&Class::All) {
            let models: BTreeSet<&str> = case.atoms.iter().map(|(_, model)| *model).collect();
            for model in models {
                let own: Vec<(&Atom, &str)> =
                    case.atoms.iter().filter(|(_, of)| *of == model).copied().collect();
                let of_model = self.pricer.price(&own, case.key.currency, changes)?;
                lines.extend(of_model.classes.iter().flatten().map(|bounds| bounds.low));
            }
        }
        Ok(rounding(priced, &lines, &case.billed, places))
    }

    /// The single changes that fit; one change and the bill's rounding where none does.
    fn singles(&mut self, case: &Case<'_>) -> Result<Vec<Candidate>, InexactError> {
        let mut fits = Vec::new();
        if let Some(rounding) = self.rounded(case, &case.base, &[], 0)? {
            fits.push(vec![rounding]);
        }
        let mut within = Vec::new();
        let mut with_rounding = Vec::new();
        let all = variations(&case.atoms, &classes_of(case), &self.pricer);
        let tried = all.len();
        for variation in all {
            let priced = self.priced(case, &[&variation])?;
            if priced == case.base {
                continue;
            }
            match fit(&priced, &case.billed) {
                Fit::Exact => fits.push(vec![variation]),
                // The open price of some other seller fits nearly everything.
                Fit::Within
                    if is_other_price(variation.cause())
                        && !matches!(variation.change, Change::Provider(_)) =>
                {
                    within.push(vec![variation]);
                }
                Fit::No if fits.is_empty() && priced.is_exact() => {
                    if let Some(rounding) = self.rounded(case, &priced, &[&variation], tried)? {
                        with_rounding.push(vec![variation, rounding]);
                    }
                }
                Fit::Within | Fit::Open | Fit::No => {}
            }
        }
        Ok([fits, with_rounding, within]
            .into_iter()
            .find(|kind| !kind.is_empty())
            .unwrap_or_default())
    }

    /// True for a bill that could have said so many other amounts that a known factor to the last digit
    /// is no chance.
    fn proves_a_factor(&self, case: &Case<'_>) -> bool {
        let places = self.reconciler.bill.places(case.key.currency);
        distinguishable(&case.billed, places) >= agreed::KNOWN as u128 * CERTAINTY
    }

    /// One factor behind a bill's rounding: it counts when it fits every gap that is left, and these
    /// are three at least.
    fn rounded_factor(&mut self, cases: &mut [Case<'m>]) -> Result<(), InexactError> {
        let mut found: Vec<(usize, Candidate)> = Vec::new();
        let mut common = None;
        for (at, case) in cases.iter().enumerate() {
            if !case.is_puzzle() || !case.candidates.is_empty() || !case.base.is_exact() {
                continue;
            }
            let by = near_factor(&case.base, &case.billed);
            let Some(by) = by.filter(|by| agreed::known(*by).is_some()) else { return Ok(()) };
            let factor = Variation::of_all(Change::Factor(by));
            let priced = self.priced(case, &[&factor])?;
            let rounding = self.rounded(case, &priced, &[&factor], 1)?;
            let Some(rounding) = rounding.filter(|_| *common.get_or_insert(by) == by) else {
                return Ok(());
            };
            found.push((at, vec![factor, rounding]));
        }
        if found.len() >= 3 {
            for (at, candidate) in found {
                cases[at].candidates.push(candidate);
            }
        }
        Ok(())
    }

    /// The pairs of changes that fit; `None` when there is no time left to try.
    fn pairs(
        &mut self,
        case: &Case<'_>,
        factors: &[Exact],
    ) -> Result<Option<Vec<Candidate>>, InexactError> {
        if !case.base.is_exact() {
            // Beside an open amount, two changes would fit nearly anything.
            return Ok(Some(Vec::new()));
        }
        let mut single = Vec::new();
        for variation in variations(&case.atoms, &classes_of(case), &self.pricer) {
            // What changes nothing alone changes nothing in a pair, nearly always.
            if self.priced(case, &[&variation])? != case.base {
                single.push(variation);
            }
        }
        single.extend(factors.iter().map(|by| Variation::of_all(Change::Factor(*by))));
        let cost = single.len() * single.len() / 2 * case.atoms.len();
        if cost > self.budget {
            return Ok(None);
        }
        self.budget -= cost;
        let tried = single.len() * single.len() / 2;
        let (mut fits, mut with_rounding) = (Vec::new(), Vec::new());
        for (at, first) in single.iter().enumerate() {
            for second in single[at + 1..].iter().filter(|second| !first.clashes(second)) {
                let priced = self.priced(case, &[first, second])?;
                let pair = || vec![first.clone(), second.clone()];
                if fit(&priced, &case.billed) == Fit::Exact {
                    fits.push(pair());
                } else if fits.is_empty()
                    && let Some(rounding) = self.rounded(case, &priced, &[first, second], tried)?
                {
                    with_rounding.push([pair(), vec![rounding]].concat());
                }
            }
        }
        Ok(Some(if fits.is_empty() { with_rounding } else { fits }))
    }
}

/// True for other prices of the same counts. Only these explain a gap when the usage leaves the
/// price open: what is added to an open amount or taken from it may be anything.
const fn is_other_price(cause: Cause) -> bool {
    matches!(cause, Cause::ServiceTier | Cause::OtherPeriod | Cause::OtherPrice)
}

/// An amount without its sign.
pub(super) fn size(amount: Exact) -> Exact {
    if amount.is_negative() { amount.negated().unwrap_or(amount) } else { amount }
}

/// How many different amounts a bill with so many decimal places could have said instead.
fn distinguishable(billed: &Billed, places: u32) -> u128 {
    billed.values().fold(1, |ways: u128, (amount, _)| {
        let units = amount.rounded(places, crate::money::Rounding::HalfUp);
        let scale = 10_u128.saturating_pow(places.saturating_sub(units.scale()));
        ways.saturating_mul(units.mantissa().unsigned_abs().saturating_mul(scale).max(1))
    })
}

fn classes_of(case: &Case<'_>) -> BTreeSet<Class> {
    let counted = case.atoms.iter().flat_map(|(atom, _)| atom.counts.iter());
    counted.map(|(meter, _)| Class::of(meter)).collect()
}

/// Factors between bill and usage that nothing else explains, and how often each comes.
fn common_factors(cases: &[Case<'_>]) -> BTreeMap<Exact, usize> {
    let mut factors = BTreeMap::new();
    for case in cases.iter().filter(|case| case.is_puzzle() && case.candidates.is_empty()) {
        if let Some(factor) = factor(&case.base, &case.billed) {
            *factors.entry(factor).or_default() += 1;
        }
    }
    factors
}
