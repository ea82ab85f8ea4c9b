//! What may be said on the command line. No work is done here.

mod bill;
mod budget;
mod facts;
pub(crate) mod number;
mod sending;
mod short;
mod shown;
mod tips;
mod usage;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Args as ClapArgs, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use tokreckon::price::ServiceTier;
use tokreckon_data::BOOK_DAY;

use crate::given::AllGiven;

pub(crate) use bill::BillArgs;
pub(crate) use budget::Budget;
pub(crate) use facts::{
    CheckArgs, ConflictsArgs, DiffArgs, ExportArgs, ImportArgs, ListArgs, ModelsArgs,
    PricesCommand, RefreshArgs, ShowArgs,
};
pub(crate) use number::tokens;
pub(crate) use sending::{CalibrateArgs, CountAs, CountTokensArgs, EstimateArgs, parted};
pub(crate) use shown::{
    ColorWhen, CompletionsArgs, FocusVersion, ManArgs, PageArgs, ReportFormat, ReportOutputArgs,
};
pub(crate) use usage::{
    AuditArgs, CompareArgs, CountArgs, GroupingArgs, InputArgs, PriceArgs, ReportArgs, TermsArgs,
    is_format_file,
};

/// Reckons LLM tokens: counts them, prices usage exactly, reports where the money went, audits it.
#[derive(Debug, Parser)]
#[command(name = "tokreckon", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// The table alone, without a word around it
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to print in colour
    #[arg(
        long,
        value_enum,
        global = true,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Output",
        hide_short_help = true
    )]
    pub(crate) color: ColorWhen,
}

impl Args {
    /// What was said, or an error that ends the program.
    pub(crate) fn said(words: &[OsString]) -> Self {
        if words.len() <= 1 {
            let _ = write!(anstream::stdout(), "{}", first_screen());
            std::process::exit(0);
        }
        Self::read(words).unwrap_or_else(|error| {
            let mut all = Self::definitions();
            if error.kind() == ErrorKind::DisplayHelp
                && let Some(screen) = Self::short_help(&mut all, words)
            {
                let _ = write!(anstream::stdout(), "{screen}");
                std::process::exit(0);
            }
            error.exit()
        })
    }

    /// What was said, or why it cannot be meant.
    pub(crate) fn read(words: &[OsString]) -> Result<Self, clap::Error> {
        let matches = Self::definitions().try_get_matches_from(words);
        let matches = matches.map_err(|error| tips::with_tip(error, Self::definitions(), words))?;
        let mut said = Self::from_arg_matches(&matches)?;
        said.command.settle(said.quiet);
        if let Err(error) = said.command.one_label() {
            return Err(Self::definitions().error(ErrorKind::ArgumentConflict, error));
        }
        Ok(said)
    }

    /// What `-h` prints; `None` where `--help` asks.
    fn short_help(all: &mut clap::Command, words: &[OsString]) -> Option<String> {
        all.build();
        let (command, name) = short::asked(all, words)?;
        let is_whole = command.get_name() == all.get_name();
        Some(if is_whole { first_screen() } else { short::screen(command, &name) })
    }

    /// Prints how a command is used, as an error: nothing was named that it could work on.
    pub(crate) fn usage_of(name: &str) -> u8 {
        let mut all = Self::definitions();
        all.build();
        if let Some(command) = all.find_subcommand(name) {
            let screen = short::screen(command, &format!("tokreckon {name}"));
            let _ = write!(anstream::stderr(), "{screen}");
        }
        2
    }

    /// Every command, with the exit codes below its examples.
    pub(crate) fn definitions() -> clap::Command {
        with_exit_codes(Self::command().version(VERSION.as_str()))
    }
}

/// True for the name of a command.
pub(crate) fn is_command(word: &str) -> bool {
    word == "help" || Args::command().find_subcommand(word).is_some()
}

