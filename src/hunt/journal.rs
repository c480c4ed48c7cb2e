//! The journal of a hunt: what the workers sent, so that a hunt that was killed can go on.
//!
//! The plan is the same whenever evidence and options are, and the fold makes the same of the same parts. So
//! the journal holds messages and nothing else: a resumed hunt plans anew, and where the journal has all
//! messages of a unit, nobody works on it again.
//!
//! On disk: `coldtrail journal 1\n`, then entries: length (u32, little endian), the first 16 bytes of BLAKE3 over
//! the payload, the payload. The first payload is the caller's header, the others are messages in postcard; an empty
//! one says that the hunt was resumed here.
//! What follows the first entry that does not hold was being written when the program died.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::unit::Part;

const MAGIC: &[u8] = b"coldtrail journal 1\n";
const DIGEST: usize = 16;

/// How much work a power cut may cost; a kill costs none.
const SYNC_EVERY: Duration = Duration::from_secs(10);

/// A journal that is open.
#[derive(Debug)]
pub struct Journal {
    out: BufWriter<File>,
    /// Memory for the next payload.
    payload: Vec<u8>,
    /// Where the next entry goes.
    end: u64,
    synced: Instant,
    /// For each unit that is done, where its messages stand.
    done: HashMap<u64, Vec<u64>>,
    /// The first failure to write; nothing is written after it.
    failed: Option<io::Error>,
}

impl Journal {
    /// Begins a journal at `path`, where nothing may stand.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, header: &[u8]) -> io::Result<Self> {
        // It holds what the reports will hold, which are for their owner only.
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let mut journal = Self::at(file, 0, HashMap::new());
        if let Err(error) = journal.begin(header) {
            // Without its header nobody could go on with it, and it would stand in the way.
            drop(std::fs::remove_file(path));
            return Err(error);
        }
        Ok(journal)
    }

    fn begin(&mut self, header: &[u8]) -> io::Result<()> {
        self.out.write_all(MAGIC)?;
        self.end = MAGIC.len() as u64;
        self.append(header)?;
        self.sync()
    }

    /// Opens the journal at `path` to go on with it; gives its header.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn open(path: &Path) -> io::Result<(Vec<u8>, Self)> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut entries = Entries::new(&mut file)?;
        let header =
            entries.next()?.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no header"))?.1;
        let mut begun: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut done = HashMap::new();
        while let Some((at, payload)) = entries.next()? {
            let Ok((number, is_part)) = postcard::from_bytes::<(u64, bool)>(&payload) else {
                // A new beginning: what was not done by then is done again, from its first part.
                begun.clear();
                continue;
            };
            if is_part {
                begun.entry(number).or_default().push(at);
            } else {
                done.insert(number, begun.remove(&number).unwrap_or_default());
            }
        }
        let end = entries.at;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let mut journal = Self::at(file, end, done);
        journal.append(&[])?;
        Ok((header, journal))
    }

    fn at(file: File, end: u64, done: HashMap<u64, Vec<u64>>) -> Self {
        let out = BufWriter::with_capacity(1 << 16, file);
        Self { out, payload: Vec::new(), end, synced: Instant::now(), done, failed: None }
    }

    /// Writes down a message; a failure is kept for [`Journal::failure`].
    pub(super) fn note(&mut self, number: u64, part: Option<&Part>) {
        if self.failed.is_none()
            && let Err(error) = self.try_note(number, part)
        {
            self.failed = Some(error);
        }
    }

    fn try_note(&mut self, number: u64, part: Option<&Part>) -> io::Result<()> {
        // A part follows the `true`: what `Option` is in postcard.
        let mut payload = std::mem::take(&mut self.payload);
        payload.clear();
        let payload = postcard::to_extend(&(number, part), payload).map_err(io::Error::other)?;
        self.append(&payload)?;
        self.payload = payload;
        if part.is_none() {
            self.out.flush()?;
            if self.synced.elapsed() >= SYNC_EVERY {
                self.sync()?;
            }
        }
        Ok(())
    }

    fn append(&mut self, payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&blake3::hash(payload).as_bytes()[..DIGEST])?;
        self.out.write_all(payload)?;
        self.end += 4 + DIGEST as u64 + u64::from(length);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_data()?;
        self.synced = Instant::now();
        Ok(())
    }

    /// The parts of a unit that was done before; `None` if it was not, or they cannot be read back.
    pub(super) fn replay(&mut self, number: u64) -> Option<Vec<Part>> {
        let places = self.done.remove(&number)?;
        let read = places.into_iter().map(|at| self.part_at(at)).collect::<io::Result<Option<Vec<Part>>>>();
        // What cannot be read back is done again; the file goes on at its end.
        let sought = self.out.seek(SeekFrom::Start(self.end));
        match (read, sought) {
            (Ok(parts), Ok(_)) => parts,
            (_, Err(error)) => {
                self.failed.get_or_insert(error);
                None
            }
            (Err(_), Ok(_)) => None,
        }
    }

    fn part_at(&mut self, at: u64) -> io::Result<Option<Part>> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(at))?;
        let payload = read_entry(file)?;
        let message = payload.and_then(|payload| postcard::from_bytes::<(u64, Option<Part>)>(&payload).ok());
        Ok(message.and_then(|(_, part)| part))
    }

    /// Why the journal ends before the hunt did, if it does.
    #[must_use]
    pub fn failure(&self) -> Option<&io::Error> {
        self.failed.as_ref()
    }
}

