//! Damage costs what is damaged and no more.

use crate::support::{Evidence, assert_balanced, dull, hit, hunt_jsonl, hunt_stdin};

/// Makes one segment.
pub(crate) type Encode = fn(&[u8]) -> Vec<u8>;

/// Segments of ten records each; the fifth of each is a hit.
fn segments(encode: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
    let records = |segment: usize| -> String {
        let record = |at: usize| {
            if at == 5 { hit(&format!("hit-{segment}")) } else { dull("x") + &" ".repeat(at * 97) }
        };
        (0..10).map(|at| record(at) + "\n").collect()
    };
    (0..8).map(|segment| encode(records(segment).as_bytes())).collect()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory takes it");
    encoder.include_checksum(true).expect("memory takes it");
    encoder.set_pledged_src_size(Some(bytes.len() as u64)).expect("memory takes it");
    std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Hunts through `segments` with segment 3 replaced by `damaged`: all other hits must be there, the damage
/// listed, and the books in balance.
#[track_caller]
fn check(segments: &[Vec<u8>], damaged: &[u8], what: &str) {
    let evidence = Evidence::new();
    let bytes = [segments[..3].concat(), damaged.to_vec(), segments[4..].concat()].concat();
    let path = evidence.file("log", &bytes);
    let hunt = hunt_jsonl(&path, &[]);
    assert!(matches!(hunt.exit, Some(0 | 3)), "{what}: {hunt:?}");
    let ids = hunt.ids();
    let missing: Vec<usize> =
        [0, 1, 2, 4, 5, 6, 7].into_iter().filter(|at| !ids.contains(&format!("hit-{at}"))).collect();
    assert!(missing.is_empty(), "{what}: {missing:?}\n{}", hunt.stderr);
    assert!(hunt.exit == Some(3) || ids.contains(&"hit-3".to_owned()), "{what}: a loss must be told");
    assert_balanced(&evidence.ledger(&[]));
}

#[test]
fn a_flipped_bit_anywhere_in_a_frame_or_member_costs_no_other() {
    for encode in [zstd as fn(&[u8]) -> Vec<u8>, gzip] {
        let segments = segments(encode);
        for at in (0..segments[3].len()).step_by(segments[3].len() / 40 + 1) {
            let mut damaged = segments[3].clone();
            damaged[at] ^= 0x20;
            check(&segments, &damaged, &format!("bit flipped at {at}"));
        }
    }
}

#[test]
fn a_cut_or_garbage_in_the_middle_costs_no_other() {
    for encode in [zstd as fn(&[u8]) -> Vec<u8>, gzip] {
        let segments = segments(encode);
        for keep in (1..segments[3].len()).step_by(segments[3].len() / 20 + 1) {
            check(&segments, &segments[3][..keep], &format!("cut at {keep}"));
        }
        check(&segments, &[b"no segment at all".repeat(9), segments[3].clone()].concat(), "garbage before");
        check(&segments, &[segments[3].clone(), vec![0xff; 300]].concat(), "garbage behind");
    }
}

#[test]
fn a_cut_tail_keeps_what_came_before() {
    for encode in [zstd as fn(&[u8]) -> Vec<u8>, gzip] {
        let whole = segments(encode).concat();
        for keep in (1..whole.len()).step_by(whole.len() / 25) {
            let evidence = Evidence::new();
            let path = evidence.file("log", &whole[..keep]);
            let hunt = hunt_jsonl(&path, &[]);
            let reached = keep * 8 / whole.len();
            assert!(hunt.ids().len() >= reached.saturating_sub(1), "cut at {keep}: {hunt:?}");
            assert_balanced(&evidence.ledger(&[]));
        }
    }
}

/// Records of 8 KiB that hardly compress, each a hit.
fn large_hits(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:016x}", state ^ (state >> 29))
    };
    let mut record = |at: usize| {
        let noise: String = (0..512).map(|_| noise()).collect();
        hit(&format!("hit-{at:03}")).replacen('{', &format!("{{\"noise\":\"{noise}\","), 1) + "\n"
    };
    (0..count).map(&mut record).collect::<String>().into_bytes()
}

