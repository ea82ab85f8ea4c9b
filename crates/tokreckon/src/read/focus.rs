//! FOCUS 1.2 cost and usage data (CSV), of any provider.
//!
//! A row is a charge of a period in UTC. What is read is the billed cost in the billing currency;
//! tokens and virtual currencies in it are not LLM tokens, so there are no counts. Purchases and
//! the usage they pay for (billed at 0) add up to what was billed. Taxes are not counted. Dates
//! may be written `month/day/year`, as the specification's own samples do. Large
//! exports come in several files, so rows with equal keys are added wherever they stand; only the
//! nth equal row of another file is the same row.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, Skip};
use crate::charge::Shape;
use crate::money::Money;
use crate::record::{Record, Repeats};
use crate::time::Period;

pub(super) struct Columns {
    billed: Option<usize>,
    currency: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    category: Option<usize>,
    description: Option<usize>,
    provider: Option<usize>,
    account: Option<usize>,
    resource: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::Focus;
        Ok(Self {
            billed: Some(header.need(format, "BilledCost")?),
            currency: Some(header.need(format, "BillingCurrency")?),
            start: Some(header.need(format, "ChargePeriodStart")?),
            end: header.column("ChargePeriodEnd"),
            category: header.column("ChargeCategory"),
            description: header.any(&["ChargeDescription", "SkuMeter", "SkuId"]),
            provider: header.any(&["ServiceProviderName", "ProviderName"]),
            account: header.any(&["SubAccountId", "BillingAccountId"]),
            resource: header.any(&["ResourceId", "ResourceName"]),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        if row.text(self.category)? == "Tax" {
            each(Item::Skipped { line: row.line(), why: Skip::Tax });
            return Ok(());
        }
        let start = row.bill_time(self.start)?.ok_or_else(|| row.missing(self.start))?;
        let end = row.bill_time(self.end)?;
        let amount = row.amount(self.billed)?.ok_or_else(|| row.missing(self.billed))?;
        let currency = row.word(self.currency, "a currency code", |text| text.parse().ok())?;
        let currency = currency.ok_or_else(|| row.missing(self.currency))?;
        let (provider, account) = (row.text(self.provider)?, row.text(self.account)?);
        let (description, resource) = (row.text(self.description)?, row.text(self.resource)?);
        each(Item::Record(&Record {
            line: row.line(),
            provider: &provider,
            period: Some(end.map_or(start, |end| Period { start: start.start, end: end.start })),
            shape: Shape::Sum { requests: None },
            reported: Some(Money { amount, currency }),
            line_item: &description,
            project: &account,
            api_key: &resource,
            repeats: Repeats::SameRow(row.fingerprint()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
