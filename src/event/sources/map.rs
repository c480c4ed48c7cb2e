//! What a source's map is written in: layouts, kinds of events, tests, entries.
//!
//! A map is data. A name in it that begins with `$` is looked up in the layout, any other stands below the
//! layout's `data` prefixes.

use std::ops::Range;

use super::super::{Flags, Timestamp, Value};

/// All that is known of one vendor's events.
#[derive(Debug)]
pub(super) struct Source {
    /// The shapes in which its events come; the first that fits is taken.
    pub(super) layouts: &'static [&'static Layout],
    /// What must hold besides the layout's sign.
    pub(super) sign: &'static [Test],
    /// What is made of its events. Every kind whose tests hold, in this order; tests see the raw event.
    pub(super) kinds: &'static [&'static [Kind]],
    /// Texts that count as no value.
    pub(super) absent: &'static [&'static str],
    /// An ECS branch under which Elastic keeps the source's own fields.
    pub(super) mirror: Option<&'static str>,
    /// Whether a record that looks like an ECS document is none of its raw events.
    pub(super) yields_to_ecs: bool,
}

/// One shape of a source's events.
#[derive(Debug)]
pub(super) struct Layout {
    /// Fields, at least one of which such a record has.
    pub(super) sign: &'static [&'static str],
    /// Where fields without `$` lie, best first.
    pub(super) data: &'static [&'static str],
    /// Where fields with `$` lie, best first.
    pub(super) named: &'static [(&'static str, &'static [&'static str])],
    /// When it is looked for.
    pub(super) reach: Reach,
}

/// Which records a layout is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Raw ones, and those that are rebuilt.
    Raw,
    /// Only ECS documents that are rebuilt.
    Rebuilt,
}

/// Events of a source that are treated alike.
#[derive(Debug)]
pub(super) struct Kind {
    /// All of these hold.
    pub(super) when: &'static [Test],
    /// What becomes of such an event.
    pub(super) put: &'static [Entry],
    /// What must be said of it.
    pub(super) flags: Flags,
}

impl Kind {
    pub(super) const fn new(when: &'static [Test], put: &'static [Entry]) -> Self {
        Self { when, put, flags: Flags::empty() }
    }

    pub(super) const fn flagged(self, flags: Flags) -> Self {
        Self { flags, ..self }
    }
}

/// Holds if any value of any of `names` is as it says.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) names: &'static [&'static str],
    pub(super) is: Is,
}

/// What a [`Test`] asks of a value.
#[derive(Debug)]
pub(super) enum Is {
    /// It is there.
    Present,
    /// No value of these is there.
    Absent,
    /// It is one of these.
    Exactly(&'static [&'static str]),
    /// It is one of these in some ASCII case.
    Folded(&'static [&'static str]),
    /// It contains this, given in lower case, in some ASCII case.
    Contains(&'static str),
    /// It contains none of this, or is not there.
    Lacks(&'static str),
}

pub(super) const fn present(names: &'static [&'static str]) -> Test {
    Test { names, is: Is::Present }
}

pub(super) const fn absent(names: &'static [&'static str]) -> Test {
    Test { names, is: Is::Absent }
}

pub(super) const fn exactly(names: &'static [&'static str], texts: &'static [&'static str]) -> Test {
    Test { names, is: Is::Exactly(texts) }
}

pub(super) const fn folded(names: &'static [&'static str], texts: &'static [&'static str]) -> Test {
    Test { names, is: Is::Folded(texts) }
}

pub(super) const fn contains(names: &'static [&'static str], text: &'static str) -> Test {
    Test { names, is: Is::Contains(text) }
}

pub(super) const fn lacks(names: &'static [&'static str], text: &'static str) -> Test {
    Test { names, is: Is::Lacks(text) }
}

/// One ECS field and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) to: &'static str,
    /// The first of these that has a value.
    pub(super) from: &'static [&'static str],
    pub(super) how: How,
    pub(super) over: Over,
}

/// What happens to values that the record itself has for the ECS field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// They go, if there is something to put in their place.
    Replace,
    /// They stay, and nothing is put.
    Keep,
}

/// What is made of each value.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// Itself.
    Copy,
    /// Its text, also if it is a number.
    Keyword,
    /// Part of its text.
    Piece(fn(&str) -> Option<Range<usize>>),
    /// Another text.
    Text(fn(&str) -> Option<String>),
    /// Several texts.
    Texts(fn(&str) -> Vec<String>),
    /// The number that it spells, decimal or as `0x…`.
    Number,
    /// The time that it is, as RFC 3339 in UTC.
    Time(fn(Value<'_>) -> Option<(Timestamp, Flags)>),
    /// These texts, whatever the record says.
    Constant(&'static [&'static str]),
}

impl Entry {
    const fn new(to: &'static str, from: &'static [&'static str], how: How) -> Self {
        Self { to, from, how, over: Over::Replace }
    }

    /// Leaves what the record itself says.
    pub(super) const fn unless_set(self) -> Self {
        Self { over: Over::Keep, ..self }
    }
}

pub(super) const fn copy(to: &'static str, from: &'static [&'static str]) -> Entry {
    Entry::new(to, from, How::Copy)
}

pub(super) const fn keyword(to: &'static str, from: &'static [&'static str]) -> Entry {
    Entry::new(to, from, How::Keyword)
}

pub(super) const fn number(to: &'static str, from: &'static [&'static str]) -> Entry {
    Entry::new(to, from, How::Number)
}

pub(super) const fn piece(
    to: &'static str,
    from: &'static [&'static str],
    of: fn(&str) -> Option<Range<usize>>,
) -> Entry {
    Entry::new(to, from, How::Piece(of))
}

pub(super) const fn text(
    to: &'static str,
    from: &'static [&'static str],
    of: fn(&str) -> Option<String>,
) -> Entry {
    Entry::new(to, from, How::Text(of))
}

pub(super) const fn texts(
    to: &'static str,
    from: &'static [&'static str],
    of: fn(&str) -> Vec<String>,
) -> Entry {
    Entry::new(to, from, How::Texts(of))
}

pub(super) const fn time(
    to: &'static str,
    from: &'static [&'static str],
    of: fn(Value<'_>) -> Option<(Timestamp, Flags)>,
) -> Entry {
    Entry::new(to, from, How::Time(of))
}

pub(super) const fn constant(to: &'static str, texts: &'static [&'static str]) -> Entry {
    Entry::new(to, &[], How::Constant(texts))
}
