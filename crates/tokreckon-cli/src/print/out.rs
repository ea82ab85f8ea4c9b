//! What a command prints: shown while it is made, so that a long answer takes no memory.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};

use super::{folded, harmless, shown};
use crate::args::OutputFormat;

/// Bytes that are held before they are shown: what whole lines are made of is shown as they would be all
/// together.
const HELD: usize = 64 << 10;

/// Text on its way to whoever reads it. As a text it is what is not shown yet.
pub(crate) struct Out<'w> {
    held: String,
    format: OutputFormat,
    /// How wide the terminal is that is printed to, if it is one.
    terminal: Option<usize>,
    to: &'w mut dyn io::Write,
    /// What became of writing; after the first error nothing more is written.
    written: io::Result<()>,
}

impl<'w> Out<'w> {
    pub(crate) fn new(
        format: OutputFormat,
        terminal: Option<usize>,
        to: &'w mut dyn io::Write,
    ) -> Self {
        Self { held: String::new(), format, terminal, to, written: Ok(()) }
    }

    /// Shows what is held.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.show(self.held.len());
        self.written.and_then(|()| self.to.flush())
    }

    /// Shows the text up to here.
    fn show(&mut self, end: usize) {
        let rest = self.held.split_off(end);
        let mut text = shown(std::mem::replace(&mut self.held, rest), self.format);
        if let Some(width) = self.terminal {
            // A machine's format may go to a terminal as well.
            let is_table = self.format == OutputFormat::Table;
            text = harmless(&text, is_table);
            if is_table {
                text = folded(&text, width);
            }
        }
        if self.written.is_ok() {
            self.written = self.to.write_all(text.as_bytes());
        }
    }
}

impl fmt::Write for Out<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.held.push_str(text);
        if self.held.len() > HELD
            && let Some(end) = self.held.rfind('\n')
        {
            self.show(end + 1);
        }
        Ok(())
    }
}

impl Deref for Out<'_> {
    type Target = String;

    fn deref(&self) -> &String {
        &self.held
    }
}

impl DerefMut for Out<'_> {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.held
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Whatever is hidden, made harmless or folded, is so in pieces as it is in one.
    #[test]
    fn a_long_text_is_shown_as_a_short_one() {
        let lines = [
            "| a | b |\n",
            "a key: sk-0123456789abcdef0123 of *somebody*\n",
            "Authorization: Bearer\n",
            "0123456789abcdef0123456789 \u{1b}[1mbold\u{1b}[0m \u{202e}\n",
            "\n",
        ];
        let long: String = lines.iter().cycle().take(7_000).copied().collect();
        assert!(long.len() > 2 * HELD);
        for format in [OutputFormat::Table, OutputFormat::Csv, OutputFormat::Md, OutputFormat::Json]
        {
            for terminal in [None, Some(30)] {
                let show = |hold: bool| {
                    let mut to = Vec::new();
                    let mut out = Out::new(format, terminal, &mut to);
                    if hold {
                        out.push_str(&long);
                    } else {
                        long.chars().for_each(|c| out.write_char(c).expect("a text"));
                    }
                    out.finish().expect("written");
                    String::from_utf8(to).expect("a text")
                };
                assert_eq!(show(true), show(false), "{format:?}");
            }
        }
    }

    #[test]
    fn little_is_held_and_nothing_is_written_after_an_error() {
        struct Closed(usize);
        impl io::Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                self.0 += 1;
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut to = Closed(0);
        let mut out = Out::new(OutputFormat::Csv, None, &mut to);
        for _ in 0..100_000 {
            writeln!(out, "a,b,c").expect("a text");
            assert!(out.len() <= HELD);
        }
        assert_eq!(out.finish().map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
        assert_eq!(to.0, 1);
    }
}
