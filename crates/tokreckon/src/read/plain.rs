//! Any CSV with named columns: the usual names, or a [`Mapping`] the user gives.
//!
//! Cached and reasoning tokens are read as *inside* input and output, as in OpenAI's form; a
//! mapping says otherwise (`cached-is=beside`, `reasoning-is=beside`), or the row's own total
//! says so of its reasoning. A clock without an offset is
//! UTC; a date is the whole UTC day. A row is one request unless a `requests` column says more.
//! A column that is not there is not reported, which is not the same as zero.

mod quick;
#[cfg(target_arch = "x86_64")]
mod wide;

use std::fmt;
use std::str::FromStr;

use self::quick::Plan;
use super::ordinary::LastDate;
use super::short::{Run, Short};
use super::table::{Each, Header, Row, RowReader};
use super::{Item, Options, Problem, ReadError, cell};
use crate::book::{Known, near};
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::price::ServiceTier;
use crate::record::{Evidence, Record, Repeats, Request};
use crate::time::Period;
use crate::usage::{Layout, Place, Totals};

/// What a column of a plain CSV can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// Who sends the bill.
    Provider,
    /// Model id.
    Model,
    /// When it happened, or when the bucket begins.
    Time,
    /// When the bucket ends.
    EndTime,
    /// Request or response id.
    Id,
    /// Project.
    Project,
    /// API key.
    ApiKey,
    /// User.
    User,
    /// Service tier.
    ServiceTier,
    /// Whether it was a batch.
    Batch,
    /// Region or other variant.
    Variant,
    /// Number of requests.
    Requests,
    /// Prompt tokens.
    Input,
    /// Prompt tokens read from a cache.
    CacheRead,
    /// Prompt tokens written to a cache.
    CacheWrite,
    /// … to a cache that lives 5 minutes.
    CacheWrite5m,
    /// … to a cache that lives 1 hour.
    CacheWrite1h,
    /// Audio prompt tokens.
    InputAudio,
    /// Image prompt tokens.
    InputImage,
    /// Generated tokens.
    Output,
    /// Reasoning tokens.
    Reasoning,
    /// Generated audio tokens.
    OutputAudio,
    /// Generated image tokens.
    OutputImage,
    /// Total tokens.
    Total,
    /// Web searches.
    WebSearches,
    /// Reported cost.
    Cost,
    /// Currency of the reported cost.
    Currency,
    /// Tokens of the visible answer, counted by the caller.
    Visible,
}

/// Field, its name in a mapping, and the column names that are taken for it without one.
const FIELDS: [(Field, &str, &[&str]); 28] = [
    (Field::Provider, "provider", &["provider"]),
    (Field::Model, "model", &["model", "model_name", "model_id"]),
    (Field::Time, "time", &["timestamp", "time", "created_at", "created", "date", "start_time"]),
    (Field::EndTime, "end-time", &["end_time"]),
    (Field::Id, "id", &["request_id", "response_id", "id"]),
    (Field::Project, "project", &["project_id", "project"]),
    (Field::ApiKey, "api-key", &["api_key_id", "api_key"]),
    (Field::User, "user", &["user_id", "user"]),
    (Field::ServiceTier, "service-tier", &["service_tier"]),
    (Field::Batch, "batch", &["batch"]),
    (Field::Variant, "variant", &["variant"]),
    (Field::Requests, "requests", &["num_model_requests", "requests", "num_requests"]),
    (Field::Input, "input", &["input_tokens", "prompt_tokens"]),
    (
        Field::CacheRead,
        "cached",
        &["input_cached_tokens", "cached_tokens", "cache_read_input_tokens"],
    ),
    (Field::CacheWrite, "cache-write", &["cache_write_tokens", "cache_creation_input_tokens"]),
    (Field::CacheWrite5m, "cache-write-5m", &["ephemeral_5m_input_tokens"]),
    (Field::CacheWrite1h, "cache-write-1h", &["ephemeral_1h_input_tokens"]),
    (Field::InputAudio, "input-audio", &["input_audio_tokens"]),
    (Field::InputImage, "input-image", &["input_image_tokens"]),
    (Field::Output, "output", &["output_tokens", "completion_tokens"]),
    (Field::Reasoning, "reasoning", &["reasoning_tokens"]),
    (Field::OutputAudio, "output-audio", &["output_audio_tokens"]),
    (Field::OutputImage, "output-image", &["output_image_tokens"]),
    (Field::Total, "total", &["total_tokens"]),
    (Field::WebSearches, "web-searches", &["web_search_requests"]),
    (Field::Cost, "cost", &["billed_cost_usd", "cost_usd", "cost"]),
    (Field::Currency, "currency", &["currency"]),
    (Field::Visible, "visible", &["visible_tokens", "visible_o200k"]),
];

