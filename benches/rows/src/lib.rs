//! A seeded world of providers, models, prices and requests, with exact integer money.

use std::fmt::Write as _;

/// Picodollars: a price of up to 6 decimals a million tokens times one token is a whole number.
pub const UNIT: u64 = 1_000_000_000_000;
/// First day of the requests, as days since 1970-01-01: 2026-03-01.
pub const FIRST_DAY: i64 = 20_513;
/// Days with requests.
pub const DAYS: i64 = 30;
/// Day on which some prices change: 2026-03-16.
pub const CHANGE_DAY: i64 = FIRST_DAY + 15;
/// Prompts above this cost more, for the models that have such a price tier.
pub const LONG_PROMPT: u64 = 200_000;

const PROVIDERS: [&str; 6] = ["alpha", "bravo-ai", "charlie", "delta-cloud", "echo", "foxtrot"];
const SIZES: [&str; 7] = ["nano", "mini", "small", "medium", "large", "xl", "max"];

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// Prices a million tokens in millionths of a dollar: input, cached input, output.
pub type Prices = [u64; 3];

/// A model at a provider.
pub struct Model {
    pub provider: &'static str,
    pub name: String,
    /// Until the day of the change, and from then on.
    pub prices: [Prices; 2],
    /// Whether prompts above 200,000 tokens cost twice as much.
    pub long_costs_more: bool,
}

/// 40 models of 6 providers.
pub fn models() -> Vec<Model> {
    let mut random = Random(7);
    let model = |at: usize| {
        let provider = PROVIDERS[at % PROVIDERS.len()];
        let name = format!("{}-{}-{}", provider, SIZES[at % SIZES.len()], 1 + at / PROVIDERS.len());
        let input = (1 + random.below(200)) * 50_000;
        let old = [input, input / 10, input * 4];
        let new = if at % 4 == 1 { old.map(|price| price / 5 * 4) } else { old };
        Model { provider, name, prices: [old, new], long_costs_more: at == 3 }
    };
    (0..40).map(model).collect()
}

impl Model {
    /// The prices of a request.
    pub fn prices_at(&self, day: i64, batch: bool, prompt: u64) -> Prices {
        let prices = self.prices[usize::from(day >= CHANGE_DAY)];
        let prices = if batch { prices.map(|price| price / 2) } else { prices };
        if self.long_costs_more && prompt > LONG_PROMPT { prices.map(|price| price * 2) } else { prices }
    }

    /// The cost of a request in picodollars.
    pub fn cost(&self, day: i64, batch: bool, [input, cached, output]: [u64; 3]) -> u64 {
        let [price, cached_price, output_price] = self.prices_at(day, batch, input);
        (input - cached) * price + cached * cached_price + output * output_price
    }
}

/// `YYYY-MM-DD` of days since 1970-01-01, for the month of the benchmark.
pub fn date(day: i64) -> String {
    format!("2026-03-{:02}", day - FIRST_DAY + 1)
}

/// A whole number of parts of `10^places` as a decimal.
pub fn decimal(parts: u128, places: usize) -> String {
    let mut text = format!("{parts:0>width$}", width = places + 1);
    text.insert(text.len() - places, '.');
    let text = text.trim_end_matches('0');
    text.trim_end_matches('.').to_owned()
}

/// The prices of a provider as a file for `--prices`.
pub fn price_file(provider: &str, models: &[Model]) -> String {
    let mut text = format!("provider = \"{provider}\"\ncurrency = \"USD\"\n");
    for model in models.iter().filter(|model| model.provider == provider) {
        let changes = model.prices[0] != model.prices[1];
        for period in 0..=usize::from(changes) {
            for batch in [false, true] {
                for long in [false, true].into_iter().filter(|long| !long || model.long_costs_more) {
                    let day = if period == 0 { FIRST_DAY } else { CHANGE_DAY };
                    let prompt = if long { LONG_PROMPT + 1 } else { 0 };
                    let prices = model.prices_at(day, batch, prompt).map(|price| decimal(price.into(), 6));
                    let _ = write!(text, "\n[[price]]\nmodels = [\"{}\"]\n", model.name);
                    if long {
                        text.push_str("above = { tokens = 200000, comparison = \">\", scope = \"whole-request\" }\n");
                    }
                    if batch {
                        text.push_str("service-tier = \"batch\"\n");
                    }
                    let _ = writeln!(text, "from = {}", if period == 0 { "2026-01-01".to_owned() } else { date(day) });
                    if changes && period == 0 {
                        let _ = writeln!(text, "until = {}", date(CHANGE_DAY));
                    }
                    let [input, cached, output] = prices;
                    let _ = write!(
                        text,
                        "input = \"{input}\"\ncache-read = \"{cached}\"\noutput = \"{output}\"\nsource = \"generated\"\n"
                    );
                }
            }
        }
    }
    text
}

/// The same for everybody else: one row per model, day, batch and length of the prompt.
pub fn price_table(models: &[Model]) -> String {
    let mut text = "provider,model,day,batch,long,input,cached,output\n".to_owned();
    for model in models {
        for day in FIRST_DAY..FIRST_DAY + DAYS {
            for (batch, long) in [(false, false), (false, true), (true, false), (true, true)] {
                let prompt = if long { LONG_PROMPT + 1 } else { 0 };
                let [input, cached, output] =
                    model.prices_at(day, batch, prompt).map(|price| decimal(price.into(), 6));
                let _ = writeln!(
                    text,
                    "{},{},{},{batch},{long},{input},{cached},{output}",
                    model.provider,
                    model.name,
                    date(day)
                );
            }
        }
    }
    text
}
