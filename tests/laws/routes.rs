//! What a ledger remembers of the records before changes no digit: one that has seen them all says
//! what many say that have seen one each.

use tokreckon::book::PriceBook;
use tokreckon::ledger::{Ledger, Settings};

use crate::conservation::TABLES;
use crate::random::each_case;
use crate::table::{any_dimensions, any_rows, any_settings};

#[test]
fn records_before_make_no_difference() {
    each_case(600, |random| {
        let settings = Settings { by: any_dimensions(random), ..any_settings(random) };
        let mut rows = any_rows(random);
        // Many records like one another, instants and longer periods.
        rows.truncate(12);
        rows.extend_from_within(..);
        rows.extend_from_within(..);
        random.shuffle(&mut rows);
        let empty = Ledger::new(PriceBook::builtin().with_layer(&TABLES), settings);
        let (mut together, mut one_by_one) = (empty.sibling(), empty.sibling());
        for row in &rows {
            let outcome = together.add(&row.record());
            let mut own = empty.sibling();
            let own_outcome = own.add(&row.record());
            assert_eq!(
                std::mem::discriminant(&outcome.outcome),
                std::mem::discriminant(&own_outcome.outcome),
                "{row:?}"
            );
            one_by_one.absorb(own);
        }
        assert_eq!(together.report(), one_by_one.report());
    });
}
