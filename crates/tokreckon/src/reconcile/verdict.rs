//! From what fits to verdicts: which explanation is taken, how a gap splits, what else it may be.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Cause, Change, Variation};
use super::explain::{Candidate, Case, Explainer, size};
use super::fit::{Fit, factor};
use super::keys::{Kind, UnitKey};
use super::line_item::Class;
use super::not_priced::{NotPriced, listed};
use super::outcome::{ClassSums, Compared, GapPart, Reading, Verdict, gap_between};
use crate::agreed;
use crate::money::{Currency, Exact, InexactError};
use crate::report::Bounds;
use crate::words::counted;

impl<'m> Explainer<'m, '_, '_> {
    /// The verdict on every case.
    pub(super) fn verdicts(&mut self, cases: &[Case<'m>]) -> Result<Vec<Compared>, InexactError> {
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
        let not_priced =
            if case.base.is_open() { self.pricer.not_priced(&case.atoms)? } else { Vec::new() };
        let open_usage = self.open_usage(&not_priced);
        let and_open = |what: &str| {
            let open = &open_usage;
            if open.is_empty() {
                what.to_owned()
            } else {
                format!("{what}; without a price: {open}")
            }
        };
        let (verdict, parts) = match case.fit {
            Fit::Exact => (Verdict::Equal, Vec::new()),
            Fit::Within => (Verdict::WithinBounds, Vec::new()),
            _ if elsewhere.is_some() => {
                let what = elsewhere.map_or(String::new(), |(other, amount)| {
                    format!("the other side is {amount} {other}: give a rate")
                });
                (Verdict::Open, one(Cause::Currency, &what))
            }
            Fit::No if case.unit.kind == Kind::Fee => {
                (Verdict::Explained, one(Cause::Fees, &case.key.line))
            }
            Fit::No if case.unit.kind == Kind::UnknownLine => {
                (Verdict::Explained, one(Cause::UnknownLineItem, unknown_line(&case.key.line)))
            }
            Fit::No if case.atoms.is_empty() => {
                (Verdict::Explained, one(Cause::MissingUsage, "billed, and not in the usage"))
            }
            Fit::No if nothing => {
                let what = and_open("in the usage, and not billed");
                (Verdict::Explained, one(Cause::MissingBill, &what))
            }
            Fit::Open | Fit::No => match candidates.first() {
                Some(first) => (verdict_of(candidates), self.split(case, first)?),
                None if case.fit == Fit::Open => {
                    let open = self.open_usage(&not_priced);
                    (Verdict::Open, one(Cause::NoPrice, &left_open(case, &open)?))
                }
                None => {
                    let what = and_open(&unexplained(case));
                    (Verdict::Unexplained, one(Cause::Unexplained, &what))
                }
            },
        };
        let others = candidates.iter().skip(1).map(reading).collect();
        let compared = self.compared(case, gap, verdict, parts, others)?;
        Ok(Compared { not_priced, ..compared })
    }

    /// Usage whose cost has no upper end, in words, and rows that nobody could read.
    fn open_usage(&self, not_priced: &[NotPriced]) -> String {
        let rejected = self.reconciler.rejected;
        let rows = (rejected > 0)
            .then(|| format!("{} of the usage that cannot be read", counted(rejected, "row")));
        let listed = Some(listed(not_priced)).filter(|listed| !listed.is_empty());
        listed.into_iter().chain(rows).collect::<Vec<_>>().join("; ")
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
        let billed = (!case.unit.billed.is_empty()).then_some(case.total);
        let nothing = Bounds { open: case.base.is_open(), ..Bounds::default() };
        let (gap_low, gap_high) = match verdict {
            Verdict::Equal => (Some(gap), gap),
            _ => gap_between(billed.unwrap_or_default(), &computed.unwrap_or(nothing))?,
        };
        Ok(Compared {
            labels: case.key.labels(&self.matched.keys),
            line: case.key.line.clone(),
            currency: case.key.currency,
            billed,
            bill_rows: case.unit.billed.values().map(|(_, rows)| rows).sum(),
            computed,
            records: case.atoms.iter().map(|(atom, _)| atom.records).sum(),
            classes: classes.collect(),
            gap,
            gap_low,
            gap_high,
            not_priced: Vec::new(),
            verdict,
            parts,
            others,
        })
    }
}

/// Why nothing explains a gap; of one factor throughout, which it is.
fn unexplained(case: &Case<'_>) -> String {
    match factor(&case.base, &case.billed) {
        Some(by) if agreed::known(by).is_some() => {
            format!("{by} times what the usage costs, which one amount alone does not show")
        }
        Some(by) => format!(
            "{by} times what the usage costs: no discount, mark-up or tax that is known; what was \
             agreed, or a rate of exchange, can be given"
        ),
        None => "no single change and no pair fits".to_owned(),
    }
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

fn unknown_line(line: &str) -> &str {
    if line.is_empty() { "a row that names neither a model nor a line item" } else { line }
}

/// What has a price, what the bill has beyond it, and what may be part of that.
fn left_open(case: &Case<'_>, open: &str) -> Result<String, InexactError> {
    let (priced, gap) = (case.base.total()?, case.gap()?);
    let more = match (priced.low.is_zero(), gap.is_zero()) {
        _ if case.unit.billed.is_empty() => "not billed, and what it costs".to_owned(),
        (true, _) => "nothing has a price; what of the bill is for these".to_owned(),
        (_, true) => {
            format!("what has a price costs {}, the whole bill; what these cost", priced.low)
        }
        _ if priced.low == priced.high => {
            format!("what has a price costs {}; how much of the other {gap}", priced.low)
                + " these cost"
        }
        _ => {
            format!("what has a price costs {} to {}", priced.low, priced.high)
                + &format!("; how much of the up to {gap} beyond these cost")
        }
    };
    Ok(format!("{more} cannot be said: {open}"))
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
        let open_causes = [Cause::Unexplained, Cause::MissingBill, Cause::MissingUsage];
        let alone = |part: &GapPart| open_causes.contains(&part.cause);
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
