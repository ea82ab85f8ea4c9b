//! `tokenizer.json` of Hugging Face's `tokenizers`: byte-pair encoding by merges.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::TokenizerFileError;
use super::normal::{self, Change};
use super::own::{Own, Part};
use super::split::{self, Cut};
use crate::ranked::Merger;

/// A tokenizer of merges.
#[derive(Debug)]
pub(super) struct HuggingFace {
    changes: Vec<Change>,
    cuts: Vec<Cut>,
    vocabulary: HashSet<Vec<u8>>,
    merges: Merges,
    /// A character without a token is its bytes, where each of them has a token.
    byte_fallback: Option<Box<[bool; 256]>>,
    /// A piece that is a token is one, whatever the merges make of it.
    ignore_merges: bool,
    /// There is a token for what is not known; several of them side by side are one.
    unknown: Option<bool>,
    /// Added tokens that are looked for in the text as it is given.
    added: Own,
    /// Those that are looked for after the normalizer, which has changed them too.
    added_normalized: Own,
}

/// From what a merge makes to the lengths of its left parts, each with its rank.
type Merges = HashMap<Vec<u8>, Vec<(usize, u32)>>;

/// Whether a JSON value is a `tokenizer.json`.
pub(super) fn fits(value: &Value) -> bool {
    value.get("model").is_some_and(Value::is_object)
}

impl HuggingFace {
    pub(super) fn read(value: &Value) -> Result<Self, TokenizerFileError> {
        let model = value.get("model").unwrap_or(&Value::Null);
        // Old files do not name the kind of byte-pair encoding.
        let kind = model.get("type").and_then(Value::as_str).unwrap_or("BPE");
        if kind != "BPE" {
            return Err(TokenizerFileError::unknown("model", kind));
        }
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if model.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()) {
                return Err(TokenizerFileError::unknown("member", name));
            }
        }
        let (mut changes, mut cuts) = (Vec::new(), Vec::new());
        normal::read(value.get("normalizer").unwrap_or(&Value::Null), &mut changes)?;
        split::read(value.get("pre_tokenizer").unwrap_or(&Value::Null), &mut cuts)?;
        let vocabulary = vocabulary(model)?;
        let merges = merges(model, &vocabulary)?;
        let flag = |name: &str| model.get(name).and_then(Value::as_bool).unwrap_or(false);
        let unknown = model.get("unk_token").and_then(Value::as_str);
        let known = unknown.is_some_and(|token| vocabulary.contains(token.as_bytes()));
        let byte = |byte| vocabulary.contains(format!("<0x{byte:02X}>").as_bytes());
        let byte_fallback = flag("byte_fallback").then(|| Box::new(std::array::from_fn(byte)));
        let [added, added_normalized] = added(value, &changes)?;
        Ok(Self {
            changes,
            cuts,
            byte_fallback,
            ignore_merges: flag("ignore_merges"),
            unknown: known.then(|| flag("fuse_unk")),
            added,
            added_normalized,
            vocabulary,
            merges,
        })
    }

    pub(super) fn count(&self, text: &str) -> usize {
        let (mut total, mut merger) = (0, Merger::default());
        for (part, whole) in self.added.parts(text) {
            let Part::Between(between) = part else {
                total += 1;
                continue;
            };
            let first = whole.start == 0;
            let normal = normal::changed(between, &self.changes);
            for (part, place) in self.added_normalized.parts(&normal) {
                total += match part {
                    Part::Token => 1,
                    Part::Between(text) => split::cut(text, &self.cuts, first && place.start == 0)
                        .iter()
                        .map(|piece| self.piece(piece, &mut merger))
                        .sum(),
                };
            }
        }
        total
    }

    fn piece(&self, piece: &str, merger: &mut Merger) -> usize {
        let bytes = piece.as_bytes();
        if self.ignore_merges && self.vocabulary.contains(bytes) {
            return 1;
        }
        let rank = |start: usize, middle: usize, end: usize| {
            let ways = self.merges.get(&bytes[start..end])?;
            ways.iter().find(|(left, _)| *left == middle - start).map(|(_, rank)| *rank)
        };
        let (mut tokens, mut unknown_before) = (0, false);
        merger.merge(self.ends(piece).into_iter(), rank, |start, end| {
            let unknown = !self.has_token(&bytes[start..end]);
            // Unknown symbols side by side are one token, or each is one, or they are nothing.
            tokens += usize::from(match self.unknown {
                _ if !unknown => true,
                Some(fused) => !(fused && unknown_before),
                None => false,
            });
            unknown_before = unknown;
        });
        tokens
    }

    /// Where each character of a piece ends, or each byte of one that has no token.
    fn ends(&self, piece: &str) -> Vec<usize> {
        let mut ends = Vec::with_capacity(piece.len());
        for (start, character) in piece.char_indices() {
            let end = start + character.len_utf8();
            let bytes = &piece.as_bytes()[start..end];
            if self.vocabulary.contains(bytes) || !self.falls_back(bytes) {
                ends.push(end);
            } else {
                ends.extend(start + 1..=end);
            }
        }
        ends
    }

    fn falls_back(&self, bytes: &[u8]) -> bool {
        let tokens = self.byte_fallback.as_ref();
        tokens.is_some_and(|tokens| bytes.iter().all(|&byte| tokens[usize::from(byte)]))
    }

    /// Whether a symbol is a token: one of the vocabulary, or a byte that stands for part of a character.
    fn has_token(&self, symbol: &[u8]) -> bool {
        self.vocabulary.contains(symbol) || (symbol.len() == 1 && self.falls_back(symbol))
    }
}

