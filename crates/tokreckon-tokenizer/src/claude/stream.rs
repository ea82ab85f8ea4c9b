//! A text as Claude's tokenizer marks it: where words begin and end, and their case.
//!
//! A single space between two marked words is not written: the end of the one and the beginning of the
//! other say it.

use super::Generation;
use super::characters::{
    Class, cased, class, digit_border, escaped, is_digit_run, is_selector, is_stray_mark, marker,
    marks_like_punctuation,
};

/// Suffixes that an apostrophe binds to the word before it.
const CONTRACTIONS: [&str; 7] = ["s", "t", "d", "m", "ll", "re", "ve"];

/// A run of characters of one class.
struct Run {
    class: Class,
    body: Vec<char>,
}

/// The marked text of a normalised one without the line feeds at its end; `head_space` says whether the
/// text as it was given begins with a space, which the frame of a message absorbs.
pub(super) fn marked(text: &[char], generation: &Generation, head_space: bool) -> Vec<char> {
    let mut text: Vec<char> = text.iter().map(|&character| escaped(character)).collect();
    while text.last() == Some(&'\n') {
        text.pop();
    }
    if generation.frame_bow && head_space && text.first() == Some(&' ') && text.get(1) != Some(&' ')
    {
        text.remove(0);
    }
    let runs = Runs { runs: split_hard(runs(&text)), frame_bow: generation.frame_bow };
    if runs.runs.is_empty() {
        return if generation.frame_bow { vec![marker::BOW] } else { Vec::new() };
    }
    let mut out = Vec::with_capacity(text.len() * 2);
    if generation.frame_bow && !runs.first_has_bow() {
        out.push(if runs.opens_word(0) { ' ' } else { marker::BOW });
    }
    for at in 0..runs.runs.len() {
        runs.write(at, generation.caps_from, &mut out);
    }
    without_seams(&out)
}

/// Leaves out each space between the end of one marked word and the beginning of the next.
fn without_seams(marked: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(marked.len());
    for (at, &character) in marked.iter().enumerate() {
        let seam = character == ' '
            && at >= 2
            && marked[at - 1] == marker::EOW
            && marked[at - 2] != '\n'
            && marked[at + 1..].iter().find(|&&next| next != marker::SHIFT && next != marker::CAPS)
                == Some(&marker::BOW);
        if !seam {
            out.push(character);
        }
    }
    out
}

/// The text in runs of one class.
fn runs(text: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for &character in text {
        let class = class(character);
        let stray = class == Class::Wordy && is_stray_mark(character);
        match runs.last_mut() {
            Some(run) if run.class == Class::StrayMark && stray => run.body.push(character),
            Some(run) if run.class == class => run.body.push(character),
            Some(run) if stray && run.class != Class::Wordy => {
                runs.push(Run { class: Class::StrayMark, body: vec![character] });
            }
            None if stray => runs.push(Run { class: Class::StrayMark, body: vec![character] }),
            _ => runs.push(Run { class, body: vec![character] }),
        }
    }
    runs
}

/// Cuts runs of characters that stand alone where their kind changes.
fn split_hard(runs: Vec<Run>) -> Vec<Run> {
    let mut split: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        if run.class != Class::Hard || run.body.len() == 1 {
            split.push(run);
            continue;
        }
        let mut kind = None;
        let mut body: Vec<char> = Vec::new();
        for character in run.body {
            let own = HardKind::of(character);
            match kind {
                // A selector belongs to what it stands after.
                Some(kind) if kind == own || is_selector(character) => {}
                Some(_) => {
                    split.push(Run { class: Class::Hard, body: std::mem::take(&mut body) });
                    kind = Some(own);
                }
                None => kind = Some(own),
            }
            body.push(character);
        }
        split.push(Run { class: Class::Hard, body });
    }
    split
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HardKind {
    Punctuation,
    Number,
    Letter,
}

impl HardKind {
    fn of(character: char) -> HardKind {
        if marks_like_punctuation(character) {
            HardKind::Punctuation
        } else if digit_border(character) {
            HardKind::Number
        } else {
            HardKind::Letter
        }
    }
}

/// Whether a character at the edge of a run that stands alone takes a border.
fn hard_border(character: Option<&char>) -> bool {
    character.is_some_and(|&edge| is_selector(edge) || marks_like_punctuation(edge))
}

