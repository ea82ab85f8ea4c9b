//! The public surface, as it was last agreed on: `docs/api/*.txt`.
//!
//! The listing is read from the sources, which `rustfmt` writes in one way. The lint `unreachable_pub` is denied in
//! every crate, so that what is `pub` there can be reached from outside. After a change that was meant:
//! `TOKRECKON_API=overwrite cargo test -p tokreckon --test api`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every source below a folder, in order, with its module as people write it.
fn sources(folder: &Path, module: &str, all: &mut Vec<(String, String)>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let inner = match (module, name) {
            ("", "lib" | "main") => String::new(),
            (_, "mod") => module.to_owned(),
            ("", _) => name.to_owned(),
            _ => format!("{module}::{name}"),
        };
        if path.is_dir() {
            sources(&path, &inner, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests" {
            all.push((inner, std::fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

/// What a source shows to the outside, in its order: items, public fields, variants, and the type whose methods
/// they are.
fn public(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let mut shown = Vec::new();
    let (mut head, mut told, mut open) = (String::new(), false, false);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let code = line.trim();
        if code.is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if indent == 0 {
            // `open`: variants and methods of a trait are as public as it is.
            open = code.starts_with("pub enum ") || code.starts_with("pub trait ");
            (head, told) = (code.trim_end_matches('{').trim().to_owned(), code.starts_with("pub "));
            if code.starts_with("impl") && code.contains(" for ") {
                shown.push(head.clone());
            }
        }
        let is_variant = open && indent == 4 && code.starts_with(|c: char| c.is_ascii_uppercase());
        let is_required = open && indent == 4 && code.starts_with("fn ");
        if !(code.starts_with("pub ") || is_variant || is_required) || indent > 4 {
            continue;
        }
        if indent > 0 && !told {
            shown.push(head.clone());
            told = true;
        }
        let mut item = code.to_owned();
        // A signature or a list of names goes on to where it ends; bodies and values are not of it.
        let ends: &[char] = match () {
            () if item.starts_with("pub use ") => &[';'],
            () if item.contains("fn ") => &['{', '}', ';'],
            () => &[],
        };
        while !ends.is_empty() && !item.ends_with(ends) {
            let Some(next) = lines.next() else { break };
            item.push(' ');
            item.push_str(next.trim());
        }
        let is_use = item.starts_with("pub use ");
        let item = if is_use { item.as_str() } else { item.split(" = ").next().unwrap_or("") };
        let item = if is_use { item } else { item.split(" {").next().unwrap_or(item) };
        let item = item.trim_end_matches(['{', ';', ',']).trim();
        shown.push(format!("{}{item}", if indent > 0 { "    " } else { "" }));
    }
    shown
}

fn listing(folder: &str) -> String {
    let mut all = Vec::new();
    sources(&root().join(folder), "", &mut all);
    let mut text = String::new();
    let mut modules = BTreeSet::new();
    for (module, source) in all {
        let shown = public(&source);
        if shown.iter().any(|line| line.contains("pub ")) {
            assert!(modules.insert(module.clone()), "{module}: two sources");
            let name = if module.is_empty() { "the crate" } else { &module };
            let _ = writeln!(text, "# {name}\n{}\n", shown.join("\n"));
        }
    }
    text
}

#[test]
fn the_public_surface_is_the_agreed_one() {
    let overwrite = std::env::var_os("TOKRECKON_API").is_some_and(|value| value == "overwrite");
    for (name, folder) in [
        ("tokreckon", "crates/tokreckon/src"),
        ("tokreckon-tokenizer", "crates/tokreckon-tokenizer/src"),
        ("tokreckon-data", "data/src"),
    ] {
        let (path, now) = (root().join(format!("docs/api/{name}.txt")), listing(folder));
        if overwrite {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, &now).expect("written");
        }
        let agreed = std::fs::read_to_string(&path).expect("a listing");
        let different = agreed.lines().zip(now.lines()).find(|(agreed, now)| agreed != now);
        assert!(
            agreed == now,
            "{name}: the public surface has changed, first at {different:?}\n\
            where it was meant: TOKRECKON_API=overwrite cargo test -p tokreckon --test api"
        );
    }
}

#[test]
fn items_are_found() {
    let text = "use a;\npub use b::{\n    C, D,\n};\n\npub struct One {\n    pub a: u8,\n    b: u8,\n}\n\nimpl One {\n    pub fn f(\n        self,\n    ) -> u8 {\n        1\n    }\n    fn g() {}\n}\n\npub enum Two {\n    A,\n    B { c: u8 },\n}\n\npub(crate) fn h() {}\n#[cfg(test)]\nmod tests {\n    pub fn no() {}\n}\n";
    assert_eq!(
        public(text),
        [
            "pub use b::{ C, D, }",
            "pub struct One",
            "    pub a: u8",
            "impl One",
            "    pub fn f( self, ) -> u8",
            "pub enum Two",
            "    A",
            "    B"
        ]
    );
}
