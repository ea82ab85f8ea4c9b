//! The price book: find the rate card for (provider, model, time, service tier, variant).
//!
//! A missing price is an answer with a type ([`FindError`]), never zero and never another
//! model's price. Ids match by rules in the data; what does not match fails with near names.

mod answer;
mod conditions;
mod dispute;
mod error;
mod extend;
mod ids;
mod life;
mod maker;
mod names;
mod near;
mod own;
mod own_names;
mod resolve;
mod same_as;
mod unit;

use std::sync::Arc;

use tokreckon_data::schema::folded;
use tokreckon_data::table::{
    Model, ModelFacts, Provider, ProviderName, RateLimit, Statement, Tables,
};

pub use self::answer::{Answer, Holds};
pub(crate) use self::conditions::is_search_size;
use self::conditions::{by_service_tier, by_variant, tools_of_standard};
pub use self::error::FindError;
pub(crate) use self::life::is_over;
use self::names::{MAX_RULES, lookup_by_rules};
pub(crate) use self::near::near;
pub use self::own::PriceFileError;
use self::resolve::{card, holds, in_force};
use crate::price::{Match, Question, Rate, RateCard, ServiceTier};
use crate::time::Period;

/// All rate cards: the built-in ones, and the user's on top.
#[derive(Clone, Debug)]
pub struct PriceBook<'b> {
    layers: Vec<&'b Tables>,
    /// Whether a price answers only where it is evidenced.
    strict: bool,
}

/// Something that is known, or known to be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Known<T> {
    /// It is this.
    Is(T),
    /// Nobody said.
    Unknown,
}

/// One question to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Query<'q> {
    /// Who sends the bill.
    pub provider: &'q str,
    /// Model id as written in the usage.
    pub model: &'q str,
    /// When the usage happened.
    pub period: Period,
    /// Service tier.
    pub service_tier: Known<ServiceTier>,
    /// Further condition such as `geo=us`; empty for none.
    pub variant: Known<&'q str>,
}

impl<'q> Query<'q> {
    /// A question about the standard service tier, without a variant.
    #[must_use]
    pub const fn new(provider: &'q str, model: &'q str, period: Period) -> Self {
        let service_tier = Known::Is(ServiceTier::Standard);
        Self { provider, model, period, service_tier, variant: Known::Is("") }
    }
}

/// A model of the book and how its id was found.
#[derive(Clone, Debug)]
pub struct Found<'b> {
    /// Who sells it.
    pub provider: &'b str,
    /// The id with prices or facts.
    pub model: &'b str,
    /// How the id was found.
    pub matched: Match<'b>,
    /// The variant that a rule read from the id, such as `geo=us` from `us.…`; empty for none.
    pub variant: &'b str,
    /// (layer, row) of every layer that lists it, the user's last.
    rows: Vec<(usize, &'b Tables, &'b Model)>,
}

impl PriceBook<'static> {
    /// The built-in book.
    #[must_use]
    pub fn builtin() -> Self {
        Self { layers: vec![&tokreckon_data::BUILTIN], strict: false }
    }
}

