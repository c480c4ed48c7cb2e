//! One process event -> one line of NDJSON, with the fields and the field order of an Elastic Defend
//! document (ECS 8 with the `elastic` and `process.Ext` extensions).

use super::fleet::{Host, User};
use super::rng::Rng;
use super::text::{self, TICKS_PER_SECOND, json_string, json_string_escaping};

/// No record is longer, its line feed included.
pub(super) const LONGEST_RECORD: u64 = 4096;

/// `event.action`, which decides `event.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// A process was created: type `start`.
    Start,
    /// It exited: type `end`.
    End,
    /// It was there when the agent came up: type `info`.
    AlreadyRunning,
}

/// Which of the ways to write the same event a record uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As Elastic Defend writes it.
    Plain,
    /// `<`, `>` and `&` as `\u00XX`, as Go's encoder does for any shipper written in Go.
    EscapedMarkup,
    /// The first letter of `process.parent.name` as `\u00XX`.
    EscapedInitial,
    /// Every second character of `process.parent.name` and `process.name` as `\u00XX`.
    EscapedThroughout,
    /// The `name` key of `process.parent` as `\u006eame`.
    EscapedKey,
    /// `process.parent.*` as dotted keys of the document, which mean the same to Elasticsearch.
    DottedKeys,
    /// `event.type` with a second value before `start`.
    TwoTypes,
}

/// One running process: with the agent's id, what its `entity_id` is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instance {
    /// `process.pid`
    pub(super) pid: u64,
    /// When it started, in ticks since 1970.
    pub(super) started: u64,
}

/// The process, or its parent.
#[derive(Debug)]
pub(super) struct Process<'a> {
    pub(super) instance: Instance,
    /// `name`
    pub(super) name: String,
    /// `executable`
    pub(super) executable: Vec<u8>,
    /// `command_line`, which also gives `args`.
    pub(super) command_line: Vec<u8>,
    /// `pe.original_file_name`; empty for none.
    pub(super) original_file_name: &'a str,
    /// `"code_signature":{…},"hash":{…}` as JSON.
    pub(super) file_json: &'a str,
}

/// A process event.
#[derive(Debug)]
pub(super) struct Event<'a> {
    /// Its place in the corpus: gives `event.id` and `event.sequence`.
    pub(super) index: u64,
    /// `@timestamp`, in ticks since 1970.
    pub(super) time: u64,
    pub(super) action: Action,
    pub(super) host: &'a Host,
    pub(super) user: &'a User,
    pub(super) process: Process<'a>,
    pub(super) parent: Process<'a>,
    /// The parents of the parent, nearest first.
    pub(super) ancestors: Vec<Instance>,
    /// `process.Ext.effective_parent.name`: who asked for the process through a broker.
    pub(super) effective_parent: Option<&'a str>,
    pub(super) spelling: Spelling,
}

/// Appends `event` as one line. `rng` gives what nothing else decides, such as the time of ingestion.
pub(super) fn write(out: &mut Vec<u8>, event: &Event<'_>, rng: &mut Rng) {
    out.push(b'{');
    push(out, &event.host.agent_json);
    push(out, ",\"process\":{");
    write_extension(out, event, rng);
    if event.spelling != Spelling::DottedKeys {
        push(out, ",\"parent\":{");
        write_parent(out, event, "");
        out.push(b'}');
    }
    out.push(b',');
    write_process(out, event);
    push(out, "},\"message\":\"Endpoint process event\",\"@timestamp\":\"");
    text::time(out, event.time);
    push(out, "\",");
    if event.spelling == Spelling::DottedKeys {
        write_parent(out, event, "process.parent.");
        out.push(b',');
    }
    push(
        out,
        concat!(
            r#""ecs":{"version":"8.10.0"},"#,
            r#""data_stream":{"namespace":"default","type":"logs","dataset":"endpoint.events.process"},"#,
            r#""elastic":{"agent":{"id":""#
        ),
    );
    push(out, &event.host.agent_id);
    push(out, "\"}},");
    push(out, &event.host.host_json);
    out.push(b',');
    write_event(out, event, rng);
    out.push(b',');
    push(out, &event.user.json);
    push(out, "}\n");
}

