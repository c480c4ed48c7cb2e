//! The scan for a few needles: a SIMD search for their rarest pieces, then a look at the whole needle.

use std::ops::Range;

use aho_corasick::PatternID;
use aho_corasick::packed::{Config, MatchKind, Searcher};

use super::Needle;

/// The escape that can spell any ASCII character; `\u00` is lower case in every JSON text.
const ESCAPE: &[u8] = b"\\u00";

/// Width of the piece that is searched: wide enough to be rare, narrow enough to have few spellings.
const WINDOW: usize = 4;

/// Teddy takes no more patterns than this.
const MOST_PATTERNS: usize = 64;

/// Finds the places where a needle, or an escape that may hide one, stands.
#[derive(Clone, Debug)]
pub(super) struct FewNeedles {
    searcher: Searcher,
    needles: Vec<Needle>,
    /// For each pattern behind the escape: the needles that may stand where it is found. The searcher names one
    /// pattern a place, and several needles may have the same piece, or one that another's begins with.
    found_in: Vec<Vec<Place>>,
}

/// A place in a needle.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    needle: usize,
    offset: usize,
}

impl FewNeedles {
    /// `None` if there are too many needles, or the processor lacks the instructions.
    pub(super) fn new(needles: &[Needle]) -> Option<Self> {
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        builder.add(ESCAPE);
        let mut pieces = Vec::new();
        for (needle, of) in needles.iter().enumerate() {
            let (offset, window) = of.rarest_window(WINDOW);
            pieces.extend(spellings(window).into_iter().map(|spelling| (spelling, Place { needle, offset })));
            if pieces.len() >= MOST_PATTERNS {
                return None;
            }
        }
        builder.extend(pieces.iter().map(|(spelling, _)| spelling));
        let found_in = pieces.iter().map(|(found, _)| places(found, &pieces)).collect();
        Some(Self { searcher: builder.build()?, needles: needles.to_vec(), found_in })
    }

    /// Offset of the first byte at or after `from` that belongs to a needle or an escape.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let found = self.searcher.find_in(bytes, (at..bytes.len()).into())?;
            if self.stands(bytes, found.pattern(), found.range()) {
                return Some(found.start());
            }
            at = found.start() + 1;
        }
    }

    fn stands(&self, bytes: &[u8], pattern: PatternID, found: Range<usize>) -> bool {
        let Some(pattern) = pattern.as_usize().checked_sub(1) else { return true };
        self.found_in[pattern].iter().any(|place| {
            let needle = self.needles[place.needle].bytes();
            let Some(start) = found.start.checked_sub(place.offset) else { return false };
            bytes.get(start..start + needle.len()).is_some_and(|there| there.eq_ignore_ascii_case(needle))
        })
    }
}

/// Where those pieces belong that may stand where `found` does.
fn places(found: &[u8], pieces: &[(Vec<u8>, Place)]) -> Vec<Place> {
    let may_stand = |piece: &[u8]| piece.starts_with(found) || found.starts_with(piece);
    let mut places: Vec<Place> =
        pieces.iter().filter(|(piece, _)| may_stand(piece)).map(|(_, place)| *place).collect();
    // A piece that goes on may do so in either case.
    places.dedup();
    places
}

/// Every way to write `text` in upper and lower case.
fn spellings(text: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for byte in text {
        let cases = if byte.is_ascii_alphabetic() {
            vec![byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]
        } else {
            vec![*byte]
        };
        all = all
            .iter()
            .flat_map(|start| cases.iter().map(|case| [start.as_slice(), &[*case]].concat()))
            .collect();
    }
    all
}
