//! Model ids as people, logs and gateways write them, each with the price that it must lead to.

use tokreckon::money::Exact;
use tokreckon::usage::Meter;

use crate::ask;

/// Ids of `names.tsv` whose price the book does not know; none of them is answered wrongly.
const UNANSWERED: [&str; 4] = [
    "gemini-2.0-flash-exp",
    "gemini-3-pro-preview-11-2025",
    "openai/gpt-5:online",
    "meta-llama/Llama-3.3-70B-Instruct-Turbo-Free",
];

/// Ids that must be answered with the one right price; of the others, sources hold different ones.
const RIGHT: usize = 115;

#[test]
fn ids_as_people_write_them() {
    let mut wrong = Vec::new();
    let (mut right, mut disputed) = (0, Vec::new());
    for line in include_str!("names.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [provider, model, at, want] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}");
        };
        let cost = |meter| ask(provider, model, at).cost(&[(meter, 1_000)]);
        let got = [cost(Meter::Input), cost(Meter::Output)];
        if UNANSWERED.contains(&model) || want == "-" {
            if got.iter().any(|said| said.contains("USD") && !said.starts_with("at least 0 ")) {
                wrong.push(format!("{provider} {model} {at}: {got:?} is answered"));
            }
            continue;
        }
        let want: Vec<&str> = want.split(' ').collect();
        if got.iter().zip(&want).all(|(got, want)| *got == format!("{want} USD")) {
            right += 1;
        } else if got.iter().zip(&want).all(|(got, want)| holds(got, want)) {
            disputed.push(model);
        } else {
            wrong.push(format!("{provider} {model} {at}: {got:?}, not {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{right} right, not right:\n{}", wrong.join("\n"));
    assert!(right >= RIGHT, "{right} right; sources disagree on {disputed:?}");
}

/// True for an amount that is the true one, or for two bounds on which sources disagree, around it.
fn holds(got: &str, want: &str) -> bool {
    let amount = |text: &str| text.parse::<Exact>().expect("an amount");
    if let Some(bounds) = got.strip_suffix(" USD (disputed)") {
        let (low, high) = bounds.split_once(" to ").expect("two bounds");
        return (amount(low)..=amount(high)).contains(&amount(want));
    }
    got == format!("{want} USD")
}
