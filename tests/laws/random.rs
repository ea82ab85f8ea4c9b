//! Random numbers from a seed, and the loop that names the seed of a case that fails.

use std::env::var_os;

/// `SplitMix64`: every seed is a good one, and the same numbers come out everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`, which is above zero.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// An index into something of this length.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let bound = u64::try_from(length).expect("a length");
        usize::try_from(self.below(bound)).expect("an index")
    }

    pub(crate) const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.index(list.len())]
    }

    /// Up to 2^`bits`, small numbers as likely as large ones.
    pub(crate) const fn magnitude(&mut self, bits: u64) -> u64 {
        let bits = self.below(bits + 1);
        if bits == 64 { self.next() } else { self.next() & ((1 << bits) - 1) }
    }

    /// A magnitude of one of these numbers of bits.
    pub(crate) fn magnitude_of(&mut self, bits: &[u64]) -> u64 {
        let bits = self.pick(bits);
        self.magnitude(bits)
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.index(at + 1));
        }
    }
}

fn number(name: &str) -> Option<u64> {
    let text = var_os(name)?;
    let number = text.to_str().and_then(|text| text.parse().ok());
    Some(number.unwrap_or_else(|| panic!("{name} is `{}`, not a number", text.display())))
}

/// Runs a law on as many cases as `TOKRECKON_CASES` says, each with a seed of its own.
pub(crate) fn each_case(default: u64, mut law: impl FnMut(&mut Random)) {
    let first = number("TOKRECKON_SEED").unwrap_or(0);
    for seed in first..first + number("TOKRECKON_CASES").unwrap_or(default) {
        let named = Named(seed);
        law(&mut Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d)));
        drop(named);
    }
}

/// Says which case it was when a law is broken.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("broken: TOKRECKON_SEED={} TOKRECKON_CASES=1 shows this case alone", self.0);
        }
    }
}
