//! What a request says about its own output: limits, effort, choices, label.

use serde_json::{Map, Value};
use tokreckon_data::PRIORS;
use tokreckon_data::priors::{Habit, LimitCounts, Work};

use crate::reasoning::{CapBounds, RequestCap, Thinking, plain_name};
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
    /// Kind of work, where its form tells: tools are offered, or a form is asked for.
    pub work: Option<Work>,
    /// Its output limit in tokens; what that counts says [`Self::request_cap`].
    pub cap: Option<u64>,
    /// Its thinking budget.
    pub thinking: Thinking,
    /// Choices: they multiply the output, not the prompt.
    pub choices: u32,
    /// Whether it asks to write its prompt to a cache.
    pub cache_writes: CacheWrites,
}

/// What a request says about writing its prompt to a cache, which mostly costs more than plain input. How
/// much of it will be written nobody knows before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CacheWrites {
    /// Nothing: a seller that has a price for it may write unasked.
    #[default]
    NotAsked,
    /// It asks for the seller's shortest time, five minutes.
    FiveMinutes,
    /// It asks for an hour, or for another time.
    Hour,
}

impl CacheWrites {
    /// The most that a request asks for, wherever in it that stands: Anthropic's `cache_control`, Amazon's
    /// `cachePoint`.
    fn of(body: &Map<String, Value>) -> Self {
        let of_member = |(name, value): (&String, &Value)| match (name.as_str(), value) {
            ("cache_control" | "cachePoint", Value::Object(asked)) => {
                match asked.get("ttl").and_then(Value::as_str) {
                    None | Some("5m") => Self::FiveMinutes,
                    Some(_) => Self::Hour,
                }
            }
            _ => Self::inside(value),
        };
        body.iter().map(of_member).max().unwrap_or_default()
    }

    fn inside(value: &Value) -> Self {
        match value {
            Value::Object(members) => Self::of(members),
            Value::Array(items) => items.iter().map(Self::inside).max().unwrap_or_default(),
            _ => Self::NotAsked,
        }
    }
}

