//! Writes the tables that the crate embeds: Unicode classes and one set of tables per vocabulary.
//!
//! Nothing is parsed when a program starts: every file written here is an array of little-endian
//! integers, ready to be read in place.

mod characters;
mod classes;
mod files;
mod hash;
mod merges;
mod trie;
mod whole;

use std::env;
use std::path::PathBuf;

use tiktoken_rs::CoreBPE;

fn main() {
    println!("cargo::rerun-if-changed=build");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    classes::write(&out);
    // `o200k_harmony` has the ranks of `o200k_base`, `p50k_edit` those of `p50k_base`, and `r50k_base`
    // is the part of `p50k_base` below its special token: three sets of tables serve seven encodings.
    write_vocabulary(&out, "o200k", &tiktoken_rs::o200k_base().expect("o200k_base loads"));
    write_vocabulary(&out, "cl100k", &tiktoken_rs::cl100k_base().expect("cl100k_base loads"));
    write_vocabulary(&out, "p50k", &tiktoken_rs::p50k_base().expect("p50k_base loads"));
}

/// Writes the tables of one vocabulary.
fn write_vocabulary(out: &std::path::Path, name: &str, reference: &CoreBPE) {
    let tokens = tokens(reference);
    let merges = merges::Merges::of(&tokens);
    let (bases, starts) = starts(&tokens);
    files::write_words(out, name, "bases", &bases);
    files::write_bytes(out, name, "starts", &starts);
    files::write_bytes(out, name, "bytes", &tokens.concat());
    let (pairs, heads, splits) = merges.pair_table();
    files::write_longs(out, name, "pairs", &pairs);
    files::write_words(out, name, "heads", &heads);
    files::write_bytes(out, name, "byte_pairs", &merges.byte_pairs());
    files::write_bytes(out, name, "byte_ids", &byte_ids(&tokens));
    files::write_words(out, name, "splits", &splits);
    let (whole, pilots) = whole::table(&tokens);
    files::write_words(out, name, "whole", &whole);
    files::write_bytes(out, name, "whole_pilots", &pilots);
    let (index, blocks) = characters::tokens(&tokens);
    files::write_bytes(out, name, "character_index", &index);
    files::write_words(out, name, "characters", &blocks);
    files::write_bytes(out, name, "borders", &characters::borders(&tokens));
    let trie = trie::Trie::of(&tokens);
    files::write_longs(out, name, "nodes", &trie.layout());
    files::write_words(out, name, "shorter", &trie.shorter_prefixes(tokens.len()));
}

/// The bytes of every token by id; empty where the vocabulary has no ordinary token.
fn tokens(reference: &CoreBPE) -> Vec<Vec<u8>> {
    const LARGEST_VOCABULARY: u32 = 1 << 18;
    let special = reference.special_tokens();
    let mut tokens: Vec<Vec<u8>> = (0..LARGEST_VOCABULARY)
        .map(|id| reference.decode_bytes(&[id]).unwrap_or_default())
        .map(|bytes| match std::str::from_utf8(&bytes) {
            Ok(text) if special.contains(text) => Vec::new(),
            _ => bytes,
        })
        .collect();
    while tokens.last().is_some_and(Vec::is_empty) {
        tokens.pop();
    }
    assert!(tokens[..256].iter().all(|token| token.len() == 1), "ids below 256 are the bytes");
    assert!(tokens[256..].iter().all(|token| token.len() != 1), "only ids below 256 are bytes");
    tokens
}

/// The token of each byte.
fn byte_ids(tokens: &[Vec<u8>]) -> Vec<u8> {
    let mut ids = vec![0; 256];
    for (id, token) in (0..=u8::MAX).zip(tokens) {
        ids[usize::from(token[0])] = id;
    }
    ids
}

/// Where each token starts in the joined bytes, and where the last one ends: for each 64 tokens where
/// the first one does, and for each token how far after that (16 bits).
fn starts(tokens: &[Vec<u8>]) -> (Vec<u32>, Vec<u8>) {
    let (mut bases, mut starts) = (Vec::new(), Vec::new());
    let mut start = 0;
    for id in 0..=tokens.len() {
        if id % 64 == 0 {
            bases.push(files::word(start));
        }
        let after = start - bases[id / 64] as usize;
        starts.extend(u16::try_from(after).expect("64 tokens are short").to_le_bytes());
        start += tokens.get(id).map_or(0, Vec::len);
    }
    (bases, starts)
}
