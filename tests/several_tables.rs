//! Several tables, read by every core, come to what they come to when they are read in order.
//!
//! What is called `.csv` is read by every core, what is called `.txt` in order: the same rows under
//! either name print the same bytes, in whatever order the files are named.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

const HEADER: &str = "timestamp,request_id,project_id,provider,model,input_tokens,input_cached_tokens,output_tokens,billed_cost_usd\n";

/// A request that its number says all of, for some of a project of its own.
fn row(number: u64, project: u64) -> String {
    let mut random = Random(number);
    let models = ["gpt-4o", "gpt-4o-mini", "o1-mini", "no-such-model"];
    let (input, output) = (100 + random.below(9_000), random.below(3_000));
    let cached = if random.below(50) == 0 { input + 1 } else { input / 2 };
    format!(
        "2026-03-{:02}T10:00:00Z,req_{number:012x},p{project},openai,{},{input},{cached},{output},0.00{}\n",
        1 + number % 28,
        models[usize::try_from(random.below(40) / 11).expect("few")],
        random.below(1_000),
    )
}

/// Rows with numbers from a range, shuffled a little, some of them twice or unreadable.
fn table(random: &mut Random, numbers: std::ops::Range<u64>, twice: bool) -> String {
    let mut text = HEADER.to_owned();
    let mut rows: Vec<u64> = numbers.collect();
    for at in 1..rows.len() {
        let other = at.saturating_sub(usize::try_from(random.below(400)).expect("few"));
        rows.swap(at, other);
    }
    for number in rows {
        text.push_str(&row(number, random.below(3)));
        if twice && random.below(40) == 0 {
            // The same request, of another project: which of the two is the copy can be seen.
            text.push_str(&row(number, 7));
        }
        if random.below(400) == 0 {
            let _ = writeln!(text, "2026-03-01T10:00:00Z,x,p,openai,gpt-4o,many,0,1,");
        }
    }
    text
}

/// What is printed of the files, with one ending for all.
fn printed(folder: &Path, ending: &str, order: &[&str], command: &[&str]) -> (String, Option<i32>) {
    let files = order.iter().map(|name| format!("table-{name}.{ending}"));
    let ended = Command::new(env!("CARGO_BIN_EXE_tokreckon"))
        .current_dir(folder)
        .args(command)
        .args(files)
        .output()
        .expect("the program starts");
    let text = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
    let shown = order
        .iter()
        .fold(text.concat(), |text, name| text.replace(&format!("table-{name}.{ending}"), name));
    (shown, ended.status.code())
}

/// What is printed by little memory and by enough, without the remark that only the latter has.
fn printed_by_any(
    folder: &Path,
    ending: &str,
    order: &[&str],
    command: &[&str],
) -> (String, Option<i32>) {
    let (text, code) = printed(folder, ending, order, command);
    (without_repeats(&text), code)
}

/// Without the remark about ids that come back inside of one file: it takes memory, and where there is
/// little of that nobody looks.
fn without_repeats(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_remark = |line: &str| {
        line.starts_with("tokreckon: ") && line.contains(" with a request id of another one")
    };
    let told = |at: usize| is_remark(lines[at]) || at > 0 && is_remark(lines[at - 1]);
    let kept = (0..lines.len()).filter(|at| !told(*at)).map(|at| lines[at]);
    kept.collect::<Vec<_>>().join("\n")
}

const ORDERS: [[&str; 3]; 4] = [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"], ["a", "a", "c"]];

#[test]
fn every_core_or_one_in_order_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let random = &mut Random(2026);
    write_tables(folder.path(), random);
    let commands: [&[&str]; 5] = [
        &["report", "--by", "project,model,day", "--format", "json"],
        &["audit", "--now", "2026-12-01", "--by", "project", "--format", "json"],
        &["audit", "--now", "2026-12-01", "--memory", "1", "--format", "csv"],
        &["audit", "--now", "2026-12-01", "--no-dedup"],
        &["report", "--no-dedup", "--by", "project"],
    ];
    for order in ORDERS {
        for command in commands {
            let (text, code) = printed(folder.path(), "csv", &order, command);
            assert!(!text.is_empty());
            let in_order = printed(folder.path(), "txt", &order, command);
            assert!(
                (&text, code) == (&in_order.0, in_order.1),
                "{command:?} of {order:?}:\n{text}"
            );
        }
    }
}

/// Tables of several blocks each; the second repeats a third of the first, the third a part of both
/// with copies of its own.
fn write_tables(folder: &Path, random: &mut Random) {
    let tables = [
        ("a", table(random, 0..9_000, true)),
        ("b", table(random, 6_000..14_000, false)),
        ("c", table(random, 5_000..12_000, true)),
    ];
    for (name, text) in &tables {
        assert!(text.len() > 2 << 18, "{} bytes are one block", text.len());
        for ending in ["csv", "txt"] {
            fs::write(folder.join(format!("table-{name}.{ending}")), text).expect("written");
        }
    }
}

