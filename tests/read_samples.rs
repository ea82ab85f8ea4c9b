//! Every sample of the collected facts gives the totals that stand beside it.
//!
//! Set `TOKRECKON_FACTS` to the folder with `formats/samples`; without it nothing is checked.

#[path = "read_support/mod.rs"]
mod support;

use std::path::PathBuf;

use support::{Sums, read_all};
use tokreckon::read::{Format, Note, Options, Skip};

fn samples(names: &[&str]) -> Option<Sums> {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS") else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return None;
    };
    let folder = PathBuf::from(folder).join("formats/samples");
    let texts: Vec<Vec<u8>> = names
        .iter()
        .map(|name| std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    Some(read_all(&texts, &Options::default(), true))
}

macro_rules! sample {
    ($name:ident, [$($file:expr),+], |$sums:ident| $body:block) => {
        #[test]
        fn $name() {
            let Some($sums) = samples(&[$($file),+]) else { return };
            assert!($sums.rejects.len() < 3, "{:?}", $sums.rejects);
            $body
        }
    };
}

sample!(openai_usage_1d, ["openai/completions-usage-1d.synthetic.csv"], |s| { usage_1d(&s) });
sample!(openai_usage_1d_tsv, ["openai/completions-usage-1d.synthetic.tsv"], |s| { usage_1d(&s) });

fn usage_1d(s: &Sums) {
    assert_eq!(s.formats, [Format::OpenAiUsage]);
    assert_eq!((s.records, s.empty, s.requests), (8, 2, 1292));
    assert_eq!((s.input, s.cache_read, s.output), (2_657_421, 1_022_824, 765_342));
    // Audio and images, cached ones included.
    assert_eq!((s.input_audio, s.input_image), (9_500 + 6_000, 1_500 + 500));
    assert!(s.reported.is_empty());
}

sample!(openai_usage_1m, ["openai/completions-usage-1m.synthetic.csv"], |s| {
    assert_eq!((s.records, s.empty, s.requests), (4, 3, 31));
    assert_eq!((s.input, s.cache_read, s.output), (21_540, 1_536, 3_719));
});

sample!(openai_usage_empty, ["openai/usage-empty-range.synthetic.csv"], |s| {
    assert_eq!((s.records, s.empty, s.rows()), (0, 3, 3));
});

sample!(openai_cost_2024, ["openai/cost-2024-v1.synthetic.csv"], |s| {
    assert_eq!((s.records, s.cost("USD").as_str()), (10, "48.52674055"));
});

sample!(openai_cost_2024_org, ["openai/cost-2024-v2-org.synthetic.csv"], |s| {
    assert_eq!((s.records, s.cost("USD").as_str()), (8, "47.95049855"));
});

sample!(openai_cost_2025, ["openai/cost-2025.synthetic.csv"], |s| {
    assert_eq!((s.records, s.empty, s.cost("USD").as_str()), (6, 2, "5.194356"));
});

sample!(openai_cost_2025_tsv, ["openai/cost-2025.synthetic.tsv"], |s| {
    assert_eq!((s.records, s.empty, s.cost("USD").as_str()), (6, 2, "5.194356"));
});

sample!(openai_cost_2026, ["openai/cost-2026.synthetic.csv"], |s| {
    assert_eq!((s.records, s.empty), (8, 2));
    assert_eq!(s.cost("USD"), "0.6304052833333333333333333333");
});

sample!(openai_costs_api, ["openai/costs-api.synthetic.json"], |s| {
    assert_eq!((s.formats[0], s.records, s.empty), (Format::OpenAiCost, 3, 1));
    assert_eq!(s.cost("USD"), "0.161556864012345678901");
    assert_eq!(s.notes, [Note::Partial]);
});

sample!(openai_costs_api_example, ["openai/costs-api.example.json"], |s| {
    assert_eq!((s.records, s.cost("USD").as_str(), s.notes.len()), (1, "0.06", 0));
});

