//! Needles in bytes whose texts may be UTF-16LE: chunks of Windows event logs.

use super::{Needle, Prefilter};

/// Looks for needles in UTF-16LE and as bytes, each by its own scan: hardly a log has texts of bytes.
#[derive(Clone, Debug)]
pub struct EitherWidth {
    wide: Prefilter,
    bytes: Prefilter,
}

impl EitherWidth {
    /// Lets everything through.
    #[must_use]
    pub fn off() -> Self {
        Self { wide: Prefilter::off(), bytes: Prefilter::off() }
    }

    /// Lets through what holds at least one of `needles`.
    #[must_use]
    pub fn any_of(needles: &[Needle]) -> Self {
        let wide: Vec<Needle> = needles.iter().chain([&Needle::escape()]).map(Needle::wide).collect();
        Self { wide: Prefilter::any_of_bytes(&wide), bytes: Prefilter::any_of(needles) }
    }

    /// Whether a needle stands in `chunk` in UTF-16LE, at any offset.
    #[must_use]
    pub fn is_wide_in(&self, chunk: &[u8]) -> bool {
        self.wide.find(chunk, 0).is_some()
    }

    /// Whether a needle stands in `chunk` as bytes.
    #[must_use]
    pub fn is_bytes_in(&self, chunk: &[u8]) -> bool {
        self.bytes.find(chunk, 0).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_in_utf_16_at_any_offset() {
        let prefilter = EitherWidth::any_of(&[Needle::of("ScreenConnect.Service.exe").unwrap()]);
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (text, expected) in [
            ("x\\screenconnect.SERVICE.exe", true),
            ("\\u0053creenConnect.Service.exe", true),
            ("ScreenConnect.ClientService.exe", false),
            ("ŚcreenConnect.Service.exe", false),
        ] {
            for before in [&b""[..], b"\0", b"a"] {
                let chunk = [before, &wide(text), &[0xff; 70]].concat();
                assert_eq!(prefilter.is_wide_in(&chunk), expected, "{text} behind {before:?}");
            }
            assert_eq!(prefilter.is_bytes_in(text.as_bytes()), expected, "{text}");
        }
    }
}
