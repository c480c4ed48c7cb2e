//! Windows events, in whatever shape they were exported.
//!
//! The shapes differ in where the header (`$id`, `$provider`, `$channel`, `$computer`, the times) and the
//! event's own data lie; once that is known, one map serves them all. What Elastic takes from the agent's
//! metadata, the operating system, is inherent here.

use super::map::{Kind, Layout, Reach, Source, constant, copy, keyword, lacks, present, time};
use super::{security, sysmon, times};

/// Events of the Windows event log.
pub(super) static WINDOWS: Source = Source {
    layouts: &[&WINLOG, &EVENT, &EVENT_DATA, &BEAT_6, &EVTXECMD, &NXLOG, &GET_WINEVENT, &FLAT],
    sign: &[present(&["$id"])],
    kinds: &[COMMON, sysmon::KINDS, security::KINDS],
    absent: &["", "-", "{00000000-0000-0000-0000-000000000000}"],
    mirror: Some("winlog.event_data."),
    yields_to_ecs: true,
};

/// Winlogbeat 7 and 8, Elastic Agent and Windows forwarded events, before the ingest pipeline.
static WINLOG: Layout = Layout {
    sign: &["winlog.event_id"],
    data: &["winlog.event_data."],
    named: &[
        ("$id", &["winlog.event_id"]),
        ("$provider", &["winlog.provider_name"]),
        ("$channel", &["winlog.channel"]),
        ("$computer", &["winlog.computer_name"]),
        ("$time", &["winlog.time_created"]),
    ],
    reach: Reach::Raw,
};

/// `evtx_dump` in its variants, and other renderings of the event's XML with its root.
static EVENT: Layout = Layout {
    sign: &[
        "Event.System.EventID",
        "Event.System.EventID.#text",
        "Event.System.EventID.value",
        "Event.System.EventID.Value",
    ],
    data: &["Event.EventData.", "Event.EventData.Data."],
    named: &[
        (
            "$id",
            &[
                "Event.System.EventID",
                "Event.System.EventID.#text",
                "Event.System.EventID.value",
                "Event.System.EventID.Value",
            ],
        ),
        (
            "$provider",
            &[
                "Event.System.Provider.#attributes.Name",
                "Event.System.Provider_attributes.Name",
                "Event.System.Provider.@Name",
                "Event.System.Provider.Name",
            ],
        ),
        ("$channel", &["Event.System.Channel"]),
        ("$computer", &["Event.System.Computer"]),
        (
            "$time",
            &[
                "Event.System.TimeCreated.#attributes.SystemTime",
                "Event.System.TimeCreated_attributes.SystemTime",
                "Event.System.TimeCreated.@SystemTime",
                "Event.System.TimeCreated.SystemTime",
            ],
        ),
    ],
    reach: Reach::Raw,
};

/// Velociraptor, and renderings of the XML without its root.
static EVENT_DATA: Layout = Layout {
    sign: &["System.EventID", "System.EventID.Value", "System.EventID.value", "System.EventID.#text"],
    data: &["EventData.", "EventData.Data."],
    named: &[
        ("$id", &["System.EventID", "System.EventID.Value", "System.EventID.value", "System.EventID.#text"]),
        (
            "$provider",
            &[
                "System.Provider.Name",
                "System.Provider.@Name",
                "System.Provider.#attributes.Name",
                "System.Provider_attributes.Name",
            ],
        ),
        ("$channel", &["System.Channel"]),
        ("$computer", &["System.Computer"]),
        (
            "$time",
            &[
                "System.TimeCreated.SystemTime",
                "System.TimeCreated.@SystemTime",
                "System.TimeCreated.#attributes.SystemTime",
                "System.TimeCreated_attributes.SystemTime",
            ],
        ),
    ],
    reach: Reach::Raw,
};

/// Winlogbeat 5 and 6. `host.name` and `user.*` are the collector's and the logger's.
static BEAT_6: Layout = Layout {
    sign: &["event_id"],
    data: &["event_data."],
    named: &[
        ("$id", &["event_id"]),
        ("$provider", &["source_name"]),
        ("$channel", &["log_name"]),
        ("$computer", &["computer_name"]),
        ("$origin", &["computer_name"]),
    ],
    reach: Reach::Raw,
};

/// Eric Zimmerman's EvtxECmd; its `Payload` is unpacked to `EventData`.
static EVTXECMD: Layout = Layout {
    sign: &["EventId"],
    data: &["EventData."],
    named: &[
        ("$id", &["EventId"]),
        ("$provider", &["Provider"]),
        ("$channel", &["Channel"]),
        ("$computer", &["Computer"]),
        ("$time", &["TimeCreated"]),
    ],
    reach: Reach::Raw,
};

/// NXLog's `im_msvistalog`: `EventTime` is local and says no zone, `AccountName` and `Domain` are the
/// logger's, `host` is whoever sent it on.
static NXLOG: Layout = Layout {
    sign: &["SourceModuleName", "EventReceivedTime"],
    data: &[""],
    named: &[
        ("$id", &["EventID"]),
        ("$provider", &["SourceName"]),
        ("$channel", &["Channel"]),
        ("$computer", &["Hostname"]),
        ("$zoneless", &["EventTime"]),
    ],
    reach: Reach::Raw,
};

/// PowerShell's `Get-WinEvent | ConvertTo-Json`; its `Message` is unpacked to `EventData`.
static GET_WINEVENT: Layout = Layout {
    sign: &["ProviderName"],
    data: &["EventData."],
    named: &[
        ("$id", &["Id"]),
        ("$provider", &["ProviderName"]),
        ("$channel", &["LogName"]),
        ("$computer", &["MachineName"]),
        ("$time", &["TimeCreated"]),
    ],
    reach: Reach::Raw,
};

/// Everything on the top level (the Security-Datasets' “mordor” files, Log Analytics' `Event` tables, rows
/// of Velociraptor's hunter). `TimeCreated` and `@timestamp` of the first claim UTC and are local.
static FLAT: Layout = Layout {
    sign: &["EventID"],
    data: &["", "EventData."],
    named: &[
        ("$id", &["EventID"]),
        ("$provider", &["SourceName", "Source", "Provider"]),
        ("$channel", &["Channel", "EventLog"]),
        ("$computer", &["Hostname", "Computer"]),
        ("$doubtful", &["@timestamp", "TimeCreated"]),
        ("$generated", &["TimeGenerated"]),
    ],
    reach: Reach::Raw,
};

const COMMON: &[Kind] = &[
    Kind::new(
        &[],
        &[
            constant("event.kind", &["event"]).unless_set(),
            keyword("event.code", &["$id"]),
            copy("event.provider", &["$provider"]).unless_set(),
            constant("host.os.type", &["windows"]).unless_set(),
            copy("host.name", &["$origin"]),
            copy("host.name", &["$computer"]).unless_set(),
            keyword("winlog.event_id", &["$id"]).unless_set(),
            copy("winlog.provider_name", &["$provider"]).unless_set(),
            copy("winlog.channel", &["$channel"]).unless_set(),
            copy("winlog.computer_name", &["$computer"]).unless_set(),
            time("event.created", &["$time", "$generated"], times::system).unless_set(),
            time("@timestamp", &["$zoneless"], times::local).unless_set(),
            time("@timestamp", &["$doubtful"], times::local),
            time("@timestamp", &["$generated"], times::plain).unless_set(),
        ],
    ),
    // Sysmon has a clock of its own.
    Kind::new(
        &[lacks(&["$channel", "$provider"], "microsoft-windows-sysmon")],
        &[time("@timestamp", &["$time"], times::system)],
    ),
];
