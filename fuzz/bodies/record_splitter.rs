//! Lines, cut into chunks anywhere.

use std::sync::LazyLock;

use coldtrail::hunt::{Engine, Filtering};

use super::hunting::{engine, hunt_through};

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| engine("any where true", Filtering::ParseEverything).expect("it is a sound query"));

/// The records of a file are its lines that are not blank, whatever the size of chunks: the first byte says
/// what size is tried.
pub(super) fn check(data: &[u8]) {
    let Some((&size, text)) = data.split_first() else { return };
    // A first line that makes any text one of lines.
    let text = [b"{\"first\":1}\n", text].concat();
    let chunk = (1 + usize::from(size)).max(text.len() / 64);
    let caught = hunt_through(&text, &ENGINE, 2, chunk);
    let mut found: Vec<(u64, &[u8])> = caught
        .hits
        .iter()
        .map(|hit| (hit.members[0].location.offset, hit.members[0].original.as_slice()))
        .collect();
    let is_there = |(_, line): &(u64, &[u8])| line.iter().any(|byte| matches!(byte, b'{' | b'['));
    let mut expected: Vec<(u64, &[u8])> = lines(&text).into_iter().filter(is_there).collect();
    let bad = lines(&text).len() - expected.len();
    // Hits come in the order of their times, if they have some.
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(caught.source.tally.bad, bad as u64, "{:#?}", caught.source);
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
