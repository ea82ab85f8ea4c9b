//! Counting, encoding and decoding ordinary text.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;

use crate::cache::{Cache, LONG, LongKey, SHORT, ShortKey};
use crate::cut;
use crate::encoding::Encoding;
use crate::merge::{self, Scratch};
use crate::new::New;
use crate::special;
use crate::vocabulary::Ranks;

thread_local! {
    static WORKERS: RefCell<[Worker; 4]> = RefCell::default();
}

/// What a thread keeps for the tokens of one vocabulary.
#[derive(Default)]
struct Worker {
    /// Made when it is first used.
    cache: Option<Cache>,
    new: New,
    scratch: Scratch,
}

impl Worker {
    /// The number of tokens of a piece that is not in the cache.
    #[inline(never)]
    fn count_new(scratch: &mut Scratch, ranks: Ranks, piece: &[u8]) -> usize {
        merge::encode(ranks, piece, scratch).len()
    }

    /// The number of tokens of a longer piece, or of those before it that are counted with it.
    #[inline(never)]
    fn count_long(
        cache: &mut Cache,
        new: &mut New,
        scratch: &mut Scratch,
        ranks: Ranks,
        piece: &[u8],
    ) -> usize {
        if piece.len() > LONG {
            return Self::count_new(scratch, ranks, piece);
        }
        let key = LongKey::of(piece);
        let known = cache.long(&key);
        if known != 0 {
            return known;
        }
        if let Some(counted) = new.take_long(key, piece, ranks, cache) {
            return counted;
        }
        let count = Self::count_new(scratch, ranks, piece);
        cache.put_long(key, count);
        count
    }
}

impl Encoding {
    /// The number of tokens of `text`.
    ///
    /// Text that spells a special token, such as `<|endoftext|>`, is ordinary text here;
    /// [`Encoding::count_with`] can treat it otherwise.
    ///
    /// ```
    /// use tokreckon_tokenizer::Encoding;
    ///
    /// assert_eq!(Encoding::O200kBase.count("tokens, not words"), 4);
    /// assert_eq!(Encoding::O200kBase.count(""), 0);
    /// assert_eq!(Encoding::O200kBase.count("<|endoftext|>"), 7);
    /// ```
    #[must_use]
    pub fn count(self, text: &str) -> usize {
        let ranks = self.ranks();
        let mut total = 0;
        WORKERS.with_borrow_mut(|workers| {
            let Worker { cache, new, scratch } = &mut workers[self.worker()];
            let cache = cache.get_or_insert_default();
            let text = text.as_bytes();
            self.pattern().for_each_piece(text, |start, end| {
                if end - start > SHORT {
                    total += Worker::count_long(cache, new, scratch, ranks, &text[start..end]);
                    return;
                }
                let key = ShortKey::of(text, start, end);
                let count = cache.short(key);
                total += count;
                if new.take_short(key, count) {
                    total += new.count_short(ranks, cache);
                }
            });
            total += new.count_rest(ranks, cache);
        });
        total
    }

    /// The number of tokens of `text` if it is at most `limit`, otherwise `None`.
    ///
    /// Reads little more of the text than is needed to know.
    ///
    /// ```
    /// use tokreckon_tokenizer::Encoding;
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
    /// use tokreckon_tokenizer::Encoding;
    ///
    /// let ids = Encoding::Cl100kBase.encode("hello world");
    /// assert_eq!(ids, [15339, 1917]);
    /// assert_eq!(Encoding::Cl100kBase.decode(&ids)?, b"hello world");
    /// # Ok::<(), tokreckon_tokenizer::UnknownToken>(())
    /// ```
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u32> {
        let ranks = self.ranks();
        let mut ids = Vec::new();
        WORKERS.with_borrow_mut(|workers| {
            let scratch = &mut workers[self.worker()].scratch;
            self.pattern().for_each_piece(text.as_bytes(), |start, end| {
                let piece = &text.as_bytes()[start..end];
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
    /// use tokreckon_tokenizer::Encoding;
    ///
    /// assert_eq!(Encoding::O200kBase.decode(&[199_999])?, b"<|endoftext|>");
    /// assert_eq!(Encoding::O200kBase.decode(&[5_000_000]).unwrap_err().id, 5_000_000);
    /// # Ok::<(), tokreckon_tokenizer::UnknownToken>(())
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

    /// Which worker of a thread counts for this encoding.
    fn worker(self) -> usize {
        match self {
            Encoding::O200kBase | Encoding::O200kHarmony => 0,
            Encoding::Cl100kBase => 1,
            Encoding::P50kBase | Encoding::P50kEdit => 2,
            Encoding::R50kBase | Encoding::Gpt2 => 3,
        }
    }
}

/// A token id that an encoding does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
