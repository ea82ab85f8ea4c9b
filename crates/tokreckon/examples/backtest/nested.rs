//! Constants chosen on other sources than those they are scored on.

use tokreckon_data::PRIORS;
use tokreckon_data::priors::Constants;

use crate::cells::OwnedCell;
use crate::facts::Answer;
use crate::sources::{Case, Scored, Summary, score, summary};

/// Parts that the sources are dealt into; the constants for one are chosen on the other parts.
const PARTS: usize = 6;

/// p90 must hold for so many answers, as a mean over models, in millionths.
const HOLDS: u64 = 890_000;

/// The constants that are tried.
fn grid() -> Vec<Constants> {
    let mut all = Vec::new();
    for fitted in [500, 700] {
        for deviation in [900, 950, 1000, 1100] {
            all.push(Constants { fitted, deviation, ..PRIORS.constants });
        }
    }
    all
}

/// The best constants: of those whose p90 holds often enough those that lose least, else those whose
/// p90 holds most often.
fn best(answers: &[Answer], cells: &[OwnedCell], case: Case<'_>) -> Constants {
    let judged = grid().into_iter().map(|constants| {
        let Summary { held, loss, .. } =
            summary(score(answers, cells, case, &|_| constants).iter());
        let [_, held, _] = held;
        (held < HOLDS, if held < HOLDS { u64::MAX - held } else { loss }, constants)
    });
    let least = judged.min_by_key(|(short, loss, _)| (*short, *loss));
    least.map_or(PRIORS.constants, |(.., constants)| constants)
}

/// What was chosen on all sources, for each part on the others, and how that does.
pub(crate) fn nested(
    answers: &[Answer],
    cells: &[OwnedCell],
    case: Case<'_>,
) -> (Constants, Vec<Constants>, Vec<Scored>) {
    let mut sources: Vec<&str> = answers.iter().map(|answer| answer.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let part_of = |source: &str| sources.iter().position(|one| *one == source).unwrap_or(0) % PARTS;
    let chosen = |part: Option<usize>| {
        let kept = |source: &str| part.is_none_or(|part| part_of(source) != part);
        let answers: Vec<Answer> =
            answers.iter().filter(|answer| kept(&answer.source)).cloned().collect();
        let cells: Vec<OwnedCell> =
            cells.iter().filter(|cell| kept(&cell.key.0)).cloned().collect();
        best(&answers, &cells, case)
    };
    let mut parts: Vec<Constants> = vec![PRIORS.constants; PARTS];
    let all = std::thread::scope(|scope| {
        let (low, high) = parts.split_at_mut(PARTS / 2);
        scope.spawn(move || {
            (0..).zip(low).for_each(|(part, constants)| *constants = chosen(Some(part)));
        });
        (PARTS / 2..).zip(high).for_each(|(part, constants)| *constants = chosen(Some(part)));
        chosen(None)
    });
    let constants = |source: &str| parts.get(part_of(source)).copied().unwrap_or(all);
    let scored = score(answers, cells, case, &constants);
    (all, parts, scored)
}
