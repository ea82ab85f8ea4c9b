//! Members that nobody read: which of them may count something or decide a price.
//!
//! A reader knows the members of its source by name, as read or as irrelevant. What is left is judged
//! here. Inside of a usage object every number counts something. Elsewhere the name decides: it must
//! hold a word such as `token`, `cache` or `tier`, and none that says that it is a limit or a clock. A
//! member that is zero, false, null or empty says that nothing was counted, whatever its name.

use super::names;
use super::object::Object;
use crate::json::{Rule, Value};

/// Paths that are named; of more only that there are more.
const MAX_PATHS: usize = 8;

/// Longest name that is looked at, in bytes; longer ones are no names of counts.
const MAX_NAME_BYTES: usize = 100;

/// Words of names that count or decide a price.
const WORDS: [&str; 40] = [
    "token",
    "tokens",
    "cache",
    "cached",
    "caching",
    "tier",
    "cost",
    "costs",
    "fee",
    "fees",
    "price",
    "prices",
    "pricing",
    "surcharge",
    "discount",
    "billed",
    "billing",
    "charge",
    "charges",
    "charged",
    "credit",
    "credits",
    "spend",
    "usd",
    "unit",
    "units",
    "search",
    "searches",
    "grounding",
    "second",
    "seconds",
    "minutes",
    "hours",
    "characters",
    "pixels",
    "quota",
    "usage",
    "geo",
    "reasoning",
    "speed",
];

/// Words that make of a name something else: a limit, a setting, a clock, a share.
const OTHERWISE: [&str; 25] = [
    "max",
    "min",
    "limit",
    "limits",
    "remaining",
    "budget",
    "window",
    "reset",
    "latency",
    "elapsed",
    "duration",
    "took",
    "ttft",
    "time",
    "per",
    "rate",
    "percent",
    "ratio",
    "key",
    "id",
    "enabled",
    "effort",
    "retention",
    "expires",
    "wait",
];

/// Members beside a usage that say by their names that they count or decide a price, and are not known.
static MAY_COUNT: Rule = Rule {
    place: names::MAY_COUNT_PLACE,
    holds: |name| counts_or_prices(name) && !names::KNOWN.contains(&name),
};

/// Paths of members that were not read, for [`Record::unread`](crate::record::Record::unread).
#[derive(Debug, Default)]
pub(super) struct Unread {
    paths: String,
    count: usize,
}

impl Unread {
    /// The paths, with commas; empty when everything was read.
    pub(super) fn as_str(&self) -> &str {
        &self.paths
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Adds a path, made of its steps.
    pub(super) fn add(&mut self, steps: &[&str]) {
        self.count += 1;
        if self.count > MAX_PATHS {
            if self.count == MAX_PATHS + 1 {
                self.paths.push_str(", and more");
            }
            return;
        }
        if !self.paths.is_empty() {
            self.paths.push_str(", ");
        }
        for (at, step) in steps.iter().enumerate() {
            if at > 0 {
                self.paths.push('.');
            }
            // Names come from outside: control characters end up in a terminal.
            self.paths.extend(step.chars().take(MAX_NAME_BYTES).filter(|c| !c.is_control()));
        }
    }

    /// Adds what an unknown member inside of a usage may count: every number, and what the name says.
    pub(super) fn in_usage(&mut self, path: &[&str], value: &Value) {
        match value {
            Value::Object(object) => {
                for (name, value) in *object {
                    self.in_usage(&[path, &[name]].concat(), value);
                }
            }
            Value::Array(values) if holds_number(values) => self.add(path),
            Value::Number(_) if !says_nothing(value) => self.add(path),
            Value::String(_) | Value::Bool(true) => {
                let name = path.last().copied().unwrap_or("");
                if !says_nothing(value) && counts_or_prices(name) || is_written_number(value) {
                    self.add(path);
                }
            }
            _ => {}
        }
    }

    /// Adds what a part of a list of counts holds besides the members that are known.
    pub(super) fn of_part(&mut self, path: &[&str], part: &Object, known: &[&str]) {
        for (name, value) in part.keys().zip(part.values()) {
            if !known.contains(&name) {
                self.in_usage(&[path, &[name]].concat(), value);
            }
        }
    }

    /// Adds what an unknown member elsewhere may count, by its name.
    pub(super) fn elsewhere(&mut self, place: &str, name: &str, value: &Value) {
        if !says_nothing(value) && counts_or_prices(name) {
            self.named(place, name, value);
        }
    }

    /// Adds what stands beside a usage and may count, too.
    pub(super) fn beside(&mut self, object: &Object) {
        for (name, value) in object.that(&MAY_COUNT) {
            if !says_nothing(value) {
                self.named("", name, value);
            }
        }
    }

    /// Adds a member whose name says that it counts, if its value may.
    fn named(&mut self, place: &str, name: &str, value: &Value) {
        let counts = match value {
            Value::Array(values) => holds_number(values),
            Value::Object(object) => object.values().any(holds_count),
            // A text counts nothing, but it may name a tier or a place.
            Value::String(_) => is_written_number(value) || decides_by_word(name),
            _ => true,
        };
        if counts && place.is_empty() {
            self.add(&[name]);
        } else if counts {
            self.add(&[place, name]);
        }
    }
}

/// True for a value that says that there is nothing.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => is_zero(number.as_str()),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(says_nothing),
        Value::Object(object) => object.values().all(says_nothing),
    }
}

