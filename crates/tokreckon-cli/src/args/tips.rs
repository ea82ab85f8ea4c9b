//! Tips of errors in arguments: what is meant by a word that is no option, where that is known. A word
//! that merely has letters in common with an option does not mean it.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use tokreckon::price::ServiceTier;

/// What people call an option of another name.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("tier", "service-tier"),
    ("region", "variant"),
    ("location", "variant"),
    ("currency", "rate"),
    ("discount", "factor"),
    ("markup", "factor"),
    ("tax", "factor"),
    ("group-by", "by"),
    ("from-date", "since"),
    ("to-date", "until"),
    ("date", "at"),
];

/// The error with a tip that helps, or with none.
pub(super) fn with_tip(
    error: clap::Error,
    definitions: Command,
    words: &[OsString],
) -> clap::Error {
    match error.kind() {
        ErrorKind::InvalidValue => with_page(error),
        ErrorKind::UnknownArgument => with_option(error, definitions, words),
        _ => error,
    }
}

/// An error that says how a page is written, where that was asked for as a format.
fn with_page(mut error: clap::Error) -> clap::Error {
    let is = |kind, wanted: &str| matches!(error.get(kind), Some(ContextValue::String(text)) if text.contains(wanted));
    // Only reports and audits are written as pages; they have this list.
    if is(ContextKind::InvalidArg, "--format") && is(ContextKind::InvalidValue, "html") {
        let tip = "a page is written by report and audit: `--html FILE`".into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// An error about an option that is not there, with the one that is meant.
fn with_option(mut error: clap::Error, mut all: Command, words: &[OsString]) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.trim_start_matches('-').to_owned(),
        _ => String::new(),
    };
    let (typed, alike) = (text(ContextKind::InvalidArg), text(ContextKind::SuggestedArg));
    all.build();
    let mut command = all;
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(found) = command.find_subcommand(word) {
            command = found.clone();
        }
    }
    let has = |long: &str| command.get_arguments().any(|arg| arg.get_long() == Some(long));
    let other = OTHER_NAMES.iter().find(|(name, long)| *name == typed && has(long));
    let meant = match other {
        Some((_, long)) => Some(format!("`--{long}` is meant for that")),
        None if ServiceTier::from_word(&typed).is_some() && has("service-tier") => {
            Some(format!("a service tier is named: `--service-tier {typed}`"))
        }
        None if is_slip(&typed, &alike) => return error,
        None => None,
    };
    error.remove(ContextKind::SuggestedArg);
    // The usage shows how what was suggested is written.
    error.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
    if let Some(meant) = meant {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![meant.into()]));
    }
    error
}

/// True for a word that may be an option mistyped or cut: within a third of its letters, or all of them.
fn is_slip(typed: &str, option: &str) -> bool {
    let begins = option.len() >= 4 && typed.starts_with(option)
        || typed.len() >= 3 && option.starts_with(typed);
    let letters = typed.chars().count();
    begins || strsim::levenshtein(typed, option) <= (letters / 3).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::Args;
    use super::*;

    fn said(words: &[&str]) -> String {
        let words: Vec<OsString> =
            std::iter::once("tokreckon").chain(words.iter().copied()).map(Into::into).collect();
        Args::read(&words).expect_err("an error").to_string()
    }

    #[test]
    fn a_word_with_the_letters_of_an_option_does_not_mean_it() {
        for command in ["price", "report", "estimate", "compare", "audit", "count"] {
            let error = said(&[command, "--batch", "x"]);
            assert!(!error.contains("--at"), "{error}");
            assert_eq!(error.contains("`--service-tier batch`"), command != "count", "{error}");
            assert!(!said(&[command, "--banana"]).contains("similar"), "{command}");
        }
    }

    #[test]
    fn slips_and_other_names_lead_to_the_option() {
        for (command, typed, option) in [
            ("report", "--tier", "`--service-tier`"),
            ("price", "--region", "`--variant`"),
            ("report", "--discount", "`--factor`"),
            ("report", "--timezon", "'--timezone'"),
            ("audit", "--bill-totl", "'--bill-total'"),
            ("price", "--cache", "'--cached'"),
            ("prices", "--colour", "'--color'"),
        ] {
            let error = said(&[command, typed]);
            let tips = error.lines().filter(|line| line.contains("tip:"));
            let tips: Vec<&str> = tips.collect();
            assert!(matches!(tips[..], [tip] if tip.contains(option)), "{typed}: {error}");
        }
    }

    #[test]
    fn every_other_name_is_of_an_option_and_no_option_itself() {
        let all = Args::definitions();
        let all: Vec<&Command> = all.get_subcommands().collect();
        let has = |long: &str| {
            let mut all = all.iter().flat_map(|command| command.get_arguments());
            all.any(|arg| arg.get_long() == Some(long))
        };
        for (name, long) in OTHER_NAMES {
            assert!(has(long) && !has(name), "{name}: {long}");
        }
    }
}
