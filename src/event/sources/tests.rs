//! Each source's map and its traps, field by field, through [`Document::read`].

use serde_json::{Value as Json, json};

use super::super::{Document, Documents, Flags, assess};

fn read(record: &Json) -> Json {
    serde_json::to_value(Document::read(record.to_string().as_bytes())).expect("a document is JSON")
}

fn flags(record: &Json) -> Flags {
    assess(record.to_string().as_bytes(), Documents::AsTheyStand).1
}

#[track_caller]
fn assert_fields(record: &Json, expected: &[(&str, Json)]) {
    let document = read(record);
    for (path, value) in expected {
        let there = path.split('.').try_fold(&document, |at, key| at.get(key)).unwrap_or(&Json::Null);
        assert_eq!(there, value, "{path} of {document}");
    }
}

fn sysmon(data: &Json) -> Json {
    json!({ "@timestamp": "2026-04-09T07:00:00Z", "winlog": {
        "channel": "Microsoft-Windows-Sysmon/Operational", "event_id": "1", "event_data": data,
    } })
}

#[test]
fn sysmon_maps_and_cleans() {
    let data = json!({
        "UtcTime": "2026-04-09 06:10:02.2501", "Image": "C:\\a\\Cmd.exe", "ProcessId": "42", "User": "HARBOUR\\mira",
        "ParentImage": "System", "OriginalFileName": "-", "ParentProcessGuid": "{00000000-0000-0000-0000-000000000000}",
        "CommandLine": "\"C:\\a b\" x ",
    });
    assert_fields(
        &sysmon(&data),
        &[
            ("@timestamp", json!("2026-04-09T06:10:02.2501Z")),
            ("event.category", json!(["process"])),
            ("event.type", json!(["start"])),
            ("event.code", json!("1")),
            ("host.os.type", json!("windows")),
            ("process.name", json!("Cmd.exe")),
            ("process.pid", json!(42)),
            ("process.command_line", json!("\"C:\\a b\" x ")),
            ("process.args", json!(["C:\\a b", "x"])),
            ("process.parent.executable", json!("System")),
            ("process.parent.name", Json::Null),
            ("process.parent.entity_id", Json::Null),
            ("process.pe.original_file_name", Json::Null),
            ("user.name", json!("mira")),
            ("user.domain", json!("HARBOUR")),
        ],
    );
    assert!(flags(&sysmon(&data)).contains(Flags::TIME_FROM_SOURCE));
    assert_fields(
        &sysmon(&json!({ "OriginalFileName": "?" })),
        &[("process.pe.original_file_name", json!("?"))],
    );
}

#[test]
fn the_creator_of_4688_is_the_parent() {
    let record = json!({ "EventID": 4688, "Channel": "security", "Hostname": "quay-07", "host": "collector",
        "TimeCreated": "2026-04-09T01:10:02Z", "NewProcessId": "0x1f", "ProcessId": "0x10", "NewProcessName": "Registry",
        "SubjectUserName": "mira", "TargetUserName": "-", "TargetUserSid": "S-1-0-0" });
    assert_fields(
        &record,
        &[
            ("process.pid", json!(31)),
            ("process.parent.pid", json!(16)),
            ("process.parent.name", Json::Null),
            ("process.name", json!("Registry")),
            ("host.name", json!("quay-07")),
            ("user.name", json!("mira")),
            ("user.effective.id", Json::Null),
        ],
    );
    assert_eq!(flags(&record), Flags::LOCAL_TIME);
}

