//! Whether a source provides a field.

use super::ecs::{Answer, Set};
use super::nearest;
use crate::event::Sources;

/// First segments below which a source keeps fields of its own, and it alone knows which. The trees of Elastic
/// Agent's other integrations need no line: a rule for them names them in `index`.
const TREES: &[(&str, &[&str])] = &[
    ("Elastic Defend", &["Effective_process", "Endpoint", "Events", "Memory_protection", "Persistence"]),
    ("Elastic Defend", &["Ransomware", "Responses", "Target", "elastic"]),
    ("Elastic's alerts", &["kibana", "signal"]),
    ("Elastic's machine learning packages", &["beaconing", "ded", "dga", "ml", "problemchild"]),
    ("Elastic's entity store", &["entity"]),
    ("Beats", &["@metadata", "beat", "fields", "input", "metricset", "socket", "system"]),
    ("Winlogbeat, Elastic Agent", &["powershell", "sysmon", "winlog"]),
    ("Winlogbeat 5 and 6", &["event_data", "user_data"]),
    ("event log XML as JSON", &["Event", "EventData", "System", "UserData"]),
    ("Auditbeat, Auditd Manager", &["auditd", "auditd_manager"]),
    ("Packetbeat", &["flow", "icmp", "network_traffic", "packetbeat"]),
    ("Microsoft 365 Defender", &["m365_defender", "properties"]),
    ("SentinelOne", &["account", "dataSource", "endpoint", "i", "meta", "mgmt", "packet", "site", "src"]),
    ("SentinelOne", &["sentinel_one_cloud_funnel", "tgt"]),
    ("CrowdStrike", &["crowdstrike", "metadata"]),
    ("Endgame", &["endgame"]),
    (
        "cloud and container audit logs, whose rules also run over Filebeat's indices",
        &["aws", "azure", "cloud_defend", "gcp", "github", "google_workspace", "kubernetes", "o365", "okta"],
    ),
];

/// A field that no source provides, if `path` is one, as what is to be done about it. `index` are the patterns of
/// the rule's indices.
pub(super) fn remedy(path: &str, index: &[String]) -> Option<String> {
    // A name without a dot may be a column of any table.
    let (first, rest) = path.split_once('.')?;
    if trees().any(|tree| tree == first) || Sources::targets().any(|to| to == path) {
        return None;
    }
    let near = match Set::named(first).map(|set| set.look_up(rest)) {
        Some(Answer::Known) => return None,
        Some(Answer::Near(near)) => Some(format!("{first}.{near}")),
        Some(Answer::Unknown) => None,
        None if named(first, index) => return None,
        None => near_first(first).map(|near| format!("{near}.{rest}")),
    };
    Some(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "compare it with the records: unless they spell it so, a test of it never holds".to_owned(),
    })
}

fn trees() -> impl Iterator<Item = &'static str> {
    TREES.iter().flat_map(|(_, trees)| trees.iter().copied())
}

/// Whether a pattern names `first` as the package that writes the index, as `logs-okta*` does.
fn named(first: &str, index: &[String]) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    index.iter().any(|pattern| pattern.split(|character| !is_word(character)).any(|word| word == first))
}

/// The first segment that is spelled most like `first`, if any is near.
fn near_first(first: &str) -> Option<&'static str> {
    nearest(first, Set::all().map(|set| set.name).chain(trees()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ecs_or_a_source_has_is_provided() {
        for path in [
            "@timestamp",
            "process.parent.pe.original_file_name",
            "process.name.caseless",
            "process.entry_leader.parent.session_leader.pid",
            "process.thread.Ext.call_stack_summary",
            "process.parent.thread.Ext.call_stack.symbol_info",
            "Effective_process.name",
            "Target.process.Ext.user",
            "file.Ext.original.name",
            "dns.answers.data",
            "dns.answers",
            "threat.enrichments.indicator.file.hash.sha256",
            "source.as.organization.name.text",
            "winlog.event_data.TargetImage",
            "Event.System.EventID.#text",
            "tgt.process.name",
            "InitiatingProcessFileName",
            "container.labels.app",
        ] {
            assert_eq!(remedy(path, &[]), None, "{path}");
        }
        for target in Sources::targets() {
            assert_eq!(remedy(target, &[]), None, "{target}");
        }
    }

    #[test]
    fn the_nearest_spelling_is_proposed_and_what_is_far_from_all_is_said_so() {
        for (path, near) in [
            ("process.parnet.name", Some("process.parent.name")),
            ("process.parent.nmae", Some("process.parent.name")),
            ("process.parent_name", Some("process.parent.name")),
            ("process.original_file_name", Some("process.pe.original_file_name")),
            ("proces.name", Some("process.name")),
            ("Process.name", Some("process.name")),
            ("winlgo.event_data.Image", Some("winlog.event_data.Image")),
            ("file.sha256", Some("file.hash.sha256")),
            ("process.zebra", None),
            ("zebra.acme", None),
        ] {
            let remedy = remedy(path, &[]).unwrap_or_else(|| panic!("{path}"));
            match near {
                Some(near) => assert_eq!(remedy, format!("did you mean `{near}`?")),
                None => assert!(remedy.starts_with("compare"), "{path}: {remedy}"),
            }
        }
    }

    #[test]
    fn a_rules_own_index_opens_its_packages_tree() {
        let index = ["filebeat-*".to_owned(), "logs-acme.process-*".to_owned()];
        assert_eq!(remedy("acme.zebra", &index), None);
        assert!(remedy("acm.zebra", &index).is_some());
        assert!(remedy("process.zebra", &index).is_some());
    }
}
