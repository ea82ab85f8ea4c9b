//! Keys that open an account have no place in what is printed or written, whichever column, path or
//! message they stand in and whatever is asked for: a stand-in is there instead.

use std::borrow::Cow;

use crate::people::stand_in;

/// How keys that open an account begin: those of makers and routers (`sk-`), Google, Groq, xAI,
/// Perplexity, Replicate, Hugging Face, Langfuse, Helicone, GitHub, AWS, Slack, and signed tokens.
const STARTS: [&str; 18] = [
    "sk-",
    "sk_",
    "pk-lf-",
    "pk_",
    "AIza",
    "gsk_",
    "xai-",
    "pplx-",
    "r8_",
    "hf_",
    "eyJ",
    "ghp_",
    "gho_",
    "github_pat_",
    "AKIA",
    "ASIA",
    "xoxb-",
    "xoxp-",
];

/// What stands before the token in a header of a request.
const BEARER: &[u8] = b"bearer";

/// The shortest text that is taken for a key.
const SHORTEST: usize = 16;
/// Keys are random: somewhere they have so many letters and digits in a row, with a digit among them.
/// `pplx-70b-chat-alpha` and `xai-grok-4-fast` do not.
const RANDOM: usize = 12;
/// So many in a row need no digit, and so long a text no row.
const SURELY_RANDOM: usize = 20;
const SURELY_A_KEY: usize = 40;

/// Text with stand-ins for the keys in it. The text may be as it was, or escaped as in JSON, HTML or
/// an address.
pub(crate) fn without_keys(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        let Some((from, until)) = key_at(text, at) else {
            at += 1;
            continue;
        };
        out.push_str(&text[copied..from]);
        out.push_str(&stand_in("key", &text[from..until], 8));
        (copied, at) = (until, until);
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Where a key begins and ends that a word at this byte is or announces.
fn key_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let rest = &bytes[at..];
    if !matches!(rest[0], b's' | b'p' | b'A' | b'g' | b'x' | b'r' | b'h' | b'e' | b'b' | b'B')
        || !begins_word(&bytes[..at])
    {
        return None;
    }
    if rest.len() > BEARER.len() && rest[..BEARER.len()].eq_ignore_ascii_case(BEARER) {
        let gap = rest[BEARER.len()..].iter().take_while(|byte| b" \t:".contains(byte)).count();
        let from = at + BEARER.len() + gap;
        let is_token = |byte: &u8| is_of_key(*byte) || b"~+/=".contains(byte);
        let length = bytes[from..].iter().take_while(|byte| is_token(byte)).count();
        return (gap > 0 && length >= SHORTEST).then_some((from, from + length));
    }
    STARTS.iter().find(|start| rest.starts_with(start.as_bytes()))?;
    let length = rest.iter().take_while(|byte| is_of_key(**byte)).count();
    let word = text[at..at + length].trim_end_matches(['-', '.']);
    is_random(word).then_some((at, at + word.len()))
}

/// True where a word may begin: behind anything but a letter or a digit, or behind what is written
/// with letters and is none: `\n`, `\u0085`, `%3D`.
fn begins_word(before: &[u8]) -> bool {
    let Some(last) = before.last() else { return true };
    if !last.is_ascii_alphanumeric() {
        return true;
    }
    let is_escaped = |sign: &[u8], digits: usize| {
        before.len().checked_sub(sign.len() + digits).is_some_and(|from| {
            let (found, code) = before[from..].split_at(sign.len());
            found == sign && code.iter().all(u8::is_ascii_hexdigit)
        })
    };
    matches!(before, [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'])
        || is_escaped(b"\\u", 4)
        || is_escaped(b"%", 2)
}

fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

fn is_random(word: &str) -> bool {
    let is_part = |part: &str| {
        let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
        part.len() >= SURELY_RANDOM || (part.len() >= RANDOM && has_digit)
    };
    word.len() >= SURELY_A_KEY
        || (word.len() >= SHORTEST && word.split(['-', '_', '.']).any(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_wherever_they_stand() {
        for text in [
            "`input` is `sk-proj-0123456789abcdef`, not a whole number",
            "header Authorization: Bearer abcdef0123456789abcdef",
            "authorization:BEARER  abcdef+/0123456789==",
            "api_key=AIzaSyA0123456789abcdef",
            "https://host/v1?key=AIzaSyA0123456789abcdef&x=1",
            "gw/sk-0123456789abcdef",
            "key%3Dsk-0123456789abcdef",
            "{\"model\": \"a\\nsk-0123456789abcdef\"}",
            "{\"model\": \"a\\u0085sk-0123456789abcdef\"}",
            "my_sk-ant-api03-0123456789abcdef",
            "é\u{202e}AKIA0123456789ABCDEF",
        ] {
            let hidden = without_keys(text);
            assert!(!hidden.contains("0123456789") && hidden.contains("key-"), "{hidden}");
        }
    }

    #[test]
    fn what_is_no_key_stays() {
        for text in [
            "sk-learn",
            "a bearer of news",
            "bearer",
            "no model `eyJ`",
            "skill_0123456789abcdef",
            "task-0123456789abcdef0123456789abcdef01234567",
            "pplx-70b-chat-alpha",
            "xai-grok-4-1-fast-non-reasoning",
            "ASIA-PACIFIC-SOUTHEAST",
            "key-1d2bcf24",
        ] {
            assert_eq!(without_keys(text), text);
        }
    }

    #[test]
    fn a_stand_in_takes_the_place_of_the_key_alone() {
        let text = "sk-0123456789abcdef.";
        let hidden = without_keys(text);
        assert_eq!(hidden.len(), "key-12345678.".len(), "{hidden}");
        assert_eq!(without_keys(&format!("{text} {text}")), format!("{hidden} {hidden}"));
    }

    /// No name of the book is taken for a key.
    #[test]
    fn names_of_the_book_stay() {
        let book = tokreckon::book::PriceBook::builtin();
        let mut models = 0;
        for model in book.providers().into_iter().flat_map(|provider| book.models(provider)) {
            assert_eq!(without_keys(model), model);
            models += 1;
        }
        assert!(models > 1_000, "{models}");
    }
}
