//! A user's own format: which column holds what, and what its counts, times and money mean.
//!
//! It is a [`Schema`](super::schema::Schema) for everybody else's exports, written as pairs
//! (`model=model_name,input=prompt_tokens`) or as a TOML file:
//!
//! ```toml
//! name = "our-gateway"
//! provider = "openai"            # who sends the bill, where no column says so
//! time-zone = "Europe/Berlin"    # of clocks without an offset; UTC otherwise
//! currency = "EUR"               # USD otherwise
//! money-places = 2               # 2: amounts are cents
//! cached-is = "inside"           # cached tokens are part of the input, or `beside`
//! cache-write-is = "inside"
//! reasoning-is = "inside"        # of the output
//! dates-are = "day-first"        # or `month-first`: what `01/10/2026` is
//!
//! [columns]                      # a name, or several in the order of preference
//! time = "when"
//! model = ["model_used", "model"]
//! input = "tokens_in"
//! output = "tokens_out"
//!
//! [irrelevant]                   # columns that look as if they counted, and why they do not
//! token_budget = "a limit"
//! ```

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

use super::field::Field;
use super::written::Order;
use crate::book::near;
use crate::money::Currency;
use crate::usage::{Layout, Place};

/// The setting for what dates begin with, and what it may be.
const DATES: &str = "dates-are";
const DATES_ARE: &str = "`day-first` or `month-first`";

/// Which column holds what, and what the counts include.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Mapping {
    columns: Vec<(Field, Vec<String>)>,
    layout: Layout,
    /// Where reasoning lies was said; the total of a row does not decide.
    reasoning_is_said: bool,
    dates: Option<Order>,
    provider: String,
    zone: Option<TimeZone>,
    currency: Option<Currency>,
    money_places: u32,
    irrelevant: Vec<String>,
}

/// A mapping that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// Not `name=column`.
    #[error("`{part}` is not `field=column`")]
    NotAPair {
        /// The part.
        part: String,
    },
    /// No such field.
    #[error("no field `{field}`")]
    UnknownField {
        /// As written.
        field: String,
        /// Near names.
        near: Vec<String>,
    },
    /// A field is mapped twice.
    #[error("`{field}` is mapped twice")]
    Twice {
        /// The field.
        field: String,
    },
    /// Not a file of a format.
    #[error("not a format: {message}")]
    NotAFormat {
        /// What is wrong, with line and column.
        message: String,
    },
    /// A value that its setting does not allow.
    #[error("`{setting}` is `{value}`, expected {expected}")]
    NotAValue {
        /// The setting.
        setting: &'static str,
        /// As written.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
}

impl MappingError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::UnknownField { near, .. } if !near.is_empty() => {
                format!("near names: {}", near.join(", "))
            }
            Self::UnknownField { .. } => {
                let names: Vec<_> = Field::all().map(Field::name).collect();
                format!("fields are {}", names.join(", "))
            }
            Self::NotAFormat { .. } | Self::NotAValue { .. } => {
                "see `docs/formats.md`, \"Your own format\"".to_owned()
            }
            Self::NotAPair { .. } | Self::Twice { .. } => {
                "write `model=model_name,input=prompt_tokens,output=completion_tokens,time=created`"
                    .to_owned()
            }
        }
    }
}

impl Mapping {
    /// Adds one pair such as `input` = `prompt_tokens`, or `cached-is` = `beside` for the layout.
    ///
    /// # Errors
    /// When there is no such field, or it is mapped already.
    pub fn set(&mut self, field: &str, column: &str) -> Result<(), MappingError> {
        if self.place(field, column).is_none() {
            if field == DATES {
                let (setting, value) = (DATES, column.to_owned());
                return Err(MappingError::NotAValue { setting, value, expected: DATES_ARE });
            }
            self.add(field, vec![column.to_owned()])?;
        }
        Ok(())
    }

    /// Takes `cached-is` and its like; `None` for anything else.
    fn place(&mut self, setting: &str, value: &str) -> Option<()> {
        if setting == DATES {
            self.dates = Some(Order::from_word(value)?);
            return Some(());
        }
        let place = match value {
            "inside" => Place::Inside,
            "beside" => Place::Beside,
            _ => return None,
        };
        match setting {
            "cached-is" => self.layout.cache_read = place,
            "cache-write-is" => self.layout.cache_write = place,
            "reasoning-is" => {
                self.layout.reasoning = place;
                self.reasoning_is_said = true;
            }
            _ => return None,
        }
        Some(())
    }

    fn add(&mut self, field: &str, columns: Vec<String>) -> Result<(), MappingError> {
        let Some(known) = Field::from_name(field) else {
            return Err(MappingError::UnknownField {
                field: field.to_owned(),
                near: near(field, Field::all().map(Field::name)),
            });
        };
        if !self.columns_of(known).is_empty() {
            return Err(MappingError::Twice { field: field.to_owned() });
        }
        self.columns.push((known, columns));
        Ok(())
    }

