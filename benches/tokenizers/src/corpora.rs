//! The texts that are measured: found on this machine, or generated from a seed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

/// One corpus: texts that are counted one by one, most often a single big one.
pub struct Corpus {
    /// Its short name.
    pub name: &'static str,
    /// Where it comes from.
    pub source: String,
    /// The texts.
    pub texts: Vec<String>,
}

impl Corpus {
    /// The bytes of all texts.
    pub fn bytes(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }

    fn one(name: &'static str, source: impl Into<String>, text: String) -> Corpus {
        Corpus {
            name,
            source: source.into(),
            texts: vec![text],
        }
    }
}

/// Numbers from a seed (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (u128::from(mixed ^ (mixed >> 31)) * limit as u128 >> 64) as usize
    }
}

/// The ordinary corpora; each at most `limit` bytes.
pub fn ordinary(limit: usize) -> Vec<Corpus> {
    let english = english(limit);
    let code = code(limit);
    let catalogs = catalogs();
    let language = |name, locales: &[&str]| {
        let text = locales
            .iter()
            .filter_map(|locale| catalogs.get(*locale))
            .cloned()
            .collect();
        let source = format!(
            "translated messages and manual pages, {}",
            locales.join(" ")
        );
        Corpus::one(name, source, shortened(text, limit))
    };
    let mixed = mixed(&catalogs, limit);
    let messages = messages(
        &[&english.texts[0], &code.texts[0], &mixed.texts[0]],
        200_000,
    );
    vec![
        english,
        code,
        json(limit * 6 / 10),
        mixed,
        language("chinese", &["zh_CN", "zh_TW"]),
        language("japanese", &["ja"]),
        language("russian", &["ru", "uk"]),
        encoded(limit * 3 / 10),
        messages,
    ]
}

/// Inputs of a megabyte that make a tokenizer slow, when it can be made slow.
pub fn pathological() -> Vec<Corpus> {
    const BYTES: usize = 1_000_000;
    let run = |name, unit: &str| {
        let source = format!("{unit:?} repeated");
        Corpus::one(name, source, unit.repeat(BYTES / unit.len()))
    };
    let mut random = Random(1);
    let mut letters = |from: &[u8]| -> String {
        (0..BYTES)
            .map(|_| char::from(from[random.below(from.len())]))
            .collect()
    };
    let lower = letters(b"abcdefghijklmnopqrstuvwxyz");
    let base64 = letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    vec![
        run("a", "a"),
        run("spaces", " "),
        Corpus::one(
            "spaces, then x",
            "a million spaces before a letter",
            " ".repeat(BYTES) + "x",
        ),
        run("space tab", " \t"),
        run("newlines", "\n"),
        run("ones", "1"),
        run("equals", "="),
        run("A", "A"),
        run("ab", "ab"),
        run("han", "中"),
        run("family", "👨‍👩‍👧‍👦"),
        run("marks", "\u{301}"),
        Corpus::one("letters", "random a-z in one piece", lower),
        Corpus::one("base64", "random base64 on one line", base64),
    ]
}

fn english(limit: usize) -> Corpus {
    let mut text = String::new();
    for section in 1..=8 {
        for page in files(Path::new(&format!("/usr/share/man/man{section}")), &["gz"]) {
            text.push_str(&without_markup(&unpacked(&page)));
        }
    }
    for page in files(Path::new("/usr/share/doc"), &["gz", "txt", "md", "README"]) {
        if text.len() < limit {
            text.push_str(&unpacked(&page));
        }
    }
    Corpus::one(
        "english",
        "manual pages, then /usr/share/doc",
        shortened(text, limit),
    )
}

fn code(limit: usize) -> Corpus {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let places: [(PathBuf, &[&str]); 3] = [
        (home.join(".cargo/registry/src"), &["rs"]),
        ("/usr/lib/python3.11".into(), &["py"]),
        ("/usr/include".into(), &["h"]),
    ];
    let mut text = String::new();
    for (place, endings) in &places {
        let until = text.len() + limit / places.len();
        for file in files(place, endings) {
            let source = fs::read_to_string(&file).unwrap_or_default();
            // Tables of a megabyte are not what people send.
            if source.len() < 200_000 && text.len() < until {
                text.push_str(&source);
            }
        }
    }
    Corpus::one(
        "code",
        "Rust crates, Python's library, C headers",
        shortened(text, limit),
    )
}

/// Usage records and chat requests, partly indented.
fn json(limit: usize) -> Corpus {
    const WORDS: [&str; 24] = [
        "request",
        "the",
        "summary",
        "of",
        "billing",
        "invoice",
        "please",
        "translate",
        "report",
        "customer",
        "with",
        "error",
        "total",
        "in",
        "March",
        "model",
        "and",
        "tokens",
        "for",
        "user",
        "account",
        "cached",
        "a",
        "response",
    ];
    const MODELS: [&str; 5] = [
        "gpt-4o-mini-2024-07-18",
        "gpt-5",
        "o3-mini",
        "gpt-4.1",
        "o1-mini",
    ];
    let mut random = Random(2);
    let mut text = String::new();
    while text.len() < limit {
        let words: Vec<&str> = (0..random.below(40) + 3)
            .map(|_| WORDS[random.below(WORDS.len())])
            .collect();
        let [input, output] = [random.below(20_000), random.below(4_000)];
        let record = serde_json::json!({
            "id": format!("chatcmpl-{:016x}", random.below(usize::MAX)),
            "created": 1_700_000_000 + random.below(90_000_000),
            "model": MODELS[random.below(MODELS.len())],
            "messages": [{"role": "user", "content": words.join(" ")}],
            "usage": {
                "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
                "prompt_tokens_details": {"cached_tokens": random.below(input + 1)},
            },
            "cost_usd": format!("0.{:06}", random.below(1_000_000)),
            "stream": random.below(2) == 0, "user": serde_json::Value::Null,
        });
        let indented = random.below(4) == 0;
        let line = if indented {
            serde_json::to_string_pretty(&record)
        } else {
            serde_json::to_string(&record)
        };
        text.push_str(&line.unwrap_or_default());
        text.push('\n');
    }
    Corpus::one("json", "generated chat requests and usage records", text)
}