#[test]
fn what_a_frame_or_member_holds_before_its_damage_is_kept_whatever_the_chunk_size() {
    for encode in [zstd as fn(&[u8]) -> Vec<u8>, gzip] {
        let sound = encode(&large_hits(128));
        for (what, at, least) in
            [("a block", sound.len() * 3 / 5, 60), ("the checksum", sound.len() - 2, 128)]
        {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            let evidence = Evidence::new();
            let path = evidence.file("log", &damaged);
            let hunts = ["4KiB", "1MiB", "64MiB"]
                .map(|size| hunt_jsonl(&path, &["--chunk-size", size]).expect_exit(3));
            assert!(hunts[0].ids().len() >= least, "{what}: {} hits", hunts[0].ids().len());
            assert!(hunts.iter().all(|hunt| hunt.stdout == hunts[0].stdout), "{what}");
            let ledgers =
                ["4KiB", "64MiB"].map(|size| evidence.ledger(&["--chunk-size", size])["sources"].clone());
            assert_eq!(ledgers[0], ledgers[1], "{what}");
        }
    }
}

#[test]
fn a_segment_lost_around_others_costs_those_that_reach_into_it() {
    for (inner, outer) in [(zstd as fn(&[u8]) -> Vec<u8>, gzip as fn(&[u8]) -> Vec<u8>), (gzip, zstd)] {
        let inner = segments(inner);
        // What is lost is nearly all of one segment and most of the next: what comes behind is too short to be
        // taken for the rest of the first, and the segments behind it must not be taken for it either.
        let at = |segment: usize, part: usize| inner[segment].split_at(inner[segment].len() * part / 8);
        let ((begun, lost), (lost_too, end)) = (at(2, 1), at(3, 7));
        let before = outer(&[&inner[..2].concat(), begun].concat());
        let mut damaged = outer(&[lost, lost_too].concat());
        let behind = outer(&[end, &inner[4..].concat()].concat());
        damaged.truncate(20);
        let evidence = Evidence::new();
        let hunt = hunt_jsonl(&evidence.file("log", &[before, damaged, behind].concat()), &[]).expect_exit(3);
        let missing: Vec<usize> =
            [0, 1, 4, 5, 6, 7].into_iter().filter(|at| !hunt.ids().contains(&format!("hit-{at}"))).collect();
        assert!(missing.is_empty(), "{missing:?}: {}", hunt.stderr);
        assert_balanced(&evidence.ledger(&[]));
    }
}

#[test]
fn a_gap_in_an_outer_codec_cuts_no_record_before_it() {
    let records = |numbers: std::ops::Range<usize>| -> String {
        numbers.map(|at| hit(&format!("hit-{at}")) + "\n").collect()
    };
    // Records reach from one member into the next.
    let members = |text: String| text.as_bytes().chunks(70).map(gzip).collect::<Vec<_>>().concat();
    let (sound, mut damaged) = (zstd(&members(records(0..10))), zstd(&members(records(10..20))));
    damaged.truncate(damaged.len() / 2);
    let evidence = Evidence::new();
    let hunt = hunt_jsonl(&evidence.file("log", &[sound, damaged].concat()), &[]).expect_exit(3);
    let missing: Vec<usize> = (0..10).filter(|at| !hunt.ids().contains(&format!("hit-{at}"))).collect();
    assert!(missing.is_empty(), "{missing:?}: {}", hunt.stderr);
}

/// Every segment of these begins with a magic that tells it.
pub(crate) const CODECS: [(&str, Encode); 5] =
    [("zstd", zstd), ("gzip", gzip), ("bzip2", bzip2), ("xz", xz), ("lz4", lz4)];

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Asserts that hits 1 to 7 are found in `bytes`, and that a gap covers `head` bytes from the beginning.
#[track_caller]
fn check_head(bytes: &[u8], head: usize, what: &str) {
    let evidence = Evidence::new();
    let hunt = hunt_jsonl(&evidence.file("log", bytes), &[]).expect_exit(3);
    let missing: Vec<usize> = (1..8).filter(|at| !hunt.ids().contains(&format!("hit-{at}"))).collect();
    assert!(missing.is_empty(), "{what}: {missing:?}\n{}", hunt.stderr);
    let ledger = evidence.ledger(&[]);
    assert_balanced(&ledger);
    let gap = &ledger["sources"][0]["gaps"][0];
    assert_eq!((gap["start"].as_u64(), gap["end"].as_u64()), (Some(0), Some(head as u64)), "{what}: {gap}");
}

