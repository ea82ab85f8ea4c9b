//! The coarsest keys that bill and usage have in common, and both sides under them.

use std::collections::{BTreeMap, BTreeSet};

use super::bill::{RowKey, RowSum, Spans};
use super::intake::{Atom, Reconciler};
use super::key::{Context, Key, NotCompared};
use super::line_item::{Class, Said, class_of, read};
use super::meter::{self, Metered};
use crate::book::PriceBook;
use crate::cloud_meter::month_and_day;
use crate::ledger::Ledger;
use crate::money::{Currency, Exact, InexactError};
use crate::time::{Instant, Period};

/// What is compared as one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnitKey {
    pub(super) span: (i64, i64),
    pub(super) provider: String,
    pub(super) model: String,
    /// `None` where the bill does not tell them apart.
    pub(super) context: Option<Context>,
    pub(super) project: String,
    pub(super) api_key: String,
    pub(super) user: String,
    /// The text of a line that is compared with nothing.
    pub(super) line: String,
    pub(super) currency: Currency,
}

/// Both sides of what is compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Unit {
    /// Indices of atoms.
    pub(super) atoms: Vec<usize>,
    pub(super) billed: BTreeMap<Class, (Exact, u64)>,
    /// The same by the length of prompts, as far as the bill says it.
    pub(super) by_context: BTreeMap<Option<Context>, BTreeMap<Class, (Exact, u64)>>,
    pub(super) kind: Kind,
}

/// What the bill's side of a unit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Tokens.
    #[default]
    Tokens,
    /// A fee beside tokens.
    Fee,
    /// Nobody knows.
    UnknownLine,
}

/// Everything under common keys.
#[derive(Debug)]
pub(super) struct Matched {
    pub(super) atoms: Vec<Atom>,
    /// What each atom's model is called here.
    pub(super) models: Vec<String>,
    pub(super) units: BTreeMap<UnitKey, Unit>,
    pub(super) keys: Vec<Key>,
    pub(super) not_compared: Vec<(Key, NotCompared)>,
    /// The kinds of token that the bill has lines of.
    pub(super) classes: BTreeSet<Class>,
    /// Lines that name neither a model nor a known fee, with their rows.
    pub(super) unknown: BTreeMap<String, u64>,
}

/// A row of the bill with what its line item says.
struct Line<'r> {
    key: &'r RowKey,
    sum: RowSum,
    model: String,
    class: Class,
    context: Option<Context>,
    kind: Kind,
}

pub(super) fn matched(
    reconciler: &Reconciler,
    ledger: &Ledger<'_>,
) -> Result<Matched, InexactError> {
    let (atoms, spans) = reconciler.settle(ledger);
    let names = Names::new(ledger.book(), &atoms);
    let mut lines = names.lines(reconciler);
    let means = names.meanings(&lines);
    let called = |model: String| means.get(&model).cloned().unwrap_or(model);
    let models = atoms.iter().map(|atom| called(names.listed(&atom.labels))).collect();
    for line in &mut lines {
        line.model = called(std::mem::take(&mut line.model));
    }
    let (keys, not_compared) = common_keys(&atoms, &lines, &spans);
    let mut matched = Matched {
        classes: lines
            .iter()
            .filter(|line| !line.model.is_empty())
            .map(|line| line.class)
            .collect(),
        unknown: BTreeMap::new(),
        units: BTreeMap::new(),
        atoms,
        models,
        keys,
        not_compared,
    };
    let mut currencies: BTreeSet<Currency> = lines.iter().map(|line| line.key.currency).collect();
    let unpriced = currencies.pop_first().unwrap_or(Currency::USD);
    for (at, atom) in matched.atoms.iter().enumerate() {
        let [provider, _, project, api_key, user] = &atom.labels;
        let key = UnitKey {
            span: atom.span,
            provider: provider.to_ascii_lowercase(),
            model: matched.models[at].clone(),
            context: None,
            project: project.to_string(),
            api_key: api_key.to_string(),
            user: user.to_string(),
            line: String::new(),
            currency: atom.currency.unwrap_or(unpriced),
        };
        let key = coarse(key, &matched.keys);
        matched.units.entry(key).or_default().atoms.push(at);
    }
    for line in &lines {
        matched.add_line(line, &spans)?;
    }
    matched.join_nameless()?;
    Ok(matched)
}

