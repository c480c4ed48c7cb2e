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

/// The digest of `bytes`, in lower-case hex.
#[must_use]
pub fn digest(bytes: &[u8], kind: Digest) -> Hashes {
    match kind {
        Digest::Sha256 => Hashes { sha256: Some(hex(&Sha256::digest(bytes))), blake3: None },
        Digest::Blake3 => Hashes { sha256: None, blake3: Some(blake3::hash(bytes).to_hex().to_string()) },
    }
}

/// The SHA-256 of this program's own file, which says what ran better than a version does; `None` where that
/// file cannot be read.
#[must_use]
pub fn digest_of_program() -> Option<String> {
    let program = Mapping::open(&std::env::current_exe().ok()?).ok()?;
    digest(program.bytes(), Digest::Sha256).sha256
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
        // FIPS 180-4, example for "abc"; the BLAKE3 paper's empty input.
        let sha = digest(b"abc", Digest::Sha256).sha256.unwrap();
        assert_eq!(sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let blake = digest(b"", Digest::Blake3).blake3.unwrap();
        assert_eq!(blake, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
    }
}
