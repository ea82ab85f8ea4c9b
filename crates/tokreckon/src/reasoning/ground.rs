//! The hierarchy: the nearest data for a request, and the distributions they give.
//!
//! Own rows go before shipped tables, near data before far: (model, effort, label), (model,
//! effort), another effort × its multiplier, the family, and at last nothing.

use tokreckon_data::priors::{Measure, Prior, Scope};

use super::answer::{Basis, HeldShare, Level, Origin};
use super::distribution::Distribution;
use super::fixed::Fixed;
use super::history::{Key, Row};
use super::input::{EstimateInput, Estimator};
use super::predictive::{FIRST_ROWS, of_table, predictive};

/// The data behind one answer.
pub(super) struct Ground {
    pub(super) hidden: Distribution,
    pub(super) visible: Option<Distribution>,
    pub(super) output: Option<Distribution>,
    pub(super) basis: Basis,
    /// Own rows that the next request may be exchangeable with.
    pub(super) rows: Vec<Row>,
    /// How a table's task classes differ; `None` where the work is known.
    pub(super) classes: Option<Classes>,
}

/// How the task classes of a table differ in their means.
#[derive(Clone, Copy)]
pub(super) struct Classes {
    /// Variance between the classes, in millionths of log2².
    pub(super) between: i64,
    /// The mean of a typical class as a share of the table's mean, which large classes dominate.
    pub(super) typical: Fixed,
}

impl<'a> Estimator<'a> {
    /// The nearest data; `None` for no basis.
    pub(super) fn nearest(&self, input: &EstimateInput<'_>) -> Option<Ground> {
        let (model, effort) = (input.model, self.effort(input.model, input.effort));
        let at_effort = |key: &Key| {
            self.same_model(&key.model, model)
                && self.effort(&key.model, Some(&key.effort)) == effort
        };
        let shipped = |scope, class: &str| {
            self.priors.rows.iter().find(|prior| {
                prior.scope == scope
                    && lists(prior.models, model)
                    && self.effort(model, Some(prior.effort)) == effort
                    && prior.class == class
            })
        };
        if let Some(label) = input.label {
            let rows = self.history.rows_where(|key| at_effort(key) && key.label == label);
            let own = || self.own(rows, model, effort, input.label, Level::Label);
            let class = || table(shipped(Scope::Class, label)?, Level::Label);
            if let Some(ground) = own().or_else(class) {
                return Some(ground);
            }
        }
        let rows = self.history.rows_where(at_effort);
        self.own(rows, model, effort, None, Level::Model)
            .map(|mut ground| {
                if input.label.is_some() {
                    ground.rows.clear(); // Other work: not exchangeable with this request.
                    ground.basis.held = None;
                }
                ground
            })
            .or_else(|| table(shipped(Scope::Model, "")?, Level::Model))
            .or_else(|| self.own_other_effort(model, effort))
            .or_else(|| self.shipped_other_effort(model, effort))
            .or_else(|| {
                let mut families = self.priors.rows.iter();
                let family = families.find(|p| p.scope == Scope::Family && lists(p.models, model));
                table(family?, Level::Family)
            })
    }

    /// From own rows, when there are enough.
    fn own(
        &self,
        rows: Vec<Row>,
        model: &str,
        effort: &str,
        label: Option<&str>,
        level: Level,
    ) -> Option<Ground> {
        if rows.len() < FIRST_ROWS {
            return None;
        }
        let prior = self.weak_prior(model, effort);
        let of = |part: fn(&Row) -> u64, prior: &Measure| {
            predictive(&rows.iter().map(part).collect::<Vec<u64>>(), prior)
        };
        let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { format!("`{text}`") };
        let (effort, label) = (dash(effort), dash(label.unwrap_or("")));
        Some(Ground {
            hidden: of(|row| row.hidden, &prior.hidden)?,
            visible: of(|row| row.visible, &prior.visible),
            output: of(|row| row.hidden.saturating_add(row.visible), &prior.output),
            basis: Basis {
                level,
                origin: Origin::Own,
                rows: rows.len() as u64,
                tasks: 1,
                source: format!("(`{model}`, effort {effort}, label {label})"),
                held: own_rows_held(rows.len()),
            },
            rows,
            classes: None,
        })
    }