struct Runs {
    runs: Vec<Run>,
    frame_bow: bool,
}

impl Runs {
    /// Whether the first run writes the beginning that the frame of a message ends in.
    fn first_has_bow(&self) -> bool {
        let Run { class, body } = &self.runs[0];
        if self.opens_word(0) {
            return false;
        }
        matches!(class, Class::Wordy | Class::Punct | Class::StrayMark)
            || hard_border(body.first())
            || matches!(class, Class::Digit | Class::Hard) && digit_bow(body)
            || *class == Class::Space && body.first() == Some(&' ')
    }

    /// Whether a run is a lone apostrophe that opens the word after it.
    fn opens_word(&self, at: usize) -> bool {
        let next = self.runs.get(at + 1).map(|run| run.class);
        self.runs[at].body == ['\''] && matches!(next, Some(Class::Wordy | Class::StrayMark))
    }

    /// Whether a lone apostrophe before this word is its beginning: `it's` is one word.
    fn is_contraction(&self, at: usize) -> bool {
        let suffix: String = self.runs[at].body.iter().collect();
        if at == 0 || !CONTRACTIONS.contains(&suffix.as_str()) {
            return false;
        }
        let before = &self.runs[at - 1];
        before.class == Class::Punct
            && before.body == ['\'']
            && (at < 2 || !takes_right_border(&self.runs[at - 2]))
    }

    /// Whether the left side of a run touches a space.
    fn space_before(&self, at: usize) -> bool {
        match at.checked_sub(1).map(|at| &self.runs[at]) {
            Some(run) => run.class == Class::Space && run.body.last() == Some(&' '),
            None => self.frame_bow,
        }
    }

    /// Whether the right side of a run touches a single space.
    fn space_after(&self, at: usize) -> bool {
        self.runs.get(at + 1).is_some_and(|run| {
            run.class == Class::Space
                && run.body.first() == Some(&' ')
                && run.body.get(1) != Some(&' ')
        })
    }

    /// Writes a run with its markers.
    fn write(&self, at: usize, caps_from: Option<usize>, out: &mut Vec<char>) {
        let Run { class, body } = &self.runs[at];
        match class {
            Class::Wordy => {
                let fused = at > 0 && self.runs[at - 1].class == Class::StrayMark;
                let (case, letters) =
                    if fused { (None, body.clone()) } else { cased(body, caps_from) };
                out.extend(case);
                if !fused && !self.is_contraction(at) {
                    out.push(marker::BOW);
                }
                out.extend(letters);
                out.push(marker::EOW);
            }
            Class::StrayMark => {
                out.push(marker::BOW);
                out.extend(body);
                if self.runs.get(at + 1).map(|run| run.class) != Some(Class::Wordy) {
                    out.push(marker::EOW);
                }
            }
            _ => {
                let (left, right) = self.borders(at);
                out.extend(left.then_some(marker::BOW));
                out.extend(body);
                out.extend(right.then_some(marker::EOW));
            }
        }
    }

    /// Whether a run that is no word has a marker on its left and on its right.
    fn borders(&self, at: usize) -> (bool, bool) {
        let Run { class, body } = &self.runs[at];
        let (first, last) = (hard_border(body.first()), hard_border(body.last()));
        let punctuation = *class == Class::Punct;
        if punctuation || first || last {
            let left = self.space_before(at) && !self.opens_word(at) && (punctuation || first);
            return (left, self.space_after(at) && (punctuation || last));
        }
        if matches!(class, Class::Digit | Class::Hard) && is_digit_run(body) {
            let left = digit_bow(body) && self.space_before(at);
            return (left, digit_eow(body) && self.space_after(at));
        }
        (false, false)
    }
}

/// Whether a run writes a border of its own on its right.
fn takes_right_border(run: &Run) -> bool {
    run.class == Class::Punct
        || hard_border(run.body.last())
        || matches!(run.class, Class::Digit | Class::Hard) && digit_eow(&run.body)
}

fn digit_bow(body: &[char]) -> bool {
    is_digit_run(body) && body.first().is_some_and(|&first| digit_border(first))
}

fn digit_eow(body: &[char]) -> bool {
    is_digit_run(body) && body.last().is_some_and(|&last| digit_border(last))
}
