//! Threads give what reading line by line gives, whatever the lines are.

use proptest::prelude::*;

use crate::read::noted::{Items, note};
use crate::read::{Options, Sinks, read, read_into_sinks};

/// What line by line gives, and what threads give; the largest number of rows of one thread.
fn both(
    text: &[u8],
    options: &Options<'_>,
    threads: usize,
    requests_in_order: bool,
) -> [(String, Items); 2] {
    let mut items = Items::new();
    let format = read(text, options, &mut |item| note(&mut items, &item));
    // Threads take blocks as they come.
    items.sort_by_key(|(line, _)| *line);
    let sinks =
        Sinks { new: &Items::new, item: &|items, item| note(items, &item), requests_in_order };
    let result = read_into_sinks(text, options, threads, sinks);
    let (format_of_blocks, parts) = match result {
        Ok((format, parts)) => (Ok(format), parts),
        Err(error) => (Err(error), Vec::new()),
    };
    // Lines that belong together are in one sink, in order.
    for (kind, matters) in [("Growing", true), ("request: Some", requests_in_order)] {
        let with: Vec<&Items> = parts
            .iter()
            .filter(|items| items.iter().any(|(_, item)| item.contains(kind)))
            .collect();
        assert!(!matters || with.len() < 2, "{parts:?}");
        let lines = with.iter().flat_map(|items| {
            items.iter().filter(|(_, item)| item.contains(kind)).map(|(line, _)| line)
        });
        assert!(!matters || lines.filter(|line| **line > 0).is_sorted(), "{with:?}");
    }
    let mut in_blocks: Items = parts.into_iter().flatten().collect();
    if format_of_blocks.is_err() {
        // Nothing of a file that cannot be read counts, and no sink is handed back.
        items.clear();
    }
    in_blocks.sort_by_key(|(line, _)| *line);
    [(format!("{format:?}"), items), (format!("{format_of_blocks:?}"), in_blocks)]
}

fn same(text: &[u8]) -> Result<(), TestCaseError> {
    let options = Options { provider: "openai", ..Options::default() };
    for (threads, requests_in_order) in [(1, false), (3, false), (3, true)] {
        let [in_order, in_blocks] = both(text, &options, threads, requests_in_order);
        prop_assert_eq!(in_order, in_blocks, "{}", String::from_utf8_lossy(text));
    }
    Ok(())
}

