//! Counts as reported, parts inside of wholes, made disjoint.

use super::{Meter, Place, Totals, Usage, UsageError};

impl Totals {
    /// The disjoint usage.
    ///
    /// # Errors
    /// When a part exceeds its whole (it is never clamped), or nothing is reported.
    pub fn to_usage(&self) -> Result<Usage, UsageError> {
        let mut usage = Usage::NONE;
        self.split_into(&mut usage)?;
        Ok(usage)
    }

    /// The same in a usage of nothing, which stays where it is: it is large.
    ///
    /// # Errors
    /// The same; then what is in it is of no use.
    pub(crate) fn split_into(&self, usage: &mut Usage) -> Result<(), UsageError> {
        let has_others = self.has_others();
        let is_empty = self.input.is_none() && self.output.is_none();
        if is_empty && !(has_others && self.counts_something_else()) {
            return Err(UsageError::Empty);
        }
        self.split_input(usage, has_others)?;
        self.split_output(usage, has_others)?;
        if has_others {
            self.add_beside_tokens(usage);
        }
        Ok(())
    }

    /// True where more is reported than input, cached input, output and reasoning: nearly never. All are
    /// looked at, without a branch each.
    #[inline]
    fn has_others(&self) -> bool {
        self.cache_write.is_some()
            | self.cache_write_5m.is_some()
            | self.cache_write_1h.is_some()
            | self.input_audio.is_some()
            | self.cache_read_audio.is_some()
            | self.input_image.is_some()
            | self.cache_read_image.is_some()
            | self.input_video.is_some()
            | self.output_audio.is_some()
            | self.output_image.is_some()
            | self.citations.is_some()
            | self.web_searches.is_some()
            | self.images_read.is_some()
            | self.images.is_some()
            | self.audio_seconds.is_some()
            | self.characters.is_some()
            | self.file_searches.is_some()
            | self.code_sessions.is_some()
            | self.search_units.is_some()
            | self.cache_token_seconds.is_some()
    }

    fn add_beside_tokens(&self, usage: &mut Usage) {
        for (meter, count) in [
            (Meter::WebSearches, self.web_searches),
            (Meter::ImagesRead, self.images_read),
            (Meter::ImagesGenerated, self.images),
            (Meter::AudioSeconds, self.audio_seconds),
            (Meter::Characters, self.characters),
            (Meter::FileSearches, self.file_searches),
            (Meter::CodeSessions, self.code_sessions),
            (Meter::SearchUnits, self.search_units),
            (Meter::CacheTokenSeconds, self.cache_token_seconds),
        ] {
            if let Some(count) = count {
                usage.set(meter, count);
            }
        }
    }

    fn counts_something_else(&self) -> bool {
        let others = [
            self.web_searches,
            self.images,
            self.audio_seconds,
            self.characters,
            self.file_searches,
            self.code_sessions,
            self.search_units,
            self.cache_token_seconds,
        ];
        others.iter().any(Option::is_some)
    }

    #[inline]
    fn split_input(&self, usage: &mut Usage, has_others: bool) -> Result<(), UsageError> {
        let mut plain = Rest::new("input", self.input);
        if self.layout.cache_read == Place::Inside {
            plain.take("cached input", self.cache_read)?;
        }
        let mut cached = Rest::new("cached input", self.cache_read);
        if has_others {
            self.split_other_input(usage, &mut plain, &mut cached)?;
        }
        usage.set(Meter::Input, plain.left);
        usage.set(Meter::CacheRead, cached.left);
        usage.unreported.cache =
            self.cache_read.is_none() && self.layout.cache_read == Place::Inside && plain.left > 0;
        Ok(())
    }

    /// What is written to a cache, and what of the input is no text.
    fn split_other_input(
        &self,
        usage: &mut Usage,
        plain: &mut Rest,
        cached: &mut Rest,
    ) -> Result<(), UsageError> {
        for (part, meter, count) in [
            ("cache write", Meter::CacheWrite, self.cache_write),
            ("cache write (5 minutes)", Meter::CacheWrite5m, self.cache_write_5m),
            ("cache write (1 hour)", Meter::CacheWrite1h, self.cache_write_1h),
        ] {
            if let Some(written) = count {
                usage.set(meter, written);
                if self.layout.cache_write == Place::Inside {
                    plain.take(part, count)?;
                }
            }
        }
        cached.take("cached audio", self.cache_read_audio)?;
        cached.take("cached images", self.cache_read_image)?;
        let mut audio = Rest::new("input audio", self.input_audio);
        audio.take("cached audio", self.cache_read_audio)?;
        let mut image = Rest::new("input images", self.input_image);
        image.take("cached images", self.cache_read_image)?;
        for (rest, meters, read) in [
            (audio, [Meter::InputAudio, Meter::CacheReadAudio], self.cache_read_audio),
            (image, [Meter::InputImage, Meter::CacheReadImage], self.cache_read_image),
        ] {
            if rest.whole > 0 {
                plain.take(rest.name, Some(rest.left))?;
                usage.set(meters[0], rest.left);
                usage.set(meters[1], read.unwrap_or(0));
            }
        }
        if let Some(video) = self.input_video {
            plain.take("input video", self.input_video)?;
            usage.set(Meter::InputVideo, video);
        }
        Ok(())
    }

    #[inline]
    fn split_output(&self, usage: &mut Usage, has_others: bool) -> Result<(), UsageError> {
        let mut plain = Rest::new("output", self.output);
        if self.layout.reasoning == Place::Inside {
            plain.take("reasoning", self.reasoning)?;
        }
        if has_others {
            self.split_other_output(usage, &mut plain)?;
        }
        usage.set(Meter::Output, plain.left);
        usage.set(Meter::Reasoning, self.reasoning.unwrap_or(0));
        usage.unreported.reasoning =
            self.reasoning.is_none() && self.layout.reasoning == Place::Inside && plain.left > 0;
        Ok(())
    }

    /// What of the output is no text.
    fn split_other_output(&self, usage: &mut Usage, plain: &mut Rest) -> Result<(), UsageError> {
        for (part, meter, count) in [
            ("output audio", Meter::OutputAudio, self.output_audio),
            ("output images", Meter::OutputImage, self.output_image),
        ] {
            if let Some(made) = count {
                plain.take(part, count)?;
                usage.set(meter, made);
            }
        }
        if let Some(citations) = self.citations {
            usage.set(Meter::OutputCitation, citations);
        }
        Ok(())
    }
}

/// What is left of a whole after its parts are taken out.
struct Rest {
    name: &'static str,
    whole: u64,
    left: u64,
}

impl Rest {
    fn new(name: &'static str, whole: Option<u64>) -> Self {
        let whole = whole.unwrap_or(0);
        Self { name, whole, left: whole }
    }

    #[inline]
    fn take(&mut self, part: &'static str, count: Option<u64>) -> Result<(), UsageError> {
        let count = count.unwrap_or(0);
        let (whole, whole_count) = (self.name, self.whole);
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            if count > whole_count {
                return UsageError::PartExceedsWhole {
                    part,
                    part_count: count,
                    whole,
                    whole_count,
                };
            }
            let others_count = whole_count.saturating_sub(self.left);
            UsageError::PartsExceedWhole {
                part,
                part_count: count,
                others_count,
                whole,
                whole_count,
            }
        })?;
        Ok(())
    }
}
