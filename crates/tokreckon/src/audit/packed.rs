//! Records with ids, packed: of each a fingerprint, its place and what it came to, in about 19 bytes.
//!
//! A fingerprint has 88 bits. Its first eight are the number of a partition, so that copies meet in
//! one; the others go to the end of that partition's last piece. A piece has two columns: from its
//! end downwards the fingerprints, twelve bytes an entry, which are all that a first look needs; from
//! its beginning upwards the rest. There places are written as distances, counts and amounts in as
//! many bytes as they need, and whatever is too large in full: nothing is left out and nothing
//! rounded.

use super::RowRef;

/// Parts of all ids, by the first bits of their fingerprints.
pub(super) const PARTITIONS: usize = 256;
/// Bytes that a partition takes at a time.
pub(super) const PIECE_BYTES: usize = 4 << 10;

/// Bits of a fingerprint in an entry.
const BITS: u32 = 80;
const LINE_BITS: u32 = 40;
/// Header, kind and fingerprint.
const FRONT: usize = 12;
/// Most bytes of an entry's rest, and what is written beyond it.
const SLACK: usize = 48;
/// In the lowest two bits of a header: the place stands in full.
const IN_FULL: u8 = 3;
/// In the highest four bits of a header, besides: everything does.
const WIDE: u8 = 0xf0 | IN_FULL;

/// A record with an id in half the room of an [`Entry`], without its partition: what nearly all of
/// them take.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Short {
    /// From the lowest bits on: none (8), kind (8), bits of the fingerprint (48).
    low: u64,
    /// The others of its bits (32), tokens (32).
    high: u64,
    place: u64,
    /// Of at most seven bytes.
    mantissa: u64,
}

impl Short {
    /// The largest amount.
    pub(super) const MOST: u64 = (1 << 56) - 1;

    /// Of a hash and an amount of at most [`Self::MOST`].
    #[inline]
    pub(super) fn new(hash: u128, place: u64, tokens: u32, kind: u8, mantissa: u64) -> Self {
        // Two halves by themselves: together they would go through memory.
        let low = u64::try_from(hash >> 24 & u128::from(u64::MAX)).unwrap_or(0);
        let high = u64::try_from(hash >> 88 & u128::from(u32::MAX)).unwrap_or(0);
        Self {
            low: low & !0xffff | u64::from(kind) << 8,
            high: high | u64::from(tokens) << 32,
            place,
            mantissa,
        }
    }

    /// An entry, unless it is too large.
    #[inline]
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let kind = u8::try_from(entry.kind).ok()?;
        let tokens = u32::try_from(entry.tokens).ok()?;
        let mantissa = u64::try_from(entry.mantissa).ok().filter(|most| *most <= Self::MOST)?;
        Some(Self::new(joined(0, entry.bits), entry.place, tokens, kind, mantissa))
    }
}

/// The number of a currency and scale; `0` is no amount.
pub(super) type Kind = u32;

/// A record with an id, without the number of its partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// 80 bits.
    pub(super) bits: u128,
    /// File and line, in one number that grows as they do.
    pub(super) place: u64,
    pub(super) tokens: u128,
    pub(super) kind: Kind,
    pub(super) mantissa: i128,
}

/// A file and a line as one number. A file has 10^12 lines at most, and there are 16 million files.
#[inline]
pub(super) fn place(row: RowRef) -> u64 {
    let file = u64::try_from(row.file).unwrap_or(u64::MAX).min((1 << (64 - LINE_BITS)) - 1);
    file << LINE_BITS | row.line.min((1 << LINE_BITS) - 1)
}

pub(super) fn row(place: u64) -> RowRef {
    let file = usize::try_from(place >> LINE_BITS).unwrap_or(usize::MAX);
    RowRef { file, line: place & ((1 << LINE_BITS) - 1) }
}

/// The partition of a hash, and the bits of its fingerprint in an entry.
#[inline]
pub(super) const fn split(hash: u128) -> (u8, u128) {
    (hash.to_be_bytes()[0], hash >> (120 - BITS) & ((1 << BITS) - 1))
}

/// A hash with the partition and the bits of [`split`].
pub(super) fn joined(partition: u8, bits: u128) -> u128 {
    u128::from(partition) << 120 | bits << (120 - BITS)
}

type Bytes = [u8; PIECE_BYTES];

/// A piece of a partition.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// None before the first entry.
    bytes: Option<Box<Bytes>>,
    /// How many entries there are.
    count: usize,
    /// Bytes of what is not in front.
    length: usize,
    /// The place of the last entry.
    place: u64,
}

