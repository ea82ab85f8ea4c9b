//! What is read: bytes with a name.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::progress::{Identity, Tap};
use crate::read::{ColumnTable, Format, ReadError};

/// An input that can be read to its end.
pub type Reader<'i> = Box<dyn Read + Send + 'i>;

/// What an input is, once it is opened.
pub enum Opened<'i> {
    /// Bytes in their order.
    Bytes(Reader<'i>),
    /// A table of columns.
    Columns(Box<dyn ColumnTable + 'i>),
}

impl fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes(_) => "Bytes",
            Self::Columns(_) => "Columns",
        })
    }
}

impl Opened<'_> {
    /// All bytes, in their order.
    fn bytes(&mut self) -> std::io::Result<Reader<'_>> {
        match self {
            Self::Bytes(reader) => Ok(Box::new(reader)),
            Self::Columns(table) => table.bytes(),
        }
    }
}

/// Usage to be read: bytes, a name for messages, and what else is known of them.
///
/// ```
/// use tokreckon::pipeline::Input;
///
/// let body = "model,input_tokens,output_tokens\ngpt-4o,10,20\n";
/// let in_memory = Input::bytes(body.as_bytes()).named("upload.csv");
/// let stream = Input::new(std::io::stdin()).named("standard input");
/// let file = Input::opening(|tap| {
///     let file = std::fs::File::open("usage.csv")?;
///     Ok(Box::new(tap.watch(file)))
/// });
/// let file = file.named("usage.csv").again(1_234_567);
/// ```
pub struct Input<'i> {
    name: String,
    format: Option<Format>,
    bytes: Option<u64>,
    place: String,
    is_rows: bool,
    source: Source<'i>,
}

enum Source<'i> {
    /// Read once.
    Once(Mutex<Option<Reader<'i>>>),
    /// Opened when its turn comes.
    Opened(Box<Open<'i>>),
}

type Open<'i> = dyn Fn(&Tap) -> Result<Opened<'i>, ReadError> + Send + Sync + 'i;

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, format, bytes, place: _, is_rows: _, source: _ } = self;
        let mut input = f.debug_struct("Input");
        input.field("name", name).field("format", format).field("bytes", bytes);
        input.finish_non_exhaustive()
    }
}

impl<'i> Input<'i> {
    /// What can be read once, such as a pipe or the body of an HTTP request.
    pub fn new(reader: impl Read + Send + 'i) -> Self {
        Self::from_source(Source::Once(Mutex::new(Some(Box::new(reader)))))
    }

    /// What is opened when its turn comes: a thousand files are not open at once. The bytes are to be
    /// read through [`Tap::watch`], packed ones before they are unpacked.
    pub fn opening(
        open: impl Fn(&Tap) -> Result<Reader<'i>, ReadError> + Send + Sync + 'i,
    ) -> Self {
        Self::opening_any(move |tap| open(tap).map(Opened::Bytes))
    }

    /// The same for what may turn out to be a table of columns. Its bytes are to be seen through
    /// [`Tap::watch`] once, as those of any input are, and through [`Tap::counted`] wherever they are read in
    /// no order.
    pub fn opening_any(
        open: impl Fn(&Tap) -> Result<Opened<'i>, ReadError> + Send + Sync + 'i,
    ) -> Self {
        Self::from_source(Source::Opened(Box::new(open)))
    }

    /// What is in memory.
    #[must_use]
    pub fn bytes(bytes: &'i [u8]) -> Self {
        Self::opening(move |tap| Ok(Box::new(tap.watch(bytes)))).again(bytes.len() as u64)
    }

    fn from_source(source: Source<'i>) -> Self {
        let (name, place) = ("input".to_owned(), String::new());
        Self { name, format: None, bytes: None, place, is_rows: false, source }
    }

