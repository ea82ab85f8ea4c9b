//! What a group takes: bytes asked of the system, counted, so that every run measures the same.

use std::alloc::System;

use cap::Cap;
use tokreckon::book::PriceBook;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::money::{Currency, Money};
use tokreckon::record::Record;
use tokreckon::time::Period;
use tokreckon::usage::{Layout, Totals};

/// The system's allocator, which knows how much of it is in use.
#[global_allocator]
static USED: Cap<System> = Cap::new(System, usize::MAX);

/// So many groups: tables have just been doubled, which is when they take the most for each.
const GROUPS: [u32; 2] = [4_200, 16_500];

/// One record of a group.
type Of = fn(&mut Record<'_>, Totals);

/// Bytes that a group takes more when it was read, and with its report.
fn bytes_of_a_group(by: &[Dimension], of_record: Of) -> [usize; 2] {
    let of = |groups: u32| {
        let before = USED.allocated();
        let settings = Settings { by: by.to_vec(), ..Settings::default() };
        let mut ledger = Ledger::new(PriceBook::builtin(), settings);
        for group in 0..groups {
            let name = format!("name-{group}");
            let totals = Totals { input: Some(1000), output: Some(50), ..Totals::default() };
            let totals = Totals { layout: Layout::INSIDE, ..totals };
            let mut record = Record {
                provider: "openai",
                model: "gpt-4o",
                user: &name,
                period: Period::parse("2026-01-01").ok(),
                totals: Some(totals),
                ..Record::EMPTY
            };
            of_record(&mut record, totals);
            ledger.add(&record);
        }
        // Where records go is remembered by whoever reads, for 65,536 names at most.
        let mut whole = ledger.sibling();
        whole.absorb(ledger);
        let read = USED.allocated() - before;
        let report = whole.report().expect("exact");
        assert_eq!(report.groups.len(), groups as usize);
        [read, USED.allocated() - before]
    };
    let [few, many] = GROUPS.map(of);
    [0, 1].map(|at| (many[at] - few[at]) / (GROUPS[1] - GROUPS[0]) as usize)
}

#[test]
fn a_group_takes_few_bytes() {
    let plain: Of = |_, _| {};
    let writes: Of = |record, totals| {
        record.provider = "anthropic";
        record.model = "claude-sonnet-4-5";
        let totals = Totals { cache_read: Some(400), cache_write: Some(300), ..totals };
        record.totals = Some(totals);
    };
    let billed: Of = |record, _| {
        let amount = "0.123456".parse().expect("a number");
        record.reported = Some(Money { amount, currency: Currency::USD });
    };
    let unknown: Of = |record, _| record.model = record.user;
    for (what, by, of_record, most) in [
        ("two counts", Dimension::User, plain, [350, 430]),
        ("two counts and those of a cache", Dimension::User, writes, [480, 580]),
        ("two counts and a reported cost", Dimension::User, billed, [480, 570]),
        ("a model that has no price", Dimension::Model, unknown, [470, 680]),
    ] {
        let bytes = bytes_of_a_group(&[by], of_record);
        println!("{what}: {bytes:?} bytes a group, read and reported");
        assert!(bytes[0] <= most[0] && bytes[1] <= most[1], "{what}: {bytes:?} for {most:?}");
        // What is measured is there at all.
        assert!(bytes.iter().all(|bytes| *bytes > 100), "{what}: {bytes:?}");
    }
}
