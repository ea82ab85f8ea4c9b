//! Copies are those that a map finds: in memory and in a store, in parts and in any order.

use std::collections::BTreeMap;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::audit::{Code, MAX_ROWS};
use crate::money::Exact;

/// A record: its id, whether it has large numbers, whether its line is the one before.
type Seen = (u32, bool, bool);

struct Sighting {
    hash: u128,
    row: RowRef,
    tokens: u128,
    stake: Option<RawCost>,
}

/// Fingerprints that agree in their partition, in a prefix, in all but their last bit, by turns.
fn hash(id: u32) -> u128 {
    let last_bits = u128::from(id) << 40;
    u128::from(id % 3) << 120 | u128::from(id / 3 % 2) << 100 | last_bits | 0x1234
}

fn sightings(seen: &[Seen]) -> Vec<Sighting> {
    let mut line = 1;
    let all = seen.iter().enumerate().map(|(at, (id, is_large, same_line))| {
        line += u64::from(!same_line) * if *is_large { 1 << 26 } else { 3 };
        let number = i128::from(line) * 3;
        let cost = RawCost {
            mantissa: if *is_large { 1 << 90 } else { number },
            scale: 9 + u32::try_from(line % 3).expect("small"),
            currency: if line.is_multiple_of(5) { Currency::CNY } else { Currency::USD },
        };
        Sighting {
            hash: hash(*id),
            row: RowRef { file: at / 250, line },
            tokens: if *is_large { 1 << 100 } else { at as u128 * 7 },
            stake: (!line.is_multiple_of(3)).then_some(cost),
        }
    });
    all.collect()
}

fn note(findings: &mut BTreeMap<String, Finding>, message: &str, copy: &Sighting) {
    let new = || Finding::new(Code::DuplicateRequestId, message.to_owned(), None);
    let finding = findings.entry(message.to_owned()).or_insert_with(new);
    if finding.rows.len() < MAX_ROWS {
        finding.rows.push(copy.row);
    }
    let stake = copy.stake.and_then(|RawCost { mantissa, scale, currency }| {
        Some((currency, Exact::new(mantissa, scale).ok()?))
    });
    finding.count(copy.tokens, stake);
}

/// What a map finds, in the order of the input.
fn expected(sightings: &[Sighting]) -> Vec<Finding> {
    let mut by_id: BTreeMap<u128, Vec<&Sighting>> = BTreeMap::new();
    for sighting in sightings {
        by_id.entry(sighting.hash).or_default().push(sighting);
    }
    let mut groups: Vec<(RowRef, RowRef, u128)> = by_id
        .iter()
        .filter(|(_, same)| same.len() > 1)
        .map(|(hash, same)| (same[1].row, same[0].row, hash >> 40 & ((1 << 80) - 1)))
        .collect();
    groups.sort_unstable();
    groups.truncate(20);
    let mut findings = BTreeMap::new();
    let mut met = BTreeMap::new();
    for sighting in sightings {
        let same = &by_id[&sighting.hash];
        let before = met.entry(sighting.hash).or_insert(0);
        *before += 1;
        if *before == 1 {
            continue;
        }
        let (first, second) = (same[0].row, same[1].row);
        let name = (second, first, sighting.hash >> 40 & ((1 << 80) - 1));
        let message = if groups.contains(&name) {
            let other = if first.file == sighting.row.file { "" } else { " of another file" };
            format!("request id first seen on line {}{other}", first.line)
        } else {
            "request ids first seen on other lines".to_owned()
        };
        note(&mut findings, &message, sighting);
    }
    findings.into_values().collect()
}

/// Findings by message; those with the same one together.
fn by_message(found: Vec<Finding>) -> Vec<Finding> {
    let mut all: BTreeMap<String, Finding> = BTreeMap::new();
    for finding in found {
        match all.get_mut(&finding.message) {
            Some(same) => same.absorb(finding),
            None => drop(all.insert(finding.message.clone(), finding)),
        }
    }
    all.into_values().collect()
}

