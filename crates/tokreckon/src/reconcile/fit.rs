//! Whether an amount fits a bill: to the last digit, within bounds, or rounded as the bill is.

use std::collections::BTreeMap;

use super::change::{Change, Toward, Variation};
use super::line_item::Class;
use super::reprice::Priced;
use crate::money::{Exact, InexactError};

/// What was billed, by class, with the number of rows.
pub(super) type Billed = BTreeMap<Class, (Exact, u64)>;

/// How usage fits a bill as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Exact,
    Within,
    /// Not below what has a price; what else there is in the usage nobody can price.
    Open,
    No,
}

pub(super) fn fit(priced: &Priced, billed: &Billed) -> Fit {
    let amount = |class: Class| billed.get(&class).map_or(Exact::ZERO, |(amount, _)| *amount);
    let (mut exact, mut within, mut above) = (true, true, true);
    for class in Class::ALL {
        let bounds = priced.classes[class as usize].unwrap_or_default();
        let billed = amount(class);
        within &= bounds.low <= billed && billed <= bounds.high;
        exact &= bounds.low == billed && bounds.high == billed;
        above &= bounds.low <= billed;
    }
    // What has no price costs something or nothing: no bill agrees with it.
    if exact && !priced.open {
        Fit::Exact
    } else if priced.is_open() {
        if above { Fit::Open } else { Fit::No }
    } else if within {
        Fit::Within
    } else {
        Fit::No
    }
}

/// What the usage costs, as far as the bill decides: in each class the amount between the bounds
/// that is nearest to what was billed.
pub(super) fn nearest(priced: &Priced, billed: &Billed) -> Result<Exact, InexactError> {
    let mut sum = Exact::ZERO;
    for class in Class::ALL {
        let Some(bounds) = priced.classes[class as usize] else { continue };
        let billed = billed.get(&class).map_or(Exact::ZERO, |(amount, _)| *amount);
        sum = sum.plus(billed.clamp(bounds.low, bounds.high))?;
    }
    Ok(sum)
}

/// The rounding to `places` that turns amounts into what was billed, if there is one.
///
/// `lines` are the amounts of single lines (model and kind of token) in case they were rounded
/// before they were added up.
pub(super) fn rounding(
    priced: &Priced,
    lines: &[Exact],
    billed: &Billed,
    places: u32,
) -> Option<Variation> {
    let rounded = |toward, lines| Variation::of_all(Change::Rounded { places, toward, lines });
    let towards = [Toward::Nearest, Toward::Even, Toward::Up, Toward::Down];
    for toward in towards.into_iter().chain([Toward::Float]) {
        if rounds(priced, billed, places, toward) {
            return Some(rounded(toward, false));
        }
    }
    let (total, _) = billed.get(&Class::All).filter(|_| priced.is_exact())?;
    for toward in towards {
        let mut sum = Ok(Exact::ZERO);
        for line in lines {
            sum = sum.and_then(|sum: Exact| sum.plus(toward.round(*line, places)));
        }
        if sum == Ok(*total) {
            return Some(rounded(toward, true));
        }
    }
    None
}

/// True when each class, at the price within its bounds that is nearest to the bill, rounds to what
/// was billed.
fn rounds(priced: &Priced, billed: &Billed, places: u32, toward: Toward) -> bool {
    Class::ALL.into_iter().all(|class| {
        let bounds = priced.classes[class as usize].unwrap_or_default();
        let (amount, rows) = billed.get(&class).copied().unwrap_or_default();
        let exact = amount.clamp(bounds.low, bounds.high);
        if amount == exact {
            return true;
        }
        let Some(gap) = amount.minus(exact).ok().and_then(without_sign) else { return false };
        if toward == Toward::Float {
            return is_float_noise(amount, gap);
        }
        // What the bill could have written down to the last digit was not rounded.
        if exact.scale() <= places {
            return false;
        }
        if rows <= 1 {
            return toward.round(exact, places) == amount;
        }
        // Each of several rows was rounded by itself: half a unit each.
        let slack = Exact::new(5, places + 1).and_then(|half| half.times_count(rows.into()));
        toward == Toward::Nearest && slack.is_ok_and(|slack| gap <= slack)
    })
}

fn without_sign(amount: Exact) -> Option<Exact> {
    if amount.is_negative() { amount.negated().ok() } else { Some(amount) }
}

/// True for an amount of 15 digits or more that is off by less than the 12th of them.
fn is_float_noise(amount: Exact, gap: Exact) -> bool {
    const DIGITS: u128 = 100_000_000_000_000;
    let small = without_sign(amount).and_then(|amount| amount.shifted(12).ok());
    amount.mantissa().unsigned_abs() >= DIGITS && small.is_some_and(|small| gap <= small)
}

