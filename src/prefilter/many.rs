//! The scan for many needles: an Aho-Corasick automaton.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use super::{Candidates, Needle};

/// The escape that can spell any ASCII character. The automaton folds case; a `\U00` it finds is one
/// record too many, never one too few.
const ESCAPE: &[u8] = b"\\u00";

/// Finds the places where one of many needles, or an escape that may hide one, stands, and tells which
/// rules asked for it.
#[derive(Clone, Debug)]
pub(super) struct ManyNeedles {
    automaton: AhoCorasick,
    /// For each pattern, the rules that want it; the escape is the last pattern, and all rules want it.
    owners: Vec<Vec<usize>>,
    /// Rules without needles: every record is theirs.
    open: Vec<usize>,
}

impl ManyNeedles {
    pub(super) fn new(clauses: &[Option<Vec<Needle>>]) -> Result<Self, BuildError> {
        let mut wanted: BTreeMap<&Needle, Vec<usize>> = BTreeMap::new();
        for (rule, clause) in clauses.iter().enumerate() {
            for needle in clause.iter().flatten() {
                wanted.entry(needle).or_default().push(rule);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(wanted.keys().map(|needle| needle.bytes()).chain([ESCAPE]))?;
        let open = clauses.iter().enumerate().filter(|(_, clause)| clause.is_none()).map(|(rule, _)| rule);
        Ok(Self { automaton, open: open.collect(), owners: wanted.into_values().collect() })
    }

    /// Offset of a byte of the first candidate record at or after `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if !self.open.is_empty() {
            return (from < bytes.len()).then_some(from);
        }
        self.automaton.find(&bytes[from..]).map(|found| from + found.start())
    }

    /// Puts the rules that `record` may match into `candidates`.
    pub(super) fn candidates(&self, record: &[u8], candidates: &mut Candidates) {
        self.open.iter().for_each(|rule| candidates.insert(*rule));
        for found in self.automaton.find_overlapping_iter(record) {
            match self.owners.get(found.pattern().as_usize()) {
                Some(owners) => owners.iter().for_each(|rule| candidates.insert(*rule)),
                None => return candidates.insert_all(),
            }
        }
    }
}
