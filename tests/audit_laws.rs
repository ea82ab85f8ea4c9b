//! Laws of the consistency checks: what adds up is never found, what does not is found with its money.

use std::fmt::Write;

use proptest::prelude::*;
use tokreckon::audit::{Audit, Auditor, Code, Finding};
use tokreckon::book::PriceBook;
use tokreckon::ledger::{Ledger, Settings};
use tokreckon::money::{Currency, Exact};
use tokreckon::read::{Format, Item, Options, read};

/// The audit of rows `input,cached,output,reasoning,visible,requests` of a model.
fn audit(model: &str, rows: &[[u64; 6]]) -> Audit {
    let mut text =
        "model,input_tokens,cached_tokens,output_tokens,reasoning_tokens,visible_tokens,\
                    requests,timestamp\n"
            .to_owned();
    for row in rows {
        let cells = row.map(|count| count.to_string()).join(",");
        let _ = writeln!(text, "{model},{cells},2025-06-01T12:00:00Z");
    }
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut auditor = Auditor::default();
    let options = Options { provider: "openai", format: Some(Format::Plain), ..Options::default() };
    read(text.as_bytes(), &options, &mut |item| match item {
        Item::Record(record) => {
            let outcome = ledger.add(record);
            auditor.observe(0, record, &outcome, &ledger);
        }
        other => panic!("{other:?}"),
    })
    .expect("a table");
    auditor.finish().expect("ids are kept in memory")
}

fn found(audit: &Audit, code: Code) -> Option<&Finding> {
    audit.findings.iter().find(|finding| finding.code == code)
}

/// 4.40 dollars for a million tokens.
fn price(tokens: u64) -> Exact {
    let price: Exact = "0.0000044".parse().expect("a price");
    price.times_count(tokens.into()).expect("exact")
}

proptest! {
    #[test]
    fn what_adds_up_is_not_found(
        visible in 1..3000_u64, steps in 0..300_u64, framing in 0..1000_u64, input in 1..5000_u64,
    ) {
        let framing = 1 + framing % 80.max(visible + 16);
        let output = steps * 64 + visible + framing;
        let audit = audit("o1-mini", &[[input, 0, output, steps * 64, visible, 1]]);
        prop_assert_eq!(audit.findings, vec![]);
    }

    #[test]
    fn what_is_not_explained_is_at_stake_to_the_token(
        visible in 1..3000_u64, steps in 0..200_u64, excess in 1..5000_u64,
    ) {
        let most = 80.max(visible + 16);
        let output = steps * 64 + visible + most + excess;
        // A prompt of one token fits no unit above one.
        let audit = audit("o1-mini", &[[1, 0, output, steps * 64, visible, 1]]);
        let finding = found(&audit, Code::OutputUnexplained).expect("a finding");
        prop_assert_eq!(finding.at_stake.get(&Currency::USD), Some(&price(excess)));
    }

    #[test]
    fn sums_of_steps_are_steps(steps in prop::collection::vec(0..400_u64, 1..20), off in 1..64_u64) {
        let reasoning: u64 = steps.iter().map(|steps| steps * 64).sum();
        let requests = steps.len() as u64 + 1;
        let row = |reasoning| [100, 0, reasoning + 2_000, reasoning, 500, requests];
        let clean = audit("o4-mini", &[row(reasoning)]);
        prop_assert!(found(&clean, Code::ReasoningOffStep).is_none());
        let other = audit("o4-mini", &[row(reasoning + off)]);
        let finding = found(&other, Code::ReasoningOffStep).expect("a finding");
        prop_assert_eq!(finding.at_stake.get(&Currency::USD), Some(&price(reasoning + off)));
        // The rule is one of single families.
        let newer = audit("gpt-5.2", &[row(reasoning + off)]);
        prop_assert!(found(&newer, Code::ReasoningOffStep).is_none());
    }

    #[test]
    fn credits_are_found_over_many_rows_and_tokens_are_not(
        rows in prop::collection::btree_set((1..3_000_u64, 1..3_000_u64), 12..30),
    ) {
        // o1-mini at 3 and 12 dollars, times 2.1.
        let scaled = |tokens: u64, tenths: u64| (tokens * tenths + 5) / 10;
        let counts = |input, output| [input, 0, output, 0, 0, 1];
        let credits: Vec<_> =
            rows.iter().map(|(a, b)| counts(scaled(*a, 63), scaled(*b, 252))).collect();
        // The visible answer explains the output either way: no row says it by itself.
        let with_text = |row: &[u64; 6]| [row[0], 0, row[2], 0, row[2].saturating_sub(9), 1];
        let text = |rows: &[[u64; 6]]| rows.iter().map(with_text).collect::<Vec<_>>();
        prop_assert!(found(&audit("o1-mini", &text(&credits)), Code::NotTokens).is_some());
        let tokens: Vec<_> = rows.iter().map(|(a, b)| counts(*a, *b)).collect();
        prop_assert!(found(&audit("o1-mini", &text(&tokens)), Code::NotTokens).is_none());
    }
}
