//! From collected prices to the files of our schema: one per provider, with remarks.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon_data::schema::{
    Above, AliasEntry, File, Place, PriceEntry, UnitPrice, WindowEntry, WindowUse,
};
use tokreckon_data::table::Bound;
use tokreckon_data::words::{Meter, Precision, Scope, Standing};

use super::collect::{Cell, Collector, Conditions, Draft, Model, Span, shortened};
use super::hours::Hours;
use super::{Imported, PriceFile};
use crate::time::day_text;

/// The note of a price that was taken over from below a price tier.
const AS_BELOW: &str = "as below the price tier: the table gives none of its own";

/// Gives a price tier the prices that its table does not give again there: they hold at any length
/// of the prompt, and our tiers stand for themselves. How many.
fn fill(model: &mut Model) -> u64 {
    let mut filled = 0;
    let tiers: BTreeSet<&Conditions> =
        model.cells.keys().map(|(c, _)| c).filter(|c| c.above.is_some()).collect();
    let mut more: Vec<((Conditions, Meter), Cell)> = Vec::new();
    for tier in tiers {
        let base = Conditions { above: None, ..tier.clone() };
        let of = |conditions: &Conditions| {
            let conditions = conditions.clone();
            model.cells.iter().filter(move |((c, _), _)| *c == conditions)
        };
        let spans: BTreeSet<Span> = of(tier).flat_map(|(_, cells)| cells).map(|c| c.span).collect();
        for ((_, meter), cells) in of(&base) {
            let key = (tier.clone(), *meter);
            let own = model.cells.get(&key).map_or(&[][..], Vec::as_slice);
            let mut taken: Vec<Span> = own.iter().map(|cell| cell.span).collect();
            for span in &spans {
                let free = !taken.iter().any(|taken| taken.overlaps(*span));
                if let Some(cell) = cells.iter().find(|cell| free && cell.span.covers(*span)) {
                    taken.push(*span);
                    let cell = Cell { span: *span, filled: true, ..cell.clone() };
                    more.push((key.clone(), cell));
                    filled += 1;
                }
            }
        }
    }
    for (key, cell) in more {
        model.cells.entry(key).or_default().push(cell);
    }
    filled
}

