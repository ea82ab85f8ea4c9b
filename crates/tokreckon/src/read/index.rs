//! The separator index of a block: where its cells and its lines end, found 64 bytes at a time.
//!
//! Delimiters and line feeds between an odd quote and the next one are inside of quotes, and so
//! separate nothing. That is right for every line whose quotes stand at the ends of its cells or in
//! twos inside of them and whose cells end where the line does. A block with any other line has no
//! index ([`SeparatorIndex::find`] says so): it is read line by line by [`rows`](super::rows), which
//! says the same of all others. In most blocks every line has as many cells as the header: then every
//! n-th separator is a line end, and no list of lines is needed.

#[cfg(target_arch = "x86_64")]
mod avx2;

use wide::u8x16;

/// The offsets of delimiters and line ends in a block, in order.
#[derive(Debug, Default)]
pub(super) struct SeparatorIndex {
    /// One offset before the block, then all separators. It keeps its length: what is beyond
    /// `found` is of another block.
    offsets: Vec<u32>,
    lines: Lines,
}

/// Which of the separators are line ends.
#[derive(Debug)]
enum Lines {
    /// All lines have as many cells.
    Regular { count: usize, cells: usize },
    /// The index of each line end among the offsets.
    Any(Vec<u32>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::Regular { count: 0, cells: 1 }
    }
}

impl SeparatorIndex {
    /// Finds the separators of a block of less than 2^32 bytes. Most lines have as many cells as
    /// `expected` says. False when a quote is out of its place or a quoted cell runs over a line
    /// end: then the index says nothing.
    pub(super) fn find(
        &mut self,
        block: &[u8],
        delimiter: u8,
        has_quotes: bool,
        expected: usize,
    ) -> bool {
        if self.offsets.is_empty() {
            self.offsets.push(u32::MAX);
        }
        let Some(Found { mut offsets, mut lines }) = self.search(block, delimiter, has_quotes)
        else {
            return false;
        };
        if block.last().is_some_and(|byte| *byte != b'\n') {
            // The last line has no line end.
            self.reserve(offsets);
            self.offsets[offsets] = offset(block.len());
            offsets += 1;
            lines += 1;
        }
        let cells = expected.max(1);
        let is_line_end = |at: &u32| block.get(*at as usize).is_none_or(|byte| *byte == b'\n');
        let separators = &self.offsets[1..offsets];
        // With as many line ends as there are n-th separators, no other separator can be one.
        let is_regular = Some(separators.len()) == lines.checked_mul(cells)
            && separators.iter().skip(cells - 1).step_by(cells).all(is_line_end);
        if is_regular {
            self.lines = Lines::Regular { count: lines, cells };
            return true;
        }
        let mut lines = match std::mem::take(&mut self.lines) {
            Lines::Any(lines) => lines,
            Lines::Regular { .. } => Vec::new(),
        };
        lines.clear();
        let ends = (1_u32..).zip(separators).filter(|(_, at)| is_line_end(at));
        lines.extend(ends.map(|(number, _)| number));
        self.lines = Lines::Any(lines);
        true
    }

    /// The number of lines.
    pub(super) const fn len(&self) -> usize {
        match &self.lines {
            Lines::Regular { count, .. } => *count,
            Lines::Any(lines) => lines.len(),
        }
    }

    /// A line by its number from 0: the separator before it, then the end of each of its cells. The
    /// last cell ends with the line, at its line feed.
    #[inline]
    pub(super) fn line(&self, number: usize) -> &[u32] {
        let (before, end) = match &self.lines {
            Lines::Regular { cells, .. } => (number * cells, (number + 1) * cells),
            Lines::Any(lines) => {
                let before = number.checked_sub(1).map_or(0, |before| lines[before] as usize);
                (before, lines[number] as usize)
            }
        };
        &self.offsets[before..=end]
    }

