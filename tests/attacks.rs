//! What data, file names and price files hold never acts where it is shown: every attack in every
//! column goes through every command and format, and through every file that is written.

use std::fs;
use std::path::Path;
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag};
use tokreckon::words::steers;

/// The part of every key below that must not be seen.
const SECRET: &str = "Zq0123456789abcdef";

/// Texts that act somewhere, and what must not come out of them.
const ATTACKS: [&str; 17] = [
    "sk-proj-Zq0123456789abcdef",
    "Bearer Zq0123456789abcdef",
    "https://host/v1?key=AIzaZq0123456789abcdef&x=1",
    "gw/sk-ant-Zq0123456789abcdef",
    "a\nsk-Zq0123456789abcdef",
    "a\u{1b}]0;title\u{7}\u{1b}[31mred\u{1b}[2J",
    "a\u{9b}31mred\u{85}b\u{7f}\u{8}",
    "a\u{202e}fdp.exe\u{2066}b\u{200f}\u{61c}",
    "a\u{200b}b\u{feff}\u{e0041}",
    "![picture](http://evil.example/p.png)",
    "[link](javascript:evil)",
    "`[link](http://evil.example)`<img src=http://evil.example>",
    "<img src=x onerror=evil()>",
    "</script></title><script>evil()</script>",
    "https://evil.example/ www.evil.example <http://evil.example>",
    "=HYPERLINK(\"http://evil.example\")",
    "| evil | [link](http://evil.example) |",
];

const COLUMNS: [&str; 13] = [
    "provider",
    "model",
    "timestamp",
    "input_tokens",
    "output_tokens",
    "project",
    "user",
    "api_key",
    "session",
    "request_id",
    "service_tier",
    "agent",
    "cost",
];

/// Columns that nobody reads and that may count: their names are told, and kept.
const UNREAD: [&str; 2] =
    ["tokens sk-proj-Zq0123456789abcdef", "cost\u{202e} of gw/sk-Zq0123456789abcdef"];

const GOOD: [&str; 13] = [
    "openai",
    "gpt-4o",
    "2026-10-01T00:00:00Z",
    "1000",
    "100",
    "search",
    "anna",
    "laptop",
    "s1",
    "r0",
    "standard",
    "coder",
    "0.01",
];

/// How a text is shown, and so what it must not do there.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Table,
    Csv,
    Markdown,
    Json,
    Page,
    /// For another program, which reads names as they are.
    Script,
}

/// A name that a file can have and that would act where it is shown.
#[cfg(unix)]
const FILE: &str =
    "=a\u{202e}\u{1b}[31m<img src=x>`![p](x:y)`| [l](x:y) |sk-Zq0123456789abcdef\u{200b}.csv";
#[cfg(not(unix))]
const FILE: &str = "=a`![p](x)` [l](y) sk-Zq0123456789abcdef.csv";

fn usage(folder: &Path) {
    let mut table = csv::Writer::from_path(folder.join(FILE)).expect("a table");
    table.write_record(COLUMNS.iter().chain(&UNREAD)).expect("written");
    table.write_record(GOOD.iter().chain(&["7"; UNREAD.len()])).expect("written");
    for (number, attack) in ATTACKS.iter().enumerate() {
        for column in 0..COLUMNS.len() {
            let id = format!("r{number}-{column}");
            let mut row = GOOD;
            row[9] = &id;
            row[column] = attack;
            table.write_record(row.iter().chain(&["7"; UNREAD.len()])).expect("written");
        }
    }
    table.flush().expect("written");
}

/// A response of a model that is called so, and a price file with such names.
fn others(folder: &Path) {
    let responses = ATTACKS.map(|attack| {
        let usage = serde_json::json!({ "prompt_tokens": 57, "completion_tokens": 86 });
        serde_json::json!({ "model": attack, "created": 1_760_000_000, "usage": usage }).to_string()
    });
    fs::write(folder.join("responses.jsonl"), responses.join("\n")).expect("written");
    // A price file with a name that is not all seen is refused.
    let names = ATTACKS.iter().filter(|attack| !attack.contains(steers));
    let names: Vec<String> =
        names.map(|attack| serde_json::Value::from(*attack).to_string()).collect();
    let prices: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                "[[price]]\nmodels = [{name}]\nfrom = 2026-01-01\ninput = \"1\"\noutput = \"2\"\nsource = {name}\n"
            )
        })
        .collect();
    let text = format!("provider = \"gateway\"\ncurrency = \"USD\"\n{}", prices.join(""));
    fs::write(folder.join("prices.toml"), text).expect("written");
}

/// What a command prints, complains and writes.
fn outputs(folder: &Path, arguments: &[&str]) -> [String; 2] {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    let run = command.args(arguments).current_dir(folder).output().expect("it runs");
    assert!(matches!(run.status.code(), Some(0..=2)), "{arguments:?}: {}", run.status);
    [run.stdout, run.stderr].map(|text| String::from_utf8(text).expect("UTF-8"))
}

