//! Meters of the clouds, as their bills and their price lists name them:
//! `gpt-4o-mini-0718-Inp-glbl Tokens` names a model, a kind of token and a scope.
//!
//! | cloud | meter | says |
//! |---|---|---|
//! | Azure | `5.4 opt Dz 1M Tokens`, `GPT 5.1 cd inp Gl 1M Tokens` | model without `gpt`, kind, scope, unit |
//! | Azure since August 2026 | `5.6 luna ShortCo Cd Inp Std Gl 1M Tokens` | and the context (`ShortCo`, `LongCo`) and the tier (`Std`) |
//! | AWS | `USE1-NovaLite-input-tokens-cross-region-global` | region, model without its maker, kind, scope |
//! | AWS since 2026 | `USE1-xai.grok-4.6-mantle-output-tokens-flex` | region, id, kind, tier |
//! | AWS Marketplace | `USE1-MP:USE1_InputTokenCount_Global-Units` | region, kind, scope; no model |
//! | Google | `Gemini 2.5 Flash Text Input - Predictions` | model, kind |
//!
//! Nothing is guessed: the words behind the model are those of [`WORDS`], and what holds any other
//! word behind its kind names no kind.

use crate::price::ServiceTier;

/// What a meter says: a model and the words behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metered {
    /// The model as the meter spells it, in lower case with hyphens; empty when it names none.
    pub(crate) model: String,
    /// The words behind it, in their order.
    pub(crate) words: Vec<Word>,
}

/// What a word behind the model says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Tokens read.
    Input,
    /// Tokens written.
    Output,
    /// Read from a cache; with [`Word::Write`], of a cache.
    Cached,
    /// Written to a cache.
    Write,
    /// Of audio.
    Audio,
    /// Of images.
    Image,
    /// Of video.
    Video,
    /// A cache that lives so many minutes.
    Minutes(u32),
    /// A service tier.
    Tier(ServiceTier),
    /// Prompts up to the threshold of a price tier.
    Short,
    /// Prompts beyond the threshold of a price tier.
    Long,
    /// Served wherever there is room.
    World,
    /// Served in a part of the world.
    Zone,
    /// Served in one region.
    Region,
    /// A unit, a product line, or what holds anyhow.
    Nothing,
}

/// Words of meters.
const WORDS: [(&str, Word); 72] = [
    ("inp", Word::Input),
    ("inpt", Word::Input),
    ("input", Word::Input),
    ("in", Word::Input),
    ("opt", Word::Output),
    ("out", Word::Output),
    ("outp", Word::Output),
    ("outpt", Word::Output),
    ("output", Word::Output),
    ("response", Word::Output),
    ("cd", Word::Cached),
    ("cchd", Word::Cached),
    ("ccchd", Word::Cached),
    ("cached", Word::Cached),
    ("cache", Word::Cached),
    ("caching", Word::Cached),
    ("cacheread", Word::Cached),
    ("read", Word::Nothing),
    ("wr", Word::Write),
    ("write", Word::Write),
    ("writes", Word::Write),
    ("cachewrite", Word::Write),
    ("audio", Word::Audio),
    ("aud", Word::Audio),
    ("speech", Word::Audio),
    ("image", Word::Image),
    ("img", Word::Image),
    ("video", Word::Video),
    ("text", Word::Nothing),
    ("txt", Word::Nothing),
    ("5m", Word::Minutes(5)),
    ("30m", Word::Minutes(30)),
    ("1h", Word::Minutes(60)),
    ("batch", Word::Tier(ServiceTier::Batch)),
    ("btch", Word::Tier(ServiceTier::Batch)),
    ("flex", Word::Tier(ServiceTier::Flex)),
    ("priority", Word::Tier(ServiceTier::Priority)),
    ("pri", Word::Tier(ServiceTier::Priority)),
    ("pp", Word::Tier(ServiceTier::Priority)),
    ("standard", Word::Tier(ServiceTier::Standard)),
    ("std", Word::Tier(ServiceTier::Standard)),
    ("shortco", Word::Short),
    ("short", Word::Short),
    ("longco", Word::Long),
    ("long", Word::Long),
    ("ctx", Word::Nothing),
    ("context", Word::Nothing),
    ("glbl", Word::World),
    ("gl", Word::World),
    ("global", Word::World),
    ("dz", Word::Zone),
    ("dzone", Word::Zone),
    ("datazone", Word::Zone),
    ("data", Word::Zone),
    ("zone", Word::Zone),
    ("regnl", Word::Region),
    ("rgnl", Word::Region),
    ("reg", Word::Region),
    ("regional", Word::Region),
    ("cross", Word::Nothing),
    ("region", Word::Nothing),
    ("mantle", Word::Nothing),
    ("token", Word::Nothing),
    ("tokens", Word::Nothing),
    ("tok", Word::Nothing),
    ("count", Word::Nothing),
    ("unit", Word::Nothing),
    ("units", Word::Nothing),
    ("1m", Word::Nothing),
    ("1k", Word::Nothing),
    ("predictions", Word::Nothing),
    ("prediction", Word::Nothing),
];

