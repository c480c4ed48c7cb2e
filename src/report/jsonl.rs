//! One ECS alert document per hit and line; the exact record.
//!
//! The document is the event's own, with what the rule says set over it. `rule`, `threat` and
//! `coldtrail` are ours alone: whatever the event wrote there is still in `event.original`, and nowhere
//! else, so that evidence cannot forge a finding.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use super::view::digest;
use super::{Format, View, encode};
use crate::rule::{Origin, Reference, Rule, Severity};
use crate::timeline::Member;

/// The format.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jsonl;

impl Format for Jsonl {
    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &document(hit))?;
        out.write_all(b"\n")
    }
}

fn document(view: &View<'_>) -> Map<String, Json> {
    let mut fields = view.document.fields.clone();
    fields.retain(|key, _| !["rule", "threat", "coldtrail"].iter().any(|ours| is_under(key, ours)));
    if let (None, Some(time)) = (view.document.get("@timestamp"), view.hit.time) {
        fields.insert("@timestamp".to_owned(), json!(time.to_string()));
    }
    event(view, &mut fields);
    if view.hit.members.len() > 1 {
        let message = format!("{} events: {}", view.hit.members.len(), view.rule_name());
        fields.insert("message".to_owned(), json!(message));
    }
    if let Some(rule) = view.rule {
        fields.insert("rule".to_owned(), rule_object(rule));
        if !rule.threat.is_empty() {
            fields.insert("threat".to_owned(), threat(rule));
        }
        fields.insert("tags".to_owned(), json!(rule.tags));
    }
    fields.insert("coldtrail".to_owned(), coldtrail(view));
    fields
}

/// Whether a top-level key is `ours` or a dotted path below it.
fn is_under(key: &str, ours: &str) -> bool {
    key.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn event(view: &View<'_>, fields: &mut Map<String, Json>) {
    const OURS: [&str; 4] = ["kind", "severity", "risk_score", "original"];
    fields.retain(|key, _| !OURS.iter().any(|ours| key.strip_prefix("event.") == Some(*ours)));
    let own = match fields.remove("event") {
        Some(Json::Object(event)) => event,
        // To Elasticsearch an array of objects is one object.
        Some(Json::Array(parts)) => parts.into_iter().filter_map(object).flatten().collect(),
        _ => Map::new(),
    };
    fields.insert("event".to_owned(), Json::Object(own));
    let Some(Json::Object(event)) = fields.get_mut("event") else { return };
    event.insert("kind".to_owned(), json!("alert"));
    if let Some(rule) = view.rule {
        event.insert("severity".to_owned(), json!(severity_number(rule.severity)));
        event.insert("risk_score".to_owned(), json!(rule.risk_score));
    }
    if let Some(last) = view.hit.members.last() {
        event.insert("original".to_owned(), json!(String::from_utf8_lossy(&last.original)));
    }
}

fn object(value: Json) -> Option<Map<String, Json>> {
    match value {
        Json::Object(fields) => Some(fields),
        _ => None,
    }
}

/// ECS wants a number: these are the risk scores that Kibana proposes for the four words.
fn severity_number(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
        Severity::Critical => 99,
    }
}

/// `rule.uuid` is for rules that have one, which `--query` has not.
fn rule_object(rule: &Rule) -> Json {
    let uuid = (rule.source.origin != Origin::CommandLine).then_some(&rule.rule_id);
    json!({
        "id": rule.rule_id,
        "uuid": uuid,
        "name": rule.name,
        "description": rule.description,
        "author": rule.author,
        "license": rule.license,
        "reference": rule.references,
    })
}

/// ECS keeps a rule's mapping as parallel arrays.
fn threat(rule: &Rule) -> Json {
    let tactics = || rule.threat.iter().map(|threat| &threat.tactic);
    let techniques = || rule.threat.iter().flat_map(|threat| &threat.techniques);
    let mut technique = references(techniques().map(|technique| &technique.technique));
    technique["subtechnique"] = references(techniques().flat_map(|technique| &technique.subtechniques));
    json!({
        "framework": rule.threat.first().map(|threat| &threat.framework),
        "tactic": references(tactics()),
        "technique": technique,
    })
}

fn references<'a>(references: impl Iterator<Item = &'a Reference> + Clone) -> Json {
    json!({
        "id": references.clone().map(|reference| &reference.id).collect::<Vec<_>>(),
        "name": references.clone().map(|reference| &reference.name).collect::<Vec<_>>(),
        "reference": references.map(|reference| &reference.reference).collect::<Vec<_>>(),
    })
}

fn coldtrail(view: &View<'_>) -> Json {
    let events: Vec<Json> = view.hit.members.iter().map(|member| member_object(view, member)).collect();
    json!({
        "severity": view.rule.map(|rule| rule.severity.name()),
        "hit": { "time": view.hit.time.map(|time| time.to_string()) },
        "flags": view.flags().names().collect::<Vec<_>>(),
        "join_keys": view.hit.join_keys,
        "events": events,
    })
}

fn member_object(view: &View<'_>, member: &Member) -> Json {
    let place = member.location;
    let mut object = json!({
        "location": {
            "source": view.source(member),
            "segment": place.segment,
            "offset": place.offset,
            "length": place.length,
        },
        "sha256": digest(member),
        "flags": view.flags_of(member).names().collect::<Vec<_>>(),
        "original": String::from_utf8_lossy(&member.original),
    });
    if std::str::from_utf8(&member.original).is_err() {
        object["original_base64"] = json!(encode::base64(&member.original));
    }
    object
}
