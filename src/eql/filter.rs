//! A compiled condition.
//!
//! Evaluation is pure: it reads the event, allocates nothing but for scripts, does no I/O, and recurses
//! only as deep as the query nests.

use super::reading::Reading;
use super::script::Script;
use super::test::Test;
use crate::event::Event;

/// Decides for one event. For documents EQL has two truth values: a leaf whose field is missing does
/// not hold, and so its negation does.
#[derive(Clone, Debug)]
pub struct Filter(pub(super) Node);

#[derive(Clone, Debug)]
pub(super) enum Node {
    Always,
    Never,
    Not(Box<Node>),
    All(Box<[Node]>),
    Any(Box<[Node]>),
    /// The field has a value.
    Exists(Reading),
    /// Any value of the field passes.
    Leaf(Reading, Test),
    Script(Script),
}

impl Filter {
    pub(super) fn new(node: Node) -> Self {
        Self(node.sorted())
    }

    /// A filter that matches all events which this one can match, whatever they hold in fields that are not
    /// `seen`; by a field's number.
    pub(super) fn relaxed(&self, seen: &[bool]) -> Self {
        Self(self.0.relaxed(seen, true))
    }

    /// Whether `event` matches.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.0.holds(event)
    }
}

impl Node {
    /// The same, with what is likely to fail and cheap to ask first in each conjunction.
    fn sorted(self) -> Self {
        match self {
            Node::All(parts) => {
                let mut sorted = Vec::new();
                for part in parts.into_iter().map(Node::sorted) {
                    match part {
                        Node::All(parts) => sorted.extend(parts),
                        part => sorted.push(part),
                    }
                }
                sorted.sort_by_key(Node::rank);
                Node::All(sorted.into())
            }
            Node::Any(parts) => Node::Any(parts.into_iter().map(Node::sorted).collect()),
            node => node,
        }
    }

    /// The same with `unseen` for what fields that are not seen decide.
    fn relaxed(&self, seen: &[bool], unseen: bool) -> Self {
        let all = |parts: &[Node]| parts.iter().map(|part| part.relaxed(seen, unseen)).collect();
        match self {
            Node::Not(inner) => Node::Not(Box::new(inner.relaxed(seen, !unseen))),
            Node::All(parts) => Node::All(all(parts)),
            Node::Any(parts) => Node::Any(all(parts)),
            Node::Exists(reading) | Node::Leaf(reading, _) if seen[reading.field.index()] => self.clone(),
            Node::Always | Node::Never => self.clone(),
            Node::Exists(_) | Node::Leaf(..) | Node::Script(_) if unseen => Node::Always,
            Node::Exists(_) | Node::Leaf(..) | Node::Script(_) => Node::Never,
        }
    }

    /// Where a part of a conjunction is asked.
    fn rank(&self) -> u8 {
        match self {
            Node::Always | Node::Never => 0,
            // An event for which the filter is asked has the words most likely: the index has asked for them.
            Node::Leaf(_, Test::Text { wildcards, .. }) if wildcards.is_empty() => 4,
            Node::Leaf(_, Test::Text { .. }) => 2,
            Node::Leaf(_, Test::Patterns(_)) => 5,
            Node::Exists(_) | Node::Leaf(..) => 1,
            Node::All(_) | Node::Any(_) => 3,
            // Exceptions are rare.
            Node::Not(_) => 6,
            Node::Script(_) => 7,
        }
    }

    fn holds(&self, event: &Event) -> bool {
        match self {
            Node::Always => true,
            Node::Never => false,
            Node::Not(inner) => !inner.holds(event),
            Node::All(nodes) => nodes.iter().all(|node| node.holds(event)),
            Node::Any(nodes) => nodes.iter().any(|node| node.holds(event)),
            Node::Exists(reading) => reading.exists(event),
            Node::Leaf(reading, test) => reading.values(event).any(|value| test.passes(value)),
            Node::Script(script) => script.holds(event),
        }
    }
}
