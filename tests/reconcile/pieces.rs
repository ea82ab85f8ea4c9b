//! Small cases of comparing: keys, bounds, moved days, lines nobody knows, totals.

use tokreckon::book::PriceBook;
use tokreckon::ledger::{Ledger, Settings};
use tokreckon::read::{Item, Options, read};
use tokreckon::reconcile::{Bill, Key, Reconciler, Reconciliation};

const USAGE: &str = "model,input_tokens,cached_tokens,output_tokens,timestamp,project
o1-mini,1000000,500000,1000000,2025-04-09T08:00:00Z,p1
gpt-4o-mini,2000000,0,100000,2025-04-09T23:59:59Z,p1
o1-mini,3000000,0,10000,2025-04-10T00:00:00Z,p2
";

fn against(usage: &str, bill: Bill) -> Reconciliation {
    against_of("openai", usage, bill)
}

fn against_of(provider: &str, usage: &str, bill: Bill) -> Reconciliation {
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut reconciler = Reconciler::new(bill);
    let options = Options { provider, ..Options::default() };
    read(usage.as_bytes(), &options, &mut |item| {
        if let Item::Record(record) = item {
            let outcome = ledger.add(record);
            reconciler.observe(record, &outcome, &ledger);
        }
    })
    .expect("it can be read");
    reconciler.finish(&ledger).expect("sums that add up")
}

fn bill(rows: &str) -> Bill {
    bill_of(&format!(
        "start_time,end_time,amount_value,amount_currency,line_item,project_id\n{rows}"
    ))
}

fn bill_of(text: &str) -> Bill {
    let mut bill = Bill::default();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            bill.add(record).expect("few digits");
        }
    })
    .expect("it can be read");
    bill
}

/// One line per comparison: labels, gap, verdict, causes.
fn lines(result: &Reconciliation) -> Vec<String> {
    let line = |cell: &tokreckon::reconcile::Compared| {
        let labels = cell.labels.iter().map(|(_, label)| label.as_str());
        let labels: Vec<&str> = labels.filter(|label| !label.is_empty()).collect();
        let parts: Vec<String> = cell
            .parts
            .iter()
            .map(|part| format!("{} {}", part.cause.name(), part.amount))
            .collect();
        let text = format!("{} {}", labels.join(" "), cell.line);
        format!("{}: {} {} [{}]", text.trim(), cell.gap, cell.verdict.name(), parts.join(", "))
    };
    result.cells.iter().map(line).collect()
}

const DAY_9: &str = "1744156800,1744243200";
const DAY_10: &str = "1744243200,1744329600";

#[test]
fn days_models_and_kinds() {
    let result = against(
        USAGE,
        bill(&format!(
            "{DAY_9},0.55,usd,\"o1-mini-2024-09-12, input\",
{DAY_9},0.275,usd,\"o1-mini-2024-09-12, cached input\",
{DAY_9},4.4,usd,\"o1-mini-2024-09-12, output\",
{DAY_9},0.3,usd,\"gpt-4o-mini, input\",
{DAY_9},0.12,usd,\"gpt-4o-mini, output\",
{DAY_9},0.05,usd,Web search tool calls,
{DAY_10},1.65,usd,\"o1-mini, input\",
{DAY_10},0.022,usd,\"o1-mini, output\",
"
        )),
    );
    assert_eq!(result.keys, [Key::Period, Key::Provider, Key::Model, Key::Class]);
    assert_eq!(
        lines(&result),
        [
            "2025-04-10 openai o1-mini: -1.672 explained [service-tier -1.672]",
            "2025-04-09 openai gpt-4o-mini: 0.06 explained [copies 0.06]",
            "2025-04-09 openai Web search tool calls: 0.05 explained [fees 0.05]",
            "2025-04-09 openai o1-mini: 0 equal []",
        ]
    );
}

#[test]
fn a_line_nobody_knows_is_compared_with_what_is_left() {
    let result = against(
        USAGE,
        bill(&format!(
            "{DAY_9},5.225,usd,\"o1-mini\",
{DAY_9},0.36,usd,Text tokens,
{DAY_10},3.344,usd,\"o1-mini\",
{DAY_10},7,usd,Mystery tokens,
"
        )),
    );
    assert_eq!(
        lines(&result),
        [
            "2025-04-10 openai Mystery tokens: 7 explained [unknown-line-item 7]",
            "2025-04-09 openai: 0 equal []",
            "2025-04-09 openai o1-mini: 0 equal []",
            "2025-04-10 openai o1-mini: 0 equal []",
        ]
    );
    let unknown: Vec<&str> = result.unknown_line_items.keys().map(String::as_str).collect();
    assert_eq!(unknown, ["Mystery tokens", "Text tokens"]);
}

