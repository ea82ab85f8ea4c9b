//! `tokreckon count`: tokens of texts, of whole requests and of batch files, exact or with their band.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use tokreckon::book::PriceBook;
use tokreckon::document::{
    BatchCountDocument, CountDocument, ModelCountDocument, RequestCountDocument, TextCountDocument,
};
use tokreckon::request::{
    CountOptions, ExactTokens, Request, RequestCount, TokenClass, Tokens, UnknownModel, batch,
    count, rule,
};
use tokreckon::words::counted;
use tokreckon_tokenizer::{Encoding, Standing, Tokenizer};

use crate::Exit;
use crate::args::{CountAs, CountTokensArgs, OutputFormat};
use crate::context::{complain, known_provider, with_hint};
use crate::open;
use crate::print::{Align, Sheet, json_document};
use crate::words::looks_like_a_file;

pub(crate) fn run(args: &CountTokensArgs, out: &mut String) -> Result<Exit> {
    let tokenizer = args.tokenizer.as_deref().map(open::tokenizer).transpose()?;
    let book = PriceBook::builtin();
    if let Some(name) = &args.provider {
        known_provider(&book, name)?;
    }
    let args = &args.clone().settled(|word| !book.sellers(word).is_empty());
    let mut counter = Counter {
        args,
        tokenizer,
        texts: Vec::new(),
        requests: Vec::new(),
        batches: Vec::new(),
        exit: Exit::Fine,
    };
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    for path in files {
        if let Err(error) = counter.file(path) {
            complain(&format!("{error:#}"));
            counter.exit = Exit::Failed;
        }
    }
    counter.print(out);
    Ok(counter.exit)
}

struct Counter<'a> {
    args: &'a CountTokensArgs,
    /// The file of `--tokenizer`.
    tokenizer: Option<Tokenizer>,
    texts: Vec<TextCount>,
    requests: Vec<(String, RequestCount)>,
    batches: Vec<BatchCount>,
    exit: Exit,
}

struct TextCount {
    name: String,
    encoding: &'static str,
    bytes: usize,
    tokens: Tokens,
    /// What the count takes for granted.
    assumptions: Vec<String>,
    /// As the one message of a user, where a model is named.
    request: Option<Tokens>,
}

/// Tokens of a text.
struct Counted {
    /// For a band, what it stands on.
    tokenizer: Tokenizer,
    tokens: Tokens,
    /// What the count takes for granted, each with what to do about it.
    assumptions: Vec<String>,
}

/// Sums of a batch file by model.
#[derive(Default)]
struct BatchCount {
    name: String,
    by_model: BTreeMap<String, ModelSum>,
    lines: u64,
    rejected: u64,
    duplicates: u64,
}

struct ModelSum {
    requests: u64,
    tokens: Tokens,
    unknown: u64,
}

