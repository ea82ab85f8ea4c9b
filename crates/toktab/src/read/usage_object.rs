//! Usage objects of every provider, bare or inside of a response, a batch line or a log line.
//!
//! | form | cached | cache write | reasoning |
//! |---|---|---|---|
//! | OpenAI chat and Responses, Azure, DeepSeek, OpenRouter | inside input | inside input | inside output |
//! | xAI chat | inside input | – | beside output when the total says so |
//! | Anthropic Messages, Bedrock Converse | beside input | beside input | inside output |
//! | Gemini `usageMetadata` | inside prompt | – | beside candidates |
//!
//! A row is a request. `created`, `created_at` and `createTime` give the instant. The provider is
//! never inferred from the form, which many share. A response id seen twice is a duplicate.

use serde_json::{Map, Value};

use super::{Item, Options, Problem, Reject, cell, shortened};
use crate::book::Known;
use crate::money::{Currency, Money};
use crate::price::ServiceTier;
use crate::record::Record;
use crate::time::Period;
use crate::usage::{Layout, Place, Totals};

type Object = Map<String, Value>;

/// Hands every usage in a value to `each`.
pub(super) fn read(
    value: &Value,
    line: u64,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) {
    let list = match value {
        Value::Array(values) => Some(values),
        Value::Object(object) if !is_response(object) => match object.get("data") {
            Some(Value::Array(values)) => Some(values),
            _ => None,
        },
        _ => None,
    };
    if let Some(values) = list {
        for value in values {
            read(value, line, options, each);
        }
        return;
    }
    if let Err(problem) = read_one(value, line, options, each) {
        each(Item::Reject(Reject { line, problem }));
    }
}

fn is_response(object: &Object) -> bool {
    ["usage", "usageMetadata", "response"].iter().any(|key| object.contains_key(*key))
        || is_usage(object)
}

fn is_usage(object: &Object) -> bool {
    let keys =
        ["prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens", "totalTokenCount"];
    keys.iter().any(|key| object.contains_key(*key))
}