#[test]
fn a_day_later_is_a_moved_day() {
    let result = against(USAGE, bill(&format!("{DAY_9},0.017,usd,,\n{DAY_10},8.912,usd,,\n")));
    assert_eq!(
        lines(&result),
        [
            "2025-04-09 openai: -5.568 explained [other-period -5.568]",
            "2025-04-10 openai: 5.568 explained [other-period 5.568]",
        ]
    );
}

#[test]
fn what_the_usage_leaves_open_is_settled_within_its_bounds() {
    let usage = "model,input_tokens,output_tokens,timestamp
o1-mini,1000000,1000000,2025-04-09T08:00:00Z
";
    let total = |amount: &str| {
        let mut bill = Bill::default();
        bill.add_total(amount.parse().expect("an amount")).expect("few digits");
        lines(&against(usage, bill)).join("")
    };
    assert_eq!(total("5.2 USD"), ": 0 within-bounds []");
    assert_eq!(total("5.5USD"), ": 0 within-bounds []");
    assert_eq!(total("5.6 USD"), ": 0.1 unexplained [unexplained 0.1]");
    // Half of 4.40 and something between half of 1.10 and half of 0.55: batch is not priced for
    // this model, so that nothing fits.
    assert_eq!(total("2.7 USD"), ": -2.25 unexplained [unexplained -2.25]");
}

#[test]
fn open_amounts_round_as_well() {
    let usage = "model,input_tokens,output_tokens,timestamp
o1-mini,1234567,1000000,2025-04-09T08:00:00Z
";
    let total = |amount: &str| {
        let mut bill = Bill::default();
        bill.add_total(amount.parse().expect("an amount")).expect("few digits");
        lines(&against(usage, bill)).join("")
    };
    // 4.4 and between 0.67901185 and 1.3580237.
    assert_eq!(total("5.08 USD"), ": 0 within-bounds []");
    assert_eq!(total("5.76 USD"), ": 0.0019763 explained [rounding 0.0019763]");
    assert_eq!(total("5.77 USD"), ": 0.0119763 unexplained [unexplained 0.0119763]");
}

#[test]
fn usage_without_a_price_leaves_a_gap_open() {
    const PRICED: &str = "gpt-4o-mini,2000000,0,100000,2025-04-09T08:00:00Z\n";
    const UNKNOWN: &str = "gpt-4o-mnii,5000,0,9000,2025-04-09T08:00:00Z\n";
    const IMPOSSIBLE: &str = "gpt-4o-mini,1800,2048,9100,2025-04-09T08:00:00Z\n";
    let against_total = |rows: &[&str], amount: &str| {
        let header = "model,input_tokens,cached_tokens,output_tokens,timestamp\n";
        let mut bill = Bill::default();
        bill.add_total(amount.parse().expect("an amount")).expect("few digits");
        against(&format!("{header}{}", rows.concat()), bill)
    };
    let rows = [PRICED, UNKNOWN, IMPOSSIBLE];
    // What has a price costs 0.36. Neither twice that, nor its rounding, nor any other amount above
    // it is explained, and none is within bounds that do not exist.
    for (amount, gap) in
        [("0.36 USD", "0"), ("0.37 USD", "0.01"), ("0.4 USD", "0.04"), ("1000000 USD", "999999.64")]
    {
        let result = against_total(&rows, amount);
        assert_eq!(lines(&result), [format!(": {gap} open [no-price {gap}]")], "{amount}");
        assert!(result.has_unexplained(), "{amount}");
        let [cell] = result.cells.as_slice() else { panic!("one comparison") };
        assert_eq!((cell.gap_low, cell.gap_high.to_string()), (None, gap.to_owned()));
        let what = &cell.parts[0].what;
        for named in ["1 record of `gpt-4o-mini`, 10,900 tokens", "of `gpt-4o-mnii`, 14,000 tokens"]
        {
            assert!(what.contains(named), "{what}");
        }
    }
    // Below what has a price nothing else can be the cause.
    let result = against_total(&rows, "0.3 USD");
    assert_eq!(lines(&result), [": -0.06 unexplained [unexplained -0.06]"]);
    // With all prices the same amounts are settled.
    let settled = |amount: &str| lines(&against_total(&[PRICED], amount)).join("");
    assert_eq!(settled("0.36 USD"), ": 0 equal []");
    assert_eq!(settled("0.4 USD"), ": 0.04 unexplained [unexplained 0.04]");
}

