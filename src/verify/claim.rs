//! What a report says of a hit, and what a hunt found, so that the two can be compared.

use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::Error;
use crate::report::encode;
use crate::rule::RuleSet;
use crate::timeline::{Hit, Member};

/// The file of the case folder that hits are read from: the only exact one.
pub(super) const HITS: &str = "hits.jsonl";

/// A digest of rule, places and records: hits with one key are one hit.
pub(super) type Key = [u8; 16];

/// A hit as it is told.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) rule_id: String,
    pub(super) events: Vec<ClaimedEvent>,
}

/// One of its events.
#[derive(Debug)]
pub(super) struct ClaimedEvent {
    pub(super) source: String,
    segment: u64,
    offset: u64,
    length: u64,
    sha256: String,
    /// The record.
    pub(super) original: Vec<u8>,
}

/// The part of an alert document that says which hit it is.
#[derive(Deserialize)]
struct Alert {
    rule: AlertRule,
    coldtrail: Coldtrail,
}

#[derive(Deserialize)]
struct AlertRule {
    id: String,
}

#[derive(Deserialize)]
struct Coldtrail {
    events: Vec<AlertEvent>,
}

#[derive(Deserialize)]
struct AlertEvent {
    location: AlertLocation,
    sha256: String,
    original: String,
    original_base64: Option<String>,
}

#[derive(Deserialize)]
struct AlertLocation {
    source: String,
    segment: u64,
    offset: u64,
    length: u64,
}

impl Claim {
    /// A hit as a report would tell it; `name` names a member's source.
    pub(super) fn of(hit: &Hit, rules: &RuleSet, name: impl Fn(&Member) -> String) -> Self {
        let rule = rules.rules.get(hit.rule as usize);
        let events = hit.members.iter().map(|member| ClaimedEvent {
            source: name(member),
            segment: member.location.segment,
            offset: member.location.offset,
            length: member.location.length,
            sha256: encode::sha256(&member.original),
            original: member.original.clone(),
        });
        Self { rule_id: rule.map(|rule| rule.rule_id.clone()).unwrap_or_default(), events: events.collect() }
    }

    fn read(line: &[u8]) -> Result<Self, String> {
        let alert: Alert = serde_json::from_slice(line).map_err(|error| format!("no hit: {error}"))?;
        let events = alert.coldtrail.events.into_iter().map(|event| {
            let original = match event.original_base64 {
                Some(text) => encode::from_base64(&text).ok_or("original_base64 is not base64")?,
                None => event.original.into_bytes(),
            };
            let AlertLocation { source, segment, offset, length } = event.location;
            Ok::<_, String>(ClaimedEvent { source, segment, offset, length, sha256: event.sha256, original })
        });
        Ok(Self { rule_id: alert.rule.id, events: events.collect::<Result<_, _>>()? })
    }

    pub(super) fn key(&self) -> Key {
        let mut hasher = blake3::Hasher::new();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        text(&self.rule_id);
        for event in &self.events {
            text(&event.source);
            text(&format!("{} {} {} {}", event.segment, event.offset, event.length, event.sha256));
        }
        *hasher.finalize().as_bytes().first_chunk().expect("a BLAKE3 digest has 32 bytes")
    }

    /// Whether each record has the digest that is told of it.
    pub(super) fn is_whole(&self) -> bool {
        self.events.iter().all(|event| encode::sha256(&event.original) == event.sha256)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule_id)?;
        for event in &self.events {
            write!(f, ", {} segment {} offset {}", event.source, event.segment, event.offset)?;
        }
        Ok(())
    }
}

impl ClaimedEvent {
    /// Whether the record can be evaluated as it stands.
    pub(super) fn is_json(&self) -> bool {
        self.original.trim_ascii_start().first() == Some(&b'{')
    }
}

/// Calls `visit` with the number of each line and the hit in it, or what is wrong with it.
pub(super) fn each(case: &Path, visit: &mut dyn FnMut(u64, Result<Claim, String>)) -> Result<(), Error> {
    let path = case.join(HITS);
    let mut read = || -> io::Result<()> {
        let mut lines = BufReader::with_capacity(1 << 16, super::folder::open(&path)?);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            visit(number, Claim::read(&line));
        }
        Ok(())
    };
    read().map_err(|source| Error::Unreadable { path: path.clone(), source })
}