impl Sending {
    /// Reads a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let body = request.body();
        let effort = text(body, &["reasoning_effort"])
            .or_else(|| text(body, &["reasoning", "effort"]))
            .or_else(|| text(body, &["output_config", "effort"]))
            .or_else(|| text(body, &["generationConfig", "thinkingConfig", "thinkingLevel"]))
            .map(|effort| effort.to_ascii_lowercase());
        let model = request.model().map(str::to_owned);
        Self {
            cap: cap(body),
            thinking: thinking(body, effort.as_deref()),
            choices: choices(body),
            label: text(body, &["metadata", "label"]),
            work: work(body),
            cache_writes: CacheWrites::of(body),
            effort,
            model,
        }
    }

    /// Its output limit at a model, with what it counts there: at some it does not hold for thinking, and
    /// where it holds for nothing that is billed it is `None`.
    #[must_use]
    pub fn request_cap(&self, model: &str, thinking: Thinking) -> Option<RequestCap> {
        let tokens = self.cap?;
        let name = plain_name(model);
        let habit = PRIORS.generation(&name).map(|generation| generation.thinking);
        let cannot_think = matches!(thinking, Thinking::Off | Thinking::Never);
        let bounds = match PRIORS.limit_counts(&name) {
            Some(LimitCounts::Nothing) => return None,
            Some(LimitCounts::Visible) if !cannot_think && habit != Some(Habit::Never) => {
                CapBounds::VisibleOnly
            }
            Some(LimitCounts::Visible) | None => CapBounds::Output,
        };
        Some(RequestCap { tokens, bounds })
    }

    /// The same with another effort: `none` switches thinking off.
    #[must_use]
    pub fn with_effort(mut self, effort: &str) -> Self {
        if effort == "none" {
            self.thinking = Thinking::Off;
        } else if self.thinking == Thinking::Off {
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

fn cap(body: &Map<String, Value>) -> Option<u64> {
    count(body, &["max_completion_tokens"])
        .or_else(|| count(body, &["max_output_tokens"]))
        .or_else(|| count(body, &["generationConfig", "maxOutputTokens"]))
        .or_else(|| count(body, &["max_tokens"]))
}

/// Tools go before forms: a request with both mostly calls one.
fn work(body: &Map<String, Value>) -> Option<Work> {
    let filled = |path: &[&str]| match field(body, path) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(value) => value.is_object(),
        None => false,
    };
    if [&["tools"][..], &["functions"], &["toolConfig", "tools"]].into_iter().any(filled) {
        return Some(Work::Tools);
    }
    let kinds: [&[&str]; 2] = [&["response_format", "type"], &["text", "format", "type"]];
    let kind = kinds.into_iter().find_map(|path| field(body, path)?.as_str());
    let mime = field(body, &["generationConfig", "responseMimeType"]).and_then(Value::as_str);
    let schemas: [&[&str]; 4] = [
        &["output_config", "format"],
        &["output_format"],
        &["generationConfig", "responseSchema"],
        &["generationConfig", "responseJsonSchema"],
    ];
    let form = matches!(kind, Some("json_schema" | "json_object"))
        || mime == Some("application/json")
        || schemas.into_iter().any(filled);
    form.then_some(Work::Schema)
}

fn thinking(body: &Map<String, Value>, effort: Option<&str>) -> Thinking {
    if effort == Some("none") {
        return Thinking::Off;
    }
    // Anthropic: `thinking`; DeepSeek, Z.ai and others write it alike.
    match field(body, &["thinking", "type"]).and_then(Value::as_str) {
        Some("disabled" | "none") => return Thinking::Off,
        Some("enabled" | "adaptive" | "auto") => {
            let budget = count(body, &["thinking", "budget_tokens"]);
            return budget.map_or(Thinking::On, Thinking::Ceiling);
        }
        _ => {}
    }
    // OpenRouter: `reasoning`; an effort there switches it on for every model.
    if let Some(reasoning) = body.get("reasoning").filter(|value| value.is_object()) {
        if reasoning.get("enabled") == Some(&Value::Bool(false)) {
            return Thinking::Off;
        }
        match reasoning.get("max_tokens").and_then(Value::as_u64) {
            Some(0) => return Thinking::Off,
            Some(tokens) => return Thinking::Ceiling(tokens),
            None => {}
        }
        if reasoning.get("enabled") == Some(&Value::Bool(true))
            || reasoning.get("effort").is_some_and(Value::is_string)
        {
            return Thinking::On;
        }
    }
    // Open models behind their servers.
    let switches: [&[&str]; 3] =
        [&["enable_thinking"], &["chat_template_kwargs", "enable_thinking"], &["think"]];
    if let Some(on) = switches.iter().find_map(|path| field(body, path)?.as_bool()) {
        return if on { Thinking::On } else { Thinking::Off };
    }
    match field(body, &["generationConfig", "thinkingConfig", "thinkingBudget"]) {
        Some(budget) => match budget.as_u64() {
            Some(0) => Thinking::Off,
            Some(tokens) => Thinking::Target(tokens),
            None => Thinking::On,
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

    /// Recorded: 165 tokens of grok-4.3 at a limit of 16, 6,159 of qwen3.8-max, 3,397 of groq/compound.
    #[test]
    fn a_limit_that_thinking_does_not_keep_is_none() {
        let asked = sending(r#"{"model": "m", "messages": [], "max_tokens": 16}"#);
        let at = |model, thinking| asked.request_cap(model, thinking).map(|cap| cap.bounds);
        for model in
            ["grok-4.3", "qwen3.8-max", "qwen/qwen3.5-122b-a10b-20260224", "deepseek-reasoner"]
        {
            assert_eq!(at(model, Thinking::Automatic), Some(CapBounds::VisibleOnly), "{model}");
            assert_eq!(at(model, Thinking::Off), Some(CapBounds::Output), "{model}");
        }
        assert_eq!(at("groq/compound", Thinking::Automatic), None);
        for model in ["gpt-5-mini", "grok-4-1-fast-non-reasoning", "qwen3-30b-a3b-instruct-2507"] {
            assert_eq!(at(model, Thinking::Automatic), Some(CapBounds::Output), "{model}");
        }
        assert_eq!(at("grok-4", Thinking::Never), Some(CapBounds::Output));
    }

    #[test]
    fn limits_budgets_and_choices_are_read() {
        let chat = sending(
            r#"{"model": "o3", "messages": [], "n": 3, "max_completion_tokens": 10, "max_tokens": 5,
                "reasoning_effort": "low", "metadata": {"label": "planner"}}"#,
        );
        assert_eq!(chat.cap, Some(10));
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
        assert_eq!((gemini.thinking, gemini.choices), (Thinking::On, 2));
        assert_eq!(gemini.cap, Some(9));
        let tools = sending(
            r#"{"model": "m", "messages": [], "tools": [{}], "response_format": {"type": "json_object"}}"#,
        );
        assert_eq!((tools.work, gemini.work), (Some(Work::Tools), None));
        let form =
            sending(r#"{"model": "m", "input": "a", "text": {"format": {"type": "json_schema"}}}"#);
        assert_eq!(form.work, Some(Work::Schema));
        let level = sending(
            r#"{"contents": [], "generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}"#,
        );
        assert_eq!(level.effort.as_deref(), Some("low"));
        let cached = |control: &str| {
            let block = format!(r#"{{"type": "text", "text": "a", "cache_control": {control}}}"#);
            let body = r#"{"model": "m", "messages": [{"role": "user", "content": [BLOCK]}]}"#;
            sending(&body.replace("BLOCK", &block)).cache_writes
        };
        assert_eq!(cached("null"), CacheWrites::NotAsked);
        assert_eq!(cached(r#"{"type": "ephemeral"}"#), CacheWrites::FiveMinutes);
        assert_eq!(cached(r#"{"type": "ephemeral", "ttl": "1h"}"#), CacheWrites::Hour);
        let router = |reasoning: &str| {
            sending(&format!(r#"{{"model": "m", "messages": [], "reasoning": {reasoning}}}"#))
                .thinking
        };
        assert_eq!(router(r#"{"enabled": false}"#), Thinking::Off);
        assert_eq!(router(r#"{"max_tokens": 1000}"#), Thinking::Ceiling(1000));
        assert_eq!(router(r#"{"effort": "high"}"#), Thinking::On);
        assert_eq!(router("{}"), Thinking::Automatic);
    }
}
