//! Reading the text form of reasoning priors: TOML, one file per publisher of models.
//!
//! The files are written by the backtest (`cargo run --release --example backtest -- priors`), so
//! that the shipped tables and the measured ones come from the same code. Three tables:
//!
//! | table | says |
//! |---|---|
//! | `[[prior]]` | tokens of one task class of a model, of a model, or of a family |
//! | `[[effort]]` | what an effort level takes, relative to medium |
//! | `[[default-effort]]` | which effort a model takes when a request names none |

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::priors::{Grade, Held, Measure, Scope};

/// A `[[prior]]`; see [`crate::priors::Prior`] for the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriorEntry {
    /// What it speaks of.
    pub scope: Scope,
    /// Models.
    pub models: Vec<String>,
    /// Effort; empty for the default.
    pub effort: String,
    /// Task class or family.
    pub class: String,
    /// Requests.
    pub rows: u64,
    /// Different prompts.
    pub prompts: u64,
    /// Task classes.
    pub tasks: u64,
    /// How well the counts are known.
    pub grade: Grade,
    /// Where it was recorded.
    pub source: String,
    /// Hidden tokens.
    pub hidden: Measure,
    /// Visible tokens.
    pub visible: Measure,
    /// All output tokens.
    pub output: Measure,
    /// Measured reliability.
    pub held: Option<Held>,
}

/// An `[[effort]]` or a `[[default-effort]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffortEntry {
    /// Models.
    pub models: Vec<String>,
    /// Effort level.
    pub effort: String,
    /// Thousandths of medium; 0 for a default.
    pub per_mille: u64,
    /// Where it was measured; empty for a default.
    pub source: String,
}

/// Everything a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriorFile {
    /// Priors in the order of the file.
    pub priors: Vec<PriorEntry>,
    /// Effort levels.
    pub ratios: Vec<EffortEntry>,
    /// Default effort levels.
    pub defaults: Vec<EffortEntry>,
}

/// Reads a text.
///
/// # Errors
/// The first mistake, with its line.
pub fn read(text: &str) -> Result<PriorFile, String> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("{}: not TOML: {}", line(text, at), error.message())
    })?;
    let read = || -> Result<PriorFile, Fault> {
        let mut file = PriorFile::default();
        for (name, value) in document.get_ref() {
            for entry in tables(value)? {
                match name.get_ref().as_ref() {
                    "prior" => file.priors.push(prior(entry)?),
                    "effort" => file.ratios.push(effort(entry, true)?),
                    "default-effort" => file.defaults.push(effort(entry, false)?),
                    other => return fault(name.span().start, format!("unknown key `{other}`")),
                }
            }
        }
        Ok(file)
    };
    read().map_err(|(at, message)| format!("{}: {message}", line(text, at)))
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

fn tables<'a>(value: &'a Spanned<DeValue<'a>>) -> Result<&'a [Spanned<DeValue<'a>>], Fault> {
    items(value)
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

fn prior(value: &Spanned<DeValue<'_>>) -> Result<PriorEntry, Fault> {
    let keys = [
        "scope", "models", "effort", "class", "rows", "prompts", "tasks", "grade", "source",
        "hidden", "visible", "output", "held",
    ];
    let entry = Entry::new(value, &keys)?;
    Ok(PriorEntry {
        scope: word(&entry, "scope", &Scope::ALL, Scope::word)?,
        models: entry.texts("models")?,
        effort: entry.text("effort")?,
        class: entry.text("class")?,
        rows: entry.integer("rows")?,
        prompts: entry.integer("prompts")?,
        tasks: entry.integer("tasks")?,
        grade: word(&entry, "grade", &Grade::ALL, Grade::word)?,
        source: string(entry.required("source")?)?,
        hidden: measure(entry.required("hidden")?)?,
        visible: measure(entry.required("visible")?)?,
        output: measure(entry.required("output")?)?,
        held: entry.find("held").map(held).transpose()?,
    })
}

fn measure(value: &Spanned<DeValue<'_>>) -> Result<Measure, Fault> {
    let keys = ["rows", "zeros", "mean", "log2-mean", "within", "between", "quantiles"];
    let entry = Entry::new(value, &keys)?;
    let measure = Measure {
        rows: entry.integer("rows")?,
        zeros: entry.integer("zeros")?,
        mean: entry.integer("mean")?,
        log2_mean: entry.integer("log2-mean")?,
        within: entry.integer("within")?,
        between: entry.integer("between")?,
        quantiles: entry.integers("quantiles")?,
    };
    if !measure.quantiles.is_sorted() {
        return fault(entry.at, "the quantiles are not sorted");
    }
    Ok(measure)
}

fn held(value: &Spanned<DeValue<'_>>) -> Result<Held, Fault> {
    let entry = Entry::new(value, &["tasks", "mean", "worst", "best"])?;
    Ok(Held {
        tasks: entry.integer("tasks")?,
        mean: entry.integers("mean")?,
        worst: entry.integers("worst")?,
        best: entry.integers("best")?,
    })
}

fn effort(value: &Spanned<DeValue<'_>>, measured: bool) -> Result<EffortEntry, Fault> {
    let keys: &[&str] = if measured {
        &["models", "effort", "per-mille-of-medium", "source"]
    } else {
        &["models", "effort"]
    };
    let entry = Entry::new(value, keys)?;
    Ok(EffortEntry {
        models: entry.texts("models")?,
        effort: string(entry.required("effort")?)?,
        per_mille: if measured { entry.integer("per-mille-of-medium")? } else { 0 },
        source: if measured { string(entry.required("source")?)? } else { String::new() },
    })
}
