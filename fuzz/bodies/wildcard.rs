//! Wildcards against the textbook's matcher.

use coldtrail::eql::ast::MatchOp;

use super::pattern::{Matcher, input};

/// `like` and `:` decide as the definition does. The first byte says which is tried.
pub(super) fn check(data: &[u8]) {
    let Some((choice, pattern, text)) = input(data, 400) else { return };
    let any_case = choice % 2 == 1;
    let op = if any_case { MatchOp::LikeInsensitive } else { MatchOp::Like };
    let Some(matcher) = Matcher::new(op, &pattern) else {
        assert!(pattern.contains('?') && pattern.len() > 256, "{pattern:?} is refused");
        return;
    };
    assert_eq!(matcher.matches(&text), fits(&pattern, &text, any_case), "{pattern:?} {text:?}");
}

/// One row of the table for each character of the pattern: which beginnings of the text it can stand for.
fn fits(pattern: &str, text: &str, any_case: bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for wanted in pattern.chars() {
        let is_same = |c: char| c == wanted || (any_case && c.eq_ignore_ascii_case(&wanted));
        let mut next = vec![false; text.len() + 1];
        next[0] = wanted == '*' && reach[0];
        for at in 1..=text.len() {
            next[at] = match wanted {
                '*' => reach[at] || next[at - 1],
                '?' => reach[at - 1],
                _ => reach[at - 1] && is_same(text[at - 1]),
            };
        }
        reach = next;
    }
    reach[text.len()]
}
