//! `docs/findings.md` is made from the catalogue of findings; `BLESS=1` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use tokreckon::audit::Code;

#[test]
fn a_section_for_each_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/findings.md");
    let made = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "docs/findings.md is not what the catalogue says: run with BLESS=1");
}

#[test]
fn codes_are_words_and_say_everything() {
    let mut names = BTreeSet::new();
    for code in Code::ALL {
        let rule = code.rule();
        assert!(names.insert(rule.name), "{} twice", rule.name);
        assert!(rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
        for text in [rule.explanation, rule.false_alarms, rule.cure] {
            assert!(text.len() > 10 && text.ends_with('.'), "{}: `{text}`", rule.name);
            // A difference is a difference; what is behind it is for others to say.
            assert!(!text.to_lowercase().contains("fraud"), "{}", rule.name);
        }
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Findings\n\n\
        What each finding of `tokreckon audit` means. This page is made from the catalogue in the program, which\n\
        `tokreckon audit --explain CODE` prints as well. How often the checks are wrong and what they find was\n\
        measured: see [audit.md](audit.md).\n\n\
        An *error* says that money or counts are wrong as they stand, a *warning* that they may be, a *note* is\n\
        good to know and leaves the exit code as it is. *Inconsistent*: arithmetic or a documented limit says it cannot be. *Unusual*: rare, and\n\
        chance makes such findings at a stated rate. *Unpriced*: it has no price. *Unverifiable*: it cannot be\n\
        checked. *Wasted*: the counts are right, and nothing was had for the money.\n\n\
        | code | class | severity |\n|---|---|---|\n",
    );
    for rule in Code::ALL.map(Code::rule) {
        let (class, severity) = (rule.class.name(), rule.severity.name());
        let _ = writeln!(page, "| [`{0}`](#{0}) | {class} | {severity} |", rule.name);
    }
    for rule in Code::ALL.map(Code::rule) {
        let _ = write!(
            page,
            "\n## {}\n\n*{}, {}.* {}\n\n- False alarms: {}\n- What to do: {}\n",
            rule.name,
            rule.severity.name(),
            rule.class.name(),
            rule.explanation,
            rule.false_alarms,
            rule.cure
        );
    }
    page
}