    /// Finds all separators, with whatever instructions the processor has.
    fn search(&mut self, block: &[u8], delimiter: u8, has_quotes: bool) -> Option<Found> {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return avx2::search(simd, self, block, delimiter, has_quotes);
        }
        let scanner = Portable::new(delimiter);
        if has_quotes {
            self.scan::<true>(block, scanner)
        } else {
            self.scan::<false>(block, scanner)
        }
    }

    /// Finds all separators; `None` when a quote is out of its place.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn scan<const QUOTES: bool>(&mut self, block: &[u8], scanner: impl Scanner) -> Option<Found> {
        let (mut found, mut lines) = (1, 0);
        let mut quotes = Quotes { inside: 0, may_open: 1, closed: 0, returned: 0, wrong: 0 };
        let (chunks, rest) = block.as_chunks::<64>();
        for (at, chunk) in chunks.iter().enumerate() {
            let masks = scanner.masks::<QUOTES>(chunk);
            let ends = if QUOTES { quotes.outside(&masks) } else { masks.ends() };
            lines += masks.line_feeds.count_ones() as usize;
            found = self.push(64 * at, ends, found);
        }
        if !rest.is_empty() {
            // A line feed behind the last line closes its quotes, and is no separator.
            let mut chunk = [b'\n'; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            let masks = scanner.masks::<QUOTES>(&chunk);
            let ends = if QUOTES { quotes.outside(&masks) } else { masks.ends() };
            let valid = (1 << rest.len()) - 1;
            lines += (masks.line_feeds & valid).count_ones() as usize;
            found = self.push(64 * chunks.len(), ends & valid, found);
        }
        let is_whole = quotes.wrong == 0 && quotes.inside == 0;
        is_whole.then_some(Found { offsets: found, lines })
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn push(&mut self, base: usize, mut ends: u64, found: usize) -> usize {
        self.reserve(found);
        let base = offset(base);
        let after = found + ends.count_ones() as usize;
        let (groups, _) = self.offsets[found..found + 64].as_chunks_mut::<4>();
        // Four at a time, whether there are as many or not: what is beyond is written over.
        for offsets in groups {
            for offset in offsets {
                *offset = base + ends.trailing_zeros();
                ends &= ends.wrapping_sub(1);
            }
            if ends == 0 {
                break;
            }
        }
        after
    }

    /// Makes room for the separators of 64 bytes.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn reserve(&mut self, found: usize) {
        if self.offsets.len() < found + 64 {
            self.offsets.resize((found + 64).next_power_of_two(), 0);
        }
    }
}

/// What a scan found.
struct Found {
    /// How many offsets there are now.
    offsets: usize,
    /// How many line feeds.
    lines: usize,
}

/// A place in a block, which is shorter than 2^32 bytes.
#[inline]
fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a block is shorter than 2^32 bytes")
}

/// Of 64 bytes one bit each; bit 0 is the first byte.
#[derive(Clone, Copy)]
struct Masks {
    delimiters: u64,
    line_feeds: u64,
    quotes: u64,
    returns: u64,
}

impl Masks {
    #[inline]
    const fn ends(self) -> u64 {
        self.delimiters | self.line_feeds
    }
}

/// What is known of quotes between two pieces of a block.
struct Quotes {
    /// All bits when the next byte is inside of quotes.
    inside: u64,
    /// 1 when a quote may open a cell here: at its start.
    may_open: u64,
    /// 1 when the byte before was a quote that closes.
    closed: u64,
    /// 1 when the byte before was a carriage return behind a quote that closes.
    returned: u64,
    /// Not zero when a quote is out of its place, or a line feed is inside of quotes.
    wrong: u64,
}

impl Quotes {
    /// The separators outside of quotes.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn outside(&mut self, masks: &Masks) -> u64 {
        if masks.quotes | self.inside | self.closed | self.returned == 0 {
            let ends = masks.ends();
            self.may_open = ends >> 63;
            return ends;
        }
        let inside = odd_before(masks.quotes) ^ self.inside;
        let (opening, closing) = (masks.quotes & inside, masks.quotes & !inside);
        let ends = masks.ends() & !inside;
        let starts = ends << 1 | self.may_open;
        let closed = closing << 1 | self.closed;
        // A carriage return before the line feed belongs to the line end.
        let returns = closed & masks.returns;
        let returned = returns << 1 | self.returned;
        // A quote opens a cell at its start, and is followed by its end, or by another one.
        self.wrong |= (opening & !(starts | closed))
            | (closed & !(ends | opening | returns))
            | (returned & !masks.line_feeds)
            | (masks.line_feeds & inside);
        self.returned = returns >> 63;
        self.inside = (inside >> 63).wrapping_neg();
        (self.may_open, self.closed) = (ends >> 63, closing >> 63);
        ends
    }
}

