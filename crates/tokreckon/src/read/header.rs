//! The names of the columns of a table, and how a name is found among them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use super::languages;
use super::row_sums::TableSums;
use super::rows::{Split, split};
use super::written::{self, Style};
use super::{ReadError, shortened};
use crate::book::near;
use crate::money::Currency;

/// The names of the columns.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    /// JSON objects have whatever keys they have: every name is a column, found or not found in
    /// each row. Alternatives are parted by `|`, a key inside of an object by a point.
    open: bool,
    /// How each column is written, where cells show it.
    styles: Vec<Style>,
    /// What its rows come to, for all who read them.
    sums: Arc<Mutex<TableSums>>,
    /// What a line above it says of the currency.
    currency: Option<Currency>,
}

/// What shows that a table or an object is of a format.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// All of these names are there.
    All(&'static [&'static str]),
    /// These names are there, and no others.
    Only(&'static [&'static str]),
    /// This name is there in any case, or as `localised (name)`.
    Loose(&'static str),
    /// The member `object` begins with this.
    Kind(&'static str),
    /// All of these names are there, in an object around which another one has this member.
    Within(&'static str, &'static [&'static str]),
}

impl Header {
    pub(super) fn new(names: Vec<String>) -> Result<Self, ReadError> {
        let mut seen = BTreeSet::new();
        if let Some(name) = names.iter().find(|name| !name.is_empty() && !seen.insert(*name)) {
            return Err(ReadError::DuplicateColumn { column: shortened(name.as_bytes()) });
        }
        let (styles, sums) = (Vec::new(), Arc::default());
        Ok(Self { names, open: false, styles, sums, currency: None })
    }

    /// The header of JSON objects.
    pub(super) fn open() -> Self {
        let (names, styles, sums) = (Vec::new(), Vec::new(), Arc::default());
        Self { names, open: true, styles, sums, currency: None }
    }

    /// True for the header of JSON objects.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// What its rows come to, for all who read them.
    pub(super) fn sums(&self) -> Arc<Mutex<TableSums>> {
        Arc::clone(&self.sums)
    }

    /// How a column is written.
    pub(super) fn style(&self, column: usize) -> Style {
        self.styles.get(column).copied().unwrap_or_default()
    }

    /// True where a number with a point in this column may not be what it is everywhere else.
    #[inline]
    pub(super) fn is_odd(&self, column: usize) -> bool {
        !self.styles.is_empty() && self.style(column).is_odd()
    }

    /// Looks at rows below the header for how the columns are written. True when all is clear: no
    /// date may be read in two ways.
    pub(super) fn look_at(&mut self, rows: &[u8], delimiter: u8) -> bool {
        let mut styles = vec![Style::default(); self.columns()];
        let mut offsets = Vec::new();
        for line in rows.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let is_row = split(line, delimiter, &mut offsets) == Split::Row;
            if !is_row || offsets.len() != styles.len() + 1 {
                continue;
            }
            for (style, cell) in styles.iter_mut().zip(offsets.windows(2)) {
                let (start, end) = (cell[0].wrapping_add(1) as usize, cell[1] as usize);
                let cell = line.get(start..end).unwrap_or_default();
                let bare = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\""));
                style.look_at(bare.unwrap_or(cell));
            }
        }
        let all = styles.iter().fold(Style::default(), |all, style| all.and(*style));
        for style in &mut styles {
            *style = style.or(all);
        }
        let is_clear = styles.iter().all(|style| !style.has_open_dates || style.order().is_some());
        let says_something = styles.iter().any(|style| *style != Style::default());
        self.styles = if says_something { styles } else { Vec::new() };
        is_clear
    }

    /// How many columns there are.
    pub(super) const fn columns(&self) -> usize {
        self.names.len()
    }

    /// The first column of several spellings: exactly, else but for case and blanks, else (for the
    /// counts of a flattened response) the last part of a path.
    pub(super) fn any(&mut self, names: &[&str]) -> Option<usize> {
        if self.open {
            let name = names.join("|");
            let found = self.names.iter().position(|other| *other == name);
            return found.or_else(|| {
                self.names.push(name);
                Some(self.names.len() - 1)
            });
        }
        let exact = |name: &&str| self.names.iter().position(|other| other == name);
        names.iter().find_map(exact).or_else(|| {
            names.iter().find_map(|name| {
                let position =
                    |is: fn(&str, &str) -> bool| self.names.iter().position(|have| is(have, name));
                position(is_same)
                    .or_else(|| position(is_localised))
                    .or_else(|| position(ends_as))
                    .or_else(|| position(languages::means))
            })
        })
    }

    /// The first column of several spellings with a currency in its name: `cost_eur`, `Betrag (€)`.
    pub(super) fn any_in_a_currency(&self, names: &[&str]) -> Option<usize> {
        let found = |name: &str| {
            self.names
                .iter()
                .position(|have| currency_of(have).is_some_and(|(bare, _)| is_named(bare, name)))
        };
        names.iter().find_map(|name| found(name))
    }

    /// The currency that a line above the header says, or the name of a column.
    pub(super) fn currency(&self, column: usize) -> Option<Currency> {
        let of_column = || currency_of(self.names.get(column)?).map(|(_, currency)| currency);
        self.currency.or_else(of_column)
    }

    /// Says the currency of the table: `Currency,AUD` in a line above the header goes before `Cost ($)`,
    /// which may be dollars of any country.
    pub(super) const fn says_currency(&mut self, currency: Currency) {
        self.currency = Some(currency);
    }

    /// Other columns than `at` with one of these names.
    pub(super) fn others(&self, at: usize, names: &[&str]) -> Vec<usize> {
        if self.open {
            return Vec::new();
        }
        let has = |have: &str| names.iter().any(|name| is_named(have, name));
        let columns = self.names.iter().enumerate();
        columns.filter(|(other, have)| *other != at && has(have)).map(|(other, _)| other).collect()
    }

    /// The first of several spellings of a column that the named format cannot do without.
    pub(super) fn need_any(
        &mut self,
        format: &'static str,
        names: &[&str],
    ) -> Result<usize, ReadError> {
        let wanted = names.first().copied().unwrap_or_default();
        self.any(names).ok_or_else(|| ReadError::MissingColumn {
            format,
            column: wanted.to_owned(),
            near: near(wanted, self.names.iter().map(String::as_str)),
        })
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.names.iter().any(|other| other == name))
    }

    /// True when the table shows this sign.
    pub(super) fn shows(&self, sign: &Sign) -> bool {
        match *sign {
            Sign::All(names) => self.has(names),
            Sign::Only(names) => self.names.len() == names.len() && self.has(names),
            Sign::Loose(name) => {
                self.names.iter().any(|have| is_same(have, name) || is_localised(have, name))
            }
            Sign::Kind(_) | Sign::Within(..) => false,
        }
    }
}

