//! The words a price is made of: meters, units, service tiers, states and standings.
//!
//! Each word has one spelling in text files, on the command line and in machine output.

/// Writes an enum whose variants have one fixed spelling each, with parsing and printing.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every word, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The one spelling of this word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the one spelling; anything else is `None`.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
    /// One thing that is counted and may have a price.
    ///
    /// Token meters never overlap: a token is counted by exactly one of them.
    Meter {
        /// Prompt tokens that were not read from or written to a cache (text, unless split further).
        Input = "input",
        /// Prompt tokens served from the provider's cache.
        CacheRead = "cache-read",
        /// Prompt tokens written to a cache with no stated lifetime.
        CacheWrite = "cache-write",
        /// Prompt tokens written to a cache that lives 5 minutes.
        CacheWrite5m = "cache-write-5m",
        /// Prompt tokens written to a cache that lives 1 hour.
        CacheWrite1h = "cache-write-1h",
        /// Audio prompt tokens not read from a cache.
        InputAudio = "input-audio",
        /// Audio prompt tokens served from the cache.
        CacheReadAudio = "cache-read-audio",
        /// Image prompt tokens not read from a cache.
        InputImage = "input-image",
        /// Image prompt tokens served from the cache.
        CacheReadImage = "cache-read-image",
        /// Video prompt tokens.
        InputVideo = "input-video",
        /// Generated tokens that are neither reasoning nor another modality.
        Output = "output",
        /// Generated tokens spent on reasoning; priced as output unless the card has a price of its own.
        Reasoning = "reasoning",
        /// Generated audio tokens.
        OutputAudio = "output-audio",
        /// Generated image tokens.
        OutputImage = "output-image",
        /// Generated video tokens.
        OutputVideo = "output-video",
        /// Citation tokens.
        OutputCitation = "output-citation",
        /// Output while a thinking mode is on: a price for the whole output, never an extra on top.
        OutputThinkingMode = "output-thinking-mode",
        /// Requests sent.
        Requests = "requests",
        /// Web searches made by the provider.
        WebSearches = "web-searches",
        /// Map look-ups made by the provider.
        MapsGroundings = "maps-groundings",
        /// Images sent, counted one by one.
        ImagesRead = "images-read",
        /// Images generated, counted one by one.
        ImagesGenerated = "images-generated",
        /// Seconds of video generated.
        VideoSeconds = "video-seconds",
        /// Seconds of audio read.
        AudioSeconds = "audio-seconds",
        /// Characters read.
        Characters = "characters",
        /// Searches in stored files made by the provider.
        FileSearches = "file-searches",
        /// Sessions of a container in which the provider runs code.
        CodeSessions = "code-sessions",
        /// Units of reranking: a query with as many documents as the seller puts in one.
        SearchUnits = "search-units",
        /// Tokens kept in a cache that is paid by time, times the seconds that they were kept.
        CacheTokenSeconds = "cache-token-seconds",
    }
}

impl Meter {
    /// How many meters there are.
    pub const COUNT: usize = Self::ALL.len();

    /// True for meters that count tokens.
    #[must_use]
    pub const fn counts_tokens(self) -> bool {
        (self as u8) < Self::Requests as u8
    }

    /// True for meters whose tokens belong to the prompt.
    #[must_use]
    pub const fn is_prompt(self) -> bool {
        (self as u8) <= Self::InputVideo as u8
    }
}

words! {
    /// What one pricing unit counts.
    Noun {
        /// Tokens.
        Tokens = "tokens",
        /// Requests, searches or calls.
        Requests = "requests",
        /// Images.
        Images = "images",
        /// Seconds.
        Seconds = "seconds",
        /// Minutes.
        Minutes = "minutes",
        /// Hours.
        Hours = "hours",
        /// Characters.
        Characters = "characters",
        /// Sessions.
        Sessions = "sessions",
        /// Tokens kept for an hour.
        TokenHours = "token-hours",
        /// Tokens kept for a second.
        TokenSeconds = "token-seconds",
    }
}

impl Noun {
    /// What a quantity counts when its price counts this: time is counted in seconds.
    #[must_use]
    pub const fn counted(self) -> Self {
        match self {
            Self::Minutes | Self::Hours => Self::Seconds,
            Self::TokenHours => Self::TokenSeconds,
            other => other,
        }
    }
}

words! {
    /// The service tier a request is processed in.
    ServiceTier {
        /// The default.
        Standard = "standard",
        /// Batch processing.
        Batch = "batch",
        /// Slower and cheaper.
        Flex = "flex",
        /// Faster and dearer.
        Priority = "priority",
        /// A fast mode with a price of its own.
        Fast = "fast",
        /// Reserved capacity.
        Scale = "scale",
    }
}

words! {
    /// What is known about a unit price. Four different things, and none of the last three is zero.
    State {
        /// There is an amount.
        Priced = "priced",
        /// The provider says it costs nothing.
        Free = "free",
        /// The provider does not sell it.
        NotOffered = "not-offered",
        /// It may be sold, but no source gives its price.
        NotSourced = "not-sourced",
    }
}

words! {
    /// How well a fact is supported.
    Standing {
        /// Checked by hand against named evidence.
        Curated = "curated",
        /// Two or more public tables hold the same number (they may copy from each other).
        Agreed = "agreed",
        /// One public table only.
        SingleSource = "single-source",
        /// Another source holds a different number now; the competing values are kept beside it.
        Disputed = "disputed",
        /// An earlier amount known from one source.
        UnconfirmedHistory = "unconfirmed-history",
        /// Follows from the standard price by a rule that the provider announced for the tier.
        ByRule = "by-rule",
        /// Given by the user.
        User = "user",
    }
}

words! {
    /// How a prompt length is compared with the threshold of a price tier.
    Comparison {
        /// Strictly more tokens than the threshold.
        Above = ">",
        /// As many tokens as the threshold, or more.
        AtLeast = ">=",
    }
}

words! {
    /// What a price tier's price applies to.
    Scope {
        /// Every token of the request.
        WholeRequest = "whole-request",
        /// Only the part of each meter beyond the threshold.
        Marginal = "marginal",
    }
}

words! {
    /// How precisely the start or the end of a period is known.
    Precision {
        /// Nothing is known about it. Not the same as "since ever".
        Unknown = "unknown",
        /// The UTC day is known, the hour is not.
        Day = "day",
        /// The instant is known.
        Instant = "instant",
        /// The period has no end so far.
        Open = "open",
    }
}

/// True for what could steer a terminal, reorder what is read, or tell two names apart unseen:
/// control characters, and those of Unicode that set directions or have no width. (Two that join
/// letters or keep them apart are seen, and are not among them: U+200C, U+200D.)
///
/// ```
/// assert!(['\u{1b}', '\u{9b}', '\u{202e}', '\u{200b}'].map(tokreckon_data::words::steers) == [true; 4]);
/// ```
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}
