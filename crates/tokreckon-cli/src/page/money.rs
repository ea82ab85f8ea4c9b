//! Totals of the page: what is known exactly, what is assumed, what lies between two bounds, and what is
//! unknown.

use tokreckon::grade::Assumption;
use tokreckon::money::{Currency, Exact, Rounding};
use tokreckon::report::{Bounds, Group, OpenPoint, RecordCounts, Report};
use tokreckon::usage::Meter;
use tokreckon::words::counted;

use super::charts::{self, Chart};
use super::table::Table;
use crate::options::in_options;
use crate::print::{Align, Sheet, clean, grouped, grouped_text};

/// One figure that the reader came for.
pub(super) struct Tile {
    /// Classes: `exact`, `bounded`, `unknown` …
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) value: String,
    /// Every digit of an amount that is rounded for display; empty for anything else.
    pub(super) digits: String,
    pub(super) note: String,
    /// Figures for machines: name and every digit.
    pub(super) data: Vec<(String, String)>,
}

/// A share of the tokens that are billed and not seen, or read from a cache.
pub(super) struct Share {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) chart: Option<Chart>,
    pub(super) table: Table,
}

/// Per currency: what is exact, what is assumed or between bounds; then what has no price at all.
pub(super) fn tiles(total: &Group) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for (currency, bounds) in &total.costs {
        let firm = total.firm.get(currency).copied().unwrap_or_default();
        let all = total.cost_in(*currency);
        let is_exact = all.single() == Some(firm);
        tiles.push(charged(*currency, all, is_exact));
        if is_exact {
            continue;
        }
        tiles.push(Tile {
            kind: "exact",
            name: "Known exactly".to_owned(),
            value: format!("{} {currency}", short(firm)),
            digits: format!("{} {currency}", grouped_text(&firm.to_string())),
            note: "list price × counts, to the last digit".to_owned(),
            data: vec![(format!("firm-{currency}"), firm.to_string())],
        });
        let rest = |amount: Exact| amount.minus(firm).unwrap_or(amount);
        let (low, high) = (rest(bounds.low), rest(bounds.high));
        let [all_low, all_high] = [low, high].map(|amount| amount.to_string());
        let assumed: Vec<_> = total.assumptions.iter().map(Assumption::explanation).collect();
        if bounds.low != bounds.high {
            let and_assumed = if assumed.is_empty() { "" } else { ", or assumed" };
            tiles.push(Tile {
                kind: "bounded",
                name: format!("Between two bounds{and_assumed}"),
                value: format!("{} to {} {currency}", short(low), short(high)),
                digits: format!(
                    "{} to {} {currency}",
                    grouped_text(&all_low),
                    grouped_text(&all_high)
                ),
                note: "the price of these is not known to be one number".to_owned(),
                data: Vec::new(),
            });
        } else if !assumed.is_empty() && bounds.low != firm {
            tiles.push(Tile {
                kind: "assumed",
                name: "Assumed".to_owned(),
                value: format!("{} {currency}", short(low)),
                digits: format!("{} {currency}", grouped_text(&all_low)),
                note: assumed.join(", "),
                data: vec![(format!("assumed-{currency}"), all_low)],
            });
        }
    }
    tiles.push(unknown(total));
    for (currency, amount) in &total.reported {
        tiles.push(Tile {
            kind: "reported",
            name: "As the files report it".to_owned(),
            value: format!("{} {currency}", short(*amount)),
            digits: format!("{} {currency}", grouped_text(&amount.to_string())),
            note: format!(
                "in {}; not part of the sums above",
                counted(total.with_reported, "record")
            ),
            data: vec![(format!("reported-{currency}"), amount.to_string())],
        });
    }
    tiles
}

/// What was billed in one currency, and how that stands to the usage.
pub(super) fn billed(currency: Currency, amount: Exact, standing: String) -> Tile {
    Tile {
        kind: "total wide",
        name: "The bill".to_owned(),
        value: format!("{} {currency}", short(amount)),
        digits: format!("{} {currency}", grouped_text(&amount.to_string())),
        note: standing,
        data: vec![(format!("billed-{currency}"), amount.to_string())],
    }
}

