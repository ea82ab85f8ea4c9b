//! What may be said about how reports are shown: page, FOCUS, names of people, colours.

use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args as ClapArgs, ValueEnum};

use super::OutputFormat;

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct PageArgs {
    /// Write a page for people as well
    ///
    /// One HTML file that needs nothing else.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print users, API keys and e-mail addresses as the export has them, instead of stand-ins
    #[arg(long, hide_short_help = true)]
    pub(crate) show_people: bool,
    /// Do not mark text in CSV that a spreadsheet would take for a formula
    #[arg(long, hide_short_help = true)]
    pub(crate) raw: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Table,
    /// For machines: every digit as a string, with a schema version
    Json,
    /// For spreadsheets
    Csv,
    /// Markdown, for issues
    Md,
    /// FOCUS (CSV), for cost tools: one row per day, model, meter and unit price
    Focus,
    /// Parquet, for data frames and engines: groups with exact decimals, into the file of `--output`
    #[cfg(feature = "parquet")]
    Parquet,
}

/// A version of FOCUS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FocusVersion {
    /// Of June 2025
    #[default]
    #[value(name = "1.2")]
    V1_2,
    /// Of December 2025: who provides the service and who hosts it, beside the older names
    #[value(name = "1.3")]
    V1_3,
}

impl ReportFormat {
    /// True where a sentence may stand beside the figures.
    pub(crate) const fn is_for_people(self) -> bool {
        match self {
            Self::Table | Self::Md => true,
            Self::Json | Self::Csv | Self::Focus => false,
            // The figures are in a file.
            #[cfg(feature = "parquet")]
            Self::Parquet => true,
        }
    }

    /// The format that every command has; FOCUS is a kind of CSV.
    pub(crate) const fn plain(self) -> OutputFormat {
        match self {
            Self::Table => OutputFormat::Table,
            #[cfg(feature = "parquet")]
            Self::Parquet => OutputFormat::Table,
            Self::Json => OutputFormat::Json,
            Self::Csv | Self::Focus => OutputFormat::Csv,
            Self::Md => OutputFormat::Md,
        }
    }
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Output")]
pub(crate) struct ReportOutputArgs {
    /// How to print
    #[arg(short, long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    /// The same as `--format json`
    #[arg(short, long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// The table alone.
    #[arg(skip)]
    pub(crate) quiet: bool,
    /// Bars beside the costs; on a wide terminal days, weeks and months have them anyway
    #[arg(long, hide_short_help = true)]
    pub(crate) bars: bool,
    /// Account that is billed, for the column `BillingAccountId` of FOCUS
    #[arg(long, value_name = "ID", hide_short_help = true)]
    pub(crate) billing_account: Option<String>,
    /// File to write with `--format parquet`
    #[cfg(feature = "parquet")]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) output: Option<PathBuf>,
    /// Version of FOCUS
    #[arg(long, value_enum, default_value_t, hide_short_help = true)]
    pub(crate) focus_version: FocusVersion,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

impl ReportOutputArgs {
    /// Lets `--json` and `--quiet` hold.
    pub(super) const fn settle(&mut self, quiet: bool) {
        if self.json {
            self.format = ReportFormat::Json;
        }
        self.quiet = quiet;
    }
}

/// When to print in colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Nowhere
    Never,
}

impl ColorWhen {
    /// What the streams are told.
    pub(crate) const fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// Shell to write them for
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// Folder to write the pages into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}
