//! Lucene's regular expressions against a slow matcher of their own.

use std::iter::Peekable;
use std::str::Chars;

use coldtrail::eql::ast::MatchOp;

use super::pattern::{Matcher, input};

/// `regex` and `regex~` decide as Lucene's syntax says. The first byte says which is tried.
pub(super) fn check(data: &[u8]) {
    let Some((choice, pattern, text)) = input(data, 60) else { return };
    let any_case = choice % 2 == 1;
    let op = if any_case { MatchOp::RegexInsensitive } else { MatchOp::Regex };
    let Some(matcher) = Matcher::new(op, &pattern) else { return };
    let text: Vec<char> = text.chars().collect();
    let mut starts = vec![false; text.len() + 1];
    starts[0] = true;
    let ends = Reader { rest: pattern.chars().peekable() }.either().after(&starts, &text, any_case);
    let expected = ends[text.len()];
    let text: String = text.into_iter().collect();
    assert_eq!(matcher.matches(&text), expected, "{pattern:?} {text:?}");
}

/// A pattern as a tree.
enum Node {
    /// One character: of these ranges, or of none of them.
    One {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    Row(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        least: u32,
        most: Option<u32>,
    },
}

impl Node {
    fn literal(c: char) -> Self {
        Node::One { ranges: vec![(c, c)], negated: false }
    }

    /// Where the pattern can end when it begins at any of `starts`.
    fn after(&self, starts: &[bool], text: &[char], any_case: bool) -> Vec<bool> {
        match self {
            Node::One { ranges, negated } => {
                let within = |c: char| ranges.iter().any(|(first, last)| (*first..=*last).contains(&c));
                let is_one = |c: char| (within(c) || (any_case && within(swap_case(c)))) != *negated;
                let step = |at: usize| at > 0 && starts[at - 1] && is_one(text[at - 1]);
                (0..starts.len()).map(step).collect()
            }
            Node::Row(nodes) => {
                nodes.iter().fold(starts.to_vec(), |starts, node| node.after(&starts, text, any_case))
            }
            Node::Either(nodes) => nodes.iter().fold(vec![false; starts.len()], |ends, node| {
                union(&ends, &node.after(starts, text, any_case))
            }),
            Node::Repeat { inner, least, most } => {
                let mut reach = starts.to_vec();
                for _ in 0..*least {
                    let next = inner.after(&reach, text, any_case);
                    if next == reach {
                        break;
                    }
                    reach = next;
                }
                let more = most.map_or(u32::MAX, |most| most - least);
                for _ in 0..more {
                    let next = union(&reach, &inner.after(&reach, text, any_case));
                    if next == reach {
                        break;
                    }
                    reach = next;
                }
                reach
            }
        }
    }
}

fn union(a: &[bool], b: &[bool]) -> Vec<bool> {
    a.iter().zip(b).map(|(a, b)| *a || *b).collect()
}

fn swap_case(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}

/// Reads a pattern that has been accepted.
struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
}

impl Reader<'_> {
    fn either(&mut self) -> Node {
        let mut nodes = vec![self.row()];
        while self.rest.next_if_eq(&'|').is_some() {
            nodes.push(self.row());
        }
        Node::Either(nodes)
    }

    fn row(&mut self) -> Node {
        let mut nodes = Vec::new();
        while self.rest.peek().is_some_and(|c| !matches!(c, '|' | ')')) {
            let one = self.one();
            nodes.push(self.repeated(one));
        }
        Node::Row(nodes)
    }

    /// Puts the repetitions that follow around a node, one around the other.
    fn repeated(&mut self, mut node: Node) -> Node {
        loop {
            let (least, most) = match self.rest.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => self.counts(),
                _ => return node,
            };
            self.rest.next();
            node = Node::Repeat { inner: Box::new(node), least, most };
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`, up to the closing bracket.
    fn counts(&mut self) -> (u32, Option<u32>) {
        let mut inside = String::new();
        while let Some(c) = self.rest.next_if(|c| *c != '}') {
            inside.push(c);
        }
        let inside = &inside[1..];
        let number = |text: &str| text.parse().expect("counts are numbers");
        match inside.split_once(',') {
            None => (number(inside), Some(number(inside))),
            Some((least, "")) => (number(least), None),
            Some((least, most)) => (number(least), Some(number(most))),
        }
    }

    fn one(&mut self) -> Node {
        match self.rest.next().expect("it was peeked at") {
            '(' => {
                let inner = self.either();
                assert_eq!(self.rest.next(), Some(')'));
                inner
            }
            '[' => self.class(),
            '.' => any(),
            '@' => Node::Repeat { inner: Box::new(any()), least: 0, most: None },
            '#' => Node::Either(Vec::new()),
            '"' => {
                let mut nodes = Vec::new();
                while let Some(c) = self.rest.next_if(|c| *c != '"') {
                    nodes.push(Node::literal(c));
                }
                self.rest.next();
                Node::Row(nodes)
            }
            '\\' => {
                let escaped = self.rest.next().expect("a backslash is never the last");
                match shorthand(escaped) {
                    Some(ranges) => Node::One { ranges, negated: false },
                    None => Node::literal(escaped),
                }
            }
            c => Node::literal(c),
        }
    }

    fn class(&mut self) -> Node {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            let first = match self.rest.next().expect("a class is closed") {
                ']' if !ranges.is_empty() => return Node::One { ranges, negated },
                '\\' => {
                    let escaped = self.rest.next().expect("a class is closed");
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
}

fn any() -> Node {
    Node::One { ranges: Vec::new(), negated: true }
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