impl Counter<'_> {
    fn file(&mut self, path: &Path) -> Result<()> {
        let (name, bytes) = (open::name(path), text_of(path)?);
        match self.args.kind.unwrap_or_else(|| kind(path, &bytes)) {
            CountAs::Text => self.text(name, &bytes),
            CountAs::Request => self.request(name, &bytes),
            CountAs::Batch => {
                self.batch(name, &bytes);
                Ok(())
            }
        }
    }

    fn text(&mut self, name: String, bytes: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            anyhow!("{name}: not UTF-8 text (byte {})\nhint: save it as UTF-8", error.valid_up_to())
        })?;
        let Counted { tokenizer, tokens, assumptions } = self.counted(text)?;
        if self.texts.is_empty() {
            for said in &assumptions {
                complain(&format!("assumed: {said}"));
            }
        }
        let request = match self.args.model.as_deref() {
            Some(model) => Some(self.as_request(model, text)?),
            None => None,
        };
        let encoding = tokenizer.name();
        self.texts.push(TextCount {
            name,
            encoding,
            bytes: bytes.len(),
            tokens,
            assumptions,
            request,
        });
        Ok(())
    }

    /// The tokens of a text by the tokenizer that was asked for, that of the model, or within a band.
    fn counted(&self, text: &str) -> Result<Counted> {
        let by = |tokenizer: Tokenizer, assumed: Option<String>| {
            let own = tokenizer.assumption().map(|why| format!("{}: {why}", tokenizer.name()));
            Counted {
                tokenizer,
                tokens: Tokens::Exact(ExactTokens { tokens: tokenizer.count(text) as u64 }),
                assumptions: assumed.into_iter().chain(own).collect(),
            }
        };
        if let Some(tokenizer) = self.tokenizer {
            return Ok(by(tokenizer, None));
        }
        match (&self.args.encoding, &self.args.model) {
            (Some(name), _) => Ok(by(encoding(name)?, None)),
            (None, Some(model)) => match Tokenizer::for_model(model) {
                Some(found) => {
                    let name = found.tokenizer.name();
                    let assumed = (found.standing == Standing::Assumed).then(|| {
                        format!("the encoding of `{model}` is {name}: its provider does not say")
                    });
                    Ok(by(found.tokenizer, assumed))
                }
                None => Ok(Counted {
                    tokenizer: Encoding::O200kBase.into(),
                    tokens: count(model, text).map_err(|error| unknown_model(model, &error))?,
                    assumptions: vec![format!(
                        "the tokenizer of `{model}` is not here: a band, by ratios measured by script\n\
                         hint: `--tokenizer FILE` counts with its own",
                    )],
                }),
            },
            (None, None) => {
                let tokenizer = Encoding::O200kBase;
                let assumed =
                    format!("{}, the encoding of OpenAI's current models", tokenizer.name());
                Ok(by(
                    tokenizer.into(),
                    Some(format!("{assumed}\nhint: `--model` counts for another")),
                ))
            }
        }
    }

    /// What is billed for a text that is sent as the one message of a user.
    fn as_request(&self, model: &str, text: &str) -> Result<Tokens> {
        let request = Request::from_text(Some(model), text)?;
        let request = match self.args.endpoint {
            Some(endpoint) => request.for_endpoint(endpoint),
            None => request,
        };
        let options = match (&self.args.encoding, self.tokenizer) {
            (Some(name), None) => self.options().with_tokenizer(encoding(name)?),
            _ => self.options(),
        };
        Ok(request.count(&options).total())
    }

    fn options(&self) -> CountOptions {
        let mut options = CountOptions::default();
        if let Some(tokenizer) = self.tokenizer {
            options = options.with_tokenizer(tokenizer);
        }
        if let Some(day) = self.args.at {
            options = options.with_date(day);
        }
        if let Some(model) = &self.args.model {
            options = options.with_model(model);
        }
        match &self.args.provider {
            Some(provider) => options.with_provider(provider),
            None => options,
        }
    }

    fn request(&mut self, name: String, bytes: &[u8]) -> Result<()> {
        let mut request = Request::from_json(bytes).with_context(|| name.clone())?;
        if let Some(endpoint) = self.args.endpoint {
            request = request.for_endpoint(endpoint);
        }
        self.requests.push((name, request.count(&self.options())));
        Ok(())
    }

    fn batch(&mut self, name: String, bytes: &[u8]) {
        let mut sums = BatchCount { name, ..BatchCount::default() };
        let mut ids = BTreeSet::new();
        let options = self.options();
        let lines = bytes.split(|&byte| byte == b'\n').enumerate();
        for (number, line) in lines.filter(|(_, line)| !line.trim_ascii().is_empty()) {
            sums.lines += 1;
            match batch::line(line) {
                Ok(line) => {
                    if let Some(id) = line.custom_id
                        && !ids.insert(id.clone())
                    {
                        complain(&format!(
                            "{}:{}: `custom_id` `{id}` was used before",
                            sums.name,
                            number + 1
                        ));
                        sums.duplicates += 1;
                    }
                    sums.add(&line.request.count(&options));
                }
                Err(error) => {
                    complain(&format!("{}:{}: {error}", sums.name, number + 1));
                    sums.rejected += 1;
                }
            }
        }
        if sums.rejected + sums.duplicates > 0 {
            self.exit = self.exit.max(Exit::Findings);
        }
        self.batches.push(sums);
    }

    fn print(&self, out: &mut String) {
        let format = self.args.output.format;
        if format == OutputFormat::Json {
            json_document(&self.document(), out);
            return;
        }
        print_texts(&self.texts, format, out);
        for (name, count) in &self.requests {
            print_request(name, count, format, out);
        }
        for sums in &self.batches {
            print_batch(sums, format, out);
        }
    }

    fn document(&self) -> CountDocument {
        let texts = self.texts.iter().map(|text| {
            let assumptions = text.assumptions.iter().map(|said| without_hint(said)).collect();
            let (bytes, tokens) = (text.bytes as u64, text.tokens);
            TextCountDocument::new(&text.name, text.encoding, bytes, tokens, assumptions)
                .sent_as(text.request)
        });
        let requests =
            self.requests.iter().map(|(name, count)| RequestCountDocument::new(name, count));
        let batches = self.batches.iter().map(BatchCount::document);
        CountDocument::new(texts.collect(), requests.collect(), batches.collect())
    }
}

