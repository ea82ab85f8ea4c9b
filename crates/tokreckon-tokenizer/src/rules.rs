//! Tables of rules from a model's id to what it is counted with; `models.txt` tells how they read.

use std::str::FromStr;

use crate::model::Standing;

/// The text of one table.
pub(crate) struct Table(pub(crate) &'static str);

/// One line of a table.
pub(crate) enum Rule<T> {
    Provider(&'static str),
    Variant(&'static str),
    Exact(&'static str, T, Standing),
    Prefix(&'static str, T, Standing),
    Unknown(&'static str),
}

impl Table {
    /// What the table says of a model.
    pub(crate) fn find<T: FromStr>(&self, id: &str) -> Option<(T, Standing)> {
        let id = id.trim().to_ascii_lowercase();
        let id = self.base_model::<T>(&id);
        let mut best = (0, None);
        for rule in self.rules::<T>() {
            match rule {
                Rule::Exact(model, found, standing) if model == id => {
                    return Some((found, standing));
                }
                Rule::Prefix(prefix, found, standing)
                    if id.starts_with(prefix) && best.0 < prefix.len() =>
                {
                    best = (prefix.len(), Some((found, standing)));
                }
                Rule::Unknown(prefix) if id.starts_with(prefix) && best.0 < prefix.len() => {
                    best = (prefix.len(), None);
                }
                _ => {}
            }
        }
        best.1
    }

    /// The id without provider, fine-tuning and variant.
    fn base_model<'id, T: FromStr>(&self, id: &'id str) -> &'id str {
        let mut id = id;
        while let Some(rest) = self.rules::<T>().find_map(|rule| match rule {
            Rule::Provider(provider) => id.strip_prefix(provider),
            _ => None,
        }) {
            id = rest;
        }
        if let Some(tuned) = id.strip_prefix("ft:") {
            return tuned.split(':').next().unwrap_or(tuned);
        }
        let without_variant = self.rules::<T>().find_map(|rule| match rule {
            Rule::Variant(variant) => id.strip_suffix(variant),
            _ => None,
        });
        without_variant.unwrap_or(id)
    }

    /// The lines that are rules.
    fn rules<T: FromStr>(&self) -> impl Iterator<Item = Rule<T>> {
        self.0.lines().filter_map(rule)
    }
}

/// Reads one line.
pub(crate) fn rule<T: FromStr>(line: &'static str) -> Option<Rule<T>> {
    let mut words = line.split(' ');
    let (kind, id) = (words.next()?, words.next()?);
    match kind {
        "provider" => Some(Rule::Provider(id)),
        "variant" => Some(Rule::Variant(id)),
        "unknown" => Some(Rule::Unknown(id)),
        "exact" | "prefix" => {
            let found = words.next()?.parse().ok()?;
            let standing = match words.next()? {
                "documented" => Standing::Documented,
                "assumed" => Standing::Assumed,
                _ => return None,
            };
            Some(match kind {
                "exact" => Rule::Exact(id, found, standing),
                _ => Rule::Prefix(id, found, standing),
            })
        }
        _ => None,
    }
}
