//! The nearest data for a request, and the distributions they give.
//!
//! Own rows go before recorded answers of others, near data before far: (model, effort, label),
//! (model, effort), the model at another effort × its multiplier; then recorded answers of the model,
//! its generation, its publisher, and of any model.

use tokreckon_data::priors::{Coverage, Generation, Habit, Priors, Work, matches_pattern};

use super::answer::{Basis, Effort, EstimateOrigin, HeldShare, Level};
use super::cap::Thinking;
use super::distribution::Distribution;
use super::fixed::Fixed;
use super::history::{HistoryKey, HistoryRow, Present};
use super::input::{EstimateInput, Estimator};
use super::names::plain_name;
use super::pool::{Asked, Near, Pool, doublings, times};
use super::predictive::{FIRST_ROWS, Weak, predictive};

/// The data behind one answer.
pub(super) struct Ground {
    pub(super) output: Distribution,
    pub(super) hidden: Option<Distribution>,
    pub(super) visible: Option<Distribution>,
    pub(super) basis: Basis,
    /// Own rows that the next request may be exchangeable with.
    pub(super) rows: Vec<HistoryRow>,
    /// Variance of log2(output) inside one kind of work of one user.
    pub(super) within: Fixed,
    /// Variance between users' kinds of work; zero where the data are the user's own.
    pub(super) between: Fixed,
}

/// A request with what the data say about its model.
#[derive(Clone)]
pub(super) struct Subject<'a> {
    /// Plain name.
    pub(super) name: String,
    pub(super) generation: Option<&'a Generation<'a>>,
    /// Whether it will think; `None` when not known.
    pub(super) thinking: Option<bool>,
    /// Effort level; empty when the model has none, or it is not known.
    pub(super) effort: String,
    /// Doublings of the prompt, see [`doublings`]; `None` for one of usual length.
    pub(super) doublings: Option<u64>,
    /// What of the request has no effect, for people.
    pub(super) notes: Vec<String>,
}

