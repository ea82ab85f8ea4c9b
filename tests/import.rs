//! Imported tables: every price has one fate, and the files are read without a mistake.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokreckon::book::PriceBook;
use tokreckon::import::{ImportOptions, Imported, Source, read_table};
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Origin};

/// What must hold for any table that can be read at all.
fn sound(imported: &Imported) {
    let fates = imported.written
        + imported.repeated
        + imported.not_asked
        + imported.left_out.len() as u64
        + imported.conflicts.len() as u64;
    assert_eq!(imported.found, fates, "{imported:#?}");
    let in_files: u64 = imported.files.iter().map(tokreckon::import::PriceFile::prices).sum();
    assert_eq!(in_files, imported.written + imported.filled);
    let mut files = Vec::new();
    for file in &imported.files {
        let text = file.text();
        let (read, mistakes) = schema::read(&text, Origin::User);
        assert_eq!(mistakes, [], "{text}");
        let prices: usize = read.prices.iter().map(|entry| entry.prices.len()).sum();
        assert_eq!(prices as u64, file.prices(), "{text}");
        files.push(read);
    }
    let tables = compile(&files).expect("files that do not contradict each other");
    let book = PriceBook::builtin().with_layer(&tables);
    for file in &files {
        for model in file.prices.iter().flat_map(|entry| &entry.models) {
            book.lookup(&file.provider, model).expect("a priced model is found");
        }
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/tables/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn tables_of_every_source_add_up() {
    let mut found = 0;
    for (source, name) in [
        (Source::LiteLlm, "litellm"),
        (Source::GenaiPrices, "genai-prices"),
        (Source::ModelsDev, "models-dev"),
        (Source::LlmPrices, "llm-prices-current"),
        (Source::LlmPrices, "llm-prices-historical"),
        (Source::CostCalculator, "openai-cost-calculator"),
        (Source::Portkey, "portkey/openai"),
        (Source::OpenRouter, "openrouter"),
        (Source::Helicone, "helicone"),
        (Source::Aws, "aws"),
        (Source::Azure, "azure"),
    ] {
        let bytes = fixture(name);
        let options = ImportOptions::new(name, 20_777);
        for since_day in [None, Some(20_000)] {
            for zero_is_free in [false, true] {
                let options = ImportOptions { since_day, zero_is_free, ..options };
                let imported = read_table(source, &bytes, &options).expect("a table");
                sound(&imported);
                found += imported.found;
            }
        }
        let wrong = Source::ALL.into_iter().filter(|other| *other != source);
        for other in wrong {
            let error = read_table(other, &bytes, &options).expect_err("another table");
            assert!(
                error.hint().is_some_and(|hint| hint.to_string().contains(source.name())),
                "{name}: {error}"
            );
        }
    }
    assert!(found > 300, "only {found} prices");
}

#[test]
fn the_whole_table_of_genai_prices_adds_up() {
    let mut found = 0;
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let Some(home) = own.or(usual) else {
        println!("skipped: no folder of crates");
        return;
    };
    for registry in std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten() {
        let crates = std::fs::read_dir(registry.path()).into_iter().flatten().flatten();
        for package in crates {
            let path = package.path().join("data/prices.json");
            if !package.file_name().to_string_lossy().starts_with("genai-prices-")
                || !path.is_file()
            {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a table");
            let options = ImportOptions::new("prices.json", 20_777);
            let imported = read_table(Source::GenaiPrices, &bytes, &options).expect("a table");
            sound(&imported);
            assert!(imported.written > 2_000, "{}", imported.written);
            println!("{} prices, {} written", imported.found, imported.written);
            found += 1;
        }
    }
    if found == 0 {
        println!("skipped: the crate `genai-prices` is not unpacked here");
    }
}

#[test]
fn repeated_keys_are_listed() {
    let table = br#"{"a": {"litellm_provider": "x", "input_cost_per_token": 1e-6},
        "a": {"litellm_provider": "x", "input_cost_per_token": 2e-6}}"#;
    let imported =
        read_table(Source::LiteLlm, table, &ImportOptions::new("t", 0)).expect("a table");
    assert_eq!(imported.repeated_keys, ["a"]);
    sound(&imported);
}

fn any_amount() -> impl Strategy<Value = Value> {
    let texts = [
        "0",
        "0.0",
        "1e-06",
        "1.5e-07",
        "1.5000000000000002e-07",
        "7.999999999999999e-07",
        "-1",
        "0.0833333333333333",
        "1e40",
        "1e-300",
        "123456789012345678901234567890",
        "2",
        "0.1",
    ];
    let numbers: Vec<Value> =
        texts.iter().map(|text| serde_json::from_str(text).expect("a number")).collect();
    let others = [
        json!(null),
        json!("0.25"),
        json!("free"),
        json!(true),
        json!([1, {"a": 2}]),
        json!({"x": 1}),
    ];
    prop::sample::select(numbers.into_iter().chain(others).collect::<Vec<_>>())
}

fn any_id() -> impl Strategy<Value = String> {
    let ids = [
        "m",
        "M",
        "claude-m",
        "us.m",
        "azure/eu/m",
        "hd/1024-x-1024/m",
        "m:free",
        "a\"b\\c",
        "",
        " ",
        "bedrock/us-east-1/m",
        "x\u{1}y",
        "fast/us/claude-m",
        "m-272k",
        "é",
    ];
    prop::sample::select(ids.map(str::to_owned).to_vec())
}

fn any_fields(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let field = (prop::sample::select(names), any_amount());
    prop::collection::vec(field, 0..8).prop_map(|fields| {
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    })
}

const LITELLM: &[&str] = &[
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "cache_creation_input_token_cost_above_1hr",
    "input_cost_per_token_above_200k_tokens",
    "output_cost_per_token_batches",
    "input_cost_per_second",
    "output_cost_per_image",
    "search_context_cost_per_query",
    "tiered_pricing",
    "off_peak_pricing",
    "some_cost",
    "multiplier",
    "max_tokens",
    "output_cost_per_token_above_0k_tokens",
];
const MTOK: &[&str] = &[
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "cache_write_1h_mtok",
    "requests_kcount",
    "audio_hours",
    "unknown_kpages",
];
const MODELS_DEV: &[&str] = &[
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write",
    "tiers",
    "context_over_200k",
    "odd",
];
const LLM_PRICES: &[&str] = &["input", "output", "input_cached"];

fn date() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![json!(null), json!("2025-01-01"), json!("2026-01-01"), json!("soon")])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_table_of_litellm(models in prop::collection::vec((any_id(), any_id(), any_fields(LITELLM), any_fields(LITELLM)), 1..6)) {
        let mut table = Map::new();
        table.insert("base".to_owned(), json!({"litellm_provider": "x"}));
        for (id, provider, mut fields, more) in models {
            fields["litellm_provider"] = provider.into();
            fields["tiered_pricing"] = json!([{"range": [0, 1000]}, {"range": [1000, 2000]}]);
            fields["tiered_pricing"][1].as_object_mut().expect("a tier").extend(more.as_object().expect("fields").clone());
            fields["off_peak_pricing"] = more;
            fields["off_peak_pricing"]["hours_utc"] = "16:30-00:30".into();
            table.insert(id, fields);
        }
        let bytes = serde_json::to_vec(&Value::Object(table)).expect("JSON");
        sound(&read_table(Source::LiteLlm, &bytes, &ImportOptions::new("t.json", 20_777)).expect("a table"));
    }

    #[test]
    fn any_table_of_genai_prices(models in prop::collection::vec((any_id(), prop::collection::vec((any_fields(MTOK), date(), any::<bool>()), 0..5), any_fields(MTOK)), 1..5)) {
        let models: Vec<Value> = models.into_iter().map(|(id, sets, variant)| {
            let sets: Vec<Value> = sets.into_iter().map(|(prices, date, timed)| match (date, timed) {
                (Value::Null, false) => json!({"prices": prices}),
                (_, true) => json!({"prices": prices, "constraint": {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}}),
                (date, false) => json!({"prices": prices, "constraint": {"start_date": date}}),
            }).collect();
            json!({"id": id, "match": {"or": [{"equals": "m"}, {"regex": "m.*"}]}, "prices": sets,
                "price_variants": [{"when": {"processing": "batch"}, "prices": variant}]})
        }).collect();
        let table = json!([{"id": "aws", "models": models}]);
        sound(&read_table(Source::GenaiPrices, table.to_string().as_bytes(), &ImportOptions::new("t", 20_777)).expect("a table"));
    }

    #[test]
    fn any_table_of_models_dev(models in prop::collection::vec((any_id(), any_fields(MODELS_DEV), any_fields(MODELS_DEV), 0..3_u64), 1..6)) {
        let mut all = Map::new();
        for (id, mut cost, tier, size) in models {
            let mut tier = tier;
            tier["tier"] = json!({"type": "context", "size": size * 100_000});
            cost["tiers"] = json!([tier]);
            all.insert(id, json!({"cost": cost}));
        }
        let table = json!({"xai": {"id": "xai", "models": all}});
        sound(&read_table(Source::ModelsDev, table.to_string().as_bytes(), &ImportOptions::new("t", 20_777)).expect("a table"));
    }

    #[test]
    fn any_table_of_llm_prices(rows in prop::collection::vec((any_id(), any_fields(LLM_PRICES), date(), date()), 1..8)) {
        let rows: Vec<Value> = rows.into_iter().map(|(id, mut row, from, to)| {
            row["name"] = if id.ends_with("272k") { "M >272k".into() } else { json!("M") };
            row["id"] = id.into();
            row["vendor"] = "openai".into();
            row["from_date"] = from;
            row["to_date"] = to;
            row
        }).collect();
        let table = json!({"prices": rows});
        sound(&read_table(Source::LlmPrices, table.to_string().as_bytes(), &ImportOptions::new("t", 20_777)).expect("a table"));
    }
}

