//! `.model` files of `SentencePiece`: byte-pair encoding by the scores of pieces.

use std::collections::HashMap;

use super::TokenizerFileError;
use super::own::{Own, Part};
use crate::ranked::Merger;

/// A model of pieces.
#[derive(Debug)]
pub(super) struct SentencePiece {
    /// The rank of a piece: the higher its score, the lower.
    ranks: HashMap<Vec<u8>, u32>,
    /// Pieces that are tokens wherever they stand.
    own: Own,
    byte_fallback: bool,
    spaces: Spaces,
}

/// What becomes of spaces before anything else.
#[derive(Debug)]
struct Spaces {
    /// One is put in front.
    in_front: bool,
    /// Several are one, those at the ends none.
    single: bool,
    /// They are written as marks.
    marks: bool,
}

const SPACE: char = '\u{2581}';

impl SentencePiece {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, TokenizerFileError> {
        let wrong = || {
            TokenizerFileError::new(
                "neither a `tokenizer.json`, a `tekken.json`, a file of ranks nor a SentencePiece model",
            )
        };
        let mut pieces = Pieces::default();
        let mut spaces = Spaces { in_front: true, single: true, marks: true };
        let mut kind = 1;
        for field in fields(bytes) {
            match field.ok_or_else(wrong)? {
                (1, Wire::Bytes(piece)) => pieces.add(piece).ok_or_else(wrong)??,
                (2, Wire::Bytes(trainer)) => {
                    for field in fields(trainer) {
                        if let (3, Wire::Number(number)) = field.ok_or_else(wrong)? {
                            kind = number;
                        }
                    }
                }
                (3, Wire::Bytes(spec)) => {
                    for field in fields(spec) {
                        match field.ok_or_else(wrong)? {
                            (2, Wire::Bytes(map)) if !map.is_empty() => {
                                return Err(TokenizerFileError::unknown("normalizer", "charsmap"));
                            }
                            (3, Wire::Number(on)) => spaces.in_front = on != 0,
                            (4, Wire::Number(on)) => spaces.single = on != 0,
                            (5, Wire::Number(on)) => spaces.marks = on != 0,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        if pieces.ranks.is_empty() {
            return Err(wrong());
        }
        let with_space = pieces.own.iter().find(|(piece, _)| piece.contains([' ', SPACE]));
        if let (true, Some((piece, _))) = (spaces.single, with_space) {
            // Which of the spaces then go is another rule.
            return Err(TokenizerFileError::unknown("piece of spaces", piece));
        }
        match kind {
            2 => {}
            1 => return Err(TokenizerFileError::unknown("model", "unigram")),
            _ => return Err(TokenizerFileError::unknown("model", "word or char")),
        }
        let Pieces { ranks, own, byte_fallback } = pieces;
        Ok(Self { ranks, own: Own::of(own)?, byte_fallback, spaces })
    }

    pub(super) fn count(&self, text: &str) -> usize {
        let mut text = if self.spaces.single {
            text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        } else {
            text.to_owned()
        };
        if text.is_empty() {
            return 0;
        }
        if self.spaces.in_front {
            text.insert(0, ' ');
        }
        if self.spaces.marks {
            text = text.replace(' ', &SPACE.to_string());
        }
        let (mut total, mut merger) = (0, Merger::default());
        for (part, _) in self.own.parts(&text) {
            total += match part {
                Part::Token => 1,
                Part::Between(text) => self.between(text, &mut merger),
            };
        }
        total
    }

    /// The tokens of a text without pieces of its own.
    fn between(&self, text: &str, merger: &mut Merger) -> usize {
        let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
        let rank = |start, _, end| self.ranks.get(&text.as_bytes()[start..end]).copied();
        let (mut tokens, mut unknown_before) = (0, false);
        merger.merge(ends, rank, |start, end| {
            let known = rank(start, start, end).is_some();
            tokens += match (known, self.byte_fallback) {
                (true, _) => 1,
                (false, true) => end - start,
                // What is not known is one token, however long it is.
                (false, false) => usize::from(!unknown_before),
            };
            unknown_before = !known;
        });
        tokens
    }
}

/// What the pieces of a file are.
#[derive(Default)]
struct Pieces {
    ranks: HashMap<Vec<u8>, u32>,
    own: Vec<(String, bool)>,
    byte_fallback: bool,
}

impl Pieces {
    /// One piece: its text, score and type. `None` where it is no protobuf.
    fn add(&mut self, bytes: &[u8]) -> Option<Result<(), TokenizerFileError>> {
        let (mut text, mut score, mut kind) = (None, 0u32, 1);
        for field in fields(bytes) {
            match field? {
                (1, Wire::Bytes(bytes)) => text = std::str::from_utf8(bytes).ok(),
                (2, Wire::Four(bits)) => score = bits,
                (3, Wire::Number(number)) => kind = number,
                _ => {}
            }
        }
        let text = text?;
        match kind {
            // Ordinary; the bits of a number in order, the highest first.
            1 => {
                let ascending = if score >> 31 == 1 { !score } else { score | 1 << 31 };
                self.ranks.insert(text.as_bytes().to_owned(), !ascending);
            }
            4 => self.own.push((text.to_owned(), true)),
            6 => self.byte_fallback = true,
            5 => return Some(Err(TokenizerFileError::unknown("piece that is not used", text))),
            _ => {}
        }
        Some(Ok(()))
    }
}

/// The value of a protobuf field.
enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Four(u32),
    Eight,
}

/// The fields of a protobuf message; `None` once where it ends amiss.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = Option<(u64, Wire<'_>)>> {
    let mut failed = false;
    std::iter::from_fn(move || {
        if bytes.is_empty() || failed {
            return None;
        }
        let field = field(&mut bytes);
        failed = field.is_none();
        Some(field)
    })
}

fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Wire<'a>)> {
    let key = number(bytes)?;
    let value = match key & 7 {
        0 => Wire::Number(number(bytes)?),
        1 => {
            *bytes = bytes.get(8..)?;
            Wire::Eight
        }
        2 => {
            let length = usize::try_from(number(bytes)?).ok()?;
            let (value, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Wire::Bytes(value)
        }
        5 => {
            let (value, rest) = bytes.split_at_checked(4)?;
            *bytes = rest;
            Wire::Four(u32::from_le_bytes(value.try_into().ok()?))
        }
        _ => return None,
    };
    Some((key >> 3, value))
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(number);
        }
    }
    None
}
