//! UTC instants and half-open periods. The library never asks what time it is.

#![deny(clippy::arithmetic_side_effects)]

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Seconds in a UTC day.
pub const DAY_SECONDS: i64 = 86_400;

/// A UTC instant in whole Unix seconds. The caller's clock becomes one:
///
/// ```
/// use tokreckon::time::{Instant, Period};
///
/// let now = Instant::from(jiff::Timestamp::now());
/// assert!(Period::month(now).is_some_and(|month| month.start <= now && now < month.end));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// The span `[start, end)` in which something happened. An instant is the second that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// First second.
    pub start: Instant,
    /// Second after the last.
    pub end: Instant,
}

/// A text is not a UTC day or instant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeError {
    /// The text.
    pub text: String,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text } = self;
        write!(f, "`{text}` is not a time: write `2025-04-09` or `2025-04-09T08:10:26Z`")
    }
}

impl Error for TimeError {}

impl Instant {
    /// The UTC day that holds this instant, in days since 1970-01-01.
    #[must_use]
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY_SECONDS)
    }

    /// The calendar date in a time zone; `None` outside of the years −9999 to 9999.
    #[must_use]
    pub fn date_in(self, zone: &TimeZone) -> Option<Date> {
        match Timestamp::from_second(self.0) {
            Ok(timestamp) => Some(zone.to_datetime(timestamp).date()),
            // The last hours of the year 9999 are none of a `Timestamp`; no zone changes there.
            Err(_) if self.0 > 0 => {
                let offset = zone.to_offset(Timestamp::MAX).seconds();
                Some(Self(self.0.checked_add(offset.into())?).in_utc()?.date())
            }
            Err(_) => None,
        }
    }

    /// Date and clock in UTC; `None` outside of the years −9999 to 9999.
    pub(crate) fn in_utc(self) -> Option<DateTime> {
        DateTime::constant(1970, 1, 1, 0, 0, 0, 0)
            .checked_add(SignedDuration::from_secs(self.0))
            .ok()
    }
}

impl Period {
    /// The second that holds an instant.
    #[must_use]
    pub const fn at(instant: Instant) -> Self {
        Self { start: instant, end: Instant(instant.0.saturating_add(1)) }
    }

    /// A whole UTC day; `None` for the two days that `i64` cuts off, 292 billion years away.
    #[must_use]
    pub const fn day(instant: Instant) -> Option<Self> {
        Self::of_day(instant.day())
    }

    /// A whole UTC day, in days since 1970-01-01.
    const fn of_day(day: i64) -> Option<Self> {
        let Some(start) = day.checked_mul(DAY_SECONDS) else { return None };
        let Some(end) = start.checked_add(DAY_SECONDS) else { return None };
        Some(Self { start: Instant(start), end: Instant(end) })
    }

    /// A whole UTC month, that of an instant; `None` outside of the years −9999 to 9999.
    ///
    /// ```
    /// use tokreckon::time::{Period, TimeError};
    ///
    /// let month = Period::month("2026-02-14T08:00:00Z".parse()?);
    /// let month = month.map(|month| month.to_string());
    /// assert_eq!(month.as_deref(), Some("2026-02-01T00:00:00Z/2026-03-01T00:00:00Z"));
    /// # Ok::<(), TimeError>(())
    /// ```
    #[must_use]
    pub fn month(instant: Instant) -> Option<Self> {
        let date = instant.in_utc()?.date();
        let second =
            |date: Date| Some(Instant(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second()));
        let start = second(date.first_of_month())?;
        Some(Self { start, end: second(date.last_of_month().tomorrow().ok()?)? })
    }

    /// True when the period is one second long: an instant.
    #[must_use]
    pub const fn is_instant(self) -> bool {
        self.end.0.saturating_sub(self.start.0) == 1
    }

    /// True when this is how a source writes a day: a span of more than a second, or midnight.
    #[must_use]
    pub const fn may_be_a_day(self) -> bool {
        !self.is_instant() || self.start.0.rem_euclid(DAY_SECONDS) == 0
    }

    /// Reads `2025-04-09` (the whole UTC day) or an RFC 3339 instant with its offset.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        if let Some(day) = parse_date(text.as_bytes()).and_then(Self::of_day) {
            return Ok(day);
        }
        Ok(Self::at(text.parse()?))
    }
}

impl From<Timestamp> for Instant {
    /// Parts of a second are cut off downwards, before 1970 as after it.
    fn from(time: Timestamp) -> Self {
        Self(time.as_second().saturating_sub(i64::from(time.subsec_nanosecond() < 0)))
    }
}

impl FromStr for Instant {
    type Err = TimeError;

    /// Reads an RFC 3339 instant; an offset is required. Parts of a second are cut off downwards,
    /// before 1970 as after it.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let instant = Timestamp::from_str(text).ok().map(Self::from);
        // The last hours of the year 9999 are none of a `Timestamp`.
        let last = || {
            let clock = text.starts_with("9999-").then_some(text.as_bytes())?;
            parse_export_time(clock, false).filter(|period| period.is_instant()).map(|p| p.start)
        };
        instant.or_else(last).ok_or_else(|| TimeError { text: text.to_owned() })
    }
}

impl fmt::Display for Instant {
    /// `2025-04-09T08:10:26Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_utc() {
            Some(time) => write!(f, "{time}Z"),
            None => write!(f, "@{}", self.0),
        }
    }
}

