//! CSV (RFC 4180) with a header: a record is a row, whose quoted cells may hold line feeds. A line of JSON among the
//! rows is a record too: a header that somebody puts before a log must not hide it.

use std::sync::Arc;

use memchr::memchr2;

use super::cut::{After, Cut, Cutter, Form, Loss, Piece};
use super::{Table, is_blank, without_return};
use crate::limits;

/// A closing quote that something follows shows that a quote is missing. How far back the row may have
/// begun for its lines to be read anew.
const REREAD: usize = 1 << 20;

/// The delimiters that are tried.
const DELIMITERS: [u8; 3] = *b",;\t";

/// The longest name of a column.
const LONGEST_NAME: usize = 200;

/// The delimiter of what begins like a table with a header; `None` for other text.
pub(super) fn delimiter(head: &[u8]) -> Option<u8> {
    let end = memchr::memchr(b'\n', head)?;
    let header = without_return(&head[..end]);
    let is_name = |cell: &[u8]| {
        let name = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
        let mut bytes = name.iter();
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || b"@_#".contains(byte))
            && name.len() <= LONGEST_NAME
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"@_.-#:/() ".contains(byte))
    };
    DELIMITERS.into_iter().find(|delimiter| {
        let cells = || header.split(|byte| byte == delimiter);
        cells().count() >= 3 && cells().all(is_name)
            || cells().count() == 2 && cells().all(|cell| is_name(cell) && cell.starts_with(b"\""))
    })
}

/// Cuts rows out.
#[derive(Debug)]
pub(super) struct CsvCutter {
    delimiter: u8,
    table: Option<Arc<Table>>,
    /// The next byte to look at; the row began at 0.
    at: usize,
    /// Whether `at` is within quotes, and where the first line feed within them stands.
    is_quoted: bool,
    feed: Option<usize>,
    is_lost: bool,
    beside_gap: bool,
}

impl CsvCutter {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            table: None,
            at: 0,
            is_quoted: false,
            feed: None,
            is_lost: false,
            beside_gap: false,
        }
    }

    /// The end of the row that begins at `start`, and of its line; `None` if more bytes are needed.
    fn end_of_row(&mut self, bytes: &[u8], start: usize, after: After) -> Option<usize> {
        loop {
            let special = memchr2(b'"', b'\n', &bytes[self.at..]).map(|at| self.at + at);
            let Some(at) = special else {
                self.at = bytes.len();
                return None;
            };
            self.at = at + 1;
            match (bytes[at], self.is_quoted) {
                (b'\n', false) => return Some(at),
                (b'\n', true) => self.feed = self.feed.or(Some(at)),
                (_, false) => {
                    let opens = at == start || bytes[at - 1] == self.delimiter;
                    self.is_quoted = opens && !is_json(&bytes[start..]);
                    self.feed = None;
                }
                (_, true) => match bytes.get(at + 1) {
                    Some(b'"') => self.at = at + 2,
                    None if after == After::More => {
                        self.at = at;
                        return None;
                    }
                    Some(next) if !(*next == self.delimiter || matches!(next, b'\r' | b'\n')) => {
                        self.is_quoted = false;
                        if let Some(feed) = self.feed.filter(|_| at - start <= REREAD) {
                            return Some(feed);
                        }
                    }
                    _ => self.is_quoted = false,
                },
            }
        }
    }

    fn give(&mut self, bytes: &[u8], start: usize, end: usize, cuts: &mut Vec<Cut>) {
        let row = without_return(&bytes[start..end]);
        if std::mem::take(&mut self.is_lost) || is_blank(row) {
            return;
        }
        if row.len() as u64 > limits::RECORD {
            cuts.push(Cut::Lost { at: start, length: row.len(), loss: Loss::TooLong });
            return;
        }
        let Some(table) = &self.table else {
            self.table = Some(Arc::new(Table::of_header(row, self.delimiter)));
            return;
        };
        cuts.push(Cut::Record(Piece {
            range: start..start + row.len(),
            form: if is_json(row) { Form::Json } else { Form::Row(Arc::clone(table)) },
            beside_gap: std::mem::take(&mut self.beside_gap),
        }));
    }
}

/// Whether a row is a line of JSON: in a cell that does not begin with a quote, none may stand.
fn is_json(row: &[u8]) -> bool {
    row.starts_with(b"{\"")
}

impl Cutter for CsvCutter {
    fn cut(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> usize {
        let mut start = 0;
        while let Some(end) = self.end_of_row(bytes, start, after) {
            self.give(bytes, start, end, cuts);
            start = end + 1;
            (self.at, self.is_quoted, self.feed) = (start, false, None);
        }
        if after != After::More {
            self.beside_gap |= after == After::Gap;
            self.give(bytes, start, bytes.len(), cuts);
            (self.at, self.is_quoted, self.feed) = (0, false, None);
            self.beside_gap = after == After::Gap;
            return bytes.len();
        }
        if self.at - start > usize::try_from(limits::RECORD).unwrap_or(usize::MAX) && !self.is_lost {
            cuts.push(Cut::Lost { at: start, length: self.at - start, loss: Loss::TooLong });
            self.is_lost = true;
        }
        if self.is_lost {
            // Keep one byte, which tells whether a quote opens a cell.
            start = self.at.saturating_sub(1).max(start);
        }
        self.at -= start;
        self.feed = self.feed.and_then(|feed| feed.checked_sub(start));
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_among_rows_is_json() {
        let rows = [
            r#"{"a":"x,","b":1}"#,
            "1,2,\"{\n{\"\"a\"\":1}\"",
            r#"{GUID},"a, b",3"#,
            r#"{"a":"x,"}"#,
            r#"{"n":[1,"",""]}"#,
        ];
        let text = format!("time,host,note\n{}\n", rows.join("\n"));
        for size in [1, 3, 1000] {
            let (mut cutter, mut held, mut found) = (CsvCutter::new(b','), Vec::new(), Vec::new());
            for piece in text.as_bytes().chunks(size) {
                held.extend_from_slice(piece);
                let mut cuts = Vec::new();
                let done = cutter.cut(&held, After::More, &mut cuts);
                for cut in cuts {
                    let Cut::Record(Piece { range, form, .. }) = cut else { panic!("{cut:?}") };
                    let row = String::from_utf8(held[range].to_vec()).unwrap();
                    found.push((row, matches!(form, Form::Json)));
                }
                held.drain(..done);
            }
            let expected = rows.iter().map(|row| ((*row).to_owned(), row.starts_with("{\"")));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{size} bytes at a time");
        }
    }
}
