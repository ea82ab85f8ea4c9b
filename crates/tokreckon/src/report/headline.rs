//! A report in words: the answer in one line, what it rests on, and what it leaves open.

use std::collections::BTreeMap;

use super::{Bounds, Group, Report};
use crate::grade::{Assumption, Grade};
use crate::hint::{Hint, Setting};
use crate::money::{Currency, Exact};
use crate::price::State;
use crate::words::{counted, grouped, grouped_text};

/// Something that the sums leave open.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenPoint {
    /// What, in one line.
    pub says: String,
    /// What to do about it.
    pub hint: Option<Hint>,
    /// True for records that were not charged, which an audit names as findings.
    pub is_not_charged: bool,
}

/// Reasons for which records were not charged that are told one by one.
const MOST_REASONS: usize = 20;

impl Group {
    /// Which reasons are told one by one: all, or those of the most records.
    pub(super) fn told(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.not_charged.len()).collect();
        if order.len() > MOST_REASONS {
            // A stable sort: reasons with as many records keep their order.
            order.sort_by_key(|&at| std::cmp::Reverse(self.not_charged[at].records));
            order.truncate(MOST_REASONS);
        }
        order
    }

    /// Records that were not charged, by reason; of many reasons how many more there are.
    fn not_charged_points(&self) -> Vec<OpenPoint> {
        let says = |records: u64, tokens: u128, why: String| {
            let records = counted(records, "record");
            format!("not charged: {records}, {} tokens: {why}", grouped(tokens))
        };
        let told = self.told();
        let mut points: Vec<OpenPoint> = Vec::new();
        let (mut records, mut tokens) = (0, 0);
        for tally in &self.not_charged {
            records += tally.records;
            tokens += tally.input_tokens + tally.output_tokens;
        }
        for at in &told {
            let tally = &self.not_charged[*at];
            let of_tally = tally.input_tokens + tally.output_tokens;
            (records, tokens) = (records - tally.records, tokens - of_tally);
            let says = says(tally.records, of_tally, tally.reason.to_string());
            points.push(OpenPoint { says, hint: tally.hint.clone(), is_not_charged: true });
        }
        let more = self.not_charged.len() - told.len();
        if more > 0 {
            let says = says(records, tokens, format!("{} more", counted(more, "reason")));
            let hint = Some(Hint::around("", Setting::AllReasons, " tells them one by one"));
            points.push(OpenPoint { says, hint, is_not_charged: true });
        }
        points
    }
}

impl Bounds {
    /// `1,204.17 USD`, `5.225 to 14.25 USD`; `≥ 5.2 USD` where something is left out.
    ///
    /// ```
    /// use tokreckon::money::Currency;
    /// use tokreckon::report::Bounds;
    ///
    /// let bounds = Bounds { low: "5.2".parse()?, high: "1400".parse()?, open: false };
    /// assert_eq!(bounds.text(Currency::USD), "5.2 to 1,400 USD");
    /// assert_eq!(Bounds { open: true, ..bounds }.text(Currency::USD), "≥ 5.2 USD");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn text(&self, currency: Currency) -> String {
        let text = |amount: Exact| grouped_text(&amount.to_string());
        match self.single() {
            Some(exact) => format!("{} {currency}", text(exact)),
            None if self.open => format!("≥ {} {currency}", text(self.low)),
            None => format!("{} to {} {currency}", text(self.low), text(self.high)),
        }
    }
}

impl Report {
    /// The costs of all records; open where a record is not charged, or in part, or was not readable.
    #[must_use]
    pub fn sums(&self) -> BTreeMap<Currency, (Bounds, Grade)> {
        let total = &self.total;
        let is_open = self.unreadable > 0;
        let with_grade = |currency: &Currency| {
            let cost = total.cost_in(*currency);
            let grade = if is_open { Grade::Unknown } else { total.grade() };
            (*currency, (Bounds { open: cost.open || is_open, ..cost }, grade))
        };
        total.costs.keys().map(with_grade).collect()
    }

