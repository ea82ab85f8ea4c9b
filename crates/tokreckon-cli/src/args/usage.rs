//! What may be said about usage that happened: price, compare, report, audit.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Args as ClapArgs, Command};
use tokreckon::audit::Baseline;
use tokreckon::charge::Shape;
use tokreckon::ledger::Dimension;
use tokreckon::read::Format as ReadFormat;

use super::budget::budget;
use super::number::tokens;
use super::{
    AnswerArgs, BillArgs, BookArgs, Budget, FilterArgs, OutputArgs, PageArgs, ReportOutputArgs,
    service_tiers,
};
use crate::given::AllGiven;

#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Files")]
pub(crate) struct InputArgs {
    /// Files or folders to read, also `.gz` and `.zst`; `-` or none for standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read the files in folders, too: done anyway
    #[arg(long, hide = true)]
    pub(crate) recursive: bool,
    /// Count every row, also copies of requests and overlapping exports
    #[arg(long, hide_short_help = true)]
    pub(crate) no_dedup: bool,
    /// Memory for finding copies
    ///
    /// In several files copies take about 21 MB a million records (26 where ids are unique); with more
    /// of them, files are read several times. An audit takes as much for request ids, 20 MB a million;
    /// more of them go to a temporary file. Groups take about 0.6 MB a thousand; more than fit into this,
    /// or into 16 MB, are refused.
    #[arg(long, value_name = "MEGABYTES", default_value_t = 512, hide_short_help = true)]
    pub(crate) memory: usize,
    /// Format of the files, or a file that describes it
    ///
    /// Instead of recognising it: one of ours, or a format of your own such as `my-format.toml`.
    #[arg(long = "from", hide_short_help = true, value_name = "FORMAT", value_parser = read_formats())]
    pub(crate) from: Option<String>,
    /// Who sends the bill, for files that do not say
    #[arg(short, long)]
    pub(crate) provider: Option<String>,
    /// Columns of a CSV: `model=engine,input=tok_in`
    #[arg(long, value_name = "FIELD=COLUMN,…", conflicts_with = "map_file")]
    pub(crate) map: Option<String>,
    /// File with the same, one pair a line
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) map_file: Option<PathBuf>,
    /// Service tier, where a file leaves it open
    #[arg(long, value_name = "TIER", value_parser = service_tiers(), hide_short_help = true)]
    pub(crate) service_tier: Option<String>,
    /// When undated usage happened; now when not given
    ///
    /// A day or an instant: `2025-04-09` or `2025-04-09T08:10:26Z`.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// What paths among the files stand for that are none.
    #[arg(skip)]
    pub(crate) given: AllGiven,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Terms")]
pub(crate) struct TermsArgs {
    /// Multiply costs: `0.8`, `openai=0.8` or `openai/o1-mini=1.05`; may be repeated
    #[arg(long = "factor", value_name = "[PROVIDER[/MODEL]=]FACTOR", hide_short_help = true)]
    pub(crate) factors: Vec<String>,
    /// Convert a currency with your own rate: `CNY=0.139USD`, from a day on `CNY=0.139USD@2026-01-01`
    #[arg(long = "rate", value_name = "FROM=RATETO[@DAY]", hide_short_help = true)]
    pub(crate) rates: Vec<String>,
    /// Round as the seller does: `line`, `day` or `invoice`, places, mode: `line:2:half-up`
    #[arg(long, value_name = "SCOPE:PLACES:MODE", hide_short_help = true)]
    pub(crate) round: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Usage")]
pub(crate) struct CountArgs {
    /// Input tokens, cached ones in them: `1,000`, `1k`
    #[arg(short, long, alias = "in", value_name = "TOKENS", value_parser = tokens)]
    pub(crate) input: Option<u64>,
    /// Cached input tokens; none when not given
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) cached: Option<u64>,
    /// Tokens written to a cache, inside of the input
    #[arg(long, value_name = "TOKENS", value_parser = tokens, hide_short_help = true)]
    pub(crate) cache_write: Option<u64>,
    /// Output tokens, reasoning included
    #[arg(short, long, alias = "out", value_name = "TOKENS", value_parser = tokens)]
    pub(crate) output: Option<u64>,
    /// Reasoning tokens, inside of the output
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) reasoning: Option<u64>,
    /// How many requests the tokens are of, where each has a fee or a length of its own
    #[arg(long, value_name = "REQUESTS", value_parser = tokens, hide_short_help = true)]
    pub(crate) requests: Option<u64>,
}

impl CountArgs {
    /// Of how many requests the tokens are, where that was said.
    pub(crate) fn shape(&self) -> Option<Shape> {
        self.requests.map(|requests| Shape::Sum { requests: Some(requests) })
    }
}

