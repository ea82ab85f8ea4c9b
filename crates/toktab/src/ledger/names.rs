//! Numbers of providers and models, as records name them.

use std::collections::BTreeMap;

/// Names that are remembered at most; beyond them all are forgotten, and get new numbers.
const MAX_NAMES: usize = if cfg!(test) { 3 } else { 1 << 14 };

/// Numbers that were given. No number is given twice.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By provider, then by model.
    numbers: BTreeMap<Box<str>, BTreeMap<Box<str>, u32>>,
    given: u32,
    remembered: usize,
}

impl Names {
    /// The number of a provider and model; `None` when there are no more.
    pub(super) fn number(&mut self, provider: &str, model: &str) -> Option<u32> {
        let known = self.numbers.get(provider).and_then(|models| models.get(model));
        if let Some(known) = known {
            return Some(*known);
        }
        if self.remembered >= MAX_NAMES {
            self.numbers.clear();
            self.remembered = 0;
        }
        let number = self.given;
        self.given = number.checked_add(1)?;
        self.remembered += 1;
        self.numbers.entry(provider.into()).or_default().insert(model.into(), number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_given_twice() {
        let mut names = Names::default();
        let pairs = [("a", "bc"), ("ab", "c"), ("a", "c"), ("ab", "bc")];
        let mut numbers = Vec::new();
        for (provider, model) in pairs {
            let number = names.number(provider, model);
            assert!(number.is_some() && !numbers.contains(&number), "{provider} {model}");
            assert_eq!(names.number(provider, model), number, "the same while it is remembered");
            numbers.push(number);
        }
        // There were more than are remembered.
        assert!(!numbers.contains(&names.number("a", "bc")));
    }
}
