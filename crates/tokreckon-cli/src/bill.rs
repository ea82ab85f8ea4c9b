//! `tokreckon audit --bill`: the bill is read first, then compared; how that is printed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use tokreckon::ledger::Dimension;
use tokreckon::money::{Currency, Exact, Money};
use tokreckon::pipeline::{FileTally, Row};
use tokreckon::reconcile::{Bill, Cause, Compared, GapPart, Key, Reconciliation, Verdict};
use tokreckon::words::counted;

use crate::Exit;
use crate::args::{BillArgs, InputArgs, OutputFormat, number};
use crate::context::with_hint;
use crate::input::{complain_reject_of_bill, file_text, read_bills};
use crate::people::People;
use crate::print::{Align, Sheet, bounds_cells, clean};

/// Most gaps that are listed one by one for people; machines get all of them.
const MOST_LISTED: usize = 20;

/// A bill, its files, and then what came of it.
pub(crate) struct Billing {
    pub(crate) bill: Bill,
    pub(crate) files: Vec<FileTally>,
}

/// The result of a comparison, to be printed.
pub(crate) struct Billed {
    pub(crate) result: Reconciliation,
    pub(crate) files: Vec<FileTally>,
}

/// Reads the bill, if there is one.
pub(crate) fn read(args: &BillArgs, usage: &InputArgs) -> Result<Option<Billing>> {
    if !args.is_given() {
        return Ok(None);
    }
    let mut bill = Bill::default();
    if let Some(text) = &args.bill_total {
        let money: Money = text.parse().with_context(|| "`--bill-total`".to_owned())?;
        bill.add_total(money).context("the bill")?;
        return Ok(Some(Billing { bill, files: Vec::new() }));
    }
    let typed = args.bills.iter().find_map(|path| Some((path, amount_for(path)?)));
    if let Some((path, amount)) = typed {
        let hint = format!("an amount is compared with `--bill-total {amount}`");
        return Err(with_hint(format!("no bill is called `{}`", path.display()), Some(hint)));
    }
    let mut inexact = None;
    let read = read_bills(&args.input(usage), &mut |file, row| match row {
        Row::Record(record) => {
            if let Err(error) = bill.add(record) {
                inexact = Some(error);
            }
        }
        Row::Reject(reject) => complain_reject_of_bill(file, &reject),
    })?;
    if read.has_failed() {
        // Against a part of a bill nearly everything looks as if it were not billed.
        bail!("the bill could not be read: nothing was compared");
    }
    let files = read.files;
    if let Some(error) = inexact {
        return Err(error).context("the sum of the bill");
    }
    if bill.is_empty() {
        let hint =
            "a bill is a cost export; name the cost column of a plain CSV with `--bill-map cost=…`";
        return Err(with_hint("the bill has no row with an amount", Some(hint.to_owned())));
    }
    Ok(Some(Billing { bill, files }))
}

/// A word that is no file and reads as an amount of money, in the spelling of `--bill-total`.
fn amount_for(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|_| !path.exists())?;
    let (amount, currency) = number::amount(text).ok()?;
    Some(format!("{amount}{}", currency.unwrap_or(Currency::USD)))
}

/// What is said of files that were given as usage and hold nothing but billed costs.
pub(crate) fn given_as_usage(files: &[FileTally]) -> String {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let hold = if names.len() == 1 { "holds" } else { "hold" };
    format!("{} {hold} billed costs and no usage to compare the bill with", names.join(", "))
}

impl Billed {
    /// Names of people as they are printed.
    pub(crate) fn hide(&mut self, people: People) {
        for (key, label) in self.result.cells.iter_mut().flat_map(|cell| &mut cell.labels) {
            let dimension = match key {
                Key::Project => Dimension::Project,
                Key::ApiKey => Dimension::ApiKey,
                Key::User => Dimension::User,
                _ => continue,
            };
            *label = people.name(dimension, label);
        }
    }

    /// What the bill adds to the exit code.
    pub(crate) fn exit(&self) -> Exit {
        let result = &self.result;
        let is_open = result.has_unexplained() || result.has_missing_usage();
        if is_open || self.files.iter().any(|file| file.rejected > 0) {
            Exit::Findings
        } else {
            Exit::Fine
        }
    }

