//! Regular expressions: Lucene's syntax put into that of the `regex` crate.
//!
//! Lucene's differs in that a pattern must fit the whole value, `.` is any character, `^` and `$` are
//! ordinary, `"…"` is literal text, `@` is any string and `#` no string at all. The operators for which
//! an automaton is needed (`~`, `&`, `<…>`) are refused; no published rule uses them. Case is folded by
//! spelling both cases out, because the crate would fold Unicode and Lucene folds ASCII.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder};

use crate::eql::ast::Case;

/// Bytes that one compiled pattern may take, tried in this order; one that is larger than the last is refused.
const SIZES: [usize; 3] = [16 << 10, 256 << 10, 4 << 20];

/// Bytes that all patterns of one query may take.
pub(in crate::eql) const PATTERN_ROOM: usize = 64 << 20;

/// Longest repetition, as in Lucene.
const MAX_REPEAT: u32 = 1000;

/// Why a pattern cannot be used: what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::eql) struct PatternError {
    pub(in crate::eql) message: String,
    pub(in crate::eql) help: &'static str,
}

/// Compiles a pattern and takes what it needs from `room`. Matching takes time linear in the text, whatever the
/// pattern.
pub(in crate::eql) fn compile_pattern(
    pattern: &str,
    case: Case,
    room: &mut usize,
) -> Result<Regex, PatternError> {
    let mut translation =
        Translation { rest: pattern.chars().peekable(), out: String::from("\\A(?s:"), open: 0, case };
    translation.all()?;
    translation.out.push_str(")\\z");
    for size in SIZES {
        if size > *room {
            // Those that follow are refused without being tried.
            *room = 0;
            return Err(refusal("is more than one query may hold", "use fewer or simpler patterns"));
        }
        match RegexBuilder::new(&translation.out).size_limit(size).build() {
            Ok(regex) => {
                *room -= size;
                return Ok(regex);
            }
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(_) => return Err(refusal("is not well-formed", "check its brackets and repetitions")),
        }
    }
    Err(refusal("is too large", "use fewer or shorter repetitions"))
}

fn refusal(message: &str, help: &'static str) -> PatternError {
    PatternError { message: message.to_owned(), help }
}

struct Translation<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    /// How many groups are open.
    open: usize,
    case: Case,
}

