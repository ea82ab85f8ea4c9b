//! The counts that stand only in a spend log's metadata.
//!
//! They are read in passing from the cell as it is written, without a document of all the rest being
//! made. Whatever is out of the ordinary (a count that is no whole number, half of a character) is left
//! to [`Details::of_object`]; both find the same.

use super::json::Json;
use crate::read::Problem;
use crate::read::object::{Object, inner, inner_count};

/// How many counts there are.
const COUNTS: usize = 8;

/// Counts of `usage_object`, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Details([Option<u64>; COUNTS]);

/// Counts of an object in `usage_object`: its name, the number of the first, and their names.
type Group<const N: usize> = (&'static str, usize, [&'static str; N]);

const CACHE_READ: (&str, usize) = ("cache_read_input_tokens", 0);
const CACHE_CREATION: (&str, usize) = ("cache_creation_input_tokens", 1);
const PROMPT: Group<3> =
    ("prompt_tokens_details", 2, ["cached_tokens", "cache_creation_tokens", "cache_write_tokens"]);
const CREATED: Group<2> =
    ("cache_creation_token_details", 5, ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]);
const REASONING: Group<1> = ("completion_tokens_details", 7, ["reasoning_tokens"]);
const USAGE: &str = "usage_object";

impl Details {
    /// What the metadata hold.
    ///
    /// # Errors
    /// When a count is not a whole number.
    pub(super) fn of_object(metadata: &Object) -> Result<Self, Problem> {
        let usage = inner(metadata, &[USAGE]);
        let mut details = Self::default();
        details.add_group(usage, CREATED)?;
        details.0[CACHE_CREATION.1] = inner_count(usage, CACHE_CREATION.0)?;
        details.add_group(usage, PROMPT)?;
        details.0[CACHE_READ.1] = inner_count(usage, CACHE_READ.0)?;
        details.add_group(usage, REASONING)?;
        Ok(details)
    }

    fn add_group<const N: usize>(
        &mut self,
        usage: Option<&Object>,
        (name, first, keys): Group<N>,
    ) -> Result<(), Problem> {
        let group = usage.and_then(|usage| inner(usage, &[name]));
        for (count, key) in self.0[first..].iter_mut().zip(keys) {
            *count = inner_count(group, key)?;
        }
        Ok(())
    }

    /// Prompt tokens read from a cache.
    pub(super) fn cached(&self) -> Option<u64> {
        self.0[CACHE_READ.1].or(self.0[PROMPT.1])
    }

    /// Prompt tokens written to a cache: with no stated lifetime, for 5 minutes, for 1 hour.
    pub(super) fn written(&self) -> [Option<u64>; 3] {
        let [five, hour] = [self.0[CREATED.1], self.0[CREATED.1 + 1]];
        let all = self.0[CACHE_CREATION.1].or(self.0[PROMPT.1 + 1]).or(self.0[PROMPT.1 + 2]);
        [all.filter(|_| five.or(hour).is_none()), five, hour]
    }

    /// Generated tokens that are reasoning.
    pub(super) const fn reasoning(&self) -> Option<u64> {
        self.0[REASONING.1]
    }

    /// What the metadata hold, read in passing from a cell in which quotes may be doubled; `None` for
    /// metadata out of the ordinary.
    pub(super) fn in_passing(metadata: &str, doubled: bool) -> Option<Self> {
        Self::walk(&mut Json::new(metadata.as_bytes(), doubled))
    }

    /// The same, by a walk over the JSON.
    fn walk(json: &mut Json<'_>) -> Option<Self> {
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
                details.walk_group(json, PROMPT)
            } else if key == CREATED.0.as_bytes() {
                details.walk_group(json, CREATED)
            } else if key == REASONING.0.as_bytes() {
                details.walk_group(json, REASONING)
            } else if key == CACHE_READ.0.as_bytes() {
                json.count(&mut details.0[CACHE_READ.1])
            } else if key == CACHE_CREATION.0.as_bytes() {
                json.count(&mut details.0[CACHE_CREATION.1])
            } else {
                json.skip()
            }
        })?;
        Some(details)
    }

    fn walk_group<const N: usize>(
        &mut self,
        json: &mut Json<'_>,
        (_, first, names): Group<N>,
    ) -> Option<()> {
        self.0[first..first + N].fill(None);
        if json.null() {
            return Some(());
        }
        json.members(&mut |json, key| match names.iter().position(|name| name.as_bytes() == key) {
            Some(number) => json.count(&mut self.0[first + number]),
            None => json.skip(),
        })
    }
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
            CACHE_READ.0,
            CACHE_CREATION.0,
            "prompt_tokens",
            USAGE,
            "$serde_json::private::Number",
        ];
        prop::collection::vec((prop::sample::select(keys), value()), 0..7)
            .prop_map(|members| object(&members))
    }

    fn metadata() -> impl Strategy<Value = String> {
        let keys = vec![USAGE, USAGE, USAGE, "status", CACHE_READ.0, "usage\\u005fobject"];
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
