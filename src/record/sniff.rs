//! Tells what decoded bytes hold.

use super::csv::{self, CsvCutter};
use super::cut::Cutter;
use super::envelope::{Envelope, Role};
use super::evtx::{self, EvtxCutter};
use super::json::JsonCutter;
use super::nesting::{Nesting, Stop};
use super::{Transcoder, Width};

/// What the first bytes of a source look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Records.
    Records(Records),
    /// An archive with members.
    Archive(Archive),
    /// Nothing but blanks.
    Blank,
    /// Something else, with its name and the remedy.
    Unknown(&'static str),
}

/// How records lie in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Records {
    /// What the bytes are to be taken for.
    pub encoding: Encoding,
    /// How one is told from the next.
    pub framing: Framing,
}

impl Records {
    /// JSON lines as they lie.
    pub const LINES: Self = Self { encoding: Encoding::Bytes, framing: Framing::Lines };
    /// A Windows event log.
    pub const EVTX: Self = Self { encoding: Encoding::Bytes, framing: Framing::Evtx };
}

/// How text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or no text.
    Bytes,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

impl Encoding {
    /// What makes UTF-8 of it; `None` where nothing must.
    #[must_use]
    pub fn transcoder(self) -> Option<Transcoder> {
        match self {
            Encoding::Bytes => None,
            Encoding::Utf16Le => Some(Transcoder::utf16(false)),
            Encoding::Utf16Be => Some(Transcoder::utf16(true)),
        }
    }

    /// How many raw bytes the transcoded ones stand for.
    #[must_use]
    pub fn width(self) -> Width {
        if self == Encoding::Bytes { Width::AsIs } else { Width::Utf16 }
    }
}

/// How records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// JSON, one record a line.
    Lines,
    /// JSON in any other layout.
    Json,
    /// Rows under a header, delimited by this byte.
    Csv(u8),
    /// Chunks of a Windows event log.
    Evtx,
}

impl Framing {
    /// What cuts records out; `None` for lines, which may be cut anywhere.
    #[must_use]
    pub fn cutter(self) -> Option<Box<dyn Cutter>> {
        match self {
            Framing::Lines => None,
            Framing::Json => Some(Box::new(JsonCutter::new())),
            Framing::Csv(delimiter) => Some(Box::new(CsvCutter::new(delimiter))),
            Framing::Evtx => Some(Box::new(EvtxCutter)),
        }
    }
}

/// Archives with members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// A tar archive.
    Tar,
    /// A zip archive.
    Zip,
}

/// Formats that are told by a magic: its offset, the magic, what it says.
const MAGICS: &[(usize, &[u8], Content)] = &[
    (0, b"PK\x03\x04", Content::Archive(Archive::Zip)),
    // An empty one: on no disk but the first, with no members.
    (0, b"PK\x05\x06\0\0\0\0\0\0\0\0", Content::Archive(Archive::Zip)),
    (257, b"ustar", Content::Archive(Archive::Tar)),
    (0, evtx::FILE_MAGIC, Content::Records(Records::EVTX)),
    (0, evtx::CHUNK_MAGIC, Content::Records(Records::EVTX)),
    (0, b"7z\xbc\xaf\x27\x1c", Content::Unknown("a 7z archive: unpack it first")),
    (0, b"Rar!\x1a\x07", Content::Unknown("a RAR archive: unpack it first")),
    (0, b"PAR1", Content::Unknown("a Parquet file: export it as JSON lines first")),
    (0, b"SQLite format 3\0", Content::Unknown("an SQLite database: export it as JSON lines first")),
    (0, b"\x00\x05\x16\x07", Content::Unknown("an AppleDouble file, with a Mac's metadata")),
];

/// What is said of bytes that no magic names.
const NO_RECORD: &str = "no JSON record in its first 64 KiB";
const HARDLY_ANYTHING: &str = "hardly anything but NUL bytes";
const NO_TEXT: &str = "records, but behind bytes that are no text";

/// So many code units of UTF-16 tell it: behind damage the other byte may be the high one.
const BEGINNING: usize = 256;

/// Looks at the first bytes of a source, decoded.
#[must_use]
pub fn sniff(head: &[u8]) -> Content {
    let magic =
        MAGICS.iter().find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    if let Some((_, _, content)) = magic {
        return *content;
    }
    let encoding = match encoding(head) {
        Ok(encoding) => encoding,
        Err(what) => return Content::Unknown(what),
    };
    let Some(mut transcoder) = encoding.transcoder() else { return sniff_text(head, encoding) };
    let mut text = vec![0; 2 * head.len() + 32];
    let length = transcoder.transcode(head, &mut text, false);
    sniff_text(&text[..length], encoding)
}

