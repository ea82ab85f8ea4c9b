//! The laws of columns: a batch is the CSV that says the same, and cells add up to the same bytes in any
//! order, under any split.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, MapBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Date64Array, Decimal128Array, Decimal256Array,
    DurationSecondArray, FixedSizeBinaryArray, Float32Array, Float64Array, Int8Array, Int64Array,
    ListArray, NullArray, RecordBatch, RecordBatchIterator, StringArray, StructArray,
    TimestampMillisecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_buffer::{OffsetBuffer, i256};
use arrow_schema::{ArrowError, DataType, Field};
use tokreckon::book::PriceBook;
use tokreckon::document::ReportDocument;
use tokreckon::ledger::saved::{Prices, SavedLedger};
use tokreckon::ledger::{Dimension, Settings};
use tokreckon::money::Currency;
use tokreckon::pipeline::{Pipeline, Warning};
use tokreckon::read::Columns;
use tokreckon::report::Report;
use tokreckon_arrow::{
    Batch, Error, Options, Source, Table, cells, cells_of_stream, merge, price, report, saved,
};

#[path = "columns/mod.rs"]
mod columns;

use columns::{Dice, table};

const BY: [Dimension; 4] =
    [Dimension::Provider, Dimension::Model, Dimension::Day, Dimension::Project];

/// The same table read as CSV, by the pipeline.
fn read_csv(csv: &str) -> (SavedLedger, Report) {
    let book = PriceBook::builtin();
    let settings = Settings { by: BY.to_vec(), ..Settings::default() };
    let pipeline = Pipeline::new(&book).settings(settings).every_row().threads(1);
    let run = pipeline.saving([Dimension::Project]).read(csv.as_bytes()).expect("a table");
    (run.saved().expect("saved").expect("asked for"), run.report)
}

fn of(batch: &RecordBatch) -> RecordBatch {
    cells(batch, &[Dimension::Project], &Options::new()).expect("cells")
}

#[test]
fn a_batch_is_the_csv_that_says_the_same() {
    let mut dice = Dice(1);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..60 {
        let rows = 1 + dice.below(40);
        let table = table(&mut dice, rows);
        let (by_csv, expected) = read_csv(&table.csv);
        let of_batch = of(&table.batch);
        let by_columns = saved(&of_batch).expect("a ledger");
        let [ours, theirs] = [&by_columns, &by_csv].map(|saved| {
            saved.sources.values().map(|source| (&source.cells, &source.rows)).collect::<Vec<_>>()
        });
        assert_eq!(ours, theirs, "{round}\n{}\n{:?}", table.csv, table.batch.schema());
        let report = report(&of_batch, &BY, &Options::new(), Prices::AsSaved).expect("a report");
        let [ours, theirs] = [&report, &expected].map(ReportDocument::from);
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{round}");
        for row in 0..of_batch.num_rows() {
            let text = |name: &str| {
                of_batch.column_by_name(name).expect(name).as_string::<i32>().value(row).to_owned()
            };
            seen.insert(text("outcome"));
            seen.insert(text("meter").split(':').next().unwrap_or_default().to_owned());
            seen.insert(text("refusal"));
        }
    }
    for fate in ["charged", "not-charged", "rejected", "impossible-usage", "not-read", "cost"] {
        assert!(seen.contains(fate), "no {fate} among {seen:?}: the law looks at too little");
    }
}

/// The batch cut somewhere, in its order.
fn cut(batch: &RecordBatch, dice: &mut Dice) -> Vec<RecordBatch> {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < batch.num_rows() {
        let length = (1 + dice.below(20)).min(batch.num_rows() - start);
        parts.push(batch.slice(start, length));
        start += length;
    }
    parts
}

