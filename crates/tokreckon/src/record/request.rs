//! One request in the form that most have, with its texts as bytes: they are compared, hardly ever read.

use std::fmt;

use super::{Record, Repeats};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::price::ServiceTier;
use crate::time::{Instant, Period};
use crate::usage::{Layout, Totals};

/// A text of a request, kept as its bytes: they are compared far more often than read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// A text of bytes that are UTF-8, of which the caller is sure.
    #[inline]
    pub(crate) const fn of_utf8(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Its bytes, UTF-8.
    #[inline]
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// True for a text that says nothing.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text; takes a look at every byte.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        let text = str::from_utf8(self.0);
        debug_assert!(text.is_ok(), "texts are made of UTF-8 only");
        text.unwrap_or_default()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The name of a provider or a model, with its first and its last bytes: names that are not long are
/// equal when these and the lengths are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    /// The first eight bytes, the eight after them, and the last eight: what there is of them, the
    /// first byte in the lowest bits.
    words: [u64; 3],
    text: Text<'a>,
}

impl<'a> Name<'a> {
    /// No name.
    #[cfg(target_arch = "x86_64")]
    pub(crate) const NONE: Self = Self { words: [0; 3], text: Text(b"") };

    /// A name of these first, second and last bytes.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    pub(crate) const fn of_words(words: [u64; 3], text: Text<'a>) -> Self {
        Self { words, text }
    }

    /// Its bytes, UTF-8.
    #[inline]
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.text.0
    }

    /// True for a name that is not known.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    /// The text; takes a look at every byte.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.text.as_str()
    }
}

impl<'a> From<Text<'a>> for Name<'a> {
    #[inline]
    fn from(text: Text<'a>) -> Self {
        let bytes = text.0;
        let word = |bytes: &[u8]| match bytes.first_chunk() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        let (first, others) = bytes.split_at(bytes.len().min(8));
        let last = &bytes[bytes.len().saturating_sub(8)..];
        Self { words: [word(first), word(others), word(last)], text }
    }
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Text::from(text).into()
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// One request, or one bucket of them, in the form that most have: an instant, whole counts with
/// their parts inside, a cost in dollars. It says what a [`Record`] says ([`Request::record`]) in a
/// third of the room.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Line of the row in its file, from 1.
    pub line: u64,
    /// Who sends the bill; empty when the source does not say.
    pub provider: Name<'a>,
    /// Model id as written; empty when the source does not say.
    pub model: Name<'a>,
    /// The second in which it happened.
    pub at: Instant,
    /// Service tier.
    pub service_tier: Known<ServiceTier>,
    /// Prompt tokens.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Generated tokens.
    pub output: u64,
    /// Reasoning tokens.
    pub reasoning: Option<u64>,
    /// Cost in dollars as the source reports it.
    pub reported_usd: Option<Exact>,
    /// Project; empty when not grouped by it.
    pub project: Text<'a>,
    /// API key, by name or id; empty when not grouped by it.
    pub api_key: Text<'a>,
    /// User; empty when not grouped by it.
    pub user: Text<'a>,
    /// Request or response id; empty when there is none.
    pub id: Text<'a>,
    /// What few sources say besides; `None` for a request that repeats itself with its id.
    pub besides: Option<&'a Besides>,
}

#[cfg(target_arch = "x86_64")]
impl Request<'_> {
    /// One of which nothing is known yet.
    pub(crate) const EMPTY: Self = Self {
        line: 0,
        provider: Name::NONE,
        model: Name::NONE,
        at: Instant(0),
        service_tier: Known::Unknown,
        input: 0,
        cache_read: None,
        output: 0,
        reasoning: None,
        reported_usd: None,
        project: Text(b""),
        api_key: Text(b""),
        user: Text(b""),
        id: Text(b""),
        besides: None,
    };
}

/// What the source of a [`Request`] says besides what nearly all say.
#[derive(Clone, Copy, Debug)]
pub struct Besides {
    /// It is no single request but a bucket of them.
    pub bucket: Option<Bucket>,
    /// Total tokens as the source adds them up.
    pub total: Option<u64>,
    /// Other counts that are reported, all as zero; see [`Besides::zeros_of`].
    pub zeros: u32,
    /// What a second record about the same thing looks like in this source.
    pub repeats: Repeats,
}

/// A sum of requests over a time that begins with [`Request::at`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Second after the last.
    pub end: Instant,
    /// How many requests, if reported.
    pub requests: Option<u64>,
}

impl Besides {
    /// One bit for each count that is reported, in the order of [`Totals::counts`].
    #[must_use]
    pub fn zeros_of(totals: &Totals) -> u32 {
        let counts = totals.counts();
        let reported = counts.iter().enumerate().filter(|(_, count)| count.is_some());
        reported.fold(0, |bits, (at, _)| bits | 1 << at)
    }
}

/// These counts, with zero for each of the bits.
fn with_zeros(totals: &Totals, bits: u32) -> Totals {
    let mut counts = totals.counts();
    let zeros = counts.iter_mut().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
    zeros.for_each(|(_, count)| *count = Some(0));
    Totals::from_counts(totals.layout, counts)
}

impl<'a> Request<'a> {
    /// The bucket, if it is one.
    #[must_use]
    pub fn bucket(&self) -> Option<Bucket> {
        self.besides?.bucket
    }

    /// The cost that the source reports.
    #[must_use]
    pub fn reported(&self) -> Option<Money> {
        self.reported_usd.map(|amount| Money { amount, currency: Currency::USD })
    }

    /// The same as a record.
    #[must_use]
    pub fn record(&self) -> Record<'a> {
        let mut totals = Totals {
            layout: Layout::INSIDE,
            input: Some(self.input),
            cache_read: self.cache_read,
            output: Some(self.output),
            reasoning: self.reasoning,
            ..Totals::default()
        };
        if let Some(besides) = self.besides {
            totals.total = besides.total;
            totals.requests = besides.bucket.and_then(|bucket| bucket.requests);
            totals = with_zeros(&totals, besides.zeros);
        }
        let bucket = self.bucket();
        Record {
            line: self.line,
            provider: self.provider.as_str(),
            model: self.model.as_str(),
            period: Some(match bucket {
                Some(Bucket { end, .. }) => Period { start: self.at, end },
                None => Period::at(self.at),
            }),
            shape: match bucket {
                Some(Bucket { requests, .. }) => Shape::Sum { requests },
                None => Shape::Request,
            },
            service_tier: self.service_tier,
            totals: Some(totals),
            reported: self.reported(),
            project: self.project.as_str(),
            api_key: self.api_key.as_str(),
            user: self.user.as_str(),
            id: self.id.as_str(),
            repeats: self.besides.map_or(Repeats::SameId, |besides| besides.repeats),
            ..Record::EMPTY
        }
    }
}