/// Whether the first bytes of a source are no text and do not tell what it is: an archive may begin further on.
#[must_use]
pub fn is_opaque(head: &[u8]) -> bool {
    matches!(sniff(head), Content::Unknown(NO_RECORD | HARDLY_ANYTHING | NO_TEXT)) && !is_text(head)
}

/// Whether the first line is neither a record nor text. A record behind it may be part of something packed, which
/// mostly keeps its first as it was.
fn begins_opaquely(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    !opens_object(line.trim_ascii_start()) && !is_text(line)
}

/// Whether this is UTF-8, which its end may cut, with no control characters but those of texts and terminals.
fn is_text(bytes: &[u8]) -> bool {
    let is_utf8 = std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true);
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace() && *byte != b'\x1b';
    is_utf8 && !bytes.iter().any(is_control)
}

fn encoding(head: &[u8]) -> Result<Encoding, &'static str> {
    match head {
        [0xff, 0xfe, ..] => return Ok(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Ok(Encoding::Utf16Be),
        _ => {}
    }
    // Text in UTF-16 has NULs; most files have none, and there may be millions of files.
    if memchr::memchr(0, head).is_none() {
        return Ok(Encoding::Bytes);
    }
    if let Some(encoding) = [BEGINNING, usize::MAX].into_iter().find_map(|most| wide(head, most)) {
        return Ok(encoding);
    }
    let nuls = head.iter().filter(|byte| **byte == 0).count();
    if nuls > head.len() * 9 / 10 {
        return Err(HARDLY_ANYTHING);
    }
    Ok(Encoding::Bytes)
}

/// Whether the first `most` code units are ASCII text in UTF-16: a NUL in every other byte. Zeroed ranges, and
/// padding, tell nothing.
fn wide(head: &[u8], most: usize) -> Option<Encoding> {
    let units = || head.as_chunks::<2>().0.iter().filter(|unit| **unit != [0, 0]).take(most);
    let nuls = |at: usize| units().filter(|unit| unit[at] == 0).count();
    let (big, little) = (nuls(0), nuls(1));
    match units().count() * 6 / 10 {
        few if little > few && big <= little / 8 => Some(Encoding::Utf16Le),
        few if big > few && little <= big / 8 => Some(Encoding::Utf16Be),
        _ => None,
    }
}

fn sniff_text(head: &[u8], encoding: Encoding) -> Content {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if super::is_blank(head) {
        return Content::Blank;
    }
    let Some(framing) = framing(head.trim_ascii_start()) else {
        return Content::Unknown(NO_RECORD);
    };
    if framing == Framing::Lines && encoding == Encoding::Bytes && begins_opaquely(head) {
        return Content::Unknown(NO_TEXT);
    }
    // Lines are cut where they lie; what is transcoded first is not.
    let framing =
        if framing == Framing::Lines && encoding != Encoding::Bytes { Framing::Json } else { framing };
    Content::Records(Records { encoding, framing })
}

/// How the records of a text are told apart, by its beginning without blanks.
fn framing(text: &[u8]) -> Option<Framing> {
    let line = memchr::memchr(b'\n', text).map_or(text, |end| &text[..end]);
    let lines = || has_record(text).then_some(Framing::Lines);
    match text[0] {
        b'{' if opens_object(text) && is_document_line(text, line) => Some(Framing::Lines),
        b'{' if opens_object(text) => Some(Framing::Json),
        b'[' if opens_array(&text[1..]) => Some(Framing::Json),
        _ if is_numbered(text) => Some(Framing::Json),
        _ => csv::delimiter(text).map(Framing::Csv).or_else(lines),
    }
}

/// Whether a JSON object begins on one of the lines.
fn has_record(text: &[u8]) -> bool {
    let mut starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|feed| feed + 1));
    starts.any(|start| {
        let blanks = text[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        opens_object(&text[start + blanks..])
    })
}

/// Whether `text` begins like a JSON object: up to the colon behind its first key, or as far as it goes. A brace
/// alone begins some line of nearly any binary file, which then would pass for lines that were read.
fn opens_object(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"{") else { return false };
    let key = match rest.trim_ascii_start() {
        [] | [b'}', ..] => return true,
        [b'"', key @ ..] => key,
        _ => return false,
    };
    let mut is_escaped = false;
    let end = key.iter().position(|byte| {
        let is_end = !is_escaped && (*byte == b'"' || *byte < b' ');
        is_escaped = !is_escaped && *byte == b'\\';
        is_end
    });
    let Some(end) = end else { return true };
    key[end] == b'"' && key[end + 1..].trim_ascii_start().first().is_none_or(|byte| *byte == b':')
}

