//! `report --format parquet --output FILE`: the groups as columns, amounts as exact decimals.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tokreckon::report::Report;
use tokreckon_arrow::report_rows;

use crate::args::{ReportArgs, ReportFormat};
use crate::context::with_hint;
use crate::keys::without_keys;
use crate::write::Output;

/// The file to write, announced before anything is read.
pub(super) fn output(args: &ReportArgs) -> Result<Option<Output>> {
    let is_parquet = args.output.format == ReportFormat::Parquet;
    match &args.output.output {
        None if !is_parquet => Ok(None),
        None => Err(with_hint(
            "`--format parquet` is no text to print",
            Some("name the file to write: `--output report.parquet`".to_owned()),
        )),
        Some(_) if !is_parquet => Err(with_hint(
            "`--output` names the file of `--format parquet`",
            Some("print the other formats into a file with `>`".to_owned()),
        )),
        Some(path) => {
            refuse_what_is_no_group(args)?;
            Output::new(path).map(Some)
        }
    }
}

/// What has figures other than those of the groups.
fn refuse_what_is_no_group(args: &ReportArgs) -> Result<()> {
    let asked = [
        ("--as-if", !args.as_if.is_empty()),
        ("--by meter", args.grouping.by.iter().any(|name| name == super::meters::NAME)),
        ("--total", args.answer.total),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        None => Ok(()),
        Some((name, _)) => {
            bail!("`--format parquet` holds the groups of a report: leave out `{name}`")
        }
    }
}

/// Writes the groups, their labels without keys, and says how many rows they are.
pub(super) fn write(report: &Report, file: &Output) -> Result<u64> {
    let rows = report_rows(report)?;
    let shown = |column: &ArrayRef| match column.as_string_opt::<i32>() {
        Some(texts) => {
            let texts = texts.iter().map(|text| text.map(without_keys));
            Arc::new(texts.collect::<StringArray>()) as ArrayRef
        }
        None => Arc::clone(column),
    };
    let columns = rows.columns().iter().map(shown).collect();
    let rows = RecordBatch::try_new(rows.schema(), columns).context("the Parquet file")?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties))
        .context("the Parquet file")?;
    writer.write(&rows).context("the Parquet file")?;
    writer.close().context("the Parquet file")?;
    file.write_bytes(&bytes)?;
    Ok(rows.num_rows() as u64)
}
