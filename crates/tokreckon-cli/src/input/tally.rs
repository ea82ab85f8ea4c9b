//! What became of the rows of a file, for the summary.

use std::fmt::Write;

use tokreckon::pipeline::{FileTally, rows_before};
use tokreckon::words::counted;

use crate::print::grouped;

/// `usage.csv: openai-usage, 10 rows = 8 records + 2 empty + 0 rejected`, and what else there is.
pub(crate) fn file_text(file: &FileTally, files: &[FileTally]) -> String {
    let rows = file.rows();
    if let Some(failure) = &file.failure {
        let not_read = if rows == 0 { "not read" } else { "not read to its end" };
        return format!("{}: {not_read}: {failure}{}", file.name, rows_before(rows));
    }
    let count = |count: u64| grouped(u128::from(count));
    let mut text = format!(
        "{}: {}, {} = {} + {} empty + {} rejected",
        file.name,
        file.format,
        counted(rows, "row"),
        counted(file.records, "record"),
        count(file.empty),
        count(file.rejected)
    );
    if file.joined > 0 {
        let _ = write!(text, " + {} joined to others", count(file.joined));
    }
    for (why, rows) in &file.skipped {
        let _ = write!(text, " + {} {}", count(*rows), why.as_str());
    }
    if file.copies.duplicates > 0 {
        let _ = write!(text, " + {} duplicate", count(file.copies.duplicates));
    }
    if file.copies.differing > 0 {
        let _ = write!(text, " ({} differ from the first)", count(file.copies.differing));
    }
    for (by, rows) in &file.copies.replaced {
        let by = files.get(*by).map_or("", |file| file.name.as_str());
        let _ = write!(text, " + {} replaced by {by}", count(*rows));
    }
    if file.copies.unrecognisable > 0 {
        let records = counted(file.copies.unrecognisable, "record");
        let _ = write!(text, "; {records} without an id: copies cannot be recognised");
    }
    for note in &file.notes {
        let _ = write!(text, "; {}", note.as_str());
    }
    text
}
