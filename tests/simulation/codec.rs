//! Codecs: evidence in one segment or many.

use std::io::Write;

use crate::dice::Dice;
use crate::evidence::Evidence;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    /// Without or with a checksum; the stream's encoder leaves the content size out.
    ZstdBulk(bool),
    ZstdStream(bool),
    Gzip,
    Xz,
    Bzip2,
    Lz4(bool),
}

const CODECS: [Codec; 9] = [
    Codec::ZstdBulk(true),
    Codec::ZstdBulk(false),
    Codec::ZstdStream(true),
    Codec::ZstdStream(false),
    Codec::Gzip,
    Codec::Xz,
    Codec::Bzip2,
    Codec::Lz4(true),
    Codec::Lz4(false),
];

impl Codec {
    fn is_checked(self) -> bool {
        !matches!(self, Codec::ZstdBulk(false) | Codec::ZstdStream(false) | Codec::Lz4(false))
    }

    fn encode(self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Codec::ZstdBulk(checksum) => {
                let mut encoder = zstd::bulk::Compressor::new(3)?;
                encoder.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(checksum))?;
                encoder.compress(plain)
            }
            Codec::ZstdStream(checksum) => {
                let mut encoder = zstd::Encoder::new(Vec::new(), 1)?;
                encoder.include_checksum(checksum)?;
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Codec::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Codec::Xz => {
                let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Codec::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Codec::Lz4(checksum) => {
                let info = lz4_flex::frame::FrameInfo::new().content_checksum(checksum);
                let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
                encoder.write_all(plain)?;
                encoder.finish().map_err(std::io::Error::other)
            }
        }
    }
}

/// Encodes it, cut anywhere.
pub(crate) fn encoded(plain: Evidence, dice: &mut Dice) -> Evidence {
    let codec = dice.pick(&CODECS);
    let segments = dice.pick(&[1, 1, 2, 5, 12]);
    let length = plain.bytes.len();
    let mut ends: Vec<usize> = (1..segments).map(|_| dice.below(length + 1)).collect();
    ends.push(length);
    ends.sort_unstable();
    ends.dedup();
    let (mut bytes, mut from, mut seams, mut places) = (Vec::new(), 0, Vec::new(), Vec::new());
    for end in ends {
        let start = bytes.len();
        bytes.extend(codec.encode(&plain.bytes[from..end]).expect("memory takes all of it"));
        places.push((from..end, start..bytes.len()));
        seams.push(bytes.len());
        from = end;
    }
    let (is_placed, is_nested) = (plain.is_placed, plain.is_encoded);
    let mut evidence = plain.mapped(|need| {
        let from = if is_placed { 0 } else { need.start };
        let meets = places.iter().filter(|(plain, _)| plain.start < need.end && from < plain.end);
        let encoded = meets.map(|(_, encoded)| encoded.clone());
        encoded.reduce(|first, last| first.start..last.end).unwrap_or(0..0)
    });
    evidence.bytes = bytes;
    (evidence.unit, evidence.is_checked) = (1, codec.is_checked());
    (evidence.is_placed, evidence.is_encoded) = (false, true);
    evidence.story.push(format!("{codec:?}, {} segments", seams.len()));
    evidence.seams = seams;
    if is_nested {
        // Where the first segment is not recognised, one that lies bare in it may be taken for the next.
        evidence.all_need(0..10);
    }
    evidence
}
