//! Compiles the text files of this crate to constants: a program parses nothing at start.

#![expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the modules are shared with the library"
)]

#[path = "src/words.rs"]
mod words;

#[path = "src/table.rs"]
mod table;

#[path = "src/schema/mod.rs"]
mod schema;

#[path = "src/compile.rs"]
mod compile;

#[path = "src/prior_constants.rs"]
mod prior_constants;

#[path = "src/priors.rs"]
mod priors;

#[path = "src/priors_text.rs"]
mod priors_text;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use priors_text::{CellEntry, PriorFile};
use schema::{Mistake, Origin};
use table::{Bound, Model, ModelFacts, Price, RateLimit, Rows, Statement, Tables, Text};

/// The folders of text files.
const FOLDERS: [&str; 5] = ["prices", "names", "same-as", "models", "rate-limits"];

fn main() -> ExitCode {
    match build() {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            eprintln!("{}", complaints.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("cannot compile the price book: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads, compiles and writes; the mistakes of the text files when there are any.
fn build() -> io::Result<Vec<String>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut paths = Vec::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        paths.extend(text_files(&root.join(folder), folder)?);
    }
    let mut texts = Vec::new();
    for path in &paths {
        texts.push(fs::read_to_string(root.join(path))?);
    }
    let mut complaints = Vec::new();
    let mut files = Vec::new();
    for (path, text) in paths.iter().zip(&texts) {
        let (file, mistakes) = schema::read(text, Origin::Shipped);
        complaints.extend(mistakes.iter().map(|mistake| complaint(path, mistake)));
        files.push(file);
    }
    if !complaints.is_empty() {
        return Ok(complaints);
    }
    let tables = match compile::compile(&files) {
        Ok(tables) => tables,
        Err(refused) => {
            let path = |file: usize| paths.get(file).map_or("", String::as_str);
            return Ok(refused.iter().map(|r| complaint(path(r.file), &r.mistake)).collect());
        }
    };
    let named: Vec<(&str, &str)> =
        paths.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    fs::write(out.join("book.txt"), tables.text.as_bytes())?;
    fs::write(out.join("book.rs"), source(&tables, &files, compile::book_hash(&named)))?;
    build_priors(&root, &out)
}

/// Reads and writes the priors of output length; the first mistake of each file when there are any.
fn build_priors(root: &Path, out: &Path) -> io::Result<Vec<String>> {
    println!("cargo:rerun-if-changed=priors");
    let mut complaints = Vec::new();
    let mut all = PriorFile::default();
    for path in text_files(&root.join("priors"), "priors")? {
        match priors_text::read_priors(&fs::read_to_string(root.join(&path))?) {
            Ok(file) => {
                all.sources.extend(file.sources);
                all.generations.extend(file.generations);
                all.limits.extend(file.limits);
                all.ratios.extend(file.ratios);
                all.coverage.extend(file.coverage);
                all.totals.extend(file.totals);
                all.constants.extend(file.constants);
            }
            Err(mistake) => complaints.push(format!("data/{path}:{mistake}")),
        }
    }
    let cells = priors_text::read_cells(&fs::read_to_string(root.join("priors/answers.csv"))?);
    match cells.and_then(|cells| prior_source(&all, &cells)) {
        Ok(source) => fs::write(out.join("priors.rs"), source)?,
        Err(mistake) => complaints.push(format!("data/priors/answers.csv:{mistake}")),
    }
    Ok(complaints)
}

/// The constants as Rust source; a mistake when a cell names a source that is not listed.
fn prior_source(all: &PriorFile, cells: &[CellEntry]) -> Result<String, String> {
    let mut out = String::from("static SOURCES: &[Source<'static>] = &[\n");
    for s in &all.sources {
        let (name, commit, licence) = (&s.name, &s.commit, &s.licence);
        let (copyright, dates) = (&s.copyright, &s.dates);
        let _ = writeln!(
            out,
            "Source{{name:{name:?},commit:{commit:?},licence:{licence:?},copyright:{copyright:?},dates:{dates:?}}},"
        );
    }
    out.push_str("];\nstatic GENERATIONS: &[Generation<'static>] = &[\n");
    for g in &all.generations {
        let (name, publisher, models) = (&g.name, &g.publisher, &g.models);
        let (thinking, efforts, default) = (g.thinking, &g.efforts, &g.default_effort);
        let _ = writeln!(
            out,
            "Generation{{name:{name:?},publisher:{publisher:?},models:&{models:?},thinking:Habit::{thinking:?},efforts:&{efforts:?},default_effort:{default:?}}},"
        );
    }
    out.push_str("];\nstatic LIMITS: &[LooseLimit<'static>] = &[\n");
    for limit in &all.limits {
        let (models, counts, source) = (&limit.models, limit.counts, &limit.source);
        let _ = writeln!(
            out,
            "LooseLimit{{models:&{models:?},counts:LimitCounts::{counts:?},source:{source:?}}},"
        );
    }
    out.push_str("];\nstatic CELLS: &[Cell<'static>] = &[\n");
    for c in cells {
        let source = all.sources.iter().position(|source| source.name == c.source);
        let source = source.ok_or_else(|| format!(" no `[[source]]` is `{}`", c.source))?;
        let generation = priors::generation_of(
            all.generations.iter().map(|one| one.models.as_slice()),
            &c.model,
        );
        let head = format!("source:{source},generation:{generation},model:{:?}", c.model);
        let (work, thinking, within) = (c.work, c.thinking, c.within);
        let kind = format!("work:Work::{work:?},thinking:{thinking:?}");
        let moments =
            format!("rows:{},mean:{},log2_mean:{},within:{within:?}", c.rows, c.mean, c.log2_mean);
        let [output, reasoning, visible] = &c.points;
        let points = format!("output:&{output:?},reasoning:&{reasoning:?},visible:&{visible:?}");
        let _ = writeln!(out, "Cell{{{head},{kind},{moments},{points}}},");
    }
    out.push_str("];\nstatic EFFORT_RATIOS: &[EffortRatio<'static>] = &[\n");
    for r in &all.ratios {
        let (models, effort, source) = (&r.models, &r.effort, &r.source);
        let per_mille = r.per_mille;
        let _ = writeln!(
            out,
            "EffortRatio{{models:&{models:?},effort:{effort:?},per_mille:{per_mille},source:{source:?}}},"
        );
    }
    out.push_str("];\nstatic COVERAGE: &[Coverage] = &[\n");
    for c in &all.coverage {
        let work = c.work.map_or("None".to_owned(), |work| format!("Some(Work::{work:?})"));
        let (thinking, rows, groups) = (c.thinking, c.own_rows, c.groups);
        let shares = format!("mean:{:?},low:{:?},high:{:?}", c.mean, c.low, c.high);
        let _ = writeln!(
            out,
            "Coverage{{work:{work},thinking:{thinking:?},own_rows:{rows},groups:{groups},{shares}}},"
        );
    }
    out.push_str("];\nstatic TOTALS: &[TotalCoverage] = &[\n");
    for total in &all.totals {
        let _ = writeln!(out, "{total:?},");
    }
    let constants = priors::Constants::of(&all.constants)?;
    let _ = writeln!(out, "];\nconst CONSTANTS: Constants = {constants:?};");
    Ok(out)
}

/// The paths of the text files of a folder, relative to the crate, sorted, with `/`.
fn text_files(folder: &Path, name: &str) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&file).extension().is_some_and(|extension| extension == "toml") {
            paths.push(format!("{name}/{file}"));
        }
    }
    paths.sort();
    Ok(paths)
}

