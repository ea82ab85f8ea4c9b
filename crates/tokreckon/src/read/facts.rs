//! What a response says about its price besides its counts: service tier, region, searches, costs.

use std::borrow::Cow;

use crate::json::Value;

use super::names;
use super::object::{Object, amount, amount_of, count_of, inner, inner_count, text};
use super::spelling::not_a_word;
use super::spelling_of::is_of_pydantic;
use super::unread::{Unread, says_nothing};
use super::{Options, Problem, cell};
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::price::ServiceTier;
use crate::usage::Totals;

const A_TIER: &str = "a service tier such as `default` or `flex`";

/// The service tier that a response was served in; Anthropic's fast mode is one, `speed` in the usage.
pub(super) fn service_tier<'v>(
    usage: &Object<'v>,
    response: &Object<'v>,
    options: &Options<'_>,
) -> Result<ServiceTier, Problem> {
    if usage.first_text(&names::SPEED) == Some("fast") {
        return Ok(ServiceTier::Fast);
    }
    if let Some(traffic) = usage.first_text(&names::TRAFFIC) {
        return traffic_type(traffic).ok_or_else(|| not_a_word("trafficType", traffic, A_TIER));
    }
    let named = |object: &Object<'v>| {
        object.of(&names::TIERS).find_map(|(_, value)| match value {
            Value::String(tier) if !tier.is_empty() => Some(*tier),
            Value::Object(tier) => text(tier, "type"),
            _ => None,
        })
    };
    match named(usage).or_else(|| named(response)) {
        None | Some("auto") => Ok(options.service_tier.unwrap_or(ServiceTier::Standard)),
        Some(tier) => tier_of(tier).ok_or_else(|| not_a_word("service_tier", tier, A_TIER)),
    }
}

/// A tier in the words of OpenAI, where `fast` is what was `priority`, of Anthropic, Google and AWS.
pub(super) fn tier_of(word: &str) -> Option<ServiceTier> {
    match word.to_ascii_lowercase().as_str() {
        "fast" => Some(ServiceTier::Priority),
        "reserved" | "provisioned" => Some(ServiceTier::Scale),
        // Anthropic's answer to a request that asked for its priority tier.
        "standard_only" => Some(ServiceTier::Standard),
        lower => cell::service_tier(lower),
    }
}

/// The tier of Google's `trafficType`.
fn traffic_type(word: &str) -> Option<ServiceTier> {
    match word {
        "ON_DEMAND" | "TRAFFIC_TYPE_UNSPECIFIED" => Some(ServiceTier::Standard),
        "ON_DEMAND_FLEX" => Some(ServiceTier::Flex),
        "ON_DEMAND_PRIORITY" => Some(ServiceTier::Priority),
        "PROVISIONED_THROUGHPUT" => Some(ServiceTier::Scale),
        _ => None,
    }
}

/// The region that Anthropic says it thought in, as a variant of the price; empty for any.
pub(super) fn geo(usage: &Object) -> Option<Cow<'static, str>> {
    let variant = cell::region(usage.first_text(&names::GEO)?);
    (!variant.is_empty()).then_some(Cow::Owned(variant))
}

/// Names what makes an answer of Bedrock's dearer and has no price in any table: optimised latency.
pub(super) fn latency(response: &Object, line: &Object, unread: &mut Unread) {
    let is_optimized = |object: &Object| {
        let config = inner(object, &["performanceConfig"]);
        config.and_then(|config| text(config, "latency")) == Some("optimized")
    };
    if is_optimized(response) || is_optimized(line) {
        unread.add(&["performanceConfig", "latency"]);
    }
}

/// Who a response is of by its form alone: Ollama's and Replicate's are, and pydantic-ai names whom it asked.
pub(super) fn seller<'v>(response: &Object<'v>, usage: &Object) -> Option<&'v str> {
    if usage.has(&names::OLLAMA) {
        return Some("ollama");
    }
    if usage.has(&names::REPLICATE) && response.has(&names::METRICS) {
        return Some("replicate");
    }
    let name = text(response, "provider_name").filter(|_| is_of_pydantic(response));
    name.map(cell::provider)
}

/// How much context a search brought, as a variant of the price: `search=low`. Perplexity charges a
/// request by it.
pub(super) fn search_size(usage: &Object) -> Option<Cow<'static, str>> {
    let size = usage.first_text(&names::SEARCH_SIZE)?;
    (!size.is_empty()).then(|| Cow::Owned(format!("search={}", size.to_ascii_lowercase())))
}

