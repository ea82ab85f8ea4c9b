//! How a usage object is read: a table of its members, each with what it counts.
//!
//! A [`Spelling`] is the way in which one family of sources writes counts. Its table names every
//! member that was seen there: those that count, and those that do not change a price, with the
//! reason. A member that is in no table and may count something is [`Unread`]. Two members of one
//! meaning must agree, and one that is zero yields to the other: gateways write both spellings of a count
//! and fill only one.

use crate::json::Value;

use super::object::{self, Object, text};
use super::unread::{Unread, says_nothing};
use super::{Problem, shortened};
use crate::usage::{Layout, Place, Totals};

/// A member of a usage object, by name.
pub(super) type Member = (&'static str, To);

/// What a member is.
#[derive(Clone, Copy)]
pub(super) enum To {
    /// A count.
    Count(Field),
    /// A count that is added to others of the same field.
    Plus(Field),
    /// An object with members of its own.
    In(&'static [Member]),
    /// A count, or an object with members of its own.
    Either(Field, &'static [Member]),
    /// Gemini's list of `{modality, tokenCount}`, with what each modality is.
    Modalities(&'static [Member]),
    /// Bedrock's list of `{ttl, inputTokens}`: cache writes by lifetime.
    Lifetimes,
    /// It changes no price, for this reason.
    Not(&'static str),
}

/// A count of [`Totals`], or one that is worked into them afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Input,
    CacheRead,
    CacheWrite,
    CacheWrite5m,
    CacheWrite1h,
    InputAudio,
    CacheReadAudio,
    InputImage,
    CacheReadImage,
    InputVideo,
    /// Cached video tokens: inside of the cache reads and of the video input.
    CacheReadVideo,
    Output,
    Reasoning,
    OutputAudio,
    OutputImage,
    Citations,
    Total,
    Requests,
    WebSearches,
    AudioSeconds,
    Characters,
    FileSearches,
    SearchUnits,
}

impl Field {
    /// What it counts, in words.
    const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cached",
            Self::CacheWrite => "cache writes",
            Self::CacheWrite5m => "cache writes for 5 minutes",
            Self::CacheWrite1h => "cache writes for 1 hour",
            Self::InputAudio => "audio input",
            Self::CacheReadAudio => "cached audio",
            Self::InputImage => "image input",
            Self::CacheReadImage => "cached images",
            Self::InputVideo => "video input",
            Self::CacheReadVideo => "cached video",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::OutputAudio => "audio output",
            Self::OutputImage => "image output",
            Self::Citations => "citations",
            Self::Total => "total, to check the others",
            Self::Requests => "requests",
            Self::WebSearches => "web searches",
            Self::AudioSeconds => "seconds of audio",
            Self::Characters => "characters",
            Self::FileSearches => "file searches",
            Self::SearchUnits => "search units",
        }
    }
}

/// Whether cached tokens lie inside of the input, and reasoning inside of the output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Placing {
    /// The sources of this spelling agree.
    Fixed(Layout),
    /// They agree but for reasoning, which the total places.
    ReasoningByTotal,
    /// They should agree that everything lies inside. Where cached tokens are more than the input,
    /// they lie beside it.
    InsideWhereItFits,
    /// Each object says by its numbers: a part larger than its whole lies beside it, and so does one
    /// that the total holds besides.
    ByNumbers,
    /// The same, but the total leaves cached tokens out in either case.
    ByParts,
}

/// The way in which a family of sources writes counts.
pub(super) struct Spelling {
    pub(super) placing: Placing,
    pub(super) members: &'static [Member],
    /// Counts that are zero where they are absent, for a source that leaves zeros out.
    pub(super) zeros: &'static [Field],
}

/// Whether every number of an object counts something, or only those whose name says so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// It is a usage.
    Usage,
    /// It is a line that holds counts among other things.
    Line,
}

/// Members of usages everywhere that change no price.
pub(super) const ANYWHERE: [Member; 14] = [
    ("queue_time", To::Not("how long it waited")),
    ("prompt_time", To::Not("how long it took")),
    ("completion_time", To::Not("how long it took")),
    ("total_time", To::Not("how long it took")),
    ("latency_ms", To::Not("how long it took")),
    ("latencyMs", To::Not("how long it took")),
    ("duration_ms", To::Not("how long it took")),
    ("time_to_first_token", To::Not("how long it took")),
    ("latency_checkpoint", To::Not("how long it took")),
    ("tokens_per_second", To::Not("how fast it was")),
    ("object", To::Not("a word")),
    ("timestamp", To::Not("a time")),
    ("created", To::Not("a time")),
    ("context_window", To::Not("a limit")),
];

