//! Usage: counts per meter that never overlap, and how they follow from what providers report.
//! Providers report [`Totals`]: at some of them cached tokens lie *inside* the input count, at
//! others *beside* it; so with reasoning and output. [`Totals::to_usage`] turns them into a
//! [`Usage`], in which every token is counted by exactly one [`Meter`].

mod disjoint;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;

pub use tokreckon_data::words::Meter;

/// Counts per meter, disjoint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Usage {
    counts: [u64; Meter::COUNT],
    /// The meters with a count above zero, one bit each.
    metered: u32,
    /// Shares that the source does not report.
    pub unreported: Unreported,
}

/// What a source does not report. Not reported is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing of its own that is not reported"
)]
pub struct Unreported {
    /// How much of [`Meter::Input`] was read from a cache.
    pub cache: bool,
    /// How much of [`Meter::Output`] was reasoning.
    pub reasoning: bool,
    /// A member of the record that counts or decides a price.
    pub member: bool,
    /// How many requests a sum is of, where each has a fee.
    pub requests: bool,
}

impl Unreported {
    /// None.
    pub const NOTHING: Self =
        Self { cache: false, reasoning: false, member: false, requests: false };

    /// True when something may be charged beside what is counted: what is counted is a lower bound.
    #[must_use]
    pub const fn leaves_open(self) -> bool {
        self.member || self.requests
    }
}

impl Usage {
    /// No usage at all.
    pub const NONE: Self =
        Self { counts: [0; Meter::COUNT], metered: 0, unreported: Unreported::NOTHING };

    /// The count of one meter.
    #[must_use]
    pub const fn count(&self, meter: Meter) -> u64 {
        self.counts[meter as usize]
    }

    /// This usage with the count of one meter replaced.
    #[must_use]
    pub const fn with(mut self, meter: Meter, count: u64) -> Self {
        self.metered &= !(1 << meter as u32);
        self.set(meter, count);
        self
    }

    /// Sets the count of a meter that has none yet.
    const fn set(&mut self, meter: Meter, count: u64) {
        self.counts[meter as usize] = count;
        self.metered |= ((count > 0) as u32) << meter as u32;
    }

    /// The meters with a count above zero, in their order.
    pub fn counts(&self) -> impl Iterator<Item = (Meter, u64)> + '_ {
        let mut left = self.metered;
        std::iter::from_fn(move || {
            let meter = *Meter::ALL.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some((meter, self.count(meter)))
        })
    }

    /// The meters with a count above zero, one bit each.
    pub(crate) const fn metered(&self) -> u32 {
        self.metered
    }

    /// True when it counts requests, units or anything else that is no token and no search: such a usage
    /// says itself what is charged beside its tokens.
    pub(crate) const fn counts_besides_tokens(&self) -> bool {
        self.metered & !(TOKENS | 1 << Meter::WebSearches as u32) != 0
    }

    /// Tokens of the prompt: uncached, cached and written, in every modality.
    #[must_use]
    pub fn prompt_tokens(&self) -> u128 {
        self.sum(PROMPT)
    }

    /// Generated tokens, reasoning included.
    #[must_use]
    pub fn output_tokens(&self) -> u128 {
        self.sum(TOKENS & !PROMPT)
    }

    fn sum(&self, include: u32) -> u128 {
        let (mut left, mut sum) = (self.metered & include, 0);
        while left != 0 {
            sum += u128::from(self.counts[left.trailing_zeros() as usize]);
            left &= left - 1;
        }
        sum
    }
}

const _: () = assert!(Meter::COUNT <= u32::BITS as usize, "each meter has a bit");

/// Meters of tokens, one bit each, and those of the prompt among them.
const TOKENS: u32 = bits(true);
const PROMPT: u32 = bits(false);

const fn bits(of_output_too: bool) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < Meter::COUNT {
        let meter = Meter::ALL[at];
        if meter.is_prompt() || of_output_too && meter.counts_tokens() {
            bits |= 1 << at;
        }
        at += 1;
    }
    bits
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.counts()).entry(&"unreported", &self.unreported).finish()
    }
}

/// Where a part lies with regard to its whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// The whole includes the part.
    #[default]
    Inside,
    /// The whole does not include the part.
    Beside,
}

/// Which parts a source's input and output counts include.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Layout {
    /// Cache reads and the input count.
    pub cache_read: Place,
    /// Cache writes and the input count.
    pub cache_write: Place,
    /// Reasoning and the output count.
    pub reasoning: Place,
}

