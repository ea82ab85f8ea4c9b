//! The built-in book against the price book of the crate `genai-prices`, model by model.
//!
//! Every difference stands in `tests/genai_prices_differences.md`, by cause. A difference that is
//! not listed, and one that is listed and gone, fails; `BLESS=1` writes the page anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use tokreckon::book::{Found, PriceBook};
use tokreckon::money::Exact;
use tokreckon::price::{Entry, Rate, RateCard};
use tokreckon::time::Period;
use tokreckon::usage::Meter;

use crate::ask;

const PAGE: &str = include_str!("../genai_prices_differences.md");

/// When: the prices of both books are those of this instant.
const AT: &str = "2026-08-01T12:00:00Z";

/// Their providers and ours.
const PROVIDERS: [(&str, &str); 21] = [
    ("anthropic", "anthropic"),
    ("aws", "aws-bedrock"),
    ("azure", "azure-openai"),
    ("cerebras", "cerebras"),
    ("cohere", "cohere"),
    ("deepseek", "deepseek"),
    ("fireworks", "fireworks"),
    ("google", "google"),
    ("google", "google-vertex"),
    ("groq", "groq"),
    ("minimax", "minimax"),
    ("mistral", "mistral"),
    ("moonshotai", "moonshot"),
    ("openai", "openai"),
    ("openrouter", "openrouter"),
    ("perplexity", "perplexity"),
    ("together", "together"),
    ("voyageai", "voyage"),
    ("x-ai", "xai"),
    ("zai", "zai"),
    ("zhipuai", "zhipu"),
];

/// Why two books differ, in the order in which the causes are tried.
const CAUSES: [(&str, &str); 10] = [
    (
        "another seller",
        "They have one provider `google` for AI Studio and Vertex; the book has two, whose prices \
         and dates differ.",
    ),
    (
        "a fee for each request",
        "They add a fee for each request (here one request of 50,000 tokens). Our price of a token \
         is without it, and the book has no such fee for this provider: an open point of the data.",
    ),
    (
        "an id of Bedrock without a region",
        "They take an id without a prefix for a regional endpoint, at 1.1 times the global price. \
         Ours has the price the public tables list for the bare id, and 1.1 times for `geo=us` and \
         `geo=eu` (trap 9): an open point of the data.",
    ),
    (
        "another model",
        "They price the id as another model, which a pattern such as \"starts with\" or \"contains\" \
         matches. Ours is the price of the id itself (trap 17: wrong and moving aliases).",
    ),
    (
        "no price for cached input",
        "They have no price for cached input and charge it as plain input. Ours is sourced.",
    ),
    (
        "another period",
        "Our book holds their amount for another period than this instant. Most of their prices have \
         no date, so one price is used for all time.",
    ),
    (
        "disputed",
        "Their amount stands beside ours in the book (`also-seen`): the public tables disagree. Ours \
         is the one chosen by the evidence of its `source`.",
    ),
    (
        "zero",
        "They say zero. Zero is free only where the provider or the name of the model says so \
         (trap 11: missing is not zero).",
    ),
    (
        "a factor of ten, two or a region",
        "The amounts differ by 10, 100, 1000, 2, 1.1 or 1.25: another unit, service tier or region \
         (traps 8, 9 and 12). Ours is the standard tier without a region.",
    ),
    (
        "theirs alone",
        "Their amount is neither in another period of ours nor beside it: no table that the book was \
         collected from held it beside ours. Old models stand still, routes and open models move \
         often; ours stands with its source until their amount has a date.",
    ),
];

struct Difference {
    cause: usize,
    provider: &'static str,
    model: String,
    meter: Meter,
    ours: Exact,
    theirs: Exact,
    note: String,
}

#[test]
fn every_difference_to_another_book_is_explained() {
    let (mut compared, mut differences) = (0, Vec::new());
    let book = PriceBook::builtin();
    for (theirs, ours) in PROVIDERS {
        for model in book.models(ours) {
            let Ok(card) = ask(ours, model, AT).card(&book) else { continue };
            let found = book.lookup(ours, model).expect("it has a card");
            for meter in [Meter::Input, Meter::CacheRead, Meter::Output] {
                let Some((price, rates)) = price(&card, meter) else { continue };
                let Some((amount, as_model)) = their_price(theirs, model, meter) else { continue };
                compared += 1;
                let tolerance: Exact = "0.0000001".parse().expect("a number");
                let gap = price.minus(amount).expect("few digits");
                if gap.max(gap.negated().expect("few digits")) <= tolerance {
                    continue;
                }
                let plain = their_price(theirs, model, Meter::Input).map(|(plain, _)| plain);
                let falls_back = meter == Meter::CacheRead && plain == Some(amount);
                let cause = cause(&found, &rates, (price, amount), meter, &as_model, falls_back);
                let note = note(&rates, &as_model, cause);
                let (provider, model) = (ours, model.to_owned());
                differences.push(Difference {
                    cause,
                    provider,
                    model,
                    meter,
                    ours: price,
                    theirs: amount,
                    note,
                });
            }
        }
    }
    println!("{compared} prices compared, {} differ", differences.len());
    assert!(compared > 2_000, "only {compared}");
    let now = page(compared, &differences);
    if std::env::var_os("BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/genai_prices_differences.md");
        std::fs::write(path, now).expect("the page is written");
    } else if now != PAGE {
        let new: Vec<_> =
            now.lines().filter(|line| !PAGE.lines().any(|old| old == *line)).collect();
        let gone: Vec<_> =
            PAGE.lines().filter(|old| !now.lines().any(|line| line == *old)).collect();
        panic!("the page is out of date (BLESS=1 writes it).\nnew: {new:#?}\ngone: {gone:#?}");
    }
}

