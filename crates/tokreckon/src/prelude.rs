//! What an application that prices usage needs, in one line: `use tokreckon::prelude::*;`.

pub use crate::book::{Known, PriceBook, Query};
pub use crate::charge::{Amount, Charge, Shape};
pub use crate::grade::{Assumption, Doubt, Grade};
pub use crate::money::{Currency, Exact, Money, MoneyError, TrySum};
pub use crate::price::ServiceTier;
pub use crate::time::{Instant, Period};
pub use crate::usage::{Meter, Totals, Usage};

#[cfg(feature = "read")]
pub use crate::{
    ledger::{Dimension, Filter, Ledger, Settings},
    pipeline::{Input, Pipeline, PipelineError, Run},
    read::{Item, Options, read},
    report::{Group, Report},
    response::ResponseError,
};

#[cfg(feature = "audit")]
pub use crate::document::{ChargeDocument, ReportDocument};

#[cfg(feature = "count")]
pub use crate::request::count;
