//! Reads texts or files through the stage that removes copies, and adds everything up.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;

use tokreckon::dedup::{CopyVerdict, Dedup, Tally};
use tokreckon::money::{Currency, Exact};
use tokreckon::read::{Format, Item, Note, Options, Reject, Skip, read};
use tokreckon::record::{Record, Repeats};

/// Everything that some files hold.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// What was left out though nobody can be sure: file, the one that counts, line.
    pub(crate) left_out: Vec<(usize, usize, u64)>,
    pub(crate) formats: Vec<Format>,
    pub(crate) records: u64,
    pub(crate) empty: u64,
    pub(crate) joined: u64,
    pub(crate) skipped: BTreeMap<Skip, u64>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) notes: Vec<Note>,
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) input_audio: u64,
    pub(crate) input_image: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
    pub(crate) total: u64,
    pub(crate) requests: u64,
    pub(crate) web_searches: u64,
    pub(crate) images: u64,
    pub(crate) reported: BTreeMap<Currency, Exact>,
    /// Records with a cost.
    pub(crate) with_cost: u64,
    pub(crate) tallies: Vec<Tally>,
    /// Lines of the records, in the order of their arrival.
    pub(crate) lines: Vec<(usize, u64)>,
    /// `model project api_key` of every record.
    pub(crate) keys: Vec<String>,
}

impl Sums {
    pub(crate) fn add(&mut self, file: usize, record: &Record<'_>) {
        self.records += 1;
        self.lines.push((file, record.line));
        self.keys.push(format!("{} {} {}", record.model, record.project, record.api_key));
        if let Some(money) = record.reported {
            self.with_cost += 1;
            let sum = self.reported.entry(money.currency).or_default();
            *sum = sum.plus(money.amount).expect("exact");
        }
        let totals = record.totals.unwrap_or_default();
        for (sum, count) in [
            (&mut self.input, totals.input),
            (&mut self.cache_read, totals.cache_read),
            (&mut self.cache_write, totals.cache_write),
            (&mut self.cache_write_5m, totals.cache_write_5m),
            (&mut self.cache_write_1h, totals.cache_write_1h),
            (&mut self.input_audio, totals.input_audio),
            (&mut self.input_image, totals.input_image),
            (&mut self.output, totals.output),
            (&mut self.reasoning, totals.reasoning),
            (&mut self.total, totals.total),
            (&mut self.requests, totals.requests),
            (&mut self.web_searches, totals.web_searches),
            (&mut self.images, totals.images),
        ] {
            *sum += count.unwrap_or(0);
        }
    }

    /// The reported cost in a currency, as text.
    pub(crate) fn cost(&self, currency: &str) -> String {
        let currency: Currency = currency.parse().expect("a currency");
        self.reported.get(&currency).map_or("none".to_owned(), ToString::to_string)
    }

    /// Every row of the files, whatever became of it.
    pub(crate) fn rows(&self) -> u64 {
        let gone = |tally: &Tally| tally.duplicates + tally.replaced.values().sum::<u64>();
        self.records
            + self.empty
            + self.joined
            + self.skipped.values().sum::<u64>()
            + self.rejects.len() as u64
            + self.tallies.iter().map(gone).sum::<u64>()
    }

    pub(crate) fn skipped(&self, why: Skip) -> u64 {
        self.skipped.get(&why).copied().unwrap_or(0)
    }

    pub(crate) fn duplicates(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.duplicates).sum()
    }

    pub(crate) fn replaced(&self) -> u64 {
        self.tallies.iter().flat_map(|tally| tally.replaced.values()).sum()
    }
}

/// Reads texts as files, with or without the stage that removes copies.
pub(crate) fn read_all(files: &[&[u8]], options: &Options<'_>, dedup: bool) -> Sums {
    let mut sums = Sums::default();
    let mut stage = Dedup::new(files.len());
    for (file, text) in files.iter().enumerate() {
        let format = read(*text, options, &mut |item| match item {
            Item::Record(record) => {
                if !dedup || stage.add(file, record) == CopyVerdict::New {
                    sums.add(file, record);
                }
            }
            Item::Empty { .. } => sums.empty += 1,
            Item::Joined { .. } => sums.joined += 1,
            Item::Total { .. } => *sums.skipped.entry(Skip::Total).or_default() += 1,
            Item::Skipped { why, .. } => *sums.skipped.entry(why).or_default() += 1,
            Item::Reject(reject) => sums.rejects.push(reject),
            Item::Note(note) => sums.notes.push(note),
        });
        sums.formats.push(format.expect("readable"));
    }
    let mut left_out = Vec::new();
    stage.finish(&mut |file, record| sums.add(file, record), &mut |file, by, record| {
        left_out.push((file, by, record.line));
    });
    sums.left_out = left_out;
    sums.tallies = stage.tallies().to_vec();
    sums
}

/// Reads one text.
pub(crate) fn read_text(text: &str) -> Sums {
    read_all(&[text.as_bytes()], &Options::default(), true)
}

/// Reads several texts.
pub(crate) fn read_texts(texts: &[&str]) -> Sums {
    let files: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    read_all(&files, &Options::default(), true)
}

/// Format, records, input, cached, written, output, reasoning.
pub(crate) fn counts(text: &str) -> (Format, u64, [u64; 5]) {
    let sums = read_text(text);
    assert_eq!(sums.rejects, [], "{text}");
    says_its_copies(text);
    let written = sums.cache_write + sums.cache_write_5m + sums.cache_write_1h;
    let counts = [sums.input, sums.cache_read, written, sums.output, sums.reasoning];
    (sums.formats[0], sums.records, counts)
}

/// `provider/model` and what was not read, of every record.
pub(crate) fn records(text: &str) -> Vec<String> {
    let mut records = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            records.push(format!("{}/{} [{}]", record.provider, record.model, record.unread));
        }
    })
    .expect("readable");
    records
}

/// Holds what is said of a format's copies against what its records are recognised by.
fn says_its_copies(text: &str) {
    let mut found = Vec::new();
    let format = read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            found.push(record.repeats);
        }
    });
    let said = format.expect("readable").semantics().duplicates;
    for repeats in found {
        let words = match repeats {
            Repeats::SameId => "same id and content",
            Repeats::UniqueId => "the fullest copy counts",
            Repeats::SameRow(_) => "nth equal row",
            Repeats::Growing => "with the most output",
            Repeats::Bucket(_) => "equal keys are added",
            _ => "",
        };
        assert!(said.contains(words), "{repeats:?}: {said}\n{text}");
    }
}
