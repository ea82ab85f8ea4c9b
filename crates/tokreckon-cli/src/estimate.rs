//! `tokreckon estimate`: tokens and money of a request or a batch file, before it is sent.

mod batch;
mod compare;
mod lines;
mod plan;
mod single;
mod words;

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::estimate::{Cost, Output, Prompts, RequestFinding, Sending, check, cost};
use tokreckon::money::{Exact, Rounding};
use tokreckon::price::{RateCard, ServiceTier};
use tokreckon::reasoning::{Caps, EstimateInput, Estimator, Thinking, Visible, plain_name};
use tokreckon::request::{CountOptions, Endpoint, Request, Tokens};
use tokreckon::time::Period;
use tokreckon_data::priors::Work;
use tokreckon_tokenizer::Tokenizer;

use crate::Exit;
use crate::args::{EstimateArgs, OutputFormat};
use crate::calibrate::histories;
use crate::context::{
    book, complain, known_provider, layers, not_found, now, period, service_tier, with_hint,
};
use crate::open;
use crate::words::unknown_model;

pub(crate) fn run(args: &EstimateArgs, out: &mut String) -> Result<Exit> {
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let args = &args.clone().settled(|word| !book.sellers(word).is_empty());
    let setup = Setup {
        args,
        model: args.model.as_deref(),
        book,
        estimator: Estimator::new(tokreckon_data::PRIORS, histories(&args.history)?),
        tokenizer: args.tokenizer.as_deref().map(open::tokenizer).transpose()?,
        period: args.at.as_deref().map_or_else(now, period)?,
        cached: args.cached_prefix.as_deref().map_or(Ok(Cached::NotSaid), cached)?,
        confidence: confidence(&args.confidence)?,
    };
    let to_send = ToSend::of(args)?;
    if args.compare {
        refuse_what_is_of_one_model(args)?;
        return compare::run(&setup, &to_send, out);
    }
    match (&to_send, args.times) {
        (ToSend::Batch(path), _) => batch::run(&setup, path, out),
        (ToSend::One(text), Some(times)) => {
            batch::run_alike(&setup, &text.request(setup.model)?, times, out)
        }
        (ToSend::One(text), None) => {
            single::run(&setup, &setup.asked(&text.request(setup.model)?)?, out)
        }
    }
}

/// What holds or takes time at one provider alone.
fn refuse_what_is_of_one_model(args: &EstimateArgs) -> Result<()> {
    let asked = [
        ("--budget", args.budget.is_some()),
        ("--rate-limit-tier", args.rate_limit_tier.is_some()),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        None => Ok(()),
        Some((option, _)) => {
            let hint = "ask of one model: the comparison names the cheapest".to_owned();
            Err(with_hint(format!("`{option}` is of one model at one provider"), Some(hint)))
        }
    }
}

/// What is to be sent.
enum ToSend {
    /// A file of requests.
    Batch(PathBuf),
    One(One),
}

/// A request, or a text to send as one message.
struct One {
    name: String,
    bytes: Vec<u8>,
    /// Whether it was said to be a text.
    is_text: bool,
}

impl ToSend {
    fn of(args: &EstimateArgs) -> Result<Self> {
        if let Some(path) = args.file.as_deref().filter(|path| is_batch(path)) {
            if args.times.is_some() {
                bail!("`--times` takes one request, not a file of many");
            }
            return Ok(Self::Batch(path.to_owned()));
        }
        let (path, what, is_text) = match (&args.file, &args.prompt) {
            (Some(path), _) => (path.as_path(), "the request", false),
            (None, Some(path)) => (path.as_path(), "the text", true),
            (None, None) if stdin().is_terminal() => bail!(
                "give a request, a batch file or a text\nhint: `tokreckon estimate --help` has examples"
            ),
            (None, None) => (Path::new("-"), "the request", false),
        };
        let bytes = open::bytes(path, what)?;
        Ok(Self::One(One { name: path.display().to_string(), bytes, is_text }))
    }
}

