//! Lines, cut into chunks anywhere.

use std::sync::LazyLock;

use coldtrail::hunt::{Engine, Filtering};
use coldtrail::timeline::Hit;

use super::hunting::{Catch, engine, hunt_through};

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| engine("any where true", Filtering::ParseEverything).expect("it is a sound query"));

/// The records of a file are its lines that are not blank, or lie in one, whatever the size of chunks: the first byte
/// says what size is tried.
pub(super) fn check(data: &[u8]) {
    let Some((&size, text)) = data.split_first() else { return };
    // A first line that makes any text one of lines.
    let text = [b"{\"first\":1}\n", text].concat();
    let chunk = (1 + usize::from(size)).max(text.len() / 64);
    let caught = hunt_through(&text, &ENGINE, 2, chunk);
    let found = records(&caught);
    let at_once = hunt_through(&text, &ENGINE, 1, text.len());
    assert_eq!(found, records(&at_once));
    let is_there = |(_, line): &(u64, &[u8])| line.iter().any(|byte| matches!(byte, b'{' | b'['));
    let expected: Vec<(u64, &[u8])> = lines(&text).into_iter().filter(is_there).collect();
    let mut rest = found.as_slice();
    for (at, line) in &expected {
        let end = at + line.len() as u64;
        let (within, behind) = rest.split_at(rest.partition_point(|(begin, _)| *begin < end));
        assert!(within == [(*at, *line)] || are_parts(within, *at, line), "{line:?}: {within:?}");
        rest = behind;
    }
    assert!(rest.is_empty(), "{rest:?}");
    let bad = lines(&text).len() - expected.len();
    assert_eq!(caught.source.tally.bad, bad as u64, "{:#?}", caught.source);
}

/// The records that were found, with their offsets, in order.
fn records(caught: &Catch) -> Vec<(u64, &[u8])> {
    let place = |hit: &Hit| hit.members[0].location.offset;
    let mut found: Vec<_> =
        caught.hits.iter().map(|hit| (place(hit), hit.members[0].original.as_slice())).collect();
    // Hits come in the order of their times, if they have some.
    found.sort_unstable();
    found
}

/// Whether these are records that share `line`: one behind the other, each byte for byte.
fn are_parts(records: &[(u64, &[u8])], at: u64, line: &[u8]) -> bool {
    let mut free = at;
    let is_part = |&(begin, record): &(u64, &[u8])| {
        let start = usize::try_from(begin - at).expect("lines are short");
        let is_free = begin >= std::mem::replace(&mut free, begin + record.len() as u64);
        is_free && line.get(start..start + record.len()) == Some(record)
    };
    !records.is_empty() && records.iter().all(is_part)
}

/// The definition: every line with its offset, without its ending, unless it is blank.
fn lines(text: &[u8]) -> Vec<(u64, &[u8])> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let record = line.strip_suffix(b"\r").unwrap_or(line);
        if !record.iter().all(u8::is_ascii_whitespace) {
            lines.push((at, record));
        }
        at += line.len() as u64 + 1;
    }
    lines
}
