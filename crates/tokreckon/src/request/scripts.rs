//! A text by script: vocabularies differ from each other far more in one script than in another.

use std::borrow::Cow;

/// What the characters of a text are written in, as far as vocabularies differ by it.
///
/// Latin letters, with the signs and spaces beside them, are told apart further once they are counted:
/// [`Script::of_latin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Script {
    Digits,
    Symbols,
    English,
    Latin,
    Code,
    Codes,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Devanagari,
    Bengali,
    Tamil,
    Indic,
    Thai,
    Caucasus,
    Hangul,
    Han,
    Japanese,
    Other,
}

impl Script {
    /// All, in the order of the data file.
    pub(crate) const ALL: [Script; 20] = [
        Script::Digits,
        Script::Symbols,
        Script::English,
        Script::Latin,
        Script::Code,
        Script::Codes,
        Script::Cyrillic,
        Script::Greek,
        Script::Arabic,
        Script::Hebrew,
        Script::Devanagari,
        Script::Bengali,
        Script::Tamil,
        Script::Indic,
        Script::Thai,
        Script::Caucasus,
        Script::Hangul,
        Script::Han,
        Script::Japanese,
        Script::Other,
    ];

    /// As the data file names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Script::Digits => "digits",
            Script::Symbols => "symbols",
            Script::English => "english",
            Script::Latin => "latin",
            Script::Code => "code",
            Script::Codes => "codes",
            Script::Cyrillic => "cyrillic",
            Script::Greek => "greek",
            Script::Arabic => "arabic",
            Script::Hebrew => "hebrew",
            Script::Devanagari => "devanagari",
            Script::Bengali => "bengali",
            Script::Tamil => "tamil",
            Script::Indic => "indic",
            Script::Thai => "thai",
            Script::Caucasus => "caucasus",
            Script::Hangul => "hangul",
            Script::Han => "han",
            Script::Japanese => "japanese",
            Script::Other => "other",
        }
    }

    /// What a piece in Latin letters is: codes with more than 12 % digits (all others of its characters but white
    /// space), code with more than 12 % signs, English where the vocabulary made for English, `cl100k_base`,
    /// takes at most 6 % more tokens than `o200k_base`, else another language.
    pub(crate) fn of_latin(piece: &str, o200k: u64, cl100k: u64) -> Script {
        let (mut letters, mut digits, mut all) = (0_usize, 0_usize, 0_usize);
        for character in piece.chars().filter(|character| *character > ' ') {
            all += 1;
            letters += usize::from(kind(character) == Kind::Of(Script::Latin));
            digits += usize::from(character.is_ascii_digit());
        }
        let signs = all - letters - digits;
        if digits * 100 > all * 12 {
            Script::Codes
        } else if signs * 100 > all * 12 {
            Script::Code
        } else if cl100k * 100 <= o200k * 106 {
            Script::English
        } else {
            Script::Latin
        }
    }
}

