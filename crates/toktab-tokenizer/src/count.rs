//! Counting, encoding and decoding ordinary text.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;

use crate::cut;
use crate::encoding::Encoding;
use crate::merge::{self, Scratch};
use crate::special;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Encoding {
    /// The number of tokens of `text`.
    ///
    /// Text that spells a special token, such as `<|endoftext|>`, is ordinary text here;
    /// [`Encoding::count_with`] can treat it otherwise.
    ///
    /// ```
    /// use toktab_tokenizer::Encoding;
    ///
    /// assert_eq!(Encoding::O200kBase.count("tokens, not words"), 4);
    /// assert_eq!(Encoding::O200kBase.count(""), 0);
    /// assert_eq!(Encoding::O200kBase.count("<|endoftext|>"), 7);
    /// ```
    #[must_use]
    pub fn count(self, text: &str) -> usize {
        let ranks = self.ranks();
        let mut total = 0;
        SCRATCH.with_borrow_mut(|scratch| {
            self.for_each_piece(text, |piece| {
                total += merge::encode(ranks, piece, scratch).len()
            });
        });
        total
    }

    /// The number of tokens of `text` if it is at most `limit`, otherwise `None`.
    ///
    /// Reads little more of the text than is needed to know.
    ///
    /// ```
    /// use toktab_tokenizer::Encoding;
    ///
    /// assert_eq!(Encoding::O200kBase.count_up_to("one two three", 3), Some(3));
    /// assert_eq!(Encoding::O200kBase.count_up_to("one two three", 2), None);
    /// ```
    #[must_use]
    pub fn count_up_to(self, text: &str, limit: usize) -> Option<usize> {
        /// Bytes counted at once.
        const STEP: usize = 4096;
        let mut total = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let (head, tail) = rest.split_at(cut::after(self, rest, STEP).unwrap_or(rest.len()));
            total += self.count(head);
            if total > limit {
                return None;
            }
            rest = tail;
        }
        Some(total)
    }

    /// The token ids of `text`, special tokens as ordinary text.
    ///
    /// ```
    /// use toktab_tokenizer::Encoding;
    ///
    /// let ids = Encoding::Cl100kBase.encode("hello world");
    /// assert_eq!(ids, [15339, 1917]);
    /// assert_eq!(Encoding::Cl100kBase.decode(&ids)?, b"hello world");
    /// # Ok::<(), toktab_tokenizer::UnknownToken>(())
    /// ```
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u32> {
        let ranks = self.ranks();
        let mut ids = Vec::new();
        SCRATCH.with_borrow_mut(|scratch| {
            self.for_each_piece(text, |piece| {
                ids.extend_from_slice(merge::encode(ranks, piece, scratch));
            });
        });
        ids
    }

    /// The bytes that these tokens stand for, special tokens included.
    ///
    /// A token may be a part of a character, so the bytes need not be UTF-8.
    ///
    /// ```
    /// use toktab_tokenizer::Encoding;
    ///
    /// assert_eq!(Encoding::O200kBase.decode(&[199_999])?, b"<|endoftext|>");
    /// assert_eq!(Encoding::O200kBase.decode(&[5_000_000]).unwrap_err().id, 5_000_000);
    /// # Ok::<(), toktab_tokenizer::UnknownToken>(())
    /// ```
    pub fn decode(self, ids: &[u32]) -> Result<Vec<u8>, UnknownToken> {
        let ranks = self.ranks();
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        for &id in ids {
            if let Some(token) = ranks.bytes(id) {
                bytes.extend_from_slice(token);
            } else if let Some(name) = special::name(self, id) {
                bytes.extend_from_slice(name.as_bytes());
            } else {
                return Err(UnknownToken { id, encoding: self });
            }
        }
        Ok(bytes)
    }

    /// Gives the pieces of `text` in order.
    fn for_each_piece(self, text: &str, mut give: impl FnMut(&[u8])) {
        let pattern = self.pattern();
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            let end = pattern.piece_end(text, at);
            give(&text[at..end]);
            at = end;
        }
    }
}

/// A token id that an encoding does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownToken {
    /// The id.
    pub id: u32,
    /// The encoding.
    pub encoding: Encoding,
}

impl fmt::Display for UnknownToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` has no token {}", self.encoding, self.id)
    }
}

impl Error for UnknownToken {}