/// `prices gpt-4o` is `prices show gpt-4o`: a word behind `prices` that is no command of it is a model.
pub(crate) fn with_show(mut words: Vec<OsString>) -> Vec<OsString> {
    let is_word = |word: &OsString| !word.to_string_lossy().starts_with('-');
    let mut named = words.iter().enumerate().skip(1).filter(|(_, word)| is_word(word));
    let (command, first) = (named.next(), named.next());
    let (Some((_, command)), Some((at, first))) = (command, first) else { return words };
    let definitions = Args::command();
    let prices = definitions.find_subcommand("prices").filter(|_| command == "prices");
    let is_model = prices.is_some_and(|prices| {
        let first = first.to_string_lossy();
        first != "help" && prices.find_subcommand(first.as_ref()).is_none()
    });
    if is_model {
        words.insert(at, "show".into());
    }
    words
}

/// Version of the program, and of the prices it came with.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{}\nprices {}, newest price seen {}",
        env!("CARGO_PKG_VERSION"),
        tokreckon_data::VERSION,
        tokreckon::time::day_text(BOOK_DAY.into())
    )
});

/// What there is, by task: what `tokreckon` alone prints.
fn first_screen() -> String {
    let (version, day) = (env!("CARGO_PKG_VERSION"), tokreckon::time::day_text(BOOK_DAY.into()));
    format!(
        "tokreckon {version} · prices seen until {day} · works offline
Before sending   estimate prompt.md -m gpt-5.4-mini      what will it cost?
                 estimate request.json | batch.jsonl
                 count    FILE…                          how many tokens?
                 compare  gpt-5.4-mini claude-haiku-4-5  who is cheapest?
After            price    response.json                  what did it cost?
                 report   usage.csv | --local            where did it go?
                 audit    usage.csv [--bill cost.csv]    is it right?
Prices           price    gpt-4o                         per 1M tokens, anywhere
                 price    gpt-4o 1000 500                1,000 in, 500 out
tokreckon help COMMAND · tokreckon --help · tokreckon audit --explain
"
    )
}

fn with_exit_codes(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|sub| {
        let examples = sub.get_after_help().map(|help| format!("{help}\n\n")).unwrap_or_default();
        with_exit_codes(sub.after_help(format!("{examples}{EXIT_CODES}")))
    })
}

const EXIT_CODES: &str = "Exit codes: 0 all accounted for; 1 findings (notes do not count), rejected rows or a budget exceeded; 2 could not do the work; 130 interrupted.";

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
    #[command(alias = "cost", after_help = PRICE_EXAMPLES)]
    Price(PriceArgs),
    /// The same usage at every provider that sells the model
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArgs),
    /// Where did the money go: usage exports, grouped and totalled
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// What is unpriced, impossible, inconsistent or unusual in usage, and whether a bill is right
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// What is known about models: limits, features, dates, rate limits, what pages say
    #[command(after_help = MODELS_EXAMPLES)]
    Models(ModelsArgs),
    /// The price book
    #[command(subcommand, after_help = PRICES_EXAMPLES)]
    Prices(PricesCommand),
    /// Completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Manual pages, one per command
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArgs),
}

impl Command {
    /// How the answer is printed. A table is for people and may be coloured and folded.
    pub(crate) const fn format(&self) -> OutputFormat {
        match self {
            Self::Count(args) => args.output.format,
            Self::Estimate(args) => args.output.format,
            Self::Price(args) => args.output.format,
            Self::Compare(args) => args.output.format,
            Self::Report(args) => args.output.format.plain(),
            Self::Audit(args) => args.output.format,
            Self::Models(args) => args.output.format,
            Self::Prices(args) => args.format(),
            // A file on standard output is for the program that reads it.
            Self::Calibrate(args) if args.out.is_some() => OutputFormat::Table,
            Self::Calibrate(_) | Self::Completions(_) | Self::Man(_) => OutputFormat::Csv,
        }
    }

