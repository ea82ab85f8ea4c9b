//! The same requests to models at every provider that sells them, cheapest first.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use tokreckon::document::{
    CapDocument, CostDocument, EstimateCompareDocument, EstimateOfferDocument, TokensDocument,
};
use tokreckon::estimate::RequestFinding;
use tokreckon::money::{Currency, Exact};
use tokreckon::price::ServiceTier;
use tokreckon::words::counted;

use super::batch::{LEVELS, MIDDLE, UPPER, model_at, totals_held};
use super::lines::{self, Contents};
use super::single::answer;
use super::words::{add_refusals, add_warnings, cached, cost_cells, headline};
use super::{Asked, Priced, Setup, ToSend, exit_of};
use crate::Exit;
use crate::args::OutputFormat;
use crate::asked::retired_text;
use crate::context::known_provider;
use crate::offers::{OfferGroup, currency_of_most, resells};
use crate::print::{Align, Remarks, Sheet, json_document};
use crate::words::unknown_model;

/// Columns that a narrow terminal goes without, the first one first.
const SPARE: [&str; 7] = ["currency", "cap", "cap up to", "p50", "p50 up to", "50 %", "50 % up to"];

/// Most offers of which it is said why their cost is not known.
const MOST_REASONS: usize = 3;

/// What is asked of one model.
struct Question<'a> {
    setup: Setup<'a>,
    model: String,
    work: Work,
}

enum Work {
    One(Box<Asked>),
    Many(Box<Contents>),
}

struct Offer<'b> {
    provider: &'b str,
    model: &'b str,
    /// Since when it serves the model no more, where it does not then.
    retired: Option<&'b str>,
    requests: u64,
    prompt: TokensDocument,
    /// The same in words.
    tokens: String,
    /// Of one request p50, mean, p90 and so on, of many those of their sum.
    levels: Vec<(&'static str, Priced)>,
    /// The most output, and what that costs.
    cap: CapDocument,
    cap_cost: Priced,
    basis: String,
    /// What the basis held elsewhere.
    coverage: String,
}

pub(super) fn run(setup: &Setup<'_>, to_send: &ToSend, out: &mut String) -> Result<Exit> {
    let models = &setup.args.models;
    let models: Vec<Option<&str>> = match models.len() {
        0 => vec![None],
        _ => models.iter().map(|model| Some(model.as_str())).collect(),
    };
    let questions = models
        .into_iter()
        .enumerate()
        .map(|(at, model)| Question::of(Setup { model, ..setup.clone() }, to_send, at == 0))
        .collect::<Result<Vec<_>>>()?;
    let mut offers = Vec::new();
    for question in &questions {
        offers.extend(question.offers()?);
    }
    let served = offers.iter().filter(|offer| offer.retired.is_none());
    let home = currency_of_most(served.filter_map(Offer::currency));
    offers.sort_by_cached_key(|offer| {
        let (provider, model) = (offer.provider, offer.model);
        (offer.rank(home), resells(provider, model), provider, model)
    });
    offers.dedup_by(|a, b| (a.provider, a.model) == (b.provider, b.model));
    // Each seller says for itself until when it serves the model.
    let findings = questions.iter().flat_map(|question| question.work.findings());
    let mut findings: Vec<RequestFinding> =
        findings.filter(|found| !found.code.starts_with("model-")).cloned().collect();
    findings.dedup_by(|a, b| (a.code, &a.says) == (b.code, &b.says));
    let remarks = remarks(setup, &questions, &offers, home, &findings);
    match setup.args.output.format {
        OutputFormat::Json => {
            let models = questions.iter().map(|question| question.model.clone()).collect();
            let documents = offers.iter().map(Offer::document).collect();
            let mut document = EstimateCompareDocument::new(models, documents, &findings);
            document.notes = remarks.notes();
            document.headline = remarks.headline;
            json_document(&document, out);
        }
        format => {
            if !setup.is_bare() {
                remarks.print_above(out);
            }
            sheet(&offers).print(format, out);
            if !setup.is_bare() {
                remarks.print_below(out);
            }
        }
    }
    let none = home.is_none().then(|| "no seller that serves it has a price".to_owned());
    let unknown: Vec<String> = none.into_iter().collect();
    let is_whole = questions.iter().all(|question| question.work.is_whole());
    let exit = exit_of(setup, &findings, &unknown, None);
    Ok(exit.max(if is_whole { Exit::Fine } else { Exit::Findings }))
}

