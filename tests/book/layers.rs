//! A user's price file on top of the built-in book.

use tokreckon::book::{Known, PriceBook};
use tokreckon::usage::Meter::{Input, Output};
use tokreckon_data::table::Tables;

use crate::{ask, user_file, with_tier};

const M: u64 = 1_000_000;

/// A user's file that leaves no gap is the whole answer; what it does not speak of stays.
#[test]
fn a_users_price_replaces_only_what_it_speaks_of() {
    let file = user_file(
        r#"
provider = "openai"
currency = "USD"

[[price]]
models = ["o1-mini", "gpt-5"]
from = 2025-01-01
until = 2025-01-31T18:00:00Z
input = "2"

[[price]]
models = ["o1-mini", "gpt-5"]
from = 2025-01-31T18:00:00Z
input = "1"
"#,
    );
    let book = PriceBook::builtin().with_layer(&file);
    let o1_mini = ask("openai", "o1-mini", "2025-01-31");
    assert_eq!(o1_mini.cost_in(&book, &[(Input, M)]), "1 to 2 USD (period-spans-change)");
    assert_eq!(o1_mini.cost_in(&book, &[(Output, M)]), "4.4 to 12 USD (change-day)");
    // The standard price is the user's; batch and priority are still possible, at the book's prices.
    let gpt_5 = with_tier(ask("openai", "gpt-5", "2026-08-01"), Known::Unknown);
    assert_eq!(gpt_5.cost_in(&book, &[(Input, M)]), "0.625 to 2.5 USD (service-tier-unknown)");
    let standard = ask("openai", "gpt-5", "2026-08-01");
    assert_eq!(standard.cost_in(&book, &[(Input, M)]), "1 USD");
}

/// Trap 6.
#[test]
fn a_users_price_tier_is_not_mixed_with_another_comparison() {
    let tier = |comparison: &str| {
        user_file(&format!(
            "provider = \"openai\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"gpt-5.4\"]\n\
             from = 2026-01-01\noutput = \"1\"\n\
             above = {{ tokens = 272000, comparison = \"{comparison}\", scope = \"whole-request\" }}\n"
        ))
    };
    let openai = ask("openai", "gpt-5.4", "2026-08-01");
    let cost = |file: &Tables| {
        openai.cost_in(&PriceBook::builtin().with_layer(file), &[(Input, 272_001), (Output, M)])
    };
    assert_eq!(cost(&tier(">")), "2.360005 USD");
    assert_eq!(cost(&tier(">=")), "mixed-price-tier");
}

#[test]
fn a_price_in_credits_with_a_long_name_is_never_taken_for_dollars() {
    let text = "provider = \"mine\"\ncurrency = \"very-long-provider-credits\"\n[[price]]\nmodels = [\"m\"]\nfrom = 2025-01-01\ninput = \"2\"\noutput = \"4\"\n";
    let (file, mistakes) = tokreckon_data::schema::read(text, tokreckon_data::schema::Origin::User);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let tables = tokreckon_data::compile::compile(&[file]).expect("one file");
    let day = tokreckon::time::Period::parse("2025-04-09").expect("a day");
    let book = PriceBook::builtin().with_layer(&tables);
    let card = book.find(&tokreckon::book::Query::new("mine", "m", day)).expect("a price");
    assert_eq!(card.currency.as_str(), "very-long-provider-credits");
    let too_long = text.replace("very", "very-very-very");
    let (_, mistakes) =
        tokreckon_data::schema::read(&too_long, tokreckon_data::schema::Origin::User);
    let refused = mistakes.iter().any(|mistake| mistake.message.ends_with("is not a currency"));
    assert!(refused, "36 letters do not fit: {mistakes:?}");
}

