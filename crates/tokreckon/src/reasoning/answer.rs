//! What an estimate says: tokens, what kind of number each is, and what it rests on.

use std::fmt;

use tokreckon_data::priors::Grade;

use super::cap::{HardCap, Limit};

/// Tokens of one request before it is sent, never one number.
///
/// Output counts are those of all choices together, the prompt is billed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Prompt.
    pub prompt: Amount,
    /// Billed output that is not visible; `None` without a basis.
    pub hidden: Option<Quantiles>,
    /// Visible answer; `None` without a history, a shipped table or an assumption.
    pub visible: Option<Quantiles>,
    /// All billed output: its own quantiles, not sums of those above. `None` when a part is.
    pub output: Option<Quantiles>,
    /// The most output, hidden and visible together; `None` when no limit is known.
    pub cap: Option<HardCap>,
    /// Chance that a choice reaches the cap, in thousandths, rounded up; `None` when not known.
    /// What it means is in [`CAP_REACHED`].
    pub cap_reached_per_mille: Option<u16>,
    /// What the hidden tokens rest on.
    pub basis: Basis,
}

/// What happens when a choice reaches its cap.
pub const CAP_REACHED: &str =
    "everything up to the cap is billed, and the answer may be cut off or missing";

/// Tokens and what kind of number that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Tokens.
    pub tokens: u64,
    /// What kind of number.
    pub kind: Kind,
}

/// What kind of number an [`Amount`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Counted, or documented to be so.
    Exact,
    /// A quantile of an estimate, with the share of requests that it held for where measured.
    Estimate(Option<HeldShare>),
    /// Cut at a cap.
    Cap,
    /// Stated by the user.
    Assumption,
}

/// Which share of requests stayed at or below a quantile in the backtest, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldShare {
    /// On the worst task class.
    pub worst: u16,
    /// On average.
    pub mean: u16,
    /// On the best task class.
    pub best: u16,
}

/// Three quantiles of one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantiles {
    /// Half of the requests need at most this.
    pub p50: Amount,
    /// 90 % need at most this.
    pub p90: Amount,
    /// 99 % need at most this.
    pub p99: Amount,
    /// A bound that the next request keeps with 90 % at least.
    pub p90_guarantee: Guarantee,
    /// The same with 99 %.
    pub p99_guarantee: Guarantee,
}

/// Whether own rows alone prove a bound, whatever their distribution is.
///
/// It holds when the next request is drawn like the rows (exchangeable): the same kind of work, and
/// no change of the model. Rows that grow harder in time break it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// The next request keeps this bound with the stated chance at least.
    Holds {
        /// The bound in tokens: an order statistic of the rows.
        tokens: u64,
    },
    /// There is no guarantee yet.
    NotYet {
        /// Rows of this model, effort and label needed.
        needs: u64,
        /// Rows there are.
        have: u64,
    },
}

/// What an estimate rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// How near the data are to the request.
    pub level: Level,
    /// Whose data.
    pub origin: Origin,
    /// Requests behind the numbers.
    pub rows: u64,
    /// Task classes (shipped) or labels (own) among them.
    pub tasks: u64,
    /// The model, effort and label, or the source of a shipped table.
    pub source: String,
    /// How often p50, p90 and p99 held in the backtest; `None` when not measured.
    pub held: Option<[HeldShare; 3]>,
}

/// How near the data behind an estimate are to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// The same model, effort and label.
    Label,
    /// The same model and effort; other work, or work without a label.
    Model,
    /// The same model at another effort, multiplied.
    OtherEffort {
        /// The effort of the data.
        effort: String,
        /// Factor on hidden tokens, in thousandths.
        per_mille: u64,
        /// False for the assumption low 0.4, medium 1, high 2.
        measured: bool,
    },
    /// Other models of the same family.
    Family,
    /// Nothing: only the cap is known.
    Nothing,
}

/// Whose data an estimate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user's own rows, with a weak prior.
    Own,
    /// A shipped table.
    Shipped(Grade),
    /// Nobody's.
    Nobody,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Own => write!(f, "your log: {} rows of {}", self.rows, self.source)?,
            Origin::Shipped(grade) => {
                let (tasks, rows) = (self.tasks, self.rows);
                let classes = if tasks == 1 { "class" } else { "classes" };
                let grade = grade.word();
                write!(
                    f,
                    "shipped prior: {tasks} task {classes}, {rows} requests, {grade} counts, "
                )?;
                f.write_str(&self.source)?;
            }
            Origin::Nobody => return f.write_str("no basis: only the cap is known"),
        }
        match &self.level {
            Level::OtherEffort { effort, per_mille, measured } => {
                let kind = if *measured { "measured" } else { "assumed" };
                let effort = if effort.is_empty() { "default" } else { effort };
                let (whole, part) = (per_mille / 1000, per_mille % 1000);
                write!(f, "; {effort} effort × {whole}.{part:03} ({kind})")
            }
            Level::Family => f.write_str("; other models of the family"),
            Level::Label | Level::Model | Level::Nothing => Ok(()),
        }
    }
}

impl Basis {
    /// What is known about how often the numbers hold, for people.
    #[must_use]
    pub fn coverage(&self) -> String {
        let Some([_, p90, p99]) = self.held else {
            return match self.origin {
                Origin::Nobody => "no estimate".to_owned(),
                _ => "how often these quantiles hold was not measured".to_owned(),
            };
        };
        let text = |held: HeldShare| {
            let percent = |share: u16| (u32::from(share) + 5) / 10;
            let (worst, mean, best) = (percent(held.worst), percent(held.mean), percent(held.best));
            format!("{mean} % of requests ({worst} to {best} % by task class)")
        };
        format!("in the backtest p90 held for {}, p99 for {}", text(p90), text(p99))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "the limit in the request",
            Self::Model => "the model's largest output",
            Self::ContextWindow => "what the prompt leaves of the context window",
        })
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds { tokens } => write!(f, "guaranteed bound {tokens}"),
            Self::NotYet { needs, have } => {
                write!(f, "no guarantee yet (needs {needs} rows, have {have})")
            }
        }
    }
}
