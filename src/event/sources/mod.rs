//! Vendors' raw events as the ECS documents that Elastic's pipelines make of them.
//!
//! A raw event keeps its own fields and gets the ECS fields beside them. Nothing is built per record: the
//! vendors' field names stand in the same [`FieldSet`] as the rules' fields, the one walk over the record
//! fills both, and a source's map then puts what it derives into those ECS fields that some rule reads.
//!
//! A source is told by fields that only it has, never by a file's name. An ECS document is taken as it
//! stands. A source is one file here: a table of [`map::Entry`] and the line in [`SOURCES`].

mod compiled;
mod crowdstrike;
mod ecs;
mod endgame;
mod m365;
mod map;
mod message;
mod pieces;
mod security;
mod sentinel_one;
mod sysmon;
mod times;
mod unpack;
mod windows;
mod xml;

use compiled::Compiled;
use ecs::{Gate, Standing};
use map::{Reach, Source};
use unpack::Unpacker;

use super::{Event, FieldSet, Flags};

/// Every source, in the order in which a record is tried.
const SOURCES: [&Source; 6] = [
    &crowdstrike::CROWDSTRIKE,
    &m365::M365,
    &sentinel_one::SENTINEL_ONE,
    &endgame::ENDGAME,
    &windows::WINDOWS,
    &m365::M365_INTEGRATION,
];

/// What happens to records that are ECS documents already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Documents {
    /// They are evaluated as they stand.
    #[default]
    AsTheyStand,
    /// They are derived again from `event.original` or from the vendor's fields in them, where there are such,
    /// and flagged with [`Flags::RENORMALISED`]: integrations of old wrote fields that no rule matches today.
    Rebuilt,
}

impl Documents {
    /// What was done to a record with these flags.
    #[must_use]
    pub fn of(flags: Flags) -> Self {
        if flags.contains(Flags::RENORMALISED) { Documents::Rebuilt } else { Documents::AsTheyStand }
    }
}

/// The maps of all sources, as far as they fill a field that is read.
#[derive(Debug)]
pub struct Sources {
    gate: Gate,
    unpacker: Unpacker,
    maps: Vec<Compiled>,
}

impl Sources {
    /// Adds to `fields`, which holds what the rules read, what must be read for that.
    #[must_use]
    pub fn new(fields: &mut FieldSet) -> Self {
        let wanted = fields.len();
        let layouts =
            SOURCES.iter().flat_map(|source| source.layouts.iter().map(move |layout| (source, layout)));
        let maps =
            layouts.filter_map(|(source, layout)| Compiled::new(source, layout, wanted, fields)).collect();
        Self { gate: Gate::new(fields), unpacker: Unpacker::new(fields), maps }
    }

    /// Every ECS field that some source fills.
    pub fn targets() -> impl Iterator<Item = &'static str> {
        let kinds = SOURCES.iter().flat_map(|source| source.kinds.iter().copied().flatten());
        kinds.flat_map(|kind| kind.put.iter().map(|entry| entry.to))
    }

    /// Whether a document is told by this field alone.
    #[must_use]
    pub fn names_documents(field: &str) -> bool {
        ecs::NAMING.contains(&field)
    }

    /// Whether [`Sources::normalise`] will leave an event as it is, by the fields that name documents.
    #[must_use]
    pub fn leaves(&self, event: &Event, documents: Documents) -> bool {
        documents == Documents::AsTheyStand && self.gate.is_named(event)
    }

    /// Adds the ECS fields of `event`, which was read from `record` with the same `fields`. Says what was
    /// assumed for the fields that are read; [`Document::read`](super::Document::read) says all.
    pub fn normalise(
        &self,
        record: &[u8],
        fields: &FieldSet,
        documents: Documents,
        event: &mut Event,
    ) -> Flags {
        let standing = self.gate.standing(event);
        let rebuild = documents == Documents::Rebuilt && standing != Standing::Raw;
        if standing == Standing::Document && !rebuild {
            return Flags::empty();
        }
        if rebuild || standing == Standing::Raw {
            self.unpacker.unpack(record, fields, rebuild, event);
        }
        let may_fit = |map: &&Compiled| match (rebuild, standing) {
            (true, _) => true,
            (false, Standing::Likely) => map.reach() == Reach::Raw && !map.yields_to_ecs(),
            (false, _) => map.reach() == Reach::Raw,
        };
        let Some(map) = self.maps.iter().filter(may_fit).find(|map| map.fits(event)) else {
            return Flags::empty();
        };
        let mut flags = map.apply(event);
        if rebuild {
            flags.insert(Flags::RENORMALISED);
        }
        flags
    }
}

#[cfg(test)]
mod tests;
