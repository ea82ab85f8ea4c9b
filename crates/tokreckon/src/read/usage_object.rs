//! Responses of every provider with their usage, bare or inside of a batch line or a log line.
//!
//! How counts are spelled, and what includes what, says [`spellings`](super::spellings); where a
//! response stands in its line, [`envelope`](super::envelope). Images without a count of tokens are
//! counted themselves; OpenRouter's upstream is a variant. A row is a request unless it says how many
//! it adds up. The provider is never inferred from the form, which many share, but for OpenRouter's own
//! responses. A response id seen twice is a duplicate; chunks of a stream with one id grow.

use bumpalo::Bump;

use crate::json::Value;

use super::envelope::{self, Inner};
use super::iterations;
use super::names;
use super::object::{Object, first_time, inner, period};
use super::pieces::is_piece;
use super::spelling::Scope;
use super::spelling_of::{is_usage, spelling};
use super::spellings::OF_ANTHROPIC;
use super::table::Each;
use super::unread::Unread;
use super::upstream::Seller;
use super::{Item, Note, Options, Problem, Reject, Skip, facts, images, pair, upstream};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::price::ServiceTier;
use crate::record::{Evidence, Record, Repeats};
use crate::time::Period;
use crate::usage::Totals;

/// Hands the usage of a response to `each`.
pub(super) fn read(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let models = envelope::by_model(object);
    if !models.is_empty() {
        return read_models(object, &models, line, options, each);
    }
    let answers = envelope::answers(object);
    if answers.len() > 1 && !envelope::counts_itself(object) {
        return read_answers(object, &answers, line, options, each);
    }
    let (response, answer, batch) = match envelope::unwrap(object)? {
        Inner::Response { response, answer, batch } => (response, answer, batch),
        Inner::Failed => {
            each(Item::Skipped { line, why: Skip::Failed });
            return Ok(());
        }
    };
    // All pieces of a stream in one line are whole.
    let is_chunk =
        is_chunk(response) && pair::response(object).is_none_or(|value| value.as_array().is_none());
    let usage = match envelope::usage(response) {
        // The chunks before the last one count nothing yet.
        Err(_) if is_chunk && !ends_without_usage(response) || is_piece(object) => {
            each(Item::Skipped { line, why: Skip::NotUsage });
            return Ok(());
        }
        usage => usage?,
    };
    let request = pair::request(object);
    let model = model(response, object).or_else(|| pair::model(object, request)).unwrap_or("");
    let mut unread = Unread::default();
    let mut totals = totals(usage, response, model, &mut unread)?;
    besides(object, response, usage, &mut unread);
    facts::latency(response, object, &mut unread);
    facts::tools(response, model, &mut totals, &mut unread);
    facts::fees(usage, &totals, &mut unread)?;
    let named = batch.filter(|batch| !batch.is_empty()).or(facts::seller(response, usage));
    let given = options.provider_or(named.unwrap_or(""));
    let Seller { provider, variant } = upstream::seller(object, response, usage, given);
    let counted = images::counted(&totals, response, request);
    if counted.is_some() && request.is_none() {
        each(Item::Note(Note::ImagesWithoutRequests));
    }
    if facts::is_on_own_key(usage) {
        each(Item::Note(Note::OwnKeys));
    }
    let is_empty = totals.counts().iter().all(Option::is_none) && counted.is_none();
    if is_empty && unread.is_empty() && is_piece(object) {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    }
    if is_empty && unread.is_empty() {
        return Err(Problem::NoUsageReported { detail: String::new() });
    }
    let (mut totals, mut variant) = counted.unwrap_or((totals, variant));
    if let Some(said) = facts::geo(usage).or_else(|| facts::search_size(usage)) {
        variant = Known::Is(said);
    }
    let (requests, asides) = iterations::split(usage, model, &mut totals, &mut unread)?;
    let period = time(response, object)?;
    let id = response.first_text(&names::IDS).unwrap_or("");
    let is_of_day = id.is_empty() && request.is_none() && period.is_some_and(Period::may_be_a_day);
    let shape = match facts::shape(&totals, response, object, is_of_day)? {
        Shape::Request if requests > 1 => Shape::Sum { requests: Some(requests) },
        shape => shape,
    };
    let service_tier = if batch.is_some() {
        ServiceTier::Batch
    } else {
        facts::service_tier(usage, response, options)?
    };
    let grows = is_chunk && request.is_none();
    let record = Record {
        line,
        provider,
        model,
        period,
        shape,
        service_tier: Known::Is(service_tier),
        variant: match &variant {
            Known::Is(variant) => Known::Is(variant),
            Known::Unknown => Known::Unknown,
        },
        totals: Some(totals),
        reported: facts::reported(usage, response, object)?,
        id,
        // Gemini's stream repeats the counts of the whole response in every chunk, and each holds a
        // piece of the answer. What stands beside its request is whole.
        repeats: if grows { Repeats::Growing } else { Repeats::SameId },
        unread: unread.as_str(),
        evidence: if grows {
            Evidence::NONE
        } else {
            Evidence { request, response: Some(answer), ..Evidence::NONE }
        },
        ..Record::EMPTY
    };
    hand_over(&record, &asides, each);
    Ok(())
}

