//! How much a model reads and writes in one request: more than that were several.

use tokreckon_data::table::ModelFacts;

/// Most tokens of one request, as facts of a model say; `None` is "not known".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Most {
    /// The context window.
    pub(crate) context: Option<u64>,
    /// The longest prompt: the context window, or what some sources say instead of it or beyond it.
    pub(crate) prompt: Option<u64>,
    /// The longest answer, hidden reasoning included.
    pub(crate) output: Option<u64>,
}

impl Most {
    pub(crate) fn of(facts: &ModelFacts) -> Self {
        // In some rows of the sources the output limit is above the context window: not reliable.
        let reliable = facts.context_window == 0 || facts.max_output_tokens <= facts.context_window;
        let known = |count: u64| (count > 0 && reliable).then_some(count);
        let context = known(facts.context_window);
        Self {
            context,
            prompt: context.max(known(facts.max_input_tokens)),
            output: known(facts.max_output_tokens),
        }
    }

    /// False for a prompt that no single request has.
    pub(crate) fn reads(self, prompt: u128) -> bool {
        self.prompt.is_none_or(|most| prompt <= u128::from(most))
    }

    /// False for an answer that no single request gets.
    pub(crate) fn writes(self, output: u128) -> bool {
        self.output.is_none_or(|most| output <= u128::from(most))
    }
}
