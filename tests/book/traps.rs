//! What is easily got wrong about prices, one test per trap, through the engine and the built-in book.

use tokreckon::book::{Known, PriceBook};
use tokreckon::charge::Shape;
use tokreckon::ledger::{Conversion, Ledger, Settings};
use tokreckon::money::Currency;
use tokreckon::price::ServiceTier;
use tokreckon::record::Record;
use tokreckon::time::Period;
use tokreckon::usage::{Layout, Meter, Place, Totals, Usage};

use crate::{Ask, ask, user_file, with_tier};

use Meter::{CacheRead, CacheWrite, CacheWrite1h, CacheWrite5m, Input, Output, Reasoning};

const M: u64 = 1_000_000;

#[test]
fn the_first_example() {
    let o1_mini = ask("openai", "o1-mini", "2025-04-09");
    assert_eq!(o1_mini.cost(&[(Input, 57), (Output, 2167)]), "0.0095975 USD");
    // Reasoning is inside of the output and costs what output costs.
    assert_eq!(o1_mini.cost(&[(Input, 57), (Output, 103), (Reasoning, 2064)]), "0.0095975 USD");
    let before = ask("openai", "o1-mini", "2024-10-27");
    assert_eq!(before.cost(&[(Input, M / 2), (CacheRead, M / 2), (Output, M)]), "14.25 USD");
}

#[test]
fn the_day_of_a_change_is_a_range_until_somebody_knows_the_hour() {
    let counts = [(Input, M), (Output, M)];
    let at = |at| ask("openai", "o1-mini", at).cost(&counts);
    assert_eq!(at("2025-01-30"), "15 USD");
    assert_eq!(at("2025-01-31"), "5.5 to 15 USD (change-day)");
    assert_eq!(at("2025-01-31T18:00:00Z"), "5.5 to 15 USD (change-day)");
    assert_eq!(at("2025-02-01"), "5.5 USD");
    let known = user_file(
        r#"
provider = "openai"
currency = "USD"

[[price]]
models = ["o1-mini"]
from = 2025-01-01
until = 2025-01-31T18:00:00Z
input = "3"
cache-read = "1.5"
output = "12"

[[price]]
models = ["o1-mini"]
from = 2025-01-31T18:00:00Z
input = "1.10"
cache-read = "0.55"
output = "4.40"
"#,
    );
    let book = PriceBook::builtin().with_layer(&known);
    let at = |at| ask("openai", "o1-mini", at).cost_in(&book, &counts);
    assert_eq!(at("2025-01-31T17:59:59Z"), "15 USD");
    assert_eq!(at("2025-01-31T18:00:00Z"), "5.5 USD");
    // A bucket of that day still spans the change.
    assert_eq!(at("2025-01-31"), "5.5 to 15 USD (period-spans-change)");
}

/// Trap 1.
#[test]
fn effective_instants_have_hours() {
    let counts = [(Input, M), (Output, M)];
    let chat = |at| ask("deepseek", "deepseek-chat", at).cost(&counts);
    assert_eq!(chat("2025-02-08T15:59:59Z"), "0.42 USD");
    assert_eq!(chat("2025-02-08T16:00:00Z"), "1.37 USD");
    assert_eq!(chat("2025-02-08"), "0.42 to 1.37 USD (period-spans-change)");
    assert_eq!(chat("2025-09-05T15:59:59Z"), "1.37 USD");
    assert_eq!(chat("2025-09-05T16:00:00Z"), "2.24 USD");
    let flash = |at| ask("deepseek", "deepseek-v4-flash", at).cost(&counts);
    assert_eq!(flash("2026-08-16T15:59:59Z"), "0.42 USD");
    assert_eq!(flash("2026-08-16T16:00:00Z"), "0.88 USD");
    // A Thursday, inside and outside of the peak hours when the price changed at 04:00.
    assert_eq!(flash("2026-09-10T03:59:59Z"), "1.76 USD");
    assert_eq!(flash("2026-09-10T04:00:00Z"), "0.75 USD");
}

/// Trap 2.
#[test]
fn a_rise_that_was_cancelled_is_not_charged() {
    let sonnet = ask("anthropic", "claude-sonnet-5", "2026-09-02");
    assert_eq!(sonnet.cost(&[(Input, M), (Output, M)]), "12 USD");
}

