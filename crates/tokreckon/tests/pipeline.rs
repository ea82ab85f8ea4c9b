//! The whole line in one call: the same answers for any number of threads, split and way of reading.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokreckon::audit::Baseline;
use tokreckon::digest::digest;
use tokreckon::ledger::saved::{SavedError, SavedLedger};
use tokreckon::ledger::{AsIf, LabelName};
use tokreckon::pipeline::{FileTally, Progress, Row, Warning};
use tokreckon::prelude::*;
use tokreckon::reconcile::{Bill, Cause};
use tokreckon::record::Record;

type Anything = Box<dyn std::error::Error>;

/// Columns of an export that counts by day.
const BUCKETS: &str = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,\
    usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,\
    usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,\
    web_search_count,inference_geo,speed\n";

const HEADER: &str =
    "timestamp,request_id,project,provider,model,input_tokens,cached_tokens,output_tokens,cost\n";

/// Rows of many kinds: exact, without a price, unreadable, impossible. Several blocks of a thread.
fn rows(count: u64) -> Vec<String> {
    let models =
        ["openai,gpt-4o", "openai,o1-mini", "anthropic,claude-sonnet-4-5", "openai,no-such"];
    let mut state = 7u64;
    let mut below = |bound: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let row = |at| {
        let (day, project, input) = (1 + below(28), below(5), 10 + below(90_000));
        let model = models[usize::try_from(below(4)).expect("an index")];
        let cached = ["0", "5", "", "999999"][usize::try_from(below(40).min(3)).expect("an index")];
        let output = if below(500) == 0 { "many".to_owned() } else { below(4000).to_string() };
        format!(
            "2026-03-{day:02}T10:00:00Z,r{at},p{project},{model},{input},{cached},{output},0.01\n"
        )
    };
    (0..count).map(row).collect()
}

fn table(rows: &[String]) -> String {
    format!("{HEADER}{}", rows.concat())
}

/// All that a run answers, with every digit.
fn answers(run: &Run<'_>) -> Result<String, Anything> {
    let report = serde_json::to_string(&ReportDocument::from(&run.report))?;
    let other: Vec<_> = run.as_if.iter().map(ReportDocument::from).collect();
    let other = serde_json::to_string(&other)?;
    let audit = run.audit.as_ref().map(|audit| {
        let mut findings = audit.findings.clone();
        // Which rows are listed first depends on how the input is split into files.
        for finding in &mut findings {
            finding.rows.clear();
            finding.figures.clear();
        }
        (findings, audit.not_checked.clone())
    });
    let rows: u64 = run.files.iter().map(FileTally::rows).sum();
    Ok(format!("{report}\n{other}\n{audit:?}\n{rows}"))
}

fn pipeline<'b>(book: &PriceBook<'b>) -> Result<Pipeline<'b>, Anything> {
    let batch = AsIf { service_tier: Some(ServiceTier::Batch), ..AsIf::default() };
    let now = Period::parse("2026-04-01")?.start;
    Ok(Pipeline::new(book)
        .by([Dimension::Provider, Dimension::Model, Dimension::Day])
        .as_if(batch)
        .audited(now))
}

#[test]
fn threads_and_splits_change_no_byte() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let rows = rows(5_000);
    let text = table(&rows);
    let one = pipeline(&book)?.threads(1).read(text.as_bytes())?;
    let expected = answers(&one)?;
    assert!(one.report.total.records.not_charged > 0 && one.files[0].rejected > 0);
    assert_eq!(one.files[0].rows(), 5_000);
    for threads in [2, 8] {
        let pipeline = pipeline(&book)?.threads(threads);
        let run = pipeline.read(text.as_bytes())?;
        assert_eq!(answers(&run)?, expected, "{threads} threads");
        assert_eq!(run.audit, one.audit, "{threads} threads");
        assert_eq!(run.files, one.files, "{threads} threads");
        let tables: Vec<String> = rows.chunks(rows.len().div_ceil(7)).map(table).collect();
        let inputs: Vec<Input<'_>> = tables
            .iter()
            .enumerate()
            .map(|(at, text)| Input::bytes(text.as_bytes()).named(format!("part-{at}.csv")))
            .collect();
        assert_eq!(answers(&pipeline.read_all(&inputs)?)?, expected, "{threads} threads, parts");
        // A pipe is read once, and is the same.
        let pipes: Vec<Input<'_>> =
            tables.iter().map(|text| Input::new(Cursor::new(text))).collect();
        assert_eq!(answers(&pipeline.read_all(&pipes)?)?, expected, "{threads} threads, pipes");
    }
    Ok(())
}

