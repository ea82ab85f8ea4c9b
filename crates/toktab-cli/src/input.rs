//! Input files: opened one after the other, read to the end, every row accounted for.

use std::fs::{self, File};
use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toktab::read::{self, Format, Item, Mapping, Options, ReadError, Reject};
use toktab::record::Record;

use crate::args::InputArgs;
use crate::context::{complain, service_tier, with_hint};

/// What was read from one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileTally {
    pub(crate) name: String,
    /// Format by name; empty when the file could not be read.
    pub(crate) format: &'static str,
    pub(crate) records: u64,
    pub(crate) empty: u64,
    pub(crate) rejected: u64,
    /// Why the file could not be read, or not to its end.
    pub(crate) failure: Option<String>,
}

impl FileTally {
    /// Rows of the file: records, empty ones and rejects.
    pub(crate) const fn rows(&self) -> u64 {
        self.records + self.empty + self.rejected
    }
}

/// A row as the commands see it.
pub(crate) enum Row<'a> {
    Record(&'a Record<'a>),
    Reject(Reject),
}

/// Reads every file and hands each row with the index of its file to `each`.
///
/// A file that cannot be read is complained about, and the others are still read.
pub(crate) fn read_all(
    args: &InputArgs,
    each: &mut dyn FnMut(usize, Row<'_>),
) -> Result<Vec<FileTally>> {
    let mapping = mapping(args)?;
    let options = Options {
        format: args.from.as_deref().and_then(Format::from_name),
        provider: args.provider.as_deref().unwrap_or(""),
        service_tier: args.service_tier.as_deref().map(service_tier).transpose()?,
        mapping: mapping.as_ref(),
    };
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    let mut tallies = Vec::new();
    for (index, path) in files.iter().enumerate() {
        let name = if path.as_os_str() == "-" {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let mut tally = FileTally { name, ..FileTally::default() };
        let result =
            open(path).and_then(|input| read_one(input, &options, index, &mut tally, each));
        match result {
            Ok(format) => tally.format = format.name(),
            Err(error) => {
                let hint = error.hint().map_or(String::new(), |hint| format!("\nhint: {hint}"));
                complain(&format!("{}: {error}{hint}", tally.name));
                tally.failure = Some(error.to_string());
            }
        }
        tallies.push(tally);
    }
    Ok(tallies)
}

fn read_one(
    input: Box<dyn Read>,
    options: &Options<'_>,
    index: usize,
    tally: &mut FileTally,
    each: &mut dyn FnMut(usize, Row<'_>),
) -> Result<Format, ReadError> {
    read::read(input, options, &mut |item| match item {
        Item::Record(record) => {
            tally.records += 1;
            each(index, Row::Record(&record));
        }
        Item::Empty { .. } => tally.empty += 1,
        Item::Reject(reject) => {
            tally.rejected += 1;
            each(index, Row::Reject(reject));
        }
    })
}

fn open(path: &Path) -> Result<Box<dyn Read>, ReadError> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(stdin().lock()));
    }
    if fs::metadata(path)?.is_dir() {
        let message = "it is a directory; name the files in it";
        return Err(ReadError::Io(std::io::Error::other(message)));
    }
    Ok(Box::new(File::open(path)?))
}

fn mapping(args: &InputArgs) -> Result<Option<Mapping>> {
    let text = match (&args.map, &args.map_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => {
            let shown = path.display();
            fs::read_to_string(path)
                .with_context(|| format!("{shown}: cannot read the mapping file"))?
        }
        (None, None) => return Ok(None),
    };
    let mapping = text.parse::<Mapping>().map_err(|error| with_hint(&error, Some(error.hint())));
    mapping.map(Some)
}

/// Complains about a rejected row: `file:line: reason`.
pub(crate) fn complain_reject(name: &str, reject: &Reject) {
    let hint = reject.problem.hint().map_or(String::new(), |hint| format!("\nhint: {hint}"));
    complain(&format!("{name}:{}: {}{hint}", reject.line, reject.problem));
}
