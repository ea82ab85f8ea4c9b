//! What billing code writes: a response priced, kept, and added up.

use rust_decimal::Decimal;
use tokreckon::prelude::*;

const OPENAI: &str = r#"{"id": "chatcmpl-1", "object": "chat.completion", "created": 1744186226,
    "model": "o1-mini", "usage": {"prompt_tokens": 57, "completion_tokens": 2167,
    "total_tokens": 2224, "prompt_tokens_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 1984}}}"#;

type Anything = Box<dyn std::error::Error>;

#[test]
fn a_response_becomes_an_amount() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let charge = book.price_response("openai", OPENAI)?.strict()?;
    assert_eq!(charge.to_string(), "0.0095975 USD (exact)");
    let money = charge.exact().ok_or("no exact amount")?;
    assert_eq!(Decimal::try_from(money)?, "0.0095975".parse()?);
    let three = std::iter::repeat_n(charge.total(), 3);
    let sum = three.try_sum()?.ok_or("nothing")?;
    assert_eq!(sum.to_string(), "0.0287925 USD (exact)");
    Ok(())
}

#[test]
fn a_charge_is_kept_with_every_digit() -> Result<(), Anything> {
    let charge = PriceBook::builtin().price_response("openai", OPENAI)?;
    let document = ChargeDocument::from(&charge);
    let text = serde_json::to_string(&document)?;
    let value: serde_json::Value = serde_json::from_str(&text)?;
    assert_eq!(value["total"]["amount"], "0.0095975");
    assert_eq!(value["schema"], "tokreckon-charge/1");
    // What it takes to price it again: who, which model under both its names, and when.
    let names = ["provider", "model", "asked_model", "period"].map(|name| value[name].clone());
    assert_eq!(names, ["openai", "o1-mini", "o1-mini", "2025-04-09T08:10:26Z"]);
    let read: ChargeDocument = serde_json::from_str(&text)?;
    assert_eq!(read, document);
    assert_eq!(read.total.money()?, charge.exact());
    Ok(())
}

#[test]
fn a_report_is_kept_with_every_digit() -> Result<(), Anything> {
    let settings = Settings { by: vec![Dimension::Model], ..Settings::default() };
    let mut ledger = Ledger::new(PriceBook::builtin(), settings);
    let options = Options { provider: "openai", ..Options::default() };
    read(OPENAI.as_bytes(), &options, &mut |item| {
        if let Item::Record(record) = item {
            ledger.add(record);
        }
    })?;
    let document = ReportDocument::from(&ledger.report()?);
    assert_eq!(document.sums.total.records.exact, 1);
    assert_eq!(document.sums.groups[0].labels["model"], "o1-mini");
    assert_eq!(document.sums.groups[0].costs[0].amount.as_deref(), Some("0.0095975"));
    let text = serde_json::to_string(&document)?;
    assert_eq!(serde_json::from_str::<ReportDocument>(&text)?, document);
    Ok(())
}

#[test]
fn what_cannot_be_priced_says_why() {
    let book = PriceBook::builtin();
    let code = |provider, body| match book.price_response(provider, body) {
        Ok(charge) => charge.to_string(),
        Err(error) => format!("{}: {error}", error.code()),
    };
    let undated = r#"{"model": "o1-mini", "usage": {"prompt_tokens": 1, "completion_tokens": 1}}"#;
    assert_eq!(code("openai", undated), "no-time: no time");
    let unknown = OPENAI.replace("o1-mini", "o1-minus");
    assert!(code("openai", &unknown).starts_with("unknown-model: no price for model `o1-minus`"));
    let several = format!("[{OPENAI}, {OPENAI}]");
    assert_eq!(code("openai", &several), "not-one-record: 2 records of usage, not one");
    let day = Period::parse("2025-04-09").expect("a day");
    let charge = book.price_response_at("openai", undated, day).expect("a price");
    assert_eq!(charge.grade(), Grade::Between, "{charge}");
}

/// Code has no command line: what helps it is said in its own words.
#[test]
fn hints_about_a_response_are_for_code() {
    let book = PriceBook::builtin();
    let undated = r#"{"model": "o1-mini", "usage": {"prompt_tokens": 1, "completion_tokens": 1}}"#;
    let failed = r#"{"error": {"message": "rate limited"}}"#;
    let late = undated.replace("{\"model\"", "{\"created\": \"2025-13-99\", \"model\"");
    for (provider, body, says) in [
        ("openai", undated, "give the time"),
        ("", OPENAI, "who sends the bill"),
        ("openai", failed, "an answer that failed has none"),
        ("openai", "", "one JSON object"),
        ("openai", &late, "2026-10-31T08:10:26Z"),
        ("opnai", OPENAI, "near names: openai"),
    ] {
        let error = book.price_response(provider, body).expect_err(body);
        let hint = error.hint(&book).map(|hint| hint.to_string()).unwrap_or_default();
        assert!(hint.contains(says) && !hint.contains("--"), "{body}: {error}: {hint}");
    }
}

