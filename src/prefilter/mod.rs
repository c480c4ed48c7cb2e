//! Raw bytes to candidates, before anything is parsed.
//!
//! # Soundness
//! The prefilter may be wrong in one direction only: it lets records through that do not match, and
//! never rejects one that could. It looks for a text that every matching record contains, in any ASCII
//! case, whole, in the record's raw bytes; and since JSON can write any ASCII character as `\u00XX`, a
//! record with `\u00` in it is let through unseen. `--no-prefilter` gives the same output, slower.

mod candidates;
mod choice;
mod few;
mod frequency;
mod many;
mod needle;

pub use candidates::Candidates;
pub use choice::best_clause;
pub use needle::Needle;

use few::FewNeedles;
use many::ManyNeedles;

/// Finds candidates.
#[derive(Clone, Debug)]
pub struct Prefilter(Scan);

#[derive(Clone, Debug)]
enum Scan {
    /// Every record is a candidate for every rule.
    All,
    /// One scan for all rules; a record that passes is a candidate for each.
    Few(FewNeedles),
    /// One scan for all rules that tells them apart.
    Many(ManyNeedles),
}

impl Prefilter {
    /// Lets every record through.
    #[must_use]
    pub fn off() -> Self {
        Self(Scan::All)
    }

    /// For each rule, lets through the records that contain at least one of its needles; all of them, for
    /// a rule without.
    #[must_use]
    pub fn new(clauses: &[Option<Vec<Needle>>]) -> Self {
        if clauses.iter().all(Option::is_none) {
            return Self::off();
        }
        let together: Option<Vec<Vec<Needle>>> = clauses.iter().cloned().collect();
        if let Some(mut needles) = together.map(|clauses| clauses.concat()) {
            needles.sort_unstable();
            needles.dedup();
            if let Some(few) = FewNeedles::new(&needles) {
                return Self(Scan::Few(few));
            }
        }
        // Too large for an automaton: nothing may be rejected.
        ManyNeedles::new(clauses).map_or_else(|_| Self::off(), |many| Self(Scan::Many(many)))
    }

    /// Offset of a byte of the first candidate record at or after `from`; `None` when there is none.
    #[must_use]
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.0 {
            Scan::All => (from < bytes.len()).then_some(from),
            Scan::Few(few) => few.find(bytes, from),
            Scan::Many(many) => many.find(bytes, from),
        }
    }

    /// Makes `candidates` the set of rules that `record` may match.
    pub fn candidates(&self, record: &[u8], candidates: &mut Candidates) {
        candidates.clear();
        match &self.0 {
            Scan::All => candidates.insert_all(),
            Scan::Few(few) if few.find(record, 0).is_some() => candidates.insert_all(),
            Scan::Few(_) => {}
            Scan::Many(many) => many.candidates(record, candidates),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scans(literal: &str) -> [Prefilter; 2] {
        let needles = vec![Needle::of(literal).unwrap()];
        let few = FewNeedles::new(&needles).map_or(Scan::All, Scan::Few);
        [Prefilter(few), Prefilter(Scan::Many(ManyNeedles::new(&[Some(needles)]).unwrap()))]
    }

    fn passes(scan: &Prefilter, record: &[u8]) -> bool {
        let mut candidates = Candidates::new(1);
        scan.candidates(record, &mut candidates);
        assert_eq!(candidates.is_empty(), scan.find(record, 0).is_none(), "both ways to ask agree");
        !candidates.is_empty()
    }

    #[test]
    fn a_needle_is_found_in_any_case_and_behind_escapes() {
        for scan in scans("ScreenConnect.Service.exe") {
            for (bytes, expected) in [
                (&b"xx screenconnect.SERVICE.exe"[..], true),
                (b"\\u0053creenConnect.Service.exe", true),
                (b"ScreenConnect.ClientService.exe", false),
                (b"ScreenConnect.Service.ex", false),
                (b"t.Se t.Se nnect.Service.exe", false),
                (b"", false),
            ] {
                assert_eq!(passes(&scan, bytes), expected, "{}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn many_needles_are_told_apart_by_rule() {
        let needles =
            |names: &[&str]| Some(names.iter().filter_map(|name| Needle::of(name)).collect::<Vec<_>>());
        let names: Vec<String> = (0..100).map(|number| format!("tool-{number}.exe")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let scan = Prefilter::new(&[needles(&names), needles(&["mimikatz"]), None, needles(&["katz"])]);
        let candidates = |record: &str| {
            let mut set = Candidates::new(4);
            scan.candidates(record.as_bytes(), &mut set);
            set.iter().collect::<Vec<_>>()
        };
        assert_eq!(candidates("nothing"), [2]);
        assert_eq!(candidates("a MimiKatz and TOOL-7.exe"), [0, 1, 2, 3]);
        assert_eq!(candidates("\\u0041"), [0, 1, 2, 3]);
    }

    proptest! {
        #[test]
        fn no_needle_is_missed(
            before in "[a-zA-Z.\\\\ ]{0,40}", literal in "[a-z.:-]{1,12}", after in "[a-z ]{0,40}", upper in any::<u64>(),
        ) {
            let spelled: String = literal.chars().enumerate().map(|(at, letter)| {
                if upper >> (at % 64) & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
            }).collect();
            let text = format!("{before}{spelled}{after}");
            for scan in scans(&literal) {
                prop_assert!(passes(&scan, text.as_bytes()));
            }
        }
    }
}
