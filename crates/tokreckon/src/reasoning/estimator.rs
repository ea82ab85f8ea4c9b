//! The estimator: reads the quantiles of the nearest data, and cuts them at the caps.

use super::answer::{
    Amount, Basis, Estimate, Guarantee, HeldShare, Kind, Level, Origin, Quantiles,
};
use super::cap::{HardCap, Thinking};
use super::distribution::Distribution;
use super::ground::Ground;
use super::history::Row;
use super::input::{EstimateInput, Estimator, Visible};
use super::predictive::order_statistic;

impl Estimator<'_> {
    /// What a request will need.
    #[must_use]
    pub fn estimate(&self, input: &EstimateInput<'_>) -> Estimate {
        let cap = input.caps.hard(input.prompt_tokens);
        let prompt = Amount { tokens: input.prompt_tokens, kind: Kind::Exact };
        let all_choices = |cap: HardCap| HardCap {
            tokens: cap.tokens.saturating_mul(u64::from(input.choices)),
            ..cap
        };
        let Some(ground) = self.ground(input) else {
            let visible = assumed(input);
            return Estimate {
                prompt,
                hidden: (input.caps.thinking == Thinking::Off).then(|| same(0, Kind::Exact)),
                output: visible.filter(|_| input.caps.thinking == Thinking::Off),
                visible,
                cap: cap.map(all_choices),
                cap_reached_per_mille: None,
                basis: NOTHING,
            };
        };
        let held = ground.basis.held;
        let off = input.caps.thinking == Thinking::Off;
        let read =
            |distribution: &Distribution, limit: Option<u64>, held, part: fn(&Row) -> u64| {
                let mut rows: Vec<u64> = ground.rows.iter().map(part).collect();
                rows.sort_unstable();
                quantiles(distribution, &rows, limit, held, input.choices)
            };
        let most = cap.map(|cap| cap.tokens);
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        let hidden = if off {
            same(0, Kind::Exact)
        } else {
            let limit = least(most, input.caps.hidden());
            read(&ground.hidden, limit, held, |row| row.hidden)
        };
        let visible_limit = least(most, input.caps.visible());
        let from_data =
            || Some(read(ground.visible.as_ref()?, visible_limit, None, |row| row.visible));
        Estimate {
            prompt,
            hidden: Some(hidden),
            visible: assumed(input).or_else(from_data),
            // Without hidden tokens the visible ones are all of the output.
            output: if off {
                assumed(input).or_else(from_data)
            } else {
                ground.output.as_ref().map(|output| {
                    read(output, most, held, |row| row.hidden.saturating_add(row.visible))
                })
            },
            cap: cap.map(all_choices),
            cap_reached_per_mille: cap
                .and_then(|cap| Some(ground.output.as_ref()?.share_from(cap.tokens))),
            basis: ground.basis,
        }
    }

    /// The nearest data, with budgets and assumptions applied; `None` for no basis.
    pub(super) fn ground(&self, input: &EstimateInput<'_>) -> Option<Ground> {
        let mut ground = self.nearest(input)?;
        let hidden_most = input.caps.hidden().unwrap_or(u64::MAX);
        let visible_most = input.caps.visible().unwrap_or(u64::MAX);
        if let Visible::Assumed(tokens) = input.visible {
            let tokens = tokens.min(visible_most);
            let hidden = ground.hidden.clone().map(|hidden| hidden.min(hidden_most));
            ground.output = Some(hidden.map(|hidden| hidden.saturating_add(tokens)));
            // Rows say nothing about answers of this length.
            ground.rows.iter_mut().for_each(|row| row.visible = tokens);
        } else if hidden_most != u64::MAX || visible_most != u64::MAX {
            let visible = ground.visible.as_ref()?;
            let visible_most = visible_most.min(visible.quantile(990));
            let most = hidden_most.saturating_add(visible_most);
            // Without hidden tokens the visible ones are all of the output.
            let whole = if hidden_most == 0 { Some(visible.clone()) } else { ground.output };
            ground.output = whole.map(|output| output.map(|tokens| tokens.min(most)));
            for row in &mut ground.rows {
                row.hidden = row.hidden.min(hidden_most);
                row.visible = row.visible.min(visible_most);
            }
        }
        ground.hidden = ground.hidden.map(|hidden| hidden.min(hidden_most));
        Some(ground)
    }
}

fn assumed(input: &EstimateInput<'_>) -> Option<Quantiles> {
    let Visible::Assumed(tokens) = input.visible else { return None };
    let tokens = tokens.min(input.caps.visible().unwrap_or(u64::MAX));
    Some(same(tokens.saturating_mul(u64::from(input.choices)), Kind::Assumption))
}

/// One number for all quantiles.
fn same(tokens: u64, kind: Kind) -> Quantiles {
    let amount = Amount { tokens, kind };
    let none = |needs| Guarantee::NotYet { needs, have: 0 };
    Quantiles {
        p50: amount,
        p90: amount,
        p99: amount,
        p90_guarantee: none(9),
        p99_guarantee: none(99),
    }
}

fn quantiles(
    distribution: &Distribution,
    sorted: &[u64],
    most: Option<u64>,
    held: Option<[HeldShare; 3]>,
    choices: u32,
) -> Quantiles {
    let most = most.unwrap_or(u64::MAX);
    let all = |tokens: u64| tokens.saturating_mul(u64::from(choices));
    let amount = |per_mille, at: usize| {
        let tokens = distribution.quantile(per_mille);
        let held = held.and_then(|held| held.get(at).copied());
        let kind = if tokens > most { Kind::Cap } else { Kind::Estimate(held) };
        Amount { tokens: all(tokens.min(most)), kind }
    };
    let guarantee = |per_mille, needs| match order_statistic(sorted, per_mille) {
        Some(tokens) => Guarantee::Holds { tokens: all(tokens.min(most)) },
        None => Guarantee::NotYet { needs, have: sorted.len() as u64 },
    };
    Quantiles {
        p50: amount(500, 0),
        p90: amount(900, 1),
        p99: amount(990, 2),
        p90_guarantee: guarantee(900, 9),
        p99_guarantee: guarantee(990, 99),
    }
}

const NOTHING: Basis = Basis {
    level: Level::Nothing,
    origin: Origin::Nobody,
    rows: 0,
    tasks: 0,
    source: String::new(),
    held: None,
};
