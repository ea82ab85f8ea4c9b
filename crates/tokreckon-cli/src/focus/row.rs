//! One row of FOCUS: named cells, null until somebody knows them.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tokreckon::book::PriceBook;
use tokreckon::ledger::Dimension;
use tokreckon::price::Noun;
use tokreckon::usage::Meter;

use super::{Naming, period};
use crate::args::FocusVersion;
use crate::print::{Align, Sheet};

/// Columns in the order of the specification, own ones last.
const COLUMNS: &[&str] = &[
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "HostProviderName",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceProviderName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_CostState",
    "x_Reason",
    "x_ListCostHigh",
    "x_EffectiveCostHigh",
    "x_Model",
    "x_ServiceTier",
    "x_PriceSource",
];

/// Columns that came with FOCUS 1.3. There `ServiceProviderName` replaces `ProviderName`, which stays
/// until 1.4, and `HostProviderName` says who owns the machines.
const SINCE_1_3: [&str; 2] = ["HostProviderName", "ServiceProviderName"];

/// The columns of a version.
fn columns(version: FocusVersion) -> impl Iterator<Item = &'static str> {
    let is_in = move |column: &&str| version == FocusVersion::V1_3 || !SINCE_1_3.contains(column);
    COLUMNS.iter().copied().filter(is_in)
}

/// Columns whose cells are figures: a minus sign makes no formula of them.
const FIGURES: &[&str] = &["Cost", "Quantity", "Price", "High"];

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    cells: BTreeMap<&'static str, String>,
}

/// An empty sheet with every column.
pub(super) fn sheet(naming: &Naming<'_>) -> Sheet<'static> {
    let align = |name: &str| {
        if FIGURES.iter().any(|end| name.ends_with(end)) { Align::Amount } else { Align::Left }
    };
    Sheet::new(columns(naming.version).map(|name| (name, align(name)))).raw(naming.raw)
}

impl Row {
    /// What all rows of a group have in common.
    pub(super) fn of_labels(
        by: &[Dimension],
        labels: &[String],
        naming: &Naming<'_>,
        zone: &TimeZone,
    ) -> Self {
        let mut row = Self { cells: BTreeMap::new() };
        let mut tags = Map::new();
        let calendars = [Dimension::Day, Dimension::Week, Dimension::Month];
        let finest = calendars.into_iter().find(|calendar| by.contains(calendar));
        for (&dimension, label) in by.iter().zip(labels) {
            let name = naming.people.name(dimension, label);
            if name.is_empty() {
                continue;
            }
            match dimension {
                Dimension::Provider => row.provider(&name),
                Dimension::Model => row.set("x_Model", name),
                Dimension::ServiceTier => row.set("x_ServiceTier", name),
                Dimension::LineItem => row.set("ChargeDescription", name),
                Dimension::Project => {
                    row.set("SubAccountId", name.clone());
                    row.set("SubAccountName", name);
                    row.set("SubAccountType", "Project".to_owned());
                }
                Dimension::ApiKey => {
                    row.set("ResourceId", name);
                    row.set("ResourceType", "API key".to_owned());
                }
                calendar if calendar.is_calendar() => {
                    if finest == Some(calendar) {
                        row.period(calendar, label, zone);
                    }
                }
                other => drop(tags.insert(other.name().to_owned(), Value::from(name))),
            }
        }
        if !tags.is_empty() {
            row.set("Tags", Value::Object(tags).to_string());
        }
        row.set("BillingAccountId", naming.account.unwrap_or_default().to_owned());
        row.set("ChargeCategory", "Usage".to_owned());
        row.set("ChargeFrequency", "Usage-Based".to_owned());
        row.set("ServiceCategory", "AI and Machine Learning".to_owned());
        row.set("ServiceSubcategory", "Generative AI".to_owned());
        row
    }

    pub(super) fn set(&mut self, column: &'static str, value: String) {
        debug_assert!(COLUMNS.contains(&column), "{column}");
        self.cells.insert(column, value);
    }

    fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn provider(&mut self, name: &str) {
        // On whose machines a service runs no record says: FOCUS names its provider then.
        for column in [
            "ProviderName",
            "ServiceProviderName",
            "HostProviderName",
            "InvoiceIssuerName",
            "ServiceName",
        ] {
            self.set(column, name.to_owned());
        }
    }

    fn period(&mut self, dimension: Dimension, label: &str, zone: &TimeZone) {
        let Some([start, end, month, next]) = period(dimension, label, zone) else { return };
        self.set("ChargePeriodStart", start);
        self.set("ChargePeriodEnd", end);
        self.set("BillingPeriodStart", month);
        self.set("BillingPeriodEnd", next);
    }

    /// What is sold: a meter of a model of a provider.
    pub(super) fn sku(&mut self, provider: &str, model: &str, meter: &str) {
        self.set("SkuId", format!("{provider}/{model}/{meter}"));
        // The record names nobody, its card does: taken for granted, as `x_Reason` says.
        if self.get("ProviderName").is_empty() && !provider.is_empty() {
            self.provider(provider);
        }
        self.set("SkuMeter", meter.to_owned());
        let publisher = PriceBook::maker_of(model);
        self.set("PublisherName", publisher.unwrap_or_default().to_owned());
        if self.get("ChargeDescription").is_empty() {
            self.set("ChargeDescription", format!("{model} {meter}"));
        }
    }

    /// The same from the labels, where no card says how the provider spells them.
    pub(super) fn sku_of_labels(&mut self, meter: &str) {
        let [provider, model] = ["ProviderName", "x_Model"].map(|name| self.get(name).to_owned());
        self.sku(&provider, &model, meter);
    }

    pub(super) fn price_id(&mut self, price: &str) {
        let id = format!("{}/{}/{price}", self.get("SkuId"), self.get("x_ServiceTier"));
        self.set("SkuPriceId", id);
    }

    /// By time first, then by what is sold.
    pub(super) fn order(&self) -> Vec<&str> {
        let first = ["ChargePeriodStart", "ChargePeriodEnd", "SkuId", "SkuPriceId"];
        first.iter().chain(COLUMNS).map(|column| self.get(column)).collect()
    }

    pub(super) fn cells(&self, version: FocusVersion) -> Vec<String> {
        columns(version).map(|column| self.get(column).to_owned()).collect()
    }
}

/// What a meter counts where no price says so.
pub(super) fn unit_of(meter: Meter) -> Noun {
    match meter {
        Meter::ImagesRead | Meter::ImagesGenerated => Noun::Images,
        Meter::VideoSeconds | Meter::AudioSeconds => Noun::Seconds,
        Meter::Characters => Noun::Characters,
        Meter::CodeSessions => Noun::Sessions,
        Meter::CacheTokenSeconds => Noun::TokenSeconds,
        meter if meter.counts_tokens() => Noun::Tokens,
        _ => Noun::Requests,
    }
}

/// Units begin with a capital letter.
pub(super) fn unit(noun: Noun) -> String {
    let word = noun.as_str();
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}
