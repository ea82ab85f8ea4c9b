//! Where the fields and the lines of a block of text end, found 64 bytes at a time.
//!
//! In most blocks every line has as many fields as the header: then each so-manieth mark is a line
//! end, and no list of lines is needed.

#[cfg(target_arch = "x86_64")]
mod wider;

use wide::u8x16;

/// The places of delimiters and line ends in a block, in order.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// One place before the block, then all marks.
    places: Vec<u32>,
    lines: Lines,
    is_ascii: bool,
}

/// Which of the places are line ends.
#[derive(Debug)]
enum Lines {
    /// All lines have as many fields.
    Regular { count: usize, fields: usize },
    /// The index of each line end among the places.
    Any(Vec<u32>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::Regular { count: 0, fields: 1 }
    }
}

/// One line of a block: where it ends, and the marks of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'m> {
    /// The mark before the line, and the end of each of its fields; the last ends with the line.
    marks: &'m [u32],
}

impl Line<'_> {
    /// Where the line begins.
    #[inline]
    pub(super) fn start(&self) -> u32 {
        self.marks.first().map_or(0, |before| before.wrapping_add(1))
    }

    /// Where the line ends, without its line feed.
    #[inline]
    pub(super) fn end(&self) -> u32 {
        self.marks.last().copied().unwrap_or(0)
    }

    /// How many fields it has.
    #[inline]
    pub(super) const fn fields(&self) -> usize {
        self.marks.len() - 1
    }

    /// Where a field begins and ends; nowhere for a field beyond the last.
    #[inline]
    pub(super) fn place(&self, field: usize) -> (u32, u32) {
        match self.marks.get(field..) {
            Some([before, end, ..]) => (before.wrapping_add(1), *end),
            _ => (0, 0),
        }
    }
}

impl Marks {
    /// Finds the marks of a block of less than 2^32 bytes, in which so many line feeds are. Quotes
    /// mean nothing here. Most lines have as many fields as `expected` says.
    pub(super) fn find(&mut self, block: &[u8], delimiter: u8, line_feeds: usize, expected: usize) {
        if self.places.is_empty() {
            self.places.push(u32::MAX);
        }
        let Found { mut found, is_ascii } = self.search(block, delimiter);
        self.is_ascii = is_ascii;
        let is_open = block.last().is_some_and(|byte| *byte != b'\n');
        if is_open {
            // The last line has no line end.
            self.room(found);
            self.places[found] = u32::try_from(block.len()).unwrap_or(u32::MAX);
            found += 1;
        }
        let (count, fields) = (line_feeds + usize::from(is_open), expected.max(1));
        let is_line_end =
            |place: &u32| block.get(*place as usize).is_none_or(|byte| *byte == b'\n');
        let marks = &self.places[1..found];
        // With as many line ends as there are so-manieth marks, no other mark can be one.
        let is_regular = Some(marks.len()) == count.checked_mul(fields)
            && marks.iter().skip(fields - 1).step_by(fields).all(is_line_end);
        if is_regular {
            self.lines = Lines::Regular { count, fields };
            return;
        }
        let mut lines = match std::mem::take(&mut self.lines) {
            Lines::Any(lines) => lines,
            Lines::Regular { .. } => Vec::new(),
        };
        lines.clear();
        let ends = (1_u32..).zip(marks).filter(|(_, place)| is_line_end(place));
        lines.extend(ends.map(|(number, _)| number));
        self.lines = Lines::Any(lines);
    }