#[test]
fn copies_count_once_within_little_memory() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let rows = rows(9_000);
    let pipeline = |memory| Pipeline::new(&book).by([Dimension::Project]).memory(memory);
    let whole = pipeline(512 << 20).read(table(&rows).as_bytes())?;
    let tables = [table(&rows[..6_000]), table(&rows[2_000..])];
    let inputs: Vec<Input<'_>> = tables
        .iter()
        .zip(["march.csv", "later.csv"])
        .map(|(text, name)| Input::bytes(text.as_bytes()).named(name))
        .collect();
    let twice = &rows[2_000..6_000];
    // 64 KiB hold a third of the records: they are read in parts.
    for memory in [512 << 20, 64 << 10] {
        let mut run = pipeline(memory).read_all(&inputs)?;
        // Rows that cannot be read cannot be known again.
        assert_eq!(run.report.unreadable, whole.report.unreadable + rejected(twice));
        run.report.unreadable = whole.report.unreadable;
        assert_eq!(run.report, whole.report, "{memory} bytes");
        let copies: u64 = run.files.iter().map(|file| file.copies.duplicates).sum();
        assert_eq!(copies, 4_000 - rejected(twice), "{memory} bytes");
    }
    let small = pipeline(64 << 10);
    // What can be read once cannot be read in parts.
    let pipes: Vec<Input<'_>> = tables.iter().map(|text| Input::new(Cursor::new(text))).collect();
    let error = small.read_all(&pipes).expect_err("no room");
    assert_eq!(error.code(), "no-room");
    let all = small.every_row().read_all(&inputs)?.report.total.records.all;
    assert_eq!(all, 13_000 - rejected(&rows) - rejected(twice));
    Ok(())
}

fn rejected(rows: &[String]) -> u64 {
    rows.iter().filter(|row| row.contains(",many,")).count() as u64
}

#[test]
fn groups_take_no_more_memory_than_there_is() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let row = |at| format!("2026-03-01T10:00:00Z,r{at},p{at},openai,gpt-4o,10,0,5,0.01\n");
    let text = table(&(0..45_000).map(row).collect::<Vec<_>>());
    for threads in 1..3 {
        let pipeline =
            |memory| Pipeline::new(&book).by([Dimension::Project]).memory(memory).threads(threads);
        let run = pipeline(256 << 20).read(text.as_bytes())?;
        assert_eq!((run.report.groups.len(), run.report.total.records.exact), (45_000, 45_000));
        // What is read in two inputs makes no more groups.
        let whole = [Input::bytes(text.as_bytes()), Input::bytes(text.as_bytes())];
        let run = pipeline(512 << 20).every_row().read_all(&whole)?;
        assert_eq!((run.report.groups.len(), run.report.total.records.exact), (45_000, 90_000));
        let error = pipeline(1 << 20).read(text.as_bytes()).expect_err("no room");
        assert_eq!((error.code(), error.hint().is_some()), ("too-many-groups", true));
        assert!(error.to_string().ends_with("groups and more take more than 16 MB"), "{error}");
        // By fewer of them there is room.
        assert_eq!(
            Pipeline::new(&book).memory(1 << 20).read(text.as_bytes())?.report.groups.len(),
            1
        );
    }
    Ok(())
}

/// Threads that know the same groups give them away before they take several times their memory: the
/// answers are the same, and whether there is room does not depend on how many they are.
#[test]
fn groups_of_several_threads_take_no_more_memory() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    // 8,000 groups, each in every part of the input.
    let row = |at: u64| {
        let (project, cached) = (at % 8_000, if at.is_multiple_of(7) { "999999" } else { "0" });
        format!("2026-03-01T10:00:00Z,r{at},p{project},openai,gpt-4o,10,{cached},5,0.01\n")
    };
    let text = table(&(0..16_000).map(row).collect::<Vec<_>>());
    let mut bill = Bill::default();
    bill.add_total("5.50 USD".parse()?)?;
    let now = Period::parse("2026-04-01")?.start;
    let run = |threads, memory| {
        let by = [Dimension::Project, Dimension::Model];
        let pipeline = Pipeline::new(&book).by(by).audited(now).against(bill.clone());
        pipeline.threads(threads).memory(memory).saving(by).read(text.as_bytes())
    };
    let whole = run(1, 512 << 20)?;
    for threads in [2, 8] {
        let small = run(threads, 1 << 20)?;
        assert_eq!(answers(&small)?, answers(&whole)?, "{threads} threads");
        assert_eq!(small.audit, whole.audit, "{threads} threads");
        assert_eq!(small.files, whole.files, "{threads} threads");
        assert_eq!(
            format!("{:?}", small.reconciliation.map(|all| all.causes)),
            format!("{:?}", whole.reconciliation.as_ref().map(|all| &all.causes)),
            "{threads} threads"
        );
    }
    Ok(())
}