impl Piece {
    /// All of its bytes; none before the first entry.
    pub(super) fn bytes(&self) -> Option<&Bytes> {
        self.bytes.as_deref()
    }

    pub(super) fn entries(&self) -> Entries<'_> {
        Entries { bytes: self.bytes.as_deref().unwrap_or(&EMPTY), count: self.count }
    }

    /// Adds an entry; false when there is no room.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "entries come many at a time")]
    pub(super) fn push(&mut self, short: &Short) -> bool {
        let Self { bytes: Some(bytes), count, length, place } = self else { return false };
        if !has_room(*count, *length) {
            return false;
        }
        let tokens = short.high >> 32;
        let (for_tokens, for_mantissa) = (bytes_of(tokens | 1), bytes_of(short.mantissa));
        let header = (for_tokens - 1) << 2 | for_mantissa << 4;
        let distance = short.place.wrapping_sub(*place);
        *place = short.place;
        // The first place of a piece stands in full: pieces may be joined.
        let (header, before) = if distance >= 1 << 24 || *count == 0 {
            write(bytes, *length, short.place.to_le_bytes());
            (header | usize::from(IN_FULL), 8)
        } else {
            write(bytes, *length, distance.to_le_bytes());
            let for_distance = bytes_of(distance | 1);
            (header | (for_distance - 1), for_distance)
        };
        write(bytes, *length + before, tokens.to_le_bytes());
        write(bytes, *length + before + for_tokens, short.mantissa.to_le_bytes());
        *length += before + for_tokens + for_mantissa;
        *count += 1;
        let front = PIECE_BYTES - FRONT * *count;
        write(bytes, front, (short.low | header as u64).to_le_bytes());
        let [first, others @ ..] = short.high.to_le_bytes();
        write(bytes, front + 8, [first, others[0], others[1], others[2]]);
        true
    }

    /// Adds an entry that is not short; false when there is no room.
    pub(super) fn push_wide(&mut self, entry: &Entry) -> bool {
        if self.bytes.is_none() || !has_room(self.count, self.length) {
            return false;
        }
        self.place = entry.place;
        self.count += 1;
        if let Some(bytes) = self.bytes.as_deref_mut() {
            write(bytes, self.length, entry.place.to_le_bytes());
            write(bytes, self.length + 8, entry.tokens.to_le_bytes());
            write(bytes, self.length + 24, entry.mantissa.to_le_bytes());
            write(bytes, self.length + 40, entry.kind.to_le_bytes());
            let front = entry.bits << 16 | u128::from(WIDE);
            write(bytes, PIECE_BYTES - FRONT * self.count - 4, (front << 32).to_le_bytes());
        }
        self.length += usize::from(rest_bytes(WIDE));
        true
    }

    /// Forgets all entries, and makes room for new ones.
    pub(super) fn renew(&mut self) {
        let bytes = self.bytes.take().or_else(|| vec![0; PIECE_BYTES].try_into().ok());
        *self = Self { bytes, ..Self::default() };
    }

    /// Adds the entries of another piece; where there is no room for them, `keep` is given one of
    /// the two.
    pub(super) fn append(&mut self, other: Self, mut keep: impl FnMut(&Self)) {
        let (count, length) = (self.count + other.count, self.length + other.length);
        let (Some(bytes), Some(others), true) =
            (self.bytes.as_deref_mut(), other.bytes.as_deref(), has_room(count, length))
        else {
            if other.count > 0 {
                let full = std::mem::replace(self, other);
                if full.count > 0 {
                    keep(&full);
                }
            }
            return;
        };
        bytes[self.length..length].copy_from_slice(&others[..other.length]);
        let fronts = PIECE_BYTES - FRONT * count..PIECE_BYTES - FRONT * self.count;
        bytes[fronts].copy_from_slice(&others[PIECE_BYTES - FRONT * other.count..]);
        (self.count, self.length, self.place) = (count, length, other.place);
    }
}

/// Whether there is room for any one entry more.
#[inline]
const fn has_room(count: usize, length: usize) -> bool {
    length + SLACK + FRONT * (count + 1) + 4 <= PIECE_BYTES
}

#[inline]
fn write<const N: usize>(bytes: &mut Bytes, at: usize, what: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&what);
}

/// Bytes that a number needs.
#[inline]
const fn bytes_of(number: u64) -> usize {
    (71 - number.leading_zeros() as usize) / 8
}

