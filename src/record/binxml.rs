//! Binary XML, as chunks of Windows event logs hold it ([MS-EVEN6] 2.2.12): whether each value of each record
//! stands in one piece, and how wide its texts are.
//!
//! A record names a template, which holds names and constant texts, and gives the values that are put in. Either
//! stands in the chunk as it is. Only a template that puts several of them side by side (`<Data>abc%1</Data>`,
//! `&#65;%1`) makes a value that stands nowhere; hardly one does.

/// Length of a chunk's header with its tables.
const HEADER: usize = 512;
/// Where a chunk says how far its records reach.
const RECORDS_END: usize = 48;
/// What a record begins with; its size, number and time follow.
const RECORD_MAGIC: &[u8] = b"**\0\0";
/// Length of a record's header, in bytes.
const RECORD_HEADER: usize = 24;
/// A record's size stands at its end once more.
const RECORD_TRAILER: usize = 4;

/// Type of a value that is a fragment of binary XML itself; all types that are known are no greater.
const FRAGMENT: u8 = 0x21;
/// Type of an array of values of the type in the other bits.
const ARRAY: u8 = 0x80;
/// Type of no value.
const NULL: u8 = 0x00;
/// Type of a UTF-16 text.
const TEXT: u8 = 0x01;
/// Type of a text of bytes; hardly a log has any.
const ANSI_TEXT: u8 = 0x02;
/// How deep fragments may lie in fragments; the event log's own lie 1 deep.
const DEPTH: usize = 8;
/// How many fragments a template may take; the event log's own take one.
const FRAGMENTS: usize = 8;

/// How the texts of a chunk are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// All in UTF-16LE.
    Wide,
    /// In UTF-16LE or as bytes.
    EitherWidth,
}

/// The texts of `chunk`, if each value of each of its records is either one constant text or one value as the record
/// gives it. `None` also for all that is not understood.
#[must_use]
pub fn whole_texts(chunk: &[u8]) -> Option<Texts> {
    let mut walk = Walk { chunk, seen: Vec::new(), left: chunk.len(), has_ansi: false };
    walk.records()?;
    Some(if walk.has_ansi { Texts::EitherWidth } else { Texts::Wide })
}

/// Where tokens stand.
enum Within<'t> {
    Record,
    /// Element starts are longer here, and values are put in.
    Template(&'t mut Template),
}

struct Walk<'a> {
    chunk: &'a [u8],
    /// Templates that were looked at.
    seen: Vec<Template>,
    /// How many bytes of templates may still be looked at: they do not overlap, so that all fit the chunk.
    left: usize,
    /// Whether a value is a text of bytes.
    has_ansi: bool,
}

/// What a template asks of its values.
struct Template {
    /// Offset in the chunk.
    at: usize,
    /// Numbers of the values that stand beside something else, and so must be fragments.
    fragments: Vec<usize>,
}