impl BatchCount {
    fn document(&self) -> BatchCountDocument {
        let of_model = |(model, sum): (&String, &ModelSum)| {
            ModelCountDocument::new(model, sum.requests, sum.tokens, sum.unknown)
        };
        let models = self.by_model.iter().map(of_model).collect();
        BatchCountDocument::new(&self.name, [self.lines, self.rejected, self.duplicates], models)
    }

    fn add(&mut self, count: &RequestCount) {
        let model = count.model.clone().unwrap_or_default();
        let sum = self.by_model.entry(model).or_insert(ModelSum {
            requests: 0,
            tokens: Tokens::NONE,
            unknown: 0,
        });
        let total = count.total();
        sum.requests += 1;
        sum.unknown += u64::from(total.class() == TokenClass::Unknown);
        sum.tokens = sum.tokens.plus(total);
    }
}

/// A `.jsonl` file is a batch; a JSON object that has the fields of a request is one; the rest is text.
fn kind(path: &Path, bytes: &[u8]) -> CountAs {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    if extension.eq_ignore_ascii_case("jsonl") {
        let first = bytes.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        return if first.is_some_and(|line| batch::line(line).is_ok()) {
            CountAs::Batch
        } else {
            CountAs::Text
        };
    }
    let is_json = extension.eq_ignore_ascii_case("json") || extension.is_empty();
    if is_json
        && bytes.trim_ascii_start().first() == Some(&b'{')
        && Request::from_json(bytes).is_ok()
    {
        CountAs::Request
    } else {
        CountAs::Text
    }
}

/// The encoding of this name.
fn encoding(name: &str) -> Result<Tokenizer> {
    name.parse().map_err(|_| {
        let names: Vec<&str> = Tokenizer::all().map(Tokenizer::name).collect();
        let hint = format!("encodings are {}", names.join(", "));
        with_hint(format!("no encoding `{name}`"), Some(hint))
    })
}

fn unknown_model(model: &str, error: &UnknownModel) -> anyhow::Error {
    let near = PriceBook::builtin().near_models(None, model);
    let hint = if near.is_empty() {
        "name an `--encoding`, or give its tokenizer with `--tokenizer FILE`".to_owned()
    } else {
        format!("did you mean {}? Else name an `--encoding`", near.join(", "))
    };
    with_hint(error.to_string(), Some(hint))
}

/// What is said, without what is to do about it.
fn without_hint(said: &str) -> String {
    said.split("\nhint: ").next().unwrap_or(said).to_owned()
}