/// The factor that turns exact amounts into what was billed, when it is a short decimal and the
/// same for every class.
pub(super) fn factor(priced: &Priced, billed: &Billed) -> Option<Exact> {
    if !priced.is_exact() {
        return None;
    }
    let mut common = None;
    for class in Class::ALL {
        let exact = priced.classes[class as usize].map_or(Exact::ZERO, |bounds| bounds.low);
        let amount = billed.get(&class).map_or(Exact::ZERO, |(amount, _)| *amount);
        match (exact.is_zero(), amount.is_zero()) {
            (true, true) => continue,
            (false, false) => {}
            _ => return None,
        }
        let ratio = amount.divided_by(exact).ok().filter(|ratio| ratio.scale() <= 4)?;
        if common.is_some_and(|common| common != ratio) {
            return None;
        }
        common = Some(ratio);
    }
    common.filter(|factor| !factor.is_negative() && *factor != Exact::ONE)
}

/// The factor of two decimal places that is nearest to what was billed, for a bill that is rounded.
pub(super) fn near_factor(priced: &Priced, billed: &Billed) -> Option<Exact> {
    const PLACES: u32 = 2;
    let billed =
        billed.values().try_fold(Exact::ZERO, |sum, (amount, _)| sum.plus(*amount)).ok()?;
    let exact = priced.total().ok()?.low;
    let scale = billed.scale().max(exact.scale());
    let units = |amount: Exact, places: u32| {
        let power = 10_i128.checked_pow(scale - amount.scale() + places)?;
        amount.mantissa().checked_mul(power)
    };
    let (above, below) = (units(billed, PLACES)?, units(exact, 0)?);
    if above <= 0 || below <= 0 {
        return None;
    }
    let nearest = above.checked_mul(2)?.checked_add(below)? / below.checked_mul(2)?;
    Exact::new(nearest, PLACES).ok().filter(|factor| *factor != Exact::ONE && !factor.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().expect(text)
    }

    fn priced(amounts: &[(Class, &str, &str)]) -> Priced {
        let mut priced = Priced::default();
        for (class, low, high) in amounts {
            priced.add(*class, exact(low), exact(high)).expect("few digits");
        }
        priced
    }

    fn billed(amounts: &[(Class, &str, u64)]) -> Billed {
        amounts.iter().map(|(class, amount, rows)| (*class, (exact(amount), *rows))).collect()
    }

    #[test]
    fn fits() {
        let both = priced(&[(Class::Input, "1.5", "1.5"), (Class::Output, "2", "3")]);
        assert_eq!(
            fit(&both, &billed(&[(Class::Input, "1.5", 1), (Class::Output, "2.5", 1)])),
            Fit::Within
        );
        assert_eq!(fit(&both, &billed(&[(Class::Input, "1.5", 1)])), Fit::No);
        let all = priced(&[(Class::All, "0.125", "0.125")]);
        assert_eq!(fit(&all, &billed(&[(Class::All, "0.125", 1)])), Fit::Exact);
        assert_eq!(nearest(&both, &billed(&[(Class::Output, "2.5", 1)])), Ok(exact("4")));
        let open = Priced { open: true, ..all };
        assert_eq!(fit(&open, &billed(&[(Class::All, "0.125", 1)])), Fit::Open);
        assert_eq!(fit(&open, &billed(&[(Class::All, "0.1", 1)])), Fit::No);
        let unread = Priced { open: false, unread: true, ..open };
        assert_eq!(fit(&unread, &billed(&[(Class::All, "0.125", 1)])), Fit::Exact);
        assert_eq!(fit(&unread, &billed(&[(Class::All, "0.126", 1)])), Fit::Open);
    }

    #[test]
    fn rounds_as_the_bill_does() {
        let way = |amount: &str, written: &str, rows: u64| {
            let found = rounding(
                &priced(&[(Class::All, amount, amount)]),
                &[],
                &billed(&[(Class::All, written, rows)]),
                2,
            );
            found.map(|found| found.to_string())
        };
        assert_eq!(way("0.125", "0.13", 1).as_deref(), Some("rounded to 2 places"));
        assert_eq!(way("0.125", "0.12", 1).as_deref(), Some("rounded half to even to 2 places"));
        assert_eq!(way("0.1201", "0.13", 1).as_deref(), Some("rounded up to 2 places"));
        assert_eq!(way("0.129", "0.12", 1).as_deref(), Some("cut off to 2 places"));
        assert_eq!(way("0.129", "0.12", 2).as_deref(), Some("rounded to 2 places"));
        assert_eq!(way("0.12", "0.13", 1), None, "0.12 needs no rounding");
        assert_eq!(way("0.129", "0.15", 1), None);
        let noise = way("0.0000285", "0.000028499999999999998", 1);
        assert_eq!(noise.as_deref(), Some("within the error of floating point numbers"));
    }

    #[test]
    fn finds_a_factor() {
        let found = |amount: &str, written: &str| {
            let priced = priced(&[(Class::Input, amount, amount), (Class::Output, "2", "2")]);
            let billed = billed(&[(Class::Input, written, 1), (Class::Output, "1.7", 1)]);
            factor(&priced, &billed).map(|factor| factor.to_string())
        };
        assert_eq!(found("0.4", "0.34").as_deref(), Some("0.85"));
        assert_eq!(found("0.4", "0.35"), None, "0.875 is not 0.85");
        assert_eq!(found("0", "0").as_deref(), Some("0.85"));
    }
}