#[test]
fn a_table_in_memory_is_the_csv_that_says_the_same() {
    let mut dice = Dice(4);
    for round in 0..30 {
        let rows = 1 + dice.below(60);
        let table = table(&mut dice, rows);
        let (by_csv, expected) = read_csv(&table.csv);
        let book = PriceBook::builtin();
        let mut texts = Vec::new();
        for threads in [1, 3] {
            let batches = cut(&table.batch, &mut dice);
            let given = Table::new(table.batch.schema(), batches).expect("a table");
            let settings = Settings { by: BY.to_vec(), ..Settings::default() };
            let pipeline = Pipeline::new(&book).settings(settings).every_row().threads(threads);
            let run = pipeline.saving([Dimension::Project]).read(given.input()).expect("read");
            let saved = run.saved().expect("saved").expect("asked for");
            let [ours, theirs] = [&saved, &by_csv].map(|saved| {
                let sources = saved.sources.values();
                sources.map(|source| (&source.cells, &source.rows)).collect::<Vec<_>>()
            });
            assert_eq!(ours, theirs, "{round}\n{}", table.csv);
            let [ours, theirs] = [&run.report, &expected].map(ReportDocument::from);
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{round}");
            texts.push(saved.to_text());
            let priced = given.price(&Options::new()).expect("prices");
            let whole = price(&table.batch, &Options::new()).expect("prices");
            let mut row = 0;
            for batch in priced.batches() {
                assert_eq!(batch, &whole.slice(row, batch.num_rows()));
                row += batch.num_rows();
            }
            assert_eq!(row, rows);
        }
        // Its digest does not tell how it lies in batches.
        assert_eq!(texts[0], texts[1]);
    }
}

#[test]
fn the_same_table_twice_is_said_and_another_one_is_not() {
    let mut dice = Dice(6);
    let batch = table(&mut dice, 40).batch;
    let book = PriceBook::builtin();
    let given = |batches: Vec<RecordBatch>| Table::new(batch.schema(), batches).expect("a table");
    let told = |other: Table| {
        let inputs = [given(vec![batch.clone()]).input(), other.input()];
        Pipeline::new(&book).read_all(&inputs).expect("read").warnings
    };
    let is_alike = |warning: &Warning| matches!(warning, Warning::SameBytes { .. });
    assert!(told(given(cut(&batch, &mut dice))).iter().any(is_alike));
    let other = given(vec![batch.slice(20, 20), batch.slice(0, 20)]);
    assert!(!told(other).iter().any(is_alike));
}

#[test]
fn cells_of_a_stream_are_those_of_the_whole() {
    let mut dice = Dice(5);
    for _ in 0..12 {
        let rows = 2 + dice.below(60);
        let batch = table(&mut dice, rows).batch;
        let parts = cut(&batch, &mut dice).into_iter().map(Ok);
        let stream = RecordBatchIterator::new(parts, batch.schema());
        let by = [Dimension::Project];
        let cells = cells_of_stream(stream, &by, &Options::new()).expect("cells");
        assert_eq!(cells, of(&batch));
        let gone = ArrowError::ComputeError("the disk is gone".to_owned());
        let stream = RecordBatchIterator::new([Ok(batch.clone()), Err(gone)], batch.schema());
        let error = cells_of_stream(stream, &by, &Options::new()).expect_err("it ends early");
        assert!(error.to_string().contains("the disk is gone"), "{error}");
    }
}

#[test]
fn cells_add_up_to_the_same_bytes() {
    let mut dice = Dice(2);
    for _ in 0..12 {
        let rows = 2 + dice.below(60);
        let batch = table(&mut dice, rows).batch;
        let whole = of(&batch);
        let mut parts = Vec::new();
        let mut start = 0;
        while start < batch.num_rows() {
            let length = (1 + dice.below(20)).min(batch.num_rows() - start);
            parts.push(of(&batch.slice(start, length)));
            start += length;
        }
        let mut sum = of(&batch.slice(0, 0));
        while !parts.is_empty() {
            let part = parts.swap_remove(dice.below(parts.len()));
            sum = merge(&sum, &part, Prices::AsSaved).expect("cells");
        }
        assert_eq!(sum, whole);
        // Row by row, as an engine hands them around.
        let mut sum = whole.slice(0, 0);
        let mut left: Vec<usize> = (0..whole.num_rows()).collect();
        while !left.is_empty() {
            let row = left.swap_remove(dice.below(left.len()));
            sum = merge(&whole.slice(row, 1), &sum, Prices::AsSaved).expect("cells");
        }
        assert_eq!(sum, whole);
    }
}