/// The pieces of a text by script, each put together from all of its runs. Signs and spaces go with the letters
/// before them, but for a space before another script; a number goes with the letters it touches.
pub(crate) fn pieces(text: &str) -> Vec<(Script, Cow<'_, str>)> {
    let mut pieces: Vec<(Script, Cow<'_, str>)> = Vec::new();
    let mut push = |script: Script, run| match pieces.iter_mut().find(|(known, _)| *known == script)
    {
        Some((_, piece)) => piece.to_mut().push_str(run),
        None => pieces.push((script, Cow::Borrowed(run))),
    };
    let mut current = None;
    let (mut start, mut after, mut kana, mut han) = (0, 0, 0_usize, 0_usize);
    // The number that is being read: where it ends, and whether it touches a letter.
    let mut number = (0, false);
    for (at, character) in text.char_indices() {
        let script = match kind(character) {
            Kind::Neutral => continue,
            Kind::Digit => {
                if at >= number.0 {
                    number = number_at(text, at);
                }
                if number.1 {
                    continue;
                }
                Script::Digits
            }
            Kind::Kana => Script::Japanese,
            Kind::Of(script) => script,
        };
        kana += usize::from(script == Script::Japanese);
        han += usize::from(script == Script::Han);
        // Which of the two the whole is is known at the end.
        let script = if script == Script::Japanese { Script::Han } else { script };
        if let Some(previous) = current.filter(|previous| *previous != script) {
            let space = text[after..at].ends_with([' ', '\n', '\t']);
            let cut = if space { at - 1 } else { at };
            push(previous, &text[start..cut]);
            start = cut;
        }
        current = Some(script);
        after = at + character.len_utf8();
    }
    push(current.unwrap_or(Script::Latin), &text[start..]);
    if kana * 20 > kana + han {
        for (script, _) in &mut pieces {
            if *script == Script::Han {
                *script = Script::Japanese;
            }
        }
    }
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

/// Where the number that starts here ends, and whether it touches a letter: `a1`, `1st`, `0x1f`.
fn number_at(text: &str, start: usize) -> (usize, bool) {
    let is_letter = |character: char| {
        !matches!(kind(character), Kind::Neutral | Kind::Digit | Kind::Of(Script::Symbols))
    };
    let rest = text[start..].trim_start_matches(|character: char| character.is_ascii_digit());
    let before = text[..start].chars().next_back();
    let touches = before.is_some_and(is_letter) || rest.chars().next().is_some_and(is_letter);
    (text.len() - rest.len(), touches)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// White space, signs, punctuation, marks: of whatever is beside them.
    Neutral,
    Digit,
    Kana,
    Of(Script),
}

fn kind(character: char) -> Kind {
    if character.is_ascii() {
        return match character {
            '0'..='9' => Kind::Digit,
            'A'..='Z' | 'a'..='z' => Kind::Of(Script::Latin),
            _ => Kind::Neutral,
        };
    }
    let code = u32::from(character);
    let at = RANGES.partition_point(|(first, _, _)| *first <= code);
    match at.checked_sub(1).map(|at| RANGES[at]) {
        Some((_, last, kind)) if code <= last => kind,
        _ => Kind::Neutral,
    }
}

/// Blocks of Unicode.
#[rustfmt::skip]
const RANGES: [(u32, u32, Kind); 69] = [
    (0x00AA, 0x00AA, Kind::Of(Script::Latin)),
    (0x00BA, 0x00BA, Kind::Of(Script::Latin)),
    (0x00C0, 0x00D6, Kind::Of(Script::Latin)),
    (0x00D8, 0x00F6, Kind::Of(Script::Latin)),
    (0x00F8, 0x02AF, Kind::Of(Script::Latin)),
    (0x0370, 0x03FF, Kind::Of(Script::Greek)),
    (0x0400, 0x052F, Kind::Of(Script::Cyrillic)),
    (0x0530, 0x058F, Kind::Of(Script::Caucasus)),
    (0x0590, 0x05FF, Kind::Of(Script::Hebrew)),
    (0x0600, 0x06FF, Kind::Of(Script::Arabic)),
    (0x0700, 0x074F, Kind::Of(Script::Other)),
    (0x0750, 0x077F, Kind::Of(Script::Arabic)),
    (0x0780, 0x089F, Kind::Of(Script::Other)),
    (0x08A0, 0x08FF, Kind::Of(Script::Arabic)),
    (0x0900, 0x097F, Kind::Of(Script::Devanagari)),
    (0x0980, 0x09FF, Kind::Of(Script::Bengali)),
    (0x0A00, 0x0B7F, Kind::Of(Script::Indic)),
    (0x0B80, 0x0BFF, Kind::Of(Script::Tamil)),
    (0x0C00, 0x0DFF, Kind::Of(Script::Indic)),
    (0x0E00, 0x0E7F, Kind::Of(Script::Thai)),
    (0x0E80, 0x109F, Kind::Of(Script::Other)),
    (0x10A0, 0x10FF, Kind::Of(Script::Caucasus)),
    (0x1100, 0x11FF, Kind::Of(Script::Hangul)),
    (0x1200, 0x1C7F, Kind::Of(Script::Other)),
    (0x1C80, 0x1C8F, Kind::Of(Script::Cyrillic)),
    (0x1C90, 0x1CBF, Kind::Of(Script::Caucasus)),
    (0x1CC0, 0x1DFF, Kind::Of(Script::Other)),
    (0x1E00, 0x1EFF, Kind::Of(Script::Latin)),
    (0x1F00, 0x1FFF, Kind::Of(Script::Greek)),
    (0x2070, 0x2BFF, Kind::Of(Script::Symbols)),
    (0x2C00, 0x2C5F, Kind::Of(Script::Other)),
    (0x2C60, 0x2C7F, Kind::Of(Script::Latin)),
    (0x2C80, 0x2CFF, Kind::Of(Script::Other)),
    (0x2D00, 0x2D2F, Kind::Of(Script::Caucasus)),
    (0x2D30, 0x2DDF, Kind::Of(Script::Other)),
    (0x2DE0, 0x2DFF, Kind::Of(Script::Cyrillic)),
    (0x2E80, 0x2FDF, Kind::Of(Script::Han)),
    (0x3040, 0x30FF, Kind::Kana),
    (0x3100, 0x312F, Kind::Of(Script::Han)),
    (0x3130, 0x318F, Kind::Of(Script::Hangul)),
    (0x3190, 0x31EF, Kind::Of(Script::Han)),
    (0x31F0, 0x31FF, Kind::Kana),
    (0x3200, 0x33FF, Kind::Of(Script::Symbols)),
    (0x3400, 0x4DBF, Kind::Of(Script::Han)),
    (0x4DC0, 0x4DFF, Kind::Of(Script::Symbols)),
    (0x4E00, 0x9FFF, Kind::Of(Script::Han)),
    (0xA000, 0xA63F, Kind::Of(Script::Other)),
    (0xA640, 0xA69F, Kind::Of(Script::Cyrillic)),
    (0xA6A0, 0xA71F, Kind::Of(Script::Other)),
    (0xA720, 0xA7FF, Kind::Of(Script::Latin)),
    (0xA800, 0xA8DF, Kind::Of(Script::Other)),
    (0xA8E0, 0xA8FF, Kind::Of(Script::Devanagari)),
    (0xA900, 0xA95F, Kind::Of(Script::Other)),
    (0xA960, 0xA97F, Kind::Of(Script::Hangul)),
    (0xA980, 0xABFF, Kind::Of(Script::Other)),
    (0xAC00, 0xD7FF, Kind::Of(Script::Hangul)),
    (0xE000, 0xF8FF, Kind::Of(Script::Other)),
    (0xF900, 0xFAFF, Kind::Of(Script::Han)),
    (0xFB00, 0xFB06, Kind::Of(Script::Latin)),
    (0xFB13, 0xFB17, Kind::Of(Script::Caucasus)),
    (0xFB1D, 0xFB4F, Kind::Of(Script::Hebrew)),
    (0xFB50, 0xFDFF, Kind::Of(Script::Arabic)),
    (0xFE00, 0xFE0F, Kind::Of(Script::Symbols)),
    (0xFE70, 0xFEFE, Kind::Of(Script::Arabic)),
    (0xFF66, 0xFF9F, Kind::Kana),
    (0x10000, 0x1EFFF, Kind::Of(Script::Other)),
    (0x1F000, 0x1FBFF, Kind::Of(Script::Symbols)),
    (0x20000, 0x3FFFF, Kind::Of(Script::Han)),
    (0x40000, 0x0010_FFFF, Kind::Of(Script::Other)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_in_order() {
        assert!(RANGES.iter().all(|(first, last, _)| first <= last));
        assert!(RANGES.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    /// Signs go with the letters before them, a space with those after it, numbers alone when they stand alone.
    #[test]
    fn a_text_falls_into_pieces_by_script() {
        let text = "Hello, мир 12 abc12 2024-01-02 123 你好。こんにちは！ 😀 ok";
        let found = pieces(text);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(script, piece)| (script.name(), piece.as_ref())).collect();
        let expected = [
            ("latin", "Hello, abc12 ok"),
            ("cyrillic", " мир"),
            ("digits", " 12 2024-01-02 123"),
            ("japanese", " 你好。こんにちは！"),
            ("symbols", " 😀"),
        ];
        assert_eq!(found, expected);
        assert_eq!(pieces("漢字").first().map(|(script, _)| *script), Some(Script::Han));
        assert_eq!(pieces(" ,\n").first().map(|(script, _)| *script), Some(Script::Latin));
        assert!(pieces("").is_empty());
    }

    #[test]
    fn latin_letters_are_english_another_language_code_or_codes() {
        for (piece, o200k, cl100k, script) in [
            ("Please summarise the meeting notes.", 7, 7, Script::English),
            ("Bitte fassen Sie das Protokoll zusammen.", 8, 11, Script::Latin),
            ("if (x) { return f(y); }", 10, 10, Script::Code),
            ("4f2a9c81d07e", 8, 8, Script::Codes),
        ] {
            assert_eq!(Script::of_latin(piece, o200k, cl100k), script, "{piece}");
        }
    }

    /// Every character of a text stands in exactly one piece, whatever it is.
    #[test]
    fn nothing_is_lost_or_doubled() {
        let texts = ["a1б2 3", "١٢٣ ab", "\u{10FFFF}é\u{301}", "12345678901234567890", "１２ｱ漢A"];
        for text in texts {
            let mut whole: Vec<char> = text.chars().collect();
            let mut parts: Vec<char> = pieces(text)
                .iter()
                .flat_map(|(_, piece)| piece.chars().collect::<Vec<_>>())
                .collect();
            whole.sort_unstable();
            parts.sort_unstable();
            assert_eq!(whole, parts, "{text}");
        }
    }
}
