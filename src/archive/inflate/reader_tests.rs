//! What is decoded ahead is what would be decoded anyway.

use std::sync::Arc;
use std::time::Duration;

use flate2::{Compress, Compression, FlushCompress};

use super::super::ahead::Signals;
use super::*;
use crate::archive::input::Shared;

/// What a stream reads as: its bytes, where it ended, and how.
type Outcome = (Vec<u8>, u64, Result<Pause, Damage>);

/// Lines that repeat themselves, near and far, and hold what comes once.
fn text(length: usize) -> Vec<u8> {
    let mut chance = 7_u64;
    let mut text = Vec::with_capacity(length + 100);
    while text.len() < length {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (kind, id) = (chance >> 60, chance >> 20);
        text.extend_from_slice(
            format!("{{\"kind\":\"number {kind}\",\"id\":\"{id:x}\",\"é\":{}}}\n", id % 9).as_bytes(),
        );
    }
    text
}

fn deflate(data: &[u8], level: u32, piece: usize, flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(level), false);
    let mut out = Vec::with_capacity(data.len() + data.len() / 4 + 4096);
    for piece in data.chunks(piece) {
        compress.compress_vec(piece, &mut out, flush).unwrap();
    }
    compress.compress_vec(&[], &mut out, FlushCompress::Finish).unwrap();
    out
}

/// Decodes to the end, or to the block at bit `until`.
fn inflate(inflate: &mut Inflate, bytes: &[u8], until: Option<u64>, out: &mut Vec<u8>) {
    let mut room = vec![0; 50_000];
    loop {
        let mut sink = Sink { before: &out[out.len().saturating_sub(WINDOW)..], room: &mut room, at: 0 };
        let pause = inflate.step(bytes, &mut sink).unwrap();
        let count = sink.at;
        out.extend_from_slice(&room[..count]);
        if pause == Pause::End || pause == Pause::Block && until == Some(inflate.position()) {
            return;
        }
    }
}

#[test]
fn what_is_decoded_ahead_fits_between_what_comes_before_and_after() {
    let text = text(3 << 20);
    let bytes = deflate(&text, 6, text.len(), FlushCompress::None);
    for from in [100_000, 1_234_567, 3_000_001] {
        let budget = Budget::new(1 << 20);
        let mut ahead = Ahead::new(Symbols::new(budget.take_aside().unwrap()));
        ahead.advance(&bytes, &Signals::new(from));
        let start = ahead.start().expect("a block begins there");
        assert!(ahead.is_done() && start >= from);

        let (mut decoded, mut front) = (Vec::new(), Inflate::new(0));
        inflate(&mut front, &bytes, Some(start), &mut decoded);
        assert_eq!(front.position(), start, "a block begins there");
        let before = decoded.len();
        let mut arrived = ahead.arrive(decoded.last_chunk().unwrap());
        let mut room = [0; 77_777];
        while !arrived.is_done() {
            let count = arrived.give(&mut room);
            decoded.extend_from_slice(&room[..count]);
        }
        assert!(decoded.len() > before + 500_000, "much is decoded ahead: {}", decoded.len() - before);
        let (mut front, _) = arrived.into_parts();
        inflate(&mut front, &bytes, None, &mut decoded);
        assert!(decoded == text, "from bit {from}");
    }
}

#[test]
fn one_that_is_told_to_stop_goes_on_later() {
    let text = text(1 << 20);
    let bytes = deflate(&text, 3, text.len(), FlushCompress::None);
    let budget = Budget::new(1 << 20);
    let mut ahead = Ahead::new(Symbols::new(budget.take_aside().unwrap()));
    let signals = Signals::new(8);
    signals.stop();
    ahead.advance(&bytes, &signals);
    assert!(!ahead.is_done() && ahead.start().is_none());
    let signals = Signals::new(800_000);
    ahead.advance(&bytes, &signals);
    assert!(ahead.is_done() && signals.start() == ahead.start());
    assert!(signals.start().is_some_and(|start| start >= 800_000) && signals.position() > 800_000);
}

