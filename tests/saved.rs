//! Saved ledgers: under any split, in any order, with any repeats, the same bytes and the report of
//! the files themselves.

use std::fmt::Write;

use tokreckon::book::PriceBook;
use tokreckon::digest::digest;
use tokreckon::document::ReportDocument;
use tokreckon::ledger::saved::{Prices, SavedError, SavedLedger};
use tokreckon::ledger::{Dimension, Filter, Settings};
use tokreckon::money::Exact;
use tokreckon::pipeline::{Input, Pipeline};
use tokreckon::time::Period;

/// A small generator of numbers, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    fn pick<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }
}

const HEADER: &str = "provider,model,timestamp,service_tier,project_id,input_tokens,cached_tokens,\
cache_write_tokens,output_tokens,reasoning_tokens,web_search_requests,cost,seat\n";

/// A table of requests of every fate: exact, between bounds, without a price, refused, impossible,
/// rejected, with a cost of its own, with a column that is not read.
fn table(dice: &mut Dice) -> String {
    let mut text = HEADER.to_owned();
    for _ in 0..=dice.below(20) {
        let provider = dice.pick(&["openai", "openai", "anthropic", "deepseek", "nobody", ""]);
        let model = dice.pick(&[
            "o1-mini",
            "gpt-4o",
            "o3",
            "gpt-5",
            "claude-sonnet-4-5",
            "deepseek-chat",
            "no-such",
            "",
        ]);
        let day = dice.below(900);
        let seconds = 1_711_929_600 + day * 86_400 + dice.below(86_400);
        let time = if dice.below(20) == 0 { String::new() } else { seconds.to_string() };
        let tier = dice.pick(&["", "standard", "standard", "batch", "flex"]);
        let project = dice.pick(&["", "search", "chat, \"new\""]).replace('"', "\"\"");
        let input = dice.below(400_000);
        let cached = match dice.below(3) {
            0 => String::new(),
            // Sometimes more than the input: an impossible row.
            _ => dice.below(input + input / 50 + 1).to_string(),
        };
        let written = if dice.below(9) == 0 { dice.below(500).to_string() } else { String::new() };
        let output = dice.pick(&["0", "17", "2167", "90000", "many"]);
        let reasoning = dice.pick(&["", "0", "16"]);
        let searches = dice.pick(&["", "", "", "2"]);
        let cost = dice.pick(&["", "", "0.026028499999999999998"]);
        let _ = writeln!(
            text,
            "{provider},{model},{time},{tier},\"{project}\",{input},{cached},{written},{output},\
             {reasoning},{searches},{cost},"
        );
    }
    text
}

fn settings(by: &[Dimension]) -> Settings {
    let mut settings = Settings { by: by.to_vec(), ..Settings::default() };
    settings.defaults.makers = true;
    settings.defaults.now = Some(Period::parse("2026-11-20T12:00:00Z").expect("an instant"));
    settings
}

/// Saves tables in one run, and reports on them.
fn save(tables: &[&String], by: &[Dimension]) -> (SavedLedger, ReportDocument) {
    save_by(tables, by, &PriceBook::builtin())
}

fn save_by(
    tables: &[&String],
    by: &[Dimension],
    book: &PriceBook<'_>,
) -> (SavedLedger, ReportDocument) {
    let pipeline = Pipeline::new(book).settings(settings(by)).every_row().threads(2);
    let pipeline = pipeline.saving([Dimension::Project]);
    // A source is called the same wherever it lies.
    let inputs: Vec<Input<'_>> =
        tables.iter().map(|text| Input::bytes(text.as_bytes()).named("usage.csv")).collect();
    let run = pipeline.read_all(&inputs).expect("read");
    (run.saved().expect("saved").expect("asked for"), ReportDocument::from(&run.report))
}

fn report(saved: &SavedLedger, by: &[Dimension]) -> ReportDocument {
    report_by(saved, by, &PriceBook::builtin(), Prices::AsSaved)
}

