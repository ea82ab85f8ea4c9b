//! Times as exports write them, quick for what nearly all cells are: the date is that of the row before.

use jiff::civil::DateTime;
use jiff::tz::{Disambiguation, TimeZone};

use super::written::{self, Date, NoReading, Order, Read, Reading, Style};
use super::{cell, digits};
use crate::time::{DAY_SECONDS, Instant, Period, parse_date};

/// How a format writes its times, and the date that it wrote last.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// Which part comes first in dates that begin with the day or the month, where that is known.
    order: Option<Order>,
    /// The zone of a clock without an offset, when it is not UTC.
    zone: Option<TimeZone>,
    /// `YYYY-MM-DD` as it was written last.
    date: [u8; 10],
    /// The first second of that day.
    day_start: i64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { order: None, zone: None, date: *b"1970-01-01", day_start: 0 }
    }
}

impl Clock {
    /// Of a format with dates in this order, and a clock without an offset in this zone.
    pub(super) fn new(order: Option<Order>, zone: Option<TimeZone>) -> Self {
        Self { order, zone, ..Self::default() }
    }

    /// The time in a cell that holds something.
    #[inline]
    pub(super) fn read(&mut self, cell: &[u8]) -> Option<Period> {
        if let Some((date, rest)) = cell.split_first_chunk::<10>() {
            if let [b'T' | b' ', rest @ ..] = rest
                && let Some((clock, rest)) = rest.split_first_chunk::<8>()
                && (rest == b"Z" || (self.zone.is_none() && is_utc(rest)))
                && let Some(seconds) = digits::clock(*clock)
                && self.day(date)
            {
                return Some(Period::at(Instant(self.day_start + i64::from(seconds))));
            }
            if rest.is_empty()
                && let Some(seconds) = digits::ten(date)
            {
                return Some(Period::at(Instant(seconds)));
            }
        }
        self.odd(cell)
    }

    /// A second since 1970, in UTC or of a clock without an offset. `None` for what only its text says.
    #[inline]
    pub(super) fn second(&self, second: i64, is_utc: bool) -> Option<Period> {
        if second < 0 || !is_utc && self.zone.is_some() {
            return None;
        }
        cell::instant(second)
    }

    /// Remembers the date; false when it is none.
    #[inline]
    fn day(&mut self, date: &[u8; 10]) -> bool {
        *date == self.date || self.new_day(date)
    }

    #[cold]
    fn new_day(&mut self, date: &[u8; 10]) -> bool {
        // Days that a report cannot name are no days of usage.
        let Some(day) = parse_date(date).filter(|day| *day < cell::LAST_DAY) else { return false };
        (self.date, self.day_start) = (*date, day * DAY_SECONDS);
        true
    }

    /// The time in a cell that is not written as exports write times, in a column of this style.
    #[cold]
    pub(super) fn read_written(&mut self, cell: &[u8], style: Style) -> Read<Period> {
        let Reading { value, by } = written::date(cell, style, self.order)?;
        let period = match value {
            Date::Day(iso) => self.read(iso.as_bytes()),
            Date::Month { first, next } => {
                let (first, next) = (self.read(first.as_bytes()), self.read(next.as_bytes()));
                first.zip(next).map(|(first, next)| Period { start: first.start, end: next.start })
            }
        };
        period.map(|value| Reading { value, by }).ok_or(NoReading::Nothing)
    }

    /// Dates alone, numbers, offsets, other zones.
    #[cold]
    #[inline(never)]
    fn odd(&mut self, written: &[u8]) -> Option<Period> {
        let written = written.trim_ascii();
        if let Ok(date) = <&[u8; 10]>::try_from(written)
            && date[4] == b'-'
            && self.zone.is_none()
        {
            return self.day(date).then(|| Period::day(Instant(self.day_start))).flatten();
        }
        if let Some(zone) = &self.zone
            && let Some(period) = local(written, zone)
        {
            return Some(period);
        }
        cell::time(written)
    }
}

/// A date or a clock without an offset, in its zone.
fn local(written: &[u8], zone: &TimeZone) -> Option<Period> {
    let text = std::str::from_utf8(written).ok()?;
    let second = |at: DateTime| {
        let zoned = zone.to_ambiguous_zoned(at).disambiguate(Disambiguation::Compatible).ok()?;
        Some(Instant(zoned.timestamp().as_second()))
    };
    if written.len() == 10 && parse_date(written).is_some() {
        let date: jiff::civil::Date = text.parse().ok()?;
        let start = second(date.to_datetime(jiff::civil::Time::midnight()))?;
        let end = second(date.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight()))?;
        return Some(Period { start, end });
    }
    // What has an offset, or is in UTC, says its zone itself.
    let is_local = written.len() > 10
        && !written[10..].iter().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-' | b'U'));
    let at: DateTime = is_local.then(|| text.parse().ok()).flatten()?;
    Some(Period::at(second(at)?))
}

/// True for what may follow a clock in UTC: a fraction, and an offset of nothing.
#[inline]
fn is_utc(mut rest: &[u8]) -> bool {
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    matches!(rest, b"" | b"Z" | b"+00:00" | b"+00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_cell_alone_says() {
        let mut clock = Clock::default();
        for text in [
            "2026-03-01T12:00:00Z",
            "2026-03-01 12:00:00.25",
            "2026-03-01T12:00:00+01:00",
            "2026-03-02",
            "1772323200",
            "1772323200.0",
            "1772323200123",
            "1772323200123456",
            "20260301",
            "2026-02-30T00:00:00Z",
            "2026-03-01T24:00:00Z",
            "9999-12-31T00:00:00Z",
            "45748",
            "3/1/2026",
            "now",
            " 2026-03-01T12:00:00Z ",
        ] {
            assert_eq!(clock.read(text.as_bytes()), cell::time(text.as_bytes()), "{text}");
        }
        clock.order = Some(Order::MonthFirst);
        let day = clock.read_written(b"3/1/2026", Style::default());
        assert_eq!(day.ok().map(|day| day.value), cell::time(b"2026-03-01"));
    }

    #[test]
    fn a_clock_without_an_offset_is_of_the_zone() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        let mut clock = Clock::new(None, Some(zone));
        let mut at = |text: &str| clock.read(text.as_bytes()).map(|period| period.to_string());
        assert_eq!(at("2026-07-01 00:30:00").as_deref(), Some("2026-06-30T22:30:00Z"));
        assert_eq!(at("2026-07-01T00:30:00Z").as_deref(), Some("2026-07-01T00:30:00Z"));
        assert_eq!(at("2026-07-01T00:30:00+00:00").as_deref(), Some("2026-07-01T00:30:00Z"));
        assert_eq!(at("2026-03-29").as_deref(), Some("2026-03-28T23:00:00Z/2026-03-29T22:00:00Z"));
    }
}
