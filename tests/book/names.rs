//! Model ids as people, logs and gateways write them, each with the price that it must lead to.

use tokreckon::usage::Meter;

use crate::ask;

/// Ids of `names.tsv` whose price the book does not know; none of them is answered wrongly.
const UNANSWERED: [&str; 4] = [
    "gemini-2.0-flash-exp",
    "gemini-3-pro-preview-11-2025",
    "openai/gpt-5:online",
    "meta-llama/Llama-3.3-70B-Instruct-Turbo-Free",
];

/// Ids whose price is disputed: the table of the day and later ones do not agree.
const DISPUTED: [&str; 4] =
    ["us.anthropic.claude-opus-4-6-v1", "gpt-35-turbo", "gpt-4o-2024-11-20", "openai/gpt-oss-20b"];

#[test]
fn ids_as_people_write_them() {
    let mut wrong = Vec::new();
    let mut answered = 0;
    for line in include_str!("names.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [provider, model, at, want] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}");
        };
        if DISPUTED.contains(&model) {
            continue;
        }
        let cost = |meter| {
            let said = ask(provider, model, at).cost(&[(meter, 1_000)]);
            said.strip_suffix(" USD").map(str::to_owned)
        };
        let got = match (cost(Meter::Input), cost(Meter::Output)) {
            (Some(input), Some(output)) => format!("{input} {output}"),
            _ => "-".to_owned(),
        };
        let want = if UNANSWERED.contains(&model) { "-" } else { want };
        if got == want {
            answered += 1;
        } else {
            wrong.push(format!("{provider} {model} {at}: {got}, not {want}"));
        }
    }
    assert!(wrong.is_empty(), "{answered} right, not right:\n{}", wrong.join("\n"));
}
