//! SentinelOne Cloud Funnel: flat dotted keys.
//!
//! Traps: `src.process` is the parent of `tgt.process` in process events, and `src.process.parent` its
//! grandparent, which ECS has no place for. `event.category` and `event.type` are the vendor's own words under
//! ECS names, and go. Some feeds escape backslashes twice.

use super::map::{
    Entry, Kind, Layout, Reach, Source, Test, absent, constant, exactly, keyword, number, present, text, time,
};
use super::{pieces, times};

/// Events of the Cloud Funnel.
pub(super) static SENTINEL_ONE: Source = Source {
    layouts: &[&Layout {
        sign: &["meta.event.name", "tgt.process.name", "tgt.process.image.path", "tgt.process.uid"],
        data: &[""],
        named: &[],
        reach: Reach::Raw,
    }],
    sign: &[present(&["event.category", "event.type", "meta.event.name"])],
    kinds: &[&[
        Kind::new(&[], EVERY),
        Kind::new(&[exactly(&["endpoint.os"], SYSTEMS)], &[keyword("host.os.type", &["endpoint.os"])]),
        Kind::new(&[PROCESS], PROCESS_EVENT),
        Kind::new(
            &[exactly(&["meta.event.name"], &["PROCESSCREATION"])],
            &[constant("event.type", &["start"]), constant("event.action", &["start"])],
        ),
        Kind::new(
            &[exactly(&["event.type"], EXITS)],
            &[constant("event.type", &["end"]), constant("event.action", &["end"])],
        ),
        // Nothing but the type is left to know a creation by.
        Kind::new(
            &[
                absent(&["meta.event.name"]),
                exactly(&["event.type"], &["Process Creation", "ProcessCreation"]),
            ],
            &[constant("event.type", &["start"]), constant("event.action", &["start"])],
        ),
    ]],
    absent: &[""],
    mirror: None,
    yields_to_ecs: false,
};

const PROCESS: Test = exactly(&["event.category"], &["process"]);
const SYSTEMS: &[&str] = &["linux", "windows", "macos", "ios", "android"];
const EXITS: &[&str] = &["ProcessExit", "ProcessTermination", "Process Exit", "Process Termination"];

const EVERY: &[Entry] = &[
    constant("event.kind", &["event"]),
    constant("event.category", &[]),
    constant("event.type", &[]),
    time("@timestamp", &["event.time"], times::epoch),
    text("host.hostname", &["endpoint.name"], pieces::halved),
    keyword("host.id", &["agent.uuid"]),
];

const PROCESS_EVENT: &[Entry] = &[
    constant("event.category", &["process"]),
    text("process.name", &["tgt.process.name"], pieces::halved),
    text("process.executable", &["tgt.process.image.path"], pieces::halved),
    text("process.command_line", &["tgt.process.cmdline"], pieces::unquoted),
    number("process.pid", &["tgt.process.pid"]),
    keyword("process.entity_id", &["tgt.process.uid"]),
    time("process.start", &["tgt.process.startTime"], times::epoch),
    keyword("process.hash.md5", &["tgt.process.image.md5"]),
    keyword("process.hash.sha1", &["tgt.process.image.sha1"]),
    keyword("process.hash.sha256", &["tgt.process.image.sha256"]),
    text("process.user.name", &["tgt.process.user"], pieces::halved),
    text("process.parent.name", &["src.process.name"], pieces::halved),
    text("process.parent.executable", &["src.process.image.path"], pieces::halved),
    text("process.parent.command_line", &["src.process.cmdline"], pieces::unquoted),
    number("process.parent.pid", &["src.process.pid"]),
    keyword("process.parent.entity_id", &["src.process.uid"]),
    time("process.parent.start", &["src.process.startTime"], times::epoch),
    text("process.parent.user.name", &["src.process.user"], pieces::halved),
];
