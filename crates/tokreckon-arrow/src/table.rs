//! Record batches in memory as an input of the pipeline.

use std::fmt::{self, Write};
use std::io::{self, Read};
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use tokreckon::pipeline::{Input, Opened, Tap};
use tokreckon::read::{ColumnTable, Columns, ReadError, TableColumn, TableLayout};

use crate::batch::{Batch, sources, table_columns};
use crate::column::Column;
use crate::price::{price, price_all};
use crate::{Error, Options};

/// Rows that a thread takes at a time.
const PART_ROWS: usize = 1 << 16;

/// Rows whose text is made at a time.
const TEXT_ROWS: usize = 1 << 10;

/// What a cell counts for in the progress of reading, in bytes: what it takes in memory is not its own.
const CELL_BYTES: u64 = 8;

/// A table in memory, such as a data frame: an input of the [pipeline](tokreckon::pipeline) beside files.
/// Copies of one request are found in it as they are there.
///
/// ```
/// # use std::sync::Arc;
/// # use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use tokreckon::book::PriceBook;
/// use tokreckon::pipeline::Pipeline;
/// use tokreckon_arrow::Table;
///
/// # let column = |array: ArrayRef| array;
/// # let batch = RecordBatch::try_from_iter([
/// #     ("model", column(Arc::new(StringArray::from(vec!["o1-mini"])))),
/// #     ("timestamp", column(Arc::new(StringArray::from(vec!["2025-04-09T08:10:26Z"])))),
/// #     ("input_tokens", column(Arc::new(Int64Array::from(vec![57])))),
/// #     ("output_tokens", column(Arc::new(Int64Array::from(vec![2167])))),
/// #     ("cached_tokens", column(Arc::new(Int64Array::from(vec![0])))),
/// # ])?;
/// let table = Table::new(batch.schema(), [batch])?;
/// let book = PriceBook::builtin();
/// let run = Pipeline::new(&book).provider("openai").read(table.input().named("frame"))?;
/// assert_eq!(run.report.total.records.all, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Table(Arc<Held>);

struct Held {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    parts: Vec<Part>,
}

/// Rows that one thread reads.
#[derive(Default)]
struct Part {
    /// Number of the first one, from 1.
    first: u64,
    slices: Vec<RecordBatch>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("rows", &self.rows()).finish_non_exhaustive()
    }
}

impl Table {
    /// A table of batches, in their order. Nothing is copied.
    ///
    /// # Errors
    /// [`Error::Arrow`] when a batch has other columns than the schema.
    pub fn new(
        schema: SchemaRef,
        batches: impl IntoIterator<Item = RecordBatch>,
    ) -> Result<Self, Error> {
        let batches: Vec<RecordBatch> = batches.into_iter().collect();
        if batches.iter().any(|batch| batch.schema_ref().fields() != schema.fields()) {
            let problem = "a batch has other columns than the table".to_owned();
            return Err(ArrowError::SchemaError(problem).into());
        }
        let parts = parts(&batches);
        Ok(Self(Arc::new(Held { schema, batches, parts })))
    }

    /// Its columns.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    /// Its rows, batch by batch.
    #[must_use]
    pub fn batches(&self) -> &[RecordBatch] {
        &self.0.batches
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }

    /// What it counts for in the progress of reading, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        weight(self.rows(), &self.0.schema)
    }

    /// The same rows with what each costs, as [`price`](crate::price()) says it of a batch.
    ///
    /// # Errors
    /// Those of [`price`](crate::price()).
    pub fn price(&self, options: &Options) -> Result<Self, Error> {
        let slices: Vec<RecordBatch> = self.slices().cloned().collect();
        if slices.is_empty() {
            let empty = price(&RecordBatch::new_empty(Arc::clone(self.schema())), options)?;
            return Self::new(empty.schema(), []);
        }
        let priced = price_all(self.schema(), &slices, options)?;
        Self::new(priced[0].schema(), priced)
    }

    /// Its rows in pieces of a size that one thread takes.
    fn slices(&self) -> impl Iterator<Item = &RecordBatch> {
        self.0.parts.iter().flat_map(|part| &part.slices)
    }

    /// The table to be read by a pipeline, under a name of the caller's.
    #[must_use]
    pub fn input<'i>(&self) -> Input<'i> {
        let table = self.clone();
        Input::opening_any(move |tap| Ok(table.open(tap))).again(self.bytes()).of_rows()
    }

    /// The table as an input that is open.
    #[must_use]
    pub fn open(&self, tap: &Tap) -> Opened<'static> {
        // Whoever wants to know it again reads all of it when this is gone.
        drop(tap.watch(Text::of(&self.0)));
        Opened::Columns(Box::new(Tapped { held: Arc::clone(&self.0), tap: tap.clone() }))
    }
}

