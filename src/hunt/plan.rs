//! Cuts evidence into units of work, in evidence order, no further ahead than it is asked.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::archive::{Codec, Extent};
use crate::evidence::{Digest, Found, Mapping, Outcome};
use crate::ledger::{Gap, Identity, Integrity, Reason, SourceAccount, Tally};
use crate::limits;
use crate::record::Content;

use super::Cancel;
use super::layers::{self, Probe};
use super::stream::interrupted;
use super::unit::{Chain, Part, Planned, Segment, Source, Work};

/// How the plan is to be made.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) chunk: usize,
    pub(super) window: u64,
    pub(super) digests: Vec<Digest>,
}

/// The plan: an iterator over what is to be done.
pub(super) struct Plan<'c> {
    settings: Settings,
    cancel: &'c Cancel,
    rest: std::vec::IntoIter<Found>,
    next_index: u32,
    /// The source that is being cut.
    open: Option<Cutter>,
    queue: VecDeque<Planned>,
}

/// A file on its way into units.
struct Cutter {
    source: Arc<Source>,
    chain: Chain,
    at: usize,
}

impl<'c> Plan<'c> {
    pub(super) fn new(found: Vec<Found>, settings: Settings, cancel: &'c Cancel) -> Self {
        Self { settings, cancel, rest: found.into_iter(), next_index: 0, open: None, queue: VecDeque::new() }
    }

    fn open_next(&mut self, found: Found) {
        let index = self.next_index;
        self.next_index += 1;
        let mut account = SourceAccount { path: found.path, ..SourceAccount::default() };
        account.entries = layers::entries(&[]);
        match found.outcome {
            Outcome::Unreadable(error) => self.open_unreadable(account, &error),
            Outcome::Stdin => {
                self.queue.push_back(Planned::Open(Box::new(account)));
                let source = Arc::new(Source { index, mapping: None });
                self.queue.push_back(Planned::Unit(Arc::clone(&source), Work::Stdin));
                self.queue.push_back(Planned::Close(Some(source)));
            }
            Outcome::File(size) if self.cancel.is_set() => {
                account.identity.size = size;
                self.queue.push_back(Planned::Open(Box::new(account)));
                self.unread(interrupted(0..size));
                self.queue.push_back(Planned::Close(None));
            }
            Outcome::File(_) => match Mapping::open(&account.path) {
                Ok(mapping) => self.open_file(index, account, mapping),
                Err(error) => self.open_unreadable(account, &error),
            },
        }
    }

    fn open_unreadable(&mut self, account: SourceAccount, error: &std::io::Error) {
        let size = account.identity.size;
        self.queue.push_back(Planned::Open(Box::new(account)));
        let detail = format!("cannot be read: {error}");
        self.unread(Gap { entry: 0, bytes: 0..size, decoded: None, reason: Reason::Unreadable, detail });
        self.queue.push_back(Planned::Close(None));
    }

    fn open_file(&mut self, index: u32, mut account: SourceAccount, mapping: Mapping) {
        let probe = layers::probe(mapping.bytes(), self.settings.window);
        account.container = layers::describe(&probe.chain);
        account.entries = layers::entries(&probe.chain);
        account.identity =
            Identity { size: mapping.size(), modified: mapping.modified(), ..Identity::default() };
        let size = mapping.size();
        let source = Arc::new(Source { index, mapping: Some(mapping) });
        self.queue.push_back(Planned::Open(Box::new(account)));
        for digest in &self.settings.digests {
            self.queue.push_back(Planned::Unit(Arc::clone(&source), Work::Digest(*digest)));
        }
        self.queue.extend(notes(&probe, Some(size)).into_iter().map(note));
        let at = if probe.too_deep { source.bytes().len() } else { 0 };
        self.open = Some(Cutter { source, chain: probe.chain, at });
    }

    /// A gap whose bytes no unit will count.
    fn unread(&mut self, gap: Gap) {
        let unread = gap.bytes.end - gap.bytes.start;
        self.queue.push_back(note(Part::Tally(Tally { unread, ..Tally::default() })));
        self.queue.push_back(note(Part::Gap(gap)));
    }

    /// Takes the next piece off the open source; `false` at its end.
    fn cut(&mut self, cutter: &mut Cutter) -> bool {
        let source = Arc::clone(&cutter.source);
        let bytes = source.bytes();
        if cutter.at == bytes.len() {
            return false;
        }
        if self.cancel.is_set() {
            self.unread(interrupted(cutter.at as u64..bytes.len() as u64));
            cutter.at = bytes.len();
            return true;
        }
        let from = cutter.at;
        let planned = match cutter.chain.as_slice() {
            [] => {
                cutter.at = from.saturating_add(self.settings.chunk).min(bytes.len());
                Planned::Unit(source, Work::Range(from..cutter.at))
            }
            [codec] => {
                let (planned, next) = cut_archive(*codec, &source, from, self.settings.chunk);
                cutter.at = next;
                planned
            }
            _ => {
                cutter.at = bytes.len();
                Planned::Unit(source, Work::Stream(from..cutter.at, cutter.chain.clone()))
            }
        };
        self.queue.push_back(planned);
        true
    }
}