    /// Hands over what paths among its files stand for.
    pub(crate) fn give(&mut self, given: &AllGiven) {
        let input = match self {
            Self::Price(args) => &mut args.input,
            Self::Report(args) => &mut args.input,
            Self::Audit(args) => &mut args.input,
            Self::Calibrate(args) => &mut args.input,
            _ => return,
        };
        input.given = given.clone();
    }

    /// Lets `--json` and `--quiet` hold for the command.
    fn settle(&mut self, quiet: bool) {
        match self {
            Self::Count(args) => args.output.settle(quiet),
            Self::Estimate(args) => args.output.settle(quiet),
            Self::Price(args) => args.output.settle(quiet),
            Self::Compare(args) => args.output.settle(quiet),
            Self::Report(args) => {
                args.grouping.settle(args.local);
                args.output.settle(quiet);
            }
            Self::Audit(args) => {
                args.grouping.settle(false);
                args.output.settle(quiet);
            }
            Self::Models(args) => args.output.settle(quiet),
            Self::Prices(args) => args.settle(quiet),
            Self::Calibrate(_) | Self::Completions(_) | Self::Man(_) => {}
        }
    }

    /// Says no where a report is by several labels.
    fn one_label(&self) -> Result<(), String> {
        match self {
            Self::Report(args) => usage::one_label(&args.grouping.by, &args.filter.wanted),
            Self::Audit(args) if args.grouping.by.iter().any(|name| name == "meter") => {
                Err("`--by meter` is what a report prints: `tokreckon report --by meter`"
                    .to_owned())
            }
            Self::Audit(args) => usage::one_label(&args.grouping.by, &args.filter.wanted),
            _ => Ok(()),
        }
    }

    /// True for a command that would read standard input because nothing else was named.
    pub(crate) fn reads_standard_input(&self) -> bool {
        match self {
            Self::Count(args) => args.files.is_empty(),
            Self::Price(args) => args.reads_standard_input(),
            Self::Report(args) => args.input.files.is_empty() && !args.local,
            Self::Audit(args) => {
                args.input.files.is_empty() && !args.local && args.explain.is_none()
            }
            Self::Calibrate(args) => args.input.files.is_empty(),
            _ => false,
        }
    }

    /// Its name on the command line.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Count(_) => "count",
            Self::Estimate(_) => "estimate",
            Self::Calibrate(_) => "calibrate",
            Self::Price(_) => "price",
            Self::Compare(_) => "compare",
            Self::Report(_) => "report",
            Self::Audit(_) => "audit",
            Self::Models(_) => "models",
            Self::Prices(_) => "prices",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }
}

