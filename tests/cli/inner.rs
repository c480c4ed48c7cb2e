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

/// The same, deflated, with sizes and checksums behind the data, as whoever writes to a pipe does.
pub(crate) fn zip_to_pipe(members: &[(&str, &[u8])], level: flate2::Compression) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in members {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
        std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
        let packed = encoder.finish().expect("memory takes it");
        let number = |number: usize| u32::try_from(number).expect("it is small").to_le_bytes();
        let length = u16::try_from(name.len()).expect("it is short").to_le_bytes();
        archive.extend([b"PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0", &[0; 12][..], &length, &[0, 0]].concat());
        archive.extend([name.as_bytes(), &packed, b"PK\x07\x08", &crc.sum().to_le_bytes()].concat());
        archive.extend([number(packed.len()), number(bytes.len())].concat());
    }
    archive.extend([b"PK\x05\x06".as_slice(), &[0; 18]].concat());
    archive
}

/// The hits that carry the flag `unverified`, sorted.
fn unverified(hunt: &Hunt) -> Vec<String> {
    flagged(hunt, "unverified")
}

/// The hits that carry this flag, sorted.
fn flagged(hunt: &Hunt, flag: &str) -> Vec<String> {
    let alerts = hunt.alerts();
    let flagged = alerts.iter().filter(|alert| {
        let flags = alert["coldtrail"]["flags"].as_array().expect("a list");
        flags.iter().any(|other| other == flag)
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
            // Deflate without compression: nothing in it tells that bytes are missing.
            ("zip to a pipe", zip_to_pipe(&members, flate2::Compression::none())),
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

#[test]
fn a_gap_in_a_codec_marks_the_record_before_it_and_the_one_behind_it() {
    let ids: Vec<String> = (0..9).map(|at| format!("hit-{at}")).collect();
    let lines: Vec<String> = ids.iter().map(|id| hit(id) + "\n").collect();
    let text = lines.concat();
    let length = lines[0].len();
    for encode in [zstd as Encode, gzip] {
        for (what, archive) in [
            ("tar", tar(&[("log", text.as_bytes())])),
            ("zip", zip(&[("log", text.as_bytes())])),
            ("zip to a pipe", zip_to_pipe(&[("log", text.as_bytes())], flate2::Compression::none())),
        ] {
            // What is lost is the last brace of one record, and the next one.
            let start = memchr::memmem::find(&archive, text.as_bytes()).expect("it is there");
            let (from, to) = (start + 3 * length - 2, start + 4 * length);
            let mut gone = encode(&archive[from..to]);
            gone.truncate(14);
            let bytes = [encode(&archive[..from]), gone, encode(&archive[to..])].concat();
            let evidence = Evidence::new();
            let hunt = hunt_jsonl(&evidence.file("log", &bytes), &[]).expect_exit(3);
            assert_eq!(hunt.ids(), [&ids[..3], &ids[4..]].concat(), "{what}: {}", hunt.stderr);
            assert_eq!(flagged(&hunt, "beside_gap"), ["hit-2", "hit-4"], "{what}");
        }
    }
}

/// How many bytes the first `packed` bytes of deflate data hold.
fn inflated(packed: &[u8]) -> usize {
    let mut inflate = flate2::Decompress::new(false);
    let mut out = vec![0; 1 << 20];
    inflate.decompress(packed, &mut out, flate2::FlushDecompress::None).expect("it is sound");
    usize::try_from(inflate.total_out()).expect("it is small")
}

#[test]
fn damage_around_a_member_that_tells_its_size_behind_its_data_is_told_where_it_lies() {
    let name = |at: usize| format!("hit-{at:03}");
    // Nothing repeats, so that the data is long.
    let digest = |at: usize| <sha2::Sha512 as sha2::Digest>::digest(at.to_le_bytes());
    let noise = |at: usize| -> String { digest(at).iter().map(|byte| format!("{byte:02x}")).collect() };
    let lines: Vec<String> = (0..400)
        .map(|at| hit(&name(at)).replacen('{', &format!("{{\"noise\":\"{}\",", noise(at)), 1) + "\n")
        .collect();
    let text = lines.concat();
    let (first, last) = (hit("a-first") + "\n", hit("z-last") + "\n");
    let members = [("first", first.as_bytes()), ("log", text.as_bytes()), ("last", last.as_bytes())];
    let archive = zip_to_pipe(&members, flate2::Compression::default());
    let data = memchr::memmem::rfind(&archive, b"\x03\0\0\0log").expect("its header") + 7;
    let ends = [0, data + 5000, data + 12_000, data + 20_000, archive.len()];
    // Where the lines of the second segment begin, and of the third.
    let reached = [5000, 12_000].map(|packed| inflated(&archive[data..data + packed]));
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |end, line| {
            let start = *end;
            *end += line.len();
            Some(start)
        })
        .collect();
    let names = |range: std::ops::Range<usize>| -> Vec<String> {
        (0..400).filter(|at| range.contains(&starts[*at])).map(name).collect()
    };
    for (encode, checksum) in [(zstd as Encode, 4), (gzip, 8)] {
        let mut segments: Vec<Vec<u8>> =
            ends.windows(2).map(|ends| encode(&archive[ends[0]..ends[1]])).collect();
        let end = segments[1].len();
        segments[1][end - checksum] ^= 1;
        let evidence = Evidence::new();
        let hunt = hunt_jsonl(&evidence.file("log", &segments.concat()), &[]).expect_exit(3);
        // Its gap cuts the record at its end.
        let mut expected = names(reached[0]..reached[1]);
        let cut = expected.pop().expect("a line");
        assert_eq!(hunt.ids().len(), 401);
        assert!(!hunt.ids().contains(&cut));
        assert_eq!(unverified(&hunt), expected);
        assert_balanced(&evidence.ledger(&[]));
        // Of a segment that is cut, nothing is to be had.
        segments[1].truncate(20);
        let evidence = Evidence::new();
        let hunt = hunt_jsonl(&evidence.file("log", &segments.concat()), &[]).expect_exit(3);
        let mut whole = names(0..reached[0]);
        whole.pop();
        for id in whole.iter().chain(["a-first", "z-last"].map(str::to_owned).iter()) {
            assert!(hunt.ids().contains(id), "{id}: {}", hunt.stderr);
        }
        assert_balanced(&evidence.ledger(&[]));
    }
}
