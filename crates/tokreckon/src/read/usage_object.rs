//! Usage objects of every provider, bare or inside of a response, a batch line or a log line.
//!
//! | form | cached | cache write | reasoning |
//! |---|---|---|---|
//! | OpenAI chat and Responses, Azure, DeepSeek, OpenRouter | inside input | inside input | inside output |
//! | xAI chat | inside input | – | beside output when the total says so |
//! | Anthropic Messages, Bedrock Converse | beside input | beside input | inside output |
//! | Gemini `usageMetadata` | inside prompt | – | beside candidates |
//!
//! Images without a count of tokens are counted themselves; OpenRouter's upstream is a variant.
//! A row is a request. `created`, `created_at` and `createTime` give the instant. The provider is
//! never inferred from the form, which many share, but for OpenRouter's own responses. A response id
//! seen twice is a duplicate.

use serde_json::Value;

use super::object::{Object, amount, count, inner, inner_count, period, text};
use super::table::Each;
use super::upstream::Seller;
use super::{Item, Note, Options, Problem, Skip, cell, images, pair, shortened, upstream};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::price::ServiceTier;
use crate::record::{Evidence, Record, Repeats};
use crate::usage::{Layout, Totals};

/// True for an object that is a response, a line of a batch, or a bare usage.
pub(super) fn is_response(object: &Object) -> bool {
    ["usage", "usageMetadata", "response", "custom_id"].iter().any(|key| object.contains_key(*key))
        || is_usage(object)
        || pair::response(object).is_some()
        || object.get("response_body").or(object.get("responseBody")).is_some()
}

fn is_usage(object: &Object) -> bool {
    let keys =
        ["prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens", "totalTokenCount"];
    keys.iter().any(|key| object.contains_key(*key))
}

/// Hands the usage of a response to `each`.
pub(super) fn read(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    if let Some(parsed) = pair::parsed(object) {
        return read_parsed(&parsed, line, options, each);
    }
    read_parsed(object, line, options, each)
}

fn read_parsed(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let (response, answer, is_batch) = match unwrap(object)? {
        Inner::Response { response, answer, is_batch } => (response, answer, is_batch),
        Inner::Failed => {
            each(Item::Skipped { line, why: Skip::Failed });
            return Ok(());
        }
    };
    let usage = match response.get("usage").or_else(|| response.get("usageMetadata")) {
        Some(Value::Object(usage)) => usage,
        Some(Value::Null) => {
            return Err(Problem::NoUsageReported { detail: String::new() });
        }
        _ if is_usage(response) => response,
        _ => return Err(Problem::NoUsage),
    };
    let totals = totals(usage, response)?;
    let request = pair::request(object);
    let Seller { provider, variant } = upstream::seller(object, response, usage, options.provider);
    let counted = images::counted(&totals, response, request);
    if counted.is_some() && request.is_none() {
        each(Item::Note(Note::ImagesWithoutRequests));
    }
    let (totals, variant) = counted.unwrap_or((totals, variant));
    let model = ["model", "modelVersion", "model_version"]
        .iter()
        .find_map(|key| text(response, key))
        .or_else(|| pair::model(object, request))
        .unwrap_or("");
    let service_tier =
        if is_batch { ServiceTier::Batch } else { service_tier(usage, response, options)? };
    let times = ["created", "created_at", "createTime", "timestamp"];
    let is_chunk = usage.contains_key("totalTokenCount") && request.is_none();
    each(Item::Record(&Record {
        line,
        provider,
        model,
        period: period(response, &times).or_else(|| period(object, &times)),
        shape: shape(response)?,
        service_tier: Known::Is(service_tier),
        variant: match &variant {
            Known::Is(variant) => Known::Is(variant),
            Known::Unknown => Known::Unknown,
        },
        totals: Some(totals),
        reported: reported(usage, response)?,
        id: ["id", "responseId"].iter().find_map(|key| text(response, key)).unwrap_or(""),
        // Gemini's stream repeats the counts of the whole response in every chunk, and each holds a
        // piece of the answer. What stands beside its request is whole.
        repeats: if is_chunk { Repeats::Growing } else { Repeats::SameId },
        evidence: if is_chunk {
            Evidence::NONE
        } else {
            Evidence { request, response: Some(answer), ..Evidence::NONE }
        },
        ..Record::EMPTY
    }));
    Ok(())
}

/// The service tier; Anthropic's fast mode is one, `speed` in the usage.
pub(super) fn service_tier(
    usage: &Object,
    response: &Object,
    options: &Options<'_>,
) -> Result<ServiceTier, Problem> {
    let fast = text(usage, "speed").filter(|speed| *speed == "fast");
    let tier = fast.or_else(|| text(usage, "service_tier"));
    match tier.or_else(|| text(response, "service_tier")) {
        None | Some("auto") => Ok(options.service_tier.unwrap_or(ServiceTier::Standard)),
        Some(tier) => cell::service_tier(tier).ok_or_else(|| Problem::NotAWord {
            column: "service_tier".to_owned(),
            value: shortened(tier.as_bytes()),
            expected: "a service tier such as `default` or `flex`",
        }),
    }
}

