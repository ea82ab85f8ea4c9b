//! The page of `--html`: what it says is what the JSON report says, and a browser needs nothing else.

mod browser;
mod screen;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use self::browser::Browser;

const USAGE: [&str; 2] =
    ["tests/examples/openai-usage-2025-01.csv", "tests/examples/openai-usage-2025-02.csv"];
const HOSTILE: &str = "tests/examples/hostile.csv";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn tokreckon(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    command.args(arguments).current_dir(root()).output().expect("tokreckon runs")
}

/// The page of an audit, and the same audit as JSON.
fn page(folder: &Path, files: &[&str], more: &[&str]) -> (PathBuf, Value) {
    let path = folder.join("audit.html");
    let name = path.to_str().expect("a plain path");
    let output = tokreckon(&[&["audit", "--html", name, "--format", "json"], files, more].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (path, json)
}

/// The `value` of the page's `<data id="…">`.
fn figure<'p>(page: &'p str, id: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("<data id=\"{id}\" value=\""))?;
    Some(rest.split_once('"')?.0)
}

fn totals_are_those_of(json: &Value, page: &str) {
    let costs = json["total"]["costs"].as_array().expect("costs");
    assert!(!costs.is_empty());
    for cost in costs {
        let currency = cost["currency"].as_str().expect("a currency");
        assert_eq!(figure(page, &format!("low-{currency}")), cost["low"].as_str());
        assert_eq!(figure(page, &format!("high-{currency}")), cost["high"].as_str());
        if let Some(exact) = figure(page, &format!("firm-{currency}")) {
            assert_eq!(json["total"]["exact_part"][currency], exact);
        }
    }
    let not_charged = json["total"]["records"]["not_charged"].to_string();
    assert_eq!(figure(page, "not-charged"), Some(not_charged.as_str()));
    for finding in json["findings"].as_array().expect("findings") {
        let code = finding["code"].as_str().expect("a code");
        assert!(page.contains(&format!("<h3 id=\"{code}\">")), "{code}");
    }
}

#[test]
fn the_page_says_what_the_report_says() {
    let folder = tempfile::tempdir().expect("a folder");
    for files in [&USAGE[..], &[HOSTILE]] {
        let (path, json) = page(folder.path(), files, &[]);
        let text = fs::read_to_string(&path).expect("the page");
        totals_are_those_of(&json, &text);
        let again = fs::read_to_string(page(folder.path(), files, &[]).0).expect("the page");
        assert_eq!(text, again, "the same files make the same page");
    }
    let kept = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(kept, 1, "nothing else is left behind");
}

#[test]
fn the_page_shows_other_terms_and_the_time_of_the_audit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    let name = path.to_str().expect("a plain path");
    let terms = ["--as-if", "service-tier=batch", "--format", "json", "--html", name];
    let output = tokreckon(&[&["report"], &USAGE[..], &terms[..]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).expect("the report");
    let text = fs::read_to_string(&path).expect("the page");
    let section = text.split_once("<section id=\"other-terms\"").expect("a section").1;
    let section = section.split_once("</section>").expect("its end").0;
    assert!(section.contains("<h3>as if service-tier=batch</h3>"), "{section}");
    for cost in json["as_if"][0]["total"]["costs"].as_array().expect("costs") {
        assert!(section.contains(cost["low"].as_str().expect("an amount")), "{cost}");
    }
    let (path, _) = page(folder.path(), &USAGE[..1], &["--now", "2025-06-01"]);
    let text = fs::read_to_string(path).expect("the page");
    assert!(text.contains("<dt>now</dt><dd>2025-06-01</dd>"));
}

#[test]
fn what_chance_makes_is_said_to_machines_and_on_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let more = ["--provider", "openai", "--now", "2025-06-01"];
    let (path, json) = page(folder.path(), &["tests/examples/off-step.csv"], &more);
    let checks = json["expected_by_chance"].as_array().expect("checks");
    let of = |code: &str| checks.iter().find(|check| check["code"] == code).expect("the check");
    let cached = of("cached-off-step");
    assert_eq!((&cached["records"], &cached["found"]), (&2.into(), &1.into()), "{cached}");
    assert_eq!(
        (&cached["expected"], &cached["expected_is_bound"]),
        (&"0.125".into(), &false.into())
    );
    assert_eq!(of("reasoning-off-step")["found"], 0);
    let text = fs::read_to_string(path).expect("the page");
    assert!(text.contains("<li>cached-off-step: 1 record; about 0.1 expected among 2 (2 of 32"));
}

