//! The price lists of AWS for Bedrock: the offer files `AmazonBedrock`, `AmazonBedrockService` and
//! `AmazonBedrockFoundationModels` of a region, in US dollars per thousand or per million tokens.
//!
//! | where | names the model |
//! |---|---|
//! | `model` | `Nova 2.0 Lite`, or an id: `xai.grok-4.6` |
//! | `servicename` of a model from the marketplace | `Claude Opus 5.5 (Amazon Bedrock Edition)` |
//! | `usagetype` of what the newer endpoint serves | `USE1-xai.grok-4.6-mantle-input-tokens-standard` |
//!
//! The kind of token, the tier and the scope are words of the `usagetype`. A price for the whole world
//! is `geo=global`; any other is one of the region of the file, which is what a profile of a part of the
//! world costs from there. `effectiveDate` is the day of the edition, not that of a price.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Why;
use super::collect::{At, Collector, Meant, Unit, shortened};
use super::products::Products;
use crate::cloud_meter::{self, Word};

const PROVIDER: &str = "aws-bedrock";

/// True for an offer file of Bedrock.
pub(super) fn is_offer(document: &Value) -> bool {
    let code = document.get("offerCode").and_then(Value::as_str).unwrap_or_default();
    let has = |key: &str| document.get(key).is_some_and(Value::is_object);
    code.starts_with("AmazonBedrock") && has("products") && has("terms")
}

/// One product: its attributes as texts.
struct Product<'v>(&'v Value);

impl<'v> Product<'v> {
    fn text(&self, key: &str) -> &'v str {
        let attributes = self.0.get("attributes");
        attributes.and_then(|all| all.get(key)).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// The name of its model for people, or its id.
    fn model(&self) -> &'v str {
        let names = [self.text("model"), self.text("titanModel"), self.text("servicename")];
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        name.strip_suffix("(Amazon Bedrock Edition)").unwrap_or(name).trim_end()
    }

    /// The id in a usage type of the newer endpoint.
    fn id(&self) -> Option<&'v str> {
        let (before, _) = self.text("usagetype").split_once("-mantle-")?;
        before.split_once('-').map(|(_, id)| id)
    }

    /// True for usage that is paid by the token: no reservation, no training.
    fn is_on_demand(&self) -> bool {
        matches!(self.text("feature"), "" | "On-demand Inference" | "Batch Inference")
    }
}

/// Reads an offer file; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    if !is_offer(document) {
        return None;
    }
    let products = document.get("products")?.as_object()?;
    let terms = document.get("terms").and_then(|terms| terms.get("OnDemand"));
    let book = Products::of(PROVIDER);
    let mut named = Named::new();
    for product in products.values().map(Product) {
        if let Some(id) = product.id().filter(|_| !product.model().is_empty()) {
            named.entry(product.model()).or_default().insert(id);
        }
    }
    for (sku, product) in products {
        let product = Product(product);
        let dimensions = terms.and_then(|terms| terms.get(sku)).into_iter().flat_map(dimensions);
        let ids = ids(&product, &named, &book);
        for dimension in dimensions {
            read_price(&product, dimension, &ids, &book, out);
        }
    }
    Some(())
}

/// The ids that the file itself gives beside a name for people.
type Named<'v> = BTreeMap<&'v str, BTreeSet<&'v str>>;

/// The ids of the book that a product means: its own, the one that the file gives its name elsewhere, or
/// those of its name.
fn ids<'v>(product: &Product<'v>, named: &Named<'v>, book: &Products) -> Vec<&'v str> {
    let elsewhere = || named.get(product.model()).filter(|ids| ids.len() == 1)?.first().copied();
    match product.id().or_else(elsewhere) {
        Some(id) => book.lists(id).then_some(id).into_iter().collect(),
        None if book.lists(product.model()) => vec![product.model()],
        None => book.named(product.model()),
    }
}

/// The price dimensions of a product's terms.
fn dimensions(terms: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let terms = terms.as_object().into_iter().flat_map(Map::values);
    let all = terms.filter_map(|term| term.get("priceDimensions")?.as_object());
    all.flat_map(Map::values).filter_map(Value::as_object)
}

fn read_price(
    product: &Product<'_>,
    dimension: &Map<String, Value>,
    ids: &[&str],
    book: &Products,
    out: &mut Collector<'_>,
) {
    let field = shortened(product.text("usagetype"));
    let text = |key: &str| dimension.get(key).and_then(Value::as_str).unwrap_or_default();
    let prices = dimension.get("pricePerUnit");
    let price = prices.and_then(|prices| prices.get("USD")).unwrap_or(&Value::Null);
    let unit = match text("unit").to_lowercase().as_str() {
        "1k tokens" | "1000 tokens" => Some(Unit::ThousandTokens),
        "1m tokens" | "1000000 tokens" | "million tokens" => Some(Unit::MillionTokens),
        _ => None,
    };
    let is_first = matches!(text("beginRange"), "" | "0");
    let said = cloud_meter::aws(product.text("usagetype"));
    for id in ids {
        let at = match out.place(PROVIDER, id) {
            Ok(at) => At { label: shortened(product.model()), ..at },
            Err((at, why)) => {
                out.leave(&at, &field, price, why);
                continue;
            }
        };
        let meant = match (&said, unit) {
            (_, None) | (None, _) => Err(Why::NoMeter),
            _ if price.is_null() || !is_first || !product.is_on_demand() => Err(Why::Condition),
            (Some(said), Some(unit)) => meant(&said.words, product, &at, unit, book),
        };
        match meant {
            Ok(meant) => out.add(&at, &field, price, meant),
            Err(why) => out.leave(&at, &field, price, why),
        }
    }
    if ids.is_empty() {
        let (Ok(at) | Err((at, _))) = out.place(PROVIDER, product.model());
        out.leave(&at, &field, price, Why::NoName);
    }
}

fn meant(
    words: &[Word],
    product: &Product<'_>,
    at: &At,
    unit: Unit,
    book: &Products,
) -> Result<Meant, Why> {
    let region = product.text("regionCode");
    let variant = if words.contains(&Word::World) {
        "geo=global".to_owned()
    } else if region.is_empty() {
        return Err(Why::Condition);
    } else {
        format!("region={region}")
    };
    Ok(Meant { variant, ..book.meant(&at.model, words, unit)? })
}
