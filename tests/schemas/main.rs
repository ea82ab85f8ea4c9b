//! What is printed as JSON fits `docs/schema/`, and reads back as the document it was made from.
//!
//! `SCHEMAS=overwrite` writes the schemas that the documents have now.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokreckon::document::{
    AuditDocument, ChargesDocument, CompareDocument, ConflictsDocument, CountDocument,
    EstimateBatchDocument, EstimateCompareDocument, EstimateDocument, ImportDocument,
    ModelDocument, ModelsDocument, PriceListDocument, PriceProvidersDocument, PricesDiffDocument,
    PricesDocument, ProvidersDocument, RefreshDocument, ReportDocument, UnitPricesDocument,
    schemas,
};
use tokreckon_cli::{Answer, answer};

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// Runs the program in the folder of the workspace.
fn run(words: &[impl AsRef<str>]) -> Answer {
    std::env::set_current_dir(root()).expect("the workspace");
    let words = words.iter().map(|word| OsString::from(word.as_ref()));
    answer(std::iter::once(OsString::from("tokreckon")).chain(words), [])
}

/// `docs/schema/tokreckon-report-1.json`.
fn place(name: &str) -> PathBuf {
    root().join("docs/schema").join(format!("{}.json", name.replace('/', "-")))
}

#[test]
fn schema_files_are_those_of_the_documents() {
    let mut names = BTreeSet::new();
    for (name, schema) in schemas() {
        let text = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        if std::env::var_os("SCHEMAS").is_some_and(|how| how == "overwrite") {
            fs::write(place(name), &text).expect("written");
        }
        let written = fs::read_to_string(place(name)).unwrap_or_default();
        assert!(written == text, "{name}: not as the documents are; `SCHEMAS=overwrite` writes it");
        names.insert(place(name).file_name().expect("a name").to_owned());
    }
    let files = fs::read_dir(root().join("docs/schema")).expect("the schemas");
    let files: BTreeSet<_> = files.map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(files, names, "a schema of no document");
    let page = fs::read_to_string(root().join("docs/reports.md")).expect("a page");
    for name in names {
        let link = format!("](schema/{})", name.display());
        assert!(page.contains(&link), "docs/reports.md does not name {link}");
    }
}

/// The document that a text says it is, made from it and written again.
fn reread(schema: &str, text: &str) -> Result<Value, String> {
    fn of<D: DeserializeOwned + Serialize>(text: &str) -> Result<Value, String> {
        let document: D = serde_json::from_str(text).map_err(|error| error.to_string())?;
        serde_json::to_value(document).map_err(|error| error.to_string())
    }
    match schema {
        AuditDocument::SCHEMA => of::<AuditDocument>(text),
        ChargesDocument::SCHEMA => of::<ChargesDocument>(text),
        CompareDocument::SCHEMA => of::<CompareDocument>(text),
        ConflictsDocument::SCHEMA => of::<ConflictsDocument>(text),
        CountDocument::SCHEMA => of::<CountDocument>(text),
        EstimateBatchDocument::SCHEMA => of::<EstimateBatchDocument>(text),
        EstimateCompareDocument::SCHEMA => of::<EstimateCompareDocument>(text),
        EstimateDocument::SCHEMA => of::<EstimateDocument>(text),
        ImportDocument::SCHEMA => of::<ImportDocument>(text),
        ModelDocument::SCHEMA => of::<ModelDocument>(text),
        ModelsDocument::SCHEMA => of::<ModelsDocument>(text),
        PriceListDocument::SCHEMA => of::<PriceListDocument>(text),
        PriceProvidersDocument::SCHEMA => of::<PriceProvidersDocument>(text),
        PricesDiffDocument::SCHEMA => of::<PricesDiffDocument>(text),
        PricesDocument::SCHEMA => of::<PricesDocument>(text),
        ProvidersDocument::SCHEMA => of::<ProvidersDocument>(text),
        RefreshDocument::SCHEMA => of::<RefreshDocument>(text),
        ReportDocument::SCHEMA => of::<ReportDocument>(text),
        UnitPricesDocument::SCHEMA => of::<UnitPricesDocument>(text),
        other => Err(format!("no document has the schema `{other}`")),
    }
}

