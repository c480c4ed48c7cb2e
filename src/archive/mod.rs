//! Sources to decoded bytes.
//!
//! An archive is a row of *segments* that each decode on their own: zstd frames, gzip members, xz and
//! bzip2 streams, lz4 frames. A [`Codec`] tells where one begins, how far it reaches (where that can be
//! known without decoding), and opens it; [`Stream`] reads a whole row in order and steps over damage.
//! A new codec is one file here and one line in `CODECS`. Archives with [`Members`] are read header by header;
//! what a member holds is another source.

mod adapter;
mod budget;
mod bzip2;
mod codec;
mod deflate;
mod gzip;
mod inflate;
mod input;
mod lz4;
mod member;
mod search;
mod skippable;
mod stream;
mod tar;
mod xz;
mod zip;
mod zstd;

pub use budget::{Budget, Share, Turn};
pub use codec::{Codec, Extent, Fault, SegmentReader, Tools};
pub use input::{Input, Shared, Stray};
pub use member::{Checksum, Item, Member, Members, Method, skip};
pub use search::search;
pub use stream::{Step, Stream};
pub use tar::Tar;
pub use zip::Zip;

/// Every codec there is, in the order they are tried.
const CODECS: &[&dyn Codec] = &[&zstd::Zstd, &gzip::Gzip, &xz::Xz, &bzip2::Bzip2, &lz4::Lz4];

/// The codec whose magic `bytes` begin with, skippable frames passed over; `None` for anything else.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<&'static dyn Codec> {
    let mut rest = bytes;
    let mut skipped = false;
    while let Some(length) = skippable::length(rest) {
        skipped = true;
        match usize::try_from(length).ok().and_then(|length| rest.get(length..)) {
            Some(behind) => rest = behind,
            None => break,
        }
    }
    let found = CODECS.iter().copied().find(|codec| codec.starts(rest));
    // Skippable frames with nothing known behind them are zstd's as likely as lz4's.
    found.or_else(|| skipped.then_some(&zstd::Zstd as &dyn Codec))
}

/// Name and version of each decoder that was built in, for reports.
#[must_use]
pub fn decoders() -> Vec<(&'static str, String)> {
    CODECS.iter().map(|codec| (codec.name(), codec.version())).collect()
}