impl One {
    /// The request; a text is one to the model.
    fn request(&self, model: Option<&str>) -> Result<Request> {
        let (name, start) = (&self.name, self.bytes.trim_ascii_start().first());
        // With a model a text is a message to send.
        if self.is_text || model.is_some() && start != Some(&b'{') {
            let text = std::str::from_utf8(&self.bytes);
            let text = text.map_err(|_| anyhow!("{name}: not UTF-8 text"))?;
            return Ok(Request::from_text(model, text)?);
        }
        if !matches!(start, Some(b'{' | b'[')) {
            let hint = format!("`tokreckon estimate {name} gpt-5.4-mini`");
            let message = format!("{name}: a text names no model to send it to");
            return Err(with_hint(message, Some(hint)));
        }
        Request::from_json(&self.bytes).map_err(|error| anyhow!("{name}: not a request: {error}"))
    }
}

/// True for a file of one request a line.
fn is_batch(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    ["jsonl", "ndjson"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// What of each prompt is assumed to come from a cache.
#[derive(Clone, Copy)]
enum Cached {
    NotSaid,
    Tokens(u64),
    Fraction(Exact),
}

fn cached(text: &str) -> Result<Cached> {
    if let Ok(tokens) = text.parse::<u64>() {
        return Ok(Cached::Tokens(tokens));
    }
    let fraction: Exact = text.parse().with_context(|| format!("`--cached-prefix {text}`"))?;
    if fraction.is_negative() || fraction > Exact::ONE {
        bail!("`--cached-prefix {text}`: a fraction is between 0 and 1");
    }
    Ok(Cached::Fraction(fraction))
}

/// A confidence in thousandths, rounded up; above 995 only the cap is so sure.
fn confidence(text: &str) -> Result<u64> {
    let wrong =
        || anyhow!("`--confidence {text}`: not a number above 0, up to 1, such as `0.95` or `95%`");
    let share = match text.trim().strip_suffix('%') {
        Some(percent) => {
            let percent: Exact = percent.trim().parse().map_err(|_| wrong())?;
            percent.times(Exact::new(1, 2)?)?
        }
        None => text.parse().map_err(|_| wrong())?,
    };
    if share.is_zero() || share.is_negative() || share > Exact::ONE {
        return Err(wrong());
    }
    let thousandths = share.times_count(1000)?;
    let whole = thousandths.rounded(0, Rounding::HalfUp);
    let up = u64::from(whole < thousandths);
    Ok(u64::try_from(whole.mantissa()).map_err(|_| wrong())? + up)
}

impl Cached {
    /// Cached tokens of a prompt, in whole tokens.
    fn of(self, prompt: u64) -> u64 {
        match self {
            Self::NotSaid => 0,
            Self::Tokens(tokens) => tokens.min(prompt),
            Self::Fraction(fraction) => {
                let tokens = fraction.times_count(u128::from(prompt)).ok();
                let half = Exact::new(-5, 1).ok();
                // Rounded down: half a token less, then to the nearest.
                let down = tokens.zip(half).and_then(|(tokens, half)| tokens.plus(half).ok());
                let whole = down.map(|tokens| tokens.rounded(0, Rounding::HalfUp).mantissa());
                whole.and_then(|whole| u64::try_from(whole).ok()).unwrap_or(0)
            }
        }
    }
}

#[derive(Clone)]
struct Setup<'a> {
    args: &'a EstimateArgs,
    /// Instead of the one that a request names.
    model: Option<&'a str>,
    book: PriceBook<'a>,
    estimator: Estimator<'static>,
    /// The file of `--tokenizer`.
    tokenizer: Option<Tokenizer>,
    period: Period,
    cached: Cached,
    /// How sure a budget must hold, in thousandths.
    confidence: u64,
}

/// One request with everything that its estimate depends on.
struct Asked {
    kind: Kind,
    prompt: Tokens,
    endpoint: Endpoint,
    findings: Vec<RequestFinding>,
}

/// What requests of a batch are told apart by, besides their prompts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    model: String,
    sending: Sending,
    embeddings: bool,
}

