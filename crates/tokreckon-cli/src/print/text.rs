//! Text for people: how wide it is, folded, shortened, and harmless.

use std::borrow::Cow;

pub(crate) use textwrap::core::display_width as width;
use textwrap::{Options, WordSplitter, wrap};
use tokreckon::words::steers;
use unicode_width::UnicodeWidthChar;

/// An id in at most `most` cells: `claude-sonnet-4-5…0929`. The end tells ids apart as often as
/// the beginning does, so a third of the room is for it.
pub(crate) fn shortened(id: &str, most: usize) -> String {
    if width(id) <= most || most < 3 {
        return id.to_owned();
    }
    let taken = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let mut left = room;
        let fits = |c: &char| {
            let cells = c.width().unwrap_or(0);
            let fits = cells <= left;
            left = left.saturating_sub(cells);
            fits
        };
        chars.take_while(fits).collect::<Vec<char>>()
    };
    let end = (most - 1) / 3;
    let first = taken(&mut id.chars(), most - 1 - end);
    let last = taken(&mut id.chars().rev(), end);
    first.into_iter().chain(['…']).chain(last.into_iter().rev()).collect()
}

/// Text with lines longer than a terminal folded between words, two blanks further in. A word that is wider stays
/// whole: it may be copied.
pub(crate) fn folded(text: &str, room: usize) -> String {
    let mut folded = String::new();
    for line in text.lines() {
        let words = line.trim_start();
        let indent = &line[..line.len() - words.len()];
        let further = format!("{indent}  ");
        let options = between_words(room).initial_indent(indent).subsequent_indent(&further);
        for part in wrap(words, options.break_words(false)) {
            folded.push_str(&part);
            folded.push('\n');
        }
    }
    folded
}

/// A cell in lines of at most so many cells of the terminal: broken between words, and where a word is wider, inside
/// of it.
pub(crate) fn wrapped(cell: &str, room: usize) -> Vec<String> {
    wrap(cell, between_words(room)).into_iter().map(Cow::into_owned).collect()
}

/// Nothing is broken at its hyphens: names and days have them.
fn between_words(room: usize) -> Options<'static> {
    Options::new(room).word_splitter(WordSplitter::NoHyphenation)
}

/// Text without characters that could steer a terminal or reorder what is read.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// What may be shown on a terminal: lines, and colours where the program colours. Whatever else
/// steers is replaced, wherever it came from: a cell, a path, a message of the system.
pub(crate) fn harmless(text: &str, coloured: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = if coloured && c == '\u{1b}' { colour_len(rest) } else { 0 };
        if colour > 0 {
            shown.push_str(&rest[..colour]);
            rest = &rest[colour..];
            continue;
        }
        shown.push(if steers(c) && c != '\n' { '\u{fffd}' } else { c });
        rest = &rest[c.len_utf8()..];
    }
    shown
}

/// Bytes of the colour sequence that a text begins with; 0 for anything else.
fn colour_len(text: &str) -> usize {
    let Some(body) = text.strip_prefix("\u{1b}[") else { return 0 };
    let digits = body.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if body[digits..].starts_with('m') { digits + 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_fold_between_words() {
        assert_eq!(folded("one two three\nfour\n", 8), "one two\n  three\nfour\n");
        assert_eq!(folded("\u{1b}[1mone two\u{1b}[0m\n", 8), "\u{1b}[1mone two\u{1b}[0m\n");
        assert_eq!(folded("  a_very_long_word b\n", 8), "  a_very_long_word\n    b\n");
        assert_eq!(folded("on 2026-11-01\n\nb", 8), "on\n  2026-11-01\n\nb\n");
    }

    #[test]
    fn cells_fold_between_words_and_inside_of_wide_ones() {
        assert_eq!(wrapped("one two three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrapped("a 2026-11-01 b", 6), ["a", "2026-1", "1-01 b"]);
        assert_eq!(wrapped("模型模型", 5), ["模型", "模型"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        for (text, cells) in [("gpt", 3), ("模型", 4), ("e\u{301}", 1), ("\u{1b}[1mab\u{1b}[0m", 2)]
        {
            assert_eq!(width(text), cells, "{text:?}");
        }
    }

    #[test]
    fn ids_are_shortened_in_the_middle() {
        assert_eq!(shortened("claude-sonnet-4-5-20250929", 20), "claude-sonnet…250929");
        assert_eq!(shortened("gpt-4o", 20), "gpt-4o");
        assert_eq!(shortened("模型模型模型模型", 9), "模型模…型");
        assert!(width(&shortened("模型模型模型模型", 9)) <= 9);
    }

    #[test]
    fn nothing_steers() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\u{61c}"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert_eq!(
            clean("a\u{200b}\u{feff}\u{e0041}b\u{200d}"),
            "a\u{fffd}\u{fffd}\u{fffd}b\u{200d}"
        );
        assert_eq!(harmless("a\u{1b}]0;x\u{7}b\n", true), "a\u{fffd}]0;x\u{fffd}b\n");
        assert_eq!(harmless("\u{1b}[1;31ma\u{1b}[0m", true), "\u{1b}[1;31ma\u{1b}[0m");
        assert_eq!(harmless("\u{1b}[1ma", false), "\u{fffd}[1ma");
        assert_eq!(harmless("\u{1b}[2Ja\u{9b}", true), "\u{fffd}[2Ja\u{fffd}");
    }
}
