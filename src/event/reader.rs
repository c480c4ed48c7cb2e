//! Reads the wanted fields of a record: the skimmer first, simd-json where that refuses, and then the tolerant
//! parser.

use std::fmt;

use super::skim::Skimmer;
use super::tape::FastParser;
use super::walk::Collector;
use super::{Event, FieldSet, tolerant};

/// Longer records are the tolerant parser's: the others take several times a record's memory, each worker for itself,
/// and keep it.
const LONGEST: usize = 1 << 20;

/// How a record could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As it stands: by a parser that takes JSON only, or with nothing to tolerate.
    Parsed,
    /// By the tolerant parser only.
    Tolerated,
    /// Not at all: there is no JSON object in it.
    Bad,
}

/// A parser's memory, kept from record to record.
#[derive(Default)]
pub struct Reader {
    skimmer: Skimmer,
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
        if self.glance(record, fields, event) {
            return Reading::Parsed;
        }
        let record = trimmed(record);
        event.clear();
        if is_for_simd(record) && self.fast.parse(record, &mut Collector::new(fields, event)) {
            return Reading::Parsed;
        }
        if record.len() > LONGEST {
            return Self::read_long(record, fields, event);
        }
        Self::read_tolerantly(record, fields, event)
    }

    fn read_long(record: &[u8], fields: &FieldSet, event: &mut Event) -> Reading {
        match tolerant::parse(record, &mut Collector::new(fields, event)) {
            tolerant::Reading { found: false, .. } => Reading::Bad,
            tolerant::Reading { flags, .. } if flags.is_empty() => Reading::Parsed,
            tolerant::Reading { .. } => Reading::Tolerated,
        }
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

    /// [`Reader::read`], if that is fast; else `event` holds nothing of use.
    pub fn glance(&mut self, record: &[u8], fields: &FieldSet, event: &mut Event) -> bool {
        event.clear();
        let record = trimmed(record);
        is_for_simd(record) && self.skimmer.read(record, fields, event)
    }

    /// Puts the values of other fields into `event`, of the record that was glanced at last.
    pub fn reread(&mut self, fields: &FieldSet, event: &mut Event) -> bool {
        self.skimmer.reread(fields, event)
    }
}

fn trimmed(record: &[u8]) -> &[u8] {
    record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record).trim_ascii()
}

fn is_for_simd(record: &[u8]) -> bool {
    record.len() <= LONGEST && matches!(record.first(), Some(b'{' | b'['))
}
