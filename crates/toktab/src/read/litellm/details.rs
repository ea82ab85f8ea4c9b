//! The counts that stand only in a spend log's metadata.
//!
//! They are read in passing from the cell as it is written, without a document of all the rest being
//! made. Whatever is out of the ordinary (a count that is no whole number, half of a character) is left
//! to [`Details::of_object`]; both find the same.

use super::json::Json;
use crate::read::Problem;
use crate::read::object::{Object, inner, inner_count};

/// Counts of `usage_object`, as they are named there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    /// `cache_read_input_tokens`.
    pub(super) cache_read: Option<u64>,
    /// `cache_creation_input_tokens`.
    pub(super) cache_creation: Option<u64>,
    /// `cached_tokens`, `cache_creation_tokens` and `cache_write_tokens` of the prompt's details.
    pub(super) prompt: [Option<u64>; 3],
    /// `ephemeral_5m_input_tokens` and `ephemeral_1h_input_tokens`.
    pub(super) created: [Option<u64>; 2],
    /// `reasoning_tokens`.
    pub(super) reasoning: [Option<u64>; 1],
}

const PROMPT: (&str, [&str; 3]) =
    ("prompt_tokens_details", ["cached_tokens", "cache_creation_tokens", "cache_write_tokens"]);
const CREATED: (&str, [&str; 2]) =
    ("cache_creation_token_details", ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]);
const REASONING: (&str, [&str; 1]) = ("completion_tokens_details", ["reasoning_tokens"]);
const CACHE_READ: &str = "cache_read_input_tokens";
const CACHE_CREATION: &str = "cache_creation_input_tokens";
const USAGE: &str = "usage_object";

impl Details {
    /// What the metadata hold.
    ///
    /// # Errors
    /// When a count is not a whole number.
    pub(super) fn of_object(metadata: &Object) -> Result<Self, Problem> {
        let usage = inner(metadata, &[USAGE]);
        Ok(Self {
            created: counts(usage, CREATED)?,
            cache_creation: inner_count(usage, CACHE_CREATION)?,
            prompt: counts(usage, PROMPT)?,
            cache_read: inner_count(usage, CACHE_READ)?,
            reasoning: counts(usage, REASONING)?,
        })
    }

    /// Prompt tokens read from a cache.
    pub(super) fn cached(&self) -> Option<u64> {
        self.cache_read.or(self.prompt[0])
    }

    /// Prompt tokens written to a cache: with no stated lifetime, for 5 minutes, for 1 hour.
    pub(super) fn written(&self) -> [Option<u64>; 3] {
        let ([_, created, written], [five, hour]) = (self.prompt, self.created);
        let all = self.cache_creation.or(created).or(written);
        [all.filter(|_| five.or(hour).is_none()), five, hour]
    }

    /// What the metadata hold, read in passing from a cell in which quotes may be doubled; `None` for
    /// metadata out of the ordinary.
    pub(super) fn in_passing(metadata: &str, doubled: bool) -> Option<Self> {
        let mut json = Json::new(metadata.as_bytes(), doubled);
        let mut details = Self::default();
        json.members(&mut |json, key| {
            if key == USAGE.as_bytes() {
                // Of a key that comes twice the last one holds.
                details = Self::of_usage(json)?;
                return Some(());
            }
            json.skip()
        })?;
        json.end()?;
        Some(details)
    }

    fn of_usage(json: &mut Json<'_>) -> Option<Self> {
        let mut details = Self::default();
        if json.null() {
            return Some(details);
        }
        json.members(&mut |json, key| {
            if key == PROMPT.0.as_bytes() {
                details.prompt = group(json, PROMPT.1)?;
            } else if key == CREATED.0.as_bytes() {
                details.created = group(json, CREATED.1)?;
            } else if key == REASONING.0.as_bytes() {
                details.reasoning = group(json, REASONING.1)?;
            } else if key == CACHE_READ.as_bytes() {
                json.count(&mut details.cache_read)?;
            } else if key == CACHE_CREATION.as_bytes() {
                json.count(&mut details.cache_creation)?;
            } else {
                json.skip()?;
            }
            Some(())
        })?;
        Some(details)
    }
}

/// Counts of an object, by their names.
fn group<const N: usize>(json: &mut Json<'_>, names: [&str; N]) -> Option<[Option<u64>; N]> {
    let mut counts = [None; N];
    if json.null() {
        return Some(counts);
    }
    json.members(&mut |json, key| {
        match names.iter().position(|name| name.as_bytes() == key) {
            Some(number) => json.count(&mut counts[number])?,
            None => json.skip()?,
        }
        Some(())
    })?;
    Some(counts)
}

