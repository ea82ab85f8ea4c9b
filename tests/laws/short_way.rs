//! Requests that go the short way come to what their records come to: the same report, to the last
//! digit, and the same findings, in the same order.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Mutex;

use tokreckon::audit::{Audit, Auditor, Code};
use tokreckon::book::PriceBook;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::read::{Item, Options, Sinks, read, read_into_sinks};
use tokreckon::report::Report;
use tokreckon::time::Instant;

use crate::random::{Random, each_case};

const HEADER: &str = "timestamp,request_id,project_id,user_id,provider,model,service_tier,batch,input_tokens,input_cached_tokens,output_tokens,reasoning_tokens,billed_cost_usd\n";

/// 2026-12-01.
const NOW: Instant = Instant(1_796_083_200);

/// Requests of models with one price, a price tier, a thinking mode, a shutdown, and none at all.
fn table(random: &mut Random, rows: u64) -> String {
    let mut text = HEADER.to_owned();
    let in_credits = random.chance(50);
    for row in 0..rows {
        let (provider, model) = random.pick(&[
            ("openai", "gpt-4o"),
            ("openai", "o1-mini"),
            ("openai", "gpt-4o-2024-08-06"),
            ("anthropic", "claude-opus-4-6"),
            ("anthropic", "claude-sonnet-4-5"),
            ("google", "gemini-2.5-flash"),
            ("google", "gemini-2.5-pro"),
            ("deepseek", "deepseek-chat"),
            ("openai", "no-such-model"),
            ("", "gpt-4o"),
            ("openai", "gpt-5-mini"),
            ("openai", "o3"),
            ("aimlapi", "gpt-4o"),
        ]);
        // Sellers of credits: tokens times 2.1 times their list price, rounded.
        let credits = match model {
            "gpt-4o" if provider == "aimlapi" => (525, 2_100),
            "claude-opus-4-6" => (1_050, 5_250),
            "claude-sonnet-4-5" => (630, 3_150),
            _ => (100, 100),
        };
        let credits = if in_credits { credits } else { (100, 100) };
        let most = if random.chance(10) { 400_000 } else { 9_000 };
        let input = random.below(most);
        let input = (input * credits.0 + 50) / 100;
        let cached = match random.below(5) {
            0 => String::new(),
            1 => (input / 2).to_string(),
            3 => (input / 256 * 128).to_string(),
            2 if random.chance(5) => (input + 1).to_string(),
            _ => "0".to_owned(),
        };
        let most = if random.chance(5) { 300_000 } else { 3_000 };
        let output = random.below(most);
        let output = (output * credits.1 + 50) / 100;
        // In steps of 64 or of nothing, of models with steps, without, and without reasoning.
        let reasoning = match random.below(6) {
            0 => (output / 3).to_string(),
            1 => (output / 192 * 64).to_string(),
            2 => "0".to_owned(),
            3 if random.chance(10) => (output + 1).to_string(),
            _ => String::new(),
        };
        let id =
            if random.chance(5) { String::new() } else { format!("r{}", random.below(rows * 4)) };
        let day = if random.chance(3) {
            // Before there were models, before some were released, and in the future.
            random.pick(&["2019-12-31", "2023-01-15", "2026-12-02", "2031-01-01"])
        } else {
            random.pick(&["2024-09-30", "2025-12-31", "2026-03-12", "2026-03-13", "2026-10-20"])
        };
        let tier = random.pick(&["default", "default", "default", "flex", "", "batch"]);
        let batch = random.pick(&["false", "true", ""]);
        let cost = random.pick(&["0.003", "", "0.0000125", "1", "0.1200"]);
        let _ = writeln!(
            text,
            "{day}T0{}:00:00Z,{id},p{},u{},{provider},{model},{tier},{batch},{input},{cached},{output},{reasoning},{cost}",
            row % 10,
            random.below(3),
            random.below(4)
        );
    }
    text
}

pub(crate) fn settings(random: &mut Random) -> Settings {
    let all = [
        Dimension::Provider,
        Dimension::Model,
        Dimension::Day,
        Dimension::Month,
        Dimension::Project,
        Dimension::User,
        Dimension::ServiceTier,
    ];
    let by = all.into_iter().filter(|_| random.chance(40)).collect();
    Settings { by, ..Settings::default() }
}

