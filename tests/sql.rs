//! The book as SQL tables: complete, without a gap, and by the book's own prices.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::money::Exact;
use tokreckon::price::ServiceTier;
use tokreckon::sql::{Dialect, Export, ExportOptions, PriceRow};
use tokreckon::time::Period;
use tokreckon::usage::{Meter, Usage};

fn export(providers: &[&str]) -> Export {
    let providers: Vec<String> = providers.iter().map(|&provider| provider.to_owned()).collect();
    let until = Period::parse("2026-12-31").expect("a day").start;
    Export::of(&PriceBook::builtin(), &ExportOptions { providers: &providers, until })
}

#[test]
fn every_name_has_an_answer_for_all_of_time() {
    type Spans = Vec<(i64, i64)>;
    let export = export(&["openai", "deepseek"]);
    let mut spans: BTreeMap<(u32, &str, &str), Spans> = BTreeMap::new();
    for answer in &export.answers {
        let key = (answer.route, answer.service_tier, answer.variant.as_str());
        spans.entry(key).or_default().push((answer.from, answer.until));
        assert_eq!(answer.card == 0, !answer.refusal.is_empty(), "{answer:?}");
    }
    let whole = (-62_135_596_800, 253_402_300_800);
    for (key, spans) in &spans {
        assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0), "{key:?} has a gap");
        let (first, last) = (spans[0].0, spans[spans.len() - 1].1);
        assert_eq!((first, last), whole, "{key:?}");
    }
    let routes: BTreeSet<u32> = spans.keys().map(|key| key.0).collect();
    assert!(export.models.len() > 100, "{}", export.models.len());
    assert!(export.models.iter().all(|(_, _, route)| routes.contains(route)));
    let cards: BTreeSet<u32> = export.cards.iter().map(|row| row.card).collect();
    assert!(export.answers.iter().all(|row| row.card == 0 || cards.contains(&row.card)));
    assert!(export.prices.iter().all(|row| 0 <= row.low && row.low <= row.high));
}

#[test]
fn a_price_is_that_of_the_book() {
    let export = export(&["openai"]);
    let at = Period::parse("2025-04-09T08:10:26Z").expect("an instant");
    let mut compared = 0;
    for (provider, model, route) in &export.models {
        let holds = |row: &&tokreckon::sql::AnswerRow| {
            (row.route, row.service_tier, row.variant.as_str()) == (*route, "standard", "")
                && (row.from..row.until).contains(&at.start.0)
        };
        let query = Query {
            service_tier: Known::Is(ServiceTier::Standard),
            ..Query::new(provider, model, at)
        };
        let found = PriceBook::builtin().find(&query);
        let Some(answer) = export.answers.iter().find(holds) else {
            assert!(found.is_err(), "{model} has a card and no row");
            continue;
        };
        let Ok(card) = found else {
            assert_eq!(answer.card, 0, "{model}");
            continue;
        };
        let usage = Usage::NONE.with(Meter::Output, 1);
        let right = card.charge(&usage).expect("exact");
        let is_output = |row: &&PriceRow| {
            (row.card, row.tier, row.priced.name().as_str()) == (answer.card, 0, "output")
        };
        let Some(row) = export.prices.iter().find(is_output) else {
            assert!(right.high.is_none(), "{model} has a price and no row");
            continue;
        };
        let said = [row.low, row.high].map(|units| Exact::new(units, export.scale).expect("fits"));
        let high = right.high.expect("a price").amount;
        assert_eq!(said, [right.low.amount, high], "{model}");
        compared += 1;
    }
    assert!(compared > 30, "only {compared} prices compared");
}

#[test]
fn names_are_those_that_the_library_knows() {
    let export = export(&["anthropic", "aws-bedrock", "xai"]);
    let book = PriceBook::builtin();
    let names: BTreeSet<&str> = export.providers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), export.providers.len(), "a name of two providers");
    for (name, provider) in &export.providers {
        assert_eq!(book.provider_id(name), Some(provider.as_str()), "{name}");
        assert!(!name.contains(['_', '.', ' ']), "{name}: the views fold these");
    }
    let keys: BTreeSet<(&str, &str)> =
        export.models.iter().map(|(provider, model, _)| (&**provider, &**model)).collect();
    assert_eq!(keys.len(), export.models.len(), "a name with two routes");
    for (provider, model) in &keys {
        assert!(book.lookup(provider, model).is_ok(), "{provider}/{model}");
    }
    // As another seller spells it, where the book ties the two.
    let route = |provider: &str, model: &str| {
        let mut all = export.models.iter();
        all.find(|row| (&*row.0, &*row.1) == (provider, model)).map(|row| row.2)
    };
    for other in ["claude-sonnet-4.5", "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5@20250929"]
    {
        let found = book.lookup("anthropic", other).expect("tied to its own");
        let own = route("anthropic", &found.model.to_lowercase()).expect("its own name");
        assert_eq!(route("anthropic", other), Some(own), "{other}");
    }
}

#[test]
fn hours_are_written_out_up_to_a_day_and_refused_after_it() {
    let export = export(&["deepseek"]);
    let until = Period::parse("2026-12-31").expect("a day").start.0;
    let refused = export.answers.iter().filter(|row| row.refusal == "not-exported");
    let refused: Vec<_> = refused.collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().any(|row| row.from == until), "{refused:?}");
}

#[test]
fn every_dialect_has_a_script_that_tells_its_columns() {
    let export = export(&["mistral"]);
    for &dialect in Dialect::ALL {
        let script = export.script(dialect);
        for name in ["tokreckon_usage", "VIEW tokreckon_costs", "VIEW tokreckon_not_charged"] {
            assert!(script.contains(name), "{}: no {name}", dialect.name());
        }
        assert!(script.contains("replace(lower(u.provider), '_', '-')"), "{}", dialect.name());
        assert_eq!(Dialect::from_name(dialect.name()), Some(dialect));
    }
}
