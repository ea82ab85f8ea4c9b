//! How many tokens: a fact, an estimate with a band, or unknown. Three types that do not mix.

use std::fmt;

/// The tokens of a part of a request, or of a whole one.
///
/// The three cases are different types on purpose: [`ExactTokens`] is the only one that prints as a bare
/// number, so that an estimate cannot be taken for a fact by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// What the provider bills, by a rule that was exact on recorded requests.
    Exact(ExactTokens),
    /// Between two bounds.
    Estimate(TokenEstimate),
    /// Part of it cannot be counted from the request; at least so many.
    Unknown(AtLeast),
}

/// A number of tokens that is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactTokens {
    /// Tokens.
    pub tokens: u64,
}

/// A number of tokens known within a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenEstimate {
    /// The lower end of the band, tokens.
    pub low: u64,
    /// The most likely number, tokens.
    pub likely: u64,
    /// The upper end of the band, tokens.
    pub high: u64,
}

/// What is known of a number of tokens without an upper bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AtLeast {
    /// The tokens that could be counted.
    pub tokens: u64,
}

/// How much a number of tokens can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenClass {
    /// A fact.
    Exact,
    /// A band.
    Estimate,
    /// No upper bound.
    Unknown,
}

/// Bounds of a number of tokens, whatever its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The lower bound, tokens.
    pub low: u64,
    /// The most likely number, tokens; for an unknown one, what could be counted.
    pub likely: u64,
    /// The upper bound, tokens; `None` where there is none.
    pub high: Option<u64>,
}

impl Tokens {
    /// No tokens at all, exactly.
    pub const NONE: Tokens = Tokens::Exact(ExactTokens { tokens: 0 });

    /// The class.
    #[must_use]
    pub fn class(self) -> TokenClass {
        match self {
            Tokens::Exact(_) => TokenClass::Exact,
            Tokens::Estimate(_) => TokenClass::Estimate,
            Tokens::Unknown(_) => TokenClass::Unknown,
        }
    }

    /// The bounds.
    #[must_use]
    pub fn band(self) -> Band {
        match self {
            Tokens::Exact(ExactTokens { tokens }) => {
                Band { low: tokens, likely: tokens, high: Some(tokens) }
            }
            Tokens::Estimate(TokenEstimate { low, likely, high }) => {
                Band { low, likely, high: Some(high) }
            }
            Tokens::Unknown(AtLeast { tokens }) => Band { low: tokens, likely: tokens, high: None },
        }
    }

    /// The sum of two numbers; its class is that of the less certain one.
    ///
    /// ```
    /// use tokreckon::request::{ExactTokens, TokenEstimate, Tokens};
    ///
    /// let text = Tokens::Exact(ExactTokens { tokens: 10 });
    /// let image = Tokens::Estimate(TokenEstimate { low: 24, likely: 25, high: 26 });
    /// assert_eq!(text.plus(image).to_string(), "about 35 (34 to 36)");
    /// ```
    #[must_use]
    pub fn plus(self, other: Tokens) -> Tokens {
        let (a, b) = (self.band(), other.band());
        let low = a.low.saturating_add(b.low);
        let likely = a.likely.saturating_add(b.likely);
        match (self.class().max(other.class()), a.high.zip(b.high)) {
            (TokenClass::Exact, _) => Tokens::Exact(ExactTokens { tokens: likely }),
            (TokenClass::Estimate, Some((high, more))) => {
                Tokens::Estimate(TokenEstimate { low, likely, high: high.saturating_add(more) })
            }
            _ => Tokens::Unknown(AtLeast { tokens: low }),
        }
    }

    /// Exactly so many.
    pub(crate) fn exact(tokens: u64) -> Tokens {
        Tokens::Exact(ExactTokens { tokens })
    }

    /// Within `likely − less ..= likely + more`.
    pub(crate) fn around(likely: u64, less: u64, more: u64) -> Tokens {
        Tokens::Estimate(TokenEstimate {
            low: likely.saturating_sub(less),
            likely,
            high: likely.saturating_add(more),
        })
    }

    /// The same, but a band that reaches so much further down and up.
    pub(crate) fn widened(self, less: u64, more: u64) -> Tokens {
        let Band { low, likely, high } = self.band();
        match high {
            Some(high) => Tokens::Estimate(TokenEstimate {
                low: low.saturating_sub(less),
                likely,
                high: high.saturating_add(more),
            }),
            None => Tokens::at_least(low.saturating_sub(less)),
        }
    }

    /// At least so many, without an upper bound.
    pub(crate) fn at_least(tokens: u64) -> Tokens {
        Tokens::Unknown(AtLeast { tokens })
    }

    /// The same numbers, but no longer a fact.
    pub(crate) fn as_estimate(self) -> Tokens {
        match self {
            Tokens::Exact(ExactTokens { tokens }) => Tokens::around(tokens, 0, 0),
            other => other,
        }
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tokens::Exact(exact) => exact.fmt(formatter),
            Tokens::Estimate(estimate) => estimate.fmt(formatter),
            Tokens::Unknown(at_least) => at_least.fmt(formatter),
        }
    }
}

impl fmt::Display for ExactTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.tokens.to_string())
    }
}

impl fmt::Display for TokenEstimate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TokenEstimate { low, likely, high } = self;
        formatter.pad(&format!("about {likely} ({low} to {high})"))
    }
}

impl fmt::Display for AtLeast {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("at least {}", self.tokens))
    }
}

impl fmt::Display for TokenClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            TokenClass::Exact => "exact",
            TokenClass::Estimate => "estimate",
            TokenClass::Unknown => "unknown",
        })
    }
}
