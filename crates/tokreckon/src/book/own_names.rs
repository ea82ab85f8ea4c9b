//! Own prices under the name of a model, for the dated id that its responses carry.

use std::collections::BTreeSet;

use tokreckon_data::table::{Model, Provider, Tables};

use super::names::lookup_listed;
use super::same_as::{have_one_price, snapshot_day};
use super::{Found, PriceBook};
use crate::price::Match;

/// Rows of one provider, one each layer that has it.
type ProviderRows<'r, 'b> = &'r [(usize, &'b Tables, &'b Provider)];

impl<'b> PriceBook<'b> {
    /// What was found under an id that own prices do not name, with the own prices of the name that it
    /// is a dated id of. Who prices `gpt-5-mini` means `gpt-5-mini-2025-08-07` too, which is what the
    /// response says; but not `gpt-4o-2024-05-13` by `gpt-4o`, which the book lists at other prices.
    pub(super) fn with_own_of_name(
        &self,
        rows: ProviderRows<'_, 'b>,
        mut found: Found<'b>,
    ) -> Found<'b> {
        if !found.rows.iter().any(|&(layer, _, row)| is_own(layer, row)) {
            let own = self.own_of_name(rows, found.model);
            if let (Some(&(_, tables, row)), Match::Exact) = (own.first(), &found.matched) {
                found.matched = Match::Alias(tables.str(row.id));
            }
            found.rows.extend(own);
        }
        found
    }

    /// The name that a dated id has in own prices of a provider, where nobody else lists that id there.
    pub(super) fn own_name(&self, provider: &str, dated: &str) -> Option<Found<'b>> {
        let provider_rows = self.provider_rows(provider);
        let &(_, tables, first) = provider_rows.first()?;
        let rows = self.own_of_name(&provider_rows, dated);
        let &(_, of, row) = rows.first()?;
        let (provider, model) = (tables.str(first.id), of.str(row.id));
        Some(Found { provider, model, matched: Match::Alias(model), variant: "", rows })
    }

    /// Own prices of the name that an id is a dated one of.
    fn own_of_name(
        &self,
        rows: ProviderRows<'_, 'b>,
        dated: &str,
    ) -> Vec<(usize, &'b Tables, &'b Model)> {
        let Some(&(layer, tables, first)) = rows.first() else { return Vec::new() };
        let base = if layer == 0 { &rows[..1] } else { &[] };
        let own = rows.iter().filter(|(layer, ..)| *layer > 0);
        let priced = own.flat_map(|&(layer, tables, row)| {
            let models = Tables::rows(&tables.models, row.models).iter();
            models.filter(move |row| is_own(layer, row)).map(move |row| (layer, tables, row))
        });
        let of_name: Vec<_> = priced
            .filter(|(_, of, row)| self.is_dated(of.str(row.key), dated))
            .filter(|(_, of, row)| {
                let ids = [of.str(row.key), dated];
                cost_the_same(tables.str(first.id), base, ids) != Some(false)
            })
            .collect();
        // Two names of one's own with prices of their own: which of them is meant is not known.
        let names: BTreeSet<&str> = of_name.iter().map(|(_, of, row)| of.str(row.key)).collect();
        if names.len() == 1 { of_name } else { Vec::new() }
    }

    /// True where the book's data says that the one is a dated id of the model that the other names: as
    /// an id of the same model, as the id that it stands for, as its only snapshot, or as one of several
    /// that costs the same.
    fn is_dated(&self, name: &str, dated: &str) -> bool {
        let key = dated.to_ascii_lowercase();
        let model = self.canonical(name).filter(|_| snapshot_day(name).is_none());
        if model.is_some() && model == self.canonical(dated) {
            return true;
        }
        self.layers.iter().any(|&tables| {
            tables.providers.iter().any(|provider| {
                let models: &'b [Model] = Tables::rows(&tables.models, provider.models);
                let at = models.binary_search_by(|row| tables.str(row.key).cmp(name));
                let Some(row) = at.ok().and_then(|at| models.get(at)) else { return false };
                if tables.str(row.alias_of).eq_ignore_ascii_case(&key) {
                    return true;
                }
                let facts = (row.facts as usize).checked_sub(1).and_then(|at| tables.facts.get(at));
                let snapshots = facts.map_or("", |facts| tables.str(facts.snapshots));
                let mut named = snapshots.split_whitespace();
                let is_only = !snapshots.contains(' ');
                let rows = [(0, tables, provider)];
                named.any(|snapshot| snapshot.eq_ignore_ascii_case(&key))
                    && (is_only
                        || cost_the_same(tables.str(provider.id), &rows, [name, &key])
                            == Some(true))
            })
        })
    }
}

/// True for a model with prices of a user.
fn is_own(layer: usize, row: &Model) -> bool {
    layer > 0 && row.prices.start < row.prices.end
}

/// Whether two ids cost the same; `None` where one of them has no price.
fn cost_the_same<'b>(
    provider: &'b str,
    rows: ProviderRows<'_, 'b>,
    ids: [&str; 2],
) -> Option<bool> {
    let [one, other] = ids.map(|id| lookup_listed(provider, rows, id, Match::Exact));
    let (one, other) = (one.filter(Found::has_prices)?, other.filter(Found::has_prices)?);
    Some(have_one_price(&one, &other))
}
