//! Prices of a table on their way into price files: each gets one fate, and is counted there.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;
use tokreckon_data::schema::{Place, UnitPrice};
use tokreckon_data::words::{Comparison, Meter, Noun, ServiceTier, State};

use super::amount::{Amount, NotAnAmount};
use super::hours::Hours;
use super::text::amount_text;
use super::{Conflict, ImportOptions, LeftOut, Repair, Source, Why, names};
use crate::words::steers;

/// Largest threshold of a price tier that is believed.
const MAX_THRESHOLD: u64 = 1_000_000_000;

/// The unit in which a table writes an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Token,
    ThousandTokens,
    MillionTokens,
    Request,
    ThousandRequests,
    Image,
    Second,
    Hour,
    Character,
    MillionCharacters,
    CentPerToken,
    CentPerRequest,
}

impl Unit {
    /// Places to move the point, and our unit.
    const fn ours(self) -> (i32, Noun, u64) {
        match self {
            Self::Token => (6, Noun::Tokens, 1_000_000),
            Self::ThousandTokens => (3, Noun::Tokens, 1_000_000),
            Self::MillionTokens => (0, Noun::Tokens, 1_000_000),
            Self::CentPerToken => (4, Noun::Tokens, 1_000_000),
            Self::Request => (0, Noun::Requests, 1),
            Self::CentPerRequest => (-2, Noun::Requests, 1),
            Self::ThousandRequests => (0, Noun::Requests, 1_000),
            Self::Image => (0, Noun::Images, 1),
            Self::Second => (0, Noun::Seconds, 1),
            Self::Hour => (0, Noun::Hours, 1),
            Self::Character => (0, Noun::Characters, 1),
            Self::MillionCharacters => (0, Noun::Characters, 1_000_000),
        }
    }
}

/// Days `[from, until)`; `None` for an end that the table does not give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) from: Option<i32>,
    pub(super) until: Option<i32>,
}

impl Span {
    /// True when it lasts at least from the start to the end of another.
    pub(super) fn covers(self, other: Self) -> bool {
        self.from.is_none_or(|from| other.from.is_some_and(|start| from <= start))
            && self.until.is_none_or(|until| other.until.is_some_and(|end| end <= until))
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        let before = |left: Self, right: Self| {
            left.until.is_some_and(|until| right.from.is_some_and(|from| until <= from))
        };
        !before(self, other) && !before(other, self)
    }
}

/// Whose price: a model of a table.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) provider: String,
    pub(super) model: String,
    /// The id as the table has it.
    pub(super) label: String,
    pub(super) variant: String,
    pub(super) service_tier: ServiceTier,
    /// The id says that it costs nothing.
    pub(super) free: bool,
    /// It has no output that could be billed.
    pub(super) embedding: bool,
}

/// What an amount is the price of.
#[derive(Clone, Debug)]
pub(super) struct Meant {
    pub(super) meter: Meter,
    pub(super) unit: Unit,
    pub(super) service_tier: ServiceTier,
    /// Replaces that of the id when it is not empty.
    pub(super) variant: String,
    pub(super) above: Option<(u64, Comparison)>,
    /// Hours, and whether it holds outside of them.
    pub(super) hours: Option<(Hours, bool)>,
    pub(super) span: Span,
}

impl Meant {
    /// A price without conditions.
    pub(super) const fn plain(meter: Meter, unit: Unit) -> Self {
        Self {
            meter,
            unit,
            service_tier: ServiceTier::Standard,
            variant: String::new(),
            above: None,
            hours: None,
            span: Span { from: None, until: None },
        }
    }
}

/// Under which conditions a price holds, but for its period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Conditions {
    pub(super) service_tier: ServiceTier,
    pub(super) variant: String,
    pub(super) hours: Option<(Hours, bool)>,
    pub(super) above: Option<(u64, Comparison)>,
}

/// One price with the place it was read from.
#[derive(Clone)]
pub(super) struct Cell {
    pub(super) span: Span,
    pub(super) unit: UnitPrice,
    pub(super) field: String,
    pub(super) shown: String,
    pub(super) also_seen: String,
    /// Taken over from below the price tier.
    pub(super) filled: bool,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) id: String,
    pub(super) cells: BTreeMap<(Conditions, Meter), Vec<Cell>>,
}

#[derive(Default)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) models: BTreeMap<String, Model>,
    pub(super) aliases: BTreeMap<String, (String, String)>,
}

