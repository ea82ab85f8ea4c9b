//! `tokreckon prices diff` and `tokreckon prices conflicts`: where price books, and their sources, disagree.

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, bail};
use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::differences::{
    Asked, Competing, Difference, DifferenceOutcome, compare, competing, moment, ratio,
};
use tokreckon::document::{CompetingDocument, ConflictsDocument, PricesDiffDocument};
use tokreckon::price::{Rate, Standing};
use tokreckon::words::counted;
use tokreckon_data::BUILTIN;
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Origin};
use tokreckon_data::table::Tables;

use crate::Exit;
use crate::args::{ConflictsArgs, DiffArgs, OutputFormat};
use crate::context::{
    book, complain, layers, mistake_text, not_found, now, period, price_files, with_hint,
};
use crate::open;
use crate::print::{Align, Sheet, grouped, json_document};

pub(crate) fn diff(args: &DiffArgs, out: &mut String) -> Result<Exit> {
    let (left, right) = (one_book(&args.left)?, one_book(&args.right)?);
    let at = args.at.as_deref().map_or_else(now, period)?.start;
    let asked = Asked {
        provider: args.provider.as_deref(),
        model: args.model.as_deref(),
        at: (!args.history).then_some(at),
    };
    let found = compare(&left, &right, asked);
    if found.is_empty() {
        let hint = "ids of providers and models are written as in the price files".to_owned();
        return Err(with_hint("nothing to compare: neither book has such a price", Some(hint)));
    }
    let is_shown =
        |line: &&Difference<'_>| args.show.iter().any(|show| show == line.outcome.as_str());
    let shown: Vec<&Difference<'_>> = found.iter().filter(is_shown).collect();
    match args.output.format {
        OutputFormat::Json => {
            let names = [&args.left, &args.right].map(|path| path.display().to_string());
            let is_shown = |of: DifferenceOutcome| args.show.iter().any(|show| show == of.as_str());
            json_document(&PricesDiffDocument::new(names, &found, is_shown), out);
        }
        format => {
            if !shown.is_empty() || format == OutputFormat::Csv {
                print_sheet(diff_sheet(args, &shown), format, out);
            }
            if format != OutputFormat::Csv {
                let _ = writeln!(
                    out,
                    "{}{}",
                    if shown.is_empty() { "" } else { "\n" },
                    account(&found)
                );
            }
        }
    }
    let same = found.iter().all(|line| line.outcome == DifferenceOutcome::Same);
    Ok(if same { Exit::Fine } else { Exit::Findings })
}

/// A price file, a folder of them, or `builtin`.
fn one_book(path: &Path) -> Result<Cow<'static, Tables>> {
    if path.as_os_str() == "builtin" {
        return Ok(Cow::Borrowed(&BUILTIN));
    }
    let mut files = Vec::new();
    let mut mistakes = 0;
    let paths = price_files(&[path.to_owned()])?;
    for path in &paths {
        let shown = path.display().to_string();
        let text = open::text(path, "the price file")?;
        let (file, found) = schema::read(&text, Origin::User);
        mistakes += found.len();
        for mistake in &found {
            complain(&mistake_text(&shown, mistake));
        }
        files.push(file);
    }
    if mistakes == 0 {
        match compile(&files) {
            Ok(tables) => return Ok(Cow::Owned(tables)),
            Err(refused) => {
                for refused in &refused {
                    let shown = paths.get(refused.file).map_or(path, |path| path);
                    complain(&mistake_text(&shown.display().to_string(), &refused.mistake));
                }
                mistakes = refused.len();
            }
        }
    }
    bail!("{}: {} in the price file", path.display(), counted(mistakes, "mistake"));
}

