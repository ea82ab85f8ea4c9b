//! Ids of other sellers: the snapshot that is meant, or none.

use tokreckon::book::PriceBook;
use tokreckon::usage::Meter::Input;

use crate::{ask, user_file};

const M: u64 = 1_000_000;

/// A seller of two snapshots of one model, of which the older one has the name that sorts first.
fn seller(undated: &str, older: &str, newer: &str) -> tokreckon_data::table::Tables {
    user_file(&format!(
        r#"
provider = "seller"
currency = "USD"

[[price]]
models = ["host/m-20240620"]
from = 2024-06-20
input = "{older}"

[[price]]
models = ["host/m-20250219"]
from = 2025-02-19
input = "{newer}"
{undated}
[same-as]
"host/m-20240620" = "m"
"host/m-20250219" = "m"
"host/m-latest" = "m"
"host/m-2025-02-19" = "m"
"maker/m-20991231" = "m"
"maker/m-2099-12-31" = "m"
"#
    ))
}

#[test]
fn an_id_with_a_day_is_that_snapshot_or_one_without_a_day() {
    let file = seller("", "3", "4");
    let book = PriceBook::builtin().with_layer(&file);
    let cost = |model| ask("seller", model, "2026-01-15").cost_in(&book, &[(Input, M)]);
    assert_eq!(cost("maker/m-20250219"), "4 USD");
    assert_eq!(cost("maker/m-20240620"), "3 USD");
    assert_eq!(cost("other/m-2025-02-19"), "4 USD");
    // A day that is tied to the model and that this seller does not have.
    assert_eq!(book.canonical("m-20991231"), Some("m"));
    assert_eq!(cost("m-20991231"), "unknown-model");
    assert_eq!(book.canonical("m-2099-12-31"), Some("m"));
    assert_eq!(cost("m-2099-12-31"), "unknown-model");
    let latest = "\n[[price]]\nmodels = [\"host/m-latest\"]\nfrom = 2025-02-19\ninput = \"5\"\n";
    let file = seller(latest, "3", "4");
    let book = PriceBook::builtin().with_layer(&file);
    let cost = |model| ask("seller", model, "2026-01-15").cost_in(&book, &[(Input, M)]);
    assert_eq!(cost("m"), "5 USD");
    assert_eq!(cost("maker/m-20250219"), "4 USD");
    assert_eq!(cost("m-20991231"), "5 USD");
}

#[test]
fn of_several_snapshots_with_different_prices_none_is_taken() {
    let file = seller("", "3", "4");
    let book = PriceBook::builtin().with_layer(&file);
    let cost = |model| ask("seller", model, "2026-01-15").cost_in(&book, &[(Input, M)]);
    assert_eq!(cost("m"), "unknown-model");
    let file = seller("", "3", "3.0");
    let book = PriceBook::builtin().with_layer(&file);
    let cost = |model| ask("seller", model, "2026-01-15").cost_in(&book, &[(Input, M)]);
    assert_eq!(cost("m"), "3 USD");
}

#[test]
fn a_snapshot_at_bedrock_is_not_another_one() {
    for model in ["claude-3-7-sonnet-20250219", "anthropic/claude-3.7-sonnet"] {
        let cost = ask("aws-bedrock", model, "2025-11-15").cost(&[(Input, M)]);
        assert_eq!(cost, "3 USD", "{model}");
    }
}

/// Two spellings of one model, of which tables stopped renewing the wrong one.
#[test]
fn a_version_that_bedrock_does_not_write_is_the_model() {
    for model in ["us.anthropic.claude-opus-4-6-v1", "us.anthropic.claude-opus-4-6-v1:0"] {
        let cost = ask("aws-bedrock", model, "2026-11-15").cost(&[(Input, M)]);
        assert_eq!(cost, "5.5 USD", "{model}");
    }
}
