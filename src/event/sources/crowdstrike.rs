//! CrowdStrike Falcon Data Replicator: flat objects in which every value is a string.
//!
//! Traps: `ImageFileName` is a device path, never `C:`; where it is no path at all it is the name.
//! `ParentProcessId` is an entity id and no process number. Only some events say the original file name.

use super::map::{
    Entry, Kind, Layout, Reach, Source, constant, copy, exactly, keyword, number, piece, present, time,
};
use super::{pieces, times};

/// Events of the Falcon sensor.
pub(super) static CROWDSTRIKE: Source = Source {
    layouts: &[
        &Layout { sign: &[NAME, "#event_simpleName"], data: &[""], named: NAMED, reach: Reach::Raw },
        // What Elastic's integration keeps of the raw event.
        &Layout {
            sign: &["crowdstrike.event_simpleName"],
            data: &["crowdstrike."],
            named: &[(SIMPLE_NAME, &["crowdstrike.event_simpleName"])],
            reach: Reach::Rebuilt,
        },
    ],
    sign: &[present(&[SIMPLE_NAME])],
    kinds: &[&[
        Kind::new(&[], EVERY),
        Kind::new(&[exactly(&["event_platform"], &["Win"])], &[constant(OS, &["windows"])]),
        Kind::new(&[exactly(&["event_platform"], &["Lin"])], &[constant(OS, &["linux"])]),
        Kind::new(&[exactly(&["event_platform"], &["Mac"])], &[constant(OS, &["macos"])]),
        Kind::new(&[exactly(&["event_platform"], &["iOS"])], &[constant(OS, &["ios"])]),
        Kind::new(
            &[exactly(&[SIMPLE_NAME], STARTS)],
            &[constant("event.category", &["process"]), constant("event.type", &["start"])],
        ),
        Kind::new(
            &[exactly(&[SIMPLE_NAME], &["EndOfProcess"])],
            &[constant("event.category", &["process"]), constant("event.type", &["end"])],
        ),
        Kind::new(
            &[exactly(&[SIMPLE_NAME], &["ProcessRollup2Stats"])],
            &[constant("event.category", &["process"]), constant("event.type", &["info"])],
        ),
        Kind::new(
            &[exactly(&[SIMPLE_NAME], STARTS), exactly(&["event_platform"], &["Win"])],
            &[copy("process.pe.original_file_name", &["OriginalFilename"])],
        ),
    ]],
    absent: &["", "-", "none"],
    mirror: None,
    yields_to_ecs: false,
};

const OS: &str = "host.os.type";
const NAME: &str = "event_simpleName";
const SIMPLE_NAME: &str = "$name";
const NAMED: &[(&str, &[&str])] = &[(SIMPLE_NAME, &[NAME, "#event_simpleName"])];

const STARTS: &[&str] = &[
    "ProcessRollup2",
    "SyntheticProcessRollup2",
    "CreateProcessArgs",
    "CreateThreadNoStartImage",
    "FlashThreadCreateProcess",
    "HostedServiceStarted",
    "ServiceStarted",
    "WmiCreateProcess",
    "ActiveDirectoryIncomingPsExecExecution2",
];

const TIMES: &[&str] = &["UTCTimestamp", "timestamp", "CreationTimeStamp", "Time", "_time"];

const EVERY: &[Entry] = &[
    constant("event.kind", &["event"]),
    copy("event.action", &[SIMPLE_NAME]),
    keyword("event.id", &["id"]),
    time("@timestamp", TIMES, times::epoch),
    time("event.created", TIMES, times::epoch),
    keyword("host.id", &["aid"]),
    copy("host.name", &["ComputerName", "hostname", "metadata.host.ComputerName"]),
    copy("user.name", &["metadata.user.UserName", "metadata.user.User", "User.Name", "UserName"]),
    keyword("user.id", &["UserSid"]),
    copy("process.executable", &["ImageFileName"]),
    piece("process.name", &["ImageFileName"], pieces::falcon_name),
    copy("process.command_line", &["CommandLine"]),
    number("process.pid", &["RawProcessId", "EtwRawProcessId"]),
    keyword("process.entity_id", &["TargetProcessId", "ContextProcessId"]),
    time("process.start", &["ProcessStartTime", "StartTime"], times::epoch),
    time("process.end", &["ProcessEndTime", "EndTime"], times::epoch),
    copy("process.hash.md5", &["MD5HashData"]),
    copy("process.hash.sha1", &["SHA1HashData"]),
    copy("process.hash.sha256", &["SHA256HashData"]),
    copy("process.parent.name", &["ParentBaseFileName"]),
    keyword("process.parent.entity_id", &["ParentProcessId"]),
];
