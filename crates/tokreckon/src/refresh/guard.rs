//! What looks like a slip of a table: a wrong unit, two amounts swapped, a misplaced point.

use tokreckon_data::schema::UnitPrice;
use tokreckon_data::words::{Meter, State};

use super::series::{Book, Key, ratio};

/// Most that a million tokens of text ever cost, times two, in USD.
const MOST_PER_MILLION: i64 = 1_200;

/// Why an amount is not taken over on the word of one table, which has these others beside it; `None`
/// for nothing to say.
pub(super) fn suspicious(
    book: &Book,
    key: &Key,
    price: &UnitPrice,
    beside: impl Fn(Meter) -> Option<UnitPrice>,
) -> Option<&'static str> {
    if price.state != State::Priced {
        return None;
    }
    if let Some(open) = book.open(key)
        && let Some(tenfold) = ratio(price, &open.price)
        && !(2..=50).contains(&tenfold)
    {
        return Some("more than five times as much or as little as before");
    }
    if key.meter.counts_tokens() && is_out_of_scale(price) {
        return Some("not the scale of a price per million tokens");
    }
    // Input and output from one table: two that are swapped are both wrong.
    let of = |meter: Meter| {
        let of_book = || book.open(&Key { meter, ..key.clone() }).map(|fact| fact.price);
        beside(meter).or_else(of_book)
    };
    let against_input = of(Meter::Input).and_then(|input| ratio(price, &input));
    let against_output = of(Meter::Output).and_then(|output| ratio(&output, price));
    match (key.meter, against_input) {
        (Meter::Input, _) if against_output.is_some_and(|tenfold| tenfold < 10) => {
            Some("output below input")
        }
        (Meter::CacheRead, Some(11..)) => Some("a cache read above the input"),
        (Meter::Output, Some(0..10)) => Some("output below input"),
        (Meter::Output, Some(1_000..)) => Some("output a hundred times the input"),
        _ => against_plain(book, key, price),
    }
}

/// A price under a condition against the one under none.
fn against_plain(book: &Book, key: &Key, price: &UnitPrice) -> Option<&'static str> {
    if key.is_plain() {
        return None;
    }
    let plain = book.open(&key.plain())?;
    let tenfold = ratio(price, &plain.price)?;
    (!(1..=200).contains(&tenfold))
        .then_some("more than twenty times the price without the condition")
}

fn is_out_of_scale(price: &UnitPrice) -> bool {
    let one = 10_i64.checked_pow(u32::from(price.scale)).unwrap_or(i64::MAX);
    let most = one.saturating_mul(MOST_PER_MILLION);
    price.mantissa > most || price.mantissa.saturating_mul(2_000) < one
}