    /// Finds all marks, with whatever instructions the processor has.
    fn search(&mut self, block: &[u8], delimiter: u8) -> Found {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return simd.vectorize(wider::NoteAll {
                marks: self,
                block,
                delimiter,
                found: 1,
                simd,
            });
        }
        self.note_all(block, 1, Usual::new(delimiter))
    }

    /// True when all bytes of the block are ASCII.
    pub(super) const fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    /// The number of lines.
    pub(super) const fn len(&self) -> usize {
        match &self.lines {
            Lines::Regular { count, .. } => *count,
            Lines::Any(lines) => lines.len(),
        }
    }

    /// A line by its number from 0.
    #[inline]
    pub(super) fn line(&self, number: usize) -> Line<'_> {
        let (before, end) = match &self.lines {
            Lines::Regular { fields, .. } => (number * fields, (number + 1) * fields),
            Lines::Any(lines) => {
                let before = number.checked_sub(1).map_or(0, |before| lines[before] as usize);
                (before, lines[number] as usize)
            }
        };
        Line { marks: &self.places[before..=end] }
    }

    /// The mark before a line of so many fields, and those after it, whatever they are; `None` for
    /// another line, and at the end of what is known.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    pub(super) fn window<const N: usize>(&self, number: usize, fields: usize) -> Option<&[u32; N]> {
        let before = match &self.lines {
            Lines::Regular { fields: own, .. } => (*own == fields).then_some(number * fields)?,
            Lines::Any(lines) => {
                let before = number.checked_sub(1).map_or(0, |before| lines[before] as usize);
                (lines[number] as usize - before == fields).then_some(before)?
            }
        };
        self.places.get(before..)?.first_chunk()
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn note_all(&mut self, block: &[u8], mut found: usize, eyes: impl Eyes) -> Found {
        let mut beyond_ascii = 0;
        let (chunks, rest) = block.as_chunks::<64>();
        for (at, chunk) in chunks.iter().enumerate() {
            let masks = eyes.masks(chunk);
            beyond_ascii |= masks.beyond_ascii;
            found = self.note(64 * at, masks.marks, found);
        }
        if !rest.is_empty() {
            let mut chunk = [0; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            let masks = eyes.masks(&chunk);
            beyond_ascii |= masks.beyond_ascii;
            found = self.note(64 * chunks.len(), masks.marks, found);
        }
        Found { found, is_ascii: beyond_ascii == 0 }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn note(&mut self, base: usize, mut marks: u64, found: usize) -> usize {
        self.room(found);
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        let after = found + marks.count_ones() as usize;
        let (groups, _) = self.places[found..found + 64].as_chunks_mut::<4>();
        // So many at a time, whether there are as many or not: what is beyond is written over.
        for places in groups {
            for place in places {
                *place = base + marks.trailing_zeros();
                marks &= marks.wrapping_sub(1);
            }
            if marks == 0 {
                break;
            }
        }
        after
    }

    /// Makes room for the marks of 64 bytes.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn room(&mut self, found: usize) {
        if self.places.len() < found + 64 {
            self.places.resize((found + 64).next_power_of_two(), 0);
        }
    }
}

/// What a search found.
struct Found {
    /// How many places there are now.
    found: usize,
    is_ascii: bool,
}

/// Of 64 bytes one bit each; bit 0 is the first byte.
struct Masks {
    /// Delimiters and line ends.
    marks: u64,
    /// Not zero when a byte is not ASCII.
    beyond_ascii: u64,
}

/// Instructions to look at 64 bytes with.
trait Eyes: Copy {
    fn masks(self, chunk: &[u8; 64]) -> Masks;
}

/// Those that every processor has.
#[derive(Clone, Copy)]
struct Usual {
    delimiters: u8x16,
    line_ends: u8x16,
}

impl Usual {
    fn new(delimiter: u8) -> Self {
        Self { delimiters: u8x16::splat(delimiter), line_ends: u8x16::splat(b'\n') }
    }
}

impl Eyes for Usual {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn masks(self, chunk: &[u8; 64]) -> Masks {
        let (parts, _) = chunk.as_chunks::<16>();
        let mut masks = Masks { marks: 0, beyond_ascii: 0 };
        for (at, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let found = bytes.cmp_eq(self.delimiters) | bytes.cmp_eq(self.line_ends);
            masks.marks |= u64::from(found.move_mask().cast_unsigned()) << (16 * at);
            masks.beyond_ascii |= u64::from(bytes.move_mask().cast_unsigned());
        }
        masks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: usize) -> Result<(), TestCaseError> {
        let mut marks = Marks::default();
        // What was found before leaves no trace.
        marks.find(b",\n,,\n\n,,,,x", b',', 3, 2);
        let line_feeds = text.matches('\n').count();
        marks.find(text.as_bytes(), b',', line_feeds, expected);
        let whole = text.strip_suffix('\n').unwrap_or(text);
        let wanted: Vec<Vec<&str>> = if text.is_empty() {
            Vec::new()
        } else {
            whole.split('\n').map(|line| line.split(',').collect()).collect()
        };
        let field = |(start, end): (u32, u32)| &text[start as usize..end as usize];
        let got: Vec<Vec<&str>> = (0..marks.len())
            .map(|number| {
                let line = marks.line(number);
                let fields: Vec<_> = (0..line.fields()).map(|at| field(line.place(at))).collect();
                let whole = field((line.start(), line.end()));
                assert_eq!(whole, fields.join(","), "a line is its fields");
                assert_eq!(line.place(line.fields()), (0, 0), "nothing is beyond");
                fields
            })
            .collect();
        prop_assert_eq!(got, wanted);
        Ok(())
    }

    proptest! {
        #[test]
        fn marks_are_what_splitting_gives(text in "[ab,\n;]{0,300}", expected in 1_usize..5) {
            check(&text, expected)?;
        }

        #[test]
        fn regular_lines_are_lines(
            rows in prop::collection::vec("[ab]{0,30},[ab]{0,3},[a,\n]{0,2}", 0..40),
            expected in 2_usize..5,
        ) {
            check(&rows.join("\n"), expected)?;
            check(&(rows.join("\n") + "\n"), expected)?;
        }
    }
}
