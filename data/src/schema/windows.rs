//! Reading `[calendar.NAME]` and `[window.NAME]`.

use toml::de::{DeTable, DeValue};

use super::entry::{CalendarEntry, File, WindowEntry};
use super::fields::{Fields, Found, Reader, did_you_mean, kind};

/// Most spans of hours in one window.
const MAX_SPANS: usize = 4;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The named tables below a key such as `window`.
fn named<'a>(
    reader: &mut Reader<'_>,
    top: &mut Fields<'a>,
    key: &'static str,
) -> Vec<(&'a str, usize, &'a DeTable<'a>)> {
    let Some(value) = top.take(key) else {
        return Vec::new();
    };
    let DeValue::Table(tables) = value.get_ref() else {
        let message = format!("`{key}` is {}, not a table", kind(value.get_ref()));
        reader.mistake(value.span().start, message, format!("write `[{key}.NAME]`"));
        return Vec::new();
    };
    let mut named = Vec::new();
    for (name, table) in tables {
        if let DeValue::Table(fields) = table.get_ref() {
            named.push((name.get_ref().as_ref(), table.span().start, fields));
        } else {
            let found = kind(table.get_ref());
            let message = format!("`{key}.{}` is {found}, not a table", name.get_ref());
            reader.mistake(name.span().start, message, format!("write `[{key}.NAME]`"));
        }
    }
    named
}

/// Reads every `[calendar.NAME]`.
pub(super) fn read_calendars(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    for (name, offset, table) in named(reader, top, "calendar") {
        let mut fields = Fields::new(format!("[calendar.{name}]"), offset, table);
        let before = reader.mistakes.len();
        let days = calendar_days(reader, &mut fields);
        let utc_offset_minutes = utc_offset(reader, &mut fields);
        let from = required_day(reader, &mut fields, "complete-from");
        let until = required_day(reader, &mut fields, "complete-until");
        reader.required_text(&mut fields, "source", "say who lists the days");
        reader.finish(&fields);
        let (Some(from), Some(until)) = (from, until) else {
            continue;
        };
        if until.value < from.value {
            let message = format!("calendar `{name}` is complete until a day before its start");
            reader.mistake(until.offset, message, "`complete-until` is exclusive");
        }
        if reader.mistakes.len() == before {
            file.calendars.push(CalendarEntry {
                name: name.to_owned(),
                days,
                complete_from_day: from.value,
                complete_until_day: until.value,
                utc_offset_minutes,
            });
        }
    }
}

/// An edge of the span in which a calendar is complete.
fn required_day(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_>,
    key: &'static str,
) -> Option<Found<i32>> {
    if !fields.has(key) {
        reader.missing(fields, key, "say for which span the list of days is complete");
    }
    reader.day(fields, key)
}

/// The days of a calendar, ascending. An empty list is an answer here.
fn calendar_days(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> Vec<i32> {
    let Some(value) = fields.take("days") else {
        reader.missing(fields, "days", "list the days, or write `days = []` for none");
        return Vec::new();
    };
    let DeValue::Array(items) = value.get_ref() else {
        let message = format!("`days` is {}, not a list of days", kind(value.get_ref()));
        reader.mistake(value.span().start, message, "write `days = [2026-01-01]`");
        return Vec::new();
    };
    let mut days = Vec::new();
    for item in items {
        let offset = item.span().start;
        let Some(day) = reader.plain_day("days", item.get_ref(), offset) else {
            continue;
        };
        if days.last().is_some_and(|last| day <= *last) {
            let message = "day of a calendar does not come after the day before it";
            reader.mistake(offset, message, "sort the days and list each once");
        }
        days.push(day);
    }
    days
}

/// `+08:00` in minutes; 0 when absent.
fn utc_offset(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> i16 {
    let Some(found) = reader.text(fields, "utc-offset") else {
        return 0;
    };
    let minutes = |text: &str| {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hour, minute) = rest.split_once(':')?;
        let two = |part: &str| part.parse::<u8>().ok().filter(|_| part.len() == 2);
        let (hour, minute) = (i16::from(two(hour)?), i16::from(two(minute)?));
        Some(sign * (hour * 60 + minute)).filter(|_| hour <= 14 && minute < 60)
    };
    minutes(&found.value).unwrap_or_else(|| {
        let message = format!("`utc-offset` is `{}`, not an offset from UTC", found.value);
        reader.mistake(found.offset, message, "write it like `+08:00`");
        0
    })
}

/// Reads every `[window.NAME]`; needs the calendars of the file.
pub(super) fn read_windows(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    for (name, offset, table) in named(reader, top, "window") {
        let mut fields = Fields::new(format!("[window.{name}]"), offset, table);
        let before = reader.mistakes.len();
        let hours = window_hours(reader, &mut fields);
        let days = window_days(reader, &mut fields);
        let except = match reader.text(&mut fields, "except") {
            Some(found) => defined_calendar(reader, &found, &file.calendars),
            None => String::new(),
        };
        reader.finish(&fields);
        if reader.mistakes.len() == before {
            file.windows.push(WindowEntry { name: name.to_owned(), hours, days, except });
        }
    }
}

/// The spans of hours of a window.
fn window_hours(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> Vec<(u16, u16)> {
    let Some(found) = reader.texts(fields, "hours") else {
        if !fields.has("hours") {
            reader.missing(fields, "hours", "say when, such as `hours = [\"16:30-00:30\"]`");
        }
        return Vec::new();
    };
    let mut hours = Vec::new();
    for span in &found {
        if let Some(span) = reader.hours(span) {
            hours.push(span);
        }
    }
    if found.len() > MAX_SPANS {
        let message = format!("`hours` in `{}` has {} spans", fields.what, found.len());
        reader.mistake(fields.offset, message, format!("at most {MAX_SPANS} are kept"));
    }
    hours
}

/// The days of a window as bits; every day when absent.
fn window_days(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> u8 {
    let Some(found) = reader.texts(fields, "days") else {
        return 0b111_1111;
    };
    let mut bits = 0;
    for day in found {
        if let Some(bit) = DAYS.iter().position(|known| *known == day.value) {
            bits |= 1 << bit;
        } else {
            let message = format!("unknown day of the week `{}`", day.value);
            reader.mistake(day.offset, message, did_you_mean(&day.value, &DAYS));
        }
    }
    bits
}

/// Checks that a calendar is defined.
fn defined_calendar(
    reader: &mut Reader<'_>,
    found: &Found<String>,
    calendars: &[CalendarEntry],
) -> String {
    let names: Vec<&str> = calendars.iter().map(|calendar| calendar.name.as_str()).collect();
    if !names.contains(&found.value.as_str()) {
        let message = format!("calendar `{}` is not defined", found.value);
        let hint = not_defined("calendar", &found.value, &names);
        reader.mistake(found.offset, message, hint);
    }
    found.value.clone()
}

/// The hint for a window or calendar that is used but not defined.
pub(super) fn not_defined(key: &str, name: &str, known: &[&str]) -> String {
    if known.is_empty() {
        format!("define `[{key}.{name}]` in the same file")
    } else {
        did_you_mean(name, known)
    }
}