#[test]
fn grandparents_are_not_parents() {
    let row = json!({ "ActionType": "ProcessCreated", "DeviceName": "Quay-07", "FileName": "cmd.exe",
        "InitiatingProcessFileName": "a.exe", "InitiatingProcessParentFileName": "b.exe" });
    assert_fields(
        &row,
        &[
            ("process.parent.name", json!("a.exe")),
            ("process.parent.group_leader.name", json!("b.exe")),
            ("host.name", json!("quay-07")),
            ("host.os.type", Json::Null),
        ],
    );
    let other = json!({ "category": "AdvancedHunting-DeviceEvents", "properties": {
        "ActionType": "ProcessCreatedUsingWmiQuery", "DeviceId": "d", "InitiatingProcessFileName": "a.exe",
        "InitiatingProcessParentFileName": "b.exe", "InitiatingProcessAccountSid": "S-1-5-18" } });
    assert_fields(
        &other,
        &[
            ("event.category", json!(["host"])),
            ("event.type", json!(["start"])),
            ("process.name", json!("a.exe")),
            ("process.parent.name", json!("b.exe")),
        ],
    );
    let funnel = json!({ "meta.event.name": "PROCESSCREATION", "event.category": "process", "event.type": "x",
        "endpoint.os": "Windows", "event.time": 1_775_715_002_250_i64, "tgt.process.name": "cmd.exe",
        "tgt.process.cmdline": "\"C:\\\\a\"", "src.process.name": "a.exe", "src.process.parent.name": "b.exe" });
    assert_fields(
        &funnel,
        &[
            ("@timestamp", json!("2026-04-09T06:10:02.250Z")),
            ("process.parent.name", json!("a.exe")),
            ("process.command_line", json!("C:\\a")),
            ("event.type", json!(["start"])),
            ("host.os.type", Json::Null),
        ],
    );
}

#[test]
fn falcon_strings_become_numbers_and_names() {
    let record = json!({ "event_simpleName": "ProcessRollup2", "event_platform": "Win", "aid": "b",
        "timestamp": "1775715002250", "ImageFileName": "\\Device\\HarddiskVolume3\\Windows\\cmd.exe",
        "RawProcessId": "42", "ParentProcessId": "77", "ParentBaseFileName": "a.exe", "CommandLine": "none" });
    assert_fields(
        &record,
        &[
            ("process.name", json!("cmd.exe")),
            ("process.executable", json!("\\Device\\HarddiskVolume3\\Windows\\cmd.exe")),
            ("process.pid", json!(42)),
            ("process.parent.pid", Json::Null),
            ("process.parent.entity_id", json!("77")),
            ("process.command_line", Json::Null),
            ("event.action", json!("ProcessRollup2")),
        ],
    );
}

#[test]
fn ecs_documents_stay_as_they_stand() {
    for record in [
        json!({ "process": { "parent": { "name": "a" } }, "winlog": { "event_id": "1", "channel": "Microsoft-Windows-Sysmon/Operational", "event_data": { "Image": "C:\\b" } } }),
        json!({ "@timestamp": "2026-04-09T06:10:02Z", "event": { "category": "iam" }, "winlog": { "event_id": 4688, "channel": "Security" } }),
        json!({ "data_stream": { "dataset": "crowdstrike.fdr" }, "event_simpleName": "ProcessRollup2" }),
        json!({ "_index": ".ds-logs-m365_defender.event-default", "ActionType": "ProcessCreated", "DeviceId": "x" }),
        json!({ "message": "nothing known" }),
    ] {
        assert_eq!(read(&record), record);
    }
}

#[test]
fn hostile_records_are_read_without_panic() {
    for record in [
        json!({ "EventId": 1, "Payload": "{\"EventData\":{\"Data\":[1,{\"@Name\":7},{\"@Name\":\"Image\"}]}}" }),
        json!({ "EventData": "<Data Name='é'>", "EventID": { "a": [] } }),
        json!({ "event_subtype_full": ["creation_event", 1], "event_type_full": true, "timestamp": -9e300 }),
        json!({ "event_simpleName": 5, "timestamp": "99999999999999999999999999999999999999999999" }),
        json!({ "EventID": 4688, "Channel": "Security", "NewProcessId": "0xffffffffffffffffff", "NewProcessName": "\\" }),
        json!({ "_raw": "{".repeat(5000) }),
    ] {
        let _ = read(&record);
    }
}