impl<'a> Question<'a> {
    /// What is wrong with lines is said once, of the first model.
    fn of(setup: Setup<'a>, to_send: &ToSend, is_first: bool) -> Result<Self> {
        let (model, work) = match (to_send, setup.args.times) {
            (ToSend::One(one), None) => {
                let asked = setup.asked(&one.request(setup.model)?)?;
                (asked.kind.model.clone(), Work::One(Box::new(asked)))
            }
            (ToSend::One(one), Some(times)) => {
                let contents = lines::alike(&setup, &one.request(setup.model)?, times)?;
                (contents.model()?.to_owned(), Work::Many(Box::new(contents)))
            }
            (ToSend::Batch(path), _) => {
                let contents = lines::read(&setup, path, is_first)?;
                (contents.model()?.to_owned(), Work::Many(Box::new(contents)))
            }
        };
        Ok(Self { setup, model, work })
    }

    /// What every seller takes, or those that were named.
    fn offers(&self) -> Result<Vec<Offer<'_>>> {
        let book = &self.setup.book;
        let mut sellers = book.sellers(&self.model);
        if sellers.is_empty() {
            return Err(unknown_model(book, &self.model));
        }
        if let Some(name) = &self.setup.args.provider {
            let asked = known_provider(book, name)?;
            sellers.retain(|(provider, _)| *provider == asked);
            if sellers.is_empty() {
                bail!("`{asked}` does not sell `{}`", self.model);
            }
        }
        sellers.into_iter().map(|(provider, id)| self.offer(provider, id)).collect()
    }

    fn offer<'b>(&'b self, provider: &'b str, model: &'b str) -> Result<Offer<'b>> {
        let setup = &self.setup;
        let retired = setup.book.retired(provider, model, setup.period);
        match &self.work {
            Work::One(asked) => {
                let card = setup.card(provider, model, setup.service_tier(ServiceTier::Standard)?);
                let answer = answer(setup, asked, &card, &setup.limits(provider, model));
                let basis = &answer.estimate.basis;
                Ok(Offer {
                    provider,
                    model,
                    retired,
                    requests: 1,
                    prompt: asked.prompt.into(),
                    tokens: asked.prompt.to_string(),
                    cap: CapDocument::new(answer.cap, CostDocument::from(&answer.cap_cost)),
                    basis: basis.to_string(),
                    coverage: basis.coverage(),
                    levels: answer.lines.into_iter().map(|line| (line.name, line.cost)).collect(),
                    cap_cost: answer.cap_cost,
                })
            }
            Work::Many(contents) => {
                let mut total = model_at(setup, contents, &self.model, (provider, model))?;
                let basis = total.basis_texts().join("; ");
                let cap = total.levels.pop();
                let (output, cap_cost) = cap.map_or_else(
                    || (None, Err("no limit is known".to_owned())),
                    |cap| (cap.output, cap.cost),
                );
                let costs = total.levels.into_iter().map(|level| level.cost);
                Ok(Offer {
                    provider,
                    model,
                    retired,
                    requests: total.requests,
                    prompt: total.prompt.document(),
                    tokens: total.prompt.to_string(),
                    levels: LEVELS.into_iter().map(|(name, _)| name).zip(costs).collect(),
                    cap: CapDocument::of_many(output, CostDocument::from(&cap_cost)),
                    cap_cost,
                    basis,
                    coverage: totals_held(),
                })
            }
        }
    }
}

impl Work {
    fn findings(&self) -> &[RequestFinding] {
        match self {
            Self::One(asked) => &asked.findings,
            Self::Many(contents) => &contents.findings,
        }
    }

    /// True where every request is in the answer, once.
    fn is_whole(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Many(contents) => contents.rejected + contents.duplicates == 0,
        }
    }
}

impl Contents {
    /// The one model of all requests.
    fn model(&self) -> Result<&str> {
        let mut names: Vec<&str> = self.kinds.keys().map(|kind| kind.model.as_str()).collect();
        names.dedup();
        match names.as_slice() {
            [name] => Ok(name),
            _ => bail!(
                "{}: its requests are to {}: say which models to compare\nhint: name them after the file: `tokreckon estimate {} gpt-5-mini claude-haiku-4-5`",
                self.name,
                names.join(", "),
                self.name
            ),
        }
    }
}

impl Offer<'_> {
    /// The currency of its prices; `None` where it has none.
    fn currency(&self) -> Option<Currency> {
        self.costs().into_iter().flatten().find_map(|cost| Some(cost.as_ref().ok()?.currency))
    }
}