    /// What it is called in messages. The ending `.csv`, `.tsv` or `.parquet` says that no row depends
    /// on another one: of several inputs only such are read by several threads.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Says that no row of it depends on another one, whatever its name.
    #[must_use]
    pub fn of_rows(self) -> Self {
        Self { is_rows: true, ..self }
    }

    /// Its format, where it need not be recognised.
    #[must_use]
    pub fn of_format(self, format: Format) -> Self {
        Self { format: Some(format), ..self }
    }

    /// Says that it can be opened several times, and gives so many bytes each time (packed ones where
    /// it is packed). Copies among more records than fit into the memory there may be are found by
    /// reading again.
    #[must_use]
    pub fn again(self, bytes: u64) -> Self {
        let bytes = matches!(self.source, Source::Opened(_)).then_some(bytes);
        Self { bytes, ..self }
    }

    /// Which part of a whole it is, where another part may have the same bytes: for a saved ledger
    /// they are two sources, and the same part twice is one.
    #[must_use]
    pub fn placed(self, place: impl Into<String>) -> Self {
        Self { place: place.into(), ..self }
    }

    /// By what its bytes are known again.
    pub(super) fn identity(&self) -> Arc<Identity> {
        Identity::of(&self.place)
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn format(&self) -> Option<Format> {
        self.format
    }

    /// How many bytes it has, where it can be read several times.
    pub(super) const fn length(&self) -> Option<u64> {
        self.bytes
    }

    /// True for one that can be read twice and whose rows no other row depends on.
    pub(super) fn is_table(&self) -> bool {
        let name = self.name.strip_suffix(".gz").or(self.name.strip_suffix(".zst"));
        let name = name.unwrap_or(&self.name);
        let is_named = [".csv", ".tsv", ".parquet"].iter().any(|ending| name.ends_with(ending));
        self.bytes.is_some() && (self.is_rows || is_named)
    }

    pub(super) fn open(&self, tap: &Tap) -> Result<Opened<'i>, ReadError> {
        match &self.source {
            Source::Opened(open) => open(tap),
            Source::Once(reader) => {
                let reader = reader.lock().unwrap_or_else(PoisonError::into_inner).take();
                let ended = || std::io::Error::other("it can be read once only");
                Ok(Opened::Bytes(Box::new(tap.watch(reader.ok_or_else(ended)?))))
            }
        }
    }
}

impl<'i, R: Read + Send + 'i> From<R> for Input<'i> {
    fn from(reader: R) -> Self {
        Self::new(reader)
    }
}

/// Bytes of all inputs together; `None` when one is a pipe.
pub(super) fn total_bytes(inputs: &[Input<'_>]) -> Option<u64> {
    inputs.iter().map(Input::length).sum()
}

/// For an input the first of those before it with the very same bytes, if there is one.
pub(super) fn same_bytes(inputs: &[Input<'_>], at: usize) -> Option<usize> {
    let this = &inputs[at];
    let length = this.length().filter(|bytes| *bytes > 0)?;
    let before = inputs[..at].iter().enumerate();
    let mut same = before.filter(|(_, other)| other.length() == Some(length));
    same.find(|(_, other)| are_alike(this, other)).map(|(other, _)| other)
}

/// True for two inputs that are read as the very same bytes.
fn are_alike<'i>(left: &Input<'i>, right: &Input<'i>) -> bool {
    let tap = Tap::new(Arc::new(()), usize::MAX);
    let (Ok(mut left), Ok(mut right)) = (left.open(&tap), right.open(&tap)) else { return false };
    let (Ok(left), Ok(right)) = (left.bytes(), right.bytes()) else { return false };
    let [mut left, mut right] = [left, right].map(|read| BufReader::with_capacity(1 << 16, read));
    loop {
        let (Ok(one), Ok(two)) = (left.fill_buf(), right.fill_buf()) else { return false };
        let length = one.len().min(two.len());
        if one[..length] != two[..length] {
            return false;
        }
        if length == 0 {
            return one.len() == two.len();
        }
        left.consume(length);
        right.consume(length);
    }
}
