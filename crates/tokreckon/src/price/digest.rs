//! The digest of a rate card, by which usage that was charged finds its prices again.

use super::{Entry, RateCard};
use crate::digest::Digest;

impl RateCard<'_> {
    /// 128 bits that stand for everything on the card that decides an amount, its bounds or its
    /// grade: cards of equal digests charge alike.
    #[must_use]
    pub fn digest(&self) -> u128 {
        let mut digest = Digest::default();
        let mut say = |text: &str| {
            digest.write(text.as_bytes());
            digest.write(&[0]);
        };
        say(self.provider);
        say(self.model);
        say(&self.currency.to_string());
        self.assumptions.iter().for_each(|assumed| say(assumed.code()));
        for bracket in self.brackets() {
            let (comparison, scope) = (bracket.comparison.as_str(), bracket.scope.as_str());
            say(&format!("{} {comparison} {scope}", bracket.threshold));
            for (meter, entry) in &bracket.entries {
                say(meter.as_str());
                match entry {
                    Entry::Missing(state, _) => say(state.as_str()),
                    Entry::Rate(range) => {
                        for price in [range.low, range.high] {
                            let noun = price.noun.as_str();
                            say(&format!("{} {} {noun}", price.amount, price.per));
                        }
                        range.doubts.iter().for_each(|doubt| say(doubt.code()));
                        say("");
                        range.assumptions.iter().for_each(|assumed| say(assumed.code()));
                    }
                }
                say("");
            }
        }
        digest.finish()
    }
}
