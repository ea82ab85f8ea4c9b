//! The class of every code point, as the reference's own Unicode tables have it.

use std::collections::HashMap;
use std::path::Path;

use regex_syntax::hir::{Class, HirKind};

use crate::files;

/// Patterns and the class they stand for; a later one overrides an earlier one.
/// The numbers are those of `src/unicode.rs`.
const CLASSES: [(&str, u8); 9] = [
    (r"\p{M}", 1),
    (r"\p{Ll}", 2),
    (r"[\p{Lu}\p{Lt}]", 3),
    (r"[\p{Lm}\p{Lo}]", 4),
    (r"\p{N}", 5),
    (r"\s", 6),
    (r"[\r\n]", 7),
    (r"[\p{P}\p{S}]", 8),
    (r"[^\s\S]", 0),
];

/// Code points that share one block of the table.
const BLOCK: usize = 128;

/// Writes the two stages: the block of each 128 code points, and the blocks.
pub(crate) fn write(out: &Path) {
    let mut classes = vec![0_u8; 0x11_0000];
    let mut covered = vec![0_u8; 0x11_0000];
    for (pattern, class) in CLASSES {
        for (first, last) in ranges(pattern) {
            for code_point in first..=last {
                classes[code_point as usize] = class;
                covered[code_point as usize] += 1;
            }
        }
    }
    // `\r` and `\n` are in `\s` too; apart from them no two classes overlap, and \p{L} is all of its parts.
    for (code_point, &times) in covered.iter().enumerate() {
        assert!(times <= 1 || code_point == 10 || code_point == 13, "classes overlap");
    }
    let letters: u32 = ranges(r"\p{L}").iter().map(|(first, last)| last - first + 1).sum();
    let found = classes.iter().filter(|class| (2..=4).contains(*class)).count();
    assert_eq!(found, letters as usize, "the letter classes make up \\p{{L}}");

    let mut blocks: Vec<&[u8]> = Vec::new();
    let mut known = HashMap::new();
    let mut index = Vec::new();
    for block in classes.chunks(BLOCK) {
        let number = *known.entry(block).or_insert_with(|| {
            blocks.push(block);
            blocks.len() - 1
        });
        index.push(u8::try_from(number).expect("at most 256 distinct blocks"));
    }
    files::write_bytes(out, "unicode", "index", &index);
    files::write_bytes(out, "unicode", "blocks", &blocks.concat());
}

/// The code points that a one-character pattern matches.
fn ranges(pattern: &str) -> Vec<(u32, u32)> {
    let parsed = regex_syntax::parse(pattern).expect("the pattern is valid");
    match parsed.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect()
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().map(|r| (r.start().into(), r.end().into())).collect()
        }
        _ => Vec::new(),
    }
}
