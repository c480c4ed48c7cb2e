//! The scan for many needles: an Aho-Corasick automaton.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::Needle;

/// The escape that can spell any ASCII character. The automaton folds case, and finds `\U00` too.
const ESCAPE: &[u8] = b"\\u00";

/// Finds the places where one of many needles, or an escape that may hide one, stands.
#[derive(Clone, Debug)]
pub(super) struct ManyNeedles(AhoCorasick);

impl ManyNeedles {
    pub(super) fn new(needles: &[Needle]) -> Result<Self, BuildError> {
        let patterns = needles.iter().map(Needle::bytes).chain([ESCAPE]);
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .map(Self)
    }

    /// Offset of the first byte at or after `from` that belongs to a needle or an escape.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let found = at + self.0.find(bytes.get(at..)?)?.start();
            // Needles hold no backslash. The other scans mind the case, and which is taken the processor decides.
            if !bytes[found..].starts_with(b"\\U") {
                return Some(found);
            }
            at = found + 1;
        }
    }
}
