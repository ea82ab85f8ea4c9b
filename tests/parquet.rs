//! Parquet through the program: files of another writer give what the same rows give as CSV.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use tokreckon::money::Exact;

#[path = "columns/mod.rs"]
mod columns;

use columns::{Dice, table};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/parquet").join(name)
}

fn report(path: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    program.args(["report", "--by", "model,day", "--format", "csv"]).arg(path);
    program.output().expect("the program runs")
}

/// Writes a batch in row groups of so many rows.
fn write(path: &Path, batch: &RecordBatch, rows: usize, compression: Compression) {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(rows))
        .build();
    let file = std::fs::File::create(path).expect("a file");
    let writer = ArrowWriter::try_new(file, batch.schema(), Some(properties));
    let mut writer = writer.expect("a writer");
    writer.write(batch).expect("written");
    writer.close().expect("closed");
}

/// What the program prints, and what it complains about with the lines of `name` as rows of a table.
fn told(path: &Path, name: &str, header: usize) -> (String, Vec<String>) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    program.args(["report", "--by", "provider,model,day,project,service-tier", "--format", "csv"]);
    let output = program.arg(path).output().expect("the program runs");
    let complaints = String::from_utf8(output.stderr).expect("UTF-8");
    let mut complaints: Vec<String> = complaints
        .lines()
        .map(|line| match line.split_once(&format!("{name}:")) {
            None => line.replace(name, "FILE"),
            Some((before, rest)) => {
                let (number, rest) = rest.split_once(':').unwrap_or((rest, ""));
                let number = number.parse::<usize>().map_or(0, |number| number - header);
                format!("{before}FILE:{number}:{rest}")
            }
        })
        .collect();
    complaints.sort();
    (String::from_utf8(output.stdout).expect("UTF-8"), complaints)
}

#[test]
fn any_table_costs_what_it_costs_as_csv() {
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, columns) = (folder.path().join("x.csv"), folder.path().join("x.parquet"));
    let mut dice = Dice(7);
    for _ in 0..25 {
        let rows = 1 + dice.below(300);
        let table = table(&mut dice, rows);
        std::fs::write(&csv, &table.csv).expect("written");
        let compression = match dice.below(3) {
            0 => Compression::UNCOMPRESSED,
            1 => Compression::SNAPPY,
            _ => Compression::ZSTD(ZstdLevel::default()),
        };
        write(&columns, &table.batch, 1 + dice.below(120), compression);
        let [ours, theirs] = [told(&columns, "x.parquet", 0), told(&csv, "x.csv", 1)];
        assert_eq!(ours, theirs, "{}\n{:?}", table.csv, table.batch.schema());
    }
}

#[test]
fn folders_are_columns_where_the_file_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let column = |array: ArrayRef| array;
    let texts = |text: &str| column(Arc::new(StringArray::from(vec![text; 2])));
    let numbers = |number| column(Arc::new(Int64Array::from(vec![number; 2])));
    let usage = [
        ("model", texts("o1-mini")),
        ("timestamp", texts("2025-04-09T08:10:26Z")),
        ("input_tokens", numbers(57)),
        ("output_tokens", numbers(2167)),
        ("cached_tokens", numbers(0)),
    ];
    let batch = RecordBatch::try_from_iter(usage).expect("a batch");
    // The day of the folder is no day of the rows, which say themselves when.
    for team in [
        "project=chat/provider=openai/date=2020-01-01",
        "project=a%20b/provider=openai/user=__HIVE_DEFAULT_PARTITION__",
    ] {
        let path = folder.path().join(team);
        std::fs::create_dir_all(&path).expect("a folder");
        write(&path.join("part-0.parquet"), &batch, 1, Compression::UNCOMPRESSED);
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    program.args(["report", "--no-dedup", "--by", "project,provider,day,user", "--format", "csv"]);
    let output = program.arg(folder.path()).output().expect("the program runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    for row in ["a b,openai,2025-04-09,2,", "chat,openai,2025-04-09,2,"] {
        assert!(printed.contains(row), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(printed.matches("0.019195").count(), 2, "{printed}");
}

#[test]
fn a_saved_ledger_of_columns_knows_its_file_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = fixture("micros-decimal.parquet");
    let save = |name: &str| {
        let path = folder.path().join(name);
        let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
        program.args(["report", "--save"]).arg(&path).arg(&file);
        let output = program.output().expect("the program runs");
        let complaint = String::from_utf8_lossy(&output.stderr);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}: {complaint}"))
    };
    let saved = save("one.cells");
    assert_eq!(saved, save("two.cells"));
    let bytes = std::fs::read(&file).expect("a fixture");
    let digest = format!("{:032x}", tokreckon::digest::digest(&bytes));
    assert!(saved.contains(&digest), "{saved}");
}

#[test]
fn rows_cost_what_they_cost_as_csv() {
    let expected = report(&fixture("rows.csv")).stdout;
    let text = String::from_utf8_lossy(&expected);
    assert!(text.contains("o1-mini") && text.contains(",50,"), "{text}");
    for name in ["micros-decimal.parquet", "nanos-float.parquet", "millis-gzip.parquet"] {
        let printed = report(&fixture(name));
        let complaint = String::from_utf8_lossy(&printed.stderr);
        assert_eq!(String::from_utf8_lossy(&printed.stdout), text, "{name}: {complaint}");
        assert!(printed.status.success(), "{name}: {complaint}");
    }
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let file = std::fs::File::open(fixture("micros-decimal.parquet")).expect("a fixture");
    let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    program.args(["report", "--by", "model,day", "--format", "csv", "-"]).stdin(Stdio::from(file));
    let printed = program.output().expect("the program runs");
    assert_eq!(printed.stdout, report(&fixture("rows.csv")).stdout);
}

