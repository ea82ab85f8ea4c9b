//! The token counters that are measured.

use std::collections::HashSet;

use toktab_tokenizer::Encoding;

/// A token counter, loaded.
pub type Count = Box<dyn Fn(&str) -> usize + Sync>;

/// How a counter is loaded.
pub type Load = fn(Encoding) -> Count;

/// All counters by name; the first is the reference.
pub const ALL: [(&str, Load); 4] = [
    ("tiktoken-rs", tiktoken_rs),
    ("bpe-openai", bpe_openai),
    ("fastokens", fastokens),
    ("toktab", toktab),
];

/// This project's.
pub fn toktab(encoding: Encoding) -> Count {
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