fn complaint(path: &str, mistake: &Mistake) -> String {
    let hint =
        if mistake.hint.is_empty() { String::new() } else { format!("\nhint: {}", mistake.hint) };
    format!("data/{path}:{mistake}{hint}")
}

/// The constants as Rust source. Short constructors keep it small: see `src/builtin.rs`.
fn source(tables: &Tables, files: &[schema::File], hash: u64) -> String {
    let mut out = String::new();
    let seen = files.iter().flat_map(|file| {
        let prices = file.prices.iter().filter_map(|entry| entry.seen_day);
        prices.chain(file.rate_limits.iter().filter_map(|limit| limit.seen_day))
    });
    let _ = writeln!(
        out,
        "/// Names the text files that the built-in book was made of: FNV-1a, 64 bits."
    );
    let _ = writeln!(out, "pub const BOOK_HASH: u64 = {hash:#x};");
    let _ = writeln!(
        out,
        "/// Newest day on which a source of the built-in book was seen: days since 1970-01-01."
    );
    let _ = writeln!(out, "pub const BOOK_DAY: i32 = {};", seen.max().unwrap_or(0));
    array(&mut out, "PROVIDERS: [Provider", &tables.providers, |p| {
        let (rules, models, limits) = (rows(p.id_rules), rows(p.models), rows(p.rate_limits));
        let names = format!("{},{},{}", text(p.id), text(p.name), text(p.not_sold));
        format!("provider({names},{rules},{models},{limits})")
    });
    array(&mut out, "PROVIDER_NAMES: [ProviderName", &tables.provider_names, |name| {
        format!("provider_name({},{})", text(name.name), text(name.provider))
    });
    array(&mut out, "ID_RULES: [IdRule", &tables.id_rules, |rule| {
        format!("id_rule({},{},{})", text(rule.pattern), text(rule.model), text(rule.variant))
    });
    array(&mut out, "MODELS: [Model", &tables.models, model);
    array(&mut out, "TIES: [Tie", &tables.ties, |tie| {
        format!("tie({},TiedBy::{:?},{})", text(tie.id), tie.by, text(tie.model))
    });
    array(&mut out, "PRICES: [Price", &tables.prices, price);
    array(&mut out, "WINDOWS: [Window", &tables.windows, |w| {
        format!("window({},{:?},{},{})", text(w.name), w.hours, w.days, w.except)
    });
    array(&mut out, "CALENDARS: [Calendar", &tables.calendars, |c| {
        let (from, until) = (c.complete_from_day, c.complete_until_day);
        let (name, days) = (text(c.name), rows(c.days));
        format!("calendar({name},{from},{until},{days},{})", c.utc_offset_minutes)
    });
    array(&mut out, "CALENDAR_DAYS: [i32", &tables.calendar_days, ToString::to_string);
    array(&mut out, "FACTS: [ModelFacts", &tables.facts, facts);
    array(&mut out, "STATEMENTS: [Statement", &tables.statements, statement);
    array(&mut out, "RATE_LIMITS: [RateLimit", &tables.rate_limits, rate_limit);
    out
}