    /// From own rows at the effort with the most of them, multiplied.
    fn own_other_effort(&self, model: &str, effort: &str) -> Option<Ground> {
        let mut efforts: Vec<(&str, Vec<Row>)> = Vec::new();
        for (key, _) in self.history.iter().filter(|(key, _)| self.same_model(&key.model, model)) {
            let other = self.effort(&key.model, Some(&key.effort));
            if efforts.iter().all(|(seen, _)| *seen != other) {
                let rows = self.history.rows_where(|key| {
                    self.same_model(&key.model, model)
                        && self.effort(&key.model, Some(&key.effort)) == other
                });
                efforts.push((other, rows));
            }
        }
        efforts.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        efforts.into_iter().find_map(|(other, mut rows)| {
            let (per_mille, measured) = self.multiplier(model, other, effort)?;
            for row in &mut rows {
                row.hidden = times(row.hidden, per_mille);
            }
            let level = Level::OtherEffort { effort: other.to_owned(), per_mille, measured };
            let mut ground = self.own(rows, model, other, None, level)?;
            ground.rows.clear();
            ground.basis.held = None;
            Some(ground)
        })
    }

    /// From a shipped table at another effort, multiplied.
    fn shipped_other_effort(&self, model: &str, effort: &str) -> Option<Ground> {
        let mut tables = self.priors.rows.iter();
        tables.find_map(|prior| {
            if prior.scope != Scope::Model || !lists(prior.models, model) {
                return None;
            }
            let other = self.effort(model, Some(prior.effort));
            let (per_mille, measured) = self.multiplier(model, other, effort)?;
            let level = Level::OtherEffort { effort: other.to_owned(), per_mille, measured };
            let ground = table(prior, level)?;
            Some(Ground {
                hidden: ground.hidden.map(|hidden| times(hidden, per_mille)),
                output: ground.output.map(|output| output.map(|output| times(output, per_mille))),
                basis: Basis { held: None, ..ground.basis },
                ..ground
            })
        })
    }

    /// The prior that own rows are mixed with: this model's, its family's, or that of any model.
    fn weak_prior(&self, model: &str, effort: &str) -> Prior<'a> {
        let of = |scope, effort: Option<&str>| {
            self.priors.rows.iter().find(|prior| {
                prior.scope == scope
                    && (lists(prior.models, model))
                    && effort.is_none_or(|effort| self.effort(model, Some(prior.effort)) == effort)
                    && prior.hidden.between > 0
            })
        };
        let any =
            || self.priors.rows.iter().find(|p| p.scope == Scope::Family && p.models.is_empty());
        let found = of(Scope::Model, Some(effort))
            .or_else(|| of(Scope::Model, None))
            .or_else(|| of(Scope::Family, None))
            .or_else(any);
        found.copied().unwrap_or(ANY)
    }

    /// The effort that a request of a model has.
    fn effort<'e>(&self, model: &str, effort: Option<&'e str>) -> &'e str
    where
        'a: 'e,
    {
        let default = self.priors.defaults.iter().find(|default| lists(default.models, model));
        match effort {
            Some(effort) if !effort.is_empty() => effort,
            _ => default.map_or("", |default| default.effort),
        }
    }

    /// The factor from one effort to another in thousandths, and whether both ends were measured.
    fn multiplier(&self, model: &str, from: &str, to: &str) -> Option<(u64, bool)> {
        if from == to {
            return None;
        }
        let of_medium = |effort: &str| {
            let measured =
                self.priors.ratios.iter().find(|r| r.effort == effort && lists(r.models, model));
            match (measured, effort) {
                (Some(ratio), _) => Some((ratio.per_mille, true)),
                (None, "" | "medium") => Some((1000, true)),
                (None, "low") => Some((400, false)),
                (None, "high") => Some((2000, false)),
                (None, _) => None,
            }
        };
        let (from, from_measured) = of_medium(from)?;
        let (to, to_measured) = of_medium(to)?;
        Some((1000 * to / from.max(1), from_measured && to_measured))
    }

    /// True for the same id in any case, or for two ids that one table holds for.
    fn same_model(&self, one: &str, other: &str) -> bool {
        let together = |models: &[&str]| lists(models, one) && lists(models, other);
        one.eq_ignore_ascii_case(other)
            || self.priors.rows.iter().any(|p| p.scope == Scope::Model && together(p.models))
    }
}

