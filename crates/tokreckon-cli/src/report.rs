//! `tokreckon report`: usage exports, grouped and totalled.

mod budget;
#[cfg(test)]
mod law;
mod meters;
#[cfg(feature = "parquet")]
mod parquet;
mod saved;
mod summary;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::{IsTerminal, stdout};

use anyhow::{Context, Result, bail};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokreckon::document::ReportDocument;
use tokreckon::ledger::{Dimension, NotChargedTally};
use tokreckon::money::{Currency, Exact};
use tokreckon::pipeline::FileTally;
use tokreckon::read::Reject;
use tokreckon::report::{Group, Report};
use tokreckon::usage::Meter;
use tokreckon::words::counted;

pub(crate) use self::summary::{print_headline, print_rest, print_summary};

use self::budget::Standing;
use self::meters::Meters;
use crate::args::{OutputFormat, ReportArgs, ReportFormat, ReportOutputArgs};
use crate::as_if::{self, OtherTerms};
use crate::asked::refuse_assumed;
use crate::context::{book, complain, defaults, layers, now, settings};
use crate::filter::filter;
use crate::input::{self, reject_hint, reject_text};
use crate::kind::refuse_unsent;
use crate::options::in_options;
use crate::people::{People, masked};
use crate::print::{Align, Out, Sheet, bar, clean, cost_cells, grouped, json_document, total_text};
use crate::write::Output;
use crate::{Exit, focus, local, page};

pub(crate) fn run(args: &ReportArgs, out: &mut Out<'_>) -> Result<Exit> {
    if saved::is_asked(args) {
        return saved::run(args, out);
    }
    let written = Written::of(args)?;
    refuse_unsent(&args.input.files)?;
    let (inputs, found) = local::input(&args.input, args.local)?;
    let layers = layers(&args.book)?;
    let (at, tier) = (args.input.at.as_deref(), args.input.service_tier.as_deref());
    let mut settings = settings(&args.grouping.by, &args.grouping.timezone, at, tier, &args.terms)?;
    let (output, page) = (&args.output, &args.output.page);
    settings.defaults = defaults(args.answer.strict)?;
    settings.nothing_cached = args.cached.is_some();
    let filter = filter(&args.filter, &settings.zone)?;
    let asked = settings.by.clone();
    if output.format == ReportFormat::Focus {
        settings.by = focus::dimensions(&settings.by);
    }
    if page.html.is_some() {
        settings.by = page::dimensions(&settings.by);
    }
    if args.budget.is_some() && !settings.by.contains(&Dimension::Day) {
        settings.by.push(Dimension::Day);
    }
    let by_meter = args.grouping.by.iter().any(|name| name == meters::NAME);
    if by_meter && !args.as_if.is_empty() {
        bail!("`--by meter` is about what was used: leave out `--as-if`");
    }
    let book = book(&layers);
    let scenarios = as_if::scenarios(&args.as_if, &book)?;
    if output.format == ReportFormat::Focus && !scenarios.is_empty() {
        bail!("`--format focus` is about what was used: leave out `--as-if`");
    }
    let mut pipeline = input::pipeline(&args.input, &book)?.settings(settings);
    if let Some(filter) = filter {
        pipeline = pipeline.only(filter);
    }
    for scenario in &scenarios {
        pipeline = pipeline.as_if(scenario.terms.clone());
    }
    let run = input::run_with_ids(&inputs, pipeline)?;
    let (ledger, files) = (&run.ledger, &run.files);
    complain_rejects(&run.rejects, files, page.show_people);
    if files.iter().all(|file| file.failure.is_some()) {
        return Ok(Exit::Failed);
    }
    let people = People::of(&run.report, page.show_people);
    if output.format == ReportFormat::Focus {
        let account = output.billing_account.as_deref();
        let naming = focus::Naming {
            zone: &args.grouping.timezone,
            account,
            people,
            raw: page.raw,
            version: output.focus_version,
        };
        focus::print(ledger, &run.report, &naming, out)?;
    }
    let fine = people.shown(run.report)?;
    let regrouped = (fine.by != asked).then(|| fine.regrouped(&asked));
    let regrouped = regrouped.transpose().context("the sums")?;
    let report = regrouped.as_ref().unwrap_or(&fine);
    let others = run.as_if.into_iter().map(|other| {
        let other = people.shown(other)?;
        other.regrouped(&asked).context("the sums")
    });
    let other_terms = OtherTerms { scenarios, reports: others.collect::<Result<_>>()? };
    let meters = by_meter.then(|| Meters::of(ledger, &asked, people)).transpose()?;
    let standing = match args.budget {
        Some(budget) => Standing::of(budget, &fine, today(&ledger.settings().zone)?)?,
        None => None,
    };
    let shown = Shown {
        report,
        other_terms: &other_terms,
        meters: meters.as_ref(),
        budget: standing.as_ref(),
        files,
        #[cfg(feature = "parquet")]
        columns: written.columns.as_ref(),
    };
    shown.print(args, out)?;
    let for_people = output.format.is_for_people();
    let notes = found.iter().map(String::as_str).chain(people.note());
    if for_people && !output.quiet && !args.answer.total {
        for note in notes {
            let _ = writeln!(out, "{note}");
        }
    }
    say_left_out(run.not_asked_for);
    if let Some(html) = &written.html {
        let terms = page::terms::of_report(args);
        let mut parts = page::Parts::of_report(terms, &fine, report, files);
        parts.other_terms = (!other_terms.scenarios.is_empty()).then_some(&other_terms);
        page::write(html, &parts)?;
    }
    let strict = refused(args.answer.strict, report);
    let over = standing.as_ref().is_some_and(Standing::fails);
    let of_budget = if over { Exit::Findings } else { Exit::Fine };
    Ok(exit(report, files).max(other_terms.exit()).max(strict).max(of_budget))
}