/// Limits that the book knows.
#[derive(Clone, Default)]
struct Limits {
    window: Option<u64>,
    /// Largest output: the largest that a source states, where they differ.
    output: Option<u64>,
    reasoning: Option<bool>,
    /// How sources differ about the largest output; empty when they do not.
    disputed: String,
}

impl Setup<'_> {
    /// Counts and checks a request.
    fn asked(&self, request: &Request) -> Result<Asked> {
        let args = self.args;
        let mut sending = Sending::of(request);
        if let Some(model) = self.model {
            sending.model = Some(model.to_owned());
        }
        if let Some(effort) = &args.effort {
            sending = sending.with_effort(effort);
        }
        if let Some(label) = &args.label {
            sending.label = Some(label.clone());
        }
        if let Some(kind) = &args.kind {
            sending.work = Work::from_word(kind);
        }
        let Some(model) = sending.model.clone() else {
            bail!("the request names no model\nhint: give `--model`");
        };
        let mut options = CountOptions::default().with_model(&model);
        if let Some(tokenizer) = self.tokenizer {
            options = options.with_tokenizer(tokenizer);
        }
        if let Some(provider) = &args.provider {
            options = options.with_provider(provider);
        }
        let prompt = request.count(&options).total();
        let provider = self.provider(&model).ok();
        let facts = provider.and_then(|provider| self.book.facts(provider, &model));
        let findings = check(request, &sending, prompt, facts, self.period);
        let endpoint = request.endpoint();
        let embeddings = endpoint == Endpoint::Embeddings;
        Ok(Asked { kind: Kind { model, sending, embeddings }, prompt, endpoint, findings })
    }

    /// Who sends the bill: as said, or the maker of the model where the book lists it there.
    fn provider(&self, model: &str) -> Result<&str> {
        if let Some(name) = &self.args.provider {
            let provider = known_provider(&self.book, name)?;
            let found = self.book.lookup(provider, model);
            return found.map(|_| provider).map_err(|error| not_found(&error, &self.book));
        }
        let publisher = tokreckon_data::PRIORS.generation(&plain_name(model));
        let maker = publisher.map_or("openai", |generation| maker_id(generation.publisher));
        if let Some(maker) =
            ["openai", maker].into_iter().find(|m| self.book.lookup(m, model).is_ok())
        {
            return Ok(maker);
        }
        let sellers: Vec<&str> =
            self.book.sellers(model).into_iter().map(|(provider, _)| provider).collect();
        if sellers.is_empty() {
            return Err(unknown_model(&self.book, model));
        }
        let hint = format!("give `--provider`: one of {}", sellers.join(", "));
        Err(with_hint(format!("who sends the bill for `{model}`?"), Some(hint)))
    }

    fn service_tier(&self, default: ServiceTier) -> Result<ServiceTier> {
        self.args.service_tier.as_deref().map_or(Ok(default), service_tier)
    }

    /// The card at a provider, or why there is none.
    fn card(
        &self,
        provider: &str,
        model: &str,
        tier: ServiceTier,
    ) -> std::result::Result<RateCard<'_>, String> {
        let query =
            Query { service_tier: Known::Is(tier), ..Query::new(provider, model, self.period) };
        self.book.find(&query).map_err(|error| error.to_string())
    }

    fn limits(&self, provider: &str, model: &str) -> Limits {
        let known = |count: u64| (count > 0).then_some(count);
        let Some((tables, facts)) = self.book.facts(provider, model) else {
            return Limits::default();
        };
        let disputed = disputed(tables.str(facts.disagreements), "max-output-tokens");
        // The smaller figure is no cap: recorded answers were longer.
        let largest = figures(disputed).max();
        Limits {
            window: known(facts.context_window),
            output: known(facts.max_output_tokens).map(|one| largest.map_or(one, |m| m.max(one))),
            reasoning: facts.reasoning,
            disputed: disputed.to_owned(),
        }
    }

    /// A prompt to price.
    fn prompts(&self, asked: &Asked) -> Prompts {
        let band = asked.prompt.band();
        let (low, high) = (band.low, band.high);
        let writes = asked.kind.sending.cache_writes;
        Prompts { low, high, cached: self.cached.of(low), requests: 1, writes }
    }

    /// True where a sheet alone is printed.
    fn is_bare(&self) -> bool {
        self.args.output.quiet || self.args.output.format == OutputFormat::Csv
    }

    fn visible(&self) -> Visible {
        self.args.visible.map_or(Visible::FromData, Visible::Assumed)
    }
}

