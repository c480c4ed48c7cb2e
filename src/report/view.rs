//! A hit as reports show it: its rule, its document, its place by name.

use super::{Report, encode};
use crate::event::{Document, Documents, Flags, Item, Timestamp};
use crate::rule::Rule;
use crate::timeline::{Hit, Member};

/// One hit with all that a format wants to know about it. Field values are the record's own,
/// unescaped; the record is the hit's last member, as in Elastic's sequence alerts.
#[derive(Debug)]
pub struct View<'a> {
    report: &'a Report<'a>,
    /// The hit.
    pub hit: &'a Hit,
    /// The rule that matched; `None` if the hit's number is not in the rule set.
    pub rule: Option<&'a Rule>,
    /// The last member's record.
    pub document: Document,
    /// The place of an earlier hit on the same event, if another record told of it.
    pub also_at: Option<String>,
}

impl<'a> View<'a> {
    /// Looks at a hit.
    #[must_use]
    pub fn new(report: &'a Report<'a>, hit: &'a Hit) -> Self {
        let document = hit.members.last().map(document);
        let rule = report.rules.rules.get(hit.rule as usize);
        View { report, hit, rule, document: document.unwrap_or_default(), also_at: None }
    }

    /// The rule's name.
    #[must_use]
    pub fn rule_name(&self) -> &'a str {
        self.rule.map_or("", |rule| rule.name.as_str())
    }

    /// The file or archive member a record lies in, as the ledger names it.
    #[must_use]
    pub fn source(&self, member: &Member) -> String {
        let place = member.location;
        let source = self.report.ledger.sources.get(place.source as usize);
        source.map_or_else(|| format!("source {}", place.source), |source| source.name(place.entry))
    }

    /// Where a record lies, in one word: `source@segment+offset:length`.
    #[must_use]
    pub fn place(&self, member: &Member) -> String {
        let place = member.location;
        format!("{}@{}+{}:{}", self.source(member), place.segment, place.offset, place.length)
    }

    /// Every remark about any of its records.
    #[must_use]
    pub fn flags(&self) -> Flags {
        let mut flags = Flags::empty();
        self.hit.members.iter().for_each(|member| flags.insert(self.flags_of(member)));
        flags
    }

    /// Every remark about one of them.
    #[must_use]
    pub fn flags_of(&self, member: &Member) -> Flags {
        let mut flags = member.flags;
        let place = member.location;
        let source = self.report.ledger.sources.get(place.source as usize);
        if source.is_some_and(|source| source.is_unverified((place.entry, place.segment, place.offset))) {
            flags.insert(Flags::UNVERIFIED);
        }
        flags
    }

    /// The ids of the rule's techniques and sub-techniques.
    #[must_use]
    pub fn techniques(&self) -> Vec<&'a str> {
        let threats = self.rule.map(|rule| rule.threat.as_slice()).unwrap_or_default();
        let techniques = threats.iter().flat_map(|threat| &threat.techniques);
        techniques
            .flat_map(|technique| std::iter::once(&technique.technique).chain(&technique.subtechniques))
            .map(|reference| reference.id.as_str())
            .collect()
    }

    /// The machine.
    #[must_use]
    pub fn host(&self) -> String {
        host(&self.document)
    }

    /// `domain\name`, or what there is of it.
    #[must_use]
    pub fn user(&self) -> String {
        let name = first(&self.document, &["user.name", "process.user.name", "user.id"]);
        match self.document.text("user.domain") {
            Some(domain) if !name.is_empty() => format!("{domain}\\{name}"),
            _ => name,
        }
    }

    /// The parent's file name.
    #[must_use]
    pub fn parent(&self) -> String {
        first(&self.document, &["process.parent.name", "process.parent.executable"])
    }

    /// The process's file name.
    #[must_use]
    pub fn process(&self) -> String {
        process(&self.document)
    }

    /// The process's number.
    #[must_use]
    pub fn pid(&self) -> String {
        first(&self.document, &["process.pid"])
    }

    /// How the process was called.
    #[must_use]
    pub fn command_line(&self) -> String {
        command_line(&self.document)
    }
}

fn first(document: &Document, paths: &[&str]) -> String {
    paths.iter().find_map(|path| document.text(path)).unwrap_or_default()
}

fn host(document: &Document) -> String {
    first(document, &["host.name", "host.hostname", "winlog.computer_name", "agent.name"])
}

fn process(document: &Document) -> String {
    first(document, &["process.name", "process.executable"])
}

fn command_line(document: &Document) -> String {
    if let Some(line) = document.text("process.command_line") {
        return line;
    }
    let args = document.get("process.args").and_then(Item::elements);
    args.into_iter().flatten().filter_map(Item::as_str).collect::<Vec<_>>().join(" ")
}

/// A member's record, read as it was when it matched.
fn document(member: &Member) -> Document {
    Document::read_with(member.json(), Documents::of(member.flags))
}

/// One record of a sequence in a line: its own time, machine and process.
pub(super) fn describe(member: &Member) -> String {
    let document = document(member);
    let time = first(&document, &["@timestamp", "event.created", "event.ingested"]);
    let action = first(&document, &["event.action", "event.category"]);
    let parts = [time, host(&document), action, process(&document), command_line(&document)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

/// `SHA-256` of a record's bytes.
pub(super) fn digest(member: &Member) -> String {
    encode::sha256(&member.original)
}

/// RFC 3339 in UTC with three, six or nine fraction digits, as many as the time has.
pub(super) fn utc(time: Timestamp) -> String {
    let nanos = time.subsec_nanosecond();
    let digits = match nanos {
        _ if nanos % 1_000_000 == 0 => 3,
        _ if nanos % 1_000 == 0 => 6,
        _ => 9,
    };
    format!("{time:.digits$}")
}