/// The counts of an object in another.
fn counts<const N: usize>(
    usage: Option<&Object>,
    (name, keys): (&str, [&str; N]),
) -> Result<[Option<u64>; N], Problem> {
    let group = usage.and_then(|usage| inner(usage, &[name]));
    let mut counts = [None; N];
    for (count, key) in counts.iter_mut().zip(keys) {
        *count = inner_count(group, key)?;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use proptest::prelude::*;

    use super::*;

    /// Members as `LiteLLM` writes them, and as nobody should.
    fn value() -> impl Strategy<Value = String> {
        let plain = prop::sample::select(vec![
            "null",
            "0",
            "17",
            "4096",
            "18446744073709551615",
            "1.0",
            "1e3",
            "-1",
            "1.5",
            "\"12\"",
            "true",
            "[]",
            "{}",
            "[1,{\"cached_tokens\":3}]",
            "\"\\u00e9\"",
            "\"\\ud800\"",
            "\"\\q\"",
            "\"a\\\"b\"",
            "01",
            "1.",
            "18446744073709551616",
            "",
            "\"\t\"",
            "nul",
            "-0",
            "{\"$serde_json::private::Number\":\"7\"}",
            "{\"$serde_json::private::Number\":\"x\"}",
        ]);
        let counts =
            ["cached_tokens", "cache_write_tokens", "reasoning_tokens", "cached\\u005ftokens"];
        let group = prop::collection::vec(
            (
                prop::sample::select(counts.to_vec()),
                prop::sample::select(vec!["5", "6", "null", "7.0", "[]"]),
            ),
            0..4,
        );
        let group = group.prop_map(|members| object(&members));
        prop_oneof![6 => prop::sample::select(vec!["1", "2", "30", "null"]).prop_map(str::to_owned), 4 => plain.prop_map(str::to_owned), 4 => group]
    }

    fn object(members: &[(impl fmt::Display, impl fmt::Display)]) -> String {
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
        format!("{{{}}}", members.join(", "))
    }

    fn usage() -> impl Strategy<Value = String> {
        let keys = vec![
            PROMPT.0,
            CREATED.0,
            REASONING.0,
            CACHE_READ,
            CACHE_CREATION,
            "prompt_tokens",
            USAGE,
            "$serde_json::private::Number",
        ];
        prop::collection::vec((prop::sample::select(keys), value()), 0..7)
            .prop_map(|members| object(&members))
    }

    fn metadata() -> impl Strategy<Value = String> {
        let keys = vec![USAGE, USAGE, USAGE, "status", CACHE_READ, "usage\\u005fobject"];
        let member = (prop::sample::select(keys), prop_oneof![3 => usage(), 1 => value()]);
        prop::collection::vec(member, 0..4).prop_map(|members| object(&members))
    }

    /// What is read in passing is what a document says, whether quotes are doubled or not.
    fn check(text: &str) -> Result<bool, TestCaseError> {
        let found = Details::in_passing(text, false);
        prop_assert_eq!(found, Details::in_passing(&text.replace('"', "\"\""), true), "{}", text);
        let Some(details) = found else { return Ok(false) };
        let document = serde_json::from_str::<Object>(text);
        prop_assert!(document.is_ok(), "{} is no document", text);
        let wanted = document.map(|document| Details::of_object(&document).ok());
        prop_assert_eq!(wanted.ok().flatten(), Some(details), "{}", text);
        Ok(true)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 30_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn in_passing_as_in_a_document(text in metadata()) {
            check(&text)?;
        }

        #[test]
        fn damage_is_seen_in_passing(text in metadata(), at in any::<prop::sample::Index>(), with in "[\"{}\\[\\],:0u\\\\\n ]{0,2}") {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes.splice(at..(at + 1).min(bytes.len()), with.into_bytes());
            check(&String::from_utf8_lossy(&bytes))?;
        }
    }

    #[test]
    fn the_ordinary_is_read_in_passing() {
        let text = r#"{"status": "success", "user_api_key_alias": null, "tags": ["a", "b\"c"],
            "usage_object": {"prompt_tokens": 9, "cache_creation_token_details": null,
            "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": null},
            "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": 0.5},
            "cache_read_input_tokens": 4}}"#;
        assert!(check(text).expect("the same"), "read in passing");
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(Details::in_passing(&deep, false), None);
        assert!(serde_json::from_str::<Object>(&deep).is_err(), "too deep for a document");
    }
}
