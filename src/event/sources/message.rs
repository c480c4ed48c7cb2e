//! The text of a Windows event, where an export has nothing better (`Get-WinEvent | ConvertTo-Json` numbers
//! the data instead of naming it).

use serde_json::{Map, Value as Json};

/// How the text of event 4688 calls what the event's data calls otherwise.
const LABELS: [(&str, &str); 8] = [
    ("Account Name", "SubjectUserName"),
    ("Account Domain", "SubjectDomainName"),
    ("Security ID", "SubjectUserSid"),
    ("New Process ID", "NewProcessId"),
    ("New Process Name", "NewProcessName"),
    ("Creator Process ID", "ProcessId"),
    ("Creator Process Name", "ParentProcessName"),
    ("Process Command Line", "CommandLine"),
];

/// The `Label: value` lines of `text`. The first line of a label counts, but for lines that an event's text
/// has once only, where every one does: what an attacker put behind a line break in a command line must not
/// hide the true line below.
pub(super) fn read(text: &str) -> Map<String, Json> {
    let mut data = Map::new();
    for line in text.lines() {
        let Some((label, value)) = line.split_once(':') else { continue };
        let (label, value) = (label.trim(), value.trim());
        let translated = LABELS.iter().find(|(called, _)| *called == label);
        let name = translated.map_or(label, |(_, name)| name);
        if value.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        let values = data.entry(name).or_insert_with(|| Json::Array(Vec::new()));
        // The creator's account stands above the target's.
        if let Json::Array(values) = values
            && (values.is_empty() || !name.starts_with("Subject"))
        {
            values.push(Json::String(value.to_owned()));
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_names() {
        let text = "A new process has been created.\r\n\r\nCreator Subject:\r\n\tAccount Name:\t\tmira\r\n\r\nTarget \
                    Subject:\r\n\tAccount Name:\t\t-\r\n\tNew Process Name:\tC:\\Windows\\System32\\cmd.exe\r\n";
        let data = Json::Object(read(text));
        assert_eq!(data["SubjectUserName"], serde_json::json!(["mira"]));
        assert_eq!(data["NewProcessName"], serde_json::json!([r"C:\Windows\System32\cmd.exe"]));
        let forged = Json::Object(read("CommandLine: a\nParentImage: b\nParentImage: C:\\c"));
        assert_eq!(forged["ParentImage"], serde_json::json!(["b", r"C:\c"]));
    }
}
