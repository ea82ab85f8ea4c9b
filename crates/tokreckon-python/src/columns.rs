//! Tables of data frames and engines, through Arrow's C interface: nothing is copied on the way in or out.

use std::sync::Arc;

use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use jiff::tz::TimeZone;
use tokreckon::ledger::saved::Prices;
use tokreckon::ledger::{Defaults, Dimension};
use tokreckon::read::{Format, Mapping};
use tokreckon_arrow::{Error, Options};

use crate::{Failure, in_python, service_tier};

/// What the capsule of a stream is called, by the interface.
const STREAM: &std::ffi::CStr = c"arrow_array_stream";

/// A table: any library takes it over by `__arrow_c_stream__`.
#[pyclass(frozen, module = "tokreckon._internal")]
pub(crate) struct Table(pub(crate) tokreckon_arrow::Table);

impl Table {
    /// Takes over the table of any library, whole.
    pub(crate) fn taken(source: &Bound<'_, PyAny>) -> PyResult<tokreckon_arrow::Table> {
        let (py, stream) = (source.py(), taken(source)?);
        let table = || {
            let batches = Batches::of(stream)?;
            let schema = batches.schema();
            tokreckon_arrow::Table::new(schema, batches.collect::<Result<Vec<_>, _>>()?)
        };
        py.detach(table).map_err(|error| Failure::of_columns(&error).raise(py))
    }
}

/// Takes over a stream of batches.
fn taken(source: &Bound<'_, PyAny>) -> PyResult<FFI_ArrowArrayStream> {
    let given = source.call_method0("__arrow_c_stream__")?;
    let Ok(capsule) = given.cast::<PyCapsule>() else {
        let message = format!("__arrow_c_stream__ of {} gives no capsule", source.get_type());
        return Err(PyTypeError::new_err(message));
    };
    let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: by its name the capsule holds a stream of the C interface, which may be moved out of it:
    // what is left is an empty one, and the capsule's destructor looks for that.
    #[expect(unsafe_code, reason = "the C interface hands over a pointer")]
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr()) };
    Ok(stream)
}

/// The batches of a stream. What another library says of its arrays is looked at before it is believed.
struct Batches(RecordBatchStreamReader);

impl Batches {
    fn of(stream: FFI_ArrowArrayStream) -> Result<Self, Error> {
        Ok(Self(RecordBatchStreamReader::try_new(stream)?))
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let looked_at = |batch: RecordBatch| {
            batch.columns().iter().try_for_each(|column| column.to_data().validate_full())?;
            Ok(batch)
        };
        Some(self.0.next()?.and_then(looked_at))
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
}

#[pymethods]
impl Table {
    /// The table as a stream of Arrow's C interface; a schema that is asked for is left to whoever asks.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches: Vec<Result<RecordBatch, ArrowError>> =
            self.0.batches().iter().cloned().map(Ok).collect();
        let reader = RecordBatchIterator::new(batches, Arc::clone(self.0.schema()));
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, STREAM)
    }

    fn __len__(&self) -> usize {
        self.0.batches().iter().map(RecordBatch::num_rows).sum()
    }

    /// Names of the columns, in their order.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __repr__(&self) -> String {
        format!("<Table of {} rows: {}>", self.__len__(), self.column_names().join(", "))
    }
}

impl Failure {
    /// Why columns are not read or priced.
    pub(crate) fn of_columns(error: &Error) -> Self {
        let (class, code) = match error {
            Error::Prices(_) => ("PriceFileError", "price-file"),
            Error::NoCells(_) => ("SavedLedgerError", "cells"),
            Error::OtherBook { .. } => ("SavedLedgerError", "other-book"),
            Error::Saved(_) => ("SavedLedgerError", "saved-ledger"),
            Error::Digits { .. } | Error::Sum { .. } | Error::Inexact(_) => {
                ("PriceError", "digits")
            }
            Error::Type { .. } => ("ReadError", "column-type"),
            Error::Taken(_) => ("ReadError", "column-taken"),
            Error::Arrow(_) => ("ReadError", "arrow"),
            _ => ("ReadError", "columns"),
        };
        let hint = match error {
            Error::OtherBook { .. } => Some("`reprice=True` charges both by this book".to_owned()),
            error => error.hint().as_ref().map(in_python),
        };
        Self { hint, ..Self::new(class, error, code) }
    }
}

/// How columns are read, as the Python half says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Reading {
    provider: String,
    format: Option<String>,
    columns: Option<String>,
    service_tier: Option<String>,
    zone: String,
    prices: Vec<String>,
}

