//! Bills of the clouds: Azure's cost details, the cost and usage report of AWS, Google Cloud's
//! billing export, FOCUS cost and usage data of any provider (CSV).
//!
//! A row is a billed cost of an hour or a day in UTC. What is read is the cost alone: meters name
//! models, kinds of token and scopes in ways nobody documents, so nothing is guessed from them;
//! the meter is the line item. Rows of services that are no models, and taxes, are not counted.
//! Credits are negative: rows of their own at AWS, a column that is taken off at Google. FOCUS: the
//! billed cost in the billing currency; purchases and the usage they pay for (billed at 0) add up to
//! what was billed. Dates may be written `month/day/year`. Rows
//! with equal keys in one file are added; of overlapping exports the one with more in it holds, key
//! by key: time, meter, project, resource, and the line's own id where it has one.

use crate::json::Value;

use crate::money::Exact;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller};
use crate::read::written::Order;
use crate::read::{Format, Problem, Skip, cell, shortened};
use crate::time::Period;

const KIND: usize = 0;
const SERVICE: usize = 1;
const METER: usize = 2;
const CREDITS: usize = 3;
const CATEGORY: usize = 4;
const PROVIDER: usize = 5;

/// What the bills share.
const BILL: Schema = Schema {
    rows: Rows::Bucket,
    currency: None,
    copies: Copies::Bucket,
    dates: Some(Order::MonthFirst),
    keep: Some(other_service),
    ..Schema::BASE
};

/// Azure.
pub(in crate::read) static AZURE_COST: Schema = Schema {
    format: Format::AzureCost,
    name: "azure-cost",
    header: &[Sign::Loose("MeterName")],
    columns: &[
        needed(Field::Time, &["Date", "UsageDate", "UsageDateTime"]),
        needed(Field::Cost, &["CostInBillingCurrency", "Cost", "PreTaxCost"]),
        needed(Field::Currency, &["BillingCurrency", "BillingCurrencyCode", "Currency"]),
        own(KIND, &["ChargeType"]),
        own(SERVICE, &["MeterCategory", "ServiceName", "ProductName", "Product"]),
        own(METER, &["MeterName"]),
        needed(Field::LineItem, &["MeterName"]),
        column(Field::Project, &["SubscriptionId", "ResourceGroup"]),
        column(Field::ApiKey, &["ResourceId", "InstanceId"]),
    ],
    seller: Seller::Is("azure-openai"),
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: ["bucket (day)", "UTC", "billing currency"],
    },
    ..BILL
};

/// AWS.
pub(in crate::read) static AWS_CUR: Schema = Schema {
    format: Format::AwsCur,
    name: "aws-cur",
    header: &[Sign::All(&["line_item_usage_type"]), Sign::All(&["lineItem/UsageType"])],
    columns: &[
        needed(Field::Time, &["line_item_usage_start_date", "lineItem/UsageStartDate"]),
        column(Field::EndTime, &["line_item_usage_end_date", "lineItem/UsageEndDate"]),
        needed(Field::Cost, &["line_item_unblended_cost", "lineItem/UnblendedCost"]),
        needed(Field::Currency, &["line_item_currency_code", "lineItem/CurrencyCode"]),
        own(KIND, &["line_item_line_item_type", "lineItem/LineItemType"]),
        own(SERVICE, &["line_item_product_code", "lineItem/ProductCode"]),
        own(METER, &["line_item_usage_type", "lineItem/UsageType"]),
        needed(Field::LineItem, &["line_item_usage_type", "lineItem/UsageType"]),
        column(Field::Project, &["line_item_usage_account_id", "lineItem/UsageAccountId"]),
        column(Field::ApiKey, &["line_item_resource_id", "lineItem/ResourceId"]),
        column(Field::Id, &["identity_line_item_id", "identity/LineItemId"]),
    ],
    seller: Seller::Is("aws-bedrock"),
    meaning: Meaning { tokens: ["no tokens"; 3], rows: ["bucket", "UTC", "as named"] },
    ..BILL
};

/// Google Cloud.
pub(in crate::read) static GOOGLE_BILLING: Schema = Schema {
    format: Format::GoogleBilling,
    name: "google-billing",
    header: &[
        Sign::All(&["sku.description"]),
        Sign::All(&["Service description"]),
        Sign::All(&["sku_description"]),
    ],
    columns: &[
        needed(Field::Time, &["usage_start_time", "Usage start date"]),
        column(Field::EndTime, &["usage_end_time", "Usage end date"]),
        // The console's cost table has both: what is rounded row by row does not add up.
        needed(Field::Cost, &["Unrounded cost", "cost", "Cost"]),
        own(CREDITS, &["credits"]),
        column(Field::Currency, &["currency", "Currency"]),
        own(KIND, &["cost_type", "Cost type"]),
        own(SERVICE, &["service.description", "service_description", "Service description"]),
        own(METER, &["sku.description", "sku_description", "SKU description"]),
        needed(Field::LineItem, &["sku.description", "sku_description", "SKU description"]),
        column(Field::Project, &["project.id", "project_id", "Project ID"]),
        column(Field::ApiKey, &["resource.name", "resource_name"]),
    ],
    seller: Seller::Is("google-vertex"),
    finish: Some(google),
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: ["bucket", "UTC", "as named; credits are taken off"],
    },
    ..BILL
};

