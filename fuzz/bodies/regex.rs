//! Lucene's regular expressions against the oracle's slow matcher.

#[path = "../../tests/oracle/lucene/mod.rs"]
mod lucene;

use coldtrail::eql::ast::{Case, MatchOp};

use super::pattern::{Matcher, input};

/// `regex` and `regex~` decide as Lucene's syntax says. The first byte says which is tried.
pub(super) fn check(data: &[u8]) {
    let Some((choice, pattern, text)) = input(data, 60) else { return };
    let any_case = choice % 2 == 1;
    let op = if any_case { MatchOp::RegexInsensitive } else { MatchOp::Regex };
    let Some(matcher) = Matcher::new(op, &pattern) else { return };
    let case = if any_case { Case::Insensitive } else { Case::Sensitive };
    let expected = lucene::read(&pattern).fits(&text, case);
    assert_eq!(matcher.matches(&text), expected, "{pattern:?} {text:?}");
}
