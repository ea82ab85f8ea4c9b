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

/// The audit of requests of a model with so many input tokens at 1.10 dollars a million, each with the
/// cost that it reports itself.
fn of_costs(rows: &[(u64, &str)]) -> Audit {
    let mut text =
        "model,input_tokens,cached_tokens,output_tokens,reasoning_tokens,cost_usd,timestamp\n"
            .to_owned();
    for (input, cost) in rows {
        let _ = writeln!(text, "o1-mini,{input},0,0,0,{cost},2025-06-01T12:00:00Z");
    }
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut auditor = Auditor::default();
    let options = Options { provider: "openai", format: Some(Format::Plain), ..Options::default() };
    read(text.as_bytes(), &options, &mut |item| match item {
        Item::Record(record) => {
            let posting = ledger.add(record);
            auditor.observe(0, record, &posting, &ledger);
        }
        other => panic!("{other:?}"),
    })
    .expect("a table");
    auditor.finish().expect("ids are kept in memory")
}

#[test]
fn own_costs_that_agree_are_not_found() {
    // Exact, as floats have it, and rounded to the places that the seller writes.
    let exact = [(1_000, "0.0011"), (70_000, "0.077"), (123_457, "0.1358027")];
    let floats = [(1_000, "0.0011000000000000001"), (70_000, "0.07699999999999999")];
    let rounded = [(1_000, "0.00"), (70_000, "0.08"), (123_457, "0.14")];
    for rows in [&exact[..], &floats, &rounded[1..]] {
        assert_eq!(found(&of_costs(rows), Code::OwnCostDiffers), None, "{rows:?}");
    }
}

#[test]
fn an_own_cost_that_differs_is_found_with_the_difference() {
    let audit = of_costs(&[(1_000, "0.0011"), (70_000, "0.077"), (123_457, "0.1458027")]);
    let finding = found(&audit, Code::OwnCostDiffers).expect("a difference of one cent");
    let cent: Exact = "0.01".parse().expect("an amount");
    assert_eq!((finding.records, finding.at_stake.get(&Currency::USD)), (1, Some(&cent)));
    assert_eq!(finding.figures, ["0.1458027 reported, 0.1358027 by the price"]);
}

#[test]
fn one_factor_of_all_rows_that_may_be_agreed_is_said_and_not_found() {
    let rows_at = |factor: &str| -> Vec<(u64, String)> {
        let unit: Exact = "0.0000011".parse().expect("a price");
        let unit = unit.times(factor.parse().expect("a factor")).expect("exact");
        let cost = |input: u64| unit.times_count(input.into()).expect("exact").to_string();
        (1..=6_u64).map(|row| (row * 10_000, cost(row * 10_000))).collect()
    };
    let all = rows_at("0.8");
    let rows: Vec<(u64, &str)> = all.iter().map(|(input, cost)| (*input, cost.as_str())).collect();
    let audit = of_costs(&rows);
    assert_eq!(found(&audit, Code::OwnCostDiffers), None);
    let said =
        audit.not_checked.iter().any(|(what, rows)| what.contains("about 0.8 x") && *rows == 6);
    assert!(said, "{:?}", audit.not_checked);
    // No discount and no fee: a difference, of which the factor is said.
    for factor in ["7.3", "97", "0.1", "1.4"] {
        let all = rows_at(factor);
        let rows: Vec<_> = all.iter().map(|(input, cost)| (*input, cost.as_str())).collect();
        let audit = of_costs(&rows);
        let finding = found(&audit, Code::OwnCostDiffers).expect("a difference");
        let said = format!("in all rows about {factor} times as much");
        assert!(finding.message.ends_with(&said) && finding.records == 6, "{finding:?}");
    }
    // Four rows are too few to be an agreement, and one that is out of line breaks it.
    assert!(found(&of_costs(&rows[..4]), Code::OwnCostDiffers).is_some());
    let broken: Vec<_> = rows.iter().copied().chain([(90_000, "0.099")]).collect();
    assert!(found(&of_costs(&broken), Code::OwnCostDiffers).is_some_and(|it| it.records == 6));
}

#[test]
fn a_cost_of_zero_is_found() {
    let audit = of_costs(&[(1_000, "0.0011"), (70_000, "0")]);
    let finding = found(&audit, Code::OwnCostDiffers).expect("zero");
    assert!(finding.message.contains("zero") && finding.records == 1, "{finding:?}");
}

/// The audit of a response of a model whose tokenizer is not known here.
fn of_answer(text: &str, output: u64) -> Audit {
    let body = format!(
        r#"{{"id":"a1","object":"chat.completion","created":1748779200,"model":"mistral-small-latest","choices":[{{"index":0,"finish_reason":"stop","message":{{"role":"assistant","content":"{text}"}}}}],"usage":{{"prompt_tokens":10,"completion_tokens":{output},"total_tokens":{},"completion_tokens_details":{{"reasoning_tokens":0}}}}}}"#,
        output + 10
    );
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut auditor = Auditor::default();
    let options = Options { provider: "mistral", ..Options::default() };
    read(body.as_bytes(), &options, &mut |item| {
        if let Item::Record(record) = item {
            let posting = ledger.add(record);
            auditor.observe(0, record, &posting, &ledger);
        }
    })
    .expect("a response");
    auditor.finish().expect("ids are kept in memory")
}

#[test]
fn more_tokens_than_bytes_need_no_vocabulary() {
    let text = "x".repeat(100);
    assert_eq!(found(&of_answer(&text, 164), Code::OutputAboveBytes), None);
    let audit = of_answer(&text, 165);
    let finding = found(&audit, Code::OutputAboveBytes).expect("165 tokens of 100 bytes");
    assert_eq!(finding.figures, ["165 tokens beside reasoning, 100 bytes"]);
}