/// One name of every column that is known.
#[cfg(test)]
pub(super) fn known_columns() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter_map(|(_, _, usual)| usual.first().copied())
}

impl Field {
    /// The name in a mapping.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(field, ..)| *field == self).map_or("", |(_, name, _)| name)
    }
}

/// Which column holds what, and what the counts include.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Mapping {
    columns: Vec<(Field, String)>,
    layout: Layout,
    /// Where reasoning lies was said; the total of a row does not decide.
    reasoning_is_said: bool,
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
                let names: Vec<_> = FIELDS.iter().map(|(_, name, _)| *name).collect();
                format!("fields are {}", names.join(", "))
            }
            _ => {
                "write `model=model_name,input=prompt_tokens,output=completion_tokens,time=created`"
                    .to_owned()
            }
        }
    }
}

impl Mapping {
    /// Adds one pair such as `input` = `prompt_tokens`, or `cached` = `beside` for the layout.
    pub fn set(&mut self, field: &str, column: &str) -> Result<(), MappingError> {
        let place = match column {
            "inside" => Some(Place::Inside),
            "beside" => Some(Place::Beside),
            _ => None,
        };
        match (field, place) {
            ("cached-is", Some(place)) => self.layout.cache_read = place,
            ("cache-write-is", Some(place)) => self.layout.cache_write = place,
            ("reasoning-is", Some(place)) => {
                self.layout.reasoning = place;
                self.reasoning_is_said = true;
            }
            _ => {
                let Some((field, ..)) = FIELDS.iter().find(|(_, name, _)| *name == field) else {
                    return Err(MappingError::UnknownField {
                        field: field.to_owned(),
                        near: near(field, FIELDS.iter().map(|(_, name, _)| *name)),
                    });
                };
                if self.columns.iter().any(|(other, _)| other == field) {
                    return Err(MappingError::Twice { field: field.name().to_owned() });
                }
                self.columns.push((*field, column.to_owned()));
            }
        }
        Ok(())
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
            .map(|(field, column)| format!("{}={column}", field.name()))
            .collect();
        f.write_str(&pairs.join(","))
    }
}

/// True when the usual names are there: a model, input and output.
pub(super) fn recognises(header: &Header) -> bool {
    [Field::Model, Field::Input, Field::Output].iter().all(|&wanted| {
        let names = FIELDS
            .iter()
            .find(|(field, ..)| *field == wanted)
            .map_or(&[][..], |(_, _, names)| names);
        names.iter().any(|name| header.has(&[name]))
    })
}

pub(super) struct Columns {
    at: [Option<usize>; FIELDS.len()],
    layout: Layout,
    total_decides: bool,
    provider: String,
    service_tier: Option<ServiceTier>,
    currency: Currency,
    /// None but those that [`Columns::quick`] reads.
    is_usual: bool,
    plan: Plan,
    last_date: LastDate,
}

/// The columns of the short way; a file with any other that is known is left to [`Columns::row`].
const USUAL: [Field; 14] = [
    Field::Provider,
    Field::Model,
    Field::Time,
    Field::Id,
    Field::Project,
    Field::ApiKey,
    Field::User,
    Field::ServiceTier,
    Field::Batch,
    Field::Input,
    Field::CacheRead,
    Field::Output,
    Field::Reasoning,
    Field::Cost,
];

