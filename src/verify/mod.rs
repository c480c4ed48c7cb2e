//! Holds a case folder against the evidence: is it the folder that was written, and do its hits stand?
//!
//! Nothing of the report is believed. The rules are taken from the manifest, the sources that hits lie in are
//! hunted through again, and each hit must come out again: the same rule, the same place, the same digest of
//! the record. What comes out and is not in the report is told as well.

mod claim;
mod folder;
mod sources;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::evidence::Digest;
use crate::hunt::{self, Cancel, Catch, Engine, Filtering, Meter};
use crate::ledger::Ledger;
use crate::report::manifest::{Manifest, SourceRecord};
use crate::rule::RuleSet;

use claim::{Claim, ClaimedEvent, Key};
use sources::{Relocation, files};

pub use folder::FileFault;
pub use sources::{SourceFault, Sources};

/// Hits of a kind that are told one by one; the rest is counted.
const MOST_TOLD: usize = 100;

/// Why nothing can be verified. Prints with path and remedy.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the case folder cannot be read.
    #[error("{path}: {source}; name a case folder that `coldtrail hunt -o` has written")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There are files of a report, and no manifest, which is written last.
    #[error(
        "{0} has no manifest: its report was not written to the end, and its files may be of two hunts; hunt again with --force"
    )]
    Unfinished(PathBuf),
    /// The manifest is none.
    #[error("{path}: {source}; the manifest was altered, or is another program's")]
    NoManifest {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The evidence named is not as many paths as were hunted.
    #[error("the hunt was over {then} path(s) and {now} are given; name them in the same order: {paths}")]
    Evidence {
        /// How many there were.
        then: usize,
        /// How many there are.
        now: usize,
        /// What they were.
        paths: String,
    },
    /// The rules in the manifest are none that this program can run.
    #[error("the rules in the manifest cannot be read: {0}; verify with the version that made the case")]
    Rules(String),
    /// The hunt failed.
    #[error(transparent)]
    Hunt(#[from] hunt::Error),
}

/// A hit that does not stand, or one that the report leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitFault {
    /// Its line in `hits.jsonl`, from 1; `None` for one that is not in it.
    pub line: Option<u64>,
    /// What it is and where it lies.
    pub what: String,
    /// What is wrong.
    pub reason: String,
}

/// Faults, of which the first are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<HitFault>,
}

