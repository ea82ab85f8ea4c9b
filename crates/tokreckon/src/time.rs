//! UTC instants and half-open periods. The library never asks what time it is.

#![deny(clippy::arithmetic_side_effects)]

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// Seconds in a UTC day.
pub const DAY_SECONDS: i64 = 86_400;

/// A UTC instant in whole Unix seconds. The caller's clock becomes one, that of the system or jiff's:
///
/// ```
/// use std::time::SystemTime;
/// use tokreckon::time::{Instant, Period};
///
/// let now = Instant::from(SystemTime::now());
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

    /// Reads `2025-04-09` (the whole UTC day), `2025-04` (the month), `2025` (the year), the first two
    /// also without hyphens, or an RFC 3339 instant with its offset.
    ///
    /// ```
    /// use tokreckon::time::{Period, TimeError};
    ///
    /// let october = Period::parse("2026-10")?;
    /// assert_eq!(october.to_string(), "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z");
    /// # Ok::<(), TimeError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        // The last day of the calendar is a day, and the one after it no date.
        if let Some(day) = Self::of_date(text) {
            return Ok(day);
        }
        Self::parse_in(text, &TimeZone::UTC)
    }

    /// The same with days, months and years of a time zone.
    pub fn parse_in(text: &str, zone: &TimeZone) -> Result<Self, TimeError> {
        let Some((first, next)) = parse_dates(text) else { return Ok(Self::at(text.parse()?)) };
        let start = |date: Date| Some(Instant::from(date.to_zoned(zone.clone()).ok()?.timestamp()));
        let period = start(first).zip(start(next)).map(|(start, end)| Self { start, end });
        period.ok_or_else(|| TimeError { text: text.to_owned() })
    }

    /// The whole UTC day of `2025-04-09`; `None` for anything else.
    pub(crate) fn of_date(text: &str) -> Option<Self> {
        parse_date(text.as_bytes()).and_then(Self::of_day)
    }
}

impl From<SystemTime> for Instant {
    /// Parts of a second are cut off downwards, before 1970 as after it. What no system's clock can
    /// show, 292 billion years away, is the last second that there is.
    fn from(time: SystemTime) -> Self {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(seconds(after)),
            Err(error) => {
                let before = error.duration();
                let part = i64::from(before.subsec_nanos() > 0);
                Self(seconds(before).saturating_neg().saturating_sub(part))
            }
        }
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

/// The first date of a day, a month or a year, and the one after its last.
fn parse_dates(text: &str) -> Option<(Date, Date)> {
    let is_like = |form: &str| {
        let alike = |(byte, form): (u8, u8)| {
            if form == b'-' { byte == b'-' } else { byte.is_ascii_digit() }
        };
        text.len() == form.len() && text.bytes().zip(form.bytes()).all(alike)
    };
    let unit = Span::new();
    let unit = match text {
        _ if is_like("yyyy-mm-dd") || is_like("yyyymmdd") => unit.days(1),
        _ if is_like("yyyy-mm") || is_like("yyyymm") => unit.months(1),
        _ if is_like("yyyy") => unit.years(1),
        _ => return None,
    };
    let digits = text.replace('-', "");
    let pair = |from, to| digits.get(from..to).map_or(Some(1), |digits| digits.parse().ok());
    let year = digits.get(..4)?.parse().ok().filter(|year| *year > 0)?;
    let first = Date::new(year, pair(4, 6)?, pair(6, 8)?).ok()?;
    Some((first, first.checked_add(unit).ok()?))
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
mod tests;