/// Writes `static HEAD; n] = […];`.
fn array<T>(out: &mut String, head: &str, items: &[T], item: impl Fn(&T) -> String) {
    let _ = writeln!(out, "static {head}; {}] = [", items.len());
    for value in items {
        let _ = writeln!(out, "{},", item(value));
    }
    out.push_str("];\n");
}

fn text(text: Text) -> String {
    format!("{},{}", text.start, text.len)
}

fn rows(rows: Rows) -> String {
    format!("{},{}", rows.start, rows.end)
}

fn bound(bound: Bound) -> String {
    format!("{},P::{:?}", bound.seconds, bound.precision)
}

fn model(m: &Model) -> String {
    let (id, key, alias_of) = (text(m.id), text(m.key), text(m.alias_of));
    let (same_as, prices, statements) = (text(m.same_as), rows(m.prices), rows(m.statements));
    format!("model({id},{key},{alias_of},{same_as},{prices},{},{statements})", m.facts)
}

fn price(p: &Price) -> String {
    let what = format!(
        "M::{:?},S::{:?},{},{},N::{:?},{}",
        p.meter, p.state, p.mantissa, p.scale, p.noun, p.per
    );
    let (currency, variant) = (text(p.currency), text(p.variant));
    let tier = format!("T::{:?},{variant}", p.service_tier);
    let window = format!("{},{}", p.window, p.outside_window);
    let above = format!("{},C::{:?},O::{:?}", p.threshold, p.comparison, p.scope);
    let period = format!("{},{}", bound(p.from), bound(p.until));
    let known = format!("G::{:?},{},{}", p.standing, p.seen_day, p.promised_through_day);
    let (source, basis) = (text(p.source), text(p.basis));
    let (also_seen, note) = (text(p.also_seen), text(p.note));
    format!(
        "price({what},{currency},{tier},{window},{above},{period},{known},{source},{basis},{also_seen},{note})"
    )
}

fn facts(f: &ModelFacts) -> String {
    let texts = [
        f.mode,
        f.tokenizer,
        f.tokenizer_basis,
        f.modalities_in,
        f.modalities_out,
        f.endpoints,
        f.features,
        f.features_not_supported,
        f.snapshots,
        f.released,
        f.knowledge_cutoff,
        f.retired,
        f.status,
        f.source,
        f.disagreements,
    ];
    let texts: Vec<String> = texts.into_iter().map(|piece| format!("({})", text(piece))).collect();
    let counts = [f.context_window, f.max_input_tokens, f.max_output_tokens];
    format!("facts({counts:?},{:?},{:?},[{}])", f.reasoning, f.open_weights, texts.join(","))
}

fn statement(s: &Statement) -> String {
    let texts = [s.fact, s.value, s.unit, s.state, s.source, s.note];
    let texts: Vec<String> = texts.into_iter().map(|piece| format!("({})", text(piece))).collect();
    format!("statement([{}])", texts.join(","))
}

fn rate_limit(l: &RateLimit) -> String {
    let counts = [l.requests_per_minute, l.tokens_per_minute, l.batch_queue_tokens];
    let (model, tier, source) = (text(l.model), text(l.tier), text(l.source));
    format!("rate_limit({model},{tier},{},{counts:?},{source},{})", l.supported, l.seen_day)
}
