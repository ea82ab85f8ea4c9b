//! The token counters that are measured.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use tokreckon_tokenizer::Encoding;

/// A token counter, loaded.
pub type Count = Box<dyn Fn(&str) -> usize + Sync>;

/// How a counter is loaded.
pub type Load = fn(Encoding) -> Count;

/// All counters by name; the first is the reference.
pub const ALL: [(&str, Load); 5] = [
    ("tiktoken-rs", tiktoken_rs),
    ("bpe-openai", bpe_openai),
    ("tokenizers", tokenizers),
    ("fastokens", fastokens),
    ("tokreckon", tokreckon),
];

/// This project's.
pub fn tokreckon(encoding: Encoding) -> Count {
    Box::new(move |text| encoding.count(text))
}

/// The reference.
pub fn tiktoken_rs(encoding: Encoding) -> Count {
    let reference = match encoding {
        Encoding::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
        _ => tiktoken_rs::o200k_base_singleton(),
    };
    // `count` and not `count_ordinary`, which panics on long white space; 0 stands for its error.
    Box::new(move |text| reference.count(text, &HashSet::new()).unwrap_or(0))
}

/// Exact, with tables of its own.
pub fn bpe_openai(encoding: Encoding) -> Count {
    let tokenizer = match encoding {
        Encoding::Cl100kBase => bpe_openai::cl100k_base(),
        _ => bpe_openai::o200k_base(),
    };
    Box::new(move |text| tokenizer.count(text))
}

/// Exact, made for vocabularies from files. It wants the vocabulary with its merges, in the alphabet
/// of GPT-2, and the pattern as a regular expression.
pub fn tokenizers(encoding: Encoding) -> Count {
    let special: HashSet<u32> = encoding.special_tokens().map(|(_, id)| id).collect();
    let ids = 0..special.iter().copied().max().unwrap_or(0);
    let tokens: Vec<(Vec<u8>, u32)> = ids
        .filter(|id| !special.contains(id))
        .filter_map(|id| Some((encoding.decode(&[id]).ok()?, id)))
        .collect();
    let ranks: HashMap<&[u8], u32> = tokens
        .iter()
        .map(|(token, id)| (token.as_slice(), *id))
        .collect();
    let spelled: Vec<String> = tokens.iter().map(|(token, _)| spelling(token)).collect();
    let vocabulary: Map<String, Value> = spelled
        .iter()
        .zip(&tokens)
        .map(|(text, (_, id))| (text.clone(), (*id).into()))
        .collect();
    let merges: Vec<Value> = tokens
        .iter()
        .filter(|(token, _)| token.len() > 1)
        .filter_map(|(token, id)| {
            let (left, right) = last_merge(token, *id, &ranks)?;
            Some(json!([spelling(left), spelling(right)]))
        })
        .collect();
    let pattern = match encoding {
        Encoding::Cl100kBase => CL100K,
        _ => O200K,
    };
    let file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [],
        "normalizer": null,
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
            { "type": "Split", "pattern": { "Regex": pattern }, "behavior": "Isolated", "invert": false },
            { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false },
        ] },
        "post_processor": null,
        "decoder": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false },
        "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": true,
            "vocab": vocabulary,
            "merges": merges,
        },
    });
    let tokenizer = tokenizers::Tokenizer::from_bytes(file.to_string()).expect("a tokenizer.json");
    Box::new(move |text| {
        tokenizer
            .encode_fast(text, false)
            .map_or(0, |encoding| encoding.len())
    })
}

/// The two tokens that merge to `token`: merging by rank, with ranks below its own.
fn last_merge<'t>(
    token: &'t [u8],
    rank: u32,
    ranks: &HashMap<&[u8], u32>,
) -> Option<(&'t [u8], &'t [u8])> {
    let mut parts: Vec<&[u8]> = token.chunks(1).collect();
    let mut ends: Vec<usize> = (0..=token.len()).collect();
    while parts.len() > 2 {
        let joined = |at: usize| &token[ends[at]..ends[at + 2]];
        let (_, at) = (0..parts.len() - 1)
            .filter_map(|at| ranks.get(joined(at)).map(|rank| (*rank, at)))
            .filter(|(other, _)| *other < rank)
            .min()?;
        ends.remove(at + 1);
        parts = ends
            .windows(2)
            .map(|ends| &token[ends[0]..ends[1]])
            .collect();
    }
    Some((parts[0], parts[1]))
}

/// Bytes as letters: printable ones as themselves, the others from U+0100 on.
fn spelling(bytes: &[u8]) -> String {
    let letter = |byte: u8| match byte {
        b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => char::from(byte),
        0..=b' ' => char::from_u32(0x100 + u32::from(byte)).expect("a letter"),
        0x7F..=0xA0 => char::from_u32(0x121 + u32::from(byte - 0x7F)).expect("a letter"),
        0xAD => '\u{143}',
    };
    bytes.iter().map(|byte| letter(*byte)).collect()
}

const O200K: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const CL100K: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Made for vocabularies from files; it is given the tokens here.
pub fn fastokens(encoding: Encoding) -> Count {
    use fastokens::{TiktokenConfig, Tokenizer};
    let special: Vec<u32> = encoding.special_tokens().map(|(_, id)| id).collect();
    let ids = 0..special.iter().copied().max().unwrap_or(0);
    let ranks: Vec<(Vec<u8>, u32)> = ids
        .filter(|id| !special.contains(id))
        .filter_map(|id| Some((encoding.decode(&[id]).ok()?, id)))
        .collect();
    let mut config = match encoding {
        Encoding::Cl100kBase => TiktokenConfig::cl100k_base(),
        _ => TiktokenConfig::o200k_base(),
    };
    config.special_tokens.clear();
    let tokenizer = Tokenizer::from_tiktoken_ranks(&ranks, config).expect("fastokens loads");
    Box::new(move |text| tokenizer.encode_ordinary(text).map_or(0, |ids| ids.len()))
}