impl Matched {
    fn add_line(&mut self, line: &Line<'_>, spans: &Spans) -> Result<(), InexactError> {
        let row = line.key;
        let start = row.period.map(|(start, _)| Period::at(Instant(start)));
        // Without models to compare by, a line without a model is like any other.
        let nameless =
            line.kind == Kind::Fee || (line.model.is_empty() && self.keys.contains(&Key::Model));
        let key = UnitKey {
            span: spans.place(start).0,
            provider: row.provider.clone(),
            model: line.model.clone(),
            context: None,
            project: row.project.clone(),
            api_key: row.api_key.clone(),
            user: row.user.clone(),
            line: if nameless { row.line_item.clone() } else { String::new() },
            currency: row.currency,
        };
        let unit = self.units.entry(coarse(key, &self.keys)).or_default();
        if nameless {
            unit.kind = if line.kind == Kind::Fee { Kind::Fee } else { Kind::UnknownLine };
        }
        let class = if self.keys.contains(&Key::Class) { line.class } else { Class::All };
        let of_context = unit.by_context.entry(line.context).or_default();
        for (amount, rows) in
            [unit.billed.entry(class).or_default(), of_context.entry(class).or_default()]
        {
            *amount = amount.plus(line.sum.amount)?;
            *rows += line.sum.rows;
        }
        if line.kind == Kind::UnknownLine {
            *self.unknown.entry(row.line_item.clone()).or_default() += line.sum.rows;
        }
        Ok(())
    }

    /// Where a span has lines that name no model, and usage that no line names, these are compared
    /// as one.
    fn join_nameless(&mut self) -> Result<(), InexactError> {
        if !self.keys.contains(&Key::Model) {
            return Ok(());
        }
        let without_model =
            |key: &UnitKey| UnitKey { model: String::new(), line: String::new(), ..key.clone() };
        let lines: Vec<UnitKey> = self
            .units
            .iter()
            .filter(|(_, unit)| unit.kind == Kind::UnknownLine)
            .map(|(key, _)| key.clone())
            .collect();
        for place in lines.iter().map(without_model).collect::<BTreeSet<_>>() {
            let unbilled = |(key, unit): (&UnitKey, &Unit)| {
                let open = unit.billed.is_empty() && without_model(key) == place;
                open.then(|| key.clone())
            };
            let usage: Vec<UnitKey> = self.units.iter().filter_map(unbilled).collect();
            if usage.is_empty() {
                continue;
            }
            let mut joined = Unit::default();
            let own = lines.iter().filter(|line| without_model(line) == place);
            for key in usage.iter().chain(own) {
                let Some(unit) = self.units.remove(key) else { continue };
                joined.atoms.extend(unit.atoms);
                for (amount, rows) in unit.billed.into_values() {
                    let sum = joined.billed.entry(Class::All).or_default();
                    *sum = (sum.0.plus(amount)?, sum.1 + rows);
                }
            }
            self.units.insert(place, joined);
        }
        Ok(())
    }
}

/// The key without what is not compared.
fn coarse(mut key: UnitKey, keys: &[Key]) -> UnitKey {
    let drop = |name: Key, field: &mut String| {
        if !keys.contains(&name) {
            field.clear();
        }
    };
    drop(Key::Provider, &mut key.provider);
    drop(Key::Model, &mut key.model);
    drop(Key::Project, &mut key.project);
    drop(Key::ApiKey, &mut key.api_key);
    drop(Key::User, &mut key.user);
    key
}

