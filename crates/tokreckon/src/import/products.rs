//! Products of the clouds' price lists: what their names mean of the book, and what their meters say.
//!
//! A price list names products (`Claude Opus 5.5`, `5.4 mini`) where requests name ids. An id that the
//! book lists is meant when it is the same word for word, apart from its maker, its date and a first
//! version; nobody is asked to guess at another one.

use std::collections::BTreeMap;

use tokreckon_data::words::{Comparison, Meter, ServiceTier};

use super::Why;
use super::collect::{Meant, Unit};
use crate::book::PriceBook;
use crate::cloud_meter::Word;

/// The ids of a seller by what is left of them without blanks, maker, date and first version.
pub(super) struct Products {
    provider: &'static str,
    ids: BTreeMap<String, Vec<&'static str>>,
}

/// What stands before an id that is for one place only; a price list says the place beside the product.
const SCOPES: [&str; 3] = ["global.", "regional.", "us."];

impl Products {
    pub(super) fn of(provider: &'static str) -> Self {
        let mut ids: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        let is_scoped = |id: &&str| SCOPES.iter().any(|scope| id.starts_with(scope));
        for id in PriceBook::builtin().models(provider).into_iter().filter(|id| !is_scoped(id)) {
            for name in [squeezed(id), squeezed(without_maker(id))] {
                let listed = ids.entry(name).or_default();
                if !listed.contains(&id) {
                    listed.push(id);
                }
            }
        }
        Self { provider, ids }
    }

    /// Every id that is called like this; a price of the product is one of each.
    pub(super) fn named(&self, name: &str) -> Vec<&'static str> {
        self.ids.get(&squeezed(name)).cloned().unwrap_or_default()
    }

    /// The only id that begins with a name and ends with a day.
    pub(super) fn dated(&self, name: &str, day: &str) -> Option<&'static str> {
        let start = squeezed(name);
        let is_meant = |id: &&&str| {
            id.strip_suffix(day)
                .and_then(|rest| rest.rsplit_once('-'))
                .is_some_and(|(name, year)| year.starts_with("20") && squeezed(name) == start)
        };
        let mut found = self.ids.values().flatten().filter(is_meant);
        let first = *found.next()?;
        found.all(|other| *other == first).then_some(first)
    }

    pub(super) fn lists(&self, id: &str) -> bool {
        self.ids.values().flatten().any(|listed| *listed == id)
    }

    /// Where the long prompts of a model begin: a price list says only that they are long. `None`
    /// unless the book knows one threshold for it.
    fn threshold(&self, id: &str) -> Option<(u64, Comparison)> {
        let found = PriceBook::builtin().get(self.provider, id)?;
        let rates = found.rates();
        let mut beyond = rates.iter().filter(|rate| rate.threshold() > 0);
        let first = beyond.next()?;
        beyond
            .all(|other| other.threshold() == first.threshold())
            .then(|| (first.threshold(), first.row.comparison))
    }

    /// What the words of a meter say of a price of this id, but for the place.
    pub(super) fn meant(&self, id: &str, words: &[Word], unit: Unit) -> Result<Meant, Why> {
        let mut tiers = words.iter().filter_map(|word| match word {
            Word::Tier(tier) => Some(*tier),
            _ => None,
        });
        let service_tier = tiers.next().unwrap_or(ServiceTier::Standard);
        if tiers.any(|other| other != service_tier) {
            return Err(Why::Condition);
        }
        let above = if words.contains(&Word::Long) {
            Some(self.threshold(id).ok_or(Why::Condition)?)
        } else {
            None
        };
        let meter = meter(words, id.to_lowercase().contains("claude")).ok_or(Why::NoMeter)?;
        Ok(Meant { service_tier, above, ..Meant::plain(meter, unit) })
    }
}

