//! The price book as SQL tables, and views that price a table of requests exactly where it lies.
//!
//! Engines lose digits where money is multiplied: scales are cut, sums wrap, decimals become
//! doubles. They are exact where whole numbers are added. So the views sum integer counts per rate
//! card and price tier, and multiply once at the end: whole numbers by prices that are whole
//! numbers as well, in units of `10^-scale`. What does not fit is an error or `NULL`, never a
//! rounded amount.
//!
//! The tables hold what [`PriceBook::find`] says, refusals included: a request that the library
//! does not charge is not charged there, under the same code. Two things do not go into a table,
//! and are refused by name: ids that only a rule of the book rewrites (`unknown-model`), and prices
//! that depend on the hour after [`ExportOptions::until`] (`not-exported`).

mod collect;
mod dialect;
mod views;

use std::fmt::Write;

pub use self::dialect::Dialect;
use crate::book::PriceBook;
use crate::time::Instant;
use crate::usage::Meter;

/// What is exported.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions<'o> {
    /// Ids of the providers; empty for all.
    pub providers: &'o [String],
    /// How far prices that depend on the hour are written out. Others have no end.
    pub until: Instant,
}

/// The tables of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// Digits after the decimal point of one unit of [`PriceRow::low`] and [`PriceRow::high`].
    pub scale: u32,
    /// Any name of a provider, in lower case with hyphens for `_`, `.` and blanks, and its id.
    pub providers: Vec<(String, String)>,
    /// Id of a provider, name of a model in lower case, number of the route that answers for it. The
    /// names are the provider's own, and those of other sellers that the book ties to one of them.
    pub models: Vec<(String, String, u32)>,
    /// What the book says of a route, by service tier, variant and time.
    pub answers: Vec<AnswerRow>,
    /// Price tiers of the cards.
    pub cards: Vec<CardRow>,
    /// What one counted thing costs.
    pub prices: Vec<PriceRow>,
}

/// What the book says of a route for a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerRow {
    /// Number of the route.
    pub route: u32,
    /// Service tier; `unknown` where the source does not say.
    pub service_tier: &'static str,
    /// Region or other variant; empty for none.
    pub variant: String,
    /// First Unix second.
    pub from: i64,
    /// Unix second after the last.
    pub until: i64,
    /// Number of the card, or 0.
    pub card: u32,
    /// Code of why there is no card, or empty.
    pub refusal: &'static str,
}

/// A price tier of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CardRow {
    /// Number of the card, from 1.
    pub card: u32,
    /// Number of the price tier, from 0.
    pub tier: u32,
    /// Currency of every price.
    pub currency: String,
    /// Fewest prompt tokens of a request in this tier.
    pub min_prompt: u64,
    /// Most prompt tokens; `None` without a limit.
    pub max_prompt: Option<u64>,
    /// Whether output has another price while a thinking mode is on.
    pub has_thinking_mode: bool,
}

/// What one counted thing costs in a price tier of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PriceRow {
    /// Number of the card.
    pub card: u32,
    /// Number of the price tier.
    pub tier: u32,
    /// What is counted.
    pub priced: Priced,
    /// Least cost of one, in units of `10^-scale`.
    pub low: i128,
    /// Highest cost of one.
    pub high: i128,
    /// Whether it takes something for granted.
    pub assumed: bool,
}

/// A meter in a situation that decides its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Priced {
    /// A meter as it is.
    Meter(Meter),
    /// Input of requests that do not say how much of it a cache served.
    InputUnsplit,
    /// Output while a thinking mode is on.
    OutputThinking,
    /// Output where nobody says whether it was.
    OutputPerhapsThinking,
}

impl Priced {
    /// Everything that a request may be counted in.
    fn all() -> impl Iterator<Item = Self> {
        let meters = Meter::ALL.iter().filter(|meter| **meter != Meter::OutputThinkingMode);
        let others = [Self::InputUnsplit, Self::OutputThinking, Self::OutputPerhapsThinking];
        meters.map(|&meter| Self::Meter(meter)).chain(others)
    }

    /// The meter that is counted.
    #[must_use]
    pub const fn meter(self) -> Meter {
        match self {
            Self::Meter(meter) => meter,
            Self::InputUnsplit => Meter::Input,
            Self::OutputThinking | Self::OutputPerhapsThinking => Meter::Output,
        }
    }