/// Trap 3.
#[test]
fn promotions_end() {
    let flash = |at| ask("google", "gemini-3.6-flash", at).cost(&[(Input, M), (Output, M)]);
    assert_eq!(flash("2026-12-30"), "4.5 USD");
    assert_eq!(flash("2027-01-02"), "9 USD");
    // No end is announced, only a day until which it holds at least: charged, with a word of caution.
    let sol = ask("openai", "gpt-5.6-sol", "2026-11-23");
    assert_eq!(sol.cost(&[(Input, M / 10), (Output, M)]), "20.4 USD");
    let card = sol.card(&PriceBook::builtin()).expect("a card");
    let end = |at: &str| card.outlived_promise(Period::parse(at).expect("a time").start);
    assert_eq!(end("2026-11-21"), None);
    assert_eq!(end("2026-11-22").as_deref(), Some("2026-11-21"));
}

/// Trap 4.
#[test]
fn a_list_price_that_nobody_paid_says_so() {
    let book = PriceBook::builtin();
    let card = ask("deepseek", "deepseek-v4-pro", "2026-08-15").card(&book).expect("a card");
    assert!(card.rates().all(|rate| !rate.note().starts_with("list price nobody paid")));
}

/// Trap 5.
#[test]
fn a_day_with_peak_hours_is_a_range() {
    let flash = |at| ask("deepseek", "deepseek-v4-flash", at).cost(&[(Input, M), (Output, M)]);
    // Monday, 2026-09-14.
    for (at, cost) in [
        ("2026-09-14T00:59:59Z", "0.75 USD"),
        ("2026-09-14T01:00:00Z", "1.5 USD"),
        ("2026-09-14T03:59:59Z", "1.5 USD"),
        ("2026-09-14T04:00:00Z", "0.75 USD"),
        ("2026-09-14T09:59:59Z", "1.5 USD"),
        ("2026-09-14T10:00:00Z", "0.75 USD"),
        ("2026-09-14", "0.75 to 1.5 USD (peak-hours)"),
        // A Sunday, and a public holiday on a Thursday.
        ("2026-09-13T02:00:00Z", "0.75 USD"),
        ("2026-10-01T02:00:00Z", "0.75 USD"),
        // The holidays of 2027 are not known yet.
        ("2027-01-04T02:00:00Z", "0.75 to 1.5 USD (peak-hours)"),
    ] {
        assert_eq!(flash(at), cost, "{at}");
    }
    // The discount of 2025 wrapped midnight and is over.
    let chat = |at| ask("deepseek", "deepseek-chat", at).cost(&[(Input, M), (Output, M)]);
    assert_eq!(chat("2025-06-01T16:30:00Z"), "0.685 USD");
    assert_eq!(chat("2025-06-01T00:29:59Z"), "0.685 USD");
    assert_eq!(chat("2025-06-01T00:30:00Z"), "1.37 USD");
    assert_eq!(chat("2025-06-01"), "0.685 to 1.37 USD (peak-hours)");
    assert_eq!(chat("2025-10-01T17:00:00Z"), "0.7 USD");
}

/// Trap 5, as an export with one row a day has it.
#[test]
fn an_export_by_day_that_spans_peak_hours_is_a_range() {
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let csv = "date,model,input_tokens,cached_tokens,output_tokens\n\
               2026-09-14,deepseek-v4-flash,1000000,0,1000000\n";
    let options = tokreckon::read::Options { provider: "deepseek", ..Default::default() };
    tokreckon::read::read(csv.as_bytes(), &options, &mut |item| match item {
        tokreckon::read::Item::Record(record) => drop(ledger.add(record)),
        other => panic!("{other:?}"),
    })
    .expect("a table");
    let total = ledger.report().expect("few digits").total;
    let cost = total.costs[&Currency::USD];
    assert_eq!((cost.low.to_string().as_str(), cost.high.to_string().as_str()), ("0.75", "1.5"));
    assert_eq!((total.records.bounded, total.records.all), (1, 1));
}

