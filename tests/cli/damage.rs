//! Damage costs what is damaged and no more.

use crate::support::{Evidence, assert_balanced, dull, hit, hunt_jsonl};

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

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory takes it");
    encoder.include_checksum(true).expect("memory takes it");
    encoder.set_pledged_src_size(Some(bytes.len() as u64)).expect("memory takes it");
    std::io::Write::write_all(&mut encoder, bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
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
