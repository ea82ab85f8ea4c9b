//! Special tokens, recognised, forbidden or not.

use std::collections::BTreeSet;

use tokreckon_tokenizer::{Encoding, SpecialTokens};

use crate::generator::{Random, nasty_text};
use crate::reference::reference;

#[test]
fn the_special_tokens_are_those_of_the_reference() {
    for encoding in Encoding::ALL {
        let ours: BTreeSet<String> =
            encoding.special_tokens().map(|(name, _)| name.into_owned()).collect();
        let theirs: BTreeSet<String> =
            reference(encoding).special_tokens().into_iter().map(str::to_owned).collect();
        assert_eq!(ours, theirs, "{encoding}");
        for (name, id) in encoding.special_tokens() {
            assert_eq!(reference(encoding).encode_with_special_tokens(&name), [id], "{encoding}");
            assert_eq!(encoding.decode(&[id]).as_deref(), Ok(name.as_bytes()), "{encoding}");
        }
    }
}

#[test]
fn recognised_special_tokens_encode_like_the_reference() {
    let mut random = Random::new(21);
    for _ in 0..2_000 {
        let mut text = nasty_text(&mut random);
        for name in
            ["<|endoftext|>", "<|call|>", "<|reserved_200500|>", "<|reserved_", "<|fim_suffix|>"]
        {
            if random.below(3) == 0 {
                text.push_str(name);
                text.push_str(&nasty_text(&mut random));
            }
        }
        for encoding in Encoding::ALL {
            let expected = reference(encoding).encode_with_special_tokens(&text);
            let ids = encoding.encode_with(&text, SpecialTokens::Recognise);
            assert_eq!(ids.as_ref(), Ok(&expected), "{encoding} {text:?}");
            let count = encoding.count_with(&text, SpecialTokens::Recognise);
            assert_eq!(count, Ok(expected.len()), "{encoding} {text:?}");
            let ordinary = encoding.encode(&text).len();
            assert_eq!(encoding.count_with(&text, SpecialTokens::AsText), Ok(ordinary));
            let has_special =
                expected.iter().any(|&id| encoding.special_tokens().any(|s| s.1 == id));
            assert_eq!(encoding.count_with(&text, SpecialTokens::Forbid).is_err(), has_special);
        }
    }
}