impl Translation<'_> {
    fn all(&mut self) -> Result<(), PatternError> {
        while let Some(next) = self.rest.next() {
            match next {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '{' => self.repetition()?,
                '"' => self.quoted()?,
                '(' if self.rest.peek() == Some(&'?') => {
                    return Err(refusal("uses `(?`, which Lucene does not know", "use a plain group: (…)"));
                }
                '(' => {
                    self.open += 1;
                    self.out.push_str("(?:");
                }
                ')' => {
                    // It would close what holds the whole.
                    let left = self.open.checked_sub(1);
                    self.open =
                        left.ok_or_else(|| refusal("has a `)` too many", "write \\\\) for a bracket"))?;
                    self.out.push(')');
                }
                '|' | '*' | '+' | '.' => self.out.push(next),
                // As `?` it would make a repetition before it lazy.
                '?' => self.out.push_str("{0,1}"),
                '@' => self.out.push_str("(?:.*)"),
                '#' => self.out.push_str("[^\\x{0}-\\x{10ffff}]"),
                '~' | '&' | '<' => {
                    let help = "put a backslash before it if it stands for itself";
                    return Err(PatternError { message: format!("uses Lucene's operator `{next}`"), help });
                }
                _ => self.literal(next),
            }
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        self.out.push('[');
        self.range(c, c);
        self.out.push(']');
    }

    /// `first-last` inside a class, and its other case.
    fn range(&mut self, first: char, last: char) {
        self.push_range(first, last);
        if self.case == Case::Insensitive {
            for (from, to) in [('a', 'z'), ('A', 'Z')] {
                let (first, last) = (first.max(from), last.min(to));
                if first <= last {
                    self.push_range(swap_case(first), swap_case(last));
                }
            }
        }
    }

    fn push_range(&mut self, first: char, last: char) {
        // Numbers, so that nothing in a class is mistaken for an operator of the crate's.
        let written = write!(self.out, "\\x{{{:x}}}-\\x{{{:x}}}", u32::from(first), u32::from(last));
        debug_assert!(written.is_ok(), "writing to a String does not fail");
    }

    fn escape(&mut self) -> Result<(), PatternError> {
        let escaped = self.rest.next().ok_or_else(|| refusal("ends in a backslash", "double it"))?;
        match predefined(escaped) {
            Some((negated, class)) => {
                let caret = if negated { "^" } else { "" };
                self.out.push_str(&format!("[{caret}{class}]"));
            }
            None => self.literal(escaped),
        }
        Ok(())
    }

    /// `"…"`: everything in it is itself.
    fn quoted(&mut self) -> Result<(), PatternError> {
        self.out.push_str("(?:");
        loop {
            match self.rest.next() {
                Some('"') => break,
                Some(c) => self.literal(c),
                None => {
                    return Err(refusal("has a `\"` without its other half", "write \\\\\\\" for a quote"));
                }
            }
        }
        self.out.push(')');
        Ok(())
    }

    fn class(&mut self) -> Result<(), PatternError> {
        let unclosed = || refusal("has a `[` that is not closed", "close it with `]`");
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut empty = true;
        loop {
            match self.rest.next().ok_or_else(unclosed)? {
                ']' if !empty => break,
                '\\' => {
                    let escaped = self.rest.next().ok_or_else(unclosed)?;
                    match predefined(escaped) {
                        Some((false, class)) => self.out.push_str(class),
                        Some((true, class)) => self.out.push_str(&format!("[^{class}]")),
                        None => self.class_range(escaped)?,
                    }
                }
                first => self.class_range(first)?,
            }
            empty = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// `first`, or `first-last` when a hyphen and no closing bracket follows.
    fn class_range(&mut self, first: char) -> Result<(), PatternError> {
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('-') || matches!(ahead.peek(), Some(']') | None) {
            self.range(first, first);
            return Ok(());
        }
        self.rest = ahead;
        let last = match self.rest.next() {
            Some('\\') => self.rest.next(),
            last => last,
        };
        match last {
            Some(last) if last >= first => {
                self.range(first, last);
                Ok(())
            }
            _ => Err(refusal("has a range that runs backwards", "exchange its ends")),
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`.
    fn repetition(&mut self) -> Result<(), PatternError> {
        let malformed =
            || refusal("has a `{` that begins no repetition", "write {2,5}, or \\\\{ for the character");
        let mut inside = String::new();
        loop {
            match self.rest.next() {
                Some('}') => break,
                Some(c) if c.is_ascii_digit() || c == ',' => inside.push(c),
                _ => return Err(malformed()),
            }
        }
        let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
        let within = |text: &str| text.parse().is_ok_and(|count: u32| count <= MAX_REPEAT);
        if !within(least) || !(most.is_empty() || within(most)) {
            return Err(refusal("repeats something more than 1000 times", "use `*` or `+`"));
        }
        self.out.push_str(&format!("{{{inside}}}"));
        Ok(())
    }
}

/// Lucene's `\d`, `\w` and `\s`, which are ASCII, and whether the letter negates.
fn predefined(letter: char) -> Option<(bool, &'static str)> {
    let class = match letter.to_ascii_lowercase() {
        'd' => "0-9",
        'w' => "0-9A-Za-z_",
        's' => " \\t\\n\\r",
        _ => return None,
    };
    Some((letter.is_ascii_uppercase(), class))
}

fn swap_case(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn compile(pattern: &str, case: Case) -> Result<Regex, PatternError> {
        let mut room = PATTERN_ROOM;
        compile_pattern(pattern, case, &mut room)
    }

    #[test]
    fn lucene_patterns_match_as_lucene_matches() {
        for (pattern, text, expected) in [
            (r"[a-z0-9]\.exe", "X.EXE", true),
            (r"[a-z0-9]\.exe", "xx.exe", false),
            (r"^a$", "^a$", true),
            (r".*", "a\nb", true),
            (r#"a"*."b"#, "a*.b", true),
            (r"a@z", "a then z", true),
            (r"\w+\s\d{3}", "ab 123", true),
            (r"[^\d-]+", "a-b", false),
            (r"[\d-]+", "1-2", true),
            (r"[&&~]+", "&~&", true),
            (r"C:\\Program Files( \(x86\))?\\.*", r"c:\program files (X86)\x", true),
            (r"k", "\u{212a}", false),
            (r"[^a]", "\u{212a}", true),
            (r"[ʰ-˿]+", "ʰʱ", true),
            (r"#|a", "a", true),
            (r"()a", "a", true),
            (r"ab+?", "a", true),
            (r"ab{2}?", "a", true),
            (r"ab{2}?", "ab", false),
        ] {
            let regex = compile(pattern, Case::Insensitive).unwrap();
            assert_eq!(regex.is_match(text), expected, "{pattern} {text}");
        }
        assert!(!compile("a", Case::Sensitive).unwrap().is_match("A"));
    }

    #[test]
    fn what_cannot_be_done_is_refused_at_once() {
        let started = Instant::now();
        for pattern in [
            "(?:){4294967295}",
            "(){4294967295}",
            "a{1001}",
            "((a{1000}){1000}){1000}",
            "~a",
            "a&b",
            "<1-5>",
            "[a",
            "(a",
            "a\\",
            "\"a",
            "{",
            "[b-a]",
            "*a)",
            "a)|(b",
            "(?i)a",
        ] {
            assert!(compile(pattern, Case::Insensitive).is_err(), "{pattern}");
        }
        assert!(compile(&"(".repeat(100_000), Case::Sensitive).is_err());
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}
