//! A source that begins like something it is not, or that goes on as something else.

use std::path::Path;

use crate::damage::{CODECS, zstd};
use crate::inner::tar;
use crate::support::{Evidence, assert_balanced, dull, hit, hunt_jsonl, hunt_stdin};

/// What the formats that are recognised begin with.
const MAGICS: [&[u8]; 13] = [
    b"ElfFile\0",
    b"ElfChnk\0",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b\x08\0",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ\0",
    b"BZh91AY&SY",
    b"\x04\x22\x4d\x18",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"PAR1",
    b"SQLite format 3\0",
];

/// A log of more than two chunks of an event log: a hit on every tenth line.
fn log() -> (Vec<u8>, Vec<String>) {
    let ids: Vec<String> = (0..60).map(|at| format!("hit-{at:02}")).collect();
    let lines = ids.iter().flat_map(|id| (0..10).map(move |at| if at == 5 { hit(id) } else { dull("x") }));
    (lines.map(|line| line + "\n").collect::<String>().into_bytes(), ids)
}

/// Hunts through `bytes` as a file, on its own in zstd, and as standard input: exactly these hits are there.
#[track_caller]
fn check(bytes: &[u8], ids: &[String], what: &str) {
    for (form, bytes) in [("plain", bytes.to_vec()), ("in zstd", zstd(bytes))] {
        let evidence = Evidence::new();
        let path = evidence.file("log", &bytes);
        let sizes = ["4KiB", "64MiB"];
        let hunts = sizes.map(|size| hunt_jsonl(&path, &["--chunk-size", size]));
        assert_eq!(hunts[0].ids(), ids, "{what}, {form}: {}", hunts[0].stderr);
        assert!(hunts.iter().all(|hunt| hunt.stdout == hunts[0].stdout), "{what}, {form}");
        let ledgers = sizes.map(|size| evidence.ledger(&["--chunk-size", size])["sources"].clone());
        assert!(ledgers.iter().all(|ledger| *ledger == ledgers[0]), "{what}, {form}: {ledgers:#?}");
        assert_balanced(&evidence.ledger(&[]));
        assert_eq!(hunt_stdin(&bytes).ids(), ids, "{what}, {form}, standard input");
    }
}

#[test]
fn a_magic_before_a_log_hides_none_of_its_lines() {
    let (log, ids) = log();
    for magic in MAGICS {
        let what = magic.escape_ascii();
        check(&[magic, b"\n", &log].concat(), &ids, &format!("{what} on a line of its own"));
        check(&[magic, &log].concat(), &ids, &format!("{what} before the first record"));
    }
    let header = tar(&[("log", b"")]);
    let mut padded = [b"x".repeat(257), b"ustar".to_vec()].concat();
    padded.resize(512, b'x');
    check(&[&padded, b"\n".as_slice(), &log].concat(), &ids, "ustar");
    check(&[&header[..512], &log].concat(), &ids, "an empty member's header");
}

#[test]
fn lines_between_segments_are_read_wherever_these_lie() {
    let lines = |ids: [&str; 3]| ids.map(|id| hit(id) + "\n").concat().into_bytes();
    let ids: Vec<String> = (0..9).map(|at| format!("hit-{at}")).collect();
    let (first, last) = (lines(["hit-0", "hit-1", "hit-2"]), lines(["hit-6", "hit-7", "hit-8"]));
    let stray = [b"garbage\n", &lines(["hit-3", "hit-4", "hit-5"])[..]].concat();
    for (name, encode) in CODECS {
        check(&[&encode(&first), &stray[..], &encode(&last)].concat(), &ids, name);
    }
    // Headers stand where blocks begin.
    let mut archive = tar(&[("first", &first)]);
    archive.truncate(archive.len() - 1024);
    archive.extend(&stray);
    archive.resize(archive.len().next_multiple_of(512), b'\n');
    archive.extend(tar(&[("last", &last)]));
    check(&archive, &ids, "tar");
}

#[test]
fn an_event_log_is_read_chunk_by_chunk_wherever_they_lie() {
    let path = "corpus/containers/evtx/evidence/a.evtx";
    let one = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the case");
    let (header, chunk) = one.split_at(4096);
    // The chunk holds one hit.
    let twice = ["hit-1", "hit-1"].map(str::to_owned);
    let sound = [&one, chunk].concat();
    let evidence = Evidence::new();
    assert_eq!(hunt_jsonl(&evidence.file("log", &sound), &[]).expect_exit(0).ids(), twice);
    check(&[&one[..], &one].concat(), &twice, "one log behind another");
    let mut flipped = sound.clone();
    flipped[3] ^= 8;
    check(&flipped, &twice, "a bit of the header flipped");
    check(&[&[0; 4096], chunk, chunk].concat(), &twice, "a header of zeros");
    check(&sound[4096..], &twice, "no header");
    let mut zeroed = sound.clone();
    zeroed[..9000].fill(0);
    check(&zeroed, &twice[..1], "the beginning zeroed");
    let (log, ids) = log();
    let mut all = [&twice[..], &ids].concat();
    all.sort();
    check(&[&sound, &log[..]].concat(), &all, "lines behind the last chunk");
    check(&[&one[..], b"\n", &log[..], chunk].concat(), &all, "lines between chunks");
    check(&[b"ElfFile\0\n", &log[..], chunk, chunk].concat(), &all, "lines before the first chunk");
    let lines = [b"ElfFile\0\n", &log[..3000], b"\n"].concat();
    let mut false_header = header.to_vec();
    false_header[..lines.len()].copy_from_slice(&lines);
    check(
        &[&false_header, chunk].concat(),
        &["hit-00".to_owned(), "hit-1".to_owned()],
        "lines in the header",
    );
    // What only looks like a chunk.
    check(&[header, b"ElfChnk\0\n", &log].concat(), &ids, "lines in a chunk");
}
