//! Dates as people and spreadsheets write them.

use std::borrow::Cow;

use super::{NoReading, Order, Read, Reading, Style, plainly};
use crate::grade::Assumption;
use crate::read::cell;

/// Three numbers parted by one sign.
pub(super) struct NumericDate<'t> {
    /// The first two.
    pub(super) parts: (u32, u32),
    year: u32,
    sign: u8,
    /// The clock.
    rest: &'t str,
}

impl<'t> NumericDate<'t> {
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let (first, rest) = number(text, 2)?;
        let sign = rest.bytes().next().filter(|sign| matches!(sign, b'.' | b'/' | b'-'))?;
        let (second, rest) = number(rest.get(1..)?, 2)?;
        let rest = rest.strip_prefix(char::from(sign))?;
        let (year, after) = number(rest, 4)?;
        let year = match rest.len() - after.len() {
            4 => year,
            // With hyphens the year may as well come first.
            2 if sign != b'-' => year + 2_000,
            _ => return None,
        };
        (first > 0 && second > 0).then_some(Self {
            parts: (first, second),
            year,
            sign,
            rest: after,
        })
    }

    /// True where either order is a date. No country writes the month first with points.
    pub(super) const fn is_open(&self) -> bool {
        let (first, second) = self.parts;
        first <= 12 && second <= 12 && first != second && self.sign != b'.'
    }
}

/// A date as `YYYY-MM-DD`, with a clock as ISO 8601 writes it; for a month, the first days of it and
/// of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::read) enum Date {
    Day(String),
    Month { first: String, next: String },
}

/// A date. `said` is the order that is known of all dates.
pub(in crate::read) fn date(cell: &[u8], style: Style, said: Option<Order>) -> Read<Date> {
    let text = std::str::from_utf8(cell.trim_ascii()).map_err(|_| NoReading::Nothing)?;
    if let Some(numeric) = NumericDate::of(text) {
        return numeric_date(&numeric, style, said);
    }
    year_first(text)
        .or_else(|| month_alone(text))
        .or_else(|| month_by_name(text))
        .map(plainly)
        .ok_or(NoReading::Nothing)
}

fn numeric_date(numeric: &NumericDate<'_>, style: Style, said: Option<Order>) -> Read<Date> {
    let clock = clock(numeric.rest).ok_or(NoReading::Nothing)?;
    let (first, second) = numeric.parts;
    let write = |order: Order| {
        let (day, month) = match order {
            Order::DayFirst => (first, second),
            Order::MonthFirst => (second, first),
        };
        day_of(numeric.year, month, day, &clock)
    };
    let both = (write(Order::DayFirst), write(Order::MonthFirst));
    if let Some(order) = said {
        let date = if order == Order::DayFirst { both.0 } else { both.1 };
        return date.map(plainly).ok_or(NoReading::Nothing);
    }
    match both {
        (Some(date), None) | (None, Some(date)) => Ok(plainly(date)),
        (Some(one), Some(other)) if one == other => Ok(plainly(one)),
        (Some(by_day), Some(by_month)) => match (style.order(), numeric.sign) {
            (Some(Order::DayFirst) | None, b'.') => Ok(plainly(by_day)),
            (Some(Order::DayFirst), _) => {
                Ok(Reading { value: by_day, by: Some(Assumption::DateOrder) })
            }
            (Some(Order::MonthFirst), _) => {
                Ok(Reading { value: by_month, by: Some(Assumption::DateOrder) })
            }
            (None, _) => Err(NoReading::Either([by_day, by_month].map(Date::written))),
        },
        (None, None) => Err(NoReading::Nothing),
    }
}

impl Date {
    fn written(self) -> String {
        match self {
            Self::Day(text) => text,
            Self::Month { first, .. } => first,
        }
    }
}

/// `2026/10/01`, `2026.10.1`.
fn year_first(text: &str) -> Option<Date> {
    let (year, rest) = number(text, 4)?;
    let sign = rest.chars().next().filter(|sign| matches!(sign, '.' | '/' | '-'))?;
    let (month, rest) = number(rest.strip_prefix(sign)?, 2)?;
    let (day, rest) = number(rest.strip_prefix(sign)?, 2)?;
    (year >= 1_000).then(|| day_of(year, month, day, &clock(rest)?)).flatten()
}

