//! Caps: the most output tokens a request can be billed for, whatever happens.

/// Limits on the output of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caps {
    /// The limit in the request itself; `None` when it sets none.
    pub request: Option<RequestCap>,
    /// Largest output of the model; `None` when not known.
    pub model_max_output: Option<u64>,
    /// Prompt and output together; `None` when not known.
    pub context_window: Option<u64>,
    /// Thinking budget.
    pub thinking: Thinking,
}

/// An output limit in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestCap {
    /// Tokens.
    pub tokens: u64,
    /// What it limits.
    pub bounds: CapBounds,
}

/// What a provider's output limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CapBounds {
    /// Reasoning and visible output together: `max_completion_tokens` and `max_output_tokens` at
    /// OpenAI, `max_tokens` at Anthropic and most others, `maxOutputTokens` at Gemini.
    Output,
    /// The visible answer only: of Grok and Qwen when they think, and of `deepseek-reasoner`
    /// ([`tokreckon_data::priors::LooseLimit`] has all of them, with what shows it). Such a limit is no
    /// limit of the cost.
    VisibleOnly,
}

/// A thinking budget, as its provider defines it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thinking {
    /// Nothing said: the habit of the model decides.
    #[default]
    Automatic,
    /// The model cannot think, by what the book knows.
    Never,
    /// Off: `thinkingBudget: 0`, `thinking: disabled`, effort `none`. Some models think all the same.
    Off,
    /// On, as much as the model wants: `thinking: adaptive`, `reasoning: {enabled: true}`, an effort.
    On,
    /// A ceiling that holds (`budget_tokens` at Anthropic). Not a forecast: with budgets of 1,024
    /// to 10,000 a model used 369 to 671 tokens per move of chess.
    Ceiling(u64),
    /// A target that "the model may exceed or fall short of" (`thinkingBudget` at Gemini): no cap.
    Target(u64),
}

/// The most output tokens of one choice, and which limit says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HardCap {
    /// Tokens, hidden and visible together.
    pub tokens: u64,
    /// The limit that binds.
    pub limit: Limit,
}

impl HardCap {
    /// That of so many choices together.
    #[must_use]
    pub const fn times(self, choices: u64) -> Self {
        Self { tokens: self.tokens.saturating_mul(choices), ..self }
    }
}

/// A limit on output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Set in the request.
    Request,
    /// The model's largest output.
    Model,
    /// What the prompt leaves of the context window.
    ContextWindow,
}

impl Caps {
    /// The smallest limit on hidden and visible output together; `None` when none is known.
    ///
    /// ```
    /// use tokreckon::reasoning::{CapBounds, Caps, Limit, RequestCap};
    ///
    /// let caps = Caps {
    ///     request: Some(RequestCap { tokens: 100_000, bounds: CapBounds::Output }),
    ///     model_max_output: Some(65_536),
    ///     context_window: Some(128_000),
    ///     ..Caps::default()
    /// };
    /// let hard = caps.hard(100_000).unwrap();
    /// assert_eq!((hard.tokens, hard.limit), (28_000, Limit::ContextWindow));
    /// ```
    #[must_use]
    pub fn hard(&self, prompt_tokens: u64) -> Option<HardCap> {
        let request =
            self.request.filter(|cap| cap.bounds == CapBounds::Output).map(|cap| cap.tokens);
        let left = self.context_window.map(|window| window.saturating_sub(prompt_tokens));
        let limits = [
            (request, Limit::Request),
            (self.model_max_output, Limit::Model),
            (left, Limit::ContextWindow),
        ];
        let known = limits
            .into_iter()
            .filter_map(|(tokens, limit)| tokens.map(|tokens| HardCap { tokens, limit }));
        known.min_by_key(|cap| cap.tokens)
    }

    /// The most visible tokens where a limit counts only those.
    #[must_use]
    pub fn visible(&self) -> Option<u64> {
        self.request.filter(|cap| cap.bounds == CapBounds::VisibleOnly).map(|cap| cap.tokens)
    }

    /// The most hidden tokens by the thinking budget; `None` when it does not bound them.
    #[must_use]
    pub const fn hidden(&self) -> Option<u64> {
        match self.thinking {
            Thinking::Never => Some(0),
            Thinking::Ceiling(tokens) => Some(tokens),
            Thinking::Automatic | Thinking::Off | Thinking::On | Thinking::Target(_) => None,
        }
    }
}
