//! Reads the regular expressions of rules.

use std::iter::Peekable;
use std::str::Chars;

use super::pattern::Pattern;

/// The pattern that a text is, which the program has accepted.
pub(crate) fn pattern(text: &str) -> Pattern {
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
            '[' => {
                let negated = self.rest.next_if_eq(&'^').is_some();
                Pattern::Class { ranges: self.ranges(), negated }
            }
            '.' => Pattern::Any,
            '@' => Pattern::Anything,
            '\\' => match self.next() {
                letter if shorthand(letter).is_some() => {
                    Pattern::Class { ranges: shorthand(letter).unwrap_or_default(), negated: false }
                }
                letter => Pattern::Literal(letter),
            },
            special @ ('#' | '"' | '~' | '&' | '<') => panic!("`{special}` is no pattern's yet"),
            plain => Pattern::Literal(plain),
        }
    }

    fn ranges(&mut self) -> Vec<(char, char)> {
        let mut ranges = Vec::new();
        loop {
            let first = match self.next() {
                ']' => return ranges,
                '\\' => match self.next() {
                    letter if shorthand(letter).is_some() => {
                        ranges.extend(shorthand(letter).unwrap_or_default());
                        continue;
                    }
                    letter => letter,
                },
                first => first,
            };
            let last = if self.rest.next_if_eq(&'-').is_some() { self.plain() } else { first };
            ranges.push((first, last));
        }
    }

    fn plain(&mut self) -> char {
        match self.next() {
            '\\' => self.next(),
            plain => plain,
        }
    }

    fn next(&mut self) -> char {
        self.rest.next().expect("the pattern goes on")
    }
}

/// What `\d`, `\w` and `\s` stand for.
fn shorthand(letter: char) -> Option<Vec<(char, char)>> {
    match letter {
        'd' => Some(vec![('0', '9')]),
        'w' => Some(vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        's' => Some(vec![(' ', ' '), ('\t', '\n'), ('\r', '\r')]),
        _ => None,
    }
}