#[test]
fn what_excludes_itself_is_said_before_reading() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let [team, user] = ["team", "site"].map(|name| Dimension::Label(LabelName::new(name)));
    let unread = || Input::opening(|_| panic!("nothing is read"));
    for pipeline in [
        Pipeline::new(&book).by([team, user]),
        Pipeline::new(&book).by([team]).only(Filter::default().with(user, "north")),
        Pipeline::new(&book).by([team]).saving([user]),
    ] {
        let error = pipeline.read(unread()).expect_err("two labels");
        assert_eq!((error.code(), error.hint().is_some()), ("two-labels", true));
        assert!(error.to_string().contains("`team` and `site`"), "{error}");
        assert_eq!(pipeline.read_all(&[unread()]).expect_err("two labels").code(), "two-labels");
        let records = pipeline.records(&[unread()], &mut |_, _| {});
        assert_eq!(records.expect_err("two labels").code(), "two-labels");
    }
    let text = "time,provider,model,input,output,team\n2026-03-01,openai,gpt-4o,10,20,a\n";
    let run = || Pipeline::new(&book).by([team]).only(Filter::default().with(team, "A"));
    assert_eq!(
        run().read(text.as_bytes())?.report.groups.labels().next(),
        Some(vec!["a".to_owned()])
    );
    let error = run().saving([team]).read(unread()).expect_err("a part is saved");
    assert_eq!((error.code(), error.hint().is_some()), ("filtered-save", true));
    let alone = Pipeline::new(&book).with_baseline(Baseline::new(&[Dimension::Model]));
    assert_eq!(alone.read(unread()).expect_err("no audit").code(), "no-audit");
    Ok(())
}

/// The order in which an audit and its baseline are said decides nothing.
#[test]
fn a_baseline_may_be_said_first() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let text = table(&rows(500));
    let baseline = || Baseline::new(&[Dimension::Model]);
    let now = Period::parse("2026-04-01")?.start;
    let first = Pipeline::new(&book).with_baseline(baseline()).audited(now);
    let last = Pipeline::new(&book).audited(now).with_baseline(baseline());
    let audit = |pipeline: Pipeline<'_>| {
        let run = pipeline.read(text.as_bytes()).map_err(|error| error.to_string())?;
        let audit = run.audit.ok_or("no audit")?;
        assert!(audit.not_checked.iter().all(|(what, _)| !what.contains("no `--baseline`")));
        Ok::<_, String>(audit)
    };
    assert_eq!(audit(first)?, audit(last)?);
    Ok(())
}

/// What is saved by a dimension is read, although the report has no use for it.
#[test]
fn what_is_saved_is_read() -> Result<(), Anything> {
    let text = "time,provider,model,user,project,input,output\n\
        2026-03-01T10:00:00Z,openai,gpt-4o,ann,search,10,20\n";
    let book = PriceBook::builtin();
    let run = Pipeline::new(&book).saving([Dimension::User, Dimension::Project]);
    let run = run.read(text.as_bytes())?;
    let saved = run.saved()?.ok_or("nothing saved")?;
    let source = saved.sources.get(&digest(text.as_bytes())).ok_or("another source")?;
    let cells: Vec<_> = source.cells.keys().collect();
    let shown = format!("{cells:?}");
    assert!(shown.contains("\"ann\"") && shown.contains("\"search\""), "{shown}");
    Ok(())
}

