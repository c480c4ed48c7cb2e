//! The truth file: one JSON line for each planted event, then one of totals.

use std::io::{self, Write};

use serde::Serialize;

/// What a rule says to a planted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The bundled rule matches.
    Hit,
    /// Only its companion matches, the one that compares `original_file_name` in any letter case.
    CompanionHit,
    /// Neither matches.
    Miss,
}

/// One planted event, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// What the rules say to it.
    pub verdict: Verdict,
    /// How it is a hit, or why it is not.
    pub variant: &'static str,
    /// `event.id`, unique in the corpus.
    #[serde(rename = "event.id")]
    pub event_id: String,
    /// `@timestamp`
    #[serde(rename = "@timestamp")]
    pub timestamp: String,
    /// Where its line begins: bytes from the start of the decoded stream.
    pub offset: u64,
    /// Bytes of its line, without the line feed.
    pub length: u64,
    /// The number of its line, from 1.
    pub line: u64,
}

/// What the corpus holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Totals {
    /// Lines.
    pub records: u64,
    /// Events the bundled rule matches.
    pub hits: u64,
    /// Events that only the companion rule matches.
    pub companion_hits: u64,
    /// Planted events that neither matches.
    pub misses: u64,
    /// Bytes of NDJSON.
    pub decoded_bytes: u64,
    /// Bytes as written.
    pub encoded_bytes: u64,
    /// `decoded_bytes / encoded_bytes`
    pub ratio: f64,
}

impl Totals {
    /// Counts one planted event.
    pub(super) fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Hit => self.hits += 1,
            Verdict::CompanionHit => self.companion_hits += 1,
            Verdict::Miss => self.misses += 1,
        }
    }
}

#[derive(Serialize)]
struct Last<'a> {
    totals: &'a Totals,
}

/// Writes the lines of some planted events.
pub(super) fn write_planted(out: &mut impl Write, planted: &[Planted]) -> io::Result<()> {
    planted.iter().try_for_each(|one| write_line(out, one))
}

/// Writes the last line.
pub(super) fn write_totals(out: &mut impl Write, totals: &Totals) -> io::Result<()> {
    write_line(out, &Last { totals })
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
