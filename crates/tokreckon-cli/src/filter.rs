//! Which records a report is about: `--since`, `--until`, `--where`. What is left out is counted.

use anyhow::{Result, bail};
use jiff::tz::TimeZone;
use tokreckon::ledger::{Dimension, Filter};
use tokreckon::time::Period;

use crate::args::FilterArgs;
use crate::context::with_hint;

/// What was asked for; `None` for all records.
pub(crate) fn filter(args: &FilterArgs, zone: &TimeZone) -> Result<Option<Filter>> {
    if args.since.is_none() && args.until.is_none() && args.wanted.is_empty() {
        return Ok(None);
    }
    let since = args.since.as_deref().map(|text| span("--since", text, zone)).transpose()?;
    let until = args.until.as_deref().map(|text| span("--until", text, zone)).transpose()?;
    let mut filter = Filter::default();
    if let Some(since) = since {
        filter = filter.since(since.start);
    }
    if let Some(Period { end, .. }) = until {
        if since.is_some_and(|since| since.start >= end) {
            bail!("`--since` is after `--until`: no record can be taken");
        }
        filter = filter.until(end);
    }
    for text in &args.wanted {
        let (dimension, value) = condition(text)?;
        filter = filter.with(dimension, value);
    }
    Ok(Some(filter))
}

fn condition(text: &str) -> Result<(Dimension, String)> {
    let known = Filter::DIMENSIONS;
    let dimension = text.split_once('=').and_then(|(name, value)| {
        let dimension = Dimension::from_name(name)?;
        (known.contains(&dimension) || matches!(dimension, Dimension::Label(_)))
            .then(|| (dimension, value.to_owned()))
    });
    dimension.ok_or_else(|| {
        let names = known.map(Dimension::name).join(", ") + ", label:NAME";
        let hint = format!("write `model=gpt-4o` or `model=gpt-4*`; names are {names}");
        with_hint(format!("`--where {text}` is no condition"), Some(hint))
    })
}

/// What a day, a month, a year or an instant means in the zone.
fn span(option: &str, text: &str, zone: &TimeZone) -> Result<Period> {
    Period::parse_in(text, zone).map_err(|_| {
        let hint = "write a day `2026-10-05`, a month `2026-10`, a year or a time".to_owned();
        with_hint(format!("`{option} {text}` is no time"), Some(hint))
    })
}

#[cfg(test)]
mod tests {
    use tokreckon::record::Record;

    use super::*;

    fn asked(since: &str, until: &str, wanted: &[&str]) -> Result<Option<Filter>> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let wanted = wanted.iter().map(|text| (*text).to_owned()).collect();
        filter(&FilterArgs { since: text(since), until: text(until), wanted }, &TimeZone::UTC)
    }

    fn record(time: &str, model: &'static str) -> Record<'static> {
        let period = (!time.is_empty()).then(|| Period::parse(time).expect("a time"));
        Record { period, model, ..Record::EMPTY }
    }

    #[test]
    fn days_months_and_years_are_taken_whole() {
        let taken = |since: &str, until: &str, time: &str| {
            let filter = asked(since, until, &[]).expect("fine").expect("a filter");
            filter.takes(&record(time, "m"))
        };
        for (since, until, time, is) in [
            ("2026-10-05", "", "2026-10-05T00:00:00Z", true),
            ("2026-10-05", "", "2026-10-04T23:59:59Z", false),
            ("", "2026-10-05", "2026-10-05T23:59:59Z", true),
            ("", "2026-10-05", "2026-10-06", false),
            ("2026-10", "2026-10", "2026-10-31", true),
            ("2026-10", "2026-10", "2026-11-01", false),
            ("2026", "", "2025-12-31", false),
            ("20261005", "", "2026-10-05", true),
            ("2026", "", "", false),
        ] {
            assert_eq!(taken(since, until, time), is, "{since} {until} {time}");
        }
        assert!(asked("2026-10-06", "2026-10-05", &[]).is_err());
        assert!(asked("soon", "", &[]).is_err());
        assert!(asked("", "", &[]).expect("fine").is_none());
    }

    #[test]
    fn conditions_on_one_name_are_alternatives() {
        let filter = asked("", "", &["model=gpt-4*", "model=o1"]).expect("fine").expect("a filter");
        for (model, is) in
            [("gpt-4o", true), ("GPT-4", true), ("o1", true), ("o1-mini", false), ("gp", false)]
        {
            assert_eq!(filter.takes(&record("", model)), is, "{model}");
        }
        assert!(condition("day=2026").is_err() && condition("model").is_err());
    }
}
