//! `tokreckon report --as-if`: the same usage under other terms, side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result, anyhow};
use tokreckon::book::{FindError, PriceBook};
use tokreckon::document::{AsIfDocument, ChangeDocument, GroupDocument};
use tokreckon::ledger::AsIf;
use tokreckon::money::Currency;
use tokreckon::price::ServiceTier;
use tokreckon::report::{Bounds, Group, Report};
use tokreckon::time::Period;
use tokreckon::words::counted;

use crate::Exit;
use crate::args::OutputFormat;
use crate::context::with_hint;
use crate::options::in_options;
use crate::print::{Align, Sheet, bounds_cells, clean, cost_cells};

/// The terms that may be changed.
const TERMS: &str = "provider, model, service-tier, variant and at";

/// Other terms, as they were asked for.
pub(crate) struct Scenario {
    text: String,
    pub(crate) terms: AsIf,
}

/// Reports of the same usage under other terms.
pub(crate) struct OtherTerms {
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) reports: Vec<Report>,
}

/// Reads `service-tier=batch,at=2025-02-01`; what the book does not know is an error.
pub(crate) fn scenarios(texts: &[String], book: &PriceBook<'_>) -> Result<Vec<Scenario>> {
    texts.iter().map(|text| scenario(text, book)).collect()
}

fn scenario(text: &str, book: &PriceBook<'_>) -> Result<Scenario> {
    let mut as_if = AsIf::default();
    let said = || format!("`--as-if {text}`");
    for condition in text.split(',') {
        let Some((term, value)) = condition.split_once('=') else {
            let hint = format!("write TERM=VALUE; terms are {TERMS}");
            return Err(with_hint(format!("{}: `{condition}` is no term", said()), Some(hint)));
        };
        let value = value.trim();
        let twice = match term.trim() {
            "provider" => as_if.provider.replace(value.to_owned()).is_some(),
            "model" => as_if.model.replace(value.to_owned()).is_some(),
            "variant" => as_if.variant.replace(value.to_owned()).is_some(),
            "service-tier" => {
                let tier = ServiceTier::from_word(value).ok_or_else(|| no_tier(&said(), value))?;
                as_if.service_tier.replace(tier).is_some()
            }
            "at" => as_if.period.replace(Period::parse(value).with_context(said)?).is_some(),
            other => {
                let hint = Some(format!("terms are {TERMS}"));
                return Err(with_hint(format!("{}: no term `{other}`", said()), hint));
            }
        };
        if twice {
            return Err(anyhow!("{}: `{term}` is given twice", said()));
        }
    }
    known(&as_if, book).map_err(|error| {
        with_hint(format!("{}: {error}", said()), error.hint(book).as_ref().map(in_options))
    })?;
    Ok(Scenario { text: text.to_owned(), terms: as_if })
}

fn no_tier(said: &str, value: &str) -> anyhow::Error {
    let tiers: Vec<&str> = ServiceTier::ALL.iter().map(|tier| tier.as_str()).collect();
    let hint = format!("service tiers are {}", tiers.join(", "));
    with_hint(format!("{said}: no service tier `{value}`"), Some(hint))
}

/// A provider or a model that the book has nowhere is a mistake, not a question.
fn known(as_if: &AsIf, book: &PriceBook<'_>) -> Result<(), FindError> {
    match (&as_if.provider, &as_if.model) {
        (Some(provider), Some(model)) => book.lookup(provider, model).map(drop),
        (Some(provider), None) => match book.lookup(provider, "") {
            Err(error @ FindError::UnknownProvider { .. }) => Err(error),
            _ => Ok(()),
        },
        (None, Some(model)) => {
            let mut missing = None;
            for provider in book.providers() {
                match book.lookup(provider, model) {
                    Ok(found) if found.is_of_the_model() => return Ok(()),
                    Ok(_) => {}
                    Err(error) => {
                        let is_near = provider == "openai" && !error.near(book).is_empty();
                        if missing.is_none() || is_near {
                            missing = Some(error);
                        }
                    }
                }
            }
            missing.map_or(Ok(()), Err)
        }
        (None, None) => Ok(()),
    }
}

/// What changes in a group: an amount, or why there is none.
enum Change {
    Cost(Bounds),
    /// Records without a price on one of the sides, or counts without one.
    Unknown,
    OtherCurrency,
}

