//! What several commands need from their arguments: the book, times, terms. Problems go to stderr.

use std::cell::RefCell;
use std::fmt;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anstream::stderr;
use anstyle::AnsiColor;
use anyhow::{Context, Result, anyhow, bail};
use jiff::tz::TimeZone;
use tokreckon::book::{FindError, PriceBook};
use tokreckon::ledger::{
    Adjustment, Conversion, Defaults, Dimension, RoundingPolicy, RoundingScope, Settings,
};
use tokreckon::money::{Currency, Exact, Money, Rounding};
use tokreckon::price::ServiceTier;
use tokreckon::time::{Instant, Period};
use tokreckon::words::counted;
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Mistake, Origin};
use tokreckon_data::table::Tables;

use crate::args::{BookArgs, TermsArgs};
use crate::keys::without_keys;
use crate::open;
use crate::options::in_options;
use crate::print::{folded, harmless};

thread_local! {
    /// Problems, where they are heard and not printed.
    static HEARD: RefCell<Option<Vec<Problem>>> = const { RefCell::new(None) };
}

/// What the program complains about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to do about it, if anything.
    pub hint: Option<String>,
    /// Names that are near one that is not known.
    pub near: Vec<String>,
}

/// The message, with its cure on a line of its own.
const HINT: &str = "\nhint: ";

impl Problem {
    /// A message as it is printed, with its cure if it has one.
    fn of(printed: &str) -> Self {
        let (message, hint) = match printed.split_once(HINT) {
            Some((message, hint)) => (message, Some(hint.to_owned())),
            None => (printed, None),
        };
        Self { message: message.to_owned(), hint, near: Vec::new() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "{HINT}{hint}"))
    }
}

impl std::error::Error for Problem {}

/// Does something and hands over the problems of this thread instead of printing them.
pub(crate) fn heard<T>(work: impl FnOnce() -> T) -> (T, Vec<Problem>) {
    HEARD.set(Some(Vec::new()));
    let done = work();
    (done, HEARD.take().unwrap_or_default())
}

/// Prints a problem: `tokreckon: …`, with a `hint:` line when the message has one.
pub(crate) fn complain(message: &str) {
    complain_of(message, Vec::new());
}

/// Prints why something could not be done.
pub(crate) fn complain_error(error: &anyhow::Error) {
    let near = error.chain().find_map(|cause| cause.downcast_ref::<Problem>());
    complain_of(&format!("{error:#}"), near.map_or_else(Vec::new, |known| known.near.clone()));
}

/// What stands before a message: `tokreckon: `.
const BEFORE: usize = 11;

/// Columns of a terminal that messages go to.
fn stderr_width() -> Option<usize> {
    let terminal = std::io::stderr();
    let width = || terminal_size::terminal_size_of(&terminal);
    terminal.is_terminal().then(|| width().map_or(80, |(width, _)| usize::from(width.0)))
}

fn complain_of(message: &str, near: Vec<String>) {
    let message = harmless(&without_keys(message), false);
    let is_heard = HEARD.with_borrow_mut(|heard| {
        heard.as_mut().map(|heard| heard.push(Problem { near, ..Problem::of(&message) })).is_some()
    });
    if is_heard {
        return;
    }
    let (name, cure) = (AnsiColor::Red.on_default().bold(), AnsiColor::Cyan.on_default().bold());
    let message = match stderr_width() {
        Some(width) => folded(&message, width.saturating_sub(BEFORE)).trim_end().to_owned(),
        None => message,
    };
    let message = message.replace("\nhint:", &format!("\n{cure}hint:{cure:#}"));
    crate::progress::aside(|| {
        let _ = writeln!(stderr(), "{name}tokreckon:{name:#} {message}");
    });
}

/// A message with its cure.
pub(crate) fn with_hint(message: impl fmt::Display, hint: Option<String>) -> anyhow::Error {
    anyhow::Error::new(Problem { message: message.to_string(), hint, near: Vec::new() })
}

/// A message about a name that is not known, with those near it; without any, with another cure.
pub(crate) fn with_near(
    message: impl fmt::Display,
    near: impl IntoIterator<Item = impl Into<String>>,
    otherwise: Option<String>,
) -> anyhow::Error {
    let near: Vec<String> = near.into_iter().map(Into::into).collect();
    let hint =
        if near.is_empty() { otherwise } else { Some(format!("near names: {}", near.join(", "))) };
    anyhow::Error::new(Problem { message: message.to_string(), hint, near })
}