/// A line of some kind, with a number in it.
fn line(kind: u8, number: u32) -> String {
    let usage = format!(
        r#""usage":{{"prompt_tokens":{number},"completion_tokens":5,"total_tokens":{}}}"#,
        number + 5
    );
    match kind {
        0..=11 => format!(
            r#"{{"id":"c{number}","object":"chat.completion","created":1769904000,"model":"gpt-4o",{usage}}}"#
        ),
        12..=15 => format!(
            r#"{{"request_id":"l{number}","call_type":"acompletion","spend":0.0{number},"total_tokens":{},"prompt_tokens":{number},"completion_tokens":5,"startTime":"2026-02-01T10:00:00Z","model":"gpt-4o"}}"#,
            number + 5
        ),
        16..=18 => format!(
            r#"{{"traceId":"t","spanId":"s{number}","name":"chat","attributes":{{"gen_ai.operation.name":"chat","gen_ai.request.model":"gpt-4o","gen_ai.usage.input_tokens":{number},"gen_ai.usage.output_tokens":3}}}}"#
        ),
        19 => format!(
            r#"{{"custom_id":"b{number}","response":{{"status_code":200,"body":{{"id":"c","object":"chat.completion","created":1769904000,"model":"gpt-4o",{usage}}}}}}}"#
        ),
        20 => format!(
            r#"[{{"id":"a{number}","object":"chat.completion","created":1769904000,"model":"gpt-4o",{usage}}},{{"id":"x"}}]"#
        ),
        21 => format!(
            r#"{{"object":"list","has_more":true,"data":[{{"id":"d{number}","object":"chat.completion","created":1769904000,"model":"gpt-4o",{usage}}}]}}"#
        ),
        22 => String::new(),
        30 => format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"x"}}]}}}}],"usageMetadata":{{"promptTokenCount":{number},"candidatesTokenCount":5,"totalTokenCount":{}}},"modelVersion":"gemini-2.5-flash","responseId":"g{}"}}"#,
            number + 5,
            number % 3
        ),
        31 => format!(
            r#"{{"request":{{"model":"gpt-4o","messages":[{{"role":"user","content":"hi"}}]}},"response":{{"id":"p{number}","object":"chat.completion","created":1769904000,"model":"gpt-4o",{usage}}}}}"#
        ),
        23 => format!(r#"{{"id":"broken{number}","#),
        24 => "7".to_owned(),
        25 => format!("{{{}}}", " ".repeat(1_000 + (number as usize % 4) * 700)),
        26 => format!(
            r#"{{"type":"assistant","sessionId":"s","timestamp":"2026-02-01T10:00:00Z","requestId":"r","message":{{"id":"m{}","model":"claude-haiku-4-5-20251001","usage":{{"input_tokens":3,"output_tokens":{number}}}}}}}"#,
            number % 3
        ),
        27 => r#"{"type":"turn_context","payload":{"model":"gpt-5"}}"#.to_owned(),
        28 => format!(
            r#"{{"type":"event_msg","timestamp":"2026-02-01T10:00:00Z","payload":{{"type":"token_count","info":{{"last_token_usage":{{"input_tokens":9,"output_tokens":1,"total_tokens":10}},"total_token_usage":{{"input_tokens":{number},"output_tokens":1,"total_tokens":{}}}}}}}}}"#,
            number + 1
        ),
        _ => format!(
            r#"[{{"type":"assistant","sessionId":"s","message":{{"id":"in a list","model":"claude-haiku-4-5-20251001","usage":{{"input_tokens":3,"output_tokens":{number}}}}}}}]"#
        ),
    }
}

fn lines(kinds: impl Strategy<Value = u8>) -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\n\n"]);
    let line = (kinds, 0..2_000_u32, end).prop_map(|(kind, number, end)| line(kind, number) + end);
    (prop::collection::vec(line, 0..60), any::<bool>()).prop_map(|(lines, ends)| {
        let text = lines.concat();
        if ends { text } else { text.trim_end().to_owned() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_that_stand_alone(text in lines(0..26_u8)) {
        same(text.as_bytes())?;
    }

    #[test]
    fn lines_of_sessions_among_others(text in lines(0..32_u8)) {
        same(text.as_bytes())?;
    }

    #[test]
    fn sessions(text in lines(22..32_u8)) {
        same(text.as_bytes())?;
    }

    #[test]
    fn damage_makes_no_difference(
        text in lines(0..32_u8),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..9),
    ) {
        let mut bytes = text.into_bytes();
        for (at, with) in cuts {
            if !bytes.is_empty() && with != 0 {
                let at = at.index(bytes.len());
                bytes[at] = with;
            }
        }
        same(&bytes)?;
    }
}

#[test]
fn several_threads_take_part() {
    let text: String = (0..3_000).map(|number| line(0, number) + "\n").collect();
    let sinks = Sinks { new: &|| 0_u64, item: &|rows, _| *rows += 1, requests_in_order: false };
    let options = Options::default();
    let (_, rows) = read_into_sinks(text.as_bytes(), &options, 3, sinks).expect("responses");
    // One reads what the file is, then one for each thread.
    assert_eq!((rows.len(), rows.iter().sum::<u64>()), (4, 3_000));
    assert_eq!(rows.last(), Some(&1), "the first line");
    let text: String = (0..3_000).map(|number| line(31, number) + "\n").collect();
    let in_order = Sinks { requests_in_order: true, ..sinks };
    let (_, rows) = read_into_sinks(text.as_bytes(), &options, 3, in_order).expect("pairs");
    assert_eq!(rows.last(), Some(&3_000), "with their requests, in one sink");
}
