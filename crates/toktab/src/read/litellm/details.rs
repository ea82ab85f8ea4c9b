//! The counts that stand only in a spend log's metadata.
//!
//! They are read in passing, without a document of all the rest being made. Whatever is out of the
//! ordinary (a count that is no whole number, an escape that may be half of a character) is left to
//! [`Details::of_object`]; both find the same.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};

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

/// Deepest nesting that is read in passing; a document may be a little deeper.
const MAX_DEPTH: usize = 100;
/// A key that a document would take for a number.
const NUMBER_KEY: &[u8] = b"$serde_json";

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

    /// What the metadata hold, read in passing; `None` for metadata out of the ordinary.
    pub(super) fn in_passing(metadata: &str) -> Option<Self> {
        let bytes = metadata.as_bytes();
        // Half a surrogate is no text in a document, but nobody minds in what is skipped.
        let mut escapes = memchr::memchr_iter(b'\\', bytes);
        if escapes.any(|at| bytes.get(at + 1) == Some(&b'u'))
            || memchr::memchr_iter(b'$', bytes).any(|at| bytes[at..].starts_with(NUMBER_KEY))
            || memchr::memchr2_iter(b'{', b'[', bytes).nth(MAX_DEPTH).is_some()
        {
            return None;
        }
        let mut from = serde_json::Deserializer::from_str(metadata);
        let details = from.deserialize_map(Metadata).ok()?;
        from.end().ok()?;
        Some(details)
    }
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

/// Hands the members with these names to `each` by their number, and passes over all others.
fn members<'de, A: MapAccess<'de>>(
    mut map: A,
    names: &[&str],
    mut each: impl FnMut(usize, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    while let Some(known) = map.next_key_seed(Name(names))? {
        match known {
            Some(number) => each(number, &mut map)?,
            None => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(())
}

/// The number of a name in a list.
struct Name<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

struct Metadata;

impl<'de> Visitor<'de> for Metadata {
    type Value = Details;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Details, A::Error> {
        let mut details = Details::default();
        members(map, &[USAGE], |_, map| {
            // Of a key that comes twice the last one holds.
            details = map.next_value_seed(Usage)?;
            Ok(())
        })?;
        Ok(details)
    }
}

struct Usage;

impl<'de> DeserializeSeed<'de> for Usage {
    type Value = Details;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Details, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Usage {
    type Value = Details;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Details, E> {
        Ok(Details::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Details, A::Error> {
        let mut details = Details::default();
        let names = [PROMPT.0, CREATED.0, REASONING.0, CACHE_READ, CACHE_CREATION];
        members(map, &names, |number, map| {
            match number {
                0 => details.prompt = map.next_value_seed(Counts(PROMPT.1))?,
                1 => details.created = map.next_value_seed(Counts(CREATED.1))?,
                2 => details.reasoning = map.next_value_seed(Counts(REASONING.1))?,
                3 => details.cache_read = map.next_value()?,
                _ => details.cache_creation = map.next_value()?,
            }
            Ok(())
        })?;
        Ok(details)
    }
}

/// Counts of an object, by their names.
struct Counts<const N: usize>([&'static str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Counts<N> {
    type Value = [Option<u64>; N];

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Counts<N> {
    type Value = [Option<u64>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok([None; N])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut counts = [None; N];
        members(map, &self.0, |number, map| {
            counts[number] = map.next_value()?;
            Ok(())
        })?;
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
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

    /// What is read in passing is what a document says.
    fn check(text: &str) -> Result<bool, TestCaseError> {
        let Some(details) = Details::in_passing(text) else { return Ok(false) };
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
        assert_eq!(Details::in_passing(&deep), None);
        assert!(serde_json::from_str::<Object>(&deep).is_err(), "too deep for a document");
    }
}