/// Why the book has no card.
pub(crate) fn not_found(error: &FindError, book: &PriceBook<'_>) -> anyhow::Error {
    not_found_as(error, Some(error), book)
}

/// The id of a provider by any of its names.
pub(crate) fn known_provider<'b>(book: &PriceBook<'b>, name: &str) -> Result<&'b str> {
    book.provider_id(name).ok_or_else(|| {
        let error = FindError::UnknownProvider { provider: name.to_owned() };
        not_found(&error, book)
    })
}

/// A message of one's own about what the book does not have.
pub(crate) fn not_found_as(
    message: impl fmt::Display,
    error: Option<&FindError>,
    book: &PriceBook<'_>,
) -> anyhow::Error {
    let hint = error.and_then(|error| error.hint(book)).as_ref().map(in_options);
    let near = error.map_or_else(Vec::new, |error| error.near(book));
    anyhow::Error::new(Problem { message: message.to_string(), hint, near })
}

/// The user's price files, each compiled to a layer.
pub(crate) fn layers(args: &BookArgs) -> Result<Vec<Tables>> {
    let mut layers = Vec::new();
    for path in &price_files(&args.prices)? {
        let mistakes = match read_prices(path)? {
            Ok(tables) => {
                layers.push(tables);
                continue;
            }
            Err(mistakes) => mistakes,
        };
        let shown = path.display();
        for mistake in &mistakes {
            complain(&mistake_text(&shown.to_string(), mistake));
        }
        bail!("{shown}: {} in the price file", counted(mistakes.len(), "mistake"));
    }
    Ok(layers)
}

/// The price files that are named, and those in folders that are.
pub(crate) fn price_files(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let shown = path.display();
        let entries = fs::read_dir(path).with_context(|| format!("{shown}: cannot list"))?;
        let mut inside: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
        inside.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        if inside.is_empty() {
            bail!("{shown}: no price file (`.toml`) in this folder");
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

/// Reads one price file: its tables, or every mistake in it.
pub(crate) fn read_prices(path: &Path) -> Result<Result<Tables, Vec<Mistake>>> {
    let text = open::text(path, "the price file")?;
    let (file, mistakes) = schema::read(&text, Origin::User);
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    Ok(compile(&[file])
        .map_err(|refused| refused.into_iter().map(|refused| refused.mistake).collect()))
}

/// `file:line:column: message`, with its hint.
pub(crate) fn mistake_text(file: &str, mistake: &Mistake) -> String {
    let hint =
        if mistake.hint.is_empty() { String::new() } else { format!("\nhint: {}", mistake.hint) };
    format!("{file}:{mistake}{hint}")
}

/// The built-in book with the user's layers on top.
pub(crate) fn book(layers: &[Tables]) -> PriceBook<'_> {
    layers.iter().fold(PriceBook::builtin(), |book, layer| book.with_layer(layer))
}

/// The period of `--at`.
pub(crate) fn period(text: &str) -> Result<Period> {
    Period::parse(text).with_context(|| "`--at`".to_owned())
}

/// A day such as `2026-11-21`, as days since 1970-01-01.
pub(crate) fn day(option: &str, text: &str) -> Result<i32> {
    let period = Period::parse(text).with_context(|| format!("`{option}`"))?;
    if Some(period) != Period::day(period.start) {
        bail!("`{option} {text}`: a day is expected, such as `2026-11-21`");
    }
    Ok(i32::try_from(period.start.day())?)
}

/// This instant; only commands that say so in their help ask for it.
pub(crate) fn now() -> Result<Period> {
    let now = Instant::from(SystemTime::now());
    if now < Instant(0) {
        bail!("the clock is before 1970");
    }
    Ok(Period::at(now))
}

/// A service tier that clap has checked.
pub(crate) fn service_tier(text: &str) -> Result<ServiceTier> {
    ServiceTier::from_word(text).ok_or_else(|| anyhow!("no service tier `{text}`"))
}

/// What a report takes for granted where its files leave it open; nothing when `--strict`.
pub(crate) fn defaults(strict: bool) -> Result<Defaults> {
    if strict {
        return Ok(Defaults::default());
    }
    Ok(Defaults { makers: true, now: Some(now()?) })
}

/// Settings of a ledger.
pub(crate) fn settings(
    by: &[String],
    zone: &str,
    at: Option<&str>,
    tier: Option<&str>,
    terms: &TermsArgs,
) -> Result<Settings> {
    let zone = TimeZone::get(zone).map_err(|_| {
        let zones = jiff::tz::db().available().map(|zone| zone.as_str().to_owned());
        let names = "names are those of the IANA database, such as `Europe/Berlin`";
        with_near(format!("no time zone `{zone}`"), near_names(zone, zones), Some(names.to_owned()))
    })?;
    Ok(Settings {
        by: by.iter().filter_map(|name| Dimension::from_name(name)).collect(),
        zone,
        undated: at.map(period).transpose()?,
        defaults: Defaults::default(),
        service_tier: tier.map(service_tier).transpose()?,
        nothing_cached: false,
        adjustments: terms.factors.iter().map(|text| adjustment(text)).collect::<Result<_>>()?,
        conversions: conversions(&terms.rates)?,
        rounding: terms.round.as_deref().map(rounding).transpose()?,
        as_if: None,
    })
}

/// Known names that are near another one, the nearest first.
pub(crate) fn near_names(
    name: &str,
    known: impl IntoIterator<Item = impl Into<String>>,
) -> Vec<String> {
    let likeness = |other: &str| strsim::jaro_winkler(&other.to_lowercase(), &name.to_lowercase());
    let known = known.into_iter().map(Into::into);
    let mut near: Vec<String> = known.filter(|other| likeness(other) > 0.85).collect();
    near.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)).then_with(|| a.cmp(b)));
    near.truncate(3);
    near
}

