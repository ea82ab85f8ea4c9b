//! `docs/formats.md` is made from the readers; `BLESS=1` writes it anew.

use std::fmt::Write;
use std::path::Path;

use tokreckon::read::{Format, Use, spelled_members};

#[test]
fn the_table_of_formats() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let made = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "docs/formats.md is not what the readers say: run with BLESS=1");
}

#[test]
fn a_member_is_named_once() {
    for format in Format::ALL {
        let members = format.members();
        for (at, member) in members.iter().enumerate() {
            assert!(!members[..at].contains(member), "{}: {member:?}", format.name());
        }
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Formats\n\n\
        What tokreckon reads, and what the counts in it mean. This page is made from the readers: see\n\
        `Format::semantics`. A format is recognised by its header or shape, or named with `--from`.\n\n\
        ## Counts\n\n\
        | `--from` | input includes cached? | input includes cache writes? | output includes reasoning? |\n\
        |---|---|---|---|\n",
    );
    for format in Format::ALL {
        let means = format.semantics();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            format.name(),
            means.cached_in_input,
            means.cache_write_in_input,
            means.reasoning_in_output
        );
    }
    page.push_str(
        "\n## Rows\n\n\
        | `--from` | a row is a | time zone | money | copies |\n\
        |---|---|---|---|---|\n",
    );
    for format in Format::ALL {
        let means = format.semantics();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            format.name(),
            means.row,
            means.time_zone,
            means.money,
            means.duplicates
        );
    }
    page.push_str(READ);
    for format in Format::ALL {
        let members = format.members();
        let read = members.iter().filter_map(|(name, of)| match of {
            Use::Read(what) => Some(format!("`{name}` ({what})")),
            _ => None,
        });
        let spellings = format.spellings().into_iter().map(|name| format!("usages as of {name}"));
        let spellings = if format == Format::UsageJson {
            vec!["usages in every spelling below".to_owned()]
        } else {
            spellings.collect()
        };
        let all: Vec<String> = read.chain(spellings).collect();
        let _ = writeln!(page, "- **`{}`**: {}.", format.name(), all.join(", "));
    }
    page.push_str(
        "\n## What is not read\n\n\
        A column whose name says that it counts or decides a price and that is not read goes with the\n\
        record: its amount is a lower bound, and the report names the column. These look like it and\n\
        change nothing:\n\n\
        | `--from` | column | why it changes nothing |\n\
        |---|---|---|\n",
    );
    for format in Format::ALL {
        for (column, of) in format.members() {
            if let Use::Irrelevant(why) = of {
                let _ = writeln!(page, "| `{}` | `{column}` | {why} |", format.name());
            }
        }
    }
    page.push_str(OWN);
    page.push_str(TABLES);
    page.push_str(ROWS);
    page.push_str(BESIDES);
    for (name, members) in spelled_members() {
        let (mut read, mut not) = (Vec::new(), Vec::new());
        for (path, of) in &members {
            match of {
                Use::Read(what) => read.push(format!("`{path}` ({what})")),
                Use::Irrelevant(why) => not.push(format!("`{path}` ({why})")),
                _ => unreachable!("{path}"),
            }
        }
        let _ = write!(page, "\n**{name}**");
        for (what, members) in [("read", read), ("changes no price", not)] {
            if !members.is_empty() {
                let _ = write!(page, "\n- {what}: {}.", members.join(", "));
            }
        }
        page.push('\n');
    }
    page
}

/// Every format says what it reads, and every spelling that it names is one of the list.
#[test]
fn every_format_says_what_is_read() {
    let spelled: Vec<&str> = spelled_members().iter().map(|(name, _)| *name).collect();
    for format in Format::ALL {
        let (members, spellings) = (format.members(), format.spellings());
        let reads = members.iter().any(|(_, of)| matches!(of, Use::Read(_)));
        assert!(reads || !spellings.is_empty(), "{}", format.name());
        for spelling in spellings {
            assert!(spelled.contains(&spelling), "{}: {spelling}", format.name());
        }
        for (name, of) in members {
            let (Use::Read(said) | Use::Irrelevant(said)) = of else { continue };
            assert!(!name.is_empty() && !said.is_empty(), "{} {name}", format.name());
        }
    }
}

const READ: &str = "
## What is read

Columns and members with counts by their names, and what each is taken for. Logs name the model, the time and
the ids where their programs write them.

";

const OWN: &str = r#"
## Your own format

A format is columns by name, what the counts include, a time zone, a unit of money. Write yours as TOML and
name the file: `--from my-format.toml`.

```toml
name = "our-gateway"
provider = "openai"            # who sends the bill, where no column says so
time-zone = "Europe/Berlin"    # of clocks without an offset; UTC otherwise
currency = "EUR"               # USD otherwise
money-places = 2               # 2: amounts are cents
cached-is = "inside"           # cached tokens are part of the input, or `beside`
cache-write-is = "inside"
reasoning-is = "inside"        # of the output
dates-are = "day-first"        # or `month-first`: what `01/10/2026` is

[columns]                      # a name, or several in the order of preference
time = "when"
model = ["model_used", "model"]
input = "tokens_in"
output = "tokens_out"

[irrelevant]                   # columns that look as if they counted, and why they do not
token_budget = "a limit"
```

