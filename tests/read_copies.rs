//! One request is one record: copies within and across files, whatever the order of the files.

#[path = "read_support/mod.rs"]
mod support;

use support::{Sums, read_all, read_text, read_texts};
use tokreckon::dedup::{CopyVerdict, Dedup, Tally};
use tokreckon::read::{Item, Options, Skip, read};

/// Everything that sums show and the order of the files must not change.
fn figures(sums: &Sums) -> (u64, u64, u64, u64, String) {
    (sums.records, sums.input, sums.output, sums.requests, sums.cost("USD"))
}

/// Sums of files in every order of up to three, which must agree.
fn in_any_order(texts: &[&str]) -> Sums {
    let sums = read_texts(texts);
    let mut turned: Vec<&str> = texts.to_vec();
    for _ in texts {
        turned.rotate_left(1);
        assert_eq!(figures(&sums), figures(&read_texts(&turned)), "{turned:?}");
        let back: Vec<&str> = turned.iter().rev().copied().collect();
        assert_eq!(figures(&sums), figures(&read_texts(&back)), "{back:?}");
    }
    sums
}

const USAGE: &str = "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens\n";

/// Rows of an OpenAI usage export: day, project, model, requests, input.
fn usage(rows: &[(i64, &str, &str, u64, u64)]) -> String {
    rows.iter().fold(USAGE.to_owned(), |text, (day, project, model, requests, input)| {
        let (start, end) = (1_769_904_000 + day * 86_400, 1_769_990_400 + day * 86_400);
        format!("{text}{start},{end},,,{project},{requests}.0,{model},{input}.0,1.0,0.0\n")
    })
}

#[test]
fn equal_keys_in_one_file_are_added() {
    let sums = read_texts(&[&usage(&[(0, "p", "gpt-5", 8, 100), (0, "p", "gpt-5", 1, 20)])]);
    assert_eq!((sums.records, sums.requests, sums.input), (2, 9, 120));
}

#[test]
fn an_export_of_the_same_days_replaces() {
    let early = usage(&[(0, "p", "gpt-5", 8, 100), (1, "p", "gpt-5", 2, 20)]);
    let late = usage(&[(0, "p", "gpt-5", 8, 100), (1, "p", "gpt-5", 5, 70), (2, "p", "o3", 1, 3)]);
    let sums = in_any_order(&[&early, &late]);
    assert_eq!((sums.records, sums.requests, sums.input), (3, 14, 173));
    assert_eq!((sums.replaced(), sums.rows()), (2, 5));
    assert_eq!(sums.tallies[0].replaced.get(&1), Some(&2), "it says by which file");
}

#[test]
fn equal_keys_of_two_files_are_replaced_as_a_whole() {
    let twice = [(0, "p", "gpt-5", 8, 100), (0, "p", "gpt-5", 1, 20)];
    let sums = in_any_order(&[&usage(&twice), &usage(&twice)]);
    assert_eq!((sums.records, sums.requests, sums.input), (2, 9, 120));
}

#[test]
fn exports_of_different_projects_are_added() {
    let one = usage(&[(0, "p1", "gpt-5", 8, 100), (5, "p1", "gpt-5", 1, 7)]);
    let two = usage(&[(0, "p2", "gpt-5", 1, 20), (5, "p2", "gpt-5", 1, 8)]);
    let sums = in_any_order(&[&one, &two]);
    assert_eq!((sums.records, sums.replaced(), sums.input), (4, 0, 135));
}

#[test]
fn another_grouping_of_the_same_usage_is_not_added() {
    let by_project = usage(&[(0, "p1", "gpt-5", 8, 100), (0, "p2", "gpt-5", 1, 20)]);
    let by_model = usage(&[(0, "", "gpt-5", 9, 120)]).replace(",120.0,1.0,", ",120.0,2.0,");
    let sums = in_any_order(&[&by_project, &by_model]);
    assert_eq!((sums.requests, sums.input, sums.records), (9, 120, 2), "the finer one holds");
}

