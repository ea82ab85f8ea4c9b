//! Laws of counting requests: whatever the JSON, there is an answer, and its bounds are in order.
//!
//! `TOKRECKON_FUZZ` sets how many mutated requests are tried; the default is a few thousand. Run once with
//! 10,000,000 before the first release: 5,797,844 of them had the shape of a request and were counted, the
//! others were refused, none panicked and every law held.

use proptest::prelude::*;
use serde_json::{Map, Number, Value};
use tokreckon::request::{
    CountOptions, Endpoint, Request, RequestCount, TokenClass, Tokens, batch,
};
use tokreckon_tokenizer::Tokenizer;

/// What must hold of every count.
fn check(count: &RequestCount) {
    let mut sum = Tokens::NONE;
    for part in &count.parts {
        let band = part.tokens.band();
        assert!(band.low <= band.likely, "{part:?}");
        assert!(band.high.is_none_or(|high| band.likely <= high), "{part:?}");
        assert!(tokreckon::request::rule(part.rule).is_some(), "{part:?}");
        sum = sum.plus(part.tokens);
    }
    assert_eq!(count.total(), sum);
    let text = count.total().to_string();
    assert_eq!(
        count.total().class() == TokenClass::Exact,
        text.bytes().all(|byte| byte.is_ascii_digit()),
        "only a fact prints as a bare number: {text}"
    );
}

/// Where nothing is known but a tokenizer, the band reaches what the model is billed by the rules that are known.
#[test]
fn the_band_of_a_given_tokenizer_holds_what_known_templates_bill() {
    let models = [
        "gpt-4o",
        "o3",
        "deepseek-chat",
        "mistral-small-latest",
        "gemini-2.5-flash",
        "qwen3-32b",
        "claude-sonnet-4-5",
        "glm-4.6",
    ];
    let requests = include_str!("requests.md").lines().filter(|line| line.starts_with('{'));
    let mut compared = 0;
    for text in requests {
        let request = Request::from_json(text).expect("a request");
        for model in models {
            let options = CountOptions::default().with_model(model);
            let known = request.count(&options);
            let tokenizer = known.tokenizer.expect("a tokenizer that is here");
            let options = options.with_model("not-known").with_tokenizer(tokenizer);
            let given = request.count(&options).total().band();
            let (Some(_), Some(most)) = (known.total().band().high, given.high) else {
                continue;
            };
            let likely = known.total().band().likely;
            assert!((given.low..=most).contains(&likely), "{model} {likely} {given:?} {text}");
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}

/// A tokenizer that is the model's own changes nothing; any other counts the texts, a file or not.
#[test]
fn a_given_tokenizer_counts_the_texts() {
    let text = "Wie viele W\u{f6}rter sind das?";
    let body = serde_json::json!({"messages": [{"role": "user", "content": text}]});
    let request = Request::from_value(body).expect("a request");
    let parts = |model: &str, tokenizer: Option<&str>| {
        let mut options = CountOptions::default().with_model(model);
        if let Some(name) = tokenizer {
            options = options.with_tokenizer(name.parse().expect("a tokenizer"));
        }
        request.count(&options)
    };
    assert_eq!(parts("gpt-4o", Some("o200k_base")), parts("gpt-4o", None));
    assert_eq!(parts("deepseek-chat", Some("deepseek_v3")), parts("deepseek-chat", None));
    for model in ["llama-3.3-70b", "gpt-4o", "deepseek-chat", "not-known"] {
        let count = parts(model, Some("mistral_v1"));
        assert_eq!(count.parts[0].rule, "text-given", "{model}");
        let counted = "mistral_v1".parse::<Tokenizer>().expect("here").count(text);
        assert_eq!(count.parts[0].tokens.to_string(), counted.to_string(), "{model}");
        assert_eq!(count.tokenizer.map(Tokenizer::name), Some("mistral_v1"));
    }
}

#[test]
fn mutated_requests_are_answered() {
    let page = include_str!("requests.md");
    let seeds: Vec<Value> = page
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).expect("a request"))
        .collect();
    #[expect(clippy::disallowed_methods, reason = "a test may be made longer")]
    let rounds = std::env::var("TOKRECKON_FUZZ").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: u64 = rounds.unwrap_or(5_000);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut answered = 0_u64;
    for _ in 0..rounds {
        let mut value = random.pick(&seeds).clone();
        for _ in 0..=random.below(4) {
            mutate(&mut value, &mut random, &seeds);
        }
        let Ok(request) = Request::from_value(value) else {
            continue;
        };
        let request = match random.below(4) {
            0 => request.for_endpoint(*random.pick(&ENDPOINTS)),
            _ => request,
        };
        let options = match random.below(3) {
            0 => CountOptions::default().with_model(*random.pick(&MODELS)),
            _ => CountOptions::default(),
        };
        check(&request.count(&options));
        answered += 1;
    }
    println!("{answered} of {rounds} mutated requests had a shape and were counted");
}

/// Replaces, removes, doubles or moves something somewhere in a value.
fn mutate(value: &mut Value, random: &mut Random, seeds: &[Value]) {
    match value {
        Value::Object(fields) if !fields.is_empty() && random.below(6) > 0 => {
            let key = random.nth(fields.keys()).cloned().unwrap_or_default();
            match random.below(8) {
                0 => drop(fields.shift_remove(&key)),
                1 => {
                    let other = random.nth(fields.keys()).cloned().unwrap_or_default();
                    let moved = fields.get(&key).cloned().unwrap_or_default();
                    fields.insert(other, moved);
                }
                2 => drop(fields.insert((*random.pick(&WORDS)).to_owned(), leaf(random, seeds))),
                _ => mutate(fields.get_mut(&key).unwrap_or(&mut Value::Null), random, seeds),
            }
        }
        Value::Array(items) if !items.is_empty() && random.below(6) > 0 => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.push(leaf(random, seeds)),
                3 => items.reverse(),
                _ => mutate(&mut items[at], random, seeds),
            }
        }
        other => *other = leaf(random, seeds),
    }
}

