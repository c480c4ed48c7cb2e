//! zlib is what says what is right.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use proptest::prelude::*;
use zlib_rs::{DeflateConfig, Strategy as Tactic};

use super::*;

/// What comes out, where reading stopped, and how it ended.
type Outcome = (Vec<u8>, u64, Result<(), Damage>);

/// How deflate data ends by zlib.
fn by_zlib(bytes: &[u8]) -> Outcome {
    let mut inflate = Decompress::new(false);
    let (mut out, mut decoded) = (vec![0; 64 << 10], Vec::new());
    loop {
        let before = (inflate.total_in(), inflate.total_out());
        let rest = &bytes[before.0 as usize..];
        let status = inflate.decompress(rest, &mut out, FlushDecompress::None);
        decoded.extend_from_slice(&out[..(inflate.total_out() - before.1) as usize]);
        let at = inflate.total_in();
        match status {
            Err(_) => return (decoded, at, Err(Damage::Corrupt)),
            Ok(Status::StreamEnd) => return (decoded, at, Ok(())),
            Ok(_) if (at, inflate.total_out()) == before => return (decoded, at, Err(Damage::Truncated)),
            Ok(_) => {}
        }
    }
}

/// The same by our decoder, with so much room at a time.
fn by_ours(bytes: &[u8], room: usize) -> Outcome {
    let mut inflate = Inflate::new(0);
    let (mut out, mut decoded) = (vec![0; room], Vec::new());
    loop {
        let before: &[u8] = &decoded[decoded.len().saturating_sub(WINDOW)..];
        let mut sink = Sink { before, room: &mut out, at: 0 };
        let outcome = loop {
            match inflate.step(bytes, &mut sink) {
                Ok(Pause::Block) => {}
                outcome => break outcome,
            }
        };
        let at = sink.at;
        decoded.extend_from_slice(&out[..at]);
        let position = inflate.position().div_ceil(8);
        match outcome {
            Err(damage) => return (decoded, position, Err(damage)),
            Ok(Pause::End) => return (decoded, position, Ok(())),
            Ok(_) => assert_eq!(at, room, "it pauses only for want of room"),
        }
    }
}

#[track_caller]
fn assert_agrees(bytes: &[u8], rooms: &[usize]) {
    let expected = by_zlib(bytes);
    for room in rooms {
        let found = by_ours(bytes, *room);
        assert_eq!((found.1, &found.2), (expected.1, &expected.2), "room for {room}");
        assert!(found.0 == expected.0, "room for {room}: {} and {}", found.0.len(), expected.0.len());
    }
}

/// Compresses with flushes after pieces of so many bytes.
fn flushed(data: &[u8], level: u32, piece: usize, flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(level), false);
    let mut out = Vec::with_capacity(data.len() * 2 + 4096 + 16 * (data.len() / piece));
    for piece in data.chunks(piece) {
        compress.compress_vec(piece, &mut out, flush).unwrap();
    }
    compress.compress_vec(&[], &mut out, FlushCompress::Finish).unwrap();
    out
}

/// Compresses by a strategy of zlib's.
fn by_tactic(data: &[u8], level: i32, tactic: Tactic) -> Vec<u8> {
    let config = DeflateConfig { level, window_bits: -15, strategy: tactic, ..DeflateConfig::default() };
    let mut out = vec![0; data.len() * 2 + 4096];
    let (out, _) = zlib_rs::compress_slice(&mut out, data, config);
    out.to_vec()
}

/// Text of words that come again, runs, and bytes of chance.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => (0_usize..40, 1_usize..20).prop_map(|(word, times)| format!("word {word}, ").repeat(times).into_bytes()),
        2 => (any::<u8>(), 1_usize..600).prop_map(|(byte, count)| vec![byte; count]),
        2 => prop::collection::vec(any::<u8>(), 1..300),
        1 => prop::collection::vec(b'a'..b'e', 1..2000),
        1 => (1_usize..40_000).prop_map(|count| (0..count).map(|at| ((at * at) >> 7) as u8).collect()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn encoded() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let flush = prop_oneof![
        Just(FlushCompress::None),
        Just(FlushCompress::Sync),
        Just(FlushCompress::Partial),
        Just(FlushCompress::Full)
    ];
    let tactic = prop_oneof![
        Just(Tactic::Default),
        Just(Tactic::Filtered),
        Just(Tactic::HuffmanOnly),
        Just(Tactic::Rle),
        Just(Tactic::Fixed)
    ];
    (data(), 0_i32..10, 1_usize..5000, flush, tactic, any::<bool>()).prop_map(
        |(data, level, piece, flush, tactic, flushes)| {
            let encoded = if flushes {
                flushed(&data, level.unsigned_abs(), piece, flush)
            } else {
                by_tactic(&data, level, tactic)
            };
            (data, encoded)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_zlib_encodes_is_decoded_whatever_room_there_is((data, encoded) in encoded(), room in 1_usize..2000) {
        let (found, end, outcome) = by_ours(&encoded, 1 << 20);
        prop_assert_eq!((end, outcome), (encoded.len() as u64, Ok(())));
        prop_assert!(found == data);
        assert_agrees(&encoded, &[room, 70_000]);
    }

    #[test]
    fn damage_is_what_zlib_takes_for_damage(
        (_, mut encoded) in encoded(),
        flips in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        end in prop::option::of(any::<prop::sample::Index>()),
        room in 1_usize..2000,
    ) {
        for flip in flips {
            let bit = flip.index(encoded.len() * 8);
            encoded[bit / 8] ^= 1 << (bit % 8);
        }
        encoded.truncate(end.map_or(encoded.len(), |end| end.index(encoded.len() + 1)));
        assert_agrees(&encoded, &[room, 333, 1 << 20]);
    }

    /// Headers that hold more often than bytes of chance.
    #[test]
    fn headers_are_what_zlib_takes_for_headers(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        kind in 0_u8..8,
        zeros in 0_usize..60,
        room in 1_usize..300,
    ) {
        if let Some(first) = bytes.first_mut() {
            *first = *first & !7 | kind;
        }
        bytes.iter_mut().skip(3).take(zeros).for_each(|byte| *byte &= 0x11);
        assert_agrees(&bytes, &[room, 1 << 16]);
    }
}

#[test]
fn each_prefix_ends_as_with_zlib() {
    let text: Vec<u8> =
        (0..400).flat_map(|at| format!("{} of {}\n", at * 7919 % 1000, at % 13).into_bytes()).collect();
    for encoded in [
        flushed(&text, 6, 700, FlushCompress::Sync),
        by_tactic(&text, 9, Tactic::Fixed),
        flushed(&text, 0, 900, FlushCompress::Full),
    ] {
        (0..=encoded.len()).for_each(|end| assert_agrees(&encoded[..end], &[1, 100, 1 << 16]));
    }
}
