//! Prices on which sources disagree: what others hold beside the one in the book, from its own text.
//!
//! An entry that is `disputed` names the other amounts in `also-seen`, each with who holds it and when
//! it was seen: `0.15 (litellm 2026-03-09..2026-11-12); 1.02 per hour (genai-prices from 2026-10-20)`.
//! Such an amount may be the true one from the day it was first seen. One that was last seen before
//! the entry began is what it followed, and says nothing against it; nor does one that its table gave up
//! half a year before several tables were last seen to agree, nor one that is the same price in another
//! unit: 0.36 an hour is 0.0001 a second. What cannot be compared, in another unit or in words, refutes
//! nothing and is refuted by nothing: the price stays disputed, without a second amount.

use std::cmp::Ordering;

use crate::price::{Noun, Rate, Standing, UnitPrice};
use crate::time::{DAY_SECONDS, Period};

/// The amounts that others hold for the price of a rate within a period.
pub(super) fn rivals(rate: &Rate<'_>, period: Period) -> Vec<UnitPrice> {
    let held = held_by_others(rate).filter(|rival| rival.first < period.end.0);
    held.filter_map(|rival| rival.price).collect()
}

/// True when others hold another amount, whenever, or something that cannot be compared.
pub(super) fn is_contested(rate: &Rate<'_>) -> bool {
    held_by_others(rate).next().is_some()
}

/// The seconds from which others hold another amount: an answer from before them does not stand after.
pub(super) fn first_sightings(rate: &Rate<'_>) -> impl Iterator<Item = i64> {
    held_by_others(rate).map(|rival| rival.first)
}

/// What others hold and nothing refutes.
fn held_by_others<'r>(rate: &Rate<'r>) -> impl Iterator<Item = Rival> + use<'r> {
    let own = rate.unit_price();
    let from = rate.from().seconds;
    let newest = i64::from(rate.row.seen_day).saturating_mul(DAY_SECONDS);
    let is_agreed = rate.source().contains("; ");
    let is_disputed = rate.standing() == Standing::Disputed;
    let texts = rate.also_seen().split("; ").filter(move |_| is_disputed);
    let differs = move |rival: &Rival| {
        let compared = own.zip(rival.price).and_then(|(own, rival)| rival.compare(&own));
        compared != Some(Ordering::Equal)
    };
    texts.map(move |text| rival(text, own)).filter(differs).filter(move |rival| {
        let given_up = is_agreed && rival.last < newest.saturating_sub(GIVEN_UP_AFTER);
        from <= rival.last && !given_up
    })
}

/// How long before the newest sighting of a price that several tables hold another amount was last seen
/// when it counts as a mistake that was put right: the newest sightings agree, and stand. Tables are read
/// months apart, so less says nothing.
const GIVEN_UP_AFTER: i64 = 180 * DAY_SECONDS;

/// What another source holds, and the seconds between which it was seen.
struct Rival {
    /// `None` for what cannot be compared with the book's price.
    price: Option<UnitPrice>,
    first: i64,
    last: i64,
}

/// Reads `AMOUNT (WHO DATES)` or `AMOUNT per UNIT (WHO DATES)`. Without any day it is held at all times.
fn rival(text: &str, own: Option<UnitPrice>) -> Rival {
    let said = text.strip_suffix(')').and_then(|text| text.split_once(" ("));
    let (amount, who) = said.unwrap_or((text, ""));
    let days: Vec<i64> =
        who.split([' ', ',']).flat_map(|word| word.split("..")).filter_map(day).collect();
    let first = days.iter().copied().min().unwrap_or(i64::MIN);
    let last = match days.iter().copied().max() {
        Some(last) if !who.contains(" from ") => last + DAY_SECONDS,
        _ => i64::MAX,
    };
    let first = if who.contains(" until ") { i64::MIN } else { first };
    Rival { price: own.and_then(|own| comparable(amount, own)), first, last }
}

/// The amount as a price for what the book's price is for.
fn comparable(amount: &str, own: UnitPrice) -> Option<UnitPrice> {
    let (amount, (per, noun)) = match amount.split_once(" per ") {
        Some((amount, written)) => (amount, unit(written)?),
        None => (amount, (own.per, own.noun)),
    };
    let price = UnitPrice { amount: amount.parse().ok()?, per, noun, ..own };
    price.compare(&own).map(|_| price)
}

