//! Input files: found, opened and unpacked. What they come to is the library's pipeline.

mod files;
#[cfg(feature = "parquet")]
mod parquet;
mod stamp;
mod tally;
mod unpack;

use std::fs::{self, File};
use std::io::{self, Read, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use tokreckon::book::PriceBook;
use tokreckon::hint::Hint;
use tokreckon::ledger::Settings;
use tokreckon::pipeline::{
    FilesRead, Input, Opened, Pipeline, PipelineError, Repeated, Row, Run, Tap, Warning,
};
use tokreckon::read::{Format, Mapping, Problem, ReadError, Reject};
use tokreckon::words::counted;

pub(crate) use self::files::find;
use self::stamp::{AsFound, Stamp};
pub(crate) use self::tally::file_text;
use self::unpack::Content;
use crate::args::{InputArgs, is_format_file};
use crate::context::{complain, service_tier, with_hint};
use crate::open;
use crate::options::{in_options, in_options_of_bill};
use crate::print::grouped;
use crate::progress;

/// A pipeline that reads as the arguments say, and has everything else by default.
pub(crate) fn pipeline<'b>(args: &InputArgs, book: &PriceBook<'b>) -> Result<Pipeline<'b>> {
    let tier = args.service_tier.as_deref().map(service_tier).transpose()?;
    let mut pipeline = Pipeline::new(book)
        .settings(Settings { service_tier: tier, ..Settings::default() })
        .provider(args.provider.as_deref().unwrap_or(""))
        .memory(args.memory.saturating_mul(1 << 20))
        .store(|| Ok(Box::new(tempfile::tempfile()?)))
        .progress(Arc::new(progress::Line));
    if let Some(format) = args.from.as_deref().and_then(Format::from_name) {
        pipeline = pipeline.format(format);
    }
    if let Some(mapping) = mapping(args)? {
        pipeline = pipeline.mapping(mapping);
    }
    if args.no_dedup {
        pipeline = pipeline.every_row();
    }
    Ok(pipeline)
}

/// Reads every file to the answers.
///
/// A file that cannot be read is complained about, and the others are still read.
pub(crate) fn run<'b>(args: &InputArgs, pipeline: &Pipeline<'b>) -> Result<Run<'b>> {
    read_found(args, &found(args)?, pipeline)
}

/// The same, and says what request ids that come back come to, where there are few enough to look.
pub(crate) fn run_with_ids<'b>(args: &InputArgs, pipeline: Pipeline<'b>) -> Result<Run<'b>> {
    let found = found(args)?;
    let looks = has_few_ids(args, &found);
    let pipeline = if looks { pipeline.telling_repeats() } else { pipeline };
    let run = read_found(args, &found, &pipeline)?;
    if let Some(repeated) = &run.repeated {
        complain_of_repeats(repeated, args);
    }
    Ok(run)
}

fn read_found<'b>(
    args: &InputArgs,
    found: &[(PathBuf, Option<Stamp>)],
    pipeline: &Pipeline<'b>,
) -> Result<Run<'b>> {
    let inputs = inputs(args, found);
    let run = {
        let _reading = progress::reading();
        pipeline.read_all(&inputs).map_err(|error| failed(error, args))?
    };
    complain_all(&run.warnings);
    complain_of_growth(found);
    Ok(run)
}

/// Beyond so many bytes a report leaves it to an audit to look for request ids that come back.
const MOST_FOR_IDS: u64 = 64 << 20;

/// True for files whose request ids are few enough to be looked at by the way.
fn has_few_ids(args: &InputArgs, found: &[(PathBuf, Option<Stamp>)]) -> bool {
    let lengths = found.iter().flat_map(|(_, stamp)| stamp).map(Stamp::length);
    lengths.sum::<u64>() <= MOST_FOR_IDS && args.memory as u64 >= MOST_FOR_IDS >> 20
}

/// What is said of request ids that come back.
fn complain_of_repeats(repeated: &Repeated, args: &InputArgs) {
    let stakes = repeated.at_stake.iter().filter(|(_, amount)| !amount.is_zero());
    let stakes: Vec<String> =
        stakes.map(|(currency, amount)| format!("{amount} {currency}")).collect();
    let stakes = if stakes.is_empty() {
        String::new()
    } else {
        format!(", {} of the total", stakes.join(" + "))
    };
    let files: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    complain(&format!(
        "{} with a request id of another one: {} tokens{stakes}: copies, perhaps\nhint: `tokreckon audit {}` lists them",
        counted(repeated.records, "record"),
        grouped(repeated.tokens),
        files.join(" ")
    ));
}

