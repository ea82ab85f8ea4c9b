//! The statistics of an audit: false alarms and detection of unusual rows and drift.

mod protocol;

use tokreckon::money::Rounding;

use protocol::{
    Group, Pool, RAISES, REFERENCE, WINDOWS, any_named, in_recorded_order, over_time, ratio, read,
    shift, shift_rounded_up, synthetic, unusual,
};

/// Random draws from each group, for each figure.
const TRIALS: u64 = 2_000;

/// Prints every table.
pub(crate) fn print() {
    let (groups, kind) = groups();
    println!("## Statistics of an audit\n");
    let names: Vec<String> =
        groups.iter().map(|group| format!("{} ({})", group.name, group.values.len())).collect();
    println!("{kind}: {}.", names.join(", "));
    println!(
        "{TRIALS} random draws from each. A raise multiplies reasoning tokens and rounds to a"
    );
    println!("multiple of 64, so that every check of single rows by arithmetic passes.\n");
    let pool = Pool { groups, trials: TRIALS };
    print_rows(&pool);
    print_shift(&pool);
    print_over_time(&pool);
    print_any(&pool);
    print_recorded_order(&pool);
}

#[expect(clippy::disallowed_methods, reason = "a program, unlike the library, has an environment")]
fn groups() -> (Vec<Group>, &'static str) {
    if let Ok(folder) = std::env::var("TOKRECKON_FACTS") {
        let path = format!("{folder}/reasoning/requests.csv");
        match std::fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|t| read(&t))
        {
            Ok(groups) if !groups.is_empty() => return (groups, "Recorded requests"),
            Ok(_) => eprintln!("detection: {path}: no group of 300 rows"),
            Err(error) => eprintln!("detection: {path}: {error}"),
        }
    }
    eprintln!("detection: no recorded requests (`TOKRECKON_FACTS`), only synthetic ones");
    (synthetic(), "Synthetic requests, only a check of the code")
}

fn print_rows(pool: &Pool) {
    println!("### `unusual-row`: share of rows found\n");
    println!("| baseline rows | no change | 1.5 × | 2 × | 3 × | 5 × |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for reference in [99, 199] {
        let cells = [100, 150, 200, 300, 500].map(|percent| {
            let found = unusual(pool, reference, percent);
            if percent == 100 { hundredths(found) } else { whole(found) }
        });
        println!("| {reference} | {} |", cells.join(" | "));
    }
    println!();
}

fn print_shift(pool: &Pool) {
    println!("### `drift`: share of windows found, {REFERENCE} baseline rows\n");
    print_windows(&RAISES, |rows, raise| shift(pool, rows, 100 + raise));
    println!("\nThe same with every raised count rounded up to a multiple of 64:\n");
    print_windows(&RAISES[1..4], |rows, raise| shift_rounded_up(pool, rows, 100 + raise));
    println!("\n### The estimated ratio, {REFERENCE} baseline rows\n");
    println!("| raise | rows | median estimate | inside the 95 % interval |\n|---|---:|---:|---:|");
    for (raise, rows) in [(0, 100), (20, 50), (20, 100), (20, 200), (50, 100)] {
        let (median, inside) = ratio(pool, rows, 100 + raise);
        let median = format!("{}.{:03}", median / 1000, median % 1000);
        println!("| +{raise} % | {rows} | {median} | {} |", whole(inside));
    }
    println!();
}

/// A line for each raise, a column for each number of rows.
fn print_windows(raises: &[u32], share: impl Fn(usize, u32) -> u64) {
    let heads: Vec<String> = WINDOWS.iter().map(|rows| format!("{rows} rows")).collect();
    println!("| raise | {} |\n|---|{}", heads.join(" | "), "---:|".repeat(WINDOWS.len()));
    for &raise in raises {
        let cells = WINDOWS.map(|rows| {
            let found = share(rows, raise);
            if raise == 0 { hundredths(found) } else { whole(found) }
        });
        let name = if raise == 0 { "none".to_owned() } else { format!("+{raise} %") };
        println!("| {name} | {} |", cells.join(" | "));
    }
}

fn print_over_time(pool: &Pool) {
    println!("### `drift-over-time`: 100 baseline rows, 200 rows, limit 100 to 1\n");
    println!("| raise | from the first row | median rows | from row 101 | median rows after it |");
    println!("|---|---:|---:|---:|---:|");
    for raise in RAISES {
        let [first, later] = [0, 100].map(|start| {
            let (found, median) = over_time(pool, start, 100 + raise);
            let found = if raise == 0 { hundredths(found) } else { whole(found) };
            let median = median.map_or("–".to_owned(), |median| median.to_string());
            format!("{found} | {median}")
        });
        let name = if raise == 0 { "none".to_owned() } else { format!("+{raise} %") };
        println!("| {name} | {first} | {later} |");
    }
    println!();
}

fn print_any(pool: &Pool) {
    println!("### Audits of all {} groups without a change that name any\n", pool.groups.len());
    println!("| rows of each group | `drift` | `drift-over-time` |\n|---:|---:|---:|");
    for rows in WINDOWS {
        let [drift, over_time] = any_named(pool, rows).map(hundredths);
        println!("| {rows} | {drift} | {over_time} |");
    }
    println!();
}

fn print_recorded_order(pool: &Pool) {
    println!("### In the order of the record: the first {REFERENCE} requests against the next\n");
    println!("| group | p | times | evidence |\n|---|---:|---:|---:|");
    for (name, p, ratio, evidence) in in_recorded_order(pool) {
        let ratio = ratio.unwrap_or(0);
        let times = format!("{}.{:03}", ratio / 1000, ratio % 1000);
        println!("| {name} | {} | {times} | {evidence} |", p.rounded(4, Rounding::HalfUp));
    }
    println!();
}

/// Millionths as a percentage with two digits.
fn hundredths(millionths: u64) -> String {
    let rounded = (millionths + 50) / 100;
    format!("{}.{:02} %", rounded / 100, rounded % 100)
}

/// Millionths as a whole percentage.
fn whole(millionths: u64) -> String {
    format!("{} %", (millionths + 5_000) / 10_000)
}
