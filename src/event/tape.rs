//! The fast parser: simd-json, on a copy, since it unescapes in place.

use simd_json::{Buffers, Node, StaticNode, Tape};

use super::Value;
use super::walk::Visitor;

/// The parser's memory, kept from record to record.
#[derive(Default)]
pub(crate) struct FastParser {
    copy: Vec<u8>,
    buffers: Buffers,
    tape: Option<Tape<'static>>,
}

impl FastParser {
    /// Parses `record` and tells `visitor` of it; `false` when simd-json refuses the record, and then
    /// `visitor` has heard nothing.
    pub(crate) fn parse(&mut self, record: &[u8], visitor: &mut impl Visitor) -> bool {
        self.copy.clear();
        self.copy.extend_from_slice(record);
        self.copy.resize(record.len() + simd_json::INPUT_PADDING, 0);
        let mut tape = self.tape.take().unwrap_or_else(|| Tape(Vec::new())).reset();
        let parsed =
            simd_json::fill_tape_padded(&mut self.copy, record.len(), &mut self.buffers, &mut tape).is_ok();
        if parsed {
            walk(&tape.0, visitor);
        }
        self.tape = Some(tape.reset());
        parsed
    }
}

fn walk(nodes: &[Node<'_>], visitor: &mut impl Visitor) {
    // Where each open container ends, and whether it is an object.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut at = 0;
    loop {
        while open.last().is_some_and(|(end, _)| *end == at) {
            open.pop();
            visitor.close();
        }
        if at >= nodes.len() {
            return;
        }
        if let (Some((_, true)), Node::String(key)) = (open.last(), nodes[at]) {
            visitor.key(key);
            at += 1;
        }
        let (count, is_object, wanted) = match nodes[at] {
            Node::Object { count, .. } => (count, true, visitor.open_object()),
            Node::Array { count, .. } => (count, false, visitor.open_array()),
            Node::String(text) => (0, false, scalar(visitor, Value::Str(text))),
            Node::Static(value) => (0, false, scalar(visitor, static_value(value))),
        };
        if wanted {
            open.push((at + 1 + count, is_object));
            at += 1;
        } else {
            at += 1 + count;
        }
    }
}

/// A scalar holds nothing to step into.
fn scalar(visitor: &mut impl Visitor, value: Value<'_>) -> bool {
    visitor.scalar(value, "");
    false
}

fn static_value(node: StaticNode) -> Value<'static> {
    match node {
        StaticNode::I64(value) => Value::Int(value),
        StaticNode::U64(value) => i64::try_from(value).map_or(Value::UInt(value), Value::Int),
        StaticNode::F64(value) => Value::Float(value),
        StaticNode::Bool(value) => Value::Bool(value),
        StaticNode::Null => Value::Null,
    }
}
