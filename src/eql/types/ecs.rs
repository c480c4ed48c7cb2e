//! The types of ECS fields that are not keywords (ECS 9, the reusable field sets by their own name).

use super::FieldType;

/// Where a process may stand below another; its fields are the same there.
const ANCESTORS: [&str; 8] = [
    "parent",
    "entry_leader",
    "session_leader",
    "group_leader",
    "previous",
    "responsible",
    "attested_user",
    "entry_meta",
];

/// Field sets that stand below many others.
const REUSED: [&str; 9] = ["code_signature", "pe", "elf", "macho", "x509", "as", "nat", "risk", "geo"];

const BOOLEANS: &[&str] = &[
    "code_signature.exists",
    "code_signature.trusted",
    "code_signature.valid",
    "container.security_context.privileged",
    "elf.go_stripped",
    "faas.coldstart",
    "macho.go_stripped",
    "pe.go_stripped",
    "process.interactive",
    "process.io.max_bytes_per_process_exceeded",
    "process.same_as_process",
    "tls.established",
    "tls.resumed",
    "volume.default_access",
    "volume.removable",
    "volume.writable",
];

const DATES: &[&str] = &[
    "@timestamp",
    "code_signature.timestamp",
    "elf.creation_date",
    "email.delivery_timestamp",
    "email.origination_timestamp",
    "event.created",
    "event.end",
    "event.ingested",
    "event.start",
    "file.accessed",
    "file.created",
    "file.ctime",
    "file.mtime",
    "package.installed",
    "process.end",
    "process.start",
    "threat.indicator.first_seen",
    "threat.indicator.last_seen",
    "threat.indicator.modified_at",
    "tls.client.not_after",
    "tls.client.not_before",
    "tls.server.not_after",
    "tls.server.not_before",
    "x509.not_after",
    "x509.not_before",
];

const DOUBLES: &[&str] = &[
    "container.cpu.usage",
    "container.memory.usage",
    "event.risk_score",
    "event.risk_score_norm",
    "host.cpu.usage",
    "risk.calculated_score",
    "risk.calculated_score_norm",
    "risk.static_score",
    "risk.static_score_norm",
    "vulnerability.score.base",
    "vulnerability.score.environmental",
    "vulnerability.score.temporal",
];

const IPS: &[&str] = &[
    "client.ip",
    "destination.ip",
    "dns.resolved_ip",
    "host.ip",
    "nat.ip",
    "network.forwarded_ip",
    "observer.ip",
    "process.source.ip",
    "related.ip",
    "server.ip",
    "source.ip",
    "threat.indicator.ip",
];

const LONGS: &[&str] = &[
    "as.number",
    "client.bytes",
    "client.packets",
    "client.port",
    "container.disk.read.bytes",
    "container.disk.write.bytes",
    "container.network.egress.bytes",
    "container.network.ingress.bytes",
    "destination.bytes",
    "destination.packets",
    "destination.port",
    "dns.answers.ttl",
    "event.duration",
    "event.sequence",
    "event.severity",
    "file.size",
    "host.disk.read.bytes",
    "host.disk.write.bytes",
    "host.network.egress.bytes",
    "host.network.egress.packets",
    "host.network.ingress.bytes",
    "host.network.ingress.packets",
    "host.uptime",
    "http.request.body.bytes",
    "http.request.bytes",
    "http.response.body.bytes",
    "http.response.bytes",
    "http.response.status_code",
    "log.origin.file.line",
    "log.syslog.facility.code",
    "log.syslog.priority",
    "log.syslog.severity.code",
    "nat.port",
    "network.bytes",
    "network.packets",
    "package.size",
    "process.args_count",
    "process.exit_code",
    "process.io.total_bytes_captured",
    "process.io.total_bytes_skipped",
    "process.pgid",
    "process.pid",
    "process.ppid",
    "process.thread.id",
    "process.tty.char_device.major",
    "process.tty.char_device.minor",
    "process.tty.columns",
    "process.tty.rows",
    "process.uptime",
    "process.vpid",
    "server.bytes",
    "server.packets",
    "server.port",
    "source.bytes",
    "source.packets",
    "source.port",
    "threat.indicator.port",
    "threat.indicator.scanner_stats",
    "url.port",
];

/// The type that ECS gives to the field at `path`; most are keywords, and what is not ECS is unknown.
/// Keywords are unknown too: sources disagree about them, and comparing is the same.
pub(super) fn kind(path: &str) -> FieldType {
    let path = plain(path);
    let listed = |list: &[&str]| list.binary_search(&path.as_str()).is_ok();
    if listed(LONGS) {
        FieldType::Long
    } else if listed(IPS) {
        FieldType::Ip
    } else if listed(BOOLEANS) {
        FieldType::Boolean
    } else if listed(DATES) {
        FieldType::Date(Vec::new())
    } else if listed(DOUBLES) {
        FieldType::Double
    } else {
        FieldType::Unknown
    }
}

/// The path under which the lists above have a field: without what stands before a reused field set,
/// and without a process's ancestors.
fn plain(path: &str) -> String {
    let segments: Vec<&str> = path.split('.').collect();
    let reused =
        segments.iter().rposition(|segment| REUSED.contains(segment)).filter(|at| at + 1 < segments.len());
    let segments = &segments[reused.unwrap_or(0)..];
    match segments {
        ["process", rest @ ..] => {
            let kept = rest.iter().filter(|segment| !ANCESTORS.contains(segment));
            std::iter::once(&"process").chain(kept).copied().collect::<Vec<_>>().join(".")
        }
        segments => segments.join("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reused_field_sets_have_their_types_wherever_they_stand() {
        for (path, expected) in [
            ("process.pid", FieldType::Long),
            ("process.parent.pid", FieldType::Long),
            ("process.parent.group_leader.start", FieldType::Date(Vec::new())),
            ("process.parent.code_signature.trusted", FieldType::Boolean),
            ("source.nat.ip", FieldType::Ip),
            ("process.name", FieldType::Unknown),
            ("winlog.event_data.pid", FieldType::Unknown),
            ("pe", FieldType::Unknown),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        for list in [BOOLEANS, DATES, DOUBLES, IPS, LONGS] {
            assert!(list.is_sorted());
        }
    }
}