#[test]
fn rows_cost_what_their_cells_cost() {
    let mut dice = Dice(3);
    let mut charged = 0;
    for _ in 0..20 {
        let rows = 1 + dice.below(40);
        let batch = table(&mut dice, rows).batch;
        // The table has a cost of its own: what is priced stands beside it.
        let priced = price(&batch, &Options::new()).expect("prices");
        assert_eq!(priced.num_rows(), batch.num_rows());
        let column = |name: &str| priced.column_by_name(name).expect(name);
        let low = column("cost_low").as_primitive::<Decimal128Type>();
        let report = report(&of(&batch), &[Dimension::Provider], &Options::new(), Prices::AsSaved);
        let currencies = column("currency").as_string::<i32>();
        for currency in [Currency::USD, Currency::CNY] {
            let rows = (0..priced.num_rows())
                .filter(|row| low.is_valid(*row) && currencies.value(*row) == currency.to_string());
            let sum: i128 = rows.map(|row| low.value(row)).sum();
            charged += usize::from(sum > 0);
            let report = report.as_ref().expect("a report");
            let groups =
                report.groups.iter().filter_map(|group| group.costs.get(&currency).copied());
            let expected: i128 = groups
                .map(|bounds| {
                    let lift = 10_i128.pow(24 - bounds.low.scale());
                    bounds.low.mantissa() * lift
                })
                .sum();
            assert_eq!(sum, expected);
        }
        // Every row says what became of it.
        for (row, grade) in column("grade").as_string::<i32>().iter().enumerate() {
            let reasons = column("reasons").as_string::<i32>();
            assert!(grade == Some("exact") || reasons.is_valid(row), "{row}");
            assert_eq!(
                grade.is_none_or(|grade| grade == "unknown"),
                low.is_null(row) || column("cost_high").is_null(row)
            );
        }
    }
    assert!(charged > 10, "{charged}");
}

