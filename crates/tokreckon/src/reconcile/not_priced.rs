//! Usage whose cost has no upper end, in words: nobody can say how much of a gap it is.

use std::collections::BTreeMap;

use super::intake::Atom;
use super::reprice::{Pricer, situation};
use crate::charge::Terms;
use crate::grade::Doubt;
use crate::money::InexactError;
use crate::words::{counted, grouped};

/// Reasons that are told one by one in a sentence.
const MOST_REASONS: usize = 20;

/// Records of usage whose cost has no upper end, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotPriced {
    /// As the usage writes it; empty where it names none.
    pub model: String,
    /// Why they have no price, or none for everything.
    pub reason: String,
    /// How many records.
    pub records: u64,
    /// Their tokens, input and output, as reported.
    pub tokens: u128,
}

impl Pricer<'_, '_> {
    /// What of this usage has no upper end, by model and reason.
    pub(super) fn not_priced(
        &self,
        atoms: &[(&Atom, &str)],
    ) -> Result<Vec<NotPriced>, InexactError> {
        let mut all: BTreeMap<(&str, String), (u64, u128)> = BTreeMap::new();
        for &(atom, _) in atoms {
            if let Some(reason) = self.reason(atom)? {
                let (records, tokens) = all.entry((&atom.labels[1], reason)).or_default();
                *records += atom.records;
                *tokens += atom.tokens;
            }
        }
        let not_priced = |((model, reason), (records, tokens)): ((&str, String), (u64, u128))| {
            NotPriced { model: model.to_owned(), reason, records, tokens }
        };
        Ok(all.into_iter().map(not_priced).collect())
    }

    fn reason(&self, atom: &Atom) -> Result<Option<String>, InexactError> {
        let card = match &atom.card {
            Ok(at) => self.ledger().cards().get(*at),
            Err(reason) => return Ok(Some(reason.to_string())),
        };
        let Some(card) = card else { return Ok(None) };
        let charge = card.charge_counts(situation(atom, card, &[]), &atom.counts, Terms::LIST)?;
        let meters: Vec<&str> =
            charge.unpriced.iter().map(|unpriced| unpriced.meter.as_str()).collect();
        let mut reasons = Vec::new();
        if !meters.is_empty() {
            reasons.push(format!("no price for {}", meters.join(", ")));
        }
        if atom.unreported.member {
            reasons.push("something that may be charged was not read".to_owned());
        }
        if atom.unreported.requests {
            reasons.push(Doubt::RequestFees.explanation().to_owned());
        }
        Ok((!reasons.is_empty()).then(|| reasons.join(", ")))
    }
}

/// `1 record of `o1-mnii`, 14,000 tokens (no price for …); 2 records of …`.
pub(super) fn listed(all: &[NotPriced]) -> String {
    let sum = |rows: &[NotPriced]| {
        let add = |(records, tokens), row: &NotPriced| (records + row.records, tokens + row.tokens);
        rows.iter().fold((0_u64, 0_u128), add)
    };
    let (told, more) = all.split_at(all.len().min(MOST_REASONS));
    let mut texts: Vec<String> = told
        .iter()
        .map(|NotPriced { model, reason, records, tokens }| {
            let of = if model.is_empty() { String::new() } else { format!(" of `{model}`") };
            let records = counted(*records, "record");
            format!("{records}{of}, {} tokens ({reason})", grouped(*tokens))
        })
        .collect();
    if !more.is_empty() {
        let (records, tokens) = sum(more);
        let (records, reasons) = (counted(records, "record"), counted(more.len(), "more reason"));
        texts.push(format!("{records}, {} tokens ({reasons})", grouped(tokens)));
    }
    texts.join("; ")
}