impl Offer<'_> {
    fn cost(&self, level: &str) -> Option<&Priced> {
        self.levels.iter().find(|(name, _)| *name == level).map(|(_, cost)| cost)
    }

    /// What it costs about, on average, in most cases, and at most.
    fn costs(&self) -> [Option<&Priced>; 4] {
        let [middle, upper] = self.level_names();
        [self.cost(middle), self.cost("mean"), self.cost(upper), Some(&self.cap_cost)]
    }

    /// The levels in the middle and near the upper end.
    fn level_names(&self) -> [&'static str; 2] {
        let of_sum = [LEVELS[MIDDLE].0, LEVELS[UPPER].0];
        if self.cost(of_sum[0]).is_some() { of_sum } else { ["p50", "p90"] }
    }

    /// What it is ranked by: the mean, without one the cap.
    fn ranked(&self) -> Option<&Priced> {
        let [_, mean, _, cap] = self.costs();
        mean.or(cap)
    }

    /// By its group, then by what it costs on average.
    fn rank(&self, home: Option<Currency>) -> (OfferGroup, Option<Currency>, Exact, Exact) {
        let Some(Ok(cost)) = self.ranked() else {
            return (OfferGroup::Unpriced, None, Exact::ZERO, Exact::ZERO);
        };
        let high = if cost.bounds.open { cost.bounds.low } else { cost.bounds.high };
        (self.group(home), Some(cost.currency), high, cost.bounds.low)
    }

    fn group(&self, home: Option<Currency>) -> OfferGroup {
        match self.ranked() {
            Some(Ok(_)) if self.retired.is_some() => OfferGroup::Retired,
            Some(Ok(cost)) if Some(cost.currency) != home => OfferGroup::OtherCurrency,
            Some(Ok(cost)) if cost.bounds.open => OfferGroup::Open,
            Some(Ok(_)) => OfferGroup::Bounded,
            _ => OfferGroup::Unpriced,
        }
    }
}

fn sheet(offers: &[Offer<'_>]) -> Sheet<'static> {
    let is_sum = offers.iter().any(|offer| offer.level_names()[0] != "p50");
    let names = if is_sum {
        ["50 %", "50 % up to", "95 %", "95 % up to"]
    } else {
        ["p50", "p50 up to", "p90", "p90 up to"]
    };
    let [about, about_to, most, most_to] = names;
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("model", Align::Left),
        (about, Align::Amount),
        (about_to, Align::Amount),
        ("mean", Align::Amount),
        ("mean up to", Align::Amount),
        (most, Align::Amount),
        (most_to, Align::Amount),
        ("cap", Align::Amount),
        ("cap up to", Align::Amount),
        ("currency", Align::Left),
        ("retired", Align::Left),
    ]);
    for offer in offers {
        let mut cells = vec![offer.provider.to_owned(), offer.model.to_owned()];
        for cost in offer.costs() {
            cells.extend(cost.map_or(["no basis".to_owned(), String::new()], cost_cells));
        }
        cells.push(offer.currency().map_or(String::new(), |currency| currency.to_string()));
        cells.push(offer.retired.unwrap_or_default().to_owned());
        sheet.row(cells);
    }
    sheet.without_empty_columns().spare(&SPARE)
}