/// Whether what follows a bracket is an object, an array or the end of one.
fn opens_array(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    rest.first().is_none_or(|byte| b"[]".contains(byte)) || opens_object(rest)
}

/// The first line of `evtx_dump -o json`.
fn is_numbered(text: &[u8]) -> bool {
    text.starts_with(b"Record ") && memchr::memmem::find(text, b"\n{").is_some()
}

/// Whether the first line is a document, and no envelope; or one that was cut short, if another follows.
fn is_document_line(text: &[u8], line: &[u8]) -> bool {
    let (mut nesting, mut envelope, mut at) = (Nesting::new(true), Envelope::default(), 0);
    loop {
        let (next, stop) = nesting.follow(line, at);
        at = next;
        match stop {
            Stop::Closed => return super::is_blank(&line[at..]),
            Stop::Key(key) => {
                envelope.take(&line[key + 1..at - 1]);
                nesting.watches = envelope.may_be();
            }
            Stop::Member if envelope.role() != Role::Aside => return false,
            Stop::Member => {
                nesting.open(line[at]);
                at += 1;
            }
            // A line that is broken is read as a line.
            Stop::Damage | Stop::LineFeed => return true,
            Stop::More => {
                let next = text.get(line.len() + 1..).unwrap_or_default();
                return line.trim_ascii_end().len() > 1 && next.starts_with(b"{\"");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNKNOWN: Content = Content::Unknown(NO_RECORD);

    const fn records(encoding: Encoding, framing: Framing) -> Content {
        Content::Records(Records { encoding, framing })
    }

    #[test]
    fn content_is_told_by_what_it_is() {
        let lines = records(Encoding::Bytes, Framing::Lines);
        let json = records(Encoding::Bytes, Framing::Json);
        for (head, expected) in [
            (&b"{\"a\":1}\n"[..], lines),
            (b"\xef\xbb\xbf{\"a\":1}", lines),
            (b"junk\n  {\"a\":1}", lines),
            (b"\x05\x22\x4d\x18{\"a\":1}\n{\"b\":1}", Content::Unknown(NO_TEXT)),
            (b"{\"a\":{\"cut\n{\"a\":1}\n", lines),
            (b"{\"a\":1}{\"a\":2}\n", json),
            (b"{\n  \"a\": 1\n}\n", json),
            (b"[{\"a\":1},\n{\"a\":2}]", json),
            (b"{\"took\":1,\"hits\":{\"hits\":[{\"_source\":{}}]}}\n", json),
            (b"{\"records\":[{\"a\":1}]}\n{\"records\":[]}", json),
            (b"{\"id\":1,\"name\":2,\"records\":[1]}\n", lines),
            (b"Record 1\n{\n  \"Event\": {}\n}\n", json),
            (b"\"@timestamp\",\"process.name\"\n1,2\n", records(Encoding::Bytes, Framing::Csv(b','))),
            (b"Timestamp;DeviceName;FileName\r\n1;2;3\r\n", records(Encoding::Bytes, Framing::Csv(b';'))),
            (
                b"time,host,note\n1,2,\"\n{\"\"a\"\":1}\"\n{\"a\":1}\n",
                records(Encoding::Bytes, Framing::Csv(b',')),
            ),
            (b" \r\n\n", Content::Blank),
            (b"PK\x03\x04rest", Content::Archive(Archive::Zip)),
            (b"\xff\xfe{\0\"\0a\0\"\0:\0", records(Encoding::Utf16Le, Framing::Json)),
            (b"{\0\"\0a\0\"\0", records(Encoding::Utf16Le, Framing::Json)),
            (b"\0{\0\"\0a\0\"", records(Encoding::Utf16Be, Framing::Json)),
            (b"\0{\0\"\0a\0\"\0:\0\0\0\0\0\0\0\0\0\0", records(Encoding::Utf16Be, Framing::Json)),
            (b"junk\n{\n\"a\" :1}", lines),
            // Any binary file has a brace behind a line feed somewhere.
            (b"\x2c\xb5\x2f\xfd\n{\xe6L]\n", UNKNOWN),
            (b"{\xe6L]\n", UNKNOWN),
            (b"[{\xe6L]\n", UNKNOWN),
            (b"[2024-01-01] started", UNKNOWN),
            (b"Nov 24 host sshd", UNKNOWN),
        ] {
            assert_eq!(sniff(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }
}
