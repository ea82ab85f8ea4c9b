//! What a provider would refuse, seen before sending: the request against the book's facts.

use serde_json::Value;
use tokreckon_data::table::{ModelFacts, Tables};

use super::sending::Sending;
use crate::book::is_over;
use crate::request::{Endpoint, Request, Tokens};
use crate::time::{Period, day_text};

/// Something to know before sending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct RequestFinding {
    /// Stable code for machines.
    pub code: &'static str,
    /// True when the provider refuses the request by what the book knows; false for a warning.
    pub refused: bool,
    /// What, with the figures.
    pub says: String,
}

impl RequestFinding {
    /// One with this code; `refused` where the provider would refuse the request.
    #[must_use]
    pub const fn new(code: &'static str, refused: bool, says: String) -> Self {
        Self { code, refused, says }
    }
}

/// Holds a request against the facts about its model.
#[must_use]
pub fn check(
    request: &Request,
    sending: &Sending,
    prompt: Tokens,
    facts: Option<(&Tables, &ModelFacts)>,
    period: Period,
) -> Vec<RequestFinding> {
    let mut findings = Findings { model: sending.model.as_deref().unwrap_or(""), list: Vec::new() };
    findings.parameters(request);
    if let Some((tables, facts)) = facts {
        findings.sizes(sending, prompt, facts);
        findings.life(tables.str(facts.retired), tables.str(facts.status), period);
        findings.endpoint(request.endpoint(), tables.str(facts.endpoints));
        findings.features(request, tables.str(facts.features_not_supported));
    }
    findings.list
}

struct Findings<'a> {
    model: &'a str,
    list: Vec<RequestFinding>,
}

impl Findings<'_> {
    fn refused(&mut self, code: &'static str, says: String) {
        self.list.push(RequestFinding { code, refused: true, says });
    }

    fn warned(&mut self, code: &'static str, says: String) {
        self.list.push(RequestFinding { code, refused: false, says });
    }

    /// `max_tokens` in chat requests to o-series models: OpenAI answers "Unsupported parameter".
    fn parameters(&mut self, request: &Request) {
        let mut letters = self.model.strip_prefix("openai/").unwrap_or(self.model).chars();
        let o_series =
            letters.next() == Some('o') && letters.next().is_some_and(|c| c.is_ascii_digit());
        let chat = request.endpoint() == Endpoint::ChatCompletions;
        if o_series && chat && request.body().get("max_tokens").is_some_and(|v| !v.is_null()) {
            let says = format!("`{}` takes `max_completion_tokens`, not `max_tokens`", self.model);
            self.refused("unsupported-parameter", says);
        }
    }

    fn sizes(&mut self, sending: &Sending, prompt: Tokens, facts: &ModelFacts) {
        let band = prompt.band();
        let limits = [
            ("prompt-above-context-window", "context window", facts.context_window),
            ("prompt-above-input-limit", "largest prompt", facts.max_input_tokens),
        ];
        for (code, name, limit) in limits.into_iter().filter(|(.., limit)| *limit > 0) {
            let of = format!("the {name} of `{}`, {limit} tokens", self.model);
            if band.low > limit {
                self.refused(code, format!("the prompt exceeds {of}: it has {prompt}"));
                break;
            } else if band.high.is_some_and(|high| high > limit) {
                self.warned(code, format!("the prompt may exceed {of}: it has {prompt}"));
                break;
            }
        }
        let most = facts.max_output_tokens;
        if let Some(tokens) = sending.cap.filter(|tokens| most > 0 && *tokens > most) {
            let says = format!(
                "asks for up to {tokens} output tokens; `{}` gives {most} at most",
                self.model
            );
            self.refused("output-above-model-maximum", says);
        }
    }

    fn life(&mut self, retired: &str, status: &str, period: Period) {
        if is_over(retired, period) {
            let day = day_text(period.start.day());
            self.refused(
                "model-retired",
                format!("`{}` was shut down on {retired}; the request is of {day}", self.model),
            );
        } else if !retired.is_empty() {
            self.warned(
                "model-deprecated",
                format!("`{}` is or was to be shut down on {retired}", self.model),
            );
        } else if status.contains("deprecated") {
            self.warned("model-deprecated", format!("`{}` is listed as {status}", self.model));
        }
    }

    fn endpoint(&mut self, endpoint: Endpoint, listed: &str) {
        let path = match endpoint {
            Endpoint::ChatCompletions => "/v1/chat/completions",
            Endpoint::Responses => "/v1/responses",
            Endpoint::Embeddings => "/v1/embeddings",
            Endpoint::Completions => "/v1/completions",
            Endpoint::Messages | Endpoint::GenerateContent | Endpoint::Converse => return,
        };
        if listed.is_empty() || listed.split(' ').any(|one| one == path) {
            return;
        }
        let known = listed.split(' ').collect::<Vec<_>>().join(", ");
        let says = format!("`{}` is not known at `{path}`; the book lists {known}", self.model);
        self.refused("unsupported-endpoint", says);
    }

    fn features(&mut self, request: &Request, not_supported: &str) {
        for feature in used(request) {
            if not_supported.split(' ').any(|one| one == feature) {
                let says = format!("the request uses {feature}; `{}` has none", self.model);
                self.refused("unsupported-feature", says);
            }
        }
    }
}