#[test]
fn a_row_that_is_gone_stays_in_the_sum_of_its_file() {
    let by_project = |projects: &[(&str, u64, u64)]| {
        let rows = projects
            .iter()
            .map(|(project, requests, input)| (0, *project, "gpt-5", *requests, *input));
        usage(&rows.collect::<Vec<_>>())
    };
    // One row stands for so many rows of one output token each.
    let by_model = |requests: u64, input: u64, output: u64| {
        let one = usage(&[(0, "", "gpt-5", requests, input)]);
        one.replace(&format!(",{input}.0,1.0,"), &format!(",{input}.0,{output}.0,"))
    };
    let both = by_project(&[("p1", 8, 100), ("p2", 1, 20)]);
    let sums = in_any_order(&[&both, &by_project(&[("p1", 8, 100)]), &by_model(9, 120, 2)]);
    assert_eq!((sums.requests, sums.input, sums.records), (9, 120, 2));
    // Two exports of two projects each, and all three projects together.
    let other = by_project(&[("p1", 8, 100), ("p3", 2, 30)]);
    let sums = in_any_order(&[&both, &other, &by_model(11, 150, 3)]);
    assert_eq!((sums.requests, sums.input, sums.records), (11, 150, 3));
    // The third is of what one of them has only.
    let sums = in_any_order(&[&both, &other, &by_model(9, 120, 2)]);
    assert_eq!((sums.requests, sums.input), (11, 150));
    let finer = usage(&[(0, "", "gpt-5", 4, 50), (0, "", "gpt-5", 3, 40), (0, "", "gpt-5", 2, 30)]);
    let coarser =
        |rows: &[(&str, u64, u64)]| by_project(rows).replace(",100.0,1.0,", ",100.0,2.0,");
    let sums = in_any_order(&[
        &coarser(&[("p1", 8, 100), ("p2", 1, 20)]),
        &coarser(&[("p1", 8, 100)]),
        &finer,
    ]);
    assert_eq!((sums.requests, sums.input, sums.records), (9, 120, 3));
    assert_eq!(sums.left_out, []);
}

