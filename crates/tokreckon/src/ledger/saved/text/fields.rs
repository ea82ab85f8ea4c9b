//! The members of a line: each is taken once, and has the type it is written with.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::ledger::saved::SavedError;

/// What is wrong with a line.
#[derive(Debug)]
pub(super) struct Problem(String);

impl Problem {
    pub(super) fn new(problem: &impl Display) -> Self {
        Self(problem.to_string())
    }

    pub(super) fn at(self, line: u64) -> SavedError {
        SavedError::Text { line, problem: self.0 }
    }
}

impl From<String> for Problem {
    fn from(problem: String) -> Self {
        Self(problem)
    }
}

impl From<&str> for Problem {
    fn from(problem: &str) -> Self {
        Self(problem.to_owned())
    }
}

/// The line is not as it is written.
pub(super) fn no<T>(problem: &str) -> Result<T, Problem> {
    Err(Problem::from(problem))
}

/// Members of an object that were not taken yet.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(line: &[u8]) -> Result<Self, Problem> {
        match serde_json::from_slice(line).map_err(|error| Problem::new(&error))? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => no("it is no object"),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Refuses what was not taken.
    pub(super) fn end(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem(format!("`{name}` is not known to this version"))),
        }
    }

    fn take(&mut self, name: &str) -> Result<Value, Problem> {
        self.0.remove(name).ok_or_else(|| Problem(format!("`{name}` is missing")))
    }

    fn take_as<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, Problem> {
        read(&self.take(name)?).ok_or_else(|| Problem(format!("`{name}` is not {what}")))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, Problem> {
        self.take_as(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn text_or_null(&mut self, name: &str) -> Result<Option<String>, Problem> {
        self.take_as(name, "a text or null", |value| {
            if value.is_null() { Some(None) } else { Some(Some(value.as_str()?.to_owned())) }
        })
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Problem> {
        self.take_as(name, "a list of texts", |value| {
            value.as_array()?.iter().map(|text| Some(text.as_str()?.to_owned())).collect()
        })
    }

    /// False when it is not there.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        if self.has(name) { self.take_as(name, "true or false", Value::as_bool) } else { Ok(false) }
    }

    pub(super) fn flag_or_null(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        self.take_as(name, "true, false or null", |value| {
            if value.is_null() { Some(None) } else { value.as_bool().map(Some) }
        })
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Self, Problem> {
        match self.take(name)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Problem(format!("`{name}` is no object"))),
        }
    }

    pub(super) fn number<N: FromStr + Display>(&mut self, name: &str) -> Result<N, Problem> {
        number_of(&self.take(name)?)
    }

    /// So many numbers.
    pub(super) fn list<const N: usize>(&mut self, name: &str) -> Result<[u128; N], Problem> {
        let value = self.take(name)?;
        let wrong = || Problem(format!("`{name}` is not {N} numbers"));
        let numbers = value.as_array().ok_or_else(wrong)?.iter().map(number_of);
        numbers.collect::<Result<Vec<_>, _>>()?.try_into().map_err(|_| wrong())
    }

    pub(super) fn hex(&mut self, name: &str) -> Result<u128, Problem> {
        digest_of(&self.text(name)?)
    }

    /// Two Unix seconds.
    pub(super) fn seconds(&mut self, name: &str) -> Result<(i64, i64), Problem> {
        self.take_as(name, "two seconds", |value| {
            let [start, end] = value.as_array()?.as_slice() else { return None };
            Some((start.as_i64()?, end.as_i64()?))
        })
    }

    /// The first and the last of some price tiers.
    pub(super) fn brackets(&mut self, name: &str) -> Result<(u8, u8), Problem> {
        self.take_as(name, "two price tiers", |value| {
            let [first, last] = value.as_array()?.as_slice() else { return None };
            let tier = |tier: &Value| u8::try_from(tier.as_u64()?).ok();
            Some((tier(first)?, tier(last)?)).filter(|(first, last)| first <= last)
        })
    }

    /// All members, as numbers by their names.
    pub(super) fn numbers<N: FromStr + Display>(self) -> Result<Vec<(String, N)>, Problem> {
        self.0.into_iter().map(|(name, value)| Ok((name, number_of(&value)?))).collect()
    }

    /// All members.
    pub(super) fn values(self) -> impl Iterator<Item = (String, Value)> {
        self.0.into_iter()
    }
}

/// A number as it is written: a text, without a sign or leading zeros.
pub(super) fn number_of<N: FromStr + Display>(value: &Value) -> Result<N, Problem> {
    let number = value.as_str().and_then(|text| {
        let number: N = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    });
    number.ok_or_else(|| Problem(format!("{value} is no number as it is written here")))
}

/// A digest: 32 hexadecimal digits.
pub(super) fn digest_of(text: &str) -> Result<u128, Problem> {
    let digest = u128::from_str_radix(text, 16).ok();
    let digest = digest.filter(|digest| format!("{digest:032x}") == text);
    digest.ok_or_else(|| Problem(format!("`{text}` is no digest")))
}
