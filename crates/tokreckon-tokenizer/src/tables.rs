//! The tables written by `build/`, embedded as they are.

use crate::vocabulary::Vocabulary;

/// Keeps an embedded file from straddling cache lines.
#[repr(C, align(64))]
struct Aligned<T>(T);

/// One file from the build, as a static array of bytes.
macro_rules! embedded {
    ($name:literal, $kind:literal) => {{
        const FILE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".", $kind));
        static TABLE: Aligned<[u8; FILE.len()]> =
            Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".", $kind)));
        &TABLE.0
    }};
}

/// The tables of one vocabulary.
macro_rules! vocabulary {
    ($name:literal) => {
        Vocabulary {
            nodes: embedded!($name, "nodes").as_chunks().0,
            shorter: embedded!($name, "shorter").as_chunks().0,
            splits: embedded!($name, "splits").as_chunks().0,
            pairs: embedded!($name, "pairs").as_chunks().0,
            heads: embedded!($name, "heads").as_chunks().0,
            byte_pairs: embedded!($name, "byte_pairs").as_chunks().0,
            byte_ids: embedded!($name, "byte_ids"),
            whole: embedded!($name, "whole").as_chunks().0,
            whole_pilots: embedded!($name, "whole_pilots"),
            character_index: embedded!($name, "character_index").as_chunks().0,
            characters: embedded!($name, "characters").as_chunks().0,
            borders: embedded!($name, "borders").as_chunks().0,
            bases: embedded!($name, "bases").as_chunks().0,
            starts: embedded!($name, "starts").as_chunks().0,
            bytes: embedded!($name, "bytes"),
        }
    };
}

/// `o200k_base` and `o200k_harmony`.
pub(crate) static O200K: Vocabulary = vocabulary!("o200k");
/// `cl100k_base`.
pub(crate) static CL100K: Vocabulary = vocabulary!("cl100k");
/// `p50k_base`, `p50k_edit`, and as its first part `r50k_base`.
pub(crate) static P50K: Vocabulary = vocabulary!("p50k");

/// Which block describes each 128 code points.
pub(crate) static UNICODE_INDEX: &[u8; 8704] = embedded!("unicode", "index");
/// The classes of 128 code points after one another.
pub(crate) static UNICODE_BLOCKS: &[u8] = embedded!("unicode", "blocks");