fn report_by(
    saved: &SavedLedger,
    by: &[Dimension],
    book: &PriceBook<'_>,
    prices: Prices,
) -> ReportDocument {
    let ledger = saved.ledger(book, settings(by), prices, None);
    ReportDocument::from(&ledger.expect("a ledger").report().expect("sums"))
}

/// How often a law is tried: more with `TOKRECKON_SPLITS=1000`.
fn splits() -> usize {
    let Some(asked) = std::env::var_os("TOKRECKON_SPLITS") else { return 50 };
    asked.to_str().and_then(|asked| asked.parse().ok()).expect("TOKRECKON_SPLITS is a number")
}

#[test]
fn any_split_into_ledgers_is_the_same_bytes() {
    let mut dice = Dice(1);
    let tables: Vec<String> = (0..60).map(|_| table(&mut dice)).collect();
    let all: Vec<&String> = tables.iter().collect();
    let by = [Dimension::Project, Dimension::Model, Dimension::Day];
    let (whole, direct) = save(&all, &by);
    let text = whole.to_text();
    assert!(direct.sums.total.records.not_charged > 50 && direct.sums.total.records.bounded > 10);
    assert!(direct.sums.total.records.partly > 5 && direct.sums.total.records.exact > 10);
    assert_eq!(report(&whole, &by), direct);
    let singles: Vec<SavedLedger> = all.iter().map(|table| save(&[table], &by).0).collect();
    for round in 0..splits() {
        let ledgers = 2 + dice.below(49);
        let mut parts = vec![SavedLedger::new(&[Dimension::Project], "UTC"); ledgers];
        for single in &singles {
            // Each source in one ledger at least, some in several.
            for _ in 0..=dice.below(3) {
                parts[dice.below(ledgers)].merge(single.clone()).expect("merged");
            }
        }
        let mut merged = SavedLedger::new(&[Dimension::Project], "UTC");
        while !parts.is_empty() {
            let mut part = parts.swap_remove(dice.below(parts.len()));
            // Some went through a file, and some of those twice.
            for _ in 0..dice.below(3) {
                part = SavedLedger::parse(&part.to_text()).expect("what was written");
            }
            if dice.below(4) == 0 {
                merged.merge(part.clone()).expect("merged");
            }
            merged.merge(part).expect("merged");
        }
        assert_eq!(merged.to_text(), text, "round {round}");
    }
    println!("{} splits: the same {} bytes", splits(), text.len());
}

#[test]
fn a_saved_ledger_is_grouped_in_every_way_it_tells_apart() {
    use Dimension::{Day, Model, Month, Project, Provider, ServiceTier, User, Week};
    let mut dice = Dice(7);
    let tables: Vec<String> = (0..8).map(|_| table(&mut dice)).collect();
    let all: Vec<&String> = tables.iter().collect();
    for by in [&[][..], &[Provider], &[Week, ServiceTier], &[Month, Model], &[Day, Project]] {
        let (saved, direct) = save(&all, by);
        let again = SavedLedger::parse(&saved.to_text()).expect("what was written");
        assert_eq!(again, saved);
        assert_eq!(report(&again, by), direct, "{by:?}");
    }
    let saved = save(&all, &[]).0;
    let book = PriceBook::builtin();
    let asked = saved.ledger(&book, settings(&[User]), Prices::AsSaved, None);
    assert_eq!(asked.expect_err("not told apart"), SavedError::By("user"));
}