/// What all records cost in one currency.
fn charged(currency: Currency, bounds: Bounds, is_exact: bool) -> Tile {
    let text = |amount: &dyn Fn(Exact) -> String| match (bounds.single(), bounds.open) {
        (Some(_), _) => amount(bounds.low),
        (None, true) => format!("at least {}", amount(bounds.low)),
        (None, false) => format!("{} to {}", amount(bounds.low), amount(bounds.high)),
    };
    let (kind, note) = match (bounds.single(), bounds.open) {
        (Some(_), _) if !is_exact => ("total wide", "one amount, a part of which is assumed"),
        (Some(_), _) => ("exact wide", "known exactly: list price × counts, to the last digit"),
        (None, true) => ("total wide", "no upper bound: some records or counts have no price"),
        (None, false) => ("total wide", "exact and bounded parts together"),
    };
    let mut data = vec![(format!("low-{currency}"), bounds.low.to_string())];
    if !bounds.open {
        data.push((format!("high-{currency}"), bounds.high.to_string()));
    }
    Tile {
        kind,
        name: "At list price".to_owned(),
        value: format!("{} {currency}", text(&short)),
        digits: format!("{} {currency}", text(&|amount| grouped_text(&amount.to_string()))),
        note: note.to_owned(),
        data,
    }
}

/// An amount as people read it: two places, or what is needed to tell it from nothing.
fn short(amount: Exact) -> String {
    let places = [2, 4, 6].into_iter().find(|places| {
        let rounded = amount.rounded(*places, Rounding::HalfUp);
        rounded.to_string().chars().filter(char::is_ascii_digit).any(|digit| digit != '0')
    });
    let Some(places) = places else { return grouped_text(&amount.to_string()) };
    grouped_text(&amount.rounded(places, Rounding::HalfUp).to_string())
}

fn unknown(total: &Group) -> Tile {
    let tokens: u128 =
        total.not_charged.iter().map(|tally| tally.input_tokens + tally.output_tokens).sum();
    let records = total.records.not_charged;
    let partly = total.records.partly;
    let value = match (records, partly) {
        (0, 0) => "nothing".to_owned(),
        (0, _) => format!("parts of {}", counted(partly, "record")),
        _ => counted(records, "record"),
    };
    let note = match (records, partly) {
        (0, 0) if total.records.all == total.records.cost_only => {
            "there is no usage to price".to_owned()
        }
        (0, 0) => "every record has a price".to_owned(),
        (0, _) => "a count has no price; the rest is charged".to_owned(),
        (_, 0) => format!("{} tokens, not charged; not part of any sum", grouped(tokens)),
        _ => format!(
            "{} tokens, not charged; and parts of {}",
            grouped(tokens),
            counted(partly, "record")
        ),
    };
    let data = vec![("not-charged".to_owned(), records.to_string())];
    let kind = if records + partly > 0 { "unknown" } else { "none" };
    Tile { kind, name: "Unknown".to_owned(), value, digits: String::new(), note, data }
}

/// Records in = exact + assumed + bounded + in part + not charged + costs without usage.
pub(super) fn records(total: &Group) -> Table {
    let mut sheet = Sheet::new([("records", Align::Left), ("count", Align::Count)]);
    for (what, count) in outcomes(total.records).into_iter().filter(|(_, count)| *count > 0) {
        sheet.row(vec![what.to_owned(), count.to_string()]);
    }
    sheet.total(vec!["all".to_owned(), total.records.all.to_string()]);
    Table::of("records", "What became of the records", sheet)
}

