//! Every character in seven contexts.

use std::fmt::Write;

use tokreckon_tokenizer::Encoding;

use crate::reference::{assert_same, on_two_threads};

/// Code points that are put into one text: ids are compared, so one text tests each of them.
const BATCH: u32 = 2048;

/// One encoding of each pattern; `r50k_base` has the pattern of `p50k_base`.
const PATTERNS: [Encoding; 3] = [Encoding::O200kBase, Encoding::Cl100kBase, Encoding::P50kBase];

fn every_character(context: impl Fn(&mut String, char) + Sync) {
    let batches: Vec<u32> = (0..0x11_0000 / BATCH).collect();
    on_two_threads(&batches, |batch| {
        let mut text = String::new();
        for character in (batch * BATCH..(batch + 1) * BATCH).filter_map(char::from_u32) {
            context(&mut text, character);
        }
        for encoding in PATTERNS {
            assert_same(encoding, &text);
        }
    });
}

macro_rules! contexts {
    ($($(#[doc = $doc:literal])* $name:ident: $format:literal;)+) => {
        $(
            $(#[doc = $doc])*
            #[test]
            fn $name() {
                every_character(|text, c| write!(text, $format, c = c).expect("a string takes all"));
            }
        )+
    };
}

contexts! {
    /// Alone on a line.
    alone: "{c}\n";
    /// Between lower-case letters.
    between_lower_case: "a{c}b.";
    /// Between upper-case letters.
    between_upper_case: " A{c}B-";
    /// After a space, before a letter.
    after_space: "x {c}y";
    /// After an apostrophe, where contractions are.
    after_apostrophe: "x'{c}s ";
    /// Between digits.
    between_digits: "1{c}23{c}4";
    /// Repeated, with punctuation and a line feed.
    repeated: "!{c}{c}\n{c}/ ";
}

/// The whole text is one character.
#[test]
fn as_a_whole_text() {
    let batches: Vec<u32> = (0..0x11_0000 / BATCH).collect();
    on_two_threads(&batches, |batch| {
        for character in (batch * BATCH..(batch + 1) * BATCH).filter_map(char::from_u32) {
            for encoding in PATTERNS {
                assert_same(encoding, character.encode_utf8(&mut [0; 4]));
            }
        }
    });
}
