//! `*` and `?` patterns over whole values.
//!
//! A pattern is cut at its stars: the first piece is matched at the beginning, the last at the end, and
//! those between leftmost, one after the other. A piece once placed is never moved again, so the time is
//! at most the text's length times the longest piece's, which is bounded; but long pieces without a question
//! mark are looked for in time linear in the text (Knuth, Morris and Pratt).

use memchr::{memchr, memchr2};

use super::pattern::PatternError;
use crate::eql::ast::Case;

/// Pieces of more bytes than this are looked for in linear time, or refused.
const SHORT: usize = 256;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(in crate::eql) struct Wildcard {
    /// Before the first star, or everything.
    first: Piece,
    /// Between the stars; none of them empty.
    middle: Box<[Piece]>,
    /// Behind the last star; without any star there is none.
    last: Option<Piece>,
    /// How many bytes a text has at least that fits: one for each step.
    shortest: usize,
    case: Case,
}

/// What stands between two stars. Bytes are lower case when case does not matter.
#[derive(Clone, Debug, Default)]
struct Piece {
    steps: Box<[Step]>,
    /// For a long piece without question marks: how many steps still fit where the one behind so many does not.
    borders: Box<[usize]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Byte(u8),
    /// `?`: any one character.
    Any,
}

/// The first two bytes of a text, behind its drive (`C:\`) if it has one; ASCII in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::eql) struct Head(u16);

impl Head {
    /// The head of `text`; shorter texts have none.
    pub(in crate::eql) fn of(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let behind_letter = text.get(character_length(*text.first()?)..)?;
        let stem = behind_letter.strip_prefix(b":\\").unwrap_or(text);
        stem.first_chunk().map(|head| Self::new(*head))
    }

    fn new(bytes: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(bytes.map(|byte| byte.to_ascii_lowercase())))
    }
}

impl Wildcard {
    /// Compiles `pattern`, in which there is no way to write a star or a question mark itself. Refused is what
    /// would cost too much: question marks in a long piece between two stars.
    pub(in crate::eql) fn new(pattern: &str, case: Case) -> Result<Self, PatternError> {
        let mut pieces = pattern.split('*').map(|piece| Piece::new(piece, case));
        let first = pieces.next().unwrap_or_default();
        let mut middle: Vec<Piece> = pieces.collect();
        let last = middle.pop();
        middle.retain(|piece| !piece.steps.is_empty());
        if middle.iter().any(|piece| piece.steps.len() > SHORT && piece.borders.is_empty()) {
            let message = format!("has a `?` among more than {SHORT} bytes between two stars");
            return Err(PatternError { message, help: "use `*` instead of `?`, or cut the pattern in two" });
        }
        Ok(Self::of(first, middle.into(), last, case))
    }

    /// Begins with exactly `text`.
    pub(in crate::eql) fn prefix(text: &str, case: Case) -> Self {
        Self::of(Piece::literal(text, case), Box::default(), Some(Piece::default()), case)
    }

    /// Ends with exactly `text`.
    pub(in crate::eql) fn suffix(text: &str, case: Case) -> Self {
        Self::of(Piece::default(), Box::default(), Some(Piece::literal(text, case)), case)
    }

    /// Contains exactly `text`, which is not empty.
    pub(in crate::eql) fn infix(text: &str, case: Case) -> Self {
        let middle = Box::new([Piece::literal(text, case)]);
        Self::of(Piece::default(), middle, Some(Piece::default()), case)
    }

    fn of(first: Piece, middle: Box<[Piece]>, last: Option<Piece>, case: Case) -> Self {
        let shortest =
            std::iter::once(&first).chain(&middle).chain(&last).map(|piece| piece.steps.len()).sum();
        Self { first, middle, last, shortest, case }
    }