fn print_texts(texts: &[TextCount], format: OutputFormat, out: &mut String) {
    if texts.is_empty() {
        return;
    }
    let mut sheet = Sheet::new([
        ("tokens", Align::Count),
        ("as a request", Align::Count),
        ("bytes", Align::Count),
        ("encoding", Align::Left),
        ("file", Align::Left),
    ]);
    let shown = |request: Option<Tokens>| request.map(|tokens| tokens.to_string());
    for text in texts {
        sheet.row(vec![
            text.tokens.to_string(),
            shown(text.request).unwrap_or_default(),
            text.bytes.to_string(),
            text.encoding.to_owned(),
            text.name.clone(),
        ]);
    }
    if texts.len() > 1 {
        let sum =
            |tokens: &mut dyn Iterator<Item = Tokens>| tokens.fold(Tokens::NONE, Tokens::plus);
        let tokens = sum(&mut texts.iter().map(|text| text.tokens));
        let requests = sum(&mut texts.iter().filter_map(|text| text.request));
        let bytes: usize = texts.iter().map(|text| text.bytes).sum();
        sheet.total(vec![
            tokens.to_string(),
            shown(texts[0].request.map(|_| requests)).unwrap_or_default(),
            bytes.to_string(),
            String::new(),
            "total".to_owned(),
        ]);
    }
    sheet.without_empty_columns().print(format, out);
    if format != OutputFormat::Csv && texts.iter().any(|text| text.request.is_some()) {
        let each = if texts.len() > 1 { "each of them as " } else { "" };
        let _ = writeln!(out, "\nas a request: {each}the one message of a user, as it is billed");
    }
}

fn print_request(name: &str, count: &RequestCount, format: OutputFormat, out: &mut String) {
    let mut sheet = Sheet::new([
        ("tokens", Align::Left),
        ("part", Align::Left),
        ("rule", Align::Left),
        ("note", Align::Left),
    ]);
    for part in &count.parts {
        let note = part.note.clone().unwrap_or_default();
        sheet.row(vec![part.tokens.to_string(), part.part.clone(), part.rule.to_owned(), note]);
    }
    sheet.total(vec![count.total().to_string(), "total".to_owned(), String::new(), String::new()]);
    sheet.without_empty_columns().print(format, out);
    if format == OutputFormat::Csv {
        return;
    }
    let model = count.model.as_deref().unwrap_or("not named");
    let encoding = count.tokenizer.map_or("none", Tokenizer::name);
    let _ =
        writeln!(out, "\n{name}: {}, model {model}, encoding {encoding}", count.endpoint.name());
    let mut used: Vec<&str> = count.parts.iter().map(|part| part.rule).collect();
    used.sort_unstable();
    used.dedup();
    for rule in used.into_iter().filter_map(rule) {
        let evidence = if rule.cases > 0 {
            format!(" ({} of {} recorded requests exact)", rule.exact, rule.cases)
        } else {
            String::new()
        };
        let _ = writeln!(out, "{}: {}{evidence}", rule.id, rule.says);
    }
}

fn print_batch(sums: &BatchCount, format: OutputFormat, out: &mut String) {
    let mut sheet = Sheet::new([
        ("model", Align::Left),
        ("requests", Align::Count),
        ("tokens", Align::Left),
        ("not fully counted", Align::Count),
    ]);
    let mut total = ModelSum { requests: 0, tokens: Tokens::NONE, unknown: 0 };
    for (model, sum) in &sums.by_model {
        sheet.row(batch_cells(model, sum));
        total.requests += sum.requests;
        total.unknown += sum.unknown;
        total.tokens = total.tokens.plus(sum.tokens);
    }
    sheet.total(batch_cells("total", &total));
    sheet.without_empty_columns().print(format, out);
    if format != OutputFormat::Csv {
        let lines = counted(sums.lines, "line");
        let _ = writeln!(
            out,
            "\n{}: {lines} = {} requests + {} rejected; {} repeat a custom_id",
            sums.name, total.requests, sums.rejected, sums.duplicates
        );
    }
}

fn batch_cells(model: &str, sum: &ModelSum) -> Vec<String> {
    let unknown = if sum.unknown > 0 { sum.unknown.to_string() } else { String::new() };
    vec![model.to_owned(), sum.requests.to_string(), sum.tokens.to_string(), unknown]
}
/// The bytes of a file; words that are none are a text, which goes through a pipe.
fn text_of(path: &Path) -> Result<Vec<u8>> {
    open::bytes(path, "it").map_err(|error| {
        let words = path.to_string_lossy();
        let is_text = !path.exists() && !looks_like_a_file(path, &words);
        let hint = format!("a text goes through a pipe: `echo '{words}' | tokreckon count`");
        with_hint(format!("{error:#}"), is_text.then_some(hint))
    })
}