/// `2026-10`, `10/2026`.
fn month_alone(text: &str) -> Option<Date> {
    let (one, rest) = number(text, 4)?;
    // `2026.10` is a number.
    let is_sign = |sign: &char| matches!(sign, '/' | '-') || *sign == '.' && one <= 12;
    let sign = rest.chars().next().filter(is_sign)?;
    let (other, rest) = number(rest.strip_prefix(sign)?, 4)?;
    let (year, month) = if one >= 1_000 { (one, other) } else { (other, one) };
    if !rest.is_empty() || year < 1_000 {
        return None;
    }
    month_of(year, month)
}

/// English and German names of months begin with these.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän"],
    &["feb"],
    &["mar", "mär", "mrz", "maer"],
    &["apr"],
    &["may", "mai"],
    &["jun"],
    &["jul"],
    &["aug"],
    &["sep"],
    &["oct", "okt"],
    &["nov"],
    &["dec", "dez"],
];

/// Their whole names, which nothing else may stand for.
const NAMES: &str = "january januar jänner february februar march märz maerz april may mai june juni \
    july juli august september sept october oktober november december dezember";

fn month_named(word: &str) -> Option<u32> {
    let small = word.trim_end_matches('.').to_lowercase();
    let is_short = |short: &str| small == short;
    let is_whole = NAMES.split(' ').any(|name| name == small);
    let found = MONTHS.iter().position(|shorts| {
        shorts.iter().any(|short| is_short(short) || is_whole && small.starts_with(short))
    })?;
    u32::try_from(found + 1).ok()
}

/// `1 Oct 2026`, `Oct 1, 2026 3:04 PM`, `Thu, 1-Oct-26`, `Oktober 2026`.
fn month_by_name(text: &str) -> Option<Date> {
    let (dated, rest) = split_clock(text);
    let clock = clock(rest)?;
    let words = dated.split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '/'));
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.len() > 2 && is_weekday(words[0]) {
        words.remove(0);
    }
    let digits = |word: &str, most: usize| {
        let word = word.trim_end_matches('.');
        number(word, most).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number)
    };
    let year = |word: &str| match word.len() {
        4 => digits(word, 4),
        2 => digits(word, 2).map(|year| year + 2_000),
        _ => None,
    };
    let day = |word: &str| {
        let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
        digits(bare.unwrap_or(word), 2)
    };
    match words[..] {
        [one, other] if rest.is_empty() => {
            let (month, year) = month_named(one).zip(year(other).filter(|year| *year >= 1_000))?;
            month_of(year, month).filter(|_| other.len() == 4)
        }
        [one, two, three] => {
            let (month, day) =
                month_named(one).zip(day(two)).or_else(|| month_named(two).zip(day(one)))?;
            day_of(year(three)?, month, day, &clock)
        }
        _ => None,
    }
}

fn is_weekday(word: &str) -> bool {
    let small = word.trim_end_matches('.').to_lowercase();
    let days =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so"];
    days.contains(&&*small) || small.ends_with("day") || small.ends_with("tag")
}

/// A date with names, and the clock behind it: what begins with the word that has a colon.
fn split_clock(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else { return (text, "") };
    let start = text[..colon].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at);
    (&text[..start], text.get(start..).unwrap_or(""))
}

/// What follows a date, as ISO 8601 writes it: nothing, `T15:04:00`, with an offset as it is written.
fn clock(rest: &str) -> Option<Cow<'_, str>> {
    let rest = rest.trim_start_matches(',');
    if rest.trim().is_empty() {
        return Some(Cow::Borrowed(""));
    }
    let rest = rest.strip_prefix(['T', ' ', '\u{202f}', '\u{a0}'])?.trim();
    let rest = rest.strip_prefix("at ").unwrap_or(rest);
    let end =
        rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(rest.len());
    let (time, after) = rest.split_at(end);
    let half = after.trim().trim_start_matches('\u{202f}').to_ascii_uppercase().replace('.', "");
    let mut parts = time.splitn(2, ':');
    let (hour, minutes) = (parts.next()?.parse::<u32>().ok()?, parts.next()?);
    let hour = match half.as_str() {
        "AM" | "PM" if hour == 0 || hour > 12 => return None,
        "AM" => hour % 12,
        "PM" => hour % 12 + 12,
        _ => hour,
    };
    let zone = if matches!(half.as_str(), "AM" | "PM") { "" } else { after.trim() };
    Some(Cow::Owned(format!("T{hour:02}:{minutes}{zone}")))
}

