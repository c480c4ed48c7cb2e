//! The floor: bare decompression.

use std::hint::black_box;
use std::path::Path;

use coldtrail::archive::{self, Extent, Tools};

/// Decodes every frame, one after the other; how many bytes that gives.
pub(crate) fn decode(path: &Path) -> u64 {
    let file = std::fs::File::open(path).expect("the corpus is there");
    #[expect(unsafe_code, reason = "the floor reads as the hunt does")]
    // SAFETY: nobody else knows of the file, which lies in a temporary folder.
    let map = unsafe { memmap2::Mmap::map(&file).expect("the corpus maps") };
    let codec = archive::sniff(&map).expect("the corpus is zstd");
    let (mut tools, mut buffer, mut at, mut total) = (Tools::default(), Vec::new(), 0, 0);
    while at < map.len() {
        let Extent::Known { encoded, decoded: Some(decoded) } = codec.extent(&map[at..], u64::MAX) else {
            panic!("frames of the corpus say how large they are");
        };
        let size = |size: u64| usize::try_from(size).expect("frames fit memory");
        let (encoded, decoded) = (size(encoded), size(decoded));
        if buffer.len() < decoded {
            buffer.resize(decoded, 0);
        }
        codec.decode(&map[at..at + encoded], &mut buffer[..decoded], &mut tools).expect("frames are sound");
        black_box(&buffer);
        at += encoded;
        total += decoded as u64;
    }
    total
}
