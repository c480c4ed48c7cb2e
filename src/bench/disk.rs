//! How fast files can be read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, fadvise};
use serde::Serialize;

use super::Error;
use super::clock::{Cost, timed};

/// Asked for at once.
const BUFFER: usize = 1 << 20;

/// All files read from front to back, one after the other, and nothing done with the bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Disk {
    /// With nothing in the system's cache. What lies below the system may still cache: a RAID controller, the host
    /// of a virtual machine.
    pub cold: Cost,
    /// From the system's cache.
    pub warm: Cost,
}

/// Asks the system to drop what its cache holds of the files (`POSIX_FADV_DONTNEED`); they stay as they are.
pub(super) fn forget(files: &[(PathBuf, u64)]) -> Result<(), Error> {
    each(files, |path| {
        let file = File::open(path)?;
        // Pages that have not been written yet, as of a corpus that was just made, would stay.
        file.sync_data()?;
        Ok(fadvise(file, 0, None, Advice::DontNeed)?)
    })
}

/// Reads all files.
pub(super) fn read(files: &[(PathBuf, u64)]) -> Result<Cost, Error> {
    let mut buffer = vec![0; BUFFER];
    let (outcome, cost) = timed(|| each(files, |path| drain(path, &mut buffer)));
    outcome.map(|()| cost)
}

fn drain(path: &Path, buffer: &mut [u8]) -> io::Result<()> {
    let mut file = File::open(path)?;
    while file.read(buffer)? > 0 {}
    Ok(())
}

fn each(files: &[(PathBuf, u64)], mut work: impl FnMut(&Path) -> io::Result<()>) -> Result<(), Error> {
    files.iter().try_for_each(|(path, _)| work(path).map_err(|error| Error::Unreadable(path.clone(), error)))
}
