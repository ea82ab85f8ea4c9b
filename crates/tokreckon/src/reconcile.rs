//! Usage against a bill: the gap, explained by causes that add up to it.
//!
//! A [`Bill`] is read from cost exports; a [`Reconciler`] takes the usage record by record while a
//! ledger charges it. Both sides are compared under the coarsest keys that they have in common
//! ([`Key`]). Where the bill tells short prompts from long ones and the usage does not, usage is divided as
//! the bill says, if that fits to the last digit. Where they differ, the usage is priced again with one condition changed (another
//! service tier, cached input at the price of input, the prices of another period, …), then with
//! two; an explanation counts only when it fits to the last digit. What does not fit is
//! `unexplained`: nothing is spread, smoothed or called an error of rounding that is none. Usage
//! without a price leaves a gap open: what it costs nobody can say.
//!
//! The parts of a gap add up to it exactly; a [`Reconciliation`] in which they did not could not be
//! made.
//!
//! ```
//! use tokreckon::book::PriceBook;
//! use tokreckon::ledger::{Ledger, Settings};
//! use tokreckon::read::{Item, Options, read};
//! use tokreckon::reconcile::{Bill, Cause, Reconciler};
//!
//! let usage = "model,input_tokens,output_tokens,cached_tokens,timestamp
//! o1-mini,1000000,1000000,500000,2025-04-09T08:00:00Z
//! ";
//! // Input at 1.10, nothing at the 0.55 of cached input, output at 4.40.
//! let mut bill = Bill::default();
//! bill.add_total("5.50 USD".parse().unwrap())?;
//!
//! let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
//! let mut reconciler = Reconciler::new(bill);
//! let options = Options { provider: "openai", ..Options::default() };
//! read(usage.as_bytes(), &options, &mut |item| {
//!     if let Item::Record(record) = item {
//!         let outcome = ledger.add(record);
//!         reconciler.observe(record, &outcome, &ledger);
//!     }
//! })?;
//! let result = reconciler.finish(&ledger)?;
//! let causes: Vec<_> =
//!     result.causes.iter().map(|((_, cause), sum)| (*cause, sum.amount.to_string())).collect();
//! assert_eq!(causes, [(Cause::Cached, "0.275".to_owned())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod line_item;
mod meter;
mod change;
mod bill;
mod intake;
mod key;
mod keys;
mod context;
mod reprice;
mod fit;
mod variations;
mod not_priced;
mod outcome;
mod explain;
mod verdict;
mod headline;

pub use bill::Bill;
pub use change::Cause;
pub use intake::Reconciler;
pub use key::{Key, NotCompared};
pub use line_item::Class;
pub use not_priced::NotPriced;
pub use outcome::{
    CauseSum, ClassSums, Compared, GapPart, Reading, ReconcileError, Reconciliation, Sums, Verdict,
};

use self::context::divide;
use self::explain::explain;
use self::keys::matched;
use self::reprice::Pricer;
use crate::ledger::Ledger;

impl Reconciler {
    /// Compares. The ledger is the one that charged the usage.
    ///
    /// # Errors
    /// When a sum needs more than 38 digits; nothing is rounded.
    pub fn finish(&self, ledger: &Ledger<'_>) -> Result<Reconciliation, ReconcileError> {
        let mut matched = matched(self, ledger)?;
        divide(&mut matched, ledger)?;
        let (cells, not_tried_in_pairs) = explain(&matched, self, Pricer::new(ledger))?;
        Ok(Reconciliation {
            keys: matched.keys,
            not_compared: matched.not_compared,
            unknown_line_items: matched.unknown,
            rows_without_amount: self.bill.without_amount(),
            not_tried_in_pairs,
            rejected_rows: self.rejected,
            ..Reconciliation::of(cells)?
        })
    }
}
