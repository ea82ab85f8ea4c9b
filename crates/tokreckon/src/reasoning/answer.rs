//! What an estimate says: tokens, what kind of number each is, and what it rests on.

use std::fmt;

use tokreckon_data::priors::Work;

use super::cap::{HardCap, Limit};

/// Tokens of one request before it is sent, never one number.
///
/// Output counts are those of all choices together, the prompt is billed once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// Prompt.
    pub prompt: TokenAmount,
    /// Billed output that is not visible; `None` without data that tell it apart.
    pub hidden: Option<Quantiles>,
    /// Visible answer; `None` without such data or an assumption.
    pub visible: Option<Quantiles>,
    /// All billed output: its own quantiles, not sums of those above; `None` without a basis.
    pub output: Option<Quantiles>,
    /// Mean of all billed output, cut at the cap: what a request costs in the long run.
    pub mean_output: Option<u64>,
    /// The most output, hidden and visible together; `None` when no limit is known.
    pub cap: Option<HardCap>,
    /// Chance that a choice reaches the cap, in thousandths, rounded up; `None` when not known.
    /// What it means is in [`CAP_REACHED`].
    pub cap_reached_per_mille: Option<u16>,
    /// Whether the model will think; `None` when not known.
    pub thinking: Option<bool>,
    /// What the numbers rest on.
    pub basis: Basis,
    /// What of the request has no effect, for people: an effort that the model does not take, a
    /// switch that it does not have.
    pub notes: Vec<String>,
}

/// What happens when a choice reaches its cap.
pub const CAP_REACHED: &str =
    "everything up to the cap is billed, and the answer may be cut off or missing";

/// Tokens and what kind of number that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenAmount {
    /// Tokens.
    pub tokens: u64,
    /// What kind of number.
    pub kind: Kind,
}

impl TokenAmount {
    /// So many tokens.
    #[must_use]
    pub const fn new(tokens: u64, kind: Kind) -> Self {
        Self { tokens, kind }
    }
}

/// What kind of number a [`TokenAmount`] is.
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
#[non_exhaustive]
pub struct HeldShare {
    /// One model in ten does worse.
    pub low: u16,
    /// On average over models.
    pub mean: u16,
    /// One model in ten does better.
    pub high: u16,
}

/// Three quantiles of one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quantiles {
    /// Half of the requests need at most this.
    pub p50: TokenAmount,
    /// 90 % need at most this.
    pub p90: TokenAmount,
    /// 99 % need at most this.
    pub p99: TokenAmount,
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
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Basis {
    /// How near the data are to the request.
    pub level: Level,
    /// Whose data.
    pub origin: EstimateOrigin,
    /// Requests at this level.
    pub rows: u64,
    /// Older own rows that are of another regime: the lengths of answers have changed since.
    pub set_aside: u64,
    /// Sources among them: repositories (recorded), or 1 (own).
    pub sources: u64,
    /// The model, effort and label, or which models were recorded.
    pub source: String,
    /// Kind of work; `None` when it is not known.
    pub work: Option<Work>,
    /// Whether the model thinks; `None` when not known, or when own rows decide.
    pub thinking: Option<bool>,
    /// The factor for another effort level, where one was used.
    pub effort: Option<Effort>,
    /// How often p50, p90 and p99 held in the backtest; `None` when not measured.
    pub held: Option<[HeldShare; 3]>,
}

/// How near the data behind an estimate are to the request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// The same model, effort and label.
    Label,
    /// The same model; other work, or work without a label.
    Model,
    /// The same model at another effort, multiplied.
    OtherEffort(Effort),
    /// Other models of the same generation.
    Generation,
    /// Other generations of the same publisher.
    Publisher,
    /// Models of any publisher.
    Class,
    /// Nothing: only the cap is known.
    Nothing,
}

/// A factor from one effort level to another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effort {
    /// The effort of the data; empty for a default without a name.
    pub from: String,
    /// The effort of the request.
    pub to: String,
    /// Factor on output tokens, in thousandths.
    pub per_mille: u64,
    /// False for a median over other models.
    pub measured: bool,
}

/// Whose data an estimate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EstimateOrigin {
    /// The user's own rows, with a weak prior.
    Own,
    /// Recorded answers of others.
    Recorded,
    /// Nobody's.
    Nobody,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = if self.rows == 1 { "request" } else { "requests" };
        let sources = if self.sources == 1 { "source" } else { "sources" };
        match self.origin {
            EstimateOrigin::Own => {
                write!(f, "your log: {} rows of {}", self.rows, self.source)?;
                if self.set_aside > 0 {
                    let older = self.set_aside;
                    write!(f, "; {older} older ones are set aside: lengths have changed since")?;
                }
            }
            EstimateOrigin::Recorded => {
                let (rows, number, who) = (self.rows, self.sources, &self.source);
                let kind = kind_said(self.work);
                write!(
                    f,
                    "prior: {rows} recorded {requests} of {who}, {number} {sources}; {kind}"
                )?;
                f.write_str(match self.thinking {
                    Some(true) => ", thinking",
                    Some(false) => ", not thinking",
                    None => ", thinking or not",
                })?;
            }
            EstimateOrigin::Nobody => return f.write_str("no basis: only the cap is known"),
        }
        let Some(Effort { from, to, per_mille, measured }) = &self.effort else { return Ok(()) };
        let kind = if *measured { "measured" } else { "median of other models" };
        let from = if from.is_empty() || from == "none" { "default" } else { from };
        let (whole, part) = (per_mille / 1000, per_mille % 1000);
        write!(f, "; {to} effort = {from} × {whole}.{part:03} ({kind})")
    }
}

/// A kind of work, for people.
fn kind_said(work: Option<Work>) -> &'static str {
    match work {
        Some(Work::Chat) => "short chats",
        Some(Work::Tools) => "requests with tools",
        Some(Work::Schema) => "answers in a given form",
        Some(Work::Prose) => "answers in prose",
        Some(Work::Hard) => "puzzles, planning, mathematics and code",
        Some(Work::Agent) => "turns of agents",
        None => "kind of work not known, taken as 6 of 10 short chats, 3 prose, 1 puzzle or code",
    }
}

impl Basis {
    /// What is known about how often the numbers hold, for people.
    #[must_use]
    pub fn coverage(&self) -> String {
        let Some([_, p90, p99]) = self.held else {
            return match self.origin {
                EstimateOrigin::Nobody => "no estimate".to_owned(),
                _ => "how often these quantiles hold was not measured".to_owned(),
            };
        };
        let percent = |share: u16| (u32::from(share) + 5) / 10;
        let text = |held: HeldShare| {
            let (low, mean, high) = (percent(held.low), percent(held.mean), percent(held.high));
            format!("{mean} % of requests ({low} to {high} % for eight models of ten)")
        };
        let whose = match self.origin {
            EstimateOrigin::Own => "with so many own rows",
            _ => "on sources that were left out",
        };
        format!("{whose} p90 held for {}, p99 for {}", text(p90), text(p99))
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
