//! What must hold for every input, whatever it is: no panic, no row lost, none read twice.

mod readers;
mod tables;

use std::cell::RefCell;

use tokreckon::book::PriceBook;
use tokreckon::estimate::{Sending, check};
use tokreckon::ledger::saved::SavedLedger;
use tokreckon::read::{self as reading, Mapping, Options};
use tokreckon::reasoning::{Caps, EstimateInput, Estimator, History};
use tokreckon::request::{CountOptions, Request, batch};
use tokreckon::time::{Instant, Period};
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{self, Origin};

pub use readers::read;
pub use tables::import;

/// True for one input of `many`, always the same ones: for checks that cost much.
fn one_of(many: u64, data: &[u8]) -> bool {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    (data.iter().fold(0xcbf2_9ce4_8422_2325, mix) >> 17).is_multiple_of(many)
}

/// A price file is refused with mistakes that lie inside of it, or it compiles and every model in
/// it is found.
pub fn prices(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (file, mistakes) = schema::read(text, Origin::User);
    let lines = text.split('\n').count();
    for mistake in &mistakes {
        assert!(mistake.line >= 1 && mistake.line as usize <= lines, "{mistake}");
        assert!(mistake.column >= 1 && !mistake.message.is_empty(), "{mistake}");
    }
    if !mistakes.is_empty() {
        return;
    }
    let tables = compile(&[file.clone()]).expect("a file without mistakes compiles");
    let book = PriceBook::builtin().with_layer(&tables);
    for model in file.prices.iter().flat_map(|entry| &entry.models) {
        book.lookup(&file.provider, model).expect("a priced model is found");
    }
}

/// A request is refused, or it is counted, twice the same.
pub fn request(data: &[u8]) {
    let Ok(request) = Request::from_json(data) else { return };
    count(&request);
}

/// A line of a batch file is refused, or its request is counted.
pub fn batch_line(data: &[u8]) {
    if let Ok(line) = batch::line(data) {
        count(&line.request);
    }
}

fn count(request: &Request) {
    let options = CountOptions::default();
    let first = request.count(&options);
    let band = first.total().band();
    assert!(band.low <= band.likely, "{band:?}");
    assert!(band.high.is_none_or(|high| band.likely <= high), "{band:?}");
    assert_eq!(first.total(), request.count(&options).total());
}

thread_local! {
    static ESTIMATOR: RefCell<Estimator<'static>> =
        RefCell::new(Estimator::new(tokreckon_data::PRIORS, History::new()));
}

/// A request is refused, or estimated with levels in their order and nothing beyond its cap.
pub fn estimate(data: &[u8]) {
    let Ok(request) = Request::from_json(data) else { return };
    let sending = Sending::of(&request);
    let prompt = request.count(&CountOptions::default()).total();
    let period = Period::at(Instant(1_760_000_000));
    let _ = check(&request, &sending, prompt, None, period);
    let Some(model) = sending.model.as_deref() else { return };
    let caps = Caps { request: sending.cap, thinking: sending.thinking, ..Caps::default() };
    let input = EstimateInput {
        effort: sending.effort.as_deref(),
        label: sending.label.as_deref(),
        choices: sending.choices,
        caps,
        ..EstimateInput::new(model, prompt.band().likely)
    };
    let estimate = ESTIMATOR.with_borrow(|estimator| estimator.estimate(&input));
    for levels in [&estimate.hidden, &estimate.visible, &estimate.output].into_iter().flatten() {
        assert!(levels.p50.tokens <= levels.p90.tokens && levels.p90.tokens <= levels.p99.tokens);
    }
}

/// A history is refused with a line of its own, or written and read again it is the same.
pub fn history(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<History>() {
        Ok(history) => {
            let again = history.to_string();
            let read: History = again.parse().expect("what was written can be read");
            assert_eq!(read.to_string(), again);
        }
        Err(error) => assert!(error.line >= 1 && error.line <= text.split('\n').count(), "{error}"),
    }
}

/// A saved ledger is refused, or written again it is the same; so is one with the same lines and the end
/// that goes with them: no mutation finds a digest.
pub fn saved(data: &[u8]) {
    saved_as_it_is(data);
    if let Ok(text) = std::str::from_utf8(data) {
        saved_as_it_is(sealed(text).as_bytes());
    }
}

/// A text with the last line that goes with those before.
fn sealed(text: &str) -> String {
    let is_end = |line: &str| line.starts_with("{\"end\"");
    let mut lines: String = text.lines().filter(|line| !is_end(line)).collect::<Vec<_>>().join("\n");
    lines.push('\n');
    let sources = lines.lines().filter(|line| line.starts_with("{\"source\"")).count();
    let cells = lines.lines().count().saturating_sub(sources + 1);
    let digest = tokreckon::digest::digest(lines.as_bytes());
    let end = format!("{{\"sources\":\"{sources}\",\"cells\":\"{cells}\",\"digest\":\"{digest:032x}\"}}");
    format!("{lines}{{\"end\":{end}}}\n")
}

fn saved_as_it_is(data: &[u8]) {
    if let Ok(ledger) = SavedLedger::read(data) {
        let again = ledger.to_text();
        assert_eq!(SavedLedger::parse(&again).expect("what was written can be read"), ledger);
        assert_eq!(again.as_bytes(), data, "two texts of one ledger");
    }
}

/// A format of a user's own is refused, or reads a table without a panic.
pub fn format_file(data: &[u8]) {
    const TABLE: &[u8] = b"when,engine,in,out,cost\n2026-10-01,gpt-4o,10,5,0.1\n1,x,-1,1e3,\n";
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(mapping) = Mapping::from_toml(text) {
        let options = Options { mapping: Some(&mapping), ..Options::default() };
        let _ = reading::read(TABLE, &options, &mut |_| ());
    }
}