sample!(openai_usage_api_example, ["openai/usage-completions-api.example.json"], |s| {
    assert_eq!((s.formats[0], s.records, s.requests), (Format::OpenAiUsage, 1, 5));
    assert_eq!((s.input, s.cache_read, s.cache_write, s.output), (1_000, 400, 100, 500));
    assert_eq!((s.input_audio, s.input_image, s.notes.len()), (100, 100, 1));
});

sample!(openai_usage_result_example, ["openai/usage-completions-result.example.json"], |s| {
    assert_eq!((s.records, s.requests), (1, 5));
    assert_eq!((s.input, s.cache_read, s.cache_write, s.output), (5_000, 1_800, 200, 1_000));
});

sample!(openai_batch_object_is_not_json, ["openai/batch-object.example.json"], |s| {
    assert_eq!((s.records, s.rejects.len()), (0, 1));
    assert_eq!(s.rejects[0].problem.code(), "not-json");
});

sample!(openai_batch_line, ["openai/batch-output-line.example.jsonl"], |s| {
    assert_eq!((s.records, s.input, s.output, s.total), (1, 24, 15, 39));
});

sample!(openai_batch, ["openai/batch-output.synthetic.jsonl"], |s| {
    assert_eq!((s.records, s.skipped(Skip::Failed)), (4, 2));
    assert_eq!((s.input, s.cache_read, s.output, s.reasoning), (3_182, 2_560, 1_565, 1_344));
    assert_eq!(s.total, 4_747);
});

sample!(anthropic_month, ["anthropic/console-usage-month.synthetic.csv"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::AnthropicUsage, 7));
    anthropic(&s, 1_296_974, 378_529);
});

sample!(
    anthropic_overlap_replaces,
    [
        "anthropic/console-usage-month.synthetic.csv",
        "anthropic/console-usage-month-7-minutes-later.synthetic.csv"
    ],
    |s| {
        anthropic(&s, 1_400_396, 399_556);
        assert_eq!((s.records, s.replaced(), s.rows()), (7, 7, 14));
    }
);

sample!(
    anthropic_overlap_replaces_in_any_order,
    [
        "anthropic/console-usage-month-7-minutes-later.synthetic.csv",
        "anthropic/console-usage-month.synthetic.csv"
    ],
    |s| { anthropic(&s, 1_400_396, 399_556) }
);

sample!(
    anthropic_hours_of_a_day,
    [
        "anthropic/console-usage-month.synthetic.csv",
        "anthropic/console-usage-hourly-2026-05-05.synthetic.csv"
    ],
    |s| {
        anthropic(&s, 1_296_974, 378_529);
        assert_eq!((s.records, s.replaced()), (10, 2), "the finer rows hold");
    }
);

fn anthropic(s: &Sums, input: u64, output: u64) {
    assert_eq!((s.input, s.output), (input, output));
    assert_eq!((s.cache_write_5m, s.cache_write_1h), (215_085, 20_055));
    assert_eq!((s.cache_read, s.web_searches), (4_118_789, 15));
}

sample!(anthropic_hourly, ["anthropic/console-usage-hourly-2026-05-05.synthetic.csv"], |s| {
    assert_eq!((s.input, s.output, s.cache_read), (3_145, 40_499, 2_404_021));
    assert_eq!((s.cache_write_5m, s.cache_write_1h), (120_044, 20_055));
});

sample!(anthropic_2025, ["anthropic/console-usage-2025-header.synthetic.csv"], |s| {
    assert_eq!((s.input, s.cache_write, s.cache_read, s.output), (640, 25_000, 420_000, 5_077));
    assert_eq!((s.cache_write_5m, s.web_searches), (0, 1));
});

sample!(anthropic_cost, ["anthropic/console-cost.synthetic.csv"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::AnthropicCost, 24));
    assert_eq!(s.cost("USD"), "3.45");
});

sample!(anthropic_admin_usage, ["anthropic/admin-usage-report.synthetic.json"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::AnthropicUsage, 6));
    anthropic(&s, 95_519, 76_652);
});

