//! Priors of output length in their compact form: what recorded requests were billed for, by source, model and kind of
//! work; which models think; and how effort levels compare.
//!
//! The text form is in the folder `priors`, see [`crate::priors_text`]. Units: tokens; logarithms to the base 2 in millionths.

pub use crate::prior_constants::{ConstantEntry, Constants};

/// Most points that a [`Cell`] keeps of a distribution.
pub const MOST_POINTS: usize = 16;

/// A kind of work. What asks decides the length of an answer more than which model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// A short chat: a question or a remark, answered in a few sentences.
    Chat,
    /// Tools are offered: the answer calls one, or speaks about its result.
    Tools,
    /// A form is asked for: JSON by a schema.
    Schema,
    /// An answer in prose of several paragraphs.
    Prose,
    /// Puzzles, planning, mathematics, code.
    Hard,
    /// A turn in a long run of an agent.
    Agent,
}

impl Work {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Chat, Self::Tools, Self::Schema, Self::Prose, Self::Hard, Self::Agent];

    /// Its word in a text file and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Tools => "tools",
            Self::Schema => "schema",
            Self::Prose => "prose",
            Self::Hard => "hard",
            Self::Agent => "agent",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.word() == word)
    }
}

/// Whether the models of a generation think when a request says nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    /// They cannot.
    Never,
    /// Only when asked to.
    Off,
    /// Unless told not to. How much is up to the model, and it may be nothing.
    On,
    /// They cannot be told not to.
    Always,
    /// Not known, or it depends on who serves them.
    Unknown,
}

impl Habit {
    /// All.
    pub const ALL: [Self; 5] = [Self::Never, Self::Off, Self::On, Self::Always, Self::Unknown];

    /// Its word in a text file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Off => "off",
            Self::On => "on",
            Self::Always => "always",
            Self::Unknown => "unknown",
        }
    }
}

/// Where requests were recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// `owner/name` of the public repository.
    pub name: &'a str,
    /// Commit.
    pub commit: &'a str,
    /// SPDX id of its licence.
    pub licence: &'a str,
    /// Its copyright line; empty when it has none.
    pub copyright: &'a str,
    /// First and last month of the answers; empty when not recorded.
    pub dates: &'a str,
}

/// Models that are alike: those of one generation differ by 0 to 15 % of the variance of ln(output).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who makes it.
    pub publisher: &'a str,
    /// Patterns of model names; `*` stands for any text. The first generation that matches counts.
    pub models: &'a [&'a str],
    /// Whether they think by default.
    pub thinking: Habit,
    /// Effort levels that they take; none when that is not known.
    pub efforts: &'a [&'a str],
    /// The effort level of a request that names none; empty when there is none or it is not known.
    pub default_effort: &'a str,
}

/// What an output limit of a request counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitCounts {
    /// The visible answer only: thinking is billed on top of it.
    Visible,
    /// Nothing that is billed: a model that calls others by itself.
    Nothing,
}

impl LimitCounts {
    /// All.
    pub const ALL: [Self; 2] = [Self::Visible, Self::Nothing];

    /// Its word in a text file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Nothing => "nothing",
        }
    }
}

/// Models whose answers went beyond the output limit of their request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LooseLimit<'a> {
    /// Patterns of model names, as those of a [`Generation`].
    pub models: &'a [&'a str],
    /// What the limit counts all the same.
    pub counts: LimitCounts,
    /// Where it was seen, or what the maker says.
    pub source: &'a str,
}

/// A generation's place that stands for "no generation is known".
pub const NO_GENERATION: u16 = u16::MAX;

/// The recorded requests of one source, model and kind of work that think, or do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Place of the source in [`Priors::sources`].
    pub source: u16,
    /// Place of the generation in [`Priors::generations`], or [`NO_GENERATION`].
    pub generation: u16,
    /// Model, in its plain spelling: no seller, date or version of a snapshot.
    pub model: &'a str,
    /// Kind of work.
    pub work: Work,
    /// Whether the requests let the model think; `None` when not known.
    pub thinking: Option<bool>,
    /// Requests.
    pub rows: u32,
    /// Mean of the billed output.
    pub mean: u32,
    /// Mean of log2(output); meaningless without points.
    pub log2_mean: i64,
    /// Variance of log2(output); `None` with one row, or when only the mean is known.
    pub within: Option<i64>,
    /// Billed output: points of equal weight, sorted; none when only the mean is known.
    pub output: &'a [u32],
    /// Reasoning among it, where reported: points of equal weight, sorted.
    pub reasoning: &'a [u32],
    /// The rest, where reasoning is reported or there is none.
    pub visible: &'a [u32],
}

