//! Open vocabularies: equal counts, no panic on any text, and the models they are for.

mod escaped;

use std::time::{Duration, Instant};

use tokreckon_tokenizer::{OpenVocabulary, Standing};

use escaped::unescaped;

/// The columns that `reference.py` writes.
const COLUMNS: [OpenVocabulary; 7] = [
    OpenVocabulary::Qwen2,
    OpenVocabulary::DeepSeekV3,
    OpenVocabulary::Tekken,
    OpenVocabulary::MistralV1,
    OpenVocabulary::Glm4,
    OpenVocabulary::MiniMax,
    OpenVocabulary::Gemma4,
];

/// Texts and how each vocabulary counts them otherwise than written.
fn unequal(table: &str) -> (usize, Vec<String>) {
    let (mut texts, mut unequal) = (0, Vec::new());
    for line in table.lines() {
        let mut fields = line.split('\t');
        let text = unescaped(fields.next().expect("a text"));
        texts += 1;
        for (vocabulary, count) in COLUMNS.into_iter().zip(fields) {
            let expected: usize = count.parse().expect("a number");
            let counted = vocabulary.count(&text);
            if counted != expected {
                unequal.push(format!("{vocabulary} {text:?}: {counted}, the maker's {expected}"));
            }
        }
    }
    (texts, unequal)
}

#[test]
fn counts_equal_those_of_the_makers_tokenizers() {
    let (texts, unequal) = unequal(include_str!("counts.tsv"));
    assert!(texts >= 100);
    assert_eq!(unequal, Vec::<String>::new());
}

/// `reference.py --many` writes the table; it is not part of the project.
#[test]
fn counts_of_many_texts_equal_those_of_the_makers_tokenizers() {
    let Some(path) = std::env::var_os("TOKRECKON_REFERENCE_COUNTS") else {
        println!("skipped: TOKRECKON_REFERENCE_COUNTS is not set");
        return;
    };
    let (texts, unequal) = unequal(&std::fs::read_to_string(path).expect("the table"));
    println!("{texts} texts, {} unequal counts", unequal.len());
    assert!(unequal.is_empty(), "{}", unequal.join("\n"));
}

/// The counts follow from what is said of each text.
#[test]
fn counts_written_down() {
    for vocabulary in OpenVocabulary::ALL {
        assert_eq!(vocabulary.count(""), 0, "{vocabulary}");
        // Common words are one token each, with the space before them.
        assert_eq!(vocabulary.count("the world"), 2, "{vocabulary}");
    }
    // Qwen, Tekken and SentencePiece write digits one by one, the others in threes; but GLM has no
    // tokens 456 and 789, and SentencePiece of Mistral puts a space in front.
    let digits = OpenVocabulary::ALL.map(|vocabulary| vocabulary.count("123456789"));
    assert_eq!(digits, [9, 3, 9, 10, 5, 5, 3, 9]);
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
    .take(200_000)
    .collect();
    vec![
        ("spaces", " ".repeat(200_000)),
        ("spaces before a letter", " ".repeat(200_000) + "x"),
        ("ideographic spaces", "\u{3000}\u{3000}字".repeat(22_222)),
        ("lines", "\n".repeat(200_000)),
        ("one Han character", "中".repeat(66_666)),
        ("Han", "语言模型处理文字".repeat(8_333)),
        ("Han with punctuation", "语言模型，处理文字。".repeat(6_666)),
        ("bytes", String::from_utf8_lossy(&bytes).into_owned()),
        ("one letter", "a".repeat(200_000)),
        ("punctuation", "!".repeat(200_000)),
        ("digits", "1".repeat(200_000)),
        ("marks", "\u{301}".repeat(100_000)),
        ("joiners", "\u{200d}".repeat(66_666)),
        ("joined emoji", "👩\u{200d}👩\u{200d}👧".repeat(11_111)),
        ("hearts", "❤\u{fe0f}".repeat(33_333)),
        ("zeros", "\0".repeat(200_000)),
    ]
}

#[test]
fn no_text_panics_or_takes_forever_or_loses_a_byte() {
    for (name, text) in hard_texts() {
        for vocabulary in OpenVocabulary::ALL {
            let start = Instant::now();
            let count = vocabulary.count(&text);
            assert!(start.elapsed() < Duration::from_secs(100), "{vocabulary} {name}");
            assert!(count > 0 && count <= text.len() + 1, "{vocabulary} {name}");
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
    use OpenVocabulary::{DeepSeekV3, Gemma4, Glm4, Glm5, MiniMax, MistralV1, Qwen2, Tekken};
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
        ("mistralai/mistral-nemo", Tekken, Documented),
        ("mistral-small-2506", Tekken, Assumed),
        ("z-ai/glm-4.6:exacto", Glm4, Documented),
        ("zai-org/glm-4.7-maas", Glm4, Documented),
        ("zai-org/GLM-5", Glm5, Documented),
        ("accounts/fireworks/models/glm-5p1", Glm5, Assumed),
        ("mistral-large-2411", MistralV1, Documented),
        ("mistral-large-latest", Tekken, Assumed),
        ("open-mixtral-8x7b", MistralV1, Documented),
        ("gemma-3-27b-it", Gemma4, Documented),
        ("google/gemini-2.5-flash", Gemma4, Documented),
        ("minimax-m1", MiniMax, Documented),
        ("MiniMax-M2.5-highspeed", MiniMax, Documented),
        ("minimax.minimax-m2", MiniMax, Documented),
    ];
    for (id, vocabulary, standing) in known {
        let found = OpenVocabulary::for_model(id).expect(id);
        assert_eq!((found.vocabulary, found.standing), (vocabulary, standing), "{id}");
    }
    let unknown = [
        "",
        "qwen3.5-plus",
        "deepseek-r1-distill-llama-70b",
        "deepseek-coder-33b-instruct",
        "glm-6",
        "moonshot-v1-8k",
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
        "unknown vocabulary `llama3`; the vocabularies are `qwen2`, `deepseek_v3`, `tekken`, \
         `mistral_v1`, `glm4`, `glm5`, `minimax`, `gemma4`"
    );
}