fn common_keys(
    atoms: &[Atom],
    lines: &[Line<'_>],
    spans: &Spans,
) -> (Vec<Key>, Vec<(Key, NotCompared)>) {
    let (mut keys, mut not) = (Vec::new(), Vec::new());
    match spans {
        Spans::Everything => not.push((Key::Period, NotCompared::BillDoesNotSay)),
        Spans::Disjoint(_) => keys.push(Key::Period),
    }
    let tokens = || lines.iter().filter(|line| line.kind != Kind::Fee);
    let mut decide = |key: Key, usage: BTreeSet<String>, bill: BTreeSet<String>| {
        let why = if bill.is_empty() || bill.contains("") {
            NotCompared::BillDoesNotSay
        } else if usage.is_empty() || usage.contains("") {
            NotCompared::UsageDoesNotSay
        } else if usage.is_disjoint(&bill) {
            NotCompared::NoNameInCommon
        } else {
            keys.push(key);
            return;
        };
        not.push((key, why));
    };
    let of_usage = |at: usize| atoms.iter().map(|atom| atom.labels[at].to_string()).collect();
    let small = |names: BTreeSet<String>| -> BTreeSet<String> {
        names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
    };
    let providers = tokens().map(|line| line.key.provider.clone()).collect();
    decide(Key::Provider, small(of_usage(0)), providers);
    decide(Key::Project, of_usage(2), tokens().map(|line| line.key.project.clone()).collect());
    decide(Key::ApiKey, of_usage(3), tokens().map(|line| line.key.api_key.clone()).collect());
    decide(Key::User, of_usage(4), tokens().map(|line| line.key.user.clone()).collect());
    // One line that names a model is enough: the others are compared with what is left.
    if tokens().any(|line| !line.model.is_empty()) {
        keys.push(Key::Model);
    } else {
        not.push((Key::Model, NotCompared::BillDoesNotSay));
    }
    if tokens().any(|line| line.class != Class::All) {
        keys.push(Key::Class);
    } else {
        not.push((Key::Class, NotCompared::BillDoesNotSay));
    }
    keys.sort_unstable();
    not.sort_unstable();
    (keys, not)
}

/// What models are called: by the usage, by the bill, by the book.
struct Names<'n, 'b> {
    book: &'n PriceBook<'b>,
    providers: BTreeSet<String>,
    /// Models of the usage, by the book's ids.
    used: BTreeSet<String>,
}

impl<'n, 'b> Names<'n, 'b> {
    fn new(book: &'n PriceBook<'b>, atoms: &[Atom]) -> Self {
        let providers = atoms.iter().map(|atom| atom.labels[0].to_ascii_lowercase()).collect();
        let mut names = Self { book, providers, used: BTreeSet::new() };
        names.used = atoms.iter().map(|atom| names.listed(&atom.labels)).collect();
        names
    }

    /// The book's id of a model of the usage; as it is written where the book has none.
    fn listed(&self, labels: &[Box<str>]) -> String {
        let found = self.book.get(&labels[0], &labels[1]);
        found.map_or_else(|| labels[1].to_ascii_lowercase(), |found| found.model.to_owned())
    }

    fn lines<'r>(&self, reconciler: &'r Reconciler) -> Vec<Line<'r>> {
        let line = |(key, sum): (&'r RowKey, &RowSum)| {
            let (name, class, kind) = match read(&key.line_item) {
                said if !key.model.is_empty() => {
                    let of_line = class_of(&key.line_item);
                    let class = match said {
                        Said::Tokens { class, .. } => of_line.unwrap_or(class),
                        _ => of_line.unwrap_or(Class::All),
                    };
                    (key.model.as_str(), class, Kind::Tokens)
                }
                Said::Tokens { model, class } => (model, class, Kind::Tokens),
                Said::Fee => ("", Class::All, Kind::Fee),
                Said::Unknown => ("", Class::All, Kind::Tokens),
            };
            let model = self.model(&key.provider, name).unwrap_or_default();
            let line = Line { key, sum: *sum, model, class, context: None, kind };
            if kind != Kind::Tokens || !line.model.is_empty() || key.line_item.is_empty() {
                return line;
            }
            match self.metered(&key.provider, &key.line_item) {
                Some(Metered { model, class, context }) => Line { model, class, context, ..line },
                None => Line { class: Class::All, kind: Kind::UnknownLine, ..line },
            }
        };
        reconciler.bill.rows.iter().map(line).collect()
    }

    /// The model that a bill's name means: one of the usage, or one of the book.
    fn model(&self, provider: &str, name: &str) -> Option<String> {
        if name.is_empty() {
            return None;
        }
        let small = name.to_ascii_lowercase();
        let dashed = small.replace(' ', "-");
        let undotted = dashed.replace('.', "-");
        let spellings = [small, dashed, undotted];
        let sellers: Vec<&str> = std::iter::once(provider)
            .filter(|provider| !provider.is_empty())
            .chain(self.providers.iter().map(String::as_str))
            .collect();
        let listed = |name: &String| {
            let found = sellers.iter().find_map(|seller| self.book.get(seller, name));
            found.map(|found| found.model.to_owned())
        };
        spellings.iter().find_map(|name| {
            listed(name).or_else(|| self.used.contains(name).then(|| name.clone()))
        })
    }

    /// The model and the kind of token of a cloud's meter; the model is empty where the meter names
    /// none. `None` for a meter that says something else, or a model that nobody knows.
    fn metered(&self, provider: &str, text: &str) -> Option<Metered> {
        let read = meter::read(provider, text)?;
        let model = &read.model;
        if model.is_empty() {
            return Some(read);
        }
        let listed = || self.book.models(provider).into_iter();
        let dated = || {
            let (name, day) = month_and_day(model)?;
            only(listed().filter(|id| is_dated(id, name) && id.ends_with(&day)))
        };
        let squeezed = || {
            let wanted = meter::squeezed(model);
            only(listed().filter(|id| meter::squeezed(id) == wanted))
        };
        let found = self.model(provider, model);
        let found = found.or_else(|| self.model(provider, dated()?));
        let found = match provider {
            "aws-bedrock" => found.or_else(|| self.model(provider, squeezed()?)),
            _ => found,
        };
        Some(Metered { model: found?, ..read })
    }

    /// What models are called here, where bill and usage spell them otherwise: a name without its
    /// date means the dated ids of it, unless both sides name both.
    fn meanings(&self, lines: &[Line<'_>]) -> BTreeMap<String, String> {
        let billed: BTreeSet<&str> = lines
            .iter()
            .map(|line| line.model.as_str())
            .filter(|model| !model.is_empty())
            .collect();
        let used: BTreeSet<&str> = self.used.iter().map(String::as_str).collect();
        let all: BTreeSet<&str> = billed.union(&used).copied().collect();
        let on_both = |name: &str| billed.contains(name) && used.contains(name);
        let mut means = BTreeMap::new();
        for name in &all {
            let short = all.iter().find(|short| is_dated(name, short));
            if let Some(short) = short.filter(|short| !(on_both(name) && on_both(short))) {
                means.insert((*name).to_owned(), (*short).to_owned());
            }
        }
        for name in billed.difference(&used) {
            for other in self.book.names_of(name) {
                if used.contains(other.as_str()) && !billed.contains(other.as_str()) {
                    means.entry(other).or_insert_with(|| (*name).to_owned());
                }
            }
        }
        means
    }
}

/// The one id that fits; `None` for several.
fn only<'t>(mut fitting: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// True when an id is a name with a date: `claude-sonnet-4-5-20250929`, `gpt-4o-2024-08-06`.
fn is_dated(id: &str, name: &str) -> bool {
    let Some(date) = id.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')) else {
        return false;
    };
    let digits = date.bytes().filter(u8::is_ascii_digit).count();
    digits == 8 && date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::is_dated;

    #[test]
    fn dated_ids() {
        assert!(is_dated("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"));
        assert!(is_dated("gpt-4o-2024-08-06", "gpt-4o"));
        assert!(!is_dated("gpt-4o-mini-2024-07-18", "gpt-4o"));
        assert!(!is_dated("gpt-4o", "gpt-4o"));
    }
}