/// The unit that an entry writes: `1000 requests`, `1M tokens`, `hour`.
fn unit(written: &str) -> Option<(u64, Noun)> {
    let (per, noun) = match written.split_once(' ') {
        None => (1, written),
        Some((per, noun)) => {
            let (digits, thousands) = match per.strip_suffix(['K', 'M']) {
                Some(digits) if per.ends_with('K') => (digits, 1_000),
                Some(digits) => (digits, 1_000_000),
                None => (per, 1),
            };
            (digits.parse::<u64>().ok()?.checked_mul(thousands)?, noun)
        }
    };
    let noun = Noun::from_word(noun).or_else(|| Noun::from_word(&format!("{noun}s")))?;
    (per > 0).then_some((per, noun))
}

/// The first second of `2026-10-26`.
fn day(word: &str) -> Option<i64> {
    Period::of_date(word).map(|day| day.start.0)
}

#[cfg(test)]
mod tests {
    use tokreckon_data::BUILTIN;

    use super::*;
    use crate::book::PriceBook;

    /// What a disputed entry says beside its price is read to the last word, but for prices of something
    /// else.
    #[test]
    fn every_amount_beside_a_disputed_price_is_read() {
        let book = PriceBook::builtin();
        let mut read = 0;
        for provider in book.providers() {
            for model in book.models(provider) {
                let found = book.get(provider, model).expect("a listed model");
                for rate in found.rates() {
                    let Some(own) = rate.unit_price() else { continue };
                    if rate.standing() != Standing::Disputed {
                        continue;
                    }
                    for text in rate.also_seen().split("; ") {
                        let of_other = text.split_once(" per ").is_some_and(|(_, rest)| {
                            let noun = rest.split_once(" (").and_then(|(written, _)| unit(written));
                            noun.is_some_and(|(_, noun)| noun.counted() != own.noun.counted())
                        });
                        assert!(
                            rival(text, Some(own)).price.is_some() || of_other,
                            "{provider} {model} {}: {text}",
                            rate.meter()
                        );
                        read += 1;
                    }
                }
            }
        }
        assert!(read >= 500 && !BUILTIN.prices.is_empty(), "{read}");
    }

    #[test]
    fn a_rival_holds_from_its_first_sighting() {
        let own = UnitPrice {
            amount: "0.10".parse().expect("an amount"),
            per: 1_000_000,
            noun: Noun::Tokens,
            currency: crate::money::Currency::USD,
        };
        let said = |text: &str| {
            let rival = rival(text, Some(own));
            let price = rival.price?;
            let day = |seconds: i64| crate::time::day_text(seconds.div_euclid(DAY_SECONDS));
            let last = if rival.last == i64::MAX { "open".to_owned() } else { day(rival.last) };
            Some(format!("{} {} {last}", price.amount, day(rival.first)))
        };
        let span = said("0.15 (litellm,portkey 2026-03-09..2026-11-12)");
        assert_eq!(span.as_deref(), Some("0.15 2026-03-09 2026-11-13"));
        let open = said("0.15 (genai-prices from 2026-06-09)");
        assert_eq!(open.as_deref(), Some("0.15 2026-06-09 open"));
        assert_eq!(said("10.00 per 1000 requests (litellm 2026-10-20)"), None);
        assert_eq!(said("cheaper (litellm 2026-10-20)"), None);
        let of_thousand = said("0.0002 per 1K tokens (litellm 2026-10-20)");
        assert_eq!(of_thousand.as_deref(), Some("0.0002 2026-10-20 2026-10-21"));
    }

    /// Whisper's price by the second and by the hour is one price; by another hour it is disputed.
    #[test]
    fn units_of_time_are_compared() {
        let own = UnitPrice {
            amount: "0.0001".parse().expect("an amount"),
            per: 1,
            noun: Noun::Seconds,
            currency: crate::money::Currency::USD,
        };
        let differs = |text: &str| {
            let price = rival(text, Some(own)).price;
            price.map(|price| price.compare(&own) != Some(Ordering::Equal))
        };
        assert_eq!(differs("0.36 per hour (genai-prices 2026-10-20)"), Some(false));
        assert_eq!(differs("0.006 per minute (genai-prices 2026-10-20)"), Some(false));
        assert_eq!(differs("0.40 per hour (genai-prices 2026-10-20)"), Some(true));
        let book = PriceBook::builtin();
        let found = book.get("openai", "whisper-1").expect("a listed model");
        assert!(found.rates().iter().all(|rate| !is_contested(rate)));
        let found = book.get("groq", "whisper-large-v3").expect("a listed model");
        assert!(found.rates().iter().any(is_contested), "0.00003083 is 0.111 / 3600 cut off");
    }
}
