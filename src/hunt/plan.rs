//! Cuts evidence into units of work, in evidence order, no further ahead than it is asked.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::archive::{Budget, Fault, Input, Item, Member, Members, Method, Tar, Zip};
use crate::evidence::{Digest, Found, Mapping, Outcome};
use crate::ledger::{Gap, Identity, Integrity, Reason, SourceAccount, Tally};
use crate::limits;
use crate::record::{Archive, Content, Records, whole_chunks};

use super::Cancel;
use super::probe::{self, Probe};
use super::segments::cut_archive;
use super::stream::interrupted;
use super::unit::{Chain, Part, Planned, Reel, Source, Work};

/// How the plan is to be made.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) chunk: usize,
    /// For looking into sources: the beginning of one touches little of its window.
    pub(super) windows: Budget,
    pub(super) digests: Vec<Digest>,
}

/// The plan: an iterator over what is to be done.
pub(super) struct Plan<'c> {
    settings: Settings,
    cancel: &'c Cancel,
    rest: std::vec::IntoIter<Found>,
    next_index: u32,
    /// The source that is being cut, and the members of archives in it, one in the other.
    open: Vec<Cutter>,
    queue: VecDeque<Planned>,
}

/// A file, or a member of an archive in it, on its way into units.
struct Cutter {
    source: Arc<Source>,
    /// Where it lies in the file.
    region: Range<usize>,
    at: usize,
    /// What is known of it; its range is yet to be filled in.
    reel: Reel,
    /// The members, if it is an archive that lies in the file as it is.
    members: Option<Members>,
    /// Bytes that no segment and no member holds: up to here they are scanned as lines, and then told of.
    stray: Option<(usize, Gap)>,
}

impl Cutter {
    fn new(source: Arc<Source>, region: Range<usize>, probe: Probe, suffix: String) -> Self {
        let Probe { layout, nesting, too_deep, start } = probe;
        let bytes = &source.bytes()[region.clone()];
        let members = match layout.content {
            Content::Archive(Archive::Tar) if layout.chain.is_empty() => Some(Members::Tar(Tar::default())),
            // Without a sound directory it is streamed.
            Content::Archive(Archive::Zip) if layout.chain.is_empty() => {
                Zip::by_directory(bytes).map(Members::Zip)
            }
            _ => None,
        };
        let at = if too_deep { region.end } else { region.start };
        let stray = (start > 0).then(|| {
            let detail = "neither an archive nor records: scanned as lines".to_owned();
            let bytes = 0..start as u64;
            (region.start + start, Gap { entry: 0, bytes, decoded: None, reason: Reason::Garbage, detail })
        });
        let reel = Reel { range: 0..0, base: region.start, checksum: None, layout, suffix, nesting };
        Self { source, region, at, reel, members, stray }
    }

    /// All of it that is left, as one unit.
    fn stream(&mut self) -> Planned {
        let range = self.at..self.region.end;
        self.at = range.end;
        Planned::Unit(Arc::clone(&self.source), Work::Stream(Box::new(Reel { range, ..self.reel.clone() })))
    }
}

impl<'c> Plan<'c> {
    pub(super) fn new(found: Vec<Found>, settings: Settings, cancel: &'c Cancel) -> Self {
        Self {
            settings,
            cancel,
            rest: found.into_iter(),
            next_index: 0,
            open: Vec::new(),
            queue: VecDeque::new(),
        }
    }

    fn open_next(&mut self, found: Found) {
        let index = self.next_index;
        self.next_index += 1;
        let mut account = SourceAccount { path: found.path, ..SourceAccount::default() };
        account.entries = vec![String::new()];
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
        let probe = probe::probe(mapping.bytes(), Vec::new(), 0, &self.settings.windows);
        account.container = probe::describe(&probe.layout);
        account.entries = probe::entries("", &probe.layout);
        account.identity =
            Identity { size: mapping.size(), modified: mapping.modified(), ..Identity::default() };
        let size = mapping.size();
        let source = Arc::new(Source { index, mapping: Some(mapping) });
        self.queue.push_back(Planned::Open(Box::new(account)));
        for digest in &self.settings.digests {
            self.queue.push_back(Planned::Unit(Arc::clone(&source), Work::Digest(*digest)));
        }
        self.queue.extend(notes(&probe, Some(size)).into_iter().map(note));
        let region = 0..source.bytes().len();
        self.open.push(Cutter::new(source, region, probe, String::new()));
    }

