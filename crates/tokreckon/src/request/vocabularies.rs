//! Texts of models whose vocabulary is not here: counted with those that are, times ratios that were measured by
//! script (`data/counting/scripts.toml`).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tokreckon_tokenizer::{Encoding, Tokenizer};
use toml::de::DeTable;

use super::scripts::{Script, pieces};
use super::table::{number, rows, text_of, texts};
use super::tokens::Tokens;

/// A vocabulary that is not here.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    name: String,
    /// What was measured, and when.
    pub(crate) evidence: String,
    /// One for each script.
    ratios: BTreeMap<Script, Ratio>,
}

/// How many tokens a vocabulary takes in a script.
#[derive(Debug)]
struct Ratio {
    /// Tokenizers that are here and per mille of their counts, which together are the likely number.
    parts: Vec<(Tokenizer, u64)>,
    /// The bounds are of the fewest and the most tokens among these; none: of the likely number.
    among: Vec<Tokenizer>,
    /// Per mille.
    least: u64,
    most: u64,
    /// Tokens below and above.
    around: u64,
}

/// The vocabulary of models of which nothing is known.
const UNKNOWN: &str = "unknown";

/// A vocabulary by its name, or what holds for unknown ones.
///
/// The tests hold every name of `bands.toml` to be one of this file or of a tokenizer.
pub(crate) fn vocabulary(name: Option<&str>) -> &'static Vocabulary {
    let named = |name: &str| file().iter().find(|vocabulary| vocabulary.name == name);
    named(name.unwrap_or(UNKNOWN)).or_else(|| named(UNKNOWN)).expect("the tests read this file")
}

/// Tokens of texts in millionths: least, likely and most, and what the bounds are rounded by at most.
///
/// Texts of one request are added before they are rounded, so that many short ones do not widen the band.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    least: u64,
    likely: u64,
    most: u64,
    around: u64,
}

impl Measured {
    /// Adds a text.
    pub(crate) fn add(&mut self, text: &str, vocabulary: &Vocabulary) {
        for (script, piece) in pieces(text) {
            let mut counts = Counts { piece: &piece, known: Vec::new() };
            let script = match script {
                Script::Latin => {
                    let [o200k, cl100k] = [Encoding::O200kBase, Encoding::Cl100kBase];
                    Script::of_latin(&piece, counts.by(o200k.into()), counts.by(cl100k.into()))
                }
                script => script,
            };
            let ratio = &vocabulary.ratios[&script];
            let parts = ratio.parts.iter();
            let likely: u64 = parts.map(|(by, per_mille)| counts.by(*by) * per_mille).sum();
            let among: Vec<u64> = ratio.among.iter().map(|by| 1_000 * counts.by(*by)).collect();
            let fewest = among.iter().copied().min().unwrap_or(likely);
            let most = among.into_iter().max().unwrap_or(likely);
            self.likely += likely * 1_000;
            self.least += (fewest * ratio.least).min(likely * 1_000);
            self.most += (most * ratio.most).max(likely * 1_000);
            self.around = self.around.max(ratio.around);
        }
    }

    /// The band. A text has at least one token, none has none.
    pub(crate) fn tokens(self) -> Tokens {
        if self.likely == 0 {
            return Tokens::around(0, 0, 0);
        }
        let likely = ((self.likely + 500_000) / 1_000_000).max(1);
        let least = (self.least / 1_000_000).saturating_sub(self.around).max(1);
        let most = self.most.div_ceil(1_000_000) + self.around;
        Tokens::around(likely, likely.saturating_sub(least), most.saturating_sub(likely))
    }
}

/// Counts of one piece, each made once.
struct Counts<'t> {
    piece: &'t str,
    known: Vec<(Tokenizer, u64)>,
}

impl Counts<'_> {
    fn by(&mut self, tokenizer: Tokenizer) -> u64 {
        if let Some((_, tokens)) = self.known.iter().find(|(known, _)| *known == tokenizer) {
            return *tokens;
        }
        let tokens = u64::try_from(tokenizer.count(self.piece)).unwrap_or(u64::MAX);
        self.known.push((tokenizer, tokens));
        tokens
    }
}

