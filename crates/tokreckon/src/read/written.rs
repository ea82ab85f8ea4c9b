//! Dates and numbers as people and spreadsheets write them: `25.10.2026`, `Oct 1, 2026 3:04 PM`,
//! `1.200.000`, `(6,50 €)`.
//!
//! They are looked at where an export's own way of writing does not fit. What can be read in two ways,
//! such as `01/10/2026` and `12.000`, is read in none unless the column decides, or else the table:
//! [`Style`] is what other cells show. An amount that rests on that says so ([`Assumption`]).

mod dates;
mod numbers;

pub(super) use dates::{Date, date};
pub(super) use numbers::{count, currency, money};

use self::dates::NumericDate;
use self::numbers::{Number, Signs};
use crate::grade::Assumption;

/// The longest cell that is looked at.
const MOST_BYTES: usize = 40;

/// Which part of a date comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

impl Order {
    /// The words of a mapping.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "day-first" => Some(Self::DayFirst),
            "month-first" => Some(Self::MonthFirst),
            _ => None,
        }
    }
}

/// How a column is written, as those of its cells show that can be read in one way only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each thing that a cell may show")]
pub(super) struct Style {
    /// Dates that begin with the day, and that begin with the month.
    days_first: bool,
    months_first: bool,
    /// A date that may be either.
    pub(super) has_open_dates: bool,
    /// What stands before a fraction.
    fraction_comma: bool,
    fraction_point: bool,
    /// What stands between thousands.
    thousands_comma: bool,
    thousands_point: bool,
}

impl Style {
    /// Takes note of a cell.
    pub(super) fn look_at(&mut self, cell: &[u8]) {
        let cell = cell.trim_ascii();
        // Nothing that long is a date or a number.
        let Ok(text) = std::str::from_utf8(cell.get(..cell.len().min(MOST_BYTES)).unwrap_or(b""))
        else {
            return;
        };
        if let Some(numeric) = NumericDate::of(text) {
            let (first, second) = numeric.parts;
            self.days_first |= first > 12 && second <= 12;
            self.months_first |= second > 12 && first <= 12;
            self.has_open_dates |= numeric.is_open();
            return;
        }
        let Some(number) = Number::of(text) else { return };
        if number.has_odd_words() {
            return;
        }
        match number.signs() {
            Signs::Thousands(b',') => self.thousands_comma = true,
            Signs::Thousands(b'.') => self.thousands_point = true,
            Signs::Fraction(b',') => self.fraction_comma = true,
            Signs::Fraction(b'.') => self.fraction_point = true,
            Signs::Both { fraction: b',' } => {
                (self.fraction_comma, self.thousands_point) = (true, true);
            }
            Signs::Both { .. } => (self.fraction_point, self.thousands_comma) = (true, true),
            _ => {}
        }
    }

    /// This one, with what other columns of the table show of what this one does not: one hand, or one
    /// program, wrote them all.
    pub(super) const fn or(mut self, others: Self) -> Self {
        if !self.days_first && !self.months_first {
            (self.days_first, self.months_first) = (others.days_first, others.months_first);
        }
        if !(self.fraction_comma
            || self.fraction_point
            || self.thousands_comma
            || self.thousands_point)
        {
            self.fraction_comma = others.fraction_comma;
            self.fraction_point = others.fraction_point;
            self.thousands_comma = others.thousands_comma;
            self.thousands_point = others.thousands_point;
        }
        self
    }

    /// All that either shows.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            days_first: self.days_first || other.days_first,
            months_first: self.months_first || other.months_first,
            has_open_dates: self.has_open_dates || other.has_open_dates,
            fraction_comma: self.fraction_comma || other.fraction_comma,
            fraction_point: self.fraction_point || other.fraction_point,
            thousands_comma: self.thousands_comma || other.thousands_comma,
            thousands_point: self.thousands_point || other.thousands_point,
        }
    }

    /// The order of the parts of its dates; `None` where nothing shows it, or both are there.
    pub(super) const fn order(self) -> Option<Order> {
        match (self.days_first, self.months_first) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }

    /// What a sign means by the column: `Some(true)` before a fraction, `Some(false)` between
    /// thousands; `None` where nothing shows it, or both.
    const fn is_fraction(self, sign: u8) -> Option<bool> {
        let comma_is_fraction = self.fraction_comma || self.thousands_point;
        let point_is_fraction = self.fraction_point || self.thousands_comma;
        match (comma_is_fraction, point_is_fraction) {
            (true, false) => Some(sign == b','),
            (false, true) => Some(sign == b'.'),
            _ => None,
        }
    }

    /// True where a number with a point may not be what it is everywhere else.
    pub(super) const fn is_odd(self) -> bool {
        self.fraction_comma || self.thousands_point
    }
}

/// What a cell is read as, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading<T> {
    pub(super) value: T,
    pub(super) by: Option<Assumption>,
}

/// Why a cell is read as nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoReading {
    /// It is nothing of the kind.
    Nothing,
    /// It may be either of two.
    Either([String; 2]),
}

pub(super) type Read<T> = Result<Reading<T>, NoReading>;

const fn plainly<T>(value: T) -> Reading<T> {
    Reading { value, by: None }
}

#[cfg(test)]
impl Style {
    /// That of a column with these cells.
    fn of(cells: &[&str]) -> Self {
        let mut style = Self::default();
        for cell in cells {
            style.look_at(cell.as_bytes());
        }
        style
    }
}
