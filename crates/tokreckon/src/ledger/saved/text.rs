//! A saved ledger as text: JSON Lines, sorted, so that equal ledgers are equal bytes.
//!
//! The first line says the shape. Then comes each source, followed by its cells, one a line. The last
//! line says how many there were and holds a digest of all before it: a file that was cut short or
//! changed is refused. So is whatever this version does not know, on any line: what a later one keeps
//! may change an amount.

mod fields;

use std::collections::BTreeMap;
use std::io::BufRead;

use serde_json::{Map, Value, json};

use self::fields::{Fields, Problem, no};
use super::check::{self, MOST_RECORDS};
use super::{
    SCHEMA, SavedCell, SavedError, SavedLedger, SavedOutcome, SavedSource, SavedSums, SavedTime,
    is_always_saved,
};
use crate::digest::{Digest, digest};
use crate::grade::{Assumption, Assumptions};
use crate::ledger::Dimension;
use crate::money::{Currency, Exact};
use crate::price::ServiceTier;
use crate::read::{Note, Skip};
use crate::usage::{Meter, Unreported};
use crate::words::escaped_json;

/// Longest line that is read.
const MOST_BYTES: u64 = 16 << 20;

/// What rows of a source can be, besides those that were skipped for a reason.
const ROWS: [&str; 8] = [
    "records",
    "empty",
    "rejected",
    "joined",
    "duplicates",
    "differing",
    "unrecognisable",
    "left out",
];

/// True for a name of what can become of a row.
pub(super) fn is_kind_of_row(name: &str) -> bool {
    ROWS.contains(&name) || Skip::ALL.iter().any(|why| why.as_str() == name)
}

impl SavedLedger {
    /// The ledger as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let by: Vec<&str> = self.by.iter().map(|by| by.name()).collect();
        let mut text = json!({ "schema": SCHEMA, "by": by, "zone": self.zone }).to_string();
        text.push('\n');
        let mut push = |line: Value| {
            text.push_str(&escaped_json(&line.to_string()));
            text.push('\n');
        };
        let mut count = 0usize;
        for (digest, source) in &self.sources {
            push(Value::Object(source_line(*digest, source)));
            for (cell, sums) in &source.cells {
                push(Value::Object(cell_line(&self.by, cell, sums)));
            }
            count = count.saturating_add(source.cells.len());
        }
        let end = json!({
            "sources": self.sources.len().to_string(),
            "cells": count.to_string(),
            "digest": hex(digest(text.as_bytes())),
        });
        text.push_str(&json!({ "end": end }).to_string());
        text.push('\n');
        text
    }

    /// Reads one.
    ///
    /// # Errors
    /// With the line that is not as [`Self::to_text`] writes it.
    pub fn parse(text: &str) -> Result<Self, SavedError> {
        Self::read(text.as_bytes())
    }

    /// Reads one from its bytes.
    ///
    /// # Errors
    /// When they cannot be read, and as [`Self::parse`].
    pub fn read(mut input: impl BufRead) -> Result<Self, SavedError> {
        let mut reader = Reader::default();
        let mut digest = Digest::default();
        let (mut line, mut number) = (Vec::new(), 0u64);
        loop {
            line.clear();
            let mut limited = std::io::Read::take(&mut input, MOST_BYTES);
            let read = limited.read_until(b'\n', &mut line);
            read.map_err(|error| SavedError::Read(error.to_string()))?;
            number = number.saturating_add(1);
            if line.is_empty() {
                return reader.finish().map_err(|problem| problem.at(number));
            }
            reader.line(&line, &digest).map_err(|problem| problem.at(number))?;
            digest.write(&line);
        }
    }
}

fn hex(digest: u128) -> String {
    format!("{digest:032x}")
}

fn numbers<'n>(all: impl Iterator<Item = (String, &'n u64)>) -> Value {
    Value::Object(all.map(|(name, number)| (name, number.to_string().into())).collect())
}

/// A line of a source. What is empty is left out.
fn source_line(digest: u128, source: &SavedSource) -> Map<String, Value> {
    let SavedSource { name, format, rows, notes, replaced, conflicts, cells: _ } = source;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("source", hex(digest).into());
    put("name", name.as_str().into());
    put("format", format.as_str().into());
    put("rows", numbers(rows.iter().map(|(name, rows)| (name.clone(), rows))));
    if !notes.is_empty() {
        put("notes", json!(notes));
    }
    for (name, rows) in [("replaced", replaced), ("conflicts", conflicts)] {
        if !rows.is_empty() {
            put(name, numbers(rows.iter().map(|(digest, rows)| (hex(*digest), rows))));
        }
    }
    fields
}