/// The sound entries of a journal from its beginning.
struct Entries<'f> {
    file: BufReader<&'f mut File>,
    /// Where the next one stands.
    at: u64,
}

impl<'f> Entries<'f> {
    fn new(file: &'f mut File) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a journal"));
        }
        Ok(Self { file, at: MAGIC.len() as u64 })
    }

    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let at = self.at;
        let payload = read_entry(&mut self.file)?;
        self.at += payload.as_ref().map_or(0, |payload| (4 + DIGEST + payload.len()) as u64);
        Ok(payload.map(|payload| (at, payload)))
    }
}

/// The payload of the entry that begins here; `None` if there is no sound one.
fn read_entry(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4 + DIGEST];
    match from.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [a, b, c, d, digest @ ..] = head;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let mut payload = Vec::new();
    from.take(length).read_to_end(&mut payload)?;
    let holds = payload.len() as u64 == length && blake3::hash(&payload).as_bytes()[..DIGEST] == digest;
    Ok(holds.then_some(payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Tally;

    fn part(read: u64) -> Part {
        Part::Tally(Tally { read, ..Tally::default() })
    }

    fn reads(parts: Option<Vec<Part>>) -> Option<Vec<u64>> {
        let read = |part| if let Part::Tally(tally) = part { tally.read } else { u64::MAX };
        parts.map(|parts| parts.into_iter().map(read).collect())
    }

    #[test]
    fn units_that_were_done_come_back_and_others_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, b"header").expect("it can be written");
        assert!(Journal::create(&path, b"header").is_err(), "never over another");
        for (number, message) in
            [(1, Some(11)), (0, Some(1)), (1, Some(12)), (1, None), (3, None), (0, Some(2))]
        {
            journal.note(number, message.map(part).as_ref());
        }
        drop(journal);
        let whole = std::fs::read(&path).expect("it is there");
        for cut in MAGIC.len() + 30..=whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("it can be written");
            let (header, mut journal) = Journal::open(&path).expect("it is a journal");
            assert_eq!(header, b"header");
            assert_eq!(reads(journal.replay(0)), None);
            let one = reads(journal.replay(1));
            assert!(one.is_none() || one == Some(vec![11, 12]), "{one:?}");
            // It goes on, whatever was cut.
            journal.note(7, Some(&part(70)));
            journal.note(7, None);
            drop(journal);
            let (_, mut journal) = Journal::open(&path).expect("it is a journal");
            assert_eq!(reads(journal.replay(7)), Some(vec![70]));
            assert!(journal.failure().is_none());
        }
        std::fs::write(&path, &whole).expect("it can be written");
        let (_, mut journal) = Journal::open(&path).expect("it is a journal");
        assert_eq!(reads(journal.replay(3)), Some(vec![]));
        assert_eq!(reads(journal.replay(1)), Some(vec![11, 12]));
    }
}