/// Everything read so far.
pub(super) struct Collector<'o> {
    pub(super) source: Source,
    pub(super) options: &'o ImportOptions<'o>,
    pub(super) drafts: BTreeMap<String, Draft>,
    pub(super) found: u64,
    pub(super) repeated: u64,
    pub(super) not_asked: u64,
    pub(super) repairs: Vec<Repair>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) patterns: Vec<LeftOut>,
}

impl<'o> Collector<'o> {
    pub(super) fn new(source: Source, options: &'o ImportOptions<'o>) -> Self {
        Self {
            source,
            options,
            drafts: BTreeMap::new(),
            found: 0,
            repeated: 0,
            not_asked: 0,
            repairs: Vec::new(),
            left_out: Vec::new(),
            conflicts: Vec::new(),
            patterns: Vec::new(),
        }
    }

    /// The model that a provider and an id of the table mean. Ids without a name, or with a
    /// condition that cannot be said, give a place where nothing can be written.
    pub(super) fn place(&mut self, provider: &str, label: &str) -> Result<At, (At, Why)> {
        let ours = names::provider(provider);
        let named = names::model(self.source, ours.as_deref().unwrap_or(""), label);
        let usable = !named.id.is_empty()
            && named.id.len() <= 500
            && named.id.trim() == named.id
            && !named.id.contains(steers);
        let has_name = ours.is_some() && usable;
        let at = At {
            provider: ours.unwrap_or_default(),
            free: names::says_free(&named.id),
            model: named.id,
            label: shortened(label),
            variant: named.variant,
            service_tier: named.service_tier,
            embedding: false,
        };
        match (has_name, named.unsayable) {
            (false, _) => Err((at, Why::NoName)),
            (true, true) => Err((at, Why::Condition)),
            (true, false) => Ok(at),
        }
    }

    /// The name of a provider for people.
    pub(super) fn named(&mut self, provider: &str, name: &str) {
        let ours = names::provider(provider);
        let usable = !name.is_empty() && !name.contains(steers) && name.trim() == name;
        if let Some(ours) = ours.filter(|_| usable) {
            let draft = self.drafts.entry(ours).or_default();
            if draft.name.is_empty() {
                name.clone_into(&mut draft.name);
            }
        }
    }

