//! Every format of named columns, in the order in which they are looked for: names for `--from`,
//! recognition, meaning and readers come from here, and only from here.

use crate::json::Value;

use super::deepseek;
use super::formats::{
    AIMLAPI, ANTHROPIC_COST, ANTHROPIC_USAGE, AWS_CUR, AZURE_COST, CURSOR, DEEPSEEK_COST,
    DEEPSEEK_USAGE, FOCUS, GITHUB_USAGE, GOOGLE_BILLING, HELICONE, LANGFUSE, LITELLM, NEW_API,
    ONE_API, OPENAI_ACTIVITY, OPENAI_COST, OPENAI_USAGE, OPENROUTER, OPENROUTER_ACTIVITY, PLAIN,
    PLAIN_COST, PORTKEY, plain, plain_cost,
};
use super::header::{Header, Sign};
use super::object::Object;
use super::reader::SchemaReader;
use super::schema::Schema;
use super::table::RowReader;
use super::{Format, Options, ReadError};

/// In the order of recognition: what has fewer names of its own comes later.
static SCHEMAS: [&Schema; 24] = [
    &OPENAI_COST,
    &OPENAI_USAGE,
    &OPENAI_ACTIVITY,
    &ANTHROPIC_USAGE,
    &ANTHROPIC_COST,
    &OPENROUTER_ACTIVITY,
    &OPENROUTER,
    &DEEPSEEK_COST,
    &DEEPSEEK_USAGE,
    &CURSOR,
    &GITHUB_USAGE,
    &LITELLM,
    &ONE_API,
    &NEW_API,
    &AIMLAPI,
    &PORTKEY,
    &AWS_CUR,
    &GOOGLE_BILLING,
    &FOCUS,
    &AZURE_COST,
    &LANGFUSE,
    &HELICONE,
    &PLAIN,
    &PLAIN_COST,
];

/// The schema of a format; `None` for logs that have no rows of named columns.
pub(super) fn schema(format: Format) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.format == format).copied()
}

/// The reader of rows of a format.
///
/// # Errors
/// When a column that the format needs is not there.
pub(super) fn reader(
    format: Format,
    header: &mut Header,
    options: &Options<'_>,
) -> Result<Box<dyn RowReader>, ReadError> {
    Ok(match format {
        Format::DeepSeekUsage => Box::new(deepseek::UsageReader::new(header, options)?),
        format => {
            // A log that is named for a table is read by the usual names.
            let schema = schema(format).unwrap_or(&PLAIN);
            Box::new(SchemaReader::new(schema, header, options)?)
        }
    })
}

/// The format of a delimited file.
pub(super) fn of_header(header: &mut Header) -> Option<Format> {
    let shows = |schema: &&&Schema| schema.header.iter().any(|sign| header.shows(sign));
    let known = SCHEMAS.iter().find(shows).map(|schema| schema.format);
    known.or_else(|| plain::recognises(header).then_some(Format::Plain))
}

/// The format of a delimited file as the caller's options have it; `None` for a header of no format, or
/// one without the columns that are asked for.
pub(super) fn of_table(header: &mut Header, options: &Options<'_>) -> Option<Format> {
    if let Some(format) = options.format.or_else(|| options.mapped()) {
        return reader(format, header, options).is_ok().then_some(format);
    }
    let known = of_header(header);
    let is_bill = options.is_bill
        && known.is_none_or(|known| known == Format::Plain && !plain::has_costs(header))
        && plain_cost::recognises(header);
    if is_bill { Some(Format::PlainCost) } else { known }
}

/// The format of an object that is a row, by its keys and those of the object around it.
pub(super) fn of_object(object: &Object, around: Option<&Object>) -> Option<Format> {
    let kind = object.get("object").and_then(Value::as_str).unwrap_or("");
    let shows = |sign: &Sign| match *sign {
        Sign::All(names) => names.iter().all(|name| object.contains_key(name)),
        Sign::Kind(start) => kind.starts_with(start),
        Sign::Within(outer, names) => {
            around.is_some_and(|around| around.contains_key(outer))
                && names.iter().all(|name| object.contains_key(name))
        }
        Sign::Only(_) | Sign::Loose(_) => false,
    };
    let found = SCHEMAS.iter().find(|schema| schema.object.iter().any(shows));
    found.map(|schema| schema.format)
}

/// True when rows of the format keep what was said beside the counts.
pub(super) fn keeps_bodies(format: Format) -> bool {
    schema(format).is_some_and(|schema| schema.bodies)
}

/// True when each row of the format is read without looking at the others.
pub(super) fn rows_stand_alone(format: Format) -> bool {
    // DeepSeek's rows belong together.
    format != Format::DeepSeekUsage
}
