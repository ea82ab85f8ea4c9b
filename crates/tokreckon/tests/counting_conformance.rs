//! Counts recorded requests and compares with what the providers billed.
//!
//! The recordings are not part of the project: `TOKRECKON_FACTS` names the directory that holds
//! `counting/cases`. The test fails where a cell of `docs/counting-conformance.md` got worse.
//! `TOKRECKON_BLESS=1` writes that page anew; `TOKRECKON_MISSES=1` lists every request outside its band,
//! `TOKRECKON_MISSES=all` those of other makers than OpenAI that are not exact as well.

mod recordings;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use tokreckon::request::{TokenClass, Tokens, rule};

use recordings::Case;

#[test]
fn recorded_requests_count_as_well_as_the_page_says() {
    let Some(facts) = std::env::var_os("TOKRECKON_FACTS") else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return;
    };
    let read = recordings::read(&Path::new(&facts).join("counting/cases"));
    let mut cells: BTreeMap<[String; 3], Cell> = BTreeMap::new();
    let mut rules: BTreeMap<&'static str, Cell> = BTreeMap::new();
    let mut given: BTreeMap<[String; 3], Cell> = BTreeMap::new();
    let mut makers: BTreeMap<[&'static str; 2], [Cell; 2]> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for case in &read.cases {
        let key = [case.provider.clone(), case.endpoint.clone(), case.feature().to_owned()];
        cells.entry(key).or_default().add(case);
        if seen.insert((case.fingerprint.clone(), case.billed)) {
            if let Some(maker) = case.maker() {
                let cells = makers.entry([maker, case.feature()]).or_default();
                cells[0].add(case);
                if case.is_of_the_third() {
                    cells[1].add(case);
                }
            }
            if let Some(counted) = case.given {
                let maker = case.maker().unwrap_or("OpenAI and others");
                let key = [maker, &case.endpoint, case.feature()].map(str::to_owned);
                given.entry(key).or_default().add_count(counted, case.billed);
            }
            let used: BTreeSet<_> = case.count.parts.iter().map(|part| part.rule).collect();
            for id in used {
                rules.entry(id).or_default().add(case);
            }
        }
        let outside = !case.within_band() || (case.claims_exact() && !case.is_exact());
        let inexact = !case.is_exact() && case.maker().is_some();
        let shown = std::env::var_os("TOKRECKON_MISSES")
            .is_some_and(|what| outside || (what == "all" && inexact));
        if shown {
            println!("{case}");
        }
    }
    for id in rules.keys() {
        assert!(rule(id).is_some(), "rule `{id}` is not in the table of rules");
    }
    let page = page(&cells, &makers, &given, &rules, &read.skipped);
    println!("{page}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/counting-conformance.md");
    if std::env::var_os("TOKRECKON_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).expect("the committed page");
    // Providers and makers have some names in common: each table is held against its own cells.
    let (of_all, of_given) = committed.split_once(GIVEN).expect("the page has both tables");
    let mut worse = worse_cells(of_all, &cells);
    worse.extend(worse_cells(of_given, &given));
    assert!(worse.is_empty(), "worse than the committed page:\n{}", worse.join("\n"));
}

/// The requests of one provider, endpoint and feature, or under one rule.
#[derive(Default)]
struct Cell {
    cases: u64,
    exact: u64,
    claimed: u64,
    claimed_wrongly: u64,
    in_band: u64,
    bounded: u64,
    error: u64,
    width: u64,
}

impl Cell {
    fn add(&mut self, case: &Case) {
        self.add_count(case.count.total(), case.billed);
    }

    fn add_count(&mut self, counted: Tokens, billed: u64) {
        let band = counted.band();
        let exact = u64::from(band.likely == billed);
        self.cases += 1;
        self.exact += exact;
        self.in_band +=
            u64::from(band.low <= billed && band.high.is_none_or(|high| billed <= high));
        if counted.class() == TokenClass::Exact {
            self.claimed += 1;
            self.claimed_wrongly += 1 - exact;
        }
        if let Some(high) = band.high {
            self.bounded += 1;
            self.error += band.likely.abs_diff(billed);
            self.width += high - band.low;
        }
    }

    /// n, exact, claimed exact, of those wrong, in band, bounded, mean error, mean width.
    fn columns(&self) -> [String; 8] {
        [
            self.cases.to_string(),
            per_cent(self.exact, self.cases),
            self.claimed.to_string(),
            self.claimed_wrongly.to_string(),
            per_cent(self.in_band, self.cases),
            self.bounded.to_string(),
            tenths(self.error, self.bounded),
            tenths(self.width, self.bounded),
        ]
    }
}

