//! Writes the shipped tables: by task class, by model, and by family.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tokreckon_data::priors::{Grade, Held, Measure, Prior, Scope};

use crate::facts::{Request, Tasks};
use crate::protocol::{held_without, prior_of};

/// A recorded model: its name in the facts, its file, its ids, its effort, how well it is known.
type Source = (&'static str, &'static str, &'static [&'static str], &'static str, Grade);

/// A family: its name, its file, the recorded models it is made of, the ids it holds for.
type Family = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// Requests of a task class, and the group that is left out together.
type Class<'a> = (&'a str, &'a [Request]);

/// Writes one file per publisher into a folder.
pub(crate) fn write(models: &BTreeMap<String, Tasks>, folder: &str) -> Result<(), String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for (name, file, ids, effort, grade) in SOURCES {
        let tasks = models.get(*name).ok_or_else(|| format!("no requests of `{name}`"))?;
        let out = files.entry(file).or_insert_with(|| head(file));
        let source = source(tasks);
        for (task, requests) in tasks {
            let (class, scope) = (class_name(task)?, Scope::Class);
            let prior = prior_of(ids, &[requests]);
            print(out, &Prior { scope, class, effort, grade: *grade, source, ..prior });
        }
        let classes: Vec<Class<'_>> =
            tasks.iter().map(|(task, requests)| (task.as_str(), requests.as_slice())).collect();
        let prior = of_classes(ids, &classes);
        print(out, &Prior { effort, grade: *grade, source, ..prior });
    }
    for (name, file, members, ids) in FAMILIES {
        let mut classes: Vec<Class<'_>> = Vec::new();
        for (model, tasks) in models {
            if members.is_empty() || members.contains(&model.as_str()) {
                classes.extend(tasks.values().map(|rows| (model.as_str(), rows.as_slice())));
            }
        }
        let out = files.entry(file).or_insert_with(|| head(file));
        let (scope, class, grade) = (Scope::Family, *name, Grade::Approximate);
        print(out, &Prior { scope, class, grade, source: BOTH, ..of_classes(ids, &classes) });
    }
    for (file, text) in files {
        let path = format!("{folder}/{file}.toml");
        std::fs::write(&path, text).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

/// All classes alike, and how such a table does for each group when it is left out.
fn of_classes<'a>(ids: &'a [&'a str], classes: &[Class<'_>]) -> Prior<'a> {
    let all: Vec<&[Request]> = classes.iter().map(|(_, rows)| *rows).collect();
    let groups: BTreeSet<&str> = classes.iter().map(|(group, _)| *group).collect();
    let mut shares = Vec::new();
    for group in groups {
        let others: Vec<&[Request]> =
            classes.iter().filter(|(other, _)| *other != group).map(|(_, rows)| *rows).collect();
        let left_out = classes.iter().filter(|(other, rows)| *other == group && rows.len() >= 10);
        if !others.is_empty() {
            let prior = prior_of(ids, &others);
            shares.extend(left_out.filter_map(|(_, rows)| held_without(&prior, rows)));
        }
    }
    let of = |choose: fn(&[u64]) -> u64| {
        [0, 1, 2].map(|at| {
            let column: Vec<u64> = shares.iter().map(|share: &[u64; 3]| share[at]).collect();
            u16::try_from(choose(&column) / 1000).unwrap_or(1000)
        })
    };
    let held = (shares.len() > 1).then(|| Held {
        tasks: shares.len() as u64,
        mean: of(|column| column.iter().sum::<u64>() / column.len() as u64),
        worst: of(|column| column.iter().copied().min().unwrap_or(0)),
        best: of(|column| column.iter().copied().max().unwrap_or(0)),
    });
    Prior { held, ..prior_of(ids, &all) }
}

