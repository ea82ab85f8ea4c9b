//! Models: every id of the reference's table has the reference's encoding.

use tiktoken_rs::tokenizer::{Tokenizer, get_tokenizer};
use tokreckon_tokenizer::{Encoding, Standing};

/// Ids of every rule of the reference, and ids beyond them.
const IDS: &[&str] = &[
    "o1",
    "o1-mini",
    "o1-mini-2024-09-12",
    "o3",
    "o3-pro",
    "o4-mini",
    "o4-mini-2025-04-16",
    "gpt-5",
    "gpt-5.4-pro",
    "gpt-5_future",
    "gpt-4.5-preview",
    "gpt-4.1",
    "gpt-4.1-nano",
    "chatgpt-4o-latest",
    "gpt-4o",
    "gpt-4o-2024-05-13",
    "gpt-4",
    "gpt-4-turbo",
    "gpt-4-32k-0314",
    "gpt-3.5",
    "gpt-3.5-turbo",
    "gpt-3.5-turbo-0301",
    "gpt-35-turbo",
    "gpt-35-turbo-0613",
    "gpt-oss-20b",
    "codex-mini",
    "codex-mini-latest",
    "davinci-002",
    "babbage-002",
    "text-embedding-ada-002",
    "text-embedding-3-small",
    "text-embedding-3-large",
    "text-davinci-003",
    "text-davinci-002",
    "text-davinci-001",
    "text-curie-001",
    "text-babbage-001",
    "text-ada-001",
    "davinci",
    "curie",
    "babbage",
    "ada",
    "code-davinci-002",
    "code-davinci-001",
    "code-cushman-002",
    "code-cushman-001",
    "davinci-codex",
    "cushman-codex",
    "text-davinci-edit-001",
    "code-davinci-edit-001",
    "text-similarity-davinci-001",
    "text-similarity-curie-001",
    "text-similarity-babbage-001",
    "text-similarity-ada-001",
    "text-search-davinci-doc-001",
    "text-search-curie-doc-001",
    "text-search-babbage-doc-001",
    "text-search-ada-doc-001",
    "code-search-babbage-code-001",
    "code-search-ada-code-001",
    "gpt2",
    "gpt-2",
    "ft:gpt-4o:org:name:id",
    "ft:gpt-3.5-turbo:XXXXXX:2023-11-11",
    "ft:davinci-002:org",
    "o4",
    "o4-pro",
    "o2",
    "gpt",
    "gpt-7",
    "claude-opus-4",
    "text-moderation-latest",
    "dall-e-3",
    "whisper-1",
    "",
    "ft:",
    "gpt-4ever",
    "davinci-003",
    "gemini-2.5-pro",
    "llama-3.1-8b",
];

fn same(tokenizer: Tokenizer) -> Encoding {
    match tokenizer {
        Tokenizer::O200kHarmony => Encoding::O200kHarmony,
        Tokenizer::O200kBase => Encoding::O200kBase,
        Tokenizer::Cl100kBase => Encoding::Cl100kBase,
        Tokenizer::P50kBase => Encoding::P50kBase,
        Tokenizer::R50kBase => Encoding::R50kBase,
        Tokenizer::P50kEdit => Encoding::P50kEdit,
        Tokenizer::Gpt2 => Encoding::Gpt2,
    }
}

#[test]
fn documented_models_have_the_encoding_of_the_reference() {
    for id in IDS {
        let expected = get_tokenizer(id).map(same);
        let found = Encoding::for_model(id);
        assert_eq!(found.map(|found| found.encoding), expected, "{id}");
        assert!(found.is_none_or(|found| found.standing == Standing::Documented), "{id}");
    }
}

#[test]
fn ids_that_the_reference_does_not_know() {
    let assumed = [
        "gpt-6",
        "gpt-6-sol",
        "gpt-6.1-terra",
        "gpt-realtime-2.1-mini",
        "gpt-audio",
        "computer-use-preview",
        "openai/gpt-realtime",
        "GPT-6-ASTRA",
        "gpt-4.5",
        "chatgpt-4o",
    ];
    for id in assumed {
        let found = Encoding::for_model(id).expect(id);
        assert_eq!(
            (found.encoding, found.standing),
            (Encoding::O200kBase, Standing::Assumed),
            "{id}"
        );
    }
    let documented = [
        ("openai/gpt-4o:extended", Encoding::O200kBase),
        ("openrouter/openai/gpt-4.1:batch", Encoding::O200kBase),
        ("azure/GPT-35-Turbo", Encoding::Cl100kBase),
        ("openai.gpt-oss-120b-1:0", Encoding::O200kHarmony),
        ("openai/ft:gpt-4o-mini-2024-07-18:org::id", Encoding::O200kBase),
        (" o1-mini ", Encoding::O200kBase),
    ];
    for (id, encoding) in documented {
        let found = Encoding::for_model(id).expect(id);
        assert_eq!((found.encoding, found.standing), (encoding, Standing::Documented), "{id}");
    }
}

#[test]
fn names_are_read_back() {
    for encoding in Encoding::ALL {
        assert_eq!(encoding.name().parse(), Ok(encoding));
    }
    let error = "o300k_base".parse::<Encoding>().expect_err("no such encoding");
    assert_eq!(
        error.to_string(),
        "unknown encoding `o300k_base`; the encodings are `o200k_base`, `o200k_harmony`, `cl100k_base`, \
         `p50k_base`, `p50k_edit`, `r50k_base`, `gpt2`"
    );
}
