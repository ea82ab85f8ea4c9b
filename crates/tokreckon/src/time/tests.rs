//! Days, months, clocks, and the ends of the calendar.

use super::*;

#[test]
fn clocks_become_instants_and_months_end_where_the_next_begins() {
    let clock =
        |second, nanosecond| Instant::from(Timestamp::new(second, nanosecond).expect("a time"));
    let half = 500_000_000;
    assert_eq!((clock(7, half), clock(-7, -half)), (Instant(7), Instant(-8)));
    let second = Duration::from_secs(1);
    for (time, is) in [
        (UNIX_EPOCH + second + second / 2, 1),
        (UNIX_EPOCH, 0),
        (UNIX_EPOCH - second / 2, -1),
        (UNIX_EPOCH - second, -1),
        (UNIX_EPOCH - second - second / 2, -2),
    ] {
        assert_eq!(Instant::from(time), Instant(is), "{time:?}");
    }
    let month = |text: &str| {
        let month = Period::month(text.parse().expect("a time")).expect("a month");
        month.to_string()
    };
    assert_eq!(month("2024-02-29T23:59:59Z"), "2024-02-01T00:00:00Z/2024-03-01T00:00:00Z");
    assert_eq!(month("2024-12-01T00:00:00Z"), "2024-12-01T00:00:00Z/2025-01-01T00:00:00Z");
    assert_eq!(Period::month(Instant(i64::MAX)), None);
}

#[test]
fn reads_times_as_exports_write_them() {
    let at = |text: &str| parse_export_time(text.as_bytes(), true).map(|p| p.to_string());
    assert_eq!(at("1759622400").as_deref(), Some("2025-10-05T00:00:00Z"));
    assert_eq!(at("1722902400.0").as_deref(), Some("2024-08-06T00:00:00Z"));
    assert_eq!(at("2025-10-05T00:00:00+00:00").as_deref(), Some("2025-10-05T00:00:00Z"));
    assert_eq!(at("2026-06-28 03:46:57.713").as_deref(), Some("2026-06-28T03:46:57Z"));
    assert_eq!(at("2026-06-28T08:00:00+08:00").as_deref(), Some("2026-06-28T00:00:00Z"));
    assert_eq!(at("2026-03-31").as_deref(), Some("2026-03-31"));
    assert_eq!(at("2026-03-31 02:00").as_deref(), Some("2026-03-31T02:00:00Z"));
    assert_eq!(at("2016-12-31T23:59:60Z").as_deref(), Some("2016-12-31T23:59:59Z"));
    assert_eq!(at("20250301").as_deref(), Some("2025-03-01"));
    assert_eq!(at("1740000000000000000").as_deref(), Some("2025-02-19T21:20:00Z"));
    assert_eq!(at("1740000000000000").as_deref(), Some("2025-02-19T21:20:00Z"));
    for bad in [
        "",
        "2025-02-29",
        "2025-13-01",
        "2025-01-01X",
        "now",
        "-5",
        "2025-01-01T24:00Z",
        "20251301",
        "45748",
        "2025",
        "9223372036854775808",
    ] {
        assert_eq!(at(bad), None, "{bad}");
    }
    assert_eq!(parse_export_time(b"2025-01-01T00:00:00", false), None, "no offset, no zone");
}

#[test]
fn months_and_years_are_read_whole_in_their_zone() {
    let read = |text: &str| Period::parse(text).map(|period| period.to_string());
    let year = "2026-01-01T00:00:00Z/2027-01-01T00:00:00Z";
    for (text, is) in [
        ("2024-02", "2024-02-01T00:00:00Z/2024-03-01T00:00:00Z"),
        ("202612", "2026-12-01T00:00:00Z/2027-01-01T00:00:00Z"),
        ("2026", year),
        ("20261005", "2026-10-05"),
        ("9999-12-31", "9999-12-31"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(is), "{text}");
    }
    for text in
        ["2026-13", "2026-1", "202", "20261", "2026-10-32", "0000", "2-0-2-6", "2026-Q4", "9999"]
    {
        assert!(read(text).is_err(), "{text}");
    }
    let west = TimeZone::fixed(jiff::tz::offset(-8));
    let october = Period::parse_in("2026-10", &west).map(|period| period.to_string());
    assert_eq!(october.as_deref(), Ok("2026-10-01T08:00:00Z/2026-11-01T08:00:00Z"));
    assert_eq!(
        Period::parse_in("2026-10-05T00:00:00Z", &west),
        Period::parse("2026-10-05T00:00:00Z")
    );
}

#[test]
fn agrees_with_the_calendar() {
    for day in (-100_000..200_000).step_by(37) {
        assert_eq!(parse_date(day_text(day).as_bytes()), Some(day), "{}", day_text(day));
    }
}

#[test]
fn a_day_holds_its_instants_or_there_is_none() {
    for second in [i64::MIN, i64::MAX, 0, -1, 86_399, i64::MIN + 172_800, i64::MAX - 172_800] {
        let instant = Instant(second);
        let day = Period::day(instant);
        assert!(day.is_none_or(|day| day.start <= instant && instant < day.end), "{second}");
        assert_eq!(day.is_none(), second == i64::MIN || second == i64::MAX, "{second}");
        assert!(!instant.to_string().is_empty());
    }
    assert!(!Period { start: Instant(i64::MIN), end: Instant(i64::MAX) }.is_instant());
}

#[test]
fn parts_of_a_second_are_cut_downwards() {
    let at = |text: &str| text.parse::<Instant>().map(|instant| instant.to_string());
    assert_eq!(at("1969-12-31T23:59:59.5Z").as_deref(), Ok("1969-12-31T23:59:59Z"));
    assert_eq!(at("1969-12-31T23:59:59Z").as_deref(), Ok("1969-12-31T23:59:59Z"));
    assert_eq!(at("1970-01-01T00:00:00.5Z").as_deref(), Ok("1970-01-01T00:00:00Z"));
    assert!("2025-01-01".parse::<Instant>().is_err() && "1722902400".parse::<Instant>().is_err());
}

#[test]
fn the_last_day_of_the_calendar_is_a_day() {
    let last: Instant = "9999-12-31T23:59:59Z".parse().expect("an instant");
    assert_eq!(last.to_string(), "9999-12-31T23:59:59Z");
    assert_eq!(Period::day(last).map(|day| day.to_string()).as_deref(), Some("9999-12-31"));
    assert_eq!(day_text(last.day()), "9999-12-31");
    let date = |zone: &TimeZone| last.date_in(zone).map(|date| date.to_string());
    assert_eq!(date(&TimeZone::UTC).as_deref(), Some("9999-12-31"));
    let west = TimeZone::fixed(jiff::tz::offset(-8));
    assert_eq!(date(&west).as_deref(), Some("9999-12-31"));
    let east = TimeZone::fixed(jiff::tz::offset(8));
    assert_eq!(date(&east), None, "it is the year 10000 there");
    assert_eq!(Instant(last.0 + 1).to_string(), format!("@{}", last.0 + 1));
}
