//! Endgame's raw events. What its streamer writes to `endgame-*` is ECS already.
//!
//! Traps: `already_running` tells of a process that ran before the sensor did, and is no start. Nothing names
//! the operating system: a backslash in a path does, and the assumption is said.

use super::super::Flags;
use super::map::{
    Entry, Kind, Layout, Reach, Source, constant, contains, copy, exactly, keyword, number, present, time,
};
use super::times;

/// Raw events of the Endgame sensor.
pub(super) static ENDGAME: Source = Source {
    layouts: &[&Layout { sign: &["event_subtype_full"], data: &[""], named: &[], reach: Reach::Raw }],
    sign: &[present(&["event_type_full"])],
    kinds: &[&[
        Kind::new(&[], EVERY),
        Kind::new(
            &[contains(&["process_path", "parent_process_path"], "\\")],
            &[constant("host.os.type", &["windows"]).unless_set()],
        )
        .flagged(Flags::OS_ASSUMED),
        Kind::new(
            &[exactly(&["event_type_full"], &["process_event"])],
            &[constant("event.category", &["process"])],
        ),
        Kind::new(
            &[
                exactly(&["event_type_full"], &["process_event"]),
                exactly(&["event_subtype_full"], &["creation_event", "fork_event", "exec_event"]),
            ],
            &[constant("event.type", &["start"])],
        ),
        Kind::new(
            &[
                exactly(&["event_type_full"], &["process_event"]),
                exactly(&["event_subtype_full"], &["termination_event"]),
            ],
            &[constant("event.type", &["end"])],
        ),
        Kind::new(
            &[
                exactly(&["event_type_full"], &["process_event"]),
                exactly(&["event_subtype_full"], &["already_running"]),
            ],
            &[constant("event.type", &["info"])],
        ),
    ]],
    absent: &[""],
    mirror: None,
    yields_to_ecs: false,
};

const EVERY: &[Entry] = &[
    constant("event.kind", &["event"]),
    copy("event.action", &["event_subtype_full"]),
    time("@timestamp", &["timestamp"], times::filetime),
    copy("process.name", &["process_name"]),
    copy("process.executable", &["process_path"]),
    copy("process.command_line", &["command_line"]),
    number("process.pid", &["pid"]),
    keyword("process.entity_id", &["unique_pid"]),
    copy("process.hash.md5", &["md5"]),
    copy("process.pe.original_file_name", &["original_file_name"]),
    copy("process.parent.name", &["parent_process_name"]),
    copy("process.parent.executable", &["parent_process_path"]),
    number("process.parent.pid", &["ppid"]),
    keyword("process.parent.entity_id", &["unique_ppid"]),
    copy("user.domain", &["user_domain"]),
    copy("user.name", &["user_name"]),
];
