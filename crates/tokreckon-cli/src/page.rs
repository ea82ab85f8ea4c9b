//! One page for people: an HTML file that needs nothing else, made of the same sums as every other output.

mod charts;
mod checks;
mod money;
mod table;
pub(crate) mod terms;

use anyhow::{Context, Result};
use askama::Template;
use tokreckon::audit::{Audit, Statistics};
use tokreckon::ledger::Dimension;
use tokreckon::pipeline::FileTally;
use tokreckon::report::Report;
use tokreckon_data::{BOOK_DAY, BOOK_HASH};

use self::charts::Chart;
use self::checks::Check;
use self::money::{Share, Tile};
use self::table::Table;
use crate::args::OutputFormat;
use crate::as_if::OtherTerms;
use crate::audit::{baseline, chance};
use crate::bill::Billed;
use crate::input::file_text;
use crate::print::{Align, Sheet, harmless};
use crate::write::Output;

/// What a page is made of.
pub(crate) struct Parts<'a> {
    /// `Audit` or `Report`.
    pub(crate) what: &'static str,
    /// What was asked for, by name.
    pub(crate) terms: Vec<(&'static str, String)>,
    /// Grouped by the dimensions of [`dimensions`].
    pub(crate) fine: &'a Report,
    /// Grouped as asked.
    pub(crate) asked: &'a Report,
    pub(crate) files: &'a [FileTally],
    pub(crate) audit: Option<&'a Audit>,
    pub(crate) billed: Option<&'a Billed>,
    /// Files of the baseline.
    pub(crate) past: &'a [FileTally],
    /// The same usage under other terms.
    pub(crate) other_terms: Option<&'a OtherTerms>,
}

