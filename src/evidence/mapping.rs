//! A file mapped read-only, or read if it is small.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use memmap2::{Advice, Mmap};

use super::guard::{self, Watch};
use jiff::Timestamp;

/// A file's bytes. If the file shrinks under the map, the bytes that are gone read as zero and
/// [`Mapping::lost_from`] says where they began; the process lives on.
#[derive(Debug)]
pub struct Mapping {
    content: Content,
    path: PathBuf,
    stamp: Stamp,
    size: u64,
    modified: Option<Timestamp>,
}

/// Files smaller than this are read: mapping 12,337 files of 5 KB, touching and unmapping them takes 0.13 CPU seconds,
/// reading them 0.05.
const SMALL: u64 = 64 << 10;

#[derive(Debug)]
enum Content {
    /// The watch goes first, before the addresses can belong to another map.
    Mapped(Watch, Mmap),
    /// What became of a small file that shrank before it was read reads as zero, as in a map.
    Read { bytes: Vec<u8>, lost_from: Option<u64> },
}

/// What tells a file from any other, and from itself after a change. Whoever writes to a file can set its time of
/// modification back, but not the time of its inode's last change.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Mapping {
    /// Opens `path` for reading and maps all of it, or reads it if it is small.
    ///
    /// # Errors
    /// What `open`, `fstat`, `mmap` and `read` say; or that this is no regular file.
    pub fn open(path: &Path) -> io::Result<Self> {
        // A FIFO that took the file's place since the walk would keep `open` waiting.
        let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("something else took the file's place"));
        }
        let size = metadata.len();
        let content = if size < SMALL { read(&file, size)? } else { map(&file)? };
        let (path, stamp) = (path.to_owned(), Stamp::of(&metadata));
        Ok(Self { content, path, stamp, size, modified: modified(&metadata) })
    }

    /// All bytes, as many as there were when the file was opened.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Mapped(_, map) => map,
            Content::Read { bytes, .. } => bytes,
        }
    }

    /// Size in bytes when the file was opened.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Time of last modification when the file was opened.
    #[must_use]
    pub fn modified(&self) -> Option<Timestamp> {
        self.modified
    }

    /// Lets go of the pages within `range`: they would go on counting as this process's memory. They stay
    /// in the system's cache, and are read from there if they are asked for again. Ranges come in order: what an
    /// earlier one had to leave goes with the next.
    pub fn release(&self, range: Range<usize>) {
        const PAGE: usize = 4096;
        // A page that two ranges share is left to the second, whose reading brings back pages before it, too: the
        // kernel maps so many around the one that is asked for.
        const AROUND: usize = 64 << 10;
        let Content::Mapped(_, map) = &self.content else { return };
        let start = range.start.saturating_sub(AROUND) / PAGE * PAGE;
        let end = range.end.min(map.len()) / PAGE * PAGE;
        if start < end {
            #[expect(unsafe_code, reason = "without it, peak memory is the size of the evidence")]
            // SAFETY: MADV_DONTNEED throws the pages' content away; in a private map of a file that was
            // never written to, the next read finds the file's bytes again, and in the zero pages that
            // `guard` may have put there it finds zeros again. No reader can tell the difference.
            let advised =
                unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, end - start) };
            // Advice only: a refusal costs memory, not evidence.
            drop(advised);
        }
    }

    /// Where the file ended when a read first went past its end; `None` if none did.
    #[must_use]
    pub fn lost_from(&self) -> Option<u64> {
        match &self.content {
            Content::Mapped(watch, _) => watch.lost_from(),
            Content::Read { lost_from, .. } => *lost_from,
        }
    }

    /// Whether the name leads to anything but the file that was opened, as it was then: it was written to, removed,
    /// or another file took its name.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        fs::metadata(&self.path).map_or(true, |now| Stamp::of(&now) != self.stamp)
    }
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    Timestamp::try_from(metadata.modified().ok()?).ok()
}

fn read(mut file: &File, size: u64) -> io::Result<Content> {
    let length = usize::try_from(size).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(length);
    file.by_ref().take(size).read_to_end(&mut bytes)?;
    let lost_from = (bytes.len() < length).then_some(bytes.len() as u64);
    bytes.resize(length, 0);
    Ok(Content::Read { bytes, lost_from })
}

fn map(file: &File) -> io::Result<Content> {
    #[expect(unsafe_code, reason = "evidence is larger than memory; a map is how it is read without copies")]
    // SAFETY: the map is private and read-only, so this process cannot change the file. Another process
    // may: bytes that change are only ever read as `u8`, every value of which is valid, and each decoder
    // and parser takes any bytes. Bytes that vanish raise SIGBUS, which `guard` turns into zero pages.
    let map = unsafe { Mmap::map(file)? };
    // Advice only: a file system that does not know it reads as before.
    drop(map.advise(Advice::Sequential));
    let watch = guard::watch(&map)?;
    Ok(Content::Mapped(watch, map))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cut_under_the_map_reads_as_zeros_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        let mapping = Mapping::open(&path).unwrap();
        assert_eq!(mapping.bytes()[1 << 19], b'x');
        File::options().write(true).open(&path).unwrap().set_len(4096).unwrap();
        assert_eq!(mapping.bytes().iter().filter(|byte| **byte == b'x').count(), 4096);
        assert_eq!(mapping.lost_from(), Some(4096));
        assert!(mapping.has_changed());
    }

    /// Two files of one size and time; the first has a second name, so that it goes on to exist.
    #[test]
    fn a_file_whose_name_goes_to_another_one_like_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let time = std::time::SystemTime::UNIX_EPOCH;
        for (name, text) in [("log", "one"), ("other", "two")] {
            fs::write(at(name), text).unwrap();
            File::options().write(true).open(at(name)).unwrap().set_modified(time).unwrap();
        }
        fs::hard_link(at("log"), at("second name")).unwrap();
        let mapping = Mapping::open(&at("log")).unwrap();
        assert!(!mapping.has_changed());
        fs::rename(at("other"), at("log")).unwrap();
        assert!(mapping.has_changed());
    }

    #[test]
    fn a_file_that_was_written_to_and_has_its_old_time_again_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "one").unwrap();
        let mapping = Mapping::open(&path).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        // The clock of a file system goes in steps of a few milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(50));
        let mut file = File::options().write(true).open(&path).unwrap();
        io::Write::write_all(&mut file, b"two").unwrap();
        file.set_modified(modified).unwrap();
        assert!(mapping.has_changed());
    }
}
