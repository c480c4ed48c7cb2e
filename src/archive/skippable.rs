//! Skippable frames, which zstd (RFC 8878, 3.1.2) and lz4 share.

/// Length of the skippable frame at the beginning of `bytes`, header and all, as it claims.
pub(super) fn length(bytes: &[u8]) -> Option<u64> {
    let header: &[u8; 8] = bytes.first_chunk()?;
    let is_magic = header[0] & 0xf0 == 0x50 && header[1..4] == [0x2a, 0x4d, 0x18];
    let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    is_magic.then_some(8 + u64::from(size))
}
