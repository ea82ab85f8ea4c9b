//! Near names: what somebody may have meant who typed a name that nothing has.
//!
//! Suggestions only: none of them is ever taken for what was typed.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use tokreckon_data::schema::folded;

use super::PriceBook;

/// Most models that are suggested.
const MOST_MODELS: usize = 5;

/// Most other names that are suggested.
const MOST_NAMES: usize = 3;

/// Most single letters by which two ids of the same parts may differ.
const TYPOS: usize = 2;

impl<'b> PriceBook<'b> {
    /// Up to five ids that are near a model's id, at one provider or at all. Of a family without a version
    /// (`sonnet`, `gemini flash`) those are the makers' newest. Else first those with the same parts, in
    /// any order or but for two letters (`gpt-4o` for `gpt4o`, `claude-sonnet-4-5` for
    /// `claude-4.5-sonnet`), then those that go on from it or that it goes on from (`gpt-5` for
    /// `gpt-5:online`), then those that share most parts, then those within a third of its length in
    /// edits.
    ///
    /// ```
    /// let book = tokreckon::book::PriceBook::builtin();
    /// assert_eq!(book.near_models(Some("openai"), "gpt4o")[0], "gpt-4o");
    /// assert!(book.near_models(None, "sonnet")[0].starts_with("claude-sonnet-"));
    /// ```
    #[must_use]
    pub fn near_models(&self, provider: Option<&str>, model: &str) -> Vec<&'b str> {
        let asked = Asked::new(model);
        let providers = match provider {
            Some(provider) => vec![provider],
            None => self.providers(),
        };
        let listed: Vec<(&'b str, &str)> = providers
            .into_iter()
            .flat_map(|provider| self.models(provider).into_iter().map(move |id| (id, provider)))
            .collect();
        if asked.is_family() {
            let mut newest: Vec<_> = listed
                .iter()
                .filter(|(id, provider)| {
                    PriceBook::maker_of(id) == Some(*provider) && asked.is_of_family(id)
                })
                .filter_map(|&(id, provider)| {
                    Some((Reverse(self.get(provider, id)?.released()?), id.len(), id))
                })
                .collect();
            newest.sort_unstable();
            if !newest.is_empty() {
                return newest.into_iter().take(MOST_MODELS).map(|(.., id)| id).collect();
            }
        }
        let ids: BTreeSet<&'b str> = listed.into_iter().map(|(id, _)| id).collect();
        let mut ranked: Vec<_> =
            ids.into_iter().filter_map(|id| Some((asked.rank(id)?, id.len(), id))).collect();
        ranked.sort_unstable();
        // Beside a misspelling, what only looks alike is noise.
        if let Some(&(Rank::Typos(least), ..)) = ranked.first() {
            ranked.retain(|(rank, ..)| match rank {
                Rank::Typos(typos) => *typos == least,
                Rank::Continues(_) => true,
                Rank::Parts(_) | Rank::Edits(_) => false,
            });
        }
        ranked.into_iter().take(MOST_MODELS).map(|(.., id)| id).collect()
    }

    /// Up to three providers that are near a name, each by that of its names which is nearest.
    pub(super) fn near_providers(&self, name: &str) -> Vec<String> {
        let names = self
            .layers
            .iter()
            .flat_map(|tables| tables.provider_names.iter().map(|row| tables.str(row.name)));
        let names: BTreeSet<&str> = self.providers().into_iter().chain(names).collect();
        let mut seen = BTreeSet::new();
        let mut near = ranked(&folded(name), names.into_iter());
        near.retain(|near| self.provider_id(near).is_none_or(|id| seen.insert(id)));
        near.into_iter().take(MOST_NAMES).map(str::to_owned).collect()
    }
}

/// How near an id is, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The same parts, but for so many letters.
    Typos(usize),
    /// One goes on from the other, by so many letters.
    Continues(usize),
    /// So many parts are in one of them only.
    Parts(usize),
    /// So many edits.
    Edits(usize),
}

/// What was typed, made ready to be compared with many ids.
struct Asked {
    folded: String,
    parts: BTreeSet<String>,
    joined: String,
}

impl Asked {
    fn new(model: &str) -> Self {
        let parts = parts(model);
        Self { folded: model.to_ascii_lowercase(), joined: joined(&parts), parts }
    }

    /// True for words that name a family of models and none of its versions: `sonnet`.
    fn is_family(&self) -> bool {
        let is_word =
            |part: &String| part.len() > 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
        !self.parts.is_empty() && self.parts.iter().all(is_word)
    }

    fn is_of_family(&self, id: &str) -> bool {
        self.parts.is_subset(&parts(id))
    }

    fn rank(&self, id: &str) -> Option<Rank> {
        let (key, other) = (id.to_ascii_lowercase(), parts(id));
        let shared = self.parts.intersection(&other).count();
        let apart = self.parts.len() + other.len() - 2 * shared;
        let joined = joined(&other);
        let typos = |most: usize| {
            let may_be =
                self.joined.len().abs_diff(joined.len()) <= most && most < self.joined.len();
            let typos = may_be.then(|| strsim::damerau_levenshtein(&self.joined, &joined))?;
            (typos <= most).then_some(typos)
        };
        if let Some(typos) = typos(TYPOS) {
            return Some(Rank::Typos(typos));
        }
        let difference = key.len().abs_diff(self.folded.len());
        if continues(&self.folded, &key) || continues(&key, &self.folded) {
            return Some(Rank::Continues(difference));
        }
        if shared * 2 > self.parts.len() && apart <= 3 {
            return Some(Rank::Parts(apart));
        }
        edits(&self.folded, &key).map(Rank::Edits)
    }
}