sample!(anthropic_admin_cost, ["anthropic/admin-cost-report.synthetic.json"], |s| {
    assert_eq!((s.records, s.cost("USD").as_str()), (23, "3.44639335"));
});

sample!(openrouter_24, ["openrouter/activity-24col.synthetic.csv"], |s| {
    openrouter(&s);
    assert_eq!(s.cache_read, 25_024);
});

sample!(openrouter_23, ["openrouter/activity-23col-2025-12.synthetic.csv"], |s| {
    openrouter(&s);
    assert_eq!(s.cache_read, 0);
});

sample!(
    openrouter_both_versions,
    ["openrouter/activity-24col.synthetic.csv", "openrouter/activity-23col-2025-12.synthetic.csv"],
    |s| {
        openrouter(&s);
        assert_eq!((s.duplicates(), s.tallies[1].differing), (10, 10), "one knows what was cached");
    }
);

sample!(
    litellm_table_and_call,
    ["litellm/spend-logs-table.synthetic.csv", "litellm/spend-logs.synthetic.json"],
    |s| {
        assert_eq!((s.records, s.input, s.duplicates()), (6, 13_710, 6));
    }
);

fn openrouter(s: &Sums) {
    assert_eq!((s.formats[0], s.records), (Format::OpenRouter, 10));
    assert_eq!((s.input, s.output, s.reasoning), (68_950, 5_458, 3_150));
    assert_eq!(s.cost("USD"), "0.07683304");
}

sample!(openrouter_activity, ["openrouter/activity-api.synthetic.json"], |s| {
    assert_eq!((s.formats[0], s.requests), (Format::OpenRouterActivity, 3));
    assert_eq!((s.input, s.output, s.reasoning), (7_028, 2_773, 1_800));
    assert_eq!(s.cost("USD"), "0.008904");
});

sample!(openrouter_generation, ["openrouter/generation.synthetic.json"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::OpenRouter, 1));
    assert_eq!((s.input, s.cache_read, s.output), (2_048, 1_024, 512));
    assert_eq!(s.cost("USD"), "0.006656");
});

sample!(deepseek_amount, ["deepseek/amount.synthetic.csv"], |s| {
    assert_eq!((s.formats[0], s.records, s.joined), (Format::DeepSeekUsage, 3, 9));
    deepseek(&s, [1_515_520, 94_101, 123_121, 76], "1.384288");
});

sample!(deepseek_amount_usd, ["deepseek/amount-usd-plus03.synthetic.csv"], |s| {
    deepseek(&s, [50_000, 1_000, 700, 4], "0.00144");
});

sample!(deepseek_amount_old, ["deepseek/amount-utc-date-header.synthetic.csv"], |s| {
    deepseek(&s, [64_000, 1_200, 3_005, 9], "0.05844");
});

fn deepseek(s: &Sums, [hit, miss, output, requests]: [u64; 4], cost: &str) {
    assert_eq!((s.cache_read, s.input, s.output), (hit, miss, output));
    assert_eq!((s.requests, s.cost("XXX").as_str()), (requests, cost));
}

sample!(deepseek_cost, ["deepseek/cost.synthetic.csv"], |s| {
    assert_eq!((s.records, s.cost("CNY").as_str()), (4, "1.384288"));
});

sample!(deepseek_cost_usd, ["deepseek/cost-usd-plus03.synthetic.csv"], |s| {
    assert_eq!((s.records, s.cost("USD").as_str()), (1, "0.00144"));
});

sample!(litellm_csv, ["litellm/spend-logs-table.synthetic.csv"], |s| { litellm(&s) });
sample!(litellm_json, ["litellm/spend-logs.synthetic.json"], |s| { litellm(&s) });

fn litellm(s: &Sums) {
    assert_eq!((s.formats[0], s.rows()), (Format::LiteLlm, 8));
    assert_eq!(s.skipped(Skip::AnsweredFromCache), 1);
    assert_eq!((s.skipped(Skip::Failed), s.records), (1, 6));
    assert_eq!((s.input, s.cache_read, s.cache_write), (13_710, 9_000, 2_000));
    assert_eq!((s.output, s.reasoning), (2_830, 1_728));
    assert_eq!(s.cost("USD"), "0.045004499999999999998");
}

