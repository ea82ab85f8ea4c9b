//! Which encoding a model has: rules from the table `models.txt`.

use std::fmt;

use crate::encoding::Encoding;

/// The table, compiled in.
const RULES: &str = include_str!("models.txt");

/// The encoding of a model and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModelEncoding {
    /// The encoding.
    pub encoding: Encoding,
    /// How well it is known.
    pub standing: Standing,
}

/// How well it is known which encoding a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The model tables of tiktoken or tiktoken-rs say so.
    Documented,
    /// The id is newer than those tables, or written in a way they do not know; the encoding is that
    /// of its nearest relatives.
    Assumed,
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Standing::Documented => "documented",
            Standing::Assumed => "assumed",
        })
    }
}

impl Encoding {
    /// The encoding of a model, or `None` for a model that no rule knows.
    ///
    /// Understands ids in any case, with a provider in front (`openai/…`, `azure/…`), fine-tuned
    /// (`ft:…`) and with a variant at the end (`…:batch`).
    ///
    /// ```
    /// use toktab_tokenizer::{Encoding, Standing};
    ///
    /// let found = Encoding::for_model("ft:gpt-4o-mini-2024-07-18:my-org::abc").expect("known");
    /// assert_eq!((found.encoding, found.standing), (Encoding::O200kBase, Standing::Documented));
    /// let found = Encoding::for_model("azure/GPT-6-sol").expect("known");
    /// assert_eq!((found.encoding, found.standing), (Encoding::O200kBase, Standing::Assumed));
    /// assert_eq!(Encoding::for_model("claude-sonnet-4-5"), None);
    /// ```
    #[must_use]
    pub fn for_model(id: &str) -> Option<ModelEncoding> {
        let id = id.trim().to_ascii_lowercase();
        let id = base_model(&id);
        let mut best: Option<(usize, ModelEncoding)> = None;
        for rule in rules() {
            match rule {
                Rule::Exact(model, found) if model == id => return Some(found),
                Rule::Prefix(prefix, found)
                    if id.starts_with(prefix)
                        && best.is_none_or(|(length, _)| length < prefix.len()) =>
                {
                    best = Some((prefix.len(), found));
                }
                _ => {}
            }
        }
        best.map(|(_, found)| found)
    }
}

/// The id without provider, fine-tuning and variant.
fn base_model(id: &str) -> &str {
    let mut id = id;
    while let Some(rest) = rules().find_map(|rule| match rule {
        Rule::Provider(provider) => id.strip_prefix(provider),
        _ => None,
    }) {
        id = rest;
    }
    if let Some(tuned) = id.strip_prefix("ft:") {
        return tuned.split(':').next().unwrap_or(tuned);
    }
    let without_variant = rules().find_map(|rule| match rule {
        Rule::Variant(variant) => id.strip_suffix(variant),
        _ => None,
    });
    without_variant.unwrap_or(id)
}

/// One line of the table.
enum Rule {
    Provider(&'static str),
    Variant(&'static str),
    Exact(&'static str, ModelEncoding),
    Prefix(&'static str, ModelEncoding),
}

/// The lines of the table that are rules.
fn rules() -> impl Iterator<Item = Rule> {
    RULES.lines().filter_map(rule)
}

fn rule(line: &'static str) -> Option<Rule> {
    let mut words = line.split(' ');
    let (kind, id) = (words.next()?, words.next()?);
    match kind {
        "provider" => Some(Rule::Provider(id)),
        "variant" => Some(Rule::Variant(id)),
        "exact" => Some(Rule::Exact(id, model_encoding(words)?)),
        "prefix" => Some(Rule::Prefix(id, model_encoding(words)?)),
        _ => None,
    }
}

fn model_encoding(mut words: std::str::Split<'static, char>) -> Option<ModelEncoding> {
    let encoding = words.next()?.parse().ok()?;
    let standing = match words.next()? {
        "documented" => Standing::Documented,
        "assumed" => Standing::Assumed,
        _ => return None,
    };
    Some(ModelEncoding { encoding, standing })
}

#[cfg(test)]
mod tests {
    use super::{RULES, rule};

    #[test]
    fn every_line_is_a_rule_a_comment_or_empty() {
        for line in RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(rule(line).is_some(), "not a rule: {line}");
        }
    }
}
