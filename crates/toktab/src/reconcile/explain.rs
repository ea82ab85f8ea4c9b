//! Gaps and their causes: alternatives are tried one by one, then in pairs; what fits to the last
//! digit is the explanation.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Cause, Change, Variation};
use super::fit::{Billed, Fit, factor, fit, nearest, rounding};
use super::intake::{Atom, Reconciler};
use super::keys::{Key, Kind, Matched, Unit, UnitKey};
use super::line_item::Class;
use super::outcome::{ClassSums, Compared, GapPart, Reading, Verdict};
use super::reprice::{Priced, Pricer};
use super::variations::variations;
use crate::money::{Currency, Exact, InexactError};
use crate::report::Bounds;

/// Most usages that are priced anew for pairs of changes.
const PAIR_BUDGET: usize = 2_000_000;

/// In how many ways a bill must be able to differ before rounding explains it beside another change:
/// some twenty changes are tried.
const ENOUGH: u128 = 200;

/// Changes that together are one explanation, in the order in which they are applied.
type Candidate = Vec<Variation>;

/// One thing compared, on its way to a verdict.
struct Case<'m> {
    key: &'m UnitKey,
    unit: &'m Unit,
    atoms: Vec<(&'m Atom, &'m str)>,
    billed: Billed,
    base: Priced,
    fit: Fit,
    nearest: Exact,
    total: Exact,
    candidates: Vec<Candidate>,
}

