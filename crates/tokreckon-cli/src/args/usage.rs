//! What may be said about usage that happened: price, compare, report, audit.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use clap::builder::PossibleValuesParser;
use tokreckon::audit::Baseline;
use tokreckon::ledger::Dimension;
use tokreckon::read::Format as ReadFormat;

use super::number::tokens;
use super::{BillArgs, BookArgs, OutputArgs, PageArgs, ReportOutputArgs, service_tiers};

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct InputArgs {
    /// Files to read, also `.gz` and `.zst`; `-` or none for standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Read the files in directories, too
    #[arg(long)]
    pub(crate) recursive: bool,
    /// Count every row, also copies of requests and overlapping exports
    #[arg(long)]
    pub(crate) no_dedup: bool,
    /// Memory for finding copies in several files, about 21 MB a million records (26 where ids are
    /// unique); with more of them, files are read several times. An audit takes as much for request
    /// ids, 20 MB a million; more of them go to a temporary file
    #[arg(long, value_name = "MEGABYTES", default_value_t = 512)]
    pub(crate) memory: usize,
    /// Format of the files, instead of recognising it
    #[arg(long = "from", value_name = "FORMAT", value_parser = read_formats())]
    pub(crate) from: Option<String>,
    /// Who sends the bill, for files that do not say
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Columns of a plain CSV, such as `model=model_name,input=prompt_tokens`
    #[arg(long, value_name = "FIELD=COLUMN,…", conflicts_with = "map_file")]
    pub(crate) map: Option<String>,
    /// File with the same, one pair a line
    #[arg(long, value_name = "FILE")]
    pub(crate) map_file: Option<PathBuf>,
    /// Service tier, where a file leaves it open
    #[arg(long, value_name = "TIER", value_parser = service_tiers())]
    pub(crate) service_tier: Option<String>,
    /// When undated usage happened: `2025-04-09` or `2025-04-09T08:10:26Z`
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TermsArgs {
    /// Multiply costs: `0.8`, `openai=0.8` or `openai/o1-mini=1.05`; may be repeated
    #[arg(long = "factor", value_name = "[PROVIDER[/MODEL]=]FACTOR")]
    pub(crate) factors: Vec<String>,
    /// Convert a currency with your own rate: `CNY=0.139USD`, from a day on `CNY=0.139USD@2026-01-01`
    #[arg(long = "rate", value_name = "FROM=RATETO[@DAY]")]
    pub(crate) rates: Vec<String>,
    /// Round as the seller does: `line`, `day` or `invoice`, places, mode: `line:2:half-up`
    #[arg(long, value_name = "SCOPE:PLACES:MODE")]
    pub(crate) round: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CountArgs {
    /// Input tokens, cached ones included
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) input: Option<u64>,
    /// Cached input tokens; not given means not known
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) cached: Option<u64>,
    /// Tokens written to a cache, inside of the input
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) cache_write: Option<u64>,
    /// Output tokens, reasoning included
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) output: Option<u64>,
    /// Reasoning tokens, inside of the output
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) reasoning: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PriceArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Price as this model instead of the one in the file
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Region or other variant such as `geo=us`
    #[arg(long)]
    pub(crate) variant: Option<String>,
    #[command(flatten)]
    pub(crate) counts: CountArgs,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompareArgs {
    /// Model id, with or without its date
    #[arg(long)]
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) counts: CountArgs,
    /// When: `2025-04-09` or `2025-04-09T08:10:26Z`; today when not given
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Service tier
    #[arg(long, value_name = "TIER", value_parser = service_tiers(), default_value = "standard")]
    pub(crate) service_tier: String,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GroupingArgs {
    /// What to group the costs by, in order
    #[arg(long, value_delimiter = ',', value_parser = dimensions(), default_value = "provider,model")]
    pub(crate) by: Vec<String>,
    /// Zone of days, weeks and months, such as `Europe/Berlin`
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) grouping: GroupingArgs,
    /// List every price used, with its source
    #[arg(long)]
    pub(crate) sources: bool,
    /// The same usage under other terms, side by side: `provider`, `model`, `service-tier`,
    /// `variant` and `at`; may be repeated, such as `--as-if service-tier=batch,at=2025-02-01`
    #[arg(long = "as-if", value_name = "TERM=VALUE,…")]
    pub(crate) as_if: Vec<String>,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: ReportOutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) bill: BillArgs,
    /// What time it is, for usage in the future: `2025-04-09`; the clock when not given
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// Explain a finding's code and do nothing else
    #[arg(long, value_name = "CODE")]
    pub(crate) explain: Option<String>,
    /// Usage of the past to compare with, read like FILE; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Vec<PathBuf>,
    /// What is compared only with its like, besides provider and model
    #[arg(long, value_name = "LABEL", value_delimiter = ',', value_parser = baseline_dimensions(), default_value = "project", requires = "baseline")]
    pub(crate) baseline_by: Vec<String>,
    #[command(flatten)]
    pub(crate) grouping: GroupingArgs,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

fn dimensions() -> PossibleValuesParser {
    PossibleValuesParser::new(Dimension::ALL.map(Dimension::name))
}

fn baseline_dimensions() -> PossibleValuesParser {
    PossibleValuesParser::new(Baseline::DIMENSIONS.map(Dimension::name))
}

pub(super) fn read_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(ReadFormat::ALL.map(ReadFormat::name))
}
