//! Long runs of one thing, where others panic or take forever.

use std::collections::HashSet;

use tokreckon_tokenizer::Encoding;

use crate::reference::{DISTINCT, assert_same, reference, textbook_count, tokens};

/// Runs of every length up to a few hundred, and around powers of two.
#[test]
fn runs_of_every_length_encode_like_the_reference() {
    let lengths = (1..300).chain([511, 512, 513, 1000, 1023, 1025, 4096, 5000]);
    for length in lengths {
        for unit in ["a", " ", "\n", "=", "1", "-", "A", "\t", " \t", "ab", "中", "é", "\r\n", "😀"]
        {
            let run = unit.repeat(length);
            for encoding in DISTINCT {
                assert_same(encoding, &run);
                assert_same(encoding, &format!("x{run}y"));
            }
        }
    }
}

/// White space just below the length at which the reference gives up.
#[test]
fn long_white_space_counts_like_the_reference() {
    for encoding in DISTINCT {
        for text in
            [" ".repeat(300_000), "\n".repeat(250_000), format!("{}x", " \t".repeat(100_000))]
        {
            let expected = reference(encoding).count(&text, &HashSet::new()).expect("short enough");
            assert_eq!(encoding.count(&text), expected, "{encoding}");
        }
    }
}

/// A million spaces, where the reference panics: one piece, counted by the textbook.
#[test]
fn a_million_spaces() {
    for encoding in DISTINCT {
        let tokens = tokens(encoding);
        for unit in [" ", "\n", "\t", " \t"] {
            let run = unit.repeat(1_000_000 / unit.len());
            assert_eq!(
                encoding.count(&run),
                textbook_count(&tokens, run.as_bytes()),
                "{encoding} {unit:?}"
            );
        }
        let word = " ".repeat(1_000_000) + "x";
        let expected =
            textbook_count(&tokens, " ".repeat(999_999).as_bytes()) + encoding.count(" x");
        assert_eq!(encoding.count(&word), expected, "{encoding}");
    }
}

/// A megabyte without a place to cut it.
#[test]
fn long_pieces_count_like_the_textbook() {
    let encoding = Encoding::O200kBase;
    let tokens = tokens(encoding);
    let mut random = crate::generator::Random::new(7);
    let letters: Vec<u8> =
        (0..300_000).map(|_| b'a' + u8::try_from(random.below(26)).unwrap_or(0)).collect();
    let text = String::from_utf8(letters).expect("ASCII");
    assert_eq!(encoding.count(&text), textbook_count(&tokens, text.as_bytes()));
    let symbols = "=".repeat(300_000);
    assert_eq!(encoding.count(&symbols), textbook_count(&tokens, symbols.as_bytes()));
}
