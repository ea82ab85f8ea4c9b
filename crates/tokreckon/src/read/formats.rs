//! The formats of named columns, one file each: a [`Schema`](super::schema::Schema) and, where the
//! format computes, a small function.

mod aimlapi;
mod anthropic_usage;
mod anthropic_cost;
mod bills;
mod cursor;
pub(super) mod deepseek;
mod github_usage;
mod helicone;
mod langfuse;
mod litellm;
mod one_api;
mod openai_activity;
mod openai_cost;
mod openai_usage;
mod openrouter;
pub(super) mod plain;
pub(super) mod plain_cost;
mod portkey;

pub(super) use aimlapi::AIMLAPI;
pub(super) use anthropic_cost::ANTHROPIC_COST;
pub(super) use anthropic_usage::ANTHROPIC_USAGE;
pub(super) use bills::{AWS_CUR, AZURE_COST, FOCUS, GOOGLE_BILLING};
pub(super) use cursor::CURSOR;
pub(super) use deepseek::{DEEPSEEK_COST, DEEPSEEK_USAGE};
pub(super) use github_usage::GITHUB_USAGE;
pub(super) use helicone::HELICONE;
pub(super) use langfuse::LANGFUSE;
pub(super) use litellm::LITELLM;
pub(super) use one_api::{NEW_API, ONE_API};
pub(super) use openai_activity::OPENAI_ACTIVITY;
pub(super) use openai_cost::OPENAI_COST;
pub(super) use openai_usage::OPENAI_USAGE;
pub(super) use openrouter::{OPENROUTER, OPENROUTER_ACTIVITY};
pub(super) use plain::PLAIN;
pub(super) use plain_cost::PLAIN_COST;
pub(super) use portkey::PORTKEY;
