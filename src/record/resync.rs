//! Where the next JSON record may begin, after one that is broken.

use memchr::{memchr_iter, memmem};

/// How much of a record's beginning is remembered at most.
const LONGEST_OPENING: usize = 128;

/// How far is looked at once: a search that finds something near must not cost a look at everything.
const WINDOW: usize = 4 << 10;

/// What the beginnings of this source's records look like.
#[derive(Debug, Default)]
pub(super) struct Openings {
    /// How the first and the last good record began, up to the first colon: records of one source mostly begin
    /// alike, and damage that leaves a record good may have changed one of the two.
    first: Vec<u8>,
    last: Vec<u8>,
    /// How many blanks stand before the first bracket of a record on its line.
    pub(super) indent: usize,
}

impl Openings {
    /// Learns from a good record.
    pub(super) fn learn(&mut self, record: &[u8]) {
        let head = &record[..record.len().min(LONGEST_OPENING)];
        if let Some(colon) = memchr::memchr(b':', head)
            && self.last != head[..=colon]
        {
            self.last = head[..=colon].to_vec();
            if self.first.is_empty() {
                self.first.clone_from(&self.last);
            }
        }
    }

    /// So many bytes tell whether a record begins at the first of them.
    pub(super) fn reach(&self) -> usize {
        self.longest().max(self.indent + 2)
    }

    fn longest(&self) -> usize {
        self.first.len().max(self.last.len())
    }

    /// The first place in `bytes` where a record begins like one that was good.
    fn by_opening(&self, bytes: &[u8]) -> Option<usize> {
        let last = (self.last != self.first).then_some(&self.last);
        let openings = std::iter::once(&self.first).chain(last).filter(|opening| !opening.is_empty());
        openings.filter_map(|opening| memmem::find(bytes, opening)).min()
    }

    /// Where a record begins on the line that starts at `line`.
    pub(super) fn on_line(&self, bytes: &[u8], line: usize) -> Option<usize> {
        [0, self.indent].into_iter().map(|indent| line + indent).find(|at| {
            bytes.get(*at) == Some(&b'{') && bytes[line..*at].iter().all(|byte| matches!(byte, b' ' | b'\t'))
        })
    }

    /// The first place from `from` on, and not behind `last`, where a record may begin.
    pub(super) fn find(&self, bytes: &[u8], from: usize, last: usize) -> Option<usize> {
        let mut start = from;
        while start <= last && start < bytes.len() {
            let end = bytes.len().min(start + WINDOW);
            // The line feed may stand just before, and what follows it behind the window.
            let back = start.saturating_sub(self.indent + 1);
            let by_line = memchr_iter(b'\n', &bytes[back..end])
                .filter_map(|feed| self.on_line(bytes, back + feed + 1))
                .find(|at| *at >= from);
            let reach = bytes.len().min(end + self.longest());
            let by_opening = self.by_opening(&bytes[start..reach]).map(|at| start + at);
            if let Some(found) = by_line.into_iter().chain(by_opening).min() {
                return (found <= last).then_some(found);
            }
            start = end;
        }
        None
    }
}