impl fmt::Display for Period {
    /// A day as its date, an instant as such, anything else as `start/end`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_instant() {
            write!(f, "{}", self.start)
        } else if Some(*self) == Self::day(self.start) {
            f.write_str(&day_text(self.start.day()))
        } else {
            write!(f, "{}/{}", self.start, self.end)
        }
    }
}

/// A day as `YYYY-MM-DD`, from days since 1970-01-01.
#[must_use]
pub fn day_text(day: i64) -> String {
    let time = day.checked_mul(DAY_SECONDS).and_then(|second| Instant(second).in_utc());
    time.map_or_else(|| format!("day {day}"), |time| time.date().to_string())
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
#[expect(clippy::arithmetic_side_effects, reason = "of two to four digits each")]
pub(crate) fn parse_date(text: &[u8]) -> Option<i64> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    let year = ((digit(y0)? * 10 + digit(y1)?) * 10 + digit(y2)?) * 10 + digit(y3)?;
    let (month, day) = (digit(m0)? * 10 + digit(m1)?, digit(d0)? * 10 + digit(d1)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if day < 1 || day > length || year < 1 {
        return None;
    }
    Some(days_from_civil(year, month, day))
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March.
#[expect(clippy::arithmetic_side_effects, reason = "a year has four digits")]
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Seconds of `hh:mm[:ss[.fraction]]` and the bytes after it. A leap second counts as the one before.
#[expect(clippy::arithmetic_side_effects, reason = "of two digits each, at places of a text")]
fn parse_clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let pair = |at: usize| {
        let (a, b) = (*text.get(at)?, *text.get(at + 1)?);
        (a.is_ascii_digit() && b.is_ascii_digit())
            .then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
    };
    let (hour, minute) = (pair(0)?, pair(3)?);
    if text[2] != b':' || hour > 23 || minute > 59 {
        return None;
    }
    let (mut second, mut at) = (0, 5);
    if text.get(5) == Some(&b':') {
        second = pair(6)?.min(59);
        (pair(6)? <= 60).then_some(())?;
        at = 8;
        if matches!(text.get(at), Some(b'.' | b',')) {
            let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            (digits > 0).then_some(())?;
            at += 1 + digits;
        }
    }
    Some((hour * 3600 + minute * 60 + second, &text[at..]))
}

/// An instant as exports write it: Unix seconds (also `1722902400.0`), milli-, micro- or nanoseconds, a
/// date (`2025-03-01`, `20250301`), or `date[T ]clock[offset]`. `zone_free_is_utc` says whether a clock
/// without an offset is UTC. Numbers too small for any usage of a model (before 1973) are no times: they
/// are years, days of a spreadsheet, numbers of rows.
pub(crate) fn parse_export_time(text: &[u8], zone_free_is_utc: bool) -> Option<Period> {
    if text.len() >= 10 && text.get(4) == Some(&b'-') {
        let day = parse_date(&text[..10])?;
        let rest = &text[10..];
        if rest.is_empty() {
            return Period::of_day(day);
        }
        if !matches!(rest[0], b'T' | b't' | b' ') {
            return None;
        }
        let (clock, zone) = parse_clock(&rest[1..])?;
        let offset = parse_offset(zone, zone_free_is_utc)?;
        let midnight = day.checked_mul(DAY_SECONDS)?;
        return Some(Period::at(Instant(midnight.checked_add(clock)?.checked_sub(offset)?)));
    }
    let whole = text.split(|&byte| byte == b'.').next()?;
    let fraction = text.get(whole.len().saturating_add(1)..).unwrap_or(b"");
    if whole.is_empty() || whole.len() > 19 || !whole.iter().chain(fraction).all(u8::is_ascii_digit)
    {
        return None;
    }
    if let ([y0, y1, y2, y3, m0, m1, d0, d1], b"") = (whole, fraction) {
        let day = parse_date(&[*y0, *y1, *y2, *y3, b'-', *m0, *m1, b'-', *d0, *d1])?;
        return Period::of_day(day);
    }
    let number = whole
        .iter()
        .try_fold(0_i64, |value, byte| value.checked_mul(10)?.checked_add(i64::from(byte & 0xf)))?;
    let seconds = match whole.len() {
        ..9 => return None,
        9..12 => number,
        12..15 => number / 1_000,
        15..18 => number / 1_000_000,
        _ => number / 1_000_000_000,
    };
    Some(Period::at(Instant(seconds)))
}

fn parse_offset(zone: &[u8], zone_free_is_utc: bool) -> Option<i64> {
    match zone {
        [] => zone_free_is_utc.then_some(0),
        b"Z" | b"z" | b" UTC" | b"UTC" | b" Z" => Some(0),
        [sign @ (b'+' | b'-'), clock @ ..] => {
            let seconds = match clock {
                [h0, h1] => parse_clock(&[*h0, *h1, b':', b'0', b'0'])?.0,
                [h0, h1, m0, m1] => parse_clock(&[*h0, *h1, b':', *m0, *m1])?.0,
                _ => parse_clock(clock).filter(|(_, rest)| rest.is_empty())?.0,
            };
            if *sign == b'-' { seconds.checked_neg() } else { Some(seconds) }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_become_instants_and_months_end_where_the_next_begins() {
        let clock =
            |second, nanosecond| Instant::from(Timestamp::new(second, nanosecond).expect("a time"));
        let half = 500_000_000;
        assert_eq!((clock(7, half), clock(-7, -half)), (Instant(7), Instant(-8)));
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
        assert!(
            "2025-01-01".parse::<Instant>().is_err() && "1722902400".parse::<Instant>().is_err()
        );
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
}