impl Faults {
    fn add(&mut self, fault: impl FnOnce() -> HitFault) {
        self.count += 1;
        if self.first.len() < MOST_TOLD {
            self.first.push(fault());
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Verdict {
    /// The manifest.
    pub manifest: Manifest,
    /// SHA-256 of the manifest's own file.
    pub manifest_sha256: String,
    /// Files of the folder that are not as they were written.
    pub files: Vec<FileFault>,
    /// Whether the rules in the manifest have the digest that it gives.
    pub rules_hold: bool,
    /// The sources.
    pub sources: Sources,
    /// Hits that stand.
    pub standing: u64,
    /// Hits that do not.
    pub fallen: Faults,
    /// Hits in the same sources that the report does not have.
    pub unreported: Faults,
    /// Whether the hunt was interrupted, so that hits may stand that are said not to.
    pub interrupted: bool,
}

impl Verdict {
    /// Whether everything is as the case folder says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.files.is_empty()
            && self.rules_hold
            && self.sources.faults.is_empty()
            && self.fallen.count == 0
            && self.unreported.count == 0
            && !self.interrupted
    }
}

/// How to hunt again.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Worker threads; at least 1.
    pub threads: usize,
    /// Memory budget in bytes.
    pub memory: u64,
}

/// Verifies the case folder at `case`. `evidence` is where the paths of the hunt are now, in its order; none if
/// they are where they were.
///
/// # Errors
/// When the folder is no case folder, or the hunt cannot be done again.
pub fn verify(
    case: &Path,
    evidence: &[PathBuf],
    effort: &Effort,
    meter: &Meter,
    cancel: &Cancel,
) -> Result<Verdict, Error> {
    let (manifest, manifest_sha256) = folder::manifest(case)?;
    let files = folder::faults(case, &manifest)?;
    let rules = manifest.order.rules().map_err(|errors| Error::Rules(first(&errors)))?;
    let engine = engine(&manifest, &rules)?;
    let relocation = Relocation::new(&manifest, evidence)?;

    let mut claimed = HashSet::new();
    let mut names = HashSet::new();
    claim::each(case, &mut |_, claim| {
        if let Ok(claim) = claim {
            claimed.insert(claim.key());
            names.extend(claim.events.iter().map(|event| event.source.clone()));
        }
    })?;
    let walk = relocation.walk(&manifest, &names);
    let options = hunt::Options {
        threads: effort.threads,
        chunk: 1 << 20,
        memory: effort.memory,
        digests: digests(&manifest),
    };
    let catch = hunt::hunt(walk, &engine, &options, meter, cancel, None)?;
    let again = Again::new(&catch, &rules, &relocation, &claimed)?;
    let (standing, fallen) = judge(case, &again, &engine, &rules)?;
    Ok(Verdict {
        files,
        rules_hold: rules.digest() == manifest.rule_set_sha256,
        sources: Sources::compare(&manifest, &names, &catch.ledger, &relocation),
        standing,
        fallen,
        unreported: again.unreported,
        interrupted: catch.ledger.interrupted,
        manifest_sha256,
        manifest,
    })
}

fn engine(manifest: &Manifest, rules: &RuleSet) -> Result<Engine, Error> {
    let options = manifest.order.reading.options().map_err(|error| Error::Rules(error.to_string()))?;
    let engine = Engine::new(rules, &options, Filtering::Prefilter).map_err(|bad| {
        let messages = bad.iter().flat_map(|bad| &bad.diagnostics).map(|found| found.message.as_str());
        Error::Rules(messages.take(1).collect())
    })?;
    Ok(engine.with_documents(manifest.order.documents()))
}

fn first<E: ToString>(errors: &[E]) -> String {
    errors.first().map(ToString::to_string).unwrap_or_default()
}

/// The digests that were made then.
fn digests(manifest: &Manifest) -> Vec<Digest> {
    let made = |is_made: &dyn Fn(&SourceRecord) -> bool, digest| {
        manifest.sources.iter().any(is_made).then_some(digest)
    };
    let sha256 = made(&|source| source.sha256.is_some(), Digest::Sha256);
    let blake3 = made(&|source| source.blake3.is_some(), Digest::Blake3);
    sha256.into_iter().chain(blake3).collect()
}

/// What the second hunt found.
struct Again {
    found: HashSet<Key>,
    /// The sources that were read.
    read: HashSet<String>,
    unreported: Faults,
}

impl Again {
    fn new(
        catch: &Catch,
        rules: &RuleSet,
        relocation: &Relocation,
        claimed: &HashSet<Key>,
    ) -> Result<Self, Error> {
        let mut again = Self {
            found: HashSet::new(),
            read: read(&catch.ledger, relocation),
            unreported: Faults::default(),
        };
        let each = catch.hits.each(&mut |hit| {
            let claim = Claim::of(hit, rules, |member| {
                let source = &catch.ledger.sources[member.location.source as usize];
                relocation.name_then(source, member.location.entry)
            });
            let key = claim.key();
            if !claimed.contains(&key) {
                again.unreported.add(|| HitFault {
                    line: None,
                    what: claim.to_string(),
                    reason: "it is not in hits.jsonl".to_owned(),
                });
            }
            again.found.insert(key);
            Ok(())
        });
        each.map_err(|source| Error::Hunt(hunt::Error::Spill { source }))?;
        Ok(again)
    }
}

/// The sources that could be read at all, by their names then.
fn read(ledger: &Ledger, relocation: &Relocation) -> HashSet<String> {
    let read = ledger.sources.iter().filter(|source| source.tally.read + source.tally.framing > 0);
    read.map(|source| relocation.name_then(source, 0)).collect()
}

/// Goes through the report's hits again and says what is wrong with those that were not found.
fn judge(case: &Path, again: &Again, engine: &Engine, rules: &RuleSet) -> Result<(u64, Faults), Error> {
    let (mut standing, mut fallen) = (0, Faults::default());
    claim::each(case, &mut |line, claim| match claim {
        Ok(claim) if again.found.contains(&claim.key()) && claim.is_whole() => standing += 1,
        Ok(claim) => fallen.add(|| HitFault {
            line: Some(line),
            what: claim.to_string(),
            reason: reason(&claim, again, engine, rules),
        }),
        Err(error) => {
            fallen.add(|| HitFault { line: Some(line), what: "not a hit".to_owned(), reason: error.clone() });
        }
    })?;
    Ok((standing, fallen))
}

fn reason(claim: &Claim, again: &Again, engine: &Engine, rules: &RuleSet) -> String {
    if !claim.is_whole() {
        return "the record in the report does not have the digest in the report".to_owned();
    }
    let Some(rule) = rules.rules.iter().position(|rule| rule.rule_id == claim.rule_id) else {
        return "no rule in the manifest has this id".to_owned();
    };
    let is_read = |event: &&ClaimedEvent| files(&event.source).any(|file| again.read.contains(file));
    if let Some(lost) = claim.events.iter().find(|event| !is_read(event)) {
        return format!("{} is not there, or cannot be read", lost.source);
    }
    if let [event] = claim.events.as_slice()
        && event.is_json()
        && !engine.matching(&event.original).contains(&u32::try_from(rule).unwrap_or(u32::MAX))
    {
        return "the rule does not match the record in the report".to_owned();
    }
    "the evidence does not hold this record there: it was altered, or is damaged".to_owned()
}
