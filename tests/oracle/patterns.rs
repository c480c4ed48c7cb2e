//! Regular expressions by chance, and texts that fit them.

use proptest::prelude::*;
use proptest::test_runner::TestRng;

use super::draw::one;
use super::lucene::Pattern;

/// What any character may stand for.
const ODD: [char; 5] = ['a', '\\', '"', '\u{e9}', '/'];

/// A pattern that mostly fits the text, and others too.
pub(crate) fn about(text: &str, rng: &mut TestRng) -> Pattern {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > 1 && rng.random_ratio(1, 2) {
        let (before, behind) = characters.split_at(rng.random_range(1..characters.len()));
        let (before, behind): (String, String) = (before.iter().collect(), behind.iter().collect());
        return match rng.random_range(0..6) {
            0 => Pattern::Either(vec![about(&before, rng), about(text, rng)]),
            1 => Pattern::Row(vec![
                about(&before, rng),
                Pattern::Either(vec![Pattern::Literal('x'), about(&behind, rng)]),
            ]),
            2 => Pattern::Row(vec![repeated(about(&before, rng), rng), about(&behind, rng)]),
            3 => Pattern::Row(vec![about(&before, rng), repeated(Pattern::Any, rng)]),
            4 => Pattern::Row(vec![Pattern::Anything, about(&behind, rng)]),
            _ => Pattern::Row(vec![about(&before, rng), about(&behind, rng)]),
        };
    }
    Pattern::Row(characters.into_iter().map(|character| about_one(character, rng)).collect())
}

fn about_one(character: char, rng: &mut TestRng) -> Pattern {
    match rng.random_range(0..24) {
        0 => Pattern::Any,
        1 => Pattern::Class { ranges: vec![(character, character), ('-', '^'), ('a', 'f')], negated: false },
        2 => Pattern::Class { ranges: vec![('x', 'z'), ('"', '"')], negated: true },
        3 => repeated(Pattern::Literal(character), rng),
        4 => Pattern::Either(vec![Pattern::Literal(character), Pattern::Row(Vec::new())]),
        _ => Pattern::Literal(character),
    }
}

fn repeated(inner: Pattern, rng: &mut TestRng) -> Pattern {
    let (least, most) =
        one(&[(0, None), (1, None), (0, Some(1)), (1, Some(3)), (2, Some(2)), (2, None)], rng);
    Pattern::Repeat { inner: Box::new(inner), least, most }
}

/// A text that fits.
pub(crate) fn fitting(pattern: &Pattern, rng: &mut TestRng) -> String {
    match pattern {
        Pattern::Literal(literal) => literal.to_string(),
        Pattern::Any => one(&ODD, rng).to_string(),
        Pattern::Anything => (0..rng.random_range(0..3)).map(|_| one(&ODD, rng)).collect(),
        Pattern::Class { ranges, negated: false } => {
            let (first, last) = one(ranges, rng);
            let all: Vec<char> = (first..=last).collect();
            one(&all, rng).to_string()
        }
        Pattern::Class { ranges, negated: true } => {
            let outside =
                |character: &char| !ranges.iter().any(|(first, last)| (*first..=*last).contains(character));
            let all: Vec<char> = ODD.into_iter().chain('0'..='z').filter(outside).collect();
            one(&all, rng).to_string()
        }
        Pattern::Row(parts) => parts.iter().map(|part| fitting(part, rng)).collect(),
        Pattern::Either(parts) => fitting(&one(parts, rng), rng),
        Pattern::Repeat { inner, least, most } => {
            let count = rng.random_range(*least..=most.unwrap_or(least + 2));
            (0..count).map(|_| fitting(inner, rng)).collect()
        }
    }
}
