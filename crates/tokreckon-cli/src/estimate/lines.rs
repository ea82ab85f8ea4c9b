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
use tokreckon::price::ServiceTier;
use tokreckon::request::{Request, Tokens, batch};
use tokreckon::words::{counted, grouped};

use super::{Kind, Setup};
use crate::context::complain;
use crate::open::cannot_open;
use crate::progress::{self, Line};

/// Prompt tokens of one request, or of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) low: u64,
    pub(super) likely: u64,
    pub(super) high: Option<u64>,
}

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Requests in their envelopes, each with a `custom_id`.
    Batch,
    /// Requests as they are sent one by one.
    Plain,
    /// One request, as often as `--times` says.
    Alike,
}

impl Form {
    /// The service tier that such lines are priced in.
    pub(super) const fn tier(self) -> ServiceTier {
        match self {
            Self::Batch => ServiceTier::Batch,
            Self::Plain | Self::Alike => ServiceTier::Standard,
        }
    }

    /// What is assumed of its requests.
    pub(super) fn assumed(self, names_tier: bool) -> impl Iterator<Item = String> {
        let tier = (!names_tier).then_some(self.tier_assumed());
        let alike = (self == Self::Alike).then_some(ALIKE);
        tier.into_iter().chain(alike).map(str::to_owned)
    }

    const fn tier_assumed(self) -> &'static str {
        match self {
            Self::Batch => {
                "assumed: sent as a batch, with the discount of batches (`--service-tier standard` without it)"
            }
            Self::Plain => {
                "assumed: plain requests, sent one by one without the discount of batches (`--service-tier batch` with it)"
            }
            Self::Alike => {
                "assumed: sent one by one without the discount of batches (`--service-tier batch` with it)"
            }
        }
    }
}

/// What holds for requests of which there is one.
const ALIKE: &str =
    "assumed: every prompt is as long as this one, and answers differ as recorded ones do";

