//! Random baselines and windows of recorded requests, the window raised by a known factor.

use std::collections::BTreeMap;

use tokreckon::audit::{conformal_p, evidence, holm, is_unusual, rank_test};
use tokreckon::money::Exact;

/// What is drawn from, and how often from each group.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) groups: Vec<Group>,
    pub(crate) trials: u64,
}

/// Reasoning tokens of requests of one model and task.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) values: Vec<u32>,
}

/// Raises in percent.
pub(crate) const RAISES: [u32; 6] = [0, 5, 10, 20, 50, 100];
/// Rows of a window.
pub(crate) const WINDOWS: [usize; 4] = [20, 50, 100, 200];
/// Rows of a baseline.
pub(crate) const REFERENCE: usize = 100;

const SEED: u64 = 20_261_121;
const FEWEST_ROWS: usize = 300;

/// The groups of at least 300 requests with reasoning in a table of requests.
pub(crate) fn read(text: &str) -> Result<Vec<Group>, String> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let at = headers.iter().position(|header| header == name);
        at.ok_or_else(|| format!("there is no column `{name}`"))
    };
    let [model, task, reasoning] = [column("model")?, column("task")?, column("reasoning_tokens")?];
    let mut groups: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let count =
            row.get(reasoning).and_then(|count| count.parse().ok()).filter(|&c: &u32| c > 0);
        if let (Some(model), Some(task), Some(count)) = (row.get(model), row.get(task), count) {
            groups.entry(format!("{model} {task}")).or_default().push(count);
        }
    }
    let groups = groups.into_iter().map(|(name, values)| Group { name, values });
    Ok(groups.filter(|group| group.values.len() >= FEWEST_ROWS).collect())
}

/// Requests made up: products of three uniform numbers, in multiples of 64.
pub(crate) fn synthetic() -> Vec<Group> {
    let mut random = Random(SEED);
    let mut value = |_| {
        let product = (0..3).fold(1, |product, _| product * (4 + random.below(16)));
        u32::try_from(product / 4 * 64).unwrap_or(u32::MAX)
    };
    vec![Group { name: "synthetic".to_owned(), values: (0..600).map(&mut value).collect() }]
}

/// The share of rows that are unusual when raised to this percentage, in millionths.
pub(crate) fn unusual(pool: &Pool, reference: usize, percent: u32) -> u64 {
    let rows = 100;
    average(pool, reference + rows, |drawn| {
        let (baseline, window) = sides(drawn, reference, percent);
        let found = window.iter().filter(|&&row| is_unusual(conformal_p(&baseline, row)));
        found.count() as u64 * 1_000_000 / rows as u64
    })
}

/// The share of windows with drift, in millionths.
pub(crate) fn shift(pool: &Pool, rows: usize, percent: u32) -> u64 {
    shift_by(pool, rows, |count| raised(count, percent))
}

/// The same when every raised count is rounded up to a multiple of 64: each row rises by at least
/// the percentage, and on average by 32 tokens more.
pub(crate) fn shift_rounded_up(pool: &Pool, rows: usize, percent: u32) -> u64 {
    shift_by(pool, rows, |count| {
        if percent == 100 { count } else { (count * percent).div_ceil(6_400) * 64 }
    })
}

fn shift_by(pool: &Pool, rows: usize, raise: impl Fn(u32) -> u32) -> u64 {
    let one_in_a_hundred = Exact::new(1, 2).expect("a decimal");
    average(pool, REFERENCE + rows, |drawn| {
        let (baseline, mut window) = sides(drawn, REFERENCE, 100);
        for row in &mut window {
            *row = raise(*row);
        }
        window.sort_unstable();
        let test = rank_test(&baseline, &window).expect("enough rows");
        u64::from(test.p <= one_in_a_hundred) * 1_000_000
    })
}

/// The median estimate of the ratio in thousandths, and how often the interval holds the truth,
/// in millionths.
pub(crate) fn ratio(pool: &Pool, rows: usize, percent: u32) -> (u64, u64) {
    let mut estimates = Vec::new();
    let inside = average(pool, REFERENCE + rows, |drawn| {
        let (baseline, mut window) = sides(drawn, REFERENCE, percent);
        window.sort_unstable();
        let ratio = rank_test(&baseline, &window).expect("enough rows").ratio;
        estimates.extend(ratio.thousandths);
        let truth = u64::from(percent) * 10;
        let above = ratio.low.is_some_and(|low| low <= truth);
        u64::from(above && ratio.high.is_none_or(|high| truth <= high)) * 1_000_000
    });
    estimates.sort_unstable();
    (estimates[estimates.len() / 2], inside)
}

