//! What is asked, and of whom.

use tokreckon_data::priors::{Priors, Work};

use super::cap::Caps;
use super::history::History;

/// Estimates hidden and visible tokens from shipped priors and the user's own history.
#[derive(Clone, Debug)]
pub struct Estimator<'a> {
    pub(super) priors: Priors<'a>,
    pub(super) history: History,
}

/// One request, before it is sent.
#[derive(Clone, Copy, Debug)]
pub struct EstimateInput<'a> {
    /// Model id.
    pub model: &'a str,
    /// Effort; `None` for the model's default.
    pub effort: Option<&'a str>,
    /// The user's name for this kind of request; `None` for none.
    pub label: Option<&'a str>,
    /// Kind of work; `None` when not known: then it is a mixture of chat, prose and hard problems.
    pub work: Option<Work>,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Limits on the output.
    pub caps: Caps,
    /// Where the visible tokens come from.
    pub visible: Visible,
    /// Choices (`n`): they multiply the output, not the prompt.
    pub choices: u32,
}

/// Where the number of visible tokens comes from. It is never silently zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visible {
    /// From the same data as the hidden tokens.
    #[default]
    FromData,
    /// The user says so.
    Assumed(u64),
}

impl<'a> EstimateInput<'a> {
    /// A request of one choice without limits, effort or label.
    #[must_use]
    pub fn new(model: &'a str, prompt_tokens: u64) -> Self {
        Self {
            model,
            effort: None,
            label: None,
            work: None,
            prompt_tokens,
            caps: Caps::default(),
            visible: Visible::FromData,
            choices: 1,
        }
    }
}

impl<'a> Estimator<'a> {
    /// From priors ([`tokreckon_data::PRIORS`] for the shipped ones) and the user's history.
    #[must_use]
    pub fn new(priors: Priors<'a>, history: History) -> Self {
        Self { priors, history }
    }
}
