//! JSON values in any layout: arrays of any size, values one after the other, pretty-printed ones, and
//! envelopes (see [`super::envelope`]), whose documents are cut out one by one.
//!
//! A broken value costs itself: where its nesting stops making sense, the next record is looked for, at
//! the beginning of a line or by the way this source's records begin.

use std::sync::Arc;

use super::cut::{After, Cut, Cutter, Form, Loss, Piece};
use super::envelope::{Envelope, Role};
use super::nesting::{Nesting, Stop};
use super::resync::Openings;
use super::{Table, is_blank};
use crate::limits;

/// Envelopes and arrays deeper in one another than this are documents.
const MOST_FRAMES: usize = 16;

/// The longest record, in bytes.
const LIMIT: usize = 64 << 20;
const _: () = assert!(LIMIT as u64 == limits::RECORD);

/// What the next value lies in.
#[derive(Debug)]
enum Frame {
    /// An array, of rows if there is a table.
    Array(Option<Arc<Table>>),
    /// The members of an envelope.
    Members { nesting: Nesting, envelope: Envelope, table: Option<Arc<Table>> },
}

/// What is being read.
#[derive(Debug)]
enum State {
    /// Between values.
    Between,
    /// A value; an envelope, perhaps.
    Value { nesting: Nesting, envelope: Envelope, form: Form },
    /// Something that is no value, until its line or its place in the array ends.
    Junk,
    /// The rest of a broken value, until the next record may begin.
    Broken,
}

/// Cuts JSON values out.
#[derive(Debug)]
pub(super) struct JsonCutter {
    frames: Vec<Frame>,
    state: State,
    /// Where the value that is being read began, and the next byte to look at.
    start: usize,
    at: usize,
    /// The value is longer than a record may be, and was given up.
    is_lost: bool,
    beside_gap: bool,
    openings: Openings,
    /// How many blanks stand before this byte, if nothing else does on its line.
    blanks: Option<usize>,
}

impl JsonCutter {
    pub(super) fn new() -> Self {
        Self {
            frames: Vec::new(),
            state: State::Between,
            start: 0,
            at: 0,
            is_lost: false,
            beside_gap: false,
            openings: Openings::default(),
            blanks: Some(0),
        }
    }

