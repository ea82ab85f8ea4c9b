//! What logs and metrics of OpenTelemetry have in common (OTLP JSON): attributes, and who sent them.

use bumpalo::Bump;

use crate::json::Value;
use crate::read::object::{Object, inner, text};
use crate::read::{Problem, otel};

/// The objects of a list.
pub(super) fn list<'v>(
    object: &Object<'v>,
    name: &str,
) -> impl Iterator<Item = &'v Object<'v>> + use<'v> {
    object.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// The attributes by name; integers, which OTLP writes as text, as numbers.
///
/// # Errors
/// When a name stands twice.
pub(super) fn attributes<'v>(object: &Object<'v>, room: &'v Bump) -> Result<Object<'v>, Problem> {
    let attributes = list(object, "attributes").filter_map(|pair| {
        let value = inner(pair, &["value"])?.values().next()?;
        Some((text(pair, "key")?, otel::number(value)))
    });
    Ok(Object::of_members(attributes, room)?)
}

/// Attributes that together name a service, by the semantic conventions of OpenTelemetry.
const SERVICE: [&str; 3] = ["service.namespace", "service.name", "service.instance.id"];

/// Who sent what stands in an element of `resourceLogs`, `resourceMetrics` or `resourceSpans`: the
/// service, or all that is said of the resource where it names none.
///
/// # Errors
/// When the attributes of the resource cannot be read.
pub(in crate::read) fn sender(element: &Object) -> Result<String, Problem> {
    let room = Bump::new();
    let Some(resource) = inner(element, &["resource"]) else { return Ok(String::new()) };
    let attributes = attributes(resource, &room)?;
    if text(&attributes, "service.name").is_none() {
        return Ok(written(&attributes, ""));
    }
    let parts = SERVICE.map(|name| attributes.get(name).map_or(String::new(), Value::to_string));
    Ok(parts.join("\n"))
}

/// Attributes but for one, in an order of their own.
pub(super) fn written(attributes: &Object, without: &str) -> String {
    let others = attributes.iter().filter(|(name, _)| *name != without);
    let mut parts: Vec<String> = others.map(|(name, value)| format!("{name}={value}")).collect();
    parts.sort_unstable();
    parts.join("\n")
}
