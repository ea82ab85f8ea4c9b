//! From entries to tables: text once, rows sorted, references as row numbers.
//!
//! `build.rs` uses this for the built-in book, and programs use it for users' files, so both
//! obey the same rules.

// The build script takes this file from another folder.
#[path = "compile/contradictions.rs"]
mod contradictions;
#[path = "compile/ties.rs"]
mod ties;

use std::collections::BTreeMap;

use self::contradictions::{contradictions, names_of_two};
use crate::schema::{
    File, Mistake, ModelEntry, PriceEntry, RateLimitEntry, TierRuleEntry, UnitPrice, tier_order,
};
use crate::table::{
    Bound, Calendar, IdRule, Model, ModelFacts, Price, Provider, ProviderName, RateLimit, Rows,
    Statement, Tables, Text, Window,
};
use crate::words::{Comparison, Meter, Precision, Scope, ServiceTier, Standing, State};

/// Why files cannot be one layer: a mistake that shows only when they are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Index of the file in the argument of [`compile`].
    pub file: usize,
    /// The mistake, at its position in that file.
    pub mistake: Mistake,
}

/// Compiles files, each read without mistakes, to one layer of a price book.
///
/// Several files may speak of one provider, as long as they do not contradict each other.
///
/// ```
/// use tokreckon_data::{compile::compile, schema::{Origin, read}};
///
/// let text = r#"
/// provider = "mine"
/// currency = "EUR"
/// [[price]]
/// models = ["small", "Large"]
/// from = "unknown"
/// input = "0.25"
/// "#;
/// let (file, mistakes) = read(text, Origin::User);
/// assert!(mistakes.is_empty());
/// let tables = compile(&[file]).unwrap();
/// assert_eq!(tables.models.iter().map(|m| tables.str(m.key)).collect::<Vec<_>>(), ["large", "small"]);
/// assert_eq!((tables.prices[0].mantissa, tables.prices[0].scale), (25, 2));
/// ```
pub fn compile(files: &[File]) -> Result<Tables, Vec<Refused>> {
    let mut drafts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        drafts.entry(&file.provider).or_default().push(at);
    }
    let mut builder = Builder::default();
    let mut refused = names_of_two(files);
    for group in drafts.values() {
        refused.extend(contradictions(files, group));
        builder.provider(files, group);
    }
    if builder.text.len() > u32::MAX as usize || builder.windows.len() > usize::from(u16::MAX) {
        let mistake = Mistake {
            line: 1,
            column: 1,
            message: "files are too large to be one layer".to_owned(),
            hint: String::new(),
        };
        refused.push(Refused { file: 0, mistake });
    }
    if refused.is_empty() { Ok(builder.tables()) } else { Err(refused) }
}