    /// A gap whose bytes no unit will count.
    fn unread(&mut self, gap: Gap) {
        let unread = gap.bytes.end - gap.bytes.start;
        self.queue.push_back(note(Part::Tally(Tally { unread, ..Tally::default() })));
        self.queue.push_back(note(Part::Gap(gap)));
    }

    /// Takes the next piece off the innermost of what is open; `false` at its end.
    fn cut(&mut self, cutter: &mut Cutter) -> bool {
        if let Some((end, gap)) = cutter.stray.take() {
            if cutter.at < end {
                self.cut_lines(cutter, end);
                cutter.stray = Some((end, gap));
            } else {
                self.queue.push_back(note(Part::Gap(gap)));
            }
            return true;
        }
        if let Some(mut members) = cutter.members.take() {
            let goes_on = self.cut_member(cutter, &mut members);
            cutter.members = goes_on.then_some(members);
            return goes_on;
        }
        if cutter.at == cutter.region.end {
            return false;
        }
        let source = Arc::clone(&cutter.source);
        let (from, base) = (cutter.at, cutter.region.start);
        let is_lines = matches!(cutter.reel.layout.content, Content::Blank | Content::Unknown(_))
            || cutter.reel.layout.content == Content::Records(Records::LINES);
        let planned = match cutter.reel.layout.chain.as_slice() {
            [] if is_lines => {
                self.cut_lines(cutter, cutter.region.end);
                return true;
            }
            [] if cutter.reel.layout.content == Content::Records(Records::EVTX) => {
                match whole_chunks(&source.bytes()[from..cutter.region.end], self.settings.chunk) {
                    // Something else stands here, and chunks may no longer lie where they should.
                    0 => cutter.stream(),
                    length => {
                        cutter.at = from + length;
                        Planned::Unit(source, Work::Chunks { range: from..cutter.at, base })
                    }
                }
            }
            [codec] if is_lines && cutter.reel.checksum.is_none() => {
                let (work, next) = cut_archive(
                    *codec,
                    &source.bytes()[..cutter.region.end],
                    from,
                    base,
                    self.settings.chunk,
                );
                cutter.at = next;
                match work {
                    Some(work) => Planned::Unit(source, work),
                    None => framing(next - from),
                }
            }
            _ => cutter.stream(),
        };
        self.queue.push_back(planned);
        true
    }

    /// The next lines before `end`, as they lie.
    fn cut_lines(&mut self, cutter: &mut Cutter, end: usize) {
        let range = cutter.at..cutter.at.saturating_add(self.settings.chunk).min(end);
        cutter.at = range.end;
        let work = Work::Range { range, base: cutter.region.start };
        self.queue.push_back(Planned::Unit(Arc::clone(&cutter.source), work));
    }

