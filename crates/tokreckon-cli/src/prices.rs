//! `tokreckon prices`: what the book says about a model, and what is wrong with a price file.

mod diff;
mod export;
mod import;
mod list;
mod refresh;

use std::fmt::Write;

use anyhow::{Result, bail};
use tokreckon::book::{Known, Query};
use tokreckon::document::{PricesDocument, RateDocument, SellerPricesDocument};
use tokreckon::price::{Rate, ServiceTier};
use tokreckon::words::counted;

pub(crate) use self::diff::{conflicts, diff};
pub(crate) use self::export::export;
pub(crate) use self::import::import;
pub(crate) use self::list::list;
pub(crate) use self::refresh::refresh;
use crate::Exit;
use crate::args::{CheckArgs, OutputFormat, ShowArgs};
use crate::context::{
    book, layers, mistake_text, not_found, now, period, price_files, read_prices,
};
use crate::price::{UnitPrices, unit};
use crate::print::{Align, Sheet, json_document};
use crate::words::unknown_model;

pub(crate) fn show(args: &ShowArgs, out: &mut String) -> Result<Exit> {
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let period = args.at.as_deref().map_or_else(now, period)?;
    let words = args.words();
    let sellers = match words.as_slice() {
        [_] if !args.history => {
            let asked = UnitPrices {
                models: &words,
                at: period,
                is_dated: args.at.is_some(),
                providers: &[],
                tier: ServiceTier::Standard,
                variant: None,
                sources: false,
                output: &args.output,
            };
            return unit::print(&book, &asked, out);
        }
        [model] => {
            let sellers = book.sellers(model);
            if sellers.is_empty() {
                return Err(unknown_model(&book, model));
            }
            sellers
        }
        [_, _, more, ..] => bail!("one model at one seller: what is `{more}`?"),
        [provider, model] => {
            let found = book.lookup(provider, model).map_err(|error| not_found(&error, &book))?;
            vec![(found.provider, found.model)]
        }
        [] => bail!("no model\nhint: `tokreckon prices show gpt-4o`"),
    };
    let mut cards = Vec::new();
    for (provider, model) in sellers {
        let found = book.lookup(provider, model).map_err(|error| not_found(&error, &book))?;
        let mut rates = found.rates();
        if !args.history {
            // What holds then in any service tier and variant.
            let query = Query {
                provider: found.provider,
                model: found.model,
                period,
                service_tier: Known::Unknown,
                variant: Known::Unknown,
            };
            let card = book.find(&query).map_err(|error| not_found(&error, &book))?;
            let in_force: Vec<Rate<'_>> = card.rates().copied().collect();
            rates.retain(|rate| in_force.contains(rate));
        }
        sort(&mut rates);
        cards.push(Card { provider: found.provider, model: found.model, rates });
    }
    print(&cards, args, out);
    Ok(Exit::Fine)
}

/// The prices of one model at one seller.
struct Card<'b> {
    provider: &'b str,
    model: &'b str,
    rates: Vec<Rate<'b>>,
}

fn sort(rates: &mut [Rate<'_>]) {
    rates.sort_by_key(|rate| {
        let conditions = (rate.service_tier(), rate.variant(), rate.window(), rate.threshold());
        (conditions, rate.from().seconds, rate.meter(), rate.layer)
    });
}

fn print(cards: &[Card<'_>], args: &ShowArgs, out: &mut String) {
    if args.output.format == OutputFormat::Json {
        let sellers = cards.iter().map(|card| {
            let rates = card.rates.iter().map(RateDocument::from);
            SellerPricesDocument::new(card.provider, card.model, None, rates)
        });
        return json_document(&PricesDocument::new(sellers.collect()), out);
    }
    let mut sheet = Sheet::new(
        [
            "provider",
            "model",
            "meter",
            "price",
            "tier",
            "variant",
            "hours",
            "prompt above",
            "period",
            "standing",
            "seen",
        ]
        .map(|name| (name, Align::Left)),
    );
    for card in cards {
        let names = if cards.len() > 1 { [card.provider, card.model] } else { ["", ""] };
        for rate in &card.rates {
            let mut row = names.map(str::to_owned).to_vec();
            row.extend(cells(rate));
            sheet.row(row);
        }
    }
    sheet.without_empty_columns().print(args.output.format, out);
    if args.output.format != OutputFormat::Csv {
        let rates: Vec<Rate<'_>> =
            cards.iter().flat_map(|card| card.rates.iter().copied()).collect();
        print_sources(&rates, out);
    }
}

/// A unit price, its conditions, its period and how well it is supported.
fn cells(rate: &Rate<'_>) -> [String; 9] {
    let price =
        rate.unit_price().map_or_else(|| rate.state().to_string(), |price| price.to_string());
    let tier = if rate.service_tier() == ServiceTier::Standard {
        String::new()
    } else {
        rate.service_tier().to_string()
    };
    let threshold = if rate.threshold() > 0 { rate.threshold().to_string() } else { String::new() };
    [
        rate.meter().to_string(),
        price,
        tier,
        rate.variant().to_owned(),
        rate.window(),
        threshold,
        rate.period_text(),
        rate.standing().to_string(),
        rate.seen(),
    ]
}

fn print_sources(rates: &[Rate<'_>], out: &mut String) {
    let mut said: Vec<(String, String)> = Vec::new();
    for rate in rates {
        let mut text = rate.source().to_owned();
        for (label, value) in [
            ("; start: ", rate.basis()),
            ("; also seen: ", rate.also_seen()),
            ("; note: ", rate.note()),
        ] {
            if !value.is_empty() {
                let _ = write!(text, "{label}{value}");
            }
        }
        let entry = (rate.period_text(), text);
        if !entry.1.is_empty() && !said.contains(&entry) {
            said.push(entry);
        }
    }
    if !said.is_empty() {
        out.push('\n');
    }
    for (period, text) in said {
        let _ = writeln!(out, "{period}: {text}");
    }
}

pub(crate) fn check(args: &CheckArgs, out: &mut String) -> Result<Exit> {
    let mut exit = Exit::Fine;
    for path in &price_files(&args.files)? {
        let shown = path.display().to_string();
        match read_prices(path)? {
            Ok(tables) => {
                let prices = counted(tables.prices.len(), "price");
                let _ = writeln!(
                    out,
                    "{shown}: no mistakes in {prices} of {}",
                    counted(tables.models.len(), "model")
                );
            }
            Err(mistakes) => {
                for mistake in &mistakes {
                    let _ = writeln!(out, "{}", mistake_text(&shown, mistake));
                }
                let _ = writeln!(out, "{shown}: {}", counted(mistakes.len(), "mistake"));
                exit = Exit::Findings;
            }
        }
    }
    Ok(exit)
}
