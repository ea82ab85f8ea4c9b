//! The texts inside of JSON: keys, strings and numbers, as makers count calls and schemas.

use serde_json::Value;

/// Calls back with each key and each string of a value, and with numbers and truth values as text where
/// `numbers` asks for them. The door has limited its nesting, so the recursion ends.
pub(crate) fn each_leaf(value: &Value, numbers: bool, give: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => give(text),
        Value::Array(items) => items.iter().for_each(|item| each_leaf(item, numbers, give)),
        Value::Object(fields) => {
            for (key, field) in fields {
                give(key);
                each_leaf(field, numbers, give);
            }
        }
        Value::Null => {}
        other if numbers => give(&other.to_string()),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_strings_come_in_order() {
        let value = serde_json::json!({"a": ["b", 1, {"c": true}], "d": null});
        let leaves = |numbers| {
            let mut found = Vec::new();
            each_leaf(&value, numbers, &mut |leaf| found.push(leaf.to_owned()));
            found.join(" ")
        };
        assert_eq!(leaves(false), "a b c d");
        assert_eq!(leaves(true), "a b 1 c true d");
    }
}
