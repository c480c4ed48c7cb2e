//! The tolerant parser: finds the fields of a record that strict parsers refuse.
//!
//! One bad byte in a field that no rule reads must not cost a hit. This parser accepts everything that
//! RFC 8259 does and goes on where that stops: bad UTF-8 (U+FFFD), raw control bytes, lone surrogates,
//! unknown escapes, odd numbers, missing commas, any depth, a tail that is cut off. What it met, it says
//! with [`Flags`]. It keeps its own stack, one byte a level, and never looks back.

use memchr::memchr2;

use super::number::{is_number, number};
use super::walk::Visitor;
use super::{Flags, Value};

/// Strict parsers refuse deeper nesting (simd-json 1024).
const DEEP: usize = 1024;

/// What the parser found a record to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// What was wrong with it.
    pub(crate) flags: Flags,
    /// Whether there was an object or an array at all.
    pub(crate) found: bool,
}

/// Parses `record` as far as it goes and tells `visitor` of it.
pub(crate) fn parse(record: &[u8], visitor: &mut impl Visitor) -> Reading {
    let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
    let mut parser = Parser {
        record,
        at: 0,
        flags: Flags::empty(),
        open: Vec::new(),
        open_count: [0; 2],
        muted_from: None,
        expect: Expect::Value,
        text: String::new(),
    };
    let found = parser.run(visitor);
    Reading { flags: parser.flags, found }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// What a strict parser would want next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
}

struct Parser<'a> {
    record: &'a [u8],
    at: usize,
    flags: Flags,
    open: Vec<Container>,
    /// How many of `open` are of each kind.
    open_count: [usize; 2],
    /// The depth at which the visitor lost interest.
    muted_from: Option<usize>,
    expect: Expect,
    /// The last string, unescaped.
    text: String,
}