/// One request, or a sum of several where the source says how many, or may be one: a line of a day that
/// names no request.
pub(super) fn shape(
    totals: &Totals,
    response: &Object,
    line: &Object,
    is_of_day: bool,
) -> Result<Shape, Problem> {
    if response.first_text(&names::KIND) == Some("batch") {
        let requests = inner_count(inner(response, &["request_counts"]), "completed")?;
        return Ok(Shape::Sum { requests });
    }
    let mut requests = totals.requests;
    for object in both(response, line) {
        if requests.is_none() {
            requests = calls(object)?.map(|(_, calls)| calls);
        }
    }
    Ok(match requests {
        Some(requests) if requests > 1 => Shape::Sum { requests: Some(requests) },
        None if is_of_day || is_total(response) => Shape::Sum { requests: None },
        _ => Shape::Request,
    })
}

/// How many calls an object says that it adds up, and under which name.
pub(super) fn calls<'v>(object: &Object<'v>) -> Result<Option<(&'v str, u64)>, Problem> {
    for (name, value) in object.of(&names::SUMS).filter(|(_, value)| value.is_number()) {
        if let Some(calls) = count_of(name, value)? {
            return Ok(Some((name, calls)));
        }
    }
    Ok(None)
}

/// True for totals that are not those of one of Google's interactions: of a run, a session, a day.
fn is_total(response: &Object) -> bool {
    let of = response.first_object(&names::USAGE).unwrap_or(response);
    of.has(&names::INTERACTIONS) && response.first_text(&names::KIND) != Some("interaction")
}

/// OpenRouter's `cost` (dollars), xAI's `cost_in_usd_ticks` (1e-10 dollars), the dollars that AIMLAPI
/// writes beside the usage, or the cost that a line of an own log states.
pub(super) fn reported(
    usage: &Object,
    response: &Object,
    line: &Object,
) -> Result<Option<Money>, Problem> {
    let first_amount = |object: &Object, list| {
        object.of(list).next().map_or(Ok(None), |(name, value)| amount_of(name, value))
    };
    let ticks = first_amount(usage, &names::TICKS)?.and_then(|ticks| ticks.shifted(10).ok());
    let spent = response.first_object(&names::META).and_then(|meta| inner(meta, &["usage"]));
    let spent = spent.map_or(Ok(None), |spent| amount(spent, "usd_spent"))?;
    // Perplexity writes the parts of the cost and their sum; others a total.
    let cost = match usage.first_object(&names::COST) {
        Some(parts) => sum(parts)?,
        None => first_amount(usage, &names::COST)?,
    };
    let mut found = upstream_cost(usage)?.or(cost).or(ticks).or(spent);
    for object in both(response, line) {
        if found.is_none() {
            found = stated_cost(object)?;
        }
    }
    Ok(found.map(|amount| Money { amount, currency: Currency::USD }))
}

/// The cost that a line states, in dollars.
pub(super) fn stated_cost(object: &Object) -> Result<Option<Exact>, Problem> {
    for (name, cost) in object.of(&names::COSTS) {
        if (cost.is_number() || cost.is_string())
            && let Some(amount) = amount_of(name, cost)?
        {
            return Ok(Some(amount));
        }
    }
    Ok(None)
}

/// A response and the line around it, which are mostly one object.
fn both<'a, 'v>(
    response: &'a Object<'v>,
    line: &'a Object<'v>,
) -> impl Iterator<Item = &'a Object<'v>> {
    let around = (!std::ptr::eq(response, line)).then_some(line);
    std::iter::once(response).chain(around)
}

fn sum(parts: &Object) -> Result<Option<Exact>, Problem> {
    Ok(amount(parts, "total_cost")?.or(amount(parts, "total")?))
}

/// Names what a response was billed for besides its tokens, as far as its own figures show it.
///
/// # Errors
/// When one of these is no amount.
pub(super) fn fees(usage: &Object, totals: &Totals, unread: &mut Unread) -> Result<(), Problem> {
    let searches = totals.web_searches.unwrap_or(0);
    let tools = inner(usage, &["server_tool_use_details", "server_tool_use"]);
    if inner_count(tools, "tool_calls_executed")?.unwrap_or(0) > searches {
        unread.add(&["usage", "server_tool_use_details", "tool_calls_executed"]);
    }
    let Some(details) = inner(usage, &["cost_details"]).filter(|_| !is_on_own_key(usage)) else {
        return Ok(());
    };
    // OpenRouter tells what prompt and answer cost: what it took besides is a fee, such as for a file.
    let parts = [
        ["upstream_inference_prompt_cost", "upstream_inference_completions_cost"],
        ["upstream_inference_input_cost", "upstream_inference_output_cost"],
    ];
    for [one, other] in parts {
        let (one, other) = (amount(details, one)?, amount(details, other)?);
        let (Some(one), Some(other), Some(cost)) = (one, other, amount_in(usage)?) else {
            continue;
        };
        let fee = one.plus(other).and_then(|tokens| cost.minus(tokens));
        let is_fee = fee.and_then(|fee| fee.times_count(1_000)).is_ok_and(|fee| fee > cost);
        if is_fee && searches == 0 {
            unread.add(&["usage", "cost (more than that of its tokens)"]);
        }
    }
    Ok(())
}

