//! Which family of models an id belongs to: rules in data, no guessing match.

use tokreckon_tokenizer::{Encoding, Tokenizer};

use crate::book::PriceBook;

use super::image::{GPT4O, GPT4O_MINI, GPT5, GPT5_2, O3, Sizing, patches};

/// Models that are counted by the same rules.
pub(crate) struct Family {
    /// Its name.
    pub(crate) name: &'static str,
    /// The ids of its models; a snapshot may follow (`-2024-08-06`, `-preview`, `:free`). An id that
    /// ends with `*` is the start of ids.
    ids: &'static [&'static str],
    /// How its requests are counted.
    pub(crate) kind: Kind,
    /// How its images are counted; `None` where no rule is known.
    pub(crate) images: Option<Sizing>,
    /// There are recorded requests of this family behind the rules.
    pub(crate) recorded: bool,
}

/// How the requests of a family are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// gpt-3.5-turbo-0301 alone.
    First,
    /// Chat models of the `cl100k_base` age.
    Plain100k,
    /// Chat models of the `o200k_base` age without reasoning.
    Plain200k,
    /// Reasoning models.
    Reasoning,
    /// o3-mini: reasoning, but its tools cost less.
    ReasoningMini,
    /// o1-mini and o1-preview: framed like a plain model, no tools.
    FirstReasoning,
    /// Text without framing.
    Bare(Encoding),
    /// The tokenizer or the frame is not known: bands, by this name.
    Band(&'static str),
}

impl Kind {
    /// The encoding of its texts; for bands, the one they stand on.
    pub(crate) fn encoding(self) -> Encoding {
        match self {
            Kind::First | Kind::Plain100k => Encoding::Cl100kBase,
            Kind::Bare(encoding) => encoding,
            _ => Encoding::O200kBase,
        }
    }
}

/// A model id that a family knows.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) family: &'static Family,
    /// A fine-tuned model, for which nothing was measured.
    pub(crate) fine_tuned: bool,
    /// An `OpenAI` model that Amazon Bedrock serves.
    pub(crate) on_bedrock: bool,
    /// What counts its texts, where the maker published it or it was reconstructed.
    pub(crate) tokenizer: Option<Tokenizer>,
    /// Another one that the caller gave for them.
    pub(crate) given: Option<Tokenizer>,
}

/// Finds the family of a model id, which may have a router's or a cloud's prefix (`openai/`,
/// `us.anthropic.`).
pub(crate) fn find(id: &str) -> Option<Found> {
    let whole = id.trim().to_ascii_lowercase();
    let id = bare_id(&whole);
    let fine_tuned = whole.starts_with("ft:");
    let on_bedrock = whole.contains("openai.");
    let known = FAMILIES.iter().find(|family| family.ids.iter().any(|known| is(id, known)));
    let family = known.or_else(|| is_sold(&whole).then_some(others()))?;
    let tokenizer = match family.kind {
        Kind::Band(_) => Tokenizer::for_model(id).map(|found| found.tokenizer),
        kind => Some(Tokenizer::OpenAi(kind.encoding())),
    };
    Some(Found { family, fine_tuned, on_bedrock, tokenizer, given: None })
}

/// Whoever has no family of its own.
fn others() -> &'static Family {
    &FAMILIES[FAMILIES.len() - 1]
}

/// True for an id that the price book lists at a provider: a model there is, of whatever family.
fn is_sold(id: &str) -> bool {
    PriceBook::builtin().billed_by(id).map_or_else(|sellers| !sellers.is_empty(), |_| true)
}

/// A model whose texts the caller's tokenizer counts: what is known of its frame, or the band of all others.
/// A tokenizer that is the model's own changes nothing.
pub(crate) fn with_tokenizer(found: Option<Found>, tokenizer: Tokenizer) -> Found {
    if let Some(found) = found.filter(|found| found.tokenizer == Some(tokenizer)) {
        return found;
    }
    let others = others();
    let found = found.filter(|found| matches!(found.family.kind, Kind::Band(_)));
    let found = found.unwrap_or(Found {
        family: others,
        fine_tuned: false,
        on_bedrock: false,
        tokenizer: None,
        given: None,
    });
    Found { given: Some(tokenizer), ..found }
}