    /// Takes a step; `false` when it needs more bytes.
    fn step(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> bool {
        match &self.state {
            State::Between if matches!(self.frames.last(), Some(Frame::Members { .. })) => {
                self.read_members(bytes, after, cuts)
            }
            State::Between => self.read_between(bytes),
            State::Value { .. } => self.read_value(bytes, after, cuts),
            State::Junk => self.read_junk(bytes, cuts),
            State::Broken => self.read_broken(bytes, after, cuts),
        }
    }

    fn read_between(&mut self, bytes: &[u8]) -> bool {
        let Some(&byte) = bytes.get(self.at) else { return false };
        match byte {
            b'\n' => self.blanks = Some(0),
            b' ' | b'\t' => self.blanks = self.blanks.map(|blanks| blanks + 1),
            b'{' => {
                self.begin(State::Value {
                    nesting: Nesting::new(true),
                    envelope: Envelope::default(),
                    form: Form::Json,
                });
                return true;
            }
            b'[' => {
                let rows = match self.frames.last() {
                    Some(Frame::Array(rows)) => rows.clone(),
                    _ => None,
                };
                let form = rows.map(Form::Row);
                if form.is_some() || self.frames.len() >= MOST_FRAMES {
                    let form = form.unwrap_or(Form::Json);
                    self.begin(State::Value {
                        nesting: Nesting::new(false),
                        envelope: Envelope::default(),
                        form,
                    });
                    return true;
                }
                self.frames.push(Frame::Array(None));
                self.blanks = None;
            }
            b']' => {
                if matches!(self.frames.last(), Some(Frame::Array(_))) {
                    self.frames.pop();
                }
                self.blanks = None;
            }
            // Commas; what a broken value left behind; padding; a byte order mark.
            b',' | b'}' | b'\r' | 0 | 0xef | 0xbb | 0xbf => {}
            _ => self.begin(State::Junk),
        }
        self.at += 1;
        true
    }

    fn begin(&mut self, state: State) {
        self.start = self.at;
        self.openings.indent = self.blanks.unwrap_or(0);
        self.blanks = None;
        self.is_lost = false;
        self.state = state;
    }

    fn read_junk(&mut self, bytes: &[u8], cuts: &mut Vec<Cut>) -> bool {
        let ends = |byte: &u8| matches!(byte, b'\n' | b'{' | b'[' | b']');
        let rest = &bytes[self.at..];
        match rest.iter().position(ends) {
            Some(length) => {
                self.at += length;
                // `evtx_dump -o json` numbers its records.
                if !is_record_number(&bytes[self.start..self.at]) {
                    self.give(bytes, self.at, Form::Json, cuts);
                }
                self.state = State::Between;
                true
            }
            None => {
                self.at = bytes.len();
                false
            }
        }
    }

    fn read_value(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> bool {
        let State::Value { nesting, envelope, form } = &mut self.state else { return false };
        let (at, stop) = nesting.follow(bytes, self.at);
        self.at = at;
        match stop {
            Stop::More => return false,
            Stop::LineFeed => return self.read_line_feed(bytes, after, cuts),
            Stop::Damage if after == After::More && bytes.len() < at + self.openings.reach() => return false,
            Stop::Damage => self.break_at(bytes, at, cuts),
            Stop::Key(key) if !self.is_lost => {
                envelope.take(&bytes[key + 1..at - 1]);
                nesting.watches = envelope.may_be();
            }
            Stop::Key(_) => nesting.watches = false,
            Stop::Member if envelope.role() == Role::Aside || self.is_lost => self.step_in(bytes),
            Stop::Member => self.enter(bytes),
            // Presented at once, it was never too long on the way.
            Stop::Closed if !self.is_lost && at - self.start > LIMIT => {
                self.overflow(bytes, cuts);
                if self.is_lost {
                    self.is_lost = false;
                    self.state = State::Between;
                }
            }
            Stop::Closed => {
                let form = form.clone();
                if !self.is_lost && matches!(form, Form::Json) {
                    self.openings.learn(&bytes[self.start..at]);
                }
                self.give(bytes, at, form, cuts);
                self.state = State::Between;
            }
        }
        true
    }

    fn step_in(&mut self, bytes: &[u8]) {
        let nesting = match (&mut self.state, self.frames.last_mut()) {
            (State::Value { nesting, .. }, _) | (_, Some(Frame::Members { nesting, .. })) => nesting,
            _ => return,
        };
        nesting.open(bytes[self.at]);
        self.at += 1;
    }

    /// The value that was begun is an envelope, and documents begin here.
    fn enter(&mut self, bytes: &[u8]) {
        let State::Value { envelope, .. } = &self.state else { return };
        let table = match envelope.role() {
            Role::Rows => Table::of_columns(&bytes[self.start..self.at]).map(Arc::new),
            _ => None,
        };
        let room = self.frames.len() + 2 < MOST_FRAMES;
        if !room || envelope.role() == Role::Rows && (table.is_none() || bytes[self.at] != b'[') {
            if let State::Value { nesting, .. } = &mut self.state {
                nesting.watches = false;
            }
            return self.step_in(bytes);
        }
        let State::Value { mut nesting, envelope, .. } = std::mem::replace(&mut self.state, State::Between)
        else {
            return;
        };
        nesting.pass_value();
        self.frames.push(Frame::Members { nesting, envelope, table: table.clone() });
        self.enter_member(table, bytes);
    }

    /// Puts the frame of a member's value on the stack. An object in it is at a record's place.
    fn enter_member(&mut self, table: Option<Arc<Table>>, bytes: &[u8]) {
        self.blanks = None;
        if bytes[self.at] == b'[' {
            self.frames.push(Frame::Array(table));
            self.at += 1;
        } else {
            self.begin(State::Value {
                nesting: Nesting::new(true),
                envelope: Envelope::default(),
                form: Form::Json,
            });
        }
    }

    /// Reads on among the members of an envelope.
    fn read_members(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> bool {
        let Some(Frame::Members { nesting, envelope, table }) = self.frames.last_mut() else { return false };
        let (at, stop) = nesting.follow(bytes, self.at);
        self.start = self.at;
        self.at = at;
        match stop {
            Stop::More => return false,
            Stop::LineFeed => {
                self.is_lost = true;
                return self.read_line_feed(bytes, after, cuts);
            }
            Stop::Damage if after == After::More && bytes.len() < at + self.openings.reach() => return false,
            Stop::Damage => {
                self.frames.pop();
                (self.start, self.is_lost) = (at, false);
                self.break_at(bytes, at, cuts);
            }
            Stop::Key(key) => envelope.take_known(&bytes[key + 1..at - 1]),
            Stop::Member => match envelope.role() {
                Role::Aside => self.step_in(bytes),
                Role::Rows if table.is_none() => self.step_in(bytes),
                Role::Rows | Role::Carrier => {
                    let rows = if envelope.role() == Role::Rows { table.clone() } else { None };
                    nesting.pass_value();
                    self.enter_member(rows, bytes);
                }
            },
            Stop::Closed => drop(self.frames.pop()),
        }
        true
    }

    /// A line feed within a string: if a record begins on the next line, the string has no end.
    fn read_line_feed(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> bool {
        let line = self.at + 1;
        if bytes.len() < line + self.openings.indent + 1 && after == After::More {
            return false;
        }
        match self.openings.on_line(bytes, line) {
            Some(next) => self.break_at(bytes, next, cuts),
            None => self.at = line,
        }
        true
    }

    /// The value's nesting makes no sense at `at`. What lies before each place where a record may begin is
    /// given as a record; reading goes on at the last such place.
    fn break_at(&mut self, bytes: &[u8], at: usize, cuts: &mut Vec<Cut>) {
        let mut is_found = false;
        while let Some(next) = self.openings.find(bytes, self.start + 1, at) {
            self.give(bytes, next, Form::Json, cuts);
            self.start_again(bytes, next);
            is_found = true;
        }
        if is_found {
            self.state = State::Between;
            self.at = self.start;
        } else {
            self.state = State::Broken;
            self.at = at + 1;
        }
    }

    /// A record may begin at `at`. At the beginning of a line no envelope is open.
    fn start_again(&mut self, bytes: &[u8], at: usize) {
        self.start = at;
        let behind_feed = at.checked_sub(1).is_some_and(|before| bytes[before] == b'\n');
        self.blanks = behind_feed.then_some(0);
        if behind_feed {
            self.frames.clear();
        }
    }

    fn read_broken(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> bool {
        let reach = if after == After::More { self.openings.reach() } else { 0 };
        let Some(last) = bytes.len().checked_sub(reach) else { return false };
        if self.at > last {
            return false;
        }
        match self.openings.find(bytes, self.at, last) {
            Some(next) => {
                self.give(bytes, next, Form::Json, cuts);
                self.start_again(bytes, next);
                (self.at, self.state) = (next, State::Between);
                true
            }
            None => {
                self.at = last + 1;
                false
            }
        }
    }

    /// Gives what lies between the value's start and `end`, without the blanks and commas behind it.
    fn give(&mut self, bytes: &[u8], end: usize, form: Form, cuts: &mut Vec<Cut>) {
        let end = end.min(bytes.len());
        let value = &bytes[self.start..end];
        let blank =
            value.iter().rev().take_while(|byte| byte.is_ascii_whitespace() || **byte == b',').count();
        let range = self.start..end - blank;
        if !self.is_lost && !is_blank(&bytes[range.clone()]) {
            cuts.push(Cut::Record(Piece { range, form, beside_gap: self.beside_gap }));
            self.beside_gap = false;
        }
        self.is_lost = false;
    }

    /// The value is longer than a record may be.
    fn overflow(&mut self, bytes: &[u8], cuts: &mut Vec<Cut>) {
        let last = self.start + LIMIT - self.openings.reach();
        let is_broken = matches!(self.state, State::Broken);
        if !is_broken && self.openings.find(bytes, self.start + 1, last).is_some() {
            return self.break_at(bytes, last, cuts);
        }
        cuts.push(Cut::Lost { at: self.start, length: LIMIT, loss: Loss::TooLong });
        self.is_lost = true;
    }

    /// Whether a value has no end, and others may have begun within it.
    fn is_unclosed(&self, bytes: &[u8]) -> bool {
        matches!(self.state, State::Value { .. })
            && self.openings.find(bytes, self.start + 1, bytes.len()).is_some()
    }

    /// Nothing follows, or a gap: what is being read is as whole as it gets.
    fn finish(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) {
        self.beside_gap |= after == After::Gap;
        let is_open = !matches!(self.state, State::Between);
        if is_open && self.start < bytes.len() {
            self.beside_gap |= after == After::Gap;
            if !is_record_number(&bytes[self.start..]) {
                self.give(bytes, bytes.len(), Form::Json, cuts);
            }
        }
        if after == After::Gap {
            // What comes behind the gap is the end of something.
            (self.state, self.start, self.at) = (State::Broken, bytes.len(), bytes.len());
            self.beside_gap = true;
        }
    }

    /// The first byte that is still needed.
    fn needed(&self) -> usize {
        match (&self.state, self.frames.last()) {
            (State::Between, Some(Frame::Members { nesting, .. })) => nesting.open_key().unwrap_or(self.at),
            (State::Between, _) => self.at,
            (State::Value { nesting, .. }, _) if self.is_lost => nesting.open_key().unwrap_or(self.at),
            (State::Broken, _) if self.is_lost => self.at.saturating_sub(self.openings.reach()),
            (State::Junk, _) if self.is_lost => self.at,
            _ => self.start,
        }
    }
}

impl Cutter for JsonCutter {
    fn cut(&mut self, bytes: &[u8], after: After, cuts: &mut Vec<Cut>) -> usize {
        loop {
            let goes_on = self.step(bytes, after, cuts);
            let is_held = !self.is_lost && !matches!(self.state, State::Between);
            if is_held && self.at.saturating_sub(self.start) > LIMIT {
                self.overflow(bytes, cuts);
            } else if !goes_on {
                break;
            }
        }
        if after != After::More {
            if self.is_unclosed(bytes) {
                self.break_at(bytes, bytes.len(), cuts);
                while self.step(bytes, after, cuts) {}
            }
            self.finish(bytes, after, cuts);
            if after == After::Gap {
                (self.start, self.at) = (0, 0);
            }
            return bytes.len();
        }
        let done = self.needed().min(bytes.len());
        self.at -= done;
        self.start = self.start.saturating_sub(done);
        if let State::Value { nesting, .. } = &mut self.state {
            nesting.shift(done);
        }
        for frame in &mut self.frames {
            if let Frame::Members { nesting, .. } = frame {
                nesting.shift(done);
            }
        }
        done
    }
}

fn is_record_number(line: &[u8]) -> bool {
    let number = line.trim_ascii().strip_prefix(b"Record ");
    number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests;
