//! Providers and models by the names of other tables: rules, never resemblance.

use tokreckon_data::words::ServiceTier;

use super::Source;

/// Their providers and ours. A name that ends with `*` stands for all that begin so. Who is not
/// listed keeps the own name, in lower case with hyphens.
const PROVIDERS: [(Source, &str, &str); 33] = [
    (Source::LiteLlm, "text-completion-openai", "openai"),
    (Source::LiteLlm, "azure", "azure-openai"),
    (Source::LiteLlm, "azure_text", "azure-openai"),
    (Source::LiteLlm, "azure_ai", "azure-ai"),
    (Source::LiteLlm, "bedrock*", "aws-bedrock"),
    (Source::LiteLlm, "gemini", "google"),
    (Source::LiteLlm, "palm", "google"),
    (Source::LiteLlm, "vertex_ai*", "google-vertex"),
    (Source::LiteLlm, "codestral", "mistral"),
    (Source::LiteLlm, "text-completion-codestral", "mistral"),
    (Source::LiteLlm, "cohere_chat", "cohere"),
    (Source::LiteLlm, "together_ai", "together"),
    (Source::LiteLlm, "fireworks_ai*", "fireworks"),
    (Source::LiteLlm, "dashscope", "alibaba"),
    (Source::LiteLlm, "aiml", "aimlapi"),
    (Source::GenaiPrices, "aws", "aws-bedrock"),
    (Source::GenaiPrices, "azure", "azure-openai"),
    (Source::GenaiPrices, "moonshotai", "moonshot"),
    (Source::GenaiPrices, "voyageai", "voyage"),
    (Source::GenaiPrices, "x-ai", "xai"),
    (Source::GenaiPrices, "zhipuai", "zhipu"),
    (Source::ModelsDev, "amazon-bedrock", "aws-bedrock"),
    (Source::ModelsDev, "azure", "azure-openai"),
    (Source::ModelsDev, "azure-cognitive-services", "azure-ai"),
    (Source::ModelsDev, "fireworks-ai", "fireworks"),
    (Source::ModelsDev, "google-vertex-anthropic", "google-vertex"),
    (Source::ModelsDev, "moonshotai", "moonshot"),
    (Source::ModelsDev, "togetherai", "together"),
    (Source::ModelsDev, "zhipuai", "zhipu"),
    (Source::LlmPrices, "amazon", "aws-bedrock"),
    (Source::LlmPrices, "moonshot-ai", "moonshot"),
    (Source::LlmPrices, "qwen", "alibaba"),
    (Source::LlmPrices, "z.ai", "zai"),
];

/// What an id begins with in LiteLLM's table, by our provider: it is no part of the id there.
/// The name of the provider itself is another such beginning.
const PREFIXES: [(&str, &[&str]); 16] = [
    ("openai", &["openai/", "text-completion-openai/"]),
    ("anthropic", &["anthropic/"]),
    ("azure-openai", &["azure/", "azure_text/"]),
    ("azure-ai", &["azure_ai/"]),
    ("aws-bedrock", &["bedrock/converse/", "bedrock/invoke/", "bedrock/"]),
    ("google", &["gemini/", "palm/"]),
    ("google-vertex", &["vertex_ai/"]),
    ("mistral", &["mistral/", "codestral/", "text-completion-codestral/"]),
    ("cohere", &["cohere/", "cohere_chat/"]),
    ("together", &["together_ai/"]),
    ("fireworks", &["fireworks_ai/", "accounts/fireworks/models/"]),
    ("alibaba", &["dashscope/"]),
    ("aimlapi", &["aiml/"]),
    ("replicate", &["replicate/"]),
    ("moonshot", &["moonshot/"]),
    ("voyage", &["voyage/"]),
];

/// What an id begins with when its price holds in one part of the world: our provider, the prefix
/// and the variant.
const VARIANTS: [(&str, &str, &str); 14] = [
    ("aws-bedrock", "us.", "geo=us"),
    ("aws-bedrock", "eu.", "geo=eu"),
    ("aws-bedrock", "global.", "geo=global"),
    ("aws-bedrock", "apac.", "geo=apac"),
    ("aws-bedrock", "au.", "geo=au"),
    ("aws-bedrock", "jp.", "geo=jp"),
    ("aws-bedrock", "us-gov.", "geo=us-gov"),
    ("azure-openai", "us/", "geo=us"),
    ("azure-openai", "eu/", "geo=eu"),
    ("azure-openai", "global/", "geo=global"),
    ("azure-openai", "global-standard/", "geo=global"),
    ("azure-ai", "us/", "geo=us"),
    ("azure-ai", "eu/", "geo=eu"),
    ("anthropic", "us/", "geo=us"),
];

/// Our id of a provider; `None` when nothing of the name is left.
pub(super) fn provider(source: Source, theirs: &str) -> Option<String> {
    let is = |name: &str| match name.strip_suffix('*') {
        Some(start) => theirs.starts_with(start),
        None => theirs == name,
    };
    let known = PROVIDERS.iter().find(|(of, name, _)| *of == source && is(name));
    if let Some((_, _, ours)) = known {
        return Some((*ours).to_owned());
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let own: String = theirs.trim().chars().map(plain).collect();
    let own = own.trim_matches('-').to_owned();
    (!own.is_empty() && own.len() <= 100).then_some(own)
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
    let variants = VARIANTS.iter().filter(|(of, _, _)| *of == provider);
    for (_, prefix, variant) in variants {
        if named.variant.is_empty()
            && let Some(rest) = id.strip_prefix(prefix)
        {
            (id, named.variant) = (rest, (*variant).to_owned());
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
    let prefixes = PREFIXES.iter().find(|(of, _)| *of == provider).map_or(&[][..], |(_, p)| p);
    if let Some(rest) = prefixes.iter().find_map(|prefix| id.strip_prefix(prefix)) {
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
        let ours = |source, name| provider(source, name).unwrap_or_default();
        assert_eq!(ours(Source::LiteLlm, "vertex_ai-language-models"), "google-vertex");
        assert_eq!(ours(Source::LiteLlm, "bedrock_converse"), "aws-bedrock");
        assert_eq!(ours(Source::LiteLlm, "Some_Host"), "some-host");
        assert_eq!(ours(Source::ModelsDev, "bedrock"), "bedrock");
        assert_eq!(ours(Source::LlmPrices, "z.ai"), "zai");
        assert_eq!(provider(Source::LiteLlm, "??"), None);
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