impl Reading {
    /// The same options. Rows that say no time happened `now`, where that is given.
    fn options(&self, now: Option<&str>) -> Result<Options, Failure> {
        let mut options = Options::new().provider(&self.provider).zone(zone(&self.zone)?);
        if let Some(name) = &self.format {
            let known = Format::from_name(name)
                .ok_or_else(|| Failure::new("ReadError", format!("no format `{name}`"), "format"));
            options = options.format(known?);
        }
        if let Some(text) = &self.columns {
            let mapping = text.parse::<Mapping>().map_err(|error| {
                let hint = Some(error.hint().to_string());
                Failure { hint, ..Failure::new("ReadError", &error, "columns") }
            });
            options = options.mapping(mapping?);
        }
        if let Some(name) = &self.service_tier {
            options = options.service_tier(service_tier(name)?);
        }
        let now = now.map(crate::period).transpose()?;
        options = options.taking_for_granted(Defaults { makers: true, now });
        let own = |options: Options, text: &String| options.own_prices(text);
        self.prices.iter().try_fold(options, own).map_err(|error| Failure::of_columns(&error))
    }
}

/// A time zone by its name.
pub(crate) fn zone(name: &str) -> Result<TimeZone, Failure> {
    TimeZone::get(name).map_err(|_| {
        let hint = Some("names are those of the IANA database, such as `Europe/Berlin`".to_owned());
        Failure { hint, ..Failure::new("ReadError", format!("no time zone `{name}`"), "time-zone") }
    })
}

/// Dimensions by their names.
pub(crate) fn dimensions(names: &[String]) -> Result<Vec<Dimension>, Failure> {
    let found = |name: &String| {
        let known = Dimension::from_name(name);
        known
            .ok_or_else(|| Failure::new("ReadError", format!("no dimension `{name}`"), "dimension"))
    };
    names.iter().map(found).collect()
}

/// The rows of a table with what each costs.
#[pyfunction]
pub(crate) fn price_table(
    source: &Bound<'_, PyAny>,
    reading: Reading,
    now: &str,
) -> PyResult<Table> {
    let table = Table::taken(source)?;
    let py = source.py();
    let priced = py.detach(|| {
        let options = reading.options(Some(now))?;
        table.price(&options).map_err(|error| Failure::of_columns(&error))
    });
    priced.map(Table).map_err(|failure| failure.raise(py))
}

fn of_one(batch: RecordBatch) -> Result<Table, Failure> {
    let table = tokreckon_arrow::Table::new(batch.schema(), [batch]);
    table.map(Table).map_err(|error| Failure::of_columns(&error))
}

/// The cells of a table: integer sums that add up with those of other tables.
#[pyfunction]
pub(crate) fn cells(
    source: &Bound<'_, PyAny>,
    by: Vec<String>,
    reading: Reading,
) -> PyResult<Table> {
    let (py, stream) = (source.py(), taken(source)?);
    let cells = py.detach(|| {
        let (by, options) = (dimensions(&by)?, reading.options(None)?);
        let cells = Batches::of(stream)
            .and_then(|batches| tokreckon_arrow::cells_of_stream(batches, &by, &options));
        of_one(cells.map_err(|error| Failure::of_columns(&error))?)
    });
    cells.map_err(|failure| failure.raise(py))
}

/// Cells as one table of cells.
#[pyfunction]
pub(crate) fn merge_cells(
    py: Python<'_>,
    sources: Vec<Bound<'_, PyAny>>,
    reprice: bool,
) -> PyResult<Table> {
    let tables = sources.iter().map(Table::taken).collect::<PyResult<Vec<_>>>()?;
    let merged = py.detach(|| of_one(merged(&tables, reprice)?));
    merged.map_err(|failure| failure.raise(py))
}

fn merged(tables: &[tokreckon_arrow::Table], reprice: bool) -> Result<RecordBatch, Failure> {
    let prices = if reprice { Prices::OfThisBook } else { Prices::AsSaved };
    let schema = tables.first().map(|table| Arc::clone(table.schema()));
    let schema = schema
        .ok_or_else(|| Failure::new("SavedLedgerError", "there are no cells to merge", "cells"))?;
    let batches = tables.iter().flat_map(tokreckon_arrow::Table::batches);
    let merged = tokreckon_arrow::merge_all(&RecordBatch::new_empty(schema), batches, prices);
    merged.map_err(|error| Failure::of_columns(&error))
}

/// Cells as the text of a saved ledger.
#[pyfunction]
pub(crate) fn saved_cells(source: &Bound<'_, PyAny>, reprice: bool) -> PyResult<String> {
    let table = Table::taken(source)?;
    let py = source.py();
    let text = py.detach(|| {
        let cells = merged(std::slice::from_ref(&table), reprice)?;
        let saved = tokreckon_arrow::saved(&cells).map_err(|error| Failure::of_columns(&error))?;
        Ok(saved.to_text())
    });
    text.map_err(|failure: Failure| failure.raise(py))
}