fn memory() -> Opener {
    Opener(Box::new(|| Ok(Box::new(Cursor::new(Vec::new())))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn copies_are_those_that_a_map_finds(
        seen in prop::collection::vec((0..300_u32, prop::bool::weighted(0.1), prop::bool::weighted(0.05)), 0..1_500),
        ids in 1..300_u32,
        pieces in 1..400_u64,
        parts in 1..4_usize,
        limit in prop::option::of(0..3_usize),
        threads in 0..3_usize,
    ) {
        let seen: Vec<Seen> = seen.into_iter().map(|(id, large, same)| (id % ids, large, same)).collect();
        let sightings = sightings(&seen);
        let mut all = match limit {
            None => Ids::default(),
            Some(limit) => Ids::with_store(limit * 4 * PIECE_BYTES, memory()),
        };
        // The last part numbers its currencies by itself.
        let mut some: Vec<Ids> = (1..parts).map(|_| all.sibling()).collect();
        some.push(Ids::default());
        // Parts take turns with pieces of the input, and the last one is ahead of the others.
        let mut turns: Vec<(usize, &[Sighting])> = sightings
            .chunk_by(|left, right| {
                left.row == right.row || left.row.line / pieces == right.row.line / pieces
            })
            .enumerate()
            .map(|(at, piece)| (at % parts, piece))
            .collect();
        turns.sort_by_key(|(part, _)| std::cmp::Reverse(*part));
        for (part, piece) in turns {
            for sighting in piece {
                some[part].see_hash(sighting.hash, sighting.row, sighting.tokens, sighting.stake);
            }
            if part % 2 == 0 {
                all.settle(&mut some[part]);
            }
        }
        for part in some {
            all.absorb(part);
        }
        if limit == Some(0) && !seen.is_empty() {
            prop_assert!(all.spill.is_some() || all.full.bytes() == 0);
        }
        let found = all.findings(threads).expect("memory");
        prop_assert_eq!(by_message(found), expected(&sightings));
    }
}

#[test]
fn a_store_that_fails_is_said() {
    let mut ids = Ids::with_store(0, Opener(Box::new(|| Err(io::ErrorKind::StorageFull.into()))));
    for line in 0..2_000 {
        ids.see_hash(hash(3), RowRef { file: 0, line }, 1, None);
    }
    let error = ids.findings(1).expect_err("a full disk");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn one_id_in_every_record_takes_no_memory() {
    let mut ids = Ids::default();
    for line in 0..100_000 {
        ids.see(b"the same", RowRef { file: 0, line }, 10, None);
    }
    let found = ids.findings(2).expect("memory");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].records, found[0].tokens), (99_999, 999_990));
    assert_eq!(found[0].rows.len(), MAX_ROWS);
    assert_eq!(found[0].rows[0].line, 1);
}

#[test]
fn what_is_rolled_back_was_never_seen() {
    // Some limits are reached before the mark, some after it, some never.
    for limit in (0..48).map(|pieces| pieces * PIECE_BYTES).chain([usize::MAX]) {
        let mut ids = Ids::with_store(limit, memory());
        let see = |ids: &mut Ids, file: usize| {
            let mut part = ids.sibling();
            for line in 0..4_000 {
                let id = u32::try_from(line).expect("small");
                part.see_hash(hash(id), RowRef { file, line }, 1, None);
            }
            ids.settle(&mut part);
            part
        };
        let part = see(&mut ids, 0);
        ids.absorb(part);
        let mark = ids.mark();
        drop(see(&mut ids, 1));
        ids.forget_since(&mark);
        let part = see(&mut ids, 2);
        ids.absorb(part);
        let found = ids.findings(2).expect("memory");
        let copies: u64 = found.iter().map(|finding| finding.records).sum();
        assert_eq!(copies, 4_000);
        assert!(found.iter().flat_map(|finding| &finding.rows).all(|row| row.file == 2));
    }
}
