//! Reads recorded requests: JSON lines with `request`, `usage`, `model`, `date` and `suspicious`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::civil::Date;
use serde_json::Value;
use tokreckon::request::{CountOptions, Endpoint, Request, RequestCount, Tokens};
use tokreckon_tokenizer::Tokenizer;

/// A recorded request with its count and its bill.
pub(crate) struct Case {
    pub(crate) provider: String,
    pub(crate) endpoint: String,
    /// Input tokens that the provider reported.
    pub(crate) billed: u64,
    pub(crate) count: RequestCount,
    /// The same where nothing but the model's tokenizer is known, as of a file that the caller gives.
    pub(crate) given: Option<Tokens>,
    /// Model and request as text.
    pub(crate) fingerprint: String,
    id: String,
    repository: String,
}

/// What a directory of recordings holds.
pub(crate) struct Recordings {
    pub(crate) cases: Vec<Case>,
    /// Why requests were left out, and how many.
    pub(crate) skipped: BTreeMap<String, u64>,
}

/// Reads every recording that is not suspicious.
pub(crate) fn read(directory: &Path) -> Recordings {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("a directory of recordings")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut read = Recordings { cases: Vec::new(), skipped: BTreeMap::new() };
    for file in files {
        for line in std::fs::read_to_string(&file).expect("text").lines() {
            let case: Value = serde_json::from_str(line).expect("JSON");
            if case["suspicious"].as_array().is_none_or(|reasons| !reasons.is_empty()) {
                continue;
            }
            match count(&case) {
                Ok(case) => read.cases.push(case),
                Err(why) => *read.skipped.entry(why).or_default() += 1,
            }
        }
    }
    let handmade = directory.join("handmade/handmade.json");
    if let Ok(text) = std::fs::read_to_string(handmade) {
        let cases: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        for case in cases.iter().filter(|case| case["prompt_tokens"].is_number()) {
            match count(&written_down(case)) {
                Ok(case) => read.cases.push(case),
                Err(why) => *read.skipped.entry(why).or_default() += 1,
            }
        }
    }
    read
}

/// A case that its author wrote down from live usage, in the form of a recording.
fn written_down(case: &Value) -> Value {
    let model = case["model"].as_str().unwrap_or_default();
    serde_json::json!({
        "id": case["id"],
        "provider": "written down",
        "endpoint": "chat/completions",
        "model": model.split(['/', ' ']).next(),
        "request": case["request"],
        "usage": {"prompt_tokens": case["prompt_tokens"]},
    })
}

fn count(case: &Value) -> Result<Case, String> {
    let name = case["endpoint"].as_str().unwrap_or_default();
    let endpoint = match name {
        "chat/completions" | "chat" => Endpoint::ChatCompletions,
        "responses" => Endpoint::Responses,
        "embeddings" => Endpoint::Embeddings,
        "completions" => Endpoint::Completions,
        "messages" | "messages/count_tokens" | "invoke" => Endpoint::Messages,
        "generateContent" | "streamGenerateContent" | "countTokens" => Endpoint::GenerateContent,
        _ => return Err(format!("endpoint `{name}`")),
    };
    let request =
        Request::from_value(case["request"].clone()).map_err(|error| error.to_string())?;
    let billed = billed(&case["usage"]).ok_or("no input tokens in the usage")?;
    let model = case["model"].as_str().or(request.model()).unwrap_or_default().to_owned();
    let mut options = CountOptions::default().with_model(&model);
    if let Some(provider) =
        case["provider"].as_str().filter(|name| name.starts_with("google") || *name == "openrouter")
    {
        options = options.with_provider(provider);
    }
    if let Some(date) = case["date"].as_str().and_then(day) {
        options = options.with_date(date);
    }
    let request = request.for_endpoint(endpoint);
    let count = request.count(&options);
    if count.family.is_none() {
        return Err("a model that no rule knows".to_owned());
    }
    let text = |field: &str| case[field].as_str().unwrap_or_default().to_owned();
    // What stands for a tokenizer that is not here is none to give.
    let known = Tokenizer::for_model(&model).map(|found| found.tokenizer);
    let given = known.map(|tokenizer| {
        let options = CountOptions::default().with_model("not-known").with_tokenizer(tokenizer);
        request.count(&options).total()
    });
    Ok(Case {
        provider: text("provider"),
        endpoint: name.to_owned(),
        billed,
        count,
        given,
        fingerprint: format!("{model} {}", case["request"]),
        id: text("id"),
        repository: case["source"]["repo"].as_str().unwrap_or_default().to_owned(),
    })
}

