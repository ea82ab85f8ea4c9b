//! Reading `[[tier-rule]]`.

use super::entry::{File, TierRuleEntry};
use super::fields::{Fields, Reader};
use super::grammar::decimal;
use super::{Origin, each_entry};
use crate::words::{Precision, ServiceTier};

/// Reads every `[[tier-rule]]`.
pub(super) fn read_rules(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    for mut fields in each_entry(reader, top, "tier-rule", "[[tier-rule]]") {
        let f = &mut fields;
        if !f.has("service-tier") && !f.has("variant") {
            reader.missing(
                f,
                "service-tier",
                "say which tier, such as `batch`, or which `variant`",
            );
        }
        let (all, spelling) = (ServiceTier::ALL, ServiceTier::as_str as fn(_) -> _);
        let service_tier = reader.word(f, "service-tier", "service tier", all, spelling);
        let variant = reader.text(f, "variant");
        let variant = variant.filter(|variant| reader.is_variant(variant));
        let variant = variant.map_or_else(String::new, |found| found.value);
        let is_of_one = service_tier.is_some() == variant.is_empty();
        if f.has("service-tier") && f.has("variant") {
            let said = "a rule is about a `service-tier` or about a `variant`, not about both";
            reader.mistake(f.offset, said, "write one rule for each");
        }
        let models = reader.words(f, "models").iter().map(|id| id.to_lowercase()).collect();
        let from = reader.bound(f, "from").filter(|from| from.value.precision == Precision::Day);
        if from.is_none() {
            reader.missing(f, "from", "say on which day the rule began");
        }
        if !f.has("share") {
            reader.missing(f, "share", "say which share of the standard price, such as `0.5`");
        }
        let share = read_share(reader, f, "share");
        let cache_share = read_share(reader, f, "cache-share");
        let seen_day = reader.day(f, "seen").map(|found| found.value);
        if reader.origin == Origin::Shipped && seen_day.is_none() {
            reader.missing(f, "seen", "say on which day it was last seen");
        }
        let source = reader.required_text(f, "source", "say who announced the rule");
        reader.finish(&fields);
        if let (Some(from), Some(share), Some(source), true) = (from, share, source, is_of_one) {
            let (from, source) = (from.value.seconds, source.value);
            file.tier_rules.push(TierRuleEntry {
                service_tier,
                variant,
                models,
                from,
                share,
                cache_share,
                seen_day,
                source,
            });
        }
    }
}

/// A share such as `"0.5"`, above zero.
fn read_share(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_>,
    key: &'static str,
) -> Option<(i64, u8)> {
    let found = reader.text(fields, key)?;
    let share = decimal(&found.value).ok().filter(|(digits, scale)| *digits > 0 && *scale <= 4);
    if share.is_none() {
        let message = format!("`{}` is not a share", found.value);
        reader.mistake(found.offset, message, "write it like `0.5`, with at most four decimals");
    }
    share
}