/// A model id in lower case without fine-tuning, router and cloud.
pub(crate) fn bare_id(id: &str) -> &str {
    let id = match id.strip_prefix("ft:") {
        Some(rest) => rest.split(':').next().unwrap_or(rest),
        None => id,
    };
    let id = id.rsplit('/').next().unwrap_or(id);
    let publisher = PUBLISHERS.iter().find_map(|publisher| id.split_once(publisher));
    publisher.map_or(id, |(_, rest)| rest)
}

/// Whether an id is a known one, or a snapshot of it.
fn is(id: &str, known: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => id.starts_with(start),
        None => id.strip_prefix(known).is_some_and(is_snapshot),
    }
}

/// `-2024-08-06`, `-0613`, `-preview`, `-latest`, `:free`, `-v2`, `:2023-07-21-v2` or nothing.
fn is_snapshot(suffix: &str) -> bool {
    suffix.is_empty()
        || (suffix.starts_with(['-', ':', '@'])
            && suffix.split(['-', ':', '@']).skip(1).all(|word| {
                let digits = word.strip_prefix('v').unwrap_or(word);
                SNAPSHOT_WORDS.contains(&word)
                    || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
            }))
}

/// Words that may follow a model id without making another model of it.
const SNAPSHOT_WORDS: [&str; 8] =
    ["batch", "beta", "free", "latest", "nitro", "online", "preview", "thinking"];

/// Prefixes of model ids in clouds, after which the id starts.
const PUBLISHERS: [&str; 16] = [
    "ai21.",
    "amazon.",
    "anthropic.",
    "cohere.",
    "deepseek.",
    "google.",
    "meta.",
    "minimax.",
    "mistral.",
    "moonshotai.",
    "nvidia.",
    "openai.",
    "qwen.",
    "writer.",
    "xai.",
    "zai.",
];

const fn family(
    name: &'static str,
    kind: Kind,
    images: Option<Sizing>,
    recorded: bool,
    ids: &'static [&'static str],
) -> Family {
    Family { name, ids, kind, images, recorded }
}

const fn band(name: &'static str, ids: &'static [&'static str]) -> Family {
    Family { name, ids, kind: Kind::Band(name), images: None, recorded: true }
}

/// Makers whose requests were not recorded.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "abab*", "aya-*", "c4ai-*", "dbrx*", "dolphin*", "doubao*", "ernie*", "exaone*", "falcon*",
    "granite*", "hermes*", "hunyuan*", "inflection*", "jamba*", "lfm*", "longcat*", "magnum*",
    "mercury*", "meta-llama*", "mimo*", "minimax*", "nemotron*", "nova-*", "olmo*", "phi-*", "r1-*",
    "reka*", "rnj*", "seed*", "solar*", "sonar*", "step*", "titan*", "trinity*", "wizardlm*", "yi-*",
];