#[test]
fn a_file_that_is_cut_off_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(fixture("micros-decimal.parquet")).expect("a fixture");
    for length in [4, 100, whole.len() / 2, whole.len() - 1] {
        let path = folder.path().join("cut.parquet");
        std::fs::write(&path, &whole[..length]).expect("written");
        let printed = report(&path);
        assert_eq!(printed.status.code(), Some(2), "{length} bytes");
        assert!(String::from_utf8_lossy(&printed.stderr).contains("damaged"), "{length} bytes");
    }
}

#[test]
fn a_row_group_of_less_than_no_rows_is_damage() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bytes = std::fs::read(fixture("micros-decimal.parquet")).expect("a fixture");
    let metadata =
        ParquetMetaDataReader::new().parse_and_finish(&bytes::Bytes::from(bytes.clone()));
    let mut metadata = metadata.expect("its end").into_builder();
    let groups = metadata.take_row_groups().into_iter();
    let negative =
        groups.map(|group| group.into_builder().set_num_rows(-1).build().expect("a group"));
    let metadata = metadata.set_row_groups(negative.collect()).build();
    // A later end of the file takes the place of the former one.
    ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().expect("written");
    let path = folder.path().join("negative.parquet");
    std::fs::write(&path, &bytes).expect("written");
    let printed = report(&path);
    let complaint = String::from_utf8_lossy(&printed.stderr);
    assert_eq!(printed.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("damaged: a row group of -1 rows"), "{complaint}");
}

/// What is written as Parquet is what is printed as CSV, line by line but for its total.
#[test]
fn a_report_is_written_with_exact_decimals() {
    let folder = tempfile::tempdir().expect("a folder");
    let usage = folder.path().join("usage.csv");
    // The last key opens an account.
    let mut text = "date,provider,model,project,input,cached,output\n".to_owned();
    for (day, project) in
        [(1, "alpha"), (2, "beta"), (2, "sk-proj-0123456789abcdefABCDEF0123456789")]
    {
        for model in ["gpt-4o", "gpt-4o-mini", "no-such-model"] {
            writeln!(text, "2026-10-0{day},openai,{model},{project},1234,0,{day}7").expect("text");
        }
    }
    std::fs::write(&usage, text).expect("written");
    let written = folder.path().join("report.parquet");
    let place = written.to_str().expect("a plain path");
    let ask = |more: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
        program.args(["report", "--by", "model,project"]).args(more).arg(&usage);
        program.output().expect("the program runs")
    };
    // Bytes are for a file.
    let format = ["--format", "parquet"];
    for more in [&[][..], &["--output", "r.parquet", "--as-if", "model=gpt-4o"]] {
        let refused = ask(&[&format[..], more].concat());
        assert_eq!(refused.status.code(), Some(2), "{more:?}");
        assert!(refused.stdout.is_empty() && !refused.stderr.is_empty(), "{more:?}");
    }
    let done = ask(&[&format[..], &["--output", place]].concat());
    assert!(written.is_file(), "{}", String::from_utf8_lossy(&done.stderr));
    let file = std::fs::File::open(&written).expect("written");
    let rows = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build);
    let rows: Vec<RecordBatch> =
        rows.expect("a Parquet file").collect::<Result<_, _>>().expect("rows");
    let [batch] = rows.as_slice() else { panic!("{rows:?}") };
    let column = |name: &str| batch.column_by_name(name).expect(name);
    assert_eq!(column("cost_low").data_type(), &DataType::Decimal128(38, 24));
    assert_eq!(column("records").data_type(), &DataType::Decimal128(38, 0));
    let printed = ask(&["--format", "csv"]).stdout;
    let mut lines = csv::Reader::from_reader(printed.as_slice());
    let header = lines.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|other| other == name).expect("a column");
    let (low, records) = (column("cost_low"), column("records"));
    let (low, records) =
        (low.as_primitive::<Decimal128Type>(), records.as_primitive::<Decimal128Type>());
    let [models, projects] = ["model", "project"].map(|name| column(name).as_string::<i32>());
    let lines: Vec<_> = lines.records().map(|line| line.expect("CSV")).collect();
    let lines: Vec<_> = lines.iter().filter(|line| &line[at("model")] != "total").collect();
    assert_eq!((lines.len(), batch.num_rows()), (9, 9));
    for (row, line) in lines.into_iter().enumerate() {
        assert_eq!(models.value(row), &line[at("model")]);
        assert_eq!(projects.value(row), &line[at("project")]);
        assert!(!projects.value(row).contains("0123456789"), "{line:?}");
        assert_eq!(records.value(row).to_string(), line[at("records")]);
        if models.value(row) == "no-such-model" {
            assert!(low.is_null(row), "unknown is never zero: {line:?}");
            continue;
        }
        let cost: Exact = line[at("cost")].parse().expect("an amount");
        let units = cost.mantissa() * 10_i128.pow(24 - cost.scale());
        assert_eq!(low.value(row), units, "{line:?}");
    }
}