    /// Reads a format as a TOML file says it; see the module's first lines.
    ///
    /// # Errors
    /// When it is no such file, names a field that there is not, or a zone or currency.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let not_a_format = |message: String| MappingError::NotAFormat { message };
        let parsed = DeTable::parse(text).map_err(|error| {
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or(""));
            let line = before.matches('\n').count() + 1;
            not_a_format(format!("line {line}: {}", error.message()))
        })?;
        let mut mapping = Self::default();
        for (setting, value) in parsed.get_ref() {
            let line = text.get(..setting.span().start).unwrap_or("").matches('\n').count() + 1;
            match (&**setting.get_ref(), value.get_ref()) {
                ("columns", DeValue::Table(columns)) => {
                    for (field, names) in columns {
                        let names = names_of(names.get_ref()).ok_or_else(|| {
                            let field = field.get_ref();
                            not_a_format(format!("line {line}: `{field}` is no name of a column"))
                        })?;
                        mapping.add(field.get_ref(), names)?;
                    }
                }
                ("irrelevant", DeValue::Table(columns)) => {
                    mapping.irrelevant =
                        columns.keys().map(|name| name.get_ref().to_string()).collect();
                }
                (setting, DeValue::String(value)) => mapping.say(setting, value)?,
                (setting, DeValue::Integer(value)) => mapping.say(setting, value.as_str())?,
                (setting, _) => {
                    return Err(not_a_format(format!("line {line}: `{setting}` is no text")));
                }
            }
        }
        if mapping.columns.is_empty() {
            return Err(not_a_format("no `[columns]`".to_owned()));
        }
        Ok(mapping)
    }

    /// Takes a setting.
    fn say(&mut self, setting: &str, value: &str) -> Result<(), MappingError> {
        let wrong = |setting, expected| MappingError::NotAValue {
            setting,
            value: value.to_owned(),
            expected,
        };
        match setting {
            "name" => {}
            "provider" => value.clone_into(&mut self.provider),
            "time-zone" => {
                let zone = TimeZone::get(value);
                let expected = "a zone such as `Europe/Berlin`";
                self.zone = Some(zone.map_err(|_| wrong("time-zone", expected))?);
            }
            "currency" => {
                let expected = "a currency code such as `EUR`";
                self.currency = Some(value.parse().map_err(|_| wrong("currency", expected))?);
            }
            "money-places" => {
                let places = value.parse().ok().filter(|places| *places <= 12);
                self.money_places =
                    places.ok_or_else(|| wrong("money-places", "a number from 0 to 12"))?;
            }
            DATES => {
                let order = Order::from_word(value);
                self.dates = Some(order.ok_or_else(|| wrong(DATES, DATES_ARE))?);
            }
            setting => {
                let known = ["cached-is", "cache-write-is", "reasoning-is"];
                let Some(known) = known.into_iter().find(|known| *known == setting) else {
                    let message = format!("no setting `{setting}`");
                    return Err(MappingError::NotAFormat { message });
                };
                self.place(setting, value).ok_or_else(|| wrong(known, "`inside` or `beside`"))?;
            }
        }
        Ok(())
    }

    /// The columns that hold a field, in the order of preference; none where it was not said.
    pub(super) fn columns_of(&self, field: Field) -> &[String] {
        let found = self.columns.iter().find(|(other, _)| *other == field);
        found.map_or(&[], |(_, columns)| columns)
    }

    /// True when it names a cost and no count of usage: its tables are bills.
    pub(super) fn is_of_costs(&self) -> bool {
        let has = |is: fn(Field) -> bool| self.columns.iter().any(|(field, _)| is(*field));
        has(|field| field == Field::Cost) && !has(Field::is_count)
    }

    /// True when it says what dates begin with, and nothing else: that is of use to any format.
    pub(super) fn is_of_dates(&self) -> bool {
        *self == Self { dates: self.dates, ..Self::default() }
    }

    pub(super) const fn dates(&self) -> Option<Order> {
        self.dates
    }

    pub(super) const fn layout(&self) -> Layout {
        self.layout
    }

    pub(super) const fn says_reasoning(&self) -> bool {
        self.reasoning_is_said
    }

    pub(super) fn provider(&self) -> &str {
        &self.provider
    }

    pub(super) fn zone(&self) -> Option<TimeZone> {
        self.zone.clone()
    }

    pub(super) const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    pub(super) const fn money_places(&self) -> u32 {
        self.money_places
    }

    pub(super) fn is_irrelevant(&self, column: &str) -> bool {
        self.irrelevant.iter().any(|other| other == column)
    }
}

/// A name of a column, or several.
fn names_of(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(name) => Some(vec![name.to_string()]),
        DeValue::Array(names) => names
            .iter()
            .map(|name| match name.get_ref() {
                DeValue::String(name) => Some(name.to_string()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

impl FromStr for Mapping {
    type Err = MappingError;

    /// Reads `model=model_name,input=prompt_tokens,cached-is=beside`; also one pair a line, with
    /// `#` comments and optional quotes, for a mapping file.
    fn from_str(text: &str) -> Result<Self, MappingError> {
        let mut mapping = Self::default();
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or(""));
        for part in
            lines.flat_map(|line| line.split(',')).map(str::trim).filter(|part| !part.is_empty())
        {
            let pair = part
                .split_once('=')
                .ok_or_else(|| MappingError::NotAPair { part: part.to_owned() })?;
            mapping.set(pair.0.trim(), pair.1.trim().trim_matches('"'))?;
        }
        Ok(mapping)
    }
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<_> = self
            .columns
            .iter()
            .map(|(field, columns)| format!("{}={}", field.name(), columns.join("|")))
            .collect();
        f.write_str(&pairs.join(","))
    }
}