/// The families. The first one that knows an id wins.
const FAMILIES: [Family; 58] = [
    family("gpt-3.5-turbo-0301", Kind::First, None, true, &["gpt-3.5-turbo-0301"]),
    family(
        "gpt-3.5-turbo",
        Kind::Plain100k,
        None,
        true,
        &["gpt-3.5-turbo", "gpt-3.5-turbo-16k", "gpt-35-turbo", "gpt-35-turbo-16k"],
    ),
    family(
        "gpt-3.5-turbo-instruct",
        Kind::Bare(Encoding::Cl100kBase),
        None,
        true,
        &["gpt-3.5-turbo-instruct", "gpt-35-turbo-instruct"],
    ),
    family(
        "gpt-4",
        Kind::Plain100k,
        Some(GPT4O),
        true,
        &["gpt-4", "gpt-4-32k", "gpt-4-turbo", "gpt-4-vision", "gpt-4-1106-vision"],
    ),
    family(
        "gpt-4o",
        Kind::Plain200k,
        Some(GPT4O),
        true,
        &["gpt-4o", "chatgpt-4o", "gpt-4o-audio", "gpt-4o-search"],
    ),
    family(
        "gpt-4o-mini",
        Kind::Plain200k,
        Some(GPT4O_MINI),
        true,
        &["gpt-4o-mini", "gpt-4o-mini-audio", "gpt-4o-mini-search"],
    ),
    family("gpt-4.1", Kind::Plain200k, Some(GPT4O), true, &["gpt-4.1"]),
    family("gpt-4.1-mini", Kind::Plain200k, Some(patches(1620)), true, &["gpt-4.1-mini"]),
    family("gpt-4.1-nano", Kind::Plain200k, Some(patches(2460)), true, &["gpt-4.1-nano"]),
    family("gpt-4.5", Kind::Plain200k, Some(GPT4O), false, &["gpt-4.5"]),
    family("o1-mini", Kind::FirstReasoning, None, true, &["o1-mini"]),
    family("o1-preview", Kind::FirstReasoning, None, false, &["o1-preview"]),
    family("o1", Kind::Reasoning, None, false, &["o1", "o1-pro"]),
    family("o3-mini", Kind::ReasoningMini, None, true, &["o3-mini"]),
    family("o3", Kind::Reasoning, Some(O3), true, &["o3", "o3-pro"]),
    family("o4-mini", Kind::Reasoning, Some(patches(1720)), true, &["o4-mini"]),
    family("gpt-5", Kind::Reasoning, Some(GPT5), true, &["gpt-5"]),
    family("gpt-5-mini", Kind::Reasoning, Some(patches(1200)), true, &["gpt-5-mini"]),
    family("gpt-5-nano", Kind::Reasoning, Some(patches(1500)), true, &["gpt-5-nano"]),
    family("gpt-5-pro", Kind::Reasoning, None, true, &["gpt-5-pro"]),
    family("gpt-5.2", Kind::Reasoning, Some(GPT5_2), true, &["gpt-5.2", "gpt-5.2-chat"]),
    family(
        "gpt-5.4",
        Kind::Reasoning,
        Some(GPT5_2),
        true,
        &["gpt-5.4", "gpt-5.4-mini", "gpt-5.5", "gpt-5.6-luna", "gpt-5.6-sol"],
    ),
    family(
        "gpt-5 relatives",
        Kind::Reasoning,
        None,
        false,
        &[
            "gpt-5-chat",
            "gpt-5-codex",
            "gpt-5.1",
            "gpt-5.1-chat",
            "gpt-5.1-codex",
            "gpt-5.1-codex-max",
            "gpt-5.1-codex-mini",
            "gpt-5.2-codex",
            "gpt-5.2-pro",
            "gpt-5.3-codex",
            "gpt-5.4-nano",
            "gpt-5.4-pro",
            "gpt-5.5-pro",
            "gpt-5.*",
            "gpt-6*",
        ],
    ),
    // Their vocabulary is that of their generation; what stands around their texts was not recorded.
    family(
        "OpenAI specialities",
        Kind::Plain200k,
        None,
        false,
        &[
            "chat-latest",
            "codex-mini",
            "computer-use*",
            "gpt-4o-mini-realtime",
            "gpt-4o-mini-transcribe",
            "gpt-4o-mini-tts",
            "gpt-4o-realtime",
            "gpt-4o-transcribe*",
            "gpt-audio*",
            "gpt-chat-latest",
            "gpt-image-*",
            "gpt-realtime*",
            "o3-deep-research",
            "o4-mini-deep-research",
        ],
    ),
    family(
        "embeddings",
        Kind::Bare(Encoding::Cl100kBase),
        None,
        true,
        &["text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"],
    ),
    family(
        "davinci-002",
        Kind::Bare(Encoding::Cl100kBase),
        None,
        true,
        &["davinci-002", "babbage-002", "davinci:2023-07-21-v2"],
    ),
    family(
        "text-davinci-003",
        Kind::Bare(Encoding::P50kBase),
        None,
        false,
        &["text-davinci-003", "text-davinci-002"],
    ),
    family(
        "gpt-3",
        Kind::Bare(Encoding::R50kBase),
        None,
        true,
        &["ada", "babbage", "curie", "davinci", "text-davinci-001", "text-curie-001"],
    ),
    band("claude-2", &["claude-1*", "claude-2*", "claude-instant*", "claude-v1*", "claude-v2*"]),
    band(
        "claude-4.7",
        &[
            "claude-5*",
            "claude-fable*",
            "claude-haiku-5*",
            "claude-mythos*",
            "claude-opus-4-7*",
            "claude-opus-4-8*",
            "claude-opus-4.7*",
            "claude-opus-4.8*",
            "claude-opus-5*",
            "claude-sonnet-4-7*",
            "claude-sonnet-4-8*",
            "claude-sonnet-5*",
        ],
    ),
    band(
        "claude-4.5",
        &[
            "claude-4.5-*",
            "claude-4.6-*",
            "claude-haiku-4-5*",
            "claude-haiku-4.5*",
            "claude-opus-4-5*",
            "claude-opus-4-6*",
            "claude-opus-4.5*",
            "claude-opus-4.6*",
            "claude-sonnet-4-5*",
            "claude-sonnet-4-6*",
            "claude-sonnet-4.5*",
            "claude-sonnet-4.6*",
        ],
    ),
    band(
        "claude-3.5",
        &[
            "claude-3-5-*",
            "claude-3-7-*",
            "claude-3.5-*",
            "claude-3.7-*",
            "claude-4-opus*",
            "claude-4-sonnet*",
            "claude-opus-4",
            "claude-opus-4-0",
            "claude-opus-4-1*",
            "claude-opus-4.1*",
            "claude-sonnet-4",
            "claude-sonnet-4-0",
        ],
    ),
    band("claude-3", &["claude-3-*"]),
    band("gemini-3", &["gemini-3*"]),
    band("gemini", &["gemini-1.5*", "gemini-2*"]),
    band("gemma", &["gemma*"]),
    band("mistral-embed", &["mistral-embed*"]),
    band("mistral-small", &["mistral-small*"]),
    band(
        "mistral",
        &["mistral-*", "ministral-*", "magistral-*", "codestral-*", "open-mistral*", "devstral-*"],
    ),
    band("mistral vision", &["pixtral-*", "voxtral-*"]),
    band("deepseek", &["deepseek-*"]),
    band("grok-4.3", &["grok-4.3*"]),
    band("grok-4.1", &["grok-4-1*", "grok-4.1*"]),
    band("grok", &["grok-*"]),
    band("gpt-oss", &["gpt-oss*"]),
    band("llama-2", &["codellama*", "llama-2*", "llama2*"]),
    band("llama-3", &["llama3*"]),
    band("llama-3.3", &["llama-3*", "meta-llama-3*"]),
    band("llama-4", &["llama-4*", "llama4-*"]),
    band("qwen-3.5", &["qwen-3.5*", "qwen-3.6*", "qwen3.5*", "qwen3.6*", "qwen3p5*", "qwen3p6*"]),
    band("qwen", &["qvq*", "qwen*", "qwq*"]),
    band("glm", &["glm-*", "zai-glm-*"]),
    band("command", &["command*"]),
    band("palmyra", &["palmyra-*"]),
    band("kimi", &["kimi-*", "moonshot-*"]),
    band("mistral", &["mixtral-*", "leanstral-*"]),
    band("gemini", &["gemini-*"]),
    // Whoever has no row of its own: a wide band on what others take.
    band("other", OTHERS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for (id, name) in [
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("openai/gpt-4o-mini", "gpt-4o-mini"),
            ("GPT-4.1-nano-2025-04-14", "gpt-4.1-nano"),
            ("gpt-3.5-turbo-0301", "gpt-3.5-turbo-0301"),
            ("gpt-3.5-turbo-instruct:20230824-v2", "gpt-3.5-turbo-instruct"),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-4.5"),
            ("anthropic/claude-sonnet-4.6", "claude-4.5"),
            ("claude-3-opus-20240229", "claude-3"),
            ("openai.gpt-5.5", "gpt-5.4"),
            ("gpt-4-0613", "gpt-4"),
            ("ft:gpt-4o-mini-2024-07-18:org::id", "gpt-4o-mini"),
            ("models/gemini-2.5-flash", "gemini"),
            ("claude-fable-5-1", "claude-4.7"),
            ("anthropic/claude-opus-5-fast", "claude-4.7"),
            ("gpt-5.7-nova", "gpt-5 relatives"),
            ("gpt-6", "gpt-5 relatives"),
            ("us.amazon.nova-pro-v1:0", "other"),
            ("bedrock_mantle/xai.grok-4.3", "grok-4.3"),
            ("qwen/qwen3.6-27b", "qwen-3.5"),
            ("qwen/qwen3.7-max", "qwen"),
            ("meta/llama-2-70b-chat", "llama-2"),
            ("gpt-realtime-2.1-mini", "OpenAI specialities"),
            // No family names them, and the book sells them.
            ("inclusionai/ling-3.0-flash", "other"),
            ("codechat-bison@002", "other"),
            ("MiniMax-M2.5", "other"),
        ] {
            assert_eq!(find(id).map(|found| found.family.name), Some(name), "{id}");
        }
        for id in ["gpt-4o-maxi", "", "claude", "my-gpt-4o", "gpt-4o-"] {
            assert!(find(id).is_none(), "{id}");
        }
    }
}
