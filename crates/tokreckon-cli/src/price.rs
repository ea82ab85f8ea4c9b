//! `tokreckon price`: what usage cost, or what a model costs: the answer first, then the lines.

mod charged;
mod source;
pub(crate) mod unit;

use anyhow::{Result, bail};
use tokreckon::book::{Known, PriceBook, Query};
use tokreckon::charge::{Charge, Shape, Terms};
use tokreckon::grade::{Assumption, Assumptions, Grade};
use tokreckon::ledger::{Ledger, Outcome, RoundingScope};
use tokreckon::money::{Money, Rounding};
use tokreckon::pipeline::Row;
use tokreckon::price::{RateCard, ServiceTier};
use tokreckon::record::Record;
use tokreckon::report::Bounds;
use tokreckon::time::Period;
use tokreckon::usage::{Totals, Usage};

use self::charged::Priced;
pub(crate) use self::source::{source_text, sources};
pub(crate) use self::unit::UnitPrices;
use crate::Exit;
use crate::args::{CountArgs, InputArgs, OutputFormat, PriceArgs};
use crate::asked::{refuse_assumed, retired_text, seller};
use crate::context::{book, complain, layers, now, period, settings, with_hint};
use crate::input::{complain_reject, read_all};
use crate::kind::refuse_unsent;
use crate::options::in_options;
use crate::words::Words;

pub(crate) fn run(args: &PriceArgs, out: &mut String) -> Result<Exit> {
    let words = Words::of(&args.input.files, true)?;
    let model = match words.models.as_slice() {
        [] => args.model.clone(),
        [model] if args.model.is_none() => Some(model.clone()),
        _ => bail!(
            "more than one model: {}\nhint: `tokreckon compare` puts models side by side",
            words.models.join(", ")
        ),
    };
    let layers = layers(&args.book)?;
    let mut settings = settings(
        &[],
        "UTC",
        args.input.at.as_deref(),
        args.input.service_tier.as_deref(),
        &args.terms,
    )?;
    let line_rounding = match settings.rounding.take() {
        None => None,
        Some(policy) if policy.scope == RoundingScope::Line => Some((policy.places, policy.mode)),
        Some(_) => bail!(
            "`--round`: `price` knows single charges only, so only `line` rounding; `report` knows days and invoices"
        ),
    };
    let (book, now) = (book(&layers), now()?);
    let counts = CountArgs {
        input: args.counts.input.or(words.input),
        output: args.counts.output.or(words.output),
        ..args.counts
    };
    let mut pricer = Pricer {
        asked: Asked { args, model: model.as_deref(), at: settings.undated, now },
        ledger: Ledger::new(book.clone(), settings),
        line_rounding,
        charges: Vec::new(),
        exit: Exit::Fine,
    };
    match (totals(&counts), &model) {
        (Some(_), _) if !words.files.is_empty() => bail!("give counts or files, not both"),
        (Some(totals), _) => pricer.price_counts(&totals)?,
        _ if counts.requests.is_some() => bail!(
            "`--requests` without tokens\nhint: `tokreckon price sonar-pro 1M 100k --requests 800`"
        ),
        (None, Some(model)) if words.files.is_empty() && !words.models.is_empty() => {
            let models = std::slice::from_ref(model);
            let at = args.input.at.as_deref().map_or(Ok(now), period)?;
            let tier = args.input.service_tier.as_deref().and_then(ServiceTier::from_word);
            let asked = UnitPrices {
                models,
                at,
                is_dated: args.input.at.is_some(),
                providers: args.input.provider.as_slice(),
                tier: tier.unwrap_or(ServiceTier::Standard),
                variant: args.variant.as_deref(),
                sources: args.answer.sources,
                output: &args.output,
            };
            return unit::print(&book, &asked, out);
        }
        _ => pricer.price_files(&InputArgs { files: words.files, ..args.input.clone() })?,
    }
    charged::print(&pricer.charges, args, out)?;
    Ok(pricer.exit)
}

