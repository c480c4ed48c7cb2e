//! Raw bytes to candidates, before anything is parsed.
//!
//! # Soundness
//! The prefilter may be wrong in one direction only: it lets records through that do not match, and
//! never rejects one that could. It looks for a text that every matching record contains, in any ASCII
//! case, whole, in the record's raw bytes; and since JSON can write any ASCII character as `\u00XX`, a
//! record with `\u00` in it is let through unseen. `--no-prefilter` gives the same output, slower.

mod choice;
mod few;
mod frequency;
mod many;
mod needle;
#[cfg(target_arch = "x86_64")]
mod pairs;
mod widths;

pub use choice::best_clause;
pub use needle::Needle;
pub use widths::EitherWidth;

use few::FewNeedles;
use many::ManyNeedles;
#[cfg(target_arch = "x86_64")]
use pairs::Pairs;

/// Finds candidates.
#[derive(Clone, Debug)]
pub struct Prefilter(Scan);

#[derive(Clone, Debug)]
enum Scan {
    /// Every record is a candidate.
    All,
    #[cfg(target_arch = "x86_64")]
    Pairs(Pairs),
    Few(FewNeedles),
    Many(ManyNeedles),
}

/// If more than this share of records would pass, every record is parsed instead: an automaton that most records
/// pass adds its own cost to the parser's. The share itself is a judgement, not a measurement.
const WORTH_ITS_SCAN: f64 = 0.25;

/// So few needles are looked for whatever their share: their scan costs little. With six common names of programs
/// a hunt gained a fifth by it, with eight it lost a twentieth.
const ALWAYS_WORTH: usize = 6;

impl Prefilter {
    /// Lets every record through.
    #[must_use]
    pub fn off() -> Self {
        Self(Scan::All)
    }

    /// Lets through the records that contain at least one of `needles`.
    #[must_use]
    pub fn any_of(needles: &[Needle]) -> Self {
        let share: f64 = needles.iter().map(Needle::share).sum();
        if needles.len() > ALWAYS_WORTH && share > WORTH_ITS_SCAN {
            return Self::off();
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(pairs) = Pairs::new(needles) {
            return Self(Scan::Pairs(pairs));
        }
        if let Some(few) = FewNeedles::new(needles) {
            return Self(Scan::Few(few));
        }
        // Too large for an automaton: nothing may be rejected.
        ManyNeedles::new(needles).map_or_else(|_| Self::off(), |many| Self(Scan::Many(many)))
    }

    /// Lets through what contains at least one of `needles` as they are. Unlike [`Self::any_of`] it need not let
    /// through what holds an escape: that is for bytes that are not JSON.
    fn any_of_bytes(needles: &[Needle]) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(pairs) = Pairs::of_bytes(needles) {
            return Self(Scan::Pairs(pairs));
        }
        Self::any_of(needles)
    }

