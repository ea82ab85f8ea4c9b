//! Open vocabularies: counts written down, no panic on any text, and the models they are for.

use std::time::{Duration, Instant};

use tokreckon_tokenizer::{OpenVocabulary, Standing};

/// What the makers publish as the number of ordinary tokens; Tekken's includes its 1,000 special ones.
const SIZES: [(OpenVocabulary, usize); 7] = [
    (OpenVocabulary::Qwen2, 151_643),
    (OpenVocabulary::DeepSeekV3, 128_000),
    (OpenVocabulary::MistralV3, 131_072),
    (OpenVocabulary::Glm4, 151_329),
    (OpenVocabulary::Glm5, 154_820),
    (OpenVocabulary::KimiK2, 163_584),
    (OpenVocabulary::MiniMaxM2, 200_000),
];

fn shipped(vocabulary: OpenVocabulary) -> &'static tiktoken::CoreBpe {
    tiktoken::get_encoding(vocabulary.name()).expect("shipped")
}

#[test]
fn the_vocabularies_have_their_published_sizes() {
    for (vocabulary, size) in SIZES {
        assert_eq!(shipped(vocabulary).vocab_size(), size, "{vocabulary}");
    }
}

/// The counts follow from what is said of each text.
#[test]
fn counts_written_down() {
    for vocabulary in OpenVocabulary::ALL {
        assert_eq!(vocabulary.count(""), 0, "{vocabulary}");
        // Common words are one token each, with the space before them; so is the full stop.
        assert_eq!(vocabulary.count("hello world"), 2, "{vocabulary}");
        assert_eq!(vocabulary.count("Hello, world!"), 4, "{vocabulary}");
        assert_eq!(vocabulary.count("How many tokens is this?"), 6, "{vocabulary}");
    }
    // Qwen and Tekken write digits one by one, the others in threes; but GLM has no tokens 456 and 789.
    let digits = OpenVocabulary::ALL.map(|vocabulary| vocabulary.count("123456789"));
    assert_eq!(digits, [9, 3, 9, 5, 5, 3, 3]);
    // Ids of Qwen's published vocabulary: 108386 is 你好, 99489 is 世界.
    assert_eq!(shipped(OpenVocabulary::Qwen2).encode("你好世界"), [108_386, 99_489]);
    assert_eq!(OpenVocabulary::Qwen2.count("你好世界"), 2);
    // Text that spells a special token is text.
    assert!(OpenVocabulary::Qwen2.count("<|im_end|>") > 1);
}

/// Texts on which tokenizers give up, panic or take forever, about a megabyte each.
fn hard_texts() -> Vec<(&'static str, String)> {
    let mut state = 88_172_645_463_325_252_u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(1_000_000)
    .collect();
    vec![
        ("spaces", " ".repeat(1_000_000)),
        ("spaces before a letter", " ".repeat(1_000_000) + "x"),
        ("ideographic spaces", "\u{3000}\u{3000}字".repeat(111_111)),
        ("lines", "\n".repeat(1_000_000)),
        ("one Han character", "中".repeat(333_333)),
        ("Han", "语言模型处理文字".repeat(41_666)),
        ("Han with punctuation", "语言模型，处理文字。".repeat(33_333)),
        ("bytes", String::from_utf8_lossy(&bytes).into_owned()),
        ("one letter", "a".repeat(1_000_000)),
        ("punctuation", "!".repeat(1_000_000)),
        ("digits", "1".repeat(1_000_000)),
        ("marks", "\u{301}".repeat(500_000)),
        ("joiners", "\u{200d}".repeat(333_333)),
        ("joined emoji", "👩\u{200d}👩\u{200d}👧".repeat(55_555)),
        ("hearts", "❤\u{fe0f}".repeat(166_666)),
        ("zeros", "\0".repeat(1_000_000)),
    ]
}

#[test]
fn no_text_panics_or_takes_forever_or_loses_a_byte() {
    for (name, text) in hard_texts() {
        for vocabulary in OpenVocabulary::ALL {
            let start = Instant::now();
            let count = vocabulary.count(&text);
            assert!(start.elapsed() < Duration::from_secs(100), "{vocabulary} {name}");
            assert!(count > 0 && count <= text.len(), "{vocabulary} {name}");
            // The crate itself reads some texts in quadratic time, so that its ids are asked of less.
            let start: String = text.chars().take(9_000).collect();
            let ids = shipped(vocabulary).encode(&start);
            assert_eq!(vocabulary.count(&start), ids.len(), "{vocabulary} {name}");
            assert_eq!(shipped(vocabulary).decode(&ids), start.as_bytes(), "{vocabulary} {name}");
        }
    }
}