/// Fails when a text does something.
fn check(text: &str, shown: Shown, what: &str) {
    assert!(!text.contains(SECRET), "{what}: a key:\n{}", around(text, SECRET));
    // What cuts cells of a table may stand in quotes.
    let may = |c: char| c == '\n' || (shown == Shown::Csv && c == '\r');
    let steering = text.char_indices().find(|(_, c)| steers(*c) && !may(*c));
    let steering = steering.map(|(at, c)| (c, text[..at].lines().last().unwrap_or("").to_owned()));
    assert_eq!(steering, None, "{what}");
    match shown {
        Shown::Table | Shown::Script => {}
        Shown::Json => {
            for line in if serde_json::from_str::<serde_json::Value>(text).is_ok() {
                vec![text]
            } else {
                text.lines().collect()
            } {
                serde_json::from_str::<serde_json::Value>(line).expect(what);
            }
        }
        Shown::Csv => {
            let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            for cell in rows
                .records()
                .flat_map(|row| row.expect(what).iter().map(str::to_owned).collect::<Vec<_>>())
            {
                assert!(!cell.starts_with(['=', '@', '\t', '\r']), "{what}: a formula: {cell}");
            }
        }
        Shown::Markdown => {
            for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
                let acts = matches!(
                    event,
                    Event::Html(_)
                        | Event::InlineHtml(_)
                        | Event::Start(Tag::Link { .. } | Tag::Image { .. })
                );
                assert!(!acts, "{what}: {event:?}");
            }
            // Some hosts make links of bare addresses.
            for address in ["http://", "https://", "www.evil"] {
                assert!(!text.contains(address), "{what}:\n{}", around(text, address));
            }
        }
        Shown::Page => {
            for tag in ["<img", "<script>evil", "</title><", "href=\"javascript", "href=\"http"] {
                assert!(!text.contains(tag), "{what}:\n{}", around(text, tag));
            }
        }
    }
}

/// The line that holds a text.
fn around<'t>(text: &'t str, part: &str) -> &'t str {
    text.lines().find(|line| line.contains(part)).unwrap_or("")
}

#[test]
fn nothing_that_is_read_acts_where_it_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    usage(folder);
    others(folder);
    let by = "--by=provider,model,project,key,user,session,agent,service-tier";
    let formats = [
        ("table", Shown::Table),
        ("csv", Shown::Csv),
        ("md", Shown::Markdown),
        ("json", Shown::Json),
    ];
    let commands: [&[&str]; 9] = [
        &["report", FILE, by, "--show-people"],
        &["audit", FILE, "--by=model"],
        &["audit", FILE, "--bill", FILE, "--bill-map", "cost=cost"],
        &["price", FILE],
        &["price", "responses.jsonl", "--provider", "gateway", "--prices", "prices.toml"],
        &["compare", ATTACKS[0], ATTACKS[9], "1k", "1k", "--prices", "prices.toml"],
        &["count", FILE, "-m", "gpt-4o"],
        &["prices", "list", "gateway", "--prices", "prices.toml"],
        &["prices", "show", "gateway", ATTACKS[9], "--prices", "prices.toml"],
    ];
    let mut texts = 0;
    for arguments in commands {
        for (format, shown) in formats {
            let all = [arguments, &["--format", format]].concat();
            let [said, complained] = outputs(folder, &all);
            if !said.is_empty() {
                check(&said, shown, &format!("{all:?}"));
                texts += 1;
            }
            check(&complained, Shown::Table, &format!("complaints of {all:?}"));
        }
    }
    assert!(texts >= 30, "{texts} texts were checked");
    let written: [(&[&str], &str, Shown); 6] = [
        (&["report", FILE, by, "--html", "o.html"], "o.html", Shown::Page),
        (&["audit", FILE, "--html", "a.html"], "a.html", Shown::Page),
        (
            &["report", FILE, "--save", "o.cells", "--by=project,key,session,agent"],
            "o.cells",
            Shown::Json,
        ),
        (&["calibrate", "responses.jsonl", "--out", "h.toml"], "h.toml", Shown::Script),
        (
            &["prices", "export", "--sql", "duckdb", "--prices", "prices.toml", "--out", "o.sql"],
            "o.sql",
            Shown::Script,
        ),
        (&["report", FILE, "--format", "focus"], "", Shown::Csv),
    ];
    for (arguments, file, shown) in written {
        let [said, complained] = outputs(folder, arguments);
        let what = format!("{arguments:?}");
        check(&complained, Shown::Table, &what);
        if file.is_empty() {
            check(&said, shown, &what);
        } else {
            check(&said, Shown::Table, &what);
            let text = fs::read_to_string(folder.join(file))
                .unwrap_or_else(|error| panic!("{what}: {error}\n{complained}"));
            check(&text, shown, &what);
        }
    }
    let [said, complained] = outputs(folder, &["report", "o.cells", "--json"]);
    for kept in ["tokens key-", "gw/key-"] {
        assert!(said.contains(kept), "a saved ledger is read again:\n{complained}");
    }
}