impl<'b> PriceBook<'b> {
    /// This book with a user's tables on top: for each meter, what they say goes before the rest.
    /// Input and output of a model together are its whole card, which no price of the rest completes.
    #[must_use]
    pub fn with_layer<'a>(&self, tables: &'a Tables) -> PriceBook<'a>
    where
        'b: 'a,
    {
        let mut layers: Vec<&'a Tables> = self.layers.clone();
        layers.push(tables);
        PriceBook { layers, strict: self.strict }
    }

    /// This book without assumptions: a price answers only for the time for which it is evidenced.
    #[must_use]
    pub fn strictly(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Ids of all providers, sorted.
    #[must_use]
    pub fn providers(&self) -> Vec<&'b str> {
        let all = self.layers.iter().flat_map(|t| t.providers.iter().map(|p| t.str(p.id)));
        let mut ids: Vec<&'b str> = all.collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Ids of all models of a provider, sorted.
    #[must_use]
    pub fn models(&self, provider: &str) -> Vec<&'b str> {
        let mut ids = Vec::new();
        for (_, tables, row) in self.provider_rows(provider) {
            let models = Tables::rows(&tables.models, row.models);
            ids.extend(models.iter().map(|model| tables.str(model.id)));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Looks a model id up: as it is, as an alias, as a rule of the provider rewrites it, as another
    /// seller spells it, where the book ties the two, or as a dated id of a name with own prices.
    ///
    /// # Errors
    /// When there is none; [`FindError::hint`] looks for near names.
    pub fn lookup(&self, provider: &str, model: &str) -> Result<Found<'b>, FindError> {
        let as_others = || self.sold_as(provider, self.canonical(model)?, model);
        let found = self.get(provider, model).or_else(as_others);
        let found = found.or_else(|| self.own_name(provider, model));
        found.ok_or_else(|| self.not_found(provider, model))
    }

    /// What the provider itself lists under this id, an alias or a rule; `None` where there is none.
    #[must_use]
    pub fn get(&self, provider: &str, model: &str) -> Option<Found<'b>> {
        let rows = self.provider_rows(provider);
        let &(_, tables, first) = rows.first()?;
        let found = lookup_by_rules(tables.str(first.id), &rows, model, MAX_RULES)?;
        Some(self.with_own_of_name(&rows, found))
    }

    /// The id under which the book knows a provider by any of its names, such as `aws-bedrock` for
    /// `bedrock`; `None` for a name that nobody has.
    #[must_use]
    pub fn provider_id(&self, name: &str) -> Option<&'b str> {
        let (_, tables, row) = self.provider_rows(name).first().copied()?;
        Some(tables.str(row.id))
    }

    fn not_found(&self, provider: &str, model: &str) -> FindError {
        let rows = self.provider_rows(provider);
        let Some(&(_, tables, first)) = rows.first() else {
            return FindError::UnknownProvider { provider: provider.to_owned() };
        };
        let provider = tables.str(first.id).to_owned();
        FindError::UnknownModel { provider, model: model.to_owned() }
    }

    /// Other providers that sell the model, under this id or another one.
    fn sold_elsewhere(&self, provider: &str, model: &str) -> Vec<String> {
        let sellers = self.sellers(model).into_iter().map(|(other, _)| other);
        sellers.filter(|other| *other != provider).map(str::to_owned).collect()
    }

    /// The rate card that answers a query.
    ///
    /// # Errors
    /// A typed reason when there is none; there is no fallback price.
    pub fn find(&self, query: &Query<'_>) -> Result<RateCard<'b>, FindError> {
        let asked = || Some(Arc::new(Question::new(query.model, query.period)));
        self.answer(query).card.map(|card| RateCard { asked: asked(), ..card })
    }

    /// The rate card that answers a query, or why there is none, and for how long: whoever asks for
    /// one record after the other need not ask again as long as the answer holds.
    #[must_use]
    pub fn answer(&self, query: &Query<'_>) -> Answer<'b> {
        let always = |error| Answer { card: Err(error), holds: Holds::ALWAYS };
        let found = match self.lookup(query.provider, query.model) {
            Ok(found) => found,
            Err(error) => return always(error),
        };
        let all = found.rates();
        if all.is_empty() {
            let (provider, model) = (found.provider.to_owned(), found.model.to_owned());
            return always(FindError::UnknownModel { provider, model });
        }
        let of_variant = by_variant(&found, &all, query);
        let of_tier = of_variant.and_then(|rates| {
            let of_tier = by_service_tier(&found, &rates, query, self.strict)?;
            let tools =
                if self.strict { vec![] } else { tools_of_standard(&rates, &of_tier, query) };
            Ok((of_tier, tools))
        });
        let (of_tier, tools) = match of_tier {
            Ok(rates) => rates,
            Err(error) => return always(error),
        };
        let priced: Vec<_> = of_tier.iter().chain(&tools).copied().collect();
        let holds = holds(&priced, query.period, found.released());
        // What does not change within a period is what it is at its first instant.
        let period = match holds {
            Holds::Within(..) => Period::at(query.period.start),
            Holds::Only(period) => period,
        };
        let query = Query { period, ..*query };
        let card = in_force(&found, &of_tier, &query, self.strict).and_then(|mut candidates| {
            // Tools alone are no card of a tier that is not in force.
            candidates.extend(in_force(&found, &tools, &query, self.strict).unwrap_or_default());
            card(found, candidates, &query)
        });
        Answer { card, holds }
    }

    /// Facts about a model besides its prices, the user's before the built-in ones.
    #[must_use]
    pub fn facts(&self, provider: &str, model: &str) -> Option<(&'b Tables, &'b ModelFacts)> {
        self.get(provider, model)?.facts().next()
    }

    /// What pages say about a model.
    #[must_use]
    pub fn statements(&self, provider: &str, model: &str) -> Vec<(&'b Tables, &'b Statement)> {
        let Some(found) = self.get(provider, model) else {
            return Vec::new();
        };
        let rows = found.rows.iter().flat_map(|&(_, tables, row)| {
            Tables::rows(&tables.statements, row.statements).iter().map(move |said| (tables, said))
        });
        rows.collect()
    }

    /// The rate limits of a model, by rate limit tier.
    #[must_use]
    pub fn rate_limits(&self, provider: &str, model: &str) -> Vec<(&'b Tables, &'b RateLimit)> {
        let mut limits = Vec::new();
        for (_, tables, row) in self.provider_rows(provider) {
            let rows = Tables::rows(&tables.rate_limits, row.rate_limits).iter();
            let same = rows.filter(|limit| tables.str(limit.model).eq_ignore_ascii_case(model));
            limits.extend(same.map(|limit| (tables, limit)));
        }
        limits
    }

    fn provider_rows(&self, provider: &str) -> Vec<(usize, &'b Tables, &'b Provider)> {
        let rows = self.rows_of_id(&provider.to_ascii_lowercase());
        if !rows.is_empty() {
            return rows;
        }
        let key = folded(provider);
        let id = self.layers.iter().find_map(|&tables| {
            let names: &'b [ProviderName] = &tables.provider_names;
            let at = names.binary_search_by(|row| tables.str(row.name).cmp(&key)).ok()?;
            Some(tables.str(names.get(at)?.provider))
        });
        self.rows_of_id(id.unwrap_or(&key))
    }

    fn rows_of_id(&self, key: &str) -> Vec<(usize, &'b Tables, &'b Provider)> {
        let rows = self.layers.iter().enumerate().filter_map(|(layer, &tables)| {
            let providers: &'b [Provider] = &tables.providers;
            let at = providers.binary_search_by(|row| tables.str(row.id).cmp(key)).ok()?;
            Some((layer, tables, providers.get(at)?))
        });
        rows.collect()
    }
}

impl<'b> Found<'b> {
    fn has_prices(&self) -> bool {
        self.rows.iter().any(|(_, _, row)| row.prices.start < row.prices.end)
    }

    /// Every unit price of the model, of all periods and conditions.
    #[must_use]
    pub fn rates(&self) -> Vec<Rate<'b>> {
        let rates = self.rows.iter().flat_map(|&(layer, tables, model)| {
            let rows = Tables::rows(&tables.prices, model.prices).iter();
            rows.map(move |row| Rate { tables, row, layer })
        });
        rates.collect()
    }
}