/// Totals from `--input`, `--cached` and so on; `None` when no count was given.
pub(crate) fn totals(counts: &CountArgs) -> Option<Totals> {
    counts.input.or(counts.output)?;
    Some(Totals {
        input: counts.input.or(Some(0)),
        cache_read: counts.cached,
        cache_write: counts.cache_write,
        output: counts.output.or(Some(0)),
        reasoning: counts.reasoning,
        ..Totals::default()
    })
}

/// What the command line says about records, and what holds where nobody says anything.
#[derive(Clone, Copy)]
struct Asked<'a> {
    args: &'a PriceArgs,
    /// Instead of the one in the file.
    model: Option<&'a str>,
    at: Option<Period>,
    now: Period,
}

impl<'a> Asked<'a> {
    /// The record with what the command line says, and with defaults where nobody says anything.
    fn filled<'r>(
        self,
        book: &PriceBook<'r>,
        record: &Record<'r>,
    ) -> Result<(Record<'r>, Assumptions)>
    where
        'a: 'r,
    {
        let asked = &self.args.input;
        let mut record = *record;
        let mut assumptions = Assumptions::NONE;
        record.model = self.model.unwrap_or(record.model);
        record.provider = asked.provider.as_deref().unwrap_or(record.provider);
        record.variant = self.args.variant.as_deref().map_or(record.variant, Known::Is);
        let tier = asked.service_tier.as_deref().and_then(ServiceTier::from_word);
        record.service_tier = tier.map_or(record.service_tier, Known::Is);
        record.period = self.at.or(record.period);
        if record.period.is_none() {
            record.period = Some(self.now);
            assumptions = assumptions.with(Assumption::Now);
        }
        if record.provider.is_empty() && !record.model.is_empty() {
            record.provider = seller(book, record.model)?.provider;
            assumptions = assumptions.with(Assumption::Provider);
        }
        Ok((record, assumptions))
    }
}

struct Pricer<'a, 'b> {
    asked: Asked<'a>,
    ledger: Ledger<'b>,
    line_rounding: Option<(u32, Rounding)>,
    charges: Vec<Priced<'b>>,
    exit: Exit,
}

impl Pricer<'_, '_> {
    fn price_files(&mut self, input: &InputArgs) -> Result<()> {
        refuse_unsent(&input.files)?;
        let read = read_all(input, &mut |file, row| match row {
            Row::Record(record) => {
                if let Err(error) = self.price(&format!("{file}:{}", record.line), record) {
                    complain(&format!("{error:#}"));
                    self.exit = self.exit.max(Exit::Findings);
                }
            }
            Row::Reject(reject) => {
                complain_reject(file, &reject);
                self.exit = self.exit.max(Exit::Findings);
            }
        })?;
        if read.has_failed() {
            self.exit = Exit::Failed;
        }
        Ok(())
    }

    /// Counts of the command line: what is not said about them is the usual case, and told.
    fn price_counts(&mut self, totals: &Totals) -> Result<()> {
        if self.asked.model.is_none() {
            bail!("no model\nhint: `tokreckon price gpt-4o 1000 500`, or `--model gpt-4o`");
        }
        self.price("", &Record { totals: Some(*totals), ..Record::EMPTY })
    }

