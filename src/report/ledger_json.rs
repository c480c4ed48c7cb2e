//! The ledger as JSON: what was read, what was not and why, and with what the hunt was done.
//!
//! Everything but the `run` object is the same for the same evidence and rules.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::{Counts, Report, encode};
use crate::ledger::{Gap, SourceAccount, Tally};
use crate::rule::Severity;

/// Writes the ledger, indented, with a newline at its end.
///
/// # Errors
/// Those of `out`, and of reading hits back.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ledger = report.ledger;
    let value = json!({
        "complete": ledger.is_complete(),
        "interrupted": ledger.interrupted,
        "gaps": ledger.gaps(),
        "untimed_in_sequences": ledger.untimed,
        "total": tally(&ledger.total()),
        "hits": hits(&Counts::of(report)?),
        "rule_set_sha256": report.rules.digest(),
        "rules": rules(report),
        "sources": ledger.sources.iter().map(source).collect::<Vec<_>>(),
        "skipped": ledger.skipped.iter().map(|skipped| json!({
            "path": skipped.path.to_string_lossy(),
            "reason": skipped.reason,
        })).collect::<Vec<_>>(),
        "run": run(report),
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    out.write_all(b"\n")
}

fn hits(counts: &Counts) -> Json {
    let by_severity =
        Severity::ALL.iter().map(|severity| (severity.name().to_owned(), json!(counts.severity(*severity))));
    json!({
        "total": counts.hits,
        "by_severity": Json::Object(by_severity.collect()),
        "untimed": counts.untimed,
        "first": counts.first.map(|time| time.to_string()),
        "last": counts.last.map(|time| time.to_string()),
    })
}

fn rules(report: &Report<'_>) -> Vec<Json> {
    let not_run = |at: usize| report.run.not_run.iter().find(|not_run| not_run.rule as usize == at);
    let rules = report.rules.rules.iter().enumerate();
    rules
        .map(|(at, rule)| {
            json!({
                "rule_id": rule.rule_id,
                "name": rule.name,
                "type": rule.kind,
                "language": rule.language,
                "severity": rule.severity.name(),
                "risk_score": rule.risk_score,
                "origin": rule.source.origin.to_string(),
                "query": rule.query,
                "ran": not_run(at).is_none(),
                "not_run_because": not_run(at).map(|not_run| &not_run.reason),
            })
        })
        .collect()
}

fn source(source: &SourceAccount) -> Json {
    let mut value = json!({
        "path": source.path.to_string_lossy(),
        "container": source.container,
        "size": source.identity.size,
        "modified": source.identity.modified.map(|time| time.to_string()),
        "sha256": source.identity.hashes.sha256,
        "blake3": source.identity.hashes.blake3,
        "integrity": source.integrity.name(),
        "tally": tally(&source.tally),
        "gaps": source.gaps.iter().map(|gap| gap_object(source, gap)).collect::<Vec<_>>(),
    });
    if source.path.to_str().is_none() {
        value["path_base64"] = json!(encode::base64(source.path.as_os_str().as_encoded_bytes()));
    }
    value
}

fn gap_object(source: &SourceAccount, gap: &Gap) -> Json {
    json!({
        "source": source.name(gap.entry),
        "start": gap.bytes.start,
        "end": gap.bytes.end,
        "decoded": gap.decoded.map(|decoded| json!({
            "segment": decoded.segment,
            "start": decoded.start,
            "end": decoded.end,
        })),
        "reason": gap.reason.name(),
        "detail": gap.detail,
    })
}

fn tally(tally: &Tally) -> Json {
    json!({
        "read": tally.read,
        "framing": tally.framing,
        "unread": tally.unread,
        "decoded": tally.decoded,
        "segments": tally.segments,
        "tried": tally.tried,
        "parsed": tally.parsed,
        "tolerated": tally.tolerated,
        "bad": tally.bad,
        "hits": tally.hits,
    })
}

fn run(report: &Report<'_>) -> Json {
    let run = report.run;
    let decoders = run.decoders.iter().map(|(name, version)| (name.clone(), json!(version)));
    json!({
        "program": "coldtrail",
        "version": run.version,
        "command_line": run.command_line,
        "started": run.started.to_string(),
        "elapsed_seconds": run.elapsed.as_secs_f64(),
        "threads": run.threads,
        "decoders": Json::Object(decoders.collect()),
        "rejected_rules": run.order.rejected,
    })
}
