//! A user's price file on top of the built-in book.

use toktab::book::{Known, PriceBook};
use toktab::usage::Meter::{Input, Output};
use toktab_data::table::Tables;

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