    /// Prices one record; `place` is empty for counts of the command line.
    fn price(&mut self, place: &str, record: &Record<'_>) -> Result<()> {
        let fail = |message: &dyn std::fmt::Display, hint: Option<String>| {
            let colon = if place.is_empty() { "" } else { ": " };
            with_hint(format!("{place}{colon}{message}"), hint)
        };
        let book = self.ledger.book().clone();
        let (mut record, mut assumptions) =
            self.asked.filled(&book, record).map_err(|error| fail(&error, None))?;
        let is_typed = place.is_empty();
        if let (true, Some(totals)) = (is_typed, &mut record.totals) {
            totals.cache_read = totals.cache_read.or(Some(0));
            // More than one request can hold is a month's total, say.
            let card = record.period.and_then(|period| {
                let Record { provider, model, service_tier, variant, .. } = record;
                book.find(&Query { provider, model, period, service_tier, variant }).ok()
            });
            if let (Some(card), Ok(usage)) = (card, totals.to_usage()) {
                record.shape = card.shape_of(&usage);
            }
            record.shape = self.asked.args.counts.shape().unwrap_or(record.shape);
        }
        let (usage, card) = match self.ledger.add(&record).outcome {
            Outcome::Charged { usage, card, .. } => (usage, card),
            Outcome::NotCharged(refusal) => {
                let reason = self.ledger.reason(refusal);
                return Err(fail(reason, reason.hint(&book).as_ref().map(in_options)));
            }
            Outcome::CostOnly => return Err(fail(&"a billed cost, no usage to price", None)),
        };
        let (terms, currency) = self.ledger.terms_for(&record, card);
        let Some(card) = self.ledger.cards().get(card).cloned() else { return Ok(()) };
        let terms = Terms { line_rounding: self.line_rounding, ..terms };
        let charge = card.charge_with(&usage, record.shape, terms);
        let mut charge = charge.map_err(|error| fail(&error, None))?;
        if is_typed {
            assumptions = assumptions.union(self.usual(&book, &record, &card, &usage));
        }
        charge.assumptions = charge.assumptions.union(assumptions);
        charge.low.currency = currency;
        charge.high = charge.high.map(|high| Money { currency, ..high });
        if self.asked.args.answer.strict {
            refuse_assumed(charge.assumptions, card.provider)
                .map_err(|error| fail(&error, None))?;
        }
        if charge.grade() == Grade::Unknown {
            self.exit = self.exit.max(Exit::Findings);
        }
        let at = record.period.unwrap_or(self.asked.now);
        let retired = book.retired(card.provider, record.model, at);
        let retired = retired.map(|day| retired_text(card.model, card.provider, day));
        // Usage of a file was served; what is asked for cannot be had.
        if let (true, Some(said)) = (is_typed, &retired) {
            self.exit = self.exit.max(Exit::Findings);
            let args = self.asked.args;
            let is_bare = args.answer.total || args.output.quiet;
            if is_bare || args.output.format == OutputFormat::Csv {
                complain(said);
            }
        }
        let period = (!assumptions.contains(Assumption::Now)).then_some(record.period).flatten();
        let place = place.to_owned();
        self.charges.push(Priced { place, card, charge, usage, terms, period, retired });
        Ok(())
    }

    /// What the usual case takes for granted about counts of the command line: only what would
    /// change the amount is named.
    fn usual(
        &self,
        book: &PriceBook<'_>,
        record: &Record<'_>,
        card: &RateCard<'_>,
        usage: &Usage,
    ) -> Assumptions {
        let mut assumptions = Assumptions::NONE;
        let amount = |charge: &Charge<'_>| (charge.low, charge.high);
        let is = card.charge(usage).ok();
        let differs = |other: Option<Charge<'_>>| {
            is.as_ref().is_some_and(|is| other.is_none_or(|other| amount(is) != amount(&other)))
        };
        if self.asked.args.counts.cached.is_none() {
            let open = record.totals.map(|totals| Totals { cache_read: None, ..totals });
            let open = open.and_then(|totals| totals.to_usage().ok());
            if differs(open.and_then(|usage| card.charge(&usage).ok())) {
                assumptions = assumptions.with(Assumption::NothingCached);
            }
        }
        let query = Query {
            provider: card.provider,
            model: record.model,
            period: record.period.unwrap_or(self.asked.now),
            service_tier: record.service_tier,
            variant: record.variant,
        };
        let charged = |query: &Query<'_>| {
            let card = book.find(query).ok()?;
            card.charge_with(usage, Shape::Request, Terms::LIST).ok().map(|charge| amount(&charge))
        };
        let is = charged(&query);
        if self.asked.args.input.service_tier.is_none()
            && charged(&Query { service_tier: Known::Unknown, ..query }) != is
        {
            assumptions = assumptions.with(Assumption::StandardTier);
        }
        if self.asked.args.variant.is_none()
            && record.variant == Known::Is("")
            && charged(&Query { variant: Known::Unknown, ..query }) != is
        {
            assumptions = assumptions.with(Assumption::NoVariant);
        }
        assumptions
    }
}

pub(crate) fn bounds(charge: &Charge<'_>) -> Bounds {
    let low = charge.low.amount;
    Bounds { low, high: charge.high.map_or(low, |high| high.amount), open: charge.high.is_none() }
}
