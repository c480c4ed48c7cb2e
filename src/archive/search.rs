//! Finds an archive whose beginning is damaged, or that lies in something else.

use super::{Budget, CODECS, Codec, Input, Step, Stream};

/// How many places where a segment seems to begin are tried for each codec: whoever writes magics into a file must
/// not make it cost more than that.
const MOST_TRIES: usize = 1000;

/// How many bytes show which of several codecs it is.
const COMPARED: usize = 1 << 20;

/// The first segment in `bytes` that decodes, for a while at least, and its codec. A magic alone turns up by chance.
/// Of several codecs it is the one that can read most: what lies in a damaged segment, or in a stored one, may look
/// like segments of another.
#[must_use]
pub fn search(bytes: &[u8], memory: &Budget) -> Option<(usize, &'static dyn Codec)> {
    let firsts = CODECS.iter().filter_map(|codec| Some((first(*codec, bytes, memory)?, *codec)));
    let mut firsts: Vec<(usize, &'static dyn Codec)> = firsts.collect();
    firsts.sort_by_key(|(at, _)| *at);
    let [.., _, (last, _)] = *firsts else { return firsts.pop() };
    let bytes = &bytes[..bytes.len().min(last + COMPARED)];
    firsts.into_iter().min_by_key(|(at, codec)| lost(*codec, &bytes[*at..], last - at, memory))
}

/// How many of `bytes` from `from` on cannot be read by a codec.
fn lost(codec: &'static dyn Codec, bytes: &[u8], from: usize, memory: &Budget) -> u64 {
    let (mut stream, mut out) =
        (Stream::new(codec, Input::slice(bytes, 0), memory.clone()), vec![0; 64 << 10]);
    let mut lost = 0;
    loop {
        match stream.step(&mut out) {
            Step::Gap { bytes, .. } => lost += bytes.end.saturating_sub(bytes.start.max(from as u64)),
            Step::Finished => return lost,
            _ => {}
        }
    }
}

fn first(codec: &dyn Codec, bytes: &[u8], memory: &Budget) -> Option<usize> {
    let mut from = 0;
    for _ in 0..MOST_TRIES {
        let at = from + codec.find(&bytes[from..])?;
        if decodes(codec, &bytes[at..], memory) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn decodes(codec: &dyn Codec, bytes: &[u8], memory: &Budget) -> bool {
    let mut out = [0; 4096];
    codec.open(Input::slice(bytes, 0), memory).read(&mut out).is_ok_and(|count| count > 0)
}
