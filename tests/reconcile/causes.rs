//! A thousand bills, each wrong in one or two known ways: how many gaps are traced to their causes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tokreckon::book::PriceBook;
use tokreckon::ledger::{Ledger, Settings};
use tokreckon::money::{Currency, Exact, Money, Rounding};
use tokreckon::reconcile::{Bill, Cause, Reconciler, Reconciliation, Verdict};
use tokreckon::record::Record;
use tokreckon::time::{DAY_SECONDS, Instant, Period};
use tokreckon::usage::Totals;
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{Origin, read};
use tokreckon_data::table::Tables;

use crate::compare_with_page;
use crate::random::Random;
use crate::world::{MODELS, PRICES, RESELLER, Request, Way, by_cell, charged, requests};

/// 2025-03-10.
const FIRST_DAY: i64 = 20_157;

/// What a bill's lines are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    /// Kind of token of a model on a day.
    Kinds,
    /// A model on a day.
    Models,
    /// A day.
    Days,
}

/// What is wrong with a bill.
const INJECTED: [Cause; 14] = [
    Cause::MissingUsage,
    Cause::MissingBill,
    Cause::ServiceTier,
    Cause::Cached,
    Cause::PriceTier,
    Cause::OtherPeriod,
    Cause::OtherPrice,
    Cause::Reasoning,
    Cause::Copies,
    Cause::Factor,
    Cause::Rounding,
    Cause::Currency,
    Cause::NoPrice,
    Cause::Fees,
];

/// A row of the bill on its way.
#[derive(Clone, Debug)]
struct Row {
    day: usize,
    line: String,
    /// In 1e-10 of the currency.
    amount: i128,
}