fn vocabulary(model: &Value) -> Result<HashSet<Vec<u8>>, TokenizerFileError> {
    let entries = model.get("vocab").and_then(Value::as_object);
    let entries = entries.ok_or_else(|| TokenizerFileError::new("`model.vocab` is missing"))?;
    let is_id = |id: &Value| id.as_u64().is_some_and(|id| u32::try_from(id).is_ok());
    let tokens = entries.iter().map(|(token, id)| {
        let wrong = || TokenizerFileError::new(format!("`{token}` has no id"));
        is_id(id).then(|| token.clone().into_bytes()).ok_or_else(wrong)
    });
    tokens.collect()
}

/// A pair is written as one text with a space, or as two.
fn merges(model: &Value, vocabulary: &HashSet<Vec<u8>>) -> Result<Merges, TokenizerFileError> {
    let list = model.get("merges").and_then(Value::as_array);
    let list = list.ok_or_else(|| TokenizerFileError::new("`model.merges` is missing"))?;
    let mut merges = Merges::with_capacity(list.len());
    for (rank, pair) in (0..).zip(list) {
        let wrong = || TokenizerFileError::new(format!("merge {rank} is not of two tokens"));
        let (left, right) = match pair {
            Value::String(text) => text.split_once(' ').ok_or_else(wrong)?,
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(left), Value::String(right)] => (left.as_str(), right.as_str()),
                _ => return Err(wrong()),
            },
            _ => return Err(wrong()),
        };
        let whole = [left, right].concat().into_bytes();
        if ![left.as_bytes(), right.as_bytes(), &whole].iter().all(|&t| vocabulary.contains(t)) {
            return Err(wrong());
        }
        let ways = merges.entry(whole).or_default();
        if !ways.iter().any(|(length, _)| *length == left.len()) {
            ways.push((left.len(), rank));
        }
    }
    Ok(merges)
}

/// Added tokens, those looked for in the text as it is and those looked for in the normalized one.
fn added(value: &Value, changes: &[Change]) -> Result<[Own; 2], TokenizerFileError> {
    let (mut as_given, mut normalized) = (Vec::new(), Vec::new());
    for token in value.get("added_tokens").and_then(Value::as_array).into_iter().flatten() {
        let flag = |name: &str| token.get(name).and_then(Value::as_bool).unwrap_or(false);
        let text = token.get("content").and_then(Value::as_str).unwrap_or("");
        if text.is_empty() {
            continue;
        }
        // Text that spells a special token is text.
        let counts = !flag("special");
        let other = ["single_word", "lstrip", "rstrip"].into_iter().find(|name| flag(name));
        if let (true, Some(name)) = (counts, other) {
            return Err(TokenizerFileError::unknown(&format!("`{name}` of the added token"), text));
        }
        if flag("normalized") {
            normalized.push((normal::changed(text, changes), counts));
        } else {
            as_given.push((text.to_owned(), counts));
        }
    }
    Ok([Own::of(as_given)?, Own::of(normalized)?])
}
