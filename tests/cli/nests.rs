//! Archives in archives without end.

use std::io::Read;
use std::time::{Duration, Instant};

use crate::support::{Evidence, Hunt, hit, hunt_jsonl};

/// Repeat the last 20 bytes: a Huffman block of two matches, ten bytes from twenty back.
const REPEAT: [u8; 5] = [0x42, 0x88, 0x21, 0xc4, 0x00];

/// Print what follows: the header of a stored block.
fn print(length: u16) -> [u8; 5] {
    let ([a, b], [c, d]) = (length.to_le_bytes(), (!length).to_le_bytes());
    [0, a, b, c, d]
}

/// A gzip file that decompresses to itself, by Russ Cox's construction ("Zip Files All The Way Down", 2010). An
/// instruction is five bytes; head and tail are 15, so that all that is repeated is 20.
fn quine() -> Vec<u8> {
    let head = b"\x1f\x8b\x08\x08\0\0\0\0\0\xffself\0";
    // Two empty blocks and the last one; the checksum, with which the file has this checksum; the size.
    let tail = b"\x02\x08\x10\0\0\xff\xff\x4f\x12\x07\xdd\xd2\0\0\0";
    let (none, one, four) = (&print(0), &print(5), &print(20));
    let repeat = &REPEAT;
    let program: [&[u8]; 34] = [
        head, four, head, four, repeat, one, repeat, one, one, four, repeat, one, one, four, repeat, four,
        repeat, four, repeat, four, repeat, four, repeat, none, none, four, repeat, none, none, four, repeat,
        tail, repeat, tail,
    ];
    program.concat()
}

/// A zip archive with one member, stored.
fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let size = u32::try_from(content.len()).unwrap().to_le_bytes();
    let length = [u8::try_from(name.len()).unwrap(), 0, 0, 0];
    let member =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &crc.sum().to_le_bytes()[..], &size, &size, &length].concat();
    let entry = [b"PK\x01\x02\x14\0", &member[..], &[0; 14], name.as_bytes()].concat();
    let local = [b"PK\x03\x04", &member[..], name.as_bytes(), content].concat();
    let (at, size) = (u32::try_from(local.len()).unwrap(), u32::try_from(entry.len()).unwrap());
    let end =
        [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &size.to_le_bytes(), &at.to_le_bytes(), &[0, 0]].concat();
    [local, entry, end].concat()
}

/// Hunts through an archive without end and a log beside it.
#[track_caller]
fn assert_ends(name: &str, archive: &[u8], place: &str) {
    let evidence = Evidence::new();
    evidence.file(name, archive);
    evidence.file("sound.ndjson", hit("sound").as_bytes());
    let start = Instant::now();
    let hunt: Hunt = hunt_jsonl(evidence.path(), &[]).expect_exit(3);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(hunt.ids(), ["sound"]);
    let told = hunt.stderr.lines().any(|line| line.contains("nested_too_deep") && line.contains(place));
    assert!(told, "{place}: {}", hunt.stderr);
}

#[test]
fn a_gzip_file_that_holds_itself_ends_at_the_depth_limit() {
    let quine = quine();
    let mut decoded = Vec::new();
    flate2::read::GzDecoder::new(quine.as_slice()).read_to_end(&mut decoded).expect("it is sound");
    assert_eq!(decoded, quine);
    assert_ends("self.gz", &quine, "self.gz");
}

#[test]
fn zip_in_zip_without_end_ends_at_the_depth_limit() {
    let nest = (0..12).fold(hit("deep").into_bytes(), |inner, depth| zip(&format!("{depth}.zip"), &inner));
    assert_ends("nest.zip", &nest, "nest.zip!11.zip!10.zip");
}