impl Collector<'_> {
    /// The files, and what was counted on the way.
    pub(super) fn finish(mut self) -> Imported {
        let mut files = Vec::new();
        let (mut written, mut filled) = (0, 0);
        let mut drafts = std::mem::take(&mut self.drafts);
        for model in drafts.values_mut().flat_map(|draft| draft.models.values_mut()) {
            filled += fill(model);
        }
        for (provider, draft) in &drafts {
            if draft.models.is_empty() {
                continue;
            }
            let file = self.file(provider, draft);
            let remarks = self.remarks(&file);
            let file = PriceFile { file, remarks };
            written += file.prices();
            files.push(file);
        }
        Imported {
            files,
            found: self.found,
            written: written - filled,
            filled,
            repeated: self.repeated,
            not_asked: self.not_asked,
            repairs: self.repairs,
            left_out: self.left_out,
            conflicts: self.conflicts,
            patterns: self.patterns,
            repeated_keys: Vec::new(),
        }
    }

    fn file(&self, provider: &str, draft: &Draft) -> File {
        let mut file = File {
            provider: provider.to_owned(),
            name: if draft.name.is_empty() { provider } else { &draft.name }.to_owned(),
            currency: "USD".to_owned(),
            ..File::default()
        };
        let mut windows: BTreeMap<String, &Hours> = BTreeMap::new();
        for model in draft.models.values() {
            let mut entries: BTreeMap<(&Conditions, Span, &str, bool), Vec<UnitPrice>> =
                BTreeMap::new();
            for ((conditions, _), cells) in &model.cells {
                if let Some((hours, _)) = &conditions.hours {
                    windows.insert(hours.name(), hours);
                }
                for cell in cells {
                    let key = (conditions, cell.span, cell.also_seen.as_str(), cell.filled);
                    entries.entry(key).or_default().push(cell.unit);
                }
            }
            for ((conditions, span, also_seen, filled), prices) in entries {
                let mut entry = self.entry(&model.id, conditions, span, also_seen, prices);
                if filled {
                    AS_BELOW.clone_into(&mut entry.note);
                }
                file.prices.push(entry);
            }
        }
        file.windows = windows
            .into_iter()
            .map(|(name, hours)| WindowEntry {
                name,
                hours: hours.spans.clone(),
                days: hours.days,
                except: String::new(),
            })
            .collect();
        for (key, (id, of)) in &draft.aliases {
            let target = draft.models.contains_key(&of.to_lowercase());
            if target && !draft.models.contains_key(key) {
                let (id, of, source) = (id.clone(), of.clone(), self.evidence());
                file.aliases.push(AliasEntry { place: Place::default(), id, of, source });
            }
        }
        file
    }

    fn entry(
        &self,
        model: &str,
        conditions: &Conditions,
        span: Span,
        also_seen: &str,
        mut prices: Vec<UnitPrice>,
    ) -> PriceEntry {
        prices.sort_by_key(|price| price.meter);
        let day = |day: i32| Bound { seconds: i64::from(day) * 86_400, precision: Precision::Day };
        let unknown = Bound { seconds: 0, precision: Precision::Unknown };
        let open = Bound { seconds: 0, precision: Precision::Open };
        // A price that has ended was last seen the day before.
        let seen =
            span.until.map_or(self.options.seen_day, |end| self.options.seen_day.min(end - 1));
        let basis = match span.from {
            None => "the table gives no start",
            Some(from) if Some(from) == self.options.since_day => "given when it was imported",
            Some(_) => "declared by the table",
        };
        let standing =
            if also_seen.is_empty() { Standing::SingleSource } else { Standing::Disputed };
        PriceEntry {
            place: Place::default(),
            models: vec![model.to_owned()],
            service_tier: conditions.service_tier,
            variant: conditions.variant.clone(),
            window: conditions
                .hours
                .as_ref()
                .map(|(hours, outside)| WindowUse { name: hours.name(), outside: *outside }),
            above: conditions.above.map(|(tokens, comparison)| Above {
                tokens,
                comparison,
                scope: Scope::WholeRequest,
            }),
            currency: "USD".to_owned(),
            from: span.from.map_or(unknown, day),
            until: span.until.map_or(open, day),
            prices,
            standing,
            seen_day: Some(seen),
            source: self.evidence(),
            basis: basis.to_owned(),
            also_seen: also_seen.to_owned(),
            promised_through_day: None,
            note: String::new(),
        }
    }

    /// Who says so: the table, and its version or file.
    fn evidence(&self) -> String {
        let name = self.source.name();
        match self.options.commit.map(shortened).filter(|commit| !commit.is_empty()) {
            Some(commit) => format!("{name} {commit}"),
            None => format!("{name} {}", shortened(self.options.file)).trim_end().to_owned(),
        }
    }

    /// What a file says about itself and about what it does not hold.
    fn remarks(&self, file: &File) -> Vec<String> {
        let provider = file.provider.as_str();
        let mut lines = vec![
            format!("Prices of `{provider}`, converted from the table of {}.", self.source.name()),
            format!("Table: {}.", shortened(self.options.file)),
            format!("Seen: {}.", day_text(self.options.seen_day.into())),
        ];
        if let Some(commit) = self.options.commit {
            lines.push(format!("Version: {}.", shortened(commit)));
        }
        let repairs = self.repairs.iter().filter(|repair| repair.provider == provider);
        lines.extend(repairs.map(|r| {
            format!("Float noise repaired: {} {}: {} is {}", r.model, r.field, r.from, r.to)
        }));
        let conflicts = self.conflicts.iter().filter(|conflict| conflict.provider == provider);
        lines.extend(conflicts.map(|c| {
            let (kept, value) = (&c.kept, &c.value);
            format!("Contradiction: {}: {} {kept}, {} {value}", c.model, c.kept_field, c.field)
        }));
        let left_out = self.left_out.iter().filter(|left| left.provider == provider);
        lines.extend(
            left_out.map(|l| {
                format!("Left out: {} {} {}: {}", l.model, l.field, l.value, l.why.as_str())
            }),
        );
        let patterns = self.patterns.iter().filter(|left| left.provider == provider);
        lines.extend(patterns.map(|l| format!("Ids by a pattern: {} {}", l.model, l.value)));
        lines
    }
}