#[test]
fn sessions_agents_and_labels_are_kept_apart_where_they_are_asked_for() {
    use tokreckon::ledger::LabelName;
    let rows = "provider,model,timestamp,input_tokens,cached_tokens,output_tokens,session_id,user\n\
                openai,o1-mini,2025-04-09T08:10:26Z,57,0,2167,s-1,ann\n\
                openai,o1-mini,2025-04-09T08:10:27Z,58,0,2168,s-2,bob\n";
    let book = PriceBook::builtin();
    let by = [Dimension::Session, Dimension::Label(LabelName::new("team"))];
    let pipeline = Pipeline::new(&book).settings(settings(&[])).saving(by);
    let run = pipeline.read_all(&[Input::bytes(rows.as_bytes())]).expect("read");
    let saved = run.saved().expect("saved").expect("asked for");
    let again = SavedLedger::parse(&saved.to_text()).expect("what was written");
    assert_eq!((&again, again.by.len()), (&saved, 2));
    let direct = Pipeline::new(&book).settings(settings(&by));
    let direct = direct.read_all(&[Input::bytes(rows.as_bytes())]).expect("read");
    assert_eq!(report(&again, &by), ReportDocument::from(&direct.report));
    assert_eq!(direct.report.groups.len(), 2);
    let others = SavedLedger::new(&[Dimension::User], "UTC");
    let error = again.clone().merge(others).expect_err("other dimensions");
    assert!(matches!(error, SavedError::OtherBy { .. }), "{error}");
}

#[test]
fn a_filter_is_exact_or_refused() {
    let rows = "provider,model,timestamp,input_tokens,cached_tokens,output_tokens\n\
                openai,o1-mini,2025-04-09T08:10:26Z,57,0,2167\n\
                openai,gpt-4o,2025-04-10T08:10:27Z,58,0,2168\n"
        .to_owned();
    let (saved, _) = save(&[&rows], &[]);
    let book = PriceBook::builtin();
    let at = |text: &str| Period::parse(text).expect("a time").start;
    let asked = |filter: &Filter| {
        let ledger = saved.ledger(&book, settings(&[]), Prices::AsSaved, Some(filter))?;
        Ok::<_, SavedError>(ledger.report().expect("sums").total.records.all)
    };
    assert_eq!(asked(&Filter::default().since(at("2025-04-10"))), Ok(1));
    assert_eq!(asked(&Filter::default().until(at("2025-04-10"))), Ok(1));
    assert_eq!(asked(&Filter::default().with(Dimension::Model, "gpt-4*")), Ok(1));
    // The ninth at noon: whether the request of that day is meant, nobody can say.
    let noon = Filter::default().since(at("2025-04-09T12:00:00Z"));
    assert_eq!(asked(&noon), Err(SavedError::PartOfDay));
    let hour = noon.until(at("2025-04-09T13:00:00Z"));
    assert_eq!(asked(&hour), Err(SavedError::PartOfDay));
    assert_eq!(asked(&hour.with(Dimension::Model, "gpt-4*")), Ok(0));
    let by_user = Filter::default().with(Dimension::User, "ann");
    assert_eq!(asked(&by_user), Err(SavedError::By("user")));
}

/// A price file of one's own for a model the built-in book does not have.
fn own(input: &str) -> PriceBook<'static> {
    let text = format!(
        "provider = \"nobody\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"no-such\"]\n\
         from = 2020-01-01\ninput = \"{input}\"\noutput = \"2\"\ncache-read = \"0.1\"\n"
    );
    PriceBook::builtin().with_prices(&text).expect("a price file")
}