fn adjustment(text: &str) -> Result<Adjustment> {
    let (target, factor) = text.rsplit_once('=').unwrap_or(("", text));
    let factor: Exact = factor.parse().with_context(|| format!("`--factor {text}`"))?;
    if factor.is_negative() {
        bail!("`--factor {text}`: a factor is not negative");
    }
    let (provider, model) = match target.split_once('/') {
        Some((provider, model)) => (provider, Some(model.to_owned())),
        None => (target, None),
    };
    Ok(Adjustment { provider: (!provider.is_empty()).then(|| provider.to_owned()), model, factor })
}

/// The rates of `--rate`.
pub(crate) fn conversions(rates: &[String]) -> Result<Vec<Conversion>> {
    rates.iter().map(|text| conversion(text)).collect()
}

fn conversion(text: &str) -> Result<Conversion> {
    let wrong = || {
        with_hint(
            format!("`--rate {text}` is no rate"),
            Some("write `CNY=0.139USD@2026-01-01`".to_owned()),
        )
    };
    let (from, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (rate, day) = rest.split_once('@').map_or((rest, None), |(rate, day)| (rate, Some(day)));
    let since = match day {
        Some(day) => Period::parse(day).with_context(|| format!("`--rate {text}`"))?.start,
        None => Instant(i64::MIN),
    };
    let from = from.parse::<Currency>().with_context(|| format!("`--rate {text}`"))?;
    let Money { amount: rate, currency: to } = rate.parse().map_err(|_| wrong())?;
    Ok(Conversion { from, to, rate, since })
}

/// `line:2:half-up`.
pub(crate) fn rounding(text: &str) -> Result<RoundingPolicy> {
    let wrong = || {
        let hint =
            "write `line:2:half-up`: scope line, day or invoice; places; half-up or half-even"
                .to_owned();
        with_hint(format!("`--round {text}` is no rounding policy"), Some(hint))
    };
    let parts: Vec<&str> = text.split(':').collect();
    let [scope, places, mode] = parts[..] else {
        return Err(wrong());
    };
    let scopes = [RoundingScope::Line, RoundingScope::Day, RoundingScope::Invoice];
    let scope = scopes.into_iter().find(|named| named.name() == scope).ok_or_else(wrong)?;
    let modes = [Rounding::HalfUp, Rounding::HalfEven];
    let mode = modes.into_iter().find(|named| named.name() == mode).ok_or_else(wrong)?;
    let places = places.parse().ok().filter(|places| *places <= 12).ok_or_else(wrong)?;
    Ok(RoundingPolicy { scope, places, mode })
}