#[test]
fn what_was_not_read_leaves_a_gap_open() {
    let usage = "model,input_tokens,cached_tokens,output_tokens,timestamp,extra_search_fee
gpt-4o-mini,2000000,0,100000,2025-04-09T08:00:00Z,3
";
    let total = |amount: &str| {
        let mut bill = Bill::default();
        bill.add_total(amount.parse().expect("an amount")).expect("few digits");
        against(usage, bill)
    };
    let result = total("0.39 USD");
    assert_eq!(lines(&result), [": 0.03 open [no-price 0.03]"]);
    assert!(result.cells[0].parts[0].what.contains("was not read"), "{result:?}");
    // A bill that agrees to the last digit shows that it was not charged.
    assert_eq!(lines(&total("0.36 USD")), [": 0 equal []"]);
}

#[test]
fn the_answer_in_one_line() {
    let total = |usage: &str, amount: &str| {
        let mut bill = Bill::default();
        bill.add_total(amount.parse().expect("an amount")).expect("few digits");
        against(usage, bill).headline()
    };
    let open = "model,input_tokens,output_tokens,timestamp
o1-mini,1000000,1000000,2025-04-09T08:00:00Z
";
    for (amount, says) in [
        ("5.2 USD", "the bill 5.2 USD lies within the bounds of the usage's cost"),
        (
            "1205.6 USD",
            "the bill 1,205.6 USD is 1,200.1 to 1,200.65 USD above what the usage costs, unexplained",
        ),
        ("2.7 USD", "the bill 2.7 USD is 2.25 to 2.8 USD below what the usage costs, unexplained"),
        (
            "5 EUR",
            "the bill 5 EUR is in another currency than the prices: give a rate to compare them",
        ),
    ] {
        assert_eq!(total(open, amount), says);
    }
    let days = against(USAGE, bill(&format!("{DAY_9},5.585,usd,,\n{DAY_10},3.5,usd,,\n")));
    assert_eq!(
        days.headline(),
        "the bill 9.085 USD is 0.156 USD above what the usage costs, 1 of 2 comparisons unexplained"
    );
}

#[test]
fn two_causes_in_one_place() {
    let usage = "model,input_tokens,cached_tokens,output_tokens,reasoning_tokens,timestamp
gpt-5,1000000,300000,200000,100000,2025-09-09T08:00:00Z
";
    let total = |amount: &str| {
        let mut bill = Bill::default();
        bill.add_total(amount.parse().expect("an amount")).expect("few digits");
        lines(&against(usage, bill)).join("")
    };
    // 0.7 × 1.25 + 0.3 × 0.125 + 0.2 × 10.
    assert_eq!(total("2.9125 USD"), ": 0 equal []");
    assert_eq!(total("2.91 USD"), ": -0.0025 explained [rounding -0.0025]");
    // All input at 1.25, and another 0.1 × 10; other pairs fit, and move more money.
    assert_eq!(total("4.25 USD"), ": 1.3375 ambiguous [cached 0.3375, reasoning 1]");
    assert_eq!(total("2.9124 USD"), ": -0.0001 unexplained [unexplained -0.0001]");
}

#[test]
fn no_money_is_no_bill() {
    assert!(Bill::default().is_empty());
    assert!("12.5".parse::<tokreckon::money::Money>().is_err());
    assert_eq!(
        "12.5 usd".parse::<tokreckon::money::Money>().expect("an amount").to_string(),
        "12.5 USD"
    );
}