/// Reads every file and hands each row that counts with the name of its file to `each`; in the same
/// way as [`run`].
pub(crate) fn read_all(args: &InputArgs, each: &mut dyn FnMut(&str, Row<'_>)) -> Result<FilesRead> {
    read_by(args, &pipeline(args, &PriceBook::builtin())?, in_options, each)
}

/// Reads bills in the same way.
pub(crate) fn read_bills(
    args: &InputArgs,
    each: &mut dyn FnMut(&str, Row<'_>),
) -> Result<FilesRead> {
    read_by(args, &pipeline(args, &PriceBook::builtin())?.of_bills(), in_options_of_bill, each)
}

fn read_by(
    args: &InputArgs,
    pipeline: &Pipeline<'_>,
    words: fn(&Hint) -> String,
    each: &mut dyn FnMut(&str, Row<'_>),
) -> Result<FilesRead> {
    let found = found(args)?;
    let inputs = inputs(args, &found);
    let read = {
        let _reading = progress::reading();
        let mut named = |file: usize, row: Row<'_>| each(inputs[file].name(), row);
        pipeline.records(&inputs, &mut named).map_err(|error| failed(error, args))?
    };
    complain_in(&read.warnings, words);
    complain_of_growth(&found);
    Ok(read)
}

/// Says what should be known beside the sums.
pub(crate) fn complain_all(warnings: &[Warning]) {
    complain_in(warnings, in_options);
}

fn complain_in(warnings: &[Warning], words: fn(&Hint) -> String) {
    for warning in warnings {
        let hint = match warning {
            Warning::LeftOut { .. } => Some(
                "where they are different usage, such as of two projects, add `--no-dedup`"
                    .to_owned(),
            ),
            _ => warning.hint().as_ref().map(words),
        };
        let hint = hint.map_or(String::new(), |hint| format!("\nhint: {hint}"));
        complain(&format!("{warning}{hint}"));
    }
}

/// Says which files have more in them than what was read.
fn complain_of_growth(found: &[(PathBuf, Option<Stamp>)]) {
    for (path, stamp) in found {
        if stamp.as_ref().is_some_and(|stamp| stamp.has_grown(path)) {
            complain(&format!(
                "{}: it grew while it was read; what was added since is not counted\nhint: run it again",
                path.display()
            ));
        }
    }
}

/// The same error, in the words of the arguments.
fn failed(error: PipelineError, args: &InputArgs) -> anyhow::Error {
    match error {
        PipelineError::NoRoom { about_mb, why, .. } => {
            let why = why.map_or(String::new(), |why| format!(": {why}"));
            let needs =
                about_mb.map_or(String::new(), |mb| format!(", it needs about {} MB", grouped(mb)));
            let cure =
                "raise `--memory`, read fewer files at once, or count every row with `--no-dedup`";
            with_hint(
                format!("finding copies takes more than `--memory {}`{needs}{why}", args.memory),
                Some(cure.to_owned()),
            )
        }
        PipelineError::TooManyGroups { .. } => {
            let hint = "group by fewer dimensions, read a part of the time (`--since`, `--until`), or raise `--memory`";
            with_hint(error, Some(hint.to_owned()))
        }
        PipelineError::Changed { .. } => {
            let hint = "files are read several times to find copies within `--memory`";
            with_hint(error, Some(hint.to_owned()))
        }
        other => other.into(),
    }
}

/// The files of the arguments, in the order in which they are read.
fn paths(args: &InputArgs) -> Result<Vec<PathBuf>> {
    files::list(&args.files, !args.no_dedup)
}

/// The files of the arguments, as they are before any of them is read.
fn found(args: &InputArgs) -> Result<Vec<(PathBuf, Option<Stamp>)>> {
    let with_stamp = |path: PathBuf| {
        let is_file = !is_standard_input(&path) && args.given.at(&path).is_none();
        let stamp = if is_file { Stamp::of(&path) } else { None };
        (path, stamp)
    };
    Ok(paths(args)?.into_iter().map(with_stamp).collect())
}

/// Files, each opened when its turn comes.
fn inputs<'f>(args: &'f InputArgs, found: &'f [(PathBuf, Option<Stamp>)]) -> Vec<Input<'f>> {
    let inputs = found.iter().map(|(path, stamp)| {
        if let Some(given) = args.given.at(path) {
            let input = Input::opening_any(|tap| given.open(tap)).named(given.name());
            return input.again(given.bytes()).of_rows();
        }
        let opened = Input::opening_any(move |tap| open_input(path, stamp.as_ref(), tap));
        let input = opened.named(open::name(path));
        match stamp {
            Some(stamp) => input.again(stamp.length()),
            None => input,
        }
    });
    inputs.collect()
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn open_input(path: &Path, stamp: Option<&Stamp>, tap: &Tap) -> Result<Opened<'static>, ReadError> {
    if is_standard_input(path) {
        return content(unpack::open(Box::new(tap.watch(stdin())))?, None, tap);
    }
    let file = fs::metadata(path).map_err(|error| open::with_names_beside(path, error))?;
    if file.is_dir() {
        return Err(ReadError::Io(io::Error::other("it is a folder")));
    }
    if file.is_file() {
        unpack::check(path)?;
    }
    let opened: Box<dyn Read + Send> = match stamp {
        Some(stamp) => Box::new(AsFound::open(path, stamp.clone())?),
        None => Box::new(File::open(path)?),
    };
    let content_of = unpack::open(Box::new(tap.watch(opened)))?;
    content(content_of, file.is_file().then_some(path), tap)
}

/// What a file holds, by its path where it can be read in any order.
#[cfg(feature = "parquet")]
fn content(content: Content, path: Option<&Path>, tap: &Tap) -> Result<Opened<'static>, ReadError> {
    match content {
        Content::Text(bytes) => Ok(Opened::Bytes(bytes)),
        Content::Parquet(bytes) => Ok(Opened::Columns(Box::new(parquet::open(bytes, path, tap)?))),
    }
}

/// What a file holds; says how a Parquet file becomes one that is read.
#[cfg(not(feature = "parquet"))]
fn content(content: Content, _: Option<&Path>, _: &Tap) -> Result<Opened<'static>, ReadError> {
    match content {
        Content::Text(bytes) => Ok(Opened::Bytes(bytes)),
        Content::Parquet(_) => Err(ReadError::Io(io::Error::other(
            "it is a Parquet file, which this build does not read; build with the feature `parquet`, \
             or make it CSV: `duckdb -csv -c \"from 'FILE'\"`",
        ))),
    }
}

fn mapping(args: &InputArgs) -> Result<Option<Mapping>> {
    if let Some(path) = args.from.as_deref().filter(|from| is_format_file(from)) {
        if args.map.is_some() || args.map_file.is_some() {
            bail!("`--from {path}` names the columns already: leave out `--map`");
        }
        let text = open::text(Path::new(path), "the format")?;
        let mapping = Mapping::from_toml(&text);
        return mapping
            .map(Some)
            .map_err(|error| with_hint(format!("{path}: {error}"), Some(error.hint())));
    }
    let text = match (&args.map, &args.map_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => open::text(path, "the mapping file")?,
        (None, None) => return Ok(None),
    };
    let mapping = text.parse::<Mapping>().map_err(|error| with_hint(&error, Some(error.hint())));
    mapping.map(Some)
}

/// Complains about a rejected row: `file:line: reason`.
pub(crate) fn complain_reject(name: &str, reject: &Reject) {
    complain(&reject_text(name, reject));
}

/// Complains about a rejected row of a bill, whose columns are named by an option of its own.
pub(crate) fn complain_reject_of_bill(name: &str, reject: &Reject) {
    complain(&reject_text(name, reject).replace("`--map ", "`--bill-map "));
}

/// What to do about a row that cannot be read.
pub(crate) fn reject_hint(problem: &Problem) -> Option<&'static str> {
    match problem {
        Problem::TwoDates { .. } => Some(
            "say what dates begin with: `--map dates-are=day-first` or `--map dates-are=month-first`",
        ),
        problem => problem.hint(),
    }
}

pub(crate) fn reject_text(name: &str, reject: &Reject) -> String {
    let hint = reject_hint(&reject.problem).map_or(String::new(), |hint| format!("\nhint: {hint}"));
    format!("{name}:{}: {}{hint}", reject.line, reject.problem)
}
