//! Texts that hand-written splitters have got wrong, each with the reason.

use crate::reference::{DISTINCT, assert_same};

#[test]
fn known_traps() {
    for encoding in DISTINCT {
        for text in TRAPS {
            assert_same(encoding, text);
            for (before, after) in
                [("a", ""), ("", "a"), (" ", " "), ("\n", "\n"), ("!", "!"), ("1", "1")]
            {
                assert_same(encoding, &format!("{before}{text}{after}"));
            }
            // Far from the start of a text, and at every distance from a block of 64 bytes.
            for distance in 40..72 {
                assert_same(encoding, &format!("{}{text} and more of it\n", "x".repeat(distance)));
                assert_same(encoding, &format!("{} {text}", "ab c".repeat(distance)));
            }
        }
    }
}

const TRAPS: &[&str] = &[
    // The long s is an s in another case, so `'ſ` is a contraction.
    "'ſ",
    "it'ſ",
    "IT'ſ fine",
    "x'ſx",
    "'ſſ",
    "a'ſ's",
    // Contractions need a word before them in o200k and none in cl100k.
    "'solo",
    "don'tabc",
    "don'Tabc",
    "it's's",
    "a's's's",
    "'s's",
    "''s",
    "x''s",
    "'sS",
    "we'LLbe",
    "'re'ing",
    // Slashes and line feeds after punctuation belong to it in o200k, only line feeds in cl100k.
    "!\n/",
    "!/\n/\r/x",
    "{\r\n\r\n",
    "x /abc",
    "x/abc",
    "!\n/abc",
    "!\n /abc",
    "//\n//x",
    ";\n\n\t}",
    // Letters without case end the upper-case side and begin the lower-case side.
    "漢A",
    "漢Aa",
    "A漢",
    "A漢B漢C",
    "ABC漢def",
    "a漢B",
    "ʰA",
    "Aʰb",
    "ªº",
    "漢'sA",
    // A mark is a letter in o200k, punctuation in cl100k, and may be the character before a word.
    "\u{301}",
    "\u{301}A",
    "\u{301}ABC",
    "\u{301}a",
    "!\u{301}",
    "!!\u{301}",
    " \u{301}",
    "e\u{301}A",
    "\u{301}\u{301}A",
    "A\u{301}B",
    "\u{301}'s",
    "\u{301}A's",
    "1\u{301}2",
    // Title-case letters are upper-case.
    "ǅ",
    "ǅa",
    "aǅ",
    "ǅǅ",
    // The end of the text, white space before it, and white space before words.
    " ",
    "  ",
    "a ",
    "a  ",
    "a\n",
    "a \n",
    "a\n ",
    "a \n ",
    "a\n\n",
    " \n \n a",
    "\t\ta",
    "a\t b",
    "  a",
    "\r\n\r\na",
    "a\r",
    "\n \na",
    "\u{a0}a",
    "\u{a0} a",
    " \u{a0}a",
    "\u{3000}漢",
    "\u{2028}\n",
    "\n\u{2028}",
    // These look like white space and are not.
    "\u{200b}",
    "\u{200b}a",
    " \u{200b}",
    "\u{feff}x",
    "a\u{180e}b",
    "\u{1c}a",
    "\u{1f}",
    // Numbers in threes, of every kind.
    "1234567",
    " 1234",
    "12\u{660}4",
    "\u{bd}\u{2160}\u{b2}1",
    "1a2",
    "\u{1d7d8}\u{1d7d8}\u{1d7d8}\u{1d7d8}",
    // Special tokens are ordinary text.
    "<|endoftext|>",
    "a<|endoftext|>b",
    "<|fim_prefix|>",
    "<|endofprompt|>",
    "<|start|>x<|end|>",
    // Emoji with joiners and variation selectors beside white space.
    " 👩‍👩‍👧‍👦\n",
    "  ❤\u{fe0f}\u{200d}🔥\n",
    "👍🏽!",
    "\u{fe0f}\u{fe0f}a",
    // Letters that older or newer Unicode versions class otherwise.
    "\u{a7cb}\u{264}",
    "\u{1c89}\u{1c8a}",
    "\u{a7dc}\u{19b}",
    "\u{10d50}\u{10d70}",
    "\u{a7ce}\u{a7cf}",
    "\u{16ea0}\u{16ebb}",
    "\u{323b0}",
    "\u{2ebf0}",
];
