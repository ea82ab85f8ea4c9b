//! Every entry of every vocabulary.

use tokreckon_tokenizer::Encoding;

use crate::reference::{assert_same, on_two_threads, reference, tokens};

#[test]
fn every_token_has_the_bytes_of_the_reference() {
    for encoding in Encoding::ALL {
        for id in 0..202_000 {
            let expected = reference(encoding).decode_bytes(&[id]).ok();
            assert_eq!(encoding.decode(&[id]).ok(), expected, "{encoding} {id}");
        }
    }
}

/// A token's own text, alone and within other text, has the ids that the reference gives.
#[test]
fn every_token_that_is_text_encodes_like_the_reference() {
    on_two_threads(&Encoding::ALL, |encoding| {
        let mut joined = String::new();
        for bytes in tokens(encoding).into_values() {
            if let Ok(text) = String::from_utf8(bytes) {
                assert_same(encoding, &text);
                joined.push_str(&text);
            }
        }
        // Without its longest runs: the reference fails on very long white space.
        assert_same(encoding, &joined);
    });
}
