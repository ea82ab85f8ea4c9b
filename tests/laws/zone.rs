//! Days, weeks and months in the zone that is asked for, and in no other: daylight saving, month
//! ends, leap days, and a machine set to any zone and language.

use std::process::Command;

use jiff::tz::TimeZone;
use tokreckon::book::PriceBook;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::record::Record;
use tokreckon::time::Period;
use tokreckon::usage::Totals;

use crate::engine::period;

const UTC: &str = "UTC0";
const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";
const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
const KATHMANDU: &str = "<+0545>-5:45";
const LINE_ISLANDS: &str = "<+14>-14";
const BAKER_ISLAND: &str = "<-12>12";
/// Changes one minute after midnight, as Newfoundland did: back into the day before.
const ST_JOHNS: &str = "NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01";

/// The labels of records at these times, in the order of the report.
fn labels(times: &[&str], zone: &str, by: Dimension) -> Vec<String> {
    let zone = TimeZone::posix(zone).expect("a zone");
    let settings = Settings { by: vec![by], zone, ..Settings::default() };
    let mut ledger = Ledger::new(PriceBook::builtin(), settings);
    for time in times {
        ledger.add(&record(period(time)));
    }
    let report = ledger.report().expect("few digits");
    report.groups.iter().map(|group| group.labels.join(" ")).collect()
}

fn record(period: Period) -> Record<'static> {
    Record {
        provider: "openai",
        model: "o1-mini",
        period: Some(period),
        totals: Some(Totals { input: Some(57), output: Some(2167), ..Totals::default() }),
        ..Record::EMPTY
    }
}

#[test]
fn a_record_belongs_to_the_local_day_of_its_start() {
    let table: &[(&str, &str, &str)] = &[
        // Midnight, month end, leap day, year end.
        ("2026-03-31T23:59:59Z", UTC, "2026-03-31"),
        ("2026-04-01T00:00:00Z", UTC, "2026-04-01"),
        ("2024-02-29T23:30:00Z", UTC, "2024-02-29"),
        ("2024-02-29T23:30:00Z", BERLIN, "2024-03-01"),
        ("2026-01-01T04:59:59Z", NEW_YORK, "2025-12-31"),
        ("2026-01-01T05:00:00Z", NEW_YORK, "2026-01-01"),
        // The day of 23 hours: 2026-03-08 in New York, 2026-03-29 in Berlin.
        ("2026-03-08T04:59:59Z", NEW_YORK, "2026-03-07"),
        ("2026-03-08T05:00:00Z", NEW_YORK, "2026-03-08"),
        ("2026-03-09T03:59:59Z", NEW_YORK, "2026-03-08"),
        ("2026-03-09T04:00:00Z", NEW_YORK, "2026-03-09"),
        ("2026-03-29T21:59:59Z", BERLIN, "2026-03-29"),
        ("2026-03-29T22:00:00Z", BERLIN, "2026-03-30"),
        // The day of 25 hours.
        ("2026-11-01T03:59:59Z", NEW_YORK, "2026-10-31"),
        ("2026-11-01T04:00:00Z", NEW_YORK, "2026-11-01"),
        ("2026-11-02T04:59:59Z", NEW_YORK, "2026-11-01"),
        ("2026-11-02T05:00:00Z", NEW_YORK, "2026-11-02"),
        ("2026-10-24T22:00:00Z", BERLIN, "2026-10-25"),
        ("2026-10-25T22:59:59Z", BERLIN, "2026-10-25"),
        ("2026-10-25T23:00:00Z", BERLIN, "2026-10-26"),
        // Offsets of a quarter, and of more than half a day.
        ("2026-06-30T18:14:59Z", KATHMANDU, "2026-06-30"),
        ("2026-06-30T18:15:00Z", KATHMANDU, "2026-07-01"),
        ("2026-06-30T10:00:00Z", LINE_ISLANDS, "2026-07-01"),
        ("2026-07-01T11:59:59Z", BAKER_ISLAND, "2026-06-30"),
        // A written offset says which instant it is, not which zone to report in.
        ("2026-07-01T00:30:00+02:00", UTC, "2026-06-30"),
    ];
    for (time, zone, expected) in table {
        assert_eq!(labels(&[time], zone, Dimension::Day), [*expected], "{time} in {zone}");
        let month = &expected[..7];
        assert_eq!(labels(&[time], zone, Dimension::Month), [month], "{time} in {zone}");
    }
}

#[test]
fn a_week_is_named_by_its_monday() {
    for (time, expected) in [
        ("2026-01-01T00:00:00Z", "2025-12-29"),
        ("2026-03-01T12:00:00Z", "2026-02-23"),
        ("2026-03-02T00:00:00Z", "2026-03-02"),
        ("2024-03-03T23:59:59Z", "2024-02-26"),
    ] {
        assert_eq!(labels(&[time], UTC, Dimension::Week), [expected], "{time}");
    }
    // Sunday evening in New York is Monday in UTC.
    assert_eq!(labels(&["2026-03-02T04:00:00Z"], NEW_YORK, Dimension::Week), ["2026-02-23"]);
}

#[test]
fn the_day_does_not_depend_on_the_record_before() {
    // 00:00:30 on the 1st is followed by 23:01 on the 31st, half a minute later.
    let times = ["2026-11-01T02:30:30Z", "2026-11-01T02:31:00Z"];
    let alone: Vec<_> = times.iter().flat_map(|t| labels(&[t], ST_JOHNS, Dimension::Day)).collect();
    assert_eq!(alone, ["2026-11-01", "2026-10-31"]);
    assert_eq!(labels(&times, ST_JOHNS, Dimension::Day), ["2026-10-31", "2026-11-01"]);
}

/// Prints a report; run by the test below under other zones and languages.
#[test]
fn print_a_report() {
    let times =
        ["2025-03-09T06:59:59Z", "2025-03-09T07:00:00Z", "2025-04-01T03:59:59Z", "2025-04-01"];
    for zone in [UTC, NEW_YORK, BERLIN] {
        println!("report {:?}", labels(&times, zone, Dimension::Day));
    }
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    for time in times {
        ledger.add(&record(period(time)));
    }
    println!("report {:?}", ledger.report().expect("few digits"));
}

#[test]
fn the_machines_zone_and_language_change_nothing() {
    let run = |zone: &str, language: &str| {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.args(["--exact", "zone::print_a_report", "--nocapture"]);
        let output = command.env("TZ", zone).env("LC_ALL", language).output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines()
            .filter(|line| line.starts_with("report "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let here = run("UTC", "C");
    assert_eq!(here.len(), 4);
    for zone in
        ["America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Berlin", ":junk"]
    {
        for language in ["de_DE.UTF-8", "ar_EG.UTF-8", "tr_TR.UTF-8"] {
            assert_eq!(run(zone, language), here, "{zone} {language}");
        }
    }
}
