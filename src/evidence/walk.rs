//! Walks the paths a responder names.

use std::collections::{BTreeMap, btree_map::Entry};
use std::fs::{self, FileType, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::ledger::Skipped;

/// The path that means standard input.
pub const STDIN: &str = "-";

/// What the walk came to.
#[derive(Debug)]
pub enum Outcome {
    /// A regular file, with its size at the time of the walk.
    File(u64),
    /// Standard input.
    Stdin,
    /// Something that should have been readable and was not.
    Unreadable(io::Error),
}

/// One source, in evidence order.
#[derive(Debug)]
pub struct Found {
    /// As reached from the command line.
    pub path: PathBuf,
    /// What it is.
    pub outcome: Outcome,
}

/// All that lies below the paths.
#[derive(Debug, Default)]
pub struct Walk {
    /// Sources in evidence order: the paths as given, each folder's entries sorted by name.
    pub found: Vec<Found>,
    /// What was met and is no evidence: links, devices, FIFOs, files met before.
    pub skipped: Vec<Skipped>,
    /// The files met so far, by device and inode.
    seen: BTreeMap<(u64, u64), PathBuf>,
}

/// Walks `paths`. A path that is a link is followed, since it was named; a link inside a folder is not. What is named
/// and is neither file nor folder should have been readable: a shell makes a FIFO of `<(zcat log.gz)`.
#[must_use]
pub fn walk(paths: &[PathBuf]) -> Walk {
    let mut walk = Walk::default();
    for path in paths {
        if path.as_os_str() == STDIN {
            walk.add(path.clone(), Outcome::Stdin);
            continue;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() || metadata.is_dir() => walk.take(path.clone(), &metadata),
            Ok(metadata) => {
                let said = format!("{}; pipe what it holds to `-`", describe(metadata.file_type(), path));
                walk.add(path.clone(), Outcome::Unreadable(io::Error::other(said)));
            }
            Err(error) => walk.add(path.clone(), Outcome::Unreadable(error)),
        }
    }
    walk
}

impl Walk {
    fn add(&mut self, path: PathBuf, outcome: Outcome) {
        self.found.push(Found { path, outcome });
    }

    fn skip(&mut self, path: PathBuf, reason: impl Into<String>) {
        self.skipped.push(Skipped { path, reason: reason.into() });
    }

    /// Takes a path and, if it is a folder, all below it; an own stack, so that depth costs no frames.
    fn take(&mut self, path: PathBuf, metadata: &Metadata) {
        let mut stack = vec![(path, metadata.clone())];
        while let Some((path, metadata)) = stack.pop() {
            if !metadata.is_dir() && !metadata.is_file() {
                let reason = describe(metadata.file_type(), &path);
                self.skip(path, reason);
                continue;
            }
            match self.seen.entry((metadata.dev(), metadata.ino())) {
                Entry::Occupied(first) => {
                    let reason = format!("the same file as {}", first.get().display());
                    self.skip(path, reason);
                    continue;
                }
                Entry::Vacant(place) => place.insert(path.clone()),
            };
            if metadata.is_file() {
                self.add(path, Outcome::File(metadata.len()));
            } else {
                self.list(&path, &mut stack);
            }
        }
    }

    /// Puts a folder's entries on the stack, so that the first name comes off first.
    fn list(&mut self, folder: &Path, stack: &mut Vec<(PathBuf, Metadata)>) {
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => return self.add(folder.to_owned(), Outcome::Unreadable(error)),
        };
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.sort_unstable();
        for path in paths.into_iter().rev() {
            match fs::symlink_metadata(&path) {
                Ok(metadata) => stack.push((path, metadata)),
                Err(error) => self.add(path, Outcome::Unreadable(error)),
            }
        }
    }
}

fn describe(kind: FileType, path: &Path) -> String {
    if kind.is_symlink() {
        let target = fs::read_link(path).unwrap_or_default();
        return format!("symbolic link to {}, not followed: name it to read it", target.display());
    }
    let kind = match kind {
        kind if kind.is_fifo() => "FIFO",
        kind if kind.is_socket() => "socket",
        kind if kind.is_char_device() => "character device",
        kind if kind.is_block_device() => "block device",
        _ => "special file",
    };
    format!("{kind}, not a file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_sorted_and_loops_and_doubles_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("b/deep")).unwrap();
        for name in ["c", "b/deep/z", "b/a", "a"] {
            fs::write(at(name), name).unwrap();
        }
        std::os::unix::fs::symlink(".", at("loop")).unwrap();
        fs::hard_link(at("a"), at("twin")).unwrap();
        let walk = walk(&[folder.path().to_owned(), at("c")]);
        let found: Vec<PathBuf> = walk.found.into_iter().map(|found| found.path).collect();
        assert_eq!(found, ["a", "b/a", "b/deep/z", "c"].map(at));
        let skipped: Vec<PathBuf> = walk.skipped.into_iter().map(|skipped| skipped.path).collect();
        assert_eq!(skipped, ["loop", "twin", "c"].map(at));
    }
}
