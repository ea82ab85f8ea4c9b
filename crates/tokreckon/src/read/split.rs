//! Where the fields of one line lie, found 64 bytes at a time.
//!
//! Bytes between an odd quote and the next one are inside of quotes, and so are no delimiters. That is
//! right for every line whose quotes stand at the ends of its fields or in twos inside of them; any
//! other line is read [`one_by_one`]. Both say the same.

use pulp::{Arch, Simd, WithSimd};
use wide::u8x16;

/// Where a field lies in its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Holds doubled quotes.
    pub(super) escaped: bool,
}

impl Field {
    #[inline]
    fn new(start: usize, end: usize, escaped: bool) -> Self {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: place(start), end: place(end), escaped }
    }

    /// A field without quotes.
    #[inline]
    pub(crate) const fn bare(start: u32, end: u32) -> Self {
        Self { start, end, escaped: false }
    }

    #[inline]
    pub(super) const fn place(self) -> (usize, usize) {
        (self.start as usize, self.end as usize)
    }
}

/// What a line is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// A row.
    Row,
    /// It ends inside of a quoted field: more lines may make a row of it.
    Open,
    /// A closing quote is followed by text: no line after it can mend that.
    Malformed,
}

/// The fields of one line, without its line end.
pub(crate) fn split(line: &[u8], delimiter: u8, fields: &mut Vec<Field>) -> Split {
    fields.clear();
    // With whatever instructions the processor has.
    if Arch::new().dispatch(ManyAtOnce { line, delimiter, fields }).is_some() {
        return Split::Row;
    }
    fields.clear();
    one_by_one(line, delimiter, fields)
}

/// A line to be split, as a task for the widest instructions there are.
struct ManyAtOnce<'l> {
    line: &'l [u8],
    delimiter: u8,
    fields: &'l mut Vec<Field>,
}

impl WithSimd for ManyAtOnce<'_> {
    type Output = Option<()>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn with_simd<S: Simd>(self, _: S) -> Option<()> {
        many_at_once(self.line, self.delimiter, self.fields)
    }
}

/// The fields of a row whose quotes are all in their places; `None` for any other line.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
fn many_at_once(line: &[u8], delimiter: u8, fields: &mut Vec<Field>) -> Option<()> {
    let mut state =
        State { line, fields, start: 0, escaped: false, inside: 0, may_open: 1, closed: 0 };
    let (chunks, rest) = line.as_chunks::<64>();
    for (at, chunk) in chunks.iter().enumerate() {
        state.take(64 * at, [mask(chunk, delimiter), mask(chunk, b'"')], u64::MAX)?;
    }
    if !rest.is_empty() {
        let others = 64 - rest.len();
        let masks = if let Some(last) = line.last_chunk::<64>() {
            // Bytes that were looked at already are shifted out.
            [mask(last, delimiter) >> others, mask(last, b'"') >> others]
        } else {
            let mut last = [0; 64];
            last[..rest.len()].copy_from_slice(rest);
            [mask(&last, delimiter), mask(&last, b'"')]
        };
        state.take(64 * chunks.len(), masks, u64::MAX >> others)?;
    }
    if state.inside != 0 {
        return None;
    }
    state.field(line.len(), state.escaped);
    Some(())
}

/// What is known between two pieces of a line.
struct State<'l> {
    line: &'l [u8],
    fields: &'l mut Vec<Field>,
    /// Where the field begins that is not at its end yet, and whether it holds doubled quotes.
    start: usize,
    escaped: bool,
    /// All bits when the next byte is inside of quotes.
    inside: u64,
    /// 1 when a quote may open a field here: at its start.
    may_open: u64,
    /// 1 when the byte before was a quote that closes.
    closed: u64,
}

