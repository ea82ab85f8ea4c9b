//! Reading the text form of the priors of output length.
//!
//! TOML files with seven tables, and one table of figures, `answers.csv`, which the backtest writes
//! (`cargo run --release --example backtest -- priors`), so that the shipped figures and the measured
//! ones come from the same code.
//!
//! | table | says |
//! |---|---|
//! | `[[source]]` | where requests were recorded, and under which licence |
//! | `[[limit]]` | output limits that do not hold for all that is billed |
//! | `[[generation]]` | which models are alike, and whether they think by default |
//! | `[[effort]]` | what an effort level takes, relative to medium |
//! | `[[coverage]]` | how often the quantiles held on sources that they were not made from |
//! | `[[totals]]` | how often totals of batches lay inside their interval |
//! | `[[constant]]` | a number of the method, and where it comes from |
//! | `answers.csv` | billed output of one source, model and kind of work a line |

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::priors::{
    ConstantEntry, Coverage, Habit, LimitCounts, MOST_POINTS, TotalCoverage, Work,
};

/// A `[[source]]`; see [`crate::priors::Source`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEntry {
    /// Repository.
    pub name: String,
    /// Commit.
    pub commit: String,
    /// Licence.
    pub licence: String,
    /// Copyright line.
    pub copyright: String,
    /// Months of the answers.
    pub dates: String,
}

/// A `[[limit]]`; see [`crate::priors::LooseLimit`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitEntry {
    /// Patterns.
    pub models: Vec<String>,
    /// What the limit counts.
    pub counts: LimitCounts,
    /// Where it was seen.
    pub source: String,
}

/// A `[[generation]]`; see [`crate::priors::Generation`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationEntry {
    /// Name.
    pub name: String,
    /// Publisher.
    pub publisher: String,
    /// Patterns of model names.
    pub models: Vec<String>,
    /// Whether the models think by default.
    pub thinking: Habit,
    /// Effort levels.
    pub efforts: Vec<String>,
    /// Default effort level.
    pub default_effort: String,
}

/// An `[[effort]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffortEntry {
    /// Patterns of model names.
    pub models: Vec<String>,
    /// Effort level.
    pub effort: String,
    /// Thousandths of medium.
    pub per_mille: u64,
    /// Where it was measured.
    pub source: String,
}

/// A line of `answers.csv`; see [`crate::priors::Cell`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellEntry {
    /// Repository of its source.
    pub source: String,
    /// Model.
    pub model: String,
    /// Kind of work.
    pub work: Work,
    /// Whether the model may think.
    pub thinking: Option<bool>,
    /// Requests.
    pub rows: u32,
    /// Mean output.
    pub mean: u32,
    /// Mean of log2(output).
    pub log2_mean: i64,
    /// Variance of log2(output).
    pub within: Option<i64>,
    /// Points of output, reasoning and visible output.
    pub points: [Vec<u32>; 3],
}

/// Everything a TOML file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriorFile {
    /// Sources in the order of the file.
    pub sources: Vec<SourceEntry>,
    /// Generations.
    pub generations: Vec<GenerationEntry>,
    /// Output limits that do not hold.
    pub limits: Vec<LimitEntry>,
    /// Effort levels.
    pub ratios: Vec<EffortEntry>,
    /// How often the quantiles held.
    pub coverage: Vec<Coverage>,
    /// How often totals did.
    pub totals: Vec<TotalCoverage>,
    /// Numbers of the method.
    pub constants: Vec<ConstantEntry>,
}

/// The head of `answers.csv`.
pub const COLUMNS: &str =
    "source,model,kind,thinking,rows,mean,log2_mean,within,output,reasoning,visible";

/// Reads a TOML text.
///
/// # Errors
/// The first mistake, with its line.
pub fn read_priors(text: &str) -> Result<PriorFile, String> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("{}: not TOML: {}", line(text, at), error.message())
    })?;
    let read = || -> Result<PriorFile, Fault> {
        let mut file = PriorFile::default();
        for (name, value) in document.get_ref() {
            for entry in items(value)? {
                match name.get_ref().as_ref() {
                    "source" => file.sources.push(source(entry)?),
                    "generation" => file.generations.push(generation(entry)?),
                    "limit" => file.limits.push(limit(entry)?),
                    "effort" => file.ratios.push(effort(entry)?),
                    "coverage" => file.coverage.push(coverage(entry)?),
                    "totals" => file.totals.push(total(entry)?),
                    "constant" => file.constants.push(constant(entry)?),
                    other => return fault(name.span().start, format!("unknown key `{other}`")),
                }
            }
        }
        Ok(file)
    };
    read().map_err(|(at, message)| format!("{}: {message}", line(text, at)))
}