impl Layout {
    /// OpenAI and those who copy its form: everything lies inside.
    pub const INSIDE: Self =
        Self { cache_read: Place::Inside, cache_write: Place::Inside, reasoning: Place::Inside };
    /// Anthropic: cache reads and writes lie beside the input, reasoning inside the output.
    pub const ANTHROPIC: Self =
        Self { cache_read: Place::Beside, cache_write: Place::Beside, reasoning: Place::Inside };
    /// Gemini: cached tokens lie inside the prompt, thoughts beside the candidates.
    pub const GEMINI: Self =
        Self { cache_read: Place::Inside, cache_write: Place::Inside, reasoning: Place::Beside };
}

/// Counts as a source reports them. `None` is "not reported", never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// What input and output include.
    pub layout: Layout,
    /// Prompt tokens.
    pub input: Option<u64>,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<u64>,
    /// Prompt tokens written to a cache with no stated lifetime.
    pub cache_write: Option<u64>,
    /// Prompt tokens written to a cache that lives 5 minutes.
    pub cache_write_5m: Option<u64>,
    /// Prompt tokens written to a cache that lives 1 hour.
    pub cache_write_1h: Option<u64>,
    /// Audio tokens inside the input, cached ones included.
    pub input_audio: Option<u64>,
    /// Cached audio tokens inside the cache reads.
    pub cache_read_audio: Option<u64>,
    /// Image tokens inside the input, cached ones included.
    pub input_image: Option<u64>,
    /// Cached image tokens inside the cache reads.
    pub cache_read_image: Option<u64>,
    /// Video tokens inside the input.
    pub input_video: Option<u64>,
    /// Generated tokens.
    pub output: Option<u64>,
    /// Reasoning tokens.
    pub reasoning: Option<u64>,
    /// Audio tokens inside the output.
    pub output_audio: Option<u64>,
    /// Image tokens inside the output.
    pub output_image: Option<u64>,
    /// Citation tokens, beside the output.
    pub citations: Option<u64>,
    /// Total tokens as the source adds them up.
    pub total: Option<u64>,
    /// Requests.
    pub requests: Option<u64>,
    /// Web searches.
    pub web_searches: Option<u64>,
    /// Images sent, counted one by one.
    pub images_read: Option<u64>,
    /// Images generated, counted one by one.
    pub images: Option<u64>,
    /// Seconds of audio.
    pub audio_seconds: Option<u64>,
    /// Characters.
    pub characters: Option<u64>,
    /// Searches in stored files.
    pub file_searches: Option<u64>,
    /// Sessions of a container in which code runs.
    pub code_sessions: Option<u64>,
    /// Units of reranking.
    pub search_units: Option<u64>,
    /// Tokens kept in a cache that is paid by time, times the seconds that they were kept.
    pub cache_token_seconds: Option<u64>,
}

/// Reported counts contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageError {
    /// A part is larger than the whole it lies in.
    PartExceedsWhole {
        /// What the part counts.
        part: &'static str,
        /// The part.
        part_count: u64,
        /// What the whole counts.
        whole: &'static str,
        /// The whole.
        whole_count: u64,
    },
    /// Parts that each fit are together larger than the whole they lie in.
    PartsExceedWhole {
        /// What the last part counts.
        part: &'static str,
        /// The last part.
        part_count: u64,
        /// The other parts.
        others_count: u64,
        /// What the whole counts.
        whole: &'static str,
        /// The whole.
        whole_count: u64,
    },
    /// There is no input count and no output count.
    Empty,
    /// Counts add up to more than 2^64.
    Overflow,
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartExceedsWhole { part, part_count, whole, whole_count } => {
                write!(f, "{part} {part_count} exceeds {whole} {whole_count}")
            }
            Self::PartsExceedWhole { part, part_count, others_count, whole, whole_count } => {
                write!(
                    f,
                    "{part} {part_count} and other parts of it, {others_count}, together exceed {whole} {whole_count}"
                )
            }
            Self::Empty => f.write_str("there is neither an input nor an output count"),
            Self::Overflow => f.write_str("the counts add up to more than 18446744073709551615"),
        }
    }
}

impl Error for UsageError {}

impl Totals {
    /// Nothing is reported.
    pub(crate) const NONE: Self = Self::from_counts(Layout::INSIDE, [None; Self::COUNTS]);

