//! Any CSV of costs without counts, as people keep their bills: `date,model,amount`, `Monat;Betrag`.
//!
//! It is recognised where a bill is expected, and nowhere else: an `amount` in a table of usage may be
//! anything. A mapping that names a cost and no count says it as well. A date is the whole UTC day, a
//! month the whole month; without a time the bill is about everything. The currency is that of its
//! column, of the sign beside the amount, of the mapping, or of the column's name (`cost_eur`,
//! `Betrag (€)`); where nothing names one, dollars are assumed, and it is said.

use crate::read::Format;
use crate::read::field::Field;
use crate::read::header::Header;
use crate::read::plan::{Column, To, column, needed};
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller, Span};

/// The format.
pub(in crate::read) static PLAIN_COST: Schema = Schema {
    format: Format::PlainCost,
    name: "csv-cost",
    columns: &[
        column(Field::Provider, &["provider", "vendor", "seller"]),
        column(Field::Model, &["model", "model_name", "model_id"]),
        column(
            Field::Time,
            &[
                "date",
                "day",
                "month",
                "timestamp",
                "time",
                "period",
                "billing_period",
                "usage_date",
                "invoice_date",
                "billing_date",
                "start_time",
                "start_date",
                "created",
                "created_at",
                "tag",
            ],
        ),
        column(Field::EndTime, &["end_time", "end_date"]),
        column(
            Field::LineItem,
            &[
                "line_item",
                "description",
                "item",
                "product",
                "service",
                "sku",
                "beschreibung",
                "bezeichnung",
                "posten",
                "position",
                "artikel",
                "leistung",
            ],
        ),
        column(Field::Project, &["project_id", "project"]),
        column(Field::ApiKey, &["api_key_id", "api_key"]),
        column(Field::User, &["user_id", "user"]),
        needed(
            Field::Cost,
            &[
                "cost",
                "costs",
                "amount",
                "billed_cost",
                "net_amount",
                "total_cost",
                "spend",
                "charge",
                "charges",
                "price",
                "total",
                "betrag",
                "nettobetrag",
                "preis",
                "summe",
                "montant",
                "prix",
                "importe",
                "monto",
                "precio",
            ],
        ),
        column(Field::Currency, &["currency", "currency_code"]),
    ],
    seller: Seller::Written,
    rows: Rows::Bucket,
    span: Span::Open,
    copies: Copies::SameRow,
    by_hand: true,
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: [
            "billed cost",
            "UTC where no offset is written, or as the mapping says",
            "as named; USD where nothing names it, which is said",
        ],
    },
    ..Schema::BASE
};

/// True when there are a cost and what it is for: a time, a model or a line item.
pub(in crate::read) fn recognises(header: &mut Header) -> bool {
    let mut has = |wanted: &[Field]| {
        let is_wanted =
            |column: &&Column| matches!(column.to, To::Field(field) if wanted.contains(&field));
        let mut columns = PLAIN_COST.columns.iter().filter(is_wanted);
        columns.any(|column| {
            header.any(column.names).or_else(|| header.any_in_a_currency(column.names)).is_some()
        })
    };
    has(&[Field::Cost]) && has(&[Field::Time, Field::Model, Field::LineItem])
}
