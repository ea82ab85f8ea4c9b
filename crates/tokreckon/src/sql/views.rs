//! The views: requests to rows with a card, rows to integer cells, cells to money.

use std::fmt::Write;

use super::{Dialect, Priced};
use crate::usage::Meter;

/// What a request may be counted in, as columns of the user's table.
fn counts() -> impl Iterator<Item = (Meter, String)> {
    let meters = Meter::ALL.iter().filter(|meter| **meter != Meter::OutputThinkingMode);
    meters.map(|&meter| (meter, meter.as_str().replace('-', "_")))
}

/// What `tokreckon_usage` must hold.
pub(super) fn usage_comment() -> String {
    let names: Vec<String> = counts().map(|(_, name)| name).collect();
    let mut lines = vec![String::from("--  ")];
    for name in &names {
        let line = lines.last_mut().expect("one line");
        if line.len() + name.len() > 96 {
            lines.push(format!("--   {name}"));
        } else {
            let _ = write!(line, " {name}");
        }
    }
    format!(
        "-- Prices one row a request. Make a table or view `tokreckon_usage` first, with the columns
--   label, provider, model, service_tier, variant: texts (`service_tier` NULL where nobody says)
--   at_second: Unix seconds in UTC, a 64-bit integer
-- and these counts, 64-bit integers that do not overlap, NULL where one is not reported:
{}
-- `cache_read` NULL says that nobody knows how much of `input` a cache served; `reasoning` NULL the
-- same of `output`: costs become a range where that changes a price. Elsewhere NULL counts as none.
-- Read `tokreckon_costs` (low, high, grade) and `tokreckon_not_charged` (why, how many).
",
        lines.join("\n")
    )
}