fn is_zero(number: &str) -> bool {
    let mantissa = number.split(['e', 'E']).next().unwrap_or(number);
    mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'))
}

fn holds_number(values: &[Value]) -> bool {
    values.iter().any(holds_count)
}

fn holds_count(value: &Value) -> bool {
    match value {
        Value::Number(_) => !says_nothing(value),
        Value::Array(values) => holds_number(values),
        Value::Object(object) => object.values().any(holds_count),
        _ => is_written_number(value),
    }
}

/// True for a text of digits, with or without a point.
fn is_written_number(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !is_zero(text)
    })
}

/// True for a name under which a word decides a price.
pub(super) fn decides_by_word(name: &str) -> bool {
    words(name).any(|word| matches!(&*word, "tier" | "geo" | "speed"))
}

/// True for a name that says that its member counts something or decides a price.
pub(super) fn counts_or_prices(name: &str) -> bool {
    if name.len() > MAX_NAME_BYTES {
        return false;
    }
    let mut counts = false;
    for word in words(name) {
        if OTHERWISE.contains(&&*word) {
            return false;
        }
        counts |= WORDS.contains(&&*word);
    }
    counts
}

/// The words of a name in lower case: `cachedInputTokens` and `cached_input-tokens` have three.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        lower_before = c.is_lowercase() || c.is_ascii_digit();
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::*;
    use crate::json::Shapes;

    #[test]
    fn names_that_count() {
        for name in [
            "cachedInputTokens",
            "cache_tokens",
            "serviceTier",
            "request_fee",
            "numSearches",
            "audio_seconds",
            "search_units",
            "upstream-cost",
            "inference_geo",
            "usdCharged",
        ] {
            assert!(counts_or_prices(name), "{name}");
        }
        for name in [
            "max_output_tokens",
            "tokenizer",
            "latency_seconds",
            "created",
            "prompt_cache_key",
            "search_time",
            "model",
            "tokens_per_minute",
            "cache_retention",
            "",
        ] {
            assert!(!counts_or_prices(name), "{name}");
        }
    }

    #[test]
    fn what_says_nothing_is_not_named() {
        let (shapes, room) = (Shapes::forgetful(), Bump::new());
        let object = |text| shapes.read(text, &room).and_then(|value| value.as_object());
        let mut unread = Unread::default();
        let line = r#"{"tool_tokens": 0, "extra_cost": "0.00", "tier_note": null, "cache": {}, "fee": [],
            "search_results": [{"title": "a"}], "unit_name": "x"}"#;
        for (name, value) in object(line).expect("an object") {
            unread.elsewhere("", name, value);
        }
        assert_eq!(unread.as_str(), "");
        let line = r#"{"tool_tokens": 7, "cost": {"parts": ["1"]}, "speedTier": "turbo"}"#;
        for (name, value) in object(line).expect("an object") {
            unread.elsewhere("line", name, value);
        }
        assert_eq!(unread.as_str(), "line.tool_tokens, line.cost, line.speedTier");
    }

    #[test]
    fn every_number_of_a_usage_counts() {
        let (shapes, room) = (Shapes::forgetful(), Bump::new());
        let mut unread = Unread::default();
        let text = r#"{"deep": {"x": 3, "y": 0, "type": "b"}, "list": [{"n": 2}], "s": "12"}"#;
        unread.in_usage(&["usage"], &shapes.read(text, &room).expect("JSON"));
        assert_eq!(unread.as_str(), "usage.deep.x, usage.list, usage.s");
        let many: Vec<String> = (0..20).map(|at| format!("\"m{at}\": 1")).collect();
        let many = format!("{{{}}}", many.join(", "));
        let mut unread = Unread::default();
        unread.in_usage(&["u"], &shapes.read(&many, &room).expect("JSON"));
        assert!(unread.as_str().ends_with("u.m7, and more"), "{}", unread.as_str());
    }
}
