//! Table files: flat arrays of little-endian integers.

use std::fs;
use std::path::Path;

/// A count or an index as a table entry.
pub(crate) fn word(number: usize) -> u32 {
    u32::try_from(number).expect("tables are far below 4 GiB")
}

/// Writes `name.kind`.
pub(crate) fn write_bytes(out: &Path, name: &str, kind: &str, bytes: &[u8]) {
    fs::write(out.join(format!("{name}.{kind}")), bytes).expect("OUT_DIR is writable");
}

/// Writes 4-byte entries.
pub(crate) fn write_words(out: &Path, name: &str, kind: &str, words: &[u32]) {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    write_bytes(out, name, kind, &bytes);
}

/// Writes 8-byte entries.
pub(crate) fn write_longs(out: &Path, name: &str, kind: &str, longs: &[u64]) {
    let bytes: Vec<u8> = longs.iter().flat_map(|long| long.to_le_bytes()).collect();
    write_bytes(out, name, kind, &bytes);
}