/// Shows the first difference, if there is one.
pub(crate) fn assert_same(left: (Report, Audit), right: (Report, Audit)) {
    let groups = left.0.groups.iter().zip(&right.0.groups);
    groups.for_each(|(left, right)| assert_eq!(left, right));
    assert_eq!(left.0, right.0);
    let findings = left.1.findings.iter().zip(&right.1.findings);
    findings.for_each(|(left, right)| assert_eq!(left, right));
    assert_eq!(left.1, right.1);
}

pub(crate) fn the_long_way(text: &str, settings: &Settings) -> (Report, Audit) {
    let mut ledger = Ledger::new(PriceBook::builtin(), settings.clone());
    let mut auditor = Auditor::at(NOW);
    read(text.as_bytes(), &Options::default(), &mut |item| match item {
        Item::Record(record) => {
            let outcome = ledger.add(record);
            auditor.observe(0, record, &outcome, &ledger);
        }
        Item::Reject(reject) => auditor.reject(0, &reject),
        _ => {}
    })
    .expect("a table");
    (ledger.report().expect("few digits"), auditor.finish().expect("no store"))
}

/// What a thread has added, found, and how much of it went the short way.
type Share = (Ledger<'static>, Auditor, u64);

pub(crate) fn the_short_way(
    text: &str,
    settings: &Settings,
    threads: usize,
) -> (Report, Audit, u64) {
    let mut ledger = Ledger::new(PriceBook::builtin(), settings.clone());
    let auditor = Mutex::new(Auditor::at(NOW));
    let sinks = Sinks {
        new: &|| -> Share { (ledger.sibling(), Auditor::at(NOW).sibling(), 0) },
        item: &|(ledger, auditor, _), item| match item {
            Item::Record(record) => {
                let outcome = ledger.add(record);
                auditor.observe(0, record, &outcome, ledger);
            }
            Item::Reject(reject) => auditor.reject(0, &reject),
            _ => {}
        },
        request: &|(ledger, part, short), request| {
            *short += 1;
            let record = request.record();
            let posting = ledger.add(&record);
            part.observe(0, &record, &posting, ledger);
            // Whether and when parts are settled makes no difference.
            if short.is_multiple_of(70) {
                auditor.lock().expect("no panic").settle(part);
            }
        },
        requests_in_order: false,
    };
    let read = read_into_sinks(text.as_bytes(), &Options::default(), threads, sinks);
    let (_, shares) = read.expect("a table");
    let mut auditor = auditor.into_inner().expect("no panic");
    let mut all = 0;
    for (part, findings, short) in shares {
        ledger.absorb(part);
        auditor.absorb(findings);
        all += short;
    }
    (ledger.report().expect("few digits"), auditor.finish().expect("no store"), all)
}

#[test]
fn requests_come_to_what_their_records_come_to() {
    let (mut rows, mut short) = (0, 0);
    let mut codes = BTreeSet::new();
    each_case(120, |random| {
        let count = 1 + random.below(600);
        let (text, settings) = (table(random, count), settings(random));
        let (report, audit) = the_long_way(&text, &settings);
        let (quick_report, quick_audit, quick) =
            the_short_way(&text, &settings, 1 + random.index(3));
        assert_same((quick_report, quick_audit), (report, audit.clone()));
        codes.extend(audit.findings.iter().map(|finding| finding.code));
        rows += count;
        short += quick;
    });
    assert!(rows < 1_000 || short * 20 > rows, "{short} of {rows} went the short way");
    let expected = [
        Code::NotTokens,
        Code::ReasoningAboveOutput,
        Code::ReasoningOffStep,
        Code::ReasoningOfPlainModel,
        Code::CachedOffStep,
        Code::ImpossibleTime,
        Code::DuplicateRequestId,
    ];
    for code in expected {
        assert!(rows < 1_000 || codes.contains(&code), "no {code:?} among the cases");
    }
    println!("{short} of {rows} requests went the short way");
}

#[test]
fn several_blocks_and_threads_make_no_difference() {
    each_case(3, |random| {
        let (text, settings) = (table(random, 12_000), settings(random));
        let (report, audit) = the_long_way(&text, &settings);
        let (quick_report, quick_audit, _) = the_short_way(&text, &settings, 3);
        assert_same((quick_report, quick_audit), (report, audit));
    });
}
