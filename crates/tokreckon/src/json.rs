//! JSON as it is written: values that borrow from their text, and are cheap where line after line is alike.
//!
//! Logs write the same members in the same order a million times. So an object is the values of one line
//! and a `Shape` that it shares with all lines like it: the names of its members, and what was asked of
//! these names before. A walk over a line compares each key with the one that stood there last time, and a
//! question such as "which of these names has it" is answered once a shape.
//!
//! The walk accepts what RFC 8259 calls JSON, and no object in which a member stands twice: what a reader
//! makes of it is unpredictable (section 4), one count of two would be charged, and nobody would know
//! which. Numbers keep their text. Nesting ends at 127 levels.

mod number;
mod object;
mod refusal;
mod shape;
mod text;
mod walk;

use std::fmt;

pub use number::Number;
pub use object::{Members, Object};
pub(crate) use object::{Names, Rule, Twice};
pub(crate) use refusal::{refusal, refusal_of_several};
pub(crate) use shape::{PLACES, Shapes};

/// A value of JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, with the digits that it is written in.
    Number(Number<'v>),
    /// A text.
    String(&'v str),
    /// A list.
    Array(&'v [Value<'v>]),
    /// Members by name.
    Object(&'v Object<'v>),
}

impl<'v> Value<'v> {
    /// The members, for an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&'v Object<'v>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The items, for a list.
    #[must_use]
    pub const fn as_array(&self) -> Option<&'v [Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The text, for a text.
    #[must_use]
    pub const fn as_str(&self) -> Option<&'v str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The number, if it is a whole one that is written without point or exponent and fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.as_u64() } else { None }
    }

    /// True or false, for one of these.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// True for `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// True for an object.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// True for a number.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// True for a text.
    #[must_use]
    pub const fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// A member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'v Self> {
        self.as_object()?.get(name)
    }

    /// The same value, owned.
    #[must_use]
    pub fn to_owned_value(&self) -> serde_json::Value {
        match *self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => value.into(),
            Self::Number(number) => number.to_owned_value(),
            Self::String(text) => text.into(),
            Self::Array(items) => items.iter().map(Self::to_owned_value).collect(),
            Self::Object(object) => {
                let members = object.iter();
                members.map(|(name, value)| (name.to_owned(), value.to_owned_value())).collect()
            }
        }
    }
}

/// Compact JSON.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::String(value) => text::write(value, f),
            Self::Array(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    f.write_str(if at > 0 { "," } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Object(object) => object.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
