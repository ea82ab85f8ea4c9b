//! JSON in a cell, walked in place: the quotes in it may be doubled, as in a quoted cell.
//!
//! What is walked over is a document by every rule of JSON; what may be one but is out of the ordinary
//! ends the walk just as what is none does.

use wide::u8x16;

use crate::read::cell;

/// Deepest nesting that is walked; a document may be a little deeper.
const MAX_DEPTH: u32 = 100;
/// The first character of a key that a document would take for a number.
const NUMBER_KEY: u8 = b'$';

/// A walk over the JSON in a cell.
#[derive(Clone, Debug)]
pub(super) struct Json<'c> {
    /// What is ahead.
    rest: &'c [u8],
    /// How long a quote is.
    quote: usize,
    depth: u32,
}

impl<'c> Json<'c> {
    /// At the start of a cell.
    pub(super) fn new(cell: &'c [u8], doubled: bool) -> Self {
        let quote = 1 + usize::from(doubled);
        let mut json = Self { rest: cell, quote, depth: 0 };
        json.blanks();
        json
    }

    /// Walks over an object. Each member is handed to `each` at its value, which is to be walked over.
    pub(super) fn members(
        &mut self,
        each: &mut impl FnMut(&mut Self, &'c [u8]) -> Option<()>,
    ) -> Option<()> {
        self.open(b'{')?;
        if self.take(b'}') {
            return self.close();
        }
        loop {
            let key = self.key()?;
            self.need(b':')?;
            each(self, key)?;
            if !self.take(b',') {
                self.need(b'}')?;
                return self.close();
            }
        }
    }

    /// Walks over any value.
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.rest.first()? {
            b'"' => self.skip_text(),
            b'{' => self.members(&mut |json, _| json.skip()),
            b'[' => self.list(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// Walks over a null, if there is one.
    pub(super) fn null(&mut self) -> bool {
        self.word(b"null").is_some()
    }

    /// Reads a count, or walks over a null. One that is written in any other way
    /// than in digits is out of the ordinary.
    pub(super) fn count(&mut self, count: &mut Option<u64>) -> Option<()> {
        *count = None;
        if self.null() {
            return Some(());
        }
        let digits = whole(self.rest)?;
        *count = Some(cell::digits(digits)?);
        self.pass(digits.len());
        if matches!(self.rest.first(), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.blanks();
        Some(())
    }

    /// The end of the cell; `None` anywhere else.
    pub(super) fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }

    fn list(&mut self) -> Option<()> {
        self.open(b'[')?;
        if self.take(b']') {
            return self.close();
        }
        loop {
            self.skip()?;
            if !self.take(b',') {
                self.need(b']')?;
                return self.close();
            }
        }
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())?;
        self.need(bracket)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the end of every walk over brackets")]
    const fn close(&mut self) -> Option<()> {
        self.depth -= 1;
        Some(())
    }

    /// A key without escapes.
    fn key(&mut self) -> Option<&'c [u8]> {
        let (key, is_plain) = self.text()?;
        if !is_plain || key.first() == Some(&NUMBER_KEY) {
            return None;
        }
        self.blanks();
        Some(key)
    }

    /// A text as it is written, between its quotes, and whether it is free of escapes.
    #[inline]
    fn text(&mut self) -> Option<(&'c [u8], bool)> {
        let start = self.quoted(self.rest)?;
        let (mut at, mut is_plain) = (0, true);
        loop {
            at += special(&start[at..])?;
            if start[at] == b'"' {
                let (text, rest) = start.split_at(at);
                self.rest = self.quoted(rest)?;
                return Some((text, is_plain));
            }
            // A control character is none that a text may hold.
            at += self.escape(&start[at..])?;
            is_plain = false;
        }
    }

    /// How long an escape is.
    fn escape(&self, text: &[u8]) -> Option<usize> {
        match text {
            [b'\\', b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
            [b'\\', rest @ ..] if self.quoted(rest).is_some() => Some(1 + self.quote),
            // From d800 to dfff it is half of a character.
            [b'\\', b'u', digits @ ..] => {
                let digits = digits.first_chunk::<4>()?;
                let is_half =
                    matches!(digits, [b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
                (digits.iter().all(u8::is_ascii_hexdigit) && !is_half).then_some(6)
            }
            _ => None,
        }
    }

    /// What follows a quote.
    #[inline]
    fn quoted<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        match (self.quote, text) {
            (1, [b'"', rest @ ..]) | (2, [b'"', b'"', rest @ ..]) => Some(rest),
            _ => None,
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        self.blanks();
        Some(())
    }

    fn skip_text(&mut self) -> Option<()> {
        self.text()?;
        self.blanks();
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        if let [b'-', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.pass(whole(self.rest)?.len());
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.some_digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            if let [b'+' | b'-', rest @ ..] = self.rest {
                self.rest = rest;
            }
            self.some_digits()?;
        }
        self.blanks();
        Some(())
    }

    fn pass(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    fn some_digits(&mut self) -> Option<()> {
        let length = digits(self.rest);
        self.pass(length);
        (length > 0).then_some(())
    }

    #[inline]
    fn need(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// Walks over this byte, if it is ahead, and what is blank behind it.
    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                self.blanks();
                true
            }
            _ => false,
        }
    }

    #[inline]
    fn blanks(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

/// How many digits there are at the start.
#[inline]
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The digits of a whole number at the start, of which no zero is the first of several.
#[inline]
fn whole(text: &[u8]) -> Option<&[u8]> {
    match text.split_at(digits(text)).0 {
        [] | [b'0', _, ..] => None,
        digits => Some(digits),
    }
}

/// Where the first quote, backslash or control character is.
#[inline]
fn special(text: &[u8]) -> Option<usize> {
    let (pieces, rest) = text.as_chunks::<16>();
    for (at, piece) in pieces.iter().enumerate() {
        let bytes = u8x16::new(*piece);
        let found = bytes.cmp_eq(u8x16::splat(b'"'))
            | bytes.cmp_eq(u8x16::splat(b'\\'))
            | bytes.cmp_eq(bytes.min(u8x16::splat(0x1f)));
        let found = found.move_mask();
        if found != 0 {
            return Some(16 * at + found.trailing_zeros() as usize);
        }
    }
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))?;
    Some(16 * pieces.len() + at)
}