struct Case {
    usage: Vec<(Request, &'static str)>,
    rows: Vec<Row>,
    currency: Currency,
    factor: Exact,
    places: Option<u32>,
}

fn tables(text: &str) -> Tables {
    let (file, mistakes) = read(text, Origin::User);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    compile(&[file]).expect("a price file")
}

/// The cell that a cause falls on: one in which it makes a difference.
fn cell_for(
    cause: Cause,
    cells: &BTreeMap<(usize, usize), Vec<Request>>,
    random: &mut Random,
) -> Option<(usize, usize)> {
    let makes_a_difference = |requests: &[Request]| match cause {
        Cause::Cached => requests.iter().any(|request| request.cached > 0),
        Cause::Reasoning => requests.iter().any(|request| request.reasoning > 0),
        Cause::PriceTier => requests.iter().any(|request| request.input > 200_000),
        _ => true,
    };
    let fitting: Vec<(usize, usize)> = cells
        .iter()
        .filter(|(_, requests)| makes_a_difference(requests))
        .map(|(cell, _)| *cell)
        .collect();
    (!fitting.is_empty()).then(|| random.pick(&fitting))
}

fn change(way: &mut Way, cause: Cause) {
    match cause {
        Cause::ServiceTier => way.batch = true,
        Cause::Cached => way.cached_as_input = true,
        Cause::PriceTier => way.without_long = true,
        Cause::OtherPeriod => way.before = true,
        Cause::OtherPrice => way.reseller = true,
        Cause::Reasoning => way.reasoning_twice = true,
        Cause::Copies => way.twice = true,
        _ => {}
    }
}

/// A bill that is wrong in these ways; `None` where they would make no difference.
fn case(injected: &[Cause], lines: Lines, random: &mut Random) -> Option<Case> {
    let requests = requests(random);
    let cells = by_cell(&requests);
    let mut ways: BTreeMap<(usize, usize), Way> = BTreeMap::new();
    let (mut unused, mut unbilled, mut unnamed) = (None, None, None);
    let mut last = None;
    let mut fell: Vec<((usize, usize), Cause)> = Vec::new();
    for &cause in injected {
        // Two causes fall on one cell as often as on two.
        let cell = match last {
            Some(cell) if random.chance(50) => cell,
            _ => cell_for(cause, &cells, random)?,
        };
        last = Some(cell);
        match cause {
            Cause::MissingUsage => unused = Some(cell),
            Cause::MissingBill => unbilled = Some(cell),
            Cause::NoPrice => unnamed = Some(cell),
            Cause::Factor | Cause::Rounding | Cause::Currency | Cause::Fees => {}
            cause => fell.push((cell, cause)),
        }
    }
    for (cell, cause) in &fell {
        change(ways.entry(*cell).or_default(), *cause);
    }
    // Each cause makes a difference beside the other one: batch prices know no long prompts.
    for (at, (cell, _)) in fell.iter().enumerate() {
        let mut way = Way::default();
        for (other, (_, cause)) in fell.iter().enumerate().filter(|(_, (of, _))| of == cell) {
            if other != at {
                change(&mut way, *cause);
            }
        }
        if charged(&cells[cell], way) == charged(&cells[cell], ways[cell]) {
            return None;
        }
    }
    // What is missing on one side is not charged in another way as well.
    let gone: BTreeSet<_> = [unused, unbilled, unnamed].into_iter().flatten().collect();
    let absent = [unused, unbilled, unnamed].iter().flatten().count();
    if absent != gone.len() || gone.iter().any(|cell| ways.contains_key(cell)) {
        return None;
    }
    let mut rows = Vec::new();
    let mut days: BTreeMap<usize, i128> = BTreeMap::new();
    for (cell, requests) in &cells {
        let way = ways.get(cell).copied().unwrap_or_default();
        let amounts = charged(requests, way);
        let plain = charged(requests, Way::default());
        if ways.contains_key(cell) && amounts == plain {
            return None;
        }
        if unbilled == Some(*cell) {
            continue;
        }
        let model = if unnamed == Some(*cell) { "acme-unheard-of" } else { MODELS[cell.1] };
        let kinds = ["input", "cached input", "output"];
        match lines {
            Lines::Kinds => {
                rows.extend(kinds.iter().zip(amounts).filter(|(_, amount)| *amount > 0).map(
                    |(kind, amount)| Row { day: cell.0, line: format!("{model}, {kind}"), amount },
                ));
            }
            Lines::Models => {
                let amount = amounts.iter().sum();
                rows.push(Row { day: cell.0, line: model.to_owned(), amount });
            }
            Lines::Days => *days.entry(cell.0).or_default() += amounts.iter().sum::<i128>(),
        }
    }
    rows.extend(days.into_iter().map(|(day, amount)| Row { day, line: String::new(), amount }));
    if injected.contains(&Cause::Fees) {
        let amount = i128::from(1 + random.below(90)) * 100_000_000;
        rows.push(Row { day: random.index(2), line: "Web search tool calls".to_owned(), amount });
    }
    let has = |cause| injected.contains(&cause);
    let usage = requests.iter().filter(|request| unused != Some((request.day, request.model)));
    let usage = usage.map(|request| {
        let unnamed = unnamed == Some((request.day, request.model));
        (*request, if unnamed { "acme-unheard-of" } else { MODELS[request.model] })
    });
    Some(Case {
        usage: usage.collect(),
        rows,
        currency: if has(Cause::Currency) { "EUR".parse().expect("a code") } else { Currency::USD },
        factor: if has(Cause::Factor) {
            random.pick(&["0.85", "1.19", "1.05", "0.9"]).parse().expect("a number")
        } else {
            Exact::ONE
        },
        places: has(Cause::Rounding).then(|| u32::try_from(random.index(3)).expect("few") + 2),
    })
}

fn reconcile(case: &Case, book: PriceBook<'_>) -> Reconciliation {
    reconcile_in_parts(case, book, 1)
}

/// The usage in so many parts, added up from the last to the first.
fn reconcile_in_parts(case: &Case, book: PriceBook<'_>, parts: usize) -> Reconciliation {
    let mut bill = Bill::default();
    for row in &case.rows {
        let start = Instant((FIRST_DAY + i64::try_from(row.day).expect("few")) * DAY_SECONDS);
        let exact = Exact::new(row.amount, 10).and_then(|amount| amount.times(case.factor));
        let amount = exact.expect("few digits");
        let amount = case.places.map_or(amount, |places| amount.rounded(places, Rounding::HalfUp));
        bill.add(&Record {
            provider: "acme",
            period: Period::day(start),
            line_item: &row.line,
            reported: Some(Money { amount, currency: case.currency }),
            ..Record::EMPTY
        })
        .expect("few digits");
    }
    let mut ledger = Ledger::new(book, Settings::default());
    let mut reconciler = Reconciler::new(bill);
    let mut taken: Vec<_> = (0..parts).map(|_| (ledger.sibling(), reconciler.sibling())).collect();
    for (at, (request, model)) in case.usage.iter().enumerate() {
        let second = i64::try_from(at).expect("few") * 61 % DAY_SECONDS;
        let day = FIRST_DAY + i64::try_from(request.day).expect("few");
        let record = Record {
            provider: "acme",
            model,
            period: Some(Period::at(Instant(day * DAY_SECONDS + second))),
            totals: Some(Totals {
                input: Some(request.input),
                cache_read: Some(request.cached),
                output: Some(request.output),
                reasoning: Some(request.reasoning),
                ..Totals::default()
            }),
            ..Record::EMPTY
        };
        let (ledger, reconciler) = &mut taken[at % parts];
        let outcome = ledger.add(&record);
        reconciler.observe(&record, &outcome, ledger);
    }
    while let Some((part, usage)) = taken.pop() {
        let merged = ledger.absorb(part);
        reconciler.absorb(usage, &merged);
    }
    reconciler.finish(&ledger).expect("sums that add up")
}

/// What is known about one kind of bill.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    bills: u32,
    right: u32,
    named: u32,
}

