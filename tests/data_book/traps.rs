//! What is easily got wrong about prices, one test per trap, on the built-in book.

use crate::{amount, at, base, day, model, prices, provider};
use tokreckon_data::BUILTIN;
use tokreckon_data::table::{Price, Tables, Window};
use tokreckon_data::words::{
    Comparison, Meter, Noun, Precision, Scope, ServiceTier, Standing, State,
};

fn amounts(provider: &str, id: &str, meter: Meter) -> Vec<String> {
    base(provider, id, meter).into_iter().map(amount).collect()
}

fn window(price: &Price) -> &'static Window {
    &BUILTIN.windows[usize::from(price.window) - 1]
}

#[test]
fn instants_have_hours() {
    let input = base("deepseek", "deepseek-chat", Meter::Input);
    let change = day("2025-02-08") + 16 * 3600;
    assert_eq!(amount(at(&input, change - 1).expect("one")), "0.14");
    let next = at(&input, change).expect("one");
    assert_eq!((amount(next).as_str(), next.from.precision), ("0.27", Precision::Instant));
}

#[test]
fn a_day_is_not_an_instant() {
    let input = base("openai", "o1-mini", Meter::Input);
    let change = at(&input, day("2025-01-31")).expect("one");
    assert_eq!((amount(change).as_str(), change.from.precision), ("1.1", Precision::Day));
    assert_eq!(amounts("openai", "o1-mini", Meter::Input), ["3", "1.1"]);
    assert_eq!(amounts("openai", "o1-mini", Meter::Output), ["12", "4.4"]);
    assert_eq!(amounts("openai", "o1-mini", Meter::CacheRead), ["1.5", "0.55"]);
    assert_eq!(input[1].until.precision, Precision::Open);
}

#[test]
fn a_cancelled_rise_is_not_a_price() {
    for price in prices("anthropic", "claude-sonnet-5") {
        let is_text = matches!(price.meter, Meter::Input | Meter::Output);
        let is_plain = price.service_tier == ServiceTier::Standard && price.variant.len == 0;
        assert!(!is_text || !is_plain || price.from.seconds < day("2026-09-01"));
    }
    let now =
        at(&base("anthropic", "claude-sonnet-5", Meter::Input), day("2026-10-01")).expect("one");
    assert_eq!(amount(now), "2");
    assert!(BUILTIN.str(now.note).contains("cancelled on 2026-08-14"));
}

#[test]
fn promotions_end() {
    let input = base("google", "gemini-3.6-flash", Meter::Input);
    assert_eq!(amount(at(&input, day("2026-12-31")).expect("one")), "0.75");
    assert_eq!(amount(at(&input, day("2027-01-01")).expect("one")), "1.5");

    let input = base("openai", "gpt-5.6-sol", Meter::Input);
    let promoted = at(&input, day("2026-11-20")).expect("one");
    assert_eq!((amount(promoted).as_str(), promoted.until.precision), ("4", Precision::Open));
    assert_eq!(i64::from(promoted.promised_through_day) * 86_400, day("2026-11-21"));
    assert_eq!(at(&input, day("2026-08-20")).expect("one").promised_through_day, i32::MIN);
}

#[test]
fn a_list_price_nobody_paid_is_marked() {
    let input = base("deepseek", "deepseek-v4-pro", Meter::Input);
    assert_eq!(amount(input[0]), "1.74");
    assert!(BUILTIN.str(input[0].note).starts_with("list price nobody paid"));
}

#[test]
fn discount_hours_wrap_midnight() {
    let all = prices("deepseek", "deepseek-chat");
    let discount: Vec<&Price> = all.iter().filter(|price| price.window != 0).collect();
    assert_eq!(discount.len(), 3);
    for price in discount {
        assert_eq!(window(price).hours[0], (16 * 60 + 30, 30));
        assert_eq!((window(price).days, price.outside_window), (0b111_1111, false));
        assert_eq!(price.until.seconds, day("2025-09-05") + 16 * 3600);
    }
}

