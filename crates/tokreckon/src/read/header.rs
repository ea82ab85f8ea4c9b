//! The names of the columns of a table, and how a name is found among them.

use std::collections::BTreeSet;

use super::{ReadError, shortened};
use crate::book::near;

/// The names of the columns.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    /// JSON objects have whatever keys they have: every name is a column, found or not found in
    /// each row. Alternatives are parted by `|`, a key inside of an object by a point.
    open: bool,
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
        Ok(Self { names, open: false })
    }

    /// The header of JSON objects.
    pub(super) const fn open() -> Self {
        Self { names: Vec::new(), open: true }
    }

    /// True for the header of JSON objects.
    pub(super) const fn is_open(&self) -> bool {
        self.open
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
                position(is_same).or_else(|| position(is_localised)).or_else(|| position(ends_as))
            })
        })
    }

    /// Other columns than `at` with one of these names.
    pub(super) fn others(&self, at: usize, names: &[&str]) -> Vec<usize> {
        if self.open {
            return Vec::new();
        }
        let has = |have: &str| names.iter().any(|name| is_same(have, name));
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
        assert!(
            header.shows(&Sign::Loose("MeterName")) && !header.shows(&Sign::All(&["timestamp"]))
        );
    }
}