impl Walk<'_> {
    fn records(&mut self) -> Option<()> {
        let end = Cursor { chunk: self.chunk, at: RECORDS_END }.offset()?;
        let mut at = HEADER;
        while at < end {
            let size = Cursor { chunk: self.chunk, at: at + RECORD_MAGIC.len() }.offset()?;
            let next = at.checked_add(size).filter(|next| *next <= end)?;
            let trailer =
                next.checked_sub(RECORD_TRAILER).filter(|trailer| *trailer >= at + RECORD_HEADER)?;
            if !self.chunk.get(at..)?.starts_with(RECORD_MAGIC)
                || (Cursor { chunk: self.chunk, at: trailer }).offset()? != size
            {
                return None;
            }
            self.fragment(at + RECORD_HEADER, trailer, &mut Within::Record, 0)?;
            at = next;
        }
        Some(())
    }

    fn fragment(&mut self, start: usize, end: usize, within: &mut Within<'_>, depth: usize) -> Option<()> {
        // No fragment reaches beyond its end, so that the work is bounded by the chunk's size times the depth.
        let mut cursor = Cursor { chunk: self.chunk.get(..end)?, at: start };
        // Whether a value begins here: behind an attribute's name or the end of an element's start.
        let mut begins = false;
        while cursor.at < end {
            let token = cursor.byte()?;
            match token {
                0x00 => break,
                0x01 | 0x41 => {
                    cursor.skip(if matches!(within, Within::Template(_)) { 6 } else { 4 })?;
                    cursor.name()?;
                    cursor.skip(if token == 0x41 { 4 } else { 0 })?;
                }
                0x02..=0x04 => {}
                0x05 | 0x45 if begins => {
                    (cursor.byte()? == TEXT).then_some(())?;
                    let length = cursor.short()?;
                    cursor.skip(2 * length)?;
                }
                0x06 | 0x46 => cursor.name()?,
                0x0c if matches!(within, Within::Record) && depth < DEPTH => {
                    self.instance(&mut cursor, depth)?;
                }
                0x0d | 0x0e => {
                    let Within::Template(template) = within else { return None };
                    let number = cursor.short()?;
                    match cursor.byte()? {
                        _ if begins => {}
                        FRAGMENT if template.fragments.len() < FRAGMENTS => template.fragments.push(number),
                        _ => return None,
                    }
                }
                0x0f => cursor.skip(3)?,
                // References and sections of text, which are never alone; a second piece; what is unknown.
                _ => return None,
            }
            begins = matches!(token, 0x02 | 0x06 | 0x46);
        }
        Some(())
    }

    /// An instance of a template: which, and the values that are put in.
    fn instance(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Option<()> {
        cursor.skip(5)?;
        let template = cursor.offset()?;
        if template == cursor.at {
            cursor.skip(20)?;
            let size = cursor.offset()?;
            cursor.skip(size)?;
        }
        let template = self.template(template)?;
        let count = cursor.offset()?;
        let table = cursor.at;
        cursor.skip(count.checked_mul(4)?)?;
        let descriptors = cursor.chunk[table..cursor.at].as_chunks::<4>().0;
        let fits = |number: &usize| {
            descriptors.get(*number).is_none_or(|[_, _, kind, _]| matches!(*kind, FRAGMENT | NULL))
        };
        if !self.seen[template].fragments.iter().all(fits) {
            return None;
        }
        let mut value = cursor.at;
        for [low, high, kind, _] in descriptors {
            // Cannot wrap: they are fewer than the chunk's bytes, and each is less than 2^16.
            let end = value.wrapping_add(usize::from(u16::from_le_bytes([*low, *high])));
            match *kind & !ARRAY {
                ANSI_TEXT => self.has_ansi = true,
                FRAGMENT if *kind == FRAGMENT => self.fragment(value, end, &mut Within::Record, depth + 1)?,
                FRAGMENT.. => return None,
                _ => {}
            }
            value = end;
        }
        cursor.skip(value - cursor.at)
    }

    /// A template's definition: the next one's offset, a GUID, its size, a fragment. Its index in those seen.
    fn template(&mut self, at: usize) -> Option<usize> {
        if let Some(index) = self.seen.iter().position(|seen| seen.at == at) {
            return Some(index);
        }
        let mut cursor = Cursor { chunk: self.chunk, at };
        cursor.skip(20)?;
        let size = cursor.offset()?;
        let mut template = Template { at, fragments: Vec::new() };
        self.left = self.left.checked_sub(size)?;
        let end = cursor.at.checked_add(size)?;
        self.fragment(cursor.at, end, &mut Within::Template(&mut template), 0)?;
        self.seen.push(template);
        Some(self.seen.len() - 1)
    }
}

struct Cursor<'a> {
    chunk: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.chunk.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(*bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes().map(u8::from_le_bytes)
    }

    fn short(&mut self) -> Option<usize> {
        self.bytes().map(|bytes| usize::from(u16::from_le_bytes(bytes)))
    }

    fn offset(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.bytes()?)).ok()
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count).filter(|at| *at <= self.chunk.len())?;
        Some(())
    }

    /// A name: its offset, and the name itself where it is used first.
    fn name(&mut self) -> Option<()> {
        if self.offset()? == self.at {
            self.skip(6)?;
            let length = self.short()?;
            self.skip(2 * length + 2)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Texts, whole_texts};

    /// The only chunk of an event log of the corpus.
    fn chunk(case: &str) -> Vec<u8> {
        let path = format!("{}/corpus/containers/{case}/evidence/a.evtx", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap().split_off(4096)
    }

    #[test]
    fn values_that_a_template_puts_together_are_told() {
        for (case, expected) in [
            ("evtx", true),
            ("evtx-checksum-mismatch", true),
            ("evtx-split-text", false),
            ("evtx-split-references", false),
            ("evtx-split-fragment", false),
            ("evtx-only-references", false),
            ("evtx-cut", false),
        ] {
            assert_eq!(whole_texts(&chunk(case)).is_some(), expected, "{case}");
        }
    }

    #[test]
    fn texts_of_bytes_are_told() {
        assert_eq!(whole_texts(&chunk("evtx")), Some(Texts::Wide));
        assert_eq!(whole_texts(&chunk("evtx-ansi")), Some(Texts::EitherWidth));
    }

    #[test]
    fn damage_is_not_vouched_for() {
        let whole = chunk("evtx");
        for at in 512..1024 {
            assert_eq!(whole_texts(&whole[..at]), None, "{at}");
        }
        for at in 512..520 {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            assert_eq!(whole_texts(&damaged), None, "{at}");
        }
    }
}