    /// Goes to the next member of an archive that lies in the file as it is.
    fn cut_member(&mut self, cutter: &mut Cutter, members: &mut Members) -> bool {
        let source = Arc::clone(&cutter.source);
        let base = cutter.region.start;
        let bytes = &source.bytes()[cutter.region.clone()];
        let mut input = Input::slice(&bytes[cutter.at - base..], (cutter.at - base) as u64);
        let item = members.next(&mut input);
        let reached = base + usize::try_from(input.position()).unwrap_or(bytes.len()).min(bytes.len());
        match item {
            Item::End => {
                self.queue.push_back(framing(cutter.region.end - cutter.at));
                cutter.at = cutter.region.end;
                false
            }
            Item::Gap(gap, fault) => {
                let start = base + usize::try_from(gap.start).unwrap_or(0);
                self.queue.push_back(framing(start - cutter.at));
                cutter.at = start;
                let Fault { reason, detail, .. } = fault;
                let entry = probe::records_entry(&cutter.reel.layout);
                cutter.stray = Some((reached, Gap { entry, bytes: gap, decoded: None, reason, detail }));
                true
            }
            // Only decoding tells where it ends.
            Item::Member(Member { size: None, .. }) => {
                self.open_rest(cutter);
                true
            }
            Item::Member(member) => {
                self.queue.push_back(framing(reached - cutter.at));
                let length = member.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX);
                let region = reached..reached.saturating_add(length).min(cutter.region.end);
                cutter.at = region.end;
                self.open_member(cutter, &member, region);
                true
            }
        }
    }

    /// Has the rest of an archive read from front to back, as one within.
    fn open_rest(&mut self, archive: &mut Cutter) {
        let reel = archive.reel.clone();
        self.queue.push_back(note(Part::Enter(probe::entries(&reel.suffix, &reel.layout))));
        let (source, region, at) = (Arc::clone(&archive.source), archive.region.clone(), archive.at);
        self.open.push(Cutter { source, region, at, reel, members: None, stray: None });
        archive.at = archive.region.end;
    }

    /// Opens a member, unless it is no evidence or cannot be read.
    fn open_member(&mut self, archive: &Cutter, member: &Member, region: Range<usize>) {
        let suffix = format!("{}!{}", archive.reel.suffix, member.name);
        if let Some(reason) = member.is_no_evidence() {
            self.queue.push_back(note(Part::Skipped(suffix, reason.to_owned())));
            self.queue.push_back(framing(region.len()));
            return;
        }
        let (codecs, checksum): (Chain, _) = match &member.method {
            Method::Plain => (Vec::new(), None),
            Method::Coded(codec, checksum) => (vec![*codec], *checksum),
            Method::Refused(detail) => {
                self.queue.push_back(note(Part::Enter(vec![suffix])));
                self.unread(Gap {
                    entry: 0,
                    bytes: 0..region.len() as u64,
                    decoded: None,
                    reason: Reason::Unreadable,
                    detail: detail.clone(),
                });
                self.queue.push_back(note(Part::Leave));
                return;
            }
        };
        let bytes = &archive.source.bytes()[region.clone()];
        let probe = probe::probe(bytes, codecs, archive.reel.nesting, &self.settings.windows);
        self.queue.push_back(note(Part::Enter(probe::entries(&suffix, &probe.layout))));
        self.queue.extend(notes(&probe, Some(bytes.len() as u64)).into_iter().map(note));
        let missing = member.size.filter(|size| *size > bytes.len() as u64 && member.is_plain());
        if let Some(size) = missing {
            let end = bytes.len() as u64;
            let detail =
                format!("the archive ends before this member does; {} bytes are missing", size - end);
            self.queue.push_back(note(gap(Reason::Truncated, end..end, detail)));
        }
        let mut cutter = Cutter::new(Arc::clone(&archive.source), region, probe, suffix);
        cutter.reel.checksum = checksum;
        self.open.push(cutter);
    }

    /// Everything from where the plan stands to the end of the file is not read any more.
    fn give_up(&mut self) {
        let Some(innermost) = self.open.last() else { return };
        let (at, source) = (innermost.at, Arc::clone(&innermost.source));
        for _ in 1..self.open.len() {
            self.queue.push_back(note(Part::Leave));
        }
        self.open.clear();
        let end = source.bytes().len();
        if at < end {
            self.unread(interrupted(at as u64..end as u64));
        }
        self.queue.push_back(Planned::Close(Some(source)));
    }
}

impl Iterator for Plan<'_> {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        loop {
            if let Some(planned) = self.queue.pop_front() {
                return Some(planned);
            }
            if self.cancel.is_set() && !self.open.is_empty() {
                self.give_up();
                continue;
            }
            if let Some(mut cutter) = self.open.pop() {
                let place = self.open.len();
                if self.cut(&mut cutter) {
                    // What was opened meanwhile lies in it.
                    self.open.insert(place, cutter);
                } else if place > 0 {
                    self.queue.push_back(note(Part::Leave));
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
    } else if let Content::Unknown(what) = probe.layout.content {
        notes.push(gap(Reason::UnknownFormat, 0..end, format!("{what}; scanned as lines")));
    }
    if probe.layout.chain.is_empty() {
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

/// So many bytes that hold no records by design.
fn framing(length: usize) -> Planned {
    note(Part::Tally(Tally { framing: length as u64, ..Tally::default() }))
}
