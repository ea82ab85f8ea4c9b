//! Prices of one's own on top of the built-in book, from the text of a price file.
//!
//! Cards and charges borrow from the tables they were found in. So that a service can hand a book
//! and its answers around without a lifetime, tables read here are kept until the process ends;
//! a text that was read before is not kept again. A price file is some kilobytes, and a service
//! reads few different ones.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Mistake, Origin};
use tokreckon_data::table::Tables;

use super::PriceBook;

/// A price file that cannot be used: every mistake in it, with line, column and what to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PriceFileError {
    /// The mistakes, in the order of the file.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for PriceFileError {
    /// One a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            write!(f, "{}{mistake}", if at > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl Error for PriceFileError {}

/// What was read, by its text.
static KEPT: LazyLock<Mutex<BTreeMap<Arc<str>, &'static Tables>>> = LazyLock::new(Mutex::default);

impl PriceBook<'static> {
    /// This book with the prices of a text in the project's own TOML on top: for each meter, what
    /// it says goes before the rest, and input and output of a model together are its whole card: what
    /// it does not say of caches, say, has no price then. The book is cheap to clone, `Send` and `Sync`.
    ///
    /// A price is for the ids that its `models` list, for those that are read as one of them, and for the
    /// dated ids that responses name: a price of `gpt-5-mini` is that of `gpt-5-mini-2025-08-07` too,
    /// where no own price names that one. A dated id that the book lists at other prices than the
    /// name (`gpt-4o-2024-05-13` and `gpt-4o`) keeps its own. A discount on everything needs no
    /// prices: [`Adjustment`](crate::ledger::Adjustment) or [`Terms`](crate::charge::Terms).
    ///
    /// ```
    /// use tokreckon::prelude::*;
    ///
    /// let book = PriceBook::builtin().with_prices(
    ///     r#"
    /// provider = "cometapi"
    /// currency = "USD"
    ///
    /// [[price]]
    /// models = ["o1-mini-2024-09-12"]
    /// from = 2026-01-01
    /// input = "0.88"
    /// "#,
    /// )?;
    /// let day = Period::parse("2026-03-01")?;
    /// let price = book.unit_price("cometapi", "o1-mini-2024-09-12", Meter::Input, day)?;
    /// assert_eq!(price.ok_or("no price")?.low.to_string(), "0.88 USD per 1M tokens");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// With every mistake in the text.
    pub fn with_prices(&self, text: &str) -> Result<Self, PriceFileError> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tables) = kept.get(text) {
            return Ok(self.with_layer(tables));
        }
        let (file, mistakes) = schema::read(text, Origin::User);
        if !mistakes.is_empty() {
            return Err(PriceFileError { mistakes });
        }
        let tables = compile(&[file]).map_err(|refused| PriceFileError {
            mistakes: refused.into_iter().map(|refused| refused.mistake).collect(),
        })?;
        let tables: &'static Tables = Box::leak(Box::new(tables));
        kept.insert(text.into(), tables);
        Ok(self.with_layer(tables))
    }
}