/// A name without what people write in different ways: case, blanks, hyphens, `camelCase`.
pub(super) fn canonical(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 4);
    let mut before_is_small = false;
    for c in name.trim().chars() {
        if c.is_ascii_uppercase() && before_is_small {
            plain.push('_');
        }
        before_is_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        plain.push(if matches!(c, ' ' | '-') { '_' } else { c.to_ascii_lowercase() });
    }
    plain
}

fn is_same(have: &str, name: &str) -> bool {
    have.eq_ignore_ascii_case(name) || canonical(have) == canonical(name)
}

/// The same, or so in another language.
pub(super) fn is_named(have: &str, name: &str) -> bool {
    is_same(have, name) || languages::means(have, name)
}

/// Codes that a name may end with.
const CURRENCIES: [&str; 20] = [
    "USD", "EUR", "GBP", "CNY", "JPY", "CHF", "CAD", "AUD", "INR", "KRW", "SEK", "NOK", "DKK",
    "PLN", "CZK", "BRL", "MXN", "SGD", "HKD", "NZD",
];

/// A name without the currency at its end, and this.
fn currency_of(name: &str) -> Option<(&str, Currency)> {
    let name = name.trim();
    let inner = name.strip_suffix([')', ']']).and_then(|name| name.rsplit_once(['(', '[']));
    let parted = inner.or_else(|| name.rsplit_once([' ', '_', '-']));
    let (bare, written) = parted.unwrap_or(("", name));
    let written = written.trim();
    let is_sign = !written.is_ascii() || written.contains('$');
    let is_code = CURRENCIES.iter().any(|code| code.eq_ignore_ascii_case(written));
    let currency = written::currency(written).filter(|_| is_sign || is_code)?;
    let bare = bare.trim_end_matches([' ', '_', '-']);
    let bare = bare.strip_suffix("in").filter(|bare| bare.ends_with([' ', '_'])).unwrap_or(bare);
    Some((bare.trim_end_matches([' ', '_']), currency))
}

/// `localised (name)`.
fn is_localised(have: &str, name: &str) -> bool {
    let inner = have.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.is_some_and(|inner| inner.eq_ignore_ascii_case(name))
}

/// A path into a usage object that ends with the name of a count.
fn ends_as(have: &str, name: &str) -> bool {
    let Some((path, last)) = have.rsplit_once('.') else { return false };
    path.to_ascii_lowercase().contains("usage") && name.contains("tokens") && is_same(last, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written() {
        let names = [
            "Timestamp",
            "Model Name",
            "usage.promptTokens",
            "usage.prompt_tokens_details.cached_tokens",
            "计量名称 (MeterName)",
            "user.id",
        ];
        let mut header = Header::new(names.map(str::to_owned).to_vec()).expect("a header");
        assert_eq!(header.any(&["timestamp"]), Some(0));
        assert_eq!(header.any(&["model", "model_name"]), Some(1));
        assert_eq!(header.any(&["input_tokens", "prompt_tokens"]), Some(2));
        assert_eq!(header.any(&["cached_tokens"]), Some(3));
        assert_eq!(header.any(&["MeterName"]), Some(4));
        assert_eq!(header.any(&["id"]), None, "another thing's id");
        let mut bills =
            Header::new(["Cost (EUR)", "input_usd"].map(str::to_owned).to_vec()).expect("names");
        assert_eq!(bills.any(&["cost", "input"]), None);
        assert_eq!(bills.any_in_a_currency(&["amount", "cost"]), Some(0));
        assert_eq!(bills.currency(0).map(|currency| currency.to_string()).as_deref(), Some("EUR"));
        for (name, bare) in
            [("Betrag in €", "Betrag"), ("amount_usd", "amount"), ("Cost [$]", "Cost")]
        {
            assert_eq!(currency_of(name).map(|(bare, _)| bare), Some(bare), "{name}");
        }
        assert_eq!(currency_of("cost_net"), None);
        assert!(
            header.shows(&Sign::Loose("MeterName")) && !header.shows(&Sign::All(&["timestamp"]))
        );
    }
}