impl Tally {
    fn add(&mut self, right: bool, named: bool) {
        self.bills += 1;
        self.right += u32::from(right);
        self.named += u32::from(named);
    }

    fn cells(self) -> String {
        let percent = |count: u32| {
            let tenths = (count * 1000 + self.bills / 2) / self.bills.max(1);
            format!("{}.{} %", tenths / 10, tenths % 10)
        };
        format!("{} | {} | {}", self.bills, percent(self.right), percent(self.named))
    }
}

/// Causes that are named, those taken and those that fit as well.
fn found(result: &Reconciliation) -> (BTreeSet<Cause>, BTreeSet<Cause>) {
    let taken: BTreeSet<Cause> = result.causes.keys().map(|(_, cause)| *cause).collect();
    let others = result.cells.iter().flat_map(|cell| &cell.others);
    let others = others.flat_map(|other| other.causes.iter().copied());
    (taken.clone(), others.chain(taken).collect())
}

/// The parts add up: what `Reconciliation` promises, computed once more.
fn adds_up(case: &Case, result: &Reconciliation) {
    let sum = |amounts: Vec<Exact>| {
        amounts.into_iter().try_fold(Exact::ZERO, Exact::plus).expect("few digits")
    };
    let gaps = sum(result.cells.iter().map(|cell| cell.gap).collect());
    let parts = result.cells.iter().flat_map(|cell| cell.parts.iter().map(|part| part.amount));
    assert_eq!(sum(parts.collect()), gaps);
    assert_eq!(sum(result.causes.values().map(|cause| cause.amount).collect()), gaps);
    assert_eq!(sum(result.sums.values().map(|sums| sums.gap).collect()), gaps);
    let rows: u64 = result.cells.iter().map(|cell| cell.bill_rows).sum();
    assert_eq!(rows, case.rows.len() as u64, "no row of the bill is lost");
    let records: u64 = result.cells.iter().map(|cell| cell.records).sum();
    assert_eq!(records, case.usage.len() as u64, "no record is lost");
    for cell in &result.cells {
        assert_eq!(cell.parts.is_empty(), cell.gap.is_zero(), "{cell:?}");
        let settled = matches!(cell.verdict, Verdict::Equal | Verdict::WithinBounds);
        assert_eq!(settled, cell.gap.is_zero(), "{cell:?}");
    }
}