/// What can become of a record, and of how many it did.
const fn outcomes(records: RecordCounts) -> [(&'static str, u64); 6] {
    [
        ("with one exact charge", records.exact),
        ("with one charge that is assumed", records.assumed),
        ("with a charge between two bounds", records.bounded),
        ("charged in part: a count has no price, or something was not read", records.partly),
        ("not charged", records.not_charged),
        ("billed costs without usage", records.cost_only),
    ]
}

/// What the sums leave open, with cures, the most frequent reasons first.
pub(super) fn open_points(report: &Report) -> Vec<(String, Option<String>)> {
    let shown = |point: OpenPoint| {
        (clean(&point.says), point.hint.as_ref().map(|hint| clean(&in_options(hint))))
    };
    report.open_points().into_iter().map(shown).collect()
}

/// Hidden tokens and cached tokens, by model.
pub(super) fn shares(by_model: &Report) -> Vec<Share> {
    let hidden = |group: &Group| {
        let hidden = group.counts[Meter::Reasoning];
        [group.output_tokens() - hidden - group.unsplit_output, hidden, group.unsplit_output]
    };
    let cached = |group: &Group| {
        let cached = group.cached_tokens();
        [group.input_tokens() - cached - group.unsplit_input, cached, group.unsplit_input]
    };
    let hidden = share(
        by_model,
        ("hidden", "Hidden output: reasoning"),
        ["visible", "reasoning", "not reported"],
        &hidden,
    );
    let cached = share(
        by_model,
        ("cached", "Input from a cache"),
        ["plain", "from a cache", "not reported"],
        &cached,
    );
    [hidden, cached].into_iter().flatten().collect()
}

fn share(
    by_model: &Report,
    (id, title): (&'static str, &'static str),
    names: [&'static str; 3],
    split: &dyn Fn(&Group) -> [u128; 3],
) -> Option<Share> {
    let [seen, part, unsaid] = split(&by_model.total);
    if seen + part + unsaid == 0 {
        return None;
    }
    let side = if id == "hidden" { "output" } else { "input" };
    let mut text = if seen + part == 0 {
        format!("No file says how much of the {side} this is.")
    } else {
        format!(
            "{} of {} {side} tokens ({}) where the files say.",
            grouped(part),
            grouped(seen + part),
            percent(part, seen + part)
        )
    };
    if unsaid > 0 && seen + part > 0 {
        let more =
            format!(" {} more {side} tokens come from records that do not say.", grouped(unsaid));
        text.push_str(&more);
    }
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("model", Align::Left),
        (names[0], Align::Count),
        (names[1], Align::Count),
        (names[2], Align::Count),
        ("share", Align::Left),
    ]);
    let row = |labels: &[String], [seen, part, unsaid]: [u128; 3]| {
        let share =
            if seen + part == 0 { "not reported".to_owned() } else { percent(part, seen + part) };
        let mut row: Vec<String> = labels.iter().map(|label| clean(label)).collect();
        row.extend([seen, part, unsaid].map(|count| count.to_string()));
        row.push(share);
        row
    };
    let mut parts = Vec::new();
    for group in by_model.groups.iter().filter(|group| split(group).iter().sum::<u128>() > 0) {
        sheet.row(row(&group.labels, split(&group)));
        parts.push((group.labels.join(" "), split(&group)));
    }
    sheet.total(row(&["total".to_owned(), String::new()], [seen, part, unsaid]));
    let chart = charts::split(title, names, parts);
    Some(Share { id, title, text, chart, table: Table::of(id, title, sheet) })
}

/// `46.1 %`, rounded down: a share below 100 % never reads as 100 %.
fn percent(part: u128, whole: u128) -> String {
    let mille = part.checked_mul(1000).map_or(0, |part| part / whole.max(1));
    format!("{}.{} %", mille / 10, mille % 10)
}

#[cfg(test)]
mod tests {
    use tokreckon::book::PriceBook;
    use tokreckon::ledger::{Ledger, Settings};
    use tokreckon::read::{Item, Options, read};

    use super::*;

    /// The day before and the days after a price was first seen, and a model that nobody sells.
    const USAGE: &str = "provider,model,input_tokens,cached_tokens,output_tokens,timestamp
replicate,openai/o1-mini,1000000,0,0,2026-04-15T00:00:00Z
replicate,openai/o1-mini,1000000,0,0,2026-11-20T12:00:00Z
openai,no-such-model,5,0,5,2026-11-20T12:00:00Z
";

    #[test]
    fn what_is_assumed_has_a_tile_and_a_row_of_its_own() {
        let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
        read(USAGE.as_bytes(), &Options::default(), &mut |item| {
            if let Item::Record(record) = item {
                ledger.add(record);
            }
        })
        .expect("a table");
        let total = ledger.report().expect("few digits").total;
        assert_eq!((total.records.exact, total.records.assumed), (1, 1));
        let rows = outcomes(total.records);
        assert_eq!(rows.iter().map(|(_, count)| count).sum::<u64>(), total.records.all);
        let tile = |kind: &str| {
            let all = tiles(&total).into_iter();
            all.filter(|tile| tile.kind == kind).map(|tile| tile.value).collect::<Vec<_>>()
        };
        // One of the three has no price.
        assert_eq!(tile("total wide"), ["at least 2.2 USD"]);
        assert_eq!(
            (tile("exact"), tile("assumed")),
            (vec!["1.1 USD".into()], vec!["1.1 USD".into()])
        );
    }
}