/// Every price of a table, one a line: provider, model, conditions, meter and amount; and why others are
/// left out.
fn lines(source: Source, name: &str) -> Vec<String> {
    let imported =
        read_table(source, &fixture(name), &ImportOptions::new(name, 20_777)).expect("a table");
    let mut lines = Vec::new();
    for file in &imported.files {
        for entry in &file.file.prices {
            let tier = entry.service_tier.as_str();
            let above = entry.above.map_or(0, |above| above.tokens);
            for price in &entry.prices {
                let id = &entry.models[0];
                let (meter, digits, scale) = (price.meter, price.mantissa, price.scale);
                let (noun, per) = (price.noun.as_str(), price.per);
                let conditions = format!("{tier} {} {above}", entry.variant);
                lines.push(format!("{id} {conditions} {meter} {digits}e-{scale} per {per} {noun}"));
            }
        }
        for alias in &file.file.aliases {
            lines.push(format!("{} is {}", alias.id, alias.of));
        }
    }
    for left in &imported.left_out {
        lines.push(format!(
            "- {} {} {}: {}",
            left.model,
            left.field,
            left.value,
            left.why.as_str()
        ));
    }
    lines.sort();
    lines
}

#[track_caller]
fn holds(lines: &[String], wanted: &[&str]) {
    for line in wanted {
        assert!(lines.iter().any(|have| have == line), "{line}\nis not in\n{}", lines.join("\n"));
    }
}

