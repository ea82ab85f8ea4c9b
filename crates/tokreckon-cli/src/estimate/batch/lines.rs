//! Reads a batch file line by line: alike requests are counted together, and bad lines listed.
//!
//! Memory grows with the ids and with the kinds of requests and prompt lengths, not with the texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use tokreckon::document::TokensDocument;
use tokreckon::estimate::RequestFinding;
use tokreckon::pipeline::Progress;
use tokreckon::plan::{BatchRules, PlannedLine};
use tokreckon::request::batch;
use tokreckon::words::counted;

use super::{Kind, Setup};
use crate::context::complain;
use crate::progress::{self, Line};

/// Prompt tokens of one request, or of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) low: u64,
    pub(super) likely: u64,
    pub(super) high: Option<u64>,
}

/// What a batch file holds.
pub(super) struct Contents {
    pub(super) name: String,
    pub(super) kinds: BTreeMap<Kind, BTreeMap<Group, u64>>,
    pub(super) lines: u64,
    pub(super) rejected: u64,
    pub(super) duplicates: u64,
    pub(super) findings: Vec<RequestFinding>,
    /// The lines of each model, kept for a plan only.
    pub(super) by_line: BTreeMap<String, Vec<PlannedLine>>,
    bytes: u64,
    ids: BTreeSet<String>,
    /// By code and text: how many lines, and the first of them.
    found: BTreeMap<(&'static str, String), (RequestFinding, u64, u64)>,
    /// Findings beyond [`MOST_FINDINGS`] texts.
    further: u64,
}

pub(super) fn read(setup: &Setup<'_>, path: &Path) -> Result<Contents> {
    let mut contents = Contents::new(path.display().to_string());
    let file = File::open(path).with_context(|| format!("{}: cannot read", contents.name))?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    let _reading = progress::reading();
    Line.begin(size);
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        let read = reader.by_ref().take(LINE_LIMIT + 1).read_until(b'\n', &mut line);
        let read = read.with_context(|| contents.name.clone())? as u64;
        if read == 0 {
            break;
        }
        if read > LINE_LIMIT {
            bail!("{}:{number}: the line is longer than {LINE_LIMIT} bytes", contents.name);
        }
        contents.bytes += read;
        Line.bytes(read);
        if !line.trim_ascii().is_empty() {
            Line.rows(1);
            contents.line(setup, number, read, &line);
        }
    }
    contents.finish();
    Ok(contents)
}

impl Contents {
    fn new(name: String) -> Self {
        Self {
            name,
            kinds: BTreeMap::new(),
            lines: 0,
            rejected: 0,
            duplicates: 0,
            findings: Vec::new(),
            by_line: BTreeMap::new(),
            bytes: 0,
            ids: BTreeSet::new(),
            found: BTreeMap::new(),
            further: 0,
        }
    }

    fn line(&mut self, setup: &Setup<'_>, number: u64, bytes: u64, text: &[u8]) {
        self.lines += 1;
        let asked = batch::line(text).map_err(anyhow::Error::from).and_then(|line| {
            let asked = setup.asked(&line.request)?;
            setup.provider(&asked.kind.model)?;
            let id = line.custom_id.ok_or_else(|| {
                anyhow::anyhow!(
                    "a bare request is no line of a batch file\nhint: estimate it by itself, or give it `custom_id`, `method`, `url` and `body`"
                )
            })?;
            Ok((id, asked))
        });
        let (id, asked) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                complain(&format!("{}:{number}: {error}", self.name));
                self.rejected += 1;
                return;
            }
        };
        if self.ids.contains(&id) {
            complain(&format!("{}:{number}: `custom_id` `{id}` was used before", self.name));
            self.duplicates += 1;
        } else {
            self.ids.insert(id);
        }
        let band = asked.prompt.band();
        for finding in asked.findings {
            let key = (finding.code, finding.says.clone());
            if self.found.len() < MOST_FINDINGS || self.found.contains_key(&key) {
                self.found.entry(key).or_insert((finding, 0, number)).1 += 1;
            } else {
                self.further += 1;
            }
        }
        if setup.args.rate_limit_tier.is_some() {
            let line = PlannedLine { bytes, prompt_tokens: band.high.unwrap_or(band.low) };
            self.by_line.entry(asked.kind.model.clone()).or_default().push(line);
        }
        let group = Group { low: band.low, likely: band.likely, high: band.high };
        *self.kinds.entry(asked.kind).or_default().entry(group).or_default() += 1;
    }

    /// Findings of lines, each text once, and those of the whole file.
    fn finish(&mut self) {
        for (mut finding, count, first) in std::mem::take(&mut self.found).into_values() {
            let says = &finding.says;
            finding.says = format!("{count} of {} lines, first line {first}: {says}", self.lines);
            self.findings.push(finding);
        }
        if self.further > 0 {
            let says =
                format!("{} with further texts are not listed", counted(self.further, "finding"));
            self.findings.push(RequestFinding::new("more-findings", false, says));
        }
        let BatchRules { lines, bytes } = BatchRules::OPENAI;
        let refused = |code, says| RequestFinding::new(code, true, says);
        if self.lines > lines {
            let says = format!("{} lines; OpenAI takes {lines} in one file", self.lines);
            self.findings.push(refused("batch-too-many-lines", says));
        }
        if self.bytes > bytes {
            let says = format!("{} bytes; OpenAI takes {bytes} in one file", self.bytes);
            self.findings.push(refused("batch-too-large", says));
        }
    }
}

impl Group {
    pub(super) fn add(&mut self, other: Group, count: u64) {
        let sum = |a: u64, b: u64| a.saturating_add(b.saturating_mul(count));
        self.low = sum(self.low, other.low);
        self.likely = sum(self.likely, other.likely);
        self.high = self.high.zip(other.high).map(|(a, b)| sum(a, b));
    }

    pub(super) fn document(&self) -> TokensDocument {
        TokensDocument::between(self.likely, self.low, self.high)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.high {
            None => write!(f, "at least {}", self.low),
            Some(high) if high == self.low => write!(f, "{high}"),
            Some(high) => write!(f, "about {} ({} to {high})", self.likely, self.low),
        }
    }
}

/// Different findings that are kept.
const MOST_FINDINGS: usize = 50;

/// No line of a batch file is longer than a batch file may be, bytes.
const LINE_LIMIT: u64 = 200_000_000;