    /// Its name in the tables.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Self::Meter(meter) => meter.as_str(),
            Self::InputUnsplit => "input-unsplit",
            Self::OutputThinking => "output-thinking",
            Self::OutputPerhapsThinking => "output-perhaps-thinking",
        };
        name.replace('-', "_")
    }
}

impl Export {
    /// The tables of a book.
    #[must_use]
    pub fn of(book: &PriceBook<'_>, options: &ExportOptions<'_>) -> Self {
        collect::collect(book, options)
    }

    /// The statements that make tables and views in a dialect. `tokreckon_usage`, which they price,
    /// is the user's own table or view; the script begins with what it must hold.
    #[must_use]
    pub fn script(&self, dialect: Dialect) -> String {
        let mut script = views::usage_comment();
        for (table, columns, rows) in self.tables(dialect) {
            let _ = write!(script, "\n{}", dialect.create_table(table, columns));
            for chunk in rows.chunks(dialect.rows_per_insert()) {
                let rows = chunk.join(",\n");
                let _ = writeln!(script, "INSERT INTO {table} VALUES\n{rows};");
            }
        }
        for (view, select) in views::views(dialect, self.scale) {
            let _ = write!(script, "\n{} {view} AS\n{select};\n", dialect.create_view());
        }
        script
    }

    /// Every table: its name, its columns with their kinds, its rows as SQL tuples.
    fn tables(&self, dialect: Dialect) -> Vec<dialect::Table> {
        use dialect::Kind::{Count, Number, Second, Text};
        let text = |text: &str| dialect.text(text);
        let providers = self.providers.iter().map(|(name, id)| row(&[text(name), text(id)]));
        let models = self
            .models
            .iter()
            .map(|(provider, model, route)| row(&[text(provider), text(model), route.to_string()]));
        let answers = self.answers.iter().map(|answer| {
            let span = [answer.from, answer.until].map(|second| second.to_string());
            let [from, until] = span;
            let (route, card) = (answer.route.to_string(), answer.card.to_string());
            let tier = text(answer.service_tier);
            row(&[route, tier, text(&answer.variant), from, until, card, text(answer.refusal)])
        });
        let cards = self.cards.iter().map(|card| {
            let most = card.max_prompt.map_or(i128::from(u64::MAX) * 100, i128::from);
            let prompt = [i128::from(card.min_prompt), most].map(|count| dialect.count(count));
            let [least, most] = prompt;
            let thinking = u8::from(card.has_thinking_mode).to_string();
            let (number, tier) = (card.card.to_string(), card.tier.to_string());
            row(&[number, tier, text(&card.currency), least, most, thinking])
        });
        let prices = self.prices.iter().map(|price| {
            let [low, high] = [price.low, price.high].map(|amount| dialect.count(amount));
            let (number, tier) = (price.card.to_string(), price.tier.to_string());
            let assumed = u8::from(price.assumed).to_string();
            row(&[number, tier, text(&price.priced.name()), low, high, assumed])
        });
        let meters = Priced::all().map(Priced::name).chain(["records".to_owned()]);
        vec![
            ("tokreckon_providers", &[("name", Text), ("provider", Text)], providers.collect()),
            (
                "tokreckon_models",
                &[("provider", Text), ("model", Text), ("route", Number)],
                models.collect(),
            ),
            (
                "tokreckon_answers",
                &[
                    ("route", Number),
                    ("service_tier", Text),
                    ("variant", Text),
                    ("from_second", Second),
                    ("until_second", Second),
                    ("card", Number),
                    ("refusal", Text),
                ],
                answers.collect(),
            ),
            (
                "tokreckon_cards",
                &[
                    ("card", Number),
                    ("tier", Number),
                    ("currency", Text),
                    ("min_prompt", Count),
                    ("max_prompt", Count),
                    ("thinking_mode", Number),
                ],
                cards.collect(),
            ),
            (
                "tokreckon_prices",
                &[
                    ("card", Number),
                    ("tier", Number),
                    ("meter", Text),
                    ("low", Count),
                    ("high", Count),
                    ("assumed", Number),
                ],
                prices.collect(),
            ),
            (
                "tokreckon_meters",
                &[("meter", Text)],
                meters.map(|meter| row(&[text(&meter)])).collect(),
            ),
        ]
    }
}

fn row(cells: &[String]) -> String {
    format!("({})", cells.join(","))
}
