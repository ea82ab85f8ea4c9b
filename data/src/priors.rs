//! Reasoning priors in their compact form: how many hidden and visible tokens models have needed, by model, effort and
//! task class; and how effort levels compare.
//!
//! The text form is TOML in the folder `priors`, see [`crate::priors_text`]. Units: tokens; logarithms to the base 2 in millionths.

/// The levels of every quantile table, in thousandths: smallest, 1 %, 2 %, 5 % … 99 %, largest.
pub const LEVELS: [u16; 17] =
    [0, 10, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 980, 990, 1000];

/// One counted thing of a [`Prior`]: hidden, visible or all billed output tokens of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Requests behind the table.
    pub rows: u64,
    /// Requests in which the count was 0.
    pub zeros: u64,
    /// Mean, every task class weighing alike.
    pub mean: u64,
    /// Mean of the task classes' means of log2(count).
    pub log2_mean: i64,
    /// Variance of log2(count) within a task class: geometric mean over the classes.
    pub within: i64,
    /// Variance of the task classes' means of log2(count); 0 with one class.
    pub between: i64,
    /// Counts at the [`LEVELS`], every task class weighing alike.
    pub quantiles: [u64; 17],
}

/// What a prior speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One task class of one model.
    Class,
    /// One model, its task classes weighing alike.
    Model,
    /// Several models of a family, each of their task classes weighing alike.
    Family,
}

impl Scope {
    /// All, in the order of their files.
    pub const ALL: [Self; 3] = [Self::Class, Self::Model, Self::Family];

    /// Its word in a text file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Model => "model",
            Self::Family => "family",
        }
    }
}

/// How well the hidden tokens are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// The visible text was counted with the model's own encoding and reported reasoning agrees.
    Exact,
    /// Reported output is reported reasoning plus visible text.
    Good,
    /// The visible text was counted with another model's encoding: 5 to 20 % off in that part.
    Approximate,
}

impl Grade {
    /// All, best first.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Good, Self::Approximate];

    /// Its word in a text file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Good => "good",
            Self::Approximate => "approximate",
        }
    }
}

/// How often the quantiles of a model's table held for a task class that was left out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Task classes left out, one after the other.
    pub tasks: u64,
    /// Mean share of requests at or below p50, p90 and p99, in thousandths.
    pub mean: [u16; 3],
    /// The same for the worst task class.
    pub worst: [u16; 3],
    /// The same for the best one.
    pub best: [u16; 3],
}

/// What was measured for one model, effort and task class, or for several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prior<'a> {
    /// What it speaks of.
    pub scope: Scope,
    /// The models it holds for, as their publishers spell them; none for "any model".
    pub models: &'a [&'a str],
    /// Effort as the requests gave it; empty for the model's default.
    pub effort: &'a str,
    /// Task class or family name; empty for a model.
    pub class: &'a str,
    /// Requests.
    pub rows: u64,
    /// Different prompts among them.
    pub prompts: u64,
    /// Task classes among them.
    pub tasks: u64,
    /// How well the counts are known.
    pub grade: Grade,
    /// Where the requests were recorded.
    pub source: &'a str,
    /// Billed output that is not visible.
    pub hidden: Measure,
    /// Visible answer.
    pub visible: Measure,
    /// All billed output.
    pub output: Measure,
    /// How the table does where it has no data; `None` when not measured.
    pub held: Option<Held>,
}

/// How many tokens an effort level takes, relative to medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffortRatio<'a> {
    /// Models it was measured on.
    pub models: &'a [&'a str],
    /// Effort level.
    pub effort: &'a str,
    /// Thousandths of the mean at medium effort.
    pub per_mille: u64,
    /// Where it was measured, on how many requests.
    pub source: &'a str,
}

/// The effort level that a model takes when a request names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultEffort<'a> {
    /// The models.
    pub models: &'a [&'a str],
    /// Effort level.
    pub effort: &'a str,
}

/// All priors of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priors<'a> {
    /// Classes, models, families.
    pub rows: &'a [Prior<'a>],
    /// Effort levels compared.
    pub ratios: &'a [EffortRatio<'a>],
    /// Default effort levels.
    pub defaults: &'a [DefaultEffort<'a>],
}
