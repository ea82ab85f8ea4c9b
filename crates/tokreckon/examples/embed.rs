//! What a program writes that prices, counts and audits usage: prices of its own, a response, a sum of charges,
//! a text, an export with a bill, and an answer to keep.

use rust_decimal::Decimal;
use tokreckon::prelude::*;
use tokreckon::reconcile::Bill;

/// A response as it came.
const BODY: &str = r#"{"id": "chatcmpl-1", "object": "chat.completion", "created": 1744186226,
    "model": "o1-mini", "usage": {"prompt_tokens": 57, "completion_tokens": 2167,
    "total_tokens": 2224, "prompt_tokens_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 1984}}}"#;

/// A day's usage: any reader will do, a file as well.
const FILE: &[u8] = b"timestamp,provider,model,input_tokens,cached_tokens,output_tokens
2025-04-09T08:10:26Z,openai,o1-mini,1000000,500000,1000000
";

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Owned, cheap to clone, `Send` and `Sync`: it fits into an `Arc<State>`.
    let book = PriceBook::builtin().with_prices(include_str!("my-prices.toml"))?;

    // Its model, time, tier and usage are read from the response.
    let charge = book.price_response("openai", BODY)?;
    println!("{charge}");
    assert_eq!(charge.to_string(), "0.0095975 USD (exact)");

    // Exact, or an error: nothing is rounded.
    let amount: Decimal = charge.exact().ok_or("not exact")?.amount.try_into()?;
    assert_eq!(amount.to_string(), "0.0095975");

    let day = Period::parse("2025-04-09")?;
    let unit = book.unit_price("openai", "o1-mini", Meter::Input, day)?.ok_or("no price")?;
    println!("{}", unit.low);
    assert_eq!(unit.low.to_string(), "1.10 USD per 1M tokens");

    // Currencies are checked.
    let charges = [charge.clone(), charge];
    let total = charges.iter().map(Charge::total).try_sum()?.ok_or("nothing")?;
    assert_eq!(total.to_string(), "0.019195 USD (exact)");

    // Exact, or a band.
    let text = "How many tokens will this be?";
    let tokens = count("gpt-5", text)?;
    println!("{tokens} tokens");
    assert_eq!(tokens.to_string(), "7");

    // What the program does. Records pass by once: what they are compared with is said before they are read.
    let mut bill = Bill::default();
    bill.add_total("5.50 USD".parse()?)?;
    let pipeline = Pipeline::new(&book).by([Dimension::Model, Dimension::Day]);
    let run = pipeline.audited(day.end).against(bill).read(FILE)?;
    let audit = run.audit.ok_or("no audit")?;
    println!("{} findings", audit.findings.len());
    assert!(run.reconciliation.is_some());

    // Every digit as a string, and the version of the shape.
    let json = serde_json::to_string(&run.report)?;
    println!("{json}");
    assert!(json.starts_with(r#"{"schema":"tokreckon-report/1""#));
    Ok(())
}
