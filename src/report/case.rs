//! The case folder: every format, each file whole or not at all, and never on top of evidence.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::csv::Csv;
use super::jsonl::Jsonl;
use super::manifest::Manifest;
use super::terminal::Terminal;
use super::timesketch::{Timesketch, Untimed};
use super::twins::Twins;
use super::{Format, Report, View, ledger_json};
use crate::evidence::{STDIN, hex};

/// The formats that are written hit by hit.
const FORMATS: [(&str, &dyn Format); 5] = [
    ("timeline.txt", &Terminal { width: None, colour: false }),
    ("hits.jsonl", &Jsonl),
    ("hits.csv", &Csv),
    ("timesketch.jsonl", &Timesketch),
    ("timesketch.untimed.jsonl", &Untimed),
];
const LEDGER: &str = "ledger.json";
/// Holds the digests of all others.
pub const MANIFEST: &str = "manifest.json";

/// What becomes of files that stand where the report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// They are left alone, and nothing is written.
    Keep,
    /// They are replaced (`--force`).
    Replace,
}

/// Why there is no case folder. Prints with path and remedy.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The report would lie among the evidence.
    #[error("{dir} lies in the evidence {evidence}; name a folder outside it with -o")]
    InsideEvidence {
        /// The folder, resolved.
        dir: PathBuf,
        /// The evidence path, resolved.
        evidence: PathBuf,
    },
    /// Something else stands there.
    #[error("{0} is not a folder; name another with -o")]
    NotAFolder(PathBuf),
    /// A report is there already.
    #[error("{0} exists; name another folder with -o, or replace it with --force")]
    Exists(PathBuf),
    /// The path leads nowhere.
    #[error("{path} cannot be resolved: {source}; check the path with -o")]
    Unresolved {
        /// The path as given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The hits that were put aside on disk cannot be read back.
    #[error("the hits cannot be read back: {0}; check the space for temporary files, then hunt again")]
    Hits(io::Error),
    /// The report could not be written.
    #[error("{path} cannot be written: {source}; check space and permissions, then hunt again")]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl CaseError {
    /// Whether nothing was tried: the fault is in what was asked for, not in the writing.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        !matches!(self, CaseError::Write { .. } | CaseError::Hits(_))
    }
}

/// A folder that may be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFolder {
    dir: PathBuf,
    existing: Existing,
}

impl CaseFolder {
    /// Checks a folder against the evidence; writes nothing. To be called before the hunt.
    ///
    /// # Errors
    /// A refusal: see [`CaseError`].
    pub fn check<P: AsRef<Path>>(dir: &Path, evidence: &[P], existing: Existing) -> Result<Self, CaseError> {
        let unresolved = |source| Err(CaseError::Unresolved { path: dir.to_owned(), source });
        let resolved = resolve(dir, unresolved)?;
        for evidence in evidence.iter().filter(|path| path.as_ref().as_os_str() != STDIN) {
            // Where the system does not say where a path leads, the rest of it leads where it is spelled.
            let Ok(evidence) = resolve(evidence.as_ref(), |_| Ok::<_, Infallible>(()));
            if resolved.starts_with(&evidence) || names().any(|name| resolved.join(name) == evidence) {
                return Err(CaseError::InsideEvidence { dir: resolved, evidence });
            }
        }
        if resolved.exists() && !resolved.is_dir() {
            return Err(CaseError::NotAFolder(resolved));
        }
        let taken = names().map(|name| resolved.join(name)).find(|path| path.symlink_metadata().is_ok());
        match taken {
            Some(path) if existing == Existing::Keep => Err(CaseError::Exists(path)),
            _ => Ok(CaseFolder { dir: resolved, existing }),
        }
    }

    /// The folder, absolute, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Writes all files under temporary names, then gives them their own. Files can be read and written
    /// by their owner only, as tempfile makes them (0600).
    ///
    /// # Errors
    /// [`CaseError::Write`]; or [`CaseError::Exists`] if a file appeared since the check.
    pub fn write(&self, report: &Report<'_>) -> Result<(), CaseError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| CaseError::Write { path, source }
        };
        fs::create_dir_all(&self.dir).map_err(failed(&self.dir))?;
        let mut files = Vec::new();
        for name in names() {
            files.push(Pending::create(self.dir.join(name)).map_err(failed(&self.dir.join(name)))?);
        }
        write_all(report, &mut files)?;
        write_manifest(report, &mut files)?;
        // All are on disk before the first gets its name, so that a full disk leaves no half report.
        let files = files.into_iter().map(Pending::finish).collect::<Result<Vec<_>, _>>()?;
        if self.existing == Existing::Replace {
            self.withdraw().map_err(failed(&self.dir.join(MANIFEST)))?;
        }
        for (path, file) in files {
            self.keep(path, file)?;
        }
        self.sync().map_err(failed(&self.dir))
    }

    /// Takes the manifest of an older report away, for good. The new one comes last: a folder whose files are of two
    /// reports has none.
    fn withdraw(&self) -> io::Result<()> {
        match fs::remove_file(self.dir.join(MANIFEST)) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Brings the names of the files to the disk.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }

    fn keep(&self, path: PathBuf, file: NamedTempFile) -> Result<(), CaseError> {
        let kept = match self.existing {
            Existing::Keep => file.persist_noclobber(&path),
            Existing::Replace => file.persist(&path),
        };
        match kept.map_err(|error| error.error) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(CaseError::Exists(path)),
            Err(source) => Err(CaseError::Write { path, source }),
        }
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|(name, _)| *name).chain([LEDGER, MANIFEST])
}

