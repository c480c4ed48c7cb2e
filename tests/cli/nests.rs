//! Archives in archives without end.

use std::io::Read;
use std::time::{Duration, Instant};

use crate::support::{Evidence, Hunt, hit, hunt_jsonl};

/// An instruction in deflate data is five bytes long. This one prints so many bytes that follow: the header of a
/// stored block.
fn print(length: usize) -> [u8; 5] {
    let length = u16::try_from(length).expect("a block holds so many");
    let ([a, b], [c, d]) = (length.to_le_bytes(), (!length).to_le_bytes());
    [0, a, b, c, d]
}

/// Repeat the last 20 bytes: a Huffman block of two matches, ten bytes from twenty back.
const REPEAT_20: [u8; 5] = [0x42, 0x88, 0x21, 0xc4, 0x00];
/// Repeat the last 65 bytes, and the last 258: one match each, and an empty block that makes it five bytes.
const REPEAT_65: [u8; 5] = [0xa2, 0xd8, 0x00, 0x80, 0x00];
const REPEAT_258: [u8; 5] = [0x1a, 0x0d, 0x01, 0x80, 0x00];

/// A file that decompresses to itself, by Russ Cox's construction ("Zip Files All The Way Down", 2010). `head` and
/// `tail` are what stands around the instructions, each with what repeats so many bytes and an instruction's.
fn quine((head, repeat_head): (&[u8], &[u8; 5]), (tail, repeat_tail): (&[u8], &[u8; 5])) -> Vec<u8> {
    let (none, one, four, again) = (&print(0), &print(5), &print(20), &REPEAT_20);
    let (print_head, print_tail) = (&print(head.len() + 5), &print(tail.len() + 5));
    let program: [&[u8]; 34] = [
        head,
        print_head,
        head,
        print_head,
        repeat_head,
        one,
        repeat_head,
        one,
        one,
        four,
        repeat_head,
        one,
        one,
        four,
        again,
        four,
        again,
        four,
        again,
        four,
        again,
        four,
        again,
        none,
        none,
        print_tail,
        again,
        none,
        none,
        print_tail,
        repeat_tail,
        tail,
        repeat_tail,
        tail,
    ];
    program.concat()
}

/// A gzip file that decompresses to itself.
fn gzip_quine() -> Vec<u8> {
    let head = b"\x1f\x8b\x08\x08\0\0\0\0\0\xffself\0";
    // Two empty blocks and the last one; the checksum, with which the file has this checksum; the size.
    let tail = b"\x02\x08\x10\0\0\xff\xff\x4f\x12\x07\xdd\xd2\0\0\0";
    quine((head, &REPEAT_20), (tail, &REPEAT_20))
}

/// A zip archive whose only member is the archive.
fn zip_quine() -> Vec<u8> {
    // Names and a comment that make head and tail as long as there are instructions for.
    let (name, comment) = (b"recursive-without-end/self.zip", [b' '; 150]);
    let (size, packed, directory) = (776_u32, 468_u32, 528_u32);
    // The checksum with which the archive has this checksum.
    let sums = [0x5c41_83c3, packed, size].map(u32::to_le_bytes).concat();
    let fields = [b"\x14\0\0\0\x08\0\0\0\0\0", &sums[..], &[30, 0, 0, 0]].concat();
    let head = [b"PK\x03\x04", &fields[..], name].concat();
    let entry = [b"PK\x01\x02\x14\0", &fields[..], &[0; 14], name].concat();
    let end =
        [b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x4c\0\0\0", &directory.to_le_bytes()[..], &[150, 0], &comment];
    let last_block = b"\x01\0\0\xff\xff";
    let tail = [&last_block[..], &entry, &end.concat()].concat();
    quine((&head, &REPEAT_65), (&tail, &REPEAT_258))
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
    let quine = gzip_quine();
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

#[test]
fn a_zip_archive_that_holds_itself_ends_at_the_depth_limit() {
    let quine = zip_quine();
    let (data, mut decoded) = (&quine[60..528], Vec::new());
    flate2::read::DeflateDecoder::new(data).read_to_end(&mut decoded).expect("it is sound");
    assert_eq!(decoded, quine);
    let mut crc = flate2::Crc::new();
    crc.update(&quine);
    assert_eq!(crc.sum().to_le_bytes(), quine[14..18]);
    let name = "recursive-without-end/self.zip";
    assert_ends("r.zip", &quine, &format!("r.zip!{name}!{name}"));
}