#[derive(Debug, ClapArgs)]
#[command(mut_arg("files", |files| files
    .value_name("FILE|MODEL [IN] [OUT]")
    .help("Files or folders to price, `-` for standard input; or a model, alone or with tokens in and out")
    .help_heading("What")))]
pub(crate) struct PriceArgs {
    /// Price as this model instead of the one in the file
    #[arg(short, long, help_heading = "Usage")]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) counts: CountArgs,
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Region or other variant such as `geo=us`
    #[arg(long, help_heading = "Terms", hide_short_help = true)]
    pub(crate) variant: Option<String>,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Says no where records are grouped or chosen by several labels: a record has one.
pub(super) fn one_label(by: &[String], wanted: &[String]) -> Result<(), String> {
    let asked = by.iter().chain(wanted).filter_map(|text| text.strip_prefix("label:"));
    let mut names = asked.map(|text| text.split('=').next().unwrap_or(text));
    let Some(first) = names.next() else { return Ok(()) };
    match names.find(|name| *name != first) {
        Some(other) => Err(format!("one label at a time: `{first}` or `{other}`")),
        None => Ok(()),
    }
}

impl PriceArgs {
    /// True when nothing was named but what standard input holds.
    pub(super) fn reads_standard_input(&self) -> bool {
        let counts = &self.counts;
        self.input.files.is_empty() && counts.input.is_none() && counts.output.is_none()
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompareArgs {
    /// Models, each with or without its date; tokens in and out may follow
    #[arg(
        value_name = "MODEL [IN] [OUT]",
        required_unless_present = "model",
        help_heading = "What"
    )]
    pub(crate) words: Vec<String>,
    /// The same, for one model; may be repeated
    #[arg(short, long, help_heading = "What")]
    pub(crate) model: Vec<String>,
    #[command(flatten)]
    pub(crate) counts: CountArgs,
    /// When: a day `2025-04-09` or an instant; today when not given
    #[arg(long, value_name = "TIME", help_heading = "Terms")]
    pub(crate) at: Option<String>,
    /// Service tier; standard when not given
    #[arg(long, value_name = "TIER", value_parser = service_tiers(), help_heading = "Terms")]
    pub(crate) service_tier: Option<String>,
    /// Only this seller; may be repeated
    #[arg(short, long, help_heading = "Terms")]
    pub(crate) provider: Vec<String>,
    /// Compare other currencies by your own rate: `CNY=0.139USD`; may be repeated
    #[arg(
        long = "rate",
        value_name = "FROM=RATETO[@DAY]",
        help_heading = "Terms",
        hide_short_help = true
    )]
    pub(crate) rates: Vec<String>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Grouping")]
pub(crate) struct GroupingArgs {
    /// Group by: model, day, month, project, user, …
    ///
    /// In this order; several with commas between. `provider,model` when not given, and `day` for
    /// `--local`.
    #[arg(short, long, value_delimiter = ',', value_parser = dimensions())]
    pub(crate) by: Vec<String>,
    /// Zone of days, weeks and months, such as `Europe/Berlin`
    #[arg(long, value_name = "ZONE", default_value = "UTC", hide_short_help = true)]
    pub(crate) timezone: String,
}

impl GroupingArgs {
    /// Groups by what is usual where nothing was said.
    pub(super) fn settle(&mut self, local: bool) {
        if self.by.is_empty() {
            let usual = if local { &["day"][..] } else { &["provider", "model"] };
            self.by = usual.iter().map(|name| (*name).to_owned()).collect();
        }
    }
}

fn cells_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_cells = path.extension().is_some_and(|ending| ending == "cells");
    is_cells.then_some(path).ok_or_else(|| "a saved ledger is called `….cells`".to_owned())
}

