//! Join keys: the values that the events of a sequence or a sample share.

use std::cmp::Ordering;
use std::fmt;
use std::net::Ipv6Addr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::reading::Reading;
use super::types::FieldType;
use super::value::{Number, Scalar, address, time_of};
use crate::event::{Event, Value};

/// Tuples that one event may yield. Several arrays in one record multiply; what goes beyond is dropped.
const MAX_TUPLES: usize = 4096;

/// One value of a key. Keys are equal when value and type are, case included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// An optional field without value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number; a date in milliseconds since 1970.
    Int(i128),
    /// A number with a fraction.
    Float(Double),
    /// A string; shared, since one event may yield many tuples with it.
    Text(Arc<str>),
}

/// A double with a total order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Double(f64);

/// The keys of one event, or of a sequence: the query's first, then the item's own.
pub type JoinKeys = Box<[Key]>;

/// Which fields make up the keys of an item.
#[derive(Clone, Debug)]
pub(super) struct Keys(Vec<(Option<Reading>, bool)>);

impl Keys {
    /// Fields, and whether each may be missing.
    pub(super) fn new(fields: Vec<(Option<Reading>, bool)>) -> Self {
        Self(fields)
    }

    /// Every combination of the fields' values, sorted and without duplicates; none if a field that is
    /// not optional has no value.
    pub(super) fn of(&self, event: &Event) -> Vec<JoinKeys> {
        let mut tuples = vec![Vec::with_capacity(self.0.len())];
        for (reading, optional) in &self.0 {
            let mut values: Vec<Key> = reading.iter().flat_map(|reading| keys_of(reading, event)).collect();
            values.sort_unstable();
            values.dedup();
            if values.is_empty() && *optional {
                values.push(Key::Null);
            }
            let mut longer = Vec::new();
            for tuple in &tuples {
                for value in values.iter().take(MAX_TUPLES - longer.len().min(MAX_TUPLES)) {
                    let mut tuple: Vec<Key> = tuple.clone();
                    tuple.push(value.clone());
                    longer.push(tuple);
                }
            }
            tuples = longer;
        }
        tuples.into_iter().map(Vec::into_boxed_slice).collect()
    }
}

fn keys_of<'e>(reading: &'e Reading, event: &'e Event) -> impl Iterator<Item = Key> + 'e {
    let plain = matches!(reading.kind, FieldType::Date(_) | FieldType::Ip);
    let typed =
        reading.values(event).filter(move |_| plain).filter_map(|value| match (&reading.kind, value) {
            (FieldType::Date(formats), value) => {
                time_of(value, formats).map(|time| Key::Int(time.as_millisecond().into()))
            }
            (_, Value::Str(text)) => {
                Some(Key::Text(address(text).map_or_else(|| text.into(), |address| spelled(address).into())))
            }
            _ => None,
        });
    let scalars = reading.scalars(event).filter(move |_| !plain).filter_map(|scalar| key(&scalar));
    typed.chain(scalars)
}

/// An address in its one canonical spelling.
fn spelled(address: u128) -> String {
    let address = Ipv6Addr::from_bits(address);
    address.to_ipv4_mapped().map_or_else(|| address.to_string(), |v4| v4.to_string())
}

/// A value as a key; none for null.
pub(super) fn key(scalar: &Scalar<'_>) -> Option<Key> {
    match scalar {
        Scalar::Null => None,
        Scalar::Bool(value) => Some(Key::Bool(*value)),
        Scalar::Number(Number::Int(value)) => Some(Key::Int(*value)),
        Scalar::Number(Number::Float(value)) => Some(Key::Float(Double(*value))),
        Scalar::Text(text) => Some(Key::Text(Arc::from(&**text))),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Null => f.write_str("null"),
            Key::Bool(value) => value.fmt(f),
            Key::Int(value) => value.fmt(f),
            Key::Float(value) => write!(f, "{:?}", value.0),
            Key::Text(text) => f.write_str(text),
        }
    }
}

impl Ord for Double {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Double {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Double {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Double {}

impl std::hash::Hash for Double {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}
