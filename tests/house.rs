//! House rules of the sources: one direction, one screenful of files, no floats, documented crates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[path = "house/documents.rs"]
mod documents;
#[path = "house/fuzz.rs"]
mod fuzz;
#[path = "house/hints.rs"]
mod hints;

/// The longest a source file may be, in lines.
const MAX_LINES: usize = 500;

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace")
}

/// Every Rust source below a folder of the workspace, with its text, sorted.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths.sort();
    let text = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a text");
        (path.strip_prefix(root()).expect("inside of the workspace").to_owned(), text)
    };
    paths.into_iter().map(text).collect()
}

/// The code of a line: without comments, and nothing of a line that is one.
fn code(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with("//") { "" } else { line.split(" // ").next().unwrap_or("") }
}

/// The modules of a crate's `lib.rs`, in their order.
fn modules(text: &str) -> Vec<&str> {
    let declared = text.lines().map(code).filter_map(|line| {
        let line = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    declared.collect()
}

/// What a text names of its own crate: `book` in `crate::book::X` and in `use crate::{book, …}`.
fn used(text: &str) -> BTreeSet<String> {
    let text: String = text.lines().map(code).collect::<Vec<_>>().join("\n");
    let mut used = BTreeSet::new();
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
    };
    for after in text.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => drop(used.insert(name(after))),
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    if start && depth == 0 && c.is_ascii_lowercase() {
                        used.insert(name(&list[at..]));
                    }
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    start = c == ',' || (start && c.is_whitespace());
                }
            }
        }
    }
    used
}

#[test]
fn a_module_uses_only_those_above_it() {
    let all = sources("crates/tokreckon/src");
    let lib = all.iter().find(|(path, _)| path.ends_with("lib.rs")).expect("a library");
    let order = modules(&lib.1);
    assert!(order.len() >= 12, "{order:?}");
    let place = |module: &str| order.iter().position(|other| *other == module);
    let mut uses = 0;
    for (path, text) in &all {
        let inside = path.strip_prefix("crates/tokreckon/src").expect("of the library");
        let module = inside.iter().next().and_then(|name| name.to_str()).expect("a name");
        let module = module.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let own = place(module).unwrap_or_else(|| panic!("{} is in no module", path.display()));
        for other in used(text) {
            // Items re-exported by `lib.rs` itself are not modules.
            let Some(at) = place(&other) else { continue };
            uses += 1;
            assert!(
                at <= own,
                "{}: `{module}` uses `{other}`, which comes after it",
                path.display()
            );
        }
    }
    assert!(uses > 40, "only {uses} uses found: this test looks at the wrong thing");
}

#[test]
fn the_names_of_a_use_are_found() {
    let names = |text: &str| used(text).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(
        names("use crate::book::{FindError, Known};\nlet x = crate::time::DAY;"),
        "book time"
    );
    assert_eq!(names("use crate::{book::{a, b}, time,\n    money::Exact};"), "book money time");
    assert_eq!(names("// crate::report\n/// [`crate::audit`]"), "");
}

