//! Rule files.

use coldtrail::eql::{self, Types};
use coldtrail::rule::{Gravity, Origin, Rule, RuleSet, lint};

/// A rule file is read or refused with a place in it; whatever is wrong with its query can be drawn on its lines.
pub(super) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let rule = match Rule::read(Origin::CommandLine, text.into()) {
        Ok(rule) => rule,
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
                assert!(!problem.draw(false).is_empty() && problem.line() > 0);
            }
            return;
        }
    };
    match rule.eql().map(eql::parse) {
        None => {}
        Some(Ok(query)) => drop(lint(&rule, &query, &Types::Ecs)),
        Some(Err(problems)) => {
            for problem in problems {
                let excerpt = rule.excerpt(problem.span.range());
                assert!(!excerpt.draw(Gravity::Error, &problem.message, "", true).is_empty());
            }
        }
    }
    let (set, twins) = RuleSet::new(vec![rule.clone(), rule]);
    assert_eq!((set.rules.len(), twins.len(), set.digest().len()), (1, 1, 64));
}