/// Trap 6.
#[test]
fn a_long_prompt_is_charged_as_a_whole_and_each_provider_compares_its_own_way() {
    let openai = ask("openai", "gpt-5.4", "2026-08-01");
    assert_eq!(openai.cost(&[(Input, 272_000), (Output, M)]), "15.68 USD");
    assert_eq!(openai.cost(&[(Input, 272_001), (Output, M)]), "23.860005 USD");
    // Cached tokens belong to the prompt.
    assert_eq!(openai.cost(&[(Input, 1), (CacheRead, 272_000)]), "0.136005 USD");
    let xai = ask("xai", "grok-4.5", "2026-08-01");
    assert_eq!(xai.cost(&[(Input, 199_999)]), "0.399998 USD");
    assert_eq!(xai.cost(&[(Input, 200_000)]), "0.8 USD");
    // Anthropic's premium ended.
    let opus = |at| ask("anthropic", "claude-opus-4-6", at).cost(&[(Input, 200_001)]);
    assert_eq!(opus("2026-03-12"), "2.00001 USD");
    assert_eq!(opus("2026-03-14"), "1.000005 USD");
}

/// Trap 6.
#[test]
fn a_threshold_is_not_applied_to_a_sum_of_requests() {
    let sum =
        |requests| Ask { shape: Shape::Sum { requests }, ..ask("openai", "gpt-5.4", "2026-08-01") };
    let counts = [(Input, M), (Output, M)];
    assert_eq!(sum(Some(5)).cost(&counts), "17.5 to 27.5 USD (price-tier-of-sum)");
    assert_eq!(sum(None).cost(&counts), "17.5 to 27.5 USD (price-tier-of-sum)");
    assert_eq!(sum(Some(1)).cost(&counts), "27.5 USD");
    // Together below the threshold, so each of them is.
    assert_eq!(sum(Some(5)).cost(&[(Input, 272_000)]), "0.68 USD");
}

/// Trap 7.
#[test]
fn cached_tokens_cost_what_the_book_says_and_lie_where_the_source_says() {
    let counts = [(CacheRead, M / 10)];
    assert_eq!(ask("openai", "o1-mini", "2025-04-09").cost(&counts), "0.055 USD");
    assert_eq!(ask("openai", "gpt-4o", "2025-04-09").cost(&counts), "0.125 USD");
    assert_eq!(ask("anthropic", "claude-sonnet-4-5", "2026-01-02").cost(&counts), "0.03 USD");
    // 100 input of which 60 are cached, or 100 input and 60 cached beside it.
    let openai = Totals {
        layout: Layout::INSIDE,
        input: Some(100),
        cache_read: Some(60),
        output: Some(0),
        ..Totals::default()
    };
    let anthropic = Totals { layout: Layout::ANTHROPIC, ..openai };
    let sonnet = ask("anthropic", "claude-sonnet-4-5", "2026-01-02");
    let cost = |totals: &Totals| {
        sonnet.cost_of(&PriceBook::builtin(), &totals.to_usage().expect("consistent"))
    };
    assert_eq!(cost(&openai), "0.000138 USD");
    assert_eq!(cost(&anthropic), "0.000318 USD");
    let inside = Layout { cache_read: Place::Inside, ..Layout::ANTHROPIC };
    assert_eq!(cost(&Totals { layout: inside, ..openai }), "0.000138 USD");
}

/// Trap 7.
#[test]
fn an_unknown_cache_lifetime_is_a_range() {
    let haiku = ask("anthropic", "claude-haiku-4-5", "2026-01-02");
    assert_eq!(haiku.cost(&[(CacheWrite5m, M)]), "1.25 USD");
    assert_eq!(haiku.cost(&[(CacheWrite1h, M)]), "2 USD");
    assert_eq!(haiku.cost(&[(CacheWrite, M)]), "1.25 to 2 USD (cache-lifetime-unknown)");
    let sol = ask("openai", "gpt-5.6-sol", "2026-10-01");
    assert_eq!(sol.cost(&[(CacheWrite, 100_000)]), "0.5 USD");
}

