//! Providers and models by the names of other tables: rules, never resemblance.

use tokreckon_data::BUILTIN;
use tokreckon_data::table::{IdRule, Tables};
use tokreckon_data::words::ServiceTier;

use super::Source;
use crate::book::PriceBook;

/// Our id of a provider, by the names of the built-in book; the own name in lower case with hyphens
/// where it is not among them. `None` when nothing of the name is left.
pub(super) fn provider(theirs: &str) -> Option<String> {
    if let Some(ours) = known(theirs) {
        return Some(ours.to_owned());
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let own: String = theirs.trim().chars().map(plain).collect();
    let own = own.trim_matches('-').to_owned();
    (!own.is_empty() && own.len() <= 100).then_some(own)
}

/// LiteLLM writes what is served behind the provider's name: `vertex_ai-language-models`.
fn known(theirs: &str) -> Option<&'static str> {
    let book = PriceBook::builtin();
    let (before, _) = theirs.split_once("_ai-").unwrap_or((theirs, ""));
    let host = [theirs.to_owned(), format!("{before}_ai")];
    host.iter().find_map(|name| book.provider_id(name))
}

/// The rules of the built-in book that take something off the beginning of an id: prefix, variant.
fn beginnings(provider: &str) -> Vec<(&'static str, &'static str)> {
    let row = BUILTIN.providers.iter().find(|row| BUILTIN.str(row.id) == provider);
    let rules = row.map_or(&[][..], |row| Tables::rows(&BUILTIN.id_rules, row.id_rules));
    let beginning = |rule: &IdRule| {
        let prefix = BUILTIN.str(rule.pattern).strip_suffix("{model}")?;
        let bare = BUILTIN.str(rule.model) == "{model}" && !prefix.contains('{');
        (bare && !prefix.is_empty()).then(|| (prefix, BUILTIN.str(rule.variant)))
    };
    rules.iter().filter_map(beginning).collect()
}

/// What an id of a table says besides the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The id as the provider spells it.
    pub(super) id: String,
    /// Region or part of the world; empty for none.
    pub(super) variant: String,
    pub(super) service_tier: ServiceTier,
    /// True when it names a condition that the schema cannot say: a size, a commitment.
    pub(super) unsayable: bool,
}

/// Reads an id of a table.
pub(super) fn model(source: Source, provider: &str, theirs: &str) -> Named {
    let mut id = theirs.trim();
    if source == Source::LiteLlm {
        id = without_prefix(provider, id);
    }
    if provider == "fireworks" {
        id = id.strip_prefix("accounts/fireworks/models/").unwrap_or(id);
    }
    let mut named = Named {
        id: String::new(),
        variant: String::new(),
        service_tier: ServiceTier::Standard,
        unsayable: false,
    };
    if provider == "anthropic"
        && let Some(rest) = id.strip_prefix("fast/")
    {
        (id, named.service_tier) = (rest, ServiceTier::Fast);
    }
    for (prefix, variant) in beginnings(provider) {
        if named.variant.is_empty()
            && !variant.is_empty()
            && let Some(rest) = id.strip_prefix(prefix)
        {
            (id, named.variant) = (rest, variant.to_owned());
        }
    }
    if provider == "aws-bedrock"
        && let Some((region, rest)) = id.split_once('/')
        && is_region(region)
    {
        if named.variant.is_empty() {
            named.variant = format!("region={region}");
        }
        id = rest;
    }
    named.unsayable =
        id.split_once('/').is_some_and(|(first, _)| is_size(first)) || id.contains("-commitment/");
    id.clone_into(&mut named.id);
    named
}

/// An id without what LiteLLM puts before it.
fn without_prefix<'i>(provider: &str, id: &'i str) -> &'i str {
    let beginnings = beginnings(provider);
    let mut prefixes = beginnings.iter().filter(|(_, variant)| variant.is_empty());
    if let Some(rest) = prefixes.find_map(|(prefix, _)| id.strip_prefix(prefix)) {
        return rest;
    }
    match id.split_once('/') {
        Some((first, rest)) if first.replace('_', "-") == provider => rest,
        _ => id,
    }
}

/// `us-east-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts
        .next()
        .is_some_and(|last| last.len() == 1 && last.starts_with(|c: char| c.is_ascii_digit()));
    let rest: Vec<&str> = parts.collect();
    let words =
        rest.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
    number && words && (2..=3).contains(&rest.len())
}

/// The first part of an id that is an image's size or quality: `1024-x-1024`, `hd`.
fn is_size(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_size = |text: &str| {
        let sides = text.split_once("-x-").or_else(|| text.split_once('x'));
        sides.is_some_and(|(width, height)| digits(width) && digits(height))
    };
    matches!(part, "low" | "medium" | "high" | "hd" | "standard" | "max-x-max") || is_size(part)
}

/// True when an id says that the model costs nothing.
pub(super) fn says_free(id: &str) -> bool {
    id.ends_with(":free") || id.ends_with("-free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_by_rule_or_by_their_own_name() {
        let ours = |name| provider(name).unwrap_or_default();
        assert_eq!(ours("vertex_ai-language-models"), "google-vertex");
        assert_eq!(ours("bedrock_converse"), "aws-bedrock");
        assert_eq!(ours("Some_Host"), "some-host");
        assert_eq!(ours("bedrock"), "aws-bedrock");
        assert_eq!(ours("z.ai"), "zai");
        assert_eq!(provider("??"), None);
    }

    #[test]
    fn ids_and_what_they_say_besides() {
        let said = |provider: &str, id: &str| {
            let named = model(Source::LiteLlm, provider, id);
            let tier = match named.service_tier {
                ServiceTier::Standard => "",
                other => other.as_str(),
            };
            format!(
                "{} {}{tier}{}",
                named.id,
                named.variant,
                if named.unsayable { "!" } else { "" }
            )
        };
        assert_eq!(said("azure-openai", "azure/eu/gpt-4o"), "gpt-4o geo=eu");
        assert_eq!(said("aws-bedrock", "us.amazon.nova"), "amazon.nova geo=us");
        assert_eq!(said("aws-bedrock", "bedrock/us-gov-west-1/a.b"), "a.b region=us-gov-west-1");
        assert_eq!(
            said("aws-bedrock", "bedrock/us-east-1/1-month-commitment/a"),
            "1-month-commitment/a region=us-east-1!"
        );
        assert_eq!(said("openai", "1024-x-1024/dall-e-2"), "1024-x-1024/dall-e-2 !");
        assert_eq!(said("openrouter", "openrouter/openai/gpt-4o"), "openai/gpt-4o ");
        assert_eq!(said("fireworks", "fireworks_ai/accounts/fireworks/models/x"), "x ");
        assert_eq!(said("anthropic", "fast/claude-opus-4-6"), "claude-opus-4-6 fast");
        assert_eq!(said("google-vertex", "vertex_ai/meta/llama"), "meta/llama ");
    }
}