fn read_one(
    value: &Value,
    line: u64,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<(), Problem> {
    let object = value.as_object().ok_or(Problem::NoUsage)?;
    let (response, is_batch) = unwrap(object)?;
    let usage = match response.get("usage").or_else(|| response.get("usageMetadata")) {
        Some(Value::Object(usage)) => usage,
        Some(Value::Null) => {
            return Err(Problem::NoUsageReported { detail: String::new() });
        }
        _ if is_usage(response) => response,
        _ => return Err(Problem::NoUsage),
    };
    let totals = totals(usage, response)?;
    let model = ["model", "modelVersion", "model_version"]
        .iter()
        .find_map(|key| text(response, key))
        .unwrap_or("");
    let tier = text(usage, "service_tier").or_else(|| text(response, "service_tier"));
    let service_tier = match (is_batch, tier) {
        (true, _) => ServiceTier::Batch,
        (false, None | Some("auto")) => options.service_tier.unwrap_or(ServiceTier::Standard),
        (false, Some(tier)) => cell::service_tier(tier).ok_or_else(|| Problem::NotAWord {
            column: "service_tier".to_owned(),
            value: shortened(tier.as_bytes()),
            expected: "a service tier such as `default` or `flex`",
        })?,
    };
    each(Item::Record(Record {
        line,
        provider: text(object, "provider").unwrap_or(options.provider),
        model,
        period: period(response).or_else(|| period(object)),
        service_tier: Known::Is(service_tier),
        totals: Some(totals),
        reported: reported(usage)?,
        id: ["id", "responseId"].iter().find_map(|key| text(response, key)).unwrap_or(""),
        ..Record::EMPTY
    }));
    Ok(())
}

/// The response inside of a batch line, a log line or a stream event, and whether it was a batch.
fn unwrap(object: &Object) -> Result<(&Object, bool), Problem> {
    let Some(inner) = object.get("response") else {
        return Ok((object, false));
    };
    let is_batch = object.contains_key("custom_id");
    let failed = |detail: String| Problem::NoUsageReported { detail };
    let Some(inner) = inner.as_object() else {
        let message =
            object.get("error").and_then(Value::as_object).and_then(|error| text(error, "message"));
        return Err(failed(
            message.map_or(String::new(), |m| format!(": {}", shortened(m.as_bytes()))),
        ));
    };
    match inner.get("body") {
        Some(Value::Object(body)) if !body.contains_key("usage") => {
            let status =
                inner.get("status_code").map_or(String::new(), |code| format!(": status {code}"));
            Err(failed(status))
        }
        Some(Value::Object(body)) => Ok((body, is_batch)),
        _ => Ok((inner, is_batch)),
    }
}

fn totals(usage: &Object, response: &Object) -> Result<Totals, Problem> {
    if usage.contains_key("promptTokenCount") || usage.contains_key("totalTokenCount") {
        return gemini(usage);
    }
    if usage.contains_key("inputTokens") {
        return bedrock(usage);
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
        details(usage, &["prompt_tokens_details", "input_tokens_details", "input_token_details"]);
    let output_details = details(
        usage,
        &["completion_tokens_details", "output_tokens_details", "output_token_details"],
    );
    let inner =
        |details: Option<&Object>, key: &str| details.map_or(Ok(None), |object| count(object, key));
    let cached_details =
        input_details.and_then(|object| object.get("cached_tokens_details")?.as_object());
    let mut totals = Totals {
        layout: Layout::INSIDE,
        input: either("prompt_tokens", "input_tokens")?,
        cache_read: inner(input_details, "cached_tokens")?
            .or(count(usage, "prompt_cache_hit_tokens")?),
        cache_write: inner(input_details, "cache_write_tokens")?,
        input_audio: inner(input_details, "audio_tokens")?,
        cache_read_audio: inner(cached_details, "audio_tokens")?,
        input_image: inner(input_details, "image_tokens")?,
        cache_read_image: inner(cached_details, "image_tokens")?,
        output: either("completion_tokens", "output_tokens")?,
        reasoning: inner(output_details, "reasoning_tokens")?.or(count(usage, "reasoning_tokens")?),
        output_audio: inner(output_details, "audio_tokens")?,
        output_image: inner(output_details, "image_tokens")?,
        total: count(usage, "total_tokens")?,
        ..Totals::default()
    };
    // xAI counts reasoning beside the completion: its own total decides.
    let beside = Totals { layout: Layout { reasoning: Place::Beside, ..Layout::INSIDE }, ..totals };
    let total = totals.total.map(u128::from);
    if total.is_some() && total != totals.expected_total() && total == beside.expected_total() {
        totals = beside;
    }
    Ok(totals)
}

fn anthropic_messages(usage: &Object) -> Result<Totals, Problem> {
    let split = details(usage, &["cache_creation"]);
    let part = |key: &str| split.map_or(Ok(None), |object| count(object, key));
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
    let tools = details(usage, &["server_tool_use"]);
    Ok(Totals {
        layout: Layout::ANTHROPIC,
        input: count(usage, "input_tokens")?,
        cache_read: count(usage, "cache_read_input_tokens")?,
        cache_write: unsplit,
        cache_write_5m: five,
        cache_write_1h: hour,
        output: count(usage, "output_tokens")?,
        reasoning: details(usage, &["output_tokens_details"])
            .map_or(Ok(None), |d| count(d, "thinking_tokens"))?,
        web_searches: tools.map_or(Ok(None), |object| count(object, "web_search_requests"))?,
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

/// OpenRouter's `cost` (dollars) and xAI's `cost_in_usd_ticks` (1e-10 dollars).
fn reported(usage: &Object) -> Result<Option<Money>, Problem> {
    let number = |key: &str| match usage.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let written = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let wrong = || Problem::NotAnAmount {
                column: key.to_owned(),
                value: shortened(written.as_bytes()),
            };
            cell::amount(written.as_bytes()).map(Some).ok_or_else(wrong)
        }
    };
    let ticks = number("cost_in_usd_ticks")?.and_then(|ticks| ticks.shifted(10).ok());
    let amount = number("cost")?.or(ticks);
    Ok(amount.map(|amount| Money { amount, currency: Currency::USD }))
}

fn period(object: &Object) -> Option<Period> {
    ["created", "created_at", "createTime", "timestamp"].iter().find_map(|key| {
        match object.get(*key)? {
            Value::Number(number) => cell::time(number.to_string().as_bytes()),
            Value::String(text) => cell::time(text.as_bytes()),
            _ => None,
        }
    })
}

fn details<'v>(object: &'v Object, keys: &[&str]) -> Option<&'v Object> {
    keys.iter().find_map(|key| object.get(*key)?.as_object())
}

fn text<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

fn count(object: &Object, key: &str) -> Result<Option<u64>, Problem> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let written = value.to_string();
            let wrong = || Problem::NotACount {
                column: key.to_owned(),
                value: shortened(written.as_bytes()),
            };
            let is_number = value.is_number();
            cell::count(written.as_bytes()).filter(|_| is_number).map(Some).ok_or_else(wrong)
        }
    }
}