/// Trap 7.
#[test]
fn a_cached_share_that_is_not_reported_is_a_range() {
    let totals = Totals { input: Some(M), output: Some(0), ..Totals::default() };
    let usage = totals.to_usage().expect("consistent");
    let cost = |ask: Ask<'_>| ask.cost_of(&PriceBook::builtin(), &usage);
    assert_eq!(
        cost(ask("openai", "o1-mini", "2025-04-09")),
        "0.55 to 1.1 USD (cached-share-unreported)"
    );
    // Nothing is cached where nothing can be.
    assert_eq!(cost(ask("openai", "gpt-4-turbo", "2025-04-09")), "10 USD");
}

/// Trap 8 and 9.
#[test]
fn batch_and_regions_are_stored_and_not_derived() {
    let batch = |ask| with_tier(ask, Known::Is(ServiceTier::Batch));
    let gpt = ask("openai", "gpt-4o", "2026-08-01");
    assert_eq!(gpt.cost(&[(Input, M), (Output, M)]), "12.5 USD");
    assert_eq!(batch(gpt).cost(&[(Input, M), (Output, M)]), "6.25 USD");
    // No batch price is known: none is made up.
    let openrouter = ask("openrouter", "openai/gpt-4o", "2026-08-01");
    assert_eq!(batch(openrouter).cost(&[(Input, M)]), "no-such-service-tier");
}

#[test]
fn an_unknown_service_tier_is_a_range() {
    let gpt = with_tier(ask("openai", "gpt-5", "2026-08-01"), Known::Unknown);
    assert_eq!(gpt.cost(&[(Input, M)]), "0.625 to 2.5 USD (service-tier-unknown)");
    // One tier only: nothing to choose from.
    let o1_mini = with_tier(ask("belugapi", "o1-mini", "2026-11-20"), Known::Unknown);
    assert_eq!(o1_mini.cost(&[(Input, M)]), "0.88 USD");
}

/// Trap 9: an id that names its region is not overruled.
#[test]
fn a_bedrock_id_carries_its_region() {
    let model = "anthropic.claude-haiku-4-5-20251001-v1:0";
    let plain = ask("aws-bedrock", model, "2026-08-01");
    assert_eq!(plain.cost(&[(Input, M)]), "1 USD");
    let eu = "eu.anthropic.claude-haiku-4-5-20251001-v1:0";
    let of_id = ask("aws-bedrock", eu, "2026-08-01");
    assert_eq!(of_id.cost(&[(Input, M)]), "1.1 USD");
    let said = |model, variant| {
        Ask { variant: Known::Is(variant), ..ask("aws-bedrock", model, "2026-08-01") }
            .cost(&[(Input, M)])
    };
    assert_eq!(said(model, "geo=eu"), "1.1 USD");
    assert_eq!(said(eu, "geo=eu"), "1.1 USD");
    assert_eq!(said(eu, "geo=global"), "no-such-variant");
    let us = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
    assert_eq!(ask("aws-bedrock", us, "2026-08-01").cost(&[(Input, M)]), "1.1 USD");
    // The book has no price for a profile of India: none is borrowed.
    let india = "in.anthropic.claude-haiku-4-5-20251001-v1:0";
    assert_eq!(ask("aws-bedrock", india, "2026-08-01").cost(&[(Input, M)]), "no-such-variant");
    let unknown = Ask { variant: Known::Unknown, ..plain };
    let any = unknown.cost(&[(Input, M)]);
    assert!(any.contains("variant-unknown"), "{any}");
}

/// Trap 10.
#[test]
fn thinking_mode_is_a_switch_on_the_whole_output() {
    let flash = ask("google", "gemini-2.5-flash-preview-04-17", "2025-05-01");
    assert_eq!(flash.cost(&[(Output, M)]), "0.6 USD");
    // With any reasoning all of the output costs more; reasoning is not an extra on top.
    assert_eq!(flash.cost(&[(Output, M / 2), (Reasoning, M / 2)]), "3.5 USD");
    let mut unknown = Usage::NONE.with(Output, M);
    unknown.unreported.reasoning = true;
    assert_eq!(
        flash.cost_of(&PriceBook::builtin(), &unknown),
        "0.6 to 3.5 USD (thinking-mode-unknown)"
    );
    // Of a day's sum that holds reasoning, nobody says whether every request thought.
    let sum = |requests| Ask { shape: Shape::Sum { requests }, ..flash };
    let day = [(Output, M / 2), (Reasoning, M / 2)];
    assert_eq!(sum(Some(1)).cost(&day), "3.5 USD");
    assert_eq!(sum(Some(2)).cost(&day), "0.6 to 3.5 USD (thinking-mode-unknown)");
    assert_eq!(sum(None).cost(&day), "0.6 to 3.5 USD (thinking-mode-unknown)");
    // Elsewhere reasoning costs what output costs, reported or not.
    let o1_mini = ask("openai", "o1-mini", "2025-04-09");
    assert_eq!(o1_mini.cost_of(&PriceBook::builtin(), &unknown), "4.4 USD");
}