#[test]
fn another_book_is_refused_or_prices_anew() {
    let table = format!(
        "{HEADER}nobody,no-such,2025-04-09,standard,,1000000,0,,0,0,,,\n\
         nobody,no-such,2025-04-09T08:00:00Z,standard,,1000000,0,,0,0,,,\n"
    );
    let total = |book: &PriceBook<'static>, saved: &SavedLedger, prices| {
        let ledger = saved.ledger(book, settings(&[]), prices, None)?;
        let total = ledger.report().expect("sums").total;
        Ok::<_, SavedError>((
            total.costs.values().next().map(|bounds| bounds.low.to_string()),
            total,
        ))
    };
    let book = own("1");
    let pipeline = Pipeline::new(&book).settings(settings(&[])).saving([]);
    let run = pipeline.read_all(&[Input::bytes(table.as_bytes())]).expect("read");
    let saved = run.saved().expect("saved").expect("asked for");
    assert_eq!(saved.sources.keys().collect::<Vec<_>>(), [&digest(table.as_bytes())]);
    assert_eq!(total(&book, &saved, Prices::AsSaved).expect("the same").0.as_deref(), Some("2"));
    // Another price: not silently the new one, and not the old one either.
    let error = total(&own("3"), &saved, Prices::AsSaved).expect_err("another price");
    assert!(matches!(error, SavedError::OtherPrices { cells: 2, .. }), "{error}");
    let anew = total(&own("3"), &saved, Prices::OfThisBook).expect("priced");
    assert_eq!(anew.0.as_deref(), Some("6"));
    // Records that had no price get one.
    let plain = Pipeline::new(&PriceBook::builtin()).settings(settings(&[])).saving([]);
    let run = plain.read_all(&[Input::bytes(table.as_bytes())]).expect("read");
    let saved = run.saved().expect("saved").expect("asked for");
    let as_saved = total(&own("1"), &saved, Prices::AsSaved).expect("refused as before");
    assert_eq!((as_saved.0, as_saved.1.records.not_charged), (None, 2));
    let anew = total(&own("1"), &saved, Prices::OfThisBook).expect("priced");
    assert_eq!((anew.0.as_deref(), anew.1.records.not_charged), (Some("2"), 0));
}

/// A price file whose long prompts cost more from so many tokens on.
fn tiered(above: u64) -> PriceBook<'static> {
    let text = format!(
        "provider = \"nobody\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"no-such\"]\n\
         from = 2020-01-01\ninput = \"1\"\noutput = \"2\"\ncache-read = \"0.1\"\n\
         [[price]]\nmodels = [\"no-such\"]\nfrom = 2020-01-01\n\
         above = {{ tokens = {above}, comparison = \">\", scope = \"whole-request\" }}\n\
         input = \"5\"\noutput = \"7\"\ncache-read = \"0.5\"\n"
    );
    PriceBook::builtin().with_prices(&text).expect("a price file")
}

#[test]
fn anew_a_sum_of_requests_is_no_request() {
    // A row of a day without an id may be a sum; one of a second is a request.
    for (time, direct) in [("2025-04-09", "between"), ("2025-04-09T08:10:26Z", "exact")] {
        let table = format!("{HEADER}nobody,no-such,{time},standard,,300000,0,,10,0,,,\n");
        let (saved, _) = save_by(&[&table], &[], &own("1"));
        let (_, right) = save_by(&[&table], &[], &tiered(200_000));
        assert_eq!(right.sums.total.grade, direct, "{time}");
        let anew = report_by(&saved, &[], &tiered(200_000), Prices::OfThisBook);
        assert_eq!(anew, right, "{time}");
    }
}

#[test]
fn prices_anew_are_those_of_the_files_or_bounds_around_them() {
    let mut dice = Dice(11);
    let (mut same, mut bounds) = (0, 0);
    for _ in 0..40 {
        let mut text = HEADER.to_owned();
        for _ in 0..=dice.below(6) {
            let time = dice.pick(&["2025-04-09", "2025-04-09T08:10:26Z", "2025-04-09T09:00:00Z"]);
            let input = 100_000 + dice.below(200_000);
            let cached = dice.below(input);
            let reasoning = dice.pick(&["0", "16"]);
            let _ = writeln!(
                text,
                "nobody,no-such,{time},standard,,{input},{cached},,100,{reasoning},,,"
            );
        }
        let (saved, _) = save_by(&[&text], &[], &own("1"));
        let (_, direct) = save_by(&[&text], &[], &tiered(200_000));
        let anew = report_by(&saved, &[], &tiered(200_000), Prices::OfThisBook);
        let ends = |report: &ReportDocument| -> (Exact, Exact) {
            let cost = report.sums.total.costs.first().expect("a cost");
            let end = |text: &str| text.parse().expect("an amount");
            (end(&cost.low), end(cost.high.as_deref().expect("an end")))
        };
        let ((low, high), (least, most)) = (ends(&direct), ends(&anew));
        assert!(least <= low && high <= most, "{text}{least} {low} {high} {most}");
        assert_eq!(anew.sums.total.records.all, direct.sums.total.records.all);
        if (least, most) == (low, high) { same += 1 } else { bounds += 1 }
    }
    assert!(same > 3 && bounds > 3, "{same} {bounds}");
}

