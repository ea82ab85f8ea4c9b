//! Parquet as a table of columns: only those that the format looks at are read, row groups by several
//! threads.
//!
//! A file needs its end first, so one that comes through a pipe is kept in an unnamed file meanwhile.
//! Folders with names such as `day=2026-11-01` are columns of what lies in them, where a file has none of
//! that name.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arrow_schema::{DataType, Field, Fields, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};
use percent_encoding::percent_decode_str;
use tokreckon::pipeline::Tap;
use tokreckon::read::{ColumnTable, Columns, ReadError, TableColumn, TableLayout};
use tokreckon_arrow::{Batch, Beside, Source, sources, table_columns};

/// Rows that are taken out of a file at a time.
const BATCH_ROWS: usize = 8_192;

/// What a folder without a value is called by those that write such folders.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// A Parquet file.
pub(super) struct Parquet {
    file: Shared,
    metadata: ArrowReaderMetadata,
    beside: Vec<Beside>,
    /// Number of the first row of each row group, from 1.
    first_rows: Vec<u64>,
    changed: Option<SystemTime>,
}

/// Opens a Parquet file by its path, or keeps the bytes of one that has none.
pub(super) fn open(
    mut bytes: Box<dyn Read + Send>,
    path: Option<&Path>,
    tap: &Tap,
) -> io::Result<Parquet> {
    let file = if let Some(path) = path {
        // Whoever wants to know all of its bytes reads on when this is gone.
        drop(bytes);
        File::open(path)?
    } else {
        let mut file = tempfile::tempfile()?;
        io::copy(&mut bytes, &mut file)?;
        file
    };
    let state = file.metadata()?;
    let file = Shared { file: Arc::new(Mutex::new(file)), length: state.len(), tap: tap.clone() };
    let metadata = metadata(&file).map_err(damaged)?;
    let mut first_rows = Vec::new();
    let mut next = 1u64;
    for group in metadata.metadata().row_groups() {
        first_rows.push(next);
        let rows = u64::try_from(group.num_rows())
            .map_err(|_| damaged(format_args!("a row group of {} rows", group.num_rows())))?;
        next = next.saturating_add(rows);
    }
    let beside = path.map(folders).unwrap_or_default();
    Ok(Parquet { file, metadata, beside, first_rows, changed: state.modified().ok() })
}

/// What is in the file, with texts as views: they are looked at where they lie.
fn metadata(file: &Shared) -> ParquetResult<ArrowReaderMetadata> {
    let found = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    let schema = Schema::new(with_views(found.schema().fields()));
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options)
}

fn with_views(fields: &Fields) -> Fields {
    let field = |field: &Arc<Field>| {
        let data_type = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Struct(members) => DataType::Struct(with_views(members)),
            other => other.clone(),
        };
        Arc::new(field.as_ref().clone().with_data_type(data_type))
    };
    fields.iter().map(field).collect()
}

fn damaged(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged: {error}"))
}

/// The folders of a path that are columns, the outermost first.
fn folders(path: &Path) -> Vec<Beside> {
    let mut all: Vec<Beside> = Vec::new();
    for part in path.parent().into_iter().flat_map(Path::components) {
        let Component::Normal(name) = part else { continue };
        let Some((name, value)) = name.to_str().and_then(|name| name.split_once('=')) else {
            continue;
        };
        let name = unescaped(name);
        if name.is_empty() || all.iter().any(|other| other.name == name) {
            continue;
        }
        let text = (value != NO_VALUE).then(|| unescaped(value));
        all.push(Beside { name, text });
    }
    all
}

/// A text in which `%3A` stands for a colon and the like; as it is where that is not so.
fn unescaped(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

impl Parquet {
    /// Which columns of the file are to be read.
    fn mask(&self, sources: &[Source]) -> ProjectionMask {
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        let is_wanted = |parts: &[String]| {
            let mut paths = sources.iter().filter_map(|source| match source {
                Source::Path(path) => Some(path),
                _ => None,
            });
            paths.any(|path| parts.starts_with(path))
        };
        let leaves = schema.columns().iter().enumerate();
        let wanted = leaves.filter(|(_, leaf)| is_wanted(leaf.path().parts()));
        ProjectionMask::leaves(schema, wanted.map(|(at, _)| at))
    }

    fn read(
        &self,
        part: usize,
        layout: &TableLayout,
        each: &mut dyn FnMut(u64, &dyn Columns),
    ) -> io::Result<()> {
        let sources = sources(self.metadata.schema(), &self.beside, layout);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.file.clone(),
            self.metadata.clone(),
        );
        let builder = builder.with_row_groups(vec![part]).with_batch_size(BATCH_ROWS);
        let reader = builder.with_projection(self.mask(&sources)).build().map_err(damaged)?;
        let mut first = self.first_rows[part];
        for batch in reader {
            let batch = batch.map_err(damaged)?;
            let rows = Batch::new(&batch, &sources).map_err(io::Error::other)?;
            each(first, &rows);
            first = first.saturating_add(batch.num_rows() as u64);
        }
        Ok(())
    }
}

impl ColumnTable for Parquet {
    fn columns(&self) -> Vec<TableColumn> {
        table_columns(self.metadata.schema(), &self.beside)
    }

    fn parts(&self) -> usize {
        self.first_rows.len()
    }

    fn part(
        &self,
        part: usize,
        layout: &TableLayout,
        each: &mut dyn FnMut(u64, &dyn Columns),
    ) -> Result<(), ReadError> {
        let read = self.read(part, layout, each);
        let state = self.file.lock().metadata()?;
        if state.len() != self.file.length || state.modified().ok() != self.changed {
            return Err(ReadError::Io(io::Error::other("it changed while it was read")));
        }
        Ok(read?)
    }

    fn bytes(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.file.at(0)))
    }
}

/// A file that several threads read at places of their own.
#[derive(Clone)]
struct Shared {
    file: Arc<Mutex<File>>,
    length: u64,
    tap: Tap,
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, start: u64) -> At {
        At { file: Arc::clone(&self.file), place: start }
    }
}

/// A place in a file.
struct At {
    file: Arc<Mutex<File>>,
    place: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.place))?;
        let read = file.read(buffer)?;
        self.place += read as u64;
        Ok(read)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<At>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.at(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        // What a damaged file says of itself is no reason to take so much memory.
        if start.saturating_add(length as u64) > self.length {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are not there")));
        }
        let mut piece = Vec::with_capacity(length);
        let mut input = self.tap.counted(self.at(start)).take(length as u64);
        input.read_to_end(&mut piece)?;
        if piece.len() < length {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are not there")));
        }
        Ok(piece.into())
    }
}
