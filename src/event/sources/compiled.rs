//! A source's map for one layout, its names looked up.

use std::cell::Cell;

use super::super::view::Made;
use super::super::{Event, FieldId, FieldSet, Flags, Timestamp, Value};
use super::map::{Entry, How, Is, Kind, Layout, Over, Reach, Source, Test};

/// The part of a map that fills fields which are read.
#[derive(Debug)]
pub(super) struct Compiled {
    source: &'static Source,
    reach: Reach,
    sign: Vec<FieldId>,
    tests: Vec<CompiledTest>,
    kinds: Vec<CompiledKind>,
}

#[derive(Debug)]
struct CompiledKind {
    when: Vec<CompiledTest>,
    put: Vec<CompiledEntry>,
    flags: Flags,
}

#[derive(Debug)]
struct CompiledTest {
    fields: Vec<FieldId>,
    is: &'static Is,
    /// The numbers that are spelled as [`Is::Exactly`] asks.
    numbers: Vec<i64>,
}

#[derive(Debug)]
struct CompiledEntry {
    to: FieldId,
    is_time: bool,
    from: Vec<FieldId>,
    how: How,
    over: Over,
}

impl Compiled {
    /// Looks names up; `None` when nothing that the map fills is read. Of `fields`, the first `wanted` are
    /// read; the others are vendors' own.
    pub(super) fn new(
        source: &'static Source,
        layout: &'static Layout,
        wanted: usize,
        fields: &mut FieldSet,
    ) -> Option<Self> {
        let kinds = source.kinds.iter().copied().flatten();
        let mut kinds: Vec<_> =
            kinds.filter_map(|kind| CompiledKind::new(kind, layout, wanted, fields)).collect();
        kinds.extend(source.mirror.and_then(|branch| mirror(branch, layout, wanted, fields)));
        if kinds.is_empty() {
            return None;
        }
        let sign = layout.sign.iter().map(|name| fields.intern(name)).collect();
        let tests = source.sign.iter().map(|test| CompiledTest::new(test, layout, fields)).collect();
        Some(Self { source, reach: layout.reach, sign, tests, kinds })
    }

    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    pub(super) fn yields_to_ecs(&self) -> bool {
        self.source.yields_to_ecs
    }

    /// Whether `event` is one of this source in this layout.
    pub(super) fn fits(&self, event: &Event) -> bool {
        self.sign.iter().any(|field| event.has(*field)) && all(&self.tests, event, self.source.absent)
    }

    /// Puts the ECS fields into `event`.
    pub(super) fn apply(&self, event: &mut Event) -> Flags {
        let absent = self.source.absent;
        // All tests first: what is put may stand where the vendor's own words stood.
        let mut holds = [false; MOST_KINDS];
        for (kind, holds) in self.kinds.iter().zip(&mut holds) {
            *holds = all(&kind.when, event, absent);
        }
        let (mut flags, mut time_flags) = (Flags::empty(), Flags::empty());
        for (kind, _) in self.kinds.iter().zip(holds).filter(|(_, holds)| *holds) {
            flags.insert(kind.flags);
            for entry in &kind.put {
                if let Some(said) = entry.apply(event, absent)
                    && entry.is_time
                {
                    time_flags = said;
                }
            }
        }
        flags.insert(time_flags);
        flags
    }
}

/// More kinds than any source has; a test sees to that.
const MOST_KINDS: usize = 32;

/// Copies what is wanted of an ECS branch from the vendor's fields.
fn mirror(branch: &str, layout: &Layout, wanted: usize, fields: &mut FieldSet) -> Option<CompiledKind> {
    if layout.data.contains(&branch) {
        return None;
    }
    let wanted = fields.names().take(wanted).filter_map(|name| name.strip_prefix(branch));
    let names: Vec<String> = wanted.map(str::to_owned).collect();
    let mut put = Vec::new();
    for name in names {
        let to = fields.intern(&format!("{branch}{name}"));
        let from = layout.data.iter().map(|prefix| fields.intern(&format!("{prefix}{name}"))).collect();
        put.push(CompiledEntry { to, is_time: false, from, how: How::Copy, over: Over::Keep });
    }
    (!put.is_empty()).then_some(CompiledKind { when: Vec::new(), put, flags: Flags::empty() })
}

fn all(tests: &[CompiledTest], event: &Event, absent: &[&str]) -> bool {
    tests.iter().all(|test| test.holds(event, absent))
}

/// Where a name lies in a layout.
fn look_up(names: &[&str], layout: &Layout, fields: &mut FieldSet) -> Vec<FieldId> {
    let mut found = Vec::new();
    for name in names {
        let named = layout.named.iter().find(|(called, _)| called == name);
        match named {
            Some((_, paths)) => found.extend(paths.iter().map(|path| fields.intern(path))),
            None if name.starts_with('$') => {}
            None => {
                found.extend(layout.data.iter().map(|prefix| fields.intern(&format!("{prefix}{name}"))));
            }
        }
    }
    found
}

impl CompiledKind {
    fn new(kind: &'static Kind, layout: &Layout, wanted: usize, fields: &mut FieldSet) -> Option<Self> {
        let put: Vec<_> =
            kind.put.iter().filter_map(|entry| CompiledEntry::new(entry, layout, wanted, fields)).collect();
        if put.is_empty() {
            return None;
        }
        let when = kind.when.iter().map(|test| CompiledTest::new(test, layout, fields)).collect();
        Some(Self { when, put, flags: kind.flags })
    }
}