/// Reads `answers.csv`. Lines that start with `#` are comments.
///
/// # Errors
/// The first mistake, with its line.
pub fn read_cells(text: &str) -> Result<Vec<CellEntry>, String> {
    let mut lines = (1u64..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#'));
    match lines.next() {
        Some((_, COLUMNS)) => {}
        Some((number, _)) => return Err(format!("{number}: the columns are not `{COLUMNS}`")),
        None => return Err(format!("1: there is no line `{COLUMNS}`")),
    }
    let cell = |(number, line)| cell(line).map_err(|message| format!("{number}: {message}"));
    lines.map(cell).collect()
}

fn cell(line: &str) -> Result<CellEntry, String> {
    let fields: Vec<&str> = line.split(',').collect();
    let &[source, model, work, thinking, rows, mean, log2_mean, within, output, reasoning, visible] =
        fields.as_slice()
    else {
        return Err(format!("{} fields, not 11", fields.len()));
    };
    let points = [output, reasoning, visible].map(points);
    let [output, reasoning, visible] = points;
    Ok(CellEntry {
        source: source.to_owned(),
        model: model.to_owned(),
        work: Work::from_word(work).ok_or_else(|| format!("unknown kind `{work}`"))?,
        thinking: thinks(thinking)?,
        rows: number(rows)?,
        mean: number(mean)?,
        log2_mean: number(log2_mean)?,
        within: if within.is_empty() { None } else { Some(number(within)?) },
        points: [output?, reasoning?, visible?],
    })
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a whole number in range"))
}

fn points(text: &str) -> Result<Vec<u32>, String> {
    let points = text.split(' ').filter(|text| !text.is_empty());
    let points: Vec<u32> = points.map(number).collect::<Result<_, _>>()?;
    if points.len() > MOST_POINTS {
        return Err(format!("{} points, more than {MOST_POINTS}", points.len()));
    }
    if points.is_sorted() { Ok(points) } else { Err("the points are not sorted".to_owned()) }
}

fn thinks(text: &str) -> Result<Option<bool>, String> {
    match text {
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        "" => Ok(None),
        other => Err(format!("`{other}` is neither `yes` nor `no`")),
    }
}

/// Byte offset and message.
type Fault = (usize, String);

fn fault<T>(at: usize, message: impl Into<String>) -> Result<T, Fault> {
    Err((at, message.into()))
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A table whose keys are all taken, and the offset for messages.
struct Entry<'a> {
    table: &'a DeTable<'a>,
    at: usize,
}

impl<'a> Entry<'a> {
    fn new(value: &'a Spanned<DeValue<'a>>, keys: &[&str]) -> Result<Self, Fault> {
        let at = value.span().start;
        let DeValue::Table(table) = value.get_ref() else { return fault(at, "not a table") };
        for (name, _) in table {
            if !keys.contains(&name.get_ref().as_ref()) {
                let message = format!("unknown key `{}`", name.get_ref());
                return fault(name.span().start, message);
            }
        }
        Ok(Self { table, at })
    }

    fn find(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn required(&self, key: &str) -> Result<&'a Spanned<DeValue<'a>>, Fault> {
        self.find(key).ok_or_else(|| (self.at, format!("`{key}` is missing")))
    }

    /// A text; empty when the key is absent.
    fn text(&self, key: &str) -> Result<String, Fault> {
        self.find(key).map_or_else(|| Ok(String::new()), string)
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, Fault> {
        self.find(key)
            .map_or_else(|| Ok(Vec::new()), |list| items(list)?.iter().map(string).collect())
    }

    fn integer<T: TryFrom<i64>>(&self, key: &str) -> Result<T, Fault> {
        integer(self.required(key)?)
    }

    fn integers<T: TryFrom<i64>, const N: usize>(&self, key: &str) -> Result<[T; N], Fault> {
        let list = self.required(key)?;
        let numbers: Vec<T> = items(list)?.iter().map(integer).collect::<Result<_, _>>()?;
        let at = list.span().start;
        numbers.try_into().map_err(|_| (at, format!("`{key}` does not hold {N} numbers")))
    }
}

fn items<'a>(value: &'a Spanned<DeValue<'a>>) -> Result<&'a [Spanned<DeValue<'a>>], Fault> {
    match value.get_ref() {
        DeValue::Array(items) => Ok(items),
        _ => fault(value.span().start, "not a list"),
    }
}

fn string(value: &Spanned<DeValue<'_>>) -> Result<String, Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        _ => fault(value.span().start, "not a string"),
    }
}

fn integer<T: TryFrom<i64>>(value: &Spanned<DeValue<'_>>) -> Result<T, Fault> {
    let at = value.span().start;
    let DeValue::Integer(digits) = value.get_ref() else { return fault(at, "not an integer") };
    let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
    number.and_then(|number| T::try_from(number).ok()).ok_or((at, "out of range".to_owned()))
}

fn word<T: Copy>(
    entry: &Entry<'_>,
    key: &str,
    all: &[T],
    spelling: fn(T) -> &'static str,
) -> Result<T, Fault> {
    let value = entry.required(key)?;
    let text = string(value)?;
    let found = all.iter().copied().find(|word| spelling(*word) == text);
    found.ok_or_else(|| (value.span().start, format!("unknown {key} `{text}`")))
}

fn source(value: &Spanned<DeValue<'_>>) -> Result<SourceEntry, Fault> {
    let entry = Entry::new(value, &["name", "commit", "licence", "copyright", "dates"])?;
    Ok(SourceEntry {
        name: string(entry.required("name")?)?,
        commit: string(entry.required("commit")?)?,
        licence: string(entry.required("licence")?)?,
        copyright: entry.text("copyright")?,
        dates: entry.text("dates")?,
    })
}

fn generation(value: &Spanned<DeValue<'_>>) -> Result<GenerationEntry, Fault> {
    let keys = ["name", "publisher", "models", "thinking", "efforts", "default-effort"];
    let entry = Entry::new(value, &keys)?;
    Ok(GenerationEntry {
        name: string(entry.required("name")?)?,
        publisher: string(entry.required("publisher")?)?,
        models: entry.texts("models")?,
        thinking: word(&entry, "thinking", &Habit::ALL, Habit::word)?,
        efforts: entry.texts("efforts")?,
        default_effort: entry.text("default-effort")?,
    })
}

fn limit(value: &Spanned<DeValue<'_>>) -> Result<LimitEntry, Fault> {
    let entry = Entry::new(value, &["models", "counts", "source"])?;
    Ok(LimitEntry {
        models: entry.texts("models")?,
        counts: word(&entry, "counts", &LimitCounts::ALL, LimitCounts::word)?,
        source: string(entry.required("source")?)?,
    })
}

fn effort(value: &Spanned<DeValue<'_>>) -> Result<EffortEntry, Fault> {
    let entry = Entry::new(value, &["models", "effort", "per-mille-of-medium", "source"])?;
    Ok(EffortEntry {
        models: entry.texts("models")?,
        effort: string(entry.required("effort")?)?,
        per_mille: entry.integer("per-mille-of-medium")?,
        source: string(entry.required("source")?)?,
    })
}

fn coverage(value: &Spanned<DeValue<'_>>) -> Result<Coverage, Fault> {
    let keys = ["kind", "thinking", "own-rows", "groups", "mean", "low", "high"];
    let entry = Entry::new(value, &keys)?;
    let given = |key| entry.find(key).is_some();
    let at = entry.at;
    Ok(Coverage {
        work: given("kind").then(|| word(&entry, "kind", &Work::ALL, Work::word)).transpose()?,
        thinking: thinks(&entry.text("thinking")?).map_err(|message| (at, message))?,
        own_rows: entry.integer("own-rows")?,
        groups: entry.integer("groups")?,
        mean: entry.integers("mean")?,
        low: entry.integers("low")?,
        high: entry.integers("high")?,
    })
}

fn total(value: &Spanned<DeValue<'_>>) -> Result<TotalCoverage, Fault> {
    let keys = ["own-rows", "requests", "batches", "inside", "width", "high"];
    let entry = Entry::new(value, &keys)?;
    Ok(TotalCoverage {
        own_rows: entry.integer("own-rows")?,
        requests: entry.integer("requests")?,
        batches: entry.integer("batches")?,
        inside: entry.integer("inside")?,
        width: entry.integer("width")?,
        high: entry.integer("high")?,
    })
}

fn constant(value: &Spanned<DeValue<'_>>) -> Result<ConstantEntry, Fault> {
    let entry = Entry::new(value, &["name", "values", "source"])?;
    Ok(ConstantEntry {
        name: string(entry.required("name")?)?,
        values: items(entry.required("values")?)?.iter().map(integer).collect::<Result<_, _>>()?,
        source: string(entry.required("source")?)?,
    })
}
