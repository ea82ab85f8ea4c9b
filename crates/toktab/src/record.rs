//! One row as somebody reported it: a request or a bucket, its period, its keys, its counts, its cost.

use std::fmt;
use std::hash::Hash;

use siphasher::sip128::{Hasher128, SipHasher13};

use serde_json::{Map, Value};

use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::price::ServiceTier;
use crate::time::{Instant, Period};
use crate::usage::{Layout, Totals};

/// One row of usage or of billed cost, borrowed from the reader's buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// First line of the row in its file, from 1; for a JSON document the number of the object.
    pub line: u64,
    /// Who sends the bill; empty when the source does not say.
    pub provider: &'a str,
    /// Model id as written; empty when the source does not say.
    pub model: &'a str,
    /// When it happened; `None` when the source does not say.
    pub period: Option<Period>,
    /// One request or a sum of them.
    pub shape: Shape,
    /// Service tier.
    pub service_tier: Known<ServiceTier>,
    /// Region or other variant such as `geo=us`; empty for none.
    pub variant: Known<&'a str>,
    /// Counts; `None` for a row that only reports a cost.
    pub totals: Option<Totals>,
    /// Cost as the source reports it.
    pub reported: Option<Money>,
    /// What a billed cost is for, as the source names it; empty otherwise.
    pub line_item: &'a str,
    /// Project; empty when not grouped by it.
    pub project: &'a str,
    /// API key, by name or id; empty when not grouped by it.
    pub api_key: &'a str,
    /// User; empty when not grouped by it.
    pub user: &'a str,
    /// Request or response id, unique per request; empty when there is none.
    pub id: &'a str,
    /// What a second record about the same thing looks like in this source.
    pub repeats: Repeats,
    /// What the source keeps besides counts: the request, the answer.
    pub evidence: Evidence<'a>,
}

/// What a log keeps of a request besides its counts, for the audit to recount. Nothing is read from
/// it unless somebody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence<'a> {
    /// The body that was sent, or its messages.
    pub request: Option<&'a Value>,
    /// The body that came back, or the part of it that holds the answer.
    pub response: Option<&'a Map<String, Value>>,
    /// The answer, where the source keeps nothing but its text.
    pub text: Option<&'a str>,
    /// Tokens of the visible answer, where the source counted them itself.
    pub visible_tokens: Option<u64>,
}

impl Evidence<'_> {
    /// Counts and nothing else.
    pub const NONE: Self =
        Evidence { request: None, response: None, text: None, visible_tokens: None };
}

/// How a source repeats itself: what makes two of its records copies of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Repeats {
    /// The same id with the same content in another file is the same request. Inside of one file
    /// an id that comes back is not removed: it is for the audit to say.
    #[default]
    SameId,
    /// The same id in another file is the same request, and the first file counts: the source
    /// gives every request an id of its own.
    UniqueId,
    /// There is no id. The nth row with this fingerprint in one file is the nth such row of
    /// another file; equal rows of one file are different requests.
    SameRow(u128),
    /// Copies with the same id grow while a response streams: the largest is the request.
    Growing,
    /// A bucket of the named export. Equal keys in one file are added; where files overlap, one
    /// of them holds (see [`dedup`](crate::dedup)).
    Bucket(&'static str),
    /// Copies may exist and cannot be recognised.
    Unknown,
}

impl Record<'_> {
    /// A record about nothing, to be filled in.
    pub const EMPTY: Self = Record {
        line: 0,
        provider: "",
        model: "",
        period: None,
        shape: Shape::Request,
        service_tier: Known::Is(ServiceTier::Standard),
        variant: Known::Is(""),
        totals: None,
        reported: None,
        line_item: "",
        project: "",
        api_key: "",
        user: "",
        id: "",
        repeats: Repeats::SameId,
        evidence: Evidence::NONE,
    };
}

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
    /// A name of these first, second and last bytes.
    #[inline]
    pub(crate) const fn of_words(words: [u64; 3], text: Text<'a>) -> Self {
        Self { words, text }
    }

    /// Its first, second and last bytes.
    #[inline]
    pub(crate) const fn words(&self) -> &[u64; 3] {
        &self.words
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

/// A name that is kept, to know it again.
#[derive(Debug)]
pub(crate) struct OwnName {
    words: [u64; 3],
    bytes: Box<[u8]>,
}

impl OwnName {
    /// The longest name of which nothing but its length is left out of the words.
    const WHOLE: usize = 24;

    pub(crate) fn new(name: &Name<'_>) -> Self {
        Self { words: name.words, bytes: name.as_bytes().into() }
    }

    #[inline]
    pub(crate) fn is(&self, name: &Name<'_>) -> bool {
        self.words == name.words
            && self.bytes.len() == name.as_bytes().len()
            && (self.bytes.len() <= Self::WHOLE || *self.bytes == *name.as_bytes())
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

/// 128 bits that stand for a value: SipHash-1-3. Among a thousand million values the chance of one
/// false pair is below 2e-21.
pub(crate) fn fingerprint(value: &(impl Hash + ?Sized)) -> u128 {
    let mut hasher = SipHasher13::new();
    value.hash(&mut hasher);
    hasher.finish128().as_u128()
}