fn change(
    before: &Group,
    after: &Group,
    currency: Currency,
) -> Result<Change, tokreckon::money::InexactError> {
    if before.is_open() || after.is_open() {
        return Ok(Change::Unknown);
    }
    let used = |group: &Group| group.costs.keys().copied().collect::<BTreeSet<_>>();
    if used(before) != used(after) {
        return Ok(Change::OtherCurrency);
    }
    let cost = |group: &Group| group.costs.get(&currency).copied().unwrap_or_default();
    let (before, after) = (cost(before), cost(after));
    // The same amount between the same bounds is the same, whatever it is.
    let same = before == after && before.single().is_none();
    Ok(Change::Cost(if same { Bounds::default() } else { after.minus(&before)? }))
}

impl OtherTerms {
    /// Records without a price under other terms are not all accounted for.
    pub(crate) fn exit(&self) -> Exit {
        let unknown = self.reports.iter().any(|report| report.total.records.not_charged > 0);
        if unknown { Exit::Findings } else { Exit::Fine }
    }

    /// The table, then what holds for each scenario.
    pub(crate) fn print(
        &self,
        report: &Report,
        format: OutputFormat,
        raw: bool,
        out: &mut String,
    ) -> Result<()> {
        self.sheet(report, format)?.raw(raw).without_empty_columns().print(format, out);
        if format == OutputFormat::Csv {
            return Ok(());
        }
        out.push('\n');
        for (heading, facts) in self.facts(report)? {
            let _ = writeln!(out, "{}:", clean(&heading));
            for fact in facts {
                let _ = writeln!(out, "  {}", clean(&fact));
            }
        }
        Ok(())
    }

    /// What holds for each scenario, under its heading; a hint is moved in.
    pub(crate) fn facts(&self, report: &Report) -> Result<Vec<(String, Vec<String>)>> {
        let mut all = Vec::new();
        for (scenario, other) in self.scenarios.iter().zip(&self.reports) {
            let records = other.total.records;
            let usage = records.all - records.cost_only;
            let priced = counted(records.charged(), "record");
            let mut facts = vec![format!("{priced} of {usage} priced")];
            for doubt in other.total.doubts.iter() {
                facts.push(format!("not exact: {}", doubt.explanation()));
            }
            for tally in &other.total.not_charged {
                let records = counted(tally.records, "record");
                facts.push(format!("no price there: {records}: {}", tally.reason));
                facts.extend(
                    tally.hint.as_ref().map(|hint| format!("  hint: {}", in_options(hint))),
                );
            }
            facts.extend(comparable(report, other)?);
            if scenario.terms.model.is_some() {
                facts.push(
                    "the counts are held as they were: another model splits text into other tokens and reasons for another length"
                        .to_owned(),
                );
            }
            all.push((format!("as if {}", scenario.text), facts));
        }
        Ok(all)
    }

    /// Every group as it was and under the other terms, side by side.
    pub(crate) fn sheet(&self, report: &Report, format: OutputFormat) -> Result<Sheet<'static>> {
        // A machine finds a column by its name; people read from left to right.
        let named = |what: &str, of: &str| match format {
            OutputFormat::Csv => format!("{what}: {of}"),
            _ => what.to_owned(),
        };
        let labels = report.by.iter().map(|dimension| (dimension.name().to_owned(), Align::Left));
        let mut columns: Vec<(String, Align)> = labels.collect();
        columns.extend([
            ("records".to_owned(), Align::Count),
            ("currency".to_owned(), Align::Left),
            ("as it was".to_owned(), Align::Amount),
            (named("up to", "as it was"), Align::Amount),
        ]);
        for Scenario { text, .. } in &self.scenarios {
            columns.extend([
                (format!("as if {text}"), Align::Amount),
                (named("up to", text), Align::Amount),
                (named("no price", text), Align::Count),
                (named("difference", text), Align::Amount),
                (named("up to", &format!("difference: {text}")), Align::Amount),
            ]);
        }
        let mut sheet = Sheet::new(columns);
        for (at, group) in report.groups.iter().enumerate() {
            let others = self.reports.iter().filter_map(|other| other.groups.get(at));
            let others: Vec<Group> = others.collect();
            let others: Vec<&Group> = others.iter().collect();
            for row in rows(group.labels.clone(), &group, &others)? {
                sheet.row(row);
            }
        }
        let totals: Vec<&Group> = self.reports.iter().map(|other| &other.total).collect();
        let mut labels = vec![String::new(); report.by.len()];
        if let Some(first) = labels.first_mut() {
            "total".clone_into(first);
        }
        for (at, row) in rows(labels, &report.total, &totals)?.into_iter().enumerate() {
            if at == 0 { sheet.total(row) } else { sheet.row(row) }
        }
        Ok(sheet)
    }

    /// The same for machines: per scenario its groups and what they change.
    pub(crate) fn documents(&self, report: &Report) -> Result<Vec<AsIfDocument>> {
        let documents = self.scenarios.iter().zip(&self.reports).map(|(scenario, other)| {
            let groups = report.groups.iter().zip(&other.groups);
            let groups = groups.map(|(group, other_group)| side(other, &group, &other_group));
            let total = side(other, &report.total, &other.total)?;
            let groups = groups.collect::<Result<_>>()?;
            Ok(AsIfDocument::new(&scenario.text, &scenario.terms, groups, total))
        });
        documents.collect()
    }
}

