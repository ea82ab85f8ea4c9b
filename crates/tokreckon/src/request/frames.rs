//! What makers bill besides the text of messages: the rows of `data/counting/frames.toml`.

use std::sync::OnceLock;

use tokreckon_tokenizer::Tokenizer;
use toml::de::DeTable;

use super::read::Endpoint;
use super::table::{number, rows, text_of, texts, three, truth};

/// Tokens of the frame around messages.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The rule by its stable name.
    pub(crate) rule: String,
    tokenizers: Vec<String>,
    models: Vec<String>,
    endpoints: Vec<String>,
    providers: Vec<String>,
    /// Tokens for each request.
    pub(crate) request: u64,
    /// Tokens for each system text.
    pub(crate) system: u64,
    /// Tokens for each message of the user, and of anybody else.
    pub(crate) user: u64,
    /// Tokens for each answer in the history.
    pub(crate) assistant: u64,
    /// Tokens for an answer at the end, which the model goes on with.
    pub(crate) final_assistant: u64,
    /// Texts of one message are counted one by one.
    pub(crate) apart: bool,
    /// The template leaves out `<think>` blocks of earlier answers.
    pub(crate) drops_thoughts: bool,
    /// Tokens besides the JSON of tools, and how far the bill may be below and above.
    pub(crate) tools: Option<[u64; 3]>,
    /// How far the bill may be below: per mille of the texts, tokens, tokens per message.
    less: [u64; 3],
    /// The same above.
    more: [u64; 3],
    /// What it was made and tried on.
    pub(crate) evidence: String,
}

/// What Anthropic puts in front of tools, tokens.
#[derive(Debug)]
pub(crate) struct ToolPrompt {
    models: Vec<String>,
    /// The model may choose.
    pub(crate) auto: u64,
    /// It must call one.
    pub(crate) any: u64,
    /// It must call this one.
    pub(crate) named: u64,
    /// How far the bill may be below.
    pub(crate) less: u64,
    /// How far it may be above.
    pub(crate) more: u64,
    /// What it was made and tried on.
    pub(crate) evidence: String,
}

/// The first row for a model id without provider.
pub(crate) fn tool_prompt(model: &str) -> Option<&'static ToolPrompt> {
    let starts = |start: &String| model.starts_with(start.as_str());
    file().prompts.iter().find(|row| row.models.iter().any(starts))
}

/// The first row for a model's own tokenizer, a model id without provider, an endpoint and who serves it.
pub(crate) fn find(
    tokenizer: Tokenizer,
    model: &str,
    endpoint: Endpoint,
    provider: Option<&str>,
) -> Option<&'static Frame> {
    let provider = provider.map(|provider| provider.replace('_', "-"));
    let among = |names: &[String], name: Option<&str>| {
        names.is_empty() || name.is_some_and(|name| names.iter().any(|known| known == name))
    };
    file().frames.iter().find(|row| {
        row.tokenizers.iter().any(|name| name == tokenizer.name())
            && (row.models.is_empty() || row.models.iter().any(|start| model.starts_with(start)))
            && among(&row.endpoints, Some(endpoint.name()))
            && among(&row.providers, provider.as_deref())
    })
}

impl Frame {
    /// The tokens of texts in this frame may be so much less and more.
    pub(crate) fn spread(&self, texts: u64, messages: u64) -> (u64, u64) {
        let of = |[per_mille, tokens, per_message]: [u64; 3]| {
            texts.saturating_mul(per_mille).div_ceil(1000) + tokens + per_message * messages
        };
        (of(self.less), of(self.more))
    }
}

/// All rows of the file.
#[derive(Default)]
struct File {
    frames: Vec<Frame>,
    prompts: Vec<ToolPrompt>,
}

/// A file that does not read, which the tests rule out, has no rows.
fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| read(tokreckon_data::COUNTING_FRAMES).unwrap_or_default())
}

/// Reads the file; `None` where anything in it is missing, unknown or of another kind.
fn read(text: &str) -> Option<File> {
    let file = DeTable::parse(text).ok()?;
    Some(File { frames: frames(file.get_ref())?, prompts: prompts(file.get_ref())? })
}

fn prompts(file: &DeTable<'_>) -> Option<Vec<ToolPrompt>> {
    rows(file, "tool-prompt", &PROMPT_FIELDS)?
        .into_iter()
        .map(|row| {
            Some(ToolPrompt {
                models: texts(row, "models")?,
                auto: number(row.get("auto")?)?,
                any: number(row.get("any")?)?,
                named: number(row.get("named")?)?,
                less: number(row.get("less")?)?,
                more: number(row.get("more")?)?,
                evidence: text_of(row.get("evidence")?)?,
            })
        })
        .collect()
}

const PROMPT_FIELDS: [&str; 7] = ["models", "auto", "any", "named", "less", "more", "evidence"];

fn frames(file: &DeTable<'_>) -> Option<Vec<Frame>> {
    rows(file, "frame", &FIELDS)?
        .into_iter()
        .map(|row| {
            Some(Frame {
                rule: text_of(row.get("rule")?)?,
                tokenizers: texts(row, "tokenizers")?,
                models: texts(row, "models")?,
                endpoints: texts(row, "endpoints")?,
                providers: texts(row, "providers")?,
                request: number(row.get("request")?)?,
                system: number(row.get("system")?)?,
                user: number(row.get("user")?)?,
                assistant: number(row.get("assistant")?)?,
                final_assistant: number(row.get("final-assistant")?)?,
                apart: truth(row, "apart")?,
                drops_thoughts: truth(row, "drops-thoughts")?,
                tools: match row.get("tools") {
                    Some(tools) => Some(three(tools)?),
                    None => None,
                },
                less: three(row.get("less")?)?,
                more: three(row.get("more")?)?,
                evidence: text_of(row.get("evidence")?)?,
            })
        })
        .collect()
}

const FIELDS: [&str; 16] = [
    "rule",
    "tokenizers",
    "models",
    "endpoints",
    "providers",
    "request",
    "system",
    "user",
    "assistant",
    "final-assistant",
    "apart",
    "drops-thoughts",
    "tools",
    "less",
    "more",
    "evidence",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::rule;

    #[test]
    fn every_row_reads_and_is_for_tokenizers_endpoints_and_rules_that_are_there() {
        assert!(read(tokreckon_data::COUNTING_FRAMES).is_some_and(|file| file.frames.len() > 10));
        for row in &file().frames {
            assert!(rule(&row.rule).is_some(), "{}", row.rule);
            assert!(!row.evidence.is_empty(), "{}", row.rule);
            for name in &row.tokenizers {
                name.parse::<Tokenizer>().expect(name);
            }
            for name in &row.endpoints {
                assert!(Endpoint::ALL.iter().any(|endpoint| endpoint.name() == name), "{name}");
            }
        }
    }
}
