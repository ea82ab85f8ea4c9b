//! Usage on its way to a bill: records that are priced alike, added up.

use super::bill::{Bill, Spans};
use crate::book::Known;
use crate::charge::{Counts, Shape, Situation};
use crate::ledger::{Ledger, Merged, NotCharged, Outcome, Posting, Refusal};
use crate::lookup::Lookup;
use crate::money::{Currency, Exact};
use crate::price::ServiceTier;
use crate::record::Record;
use crate::time::Period;
use crate::usage::{Unreported, Usage};

/// What records are added up by: where they belong, and how they are priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct AtomKey {
    span: (i64, i64),
    /// The record's own period when it is not an instant.
    period: Option<(i64, i64)>,
    labels: [u32; LABELS],
    service_tier: Known<ServiceTier>,
    variant: Known<u32>,
    /// Index of the card, or the reason why there is none.
    card: Result<u32, Refusal>,
    terms: u32,
    situation: Option<Situation>,
    unreported: Unreported,
}

/// Provider, model, project, key, user.
pub(super) const LABELS: usize = 5;

/// Records that are priced alike.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// Unix seconds `[start, end)` of the bill's span that it belongs to.
    pub(super) span: (i64, i64),
    /// Provider, model, project, key, user, as the usage writes them.
    pub(super) labels: [Box<str>; LABELS],
    /// The period by which it is priced: that of its first record.
    pub(super) period: Option<Period>,
    pub(super) service_tier: Known<ServiceTier>,
    pub(super) variant: Known<Box<str>>,
    pub(super) card: Result<usize, NotCharged>,
    pub(super) situation: Option<Situation>,
    pub(super) unreported: Unreported,
    pub(super) factor: Exact,
    pub(super) currency: Option<Currency>,
    /// Tokens of the shortest and the longest prompt; the shortest of a sum is not known: 0.
    pub(super) prompts: (u128, u128),
    pub(super) counts: Counts,
    pub(super) records: u64,
    /// Input and output as reported, also where they contradict each other.
    pub(super) tokens: u128,
}

impl Atom {
    /// What tells atoms apart. The card goes without saying: what it was found by is here.
    fn place(&self) -> impl Ord {
        (
            (self.span, &self.labels, self.period.map(|period| (period.start, period.end))),
            (self.service_tier, &self.variant, self.card.is_err(), self.situation),
            (
                self.unreported,
                self.factor,
                self.currency,
                self.prompts,
                self.counts,
                self.records,
                self.tokens,
            ),
        )
    }
}

#[derive(Clone, Debug)]
struct Sum {
    period: Option<Period>,
    prompts: (u128, u128),
    counts: Counts,
    records: u64,
    tokens: u128,
}

impl Sum {
    /// Adds another one, in any order.
    fn absorb(&mut self, other: &Self) {
        // The first instant of those that are known.
        let periods = self.period.into_iter().chain(other.period);
        self.period = periods.min_by_key(|period| period.start);
        let (shortest, longest) = other.prompts;
        self.prompts = (self.prompts.0.min(shortest), self.prompts.1.max(longest));
        self.records += other.records;
        self.tokens += other.tokens;
        for (meter, count) in other.counts.iter() {
            self.counts[meter] += count;
        }
    }
}

/// Usage and a bill, to be compared.
#[derive(Debug)]
pub struct Reconciler {
    pub(super) bill: Bill,
    spans: Spans,
    labels: Vec<Box<str>>,
    label_ids: Lookup<Box<str>, u32>,
    terms: Vec<(Exact, Option<Currency>)>,
    sums: Lookup<AtomKey, Sum>,
    /// Periods of usage that reach over several spans of the bill.
    straddling: Vec<(i64, i64)>,
    /// Rows that are no usage because nobody could read them.
    pub(super) rejected: u64,
}

