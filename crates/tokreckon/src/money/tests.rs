//! What amounts are at their edges.

use super::*;

fn exact(text: &str) -> Exact {
    text.parse().expect(text)
}

#[test]
fn reads_what_exports_write() {
    assert_eq!(exact("0.003835980000000000000000000000").to_string(), "0.00383598");
    assert_eq!(exact("3.4500000000000004e-05").to_string(), "0.000034500000000000004");
    assert_eq!(exact("-0.50").to_string(), "-0.5");
    assert_eq!(exact("1e3").to_string(), "1000");
    assert_eq!(exact("0e-9999"), Exact::ZERO);
    for bad in ["", ".", "-", "1,234.5", "$1", " 1", "1_000", "NaN", "1e", "0x1", "١", "1.2.3"] {
        assert!(bad.parse::<Exact>().is_err(), "{bad}");
    }
    assert!(matches!("1e39".parse::<Exact>(), Err(ParseExactError::TooLong { .. })));
}

#[test]
fn keeps_what_rust_decimal_loses() {
    let sum = exact("1e19").plus(exact("1e-10")).expect("29 digits");
    assert_eq!(sum.to_string(), "10000000000000000000.0000000001");
    assert_eq!(exact("1e30").plus(exact("1e-10")), Err(InexactError));
    assert_eq!(exact("0.111").divided_by(exact("3600")), Err(InexactError));
    assert_eq!(exact("0.006").divided_by(exact("60")).map(|e| e.to_string()), Ok("0.0001".into()));
}

#[test]
fn what_does_not_fit_is_an_error_and_never_another_number() {
    let edges = [i128::MIN, i128::MAX, i128::MIN + 1, 10_i128.pow(38), -1, 1, 0];
    let tenth = exact("0.1");
    for places in [u32::MAX, u32::MAX - 1, i32::MAX as u32, 38] {
        assert_eq!(tenth.shifted(places), Err(InexactError), "{places}");
        assert_eq!(Exact::ZERO.shifted(places), Ok(Exact::ZERO));
    }
    assert_eq!(tenth.shifted(37).map(Exact::scale), Ok(38));
    for a in edges.map(|edge| Exact::new(edge, 0).expect("no places")) {
        // The digits are those of `i128`: zeros at the end are no help to what is below zero.
        assert_eq!(a.to_string().parse::<Exact>(), Ok(a));
        assert_eq!(
            a.minus(a),
            if a.mantissa() == i128::MIN { Err(InexactError) } else { Ok(Exact::ZERO) }
        );
        assert_eq!(a.cmp(&a), Ordering::Equal);
        assert_eq!(a.times(Exact::ONE), Ok(a));
        assert_eq!(a.divided_by(Exact::ONE), Ok(a));
        assert_eq!(a.rounded(0, Rounding::HalfUp), a);
    }
    let [low, high] = [i128::MIN, i128::MAX].map(|edge| Exact::new(edge, 38).expect("38 places"));
    assert!(low < high && low < Exact::ZERO && high > Exact::ONE);
    assert_eq!(low.negated(), Err(InexactError));
    assert_eq!(high.plus(high), Err(InexactError));
    assert_eq!(high.times(high), Err(InexactError));
    assert_eq!(low.rounded(0, Rounding::HalfEven).to_string(), "-2");
    assert_eq!(high.rounded(37, Rounding::HalfUp).scale(), 37);
    for text in
        ["1e9999", "1e-9999", "1e39", &"9".repeat(40), "170141183460469231731687303715884105728"]
    {
        assert!(matches!(text.parse::<Exact>(), Err(ParseExactError::TooLong { .. })), "{text}");
    }
}

#[test]
fn padding_has_a_limit() {
    assert_eq!(exact("1").to_string_padded(2), "1.00");
    assert_eq!(exact("1.5").to_string_padded(2), "1.50");
    assert_eq!(exact("1.505").to_string_padded(2), "1.505");
    assert_eq!(exact("7").to_string_padded(0), "7");
    assert_eq!(exact("1").to_string_padded(u32::MAX).len(), 40, "one digit, the point, 38 zeros");
}

#[test]
fn zero_is_not_negative() {
    assert!(!Exact::ZERO.is_negative() && exact("-0.1").is_negative());
    assert!(!exact("-0").is_negative());
}

