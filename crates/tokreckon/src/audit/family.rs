//! What is known of a model's counts: steps of its reasoning figure, and how its output adds up.
//!
//! Measured on recorded responses of the model itself; a relative of a measured model is not
//! measured.

use tokreckon_tokenizer::Encoding;

use crate::request::{Kind, find_model};

/// What is known of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// Reasoning tokens are reported in steps of 64.
    pub(super) steps: Known,
    /// Cached tokens are reported in steps of 128.
    pub(super) cache_steps: bool,
    /// How output, reasoning and visible text add up; `None` where nobody measured it.
    pub(super) framing: Option<Framing>,
    /// It has no reasoning tokens at all.
    pub(super) never_reasons: bool,
    /// Text in, text out, not fine-tuned: what was measured on its family holds for it.
    pub(super) ordinary: bool,
    /// The encoding of its texts, where it is public.
    pub(super) encoding: Option<Encoding>,
}

/// Whether something holds for a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It held in every recorded response.
    Holds,
    /// It does not hold.
    Fails,
    /// There is no recorded response to tell by.
    NotMeasured,
}

/// How many tokens of output are neither reasoning nor visible text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Reasoning models: between 1 and the larger of 80 and the visible tokens plus 16. (Some
    /// bill the visible answer twice; reasoning is rounded down to its step.)
    Reasoning,
    /// Models without reasoning: between 3 fewer and 6 more than the visible tokens.
    Plain,
}

impl Framing {
    /// Fewest and most tokens beside reasoning and so many visible ones.
    pub(super) fn bounds(self, visible: u64) -> (i128, i128) {
        match self {
            Self::Reasoning => (1, 80.max(i128::from(visible) + 16)),
            Self::Plain => (-3, 6),
        }
    }
}

/// Families whose reasoning figure came in steps of 64 in every recorded response.
const STEPS: [&str; 8] = [
    "o1-mini",
    "o1-preview",
    "o3-mini",
    "o4-mini",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
    "gpt-5-pro",
];

/// Families of which no response with reasoning was recorded.
const NO_STEPS_SEEN: [&str; 3] = ["o1", "o3", "gpt-5 relatives"];

/// Families whose cached tokens come in steps of 128, as documented at their time.
const CACHE_STEPS: [&str; 14] = [
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4.1-nano",
    "o1",
    "o1-mini",
    "o1-preview",
    "o3",
    "o3-mini",
    "o4-mini",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
];

impl Family {
    /// The family of a model id; `None` where nothing is known of it.
    pub(super) fn of(model: &str) -> Option<Self> {
        let found = find_model(model)?;
        let (name, kind) = (found.family.name, found.family.kind);
        let own = |names: &[&str]| names.contains(&name) && !found.fine_tuned;
        let short = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let codex_mini = short == "gpt-5.1-codex-mini";
        // Audio and search models differ; so do fine-tuned ones, for all anybody knows.
        let ordinary = !["audio", "search", "vision"].iter().any(|word| short.contains(word));
        let framing = match kind {
            _ if found.fine_tuned || !ordinary => None,
            Kind::First | Kind::Plain100k | Kind::Plain200k => Some(Framing::Plain),
            Kind::Reasoning | Kind::ReasoningMini | Kind::FirstReasoning => {
                let measured = found.family.recorded || name == "o1-preview" || codex_mini;
                measured.then_some(Framing::Reasoning)
            }
            Kind::Bare(_) | Kind::Band(_) => None,
        };
        Some(Self {
            steps: if own(&STEPS) || codex_mini {
                Known::Holds
            } else if own(&NO_STEPS_SEEN) {
                Known::NotMeasured
            } else {
                Known::Fails
            },
            cache_steps: own(&CACHE_STEPS),
            ordinary: ordinary && !found.fine_tuned,
            framing,
            never_reasons: matches!(
                kind,
                Kind::First | Kind::Plain100k | Kind::Plain200k | Kind::Bare(_)
            ),
            encoding: (!matches!(kind, Kind::Band(_))).then(|| kind.encoding()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_a_rule_of_single_families() {
        for (model, steps) in [
            ("o1-mini-2024-09-12", Known::Holds),
            ("openai/gpt-5-mini", Known::Holds),
            ("gpt-5.1-codex-mini", Known::Holds),
            ("o3-2025-04-16", Known::NotMeasured),
            ("gpt-5.1", Known::NotMeasured),
            ("gpt-5.2-2025-12-11", Known::Fails),
            ("gpt-5.6-sol", Known::Fails),
            ("deepseek-reasoner", Known::Fails),
        ] {
            assert_eq!(Family::of(model).map(|family| family.steps), Some(steps), "{model}");
        }
        assert_eq!(Family::of("my-own-model"), None);
    }
}
