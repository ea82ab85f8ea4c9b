//! What may be said about the book: models, prices.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{BookArgs, OutputArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// The rate cards of a model, with their periods and sources
    #[command(
        after_help = "Examples:\n  toktab prices show openai o1-mini --history\n  toktab prices show openai o1-mini --at 2024-10-27"
    )]
    Show(ShowArgs),
    /// Explain every mistake in a price file
    #[command(after_help = "Example:\n  toktab prices check my-prices.toml")]
    Check(CheckArgs),
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
