//! What may be said about a bill that usage is compared with.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::InputArgs;
use super::number::money;
use super::usage::read_formats;

#[derive(Debug, ClapArgs)]
pub(crate) struct BillArgs {
    /// A bill, which is compared with the usage
    ///
    /// A cost export; may be repeated. The gap is split by causes; `--format csv` prints the comparison
    /// instead of the findings.
    #[arg(long = "bill", value_name = "FILE")]
    pub(crate) bills: Vec<PathBuf>,
    /// A bill's total, such as `123.45USD`
    #[arg(long = "bill-total", value_name = "AMOUNT", value_parser = money, conflicts_with = "bills")]
    pub(crate) bill_total: Option<String>,
    /// Format of the bill, instead of recognising it
    #[arg(hide_short_help = true, long = "bill-from", value_name = "FORMAT", requires = "bills", value_parser = read_formats())]
    pub(crate) bill_from: Option<String>,
    /// Columns of a bill that is a plain CSV, such as `time=day,model=name,cost=amount`
    #[arg(
        hide_short_help = true,
        long = "bill-map",
        value_name = "FIELD=COLUMN,…",
        requires = "bills"
    )]
    pub(crate) bill_map: Option<String>,
}

impl BillArgs {
    /// True when there is a bill.
    pub(crate) fn is_given(&self) -> bool {
        !self.bills.is_empty() || self.bill_total.is_some()
    }

    /// The bill's files, read as the usage is.
    pub(crate) fn input(&self, usage: &InputArgs) -> InputArgs {
        InputArgs {
            files: self.bills.clone(),
            recursive: usage.recursive,
            no_dedup: usage.no_dedup,
            memory: usage.memory,
            from: self.bill_from.clone(),
            provider: usage.provider.clone(),
            map: self.bill_map.clone(),
            map_file: None,
            service_tier: None,
            at: None,
            given: usage.given.clone(),
        }
    }
}
