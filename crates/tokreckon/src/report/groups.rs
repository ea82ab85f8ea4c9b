//! The groups of a report, packed: a report of a million groups has a million of these, and a [`Group`] of
//! its own for each takes ten times as much.

use std::cmp::Ordering;
use std::fmt;
use std::iter::FromIterator;
use std::ops::Range;
use std::sync::Arc;

use super::{Bounds, ByCurrency, Group, RecordCounts};
use crate::grade::{Assumption, Assumptions, Doubt, Doubts};
use crate::ledger::{NotCharged, NotChargedTally};
use crate::money::{Currency, Exact};
use crate::price::State;
use crate::usage::Meter;

/// Groups in their order. They are packed, and each is a [`Group`] when it is looked at.
///
/// ```
/// use tokreckon::report::{Group, Groups};
///
/// let groups: Groups = [Group::default(), Group::default()].into_iter().collect();
/// assert_eq!(groups.len(), 2);
/// assert_eq!(groups.get(1), Some(Group::default()));
/// assert!(groups.iter().all(|group| group.labels.is_empty()));
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Groups {
    /// All of them, one after the other.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Reasons for which records were not charged, in the order in which the groups have them.
    reasons: Vec<Arc<NotCharged>>,
}

impl Groups {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The group at this place.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<Group> {
        Some(self.packed(at)?.group(&self.reasons))
    }

    /// The first one.
    #[must_use]
    pub fn first(&self) -> Option<Group> {
        self.get(0)
    }

    /// One after the other.
    #[must_use]
    pub const fn iter(&self) -> Unpacked<'_> {
        Unpacked { groups: self, left: 0..self.len() }
    }

    /// The labels alone of one after the other.
    pub fn labels(&self) -> impl Iterator<Item = Vec<String>> {
        (0..self.len()).filter_map(|at| Some(self.packed(at)?.texts().map(str::to_owned).collect()))
    }

    /// How two groups stand to each other by their labels.
    pub(super) fn by_labels(&self, a: usize, b: usize) -> Ordering {
        let labels = |at: usize| self.packed(at).into_iter().flat_map(Packed::texts);
        labels(a).cmp(labels(b))
    }

    fn packed(&self, at: usize) -> Option<Packed<'_>> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(Packed(&self.bytes[start..end]))
    }

    pub(super) fn push(&mut self, group: &Group) {
        let Self { bytes, ends, reasons } = self;
        pack(group, bytes, reasons);
        ends.push(bytes.len());
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl FromIterator<Group> for Groups {
    fn from_iter<I: IntoIterator<Item = Group>>(groups: I) -> Self {
        let mut all = Self::default();
        groups.into_iter().for_each(|group| all.push(&group));
        all
    }
}

impl<'g> IntoIterator for &'g Groups {
    type Item = Group;
    type IntoIter = Unpacked<'g>;

    fn into_iter(self) -> Unpacked<'g> {
        self.iter()
    }
}

/// Groups, one after the other.
#[derive(Clone, Debug)]
pub struct Unpacked<'g> {
    groups: &'g Groups,
    left: Range<usize>,
}