#[test]
fn rounds_only_by_name() {
    assert_eq!(exact("0.125").rounded(2, Rounding::HalfEven).to_string(), "0.12");
    assert_eq!(exact("0.125").rounded(2, Rounding::HalfUp).to_string(), "0.13");
    assert_eq!(exact("-0.125").rounded(2, Rounding::HalfUp).to_string(), "-0.13");
    assert_eq!(exact("0.1251").rounded(2, Rounding::HalfEven).to_string(), "0.13");
    assert_eq!(exact("7").rounded(2, Rounding::HalfUp).to_string(), "7");
}

#[test]
fn orders_by_value() {
    assert!(exact("0.1") > exact("0.09999999999999999999999999999999999"));
    assert!(exact("-1.5") < exact("-1.25"));
    assert!(exact("10") > exact("9.99"));
    assert_eq!(exact("1.0").cmp(&exact("1")), Ordering::Equal);
}

#[test]
fn numbers_are_kept_in_lowest_terms() {
    let lowest = |mantissa, scale| Exact::new(mantissa, scale).map(|e| (e.mantissa(), e.scale()));
    assert_eq!(lowest(1_200, 4), Ok((12, 2)));
    assert_eq!(lowest(1_200, 1), Ok((120, 0)));
    assert_eq!(lowest(-1_200, 0), Ok((-1_200, 0)));
    // More than 64 bits.
    assert_eq!(lowest(12 * 10_i128.pow(30), 31), Ok((12, 1)));
    assert_eq!(lowest(12 * 10_i128.pow(30), 2), Ok((12 * 10_i128.pow(28), 0)));
    assert_eq!(lowest(1, 39), Err(InexactError));
    assert_eq!(lowest(10, 39), Ok((1, 38)));
    assert!(Exact::ZERO.is_zero() && !Exact::ONE.is_zero());
    assert_eq!(Exact::from(7_u64), exact("7"));
}

#[test]
fn a_product_that_fits_is_found_when_its_digits_run_out_before() {
    let power = |base: i128, exponent, scale| {
        Exact::new(base.pow(exponent), scale).expect("at most 38 digits")
    };
    let product = power(2, 120, 30).times(power(5, 30, 0));
    assert_eq!(product.map(|e| e.to_string()), Ok("1237940039285380274899124224".to_owned()));
    let product = power(5, 30, 0).times(power(2, 120, 30));
    assert_eq!(product.map(Exact::mantissa), Ok(2_i128.pow(90)));
    // The zeros that could be dropped are before the point.
    assert_eq!(power(2, 120, 1).times(power(5, 30, 0)), Err(InexactError));
    // A five without a two is no zero.
    assert_eq!(power(5, 54, 1).times(exact("7")), Err(InexactError));
    assert_eq!(exact("0.25").times_count(3), Ok(exact("0.75")));
    assert_eq!(exact("1").times_count(u128::MAX), Err(InexactError));
}

#[test]
fn negative_numbers_are_below_all_others() {
    assert!(exact("-0.5") < exact("1") && exact("1") > exact("-0.5"));
    assert!(exact("-0.5") < Exact::ZERO && Exact::ZERO < exact("0.5"));
}

#[test]
fn texts_are_read_strictly_and_quoted_shortly() {
    assert_eq!(exact("+5"), exact("5"));
    for wrong in ["+", "++5", "1e99999", "1e1x", "1e+-1"] {
        let error = wrong.parse::<Exact>();
        assert!(matches!(error, Err(ParseExactError::NotANumber { .. })), "{wrong}");
    }
    let quoted = |text: &str| text.parse::<Exact>().expect_err("no number").to_string();
    assert_eq!(quoted("abc"), "`abc` is not a decimal number");
    assert_eq!(quoted(&"x".repeat(40)), format!("`{}` is not a decimal number", "x".repeat(40)));
    assert_eq!(quoted(&"x".repeat(41)), format!("`{}…` is not a decimal number", "x".repeat(40)));
}

#[test]
fn money_passes_through_decimal_without_loss() {
    let money: Money = "1.50USD".parse().expect("money");
    let decimal = Decimal::try_from(money).expect("few digits");
    assert_eq!(decimal.to_string(), "1.5");
    assert_eq!(Exact::try_from(decimal), Ok(exact("1.5")));
    assert!(Decimal::try_from(exact("1e-29")).is_err(), "more than 28 places");
    assert_eq!(money.times(exact("2")).map(|money| money.to_string()), Ok("3 USD".to_owned()));
    assert_eq!(format!("{:?}", money.currency), "USD");
}
