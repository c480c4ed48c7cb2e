//! What fields hold, as the index would have it.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use super::number::Number;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Text(String),
    Number(Number),
}

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text; a number is the text that the record has.
    Text,
    /// Whole numbers: fractions are cut off, texts that are numbers count, all others do not.
    Long,
    /// Numbers that may have a fraction, of which the same is true.
    Double,
    /// Numbers as they come, of a field that no mapping knows; other texts stay what they are.
    Number,
    /// Addresses; what is none does not count.
    Address,
}

/// The kind of a field, by ECS; what is not listed holds text.
pub(crate) fn kind(field: &str) -> Kind {
    match field {
        "process.pid" | "process.args_count" | "file.size" | "destination.port" => Kind::Long,
        "host.risk.static_score" => Kind::Double,
        "odd.count" => Kind::Number,
        "source.ip" | "destination.ip" => Kind::Address,
        _ => Kind::Text,
    }
}

/// All that a field of a record holds, nested or dotted, arrays flattened.
pub(crate) fn values(record: &Value, field: &str) -> Vec<Scalar> {
    leaves(record, field).into_iter().filter_map(|leaf| scalar(leaf, kind(field))).collect()
}

fn leaves<'r>(record: &'r Value, field: &str) -> Vec<&'r Value> {
    match record {
        Value::Array(elements) => elements.iter().flat_map(|element| leaves(element, field)).collect(),
        Value::Object(members) => {
            let below = members.iter().filter_map(|(key, value)| {
                let rest = field.strip_prefix(key.as_str())?;
                let rest = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
                Some(leaves(value, rest))
            });
            below.flatten().collect()
        }
        leaf if field.is_empty() => vec![leaf],
        _ => Vec::new(),
    }
}

fn scalar(leaf: &Value, kind: Kind) -> Option<Scalar> {
    let text = match leaf {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    match kind {
        Kind::Text => Some(Scalar::Text(text)),
        Kind::Number => Some(Number::read(&text).map_or(Scalar::Text(text), Scalar::Number)),
        Kind::Long => Number::read(&text)?.whole().map(Scalar::Number),
        Kind::Double => Some(Scalar::Number(Number::Double(Number::read(&text)?.double()))),
        Kind::Address => address(&text).map(|_| Scalar::Text(text)),
    }
}

/// An address as 128 bits; those of IPv4 are among those of IPv6, as Elasticsearch has them. It would refuse a
/// record for blanks around one; here nothing is to be missed.
pub(crate) fn address(text: &str) -> Option<u128> {
    Some(match text.trim().parse().ok()? {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    })
}

/// Whether an address begins as the block does.
pub(crate) fn within(text: &str, block: &str) -> bool {
    let (base, length) = block.split_once('/').expect("a block has a length");
    let length: u32 = length.parse().expect("a length is a number");
    let length = if base.contains(':') { length } else { length + 96 };
    let start = |address: u128| address.checked_shr(128 - length).unwrap_or(0);
    address(text).map(start) == address(base).map(start)
}

/// A text as EQL writes it.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Text(text) => f.write_str(&quoted(text)),
            Scalar::Number(number) => number.fmt(f),
        }
    }
}
