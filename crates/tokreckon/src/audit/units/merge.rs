//! What parts of the input show of a seller, added up: the same in any order and split.

use super::{MAX_DISTINCT, MAX_ROWS, Sellers, Slot};
use crate::audit::RowRef;
use crate::ledger::RawCost;
use crate::money::{Currency, Exact};

/// Counts of requests without a text, of one seller and model at one price, added up before they are
/// given to the seller's slot.
#[derive(Debug)]
pub(in crate::audit) struct Sums {
    number: usize,
    state: State,
    records: u64,
    units: u128,
    mantissas: i128,
}

/// What a slot still wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Every request.
    All,
    /// Sums alone.
    Sums,
    Nothing,
}

impl Sums {
    /// Of the slot with this number.
    pub(in crate::audit) const fn of(number: usize) -> Self {
        Self { number, state: State::All, records: 0, units: 0, mantissas: 0 }
    }
}

impl Sellers {
    /// Notes the counts of a request, none of them zero.
    #[inline]
    pub(in crate::audit) fn add_to(
        &mut self,
        sums: &mut Sums,
        (input, output): (u64, u64),
        row: RowRef,
        cost: &RawCost,
    ) {
        match sums.state {
            State::Nothing => {}
            State::Sums => {
                if let Some(mantissas) = sums.mantissas.checked_add(cost.mantissa) {
                    sums.mantissas = mantissas;
                } else {
                    self.settle(sums, cost.scale, cost.currency);
                    *sums = Sums { mantissas: cost.mantissa, ..Sums::of(sums.number) };
                }
                sums.records += 1;
                sums.units += u128::from(input) + u128::from(output);
            }
            State::All => self.add_to_slot(sums, (input, output), row, cost),
        }
    }

    #[inline(never)]
    fn add_to_slot(
        &mut self,
        sums: &mut Sums,
        (input, output): (u64, u64),
        row: RowRef,
        cost: &RawCost,
    ) {
        let Some(slot) = self.slots.get_mut(sums.number) else { return };
        if !slot.live.is_empty() {
            if cost.currency == Currency::USD {
                slot.charge(cost);
            }
            slot.add_counts(input, output, row);
        }
        sums.state = slot.state();
    }

    /// Gives sums of amounts of this scale to their slot.
    pub(in crate::audit) fn settle(&mut self, sums: &Sums, scale: u32, currency: Currency) {
        let Some(slot) = self.slots.get_mut(sums.number).filter(|_| sums.records > 0) else {
            return;
        };
        if currency == Currency::USD {
            slot.charge(&RawCost { mantissa: sums.mantissas, scale, currency });
        }
        slot.records += sums.records;
        slot.units += sums.units;
    }

    /// Adds what another part of the input shows.
    pub(in crate::audit) fn absorb(&mut self, mut other: Self) {
        for ((seller, model), number) in other.numbers.sorted() {
            let Some(part) = other.slots.get_mut(*number).map(std::mem::take) else { continue };
            if let Some(own) = self.numbers.get(&(seller.clone(), model.clone())) {
                if let Some(slot) = self.slots.get_mut(*own) {
                    slot.absorb(part);
                }
            } else {
                self.numbers.insert((seller.clone(), model.clone()), self.slots.len());
                self.slots.push(part);
            }
        }
        for (key, part) in other.found {
            let all = self.found.entry(key).or_default();
            for (counts, odds) in part.0 {
                all.add(counts, odds);
            }
        }
    }
}

impl Slot {
    /// What it still wants to know. That becomes less and less.
    fn state(&self) -> State {
        let is_full = self.inputs.len() >= MAX_DISTINCT
            && self.outputs.len() >= MAX_DISTINCT
            && self.rows.len() >= MAX_ROWS;
        match () {
            () if self.live.is_empty() => State::Nothing,
            () if is_full && !self.is_open => State::Sums,
            () => State::All,
        }
    }

    /// Adds what a request was charged in dollars.
    #[inline]
    fn charge(&mut self, cost: &RawCost) {
        let (sum, scale) = self.running.unwrap_or((0, cost.scale));
        let most = scale.max(cost.scale);
        let at = |mantissa: i128, scale: u32| match most - scale {
            0 => Some(mantissa),
            places => 10_i128.checked_pow(places)?.checked_mul(mantissa),
        };
        let sum = at(sum, scale).zip(at(cost.mantissa, cost.scale));
        if let Some(sum) = sum.and_then(|(sum, more)| sum.checked_add(more)) {
            self.running = Some((sum, most));
        } else {
            self.charged = self.charged();
            self.running = Some((cost.mantissa, cost.scale));
        }
    }

    /// What all records were charged as tokens, in dollars.
    pub(super) fn charged(&self) -> Option<Exact> {
        let Some((mantissa, scale)) = self.running else { return self.charged };
        let running = Exact::new(mantissa, scale).ok()?;
        self.charged.unwrap_or_default().plus(running).ok()
    }

    fn absorb(&mut self, other: Self) {
        self.live.retain(|reading| other.live.contains(reading));
        self.records += other.records;
        self.units += other.units;
        self.is_open |= other.is_open;
        self.charged = match (self.charged(), other.charged()) {
            (Some(own), Some(part)) => own.plus(part).ok(),
            (own, part) => own.or(part),
        };
        self.running = None;
        // How many there are is all that counts, and that up to a limit.
        for (own, part) in [(&mut self.inputs, other.inputs), (&mut self.outputs, other.outputs)] {
            own.extend(part);
            while own.len() > MAX_DISTINCT {
                own.pop_last();
            }
        }
        self.rows.extend(other.rows);
        self.rows.sort_unstable();
        self.rows.truncate(MAX_ROWS);
    }
}
