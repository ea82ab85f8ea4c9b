//! What may be said on the command line. No work is done here.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use toktab::ledger::Dimension;
use toktab::price::ServiceTier;
use toktab::read::Format as ReadFormat;

/// Keeps the tab on LLM tokens: counts them, prices usage exactly, reports where the money went, audits it.
#[derive(Debug, Parser)]
#[command(name = "toktab", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str =
    "Exit codes: 0 all accounted for; 1 findings or rejected rows; 2 could not do the work.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Count the tokens of texts, whole requests or batch files
    #[command(after_help = COUNT_EXAMPLES)]
    Count(CountTokensArgs),
    /// What requests will cost, before sending them: p50, p90, p99 and the hard cap
    #[command(after_help = ESTIMATE_EXAMPLES)]
    Estimate(EstimateArgs),
    /// Learn from own logs what requests need, for `estimate --history`
    #[command(after_help = CALIBRATE_EXAMPLES)]
    Calibrate(CalibrateArgs),
    /// Price usage: line items, total, card and source
    #[command(after_help = PRICE_EXAMPLES)]
    Price(PriceArgs),
    /// The same usage at every provider that sells the model
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArgs),
    /// Where did the money go: usage exports, grouped and totalled
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// What is unpriced, impossible or inconsistent in usage exports
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// What is known about models: limits, features, dates, rate limits, what pages say
    #[command(after_help = MODELS_EXAMPLES)]
    Models(ModelsArgs),
    /// The price book
    #[command(subcommand)]
    Prices(PricesCommand),
}

