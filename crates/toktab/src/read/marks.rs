//! Where the fields and the lines of a block of text end, found 64 bytes at a time.

use wide::u8x16;

/// The places of delimiters and line ends in a block, in order.
#[derive(Debug, Default)]
pub(super) struct Marks {
    places: Vec<u32>,
    /// Which of the places are line ends.
    lines: Vec<u32>,
}

/// One line of a block: it begins at `start`, and its fields end at `ends`, the last with the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'m> {
    pub(super) start: u32,
    pub(super) ends: &'m [u32],
}

impl Line<'_> {
    /// Where the line ends, without its line feed.
    #[inline]
    pub(super) fn end(&self) -> u32 {
        self.ends.last().copied().unwrap_or(self.start)
    }
}

impl Marks {
    /// Finds the marks of a block of less than 2^32 bytes. Quotes mean nothing here.
    pub(super) fn find(&mut self, block: &[u8], delimiter: u8) {
        self.lines.clear();
        let mut found = 0;
        let (chunks, rest) = block.as_chunks::<64>();
        for (at, chunk) in chunks.iter().enumerate() {
            self.note(64 * at, chunk, delimiter, &mut found);
        }
        if !rest.is_empty() {
            let mut chunk = [0; 64];
            chunk[..rest.len()].copy_from_slice(rest);
            self.note(64 * chunks.len(), &chunk, delimiter, &mut found);
        }
        if block.last().is_some_and(|byte| *byte != b'\n') {
            // The last line has no line end.
            self.room(found);
            self.places[found] = u32::try_from(block.len()).unwrap_or(u32::MAX);
            self.lines.push(u32::try_from(found).unwrap_or(u32::MAX));
        }
    }

    /// The number of lines.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// A line by its number from 0.
    #[inline]
    pub(super) fn line(&self, number: usize) -> Line<'_> {
        let first = match number.checked_sub(1) {
            Some(before) => self.lines[before] as usize + 1,
            None => 0,
        };
        let start = match first.checked_sub(1) {
            Some(before) => self.places[before] + 1,
            None => 0,
        };
        Line { start, ends: &self.places[first..=self.lines[number] as usize] }
    }

    #[inline]
    fn note(&mut self, base: usize, chunk: &[u8; 64], delimiter: u8, found: &mut usize) {
        let (delimiters, lines) = masks(chunk, delimiter);
        let mut marks = delimiters | lines;
        let mut left = lines;
        while left != 0 {
            let before = marks & (left & left.wrapping_neg()).wrapping_sub(1);
            let number = *found + before.count_ones() as usize;
            self.lines.push(u32::try_from(number).unwrap_or(u32::MAX));
            left &= left - 1;
        }
        self.room(*found);
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        let places = &mut self.places[*found..*found + 64];
        let mut count = 0;
        while marks != 0 {
            places[count & 63] = base + marks.trailing_zeros();
            marks &= marks - 1;
            count += 1;
        }
        *found += count;
    }

    /// Makes room for the marks of 64 bytes.
    #[inline]
    fn room(&mut self, found: usize) {
        if self.places.len() < found + 64 {
            self.places.resize((found + 64).next_power_of_two(), 0);
        }
    }
}

/// One bit for each delimiter and for each line end; bit 0 is the first byte.
#[inline]
fn masks(chunk: &[u8; 64], delimiter: u8) -> (u64, u64) {
    let (parts, _) = chunk.as_chunks::<16>();
    let (mut delimiters, mut lines) = (0, 0);
    for (at, part) in parts.iter().enumerate() {
        let bytes = u8x16::new(*part);
        let bits = |byte: u8| {
            u64::from(bytes.cmp_eq(u8x16::splat(byte)).move_mask().cast_unsigned()) << (16 * at)
        };
        delimiters |= bits(delimiter);
        lines |= bits(b'\n');
    }
    (delimiters, lines)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn marks_are_what_splitting_gives(text in "[ab,\n;]{0,300}") {
            let mut marks = Marks::default();
            marks.find(text.as_bytes(), b',');
            let whole = text.strip_suffix('\n').unwrap_or(&text);
            let expected: Vec<Vec<&str>> = if text.is_empty() {
                Vec::new()
            } else {
                whole.split('\n').map(|line| line.split(',').collect()).collect()
            };
            let got: Vec<Vec<&str>> = (0..marks.len())
                .map(|number| {
                    let line = marks.line(number);
                    let mut start = line.start as usize;
                    let field = |end: &u32| {
                        let end = *end as usize;
                        let field = &text[start..end];
                        start = end + 1;
                        field
                    };
                    line.ends.iter().map(field).collect()
                })
                .collect();
            prop_assert_eq!(got, expected);
        }
    }
}
