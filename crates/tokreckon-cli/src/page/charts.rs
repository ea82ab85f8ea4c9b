//! Charts of the page as SVG. They are pictures: the exact figures stand in the table beside each.
//!
//! The only place where money becomes a float, and only to find out how long a bar is.

use std::collections::BTreeMap;

use charts_rs::{BarChart, Box as Space, HorizontalBarChart, Series, YAxisConfig};
use jiff::civil::Date;
use tokreckon::ledger::Dimension;
use tokreckon::money::{Currency, Exact, InexactError};
use tokreckon::report::{Bounds, Group, Report};

use crate::print::{clean, grouped_text};

/// Most bars side by side; more days are shown as weeks, more weeks as months.
const MAX_COLUMNS: usize = 62;
/// Most bars below each other.
const MAX_BARS: usize = 12;

/// A picture with the words for those who cannot see it.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) words: String,
    pub(super) legend: Vec<&'static str>,
    pub(super) svg: String,
}

/// Costs over time and the groups behind them.
pub(super) struct OverTime {
    pub(super) report: Report,
    pub(super) charts: Vec<Chart>,
}

/// Costs by day, or by week or month when there are many.
pub(super) fn over_time(fine: &Report) -> Result<OverTime, InexactError> {
    let days = fine.regrouped(&[Dimension::Day])?;
    let by_week = |day: &str| match day.parse::<Date>() {
        Ok(date) => monday(date).to_string(),
        Err(_) => day.to_owned(),
    };
    let by_month = |day: &str| day.get(..7).unwrap_or(day).to_owned();
    let report = if days.groups.len() <= MAX_COLUMNS {
        days
    } else {
        let weeks = relabelled(&days, Dimension::Week, &by_week)?;
        if weeks.groups.len() <= MAX_COLUMNS {
            weeks
        } else {
            relabelled(&days, Dimension::Month, &by_month)?
        }
    };
    let unit = report.by.first().map_or("day", |dimension| dimension.name());
    let charts = currencies(&report).into_iter().filter_map(|currency| {
        let bars = columns(&report, currency);
        let scale = Scale::of(&bars);
        let title = format!("Cost by {unit}, {}", scale.unit(currency));
        let words = words(&title, &bars, currency);
        let svg = vertical(&bars, scale)?;
        Some(Chart { title, words, legend: legend(&bars), svg })
    });
    let charts = charts.collect();
    Ok(OverTime { report, charts })
}

/// Costs of the dearest models.
pub(super) fn by_model(report: &Report) -> Vec<Chart> {
    let charts = currencies(report).into_iter().filter_map(|currency| {
        let mut bars: Vec<Bar> = report
            .groups
            .iter()
            .filter_map(|group| Bar::of(&group.labels.join(" "), &group, currency))
            .collect();
        bars.sort_by(|a, b| b.bounds.high.cmp(&a.bounds.high).then_with(|| a.name.cmp(&b.name)));
        let shown = bars.len().min(MAX_BARS);
        let scale = Scale::of(&bars);
        let unit = scale.unit(currency);
        let title = if shown < bars.len() {
            format!("Cost of the {shown} dearest models of {}, {unit}", bars.len())
        } else {
            format!("Cost by model, {unit}")
        };
        bars.truncate(shown);
        let words = words(&title, &bars, currency);
        let names: Vec<String> = bars.iter().map(|bar| bar.name.clone()).collect();
        let svg = horizontal(&names, scale.values(&bars))?;
        Some(Chart { title, words, legend: legend(&bars), svg })
    });
    charts.collect()
}