/// Hands over each of several answers to one line. What the line says of all of them together is said of
/// none: what they cost is a record of its own, and how many calls they were must be how many there are.
fn read_answers(
    object: &Object,
    answers: &[&[Value]],
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let Some((name, _)) = object.of(&names::RESPONSE).next() else { return Err(Problem::NoUsage) };
    let cost = facts::stated_cost(object)?;
    let calls = facts::calls(object)?;
    let room = Bump::new();
    let of_all =
        |name: &str| [&names::COSTS, &names::SUMS].iter().any(|list| list.names.contains(&name));
    let others = object.iter().filter(|(name, _)| !of_all(name));
    let line_of_one = Object::of_members(others.map(|(name, value)| (name, *value)), &room)?;
    for answer in answers {
        let one = line_of_one.with(name, Value::Array(answer), &room);
        if let Err(problem) = read(&one, line, options, each) {
            each(Item::Reject(Reject { line, problem }));
        }
    }
    let mut pieces = answers.iter().copied().flatten().filter_map(Value::as_object);
    let id = pieces.find_map(|piece| piece.first_text(&names::IDS));
    let id = id.map_or(String::new(), |id| format!("{id}/cost"));
    if let Some(amount) = cost {
        each(Item::Record(&Record {
            line,
            provider: options.provider,
            model: pair::model(object, pair::request(object)).unwrap_or(""),
            period: first_time(object.of(&names::TIMES))?,
            shape: Shape::Sum { requests: Some(answers.len() as u64) },
            reported: Some(Money { amount, currency: Currency::USD }),
            id: &id,
            ..Record::EMPTY
        }));
    }
    match calls.filter(|(_, calls)| *calls != answers.len() as u64) {
        Some((name, calls)) => Err(Problem::Disagree {
            left: format!("{name} {calls}"),
            right: format!("{} answers", answers.len()),
        }),
        None => Ok(()),
    }
}

/// Hands over the sums of several requests, by model.
fn read_models(
    object: &Object,
    models: &[(&str, &Object)],
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let period = first_time(object.of(&names::TIMES))?;
    let states_cost = |usage: &Object| !matches!(facts::reported(usage, usage, usage), Ok(None));
    // What the line says beside what models say is their sum.
    let is_said = models.iter().any(|(_, usage)| states_cost(usage));
    let cost = if is_said { None } else { facts::stated_cost(object)? };
    let cost = cost.map(|amount| Money { amount, currency: Currency::USD });
    let (of_one, of_all) = if models.len() == 1 { (cost, None) } else { (None, cost) };
    for (model, usage) in models {
        let mut unread = Unread::default();
        let counts = spelling(usage, object, model);
        let read = counts.read(usage, Scope::Usage, &names::KNOWN, &mut unread);
        match read.and_then(|totals| Ok((totals, facts::reported(usage, usage, usage)?))) {
            Ok((totals, reported)) => each(Item::Record(&Record {
                line,
                provider: options.provider,
                model,
                period,
                shape: Shape::Sum { requests: totals.requests },
                totals: Some(totals),
                reported: reported.or(of_one),
                unread: unread.as_str(),
                ..Record::EMPTY
            })),
            Err(problem) => each(Item::Reject(Reject { line, problem })),
        }
    }
    if of_all.is_some() {
        each(Item::Record(&Record {
            line,
            provider: options.provider,
            period,
            shape: Shape::Sum { requests: None },
            reported: of_all,
            ..Record::EMPTY
        }));
    }
    Ok(())
}