Fields are those of `--map`; what is not named is looked for by its usual names.
"#;

const BESIDES: &str = "
## What a response says besides its counts

- **The upstream.** OpenRouter's responses name who answered in `provider`, its exports in
  `provider_name`. That is not who sends the bill: it is a variant of the price (`upstream=novita`), for
  which the listed price holds where the book has no other; where it has prices of other upstreams of
  the model only, the price is the range over them. A response is OpenRouter's when
  `--provider` or the line around it says so; where neither says anything, by its `gen-…` id beside a
  member that only OpenRouter writes.
- **Images.** Where a response counts no tokens, the images in `data` are counted one by one, and those
  in the request. Their size stands in the request (`resolution`); without it the price is a range, and a note
  says that images which were sent along are not counted.
- **Searches** are counted where the usage does, else from the items of the answer: OpenAI's searches
  (not pages that were opened), Gemini's queries since version 3 and grounded prompts before.
- **Iterations** (Anthropic): a compaction is added; an advisor, or a model that stood in, is a record of its
  own at its own price.
- **The tier** comes from `service_tier`, `serviceTier`, `speed` or `trafficType`, the region from `inference_geo`.
- **Batches.** A line of a file of batch results is charged as a batch: OpenAI's, Anthropic's and Mistral's have a
  `custom_id`, Gemini's nothing but `key` and `response`, Vertex AI's a `processed_time`, Bedrock's a `recordId` beside
  `modelInput`; the last three say who sends the bill. What failed is counted as failed.
- **Requests.** Who answers one request is paid for one where the model has a price by the request (Perplexity's fee),
  and so is each of a sum that says how many it is of; any other sum is *at least*. Perplexity's `search_context_size`
  decides the fee (variant `search=low`); without it the fee is the range over the sizes.

## Usages by spelling

Every member of a usage object is counted, or known to change no price, or *named*: a record with a
member that may count and that no reader knows has a lower bound only, and says which member it is.
Beside a usage object the name decides (`token`, `cache`, `tier`, `cost`, `fee`, `search` and the like). A member that is
zero, false, null or empty counts nothing. What is read of each spelling, and what changes no price, with the
reason:
";

const TABLES: &str = "
## Tables out of a spreadsheet

`sep=;`, titles and blank lines above the header are passed over; the header is the first line near the top that is one
of a format. In a table of one's own (`csv`, `csv-cost`) a row with nothing in it but numbers and a word such as `Total` or
`Summe`, or with numbers and neither time nor model where others have both, adds up others: it is no usage, and what it
says is compared with the rows. Where no such row agrees with them, that is said, and the exit code is 1.

Besides the ways in which exports write them, every table may have

- dates as `25.10.2026`, `10/25/2026 3:04 PM`, `1 Oct 2026`, `Oct 1, 2026`, months as `2026-10` and `Oct 2026`. With points
  the day comes first. `01/10/2026` may be either of two days: another date of the column, or else of the table, shows which
  (it is *assumed*, and said), or a mapping does (`dates-are=day-first`, `dates-are=month-first`, which is of use to every
  format); otherwise the row is rejected with both.
- counts in groups of three: `1,200,000`, `1.200.000`, `1 200 000`, `1'200'000`, and `1,200`, since counts are whole. `12.000`
  is twelve or twelve thousand: the column or the table shows which, or the row is rejected.
- costs as `$6.50`, `6,50 €`, `USD 6.50`, `1.234,50`, `(6.50)` for -6.50. `6,500` is read as the column or the table shows, or
  not at all. A sign that is not of the currency that the row names is a contradiction.

How a column is written is looked for at the beginning of the file, and as far as 16 MB on while a date may be either
of two.

A bill of one's own is a table with a cost (`cost`, `amount`, `total`, `Betrag` …) and a time, a model or a line item. It is
recognised where a bill is expected, and nowhere else; a mapping that names a cost and no count says so, too. The
currency stands in a column, beside the amounts, in the mapping, or in the column's name (`cost_eur`, `Betrag (€)`); where
nothing names one, dollars are assumed, and that is said.
";

const ROWS: &str = "\n## What becomes of a row\n\n\
        rows = records + empty + rejected + joined to others + not counted, and why + duplicate + replaced.\n\n\
        - **Empty**: a bucket in which nothing happened.\n\
        - **Rejected**: it cannot be read; the line, the column and the reason are listed.\n\
        - **Joined**: several rows are one record, as in DeepSeek's export.\n\
        - **Not counted**: failed requests, answers from a gateway's cache, top-ups, tests, spans that\n  \
        repeat their parts, counters that did not grow, taxes, other services, titles above a header, rows that add up\n  \
        others.\n\
        - **Duplicate**: a copy of a request, by the rule of its format. `--no-dedup` counts copies. Where that is\n\
        \x20 \"in another file\", an id that repeats inside of one file counts each time; `audit` lists such rows.\n\
        - **Replaced**: a bucket that another file reports with more in it, key by key. Where closed\n  \
        days contradict each other both are counted, and the contradiction is reported.\n";
