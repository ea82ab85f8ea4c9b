//! Reading `names`, `prefixes`, `not-sold`, `[[id-rule]]` and `[[alias]]`.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::entry::{AliasEntry, File, IdRuleEntry};
use super::fields::{Fields, Found, Reader, kind};
use super::{Origin, each_entry};

/// A name of a provider as names are compared: in lower case, `_`, `.` and blanks as hyphens.
#[must_use]
pub fn folded(name: &str) -> String {
    let fold = |c: char| if matches!(c, '_' | '.' | ' ') { '-' } else { c.to_ascii_lowercase() };
    name.chars().map(fold).collect()
}

/// Reads `names`, `prefixes` and `not-sold`.
pub(super) fn read_names(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    for name in reader.texts(top, "names").unwrap_or_default() {
        if folded(&name.value) == name.value {
            file.names.push(name.value);
        } else {
            let message = format!("`names` holds `{}`, which is not folded", name.value);
            reader.mistake(name.offset, message, format!("write `{}`", folded(&name.value)));
        }
    }
    for prefix in reader.texts(top, "prefixes").unwrap_or_default() {
        if prefix.value.contains(['{', '}']) {
            let message = format!("prefix `{}` has a brace", prefix.value);
            reader.mistake(prefix.offset, message, "use an `[[id-rule]]` for a pattern");
        } else {
            file.prefixes.push(prefix.value);
        }
    }
    for start in reader.texts(top, "not-sold").unwrap_or_default() {
        let is_start = !start.value.is_empty() && !start.value.contains(char::is_whitespace);
        if is_start && start.value == start.value.to_lowercase() {
            file.not_sold.push(start.value);
        } else {
            let message = format!("`not-sold` holds `{}`", start.value);
            let hint = "write in lower case what the ids begin with, such as `gpt-oss`";
            reader.mistake(start.offset, message, hint);
        }
    }
}

/// Reads every `[[id-rule]]`.
pub(super) fn read_rules(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    for mut fields in each_entry(reader, top, "id-rule", "[[id-rule]]") {
        let hint = "say what the id looks like, such as `ft:{base}:{rest}`";
        let pattern = reader.required_text(&mut fields, "pattern", hint);
        let hint = "say what the id becomes, such as `ft:{base}`";
        let model = reader.required_text(&mut fields, "model", hint);
        let variant = match reader.text(&mut fields, "variant") {
            Some(variant) if !reader.is_variant(&variant) => None,
            Some(variant) => Some(variant.value),
            None => Some(String::new()),
        };
        reader.finish(&fields);
        let (Some(pattern), Some(model), Some(variant)) = (pattern, model, variant) else {
            continue;
        };
        if let Some(names) = placeholders(reader, &pattern)
            && is_target(reader, &model, &names)
        {
            file.id_rules.push(IdRuleEntry { pattern: pattern.value, model: model.value, variant });
        }
    }
}

/// The placeholder names of a pattern; a mistake when they are not well formed.
fn placeholders(reader: &mut Reader<'_>, found: &Found<String>) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = found.value.as_str();
    let mut after_placeholder = false;
    let mut problem = None;
    while let Some(open) = rest.find(['{', '}']) {
        let Some((name, after)) = rest.get(open + 1..).and_then(|tail| tail.split_once('}')) else {
            problem = Some("has a brace without its partner");
            break;
        };
        if rest.as_bytes().get(open) == Some(&b'}') || name.contains('{') {
            problem = Some("has a brace without its partner");
        } else if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            problem = Some("has a placeholder that is not named in lower case");
        } else if open == 0 && after_placeholder {
            problem = Some("has two placeholders with nothing between them");
        } else if names.iter().any(|known| known == name) {
            problem = Some("has the same placeholder twice");
        }
        if problem.is_some() {
            break;
        }
        names.push(name.to_owned());
        after_placeholder = true;
        rest = after;
    }
    if let Some(problem) = problem {
        let message = format!("pattern `{}` {problem}", found.value);
        reader.mistake(found.offset, message, "write it like `ft:{base}:{rest}`");
        return None;
    }
    if names.is_empty() {
        let message = format!("pattern `{}` has no placeholder", found.value);
        reader.mistake(found.offset, message, "use an `[[alias]]` for a single id");
        return None;
    }
    Some(names)
}

