//! Tells what decoded bytes hold.

/// What the first bytes of a source look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// JSON records, one a line.
    Lines,
    /// Nothing but blanks.
    Blank,
    /// Something else, with its name and the remedy.
    Unknown(&'static str),
}

/// Formats that other tools must open first: offset of the magic, the magic, what to say.
const FOREIGN: &[(usize, &[u8], &str)] = &[
    (0, b"PK\x03\x04", "a zip archive: unpack it first"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (257, b"ustar", "a tar archive: unpack it first"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (0, b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
    (0, b"ElfFile\0", "a Windows event log (EVTX): convert it to JSON lines first"),
    (0, b"\xff\xfe", "UTF-16 text: convert it to UTF-8 first"),
    (0, b"\xfe\xff", "UTF-16 text: convert it to UTF-8 first"),
    (0, b"PAR1", "a Parquet file: export it as JSON lines first"),
    (0, b"SQLite format 3\0", "an SQLite database: export it as JSON lines first"),
];

/// Looks at the first bytes of a source, decoded.
#[must_use]
pub fn sniff(head: &[u8]) -> Content {
    for (at, magic, name) in FOREIGN {
        if head.get(*at..).is_some_and(|rest| rest.starts_with(magic)) {
            return Content::Unknown(name);
        }
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if super::is_blank(head) {
        return Content::Blank;
    }
    let nuls = memchr::memchr_iter(0, head).count();
    if nuls > head.len() * 9 / 10 {
        return Content::Unknown("hardly anything but NUL bytes");
    }
    // ASCII text in UTF-16 has a NUL in every other byte.
    if nuls > head.len() * 3 / 10 {
        return Content::Unknown("UTF-16 text: convert it to UTF-8 first");
    }
    let has_record = head.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_start().starts_with(b"{"));
    if has_record { Content::Lines } else { Content::Unknown("no JSON record in its first 64 KiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_told_by_what_it_is() {
        for (head, expected) in [
            (&b"{\"a\":1}\n"[..], Content::Lines),
            (b"\xef\xbb\xbf{\"a\":1}", Content::Lines),
            (b"junk\n  {\"a\":1}", Content::Lines),
            (b" \r\n\n", Content::Blank),
            (b"PK\x03\x04rest", Content::Unknown("a zip archive: unpack it first")),
            (b"{\0\"\0a\0\"\0", Content::Unknown("UTF-16 text: convert it to UTF-8 first")),
            (b"Nov 24 host sshd", Content::Unknown("no JSON record in its first 64 KiB")),
        ] {
            assert_eq!(sniff(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }
}
