//! `tokreckon models`: what is known about a model besides its prices.

use std::fmt::Write;

use anyhow::{Result, bail};
use serde::Serialize;
use tokreckon::book::PriceBook;
use tokreckon::document::{
    ModelDocument, ModelsDocument, ProvidersDocument, RateLimitDocument, StatementDocument,
};

use crate::Exit;
use crate::args::{ModelsArgs, OutputFormat};
use crate::context::{book, layers, not_found};
use crate::print::{Align, Sheet, json_document};
use crate::words::unknown_model;

pub(crate) fn run(args: &ModelsArgs, out: &mut String) -> Result<Exit> {
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let words = args.words();
    match words[..] {
        [] => {
            let document = ProvidersDocument::from(&book);
            list("provider", &document.providers, &document, args.output.format, out);
        }
        // One word that is no provider is a model.
        [model] if book.provider_id(model).is_none() => {
            let found = book.billed_by(model).ok();
            let sellers = book.sellers(model);
            let provider = found.map(|found| found.provider).or(sellers.first().map(|of| of.0));
            let Some(provider) = provider else {
                let error = book.lookup(model, "").err();
                let error = error.filter(|error| !error.near(&book).is_empty());
                return Err(match error {
                    Some(error) => not_found(&error, &book),
                    None => unknown_model(&book, model),
                });
            };
            let document = show(&book, provider, model, args.output.format, out)?;
            if matches!(args.output.format, OutputFormat::Table | OutputFormat::Md) {
                let _ = writeln!(out, "\n{provider}'s; sold by: {}", document.sold_by.join(", "));
            }
        }
        [provider] => {
            let document = ModelsDocument::new(&book, provider);
            if document.models.is_empty() {
                let error =
                    book.lookup(provider, "").expect_err("a provider without models sells none");
                return Err(not_found(&error, &book));
            }
            list("model", &document.models, &document, args.output.format, out);
        }
        [provider, model] => {
            show(&book, provider, model, args.output.format, out)?;
        }
        [_, _, more, ..] => bail!("one model at one seller: what is `{more}`?"),
    }
    Ok(Exit::Fine)
}

fn list(
    name: &str,
    ids: &[String],
    document: &impl Serialize,
    format: OutputFormat,
    out: &mut String,
) {
    if format == OutputFormat::Json {
        json_document(document, out);
        return;
    }
    let mut sheet = Sheet::new([(name, Align::Left)]);
    for id in ids {
        sheet.row(vec![id.clone()]);
    }
    sheet.print(format, out);
}

fn show(
    book: &PriceBook<'_>,
    provider: &str,
    model: &str,
    format: OutputFormat,
    out: &mut String,
) -> Result<ModelDocument> {
    let found = book.lookup(provider, model).map_err(|error| not_found(&error, book))?;
    let document = ModelDocument::new(book, &found, model);
    if format == OutputFormat::Json {
        json_document(&document, out);
        return Ok(document);
    }
    let mut sheet = Sheet::new([("fact", Align::Left), ("value", Align::Left)]);
    for (name, value) in document.facts() {
        sheet.row(vec![name.to_owned(), value.to_owned()]);
    }
    sheet.print(format, out);
    if !document.rate_limits.is_empty() {
        out.push('\n');
        limits_sheet(&document.rate_limits).print(format, out);
    }
    if !document.stated.is_empty() {
        print_stated(&document.stated, format, out);
    }
    Ok(document)
}

fn limits_sheet(limits: &[RateLimitDocument]) -> Sheet<'static> {
    let mut sheet = Sheet::new([
        ("rate limit tier", Align::Left),
        ("requests/min", Align::Count),
        ("tokens/min", Align::Count),
        ("batch queue tokens", Align::Count),
        ("source", Align::Left),
    ]);
    for limit in limits {
        let figure = |count: Option<u64>| match (limit.supported, count) {
            (false, _) => "not supported".to_owned(),
            (true, None) => "not stated".to_owned(),
            (true, Some(count)) => count.to_string(),
        };
        sheet.row(vec![
            limit.tier.clone(),
            figure(limit.requests_per_minute),
            figure(limit.tokens_per_minute),
            figure(limit.batch_queue_tokens),
            limit.source.clone(),
        ]);
    }
    sheet
}

fn print_stated(stated: &[StatementDocument], format: OutputFormat, out: &mut String) {
    let mut sources: Vec<&str> = stated.iter().map(|said| said.source.as_str()).collect();
    sources.dedup();
    let one_source = sources.len() == 1 && format != OutputFormat::Csv;
    let columns = ["stated", "value", "unit", "state", "source"];
    let mut sheet = Sheet::new(columns.map(|name| (name, Align::Left)));
    for said in stated {
        let source = if one_source { "" } else { &said.source };
        let cells = [&said.fact, &said.value, &said.unit, &said.state, source];
        sheet.row(cells.map(str::to_owned).to_vec());
    }
    out.push('\n');
    sheet.without_empty_columns().print(format, out);
    if let ([source], true) = (sources.as_slice(), one_source) {
        let _ = writeln!(out, "\nstated by: {source}");
    }
}