/// Checks that a rewritten id uses placeholders of its pattern only.
fn is_target(reader: &mut Reader<'_>, model: &Found<String>, names: &[String]) -> bool {
    let mut rest = model.value.clone();
    for name in names {
        rest = rest.replace(&format!("{{{name}}}"), "");
    }
    let good = !rest.contains(['{', '}']);
    if !good {
        let message = format!("`{}` uses a placeholder that the pattern has not", model.value);
        let hint = format!("the pattern has `{{{}}}`", names.join("}`, `{"));
        reader.mistake(model.offset, message, hint);
    }
    good
}

/// Reads every `[[alias]]`; needs the prices of the file.
///
/// A file without prices names ids that another file of the provider prices.
pub(super) fn read_aliases(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    let shipped = reader.origin == Origin::Shipped;
    let models = file.prices.iter().flat_map(|entry| &entry.models);
    let priced: BTreeSet<String> = models.map(|model| model.to_lowercase()).collect();
    let mut listed = BTreeSet::new();
    let mut previous = String::new();
    for mut fields in each_entry(reader, top, "alias", "[[alias]]") {
        let offset = fields.offset;
        let id = reader.required_text(&mut fields, "id", "say which id has no prices of its own");
        let of = reader.required_text(&mut fields, "of", "say which id has the prices");
        let source = if shipped {
            reader.required_text(&mut fields, "source", "say who lists both ids as one model")
        } else {
            Some(Found { value: reader.optional(&mut fields, "source"), offset })
        };
        reader.finish(&fields);
        let (Some(id), Some(of), Some(source)) = (id, of, source) else {
            continue;
        };
        let key = id.value.to_lowercase();
        if key == of.value.to_lowercase() {
            reader.mistake(of.offset, format!("`{}` is an alias of itself", id.value), "");
        } else if priced.contains(&key) {
            let message = format!("alias `{}` has prices of its own", id.value);
            reader.mistake(id.offset, message, "remove the alias");
        } else if shipped && !priced.is_empty() && !priced.contains(&of.value.to_lowercase()) {
            let message = format!("alias `{}` leads to `{}` without prices", id.value, of.value);
            reader.mistake(of.offset, message, "name an id that this file prices");
        } else if !listed.insert(key.clone()) {
            let message = format!("alias `{}` is listed twice", id.value);
            reader.mistake(id.offset, message, "remove one");
        } else {
            if shipped && key < previous {
                let message = format!("alias `{}` comes after `{previous}`", id.value);
                reader.mistake(id.offset, message, "sort aliases by id");
            }
            previous = key;
            let place = reader.place(offset);
            let (id, of, source) = (id.value, of.value, source.value);
            file.aliases.push(AliasEntry { place, id, of, source });
        }
    }
}

/// Reads `[same-as]`: one line an id, sorted in shipped files.
pub(super) fn read_same_as(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    let Some(value) = top.take("same-as") else { return };
    let DeValue::Table(table) = value.get_ref() else {
        let message = format!("`same-as` is {}, not a table", kind(value.get_ref()));
        reader.mistake(
            value.span().start,
            message,
            "write `[same-as]` and below it `\"ID\" = \"MODEL\"`",
        );
        return;
    };
    for (id, model) in table {
        match model.get_ref() {
            DeValue::String(name) if !name.is_empty() && name.to_lowercase() == *name => {
                file.same_as.push((id.get_ref().to_string(), name.to_string()));
            }
            _ => {
                let message =
                    format!("`{}` is not the same as a model in lower case", id.get_ref());
                reader.mistake(
                    model.span().start,
                    message,
                    "write it like `\"claude-sonnet-4-5\"`",
                );
            }
        }
    }
}
