//! Bills of the clouds: Azure's cost details, the cost and usage report of AWS, Google Cloud's
//! billing export (CSV).
//!
//! A row is a billed cost of an hour or a day in UTC. What is read is the cost alone: meters name
//! models, kinds of token and scopes in ways nobody documents, so nothing is guessed from them;
//! the meter is the line item. Rows of services that are no models, and taxes, are not counted.
//! Credits are negative: rows of their own at AWS, a column that is taken off at Google. Dates may
//! be written `month/day/year`. Large bills come in several files, so
//! rows with equal keys are added wherever they stand; only the nth equal row of another file is
//! the same row.

use serde_json::Value;

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, Skip, cell};
use crate::charge::Shape;
use crate::money::{Exact, Money};
use crate::record::{Record, Repeats};
use crate::time::Period;

pub(super) struct Columns {
    provider: &'static str,
    start: Option<usize>,
    end: Option<usize>,
    cost: Option<usize>,
    credits: Option<usize>,
    currency: Option<usize>,
    kind: Option<usize>,
    service: Option<usize>,
    meter: Option<usize>,
    project: Option<usize>,
    resource: Option<usize>,
}

/// The spellings of one bill's columns.
struct Spellings {
    provider: &'static str,
    start: &'static [&'static str],
    end: &'static [&'static str],
    cost: &'static [&'static str],
    credits: &'static [&'static str],
    currency: &'static [&'static str],
    kind: &'static [&'static str],
    service: &'static [&'static str],
    meter: &'static [&'static str],
    project: &'static [&'static str],
    resource: &'static [&'static str],
}

const AZURE: Spellings = Spellings {
    provider: "azure-openai",
    start: &["Date", "UsageDate", "UsageDateTime"],
    end: &[],
    cost: &["CostInBillingCurrency", "Cost", "PreTaxCost"],
    credits: &[],
    currency: &["BillingCurrency", "BillingCurrencyCode", "Currency"],
    kind: &["ChargeType"],
    service: &["MeterCategory", "ServiceName", "ProductName", "Product"],
    meter: &["MeterName"],
    project: &["SubscriptionId", "ResourceGroup"],
    resource: &["ResourceId", "InstanceId"],
};

const AWS: Spellings = Spellings {
    provider: "aws-bedrock",
    start: &["line_item_usage_start_date", "lineItem/UsageStartDate"],
    end: &["line_item_usage_end_date", "lineItem/UsageEndDate"],
    cost: &["line_item_unblended_cost", "lineItem/UnblendedCost"],
    credits: &[],
    currency: &["line_item_currency_code", "lineItem/CurrencyCode"],
    kind: &["line_item_line_item_type", "lineItem/LineItemType"],
    service: &["line_item_product_code", "lineItem/ProductCode"],
    meter: &["line_item_usage_type", "lineItem/UsageType"],
    project: &["line_item_usage_account_id", "lineItem/UsageAccountId"],
    resource: &["line_item_resource_id", "lineItem/ResourceId"],
};

const GOOGLE: Spellings = Spellings {
    provider: "google-vertex",
    start: &["usage_start_time", "Usage start date"],
    end: &["usage_end_time", "Usage end date"],
    cost: &["cost", "Cost"],
    credits: &["credits"],
    currency: &["currency", "Currency"],
    kind: &["cost_type", "Cost type"],
    service: &["service.description", "service_description", "Service description"],
    meter: &["sku.description", "sku_description", "SKU description"],
    project: &["project.id", "project_id", "Project ID"],
    resource: &["resource.name", "resource_name"],
};

impl Columns {
    pub(super) fn new(format: Format, header: &mut Header) -> Result<Self, ReadError> {
        let names = match format {
            Format::AwsCur => AWS,
            Format::GoogleBilling => GOOGLE,
            _ => AZURE,
        };
        Ok(Self {
            provider: names.provider,
            start: Some(header.need_any(format, names.start)?),
            end: header.loose(names.end),
            cost: Some(header.need_any(format, names.cost)?),
            credits: header.loose(names.credits),
            currency: Some(header.need_any(format, names.currency)?),
            kind: header.loose(names.kind),
            service: header.loose(names.service),
            meter: Some(header.need_any(format, names.meter)?),
            project: header.loose(names.project),
            resource: header.loose(names.resource),
        })
    }

    /// Why a row is not counted, if it is not.
    fn skipped(&self, row: &Row<'_>) -> Result<Option<Skip>, Problem> {
        let kind = row.text(self.kind)?;
        if kind.eq_ignore_ascii_case("tax") {
            return Ok(Some(Skip::Tax));
        }
        let names = [row.text(self.service)?, row.text(self.meter)?];
        let names = names.map(|name| name.to_ascii_lowercase());
        Ok((!names.iter().any(|name| is_model(name))).then_some(Skip::OtherService))
    }

    /// Cost and credits, which are negative: `[{"amount": -0.5}, …]` or a number.
    fn amount(&self, row: &Row<'_>) -> Result<Exact, Problem> {
        let cost = row.amount(self.cost)?.ok_or_else(|| row.missing(self.cost))?;
        let written = row.text(self.credits)?;
        let wrong = |value: &str| Problem::NotAnAmount {
            column: "credits".to_owned(),
            value: super::shortened(value.as_bytes()),
        };
        let credits: Vec<Exact> = if written.starts_with('[') {
            let list: Vec<Value> = serde_json::from_str(&written).map_err(|_| wrong(&written))?;
            let amounts = list.iter().map(|credit| {
                let amount = credit.get("amount").map_or_else(String::new, Value::to_string);
                cell::amount(amount.trim_matches('"').as_bytes()).ok_or_else(|| wrong(&amount))
            });
            amounts.collect::<Result<_, _>>()?
        } else {
            row.amount(self.credits)?.into_iter().collect()
        };
        credits.iter().try_fold(cost, |sum, credit| sum.plus(*credit)).map_err(|_| wrong(&written))
    }
}

/// True for the name of a service or meter (in small letters) that is a model or counts tokens.
fn is_model(name: &str) -> bool {
    let words = [
        "openai",
        "token",
        "bedrock",
        "vertex ai",
        "gemini",
        "cognitive services",
        "foundry",
        "claude",
        "predictions",
    ];
    words.iter().any(|word| name.contains(word))
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        if let Some(why) = self.skipped(row)? {
            each(Item::Skipped { line: row.line(), why });
            return Ok(());
        }
        let start = row.bill_time(self.start)?.ok_or_else(|| row.missing(self.start))?;
        let end = row.bill_time(self.end)?.filter(|end| end.start > start.start);
        let currency = row.word(self.currency, "a currency code", |text| text.parse().ok())?;
        let currency = currency.ok_or_else(|| row.missing(self.currency))?;
        let meter = row.text(self.meter)?;
        let (project, resource) = (row.text(self.project)?, row.text(self.resource)?);
        each(Item::Record(&Record {
            line: row.line(),
            provider: self.provider,
            period: Some(end.map_or(start, |end| Period { start: start.start, end: end.start })),
            shape: Shape::Sum { requests: None },
            reported: Some(Money { amount: self.amount(row)?, currency }),
            line_item: &meter,
            project: &project,
            api_key: &resource,
            repeats: Repeats::SameRow(row.fingerprint()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