/// One request, or all of a batch in OpenAI's batch object.
fn shape(response: &Object) -> Result<Shape, Problem> {
    if text(response, "object") != Some("batch") {
        return Ok(Shape::Request);
    }
    let requests = inner_count(inner(response, &["request_counts"]), "completed")?;
    Ok(Shape::Sum { requests })
}

enum Inner<'v> {
    /// The object with the usage, and the one with the answer; mostly the same.
    Response {
        response: &'v Object,
        answer: &'v Object,
        is_batch: bool,
    },
    Failed,
}

/// The response inside of a batch line, a log line or a stream event, and whether it was a batch.
fn unwrap(object: &Object) -> Result<Inner<'_>, Problem> {
    let is_batch = object.contains_key("custom_id") || text(object, "object") == Some("batch");
    if let Some(result) = inner(object, &["result"]) {
        // A line of Anthropic's message batches.
        return Ok(match inner(result, &["message"]) {
            Some(response) => Inner::Response { response, answer: response, is_batch: true },
            None => Inner::Failed,
        });
    }
    let Some(value) = pair::response(object) else {
        return Ok(Inner::Response { response: object, answer: object, is_batch });
    };
    // A line of a log with the usage beside what came back.
    let beside = object.get("usage").is_some_and(Value::is_object);
    let failed = |detail: String| Problem::NoUsageReported { detail };
    let Some(outer) = value.as_object() else {
        if beside {
            return Ok(Inner::Response { response: object, answer: object, is_batch });
        }
        if is_batch && object.get("error").is_some_and(Value::is_object) {
            return Ok(Inner::Failed);
        }
        let message = inner(object, &["error"]).and_then(|error| text(error, "message"));
        return Err(failed(
            message.map_or(String::new(), |m| format!(": {}", shortened(m.as_bytes()))),
        ));
    };
    let status = outer.get("status_code").and_then(Value::as_u64);
    match outer.get("body") {
        _ if beside && !outer.contains_key("usage") => {
            Ok(Inner::Response { response: object, answer: outer, is_batch })
        }
        Some(Value::Object(body)) if !body.contains_key("usage") => {
            if status.is_some_and(|status| status >= 400) {
                return Ok(Inner::Failed);
            }
            Err(failed(status.map_or(String::new(), |status| format!(": status {status}"))))
        }
        Some(Value::Object(body)) => Ok(Inner::Response { response: body, answer: body, is_batch }),
        _ => Ok(Inner::Response { response: outer, answer: outer, is_batch }),
    }
}

fn totals(usage: &Object, response: &Object) -> Result<Totals, Problem> {
    if usage.contains_key("promptTokenCount") || usage.contains_key("totalTokenCount") {
        return gemini(usage);
    }
    if usage.contains_key("inputTokens") {
        return bedrock(usage);
    }
    if let Some(billed) = inner(usage, &["billed_units"]) {
        // Cohere: the tokens that are billed; its own templates add more that are not.
        let (input, output) = (count(billed, "input_tokens")?, count(billed, "output_tokens")?);
        return Ok(Totals { input, output, ..Totals::default() });
    }
    let anthropic = response.get("type").and_then(Value::as_str) == Some("message")
        || usage.contains_key("cache_creation_input_tokens")
        || usage.contains_key("cache_read_input_tokens");
    if anthropic && usage.contains_key("input_tokens") {
        anthropic_messages(usage)
    } else {
        openai(usage)
    }
}

fn openai(usage: &Object) -> Result<Totals, Problem> {
    let either =
        |left: &str, right: &str| Ok::<_, Problem>(count(usage, left)?.or(count(usage, right)?));
    let input_details =
        inner(usage, &["prompt_tokens_details", "input_tokens_details", "input_token_details"]);
    let output_details = inner(
        usage,
        &["completion_tokens_details", "output_tokens_details", "output_token_details"],
    );
    let cached_details =
        input_details.and_then(|object| object.get("cached_tokens_details")?.as_object());
    // OpenRouter's spelling, then xAI's.
    let searches = inner_count(inner(usage, &["server_tool_use_details"]), "web_search_requests")?;
    let calls = inner(usage, &["server_side_tool_usage_details"]);
    let searches = searches.or(inner_count(calls, "web_search_calls")?);
    let totals = Totals {
        layout: Layout::INSIDE,
        input: either("prompt_tokens", "input_tokens")?,
        cache_read: inner_count(input_details, "cached_tokens")?
            .or(count(usage, "prompt_cache_hit_tokens")?),
        cache_write: inner_count(input_details, "cache_write_tokens")?,
        input_audio: inner_count(input_details, "audio_tokens")?,
        cache_read_audio: inner_count(cached_details, "audio_tokens")?,
        input_image: inner_count(input_details, "image_tokens")?,
        cache_read_image: inner_count(cached_details, "image_tokens")?,
        output: either("completion_tokens", "output_tokens")?,
        reasoning: inner_count(output_details, "reasoning_tokens")?
            .or(count(usage, "reasoning_tokens")?),
        output_audio: inner_count(output_details, "audio_tokens")?,
        output_image: inner_count(output_details, "image_tokens")?,
        total: count(usage, "total_tokens")?,
        web_searches: searches,
        ..Totals::default()
    };
    // xAI counts reasoning beside the completion: its own total decides.
    Ok(totals.placed_by_total())
}