#[test]
fn peak_hours_were_daily_first_and_on_working_days_later() {
    let input = prices("deepseek", "deepseek-v4-flash").iter();
    let input: Vec<&Price> =
        input.filter(|price| price.meter == Meter::Input && price.window != 0).collect();
    let held = |seconds: i64, outside: bool| {
        let side: Vec<&Price> =
            input.iter().copied().filter(|price| price.outside_window == outside).collect();
        at(&side, seconds).map(|price| {
            let window = window(price);
            (amount(price), BUILTIN.str(window.name), window.days, window.except != 0)
        })
    };
    let start = day("2026-08-16") + 16 * 3600;
    assert_eq!(held(start - 1, false), None);
    assert_eq!(held(start, false), Some(("0.44".to_owned(), "peak-daily", 0b111_1111, false)));
    assert_eq!(held(start, true), Some(("0.22".to_owned(), "peak-daily", 0b111_1111, false)));
    let weekdays = |amount: &str| Some((amount.to_owned(), "peak-weekdays", 0b001_1111, true));
    assert_eq!(held(day("2026-08-21"), false), weekdays("0.44"));
    assert_eq!(held(day("2026-08-21"), true), weekdays("0.22"));
    assert_eq!(held(day("2026-09-10") + 4 * 3600 - 1, false), weekdays("0.44"));
    assert_eq!(held(day("2026-09-10") + 4 * 3600, false), weekdays("0.3"));
    assert_eq!(held(day("2026-09-10") + 4 * 3600, true), weekdays("0.15"));
}

#[test]
fn public_holidays_are_listed_for_a_complete_span() {
    for calendar in BUILTIN.calendars.iter() {
        let days = Tables::rows(&BUILTIN.calendar_days, calendar.days);
        let lists = |text: &str| days.iter().any(|known| i64::from(*known) * 86_400 == day(text));
        assert!(lists("2026-10-01") && lists("2026-10-07") && !lists("2026-10-08"));
        assert!(lists("2026-09-25") && !lists("2026-09-24"));
        assert_eq!(i64::from(calendar.complete_from_day) * 86_400, day("2026-01-01"));
        assert_eq!(i64::from(calendar.complete_until_day) * 86_400, day("2027-01-01"));
        assert_eq!(calendar.utc_offset_minutes, 480);
        assert!(days.is_sorted());
    }
    assert_eq!(BUILTIN.calendars.len(), 2);
}

#[test]
fn thresholds_carry_their_comparison_and_scope() {
    let mut tiers = 0;
    for provider in BUILTIN.providers.iter() {
        let id = BUILTIN.str(provider.id);
        let expected = if id == "xai" { Comparison::AtLeast } else { Comparison::Above };
        for model in Tables::rows(&BUILTIN.models, provider.models) {
            for price in Tables::rows(&BUILTIN.prices, model.prices) {
                if price.threshold > 0 {
                    assert_eq!((price.comparison, price.scope), (expected, Scope::WholeRequest));
                    tiers += 1;
                }
            }
        }
    }
    assert!(tiers >= 2_952, "{tiers}");
    let above = |id: &str, date: &str| {
        let tier = prices("anthropic", id).iter();
        let tier: Vec<&Price> =
            tier.filter(|p| p.threshold == 200_000 && p.meter == Meter::Input).collect();
        at(&tier, day(date)).map(amount)
    };
    assert_eq!(above("claude-opus-4-6", "2026-03-12").as_deref(), Some("10"));
    assert_eq!(above("claude-opus-4-6", "2026-03-13"), None);
}

