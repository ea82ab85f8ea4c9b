//! The token counters that are measured.

use std::collections::HashSet;

use tiktoken_rs::CoreBPE;
use toktab_tokenizer::Encoding;

/// A token counter, loaded.
pub type Count = Box<dyn Fn(&str) -> usize + Sync>;

/// The names of all counters; the first is the one that the others are compared with.
pub const ALL: [&str; 4] = ["tiktoken-rs", "toktab", "bpe-openai", "fastokens"];

/// Loads a counter.
pub fn load(engine: &str, encoding: Encoding) -> Count {
    match engine {
        "tiktoken-rs" => {
            let reference = reference(encoding);
            // `count` and not `count_ordinary`, which panics on long white space.
            Box::new(move |text| reference.count(text, &HashSet::new()).unwrap_or(0))
        }
        "toktab" => Box::new(move |text| encoding.count(text)),
        "bpe-openai" => {
            let tokenizer = match encoding {
                Encoding::Cl100kBase => bpe_openai::cl100k_base(),
                _ => bpe_openai::o200k_base(),
            };
            Box::new(move |text| tokenizer.count(text))
        }
        "fastokens" => fastokens(encoding),
        _ => panic!("no engine {engine}"),
    }
}

fn reference(encoding: Encoding) -> &'static CoreBPE {
    match encoding {
        Encoding::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
        _ => tiktoken_rs::o200k_base_singleton(),
    }
}

fn fastokens(encoding: Encoding) -> Count {
    use fastokens::{TiktokenConfig, Tokenizer};
    let ids = 0..encoding.special_tokens().map(|(_, id)| id).max().unwrap_or(0);
    let special: Vec<u32> = encoding.special_tokens().map(|(_, id)| id).collect();
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