pub(super) fn anthropic_messages(usage: &Object) -> Result<Totals, Problem> {
    let split = inner(usage, &["cache_creation"]);
    let part = |key: &str| inner_count(split, key);
    let (five, hour) = (part("ephemeral_5m_input_tokens")?, part("ephemeral_1h_input_tokens")?);
    let written = count(usage, "cache_creation_input_tokens")?;
    // The total is the sum of its parts: take the parts where they are given.
    let unsplit = if five.is_some() || hour.is_some() { None } else { written };
    let parts = five.unwrap_or(0).saturating_add(hour.unwrap_or(0));
    if let (Some(written), true) = (written, unsplit.is_none())
        && written != parts
    {
        return Err(Problem::Disagree {
            left: format!("cache_creation_input_tokens {written}"),
            right: format!("its 5 minute and 1 hour parts {parts}"),
        });
    }
    let tools = inner(usage, &["server_tool_use"]);
    Ok(Totals {
        layout: Layout::ANTHROPIC,
        input: count(usage, "input_tokens")?,
        cache_read: count(usage, "cache_read_input_tokens")?,
        cache_write: unsplit,
        cache_write_5m: five,
        cache_write_1h: hour,
        output: count(usage, "output_tokens")?,
        reasoning: inner_count(inner(usage, &["output_tokens_details"]), "thinking_tokens")?,
        web_searches: inner_count(tools, "web_search_requests")?,
        ..Totals::default()
    })
}

fn bedrock(usage: &Object) -> Result<Totals, Problem> {
    Ok(Totals {
        layout: Layout::ANTHROPIC,
        input: count(usage, "inputTokens")?,
        cache_read: count(usage, "cacheReadInputTokens")?,
        cache_write: count(usage, "cacheWriteInputTokens")?,
        output: count(usage, "outputTokens")?,
        total: count(usage, "totalTokens")?,
        ..Totals::default()
    })
}

fn gemini(usage: &Object) -> Result<Totals, Problem> {
    let modal = |key: &str, modality: &str| -> Result<Option<u64>, Problem> {
        let Some(Value::Array(parts)) = usage.get(key) else {
            return Ok(None);
        };
        let same = parts
            .iter()
            .filter_map(Value::as_object)
            .find(|part| text(part, "modality") == Some(modality));
        same.map_or(Ok(None), |part| count(part, "tokenCount"))
    };
    let prompt = count(usage, "promptTokenCount")?;
    let tools = count(usage, "toolUsePromptTokenCount")?;
    let output = count(usage, "candidatesTokenCount")?.or(count(usage, "responseTokenCount")?);
    Ok(Totals {
        layout: Layout::GEMINI,
        // Results of built-in tools are prompt tokens beside the prompt count.
        input: prompt.map(|prompt| prompt.saturating_add(tools.unwrap_or(0))),
        // A field that is absent was zero when serialised: proto3 leaves zeros out.
        cache_read: Some(count(usage, "cachedContentTokenCount")?.unwrap_or(0)),
        input_audio: modal("promptTokensDetails", "AUDIO")?,
        cache_read_audio: modal("cacheTokensDetails", "AUDIO")?,
        input_image: modal("promptTokensDetails", "IMAGE")?,
        cache_read_image: modal("cacheTokensDetails", "IMAGE")?,
        input_video: modal("promptTokensDetails", "VIDEO")?,
        output: Some(output.unwrap_or(0)),
        reasoning: Some(count(usage, "thoughtsTokenCount")?.unwrap_or(0)),
        output_audio: modal("candidatesTokensDetails", "AUDIO")?,
        output_image: modal("candidatesTokensDetails", "IMAGE")?,
        total: count(usage, "totalTokenCount")?,
        ..Totals::default()
    })
}

/// OpenRouter's `cost` (dollars), xAI's `cost_in_usd_ticks` (1e-10 dollars), and the dollars that
/// AIMLAPI writes beside the usage.
fn reported(usage: &Object, response: &Object) -> Result<Option<Money>, Problem> {
    let ticks = amount(usage, "cost_in_usd_ticks")?.and_then(|ticks| ticks.shifted(10).ok());
    let spent = inner(response, &["meta"]).and_then(|meta| inner(meta, &["usage"]));
    let spent = spent.map_or(Ok(None), |spent| amount(spent, "usd_spent"))?;
    // Perplexity writes the parts of the cost and their sum.
    let cost = match inner(usage, &["cost"]) {
        Some(parts) => amount(parts, "total_cost")?,
        None => amount(usage, "cost")?,
    };
    let amount = cost.or(ticks).or(spent);
    Ok(amount.map(|amount| Money { amount, currency: Currency::USD }))
}