/// Token counts in three parts, the largest first.
pub(super) fn split(
    title: &str,
    names: [&'static str; 3],
    mut parts: Vec<(String, [u128; 3])>,
) -> Option<Chart> {
    parts.sort_by(|a, b| {
        let sums = [a, b].map(|(_, counts)| counts.iter().sum::<u128>());
        sums[1].cmp(&sums[0]).then_with(|| a.0.cmp(&b.0))
    });
    parts.truncate(MAX_BARS);
    let values = |at: usize| parts.iter().map(|(_, counts)| picture(counts[at])).collect();
    let labels: Vec<String> = parts.iter().map(|(label, _)| clean(label)).collect();
    let svg = horizontal(&labels, vec![values(0), values(1), values(2)])?;
    let words = format!(
        "{title}: bars of {} models in tokens; the table below has the counts",
        parts.len()
    );
    Some(Chart { title: format!("{title}, tokens by model"), words, legend: names.to_vec(), svg })
}

/// One bar: a cost with both bounds, or nothing.
struct Bar {
    name: String,
    bounds: Bounds,
}

impl Bar {
    fn of(name: &str, group: &Group, currency: Currency) -> Option<Self> {
        group.costs.get(&currency)?;
        Some(Self { name: clean(name), bounds: group.cost_in(currency) })
    }
}

/// What a bar of length 1 stands for: 1, or a thousandth, a millionth … when all bars are short.
#[derive(Clone, Copy)]
struct Scale {
    places: i32,
}

impl Scale {
    fn of(bars: &[Bar]) -> Self {
        let highest = bars.iter().map(|bar| pixels(bar.bounds.high)).fold(0.0, f32::max);
        let places = [0, 3, 6, 9].into_iter().find(|&places| highest * 10_f32.powi(places) >= 1.0);
        Self { places: places.unwrap_or(0) }
    }

    /// `USD`, or `in units of 0.001 USD`.
    fn unit(self, currency: Currency) -> String {
        let zeros = usize::try_from(self.places - 1).unwrap_or(0);
        match self.places {
            0 => currency.to_string(),
            _ => format!("in units of 0.{}1 {currency}", "0".repeat(zeros)),
        }
    }

    /// Lower bounds, and what goes beyond them.
    fn values(self, bars: &[Bar]) -> Vec<Vec<f32>> {
        let scaled = |amount: Exact| pixels(amount) * 10_f32.powi(self.places);
        let low = bars.iter().map(|bar| scaled(bar.bounds.low)).collect();
        let beyond = |bar: &Bar| bar.bounds.high.minus(bar.bounds.low).unwrap_or_default();
        vec![low, bars.iter().map(|bar| scaled(beyond(bar))).collect()]
    }
}

/// The bars of a calendar, with room for days on which nothing happened.
fn columns(report: &Report, currency: Currency) -> Vec<Bar> {
    let mut found: BTreeMap<String, Bar> = BTreeMap::new();
    for group in &report.groups {
        let label = group.labels.first().map_or("", String::as_str);
        if let (false, Some(bar)) = (label.is_empty(), Bar::of(label, &group, currency)) {
            found.insert(label.to_owned(), bar);
        }
    }
    let step = match report.by.first() {
        Some(Dimension::Day) => 1,
        Some(Dimension::Week) => 7,
        _ => return found.into_values().collect(),
    };
    let ends = (found.keys().next(), found.keys().next_back());
    let (Some(Ok(first)), Some(Ok(last))) =
        (ends.0.map(|day| day.parse::<Date>()), ends.1.map(|day| day.parse::<Date>()))
    else {
        return found.into_values().collect();
    };
    let all: Vec<String> = first
        .series(jiff::Span::new().days(step))
        .take_while(|day| *day <= last)
        .map(|day| day.to_string())
        .collect();
    // A gap of years would leave no room for the days themselves.
    if all.len() > 2 * MAX_COLUMNS {
        return found.into_values().collect();
    }
    let empty = |name: String| Bar { name, bounds: Bounds::default() };
    all.into_iter().map(|day| found.remove(day.as_str()).unwrap_or_else(|| empty(day))).collect()
}

fn relabelled(
    report: &Report,
    by: Dimension,
    label: &dyn Fn(&str) -> String,
) -> Result<Report, InexactError> {
    report.relabelled(vec![by], &mut |labels| labels.iter().map(|day| label(day)).collect())
}

fn monday(date: Date) -> Date {
    let back = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(jiff::Span::new().days(back)).unwrap_or(date)
}

/// Currencies with a cost above zero.
fn currencies(report: &Report) -> Vec<Currency> {
    let costs = report.total.costs.iter().filter(|(_, bounds)| !bounds.high.is_zero());
    costs.map(|(currency, _)| *currency).collect()
}

fn legend(bars: &[Bar]) -> Vec<&'static str> {
    if bars.iter().any(|bar| bar.bounds.low != bar.bounds.high) {
        vec!["at least", "up to"]
    } else {
        Vec::new()
    }
}

