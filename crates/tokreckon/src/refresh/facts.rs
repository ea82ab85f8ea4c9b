//! Facts of models that the files lack, out of tables: what stands is kept, what is missing is filled in.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon_data::schema::{Origin, read};
use tokreckon_data::words::Precision;

use super::{RefreshError, RenewedFile, Table};
use crate::import::{ListedFacts, Source};
use crate::time::day_text;

/// The members that are filled in, in the order of the files, with what makes a line of each.
type Member = (&'static str, fn(&ListedFacts) -> Option<String>);
const MEMBERS: [Member; 6] = [
    ("mode", |said| said.mode.as_ref().map(|mode| quoted(mode))),
    ("context-window", |said| said.context_window.map(|count| count.to_string())),
    ("max-input-tokens", |said| said.max_input_tokens.map(|count| count.to_string())),
    ("max-output-tokens", |said| said.max_output_tokens.map(|count| count.to_string())),
    ("reasoning", |said| said.reasoning.map(|yes| yes.to_string())),
    ("released", |said| said.released.map(|day| quoted(&day_text(day.into())))),
];

/// Where a member stands among those that these files have and that no table fills in.
const ORDER: [&str; 21] = [
    "id",
    "mode",
    "context-window",
    "max-input-tokens",
    "max-output-tokens",
    "reasoning",
    "tokenizer",
    "tokenizer-basis",
    "modalities-in",
    "modalities-out",
    "endpoints",
    "features",
    "features-not-supported",
    "snapshots",
    "released",
    "knowledge-cutoff",
    "retired",
    "status",
    "open-weights",
    "source",
    "disagreements",
];

const HEADER: &str = "[[model]]";

/// Fills in files of facts, given as name and text, for the models that the price files sell now. Only
/// what is missing is written: an entry, or a member of one. Where tables differ, models.dev goes
/// before LiteLLM, which writes the limits of one seller for all, and the entry says so.
///
/// # Errors
/// When a file has mistakes.
pub fn fill_facts(
    files: &[(String, String)],
    prices: &[(String, String)],
    tables: &[Table],
) -> Result<Vec<RenewedFile>, RefreshError> {
    let checked = |name: &str, text: &str| {
        let (file, mistakes) = read(text, Origin::Shipped);
        if mistakes.is_empty() {
            Ok(file)
        } else {
            Err(RefreshError { name: name.to_owned(), mistakes })
        }
    };
    let mut sold: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, text) in prices {
        let file = checked(name, text)?;
        let open = file.prices.iter().filter(|entry| entry.until.precision == Precision::Open);
        sold.entry(file.provider).or_default().extend(open.flat_map(|entry| entry.models.clone()));
    }
    let mut renewed = Vec::new();
    for (name, text) in files {
        let provider = checked(name, text)?.provider;
        let sold = sold.remove(&provider).unwrap_or_default();
        let after = filled(text, &provider, &sold, tables);
        checked(name, &after)?;
        let is_changed = after != *text;
        renewed.push(RenewedFile { name: name.clone(), text: after, is_changed });
    }
    Ok(renewed)
}

/// A file with what is missing.
fn filled(text: &str, provider: &str, sold: &BTreeSet<String>, tables: &[Table]) -> String {
    let mut parts = text.split("\n[[").map(str::to_owned);
    let head = parts.next().unwrap_or_default();
    let (models, rest): (Vec<String>, Vec<String>) =
        parts.map(|part| format!("[[{part}")).partition(|part| part.starts_with(HEADER));
    let mut entries: BTreeMap<String, Entry> = models
        .iter()
        .map(|text| Entry::of(text))
        .map(|entry| (entry.id().to_lowercase(), entry))
        .collect();
    for id in sold {
        let key = (provider.to_owned(), id.to_lowercase());
        let mut said: Vec<(&str, &ListedFacts)> = tables
            .iter()
            .filter_map(|table| Some((table.source?.name(), table.facts.get(&key)?)))
            .collect();
        said.sort_by_key(|(name, _)| (*name != Source::ModelsDev.name(), *name));
        if said.is_empty() {
            continue;
        }
        if let Some(entry) = entries.get_mut(&key.1) {
            entry.fill(&said);
            continue;
        }
        let mut entry = Entry { lines: vec![Line::Member("id".to_owned(), quoted(id))] };
        if entry.fill(&said) {
            entries.insert(key.1, entry);
        }
    }
    let entries =
        entries.values().map(Entry::text).chain(rest.iter().map(|part| part.trim_end().to_owned()));
    let mut parts = vec![head.trim_end().to_owned()];
    parts.extend(entries);
    format!("{}\n", parts.join("\n\n"))
}