#[test]
fn the_page_names_nothing_outside_of_itself_and_escapes_what_files_say() {
    let folder = tempfile::tempdir().expect("a folder");
    for more in [&["--by", "project,user"][..], &["--by", "project,user", "--show-people"]] {
        let (path, _) = page(folder.path(), &[HOSTILE], more);
        let text = fs::read_to_string(path).expect("the page");
        for refused in ["<script", "<img", "<link", "<iframe", "src=", "url(", "@import", "https:"]
        {
            // What the file says is there in escaped letters only.
            let found = text.replace("img src=x onerror", "").contains(refused);
            assert!(!found, "{refused}");
        }
        assert!(text.contains("&#60;script&#62;alert(1)"), "the model's name is shown");
        assert_eq!(text.contains("Anna Muster"), more.len() == 3);
        assert_eq!(text.contains("anna@example.org"), more.len() == 3);
        assert!(text.starts_with("<!doctype html>\n<html lang=\"en\">"));
        for heading in text.split("<th").skip(1) {
            assert!(heading.starts_with(" scope=") || heading.starts_with("ead"), "{heading:.40}");
        }
        for chart in text.split("<svg").skip(1) {
            assert!(chart.contains("</svg>"));
        }
        assert_eq!(
            text.matches("<svg").count(),
            text.matches("role=\"img\" aria-label=\"").count()
        );
    }
}

#[test]
fn many_days_become_weeks_and_months_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    for (days, unit, groups) in [(62, "day", 62), (63, "week", 9), (500, "month", 18)] {
        let mut text =
            "timestamp,provider,model,input_tokens,cached_tokens,output_tokens\n".to_owned();
        let first: jiff::civil::Date = "2024-12-30".parse().expect("a Monday");
        for day in first.series(jiff::Span::new().days(1)).take(days) {
            writeln!(text, "{day}T12:00:00Z,openai,gpt-4o-mini,57,0,21").expect("text");
        }
        let usage = folder.path().join("usage.csv");
        fs::write(&usage, text).expect("written");
        let (path, json) = page(folder.path(), &[usage.to_str().expect("a plain path")], &[]);
        let text = fs::read_to_string(path).expect("the page");
        totals_are_those_of(&json, &text);
        assert!(text.contains(&format!("Cost by {unit}, in units of 0.")), "{days} days");
        let (_, table) = text.split_once("<table id=\"table-days\">").expect("the table");
        let (table, _) = table.split_once("</table>").expect("its end");
        assert_eq!(table.matches("<tr><th scope=\"row\">").count(), groups + 1, "{days} days");
        let total = json["total"]["costs"][0]["low"].as_str().expect("a cost");
        assert!(table.contains(total), "{total}");
    }
}

#[test]
fn a_bill_and_a_baseline_have_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let bill = ["--bill", "tests/fixtures/bill/cost.csv"];
    let (path, json) = page(folder.path(), &["tests/fixtures/bill/usage.csv"], &bill);
    let text = fs::read_to_string(path).expect("the page");
    totals_are_those_of(&json, &text);
    let (_, section) = text.split_once("<section id=\"bill\"").expect("the bill");
    let billed = json["bill"]["sums"][0]["billed"].as_str().expect("a sum");
    assert!(section.contains(billed), "{billed}");
    let (_, first) = text.split_once("<section id=\"totals\"").expect("the totals");
    let (first, _) = first.split_once("</section>").expect("their end");
    let says = "above what the usage costs, 1 of 8 comparisons unexplained";
    assert!(first.contains(says), "{first}");
    let headline = json["headline"].as_str().expect("an answer");
    assert!(headline.ends_with(says), "{headline}");
    let baseline = ["--baseline", "tests/examples/requests-2025-03.csv"];
    let (path, json) = page(folder.path(), &["tests/examples/requests-2025-04.csv"], &baseline);
    let text = fs::read_to_string(path).expect("the page");
    totals_are_those_of(&json, &text);
    assert!(text.contains("<h3>Against the baseline</h3>"));
    assert!(text.contains("expected by chance"));
}

#[test]
fn a_page_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing").join("audit.html");
    let name = missing.to_str().expect("a plain path");
    let output = tokreckon(&["report", USAGE[0], "--html", name]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot write: there is no folder"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[test]
fn a_browser_shows_it_without_errors_or_requests() {
    let Some(browser) = Browser::find() else {
        println!("skipped: no Chromium on this machine");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for files in [&USAGE[..], &[HOSTILE]] {
        let (path, json) = page(folder.path(), files, &["--by", "project,user"]);
        let seen = browser.open(&path, folder.path());
        totals_are_those_of(&json, &seen.dom);
        assert_eq!(seen.console, Vec::<String>::new());
        assert_eq!(seen.requests, Vec::<String>::new());
        assert!(!seen.dom.contains("<script"), "a name of a file became an element");
        assert!(seen.screenshot > 10_000, "a picture of {} bytes", seen.screenshot);
    }
}
