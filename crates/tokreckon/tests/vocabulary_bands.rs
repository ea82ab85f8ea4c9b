//! Bands of vocabularies that are not here, held against what the makers' tokenizers count.

/// The bands of vocabularies that are not here hold on texts that they were not made from: words of 40 languages, code,
/// JSON, emoji, runs of signs. `vocabulary_counts.tsv` has what the makers' tokenizers take for the texts of the
/// tokenizer's own tests, a line each, counted on 2026-12-01 with the files that `data/counting/scripts.toml` names.
#[test]
fn bands_of_vocabularies_that_are_not_here_hold() {
    let texts = include_str!("../../tokreckon-tokenizer/tests/open/texts.txt");
    let texts: Vec<String> = texts.lines().map(unescaped).collect();
    let mut counts = include_str!("vocabulary_counts.tsv").lines();
    let names: Vec<&str> = counts.next().expect("names").split('\t').collect();
    let counts: Vec<Vec<u64>> = counts
        .map(|line| line.split('\t').map(|count| count.parse().expect("a count")).collect())
        .collect();
    assert_eq!(counts.len(), texts.len());
    let mut summary = Vec::new();
    for (name, model) in [
        ("llama-3", "llama-3.3-70b"),
        ("llama-4", "llama-4-maverick"),
        ("llama-2", "llama-2-70b-chat"),
        ("command", "command-r-plus"),
        ("kimi", "kimi-k2"),
        ("qwen-3.5", "qwen3.6-plus"),
        ("gemma-2", "gemma-2-27b-it"),
        ("claude-2", "claude-2.1"),
        // A model of which nothing is known may have any of them.
        ("llama-3", "nova-pro"),
        ("command", "nova-pro"),
        ("kimi", "nova-pro"),
    ] {
        let column = names.iter().position(|known| *known == name).expect("a column");
        let mut outside = Vec::new();
        for (text, row) in texts.iter().zip(&counts) {
            let band = tokreckon::request::count(model, text).expect("a model").band();
            let high = band.high.expect("a bound");
            assert!(band.low <= band.likely && band.likely <= high, "{model}: {text:?}: {band:?}");
            if !(band.low..=high).contains(&row[column]) {
                outside.push(format!("{text:?}: {} ({band:?})", row[column]));
            }
        }
        // Most of them are harder than prose: runs of one sign, mathematical letters, old scripts.
        if outside.len() > 6 {
            summary.push(format!("{model}: {} outside: {outside:#?}", outside.len()));
        }
    }
    assert!(summary.is_empty(), "{}", summary.join("\n"));
}

/// A line of a sample as the text it stands for.
fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        text.push(match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            (plain, false) => plain,
        });
    }
    text
}