/// A user who gives input and output gives the card: no thinking mode, cache or price tier of the
/// built-in book is left on it.
#[test]
fn a_users_card_is_the_whole_card() {
    use tokreckon::usage::Meter::{CacheRead, Reasoning};

    let file = user_file(
        r#"
provider = "google"
currency = "USD"

[[price]]
models = ["gemini-2.5-flash-preview-04-17", "gemini-2.5-pro"]
from = 2025-01-01
input = "0.1"
output = "1.5"
"#,
    );
    let book = PriceBook::builtin().with_layer(&file);
    let thinking = ask("google", "gemini-2.5-flash-preview-04-17", "2025-05-01");
    assert_eq!(thinking.cost(&[(Reasoning, M)]), "3.5 USD");
    assert_eq!(thinking.cost_in(&book, &[(Reasoning, M)]), "1.5 USD");
    let pro = ask("google", "gemini-2.5-pro", "2026-08-01");
    assert_eq!(pro.cost(&[(Input, M)]), "2.5 USD");
    assert_eq!(pro.cost_in(&book, &[(Input, M), (Output, M)]), "1.6 USD");
    let cached = pro.cost_in(&book, &[(CacheRead, M)]);
    assert_ne!(cached, pro.cost(&[(CacheRead, M)]), "the list price of a cache read is not theirs");
    let batch = with_tier(pro, Known::Is(tokreckon::price::ServiceTier::Batch));
    assert_eq!(batch.cost_in(&book, &[(Input, M)]), batch.cost(&[(Input, M)]));
}

/// The price of the output alone is the price of all of it.
#[test]
fn a_users_output_price_replaces_that_of_a_thinking_mode() {
    use tokreckon::usage::Meter::Reasoning;

    let file = user_file(
        "provider = \"google\"\ncurrency = \"USD\"\n[[price]]\n\
         models = [\"gemini-2.5-flash-preview-04-17\"]\nfrom = 2025-01-01\noutput = \"1.5\"\n",
    );
    let book = PriceBook::builtin().with_layer(&file);
    let thinking = ask("google", "gemini-2.5-flash-preview-04-17", "2025-05-01");
    assert_eq!(thinking.cost_in(&book, &[(Reasoning, M)]), "1.5 USD");
    assert_eq!(thinking.cost_in(&book, &[(Input, M)]), thinking.cost(&[(Input, M)]));
}

/// Responses name a dated id, and people price the name of the model.
#[test]
fn a_users_price_of_a_name_is_that_of_its_dated_ids() {
    let file = |provider: &str, models: &str| {
        user_file(&format!(
            "provider = \"{provider}\"\ncurrency = \"USD\"\n[[price]]\nmodels = [{models}]\n\
             from = 2024-01-01\ninput = \"0.07\"\noutput = \"0.09\"\n"
        ))
    };
    let cost = |file: &Tables, provider: &str, model: &str| {
        let asked = ask(provider, model, "2026-08-01");
        asked.cost_in(&PriceBook::builtin().with_layer(file), &[(Input, M)])
    };
    let list = |model: &str| ask("openai", model, "2026-08-01").cost(&[(Input, M)]);
    let own = file("openai", r#""gpt-5-mini", "gpt-4o""#);
    // Its only dated id; of several one at the same list price; and none at another.
    assert_eq!(cost(&own, "openai", "gpt-5-mini-2025-08-07"), "0.07 USD");
    assert_eq!(cost(&own, "openai", "gpt-4o-2024-11-20"), "0.07 USD");
    assert_eq!(cost(&own, "openai", "gpt-4o-2024-05-13"), list("gpt-4o-2024-05-13"));
    for other in
        ["gpt-5", "gpt-5-nano-2025-08-07", "gpt-4o-mini-2024-07-18", "gpt-4o-audio-preview"]
    {
        assert_eq!(cost(&own, "openai", other), list(other), "{other}");
    }
    // The id that a name stands for, and a seller that only the user's file knows.
    let claude = file("anthropic", r#""claude-sonnet-4-5""#);
    assert_eq!(cost(&claude, "anthropic", "claude-sonnet-4-5-20250929"), "0.07 USD");
    let gateway = file("our-gateway", r#""gpt-5-mini", "gpt-4o""#);
    assert_eq!(cost(&gateway, "our-gateway", "gpt-5-mini-2025-08-07"), "0.07 USD");
    assert_eq!(cost(&gateway, "our-gateway", "gpt-4o-2024-08-06"), "0.07 USD");
    assert_eq!(cost(&gateway, "our-gateway", "gpt-4o-2024-05-13"), "unknown-model");
    // An own price of the dated id goes before that of the name.
    let both = user_file(
        "provider = \"openai\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"gpt-5-mini\"]\n\
         from = 2024-01-01\ninput = \"0.07\"\n[[price]]\nmodels = [\"gpt-5-mini-2025-08-07\"]\n\
         from = 2024-01-01\ninput = \"0.08\"\n",
    );
    assert_eq!(cost(&both, "openai", "gpt-5-mini-2025-08-07"), "0.08 USD");
    assert_eq!(cost(&both, "openai", "gpt-5-mini"), "0.07 USD");
}
