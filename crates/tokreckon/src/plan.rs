//! Rate limits: how long a job takes to send, which limit binds, and how it splits into batches.

use std::num::NonZeroU64;

use tokreckon_data::table::RateLimit;

/// The limits of one rate limit tier for one model. `None` is "not stated": neither zero nor
/// unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests per minute (RPM).
    pub requests_per_minute: Option<NonZeroU64>,
    /// Tokens per minute (TPM).
    pub tokens_per_minute: Option<NonZeroU64>,
    /// Prompt tokens that may wait in batches.
    pub batch_queue_tokens: Option<NonZeroU64>,
}

/// The rate limit tier may not use the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rate limit tier does not support the model")]
pub struct UnsupportedError;

impl TryFrom<&RateLimit> for RateLimits {
    type Error = UnsupportedError;

    /// The limits in a row of the book ([`crate::book::PriceBook::rate_limits`]).
    fn try_from(row: &RateLimit) -> Result<Self, UnsupportedError> {
        if !row.supported {
            return Err(UnsupportedError);
        }
        Ok(Self {
            requests_per_minute: NonZeroU64::new(row.requests_per_minute),
            tokens_per_minute: NonZeroU64::new(row.tokens_per_minute),
            batch_queue_tokens: NonZeroU64::new(row.batch_queue_tokens),
        })
    }
}

/// Requests to send one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Requests.
    pub requests: u64,
    /// Tokens that the tokens-per-minute limit counts. Where the provider counts a request's
    /// output limit when it arrives (OpenAI), that is prompt plus limit, not the tokens used.
    pub tokens: u128,
}

/// The shortest time to send a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendTime {
    /// Seconds at the full rate, rounded up; `None` when no limit is stated.
    pub seconds: Option<u128>,
    /// The limit that binds; `None` when no limit is stated.
    pub binding: Option<RateLimitKind>,
    /// Limits that are not stated: the time may be longer.
    pub not_stated: [Option<RateLimitKind>; 2],
}

/// A limit per minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateLimitKind {
    /// Requests per minute.
    RequestsPerMinute,
    /// Tokens per minute.
    TokensPerMinute,
}

impl RateLimitKind {
    /// What is limited, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestsPerMinute => "requests per minute",
            Self::TokensPerMinute => "tokens per minute",
        }
    }
}

impl RateLimits {
    /// The shortest time to send a job when the full rate is kept up.
    ///
    /// ```
    /// use std::num::NonZeroU64;
    /// use tokreckon::plan::{Job, RateLimitKind, RateLimits};
    ///
    /// let tier_1 = RateLimits {
    ///     requests_per_minute: NonZeroU64::new(500),
    ///     tokens_per_minute: NonZeroU64::new(200_000),
    ///     ..RateLimits::default()
    /// };
    /// // 1,000 requests of 430 prompt tokens that reserve 25,000 tokens of output each.
    /// let time = tier_1.send_time(Job { requests: 1_000, tokens: 25_430_000 });
    /// assert_eq!(time.seconds, Some(7_629)); // 2 hours 7 minutes; 2 minutes by requests alone
    /// assert_eq!(time.binding, Some(RateLimitKind::TokensPerMinute));
    /// ```
    #[must_use]
    pub fn send_time(&self, job: Job) -> SendTime {
        let seconds = |count: u128, per_minute: Option<NonZeroU64>| {
            Some((count.saturating_mul(60)).div_ceil(u128::from(per_minute?.get())))
        };
        let by_requests = seconds(u128::from(job.requests), self.requests_per_minute);
        let by_tokens = seconds(job.tokens, self.tokens_per_minute);
        let (requests, tokens) = (RateLimitKind::RequestsPerMinute, RateLimitKind::TokensPerMinute);
        let binding = match (by_requests, by_tokens) {
            (Some(r), Some(t)) if t > r => Some(tokens),
            (Some(_), _) => Some(requests),
            (None, Some(_)) => Some(tokens),
            (None, None) => None,
        };
        SendTime {
            seconds: by_requests.max(by_tokens),
            binding,
            not_stated: [
                by_requests.is_none().then_some(requests),
                by_tokens.is_none().then_some(tokens),
            ],
        }
    }
}

/// What one batch file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchRules {
    /// Lines.
    pub lines: u64,
    /// Bytes, line ends included.
    pub bytes: u64,
}

impl BatchRules {
    /// OpenAI: 50,000 requests and 200 MB (100 MB in older text). Read as 200 million bytes, the
    /// smaller of the two meanings.
    pub const OPENAI: Self = Self { lines: 50_000, bytes: 200_000_000 };
}

/// One line of a batch file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    /// Bytes, line end included.
    pub bytes: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
}

/// Consecutive lines that go into one batch file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// First line, from 0.
    pub first: u64,
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Which time the queue has to be emptied first: batches of one wave wait together, those of
    /// the next are sent when they are done. From 0.
    pub wave: u64,
}

/// A line that fits into no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The line alone is longer than a batch file may be.
    #[error("line {line}: {bytes} bytes exceed the {limit} of a batch file")]
    TooLong {
        /// Line, from 1.
        line: u64,
        /// Its bytes.
        bytes: u64,
        /// Most bytes of a batch file.
        limit: u64,
    },
    /// The line alone exceeds the queue.
    #[error("line {line}: {tokens} prompt tokens exceed the batch queue limit {limit}")]
    TooManyTokens {
        /// Line, from 1.
        line: u64,
        /// Its prompt tokens.
        tokens: u64,
        /// Most tokens that may wait.
        limit: u64,
    },
    /// A batch file may hold no line at all.
    #[error("a batch file of 0 lines holds no request")]
    NoLines,
}

/// Splits lines into batches, in order: as few as the rules and the queue limit allow.
///
/// No batch holds more tokens than may wait. Without a stated queue limit all batches are of one
/// wave; that limit is then not known, not absent.
///
/// # Errors
/// The first line that fits into no batch.
pub fn split_batches(
    lines: impl IntoIterator<Item = PlannedLine>,
    rules: BatchRules,
    limits: &RateLimits,
) -> Result<Vec<Batch>, BatchError> {
    let queue = limits.batch_queue_tokens.map_or(u64::MAX, NonZeroU64::get);
    if rules.lines == 0 {
        return Err(BatchError::NoLines);
    }
    let mut batches: Vec<Batch> = Vec::new();
    let mut waiting: u64 = 0;
    for (number, line) in (1u64..).zip(lines) {
        let PlannedLine { bytes, prompt_tokens: tokens } = line;
        if bytes > rules.bytes {
            return Err(BatchError::TooLong { line: number, bytes, limit: rules.bytes });
        }
        if tokens > queue {
            return Err(BatchError::TooManyTokens { line: number, tokens, limit: queue });
        }
        let queue_full = waiting.saturating_add(tokens) > queue;
        let full = batches.last().is_none_or(|batch| {
            queue_full
                || batch.lines >= rules.lines
                || batch.bytes.saturating_add(bytes) > rules.bytes
        });
        if full {
            let wave = batches.last().map_or(0, |batch| batch.wave + u64::from(queue_full));
            batches.push(Batch { first: number - 1, wave, ..Batch::default() });
        }
        waiting = if queue_full { tokens } else { waiting + tokens };
        if let Some(batch) = batches.last_mut() {
            batch.lines += 1;
            batch.bytes += bytes;
            batch.prompt_tokens += tokens;
        }
    }
    Ok(batches)
}
