//! The public surface, as it was last agreed on: `docs/api/*.txt`.
//!
//! The listing is read from the sources, which `rustfmt` writes in one way. The lint `unreachable_pub` is denied in
//! every crate, so that what is `pub` there can be reached from outside. After a change that was meant:
//! `TOKRECKON_API=overwrite cargo test -p tokreckon --test api`.

use std::collections::{BTreeMap, BTreeSet};
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

/// Attributes that say who can do what with an item: what it derives, where it is compiled, that it may grow.
const TOLD: [&str; 5] = ["#[derive(", "#[cfg(", "#[cfg_attr(", "#[non_exhaustive", "#[doc(hidden"];

/// What a source shows to the outside, in its order: items with their attributes, public fields, variants with
/// theirs, the type whose methods they are, and what is given to a macro that makes public items.
#[derive(Default)]
struct Shown {
    lines: Vec<String>,
    /// Attributes of the item that comes next.
    attributes: Vec<String>,
    /// The item at the margin that the line belongs to, and whether it is told.
    head: (String, bool),
    /// Its variants, their fields and its methods are as public as it is.
    is_open: bool,
    /// In a variant with fields.
    in_variant: bool,
}

impl Shown {
    fn of(text: &str) -> Vec<String> {
        let makers = makers(text);
        let mut shown = Self::default();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let code = line.trim();
            if code.is_empty() || code.starts_with("//") {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            if code.starts_with("#[") {
                let attribute = whole(code, &[']'], &mut lines);
                shown.attributes.push(attribute);
                continue;
            }
            let attributes = std::mem::take(&mut shown.attributes);
            if attributes.iter().any(|attribute| attribute == "#[cfg(test)]") {
                if indent == 0 && code.ends_with('{') {
                    _ = lines.by_ref().find(|line| line.starts_with('}'));
                }
                continue;
            }
            let maker = code.split_once('!').filter(|_| indent == 0).map(|(name, _)| name);
            if maker.is_some_and(|name| makers.contains(name)) {
                shown.lines.push(code.to_owned());
                let given = lines.by_ref().take_while(|line| !line.starts_with(['}', ')']));
                let given = given.filter(|line| !line.trim().starts_with("//"));
                shown.lines.extend(given.map(str::to_owned).filter(|line| !line.is_empty()));
                continue;
            }
            shown.line(code, indent, &attributes, &mut lines);
        }
        shown.lines
    }

    fn line<'t>(
        &mut self,
        code: &str,
        indent: usize,
        attributes: &[String],
        lines: &mut impl Iterator<Item = &'t str>,
    ) {
        if indent == 0 {
            self.is_open = code.starts_with("pub enum ") || code.starts_with("pub trait ");
            let head = code.trim_end_matches('{').trim().to_owned();
            self.head = (head.clone(), code.starts_with("pub "));
            if code.starts_with("impl") && code.contains(" for ") {
                self.put(0, attributes, head);
            }
        }
        let upper = code.starts_with(|c: char| c.is_ascii_uppercase());
        let is_variant = self.is_open && indent == 4 && upper;
        let is_required = self.is_open && indent == 4 && code.starts_with("fn ");
        let is_field = self.in_variant && indent == 8;
        if indent == 4 {
            self.in_variant = is_variant && code.ends_with('{');
        }
        let is_public = code.starts_with("pub ") && indent <= 4;
        if !(is_public || is_variant || is_required || is_field) {
            return;
        }
        if indent > 0 && !self.head.1 {
            self.put(0, &[], self.head.0.clone());
            self.head.1 = true;
        }
        // A signature or a list of names goes on to where it ends; bodies and values are not of it.
        let is_use = code.starts_with("pub use ");
        let ends: &[char] = match () {
            () if is_use => &[';'],
            () if code.contains("fn ") => &['{', '}', ';'],
            () => &[],
        };
        let item = if ends.is_empty() { code.to_owned() } else { whole(code, ends, lines) };
        let item = if is_use { item.as_str() } else { item.split(" = ").next().unwrap_or("") };
        let item = if is_use { item } else { item.split(" {").next().unwrap_or(item) };
        self.put(indent, attributes, item.trim_end_matches(['{', ';', ',']).trim().to_owned());
    }

    fn put(&mut self, indent: usize, attributes: &[String], item: String) {
        let told = attributes.iter().filter(|text| TOLD.iter().any(|told| text.starts_with(told)));
        let all = told.cloned().chain([item]);
        self.lines.extend(all.map(|line| format!("{}{line}", " ".repeat(indent))));
    }
}

