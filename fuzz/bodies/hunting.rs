//! A whole hunt over a few bytes.

use std::io::Write;

use coldtrail::eql;
use coldtrail::evidence;
use coldtrail::hunt::{Cancel, Engine, Filtering, Meter, Options, hunt};
use coldtrail::ledger::{Reason, SourceAccount};
use coldtrail::rule::{Rule, RuleSet};
use coldtrail::timeline::Hit;

/// Small, so that no input makes a decoder take much; large enough for every window that `zstd -19` makes.
const MEMORY: u64 = 64 << 20;

/// What a hunt over one source found.
#[derive(Debug)]
pub(super) struct Catch {
    pub(super) hits: Vec<Hit>,
    pub(super) source: SourceAccount,
}

/// Compiles one query, if it is one.
pub(super) fn engine(query: &str, filtering: Filtering) -> Option<Engine> {
    let (set, _) = RuleSet::new(vec![Rule::from_query(query)]);
    Engine::new(&set, &eql::Options::default(), filtering).ok()
}

/// Hunts through a file of these bytes. The books must balance, and nothing may fail that is not the bytes'
/// fault.
pub(super) fn hunt_through(bytes: &[u8], engine: &Engine, threads: usize, chunk: usize) -> Catch {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(bytes).expect("there is room for it");
    let options = Options { threads, chunk, memory: MEMORY, digests: Vec::new() };
    let walk = evidence::walk(&[file.path().to_owned()]);
    let caught =
        hunt(walk, engine, &options, &Meter::default(), &Cancel::default(), None).expect("threads start");
    let mut hits = Vec::new();
    let collected = caught.hits.each(&mut |hit: &Hit| {
        hits.push(hit.clone());
        Ok(())
    });
    collected.expect("so few hits stay in memory");
    let [mut source] = <[SourceAccount; 1]>::try_from(caught.ledger.sources).expect("there is one file");
    check_books(&source, bytes.len() as u64);
    source.path.clear();
    source.identity.modified = None;
    Catch { hits, source }
}

fn check_books(source: &SourceAccount, size: u64) {
    let tally = &source.tally;
    assert_eq!(tally.read + tally.framing + tally.unread, size, "{source:#?}");
    assert_eq!(tally.tried, tally.parsed + tally.tolerated + tally.bad, "{source:#?}");
    for gap in &source.gaps {
        assert_ne!(gap.reason, Reason::Internal, "{source:#?}");
        // The bytes of other entries are those of what the file unpacks to.
        assert!(gap.bytes.start <= gap.bytes.end && (gap.entry > 0 || gap.bytes.end <= size), "{gap:#?}");
    }
}