#[test]
fn short_and_long_prompts_as_the_bill_tells_them_apart() {
    // A day of one model: how long its prompts were is not said.
    let usage = |input: u64, cached: u64, output: u64| {
        format!(
            "model,input_tokens,cached_tokens,output_tokens,timestamp\ngpt-5.6-luna,{input},{cached},{output},2026-08-10\n"
        )
    };
    let azure = |rows: &[(&str, &str)]| {
        let row = |(meter, cost): &(&str, &str)| {
            format!("08/10/2026,Azure OpenAI,5.6 luna {meter} Std Gl 1M Tokens,{cost},USD,Usage\n")
        };
        let rows: String = rows.iter().map(row).collect();
        bill_of(&format!(
            "Date,MeterCategory,MeterName,CostInBillingCurrency,BillingCurrency,ChargeType\n{rows}"
        ))
    };
    let short =
        [("ShortCo Cd Inp", "1.75640064"), ("ShortCo Inp", "2.00"), ("ShortCo Opt", "1.20")];
    let all = usage(97_820_032, 87_820_032, 1_000_000);
    let (model, place) = ("gpt-5.6-luna", "2026-08-10 azure-openai gpt-5.6-luna");
    let compared =
        |usage: &str, rows: &[(&str, &str)]| lines(&against_of("azure-openai", usage, azure(rows)));
    // The usage is all in the short lines: what the bill says of long ones is not in it.
    assert_eq!(
        compared(&all, &[&short[..], &[("LongCo Inp", "0.80")]].concat()),
        [
            format!("{place} long prompts: 0.80 explained [missing-usage 0.80]")
                .replace("0.80", "0.8"),
            format!("{place} short prompts: 0 equal []"),
        ]
    );
    // A part of it was long.
    let both = [
        ("ShortCo Inp", "2.00"),
        ("ShortCo Opt", "0.60"),
        ("LongCo Inp", "0.80"),
        ("LongCo Opt", "0.90"),
    ];
    let part = usage(12_000_000, 0, 1_000_000);
    assert_eq!(
        compared(&part, &both),
        [format!("{place} long prompts: 0 equal []"), format!("{place} short prompts: 0 equal []")]
    );
    // What does not fit to the last digit, and a line that does not say it, decide nothing.
    for (from, to) in [("0.80", "0.79"), ("LongCo Inp", "Inp")] {
        let other = both.map(|(meter, cost)| {
            (if meter == from { to } else { meter }, if cost == from { to } else { cost })
        });
        let found = compared(&part, &other);
        assert_eq!(found, [format!("{place}: 0 within-bounds []")], "{to}");
    }
    // Without a price for long prompts all of them are short.
    let mini = usage(1_000_000, 0, 100_000).replace(model, "gpt-4o-mini");
    let rows = "08/10/2026,Azure OpenAI,gpt-4o-mini ShortCo Inp Std Gl 1M Tokens,0.15,USD,Usage
08/10/2026,Azure OpenAI,gpt-4o-mini ShortCo Opt Std Gl 1M Tokens,0.06,USD,Usage\n";
    let bill = bill_of(&format!(
        "Date,MeterCategory,MeterName,CostInBillingCurrency,BillingCurrency,ChargeType\n{rows}"
    ));
    let result = against_of("azure-openai", &mini, bill);
    assert_eq!(result.keys, [Key::Period, Key::Provider, Key::Model, Key::Context, Key::Class]);
    assert_eq!(lines(&result).len(), 1);
}

/// A bill of one amount for a day's usage of 5.50 dollars a million, and what the comparison says of it.
fn against_total(millions: u32, total: &str) -> String {
    let usage = format!(
        "model,input_tokens,cached_tokens,output_tokens,timestamp
o1-mini,{millions}000000,0,{millions}000000,2025-04-09T08:00:00Z
"
    );
    let mut bill = Bill::default();
    bill.add_total(total.parse().expect("an amount")).expect("few digits");
    let result = against(&usage, bill);
    let [cell] = &result.cells[..] else { panic!("{result:?}") };
    let parts: Vec<&str> = cell.parts.iter().map(|part| part.what.as_str()).collect();
    format!("{}: {}", cell.verdict.name(), parts.join(", "))
}

#[test]
fn only_a_factor_that_is_known_explains() {
    for (millions, total, says) in [
        (10, "46.75 USD", "explained: times 0.85 (15 % less: a discount)"),
        (10, "65.45 USD", "explained: times 1.19 (19 % more: a mark-up or a tax (VAT of Germany))"),
        (
            10,
            "401.5 USD",
            "unexplained: 7.3 times what the usage costs: no discount, mark-up or tax that is known; what was agreed, or a rate of exchange, can be given",
        ),
        (
            10,
            "4.95 USD",
            "unexplained: 0.09 times what the usage costs: no discount, mark-up or tax that is known; what was agreed, or a rate of exchange, can be given",
        ),
        // Of few cents many are known factors of something: one alone shows nothing.
        (
            1,
            "5.72 USD",
            "unexplained: 1.04 times what the usage costs, which one amount alone does not show",
        ),
    ] {
        assert_eq!(against_total(millions, total), says, "{total}");
    }
}

#[test]
fn a_factor_that_is_no_agreement_explains_nothing_by_coming_often() {
    let usage: String = (1..=3).fold(
        "model,input_tokens,cached_tokens,output_tokens,timestamp\n".to_owned(),
        |rows, day| rows + &format!("o1-mini,{day}000000,0,100000,2025-04-0{day}T08:00:00Z\n"),
    );
    let bill_at = |factor: u32| {
        let rows = (1..=3_u32).map(|day| {
            let start = 1_743_465_600 + u64::from(day - 1) * 86_400;
            // 1.10 and 0.44 dollars, in hundredths of a cent.
            let amount = (day * 11_000 + 4_400) * factor;
            let (whole, rest) = (amount / 100_000, amount % 100_000);
            format!("{start},{},{whole}.{rest:05},usd,o1-mini,\n", start + 86_400)
        });
        bill(&rows.collect::<String>())
    };
    let verdicts = |factor: u32| -> Vec<&str> {
        let result = against(&usage, bill_at(factor));
        result.cells.iter().map(|cell| cell.verdict.name()).collect()
    };
    assert_eq!(verdicts(8), ["explained"; 3]);
    assert_eq!(verdicts(73), ["unexplained"; 3]);
    assert_eq!(verdicts(1), ["unexplained"; 3]);
}