sample!(new_api_csv, ["newapi/logs-table.synthetic.csv"], |s| { new_api(&s) });
sample!(new_api_json, ["newapi/log-self.synthetic.json"], |s| { new_api(&s) });

fn new_api(s: &Sums) {
    assert_eq!((s.formats[0], s.rows()), (Format::NewApi, 13));
    assert_eq!((s.skipped(Skip::NotUsage), s.skipped(Skip::Failed)), (2, 1));
    // The upstream gave nothing: unknown, not zero.
    assert_eq!(s.rejects.len(), 1);
    assert_eq!(s.rejects[0].problem.code(), "no-usage-reported");
    assert_eq!(s.cost("USD"), "0.187526");
    assert_eq!((s.images, s.output), (1, 2_931));
    assert_eq!((s.cache_read, s.cache_write), (2_048 + 24_000, 6_001));
    assert_eq!(s.input, 4_850);
}

sample!(new_api_object, ["newapi/log-self-other-object.synthetic.json"], |s| {
    assert_eq!((s.records, s.cost("USD").as_str()), (5, "0.206496"));
    assert_eq!((s.input + s.images, s.output), (4_035, 2_931));
});

sample!(one_api, ["newapi/oneapi-log-self.synthetic.json"], |s| {
    assert_eq!((s.formats[0], s.rows()), (Format::OneApi, 5));
    assert_eq!((s.records, s.skipped(Skip::NotUsage)), (3, 2));
    assert_eq!(s.cost("USD"), "0.017672");
    assert_eq!((s.input, s.output), (1_066, 1_254));
});

sample!(aimlapi_logs, ["aimlapi/logs-v2.synthetic.json"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::AimlApi, 6));
    assert_eq!((s.skipped(Skip::Failed), s.notes.len()), (2, 1));
    assert_eq!((s.input, s.output, s.total), (1_326, 3_986, 5_312));
    assert_eq!(s.cost("USD"), "0.046583");
});

sample!(aimlapi_credits_as_reported, ["aimlapi/chat-old-credits-in-usage.synthetic.jsonl"], |s| {
    assert_eq!((s.records, s.input), (6, 693 + 410 + 25 + 95 + 105 + 71));
    assert_eq!(s.output, 17_640 + 39_060 + 2_772 + 3_780 + 693 + 269);
    assert_eq!(s.reasoning, 192 + 256 + 128);
});

sample!(aimlapi_new, ["aimlapi/chat-new-meta-credits.synthetic.jsonl"], |s| {
    assert_eq!((s.input, s.output, s.reasoning), (52, 118, 96));
    assert_eq!(s.cost("USD"), "0.000605");
});

sample!(cursor_v2, ["cursor/usage-export-v2.synthetic.csv"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::Cursor, 8));
    cursor(&s, [23_492, 140_066, 193_936, 27_858, 385_352]);
    // On demand only; a key of the user's own is charged 0.
    assert_eq!((s.with_cost, s.cost("USD").as_str()), (3, "1.3"));
});

sample!(cursor_v1, ["cursor/usage-export-v1.synthetic.csv"], |s| {
    cursor(&s, [4_230, 2_144, 30_720, 1_187, 38_281]);
    assert_eq!((s.records, s.with_cost, s.cost("USD").as_str()), (3, 2, "0.37"));
});

sample!(cursor_v3, ["cursor/usage-export-v3.synthetic.csv"], |s| {
    cursor(&s, [1_864, 1_248, 700, 375, 4_187]);
});

sample!(cursor_team, ["cursor/usage-export-team-requests.synthetic.csv"], |s| {
    cursor(&s, [210, 90_011, 2_900, 8_045, 101_166]);
    assert_eq!((s.requests, s.with_cost), (3, 0));
});

