//! One ECS alert document per hit and line; the exact record.
//!
//! The document is the event's own, with what the rule says set over it. `rule`, `threat` and
//! `coldtrail` are ours alone: whatever the event wrote there is still in `event.original`, and nowhere
//! else, so that evidence cannot forge a finding.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::view::digest;
use super::{Format, View, encode};
use crate::event::Item;
use crate::rule::{Origin, Reference, Rule, Severity};
use crate::timeline::Member;

/// The format.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jsonl;

impl Format for Jsonl {
    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &alert(hit))?;
        out.write_all(b"\n")
    }
}

/// An object that is written field by field; nothing of a record is copied for it.
struct Object<'a>(Vec<(&'a str, Cell<'a>)>);

enum Cell<'a> {
    /// The event's own.
    Own(Item<'a>),
    Made(Box<Json>),
    Text(Lossy<'a>),
    Object(Object<'a>),
    Coldtrail(Box<Coldtrail<'a>>),
}

impl<'a> Object<'a> {
    fn of(own: impl Iterator<Item = (&'a str, Item<'a>)>) -> Self {
        Self(own.map(|(key, item)| (key, Cell::Own(item))).collect())
    }

    /// Puts a field in the place of the one of this name, or behind all others.
    fn set(&mut self, key: &'a str, cell: Cell<'a>) {
        match self.0.iter_mut().find(|(own, _)| *own == key) {
            Some((_, there)) => *there = cell,
            None => self.0.push((key, cell)),
        }
    }

    fn make(&mut self, key: &'a str, json: Json) {
        self.set(key, Cell::Made(Box::new(json)));
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, cell)| (key, cell)))
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Own(item) => item.serialize(serializer),
            Cell::Made(json) => json.serialize(serializer),
            Cell::Text(text) => text.serialize(serializer),
            Cell::Object(object) => object.serialize(serializer),
            Cell::Coldtrail(ours) => ours.serialize(serializer),
        }
    }
}

fn alert<'a>(view: &'a View<'_>) -> Object<'a> {
    let is_ours = |key: &str| ["rule", "threat", "coldtrail"].iter().any(|ours| is_under(key, ours));
    let mut alert = Object::of(view.document.fields().filter(|(key, _)| !is_ours(key)));
    if let (None, Some(time)) = (view.document.get("@timestamp"), view.hit.time) {
        alert.make("@timestamp", json!(time.to_string()));
    }
    alert.0.retain(|(key, _)| !OF_EVENT.iter().any(|ours| key.strip_prefix("event.") == Some(*ours)));
    if let Some(at) = alert.0.iter().position(|(key, _)| *key == "event") {
        alert.0.swap_remove(at);
    }
    alert.set("event", Cell::Object(event(view)));
    if view.hit.members.len() > 1 {
        alert.make("message", json!(format!("{} events: {}", view.hit.members.len(), view.rule_name())));
    }
    if let Some(rule) = view.rule {
        alert.make("rule", rule_object(rule));
        if !rule.threat.is_empty() {
            alert.make("threat", threat(rule));
        }
        alert.make("tags", json!(rule.tags));
    }
    alert.set("coldtrail", Cell::Coldtrail(Box::new(coldtrail(view))));
    alert
}

/// Whether a top-level key is `ours` or a dotted path below it.
fn is_under(key: &str, ours: &str) -> bool {
    key.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What the rule says, in `event`.
const OF_EVENT: [&str; 4] = ["kind", "severity", "risk_score", "original"];

fn event<'a>(view: &'a View<'_>) -> Object<'a> {
    let mut event = own_event(view.document.get("event"));
    event.make("kind", json!("alert"));
    if let Some(rule) = view.rule {
        event.make("severity", json!(severity_number(rule.severity)));
        event.make("risk_score", json!(rule.risk_score));
    }
    if let Some(last) = view.hit.members.last() {
        event.set("original", Cell::Text(Lossy(&last.original)));
    }
    event
}

/// The event's own `event`. To Elasticsearch an array of objects is one object; here the last value of a field is
/// kept, where the first stood.
fn own_event(event: Option<Item<'_>>) -> Object<'_> {
    let Some(event) = event else { return Object(Vec::new()) };
    if let Some(members) = event.members() {
        return Object::of(members);
    }
    let (mut fields, mut places) = (Vec::new(), HashMap::new());
    for (key, item) in event.elements().into_iter().flatten().filter_map(Item::members).flatten() {
        let place = *places.entry(key).or_insert(fields.len());
        match fields.get_mut(place) {
            Some(there) => *there = (key, item),
            None => fields.push((key, item)),
        }
    }
    Object::of(fields.into_iter())
}

/// Bytes as text; what is not UTF-8 is U+FFFD.
#[derive(Clone, Copy)]
struct Lossy<'a>(&'a [u8]);

impl fmt::Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Lossy<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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

#[derive(Serialize)]
struct Coldtrail<'a> {
    severity: Option<&'static str>,
    hit: Json,
    flags: Vec<&'static str>,
    join_keys: &'a [String],
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Event<'a> {
    location: Json,
    sha256: String,
    flags: Vec<&'static str>,
    original: Lossy<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_base64: Option<String>,
}

fn coldtrail<'a>(view: &'a View<'_>) -> Coldtrail<'a> {
    Coldtrail {
        severity: view.rule.map(|rule| rule.severity.name()),
        hit: json!({ "time": view.hit.time.map(|time| time.to_string()) }),
        flags: view.flags().names().collect(),
        join_keys: &view.hit.join_keys,
        events: view.hit.members.iter().map(|member| member_event(view, member)).collect(),
    }
}

fn member_event<'a>(view: &View<'_>, member: &'a Member) -> Event<'a> {
    let place = member.location;
    let is_text = std::str::from_utf8(&member.original).is_ok();
    Event {
        location: json!({
            "source": view.source(member),
            "segment": place.segment,
            "offset": place.offset,
            "length": place.length,
        }),
        sha256: digest(member),
        flags: view.flags_of(member).names().collect(),
        original: Lossy(&member.original),
        original_base64: (!is_text).then(|| encode::base64(&member.original)),
    }
}
