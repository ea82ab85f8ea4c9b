//! The native half of the Python package: the library's own answers, as the JSON documents that the
//! program prints. Decimal numbers, dates and dictionaries are made of them in Python.
//!
//! Everything that takes time runs without the interpreter's lock. A failure becomes the Python
//! exception of its kind, with `code`, `hint` and `near`.

mod columns;
mod count;
mod program;
mod saved;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use tokreckon::book::{FindError, Known, PriceBook, Query};
use tokreckon::charge::{Charge, Shape, Terms};
use tokreckon::document::{ChargeDocument, RateDocument};
use tokreckon::hint::{Hint, Setting};
use tokreckon::ledger::NotCharged;
use tokreckon::price::ServiceTier;
use tokreckon::response::ResponseError;
use tokreckon::time::Period;
use tokreckon::usage::{Meter, Usage};

/// What Python raises: the class of `tokreckon._errors`, the message, its code, what to do, near names.
pub(crate) struct Failure {
    class: &'static str,
    message: String,
    code: String,
    pub(crate) hint: Option<String>,
    near: Vec<String>,
}

impl Failure {
    pub(crate) fn new(class: &'static str, message: impl ToString, code: &str) -> Self {
        Self {
            class,
            message: message.to_string(),
            code: code.to_owned(),
            hint: None,
            near: Vec::new(),
        }
    }

    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let made = || -> PyResult<PyErr> {
            let class = py.import("tokreckon._errors")?.getattr(self.class)?;
            let class = class.cast_into::<PyType>()?;
            let value = class.call1((&self.message, &self.code, &self.hint, &self.near))?;
            Ok(PyErr::from_value(value))
        };
        made().unwrap_or_else(|error| error)
    }
}

/// A hint with the names that settings have in the Python package.
pub(crate) fn in_python(hint: &Hint) -> String {
    hint.named(|setting| match setting {
        Setting::Provider => "`provider=`".to_owned(),
        Setting::Prices => "`prices=`".to_owned(),
        Setting::Time => "`at=`".to_owned(),
        Setting::By => "`by=`".to_owned(),
        Setting::Zone => "`zone=`".to_owned(),
        other => other.to_string(),
    })
}

impl Failure {
    /// Why the book has no card; near names are looked for in it.
    fn of_find(error: &FindError, book: &PriceBook<'_>) -> Self {
        let near = error.near(book);
        Self {
            hint: error.hint(book).as_ref().map(in_python),
            near,
            ..Self::new("PriceError", error, error.code())
        }
    }

    fn of_record(reason: &NotCharged, book: &PriceBook<'_>) -> Self {
        match reason {
            NotCharged::NoCard(error) => Self::of_find(error, book),
            other => Self {
                hint: other.hint(book).as_ref().map(in_python),
                ..Self::new("PriceError", other, other.code())
            },
        }
    }

    fn of_response(error: &ResponseError, book: &PriceBook<'_>) -> Self {
        match error {
            ResponseError::NotCharged(reason) => Self::of_record(reason, book),
            other => Self {
                hint: other.hint(book).as_ref().map(in_python),
                ..Self::new("ReadError", other, other.code())
            },
        }
    }
}

fn document(charge: &Charge<'_>) -> Result<String, Failure> {
    let document = ChargeDocument::from(charge);
    serde_json::to_string(&document).map_err(|error| Failure::new("ReadError", error, "json"))
}

fn period(text: &str) -> Result<Period, Failure> {
    Period::parse(text).map_err(|error| Failure::new("PriceError", error, "time"))
}

fn meter(name: &str) -> Result<Meter, Failure> {
    let found = Meter::ALL.iter().copied().find(|meter| meter.as_str() == name);
    found.ok_or_else(|| {
        let known: Vec<_> = Meter::ALL.iter().map(|meter| meter.as_str()).collect();
        let message = format!("no meter `{name}`");
        let hint = Some(format!("the meters are {}", known.join(", ")));
        Failure { hint, ..Failure::new("PriceError", message, "unknown-meter") }
    })
}

fn service_tier(name: &str) -> Result<ServiceTier, Failure> {
    ServiceTier::from_word(name).ok_or_else(|| {
        let message = format!("no service tier `{name}`");
        Failure::new("PriceError", message, "unknown-service-tier")
    })
}

