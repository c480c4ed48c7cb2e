//! What one hunt does, whole: from the arguments, or from the journal of a hunt that was broken off.

use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::{Exit, message};
use crate::evidence::{self, Digest, Outcome, Walk};
use crate::hunt::{self, Journal};
use crate::order::{AnyPath, Order};

/// The journal's name in the case folder. It goes when the report is there.
const JOURNAL: &str = "journal";

/// A hunt's order, the options that its plan depends on, and the evidence as it was.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    /// A journal is for the version that wrote it.
    version: String,
    pub(super) order: Order,
    pub(super) options: PlanOptions,
    evidence: Vec<Seen>,
}

/// Options that decide about how the work is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlanOptions {
    pub(super) chunk_size: usize,
    pub(super) memory: u64,
    pub(super) sha256: bool,
    pub(super) blake3: bool,
    pub(super) no_prefilter: bool,
}

/// A file as it was when the hunt began.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    path: AnyPath,
    size: u64,
    /// Nanoseconds since 1970; `None` where the system does not tell.
    modified: Option<u64>,
}

impl PlanOptions {
    pub(super) fn of_hunt(self, threads: usize) -> hunt::Options {
        let sha256 = self.sha256.then_some(Digest::Sha256);
        let blake3 = self.blake3.then_some(Digest::Blake3);
        hunt::Options {
            threads,
            chunk: self.chunk_size,
            memory: self.memory,
            digests: sha256.into_iter().chain(blake3).collect(),
        }
    }
}

impl Task {
    pub(super) fn new(order: Order, options: PlanOptions, walk: &Walk) -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), order, options, evidence: seen(walk) }
    }

    /// Begins the journal in a case folder. What is wrong with that is said, and the exit code comes back.
    pub(super) fn begin(&self, dir: &Path, is_forced: bool) -> Result<Journal, Exit> {
        let path = dir.join(JOURNAL);
        let begun = || -> io::Result<Journal> {
            fs::create_dir_all(dir)?;
            if is_forced && path.symlink_metadata().is_ok() {
                fs::remove_file(&path)?;
            }
            Journal::create(&path, &serde_json::to_vec(self)?)
        };
        begun().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => message::fail(
                Exit::Usage,
                &format!(
                    "{0}: a hunt was broken off; go on with `coldtrail hunt --resume {0}`, or begin anew with --force",
                    dir.display()
                ),
            ),
            _ => message::fail(
                Exit::OutputFailed,
                &format!("{} cannot be written: {error}; check space and permissions", path.display()),
            ),
        })
    }

    /// Opens the journal in a case folder.
    pub(super) fn resume(dir: &Path) -> Result<(Self, Journal), Exit> {
        let path = dir.join(JOURNAL);
        let failed = |why: &str| message::fail(Exit::Usage, &format!("{}: {why}", path.display()));
        let (header, journal) = Journal::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                failed("there is no hunt to go on with; name the folder that its -o named")
            }
            _ => failed(&error.to_string()),
        })?;
        let task: Self = serde_json::from_slice(&header)
            .map_err(|_| failed("another version of coldtrail began this hunt; go on with that one"))?;
        if task.version != env!("CARGO_PKG_VERSION") {
            return Err(failed(&format!("coldtrail {} began this hunt; go on with that one", task.version)));
        }
        if task.order.evidence.iter().any(|path| path.0.as_os_str() == evidence::STDIN) {
            return Err(failed("standard input cannot be read again; hunt anew, with --force"));
        }
        Ok((task, journal))
    }

    /// What of the evidence is not as it was, in words.
    pub(super) fn changed(&self, walk: &Walk) -> Option<String> {
        let now = seen(walk);
        let differs = self.evidence.iter().zip(&now).find(|(then, now)| then != now);
        let more = self.evidence.len() != now.len();
        differs
            .map(|(then, _)| format!("{} changed", then.path.0.display()))
            .or_else(|| more.then(|| "files came or went".to_owned()))
    }
}

fn seen(walk: &Walk) -> Vec<Seen> {
    let modified = |path: &Path| {
        let time = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
        u64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
    };
    let found = walk.found.iter().map(|found| Seen {
        path: found.path.clone().into(),
        size: if let Outcome::File(size) = found.outcome { size } else { 0 },
        modified: modified(&found.path),
    });
    found.collect()
}

/// Takes the journal away when the report is there; else says how the hunt goes on.
pub(super) fn end(dir: &Path, journal: &Journal, is_over: bool) {
    if is_over {
        if let Err(error) = fs::remove_file(dir.join(JOURNAL)) {
            message::say(&format!("coldtrail: the journal in {} stays: {error}", dir.display()));
        }
        return;
    }
    match journal.failure() {
        Some(error) => message::say(&format!(
            "coldtrail: the journal in {} ends before the hunt did: {error}",
            dir.display()
        )),
        None => {
            message::say(&format!("coldtrail: go on with `coldtrail hunt --resume {}`", dir.display()));
        }
    }
}
