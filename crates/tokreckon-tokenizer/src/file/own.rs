//! Texts that are tokens wherever they stand, found before anything is cut or merged.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::TokenizerFileError;

/// Such texts; of those that start at one place the longest is taken.
#[derive(Debug)]
pub(super) struct Own {
    found: Option<AhoCorasick>,
    /// Whether each is a token here: text that spells a special one is text.
    counts: Vec<bool>,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// One of the texts.
    Token,
    /// What stands between.
    Between(&'a str),
}

impl Own {
    /// Of texts, each with whether it is a token here.
    ///
    /// # Errors
    ///
    /// More texts than can be looked for at once.
    pub(super) fn of(texts: Vec<(String, bool)>) -> Result<Own, TokenizerFileError> {
        let (texts, counts): (Vec<String>, Vec<bool>) =
            texts.into_iter().filter(|(text, _)| !text.is_empty()).unzip();
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&texts);
        let found = (!texts.is_empty()).then(build).transpose();
        let found = found.map_err(|error| {
            TokenizerFileError::new(format!("the added tokens are too many: {error}"))
        })?;
        Ok(Own { found, counts })
    }

    /// The parts of a text in order, each with its place.
    pub(super) fn parts<'t>(&self, text: &'t str) -> Vec<(Part<'t>, Range<usize>)> {
        let (mut parts, mut at) = (Vec::new(), 0);
        let matches = self.found.iter().flat_map(|found| found.find_iter(text));
        for one in matches.filter(|one| self.counts[one.pattern().as_usize()]) {
            if one.start() > at {
                parts.push((Part::Between(&text[at..one.start()]), at..one.start()));
            }
            parts.push((Part::Token, one.range()));
            at = one.end();
        }
        if at < text.len() {
            parts.push((Part::Between(&text[at..]), at..text.len()));
        }
        parts
    }
}
