//! Bills that tell short prompts from long ones, and usage that may be either.
//!
//! A bucket of usage does not say how long each of its prompts was: its price is open where a model has one
//! for long prompts. A bill whose every line of that model says it closes it: what it charges for short
//! prompts is as much of the bucket as these were, and the rest was long. That holds only where it fits to the
//! last digit in every kind of token: either nothing is left, or what is left costs what the bill charges for
//! long prompts. Elsewhere the price stays open.

use std::collections::{BTreeMap, BTreeSet};

use super::intake::Atom;
use super::key::{Context, Key};
use super::keys::{Kind, Matched, Unit, UnitKey};
use super::line_item::Class;
use crate::charge::{Counts, Situation, Terms};
use crate::ledger::Ledger;
use crate::money::{Exact, InexactError};
use crate::usage::Meter;

/// Divides what is compared as one by the length of prompts, wherever the bill says it of every line.
pub(super) fn divide(matched: &mut Matched, ledger: &Ledger<'_>) -> Result<(), InexactError> {
    if !matched.keys.contains(&Key::Class) {
        return Ok(());
    }
    let says = |unit: &Unit| {
        let said = |context: &Option<Context>| context.is_some();
        unit.kind == Kind::Tokens
            && !unit.by_context.is_empty()
            && unit.by_context.keys().all(said)
            && !unit.billed.contains_key(&Class::All)
    };
    let keys: Vec<UnitKey> =
        matched.units.iter().filter(|(_, unit)| says(unit)).map(|(key, _)| key.clone()).collect();
    let mut any = false;
    for key in keys {
        let Some(unit) = matched.units.get(&key) else { continue };
        let sides = Sides { ledger, classes: &matched.classes, unit };
        let atoms: Vec<&Atom> = unit.atoms.iter().map(|&at| &matched.atoms[at]).collect();
        let Some(divided) = sides.divided(&atoms)? else { continue };
        any = true;
        let unit = matched.units.remove(&key).unwrap_or_default();
        let mut units: BTreeMap<Context, Unit> = BTreeMap::new();
        for (context, billed) in unit.by_context {
            let Some(context) = context else { continue };
            units.entry(context).or_default().billed = billed;
        }
        for (&at, parts) in unit.atoms.iter().zip(divided) {
            let model = matched.models[at].clone();
            for (number, (context, atom)) in parts.into_iter().enumerate() {
                let place = if number == 0 { at } else { matched.atoms.len() };
                if number == 0 {
                    matched.atoms[at] = atom;
                } else {
                    matched.atoms.push(atom);
                    matched.models.push(model.clone());
                }
                units.entry(context).or_default().atoms.push(place);
            }
        }
        for (context, unit) in units {
            let key = UnitKey { context: Some(context), ..key.clone() };
            matched.units.insert(key, unit);
        }
    }
    if any {
        matched.keys.push(Key::Context);
        matched.keys.sort_unstable();
    }
    Ok(())
}

/// Both sides of what is compared as one.
struct Sides<'s, 'b> {
    ledger: &'s Ledger<'b>,
    classes: &'s BTreeSet<Class>,
    unit: &'s Unit,
}

/// Parts of usage with the length of their prompts.
type Parts = Vec<(Context, Atom)>;

/// Counts of a meter that may be of short or long prompts, with what they cost as short ones.
struct Open {
    atom: usize,
    meter: Meter,
    count: u128,
    amount: Exact,
}

impl Sides<'_, '_> {
    /// The parts of each of these atoms; `None` where the bill does not decide it.
    fn divided(&self, atoms: &[&Atom]) -> Result<Option<Vec<Parts>>, InexactError> {
        let mut sure: BTreeMap<(Context, Class), Exact> = BTreeMap::new();
        let mut open: BTreeMap<Class, Vec<Open>> = BTreeMap::new();
        let mut is_open = vec![None; atoms.len()];
        for (at, atom) in atoms.iter().enumerate() {
            let Some(of) = self.contexts(atom) else { return Ok(None) };
            let context = of.unwrap_or(Context::Short);
            let Some(lines) = self.lines(atom, context)? else { return Ok(None) };
            is_open[at] = of;
            for (meter, amount) in lines {
                let class = Class::of(meter).among(self.classes);
                if of.is_some() {
                    let sum = sure.entry((context, class)).or_default();
                    *sum = sum.plus(amount)?;
                } else {
                    let count = atom.counts[meter];
                    let counts = open.entry(class).or_default();
                    counts.push(Open { atom: at, meter, count, amount });
                }
            }
        }
        let mut short = vec![Counts::NONE; atoms.len()];
        for (class, counts) in &open {
            let sure = sure.get(&(Context::Short, *class)).copied().unwrap_or_default();
            let billed = self.billed(Context::Short, *class);
            if !take(billed.minus(sure)?, counts, &mut short)? {
                return Ok(None);
            }
        }
        let mut left: BTreeMap<Class, Exact> = BTreeMap::new();
        let mut parts = Vec::new();
        for ((atom, of), short) in atoms.iter().zip(is_open).zip(short) {
            if let Some(context) = of {
                parts.push(vec![(context, (*atom).clone())]);
                continue;
            }
            let two = halves(atom, &short);
            for (_, long) in two.iter().filter(|(context, _)| *context == Context::Long) {
                let Some(lines) = self.lines(long, Context::Long)? else { return Ok(None) };
                for (meter, amount) in lines {
                    let sum = left.entry(Class::of(meter).among(self.classes)).or_default();
                    *sum = sum.plus(amount)?;
                }
            }
            parts.push(two);
        }
        for (class, left) in left {
            let sure = sure.get(&(Context::Long, class)).copied().unwrap_or_default();
            if !left.is_zero() && left.plus(sure)? != self.billed(Context::Long, class) {
                return Ok(None);
            }
        }
        Ok(Some(parts))
    }

