//! How long sending takes in a rate limit tier, and which limit binds.

use anyhow::{Result, bail};
use tokreckon::plan::{BatchRules, Job, PlannedLine, RateLimits, SendTime, split_batches};
use tokreckon::words::counted;

use super::Setup;
use crate::print::grouped;

/// Sending requests one by one; `reserved` is what the tokens-per-minute limit counts.
pub(super) fn one_by_one(
    setup: &Setup<'_>,
    provider: &str,
    model: &str,
    tier: &str,
    requests: u64,
    reserved: Option<u128>,
) -> Result<Vec<String>> {
    let Some(limits) = limits(setup, provider, model, tier)? else {
        return Ok(vec![format!(
            "rate limit tier {tier}: how long is not known, because the book has no limits of `{model}` at `{provider}`"
        )]);
    };
    let Some(tokens) = reserved else {
        return Ok(vec![format!(
            "rate limit tier {tier}: how long is not known, because prompts or answers have no known limit"
        )]);
    };
    let SendTime { seconds, binding, not_stated, .. } = limits.send_time(Job { requests, tokens });
    let mut lines = Vec::new();
    lines.push(match (seconds, binding) {
        (Some(seconds), Some(binding)) => format!(
            "rate limit tier {tier}, one by one: {} at least for {} with {} tokens (prompts and output limits); {} bind",
            duration(seconds),
            counted(requests, "request"),
            grouped(tokens),
            binding.name()
        ),
        _ => format!("rate limit tier {tier}: no limit per minute is stated"),
    });
    for missing in not_stated.into_iter().flatten() {
        lines.push(format!("not stated: {}", missing.name()));
    }
    Ok(lines)
}

/// Sending the lines as batch files.
pub(super) fn batches(
    setup: &Setup<'_>,
    provider: &str,
    model: &str,
    tier: &str,
    lines: &[PlannedLine],
) -> Result<Vec<String>> {
    let Some(limits) = limits(setup, provider, model, tier)? else {
        return Ok(Vec::new());
    };
    let batches = match split_batches(lines.iter().copied(), BatchRules::OPENAI, &limits) {
        Ok(batches) => batches,
        Err(error) => return Ok(vec![format!("rate limit tier {tier}, as batch files: {error}")]),
    };
    let waves = batches.last().map_or(0, |batch| batch.wave + 1);
    let queue = limits.batch_queue_tokens.map_or_else(
        || "the batch queue limit is not stated".to_owned(),
        |queue| format!("{} prompt tokens may wait", grouped(u128::from(queue.get()))),
    );
    let hours = waves.saturating_mul(24);
    Ok(vec![format!(
        "rate limit tier {tier}, as batch files: {} in {}, {hours} hours at most if each is done within 24; {queue}",
        counted(batches.len(), "file"),
        counted(waves, "wave"),
    )])
}

/// `None` when the book has no limits of this model at all; a tier that others have is an error.
fn limits(
    setup: &Setup<'_>,
    provider: &str,
    model: &str,
    tier: &str,
) -> Result<Option<RateLimits>> {
    let listed = setup.book.lookup(provider, model).map_or(model, |found| found.model);
    let rows = setup.book.rate_limits(provider, listed);
    if rows.is_empty() {
        return Ok(None);
    }
    let row = rows.iter().find(|(tables, row)| tables.str(row.tier).eq_ignore_ascii_case(tier));
    let Some((_, row)) = row else {
        let known: Vec<&str> = rows.iter().map(|(tables, row)| tables.str(row.tier)).collect();
        bail!(
            "no limits of rate limit tier `{tier}` for `{model}` at `{provider}`\nhint: the book has {}",
            known.join(", ")
        );
    };
    RateLimits::try_from(*row)
        .map(Some)
        .map_err(|error| anyhow::anyhow!("rate limit tier `{tier}`, `{model}`: {error}"))
}

/// `2 h 7 min 9 s`.
fn duration(seconds: u128) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "min"), (rest, "s")];
    let parts =
        parts.into_iter().filter(|(count, unit)| *count > 0 || (*unit == "s" && seconds == 0));
    parts.map(|(count, unit)| format!("{count} {unit}")).collect::<Vec<_>>().join(" ")
}