/// What is not read where a source adds up more tokens than it tells apart.
pub(super) const MORE_THAN_ITS_PARTS: &str = "total (more than its parts)";

impl Spelling {
    /// The counts of an object. `known` are members that the caller reads itself.
    ///
    /// # Errors
    /// When a count is none, or two members of one meaning disagree.
    pub(super) fn read(
        &self,
        usage: &Object,
        scope: Scope,
        known: &[&str],
        unread: &mut Unread,
    ) -> Result<Totals, Problem> {
        let mut counts = Counts::default();
        let place = if scope == Scope::Usage { "usage" } else { "" };
        let steps = Steps { before: None, name: place };
        for (name, value, to) in usage.through(self.members) {
            if let Some(to) = to {
                counts.take(name, *to, value, &steps, unread)?;
            } else if known.contains(&name) || ANYWHERE.iter().any(|(known, _)| *known == name) {
            } else if scope == Scope::Usage {
                unread.in_usage(&[place, name], value);
            } else {
                unread.elsewhere("", name, value);
            }
        }
        counts.settle()?;
        for field in self.zeros {
            counts.slot(*field).get_or_insert(0);
        }
        let totals = self.place(&counts.totals, unread);
        // Where reasoning lies some sources decide later, by this very total.
        let layout = Layout { reasoning: Place::Beside, ..totals.layout };
        let most = Totals { layout, ..totals }.expected_total();
        if scope == Scope::Usage && most.is_some() && totals.total.map(u128::from) > most {
            unread.add(&[place, MORE_THAN_ITS_PARTS]);
        }
        Ok(totals)
    }

    fn place(&self, totals: &Totals, unread: &mut Unread) -> Totals {
        match self.placing {
            Placing::Fixed(layout) => Totals { layout, ..*totals },
            Placing::ReasoningByTotal => {
                Totals { layout: Layout::INSIDE, ..*totals }.placed_by_total()
            }
            Placing::InsideWhereItFits => {
                let mut sure = Unread::default();
                place_by_numbers(totals, None, &mut sure)
            }
            Placing::ByNumbers => place_by_numbers(totals, totals.total, unread),
            Placing::ByParts => place_by_numbers(totals, None, unread),
        }
    }
}

/// What becomes of a column or a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Use {
    /// It is read as this.
    Read(&'static str),
    /// It changes no price, for this reason.
    Irrelevant(&'static str),
}

/// What becomes of the members of these tables, by their paths.
pub(super) fn uses(members: &[Member]) -> Vec<(String, Use)> {
    let mut found = Vec::new();
    for (name, to) in members {
        let own = match to {
            To::Not(why) => Some(Use::Irrelevant(why)),
            To::Count(field) | To::Plus(field) | To::Either(field, _) => {
                Some(Use::Read(field.name()))
            }
            To::Lifetimes => Some(Use::Read("cache writes by lifetime")),
            To::In(_) | To::Modalities(_) => None,
        };
        found.extend(own.map(|own| ((*name).to_owned(), own)));
        if let To::In(inner) | To::Either(_, inner) | To::Modalities(inner) = to {
            let inner = uses(inner).into_iter();
            found.extend(inner.map(|(path, of)| (format!("{name}.{path}"), of)));
        }
    }
    found
}

/// The names that lead to an object.
struct Steps<'p> {
    before: Option<&'p Steps<'p>>,
    name: &'p str,
}

impl Steps<'_> {
    /// The path to a member.
    fn to<'p>(&'p self, name: &'p str) -> Vec<&'p str> {
        let mut path = vec![name];
        let mut at = Some(self);
        while let Some(step) = at {
            path.push(step.name);
            at = step.before;
        }
        path.reverse();
        path
    }
}

