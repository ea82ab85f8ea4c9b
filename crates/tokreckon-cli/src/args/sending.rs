//! What may be said about requests before they are sent: count, estimate, calibrate.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, ValueEnum};
use jiff::civil::Date;
use tokreckon::money::{Currency, Exact};
use tokreckon::request::Endpoint;

use super::number::{amount, tokens};
use super::usage::InputArgs;
use super::{BookArgs, OutputArgs, service_tiers};

/// An endpoint by its name.
fn endpoint(name: &str) -> Result<Endpoint, String> {
    let found = Endpoint::ALL.into_iter().find(|endpoint| endpoint.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = Endpoint::ALL.iter().map(|endpoint| endpoint.name()).collect();
        format!("endpoints are {}", names.join(", "))
    })
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

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct CountTokensArgs {
    /// Files to count, and a model, as with `--model`; `-` or no file for standard input
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Model: decides the encoding of texts, and stands in for the one that a request names
    #[arg(short, long)]
    pub(crate) model: Option<String>,
    /// Encoding of texts, such as `o200k_base`
    #[arg(long, conflicts_with = "model")]
    pub(crate) encoding: Option<String>,
    /// The model's tokenizer as a file: tokenizer.json, tekken.json, .tiktoken, `SentencePiece` .model
    #[arg(long, value_name = "FILE", conflicts_with = "encoding")]
    pub(crate) tokenizer: Option<PathBuf>,
    /// Who serves the model, where that changes the count: `aws_bedrock`, `google-vertex`, `openrouter`
    #[arg(short, long)]
    pub(crate) provider: Option<String>,
    /// The endpoint of a request, instead of the one that its shape tells
    #[arg(long, value_parser = endpoint, value_name = "NAME")]
    pub(crate) endpoint: Option<Endpoint>,
    /// The day it was sent, such as `2025-03-14`; for the rules in force now when not given
    #[arg(long, value_name = "DAY")]
    pub(crate) at: Option<Date>,
    /// What to group the requests of a batch file by
    #[arg(long, value_parser = ["model"], default_value = "model")]
    pub(crate) by: String,
    /// What the files are, instead of recognising it
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub(crate) kind: Option<CountAs>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct EstimateArgs {
    /// A request (`.json`), or a batch or plain requests (`.jsonl`); `-` or none for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Model, as with `--model`; several are compared
    #[arg(value_name = "MODEL", conflicts_with = "model")]
    pub(crate) models: Vec<String>,
    /// How many requests like this one are sent: `50k`
    #[arg(short = 'n', long, value_name = "COUNT", value_parser = times)]
    pub(crate) times: Option<u64>,
    /// A text to send as one user message, instead of a request
    #[arg(
        hide_short_help = true,
        long = "file",
        value_name = "TEXT",
        conflicts_with = "file",
        requires = "model"
    )]
    pub(crate) prompt: Option<PathBuf>,
    /// Model, instead of the one that the request names
    #[arg(short, long)]
    pub(crate) model: Option<String>,
    /// Who sends the bill; `openai` for its own models
    #[arg(short, long)]
    pub(crate) provider: Option<String>,
    /// The model's tokenizer as a file: tokenizer.json, tekken.json, .tiktoken, `SentencePiece` .model
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub(crate) tokenizer: Option<PathBuf>,
    /// Effort, instead of the one in the request; `none` for no reasoning
    #[arg(long)]
    pub(crate) effort: Option<String>,
    /// Your name for this kind of request, instead of `metadata.label`
    #[arg(hide_short_help = true, long)]
    pub(crate) label: Option<String>,
    /// Kind of work; told by the form of a request with tools or a schema, else a mixture
    #[arg(long, value_name = "KIND", value_parser = ["chat", "tools", "schema", "prose", "hard", "agent"])]
    pub(crate) kind: Option<String>,
    /// When: `2025-04-09` or `2025-04-09T08:10:26Z`; now when not given
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Visible tokens of one answer, as your assumption
    #[arg(long, value_name = "TOKENS", value_parser = tokens)]
    pub(crate) visible: Option<u64>,
    /// What of each prompt is read from a cache: tokens, or a fraction such as `0.5`
    #[arg(hide_short_help = true, long, value_name = "TOKENS|FRACTION")]
    pub(crate) cached_prefix: Option<String>,
    /// Service tier: `batch` for the lines of a batch, else `standard`
    #[arg(long, value_name = "TIER", value_parser = service_tiers())]
    pub(crate) service_tier: Option<String>,
    /// Own requests, as `calibrate` writes them; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Vec<PathBuf>,
    /// At every provider that sells the model, or the models, cheapest first
    #[arg(long)]
    pub(crate) compare: bool,
    /// Exit with 1 when the cost would exceed this: `25`, `$25`, `25EUR`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub(crate) budget: Option<(Exact, Option<Currency>)>,
    /// How sure the budget must hold: `0.9` or `90%`; `1` for the hard cap
    #[arg(hide_short_help = true, long, default_value = "0.95")]
    pub(crate) confidence: String,
    /// How long sending takes in this rate limit tier, such as `2`
    #[arg(hide_short_help = true, long, value_name = "TIER")]
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
    /// History to start from, besides what the file of `--out` holds already
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Vec<PathBuf>,
    /// File to add to, made when there is none; standard output when not given
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

impl CountTokensArgs {
    /// Lets the model be given as a word among the files. `is_model` is true for a name that somebody sells.
    pub(crate) fn settled(mut self, is_model: impl Fn(&str) -> bool) -> Self {
        if self.model.is_none() && self.encoding.is_none() {
            let is_word = |path: &PathBuf| path.to_str().is_some_and(&is_model) && !path.exists();
            if let Some(at) = self.files.iter().position(is_word) {
                self.model = Some(self.files.remove(at).to_string_lossy().into_owned());
            }
        }
        self
    }
}

impl EstimateArgs {
    /// Lets models be given as words, before or after the file or without one. `is_model` is true for a name
    /// that somebody sells.
    pub(crate) fn settled(mut self, is_model: impl Fn(&str) -> bool) -> Self {
        let is_there = |path: &Path| path.exists() || path == Path::new("-");
        if let Some(file) = self.file.take_if(|file| !is_there(file)) {
            let word = file.to_string_lossy().into_owned();
            let other = self.models.iter().position(|word| is_there(Path::new(word)));
            self.file = match other {
                Some(at) => Some(std::mem::replace(&mut self.models[at], word).into()),
                None if parted(&word).all(is_model) => {
                    self.models.insert(0, word);
                    None
                }
                None => Some(file),
            };
        }
        let models = self.models.iter().flat_map(|word| parted(word));
        self.models = models.map(str::to_owned).collect();
        match self.models.as_slice() {
            [] => self.models.extend(self.model.clone()),
            [model] => self.model = Some(model.clone()),
            _ => self.compare = true,
        }
        self
    }
}

/// The models of a word, which commas part.
pub(crate) fn parted(word: &str) -> impl Iterator<Item = &str> {
    word.split(',').filter(|model| !model.is_empty())
}

/// How many, at least one.
fn times(text: &str) -> Result<u64, String> {
    match tokens(text)? {
        0 => Err("none is sent: nothing to estimate".to_owned()),
        times => Ok(times),
    }
}