    /// How many counts there are.
    pub const COUNTS: usize = 26;

    /// Every count, in the order of the fields.
    #[must_use]
    pub const fn counts(&self) -> [Option<u64>; Self::COUNTS] {
        [
            self.input,
            self.cache_read,
            self.cache_write,
            self.cache_write_5m,
            self.cache_write_1h,
            self.input_audio,
            self.cache_read_audio,
            self.input_image,
            self.cache_read_image,
            self.input_video,
            self.output,
            self.reasoning,
            self.output_audio,
            self.output_image,
            self.citations,
            self.total,
            self.requests,
            self.web_searches,
            self.images_read,
            self.images,
            self.audio_seconds,
            self.characters,
            self.file_searches,
            self.code_sessions,
            self.search_units,
            self.cache_token_seconds,
        ]
    }

    /// The totals with these counts, in the order of the fields.
    #[must_use]
    #[expect(clippy::similar_names, reason = "they are the names of the fields")]
    pub const fn from_counts(layout: Layout, counts: [Option<u64>; Self::COUNTS]) -> Self {
        let [
            input,
            cache_read,
            cache_write,
            cache_write_5m,
            cache_write_1h,
            input_audio,
            cache_read_audio,
            input_image,
            cache_read_image,
            input_video,
            output,
            reasoning,
            output_audio,
            output_image,
            citations,
            total,
            requests,
            web_searches,
            images_read,
            images,
            audio_seconds,
            characters,
            file_searches,
            code_sessions,
            search_units,
            cache_token_seconds,
        ] = counts;
        Self {
            layout,
            input,
            cache_read,
            cache_write,
            cache_write_5m,
            cache_write_1h,
            input_audio,
            cache_read_audio,
            input_image,
            cache_read_image,
            input_video,
            output,
            reasoning,
            output_audio,
            output_image,
            citations,
            total,
            requests,
            web_searches,
            images_read,
            images,
            audio_seconds,
            characters,
            file_searches,
            code_sessions,
            search_units,
            cache_token_seconds,
        }
    }

    /// These counts with reasoning beside the output, when their own total says so.
    ///
    /// ```
    /// use tokreckon::usage::{Place, Totals};
    ///
    /// let row = Totals {
    ///     input: Some(12), output: Some(2), reasoning: Some(320), total: Some(334), ..Totals::default()
    /// };
    /// assert_eq!(row.placed_by_total().layout.reasoning, Place::Beside);
    /// let row = Totals { output: Some(322), ..row };
    /// assert_eq!(row.placed_by_total().layout.reasoning, Place::Inside);
    /// ```
    #[must_use]
    pub fn placed_by_total(self) -> Self {
        let layout = Layout { reasoning: Place::Beside, ..self.layout };
        let beside = Self { layout, ..self };
        let total = self.total.map(u128::from);
        let says_so = total != self.expected_total() && total == beside.expected_total();
        if total.is_some() && says_so { beside } else { self }
    }

    /// What input and output add up to under this layout, to compare with [`Self::total`].
    #[must_use]
    pub fn expected_total(&self) -> Option<u128> {
        let sum = self.input.and(self.whole_input())? + self.output.and(self.whole_output())?;
        Some(sum + u128::from(self.citations.unwrap_or(0)))
    }

    /// Input as far as it is reported, cached and written tokens included wherever they lie; `None`
    /// where nothing is.
    #[must_use]
    pub fn whole_input(&self) -> Option<u128> {
        let read = (self.layout.cache_read, [self.cache_read, None, None]);
        let written = [self.cache_write, self.cache_write_5m, self.cache_write_1h];
        let parts = [read, (self.layout.cache_write, written)];
        let beside = parts.into_iter().filter(|(place, _)| *place == Place::Beside);
        sum_of(beside.flat_map(|(_, counts)| counts).chain([self.input]))
    }

    /// Output as far as it is reported, reasoning included wherever it lies; `None` where nothing is.
    #[must_use]
    pub fn whole_output(&self) -> Option<u128> {
        let beside = self.reasoning.filter(|_| self.layout.reasoning == Place::Beside);
        sum_of([self.output, beside])
    }
}

/// The sum of what is known; `None` where nothing is.
fn sum_of(counts: impl IntoIterator<Item = Option<u64>>) -> Option<u128> {
    counts.into_iter().flatten().map(u128::from).reduce(|sum, count| sum + count)
}