#[test]
fn portkeys_cents_per_token_become_dollars_per_million() {
    let lines = lines(Source::Portkey, "portkey/openai");
    holds(
        &lines,
        &[
            "invented-1 standard  0 input 2e-0 per 1000000 tokens",
            "invented-1 standard  0 output 8e-0 per 1000000 tokens",
            "invented-1 standard  0 cache-read 2e-1 per 1000000 tokens",
            "invented-1 standard  0 web-searches 1e-2 per 1 requests",
            "invented-1 batch  0 input 1e-0 per 1000000 tokens",
            "- invented-1 pay_as_you_go.additional_units.file_search.price 0.25: no meter counts it",
        ],
    );
    assert!(!lines.iter().any(|line| line.starts_with("invented-2")), "euros are not dollars");
}

#[test]
fn openrouters_list_has_long_prompts_and_names_without_a_price() {
    holds(
        &lines(Source::OpenRouter, "openrouter"),
        &[
            "invented/one standard  0 input 2e-0 per 1000000 tokens",
            "invented/one standard  200000 input 4e-0 per 1000000 tokens",
            "invented/one standard  0 images-read 3e-3 per 1 images",
            "invented/one standard  0 web-searches 1e-2 per 1 requests",
            "invented/one-20260101 is invented/one",
            "invented/one:free standard  0 input 0e-0 per 1000000 tokens",
            "- openrouter/auto pricing.prompt -1: below zero",
            "- invented/two pricing.teleports 0.5: no meter counts it",
            "- invented/one pricing.overrides.prompt 0.000001: under a condition that a price file cannot say",
            "- invented/one pricing.overrides.teleports 0.4: under a condition that a price file cannot say",
        ],
    );
}