impl Iterator for Plan<'_> {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        loop {
            if let Some(planned) = self.queue.pop_front() {
                return Some(planned);
            }
            if let Some(mut cutter) = self.open.take() {
                if self.cut(&mut cutter) {
                    self.open = Some(cutter);
                } else {
                    self.queue.push_back(Planned::Close(Some(cutter.source)));
                }
                continue;
            }
            let found = self.rest.next()?;
            self.open_next(found);
        }
    }
}

/// What must be written down of a source before it is read. `size` is that of a file.
pub(super) fn notes(probe: &Probe, size: Option<u64>) -> Vec<Part> {
    let mut notes = Vec::new();
    let end = size.unwrap_or(0);
    if probe.too_deep {
        let detail = format!("archives lie more than {} deep in one another here", limits::NESTING);
        notes.push(Part::Tally(Tally { unread: end, ..Tally::default() }));
        notes.push(gap(Reason::NestedTooDeep, 0..end, detail));
    } else if let Content::Unknown(what) = probe.content {
        notes.push(gap(Reason::UnknownFormat, 0..end, format!("{what}; scanned as lines")));
    }
    if probe.chain.is_empty() {
        notes.push(Part::Integrity(Integrity::NoChecksum));
    }
    notes
}

fn note(part: Part) -> Planned {
    Planned::Note(Box::new(part))
}

fn gap(reason: Reason, bytes: Range<u64>, detail: String) -> Part {
    Part::Gap(Gap { entry: 0, bytes, decoded: None, reason, detail })
}

/// The next piece of an archive, and where the one after it begins.
fn cut_archive(
    codec: &'static dyn Codec,
    source: &Arc<Source>,
    from: usize,
    chunk: usize,
) -> (Planned, usize) {
    let bytes = source.bytes();
    let segments = gather(codec, bytes, from, chunk);
    if let Some(last) = segments.last() {
        let next = last.range.end;
        return (Planned::Unit(Arc::clone(source), Work::Segments(segments)), next);
    }
    if let Some(padding) = padding(codec, &bytes[from..]) {
        let framing = Tally { framing: padding as u64, ..Tally::default() };
        return (note(Part::Tally(framing)), from + padding);
    }
    // A segment that must be streamed, or damage: the stream finds its way through either.
    let next = match reach(codec, &bytes[from..]) {
        Some((length, _)) => from + length,
        None => bytes.len(),
    };
    // Where no segment follows, the stream goes on to the next one, and tells what lies between.
    let next = if is_boundary(codec, &bytes[next..]) {
        next
    } else {
        codec.find(&bytes[next..]).map_or(bytes.len(), |at| next + at)
    };
    (Planned::Unit(Arc::clone(source), Work::Stream(from..next, vec![codec])), next)
}

/// Segments from `from` on that say how large they are, until they make a chunk together.
fn gather(codec: &'static dyn Codec, bytes: &[u8], from: usize, chunk: usize) -> Vec<Segment> {
    let (mut segments, mut at, mut total) = (Vec::new(), from, 0);
    while total < chunk
        && let Some((length, Some(decoded))) = reach(codec, &bytes[at..])
        && total + decoded <= usize::try_from(limits::WHOLE_SEGMENT).unwrap_or(usize::MAX)
        && is_boundary(codec, &bytes[at + length..])
    {
        segments.push(Segment { codec, range: at..at + length, decoded });
        at += length;
        total += decoded;
    }
    segments
}

/// Length of the segment at the beginning of `bytes`, encoded and, if it says so, decoded.
fn reach(codec: &dyn Codec, bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    if !codec.starts(bytes) {
        return None;
    }
    match codec.extent(bytes, limits::SEGMENT_WALK) {
        Extent::Known { encoded, decoded } => {
            let encoded = usize::try_from(encoded).ok().filter(|length| *length <= bytes.len())?;
            Some((encoded, decoded.and_then(|decoded| usize::try_from(decoded).ok())))
        }
        Extent::Unknown | Extent::Damaged => None,
    }
}

/// Whether a segment may end where `rest` begins: if not, its own framing is not to be trusted.
fn is_boundary(codec: &dyn Codec, rest: &[u8]) -> bool {
    rest.is_empty() || codec.starts(rest) || padding(codec, rest).is_some()
}

/// Length of the padding at the beginning of `bytes`, if all of it is there.
fn padding(codec: &dyn Codec, bytes: &[u8]) -> Option<usize> {
    let length = codec.padding(bytes).and_then(|length| usize::try_from(length).ok())?;
    (length <= bytes.len()).then_some(length)
}