/// This day in a zone.
fn today(zone: &TimeZone) -> Result<Option<Date>> {
    Ok(now()?.start.date_in(zone))
}

/// Says how many records `--since`, `--until` and `--where` leave out.
pub(crate) fn say_left_out(records: u64) {
    if records > 0 {
        complain(&format!("{} left out, as asked", counted(records, "record")));
    }
}

/// With `--strict` what is taken for granted by the book is an error as well.
pub(crate) fn refused(strict: bool, report: &Report) -> Exit {
    match refuse_assumed(report.total.assumptions, "") {
        Err(error) if strict => {
            complain(&format!("{error:#}"));
            Exit::Findings
        }
        _ => Exit::Fine,
    }
}

/// Files that are written beside what is printed, announced before anything is read.
struct Written {
    html: Option<Output>,
    /// The file of `--format parquet`.
    #[cfg(feature = "parquet")]
    columns: Option<Output>,
}

impl Written {
    fn of(args: &ReportArgs) -> Result<Self> {
        Ok(Self {
            html: args.output.page.html.as_deref().map(Output::new).transpose()?,
            #[cfg(feature = "parquet")]
            columns: parquet::output(args)?,
        })
    }
}

/// What is printed of a report.
struct Shown<'a> {
    report: &'a Report,
    other_terms: &'a OtherTerms,
    /// Meters of the groups, where they are asked for.
    meters: Option<&'a Meters>,
    budget: Option<&'a Standing>,
    files: &'a [FileTally],
    /// The file of `--format parquet`.
    #[cfg(feature = "parquet")]
    columns: Option<&'a Output>,
}

impl Shown<'_> {
    /// The report in every format but FOCUS, which has lines of its own.
    fn print(&self, args: &ReportArgs, out: &mut Out<'_>) -> Result<()> {
        let (output, report) = (&args.output, self.report);
        if args.answer.total {
            out.push_str(&total_text(&report.sums()));
            return Ok(());
        }
        let for_people = output.format.is_for_people();
        let notes = !output.quiet && for_people;
        if notes {
            print_headline(report, None, args.cached.is_some(), out);
            if let Some(budget) = self.budget {
                budget.print(out);
            }
            out.push('\n');
        }
        match output.format {
            ReportFormat::Focus => return Ok(()),
            ReportFormat::Json => return self.print_json(out),
            #[cfg(feature = "parquet")]
            ReportFormat::Parquet => {
                if let Some(columns) = self.columns {
                    let groups = parquet::write(report, columns)?;
                    let path = output.output.as_deref().filter(|_| notes);
                    if let Some(path) = path.map(std::path::Path::display) {
                        let _ = writeln!(out, "{path}: {}", counted(groups, "row"));
                    }
                }
            }
            _ => self.print_table(output, out)?,
        }
        if notes {
            out.push('\n');
            print_summary(report, self.files, out);
            if args.answer.sources {
                print_sources(report, out);
            }
        }
        Ok(())
    }

    fn print_json(&self, out: &mut Out<'_>) -> Result<()> {
        let document = ReportDocument::written(self.report).with_hints(self.report, &in_options);
        let mut document = document.with_files(self.files);
        document.as_if = self.other_terms.documents(self.report)?;
        document.meters = self.meters.map(Meters::documents);
        document.budget = self.budget.map(Standing::document);
        json_document(&document, out);
        Ok(())
    }

    fn print_table(&self, output: &ReportOutputArgs, out: &mut Out<'_>) -> Result<()> {
        let (report, format, raw) = (self.report, output.format.plain(), output.page.raw);
        if !self.other_terms.scenarios.is_empty() {
            return self.other_terms.print(report, format, raw, out);
        }
        let sheet = if let Some(meters) = self.meters {
            meters.sheet(report).raw(raw)
        } else {
            let sheet = groups_sheet(report, format).raw(raw);
            let has_bars = format == OutputFormat::Table && (output.bars || bars_fit(report));
            if has_bars { sheet.with_column("", bars(report)) } else { sheet }
        };
        sheet.without_empty_columns().print(format, out);
        Ok(())
    }
}

