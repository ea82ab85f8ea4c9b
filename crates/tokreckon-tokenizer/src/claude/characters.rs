//! What Claude's tokenizer tells characters apart by: measured tables and Unicode properties.
//!
//! Ported from `ctok` 1.3.0 (MIT, Sander Land), whose author measured each table with the maker's count
//! endpoint. Tables that list characters one by one must stay so: no property gives them.

use unicode_general_category::{GeneralCategory as Category, get_general_category};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A structural marker; each is one character in a marked text. Where the text itself has one of these
/// noncharacters, it stands as a private-use character, which normalising has removed before.
pub(super) mod marker {
    /// The beginning of a word.
    pub(in super::super) const BOW: char = '\u{FDD0}';
    /// The end of a word.
    pub(in super::super) const EOW: char = '\u{FDD1}';
    /// The next word begins with a capital.
    pub(in super::super) const SHIFT: char = '\u{FDD3}';
    /// The next word is all capitals.
    pub(in super::super) const CAPS: char = '\u{FDD4}';
    /// All noncharacters that must not stand in a text, the frame's padding among them.
    pub(in super::super) const ALL: [char; 5] = [BOW, EOW, '\u{FDD2}', SHIFT, CAPS];
}

/// The class of a run of characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// Letters that make words.
    Wordy,
    /// Characters that stand alone: Han, Hangul, emoji, most symbols.
    Hard,
    Digit,
    Punct,
    Space,
    /// A mark without a letter before it.
    StrayMark,
}

/// Symbols that are punctuation to the tokenizer; the others are [`Class::Hard`].
const PUNCT_SYMBOLS: &str = "—»«•°„–−£§€…√→（№†└│├·─═█";
/// Symbols among CJK punctuation, which stand unmarked like it.
const IDEOGRAPHIC_SYMBOLS: &str = "〄〒〓〠〶〷〾〿";
/// Symbols and numbers that are letters of words: Runic, Roman, circled, Bamum.
const SYMBOL_LETTERS: [(u32, u32); 4] =
    [(0x16EE, 0x16F0), (0x2160, 0x2188), (0x24B6, 0x24E9), (0xA6E6, 0xA6EF)];
/// Case pairs of Unicode 16, which the models know.
const NEW_CASE_PAIRS: [(char, char); 2] = [('\u{1C89}', '\u{1C8A}'), ('\u{A7CB}', '\u{264}')];
/// A capital to Unicode, without case to the models.
const UNCASED: char = '\u{3F4}';

/// The text as the models take it: composed, without controls and private characters, curly quotes as
/// straight ones where the generation folds them, every space a space.
pub(super) fn normal(text: &str, fold_quotes: bool) -> Vec<char> {
    let mut normal: Vec<char> = Vec::with_capacity(text.len());
    for character in text.nfc() {
        let character = match character {
            '\u{1}'..='\u{8}'
            | '\u{B}'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{E000}'..='\u{F8FF}' => continue,
            '\0'
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}' => ' ',
            '\u{2018}' | '\u{2019}' if fold_quotes => '\'',
            '\u{201C}' | '\u{201D}' if fold_quotes => '"',
            // Thai SARA AM, which NFC leaves in two parts.
            '\u{E32}' if normal.last() == Some(&'\u{E4D}') => {
                normal.pop();
                '\u{E33}'
            }
            other => other,
        };
        normal.push(character);
    }
    normal
}

/// The class of a character by itself.
pub(super) fn class(character: char) -> Class {
    let point = u32::from(character);
    let category = get_general_category(character);
    if NEW_CASE_PAIRS.iter().any(|&(upper, lower)| character == upper || character == lower) {
        Class::Wordy
    } else if is_separator_category(category) || ('\t'..='\r').contains(&character) {
        Class::Space
    } else if SYMBOL_LETTERS.iter().any(|&(first, last)| (first..=last).contains(&point)) {
        Class::Wordy
    } else if character.is_ascii_digit() || matches!(point, 0x660..=0x669 | 0x6F0..=0x6F9) {
        Class::Digit
    } else if character.is_ascii_punctuation() || PUNCT_SYMBOLS.contains(character) {
        Class::Punct
    } else if is_selector(character) {
        Class::Hard
    } else if is_mark(category) {
        if point < 0x1_0000 && character.is_alphabetic() { Class::Wordy } else { Class::Hard }
    } else if is_letter(category) && !stands_alone(point) {
        Class::Wordy
    } else {
        Class::Hard
    }
}

/// Letters that stand alone: everything above the basic plane, Han, Hangul, iteration marks.
fn stands_alone(point: u32) -> bool {
    matches!(
        point,
        0x1_0000..
            | 0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0xF900..=0xFAFF
            | 0xAC00..=0xD7A3
            | 0x3005
            | 0x3006
            | 0x3031..=0x3035
            | 0x303B
            | 0x303C
    )
}

fn is_separator_category(category: Category) -> bool {
    matches!(
        category,
        Category::SpaceSeparator | Category::LineSeparator | Category::ParagraphSeparator
    )
}

fn is_mark(category: Category) -> bool {
    matches!(category, Category::NonspacingMark | Category::SpacingMark | Category::EnclosingMark)
}

fn is_letter(category: Category) -> bool {
    matches!(
        category,
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
    )
}

fn is_punctuation(category: Category) -> bool {
    matches!(
        category,
        Category::ConnectorPunctuation
            | Category::DashPunctuation
            | Category::OpenPunctuation
            | Category::ClosePunctuation
            | Category::InitialPunctuation
            | Category::FinalPunctuation
            | Category::OtherPunctuation
    )
}