/// The schemas, and how many documents fitted each.
struct Checked {
    validators: BTreeMap<&'static str, Validator>,
    fitted: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Checked {
    fn new() -> Self {
        let validator = |(name, schema): (&'static str, schemars::Schema)| {
            (name, jsonschema::validator_for(schema.as_value()).expect("a schema"))
        };
        let validators = schemas().into_iter().map(validator).collect();
        Self { validators, fitted: BTreeMap::new(), wrong: Vec::new() }
    }

    /// Holds what was printed against its schema.
    fn hold(&mut self, what: &str, text: &str) {
        match self.faults(text) {
            Ok(name) => *self.fitted.entry(name).or_default() += 1,
            Err(fault) => self.wrong.push(format!("{what}: {fault}")),
        }
    }

    /// The schema that a text fits, or what does not fit.
    fn faults(&self, text: &str) -> Result<String, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let name = value["schema"].as_str().ok_or("no schema is named")?.to_owned();
        let validator =
            self.validators.get(name.as_str()).ok_or_else(|| format!("no schema `{name}`"))?;
        let faults = validator.iter_errors(&value);
        let faults: Vec<String> =
            faults.map(|fault| format!("{} at {}", fault, fault.instance_path())).collect();
        if !faults.is_empty() {
            return Err(faults.join("\n  "));
        }
        if reread(&name, text)? != value {
            return Err("reads back as something else".to_owned());
        }
        Ok(name)
    }
}

/// The words of a command line, quoted ones together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Every command line of the transcripts, without the program's name.
fn transcripts() -> Vec<Vec<String>> {
    let mut files = vec![root().join("README.md")];
    for folder in ["tests/transcripts", "docs/recipes"] {
        let entries = fs::read_dir(root().join(folder)).expect("a folder");
        files.extend(entries.map(|entry| entry.expect("a file").path()));
    }
    files.sort();
    let texts = files.iter().map(|path| fs::read_to_string(path).expect("a text"));
    let lines: Vec<String> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| line.strip_prefix("$ tokreckon ").map(str::to_owned))
        .collect();
    lines.iter().map(|line| words(line)).collect()
}

/// A command that asks for JSON instead of what it asked for; `None` where it writes a file or has
/// no JSON.
fn as_json(mut words: Vec<String>) -> Option<Vec<String>> {
    let has = |words: &[String], name: &str| words.iter().any(|word| word == name);
    for other in ["--save", "--write", "--user", "--explain", "--help", "-h", "--version", "focus"]
    {
        if has(&words, other) {
            return None;
        }
    }
    let first = words.iter().find(|word| !word.starts_with('-')).cloned().unwrap_or_default();
    let second = words.iter().filter(|word| !word.starts_with('-')).nth(1);
    let second = second.cloned().unwrap_or_default();
    let without_json = match first.as_str() {
        "calibrate" | "completions" | "man" => true,
        "prices" => ["check", "export"].contains(&second.as_str()),
        _ => false,
    };
    // Without a folder to write, the price file itself is the answer.
    let is_file = second == "import" && !has(&words, "--out");
    if without_json || is_file {
        return None;
    }
    while let Some(at) = words.iter().position(|word| word == "--format") {
        words.drain(at..(at + 2).min(words.len()));
    }
    words.retain(|word| !["--json", "-j", "--total", "--quiet", "-q"].contains(&word.as_str()));
    if let Some(at) = words.iter().position(|word| word == "--html") {
        words.drain(at..(at + 2).min(words.len()));
    }
    words.push("--json".to_owned());
    Some(words)
}

