//! Hunts through evidence, and what must hold of any hunt.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use coldtrail::eql;
use coldtrail::evidence;
use coldtrail::hunt::{Cancel, Engine, Filtering, Meter, Options, hunt};
use coldtrail::ledger::{Reason, SourceAccount};
use coldtrail::rule::{Rule, RuleSet};
use coldtrail::timeline::Hit;

use crate::dice::Dice;

const QUERY: &str = r#"any where process.parent.name : "ScreenConnect.Service.exe""#;

/// Where an id begins in a record.
const MARK: &[u8] = b"sim-";

static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    [Filtering::Prefilter, Filtering::ParseEverything].map(|filtering| {
        let (set, _) = RuleSet::new(vec![Rule::from_query(QUERY)]);
        Engine::new(&set, &eql::Options::default(), filtering).expect("it is a sound query")
    })
});

/// How to hunt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    threads: usize,
    chunk: usize,
    memory: u64,
    pub(crate) is_filtered: bool,
}

impl Way {
    pub(crate) const PLAIN: Way = Way { threads: 1, chunk: 1 << 20, memory: 256 << 20, is_filtered: true };

    /// The plain way, with the memory of this one.
    pub(crate) fn plain(self) -> Self {
        Self { memory: self.memory, ..Self::PLAIN }
    }

    pub(crate) fn any(dice: &mut Dice) -> Self {
        Self {
            threads: 1 + dice.below(7),
            chunk: dice.pick(&[64, 1000, 4 << 10, 64 << 10]),
            memory: dice.pick(&[64 << 20, 128 << 20]),
            is_filtered: !dice.one_in(3),
        }
    }
}

/// What a hunt found, and its books.
#[derive(Debug)]
pub(crate) struct Catch {
    pub(crate) hits: Vec<Hit>,
    pub(crate) source: SourceAccount,
    pub(crate) is_complete: bool,
}

impl Catch {
    /// Whether a window was larger than the memory: damage may ask for any, and xz in xz in xz for much.
    pub(crate) fn lacks_memory(&self) -> bool {
        self.source.gaps.iter().any(|gap| gap.reason == Reason::WindowTooLarge)
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.hits.iter().map(id).collect()
    }
}

fn id(hit: &Hit) -> String {
    let json = hit.members[0].json();
    let at = json.windows(MARK.len()).position(|window| window == MARK);
    let end = |at: usize| json.len().min(at + MARK.len() + 8);
    at.map_or_else(String::new, |at| String::from_utf8_lossy(&json[at..end(at)]).into_owned())
}

/// Hunts through a file; the books must balance.
pub(crate) fn hunt_through(path: &Path, way: Way) -> Catch {
    let Way { threads, chunk, memory, is_filtered } = way;
    let options = Options { threads, chunk, memory, digests: Vec::new() };
    let engine = &ENGINES[usize::from(!is_filtered)];
    let walk = evidence::walk(&[path.to_owned()]);
    let caught =
        hunt(walk, engine, &options, &Meter::default(), &Cancel::default(), None).expect("threads start");
    let mut hits = Vec::new();
    let collected = caught.hits.each(&mut |hit: &Hit| {
        hits.push(hit.clone());
        Ok(())
    });
    collected.expect("so few hits stay in memory");
    let is_complete = caught.ledger.is_complete();
    let [source] = <[SourceAccount; 1]>::try_from(caught.ledger.sources).expect("there is one file");
    check_books(&source);
    Catch { hits, source, is_complete }
}

fn check_books(source: &SourceAccount) {
    let tally = &source.tally;
    assert_eq!(tally.read + tally.framing + tally.unread, source.identity.size, "{source:#?}");
    assert_eq!(tally.tried, tally.parsed + tally.tolerated + tally.bad, "{source:#?}");
    let listed: u64 = source.gaps.iter().map(|gap| gap.bytes.end - gap.bytes.start).sum();
    assert!(tally.unread <= listed, "more is unread than the gaps say: {source:#?}");
    assert!(source.gaps.iter().all(|gap| gap.reason != Reason::Internal), "{source:#?}");
}

/// The command gives the exit code that a catch asks for, and has nothing to report of itself.
pub(crate) fn check_command(path: &Path, caught: &Catch) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
    command.args(["hunt", "-f", "jsonl", "--query", QUERY]).arg(path).stdin(Stdio::null());
    let output = command.output().expect("coldtrail runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    let expected = if caught.is_complete { 0 } else { 3 };
    assert_eq!(output.status.code(), Some(expected), "{errors}\n{:#?}", caught.source);
    assert!(!errors.contains("panicked") && !errors.contains("please report"), "{errors}");
    let lines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, caught.hits.len(), "{errors}");
}