fn page(
    cells: &BTreeMap<[String; 3], Cell>,
    makers: &BTreeMap<[&'static str; 2], [Cell; 2]>,
    given: &BTreeMap<[String; 3], Cell>,
    rules: &BTreeMap<&'static str, Cell>,
    skipped: &BTreeMap<String, u64>,
) -> String {
    let mut page = String::from(PREFACE);
    page += &by_feature("provider", cells);
    page.push_str(MAKERS);
    for ([maker, feature], [all, third]) in makers {
        let shares = [all, third].map(|cell| {
            let Cell { cases, exact, in_band, .. } = *cell;
            format!("{cases} | {} | {}", per_cent(exact, cases), per_cent(in_band, cases))
        });
        writeln!(page, "| {maker} | {feature} | {} | {} |", shares[0], shares[1]).expect("text");
    }
    page.push_str(GIVEN);
    page += &by_feature("maker", given);
    page.push_str(RULES);
    page.push_str("| rule |");
    page.push_str(COLUMNS);
    page.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (id, cell) in rules {
        writeln!(page, "| {id} | {} |", cell.columns().join(" | ")).expect("text");
    }
    page.push_str("\n## Not counted\n\n| why | requests |\n|---|--:|\n");
    for (why, count) in skipped {
        writeln!(page, "| {why} | {count} |").expect("text");
    }
    page
}

/// A table by provider or maker, endpoint and feature.
fn by_feature(first: &str, cells: &BTreeMap<[String; 3], Cell>) -> String {
    let mut table = format!("| {first} | endpoint | feature |{COLUMNS}");
    table.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for ([first, endpoint, feature], cell) in cells {
        let columns = cell.columns().join(" | ");
        writeln!(table, "| {first} | {endpoint} | {feature} | {columns} |").expect("text");
    }
    table
}

/// The cells that are worse than on the committed page: less often exact, more often wrong where
/// exactness was claimed, less often in the band, or a wider band.
fn worse_cells(committed: &str, cells: &BTreeMap<[String; 3], Cell>) -> Vec<String> {
    let mut worse = Vec::new();
    for line in committed.lines() {
        let words: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [provider, endpoint, feature, old @ ..] = words.as_slice() else {
            continue;
        };
        let key = [*provider, *endpoint, *feature].map(str::to_owned);
        let (Some(cell), true) = (cells.get(&key), old.len() == 8) else {
            continue;
        };
        let new = cell.columns();
        let number = |text: &str| text.replace('.', "").parse::<u64>().unwrap_or(0);
        let fell = |at: usize| number(&new[at]) < number(old[at]);
        let rose = |at: usize| number(&new[at]) > number(old[at]);
        if fell(0) || fell(1) || rose(3) || fell(4) || rose(7) {
            worse.push(format!("{line}\n  now: {}", new.join(" | ")));
        }
    }
    worse
}

/// A share in tenths of a per cent, rounded down: 100.0 means all of them.
fn per_cent(part: u64, whole: u64) -> String {
    tenths(100 * part, whole)
}

/// A quotient with one decimal, rounded down.
fn tenths(sum: u64, count: u64) -> String {
    if count == 0 {
        return "-".to_owned();
    }
    let tenths = 10 * sum / count;
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl Case {
    fn claims_exact(&self) -> bool {
        self.count.total().class() == TokenClass::Exact
    }
}

const COLUMNS: &str = " n | exact % | claimed exact | of those wrong | in band % | bounded \
                       | mean error | mean width |\n";

const PREFACE: &str = "\
# How well requests are counted

Recorded requests with the usage that the provider returned, counted by `tokreckon::request`.
Written by `TOKRECKON_BLESS=1 TOKRECKON_FACTS=… cargo test -p tokreckon --test counting_conformance`; the same
test fails where a cell gets worse than this page.

- *exact*: the likely number equals the billed one. *claimed exact*: the answer was of class exact.
- *in band*: the billed number lies within the band; an unknown upper end counts as reached.
- *bounded*: requests whose band has an upper end; *mean error* and *mean width* (tokens) are theirs.
- The rules were fitted to these recordings: the figures say how well they fit what is known, not how
  well they will fit a request that nobody has recorded.
- What lies outside of a band, where it is understood: four recordings of one made-up text that repeats
  a single word a thousand times, two tokens to Claude 3.5 to 4.1 and one to `o200k_base`; an answer
  written by hand with 100 tokens for a prompt with tools (Claude); a template of GLM that drops `<think>`
  blocks of earlier answers; a server of Llama 4 that did not hand its functions to the model.

";

const MAKERS: &str = "
## By maker, and a third of the repositories apart

The same request with the same bill counted once. The constants of the frames were read off recordings of all
repositories before this split was made: the third shows how even the fit is, not how the rules do on new data.

| maker | feature | n | exact % | in band % | third: n | exact % | in band % |
|---|---|--:|--:|--:|--:|--:|--:|
";

const GIVEN: &str = "
## With a tokenizer that the caller gives

The same requests, counted as for a model of which nothing is known but its tokenizer: the band of the frame
around texts, calls and tools must hold whatever the template is. The same request with the same bill counted once.

";

const RULES: &str = "
## By rule

Requests in which the rule took part, the same request with the same bill counted once.

";
