//! What may be said about the book: models, prices.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args as ClapArgs, Subcommand};
use tokreckon::differences::DifferenceOutcome;
use tokreckon::import::Source;
use tokreckon::sql::Dialect;

use super::{BookArgs, OutputArgs, OutputFormat};

#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// Who is in the book, and unit prices of the models that some words name
    #[command(
        after_help = "Examples:\n  tokreckon prices list\n  tokreckon prices list openai\n  tokreckon prices list sonnet 4-5 --format csv\n  tokreckon prices list --all --at 2025-06-01 --format csv"
    )]
    List(ListArgs),
    /// Unit prices of a model at every seller; with a seller its rate card, periods and sources
    #[command(
        after_help = "`tokreckon prices MODEL` is the same.\n\nExamples:\n  tokreckon prices show gpt-4o\n  tokreckon prices show gpt-4o --history\n  tokreckon prices show openai o1-mini --history\n  tokreckon prices show openai o1-mini --at 2024-10-27"
    )]
    Show(ShowArgs),
    /// Explain every mistake in a price file
    #[command(after_help = "Example:\n  tokreckon prices check my-prices.toml")]
    Check(CheckArgs),
    /// Read the price table of another project into our own schema
    #[command(after_help = IMPORT_HELP)]
    Import(ImportArgs),
    /// Renew a folder of price files from tables that you fetched
    #[command(after_help = REFRESH_HELP)]
    Refresh(RefreshArgs),
    /// Two price books side by side
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// Where the sources of the book disagree: the price that stands and the values beside it
    #[command(after_help = CONFLICTS_HELP)]
    Conflicts(ConflictsArgs),
    /// The book as SQL tables, with views that price a table of requests in a warehouse
    #[command(after_help = EXPORT_HELP)]
    Export(ExportArgs),
}

impl PricesCommand {
    /// How it prints.
    pub(crate) const fn format(&self) -> OutputFormat {
        match self {
            Self::List(args) => args.output.format,
            Self::Show(args) => args.output.format,
            // A file on standard output is for the program that reads it.
            Self::Import(args) if args.out.is_none() => OutputFormat::Csv,
            Self::Import(args) => args.output.format,
            Self::Refresh(args) => args.output.format,
            Self::Diff(args) => args.output.format,
            Self::Conflicts(args) => args.output.format,
            Self::Export(args) if args.out.is_none() => OutputFormat::Csv,
            Self::Check(_) | Self::Export(_) => OutputFormat::Table,
        }
    }

    /// Lets `--json` and `--quiet` hold.
    pub(super) const fn settle(&mut self, quiet: bool) {
        match self {
            Self::List(args) => args.output.settle(quiet),
            Self::Show(args) => args.output.settle(quiet),
            Self::Import(args) => args.output.settle(quiet),
            Self::Refresh(args) => args.output.settle(quiet),
            Self::Diff(args) => args.output.settle(quiet),
            Self::Conflicts(args) => args.output.settle(quiet),
            Self::Check(_) | Self::Export(_) => {}
        }
    }
}

const REFRESH_HELP: &str = "Examples:
  tokreckon prices refresh data/prices --from litellm=model_prices.json@2026-11-20 --from models.dev=api.json@2026-11-20
  tokreckon prices refresh data/prices --from litellm=new.json@2026-11-20 --history litellm=old-versions --write
  tokreckon prices refresh my-layer --user --from litellm=model_prices.json@2026-11-20

The same amount moves its sighting; what is new is appended; another amount closes the old one when two
tables hold it, or all that were seen later; one table never ends what another holds. What looks like a
slip is listed, not taken over. Tables: litellm, genai-prices, models.dev, llm-prices, model-prices,
openai-cost-calculator, portkey, openrouter, helicone, aws (an offer file of Bedrock), azure (a page of
retail prices), and tokreckon for a price file of your own.

Exit codes: 0 the files stay as they are; 1 files change, all listed; 2 could not.";

