//! The names of the columns of a table, and which format they are the signature of.

use std::collections::BTreeSet;

use super::{Format, ReadError, plain, shortened};
use crate::book::near;

/// The names of the columns.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    /// JSON objects have whatever keys they have: every name is a column, found or not found in
    /// each row. Alternatives are parted by `|`, a key inside of an object by a point.
    open: bool,
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

    /// How many columns there are.
    pub(super) const fn columns(&self) -> usize {
        self.names.len()
    }

    /// Index of a column.
    pub(super) fn column(&mut self, name: &str) -> Option<usize> {
        let found = self.names.iter().position(|other| other == name);
        if found.is_none() && self.open {
            self.names.push(name.to_owned());
            return Some(self.names.len() - 1);
        }
        found
    }

    /// Index of the first column of several spellings.
    pub(super) fn any(&mut self, names: &[&str]) -> Option<usize> {
        if self.open {
            return self.column(&names.join("|"));
        }
        names.iter().find_map(|name| self.column(name))
    }

    /// The first column of several spellings, in any case, or `localised (spelling)`.
    pub(super) fn loose(&mut self, names: &[&str]) -> Option<usize> {
        if self.open {
            return self.any(names);
        }
        let is = |have: &str, name: &str| {
            let inner = have.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
            have.eq_ignore_ascii_case(name)
                || inner.is_some_and(|inner| inner.eq_ignore_ascii_case(name))
        };
        names.iter().find_map(|name| self.names.iter().position(|have| is(have, name)))
    }

    /// Index of a column the format cannot do without.
    pub(super) fn need(&mut self, format: Format, name: &str) -> Result<usize, ReadError> {
        self.need_any(format, &[name])
    }

    /// The first of several spellings of a column the format cannot do without.
    pub(super) fn need_any(&mut self, format: Format, names: &[&str]) -> Result<usize, ReadError> {
        let wanted = names.first().copied().unwrap_or_default();
        self.any(names).or_else(|| self.loose(names)).ok_or_else(|| ReadError::MissingColumn {
            format: format.name(),
            column: wanted.to_owned(),
            near: near(wanted, self.names.iter().map(String::as_str)),
        })
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.names.iter().any(|other| other == name))
    }

    fn has_loosely(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        self.names.iter().any(|other| {
            let other = other.to_ascii_lowercase();
            other == lower || other.ends_with(&format!("({lower})"))
        })
    }

    pub(super) fn format(&self) -> Option<Format> {
        let times = ["start_time", "end_time", "start_time_iso", "end_time_iso"];
        let is_one_api = self.has(&["elapsed_time"]) || self.has(&["system_prompt_reset"]);
        let signatures: [(bool, Format); 20] = [
            (self.has(&["amount_value", "amount_currency"]), Format::OpenAiCost),
            (self.has(&["cost_in_major"]), Format::OpenAiCost),
            (self.has(&["start_time_iso", "num_model_requests"]), Format::OpenAiUsage),
            (self.names.len() == 4 && self.has(&times), Format::OpenAiUsage),
            (self.has(&["n_context_tokens_total"]), Format::OpenAiActivity),
            (self.has(&["usage_input_tokens_no_cache"]), Format::AnthropicUsage),
            (self.has(&["token_type", "cost_usd", "usage_date_utc"]), Format::AnthropicCost),
            (self.has(&["generation_id", "cost_total"]), Format::OpenRouter),
            (self.has(&["wallet_type"]), Format::DeepSeekCost),
            (self.has(&["type", "price", "amount"]), Format::DeepSeekUsage),
            (self.has(&["Input (w/ Cache Write)"]), Format::Cursor),
            (self.has(&["startTime", "spend", "call_type"]), Format::LiteLlm),
            (is_one_api && self.has(&["quota", "completion_tokens"]), Format::OneApi),
            (self.has(&["quota", "completion_tokens", "token_name"]), Format::NewApi),
            (self.has_any(&["line_item_usage_type", "lineItem/UsageType"]), Format::AwsCur),
            (
                self.has_any(&["sku.description", "Service description", "sku_description"]),
                Format::GoogleBilling,
            ),
            (self.has(&["BilledCost", "ChargePeriodStart"]), Format::Focus),
            (self.has_loosely("MeterName"), Format::AzureCost),
            (self.has_any(&["usage_details", "usageDetails"]), Format::Langfuse),
            (self.has(&["request_created_at", "completion_tokens"]), Format::Helicone),
        ];
        let known = signatures.into_iter().find(|(found, _)| *found).map(|(_, format)| format);
        known.or_else(|| plain::recognises(self).then_some(Format::Plain))
    }

    fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(&[name]))
    }
}