/// Our price per 1M tokens, if it is one number.
fn price<'b>(card: &RateCard<'b>, meter: Meter) -> Option<(Exact, Vec<Rate<'b>>)> {
    match card.brackets()[0].entry(meter)? {
        Entry::Rate(range) if range.is_single() => Some((range.low.amount, range.rates.clone())),
        Entry::Rate(_) | Entry::Missing(..) => None,
    }
}

/// Their price per 1M tokens and the model it belongs to. 50,000 tokens are below every threshold.
fn their_price(provider: &str, model: &str, meter: Meter) -> Option<(Exact, String)> {
    let tokens = 50_000.0;
    let mut usage = Usage::new();
    match meter {
        Meter::Output => drop(usage.insert(UsageKey::OUTPUT_TOKENS, tokens)),
        _ => drop(usage.insert(UsageKey::INPUT_TOKENS, tokens)),
    }
    if meter == Meter::CacheRead {
        usage.insert(UsageKey::CACHE_READ_TOKENS, tokens);
    }
    let seconds = Period::parse(AT).expect("an instant").start.0.cast_unsigned();
    let request = PriceRequest::new(model, &usage)
        .with_provider_id(provider)
        .with_timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
    let price = Calculator::bundled().calculate(&request).ok()?;
    let amount = format!("{:.7}", price.total_price * 20.0);
    Some((amount.parse().expect("a number"), price.model_id))
}

fn cause(
    found: &Found<'_>,
    rates: &[Rate<'_>],
    (ours, theirs): (Exact, Exact),
    meter: Meter,
    as_model: &str,
    falls_back: bool,
) -> usize {
    let elsewhere = found.rates().iter().any(|rate| {
        rate.meter() == meter && rate.unit_price().is_some_and(|price| price.amount == theirs)
    });
    let also_seen = rates.iter().any(|rate| {
        let seen = rate.also_seen();
        seen.split([' ', ';', ',']).any(|word| word.parse() == Ok(theirs))
    });
    let factor = |text: &str| {
        let factor: Exact = text.parse().expect("a number");
        ours.times(factor) == Ok(theirs) || theirs.times(factor) == Ok(ours)
    };
    let tests = [
        found.provider == "google-vertex",
        found.provider == "perplexity",
        as_model.starts_with("regional."),
        !same_name(found.model, as_model),
        falls_back,
        elsewhere,
        also_seen,
        theirs.is_zero(),
        ["10", "100", "1000", "2", "1.1", "1.25"].iter().any(|text| factor(text)),
    ];
    tests.iter().position(|holds| *holds).unwrap_or(tests.len())
}

/// True when two ids are spellings of one name: maker, date and punctuation aside.
fn same_name(ours: &str, theirs: &str) -> bool {
    let plain = |id: &str| {
        let id = id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase();
        id.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
    };
    let (ours, theirs) = (plain(ours), plain(theirs));
    // A date or a version number at the end of ours, and a maker in front of it.
    ours.find(&theirs).is_some_and(|at| {
        ours[at + theirs.len()..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'v')
    })
}

fn note(rates: &[Rate<'_>], as_model: &str, cause: usize) -> String {
    match cause {
        0 => format!("as `{as_model}`"),
        3 => {
            rates.iter().map(Rate::also_seen).find(|seen| !seen.is_empty()).unwrap_or("").to_owned()
        }
        _ => rates
            .first()
            .map_or(String::new(), |rate| format!("{}, {}", rate.standing(), rate.period_text())),
    }
}

fn page(compared: u32, differences: &[Difference]) -> String {
    let mut by_cause: BTreeMap<usize, Vec<&Difference>> = BTreeMap::new();
    for difference in differences {
        by_cause.entry(difference.cause).or_default().push(difference);
    }
    let mut page = format!(
        "# Where `genai-prices` 0.2.1 and the built-in book differ\n\n\
         Prices of input, cached input and output per 1M tokens at {AT}, of every model that both \
         price: {compared} compared, {} differ by more than their rounding. `tests/book/genai.rs` \
         holds this page; `BLESS=1` writes it.\n",
        differences.len()
    );
    for (cause, differences) in by_cause {
        let (title, why) = CAUSES[cause];
        let _ = write!(page, "\n## {title} ({})\n\n{why}\n\n", differences.len());
        page.push_str(
            "| provider | model | meter | ours | theirs | |\n|---|---|---|---|---|---|\n",
        );
        for Difference { provider, model, meter, ours, theirs, note, .. } in differences {
            let _ =
                writeln!(page, "| {provider} | {model} | {meter} | {ours} | {theirs} | {note} |");
        }
    }
    page
}