/// The same export twice is one source with all of its records, whichever of the two counts.
#[test]
fn an_export_that_is_named_twice_is_saved_once() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let bucket = format!(
        "{BUCKETS}2026-03-31,claude-haiku-4-5,app,Default,standard,≤ 200k,7,0,0,0,5,0,not_available,\n"
    );
    for text in [bucket, table(&rows(300))] {
        let named = |name| Input::bytes(text.as_bytes()).named(name);
        let run = |inputs: &[Input<'_>]| -> Result<_, Anything> {
            let run = Pipeline::new(&book).saving([]).read_all(inputs)?;
            run.saved()?.ok_or_else(|| "nothing saved".into())
        };
        let once = run(&[named("a.csv")])?;
        let twice = run(&[named("a.csv"), named("b.csv")])?;
        let cells = |saved: &SavedLedger| -> Vec<_> {
            saved.sources.values().map(|source| source.cells.clone()).collect()
        };
        assert!(!cells(&once)[0].is_empty());
        assert_eq!(cells(&twice), cells(&once), "{}", &text[..40]);
    }
    Ok(())
}

/// What is saved stands for its sources, so it is all of them.
#[test]
fn what_is_saved_is_whole() -> Result<(), Anything> {
    let text = table(&rows(20));
    let inputs =
        [Input::bytes(text.as_bytes()).named("a.csv"), Input::bytes(b"%PDF-1.7").named("b.pdf")];
    let run = Pipeline::new(&PriceBook::builtin()).saving([]).read_all(&inputs)?;
    let error = run.saved().expect_err("one is not read");
    assert!(matches!(&error, SavedError::NotWhole { name } if name == "b.pdf"), "{error:?}");
    Ok(())
}

/// A time and a service tier that are said of records without one count for filters, labels and the
/// report's span as those of a record do.
#[test]
fn what_is_said_of_records_counts_for_filters_and_labels() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let text = "provider,model,input,output\nopenai,gpt-4o,10,20\n";
    let at = Period::parse("2026-03-05")?;
    let settings = Settings {
        by: vec![Dimension::ServiceTier],
        undated: Some(at),
        service_tier: Some(ServiceTier::Batch),
        ..Settings::default()
    };
    let run = |filter| Pipeline::new(&book).settings(settings.clone()).only(filter);
    let asked = Filter::default().since(at.start).with(Dimension::ServiceTier, "batch");
    let asked = run(asked).read(text.as_bytes())?;
    assert_eq!(
        (asked.not_asked_for, asked.report.groups.first().map(|group| group.labels)),
        (0, Some(vec!["batch".to_owned()]))
    );
    assert!(asked.report.days.is_some_and(|(first, last)| first == last), "its day");
    let before = run(Filter::default().until(at.start)).read(text.as_bytes())?;
    assert_eq!(before.not_asked_for, 1);
    Ok(())
}

/// Of a member that nobody reads the records are counted, not the places where one has it.
#[test]
fn a_member_that_is_named_twice_is_of_one_record() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let record = Record {
        provider: "openai",
        model: "gpt-4o",
        unread: "usage.new_tokens, usage.new_tokens, usage.more",
        totals: Some(Totals { input: Some(5), output: Some(7), ..Totals::default() }),
        ..Record::EMPTY
    };
    let mut ledger = Ledger::new(book, Settings::default());
    ledger.add(&record);
    let report = ledger.report()?;
    let unread: Vec<_> = report.total.unread.iter().map(|(path, rows)| (&**path, *rows)).collect();
    assert_eq!(unread, [("usage.more", 1), ("usage.new_tokens", 1)]);
    Ok(())
}

/// Rows that another input replaces and that have no price cost an unknown amount, not nothing.
#[test]
fn what_is_left_out_costs_no_less_than_it_does() {
    let row = |model: &str, input| {
        format!("2026-03-31,{model},app,Default,standard,≤ 200k,{input},0,0,0,5,0,not_available,\n")
    };
    let both = |models: &[&str]| {
        let table = |input| {
            let rows: String = models.iter().map(|model| row(model, input)).collect();
            format!("{BUCKETS}{rows}")
        };
        let [early, late] = [table(1_000_000), table(2_000_000)];
        let inputs = [(&early, "early.csv"), (&late, "late.csv")]
            .map(|(text, name)| Input::bytes(text.as_bytes()).named(name));
        let run = Pipeline::new(&PriceBook::builtin()).read_all(&inputs).expect("a run");
        let warning = run.warnings.iter().find(|warning| warning.code() == "left-out");
        let warning = warning.expect("what is left out is said");
        assert!(
            !warning.hint().expect("a hint").to_string().contains("--"),
            "the library has no options"
        );
        warning.to_string()
    };
    let known = "claude-haiku-4-5-20251001";
    let text = both(&[known]);
    assert!(text.contains("output tokens, 1.000025 USD: late.csv"), "{text}");
    let text = both(&[known, "claude-no-such"]);
    assert!(text.contains("output tokens, 1.000025 to unknown USD: late.csv"), "{text}");
    let text = both(&["claude-no-such"]);
    assert!(text.contains("output tokens, of unknown cost: late.csv"), "{text}");
}