/// How many tokens an effort level takes, relative to medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffortRatio<'a> {
    /// Patterns of the models it was measured on.
    pub models: &'a [&'a str],
    /// Effort level.
    pub effort: &'a str,
    /// Thousandths of the mean at medium effort.
    pub per_mille: u64,
    /// Where it was measured, on how many requests.
    pub source: &'a str,
}

/// How often quantiles held on requests of sources that they were not made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Kind of work; `None` for all.
    pub work: Option<Work>,
    /// Whether the requests let the model think; `None` for either.
    pub thinking: Option<bool>,
    /// Own rows that were known; 0 for the priors alone.
    pub own_rows: u64,
    /// Models, or groups of requests, that were scored.
    pub groups: u64,
    /// Mean share of requests at or below p50, p90 and p99, in thousandths.
    pub mean: [u16; 3],
    /// The same for a group that nine of ten do better than.
    pub low: [u16; 3],
    /// The same for a group that nine of ten do worse than.
    pub high: [u16; 3],
}

/// How often totals of batches lay inside their 90 % interval, on requests of sources that the priors
/// were not made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalCoverage {
    /// Own rows that were known; 0 for the priors alone.
    pub own_rows: u64,
    /// Requests of a batch.
    pub requests: u64,
    /// Batches.
    pub batches: u64,
    /// Share of them whose total lay inside, in thousandths.
    pub inside: u16,
    /// Upper end divided by the lower one: the mean over batches, in tenths.
    pub width: u64,
    /// Upper end divided by the true total: the mean over batches, in tenths.
    pub high: u64,
}

/// All priors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priors<'a> {
    /// Where they come from.
    pub sources: &'a [Source<'a>],
    /// Generations, first match first.
    pub generations: &'a [Generation<'a>],
    /// Output limits that do not hold for all that is billed, first match first.
    pub limits: &'a [LooseLimit<'a>],
    /// Recorded requests.
    pub cells: &'a [Cell<'a>],
    /// Effort levels compared.
    pub ratios: &'a [EffortRatio<'a>],
    /// How often they hold.
    pub coverage: &'a [Coverage],
    /// How often totals do.
    pub totals: &'a [TotalCoverage],
    /// How all of it is weighed.
    pub constants: Constants,
}

impl<'a> Priors<'a> {
    /// The generation of a model in its plain spelling.
    #[must_use]
    pub fn generation(&self, model: &str) -> Option<&'a Generation<'a>> {
        let at = generation_of(self.generations.iter().map(|one| one.models), model);
        self.generations.get(usize::from(at))
    }

    /// What an output limit of a model in its plain spelling counts; `None` for all of its output.
    #[must_use]
    pub fn limit_counts(&self, model: &str) -> Option<LimitCounts> {
        let matches = |limit: &&LooseLimit<'_>| {
            limit.models.iter().any(|pattern| matches_pattern(pattern, model))
        };
        self.limits.iter().find(matches).map(|limit| limit.counts)
    }
}

/// The place of the first generation with a pattern for a model, or [`NO_GENERATION`].
pub fn generation_of<S: AsRef<str>>(
    generations: impl IntoIterator<Item = impl AsRef<[S]>>,
    model: &str,
) -> u16 {
    let found = (0u16..).zip(generations).find(|(_, patterns)| {
        patterns.as_ref().iter().any(|pattern| matches_pattern(pattern.as_ref(), model))
    });
    found.map_or(NO_GENERATION, |(at, _)| at)
}

/// Whether a text matches a pattern, in which `*` stands for any text.
#[must_use]
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or("");
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = text.get(at + piece.len()..).unwrap_or("");
    }
    text.ends_with(tail)
}