fn diff_sheet(args: &DiffArgs, shown: &[&Difference<'_>]) -> Sheet<'static> {
    let [left, right] = [&args.left, &args.right].map(|path| path.display().to_string());
    let mut columns = vec![
        ("provider".to_owned(), Align::Left),
        ("model".to_owned(), Align::Left),
        ("meter".to_owned(), Align::Left),
        ("conditions".to_owned(), Align::Left),
    ];
    if args.history {
        columns.push(("period".to_owned(), Align::Left));
    }
    columns.extend([
        (left, Align::Left),
        (right, Align::Left),
        ("ratio".to_owned(), Align::Left),
        ("outcome".to_owned(), Align::Left),
    ]);
    let mut sheet = Sheet::new(columns);
    for line in shown {
        let mut cells = vec![
            line.provider.to_owned(),
            line.model.to_owned(),
            line.meter.to_string(),
            line.conditions.to_string(),
        ];
        if args.history {
            cells.push(period_text(line));
        }
        cells.extend([
            line.left.as_ref().map_or(String::new(), price_text),
            line.right.as_ref().map_or(String::new(), price_text),
            ratio_text(line).unwrap_or_default(),
            line.outcome.as_str().to_owned(),
        ]);
        sheet.row(cells);
    }
    sheet
}

/// Machines get every column, people those with something in them.
fn print_sheet(sheet: Sheet, format: OutputFormat, out: &mut String) {
    let sheet = if format == OutputFormat::Csv { sheet } else { sheet.without_empty_columns() };
    sheet.print(format, out);
}

fn price_text(rate: &Rate<'_>) -> String {
    rate.unit_price().map_or_else(|| rate.state().to_string(), |price| price.to_string())
}

fn ratio_text(line: &Difference<'_>) -> Option<String> {
    let (left, right) = (line.left.as_ref()?, line.right.as_ref()?);
    ratio(left, right).filter(|_| line.outcome == DifferenceOutcome::Differ)
}

fn period_text(line: &Difference<'_>) -> String {
    let (from, until) = line.period;
    let from = from.map_or("unknown".to_owned(), moment);
    format!("{from} to {}", until.map_or("now".to_owned(), moment))
}

fn count_of(found: &[Difference<'_>], outcome: DifferenceOutcome) -> usize {
    found.iter().filter(|line| line.outcome == outcome).count()
}

/// `12 prices: 9 same, 1 differ, 2 only left, 0 only right`.
fn account(found: &[Difference<'_>]) -> String {
    let [same, differ, left, right] =
        DifferenceOutcome::ALL.map(|outcome| grouped(count_of(found, outcome) as u128));
    let prices = counted(found.len(), "price");
    format!("{prices}: {same} same, {differ} differ, {left} only left, {right} only right")
}

/// A price of the book and another source's value.
struct Contest<'b> {
    provider: &'b str,
    model: &'b str,
    rate: Rate<'b>,
    other: Competing,
}

pub(crate) fn conflicts(args: &ConflictsArgs, out: &mut String) -> Result<Exit> {
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let mut found = Vec::new();
    match (&args.provider, &args.model) {
        (Some(provider), Some(model)) => contests(&book, provider, model, args, &mut found)?,
        (provider, _) => {
            let known = book.providers();
            if let Some(provider) = provider
                && !known.contains(&provider.as_str())
            {
                // The look-up knows near names.
                let error = book.lookup(provider, "").map(drop).expect_err("not there");
                return Err(not_found(&error, &book));
            }
            let asked = |other: &&str| provider.as_ref().is_none_or(|only| only == other);
            for provider in known.into_iter().filter(asked) {
                for model in book.models(provider) {
                    contests(&book, provider, model, args, &mut found)?;
                }
            }
        }
    }
    if args.output.format == OutputFormat::Json {
        let conflicts = found.iter().map(|Contest { provider, model, rate, other }| {
            CompetingDocument::new(provider, model, rate, other)
        });
        json_document(&ConflictsDocument::new(conflicts.collect()), out);
    } else {
        if !found.is_empty() || args.output.format == OutputFormat::Csv {
            print_sheet(conflict_sheet(&found, args), args.output.format, out);
        }
        if args.output.format != OutputFormat::Csv {
            let disputed = found.iter().filter(|c| c.rate.standing() == Standing::Disputed).count();
            let gap = if found.is_empty() { "" } else { "\n" };
            let _ = writeln!(
                out,
                "{gap}{}, {} about prices that are disputed now",
                counted(found.len(), "competing value"),
                grouped(disputed as u128)
            );
        }
    }
    Ok(if found.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// The competing values beside the prices of a model.
fn contests<'b>(
    book: &PriceBook<'b>,
    provider: &str,
    model: &str,
    args: &ConflictsArgs,
    found: &mut Vec<Contest<'b>>,
) -> Result<()> {
    let model = book.lookup(provider, model).map_err(|error| not_found(&error, book))?;
    let mut rates = model.rates();
    if !args.history {
        let period = args.at.as_deref().map_or_else(now, period)?;
        let query = Query {
            provider: model.provider,
            model: model.model,
            period,
            service_tier: Known::Unknown,
            variant: Known::Unknown,
        };
        // A model without a price now has no conflict now.
        let Ok(card) = book.find(&query) else { return Ok(()) };
        let in_force: Vec<Rate<'_>> = card.rates().copied().collect();
        rates.retain(|rate| in_force.contains(rate));
    }
    rates.sort_by_key(|rate| {
        let conditions = (rate.service_tier(), rate.variant(), rate.window(), rate.threshold());
        (rate.meter(), conditions, rate.from().seconds, rate.layer)
    });
    for rate in rates {
        if args.disputed && rate.standing() != Standing::Disputed {
            continue;
        }
        for other in competing(&rate) {
            found.push(Contest { provider: model.provider, model: model.model, rate, other });
        }
    }
    Ok(())
}

fn conflict_sheet(found: &[Contest<'_>], args: &ConflictsArgs) -> Sheet<'static> {
    let mut columns = vec!["provider", "model", "meter", "tier", "variant", "prompt above"];
    if args.history {
        columns.push("period");
    }
    columns.extend(["price", "standing", "also seen", "ratio", "by", "source"]);
    let mut sheet = Sheet::new(columns.into_iter().map(|name| (name, Align::Left)));
    for Contest { provider, model, rate, other } in found {
        let tier = rate.service_tier();
        let threshold = rate.threshold();
        let mut cells = vec![
            (*provider).to_owned(),
            (*model).to_owned(),
            rate.meter().to_string(),
            if tier == tokreckon::price::ServiceTier::Standard {
                String::new()
            } else {
                tier.to_string()
            },
            rate.variant().to_owned(),
            if threshold > 0 { threshold.to_string() } else { String::new() },
        ];
        if args.history {
            cells.push(rate.period_text());
        }
        cells.extend([
            price_text(rate),
            rate.standing().to_string(),
            other.amount.clone(),
            other.ratio.clone().unwrap_or_default(),
            other.by.clone(),
            rate.source().to_owned(),
        ]);
        sheet.row(cells);
    }
    sheet
}