/// What a batch file holds.
pub(super) struct Contents {
    pub(super) name: String,
    pub(super) kinds: BTreeMap<Kind, BTreeMap<Group, u64>>,
    pub(super) lines: u64,
    pub(super) rejected: u64,
    pub(super) duplicates: u64,
    pub(super) findings: Vec<RequestFinding>,
    /// What its lines are, which the first one says.
    pub(super) form: Form,
    /// Requests that would be refused.
    pub(super) refused: u64,
    /// The lines of each model, kept for a plan only.
    pub(super) by_line: BTreeMap<String, Vec<PlannedLine>>,
    /// Whether it is said what is wrong with lines.
    says: bool,
    bytes: u64,
    ids: BTreeSet<String>,
    /// Why lines are none to estimate: how many, and the first of them.
    rejects: BTreeMap<String, (u64, u64)>,
    /// Models of the lines, and why one cannot be priced.
    models: BTreeMap<String, Option<String>>,
    /// By code and text: how many lines, and the first of them.
    found: BTreeMap<(&'static str, String), (RequestFinding, u64, u64)>,
    /// Findings beyond [`MOST_FINDINGS`] texts.
    further: u64,
}

/// What is wrong with lines is said, unless `says` is false.
pub(super) fn read(setup: &Setup<'_>, path: &Path, says: bool) -> Result<Contents> {
    let mut contents = Contents::new(path.display().to_string());
    contents.says = says;
    let file = File::open(path)
        .map_err(|error| cannot_open(path, error, format!("{}: cannot read", contents.name)))?;
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
    match contents.lines {
        _ if !contents.kinds.is_empty() => Ok(contents),
        0 => bail!("{}: it is empty: there is no request in it", contents.name),
        all => {
            bail!("{}: none of {} is a request to estimate", contents.name, counted(all, "line"))
        }
    }
}

/// A request as if so many like it were in a file.
pub(super) fn alike(setup: &Setup<'_>, request: &Request, times: u64) -> Result<Contents> {
    let mut contents = Contents::new("requests like this one".to_owned());
    let asked = setup.asked(request)?;
    contents.form = Form::Alike;
    contents.lines = times;
    let is_refused = asked.findings.iter().any(|finding| finding.refused);
    contents.refused = if is_refused { times } else { 0 };
    contents.findings = asked.findings;
    let groups = BTreeMap::from([(Group::of(&asked.prompt), times)]);
    contents.kinds.insert(asked.kind, groups);
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
            form: Form::Batch,
            refused: 0,
            by_line: BTreeMap::new(),
            says: true,
            bytes: 0,
            ids: BTreeSet::new(),
            rejects: BTreeMap::new(),
            models: BTreeMap::new(),
            found: BTreeMap::new(),
            further: 0,
        }
    }

    fn complain(&self, what: &str) {
        if self.says {
            complain(what);
        }
    }

    /// `50 of 50 requests`; `None` where none would be refused.
    pub(super) fn refused_text(&self) -> Option<String> {
        let sent = self.lines.saturating_sub(self.rejected);
        let text = || format!("{} of {}", self.refused, counted(sent, "request"));
        (self.refused > 0).then(text)
    }

    /// What became of the lines of a file; `None` where there is none.
    pub(super) fn lines_text(&self) -> Option<String> {
        let repeated = match self.form {
            Form::Batch => format!("; {} repeat a custom_id", self.duplicates),
            Form::Plain => String::new(),
            Form::Alike => return None,
        };
        let sent: u64 = self.kinds.values().flat_map(BTreeMap::values).sum();
        Some(format!(
            "{}: {} = {sent} requests + {} rejected{repeated}",
            self.name,
            counted(self.lines, "line"),
            self.rejected,
        ))
    }

    fn line(&mut self, setup: &Setup<'_>, number: u64, bytes: u64, text: &[u8]) {
        self.lines += 1;
        let asked = batch::line(text).map_err(anyhow::Error::from).and_then(|line| {
            let form = if line.custom_id.is_some() { Form::Batch } else { Form::Plain };
            // The first request says what the lines are: no provider takes both in one file.
            if self.kinds.is_empty() {
                self.form = form;
            }
            match (form == self.form, form) {
                (true, _) => {}
                (false, Form::Plain) => bail!("a plain request among the lines of a batch"),
                (false, _) => bail!("a line of a batch among plain requests"),
            }
            let asked = setup.asked(&line.request)?;
            // Compared are all who sell it.
            if !setup.args.compare {
                self.refuse_unpriced(setup, &asked.kind.model)?;
            }
            Ok((line.custom_id, asked))
        });
        let (id, asked) = match asked {
            Ok(asked) => asked,
            Err(error) => {
                self.reject(number, &error);
                return;
            }
        };
        match id {
            Some(id) if self.ids.contains(&id) => {
                self.complain(&format!(
                    "{}:{number}: `custom_id` `{id}` was used before",
                    self.name
                ));
                self.duplicates += 1;
            }
            Some(id) => {
                self.ids.insert(id);
            }
            None => {}
        }
        self.refused += u64::from(asked.findings.iter().any(|finding| finding.refused));
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
        let group = Group::of(&asked.prompt);
        *self.kinds.entry(asked.kind).or_default().entry(group).or_default() += 1;
    }

    /// Counts a line that is no request to estimate; each reason is said once, unless there are many.
    fn reject(&mut self, number: u64, error: &anyhow::Error) {
        self.rejected += 1;
        let reason = error.to_string();
        if self.rejects.len() < MOST_FINDINGS || self.rejects.contains_key(&reason) {
            self.rejects.entry(reason).or_insert((0, number)).0 += 1;
        } else {
            self.complain(&format!("{}:{number}: {reason}", self.name));
        }
    }

    /// Refuses a model of which nobody knows who sends the bill: asked once for all lines.
    fn refuse_unpriced(&mut self, setup: &Setup<'_>, model: &str) -> Result<()> {
        if !self.models.contains_key(model) {
            let why = setup.provider(model).err().map(|error| error.to_string());
            self.models.insert(model.to_owned(), why);
        }
        match self.models.get(model) {
            Some(Some(why)) => bail!(why.clone()),
            _ => Ok(()),
        }
    }

    /// What is said of lines, each text once, and findings of the whole file.
    fn finish(&mut self) {
        let mut rejects: Vec<_> = std::mem::take(&mut self.rejects).into_iter().collect();
        rejects.sort_by_key(|(_, (_, first))| *first);
        for (reason, (count, first)) in rejects {
            let name = &self.name;
            self.complain(&match count {
                1 => format!("{name}:{first}: {reason}"),
                _ => {
                    format!("{name}: {count} of {} lines, first line {first}: {reason}", self.lines)
                }
            });
        }
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
        if self.form != Form::Batch {
            return;
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
    fn of(prompt: &Tokens) -> Self {
        let band = prompt.band();
        Self { low: band.low, likely: band.likely, high: band.high }
    }

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
        let [low, likely] = [self.low, self.likely].map(|count| grouped(count.into()));
        match self.high.map(|high| grouped(high.into())) {
            None => write!(f, "at least {low}"),
            Some(high) if high == low => f.write_str(&high),
            Some(high) => write!(f, "about {likely} ({low} to {high})"),
        }
    }
}

/// Different findings that are kept.
const MOST_FINDINGS: usize = 50;

/// No line of a batch file is longer than a batch file may be, bytes.
const LINE_LIMIT: u64 = 200_000_000;