fn column(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

const UUID: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

#[test]
fn every_type_has_its_text() {
    let wide =
        i256::from_string("-123456789012345678901234567890123456789012345").expect("256 bits");
    let inner = StructArray::from(vec![
        (Arc::new(Field::new("a", DataType::Int64, true)), column(Int64Array::from(vec![Some(1)]))),
        (
            Arc::new(Field::new("b", DataType::Utf8, true)),
            column(StringArray::from(vec![None::<&str>])),
        ),
        (Arc::new(Field::new("c", DataType::Utf8, true)), column(StringArray::from(vec!["x\"\n"]))),
    ]);
    let list = ListArray::new(
        Arc::new(Field::new("item", inner.data_type().clone(), true)),
        OffsetBuffer::from_lengths([1]),
        column(inner.clone()),
        None,
    );
    let mut map = MapBuilder::new(None, StringBuilder::new(), Float64Builder::new());
    map.keys().append_value("input");
    map.values().append_value(57.0);
    map.keys().append_value("odd");
    map.values().append_value(f64::NAN);
    map.append(true).expect("a map");
    let decimal = |array: Decimal128Array, scale| {
        column(array.with_precision_and_scale(38, scale).expect("a decimal"))
    };
    let cells: Vec<(&str, ArrayRef)> = vec![
        ("", column(NullArray::new(1))),
        ("true", column(BooleanArray::from(vec![true]))),
        ("-8", column(Int8Array::from(vec![-8]))),
        ("18446744073709551615", column(UInt64Array::from(vec![u64::MAX]))),
        ("5", column(Float64Array::from(vec![5.0]))),
        ("0.000000000000000000000000000001", column(Float64Array::from(vec![1e-30]))),
        ("NaN", column(Float32Array::from(vec![f32::NAN]))),
        ("-0.05", decimal(Decimal128Array::from(vec![-50]), 3)),
        ("1200", decimal(Decimal128Array::from(vec![12]), -2)),
        ("0", decimal(Decimal128Array::from(vec![0]), 5)),
        (
            "-1234567890123456789012345678901234567890.12345",
            column(
                Decimal256Array::from(vec![wide])
                    .with_precision_and_scale(76, 5)
                    .expect("a decimal"),
            ),
        ),
        ("2024-02-29", column(Date32Array::from(vec![19_782]))),
        ("2024-02-29", column(Date64Array::from(vec![19_782 * 86_400_000]))),
        ("2024-02-29T00:00:00.001", column(Date64Array::from(vec![19_782 * 86_400_000 + 1]))),
        ("1969-12-31T23:59:59.5", column(TimestampMillisecondArray::from(vec![-500]))),
        ("9223372036854775807", column(TimestampSecondArray::from(vec![i64::MAX]))),
        (
            "1970-01-01T00:00:01Z",
            column(TimestampSecondArray::from(vec![1]).with_timezone("Europe/Berlin")),
        ),
        (
            "00010203-0405-0607-0809-0a0b0c0d0e0f",
            column(FixedSizeBinaryArray::try_from_iter([UUID].into_iter()).expect("bytes")),
        ),
        (r#"{"a":1,"c":"x\"\n"}"#, column(inner)),
        (r#"[{"a":1,"c":"x\"\n"}]"#, column(list)),
        (r#"{"input":57,"odd":"NaN"}"#, column(map.finish())),
    ];
    for (text, array) in cells {
        let batch =
            RecordBatch::try_from_iter_with_nullable([("x", array, true)]).expect("a batch");
        let path = [Source::Path(vec!["x".to_owned()])];
        let rows = Batch::new(&batch, &path).expect("a type that is read");
        let mut written = String::new();
        rows.write(0, 0, &mut written);
        assert_eq!(written, text, "{:?}", batch.schema());
    }
}

#[test]
fn an_object_may_be_text_a_struct_or_a_map() {
    let texts = |text: &str| column(StringArray::from(vec![text; 2]));
    let members = [("input", [57, 100]), ("output", [2167, 7])];
    let written = members.map(|(name, counts)| (name, column(Int64Array::from(counts.to_vec()))));
    let fields = written.each_ref().map(|(name, _)| Field::new(*name, DataType::Int64, true));
    let columns = written.map(|(_, column)| column).to_vec();
    let as_struct = StructArray::new(fields.to_vec().into(), columns, None);
    let mut as_map = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for row in 0..2 {
        for (name, counts) in members {
            as_map.keys().append_value(name);
            as_map.values().append_value(counts[row]);
        }
        as_map.append(true).expect("a map");
    }
    let as_text = [r#"{"input":57,"output":2167}"#, r#"{"input":100,"output":7}"#];
    let forms =
        [column(StringArray::from(as_text.to_vec())), column(as_struct), column(as_map.finish())];
    let priced = forms.map(|usage| {
        let batch = RecordBatch::try_from_iter([
            ("id", texts("one")),
            ("type", texts("GENERATION")),
            ("start_time", texts("2025-04-09T08:10:26Z")),
            ("provided_model_name", texts("o1-mini")),
            // What repeats the usage, under a name that changes nothing.
            ("cost_details", Arc::clone(&usage)),
            ("usage_details", usage),
        ]);
        let priced = price(&batch.expect("a batch"), &Options::new().provider("openai"));
        let priced = priced.expect("prices");
        let grade =
            priced.column_by_name("grade").expect("it").as_string::<i32>().value(0).to_owned();
        let costs = priced.column_by_name("cost_high").expect("it");
        (grade, costs.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>())
    });
    assert_eq!(priced[0], priced[1]);
    assert_eq!(priced[0], priced[2]);
    assert_eq!(priced[0].0, "exact");
}

#[test]
fn what_cannot_be_is_said() {
    let texts = |text: &str| column(StringArray::from(vec![text]));
    let count = || column(Int64Array::from(vec![1]));
    let batch = |input: ArrayRef, more: &str| {
        let columns = [
            ("model", texts("o1-mini")),
            ("timestamp", texts("2025-04-09")),
            ("input_tokens", input),
            ("output_tokens", count()),
            (more, texts("x")),
        ];
        RecordBatch::try_from_iter(columns).expect("a batch")
    };
    let options = Options::new().provider("openai");
    let duration = column(DurationSecondArray::from(vec![1]));
    let error = price(&batch(duration, "x"), &options).expect_err("a duration is no count");
    assert!(error.to_string().starts_with("column `input_tokens` is Duration"), "{error}");
    let error = price(&batch(count(), "grade"), &options).expect_err("there is one already");
    assert_eq!(error.to_string(), "there is a column `grade` already");
    // A column that nobody looks at may be of any type.
    let own = cells(&batch(count(), "x"), &[], &options).expect("cells");
    let book = "provider = \"cometapi\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"x\"]\n\
        from = 2026-01-01\ninput = \"0.88\"\n";
    let of_other = options.clone().own_prices(book).expect("prices");
    let other = cells(&batch(count(), "x"), &[], &of_other).expect("cells");
    assert!(matches!(merge(&own, &other, Prices::AsSaved), Err(Error::OtherBook { .. })));
    let both = merge(&own, &other, Prices::OfThisBook).expect("priced anew");
    assert_eq!(both, merge(&other, &own, Prices::OfThisBook).expect("priced anew"));
    let anew = report(&both, &[], &options, Prices::OfThisBook).expect("a report");
    assert_eq!(anew.groups.first().map_or(0, |group| group.records.charged()), 2);
    let error = merge(&own, &batch(count(), "x"), Prices::AsSaved).expect_err("no cells");
    assert!(error.to_string().starts_with("it does not hold cells"), "{error}");
}
