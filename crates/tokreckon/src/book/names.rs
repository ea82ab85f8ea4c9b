//! From a model id as written to the model of the book: listed, an alias, or by rules one after
//! the other.

use std::collections::BTreeSet;

use tokreckon_data::table::{Provider, Tables};

use super::ids::rewrite;
use super::{Found, PriceBook};
use crate::price::Match;

/// Most rules that are applied to one id, such as the ARN of a profile with a prefix.
pub(super) const MAX_RULES: u8 = 4;

/// The model of this id, or of what the provider's rules make of it, one after the other.
///
/// An id that is listed without prices gives way to one with prices.
pub(super) fn lookup_by_rules<'b>(
    provider: &'b str,
    rows: &[(usize, &'b Tables, &'b Provider)],
    model: &str,
    rules_left: u8,
) -> Option<Found<'b>> {
    let listed = lookup_listed(provider, rows, model, Match::Exact);
    if rules_left == 0 || listed.as_ref().is_some_and(Found::has_prices) {
        return listed;
    }
    let rules = rows.iter().flat_map(|&(_, tables, row)| {
        Tables::rows(&tables.id_rules, row.id_rules).iter().map(move |rule| (tables, rule))
    });
    for (tables, rule) in rules {
        let pattern = tables.str(rule.pattern);
        let Some(rewritten) = rewrite(pattern, tables.str(rule.model), model) else {
            continue;
        };
        let Some(mut found) = lookup_by_rules(provider, rows, &rewritten, rules_left - 1) else {
            continue;
        };
        if listed.is_some() && !found.has_prices() {
            continue;
        }
        found.matched = Match::Rule { pattern, model: found.model };
        if found.variant.is_empty() {
            found.variant = tables.str(rule.variant);
        }
        return Some(found);
    }
    listed
}

/// The model of this id among a provider's rows, or the one it is an alias of.
pub(super) fn lookup_listed<'b>(
    provider: &'b str,
    rows: &[(usize, &'b Tables, &'b Provider)],
    model: &str,
    matched: Match<'b>,
) -> Option<Found<'b>> {
    let key = model.to_ascii_lowercase();
    let mut found = Vec::new();
    for &(layer, tables, row) in rows {
        let models = Tables::rows(&tables.models, row.models);
        if let Ok(at) = models.binary_search_by(|row| tables.str(row.key).cmp(&key)) {
            found.extend(models.get(at).map(|row| (layer, tables, row)));
        }
    }
    let &(_, tables, first) = found.first()?;
    let has_prices = found.iter().any(|(_, _, row)| row.prices.start < row.prices.end);
    let alias =
        found.iter().map(|(_, tables, row)| tables.str(row.alias_of)).find(|of| !of.is_empty());
    if let (false, Some(of), Match::Exact) = (has_prices, alias, &matched) {
        return lookup_listed(provider, rows, of, Match::Alias(of));
    }
    Some(Found { provider, model: tables.str(first.id), matched, variant: "", rows: found })
}

impl Found<'_> {
    /// False where a rule takes any id at all, as for local servers: it says nothing of the model.
    #[must_use]
    pub fn is_of_the_model(&self) -> bool {
        !matches!(self.matched, Match::Rule { pattern: "{model}", .. })
    }
}

impl PriceBook<'_> {
    /// True for a model that tables list under a provider who does not sell it, by the book's own data:
    /// open weights under their maker, models of another seller under a prefix.
    #[must_use]
    pub fn does_not_sell(&self, provider: &str, model: &str) -> bool {
        let id = model.to_lowercase();
        let bare = id.rsplit('/').next().unwrap_or(&id);
        self.provider_rows(provider).iter().any(|(_, tables, row)| {
            let mut starts = tables.str(row.not_sold).split_whitespace();
            starts.any(|start| id.starts_with(start) || bare.starts_with(start))
        })
    }

    /// Every other name of a provider, as [`folded`](tokreckon_data::schema::folded) writes it.
    pub(crate) fn provider_aliases(&self, provider: &str) -> BTreeSet<String> {
        let named = |tables: &&Tables| -> Vec<String> {
            let names = tables.provider_names.iter();
            let own = names.filter(|row| tables.str(row.provider) == provider);
            own.map(|row| tables.str(row.name).to_owned()).collect()
        };
        self.layers.iter().flat_map(named).collect()
    }
}