fn is_symbol(category: Category) -> bool {
    matches!(
        category,
        Category::MathSymbol
            | Category::CurrencySymbol
            | Category::ModifierSymbol
            | Category::OtherSymbol
    )
}

/// A variation selector.
pub(super) fn is_selector(character: char) -> bool {
    ('\u{FE00}'..='\u{FE0F}').contains(&character)
}

/// A mark that is no part of a word and closes it.
fn is_separator(character: char) -> bool {
    u32::from(character) < 0x1_0000
        && is_mark(get_general_category(character))
        && !is_selector(character)
        && !character.is_alphabetic()
}

/// A mark where nothing before it can be its base.
pub(super) fn is_stray_mark(character: char) -> bool {
    let syriac_vowel = matches!(u32::from(character), 0x711 | 0x730..=0x73F);
    !syriac_vowel && canonical_combining_class(character) != 0 && !is_separator(character)
}

/// Whether a character that stands alone takes borders like punctuation.
pub(super) fn marks_like_punctuation(character: char) -> bool {
    let character = unescaped(character);
    let point = u32::from(character);
    if point >= 0x1_0000 {
        return false;
    }
    if is_separator(character) {
        return true;
    }
    let category = get_general_category(character);
    let ideographic = (0x3001..=0x303F).contains(&point)
        && (is_punctuation(category) || IDEOGRAPHIC_SYMBOLS.contains(character));
    let signs = is_punctuation(category)
        || is_symbol(category)
        || matches!(category, Category::Format | Category::Unassigned);
    signs && !ideographic
}

/// Whether a digit takes a border: all but ASCII and those above the basic plane.
pub(super) fn digit_border(character: char) -> bool {
    let borders = match get_general_category(character) {
        Category::OtherNumber => true,
        Category::DecimalNumber => !character.is_ascii(),
        _ => false,
    };
    borders && u32::from(character) < 0x1_0000
}

/// Whether a run is of digits only, or only of other numbers.
pub(super) fn is_digit_run(run: &[char]) -> bool {
    let Some(&first) = run.first() else {
        return false;
    };
    let category = get_general_category(first);
    matches!(category, Category::DecimalNumber | Category::OtherNumber)
        && run.iter().all(|&character| get_general_category(character) == category)
}

/// A literal noncharacter, as it stands in a marked text.
pub(super) fn escaped(character: char) -> char {
    let place = marker::ALL.iter().position(|&marker| marker == character);
    let escape = place.and_then(|place| char::from_u32(0xE000 + u32::try_from(place).ok()?));
    escape.unwrap_or(character)
}

/// What a character of a marked text is in the text.
pub(super) fn unescaped(character: char) -> char {
    let place =
        u32::from(character).checked_sub(0xE000).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| marker::ALL.get(place)).copied().unwrap_or(character)
}

fn is_upper(character: char) -> bool {
    character != UNCASED
        && (NEW_CASE_PAIRS.iter().any(|pair| pair.0 == character)
            || character.is_uppercase() && !character.to_lowercase().eq([character]))
}

fn is_lower(character: char) -> bool {
    NEW_CASE_PAIRS.iter().any(|pair| pair.1 == character) || character.is_lowercase()
}

/// The characters in lower case, one by one.
fn lower(characters: &[char]) -> Vec<char> {
    let mut lower = Vec::with_capacity(characters.len());
    for &character in characters {
        match NEW_CASE_PAIRS.iter().find(|pair| pair.0 == character) {
            Some(pair) => lower.push(pair.1),
            None if character == UNCASED => lower.push(character),
            None => lower.extend(character.to_lowercase()),
        }
    }
    lower
}

/// A word with its case as a marker: the marker, if any, and the letters.
///
/// Only a whole word has one: all capitals from `caps_from` letters on, or a capital and nothing but
/// lower case after it. Anything else stays as it is.
pub(super) fn cased(word: &[char], caps_from: Option<usize>) -> (Option<char>, Vec<char>) {
    const DOTTED: char = 'İ';
    let as_it_is = (None, word.to_vec());
    let Some((&head, tail)) = word.split_first() else {
        return as_it_is;
    };
    if word.contains(&'ẞ') {
        return as_it_is;
    }
    if word.contains(&DOTTED) {
        let capital = is_upper(head) && head != DOTTED;
        if !capital || tail.iter().any(|&character| character != DOTTED && is_upper(character)) {
            return as_it_is;
        }
        let mut letters = lower(&[head]);
        for &character in tail {
            match character {
                DOTTED => letters.push(DOTTED),
                other => letters.extend(lower(&[other])),
            }
        }
        return (Some(marker::SHIFT), letters);
    }
    let upper = word.iter().filter(|&&character| is_upper(character)).count();
    let lower_case = word.iter().any(|&character| is_lower(character));
    let all_capitals =
        upper > 0 && !lower_case && word.iter().all(|&character| lowerable(character));
    if caps_from.is_some_and(|least| word.len() >= least) && all_capitals {
        let letters =
            lower(word).into_iter().map(|letter| if letter == 'ς' { 'σ' } else { letter });
        return (Some(marker::CAPS), letters.collect());
    }
    if is_upper(head) && !tail.iter().any(|&character| is_upper(character)) {
        return (Some(marker::SHIFT), lower(word));
    }
    as_it_is
}

/// Whether a character of a word stands in the way of writing it in lower case after a marker.
fn lowerable(character: char) -> bool {
    let category = get_general_category(character);
    let letter = is_letter(category)
        || is_mark(category)
        || NEW_CASE_PAIRS.iter().any(|pair| pair.0 == character || pair.1 == character);
    !letter || is_lower(character) || is_upper(character)
}
