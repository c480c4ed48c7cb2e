//! Records in each framing and encoding.

use crate::dice::Dice;
use crate::evidence::{Evidence, Planted};
use crate::record::{CLEAN, HEADER, Style, record, row};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Lines,
    Array,
    Pretty,
    Csv,
}

/// A text of records, some of them hits whose ids count from `*next`.
pub(crate) fn text(next: &mut usize, dice: &mut Dice) -> Evidence {
    use Framing::{Array, Csv, Lines, Pretty};
    let framing = dice.pick(&[Lines, Lines, Lines, Lines, Array, Pretty, Csv]);
    let is_wide = dice.one_in(6);
    records(framing, is_wide, next, dice)
}

/// The same as lines, in UTF-8.
pub(crate) fn lines(next: &mut usize, dice: &mut Dice) -> Evidence {
    records(Framing::Lines, false, next, dice)
}

fn records(framing: Framing, is_wide: bool, next: &mut usize, dice: &mut Dice) -> Evidence {
    use Framing::{Array, Csv, Lines, Pretty};
    let style = Style {
        between: if framing == Pretty { ",\n  " } else { "," },
        odd: if is_wide { CLEAN } else { 16 },
    };
    let (opening, between) = match framing {
        Lines => (&b""[..], dice.pick(&["\n", "\n", "\r\n", "\n\n"])),
        Array => (&b"["[..], dice.pick(&[",", ",\n", " ,\n  "])),
        Pretty => (&b""[..], "\n"),
        Csv => (HEADER, dice.pick(&["\n", "\r\n"])),
    };
    let mut evidence = Evidence { bytes: opening.to_vec(), unit: 1, ..Evidence::default() };
    let (mut before, mut head) = (0, opening.len());
    let count = 1 + dice.below(40);
    for number in 0..count {
        // A flipped bit must not make one id of another.
        let id = dice.one_in(3).then(|| format!("sim-{:04}{:04}", *next, 9999 - *next));
        let start = evidence.bytes.len();
        let bytes = match framing {
            Csv => row(id.as_deref(), dice),
            _ => record(id.as_deref(), style, dice),
        };
        evidence.bytes.extend(bytes);
        if number + 1 < count || (framing != Array && dice.one_in(2)) {
            evidence.bytes.extend(between.as_bytes());
        }
        let end = evidence.bytes.len();
        head = if number == 0 { end } else { head };
        if let Some(id) = id {
            *next += 1;
            // Damage may join what stands before it to a line; elsewhere, it may cost a neighbour.
            let from = if framing == Lines { start.saturating_sub(1) } else { before };
            evidence.planted.push(Planted { id, needs: std::iter::once(from..end).collect(), is_sure: true });
        }
        if framing == Lines && evidence.bytes.ends_with(b"\n") {
            evidence.seams.push(end);
        }
        before = start;
    }
    if framing == Array {
        evidence.bytes.extend(b"]\n");
    }
    if framing != Lines || is_wide {
        evidence.all_need(0..head);
    }
    evidence.story.push(format!("{count} records, {framing:?}, between {between:?}"));
    if is_wide { wide(evidence, dice) } else { evidence }
}

/// The same in UTF-16.
fn wide(mut evidence: Evidence, dice: &mut Dice) -> Evidence {
    let text = String::from_utf8(std::mem::take(&mut evidence.bytes)).expect("only clean values were taken");
    let (is_big, mark) = (dice.one_in(2), if dice.one_in(2) { "\u{feff}" } else { "" });
    let place = |at: usize| {
        let before = String::from_utf8_lossy(&text.as_bytes()[..at]);
        2 * (mark.encode_utf16().count() + before.encode_utf16().count())
    };
    let mut wide = evidence.mapped(|need| place(need.start)..place(need.end));
    let units = mark.encode_utf16().chain(text.encode_utf16());
    wide.bytes =
        units.flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect();
    wide.is_placed = true;
    wide.all_need(0..4);
    wide.story.push(format!("UTF-16, big-endian: {is_big}, mark: {}", !mark.is_empty()));
    wide
}
