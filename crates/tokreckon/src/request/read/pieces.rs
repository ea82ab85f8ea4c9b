//! Reads the pieces of a message's content, in the spellings of all endpoints.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{kind_of, object, text};
use crate::request::body::{Image, Piece, Source};

/// The pieces of a content: a text, a list of parts, or nothing.
pub(super) fn content(value: Option<&Value>) -> Vec<Piece<'_>> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![Piece::Text(text)],
        Some(Value::Array(parts)) => parts.iter().map(part).collect(),
        Some(Value::Object(one)) => vec![object_part(one)],
        Some(other) => vec![Piece::Other(Cow::Borrowed(kind_of(other)))],
    }
}

/// One part.
pub(super) fn part(value: &Value) -> Piece<'_> {
    match value {
        Value::String(text) => Piece::Text(text),
        Value::Object(part) => object_part(part),
        other => Piece::Other(Cow::Borrowed(kind_of(other))),
    }
}

fn object_part(part: &Map<String, Value>) -> Piece<'_> {
    let Some(kind) = text(part, "type") else {
        return match text(part, "text") {
            Some(text) => Piece::Text(text),
            None => Piece::Other(Cow::Borrowed("a part without a type")),
        };
    };
    match kind {
        "text" | "input_text" | "output_text" => match text(part, "text") {
            Some(text) => Piece::Text(text),
            None => Piece::Other(Cow::Borrowed("a text part without text")),
        },
        "refusal" => Piece::Text(text(part, "refusal").unwrap_or_default()),
        "image_url" | "input_image" | "image" => image(part),
        "input_audio" | "audio" => Piece::Media("audio"),
        "file" | "input_file" | "document" => Piece::Media("file"),
        "video" | "video_url" | "input_video" => Piece::Media("video"),
        other => Piece::Other(Cow::Owned(format!("a part of type `{other}`"))),
    }
}

/// `image_url: {url, detail}`, `image_url: "…"`, `file_id` or Anthropic's `source`.
fn image(part: &Map<String, Value>) -> Piece<'_> {
    let nested = object(part, "image_url");
    let detail = nested.and_then(|image| text(image, "detail")).or_else(|| text(part, "detail"));
    let place = nested.and_then(|image| text(image, "url")).or_else(|| text(part, "image_url"));
    let source = match (place, object(part, "source")) {
        (Some(place), _) => source(place),
        (None, Some(origin)) => text(origin, "data").map_or(Source::Elsewhere, Source::Base64),
        (None, None) => Source::Elsewhere,
    };
    Piece::Image(Image { source, low: detail == Some("low"), given: None })
}

/// A data URL holds its image; any other points to it.
fn source(place: &str) -> Source<'_> {
    match place.get(..5) {
        Some(start) if start.eq_ignore_ascii_case("data:") => Source::Base64(place),
        _ => Source::Elsewhere,
    }
}
