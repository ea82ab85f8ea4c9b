//! Tokens of texts and of requests before they are sent.

use pyo3::prelude::*;

use tokreckon::request::{CountOptions, Request, TokenClass};
use tokreckon_tokenizer::{Standing, Tokenizer};

use crate::Failure;

/// Tokens of texts by the tokenizer of a model, and what about them is assumed, if anything.
#[pyfunction]
pub(crate) fn count_many(
    py: Python<'_>,
    texts: Vec<String>,
    model: &str,
) -> PyResult<(Vec<usize>, Option<String>)> {
    // A tokenizer that is asked for by its name is that one, whichever models use it.
    let by_name = model.parse::<Tokenizer>().ok().map(|named| (named, Standing::Documented));
    let of_model = || Tokenizer::for_model(model).map(|found| (found.tokenizer, found.standing));
    let Some((tokenizer, standing)) = by_name.or_else(of_model) else {
        let message = format!("no tokenizer is known for model `{model}`");
        let hint = Some("count_request() gives a band where it can".to_owned());
        let failure = Failure { hint, ..Failure::new("CountError", message, "no-tokenizer") };
        return Err(failure.raise(py));
    };
    let counts = py.detach(|| texts.iter().map(|text| tokenizer.count(text)).collect());
    let name = tokenizer.name();
    let assumed = match (tokenizer.assumption(), standing) {
        (Some(why), _) => Some(format!("{name} was {why}")),
        (None, Standing::Documented) => None,
        (None, _) => Some(format!("nobody says that `{model}` uses {name}")),
    };
    Ok((counts, assumed))
}

/// Tokens of a request in JSON: its class, low, likely, high, and the parts with their rules.
#[pyfunction]
#[pyo3(signature = (body, model, provider))]
#[expect(clippy::type_complexity, reason = "a tuple of the Python half")]
pub(crate) fn count_request(
    py: Python<'_>,
    body: &str,
    model: Option<&str>,
    provider: Option<&str>,
) -> PyResult<(String, u64, u64, Option<u64>, Vec<(String, String, String)>)> {
    py.detach(|| {
        let request = Request::from_json(body)
            .map_err(|error| Failure::new("ReadError", error, "request"))?;
        let mut options = CountOptions::default();
        if let Some(model) = model {
            options = options.with_model(model);
        }
        if let Some(provider) = provider {
            options = options.with_provider(provider);
        }
        let count = request.count(&options);
        let total = count.total();
        let class = match total.class() {
            TokenClass::Exact => "exact",
            TokenClass::Estimate => "between",
            TokenClass::Unknown => "unknown",
        };
        let band = total.band();
        let part = |part: &tokreckon::request::PartCount| {
            (part.part.to_string(), part.rule.to_string(), part.tokens.to_string())
        };
        let parts = count.parts.iter().map(part).collect();
        Ok((class.to_owned(), band.low, band.likely, band.high, parts))
    })
    .map_err(|failure: Failure| failure.raise(py))
}