    /// The comparison for people.
    pub(crate) fn print(&self, format: OutputFormat, out: &mut String) {
        if format == OutputFormat::Csv {
            self.sheet().print(format, out);
            return;
        }
        let by: Vec<&str> = self.result.keys.iter().map(|key| key.name()).collect();
        let by =
            if by.is_empty() { "in one sum".to_owned() } else { format!("by {}", by.join(", ")) };
        let _ = writeln!(out, "bill against usage, {by}");
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (key, why) in &self.result.not_compared {
            reasons.entry(why.reason()).or_default().push(key.name());
        }
        for (why, keys) in reasons {
            let _ = writeln!(out, "  not by {}: {why}", keys.join(", "));
        }
        out.push('\n');
        self.sums_sheet().without_empty_columns().print(format, out);
        let _ = writeln!(out, "\n{}", self.verdicts());
        if let Some(left_out) = self.result.left_out() {
            let _ = writeln!(out, "{left_out}");
        }
        out.push('\n');
        self.print_gaps(format, out);
        self.print_rest(out);
    }

    /// Billed, calculated, and what the gap between them is made of.
    pub(crate) fn sums_sheet(&self) -> Sheet<'static> {
        let mut sheet = Sheet::new([
            ("", Align::Left),
            ("amount", Align::Amount),
            ("up to", Align::Amount),
            ("currency", Align::Left),
            ("comparisons", Align::Count),
        ]);
        for (currency, sums) in &self.result.sums {
            let [low, high] = bounds_cells(&sums.computed);
            let money = |what: &str, amount: String, up_to: String| {
                vec![what.to_owned(), amount, up_to, currency.to_string(), String::new()]
            };
            sheet.row(money("billed", sums.billed.to_string(), String::new()));
            sheet.row(money("usage × price book", low, high));
            let [low, high] = gap_cells(sums.gap_low, sums.gap_high);
            let is_range = !high.is_empty();
            sheet.row(money("gap", low, high));
            let causes: Vec<_> =
                self.result.causes.iter().filter(|((of, _), _)| of == currency).collect();
            let open = self.result.causes.get(&(*currency, Cause::NoPrice));
            let beyond = sums.gap.minus(open.map_or(Exact::ZERO, |open| open.amount));
            if is_range && causes.iter().any(|((_, cause), _)| *cause != Cause::NoPrice) {
                let beyond = beyond.unwrap_or(sums.gap).to_string();
                sheet.row(money("beyond the bounds", beyond, String::new()));
            }
            for ((_, cause), sum) in causes {
                let mark = if cause.is_open() { '?' } else { '=' };
                // Usage without a price is that much of the gap, less, or none of it.
                let [low, high] = match cause {
                    Cause::NoPrice => gap_cells(None, sum.amount),
                    _ => [sum.amount.to_string(), String::new()],
                };
                sheet.row(vec![
                    format!("{mark} {}", cause.name()),
                    low,
                    high,
                    currency.to_string(),
                    sum.cells.to_string(),
                ]);
            }
        }
        sheet
    }

    /// The gap alone, of each currency that was billed: what `--total` prints.
    pub(crate) fn total(&self) -> String {
        let several = self.result.billed().count() > 1;
        let lines = self.result.billed().map(|(currency, sums)| {
            let named = if several { currency.to_string() } else { String::new() };
            let [low, high] = gap_cells(sums.gap_low, sums.gap_high);
            let mut words = vec![low, high, named];
            words.retain(|word| !word.is_empty());
            words.join(" ") + "\n"
        });
        lines.collect()
    }

    /// `31 comparisons: 30 equal to the last digit, 1 unexplained`.
    pub(crate) fn verdicts(&self) -> String {
        let verdicts = self.result.verdicts();
        let words: Vec<String> = verdicts
            .iter()
            .map(|(verdict, cells)| format!("{cells} {}", verdict_words(*verdict)))
            .collect();
        format!("{}: {}", counted(self.result.cells.len(), "comparison"), words.join(", "))
    }

    fn gaps(&self) -> impl Iterator<Item = &Compared> {
        let open =
            |cell: &&Compared| !matches!(cell.verdict, Verdict::Equal | Verdict::WithinBounds);
        self.result.cells.iter().filter(open)
    }

    fn print_gaps(&self, format: OutputFormat, out: &mut String) {
        let gaps = self.gaps().count();
        if gaps == 0 {
            return;
        }
        if format == OutputFormat::Md {
            self.sheet().without_empty_columns().print(format, out);
            out.push('\n');
            return;
        }
        let _ = writeln!(out, "gaps, the largest first:");
        for cell in self.gaps().take(MOST_LISTED) {
            let _ = writeln!(out, "{}", clean(&cell_line(cell)));
            for part in &cell.parts {
                let amount =
                    if cell.parts.len() > 1 { format!(" {}", part.amount) } else { String::new() };
                let _ = writeln!(out, "  {}{amount}: {}", part.cause.name(), clean(&part.what));
            }
            for other in &cell.others {
                let causes: Vec<&str> = other.causes.iter().map(|cause| cause.name()).collect();
                let _ = writeln!(out, "  or {}: {}", causes.join(" and "), clean(&other.what));
            }
        }
        if gaps > MOST_LISTED {
            let more = counted(gaps - MOST_LISTED, "more gap");
            let _ = writeln!(out, "{more}: `--format csv` or `json` lists them");
        }
        out.push('\n');
    }

    fn print_rest(&self, out: &mut String) {
        let result = &self.result;
        let before = out.len();
        for (text, rows) in &result.unknown_line_items {
            let rows = counted(*rows, "row");
            let _ = writeln!(out, "line item not recognised: `{}` ({rows})", clean(text));
        }
        if result.rows_without_amount > 0 {
            let rows = counted(result.rows_without_amount, "row");
            let _ = writeln!(out, "{rows} of the bill without an amount");
        }
        if result.not_tried_in_pairs > 0 {
            let gaps = counted(result.not_tried_in_pairs, "gap");
            let _ = writeln!(out, "{gaps} not tried with pairs of causes: too many possibilities");
        }
        for file in &self.files {
            let _ = writeln!(out, "{}", clean(&file_text(file, &self.files)));
        }
        if out.len() > before {
            out.push('\n');
        }
    }

    /// Every comparison, one row each.
    pub(crate) fn sheet(&self) -> Sheet<'static> {
        let keys = self.result.keys.iter().filter(|key| **key != Key::Class);
        let labels = keys.map(|key| (key.name(), Align::Left));
        let mut sheet = Sheet::new(labels.chain([
            ("line item", Align::Left),
            ("billed", Align::Amount),
            ("computed", Align::Amount),
            ("up to", Align::Amount),
            ("gap", Align::Amount),
            ("gap up to", Align::Amount),
            ("currency", Align::Left),
            ("verdict", Align::Left),
            ("causes", Align::Left),
            ("why", Align::Left),
        ]));
        for cell in &self.result.cells {
            let [low, high] =
                cell.computed.as_ref().map_or([String::new(), String::new()], bounds_cells);
            let [gap_low, gap_high] = gap_cells(cell.gap_low, cell.gap_high);
            let labels = cell.labels.iter().map(|(_, label)| label.clone());
            let causes: Vec<&str> = cell.parts.iter().map(|part| part.cause.name()).collect();
            let row = labels.chain([
                cell.line.clone(),
                cell.billed.map_or(String::new(), |billed| billed.to_string()),
                low,
                high,
                gap_low,
                gap_high,
                cell.currency.to_string(),
                cell.verdict.name().to_owned(),
                causes.join(" + "),
                why(&cell.parts),
            ]);
            sheet.row(row.collect());
        }
        sheet
    }
}

const fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equal => "equal to the last digit",
        Verdict::WithinBounds => "within the bounds of the price",
        Verdict::Explained => "explained",
        Verdict::Ambiguous => "with several explanations",
        Verdict::Open => "left open",
        Verdict::Unexplained => "unexplained",
        _ => "otherwise",
    }
}

/// `2025-04-09 o1-mini: billed 5.5, computed 5.225, gap 0.275 USD`.
fn cell_line(cell: &Compared) -> String {
    let labels = cell.labels.iter().map(|(_, label)| label.as_str());
    let texts: Vec<&str> =
        labels.chain([cell.line.as_str()]).filter(|text| !text.is_empty()).collect();
    let mut line = if texts.is_empty() { "all usage".to_owned() } else { texts.join(" ") };
    let billed = cell.billed.map_or("nothing".to_owned(), |billed| billed.to_string());
    let computed = cell.computed.map_or("nothing".to_owned(), |computed| {
        let [low, high] = bounds_cells(&computed);
        if high.is_empty() { low } else { format!("{low} to {high}") }
    });
    let gap = gap_text(cell.gap_low, cell.gap_high);
    let _ = write!(line, ": billed {billed}, computed {computed}, gap {gap} {}", cell.currency);
    line
}

/// A gap in one or two cells: `unknown` where what is computed has no upper end.
fn gap_cells(low: Option<Exact>, high: Exact) -> [String; 2] {
    match low {
        Some(low) if low == high => [low.to_string(), String::new()],
        Some(low) => [low.to_string(), high.to_string()],
        None => ["unknown".to_owned(), high.to_string()],
    }
}

/// `87.64`, `87.64 to 95.01`, `up to 118.14`.
fn gap_text(low: Option<Exact>, high: Exact) -> String {
    let [low, high] = gap_cells(low, high);
    match (low.as_str(), high.is_empty()) {
        (_, true) => low,
        ("unknown", false) => format!("up to {high}"),
        (_, false) => format!("{low} to {high}"),
    }
}

fn why(parts: &[GapPart]) -> String {
    let whys: Vec<String> = parts
        .iter()
        .map(|part| match parts.len() {
            1 => part.what.clone(),
            _ => format!("{} {}", part.amount, part.what),
        })
        .collect();
    whys.join("; ")
}