impl<'a> Parts<'a> {
    /// What every page has.
    pub(crate) const fn of_report(
        terms: Vec<(&'static str, String)>,
        fine: &'a Report,
        asked: &'a Report,
        files: &'a [FileTally],
    ) -> Self {
        let (audit, billed, other_terms) = (None, None, None);
        Self { what: "Report", terms, fine, asked, files, audit, billed, past: &[], other_terms }
    }
}

/// Usage against its bill.
struct Bill {
    left_out: Option<String>,
    verdicts: String,
    sums: Table,
    comparisons: Table,
}

/// Usage under other terms.
struct AsIf {
    sums: Table,
    /// What holds for each of them, under its heading.
    facts: Vec<(String, Vec<String>)>,
}

/// Usage against that of an earlier time.
struct Past {
    facts: Vec<String>,
    groups: Table,
}

/// The dimensions a page needs, with those asked for.
pub(crate) fn dimensions(asked: &[Dimension]) -> Vec<Dimension> {
    let needed = [Dimension::Provider, Dimension::Model, Dimension::Day];
    let more = asked.iter().filter(|dimension| !needed.contains(dimension));
    needed.iter().chain(more).copied().collect()
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    what: &'static str,
    /// First and last day; empty where nothing is dated.
    period: String,
    files_named: String,
    version: &'static str,
    book: String,
    book_day: String,
    terms: Vec<(&'static str, String)>,
    tiles: Vec<Tile>,
    records: Table,
    open_points: Vec<(String, Option<String>)>,
    over_time: Vec<Chart>,
    days: Table,
    by_model: Vec<Chart>,
    models: Table,
    groups: Option<Table>,
    as_if: Option<AsIf>,
    shares: Vec<Share>,
    bill: Option<Bill>,
    past: Option<Past>,
    by_chance: Vec<String>,
    checks: Option<Vec<Check>>,
    not_checked: Option<Table>,
    files: Table,
    notes: Vec<String>,
    prices: Table,
}

/// Writes the page, without what could reorder it. There is no file until it is whole.
pub(crate) fn write(output: &Output, parts: &Parts<'_>) -> Result<()> {
    let text = Page::new(parts)?.render().context("the page")?;
    output.write(&harmless(&text, false))
}

impl Page {
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn code(&self, text: &str) -> String {
        table::code(text)
    }

    fn new(parts: &Parts<'_>) -> Result<Self> {
        let (fine, total) = (parts.fine, &parts.fine.total);
        let by_model =
            fine.regrouped(&[Dimension::Provider, Dimension::Model]).context("the sums")?;
        let by_day = charts::over_time(fine).context("the sums")?;
        let asked_already = [&by_model.by, &by_day.report.by].contains(&&parts.asked.by);
        let base = |name: &'_ str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
        let names: Vec<String> = parts.files.iter().map(|file| base(&file.name)).collect();
        Ok(Self {
            what: parts.what,
            period: match fine.days {
                Some((first, last)) if first == last => first.to_string(),
                Some((first, last)) => format!("{first} to {last}"),
                None => String::new(),
            },
            files_named: match names.as_slice() {
                [first, rest @ ..] if rest.len() > 2 => {
                    format!("{first} and {} more files", rest.len())
                }
                names => names.join(", "),
            },
            version: env!("CARGO_PKG_VERSION"),
            book: format!("{BOOK_HASH:016x}"),
            book_day: tokreckon::time::day_text(BOOK_DAY.into()),
            terms: parts.terms.clone(),
            tiles: parts
                .billed
                .map_or(Vec::new(), bill_tiles)
                .into_iter()
                .chain(money::tiles(total))
                .collect(),
            records: money::records(total),
            open_points: money::open_points(fine),
            over_time: by_day.charts,
            days: table::groups("days", &by_day.report),
            by_model: charts::by_model(&by_model),
            models: table::groups("models", &by_model),
            groups: (!asked_already).then(|| table::groups("groups", parts.asked)),
            as_if: parts.other_terms.map(|terms| as_if(terms, parts.asked)).transpose()?,
            shares: money::shares(&by_model),
            bill: parts.billed.map(bill),
            past: parts.audit.and_then(|audit| Some(past(audit.statistics.as_ref()?, parts.past))),
            by_chance: parts.audit.map_or(Vec::new(), chance::texts),
            checks: parts.audit.map(|audit| checks::checks(audit, parts.files)),
            not_checked: parts.audit.map(not_checked),
            files: table::files(parts.files),
            notes: parts.files.iter().map(|file| file_text(file, parts.files)).collect(),
            prices: prices(fine),
        })
    }
}

/// The answer about the bill, before what the usage costs.
fn bill_tiles(billed: &Billed) -> Vec<Tile> {
    let tiles = billed.result.billed();
    tiles
        .map(|(currency, sums)| {
            money::billed(currency, sums.billed, billed.result.standing(currency))
        })
        .collect()
}

fn bill(billed: &Billed) -> Bill {
    let comparisons = Table::of("comparisons", "Every comparison", billed.sheet());
    let sums = Table::of("bill", "Usage against the bill", billed.sums_sheet());
    Bill { verdicts: billed.verdicts(), left_out: billed.result.left_out(), sums, comparisons }
}

fn as_if(terms: &OtherTerms, report: &Report) -> Result<AsIf> {
    let sheet = terms.sheet(report, OutputFormat::Csv)?;
    Ok(AsIf { sums: Table::of("as-if", "Side by side", sheet), facts: terms.facts(report)? })
}

fn past(statistics: &Statistics, files: &[FileTally]) -> Past {
    let mut facts: Vec<String> = files.iter().map(|file| file_text(file, files)).collect();
    facts.extend(baseline::facts(statistics));
    let groups = Table::of("past", "Usage against the baseline", baseline::sheet(statistics));
    Past { facts, groups }
}

fn not_checked(audit: &Audit) -> Table {
    let mut sheet = Sheet::new([("what", Align::Left), ("records", Align::Count)]);
    for (what, records) in &audit.not_checked {
        sheet.row(vec![what.clone(), records.to_string()]);
    }
    Table::of("not-checked", "What was not checked", sheet)
}

fn prices(report: &Report) -> Table {
    let columns = [
        "provider",
        "model",
        "meter",
        "price",
        "tier",
        "period",
        "standing",
        "seen",
        "source",
        "also seen",
    ];
    let mut sheet = Sheet::new(columns.map(|name| (name, Align::Left)));
    for used in &report.provenance {
        sheet.row(vec![
            used.provider.clone(),
            used.model.clone(),
            used.meter.to_string(),
            used.price.clone(),
            used.service_tier.clone(),
            used.period.clone(),
            used.standing.clone(),
            used.seen.clone(),
            used.source.clone(),
            used.also_seen.clone(),
        ]);
    }
    Table::of("prices", "Every price used", sheet)
}