/// A text that goes on over several lines, in one.
fn whole<'t>(code: &str, ends: &[char], lines: &mut impl Iterator<Item = &'t str>) -> String {
    let mut item = code.to_owned();
    while !item.ends_with(ends) {
        let Some(next) = lines.next() else { break };
        item.push(' ');
        item.push_str(next.trim());
    }
    item
}

/// The macros of a source that make public items.
fn makers(text: &str) -> BTreeSet<&str> {
    let macros = text.split("\nmacro_rules! ").skip(1);
    let makers = macros.filter_map(|rest| {
        let (name, body) = rest.split_once(' ')?;
        let body = body.split("\n}").next().unwrap_or(body);
        body.contains(" pub ").then_some(name)
    });
    makers.collect()
}

fn listing(folder: &str) -> String {
    let mut all = Vec::new();
    sources(&root().join(folder), "", &mut all);
    let mut text = String::new();
    let mut modules = BTreeSet::new();
    for (module, source) in all {
        let shown = Shown::of(&source);
        if shown
            .iter()
            .any(|line| line.contains("pub ") || line.contains("! {") || line.contains("!("))
        {
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
        ("tokreckon-arrow", "crates/tokreckon-arrow/src"),
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

/// A name means one thing: whoever imports two modules need not rename.
#[test]
fn names_are_unique_across_modules() {
    let mut places: BTreeMap<(String, bool), BTreeSet<String>> = BTreeMap::new();
    for folder in ["crates/tokreckon/src", "crates/tokreckon-tokenizer/src"] {
        let mut module = String::new();
        for line in listing(folder).lines() {
            if let Some(name) = line.strip_prefix("# ") {
                name.clone_into(&mut module);
            }
            let words: Vec<&str> = line.split([' ', '<', '(']).collect();
            let (kind, name) = match words[..] {
                ["pub", "const" | "async", "fn", name, ..] => ("fn", name),
                ["pub", kind @ ("struct" | "enum" | "trait" | "type" | "fn"), name, ..] => {
                    (kind, name)
                }
                _ => continue,
            };
            let of_name = places.entry((name.to_owned(), kind == "fn")).or_default();
            of_name.insert(format!("{folder}: {module}"));
        }
    }
    assert!(places.len() > 300, "{}", places.len());
    places.retain(|_, modules| modules.len() > 1);
    assert_eq!(places, BTreeMap::new(), "a name in two modules");
}

#[test]
fn items_are_found() {
    let text = "use a;
pub use b::{
    C, D,
};

#[derive(
    Clone, Debug,
)]
#[must_use]
pub struct One {
    pub a: u8,
    #[cfg(feature = \"x\")]
    pub b: u8,
    c: u8,
}

#[cfg(test)]
mod tests;

impl One {
    pub fn f(
        self,
    ) -> u8 {
        1
    }
    fn g() {}
}

#[non_exhaustive]
pub enum Two {
    A,
    B {
        /// It.
        c: u8,
    },
    D(u8),
}

macro_rules! make {
    ($name:ident) => {
        pub struct $name;
    };
}

make! {
    /// It.
    Three
}

pub(crate) fn h() {}
#[cfg(test)]
mod more_tests {
    pub fn no() {}
}
pub fn yes() {}
";
    assert_eq!(
        Shown::of(text),
        [
            "pub use b::{ C, D, }",
            "#[derive( Clone, Debug, )]",
            "pub struct One",
            "    pub a: u8",
            "    #[cfg(feature = \"x\")]",
            "    pub b: u8",
            "impl One",
            "    pub fn f( self, ) -> u8",
            "#[non_exhaustive]",
            "pub enum Two",
            "    A",
            "    B",
            "        c: u8",
            "    D(u8)",
            "make! {",
            "    Three",
            "pub fn yes()",
        ]
    );
}
