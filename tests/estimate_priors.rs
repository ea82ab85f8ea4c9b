//! House rules of the reasoning priors: read without mistakes, sound, sourced and shipped.

use std::fs;
use std::path::Path;

use tokreckon_data::PRIORS;
use tokreckon_data::priors::Scope;
use tokreckon_data::priors_text::read;

/// Names and texts of the shipped files.
fn texts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/priors");
    let files =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let text = |path: &Path| fs::read_to_string(path).expect("a text");
    let name = |path: &Path| path.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
    files.map(|path| (name(&path).expect("a name"), text(&path))).collect()
}

#[test]
fn the_built_in_priors_are_what_the_files_say() {
    let files: Vec<_> = texts().iter().map(|(_, text)| read(text).expect("no mistakes")).collect();
    let count =
        |of: fn(&tokreckon_data::priors_text::PriorFile) -> usize| files.iter().map(of).sum();
    assert_eq!(PRIORS.rows.len(), count(|file| file.priors.len()));
    assert_eq!(PRIORS.ratios.len(), count(|file| file.ratios.len()));
    assert_eq!(PRIORS.defaults.len(), count(|file| file.defaults.len()));
    for (name, text) in texts() {
        assert!(text.starts_with("# ") && text.ends_with('\n'), "{name} says what it is");
    }
}

#[test]
fn every_prior_is_sourced_and_sound() {
    for prior in PRIORS.rows {
        let name = format!("{:?} {} {}", prior.models, prior.effort, prior.class);
        assert!(!prior.source.is_empty() && prior.rows >= prior.prompts, "{name}");
        for measure in [prior.hidden, prior.visible, prior.output] {
            assert_eq!(measure.rows, prior.rows, "{name}");
            assert!(measure.quantiles.is_sorted() && measure.within > 0, "{name}");
        }
        assert!(prior.output.mean.abs_diff(prior.hidden.mean + prior.visible.mean) <= 1, "{name}");
        assert_eq!(prior.class.is_empty(), prior.scope == Scope::Model, "{name}");
        assert_eq!(prior.hidden.between > 0, prior.scope != Scope::Class, "{name}");
    }
}

#[test]
fn no_two_priors_answer_the_same_question() {
    for (number, prior) in PRIORS.rows.iter().enumerate() {
        let same = PRIORS.rows.iter().skip(number + 1).find(|other| {
            let shared = other.models.iter().any(|model| prior.models.contains(model));
            let what = (other.scope, other.effort, other.class);
            shared && what == (prior.scope, prior.effort, prior.class)
        });
        assert_eq!(same, None, "{:?} {}", prior.models, prior.class);
    }
}

#[test]
fn mistakes_have_their_line() {
    let said = |text: &str| read(text).expect_err("a mistake");
    assert_eq!(said("\n[[prio]]\n"), "2: unknown key `prio`");
    assert_eq!(said("[[prior]]\nscop = 1\n"), "2: unknown key `scop`");
    assert_eq!(said("[[prior]]\nscope = \"world\"\n"), "2: unknown scope `world`");
    assert_eq!(said("[[prior]]\n"), "1: `scope` is missing");
    assert!(said("prior = 1\n=").starts_with("2: not TOML: "));
}