/// The share of windows of 200 rows in which evidence reaches 100 to 1 when rows are raised from
/// the row `start` on, in millionths, and the median number of rows it took from there.
pub(crate) fn over_time(pool: &Pool, start: usize, percent: u32) -> (u64, Option<u64>) {
    let mut delays = Vec::new();
    let found = average(pool, REFERENCE + 200, |drawn| {
        let (baseline, mut window) = sides(drawn, REFERENCE, 100);
        for row in &mut window[start..] {
            *row = raised(*row, percent);
        }
        let reached = evidence(&baseline, &window, 100).reached_after;
        // Alarms before the change are false.
        let after = reached.and_then(|rows| rows.checked_sub(start as u64));
        delays.extend(after);
        u64::from(after.is_some()) * 1_000_000
    });
    delays.sort_unstable();
    (found, delays.get(delays.len() / 2).copied())
}

/// The share of audits of all groups, none of them raised, that name any: by rank test with Holm's
/// adjustment, and by evidence over time; in millionths. Five times as many trials: it is one
/// figure where others are the mean over groups.
pub(crate) fn any_named(pool: &Pool, rows: usize) -> [u64; 2] {
    let one_in_a_hundred = Exact::new(1, 2).expect("a decimal");
    let limit = 100 * pool.groups.len() as u64;
    let mut random = Random(SEED);
    let mut values: Vec<Vec<u32>> = pool.groups.iter().map(|group| group.values.clone()).collect();
    let mut named = [0; 2];
    let trials = 5 * pool.trials;
    for _ in 0..trials {
        let (mut p_values, mut reached) = (Vec::new(), false);
        for values in &mut values {
            random.draw(values, REFERENCE + rows);
            let (baseline, mut window) = sides(&values[..REFERENCE + rows], REFERENCE, 100);
            reached |= evidence(&baseline, &window, limit).reached_after.is_some();
            window.sort_unstable();
            p_values.push(rank_test(&baseline, &window).expect("enough rows").p);
        }
        let drift = holm(&p_values).iter().any(|p| *p <= one_in_a_hundred);
        for (named, found) in named.iter_mut().zip([drift, reached]) {
            *named += u64::from(found) * 1_000_000;
        }
    }
    named.map(|named| named / trials)
}

/// Of each group the first rows as they were recorded against the next: its name, the p-value of
/// the rank test, the ratio in thousandths, the evidence over time.
pub(crate) fn in_recorded_order(pool: &Pool) -> Vec<(&str, Exact, Option<u64>, u64)> {
    let compare = |group: &'_ Group| {
        let (baseline, mut window) = sides(&group.values[..2 * REFERENCE], REFERENCE, 100);
        let over_time = evidence(&baseline, &window, 100);
        window.sort_unstable();
        let test = rank_test(&baseline, &window).expect("enough rows");
        (test.p, test.ratio.thousandths, over_time.highest)
    };
    let with_name = |group| {
        let (p, ratio, evidence) = compare(group);
        (group.name.as_str(), p, ratio, evidence)
    };
    pool.groups.iter().map(with_name).collect()
}

/// The mean over random draws without replacement from each group.
fn average(pool: &Pool, rows: usize, mut trial: impl FnMut(&[u32]) -> u64) -> u64 {
    let mut sum = 0;
    for (group, number) in pool.groups.iter().zip(0..) {
        let mut random = Random(SEED ^ (number << 32));
        let mut values = group.values.clone();
        for _ in 0..pool.trials {
            random.draw(&mut values, rows);
            sum += trial(&values[..rows]);
        }
    }
    sum / pool.trials / (pool.groups.len() as u64)
}

/// A baseline in ascending order, and a raised window in the order drawn.
fn sides(drawn: &[u32], reference: usize, percent: u32) -> (Vec<u32>, Vec<u32>) {
    let (baseline, window) = drawn.split_at(reference);
    let mut baseline = baseline.to_vec();
    baseline.sort_unstable();
    (baseline, window.iter().map(|&row| raised(row, percent)).collect())
}

/// A count raised to a percentage, rounded to a multiple of 64.
fn raised(count: u32, percent: u32) -> u32 {
    if percent == 100 { count } else { (count * percent / 100 + 32) / 64 * 64 }
}

/// `SplitMix64`: a fixed start gives the same draws everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed ^= mixed >> 30;
        mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Moves random values to the front, in random order.
    fn draw(&mut self, values: &mut [u32], rows: usize) {
        for at in 0..rows {
            let other = at + self.index(values.len() - at);
            values.swap(at, other);
        }
    }

    /// An index into something of this length.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }
}