/// From a shipped table.
fn table(prior: &Prior<'_>, level: Level) -> Option<Ground> {
    let held = prior.held.map(|held| {
        let [first, second, third] = [0, 1, 2].map(|at: usize| {
            let of = |shares: [u16; 3]| shares.get(at).copied().unwrap_or(0);
            HeldShare { worst: of(held.worst), mean: of(held.mean), best: of(held.best) }
        });
        [first, second, third]
    });
    Some(Ground {
        hidden: of_table(&prior.hidden)?,
        visible: of_table(&prior.visible),
        output: of_table(&prior.output),
        basis: Basis {
            level,
            origin: Origin::Shipped(prior.grade),
            rows: prior.rows,
            tasks: prior.tasks,
            source: prior.source.to_owned(),
            held,
        },
        rows: Vec::new(),
        classes: classes(&prior.hidden),
    })
}

fn classes(hidden: &Measure) -> Option<Classes> {
    // The mean of a log-normal: 2^(mean + variance · ln 2 / 2).
    let half_variance = Fixed::of_millionths(hidden.within).over(Fixed::LOG2_E + Fixed::LOG2_E);
    let mean = (Fixed::of_millionths(hidden.log2_mean) + half_variance).exp2();
    (hidden.between > 0 && hidden.mean > 0).then(|| Classes {
        between: hidden.between,
        typical: mean.over(Fixed::of(hidden.mean)).min(Fixed::ONE),
    })
}

fn lists(models: &[&str], model: &str) -> bool {
    models.iter().any(|listed| listed.eq_ignore_ascii_case(model))
}

fn times(tokens: u64, per_mille: u64) -> u64 {
    let product = u128::from(tokens) * u128::from(per_mille);
    u64::try_from(product.div_ceil(1000)).unwrap_or(u64::MAX)
}

/// How often the quantiles held with this many own rows: the backtest in `docs/estimates.md`.
fn own_rows_held(rows: usize) -> Option<[HeldShare; 3]> {
    OWN_ROWS_HELD.iter().rfind(|(from, _)| *from <= rows).map(|(_, held)| *held)
}

const fn held(worst: u16, mean: u16, best: u16) -> HeldShare {
    HeldShare { worst, mean, best }
}

/// By number of rows; o1-mini and o1-preview together, task classes that were left out.
const OWN_ROWS_HELD: [(usize, [HeldShare; 3]); 4] = [
    (3, [held(312, 450, 536), held(820, 903, 974), held(966, 995, 1000)]),
    (5, [held(374, 460, 531), held(858, 902, 965), held(986, 997, 1000)]),
    (20, [held(454, 479, 513), held(880, 902, 925), held(979, 993, 999)]),
    (100, [held(478, 494, 512), held(892, 901, 909), held(987, 991, 996)]),
];

/// A weak prior when there is no other: 2^10.5 tokens, and a wide spread between kinds of work.
const ANY: Prior<'static> = {
    let wide = Measure {
        rows: 0,
        zeros: 0,
        mean: 0,
        log2_mean: 10_500_000,
        within: 700_000,
        between: 4_000_000,
        quantiles: [0; 17],
    };
    Prior {
        scope: Scope::Family,
        models: &[],
        effort: "",
        class: "",
        rows: 0,
        prompts: 0,
        tasks: 0,
        grade: tokreckon_data::priors::Grade::Approximate,
        source: "",
        hidden: wide,
        visible: wide,
        output: wide,
        held: None,
    }
};