/// Input tokens in the words of each provider; Anthropic's leave the cached ones out.
fn billed(usage: &Value) -> Option<u64> {
    let number = |value: &Value| value.to_string().parse::<u64>().ok();
    for field in ["promptTokenCount", "totalTokens", "prompt_tokens"] {
        if let Some(tokens) = number(&usage[field]) {
            return Some(tokens);
        }
    }
    if let Some(tokens) = number(&usage["billed_units"]["input_tokens"]) {
        return Some(tokens);
    }
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"]
        .map(|field| number(&usage[field]).unwrap_or(0));
    Some(number(&usage["input_tokens"])? + cached[0] + cached[1])
}

/// `2025-03-14T…` or `Fri, 14 Mar 2025 …`.
fn day(text: &str) -> Option<Date> {
    if let Some(day) = text.get(..10).and_then(|start| start.parse().ok()) {
        return Some(day);
    }
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty()).skip(1);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = i8::try_from(months.find(month)? / 3 + 1).ok()?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

impl Case {
    /// Who made the model, where it is not `OpenAI`.
    pub(crate) fn maker(&self) -> Option<&'static str> {
        const MAKERS: [&str; 13] = [
            "claude", "command", "deepseek", "gemini", "gemma", "glm", "gpt-oss", "grok", "kimi",
            "llama", "mistral", "palmyra", "qwen",
        ];
        MAKERS
            .into_iter()
            .find(|maker| self.count.family.is_some_and(|name| name.starts_with(maker)))
    }

    /// Whether its repository is of the third that is shown apart.
    pub(crate) fn is_of_the_third(&self) -> bool {
        let sum = self
            .repository
            .bytes()
            .fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        sum % 3 == 0
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.count.total().band().likely == self.billed
    }

    pub(crate) fn within_band(&self) -> bool {
        let band = self.count.total().band();
        band.low <= self.billed && band.high.is_none_or(|high| self.billed <= high)
    }

    /// The hardest thing in the request.
    pub(crate) fn feature(&self) -> &'static str {
        let rule =
            |test: &dyn Fn(&str) -> bool| self.count.parts.iter().any(|part| test(part.rule));
        let part =
            |test: &dyn Fn(&str) -> bool| self.count.parts.iter().any(|part| test(&part.part));
        if rule(&|rule| rule == "stored-state") {
            "stored state"
        } else if rule(&|rule| rule.starts_with("builtin") || rule == "search-model") {
            "built-in tools"
        } else if rule(&|rule| rule == "media-unknown") {
            "files, sound"
        } else if rule(&|rule| rule == "unknown-part") {
            "other parts"
        } else if rule(&|rule| rule.starts_with("reasoning-item")) {
            "reasoning handed back"
        } else if part(&|part| part.starts_with("image ")) {
            "images"
        } else if part(&|part| part.ends_with(" calls") || part.ends_with("call)")) {
            "tool history"
        } else if part(&|part| part == "schema of the answer") {
            "schema"
        } else if part(&|part| part.ends_with(" function") || part.ends_with(" functions")) {
            "tools"
        } else {
            "text"
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { provider, endpoint, billed, count, id, .. } = self;
        let model = count.model.as_deref().unwrap_or_default();
        let total = count.total();
        writeln!(
            formatter,
            "{id} {provider} {endpoint} {model}: billed {billed}, counted {total}"
        )?;
        for part in &count.parts {
            let likely = part.tokens.band().likely;
            writeln!(formatter, "    {likely:>8}  {} [{}]", part.part, part.rule)?;
        }
        Ok(())
    }
}