/// FOCUS 1.0 to 1.2.
pub(in crate::read) static FOCUS: Schema = Schema {
    format: Format::Focus,
    name: "focus",
    header: &[Sign::All(&["BilledCost", "ChargePeriodStart"])],
    columns: &[
        needed(Field::Cost, &["BilledCost"]),
        needed(Field::Currency, &["BillingCurrency"]),
        needed(Field::Time, &["ChargePeriodStart"]),
        column(Field::EndTime, &["ChargePeriodEnd"]),
        own(KIND, &["ChargeCategory"]),
        own(SERVICE, &["ServiceName"]),
        own(CATEGORY, &["ServiceCategory"]),
        own(METER, &["ChargeDescription", "SkuMeter", "SkuId"]),
        column(Field::LineItem, &["ChargeDescription", "SkuMeter", "SkuId"]),
        own(PROVIDER, &["ServiceProviderName", "ProviderName"]),
        column(Field::Provider, &["ServiceProviderName", "ProviderName"]),
        column(Field::Project, &["SubAccountId", "BillingAccountId"]),
        column(Field::ApiKey, &["ResourceId", "ResourceName"]),
    ],
    keep: Some(other_category),
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: ["bucket", "UTC", "billed cost in the billing currency"],
    },
    ..BILL
};

/// Taxes, and services that are no models.
fn other_service(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    if row.text(plan.own(KIND))?.eq_ignore_ascii_case("tax") {
        return Ok(Some(Fate::Skipped(Skip::Tax)));
    }
    let names = [row.text(plan.own(SERVICE))?, row.text(plan.own(METER))?];
    let is_counted = names.iter().any(|name| is_model(name));
    Ok((!is_counted).then_some(Fate::Skipped(Skip::OtherService)))
}

/// The same, where the category of the service says so; without one, every charge counts.
fn other_category(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    if row.text(plan.own(KIND))?.eq_ignore_ascii_case("tax") {
        return Ok(Some(Fate::Skipped(Skip::Tax)));
    }
    let category = row.text(plan.own(CATEGORY))?;
    let is_model_category = category.is_empty() || category == "AI and Machine Learning";
    let names =
        [row.text(plan.own(SERVICE))?, row.text(plan.own(METER))?, row.text(plan.own(PROVIDER))?];
    let is_counted = is_model_category || names.iter().any(|name| is_model(name));
    Ok((!is_counted).then_some(Fate::Skipped(Skip::OtherService)))
}

/// True for the name of a service or meter that is a model or counts tokens.
fn is_model(name: &str) -> bool {
    let words = [
        "openai",
        "anthropic",
        "token",
        "bedrock",
        "vertex ai",
        "gemini",
        "cognitive services",
        "foundry",
        "claude",
        "predictions",
    ];
    let name = name.to_ascii_lowercase();
    words.iter().any(|word| name.contains(word))
}

/// A last day that is written as one belongs to the usage; credits are taken off.
fn google<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    if let Some(end) = draft.end.filter(|end| !end.is_instant()) {
        draft.end = Some(Period::at(end.end));
    }
    credits(draft, row, plan)
}

/// Credits are negative: `[{"amount": -0.5}, …]` or a number.
fn credits<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let column = plan.own(CREDITS);
    let (Some(cost), written) = (draft.cost, row.text(column)?) else { return Ok(None) };
    let wrong = |value: &str| Problem::NotAnAmount {
        column: "credits".to_owned(),
        value: shortened(value.as_bytes()),
    };
    let credits: Vec<Exact> = if written.starts_with('[') {
        let list = row.json(written).and_then(|list| list.as_array());
        let list = list.ok_or_else(|| wrong(written))?;
        let amounts = list.iter().map(|credit| {
            let amount = credit.get("amount").map_or_else(String::new, Value::to_string);
            cell::amount(amount.trim_matches('"').as_bytes()).ok_or_else(|| wrong(&amount))
        });
        amounts.collect::<Result<_, _>>()?
    } else {
        row.amount(column)?.into_iter().collect()
    };
    let sum = credits.iter().try_fold(cost, |sum, credit| sum.plus(*credit));
    draft.cost = Some(sum.map_err(|_| wrong(written))?);
    Ok(None)
}