#[test]
fn price_tiers_that_charge_parts_of_requests_are_refused_anew() {
    let table =
        format!("{HEADER}nobody,no-such,2025-04-09T08:00:00Z,standard,,300000,0,,10,0,,,\n");
    let (saved, _) = save_by(&[&table], &[], &own("1"));
    let text = "provider = \"nobody\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"no-such\"]\n\
                from = 2020-01-01\ninput = \"1\"\noutput = \"2\"\ncache-read = \"0.1\"\n\
                [[price]]\nmodels = [\"no-such\"]\nfrom = 2020-01-01\n\
                above = { tokens = 200000, comparison = \">\", scope = \"marginal\" }\n\
                input = \"5\"\noutput = \"7\"\ncache-read = \"0.5\"\n";
    let book = PriceBook::builtin().with_prices(text).expect("a price file");
    let error = saved.ledger(&book, settings(&[]), Prices::OfThisBook, None).expect_err("parts");
    assert!(matches!(error, SavedError::PartOfRequest { .. }), "{error}");
}

#[test]
fn two_names_of_one_file_are_one_in_any_order() {
    let table = format!("{HEADER}openai,o1-mini,2025-04-09,standard,,57,0,,2167,0,,,\n");
    let (first, _) = save(&[&table], &[]);
    let mut second = first.clone();
    let source = second.sources.values_mut().next().expect("one");
    source.name = "another.csv".to_owned();
    source.format = "another".to_owned();
    let merged = |mut one: SavedLedger, other: &SavedLedger| {
        one.merge(other.clone()).expect("the same source");
        one.to_text()
    };
    assert_eq!(merged(first.clone(), &second), merged(second.clone(), &first));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_saved() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let opened = AtomicUsize::new(0);
    // So many ids that copies are looked for in several parts: the file is read again.
    let rows = |input: usize| {
        let mut text =
            "id,provider,model,timestamp,input_tokens,cached_tokens,output_tokens\n".to_owned();
        for id in 0..9_000 {
            let _ = writeln!(text, "request-{id},openai,o1-mini,2025-04-09T08:10:26Z,{input},0,7");
        }
        text
    };
    let texts = [rows(57), rows(58)];
    let changing = Input::opening(|tap| {
        let at = opened.fetch_add(1, Ordering::Relaxed) % 2;
        Ok(Box::new(tap.watch(texts[at].as_bytes())))
    });
    let changing = changing.named("usage.csv").again(texts[0].len() as u64);
    let other = Input::bytes(texts[0].as_bytes()).named("other.csv");
    let book = PriceBook::builtin();
    let pipeline = Pipeline::new(&book).settings(settings(&[])).saving([]).memory(64 << 10);
    let run = pipeline.read_all(&[changing, other]).expect("read");
    assert!(opened.load(Ordering::Relaxed) > 1);
    let error = run.saved().expect_err("another file").to_string();
    assert_eq!(error, "usage.csv changed while it was read, so nothing is saved");
}

/// A text with the end that goes with its lines.
fn sealed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("{\"end\"")).collect();
    let before = lines.iter().flat_map(|line| [*line, "\n"]).collect::<String>();
    let sources = lines.iter().filter(|line| line.starts_with("{\"source\"")).count();
    let (cells, digest) = (lines.len() - sources - 1, digest(before.as_bytes()));
    format!(
        "{before}{{\"end\":{{\"sources\":\"{sources}\",\"cells\":\"{cells}\",\"digest\":\"{digest:032x}\"}}}}\n"
    )
}