/// `Cost by day, USD: 28 bars, from 2025-09-02 to 2025-09-29; the highest is 2025-09-17 with 12.5 USD`.
fn words(title: &str, bars: &[Bar], currency: Currency) -> String {
    let highest = bars.iter().max_by(|a, b| a.bounds.high.cmp(&b.bounds.high));
    let highest = highest.map_or(String::new(), |bar| {
        let high = grouped_text(&bar.bounds.high.to_string());
        format!("; the highest is {} with {high} {currency}", bar.name)
    });
    let open = bars.iter().filter(|bar| bar.bounds.open).count();
    let open =
        if open > 0 { format!("; {open} with costs that are not known") } else { String::new() };
    format!("{title}: {} bars{highest}{open}. The table below has every figure.", bars.len())
}

fn vertical(bars: &[Bar], scale: Scale) -> Option<String> {
    let values = scale.values(bars).into_iter().enumerate();
    let series: Vec<Series> = values.map(|(at, values)| series(values, at)).collect();
    let names = bars.iter().map(|bar| bar.name.clone()).collect();
    let axis = axis(&series);
    let mut chart = BarChart::new_with_theme(series, names, charts_rs::THEME_LIGHT);
    chart.width = 960.0;
    chart.height = 260.0;
    chart.legend.show = Some(false);
    chart.margin = Space { left: 8.0, top: 12.0, right: 12.0, bottom: 4.0 };
    set(&mut chart.y_axis_configs, axis);
    chart.svg().ok()
}

fn horizontal(names: &[String], values: Vec<Vec<f32>>) -> Option<String> {
    // The first name is drawn at the bottom; it belongs at the top.
    let names: Vec<String> = names.iter().rev().map(|name| shortened(name)).collect();
    let (bars, count) = (values.into_iter().enumerate(), names.len());
    let bars = bars.map(|(at, values)| series(values.into_iter().rev().collect(), at));
    let series: Vec<Series> = bars.collect();
    let axis = axis(&series);
    let mut chart = HorizontalBarChart::new_with_theme(series, names, charts_rs::THEME_LIGHT);
    chart.width = 960.0;
    chart.height = 48.0 + 26.0 * picture(count as u128);
    chart.legend.show = Some(false);
    chart.margin = Space { left: 8.0, top: 4.0, right: 24.0, bottom: 4.0 };
    set(&mut chart.y_axis_configs, axis);
    chart.svg().ok()
}

fn series(values: Vec<f32>, index: usize) -> Series {
    Series {
        data: values.into_iter().map(Some).collect(),
        index: Some(index),
        stack: Some("all".to_owned()),
        ..Series::default()
    }
}

/// Where the axis ends and in how many steps: round numbers a little above the longest bar. Refunds
/// reach below zero, and small change needs small steps: then the axis finds its own ends.
fn axis(series: &[Series]) -> Option<(f32, u8)> {
    let length = series.iter().map(|series| series.data.len()).max()?;
    let bar = |at: usize| series.iter().filter_map(move |series| series.data.get(at)?.as_ref());
    if (0..length).any(|at| bar(at).any(|value| *value < 0.0)) {
        return None;
    }
    let highest = (0..length).map(|at| bar(at).sum::<f32>()).fold(0.0, f32::max);
    let magnitude = 10_f32.powf((highest / 6.0).log10().floor());
    if highest < 1.0 {
        return None;
    }
    // Labels have one decimal: 0.25 would read as 0.3.
    let quarter = if magnitude < 1.0 { 2.0 } else { 2.5 };
    let rounds = [1.0, 2.0, quarter, 5.0, 10.0].map(|round| round * magnitude);
    let step = rounds.into_iter().find(|step| step * 6.0 >= highest)?;
    let steps = (1..=6).find(|steps| f32::from(*steps) * step >= highest)?;
    (step > 0.0).then_some((step * f32::from(steps), steps))
}

fn set(configured: &mut Vec<YAxisConfig>, ends: Option<(f32, u8)>) {
    let Some((max, steps)) = ends else { return };
    if configured.is_empty() {
        configured.push(YAxisConfig::default());
    }
    configured[0].min = Some(0.0);
    configured[0].max = Some(max);
    configured[0].split_number = usize::from(steps);
}

/// Names that leave room for bars.
fn shortened(name: &str) -> String {
    const MAX: usize = 40;
    if name.chars().count() <= MAX {
        return name.to_owned();
    }
    name.chars().take(MAX - 1).chain(['…']).collect()
}

/// How long a bar is, not how much it is.
fn pixels(amount: Exact) -> f32 {
    amount.to_string().parse().unwrap_or(0.0)
}

fn picture(count: u128) -> f32 {
    count.to_string().parse().unwrap_or(0.0)
}
