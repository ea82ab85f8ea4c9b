//! What shells get: completions and manual pages of every command, colours only where they were asked for.

#[path = "program/mod.rs"]
mod program;

use std::fs;

use self::program::{COMMANDS, PRICES_COMMANDS, printed, run};

fn said(arguments: &[&str]) -> String {
    printed(&run(arguments))
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = said(&["completions", shell]);
        for word in COMMANDS.iter().chain(&["show-people", "billing-account"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn every_command_has_a_page_with_examples_and_exit_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("new").join("man1");
    let output = run(&["man", "--out", pages.to_str().expect("a plain path")]);
    assert_eq!(output.status.code(), Some(0));
    let below = PRICES_COMMANDS.map(|command| format!("prices-{command}"));
    let all = COMMANDS.map(str::to_owned).into_iter().chain(below);
    for command in all {
        let page =
            fs::read_to_string(pages.join(format!("tokreckon-{command}.1"))).expect(&command);
        assert!(page.contains("Exit codes: 0 all accounted for"), "{command}");
        assert!(page.contains("Example"), "{command}");
    }
    let count = fs::read_dir(&pages).expect("the pages").count();
    // One for each, one for `tokreckon` itself.
    assert_eq!(count, COMMANDS.len() + PRICES_COMMANDS.len() + 1);
}

#[test]
fn help_shows_examples_and_exit_codes() {
    for command in COMMANDS {
        let help = said(&[command, "--help"]);
        assert!(help.contains("Example"), "{command}");
        assert!(help.contains("Exit codes: 0 all accounted for"), "{command}");
    }
}

#[test]
fn colours_are_for_people_who_want_them() {
    let audit = ["audit", "tests/examples/openai-usage-2025-02.csv"];
    assert!(!said(&audit).contains('\u{1b}'), "a pipe gets no colours");
    let coloured = said(&[&audit[..], &["--color", "always"]].concat());
    assert!(coloured.contains('\u{1b}'));
    let plain: String = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(plain, said(&audit), "colours change nothing else");
    for format in ["json", "csv", "md"] {
        let text = said(&[&audit[..], &["--color", "always", "--format", format]].concat());
        assert!(!text.contains('\u{1b}'), "{format} is for machines");
    }
}
