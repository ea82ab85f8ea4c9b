//! What came back, as far as its tokens can be counted again: texts, and all that is no text.

use crate::json::{Object, Value};
use crate::record::Evidence;

/// The answer of one response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    /// The visible texts, refusals included.
    pub(super) texts: Vec<&'a str>,
    /// How many answers were generated.
    pub(super) choices: usize,
    /// What the answer holds besides text; `None` when it is text alone.
    pub(super) besides: Option<&'static str>,
    /// It ended at a limit of tokens.
    pub(super) cut: bool,
}

impl<'a> Answer<'a> {
    /// Reads what is kept of an answer; `None` when nothing is.
    pub(super) fn read(evidence: &Evidence<'a>) -> Option<Self> {
        if let Some(text) = evidence.text {
            return Some(Self { texts: vec![text], choices: 1, ..Self::default() });
        }
        let body = evidence.response?;
        let mut answer = Self::default();
        let list = |name: &str| body.get(name).and_then(Value::as_array);
        if let Some(choices) = list("choices") {
            choices.iter().filter_map(Value::as_object).for_each(|choice| answer.choice(choice));
        } else if let Some(items) = list("output") {
            answer.choices = 1;
            items.iter().filter_map(Value::as_object).for_each(|item| answer.item(item));
            answer.cut = text(body, "status") == Some("incomplete")
                && reason(body) == Some("max_output_tokens");
        } else if let Some(candidates) = list("candidates") {
            candidates.iter().filter_map(Value::as_object).for_each(|one| answer.candidate(one));
        } else if body.contains_key("content") {
            answer.choices = 1;
            answer.message(body);
            answer.cut = text(body, "stop_reason") == Some("max_tokens");
        } else if let Some(message) = body.get("message").and_then(Value::as_object) {
            answer.choices = 1;
            answer.message(message);
        } else {
            return None;
        }
        Some(answer)
    }

    /// True when nothing of the answer can be seen.
    pub(super) fn is_empty(&self) -> bool {
        self.besides.is_none() && self.texts.iter().all(|text| text.trim().is_empty())
    }

    /// The text, when it is one piece.
    pub(super) fn text(&self) -> String {
        self.texts.concat()
    }

    /// A choice of Chat Completions or of the legacy endpoint.
    fn choice(&mut self, choice: &'a Object<'a>) {
        self.choices += 1;
        self.cut |= text(choice, "finish_reason") == Some("length");
        if let Some(text) = text(choice, "text") {
            self.texts.push(text);
        }
        if let Some(message) = choice.get("message").and_then(Value::as_object) {
            self.message(message);
        }
    }

    fn message(&mut self, message: &'a Object<'a>) {
        self.content(message.get("content"));
        if let Some(refusal) = text(message, "refusal") {
            self.texts.push(refusal);
        }
        let is_there = |name: &str| match message.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let other = [
            ("tool_calls", CALLS),
            ("function_call", CALLS),
            ("audio", "audio"),
            ("images", "images"),
            ("annotations", "results of a built-in tool"),
            ("citations", "results of a built-in tool"),
        ];
        for (name, what) in other {
            if is_there(name) {
                self.besides = self.besides.or(Some(what));
            }
        }
    }

    /// An item of a Responses output.
    fn item(&mut self, item: &'a Object<'a>) {
        match text(item, "type").unwrap_or("message") {
            "message" => self.content(item.get("content")),
            "reasoning" => {}
            "function_call" | "custom_tool_call" => self.besides = self.besides.or(Some(CALLS)),
            _ => self.besides = self.besides.or(Some("results of a built-in tool")),
        }
    }

    fn candidate(&mut self, candidate: &'a Object<'a>) {
        self.choices += 1;
        self.cut |= text(candidate, "finishReason") == Some("MAX_TOKENS");
        let content = candidate.get("content").and_then(Value::as_object);
        let parts = content.and_then(|content| content.get("parts")).and_then(Value::as_array);
        for part in parts.into_iter().flatten().filter_map(Value::as_object) {
            match text(part, "text") {
                Some(_) if part.get("thought") == Some(&Value::Bool(true)) => {}
                Some(text) => self.texts.push(text),
                None => self.besides = self.besides.or(Some(CALLS)),
            }
        }
    }