/// A line of a cell. What is empty is left out.
fn cell_line(by: &[Dimension], cell: &SavedCell, sums: &SavedSums) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    let labels = by.iter().map(|by| by.name()).zip(cell.labels.iter().map(String::as_str));
    let names = [("provider", cell.provider.as_str()), ("model", cell.model.as_str())];
    for (name, text) in names.into_iter().chain(labels).filter(|(_, text)| !text.is_empty()) {
        put(name, text.into());
    }
    put("service_tier", cell.service_tier.map(ServiceTier::as_str).into());
    if cell.variant.as_deref() != Some("") {
        put("variant", cell.variant.as_deref().into());
    }
    match cell.time {
        SavedTime::Unsaid => {}
        SavedTime::TakenFor(start, end) => put("taken_for", json!([start, end])),
        SavedTime::Day(start, end) => put("day", json!([start, end])),
        SavedTime::Period(start, end) => put("period", json!([start, end])),
    }
    if !cell.is_request {
        put("sums", true.into());
    }
    if !cell.assumed.is_empty() {
        let codes: Vec<&str> = cell.assumed.iter().map(Assumption::code).collect();
        put("assumed", json!(codes));
    }
    match &cell.outcome {
        SavedOutcome::Charged { card, first_bracket, last_bracket, thinking } => {
            put("card", hex(*card).into());
            if (*first_bracket, *last_bracket) != (0, 0) {
                put("price_tiers", json!([first_bracket, last_bracket]));
            }
            if *thinking != Some(false) {
                put("thinking", (*thinking).into());
            }
        }
        SavedOutcome::Refused { code, reason } => {
            put("not_charged", code.as_str().into());
            put("reason", reason.as_str().into());
        }
        SavedOutcome::CostOnly => {}
    }
    let Unreported { cache, reasoning, member, requests } = cell.unreported;
    let open = [cache, reasoning, member, requests].into_iter().zip(UNREPORTED);
    let open: Vec<&str> = open.filter_map(|(is_open, name)| is_open.then_some(name)).collect();
    if !open.is_empty() {
        put("not_reported", json!(open));
    }
    // Numbers of any length stand as texts: readers of JSON make floats of long ones.
    put("records", sums.records.to_string().into());
    if sums.straddling > 0 {
        put("straddling", sums.straddling.to_string().into());
    }
    let counts: Map<String, Value> = cell
        .meters()
        .map(|meter| (meter.as_str().to_owned(), sums.counts[meter].to_string().into()))
        .collect();
    if !counts.is_empty() {
        put("counts", counts.into());
    }
    if let Some((fewest, most)) = sums.prompt {
        put("prompt", json!([fewest.to_string(), most.to_string()]));
    }
    if sums.tokens != [0; 3] {
        put("tokens", json!(sums.tokens.map(|count| count.to_string())));
    }
    if !sums.reported.is_empty() {
        let reported = sums.reported.iter().map(|(currency, (records, amount))| {
            (currency.to_string(), json!([records.to_string(), amount.to_string()]))
        });
        put("reported", Value::Object(reported.collect()));
    }
    if !sums.unread.is_empty() {
        put("not_read", numbers(sums.unread.iter().map(|(path, rows)| (path.clone(), rows))));
    }
    fields
}

/// Reads line after line.
#[derive(Default)]
struct Reader {
    ledger: Option<SavedLedger>,
    source: Option<u128>,
    cells: usize,
    ended: bool,
}

impl Reader {
    /// Reads a line; `before` is the digest of those before it.
    fn line(&mut self, line: &[u8], before: &Digest) -> Result<(), Problem> {
        if self.ended {
            return no("something stands behind its last line");
        }
        if line.last() != Some(&b'\n') && line.len() as u64 == MOST_BYTES {
            return no("the line is too long");
        }
        let mut fields = Fields::parse(line)?;
        let Some(ledger) = &mut self.ledger else {
            self.ledger = Some(head(&mut fields)?);
            return fields.end();
        };
        if fields.has("end") {
            let mut end = fields.object("end")?;
            fields.end()?;
            let said = (end.number("sources")?, end.number("cells")?, end.hex("digest")?);
            end.end()?;
            let is_whole = said == (ledger.sources.len(), self.cells, before.finish());
            self.ended = true;
            return if is_whole {
                self.check_rows()
            } else {
                no("its lines are not those it was saved with: the file was changed")
            };
        }
        if fields.has("source") {
            let digest = fields.hex("source")?;
            let source = source(&mut fields)?;
            fields.end()?;
            self.source = Some(digest);
            return match ledger.sources.insert(digest, source) {
                None => Ok(()),
                Some(_) => no("the source stands there twice"),
            };
        }
        let by = ledger.by.clone();
        let Some(source) = self.source.and_then(|digest| ledger.sources.get_mut(&digest)) else {
            return no("a cell before any source");
        };
        let (cell, sums) = cell(&mut fields, &by)?;
        fields.end()?;
        check::cell(&cell, &sums).map_err(Problem::from)?;
        self.cells = self.cells.saturating_add(1);
        match source.cells.insert(cell, sums) {
            None => Ok(()),
            Some(_) => no("the cell stands there twice"),
        }
    }

