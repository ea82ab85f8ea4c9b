//! Measures token counters beside each other and prints the tables as Markdown.
//!
//! `cargo run --release --manifest-path benches/tokenizers/Cargo.toml` measures everything; with
//! `single`, `runs`, `cores` or `programs` after `--` only a part of it.

mod corpora;
mod engines;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, hint, thread};

use corpora::Corpus;
use tokreckon_tokenizer::Encoding;

/// Bytes of the larger corpora.
const CORPUS_BYTES: usize = 5_000_000;
const ENCODINGS: [Encoding; 2] = [Encoding::O200kBase, Encoding::Cl100kBase];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("measure") => return measure(&arguments[1..]),
        Some("single") => return single(),
        Some("runs") => return runs(),
        Some("cores") => return all_cores(),
        Some("programs") => return programs(),
        _ => {}
    }
    println!("# How fast tokens are counted\n");
    println!("Made by `cargo run --release --manifest-path benches/tokenizers/Cargo.toml`");
    println!("on {}, {} threads, {}.\n", processor(), cores(), compiler());
    println!(
        "MB/s of processor time (of the clock below 60 ms), each measurement in a process of its own: medians of {ROUNDS}. \"First\""
    );
    println!(
        "is the first pass over a text by a process that has counted nothing but a few words, \"best\" the"
    );
    println!(
        "best of {PASSES} passes. A cross marks a total that is not the reference's (tiktoken-rs), \"error\""
    );
    println!(
        "that the counter gave none. fastokens is not exact: it differs on `'ſ`, which these corpora lack.\n"
    );
    single();
    all_cores();
    programs();
}

const PASSES: usize = 3;
const ROUNDS: usize = 3;

/// The throughput of one thread on all corpora.
fn single() {
    let ordinary = corpora::ordinary(CORPUS_BYTES);
    println!("| corpus | bytes | source |\n|---|---|---|");
    for corpus in &ordinary {
        println!(
            "| {} | {} | {} |",
            corpus.name,
            corpus.bytes(),
            corpus.source
        );
    }
    for encoding in ENCODINGS {
        println!("\n## One thread, `{encoding}`, first / best\n");
        throughput(&ordinary, encoding);
    }
    runs();
}

/// The same on inputs that are hard for some.
fn runs() {
    println!("\n## Long runs of a megabyte, one thread, `o200k_base`, first / best\n");
    throughput(&corpora::pathological(), Encoding::O200kBase);
}

/// Each measurement in a process of its own: the first pass depends on what memory a process had before.
fn throughput(corpora: &[Corpus], encoding: Encoding) {
    let names: Vec<&str> = engines::ALL.iter().map(|(name, _)| *name).collect();
    println!("| corpus | {} | tokreckon / tiktoken-rs |", names.join(" | "));
    println!("|---|{}---|", "---|".repeat(names.len()));
    let file = env::temp_dir().join(format!("tokreckon-bench-{}.json", std::process::id()));
    for corpus in corpora {
        fs::write(
            &file,
            serde_json::to_string(&corpus.texts).expect("texts are JSON"),
        )
        .expect("a temporary file");
        let mut rounds: Vec<Vec<Speed>> = vec![Vec::new(); names.len()];
        for _ in 0..ROUNDS {
            for (name, speeds) in names.iter().zip(&mut rounds) {
                speeds.push(measured_apart(name, encoding, &file));
            }
        }
        let medians: Vec<Speed> = rounds.iter_mut().map(|speeds| median(speeds)).collect();
        let (reference, expected) = (medians[0].first, medians[0].total);
        let mut row = format!("| {} |", corpus.name);
        for Speed { first, best, total } in &medians {
            let mark = match *total {
                0 => " error",
                total if expected != 0 && total != expected => " ✗",
                _ => "",
            };
            row.push_str(&format!(" {first:.0} / {best:.0}{mark} |"));
        }
        let own = medians[medians.len() - 1];
        match expected {
            0 => println!("{row} – |"),
            _ => println!("{row} {:.1} |", own.first / reference),
        }
    }
    _ = fs::remove_file(file);
}

/// MB/s of the first and of the best pass, and the tokens.
#[derive(Clone, Copy)]
struct Speed {
    first: f64,
    best: f64,
    total: usize,
}

fn median(speeds: &mut [Speed]) -> Speed {
    speeds.sort_by(|one, other| one.best.total_cmp(&other.best));
    let Speed { best, total, .. } = speeds[speeds.len() / 2];
    speeds.sort_by(|one, other| one.first.total_cmp(&other.first));
    let first = speeds[speeds.len() / 2].first;
    Speed { first, best, total }
}

