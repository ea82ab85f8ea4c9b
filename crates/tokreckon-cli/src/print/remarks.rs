//! The words around a sheet: the same for people and in the document for machines.

use std::fmt::Write;

use super::clean;

/// What is said of an answer in words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks {
    /// The answer in one line.
    pub(crate) headline: Option<String>,
    /// What it rests on: lines below the headline.
    pub(crate) reasons: Vec<String>,
    /// Lines below the sheet.
    pub(crate) below: Vec<String>,
}

impl Remarks {
    /// Adds a remark below the sheet, in one line: a line end in it is one of the data.
    pub(crate) fn add(&mut self, remark: &str) {
        self.below.push(remark.to_owned());
    }

    /// Everything but the headline, for a document.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.reasons.iter().chain(&self.below).cloned().collect()
    }

    /// Prints the headline and what it rests on, and a blank line after them.
    pub(crate) fn print_above(&self, out: &mut String) {
        if self.headline.is_none() && self.reasons.is_empty() {
            return;
        }
        print(self.headline.iter().chain(&self.reasons), out);
        out.push('\n');
    }

    /// Prints a blank line and what stands below the sheet.
    pub(crate) fn print_below(&self, out: &mut String) {
        if !self.below.is_empty() {
            out.push('\n');
            print(&self.below, out);
        }
    }
}

fn print<'l>(lines: impl IntoIterator<Item = &'l String>, out: &mut String) {
    for line in lines {
        let _ = writeln!(out, "{}", clean(line));
    }
}