/// Reads a meter of Azure.
pub(crate) fn azure(meter: &str) -> Metered {
    split(&words(meter, " -_"))
}

/// Reads a usage type of AWS; `None` for one without a region in front, such as `BoxUsage:t3.micro`.
pub(crate) fn aws(usage_type: &str) -> Option<Metered> {
    let (region, rest) = usage_type.split_once('-')?;
    if !is_region(region) {
        return None;
    }
    let Some(market) = rest.strip_prefix("MP:") else {
        return Some(split(&words(rest, "-_")));
    };
    let counted = market
        .split_once('_')
        .map_or(market, |(region, counted)| if is_region(region) { counted } else { market });
    Some(split(&words(&apart(counted), " -_")))
}

/// Reads an SKU of Google Cloud.
pub(crate) fn google(sku: &str) -> Metered {
    // Output with thoughts in it; elsewhere the word belongs to a model: `K2.5 Thinking Outp`.
    let words = words(sku, " -()").into_iter().filter(|word| word != "thinking");
    split(&words.collect::<Vec<_>>())
}

/// A region as usage types shorten it: `USE1`, `APN1`, `EU` for the first in Europe.
fn is_region(text: &str) -> bool {
    let is_short = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    text == "EU" || text.len() <= 5 && text.ends_with(|c: char| c.is_ascii_digit()) && is_short
}

fn words(text: &str, between: &str) -> Vec<String> {
    let words = text.split(|c: char| between.contains(c)).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

/// `InputTokenCount` as `Input Token Count`, `CacheWrite1hInput` as `Cache Write 1h Input`.
fn apart(text: &str) -> String {
    let mut apart = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_ascii_uppercase() || c.is_ascii_digit() && before.is_ascii_lowercase() {
            apart.push(' ');
        }
        apart.push(c);
        before = c;
    }
    apart
}

/// What stands before the last words that are all known, and those.
fn split(words: &[String]) -> Metered {
    let known = |word: &String| WORDS.iter().find(|(name, _)| name == word).map(|(_, said)| *said);
    let behind: Vec<Word> = words.iter().rev().map_while(known).collect();
    let (model, _) = words.split_at(words.len() - behind.len());
    Metered { model: model.join("-"), words: behind.into_iter().rev().collect() }
}

/// The day in a name such as `gpt-4o-mini-0718`: the name before it and how a dated id ends.
pub(crate) fn month_and_day(name: &str) -> Option<(&str, String)> {
    let (before, digits) = name.rsplit_once('-')?;
    let (month, day) = digits.split_at_checked(2)?;
    let within = |text: &str, most: u8| {
        text.len() == 2 && text.parse().is_ok_and(|number: u8| (1..=most).contains(&number))
    };
    (within(month, 12) && within(day, 31)).then(|| (before, format!("-{month}-{day}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_types_of_a_price_list() {
        let said = |usage_type: &str| {
            let Some(Metered { model, words }) = aws(usage_type) else {
                return "nothing".to_owned();
            };
            let words = words.iter().filter(|word| **word != Word::Nothing);
            let words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
            format!("{model}: {}", words.join(" "))
        };
        for (usage_type, expected) in [
            ("USE1-Nova2.0Lite-input-tokens-cross-region-global", "nova2.0lite: Input World"),
            ("USE1-Nova2.0Lite-cache-write-input-token-count", "nova2.0lite: Cached Write Input"),
            (
                "EU-invented.m-1-mantle-cache-write-tokens-30m-global-flex",
                "invented.m-1: Cached Write Minutes(30) World Tier(Flex)",
            ),
            (
                "USW2-MP:USW2_CacheWrite1hInputTokenCount_Global-Units",
                ": Cached Write Minutes(60) Input World",
            ),
            ("USW2-MP:USW2_input_tokens_long_ctx_standard-Units", ": Input Long Tier(Standard)"),
            ("USE1-NovaLite-input-tokens-custom-model", "novalite-input-tokens-custom-model: "),
            (
                "USW2-MP:USW2_Reserved_1Month_InputTPM_Geo-Units",
                "reserved-1-month-input-t-p-m-geo: ",
            ),
            ("BoxUsage:t3.micro", "nothing"),
        ] {
            assert_eq!(said(usage_type), expected, "{usage_type}");
        }
    }

    #[test]
    fn days_of_names() {
        assert_eq!(month_and_day("gpt-4o-mini-0718"), Some(("gpt-4o-mini", "-07-18".to_owned())));
        assert_eq!(month_and_day("gpt-4o-2024"), None);
    }
}