#[test]
fn with_the_least_memory_or_with_enough_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    write_tables(folder.path(), &mut Random(11));
    let report: &[&str] = &["report", "--by", "project,model,day", "--format", "json"];
    let audit: &[&str] = &["audit", "--now", "2026-12-01", "--by", "project", "--format", "json"];
    for order in ORDERS {
        for (command, ending) in [(report, "csv"), (report, "txt"), (audit, "csv")] {
            let enough = printed_by_any(folder.path(), ending, &order, command);
            let least = [command, &["--memory", "0"]].concat();
            let least = printed_by_any(folder.path(), ending, &order, &least);
            assert!(enough == least, "{command:?} of {order:?}:\n{}", least.0);
        }
    }
}

#[test]
fn compared_with_the_past_or_a_bill_by_every_core_or_in_order_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let random = &mut Random(13);
    write_tables(folder.path(), random);
    let past = table(random, 20_000..26_000, false).replace("2026-03-", "2026-02-");
    fs::write(folder.path().join("past.csv"), past).expect("written");
    let mut bill = "time,model,project,input_tokens,output_tokens,cost\n".to_owned();
    for (day, model) in [(3, "gpt-4o"), (3, "gpt-4o-mini"), (4, "o1-mini"), (28, "gpt-4o")] {
        let _ = writeln!(bill, "2026-03-{day:02},{model},p1,1,1,7.25");
    }
    fs::write(folder.path().join("bill.csv"), bill).expect("written");
    let commands: [&[&str]; 4] = [
        &["--baseline", "past.csv"],
        &["--baseline", "past.csv", "--baseline-by", "service-tier", "--no-dedup"],
        &["--bill", "bill.csv", "--bill-from", "csv"],
        &["--bill-total", "123.45USD", "--baseline", "past.csv"],
    ];
    for (command, order) in commands.into_iter().zip(ORDERS) {
        let command = [&["audit", "--now", "2026-12-01", "--format", "json"], command].concat();
        let (text, code) = printed(folder.path(), "csv", &order, &command);
        assert!(text.contains("\"statistics\"") || text.contains("\"bill\""), "{text}");
        let in_order = printed(folder.path(), "txt", &order, &command);
        assert!((&text, code) == (&in_order.0, in_order.1), "{command:?} of {order:?}:\n{text}");
        if !command.contains(&"--no-dedup") {
            let least = [&command[..], &["--memory", "0"]].concat();
            let least = printed_by_any(folder.path(), "csv", &order, &least);
            assert!((without_repeats(&text), code) == least, "{least:?} of {order:?}");
        }
    }
}

#[test]
fn where_files_cannot_be_read_in_parts_it_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    write_tables(folder.path(), &mut Random(12));
    // An audit may need the rows of a log in their order, and a price is printed row by row.
    for command in ["audit", "price"] {
        let args = [command, "--memory", "0"];
        let (text, code) = printed(folder.path(), "txt", &["a", "b"], &args);
        assert!(text.contains("finding copies takes more than `--memory 0`"), "{text}");
        assert!(text.contains("hint: raise `--memory`, read fewer files at once"), "{text}");
        assert_eq!(code, Some(2));
        let all = [command, "--memory", "0", "--no-dedup"];
        assert_eq!(printed(folder.path(), "txt", &["a", "b"], &all).1, Some(1));
    }
}

#[test]
fn a_table_that_breaks_off_counts_as_it_does_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let random = &mut Random(7);
    let (whole, broken) = (table(random, 0..6_000, true), table(random, 3_000..9_000, true));
    // Half of a compressed file.
    let mut packed = flate2_of(&broken);
    packed.truncate(packed.len() / 2);
    for ending in ["csv", "txt"] {
        fs::write(folder.path().join(format!("table-a.{ending}")), &whole).expect("written");
        fs::write(folder.path().join(format!("table-b.{ending}")), &packed).expect("written");
    }
    for command in [&["audit", "--now", "2026-12-01"][..], &["report", "--format", "json"]] {
        for order in [["a", "b", "a"], ["b", "a", "b"]] {
            let every_core = printed(folder.path(), "csv", &order, command);
            assert_eq!(every_core, printed(folder.path(), "txt", &order, command));
            let least = [command, &["--memory", "0"]].concat();
            let (text, code) = every_core;
            let least = printed_by_any(folder.path(), "csv", &order, &least);
            assert_eq!((without_repeats(&text), code), least);
        }
    }
}

fn flate2_of(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, text.as_bytes()).expect("memory");
    packer.finish().expect("memory")
}
