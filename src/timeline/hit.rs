//! What a rule matched.

use crate::event::{Flags, Timestamp};
use crate::record::Location;

/// One event that takes part in a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where its record lies.
    pub location: Location,
    /// The record's exact bytes, without the line ending.
    pub original: Vec<u8>,
    /// What was wrong or assumed when it was read.
    pub flags: Flags,
}

/// One match of one rule: a single event, or the events of a sequence in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Time of the last member; `None` when no time could be read.
    pub time: Option<Timestamp>,
    /// Index into the rule set.
    pub rule: u32,
    /// The matching events; never empty.
    pub members: Vec<Member>,
    /// Values of the join keys, for sequences and samples.
    pub join_keys: Vec<String>,
}

impl Hit {
    /// The total order of the timeline: time (unknown last), place of the last member, rule.
    pub fn order(&self) -> impl Ord + use<> {
        let last = self.members.last().map(|member| member.location);
        (self.time.is_none(), self.time, last, self.rule)
    }
}