impl State<'_> {
    /// Takes up to 64 bytes, with a bit for each delimiter and each quote among them; `None` when a
    /// quote is out of its place.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn take(&mut self, base: usize, [delimiters, quotes]: [u64; 2], valid: u64) -> Option<()> {
        let inside = odd_before(quotes) ^ self.inside;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        let mut ends = delimiters & !inside;
        let starts = ends << 1 | self.may_open;
        let closed = closing << 1 | self.closed;
        let doubled = opening & closed;
        // A quote opens a field at its start, and is followed by its end, or by another one.
        if opening & !(starts | closed) != 0 || closed & !(ends | opening) & valid != 0 {
            return None;
        }
        let last = valid.ilog2();
        self.inside = (inside >> last & 1).wrapping_neg();
        (self.may_open, self.closed) = (ends >> 63, closing >> 63);
        if doubled == 0 {
            while ends != 0 {
                self.field(base + ends.trailing_zeros() as usize, self.escaped);
                self.escaped = false;
                ends &= ends - 1;
            }
            return Some(());
        }
        let mut left = doubled;
        while ends != 0 {
            let before = (ends & ends.wrapping_neg()) - 1;
            let escaped = self.escaped || left & before != 0;
            self.field(base + ends.trailing_zeros() as usize, escaped);
            self.escaped = false;
            left &= !before;
            ends &= ends - 1;
        }
        self.escaped |= left != 0;
        Some(())
    }

    /// Notes the field that ends here.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn field(&mut self, end: usize, escaped: bool) {
        let is_quoted = self.line.get(self.start) == Some(&b'"') && self.start < end;
        let quote = usize::from(is_quoted);
        self.fields.push(Field::new(self.start + quote, end - quote, escaped));
        self.start = end + 1;
    }
}

/// For each bit whether the number of bits up to it and with it is odd.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
const fn odd_before(mut bits: u64) -> u64 {
    if bits == 0 {
        return 0;
    }
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// One bit for each of these bytes; bit 0 is the first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
fn mask(chunk: &[u8; 64], byte: u8) -> u64 {
    let (parts, _) = chunk.as_chunks::<16>();
    let mut mask = 0;
    for (at, part) in parts.iter().enumerate() {
        let found = u8x16::new(*part).cmp_eq(u8x16::splat(byte)).move_mask();
        mask |= u64::from(found.cast_unsigned()) << (16 * at);
    }
    mask
}

/// The fields of any line.
fn one_by_one(line: &[u8], delimiter: u8, fields: &mut Vec<Field>) -> Split {
    let mut at = 0;
    loop {
        if line.get(at) == Some(&b'"') {
            let start = at + 1;
            let mut quotes = memchr::memchr_iter(b'"', &line[start..]);
            let mut escaped = false;
            let end = loop {
                let Some(quote) = quotes.next() else {
                    return Split::Open;
                };
                if line.get(start + quote + 1) != Some(&b'"') {
                    break start + quote;
                }
                // The second of two: the field goes on.
                quotes.next();
                escaped = true;
            };
            fields.push(Field::new(start, end, escaped));
            at = end + 1;
            match line.get(at) {
                None => return Split::Row,
                Some(&byte) if byte == delimiter => at += 1,
                Some(_) => return Split::Malformed,
            }
        } else {
            let rest = &line[at..];
            let length = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
            fields.push(Field::new(at, at + length, false));
            at += length;
            if at == line.len() {
                return Split::Row;
            }
            at += 1;
        }
        if at == line.len() {
            fields.push(Field::new(at, at, false));
            return Split::Row;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same fields and the same kind of line; true when the line was a row with all quotes in
    /// their places.
    fn check(line: &str) -> Result<bool, TestCaseError> {
        let (mut quick, mut slow, mut both) = (Vec::new(), Vec::new(), Vec::new());
        let wanted = one_by_one(line.as_bytes(), b',', &mut slow);
        let found = many_at_once(line.as_bytes(), b',', &mut quick).is_some();
        if found {
            prop_assert_eq!(wanted, Split::Row, "{}", line);
            prop_assert_eq!(&quick, &slow, "{}", line);
        }
        prop_assert_eq!(split(line.as_bytes(), b',', &mut both), wanted, "{}", line);
        if wanted == Split::Row {
            prop_assert_eq!(both, slow, "{}", line);
        }
        Ok(found)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_line(line in "[a,\"]{0,14}") {
            check(&line)?;
        }

        #[test]
        fn lines_over_several_pieces(line in "([ab]{0,20}(,|\"|,\"|\",|\"\"){1,2}){0,14}") {
            check(&line)?;
        }

        #[test]
        fn rows_are_read_many_at_once(
            fields in prop::collection::vec("[ab]{0,30}|\"([ab,]{0,12}(\"\")?){0,9}\"", 1..9),
        ) {
            let line = fields.join(",");
            prop_assert!(check(&line)?, "{}", line);
        }
    }

    #[test]
    fn every_short_line() {
        for length in 0..9_u32 {
            for number in 0..3_usize.pow(length) {
                let byte = |at: u32| [",", "\"", "a"][number / 3_usize.pow(at) % 3];
                let line: String = (0..length).map(byte).collect();
                check(&line).expect("the same");
                // Across the end of the first 64 bytes.
                check(&format!("{},{line}", "b".repeat(60))).expect("the same");
            }
        }
    }
}
