//! Hash tables without probing: each bucket of keys has a pilot that moves them to slots of their own.

use std::cmp::Reverse;

/// How many slots there are for each bucket.
pub(crate) const SLOTS_PER_BUCKET: usize = 4;

/// The slots of keys with these hashes, and the pilot of each bucket (8 bits).
pub(crate) fn places(hashes: &[u64], slots: usize) -> (Vec<usize>, Vec<u32>) {
    let mut buckets: Vec<Vec<usize>> = vec![Vec::new(); slots / SLOTS_PER_BUCKET];
    for (key, &hash) in hashes.iter().enumerate() {
        buckets[home(hash, slots / SLOTS_PER_BUCKET)].push(key);
    }
    let mut largest_first: Vec<usize> = (0..buckets.len()).collect();
    largest_first.sort_by_key(|&bucket| Reverse(buckets[bucket].len()));
    let mut taken = vec![false; slots];
    let mut places = vec![0; hashes.len()];
    let mut pilots = vec![0; buckets.len()];
    for bucket in largest_first {
        let wanted =
            |pilot| buckets[bucket].iter().map(move |&key| slot(hashes[key], pilot, slots));
        let fits = |pilot: &u32| {
            let mut wanted: Vec<usize> = wanted(*pilot).collect();
            wanted.sort_unstable();
            wanted.iter().all(|&slot| !taken[slot]) && wanted.windows(2).all(|two| two[0] != two[1])
        };
        let pilot = (0..256).find(fits).expect("a pilot fits each bucket");
        pilots[bucket] = pilot;
        for &key in &buckets[bucket] {
            places[key] = slot(hashes[key], pilot, slots);
            taken[places[key]] = true;
        }
    }
    (places, pilots)
}

/// The upper bits choose the bucket.
pub(crate) fn home(hash: u64, buckets: usize) -> usize {
    usize::try_from(hash >> (64 - buckets.trailing_zeros())).expect("a slot is an index")
}

/// Where the pilot of its bucket moves a hash; `src/vocabulary.rs` has the same.
fn slot(hash: u64, pilot: u32, slots: usize) -> usize {
    let moved = hash ^ u64::from(pilot).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    home(moved.wrapping_mul(0xA076_1D64_78BD_642F), slots)
}