impl Reconciler {
    /// Takes usage for this bill.
    #[must_use]
    pub fn new(bill: Bill) -> Self {
        Self {
            spans: bill.spans(),
            bill,
            labels: Vec::new(),
            label_ids: Lookup::default(),
            terms: Vec::new(),
            sums: Lookup::default(),
            straddling: Vec::new(),
            rejected: 0,
        }
    }

    /// One for a part of the usage, to be given to [`Reconciler::absorb`].
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self { spans: self.spans.clone(), ..Self::new(Bill::default()) }
    }

    /// The usage of a sibling, for this bill.
    #[must_use]
    pub fn with_usage(self, usage: Self) -> Self {
        Self { bill: self.bill, ..usage }
    }

    /// Adds the usage of a sibling; parts come in any order. `merged` is what became of the cards of
    /// its ledger in this one's.
    pub fn absorb(&mut self, part: Self, merged: &Merged) {
        let labels: Vec<u32> = part.labels.iter().map(|text| self.label(text)).collect();
        let label = |id: u32| labels.get(id as usize).copied().unwrap_or(id);
        let terms: Vec<u32> =
            part.terms.into_iter().map(|terms| position(&mut self.terms, terms)).collect();
        for (key, sum) in part.sums.sorted() {
            let key = AtomKey {
                labels: key.labels.map(label),
                variant: match key.variant {
                    Known::Is(variant) => Known::Is(label(variant)),
                    Known::Unknown => Known::Unknown,
                },
                card: key
                    .card
                    .map(|card| merged.card(card))
                    .map_err(|refusal| merged.refusal(refusal)),
                terms: terms.get(key.terms as usize).copied().unwrap_or(key.terms),
                ..*key
            };
            let new = || Sum { counts: Counts::NONE, records: 0, tokens: 0, ..sum.clone() };
            self.sums.entry_or_insert_with(key, new).absorb(sum);
        }
        self.straddling.extend(part.straddling);
        self.rejected += part.rejected;
    }

    /// Notes a row of usage that was rejected: what it costs is in no sum.
    pub fn reject(&mut self) {
        self.rejected += 1;
    }

    /// Takes a record of usage with what became of it in the ledger. A billed cost is not usage.
    ///
    /// # Panics
    /// With more than 2³² different labels or spans, which memory does not hold.
    pub fn observe(&mut self, record: &Record<'_>, posting: &Posting, ledger: &Ledger<'_>) {
        let Some(totals) = record.totals else { return };
        let period = record.period.or(ledger.settings.undated);
        let (span, beyond) = self.spans.place(period);
        if let (true, Some(period)) = (beyond, period) {
            let span = (period.start.0, period.end.0);
            if self.straddling.last() != Some(&span) {
                self.straddling.push(span);
            }
        }
        let tier = match (record.service_tier, ledger.settings.service_tier) {
            (Known::Unknown, Some(tier)) => Known::Is(tier),
            (tier, _) => tier,
        };
        if matches!(posting.outcome, Outcome::CostOnly) {
            return;
        }
        let texts = [record.provider, record.model, record.project, record.api_key, record.user];
        let [input, output] = [totals.whole_input(), totals.whole_output()];
        let tokens = input.unwrap_or(0) + output.unwrap_or(0);
        let mut key = AtomKey {
            span,
            period: period.filter(|p| !p.is_instant()).map(|p| (p.start.0, p.end.0)),
            labels: texts.map(|text| self.label(text)),
            service_tier: tier,
            variant: match record.variant {
                Known::Is(variant) => Known::Is(self.label(variant)),
                Known::Unknown => Known::Unknown,
            },
            card: Ok(0),
            terms: 0,
            situation: None,
            unreported: Unreported::default(),
        };
        match &posting.outcome {
            Outcome::Charged { usage, card, situation } => {
                let (terms, currency) = ledger.terms_for(record, *card);
                key.card = Ok(u32::try_from(*card).expect("fewer than 2^32 cards"));
                key.terms = position(&mut self.terms, (terms.factor, Some(currency)));
                key.unreported = usage.unreported;
                let Some(card) = ledger.cards().get(*card) else { return };
                if card.has_marginal_bracket() {
                    for (at, (situation, counts)) in
                        card.parts(usage, record.shape).into_iter().enumerate()
                    {
                        key.situation = Some(situation);
                        let of = if at == 0 { (1, tokens) } else { (0, 0) };
                        self.add(key, period, record.shape, usage, &counts, of);
                    }
                } else {
                    key.situation = Some(*situation);
                    let counts = Counts::from(usage);
                    self.add(key, period, record.shape, usage, &counts, (1, tokens));
                }
            }
            Outcome::NotCharged(refusal) => {
                let usage = totals.to_usage().unwrap_or(Usage::NONE);
                key.card = Err(*refusal);
                key.terms = position(&mut self.terms, (Exact::ONE, None));
                key.unreported = usage.unreported;
                let counts = Counts::from(&usage);
                self.add(key, period, record.shape, &usage, &counts, (1, tokens));
            }
            Outcome::CostOnly => {}
        }
    }

    fn add(
        &mut self,
        key: AtomKey,
        period: Option<Period>,
        shape: Shape,
        usage: &Usage,
        counts: &Counts,
        (records, tokens): (u64, u128),
    ) {
        let single = matches!(shape, Shape::Request | Shape::Sum { requests: Some(1) });
        let longest = usage.prompt_tokens();
        let shortest = if single { longest } else { 0 };
        let this = Sum { period, prompts: (shortest, longest), counts: *counts, records, tokens };
        let new = || Sum { counts: Counts::NONE, records: 0, tokens: 0, ..this.clone() };
        self.sums.entry_or_insert_with(key, new).absorb(&this);
    }

    fn label(&mut self, text: &str) -> u32 {
        if let Some(&id) = self.label_ids.get(text) {
            return id;
        }
        let id = u32::try_from(self.labels.len()).expect("fewer than 2^32 labels");
        self.labels.push(text.into());
        self.label_ids.insert(text.into(), id);
        id
    }

    /// The usage by its keys, and the spans to compare in.
    pub(super) fn settle(&self, ledger: &Ledger<'_>) -> (Vec<Atom>, Spans) {
        let mut spans = self.spans.clone();
        let mut straddling = self.straddling.clone();
        straddling.sort_unstable();
        straddling.dedup();
        for (start, end) in straddling {
            spans.join(start, end);
        }
        let text = |id: u32| self.labels.get(id as usize).cloned().unwrap_or_default();
        let atoms = self.sums.sorted().into_iter().map(|(key, sum)| {
            let (factor, currency) =
                self.terms.get(key.terms as usize).copied().unwrap_or((Exact::ONE, None));
            Atom {
                span: spans.around(key.span),
                labels: key.labels.map(text),
                period: sum.period,
                service_tier: key.service_tier,
                variant: match key.variant {
                    Known::Is(variant) => Known::Is(text(variant)),
                    Known::Unknown => Known::Unknown,
                },
                card: key
                    .card
                    .map(|card| card as usize)
                    .map_err(|refusal| ledger.reason(refusal).clone()),
                situation: key.situation,
                unreported: key.unreported,
                factor,
                currency,
                prompts: sum.prompts,
                counts: sum.counts,
                records: sum.records,
                tokens: sum.tokens,
            }
        });
        let mut atoms: Vec<Atom> = atoms.collect();
        // Numbers of labels and cards are in the order of the rows; what they stand for is not.
        atoms.sort_by(|a, b| a.place().cmp(&b.place()));
        (atoms, spans)
    }
}

/// Where a value stands in a short list; it is added when it is new.
fn position<T: PartialEq>(list: &mut Vec<T>, value: T) -> u32 {
    let at = list.iter().position(|other| *other == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    });
    u32::try_from(at).expect("a short list")
}
