//! Offers side by side: amounts of several currencies are not compared, nor is who sells a model no more.

use std::collections::BTreeMap;

use tokreckon::book::PriceBook;
use tokreckon::money::Currency;

/// Where an offer stands among others, first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OfferGroup {
    /// It has an upper bound.
    Bounded,
    /// It costs at least so much.
    Open,
    /// In another currency than most.
    OtherCurrency,
    /// The seller serves the model no more.
    Retired,
    /// It has no price.
    Unpriced,
}

impl OfferGroup {
    /// True for offers that are compared with each other.
    pub(crate) const fn is_compared(self) -> bool {
        matches!(self, Self::Bounded | Self::Open)
    }
}

/// The currency in which most of these offers can be had, of equally many dollars.
pub(crate) fn currency_of_most(offers: impl Iterator<Item = Currency>) -> Option<Currency> {
    let mut counts: BTreeMap<Currency, usize> = BTreeMap::new();
    for currency in offers {
        *counts.entry(currency).or_default() += 1;
    }
    let most = |(currency, count): &(Currency, usize)| (*count, *currency == Currency::USD);
    counts.into_iter().max_by_key(most).map(|(currency, _)| currency)
}

/// True for anybody but the model's maker, who stands first of those with one price.
pub(crate) fn resells(provider: &str, model: &str) -> bool {
    PriceBook::maker_of(model) != Some(provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_offers_decide_and_dollars_where_as_many() {
        let [usd, cny] = [Currency::USD, Currency::CNY];
        let eur: Currency = "EUR".parse().expect("a currency");
        for (offers, home) in [
            (vec![], None),
            (vec![cny], Some(cny)),
            (vec![eur, usd, cny, eur], Some(eur)),
            (vec![usd, eur], Some(usd)),
            (vec![eur, usd], Some(usd)),
        ] {
            assert_eq!(currency_of_most(offers.into_iter()), home);
        }
    }
}
