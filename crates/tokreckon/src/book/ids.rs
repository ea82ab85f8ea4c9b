//! Model ids: rules that rewrite them, and near names for hints.

/// Applies `pattern → model` to an id; `{name}` stands for one or more characters.
pub(super) fn rewrite(pattern: &str, model: &str, id: &str) -> Option<String> {
    let mut result = model.to_owned();
    let (mut pattern, mut id) = (pattern, id);
    while let Some(open) = pattern.find('{') {
        let close = open + pattern[open..].find('}')?;
        id = strip_prefix_folded(id, &pattern[..open])?;
        let name = &pattern[open..=close];
        pattern = &pattern[close + 1..];
        let literal = &pattern[..pattern.find('{').unwrap_or(pattern.len())];
        let length = if literal.is_empty() { id.len() } else { id.find(literal)? };
        if length == 0 {
            return None;
        }
        result = result.replace(name, &id[..length]);
        id = &id[length..];
    }
    id.eq_ignore_ascii_case(pattern).then_some(result)
}

fn strip_prefix_folded<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Up to three near names: first those that the name continues, or that continue it, word by word
/// (`gpt-5` for `gpt-5:online`, `gemini-2.5-pro` for `gemini-2.5`), then those within a third of
/// the length in edits, nearest first.
pub(crate) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let folded = name.to_ascii_lowercase();
    let limit = (folded.len() / 3).max(1);
    let rank = |other: &'a str| {
        let key = other.to_ascii_lowercase();
        let apart = key.len().abs_diff(folded.len());
        if continues(&folded, &key) || continues(&key, &folded) {
            return Some((false, apart, other));
        }
        let distance = (apart <= limit).then(|| strsim::levenshtein(&folded, &key))?;
        (distance <= limit).then_some((true, distance, other))
    };
    let mut ranked: Vec<(bool, usize, &str)> = names.filter_map(rank).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(3).map(|(_, _, other)| other.to_owned()).collect()
}

/// True when a name is another one and more words after it.
fn continues(name: &str, shorter: &str) -> bool {
    let rest = name.strip_prefix(shorter).unwrap_or_default();
    shorter.contains(['-', '/', '.']) && rest.starts_with([':', '-', '@', '/'])
}

#[cfg(test)]
mod tests {
    use super::{near, rewrite};

    #[test]
    fn id_rules() {
        let ft = |id| rewrite("ft:{base}:{rest}", "ft:{base}", id);
        assert_eq!(ft("ft:gpt-4o-2024-08-06:org::id").as_deref(), Some("ft:gpt-4o-2024-08-06"));
        assert_eq!(ft("gpt-4o"), None);
        assert_eq!(ft("ft::x"), None);
        assert_eq!(rewrite("openai/{m}", "{m}", "OpenAI/o1-mini").as_deref(), Some("o1-mini"));
        assert_eq!(
            rewrite("{o}/{n}:{v}", "{o}/{n}", "meta/llama:abc").as_deref(),
            Some("meta/llama")
        );
    }

    #[test]
    fn near_names_are_those_of_the_same_words_first() {
        let known = ["openai/gpt-4", "openai/gpt-5", "openai/gpt-5-mini", "gpt-5o:online"];
        let near_to = |name| near(name, known.into_iter());
        assert_eq!(near_to("openai/gpt-5:online")[0], "openai/gpt-5");
        assert_eq!(near_to("openai/gpt5")[0], "openai/gpt-5");
        let known = ["gemini-pro", "gemini-2.5-flash", "gemini-2.5-pro"];
        assert_eq!(near("gemini-2.5", known.into_iter())[0], "gemini-2.5-pro");
    }
}
