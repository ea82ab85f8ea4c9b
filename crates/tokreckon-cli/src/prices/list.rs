//! `tokreckon prices list`: who is in the book, and the unit prices of every model that some words name.

use std::fmt::Write;

use anyhow::Result;
use tokreckon::book::{PriceBook, Query};
use tokreckon::document::{PriceListDocument, PriceProvidersDocument};
use tokreckon::words::counted;

use crate::Exit;
use crate::args::{ListArgs, OutputFormat};
use crate::context::{book, known_provider, layers, now, period, with_near};
use crate::price::unit::{Offer, sheet};
use crate::print::{Align, Sheet, json_document};

pub(crate) fn list(args: &ListArgs, out: &mut String) -> Result<Exit> {
    let layers = layers(&args.book)?;
    let book = book(&layers);
    if args.words.is_empty() && args.provider.is_none() && !args.all {
        providers(&book, args, out);
        return Ok(Exit::Fine);
    }
    let wanted = match args.provider.as_deref() {
        Some(name) => vec![known_provider(&book, name)?],
        None => book.providers(),
    };
    let at = args.at.as_deref().map_or_else(now, period)?;
    let words: Vec<String> = args.words.iter().map(|word| word.to_lowercase()).collect();
    let (mut offers, mut without) = (Vec::new(), 0_u64);
    for provider in wanted {
        for model in book.models(provider) {
            let name = format!("{provider}/{}", model.to_lowercase());
            if !words.iter().all(|word| name.contains(word.as_str())) {
                continue;
            }
            match book.find(&Query::new(provider, model, at)) {
                Ok(card) => {
                    let retired = book.retired(provider, model, at);
                    offers.push(Offer { card, variant: String::new(), retired });
                }
                Err(_) => without += 1,
            }
        }
    }
    if offers.is_empty() && without == 0 {
        let near = words.iter().flat_map(|word| book.near_models(None, word)).collect::<Vec<_>>();
        let message = format!("no model with `{}` in its name", args.words.join(" "));
        return Err(with_near(message, near, None));
    }
    let format = args.output.format;
    if format == OutputFormat::Json {
        let models = offers.iter().map(Offer::document).collect();
        json_document(&PriceListDocument::new(models, without), out);
        return Ok(Exit::Fine);
    }
    sheet(offers.iter()).print(format, out);
    if format != OutputFormat::Csv && !args.output.quiet {
        let _ = writeln!(out, "\n{}, per 1M tokens", counted(offers.len(), "price list"));
        if without > 0 {
            let what = "without a plain price then: other tiers, variants or times only";
            let _ = writeln!(out, "{} {what}", counted(without, "model"));
        }
    }
    Ok(Exit::Fine)
}

/// Everybody whose prices the book holds.
fn providers(book: &PriceBook<'_>, args: &ListArgs, out: &mut String) {
    let held = book.providers().into_iter().map(|provider| {
        let rates: Vec<_> = book
            .models(provider)
            .into_iter()
            .filter_map(|model| book.get(provider, model))
            .map(|found| found.rates())
            .filter(|rates| !rates.is_empty())
            .collect();
        let seen = rates.iter().flatten().map(tokreckon::price::Rate::seen).max();
        let prices: usize = rates.iter().map(Vec::len).sum();
        (provider, [rates.len(), prices].map(|count| count as u64), seen.unwrap_or_default())
    });
    let document = PriceProvidersDocument::new(held);
    if args.output.format == OutputFormat::Json {
        return json_document(&document, out);
    }
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("models", Align::Count),
        ("prices", Align::Count),
        ("newest seen", Align::Left),
    ]);
    for held in document.providers {
        sheet.row(vec![held.provider, held.models.to_string(), held.prices.to_string(), held.seen]);
    }
    sheet.print(args.output.format, out);
    if args.output.format != OutputFormat::Csv && !args.output.quiet {
        let _ = writeln!(
            out,
            "\nits models: `tokreckon prices list PROVIDER`, `tokreckon prices list gpt mini`"
        );
    }
}