/// Bytes of an entry that are not in front.
const fn rest_bytes(header: u8) -> u8 {
    match header {
        WIDE => 44,
        _ if header & IN_FULL == IN_FULL => 8 + 1 + (header >> 2 & 3) + (header >> 4),
        _ => 1 + (header & 3) + 1 + (header >> 2 & 3) + (header >> 4),
    }
}

/// For every header its [`rest_bytes`].
const REST_BYTES: [u8; 256] = {
    let mut all = [0; 256];
    let mut header = 0_u8;
    loop {
        all[header as usize] = rest_bytes(header);
        if header == u8::MAX {
            break all;
        }
        header += 1;
    }
};

static EMPTY: Bytes = [0; PIECE_BYTES];

/// The entries of a piece, in the order in which they were added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entries<'a> {
    bytes: &'a Bytes,
    count: usize,
}

impl<'a> Entries<'a> {
    /// So many, as they were read from a store.
    pub(super) const fn new(bytes: &'a Bytes, count: usize) -> Self {
        Self { bytes, count }
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    fn fronts(&self) -> impl DoubleEndedIterator<Item = &'a [u8; FRONT]> + use<'a> {
        let (_, fronts) = self.bytes.as_rchunks::<FRONT>();
        fronts[fronts.len() - self.count..].iter().rev()
    }

    /// The bits of the fingerprint of an entry.
    #[inline]
    pub(super) fn bits_of(&self, number: usize) -> u128 {
        let (_, fronts) = self.bytes.as_rchunks::<FRONT>();
        fronts.len().checked_sub(number + 1).map_or(0, |at| bits(&fronts[at]))
    }

    /// The first 64 bits of every fingerprint.
    #[inline]
    pub(super) fn first_bits(&self) -> impl Iterator<Item = u64> + use<'a> {
        self.fronts().map(|[.., a, b, c, d, e, f, g, h]| {
            u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h])
        })
    }

    /// Hands over the entries with these numbers, which grow, each with its number.
    pub(super) fn pick(
        &self,
        numbers: impl IntoIterator<Item = usize>,
        mut each: impl FnMut(&Entry),
    ) {
        let mut fronts = self.fronts().enumerate();
        let (mut at, mut place) = (0, 0_u64);
        for number in numbers {
            for (own, front) in fronts.by_ref() {
                let header = front[0];
                let before = place;
                place = eight(self.bytes, at);
                if header & IN_FULL != IN_FULL {
                    let distance = place & ((1 << (8 * (1 + (header & 3)))) - 1);
                    place = before.wrapping_add(distance);
                }
                if own == number {
                    each(&entry(self.bytes, front, at, place));
                }
                at += usize::from(REST_BYTES[usize::from(header)]);
                if own == number {
                    break;
                }
            }
        }
    }

    /// Hands over all entries.
    pub(super) fn for_each(&self, each: impl FnMut(&Entry)) {
        self.pick(0..self.count, each);
    }
}

/// The bits of a fingerprint.
#[inline]
fn bits(front: &[u8; FRONT]) -> u128 {
    let mut all = [0; 16];
    all[..FRONT].copy_from_slice(front);
    u128::from_le_bytes(all) >> 16
}

#[inline]
fn eight(bytes: &Bytes, at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |eight| u64::from_le_bytes(*eight))
}

fn sixteen(bytes: &Bytes, at: usize) -> u128 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |all| u128::from_le_bytes(*all))
}

/// An entry with its place, whose rest begins here.
fn entry(bytes: &Bytes, front: &[u8; FRONT], at: usize, place: u64) -> Entry {
    let bits = bits(front);
    let header = front[0];
    if header == WIDE {
        let (tokens, mantissa) = (sixteen(bytes, at + 8), sixteen(bytes, at + 24).cast_signed());
        let kind = Kind::try_from(eight(bytes, at + 40) & 0xffff_ffff).unwrap_or(0);
        return Entry { bits, place, tokens, kind, mantissa };
    }
    let number = |at, bytes_of: u8| eight(bytes, at) & ((1 << (8 * bytes_of)) - 1);
    let (for_tokens, for_mantissa) = (1 + (header >> 2 & 3), header >> 4);
    let at = at + if header & IN_FULL == IN_FULL { 8 } else { 1 + usize::from(header & 3) };
    Entry {
        bits,
        place,
        tokens: number(at, for_tokens).into(),
        kind: Kind::from(front[1]),
        mantissa: number(at + usize::from(for_tokens), for_mantissa).into(),
    }
}
