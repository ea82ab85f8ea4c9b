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
        Tokens::around(
            likely,
            likely.saturating_sub(low),
            high.saturating_sub(likely),
        )
    }
}

/// The band of a tokenizer.
pub(crate) fn band_rule(name: &str, endpoint: Endpoint) -> &'static BandRule {
    let found = BANDS
        .iter()
        .find(|band| band.name == name && band.endpoint.is_none_or(|only| only == endpoint));
    found.unwrap_or(&OTHER)
}

/// For a tokenizer without a band of its own.
const OTHER: BandRule = BandRule {
    name: "other",
    endpoint: None,
    rule: "band-other",
    text: Spread {
        low: [850, 0],
        likely: [1100, 8],
        high: [1500, 40],
    },
    framing: Spread {
        low: [0, 0],
        likely: [4000, 0],
        high: [9000, 0],
    },
    tools: Spread {
        low: [0, 0],
        likely: [1200, 150],
        high: [3000, 800],
    },
    schema: Spread {
        low: [0, 0],
        likely: [1000, 50],
        high: [3000, 300],
    },
    thinking: [0, 0, 90],
    image: "",
};

/// By name; a row for one endpoint comes before the row for all.
static BANDS: [BandRule; 26] = [
    BandRule {
        name: "deepseek",
        endpoint: Some(Endpoint::Responses),
        rule: "band-deepseek-responses",
        text: Spread {
            low: [1000, 82],
            likely: [1250, 81],
            high: [1400, 104],
        },
        framing: Spread {
            low: [9000, 0],
            likely: [9000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [1000, 198],
            likely: [1111, 220],
            high: [1222, 223],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 90],
        image: "",
    },
    BandRule {
        name: "claude-2",
        endpoint: None,
        rule: "band-claude-2",
        text: Spread {
            low: [970, 4],
            likely: [1250, 8],
            high: [1350, 10],
        },
        framing: Spread {
            low: [1417, 0],
            likely: [1417, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1200, 400],
            high: [3000, 800],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [28, 29, 40],
        image: "area",
    },
    BandRule {
        name: "claude-3",
        endpoint: None,
        rule: "band-claude-3",
        text: Spread {
            low: [1000, 7],
            likely: [1250, 6],
            high: [1400, 9],
        },
        framing: Spread {
            low: [0, 0],
            likely: [1125, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [0, 524],
            likely: [0, 581],
            high: [0, 666],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [28, 29, 40],
        image: "area",
    },
    BandRule {
        name: "claude-3.5",
        endpoint: None,
        rule: "band-claude-3.5",
        text: Spread {
            low: [1000, 0],
            likely: [1158, 6],
            high: [1400, 13],
        },
        framing: Spread {
            low: [158, 0],
            likely: [158, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [1860, 0],
            likely: [1050, 336],
            high: [704, 475],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [28, 29, 40],
        image: "area",
    },
    BandRule {
        name: "claude-4.5",
        endpoint: None,
        rule: "band-claude-4.5",
        text: Spread {
            low: [1000, 3],
            likely: [1194, 5],
            high: [1350, 8],
        },
        framing: Spread {
            low: [5000, 0],
            likely: [9000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 494],
            likely: [1480, 494],
            high: [2020, 579],
        },
        schema: Spread {
            low: [1448, 87],
            likely: [2294, 87],
            high: [0, 1005],
        },
        thinking: [28, 29, 40],
        image: "area",
    },
    BandRule {
        name: "command",
        endpoint: None,
        rule: "band-command",
        text: Spread {
            low: [992, 0],
            likely: [1000, 0],
            high: [1150, 1],
        },
        framing: Spread {
            low: [0, 0],
            likely: [0, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [340, 0],
            likely: [750, 0],
            high: [969, 4],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "deepseek",
        endpoint: None,
        rule: "band-deepseek",
        text: Spread {
            low: [1000, 0],
            likely: [1013, 4],
            high: [1150, 26],
        },
        framing: Spread {
            low: [3000, 0],
            likely: [8074, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [49, 0],
            likely: [1523, 193],
            high: [2211, 193],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 90],
        image: "",
    },
    BandRule {
        name: "gemini",
        endpoint: None,
        rule: "band-gemini",
        text: Spread {
            low: [995, 0],
            likely: [1000, 0],
            high: [1150, 1],
        },
        framing: Spread {
            low: [1034, 0],
            likely: [9000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [352, 0],
            likely: [976, 0],
            high: [1564, 4],
        },
        schema: Spread {
            low: [32, 0],
            likely: [281, 0],
            high: [0, 113],
        },
        thinking: [0, 0, 0],
        image: "tiles",
    },
    BandRule {
        name: "gemini-3",
        endpoint: None,
        rule: "band-gemini-3",
        text: Spread {
            low: [1000, 0],
            likely: [1000, 1],
            high: [1150, 3],
        },
        framing: Spread {
            low: [1000, 0],
            likely: [1000, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [0, 14],
            likely: [0, 17],
            high: [0, 37],
        },
        schema: Spread {
            low: [0, 1],
            likely: [0, 1],
            high: [0, 92],
        },
        thinking: [0, 0, 0],
        image: "tiles",
    },
    BandRule {
        name: "glm",
        endpoint: None,
        rule: "band-glm",
        text: Spread {
            low: [900, 0],
            likely: [1000, 5],
            high: [1150, 13],
        },
        framing: Spread {
            low: [0, 0],
            likely: [0, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 121],
            likely: [0, 155],
            high: [0, 205],
        },
        schema: Spread {
            low: [0, 9],
            likely: [0, 9],
            high: [0, 18],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "gpt-oss",
        endpoint: None,
        rule: "band-gpt-oss",
        text: Spread {
            low: [900, 67],
            likely: [1000, 67],
            high: [1150, 71],
        },
        framing: Spread {
            low: [0, 0],
            likely: [7750, 0],
            high: [7750, 0],
        },
        tools: Spread {
            low: [13, 0],
            likely: [875, 8],
            high: [0, 358],
        },
        schema: Spread {
            low: [0, 83],
            likely: [0, 103],
            high: [0, 134],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "grok-4.1",
        endpoint: None,
        rule: "band-grok-4.1",
        text: Spread {
            low: [983, 0],
            likely: [1000, 0],
            high: [1150, 1],
        },
        framing: Spread {
            low: [5610, 0],
            likely: [6224, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [979, 121],
            likely: [912, 150],
            high: [665, 249],
        },
        schema: Spread {
            low: [0, 58],
            likely: [0, 73],
            high: [0, 102],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "grok-4.3",
        endpoint: None,
        rule: "band-grok-4.3",
        text: Spread {
            low: [1000, 192],
            likely: [1000, 192],
            high: [1350, 206],
        },
        framing: Spread {
            low: [2000, 0],
            likely: [2000, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [1012, 22],
            likely: [1225, 22],
            high: [1217, 26],
        },
        schema: Spread {
            low: [0, 41],
            likely: [0, 51],
            high: [0, 59],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "llama-3",
        endpoint: None,
        rule: "band-llama-3",
        text: Spread {
            low: [1000, 8],
            likely: [1062, 8],
            high: [1150, 12],
        },
        framing: Spread {
            low: [0, 0],
            likely: [0, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1200, 150],
            high: [3000, 800],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "llama-3.3",
        endpoint: None,
        rule: "band-llama-3.3",
        text: Spread {
            low: [900, 34],
            likely: [1000, 35],
            high: [1150, 49],
        },
        framing: Spread {
            low: [0, 0],
            likely: [0, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [0, 116],
            likely: [0, 154],
            high: [0, 180],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "llama-4",
        endpoint: None,
        rule: "band-llama-4",
        text: Spread {
            low: [1000, 0],
            likely: [1250, 0],
            high: [1172, 1],
        },
        framing: Spread {
            low: [9000, 0],
            likely: [9000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 578],
            likely: [1113, 655],
            high: [2465, 655],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "mistral",
        endpoint: None,
        rule: "band-mistral",
        text: Spread {
            low: [1000, 3],
            likely: [1250, 2],
            high: [1368, 12],
        },
        framing: Spread {
            low: [0, 0],
            likely: [0, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [1080, 4],
            likely: [1353, 4],
            high: [1527, 4],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "mistral-embed",
        endpoint: None,
        rule: "band-mistral-embed",
        text: Spread {
            low: [1000, 1],
            likely: [1222, 2],
            high: [1150, 7],
        },
        framing: Spread {
            low: [0, 0],
            likely: [0, 0],
            high: [3000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1200, 150],
            high: [3000, 800],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "mistral-small",
        endpoint: None,
        rule: "band-mistral-small",
        text: Spread {
            low: [962, 4],
            likely: [1250, 12],
            high: [1235, 15],
        },
        framing: Spread {
            low: [3333, 0],
            likely: [3333, 0],
            high: [3971, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1375, 0],
            high: [1475, 4],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "palmyra",
        endpoint: None,
        rule: "band-palmyra",
        text: Spread {
            low: [1000, 31],
            likely: [1250, 30],
            high: [1400, 32],
        },
        framing: Spread {
            low: [9000, 0],
            likely: [9000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 136],
            likely: [0, 150],
            high: [0, 176],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "qwen",
        endpoint: None,
        rule: "band-qwen",
        text: Spread {
            low: [1000, 8],
            likely: [1010, 8],
            high: [1150, 12],
        },
        framing: Spread {
            low: [8603, 0],
            likely: [8603, 0],
            high: [8603, 0],
        },
        tools: Spread {
            low: [90, 0],
            likely: [90, 190],
            high: [0, 301],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "claude-4.7",
        endpoint: None,
        rule: "band-claude-4.7",
        text: Spread {
            low: [1350, 5],
            likely: [1550, 8],
            high: [1750, 14],
        },
        framing: Spread {
            low: [0, 0],
            likely: [6000, 0],
            high: [12000, 0],
        },
        tools: Spread {
            low: [1000, 200],
            likely: [1600, 550],
            high: [2400, 800],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 100],
            high: [3000, 300],
        },
        thinking: [28, 29, 40],
        image: "area",
    },
    BandRule {
        name: "gemma",
        endpoint: None,
        rule: "band-gemma",
        text: Spread {
            low: [950, 0],
            likely: [1050, 1],
            high: [1250, 8],
        },
        framing: Spread {
            low: [0, 0],
            likely: [3000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1200, 100],
            high: [3000, 800],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
    BandRule {
        name: "grok",
        endpoint: None,
        rule: "band-grok",
        text: Spread {
            low: [950, 0],
            likely: [1050, 190],
            high: [1300, 700],
        },
        framing: Spread {
            low: [0, 0],
            likely: [3000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1100, 150],
            high: [2500, 600],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 90],
        image: "",
    },
    BandRule {
        name: "kimi",
        endpoint: None,
        rule: "band-kimi",
        text: Spread {
            low: [850, 0],
            likely: [1050, 10],
            high: [1400, 40],
        },
        framing: Spread {
            low: [0, 0],
            likely: [5000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1200, 150],
            high: [3000, 800],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 90],
        image: "",
    },
    BandRule {
        name: "mistral vision",
        endpoint: None,
        rule: "band-mistral-vision",
        text: Spread {
            low: [950, 0],
            likely: [1100, 4],
            high: [1400, 16],
        },
        framing: Spread {
            low: [0, 0],
            likely: [3000, 0],
            high: [9000, 0],
        },
        tools: Spread {
            low: [0, 0],
            likely: [1350, 5],
            high: [2000, 60],
        },
        schema: Spread {
            low: [0, 0],
            likely: [1000, 50],
            high: [3000, 300],
        },
        thinking: [0, 0, 0],
        image: "",
    },
];
