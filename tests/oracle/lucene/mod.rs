//! Regular expressions in Lucene's syntax, and the obvious way to decide them. Fuzzing holds the program against it, too.

mod reader;

use std::fmt;

use coldtrail::eql::ast::Case;

pub(crate) use reader::read;

/// What Lucene reads as something else than the character.
const SPECIAL: &str = ".?+*|{}[]()\"\\#@&~<>^-";

/// A regular expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pattern {
    Literal(char),
    /// `.`: any one character.
    Any,
    /// `@`: any text.
    Anything,
    /// `[a-cx]`, `[^a-cx]`, `\d`: one character, of these or of none of these.
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    /// One after the other.
    Row(Vec<Pattern>),
    /// One of them; `#` is one of none.
    Either(Vec<Pattern>),
    /// `{least,most}`, and `*`, `+`, `?`.
    Repeat {
        inner: Box<Pattern>,
        least: usize,
        most: Option<usize>,
    },
}

impl Pattern {
    /// Whether the whole text fits.
    pub(crate) fn fits(&self, text: &str, case: Case) -> bool {
        let text: Vec<char> = text.chars().collect();
        self.ends(&[0], &text, case).contains(&text.len())
    }

    /// Where the pattern can end that begins at any of `starts`; in order.
    fn ends(&self, starts: &[usize], text: &[char], case: Case) -> Vec<usize> {
        let one = |fits: &dyn Fn(char) -> bool| {
            let fits = |at: &usize| text.get(*at).is_some_and(|character| fits(*character));
            starts.iter().copied().filter(fits).map(|at| at + 1).collect()
        };
        let same = |wanted: &dyn Fn(char) -> bool, character: char| {
            wanted(character) || (case == Case::Insensitive && wanted(flipped(character)))
        };
        match self {
            Pattern::Literal(literal) => one(&|character| same(&|other| other == *literal, character)),
            Pattern::Any => one(&|_| true),
            Pattern::Anything => starts.first().map_or(Vec::new(), |first| (*first..=text.len()).collect()),
            Pattern::Class { ranges, negated } => one(&|character| {
                let within = |other| ranges.iter().any(|(first, last)| (*first..=*last).contains(&other));
                same(&within, character) != *negated
            }),
            Pattern::Row(parts) => {
                parts.iter().fold(starts.to_vec(), |starts, part| part.ends(&starts, text, case))
            }
            Pattern::Either(parts) => {
                union(parts.iter().flat_map(|part| part.ends(starts, text, case)).collect())
            }
            Pattern::Repeat { inner, least, most } => {
                let again = |starts: &[usize]| inner.ends(starts, text, case);
                let must = rounds(starts.to_vec(), *least, again);
                let may = most.map_or(usize::MAX, |most| most.saturating_sub(*least));
                rounds(must, may, |starts| union([starts, &again(starts)].concat()))
            }
        }
    }
}

/// What so many rounds make of `positions`; when one changes nothing, no other does.
fn rounds(mut positions: Vec<usize>, most: usize, round: impl Fn(&[usize]) -> Vec<usize>) -> Vec<usize> {
    for _ in 0..most {
        let next = round(&positions);
        if next == positions {
            break;
        }
        positions = next;
    }
    positions
}

/// The ASCII letter in the other case.
pub(crate) fn flipped(character: char) -> char {
    if character.is_ascii_lowercase() {
        character.to_ascii_uppercase()
    } else {
        character.to_ascii_lowercase()
    }
}

fn union(mut positions: Vec<usize>) -> Vec<usize> {
    positions.sort_unstable();
    positions.dedup();
    positions
}

fn escaped(character: char) -> String {
    let backslash = if SPECIAL.contains(character) { "\\" } else { "" };
    format!("{backslash}{character}")
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Literal(literal) => f.write_str(&escaped(*literal)),
            Pattern::Any => f.write_str("."),
            Pattern::Anything => f.write_str("@"),
            Pattern::Class { ranges, negated } => {
                f.write_str(if *negated { "[^" } else { "[" })?;
                for (first, last) in ranges {
                    f.write_str(&escaped(*first))?;
                    if first != last {
                        write!(f, "-{}", escaped(*last))?;
                    }
                }
                f.write_str("]")
            }
            Pattern::Row(parts) if parts.is_empty() => f.write_str("()"),
            Pattern::Row(parts) => parts.iter().try_for_each(|part| match part {
                Pattern::Either(_) => write!(f, "({part})"),
                _ => write!(f, "{part}"),
            }),
            Pattern::Either(parts) if parts.is_empty() => f.write_str("#"),
            Pattern::Either(parts) => {
                let parts: Vec<String> = parts.iter().map(Pattern::to_string).collect();
                f.write_str(&parts.join("|"))
            }
            Pattern::Repeat { inner, least, most } => {
                match &**inner {
                    Pattern::Row(_) | Pattern::Either(_) | Pattern::Repeat { .. } => write!(f, "({inner})")?,
                    _ => write!(f, "{inner}")?,
                }
                match (least, most) {
                    (0, None) => f.write_str("*"),
                    (1, None) => f.write_str("+"),
                    (0, Some(1)) => f.write_str("?"),
                    (least, None) => write!(f, "{{{least},}}"),
                    (least, Some(most)) if least == most => write!(f, "{{{least}}}"),
                    (least, Some(most)) => write!(f, "{{{least},{most}}}"),
                }
            }
        }
    }
}
