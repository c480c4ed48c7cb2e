//! Evidence that knows where its hits lie, so that it knows what damage may cost.

use std::ops::Range;

/// A hit, and the bytes that must be sound for it to be found.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    pub(crate) id: String,
    pub(crate) needs: Vec<Range<usize>>,
    /// Whether nothing that it needs was damaged.
    pub(crate) is_sure: bool,
}

/// Bytes, and what is known of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) bytes: Vec<u8>,
    pub(crate) planted: Vec<Planted>,
    /// Where foreign bytes may stand without harm to what lies on either side, and in multiples of how many.
    pub(crate) seams: Vec<usize>,
    pub(crate) unit: usize,
    /// Whether a checksum of its own vouches for all of it.
    pub(crate) is_checked: bool,
    /// Whether it is a codec's.
    pub(crate) is_encoded: bool,
    /// Whether something may be missing that nobody can notice.
    pub(crate) is_silent: bool,
    pub(crate) is_damaged: bool,
    /// Whether places in it count (UTF-16, archives): when a segment around it is lost, and nobody knows how long
    /// it was, nothing behind it is to be relied on.
    pub(crate) is_placed: bool,
    /// How it came to be, a line for each step.
    pub(crate) story: Vec<String>,
}

impl Evidence {
    /// Has every hit need these bytes too.
    pub(crate) fn all_need(&mut self, range: Range<usize>) {
        self.planted.iter_mut().for_each(|planted| planted.needs.push(range.clone()));
    }

    /// What an archive or a codec makes of it: needs are mapped, and the bytes are new.
    pub(crate) fn mapped(mut self, map: impl Fn(&Range<usize>) -> Range<usize>) -> Self {
        for planted in &mut self.planted {
            planted.needs = planted.needs.iter().map(&map).collect();
        }
        Self { bytes: Vec::new(), seams: Vec::new(), is_checked: false, ..self }
    }

    /// These bytes are no longer what they were.
    pub(crate) fn spoil(&mut self, damaged: &Range<usize>) {
        self.is_damaged = true;
        for planted in &mut self.planted {
            let meets = |need: &Range<usize>| need.start < damaged.end && damaged.start < need.end;
            planted.is_sure &= !planted.needs.iter().any(meets);
        }
    }

    /// Puts foreign bytes in.
    pub(crate) fn insert(&mut self, at: usize, foreign: &[u8]) {
        self.is_damaged = true;
        self.bytes.splice(at..at, foreign.iter().copied());
        let moved = |place: usize| if place >= at { place + foreign.len() } else { place };
        for planted in &mut self.planted {
            planted.is_sure &= !planted.needs.iter().any(|need| need.start < at && at < need.end);
            for need in &mut planted.needs {
                *need = moved(need.start)..moved(need.end.saturating_sub(1)) + 1;
            }
        }
        self.seams.iter_mut().for_each(|seam| *seam = moved(*seam));
    }
}