fn measured_apart(name: &str, encoding: Encoding, file: &Path) -> Speed {
    let output = Command::new(env::current_exe().expect("the path of this program"))
        .args(["measure", name, encoding.name()])
        .arg(file)
        // Some start threads of their own unless told otherwise.
        .env("RAYON_NUM_THREADS", "1")
        .env("TOKENIZERS_PARALLELISM", "false")
        .output()
        .expect("runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut numbers = printed
        .split_whitespace()
        .filter_map(|number| number.parse().ok());
    let mut next = || numbers.next().unwrap_or(0.0);
    Speed { first: next(), best: next(), total: next() as usize }
}

/// The process that measures one counter on the texts of one file.
fn measure(arguments: &[String]) {
    let [name, encoding, file] = arguments else {
        panic!("measure NAME ENCODING FILE");
    };
    let encoding: Encoding = encoding.parse().expect("an encoding");
    let texts = fs::read_to_string(file).expect("the corpus");
    let texts: Vec<String> = serde_json::from_str(&texts).expect("texts");
    let bytes: usize = texts.iter().map(String::len).sum();
    let (_, load) = engines::ALL
        .iter()
        .find(|(known, _)| known == name)
        .expect("a counter");
    let count = load(encoding);
    hint::black_box(count("a few words"));
    let mut speeds = Vec::new();
    let mut total = 0;
    for _ in 0..PASSES {
        let (start, start_on_clock) = (processor_time(), Instant::now());
        total = texts.iter().map(|text| count(text)).sum();
        let mut took = processor_time() - start;
        // The system keeps processor time in steps of some milliseconds.
        if took < Duration::from_millis(60) {
            took = start_on_clock.elapsed();
        }
        speeds.push(bytes as f64 / took.as_secs_f64() / 1e6);
        if took > Duration::from_millis(200) {
            break;
        }
    }
    let best = speeds.iter().copied().fold(0.0, f64::max);
    println!("{} {best} {total}", speeds[0]);
}

/// What all threads of this process have had of the processors.
fn processor_time() -> Duration {
    let mut nanoseconds = 0;
    for task in fs::read_dir("/proc/self/task").expect("Linux").flatten() {
        let times = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let time = times.split(' ').next().and_then(|time| time.parse().ok());
        nanoseconds += time.unwrap_or(0);
    }
    Duration::from_nanos(nanoseconds)
}

/// One thread and all of them.
fn all_cores() {
    println!("\n## All {} threads, `o200k_base`, best\n", cores());
    println!(
        "| corpus | tokreckon on one | tokreckon on all | gain | fastokens on all |\n|---|---|---|---|---|"
    );
    let encoding = Encoding::O200kBase;
    let fastokens = engines::fastokens(encoding);
    for corpus in corpora::ordinary(8 * CORPUS_BYTES) {
        let bytes = corpus.bytes() as f64 / 1e6;
        let texts: Vec<&str> = corpus.texts.iter().map(String::as_str).collect();
        // Each measurement on new threads, as `count_many` and `count_parallel` have them.
        let best = |work: &(dyn Fn() -> usize + Sync)| {
            (0..PASSES)
                .map(|_| {
                    let start = Instant::now();
                    thread::scope(|scope| {
                        scope
                            .spawn(|| hint::black_box(work()))
                            .join()
                            .expect("no panic")
                    });
                    bytes / start.elapsed().as_secs_f64()
                })
                .fold(0.0, f64::max)
        };
        let one = best(&|| texts.iter().map(|text| encoding.count(text)).sum());
        let all = best(&|| match texts[..] {
            [text] => encoding.count_parallel(text),
            _ => encoding.count_many(&texts).into_iter().sum(),
        });
        let other = best(&|| texts.iter().map(|text| fastokens(text)).sum());
        println!(
            "| {} | {one:.0} | {all:.0} | {:.2} | {other:.0} |",
            corpus.name,
            all / one
        );
    }
}

/// Programs that do nothing but count one text.
fn programs() {
    let build = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bins", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .status();
    assert!(
        build.is_ok_and(|status| status.success()),
        "the small programs do not build"
    );
    let file = env::temp_dir().join("tokreckon-bench-100kB.txt");
    let text = corpora::ordinary(200_000)
        .swap_remove(0)
        .texts
        .swap_remove(0);
    fs::write(&file, &text[..text.floor_char_boundary(100_000)]).expect("a temporary file");
    println!(
        "\n## Programs: start to end, counting a few words and a text of 100 kB, `o200k_base`\n"
    );
    println!(
        "| program | a few words, ms | 100 kB, ms | peak memory, kB | 100 kB: peak memory, kB | size, bytes |"
    );
    println!("|---|---|---|---|---|---|");
    let folder = env::current_exe()
        .expect("the path of this program")
        .with_file_name("");
    for name in [
        "nothing",
        "tokreckon",
        "bpe-openai",
        "tokenizers",
        "tiktoken-rs",
        "fastokens",
    ] {
        let program = folder.join(format!("count-{name}"));
        let run = |argument: Option<&std::path::Path>| {
            let runs = (0..15).map(|_| {
                let start = Instant::now();
                let output = Command::new(&program)
                    .arg("o200k_base")
                    .args(argument)
                    .output()
                    .expect("runs");
                let took = start.elapsed();
                let printed = String::from_utf8_lossy(&output.stdout).into_owned();
                let peak = printed.split_whitespace().nth(1).unwrap_or("?").to_owned();
                (took, peak)
            });
            let (took, peak) = runs.min().expect("some runs");
            (format!("{:.2}", took.as_secs_f64() * 1e3), peak)
        };
        let (words, words_peak) = run(None);
        let (page, page_peak) = run(Some(&file));
        let size = fs::metadata(&program).map_or(0, |data| data.len());
        println!("| {name} | {words} | {page} | {words_peak} | {page_peak} | {size} |");
    }
    _ = fs::remove_file(file);
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn processor() -> String {
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    model
        .map_or("an unknown processor", |model| {
            model.trim_start_matches(['\t', ':', ' '])
        })
        .into()
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    version.unwrap_or_else(|_| "rustc".into())
}
