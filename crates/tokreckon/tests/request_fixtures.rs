//! The page `requests.md`: small requests, their parts and their sums.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use tokreckon::request::{CountOptions, Request, RequestCount, rules};

#[test]
fn the_page_of_requests_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let mut used = BTreeSet::new();
    let written = rewritten(&page, &mut used);
    if std::env::var_os("TOKRECKON_BLESS").is_some() {
        std::fs::write(&path, written).expect("the page can be written");
    } else {
        for (is, should) in page.lines().zip(written.lines()) {
            assert_eq!(is, should, "the page differs from what is counted");
        }
        assert_eq!(page.len(), written.len(), "the page differs in length from what is counted");
    }
    let unused: Vec<_> = rules()
        .iter()
        .map(|rule| rule.id)
        .filter(|id| !id.starts_with("band-") && !used.contains(id))
        .collect();
    assert!(unused.is_empty(), "no request of the page uses {unused:?}");
}

#[test]
fn rules_are_sorted_and_say_what_they_are() {
    assert!(rules().is_sorted_by(|a, b| a.id < b.id));
    for rule in rules() {
        assert!(!rule.says.is_empty() && !rule.applies_to.is_empty(), "{}", rule.id);
        assert!(rule.exact <= rule.cases && rule.in_band <= rule.cases, "{}", rule.id);
    }
}

/// The page with its tables written anew.
fn rewritten(page: &str, used: &mut BTreeSet<&'static str>) -> String {
    let mut written = String::new();
    let mut options = CountOptions::default();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            options = CountOptions::default();
        } else if let Some(model) = line.strip_prefix("model: ") {
            options = options.with_model(model);
        } else if let Some(provider) = line.strip_prefix("provider: ") {
            options = options.with_provider(provider);
        } else if let Some(name) = line.strip_prefix("tokenizer: ") {
            options = options.with_tokenizer(name.parse().expect("a tokenizer"));
        } else if let Some(date) = line.strip_prefix("date: ") {
            options = options.with_date(date.parse().expect("a date"));
        }
        writeln!(written, "{line}").expect("text");
        if line != "```json" {
            continue;
        }
        let mut json = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            json.push_str(line);
            json.push('\n');
        }
        written.push_str(&json);
        written.push_str("```\n");
        let count = Request::from_json(&json).expect("a request").count(&options);
        used.extend(count.parts.iter().map(|part| part.rule));
        written.push_str(&table(&count));
        // The table that was there before is left out.
        while lines.next_if(|line| line.is_empty() || line.starts_with('|')).is_some() {}
        if lines.peek().is_some() {
            written.push('\n');
        }
    }
    written
}

fn table(count: &RequestCount) -> String {
    let mut table = String::from("\n| part | rule | tokens | note |\n|---|---|---|---|\n");
    for part in &count.parts {
        let note = part.note.as_deref().unwrap_or_default();
        writeln!(table, "| {} | {} | {} | {note} |", part.part, part.rule, part.tokens)
            .expect("text");
    }
    writeln!(table, "| **sum** | {} | **{}** | |", count.endpoint.name(), count.total())
        .expect("text");
    table
}