#[derive(Debug, ClapArgs)]
pub(crate) struct RefreshArgs {
    /// The folder of price files; with `--user` the folder to write
    pub(crate) folder: PathBuf,
    /// A table and the day on which it was seen; may be repeated
    #[arg(long, value_name = "TABLE=FILE@DATE", required = true)]
    pub(crate) from: Vec<String>,
    /// Old versions of a table, in files named by their days; may be repeated
    #[arg(long, value_name = "TABLE=FOLDER")]
    pub(crate) history: Vec<String>,
    /// A folder of facts of models, `data/models`: what they lack of sizes and releases is filled in
    #[arg(long, value_name = "FOLDER", conflicts_with = "user")]
    pub(crate) models: Option<PathBuf>,
    /// Write what the built-in book lacks as a layer of your own, for `--prices`
    #[arg(long)]
    pub(crate) user: bool,
    /// Write the files; they are only compared otherwise
    #[arg(long, conflicts_with = "user")]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const DIFF_HELP: &str = "Examples:
  tokreckon prices diff builtin my-book --provider openai
  tokreckon prices diff old.toml new.toml --history --show differ

Prices are compared by what they say: hours and not the name of a window, amounts whatever their unit.
Exit codes, like those of `diff`: 0 all the same; 1 some differ, or are in one book only; 2 could not do the work.";

const CONFLICTS_HELP: &str = "Examples:
  tokreckon prices conflicts openai
  tokreckon prices conflicts openai gpt-4o --history

Exit codes: 0 no source disagrees; 1 some do; 2 could not do the work.";

#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// A price file, a folder of them, or `builtin`
    pub(crate) left: PathBuf,
    /// Another one
    pub(crate) right: PathBuf,
    /// Only this provider
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Only this model id
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// What held then instead of today
    #[arg(long, value_name = "TIME", conflicts_with = "history")]
    pub(crate) at: Option<String>,
    /// All of time, not only today
    #[arg(long)]
    pub(crate) history: bool,
    /// What to list; everything is counted
    #[arg(long, value_delimiter = ',', value_name = "OUTCOMES", value_parser = outcomes(), default_values_t = [
        "differ".to_owned(), "left".to_owned(), "right".to_owned(),
    ])]
    pub(crate) show: Vec<String>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConflictsArgs {
    /// Only this provider
    pub(crate) provider: Option<String>,
    /// Only this model
    pub(crate) model: Option<String>,
    /// Only prices of which another source holds a different value now
    #[arg(long)]
    pub(crate) disputed: bool,
    /// What held then instead of today
    #[arg(long, value_name = "TIME", conflicts_with = "history")]
    pub(crate) at: Option<String>,
    /// Every period, not only what holds now
    #[arg(long)]
    pub(crate) history: bool,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const EXPORT_HELP: &str = "Examples:
  tokreckon prices export --sql duckdb --provider openai --out book.sql
  tokreckon prices export --sql spark --prices my-prices.toml > book.sql

The script says which table `tokreckon_usage` it prices, and makes `tokreckon_costs` and
`tokreckon_not_charged`. It is exact in every dialect: whole numbers are added and multiplied, and
nothing else. docs/recipes/warehouse.md has examples.";

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// Whose SQL
    #[arg(long, value_name = "DIALECT", value_parser = dialects())]
    pub(crate) sql: String,
    /// Only this provider, by our id; may be repeated
    #[arg(long = "provider", value_name = "PROVIDER")]
    pub(crate) providers: Vec<String>,
    /// How far prices that depend on the hour are written out; a year from now when not given
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// Where to; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
}

fn dialects() -> PossibleValuesParser {
    PossibleValuesParser::new(Dialect::ALL.iter().map(|dialect| dialect.name()))
}

fn outcomes() -> PossibleValuesParser {
    PossibleValuesParser::new(DifferenceOutcome::ALL.iter().map(|outcome| outcome.as_str()))
}

const IMPORT_HELP: &str = "Examples:
  tokreckon prices import --from litellm model_prices_and_context_window.json --out my-book
  tokreckon price --prices my-book --provider openai --model gpt-5 --input 1000
  tokreckon prices import --from models.dev api.json --provider openai --out openai.toml

Exit codes: 0 every price is written; 1 some are left out or contradict each other, all listed; 2 could not do the work.";

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportArgs {
    /// Whose table it is
    #[arg(long, value_name = "TABLE", value_parser = tables())]
    pub(crate) from: String,
    /// The published JSON; `-` for standard input
    pub(crate) file: PathBuf,
    /// Where to: a file that ends with `.toml`, or a folder that gets a file for each provider
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// Only this provider, by our id; may be repeated
    #[arg(long = "provider", value_name = "PROVIDER")]
    pub(crate) providers: Vec<String>,
    /// Day on which the table was seen to hold its prices; today when not given
    #[arg(long, value_name = "DAY")]
    pub(crate) seen: Option<String>,
    /// Day since which prices without a date hold; they hold from the day they were seen otherwise
    #[arg(long, value_name = "DAY")]
    pub(crate) since: Option<String>,
    /// Commit or version of the table
    #[arg(long, value_name = "ID")]
    pub(crate) commit: Option<String>,
    /// Take a price of 0 for free; it is left out otherwise, as tables write 0 for unknown too
    #[arg(long)]
    pub(crate) zero_is_free: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

fn tables() -> PossibleValuesParser {
    PossibleValuesParser::new(Source::ALL.iter().map(|source| source.name()))
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// Words that the names of provider and model must hold, all of them
    pub(crate) words: Vec<String>,
    /// Only this provider
    #[arg(short, long)]
    pub(crate) provider: Option<String>,
    /// Every model of every provider
    #[arg(long)]
    pub(crate) all: bool,
    /// What held then instead of today
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// Who sends the bill, and the model; every seller where only a model is named
    #[arg(value_name = "[PROVIDER] MODEL", num_args = 1..=2, required = true)]
    pub(crate) asked: Vec<String>,
    /// Who sends the bill, before the model or here
    #[arg(short, long)]
    pub(crate) provider: Option<String>,
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

impl ShowArgs {
    /// Provider and model as they were typed.
    pub(crate) fn words(&self) -> Vec<String> {
        self.provider.iter().chain(&self.asked).cloned().collect()
    }
}

impl ModelsArgs {
    /// Provider and model as they were typed.
    pub(crate) fn words(&self) -> Vec<&str> {
        self.provider.iter().chain(&self.asked).map(String::as_str).collect()
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// Price files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelsArgs {
    /// Who sells it, and the model; a model alone is that of its maker, a seller alone all of its models
    #[arg(value_name = "[PROVIDER] MODEL", num_args = 0..=2)]
    pub(crate) asked: Vec<String>,
    /// Who sells it, before the model or here
    #[arg(short, long)]
    pub(crate) provider: Option<String>,
    #[command(flatten)]
    pub(crate) book: BookArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
