//! JSON Lines read by several threads come to what they come to line by line: the same report, to
//! the last digit, and the same findings on the same rows.

use std::collections::BTreeSet;

use tokreckon::audit::{Audit, Auditor, Code};
use tokreckon::book::PriceBook;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::read::{Item, Options, Sinks, read, read_into_sinks};
use tokreckon::report::Report;
use tokreckon::time::Instant;

use crate::random::{Random, each_case};

/// 2026-12-01.
const NOW: Instant = Instant(1_796_083_200);

/// A response, one time in ten with its request if there are to be any; some do not add up, some
/// come twice, some are none.
fn line(random: &mut Random, number: u64, with_requests: bool) -> String {
    if random.chance(2) {
        return random.pick(&["{\"id\":", "[1]", "{\"usage\":null}", ""]).to_owned();
    }
    let id = if random.chance(3) { number / 2 } else { number };
    let model =
        random.pick(&["gpt-4o-2024-08-06", "o1-mini-2024-09-12", "gpt-4o", "no-such-model"]);
    let (input, output) = (9 + random.below(3), 5 + random.below(40));
    let reasoning = if random.chance(50) { 0 } else { random.below(output) / 64 * 64 };
    let total = if random.chance(2) { 7 } else { input + output };
    let words = "word ".repeat(random.index(40));
    let response = format!(
        r#"{{"id":"chatcmpl-{id:09}","object":"chat.completion","created":{},"model":"{model}","choices":[{{"index":0,"message":{{"role":"assistant","content":"{words}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":{input},"completion_tokens":{output},"total_tokens":{total},"prompt_tokens_details":{{"cached_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":{reasoning}}}}}}}"#,
        1_769_904_000 + number * 7 % 5_000,
    );
    if with_requests && random.chance(10) {
        let question = random.pick(&["hi", "how many", "say it again"]);
        return format!(
            r#"{{"request":{{"model":"{model}","messages":[{{"role":"user","content":"{question}"}}]}},"response":{response}}}"#
        );
    }
    response
}

fn settings() -> Settings {
    Settings { by: vec![Dimension::Model, Dimension::Day], ..Settings::default() }
}

fn options() -> Options<'static> {
    Options { provider: "openai", ..Options::default() }
}

/// Whatever took part of the rows.
type Share = (Ledger<'static>, Auditor);

fn take((ledger, auditor): &mut Share, item: Item<'_>) {
    match item {
        Item::Record(record) => {
            let outcome = ledger.add(record);
            auditor.observe(0, record, &outcome, ledger);
        }
        Item::Reject(reject) => auditor.reject(0, &reject),
        _ => {}
    }
}

fn came_to((ledger, auditor): Share) -> (Report, Audit) {
    (ledger.report().expect("few digits"), auditor.finish().expect("no store"))
}

fn line_by_line(text: &str) -> (Report, Audit) {
    let mut all = (Ledger::new(PriceBook::builtin(), settings()), Auditor::at(NOW));
    read(text.as_bytes(), &options(), &mut |item| take(&mut all, item)).expect("responses");
    came_to(all)
}

fn by_threads(text: &str, threads: usize) -> (Report, Audit, usize) {
    let (mut ledger, mut auditor) =
        (Ledger::new(PriceBook::builtin(), settings()), Auditor::at(NOW));
    let sinks = Sinks {
        new: &|| (ledger.sibling(), Auditor::at(NOW).sibling()),
        item: &take,
        requests_in_order: true,
    };
    let read = read_into_sinks(text.as_bytes(), &options(), threads, sinks);
    let (_, shares) = read.expect("responses");
    let parts = shares.len();
    for (part, findings) in shares {
        ledger.absorb(part);
        auditor.absorb(findings);
    }
    let (report, audit) = came_to((ledger, auditor));
    (report, audit, parts)
}

#[test]
fn threads_come_to_what_one_comes_to() {
    let mut codes = BTreeSet::new();
    each_case(16, |random| {
        let with_requests = random.chance(50);
        let count = 1_500 + random.below(2_500);
        let lines: Vec<String> =
            (0..count).map(|number| line(random, number, with_requests)).collect();
        let text = lines.join("\n");
        let (report, audit) = line_by_line(&text);
        let (same_report, same_audit, parts) = by_threads(&text, 3);
        assert_eq!(parts, 4, "a sink of each thread, and one for what has an order");
        assert_eq!(same_report, report);
        assert_eq!(same_audit, audit);
        codes.extend(audit.findings.iter().map(|finding| finding.code));
    });
    for code in [Code::TotalsDisagree, Code::DuplicateRequestId, Code::RepeatedRequest] {
        assert!(codes.contains(&code), "{code:?} was not found in {codes:?}");
    }
}