    /// A text, or a list of parts.
    fn content(&mut self, content: Option<&'a Value<'a>>) {
        let parts = match content {
            Some(Value::String(text)) => {
                self.texts.push(text);
                return;
            }
            Some(Value::Array(parts)) => parts,
            _ => return,
        };
        for part in parts.iter().filter_map(Value::as_object) {
            let annotated = part.get("annotations").and_then(Value::as_array);
            if annotated.is_some_and(|notes| !notes.is_empty()) {
                self.besides = self.besides.or(Some("results of a built-in tool"));
            }
            match text(part, "type").unwrap_or("text") {
                "text" | "output_text" => self.texts.extend(text(part, "text")),
                "refusal" => self.texts.extend(text(part, "refusal")),
                "thinking" | "redacted_thinking" | "reasoning" => {}
                "tool_use" => self.besides = self.besides.or(Some(CALLS)),
                _ => self.besides = self.besides.or(Some("parts that are no text")),
            }
        }
    }
}

/// What a request asks for that makes an answer more than its text; `None` for plain text, or when
/// there is no request.
pub(super) fn asks_besides(evidence: &Evidence<'_>) -> Option<&'static str> {
    let echoed = evidence.response.and_then(format_of);
    let Some(body) = evidence.request.and_then(Value::as_object) else {
        return echoed;
    };
    let several = body.get("n").and_then(Value::as_u64).is_some_and(|n| n > 1);
    let predicts = body.get("prediction").is_some_and(Value::is_object);
    let searches = body.get("web_search_options").is_some_and(Value::is_object);
    let tools = body.get("tools").and_then(Value::as_array).into_iter().flatten();
    let is_function = |tool: &Value| {
        let kind = tool.get("type").and_then(Value::as_str);
        kind.is_none_or(|kind| kind == "function" || kind == "custom")
    };
    let mut built_in = tools.filter(|tool| !is_function(tool));
    format_of(body)
        .or(echoed)
        .or(several.then_some("several answers"))
        .or(predicts.then_some("a predicted answer"))
        .or((searches || built_in.next().is_some()).then_some("a built-in tool"))
        .or(has_images(body).then_some("images"))
}

/// A format of the answer other than text.
fn format_of(body: &Object) -> Option<&'static str> {
    let nested = body.get("text").and_then(|text| text.get("format"));
    let format = body.get("response_format").or(nested)?;
    let kind = format.get("type").and_then(Value::as_str).unwrap_or("text");
    (kind != "text").then_some("structured output")
}

/// Images in any message of a request.
fn has_images(body: &Object) -> bool {
    let entries = body.get("messages").or(body.get("input")).and_then(Value::as_array);
    let parts = entries.into_iter().flatten().filter_map(|entry| entry.get("content")?.as_array());
    let mut kinds = parts.flatten().filter_map(|part| part.get("type")?.as_str());
    kinds.any(|kind| matches!(kind, "image_url" | "input_image" | "image"))
}

/// True for a text that a log has shortened, by the marks that logs leave.
pub(super) fn is_shortened(text: &str) -> bool {
    const MARKS: [&str; 5] =
        ["litellm_truncated", "(truncated ", "[truncated", "<truncated", "[TRUNCATED"];
    // What all of them have: nearly no text does.
    (text.contains("truncated") || text.contains("TRUNCATED"))
        && MARKS.iter().any(|mark| text.contains(mark))
}

/// True when any text of a body was shortened. Bodies are nested less deeply than 128 levels.
pub(super) fn has_shortened(body: &Value) -> bool {
    match body {
        Value::String(text) => is_shortened(text),
        Value::Array(items) => items.iter().any(has_shortened),
        Value::Object(fields) => fields.values().any(has_shortened),
        _ => false,
    }
}

fn text<'a>(object: &Object<'a>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// Why a response is incomplete.
fn reason<'a>(body: &Object<'a>) -> Option<&'a str> {
    body.get("incomplete_details")?.get("reason")?.as_str()
}