/// Trap 11.
#[test]
fn free_not_offered_and_not_sourced_are_three_answers() {
    // Free by name.
    let free = ask("openrouter", "arcee-ai/trinity-mini:free", "2026-06-01");
    assert_eq!(free.cost(&[(Input, M), (Output, M)]), "0 USD");
    // An embedding has no output to bill.
    let embedding = ask("openai", "text-embedding-3-small", "2026-01-02");
    assert_eq!(embedding.cost(&[(Input, M)]), "0.02 USD");
    assert_eq!(embedding.cost(&[(Input, M), (Output, 1)]), "at least 0.02 USD (no-price)");
    // Replicate: the price of cached input is not sourced, so between nothing and plain input.
    let replicate = ask("replicate", "openai/o1-mini", "2026-11-20");
    assert_eq!(
        replicate.cost(&[(Input, M / 2), (CacheRead, M / 2), (Output, M)]),
        "4.95 to 5.5 USD (cache-price-not-sourced)"
    );
    // CometAPI: named as a model, without any figure.
    let comet = ask("cometapi", "o1-mini-2024-09-12", "2026-11-20");
    assert_eq!(comet.cost(&[(Input, M), (Output, M)]), "at least 0 USD (no-price)");
    assert_eq!(ask("cometapi", "o1-pro", "2026-11-20").cost(&[(Input, M)]), "unknown-model");
}

/// Trap 12.
#[test]
fn searches_are_charged_by_their_own_unit() {
    let maps = ask("google-vertex", "gemini-3.5-flash", "2026-08-01");
    assert_eq!(maps.cost(&[(Meter::MapsGroundings, 10)]), "0.14 USD");
    let hourly = user_file(
        r#"
provider = "groq"
currency = "USD"

[[price]]
models = ["whisper-large-v3"]
from = 2026-01-01
audio-seconds = "0.111 per hour"
"#,
    );
    let book = PriceBook::builtin().with_layer(&hourly);
    let whisper = ask("groq", "whisper-large-v3", "2026-08-01");
    assert_eq!(whisper.cost_in(&book, &[(Meter::AudioSeconds, 3_600)]), "0.111 USD");
    // 0.111 / 3600 does not end; it is refused, not rounded.
    let card = whisper.card(&book).expect("a card");
    let one = Usage::NONE.with(Meter::AudioSeconds, 1);
    assert!(card.charge_with(&one, Shape::Request, tokreckon::charge::Terms::LIST).is_err());
}

/// Trap 13.
#[test]
fn no_float_noise() {
    // 2e-07 a token is 0.2 per 1M, not 0.19999999999999998.
    let model = ask("openai", "gpt-5.6-luna", "2026-10-01");
    assert_eq!(model.cost(&[(Input, 3)]), "0.0000006 USD");
}

/// Trap 14.
#[test]
fn yuan_stay_yuan_unless_a_rate_is_given() {
    let chat = ask("deepseek-cn", "deepseek-chat", "2025-05-05");
    assert_eq!(chat.cost(&[(Input, M), (Output, M)]), "10 CNY");
    let record = Record {
        provider: "deepseek-cn",
        model: "deepseek-chat",
        period: Some(Period::parse("2025-05-05").expect("a day")),
        totals: Some(Totals {
            input: Some(M),
            cache_read: Some(0),
            output: Some(M),
            ..Totals::default()
        }),
        ..Record::EMPTY
    };
    let cost = |settings: Settings| {
        let mut ledger = Ledger::new(PriceBook::builtin(), settings);
        ledger.add(&record);
        let costs = ledger.report().expect("few digits").total.costs;
        costs.iter().map(|(currency, cost)| format!("{} {currency}", cost.low)).collect::<Vec<_>>()
    };
    assert_eq!(cost(Settings::default()), ["10 CNY"]);
    let conversion = |since: &str| Conversion {
        from: Currency::CNY,
        to: Currency::USD,
        rate: "0.1379".parse().expect("a number"),
        since: Period::parse(since).expect("a day").start,
    };
    let with = |since| Settings { conversions: vec![conversion(since)], ..Settings::default() };
    assert_eq!(cost(with("2025-05-01")), ["1.379 USD"]);
    assert_eq!(cost(with("2025-05-06")), ["10 CNY"], "the rate did not hold yet");
}