/// `about 0.16 ct; 9 of 10 below 0.7 ct; never above 26 ct · gpt-5-mini at openai, the cheapest of 6`.
fn cheapest(offers: &[Offer<'_>], home: Option<Currency>) -> Option<String> {
    let first = offers.first()?;
    let [about, _, most, cap] = first.costs();
    let times = if first.level_names()[0] == "p50" { "9 of 10" } else { "19 of 20 such batches" };
    let amounts = headline(about?, most?, cap?, times)?;
    let count = offers.iter().filter(|offer| offer.group(home).is_compared()).count();
    let place = match (first.retired, count) {
        (Some(day), _) => format!(", retired since {day}"),
        (None, ..2) if offers.len() == 1 => String::new(),
        (None, ..2) => ", the only one with a price to compare".to_owned(),
        (None, count) => format!(", the cheapest of {count}"),
    };
    Some(format!("{amounts} · {} at {}{place}", first.model, first.provider))
}

/// Why offers are unknown or ranges, and what they rest on.
fn remarks(
    setup: &Setup<'_>,
    questions: &[Question<'_>],
    offers: &[Offer<'_>],
    home: Option<Currency>,
    findings: &[RequestFinding],
) -> Remarks {
    let mut remarks = Remarks { headline: cheapest(offers, home), ..Remarks::default() };
    let contents = questions.iter().find_map(|question| match &question.work {
        Work::One(_) => None,
        Work::Many(contents) => Some(contents),
    });
    let refused = contents.map_or(Some("the request".to_owned()), |all| all.refused_text());
    add_refusals(&mut remarks, refused.as_deref().unwrap_or("the file"), findings);
    remarks.reasons.extend(contents.into_iter().flat_map(|contents| setup.form_assumed(contents)));
    for Offer { provider, model, retired, .. } in offers {
        remarks.reasons.extend(retired.map(|day| retired_text(model, provider, day)));
    }
    let others = offers.iter().filter(|offer| offer.retired.is_none()).filter_map(Offer::currency);
    for other in others.filter(|other| Some(*other) != home).collect::<BTreeSet<_>>() {
        remarks.reasons.push(format!("not compared: amounts in {other}, listed below the others"));
    }
    let mut unknown: Vec<String> = Vec::new();
    let mut uncapped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for offer in offers {
        let provider = offer.named(questions);
        match &offer.cap_cost {
            Err(reason) if offer.currency().is_some() => {
                uncapped.entry(reason).or_default().push(provider);
            }
            Err(reason) => unknown.push(reason.clone()),
            Ok(cost) => {
                for doubt in cost.doubts.iter() {
                    remarks.add(&format!("{provider}: not exact: {}", doubt.explanation()));
                }
            }
        }
    }
    for (reason, whose) in uncapped {
        remarks.add(&format!("no cap: {reason}: {}", whose.join(", ")));
    }
    let further = unknown.len().saturating_sub(MOST_REASONS);
    for reason in unknown.iter().take(MOST_REASONS) {
        remarks.add(&format!("cost unknown: {reason}"));
    }
    if further > 0 {
        remarks.add(&format!("cost unknown: likewise {}", counted(further as u64, "other offer")));
    }
    remarks.add(if contents.is_some() {
        "50 %, mean and 95 % are estimates, cap is the most that can be billed; cheapest by the mean"
    } else {
        "p50, mean and p90 are estimates, cap is the most that can be billed; cheapest by the mean"
    });
    for question in questions {
        question.basis(offers, questions.len() > 1, &mut remarks);
    }
    remarks.add(&cached(setup.cached));
    add_warnings(&mut remarks, findings);
    if let Some(lines) = contents.and_then(|contents| contents.lines_text()) {
        remarks.add(&lines);
    }
    remarks
}

impl Question<'_> {
    /// What the numbers of its model rest on; `names` says which model it is.
    fn basis(&self, offers: &[Offer<'_>], names: bool, remarks: &mut Remarks) {
        let sellers = self.setup.book.sellers(&self.model);
        let is_own = |offer: &&Offer<'_>| sellers.contains(&(offer.provider, offer.model));
        let Some(offer) = offers.iter().find(is_own) else { return };
        let of = if names { format!("{}: ", self.model) } else { String::new() };
        let prompt = match offer.requests {
            1 => format!("prompt: {} tokens", offer.tokens),
            several => format!("{}: {} prompt tokens", counted(several, "request"), offer.tokens),
        };
        remarks.add(&format!("{of}{prompt}, taken to be alike at every provider"));
        remarks.add(&format!("{of}basis: {}", offer.basis));
        match self.work {
            Work::One(_) => remarks.add(&format!("{of}coverage: {}", offer.coverage)),
            // The same for all models.
            Work::Many(_) if remarks.below.contains(&offer.coverage) => {}
            Work::Many(_) => remarks.add(&offer.coverage),
        }
    }
}

impl Offer<'_> {
    /// The provider, with the model where several are compared.
    fn named(&self, questions: &[Question<'_>]) -> String {
        match questions {
            [_] => self.provider.to_owned(),
            _ => format!("{} at {}", self.model, self.provider),
        }
    }

    fn document(&self) -> EstimateOfferDocument {
        let levels = self.levels.iter().map(|(name, cost)| (*name, CostDocument::from(cost)));
        let asked = (self.requests, self.prompt.clone());
        let (cap, basis) = (self.cap.clone(), self.basis.clone());
        EstimateOfferDocument::new(self.provider, self.model, asked, levels, cap, basis)
    }
}
