//! Amounts by currency: nearly always of one, and held for every group.

use std::iter::Map;
use std::ops::Index;
use std::slice::Iter;

use crate::money::Currency;

/// Something of each currency and its value.
type Pairs<'m, V, T> = Map<Iter<'m, (Currency, V)>, fn(&'m (Currency, V)) -> T>;

/// A value for each of a few currencies, in their order. It takes no more room than they do: a report
/// of a million groups has a million of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByCurrency<V>(Vec<(Currency, V)>);

impl<V> Default for ByCurrency<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> ByCurrency<V> {
    /// The value of a currency.
    #[must_use]
    pub fn get(&self, currency: &Currency) -> Option<&V> {
        self.place(*currency).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// The currencies, in their order.
    pub fn keys(&self) -> Pairs<'_, V, &Currency> {
        self.0.iter().map(|(currency, _)| currency)
    }

    /// The values, in the order of the currencies.
    pub fn values(&self) -> Pairs<'_, V, &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Currencies and values, in their order.
    pub fn iter(&self) -> Pairs<'_, V, (&Currency, &V)> {
        self.into_iter()
    }

    /// How many currencies there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there is no value at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, currency: Currency) -> Result<usize, usize> {
        self.0.binary_search_by_key(&currency, |(known, _)| *known)
    }

    /// The value of a currency, made when there is none.
    pub(super) fn entry(&mut self, currency: Currency) -> &mut V
    where
        V: Default,
    {
        let at = self.place(currency).unwrap_or_else(|at| {
            self.0.reserve_exact(1);
            self.0.insert(at, (currency, V::default()));
            at
        });
        &mut self.0[at].1
    }
}

impl<V> Index<&Currency> for ByCurrency<V> {
    type Output = V;

    /// # Panics
    /// When the currency has no value.
    fn index(&self, currency: &Currency) -> &V {
        self.get(currency).expect("a value of the currency")
    }
}

impl<'m, V> IntoIterator for &'m ByCurrency<V> {
    type Item = (&'m Currency, &'m V);
    type IntoIter = Pairs<'m, V, Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(currency, value)| (currency, value))
    }
}

impl<V> IntoIterator for ByCurrency<V> {
    type Item = (Currency, V);
    type IntoIter = std::vec::IntoIter<(Currency, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
