//! Logs of Inspect AI evaluations (`*.json`): `stats.model_usage` adds up each model's requests.
//!
//! Input includes cached tokens or not, as the total says. The model is `provider/model`.

use super::provider_and_model;
use crate::charge::Shape;
use crate::read::object::{Object, inner, period, text};
use crate::read::spelling::Scope;
use crate::read::spellings::OF_OWN_LOGS;
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::{Record, Repeats};
use crate::time::Period;

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("eval")
        && inner(object, &["stats"]).is_some_and(|stats| stats.contains_key("model_usage"))
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let stats = inner(object, &["stats"]);
    let usages = stats.and_then(|stats| inner(stats, &["model_usage"]));
    let (Some(stats), Some(usages)) = (stats, usages.filter(|usages| !usages.is_empty())) else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let run = inner(object, &["eval"]).and_then(|eval| text(eval, "run_id")).unwrap_or("");
    let (start, end) = (period(stats, &["started_at"])?, period(stats, &["completed_at"])?);
    let period = match (start, end) {
        (Some(start), Some(end)) if start.start < end.start => {
            Some(Period { start: start.start, end: end.start })
        }
        (start, _) => start,
    };
    for (name, usage) in usages {
        let Some(usage) = usage.as_object() else { continue };
        let mut unread = Unread::default();
        let totals = match OF_OWN_LOGS.read(usage, Scope::Usage, &["total_cost"], &mut unread) {
            Ok(totals) => totals,
            Err(problem) => {
                each(Item::Reject(Reject { line, problem }));
                continue;
            }
        };
        let (provider, model) = provider_and_model(name, '/');
        let id = format!("{run}/{name}");
        each(Item::Record(&Record {
            line,
            provider: options.provider_or(provider),
            model,
            period,
            shape: Shape::Sum { requests: None },
            totals: Some(totals),
            id: &id,
            unread: unread.as_str(),
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
    }
    Ok(())
}
