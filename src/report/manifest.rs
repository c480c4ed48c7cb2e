//! The manifest of a case folder: with what, when and where it was made, from what, and the digest of each
//! of its files. `coldtrail verify` starts from it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::Report;
use crate::event::Timestamp;
use crate::ledger::SourceAccount;
use crate::order::{AnyPath, Order};

/// A case folder's manifest. All times are UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The program that made the case folder.
    pub program: Program,
    /// The arguments as typed, the program's name first; what was not UTF-8 is U+FFFD.
    pub command_line: Vec<String>,
    /// The folder that relative paths count from.
    pub working_directory: Option<AnyPath>,
    /// The name of the machine, as it calls itself.
    pub host: Option<String>,
    /// When the hunt began.
    pub started: Timestamp,
    /// When its report was written.
    pub ended: Timestamp,
    /// [`RuleSet::digest`](crate::rule::RuleSet::digest).
    pub rule_set_sha256: String,
    /// What was asked.
    pub order: Order,
    /// The evidence.
    pub sources: Vec<SourceRecord>,
    /// The SHA-256 of each other file of the case folder, by its name.
    pub files: BTreeMap<String, String>,
}

/// A build of this program and its decoders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `coldtrail`'s version.
    pub version: String,
    /// Digest of the program file that ran; `None` where it could not be read.
    pub sha256: Option<String>,
    /// Name and version of each decoder library.
    pub decoders: BTreeMap<String, String>,
}

/// A source as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// As it was reached from the command line.
    pub path: AnyPath,
    /// Size in bytes.
    pub size: u64,
    /// Time of last modification.
    pub modified: Option<Timestamp>,
    /// Digest of its bytes, with `--hash sha256`.
    pub sha256: Option<String>,
    /// Digest of its bytes, with `--hash blake3`.
    pub blake3: Option<String>,
    /// How many hits lie in it.
    pub hits: u64,
    /// Whether its own checksums held.
    pub integrity: String,
}

impl SourceRecord {
    fn of(source: &SourceAccount) -> Self {
        Self {
            path: source.path.clone().into(),
            size: source.identity.size,
            modified: source.identity.modified,
            sha256: source.identity.hashes.sha256.clone(),
            blake3: source.identity.hashes.blake3.clone(),
            hits: source.tally.hits,
            integrity: source.integrity.name().to_owned(),
        }
    }
}

impl Manifest {
    /// The manifest of a case folder with these files in it.
    #[must_use]
    pub fn of(report: &Report<'_>, files: BTreeMap<String, String>) -> Self {
        let run = report.run;
        Self {
            program: Program {
                version: run.version.clone(),
                sha256: run.executable_sha256.clone(),
                decoders: run.decoders.iter().cloned().collect(),
            },
            command_line: run.command_line.clone(),
            working_directory: run.working_directory.clone().map(AnyPath),
            host: run.host.clone(),
            started: run.started,
            ended: Timestamp::now(),
            rule_set_sha256: report.rules.digest(),
            order: run.order.clone(),
            sources: report.ledger.sources.iter().map(SourceRecord::of).collect(),
            files,
        }
    }

    /// Writes it, indented, with a newline at its end.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }
}
