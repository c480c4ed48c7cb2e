//! Zip archives that are damaged, or lie behind something else.

use crate::damage::zstd;
use crate::inner::zip_to_pipe;
use crate::support::{Evidence, assert_balanced, dull, hit, hunt_jsonl, hunt_stdin};

/// An archive's members and their central headers, by the place of each.
struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    /// Where the members' local headers stand.
    headers: Vec<usize>,
}

const EXTRA: &[u8] = b"UT\x05\0\x01\0\0\0\0";

impl Zip {
    /// Deflated members, each with a hit in the middle that is called like it; `behind` what they stand.
    fn new(names: &[&str], behind: usize) -> Self {
        let mut zip = Self { bytes: Vec::new(), directory: Vec::new(), headers: Vec::new() };
        for name in names {
            let text = [&dull("x"), &hit(name), &dull("y"), ""].join("\n");
            zip.add(name, text.as_bytes(), behind);
        }
        zip
    }

    fn add(&mut self, name: &str, text: &[u8], behind: usize) {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, text).expect("memory takes it");
        let packed = encoder.finish().expect("memory takes it");
        let mut crc = flate2::Crc::new();
        crc.update(text);
        let at = self.bytes.len();
        let fields = [
            b"\x14\0\0\0\x08\0\0\0\0\0",
            &crc.sum().to_le_bytes()[..],
            &long(packed.len()),
            &long(text.len()),
        ];
        let fields = [&fields.concat()[..], &short(name.len())].concat();
        self.headers.push(at);
        // The local header has an extra field.
        let local = [b"PK\x03\x04", &fields[..], &short(EXTRA.len()), name.as_bytes(), EXTRA, &packed];
        self.bytes.extend(local.concat());
        let central =
            [b"PK\x01\x02\x14\0", &fields[..], &[0; 12], &long(at + behind), name.as_bytes()].concat();
        self.directory.extend(central);
    }

    /// The whole archive; places count from `behind` bytes before it.
    fn finish(&self, behind: usize) -> Vec<u8> {
        let count = short(self.headers.len());
        let (length, at) = (long(self.directory.len()), long(self.bytes.len() + behind));
        let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &at, &[0, 0]].concat();
        [&self.bytes[..], &self.directory, &end].concat()
    }
}

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("it is small").to_le_bytes()
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("it is small").to_le_bytes()
}

const NAMES: [&str; 4] = ["a-one", "b-two", "c-three", "d-four"];

/// What a hunt through `bytes` finds; the books must balance.
#[track_caller]
fn ids(bytes: &[u8], exit: i32) -> Vec<String> {
    let evidence = Evidence::new();
    let hunt = hunt_jsonl(&evidence.file("log", bytes), &[]).expect_exit(exit);
    assert_balanced(&evidence.ledger(&[]));
    hunt.ids()
}

#[test]
fn a_local_header_that_is_damaged_costs_nothing_that_the_directory_tells() {
    let zip = Zip::new(&NAMES, 0);
    let sound = zip.finish(0);
    assert_eq!(ids(&sound, 0), NAMES);
    let second = zip.headers[1];
    // The magic, the lengths of the name and the extra fields.
    for at in [0, 1, 2, 3, 26, 27, 28, 29] {
        for bit in 0..8 {
            let mut damaged = sound.clone();
            damaged[second + at] ^= 1 << bit;
            assert_eq!(ids(&damaged, 0), NAMES, "bit {bit} of byte {at}");
        }
    }
    let mut zeroed = sound.clone();
    zeroed[second..second + 30].fill(0);
    assert_eq!(ids(&zeroed, 0), NAMES, "zeroed");
    // Behind a codec, the headers tell.
    let mut flipped = sound;
    flipped[1] ^= 1;
    assert_eq!(ids(&zstd(&flipped), 3), NAMES[1..], "the first magic, in zstd");
}

#[test]
fn an_archive_behind_something_else_is_read_and_what_it_stands_behind_too() {
    let stub: Vec<u8> = (0..5000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    let script = b"#!/bin/sh\nexec unzip $0\n";
    let lines = [&stub[..], b"\n", hit("e-before").as_bytes(), b"\n", &stub].concat();
    // A program that unpacks itself knows what a local header begins with.
    let magic = [&stub[..], b"PK\x03\x04", &stub, b"PK\x01\x02"].concat();
    for (what, before) in
        [("a program", &stub[..]), ("a script", script), ("lines", &lines), ("magics", &magic)]
    {
        let mut expected: Vec<&str> = NAMES.to_vec();
        expected.extend((what == "lines").then_some("e-before"));
        for behind in [0, before.len()] {
            let archive = Zip::new(&NAMES, behind).finish(behind);
            let evidence = Evidence::new();
            let bytes = [before, &archive].concat();
            let hunt = hunt_jsonl(&evidence.file("setup.exe", &bytes), &[]).expect_exit(3);
            assert_eq!(hunt.ids(), expected, "{what}, places from {behind}: {}", hunt.stderr);
            let ledger = evidence.ledger(&[]);
            assert_balanced(&ledger);
            let gaps = ledger["sources"][0]["gaps"].as_array().expect("a list");
            assert_eq!(gaps.len(), 1, "{what}: {gaps:?}");
            assert_eq!(gaps[0]["end"].as_u64(), Some(before.len() as u64), "{what}: {gaps:?}");
            // Where its end is not at hand, members are found by their own headers.
            assert_eq!(ids(&zstd(&bytes), 3), expected, "{what}, in zstd");
            assert_eq!(hunt_stdin(&bytes).expect_exit(3).ids(), expected, "{what}, standard input");
        }
    }
}

#[test]
fn members_behind_an_archive_are_read_if_only_their_data_tells_where_it_ends() {
    let (first, last) = (hit("e-piped") + "\n", hit("f-piped") + "\n");
    let members = [("piped/e", first.as_bytes()), ("piped/f", last.as_bytes())];
    let mut piped = zip_to_pipe(&members, flate2::Compression::fast());
    piped.truncate(piped.len() - 22);
    let bytes = [Zip::new(&NAMES, 0).finish(0), piped].concat();
    let expected = [&NAMES[..], &["e-piped", "f-piped"]].concat();
    let evidence = Evidence::new();
    let hunt = hunt_jsonl(&evidence.file("log", &bytes), &[]);
    assert_eq!(hunt.ids(), expected, "{}", hunt.stderr);
    assert_balanced(&evidence.ledger(&[]));
    for (alert, place) in
        hunt.alerts().iter().zip(["a-one", "b-two", "c-three", "d-four", "piped/e", "piped/f"])
    {
        let source = alert["coldtrail"]["events"][0]["location"]["source"].as_str().expect("a source");
        assert!(source.ends_with(&format!("log!{place}")), "{source}");
    }
}
