//! Evidence that grows while rows arrive: a bet against "nothing has changed" that can be read at
//! any time.
//!
//! Rows come in the order of time. Each is ranked among the baseline and the rows before it; when
//! all are exchangeable these ranks are independent and uniform. One unit of capital is bet on
//! high ranks at even odds, so that it grows in no case but by chance or by change: it reaches
//! `limit` units with a chance of at most 1 / `limit`, over all time, however often one looks
//! (Ville's inequality). Bets are linear in the rank and move between stakes (the "simple jumper"
//! of conformal testing), so a change may begin at any row. Ties count against the finding,
//! fractions of capital are dropped: both only lower it.

/// What a bet came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BettingEvidence {
    /// The highest capital, in whole units (of one at the start), at most 2^30.
    pub highest: u64,
    /// The number of rows after which the limit was reached.
    pub reached_after: Option<u64>,
}

/// Stakes in quarters.
const STAKES: [i128; 4] = [0, 1, 2, 4];

/// The share of capital that moves between stakes before each row: one in each of these.
const JUMPS: [u128; 4] = [100, 1_000, 10_000, 100_000];

/// One unit of capital.
const UNIT: u128 = 1 << 64;

/// Capital beyond which nothing more is bet, in units.
const ENOUGH: u128 = 1 << 30;

/// Bets on a window's rows, in the order of time, against a baseline in ascending order.
///
/// ```
/// let baseline: Vec<u32> = (100..200).collect();
/// let higher: Vec<u32> = (130..230).collect();
/// let evidence = tokreckon::audit::evidence(&baseline, &higher, 100);
/// assert!(evidence.reached_after.is_some());
/// ```
#[must_use]
pub fn evidence(baseline: &[u32], window: &[u32], limit: u64) -> BettingEvidence {
    let mut seen = Seen::new(baseline, window);
    let each = UNIT / (STAKES.len() * JUMPS.len()) as u128;
    let mut capital = [[each; STAKES.len()]; JUMPS.len()];
    let mut best = BettingEvidence { highest: 1, reached_after: None };
    for (&value, rows) in window.iter().zip(1..) {
        let (rank, of) = seen.rank(value);
        let mut all = 0;
        for (shares, jump) in capital.iter_mut().zip(JUMPS) {
            all += bet(shares, jump, rank, of);
        }
        let units = u64::try_from((all / UNIT).min(ENOUGH)).unwrap_or(0);
        best.highest = best.highest.max(units);
        if best.reached_after.is_none() && units >= limit {
            best.reached_after = Some(rows);
        }
        if all >= ENOUGH * UNIT {
            break;
        }
    }
    best
}

/// Moves capital between stakes, then bets: a stake s pays 1 + s × (of + 1 − 2 × rank) / of,
/// which is 1 on average over all ranks. The sum afterwards.
fn bet(shares: &mut [u128; STAKES.len()], jump: u128, rank: u64, of: u64) -> u128 {
    let all: u128 = shares.iter().sum();
    let received = all / (jump * STAKES.len() as u128);
    let (rank, of) = (i128::from(rank), i128::from(of));
    let mut sum = 0;
    for (share, stake) in shares.iter_mut().zip(STAKES) {
        let moved = *share - share.div_ceil(jump) + received;
        let pays = (4 * of + stake * (of + 1 - 2 * rank)).unsigned_abs();
        *share = moved * pays / (4 * of).unsigned_abs();
        sum += *share;
    }
    sum
}

/// The rows seen so far, to rank the next one among: a Fenwick tree over the distinct values.
struct Seen {
    values: Vec<u32>,
    tree: Vec<u64>,
    rows: u64,
}

impl Seen {
    fn new(baseline: &[u32], window: &[u32]) -> Self {
        let mut values: Vec<u32> = baseline.iter().chain(window).copied().collect();
        values.sort_unstable();
        values.dedup();
        let mut seen = Self { tree: vec![0; values.len() + 1], values, rows: 0 };
        for &value in baseline {
            seen.add(seen.place(value));
        }
        seen
    }

    /// The rank from the top (ties: the lowest place) and the number of places; adds the row.
    fn rank(&mut self, value: u32) -> (u64, u64) {
        let place = self.place(value);
        let at_or_above = self.rows - self.below(place);
        self.add(place);
        (at_or_above + 1, self.rows)
    }

    fn place(&self, value: u32) -> usize {
        self.values.partition_point(|&other| other < value)
    }

    fn add(&mut self, place: usize) {
        self.rows += 1;
        let mut node = place + 1;
        while let Some(count) = self.tree.get_mut(node) {
            *count += 1;
            node += node & node.wrapping_neg();
        }
    }

    fn below(&self, place: usize) -> u64 {
        let (mut node, mut sum) = (place, 0);
        while node > 0 {
            sum += self.tree[node];
            node -= node & node.wrapping_neg();
        }
        sum
    }
}