    /// `1,204.17 USD (exact) · 2026-10-01 to 2026-10-31 · 48,211 of 48,230 records · 3 assumed`.
    #[must_use]
    pub fn headline(&self) -> String {
        let records = self.total.records;
        let sums = self.sums();
        let grade = if self.unreadable > 0 { Grade::Unknown } else { self.total.grade() };
        let costs: Vec<String> =
            sums.iter().map(|(currency, (bounds, _))| bounds.text(*currency)).collect();
        let mut parts = vec![match (costs.is_empty(), grade) {
            (true, _) if records.cost_only == records.all => "no usage".to_owned(),
            (true, _) => "unknown".to_owned(),
            // `≥` says it already.
            (false, Grade::Unknown) => costs.join(" + "),
            (false, grade) => format!("{} ({grade})", costs.join(" + ")),
        }];
        parts.extend(self.days.map(|(first, last)| {
            if first == last { first.to_string() } else { format!("{first} to {last}") }
        }));
        let usage = records.all - records.cost_only;
        let charged = records.charged() + records.partly;
        parts.push(if charged == usage {
            counted(usage, "record")
        } else {
            format!("{} of {}", grouped(charged.into()), counted(usage, "record"))
        });
        if self.unreadable > 0 {
            parts.push(format!("{} not read", counted(self.unreadable, "row")));
        }
        let left_out = self.total.not_charged.iter();
        let tokens: u128 = left_out.map(|tally| tally.input_tokens + tally.output_tokens).sum();
        if tokens > 0 {
            parts.push(format!("{} tokens not charged", grouped(tokens)));
        }
        for (count, what) in [
            (records.assumed, "assumed"),
            (records.bounded, "between two bounds"),
            (records.partly, "in part"),
            (records.cost_only, "billed costs without usage"),
        ] {
            if count > 0 && !(what == "assumed" && count == usage) {
                parts.push(format!("{} {what}", grouped(count.into())));
            }
        }
        parts.join(" · ")
    }

    /// What the prices take for granted, in one line; `None` for nothing.
    #[must_use]
    pub fn assumed(&self) -> Option<String> {
        let all = self.total.assumptions.iter();
        let all: Vec<&str> = all.map(Assumption::explanation).collect();
        (!all.is_empty()).then(|| format!("assumed: {}", all.join(", ")))
    }

    /// What the sums leave open: why they are ranges, what has no price, what was not read or not
    /// charged, with what to do about it.
    #[must_use]
    pub fn open_points(&self) -> Vec<OpenPoint> {
        let point = |says: String| OpenPoint { says, hint: None, is_not_charged: false };
        let doubts = self.total.doubts.iter().map(|doubt| OpenPoint {
            hint: doubt.hint(),
            ..point(format!("not exact: {}", doubt.explanation()))
        });
        let mut points: Vec<OpenPoint> = doubts.collect();
        for ((meter, state), quantity) in &self.total.unpriced {
            let state = state.map_or("not listed", State::as_str);
            points.push(point(format!("no price: {} {meter} ({state})", grouped(*quantity))));
        }
        for (path, records) in &self.total.unread {
            points.push(point(format!("not read: {path} ({})", counted(*records, "record"))));
        }
        points.extend(self.total.not_charged_points());
        if self.straddling > 0 {
            let records = counted(self.straddling, "record");
            let over = "over more than one day of the zone: counted for the first of them";
            points.push(point(format!("{records} {over}")));
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::PriceBook;
    use crate::ledger::{Ledger, Settings};
    use crate::record::Record;
    use crate::time::Period;
    use crate::usage::{Layout, Totals};

    #[test]
    fn of_many_reasons_the_most_frequent_are_told_and_the_others_counted() {
        let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
        let mut add = |model: &str| {
            let totals = Totals { input: Some(1), output: Some(1), ..Totals::default() };
            ledger.add(&Record {
                provider: "openai",
                model,
                period: Period::parse("2026-01-01").ok(),
                totals: Some(Totals { layout: Layout::INSIDE, ..totals }),
                ..Record::EMPTY
            });
        };
        (0..30).for_each(|number| add(&format!("nobody-{number}")));
        add("gpt4o");
        add("gpt4o");
        let report = ledger.report().expect("exact");
        let points = report.open_points();
        assert_eq!(points.len(), MOST_REASONS + 1);
        assert!(points[0].says.starts_with("not charged: 2 records"), "{points:?}");
        let hint = points[0].hint.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(hint.starts_with("near names: gpt-4o"), "{hint}");
        assert_eq!(
            points[MOST_REASONS].says,
            "not charged: 11 records, 22 tokens: 11 reasons more"
        );
        // Near names are looked for where they are told, and nowhere else.
        let hints = report.total.not_charged.iter().filter(|tally| tally.hint.is_some()).count();
        assert!(hints <= MOST_REASONS, "{hints}");
    }
}