    /// Adds a price, or lists why not. A null is no price.
    pub(super) fn add(&mut self, at: &At, field: &str, value: &Value, meant: Meant) {
        if value.is_null() {
            return;
        }
        if !self.is_asked(at) {
            self.found += 1;
            self.not_asked += 1;
            return;
        }
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_owned(),
            _ => return self.leave(at, field, value, Why::NotANumber),
        };
        let written = match Amount::parse(&text) {
            Ok(amount) => amount,
            Err(NotAnAmount::Negative) => return self.leave(at, field, value, Why::Negative),
            Err(NotAnAmount::NotANumber) => return self.leave(at, field, value, Why::NotANumber),
        };
        let amount = written.repaired().unwrap_or(written);
        let (shift, noun, per) = meant.unit.ours();
        let unit = if written.is_zero() {
            let state = match meant.meter {
                Meter::Output if at.embedding => State::NotOffered,
                _ if at.free || self.options.zero_is_free => State::Free,
                _ => return self.leave(at, field, value, Why::Zero),
            };
            (state, 0, 0)
        } else {
            let Some((mantissa, scale)) = amount.shifted(shift).mantissa() else {
                return self.leave(at, field, value, Why::TooLong);
            };
            (State::Priced, mantissa, scale)
        };
        let (state, mantissa, scale) = unit;
        let price = UnitPrice {
            place: Place::default(),
            meter: meant.meter,
            state,
            mantissa,
            scale,
            noun,
            per,
        };
        if meant.above.is_some_and(|(tokens, _)| !(1..=MAX_THRESHOLD).contains(&tokens))
            || meant.span.from.zip(meant.span.until).is_some_and(|(from, until)| until <= from)
        {
            return self.leave(at, field, value, Why::Condition);
        }
        self.found += 1;
        if written.repaired().is_some() {
            self.repairs.push(Repair {
                provider: at.provider.clone(),
                model: at.label.clone(),
                field: field.to_owned(),
                from: text.clone(),
                to: amount.to_string(),
            });
        }
        self.put(at, field, text, price, meant);
    }

    /// Puts a price beside the others of its model: new, the same again, or a contradiction.
    fn put(&mut self, at: &At, field: &str, shown: String, unit: UnitPrice, meant: Meant) {
        let span = self.dated(meant.span);
        let draft = self.drafts.entry(at.provider.clone()).or_default();
        let model = draft.models.entry(at.model.to_lowercase()).or_default();
        if model.id.is_empty() {
            model.id.clone_from(&at.model);
        }
        let service_tier = match meant.service_tier {
            ServiceTier::Standard => at.service_tier,
            other => other,
        };
        let variant = if meant.variant.is_empty() { at.variant.clone() } else { meant.variant };
        let conditions =
            Conditions { service_tier, variant, hours: meant.hours, above: meant.above };
        let cells = model.cells.entry((conditions, meant.meter)).or_default();
        let same = |cell: &Cell| cell.span.covers(span) && cell.unit == unit;
        if cells.iter().any(same) {
            self.repeated += 1;
        } else if let Some(kept) = cells.iter_mut().find(|cell| cell.span.overlaps(span)) {
            // In the unit of the file, as every `also-seen` is read.
            let also = if kept.also_seen.is_empty() { "" } else { "; " };
            let _ = write!(kept.also_seen, "{also}{} ({})", amount_text(&unit), shortened(field));
            self.conflicts.push(Conflict {
                provider: at.provider.clone(),
                model: at.label.clone(),
                kept_field: kept.field.clone(),
                kept: kept.shown.clone(),
                field: field.to_owned(),
                value: shown,
            });
        } else {
            let other_id = if at.label == model.id { "" } else { at.label.as_str() };
            let field = format!("{other_id} {field}").trim_start().to_owned();
            cells.push(Cell { span, unit, field, shown, also_seen: String::new(), filled: false });
        }
    }

    /// A span with the start that the caller gives for prices without one.
    fn dated(&self, span: Span) -> Span {
        let since =
            self.options.since_day.filter(|since| span.until.is_none_or(|end| *since < end));
        Span { from: span.from.or(since), ..span }
    }

    fn is_asked(&self, at: &At) -> bool {
        self.options.providers.is_empty() || self.options.providers.contains(&at.provider)
    }

    /// Lists every number in a value as left out; one entry when there is none.
    pub(super) fn leave(&mut self, at: &At, field: &str, value: &Value, why: Why) {
        let mut inner: Vec<(String, &Value)> = match value {
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (format!("{field}.{key}"), value)).collect()
            }
            Value::Array(items) => items.iter().map(|value| (field.to_owned(), value)).collect(),
            _ => Vec::new(),
        };
        inner.retain(|(_, value)| holds_a_number(value));
        if !inner.is_empty() {
            for (field, value) in inner {
                self.leave(at, &field, value, why);
            }
            return;
        }
        self.found += 1;
        if !self.is_asked(at) {
            self.not_asked += 1;
            return;
        }
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.left_out.push(LeftOut {
            provider: at.provider.clone(),
            model: at.label.clone(),
            field: field.to_owned(),
            value: shortened(&value),
            why,
        });
    }

    /// Another id of a model.
    pub(super) fn alias(&mut self, at: &At, id: &str) {
        let named = names::model(self.source, &at.provider, id);
        let good = !named.id.is_empty() && named.id.trim() == named.id && named.id.len() <= 500;
        let plain = named.variant == at.variant && named.service_tier == at.service_tier;
        if !good || !plain || named.id.contains(steers) {
            return self.pattern(at, id);
        }
        if self.is_asked(at) && !named.id.eq_ignore_ascii_case(&at.model) {
            let draft = self.drafts.entry(at.provider.clone()).or_default();
            let key = named.id.to_lowercase();
            draft.aliases.entry(key).or_insert((named.id, at.model.clone()));
        }
    }

    /// Ids that a pattern of the table means.
    pub(super) fn pattern(&mut self, at: &At, pattern: &str) {
        if self.is_asked(at) {
            self.patterns.push(LeftOut {
                provider: at.provider.clone(),
                model: at.label.clone(),
                field: "match".to_owned(),
                value: shortened(pattern),
                why: Why::Pattern,
            });
        }
    }
}

fn holds_a_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(holds_a_number),
        Value::Object(fields) => fields.values().any(holds_a_number),
        _ => false,
    }
}

/// Text for one line of a file: at most 200 characters, and nothing that steers.
pub(super) fn shortened(text: &str) -> String {
    let plain = |c: char| if steers(c) { '\u{fffd}' } else { c };
    let short: String = text.chars().take(200).map(plain).collect();
    short.trim().to_owned()
}