const CALLS: &str = "tool calls";

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::*;
    use crate::json::Shapes;

    /// What is seen of a response: texts, what is besides them, and whether it was cut.
    fn seen(json: &str) -> (String, Option<&'static str>, bool) {
        let (shapes, room) = (Shapes::forgetful(), Bump::new());
        let value = shapes.read(json, &room).expect("JSON");
        let evidence = Evidence { response: value.as_object(), ..Evidence::NONE };
        let answer = Answer::read(&evidence).expect("an answer");
        (answer.text(), answer.besides, answer.cut)
    }

    #[test]
    fn every_form_of_an_answer() {
        let text = |text: &str| (text.to_owned(), None, false);
        for (json, expected) in [
            (
                r#"{"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}"#,
                text("Yes."),
            ),
            (r#"{"choices": [{"text": "Yes."}]}"#, text("Yes.")),
            (r#"{"choices": [{"message": {"content": null, "refusal": "No."}}]}"#, text("No.")),
            (
                r#"{"choices": [{"message": {"content": "", "tool_calls": [{}]}}]}"#,
                (String::new(), Some("tool calls"), false),
            ),
            (
                r#"{"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}"#,
                (String::new(), None, true),
            ),
            (
                r#"{"output": [{"type": "reasoning"}, {"type": "message", "content": [
                    {"type": "output_text", "text": "Ye"}, {"type": "output_text", "text": "s."}]}]}"#,
                text("Yes."),
            ),
            (
                r#"{"output": [{"type": "web_search_call"}], "status": "incomplete",
                    "incomplete_details": {"reason": "max_output_tokens"}}"#,
                (String::new(), Some("results of a built-in tool"), true),
            ),
            (
                r#"{"output": [], "status": "incomplete",
                    "incomplete_details": {"reason": "content_filter"}}"#,
                (String::new(), None, false),
            ),
            (
                r#"{"type": "message", "role": "assistant", "stop_reason": "max_tokens", "content": [
                    {"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}]}"#,
                ("Yes.".to_owned(), None, true),
            ),
            (r#"{"role": "assistant", "content": "Yes."}"#, text("Yes.")),
            (
                r#"{"candidates": [{"finishReason": "MAX_TOKENS", "content": {"parts": [
                    {"text": "Hm.", "thought": true}]}}]}"#,
                (String::new(), None, true),
            ),
            (r#"{"message": {"role": "assistant", "content": [{"text": "Yes."}]}}"#, text("Yes.")),
        ] {
            assert_eq!(seen(json), expected, "{json}");
        }
        let (shapes, room) = (Shapes::forgetful(), Bump::new());
        let usage = shapes.read(r#"{"prompt_tokens": 1}"#, &room).expect("JSON");
        let evidence = Evidence { response: usage.as_object(), ..Evidence::NONE };
        assert_eq!(Answer::read(&evidence), None);
    }

    #[test]
    fn shortened_texts_are_not_counted() {
        assert!(is_shortened("The capital of ... (litellm_truncated 120 chars)"));
        assert!(!is_shortened("The capital of France ..."));
        let (shapes, room) = (Shapes::forgetful(), Bump::new());
        let body = shapes.read(r#"{"messages": [{"content": "Long [truncated]"}]}"#, &room);
        assert!(has_shortened(&body.expect("JSON")));
    }

    #[test]
    fn what_a_request_asks_for() {
        let asks = |json: &str| {
            let (shapes, room) = (Shapes::forgetful(), Bump::new());
            let value = shapes.read(json, &room).expect("JSON");
            asks_besides(&Evidence { request: Some(&value), ..Evidence::NONE })
        };
        assert_eq!(asks(r#"{"messages": []}"#), None);
        assert_eq!(asks(r#"{"tools": [{"type": "function"}], "n": 1}"#), None);
        assert_eq!(asks(r#"{"n": 3}"#), Some("several answers"));
        assert_eq!(asks(r#"{"tools": [{"type": "web_search"}]}"#), Some("a built-in tool"));
        let format = Some("structured output");
        assert_eq!(asks(r#"{"response_format": {"type": "json_object"}}"#), format);
        assert_eq!(asks(r#"{"text": {"format": {"type": "json_schema"}}}"#), format);
        assert_eq!(asks(r#"{"text": {"format": {"type": "text"}}}"#), None);
        let image = r#"{"messages": [{"content": [{"type": "image_url"}]}]}"#;
        assert_eq!(asks(image), Some("images"));
    }
}