/// What no transcript shows.
const FURTHER: [&str; 20] = [
    "models",
    "models openai",
    "models gpt-4o",
    "models openai o1-mini",
    "prices list",
    "prices list gpt mini",
    "prices list --provider xai",
    "prices show gpt-4o --history",
    "prices show openai o1-mini",
    "prices conflicts openai",
    "prices gpt-4o",
    "compare gpt-4o claude-sonnet-4-5 1000 500",
    "price gpt-4o 1000 500",
    "price tests/fixtures/gemini.jsonl",
    "estimate tests/examples/o1-mini.json --compare --at 2025-04-09",
    "estimate tests/examples/batch.jsonl --budget 0.01 --rate-limit-tier 1",
    "report tests/examples/requests-2025-03.csv -p openai --budget month=40USD",
    "report tests/examples/requests-2025-03.csv -p openai --by meter",
    "count tests/examples/request.json tests/examples/batch.jsonl LICENSE-MIT",
    "audit tests/examples/azure-usage.csv --bill tests/examples/azure-bill.csv",
];

/// Every file that people may have, by its path from the workspace.
fn samples() -> Vec<String> {
    fn walk(folder: PathBuf, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
            if path.is_dir() {
                walk(path, found);
            } else if ["csv", "tsv", "json", "jsonl"].contains(&ending) {
                found.push(path.to_str().expect("a plain path").to_owned());
            }
        }
    }
    let mut found = Vec::new();
    for folder in ["tests/examples", "tests/fixtures"] {
        walk(root().join(folder), &mut found);
    }
    found.sort();
    found
}

#[test]
fn every_json_output_fits_its_schema() {
    let mut checked = Checked::new();
    let further = FURTHER.iter().map(|line| words(line));
    let mut lines: BTreeSet<Vec<String>> =
        transcripts().into_iter().chain(further).filter_map(as_json).collect();
    for sample in samples() {
        for command in ["report", "audit"] {
            lines.insert([command, sample.as_str(), "--json"].map(str::to_owned).to_vec());
        }
    }
    let (mut refused, all) = (0, lines.len());
    for line in lines {
        let Answer { text, exit, .. } = run(&line);
        // What cannot be done at all is said on the other stream.
        if text.is_empty() && exit == 2 {
            refused += 1;
        } else {
            checked.hold(&line.join(" "), &text);
        }
    }
    let refresh = tempfile::tempdir().expect("a folder");
    fs::copy(root().join("data/prices/xai.toml"), refresh.path().join("xai.toml")).expect("copied");
    let folder = refresh.path().to_str().expect("a plain path");
    let from = "models.dev=tests/fixtures/tables/models-dev.json@2026-11-21";
    let renewed = run(&["prices", "refresh", folder, "--from", from, "--json"]);
    checked.hold("prices refresh", &renewed.text);
    assert!(checked.wrong.is_empty(), "{}", checked.wrong.join("\n"));
    assert!(all > 200 && refused * 3 < all, "{refused} of {all} refused");
    let charge = tokreckon::document::ChargeDocument::SCHEMA;
    for name in checked.validators.keys().filter(|name| **name != charge) {
        assert!(checked.fitted.contains_key(*name), "{name}: nothing was held against it");
    }
    println!("{} documents, {refused} refused: {:?}", all - refused, checked.fitted);
}

#[test]
fn what_does_not_fit_is_found() {
    let checked = Checked::new();
    let text = run(&["price", "gpt-4o", "1000", "500", "--at", "2025-04-09", "--json"]).text;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&text).expect("JSON");
        change(&mut value);
        checked.faults(&value.to_string())
    };
    assert_eq!(changed(&|_| ()).as_deref(), Ok(ChargesDocument::SCHEMA));
    let wrong: [(&str, &dyn Fn(&mut Value)); 4] = [
        ("another member", &|value| value["charges"][0]["more"] = 1.into()),
        ("a member less", &|value| {
            value["charges"][0].as_object_mut().expect("a charge").remove("grade");
        }),
        ("a number for a text", &|value| value["charges"][0]["total"]["low"] = 1.into()),
        ("nothing for a charge", &|value| value["charges"][0] = Value::Null),
    ];
    for (what, change) in wrong {
        assert!(changed(change).is_err(), "{what} is not found");
    }
}