fn amount_in(usage: &Object) -> Result<Option<Exact>, Problem> {
    usage.of(&names::COST).next().map_or(Ok(None), |(name, value)| match value {
        Value::Object(_) => Ok(None),
        value => amount_of(name, value),
    })
}

/// True for a request that ran on an own key of the user: OpenRouter only passed it on.
pub(super) fn is_on_own_key(usage: &Object) -> bool {
    usage.first(&names::OWN_KEY) == Some(&Value::Bool(true))
}

/// What the upstream charged the own key of the user.
fn upstream_cost(usage: &Object) -> Result<Option<Exact>, Problem> {
    if !is_on_own_key(usage) {
        return Ok(None);
    }
    let details = inner(usage, &["cost_details"]);
    details.map_or(Ok(None), |details| amount(details, "upstream_inference_cost"))
}

fn in_container(item: &Value) -> bool {
    item.get("environment").and_then(|place| place.get("container_id")).is_some()
}

/// Adds what a response did besides writing: searches are counted, other tools that have a price of
/// their own are named.
pub(super) fn tools(response: &Object, model: &str, totals: &mut Totals, unread: &mut Unread) {
    let (mut searches, mut file_searches) = (0_u64, 0_u64);
    for item in response.first(&names::OUTPUT).and_then(Value::as_array).into_iter().flatten() {
        match item.get("type").and_then(Value::as_str).unwrap_or("") {
            // OpenAI charges searches; pages that are opened or looked through are not.
            "web_search_call" => {
                let action = item.get("action").and_then(|action| action.get("type"));
                let action = action.and_then(Value::as_str).unwrap_or("search");
                searches += u64::from(action == "search");
            }
            "file_search_call" => file_searches += 1,
            // A session may have begun with an earlier response: it is not known here what it costs.
            kind @ ("code_interpreter_call" | "image_generation_call") => {
                unread.add(&["output", kind]);
            }
            // A shell at the provider runs in a container; one of the user's own has none.
            "shell_call" if in_container(item) => unread.add(&["output", "shell_call"]),
            _ => {}
        }
    }
    // Up to Gemini 2.5 a grounded prompt is charged, since Gemini 3 each query.
    let by_prompt = ["gemini-1", "gemini-2"].iter().any(|old| model.contains(old));
    let grounded = |queries: u64| if by_prompt { queries.min(1) } else { queries };
    let mut queries = 0_u64;
    for step in response.first(&names::STEPS).and_then(Value::as_array).into_iter().flatten() {
        match step.get("type").and_then(Value::as_str).unwrap_or("") {
            "google_search_call" => {
                let asked = step.get("arguments").and_then(|arguments| arguments.get("queries"));
                queries += asked.and_then(Value::as_array).map_or(1, |asked| asked.len() as u64);
            }
            kind @ ("google_maps_call" | "file_search_call") => unread.add(&["steps", kind]),
            _ => {}
        }
    }
    searches += grounded(queries);
    for candidate in
        response.first(&names::CANDIDATES).and_then(Value::as_array).into_iter().flatten()
    {
        let Some(grounding) = candidate.get("groundingMetadata").and_then(Value::as_object) else {
            continue;
        };
        let queries = grounding.get("webSearchQueries").and_then(Value::as_array);
        let queries = queries.map_or(0, |queries| {
            queries.iter().filter(|query| !says_nothing(query)).count() as u64
        });
        searches += grounded(queries);
        for other in ["imageSearchQueries", "googleMapsWidgetContextToken"] {
            if grounding.get(other).is_some_and(|value| !says_nothing(value)) {
                unread.add(&["groundingMetadata", other]);
            }
        }
    }
    // The images endpoint tells no kinds of output apart: all that it makes is images.
    let item = response.first(&names::DATA).and_then(|data| data.as_array()?.first()?.as_object());
    let is_image =
        item.is_some_and(|item| item.contains_key("b64_json") || item.contains_key("url"));
    if is_image && totals.output_image.is_none() && totals.reasoning.is_none() {
        totals.output_image = totals.output;
    }
    for (found, counted) in
        [(searches, &mut totals.web_searches), (file_searches, &mut totals.file_searches)]
    {
        if found > 0 && counted.is_none_or(|counted| counted == 0) {
            *counted = Some(found);
        }
    }
}
