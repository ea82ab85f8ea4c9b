//! Nasty texts from a seed.

/// A small random generator (splitmix64): the same numbers on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let scaled = u128::from(mixed ^ (mixed >> 31)) * limit as u128;
        usize::try_from(scaled >> 64).expect("below the limit")
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Words, contractions, cases and spellings that patterns trip over.
const WORDS: &[&str] = &[
    "a",
    "A",
    "Z",
    "ab",
    "Ab",
    "aB",
    "ABc",
    "the",
    " the",
    "Hello",
    "HTTPServer",
    "don't",
    "DON'T",
    "'s",
    "'S",
    "'t",
    "'re",
    "'RE",
    "'ve",
    "'m",
    "'ll",
    "'LL",
    "'lL",
    "'d",
    "'\u{17f}",
    "'\u{17f}a",
    "'x",
    "''",
    "'",
    "\u{17f}",
    "\u{212a}",
    "internationalization",
    "tokenizer",
    "zzzz",
    "qwrtp",
    "I'd've",
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|endofprompt|>",
    "<|start|>",
    "<|",
    "|>",
];
/// The 25 characters of `\s`, and some that only look like it.
const SPACES: &[&str] = &[
    " ", " ", " ", "  ", "   ", "    ", "\t", "\t\t", "\n", "\n", "\n\n", "\r\n", "\r", "\u{b}",
    "\u{c}", "\u{85}", "\u{a0}", "\u{1680}", "\u{2000}", "\u{2001}", "\u{2002}", "\u{2003}",
    "\u{2004}", "\u{2005}", "\u{2006}", "\u{2007}", "\u{2008}", "\u{2009}", "\u{200a}", "\u{2028}",
    "\u{2029}", "\u{202f}", "\u{205f}", "\u{3000}", "\u{200b}", "\u{feff}", "\u{180e}", "\u{1c}",
    "\u{1f}", "\u{0}", "\u{7f}",
];
/// Numbers of all kinds, and punctuation.
const SYMBOLS: &[&str] = &[
    "0",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "1234567",
    "3.14",
    "\u{660}",
    "\u{b2}",
    "\u{bd}",
    "\u{2160}",
    "\u{3007}",
    "\u{1d7d8}",
    ".",
    ",",
    "!",
    "?",
    "/",
    "//",
    "\n/",
    "/\n/",
    "-",
    "--",
    "=",
    "====",
    "{",
    "}",
    "()",
    "[]",
    "\"",
    "#",
    "$",
    "\\",
    "*",
    "**",
    "+",
    "`",
    "```",
    "~",
    "^",
    "_",
    "__",
    "&",
    "%",
    "@",
    ":",
    ";",
    "\u{2019}",
    "\u{201c}",
    "\u{2014}",
    "\u{20ac}",
    "\u{ac}",
    "\u{ad}",
    "\u{fffd}",
    "\u{e000}",
    "\u{10ffff}",
    "!!\u{301}",
    "!\n",
    "!\r\n",
    ".\n\n",
    "/\r",
    "...",
];
/// Letters of all classes, marks, and emoji with their joiners.
const FOREIGN: &[&str] = &[
    "é",
    "É",
    "ß",
    "ẞ",
    "ǅ",
    "ǆ",
    "Ǆ",
    "ñ",
    "ø",
    "İ",
    "ı",
    "ﬁ",
    "Ж",
    "ж",
    "Привет",
    "МИР",
    "Ελλάδα",
    "ς",
    "漢",
    "漢字",
    "漢A",
    "A漢",
    "a漢b",
    "中文字",
    "日本語",
    "ひらがな",
    "カタカナ",
    "ー",
    "한국어",
    "글",
    "ا",
    "العربية",
    "שלום",
    "ไทย",
    "ภาษา",
    "हिन्दी",
    "क्षि",
    "தமிழ்",
    "\u{301}",
    "e\u{301}",
    "E\u{301}",
    "\u{301}A",
    "\u{301}a",
    "\u{20dd}",
    "\u{488}",
    "\u{903}",
    "ʰ",
    "ˈ",
    "\u{2b0}A",
    "ª",
    "º",
    "ⁿ",
    "\u{1c5}a",
    "\u{10400}",
    "\u{10428}",
    "𝐀",
    "𝐚",
    "𝓏",
    "\u{16e40}",
    "\u{16e60}",
    "\u{1e900}",
    "\u{1e922}",
    "\u{a64a}",
    "\u{1c88}",
    "\u{a7cb}",
    "\u{a7dc}",
    "\u{10d50}",
    "\u{10d70}",
    "\u{1ccd6}",
    "\u{1cc00}",
    "😀",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "❤\u{fe0f}",
    "🇩🇪",
    "\u{200d}",
    "\u{fe0f}",
    "\u{e0061}",
    "\u{323af}",
    "\u{378}",
    "\u{1fbf0}",
    "\u{1d165}",
];

/// A text of some pieces of the alphabets, or of any characters.
pub(crate) fn nasty_text(random: &mut Random) -> String {
    let mut text = String::new();
    let pieces = 1 + random.below(14);
    let mut alphabets = [WORDS, SPACES, SYMBOLS, FOREIGN];
    if random.below(4) == 0 {
        // A text of fewer alphabets has longer runs of each.
        let only = alphabets[random.below(4)];
        alphabets = [only, only, SPACES, only];
    }
    for _ in 0..pieces {
        let piece = random.pick(&alphabets[..]);
        let piece = random.pick(piece);
        let times = if random.below(12) == 0 { 1 + random.below(9) } else { 1 };
        for _ in 0..times {
            text.push_str(piece);
        }
        if random.below(25) == 0 {
            let code_point = u32::try_from(random.below(0x11_0000)).unwrap_or(0);
            text.extend(char::from_u32(code_point));
        }
        if random.below(40) == 0 {
            let length = 1 + random.below(80);
            text.extend(
                (0..length).map(|_| char::from(b' ' + u8::try_from(random.below(95)).unwrap_or(0))),
            );
        }
    }
    text
}
