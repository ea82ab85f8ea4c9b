//! What stands around texts, and functions and schemas as `o200k_base` counts them, within bands: the rows of
//! `data/counting/bands.toml`.

use std::sync::OnceLock;

use toml::de::DeTable;

use super::read::Endpoint;
use super::table::{rows, text_of, three, three_pairs};
use super::tokens::Tokens;

/// The bands of a family of models.
#[derive(Debug)]
pub(crate) struct BandRule {
    name: String,
    /// The only endpoint it is for, where it is for one.
    endpoint: Option<Endpoint>,
    /// The rule by its stable name.
    pub(crate) rule: String,
    /// The vocabulary that counts texts, where the model's own tokenizer is not here.
    pub(crate) vocabulary: Option<String>,
    /// All texts together: ratios to the bounds of what counts them, and constants.
    pub(crate) text: Spread,
    /// Per message.
    pub(crate) framing: Spread,
    /// Each call in the history, where it is not among the texts.
    pub(crate) calls: Option<Spread>,
    /// Function definitions, as compact JSON.
    pub(crate) tools: Spread,
    /// The schema of the answer, as compact JSON.
    pub(crate) schema: Spread,
    /// Tokens added where the model is asked to think: least, likely, most.
    pub(crate) thinking: [u64; 3],
    /// `area`, `tiles` or nothing.
    pub(crate) image: String,
    /// What it was fitted to.
    pub(crate) evidence: String,
}

/// Ratios per mille and constants: `[ratio, constant]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) low: [u64; 2],
    pub(crate) likely: [u64; 2],
    pub(crate) high: [u64; 2],
}

impl Spread {
    /// The band for a count.
    pub(crate) fn of(self, tokens: u64) -> Tokens {
        self.around(Tokens::exact(tokens))
    }

    /// The band for a count that is within a band itself.
    pub(crate) fn around(self, tokens: Tokens) -> Tokens {
        let at = |tokens: u64, [ratio, constant]: [u64; 2], round: u64| {
            (tokens.saturating_mul(ratio).saturating_add(round) / 1000).saturating_add(constant)
        };
        let band = tokens.band();
        let (low, likely) = (at(band.low, self.low, 0), at(band.likely, self.likely, 500));
        match band.high.map(|high| at(high, self.high, 999)) {
            Some(high) => {
                Tokens::around(likely, likely.saturating_sub(low), high.saturating_sub(likely))
            }
            None => Tokens::at_least(low),
        }
    }

    /// The same without constants, for a text alone: they were fitted to requests and stand around texts.
    pub(crate) fn alone(self) -> Self {
        let [low, likely, high] = [self.low, self.likely, self.high].map(|[ratio, _]| [ratio, 0]);
        Self { low, likely, high }
    }
}

/// The row for families without one of their own.
const OTHER: &str = "other";
/// The row for what stands around texts that a tokenizer of the caller's counts.
pub(crate) const GIVEN: &str = "given";

/// The band of a family of models.
pub(crate) fn band_rule(name: &str, endpoint: Endpoint) -> &'static BandRule {
    let named = |name: &str| {
        file()
            .iter()
            .find(|row| row.name == name && row.endpoint.is_none_or(|only| only == endpoint))
    };
    named(name).or_else(|| named(OTHER)).expect("the tests read the row for all others")
}

fn file() -> &'static [BandRule] {
    static FILE: OnceLock<Vec<BandRule>> = OnceLock::new();
    FILE.get_or_init(|| read(tokreckon_data::COUNTING_BANDS).expect("the tests read this file"))
}

/// The vocabularies that rows name.
#[cfg(test)]
pub(crate) fn vocabularies() -> impl Iterator<Item = &'static str> {
    file().iter().filter_map(|row| row.vocabulary.as_deref())
}

const FIELDS: [&str; 12] = [
    "name",
    "rule",
    "endpoint",
    "vocabulary",
    "text",
    "framing",
    "calls",
    "tools",
    "schema",
    "thinking",
    "image",
    "evidence",
];

/// Reads the file; `None` where anything in it is missing, unknown or of another kind.
fn read(text: &str) -> Option<Vec<BandRule>> {
    let file = DeTable::parse(text).ok()?;
    rows(file.get_ref(), "band", &FIELDS)?.into_iter().map(row).collect()
}

fn row(row: &DeTable<'_>) -> Option<BandRule> {
    let text = |field: &str| row.get(field).map(text_of);
    let spread = |field: &str| {
        let [low, likely, high] = three_pairs(row.get(field)?)?;
        Some(Spread { low, likely, high })
    };
    let endpoint = match text("endpoint") {
        None => None,
        Some(name) => {
            let name = name?;
            Some(Endpoint::ALL.into_iter().find(|endpoint| endpoint.name() == name)?)
        }
    };
    Some(BandRule {
        name: text("name")??,
        endpoint,
        rule: text("rule")??,
        vocabulary: match row.get("vocabulary") {
            None => None,
            Some(name) => Some(text_of(name)?),
        },
        text: spread("text")?,
        framing: spread("framing")?,
        calls: match row.get("calls") {
            None => None,
            Some(_) => Some(spread("calls")?),
        },
        tools: spread("tools")?,
        schema: spread("schema")?,
        thinking: three(row.get("thinking")?)?,
        image: text("image").unwrap_or_else(|| Some(String::new()))?,
        evidence: text("evidence")??,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::rule;

    #[test]
    fn every_row_reads_and_has_a_rule_and_evidence() {
        let rows = read(tokreckon_data::COUNTING_BANDS).expect("a table");
        for row in &rows {
            assert!(rule(&row.rule).is_some(), "{}", row.rule);
            assert!(!row.evidence.is_empty(), "{}", row.name);
            assert!(["", "area", "tiles"].contains(&row.image.as_str()), "{}", row.name);
        }
        for name in [OTHER, GIVEN] {
            assert!(rows.iter().any(|row| row.name == name && row.endpoint.is_none()), "{name}");
        }
    }

    /// A model that nobody recorded may count as any other does.
    #[test]
    fn the_row_for_all_others_is_at_least_as_wide_as_each() {
        let other = band_rule(OTHER, Endpoint::ChatCompletions);
        for row in file().iter().filter(|row| row.name != GIVEN) {
            // How many tokens a text has is the vocabulary's: only what stands around it is the row's.
            assert!(other.text.low[1] <= row.text.low[1], "{}", row.name);
            assert!(row.text.high[1] <= other.text.high[1], "{}", row.name);
            for tokens in [1, 10, 100, 1_000, 100_000] {
                let spreads = [
                    (other.framing, row.framing),
                    (other.tools, row.tools),
                    (other.schema, row.schema),
                ];
                let at = |[ratio, constant]: [u64; 2]| tokens * ratio + constant * 1_000;
                for (wide, narrow) in spreads {
                    let is_within =
                        at(wide.low) <= at(narrow.low) && at(narrow.high) <= at(wide.high);
                    assert!(is_within, "{} at {tokens}: {narrow:?} beyond {wide:?}", row.name);
                }
            }
            assert!(other.thinking[0] <= row.thinking[0] && row.thinking[2] <= other.thinking[2]);
        }
    }

    #[test]
    fn a_row_with_something_missing_or_unknown_is_no_table() {
        let text = tokreckon_data::COUNTING_BANDS;
        assert!(read(&text.replacen("thinking = ", "thought = ", 1)).is_none());
        assert!(read(&text.replacen("schema = ", "# ", 1)).is_none());
        assert!(read(&text.replacen("[[1000, 0]", "[[1000]", 1)).is_none());
    }
}