/// True for a calendar on a terminal wide enough.
fn bars_fit(report: &Report) -> bool {
    let [by] = report.by.as_slice() else { return false };
    let wide = || terminal_size::terminal_size().is_some_and(|(width, _)| width.0 >= 100);
    by.is_calendar() && stdout().is_terminal() && wide()
}

/// Bars of the rows of [`groups_sheet`], as long as their costs beside the highest in that currency.
fn bars(report: &Report) -> Vec<String> {
    let mut longest: BTreeMap<Currency, Exact> = BTreeMap::new();
    for (currency, bounds) in report.groups.iter().flat_map(|group| group.costs) {
        let known = longest.entry(currency).or_default();
        *known = bounds.high.max(*known);
    }
    let of_group = |group: Group| {
        let bars = currencies_of(&group).into_iter().map(|currency| {
            let bounds = currency.and_then(|currency| group.costs.get(&currency));
            let longest = currency.and_then(|currency| longest.get(&currency));
            bounds.zip(longest).map_or(String::new(), |(b, longest)| bar(b.low, b.high, *longest))
        });
        bars.collect::<Vec<_>>()
    };
    report.groups.iter().flat_map(of_group).collect()
}

fn complain_rejects(rejects: &[(usize, Reject)], files: &[FileTally], show_people: bool) {
    let mut hinted = BTreeSet::new();
    for (file, reject) in rejects {
        let text = masked(&reject_text(&files[*file].name, reject), show_people);
        // What there is to do about many rows is said with the first of them.
        let is_known = reject_hint(&reject.problem).is_some_and(|hint| !hinted.insert(hint));
        let says =
            text.split_once("\nhint: ").filter(|_| is_known).map_or(&*text, |(says, _)| says);
        complain(says);
    }
    let rejected: u64 = files.iter().map(|file| file.rejected).sum();
    let more = rejected - rejects.len() as u64;
    if more > 0 {
        complain(&format!("{} more rejected rows", grouped(u128::from(more))));
    }
}

pub(crate) fn exit(report: &Report, files: &[FileTally]) -> Exit {
    if files.iter().any(|file| file.failure.is_some()) {
        Exit::Failed
    } else if files.iter().any(FileTally::is_open) || report.total.is_open() {
        Exit::Findings
    } else {
        Exit::Fine
    }
}

/// The table of groups, one row per group and currency, and the total.
pub(crate) fn groups_sheet(report: &Report, format: OutputFormat) -> Sheet<'_> {
    let labels = report.by.iter().map(|dimension| (dimension.name(), Align::Left));
    let total = &report.total;
    let currencies: BTreeSet<Currency> =
        total.costs.keys().chain(total.reported.keys()).copied().collect();
    // One currency goes into the heading: tables are wide enough without its column.
    let only = currencies.first().filter(|_| currencies.len() == 1 && format != OutputFormat::Csv);
    let heading = |name: &str| only.map_or(name.to_owned(), |only| format!("{name} ({only})"));
    let (cost, reported) = (heading("cost"), heading("reported cost"));
    let figures = [
        ("records", Align::Count),
        ("input", Align::Count),
        ("cached", Align::Count),
        ("cache write", Align::Count),
        ("output", Align::Count),
        ("reasoning", Align::Count),
        (cost.as_str(), Align::Amount),
        ("up to", Align::Amount),
        ("currency", Align::Left),
        ("not charged", Align::Count),
        (reported.as_str(), Align::Amount),
    ];
    let mut sheet = Sheet::new(labels.chain(figures)).spare(&[
        "reasoning",
        "cached",
        "records",
        "reported cost",
        "cache write",
    ]);
    let carried = Carried::of(report);
    let mut labels = vec![String::new(); report.by.len()];
    if let Some(first) = labels.first_mut() {
        "total".clone_into(first);
    }
    let totals = group_rows(total, only.is_none(), carried).into_iter();
    let mut totals = totals.map(move |cells| labels.iter().cloned().chain(cells).collect());
    if let Some(total) = totals.next() {
        sheet.total(total);
    }
    let totals: Vec<Vec<String>> = totals.collect();
    let name_currency = only.is_none();
    sheet.made(move |each| {
        for group in &report.groups {
            for cells in group_rows(&group, name_currency, carried) {
                each(group.labels.iter().cloned().chain(cells).collect());
            }
        }
        totals.iter().cloned().for_each(each);
    })
}