/// A number below a bound, of a series that is the same in every run.
fn draw(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

#[test]
fn exports_of_one_usage_lose_nothing_in_any_order() {
    let (projects, models) = (["p1", "p2", "p3"], ["gpt-5", "o3"]);
    let mut state = 7;
    for round in 0..400 {
        let mut covered = 0;
        let mut export = || {
            let (by_project, by_model) = (draw(&mut state, 2) == 0, draw(&mut state, 2) == 0);
            let of = 1 + draw(&mut state, 7);
            let mut rows = std::collections::BTreeMap::new();
            for cell in (0..6).filter(|cell| of >> (cell / 2) & 1 == 1) {
                let project = if by_project { projects[cell / 2] } else { "" };
                let model = if by_model { models[cell % 2] } else { "" };
                // Sums are equal where they are of the same cells.
                *rows.entry((project, model)).or_insert(0) += 1 << cell;
                covered |= 1 << cell;
            }
            // A later day: what the first one was is settled.
            let last = *rows.keys().next().expect("a project");
            let row = |(&(project, model), &sum)| (0, project, model, sum, sum);
            let mut rows: Vec<_> = rows.iter().map(row).collect();
            rows.push((9, last.0, last.1, 0, 0));
            usage(&rows).replace(",1.0,0.0\n", ",0.0,0.0\n")
        };
        let files: Vec<String> = (0..2 + round % 3).map(|_| export()).collect();
        let mut texts: Vec<&str> = files.iter().map(String::as_str).collect();
        let sums = read_texts(&texts);
        assert!(sums.input >= covered, "round {round}: {} of {covered} {files:#?}", sums.input);
        texts.reverse();
        assert_eq!(read_texts(&texts).input, sums.input, "round {round} {files:#?}");
        texts.rotate_left(1);
        assert_eq!(read_texts(&texts).input, sums.input, "round {round} {files:#?}");
    }
}

#[test]
fn what_is_smaller_in_one_count_is_no_earlier_state() {
    // One has more input, the other more requests.
    let sums = in_any_order(&[
        &usage(&[(0, "p", "gpt-5", 2, 3_000)]),
        &usage(&[(0, "p", "gpt-5", 700, 50)]),
    ]);
    assert_eq!((sums.records, sums.input, sums.requests), (2, 3_050, 702));
    assert_eq!(sums.tallies.iter().map(|tally| tally.conflicts.len()).sum::<usize>(), 1);
    assert_eq!(sums.left_out, []);
}

#[test]
fn an_export_in_parts_is_added_though_a_part_lacks_a_key() {
    let (one, two) = ([(0, "p", "gpt-5", 8, 900)], [(0, "", "gpt-5", 3, 800)]);
    let whole = read_texts(&[&usage(&[one[0], two[0]])]);
    let parts = in_any_order(&[&usage(&one), &usage(&two)]);
    assert_eq!(figures(&parts), figures(&whole));
}

#[test]
fn a_state_that_may_be_another_usage_is_named() {
    let sums =
        read_texts(&[&usage(&[(0, "", "gpt-5", 3, 800)]), &usage(&[(0, "", "gpt-5", 4, 900)])]);
    assert_eq!((sums.records, sums.input, sums.replaced()), (1, 900, 1));
    assert_eq!(sums.left_out, [(0, 1, 2)], "file, the one that counts, line");
    // Of copies to the last count nobody needs to know.
    let same = usage(&[(0, "", "gpt-5", 3, 800)]);
    assert_eq!(read_texts(&[&same, &same]).left_out, []);
}

/// Rows of OpenRouter's activity export, without and with its columns of tokens from a cache.
fn activity(cached: bool) -> String {
    let row = |id: &str| {
        let object =
            r#""model":"openai/gpt-4.1","created_at":"2026-02-01T10:00:00Z","total_cost":0.01,"#;
        let counts = r#""tokens_prompt":10,"tokens_completion":5,"native_tokens_prompt":10,"native_tokens_completion":5"#;
        let cache = if cached { r#","native_tokens_cached":4"# } else { "" };
        format!(r#"{{"data":{{"id":"{id}",{object}{counts}{cache}}}}}"#)
    };
    [row("gen-1"), row("gen-2")].join("\n")
}

#[test]
fn the_fuller_copy_counts_whatever_its_file_is_called() {
    let sums = in_any_order(&[&activity(false), &activity(true)]);
    assert_eq!((sums.records, sums.cache_read, sums.duplicates()), (2, 8, 2));
}

#[test]
fn row_numbers_are_no_ids() {
    let rows = |ids: [u32; 2]| -> String {
        let row = |id: u32| format!("{id},openai,gpt-4o-mini,57,2\n");
        format!("id,provider,model,input_tokens,output_tokens\n{}{}", row(ids[0]), row(ids[1]))
    };
    assert_eq!(in_any_order(&[&rows([1, 2]), &rows([1, 2])]).records, 4);
    // What is long enough for one is one.
    let long = rows([1_000_000_001, 1_000_000_002]);
    assert_eq!(in_any_order(&[&long, &long]).records, 2);
}

#[test]
fn closed_days_that_contradict_each_other_are_both_kept_and_named() {
    let days = |input| usage(&[(0, "", "gpt-5", 1, input), (9, "", "gpt-5", 1, input)]);
    let sums = read_texts(&[&days(100), &days(300)]);
    // Day 9 may have been open when the first was written; day 0 was closed long before.
    assert_eq!((sums.records, sums.input, sums.replaced()), (3, 100 + 300 + 300, 1));
    assert_eq!(sums.tallies[0].conflicts.get(&1), Some(&1));
}

#[test]
fn without_the_stage_everything_counts() {
    let text = usage(&[(0, "p", "gpt-5", 8, 100)]);
    let files = [text.as_bytes(), text.as_bytes()];
    let sums = read_all(&files, &Options::default(), false);
    assert_eq!((sums.records, sums.input), (2, 200));
}

fn response(id: &str, output: u64) -> String {
    format!(
        r#"{{"id":"{id}","object":"chat.completion","created":1769904000,"model":"gpt-5","usage":{{"prompt_tokens":10,"completion_tokens":{output},"total_tokens":{}}}}}"#,
        10 + output
    )
}

#[test]
fn the_same_response_in_two_logs() {
    let one = [response("chatcmpl-1", 5), response("chatcmpl-2", 6)].join("\n");
    let two = [response("chatcmpl-2", 6), response("chatcmpl-3", 7)].join("\n");
    let sums = in_any_order(&[&one, &two]);
    assert_eq!((sums.records, sums.output, sums.duplicates()), (3, 18, 1));
}

#[test]
fn an_id_with_other_content_is_kept_for_the_audit() {
    let sums = in_any_order(&[&response("chatcmpl-1", 5), &response("chatcmpl-1", 6)]);
    assert_eq!((sums.records, sums.duplicates()), (2, 0));
    // And so is an id that comes back in one file.
    let twice = [response("chatcmpl-1", 5), response("chatcmpl-1", 5)].join("\n");
    assert_eq!(read_texts(&[&twice]).records, 2);
    assert_eq!(read_texts(&[&twice, &twice]).records, 2);
}

/// A line of a session log of Claude Code.
fn session(id: &str, request: &str, output: u64, side: bool) -> String {
    format!(
        r#"{{"type":"assistant","sessionId":"s","timestamp":"2026-02-01T10:00:00Z","isSidechain":{side},"requestId":"{request}","message":{{"id":"{id}","model":"claude-haiku-4-5-20251001","usage":{{"input_tokens":3,"output_tokens":{output}}}}}}}"#
    )
}

#[test]
fn streamed_copies_grow_within_and_across_files() {
    let main = [session("m1", "r1", 12, false), session("m1", "r1", 48, false)].join("\n");
    let fork = [session("m1", "r1", 90, false), session("m2", "r2", 7, false)].join("\n");
    let side = session("m1", "r9", 48, true);
    let sums = in_any_order(&[&main, &fork, &side]);
    assert_eq!((sums.records, sums.output, sums.duplicates(), sums.rows()), (2, 97, 3, 5));
    // The largest counts wherever it stands.
    let shrinking = [session("m1", "r1", 90, false), session("m1", "r1", 12, false)].join("\n");
    assert_eq!(read_texts(&[&shrinking]).output, 90);
}

#[test]
fn requests_without_ids_by_their_occurrence() {
    let header = "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost\n";
    let row = "2026-02-01T10:00:00.000Z,On-Demand,gpt-5,No,0,10,0,5,15,0.01\n";
    let other = "2026-02-01T10:00:01.000Z,On-Demand,gpt-5,No,0,10,0,5,15,0.01\n";
    let twice = format!("{header}{row}{row}");
    let thrice = format!("{header}{row}{row}{row}{other}");
    assert_eq!(read_texts(&[&twice]).records, 2, "equal rows of one file are two requests");
    let sums = in_any_order(&[&twice, &thrice]);
    assert_eq!((sums.records, sums.duplicates(), sums.cost("USD").as_str()), (4, 2, "0.04"));
}

/// An event of a Codex session: totals so far, and of the last request.
fn codex(minute: u32, total: u64, last: u64) -> String {
    let counters = |count: u64| {
        format!(
            r#"{{"input_tokens":{count},"cached_input_tokens":0,"output_tokens":1,"reasoning_output_tokens":0,"total_tokens":{}}}"#,
            count + 1
        )
    };
    format!(
        r#"{{"timestamp":"2026-03-01T09:{minute:02}:00Z","type":"event_msg","payload":{{"type":"token_count","info":{{"model":"gpt-5-codex","total_token_usage":{},"last_token_usage":{}}}}}}}"#,
        counters(total),
        counters(last)
    )
}

#[test]
fn counters_repeat_and_go_down() {
    let events = [codex(0, 100, 100), codex(1, 100, 100), codex(2, 250, 150), codex(3, 90, 90)];
    let sums = read_texts(&[&events.join("\n")]);
    // A total that falls begins a new series: what was used last is in no total before.
    assert_eq!((sums.records, sums.input), (3, 340));
    assert_eq!(sums.skipped(Skip::NoGrowth), 1);
    // More stated than the total has grown by: the growth counts.
    let capped = [codex(0, 100, 100), codex(1, 130, 100)].join("\n");
    assert_eq!(read_texts(&[&capped]).input, 130);
}

#[test]
fn a_fork_replays_its_parent() {
    let parent = [codex(0, 100, 100), codex(1, 250, 150)].join("\n");
    let fork = [codex(30, 250, 150), codex(31, 400, 150)].join("\n");
    let sums = read_texts(&[&parent, &fork]);
    assert_eq!((sums.input, sums.duplicates()), (400, 1));
}

#[test]
fn chunks_of_a_large_bill_are_added() {
    let header = "identity_line_item_id,line_item_line_item_type,line_item_usage_start_date,line_item_product_code,line_item_usage_type,line_item_currency_code,line_item_unblended_cost\n";
    let row = |id: u32| {
        format!("li-{id},Usage,2026-02-01T00:00:00Z,AmazonBedrock,input-tokens,USD,0.5\n")
    };
    let [one, two] = [[1, 2], [3, 2]].map(|ids| format!("{header}{}{}", row(ids[0]), row(ids[1])));
    let sums = in_any_order(&[&one, &two]);
    assert_eq!((sums.records, sums.cost("USD").as_str()), (3, "1.5"));
}

#[test]
fn a_line_of_a_bill_that_has_grown_counts_once() {
    let header = "identity_line_item_id,line_item_line_item_type,line_item_usage_start_date,line_item_product_code,line_item_usage_type,line_item_currency_code,line_item_unblended_cost\n";
    let bill = |cost: &str| {
        format!("{header}li-1,Usage,2026-02-01T00:00:00Z,AmazonBedrock,input-tokens,USD,{cost}\n")
    };
    let sums = in_any_order(&[&bill("0.003"), &bill("0.0045")]);
    assert_eq!((sums.records, sums.cost("USD").as_str()), (1, "0.0045"));
}

/// What texts come to when they are read once for each of so many parts.
fn in_parts(texts: &[&str], parts: u32) -> (Sums, Vec<Tally>) {
    let mut sums = Sums::default();
    let mut tallies = vec![Tally::default(); texts.len()];
    for part in (0..parts).rev() {
        let mut stage = Dedup::new(texts.len()).of_part(part, parts);
        for (file, text) in texts.iter().enumerate() {
            let format = read(text.as_bytes(), &Options::default(), &mut |item| {
                if let Item::Record(record) = item
                    && stage.add(file, record) == CopyVerdict::New
                {
                    sums.add(file, record);
                }
            });
            format.expect("readable");
        }
        stage.finish(&mut |file, record| sums.add(file, record), &mut |_, _, _| {});
        for (sum, tally) in tallies.iter_mut().zip(stage.tallies()) {
            sum.duplicates += tally.duplicates;
            sum.differing += tally.differing;
            sum.unrecognisable += tally.unrecognisable;
            for (sums, rows) in
                [(&mut sum.replaced, &tally.replaced), (&mut sum.conflicts, &tally.conflicts)]
            {
                for (file, rows) in rows {
                    *sums.entry(*file).or_default() += rows;
                }
            }
        }
    }
    (sums, tallies)
}

#[test]
fn parts_come_to_what_the_whole_comes_to() {
    let sessions = |from: usize| -> String {
        let line = |at: usize| session(&format!("m{}", at / 2), "r", (at * 7 % 50) as u64, false);
        (from..from + 60).map(|at| line(at) + "\n").collect()
    };
    let responses = |from: u64| -> String {
        (from..from + 60).map(|at| response(&format!("chatcmpl-{at}"), at % 9) + "\n").collect()
    };
    let days = |input| {
        usage(&[(0, "p", "gpt-5", 1, input), (1, "p", "gpt-5", 1, 5), (9, "p", "gpt-5", 1, input)])
    };
    let texts = [
        sessions(0),
        responses(0),
        days(100),
        sessions(25),
        responses(31),
        days(300),
        responses(12),
        // Without an id.
        response("", 3),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let whole = read_texts(&texts);
    assert!(whole.duplicates() > 100 && whole.replaced() > 0, "{:?}", whole.tallies);
    for parts in [1, 2, 3, 7, 64] {
        let (mut sums, tallies) = in_parts(&texts, parts);
        assert_eq!(figures(&sums), figures(&whole), "{parts} parts");
        assert_eq!(tallies, whole.tallies, "{parts} parts");
        sums.lines.sort_unstable();
        let mut lines = whole.lines.clone();
        lines.sort_unstable();
        assert_eq!(sums.lines, lines, "{parts} parts");
    }
}

#[test]
fn beyond_its_room_the_stage_says_nothing_else() {
    let text = |from: u64| -> String {
        (from..from + 900).map(|at| response(&format!("chatcmpl-{at}"), 5) + "\n").collect()
    };
    let verdicts = |bytes: usize, parts: u32| {
        let stage = Dedup::new(2).with_limit(bytes).of_part(0, parts);
        let mut verdicts = Vec::new();
        for (file, text) in [text(0), text(450)].iter().enumerate() {
            let format = read(text.as_bytes(), &Options::default(), &mut |item| {
                if let Item::Record(record) = item {
                    verdicts.push(stage.add(file, record));
                }
            });
            format.expect("readable");
        }
        assert!(!stage.has_too_many_buckets());
        verdicts
    };
    let enough = verdicts(1 << 20, 1);
    assert!(!enough.contains(&CopyVerdict::NoRoom));
    assert_eq!(enough.iter().filter(|verdict| **verdict == CopyVerdict::Duplicate).count(), 450);
    let little = verdicts(30_000, 1);
    let full = little.iter().position(|verdict| *verdict == CopyVerdict::NoRoom).expect("full");
    assert!((300..1_800).contains(&full), "{full}");
    assert_eq!(little[..full], enough[..full]);
    assert!(little[full..].iter().all(|verdict| *verdict == CopyVerdict::NoRoom));
    // A part of the records takes a part of the room.
    assert!(!verdicts(30_000, 4).contains(&CopyVerdict::NoRoom));
}

#[test]
fn several_answers_of_one_line_count_each() {
    let answer = |id: &str, input: u64, end: &str| {
        format!(
            r#"{{{id}"candidates":[{{"content":{{}},"finishReason":{end}}}],"usageMetadata":{{"promptTokenCount":{input},"candidatesTokenCount":1,"totalTokenCount":{}}}}}"#,
            input + 1
        )
    };
    let line = |pieces: &[String]| {
        format!(r#"{{"request":{{"contents":[]}},"response":[{}]}}"#, pieces.join(","))
    };
    let stop = |input| answer("", input, "\"STOP\"");
    let open = |input| answer("", input, "null");
    let named = |id: &str, input| answer(&format!(r#""responseId":"{id}","#), input, "\"STOP\"");
    let usage =
        |input: u64| format!(r#"{{"usage":{{"prompt_tokens":{input},"completion_tokens":1}}}}"#);
    for (pieces, records, input) in [
        (vec![open(30), stop(30)], 1, 30),
        (vec![stop(30), stop(50)], 2, 80),
        (vec![open(30), stop(30), open(50), stop(50)], 2, 80),
        (vec![named("a", 30), named("b", 50)], 2, 80),
        (vec![named("a", 30), named("a", 30)], 1, 30),
        (vec![usage(30), usage(50), usage(70)], 3, 150),
    ] {
        let sums = read_text(&line(&pieces));
        assert_eq!(
            (sums.records, sums.input, sums.rejects.len()),
            (records, input, 0),
            "{pieces:?}"
        );
    }
    // What the line says of all of them is said once.
    let all = r#"{"cost_usd":0.75,"n_calls":2,"#;
    let both = line(&[named("a", 30), named("b", 50)]).replacen('{', all, 1);
    let sums = read_text(&both);
    assert_eq!((sums.records, sums.input, sums.cost("USD").as_str()), (3, 80, "0.75"));
    assert_eq!((sums.requests, sums.rejects.len()), (0, 0));
    assert_eq!(read_texts(&[&both, &both]).cost("USD"), "0.75");
    let sums = read_text(&both.replace(":2,", ":3,"));
    assert_eq!((sums.input, sums.rejects[0].problem.code()), (80, "disagree"));
}