#[test]
fn where_no_block_is_found_the_search_does_not_run_away() {
    let bytes = deflate(&text(8 << 20), 0, 1 << 20, FlushCompress::None);
    let budget = Budget::new(1 << 20);
    let mut ahead = Ahead::new(Symbols::new(budget.take_aside().unwrap()));
    let signals = Signals::new(1000);
    // Twice as far each time: 1 and 1, 1 and 2, 1 and 4.
    for reaches in [2, 5, 10] {
        ahead.advance(&bytes, &signals);
        assert!(ahead.start().is_none() && !ahead.is_done());
        assert!((reaches * REACH..(reaches + 1) * REACH).contains(&signals.position()), "{reaches} times");
    }
}

#[test]
fn blocks_without_anything_are_not_followed_for_ever() {
    let mut bytes = deflate(&text(1 << 20), 6, 1 << 20, FlushCompress::Sync);
    // The last block is empty, and makes way for others.
    bytes.truncate(bytes.len() - 2);
    bytes.extend([0, 0, 0, 0xff, 0xff].repeat(2 << 20));
    let budget = Budget::new(1 << 20);
    let mut ahead = Ahead::new(Symbols::new(budget.take_aside().unwrap()));
    let signals = Signals::new(100_000);
    ahead.advance(&bytes, &signals);
    assert!(ahead.is_done() && ahead.start().is_some());
    assert!(signals.position() < 50 << 20 && bytes.len() > 10 << 20, "{}", signals.position());
}

/// Reads with so much room at a time, in a pool of so many threads, and lets others find a block ahead now and then;
/// how often it took what they decoded.
fn read(bytes: &[u8], room: usize, threads: usize) -> (Outcome, usize) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let shared = Shared::new(Arc::new(bytes.to_vec()), 0..bytes.len());
        let mut reader = Reader::new(Mapped::Shared(shared), &Budget::new(1 << 20));
        let (mut decoded, mut out, mut taken, mut patience) = (Vec::new(), vec![0; room], 0, 1000);
        loop {
            let (count, outcome) = reader.read(&mut out);
            decoded.extend_from_slice(&out[..count]);
            taken += usize::from(reader.front.arrived.is_some());
            if outcome != Ok(Pause::Full) {
                let position = reader.position();
                return ((decoded, position, outcome), taken);
            }
            assert_eq!(count, room);
            while patience > 0 && reader.row.front().is_some_and(|helper| helper.signals().start().is_none())
            {
                thread::sleep(Duration::from_micros(100));
                patience -= 1;
            }
        }
    })
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

#[test]
fn threads_and_room_change_nothing() {
    let text = text(6 << 20);
    let mut ways = vec![
        deflate(&text, 6, text.len(), FlushCompress::None),
        deflate(&text, 3, 100_000, FlushCompress::Sync),
        deflate(&text, 9, 300_000, FlushCompress::Full),
    ];
    let mut damaged = ways[0].clone();
    let middle = damaged.len() * 2 / 3;
    damaged[middle..middle + 100].fill(0xff);
    ways.push(damaged);
    let mut truncated = ways[0].clone();
    truncated.truncate(middle);
    ways.push(truncated);
    for (way, bytes) in ways.iter().enumerate() {
        let (expected, alone) = read(bytes, 1 << 20, 1);
        assert_eq!(alone, 0, "one thread decodes nothing ahead");
        match way {
            0..3 => assert!(expected.0 == text && expected.2 == Ok(Pause::End), "way {way}"),
            3 => assert!(expected.0 != text),
            _ => assert_eq!(expected.2, Err(Damage::Truncated)),
        }
        let mut taken = 0;
        for (room, threads) in [(10_000, 1), (10_000, 2), (300_000, 2), (1 << 20, 4), (5 << 20, 3)] {
            let (found, often) = read(bytes, room, threads);
            assert_eq!(
                (found.1, found.2),
                (expected.1, expected.2),
                "way {way}, {threads} threads, room {room}"
            );
            assert!(found.0 == expected.0, "way {way}, {threads} threads, room for {room}");
            taken += often;
        }
        assert!(taken > 0 || processors() == 1, "way {way}: nothing was decoded ahead");
    }
}