#[test]
fn files_are_short() {
    for folder in ["crates", "data", "tests"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn every_file_says_first_what_it_is() {
    for folder in ["crates", "data", "tests"] {
        for (path, text) in sources(folder) {
            let first = text.lines().next().unwrap_or("");
            let says = first.starts_with("//! ") && first.len() > 10;
            assert!(says, "{} begins with `{first}`", path.display());
        }
    }
}

#[test]
fn no_floats_and_no_random_order() {
    let is_word = |line: &str, word: &str| {
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        line.match_indices(word).any(|(at, _)| {
            !line[..at].ends_with(letter) && !line[at + word.len()..].starts_with(letter)
        })
    };
    for folder in ["crates/tokreckon/src", "crates/tokreckon-arrow/src", "data"] {
        for (path, text) in sources(folder) {
            // The one place: a map whose entries come out sorted.
            let random = !path.ends_with("tokreckon/src/lookup.rs");
            for (number, line) in (1..).zip(text.lines()) {
                for word in ["f32", "f64", "HashMap", "HashSet"] {
                    let refused = word.starts_with('f') || random;
                    let found = refused && is_word(code(line), word);
                    assert!(!found, "{}:{number}: `{word}`", path.display());
                }
            }
        }
    }
}

#[test]
fn dependencies_point_one_way_and_each_says_why() {
    for (manifest, below) in [
        ("crates/tokreckon-arrow/Cargo.toml", &["tokreckon-cli"][..]),
        ("crates/tokreckon/Cargo.toml", &["tokreckon-cli", "tokreckon-arrow"]),
        ("crates/tokreckon-tokenizer/Cargo.toml", &["tokreckon-cli", "tokreckon ", "tokreckon."]),
        ("data/Cargo.toml", &["tokreckon-cli", "tokreckon ", "tokreckon.", "tokreckon-tokenizer"]),
    ] {
        let text = std::fs::read_to_string(root().join(manifest)).expect("a manifest");
        for line in text.lines() {
            assert!(!below.iter().any(|name| line.starts_with(name)), "{manifest}: `{line}`");
        }
    }
    let text =
        std::fs::read_to_string(root().join("crates/tokreckon/Cargo.toml")).expect("a manifest");
    let lines: Vec<&str> = text.lines().collect();
    let (mut section, mut said) = ("", false);
    for line in lines {
        if line.starts_with('[') {
            section = line;
        }
        let is_dependency = section.ends_with("dependencies]") && line.contains('=');
        let is_ours = line.starts_with("tokreckon-");
        assert!(!is_dependency || is_ours || said, "`{line}` has no reason");
        // One reason may stand above several lines.
        said = line.starts_with('#') || (said && is_dependency);
    }
}

/// `deny.toml` forbids the crates that open connections; here that holds also where its tool is not.
#[test]
fn no_crate_below_ours_opens_a_connection() {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).expect(name);
    let rules = read("deny.toml");
    let denied = rules.split_once("\ndeny = [").and_then(|(_, rest)| rest.split_once(']'));
    let denied: BTreeSet<&str> = denied
        .expect("a list")
        .0
        .split('"')
        .filter(|name| name.starts_with(char::is_alphabetic))
        .collect();
    for usual in ["hyper", "reqwest", "rustls", "tokio", "ureq"] {
        assert!(denied.contains(usual), "{usual}");
    }
    let lock = read("Cargo.lock");
    let names: BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    assert!(names.len() > 100 && names.contains("tokreckon-cli"), "{names:?}");
    assert_eq!(names.intersection(&denied).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Who only prices usage pays for nothing else: few crates, and not the tokenizer, whose tables take long to build.
#[test]
fn pricing_alone_needs_few_crates() {
    let cargo = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package", "tokreckon", "--no-default-features"])
        .args(["--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let tree = String::from_utf8(cargo.stdout).expect("UTF-8");
    let crates: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(crates.contains("tokreckon-data") && crates.contains("rust_decimal"), "{crates:?}");
    assert!(crates.len() <= 15, "{} crates: {crates:?}", crates.len());
    assert!(!crates.contains("tokreckon-tokenizer"), "{crates:?}");
}

/// The Rust blocks of the repository's README are run as those of the crate's, which is packaged alone.
#[test]
fn rust_in_the_readme_is_run() {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).expect(name);
    let (readme, of_crate) = (read("README.md"), read("crates/tokreckon/README.md"));
    let blocks: Vec<&str> =
        readme.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(of_crate.contains(block), "not in crates/tokreckon/README.md:\n{block}");
    }
}

#[test]
fn every_crate_can_stand_alone() {
    for folder in [
        "data",
        "crates/tokreckon-tokenizer",
        "crates/tokreckon",
        "crates/tokreckon-arrow",
        "crates/tokreckon-cli",
    ] {
        let folder = root().join(folder);
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let value = |key: &str| {
            let line = manifest.lines().find(|line| line.starts_with(key));
            line.unwrap_or_else(|| panic!("{}: no {key}", folder.display()))
        };
        for key in ["description = ", "repository", "license", "rust-version"] {
            value(key);
        }
        let readme = value("readme = ").split('"').nth(1).expect("a path");
        for file in [readme, "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(file).is_file(), "{}: no {file}", folder.display());
        }
    }
}

#[test]
fn what_the_readme_shows_can_be_run() {
    let Ok(text) = std::fs::read_to_string(root().join("README.md")) else {
        println!("skipped: there is no README.md");
        return;
    };
    let blocks = text.split("```").skip(1).step_by(2);
    let console = blocks.filter(|block| block.starts_with("console"));
    let mut commands = 0;
    for block in console {
        let first = block.lines().nth(1).unwrap_or("");
        assert!(first.starts_with("$ "), "a console block begins with `{first}`");
        commands += 1;
    }
    assert!(commands > 0, "no console block in README.md");
}

/// A module by its names from the crate's root on.
type ModulePath = Vec<String>;

/// Every path below `crate`, `self`, `super` or a child that a text names, from where it stands.
fn paths(text: &str, children: &BTreeSet<&str>) -> Vec<ModulePath> {
    /// Reads `a::b::{c, d::e}` from here on; says where it ends.
    fn tree(text: &str, prefix: &[String], found: &mut Vec<ModulePath>) -> usize {
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        let mut path = prefix.to_vec();
        let mut at = 0;
        loop {
            let name: String = text[at..].chars().take_while(|c| letter(*c)).collect();
            at += name.len();
            path.push(name);
            match text[at..].strip_prefix("::") {
                Some(rest) if rest.starts_with('{') => {
                    at += 3;
                    while let Some(c) = text[at..].chars().next() {
                        match c {
                            '}' => return at + 1,
                            c if letter(c) => at += tree(&text[at..], &path, found),
                            c => at += c.len_utf8(),
                        }
                    }
                    return at;
                }
                Some(rest) if rest.starts_with(letter) => at += 2,
                _ => break,
            }
        }
        found.push(path);
        at
    }
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let text: String = text.lines().map(code).collect::<Vec<_>>().join("\n");
    let (mut found, mut at, mut before) = (Vec::new(), 0, ' ');
    while let Some(c) = text[at..].chars().next() {
        let is_start = (c.is_alphabetic() || c == '_')
            && !(before.is_alphanumeric() || before == '_' || before == ':');
        let length = if is_start { tree(&text[at..], &[], &mut found) } else { c.len_utf8() };
        before = text[at..at + length].chars().next_back().unwrap_or(' ');
        at += length;
    }
    let head = |path: &ModulePath| match path[0].as_str() {
        "crate" | "self" | "super" => true,
        name => path.len() > 1 && children.contains(name),
    };
    found.retain(head);
    found
}

/// Modules that use each other, straight or by way of others, below each module of a crate: what
/// a file uses counts for it and for all modules that it stands in.
fn circles(folder: &str) -> BTreeSet<String> {
    let mut files: BTreeMap<ModulePath, String> = BTreeMap::new();
    for (path, text) in sources(folder) {
        let inside = path.strip_prefix(folder).expect("inside").with_extension("");
        let mut names: ModulePath =
            inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        if names == ["lib"] || names == ["main"] || names.last().is_some_and(|name| name == "mod") {
            names.pop();
        }
        files.insert(names, text);
    }
    let mut uses: BTreeSet<(ModulePath, ModulePath)> = BTreeSet::new();
    for (module, text) in &files {
        let below = files.keys().filter(|path| path.len() == module.len() + 1);
        let below = below.filter(|path| path.starts_with(module));
        let children = below.map(|path| path[module.len()].as_str()).collect();
        for path in paths(text, &children) {
            let mut names = path.iter().map(String::as_str).peekable();
            let mut to = if path[0] == "crate" { Vec::new() } else { module.clone() };
            while let Some(step) = names.next_if(|name| ["crate", "self", "super"].contains(name)) {
                if step == "super" {
                    to.pop();
                }
            }
            for name in names {
                to.push(name.to_owned());
                if !files.contains_key(&to) {
                    to.pop();
                    break;
                }
            }
            let shared = module.iter().zip(&to).take_while(|(one, two)| one == two).count();
            if shared < module.len() && shared < to.len() {
                uses.insert((module[..=shared].to_vec(), to[..=shared].to_vec()));
            }
        }
    }
    let reaches = |from: &ModulePath, to: &ModulePath| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(module) = left.pop() {
            for (_, next) in uses.iter().filter(|(one, _)| one == module) {
                if seen.insert(next) {
                    left.push(next);
                }
            }
        }
        seen.contains(to)
    };
    let modules: BTreeSet<&ModulePath> = uses.iter().map(|(module, _)| module).collect();
    modules.into_iter().filter(|module| reaches(module, module)).map(|m| m.join("::")).collect()
}

/// Circles that stand from before there was this rule. Whoever breaks one takes it out of the list;
/// nothing comes in.
const CIRCLES: [(&str, &[&str]); 5] = [
    ("crates/tokreckon-arrow/src", &[]),
    (
        "crates/tokreckon/src",
        &[
            "audit::bytes",
            "audit::check",
            "audit::cutoff",
            "audit::limits",
            "audit::own_cost",
            "audit::prompt",
            "audit::repeated",
            "audit::residual",
            "audit::split",
            "audit::steps",
            "audit::times",
            "audit::units",
            "audit::view",
            "book::extend",
            "book::resolve",
            "read::blocks",
            "read::claude_code",
            "read::codex",
            "read::deepseek",
            "read::format",
            "read::formats",
            "read::lines",
            "read::logs",
            "read::origin",
            "read::otel",
            "read::plan",
            "read::reader",
            "read::registry",
            "read::schema",
            "read::table",
            "read::unread_columns",
            "read::usage_object",
            "refresh::entries",
            "refresh::series",
        ],
    ),
    (
        "crates/tokreckon-cli/src",
        &[
            "audit",
            "context",
            "open",
            "page",
            "report",
            "write",
            "estimate::batch",
            "estimate::single",
        ],
    ),
    ("crates/tokreckon-tokenizer/src", &["model", "rules"]),
    ("data/src", &[]),
];

#[test]
fn modules_do_not_use_each_other_in_circles() {
    for (folder, known) in CIRCLES {
        let found = circles(folder);
        let known: BTreeSet<String> = known.iter().map(|name| (*name).to_owned()).collect();
        let new: Vec<_> = found.difference(&known).collect();
        let broken: Vec<_> = known.difference(&found).collect();
        assert!(new.is_empty(), "{folder}: in a circle: {new:?}");
        assert!(broken.is_empty(), "{folder}: no longer in a circle, take it out: {broken:?}");
    }
}

#[test]
fn paths_of_uses_are_found() {
    let names = |text: &str| {
        let paths = paths(text, &BTreeSet::from(["child"]));
        paths.iter().map(|path| path.join("/")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names("use super::{a::B, c};\nlet x = crate::time::DAY + child::two(other::x);"),
        "super/a/B super/c crate/time/DAY child/two"
    );
    assert_eq!(names("// crate::report\nmod child;"), "");
}