/// Where the parts of an object lie that its source writes inside or beside their whole.
fn place_by_numbers(totals: &Totals, total: Option<u64>, unread: &mut Unread) -> Totals {
    let written = [totals.cache_write, totals.cache_write_5m, totals.cache_write_1h];
    let parts = written.into_iter().chain([totals.cache_read]).flatten().map(u128::from);
    let parts: u128 = parts.sum();
    let inside = Totals { layout: Layout::INSIDE, ..*totals }.placed_by_total();
    let cache = |place| {
        let layout = Layout { cache_read: place, cache_write: place, ..Layout::INSIDE };
        Totals { layout, ..*totals }.placed_by_total()
    };
    if parts == 0 {
        return inside;
    }
    let beside = cache(Place::Beside);
    if parts > u128::from(totals.input.unwrap_or(0)) {
        return beside;
    }
    let total = total.map(u128::from);
    if total.is_some() && total == beside.expected_total() {
        beside
    } else if total.is_some() && total == inside.expected_total() {
        inside
    } else {
        unread.add(&["whether the input count includes cached tokens"]);
        inside
    }
}

/// Counts in the making.
#[derive(Default)]
struct Counts {
    totals: Totals,
    cache_read_video: Option<u64>,
    /// What is added to counts, wherever they stand.
    besides: Vec<(Field, u64)>,
}

impl Counts {
    fn slot(&mut self, field: Field) -> &mut Option<u64> {
        let totals = &mut self.totals;
        match field {
            Field::Input => &mut totals.input,
            Field::CacheRead => &mut totals.cache_read,
            Field::CacheWrite => &mut totals.cache_write,
            Field::CacheWrite5m => &mut totals.cache_write_5m,
            Field::CacheWrite1h => &mut totals.cache_write_1h,
            Field::InputAudio => &mut totals.input_audio,
            Field::CacheReadAudio => &mut totals.cache_read_audio,
            Field::InputImage => &mut totals.input_image,
            Field::CacheReadImage => &mut totals.cache_read_image,
            Field::InputVideo => &mut totals.input_video,
            Field::CacheReadVideo => &mut self.cache_read_video,
            Field::Output => &mut totals.output,
            Field::Reasoning => &mut totals.reasoning,
            Field::OutputAudio => &mut totals.output_audio,
            Field::OutputImage => &mut totals.output_image,
            Field::Citations => &mut totals.citations,
            Field::Total => &mut totals.total,
            Field::Requests => &mut totals.requests,
            Field::WebSearches => &mut totals.web_searches,
            Field::AudioSeconds => &mut totals.audio_seconds,
            Field::Characters => &mut totals.characters,
            Field::FileSearches => &mut totals.file_searches,
            Field::SearchUnits => &mut totals.search_units,
        }
    }

    fn take(
        &mut self,
        name: &str,
        to: To,
        value: &Value,
        steps: &Steps<'_>,
        unread: &mut Unread,
    ) -> Result<(), Problem> {
        // As nearly every member is.
        if let (To::Count(field) | To::Either(field, _), Value::Number(number)) = (to, value)
            && let Some(count) = number.as_u64()
        {
            return self.set(field, name, Some(count));
        }
        match to {
            To::Not(_) => Ok(()),
            To::Plus(field) => {
                let count = object::count_of(name, value)?;
                self.besides.extend(count.map(|count| (field, count)));
                Ok(())
            }
            To::In(members) | To::Either(_, members) if value.is_object() => {
                let Some(inner) = value.as_object() else { return Ok(()) };
                let steps = Steps { before: Some(steps), name };
                for (name, value, to) in inner.through(members) {
                    if let Some(to) = to {
                        self.take(name, *to, value, &steps, unread)?;
                    } else {
                        unread.in_usage(&steps.to(name), value);
                    }
                }
                Ok(())
            }
            To::Count(field) | To::Either(field, _) => {
                self.set(field, name, object::count_of(name, value)?)
            }
            To::Modalities(known) => self.modalities(name, known, value, steps, unread),
            To::Lifetimes => self.lifetimes(name, value, steps, unread),
            // Something else than an object where one belongs.
            To::In(_) => {
                unread.in_usage(&steps.to(name), value);
                Ok(())
            }
        }
    }

    /// Adds to a count.
    fn add(&mut self, field: Field, count: u64) -> Result<(), Problem> {
        let slot = self.slot(field);
        let sum = plus(field.name(), slot.unwrap_or(0), count)?;
        *slot = Some(sum);
        Ok(())
    }

