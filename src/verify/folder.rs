//! Whether a case folder's files are those that were written.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Error;
use super::claim::HITS;
use crate::evidence::hex;
use crate::report::case::MANIFEST;
use crate::report::encode::sha256;
use crate::report::manifest::Manifest;

/// A file of the case folder that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// Its name.
    pub name: String,
    /// What is wrong.
    pub reason: String,
}

/// The manifest, and the digest of its file.
pub(super) fn manifest(case: &Path) -> Result<(Manifest, String), Error> {
    let path = case.join(MANIFEST);
    let text = read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound if case.join(HITS).exists() => Error::Unfinished(case.to_owned()),
        _ => Error::Unreadable { path: path.clone(), source },
    })?;
    let manifest = serde_json::from_slice(&text).map_err(|source| Error::NoManifest { path, source })?;
    Ok((manifest, sha256(&text)))
}

/// Files that are missing or were altered.
pub(super) fn faults(case: &Path, manifest: &Manifest) -> Result<Vec<FileFault>, Error> {
    let mut faults = Vec::new();
    for (name, then) in &manifest.files {
        // A name that leads elsewhere is no name of a file in this folder.
        if Path::new(name).file_name() != Some(name.as_ref()) {
            faults.push(FileFault { name: name.clone(), reason: "no file of a case folder".to_owned() });
            continue;
        }
        let reason = match digest(&case.join(name)) {
            Ok(now) if now == *then => continue,
            Ok(_) => "it was altered after it was written".to_owned(),
            Err(error) => error.to_string(),
        };
        faults.push(FileFault { name: name.clone(), reason });
    }
    Ok(faults)
}

/// Opens a file of a case folder. One that somebody put a FIFO or a device in place of would hang whoever reads it.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::other("it is no regular file, nor a link to one"))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn digest(path: &Path) -> io::Result<String> {
    let mut file = open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}
