//! Parts count like the whole: threads, streams and early stops.

use tokreckon_tokenizer::Encoding;

use crate::generator::{Random, nasty_text};
use crate::reference::DISTINCT;

/// A long nasty text.
fn long_text(random: &mut Random, bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        text.push_str(&nasty_text(random));
    }
    text
}

#[test]
fn threads_count_like_one() {
    let mut random = Random::new(11);
    let text = long_text(&mut random, 3_000_000);
    let texts: Vec<String> = (0..2000).map(|_| long_text(&mut random, 300)).collect();
    for encoding in DISTINCT {
        assert_eq!(encoding.count_parallel(&text), encoding.count(&text), "{encoding}");
        let expected: Vec<usize> = texts.iter().map(|text| encoding.count(text)).collect();
        assert_eq!(encoding.count_many(&texts), expected, "{encoding}");
    }
    assert_eq!(Encoding::O200kBase.count_parallel(""), 0);
    assert_eq!(Encoding::O200kBase.count_many::<&str>(&[]), [0; 0]);
}

#[test]
fn streams_count_like_the_whole() {
    let mut random = Random::new(12);
    for round in 0..40 {
        let text = long_text(&mut random, 60_000);
        for encoding in DISTINCT {
            let mut counter = encoding.counter();
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let wish = if round % 2 == 0 { random.below(40) } else { random.below(5000) };
                let fits = |at: &usize| rest.is_char_boundary(*at);
                let cut = (0..=wish.min(rest.len())).rev().find(fits).unwrap_or(0);
                let (piece, tail) = rest.split_at(cut);
                counter.push(piece).expect("there are cuts");
                rest = tail;
            }
            assert_eq!(counter.finish(), encoding.count(&text), "{encoding} round {round}");
        }
    }
}

#[test]
fn a_stretch_without_cut_is_an_error_and_never_a_wrong_count() {
    let run = "a".repeat(100_000);
    let mut counter = Encoding::O200kBase.counter().with_limit(50_000);
    let error = counter.push(&run).expect_err("too long");
    assert_eq!((error.bytes, error.limit_bytes), (100_000, 50_000));
    assert_eq!(counter.finish(), Encoding::O200kBase.count(&run));
}

#[test]
fn early_stops_agree_with_the_count() {
    let mut random = Random::new(13);
    for _ in 0..300 {
        let bytes = random.below(20_000);
        let text = long_text(&mut random, bytes);
        for encoding in DISTINCT {
            let count = encoding.count(&text);
            assert_eq!(encoding.count_up_to(&text, count), Some(count));
            assert_eq!(encoding.count_up_to(&text, usize::MAX), Some(count));
            assert_eq!(encoding.count_up_to(&text, count.saturating_sub(1)), None);
        }
    }
    assert_eq!(Encoding::O200kBase.count_up_to("", 0), Some(0));
}
