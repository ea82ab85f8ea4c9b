//! Azure's retail prices, as its price API gives them page by page (`Items`): US dollars per thousand or
//! per million tokens.
//!
//! A row names a meter, such as `5.4 mini cd Inp Gl`, of a product line, such as `Azure OpenAI GPT5`. One
//! price for the whole world stands once per region, each time with a start of its own: starts that lie
//! behind are not those of the price. A data zone is the part of the world in which the row's region is.

use serde_json::Value;

use super::Why;
use super::collect::{At, Collector, Meant, Span, Unit, shortened};
use super::products::Products;
use crate::cloud_meter::{self, Metered, Word, month_and_day};
use crate::time::parse_date;

/// Regions of the data zone of the United States.
const US: [&str; 9] = [
    "centralus",
    "eastus",
    "eastus2",
    "northcentralus",
    "southcentralus",
    "westcentralus",
    "westus",
    "westus2",
    "westus3",
];

/// Regions of the data zone of the European Union.
const EU: [&str; 8] = [
    "francecentral",
    "germanywestcentral",
    "italynorth",
    "northeurope",
    "polandcentral",
    "spaincentral",
    "swedencentral",
    "westeurope",
];

/// The rows of a page; `None` when it is another document.
pub(super) fn items(document: &Value) -> Option<&Vec<Value>> {
    let items = document.get("Items")?.as_array()?;
    let first = items.first()?;
    (first.get("meterName").is_some() && first.get("retailPrice").is_some()).then_some(items)
}

/// Reads a page; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    let [openai, others] = ["azure-openai", "azure-ai"].map(Products::of);
    for item in items(document)? {
        let row = Row(item);
        if !row.is_model() {
            continue;
        }
        let is_openai = row.text("productName").contains("OpenAI");
        let (provider, book) =
            if is_openai { ("azure-openai", &openai) } else { ("azure-ai", &others) };
        let price = item.get("retailPrice").unwrap_or(&Value::Null);
        let field = shortened(row.text("meterName"));
        let said = cloud_meter::azure(row.text("meterName"));
        let ids = ids(&said, &row, book);
        for id in &ids {
            let at = match out.place(provider, id) {
                Ok(at) => At { label: field.clone(), ..at },
                Err((at, why)) => {
                    out.leave(&at, &field, price, why);
                    continue;
                }
            };
            match meant(&said.words, &row, &at, out.options.seen_day, book) {
                Ok(meant) => out.add(&at, &field, price, meant),
                Err(why) => out.leave(&at, &field, price, why),
            }
        }
        if ids.is_empty() {
            let (Ok(at) | Err((at, _))) = out.place(provider, &field);
            out.leave(&at, row.text("productName"), price, Why::NoName);
        }
    }
    Some(())
}

struct Row<'v>(&'v Value);

impl<'v> Row<'v> {
    fn text(&self, key: &str) -> &'v str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// True for a model; a page may hold the rows of any other service.
    fn is_model(&self) -> bool {
        let line = self.text("productName");
        self.text("serviceName") == "Foundry Models"
            || line.contains("OpenAI")
            || line.ends_with(" Models")
    }

    fn unit(&self) -> Option<Unit> {
        match self.text("unitOfMeasure") {
            "1K" | "1K Tokens" => Some(Unit::ThousandTokens),
            "1M" | "1M Tokens" => Some(Unit::MillionTokens),
            _ => None,
        }
    }

    /// What the names of a product line leave out: `Azure Grok Models` sells `4.6`.
    fn family(&self) -> String {
        let line = self.text("productName").to_lowercase();
        let mut words = line.split_whitespace().filter(|word| *word != "azure");
        match words.next() {
            Some("openai") => "gpt".to_owned(),
            first => first.unwrap_or_default().to_owned(),
        }
    }
}

/// The ids of the book that a meter's model means.
fn ids(said: &Metered, row: &Row<'_>, book: &Products) -> Vec<&'static str> {
    if said.model.is_empty() {
        return Vec::new();
    }
    let with_family = format!("{}-{}", row.family(), said.model);
    for name in [&said.model, &with_family] {
        let ids = book.named(name);
        if !ids.is_empty() {
            return ids;
        }
        if let Some(id) = month_and_day(name).and_then(|(name, day)| book.dated(name, &day)) {
            return vec![id];
        }
    }
    Vec::new()
}

fn meant(
    words: &[Word],
    row: &Row<'_>,
    at: &At,
    seen_day: i32,
    book: &Products,
) -> Result<Meant, Why> {
    let unit = row.unit().ok_or(Why::NoMeter)?;
    let from_units = row.0.get("tierMinimumUnits").map(Value::to_string).unwrap_or_default();
    let is_first = matches!(from_units.as_str(), "" | "0" | "0.0");
    if row.text("currencyCode") != "USD" || row.text("type") != "Consumption" || !is_first {
        return Err(Why::Condition);
    }
    let day = |key: &str| {
        let text = row.text(key).split('T').next().unwrap_or_default();
        parse_date(text.as_bytes()).and_then(|day| i32::try_from(day).ok())
    };
    let from = day("effectiveStartDate").filter(|from| *from > seen_day);
    let span = Span { from, until: day("effectiveEndDate") };
    let variant = variant(words, row.text("armRegionName")).ok_or(Why::Condition)?;
    Ok(Meant { variant, span, ..book.meant(&at.model, words, unit)? })
}

/// Where a price holds, as the book writes it.
fn variant(words: &[Word], region: &str) -> Option<String> {
    let of_region = || (!region.is_empty()).then(|| format!("region={region}"));
    match () {
        // What is the whole world from a region of the government is that region's own.
        () if region.starts_with("usgov") || region.starts_with("usdod") => of_region(),
        () if words.contains(&Word::World) => Some("geo=global".to_owned()),
        () if words.contains(&Word::Zone) && US.contains(&region) => Some("geo=us".to_owned()),
        () if words.contains(&Word::Zone) && EU.contains(&region) => Some("geo=eu".to_owned()),
        () if words.contains(&Word::Zone) => None,
        () => of_region(),
    }
}
