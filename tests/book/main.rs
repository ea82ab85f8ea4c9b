//! The built-in book under the whole engine: what is easily got wrong, and another book to compare.

mod extended;
mod genai;
mod holds;
mod layers;
mod names;
mod reach;
mod requests;
mod seeds;
mod sold_as;
mod traps;

use tokreckon::book::{FindError, Known, PriceBook, Query};
use tokreckon::charge::{Charge, Shape, Terms};
use tokreckon::price::{Doubt, RateCard, ServiceTier};
use tokreckon::time::Period;
use tokreckon::usage::{Meter, Usage};
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{Origin, read};
use tokreckon_data::table::Tables;

/// A question to a book: who, which model, when; standard tier and no variant unless it says so.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    pub(crate) at: &'a str,
    pub(crate) tier: Known<ServiceTier>,
    pub(crate) variant: Known<&'a str>,
    pub(crate) shape: Shape,
}

pub(crate) const fn ask<'a>(provider: &'a str, model: &'a str, at: &'a str) -> Ask<'a> {
    Ask {
        provider,
        model,
        at,
        tier: Known::Is(ServiceTier::Standard),
        variant: Known::Is(""),
        shape: Shape::Request,
    }
}

pub(crate) fn with_tier(ask: Ask<'_>, tier: Known<ServiceTier>) -> Ask<'_> {
    Ask { tier, ..ask }
}

/// The tables of a price file as a user gives it.
pub(crate) fn user_file(text: &str) -> Tables {
    let (file, mistakes) = read(text, Origin::User);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    compile(&[file]).expect("a price file")
}

impl Ask<'_> {
    pub(crate) fn card<'b>(&self, book: &PriceBook<'b>) -> Result<RateCard<'b>, FindError> {
        book.find(&Query {
            provider: self.provider,
            model: self.model,
            period: Period::parse(self.at).expect("a time"),
            service_tier: self.tier,
            variant: self.variant,
        })
    }

    /// What these counts cost: `0.5 USD`, `0 to 0.5 USD (why)`, `at least 0.5 USD (why)`, or why not.
    pub(crate) fn cost(&self, counts: &[(Meter, u64)]) -> String {
        self.cost_in(&PriceBook::builtin(), counts)
    }

    pub(crate) fn cost_in(&self, book: &PriceBook<'_>, counts: &[(Meter, u64)]) -> String {
        let usage = counts.iter().fold(Usage::NONE, |usage, (meter, n)| usage.with(*meter, *n));
        self.cost_of(book, &usage)
    }

    pub(crate) fn cost_of(&self, book: &PriceBook<'_>, usage: &Usage) -> String {
        match self.card(book) {
            Ok(card) => said(&charge(&card, usage, self.shape)),
            Err(error) => error.code().to_owned(),
        }
    }
}

pub(crate) fn charge<'b>(card: &RateCard<'b>, usage: &Usage, shape: Shape) -> Charge<'b> {
    card.charge_with(usage, shape, Terms::LIST).expect("few digits")
}

fn said(charge: &Charge<'_>) -> String {
    let doubts: Vec<_> = charge.doubts.iter().map(Doubt::code).collect();
    let why = doubts.join(", ");
    match (charge.single(), charge.high) {
        (Some(exact), _) => {
            assert!(why.is_empty(), "an exact charge is beyond doubt: {why}");
            exact.to_string()
        }
        (None, Some(high)) => format!("{} to {high} ({why})", charge.low.amount),
        (None, None) => format!("at least {} ({why})", charge.low),
    }
}

/// A record of which something was not read has a lower bound and no more, whatever else is known.
#[test]
fn what_was_not_read_leaves_no_upper_bound() {
    use tokreckon::grade::Grade;
    use tokreckon::ledger::{Ledger, Settings};
    use tokreckon::record::Record;
    use tokreckon::usage::{Layout, Totals};

    let record = |unread| Record {
        provider: "openai",
        model: "o1-mini",
        period: Period::parse("2025-04-09T08:00:00Z").ok(),
        totals: Some(Totals {
            layout: Layout::INSIDE,
            input: Some(57),
            cache_read: Some(0),
            output: Some(2_167),
            reasoning: Some(0),
            ..Totals::default()
        }),
        unread,
        ..Record::EMPTY
    };
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    ledger.add(&record(""));
    assert_eq!(ledger.report().expect("exact").total.grade(), Grade::Exact);
    ledger.add(&record("usage.cached_units, usage.tier"));
    let total = ledger.report().expect("exact").total;
    assert_eq!(total.grade(), Grade::Unknown);
    assert_eq!((total.records.exact, total.records.partly), (1, 1));
    let cost = total.costs.values().next().expect("a cost");
    assert_eq!((cost.low.to_string().as_str(), cost.open), ("0.019195", true));
    let unread: Vec<_> = total.unread.iter().map(|(path, records)| (&**path, *records)).collect();
    assert_eq!(unread, [("usage.cached_units", 1), ("usage.tier", 1)]);
}
