//! Meters of the clouds' bills, as lines of a bill: a model and a class of tokens.

use super::key::Context;
use super::line_item::{Class, class_of};
use crate::cloud_meter::{self, Word};

/// What a meter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metered {
    /// The model as the meter spells it; empty when it names none.
    pub(super) model: String,
    pub(super) class: Class,
    /// How long the prompts were; `None` where it does not say.
    pub(super) context: Option<Context>,
}

/// Reads a meter of this provider's bill.
pub(super) fn read(provider: &str, meter: &str) -> Option<Metered> {
    let said = match provider {
        "azure-openai" => cloud_meter::azure(meter),
        "aws-bedrock" => cloud_meter::aws(meter)?,
        "google-vertex" | "google" => cloud_meter::google(meter),
        _ => return None,
    };
    let is_market = provider == "aws-bedrock" && meter.contains("-MP:");
    if said.model.is_empty() != is_market {
        return None;
    }
    let kind: Vec<&str> = said.words.iter().map(|word| class_word(*word)).collect();
    let class = class_of(&kind.join(" "))?;
    let numbered = said.model.starts_with(|c: char| c.is_ascii_digit());
    let model = match provider {
        "azure-openai" if numbered => format!("gpt-{}", said.model),
        _ => said.model,
    };
    let context = said.words.iter().find_map(|word| match word {
        Word::Short => Some(Context::Short),
        Word::Long => Some(Context::Long),
        _ => None,
    });
    Some(Metered { model, class, context })
}

/// A word as a line item has it; tiers, scopes, lifetimes and units are no part of a class.
const fn class_word(word: Word) -> &'static str {
    match word {
        Word::Input => "input",
        Word::Output => "output",
        Word::Cached => "cached",
        Word::Write => "write",
        Word::Audio => "audio",
        Word::Image => "image",
        Word::Video
        | Word::Minutes(_)
        | Word::Tier(_)
        | Word::Short
        | Word::Long
        | Word::World
        | Word::Zone
        | Word::Region
        | Word::Nothing => "",
    }
}

/// An id of Bedrock as its meters spell it: without maker, date, version and anything between words.
pub(super) fn squeezed(id: &str) -> String {
    let short = id.rsplit('.').next().filter(|rest| rest.starts_with(|c: char| c.is_alphabetic()));
    let short = short.unwrap_or(id);
    let is_version = |part: &str| {
        let number = part.strip_prefix('v').and_then(|rest| rest.split(':').next());
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_date = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = short.split('-').filter(|part| !is_version(part) && !is_date(part));
    parts.flat_map(str::chars).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meters_as_clouds_write_them() {
        let said = |provider, meter| {
            read(provider, meter).map_or("nothing".to_owned(), |read| {
                let context = read.context.map_or(String::new(), |of| format!(" ({})", of.name()));
                format!("{}: {}{context}", read.model, read.class.name())
            })
        };
        for (meter, expected) in [
            ("gpt-4o-0806-Inp-glbl Tokens", "gpt-4o-0806: input"),
            ("gpt-4o-mini-0718-Inp-glbl Tokens", "gpt-4o-mini-0718: input"),
            ("gpt-4o-mini-0718-cached-Inp-glbl Tokens", "gpt-4o-mini-0718: cached input"),
            ("gpt-4o-mini-0718-Outp-regnl Tokens", "gpt-4o-mini-0718: output"),
            ("gpt 4.1 Inp Data Zone Tokens", "gpt-4.1: input"),
            ("5.4 opt Dz 1M Tokens", "gpt-5.4: output"),
            ("GPT 5.1 cd inp Gl 1M Tokens", "gpt-5.1: cached input"),
            (
                "5.6 luna ShortCo Cd Inp Std Gl 1M Tokens",
                "gpt-5.6-luna: cached input (short prompts)",
            ),
            ("5.6 luna LongCo Opt Std Gl 1M Tokens", "gpt-5.6-luna: output (long prompts)"),
            ("6-sol ShortCo Cd Wr Std Gl 1M Tokens", "gpt-6-sol: cache write (short prompts)"),
            ("Claude Consumption Units", "nothing"),
            ("gpt-4o-0806-Fine Tuned-Inp-glbl Tokens", "gpt-4o-0806-fine-tuned: input"),
            ("gpt-4o-0806-Inp-glbl-xl Tokens", "nothing"),
        ] {
            assert_eq!(said("azure-openai", meter), expected, "{meter}");
        }
        for (meter, expected) in [
            ("USE1-NovaLite-input-tokens", "novalite: input"),
            ("USE1-NovaLite-output-tokens", "novalite: output"),
            ("USE1-MP:USE1_InputTokenCount-Units", ": input"),
            ("USE1-MP:USE1_CacheReadInputTokenCount_Global-Units", ": cached input"),
            ("USE1-MP:USE1_output_tokens_standard-Units", ": output"),
            ("USE1-Nova2.0Lite-input-tokens-cross-region-global", "nova2.0lite: input"),
            ("USE1-xai.grok-4.6-mantle-output-tokens-standard", "xai.grok-4.6: output"),
            ("USE1-NovaLite-input-tokens-custom-model", "nothing"),
            ("BoxUsage:t3.micro", "nothing"),
        ] {
            assert_eq!(said("aws-bedrock", meter), expected, "{meter}");
        }
        for (meter, expected) in [
            ("Gemini 2.5 Flash Text Input - Predictions", "gemini-2.5-flash: input"),
            ("Gemini 2.5 Flash Thinking Text Output - Predictions", "gemini-2.5-flash: output"),
            ("Gemini 2.5 Flash Text Input Caching", "gemini-2.5-flash: cached input"),
            ("Gemini 2.5 Pro Text Input (Long)", "gemini-2.5-pro: input (long prompts)"),
        ] {
            assert_eq!(said("google-vertex", meter), expected, "{meter}");
        }
        assert_eq!(read("openai", "gpt-4o-0806-Inp-glbl Tokens"), None);
    }

    #[test]
    fn names_of_meters_and_ids() {
        assert_eq!(squeezed("amazon.nova-lite-v1:0"), "novalite");
        assert_eq!(squeezed("anthropic.claude-sonnet-4-20250514-v1:0"), "claudesonnet4");
    }
}