fn print(out: &mut String, prior: &Prior<'_>) {
    let _ = writeln!(out, "\n[[prior]]\nscope = {:?}", prior.scope.word());
    if !prior.models.is_empty() {
        let _ = writeln!(out, "models = {:?}", prior.models);
    }
    for (key, text) in [("effort", prior.effort), ("class", prior.class)] {
        if !text.is_empty() {
            let _ = writeln!(out, "{key} = {text:?}");
        }
    }
    let (rows, prompts, tasks) = (prior.rows, prior.prompts, prior.tasks);
    let _ = writeln!(out, "rows = {rows}\nprompts = {prompts}\ntasks = {tasks}");
    let _ = writeln!(out, "grade = {:?}\nsource = {:?}", prior.grade.word(), prior.source);
    for (key, m) in [("hidden", prior.hidden), ("visible", prior.visible), ("output", prior.output)]
    {
        let Measure { rows, zeros, mean, log2_mean, within, between, quantiles } = m;
        let spread = format!("log2-mean = {log2_mean}, within = {within}, between = {between}");
        let counts = format!("rows = {rows}, zeros = {zeros}, mean = {mean}");
        let _ = writeln!(out, "{key} = {{ {counts}, {spread}, quantiles = {quantiles:?} }}");
    }
    if let Some(Held { tasks, mean, worst, best }) = prior.held {
        let shares = format!("mean = {mean:?}, worst = {worst:?}, best = {best:?}");
        let _ = writeln!(out, "held = {{ tasks = {tasks}, {shares} }}");
    }
}

fn head(file: &str) -> String {
    format!(
        "# Hidden, visible and all billed output tokens per request: models of `{file}`.\n\
         # Written by `cargo run --release -p tokreckon --example backtest -- priors FOLDER`.\n\
         # Mostly puzzles, mathematics and planning of 2024 and 2025: no retrieval, extraction or long\n\
         # context. A few own requests beat any of these tables.\n"
    )
}

/// The benchmark that a model's requests come from.
fn source(tasks: &Tasks) -> &'static str {
    let of_lrm = tasks.keys().filter(|task| task.starts_with("lrm_")).count();
    match of_lrm {
        0 => PLANBENCH,
        all if all == tasks.len() => LRM,
        _ => BOTH,
    }
}

fn class_name(task: &str) -> Result<&'static str, String> {
    let found = CLASSES.iter().find(|(name, _)| *name == task);
    found.map(|(_, class)| *class).ok_or_else(|| format!("no name for the task class `{task}`"))
}

const PLANBENCH: &str = "LLMs-Planning b008bc4 (MIT), API responses of 2024-09 to 2025-03";
const LRM: &str =
    "LRMTokenEconomy d5cc353 (Apache-2.0), 19 to 21 prompts 5 times, 2025-07 to 2025-08";
const BOTH: &str = "LLMs-Planning b008bc4 (MIT), 2024-09 to 2025-03; LRMTokenEconomy d5cc353 \
                    (Apache-2.0), 2025-07 to 2025-08";

/// Task classes of the benchmarks, and what they are called here.
const CLASSES: [(&str, &str); 16] = [
    ("blocksworld", "planning"),
    ("blocksworld_3", "planning-small"),
    ("bp_blocksworld_hard", "planning-dialogue"),
    ("bp_mystery_blocksworld_3", "planning-obfuscated-dialogue"),
    ("bp_sokoban", "sokoban-dialogue"),
    ("lrm_knowledge", "trivial-questions"),
    ("lrm_logic_puzzle", "logic-puzzles"),
    ("lrm_math", "short-maths"),
    ("lrm_other", "other-puzzles"),
    ("mystery_blocksworld", "planning-obfuscated"),
    ("mystery_blocksworld_3", "planning-obfuscated-small"),
    ("obfuscated_randomized_blocksworld", "planning-randomized"),
    ("obfuscated_randomized_blocksworld_3", "planning-randomized-small"),
    ("obfuscated_randomized_logistics", "logistics-randomized"),
    ("unsolvable_blocksworld", "planning-unsolvable"),
    ("unsolvable_obfuscated_randomized_blocksworld", "planning-unsolvable-randomized"),
];