const COUNT_EXAMPLES: &str = "Examples:
  tokreckon count README.md src/*.rs gpt-5
  tokreckon count request.json
  tokreckon count batch.jsonl";
const ESTIMATE_EXAMPLES: &str = "Examples:
  tokreckon estimate prompt.md gpt-5-mini
  tokreckon estimate prompt.md gpt-5-mini -n 50k
  tokreckon estimate prompt.md gpt-5-mini claude-haiku-4-5
  tokreckon estimate request.json --compare
  tokreckon estimate batch.jsonl --budget 25.00 --confidence 0.95
  tokreckon estimate batch.jsonl --rate-limit-tier 2";
const CALIBRATE_EXAMPLES: &str = "Example:
  tokreckon calibrate responses/*.jsonl --out my-history.toml
  tokreckon estimate request.json --history my-history.toml";
const PRICE_EXAMPLES: &str = "Examples:
  tokreckon price gpt-4o                      unit prices of every seller
  tokreckon price gpt-4o 1000 500             1,000 tokens in, 500 out
  tokreckon price response.json               what a response cost
  tokreckon price -m o1-mini --at 2024-10-27 --input 1M --cached 500k --output 1M";
const COMPARE_EXAMPLES: &str = "Examples:
  tokreckon compare gpt-5.4-mini claude-haiku-4-5 gemini-2.5-flash --input 3k --output 500
  tokreckon compare o1-mini 57 86             every seller of one model";
const REPORT_EXAMPLES: &str = "Examples:
  tokreckon report usage-2025-10.csv usage-2025-11.csv --by model,day
  tokreckon report usage-2025-10.csv --html report.html
  tokreckon report usage-2025-10.csv --save october.cells
  tokreckon report *.cells --by month
  tokreckon report usage-2025-10.csv --format focus > focus.csv
  tokreckon report requests.csv --provider openai --map model=model_name,input=in,output=out,time=ts
  tokreckon report usage-2025-10.csv --as-if service-tier=batch --as-if model=o3-mini,at=2025-11-01";
const AUDIT_EXAMPLES: &str = "Examples:
  tokreckon audit usage-2025-10.csv
  tokreckon audit usage-2025-10.csv --html audit.html
  tokreckon audit usage-2025-11.csv --baseline usage-2025-10.csv
  tokreckon audit usage-2025-10.csv --bill cost-2025-10.csv
  tokreckon audit requests.jsonl --provider openai --bill-total 123.45USD
  tokreckon audit --explain part-exceeds-whole";
const MODELS_EXAMPLES: &str = "Examples:
  tokreckon models openai o1-mini
  tokreckon models replicate";

const PRICES_EXAMPLES: &str = "Examples:
  tokreckon prices show openai o1-mini --history
  tokreckon prices check my-prices.toml";
const COMPLETIONS_EXAMPLES: &str = "Examples:
  tokreckon completions bash > ~/.local/share/bash-completion/completions/tokreckon
  tokreckon completions zsh > ~/.zfunc/_tokreckon
  tokreckon completions fish > ~/.config/fish/completions/tokreckon.fish";
const MAN_EXAMPLES: &str = "Example:
  tokreckon man --out ~/.local/share/man/man1";

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

#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Prices")]
pub(crate) struct BookArgs {
    /// Price file that adds to the built-in book
    ///
    /// Or a folder of such. It adds to the built-in book or overrides it; may be repeated.
    #[arg(long = "prices", value_name = "FILE")]
    pub(crate) prices: Vec<PathBuf>,
}

#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// How to print
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) format: OutputFormat,
    /// The same as `--format json`
    #[arg(short, long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// The table alone.
    #[arg(skip)]
    pub(crate) quiet: bool,
}

impl OutputArgs {
    /// Lets `--json` and `--quiet` hold.
    pub(super) const fn settle(&mut self, quiet: bool) {
        if self.json {
            self.format = OutputFormat::Json;
        }
        self.quiet = quiet;
    }
}

/// Which records are taken.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Which records")]
pub(crate) struct FilterArgs {
    /// From this day on: `2026-10-05`, `2026-10`, `7d`, `yesterday`
    #[arg(short, long, value_name = "DAY")]
    pub(crate) since: Option<String>,
    /// Up to the end of this day, month or year: `last-month`
    #[arg(short, long, value_name = "DAY")]
    pub(crate) until: Option<String>,
    /// Only these: `model=gpt-4*`; may be repeated
    #[arg(short, long = "where", value_name = "NAME=VALUE")]
    pub(crate) wanted: Vec<String>,
}

/// What an answer may take for granted, and how much of it is printed.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct AnswerArgs {
    /// Take nothing for granted: no default is an answer
    ///
    /// No default provider, time, cache share or service tier.
    #[arg(long, hide_short_help = true)]
    pub(crate) strict: bool,
    /// One number alone, or both bounds; of an audit with a bill the gap
    #[arg(long, conflicts_with_all = ["format", "json"])]
    pub(crate) total: bool,
    /// List every price used, with its source
    #[arg(long, hide_short_help = true)]
    pub(crate) sources: bool,
}

fn service_tiers() -> PossibleValuesParser {
    PossibleValuesParser::new(ServiceTier::ALL.iter().map(|tier| tier.as_str()))
}