/// Trap 15.
#[test]
fn a_fine_tuned_model_has_its_own_price() {
    let cost = |model| ask("openai", model, "2026-08-01").cost(&[(Input, M), (Output, M)]);
    assert_eq!(cost("gpt-4o-2024-08-06"), "12.5 USD");
    assert_eq!(cost("ft:gpt-4o-2024-08-06:acme::abc123"), "18.75 USD");
    assert_eq!(cost("ft:o1-mini:acme::abc123"), "unknown-model", "never the base model's price");
    assert_eq!(cost("davinci-002"), "4 USD");
}

/// Trap 16.
#[test]
fn placeholders_of_price_pages_are_not_prices() {
    let o1_mini = ask("openai", "o1-mini", "2026-08-01").cost(&[(Input, M), (Output, M)]);
    assert_eq!(o1_mini, "5.5 USD");
}

/// Trap 17.
#[test]
fn names_that_look_alike_are_not_the_same() {
    let cost = |model, at| ask("openai", model, at).cost(&[(Input, M), (Output, M)]);
    assert_eq!(cost("o1", "2025-04-09"), "75 USD");
    assert_eq!(cost("o1-preview", "2025-04-09"), "75 USD");
    assert_eq!(cost("o1-preview", "2024-10-27"), "75 USD");
    assert_eq!(cost("o1", "2024-10-27"), "not-in-force", "o1 did not exist yet");
    assert_eq!(cost("gpt-4o-2024-05-13", "2026-08-01"), "20 USD");
    assert_eq!(cost("gpt-4o", "2026-08-01"), "12.5 USD");
    assert_eq!(cost("gpt-4o", "2024-06-01"), "20 USD", "the alias moved later");
    for misspelt in ["o1mini", "o1-mini-2024", "gpt-4o-latest", "gpt", "o1-mini "] {
        assert_eq!(cost(misspelt, "2025-04-09"), "unknown-model", "{misspelt}");
    }
}

#[test]
fn retired_models_keep_their_price() {
    let cost = |provider, model, at| ask(provider, model, at).cost(&[(Input, M), (Output, M)]);
    assert_eq!(cost("openai", "gpt-4-32k", "2024-06-01"), "180 USD");
    assert_eq!(cost("openai", "gpt-4-0314", "2024-01-10"), "90 USD");
    assert_eq!(cost("anthropic", "claude-2", "2024-06-01"), "32 USD");
}

#[test]
fn a_price_of_unknown_start_is_not_since_ever() {
    let replicate = |at| ask("replicate", "openai/o1-mini", at).cost(&[(Input, M)]);
    assert_eq!(replicate("2026-11-20"), "1.1 USD");
    assert_eq!(replicate("2026-04-15"), "1.1 USD", "assumed: nothing contradicts it");
    let strict = PriceBook::builtin().strictly();
    let ask_strictly = ask("replicate", "openai/o1-mini", "2026-11-19");
    assert_eq!(ask_strictly.cost_in(&strict, &[(Input, M)]), "start-unknown");
    let known = user_file(
        r#"
provider = "replicate"
currency = "USD"

[[price]]
models = ["o1-mini-2024-09-12"]
from = 2025-06-01
input = "1.10"
output = "4.40"
"#,
    );
    let book = PriceBook::builtin().with_layer(&known);
    let cost = ask("replicate", "openai/o1-mini", "2026-11-19").cost_in(&book, &[(Input, M)]);
    assert_eq!(cost, "1.1 USD");
}
