//! The estimator: reads the quantiles of the nearest data, and cuts them at the caps.

use super::answer::{
    Basis, Estimate, EstimateOrigin, Guarantee, HeldShare, Kind, Level, Quantiles, TokenAmount,
};
use super::cap::{HardCap, Thinking};
use super::distribution::Distribution;
use super::fixed::Fixed;
use super::ground::{Ground, Subject};
use super::history::HistoryRow;
use super::input::{EstimateInput, Estimator, Visible};
use super::predictive::order_statistic;

impl<'a> Estimator<'a> {
    /// What a request will need.
    #[must_use]
    pub fn estimate(&self, input: &EstimateInput<'_>) -> Estimate {
        let cap = input.caps.hard(input.prompt_tokens);
        let prompt = TokenAmount { tokens: input.prompt_tokens, kind: Kind::Exact };
        let subject = self.subject(input);
        let off = subject.thinking == Some(false);
        let cap_of_all = cap.map(|cap| HardCap {
            tokens: cap.tokens.saturating_mul(u64::from(input.choices)),
            ..cap
        });
        let Some(ground) = self.ground(input, &subject) else {
            let visible = assumed(input);
            return Estimate {
                prompt,
                hidden: off.then(|| same(0, Kind::Exact)),
                output: visible.filter(|_| off),
                mean_output: None,
                visible,
                cap: cap_of_all,
                cap_reached_per_mille: None,
                thinking: subject.thinking,
                basis: NOTHING,
                notes: subject.notes,
            };
        };
        let read = |distribution: &Distribution, limit: Option<u64>, held, part: Part| {
            let mut rows: Vec<u64> = ground.rows.iter().filter_map(part).collect();
            rows.sort_unstable();
            quantiles(distribution, &rows, limit, held, input.choices)
        };
        // A part is never more than the whole, and neither are its levels.
        let part_of = |part: Quantiles| within(part, &ground.output, input.choices);
        let held = ground.basis.held;
        let most = cap.map(|cap| cap.tokens);
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        let hidden_most = least(most, input.caps.hidden());
        let hidden = ground.hidden.as_ref();
        let visible = ground.visible.as_ref();
        Estimate {
            prompt,
            hidden: if off {
                Some(same(0, Kind::Exact))
            } else {
                hidden.map(|hidden| part_of(read(hidden, hidden_most, None, |row| row.hidden)))
            },
            visible: assumed(input).or_else(|| {
                let limit = least(most, input.caps.visible());
                visible.map(|visible| part_of(read(visible, limit, None, HistoryRow::visible)))
            }),
            // Without hidden tokens an assumed answer is all of the output.
            output: if off { assumed(input) } else { None }
                .or_else(|| Some(read(&ground.output, most, held, |row| Some(row.output)))),
            mean_output: Some(mean(&ground.output, most).saturating_mul(u64::from(input.choices))),
            cap: cap_of_all,
            cap_reached_per_mille: cap.map(|cap| ground.output.share_from(cap.tokens)),
            thinking: subject.thinking,
            basis: ground.basis,
            notes: subject.notes,
        }
    }

    /// All billed output at any level in thousandths, cut at the cap; `None` without a basis.
    #[must_use]
    pub fn output_at(&self, input: &EstimateInput<'_>, per_mille: u64) -> Option<u64> {
        let ground = self.ground(input, &self.subject(input))?;
        let most = input.caps.hard(input.prompt_tokens).map_or(u64::MAX, |cap| cap.tokens);
        let tokens = ground.output.quantile(per_mille.min(1000)).min(most);
        Some(tokens.saturating_mul(u64::from(input.choices)))
    }

    /// The nearest data, with budgets and assumptions applied; `None` for no basis.
    pub(super) fn ground(&self, input: &EstimateInput<'_>, of: &Subject<'a>) -> Option<Ground> {
        let mut ground = self.nearest(input, of)?;
        let off = of.thinking == Some(false);
        // A target is no cap, but it is where the thinking usually ends.
        let budget = match input.caps.thinking {
            _ if off => Some(0),
            Thinking::Target(tokens) => Some(tokens),
            _ => input.caps.hidden(),
        };
        let hidden_most = budget.unwrap_or(u64::MAX);
        let visible_most = input.caps.visible().unwrap_or(u64::MAX);
        if let Visible::Assumed(tokens) = input.visible {
            let tokens = tokens.min(visible_most);
            let hidden = match ground.hidden.clone() {
                _ if off => Distribution::of(0),
                Some(hidden) => hidden.map(|hidden| hidden.min(hidden_most)),
                None => return None,
            };
            ground.output = hidden.map(|hidden| hidden.saturating_add(tokens));
            // Rows say nothing about answers of this length.
            ground.rows.clear();
            if off {
                (ground.within, ground.between) = (Fixed::ZERO, Fixed::ZERO);
            }
        } else if !off && (hidden_most != u64::MAX || visible_most != u64::MAX) {
            let visible = ground.visible.as_ref()?;
            let most = hidden_most.saturating_add(visible_most.min(visible.quantile(990)));
            ground.output = ground.output.map(|tokens| tokens.min(most));
            for row in &mut ground.rows {
                row.output = row.output.min(most);
                row.hidden = row.hidden.map(|hidden| hidden.min(hidden_most));
            }
        }
        ground.hidden = ground.hidden.map(|part| part.map(|hidden| hidden.min(hidden_most)));
        Some(ground)
    }
}

/// A count of a row.
type Part = fn(&HistoryRow) -> Option<u64>;

fn assumed(input: &EstimateInput<'_>) -> Option<Quantiles> {
    let Visible::Assumed(tokens) = input.visible else { return None };
    let tokens = tokens.min(input.caps.visible().unwrap_or(u64::MAX));
    Some(same(tokens.saturating_mul(u64::from(input.choices)), Kind::Assumption))
}

/// The mean, every count cut at a limit.
fn mean(distribution: &Distribution, most: Option<u64>) -> u64 {
    let most = most.unwrap_or(u64::MAX);
    distribution.clone().map(|tokens| tokens.min(most)).mean().ceil()
}

/// One number for all quantiles.
fn same(tokens: u64, kind: Kind) -> Quantiles {
    let amount = TokenAmount { tokens, kind };
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
        TokenAmount { tokens: all(tokens.min(most)), kind }
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

/// Levels of a part of the output, none above the same level of all of it.
fn within(part: Quantiles, whole: &Distribution, choices: u32) -> Quantiles {
    let cut = |amount: TokenAmount, per_mille| {
        let most = whole.quantile(per_mille).saturating_mul(u64::from(choices));
        TokenAmount { tokens: amount.tokens.min(most), ..amount }
    };
    Quantiles { p50: cut(part.p50, 500), p90: cut(part.p90, 900), p99: cut(part.p99, 990), ..part }
}

const NOTHING: Basis = Basis {
    level: Level::Nothing,
    origin: EstimateOrigin::Nobody,
    rows: 0,
    set_aside: 0,
    sources: 0,
    source: String::new(),
    work: None,
    thinking: None,
    effort: None,
    held: None,
};
