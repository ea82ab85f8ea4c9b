//! Windows on parts of the same records, put together: what they come to in any order is what one
//! window on all of them comes to.

use std::sync::Arc;

use super::MAX_ROWS;
use super::baseline::Baseline;
use super::drift::{Compared, Seen, Tally, Window, plus};

impl Window {
    /// A window on a part of the records, for [`Window::absorb`].
    pub(super) fn sibling(&self) -> Self {
        Self::against(Arc::clone(&self.reference))
    }

    /// Adds what another window has seen.
    pub(super) fn absorb(&mut self, part: Self) {
        for (seen, other) in self.groups.iter_mut().zip(part.groups) {
            seen.absorb(other);
        }
        for (why, records) in part.not_compared {
            *self.not_compared.entry(why).or_default() += records;
        }
        for (group, records) in part.unknown {
            self.count_unknown(group, records);
        }
        self.first_second = self.first_second.into_iter().chain(part.first_second).min();
        self.keep_first();
    }

    /// Keeps the rows that one window would have kept: the first of each group, and of these the
    /// first of all. Each part had kept them, since a part keeps its own first rows.
    fn keep_first(&mut self) {
        let (of_group, of_all) = (most(Baseline::MAX_ROWS), most(Baseline::MAX_ALL_ROWS));
        for seen in &mut self.groups {
            if seen.rows.len() > of_group {
                seen.rows.sort_by_key(|row| row.place);
                seen.keep(|at, _| at < of_group);
            }
        }
        let rows: usize = self.groups.iter().map(|seen| seen.rows.len()).sum();
        if rows > of_all {
            let rows = self.groups.iter().flat_map(|seen| &seen.rows);
            let mut places: Vec<u64> = rows.map(|row| row.place).collect();
            let (_, first_beyond, _) = places.select_nth_unstable(of_all);
            let first_beyond = *first_beyond;
            for seen in &mut self.groups {
                seen.keep(|_, row| row.place < first_beyond);
            }
        }
        self.kept = self.groups.iter().map(|seen| seen.rows.len() as u64).sum();
    }
}

impl Seen {
    fn absorb(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.left_out += other.left_out;
        self.all.absorb(other.all);
        self.unusual.absorb(other.unusual);
        self.highest.extend(other.highest);
        self.highest.sort_by_key(|row| (std::cmp::Reverse(row.value), row.row));
        self.highest.truncate(MAX_ROWS);
        for (currency, cost) in other.measured_cost {
            plus(&mut self.measured_cost, currency, cost);
        }
    }

    /// Counts rows out.
    fn keep(&mut self, keeps: impl Fn(usize, &Compared) -> bool) {
        let before = self.rows.len();
        let mut at = 0;
        self.rows.retain(|row| {
            at += 1;
            keeps(at - 1, row)
        });
        self.left_out += (before - self.rows.len()) as u64;
    }
}

impl Tally {
    fn absorb(&mut self, other: Self) {
        self.records += other.records;
        self.tokens += other.tokens;
        self.rows.extend(other.rows);
        self.rows.sort_unstable();
        self.rows.truncate(MAX_ROWS);
        for (currency, amount) in other.cost {
            plus(&mut self.cost, currency, amount);
        }
    }
}

fn most(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}
