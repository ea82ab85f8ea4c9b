//! Bands on `o200k_base` counts, one per generation of a tokenizer that is public to its owner only.
//!
//! Each was fitted to recorded requests: the 2.5 and 97.5 per cent quantiles of what was billed, wider
//! where few were recorded. `docs/counting-conformance.md` says how often they hold.

use super::read::Endpoint;
use super::tokens::Tokens;

/// A band on `o200k_base` counts, for a tokenizer that is not ours.
pub(crate) struct BandRule {
    name: &'static str,
    /// The only endpoint it is for, where it is for one.
    endpoint: Option<Endpoint>,
    pub(crate) rule: &'static str,
    /// All texts together.
    pub(crate) text: Spread,
    /// Per message.
    pub(crate) framing: Spread,
    /// Function definitions, as compact JSON.
    pub(crate) tools: Spread,
    /// The schema of the answer, as compact JSON.
    pub(crate) schema: Spread,
    /// Tokens added where the model is asked to think: least, likely, most.
    pub(crate) thinking: [u64; 3],
    /// `area`, `tiles` or nothing.
    pub(crate) image: &'static str,
}

/// Ratios per mille and constants: `[ratio, constant]`.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) low: [u64; 2],
    pub(crate) likely: [u64; 2],
    pub(crate) high: [u64; 2],
}

impl Spread {
    /// The band for a count.
    pub(crate) fn of(self, tokens: u64) -> Tokens {
        let at = |[ratio, constant]: [u64; 2], round: u64| {
            (tokens.saturating_mul(ratio).saturating_add(round) / 1000).saturating_add(constant)
        };
        let (low, likely, high) = (at(self.low, 0), at(self.likely, 500), at(self.high, 999));
        Tokens::around(likely, likely.saturating_sub(low), high.saturating_sub(likely))
    }
}

/// The band of a tokenizer.
pub(crate) fn band_rule(name: &str, endpoint: Endpoint) -> &'static BandRule {
    let found = BANDS
        .iter()
        .find(|band| band.name == name && band.endpoint.is_none_or(|only| only == endpoint));
    found.unwrap_or(&OTHER)
}

/// A row: name, rule, endpoint; then text, framing, tools and schema, each as least, likely and most
/// `[per mille, constant]`; then thinking, and the rule for images.
#[expect(clippy::too_many_arguments, reason = "the columns of a table")]
const fn band(
    name: &'static str,
    rule: &'static str,
    endpoint: Option<Endpoint>,
    text: [[u64; 2]; 3],
    framing: [[u64; 2]; 3],
    tools: [[u64; 2]; 3],
    schema: [[u64; 2]; 3],
    thinking: [u64; 3],
    image: &'static str,
) -> BandRule {
    BandRule {
        name,
        endpoint,
        rule,
        text: spread(text),
        framing: spread(framing),
        tools: spread(tools),
        schema: spread(schema),
        thinking,
        image,
    }
}

const fn spread([low, likely, high]: [[u64; 2]; 3]) -> Spread {
    Spread { low, likely, high }
}

/// For a tokenizer without a band of its own.
#[rustfmt::skip]
static OTHER: BandRule = band("other", "band-other", None,
    [[850, 0], [1100, 8], [1500, 40]], [[0, 0], [4000, 0], [9000, 0]],
    [[0, 0], [1200, 150], [3000, 800]], [[0, 0], [1000, 50], [3000, 300]],
    [0, 0, 90], "");

