//! Parquet as a table: each row as a line of CSV, in the order of the file, as exact as it is kept.
//!
//! A file of columns goes the way of every other table: its column names are the header by which
//! the format is recognised, its cells are decoded where those of CSV are. Decimals are written with
//! all their digits, times in UTC as RFC 3339, lists and structs as JSON; nothing passes through a
//! float that was none in the file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::thread;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

/// The rows of a Parquet file as CSV.
///
/// The file needs its end first, so one that comes through a pipe is kept in an unnamed file
/// meanwhile.
pub(super) fn as_csv(mut input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut input, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    // Opened here, so that a file that is none is an error of its own and not an end of the input.
    let reader = SerializedFileReader::new(file).map_err(damaged)?;
    let (from, mut to) = io::pipe()?;
    let writer = thread::Builder::new().name("parquet".to_owned());
    let writer = writer.spawn(move || write_rows(&reader, &mut to))?;
    Ok(Box::new(Rows { from, writer: Some(writer) }))
}

/// What is written by the thread; its error, if any, at the end.
struct Rows {
    from: io::PipeReader,
    writer: Option<thread::JoinHandle<io::Result<()>>>,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        if read == 0
            && !buffer.is_empty()
            && let Some(writer) = self.writer.take()
        {
            writer.join().map_err(|_| io::Error::other("the Parquet reader ended early"))??;
        }
        Ok(read)
    }
}

fn write_rows(reader: &SerializedFileReader<File>, to: &mut dyn Write) -> io::Result<()> {
    let columns = reader.metadata().file_metadata().schema().get_fields();
    let times: Vec<Times> = columns.iter().map(|column| Times::of(column)).collect();
    let mut out = csv::Writer::from_writer(io::BufWriter::with_capacity(256 << 10, to));
    out.write_record(columns.iter().map(|column| column.name()))?;
    let mut cells: Vec<String> = Vec::new();
    for row in reader.get_row_iter(None).map_err(damaged)? {
        let row = row.map_err(damaged)?;
        cells.clear();
        let fields = row.get_column_iter().map(|(_, field)| field);
        cells.extend(fields.zip(&times).map(|(field, times)| cell(field, *times)));
        match out.write_record(&cells) {
            // Whoever reads has seen enough, such as the first lines of a file.
            Err(error) if is_broken_pipe(&error) => return Ok(()),
            written => written?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        flushed => flushed,
    }
}

fn is_broken_pipe(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
}

fn damaged(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged: {error}"))
}

/// What the times of a column are.
#[derive(Clone, Copy)]
struct Times {
    /// In UTC; without it they are of an unnamed zone, and written without one.
    utc: bool,
    /// Whole numbers of nanoseconds, which the row interface hands over as plain numbers.
    nanoseconds: bool,
}

impl Times {
    fn of(column: &Type) -> Self {
        match column.get_basic_info().logical_type_ref() {
            Some(LogicalType::Timestamp(of)) => {
                Self { utc: of.is_adjusted_to_u_t_c, nanoseconds: of.unit == TimeUnit::NANOS }
            }
            // The old types of whole milliseconds and microseconds are in UTC.
            _ => Self { utc: true, nanoseconds: false },
        }
    }
}

/// A cell as text; empty for none.
fn cell(field: &Field, times: Times) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Date(days) => match date(1970, 1, 1).checked_add(i64::from(*days).days()) {
            Ok(day) => day.to_string(),
            Err(_) => days.to_string(),
        },
        Field::TimestampMillis(at) => instant(Timestamp::from_millisecond(*at), *at, times),
        Field::TimestampMicros(at) => instant(Timestamp::from_microsecond(*at), *at, times),
        Field::Long(at) if times.nanoseconds => {
            instant(Timestamp::from_nanosecond(i128::from(*at)), *at, times)
        }
        // Their shortest text, without an exponent.
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => {
            field.to_json_value().to_string()
        }
        // Whole numbers, and decimals with all their digits.
        other => other.to_string(),
    }
}

/// An instant in RFC 3339; a number that is none stays one, for the reader to refuse.
fn instant(at: Result<Timestamp, jiff::Error>, number: i64, times: Times) -> String {
    match at {
        Ok(at) if times.utc => at.to_string(),
        Ok(at) => at.to_zoned(TimeZone::UTC).datetime().to_string(),
        Err(_) => number.to_string(),
    }
}