#[test]
fn a_first_segment_that_is_not_recognised_costs_no_other() {
    for (name, encode) in CODECS {
        let segments = segments(encode);
        let (head, whole) = (segments[0].len(), segments.concat());
        let mut flipped = whole.clone();
        flipped[1] ^= 0x40;
        check_head(&flipped, head, &format!("{name}, a bit of the magic flipped"));
        let mut zeroed = whole.clone();
        zeroed[..head].fill(0);
        check_head(&zeroed, head, &format!("{name}, the first segment zeroed"));
        check_head(&whole[head / 2..], head - head / 2, &format!("{name}, the beginning cut off"));
        // The archive in another one, whose first segment is lost.
        let around = if name == "gzip" { zstd } else { gzip };
        let outer = [around(&whole[..head + 9]), around(&whole[head + 9..])].concat();
        let evidence = Evidence::new();
        let hunt = hunt_jsonl(&evidence.file("log", &outer[1..]), &[]).expect_exit(3);
        let missing: Vec<usize> = (2..8).filter(|at| !hunt.ids().contains(&format!("hit-{at}"))).collect();
        assert!(missing.is_empty(), "{name} in another: {missing:?}\n{}", hunt.stderr);
        // Standard input.
        let found = hunt_stdin(&flipped).expect_exit(3).ids();
        assert!((1..8).all(|at| found.contains(&format!("hit-{at}"))), "{name}: {found:?}");
    }
}

#[test]
fn a_segment_in_something_else_hides_nothing_of_it() {
    let lines = |name: &str| hit(name) + "\n";
    let noise: Vec<u8> =
        (0..200_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1] | 1).collect();
    for (name, encode) in CODECS {
        let segment = encode(lines("packed").as_bytes());
        let fake = &segment[..segment.len().min(12)];
        // A text is a text, whatever stands in it.
        let text = "no record\n".repeat(10_000);
        let log = [text.as_bytes(), &segment, b"\n", text.as_bytes(), lines("behind").as_bytes()].concat();
        let evidence = Evidence::new();
        let hunt = hunt_jsonl(&evidence.file("log", &log), &[]).expect_exit(3);
        assert_eq!(hunt.ids(), ["behind"], "{name}");
        // In anything else a segment is read, and so is what lies around it; what only looks like one changes nothing.
        let around = |segment: &[u8]| {
            [&noise, lines("before").as_bytes(), &noise, segment, &noise, b"\n", lines("behind").as_bytes()]
                .concat()
        };
        for (segment, expected) in
            [(&segment[..], &["before", "behind", "packed"][..]), (fake, &["before", "behind"])]
        {
            let mut image = around(segment);
            // A line of its own.
            let before = memchr::memmem::find(&image, b"{\"@timestamp").expect("it is there");
            image[before - 1] = b'\n';
            let evidence = Evidence::new();
            let hunt = hunt_jsonl(&evidence.file("image", &image), &[]).expect_exit(3);
            assert_eq!(hunt.ids(), expected, "{name}");
            assert_balanced(&evidence.ledger(&[]));
        }
    }
}

#[test]
fn lines_behind_an_archive_are_read_and_told() {
    for (name, encode) in CODECS {
        let archive = encode((hit("packed") + "\n").as_bytes());
        let appended = hit("appended") + "\n" + &hit("appended-too");
        let evidence = Evidence::new();
        let bytes = [&archive, appended.as_bytes()].concat();
        let hunt = hunt_jsonl(&evidence.file("log", &bytes), &[]).expect_exit(3);
        assert_eq!(hunt.ids(), ["appended", "appended-too", "packed"], "{name}");
        let ledger = evidence.ledger(&[]);
        assert_balanced(&ledger);
        let gap = &ledger["sources"][0]["gaps"][0];
        assert_eq!(gap["start"].as_u64(), Some(archive.len() as u64), "{name}");
        assert_eq!(gap["end"].as_u64(), Some(bytes.len() as u64), "{name}");
    }
}