#[test]
fn a_thousand_wrong_bills() {
    let (acme, reseller) = (tables(PRICES), tables(RESELLER));
    let builtin = PriceBook::builtin();
    let first = builtin.with_layer(&acme);
    let book = first.with_layer(&reseller);
    let mut alone: BTreeMap<Cause, Tally> = BTreeMap::new();
    let mut with: BTreeMap<Cause, Tally> = BTreeMap::new();
    let (mut of_alone, mut of_pairs) = (Tally::default(), Tally::default());
    let mut seed = 0;
    let mut misses = String::new();
    while of_alone.bills + of_pairs.bills < 1000 {
        seed += 1;
        let mut random = Random::new(seed);
        let mut injected = vec![INJECTED[usize::try_from(seed).expect("small") % INJECTED.len()]];
        if of_alone.bills >= 300 {
            injected.push(random.pick(&INJECTED));
            // Nothing can be told behind an unknown rate of exchange.
            if injected[0] == injected[1] || injected.contains(&Cause::Currency) {
                continue;
            }
        }
        let lines = match random.below(10) {
            0..5 => Lines::Kinds,
            5..8 => Lines::Models,
            _ => Lines::Days,
        };
        // A sum of a day does not show that one model's usage is missing, or has no name.
        let hidden = [Cause::MissingUsage, Cause::NoPrice].iter().any(|c| injected.contains(c));
        if lines == Lines::Days && hidden {
            continue;
        }
        let Some(case) = case(&injected, lines, &mut random) else { continue };
        let result = reconcile(&case, book.clone());
        adds_up(&case, &result);
        if seed % 50 == 0 {
            assert_eq!(reconcile_in_parts(&case, book.clone(), 3), result, "in parts");
            let mut turned = case;
            turned.usage.reverse();
            turned.rows.reverse();
            assert_eq!(reconcile(&turned, book.clone()), result, "whatever the order of the rows");
        }
        let wanted: BTreeSet<Cause> = injected.iter().copied().collect();
        let (taken, named) = found(&result);
        let (right, named) = (taken == wanted, wanted.is_subset(&named));
        if !right {
            let text = |causes: &BTreeSet<Cause>| {
                causes.iter().map(|cause| cause.name()).collect::<Vec<_>>().join(" + ")
            };
            let _ = writeln!(misses, "{seed} {lines:?}: {} not {}", text(&taken), text(&wanted));
        }
        if let [cause] = injected[..] {
            of_alone.add(right, named);
            alone.entry(cause).or_default().add(right, named);
        } else {
            of_pairs.add(right, named);
            for cause in injected {
                with.entry(cause).or_default().add(right, named);
            }
        }
    }
    print!("{misses}");
    let mut table = "| cause | bills with it alone | right | named | bills with it and another | right | named |\n|---|---:|---:|---:|---:|---:|---:|\n".to_owned();
    for cause in INJECTED {
        let cells = |tallies: &BTreeMap<Cause, Tally>| {
            tallies.get(&cause).map_or(" |  | ".to_owned(), |tally| tally.cells())
        };
        let _ = writeln!(table, "| `{}` | {} | {} |", cause.name(), cells(&alone), cells(&with));
    }
    let _ = writeln!(table, "| all | {} | {} |", of_alone.cells(), of_pairs.cells());
    println!("{table}");
    let right = of_alone.right + of_pairs.right;
    assert!(right >= 950, "{right} of 1000 bills were explained by the causes they were made with");
    compare_with_page("bills", &table);
}
