//! Counting a text that arrives in pieces.

use std::error::Error;
use std::fmt;

use crate::cut;
use crate::encoding::Encoding;

/// Counts a text that arrives in pieces, wherever these are cut.
///
/// The counter holds back the end of the text so far, from the last place where a cut is safe
/// (see [`Encoding::count_parallel`]). Running text has such a place every few bytes, and the memory
/// in use stays at some ten kilobytes. A stretch without any such place, such as a megabyte of base64,
/// is held until it ends; [`Counter::push`] fails when it grows past the limit, rather than guess.
///
/// ```
/// use tokreckon_tokenizer::Encoding;
///
/// let mut counter = Encoding::O200kBase.counter();
/// for piece in ["Count", "ing as it stre", "ams in."] {
///     counter.push(piece)?;
/// }
/// assert_eq!(counter.finish(), Encoding::O200kBase.count("Counting as it streams in."));
/// # Ok::<(), tokreckon_tokenizer::UncuttableText>(())
/// ```
#[derive(Clone, Debug)]
pub struct Counter {
    encoding: Encoding,
    held: String,
    counted: usize,
    /// No safe cut is known in the held text before this byte.
    searched: usize,
    limit_bytes: usize,
}

impl Encoding {
    /// A counter for a text that arrives in pieces.
    #[must_use]
    pub fn counter(self) -> Counter {
        Counter {
            encoding: self,
            held: String::new(),
            counted: 0,
            searched: 0,
            limit_bytes: Counter::DEFAULT_LIMIT_BYTES,
        }
    }
}

impl Counter {
    /// How long a stretch without a safe cut may be unless [`Counter::with_limit`] says otherwise.
    pub const DEFAULT_LIMIT_BYTES: usize = 64 << 20;

    /// Held text is counted when it is this long.
    const BATCH_BYTES: usize = 16 << 10;

    /// Sets how long a stretch without a safe cut may be.
    #[must_use]
    pub fn with_limit(mut self, bytes: usize) -> Counter {
        self.limit_bytes = bytes;
        self
    }

    /// Takes the next piece of the text.
    ///
    /// The piece is taken even when this fails: whoever goes on all the same spends memory, not
    /// exactness.
    pub fn push(&mut self, piece: &str) -> Result<(), UncuttableText> {
        self.held.push_str(piece);
        if self.held.len() < self.searched + Self::BATCH_BYTES {
            return Ok(());
        }
        if let Some(cut) = cut::last(self.encoding, &self.held, self.searched) {
            self.counted += self.encoding.count(&self.held[..cut]);
            self.held.drain(..cut);
        }
        // The last characters may become a safe cut with what follows.
        self.searched = self.held.len().saturating_sub(8);
        if self.held.len() > self.limit_bytes {
            return Err(UncuttableText { bytes: self.held.len(), limit_bytes: self.limit_bytes });
        }
        Ok(())
    }

    /// The number of tokens of all pieces together.
    #[must_use]
    pub fn finish(self) -> usize {
        self.counted + self.encoding.count(&self.held)
    }
}

/// A stretch of text without a place to cut it is longer than a [`Counter`] may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UncuttableText {
    /// How much text is held.
    pub bytes: usize,
    /// How much text may be held.
    pub limit_bytes: usize,
}

impl fmt::Display for UncuttableText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UncuttableText { bytes, limit_bytes } = self;
        write!(
            formatter,
            "{bytes} bytes of text have no safe place to cut; at most {limit_bytes} may be held"
        )
    }
}

impl Error for UncuttableText {}
