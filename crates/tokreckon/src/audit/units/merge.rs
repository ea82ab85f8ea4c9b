//! What parts of the input show of a seller, added up: the same in any order and split.

use super::{MAX_DISTINCT, MAX_ROWS, Sellers, Slot};
use crate::ledger::RawCost;
use crate::money::Exact;

impl Sellers {
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
    /// Adds what a request was charged in dollars.
    #[inline]
    pub(super) fn charge(&mut self, cost: &RawCost) {
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