#[test]
fn cache_and_batch_prices_are_stored_and_not_derived() {
    let ratio = |provider: &str, id: &str, date: &str| {
        let read = base(provider, id, Meter::CacheRead);
        let input = base(provider, id, Meter::Input);
        let pair = (at(&read, day(date)).expect("one"), at(&input, day(date)).expect("one"));
        (amount(pair.0), amount(pair.1))
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(ratio("openai", "o1-mini", "2026-11-20"), pair("0.55", "1.1"));
    assert_eq!(ratio("openai", "gpt-5.6-sol", "2026-11-20"), pair("0.4", "4"));
    let pro = base("openai", "gpt-5.5-pro", Meter::CacheRead)[0];
    assert!(BUILTIN.str(pro.also_seen).ends_with("no cached price (OpenAI)"));

    let tier = |seller: &str, id: &str, tier: ServiceTier| {
        let mut of_tier = prices(seller, id).iter();
        let newest = of_tier.rfind(|p| p.service_tier == tier && p.meter == Meter::Input);
        newest.map(amount)
    };
    // Not every batch is half of the price: 0.12 against 0.15.
    let embedding = tier("google-vertex", "gemini-embedding-001", ServiceTier::Batch);
    assert_eq!(embedding.as_deref(), Some("0.12"));
    assert_eq!(tier("openai", "o1-mini", ServiceTier::Batch).as_deref(), Some("0.55"));
    assert_eq!(tier("openai", "o3", ServiceTier::Priority).as_deref(), Some("3.5"));
    assert_eq!(tier("openai", "o3", ServiceTier::Flex).as_deref(), Some("1"));
    assert_eq!(tier("openai", "o1-mini", ServiceTier::Flex), None);
}

#[test]
fn regional_uplifts_are_exact() {
    let eu = prices("aws-bedrock", "anthropic.claude-opus-4-8").iter();
    let eu = eu.filter(|p| BUILTIN.str(p.variant) == "geo=eu" && p.meter == Meter::Input);
    assert!(eu.map(amount).any(|amount| amount == "5.5"));
}

#[test]
fn a_thinking_mode_has_its_own_price_for_the_whole_output() {
    assert_eq!(amounts("google", "gemini-2.5-flash-preview-04-17", Meter::Output), ["0.6"]);
    let thinking = amounts("google", "gemini-2.5-flash-preview-04-17", Meter::OutputThinkingMode);
    assert_eq!(thinking, ["3.5"]);
    // Only where a seller counts and charges it beside the output has reasoning a price of its own.
    let apart = BUILTIN.prices.iter().filter(|price| price.meter == Meter::Reasoning);
    assert_eq!(apart.map(amount).collect::<Vec<_>>(), ["3"]);
    assert_eq!(amounts("perplexity", "sonar-deep-research", Meter::Reasoning), ["3"]);
    assert!(amounts("perplexity", "sonar-deep-research", Meter::OutputThinkingMode).is_empty());
}

/// Anthropic's price of thinking in the US: a tenth more of every price of tokens, in every tier, on models
/// that can.
#[test]
fn regions_by_a_rule() {
    let us = |model: &str, tier: ServiceTier, meter: Meter| {
        let found = prices("anthropic", model).iter().filter(|price| {
            BUILTIN.str(price.variant) == "geo=us"
                && (price.service_tier, price.meter, price.threshold) == (tier, meter, 0)
        });
        found.map(amount).next_back()
    };
    let standard = |meter| us("claude-sonnet-4-6", ServiceTier::Standard, meter);
    assert_eq!(standard(Meter::Input).as_deref(), Some("3.3"));
    assert_eq!(standard(Meter::CacheRead).as_deref(), Some("0.33"));
    assert_eq!(standard(Meter::CacheWrite1h).as_deref(), Some("6.6"));
    assert_eq!(standard(Meter::Output).as_deref(), Some("16.5"));
    assert_eq!(standard(Meter::WebSearches), None, "no token");
    let batch = us("claude-sonnet-4-6", ServiceTier::Batch, Meter::Output);
    assert_eq!(batch.as_deref(), Some("8.25"));
    assert_eq!(us("claude-sonnet-4-5", ServiceTier::Standard, Meter::Input), None);
}

#[test]
fn zero_is_never_an_amount() {
    assert!(BUILTIN.prices.iter().all(|p| (p.mantissa == 0) == (p.state != State::Priced)));
    // What a source says is free or not offered goes on being said.
    for (state, least) in [(State::Free, 114), (State::NotOffered, 50), (State::NotSourced, 52)] {
        let count = BUILTIN.prices.iter().filter(|price| price.state == state).count();
        assert!(count >= least, "{state}: {count}");
    }
}

#[test]
fn units_are_those_of_the_provider() {
    let unit = |meter: Meter| {
        let mut units: Vec<(u64, Noun)> = BUILTIN
            .prices
            .iter()
            .filter(|p| p.meter == meter && p.state == State::Priced)
            .map(|p| (p.per, p.noun))
            .collect();
        units.dedup();
        units
    };
    assert_eq!(unit(Meter::Input), [(1_000_000, Noun::Tokens)]);
    assert_eq!(unit(Meter::MapsGroundings), [(1000, Noun::Requests)]);
    assert_eq!(unit(Meter::ImagesGenerated), [(1, Noun::Images)]);
    assert_eq!(unit(Meter::VideoSeconds), [(1, Noun::Seconds)]);
}

#[test]
fn the_chinese_list_stays_in_its_currency() {
    let provider = provider("deepseek-cn");
    for model in Tables::rows(&BUILTIN.models, provider.models) {
        for price in Tables::rows(&BUILTIN.prices, model.prices) {
            assert_eq!(BUILTIN.str(price.currency), "CNY");
        }
    }
    assert_eq!(amounts("deepseek-cn", "deepseek-chat", Meter::Input), ["2"]);
}

#[test]
fn base_and_fine_tuned_models_are_two_things() {
    let tuned = amounts("openai", "ft:davinci-002", Meter::Input);
    assert_ne!(tuned, amounts("openai", "davinci-002", Meter::Input));
    let rules = Tables::rows(&BUILTIN.id_rules, provider("openai").id_rules);
    let rules: Vec<(&str, &str)> =
        rules.iter().map(|rule| (BUILTIN.str(rule.pattern), BUILTIN.str(rule.model))).collect();
    assert_eq!(rules[0], ("ft:{base}:{rest}", "ft:{base}"));
    assert!(rules.iter().all(|(_, model)| *model != "{base}"));
}

#[test]
fn no_placeholder_is_a_price() {
    assert!(base("openai", "o1-mini", Meter::Input).iter().all(|p| amount(p) != "10"));
    assert!(model("openai", "dall-e-3").is_none_or(|model| model.prices.start == model.prices.end));
}

#[test]
fn an_alias_leads_to_an_id_with_prices_and_never_to_another_model() {
    let mut aliases = 0;
    for seller in BUILTIN.providers.iter() {
        for model in Tables::rows(&BUILTIN.models, seller.models) {
            if model.alias_of.len > 0 {
                assert_eq!(model.prices.start, model.prices.end);
                assert!(!prices(BUILTIN.str(seller.id), BUILTIN.str(model.alias_of)).is_empty());
                aliases += 1;
            }
        }
    }
    assert_eq!(aliases, 81);
    for wrong in ["gpt-5.1-chat", "gpt-5.5-codex", "o3-mini-high", "gpt-4-turbo-0125-preview"] {
        assert!(model("openai", wrong).is_none_or(|model| model.alias_of.len == 0), "{wrong}");
    }
    assert_ne!(
        amounts("openai", "o1-preview", Meter::Input),
        amounts("openai", "o1", Meter::Output)
    );
    assert_eq!(
        at(&base("openai", "gpt-4o-2024-05-13", Meter::Input), day("2026-01-01"))
            .map(amount)
            .as_deref(),
        Some("5")
    );
}

#[test]
fn tokenizers_of_new_models_are_assumed_and_limits_are_told_apart() {
    let facts = |id: &str| {
        let row = model("openai", id).unwrap_or_else(|| panic!("no model `{id}`")).facts;
        &BUILTIN.facts[row as usize - 1]
    };
    let gpt5 = facts("gpt-5");
    assert_eq!((gpt5.context_window, gpt5.max_input_tokens), (400_000, 272_000));
    let models = Tables::rows(&BUILTIN.models, provider("openai").models);
    for model in models.iter().filter(|m| BUILTIN.str(m.key).starts_with("gpt-6") && m.facts > 0) {
        let facts = &BUILTIN.facts[model.facts as usize - 1];
        // Nobody publishes which one they have.
        let basis = BUILTIN.str(facts.tokenizer_basis);
        assert!(basis.is_empty() || basis.starts_with("assumed"), "{basis}");
    }
}

#[test]
fn resellers_of_o1_mini() {
    assert_eq!(amounts("belugapi", "o1-mini-2024-09-12", Meter::Input), ["0.88"]);
    assert_eq!(
        BUILTIN.str(model("belugapi", "o1-mini").expect("one").alias_of),
        "o1-mini-2024-09-12"
    );
    assert_eq!(amounts("aimlapi", "o1-mini", Meter::Output), ["12.6"]);
    let inferred = base("aimlapi", "o1-mini", Meter::Input)[0];
    assert!(BUILTIN.str(inferred.note).starts_with("inferred"));
    assert_eq!(inferred.from.precision, Precision::Unknown);
    assert_eq!(amounts("cometapi", "o1-mini-2024-09-12", Meter::Input), ["not-sourced"]);
    assert_eq!(amounts("replicate", "o1-mini-2024-09-12", Meter::CacheRead), ["not-sourced"]);
    let batch = prices("replicate", "o1-mini-2024-09-12").iter();
    let batch: Vec<&Price> = batch.filter(|p| p.service_tier == ServiceTier::Batch).collect();
    assert_eq!(batch.iter().map(|p| amount(p)).collect::<Vec<_>>(), ["not-sourced"; 2]);
    assert!(batch.iter().all(|price| price.standing == Standing::Curated));
}

/// A rule such as "batch is half" says half of one amount: of a price on which sources differ it would
/// be one of several, told as if it were the only one.
#[test]
fn a_rule_for_a_tier_passes_over_disputed_prices() {
    let text = r#"
provider = "mine"
currency = "USD"

[[tier-rule]]
service-tier = "batch"
from = 2024-04-15
share = "0.5"
source = "the provider"

[[price]]
models = ["agreed"]
from = 2025-01-01
input = "2"
standing = "agreed"

[[price]]
models = ["contested"]
from = 2025-01-01
input = "2"
standing = "disputed"
also-seen = "3 (another table 2025-02-01)"
"#;
    let (file, mistakes) = tokreckon_data::schema::read(text, tokreckon_data::schema::Origin::User);
    assert_eq!(mistakes, []);
    let tables = tokreckon_data::compile::compile(&[file]).expect("one layer");
    let tiers = |id: &str| -> Vec<_> {
        let model = tables.models.iter().find(|model| tables.str(model.key) == id);
        let prices = model.expect("a model").prices;
        Tables::rows(&tables.prices, prices).iter().map(|price| price.service_tier).collect()
    };
    assert_eq!(tiers("agreed"), [ServiceTier::Standard, ServiceTier::Batch]);
    assert_eq!(tiers("contested"), [ServiceTier::Standard]);
}

/// What the book says that a provider does not sell, it does not price there either.
#[test]
fn nothing_is_priced_that_its_provider_does_not_sell() {
    let mut starts = 0;
    for provider in BUILTIN.providers.iter() {
        for start in BUILTIN.str(provider.not_sold).split_whitespace() {
            starts += 1;
            for model in Tables::rows(&BUILTIN.models, provider.models) {
                let key = BUILTIN.str(model.key);
                assert!(model.prices.start == model.prices.end || !key.starts_with(start), "{key}");
            }
        }
    }
    assert!(starts >= 2, "{starts}");
}

/// One table has one provider for all that Google sells: Claude is Vertex AI's.
#[test]
fn makers_do_not_sell_claude() {
    let sellers = BUILTIN.providers.iter().filter(|provider| {
        let models = Tables::rows(&BUILTIN.models, provider.models).iter();
        models.filter(|model| BUILTIN.str(model.key).contains("claude")).count() > 0
    });
    let sellers: Vec<&str> = sellers.map(|provider| BUILTIN.str(provider.id)).collect();
    for maker in ["google", "openai", "xai", "mistral", "deepseek", "cohere", "moonshot", "zai"] {
        assert!(!sellers.contains(&maker), "{maker} lists a Claude");
    }
    assert!(sellers.contains(&"google-vertex") && sellers.contains(&"anthropic"));
}