    /// Whether every record is let through.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(self.0, Scan::All)
    }

    /// Offset of a byte of the first candidate record at or after `from`; `None` when there is none.
    #[must_use]
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.0 {
            Scan::All => (from < bytes.len()).then_some(from),
            #[cfg(target_arch = "x86_64")]
            Scan::Pairs(pairs) => pairs.find(bytes, from),
            Scan::Few(few) => few.find(bytes, from),
            Scan::Many(many) => many.find(bytes, from),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every scan there is, over one needle.
    fn scans(literal: &str) -> Vec<Prefilter> {
        scans_of(&[literal])
    }

    /// Every scan there is that takes so many needles, with every kernel that this processor can run.
    fn scans_of(literals: &[&str]) -> Vec<Prefilter> {
        let needles: Vec<Needle> = literals.iter().map(|literal| Needle::of(literal).unwrap()).collect();
        let mut scans = vec![Scan::Many(ManyNeedles::new(&needles).unwrap())];
        scans.extend(FewNeedles::new(&needles).map(Scan::Few));
        #[cfg(target_arch = "x86_64")]
        scans.extend(Pairs::new(&needles).into_iter().flat_map(Pairs::with_each_kernel).map(Scan::Pairs));
        scans.into_iter().map(Prefilter).collect()
    }

    #[test]
    fn a_needle_is_found_in_any_case_and_behind_escapes() {
        for scan in scans("ScreenConnect.Service.exe") {
            for (bytes, expected) in [
                (&b"xx screenconnect.SERVICE.exe"[..], true),
                (b"\\u0053creenConnect.Service.exe", true),
                (b"ScreenConnect.ClientService.exe", false),
                (b"ScreenConnect.Service.ex", false),
                (b"C:\\\\U0053creen.exe", false),
                (b"t.Se t.Se nnect.Service.exe", false),
                (b"", false),
            ] {
                assert_eq!(scan.find(bytes, 0).is_some(), expected, "{}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn a_needle_is_found_at_every_distance_from_the_end() {
        for literal in
            ["zq.exe", "q-2345678901234567890123456789012345678901234567890123456789012z", &"z".repeat(99)]
        {
            for scan in scans(literal) {
                for (before, behind) in (0..200).flat_map(|before| [(before, 0), (before, 1), (70, before)]) {
                    let text = [" ".repeat(before), literal.to_uppercase(), " ".repeat(behind)].concat();
                    let found = scan.find(text.as_bytes(), 0).unwrap();
                    assert!(
                        (before..before + literal.len()).contains(&found),
                        "{before}, {behind}: {scan:?}"
                    );
                    assert_eq!(
                        scan.find(&text.as_bytes()[..before + literal.len() - 1], 0),
                        None,
                        "{before}: {scan:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn needles_with_a_piece_in_common_are_all_found() {
        for literals in
            [["owershell.exe", "powerhell.exe"], ["powerhell.exe", "owershell.exe"], ["q7", "xq7-9"]]
        {
            for scan in scans_of(&literals) {
                for literal in literals {
                    assert!(scan.find(literal.as_bytes(), 0).is_some(), "{literal} of {literals:?}");
                }
            }
        }
    }

    #[test]
    fn the_processor_does_not_decide_whether_records_are_filtered() {
        let common: Vec<Needle> = [".exe", "process", "user", "windows", "version", "status", "security"]
            .iter()
            .filter_map(|literal| Needle::of(literal))
            .collect();
        assert!(!Prefilter::any_of(&common[..ALWAYS_WORTH]).is_off());
        assert!(Prefilter::any_of(&common).is_off());
    }

    #[test]
    fn needles_that_most_records_hold_are_not_looked_for() {
        let needles: Vec<Needle> =
            (0..100).filter_map(|number| Needle::of(&format!("absent-tool-{number}.exe"))).collect();
        assert!(!Prefilter::any_of(&needles).is_off());
        let with_common = [needles, vec![Needle::of(".exe").unwrap()]].concat();
        assert!(Prefilter::any_of(&with_common).is_off());
    }

    proptest! {
        #[test]
        fn no_needle_is_missed(
            before in "[a-zA-Z.\\\\ ]{0,150}", literal in "[a-z.:-]{1,12}", after in "[a-z ]{0,150}", upper in any::<u64>(),
        ) {
            let spelled: String = literal.chars().enumerate().map(|(at, letter)| {
                if upper >> (at % 64) & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
            }).collect();
            let text = format!("{before}{spelled}{after}");
            for scan in scans(&literal) {
                prop_assert!(scan.find(text.as_bytes(), 0).is_some());
                prop_assert!(scan.find(text.as_bytes(), before.len()).is_some());
            }
        }

        /// So that no record is a candidate on one processor only.
        #[test]
        fn every_scan_finds_the_first_record(
            bytes in "([ ]{0,80}[aA7\\\\uU0]{0,5}\n?){0,6}", literals in prop::collection::vec("[au7]{2,4}", 1..16),
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            let holds = |line: &str| line.contains("\\u00")
                || literals.iter().any(|literal| line.to_ascii_lowercase().contains(literal));
            let expected = bytes.split('\n').position(holds);
            for scan in scans_of(&literals) {
                let found = scan.find(bytes.as_bytes(), 0);
                let line = found.map(|at| bytes[..at].matches('\n').count());
                prop_assert_eq!(line, expected, "{:?} by {:?}", found, scan);
            }
        }

        #[test]
        fn of_several_needles_that_are_alike_none_is_missed(
            before in "[b ]{0,40}", core in "[a7.-]{1,5}", around in prop::collection::vec(("[bz]{0,2}", "[b9]{0,2}"), 2..16),
        ) {
            let literals: Vec<String> = around.iter().map(|(left, right)| format!("{left}{core}{right}")).collect();
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            for scan in scans_of(&literals) {
                for literal in &literals {
                    let text = format!("{before}{literal}{before}");
                    prop_assert!(scan.find(text.as_bytes(), 0).is_some());
                }
            }
        }
    }
}