impl Parser<'_> {
    fn run(&mut self, visitor: &mut impl Visitor) -> bool {
        let mut found = false;
        while let Some(byte) = self.next_token() {
            if found && self.open.is_empty() {
                // Something stands behind the value. It is not part of it.
                self.flags.insert(Flags::BAD_SYNTAX);
                break;
            }
            match byte {
                b'{' => self.open(Container::Object, visitor),
                b'[' => self.open(Container::Array, visitor),
                // Nothing is open, and nothing has been found.
                _ if self.open.is_empty() => {
                    // Junk before the value.
                    self.flags.insert(Flags::BAD_SYNTAX);
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => self.close(byte, visitor),
                b'"' => self.string(visitor),
                b':' => self.colon(visitor),
                b',' => self.comma(),
                _ => self.bare_word(visitor),
            }
            found = true;
        }
        if !self.open.is_empty() {
            self.flags.insert(Flags::TRUNCATED_RECORD);
        }
        while !self.open.is_empty() {
            self.pop(visitor);
        }
        found
    }

    /// The first byte that is no blank, without taking it.
    fn next_token(&mut self) -> Option<u8> {
        while let Some(&byte) = self.record.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                0..0x20 => {
                    self.flags.insert(Flags::RAW_CONTROL);
                    self.at += 1;
                }
                _ => return Some(byte),
            }
        }
        None
    }

    fn is_muted(&self) -> bool {
        self.muted_from.is_some()
    }

    /// Flags whatever a strict parser would not take here.
    fn want(&mut self, fits: &[Expect]) {
        if !fits.contains(&self.expect) {
            self.flags.insert(Flags::BAD_SYNTAX);
        }
    }

    fn open(&mut self, container: Container, visitor: &mut impl Visitor) {
        self.at += 1;
        self.want(&[Expect::Value, Expect::ValueOrClose]);
        let wanted = self.is_muted()
            || match container {
                Container::Object => visitor.open_object(),
                Container::Array => visitor.open_array(),
            };
        self.open.push(container);
        self.open_count[container as usize] += 1;
        if !wanted {
            self.muted_from = Some(self.open.len());
        }
        if self.open.len() == DEEP + 1 {
            self.flags.insert(Flags::DEEP_NESTING);
        }
        self.expect = match container {
            Container::Object => Expect::KeyOrClose,
            Container::Array => Expect::ValueOrClose,
        };
    }

    fn close(&mut self, byte: u8, visitor: &mut impl Visitor) {
        self.at += 1;
        self.want(&[Expect::CommaOrClose, Expect::KeyOrClose, Expect::ValueOrClose]);
        let wanted = if byte == b'}' { Container::Object } else { Container::Array };
        if self.open.last() != Some(&wanted) {
            // `}` where an array is open: close it too if an object is open around it, else pass over it.
            self.flags.insert(Flags::BAD_SYNTAX);
            // The search goes no further than what it closes, or it would cost the square of the depth.
            if self.open_count[wanted as usize] == 0 {
                return;
            }
            while self.open.last() != Some(&wanted) {
                self.pop(visitor);
            }
        }
        self.pop(visitor);
    }

    fn pop(&mut self, visitor: &mut impl Visitor) {
        match self.muted_from {
            // The visitor has not been told that this one opened.
            Some(depth) if depth == self.open.len() => self.muted_from = None,
            Some(_) => {}
            None => visitor.close(),
        }
        if let Some(container) = self.open.pop() {
            self.open_count[container as usize] -= 1;
        }
        self.expect = Expect::CommaOrClose;
    }

    fn colon(&mut self, visitor: &mut impl Visitor) {
        self.want(&[Expect::Colon]);
        if self.is_behind_text_of_array() {
            // Arrays have no keys: their brackets are missing.
            while self.open.last() == Some(&Container::Array) {
                self.pop(visitor);
            }
            if !self.is_muted() {
                visitor.key(&self.text);
            }
        }
        self.at += 1;
        self.expect = Expect::Value;
    }

    fn is_behind_text_of_array(&self) -> bool {
        self.open.last() == Some(&Container::Array)
            && self.open_count[Container::Object as usize] > 0
            && self.record[..self.at].trim_ascii_end().ends_with(b"\"")
    }

    fn comma(&mut self) {
        self.at += 1;
        self.want(&[Expect::CommaOrClose]);
        self.expect = match self.open.last() {
            Some(Container::Object) => Expect::Key,
            _ => Expect::Value,
        };
    }

    fn string(&mut self, visitor: &mut impl Visitor) {
        self.at += 1;
        if !self.read_string() {
            // Cut within a string: part of a value is not the value.
            self.flags.insert(Flags::TRUNCATED_RECORD);
            return;
        }
        self.tell_text("", visitor);
    }

    /// Whether a string, here, is a key: also where only the comma before it is missing.
    fn is_key(&self) -> bool {
        self.open.last() == Some(&Container::Object)
            && matches!(self.expect, Expect::Key | Expect::KeyOrClose | Expect::CommaOrClose)
    }

    /// Tells of the string in `text`; `token` as for [`Visitor::scalar`].
    fn tell_text(&mut self, token: &str, visitor: &mut impl Visitor) {
        let is_key = self.is_key();
        if is_key {
            self.want(&[Expect::Key, Expect::KeyOrClose]);
            self.expect = Expect::Colon;
        } else {
            self.want(&[Expect::Value, Expect::ValueOrClose]);
            self.expect = Expect::CommaOrClose;
        }
        if self.is_muted() {
            return;
        }
        if is_key {
            visitor.key(&self.text);
        } else {
            visitor.scalar(Value::Str(&self.text), token);
        }
    }

    /// Unescapes up to the closing quote into `text`; `false` when there is none.
    fn read_string(&mut self) -> bool {
        self.text.clear();
        loop {
            let Some(run) = memchr2(b'"', b'\\', &self.record[self.at..]) else {
                self.at = self.record.len();
                return false;
            };
            self.take_run(run);
            if self.record[self.at] == b'"' {
                self.at += 1;
                return true;
            }
            self.at += 1;
            if !self.read_escape() {
                return false;
            }
        }
    }

    /// Copies `length` bytes that hold neither quote nor backslash.
    fn take_run(&mut self, length: usize) {
        let run = &self.record[self.at..self.at + length];
        self.at += length;
        if run.iter().any(|byte| *byte < 0x20) {
            self.flags.insert(Flags::RAW_CONTROL);
        }
        match String::from_utf8_lossy(run) {
            std::borrow::Cow::Borrowed(text) => self.text.push_str(text),
            std::borrow::Cow::Owned(text) => {
                self.flags.insert(Flags::INVALID_UTF8);
                self.text.push_str(&text);
            }
        }
    }

    /// One escape, its backslash taken; `false` when the record ends in it.
    fn read_escape(&mut self) -> bool {
        let Some(&byte) = self.record.get(self.at) else { return false };
        self.at += 1;
        let plain = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.read_unicode_escape(),
            _ => {
                // Not JSON's: the backslash is what most writers of such text meant. What follows it is
                // taken with the next run.
                self.flags.insert(Flags::BAD_ESCAPE);
                self.at -= 1;
                '\\'
            }
        };
        self.text.push(plain);
        true
    }

    fn read_unicode_escape(&mut self) -> bool {
        let Some(unit) = self.hex4(self.at) else {
            if self.record.len() - self.at < 4 {
                self.at = self.record.len();
                return false;
            }
            self.flags.insert(Flags::BAD_ESCAPE);
            self.text.push_str("\\u");
            return true;
        };
        self.at += 4;
        if let Some(plain) = char::from_u32(unit) {
            self.text.push(plain);
            return true;
        }
        let low = (self.record[self.at..].starts_with(b"\\u")).then(|| self.hex4(self.at + 2)).flatten();
        match low {
            Some(low) if (0xd800..0xdc00).contains(&unit) && (0xdc00..0xe000).contains(&low) => {
                self.at += 6;
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                self.text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => {
                self.flags.insert(Flags::LONE_SURROGATE);
                self.text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        true
    }

    fn hex4(&self, at: usize) -> Option<u32> {
        let digits = self.record.get(at..at + 4)?;
        digits.iter().try_fold(0, |code, byte| Some(code << 4 | char::from(*byte).to_digit(16)?))
    }

    /// A number, a literal, or something that is neither.
    fn bare_word(&mut self, visitor: &mut impl Visitor) {
        let start = self.at;
        while let Some(byte) = self.record.get(self.at)
            && !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']')
        {
            self.at += 1;
        }
        let word = &self.record[start..self.at];
        if self.at == self.record.len() && !self.open.is_empty() {
            // It may go on behind the cut.
            self.flags.insert(Flags::TRUNCATED_RECORD);
            return;
        }
        let value = match word {
            b"true" => Some(Value::Bool(true)),
            b"false" => Some(Value::Bool(false)),
            b"null" => Some(Value::Null),
            _ => number(word),
        };
        match value {
            Some(value) if !self.is_key() => {
                self.want(&[Expect::Value, Expect::ValueOrClose]);
                self.expect = Expect::CommaOrClose;
                if !self.is_muted() {
                    visitor.scalar(value, std::str::from_utf8(word).unwrap_or_default());
                }
            }
            _ => self.odd_word(word, visitor),
        }
    }

    /// A word that JSON does not know is taken as a string.
    fn odd_word(&mut self, word: &[u8], visitor: &mut impl Visitor) {
        let looks_numeric = matches!(word[0], b'0'..=b'9' | b'+' | b'-' | b'.')
            || matches!(word, b"NaN" | b"Infinity" | b"nan" | b"inf");
        let flag = if looks_numeric { Flags::NONSTANDARD_NUMBER } else { Flags::BAD_SYNTAX };
        self.flags.insert(flag);
        let text = String::from_utf8_lossy(word);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.flags.insert(Flags::INVALID_UTF8);
        }
        self.text.clear();
        self.text.push_str(&text);
        // A number of JSON's grammar that 64 bits cannot hold keeps its spelling.
        let token = if is_number(word) { std::str::from_utf8(word).unwrap_or_default() } else { "" };
        self.tell_text(token, visitor);
    }
}

#[cfg(test)]
mod tests;