#[test]
fn what_is_no_saved_ledger_is_refused_with_its_line() {
    let table = format!("{HEADER}openai,o1-mini,2025-04-09,standard,,57,0,,2167,0,,,\n");
    let (saved, _) = save(&[&table], &[]);
    let text = saved.to_text();
    let cell = text.lines().nth(2).expect("a cell");
    let edits = [
        // What is wrong in a line, also where the end says the same.
        ("tokreckon-cells/1", "tokreckon-cells/2", 1, "this version reads"),
        ("tokreckon-cells/1", "table/1", 1, "no saved ledger"),
        ("\"by\":[", "\"by\":[\"nothing\",", 1, "no such dimension"),
        ("\"zone\":", "\"later\":1,\"zone\":", 1, "`later` is not known"),
        ("\"rows\":{", "\"rows\":{\"lost\":\"1\",", 2, "no such rows"),
        ("\"rows\":{\"records\":\"1\"", "\"rows\":{\"records\":\"2\"", 4, "not all its records"),
        ("\"records\":\"1\",\"counts\"", "\"records\":1,\"counts\"", 3, "no number"),
        ("\"records\":\"1\",\"counts\"", "\"records\":\"+1\",\"counts\"", 3, "no number"),
        ("\"records\":\"1\",\"counts\"", "\"records\":\"0\",\"counts\"", 3, "1 to 2^56"),
        (
            "\"records\":\"1\",\"counts\"",
            "\"records\":\"18446744073709551615\",\"counts\"",
            3,
            "1 to 2^56",
        ),
        ("\"card\":\"", "\"card\":\"x", 3, "no digest"),
        ("\"output\":\"2167\"", "\"outpt\":\"2167\"", 3, "no meter `outpt`"),
        (
            "\"output\":\"2167\"",
            "\"output\":\"340282366920938463463374607431768211455\"",
            3,
            "cannot have this count",
        ),
        ("\"output\":\"2167\"", "\"output\":\"0\"", 3, "cannot have this count"),
        ("\"counts\":{", "\"counts\":null,\"was\":{", 3, "`counts` is no object"),
        ("\"service_tier\":", "\"priority\":true,\"service_tier\":", 3, "`priority` is not known"),
        ("\"prompt\":[\"57\",", "\"prompt\":[\"58\",", 3, "no prompt"),
        ("\"sums\":true", "\"sums\":\"yes\"", 3, "not true or false"),
        ("\"period\":[", "\"period\":[9,", 3, "not two seconds"),
        ("\"provider\":\"openai\"", "\"provider\":null", 3, "not a text"),
        (cell, "", 3, "EOF"),
        (cell, "{\"source\":\"00\"}", 3, "no digest"),
    ];
    for (from, to, line, problem) in edits {
        assert!(text.contains(from), "{from}: {text}");
        let edited = sealed(&text.replacen(from, to, 1));
        let error = SavedLedger::parse(&edited).expect_err(to);
        let said = error.to_string();
        assert!(
            matches!(error, SavedError::Text { line: at, .. } if at == line)
                && said.contains(problem),
            "{to}: {said}"
        );
    }
    // What no line shows by itself: the end does.
    for (cut, problem) in [
        (text.replacen("2167", "2168", 1), "the file was changed"),
        (text.replacen("openai", "Openai", 1), "the file was changed"),
        (text.split_inclusive('\n').take(3).collect(), "cut short"),
        (text.split_inclusive('\n').take(2).collect(), "cut short"),
        (text[..text.len() - 3].to_owned(), "EOF"),
        (format!("{text}{text}"), "behind its last line"),
        (text.replacen(cell, &format!("{cell}\n{cell}"), 1), "twice"),
        (text.replacen(&format!("{cell}\n"), "", 1), "the file was changed"),
        (String::new(), "it is empty"),
    ] {
        let error = SavedLedger::parse(&cut).expect_err(problem).to_string();
        assert!(error.contains(problem), "{problem}: {error}");
    }
    assert_eq!(SavedLedger::parse(&sealed(&text)), Ok(saved.clone()));
    let mut other = saved.clone();
    let source = other.sources.values_mut().next().expect("one");
    source.cells.values_mut().next().expect("one").records += 1;
    assert!(matches!(other.merge(saved), Err(SavedError::Differs { .. })));
}
