//! Records with ids, packed: of each a fingerprint, its place and what it came to, in about 19 bytes.
//!
//! A fingerprint has 88 bits. Its first eight are the number of a partition, so that copies meet in
//! one; the others stand in front of an entry, which goes to the end of its partition. Places are
//! written as distances, counts and amounts in as many bytes as they need, and whatever is too
//! large in full: nothing is left out and nothing rounded.

use super::RowRef;

/// Parts of all ids, by the first bits of their fingerprints.
pub(super) const PARTITIONS: usize = 256;
/// Bytes that a partition takes at a time.
pub(super) const PIECE_BYTES: usize = 8 << 10;
/// Room at the end of a piece: an entry is begun only where any would fit.
const SLACK: usize = 96;

/// Bits of a fingerprint in an entry.
const BITS: u32 = 80;
const LINE_BITS: u32 = 40;
/// Header, kind and fingerprint.
const FIRST: usize = 12;
/// Headers of what is no short entry: their lowest two bits are set.
const PLACE_FOLLOWS: u8 = 0xff;
const IS_WIDE: u8 = 0x03;

/// A record with an id in half the room of an [`Entry`]: what nearly all of them take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    /// From the lowest bits on: partition (8), kind (8), bits of the fingerprint (80), tokens (32).
    first: u128,
    place: u64,
    /// Of at most seven bytes.
    mantissa: u64,
}

impl Short {
    #[inline]
    pub(super) fn new(partition: u8, entry: &Entry) -> Option<Self> {
        let kind = u8::try_from(entry.kind).ok()?;
        let tokens = u32::try_from(entry.tokens).ok()?;
        let mantissa = u64::try_from(entry.mantissa).ok().filter(|mantissa| *mantissa < 1 << 56)?;
        let first = u128::from(tokens) << 96
            | entry.bits << 16
            | u128::from(kind) << 8
            | u128::from(partition);
        Some(Self { first, place: entry.place, mantissa })
    }

    #[inline]
    pub(super) const fn partition(&self) -> u8 {
        self.first.to_le_bytes()[0]
    }

    pub(super) fn entry(&self) -> Entry {
        Entry {
            bits: self.first >> 16 & ((1 << BITS) - 1),
            place: self.place,
            tokens: self.first >> 96,
            kind: Kind::from(self.first.to_le_bytes()[1]),
            mantissa: i128::from(self.mantissa),
        }
    }
}

/// The number of a currency and scale; `0` is no amount.
pub(super) type Kind = u32;

/// A record with an id, without the number of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A piece of a partition.
#[derive(Debug)]
pub(super) struct Piece {
    /// [`PIECE_BYTES`] of them, or none at all.
    bytes: Box<[u8]>,
    length: usize,
    /// The place of the last entry.
    place: u64,
}

impl Default for Piece {
    /// Without room.
    fn default() -> Self {
        Self { bytes: Box::default(), length: PIECE_BYTES, place: 0 }
    }
}

impl Piece {
    fn new() -> Self {
        Self { bytes: vec![0; PIECE_BYTES].into_boxed_slice(), length: 0, place: 0 }
    }

    /// The entries, and room behind them.
    pub(super) const fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the entries.
    pub(super) const fn length(&self) -> usize {
        if self.bytes.is_empty() { 0 } else { self.length }
    }