    /// The [`Head`] of every text that fits, if they all have the same.
    pub(in crate::eql) fn head(&self) -> Option<Head> {
        let steps = &*self.first.steps;
        let stem = match steps {
            [Step::Any | Step::Byte(0..0x80), Step::Byte(b':'), Step::Byte(b'\\'), stem @ ..] => stem,
            [Step::Byte(0..0x80), Step::Byte(b':'), Step::Byte(_), ..] => steps,
            [Step::Byte(0..0x80), Step::Byte(second), ..] if *second != b':' => steps,
            _ => return None,
        };
        match stem {
            [Step::Byte(first), Step::Byte(second), ..] => Some(Head::new([*first, *second])),
            _ => None,
        }
    }

    /// Whether the whole of `text` fits.
    pub(in crate::eql) fn matches(&self, text: &str) -> bool {
        let text = text.as_bytes();
        if text.len() < self.shortest {
            return false;
        }
        let Some(mut at) = self.first.at(text, 0, self.case) else { return false };
        let Some(last) = &self.last else { return at == text.len() };
        let Some(end) = last.before(text, self.case).filter(|end| *end >= at) else { return false };
        self.middle.iter().all(|piece| match piece.find(&text[..end], at, self.case) {
            Some(behind) => {
                at = behind;
                true
            }
            None => false,
        })
    }
}

impl Piece {
    fn new(piece: &str, case: Case) -> Self {
        let step = |byte| if byte == b'?' { Step::Any } else { Step::Byte(fold(byte, case)) };
        Self::of(piece.bytes().map(step).collect())
    }

    fn literal(text: &str, case: Case) -> Self {
        Self::of(text.bytes().map(|byte| Step::Byte(fold(byte, case))).collect())
    }

    fn of(steps: Box<[Step]>) -> Self {
        let is_long = steps.len() > SHORT && !steps.contains(&Step::Any);
        let borders = if is_long { borders(&steps) } else { Box::default() };
        Self { steps, borders }
    }

    /// Where the piece ends when it stands at `at`.
    fn at(&self, text: &[u8], mut at: usize, case: Case) -> Option<usize> {
        for step in &*self.steps {
            let byte = *text.get(at)?;
            at += match step {
                Step::Byte(expected) if fold(byte, case) == *expected => 1,
                Step::Byte(_) => return None,
                Step::Any => character_length(byte),
            };
        }
        Some(at)
    }

    /// Where the piece begins when it stands at the end of the text.
    fn before(&self, text: &[u8], case: Case) -> Option<usize> {
        let mut at = text.len();
        for step in self.steps.iter().rev() {
            at = at.checked_sub(1)?;
            match step {
                Step::Byte(expected) if fold(text[at], case) == *expected => {}
                Step::Byte(_) => return None,
                Step::Any => {
                    while at > 0 && is_continuation(text[at]) {
                        at -= 1;
                    }
                }
            }
        }
        Some(at)
    }

    /// Where the leftmost occurrence at or behind `from` ends.
    fn find(&self, text: &[u8], from: usize, case: Case) -> Option<usize> {
        if !self.borders.is_empty() {
            return self.find_long(text, from, case);
        }
        let mut at = from;
        loop {
            at += match self.steps.first()? {
                Step::Any => text[at..].iter().position(|byte| !is_continuation(*byte))?,
                Step::Byte(byte) if case == Case::Insensitive => {
                    memchr2(*byte, byte.to_ascii_uppercase(), &text[at..])?
                }
                Step::Byte(byte) => memchr(*byte, &text[at..])?,
            };
            if let Some(end) = self.at(text, at, case) {
                return Some(end);
            }
            at += 1;
        }
    }

    /// [`Piece::find`] without going back in the text.
    fn find_long(&self, text: &[u8], from: usize, case: Case) -> Option<usize> {
        let mut fitting = 0;
        for (at, byte) in text.iter().enumerate().skip(from) {
            let step = Step::Byte(fold(*byte, case));
            while fitting > 0 && self.steps[fitting] != step {
                fitting = self.borders[fitting - 1];
            }
            if self.steps[fitting] == step {
                fitting += 1;
            }
            if fitting == self.steps.len() {
                return Some(at + 1);
            }
        }
        None
    }
}

