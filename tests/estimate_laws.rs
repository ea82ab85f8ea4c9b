//! Laws of the estimator: the hierarchy, caps, kinds of numbers, and what it says about itself.

use tokreckon::reasoning::{
    CAP_REACHED, CapBounds, Caps, EstimateInput, EstimateOrigin, Estimator, Guarantee, History,
    HistoryKey, HistoryRow, Kind, Level, Limit, RequestCap, Thinking, Visible, plain_name,
};
use tokreckon::record::Record;
use tokreckon::time::Instant;
use tokreckon::usage::{Layout, Totals};
use tokreckon_data::priors::{Priors, Work};

/// A history of `rows` requests around 1,000 hidden and 100 visible tokens.
fn history(model: &str, effort: &str, label: &str, rows: u64) -> History {
    let mut history = History::new();
    for row in 0..rows {
        let key = HistoryKey { model: model.into(), effort: effort.into(), label: label.into() };
        let hidden = 700 + 64 * (row * 7 % 13);
        history.push(key, HistoryRow::split(400, hidden, 80 + row * 3 % 41));
    }
    history
}

fn shipped() -> Estimator<'static> {
    Estimator::new(tokreckon_data::PRIORS, History::new())
}

fn with(history: History) -> Estimator<'static> {
    Estimator::new(tokreckon_data::PRIORS, history)
}

const PLANNER: EstimateInput<'static> = EstimateInput {
    model: "o1-mini",
    effort: None,
    label: Some("planner"),
    work: None,
    prompt_tokens: 430,
    caps: Caps {
        request: None,
        model_max_output: Some(65_536),
        context_window: Some(128_000),
        thinking: Thinking::Automatic,
    },
    visible: Visible::FromData,
    choices: 1,
};

#[test]
fn near_data_go_before_far_data() {
    let level = |estimator: &Estimator<'_>, input| {
        let basis = estimator.estimate(&input).basis;
        (basis.level, basis.origin == EstimateOrigin::Own)
    };
    assert_eq!(level(&with(history("o1-mini", "", "planner", 3)), PLANNER), (Level::Label, true));
    // Two rows are too few; the dated name of the same model counts.
    assert_eq!(level(&with(history("o1-mini", "", "planner", 2)), PLANNER), (Level::Model, false));
    let dated = history("o1-mini-2024-09-12", "", "planner", 3);
    assert_eq!(level(&with(dated), PLANNER), (Level::Label, true));
    let other_work = with(history("o1-mini", "", "summary", 20));
    assert_eq!(level(&other_work, PLANNER), (Level::Model, true));
    let of = |model| level(&shipped(), EstimateInput { model, ..PLANNER });
    assert_eq!(of("gpt-5"), (Level::Model, false));
    assert_eq!(of("gpt-5-some"), (Level::Generation, false));
    assert_eq!(of("gpt-2"), (Level::Class, false));
    assert_eq!(of("no-such-model"), (Level::Class, false));
    let without = Estimator::new(Priors { cells: &[], ..tokreckon_data::PRIORS }, History::new());
    assert_eq!(level(&without, PLANNER), (Level::Nothing, false));
}