const COUNT_EXAMPLES: &str = "Examples:
  toktab count README.md src/*.rs --model gpt-5
  toktab count request.json
  toktab count batch.jsonl";
const ESTIMATE_EXAMPLES: &str = "Examples:
  toktab estimate --model o1-mini --file prompt.md
  toktab estimate request.json --compare
  toktab estimate batch.jsonl --budget 25.00 --confidence 0.95
  toktab estimate batch.jsonl --rate-limit-tier 2";
const CALIBRATE_EXAMPLES: &str = "Example:
  toktab calibrate responses/*.jsonl --out my-history.toml
  toktab estimate request.json --history my-history.toml";
const PRICE_EXAMPLES: &str = "Examples:
  toktab price --provider openai --model o1-mini --at 2025-04-09 response.json
  toktab price --provider openai --model o1-mini --at 2024-10-27 --input 1000000 --cached 500000 --output 1000000";
const COMPARE_EXAMPLES: &str = "Example:
  toktab compare --model o1-mini --input 57 --cached 0 --output 86";
const REPORT_EXAMPLES: &str = "Examples:
  toktab report usage-2025-10.csv usage-2025-11.csv --by model,day
  toktab report requests.csv --provider openai --map model=model_name,input=in,output=out,time=ts";
const AUDIT_EXAMPLES: &str = "Example:
  toktab audit usage-2025-10.csv";
const MODELS_EXAMPLES: &str = "Examples:
  toktab models openai o1-mini
  toktab models replicate";

#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// The rate cards of a model, with their periods and sources
    Show(ShowArgs),
    /// Explain every mistake in a price file
    Check(CheckArgs),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Table,
    /// For machines: every digit as a string, with a schema version
    Json,
    /// For spreadsheets
    Csv,
    /// Markdown, for issues
    Md,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CountAs {
    /// Plain text
    Text,
    /// The JSON body of a request
    Request,
    /// A batch file: one request a line
    Batch,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CountTokensArgs {
    /// Files to count; `-` or none for standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Model: decides the encoding of texts, and stands in where a request names none
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Encoding of texts, such as `o200k_base`
    #[arg(long, conflicts_with = "model")]
    pub(crate) encoding: Option<String>,
    /// Who serves the model, where that changes the count: `aws_bedrock`
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// What to group the requests of a batch file by
    #[arg(long, value_parser = ["model"], default_value = "model")]
    pub(crate) by: String,
    /// What the files are, instead of recognising it
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub(crate) kind: Option<CountAs>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BookArgs {
    /// Price file that adds to the built-in book or overrides it; may be repeated
    #[arg(long = "prices", value_name = "FILE")]
    pub(crate) prices: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OutputArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) format: OutputFormat,
}

fn service_tiers() -> PossibleValuesParser {
    PossibleValuesParser::new(ServiceTier::ALL.iter().map(|tier| tier.as_str()))
}

fn dimensions() -> PossibleValuesParser {
    PossibleValuesParser::new(Dimension::ALL.map(Dimension::name))
}

fn read_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(ReadFormat::ALL.map(ReadFormat::name))
}

#[derive(Debug, ClapArgs)]
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
    #[arg(long, value_name = "TOKENS")]
    pub(crate) input: Option<u64>,
    /// Cached input tokens; not given means not known
    #[arg(long, value_name = "TOKENS")]
    pub(crate) cached: Option<u64>,
    /// Tokens written to a cache, inside of the input
    #[arg(long, value_name = "TOKENS")]
    pub(crate) cache_write: Option<u64>,
    /// Output tokens, reasoning included
    #[arg(long, value_name = "TOKENS")]
    pub(crate) output: Option<u64>,
    /// Reasoning tokens, inside of the output
    #[arg(long, value_name = "TOKENS")]
    pub(crate) reasoning: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EstimateArgs {
    /// A request (`.json`) or a batch file (`.jsonl`); `-` for a request on standard input
    #[arg(value_name = "FILE", required_unless_present = "prompt")]
    pub(crate) file: Option<PathBuf>,
    /// A text to send as one user message, instead of a request
    #[arg(long = "file", value_name = "TEXT", conflicts_with = "file", requires = "model")]
    pub(crate) prompt: Option<PathBuf>,
    /// Model, instead of the one that the request names
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Who sends the bill; `openai` for its own models
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Effort, instead of the one in the request; `none` for no reasoning
    #[arg(long)]
    pub(crate) effort: Option<String>,
    /// Your name for this kind of request, instead of `metadata.label`
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// When: `2025-04-09` or `2025-04-09T08:10:26Z`; now when not given
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Visible tokens of one answer, as your assumption
    #[arg(long, value_name = "TOKENS")]
    pub(crate) visible: Option<u64>,
    /// What of each prompt is read from a cache: tokens, or a fraction such as `0.5`
    #[arg(long, value_name = "TOKENS|FRACTION")]
    pub(crate) cached_prefix: Option<String>,
    /// Service tier: `batch` for batch files, else `standard`
    #[arg(long, value_name = "TIER", value_parser = service_tiers())]
    pub(crate) service_tier: Option<String>,
    /// Own requests, as `calibrate` writes them; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Vec<PathBuf>,
    /// The same request at every provider that sells the model, cheapest first
    #[arg(long)]
    pub(crate) compare: bool,
    /// Exit with 1 when the cost would exceed this, in the currency of the price
    #[arg(long, value_name = "AMOUNT", conflicts_with = "compare")]
    pub(crate) budget: Option<String>,
    /// How sure the budget must hold: `0.5`, `0.9`, `0.95`, `0.99`, or `1` for the hard cap
    #[arg(long, value_parser = ["0.5", "0.9", "0.95", "0.99", "1"], default_value = "0.95")]
    pub(crate) confidence: String,
    /// How long sending takes in this rate limit tier, such as `2`
    #[arg(long, value_name = "TIER", conflicts_with = "compare")]
    pub(crate) rate_limit_tier: Option<String>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Effort of these requests
    #[arg(long)]
    pub(crate) effort: Option<String>,
    /// Your name for this kind of request
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// History to add to; may be the one that `--out` writes
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Vec<PathBuf>,
    /// File to write; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
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
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// What to group by, in order
    #[arg(long, value_delimiter = ',', value_parser = dimensions(), default_value = "provider,model")]
    pub(crate) by: Vec<String>,
    /// Zone of days, weeks and months, such as `Europe/Berlin`
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: String,
    /// List every price used, with its source
    #[arg(long)]
    pub(crate) sources: bool,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Explain a finding's code and do nothing else
    #[arg(long, value_name = "CODE")]
    pub(crate) explain: Option<String>,
    /// What to group the costs by, in order
    #[arg(long, value_delimiter = ',', value_parser = dimensions(), default_value = "provider,model")]
    pub(crate) by: Vec<String>,
    /// Zone of days, weeks and months, such as `Europe/Berlin`
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) timezone: String,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelsArgs {
    /// Who sells it
    pub(crate) provider: Option<String>,
    /// Model id; all models of the provider when not given
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// Who sends the bill
    pub(crate) provider: String,
    /// Model id
    pub(crate) model: String,
    /// Every period, not only what holds now
    #[arg(long)]
    pub(crate) history: bool,
    /// What held then instead of today
    #[arg(long, value_name = "TIME", conflicts_with = "history")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// Price files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}
