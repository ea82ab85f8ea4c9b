//! A comparison in one line.

use super::change::Cause;
use super::outcome::{Compared, Reconciliation, Sums, Verdict};
use crate::money::{Currency, Exact};
use crate::words::{counted, grouped_text};

impl Reconciliation {
    /// What every bill comes to: `the bill 28.29 USD is 0.0027936 USD above what the usage costs,
    /// explained`.
    #[must_use]
    pub fn headline(&self) -> String {
        let billed = self.billed().map(|(currency, sums)| {
            let amount = grouped_text(&sums.billed.to_string());
            format!("the bill {amount} {currency} {}", self.standing(currency))
        });
        billed.collect::<Vec<_>>().join(" · ")
    }

    /// The sums of the currencies in which something was billed.
    pub fn billed(&self) -> impl Iterator<Item = (Currency, &Sums)> {
        self.sums.iter().filter_map(|(currency, sums)| {
            let is_billed = self.cells_in(*currency).any(|cell| cell.billed.is_some());
            is_billed.then_some((*currency, sums))
        })
    }

    /// How the bill of one currency stands to the usage: `is 87.64 to 95.01 USD above what the usage
    /// costs, unexplained`.
    #[must_use]
    pub fn standing(&self, currency: Currency) -> String {
        let all =
            |wanted: &[Verdict]| self.cells_in(currency).all(|cell| wanted.contains(&cell.verdict));
        if self.causes.contains_key(&(currency, Cause::Currency)) {
            return "is in another currency than the prices: give a rate to compare them"
                .to_owned();
        }
        if all(&[Verdict::Equal]) {
            return "is equal to the usage's cost to the last digit".to_owned();
        }
        if all(&[Verdict::Equal, Verdict::WithinBounds]) {
            return "lies within the bounds of the usage's cost".to_owned();
        }
        let sums = self.sums.get(&currency).copied().unwrap_or_default();
        format!("{}, {}", distance(&sums, currency), self.settled(currency))
    }

    /// What the sums leave out: usage that was rejected, so that nobody knows its cost.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let rows = counted(self.rejected_rows, "row");
        let says =
            format!("{rows} of the usage rejected, tokens not known: part of any gap, perhaps");
        (self.rejected_rows > 0).then_some(says)
    }

    fn cells_in(&self, currency: Currency) -> impl Iterator<Item = &Compared> {
        self.cells.iter().filter(move |cell| cell.currency == currency)
    }

    /// `explained`; `2 of 8 comparisons unexplained, 1 left open`.
    fn settled(&self, currency: Currency) -> String {
        let all = self.cells_in(currency).count();
        let count =
            |is: &dyn Fn(&Compared) -> bool| self.cells_in(currency).filter(|c| is(c)).count();
        let unexplained = count(&|cell| cell.parts.iter().any(|part| part.cause.is_unexplained()));
        let open = count(&|cell| cell.verdict == Verdict::Open);
        let told = [(unexplained, "unexplained"), (open, "left open")];
        let mut told = told.into_iter().filter(|(cells, _)| *cells > 0).peekable();
        if told.peek().is_none() {
            return "explained".to_owned();
        }
        let word = |(cells, what): (usize, &str)| match all {
            1 => what.to_owned(),
            _ => format!("{cells} of {} {what}", counted(all, "comparison")),
        };
        told.map(word).collect::<Vec<_>>().join(", ")
    }
}

/// `is 87.64 to 95.01 USD above what the usage costs`.
fn distance(sums: &Sums, currency: Currency) -> String {
    let digits = |amount: Exact| {
        let text = amount.to_string();
        grouped_text(text.strip_prefix('-').unwrap_or(&text))
    };
    let side = |amount: Exact| if amount.is_negative() { "below" } else { "above" };
    let high = sums.gap_high;
    let Some(low) = sums.gap_low else {
        let is_range = sums.computed.low != sums.computed.high;
        return match (high.is_zero(), high.is_negative()) {
            (true, _) => "is as much as what has a price costs at least".to_owned(),
            (_, true) => {
                format!("is {} {currency} or more below what the usage costs", digits(high))
            }
            _ => {
                let up_to = if is_range { "up to " } else { "" };
                format!("is {up_to}{} {currency} above what has a price", digits(high))
            }
        };
    };
    let what = "what the usage costs";
    if low == high {
        if low.is_zero() {
            return format!("adds up to {what}");
        }
        return format!("is {} {currency} {} {what}", digits(low), side(low));
    }
    // Nearer amounts first.
    match (low.is_negative(), high.is_negative() || high.is_zero()) {
        (false, _) => format!("is {} to {} {currency} above {what}", digits(low), digits(high)),
        (true, true) => format!("is {} to {} {currency} below {what}", digits(high), digits(low)),
        (true, false) => {
            format!("is between {} {currency} below and {} above {what}", digits(low), digits(high))
        }
    }
}