pub(super) fn views(dialect: Dialect, scale: u32) -> [(&'static str, String); 5] {
    [
        ("tokreckon_rows", rows(dialect)),
        ("tokreckon_cells", cells(dialect)),
        ("tokreckon_sums", sums(dialect)),
        ("tokreckon_costs", costs(dialect, scale)),
        ("tokreckon_not_charged", not_charged(dialect)),
    ]
}

/// The name of a provider as names are compared: in lower case, `_`, `.` and blanks as hyphens.
const FOLDED_PROVIDER: &str =
    "replace(replace(replace(lower(u.provider), '_', '-'), '.', '-'), ' ', '-')";

/// Each request with its card or why it has none.
fn rows(dialect: Dialect) -> String {
    let all: Vec<String> = counts().map(|(_, name)| name).collect();
    let counted = |name: &String| {
        let none_is_zero = format!("coalesce(u.{name}, 0)");
        format!("  {} AS n_{name}", dialect.as_count(&none_is_zero))
    };
    let counted: Vec<String> = all.iter().map(counted).collect();
    let negative: Vec<String> =
        all.iter().map(|name| format!("coalesce(u.{name}, 0) < 0")).collect();
    let nothing: Vec<String> = counts()
        .filter(|(meter, _)| !meter.is_prompt() || *meter == Meter::Input)
        .map(|(_, name)| format!("u.{name} IS NULL"))
        .collect();
    let prompt: Vec<String> = counts()
        .filter(|(meter, _)| meter.is_prompt())
        .map(|(_, name)| dialect.as_count(&format!("coalesce(u.{name}, 0)")))
        .collect();
    format!(
        "SELECT u.label AS label, u.provider AS provider, u.model AS model,
  {day} AS utc_day,
  CASE WHEN {negative} THEN 'impossible-usage'
    WHEN {nothing} THEN 'impossible-usage'
    WHEN u.at_second IS NULL THEN 'no-time'
    WHEN coalesce(u.provider, '') = '' THEN 'no-provider'
    WHEN coalesce(u.model, '') = '' THEN 'no-model'
    WHEN coalesce(p.provider, '') = '' THEN 'unknown-provider'
    WHEN coalesce(m.route, 0) = 0 THEN 'unknown-model'
    WHEN coalesce(v.route, 0) = 0 THEN 'no-such-variant'
    WHEN coalesce(a.route, 0) = 0 THEN 'no-such-service-tier'
    WHEN a.refusal <> '' THEN a.refusal
    ELSE '' END AS refusal,
  coalesce(a.card, 0) AS card,
  {prompt} AS prompt,
  CASE WHEN u.cache_read IS NULL THEN 1 ELSE 0 END AS cache_unsplit,
  CASE WHEN coalesce(u.reasoning, 0) > 0 THEN 1 WHEN u.reasoning IS NULL THEN 2 ELSE 0 END AS thought,
{counted}
FROM tokreckon_usage u
LEFT JOIN tokreckon_providers p ON p.name = {folded}
LEFT JOIN tokreckon_models m ON m.provider = p.provider AND m.model = lower(u.model)
LEFT JOIN (SELECT DISTINCT route, variant FROM tokreckon_answers) v
  ON v.route = m.route AND v.variant = coalesce(u.variant, '')
LEFT JOIN tokreckon_answers a ON a.route = m.route AND a.variant = coalesce(u.variant, '')
  AND a.service_tier = coalesce(u.service_tier, 'unknown')
  AND u.at_second >= a.from_second AND u.at_second < a.until_second",
        folded = FOLDED_PROVIDER,
        day = dialect.day(),
        negative = negative.join(" OR "),
        nothing = nothing.join(" AND "),
        prompt = prompt.join(" + "),
        counted = counted.join(",\n"),
    )
}

/// Integer sums of requests that are priced alike.
fn cells(dialect: Dialect) -> String {
    let sum = |priced: Priced| {
        let meter = priced.meter().as_str().replace('-', "_");
        let modal = "c.thinking_mode = 1";
        let when = match priced {
            Priced::Meter(Meter::Input) => "r.cache_unsplit = 0".to_owned(),
            Priced::InputUnsplit => "r.cache_unsplit = 1".to_owned(),
            Priced::Meter(Meter::Output) => format!("NOT ({modal} AND r.thought > 0)"),
            Priced::OutputThinking => format!("{modal} AND r.thought = 1"),
            Priced::OutputPerhapsThinking => format!("{modal} AND r.thought = 2"),
            Priced::Meter(_) => "1 = 1".to_owned(),
        };
        let zero = dialect.as_count("0");
        let sum = dialect.sum(&format!("CASE WHEN {when} THEN r.n_{meter} ELSE {zero} END"));
        format!("  {sum} AS q_{}", priced.name())
    };
    let sums: Vec<String> = Priced::all().map(sum).collect();
    format!(
        "SELECT r.label AS label, r.provider AS provider, r.model AS model, r.utc_day AS utc_day,
  r.card AS card, c.tier AS tier, c.currency AS currency, {records} AS q_records,
{sums}
FROM tokreckon_rows r
JOIN tokreckon_cards c ON c.card = r.card AND r.prompt >= c.min_prompt AND r.prompt <= c.max_prompt
WHERE r.refusal = ''
GROUP BY r.label, r.provider, r.model, r.utc_day, r.card, c.tier, c.currency",
        records = dialect.as_count("count(*)"),
        sums = sums.join(",\n"),
    )
}

/// Counts times prices, whole numbers both, per group.
fn sums(dialect: Dialect) -> String {
    let names = Priced::all().map(Priced::name).chain(["records".to_owned()]);
    let cases: Vec<String> = names.map(|name| format!("WHEN '{name}' THEN s.q_{name}")).collect();
    let zero = dialect.as_count("0");
    let product = |price: &str| dialect.as_count(&format!("q.quantity * p.{price}"));
    let cost = |price: &str| {
        let product = product(price);
        dialect.sum(&format!("CASE WHEN p.{price} IS NULL THEN {zero} ELSE {product} END"))
    };
    let is_counted = "q.meter <> 'records'";
    let prices = match dialect {
        // An outer join of ClickHouse fills in zeros, and a price of zero is a price.
        Dialect::ClickHouse => {
            "(SELECT card, tier, meter, toNullable(low) AS low, toNullable(high) AS high, assumed \
             FROM tokreckon_prices)"
        }
        _ => "tokreckon_prices",
    };
    format!(
        "SELECT q.label AS label, q.provider AS provider, q.model AS model, q.utc_day AS utc_day,
  q.currency AS currency,
  {records} AS records,
  {low} AS low_units,
  {high} AS high_units,
  max(CASE WHEN {is_counted} AND p.low IS NULL THEN 1 ELSE 0 END) AS unpriced,
  -- Where an engine answers NULL to what does not fit, sums would leave it out.
  max(CASE WHEN q.quantity IS NULL OR (p.high IS NOT NULL AND {highest} IS NULL) THEN 1 ELSE 0 END)
    AS too_large,
  max(CASE WHEN {is_counted} THEN coalesce(p.assumed, 0) ELSE 0 END) AS assumed
FROM (
  SELECT s.label AS label, s.provider AS provider, s.model AS model, s.utc_day AS utc_day,
    s.currency AS currency, s.card AS card, s.tier AS tier, t.meter AS meter,
    CASE t.meter {cases} END AS quantity
  FROM tokreckon_cells s CROSS JOIN tokreckon_meters t
) q
LEFT JOIN {prices} p ON p.card = q.card AND p.tier = q.tier AND p.meter = q.meter
WHERE q.quantity > 0 OR q.quantity IS NULL
GROUP BY q.label, q.provider, q.model, q.utc_day, q.currency",
        records = dialect.sum(&format!("CASE WHEN {is_counted} THEN {zero} ELSE q.quantity END")),
        low = cost("low"),
        high = cost("high"),
        highest = product("high"),
        cases = cases.join(" "),
    )
}

/// The sums as money, with their grade.
fn costs(dialect: Dialect, scale: u32) -> String {
    format!(
        "SELECT x.label AS label, x.provider AS provider, x.model AS model, x.utc_day AS utc_day,
  x.currency AS currency, x.records AS records,
  CASE WHEN {fits} THEN {low} END AS cost_low,
  CASE WHEN {fits} AND x.unpriced = 0 THEN {high} END AS cost_high,
  CASE WHEN x.unpriced = 1 OR NOT ({fits}) THEN 'unknown' WHEN x.low_units <> x.high_units THEN 'between'
    WHEN x.assumed = 1 THEN 'assumed' ELSE 'exact' END AS grade
FROM tokreckon_sums x",
        fits = "x.too_large = 0 AND x.low_units IS NOT NULL AND x.high_units IS NOT NULL",
        low = dialect.amount("x.low_units", scale),
        high = dialect.amount("x.high_units", scale),
    )
}

/// Requests without a cost, by reason.
fn not_charged(dialect: Dialect) -> String {
    format!(
        "SELECT r.label AS label, r.provider AS provider, r.model AS model, r.utc_day AS utc_day,
  r.refusal AS reason, {records} AS records
FROM tokreckon_rows r
WHERE r.refusal <> ''
GROUP BY r.label, r.provider, r.model, r.utc_day, r.refusal",
        records = dialect.as_count("count(*)"),
    )
}
