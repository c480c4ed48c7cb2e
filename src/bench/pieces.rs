//! Evidence in pieces that decode on their own.

use std::hint::black_box;
use std::ops::Range;
use std::path::PathBuf;

use super::{Error, MEMORY};
use crate::archive::{self, Budget, Codec, Extent, Input, Step, Stream, Tools};
use crate::evidence::Mapping;
use crate::limits;

/// Files, and the pieces in them.
#[derive(Debug)]
pub(super) struct Pieces {
    files: Vec<Mapping>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    file: usize,
    range: Range<usize>,
    coding: Coding,
}

#[derive(Clone, Copy, Debug)]
enum Coding {
    Plain,
    /// A segment that says how many bytes it holds.
    Segment(&'static dyn Codec, usize),
    /// Segments that do not, or are large, up to the end of the file.
    Stream(&'static dyn Codec),
}

/// Decoder memory of one thread.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    tools: Tools,
    /// It only grows, so that no byte is cleared twice.
    buffer: Vec<u8>,
}

impl Pieces {
    /// Maps `files` and cuts them as a hunt does.
    pub(super) fn cut(files: &[(PathBuf, u64)]) -> Result<Self, Error> {
        let mut all = Self { files: Vec::new(), pieces: Vec::new() };
        for (path, _) in files {
            let mapping = Mapping::open(path).map_err(|error| Error::Unreadable(path.clone(), error))?;
            let file = all.files.len();
            let cut = cut(mapping.bytes()).into_iter();
            all.pieces.extend(cut.map(|(range, coding)| Piece { file, range, coding }));
            all.files.push(mapping);
        }
        Ok(all)
    }

    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Decodes one piece and shows its bytes, a chunk at a time; how many there were. Damage ends the piece.
    pub(super) fn decode(&self, piece: usize, decoder: &mut Decoder, see: &mut dyn FnMut(&[u8])) -> u64 {
        let Piece { file, range, coding } = &self.pieces[piece];
        let bytes = &self.files[*file].bytes()[range.clone()];
        let decoded = match *coding {
            Coding::Plain => {
                // What bare decompression is to others: every byte looked at once.
                black_box(memchr::memchr_iter(b'\n', bytes).count());
                see(bytes);
                bytes.len() as u64
            }
            Coding::Segment(codec, decoded) => decoder.segment(codec, bytes, decoded, see),
            Coding::Stream(codec) => decoder.stream(codec, bytes, see),
        };
        self.files[*file].release(range.clone());
        decoded
    }
}

impl Decoder {
    fn room(&mut self, size: usize) {
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
    }

    fn segment(&mut self, codec: &dyn Codec, bytes: &[u8], size: usize, see: &mut dyn FnMut(&[u8])) -> u64 {
        self.room(size);
        match codec.decode(bytes, &mut self.buffer[..size], &mut self.tools) {
            Ok(_) => {
                see(&self.buffer[..size]);
                size as u64
            }
            Err(_) => 0,
        }
    }

    fn stream(&mut self, codec: &'static dyn Codec, bytes: &[u8], see: &mut dyn FnMut(&[u8])) -> u64 {
        self.room(limits::CHUNK);
        let chunk = &mut self.buffer[..limits::CHUNK];
        let mut stream = Stream::new(codec, Input::slice(bytes, 0), Budget::new(MEMORY / 2));
        let (mut filled, mut decoded) = (0, 0);
        loop {
            match stream.step(&mut chunk[filled..]) {
                Step::Data(count) => {
                    filled += count;
                    decoded += count as u64;
                }
                Step::Finished => break,
                _ => {}
            }
            if filled == chunk.len() {
                see(chunk);
                filled = 0;
            }
        }
        see(&chunk[..filled]);
        decoded
    }
}

fn cut(bytes: &[u8]) -> Vec<(Range<usize>, Coding)> {
    let Some(codec) = archive::sniff(bytes) else {
        let starts = (0..bytes.len()).step_by(limits::CHUNK);
        return starts.map(|at| (at..bytes.len().min(at + limits::CHUNK), Coding::Plain)).collect();
    };
    let (mut pieces, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some((length, decoded)) = segment(codec, rest) {
            pieces.push((at..at + length, Coding::Segment(codec, decoded)));
            at += length;
        } else if let Some(length) = padding(codec, rest) {
            at += length;
        } else {
            pieces.push((at..bytes.len(), Coding::Stream(codec)));
            break;
        }
    }
    pieces
}

/// Length and decoded size of the segment at the beginning of `bytes`, if it says both and is not large.
fn segment(codec: &dyn Codec, bytes: &[u8]) -> Option<(usize, usize)> {
    if !codec.starts(bytes) {
        return None;
    }
    match codec.extent(bytes, limits::SEGMENT_WALK) {
        Extent::Known { encoded, decoded: Some(decoded) } if decoded <= limits::WHOLE_SEGMENT => {
            let encoded = usize::try_from(encoded).ok().filter(|length| *length <= bytes.len())?;
            Some((encoded, usize::try_from(decoded).ok()?))
        }
        _ => None,
    }
}

fn padding(codec: &dyn Codec, bytes: &[u8]) -> Option<usize> {
    let length = usize::try_from(codec.padding(bytes)?).ok()?;
    (length > 0 && length <= bytes.len()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (usize, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, bytes).unwrap();
        let pieces = Pieces::cut(&[(path, bytes.len() as u64)]).unwrap();
        let (mut decoder, mut all) = (Decoder::default(), Vec::new());
        for piece in 0..pieces.len() {
            pieces.decode(piece, &mut decoder, &mut |chunk| all.extend_from_slice(chunk));
        }
        (pieces.len(), all)
    }

    #[test]
    fn every_byte_is_in_one_piece_whatever_the_container() {
        let text = "a line\n".repeat(400_000).into_bytes();
        let frame = |part: &[u8]| zstd::bulk::compress(part, 1).unwrap();
        let (first, second) = text.split_at(1_000_001);
        let skippable = [&0x184d_2a50_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"abc"].concat();
        let streamed = zstd::stream::encode_all(&text[..], 1).unwrap();
        for (bytes, pieces) in [
            (text.clone(), 3),
            ([frame(first), skippable, frame(second)].concat(), 2),
            (streamed, 1),
            (Vec::new(), 0),
        ] {
            let expected = if bytes.is_empty() { &[][..] } else { &text };
            let (count, all) = decoded(&bytes);
            assert_eq!(count, pieces);
            assert_eq!(all, expected);
        }
    }
}