/// A file under a temporary name; it vanishes unless it is kept.
struct Pending {
    path: PathBuf,
    out: BufWriter<Digesting>,
}

/// A file, and the digest of what has been written to it.
struct Digesting {
    file: NamedTempFile,
    sha256: Sha256,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Pending {
    fn create(path: PathBuf) -> io::Result<Self> {
        let dir = path.parent().unwrap_or(Path::new("."));
        let file = Digesting { file: NamedTempFile::new_in(dir)?, sha256: Sha256::new() };
        let out = BufWriter::with_capacity(1 << 16, file);
        Ok(Pending { path, out })
    }

    /// Runs `write` on the file; a failure is told with the file's path.
    fn with(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CaseError> {
        write(&mut self.out).map_err(|source| CaseError::Write { path: self.path.clone(), source })
    }

    /// The digest of all that was written.
    fn digest(&mut self) -> Result<String, CaseError> {
        self.with(|out| out.flush())?;
        Ok(hex(&self.out.get_ref().sha256.clone().finalize()))
    }

    /// Brings the file to the disk.
    fn finish(self) -> Result<(PathBuf, NamedTempFile), CaseError> {
        let flushed = self.out.into_inner().map_err(io::IntoInnerError::into_error);
        let synced = flushed.and_then(|digesting| {
            let file = digesting.file;
            file.as_file().sync_all().map(|()| file)
        });
        match synced {
            Ok(file) => Ok((self.path, file)),
            Err(source) => Err(CaseError::Write { path: self.path, source }),
        }
    }
}

/// Goes through the hits once and writes each to every format; `files` are in the order of [`names`].
fn write_all(report: &Report<'_>, files: &mut [Pending]) -> Result<(), CaseError> {
    for ((_, format), file) in FORMATS.iter().zip(&mut *files) {
        file.with(|out| format.begin(report, out))?;
    }
    let mut failure = None;
    let mut twins = Twins::default();
    let visited = report.hits.each(&mut |hit| {
        let view = twins.look(View::new(report, hit));
        for ((_, format), file) in FORMATS.iter().zip(&mut *files) {
            if let Err(error) = file.with(|out| format.hit(&view, out)) {
                failure = Some(error);
                return Err(io::ErrorKind::Other.into());
            }
        }
        Ok(())
    });
    match (failure, visited) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(CaseError::Hits(error)),
        (None, Ok(())) => files[FORMATS.len()].with(|out| ledger_json::write(report, out)),
    }
}

/// Writes the last file, about the others.
fn write_manifest(report: &Report<'_>, files: &mut [Pending]) -> Result<(), CaseError> {
    let Some((manifest, others)) = files.split_last_mut() else { return Ok(()) };
    let mut digests = BTreeMap::new();
    for (name, file) in names().zip(others) {
        digests.insert(name.to_owned(), file.digest()?);
    }
    manifest.with(|out| Manifest::of(report, digests).write(out))
}

/// The path without links and `..`; what does not exist yet is put behind the nearest parent that does. `trouble` is
/// told what the system cannot look at: it gives the error to end with, or the path stays there as it is spelled.
fn resolve<E>(path: &Path, trouble: impl Fn(io::Error) -> Result<(), E>) -> Result<PathBuf, E> {
    let mut resolved = PathBuf::new();
    match std::env::current_dir().and_then(fs::canonicalize) {
        Ok(current) => resolved = current,
        Err(error) => trouble(error)?,
    }
    for component in path.components() {
        resolved.push(component);
        match resolved.symlink_metadata() {
            Ok(_) => match fs::canonicalize(&resolved) {
                Ok(real) => resolved = real,
                Err(error) => trouble(error)?,
            },
            Err(error) if error.kind() != io::ErrorKind::NotFound => trouble(error)?,
            // `..` behind a folder that is not there: what a shell's `mkdir -p` would make of it.
            Err(_) if component == Component::ParentDir => {
                resolved.pop();
                resolved.pop();
            }
            Err(_) => {}
        }
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests;
