//! A model through all its names: one plain spelling for its alias, its snapshots and the ids that
//! sellers give it.
//!
//! Requests name the alias, answers the snapshot, sellers put their own marks around both. Lengths of
//! answers do not differ between them, so histories and priors go by the plain spelling. Prices never
//! do: they go by the book.

/// The plain spelling of a model id.
///
/// ```
/// use tokreckon::reasoning::plain_name;
///
/// assert_eq!(plain_name("gpt-5-2025-08-07"), "gpt-5");
/// assert_eq!(plain_name("anthropic/claude-sonnet-4.5"), "claude-sonnet-4-5");
/// assert_eq!(plain_name("us.anthropic.claude-sonnet-4-5-20250929-v1:0"), "claude-sonnet-4-5");
/// assert_eq!(plain_name("claude-3.7-sonnet:thinking"), "claude-3-7-sonnet-thinking");
/// assert_eq!(plain_name("gemini-2.5-flash-preview-05-20"), "gemini-2-5-flash");
/// // A preview that is a model of its own, and numbers that are no dates.
/// assert_eq!(plain_name("o1-preview-2024-09-12"), "o1-preview");
/// assert_eq!(plain_name("qwen3-235b-a22b-thinking-2507"), "qwen3-235b-a22b-thinking");
/// ```
#[must_use]
pub fn plain_name(id: &str) -> String {
    // As it stands in addresses.
    let lower = id.to_ascii_lowercase().replace("%3a", ":");
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let name = name.split('@').next().unwrap_or(name);
    let (name, mark) = name.split_once(':').unwrap_or((name, ""));
    // Marks of sellers say nothing, but for the one that switches thinking on.
    let bedrock = !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_digit());
    let name = if bedrock { without_version(name) } else { name };
    let mut plain = after_letters_and_dot(name).replace(['.', '_', ' '], "-");
    while let Some(shorter) = without_snapshot(&plain) {
        plain.truncate(shorter);
    }
    if mark == "thinking" && !plain.ends_with("-thinking") {
        plain.push_str("-thinking");
    }
    plain
}

/// Without `us.`, `anthropic.` and the like: words of letters only, each before a dot.
fn after_letters_and_dot(mut name: &str) -> &str {
    while let Some((word, rest)) = name.split_once('.') {
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-') {
            break;
        }
        name = rest;
    }
    name
}

/// Without the `-v1` or `-1` that stands before the mark of Amazon Bedrock.
fn without_version(name: &str) -> &str {
    let Some((head, version)) = name.rsplit_once('-') else { return name };
    let digits = version.strip_prefix('v').unwrap_or(version);
    if digits.len() == 1 && digits.bytes().all(|byte| byte.is_ascii_digit()) { head } else { name }
}

/// The length without one mark of a snapshot at the end; `None` when there is none.
fn without_snapshot(name: &str) -> Option<usize> {
    let pieces: Vec<&str> = name.split('-').collect();
    let (first, last) = (*pieces.first()?, *pieces.last()?);
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let month_or_day = |text: &str| {
        digits(text, 2) && text.parse::<u32>().is_ok_and(|number| (1..=31).contains(&number))
    };
    let before = |back: usize| pieces.len().checked_sub(back).and_then(|at| pieces.get(at));
    let date = match (before(3), before(2)) {
        // 2025-08-07
        (Some(year), Some(month))
            if digits(year, 4) && month_or_day(month) && month_or_day(last) =>
        {
            3
        }
        // 03-2025, and 05-20 after a preview
        (_, Some(month)) if month_or_day(month) && digits(last, 4) => 2,
        (Some(&"preview" | &"exp"), Some(month)) if month_or_day(month) && month_or_day(last) => 2,
        // 20250807, 0709, and 001 of Google
        _ if digits(last, 8) || digits(last, 4) || last == "001" || last == "002" => 1,
        _ => 0,
    };
    let word = match last {
        "latest" | "beta" | "0" => 1,
        // OpenAI's previews are models of their own.
        "preview" | "exp" | "experimental" if first.starts_with("gemini") => 1,
        _ => 0,
    };
    let gone = date.max(word);
    let kept = pieces.get(..pieces.len().checked_sub(gone)?)?;
    let length = kept.iter().map(|piece| piece.len() + 1).sum::<usize>().checked_sub(1)?;
    (gone > 0 && length > 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_of_a_model_are_one() {
        let one = |ids: &[&str], plain: &str| {
            for id in ids {
                assert_eq!(plain_name(id), plain, "{id}");
            }
        };
        one(&["gpt-4o-mini", "openai/gpt-4o-mini-2024-07-18", "GPT-4o-mini"], "gpt-4o-mini");
        one(
            &["claude-opus-4-0", "claude-opus-4-20250514", "claude-opus-4@20250514"],
            "claude-opus-4",
        );
        one(&["mistral-large-latest", "mistral-large-2411"], "mistral-large");
        one(&["command-a-03-2025"], "command-a");
        one(&["gemini-3-pro-preview", "models/gemini-3-pro"], "gemini-3-pro");
        one(&["meta-llama/llama-4-scout:free"], "llama-4-scout");
        one(&["openai.gpt-oss-20b-1:0", "gpt-oss-20b"], "gpt-oss-20b");
        one(&["deepseek-v3", "deepseek-ai/DeepSeek-V3"], "deepseek-v3");
        one(&["grok-4-0709", "x-ai/grok-4"], "grok-4");
        // Absurd ids do not panic.
        one(&["", "/", ":"], "");
        one(&["2025"], "2025");
    }
}
