//! The reference: tiktoken-rs, and a plain byte-pair merge for what the reference cannot do.

use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::{cmp::Reverse, thread};

use tiktoken_rs::CoreBPE;
use tokreckon_tokenizer::Encoding;

/// One encoding of each pattern and vocabulary; the other three are compared in `vocabulary.rs`.
pub(crate) const DISTINCT: [Encoding; 4] =
    [Encoding::O200kBase, Encoding::Cl100kBase, Encoding::P50kBase, Encoding::R50kBase];

/// The reference's encoder.
pub(crate) fn reference(encoding: Encoding) -> &'static CoreBPE {
    match encoding {
        Encoding::O200kBase => tiktoken_rs::o200k_base_singleton(),
        Encoding::O200kHarmony => tiktoken_rs::o200k_harmony_singleton(),
        Encoding::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
        Encoding::P50kBase => tiktoken_rs::p50k_base_singleton(),
        Encoding::P50kEdit => tiktoken_rs::p50k_edit_singleton(),
        Encoding::R50kBase | Encoding::Gpt2 => tiktoken_rs::r50k_base_singleton(),
        other => panic!("{other} has no reference"),
    }
}

/// Asserts that ids and count of one text are the reference's.
#[track_caller]
pub(crate) fn assert_same(encoding: Encoding, text: &str) {
    let expected = reference(encoding).encode_ordinary(text);
    let ids = encoding.encode(text);
    if ids != expected {
        let cut: String = text.chars().take(200).collect();
        let at = ids.iter().zip(&expected).take_while(|(a, b)| a == b).count();
        let around = |ids: &[u32]| {
            let near = &ids[at.saturating_sub(3)..ids.len().min(at + 5)];
            let token = |id: &u32| encoding.decode(&[*id]).unwrap_or_default();
            near.iter()
                .map(token)
                .map(|b| String::from_utf8_lossy(&b).into_owned())
                .collect::<Vec<_>>()
        };
        panic!("{encoding} {cut:?}…: ours {:?}, reference {:?}", around(&ids), around(&expected));
    }
    assert_eq!(encoding.count(text), expected.len(), "{encoding} counts {text:?}");
}

/// Does the jobs on two threads.
pub(crate) fn on_two_threads<Job: Copy + Send + Sync>(jobs: &[Job], work: impl Fn(Job) + Sync) {
    let (first, second) = jobs.split_at(jobs.len() / 2);
    let do_all = |jobs: &[Job]| {
        for &job in jobs {
            work(job);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| do_all(first));
        do_all(second);
    });
}

/// The ordinary tokens of the reference with their bytes.
pub(crate) fn tokens(encoding: Encoding) -> BTreeMap<u32, Vec<u8>> {
    let reference = reference(encoding);
    let special: Vec<Vec<u8>> =
        reference.special_tokens().iter().map(|name| name.as_bytes().to_vec()).collect();
    let bytes = |id| reference.decode_bytes(&[id]).ok().filter(|bytes| !special.contains(bytes));
    (0..210_000).filter_map(|id| Some((id, bytes(id)?))).collect()
}

/// Byte-pair encoding of one piece as the textbook has it: merge the best pair until none is left.
pub(crate) fn textbook_count(tokens: &BTreeMap<u32, Vec<u8>>, piece: &[u8]) -> usize {
    let ranks: HashMap<&[u8], u32> = tokens.iter().map(|(&id, b)| (b.as_slice(), id)).collect();
    let end = piece.len();
    let mut next: Vec<usize> = (1..=end).collect();
    let mut previous: Vec<usize> = (0..end).map(|at| at.wrapping_sub(1)).collect();
    let mut alive = vec![true; end];
    let mut heap = BinaryHeap::new();
    let pair = |next: &[usize], at: usize| {
        let middle = next[at];
        let stop = *next.get(middle)?;
        ranks.get(&piece[at..stop]).map(|&rank| Reverse((rank, at, stop)))
    };
    heap.extend((0..end).filter_map(|at| pair(&next, at)));
    let mut count = end;
    while let Some(Reverse((_, at, stop))) = heap.pop() {
        let current = |at: usize| next.get(next[at]).copied();
        if !alive[at] || current(at) != Some(stop) {
            continue;
        }
        alive[next[at]] = false;
        next[at] = stop;
        if stop < end {
            previous[stop] = at;
        }
        count -= 1;
        heap.extend(pair(&next, at));
        if at > 0 {
            heap.extend(pair(&next, previous[at]));
        }
    }
    count
}