/// A value to put somewhere: a word, a number, a list, or a piece of another request.
fn leaf(random: &mut Random, seeds: &[Value]) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.below(2) == 0),
        2 => Value::Number(Number::from(random.below(1 << 40))),
        3 => Value::Array(vec![Value::from(*random.pick(&WORDS)); random.below(4)]),
        4 => Value::Object(Map::from_iter([(
            (*random.pick(&WORDS)).to_owned(),
            Value::from(*random.pick(&WORDS)),
        )])),
        5 => {
            let mut piece = random.pick(seeds);
            while let Some(inner) = match piece {
                Value::Object(fields) => random.nth(fields.values()),
                Value::Array(items) => random.nth(items.iter()),
                _ => None,
            } {
                piece = inner;
                if random.below(3) == 0 {
                    break;
                }
            }
            piece.clone()
        }
        _ => Value::from(*random.pick(&WORDS)),
    }
}

/// A small generator of random numbers (xorshift), so that runs repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn nth<T>(&mut self, items: impl ExactSizeIterator<Item = T>) -> Option<T> {
        let at = self.below(items.len());
        let mut items = items;
        items.nth(at)
    }
}

proptest! {
    #[test]
    fn any_json_is_answered(value in any_json()) {
        if let Ok(request) = Request::from_value(value) {
            for endpoint in ENDPOINTS {
                check(&request.clone().for_endpoint(endpoint).count(&CountOptions::default()));
            }
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Request::from_json(&bytes);
        let _ = batch::line(&bytes);
    }

    #[test]
    fn a_longer_history_costs_more(texts in proptest::collection::vec(".{0,40}", 1..6)) {
        let mut before = 0;
        for length in 1..=texts.len() {
            let messages: Vec<Value> = texts[..length]
                .iter()
                .map(|text| serde_json::json!({"role": "user", "content": text}))
                .collect();
            let body = serde_json::json!({"model": "gpt-4o", "messages": messages});
            let count = Request::from_value(body).expect("a request").count(&CountOptions::default());
            prop_assert!(count.total().band().low > before);
            before = count.total().band().low;
        }
    }
}

/// JSON with the words of requests among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let word = proptest::sample::select(WORDS.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let shape = proptest::sample::select(vec!["messages", "input", "prompt", "contents"]);
    let model = proptest::sample::select(MODELS.to_vec());
    (shape, model, inner).prop_map(|(shape, model, inner)| {
        let mut body = match inner {
            Value::Object(fields) => fields,
            other => Map::from_iter([(shape.to_owned(), other)]),
        };
        body.insert("model".to_owned(), Value::from(model));
        Value::Object(body)
    })
}

#[test]
fn limits_hold() {
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let body = format!("{{\"model\": \"gpt-4o\", \"messages\": {deep}}}");
    check(&Request::from_json(&body).expect("within the limits").count(&CountOptions::default()));
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    assert!(Request::from_json(format!("{{\"messages\": {deep}}}")).is_err());

    // A schema that refers to itself twice would grow without end.
    let body = serde_json::json!({"model": "gpt-4o", "messages": [], "tools": [{"type": "function",
        "function": {"name": "f", "parameters": {
            "$defs": {"N": {"type": "object", "properties": {
                "l": {"$ref": "#/$defs/N"}, "r": {"$ref": "#/$defs/N"}}}},
            "type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}}}}]});
    let count = Request::from_value(body).expect("a request").count(&CountOptions::default());
    assert_eq!(count.total().class(), TokenClass::Unknown);
    check(&count);
}

const ENDPOINTS: [Endpoint; 6] = [
    Endpoint::ChatCompletions,
    Endpoint::Responses,
    Endpoint::Embeddings,
    Endpoint::Completions,
    Endpoint::Messages,
    Endpoint::GenerateContent,
];

const MODELS: [&str; 12] = [
    "gpt-4o",
    "gpt-4.1-nano",
    "gpt-3.5-turbo-0301",
    "gpt-4",
    "o3-mini",
    "gpt-5",
    "text-embedding-3-small",
    "claude-haiku-4-5",
    "gemini-2.5-flash",
    "grok-4.3",
    "ft:gpt-4o:x",
    "no-such-model",
];

const WORDS: [&str; 48] = [
    "",
    "a",
    "\u{1f600}",
    "system",
    "user",
    "assistant",
    "tool",
    "function",
    "role",
    "content",
    "name",
    "type",
    "text",
    "image_url",
    "url",
    "detail",
    "low",
    "tool_calls",
    "function_call",
    "arguments",
    "{\"a\": [1.5e3, \"\u{e9}\"]}",
    "tool_call_id",
    "c1",
    "tools",
    "parameters",
    "properties",
    "items",
    "anyOf",
    "enum",
    "default",
    "required",
    "$ref",
    "#/$defs/Step",
    "$defs",
    "object",
    "array",
    "string",
    "title",
    "description",
    "parts",
    "functionCall",
    "functionResponse",
    "inlineData",
    "source",
    "tool_use",
    "tool_result",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA",
    "json_schema",
];
