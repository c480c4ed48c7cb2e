//! The same event seen twice: by Sysmon and the security log, raw and as ECS, by an agent and in its alert.
//!
//! Every one of them stays a hit; the later only says which hit it repeats.

use std::collections::VecDeque;

use super::View;
use crate::event::Timestamp;
use crate::record::Location;

/// Records of one event are no further apart.
const MOST_MILLIS: i64 = 1000;
/// How many hits are remembered, should a second hold more.
const MOST_SEEN: usize = 1024;

/// The hits of the last second, in the order of the timeline.
#[derive(Debug, Default)]
pub(super) struct Twins {
    seen: VecDeque<Seen>,
}

#[derive(Debug)]
struct Seen {
    time: Timestamp,
    key: Key,
    location: Location,
    place: String,
}

/// Machine without its domain, process number, process name; all in lower case.
type Key = (String, String, String);

impl Twins {
    /// Says in a view which hit it repeats.
    pub(super) fn look<'a>(&mut self, mut view: View<'a>) -> View<'a> {
        view.also_at = self.first_of(&view);
        view
    }

    /// The place of the first hit that tells of the same process as `view` and is another record; hits
    /// come in the order of the timeline.
    fn first_of(&mut self, view: &View<'_>) -> Option<String> {
        let (time, member, key) = (view.hit.time?, view.hit.members.last()?, key(view)?);
        let is_old = |seen: &Seen| time.as_millisecond() - seen.time.as_millisecond() > MOST_MILLIS;
        while self.seen.front().is_some_and(is_old) || self.seen.len() >= MOST_SEEN {
            self.seen.pop_front();
        }
        let twin = self.seen.iter().find(|seen| seen.key == key);
        let first = twin.map(|seen| (seen.location != member.location).then(|| seen.place.clone()));
        if twin.is_none() {
            let place = view.place(member);
            self.seen.push_back(Seen { time, key, location: member.location, place });
        }
        first.flatten()
    }
}

/// `None` when the record does not say which process it was.
fn key(view: &View<'_>) -> Option<Key> {
    let host = view.host().split('.').next()?.to_ascii_lowercase();
    let (pid, process) = (view.pid(), view.process().to_ascii_lowercase());
    (!host.is_empty() && !pid.is_empty() && !process.is_empty()).then_some((host, pid, process))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, hit, time};
    use super::*;

    #[test]
    fn records_of_one_process_within_a_second_are_one_event() {
        let record = |host: &str, pid: u32| {
            let record =
                serde_json::json!({ "host": { "name": host }, "process": { "name": "cmd.exe", "pid": pid } });
            record.to_string().into_bytes()
        };
        let at = |fraction: &str| time(&format!("2026-04-09T06:10:{fraction}Z"));
        let mut hits = vec![
            hit(at("02.1"), &record("quay-07", 5)),
            hit(at("02.2"), &record("QUAY-07.harbour.example", 5)),
            hit(at("02.3"), &record("quay-07", 6)),
            hit(at("02.4"), &record("quay-08", 5)),
            hit(at("04.0"), &record("quay-07", 5)),
            hit(at("04.0"), b"{}"),
        ];
        for (at, hit) in (0..).zip(&mut hits) {
            hit.members[0].location.offset = at;
        }
        let sample = Sample::new(hits.clone());
        let report = sample.report();
        let mut twins = Twins::default();
        let found: Vec<bool> =
            hits.iter().map(|hit| twins.first_of(&View::new(&report, hit)).is_some()).collect();
        assert_eq!(found, [false, true, false, false, false, false]);
    }
}