impl<'a> Estimator<'a> {
    /// The model of a request, and what it makes of the request's switches.
    pub(super) fn subject(&self, input: &EstimateInput<'_>) -> Subject<'a> {
        let (name, switched) = name_and_switch(input.model);
        let generation = self.priors.generation(&name);
        let mut notes = Vec::new();
        let effort = effort(input, generation, &mut notes);
        let thinking = match input.caps.thinking {
            Thinking::Automatic if switched => Some(true),
            _ => thinking(input, generation, &mut notes),
        };
        let doublings = Some(doublings(input.prompt_tokens));
        Subject { name, generation, thinking, effort, doublings, notes }
    }

    /// The nearest data; `None` for no basis.
    pub(super) fn nearest(&self, input: &EstimateInput<'_>, of: &Subject<'a>) -> Option<Ground> {
        let recorded = self.recorded(input, of);
        let own = |rows: Present, label: Option<&str>, level: Level| {
            own(&self.priors, rows, of, label, level, recorded.as_ref())
        };
        let at_effort = |key: &HistoryKey| same(key, of) && effort_of(key, of) == of.effort;
        if let Some(label) = input.label {
            let rows = self.history.rows_where(|key| at_effort(key) && key.label == label);
            if let Some(ground) = own(rows, input.label, Level::Label) {
                return Some(ground);
            }
        }
        let rows = self.history.rows_where(at_effort);
        if let Some(mut ground) = own(rows, None, Level::Model) {
            if input.label.is_some() {
                ground.rows.clear(); // Other work: not exchangeable with this request.
                ground.basis.held = None;
            }
            return Some(ground);
        }
        let Some((other, factor, rows)) = self.other_effort(of) else { return recorded };
        let level = Level::OtherEffort(Effort { from: other, ..factor });
        let mut ground = own(rows, None, level)?;
        ground.rows.clear();
        ground.basis.held = None;
        Some(ground)
    }

    /// Own rows at the effort with the most of them, multiplied.
    fn other_effort(&self, of: &Subject<'_>) -> Option<(String, Effort, Present)> {
        let mut efforts: Vec<String> = self
            .history
            .iter()
            .filter(|(key, _)| same(key, of))
            .map(|(key, _)| effort_of(key, of))
            .collect();
        efforts.sort_unstable();
        efforts.dedup();
        let with_rows = efforts.into_iter().filter_map(|other| {
            let factor = multiplier(&self.priors, &of.name, &other, &of.effort)?;
            let rows = self.history.rows_where(|key| same(key, of) && effort_of(key, of) == other);
            Some((other, factor, rows))
        });
        let (other, factor, mut present) =
            with_rows.max_by_key(|(.., present)| present.rows.len())?;
        if present.rows.len() < FIRST_ROWS {
            return None;
        }
        for row in &mut present.rows {
            row.output = times(row.output, factor.per_mille);
            row.hidden = row.hidden.map(|hidden| times(hidden, factor.per_mille));
        }
        Some((other, factor, present))
    }

    /// From recorded answers of others.
    fn recorded(&self, input: &EstimateInput<'_>, of: &Subject<'a>) -> Option<Ground> {
        let shares = self.priors.constants.unknown_kind;
        let unknown_kind = Work::ALL.into_iter().zip(shares).filter(|(_, share)| *share > 0);
        let works: Vec<(Work, u64)> =
            input.work.map_or_else(|| unknown_kind.collect(), |work| vec![(work, 1)]);
        let pools: Vec<(Pool, u64)> = works
            .iter()
            .filter_map(|&(work, share)| {
                let Subject { generation, thinking, doublings, .. } = *of;
                let asked = Asked { model: &of.name, generation, work, thinking, doublings };
                Some((Pool::new(&self.priors, asked)?, share))
            })
            .collect();
        let nearest = pools.iter().map(|(pool, _)| pool.near).max()?;
        let at = || pools.iter().filter(|(pool, _)| pool.near == nearest).map(|(pool, _)| pool);
        let default = of.generation.map_or("", |generation| generation.default_effort);
        let factor = match of.thinking {
            Some(false) => None,
            _ => multiplier(&self.priors, &of.name, default, &of.effort),
        };
        let scaled = |part: Distribution| match &factor {
            Some(factor) => part.map(|tokens| times(tokens, factor.per_mille)),
            None => part,
        };
        let outputs: Vec<(&Distribution, u64)> =
            pools.iter().map(|(pool, share)| (&pool.output, *share)).collect();
        let hidden: Vec<(&Distribution, u64)> = pools
            .iter()
            .filter_map(|(pool, share)| Some((pool.hidden.as_ref()?, *share)))
            .collect();
        let visible: Vec<(&Distribution, u64)> = pools
            .iter()
            .filter_map(|(pool, share)| Some((pool.visible.as_ref()?, *share)))
            .collect();
        let largest = |of: fn(&Pool) -> Fixed| pools.iter().map(|(pool, _)| of(pool)).max();
        let output = scaled(Distribution::mix(&outputs)?);
        let no_thinking = of.thinking == Some(false);
        let mixture = input.work.is_none();
        Some(Ground {
            hidden: if no_thinking { None } else { Distribution::mix(&hidden).map(scaled) },
            visible: if no_thinking { Some(output.clone()) } else { Distribution::mix(&visible) },
            output,
            basis: Basis {
                level: level_of(nearest),
                origin: EstimateOrigin::Recorded,
                rows: at().map(|pool| pool.rows).sum(),
                set_aside: 0,
                sources: at().map(|pool| pool.sources).max().unwrap_or(0),
                source: source_of(nearest, of),
                work: input.work,
                thinking: of.thinking,
                effort: factor,
                held: held(&self.priors, input.work, of.thinking, 0),
            },
            rows: Vec::new(),
            within: largest(|pool| pool.within)?,
            // What kind of work it is is not known either.
            between: largest(|pool| pool.between)? + if mixture { Fixed::ONE } else { Fixed::ZERO },
        })
    }
}

/// Whether own rows are of the model that is asked for.
fn same(key: &HistoryKey, of: &Subject<'_>) -> bool {
    name_and_switch(&key.model).0 == of.name
}

/// The effort of own rows, by the model's default where none was given.
fn effort_of(key: &HistoryKey, of: &Subject<'_>) -> String {
    if key.effort.is_empty() {
        return of.generation.map_or("", |generation| generation.default_effort).to_owned();
    }
    key.effort.clone()
}

/// From own rows, when there are enough.
fn own(
    priors: &Priors<'_>,
    present: Present,
    of: &Subject<'_>,
    label: Option<&str>,
    level: Level,
    recorded: Option<&Ground>,
) -> Option<Ground> {
    let Present { rows, set_aside } = present;
    if rows.len() < FIRST_ROWS {
        return None;
    }
    let weak = |part: fn(&Ground) -> Option<&Distribution>| {
        let ground = recorded.and_then(|ground| Some((ground, part(ground)?)));
        ground.map_or(Weak::NOTHING, |(ground, part)| {
            // One kind of work of one user varies less than all that a source asks.
            let one_user = Fixed::ratio(i128::from(priors.constants.one_user), 1000);
            Weak::of(part, ground.within.times(one_user), ground.between)
        })
    };
    // A part is known from those rows that say it; a few that do are not all.
    let part = |values: Vec<u64>, weak: Weak| {
        if values.len() < FIRST_ROWS { None } else { predictive(&values, &weak, &priors.constants) }
    };
    let outputs: Vec<u64> = rows.iter().map(|row| row.output).collect();
    let hidden: Vec<u64> = rows.iter().filter_map(|row| row.hidden).collect();
    let visible: Vec<u64> = rows.iter().filter_map(HistoryRow::visible).collect();
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { format!("`{text}`") };
    let (model, label) = (&of.name, dash(label.unwrap_or("")));
    let effort = match &level {
        Level::OtherEffort(effort) => Some(effort.clone()),
        _ => None,
    };
    let at = dash(effort.as_ref().map_or(&of.effort, |effort| &effort.from));
    let within = recorded.map_or(Weak::NOTHING.within, |ground| ground.within);
    Some(Ground {
        output: predictive(&outputs, &weak(|ground| Some(&ground.output)), &priors.constants)?,
        hidden: part(hidden, weak(|ground| ground.hidden.as_ref())),
        visible: part(visible, weak(|ground| ground.visible.as_ref())),
        basis: Basis {
            level,
            origin: EstimateOrigin::Own,
            rows: rows.len() as u64,
            set_aside,
            sources: 1,
            source: format!("(`{model}`, effort {at}, label {label})"),
            work: None,
            thinking: None,
            effort,
            held: held(priors, None, None, rows.len() as u64),
        },
        rows,
        within,
        between: Fixed::ZERO,
    })
}

/// The plain name, and whether it switches thinking on: so some sell Claude.
fn name_and_switch(model: &str) -> (String, bool) {
    let name = plain_name(model);
    match name.strip_suffix("-thinking").filter(|name| name.starts_with("claude")) {
        Some(name) => (name.to_owned(), true),
        None => (name, false),
    }
}

/// The effort level that counts: the one asked for when the model takes it, else its default.
fn effort(
    input: &EstimateInput<'_>,
    generation: Option<&Generation<'_>>,
    notes: &mut Vec<String>,
) -> String {
    const WORDS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    let default = generation.map_or("", |generation| generation.default_effort).to_owned();
    let Some(asked) = input.effort.filter(|effort| !effort.is_empty()) else { return default };
    let listed = generation.map_or(&[][..], |generation| generation.efforts);
    let takes = if listed.is_empty() { &WORDS[..] } else { listed };
    if takes.contains(&asked) {
        return if asked == "none" { default } else { asked.to_owned() };
    }
    // `none` is spoken of where thinking is.
    if asked != "none" {
        let model = input.model;
        notes.push(format!(
            "`{model}` is not known to take effort `{asked}` (it takes {}): estimated at its default",
            takes.join(", ")
        ));
    }
    default
}

/// Whether the model will think.
fn thinking(
    input: &EstimateInput<'_>,
    generation: Option<&Generation<'_>>,
    notes: &mut Vec<String>,
) -> Option<bool> {
    let habit = generation.map_or(Habit::Unknown, |generation| generation.thinking);
    let by_effort = input.effort.is_some_and(|effort| !matches!(effort, "" | "none"))
        // At Anthropic an effort is one of the whole answer, and switches nothing on.
        && generation.is_none_or(|generation| generation.publisher != "anthropic");
    let off = input.caps.thinking == Thinking::Off || input.effort == Some("none");
    match (input.caps.thinking, habit) {
        (Thinking::Never, _) | (_, Habit::Never) => Some(false),
        (_, Habit::Always) => {
            if off {
                notes.push(format!("reasoning of `{}` cannot be switched off", input.model));
            }
            Some(true)
        }
        _ if off => Some(false),
        (Thinking::On | Thinking::Ceiling(_) | Thinking::Target(_), _) => Some(true),
        _ if by_effort => Some(true),
        (_, Habit::Off) => Some(false),
        (_, Habit::On) => Some(true),
        (_, Habit::Unknown) => None,
    }
}

/// The factor from one effort to another; `None` when there is nothing to change.
fn multiplier(priors: &Priors<'_>, model: &str, from: &str, to: &str) -> Option<Effort> {
    // A model without a level of its own thinks or does not: asked for much, it does as it always does.
    let (at, asked) = match (from, to) {
        ("", "xhigh" | "max") => ("high", "high"),
        ("", to) => ("high", to),
        (from, to) => (from, to),
    };
    if at == asked || to.is_empty() {
        return None;
    }
    let of_medium = |effort: &str| {
        if matches!(effort, "" | "medium" | "none") {
            return Some((1000, true));
        }
        let found = priors.ratios.iter().find(|ratio| {
            ratio.effort == effort && ratio.models.iter().any(|one| matches_pattern(one, model))
        });
        found.map(|ratio| (ratio.per_mille, !ratio.models.contains(&"*")))
    };
    let ((of_from, one), (of_to, other)) = (of_medium(at)?, of_medium(asked)?);
    let per_mille = 1000 * of_to / of_from.max(1);
    Some(Effort { from: at.to_owned(), to: to.to_owned(), per_mille, measured: one && other })
}

fn level_of(near: Near) -> Level {
    match near {
        Near::Model => Level::Model,
        Near::Generation => Level::Generation,
        Near::Publisher => Level::Publisher,
        Near::Class => Level::Class,
    }
}

fn source_of(near: Near, of: &Subject<'_>) -> String {
    let generation = of.generation.map_or("", |generation| generation.name);
    let publisher = of.generation.map_or("", |generation| generation.publisher);
    match near {
        Near::Model => format!("`{}`", of.name),
        Near::Generation => format!("other models of the generation {generation}"),
        Near::Publisher => format!("other generations of {publisher}"),
        Near::Class => "models of other publishers".to_owned(),
    }
}

/// How often the quantiles held in the backtest, for the case nearest to this one.
fn held(
    priors: &Priors<'_>,
    work: Option<Work>,
    thinking: Option<bool>,
    own_rows: u64,
) -> Option<[HeldShare; 3]> {
    let fits = |case: &&Coverage| {
        if own_rows > 0 {
            return case.own_rows > 0 && case.own_rows <= own_rows;
        }
        case.own_rows == 0 && case.work == work && case.thinking == thinking
    };
    let case = priors.coverage.iter().filter(fits).max_by_key(|case| case.own_rows)?;
    let share = |at: usize| {
        let of = |shares: [u16; 3]| shares.get(at).copied().unwrap_or(0);
        HeldShare { low: of(case.low), mean: of(case.mean), high: of(case.high) }
    };
    Some([share(0), share(1), share(2)])
}
