//! The containers a corpus can be written in.

use std::io::{self, Write};

use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use zstd::zstd_safe::CParameter;

/// How the NDJSON is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Zstandard with content size and checksum (RFC 8878).
    Zstd,
    /// gzip (RFC 1952).
    Gzip,
    /// gzip as `bgzip` blocks it: members of at most 64 KiB with their size in a `BC` extra field (SAM
    /// specification, section 4.1).
    Bgzip,
    /// Not at all.
    None,
}

/// Decoded bytes in a full `bgzip` block.
pub(super) const BGZIP_BLOCK: usize = 0xff00;

/// The empty block that ends a `bgzip` file.
const BGZIP_END: [u8; 28] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

impl Codec {
    /// The level its own command line tool takes by default.
    pub fn default_level(self) -> i32 {
        match self {
            Self::Zstd => 3,
            Self::Gzip | Self::Bgzip => 6,
            Self::None => 0,
        }
    }

    /// What follows the last frame.
    pub(super) fn trailer(self) -> &'static [u8] {
        if self == Self::Bgzip { &BGZIP_END } else { &[] }
    }
}

/// Encodes frames that decode on their own, one after another, with one context.
pub(super) enum FrameEncoder {
    Zstd(zstd::bulk::Compressor<'static>),
    Gzip(Compression),
    Bgzip(Compression),
    Copy,
}

impl FrameEncoder {
    pub(super) fn new(codec: Codec, level: i32) -> io::Result<Self> {
        Ok(match codec {
            Codec::Zstd => {
                let mut compressor = zstd::bulk::Compressor::new(level)?;
                compressor.set_parameter(CParameter::ChecksumFlag(true))?;
                compressor.set_parameter(CParameter::ContentSizeFlag(true))?;
                Self::Zstd(compressor)
            }
            Codec::Gzip => Self::Gzip(deflate_level(level)),
            Codec::Bgzip => Self::Bgzip(deflate_level(level)),
            Codec::None => Self::Copy,
        })
    }

    pub(super) fn encode(&mut self, plain: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd(compressor) => compressor.compress(&plain),
            Self::Gzip(level) => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), *level);
                encoder.write_all(&plain)?;
                encoder.finish()
            }
            Self::Bgzip(level) => bgzip_block(&plain, *level),
            Self::Copy => Ok(plain),
        }
    }
}

/// Encodes everything as one frame.
pub(super) enum StreamEncoder<W: Write> {
    Zstd(zstd::Encoder<'static, W>),
    Gzip(GzEncoder<W>),
    Copy(W),
}

impl<W: Write> StreamEncoder<W> {
    /// `size`: the decoded bytes to come. A `bgzip` file cannot be one frame: it becomes one gzip member.
    pub(super) fn new(codec: Codec, level: i32, size: u64, out: W) -> io::Result<Self> {
        Ok(match codec {
            Codec::Zstd => {
                let mut encoder = zstd::Encoder::new(out, level)?;
                encoder.include_checksum(true)?;
                encoder.set_pledged_src_size(Some(size))?;
                Self::Zstd(encoder)
            }
            Codec::Gzip | Codec::Bgzip => Self::Gzip(GzEncoder::new(out, deflate_level(level))),
            Codec::None => Self::Copy(out),
        })
    }

    pub(super) fn write(&mut self, plain: &[u8]) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.write_all(plain),
            Self::Gzip(encoder) => encoder.write_all(plain),
            Self::Copy(out) => out.write_all(plain),
        }
    }

    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Zstd(encoder) => encoder.finish(),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Copy(out) => Ok(out),
        }
    }
}

fn deflate_level(level: i32) -> Compression {
    Compression::new(u32::try_from(level.clamp(0, 9)).unwrap_or(6))
}

/// `plain`: at most [`BGZIP_BLOCK`] bytes.
fn bgzip_block(plain: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    const HEADER: usize = 18;
    const FOOTER: usize = 8;
    let mut encoder = DeflateEncoder::new(BGZIP_END[..HEADER].to_vec(), level);
    encoder.write_all(plain)?;
    let mut block = encoder.finish()?;
    let last_byte = u16::try_from(block.len() + FOOTER - 1).map_err(io::Error::other)?;
    block[HEADER - 2..HEADER].copy_from_slice(&last_byte.to_le_bytes());
    let mut crc = Crc::new();
    crc.update(plain);
    block.extend_from_slice(&crc.sum().to_le_bytes());
    block.extend_from_slice(&crc.amount().to_le_bytes());
    Ok(block)
}