fn day_of(year: u32, month: u32, day: u32, clock: &str) -> Option<Date> {
    let written = format!("{year:04}-{month:02}-{day:02}{clock}");
    cell::time(written.as_bytes()).is_some().then_some(Date::Day(written))
}

fn month_of(year: u32, month: u32) -> Option<Date> {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let first = |year: u32, month: u32| format!("{year:04}-{month:02}-01");
    (1..=12)
        .contains(&month)
        .then(|| Date::Month { first: first(year, month), next: first(next_year, next) })
}

/// A number of at most so many digits, and what follows it.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(end);
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(())?;
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_can_be_read_in_one_way() {
        for (written, wanted) in [
            ("25.10.2026", "2026-10-25"),
            ("01.10.2026", "2026-10-01"),
            ("10/25/2026", "2026-10-25"),
            ("25/10/26", "2026-10-25"),
            ("05/05/2026", "2026-05-05"),
            ("2026/10/1", "2026-10-01"),
            ("1 Oct 2026", "2026-10-01"),
            ("1. Oktober 2026", "2026-10-01"),
            ("Oct 1, 2026", "2026-10-01"),
            ("Thu, October 1st 2026", "2026-10-01"),
            ("1-Oct-26", "2026-10-01"),
            ("10/25/2026 3:04 PM", "2026-10-25T15:04"),
            ("10/25/2026, 12:04:05 AM", "2026-10-25T00:04:05"),
            ("25.10.2026 15:04", "2026-10-25T15:04"),
            ("Oct 1, 2026 3:04 PM", "2026-10-01T15:04"),
        ] {
            let read = date(written.as_bytes(), Style::default(), None);
            assert_eq!(read, Ok(plainly(Date::Day(wanted.to_owned()))), "{written}");
        }
        let month = Date::Month { first: "2026-12-01".to_owned(), next: "2027-01-01".to_owned() };
        for written in ["2026-12", "12/2026", "December 2026", "Dez 2026"] {
            assert_eq!(
                date(written.as_bytes(), Style::default(), None),
                Ok(plainly(month.clone()))
            );
        }
        for nothing in [
            "32.10.2026",
            "10/32/2026",
            "gpt-4o",
            "1/2/3",
            "mayor 1 2026",
            "10/25/2026 13:04 PM",
            "2026-13",
            "3.5",
            "1-2-26",
        ] {
            let read = date(nothing.as_bytes(), Style::default(), None);
            assert_eq!(read, Err(NoReading::Nothing), "{nothing}");
        }
    }

    #[test]
    fn a_column_or_its_owner_decides_what_may_be_two_days() {
        let either = ["2026-10-01".to_owned(), "2026-01-10".to_owned()];
        let read = |cells: &[&str], said| date(b"01/10/2026", Style::of(cells), said);
        assert_eq!(read(&[], None), Err(NoReading::Either(either.clone())));
        let by = Some(Assumption::DateOrder);
        let day = |at: usize| Date::Day(either[at].clone());
        assert_eq!(read(&["25/10/2026"], None), Ok(Reading { value: day(0), by }));
        assert_eq!(read(&["10/25/2026"], None), Ok(Reading { value: day(1), by }));
        assert_eq!(
            read(&["10/25/2026", "25/10/2026"], None),
            Err(NoReading::Either(either.clone()))
        );
        assert_eq!(read(&[], Some(Order::MonthFirst)), Ok(plainly(day(1))));
        assert_eq!(
            date(b"25/10/2026", Style::default(), Some(Order::MonthFirst)),
            Err(NoReading::Nothing)
        );
    }
}
