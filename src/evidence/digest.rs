//! Digests of a source's bytes as they lie on disk.

use sha2::{Digest as _, Sha256};

use super::Mapping;
use crate::ledger::Hashes;

/// A digest that a responder may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// FIPS 180-4 SHA-256.
    Sha256,
    /// BLAKE3.
    Blake3,
}

/// The digest of a whole file, in lower-case hex.
#[must_use]
pub fn digest(file: &Mapping, kind: Digest) -> Hashes {
    match kind {
        Digest::Sha256 => {
            let mut hasher = Sha256::new();
            for_each_piece(file, |piece| hasher.update(piece));
            Hashes { sha256: Some(hex(&hasher.finalize())), blake3: None }
        }
        Digest::Blake3 => {
            let mut hasher = blake3::Hasher::new();
            for_each_piece(file, |piece| {
                hasher.update(piece);
            });
            Hashes { sha256: None, blake3: Some(hasher.finalize().to_hex().to_string()) }
        }
    }
}

/// Reads a file from its beginning to its end, and lets go of what lies behind.
fn for_each_piece(file: &Mapping, mut take: impl FnMut(&[u8])) {
    const PIECE: usize = 4 << 20;
    let bytes = file.bytes();
    for start in (0..bytes.len()).step_by(PIECE) {
        let piece = start..bytes.len().min(start + PIECE);
        take(&bytes[piece.clone()]);
        file.release(piece);
    }
}

/// The SHA-256 of this program's own file, which says what ran better than a version does; `None` where that
/// file cannot be read.
#[must_use]
pub fn digest_of_program() -> Option<String> {
    let program = Mapping::open(&std::env::current_exe().ok()?).ok()?;
    digest(&program, Digest::Sha256).sha256
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        let folder = tempfile::tempdir().unwrap();
        let of = |bytes: &[u8], kind| {
            let path = folder.path().join("file");
            std::fs::write(&path, bytes).unwrap();
            digest(&Mapping::open(&path).unwrap(), kind)
        };
        // FIPS 180-4, example for "abc"; the BLAKE3 paper's empty input; more than one piece.
        let sha = of(b"abc", Digest::Sha256).sha256.unwrap();
        assert_eq!(sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let long = vec![b'a'; 8_000_000];
        assert_eq!(of(&long, Digest::Sha256).sha256.unwrap(), hex(&Sha256::digest(&long)));
        assert_eq!(of(&long, Digest::Blake3).blake3.unwrap(), blake3::hash(&long).to_hex().to_string());
        let blake = of(b"", Digest::Blake3).blake3.unwrap();
        assert_eq!(blake, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
    }
}
