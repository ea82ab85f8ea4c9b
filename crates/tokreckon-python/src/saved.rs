//! Saved ledgers: usage as integer cells that merge.

use pyo3::prelude::*;

use tokreckon::book::PriceBook;
use tokreckon::ledger::Settings;
use tokreckon::ledger::saved::{SavedError, SavedLedger};
use tokreckon::pipeline::{Input, Pipeline};

use crate::columns::{Table, dimensions, zone};
use crate::{Failure, in_python};

fn refused(error: &SavedError) -> Failure {
    let hint = error.hint().as_ref().map(in_python);
    Failure { hint, ..Failure::new("SavedLedgerError", error, "saved-ledger") }
}

/// Usage in memory: bytes of any format, or a table.
#[derive(FromPyObject)]
pub(crate) enum Usage<'py> {
    Bytes(Vec<u8>),
    Table(Bound<'py, PyAny>),
}

/// Usage in memory as a saved ledger. `place` tells apart parts of one whole that may be alike.
#[pyfunction]
#[pyo3(signature = (usage, name, place, by, zone_name, provider, layers))]
#[expect(clippy::too_many_arguments, reason = "the Python half names them")]
pub(crate) fn save(
    py: Python<'_>,
    usage: Usage<'_>,
    name: &str,
    place: &str,
    by: Vec<String>,
    zone_name: &str,
    provider: &str,
    layers: Vec<String>,
) -> PyResult<String> {
    let (bytes, table) = match usage {
        Usage::Bytes(bytes) => (bytes, None),
        Usage::Table(source) => (Vec::new(), Some(Table::taken(&source)?)),
    };
    py.detach(|| {
        let price_file = |error| Failure::new("PriceFileError", error, "price-file");
        let book =
            layers.iter().try_fold(PriceBook::builtin(), |book, text| book.with_prices(text));
        let book = book.map_err(price_file)?;
        let (by, zone) = (dimensions(&by)?, zone(zone_name)?);
        let mut settings = Settings { zone, ..Settings::default() };
        settings.defaults.makers = true;
        let pipeline = Pipeline::new(&book).settings(settings).provider(provider).saving(by);
        let input: Input<'_> = match &table {
            Some(table) => table.input(),
            None => Input::bytes(&bytes),
        };
        let run = pipeline.read(input.named(name).placed(place));
        let run = run.map_err(|error| Failure::new("ReadError", error, "usage"))?;
        let saved = run.saved().map_err(|error| refused(&error))?;
        Ok(saved.map(|saved| saved.to_text()).unwrap_or_default())
    })
    .map_err(|failure: Failure| failure.raise(py))
}

/// Saved ledgers as one: the same source in several of them counts once.
#[pyfunction]
pub(crate) fn merge(py: Python<'_>, texts: Vec<String>) -> PyResult<String> {
    py.detach(|| {
        let mut texts = texts.iter();
        let first = texts.next().map_or("", |text| text);
        let mut all = SavedLedger::parse(first).map_err(|error| refused(&error))?;
        for text in texts {
            let other = SavedLedger::parse(text).map_err(|error| refused(&error))?;
            all.merge(other).map_err(|error| refused(&error))?;
        }
        Ok(all.to_text())
    })
    .map_err(|failure: Failure| failure.raise(py))
}
