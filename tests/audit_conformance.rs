//! The figures of `docs/audit.md`, measured again: false alarms on recorded data, errors that are found.
//!
//! The recordings are not part of the project: `TOKRECKON_FACTS` names the folder that holds them.

#[path = "../crates/tokreckon/examples/detection/attacks.rs"]
mod attacks;
#[path = "../crates/tokreckon/examples/detection/clean.rs"]
mod clean;
#[path = "../crates/tokreckon/examples/detection/facts.rs"]
mod facts;
#[path = "../crates/tokreckon/examples/detection/units.rs"]
mod units;

use std::path::Path;

use facts::{Facts, audit_rows, count};
use tokreckon::audit::{Audit, Code};

/// The recorded data; `None` where there is none.
fn recorded() -> Option<Facts> {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS") else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return None;
    };
    Some(facts::read(Path::new(&folder)).expect("recorded data"))
}

#[test]
fn no_false_alarms() {
    let Some(facts) = recorded() else { return };
    let (rows, _) = audit_rows(facts.rows.iter());
    for (code, _, known) in clean::CHECKS {
        assert!(count(&rows, code) == 0 || !known.is_empty(), "{}", code.name());
    }
    // OpenRouter's impossible splits of mid 2025.
    assert_eq!(count(&rows, Code::ReasoningAboveOutput), 158);
    let (responses, _) = clean::responses(&facts);
    for (code, most) in [
        (Code::ReasoningOffStep, 1),
        (Code::ReasoningOfPlainModel, 1),
        (Code::OutputUnexplained, 0),
        (Code::OutputBelowVisible, 1),
        (Code::PromptDiffers, 6),
        (Code::PromptOffsetChanges, 0),
        (Code::OutputAboveCap, 0),
        (Code::ImpossibleTime, 3),
        (Code::NotTokens, 0),
    ] {
        let found = count(&responses, code);
        assert!(found <= most, "{}: {found}", code.name());
    }
}

#[test]
fn chance_is_what_was_measured() {
    let Some(facts) = recorded() else { return };
    let audits = [audit_rows(facts.rows.iter()).0, clean::responses(&facts).0];
    let mut wrong = Vec::new();
    for check in &audits[1].by_chance {
        let code = check.code;
        let of = |audit: &Audit| {
            audit.by_chance.iter().find(|other| other.code == code).map_or(0, |of| of.looked_at)
        };
        let measured: (u64, u64) =
            audits.iter().fold((0, 0), |sum, a| (sum.0 + a.found(code), sum.1 + of(a)));
        if measured != (check.false_alarms, check.recorded) {
            wrong.push(format!("{}: {measured:?}", code.name()));
        }
    }
    assert!(wrong.is_empty() && audits[1].by_chance.len() == 8, "{wrong:#?}");
}

#[test]
fn errors_are_found_as_often_as_was_published() {
    let Some(facts) = recorded() else { return };
    let rows: Vec<_> = attacks::o1_rows(&facts).collect();
    assert_eq!(rows.len(), 3217);
    // Tenths of a per cent, for each raise of `attacks::RAISES`.
    let published: [[u64; 7]; 5] = [
        [995, 983, 956, 902, 752, 496, 0],
        [350, 470, 660, 870, 970, 990, 1000],
        [0, 0, 0, 240, 280, 310, 890],
        [995, 983, 956, 902, 752, 496, 0],
        [0; 7],
    ];
    for (attack, least) in attacks::ATTACKS.into_iter().zip(published) {
        for (raise, least) in attacks::RAISES.into_iter().zip(least) {
            let found = attacks::rate(&rows, attack, raise);
            assert!(found >= least, "{} +{raise} %: {found}", attack.0);
        }
    }
}

#[test]
fn credits_are_seen() {
    let Some(facts) = recorded() else { return };
    let audit = units::together(&facts);
    assert_eq!(count(&audit, Code::NotTokens), 15);
    let finding = audit.findings.iter().find(|finding| finding.code == Code::NotTokens);
    let figures = finding.expect("a finding").figures.join("\n");
    assert!(figures.contains("57 = 9 tokens x 6.3, 2167 = 86 tokens x 25.2"), "{figures}");
    assert!(figures.contains("10 visible, 12 framing"), "{figures}");
    assert!(figures.contains("proves little alone"), "{figures}");
    let (found, right, all) = units::turned_into_credits(&facts);
    assert!(all == 1822 && found * 100 >= all * 95 && right * 100 >= found * 95);
}

#[test]
fn the_page_holds() {
    let Some(facts) = recorded() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md");
    let page = std::fs::read_to_string(path).expect("the page");
    for section in [clean::section, attacks::section, units::section] {
        let text = section(&facts);
        assert!(page.contains(text.trim_end()), "docs/audit.md is not what is measured:\n{text}");
    }
    assert!(facts::between_marks(&page, "").is_some(), "the marks are missing");
}
