//! One charged or rejected record as the checks see it: its counts, its family, its answer, counted
//! again at most once.

use std::cell::OnceCell;

use super::answer::{Answer, asks_besides, is_shortened};
use super::check::{Needs, Profile};
use super::family::Family;
use super::limits::Limits;
use super::prompt;
use crate::book::Query;
use crate::charge::Terms;
use crate::ledger::{Ledger, Outcome, Posting, RawCost};
use crate::money::{Currency, Exact};
use crate::record::Record;
use crate::request::RequestCount;
use crate::usage::{Meter, Totals, Usage};

/// A record in front of the checks.
pub(super) struct View<'v, 'b> {
    pub(super) record: &'v Record<'v>,
    pub(super) totals: &'v Totals,
    pub(super) family: Option<Family>,
    pub(super) limits: &'v Limits,
    pub(super) profile: &'v Profile,
    pub(super) answer: Option<Answer<'v>>,
    posting: &'v Posting,
    /// What it was charged, at least.
    pub(super) cost: Option<RawCost>,
    /// That is what it was charged at most, too.
    has_one_price: bool,
    ledger: &'v Ledger<'b>,
    besides: OnceCell<Option<&'static str>>,
    visible: OnceCell<Result<u64, &'static str>>,
    recount: OnceCell<Result<RequestCount, &'static str>>,
}

/// A difference that a check found in one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What was compared; the same for all records alike.
    pub(super) message: String,
    /// The figures of this record.
    pub(super) figures: String,
    /// Money at stake, where the record has a price.
    pub(super) stake: Option<(Currency, Exact)>,
}

/// A difference, none, or why the record could not be checked.
pub(super) type Checked = Result<Option<Found>, &'static str>;

impl<'v, 'b> View<'v, 'b> {
    pub(super) fn new(
        record: &'v Record<'v>,
        totals: &'v Totals,
        profile: &'v Profile,
        posting: &'v Posting,
        ledger: &'v Ledger<'b>,
    ) -> Self {
        let (cost, has_one_price) = ledger.cost(record, posting).unzip();
        Self {
            record,
            totals,
            family: profile.family,
            limits: &profile.limits,
            profile,
            answer: Answer::read(&record.evidence),
            posting,
            cost,
            has_one_price: has_one_price.unwrap_or(false),
            ledger,
            besides: OnceCell::new(),
            visible: OnceCell::new(),
            recount: OnceCell::new(),
        }
    }

    /// What it was charged, at most; `None` where something has no price.
    pub(super) fn highest_cost(&self) -> Option<RawCost> {
        if self.has_one_price {
            return self.cost;
        }
        self.ledger.highest_cost(self.record, self.posting)
    }

    /// Its disjoint usage; `None` when its counts contradict each other.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.charged().copied().or_else(|| self.totals.to_usage().ok())
    }

    /// What it was charged for; `None` where it was not.
    pub(super) const fn charged(&self) -> Option<&Usage> {
        match &self.posting.outcome {
            Outcome::Charged { usage, .. } => Some(usage),
            _ => None,
        }
    }

    pub(super) const fn ledger(&self) -> &'v Ledger<'b> {
        self.ledger
    }

    /// What the source keeps of it.
    pub(super) const fn has(&self) -> Needs {
        let evidence = &self.record.evidence;
        match (evidence.request, &self.answer, evidence.visible_tokens) {
            (Some(_), _, _) => Needs::Request,
            (None, None, None) => Needs::Counts,
            (None, _, _) => Needs::Answer,
        }
    }

    /// Tokens of the visible answer, or why they are not known.
    pub(super) fn visible_tokens(&self) -> Result<u64, &'static str> {
        *self.visible.get_or_init(|| {
            if let Some(tokens) = self.record.evidence.visible_tokens {
                return Ok(tokens);
            }
            let answer = self.answer.as_ref().ok_or("the answer is not in the file")?;
            let encoding = self.family.and_then(|family| family.encoding);
            let encoding = encoding.ok_or("the tokenizer is not public")?;
            let text = answer.text();
            Ok(u64::try_from(encoding.count(&text)).unwrap_or(u64::MAX))
        })
    }

    /// The request counted again, or why it cannot be.
    pub(super) fn recount(&self) -> Result<&RequestCount, &'static str> {
        self.recount.get_or_init(|| prompt::recount(self.record)).as_ref().map_err(|why| *why)
    }

    /// Why the answer is more than a text that can be counted again; `None` when it is one.
    pub(super) fn besides(&self) -> Option<&'static str> {
        // Several checks ask.
        *self.besides.get_or_init(|| self.look_besides())
    }

    fn look_besides(&self) -> Option<&'static str> {
        let answer = self.answer.as_ref();
        if let Some(answer) = answer {
            if let Some(what) = answer.besides {
                return Some(what);
            }
            if answer.choices != 1 {
                return Some("several answers");
            }
            if answer.is_empty() {
                return Some("an empty answer");
            }
            let text = answer.text();
            if is_shortened(&text) {
                return Some("a shortened text");
            }
            // Without the request nobody can tell whether a format was asked for.
            let like_json = text.trim_start().starts_with(['{', '[']);
            if self.record.evidence.request.is_none() && like_json {
                return Some("structured output");
            }
        }
        asks_besides(&self.record.evidence)
    }

    /// What the whole record was charged, at least.
    pub(super) fn charge(&self) -> Option<(Currency, Exact)> {
        self.cost.and_then(RawCost::exact)
    }

    /// What the record would have cost less, had it used so many fewer tokens of a meter.
    pub(super) fn charge_of_part(&self, meter: Meter, tokens: u64) -> Option<(Currency, Exact)> {
        let usage = self.usage()?;
        let less = usage.with(meter, usage.count(meter).saturating_sub(tokens));
        if let Some(saved) = self.ledger.saved(self.record, self.posting, &less) {
            return saved.exact();
        }
        let (currency, whole) = self.charge_of(&usage)?;
        let (_, rest) = self.charge_of(&less)?;
        Some((currency, whole.minus(rest).ok()?))
    }

    /// What a usage would have cost at list price, where the record itself was not charged.
    pub(super) fn list_charge(&self, usage: &Usage) -> Option<(Currency, Exact)> {
        let record = self.record;
        let query = Query {
            provider: record.provider,
            model: record.model,
            period: record.period.or(self.ledger.settings.undated)?,
            service_tier: record.service_tier,
            variant: record.variant,
        };
        let card = self.ledger.book().find(&query).ok()?;
        let charge = card.charge_with(usage, record.shape, Terms::LIST).ok()?;
        Some((card.currency, charge.low.amount))
    }

    /// What a usage would have cost on the record's card.
    pub(super) fn charge_of(&self, usage: &Usage) -> Option<(Currency, Exact)> {
        let Outcome::Charged { card: index, .. } = &self.posting.outcome else {
            return None;
        };
        let card = self.ledger.cards().get(*index)?;
        let (terms, currency) = self.ledger.terms_for(self.record, *index);
        let charge = card.charge_with(usage, self.record.shape, terms).ok()?;
        Some((currency, charge.low.amount))
    }
}