/// A price from before its first sighting is one number, and never called exact.
#[test]
fn what_is_assumed_is_not_exact() {
    let book = PriceBook::builtin();
    let day = Period::parse("2026-04-15").expect("a day");
    let card = book.find(&Query::new("replicate", "openai/o1-mini", day)).expect("a card");
    let charge = card.charge(&Usage::NONE.with(Meter::Input, 1_000_000)).expect("finite");
    assert_eq!(charge.grade(), Grade::Assumed);
    assert_eq!((charge.exact(), charge.single()), (None, "1.1 USD".parse().ok()));
    assert_eq!(charge.strict().expect_err("assumed").code(), "assumed");
}

/// A book with own prices outlives the text it was read from and goes to other threads.
#[test]
fn own_prices_are_owned() {
    let book = {
        let text = include_str!("../examples/my-prices.toml").to_owned();
        PriceBook::builtin().with_prices(&text).expect("a price file")
    };
    let charge = std::thread::spawn(move || {
        let day = Period::parse("2026-03-01").expect("a day");
        let card = book.find(&Query::new("cometapi", "o1-mini-2024-09-12", day)).expect("a card");
        card.charge(&Usage::NONE.with(Meter::Input, 1_000_000)).expect("finite")
    });
    assert_eq!(charge.join().expect("no panic").to_string(), "0.88 USD (exact)");
    let error = PriceBook::builtin().with_prices("provider = 1").expect_err("a mistake");
    assert_eq!(error.mistakes[0].line, 1, "{error}");
}

/// A text can be counted for every model that somebody sells: exact, or within bounds that are known.
#[test]
fn every_model_of_the_book_is_counted() {
    let book = PriceBook::builtin();
    let meters = [Meter::Input, Meter::Output];
    let mut answered = 0;
    for provider in book.providers() {
        let sells = |id: &str| {
            let rates = book.get(provider, id).map_or_else(Vec::new, |found| found.rates());
            meters.iter().all(|meter| rates.iter().any(|rate| rate.meter() == *meter))
        };
        for model in book.models(provider).into_iter().filter(|id| sells(id)) {
            let Ok(tokens) = count(model, "Summarise the meeting notes.") else {
                panic!("{provider}: {model} is not counted")
            };
            let band = tokens.band();
            assert!(band.likely > 0 && band.high.is_some(), "{provider}: {model}: {tokens}");
            answered += 1;
        }
    }
    assert!(answered > 3_000, "{answered}");
    assert_eq!(count("no-such-model", "Hello").expect_err("unknown").code(), "unknown-model");
}

/// A cell that says nothing is no zero: a request has input and output, and what is charged for the one that is
/// not reported is not known.
#[test]
fn a_count_that_is_not_reported_is_not_zero() {
    let book = PriceBook::builtin();
    let report = |rows: &str| {
        let text = format!("time,provider,model,input,cached,output\n{rows}");
        let run = Pipeline::new(&book).read(text.as_bytes()).expect("a table");
        let open: Vec<String> =
            run.report.open_points().into_iter().map(|open| open.says).collect();
        (run.report.headline(), open.join("; "))
    };
    let (headline, open) = report("2026-03-01,openai,gpt-4o,1000,0,\n");
    assert!(headline.starts_with("\u{2265} 0.0025 USD"), "{headline}");
    assert!(open.ends_with("not read: output tokens (1 record)"), "{open}");
    let (headline, open) = report("2026-03-01,openai,gpt-4o,n/a,,500\n");
    assert!(headline.starts_with("\u{2265} 0.005 USD"), "{headline}");
    assert!(open.ends_with("not read: input tokens (1 record)"), "{open}");
    // Nothing is charged for the output of an embedding, and a zero is said.
    for row in ["openai,text-embedding-3-small,1000,0,", "openai,gpt-4o,1000,0,0"] {
        let (headline, open) = report(&format!("2026-03-01,{row}\n"));
        assert!(headline.contains("(exact)") && open.is_empty(), "{headline}: {open}");
    }
}