/// The parts of an id without its maker, its date and what every id may end with: `claude`, `3`,
/// `5`, `sonnet` of `anthropic/claude-3.5-sonnet-20241022`.
fn parts(id: &str) -> BTreeSet<String> {
    let bare = id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase();
    let bare = bare.split(['@', ':']).next().unwrap_or("");
    let mut parts = BTreeSet::new();
    for part in bare.split(['-', '_', '.', ' ']) {
        // `gpt4o` is `gpt` and `4o`, `gemini2` is `gemini` and `2`.
        let digits = part.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 1);
        let (word, rest) = part.split_at(digits.unwrap_or(part.len()));
        let is_date =
            |text: &str| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        for part in [word, rest] {
            if !part.is_empty() && !is_date(part) && part != "latest" {
                parts.insert(part.to_owned());
            }
        }
    }
    parts
}

fn joined(parts: &BTreeSet<String>) -> String {
    parts.iter().map(String::as_str).collect::<Vec<_>>().join("-")
}

/// Up to three names near another: those that go on from it or that it goes on from, word by word, then
/// those within a third of its length in edits, nearest first.
pub(crate) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    ranked(name, names).into_iter().take(MOST_NAMES).map(str::to_owned).collect()
}

/// Every name near another, the nearest first.
fn ranked<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = name.to_ascii_lowercase();
    let rank = |other: &'a str| {
        let key = other.to_ascii_lowercase();
        if continues(&folded, &key) || continues(&key, &folded) {
            return Some((Rank::Continues(key.len().abs_diff(folded.len())), other));
        }
        edits(&folded, &key).map(|edits| (Rank::Edits(edits), other))
    };
    let mut ranked: Vec<(Rank, &str)> = names.filter_map(rank).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, other)| other).collect()
}

/// The edits between two names, when they are within a third of the first one's length.
fn edits(name: &str, other: &str) -> Option<usize> {
    let limit = (name.len() / 3).max(1);
    let may_be = name.len().abs_diff(other.len()) <= limit;
    let edits = may_be.then(|| strsim::levenshtein(name, other))?;
    (edits <= limit).then_some(edits)
}

/// True when a name is another one and more words after it.
fn continues(name: &str, shorter: &str) -> bool {
    let rest = name.strip_prefix(shorter).unwrap_or_default();
    shorter.contains(['-', '/', '.']) && rest.starts_with([':', '-', '@', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_those_of_the_same_words_first() {
        let known = ["openai/gpt-4", "openai/gpt-5", "openai/gpt-5-mini", "gpt-5o:online"];
        let near_to = |name| near(name, known.into_iter());
        assert_eq!(near_to("openai/gpt-5:online")[0], "openai/gpt-5");
        assert_eq!(near_to("openai/gpt5")[0], "openai/gpt-5");
        let known = ["gemini-pro", "gemini-2.5-flash", "gemini-2.5-pro"];
        assert_eq!(near("gemini-2.5", known.into_iter())[0], "gemini-2.5-pro");
    }

    #[test]
    fn models_as_people_type_them_have_near_names() {
        let book = PriceBook::builtin();
        for (typed, meant) in [
            ("gpt4o", "gpt-4o"),
            ("claude-3.5-sonnet", "claude-3-5-sonnet-20241022"),
            ("claude-4.5-sonnet", "claude-sonnet-4-5"),
            ("GPT-4o mini", "gpt-4o-mini"),
            ("gemini-2.5", "gemini-2.5-pro"),
            ("gpt-4o-mni", "gpt-4o-mini"),
            ("o1-minni", "o1-mini"),
            ("openai/gpt5", "openai/gpt-5"),
            ("haiku", "claude-haiku-4-5"),
            ("Claude Sonnet", "claude-sonnet-5"),
            ("gemini flash", "gemini-3.8-flash"),
        ] {
            let near = book.near_models(None, typed);
            assert!(near.contains(&meant), "{typed}: {near:?}");
        }
        assert_eq!(book.near_models(None, "zzz"), Vec::<&str>::new());
        assert_eq!(book.near_models(Some("openrouter"), "openai/gpt5")[0], "openai/gpt-5");
        assert_eq!(book.near_models(Some("nobody"), "gpt-4o"), Vec::<&str>::new());
    }

    #[test]
    fn providers_have_near_names_by_any_of_their_names() {
        let book = PriceBook::builtin();
        for (typed, meant) in [("grok", "groq"), ("berock", "bedrock"), ("Open_AI", "openai")] {
            let near = book.near_providers(typed);
            assert!(near.iter().any(|name| name == meant), "{typed}: {near:?}");
            let mut ids: Vec<_> = near.iter().filter_map(|name| book.provider_id(name)).collect();
            ids.dedup();
            assert_eq!(ids.len(), near.len(), "{typed}: {near:?}");
        }
    }
}
