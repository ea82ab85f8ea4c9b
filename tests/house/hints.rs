//! What the library says to do is said for code: its hints name settings.

use super::sources;

/// Whoever embeds the library has no options of the program: a hint names a setting, and who shows it
/// says what that is called there (`hint::Hint::named`).
#[test]
fn the_library_names_no_option_of_the_program() {
    let is_option = |text: &str| {
        text.match_indices("--").any(|(at, _)| {
            let starts = text[..at].chars().next_back().is_none_or(|c| " `(\"'".contains(c));
            starts && text[at + 2..].starts_with(|c: char| c.is_ascii_lowercase())
        })
    };
    assert!(is_option("name it with `--provider`") && !is_option("a--b") && !is_option("-- a"));
    for folder in ["crates/tokreckon/src", "crates/tokreckon-arrow/src"] {
        for (path, text) in sources(folder) {
            for (number, line) in (1..).zip(text.lines()) {
                let is_comment = line.trim_start().starts_with("//");
                assert!(is_comment || !is_option(line), "{}:{number}: an option", path.display());
            }
        }
    }
}