#[test]
fn a_bill_is_compared_with_the_usage() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let usage = "timestamp,provider,model,input_tokens,cached_tokens,output_tokens\n\
        2025-04-09T08:00:00Z,openai,o1-mini,1000000,500000,1000000\n";
    let mut bill = Bill::default();
    bill.add_total("5.50 USD".parse()?)?;
    let pipeline = Pipeline::new(&book).against(bill);
    for _ in 0..2 {
        // One pipeline serves many runs.
        let result = pipeline.read(usage.as_bytes())?.reconciliation.ok_or("no comparison")?;
        let causes: Vec<_> = result
            .causes
            .iter()
            .map(|((_, cause), sum)| (*cause, sum.amount.to_string()))
            .collect();
        assert_eq!(causes, [(Cause::Cached, "0.275".to_owned())]);
    }
    Ok(())
}

#[test]
fn records_are_taken_as_asked() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let text = table(&rows(500));
    let all = Pipeline::new(&book).read(text.as_bytes())?;
    let tenth = Period::parse("2026-03-10")?.start;
    let filter = Filter::default().since(tenth).with(Dimension::Model, "GPT-4*");
    let some = Pipeline::new(&book).only(filter).read(text.as_bytes())?;
    assert!(some.not_asked_for > 0 && some.report.total.records.all > 0);
    assert_eq!(
        some.report.total.records.all + some.not_asked_for,
        all.report.total.records.all,
        "nothing is lost"
    );
    let mut seen = 0;
    let files = Pipeline::new(&book).records(&[Input::bytes(text.as_bytes())], &mut |_, row| {
        seen += u64::from(matches!(row, Row::Record(_)));
    })?;
    assert_eq!(seen, files.files[0].records);
    Ok(())
}

#[test]
fn an_input_that_cannot_be_read_is_an_error_or_a_warning() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let error = Pipeline::new(&book).read(&b"%PDF-1.7"[..]).expect_err("a PDF");
    assert_eq!((error.code(), error.hint().is_some()), ("not-read", true));
    let text = table(&rows(3));
    let inputs =
        [Input::bytes(b"%PDF-1.7").named("bill.pdf"), Input::bytes(text.as_bytes()).named("u.csv")];
    let run = Pipeline::new(&book).read_all(&inputs)?;
    assert_eq!((run.files[1].rows(), run.files[0].failure.is_some()), (3, true));
    assert!(matches!(&run.warnings[..], [Warning::NotRead { file, .. }] if file == "bill.pdf"));
    assert!(run.warnings[0].to_string().starts_with("bill.pdf: the file is a PDF"));
    Ok(())
}

/// Ends reading after some bytes.
#[derive(Default)]
struct Ended {
    bytes: AtomicU64,
    rows: AtomicU64,
    at: u64,
    began: AtomicBool,
}

impl Progress for Ended {
    fn begin(&self, bytes: Option<u64>) {
        assert_eq!(bytes, None, "a stream");
        self.began.store(true, Ordering::Relaxed);
    }

    fn bytes(&self, read: u64) {
        self.bytes.fetch_add(read, Ordering::Relaxed);
    }

    fn rows(&self, read: u64) {
        self.rows.fetch_add(read, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.at
    }
}

#[test]
fn reading_is_told_and_ended() -> Result<(), Anything> {
    let book = PriceBook::builtin();
    let text = table(&rows(2_000));
    let told = Arc::new(Ended { at: u64::MAX, ..Ended::default() });
    Pipeline::new(&book).progress(Arc::clone(&told) as Arc<dyn Progress>).read(text.as_bytes())?;
    assert_eq!(told.bytes.load(Ordering::Relaxed), text.len() as u64);
    assert_eq!(told.rows.load(Ordering::Relaxed), 2_000);
    assert!(told.began.load(Ordering::Relaxed));
    // Without end, so that it must be ended.
    let endless = Cursor::new(text.into_bytes()).chain(std::io::repeat(b'\n'));
    let ended = Arc::new(Ended { at: 1 << 20, ..Ended::default() });
    let pipeline = Pipeline::new(&book).progress(ended);
    let error = pipeline.read(endless).expect_err("it was ended");
    assert_eq!(error.code(), "cancelled");
    Ok(())
}
