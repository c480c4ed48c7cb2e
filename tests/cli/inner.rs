//! What damage in a codec means for what lies in archives behind it.

use crate::damage::{Encode, gzip, zstd};
use crate::support::{Evidence, Hunt, assert_balanced, dull, hit, hunt_jsonl};

/// A tar archive of these members.
pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in members {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..262].copy_from_slice(b"ustar");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// A zip archive of these members, stored, without a directory.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in members {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let size = u32::try_from(bytes.len()).expect("it is small").to_le_bytes();
        let length = u16::try_from(name.len()).expect("it is short").to_le_bytes();
        archive.extend(
            [b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0", &crc.sum().to_le_bytes()[..], &size, &size].concat(),
        );
        archive.extend([&length[..], &[0, 0], name.as_bytes(), bytes].concat());
    }
    archive.extend([b"PK\x05\x06".as_slice(), &[0; 18]].concat());
    archive
}

/// The hits that carry the flag `unverified`, sorted.
fn unverified(hunt: &Hunt) -> Vec<String> {
    let alerts = hunt.alerts();
    let flagged = alerts.iter().filter(|alert| {
        let flags = alert["coldtrail"]["flags"].as_array().expect("a list");
        flags.iter().any(|flag| flag == "unverified")
    });
    let mut ids: Vec<String> = flagged.map(|alert| crate::support::id(alert).to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn a_hit_in_a_member_is_unverified_if_a_segment_around_it_is() {
    let text = |name: &str| hit(name) + "\n" + &dull("x") + "\n";
    let members = ["one", "two", "three", "four"].map(|name| (name, text(name)));
    let members = members.each_ref().map(|(name, text)| (*name, text.as_bytes()));
    // How far before its end a segment's checksum stands.
    for (encode, checksum) in [(zstd as Encode, 4), (gzip, 8)] {
        for (what, archive) in [("tar", tar(&members)), ("zip", zip(&members))] {
            // The second segment begins in the second member and ends in the third, each before its hit.
            let before = |id: &str| {
                let hit = format!("\"id\":\"{id}\"");
                memchr::memmem::find(&archive, hit.as_bytes()).expect("it is there") - 90
            };
            let ends = [0, before("two"), before("three"), archive.len()];
            let mut segments: Vec<Vec<u8>> =
                ends.windows(2).map(|ends| encode(&archive[ends[0]..ends[1]])).collect();
            let evidence = Evidence::new();
            let hunt = hunt_jsonl(&evidence.file("log", &segments.concat()), &[]).expect_exit(0);
            assert!(unverified(&hunt).is_empty(), "{what}");
            let end = segments[1].len();
            segments[1][end - checksum] ^= 1;
            let hunt = hunt_jsonl(&evidence.file("log", &segments.concat()), &[]).expect_exit(3);
            assert_eq!(hunt.ids(), ["four", "one", "three", "two"], "{what}");
            assert_eq!(unverified(&hunt), ["two"], "{what}");
            // One that is cut short was never checked.
            let cut = &encode(&archive)[..];
            let hunt = hunt_jsonl(&evidence.file("log", &cut[..cut.len() - 3]), &[]).expect_exit(3);
            assert_eq!(unverified(&hunt), ["four", "one", "three", "two"], "{what}");
            // As deep as it may lie.
            let packed = encode(&tar(&[("inner", &archive)]));
            let hunt = hunt_jsonl(&evidence.file("log", &packed[..packed.len() - 3]), &[]).expect_exit(3);
            assert_eq!(unverified(&hunt), ["four", "one", "three", "two"], "tar of {what}");
        }
    }
}

#[test]
fn a_record_that_a_gap_in_a_codec_cuts_is_not_joined_with_what_stands_behind_it() {
    let (head, tail) = (hit("no such record"), hit("cut"));
    let half = |record: &str| record.find("\"process\":").expect("it is there");
    // What is lost is the end of one record, some others, and the beginning of the last.
    let before = hit("before") + "\n" + &head[..half(&head)];
    let lost = dull("x").repeat(30);
    let behind = tail[half(&tail)..].to_owned() + "\n" + &hit("behind") + "\n";
    let text = [&before[..], &lost, &behind].concat();
    let other = hit("other") + "\n";
    let members = [("log", text.as_bytes()), ("other", other.as_bytes())];
    for encode in [zstd as Encode, gzip] {
        for (what, archive) in [
            ("tar", tar(&members)),
            ("zip", zip(&members)),
            ("tar in tar", tar(&[("inner", &tar(&members))])),
            ("zip in tar", tar(&[("inner", &zip(&members))])),
        ] {
            let start = memchr::memmem::find(&archive, lost.as_bytes()).expect("it is there");
            let mut gone = encode(&archive[start..start + lost.len()]);
            gone.truncate(14);
            let bytes = [encode(&archive[..start]), gone, encode(&archive[start + lost.len()..])].concat();
            let evidence = Evidence::new();
            let hunt = hunt_jsonl(&evidence.file("log", &bytes), &[]).expect_exit(3);
            let ids = hunt.ids();
            assert!(!ids.contains(&"no such record".to_owned()), "{what}: {ids:?}");
            for id in ["before", "behind"] {
                assert!(ids.contains(&id.to_owned()), "{what}: {ids:?}\n{}", hunt.stderr);
            }
            assert_balanced(&evidence.ledger(&[]));
        }
    }
}