#[test]
fn helicones_rows_by_a_pattern_price_nothing() {
    let lines = lines(Source::Helicone, "helicone");
    holds(
        &lines,
        &[
            "invented-1 standard  0 cache-read 2e-1 per 1000000 tokens",
            "claude-invented standard  0 cache-write-5m 375e-2 per 1000000 tokens",
            "- invented input_cost_per_1m 1: ids by a pattern",
        ],
    );
    assert!(!lines.iter().any(|line| line.starts_with("invented standard")));
}

#[test]
fn the_cost_calculators_places_tiers_and_days() {
    let lines = lines(Source::CostCalculator, "openai-cost-calculator");
    holds(
        &lines,
        &[
            "invented-1 standard geo=global 0 input 2e-0 per 1000000 tokens",
            "invented-1 batch geo=global 0 output 4e-0 per 1000000 tokens",
            "invented-1 standard geo=global 272000 input 4e-0 per 1000000 tokens",
            "invented-1 standard region=eastus2 0 input 22e-1 per 1000000 tokens",
            "invented-1 standard region=eastus2 0 input 24e-1 per 1000000 tokens",
            "invented-1-2026-01-01 is invented-1",
            "- invented-1 rates.input 2.1: under a condition that a price file cannot say",
            "- invented-3 rates.moons 7: no meter counts it",
        ],
    );
    assert!(!lines.iter().any(|line| line.starts_with("invented-0")), "nobody verified it");
}

#[test]
fn the_price_lists_of_aws_name_models_kinds_tiers_and_places() {
    holds(
        &lines(Source::Aws, "aws"),
        &[
            "amazon.nova-2-lite-v1:0 standard region=us-west-2 0 input 5e-1 per 1000000 tokens",
            "amazon.nova-2-lite-v1:0 standard region=us-west-2 0 output 4e-0 per 1000000 tokens",
            "amazon.nova-2-lite-v1:0 standard region=us-west-2 0 cache-read 125e-3 per 1000000 tokens",
            "amazon.nova-2-lite-v1:0 priority geo=global 0 input 7e-1 per 1000000 tokens",
            "amazon.nova-2-lite-v1:0 batch region=us-west-2 0 input 25e-2 per 1000000 tokens",
            "moonshotai.kimi-k3 standard region=us-west-2 0 input 6e-0 per 1000000 tokens",
            "moonshotai.kimi-k3 standard region=us-west-2 0 output 17e-0 per 1000000 tokens",
            "moonshotai.kimi-k3 flex geo=global 0 cache-write 31e-1 per 1000000 tokens",
            "anthropic.claude-opus-5-5 standard region=us-west-2 0 input 51e-1 per 1000000 tokens",
            "anthropic.claude-opus-5-5 standard geo=global 0 cache-write-1h 91e-1 per 1000000 tokens",
            "anthropic.claude-opus-5-5 standard region=us-west-2 0 cache-write-5m 61e-1 per 1000000 tokens",
            "openai.gpt-6-astra standard geo=global 272000 input 21e-0 per 1000000 tokens",
            "- Claude Opus 5.5 USW2-MP:USW2_Reserved_1Month_InputTPM_Geo-Units 0.0600000000: no meter counts it",
            "- Claude Opus 5.5 USW2-MP:USW2_input_tokens_long_ctx_standard-Units 8.0000000000: under a condition that a price file cannot say",
            "- Invented Moon USW2-InventedMoon-input-tokens 0.0010000000: without a usable id",
            "- Nova 2.0 Lite USW2-Nova2.0Lite-input-tokens-custom-model 0.0009000000: no meter counts it",
            "- Nova 2.0 Lite USW2-Nova2.0Lite-input-tokens-flex 0.0001000000: under a condition that a price file cannot say",
        ],
    );
}

