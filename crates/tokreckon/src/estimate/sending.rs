//! What a request says about its own output: limits, effort, choices, label.

use serde_json::{Map, Value};

use crate::reasoning::{Bounds, RequestCap, Thinking};
use crate::request::Request;

/// What a request says about its own output. Nothing is guessed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sending {
    /// Model.
    pub model: Option<String>,
    /// Effort as given.
    pub effort: Option<String>,
    /// The user's name for this kind of request: `metadata.label`.
    pub label: Option<String>,
    /// Its output limit.
    pub cap: Option<RequestCap>,
    /// Its thinking budget.
    pub thinking: Thinking,
    /// Choices: they multiply the output, not the prompt.
    pub choices: u32,
}

impl Sending {
    /// Reads a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let body = request.body();
        let effort = text(body, &["reasoning_effort"])
            .or_else(|| text(body, &["reasoning", "effort"]))
            .or_else(|| text(body, &["output_config", "effort"]));
        let model = request.model().map(str::to_owned);
        Self {
            cap: cap(body, model.as_deref().unwrap_or("")),
            thinking: thinking(body, effort.as_deref()),
            choices: choices(body),
            label: text(body, &["metadata", "label"]),
            effort,
            model,
        }
    }

    /// The same with another effort: `none` switches thinking off.
    #[must_use]
    pub fn with_effort(mut self, effort: &str) -> Self {
        if effort == "none" {
            self.thinking = Thinking::Off;
        } else if self.effort.as_deref() == Some("none") {
            self.thinking = Thinking::Automatic;
        }
        self.effort = Some(effort.to_owned());
        self
    }
}

fn field<'v>(body: &'v Map<String, Value>, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(body.get(*first)?, |value, name| value.get(name))
}

fn text(body: &Map<String, Value>, path: &[&str]) -> Option<String> {
    field(body, path)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn count(body: &Map<String, Value>, path: &[&str]) -> Option<u64> {
    field(body, path)?.as_u64()
}

fn cap(body: &Map<String, Value>, model: &str) -> Option<RequestCap> {
    let of_output = count(body, &["max_completion_tokens"])
        .or_else(|| count(body, &["max_output_tokens"]))
        .or_else(|| count(body, &["generationConfig", "maxOutputTokens"]));
    if let Some(tokens) = of_output {
        return Some(RequestCap { tokens, bounds: Bounds::Output });
    }
    let tokens = count(body, &["max_tokens"])?;
    // At its release this limit did not count reasoning: taking it for no limit is the safe side.
    let visible_only = model.eq_ignore_ascii_case("deepseek-reasoner");
    let bounds = if visible_only { Bounds::VisibleOnly } else { Bounds::Output };
    Some(RequestCap { tokens, bounds })
}

fn thinking(body: &Map<String, Value>, effort: Option<&str>) -> Thinking {
    if effort == Some("none") {
        return Thinking::Off;
    }
    match field(body, &["thinking", "type"]).and_then(Value::as_str) {
        Some("disabled") => return Thinking::Off,
        Some("enabled") => {
            let budget = count(body, &["thinking", "budget_tokens"]);
            return budget.map_or(Thinking::Automatic, Thinking::Ceiling);
        }
        _ => {}
    }
    match field(body, &["generationConfig", "thinkingConfig", "thinkingBudget"]) {
        Some(budget) => match budget.as_u64() {
            Some(0) => Thinking::Off,
            Some(tokens) => Thinking::Target(tokens),
            None => Thinking::Automatic,
        },
        None => Thinking::Automatic,
    }
}

fn choices(body: &Map<String, Value>) -> u32 {
    let paths: [&[&str]; 3] = [&["n"], &["best_of"], &["generationConfig", "candidateCount"]];
    let most = paths.iter().filter_map(|path| count(body, path)).max().unwrap_or(1);
    u32::try_from(most).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sending(body: &str) -> Sending {
        Sending::of(&Request::from_json(body).expect("a request"))
    }

    #[test]
    fn limits_budgets_and_choices_are_read() {
        let chat = sending(
            r#"{"model": "o3", "messages": [], "n": 3, "max_completion_tokens": 10, "max_tokens": 5,
                "reasoning_effort": "low", "metadata": {"label": "planner"}}"#,
        );
        assert_eq!(chat.cap, Some(RequestCap { tokens: 10, bounds: Bounds::Output }));
        assert_eq!((chat.choices, chat.effort.as_deref()), (3, Some("low")));
        assert_eq!(chat.label.as_deref(), Some("planner"));
        let off = sending(r#"{"model": "gpt-5.1", "input": "a", "reasoning": {"effort": "none"}}"#);
        assert_eq!(off.thinking, Thinking::Off);
        assert_eq!(off.with_effort("high").thinking, Thinking::Automatic);
        let claude = sending(
            r#"{"model": "claude-sonnet-4", "messages": [], "max_tokens": 2000,
                "thinking": {"type": "enabled", "budget_tokens": 1024}}"#,
        );
        assert_eq!(claude.thinking, Thinking::Ceiling(1024));
        let gemini = sending(
            r#"{"contents": [], "generationConfig": {"maxOutputTokens": 9, "candidateCount": 2,
                "thinkingConfig": {"thinkingBudget": -1}}}"#,
        );
        assert_eq!((gemini.thinking, gemini.choices), (Thinking::Automatic, 2));
        assert_eq!(gemini.cap.map(|cap| cap.tokens), Some(9));
    }
}