/// A text as TOML writes it: ids and modes hold no quotes.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// A line of an entry.
enum Line {
    /// A member of [`ORDER`] and its value.
    Member(String, String),
    /// A comment, or what this does not know: stays behind the line before it.
    Other(String),
}

/// The lines of an entry.
struct Entry {
    lines: Vec<Line>,
}

impl Entry {
    fn of(text: &str) -> Self {
        let line = |line: &str| match line.split_once(" = ") {
            Some((key, value)) if ORDER.contains(&key) => {
                Line::Member(key.to_owned(), value.to_owned())
            }
            _ => Line::Other(line.to_owned()),
        };
        let lines = text.lines().skip(1).filter(|line| !line.is_empty());
        Self { lines: lines.map(line).collect() }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| match line {
            Line::Member(own, value) if own == key => Some(value.as_str()),
            _ => None,
        })
    }

    fn id(&self) -> &str {
        self.get("id").unwrap_or_default().trim_matches('"')
    }

    fn set(&mut self, key: &str, value: String) {
        let place = |key: &str| ORDER.iter().position(|known| *known == key);
        let mut at = self.lines.len();
        for (index, line) in self.lines.iter_mut().enumerate() {
            let Line::Member(own, old) = line else { continue };
            if own == key {
                *old = value;
                return;
            }
            if place(own) > place(key) {
                at = index;
                break;
            }
        }
        self.lines.insert(at, Line::Member(key.to_owned(), value));
    }

    /// Fills in what is missing and said; true when something was.
    fn fill(&mut self, said: &[(&str, &ListedFacts)]) -> bool {
        let mut who: BTreeSet<String> = self
            .get("source")
            .map(|source| source.trim_matches('"').split("; ").map(str::to_owned).collect())
            .unwrap_or_default();
        let mut differ = Vec::new();
        let mut is_changed = false;
        for (key, of) in MEMBERS {
            if self.get(key).is_some() {
                continue;
            }
            let values: Vec<(&str, String)> =
                said.iter().filter_map(|(name, said)| Some((*name, of(said)?))).collect();
            let Some((_, value)) = values.first() else { continue };
            // More output than both together is a slip.
            let window = self.get("context-window").and_then(|count| count.parse().ok());
            let is_slip = key == "max-output-tokens"
                && window.zip(value.parse().ok()).is_some_and(|(all, part): (u64, u64)| part > all);
            if is_slip {
                continue;
            }
            if values.iter().any(|(_, other)| other != value) {
                let each = values.iter().map(|(name, value)| format!("{name} {value}"));
                differ.push(format!("\"{key}: {}\"", each.collect::<Vec<_>>().join(", ")));
            }
            self.set(key, value.clone());
            who.extend(values.iter().map(|(name, _)| (*name).to_owned()));
            is_changed = true;
        }
        if is_changed {
            self.set("source", quoted(&who.into_iter().collect::<Vec<_>>().join("; ")));
        }
        if !differ.is_empty() {
            let told =
                self.get("disagreements").map(|list| list.trim_matches(['[', ']']).to_owned());
            let all: Vec<String> = told.into_iter().chain(differ).collect();
            self.set("disagreements", format!("[{}]", all.join(", ")));
        }
        is_changed
    }

    fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| match line {
            Line::Member(key, value) => format!("\n{key} = {value}"),
            Line::Other(text) => format!("\n{text}"),
        });
        format!("{HEADER}{}", lines.collect::<String>())
    }
}
