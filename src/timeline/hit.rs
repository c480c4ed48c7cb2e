//! What a rule matched.

use serde::{Deserialize, Serialize};

use super::Sortable;
use super::time::nanoseconds;
use crate::event::{Flags, Timestamp};
use crate::record::Location;

/// One event that takes part in a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where its record lies.
    pub location: Location,
    /// The record's exact bytes, without the line ending.
    #[serde(with = "serde_bytes")]
    pub original: Vec<u8>,
    /// The JSON that was evaluated, where the record itself is none: a CSV row, an EVTX record.
    #[serde(with = "serde_bytes")]
    pub rendered: Option<Vec<u8>>,
    /// What was wrong or assumed when it was read.
    pub flags: Flags,
}

impl Member {
    /// The JSON that was evaluated.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        self.rendered.as_deref().unwrap_or(&self.original)
    }

    /// How many bytes its record takes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.original.len() + self.rendered.as_ref().map_or(0, Vec::len)
    }
}

/// One match of one rule: a single event, or the events of a sequence in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Time of the last member; `None` when no time could be read.
    #[serde(with = "nanoseconds")]
    pub time: Option<Timestamp>,
    /// Index into the rule set.
    pub rule: u32,
    /// The matching events; never empty.
    pub members: Vec<Member>,
    /// Values of the join keys, for sequences and samples.
    pub join_keys: Vec<String>,
}

/// The total order of the timeline: time in nanoseconds (unknown last), place of the last member, rule; then, for
/// sequences with the same last event, join keys and all places.
pub type HitOrder = (bool, Option<i128>, Option<Location>, u32, Vec<String>, Vec<Location>);

impl Sortable for Hit {
    type Order = HitOrder;

    fn order(&self) -> HitOrder {
        let time = self.time.map(Timestamp::as_nanosecond);
        let places: Vec<_> = self.members.iter().map(|member| member.location).collect();
        (time.is_none(), time, places.last().copied(), self.rule, self.join_keys.clone(), places)
    }

    fn weight(&self) -> usize {
        let members: usize = self.members.iter().map(|member| 128 + member.weight()).sum();
        let keys: usize = self.join_keys.iter().map(|key| 32 + key.len()).sum();
        size_of::<Self>() + members + keys
    }
}