/// For each bit whether the number of bits up to it and with it is odd.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
const fn odd_before(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// Looks at 64 bytes at once.
trait Scanner: Copy {
    /// Where they are what separates; without `QUOTES` nothing else is looked for.
    fn masks<const QUOTES: bool>(self, chunk: &[u8; 64]) -> Masks;
}

/// With instructions that every processor has.
#[derive(Clone, Copy)]
struct Portable {
    delimiter: u8x16,
}

impl Portable {
    fn new(delimiter: u8) -> Self {
        Self { delimiter: u8x16::splat(delimiter) }
    }
}

impl Scanner for Portable {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn masks<const QUOTES: bool>(self, chunk: &[u8; 64]) -> Masks {
        let (parts, _) = chunk.as_chunks::<16>();
        let mut masks = Masks { delimiters: 0, line_feeds: 0, quotes: 0, returns: 0 };
        for (at, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let bits = |other: u8x16| {
                u64::from(bytes.cmp_eq(other).move_mask().cast_unsigned()) << (16 * at)
            };
            masks.delimiters |= bits(self.delimiter);
            masks.line_feeds |= bits(u8x16::splat(b'\n'));
            if QUOTES {
                masks.quotes |= bits(u8x16::splat(b'"'));
                masks.returns |= bits(u8x16::splat(b'\r'));
            }
        }
        masks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::rows::{Split, split};

    /// Every line as `split` reads it by itself; `None` when one is no row.
    fn by_line(text: &str) -> Option<Vec<Vec<u32>>> {
        let mut lines = Vec::new();
        let mut start = 0_u32;
        for line in text.split_inclusive('\n') {
            let own = line.strip_suffix('\n').unwrap_or(line);
            let row = own.strip_suffix('\r').unwrap_or(own);
            let mut offsets = Vec::new();
            if split(row.as_bytes(), b',', &mut offsets) != Split::Row {
                return None;
            }
            let mut offsets: Vec<u32> =
                offsets.into_iter().map(|at| at.wrapping_add(start)).collect();
            *offsets.last_mut()? = start + u32::try_from(own.len()).ok()?;
            lines.push(offsets);
            start += u32::try_from(line.len()).ok()?;
        }
        Some(lines)
    }

    fn check(text: &str, expected: usize) -> Result<bool, TestCaseError> {
        let wanted = by_line(text);
        let has_quotes = text.contains('"');
        let portable = Portable::new(b',');
        for engine in 0..3 {
            let mut index = SeparatorIndex::default();
            // What was found before leaves no trace.
            index.find(b",\n,,\n\n,,,,x", b',', false, 2);
            let found = match engine {
                0 => index.find(text.as_bytes(), b',', has_quotes, expected),
                1 => index.scan::<true>(text.as_bytes(), portable).is_some(),
                _ => index.find(text.as_bytes(), b',', true, expected),
            };
            if !found {
                prop_assert!(has_quotes, "{}", text);
                continue;
            }
            if engine == 1 {
                continue;
            }
            let lines: Vec<_> = (0..index.len()).map(|at| index.line(at).to_vec()).collect();
            prop_assert_eq!(Some(&lines), wanted.as_ref(), "{}", text);
        }
        let mut index = SeparatorIndex::default();
        Ok(index.find(text.as_bytes(), b',', has_quotes, expected))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text(text in "[ab,\n;]{0,300}", expected in 1_usize..5) {
            check(&text, expected)?;
        }

        #[test]
        fn any_quotes(text in "([ab]{0,20}(,|\"|,\"|\",|\"\"|\r{0,2}\n|\"\n){1,2}){0,14}", expected in 1_usize..5) {
            check(&text, expected)?;
        }

        #[test]
        fn rows_have_an_index(
            rows in prop::collection::vec("[ab]{0,30},\"([ab,]{0,12}(\"\")?){0,9}\",(\"[a,]{0,2}\")?\r?\n", 0..20),
            expected in 2_usize..5,
        ) {
            prop_assert!(check(&rows.concat(), expected)?, "{:?}", rows);
        }
    }
}