impl Case<'_> {
    fn gap(&self) -> Result<Exact, InexactError> {
        self.total.minus(self.nearest)
    }

    /// Usage and a bill that differ, so that changes can be tried.
    fn is_puzzle(&self) -> bool {
        !self.atoms.is_empty() && !self.billed.is_empty() && self.fit == Fit::No
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

pub(super) fn explain<'m, 'r, 'b>(
    matched: &'m Matched,
    reconciler: &'m Reconciler,
    pricer: Pricer<'r, 'b>,
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
                && (comparable == 1 || factors.get(&by).is_some_and(|count| *count > 1))
            {
                case.candidates.push(vec![Variation::of_all(Change::Factor(by))]);
            }
        }
        let mut open: Vec<usize> = (0..cases.len())
            .filter(|&at| cases[at].is_puzzle() && cases[at].candidates.is_empty())
            .collect();
        open.sort_by_key(|&at| std::cmp::Reverse(size(cases[at].gap().unwrap_or_default())));
        let factors: Vec<Exact> =
            factors.into_iter().filter(|(_, count)| *count > 1).map(|(by, _)| by).collect();
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
        let base = self.pricer.price(&atoms, key.currency, &[])?.folded(&fold)?;
        let mut billed = Billed::new();
        let mut total = Exact::ZERO;
        for (class, (amount, rows)) in &unit.billed {
            let sum = billed.entry(fold(*class)).or_default();
            *sum = (sum.0.plus(*amount)?, sum.1 + rows);
            total = total.plus(*amount)?;
        }
        let nearest = nearest(&base, &billed)?;
        let fit = fit(&base, &billed);
        Ok(Case { key, unit, atoms, billed, base, fit, nearest, total, candidates: Vec::new() })
    }

    /// Where a class of the usage belongs among those of the bill.
    fn fold(&self, unit: &Unit) -> impl Fn(Class) -> Class + use<'m> {
        let classes = &self.matched.classes;
        let whole = !self.matched.keys.contains(&Key::Class)
            || unit.billed.contains_key(&Class::All)
            || classes.is_empty();
        move |mut class| {
            if whole {
                return Class::All;
            }
            while let (false, Some(parent)) = (classes.contains(&class), class.parent()) {
                class = parent;
            }
            class
        }
    }

    fn priced(&mut self, case: &Case<'_>, changes: &[&Variation]) -> Result<Priced, InexactError> {
        let fold = self.fold(case.unit);
        self.pricer.price(&case.atoms, case.key.currency, changes)?.folded(fold)
    }

    /// The rounding that makes changed amounts fit.
    fn rounded(
        &mut self,
        case: &Case<'_>,
        priced: &Priced,
        changes: &[&Variation],
    ) -> Result<Option<Variation>, InexactError> {
        let places = self.reconciler.bill.places(case.key.currency);
        // Small amounts are easily half a unit from each other: beside another change, rounding is
        // only told from chance where the bill could have said many things.
        if !changes.is_empty() && distinguishable(&case.billed, places) < ENOUGH {
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
        if let Some(rounding) = self.rounded(case, &case.base.clone(), &[])? {
            fits.push(vec![rounding]);
        }
        let mut within = Vec::new();
        let mut with_rounding = Vec::new();
        for variation in variations(&case.atoms, &classes_of(case), &self.pricer) {
            let priced = self.priced(case, &[&variation])?;
            if priced == case.base {
                continue;
            }
            match fit(&priced, &case.billed) {
                Fit::Exact => fits.push(vec![variation]),
                Fit::Within if is_other_price(variation.cause()) => within.push(vec![variation]),
                Fit::No if fits.is_empty() && priced.is_exact() => {
                    if let Some(rounding) = self.rounded(case, &priced, &[&variation])? {
                        with_rounding.push(vec![variation, rounding]);
                    }
                }
                Fit::Within | Fit::No => {}
            }
        }
        Ok([fits, with_rounding, within]
            .into_iter()
            .find(|kind| !kind.is_empty())
            .unwrap_or_default())
    }

    /// The pairs of changes that fit; `None` when there is no time left to try.
    fn pairs(
        &mut self,
        case: &Case<'_>,
        factors: &[Exact],
    ) -> Result<Option<Vec<Candidate>>, InexactError> {
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
        let (mut fits, mut with_rounding) = (Vec::new(), Vec::new());
        for (at, first) in single.iter().enumerate() {
            for second in single[at + 1..].iter().filter(|second| !first.clashes(second)) {
                let priced = self.priced(case, &[first, second])?;
                let pair = || vec![first.clone(), second.clone()];
                if fit(&priced, &case.billed) == Fit::Exact {
                    fits.push(pair());
                } else if fits.is_empty()
                    && let Some(rounding) = self.rounded(case, &priced, &[first, second])?
                {
                    with_rounding.push([pair(), vec![rounding]].concat());
                }
            }
        }
        Ok(Some(if fits.is_empty() { with_rounding } else { fits }))
    }

    fn verdicts(&mut self, cases: &[Case<'m>]) -> Result<Vec<Compared>, InexactError> {
        // An explanation that holds for many gaps goes before one that holds for few.
        let mut support: BTreeMap<Vec<Change>, usize> = BTreeMap::new();
        let changes = |candidate: &Candidate| -> Vec<Change> {
            candidate.iter().map(|variation| variation.change.clone()).collect()
        };
        for candidate in cases.iter().flat_map(|case| &case.candidates) {
            *support.entry(changes(candidate)).or_default() += 1;
        }
        let other_currencies = other_currencies(cases);
        let mut compared = Vec::new();
        for case in cases {
            let mut candidates = Vec::new();
            for candidate in &case.candidates {
                let support = support.get(&changes(candidate)).copied().unwrap_or(0);
                // Parts that cancel each other out are less likely than parts that add up.
                let parts = self.split(case, candidate)?;
                let moved =
                    parts.iter().try_fold(Exact::ZERO, |sum, part| sum.plus(size(part.amount)))?;
                candidates.push((std::cmp::Reverse(support), moved, candidate.clone()));
            }
            candidates.sort_by_key(|(support, moved, _)| (*support, *moved));
            let candidates: Vec<Candidate> =
                candidates.into_iter().map(|(_, _, candidate)| candidate).collect();
            compared.push(self.verdict(case, &candidates, &other_currencies)?);
        }
        moved_days(cases, &mut compared)?;
        Ok(compared)
    }

    fn verdict(
        &mut self,
        case: &Case<'m>,
        candidates: &[Candidate],
        other_currencies: &BTreeMap<UnitKey, (Currency, Exact)>,
    ) -> Result<Compared, InexactError> {
        let gap = case.gap()?;
        let one = |cause, what: &str| vec![GapPart { cause, amount: gap, what: what.to_owned() }];
        let nothing = case.unit.billed.is_empty();
        let elsewhere = other_currencies.get(case.key);
        let (verdict, parts) = match case.fit {
            Fit::Exact => (Verdict::Equal, Vec::new()),
            Fit::Within => (Verdict::WithinBounds, Vec::new()),
            Fit::No if elsewhere.is_some() => {
                let what = elsewhere.map_or(String::new(), |(other, amount)| {
                    format!("the other side is {amount} {other}: give a rate")
                });
                (Verdict::Explained, one(Cause::Currency, &what))
            }
            Fit::No if case.unit.kind == Kind::Fee => {
                (Verdict::Explained, one(Cause::Fees, &case.key.line))
            }
            Fit::No if case.unit.kind == Kind::UnknownLine => {
                (Verdict::Explained, one(Cause::UnknownLineItem, &case.key.line))
            }
            Fit::No if case.atoms.is_empty() => {
                (Verdict::Explained, one(Cause::MissingUsage, "billed, and not in the usage"))
            }
            Fit::No if nothing => {
                (Verdict::Explained, one(Cause::MissingBill, "in the usage, and not billed"))
            }
            Fit::No => match candidates.first() {
                Some(first) => (verdict_of(candidates), self.split(case, first)?),
                None if case.base.open && !gap.is_negative() => {
                    (Verdict::Explained, one(Cause::NoPrice, &no_price(case)))
                }
                None => (
                    Verdict::Unexplained,
                    one(Cause::Unexplained, "no single change and no pair fits"),
                ),
            },
        };
        let others = candidates.iter().skip(1).map(reading).collect();
        self.compared(case, gap, verdict, parts, others)
    }

    /// The gap by the changes of an explanation, each as it comes.
    fn split(
        &mut self,
        case: &Case<'_>,
        candidate: &Candidate,
    ) -> Result<Vec<GapPart>, InexactError> {
        let mut parts: Vec<GapPart> = Vec::new();
        let mut before = case.nearest;
        for (at, variation) in candidate.iter().enumerate() {
            let last = at + 1 == candidate.len();
            let applied: Vec<&Variation> = candidate[..=at].iter().collect();
            let priced = self.priced(case, &applied)?;
            let after = match (last, priced.is_exact()) {
                (true, _) => case.total,
                (false, true) => priced.total()?.low,
                (false, false) => before,
            };
            let bounds = if priced.is_exact() { "" } else { ", within the bounds of its price" };
            parts.push(GapPart {
                cause: variation.cause(),
                amount: after.minus(before)?,
                what: format!("{variation}{bounds}"),
            });
            before = after;
        }
        Ok(parts)
    }

    fn compared(
        &self,
        case: &Case<'_>,
        gap: Exact,
        verdict: Verdict,
        parts: Vec<GapPart>,
        others: Vec<Reading>,
    ) -> Result<Compared, InexactError> {
        let computed = if case.atoms.is_empty() { None } else { Some(case.base.total()?) };
        let classes = Class::ALL.into_iter().filter_map(|class| {
            let billed = case.billed.get(&class).map(|(amount, _)| *amount);
            let computed: Option<Bounds> = case.base.classes[class as usize];
            (billed.is_some() || computed.is_some()).then_some(ClassSums {
                class,
                billed,
                computed,
            })
        });
        Ok(Compared {
            labels: case.key.labels(&self.matched.keys),
            line: case.key.line.clone(),
            currency: case.key.currency,
            billed: (!case.unit.billed.is_empty()).then_some(case.total),
            bill_rows: case.unit.billed.values().map(|(_, rows)| rows).sum(),
            computed,
            records: case.atoms.iter().map(|(atom, _)| atom.records).sum(),
            classes: classes.collect(),
            gap,
            verdict,
            parts,
            others,
        })
    }
}

/// True for other prices of the same counts. Only these explain a gap when the usage leaves the
/// price open: what is added to an open amount or taken from it may be anything.
const fn is_other_price(cause: Cause) -> bool {
    matches!(cause, Cause::ServiceTier | Cause::OtherPeriod | Cause::OtherPrice)
}

/// An amount without its sign.
fn size(amount: Exact) -> Exact {
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

/// Several candidates of one cause are one explanation; of several causes, an ambiguous one.
fn verdict_of(candidates: &[Candidate]) -> Verdict {
    let causes: BTreeSet<Vec<Cause>> = candidates
        .iter()
        .map(|candidate| candidate.iter().map(Variation::cause).collect())
        .collect();
    if causes.len() > 1 { Verdict::Ambiguous } else { Verdict::Explained }
}

fn reading(candidate: &Candidate) -> Reading {
    Reading {
        causes: candidate.iter().map(Variation::cause).collect(),
        what: candidate.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn no_price(case: &Case<'_>) -> String {
    let reason = case.atoms.iter().find_map(|(atom, _)| atom.card.as_ref().err());
    reason.map_or_else(|| "a count has no price".to_owned(), ToString::to_string)
}

fn classes_of(case: &Case<'_>) -> BTreeSet<Class> {
    let counted = case.atoms.iter().flat_map(|(atom, _)| crate::ledger::counted(&atom.counts));
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

/// Sides without a counterpart in their own currency that have one in another.
fn other_currencies(cases: &[Case<'_>]) -> BTreeMap<UnitKey, (Currency, Exact)> {
    let mut sides: BTreeMap<UnitKey, Vec<&Case<'_>>> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.unit.kind == Kind::Tokens) {
        let key = UnitKey { currency: Currency::UNNAMED, ..case.key.clone() };
        sides.entry(key).or_default().push(case);
    }
    let mut found = BTreeMap::new();
    for cases in sides.into_values() {
        let usage = cases.iter().find(|case| case.billed.is_empty() && !case.base.open);
        let bill = cases.iter().find(|case| case.atoms.is_empty());
        if let (Some(usage), Some(bill)) = (usage, bill) {
            found.insert(usage.key.clone(), (bill.key.currency, bill.total));
            found.insert(bill.key.clone(), (usage.key.currency, usage.nearest));
        }
    }
    found
}

/// Gaps of several days that nothing explains and that add up to nothing: counted on other days.
fn moved_days(cases: &[Case<'_>], compared: &mut [Compared]) -> Result<(), InexactError> {
    let mut open: BTreeMap<UnitKey, Vec<usize>> = BTreeMap::new();
    for (at, (case, compared)) in cases.iter().zip(&*compared).enumerate() {
        let causes = [Cause::Unexplained, Cause::MissingBill, Cause::MissingUsage];
        let alone = |part: &GapPart| causes.contains(&part.cause);
        if case.unit.kind == Kind::Tokens
            && !compared.gap.is_zero()
            && compared.verdict != Verdict::Ambiguous
            && compared.parts.iter().all(alone)
        {
            let key = UnitKey { span: (0, 0), ..case.key.clone() };
            open.entry(key).or_default().push(at);
        }
    }
    for places in open.into_values().filter(|places| places.len() > 1) {
        let mut sum = Exact::ZERO;
        for &at in &places {
            sum = sum.plus(compared[at].gap)?;
        }
        if !sum.is_zero() {
            continue;
        }
        for at in places {
            let compared = &mut compared[at];
            compared.verdict = Verdict::Explained;
            compared.parts = vec![GapPart {
                cause: Cause::OtherPeriod,
                amount: compared.gap,
                what: "counted on another day: the gaps of these days add up to zero".to_owned(),
            }];
        }
    }
    Ok(())
}
