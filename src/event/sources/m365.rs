//! Microsoft 365 Defender's Advanced Hunting tables, streamed (Event Hub, Storage) or as rows of a query.
//!
//! Traps: in process rows `InitiatingProcess*` is the parent and `InitiatingProcessParent*` the grandparent, in
//! all other tables the process and its parent. `DeviceEvents` rows may say `ProcessCreated…` too and are of
//! category `host`. No row of `DeviceProcessEvents` names the operating system: an account SID does.
//! Integrations before 2022 wrote `event.type: end` for a start and no system at all; such documents stay as
//! they are unless they are rebuilt.

use super::map::{
    Entry, Kind, Layout, Reach, Source, Test, absent, constant, contains, copy, folded, lacks, number, piece,
    present, text, time,
};
use super::{pieces, times};

/// Rows of Advanced Hunting.
pub(super) static M365: Source = Source {
    layouts: &[&ENVELOPE, &ROW],
    sign: &[present(&["DeviceId", "DeviceName", "InitiatingProcessFileName", "InitiatingProcessId"])],
    kinds: &[&[
        Kind::new(&[], EVERY),
        Kind::new(&[contains(&["$table"], "deviceprocessevents")], PROCESS_ROW),
        Kind::new(&[absent(&["$table"]), folded(&["ActionType"], &["processcreated"])], PROCESS_ROW),
        Kind::new(&[present(&["$table"]), lacks(&["$table"], "deviceprocessevents")], OTHER_ROW),
        Kind::new(&[absent(&["$table"]), lacks(&["ActionType"], "processcreated")], OTHER_ROW),
        Kind::new(&[contains(&["$table"], "deviceevents")], &[constant("event.category", &["host"])]),
        Kind::new(&[contains(&["$table"], "devicefileevents")], &[constant("event.category", &["file"])]),
        Kind::new(
            &[contains(&["$table"], "devicenetworkevents")],
            &[constant("event.category", &["network"])],
        ),
        Kind::new(
            &[contains(&["$table"], "deviceregistryevents")],
            &[constant("event.category", &["registry"])],
        ),
        Kind::new(&[CREATED], &[constant("event.type", &["start"]), constant("event.action", &["start"])]),
        Kind::new(
            &[lacks(&["ActionType"], "processcreated")],
            &[text("event.action", &["ActionType"], pieces::lower)],
        ),
        Kind::new(&[contains(&["OSPlatform"], "windows")], WINDOWS),
        Kind::new(
            &[contains(&["$table"], "deviceprocessevents"), present(&["InitiatingProcessAccountSid"])],
            WINDOWS,
        ),
        Kind::new(
            &[
                absent(&["$table"]),
                folded(&["ActionType"], &["processcreated"]),
                present(&["InitiatingProcessAccountSid"]),
            ],
            WINDOWS,
        ),
    ]],
    absent: &[""],
    mirror: None,
    yields_to_ecs: false,
};

/// Documents of old integrations, as far as they cannot match.
pub(super) static M365_INTEGRATION: Source = Source {
    layouts: &[&Layout {
        sign: &["m365_defender.event.category", "m365_defender.event.action.type"],
        data: &["m365_defender.event."],
        named: &[],
        reach: Reach::Rebuilt,
    }],
    sign: &[contains(&["category"], "deviceprocessevents")],
    kinds: &[&[
        Kind::new(&[], &[constant("event.category", &["process"])]),
        Kind::new(&[contains(&["action.type"], "processcreated")], &[constant("event.type", &["start"])]),
        Kind::new(
            &[present(&["initiating_process.account_sid"])],
            &[constant("host.os.type", &["windows"]).unless_set()],
        ),
    ]],
    absent: &[""],
    mirror: None,
    yields_to_ecs: false,
};

const ENVELOPE: Layout = Layout {
    sign: &["properties.ActionType"],
    data: &["properties."],
    named: &[("$table", &["category"])],
    reach: Reach::Raw,
};

const ROW: Layout = Layout {
    sign: &["ActionType"],
    data: &[""],
    named: &[("$table", &["category", "Type", "$table"])],
    reach: Reach::Raw,
};

const CREATED: Test = contains(&["ActionType"], "processcreated");

const WINDOWS: &[Entry] = &[constant("host.os.type", &["windows"])];

const EVERY: &[Entry] = &[
    constant("event.kind", &["event"]),
    time("@timestamp", &["Timestamp"], times::plain),
    text("host.name", &["DeviceName"], pieces::lower),
    copy("host.id", &["DeviceId"]),
];

const PROCESS_ROW: &[Entry] = &[
    constant("event.category", &["process"]),
    copy("process.name", &["FileName"]),
    copy("process.executable", &["FolderPath"]),
    piece("process.command_line", &["ProcessCommandLine"], pieces::trimmed),
    number("process.pid", &["ProcessId"]),
    time("process.start", &["ProcessCreationTime"], times::plain),
    copy("process.pe.original_file_name", &["ProcessVersionInfoOriginalFileName"]),
    copy("process.hash.md5", &["MD5"]),
    copy("process.hash.sha1", &["SHA1"]),
    copy("process.hash.sha256", &["SHA256"]),
    copy("process.parent.name", &["InitiatingProcessFileName"]),
    copy("process.parent.executable", &["InitiatingProcessFolderPath"]),
    copy("process.parent.command_line", &["InitiatingProcessCommandLine"]),
    number("process.parent.pid", &["InitiatingProcessId"]),
    time("process.parent.start", &["InitiatingProcessCreationTime"], times::plain),
    copy("process.parent.pe.original_file_name", &["InitiatingProcessVersionInfoOriginalFileName"]),
    copy("process.parent.hash.md5", &["InitiatingProcessMD5"]),
    copy("process.parent.hash.sha1", &["InitiatingProcessSHA1"]),
    copy("process.parent.hash.sha256", &["InitiatingProcessSHA256"]),
    copy("process.parent.group_leader.name", &["InitiatingProcessParentFileName"]),
    number("process.parent.group_leader.pid", &["InitiatingProcessParentId"]),
    time("process.parent.group_leader.start", &["InitiatingProcessParentCreationTime"], times::plain),
    copy("user.name", &["AccountName"]),
    copy("user.domain", &["AccountDomain"]),
    copy("user.id", &["AccountSid"]),
];

const OTHER_ROW: &[Entry] = &[
    copy("process.name", &["InitiatingProcessFileName"]),
    copy("process.executable", &["InitiatingProcessFolderPath"]),
    piece("process.command_line", &["InitiatingProcessCommandLine"], pieces::trimmed),
    number("process.pid", &["InitiatingProcessId"]),
    copy("process.pe.original_file_name", &["InitiatingProcessVersionInfoOriginalFileName"]),
    copy("process.parent.name", &["InitiatingProcessParentFileName"]),
    number("process.parent.pid", &["InitiatingProcessParentId"]),
];
