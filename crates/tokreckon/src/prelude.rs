//! What an application that prices usage needs, in one line: `use tokreckon::prelude::*;`.

pub use crate::book::{Known, PriceBook, Query};
pub use crate::charge::{Amount, Charge, Shape};
pub use crate::document::{ChargeDocument, ReportDocument};
pub use crate::grade::{Assumption, Doubt, Grade};
pub use crate::ledger::{Dimension, Filter, Ledger, Settings};
pub use crate::money::{Currency, Exact, Money, MoneyError, TrySum};
pub use crate::pipeline::{Input, Pipeline, PipelineError, Run};
pub use crate::price::ServiceTier;
pub use crate::read::{Item, Options, read};
pub use crate::report::{Group, Report};
pub use crate::response::ResponseError;
pub use crate::time::{Instant, Period};
pub use crate::usage::{Meter, Totals, Usage};
