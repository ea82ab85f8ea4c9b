//! Shuffling, splitting and regrouping the input changes no byte of what is printed.

use tokreckon::book::PriceBook;
use tokreckon::document::ReportDocument;
use tokreckon::ledger::{Dimension, Ledger, RoundingPolicy, RoundingScope, Settings};
use tokreckon::money::Rounding;
use tokreckon::read::{Item, Options, Sinks, read_into_sinks};
use tokreckon::report::Report;

use super::{groups_sheet, print_summary};
use crate::args::OutputFormat;
use crate::print::json_document;

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("below an index")
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

const HEADER: &str = "timestamp,request_id,project_id,provider,model,batch,input_tokens,input_cached_tokens,output_tokens,reasoning_tokens,cost\n";

/// Rows of many kinds: exact, between bounds, without a price, impossible, unreadable, quoted.
fn rows(random: &mut Random) -> Vec<String> {
    const MODELS: [&str; 8] = [
        "openai,gpt-4o",
        "openai,o1-mini",
        "anthropic,claude-sonnet-4-5",
        "google,gemini-2.5-flash",
        "deepseek,deepseek-chat",
        "openai,no-such-model",
        "openai,\"gpt-4.1\"",
        ",gpt-4o",
    ];
    let row = |random: &mut Random, at: usize| {
        let input = random.below(300_000);
        let cached = ["", "0", "17", "300001"][random.below(40).min(3)];
        let cached = if random.below(3) == 0 { "128" } else { cached };
        let reasoning = if random.below(2) == 0 { "9" } else { "" };
        let output = if random.below(30) == 0 {
            "many".to_owned()
        } else {
            (9 + random.below(5000)).to_string()
        };
        format!(
            "2025-{:02}-{:02}T{:02}:30:00Z,r{at},p{},{},{},{input},{cached},{output},{reasoning},0.00{}\n",
            1 + random.below(12),
            1 + random.below(28),
            random.below(24),
            random.below(3),
            MODELS[random.below(MODELS.len())],
            ["true", "false", ""][random.below(3)],
            random.below(1000),
        )
    };
    (0..=random.below(24)).map(|at| row(random, at)).collect()
}

/// The report over files of these rows.
fn report(files: &[Vec<String>], settings: &Settings, threads: usize) -> Report {
    let mut all = Ledger::new(PriceBook::builtin(), settings.clone());
    for rows in files {
        let text = format!("{HEADER}{}", rows.concat());
        let sinks = Sinks {
            new: &|| all.sibling(),
            item: &|ledger, item| {
                if let Item::Record(record) = item {
                    ledger.add(record);
                }
            },
            requests_in_order: false,
        };
        let options = Options::default();
        let (_, parts) =
            read_into_sinks(text.as_bytes(), &options, threads, sinks).expect("a table");
        for part in parts {
            all.absorb(part);
        }
    }
    all.report().expect("few digits")
}

/// All that is printed of a report.
fn printed(report: &Report) -> String {
    let mut text = String::new();
    for format in [OutputFormat::Table, OutputFormat::Csv] {
        groups_sheet(report, format).without_empty_columns().print(format, &mut text);
    }
    print_summary(report, &[], &mut text);
    json_document(&ReportDocument::from(report), &mut text);
    text
}

#[test]
fn neither_order_nor_split_nor_groups_change_a_byte() {
    let dimensions = [Dimension::Provider, Dimension::Model, Dimension::Day, Dimension::Project];
    let random = &mut Random(2025);
    for _ in 0..10_000 {
        let mut rows = rows(random);
        let rounding = (random.below(3) == 0).then_some(RoundingPolicy {
            scope: [RoundingScope::Day, RoundingScope::Invoice, RoundingScope::Line]
                [random.below(3)],
            places: 4,
            mode: Rounding::HalfEven,
        });
        let by = dimensions.into_iter().filter(|_| random.below(2) == 0).collect();
        let settings = Settings { by, rounding, ..Settings::default() };
        let whole = report(&[rows.clone()], &settings, 1);
        let expected = printed(&whole);
        random.shuffle(&mut rows);
        let mut files = vec![Vec::new(); 1 + random.below(4)];
        for row in rows {
            let file = random.below(files.len());
            files[file].push(row);
        }
        // Threads of their own for a few: starting them takes longer than reading.
        let threads = if random.below(50) == 0 { 2 } else { 1 };
        assert_eq!(printed(&report(&files, &settings, threads)), expected, "{files:?}");
        let regrouped = Settings { by: Vec::new(), ..settings };
        let total = report(&files, &regrouped, 1);
        assert_eq!(total.total, whole.total, "{files:?}");
    }
}