    fn billed(&self, context: Context, class: Class) -> Exact {
        let of = self.unit.by_context.get(&Some(context));
        of.and_then(|billed| billed.get(&class)).map_or(Exact::ZERO, |(amount, _)| *amount)
    }

    /// The length of an atom's prompts, or that it is open; `None` where its card does not say it in these
    /// words: it has more prices than two, or there is none.
    #[expect(clippy::option_option, reason = "not known, open, known")]
    fn contexts(&self, atom: &Atom) -> Option<Option<Context>> {
        let card = self.ledger.cards().get(*atom.card.as_ref().ok()?)?;
        let situation = atom.situation?;
        match (card.brackets().len(), situation.first_bracket, situation.last_bracket) {
            (1, ..) | (2, 0, 0) => Some(Some(Context::Short)),
            (2, 1, 1) => Some(Some(Context::Long)),
            (2, 0, 1) => Some(None),
            _ => None,
        }
    }

    /// What an atom costs meter by meter, if its prompts are so long; `None` where that is open.
    fn lines(
        &self,
        atom: &Atom,
        context: Context,
    ) -> Result<Option<BTreeMap<Meter, Exact>>, InexactError> {
        let card = atom.card.as_ref().ok().and_then(|&at| self.ledger.cards().get(at));
        let (Some(card), Some(situation)) = (card, atom.situation) else { return Ok(None) };
        let bracket = if card.brackets().len() == 1 { 0 } else { context.bracket() };
        let situation = Situation { first_bracket: bracket, last_bracket: bracket, ..situation };
        let terms = Terms { factor: atom.factor, line_rounding: None };
        let charge = card.charge_counts(situation, &atom.counts, terms)?;
        if !charge.unpriced.is_empty() || charge.lines.iter().any(|line| line.low != line.high) {
            return Ok(None);
        }
        let mut lines: BTreeMap<Meter, Exact> = BTreeMap::new();
        for line in &charge.lines {
            let sum = lines.entry(line.meter).or_default();
            *sum = sum.plus(line.low)?;
        }
        Ok(Some(lines))
    }
}

/// Takes as much of counts as costs an amount; false where the amount does not say which of them. More than
/// all of them cost is all of them.
fn take(mut amount: Exact, counts: &[Open], taken: &mut [Counts]) -> Result<bool, InexactError> {
    if amount.is_negative() {
        return Ok(false);
    }
    let all = counts.iter().try_fold(Exact::ZERO, |sum, open| sum.plus(open.amount))?;
    let is_part = !amount.is_zero() && amount < all;
    for pair in counts.windows(2).filter(|_| is_part) {
        // Of different prices a part of the sum is a part of any of them.
        if pair[0].amount.times_count(pair[1].count)?
            != pair[1].amount.times_count(pair[0].count)?
        {
            return Ok(false);
        }
    }
    for Open { atom, meter, count, amount: whole } in counts {
        let of = &mut taken[*atom][*meter];
        if amount >= *whole {
            *of = *count;
            amount = amount.minus(*whole)?;
        } else if !amount.is_zero() {
            let part = amount.times_count(*count)?.divided_by(*whole);
            let Some(part) = part.ok().filter(|part| part.scale() == 0) else { return Ok(false) };
            *of = part.mantissa().unsigned_abs();
            amount = Exact::ZERO;
        }
    }
    Ok(true)
}

/// The parts of an atom of short and of long prompts, of which the first has so many counts; none that is
/// empty, unless both are.
fn halves(atom: &Atom, short: &Counts) -> Parts {
    let mut long = atom.counts;
    for (meter, short) in short.iter() {
        long[meter] -= short;
    }
    let longest = atom.prompts.1;
    let part = |context: Context, counts: &Counts, prompts: (u128, u128)| {
        let bracket = context.bracket();
        let situation = atom.situation.map(|situation| Situation {
            first_bracket: bracket,
            last_bracket: bracket,
            ..situation
        });
        (context, Atom { counts: *counts, situation, prompts, ..atom.clone() })
    };
    let is_empty = |counts: &Counts| *counts == Counts::NONE;
    let mut parts = Vec::new();
    if !is_empty(short) || is_empty(&long) {
        parts.push(part(Context::Short, short, (0, 0)));
    }
    if !is_empty(&long) {
        parts.push(part(Context::Long, &long, (longest, longest)));
    }
    // The records are those of both.
    parts.iter_mut().skip(1).for_each(|(_, atom)| atom.records = 0);
    parts
}