/// What changes in the groups that have a price on both sides, when others have none.
fn comparable(report: &Report, other: &Report) -> Result<Vec<String>> {
    let mut sums: BTreeMap<Currency, Bounds> = BTreeMap::new();
    let (mut comparable, mut records) = (0, 0);
    for (before, after) in report.groups.iter().zip(&other.groups) {
        let mut changes = Vec::new();
        for currency in currencies(&before, &[&after]).into_iter().flatten() {
            if let Change::Cost(bounds) = change(&before, &after, currency)? {
                changes.push((currency, bounds));
            }
        }
        comparable += u64::from(!changes.is_empty());
        records += if changes.is_empty() { 0 } else { before.records.all };
        for (currency, bounds) in changes {
            let sum = sums.entry(currency).or_default();
            sum.low = sum.low.plus(bounds.low)?;
            sum.high = sum.high.plus(bounds.high)?;
        }
    }
    if comparable == 0 || comparable == report.groups.len() as u64 {
        return Ok(Vec::new());
    }
    let groups = counted(comparable, "group");
    let records = counted(records, "record");
    let text = |(currency, bounds): (Currency, Bounds)| {
        let [low, high] = bounds_cells(&bounds);
        let high = if high.is_empty() { high } else { format!(" to {high}") };
        format!(
            "difference in the {groups} with a price on both sides ({records}): {low}{high} {currency}"
        )
    };
    Ok(sums.into_iter().map(text).collect())
}

/// One row per currency of either side.
fn rows(labels: Vec<String>, group: &Group, others: &[&Group]) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut labels = labels;
    for (at, currency) in currencies(group, others).into_iter().enumerate() {
        let mut row = labels.clone();
        if at > 0 {
            labels.iter_mut().for_each(String::clear);
            row.clone_from(&labels);
        }
        row.push(if at == 0 { group.records.all.to_string() } else { String::new() });
        row.push(currency.map_or(String::new(), |currency| currency.to_string()));
        row.extend(cost_cells(group, currency));
        for other in others {
            row.extend(cost_cells(other, currency));
            let not_charged = other.records.not_charged;
            row.push(if at == 0 && not_charged > 0 {
                not_charged.to_string()
            } else {
                String::new()
            });
            let cells = match change(group, other, currency.unwrap_or(Currency::USD))? {
                Change::Cost(_) if currency.is_none() => [String::new(), String::new()],
                Change::Cost(bounds) => bounds_cells(&bounds),
                Change::Unknown => ["unknown".to_owned(), String::new()],
                Change::OtherCurrency => ["other currency".to_owned(), String::new()],
            };
            row.extend(cells);
        }
        rows.push(row);
    }
    Ok(rows)
}

fn currencies(group: &Group, others: &[&Group]) -> Vec<Option<Currency>> {
    let all = std::iter::once(group).chain(others.iter().copied());
    let used: BTreeSet<Currency> = all.flat_map(|group| group.costs.keys().copied()).collect();
    if used.is_empty() { vec![None] } else { used.into_iter().map(Some).collect() }
}

/// A group under other terms, with what they change.
fn side(report: &Report, before: &Group, after: &Group) -> Result<GroupDocument> {
    let mut differences = Vec::new();
    for currency in currencies(before, &[after]).into_iter().flatten() {
        differences.push(match change(before, after, currency)? {
            Change::Cost(bounds) => ChangeDocument::of(currency, &bounds),
            Change::Unknown => {
                ChangeDocument::unknown(currency, "a record or a count has no price")
            }
            Change::OtherCurrency => {
                ChangeDocument::unknown(currency, "the other side is in another currency")
            }
        });
    }
    let mut group = GroupDocument::new(&report.by, after);
    group.difference = Some(differences);
    Ok(group)
}
