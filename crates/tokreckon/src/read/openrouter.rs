//! OpenRouter's requests: the Activity page's export (CSV, 23 or 24 columns) and the answers of
//! the call `/api/v1/generation` (JSON).
//!
//! A row is a request. The prompt includes cached tokens (not a column before 2026), the
//! completion includes reasoning. The call also writes normalised counts; what is billed are the
//! `native_` ones. `created_at` is UTC without saying so. `cost_total` is in dollars and holds the
//! costs of searches, files and caching already; what a customer's own key cost upstream
//! (`byok_usage_inference`) is not part of it. Cancelled requests are billed for what was made.
//! `provider_name` is the upstream, whose price is a variant of the book where it has one.
//! A generation id seen in two files is one request.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, upstream};
use crate::book::Known;
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    id: Option<usize>,
    time: Option<usize>,
    model: Option<usize>,
    variant: Option<usize>,
    upstream: Option<usize>,
    cost: Option<usize>,
    prompt: Option<usize>,
    cached: Option<usize>,
    completion: Option<usize>,
    reasoning: Option<usize>,
    api_key: Option<usize>,
    app: Option<usize>,
    user: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::OpenRouter;
        let completions = ["native_tokens_completion", "tokens_completion"];
        Ok(Self {
            id: Some(header.need_any(format, &["generation_id", "id"])?),
            time: Some(header.need(format, "created_at")?),
            model: Some(header.need_any(format, &["model_permaslug", "model"])?),
            variant: header.column("variant"),
            upstream: header.column("provider_name"),
            cost: Some(header.need_any(format, &["cost_total", "total_cost"])?),
            prompt: Some(header.need_any(format, &["native_tokens_prompt", "tokens_prompt"])?),
            cached: header.any(&["native_tokens_cached", "tokens_cached"]),
            completion: Some(header.need_any(format, &completions)?),
            reasoning: header.any(&["native_tokens_reasoning", "tokens_reasoning"]),
            api_key: header.column("api_key_name"),
            app: header.any(&["app_name", "origin"]),
            user: header.any(&["user", "external_user"]),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let totals = Totals {
            layout: Layout::INSIDE,
            input: row.count(self.prompt)?,
            cache_read: row.count(self.cached)?,
            output: row.count(self.completion)?,
            reasoning: row.count(self.reasoning)?,
            ..Totals::default()
        };
        let (slug, variant) = (row.text(self.model)?, row.text(self.variant)?);
        let model = match &*variant {
            "" | "standard" => slug,
            variant => format!("{slug}:{variant}").into(),
        };
        let upstream = upstream::variant(&row.text(self.upstream)?);
        let (id, api_key) = (row.text(self.id)?, row.text(self.api_key)?);
        let (app, user) = (row.text(self.app)?, row.text(self.user)?);
        let cost = row.amount(self.cost)?;
        each(Item::Record(&Record {
            line: row.line(),
            provider: "openrouter",
            model: &model,
            variant: Known::Is(&upstream),
            period: Some(row.needed_time(self.time)?),
            totals: Some(totals),
            reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
            project: &app,
            api_key: &api_key,
            user: &user,
            id: &id,
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
