//! The built-in book: constants written by `build.rs`, and the short constructors they use.

#![expect(
    clippy::too_many_arguments,
    clippy::unreadable_literal,
    reason = "rows are written by a program and read by a compiler"
)]

use std::borrow::Cow;

use crate::table::{
    Bound, Calendar, IdRule, Model, ModelFacts, Price, Provider, ProviderName, RateLimit, Rows,
    Statement, Tables, Text, Tie, TiedBy, Window,
};
use crate::words::{
    Comparison as C, Meter as M, Noun as N, Precision as P, Scope as O, ServiceTier as T,
    Standing as G, State as S,
};

/// The built-in price book, model facts and rate limits.
pub static BUILTIN: Tables = Tables {
    text: Cow::Borrowed(include_str!(concat!(env!("OUT_DIR"), "/book.txt"))),
    providers: Cow::Borrowed(&PROVIDERS),
    provider_names: Cow::Borrowed(&PROVIDER_NAMES),
    id_rules: Cow::Borrowed(&ID_RULES),
    models: Cow::Borrowed(&MODELS),
    ties: Cow::Borrowed(&TIES),
    prices: Cow::Borrowed(&PRICES),
    windows: Cow::Borrowed(&WINDOWS),
    calendars: Cow::Borrowed(&CALENDARS),
    calendar_days: Cow::Borrowed(&CALENDAR_DAYS),
    facts: Cow::Borrowed(&FACTS),
    statements: Cow::Borrowed(&STATEMENTS),
    rate_limits: Cow::Borrowed(&RATE_LIMITS),
};

include!(concat!(env!("OUT_DIR"), "/book.rs"));

const fn text(start: u32, len: u32) -> Text {
    Text { start, len }
}

const fn rows(start: u32, end: u32) -> Rows {
    Rows { start, end }
}

const fn piece(pair: (u32, u32)) -> Text {
    text(pair.0, pair.1)
}

const fn provider(
    id: u32,
    id_len: u32,
    name: u32,
    name_len: u32,
    not_sold: u32,
    not_sold_len: u32,
    rules: u32,
    rules_end: u32,
    models: u32,
    models_end: u32,
    limits: u32,
    limits_end: u32,
) -> Provider {
    Provider {
        id: text(id, id_len),
        name: text(name, name_len),
        not_sold: text(not_sold, not_sold_len),
        id_rules: rows(rules, rules_end),
        models: rows(models, models_end),
        rate_limits: rows(limits, limits_end),
    }
}

const fn provider_name(name: u32, name_len: u32, provider: u32, provider_len: u32) -> ProviderName {
    ProviderName { name: text(name, name_len), provider: text(provider, provider_len) }
}

const fn id_rule(
    pattern: u32,
    pattern_len: u32,
    model: u32,
    model_len: u32,
    variant: u32,
    variant_len: u32,
) -> IdRule {
    IdRule {
        pattern: text(pattern, pattern_len),
        model: text(model, model_len),
        variant: text(variant, variant_len),
    }
}

const fn model(
    id: u32,
    id_len: u32,
    key: u32,
    key_len: u32,
    alias_of: u32,
    alias_of_len: u32,
    same_as: u32,
    same_as_len: u32,
    prices: u32,
    prices_end: u32,
    facts: u32,
    statements: u32,
    statements_end: u32,
) -> Model {
    Model {
        id: text(id, id_len),
        key: text(key, key_len),
        alias_of: text(alias_of, alias_of_len),
        same_as: text(same_as, same_as_len),
        prices: rows(prices, prices_end),
        facts,
        statements: rows(statements, statements_end),
    }
}

const fn tie(id: u32, id_len: u32, by: TiedBy, model: u32, model_len: u32) -> Tie {
    Tie { id: text(id, id_len), by, model: text(model, model_len) }
}

const fn price(
    meter: M,
    state: S,
    mantissa: i64,
    scale: u8,
    noun: N,
    per: u64,
    currency: u32,
    currency_len: u32,
    service_tier: T,
    variant: u32,
    variant_len: u32,
    window: u16,
    outside_window: bool,
    threshold: u64,
    comparison: C,
    scope: O,
    from: i64,
    from_precision: P,
    until: i64,
    until_precision: P,
    standing: G,
    seen_day: i32,
    promised_through_day: i32,
    source: u32,
    source_len: u32,
    basis: u32,
    basis_len: u32,
    also_seen: u32,
    also_seen_len: u32,
    note: u32,
    note_len: u32,
) -> Price {
    Price {
        meter,
        state,
        mantissa,
        scale,
        noun,
        per,
        currency: text(currency, currency_len),
        service_tier,
        variant: text(variant, variant_len),
        window,
        outside_window,
        threshold,
        comparison,
        scope,
        from: Bound { seconds: from, precision: from_precision },
        until: Bound { seconds: until, precision: until_precision },
        standing,
        seen_day,
        promised_through_day,
        source: text(source, source_len),
        basis: text(basis, basis_len),
        also_seen: text(also_seen, also_seen_len),
        note: text(note, note_len),
    }
}

const fn window(name: u32, name_len: u32, hours: [(u16, u16); 4], days: u8, except: u16) -> Window {
    Window { name: text(name, name_len), hours, days, except }
}

const fn calendar(
    name: u32,
    name_len: u32,
    complete_from_day: i32,
    complete_until_day: i32,
    days: u32,
    days_end: u32,
    utc_offset_minutes: i16,
) -> Calendar {
    Calendar {
        name: text(name, name_len),
        complete_from_day,
        complete_until_day,
        days: rows(days, days_end),
        utc_offset_minutes,
    }
}

const fn facts(
    counts: [u64; 3],
    reasoning: Option<bool>,
    open_weights: Option<bool>,
    texts: [(u32, u32); 15],
) -> ModelFacts {
    ModelFacts {
        mode: piece(texts[0]),
        context_window: counts[0],
        max_input_tokens: counts[1],
        max_output_tokens: counts[2],
        reasoning,
        tokenizer: piece(texts[1]),
        tokenizer_basis: piece(texts[2]),
        modalities_in: piece(texts[3]),
        modalities_out: piece(texts[4]),
        endpoints: piece(texts[5]),
        features: piece(texts[6]),
        features_not_supported: piece(texts[7]),
        snapshots: piece(texts[8]),
        released: piece(texts[9]),
        knowledge_cutoff: piece(texts[10]),
        retired: piece(texts[11]),
        status: piece(texts[12]),
        open_weights,
        source: piece(texts[13]),
        disagreements: piece(texts[14]),
    }
}

const fn statement(texts: [(u32, u32); 6]) -> Statement {
    Statement {
        fact: piece(texts[0]),
        value: piece(texts[1]),
        unit: piece(texts[2]),
        state: piece(texts[3]),
        source: piece(texts[4]),
        note: piece(texts[5]),
    }
}

const fn rate_limit(
    model: u32,
    model_len: u32,
    tier: u32,
    tier_len: u32,
    supported: bool,
    counts: [u64; 3],
    source: u32,
    source_len: u32,
    seen_day: i32,
) -> RateLimit {
    RateLimit {
        model: text(model, model_len),
        tier: text(tier, tier_len),
        supported,
        requests_per_minute: counts[0],
        tokens_per_minute: counts[1],
        batch_queue_tokens: counts[2],
        source: text(source, source_len),
        seen_day,
    }
}