fn file() -> &'static [Vocabulary] {
    static FILE: OnceLock<Vec<Vocabulary>> = OnceLock::new();
    FILE.get_or_init(|| read(tokreckon_data::COUNTING_SCRIPTS).expect("the tests read this file"))
}

const VOCABULARY_FIELDS: [&str; 5] = ["name", "of", "source", "measured", "texts"];
const SCRIPT_FIELDS: [&str; 8] =
    ["of", "script", "parts", "among", "least", "most", "around", "texts"];

/// Reads the file; `None` where anything in it is missing, unknown or of another kind.
fn read(text: &str) -> Option<Vec<Vocabulary>> {
    let file = DeTable::parse(text).ok()?;
    let scripts = rows(file.get_ref(), "script", &SCRIPT_FIELDS)?;
    let vocabulary = |row: &DeTable<'_>| {
        let name = text_of(row.get("name")?)?;
        let own =
            scripts.iter().filter(|row| row.get("of").and_then(text_of).as_ref() == Some(&name));
        let ratios = own.map(|row| ratio(row)).collect::<Option<BTreeMap<_, _>>>()?;
        let evidence = format!(
            "ratios by script to tokenizers that are here, measured on {} texts with {}, {}",
            number(row.get("texts")?)?,
            text_of(row.get("of")?)?,
            text_of(row.get("measured")?)?,
        );
        text_of(row.get("source")?)?;
        let is_whole = Script::ALL.iter().all(|script| ratios.contains_key(script));
        is_whole.then_some(Vocabulary { name, evidence, ratios })
    };
    rows(file.get_ref(), "vocabulary", &VOCABULARY_FIELDS)?.into_iter().map(vocabulary).collect()
}

fn ratio(row: &DeTable<'_>) -> Option<(Script, Ratio)> {
    let name = text_of(row.get("script")?)?;
    let script = Script::ALL.into_iter().find(|script| script.name() == name)?;
    let part = |part: &String| {
        let (tokenizer, per_mille) = part.split_once(' ')?;
        Some((tokenizer.parse().ok()?, per_mille.parse().ok()?))
    };
    let ratio = Ratio {
        parts: texts(row, "parts")?.iter().map(part).collect::<Option<_>>()?,
        among: texts(row, "among")?.iter().map(|name| name.parse().ok()).collect::<Option<_>>()?,
        least: number(row.get("least")?)?,
        most: number(row.get("most")?)?,
        around: number(row.get("around")?)?,
    };
    number(row.get("texts")?)?;
    (!ratio.parts.is_empty() && ratio.least <= ratio.most).then_some((script, ratio))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::band_table;

    #[test]
    fn every_vocabulary_has_every_script_and_every_name_is_one() {
        let known = read(tokreckon_data::COUNTING_SCRIPTS).expect("a table");
        for name in band_table::vocabularies() {
            let is_measured = known.iter().any(|vocabulary| vocabulary.name == name);
            assert!(is_measured || name.parse::<Tokenizer>().is_ok(), "{name}");
        }
        assert!(known.iter().any(|vocabulary| vocabulary.name == UNKNOWN));
    }

    #[test]
    fn a_table_with_something_missing_or_unknown_is_none() {
        let text = tokreckon_data::COUNTING_SCRIPTS;
        for (from, to) in [
            ("script = \"digits\"", "script = \"figures\""),
            ("cl100k_base ", "cl99k_base "),
            ("most = ", "mots = "),
            ("least = 990", "least = 1990"),
        ] {
            let broken = text.replacen(from, to, 1);
            assert_ne!(broken, text, "{from}");
            assert!(read(&broken).is_none(), "{from}");
        }
    }

    /// Many short texts are rounded once.
    #[test]
    fn texts_of_one_request_are_added_before_they_are_rounded() {
        let llama = vocabulary(Some("llama-3"));
        let (mut many, mut none) = (Measured::default(), Measured::default());
        for _ in 0..100 {
            many.add("Hello", llama);
        }
        none.add("", llama);
        let band = many.tokens().band();
        assert!((band.low..=band.high.unwrap_or(0)).contains(&100), "{band:?}");
        assert!(band.high.unwrap_or(u64::MAX) - band.low <= 10, "{band:?}");
        assert_eq!(none.tokens().band().likely, 0);
    }
}