impl CompiledTest {
    fn new(test: &'static Test, layout: &Layout, fields: &mut FieldSet) -> Self {
        let texts = if let Is::Exactly(texts) = test.is { texts } else { &[] };
        let numbers = texts.iter().filter_map(|text| text.parse().ok()).collect();
        Self { fields: look_up(test.names, layout, fields), is: &test.is, numbers }
    }

    fn holds(&self, event: &Event, absent: &[&str]) -> bool {
        match self.is {
            Is::Present => self.any(event, absent, |_| true),
            Is::Absent => !self.any(event, absent, |_| true),
            Is::Exactly(texts) => self.any(event, absent, |value| match value {
                Value::Str(value) => texts.contains(&value),
                // A number is the text that spells it.
                Value::Int(value) => self.numbers.contains(&value),
                _ => false,
            }),
            Is::Folded(texts) => self.any(
                event,
                absent,
                |value| matches!(value, Value::Str(value) if texts.iter().any(|text| value.eq_ignore_ascii_case(text))),
            ),
            Is::Contains(text) => self.any(event, absent, |value| contains(value, text)),
            Is::Lacks(text) => !self.any(event, absent, |value| contains(value, text)),
        }
    }

    /// Whether a value that is there passes.
    fn any(&self, event: &Event, absent: &[&str], passes: impl Fn(Value<'_>) -> bool) -> bool {
        self.fields
            .iter()
            .any(|field| event.values(*field).any(|value| is_there(value, absent) && passes(value)))
    }
}

fn is_there(value: Value<'_>, absent: &[&str]) -> bool {
    match value {
        Value::Null => false,
        Value::Str(text) => !absent.contains(&text),
        _ => true,
    }
}

fn contains(value: Value<'_>, text: &str) -> bool {
    let (Value::Str(value), [first, rest @ ..]) = (value, text.as_bytes()) else { return false };
    let mut starts =
        memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), value.as_bytes());
    starts.any(|at| {
        let behind = value.as_bytes()[at + 1..].get(..rest.len());
        behind.is_some_and(|behind| behind.eq_ignore_ascii_case(rest))
    })
}

impl CompiledEntry {
    fn new(entry: &Entry, layout: &Layout, wanted: usize, fields: &mut FieldSet) -> Option<Self> {
        let to = fields.find(entry.to).filter(|field| field.index() < wanted)?;
        let from = look_up(entry.from, layout, fields);
        let is_constant = matches!(entry.how, How::Constant(_));
        let is_time = entry.to == "@timestamp";
        (is_constant || !from.is_empty()).then_some(Self {
            to,
            is_time,
            from,
            how: entry.how,
            over: entry.over,
        })
    }

    /// `None` when nothing was put; else what must be said of it.
    fn apply(&self, event: &mut Event, absent: &[&str]) -> Option<Flags> {
        if self.over == Over::Keep && event.has(self.to) {
            return None;
        }
        if let How::Constant(texts) = self.how {
            event.derive_constant(self.to, texts);
            return Some(Flags::empty());
        }
        let there = |field: &&FieldId| event.values(**field).any(|value| is_there(value, absent));
        let from = *self.from.iter().find(there)?;
        let flags = Cell::new(Flags::empty());
        let is_derived = event.derive(self.to, from, |value| {
            if is_there(value, absent) { self.how.make(value, &flags) } else { Made::Nothing }
        });
        is_derived.then(|| flags.get())
    }
}

impl How {
    fn make(self, value: Value<'_>, flags: &Cell<Flags>) -> Made {
        let text = if let Value::Str(text) = value { Some(text) } else { None };
        match self {
            How::Copy => Made::Same,
            How::Keyword if text.is_some() => Made::Same,
            How::Keyword => Made::Text(value.to_string()),
            // A number that stands where a text should has no pieces.
            How::Piece(of) => text.map_or(Made::Same, |text| of(text).map_or(Made::Nothing, Made::Piece)),
            How::Text(of) => text.map_or(Made::Same, |text| of(text).map_or(Made::Nothing, Made::Text)),
            How::Texts(of) => text.map_or(Made::Same, |text| Made::Texts(of(text))),
            How::Number => text.map_or(Made::Same, |text| number(text).map_or(Made::Nothing, Made::Int)),
            How::Time(of) => match of(value) {
                Some((time, said)) => {
                    flags.set(said);
                    Made::Text(rfc3339(time))
                }
                None => Made::Nothing,
            },
            How::Constant(_) => Made::Nothing,
        }
    }
}

/// Decimal, or hexadecimal with `0x`.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if digits.starts_with(['+', '-']) => None,
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// With milliseconds, as Elastic's pipelines write it, and with more digits where the time has them.
fn rfc3339(time: Timestamp) -> String {
    if time.subsec_nanosecond() % 1_000_000 == 0 { format!("{time:.3}") } else { time.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::SOURCES;
    use super::*;

    #[test]
    fn no_source_has_more_kinds_than_there_is_room_for() {
        for source in SOURCES {
            // One more for the mirror.
            assert!(source.kinds.iter().map(|kinds| kinds.len()).sum::<usize>() < MOST_KINDS);
        }
    }

    #[test]
    fn numbers_are_read_in_both_bases() {
        for (text, expected) in [
            ("0x11cc", Some(4556)),
            ("4212", Some(4212)),
            ("0x", None),
            ("0x-1", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
