//! Factors between a list price and what is paid that people agree on or that a state takes: discounts,
//! mark-ups, taxes on sales. Any other factor between two amounts is a difference, and explains nothing: a
//! rate of exchange or a rare discount is what somebody says it is.

use crate::money::Exact;

/// How many factors are known: an amount that could not be told from so many others proves none.
pub(crate) const KNOWN: usize = 161;

/// Taxes on sales and services, in thousandths of the price, and who takes them. Sources: the European
/// Commission's list of standard rates, and the tax offices of the others; as of 2026-01.
const TAXES: [(i128, &str); 18] = [
    (50, "GST of Canada"),
    (75, "VAT of Nigeria"),
    (80, "sales tax"),
    (81, "VAT of Switzerland"),
    (90, "GST of Singapore"),
    (100, "consumption tax of Japan or GST of Australia"),
    (130, "HST of Ontario"),
    (150, "GST of New Zealand"),
    (170, "VAT of Luxembourg"),
    (180, "GST of India"),
    (190, "VAT of Germany"),
    (200, "VAT of the United Kingdom or France"),
    (210, "VAT of Spain or the Netherlands"),
    (220, "VAT of Italy"),
    (230, "VAT of Poland or Ireland"),
    (240, "VAT of Greece"),
    (250, "VAT of Sweden or Denmark"),
    (255, "VAT of Finland"),
];

/// The largest mark-up and the largest discount that are taken for agreed, in thousandths.
const MOST_ADDED: i128 = 300;
const MOST_TAKEN: i128 = 500;

/// What a factor may be, in words: `19 % more: a mark-up or a tax (VAT of Germany)`; `None` for what is no
/// discount, mark-up or tax. Percents are whole or half, but for a tax.
pub(crate) fn known(factor: Exact) -> Option<String> {
    let thousandths = in_thousandths(factor)?;
    let tax = TAXES.iter().find(|(tax, _)| *tax == thousandths).map(|(_, of)| *of);
    let is_usual = thousandths % 5 == 0 && (-MOST_TAKEN..=MOST_ADDED).contains(&thousandths);
    if thousandths == 0 || !(is_usual || tax.is_some()) {
        return None;
    }
    let percent = Exact::new(thousandths.abs(), 1).ok()?;
    Some(match tax {
        Some(of) => format!("{percent} % more: a mark-up or a tax ({of})"),
        None if thousandths > 0 => format!("{percent} % more: a mark-up"),
        None => format!("{percent} % less: a discount"),
    })
}

/// The same of a factor that was measured, to a thousandth: `5.3 % more` may be.
pub(crate) fn is_near(factor: Exact) -> bool {
    let thousandths = in_thousandths(factor);
    thousandths.is_some_and(|thousandths| (-MOST_TAKEN..=MOST_ADDED).contains(&thousandths))
}

/// How far it is from one, in thousandths; `None` where those do not suffice.
fn in_thousandths(factor: Exact) -> Option<i128> {
    let distance = factor.minus(Exact::ONE).ok()?;
    let power = 10_i128.checked_pow(3_u32.checked_sub(distance.scale())?)?;
    distance.mantissa().checked_mul(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_discounts_mark_ups_and_taxes_are_agreed() {
        let known = |factor: &str| known(factor.parse().expect("a number"));
        for (factor, is) in [
            ("0.85", Some("15 % less: a discount")),
            ("0.5", Some("50 % less: a discount")),
            ("0.975", Some("2.5 % less: a discount")),
            ("1.055", Some("5.5 % more: a mark-up")),
            ("1.19", Some("19 % more: a mark-up or a tax (VAT of Germany)")),
            ("1.081", Some("8.1 % more: a mark-up or a tax (VAT of Switzerland)")),
            ("1.3", Some("30 % more: a mark-up")),
            ("1", None),
            ("7.3", None),
            ("0.1", None),
            ("0.4", None),
            ("1.31", None),
            ("2", None),
            ("0.8537", None),
            ("1.082", None),
            ("-0.8", None),
            ("0", None),
        ] {
            assert_eq!(known(factor).as_deref(), is, "{factor}");
        }
    }

    #[test]
    fn no_more_factors_are_known_than_is_said() {
        let of = |thousandths| Exact::new(thousandths, 3).expect("few digits");
        let count = (0..10_000).filter(|at| known(of(*at)).is_some()).count();
        assert_eq!(count, KNOWN);
    }
}