#[test]
fn a_model_is_followed_through_its_names() {
    // The log names the snapshot, the request the alias, or the other way round, or a seller's id.
    for (log, asked) in [
        ("gpt-5-2025-08-07", "gpt-5"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
        ("o4-mini", "o4-mini-2025-04-16"),
    ] {
        assert_eq!(plain_name(log), plain_name(asked));
        let input = EstimateInput { model: asked, ..PLANNER };
        let basis = with(history(log, "", "planner", 5)).estimate(&input).basis;
        assert_eq!((basis.origin, basis.rows), (EstimateOrigin::Own, 5), "{asked}");
        let [one, other] = [log, asked]
            .map(|model| shipped().estimate(&EstimateInput { model, ..PLANNER }).output);
        assert_eq!(one, other, "{asked}");
    }
}

#[test]
fn rows_of_another_regime_are_set_aside() {
    let mut changed = history("o1-mini", "", "planner", 60);
    for row in 0..30 {
        let key = HistoryKey {
            model: "o1-mini".into(),
            label: "planner".into(),
            ..HistoryKey::default()
        };
        changed.push(key, HistoryRow::split(400, 4000 + 64 * (row * 7 % 13), 100));
    }
    let estimate = with(changed).estimate(&PLANNER);
    assert_eq!((estimate.basis.rows, estimate.basis.set_aside), (30, 60));
    assert!(estimate.basis.to_string().contains("60 older ones are set aside"));
    assert!(estimate.output.expect("a basis").p50.tokens > 3500);
    // Labels are other work, not another time.
    let mut mixed = history("o1-mini", "", "planner", 60);
    for row in 0..60 {
        let key =
            HistoryKey { model: "o1-mini".into(), label: "essay".into(), ..HistoryKey::default() };
        mixed.push(key, HistoryRow::split(400, 4000 + row * 7 % 13, 100));
    }
    let all = with(mixed).estimate(&EstimateInput { label: None, ..PLANNER });
    assert_eq!((all.basis.rows, all.basis.set_aside), (120, 0));
}

#[test]
fn another_effort_is_multiplied() {
    let low = EstimateInput { model: "o4-mini", effort: Some("low"), ..PLANNER };
    let medium = EstimateInput { effort: None, ..low };
    let [low, medium] = [low, medium].map(|input| shipped().estimate(&input));
    assert_eq!(medium.basis.effort, None, "medium is the default");
    let effort = low.basis.effort.expect("a factor");
    assert_eq!((effort.from.as_str(), effort.per_mille, effort.measured), ("medium", 315, true));
    assert!(low.output.expect("a basis").p50.tokens < medium.output.expect("a basis").p50.tokens);
    let own = with(history("gpt-5", "medium", "planner", 10));
    let high = EstimateInput { model: "gpt-5", effort: Some("high"), ..PLANNER };
    let basis = own.estimate(&high).basis;
    assert_eq!(
        basis.to_string(),
        "your log: 10 rows of (`gpt-5`, effort `medium`, label -); \
         high effort = medium × 1.786 (measured)"
    );
    let minimal = own.estimate(&EstimateInput { effort: Some("minimal"), ..high });
    assert!(minimal.basis.effort.is_some_and(|effort| !effort.measured));
    // A word that the model does not take is said, and changes nothing.
    let xhigh = own.estimate(&EstimateInput { effort: Some("xhigh"), ..high });
    assert!(xhigh.notes.iter().any(|note| note.contains("`xhigh`")), "{:?}", xhigh.notes);
    assert_eq!(xhigh.output, own.estimate(&EstimateInput { effort: None, ..high }).output);
}

#[test]
fn models_think_by_habit_or_as_told() {
    let asked = |model, thinking, effort| {
        let caps = Caps { thinking, ..PLANNER.caps };
        shipped().estimate(&EstimateInput { model, effort, caps, label: None, ..PLANNER })
    };
    let thinks = |model, thinking| asked(model, thinking, None).thinking;
    // Claude up to 4.8, Gemini lite and gpt-5.4 think when asked to, gpt-5 and Gemini 2.5 always or
    // unless told not to.
    for model in ["claude-sonnet-4-5", "gemini-2.5-flash-lite", "gpt-5.4"] {
        assert_eq!(thinks(model, Thinking::Automatic), Some(false), "{model}");
        assert_eq!(thinks(model, Thinking::On), Some(true), "{model}");
    }
    for model in ["gemini-2.5-flash", "claude-opus-5", "deepseek-v4-pro"] {
        assert_eq!(thinks(model, Thinking::Automatic), Some(true), "{model}");
        assert_eq!(thinks(model, Thinking::Off), Some(false), "{model}");
    }
    for model in ["gpt-5", "o3", "deepseek/deepseek-r1"] {
        let off = asked(model, Thinking::Off, Some("none"));
        assert_eq!(off.thinking, Some(true), "{model}");
        assert!(off.notes.iter().any(|note| note.contains("cannot be switched off")), "{model}");
    }
    assert_eq!(asked("gpt-5.4", Thinking::Automatic, Some("high")).thinking, Some(true));
    assert_eq!(asked("claude-opus-4-5", Thinking::Automatic, Some("high")).thinking, Some(false));
    assert_eq!(thinks("claude-3.7-sonnet:thinking", Thinking::Automatic), Some(true));
    assert_eq!(thinks("gpt-4o", Thinking::On), Some(false), "it cannot");
    let p90 = |thinking| asked("claude-sonnet-4-5", thinking, None).output.expect("a basis").p90;
    assert!(p90(Thinking::Automatic).tokens < p90(Thinking::On).tokens);
}

#[test]
fn kinds_of_work_narrow_an_estimate() {
    let p90 = |work| {
        let input = EstimateInput { model: "gpt-4o", work, label: None, ..PLANNER };
        shipped().estimate(&input).output.expect("a basis").p90.tokens
    };
    let [tools, prose] = [Work::Tools, Work::Prose].map(|work| p90(Some(work)));
    assert!(tools * 3 < prose, "{tools} {prose}");
    assert!(p90(Some(Work::Chat)) < p90(None) && p90(None) < 2 * prose);
}

#[test]
fn a_guarantee_needs_enough_exchangeable_rows() {
    let p90 = |rows| {
        let hidden = with(history("o1-mini", "", "planner", rows)).estimate(&PLANNER).hidden;
        hidden.map(|hidden| (hidden.p90_guarantee, hidden.p99_guarantee))
    };
    let not_yet = |needs, have| Guarantee::NotYet { needs, have };
    assert_eq!(p90(8), Some((not_yet(9, 8), not_yet(99, 8))));
    let (p90_of_99, p99_of_99) = p90(99).expect("a basis");
    assert!(matches!(p90_of_99, Guarantee::Holds { tokens: 700..=1468 }));
    assert_eq!(p99_of_99, Guarantee::Holds { tokens: 1468 });
    assert_eq!(not_yet(99, 37).to_string(), "no guarantee yet (needs 99 rows, have 37)");
    // Rows of other work prove nothing about this work.
    let other = with(history("o1-mini", "", "summary", 200)).estimate(&PLANNER);
    assert_eq!(other.hidden.expect("a basis").p90_guarantee, not_yet(9, 0));
    assert_eq!(other.basis.held, None);
}

#[test]
fn the_coverage_is_that_of_the_case() {
    let of = |input: EstimateInput<'_>| shipped().estimate(&EstimateInput { label: None, ..input });
    let tools = of(EstimateInput { model: "gpt-5", work: Some(Work::Tools), ..PLANNER });
    let Kind::Estimate(Some(held)) = tools.output.expect("a basis").p90.kind else {
        panic!("no measured reliability")
    };
    assert!(held.low < held.mean && held.mean <= held.high, "{held:?}");
    assert!(tools.basis.to_string().contains("of `gpt-5`, "), "{}", tools.basis);
    assert!(tools.basis.to_string().ends_with("requests with tools, thinking"), "{}", tools.basis);
    assert!(tools.basis.coverage().starts_with("on sources that were left out p90 held for "));
    let plain = of(EstimateInput { model: "gpt-4o", work: Some(Work::Tools), ..PLANNER });
    assert_ne!(plain.basis.coverage(), tools.basis.coverage());
    let own = with(history("o1-mini", "", "planner", 20)).estimate(&PLANNER);
    assert!(own.basis.coverage().starts_with("with so many own rows p90 held for "));
}

#[test]
fn caps_cut_and_say_so() {
    let capped = |tokens, bounds| EstimateInput {
        caps: Caps { request: Some(RequestCap { tokens, bounds }), ..PLANNER.caps },
        ..PLANNER
    };
    let estimator = with(history("o1-mini", "", "planner", 50));
    let estimate = estimator.estimate(&capped(1000, CapBounds::Output));
    let output = estimate.output.expect("a basis");
    assert_eq!((output.p90.tokens, output.p90.kind), (1000, Kind::Cap));
    let cap = estimate.cap.expect("a cap");
    assert_eq!((cap.tokens, cap.limit), (1000, Limit::Request));
    assert!(estimate.cap_reached_per_mille.is_some_and(|share| (600..=800).contains(&share)));
    assert!(CAP_REACHED.contains("billed"));
    // A limit that counts the visible answer only is no limit of the cost.
    let loose = estimator.estimate(&capped(90, CapBounds::VisibleOnly));
    assert_eq!(loose.cap.map(|cap| cap.limit), Some(Limit::Model));
    assert_eq!(loose.visible.expect("a basis").p99.tokens, 90);
    assert!(loose.output.expect("a basis").p50.tokens > 1000);
    // A prompt that fills the window leaves nothing.
    let full = EstimateInput { prompt_tokens: 200_000, ..PLANNER };
    assert_eq!(estimator.estimate(&full).cap.map(|cap| cap.tokens), Some(0));
}

#[test]
fn thinking_budgets() {
    let thinking = |thinking| EstimateInput { caps: Caps { thinking, ..PLANNER.caps }, ..PLANNER };
    let estimator = with(history("o1-mini", "", "planner", 50));
    let hidden = |input| estimator.estimate(&input).hidden.expect("a basis");
    let never = estimator.estimate(&thinking(Thinking::Never));
    assert_eq!(never.hidden.map(|h| (h.p99.tokens, h.p99.kind)), Some((0, Kind::Exact)));
    assert!(hidden(thinking(Thinking::Ceiling(1024))).p99.tokens <= 1024);
    // A target is where thinking usually ends, and no cap.
    let target = estimator.estimate(&thinking(Thinking::Target(64)));
    assert_eq!(target.hidden.map(|hidden| hidden.p90.tokens), Some(64));
    assert_eq!(target.cap, estimator.estimate(&PLANNER).cap);
}

#[test]
fn choices_multiply_the_output_and_not_the_prompt() {
    let estimator = with(history("o1-mini", "", "planner", 50));
    let one = estimator.estimate(&PLANNER);
    let three = estimator.estimate(&EstimateInput { choices: 3, ..PLANNER });
    assert_eq!((three.prompt, one.prompt.kind), (one.prompt, Kind::Exact));
    let p90 =
        |estimate: &tokreckon::reasoning::Estimate| estimate.output.expect("a basis").p90.tokens;
    assert_eq!(p90(&three), 3 * p90(&one));
    assert_eq!(three.cap.map(|cap| cap.tokens), Some(3 * 65_536));
}

#[test]
fn visible_tokens_are_never_silently_zero() {
    let without = Estimator::new(Priors { cells: &[], ..tokreckon_data::PRIORS }, History::new());
    let estimate = without.estimate(&PLANNER);
    assert_eq!((estimate.hidden, estimate.visible, estimate.output), (None, None, None));
    assert_eq!(estimate.cap.map(|cap| cap.tokens), Some(65_536), "the cap is still known");
    let assumed = EstimateInput { visible: Visible::Assumed(350), ..PLANNER };
    let estimate = shipped().estimate(&assumed);
    let (visible, hidden) = (estimate.visible.expect("said"), estimate.hidden.expect("a basis"));
    assert_eq!((visible.p99.tokens, visible.p99.kind), (350, Kind::Assumption));
    assert_eq!(estimate.output.expect("both").p90.tokens, hidden.p90.tokens + 350);
    assert!(shipped().estimate(&PLANNER).visible.is_some_and(|visible| visible.p50.tokens > 0));
}

#[test]
fn quantiles_rise_and_are_the_same_every_time() {
    for model in ["o1-mini", "o1-preview", "o4-mini", "gemini-2.5-pro", "claude-opus-4-1", "grok-4"]
    {
        let input = EstimateInput { model, ..PLANNER };
        let estimate = shipped().estimate(&input);
        for part in [estimate.hidden, estimate.visible, estimate.output] {
            let part = part.unwrap_or_else(|| panic!("{model}"));
            assert!(part.p50.tokens <= part.p90.tokens && part.p90.tokens <= part.p99.tokens);
        }
        let [whole, hidden] = [estimate.output, estimate.hidden].map(|part| part.expect("a basis"));
        assert!(hidden.p90.tokens <= whole.p90.tokens && hidden.p99.tokens <= whole.p99.tokens);
        assert_eq!(shipped().estimate(&input), estimate);
    }
}

#[test]
fn totals_are_tighter_than_calls() {
    let estimator = with(history("o1-mini", "", "planner", 50));
    let total = estimator.total(&[(PLANNER, 1000)]).expect("a basis");
    let output = total.output;
    assert!(total.output_at(990) > output.high && total.output_at(700) > output.median);
    assert_eq!((total.requests, total.prompt), (1000, 430_000));
    assert!(output.low < output.median && output.median < output.high);
    assert!(output.high * 10 < output.low * 13, "{output:?}");
    let p90 = estimator.estimate(&PLANNER).output.expect("a basis").p90.tokens;
    assert!(output.high < 1000 * p90);
    let without = Estimator::new(Priors { cells: &[], ..tokreckon_data::PRIORS }, History::new());
    assert_eq!(without.total(&[(PLANNER, 10)]), None, "only the cap is known");
    // What is not known about a kind of work does not cancel, however many there are.
    let [few, many] = [10, 100_000].map(|count| shipped().total(&[(PLANNER, count)]));
    let width = |total: Option<tokreckon::reasoning::Total>| {
        let output = total.expect("a prior").output;
        output.high / output.low.max(1)
    };
    assert!(width(many.clone()) >= 4 && width(many) <= width(few));
}

#[test]
fn a_batch_line_by_line_is_the_batch() {
    let estimator = with(history("o1-mini", "", "planner", 20));
    let other = EstimateInput { label: None, choices: 2, ..PLANNER };
    let lines: Vec<_> = [PLANNER, other].into_iter().flat_map(|line| [(line, 1); 50]).collect();
    let whole = estimator.total(&[(PLANNER, 50), (other, 50)]);
    assert_eq!(estimator.total(&lines), whole);
    let backwards: Vec<_> = lines.iter().rev().copied().collect();
    assert_eq!(estimator.total(&backwards), whole, "the order does not matter");
    let prompts = |at: u64| EstimateInput { prompt_tokens: 400 + at, ..PLANNER };
    let lines: Vec<_> = (0..61).map(|at| (prompts(at), 1)).collect();
    let alike = estimator.total(&[(PLANNER, 61)]).expect("a basis");
    assert_eq!(estimator.total(&lines), Some(alike), "prompts of other lengths are of one kind");
    let doubled = [1, 2, 4, 8, 16].map(|times| (prompts(512 * times), 20));
    let backwards = [4, 3, 2, 1, 0].map(|at| doubled[at]);
    assert_eq!(estimator.total(&doubled), estimator.total(&backwards));
}

#[test]
fn absurd_counts_do_not_panic() {
    let mut history = History::new();
    for _ in 0..5 {
        let key = HistoryKey {
            model: "o1-mini".into(),
            label: "planner".into(),
            ..HistoryKey::default()
        };
        history.push(key, HistoryRow::split(u64::MAX, u64::MAX, u64::MAX));
    }
    let estimator = with(history);
    let huge = EstimateInput { prompt_tokens: u64::MAX, choices: u32::MAX, ..PLANNER };
    let estimate = estimator.estimate(&huge);
    assert_eq!(estimate.cap.map(|cap| cap.tokens), Some(0));
    let free = EstimateInput { caps: Caps::default(), ..huge };
    assert!(estimator.estimate(&free).hidden.is_some_and(|hidden| hidden.p99.tokens > 0));
    assert!(estimator.total(&[(free, u64::MAX)]).is_some());
    assert!(estimator.total(&[]).is_some_and(|nothing| nothing.output.high == 0));
}

#[test]
fn a_history_survives_its_text() {
    let mut history = history("o1-mini", "", "say \"hi\"\n", 4);
    history.merge(self::history("gpt-5", "high", "", 2));
    let key = HistoryKey { model: "claude-sonnet-4-5".into(), ..HistoryKey::default() };
    history.push(key.clone(), HistoryRow { at: None, prompt: 9, output: 77, hidden: None });
    let at = Some(Instant(1_760_000_000));
    history.push(key, HistoryRow { at, prompt: 9, output: 77, hidden: Some(70) });
    let text = history.to_string();
    assert_eq!(text.parse::<History>().expect("its own text"), history);
    for (text, message) in [
        (
            "[[requests]]\nmodel = \"x\"\nrows = [[1]]\n",
            "3: a row holds 1 counts, not [prompt, hidden, visible] or [prompt, output]",
        ),
        ("[[requests]]\nrows = []\n", "1: `model` is missing in `[[requests]]`"),
        ("[[requests]]\nmodel = \"x\"\n", "1: `rows` is missing in `[[requests]]`"),
        ("[[request]]\n", "1: unknown key `request`"),
        (
            "[[requests]]\nmodel = \"x\"\nrows = [[1, -2, 3]]\n",
            "3: `-2` is not a count up to 1099511627776",
        ),
    ] {
        assert_eq!(text.parse::<History>().expect_err(text).to_string(), message);
    }
}

/// Histories of several machines, learnt again and again, in any order: the same requests, once each.
#[test]
fn histories_merge_to_the_same_in_any_order() {
    let mut random = 7_u64;
    let mut below = |bound: u64| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    for _ in 0..200 {
        let mut parts: Vec<History> = Vec::new();
        for _ in 0..4 {
            let mut part = History::new();
            for _ in 0..below(40) {
                let key = HistoryKey { model: format!("m{}", below(2)), ..HistoryKey::default() };
                let at = Some(Instant(1_760_000_000 + i64::try_from(below(9)).expect("small")));
                part.push(key, HistoryRow { at, ..HistoryRow::split(5, below(3), below(3)) });
            }
            parts.push(part);
        }
        let merged = |order: &[usize]| {
            let mut all = History::new();
            for part in order {
                all.merge(parts[*part].clone());
            }
            all
        };
        let all = merged(&[0, 1, 2, 3]);
        assert_eq!(merged(&[3, 1, 0, 2]), all);
        assert_eq!(merged(&[2, 2, 1, 3, 0, 1]), all);
        let mut again = all.clone();
        let merged = again.merge(all.to_string().parse().expect("its own text"));
        assert_eq!((merged.added, merged.known), (0, all.len()));
        assert_eq!(again, all);
    }
}

/// A key keeps its newest rows, whichever come first.
#[test]
fn the_oldest_rows_leave() {
    let row = |at: u64| {
        let second = i64::try_from(at).expect("small");
        HistoryRow { at: Some(Instant(second)), ..HistoryRow::split(1, 2, at) }
    };
    let most = u64::try_from(History::MAX_ROWS).expect("a number");
    let of = |rows: &mut dyn Iterator<Item = u64>| {
        let mut history = History::new();
        rows.for_each(|at| _ = history.push(HistoryKey::default(), row(at)));
        history
    };
    let forward = of(&mut (0..most + 50));
    assert_eq!(forward, of(&mut (0..most + 50).rev()));
    let (_, rows) = forward.iter().next().expect("a key");
    assert_eq!((rows.len(), rows[0]), (History::MAX_ROWS, row(50)));
}

/// A log without times that has grown beyond what a history keeps: its newest rows, once each.
#[test]
fn a_full_history_of_no_known_time_is_learnt_again() {
    let most = u64::try_from(History::MAX_ROWS).expect("a number");
    let of = |rows: std::ops::Range<u64>| {
        let mut history = History::new();
        rows.for_each(|at| _ = history.push(HistoryKey::default(), HistoryRow::split(1, 2, at)));
        history
    };
    let mut all = of(0..most);
    assert_eq!(all.merge(of(0..most)).added, 0);
    assert_eq!(all.merge(of(0..most + 300)).added, 300);
    assert_eq!(all, of(300..most + 300));
}

#[test]
fn reasoning_that_is_not_reported_is_not_zero() {
    let totals = |reasoning, layout| Totals {
        layout,
        input: Some(100),
        output: Some(700),
        reasoning,
        ..Totals::default()
    };
    let mut history = History::new();
    let mut push = |totals| {
        let record = Record { model: "o1-mini", totals: Some(totals), ..Record::EMPTY };
        history.push_record(&record, "", "planner")
    };
    assert!(push(totals(Some(640), Layout::INSIDE)));
    assert!(push(totals(Some(640), Layout::GEMINI)));
    assert!(push(totals(None, Layout::INSIDE)), "all of the output is billed all the same");
    assert!(!push(totals(Some(800), Layout::INSIDE)), "an impossible split is not used");
    let rows: Vec<HistoryRow> = history.iter().flat_map(|(_, rows)| rows.iter().copied()).collect();
    let unsplit = HistoryRow { at: None, prompt: 100, output: 700, hidden: None };
    assert_eq!(rows, [HistoryRow::split(100, 640, 60), HistoryRow::split(100, 640, 700), unsplit]);
    assert_eq!(unsplit.visible(), None);
}