fn weight(rows: u64, schema: &SchemaRef) -> u64 {
    rows.saturating_mul(schema.fields().len() as u64).saturating_mul(CELL_BYTES)
}

/// Batches cut where they are long and put together where they are short.
fn parts(batches: &[RecordBatch]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = Part { first: 1, ..Part::default() };
    let (mut next, mut room) = (1u64, PART_ROWS);
    for batch in batches {
        let mut start = 0;
        while start < batch.num_rows() {
            let length = room.min(batch.num_rows() - start);
            part.slices.push(batch.slice(start, length));
            (start, next, room) = (start + length, next + length as u64, room - length);
            if room == 0 {
                let empty = Part { first: next, ..Part::default() };
                parts.push(std::mem::replace(&mut part, empty));
                room = PART_ROWS;
            }
        }
    }
    if !part.slices.is_empty() {
        parts.push(part);
    }
    parts
}

/// A table that is being read.
struct Tapped {
    held: Arc<Held>,
    tap: Tap,
}

impl ColumnTable for Tapped {
    fn columns(&self) -> Vec<TableColumn> {
        table_columns(&self.held.schema, &[])
    }

    fn parts(&self) -> usize {
        self.held.parts.len()
    }

    fn part(
        &self,
        part: usize,
        layout: &TableLayout,
        each: &mut dyn FnMut(u64, &dyn Columns),
    ) -> Result<(), ReadError> {
        let sources = sources(&self.held.schema, &[], layout);
        let part = &self.held.parts[part];
        let mut first = part.first;
        for slice in &part.slices {
            let rows = slice.num_rows() as u64;
            // Told as bytes, and refused where reading is to end.
            let bytes = io::repeat(0).take(weight(rows, &self.held.schema));
            io::copy(&mut self.tap.counted(bytes), &mut io::sink())?;
            let batch = Batch::new(slice, &sources).map_err(io::Error::other)?;
            each(first, &batch);
            first += rows;
        }
        Ok(())
    }

    fn bytes(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Text::of(&self.held)))
    }
}

/// All cells of a table as a text: the same for the same cells, however they lie in batches, and another
/// one for others.
struct Text<'t> {
    schema: &'t SchemaRef,
    rest: Vec<RecordBatch>,
    made: Vec<u8>,
    at: usize,
    is_begun: bool,
}

impl<'t> Text<'t> {
    fn of(held: &'t Held) -> Self {
        let rest = held.batches.iter().rev().cloned().collect();
        Self { schema: &held.schema, rest, made: Vec::new(), at: 0, is_begun: false }
    }

    /// The text of the next rows; nothing is the end.
    fn next(&mut self) -> String {
        let mut text = String::new();
        if !std::mem::replace(&mut self.is_begun, true) {
            for field in self.schema.fields() {
                push(field.name(), &mut text);
            }
            text.push('\n');
            return text;
        }
        while let Some(batch) = self.rest.pop() {
            let length = batch.num_rows().min(TEXT_ROWS);
            if length < batch.num_rows() {
                self.rest.push(batch.slice(length, batch.num_rows() - length));
            }
            if length > 0 {
                rows(&batch.slice(0, length), &mut text);
                break;
            }
        }
        text
    }
}

/// A text with its length, so that it does not run into the next one.
fn push(cell: &str, text: &mut String) {
    // Writing to a text does not fail.
    let _ = write!(text, "{}:{cell}", cell.len());
}

fn rows(batch: &RecordBatch, text: &mut String) {
    let columns: Vec<(&dyn Array, Option<Column<'_>>)> =
        batch.columns().iter().map(|array| (array.as_ref(), Column::new(array.as_ref()))).collect();
    let mut cell = String::new();
    for row in 0..batch.num_rows() {
        for (array, column) in &columns {
            cell.clear();
            match column {
                Some(column) if column.is_null(row) => {
                    text.push('-');
                    continue;
                }
                Some(column) => column.write(row, &mut cell),
                // Durations and the like, whose cells have no text elsewhere.
                None => drop(write!(cell, "{:?}", array.slice(row, 1))),
            }
            push(&cell, text);
        }
        text.push('\n');
    }
}

impl Read for Text<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.made.len() {
            (self.made, self.at) = (self.next().into_bytes(), 0);
        }
        let read = (&self.made[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
