//! Vendors' events through the binary: what the corpus cannot say.

use std::path::{Path, PathBuf};

use crate::support::{Evidence, hunt, hunt_jsonl};

fn corpus(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/sources").join(case).join("evidence/log.ndjson")
}

#[test]
fn documents_of_old_integrations_match_only_when_rebuilt_and_say_so() {
    let path = corpus("m365-defender-old-ecs");
    assert!(hunt_jsonl(&path, &[]).expect_exit(0).alerts().is_empty());
    let rebuilt = hunt_jsonl(&path, &["--renormalise"]).expect_exit(0);
    assert_eq!(rebuilt.ids(), ["m365-old-original", "m365-old-subtree"]);
    for alert in rebuilt.alerts() {
        assert_eq!(alert["event"]["type"], serde_json::json!(["start"]));
        assert_eq!(alert["coldtrail"]["flags"], serde_json::json!(["renormalised"]));
    }
    let unfiltered = hunt_jsonl(&path, &["--renormalise", "--no-prefilter"]);
    assert_eq!(rebuilt.stdout, unfiltered.stdout);
}

#[test]
fn an_event_that_two_logs_tell_of_is_two_hits_and_the_second_says_so() {
    let evidence = Evidence::new();
    let parent = r"C:\\ScreenConnect.Service.exe";
    let sysmon = format!(
        r#"{{"EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Hostname":"quay-07","UtcTime":"2026-04-09 06:10:02.100","ProcessId":"4100","Image":"C:\\cmd.exe","ParentImage":"{parent}"}}"#
    );
    let security = format!(
        r#"{{"EventID":4688,"Channel":"Security","Hostname":"quay-07","@timestamp":"2026-04-09T06:10:02.105Z","NewProcessId":"0x1004","NewProcessName":"C:\\cmd.exe","ParentProcessName":"{parent}"}}"#
    );
    let path = evidence.file("log", format!("{sysmon}\n{security}\n").as_bytes());
    let shown = hunt([path.as_os_str()]).expect_exit(0).text();
    assert_eq!(shown.matches("the same event as the hit at").count(), 1, "{shown}");
    assert_eq!(hunt_jsonl(&path, &[]).alerts().len(), 2);
}
