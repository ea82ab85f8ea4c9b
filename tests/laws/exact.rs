//! `Exact` against rational numbers without limits: equal to the last digit, or an error where the
//! result has more digits than fit.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use rust_decimal::Decimal;
use tokreckon::money::{Exact, ParseExactError, Rounding};

use crate::random::{Random, each_case};

/// The value of an exact number.
pub(crate) fn rational(exact: Exact) -> BigRational {
    BigRational::new(exact.mantissa().into(), power(10, exact.scale()))
}

pub(crate) fn power(base: u32, exponent: u32) -> BigInt {
    BigInt::from(base).pow(exponent)
}

/// The exact number of this value, if it ends and its digits fit.
pub(crate) fn representable(value: &BigRational) -> Option<Exact> {
    let mut rest = value.denom().clone();
    let mut count = |prime: u32| {
        let mut times = 0;
        while (&rest % prime).is_zero() {
            rest /= prime;
            times += 1;
        }
        times
    };
    let scale: u32 = count(2).max(count(5));
    if !rest.is_one() || scale > Exact::MAX_SCALE {
        return None;
    }
    let mantissa = (value * power(10, scale)).to_integer();
    Some(Exact::new(i128::try_from(mantissa).ok()?, scale).expect("in lowest terms"))
}

/// Decimal numbers of every size, many with round digits, some at the limits.
fn any(random: &mut Random) -> Exact {
    let wide = u128::from(random.next()) << 64 | u128::from(random.next());
    let mantissa = match random.below(10) {
        0 => random.pick(&[0, 1, -1, 5, 10, i128::MAX, i128::MIN, i128::MAX - 7, i128::MIN + 1]),
        1 => 10_i128.pow(u32::try_from(random.below(39)).expect("small")),
        2 => i128::from(random.magnitude(64)) * 1_000_000,
        _ => {
            let narrow = (wide >> random.below(128)).cast_signed();
            if random.chance(50) { narrow.wrapping_neg() } else { narrow }
        }
    };
    let scale = random.magnitude(6).min(38);
    Exact::new(mantissa, u32::try_from(scale).expect("small")).expect("at most 38 places")
}

fn check(what: &str, got: Result<Exact, impl Sized>, expected: &BigRational) {
    let got = got.ok();
    assert_eq!(got, representable(expected), "{what}: {expected}");
}

#[test]
fn arithmetic_is_exact_or_an_error() {
    each_case(30_000, |random| {
        let (a, b) = (any(random), any(random));
        let (x, y) = (rational(a), rational(b));
        check("times", a.times(b), &(&x * &y));
        if b.is_zero() {
            assert!(a.divided_by(b).is_err());
        } else {
            check("divided_by", a.divided_by(b), &(&x / &y));
        }
        let count = u128::from(random.magnitude(64)) * u128::from(random.magnitude(64));
        let product = &x * BigRational::from_integer(count.into());
        if let Ok(product_of_count) = a.times_count(count) {
            assert_eq!(rational(product_of_count), product);
        }
        let places = u32::try_from(random.below(12)).expect("small");
        check("shifted", a.shifted(places), &(&x / BigRational::from_integer(power(10, places))));
        for (sum, expected) in [(a.plus(b), &x + &y), (a.minus(b), &x - &y)] {
            if let Ok(sum) = sum {
                assert_eq!(rational(sum), expected);
                continue;
            }
            // A sum is an error when it, or one of the two, does not fit with the places of both.
            let scale = BigRational::from_integer(power(10, a.scale().max(b.scale())));
            let largest = x.abs().max(y.abs()).max(expected.abs()) * scale;
            assert!(largest >= BigRational::from_integer(i128::MAX.into()), "{a} and {b}");
        }
    });
}

#[test]
fn order_is_that_of_the_values() {
    each_case(30_000, |random| {
        let (a, b) = (any(random), any(random));
        // Neighbours differ in the last digit only.
        let near = Exact::new(a.mantissa().saturating_add(1), a.scale()).expect("as many places");
        for (a, b) in [(a, b), (a, near), (b, near)] {
            let order = rational(a).cmp(&rational(b));
            assert_eq!(a.cmp(&b), order, "{a} and {b}");
            assert_eq!(b.cmp(&a), order.reverse());
            assert_eq!(a == b, order == Ordering::Equal);
        }
    });
}

