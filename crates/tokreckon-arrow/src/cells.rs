//! Usage as sums of integer counts that add up in any order, in any engine.

use std::collections::BTreeMap;

use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use tokreckon::digest::digest;
use tokreckon::ledger::saved::{Prices, SavedLedger, SavedSource, Saver};
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::read::{Item, Skip, TableLayout};
use tokreckon::report::Report;

use crate::batch::{Batch, sources, table_columns};
use crate::sums::Sums;
use crate::{Error, Options, decode, encode};

/// The cells of a batch of usage: one row a meter of all requests that have everything else in common,
/// which is who sent the bill, the model, service tier and variant, the day, what `by` adds, and the
/// digest of the rate card that charged them.
///
/// `SUM(quantity)`, `MIN(fewest)` and `MAX(most)`, grouped by all other columns, adds up the cells of
/// any batches; so does [`merge`]. Records, refused ones with their reason, and rows that could not be
/// read are counted as well, so nothing is lost. The schema's metadata holds the digest of the price
/// book.
///
/// # Errors
/// When no format fits, or a sum has more than 38 digits.
pub fn cells(
    batch: &RecordBatch,
    by: &[Dimension],
    options: &Options,
) -> Result<RecordBatch, Error> {
    let batches = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    cells_of_stream(batches, by, options)
}

/// The [`cells`] of the batches of one table, each of which is gone before the next one comes: tables may be
/// larger than the memory.
///
/// # Errors
/// Those of [`cells`], and that of a batch that does not come.
pub fn cells_of_stream(
    batches: impl RecordBatchReader,
    by: &[Dimension],
    options: &Options,
) -> Result<RecordBatch, Error> {
    let schema = batches.schema();
    let label = by.iter().find_map(|dimension| dimension.label());
    let read = tokreckon::read::Options { label, ..options.read() };
    let layout = TableLayout::new(&table_columns(&schema, &[]), &read)?;
    let sources = sources(&schema, &[], &layout);
    let settings = Settings { by: Vec::new(), ..options.settings.clone() };
    let kept = SavedLedger::in_zone(by, &options.settings.zone)?;
    let mut ledger = Ledger::new(options.book.clone(), settings);
    let mut saver = Saver::new(&kept);
    let mut sums = Sums {
        book: options.book_text(),
        ledger: kept,
        cells: BTreeMap::new(),
        rows: BTreeMap::new(),
    };
    let each = &mut |item: Item<'_>| match item {
        Item::Record(record) => {
            let posting = ledger.add(record);
            saver.observe(0, record, &posting, &ledger);
        }
        Item::Reject(_) => sums.add_rows("rejected", 1),
        Item::Skipped { why, .. } => sums.add_rows(why.as_str(), 1),
        Item::Empty { .. } => sums.add_rows("empty", 1),
        Item::Joined { .. } => sums.add_rows("joined", 1),
        Item::Total { .. } => sums.add_rows(Skip::Total.as_str(), 1),
        Item::Note(_) => {}
    };
    let mut reader = layout.reader(&read)?;
    let mut first = 1;
    for batch in batches {
        let batch = batch?;
        reader.rows(first, &Batch::new(&batch, &sources)?, each);
        first += batch.num_rows() as u64;
    }
    reader.finish(each);
    for (cell, cell_sums) in saver.finish()?.remove(&0).unwrap_or_default() {
        sums.add_cell(cell, &cell_sums)?;
    }
    encode::batch(&sums)
}

/// Adds up cells. In any order, under any split, it comes to the same bytes.
///
/// # Errors
/// When one of them does not hold cells, they tell different things apart, or different books charged
/// them; with [`Prices::OfThisBook`], by which they are charged anew, books may differ.
pub fn merge(
    left: &RecordBatch,
    right: &RecordBatch,
    prices: Prices,
) -> Result<RecordBatch, Error> {
    merge_all(left, [right], prices)
}

/// The same of many: what they come to is made once.
///
/// # Errors
/// Those of [`merge`].
pub fn merge_all<'b>(
    first: &RecordBatch,
    others: impl IntoIterator<Item = &'b RecordBatch>,
    prices: Prices,
) -> Result<RecordBatch, Error> {
    let mut sums = decode::sums(first)?;
    for other in others {
        add(&mut sums, decode::sums(other)?, prices)?;
    }
    encode::batch(&sums)
}

fn add(sums: &mut Sums, other: Sums, prices: Prices) -> Result<(), Error> {
    if sums.book != other.book {
        if prices == Prices::AsSaved {
            return Err(Error::OtherBook { ours: sums.book.clone(), theirs: other.book });
        }
        let mut books: Vec<&str> = sums.book.split(',').chain(other.book.split(',')).collect();
        books.sort_unstable();
        books.dedup();
        sums.book = books.join(",");
    }
    // Says what does not fit together.
    sums.ledger.clone().merge(other.ledger)?;
    for (cell, cell_sums) in other.cells {
        sums.add_cell(cell, &cell_sums)?;
    }
    for (what, rows) in other.rows {
        sums.add_rows(&what, rows);
    }
    Ok(())
}

/// The report of all rows that cells stand for, through a saved ledger: [`Prices::AsSaved`] by the
/// prices that charged them, [`Prices::OfThisBook`] by those of the options.
///
/// # Errors
/// When it does not hold cells, they do not tell apart what is asked for, or the book has not the
/// prices.
pub fn report(
    cells: &RecordBatch,
    by: &[Dimension],
    options: &Options,
    prices: Prices,
) -> Result<Report, Error> {
    let saved = saved(cells)?;
    let settings = Settings { by: by.to_vec(), ..options.settings.clone() };
    Ok(saved.ledger(&options.book, settings, prices, None)?.report()?)
}

/// Cells as a saved ledger of one source, whose digest is that of the cells: to be written as text
/// ([`SavedLedger::to_text`]) and read by whatever reads saved ledgers.
///
/// # Errors
/// When it does not hold cells, or no records have such sums.
pub fn saved(cells: &RecordBatch) -> Result<SavedLedger, Error> {
    let sums = decode::sums(cells)?;
    let mut saved = sums.ledger;
    let source = SavedSource::of_cells("cells", sums.rows, sums.cells)?;
    // Known by what it holds: the same cells twice are one source.
    saved.sources.insert(0, source.clone());
    let known = digest(saved.to_text().as_bytes());
    saved.sources.clear();
    saved.sources.insert(known, source);
    Ok(saved)
}
