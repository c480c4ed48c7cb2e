//! Sysmon's events, as `sysmon.yml` of Winlogbeat and of the Windows integration makes ECS of them.
//!
//! Traps: `-` is no value but `?` is one (Sysmon 9 wrote it for a file without version information); a
//! process image without a backslash has no `process.name`; the event's own user is the logger, `User` is
//! the process's.

use super::map::{Entry, Kind, Test, constant, contains, copy, exactly, number, piece, text, texts, time};
use super::{pieces, times};

/// A kind for these event ids, of this category and type.
macro_rules! kind {
    ([$($id:literal),+], $category:expr, $type:expr) => {
        Kind::new(
            &[SYSMON, exactly(&["$id"], &[$($id),+])],
            &[constant("event.category", $category), constant("event.type", $type)],
        )
    };
}

/// What Sysmon writes.
pub(super) const KINDS: &[Kind] = &[
    Kind::new(&[SYSMON], EVERY),
    kind!(["1"], &["process"], &["start"]),
    kind!(["2"], &["file"], &["change"]),
    kind!(["3"], &["network"], &["start", "connection", "protocol"]),
    kind!(["4", "7", "8", "25"], &["process"], &["change"]),
    kind!(["5"], &["process"], &["end"]),
    kind!(["6"], &["driver"], &["start"]),
    kind!(["9", "10"], &["process"], &["access"]),
    kind!(["11"], &["file"], &["creation"]),
    kind!(["12", "13", "14"], &["configuration", "registry"], &["change"]),
    kind!(["22"], &["network"], &["connection", "protocol", "info"]),
    kind!(["23", "26"], &["file"], &["deletion"]),
    Kind::new(&[SYSMON, exactly(&["$id"], &["255"])], &[constant("event.type", &["error"])]),
    Kind::new(&[SYSMON, exactly(&["$id"], &["1"])], CREATION),
    Kind::new(&[SYSMON, exactly(&["$id"], &["3"])], CONNECTION),
    Kind::new(&[SYSMON, exactly(&["$id"], &["12", "13", "14"])], &[copy("registry.path", &["TargetObject"])]),
    Kind::new(&[SYSMON, exactly(&["$id"], &["22"])], &[copy("dns.question.name", &["QueryName"])]),
];

const SYSMON: Test = contains(&["$channel", "$provider"], "microsoft-windows-sysmon");

const EVERY: &[Entry] = &[
    // Over whatever `@timestamp` says: exporters have written local times there, and worse.
    time("@timestamp", &["UtcTime"], times::utc),
    copy("process.executable", &["Image", "SourceImage"]),
    piece("process.name", &["Image", "SourceImage"], pieces::behind_backslash),
    number("process.pid", &["ProcessId", "SourceProcessId"]),
    copy("process.entity_id", &["ProcessGuid", "SourceProcessGuid", "SourceProcessGUID"]),
    piece("user.domain", &["User"], pieces::domain),
    piece("user.name", &["User"], pieces::user),
    copy("file.path", &["TargetFilename"]),
    piece("file.name", &["TargetFilename"], pieces::behind_backslash),
];

const CREATION: &[Entry] = &[
    constant("event.action", &["Process creation"]),
    copy("process.command_line", &["CommandLine"]),
    texts("process.args", &["CommandLine"], pieces::argv),
    copy("process.working_directory", &["CurrentDirectory"]),
    copy("process.parent.executable", &["ParentImage"]),
    piece("process.parent.name", &["ParentImage"], pieces::behind_backslash),
    number("process.parent.pid", &["ParentProcessId"]),
    copy("process.parent.entity_id", &["ParentProcessGuid"]),
    copy("process.parent.command_line", &["ParentCommandLine"]),
    texts("process.parent.args", &["ParentCommandLine"], pieces::argv),
    copy("process.pe.original_file_name", &["OriginalFileName"]),
    copy("process.pe.company", &["Company"]),
    copy("process.pe.description", &["Description"]),
    copy("process.pe.file_version", &["FileVersion"]),
    copy("process.pe.product", &["Product"]),
    text("process.pe.imphash", &["Hashes"], pieces::imphash),
    text("process.hash.md5", &["Hashes"], pieces::md5),
    text("process.hash.sha1", &["Hashes"], pieces::sha1),
    text("process.hash.sha256", &["Hashes"], pieces::sha256),
];

const CONNECTION: &[Entry] = &[
    copy("source.ip", &["SourceIp"]),
    number("source.port", &["SourcePort"]),
    copy("destination.ip", &["DestinationIp"]),
    number("destination.port", &["DestinationPort"]),
    copy("destination.domain", &["DestinationHostname"]),
    copy("network.transport", &["Protocol"]),
];
