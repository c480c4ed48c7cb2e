//! Finds an archive whose beginning is damaged, or that lies in something else.

use super::{Budget, CODECS, Codec, Input};

/// How many places where a segment seems to begin are tried for each codec: whoever writes magics into a file must
/// not make it cost more than that.
const MOST_TRIES: usize = 1000;

/// How much of a segment is looked into for segments of another codec.
const LOOK_INTO: usize = 1 << 20;

/// The first segment in `bytes` that decodes, for a while at least, and its codec. A magic alone turns up by chance.
/// Of archives in one another it is one of the outer: in what is damaged there, the inner's segments may lie bare.
#[must_use]
pub fn search(bytes: &[u8], memory: &Budget) -> Option<(usize, &'static dyn Codec)> {
    let firsts = CODECS.iter().filter_map(|codec| Some((first(*codec, bytes, memory)?, *codec)));
    let mut firsts: Vec<(usize, &'static dyn Codec)> = firsts.collect();
    firsts.sort_by_key(|(at, _)| *at);
    firsts.into_iter().reduce(|inner, outer| {
        let content = decode(outer.1, &bytes[outer.0..], LOOK_INTO, memory);
        if first(inner.1, &content, memory).is_some() { outer } else { inner }
    })
}

fn first(codec: &dyn Codec, bytes: &[u8], memory: &Budget) -> Option<usize> {
    let mut from = 0;
    for _ in 0..MOST_TRIES {
        let at = from + codec.find(&bytes[from..])?;
        if !decode(codec, &bytes[at..], 1, memory).is_empty() {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The first decoded bytes of the segment at the beginning of `bytes`, `least` or more if there are as many.
fn decode(codec: &dyn Codec, bytes: &[u8], least: usize, memory: &Budget) -> Vec<u8> {
    let mut reader = codec.open(Input::slice(bytes, 0), memory);
    let (mut content, mut out) = (Vec::new(), [0; 4096]);
    while content.len() < least {
        match reader.read(&mut out) {
            Ok(count) if count > 0 => content.extend(&out[..count]),
            _ => break,
        }
    }
    content
}
