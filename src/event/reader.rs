//! Reads the wanted fields of a record: simd-json first, the tolerant parser where that refuses.

use std::fmt;

use super::tape::FastParser;
use super::walk::Collector;
use super::{Event, FieldSet, tolerant};

/// How a record could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// By simd-json.
    Parsed,
    /// By the tolerant parser only.
    Tolerated,
    /// Not at all: there is no JSON object in it.
    Bad,
}

/// A parser's memory, kept from record to record.
#[derive(Default)]
pub struct Reader {
    fast: FastParser,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// Puts the values of `fields` that `record` holds into `event`.
    pub fn read(&mut self, record: &[u8], fields: &FieldSet, event: &mut Event) -> Reading {
        event.clear();
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record).trim_ascii();
        let is_container = matches!(record.first(), Some(b'{' | b'['));
        if is_container && self.fast.parse(record, &mut Collector::new(fields, event)) {
            return Reading::Parsed;
        }
        Self::read_tolerantly(record, fields, event)
    }

    /// The same without simd-json, whose answers it must never differ from.
    pub fn read_tolerantly(record: &[u8], fields: &FieldSet, event: &mut Event) -> Reading {
        event.clear();
        if tolerant::parse(record, &mut Collector::new(fields, event)).found {
            Reading::Tolerated
        } else {
            Reading::Bad
        }
    }
}
