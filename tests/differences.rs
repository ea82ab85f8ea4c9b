//! Two books side by side: what must hold for any two, and what a few small ones say.

use tokreckon::differences::{
    Asked, Difference, DifferenceOutcome, compare, competing, ratio, ratio_of,
};
use tokreckon::money::Exact;
use tokreckon::time::Period;
use tokreckon_data::BUILTIN;
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Origin};
use tokreckon_data::table::Tables;

fn book(prices: &str) -> Tables {
    let text = format!("provider = \"demo\"\ncurrency = \"USD\"\n{prices}");
    let (file, mistakes) = schema::read(&text, Origin::User);
    assert_eq!(mistakes, []);
    compile(&[file]).expect("a book")
}

/// Every difference in one line: `m input [conditions] outcome ratio`.
fn said(left: &Tables, right: &Tables, at: Option<&str>) -> Vec<String> {
    let at = at.map(|at| Period::parse(at).expect("a day").start);
    let found = compare(left, right, Asked { at, ..Asked::default() });
    let line = |d: &Difference<'_>| {
        let ratio = d.left.as_ref().zip(d.right.as_ref()).and_then(|(l, r)| ratio(l, r));
        let (model, meter, outcome) = (d.model, d.meter, d.outcome.as_str());
        format!("{model} {meter} [{}] {outcome} {}", d.conditions, ratio.unwrap_or_default())
    };
    found.iter().map(|d| line(d).trim_end().to_owned()).collect()
}

#[test]
fn a_book_is_the_same_as_itself_at_every_time() {
    for at in [None, Some("2024-06-01"), Some("2026-11-20")] {
        let at = at.map(|at| Period::parse(at).expect("a day").start);
        let found = compare(&BUILTIN, &BUILTIN, Asked { at, ..Asked::default() });
        assert!(found.len() > 200, "{}", found.len());
        assert!(found.iter().all(|line| line.outcome == DifferenceOutcome::Same));
    }
}

#[test]
fn the_other_way_round_says_the_same() {
    let one = book(
        "[[price]]\nmodels = [\"a\", \"b\"]\nfrom = 2026-01-01\ninput = \"3\"\noutput = \"9\"\n",
    );
    let other = book(
        "[[price]]\nmodels = [\"A\"]\nfrom = 2026-03-01\ninput = \"4\"\n\n\
         [[price]]\nmodels = [\"c\"]\nfrom = 2026-01-01\nuntil = 2026-02-01\ninput = \"1\"\n",
    );
    for at in [None, Some(Period::parse("2026-06-01").expect("a day").start)] {
        let asked = Asked { at, ..Asked::default() };
        let (there, back) = (compare(&one, &other, asked), compare(&other, &one, asked));
        assert_eq!(there.len(), back.len());
        for (there, back) in there.iter().zip(&back) {
            let mirrored = match there.outcome {
                DifferenceOutcome::OnlyLeft => DifferenceOutcome::OnlyRight,
                DifferenceOutcome::OnlyRight => DifferenceOutcome::OnlyLeft,
                other => other,
            };
            assert_eq!(
                (back.outcome, back.meter, back.period),
                (mirrored, there.meter, there.period)
            );
        }
    }
    assert_eq!(
        said(&one, &other, Some("2026-06-01")),
        ["a input [] differ 4/3", "a output [] left", "b input [] left", "b output [] left",]
    );
}

#[test]
fn what_counts_is_what_is_said() {
    let one = book(
        "[window.night]\nhours = [\"16:30-00:30\"]\n\
         [[price]]\nmodels = [\"m\"]\nfrom = 2026-01-01\naudio-seconds = \"0.006 per minute\"\n\
         [[price]]\nmodels = [\"m\"]\nfrom = 2026-01-01\nwindow = \"night\"\ninput = \"1.0\"\n\
         [[price]]\nmodels = [\"m\"]\nfrom = 2026-01-01\n\
         above = { tokens = 200000, comparison = \">=\", scope = \"whole-request\" }\noutput = \"2\"\n\
         [[price]]\nmodels = [\"m\"]\nfrom = 2026-01-01\ncache-read = \"not-sourced\"\n",
    );
    let other = book(
        "[window.cheap]\nhours = [\"16:30-00:30\"]\n\
         [[alias]]\nid = \"m\"\nof = \"model\"\n\
         [[price]]\nmodels = [\"model\"]\nfrom = 2026-01-01\naudio-seconds = \"0.0001 per second\"\n\
         [[price]]\nmodels = [\"model\"]\nfrom = 2026-01-01\nwindow = \"cheap\"\ninput = \"1.00\"\n\
         [[price]]\nmodels = [\"model\"]\nfrom = 2026-01-01\n\
         above = { tokens = 199999, comparison = \">\", scope = \"whole-request\" }\noutput = \"2.00\"\n\
         [[price]]\nmodels = [\"model\"]\nfrom = 2026-01-01\ncache-read = \"free\"\n",
    );
    assert_eq!(
        said(&one, &other, Some("2026-06-01"))[..4],
        [
            "m input [16:30-00:30] same 1",
            "m cache-read [] right",
            "m output [from 200000 tokens] same 1",
            "m audio-seconds [] same 1",
        ]
    );
}

#[test]
fn ratios_are_exact() {
    let of = |numerator: &str, denominator: &str| {
        let [numerator, denominator] =
            [numerator, denominator].map(|text| text.parse::<Exact>().expect("a number"));
        ratio_of(numerator, denominator).unwrap_or_else(|| "none".to_owned())
    };
    assert_eq!(of("0.88", "1.10"), "0.8");
    assert_eq!(of("4.4", "1.1"), "4");
    assert_eq!(of("11", "3"), "11/3");
    assert_eq!(of("0.08333333333333334", "0.1"), "4166666666666667/5000000000000000");
    assert_eq!(of("0", "3"), "0");
    assert_eq!(of("1", "0"), "none");
}

#[test]
fn competing_values_of_the_book_are_read_to_the_last() {
    let (mut read, mut written) = (0, 0);
    let found = compare(&BUILTIN, &BUILTIN, Asked::default());
    for rate in found.iter().filter_map(|line| line.left) {
        let values = competing(&rate);
        written += rate.also_seen().matches(" (").count();
        read += values.len();
        for value in values {
            // Mostly an amount; where a source says in words that there is no price, no ratio.
            let is_amount = value.amount.parse::<Exact>().is_ok();
            assert!(is_amount || value.ratio.is_none(), "{} {}", value.amount, value.by);
            assert!(!value.by.is_empty() && !value.by.contains(['(', ')', ';']), "{}", value.by);
        }
    }
    assert_eq!(read, written);
    assert!(read > 1_000, "{read}");
}