#[test]
fn azures_retail_prices_name_models_without_their_family() {
    let lines = lines(Source::Azure, "azure");
    holds(
        &lines,
        &[
            "gpt-5.4-mini standard geo=global 0 input 9e-1 per 1000000 tokens",
            "gpt-5.4-mini standard geo=global 0 cache-read 9e-2 per 1000000 tokens",
            "gpt-5.4-mini standard geo=global 0 output 5e-0 per 1000000 tokens",
            "gpt-5.4-mini standard geo=us 0 input 11e-1 per 1000000 tokens",
            "gpt-5.4-mini standard geo=eu 0 input 12e-1 per 1000000 tokens",
            "gpt-5.4-mini batch geo=global 0 input 45e-2 per 1000000 tokens",
            "gpt-5.4-mini priority geo=global 0 input 18e-1 per 1000000 tokens",
            "gpt-5.4-mini standard region=usgovarizona 0 input 1e-0 per 1000000 tokens",
            "gpt-6-sol standard geo=global 0 cache-write 26e-1 per 1000000 tokens",
            "gpt-6-sol standard geo=global 272000 output 19e-0 per 1000000 tokens",
            "gpt-4o-2024-05-13 standard geo=global 0 input 6e-0 per 1000000 tokens",
            "gpt-4o-mini-2024-07-18 standard region=swedencentral 0 output 8e-1 per 1000000 tokens",
            "- 7 invented Inp Gl 1M Tokens Azure OpenAI GPT5 1: without a usable id",
            "- Code-Interpreter-global Azure OpenAI 0.03: without a usable id",
        ],
    );
    let conditions = lines.iter().filter(|line| line.ends_with("a price file cannot say"));
    assert_eq!(
        conditions.count(),
        3,
        "a zone without a name, a reservation, a quantity: {lines:#?}"
    );
    assert!(!lines.iter().any(|line| line.contains("Basic Unit")), "another service is no model");
}

/// What is read beside a price is read in the unit of the price.
#[test]
fn another_amount_of_the_same_table_is_noted_in_the_unit_of_the_file() {
    for (source, file, table) in [
        (
            Source::LiteLlm,
            "table.json",
            r#"{"gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06},
                "openai/gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-06}}"#,
        ),
        (
            Source::Portkey,
            "openai.json",
            r#"{"gpt-x": {"pricing_config": {"pay_as_you_go": {"request_token": {"price": 0.00025}}}},
                "GPT-X": {"pricing_config": {"pay_as_you_go": {"request_token": {"price": 0.0002}}}}}"#,
        ),
    ] {
        let imported = read_table(source, table.as_bytes(), &ImportOptions::new(file, 20_777))
            .expect("a table");
        sound(&imported);
        assert_eq!(imported.conflicts.len(), 1);
        let mut noted: Vec<&str> = Vec::new();
        for entry in imported.files.iter().flat_map(|file| &file.file.prices) {
            noted.push(entry.also_seen.split(" (").next().unwrap_or_default());
        }
        assert!(noted == ["2.00"] || noted == ["2.50"], "{noted:?}");
    }
}
