//! What is looked for in raw bytes.

use super::frequency::{per_billion, share_of_records};

/// A text that a matching record must contain, in any ASCII case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Needle(Vec<u8>);

impl Needle {
    /// The rarest piece of `literal` that every JSON spelling of it contains; `None` if none is left.
    ///
    /// JSON may write `\` as `\\`, `"` as `\"`, `/` as `\/`, control characters and non-ASCII ones as
    /// escapes: the literal is cut there, and where XML, of which JSON may hold some, escapes. Any other
    /// character may be written `\u00XX`; records that hold such an escape are always candidates, see
    /// [`super::Prefilter`].
    #[must_use]
    pub fn of(literal: &str) -> Option<Self> {
        literal
            .as_bytes()
            .split(|byte| !byte.is_ascii() || byte.is_ascii_control() || b"\"\\/&<>'".contains(byte))
            .filter(|piece| !piece.is_empty())
            .map(|piece| Self(piece.to_ascii_lowercase()))
            .min_by(|a, b| a.share().total_cmp(&b.share()))
    }

    /// The bytes, in lower case.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// It in UTF-16LE. NUL has no other case.
    #[must_use]
    pub(super) fn wide(&self) -> Self {
        Self(self.0.iter().flat_map(|byte| [*byte, 0]).collect())
    }

    /// The escape that can spell any ASCII character, see [`super::Prefilter`].
    pub(super) fn escape() -> Self {
        Self(b"\\u00".to_vec())
    }

    /// The share of records, 0 to 1, that are likely to hold it.
    #[must_use]
    pub fn share(&self) -> f64 {
        share_of_records(&self.0)
    }

    /// The rarest `width` bytes of it, with their offset; all of it when it is shorter.
    pub(super) fn rarest_window(&self, width: usize) -> (usize, &[u8]) {
        let windows = self.0.windows(width.min(self.0.len())).enumerate();
        windows.min_by(|a, b| per_billion(a.1).total_cmp(&per_billion(b.1))).unwrap_or((0, &self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(literal: &str) -> Option<String> {
        Needle::of(literal).map(|needle| String::from_utf8_lossy(needle.bytes()).into_owned())
    }

    #[test]
    fn needles_hold_nothing_that_json_may_escape() {
        assert_eq!(of("ScreenConnect.Service.exe").as_deref(), Some("screenconnect.service.exe"));
        assert_eq!(of(r"C:\Windows\Temp\zq.exe").as_deref(), Some("zq.exe"));
        assert_eq!(of("/bin/kéy").as_deref(), Some("bin"));
        assert_eq!(of("\"\\/\n"), None);
        assert_eq!(of(""), None);
    }
}