    pub(super) fn entries(&self) -> Entries<'_> {
        Entries::new(&self.bytes, self.length())
    }

    /// Adds an entry; where there was no room, the full piece comes back.
    #[inline]
    pub(super) fn push(&mut self, short: &Short) -> Option<Self> {
        let full = self.make_room();
        let mut distance = short.place.wrapping_sub(self.place);
        // The first place of a piece stands in full: pieces may be joined.
        if distance >= 1 << 24 || self.length == 0 {
            self.write(0, &[PLACE_FOLLOWS]);
            self.write(1, &short.place.to_le_bytes());
            self.length += 9;
            distance = 0;
        }
        self.place = short.place;
        let tokens = u64::try_from(short.first >> 96).unwrap_or(0);
        let for_distance = bytes_of(distance | 1);
        let for_tokens = bytes_of(tokens | 1);
        let for_mantissa = bytes_of(short.mantissa);
        let header = (for_distance - 1) | ((for_tokens - 1) << 2) | (for_mantissa << 4);
        self.write(0, &(short.first & !0xff | header as u128).to_le_bytes());
        self.write(FIRST, &distance.to_le_bytes());
        self.write(FIRST + for_distance, &tokens.to_le_bytes());
        self.write(FIRST + for_distance + for_tokens, &short.mantissa.to_le_bytes());
        self.length += FIRST + for_distance + for_tokens + for_mantissa;
        full
    }

    /// Adds an entry that is not short.
    pub(super) fn push_wide(&mut self, entry: &Entry) -> Option<Self> {
        let full = self.make_room();
        self.place = entry.place;
        self.write(0, &(entry.bits << 16 | u128::from(IS_WIDE)).to_le_bytes());
        self.write(FIRST, &entry.kind.to_le_bytes());
        self.write(16, &entry.place.to_le_bytes());
        self.write(24, &entry.tokens.to_le_bytes());
        self.write(40, &entry.mantissa.to_le_bytes());
        self.length += 56;
        full
    }

    #[inline]
    fn make_room(&mut self) -> Option<Self> {
        if self.length <= PIECE_BYTES - SLACK {
            return None;
        }
        let full = std::mem::replace(self, Self::new());
        (!full.bytes.is_empty()).then_some(full)
    }

    #[inline]
    fn write(&mut self, at: usize, bytes: &[u8]) {
        let at = self.length + at;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Adds the entries of another piece; where there is no room for them, one of the two comes back
    /// as it is.
    pub(super) fn append(&mut self, other: Self) -> Option<Self> {
        let length = other.length();
        if length == 0 {
            return None;
        }
        if self.length + length > PIECE_BYTES - SLACK {
            let full = std::mem::replace(self, other);
            return (full.length() > 0).then_some(full);
        }
        self.write(0, &other.bytes[..length]);
        self.length += length;
        self.place = other.place;
        None
    }
}

/// Bytes that a number needs.
#[inline]
const fn bytes_of(number: u64) -> usize {
    (71 - number.leading_zeros() as usize) / 8
}

/// The entries of a piece, in the order in which they were added.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    place: u64,
}

impl<'a> Entries<'a> {
    /// Those in the first `length` bytes of a piece.
    pub(super) const fn new(bytes: &'a [u8], length: usize) -> Self {
        Self { bytes, at: 0, end: length, place: 0 }
    }

    /// How many bytes they take.
    pub(super) const fn bytes(&self) -> usize {
        self.end
    }

    #[inline]
    fn sixteen(&self, at: usize) -> Option<u128> {
        let bytes = self.bytes.get(self.at + at..)?.first_chunk()?;
        Some(u128::from_le_bytes(*bytes))
    }

    /// A number of at most seven bytes.
    #[inline]
    fn number(&self, at: usize, bytes: usize) -> Option<u64> {
        let eight = self.bytes.get(self.at + at..)?.first_chunk()?;
        Some(u64::from_le_bytes(*eight) & ((1 << (8 * bytes)) - 1))
    }

    #[cold]
    fn wide(&mut self, first: u128) -> Option<Entry> {
        let middle = self.sixteen(FIRST)?;
        let kind = Kind::try_from(middle & 0xffff_ffff).unwrap_or(0);
        self.place = u64::try_from(middle >> 32 & u128::from(u64::MAX)).unwrap_or(0);
        let (tokens, mantissa) = (self.sixteen(24)?, self.sixteen(40)?.cast_signed());
        self.at += 56;
        Some(Entry {
            bits: first >> 16 & ((1 << BITS) - 1),
            place: self.place,
            tokens,
            kind,
            mantissa,
        })
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        if self.at >= self.end {
            return None;
        }
        let mut first = self.sixteen(0)?;
        if first.to_le_bytes()[0] == PLACE_FOLLOWS {
            self.place = u64::try_from(first >> 8 & u128::from(u64::MAX)).unwrap_or(0);
            self.at += 9;
            first = self.sixteen(0)?;
        }
        let header = usize::from(first.to_le_bytes()[0]);
        if header & 3 == 3 {
            return self.wide(first);
        }
        let (for_distance, for_tokens) = (1 + (header & 3), 1 + (header >> 2 & 3));
        let for_mantissa = header >> 4;
        let tokens = FIRST + for_distance;
        let distance = self.number(FIRST, for_distance)?;
        let mantissa = self.number(tokens + for_tokens, for_mantissa)?;
        let tokens = self.number(tokens, for_tokens)?;
        self.place = self.place.wrapping_add(distance);
        self.at += FIRST + for_distance + for_tokens + for_mantissa;
        Some(Entry {
            bits: first >> 16 & ((1 << BITS) - 1),
            place: self.place,
            tokens: u128::from(tokens),
            kind: Kind::from(first.to_le_bytes()[1]),
            mantissa: i128::from(mantissa),
        })
    }
}