/// Appends the `event.id` of the record at `index`: some noise, so that it looks like the agent's, and a
/// counter, so that it is unique.
pub(super) fn write_event_id(out: &mut Vec<u8>, host: &Host, index: u64) {
    let [.., a, b, c, d, e, f] = index.to_be_bytes();
    text::base64_noise(out, &mut Rng::of(host.up_for, index), 12);
    push(out, "++++");
    text::base64(out, &[a, b, c, d, e, f]);
}

fn write_extension(out: &mut Vec<u8>, event: &Event<'_>, rng: &mut Rng) {
    push(out, "\"Ext\":{\"ancestry\":[");
    let line = std::iter::once(&event.parent.instance).chain(&event.ancestors);
    for (nth, ancestor) in line.enumerate() {
        push(out, if nth == 0 { "\"" } else { ",\"" });
        write_entity_id(out, event.host, *ancestor);
        out.push(b'"');
    }
    push(out, "],\"session_info\":{\"relative_logon_time\":");
    write_seconds(out, rng.between(1, 400_000), rng);
    push(out, ",\"id\":");
    text::number(out, event.host.up_for % 3);
    push(out, "},");
    if let Some(name) = event.effective_parent {
        push(out, "\"effective_parent\":{\"name\":");
        json_string(out, name.as_bytes());
        push(out, "},");
    }
    push(out, "\"authentication_id\":\"0x");
    let (logon, level, elevation) = match event.user.name.as_str() {
        "SYSTEM" | "root" => (0x3e7, "system", "default"),
        "LOCAL SERVICE" => (0x3e5, "system", "default"),
        "NETWORK SERVICE" => (0x3e4, "system", "default"),
        _ => (event.host.up_for >> 16, "medium", "limited"),
    };
    text::hex(out, logon, if logon < 0x1000 { 3 } else { 8 });
    push(out, "\",\"token\":{\"integrity_level_name\":\"");
    push(out, level);
    push(out, "\",\"security_attributes\":[\"TSA://ProcUnique\"],\"elevation_level\":\"");
    push(out, elevation);
    push(out, "\"},\"relative_file_creation_time\":");
    write_seconds(out, rng.between(1000, 90_000_000), rng);
    out.push(b'}');
}

fn write_seconds(out: &mut Vec<u8>, seconds: u64, rng: &mut Rng) {
    text::number(out, seconds);
    out.push(b'.');
    text::padded_number(out, rng.next(), 7);
}

/// Appends the members of `process.parent`, each key preceded by `prefix`.
fn write_parent(out: &mut Vec<u8>, event: &Event<'_>, prefix: &str) {
    let parent = &event.parent;
    let name_key = if event.spelling == Spelling::EscapedKey { r"\u006eame" } else { "name" };
    write_key(out, prefix, "pid");
    text::number(out, parent.instance.pid);
    out.push(b',');
    write_key(out, prefix, name_key);
    match event.spelling {
        Spelling::EscapedInitial => json_string_escaping(out, parent.name.as_bytes(), |at, _| at == 0),
        Spelling::EscapedThroughout => json_string_escaping(out, parent.name.as_bytes(), |at, _| at % 2 == 0),
        _ => json_string(out, parent.name.as_bytes()),
    }
    out.push(b',');
    write_key(out, prefix, "entity_id");
    out.push(b'"');
    write_entity_id(out, event.host, parent.instance);
    push(out, "\",");
    write_key(out, prefix, "executable");
    json_string(out, &parent.executable);
    out.push(b',');
    write_key(out, prefix, "command_line");
    json_string(out, &parent.command_line);
}

fn write_key(out: &mut Vec<u8>, prefix: &str, key: &str) {
    out.push(b'"');
    push(out, prefix);
    push(out, key);
    push(out, "\":");
}

