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
    /// Whether `event` matches.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.0.holds(event)
    }
}

impl Node {
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