#[test]
fn every_character_has_a_count() {
    for vocabulary in OpenVocabulary::ALL {
        for character in ('\0'..=char::MAX).filter(|&c| c < '\u{3400}' || u32::from(c) % 97 == 0) {
            let text = format!("a{character} {character}1");
            let ids = shipped(vocabulary).encode(&text);
            assert_eq!(shipped(vocabulary).decode(&ids), text.as_bytes(), "{vocabulary} {text:?}");
            assert_eq!(vocabulary.count(&text), ids.len(), "{vocabulary} {text:?}");
        }
    }
}

#[test]
fn threads_count_alike() {
    let text = "Zählen, compter, 数える, считать: 1234 👩\u{200d}🚀\n".repeat(500);
    for vocabulary in OpenVocabulary::ALL {
        let alone = vocabulary.count(&text);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(vocabulary.count(&text), alone));
            }
        });
    }
}

#[test]
fn models() {
    use OpenVocabulary::{DeepSeekV3, Glm4, Glm5, KimiK2, MiniMaxM2, MistralV3, Qwen2};
    use Standing::{Assumed, Documented};
    let known = [
        ("qwen3-235b-a22b", Qwen2, Documented),
        ("Qwen/Qwen2.5-Coder-32B-Instruct", Qwen2, Documented),
        ("qwen/qwen3-coder:free", Qwen2, Documented),
        ("qwen-3-32b", Qwen2, Assumed),
        ("deepseek-chat", DeepSeekV3, Documented),
        ("deepseek/deepseek-r1-0528:free", DeepSeekV3, Documented),
        ("deepseek.v3.2", DeepSeekV3, Assumed),
        ("deepseek-v4-pro", DeepSeekV3, Documented),
        ("mistralai/mistral-nemo", MistralV3, Documented),
        ("mistral-small-2506", MistralV3, Assumed),
        ("z-ai/glm-4.6:exacto", Glm4, Documented),
        ("zai-org/glm-4.7-maas", Glm4, Documented),
        ("zai-org/GLM-5", Glm5, Documented),
        ("accounts/fireworks/models/glm-5p1", Glm5, Assumed),
        ("moonshotai/Kimi-K2-Instruct-0905", KimiK2, Documented),
        ("kimi-k3", KimiK2, Documented),
        ("MiniMax-M2.5-highspeed", MiniMaxM2, Documented),
        ("minimax.minimax-m2", MiniMaxM2, Documented),
    ];
    for (id, vocabulary, standing) in known {
        let found = OpenVocabulary::for_model(id).expect(id);
        assert_eq!((found.vocabulary, found.standing), (vocabulary, standing), "{id}");
    }
    let unknown = [
        "",
        "qwen3.5-plus",
        "qwen3-max",
        "qwen-plus",
        "deepseek-r1-distill-llama-70b",
        "deepseek-coder-33b-instruct",
        "mistral-large-2411",
        "mistral-large-latest",
        "open-mixtral-8x7b",
        "mistral-7b-instruct-v0.2",
        "pixtral-large-2411",
        "glm-4.7-flash",
        "glm-6",
        "moonshot-v1-8k",
        "minimax-m1",
        "minimax-m3",
        "llama-3.1-8b",
        "gpt-5",
        "claude-opus-4",
    ];
    for id in unknown {
        assert_eq!(OpenVocabulary::for_model(id), None, "{id}");
    }
}

#[test]
fn names_are_read_back() {
    for vocabulary in OpenVocabulary::ALL {
        assert_eq!(vocabulary.to_string().parse(), Ok(vocabulary));
    }
    let error = "llama3".parse::<OpenVocabulary>().expect_err("not shipped");
    assert_eq!(
        error.to_string(),
        "unknown vocabulary `llama3`; the vocabularies are `qwen2`, `deepseek_v3`, `mistral_v3`, \
         `glm4`, `glm5`, `kimi_k2`, `minimax_m2`"
    );
}
