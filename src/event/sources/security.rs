//! Windows Security events 4688 and 4689, as the System integration and Winlogbeat make ECS of them.
//!
//! Traps: `ProcessId` of 4688 is the creator, `NewProcessId` the process; both are hexadecimal. Older Windows
//! names no parent, and no version number tells: what is not there stays away. There is neither an original
//! file name nor an entity id.

use super::map::{Entry, Kind, Test, constant, copy, exactly, folded, number, piece, present, texts};
use super::pieces;

/// What the security log holds of processes.
pub(super) const KINDS: &[Kind] = &[
    Kind::new(&[SECURITY, exactly(&["$id"], &["4688"])], CREATION),
    // `-` stands there when the process runs as whoever started it.
    Kind::new(
        &[SECURITY, exactly(&["$id"], &["4688"]), present(&["TargetUserName"])],
        &[
            copy("user.effective.domain", &["TargetDomainName"]),
            copy("user.effective.id", &["TargetUserSid"]),
            copy("user.effective.name", &["TargetUserName"]),
        ],
    ),
    Kind::new(&[SECURITY, exactly(&["$id"], &["4689"])], EXIT),
];

const SECURITY: Test =
    folded(&["$channel", "$provider"], &["security", "microsoft-windows-security-auditing"]);

const CREATION: &[Entry] = &[
    constant("event.category", &["process"]),
    constant("event.type", &["start"]),
    constant("event.action", &["created-process"]),
    copy("process.executable", &["NewProcessName"]),
    piece("process.name", &["NewProcessName"], pieces::last_component),
    number("process.pid", &["NewProcessId"]),
    copy("process.command_line", &["CommandLine"]),
    texts("process.args", &["CommandLine"], pieces::quoted_args),
    copy("process.parent.executable", &["ParentProcessName"]),
    piece("process.parent.name", &["ParentProcessName"], pieces::last_component),
    number("process.parent.pid", &["ProcessId"]),
    copy("user.domain", &["SubjectDomainName"]),
    copy("user.id", &["SubjectUserSid"]),
    copy("user.name", &["SubjectUserName"]),
];

const EXIT: &[Entry] = &[
    constant("event.category", &["process"]),
    constant("event.type", &["end"]),
    constant("event.action", &["exited-process"]),
    copy("process.executable", &["ProcessName"]),
    piece("process.name", &["ProcessName"], pieces::last_component),
    number("process.pid", &["ProcessId"]),
    copy("user.domain", &["SubjectDomainName"]),
    copy("user.id", &["SubjectUserSid"]),
    copy("user.name", &["SubjectUserName"]),
];