impl Columns {
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let mut at = [None; FIELDS.len()];
        for (slot, (field, _, usual)) in at.iter_mut().zip(FIELDS) {
            let mapped = options.mapping.and_then(|mapping| {
                mapping.columns.iter().find(|(other, _)| *other == field).map(|(_, column)| column)
            });
            *slot = match mapped {
                Some(column) => Some(header.need(super::Format::Plain, column)?),
                None => header.any(usual),
            };
        }
        for (field, name, usual) in FIELDS {
            let needed = matches!(field, Field::Input | Field::Output);
            if needed && at[field as usize].is_none() {
                header.need(super::Format::Plain, usual.first().unwrap_or(&name))?;
            }
        }
        Ok(Self {
            at,
            layout: options.mapping.map_or(Layout::INSIDE, |mapping| mapping.layout),
            total_decides: !options.mapping.is_some_and(|mapping| mapping.reasoning_is_said),
            provider: options.provider.to_owned(),
            service_tier: options.service_tier,
            currency: Currency::USD,
            is_usual: (FIELDS.iter())
                .all(|(field, ..)| at[*field as usize].is_none() || USUAL.contains(field))
                && options.mapping.is_none_or(|mapping| mapping.layout == Layout::INSIDE),
            plan: Plan::new(options.unneeded, |field| at[field as usize]),
            last_date: LastDate::FIRST,
        })
    }

    const fn column(&self, field: Field) -> Option<usize> {
        self.at[field as usize]
    }

    fn totals(&self, row: &Row<'_>) -> Result<Totals, Problem> {
        let count = |field: Field| row.count(self.column(field));
        Ok(Totals {
            layout: self.layout,
            input: count(Field::Input)?,
            cache_read: count(Field::CacheRead)?,
            cache_write: count(Field::CacheWrite)?,
            cache_write_5m: count(Field::CacheWrite5m)?,
            cache_write_1h: count(Field::CacheWrite1h)?,
            input_audio: count(Field::InputAudio)?,
            input_image: count(Field::InputImage)?,
            output: count(Field::Output)?,
            reasoning: count(Field::Reasoning)?,
            output_audio: count(Field::OutputAudio)?,
            output_image: count(Field::OutputImage)?,
            total: count(Field::Total)?,
            requests: count(Field::Requests)?,
            web_searches: count(Field::WebSearches)?,
            ..Totals::default()
        })
    }

    fn service_tier(&self, row: &Row<'_>) -> Result<Known<ServiceTier>, Problem> {
        let batch =
            row.word(self.column(Field::Batch), "yes or no", |text| cell::flag(text.as_bytes()))?;
        let expected = "a service tier such as `standard` or `batch`";
        let tier = row.word(self.column(Field::ServiceTier), expected, cell::service_tier)?;
        Ok(self.service_tier_of(batch, tier))
    }

    fn service_tier_of(
        &self,
        batch: Option<bool>,
        tier: Option<ServiceTier>,
    ) -> Known<ServiceTier> {
        match (batch, tier) {
            (Some(true), _) => Known::Is(ServiceTier::Batch),
            (_, Some(tier)) => Known::Is(tier),
            _ => match self.service_tier {
                Some(tier) => Known::Is(tier),
                // A column that is there but empty says that nobody knows.
                None if self.column(Field::ServiceTier).is_some() => Known::Unknown,
                None => Known::Is(ServiceTier::Standard),
            },
        }
    }

    fn period(&self, row: &Row<'_>) -> Result<Option<Period>, Problem> {
        let start = row.time(self.column(Field::Time))?;
        let end = row.time(self.column(Field::EndTime))?;
        Ok(match (start, end) {
            (Some(start), Some(end)) if end.start > start.start => {
                Some(Period { start: start.start, end: end.start })
            }
            (start, _) => start,
        })
    }
}

impl RowReader for Columns {
    fn run(&mut self, run: &Run<'_>, take: &mut dyn FnMut(&Request<'_>)) -> usize {
        self.quick_run(run, take)
    }

    fn short(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        self.quick(row, take)
    }

    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let provider = row.text(self.column(Field::Provider))?;
        let (model, id) = (row.text(self.column(Field::Model))?, row.text(self.column(Field::Id))?);
        let (project, user) =
            (row.text(self.column(Field::Project))?, row.text(self.column(Field::User))?);
        let (api_key, variant) =
            (row.text(self.column(Field::ApiKey))?, row.text(self.column(Field::Variant))?);
        let currency =
            row.word(self.column(Field::Currency), "a currency code", |text| text.parse().ok())?;
        let totals = self.totals(row)?;
        let totals = if self.total_decides { totals.placed_by_total() } else { totals };
        let reported = row.amount(self.column(Field::Cost))?;
        let currency = currency.unwrap_or(self.currency);
        each(Item::Record(&Record {
            line: row.line(),
            provider: if provider.is_empty() { &self.provider } else { &provider },
            model: &model,
            period: self.period(row)?,
            shape: match totals.requests {
                None | Some(1) => Shape::Request,
                requests => Shape::Sum { requests },
            },
            service_tier: self.service_tier(row)?,
            variant: Known::Is(&variant),
            totals: Some(totals),
            reported: reported.map(|amount| Money { amount, currency }),
            line_item: "",
            project: &project,
            api_key: &api_key,
            user: &user,
            id: &id,
            unread: "",
            repeats: Repeats::SameId,
            evidence: Evidence {
                visible_tokens: row.count(self.column(Field::Visible))?,
                ..Evidence::NONE
            },
        }));
        Ok(())
    }
}
