//! RFC 4180 for spreadsheets: CRLF, a header, one hit a line.
//!
//! The hit of a sequence is its last event. Cells that a spreadsheet would run as a formula begin with `'`, and the row's `neutralised` column
//! names them. Controls and invisible characters are shown, see [`escape`]; `hits.jsonl` is exact.

use std::io::{self, Write};

use ::csv::{Terminator, WriterBuilder};

use super::view::{digest, utc};
use super::{Format, View, escape};

/// The columns, in order; `neutralised` comes behind them.
const COLUMNS: [&str; 18] = [
    "time",
    "severity",
    "risk_score",
    "rule",
    "rule_id",
    "host",
    "user",
    "parent",
    "process",
    "command_line",
    "pid",
    "techniques",
    "flags",
    "source",
    "segment",
    "offset",
    "length",
    "sha256",
];

/// The format.
#[derive(Clone, Copy, Debug, Default)]
pub struct Csv;

impl Format for Csv {
    fn begin(&self, _: &super::Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        row(COLUMNS.iter().chain(&["neutralised"]), out)
    }

    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        let cells = cells(hit);
        let risky = |(_, cell): &(&&str, &String)| runs(cell);
        let neutralised: Vec<&str> =
            COLUMNS.iter().zip(&cells).filter(risky).map(|(name, _)| *name).collect();
        let shown = cells.iter().map(|cell| neutralise(cell));
        row(shown.chain([neutralised.join(" ")]), out)
    }
}

fn row<T: AsRef<[u8]>>(cells: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record(cells)?;
    writer.flush()
}

fn cells(view: &View<'_>) -> [String; 18] {
    let rule = view.rule;
    let member = view.hit.members.last();
    let place = member.map(|member| member.location);
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        view.hit.time.map(utc).unwrap_or_default(),
        rule.map(|rule| rule.severity.name().to_owned()).unwrap_or_default(),
        number(rule.map(|rule| rule.risk_score.into())),
        view.rule_name().to_owned(),
        rule.map(|rule| rule.rule_id.clone()).unwrap_or_default(),
        view.host(),
        view.user(),
        view.parent(),
        view.process(),
        view.command_line(),
        view.pid(),
        view.techniques().join(" "),
        view.flags().names().collect::<Vec<_>>().join(" "),
        member.map(|member| view.source(member)).unwrap_or_default(),
        number(place.map(|place| place.segment)),
        number(place.map(|place| place.offset)),
        number(place.map(|place| place.length)),
        member.map(digest).unwrap_or_default(),
    ]
}

/// Whether a spreadsheet may take the cell for a formula (CWE-1236, OWASP). Where the comma is the decimal sign, it
/// splits lines at semicolons: what stands behind one may become a cell.
fn runs(cell: &str) -> bool {
    cell.split(';').any(begins_formula)
}

/// The full-width signs count as the plain ones in East Asian locales.
fn begins_formula(part: &str) -> bool {
    let part = part.trim_start_matches([' ', '"']);
    part.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'])
}

fn neutralise(cell: &str) -> String {
    let part = |part| format!("{}{}", if begins_formula(part) { "'" } else { "" }, escape(part));
    cell.split(';').map(part).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_cell_begins_a_formula() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            (" \"=1+1\"", "' \"=1+1\""),
            ("\t=1", "'\\t=1"),
            ("＝1", "'＝1"),
            ("a;=1;b; +1;\"@x\"", "a;'=1;b;' +1;'\"@x\""),
        ] {
            assert!(runs(cell), "{cell}");
            assert_eq!(neutralise(cell), shown);
        }
        for cell in ["", ";", "a=1;b", "cmd.exe -x; b -y", "a\n=1"] {
            assert!(!runs(cell), "{cell}");
            assert_eq!(neutralise(cell), escape(cell));
        }
    }
}
