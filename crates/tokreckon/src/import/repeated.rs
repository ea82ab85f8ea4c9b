//! Keys that a JSON object has twice. A parsed document keeps the last and does not tell.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Most keys that are listed.
const MAX_LISTED: usize = 1_000;

/// The repeated keys of a document with the keys around them, in order.
pub(super) fn keys(bytes: &[u8]) -> Result<Vec<String>, serde_json::Error> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    let mut document = serde_json::Deserializer::from_slice(bytes);
    (&mut walk).deserialize(&mut document)?;
    Ok(walk.found)
}

struct Walk {
    path: Vec<String>,
    found: Vec<String>,
}

impl<'de> DeserializeSeed<'de> for &mut Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            self.path.push(key.clone());
            if !seen.insert(key) && self.found.len() < MAX_LISTED {
                self.found.push(self.path.join(" / "));
            }
            map.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn finds_what_a_parser_forgets() {
        let text = br#"{"a": {"x": 1.5e-7, "y": [null, {"x": true, "x": "no"}], "x": -2}, "b": 1, "a": {}}"#;
        assert_eq!(keys(text).expect("JSON"), ["a / y / x", "a / x", "a"]);
        assert_eq!(keys(b"[1, 18446744073709551616]").expect("JSON"), [""; 0]);
    }
}
