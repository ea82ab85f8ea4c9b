//! What to do about something, in words that name settings.
//!
//! The library calls a setting by its name in code, a program by that of its own option:
//!
//! ```
//! use tokreckon::hint::Setting;
//! use tokreckon::prelude::*;
//!
//! let hint = Doubt::ServiceTier.hint().ok_or("no hint")?;
//! assert_eq!(hint.to_string(), "name it with `Options::service_tier`, such as `standard`");
//! let in_form = hint.named(|setting| match setting {
//!     Setting::ServiceTier => "the field “service tier”".to_owned(),
//!     other => other.to_string(),
//! });
//! assert_eq!(in_form, "name it with the field “service tier”, such as `standard`");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::borrow::Cow;
use std::fmt;

/// What to do about something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    parts: Vec<Part>,
}

/// A part of a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Words.
    Says(Cow<'static, str>),
    /// The name of a setting.
    Names(Setting),
}

/// A setting that a hint names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// Who sends the bill.
    Provider,
    /// The service tier.
    ServiceTier,
    /// The format of an input.
    Format,
    /// The names of an input's columns, such as `time=…`.
    Columns(Cow<'static, str>),
    /// The names of all columns that usage needs.
    AllColumns,
    /// The time of usage that does not say one.
    Time,
    /// The model of usage that does not say one.
    Model,
    /// Prices of one's own.
    Prices,
    /// That nothing was cached where a source does not say.
    NothingCached,
    /// The dimensions of a report.
    By,
    /// The days that a report is about, such as the one of this text.
    Days(Cow<'static, str>),
    /// The time zone of days.
    Zone,
    /// That saved usage has the prices of the book of today.
    PricesOfThisBook,
    /// All reasons for which records were not charged.
    AllReasons,
    /// The published table that prices are taken from, by its name.
    PriceTable(&'static str),
}

impl Hint {
    /// Words around the name of a setting.
    pub(crate) fn around(before: &'static str, setting: Setting, after: &'static str) -> Self {
        Self::from(before).and(setting, after)
    }

    /// That a price is missing.
    pub(crate) fn own_price() -> Self {
        Self::around("give its price in a price file of your own with ", Setting::Prices, "")
    }

    /// One more setting, and what is said after it.
    pub(crate) fn and(mut self, setting: Setting, after: &'static str) -> Self {
        self.parts.extend([Part::Names(setting), Part::Says(after.into())]);
        self
    }

    /// The words, with settings as they are called here.
    #[must_use]
    pub fn named(&self, name: impl Fn(&Setting) -> String) -> String {
        let word = |part: &Part| match part {
            Part::Says(words) => words.clone().into_owned(),
            Part::Names(setting) => name(setting),
        };
        self.parts.iter().map(word).collect()
    }

    /// The settings it names, in order.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.parts.iter().filter_map(|part| match part {
            Part::Names(setting) => Some(setting),
            Part::Says(_) => None,
        })
    }
}

impl From<&'static str> for Hint {
    fn from(words: &'static str) -> Self {
        Self { parts: vec![Part::Says(Cow::Borrowed(words))] }
    }
}

impl From<String> for Hint {
    fn from(words: String) -> Self {
        Self { parts: vec![Part::Says(Cow::Owned(words))] }
    }
}

impl fmt::Display for Hint {
    /// With the names that settings have in code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.named(Setting::to_string))
    }
}

impl fmt::Display for Setting {
    /// Its name in code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider => f.write_str("`Options::provider`"),
            Self::ServiceTier => f.write_str("`Options::service_tier`"),
            Self::Format => f.write_str("`Options::format`"),
            Self::Columns(columns) => write!(f, "the `Mapping` `{columns}`"),
            Self::AllColumns => {
                f.write_str("a `Mapping` such as `model=…,input=…,output=…,time=…`")
            }
            Self::Time => f.write_str("`Settings::undated`"),
            Self::Model => f.write_str("`Record::model`"),
            Self::Prices => f.write_str("`PriceBook::with_prices`"),
            Self::NothingCached => f.write_str("`Settings::nothing_cached`"),
            Self::By => f.write_str("`Settings::by`"),
            Self::Days(_) => f.write_str("`Filter::since`"),
            Self::Zone => f.write_str("`Settings::zone`"),
            Self::PricesOfThisBook => f.write_str("`Prices::OfThisBook`"),
            Self::AllReasons => f.write_str("`Group::not_charged`"),
            Self::PriceTable(name) => write!(f, "the `Source` `{name}`"),
        }
    }
}
