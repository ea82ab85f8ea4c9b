//! Random tables of usage, each as an Arrow batch of randomly chosen types and as the CSV that says the
//! same.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array,
    Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field};
use tokreckon::time::{Instant, day_text};

/// A small generator of numbers, the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    pub(crate) fn pick<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }
}

/// A table twice.
pub(crate) struct Table {
    pub(crate) csv: String,
    pub(crate) batch: RecordBatch,
}

/// Cells of a column as CSV has them; empty for nothing.
type Cells = Vec<String>;

fn open(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// A column of text in one of the types that there are for it.
fn texts(dice: &mut Dice, cells: &Cells) -> ArrayRef {
    let all = cells.iter().map(|cell| open(cell));
    match dice.below(5) {
        0 => Arc::new(all.collect::<StringArray>()),
        1 => Arc::new(all.collect::<LargeStringArray>()),
        2 => Arc::new(all.collect::<StringViewArray>()),
        3 => Arc::new(all.collect::<BinaryArray>()),
        _ => {
            let mut dictionary = StringDictionaryBuilder::<Int32Type>::new();
            all.for_each(|text| dictionary.append_option(text));
            Arc::new(dictionary.finish())
        }
    }
}

/// A number with two places, as a whole number of hundredths.
fn hundredths(text: &str) -> Option<i128> {
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    format!("{whole}{places:0<2}").parse().ok().filter(|_| places.len() <= 2)
}

/// A column of numbers: any type that holds all of them as they are.
fn numbers(dice: &mut Dice, cells: &Cells) -> ArrayRef {
    let all = || cells.iter().map(|cell| open(cell));
    let fit = |holds: &dyn Fn(&str) -> bool| all().flatten().all(holds);
    let whole: Vec<Option<i64>> =
        all().map(|text| text.and_then(|text| text.parse().ok())).collect();
    let is_whole = fit(&|text| text.parse::<i64>().is_ok());
    for _ in 0..4 {
        match dice.below(6) {
            0 if is_whole => return Arc::new(Int64Array::from(whole)),
            1 if fit(&|text| text.parse::<i32>().is_ok()) => {
                let narrow = |number: Option<i64>| number.and_then(|n| i32::try_from(n).ok());
                return Arc::new(whole.into_iter().map(narrow).collect::<Int32Array>());
            }
            2 if fit(&|text| text.parse::<u64>().is_ok()) => {
                let parse = |text: Option<&str>| text.and_then(|text| text.parse().ok());
                return Arc::new(all().map(parse).collect::<UInt64Array>());
            }
            3 if fit(&|text| hundredths(text).is_some()) => {
                let parse = |text: Option<&str>| text.and_then(|text| text.parse().ok());
                return Arc::new(all().map(parse).collect::<Float64Array>());
            }
            4 if fit(&|text| hundredths(text).is_some()) => {
                let column: Decimal128Array = all().map(|text| text.and_then(hundredths)).collect();
                return Arc::new(column.with_precision_and_scale(38, 2).expect("a decimal"));
            }
            5 if is_whole => {
                let column: Decimal128Array =
                    whole.into_iter().map(|number| number.map(i128::from)).collect();
                return Arc::new(column.with_precision_and_scale(38, 0).expect("a decimal"));
            }
            _ => {}
        }
    }
    texts(dice, cells)
}

/// A column of times, and the cells of CSV for it.
fn times(dice: &mut Dice, seconds: &[Option<i64>]) -> (ArrayRef, Cells) {
    let zone = dice.pick(&["", "UTC", "+02:00"]);
    let zone = Some(zone).filter(|zone| !zone.is_empty());
    // Parts of a second are cut off.
    let scaled = |units: i64, more: i64| {
        seconds.iter().map(move |second| second.map(|second| second * units + more))
    };
    let clock = |second: Option<i64>, end: &str| {
        second.map_or(String::new(), |second| {
            format!("{}{end}", Instant(second).to_string().trim_end_matches('Z'))
        })
    };
    let of_zone = |end: &str| seconds.iter().map(|second| clock(*second, end)).collect::<Cells>();
    let typed = of_zone(if zone.is_some() { "Z" } else { "" });
    match dice.below(7) {
        0 => {
            let column: TimestampSecondArray = scaled(1, 0).collect();
            (Arc::new(column.with_timezone_opt(zone)), typed)
        }
        1 => {
            let column: TimestampMillisecondArray = scaled(1_000, 999).collect();
            (Arc::new(column.with_timezone_opt(zone)), typed)
        }
        2 => {
            let column: TimestampMicrosecondArray = scaled(1_000_000, 1).collect();
            (Arc::new(column.with_timezone_opt(zone)), typed)
        }
        3 => {
            let column: TimestampNanosecondArray = scaled(1_000_000_000, 5).collect();
            (Arc::new(column.with_timezone_opt(zone)), typed)
        }
        4 => {
            let cells: Cells =
                seconds.iter().map(|s| s.map_or(String::new(), |s| s.to_string())).collect();
            (Arc::new(Int64Array::from(seconds.to_vec())), cells)
        }
        5 => {
            let days: Vec<Option<i64>> = seconds
                .iter()
                .map(|second| second.map(|second| second.div_euclid(86_400)))
                .collect();
            let cells = days.iter().map(|day| day.map_or(String::new(), day_text)).collect();
            let narrow = |day: &Option<i64>| day.and_then(|day| i32::try_from(day).ok());
            (Arc::new(days.iter().map(narrow).collect::<Date32Array>()), cells)
        }
        _ => {
            let cells = of_zone("Z");
            (texts(dice, &cells), cells)
        }
    }
}

/// A table of requests of every fate: exact, between bounds, without a price, refused, impossible,
/// rejected, with a cost of its own, with a column that is not read.
pub(crate) fn table(dice: &mut Dice, rows: usize) -> Table {
    let mut column = |pick: &mut dyn FnMut(&mut Dice) -> String| -> Cells {
        (0..rows).map(|_| pick(&mut *dice)).collect()
    };
    let provider = column(&mut |dice| {
        dice.pick(&["openai", "openai", "anthropic", "deepseek", "nobody", ""]).to_owned()
    });
    let model = column(&mut |dice| {
        let models = [
            "o1-mini",
            "gpt-4o",
            "o3",
            "gpt-5",
            "claude-sonnet-4-5",
            "deepseek-chat",
            "no-such",
            "",
        ];
        dice.pick(&models).to_owned()
    });
    let tier =
        column(&mut |dice| dice.pick(&["", "standard", "standard", "batch", "flex"]).to_owned());
    let project = column(&mut |dice| {
        dice.pick(&["", "search", "chat, \"new\"", " blank ", "n/a"]).to_owned()
    });
    let input = column(&mut |dice| dice.below(400_000).to_string());
    let cached = column(&mut |dice| match dice.below(3) {
        0 => String::new(),
        _ => dice.below(200_000).to_string(),
    });
    let outputs: &[&str] = match rows % 4 {
        0 => &["0", "17", "2167"],
        1 => &["0", "17", "-1"],
        2 => &["0", "17.5", "", "90000"],
        _ => &["0", "17", "many", "59200.0"],
    };
    let output = column(&mut |dice| dice.pick(outputs).to_owned());
    let reasoning = column(&mut |dice| dice.pick(&["", "0", "16"]).to_owned());
    let cost = column(&mut |dice| dice.pick(&["", "", "0.25", "1.5"]).to_owned());
    let unknown = column(&mut |dice| dice.pick(&["", "", "0", "3"]).to_owned());
    let batch = column(&mut |dice| dice.pick(&["", "false", "false", "true"]).to_owned());
    let day = || 1_711_929_600;
    let seconds: Vec<Option<i64>> = (0..rows)
        .map(|_| {
            let offset = i64::try_from(dice.below(900 * 86_400)).expect("small");
            (dice.below(20) > 0).then_some(day() + offset)
        })
        .collect();
    let (time_column, time) = times(dice, &seconds);
    let flags: BooleanArray =
        batch.iter().map(|flag| open(flag).map(|flag| flag == "true")).collect();
    // The counts stand apart, or in a struct that is missing now and then.
    let nested = dice.below(3) == 0;
    let is_there: Vec<bool> = (0..rows).map(|_| !nested || dice.below(9) > 0).collect();
    let within = |cells: Cells| -> Cells {
        let kept = cells.into_iter().zip(&is_there);
        kept.map(|(cell, is_there)| if *is_there { cell } else { String::new() }).collect()
    };
    let counts = [
        ("input_tokens", input),
        ("cached_tokens", cached),
        ("output_tokens", output),
        ("reasoning_tokens", reasoning),
    ];
    let counts = counts.map(|(name, cells)| {
        let column = numbers(dice, &cells);
        (name, within(cells), column)
    });
    let mut all: Vec<(String, Cells, Option<ArrayRef>)> = Vec::new();
    let mut push = |name: &str, cells: Cells, column: ArrayRef| {
        all.push((name.to_owned(), cells, Some(column)));
    };
    push("provider", provider.clone(), texts(dice, &provider));
    push("model", model.clone(), texts(dice, &model));
    push("timestamp", time, time_column);
    push("service_tier", tier.clone(), texts(dice, &tier));
    push("project", project.clone(), texts(dice, &project));
    push("cost", cost.clone(), numbers(dice, &cost));
    push("brand_new_tokens", unknown.clone(), numbers(dice, &unknown));
    push("batch", batch, Arc::new(flags));
    // Rows with a text of their own are no sums of others, which tables that people write have.
    let note = vec!["kept by a program".to_owned(); rows];
    push("note", note.clone(), texts(dice, &note));
    if nested {
        let fields: Vec<Field> = counts
            .iter()
            .map(|(name, _, column)| Field::new(*name, column.data_type().clone(), true))
            .collect();
        let columns = counts.iter().map(|(.., column)| Arc::clone(column)).collect();
        let usage = StructArray::new(fields.into(), columns, Some(NullBuffer::from(is_there)));
        let mut usage: Option<ArrayRef> = Some(Arc::new(usage));
        for (name, cells, _) in counts {
            all.push((format!("usage.{name}"), cells, usage.take()));
        }
    } else {
        for (name, cells, column) in counts {
            all.push((name.to_owned(), cells, Some(column)));
        }
    }
    let csv = csv(&all, rows);
    Table { csv, batch: record_batch(all) }
}

/// The columns as a batch, the counts in one where they are members of a struct.
fn record_batch(all: Vec<(String, Cells, Option<ArrayRef>)>) -> RecordBatch {
    let columns = all.into_iter().filter_map(|(name, _, column)| {
        let column = column?;
        let is_struct = matches!(column.data_type(), DataType::Struct(_));
        let name = if is_struct { "usage".to_owned() } else { name };
        Some((name, column, true))
    });
    let columns: Vec<_> = columns.collect();
    RecordBatch::try_from_iter_with_nullable(columns).expect("a batch")
}

fn csv(columns: &[(String, Cells, Option<ArrayRef>)], rows: usize) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, ..)| name.as_str()).collect();
    let mut csv = names.join(",");
    csv.push('\n');
    for row in 0..rows {
        let cells: Vec<String> = columns
            .iter()
            .map(|(_, cells, _)| format!("\"{}\"", cells[row].replace('"', "\"\"")))
            .collect();
        let _ = writeln!(csv, "{}", cells.join(","));
    }
    csv
}
