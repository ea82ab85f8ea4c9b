//! Prices one response file with the genai-prices crate: read, extract, calculate, print.

use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{ExtractRequest, extract_usage};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: tokreckon-bench-pricing FILE")?;
    let body = std::fs::read(path)?;
    let request = ExtractRequest::new(&body).with_provider_id("openai").with_api_flavor("chat");
    let extracted = extract_usage(&request)?;
    let request = extracted.price_request().ok_or("the response names no model")?;
    let request = request.with_timestamp(UNIX_EPOCH + Duration::from_secs(1_744_186_226));
    let price = genai_prices::calculate(&request)?;
    println!("{:.9} USD", price.total_price);
    Ok(())
}