/// Base64 and hexadecimal lines between short words.
fn encoded(limit: usize) -> Corpus {
    const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut random = Random(3);
    let mut text = String::new();
    while text.len() < limit {
        match random.below(3) {
            0 => text.extend((0..76).map(|_| char::from(BASE64[random.below(64)]))),
            1 => {
                _ = write!(
                    text,
                    "sha256:{:016x}{:016x}",
                    random.below(usize::MAX),
                    random.below(usize::MAX)
                )
            }
            _ => text.extend((0..24).map(|_| format!("{:02x} ", random.below(256)))),
        }
        text.push('\n');
    }
    Corpus::one("base64 and hex", "generated", text)
}

/// Stretches of all languages in turn.
fn mixed(catalogs: &BTreeMap<String, String>, limit: usize) -> Corpus {
    let mut text = String::new();
    let mut rests: Vec<&str> = catalogs.values().map(String::as_str).collect();
    let mut random = Random(4);
    while text.len() < limit && !rests.is_empty() {
        for rest in &mut rests {
            let stretch = (random.below(600) + 100).min(rest.len());
            let (taken, left) = rest.split_at(rest.floor_char_boundary(stretch));
            text.push_str(taken);
            text.push_str(["\n", " 😀\n", " — "][random.below(3)]);
            *rest = left;
        }
        rests.retain(|rest| rest.len() > 8);
    }
    let source = format!("translated messages of {} locales in turn", catalogs.len());
    Corpus::one("mixed languages", source, shortened(text, limit))
}

/// Strings of 20 to 200 bytes.
fn messages(from: &[&str], number: usize) -> Corpus {
    let mut random = Random(5);
    let texts = (0..number).map(|_| {
        let text = from[random.below(from.len())];
        let start = text.floor_char_boundary(random.below(text.len() - 200));
        let end = text.floor_char_boundary(start + 20 + random.below(181));
        text[start..end].to_owned()
    });
    let source = "stretches of 20 to 200 bytes of english, code and mixed languages";
    Corpus {
        name: "messages",
        source: source.into(),
        texts: texts.collect(),
    }
}

/// The translations of every locale: message catalogs and manual pages.
fn catalogs() -> BTreeMap<String, String> {
    let mut catalogs: BTreeMap<String, String> = BTreeMap::new();
    for file in files(Path::new("/usr/share/locale"), &["mo"]) {
        let Some(locale) = file.iter().nth(4) else {
            continue;
        };
        let text = catalogs
            .entry(locale.to_string_lossy().into_owned())
            .or_default();
        text.push_str(&translations(&fs::read(&file).unwrap_or_default()).unwrap_or_default());
    }
    for (locale, text) in &mut catalogs {
        for page in files(&Path::new("/usr/share/man").join(locale), &["gz"]) {
            text.push_str(&without_markup(&unpacked(&page)));
        }
    }
    // The English ones are spellings of English.
    catalogs.retain(|locale, text| text.len() > 100_000 && !locale.starts_with("en"));
    catalogs
}

/// The translated strings of a compiled message catalog (GNU gettext's .mo format).
fn translations(catalog: &[u8]) -> Option<String> {
    let word = |at: usize| -> Option<usize> {
        Some(u32::from_le_bytes(catalog.get(at..at + 4)?.try_into().ok()?) as usize)
    };
    let (number, table) = (word(8)?, word(16)?);
    let mut text = String::new();
    for at in 1..number {
        let (length, start) = (word(table + at * 8)?, word(table + at * 8 + 4)?);
        let string = String::from_utf8_lossy(catalog.get(start..start + length)?);
        text.push_str(&string.replace('\0', "\n"));
        text.push('\n');
    }
    Some(text)
}

/// All files below a folder with one of these endings, in a fixed order.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let ending = name.rsplit('.').next().unwrap_or_default();
                    if endings.contains(&ending) {
                        found.push(path);
                    }
                }
                _ => {}
            }
        }
    }
    found
}

fn unpacked(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    if file.extension().is_some_and(|ending| ending == "gz") {
        let mut text = Vec::new();
        _ = GzDecoder::new(bytes.as_slice()).read_to_end(&mut text);
        return String::from_utf8(text).unwrap_or_default();
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// A manual page's source without its requests and font changes.
fn without_markup(page: &str) -> String {
    let mut text = String::new();
    for line in page
        .lines()
        .filter(|line| !line.starts_with("'\\\"") && !line.starts_with(".\\\""))
    {
        let line = match line.strip_prefix('.') {
            Some(request) => request.split_once(' ').map_or("", |(_, rest)| rest),
            None => line,
        };
        for (at, part) in line.split("\\f").enumerate() {
            text.push_str(if at == 0 {
                part
            } else {
                part.get(1..).unwrap_or_default()
            });
        }
        text.push('\n');
    }
    text.replace("\\-", "-")
        .replace("\\(aq", "'")
        .replace("\\&", "")
        .replace("\\e", "\\")
}

fn shortened(mut text: String, limit: usize) -> String {
    text.truncate(text.floor_char_boundary(limit));
    text
}