fn write_process(out: &mut Vec<u8>, event: &Event<'_>) {
    let process = &event.process;
    push(out, "\"pid\":");
    text::number(out, process.instance.pid);
    push(out, ",\"entity_id\":\"");
    write_entity_id(out, event.host, process.instance);
    push(out, "\",\"executable\":");
    json_string(out, &process.executable);
    push(out, ",\"args\":[");
    let count = write_arguments(out, &process.command_line, event.spelling);
    push(out, "],");
    if !process.original_file_name.is_empty() {
        push(out, "\"pe\":{\"original_file_name\":");
        json_string(out, process.original_file_name.as_bytes());
        push(out, "},");
    }
    push(out, "\"name\":");
    if event.spelling == Spelling::EscapedThroughout {
        json_string_escaping(out, process.name.as_bytes(), |at, _| at % 2 == 0);
    } else {
        json_string(out, process.name.as_bytes());
    }
    if event.action == Action::End {
        push(out, ",\"exit_code\":0");
    }
    push(out, ",\"args_count\":");
    text::number(out, count);
    push(out, ",\"command_line\":");
    write_command_line(out, &process.command_line, event.spelling);
    out.push(b',');
    push(out, process.file_json);
}

fn write_command_line(out: &mut Vec<u8>, command_line: &[u8], spelling: Spelling) {
    if spelling == Spelling::EscapedMarkup {
        json_string_escaping(out, command_line, |_, byte| matches!(byte, b'<' | b'>' | b'&'));
    } else {
        json_string(out, command_line);
    }
}

/// Appends the arguments of a command line as JSON strings; gives their count. Spaces separate them
/// outside quotes, as `CommandLineToArgvW` does.
fn write_arguments(out: &mut Vec<u8>, command_line: &[u8], spelling: Spelling) -> u64 {
    let mut count = 0;
    let mut quoted = false;
    let arguments = command_line.split(|&byte| {
        quoted ^= byte == b'"';
        byte == b' ' && !quoted
    });
    for argument in arguments.filter(|argument| !argument.is_empty()) {
        if count > 0 {
            out.push(b',');
        }
        let bare = argument.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        write_command_line(out, bare.unwrap_or(argument), spelling);
        count += 1;
    }
    count
}

fn write_event(out: &mut Vec<u8>, event: &Event<'_>, rng: &mut Rng) {
    let (action, kind) = match (event.action, event.spelling) {
        (Action::Start, Spelling::TwoTypes) => ("start", "\"info\",\"start\""),
        (Action::Start, _) => ("start", "\"start\""),
        (Action::End, _) => ("end", "\"end\""),
        (Action::AlreadyRunning, _) => ("already_running", "\"info\""),
    };
    push(out, "\"event\":{\"agent_id_status\":\"verified\",\"sequence\":");
    text::number(out, event.index);
    push(out, ",\"ingested\":\"");
    text::time_in_seconds(out, event.time + rng.between(1, 40) * TICKS_PER_SECOND);
    push(out, "\",\"created\":\"");
    text::time(out, event.time);
    push(out, "\",\"kind\":\"event\",\"module\":\"endpoint\",\"action\":\"");
    push(out, action);
    push(out, "\",\"id\":\"");
    write_event_id(out, event.host, event.index);
    push(out, "\",\"category\":[\"process\"],\"type\":[");
    push(out, kind);
    push(out, "],\"dataset\":\"endpoint.events.process\"}");
}

/// Appends an entity id: base64 of the agent's id, the pid and the time of the start.
fn write_entity_id(out: &mut Vec<u8>, host: &Host, instance: Instance) {
    let mut plain = Vec::with_capacity(80);
    push(&mut plain, &host.agent_id);
    plain.push(b'-');
    text::number(&mut plain, instance.pid);
    plain.push(b'-');
    text::number(&mut plain, instance.started / TICKS_PER_SECOND);
    plain.push(b'.');
    text::padded_number(&mut plain, instance.started % TICKS_PER_SECOND * 100, 9);
    text::base64(out, &plain);
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
