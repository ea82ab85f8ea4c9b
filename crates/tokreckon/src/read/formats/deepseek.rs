//! DeepSeek's ZIP of two files: `amount-*.csv` (usage) and `cost-*.csv`.
//!
//! The usage is long: one row per period, model, key and kind of count. Rows of one such key that
//! stand together become one record ([`deepseek`](crate::read::deepseek)). Cache hits and
//! misses are disjoint and their sum is the input; reasoning lies inside the output and has no
//! column. `price` is per token in a currency that only the cost file names. Times carry their
//! offset, often `+08:00`, so a day is not a UTC day; the older header has a UTC date. Costs are
//! one row per wallet. Rows with equal keys are added.

use crate::money::Currency;
use crate::read::Format;
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{column, needed, needed_own, own};
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller};
use crate::usage::Layout;

/// The kind of count that a row of usage is.
pub(in crate::read) const KIND: usize = 0;
/// How much of it.
pub(in crate::read) const AMOUNT: usize = 1;
/// The price of one.
pub(in crate::read) const PRICE: usize = 2;

/// Usage: each row is one count.
pub(in crate::read) static DEEPSEEK_USAGE: Schema = Schema {
    format: Format::DeepSeekUsage,
    name: "deepseek-usage",
    header: &[Sign::All(&["type", "price", "amount"])],
    columns: &[
        needed(Field::Time, &["start_time_iso", "utc_date"]),
        column(Field::EndTime, &["end_time_iso"]),
        needed(Field::Model, &["model"]),
        column(Field::User, &["user_id"]),
        column(Field::ApiKey, &["api_key_name", "api_key"]),
        needed_own(KIND, &["type"]),
        needed_own(AMOUNT, &["amount"]),
        own(PRICE, &["price"]),
        // Their values come from the amounts.
        column(Field::Input, &[]),
        column(Field::Output, &[]),
    ],
    seller: Seller::Usually("deepseek"),
    layout: Layout::ANTHROPIC,
    rows: Rows::Bucket,
    currency: Some(Currency::UNNAMED),
    copies: Copies::Bucket,
    meaning: Meaning {
        tokens: ["no", "–", "yes (no column)"],
        rows: [
            "bucket, one row per kind of count",
            "as written: often not UTC",
            "price x amount; the currency is not named (XXX)",
        ],
    },
    ..Schema::BASE
};

/// Costs: each row is one wallet's.
pub(in crate::read) static DEEPSEEK_COST: Schema = Schema {
    format: Format::DeepSeekCost,
    name: "deepseek-cost",
    header: &[Sign::All(&["wallet_type"])],
    columns: &[
        needed(Field::Time, &["start_time_iso", "utc_date"]),
        column(Field::EndTime, &["end_time_iso"]),
        needed(Field::Model, &["model"]),
        column(Field::User, &["user_id"]),
        column(Field::LineItem, &["wallet_type"]),
        needed(Field::Cost, &["cost"]),
        needed(Field::Currency, &["currency"]),
    ],
    seller: Seller::Usually("deepseek"),
    rows: Rows::Bucket,
    currency: None,
    copies: Copies::Bucket,
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: ["bucket", "as written: often not UTC", "as named (CNY, USD)"],
    },
    ..Schema::BASE
};
