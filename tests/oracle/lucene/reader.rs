//! Reads regular expressions.

use std::iter::Peekable;
use std::str::Chars;

use super::Pattern;

/// The pattern that a text is, which the program has accepted.
pub(crate) fn read(text: &str) -> Pattern {
    let mut reader = Reader { rest: text.chars().peekable() };
    let pattern = reader.either();
    assert_eq!(reader.rest.next(), None, "{text}");
    pattern
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
}

impl Reader<'_> {
    fn either(&mut self) -> Pattern {
        let mut parts = vec![self.row()];
        while self.rest.next_if_eq(&'|').is_some() {
            parts.push(self.row());
        }
        if parts.len() == 1 { parts.remove(0) } else { Pattern::Either(parts) }
    }

    fn row(&mut self) -> Pattern {
        let mut parts = Vec::new();
        while self.rest.peek().is_some_and(|next| !matches!(next, '|' | ')')) {
            let one = self.one();
            parts.push(self.repeated(one));
        }
        Pattern::Row(parts)
    }

    fn repeated(&mut self, mut inner: Pattern) -> Pattern {
        loop {
            let (least, most) = match self.rest.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => self.counts(),
                _ => return inner,
            };
            self.rest.next();
            inner = Pattern::Repeat { inner: Box::new(inner), least, most };
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`, up to the closing bracket.
    fn counts(&mut self) -> (usize, Option<usize>) {
        self.rest.next();
        let mut inside = String::new();
        while let Some(next) = self.rest.next_if(|next| *next != '}') {
            inside.push(next);
        }
        let number = |text: &str| text.parse().expect("counts are numbers");
        match inside.split_once(',') {
            None => (number(&inside), Some(number(&inside))),
            Some((least, "")) => (number(least), None),
            Some((least, most)) => (number(least), Some(number(most))),
        }
    }

    fn one(&mut self) -> Pattern {
        match self.next() {
            '(' => {
                let inner = self.either();
                assert_eq!(self.rest.next(), Some(')'));
                inner
            }
            '[' => self.class(),
            '.' => Pattern::Any,
            '@' => Pattern::Anything,
            '#' => Pattern::Either(Vec::new()),
            '"' => {
                let mut literals = Vec::new();
                while let Some(plain) = self.rest.next_if(|next| *next != '"') {
                    literals.push(Pattern::Literal(plain));
                }
                self.rest.next();
                Pattern::Row(literals)
            }
            '\\' => {
                let escaped = self.next();
                match shorthand(escaped) {
                    Some(ranges) => Pattern::Class { ranges, negated: false },
                    None => Pattern::Literal(escaped),
                }
            }
            special @ ('~' | '&' | '<') => panic!("`{special}` is no pattern's yet"),
            plain => Pattern::Literal(plain),
        }
    }

    fn class(&mut self) -> Pattern {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            let first = match self.next() {
                ']' if !ranges.is_empty() => return Pattern::Class { ranges, negated },
                '\\' => {
                    let escaped = self.next();
                    if let Some(shorthand) = shorthand(escaped) {
                        ranges.extend(shorthand);
                        continue;
                    }
                    escaped
                }
                first => first,
            };
            let mut ahead = self.rest.clone();
            if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
                self.rest = ahead;
                let last = match self.rest.next() {
                    Some('\\') => self.rest.next(),
                    last => last,
                };
                ranges.push((first, last.expect("a class is closed")));
            } else {
                ranges.push((first, first));
            }
        }
    }

    fn next(&mut self) -> char {
        self.rest.next().expect("the pattern goes on")
    }
}

/// What `\d`, `\w`, `\s` stand for, and what their capitals do.
fn shorthand(letter: char) -> Option<Vec<(char, char)>> {
    let ranges = match letter.to_ascii_lowercase() {
        'd' => vec![('0', '9')],
        'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        's' => vec![('\t', '\n'), ('\r', '\r'), (' ', ' ')],
        _ => return None,
    };
    if letter.is_ascii_lowercase() {
        return Some(ranges);
    }
    // What lies between the ranges, which are in order.
    let mut gaps = Vec::new();
    let mut from = '\0';
    for (first, last) in ranges {
        gaps.extend((from < first).then(|| (from, char::from(first as u8 - 1))));
        from = char::from(last as u8 + 1);
    }
    gaps.push((from, char::MAX));
    Some(gaps)
}