/// FNV-1a, 64 bits, over file names and texts in the given order, line ends as LF.
///
/// It names a set of files in reports; it is not a protection against forgery.
#[must_use]
pub fn book_hash(files: &[(&str, &str)]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (name, text) in files {
        let bytes = name.bytes().chain([0]).chain(text.bytes()).chain([0]);
        for byte in bytes.filter(|byte| *byte != b'\r') {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

/// The tables being written.
#[derive(Default)]
struct Builder {
    text: String,
    pieces: BTreeMap<String, Text>,
    providers: Vec<Provider>,
    provider_names: Vec<ProviderName>,
    id_rules: Vec<IdRule>,
    models: Vec<Model>,
    prices: Vec<Price>,
    windows: Vec<Window>,
    calendars: Vec<Calendar>,
    calendar_days: Vec<i32>,
    facts: Vec<ModelFacts>,
    statements: Vec<Statement>,
    rate_limits: Vec<RateLimit>,
}

/// Everything said about one model, from all files of its provider.
#[derive(Default)]
struct Draft<'a> {
    id: &'a str,
    alias_of: &'a str,
    same_as: &'a str,
    prices: Vec<Price>,
    facts: Option<&'a ModelEntry>,
    statements: Vec<Statement>,
}

type Drafts<'a> = BTreeMap<String, Draft<'a>>;

fn draft<'a, 'd>(drafts: &'d mut Drafts<'a>, id: &'a str) -> &'d mut Draft<'a> {
    drafts.entry(id.to_lowercase()).or_insert_with(|| Draft { id, ..Draft::default() })
}

fn row(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Builder {
    /// A piece of text, stored once.
    fn piece(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::default();
        }
        if let Some(piece) = self.pieces.get(text) {
            return *piece;
        }
        let piece = Text { start: row(self.text.len()), len: row(text.len()) };
        self.text.push_str(text);
        self.pieces.insert(text.to_owned(), piece);
        piece
    }

    fn joined(&mut self, words: &[String], separator: &str) -> Text {
        self.piece(&words.join(separator))
    }

    /// Adds everything that files say about one provider.
    fn provider(&mut self, files: &[File], group: &[usize]) {
        let members: Vec<&File> = group.iter().filter_map(|at| files.get(*at)).collect();
        let Some(first) = members.first() else { return };
        let named = members.iter().find(|file| file.name != file.provider).unwrap_or(first);
        let (id, name) = (self.piece(&first.provider), self.piece(&named.name));
        for name in members.iter().flat_map(|file| &file.names) {
            let name = self.piece(name);
            self.provider_names.push(ProviderName { name, provider: id });
        }
        let id_rules = self.id_rules(&members);
        let mut drafts = Drafts::new();
        for file in &members {
            let windows = self.windows(file);
            for entry in &file.prices {
                self.price_entry(&mut drafts, entry, &windows);
            }
        }
        let rules: Vec<&TierRuleEntry> = members.iter().flat_map(|file| &file.tier_rules).collect();
        for rule in rules {
            self.tier_rule(&mut drafts, rule);
        }
        for file in &members {
            for alias in &file.aliases {
                draft(&mut drafts, &alias.id).alias_of = &alias.of;
            }
            for (id, model) in &file.same_as {
                draft(&mut drafts, id).same_as = model;
            }
            for model in &file.models {
                draft(&mut drafts, &model.id).facts = Some(model);
            }
            for stated in &file.stated {
                let statement = Statement {
                    fact: self.piece(&stated.fact),
                    value: self.piece(&stated.value),
                    unit: self.piece(&stated.unit),
                    state: self.piece(&stated.state),
                    source: self.piece(&stated.source),
                    note: self.piece(&stated.note),
                };
                draft(&mut drafts, &stated.model).statements.push(statement);
            }
        }
        let models = self.models(drafts);
        let rate_limits = self.rate_limits(&members);
        let not_sold: Vec<&str> =
            members.iter().flat_map(|file| &file.not_sold).map(String::as_str).collect();
        let not_sold = self.piece(&not_sold.join(" "));
        self.providers.push(Provider { id, name, not_sold, id_rules, models, rate_limits });
    }

    fn id_rules(&mut self, members: &[&File]) -> Rows {
        let start = row(self.id_rules.len());
        for rule in members.iter().flat_map(|file| &file.id_rules) {
            let (pattern, model) = (self.piece(&rule.pattern), self.piece(&rule.model));
            let variant = self.piece(&rule.variant);
            self.id_rules.push(IdRule { pattern, model, variant });
        }
        for prefix in members.iter().flat_map(|file| &file.prefixes) {
            let pattern = self.piece(&format!("{prefix}{{model}}"));
            let (model, variant) = (self.piece("{model}"), Text::default());
            self.id_rules.push(IdRule { pattern, model, variant });
        }
        Rows { start, end: row(self.id_rules.len()) }
    }

    /// Adds the calendars and windows of a file; the rows of the windows, plus one, by name.
    fn windows<'a>(&mut self, file: &'a File) -> BTreeMap<&'a str, u16> {
        let number = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        let mut calendars: BTreeMap<&str, u16> = BTreeMap::new();
        for calendar in &file.calendars {
            let start = row(self.calendar_days.len());
            self.calendar_days.extend(&calendar.days);
            let name = self.piece(&calendar.name);
            self.calendars.push(Calendar {
                name,
                complete_from_day: calendar.complete_from_day,
                complete_until_day: calendar.complete_until_day,
                days: Rows { start, end: row(self.calendar_days.len()) },
                utc_offset_minutes: calendar.utc_offset_minutes,
            });
            calendars.insert(&calendar.name, number(self.calendars.len()));
        }
        let mut windows = BTreeMap::new();
        for window in &file.windows {
            let mut hours = [(0, 0); 4];
            for (slot, span) in hours.iter_mut().zip(&window.hours) {
                *slot = *span;
            }
            let except = calendars.get(window.except.as_str()).copied().unwrap_or(0);
            let name = self.piece(&window.name);
            self.windows.push(Window { name, hours, days: window.days, except });
            windows.insert(window.name.as_str(), number(self.windows.len()));
        }
        windows
    }

    /// Adds the unit prices of an entry to the drafts of its models.
    fn price_entry<'a>(
        &mut self,
        drafts: &mut Drafts<'a>,
        entry: &'a PriceEntry,
        windows: &BTreeMap<&str, u16>,
    ) {
        let rows: Vec<Price> =
            entry.prices.iter().map(|price| self.price(entry, price, windows)).collect();
        for model in &entry.models {
            draft(drafts, model).prices.extend(&rows);
        }
    }

    fn price(
        &mut self,
        entry: &PriceEntry,
        price: &UnitPrice,
        windows: &BTreeMap<&str, u16>,
    ) -> Price {
        let window = entry.window.as_ref();
        let above = entry.above;
        Price {
            meter: price.meter,
            state: price.state,
            mantissa: price.mantissa,
            scale: price.scale,
            noun: price.noun,
            per: price.per,
            currency: self.piece(&entry.currency),
            service_tier: entry.service_tier,
            variant: self.piece(&entry.variant),
            window: window.and_then(|used| windows.get(used.name.as_str()).copied()).unwrap_or(0),
            outside_window: window.is_some_and(|used| used.outside),
            threshold: above.map_or(0, |above| above.tokens),
            comparison: above.map_or(Comparison::Above, |above| above.comparison),
            scope: above.map_or(Scope::WholeRequest, |above| above.scope),
            from: entry.from,
            until: entry.until,
            standing: entry.standing,
            seen_day: entry.seen_day.unwrap_or(i32::MIN),
            promised_through_day: entry.promised_through_day.unwrap_or(i32::MIN),
            source: self.piece(&entry.source),
            basis: self.piece(&entry.basis),
            also_seen: self.piece(&entry.also_seen),
            note: self.piece(&entry.note),
        }
    }

    /// Adds the prices of a tier that follow from the standard ones, or those of a variant that follow from
    /// the ones without, in every tier: from the first day of the rule to the first such price that the
    /// files list.
    fn tier_rule(&mut self, drafts: &mut Drafts<'_>, rule: &TierRuleEntry) {
        let source = self.piece(&rule.source);
        let variant = self.piece(&rule.variant);
        let basis = self.piece("by the provider's rule");
        for (key, draft) in drafts.iter_mut() {
            if !rule.models.is_empty() && !rule.models.iter().any(|start| key.starts_with(start)) {
                continue;
            }
            let listed: Vec<Price> = draft.prices.clone();
            // A share of one of several amounts would be told as if there were no other.
            let standard = |price: &&Price| {
                let is_plain = match rule.service_tier {
                    Some(_) => price.service_tier == ServiceTier::Standard,
                    None => price.variant.len == 0,
                };
                is_plain && price.meter.counts_tokens() && price.standing != Standing::Disputed
            };
            for price in listed.iter().filter(standard) {
                let is_cached = matches!(
                    price.meter,
                    Meter::CacheRead
                        | Meter::CacheWrite
                        | Meter::CacheWrite5m
                        | Meter::CacheWrite1h
                        | Meter::CacheReadAudio
                        | Meter::CacheReadImage
                );
                let share = if is_cached { rule.cache_share } else { Some(rule.share) };
                let Some(share) = share else { continue };
                let of_tier = match rule.service_tier {
                    Some(service_tier) => Price { service_tier, ..*price },
                    None => Price { variant, ..*price },
                };
                let until = listed.iter().filter(|other| same_place(other, &of_tier));
                let until = until.map(first_second).min().unwrap_or(i64::MAX);
                let (also_seen, note) = (Text::default(), Text::default());
                let own = Price { source, basis, also_seen, note, ..of_tier };
                let seen_day = rule.seen_day.unwrap_or(price.seen_day).min(price.seen_day);
                let own = Price { seen_day, standing: Standing::ByRule, ..own };
                draft
                    .prices
                    .extend(clipped(&own, rule.from, until).and_then(|p| shared(&p, share)));
            }
        }
    }

    fn models(&mut self, drafts: Drafts<'_>) -> Rows {
        let start = row(self.models.len());
        for (key, mut draft) in drafts {
            let first = row(self.prices.len());
            draft.prices.sort_by(|a, b| self.order(a).cmp(&self.order(b)));
            self.prices.append(&mut draft.prices);
            let prices = Rows { start: first, end: row(self.prices.len()) };
            let first = row(self.statements.len());
            self.statements.append(&mut draft.statements);
            let statements = Rows { start: first, end: row(self.statements.len()) };
            let facts = draft.facts.map_or(0, |entry| self.facts(entry));
            let (id, key) = (self.piece(draft.id), self.piece(&key));
            let (alias_of, same_as) = (self.piece(draft.alias_of), self.piece(draft.same_as));
            self.models.push(Model { id, key, alias_of, same_as, prices, facts, statements });
        }
        Rows { start, end: row(self.models.len()) }
    }

    /// What the prices of a model are sorted by.
    fn order(&self, price: &Price) -> impl Ord + use<'_> {
        let start = price.variant.start as usize;
        let variant = self.text.get(start..start + price.variant.len as usize);
        let known = price.from.precision != Precision::Unknown;
        (
            price.service_tier,
            variant,
            (price.window, price.outside_window),
            price.threshold,
            price.meter,
            known.then_some(price.from.seconds),
        )
    }

    /// Adds model facts; their row plus one.
    fn facts(&mut self, entry: &ModelEntry) -> u32 {
        let facts = ModelFacts {
            mode: self.piece(&entry.mode),
            context_window: entry.context_window,
            max_input_tokens: entry.max_input_tokens,
            max_output_tokens: entry.max_output_tokens,
            reasoning: entry.reasoning,
            tokenizer: self.piece(&entry.tokenizer),
            tokenizer_basis: self.piece(&entry.tokenizer_basis),
            modalities_in: self.joined(&entry.modalities_in, " "),
            modalities_out: self.joined(&entry.modalities_out, " "),
            endpoints: self.joined(&entry.endpoints, " "),
            features: self.joined(&entry.features, " "),
            features_not_supported: self.joined(&entry.features_not_supported, " "),
            snapshots: self.joined(&entry.snapshots, " "),
            released: self.piece(&entry.released),
            knowledge_cutoff: self.piece(&entry.knowledge_cutoff),
            retired: self.piece(&entry.retired),
            status: self.joined(&entry.status, "; "),
            open_weights: entry.open_weights,
            source: self.piece(&entry.source),
            disagreements: self.joined(&entry.disagreements, "; "),
        };
        self.facts.push(facts);
        row(self.facts.len())
    }

    fn rate_limits(&mut self, members: &[&File]) -> Rows {
        let start = row(self.rate_limits.len());
        let mut limits: Vec<&RateLimitEntry> =
            members.iter().flat_map(|file| &file.rate_limits).collect();
        limits.sort_by_key(|limit| (limit.model.to_lowercase(), tier_order(&limit.tier)));
        for limit in limits {
            let (model, tier) = (self.piece(&limit.model), self.piece(&limit.tier));
            let source = self.piece(&limit.source);
            self.rate_limits.push(RateLimit {
                model,
                tier,
                supported: limit.supported,
                requests_per_minute: limit.requests_per_minute,
                tokens_per_minute: limit.tokens_per_minute,
                batch_queue_tokens: limit.batch_queue_tokens,
                source,
                seen_day: limit.seen_day.unwrap_or(i32::MIN),
            });
        }
        Rows { start, end: row(self.rate_limits.len()) }
    }

    fn tables(mut self) -> Tables {
        let text = &self.text;
        let of = |name: &ProviderName| {
            let start = name.name.start as usize;
            text.get(start..start + name.name.len as usize)
        };
        self.provider_names.sort_by(|a, b| of(a).cmp(&of(b)));
        self.provider_names.dedup();
        let ties = ties::ties(&self.models, text).into();
        Tables {
            text: self.text.into(),
            ties,
            providers: self.providers.into(),
            provider_names: self.provider_names.into(),
            id_rules: self.id_rules.into(),
            models: self.models.into(),
            prices: self.prices.into(),
            windows: self.windows.into(),
            calendars: self.calendars.into(),
            calendar_days: self.calendar_days.into(),
            facts: self.facts.into(),
            statements: self.statements.into(),
            rate_limits: self.rate_limits.into(),
        }
    }
}

