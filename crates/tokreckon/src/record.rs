//! One row as somebody reported it: a request or a bucket, its period, its keys, its counts, its cost.

pub(crate) mod held;

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::book::{Known, is_search_size};
use crate::charge::Shape;
use crate::grade::Assumptions;
use crate::json::{Object, Value};
use crate::money::Money;
use crate::price::{RateCard, ServiceTier};
use crate::time::Period;
use crate::usage::{Meter, Totals, Usage};

/// One row of usage or of billed cost, borrowed from the reader's buffer.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Program, session and label.
    pub origin: Origin<'a>,
    /// Request or response id, unique per request; empty when there is none.
    pub id: &'a str,
    /// Paths of members that count or decide a price and that no reader knows, such as
    /// `usage.cached_units`; several are separated by `, `; empty when all was read. Such a record
    /// has no upper bound.
    pub unread: &'a str,
    /// What reading it takes for granted, such as the order of day and month.
    pub assumed: Assumptions,
    /// What a second record about the same thing looks like in this source.
    pub repeats: Repeats,
    /// What the source keeps besides counts: the request, the answer.
    pub evidence: Evidence<'a>,
}

/// Where a request came from, besides its keys; empty where the source does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Session, conversation or thread.
    pub session: &'a str,
    /// The program that made the request, such as `claude-code`, or the agent inside of one.
    pub agent: &'a str,
    /// The label of the name that was asked for ([`Options::label`](crate::read::Options)).
    pub label: &'a str,
}

impl Origin<'_> {
    /// Nothing is said.
    pub const NONE: Self = Origin { session: "", agent: "", label: "" };
}

/// What a log keeps of a request besides its counts, for the audit to recount. Nothing is read from
/// it unless somebody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence<'a> {
    /// The body that was sent, or its messages.
    pub request: Option<&'a Value<'a>>,
    /// The body that came back, or the part of it that holds the answer.
    pub response: Option<&'a Object<'a>>,
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
    /// The same id in another file is the same request, and the fullest copy counts: the source
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
        origin: Origin::NONE,
        id: "",
        unread: "",
        assumed: Assumptions::NONE,
        repeats: Repeats::SameId,
        evidence: Evidence::NONE,
    };
}

impl<'a> Record<'a> {
    /// Completes its usage as a card charges it, and says what it does not report although it is charged:
    /// how many requests a sum is of, where each has a price, or one of input and output. Who has output
    /// has input, and who has input has output where there is a price for it; a line item may be of either
    /// alone, and a total says what the other part is. Nor is a search charged whose size is told and that
    /// the card has no fee for: neither by the request nor by the search. `lists_requests` is what the card
    /// says of itself.
    pub(crate) fn complete(
        &self,
        usage: &mut Usage,
        card: &RateCard<'_>,
        lists_requests: bool,
    ) -> Option<&'static str> {
        let is_open = self.line_item.is_empty();
        let is_counted = !lists_requests || card.add_requests(usage, self.shape) || !is_open;
        let requests = (!is_counted).then_some("requests");
        let side = self.totals.as_ref().and_then(|totals| match (totals.input, totals.output) {
            _ if totals.total.is_some() || !is_open => None,
            (None, Some(_)) => Some(("input tokens", Meter::Input)),
            (Some(_), None) => Some(("output tokens", Meter::Output)),
            _ => None,
        });
        let side = side.filter(|(_, meter)| card.charges(*meter)).map(|(what, _)| what);
        let is_search = matches!(self.variant, Known::Is(variant) if is_search_size(variant));
        let has_fee = || card.charges(Meter::Requests) || card.charges(Meter::WebSearches);
        let search = (is_search && !has_fee()).then_some("search_context_size");
        usage.unreported.requests = requests.is_some();
        usage.unreported.member = !self.unread.is_empty() || side.or(search).is_some();
        side.or(requests).or(search)
    }

    /// The id by which a request can be known again; `None` where there is none, and where what
    /// stands there counts rows or was rounded ([`Self::has_rounded_id`]).
    #[must_use]
    pub fn request_id(&self) -> Option<&'a str> {
        let counts_rows = self.period.is_none()
            && self.id.len() <= MOST_ROW_DIGITS
            && self.id.bytes().all(|byte| byte.is_ascii_digit());
        (!self.id.is_empty() && !counts_rows && !self.has_rounded_id()).then_some(self.id)
    }

    /// True for an id such as `1.23457E+17`: a spreadsheet took it for a number and rounded it, so
    /// that different requests have the same one.
    #[must_use]
    pub fn has_rounded_id(&self) -> bool {
        // Nearly all ids begin with a letter that no number begins with.
        if !matches!(self.id.as_bytes(), [b'0'..=b'9' | b'.' | b'E' | b'e', ..]) {
            return false;
        }
        let Some((number, power)) = self.id.split_once(['E', 'e']) else { return false };
        let is_power = power.strip_prefix('+').is_some_and(is_digits);
        is_power
            && number.split_once('.').is_none_or(|(one, more)| is_digits(one) && is_digits(more))
            && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    }
}

/// The longest number that may count the rows of a file without times.
const MOST_ROW_DIGITS: usize = 9;

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 128 bits that stand for a value: SipHash-1-3 with a key of this run, so that nobody can make two
/// values of one fingerprint beforehand. Among a thousand million values the chance of one false
/// pair is below 2e-21. Nothing that is printed may depend on it.
pub(crate) fn fingerprint(value: &(impl Hash + ?Sized)) -> u128 {
    let mut hasher = hasher();
    value.hash(&mut hasher);
    hasher.finish128().as_u128()
}

/// The same for bytes that only bytes are compared with: without their number, which their end says.
pub(crate) fn fingerprint_of_bytes(bytes: &[u8]) -> u128 {
    let mut hasher = hasher();
    hasher.write(bytes);
    hasher.finish128().as_u128()
}

fn hasher() -> SipHasher13 {
    static KEYS: LazyLock<[u64; 2]> =
        LazyLock::new(|| [(); 2].map(|()| RandomState::new().hash_one(0)));
    let [one, two] = *KEYS;
    SipHasher13::new_with_keys(one, two)
}
