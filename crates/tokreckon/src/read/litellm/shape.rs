//! Metadata like others before them: the same members in the same order, with other numbers and texts.
//!
//! A proxy writes most of its rows alike. What is the same as in a cell that was walked over, but for
//! whole numbers without anything but digits and for texts without escapes, is a document by the same
//! rules, and has its counts in the same places: between these holes bytes are compared, not read.

use super::details::Details;
use super::json::{Hole, Json, special, whole};
use crate::read::cell;

/// Shapes that are remembered.
const MAX_SHAPES: usize = 8;
/// The longest cell whose shape is remembered.
const MAX_BYTES: usize = 8 << 10;
/// Cells whose shape is remembered at any rate; later ones only while such memories are of use.
const FIRST_CELLS: u64 = 64;

/// The shapes of cells before, the last one first.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    known: Vec<Shape>,
    /// Cells of a known shape, and others.
    hits: u64,
    misses: u64,
}

/// What a cell is but for its holes.
#[derive(Clone, Debug)]
struct Shape {
    doubled: bool,
    /// What stands before, between and after the holes.
    pieces: Vec<u8>,
    /// Where the piece before each hole ends among the pieces.
    holes: Vec<(usize, Hole)>,
}

impl Shapes {
    /// What metadata hold, as [`Details::in_passing`] reads it.
    #[inline]
    pub(super) fn read(&mut self, metadata: &[u8], doubled: bool) -> Option<Details> {
        for at in 0..self.known.len() {
            if let Some(details) = self.known[at].read(metadata, doubled) {
                self.known[..=at].rotate_right(1);
                self.hits += 1;
                return Some(details);
            }
        }
        self.walk(metadata, doubled)
    }

    fn walk(&mut self, metadata: &[u8], doubled: bool) -> Option<Details> {
        let mut json = Json::new(metadata, doubled);
        let details = Details::walk(&mut json)?;
        self.misses += 1;
        if self.misses < FIRST_CELLS + self.hits / 8
            && metadata.len() <= MAX_BYTES
            && let Some(shape) = Shape::new(metadata, doubled, &json.holes, details)
        {
            self.known.truncate(MAX_SHAPES - 1);
            self.known.insert(0, shape);
        }
        Some(details)
    }
}

impl Shape {
    /// The shape of a cell that holds these details; `None` where a count is said more than once.
    fn new(
        metadata: &[u8],
        doubled: bool,
        holes: &[(usize, usize, Hole)],
        details: Details,
    ) -> Option<Self> {
        let counts = holes.iter().filter(|(.., hole)| matches!(hole, Hole::Count(_))).count();
        if counts != details.reported() {
            return None;
        }
        let mut shape = Self { doubled, pieces: Vec::new(), holes: Vec::new() };
        let mut from = 0;
        for (start, end, hole) in holes {
            shape.pieces.extend_from_slice(metadata.get(from..*start)?);
            shape.holes.push((shape.pieces.len(), *hole));
            from = *end;
        }
        shape.pieces.extend_from_slice(metadata.get(from..)?);
        Some(shape)
    }

    /// What a cell of this shape holds; `None` for a cell of another.
    #[inline]
    fn read(&self, metadata: &[u8], doubled: bool) -> Option<Details> {
        if doubled != self.doubled {
            return None;
        }
        let (mut rest, mut from, mut details) = (metadata, 0, Details::default());
        for (end, hole) in &self.holes {
            rest = rest.strip_prefix(&self.pieces[from..*end])?;
            from = *end;
            let length = match hole {
                // The piece that follows begins with the quote.
                Hole::Text => special(rest)?,
                Hole::Number => whole(rest)?.len(),
                Hole::Count(number) => {
                    let digits = whole(rest)?;
                    details.set(*number, cell::digits(digits)?);
                    digits.len()
                }
            };
            rest = &rest[length..];
        }
        (*rest == self.pieces[from..]).then_some(details)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASES: [&str; 5] = [
        r#"{"status": "success", "usage_object": {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}, "cache_read_input_tokens": 4}}"#,
        r#"{"a": ["x", 1, "y", -2, 1.5, null], "usage_object": {"completion_tokens_details": {"reasoning_tokens": 7, "b": "c"}, "prompt_tokens_details": null}, "z": 3}"#,
        r#"{"usage_object": {"cache_read_input_tokens": 1}, "usage_object": {"cache_read_input_tokens": 2}}"#,
        r#"{"usage_object": {"prompt_tokens_details": {"cached_tokens": 4, "cached_tokens": 5}}}"#,
        r#"{"usage_object":{"cache_read_input_tokens":1,"cache_read_input_tokens":null,"cache_creation_input_tokens":8},"t":"u"}"#,
    ];

    /// A cell like one of the others, with another value in it or damaged.
    fn variant() -> impl Strategy<Value = String> {
        let with = prop::sample::select(vec![
            "0",
            "7",
            "12",
            "007",
            "1.0",
            "1e3",
            "-3",
            "null",
            "\"s\"",
            "\"\"",
            "\"a\\\"b\"",
            "\"\\\\\"",
            "9223372036854775808",
            "99999999999999999999",
            "\"\u{1}\"",
            "{}",
            "\"",
            "",
            "x",
            " 5 ",
            "\"cached_tokens\"",
            "\u{e9}",
        ]);
        let change = (any::<prop::sample::Index>(), with);
        let changes = prop::collection::vec(change, 0..3);
        (0..BASES.len(), changes, any::<prop::sample::Index>(), 0..8_u8).prop_map(
            |(base, changes, at, damage)| {
                let mut text = BASES[base].to_owned();
                for (at, with) in changes {
                    let values: Vec<(usize, usize)> = values(&text);
                    let (start, end) = values[at.index(values.len())];
                    text.replace_range(start..end, with);
                }
                if damage == 0 && text.is_ascii() {
                    text.remove(at.index(text.len()));
                }
                text
            },
        )
    }

    /// Where digits, and texts with their quotes, lie.
    fn values(text: &str) -> Vec<(usize, usize)> {
        let bytes = text.as_bytes();
        let mut values = vec![(0, 0)];
        let mut at = 0;
        while at < bytes.len() {
            let length = match bytes[at] {
                b'0'..=b'9' => bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
                b'"' => bytes[at + 1..].iter().position(|byte| *byte == b'"').map_or(1, |n| n + 2),
                _ => 0,
            };
            if length > 0 {
                values.push((at, at + length));
            }
            at += length.max(1);
        }
        values
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_known_makes_no_difference(
            cells in prop::collection::vec((variant(), any::<bool>()), 1..20),
        ) {
            let mut shapes = Shapes::default();
            for (text, doubled) in cells {
                let text = if doubled { text.replace('"', "\"\"") } else { text };
                let wanted = Details::in_passing(&text, doubled);
                prop_assert_eq!(shapes.read(text.as_bytes(), doubled), wanted, "{}", text);
            }
        }
    }

    #[test]
    fn cells_alike_are_known() {
        let mut shapes = Shapes::default();
        for count in [3, 12_000, 0] {
            let text = BASES[0].replace('4', &count.to_string()).replace("success", "failure");
            let details = shapes.read(text.as_bytes(), false).expect("metadata");
            assert_eq!(details.cached(), Some(count));
        }
        assert_eq!((shapes.hits, shapes.misses), (2, 1));
        // A count that is said twice is looked for each time.
        for text in [BASES[2], BASES[2]] {
            assert_eq!(shapes.read(text.as_bytes(), false).and_then(|d| d.cached()), Some(2));
        }
        assert_eq!((shapes.hits, shapes.misses), (2, 3));
    }
}