/// True for prices of one meter under the same conditions.
fn same_place(a: &Price, b: &Price) -> bool {
    let place = |p: &Price| (p.meter, p.service_tier, p.variant, p.threshold, p.window);
    place(a) == place(b) && a.outside_window == b.outside_window
}

/// The first second for which a price is vouched for; a start that nobody knows may be any.
fn first_second(price: &Price) -> i64 {
    if price.from.precision == Precision::Unknown { i64::MIN } else { price.from.seconds }
}

/// A price cut to the seconds `[from, until)`; `None` when nothing is left.
fn clipped(price: &Price, from: i64, until: i64) -> Option<Price> {
    let on_day = |seconds| Bound { seconds, precision: Precision::Day };
    let mut cut = *price;
    if price.from.precision != Precision::Unknown && price.from.seconds < from {
        cut.from = on_day(from);
    }
    let end = if price.until.precision == Precision::Open { i64::MAX } else { price.until.seconds };
    if until < end {
        cut.until = on_day(until);
    }
    (first_second(&cut) < until && from < end).then_some(cut)
}

/// A price times a share; `None` where an amount would have more digits than a table holds.
fn shared(price: &Price, (digits, scale): (i64, u8)) -> Option<Price> {
    if price.state != State::Priced {
        return Some(*price);
    }
    let (mantissa, scale) = (price.mantissa.checked_mul(digits)?, price.scale.checked_add(scale)?);
    (scale <= 18).then_some(Price { mantissa, scale, ..*price })
}
