//! Patterns of tokenizer files, matched in time that grows with the text, however long a piece is.
//!
//! Nearly all published patterns end with `\s+(?!\S)|\s+`: white space, but its last character where text
//! follows. That look-ahead is applied here to the match of `\s+`; the rest is an ordinary expression. A
//! backtracking engine would keep a state for each character of a run, and give up on a long one.

use regex_automata::{Anchored, Input, PatternID, meta::Regex};

use super::TokenizerFileError;

/// GPT-2.
pub(super) const GPT2: &str =
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// How patterns end that leave the last space to the text after it.
const WHITE_SPACE: [&str; 2] = [r"|\s+(?!\S)|\s+", r"|\s+(?!\S)|\s"];

/// What is looked for in a text.
#[derive(Debug)]
pub(super) enum Pattern {
    /// This text.
    Text(String),
    /// The first expression; where there is a second, it is white space that leaves its last character.
    Expression(Regex),
}

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// A pattern that looks ahead or back in another way, or that is none.
    pub(super) fn read(pattern: &str) -> Result<Pattern, TokenizerFileError> {
        let start = WHITE_SPACE.iter().find_map(|end| pattern.strip_suffix(end));
        let regex = match start {
            Some(start) => Regex::new_many(&[start, r"\s+"]),
            None => Regex::new(pattern),
        };
        regex.map(Pattern::Expression).map_err(|error| {
            let why = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
            TokenizerFileError::new(format!(
                "the pattern `{pattern}` is not understood here: {}",
                why.lines().last().unwrap_or_default()
            ))
        })
    }

    /// Gives start and end of every match, left to right.
    pub(super) fn each_match(&self, text: &str, mut found: impl FnMut(usize, usize)) {
        let regex = match self {
            Pattern::Text(wanted) => {
                return text.match_indices(wanted).for_each(|(at, one)| found(at, at + one.len()));
            }
            Pattern::Expression(regex) => regex,
        };
        let (mut at, mut last_end) = (0, None);
        while at <= text.len() {
            let Some(one) = regex.search(&Input::new(text).range(at..).anchored(Anchored::No))
            else {
                return;
            };
            let (start, mut end) = (one.start(), one.end());
            if one.pattern() != PatternID::ZERO && end < text.len() {
                let last = text[start..end].char_indices().next_back();
                end -= last.filter(|(at, _)| *at > 0).map_or(0, |(_, one)| one.len_utf8());
            }
            if start == end {
                // An empty match right after a match is none.
                if last_end != Some(end) {
                    found(start, end);
                }
                at = end + text[end..].chars().next().map_or(1, char::len_utf8);
            } else {
                found(start, end);
                at = end;
            }
            last_end = Some(end);
        }
    }

    /// The text with something else in place of every match.
    pub(super) fn replaced(&self, text: &str, by: &str) -> String {
        let (mut replaced, mut at) = (String::with_capacity(text.len()), 0);
        self.each_match(text, |start, end| {
            replaced += &text[at..start];
            replaced += by;
            at = end;
        });
        replaced + &text[at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(pattern: &str, text: &str) -> Vec<String> {
        let mut pieces = Vec::new();
        let pattern = Pattern::read(pattern).expect("a pattern");
        pattern.each_match(text, |start, end| pieces.push(text[start..end].to_owned()));
        pieces
    }

    #[test]
    fn white_space_leaves_its_last_character_to_the_text_after_it() {
        assert_eq!(pieces(GPT2, "a  b \n"), ["a", " ", " b", " \n"]);
        assert_eq!(pieces(GPT2, "\t\ta\u{3000}!"), ["\t", "\t", "a", "\u{3000}", "!"]);
        assert_eq!(pieces(r"\p{L}+|\s*[\r\n]+|\s+(?!\S)|\s", " \n  b"), [" \n", " ", " ", "b"]);
    }

    #[test]
    fn empty_matches_stand_between_characters() {
        assert_eq!(pieces("x*", "axé"), ["", "x", ""]);
    }

    #[test]
    fn other_ways_to_look_around_are_errors() {
        for pattern in [r"(?=(\d{3})+(?!\d))", r"(?<!a)b", r"(a)\1", "("] {
            let error = Pattern::read(pattern).expect_err("not linear");
            assert!(error.message.starts_with("the pattern `"), "{error}");
        }
    }
}