/// By name; a row for one endpoint comes before the row for all.
#[rustfmt::skip]
static BANDS: [BandRule; 27] = [
    band("deepseek", "band-deepseek-responses", Some(Endpoint::Responses),
        [[1000, 58], [1250, 81], [1400, 104]], [[9000, 0], [9000, 0], [9000, 0]],
        [[1000, 198], [1111, 220], [1222, 223]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 90], ""),
    band("claude-2", "band-claude-2", None,
        [[970, 4], [1250, 8], [1350, 10]], [[1417, 0], [1417, 0], [3000, 0]],
        [[0, 0], [1200, 400], [3000, 800]], [[0, 0], [1000, 50], [3000, 300]],
        [28, 29, 40], "area"),
    band("claude-3", "band-claude-3", None,
        [[970, 5], [1250, 6], [1400, 10]], [[0, 0], [1125, 0], [7000, 0]],
        [[500, 500], [1000, 550], [2000, 620]], [[0, 0], [1000, 50], [3000, 300]],
        [28, 29, 40], "area"),
    band("claude-3.5", "band-claude-3.5", None,
        [[1000, 0], [1158, 6], [1400, 13]], [[0, 0], [158, 0], [9000, 0]],
        [[600, 270], [1050, 336], [1500, 420]], [[0, 0], [1000, 50], [3000, 300]],
        [28, 29, 40], "area"),
    // Hosts that speak the dialect of OpenAI turn a schema into a tool.
    band("claude-4.5", "band-claude-4.5", Some(Endpoint::ChatCompletions),
        [[990, 1], [1194, 5], [1350, 8]], [[5000, 0], [9000, 0], [9000, 0]],
        [[300, 480], [1480, 494], [2020, 579]], [[1448, 87], [2294, 87], [2600, 700]],
        [28, 29, 40], "area"),
    band("claude-4.5", "band-claude-4.5", None,
        [[990, 1], [1194, 5], [1350, 8]], [[5000, 0], [9000, 0], [9000, 0]],
        [[300, 480], [1480, 494], [2020, 579]], [[1448, 87], [2294, 87], [2600, 200]],
        [28, 29, 40], "area"),
    band("command", "band-command", None,
        [[992, 0], [1000, 0], [1150, 1]], [[0, 0], [0, 0], [3000, 0]],
        [[340, 0], [750, 0], [969, 4]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("deepseek", "band-deepseek", None,
        [[1000, 0], [1013, 4], [1150, 26]], [[3000, 0], [8074, 0], [9000, 0]],
        [[49, 0], [1523, 193], [2211, 193]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 78, 90], ""),
    band("gemini", "band-gemini", None,
        [[985, 0], [1000, 0], [1200, 2]], [[1034, 0], [9000, 0], [9000, 0]],
        [[220, 0], [976, 0], [1564, 4]], [[32, 0], [281, 0], [1500, 80]],
        [0, 0, 0], "tiles"),
    band("gemini-3", "band-gemini-3", None,
        [[950, 0], [1000, 1], [1150, 3]], [[1000, 0], [1000, 0], [3000, 0]],
        [[300, 5], [600, 4], [1500, 12]], [[0, 1], [0, 1], [1500, 60]],
        [0, 0, 0], "tiles"),
    band("glm", "band-glm", None,
        [[900, 0], [1000, 5], [1150, 13]], [[0, 0], [0, 0], [9000, 0]],
        [[600, 80], [1200, 95], [2200, 120]], [[0, 5], [200, 8], [1000, 20]],
        [0, 0, 0], ""),
    band("gpt-oss", "band-gpt-oss", None,
        [[800, 62], [1000, 67], [1150, 71]], [[0, 0], [7750, 0], [7750, 0]],
        [[150, 0], [875, 8], [1000, 75]], [[0, 80], [0, 103], [1500, 110]],
        [0, 0, 0], ""),
    band("grok-4.1", "band-grok-4.1", None,
        [[983, 0], [1000, 0], [1150, 1]], [[5610, 0], [6224, 0], [9000, 0]],
        [[900, 115], [912, 150], [1200, 215]], [[0, 58], [300, 63], [1500, 80]],
        [0, 0, 0], ""),
    band("grok-4.3", "band-grok-4.3", None,
        [[1000, 192], [1000, 192], [1350, 206]], [[2000, 0], [2000, 0], [3000, 0]],
        [[1012, 22], [1225, 22], [1217, 26]], [[0, 41], [0, 51], [1000, 52]],
        [0, 0, 0], ""),
    band("llama-3", "band-llama-3", None,
        [[1000, 8], [1062, 8], [1150, 12]], [[0, 0], [0, 0], [3000, 0]],
        [[0, 0], [1200, 150], [3000, 800]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("llama-3.3", "band-llama-3.3", None,
        [[900, 34], [1000, 35], [1150, 49]], [[0, 0], [0, 0], [3000, 0]],
        [[600, 90], [0, 154], [2000, 120]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("llama-4", "band-llama-4", None,
        [[950, 0], [1250, 0], [1300, 3]], [[3000, 0], [9000, 0], [9000, 0]],
        [[300, 565], [1113, 655], [2465, 655]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("mistral", "band-mistral", None,
        [[1000, 3], [1250, 2], [1368, 12]], [[0, 0], [0, 0], [3000, 0]],
        [[1080, 4], [1353, 4], [1527, 4]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("mistral-embed", "band-mistral-embed", None,
        [[950, 1], [1200, 2], [1300, 6]], [[0, 0], [0, 0], [3000, 0]],
        [[0, 0], [1200, 150], [3000, 800]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("mistral-small", "band-mistral-small", None,
        [[962, 4], [1250, 12], [1235, 15]], [[3333, 0], [3333, 0], [3971, 0]],
        [[0, 0], [1375, 0], [1475, 4]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("palmyra", "band-palmyra", None,
        [[1000, 31], [1250, 30], [1400, 32]], [[9000, 0], [9000, 0], [9000, 0]],
        [[600, 100], [1200, 90], [2000, 110]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("qwen", "band-qwen", None,
        [[1000, 8], [1010, 8], [1150, 12]], [[8603, 0], [8603, 0], [8603, 0]],
        [[900, 45], [600, 160], [1000, 245]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("claude-4.7", "band-claude-4.7", None,
        [[1350, 5], [1550, 8], [1750, 14]], [[0, 0], [6000, 0], [12000, 0]],
        [[1000, 200], [1600, 550], [2400, 800]], [[0, 0], [1000, 100], [3000, 300]],
        [28, 29, 40], "area"),
    band("gemma", "band-gemma", None,
        [[950, 0], [1050, 1], [1250, 8]], [[0, 0], [3000, 0], [9000, 0]],
        [[0, 0], [1200, 100], [3000, 800]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
    band("grok", "band-grok", None,
        [[950, 0], [1050, 190], [1300, 700]], [[0, 0], [3000, 0], [9000, 0]],
        [[0, 0], [1100, 150], [2500, 600]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 90], ""),
    band("kimi", "band-kimi", None,
        [[850, 0], [1050, 10], [1400, 40]], [[0, 0], [5000, 0], [9000, 0]],
        [[0, 0], [1200, 150], [3000, 800]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 90], ""),
    band("mistral vision", "band-mistral-vision", None,
        [[950, 0], [1100, 4], [1400, 16]], [[0, 0], [3000, 0], [9000, 0]],
        [[0, 0], [1350, 5], [2000, 60]], [[0, 0], [1000, 50], [3000, 300]],
        [0, 0, 0], ""),
];
