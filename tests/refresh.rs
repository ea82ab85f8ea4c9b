//! Renewing price files: what is appended, what is closed, what is only noted, and that the same
//! tables give the same bytes in any order and only once.

use std::collections::BTreeMap;

use tokreckon::import::{Options, Source, read};
use tokreckon::refresh::{Fate, Renewal, Table, renew};
use tokreckon_data::schema::{self, Origin};

const BOOK: &str = r#"provider = "openai"
currency = "USD"

[[price]]
models = ["gpt-4o"]
from = 2024-10-02
input = "2.50"
output = "10.00"
standing = "agreed"
seen = 2026-06-01
source = "litellm 1.48.7..1.90.1; also models.dev"
basis = "announced"
"#;

/// LiteLLM's table with these members of `gpt-4o`, or of another model.
fn litellm(model: &str, members: &str, day: i32) -> Table {
    let text =
        format!(r#"{{"{model}": {{"litellm_provider": "openai", "mode": "chat", {members}}}}}"#);
    table(Source::LiteLlm, &text, day)
}

fn models_dev(model: &str, cost: &str, day: i32) -> Table {
    let text = format!(
        r#"{{"openai": {{"id": "openai", "name": "OpenAI", "models": {{"{model}": {{"id": "{model}", "cost": {{{cost}}}}}}}}}}}"#
    );
    table(Source::ModelsDev, &text, day)
}

fn table(source: Source, text: &str, day: i32) -> Table {
    let options = Options::new("table.json", day);
    let imported = read(source, text.as_bytes(), &options).expect("a table");
    Table {
        source: Some(source),
        evidence: format!("{} {day}", source.name()),
        day,
        past: false,
        files: imported.files.into_iter().map(|file| file.file).collect(),
        released: BTreeMap::new(),
    }
}

fn renewed(text: &str, tables: &[Table]) -> Renewal {
    let renewal = renew(&[("openai.toml".to_owned(), text.to_owned())], tables).expect("a book");
    let (_, mistakes) = schema::read(&renewal.files[0].text, Origin::Shipped);
    assert!(mistakes.is_empty(), "{mistakes:?}\n{}", renewal.files[0].text);
    renewal
}

fn fates(renewal: &Renewal) -> Vec<Fate> {
    renewal.changes.iter().map(|change| change.fate).collect()
}

const SAME: &str = r#""input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05"#;
const LOWER: &str = r#""input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06"#;

#[test]
fn the_same_amount_moves_its_sighting_and_nothing_else() {
    let renewal = renewed(BOOK, &[litellm("gpt-4o", SAME, 20_778)]);
    assert_eq!(fates(&renewal), []);
    assert_eq!(renewal.files[0].text, BOOK.replace("2026-06-01", "2026-11-21"));
}

#[test]
fn two_tables_close_a_price_and_one_that_another_contradicts_does_not() {
    let low = [
        litellm("gpt-4o", LOWER, 20_778),
        models_dev("gpt-4o", r#""input": 2, "output": 8"#, 20_770),
    ];
    let renewal = renewed(BOOK, &low);
    assert_eq!(fates(&renewal), [Fate::Changed, Fate::Changed]);
    let text = &renewal.files[0].text;
    assert!(text.contains("until = 2026-11-13") && text.contains("input = \"2.00\""), "{text}");
    assert!(text.contains("input = \"2.50\""), "the past keeps its price: {text}");

    let split = [
        litellm("gpt-4o", LOWER, 20_778),
        models_dev("gpt-4o", r#""input": 2.5, "output": 10"#, 20_770),
    ];
    let renewal = renewed(BOOK, &split);
    assert_eq!(fates(&renewal), [Fate::Disputed, Fate::Disputed]);
    let text = &renewal.files[0].text;
    assert!(!text.contains("until") && text.contains("also-seen = \"2.00 (litellm"), "{text}");
}

/// Two tables hold a price and a third another one. When only the third is fetched, that is no change:
/// it said so all along.
#[test]
fn a_table_that_always_said_something_else_ends_nothing() {
    let disputed = BOOK.replace(
        "standing = \"agreed\"",
        "standing = \"disputed\"\nalso-seen = \"2.00 (litellm 2025-01-01..2026-05-01); 8.00 (litellm 2025-01-01)\"",
    );
    let renewal = renewed(&disputed, &[litellm("gpt-4o", LOWER, 20_778)]);
    assert_eq!(fates(&renewal), [Fate::Disputed, Fate::Disputed]);
    assert!(!renewal.files[0].text.contains("until"), "{}", renewal.files[0].text);
}

/// The old price was still seen when the first table had the new one: it ends after that.
#[test]
fn a_price_does_not_end_before_its_last_sighting() {
    let seen_late = BOOK.replace("seen = 2026-06-01", "seen = 2026-11-17");
    let low = [
        litellm("gpt-4o", LOWER, 20_778),
        models_dev("gpt-4o", r#""input": 2, "output": 8"#, 20_770),
    ];
    let text = &renewed(&seen_late, &low).files[0].text;
    assert!(text.contains("until = 2026-11-18") && text.contains("from = 2026-11-18"), "{text}");
}

#[test]
fn a_new_tier_begins_with_its_base_and_a_new_model_when_it_was_seen() {
    let tiered = format!(
        r#"{SAME}, "input_cost_per_token_above_200k_tokens": 5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05"#
    );
    let renewal = renewed(BOOK, &[litellm("gpt-4o", &tiered, 20_778)]);
    assert_eq!(fates(&renewal), [Fate::Added, Fate::Added]);
    let text = &renewal.files[0].text;
    assert!(
        text.contains("tokens = 200000") && text.matches("from = 2024-10-02").count() == 2,
        "{text}"
    );

    let renewal = renewed(BOOK, &[litellm("gpt-9", SAME, 20_778)]);
    assert_eq!(fates(&renewal), [Fate::Added, Fate::Added]);
    assert!(renewal.files[0].text.contains("from = 2026-11-21"));
}

#[test]
fn twice_is_once_and_the_order_of_tables_does_not_matter() {
    let tables = [
        litellm("gpt-4o", LOWER, 20_778),
        models_dev("gpt-4o", r#""input": 2, "output": 8, "cache_read": 1"#, 20_770),
        models_dev("gpt-9", r#""input": 1, "output": 4"#, 20_771),
    ];
    let once = renewed(BOOK, &tables).files[0].text.clone();
    let again = renewed(&once, &tables);
    assert!(!again.files[0].is_changed, "{}", again.files[0].text);
    let mut turned = tables.to_vec();
    turned.reverse();
    assert_eq!(renewed(BOOK, &turned).files[0].text, once);
}

#[test]
fn slips_of_a_table_are_listed_and_not_taken_over() {
    // A wrong unit, a thousandfold, a cache read above the input, two amounts swapped.
    let faults = [
        r#""input_cost_per_token": 2.5, "output_cost_per_token": 10"#,
        r#""input_cost_per_token": 2.5e-03, "output_cost_per_token": 1e-02"#,
        r#""input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 5e-06"#,
        r#""input_cost_per_token": 1e-05, "output_cost_per_token": 2.5e-06"#,
    ];
    for (at, fault) in (0..100).zip(faults.iter().cycle()) {
        for model in ["gpt-4o".to_owned(), format!("gpt-new-{at}")] {
            let renewal = renewed(BOOK, &[litellm(&model, fault, 20_778)]);
            let guarded = fates(&renewal).contains(&Fate::Guarded);
            let is_known = model == "gpt-4o" && fault.starts_with(SAME);
            assert!(guarded || is_known, "{model} {fault}: {:?}", renewal.changes);
        }
    }
}

/// Tables list open weights under their maker, who gives them away and bills nobody.
#[test]
fn what_the_provider_does_not_sell_is_listed_and_not_taken_over() {
    for model in ["gpt-oss-120b", "azure/gpt-35-turbo"] {
        let renewal = renewed(BOOK, &[litellm(model, SAME, 20_778)]);
        assert_eq!(fates(&renewal), [Fate::NotSold], "{model}");
        assert!(!renewal.files[0].is_changed, "{}", renewal.files[0].text);
    }
}
