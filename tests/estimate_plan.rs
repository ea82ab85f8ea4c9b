//! Rate limits: the binding limit, the shortest time, and the split into batches.

use std::num::NonZeroU64;

use tokreckon::book::PriceBook;
use tokreckon::plan::{
    Batch, BatchError, BatchRules, Job, PlannedLine, RateLimitKind, RateLimits, UnsupportedError,
    split_batches,
};

fn tier(name: &str) -> Result<RateLimits, UnsupportedError> {
    let rows = PriceBook::builtin().rate_limits("openai", "o1-mini");
    let row = rows.into_iter().find(|(tables, row)| tables.str(row.tier) == name);
    RateLimits::try_from(row.expect("a tier of the book").1)
}

#[test]
fn the_binding_limit_is_the_slower_one() {
    let limits = tier("1").expect("supported");
    let short = limits.send_time(Job { requests: 1000, tokens: 10_000 });
    assert_eq!(short.seconds, Some(120));
    assert_eq!(short.binding, Some(RateLimitKind::RequestsPerMinute));
    let long = limits.send_time(Job { requests: 10, tokens: 400_001 });
    assert_eq!((long.seconds, long.binding), (Some(121), Some(RateLimitKind::TokensPerMinute)));
    assert_eq!(long.not_stated, [None, None]);
}

#[test]
fn a_limit_that_is_not_stated_is_neither_zero_nor_endless() {
    assert_eq!(tier("free"), Err(UnsupportedError));
    assert_eq!(tier("1").expect("supported").batch_queue_tokens, None);
    let nothing = RateLimits::default().send_time(Job { requests: 5, tokens: 5 });
    assert_eq!((nothing.seconds, nothing.binding), (None, None));
    assert_eq!(nothing.not_stated.iter().flatten().count(), 2);
}

#[test]
fn batches_keep_to_lines_bytes_and_the_queue() {
    let line = PlannedLine { bytes: 1000, prompt_tokens: 500 };
    let limits = tier("3").expect("supported");
    // 120,000 lines of 500 tokens: 60 million tokens where 40 million may wait.
    let lines = std::iter::repeat_n(line, 120_000);
    let batches = split_batches(lines, BatchRules::OPENAI, &limits).expect("every line fits");
    let shape: Vec<(u64, u64, u64)> = batches.iter().map(|b| (b.first, b.lines, b.wave)).collect();
    assert_eq!(shape, [(0, 50_000, 0), (50_000, 30_000, 0), (80_000, 40_000, 1)]);
    assert_eq!(batches.iter().map(|b| b.prompt_tokens).sum::<u64>(), 60_000_000);
    let long = PlannedLine { bytes: 150_000_000, prompt_tokens: 1 };
    let batches = split_batches([long, long], BatchRules::OPENAI, &limits).expect("each fits");
    assert_eq!(batches.len(), 2);
    let Batch { first, lines, bytes, prompt_tokens, wave, .. } = batches[1];
    assert_eq!((first, lines, bytes, prompt_tokens, wave), (1, 1, 150_000_000, 1, 0));
}

#[test]
fn a_line_that_fits_nowhere_is_named() {
    let limits = RateLimits { batch_queue_tokens: NonZeroU64::new(1000), ..RateLimits::default() };
    let fine = PlannedLine { bytes: 10, prompt_tokens: 10 };
    let heavy = PlannedLine { bytes: 10, prompt_tokens: 1001 };
    let error = split_batches([fine, heavy], BatchRules::OPENAI, &limits).expect_err("too heavy");
    assert_eq!(error.to_string(), "line 2: 1001 prompt tokens exceed the batch queue limit 1000");
    let long = PlannedLine { bytes: 200_000_001, prompt_tokens: 1 };
    let error = split_batches([long], BatchRules::OPENAI, &limits).expect_err("too long");
    assert_eq!(error, BatchError::TooLong { line: 1, bytes: 200_000_001, limit: 200_000_000 });
}
