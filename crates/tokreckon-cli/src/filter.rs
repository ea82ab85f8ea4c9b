//! Which records a report is about: `--since`, `--until`, `--where`. What is left out is counted.

use anyhow::{Result, bail};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tokreckon::ledger::{Dimension, Filter};
use tokreckon::time::Period;

use crate::args::FilterArgs;
use crate::context::with_hint;

/// What was asked for; `None` for all records.
pub(crate) fn filter(args: &FilterArgs, zone: &TimeZone) -> Result<Option<Filter>> {
    if args.since.is_none() && args.until.is_none() && args.wanted.is_empty() {
        return Ok(None);
    }
    let today = Timestamp::now().to_zoned(zone.clone()).date();
    let asked = |option, text: &Option<String>| {
        text.as_deref().map(|text| span(option, text, today, zone)).transpose()
    };
    let (since, until) = (asked("--since", &args.since)?, asked("--until", &args.until)?);
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

/// What a day, a month, a year, an instant or a word for one of them means in the zone.
fn span(option: &str, text: &str, today: Date, zone: &TimeZone) -> Result<Period> {
    let said = before(text, today);
    Period::parse_in(said.as_deref().unwrap_or(text), zone).map_err(|_| {
        let hint =
            "write a day `2026-10-05`, a month `2026-10`, a year or a time; or `today`, `yesterday`, `7d` for seven days ago, `this-month`, `last-month`";
        with_hint(format!("`{option} {text}` is no time"), Some(hint.to_owned()))
    })
}

/// The day or month that a word means today; `None` for what is none of these words.
fn before(text: &str, today: Date) -> Option<String> {
    let days = |count: i64| today.checked_sub(count.days()).ok();
    let month = |day: Date| day.strftime("%Y-%m").to_string();
    match text.to_ascii_lowercase().as_str() {
        "today" => Some(today.to_string()),
        "yesterday" => Some(days(1)?.to_string()),
        "this-month" => Some(month(today)),
        "last-month" => Some(month(today.first_of_month().yesterday().ok()?)),
        words => {
            let (count, of_one) = match words.strip_suffix('d') {
                Some(count) => (count, 1),
                None => (words.strip_suffix('w')?, 7),
            };
            let count: u16 = count.parse().ok()?;
            Some(days(i64::from(count) * of_one)?.to_string())
        }
    }
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
    fn words_are_days_before_today() {
        let today = jiff::civil::date(2026, 3, 1);
        for (word, day) in [
            ("today", "2026-03-01"),
            ("Yesterday", "2026-02-28"),
            ("7d", "2026-02-22"),
            ("2w", "2026-02-15"),
            ("0d", "2026-03-01"),
            ("this-month", "2026-03"),
            ("last-month", "2026-02"),
        ] {
            assert_eq!(before(word, today).as_deref(), Some(day), "{word}");
        }
        for word in ["2026-03-01", "d", "-1d", "7", "1.5d", "99999999d", "tomorrow"] {
            assert_eq!(before(word, today), None, "{word}");
        }
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