#[rustfmt::skip]
const SOURCES: &[Source] = &[
    ("qwen3-235b-a22b-thinking-2507", "alibaba", &["qwen3-235b-a22b-thinking-2507", "qwen/qwen3-235b-a22b-thinking-2507"], "", Grade::Approximate),
    ("claude-3-7-sonnet-20250219", "anthropic", &["claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest"], "", Grade::Approximate),
    ("claude-opus-4", "anthropic", &["claude-opus-4", "claude-opus-4-0", "claude-opus-4-20250514"], "", Grade::Approximate),
    ("claude-opus-4.1", "anthropic", &["claude-opus-4-1", "claude-opus-4-1-20250805", "claude-opus-4.1"], "", Grade::Approximate),
    ("claude-4-sonnet-0522-thinking", "anthropic", &["claude-sonnet-4", "claude-sonnet-4-0", "claude-sonnet-4-20250514"], "", Grade::Approximate),
    ("deepseek-r1", "deepseek", &["deepseek-r1", "deepseek-ai/DeepSeek-R1", "deepseek/deepseek-r1"], "", Grade::Approximate),
    ("deepseek-r1-0528", "deepseek", &["deepseek-r1-0528", "deepseek-ai/DeepSeek-R1-0528", "deepseek/deepseek-r1-0528"], "", Grade::Approximate),
    ("deepseek-reasoner", "deepseek", &["deepseek-reasoner"], "", Grade::Good),
    ("gemini-2.5-flash-high", "google", &["gemini-2.5-flash"], "high", Grade::Approximate),
    ("gemini-2.5-pro", "google", &["gemini-2.5-pro"], "", Grade::Approximate),
    ("minimax-m1", "minimax", &["MiniMax-M1", "minimax/minimax-m1"], "", Grade::Approximate),
    ("magistral-medium-2506-thinking", "mistral", &["magistral-medium-2506"], "", Grade::Approximate),
    ("magistral-small-2506", "mistral", &["magistral-small-2506"], "", Grade::Approximate),
    ("gpt-oss-120b", "openai", &["gpt-oss-120b", "openai/gpt-oss-120b"], "", Grade::Approximate),
    ("gpt-oss-20b", "openai", &["gpt-oss-20b", "openai/gpt-oss-20b"], "", Grade::Approximate),
    ("o1-mini", "openai", &["o1-mini", "o1-mini-2024-09-12"], "", Grade::Exact),
    ("o1-preview", "openai", &["o1-preview", "o1-preview-2024-09-12"], "", Grade::Exact),
    ("o4-mini-high-long", "openai", &["o4-mini", "o4-mini-2025-04-16"], "high", Grade::Exact),
    ("o4-mini-streaming", "openai", &["o4-mini", "o4-mini-2025-04-16"], "medium", Grade::Exact),
    ("grok-3-mini-beta", "xai", &["grok-3-mini", "grok-3-mini-beta"], "", Grade::Good),
    ("grok-4-07-09", "xai", &["grok-4", "grok-4-0709"], "", Grade::Good),
    ("glm-4.5", "zai", &["glm-4.5", "z-ai/glm-4.5"], "", Grade::Approximate),
];

#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    ("claude", "anthropic", &["claude-3-7-sonnet-20250219", "claude-4-sonnet-0522-thinking", "claude-opus-4", "claude-opus-4.1"],
        &["claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5"]),
    ("gemini", "google", &["gemini-2.5-flash-high", "gemini-2.5-pro"], &["gemini-2.5-flash-lite", "gemini-3-pro-preview"]),
    ("o-series", "openai", &["o1-mini", "o1-preview", "o4-mini-streaming"],
        &["gpt-5", "gpt-5-2025-08-07", "gpt-5-mini", "gpt-5-mini-2025-08-07", "gpt-5-nano", "gpt-5-nano-2025-08-07",
          "o1", "o1-2024-12-17", "o1-pro", "o3", "o3-2025-04-16", "o3-mini", "o3-mini-2025-01-31", "o3-pro"]),
    ("grok", "xai", &["grok-3-mini-beta", "grok-4-07-09"], &["grok-3-mini-fast", "grok-4-fast-reasoning"]),
    ("any", "any", &[], &[]),
];
