//! Text in columns: fitted to a width, padded, painted.

use std::borrow::Cow;
use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a piece of text stands out where colour is wanted. Colour never says what the words do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Warning,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "0",
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "1;32",
            Style::Bad => "1;31",
            Style::Warning => "33",
        }
    }
}

/// How lines are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Columns; `None` for as many as it takes.
    pub(super) width: Option<usize>,
    pub(super) colour: bool,
}

/// A line that never grows wider than its page.
pub(super) struct Line {
    page: Page,
    text: String,
    used: usize,
}

impl Line {
    pub(super) fn new(page: Page) -> Self {
        Line { page, text: String::new(), used: 0 }
    }

    fn left(&self) -> usize {
        self.page.width.map_or(usize::MAX, |width| width.saturating_sub(self.used))
    }

    /// Adds text that takes what it needs, and is cut at the page's edge.
    pub(super) fn add(&mut self, text: &str, style: Style) -> &mut Self {
        let fitted = fit(text, self.left());
        self.used += fitted.width();
        if self.page.colour && style != Style::Plain {
            self.text.push_str("\x1b[");
            self.text.push_str(style.code());
            self.text.push('m');
            self.text.push_str(&fitted);
            self.text.push_str("\x1b[0m");
        } else {
            self.text.push_str(&fitted);
        }
        self
    }

    /// Adds a cell of exactly `columns`, and two blanks behind it.
    pub(super) fn cell(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        let fitted = fit(text, columns);
        let blanks = 2 + columns.saturating_sub(fitted.width());
        self.add(&fitted, style).blanks(blanks)
    }

    pub(super) fn blanks(&mut self, count: usize) -> &mut Self {
        let count = count.min(self.left());
        self.text.extend(std::iter::repeat_n(' ', count));
        self.used += count;
        self
    }

    pub(super) fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.text.trim_end_matches(' '))
    }
}

/// The text if it is no wider than `columns`, else as much of it as leaves room for `…`.
pub(super) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    // A character of no width may follow another for megabytes; no cell wants more bytes than this.
    let bytes = columns.saturating_mul(32);
    if text.len() <= bytes && text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut end = prefix(text, room, bytes);
    // The width of a string is not always the sum of its characters' (joined letters, flags).
    while text[..end].width() > room {
        end = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Where the longest prefix ends whose characters take no more than `room` columns and `bytes` bytes.
fn prefix(text: &str, room: usize, bytes: usize) -> usize {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > room || at + character.len_utf8() > bytes {
            return at;
        }
    }
    text.len()
}

/// Breaks text into lines of at most `columns`, between words where it can; nothing is lost.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        while line.width() + word.width() > columns {
            let cut = break_at(word, columns);
            lines.push(word[..cut].to_owned());
            word = &word[cut..];
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A cut that leaves no more than `columns` before it and is past the first character.
fn break_at(word: &str, columns: usize) -> usize {
    let mut cut = prefix(word, columns, columns.saturating_mul(32));
    while word[..cut].width() > columns {
        cut = word[..cut].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    cut.max(word.chars().next().map_or(0, char::len_utf8))
}

/// `1,234,567`.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the largest binary unit that leaves a whole part: `3.2 GiB`, `512 B`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let power = (bytes.ilog2() / 10) as usize;
    let tenths = u128::from(bytes) * 10 / (1u128 << (10 * power));
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[power - 1])
}

/// `1 file`, `2 files`.
pub(super) fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_and_numbers_read_well() {
        for (bytes, text) in [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (u64::MAX, "15.9 EiB")] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!((number(999), number(1_234_567)), ("999".into(), "1,234,567".into()));
    }

    #[test]
    fn what_is_cut_ends_in_an_ellipsis() {
        for (text, columns, fitted) in [
            ("whoami", 6, "whoami"),
            ("whoami", 5, "whoa…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("x", 0, ""),
            ("xy", 1, "…"),
        ] {
            assert_eq!(fit(text, columns), fitted);
        }
        let zalgo = format!("a{}", "\u{301}".repeat(1 << 20));
        assert!(fit(&zalgo, 10).len() < 400);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,60}", columns in 0usize..50) {
            prop_assert!(fit(&text, columns).width() <= columns);
        }

        #[test]
        fn wrapping_loses_nothing(text in "[a-z日👍é ]{0,80}", columns in 2usize..30) {
            let lines = wrap(&text, columns);
            for line in &lines {
                prop_assert!(line.width() <= columns);
            }
            let squeeze = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        }
    }
}