/// The meter of these words; `None` where they name none, or one that is not ours.
fn meter(words: &[Word], is_claude: bool) -> Option<Meter> {
    let has = |word: Word| words.contains(&word);
    let minutes = words.iter().find_map(|word| match word {
        Word::Minutes(minutes) => Some(*minutes),
        _ => None,
    });
    let medium = [Word::Audio, Word::Image, Word::Video].into_iter().filter(|word| has(*word));
    let medium: Vec<Word> = medium.collect();
    match (has(Word::Output), has(Word::Write), has(Word::Cached), medium.as_slice()) {
        (true, false, false, _) if has(Word::Input) => None,
        (true, false, false, []) => Some(Meter::Output),
        (true, false, false, [Word::Audio]) => Some(Meter::OutputAudio),
        (true, false, false, [Word::Image]) => Some(Meter::OutputImage),
        (true, false, false, [Word::Video]) => Some(Meter::OutputVideo),
        (false, true, _, []) => match minutes {
            Some(60) => Some(Meter::CacheWrite1h),
            Some(5) => Some(Meter::CacheWrite5m),
            None if is_claude => Some(Meter::CacheWrite5m),
            // Half an hour is the lifetime that OpenAI's models have anywhere.
            None | Some(30) => Some(Meter::CacheWrite),
            Some(_) => None,
        },
        (false, false, true, []) => Some(Meter::CacheRead),
        (false, false, true, [Word::Audio]) => Some(Meter::CacheReadAudio),
        (false, false, true, [Word::Image]) => Some(Meter::CacheReadImage),
        (false, false, false, []) if has(Word::Input) => Some(Meter::Input),
        (false, false, false, [Word::Audio]) if has(Word::Input) => Some(Meter::InputAudio),
        (false, false, false, [Word::Image]) if has(Word::Input) => Some(Meter::InputImage),
        (false, false, false, [Word::Video]) if has(Word::Input) => Some(Meter::InputVideo),
        _ => None,
    }
}

/// An id without its maker: `amazon.nova-2-lite-v1:0`, `deepseek.v3.2`.
fn without_maker(id: &str) -> &str {
    let maker = id.split_once('.').filter(|(maker, rest)| {
        let is_name = maker.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        is_name && maker.starts_with(char::is_alphabetic) && !rest.is_empty()
    });
    // `gpt-5.4` has no maker: what is before its point is no name alone.
    maker.map_or(id, |(_, rest)| rest)
}

/// The letters and digits of a name, without a date and a first version at its end, and without what a
/// zero behind a point says: `Nova 2.0 Lite` is `Nova 2 Lite`.
fn squeezed(name: &str) -> String {
    let name = name.to_lowercase();
    let is_date = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = name.split(['-', ' ', '_', '@']).filter(|part| !is_date(part));
    let mut squeezed = String::new();
    for part in parts {
        let (version, _) = part.split_once(':').unwrap_or((part, ""));
        let part = match version {
            "v1" | "default" => continue,
            _ => version.strip_suffix(".0").unwrap_or(version),
        };
        squeezed.extend(part.chars().filter(char::is_ascii_alphanumeric));
    }
    // Bedrock serves models that follow instructions, and its list leaves the word out.
    squeezed.strip_suffix("instruct").unwrap_or(&squeezed).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_the_id_of_the_same_words() {
        for (name, id) in [
            ("Claude Opus 5.5", "anthropic.claude-opus-5-5"),
            ("Nova 2.0 Lite", "amazon.nova-2-lite-v1:0"),
            ("OpenAI GPT-6 Astra", "openai.gpt-6-astra"),
            ("Claude 3.5 Sonnet v2", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
            ("Claude 3.5 Sonnet", "anthropic.claude-3-5-sonnet-20240620-v1:0"),
            ("Llama 3.3 70B", "meta.llama3-3-70b-instruct-v1:0"),
            ("DeepSeek V3.2", "deepseek.v3.2"),
        ] {
            let bedrock = Products::of("aws-bedrock");
            assert_eq!(bedrock.named(name), [id], "{name}");
        }
        let bedrock = Products::of("aws-bedrock");
        assert!(bedrock.named("Claude Opus").is_empty() && bedrock.named("").is_empty());
        let azure = Products::of("azure-openai");
        assert_eq!(azure.named("gpt-5.4-mini"), ["gpt-5.4-mini"]);
        assert_eq!(azure.named("GPT 5 Mini"), ["gpt-5-mini"]);
        assert_eq!(azure.dated("gpt-4o", "-05-13"), Some("gpt-4o-2024-05-13"));
        assert_eq!(azure.dated("gpt-4o", "-05-14"), None);
    }
}