    /// Every record of a source is in one of its cells.
    fn check_rows(&self) -> Result<(), Problem> {
        for source in self.ledger.iter().flat_map(|ledger| ledger.sources.values()) {
            let mut records = source.cells.values().map(|sums| sums.records);
            let records = records.try_fold(0u64, u64::checked_add);
            if records != Some(source.rows.get("records").copied().unwrap_or_default()) {
                let name = &source.name;
                return Err(Problem::from(format!("the cells of {name} hold not all its records")));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<SavedLedger, Problem> {
        match self.ledger {
            None => no("it is empty"),
            Some(_) if !self.ended => no("its last line is missing: the file was cut short"),
            Some(ledger) => Ok(ledger),
        }
    }
}

fn head(fields: &mut Fields) -> Result<SavedLedger, Problem> {
    let schema = fields.text("schema")?;
    if schema != SCHEMA {
        return Err(Problem::from(if schema.starts_with("tokreckon-cells/") {
            format!("it is `{schema}`, and this version reads `{SCHEMA}`")
        } else {
            "it is no saved ledger".to_owned()
        }));
    }
    let mut by = Vec::new();
    for name in fields.texts("by")? {
        match Dimension::from_name(&name) {
            Some(known)
                if !is_always_saved(known) && by.last().is_none_or(|last| *last < known) =>
            {
                by.push(known);
            }
            _ => return Err(Problem::from(format!("no such dimension in this place: `{name}`"))),
        }
    }
    if by.iter().filter(|by| by.label().is_some()).count() > 1 {
        return no("it tells apart more than one label");
    }
    Ok(SavedLedger { by, zone: fields.text("zone")?, sources: BTreeMap::new() })
}

fn source(fields: &mut Fields) -> Result<SavedSource, Problem> {
    let mut source = SavedSource {
        name: fields.text("name")?,
        format: fields.text("format")?,
        ..SavedSource::default()
    };
    for (name, rows) in fields.object("rows")?.numbers()? {
        if !is_kind_of_row(&name) || rows > MOST_RECORDS {
            return Err(Problem::from(format!("no such rows: {rows} `{name}`")));
        }
        source.rows.insert(name, rows);
    }
    if fields.has("notes") {
        source.notes = fields.texts("notes")?.into_iter().collect();
        let is_known = |note: &&String| Note::ALL.iter().any(|known| known.as_str() == *note);
        if let Some(other) = source.notes.iter().find(|note| !is_known(note)) {
            return Err(Problem::from(format!("no such note: `{other}`")));
        }
    }
    for (name, into) in [("replaced", &mut source.replaced), ("conflicts", &mut source.conflicts)] {
        if !fields.has(name) {
            continue;
        }
        for (digest, rows) in fields.object(name)?.numbers()? {
            if rows == 0 || rows > MOST_RECORDS {
                return Err(Problem::from(format!("`{name}` says {rows} rows")));
            }
            into.insert(fields::digest_of(&digest)?, rows);
        }
    }
    Ok(source)
}

fn cell(fields: &mut Fields, by: &[Dimension]) -> Result<(SavedCell, SavedSums), Problem> {
    let mut name = |name: &str| -> Result<String, Problem> {
        if fields.has(name) { fields.text(name) } else { Ok(String::new()) }
    };
    let (provider, model) = (name("provider")?, name("model")?);
    let labels = by.iter().map(|by| name(by.name())).collect::<Result<_, _>>()?;
    let variant =
        if fields.has("variant") { fields.text_or_null("variant")? } else { Some(String::new()) };
    let service_tier = match fields.text_or_null("service_tier")? {
        None => None,
        Some(tier) => match ServiceTier::from_word(&tier) {
            None => return Err(Problem::from(format!("no service tier `{tier}`"))),
            known => known,
        },
    };
    let (time, is_request) = (time(fields)?, !fields.flag("sums")?);
    let (outcome, unreported) = (outcome(fields)?, unreported(fields)?);
    let mut assumed = Assumptions::NONE;
    if fields.has("assumed") {
        for code in fields.texts("assumed")? {
            let Some(known) = Assumption::from_code(&code) else {
                return Err(Problem::from(format!("no assumption `{code}`")));
            };
            assumed = assumed.with(known);
        }
    }
    let mut sums = SavedSums { records: fields.number("records")?, ..SavedSums::default() };
    let mut metered = 0;
    if fields.has("counts") {
        for (meter, count) in fields.object("counts")?.numbers::<u128>()? {
            let Some(known) = Meter::ALL.iter().find(|known| known.as_str() == meter) else {
                return Err(Problem::from(format!("no meter `{meter}`")));
            };
            sums.counts[*known] = count;
            metered |= 1 << *known as u32;
        }
    }
    if fields.has("straddling") {
        sums.straddling = fields.number("straddling")?;
    }
    if fields.has("prompt") {
        let [fewest, most] = fields.list("prompt")?;
        sums.prompt = Some((fewest, most));
    }
    if fields.has("tokens") {
        sums.tokens = fields.list("tokens")?;
    }
    if fields.has("reported") {
        for (currency, value) in fields.object("reported")?.values() {
            let read: Currency = currency.parse().map_err(|error| Problem::new(&error))?;
            let (records, amount) = reported(&value)?;
            if read.as_str() != currency || sums.reported.insert(read, (records, amount)).is_some()
            {
                return Err(Problem::from(format!("`{currency}` is not written so")));
            }
        }
    }
    if fields.has("not_read") {
        sums.unread = fields.object("not_read")?.numbers()?.into_iter().collect();
    }
    let cell = SavedCell {
        provider,
        model,
        service_tier,
        variant,
        labels,
        time,
        is_request,
        assumed,
        outcome,
        unreported,
        metered,
    };
    Ok((cell, sums))
}

fn reported(value: &Value) -> Result<(u64, Exact), Problem> {
    let wrong = || Problem::from("a reported cost is a number of records and an amount".to_owned());
    let [records, amount] = value.as_array().ok_or_else(wrong)?.as_slice() else {
        return Err(wrong());
    };
    let amount = amount.as_str().ok_or_else(wrong)?;
    Ok((fields::number_of(records)?, amount.parse().map_err(|error| Problem::new(&error))?))
}

fn time(fields: &mut Fields) -> Result<SavedTime, Problem> {
    let mut found = SavedTime::Unsaid;
    for name in ["taken_for", "day", "period"] {
        if !fields.has(name) {
            continue;
        }
        if found != SavedTime::Unsaid {
            return no("it says twice when");
        }
        let (start, end) = fields.seconds(name)?;
        found = match name {
            "taken_for" => SavedTime::TakenFor(start, end),
            "day" => SavedTime::Day(start, end),
            _ => SavedTime::Period(start, end),
        };
    }
    Ok(found)
}

/// What a cell may not report, by name.
const UNREPORTED: [&str; 4] = ["cache", "reasoning", "member", "requests"];

fn unreported(fields: &mut Fields) -> Result<Unreported, Problem> {
    let mut open = if fields.has("not_reported") { fields.texts("not_reported")? } else { vec![] };
    let mut is_open = |name: &str| {
        let before = open.len();
        open.retain(|open| open != name);
        open.len() < before
    };
    let [cache, reasoning, member, requests] = UNREPORTED.map(&mut is_open);
    let unreported = Unreported { cache, reasoning, member, requests };
    match open.first() {
        None => Ok(unreported),
        Some(other) => Err(Problem::from(format!("it does not report `{other}`: what is that?"))),
    }
}

fn outcome(fields: &mut Fields) -> Result<SavedOutcome, Problem> {
    if fields.has("not_charged") {
        let (code, reason) = (fields.text("not_charged")?, fields.text("reason")?);
        return Ok(SavedOutcome::Refused { code, reason });
    }
    if !fields.has("card") {
        return Ok(SavedOutcome::CostOnly);
    }
    let card = fields.hex("card")?;
    let (first_bracket, last_bracket) =
        if fields.has("price_tiers") { fields.brackets("price_tiers")? } else { (0, 0) };
    let thinking =
        if fields.has("thinking") { fields.flag_or_null("thinking")? } else { Some(false) };
    Ok(SavedOutcome::Charged { card, first_bracket, last_bracket, thinking })
}
