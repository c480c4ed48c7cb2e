//! Where the evidence is now, and whether it is what it was.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Error;
use crate::evidence::{self, Walk};
use crate::ledger::{Ledger, SourceAccount};
use crate::report::manifest::{Manifest, SourceRecord};

/// From the paths of the hunt to those of today.
pub(super) struct Relocation {
    pairs: Vec<(PathBuf, PathBuf)>,
}

/// A source that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFault {
    /// Its path in the manifest.
    pub path: PathBuf,
    /// What differs.
    pub reason: String,
}

/// What became of the sources that hits lie in or that were digested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// How many there are.
    pub count: usize,
    /// Those of them with the same digest.
    pub by_digest: usize,
    /// Those of which no digest was made, with the same size and time.
    pub by_size_and_time: usize,
    /// The others.
    pub faults: Vec<SourceFault>,
}

impl Relocation {
    /// Pairs the hunt's paths with `now`, or with themselves if that is empty.
    pub(super) fn new(manifest: &Manifest, now: &[PathBuf]) -> Result<Self, Error> {
        let then: Vec<PathBuf> = manifest.order.evidence.iter().map(|path| path.0.clone()).collect();
        if now.is_empty() {
            return Ok(Self { pairs: then.iter().cloned().zip(then.iter().cloned()).collect() });
        }
        if now.len() != then.len() {
            let paths = then.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
            return Err(Error::Evidence { then: then.len(), now: now.len(), paths });
        }
        Ok(Self { pairs: then.into_iter().zip(now.iter().cloned()).collect() })
    }

    /// What a path of today was called.
    fn then(&self, now: &Path) -> PathBuf {
        let fits = |(then, root): &(PathBuf, PathBuf)| {
            let rest = now.strip_prefix(root).ok()?;
            // Joining nothing would put a slash behind a file's name.
            let then = if rest.as_os_str().is_empty() { then.clone() } else { then.join(rest) };
            Some((root.as_os_str().len(), then))
        };
        let best = self.pairs.iter().filter_map(fits).max_by_key(|(length, _)| *length);
        best.map_or_else(|| now.to_owned(), |(_, then)| then)
    }

    /// How reports named an entry of a source.
    pub(super) fn name_then(&self, source: &SourceAccount, entry: u32) -> String {
        let then = SourceAccount {
            path: self.then(&source.path),
            entries: source.entries.clone(),
            ..SourceAccount::default()
        };
        then.name(entry)
    }

    /// The sources that need be read again: those that a hit lies in, by the `names` of places in them or by the
    /// manifest, and those that were digested.
    pub(super) fn walk(&self, manifest: &Manifest, names: &HashSet<String>) -> Walk {
        let now: Vec<PathBuf> = self.pairs.iter().map(|(_, now)| now.clone()).collect();
        let mut walk = evidence::walk(&now);
        let files: HashSet<&str> = names.iter().flat_map(|name| files(name)).collect();
        let recorded = manifest.sources.iter().filter(|source| counts(source));
        let recorded: HashSet<&Path> = recorded.map(|source| source.path.0.as_path()).collect();
        walk.found.retain(|found| {
            let then = self.then(&found.path);
            recorded.contains(then.as_path()) || files.contains(then.display().to_string().as_str())
        });
        walk
    }
}

/// What a place's name may name as a file: all of it, and what stands before each `!`.
pub(super) fn files(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('!').map(|(at, _)| at).chain([name.len()]).map(|end| &name[..end])
}

/// Whether a source can be told from another, or must be.
fn counts(source: &SourceRecord) -> bool {
    source.hits > 0 || is_digested(source)
}

fn is_digested(source: &SourceRecord) -> bool {
    source.sha256.is_some() || source.blake3.is_some()
}

impl Sources {
    /// Compares what was read again with the manifest.
    pub(super) fn compare(
        manifest: &Manifest,
        names: &HashSet<String>,
        ledger: &Ledger,
        relocation: &Relocation,
    ) -> Self {
        let files: HashSet<&str> = names.iter().flat_map(|name| files(name)).collect();
        let mut sources = Self::default();
        for then in &manifest.sources {
            if !counts(then) && !files.contains(then.path.0.display().to_string().as_str()) {
                continue;
            }
            sources.count += 1;
            let now = ledger.sources.iter().find(|source| relocation.then(&source.path) == then.path.0);
            match differs(then, now) {
                Some(reason) => {
                    sources.faults.push(SourceFault { path: then.path.0.clone(), reason: reason.to_owned() });
                }
                None if is_digested(then) => sources.by_digest += 1,
                None => sources.by_size_and_time += 1,
            }
        }
        sources
    }
}

/// What differs. A copy may have another time, and the digest decides if there is one.
fn differs(then: &SourceRecord, now: Option<&SourceAccount>) -> Option<&'static str> {
    let Some(now) = now else { return Some("it is not there") };
    let identity = &now.identity;
    if identity.size != then.size {
        return Some("its size differs");
    }
    if is_digested(then) {
        let same = |then: &Option<String>, now: &Option<String>| then.is_none() || then == now;
        let is_same =
            same(&then.sha256, &identity.hashes.sha256) && same(&then.blake3, &identity.hashes.blake3);
        return (!is_same).then_some("its digest differs");
    }
    (identity.modified != then.modified).then_some(
        "its time differs, and no digest was made of it (`coldtrail hunt --hash sha256` makes one)",
    )
}
