//! JSONL that Timesketch imports: `message`, `datetime`, `timestamp_desc`, and `timestamp` in whole
//! microseconds since 1970 UTC, which its server trusts.
//!
//! A hit whose time is unknown, or lies outside the years that Timesketch can hold, would be moved to
//! 1970 or dropped there. Such hits go to [`Untimed`], with the time as the record spells it.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::view::digest;
use super::{Format, View, escape};
use crate::event::Timestamp;

/// 1700-01-01 and 2262-01-01 in seconds: the server drops what is earlier, and nanoseconds in 64 bits
/// end in April 2262.
const YEARS: std::ops::Range<i64> = -8_520_336_000..9_214_646_400;

/// Hits with a time, for import.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timesketch;

/// The other hits: one JSON document per line, without `timestamp` and `datetime`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Untimed;

impl Format for Timesketch {
    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Some(micros) = micros(hit) else { return Ok(()) };
        let time = Timestamp::from_microsecond(micros).map_err(io::Error::other)?;
        let mut fields = Map::new();
        fields.insert("message".to_owned(), json!(message(hit)));
        fields.insert("timestamp".to_owned(), json!(micros));
        fields.insert("datetime".to_owned(), json!(time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()));
        fields.insert("timestamp_desc".to_owned(), json!("Event Time"));
        line(hit, fields, out)
    }
}

impl Format for Untimed {
    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        if micros(hit).is_some() {
            return Ok(());
        }
        let mut fields = Map::new();
        fields.insert("message".to_owned(), json!(message(hit)));
        fields.insert("timestamp_desc".to_owned(), json!("Event Time Unknown"));
        let times = ["@timestamp", "event.created", "event.ingested"];
        let spelled = times.iter().find_map(|path| hit.document.text(path));
        fields.insert("time_as_recorded".to_owned(), json!(spelled));
        line(hit, fields, out)
    }
}

/// Whole microseconds, rounded towards the past; `None` outside [`YEARS`].
fn micros(view: &View<'_>) -> Option<i64> {
    let time = view.hit.time.filter(|time| YEARS.contains(&time.as_second()))?;
    i64::try_from(time.as_nanosecond().div_euclid(1000)).ok()
}

fn message(view: &View<'_>) -> String {
    let rank =
        view.rule.map(|rank| format!("[{} {}] ", rank.severity.name().to_uppercase(), rank.risk_score));
    let who = [view.host(), view.user()].into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
    let message = format!(
        "{}{}: {} -> {} {} ({})",
        rank.unwrap_or_default(),
        view.rule_name(),
        view.parent(),
        view.process(),
        view.command_line(),
        who.join(", "),
    );
    escape(&message).into_owned()
}

fn line(view: &View<'_>, mut fields: Map<String, Json>, out: &mut dyn Write) -> io::Result<()> {
    let mut tags = view.techniques();
    tags.push("coldtrail");
    let Json::Object(rest) = json!({
        "tag": tags,
        "rule_id": view.rule.map(|rule| &rule.rule_id),
        "rule_name": view.rule_name(),
        "rule_severity": view.rule.map(|rule| rule.severity.name()),
        "rule_risk_score": view.rule.map(|rule| rule.risk_score),
        "hostname": view.host(),
        "username": view.user(),
        "parent_process": view.parent(),
        "process": view.process(),
        "command_line": view.command_line(),
        "pid": view.pid(),
        "flags": view.flags().names().collect::<Vec<_>>(),
    }) else {
        return Ok(());
    };
    fields.extend(rest);
    if let Some(member) = view.hit.members.last() {
        fields.insert("source_file".to_owned(), json!(view.source(member)));
        fields.insert("source_segment".to_owned(), json!(member.location.segment));
        fields.insert("source_offset".to_owned(), json!(member.location.offset));
        fields.insert("source_length".to_owned(), json!(member.location.length));
        fields.insert("source_sha256".to_owned(), json!(digest(member)));
    }
    serde_json::to_writer(&mut *out, &fields)?;
    out.write_all(b"\n")
}