fn cursor(s: &Sums, [write, input, read, output, total]: [u64; 5]) {
    assert_eq!((s.cache_write, s.input, s.cache_read), (write, input, read));
    assert_eq!((s.output, s.total), (output, total));
}

sample!(claude_code, ["claude-code/streamed-duplicates.synthetic.jsonl"], |s| {
    assert_eq!(s.formats, [Format::ClaudeCode]);
    // The line without an id, 10 and 20 tokens, is counted and said to be doubtful.
    assert_eq!((s.input, s.output), (144 + 10, 640 + 20));
    assert_eq!((s.cache_write_5m, s.cache_read), (3_200, 6_440));
    assert_eq!((s.tallies[0].unrecognisable, s.duplicates()), (1, 3));
    assert_eq!((s.skipped(Skip::Synthetic), s.skipped(Skip::CutOff)), (1, 1));
});

sample!(
    claude_code_forked,
    [
        "claude-code/streamed-duplicates.synthetic.jsonl",
        "claude-code/forked-session.synthetic.jsonl"
    ],
    |s| {
        assert_eq!((s.input, s.output), (151 + 10, 681 + 20));
        assert_eq!((s.cache_write_5m, s.cache_read), (3_200, 10_340));
    }
);

sample!(claude_code_old, ["claude-code/ccusage-session-alpha-chat.jsonl"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::ClaudeCode, 3));
    assert_eq!((s.input, s.cache_write, s.cache_read, s.output), (600, 75, 70, 250));
    assert_eq!(s.cost("USD"), "1.02");
});

sample!(claude_code_without_ids, ["claude-code/ccusage-test-transcript.jsonl"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::ClaudeCode, 2));
    assert_eq!((s.input, s.cache_write, s.cache_read, s.output), (3_000, 300, 1_300, 150));
    assert_eq!((s.tallies[0].unrecognisable, s.skipped(Skip::NotUsage)), (2, 2));
});

sample!(codex, ["codex/cumulative.synthetic.jsonl"], |s| {
    assert_eq!((s.formats[0], s.records), (Format::Codex, 3));
    assert_eq!((s.input, s.cache_read, s.output), (33_500, 29_000, 1_000));
    assert_eq!((s.reasoning, s.total), (450, 34_500));
    assert_eq!(s.skipped(Skip::NoGrowth), 2);
});

sample!(codex_inconsistent, ["codex/ccusage-session-alpha.jsonl"], |s| {
    assert_eq!((s.input, s.cache_read, s.output, s.reasoning), (3_500, 750, 425, 275));
    assert_eq!(s.total, 4_200, "as the file says: a finding, not an error");
});

sample!(gemini, ["gemini/usage-metadata.synthetic.jsonl"], |s| {
    assert_eq!((s.records, s.duplicates()), (3, 1));
    // Prompts 1,280 and tool prompts 400.
    assert_eq!((s.input, s.cache_read), (1_680, 1_000));
    assert_eq!((s.output, s.reasoning, s.total), (117, 850, 2_647));
});

sample!(focus_a1, ["focus/virtual_currency_pricing_model_a1.csv"], |s| { focus(&s, 1, "200000") });
sample!(focus_a2, ["focus/virtual_currency_pricing_model_a2.csv"], |s| { focus(&s, 3, "0") });
sample!(focus_b1, ["focus/virtual_currency_pricing_model_b1.csv"], |s| { focus(&s, 1, "100000") });
sample!(focus_b2, ["focus/virtual_currency_pricing_model_b2.csv"], |s| { focus(&s, 3, "0") });
sample!(focus_b3, ["focus/virtual_currency_pricing_model_b3.csv"], |s| { focus(&s, 3, "0") });
sample!(focus_c, ["focus/virtual_currency_pricing_model_c.csv"], |s| { focus(&s, 2, "53000") });

fn focus(s: &Sums, rows: u64, billed: &str) {
    assert_eq!((s.formats[0], s.records), (Format::Focus, rows));
    assert_eq!(s.cost("USD"), billed);
    assert_eq!(s.input + s.output, 0, "a virtual currency is not a token");
}