    fn set(&mut self, field: Field, name: &str, count: Option<u64>) -> Result<(), Problem> {
        let Some(count) = count else { return Ok(()) };
        let slot = self.slot(field);
        match *slot {
            None | Some(0) => *slot = Some(count),
            Some(known) if known == count || count == 0 => {}
            Some(known) => {
                return Err(Problem::Disagree {
                    left: format!("{name} {count}"),
                    right: format!("another member of that meaning {known}"),
                });
            }
        }
        Ok(())
    }

    fn modalities(
        &mut self,
        name: &str,
        known: &'static [Member],
        value: &Value,
        steps: &Steps<'_>,
        unread: &mut Unread,
    ) -> Result<(), Problem> {
        for part in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
            let modality = text(part, "modality").unwrap_or("");
            let counts = ["tokenCount", "token_count", "tokens"];
            unread.of_part(&steps.to(name), part, &["modality", counts[0], counts[1], counts[2]]);
            let count = match counts.iter().find_map(|name| part.get(name)) {
                Some(count) => object::count_of(name, count)?,
                None => None,
            };
            match known.iter().find(|(word, _)| word.eq_ignore_ascii_case(modality)) {
                Some((_, To::Count(field) | To::Plus(field))) => {
                    self.add(*field, count.unwrap_or(0))?;
                }
                None if count.unwrap_or(0) > 0 => {
                    let mut path = steps.to(name);
                    path.push(modality);
                    unread.add(&path);
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    fn lifetimes(
        &mut self,
        name: &str,
        value: &Value,
        steps: &Steps<'_>,
        unread: &mut Unread,
    ) -> Result<(), Problem> {
        for part in value.as_array().into_iter().flatten().filter_map(Value::as_object) {
            let count = object::count(part, "inputTokens")?.unwrap_or(0);
            unread.of_part(&steps.to(name), part, &["inputTokens", "ttl"]);
            let field = match text(part, "ttl") {
                Some("5m") => Field::CacheWrite5m,
                Some("1h") => Field::CacheWrite1h,
                _ if says_nothing(part.get("inputTokens").unwrap_or(&Value::Null)) => continue,
                _ => {
                    unread.add(&steps.to(name));
                    continue;
                }
            };
            self.add(field, count)?;
        }
        Ok(())
    }

    /// Adds what lies besides, and takes parts out of wholes that repeat them.
    fn settle(&mut self) -> Result<(), Problem> {
        for (field, count) in std::mem::take(&mut self.besides) {
            self.add(field, count)?;
        }
        let cached_video = self.cache_read_video.unwrap_or(0);
        let totals = &mut self.totals;
        // Cached video costs what other cached tokens cost, and is no video input besides.
        if let (Some(video), 1..) = (totals.input_video, cached_video) {
            let rest = video.checked_sub(cached_video).ok_or_else(|| Problem::Disagree {
                left: format!("cached video {cached_video}"),
                right: format!("video {video}"),
            })?;
            totals.input_video = Some(rest);
        }
        let (five, hour) = (totals.cache_write_5m, totals.cache_write_1h);
        let Some(written) = totals.cache_write else { return Ok(()) };
        if five.is_none() && hour.is_none() {
            return Ok(());
        }
        // The count of writes is the sum of its parts: take the parts where they are given.
        let parts = plus(Field::CacheWrite.name(), five.unwrap_or(0), hour.unwrap_or(0))?;
        if written != parts {
            return Err(Problem::Disagree {
                left: format!("cache writes {written}"),
                right: format!("its 5 minute and 1 hour parts {parts}"),
            });
        }
        totals.cache_write = None;
        Ok(())
    }
}

/// Two counts together.
///
/// # Errors
/// When they are more than a count holds; `what` says of what.
pub(super) fn plus(what: &str, one: u64, more: u64) -> Result<u64, Problem> {
    one.checked_add(more).ok_or_else(|| Problem::NotACount {
        column: what.to_owned(),
        value: format!("{one} and {more}, together more than is counted"),
    })
}

/// What is wrong with a word that none of a list is.
pub(super) fn not_a_word(column: &str, word: &str, expected: &'static str) -> Problem {
    Problem::NotAWord { column: column.to_owned(), value: shortened(word.as_bytes()), expected }
}
