//! Names of people and keys in what is printed: stand-ins that are the same in every report.
//!
//! A stand-in is a short hash of the name under a fixed key: it does not depend on the order of the
//! rows, so groups and months stay comparable. It keeps a name out of sight; whoever has a list of
//! names can still try them one by one.

use std::hash::Hasher;

use anyhow::{Context, Result};
use siphasher::sip128::{Hasher128, SipHasher24};
use tokreckon::ledger::Dimension;
use tokreckon::report::Report;

/// What is said where there are stand-ins.
const STAND_INS: &str =
    "users, keys and e-mail addresses are stand-ins; `--show-people` prints them";

/// How labels are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct People {
    /// Digits of a stand-in; `None` shows the names themselves.
    digits: Option<usize>,
    /// True when a label is not printed as it is.
    hides: bool,
}

impl People {
    /// As many digits as the labels of this report need to stay apart.
    pub(crate) fn of(report: &Report, show: bool) -> Self {
        let apart = |digits: &usize| {
            report.by.iter().enumerate().all(|(at, &dimension)| {
                let labels = report.groups.labels().filter_map(|labels| labels.into_iter().nth(at));
                let hidden = labels.filter(|label| is_hidden(dimension, label));
                // Names of one number have the same stand-in, whatever its length.
                let mut names: Vec<u128> =
                    hidden.map(|name| stand_in_number(dimension.name(), &name)).collect();
                names.sort_unstable();
                names.dedup();
                // They are sorted by the digits that stand-ins begin with.
                let begin = |name: &u128| name >> (4 * (32 - digits));
                names.is_sorted_by(|a, b| begin(a) < begin(b))
            })
        };
        let digits = [8, 16].into_iter().find(apart).unwrap_or(32);
        let is_hidden =
            |labels: Vec<String>| report.by.iter().zip(&labels).any(|(by, of)| is_hidden(*by, of));
        let hides = !show && report.groups.labels().any(is_hidden);
        Self { digits: (!show).then_some(digits), hides }
    }

    /// What to say below a report.
    pub(crate) const fn note(self) -> Option<&'static str> {
        if self.hides { Some(STAND_INS) } else { None }
    }

    /// The same, knowing that names were hidden elsewhere than in the report.
    pub(crate) const fn hiding(self, more: bool) -> Self {
        Self { hides: self.hides || more, ..self }
    }

    /// What is printed for a label.
    pub(crate) fn name(self, dimension: Dimension, label: &str) -> String {
        match self.digits {
            Some(digits) if is_hidden(dimension, label) => {
                stand_in(dimension.name(), label, digits)
            }
            _ => label.to_owned(),
        }
    }

    /// The report with its labels as they are printed.
    pub(crate) fn shown(self, report: Report) -> Result<Report> {
        if !self.hides {
            return Ok(report);
        }
        let by = report.by.clone();
        let relabelled = report.relabelled(by.clone(), &mut |labels| {
            by.iter().zip(labels).map(|(by, label)| self.name(*by, label)).collect()
        });
        relabelled.context("the sums")
    }
}

/// A message about a row, with stand-ins for the e-mail addresses that it quotes.
pub(crate) fn masked(message: &str, show: bool) -> String {
    if show {
        return message.to_owned();
    }
    let words = message.split_inclusive(is_edge).map(|word| {
        let name = word.trim_end_matches(is_edge);
        if has_email(name) {
            format!("{}{}", stand_in("person", name, 8), &word[name.len()..])
        } else {
            word.to_owned()
        }
    });
    words.collect()
}

/// What ends a word in a message.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || "`<>,;\"'()=".contains(c)
}

/// True for what may name a person or open an account.
fn is_hidden(dimension: Dimension, label: &str) -> bool {
    match dimension {
        Dimension::User | Dimension::ApiKey => !label.is_empty(),
        Dimension::Project | Dimension::LineItem | Dimension::Session | Dimension::Label(_) => {
            has_email(label)
        }
        _ => false,
    }
}

/// True when a text holds what looks like an e-mail address; `gemini@001` does not.
fn has_email(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at + 1..].split(|c: char| c.is_whitespace() || "`<>,;\"'()".contains(c));
        let host = after.into_iter().next().unwrap_or("");
        before
            && host.rsplit_once('.').is_some_and(|(name, end)| {
                !name.is_empty() && end.len() >= 2 && end.chars().all(char::is_alphabetic)
            })
    })
}

pub(crate) fn stand_in(kind: &str, label: &str, digits: usize) -> String {
    let hash = format!("{:032x}", stand_in_number(kind, label));
    format!("{kind}-{}", &hash[..digits])
}

/// What stands in for a label, as a number whose digits are those of the stand-in.
fn stand_in_number(kind: &str, label: &str) -> u128 {
    let mut hasher = SipHasher24::new_with_key(b"tokreckon people");
    hasher.write(kind.as_bytes());
    hasher.write(&[0]);
    hasher.write(label.as_bytes());
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_keys_are_hidden() {
        for (dimension, label, hidden) in [
            (Dimension::User, "anna", true),
            (Dimension::User, "", false),
            (Dimension::ApiKey, "laptop", true),
            (Dimension::Project, "search", false),
            (Dimension::Project, "anna@example.org", true),
            (Dimension::Project, "Anna <anna@mail.example.org>", true),
            (Dimension::Project, "gemini@001", false),
            (Dimension::Project, "@example.org", false),
            (Dimension::Model, "anna@example.org", false),
        ] {
            assert_eq!(is_hidden(dimension, label), hidden, "{label}");
        }
    }

    #[test]
    fn a_stand_in_never_changes() {
        // Checked against another implementation of SipHash-2-4 with 128 bits.
        assert_eq!(stand_in("user", "anna@example.org", 8), "user-b89f7e30");
        let [user, key] = ["user", "key"].map(|kind| stand_in(kind, "a", 32));
        assert_ne!(user[5..], key[4..]);
    }

    #[test]
    fn messages_quote_no_addresses() {
        let message = "`input` is `anna@example.org`, not a whole number";
        let hidden = masked(message, false);
        assert!(hidden.starts_with("`input` is `person-"), "{hidden}");
        assert!(hidden.ends_with("`, not a whole number"), "{hidden}");
        assert_eq!(masked(message, true), message);
        assert_eq!(masked("`gemini@001` has no price", false), "`gemini@001` has no price");
    }
}