#[test]
fn what_is_printed_is_read_back() {
    each_case(30_000, |random| {
        let a = any(random);
        assert_eq!(a.to_string().parse(), Ok(a));
        let padded = a.to_string_padded(6);
        assert_eq!(padded.parse(), Ok(a), "{padded}");
        let places = padded.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        assert!(places >= 6, "{padded}");
        if let Ok(decimal) = Decimal::try_from(a) {
            assert_eq!(Exact::try_from(decimal), Ok(a));
            assert_eq!(decimal.normalize().to_string(), a.to_string());
        } else {
            assert!(a.scale() > 28 || a.mantissa().unsigned_abs() >= 1 << 96, "{a}");
        }
    });
}

#[test]
fn a_text_is_its_value_or_an_error() {
    each_case(30_000, |random| {
        let digits = |random: &mut Random, most: u64| -> String {
            let zeros = random.chance(30);
            let length = random.below(most);
            let digit = |random: &mut Random| if zeros { 0 } else { random.below(10) };
            (0..length).map(|_| digit(random).to_string()).collect()
        };
        let (whole, fraction) = (digits(random, 25), digits(random, 35));
        let sign = random.pick(&["", "", "-", "+"]);
        let point = random.pick(&[".", ""]);
        let fraction = if point.is_empty() { String::new() } else { fraction };
        let exponent = random.below(80).cast_signed() - 40;
        let text = match random.below(3) {
            0 => format!("{sign}{whole}{point}{fraction}e{exponent}"),
            _ => format!("{sign}{whole}{point}{fraction}"),
        };
        let ten = BigRational::from_integer(10.into());
        let mut value: BigRational = match format!("{whole}{fraction}").parse::<BigInt>() {
            Ok(digits) => BigRational::from_integer(digits),
            Err(_) => return assert!(text.parse::<Exact>().is_err(), "{text}: no digits"),
        };
        value /= num_traits::pow(ten.clone(), fraction.len());
        if text.contains('e') {
            value *= ten.pow(i32::try_from(exponent).expect("small"));
        }
        if sign == "-" {
            value = -value;
        }
        match text.parse::<Exact>() {
            Ok(exact) => assert_eq!(rational(exact), value, "{text}"),
            Err(ParseExactError::TooLong { .. }) => {
                let digits = format!("{whole}{fraction}");
                let written = digits.trim_start_matches('0').trim_end_matches('0').len();
                let fits = representable(&value).is_some();
                assert!(!fits || written + whole.len() > 38, "{text} fits");
            }
            Err(error) => panic!("{error}"),
        }
    });
}

#[test]
fn rounding_goes_to_the_nearest_and_ties_as_named() {
    each_case(30_000, |random| {
        let mut a = any(random);
        let places = u32::try_from(random.below(8)).expect("small");
        if random.chance(30) {
            // A tie.
            let half = i128::from(random.magnitude(60)) * 10 + 5;
            a = Exact::new(if random.chance(50) { -half } else { half }, places + 1).expect("few");
        }
        let unit = BigRational::from_integer(power(10, places));
        let scaled = rational(a) * &unit;
        let (low, half) = (scaled.floor(), BigRational::new(1.into(), 2.into()));
        let rest = &scaled - &low;
        for rounding in [Rounding::HalfEven, Rounding::HalfUp] {
            let up = match rest.cmp(&half) {
                Ordering::Less => false,
                Ordering::Greater => true,
                Ordering::Equal if rounding == Rounding::HalfUp => scaled.is_positive(),
                Ordering::Equal => !(low.to_integer() % 2_i32).is_zero(),
            };
            let nearest = if up { &low + BigRational::one() } else { low.clone() };
            let expected = nearest / &unit;
            assert_eq!(rational(a.rounded(places, rounding)), expected, "{a} to {places}");
        }
    });
}
