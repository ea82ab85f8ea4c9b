//! JSON Schemas of the documents, made from their types and comments.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};

use super::{
    AuditDocument, ChargeDocument, ChargesDocument, CompareDocument, ConflictsDocument,
    CountDocument, EstimateBatchDocument, EstimateCompareDocument, EstimateDocument,
    ImportDocument, ModelDocument, ModelsDocument, PriceListDocument, PriceProvidersDocument,
    PricesDiffDocument, PricesDocument, ProvidersDocument, RefreshDocument, ReportDocument,
    UnitPricesDocument,
};

/// The schema of every document that has one, with its name and version.
///
/// They describe what is written: members that may be left out are optional, all others are there, and
/// an object has no members besides them.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        of::<ChargeDocument>(ChargeDocument::SCHEMA),
        of::<ChargesDocument>(ChargesDocument::SCHEMA),
        of::<UnitPricesDocument>(UnitPricesDocument::SCHEMA),
        of::<CompareDocument>(CompareDocument::SCHEMA),
        of::<ReportDocument>(ReportDocument::SCHEMA),
        of::<AuditDocument>(AuditDocument::SCHEMA),
        of::<CountDocument>(CountDocument::SCHEMA),
        of::<EstimateDocument>(EstimateDocument::SCHEMA),
        of::<EstimateBatchDocument>(EstimateBatchDocument::SCHEMA),
        of::<EstimateCompareDocument>(EstimateCompareDocument::SCHEMA),
        of::<ProvidersDocument>(ProvidersDocument::SCHEMA),
        of::<ModelsDocument>(ModelsDocument::SCHEMA),
        of::<ModelDocument>(ModelDocument::SCHEMA),
        of::<PriceProvidersDocument>(PriceProvidersDocument::SCHEMA),
        of::<PriceListDocument>(PriceListDocument::SCHEMA),
        of::<PricesDocument>(PricesDocument::SCHEMA),
        of::<PricesDiffDocument>(PricesDiffDocument::SCHEMA),
        of::<ConflictsDocument>(ConflictsDocument::SCHEMA),
        of::<ImportDocument>(ImportDocument::SCHEMA),
        of::<RefreshDocument>(RefreshDocument::SCHEMA),
    ]
}

/// The schema of a document of this name.
fn of<D: JsonSchema>(name: &'static str) -> (&'static str, Schema) {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<D>();
    RecursiveTransform(closed).transform(&mut schema);
    schema.insert("title".to_owned(), name.into());
    let stated = schema.get_mut("properties").and_then(|fields| fields.get_mut("schema"));
    if let Some(stated) = stated.and_then(|stated| stated.as_object_mut()) {
        stated.insert("const".to_owned(), name.into());
    }
    (name, schema)
}

/// An object whose members are listed has no others.
fn closed(schema: &mut Schema) {
    if schema.get("properties").is_some() {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
}
