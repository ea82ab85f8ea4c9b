//! Rows of the past that are of another regime: a model was changed, or the work was.
//!
//! The newest 10, 20, 40 … rows are compared with all older ones by ranks (Mann and Whitney's test),
//! which needs no distribution and does not mind single surprises. Where the ranks differ by 4.5
//! deviations, the older rows say nothing about the next request and are set aside. A log of 10,000 rows
//! has 10 such comparisons: without a change they raise an alarm in less than 1 log of 10,000.

/// Newest rows in the first comparison; each further one takes twice as many.
const FIRST: usize = 10;

/// The square of the deviations that make an alarm: 4.5².
const ALARM: u128 = 20;

/// Where the present regime starts among counts in order of time: 0 when nothing changed.
pub(crate) fn regime(counts: &[u64]) -> usize {
    let mut start = 0;
    // After a change found, an earlier one may be left in what remains.
    while let Some(rest) = counts.get(start..) {
        match change(rest) {
            Some(at) => start += at,
            None => break,
        }
    }
    start
}

/// The most marked change, if any is marked enough: first by doubling, then between the neighbours.
fn change(counts: &[u64]) -> Option<usize> {
    let doubled = std::iter::successors(Some(FIRST), |size| size.checked_mul(2));
    let (_, size) = most_marked(counts, doubled.take_while(|size| *size < counts.len()))?;
    let near = (size / 2..=size * 2).step_by((size / 8).max(1));
    let (_, size) = most_marked(counts, near)?;
    counts.len().checked_sub(size)
}

/// How many newest counts differ most from the older ones, and the square of the deviations.
fn most_marked(counts: &[u64], sizes: impl Iterator<Item = usize>) -> Option<(u128, usize)> {
    let marked = sizes.filter_map(|size| {
        let at = counts.len().checked_sub(size).filter(|at| *at >= FIRST && size >= FIRST)?;
        let (older, newer) = counts.split_at_checked(at)?;
        let square = square_of_deviations(older, newer);
        (square > ALARM).then_some((square, size))
    });
    marked.max()
}

/// How far the ranks of two samples differ: the square of U's distance from its mean in deviations,
/// rounded down. Ties count half; their smaller variance is left out, which is the safe side.
fn square_of_deviations(older: &[u64], newer: &[u64]) -> u128 {
    let mut sorted = older.to_vec();
    sorted.sort_unstable();
    let (m, n) = (older.len() as u128, newer.len() as u128);
    // Twice U: 2 for every older count below a newer one, 1 for every equal one.
    let twice: u128 = newer
        .iter()
        .map(|count| {
            let below = sorted.partition_point(|other| other < count);
            let up_to = sorted.partition_point(|other| other <= count);
            (below + up_to) as u128
        })
        .sum();
    // U has mean m·n / 2 and variance m·n·(m + n + 1) / 12.
    let distance = twice.abs_diff(m * n);
    3 * distance * distance / (m * n * (m + n + 1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts around `middle`, the same ones every time.
    fn counts(seed: u64, number: u64, middle: u64) -> Vec<u64> {
        let mixed = |at: u64| {
            let mut x = (seed << 32 | at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            x ^= x >> 29;
            x.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
        };
        (0..number).map(|at| middle / 2 + mixed(at) % (2 * middle)).collect()
    }

    #[test]
    fn a_change_is_found_and_no_change_is_not() {
        for seed in 0..200 {
            assert_eq!(regime(&counts(seed, 500, 1000)), 0, "seed {seed}");
        }
        for seed in 0..50 {
            let mut changed = counts(seed, 100, 1000);
            changed.extend(counts(seed + 1, 40, 4000));
            assert_eq!(regime(&changed), 100, "seed {seed}");
        }
    }

    #[test]
    fn few_or_equal_rows_are_one_regime() {
        assert_eq!(regime(&[]), 0);
        assert_eq!(regime(&[1, 1, 1, 1000, 1000]), 0);
        assert_eq!(regime(&[7; 1000]), 0);
        // One surprise is none.
        let mut once = vec![100; 50];
        once.push(100_000);
        assert_eq!(regime(&once), 0);
    }
}