/// A price book: the built-in one, with prices of one's own on top.
#[pyclass(frozen, module = "tokreckon._internal")]
struct Book(PriceBook<'static>);

#[pymethods]
impl Book {
    #[new]
    fn new(py: Python<'_>, layers: Vec<String>) -> PyResult<Self> {
        let book = py.detach(|| {
            layers.iter().try_fold(PriceBook::builtin(), |book, text| book.with_prices(text))
        });
        book.map(Self)
            .map_err(|error| Failure::new("PriceFileError", error, "price-file").raise(py))
    }

    fn providers(&self) -> Vec<String> {
        self.0.providers().into_iter().map(str::to_owned).collect()
    }

    fn models(&self, provider: &str) -> Vec<String> {
        self.0.models(provider).into_iter().map(str::to_owned).collect()
    }

    /// The charge of counts by meter, as a document.
    #[pyo3(signature = (provider, model, counts, at, tier, variant, requests))]
    #[expect(clippy::too_many_arguments, reason = "the Python half names them")]
    fn price(
        &self,
        py: Python<'_>,
        provider: &str,
        model: &str,
        counts: Vec<(String, u64)>,
        at: &str,
        tier: &str,
        variant: &str,
        requests: Option<u64>,
    ) -> PyResult<String> {
        let shape = match requests {
            None | Some(1) => Shape::Request,
            requests => Shape::Sum { requests },
        };
        py.detach(|| {
            let query = Query {
                service_tier: Known::Is(service_tier(tier)?),
                variant: Known::Is(variant),
                ..Query::new(provider, model, period(at)?)
            };
            let mut usage = Usage::NONE;
            for (name, count) in &counts {
                usage = usage.with(meter(name)?, *count);
            }
            let card = self.0.find(&query).map_err(|error| Failure::of_find(&error, &self.0))?;
            let charge = card
                .charge_with(&usage, shape, Terms::LIST)
                .map_err(|error| Failure::new("PriceError", error, "no-exact-cost"))?;
            document(&charge)
        })
        .map_err(|failure: Failure| failure.raise(py))
    }

    /// The charge of a response in JSON, as a document.
    fn price_response(
        &self,
        py: Python<'_>,
        provider: &str,
        body: &str,
        at: Option<&str>,
    ) -> PyResult<String> {
        py.detach(|| {
            let charge = match at {
                Some(at) => self.0.price_response_at(provider, body, period(at)?),
                None => self.0.price_response(provider, body),
            };
            let charge = charge.map_err(|error| Failure::of_response(&error, &self.0))?;
            document(&charge)
        })
        .map_err(|failure: Failure| failure.raise(py))
    }

    /// The unit prices behind one meter, lowest and highest first, as documents; none without a price.
    fn unit_price(
        &self,
        py: Python<'_>,
        provider: &str,
        model: &str,
        meter_name: &str,
        at: &str,
    ) -> PyResult<Option<(String, String, String, u64, String, String)>> {
        py.detach(|| {
            let range = self.0.unit_price(provider, model, meter(meter_name)?, period(at)?);
            let range = range.map_err(|error| Failure::of_find(&error, &self.0))?;
            let Some(range) = range else { return Ok(None) };
            let rates: Vec<RateDocument> = range.rates.iter().map(RateDocument::from).collect();
            let rates = serde_json::to_string(&rates)
                .map_err(|error| Failure::new("ReadError", error, "json"))?;
            Ok(Some((
                range.low.amount.to_string(),
                range.high.amount.to_string(),
                range.low.currency.to_string(),
                range.low.per,
                range.low.noun.as_str().to_owned(),
                rates,
            )))
        })
        .map_err(|failure: Failure| failure.raise(py))
    }
}

/// Names of all meters.
#[pyfunction]
fn meters() -> Vec<&'static str> {
    Meter::ALL.iter().map(|meter| meter.as_str()).collect()
}

/// The hash of the built-in book and the newest day on which one of its prices was seen.
#[pyfunction]
fn book_version() -> PyResult<(String, String)> {
    let day = tokreckon::time::day_text(tokreckon_data::BOOK_DAY.into());
    if day.is_empty() {
        return Err(PyValueError::new_err("the built-in book has no day"));
    }
    Ok((format!("{:016x}", tokreckon_data::BOOK_HASH), day))
}

#[pymodule(gil_used = false)]
fn _internal(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Book>()?;
    module.add_class::<columns::Table>()?;
    module.add_function(wrap_pyfunction!(columns::price_table, module)?)?;
    module.add_function(wrap_pyfunction!(columns::cells, module)?)?;
    module.add_function(wrap_pyfunction!(columns::merge_cells, module)?)?;
    module.add_function(wrap_pyfunction!(columns::saved_cells, module)?)?;
    module.add_function(wrap_pyfunction!(count::count_many, module)?)?;
    module.add_function(wrap_pyfunction!(count::count_request, module)?)?;
    module.add_function(wrap_pyfunction!(program::run, module)?)?;
    module.add_function(wrap_pyfunction!(program::main, module)?)?;
    module.add_function(wrap_pyfunction!(saved::save, module)?)?;
    module.add_function(wrap_pyfunction!(saved::merge, module)?)?;
    module.add_function(wrap_pyfunction!(meters, module)?)?;
    module.add_function(wrap_pyfunction!(book_version, module)?)
}