/// Hands over a record, and what its response ran at other models' prices.
pub(super) fn hand_over(record: &Record<'_>, asides: &[iterations::Aside<'_>], each: Each<'_>) {
    each(Item::Record(record));
    for aside in asides {
        let id = match record.id {
            "" => String::new(),
            id => format!("{id}/{}", aside.place),
        };
        each(Item::Record(&Record {
            model: aside.model,
            totals: Some(aside.totals),
            shape: Shape::Request,
            reported: None,
            id: &id,
            evidence: Evidence::NONE,
            ..*record
        }));
    }
}

/// The time of a response, else of the line around it; HTTP's own date is better than none.
fn time(response: &Object, line: &Object) -> Result<Option<Period>, Problem> {
    // The AI SDK says it in the response beside the usage.
    let beside = inner(line, &["response"]);
    for object in [response].into_iter().chain(beside).chain([line]) {
        if let Some(found) = first_time(object.of(&names::TIMES))? {
            return Ok(Some(found));
        }
    }
    let headers = inner(response, &["ResponseMetadata", "$metadata"])
        .and_then(|metadata| inner(metadata, &["HTTPHeaders", "httpHeaders"]));
    headers.map_or(Ok(None), |headers| period(headers, &["date"]))
}

fn model<'v>(response: &'v Object<'v>, line: &'v Object<'v>) -> Option<&'v str> {
    let named = |object: &'v Object<'v>| object.first_text(&names::MODELS);
    named(response)
        .or_else(|| named(inner(response, &["response_metadata"])?))
        .or_else(|| named(inner(line, &["response"])?))
        .or_else(|| named(line))
}

/// True for the chunk after which no usage comes: the one that ends an answer in a stream without
/// usage. In one with usage every chunk has the member, as null until the last one; Azure sends a
/// first chunk without choices.
fn ends_without_usage(response: &Object) -> bool {
    let choices = response.get("choices").and_then(Value::as_array);
    let ends = |choice: &Value| choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
    !response.contains_key("usage") && choices.is_some_and(|choices| choices.iter().any(ends))
}

/// A piece of a stream with the counts so far.
fn is_chunk(response: &Object) -> bool {
    // Perplexity's last piece is a `done` with the counts once more.
    let kind = response.first_text(&names::KIND);
    matches!(kind, Some("chat.completion.chunk" | "chat.completion.done"))
        || response
            .first(&names::USAGE_METADATA)
            .is_some_and(|usage| usage.get("totalTokenCount").is_some())
        || response.has(&names::TOTAL_COUNT)
}

/// The counts of a usage in the spelling that it is in.
fn totals(
    usage: &Object,
    response: &Object,
    model: &str,
    unread: &mut Unread,
) -> Result<Totals, Problem> {
    let scope = if std::ptr::eq(usage, response) { Scope::Line } else { Scope::Usage };
    let spelling = spelling(usage, response, model);
    spelling.read(usage, scope, &names::KNOWN, unread)
}

/// Names what stands beside the usage and may count, too.
fn besides(object: &Object, response: &Object, usage: &Object, unread: &mut Unread) {
    if !std::ptr::eq(usage, response) {
        unread.beside(response);
    }
    if !std::ptr::eq(object, response) && !std::ptr::eq(object, usage) {
        unread.beside(object);
    }
}

/// The counts of an Anthropic usage.
pub(super) fn anthropic_messages(usage: &Object, unread: &mut Unread) -> Result<Totals, Problem> {
    OF_ANTHROPIC.read(usage, Scope::Usage, &[], unread)
}

/// True for an object that is a response, a line of a batch, or a bare usage.
pub(super) fn is_response(object: &Object) -> bool {
    is_usage(object) || envelope::is_response(object)
}