/// For each beginning of `steps`, the length of the longest shorter one that it ends in.
fn borders(steps: &[Step]) -> Box<[usize]> {
    let mut borders = vec![0; steps.len()];
    let mut length = 0;
    for at in 1..steps.len() {
        while length > 0 && steps[length] != steps[at] {
            length = borders[length - 1];
        }
        if steps[length] == steps[at] {
            length += 1;
        }
        borders[at] = length;
    }
    borders.into()
}

fn fold(byte: u8, case: Case) -> u8 {
    match case {
        Case::Sensitive => byte,
        Case::Insensitive => byte.to_ascii_lowercase(),
    }
}

/// Bytes of the character that begins with `first`, in UTF-8.
fn character_length(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Wildcard::new(pattern, Case::Insensitive).expect("it is not long").matches(text)
    }

    #[test]
    fn patterns_fit_whole_values() {
        for (pattern, text, expected) in [
            ("cmd.exe", "CMD.EXE", true),
            ("*\\cmd.exe", "C:\\Windows\\cmd.exe", true),
            ("c?d*", "cmd.exe", true),
            ("a?c", "a\u{1f600}c", true),
            ("*?c", "a\u{1f600}c", true),
            ("?", "", false),
            ("*", "", true),
            ("**", "x\ny", true),
            ("a*a", "a", false),
            ("a*b*c", "aXbYc", true),
            ("*ab*ab*", "abab", true),
            ("*ab*ab*", "aab", false),
            ("ab", "abc", false),
            ("%*%", "%x%", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(!Wildcard::new("A*", Case::Sensitive).unwrap().matches("ab"));
        assert!(Wildcard::prefix("a*", Case::Sensitive).matches("a*b"));
        assert!(!Wildcard::infix("?", Case::Sensitive).matches("ab"));
        assert!(Wildcard::suffix("B", Case::Insensitive).matches("ab"));
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let text = "a".repeat(1 << 20);
        let started = Instant::now();
        assert!(!matches(&format!("{}b", "*a".repeat(200)), &text));
        assert!(!matches(&format!("{}*b*", "*a".repeat(200)), &text));
        assert!(!matches(&format!("*{}b*", "?".repeat(50)), &text));
        assert!(!matches(&format!("*{}b*", "a".repeat(1 << 19)), &text));
        assert!(!Wildcard::infix(&("a".repeat(1 << 19) + "b"), Case::Sensitive).matches(&text));
        assert!(Wildcard::new(&format!("*{}?b*", "a".repeat(SHORT)), Case::Sensitive).is_err());
        assert!(started.elapsed() < Duration::from_secs(1));
    }

    /// The definition, by trying everything.
    fn slowly(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| slowly(rest, &text[skip..])),
            Some(('?', rest)) => !text.is_empty() && slowly(rest, &text[1..]),
            Some((c, rest)) => {
                text.first().is_some_and(|t| t.eq_ignore_ascii_case(c)) && slowly(rest, &text[1..])
            }
        }
    }

    proptest! {
        #[test]
        fn long_pieces_are_found_where_short_ones_are(
            piece in "[ab]{1,8}", times in 40..80_usize, text in "[abAB]{0,2000}", at in any::<prop::sample::Index>(),
        ) {
            let long = piece.repeat(times);
            let mut text = text;
            prop_assert_eq!(matches(&format!("*{long}*"), &text), text.to_ascii_lowercase().contains(&long));
            text.insert_str(at.index(text.len() + 1), &long.to_ascii_uppercase());
            let found = matches(&format!("*{long}*"), &text);
            prop_assert!(found);
        }

        #[test]
        fn it_agrees_with_the_definition(pattern in "[aB\u{e9}*?]{0,8}", text in "[abB\u{e9}\u{1f600}]{0,10}") {
            let expected = slowly(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
            prop_assert_eq!(matches(&pattern, &text), expected);
        }
    }
}
