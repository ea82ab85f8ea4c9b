//! A table of columns read by several threads, part by part.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::blocks::Sinks;
use super::layout::{ColumnTable, TableLayout, read_column_table};
use super::{Format, Options, ReadError};

/// The same as [`read_into_sinks`](super::read_into_sinks) for a table of columns: threads take one
/// part after the other.
///
/// # Errors
/// When the table cannot be read at all, or not to its end; rows that cannot be read are
/// [`Item::Reject`](super::Item::Reject)s.
pub fn read_columns_into_sinks<S: Send>(
    table: &dyn ColumnTable,
    options: &Options<'_>,
    threads: usize,
    sinks: Sinks<'_, S>,
) -> Result<(Format, Vec<S>), ReadError> {
    let layout = TableLayout::new(&table.columns(), options)?;
    let parts = table.parts();
    if threads.min(parts) < 2 || !layout.rows_stand_alone() {
        let mut sink = (sinks.new)();
        let format = read_column_table(table, options, &mut |item| (sinks.item)(&mut sink, item))?;
        return Ok((format, vec![sink]));
    }
    let next = AtomicUsize::new(0);
    let has_failed = AtomicBool::new(false);
    let work = || -> Result<S, (usize, ReadError)> {
        let mut sink = (sinks.new)();
        let mut reader = layout.reader(options).map_err(|error| (0, error))?;
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts || has_failed.load(Ordering::Relaxed) {
                break;
            }
            let read = table.part(part, &layout, &mut |first, columns| {
                reader.rows(first, columns, &mut |item| (sinks.item)(&mut sink, item));
            });
            if let Err(error) = read {
                has_failed.store(true, Ordering::Relaxed);
                return Err((part, error));
            }
        }
        reader.finish(&mut |item| (sinks.item)(&mut sink, item));
        Ok(sink)
    };
    let results: Vec<Result<S, (usize, ReadError)>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(parts)).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(join).collect()
    });
    let mut filled = Vec::new();
    let mut first_error: Option<(usize, ReadError)> = None;
    for result in results {
        match result {
            Ok(sink) => filled.push(sink),
            Err(error) if first_error.as_ref().is_none_or(|(part, _)| error.0 < *part) => {
                first_error = Some(error);
            }
            Err(_) => {}
        }
    }
    match first_error {
        None => Ok((layout.format(), filled)),
        Some((_, error)) => Err(error),
    }
}