/// The provider that a publisher is in the book.
fn maker_id(publisher: &'static str) -> &'static str {
    match publisher {
        "qwen" => "alibaba",
        other => other,
    }
}

/// What sources say about a field in which they differ: `litellm 131072, models.dev 8192`.
fn disputed<'t>(disagreements: &'t str, field: &str) -> &'t str {
    let said = disagreements.split_once(&format!("{field}: ")).map_or("", |(_, said)| said);
    // The next field starts after a line end, a semicolon, or a comma and its own name.
    let end = said.find(['\n', ';', '"']).unwrap_or(said.len());
    said.get(..end).unwrap_or("")
}

/// The whole numbers in a text.
fn figures(text: &str) -> impl Iterator<Item = u64> {
    text.split([' ', ',']).filter_map(|word| word.parse().ok())
}

impl Kind {
    fn caps(&self, limits: &Limits) -> Caps {
        let no_reasoning = limits.reasoning == Some(false) || self.embeddings;
        let thinking = if no_reasoning { Thinking::Never } else { self.sending.thinking };
        Caps {
            request: self.sending.request_cap(&self.model, thinking),
            model_max_output: if self.embeddings { Some(0) } else { limits.output },
            context_window: limits.window,
            thinking,
        }
    }

    fn input(&self, prompt: u64, limits: &Limits, visible: Visible) -> EstimateInput<'_> {
        EstimateInput {
            effort: self.sending.effort.as_deref(),
            work: self.sending.work,
            label: self.sending.label.as_deref(),
            caps: self.caps(limits),
            visible: if self.embeddings { Visible::Assumed(0) } else { visible },
            choices: self.sending.choices,
            ..EstimateInput::new(&self.model, prompt)
        }
    }
}

/// A cost, or why it is not known.
type Priced = std::result::Result<Cost, String>;

/// Prices prompts and output by a card, where there is one.
fn priced(
    card: &std::result::Result<RateCard<'_>, String>,
    prompts: &[Prompts],
    output: Output,
) -> Priced {
    let card = card.as_ref().map_err(Clone::clone)?;
    cost(card, prompts, output).map_err(|error| error.to_string())
}

/// A cost at the cap: a bound, or none where a part has none.
fn capped(cost: Priced) -> Priced {
    match cost {
        Ok(cost) if cost.bounds.open => Err("a part of it has no known limit".to_owned()),
        other => other,
    }
}

/// The exit code: 1 when the provider would refuse a request, when what it costs is not known and when a
/// budget is not kept. Where the words around the sheet are left out, it is said why.
fn exit_of(
    setup: &Setup<'_>,
    findings: &[RequestFinding],
    unknown: &[String],
    budget: Option<&(bool, String)>,
) -> Exit {
    let refused = findings.iter().filter(|finding| finding.refused).map(words::finding);
    let unknown = unknown.iter().map(|reason| format!("cost unknown: {reason}"));
    let over = budget.filter(|(held, _)| !held).map(|(_, said)| said.clone());
    let reasons: Vec<String> = refused.chain(unknown).chain(over).collect();
    if setup.is_bare() {
        for reason in &reasons {
            complain(reason);
        }
    }
    if reasons.is_empty() { Exit::Fine } else { Exit::Findings }
}
