//! Random nasty texts. `TOKRECKON_FUZZ_TEXTS` sets how many (200,000), `TOKRECKON_FUZZ_SEED` which (1).

use std::env;

use crate::generator::{Random, nasty_text};
use crate::reference::{DISTINCT, assert_same, on_two_threads};

/// The texts of one stream of random numbers.
const TEXTS_PER_SEED: u64 = 1000;

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().expect("the setting is a number"))
}

#[test]
fn random_texts_encode_like_the_reference() {
    let texts = setting("TOKRECKON_FUZZ_TEXTS", 200_000);
    let first = setting("TOKRECKON_FUZZ_SEED", 1) << 32;
    let seeds: Vec<u64> = (first..first + texts.div_ceil(TEXTS_PER_SEED)).collect();
    on_two_threads(&seeds, |seed| {
        let mut random = Random::new(seed);
        for _ in 0..TEXTS_PER_SEED {
            let text = nasty_text(&mut random);
            for encoding in DISTINCT {
                assert_same(encoding, &text);
            }
        }
    });
}

/// Longer texts, so that pieces lie at all distances from each other and from block borders.
#[test]
fn random_long_texts_encode_like_the_reference() {
    let texts = setting("TOKRECKON_FUZZ_TEXTS", 200_000) / 100;
    let seeds: Vec<u64> = (0..texts).collect();
    on_two_threads(&seeds, |seed| {
        let mut random = Random::new(seed ^ 0x5EED_0000_0000);
        let mut text = String::new();
        while text.len() < 1500 {
            text.push_str(&nasty_text(&mut random));
        }
        for encoding in DISTINCT {
            assert_same(encoding, &text);
        }
    });
}