/// Features that a request uses, in the words of the book.
fn used(request: &Request) -> Vec<&'static str> {
    let body = request.body();
    let filled = |name: &str| match body.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let schema = |value: Option<&Value>| {
        value.and_then(|format| format.get("type")).and_then(Value::as_str) == Some("json_schema")
    };
    let messages = ["messages", "input"].into_iter().filter_map(|name| body.get(name)?.as_array());
    let messages: Vec<&Value> = messages.flatten().collect();
    let system = messages.iter().any(|message| {
        matches!(message.get("role").and_then(Value::as_str), Some("system" | "developer"))
    });
    let part = |kinds: &[&str]| {
        let parts = messages.iter().filter_map(|message| message.get("content")?.as_array());
        parts
            .flatten()
            .filter_map(|part| part.get("type")?.as_str())
            .any(|kind| kinds.contains(&kind))
    };
    let text_format = body.get("text").and_then(|text| text.get("format"));
    let uses = [
        ("function-calling", filled("tools") || filled("functions")),
        ("structured-outputs", schema(body.get("response_format")) || schema(text_format)),
        ("system-messages", system || filled("system") || filled("instructions")),
        ("image-input", part(&["image_url", "input_image", "image"])),
        ("audio-input", part(&["input_audio"])),
        ("predicted-outputs", filled("prediction")),
        ("streaming", filled("stream")),
    ];
    uses.into_iter().filter(|(_, used)| *used).map(|(feature, _)| feature).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::PriceBook;
    use crate::request::CountOptions;

    fn codes(body: &str, day: &str) -> Vec<&'static str> {
        let book = PriceBook::builtin();
        let request = Request::from_json(body).expect("a request");
        let sending = Sending::of(&request);
        let prompt = request.count(&CountOptions::default()).total();
        let facts = book.facts("openai", request.model().expect("a model"));
        let period = Period::parse(day).expect("a day");
        let findings = check(&request, &sending, prompt, facts, period);
        findings.iter().filter(|found| found.refused).map(|found| found.code).collect()
    }

    #[test]
    fn o1_mini_refuses_what_its_page_says() {
        let plain = r#"{"model": "o1-mini", "messages": [{"role": "user", "content": "Hi"}]}"#;
        assert_eq!(codes(plain, "2025-04-09"), [""; 0]);
        assert_eq!(codes(plain, "2026-01-01"), ["model-retired"]);
        let much = r#"{"model": "o1-mini", "max_tokens": 100000, "tools": [{"type": "function",
            "function": {"name": "f"}}], "messages": [{"role": "system", "content": "Hi"}]}"#;
        let expected = [
            "unsupported-parameter",
            "output-above-model-maximum",
            "unsupported-feature",
            "unsupported-feature",
        ];
        assert_eq!(codes(much, "2025-04-09"), expected);
        let responses = r#"{"model": "o1-mini", "input": "Hi", "instructions": ""}"#;
        assert_eq!(codes(responses, "2025-04-09")[0], "unsupported-endpoint");
    }
}