#[derive(Debug, ClapArgs)]
#[command(mut_args(less))]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Read the logs of agents on this machine
    ///
    /// Of Claude Code, Codex, Gemini CLI, Qwen Code, Kimi CLI, Copilot CLI, opencode, pi, and Cline and
    /// its kin, in their usual places, or where `CLAUDE_CONFIG_DIR`, `CODEX_HOME`, `GEMINI_CLI_HOME`,
    /// `QWEN_HOME`, `KIMI_SHARE_DIR`, `COPILOT_HOME`, `PI_CODING_AGENT_DIR` and the XDG directories say.
    #[arg(short, long, help_heading = "Files")]
    pub(crate) local: bool,
    /// Nothing was cached where a file does not say: `--cached 0`
    #[arg(long, value_name = "0", value_parser = ["0"], help_heading = "Files", hide_short_help = true)]
    pub(crate) cached: Option<String>,
    #[command(flatten)]
    pub(crate) grouping: GroupingArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// A budget: exit code 1 when exceeded, also at this rate
    ///
    /// `month=100USD`, or for a `day`, `week` or `year`: of the one that holds the last day of usage. What
    /// was spent of it, and what the days that are left add when they are like the last four weeks, as a
    /// range that holds nine times of ten; days that cost three times the usual are named. The exit code is
    /// 1 when the budget is exceeded, or the whole range is beyond it.
    #[arg(long, value_name = "PERIOD=AMOUNT", value_parser = budget, help_heading = "Terms")]
    pub(crate) budget: Option<Budget>,
    /// The same usage otherwise: `service-tier=batch`
    ///
    /// Under other terms, side by side: `provider`, `model`, `service-tier`, `variant` and `at`; may be
    /// repeated, such as `--as-if service-tier=batch,at=2025-02-01`.
    #[arg(long = "as-if", value_name = "TERM=VALUE,…", help_heading = "Terms")]
    pub(crate) as_if: Vec<String>,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    /// Keep what was read: `--save may.cells`
    ///
    /// A saved ledger holds the counts of every source by names, day and rate card, without the files:
    /// `tokreckon report *.cells` adds months and machines up. The same file in several of them counts once.
    #[arg(long, value_name = "FILE.cells", value_parser = cells_file, help_heading = "Files")]
    pub(crate) save: Option<PathBuf>,
    /// Price saved ledgers by this book, not by the one of their time
    #[arg(hide_short_help = true, long, help_heading = "Terms")]
    pub(crate) reprice: bool,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
    #[command(flatten)]
    pub(crate) output: ReportOutputArgs,
}

#[derive(Debug, ClapArgs)]
#[command(mut_args(less), mut_arg("total", |total| total.hide_short_help(true)))]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Read the logs of agents on this machine
    ///
    /// As `report --local` does.
    #[arg(short, long, help_heading = "Files")]
    pub(crate) local: bool,
    /// Nothing was cached where a file does not say: `--cached 0`
    #[arg(long, value_name = "0", value_parser = ["0"], help_heading = "Files", hide_short_help = true)]
    pub(crate) cached: Option<String>,
    #[command(flatten)]
    pub(crate) bill: BillArgs,
    /// What time it is, for usage in the future: `2025-04-09`; the clock when not given
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub(crate) now: Option<String>,
    /// Explain a finding's code, or list them
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "")]
    pub(crate) explain: Option<String>,
    /// Usage of the past to compare with
    ///
    /// Read like FILE; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Vec<PathBuf>,
    /// What is compared only with its like, besides provider and model
    #[arg(long, hide_short_help = true, value_name = "LABEL", value_delimiter = ',', value_parser = baseline_dimensions(), default_value = "project", requires = "baseline")]
    pub(crate) baseline_by: Vec<String>,
    #[command(flatten)]
    pub(crate) grouping: GroupingArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// Leaves more to `--help` where a command has many options.
fn less(arg: Arg) -> Arg {
    let is_more = ["at", "prices", "timezone"].iter().any(|id| arg.get_id() == *id);
    if is_more { arg.hide_short_help(true) } else { arg }
}

/// What a report is grouped by: dimensions, meters, and labels of any name.
fn dimensions() -> NameOr {
    let names = Dimension::ALL.iter().map(|dimension| dimension.name());
    NameOr {
        names: PossibleValuesParser::new(names.chain(["meter", "label:NAME"])),
        other: |name| name.strip_prefix("label:").is_some_and(|name| !name.is_empty()),
    }
}

fn baseline_dimensions() -> PossibleValuesParser {
    PossibleValuesParser::new(Baseline::DIMENSIONS.map(Dimension::name))
}

pub(super) fn read_formats() -> NameOr {
    NameOr {
        names: PossibleValuesParser::new(ReadFormat::ALL.map(ReadFormat::name)),
        other: is_format_file,
    }
}

/// Takes one of several names, or another text that says what it is: `label:team`, `my-format.toml`.
#[derive(Clone)]
pub(super) struct NameOr {
    names: PossibleValuesParser,
    other: fn(&str) -> bool,
}

impl TypedValueParser for NameOr {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        match value.to_str() {
            Some(text) if (self.other)(text) => Ok(text.to_owned()),
            _ => self.names.parse_ref(command, arg, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.names.possible_values()
    }
}

/// True for the file of a format, which its ending tells from a name.
pub(crate) fn is_format_file(from: &str) -> bool {
    let ending = std::path::Path::new(from).extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}
