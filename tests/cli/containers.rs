//! Where hits in containers lie, and what is listed of them. The cases of corpus/containers are run with the
//! rest of the corpus.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::inner::tar;
use crate::support::{Evidence, assert_balanced, dull, hit, hunt_jsonl};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/containers").join(name).join("evidence")
}

/// The location of every hit: source, segment, offset, length.
fn locations(path: &Path) -> Vec<(String, usize, usize)> {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("it is small");
    let places = hunt_jsonl(path, &[]).alerts().into_iter().map(|alert| {
        let location = &alert["coldtrail"]["events"][0]["location"];
        let source = location["source"].as_str().expect("a source").to_owned();
        (source, number(&location["offset"]), number(&location["length"]))
    });
    places.collect()
}

#[test]
fn a_location_names_the_member_it_lies_in() {
    let name = format!("a.tar.zst!logs/{}host1.ndjson", "deep/".repeat(40));
    assert!(locations(&case("tar-zstd"))[0].0.ends_with(&name));
    assert!(locations(&case("tar-in-zip"))[0].0.contains("a.zip!in/b.tar.gz!logs/deep/"));
    assert!(locations(&case("tar-gzip-member"))[0].0.ends_with("a.tar!a.ndjson.gz"));
}

#[test]
fn a_location_counts_the_raw_bytes_of_utf_16() {
    for (source, offset, length) in locations(&case("utf16")) {
        let bytes = std::fs::read(&source).expect("the source is a file");
        let big_endian = source.contains("be");
        let units = bytes[offset..offset + length].chunks_exact(2).map(|pair| {
            if big_endian {
                u16::from_be_bytes([pair[0], pair[1]])
            } else {
                u16::from_le_bytes([pair[0], pair[1]])
            }
        });
        let text: String =
            char::decode_utf16(units).map(|letter| letter.expect("whole characters")).collect();
        let record: Value = serde_json::from_str(&text).expect("exactly the record");
        assert_eq!(record["event"]["id"], "hit-1", "{source}");
    }
}

#[test]
fn members_that_are_no_evidence_are_listed() {
    for archive in ["tar", "tar-zstd", "zip-deflate"] {
        let evidence = Evidence::new();
        for file in std::fs::read_dir(case(archive)).expect("the case").flatten() {
            std::fs::copy(file.path(), evidence.path().join(file.file_name())).expect("it can be copied");
        }
        let ledger = evidence.ledger(&[]);
        let skipped = ledger["skipped"].as_array().expect("a list").iter().map(ToString::to_string);
        let skipped: Vec<String> = skipped.collect();
        for name in ["__MACOSX/._host1.ndjson", "batch/_SUCCESS", "aidmaster/part-0"] {
            assert_eq!(
                skipped.iter().filter(|entry| entry.contains(name)).count(),
                1,
                "{archive}: {skipped:?}"
            );
        }
    }
}

#[test]
fn a_member_that_the_directory_does_not_list_is_read_all_the_same() {
    let archive = std::fs::read(case("zip-deflate").join("a.zip")).expect("the case");
    let find = |magic| memchr::memmem::find(&archive, magic).expect("it is in every archive");
    let (directory, end) = (find(b"PK\x01\x02"), find(b"PK\x05\x06"));
    let second =
        directory + 1 + memchr::memmem::find(&archive[directory + 1..], b"PK\x01\x02").expect("it lists six");
    // Damage, and what an attacker does.
    let zeroed = [&archive[..end + 7], &vec![0; archive.len() - end - 7]].concat();
    let mut miscounted = archive.clone();
    miscounted[end + 10] = 1;
    let mut hidden = [&archive[..directory], &archive[second..]].concat();
    hidden[end - (second - directory) + 10] -= 1;
    let expected = hunt_jsonl(&case("zip-deflate").join("a.zip"), &[]).ids();
    for (what, bytes) in [("zeroed", zeroed), ("miscounted", miscounted), ("hidden", hidden)] {
        let evidence = Evidence::new();
        let hunt = hunt_jsonl(&evidence.file("a.zip", &bytes), &[]);
        assert_eq!(hunt.ids(), expected, "{what}: {}", hunt.stderr);
    }
}

/// The ids of a hunt through a zip archive of the corpus with `behind` behind it, and the bytes of its gaps.
fn zip_followed_by(archive: &[u8], behind: &[u8]) -> (Vec<String>, Vec<(u64, u64)>) {
    let evidence = Evidence::new();
    let path = evidence.file("a.zip", &[archive, behind].concat());
    let ids = hunt_jsonl(&path, &[]).ids();
    let ledger = evidence.ledger(&[]);
    assert_balanced(&ledger);
    let gaps = ledger["sources"][0]["gaps"].as_array().expect("a list").iter().map(|gap| {
        let number = |value: &Value| value.as_u64().expect("a number");
        (number(&gap["start"]), number(&gap["end"]))
    });
    (ids, gaps.collect())
}

#[test]
fn what_stands_behind_a_zip_archive_is_read_as_lines_and_told() {
    let sound = std::fs::read(case("zip-deflate").join("a.zip")).expect("the case");
    let end = memchr::memmem::find(&sound, b"PK\x05\x06").expect("it is in every archive");
    // If the directory does not say how many members there are, headers tell where they are.
    let mut headers_only = sound.clone();
    headers_only[end + 10] = 1;
    for (what, archive) in [("by directory", &sound), ("by headers", &headers_only)] {
        let (ids, gaps) = zip_followed_by(archive, b"");
        assert_eq!(gaps, [], "{what}");
        let end = archive.len() as u64;
        let appended = [hit("appended"), dull("x").repeat(1000), hit("appended-too")].join("\n");
        // More than the search for the directory's end looks at, too.
        for behind in [appended.clone(), format!("{appended}\n{}", "junk\n".repeat(20_000))] {
            let (found, gaps) = zip_followed_by(archive, behind.as_bytes());
            let mut expected = [&ids[..], &["appended".to_owned(), "appended-too".to_owned()]].concat();
            expected.sort();
            assert_eq!(found, expected, "{what}");
            assert_eq!(gaps, [(end, end + behind.len() as u64)], "{what}");
        }
        // Another archive is read like the first.
        let (found, gaps) = zip_followed_by(archive, archive);
        assert_eq!(found.len(), 2 * ids.len(), "{what}");
        assert!(gaps.is_empty(), "{what}: {gaps:?}");
        // A comment is framing if the archive declares it.
        let mut commented = archive.clone();
        let length = commented.len();
        commented[length - 2..].copy_from_slice(&5_u16.to_le_bytes());
        assert_eq!(zip_followed_by(&commented, b"hello"), (ids.clone(), Vec::new()), "{what}");
        assert_eq!(zip_followed_by(&commented, b"hello, all").1, [(end + 5, end + 10)], "{what}");
    }
}

#[test]
fn a_tar_member_whose_header_is_damaged_is_read_as_lines_and_told() {
    let texts = ["one", "two", "three"].map(|name| (name, hit(name) + "\n"));
    let mut archive = tar(&texts.each_ref().map(|(name, text)| (*name, text.as_bytes())));
    let second = memchr::memmem::find(&archive, b"two").expect("its header");
    archive[second] = b'X';
    let evidence = Evidence::new();
    let hunt = hunt_jsonl(&evidence.file("a.tar", &archive), &[]).expect_exit(3);
    assert_eq!(hunt.ids(), ["one", "three", "two"]);
    assert_balanced(&evidence.ledger(&[]));
}