impl Iterator for Unpacked<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        self.groups.get(self.left.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl ExactSizeIterator for Unpacked<'_> {}

/// Writes a group: every member in its order, each list after its length.
fn pack(group: &Group, out: &mut Vec<u8>, reasons: &mut Vec<Arc<NotCharged>>) {
    let Group { labels, records, counts, unsplit_output, unsplit_input, costs, firm, .. } = group;
    let Group { doubts, assumptions, unread, unpriced, not_charged, .. } = group;
    let Group { reported, with_reported, .. } = group;
    put_length(labels.len(), out);
    for label in labels {
        put_text(label, out);
    }
    let RecordCounts { all, exact, assumed, bounded, partly, not_charged: refused, cost_only } =
        *records;
    for count in [all, exact, assumed, bounded, partly, refused, cost_only, *with_reported] {
        put(count.into(), out);
    }
    put_length(counts.iter().count(), out);
    for (meter, count) in counts.iter() {
        out.push(meter as u8);
        put(count, out);
    }
    put(*unsplit_output, out);
    put(*unsplit_input, out);
    put_length(costs.len(), out);
    for (currency, Bounds { low, high, open }) in costs {
        put_text(currency.as_str(), out);
        // Nearly always the same number twice.
        out.push(u8::from(*open) | u8::from(low != high) << 1);
        put_exact(*low, out);
        if low != high {
            put_exact(*high, out);
        }
    }
    for amounts in [firm, reported] {
        put_length(amounts.len(), out);
        for (currency, amount) in amounts {
            put_text(currency.as_str(), out);
            put_exact(*amount, out);
        }
    }
    put(doubts.iter().fold(0, |bits, doubt| bits | 1 << doubt as u32), out);
    put(assumptions.iter().fold(0, |bits, assumption| bits | 1 << assumption as u32), out);
    put_length(unread.len(), out);
    for (path, records) in unread {
        put_text(path, out);
        put((*records).into(), out);
    }
    put_length(unpriced.len(), out);
    for ((meter, state), quantity) in unpriced {
        out.push(*meter as u8);
        out.push(state.map_or(0, |state| state as u8 + 1));
        put(*quantity, out);
    }
    put_length(not_charged.len(), out);
    put_length(reasons.len(), out);
    for tally in not_charged {
        let NotChargedTally { reason, records, .. } = tally;
        let NotChargedTally { input_tokens, cached_tokens, output_tokens, .. } = tally;
        reasons.push(Arc::clone(reason));
        for count in [(*records).into(), *input_tokens, *cached_tokens, *output_tokens] {
            put(count, out);
        }
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that there are more.
fn put(mut number: u128, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    put(length as u128, out);
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_length(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn put_exact(amount: Exact, out: &mut Vec<u8>) {
    let mantissa = amount.mantissa();
    put(u128::from(amount.scale()) << 1 | u128::from(mantissa < 0), out);
    put(mantissa.unsigned_abs(), out);
}

/// What is left of a packed group.
struct Packed<'p>(&'p [u8]);

/// What [`pack`] writes, nobody else changes.
const WHOLE: &str = "a group as it was packed";

impl<'p> Packed<'p> {
    /// The labels alone.
    fn texts(mut self) -> impl Iterator<Item = &'p str> {
        (0..self.length()).map(move |_| self.text())
    }

    fn group(mut self, reasons: &[Arc<NotCharged>]) -> Group {
        let labels = (0..self.length()).map(|_| self.text().to_owned()).collect();
        let mut group = Group { labels, ..Group::default() };
        let mut count = || self.count();
        group.records = RecordCounts {
            all: count(),
            exact: count(),
            assumed: count(),
            bounded: count(),
            partly: count(),
            not_charged: count(),
            cost_only: count(),
        };
        group.with_reported = count();
        for _ in 0..self.length() {
            let meter = self.meter();
            group.counts.add(meter, self.number());
        }
        group.unsplit_output = self.number();
        group.unsplit_input = self.number();
        for _ in 0..self.length() {
            let currency = self.currency();
            let flags = self.byte();
            let low = self.exact();
            let high = if flags & 2 == 0 { low } else { self.exact() };
            *group.costs.entry(currency) = Bounds { low, high, open: flags & 1 == 1 };
        }
        group.firm = self.amounts();
        group.reported = self.amounts();
        let doubts = self.number();
        let held = Doubt::ALL.into_iter().filter(|doubt| doubts >> *doubt as u32 & 1 == 1);
        group.doubts = held.fold(Doubts::NONE, Doubts::with);
        let assumptions = self.number();
        let is_held = |assumption: &Assumption| assumptions >> *assumption as u32 & 1 == 1;
        let held = Assumption::ALL.into_iter().filter(is_held);
        group.assumptions = held.fold(Assumptions::NONE, Assumptions::with);
        for _ in 0..self.length() {
            let path = self.text().into();
            group.unread.insert(path, self.count());
        }
        for _ in 0..self.length() {
            let meter = self.meter();
            let state = usize::from(self.byte()).checked_sub(1).map(|at| State::ALL[at]);
            group.unpriced.insert((meter, state), self.number());
        }
        let not_charged = self.length();
        for reason in reasons.iter().skip(self.length()).take(not_charged) {
            group.not_charged.push(NotChargedTally {
                records: self.count(),
                input_tokens: self.number(),
                cached_tokens: self.number(),
                output_tokens: self.number(),
                ..NotChargedTally::new(Arc::clone(reason))
            });
        }
        group
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().expect(WHOLE);
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> u128 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
            shift += 7;
        }
    }

    fn count(&mut self) -> u64 {
        u64::try_from(self.number()).expect(WHOLE)
    }

    fn length(&mut self) -> usize {
        usize::try_from(self.number()).expect(WHOLE)
    }

    fn text(&mut self) -> &'p str {
        let length = self.length();
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).expect(WHOLE)
    }

    fn meter(&mut self) -> Meter {
        Meter::ALL[usize::from(self.byte())]
    }

    fn currency(&mut self) -> Currency {
        self.text().parse().expect(WHOLE)
    }

    fn exact(&mut self) -> Exact {
        let scale = self.number();
        let mantissa = self.number();
        let mantissa = match scale & 1 {
            0 => 0_i128.wrapping_add_unsigned(mantissa),
            _ => 0_i128.wrapping_sub_unsigned(mantissa),
        };
        Exact::new(mantissa, u32::try_from(scale >> 1).expect(WHOLE)).expect(WHOLE)
    }

    fn amounts(&mut self) -> ByCurrency<Exact> {
        let mut amounts = ByCurrency::default();
        for _ in 0..self.length() {
            let currency = self.currency();
            *amounts.entry(currency) = self.exact();
        }
        amounts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::FindError;

    fn exact(text: &str) -> Exact {
        text.parse().expect("a number")
    }

    /// One that has everything, with the largest and the smallest that there is.
    fn full() -> Group {
        let mut group = Group {
            labels: vec![String::new(), "modèle\0".to_owned(), "x".repeat(300)],
            unsplit_output: u128::MAX,
            unsplit_input: 1 << 70,
            with_reported: u64::MAX,
            doubts: Doubt::ALL.into_iter().fold(Doubts::NONE, Doubts::with),
            assumptions: Assumptions::NONE.with(Assumption::ALL[13]),
            ..Group::default()
        };
        group.records = RecordCounts { all: 7, partly: u64::MAX, cost_only: 128, ..group.records };
        for &meter in Meter::ALL {
            group.counts.add(meter, 1 << (meter as u32 * 4));
        }
        let (least, credits) = (Exact::new(i128::MIN, 38), "credits-of-somebody");
        let least = least.expect("a number");
        let credits: Currency = credits.parse().expect("a currency");
        *group.costs.entry(Currency::USD) =
            Bounds { low: exact("-0.5"), high: exact("7e30"), open: true };
        *group.costs.entry(credits) = Bounds { low: exact("1"), high: exact("1"), open: false };
        *group.firm.entry(credits) = least;
        *group.reported.entry(Currency::CNY) = exact("123456789.000000001");
        group.unread = [("a.b".into(), 3), ("ü".into(), u64::MAX)].into();
        group.unpriced.insert((Meter::Reasoning, None), 9);
        group.unpriced.insert((Meter::Reasoning, State::ALL.last().copied()), u128::MAX);
        let unknown = FindError::UnknownProvider { provider: "nobody".to_owned() };
        for reason in [NotCharged::NoTime, unknown.into()] {
            let tally = NotChargedTally::new(Arc::new(reason));
            group.not_charged.push(NotChargedTally { records: 4, cached_tokens: 300, ..tally });
        }
        group
    }

    #[test]
    fn what_is_packed_comes_back() {
        let all = [Group::default(), full(), Group::default(), full()];
        let groups: Groups = all.iter().cloned().collect();
        assert_eq!(groups.iter().collect::<Vec<_>>(), all);
        assert_eq!(groups.labels().collect::<Vec<_>>(), all.map(|group| group.labels));
        assert_eq!((groups.len(), groups.get(4)), (4, None));
    }

    #[test]
    fn equal_groups_are_equal_packed() {
        let packed = |group: Group| std::iter::once(group).collect::<Groups>();
        assert_eq!(packed(full()), packed(full()));
        assert_ne!(packed(full()), packed(Group { unsplit_input: 2, ..full() }));
        let mut other = full();
        other.not_charged[0].reason = Arc::new(NotCharged::NoModel);
        assert_ne!(packed(full()), packed(other));
    }
}