/// One row each; one without a currency for a group without costs.
fn currencies_of(group: &Group) -> Vec<Option<Currency>> {
    let currencies: BTreeSet<Currency> =
        group.costs.keys().chain(group.reported.keys()).copied().collect();
    if currencies.is_empty() { vec![None] } else { currencies.into_iter().map(Some).collect() }
}

/// Which parts of the counts carry the bill, and so have columns of their own.
#[derive(Clone, Copy)]
struct Carried {
    cache_write: bool,
    reasoning: bool,
}

/// Tokens written to a cache, for however long.
const CACHE_WRITES: [Meter; 3] = [Meter::CacheWrite, Meter::CacheWrite5m, Meter::CacheWrite1h];

impl Carried {
    /// Those that come to a tenth of the costs, in one currency at least.
    fn of(report: &Report) -> Self {
        let carry = |wanted: &[Meter]| {
            report.total.costs.iter().any(|(currency, all)| {
                let of = |meter: &Meter| report.meters.get(&(*currency, *meter));
                let sums = wanted.iter().filter_map(of).map(|sum| sum.high);
                let sum = sums.map(Ok).reduce(|sum, next| sum?.plus(next?));
                let tenfold = sum.and_then(|sum| sum.and_then(|sum| sum.times_count(10)).ok());
                tenfold.is_some_and(|tenfold| !tenfold.is_zero() && tenfold >= all.high)
            })
        };
        Self { cache_write: carry(&CACHE_WRITES), reasoning: carry(&[Meter::Reasoning]) }
    }
}

fn group_rows(group: &Group, name_currency: bool, carried: Carried) -> Vec<Vec<String>> {
    let currencies = currencies_of(group);
    // Tokens without a charge were used as well.
    let not_charged = |tokens: fn(&NotChargedTally) -> u128| -> u128 {
        group.not_charged.iter().map(tokens).sum()
    };
    let input = group.input_tokens() + not_charged(|tally| tally.input_tokens);
    let cached = group.cached_tokens() + not_charged(|tally| tally.cached_tokens);
    let output = group.output_tokens() + not_charged(|tally| tally.output_tokens);
    let counts = |first: bool, count: u128| {
        if first { count.to_string() } else { String::new() }
    };
    let of = |meters: &[Meter]| meters.iter().map(|&meter| group.counts[meter]).sum();
    let rows = currencies.iter().enumerate().map(|(at, currency)| {
        let first = at == 0;
        let [low, high] = cost_cells(group, *currency);
        let reported = currency.and_then(|currency| group.reported.get(&currency));
        let not_charged = group.records.not_charged;
        vec![
            counts(first, u128::from(group.records.all)),
            counts(first, input),
            counts(first, cached),
            counts(first && carried.cache_write, of(&CACHE_WRITES)),
            counts(first, output),
            counts(first && carried.reasoning, of(&[Meter::Reasoning])),
            low,
            high,
            currency
                .filter(|_| name_currency)
                .map_or(String::new(), |currency| currency.to_string()),
            if first && not_charged > 0 { not_charged.to_string() } else { String::new() },
            reported.map_or(String::new(), Exact::to_string),
        ]
    });
    rows.collect()
}

/// Prices that share a period and a source in one paragraph: it folds on any terminal.
fn print_sources(report: &Report, out: &mut String) {
    let mut paragraphs: BTreeMap<[&str; 7], Vec<String>> = BTreeMap::new();
    for used in &report.provenance {
        let (model, tier, period) = (&used.model, &used.service_tier, &used.period);
        let key = [&used.provider, model, tier, period, &used.standing, &used.seen, &used.source];
        let price = format!("{} {}", used.meter, used.price);
        paragraphs.entry(key.map(String::as_str)).or_default().push(price);
    }
    out.push('\n');
    for ([provider, model, tier, period, standing, seen, source], prices) in paragraphs {
        let prices = prices.join(", ");
        let _ = writeln!(out, "{provider} {model}, {tier}, {period}: {prices}");
        let _ = writeln!(out, "  {standing}, seen {seen}: {}", clean(source));
    }
}
