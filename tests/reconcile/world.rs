//! A made-up seller, its customers' usage and its bills. The arithmetic here is its own: whole
//! numbers of 1e-10 dollars, nothing of the library's.

use std::collections::BTreeMap;

use crate::random::Random;

/// The price file that the library gets.
pub(crate) const PRICES: &str = r#"
provider = "acme"
currency = "USD"

[[price]]
models = ["acme-large"]
from = 2025-01-01
until = 2025-03-04
input = "5"
cache-read = "2.50"
output = "20"

[[price]]
models = ["acme-large"]
from = 2025-03-04
input = "3.10"
cache-read = "0.77"
output = "13"

[[price]]
models = ["acme-large"]
service-tier = "batch"
from = 2025-01-01
input = "1.60"
cache-read = "0.39"
output = "6.40"

[[price]]
models = ["acme-small"]
from = 2025-01-01
until = 2025-03-04
input = "0.40"
cache-read = "0.20"
output = "1.70"

[[price]]
models = ["acme-small"]
from = 2025-03-04
input = "0.25"
cache-read = "0.06"
output = "1.10"

[[price]]
models = ["acme-small"]
service-tier = "batch"
from = 2025-01-01
input = "0.13"
cache-read = "0.03"
output = "0.56"

[[price]]
models = ["acme-long"]
from = 2025-01-01
until = 2025-03-04
input = "2.10"
cache-read = "1.05"
output = "9"

[[price]]
models = ["acme-long"]
from = 2025-03-04
input = "1.30"
cache-read = "0.31"
output = "7"

[[price]]
models = ["acme-long"]
above = { tokens = 200000, comparison = ">", scope = "whole-request" }
from = 2025-03-04
input = "2.70"
cache-read = "0.58"
output = "11"

[[price]]
models = ["acme-long"]
service-tier = "batch"
from = 2025-01-01
input = "0.66"
cache-read = "0.16"
output = "3.70"
"#;

/// Another seller of the same models.
pub(crate) const RESELLER: &str = r#"
provider = "reseller"
currency = "USD"

[[price]]
models = ["acme-large"]
from = 2025-01-01
input = "3.37"
cache-read = "0.91"
output = "14.30"

[[price]]
models = ["acme-small"]
from = 2025-01-01
input = "0.29"
cache-read = "0.07"
output = "1.31"

[[price]]
models = ["acme-long"]
from = 2025-01-01
input = "1.49"
cache-read = "0.37"
output = "7.90"
"#;

pub(crate) const MODELS: [&str; 3] = ["acme-large", "acme-small", "acme-long"];

/// Input, cached input, output, in 1e-10 dollars a token (1e-4 dollars per million).
type Prices = [i128; 3];

/// One price list: now, before 2025-03-04, batch, at the reseller, for long prompts.
struct Lists {
    now: Prices,
    before: Prices,
    batch: Prices,
    reseller: Prices,
    long: Prices,
}

const LISTS: [Lists; 3] = [
    Lists {
        now: [31_000, 7_700, 130_000],
        before: [50_000, 25_000, 200_000],
        batch: [16_000, 3_900, 64_000],
        reseller: [33_700, 9_100, 143_000],
        long: [31_000, 7_700, 130_000],
    },
    Lists {
        now: [2_500, 600, 11_000],
        before: [4_000, 2_000, 17_000],
        batch: [1_300, 300, 5_600],
        reseller: [2_900, 700, 13_100],
        long: [2_500, 600, 11_000],
    },
    Lists {
        now: [13_000, 3_100, 70_000],
        before: [21_000, 10_500, 90_000],
        batch: [6_600, 1_600, 37_000],
        reseller: [14_900, 3_700, 79_000],
        long: [27_000, 5_800, 110_000],
    },
];

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) model: usize,
    pub(crate) day: usize,
    /// Cached tokens included.
    pub(crate) input: u64,
    pub(crate) cached: u64,
    /// Reasoning included.
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
}

/// How the seller charges one model on one day.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that may be wrong")]
pub(crate) struct Way {
    pub(crate) batch: bool,
    pub(crate) cached_as_input: bool,
    pub(crate) without_long: bool,
    pub(crate) before: bool,
    pub(crate) reseller: bool,
    pub(crate) reasoning_twice: bool,
    pub(crate) twice: bool,
}

/// Amounts by kind of token: input, cached input, output.
pub(crate) fn charged(requests: &[Request], way: Way) -> [i128; 3] {
    let mut sum = [0; 3];
    for request in requests {
        let list = &LISTS[request.model];
        // Only today's own list has prices for long prompts.
        let prices = if way.batch {
            list.batch
        } else if way.reseller {
            list.reseller
        } else if way.before {
            list.before
        } else if request.input > 200_000 && !way.without_long {
            list.long
        } else {
            list.now
        };
        let cached_price = if way.cached_as_input { prices[0] } else { prices[1] };
        let output = request.output + if way.reasoning_twice { request.reasoning } else { 0 };
        let times = if way.twice { 2 } else { 1 };
        sum[0] += i128::from(request.input - request.cached) * prices[0] * times;
        let at = usize::from(!way.cached_as_input);
        sum[at] += i128::from(request.cached) * cached_price * times;
        sum[2] += i128::from(output) * prices[2] * times;
    }
    sum
}

/// A few days of requests.
pub(crate) fn requests(random: &mut Random) -> Vec<Request> {
    let days = 2 + random.index(4);
    let mut requests = Vec::new();
    for day in 0..days {
        for model in 0..MODELS.len() {
            if random.chance(15) {
                continue;
            }
            for _ in 0..=random.index(3) {
                let long = model == 2 && random.chance(60);
                let input = if long { 200_001 } else { 1_000 } + random.below(150_000);
                let cached = random.below(input / 128) * 128;
                let output = 500 + random.below(60_000);
                let reasoning = random.below(output / 64) * 64;
                requests.push(Request { model, day, input, cached, output, reasoning });
            }
        }
    }
    requests
}

/// Requests by day and model.
pub(crate) fn by_cell(requests: &[Request]) -> BTreeMap<(usize, usize), Vec<Request>> {
    let mut cells: BTreeMap<(usize, usize), Vec<Request>> = BTreeMap::new();
    for request in requests {
        cells.entry((request.day, request.model)).or_default().push(*request);
    }
    cells
}
