//! Which records a run is about. What is left out is counted.

use super::{Dimension, plain_label};
use crate::book::Known;
use crate::record::Record;
use crate::time::Instant;

/// Which records are taken: those of a span of time, with the labels that are asked for.
///
/// ```
/// use tokreckon::ledger::{Dimension, Filter};
/// use tokreckon::time::Period;
///
/// let march = Period::parse("2026-03-01")?.start;
/// let april = Period::parse("2026-04-01")?.start;
/// let filter = Filter::default().since(march).until(april);
/// let filter = filter.with(Dimension::Model, "gpt-4*").with(Dimension::Model, "o1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// First second, and the one after the last.
    from: Option<Instant>,
    until: Option<Instant>,
    /// A record is taken when, for each dimension, one of the texts is its own.
    wanted: Vec<(Dimension, Vec<String>)>,
}

impl Filter {
    /// What records can be asked for by, besides a label.
    pub const DIMENSIONS: [Dimension; 9] = [
        Dimension::Provider,
        Dimension::Model,
        Dimension::Project,
        Dimension::ApiKey,
        Dimension::User,
        Dimension::ServiceTier,
        Dimension::LineItem,
        Dimension::Session,
        Dimension::Agent,
    ];

    /// Only records from this second on. One without a time is left out; a bucket counts for the
    /// second at which it begins.
    #[must_use]
    pub fn since(self, first: Instant) -> Self {
        Self { from: Some(first), ..self }
    }

    /// Only records before this second.
    #[must_use]
    pub fn until(self, end: Instant) -> Self {
        Self { until: Some(end), ..self }
    }

    /// Only records with this text, upper and lower case alike; a `*` at its end stands for any
    /// rest. Several texts of one dimension are alternatives. Dimensions other than
    /// [`Self::DIMENSIONS`] and labels have no text, and take none.
    #[must_use]
    pub fn with(mut self, dimension: Dimension, text: impl Into<String>) -> Self {
        match self.wanted.iter_mut().find(|(known, _)| *known == dimension) {
            Some((_, texts)) => texts.push(text.into()),
            None => self.wanted.push((dimension, vec![text.into()])),
        }
        self
    }

    /// The labels that records are asked for by.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &'static str> {
        self.wanted.iter().filter_map(|(dimension, _)| dimension.label())
    }

    /// What it needs to know of a record besides the time.
    pub(super) fn dimensions(&self) -> impl Iterator<Item = Dimension> + '_ {
        self.wanted.iter().map(|(dimension, _)| *dimension)
    }

    /// True where it begins or ends in the middle of these seconds: of records that are known to lie
    /// somewhere in them nobody can say which are meant.
    pub(super) fn divides(&self, (start, end): (i64, i64)) -> bool {
        [self.from, self.until].iter().flatten().any(|edge| start < edge.0 && edge.0 < end)
    }

    /// True for a record that is asked for.
    #[must_use]
    pub fn takes(&self, record: &Record<'_>) -> bool {
        self.names(record) && self.is_in_time(record)
    }

    fn is_in_time(&self, record: &Record<'_>) -> bool {
        match record.period.map(|period| period.start) {
            Some(start) => {
                self.from.is_none_or(|from| from <= start)
                    && self.until.is_none_or(|until| start < until)
            }
            None => self.from.is_none() && self.until.is_none(),
        }
    }

    /// True for a record with the names that are asked for, whenever it happened.
    pub(super) fn names(&self, record: &Record<'_>) -> bool {
        self.wanted.iter().all(|(dimension, wanted)| {
            let own = text(record, *dimension);
            wanted.iter().any(|wanted| matches(wanted, own))
        })
    }
}

/// The text of a record that a dimension means.
fn text<'r>(record: &Record<'r>, dimension: Dimension) -> &'r str {
    match (dimension, record.service_tier) {
        (Dimension::ServiceTier, Known::Unknown) => "",
        _ => plain_label(record, dimension).unwrap_or(""),
    }
}

fn matches(wanted: &str, own: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => own.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start)),
        None => own.eq_ignore_ascii_case(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Period;

    #[test]
    fn times_are_taken_from_the_first_second_to_the_last() {
        let at = |text: &str| Period::parse(text).expect("a time").start;
        let day = Filter::default().since(at("2026-10-05")).until(at("2026-10-06"));
        let record = |time: &str| Record {
            period: (!time.is_empty()).then(|| Period::parse(time).expect("a time")),
            ..Record::EMPTY
        };
        for (time, is) in [
            ("2026-10-05T00:00:00Z", true),
            ("2026-10-05T23:59:59Z", true),
            ("2026-10-04T23:59:59Z", false),
            ("2026-10-06", false),
            ("", false),
        ] {
            assert_eq!(day.takes(&record(time)), is, "{time}");
        }
        assert!(Filter::default().takes(&record("")));
    }

    #[test]
    fn texts_of_one_dimension_are_alternatives() {
        let filter =
            Filter::default().with(Dimension::Model, "gpt-4*").with(Dimension::Model, "o1");
        for (model, is) in
            [("gpt-4o", true), ("GPT-4", true), ("o1", true), ("o1-mini", false), ("gp", false)]
        {
            assert_eq!(filter.takes(&Record { model, ..Record::EMPTY }), is, "{model}");
        }
        let both = filter.with(Dimension::Project, "search");
        let record = Record { model: "o1", ..Record::EMPTY };
        assert!(!both.takes(&record) && both.takes(&Record { project: "search", ..record }));
    }
}
