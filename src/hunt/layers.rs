//! A chain of codecs as one stream: what the outer decodes, the inner reads.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;
use std::rc::Rc;

use crate::archive::{Budget, Checksum, Codec, Fault, Input, Step, Stream};
use crate::ledger::Reason;

use super::stray::Watch;
use super::unit::Chain;

/// How much a layer decodes at once for the one inside it.
const BUFFER: usize = 256 << 10;

/// A chain of codecs over one input; without a codec, the input as it is.
pub(super) struct Layers<'a> {
    inner: Inner<'a>,
    /// The innermost one's entry.
    entry: u32,
    /// How far the outermost has read.
    position: Rc<Cell<u64>>,
}

/// What is known of the layers around something that is read.
pub(super) struct Outer {
    said: Log,
    /// Where it lies in the bytes that `said` counts.
    range: Range<u64>,
    position: Rc<Cell<u64>>,
}

impl Outer {
    /// Nothing lies around what is read.
    pub(super) fn none() -> Self {
        Self { said: Log::default(), range: 0..u64::MAX, position: Rc::default() }
    }

    /// What lies around the bytes of `range` in what was made of an input by [`Outer::wrap`].
    pub(super) fn of(&self, range: Range<u64>) -> Self {
        let at = |at: u64| self.range.start.saturating_add(at);
        let range = at(range.start)..at(range.end).min(self.range.end);
        Self { said: Rc::clone(&self.said), range, position: Rc::default() }
    }

    /// What `codecs` make of `input`, and what is known of them; the first is the entry of this number.
    pub(super) fn wrap<'a>(
        self,
        codecs: &[&'static dyn Codec],
        mut input: Input<'a>,
        memory: &Budget,
        mut checksum: Option<Checksum>,
        entry: u32,
        watch: Watch<'_, 'a>,
    ) -> (Self, Input<'a>) {
        let mut outer = self;
        outer.position.set(input.position());
        for (index, codec) in codecs.iter().enumerate() {
            let (entry, position) = (entry + number(index), Rc::clone(&outer.position));
            let input_of_layer = watch(input, entry);
            let stream = Stream::new(*codec, input_of_layer, memory.clone()).checked(checksum.take());
            let layer = Layer::new(stream, entry, outer, index == 0);
            outer = Self { said: Rc::clone(&layer.said), range: 0..u64::MAX, position };
            input = Input::reader(Box::new(layer));
        }
        (outer, input)
    }

    /// The next thing that one of the layers said of the bytes before `reached`, and its entry.
    pub(super) fn next(&self, reached: u64) -> Option<(u32, Step)> {
        let reached = self.range.start.saturating_add(reached).min(self.range.end);
        self.said.borrow_mut().pop_front_if(|said| said.at <= reached).map(|said| (said.entry, said.step))
    }

    /// How many bytes from `at` on nothing is said of that is not said of those before, as far as is known.
    pub(super) fn silent(&self, at: u64) -> u64 {
        let at = self.range.start.saturating_add(at);
        let said = self.said.borrow();
        let next = said.iter().map(|said| said.at).find(|said| *said > at);
        next.map_or(u64::MAX, |next| next - at)
    }

    /// How many bytes there are before the first gap, as far as is known. Past it, nothing tells what they are.
    pub(super) fn unbroken(&self) -> u64 {
        let is_gap = |said: &&Said| said.at > self.range.start && matches!(said.step, Step::Gap { .. });
        self.said.borrow().iter().find(is_gap).map_or(u64::MAX, |said| said.at - self.range.start)
    }

    /// Offset of the next byte of the outermost.
    pub(super) fn position(&self) -> u64 {
        self.position.get()
    }
}

/// What a layer said, or one around it.
struct Said {
    /// How many bytes the layer had decoded before.
    at: u64,
    /// Who said it.
    entry: u32,
    step: Step,
}

type Log = Rc<RefCell<VecDeque<Said>>>;

enum Inner<'a> {
    Plain { input: Input<'a>, has_begun: bool, around: Outer },
    Coded { stream: Stream<'a> },
    Nested(Layer<'a>),
}

/// Decoded bytes that were not asked for yet. How much a nested stream decodes at once must not depend on how
/// much is asked for: it decides when the layers around it are read, and so where their gaps stand.
struct Ready {
    buffer: Vec<u8>,
    at: usize,
    end: usize,
}

impl Ready {
    fn new() -> Self {
        Self { buffer: vec![0; BUFFER], at: 0, end: 0 }
    }

    fn is_empty(&self) -> bool {
        self.at == self.end
    }

    fn take(&mut self, out: &mut [u8]) -> usize {
        let count = out.len().min(self.end - self.at);
        out[..count].copy_from_slice(&self.buffer[self.at..self.at + count]);
        self.at += count;
        count
    }
}

impl<'a> Layers<'a> {
    /// Opens `chain` over `input`, which lies in `around`; `checksum` is that of what the first codec gives, whose
    /// entry has this number. `watch` takes what the codecs leave.
    pub(super) fn open(
        chain: &Chain,
        input: Input<'a>,
        memory: &Budget,
        checksum: Option<Checksum>,
        (entry, around): (u32, Option<Outer>),
        watch: Watch<'_, 'a>,
    ) -> Self {
        let (codec, outer_codecs) = match chain.split_last() {
            None => (None, &[][..]),
            Some((inner, outer_codecs)) => (Some(*inner), outer_codecs),
        };
        let is_alone = around.is_none() && outer_codecs.is_empty();
        let around = around.unwrap_or_else(Outer::none);
        let (outer, input) = around.wrap(outer_codecs, input, memory, checksum, entry, watch);
        let checksum = checksum.filter(|_| outer_codecs.is_empty());
        let entry = entry + number(outer_codecs.len());
        let open = |codec, input| Stream::new(codec, watch(input, entry), memory.clone()).checked(checksum);
        let position = Rc::clone(&outer.position);
        let inner = match codec {
            None => Inner::Plain { input, has_begun: false, around: outer },
            Some(codec) if is_alone => Inner::Coded { stream: open(codec, input) },
            Some(codec) => {
                Inner::Nested(Layer::new(open(codec, input), entry, outer, outer_codecs.is_empty()))
            }
        };
        Self { inner, entry, position }
    }

    /// The next step of any layer, with the layer's entry; only the innermost gives data.
    pub(super) fn step(&mut self, out: &mut [u8]) -> (u32, Step) {
        match &mut self.inner {
            Inner::Plain { input, has_begun, around } => {
                // Something is said of a byte before it is there.
                let out = match input.peek(1) {
                    Ok(_) => match around.next(input.position()) {
                        Some(said) => return said,
                        None => up_to(out, around.silent(input.position())),
                    },
                    Err(_) => out,
                };
                let step = plain_step(input, has_begun, out);
                self.position.set(input.position());
                (self.entry, step)
            }
            Inner::Coded { stream } => {
                let step = stream.step(out);
                self.position.set(stream.position());
                (self.entry, step)
            }
            Inner::Nested(layer) => layer.step(out),
        }
    }

    /// The entry of the innermost layer.
    pub(super) fn entry(&self) -> u32 {
        self.entry
    }

    /// Offset of the next byte of the outermost container.
    pub(super) fn position(&self) -> u64 {
        self.position.get()
    }
}

/// The first bytes of `out`, at most so many.
fn up_to(out: &mut [u8], most: u64) -> &mut [u8] {
    let most = usize::try_from(most).map_or(out.len(), |most| most.min(out.len()));
    &mut out[..most]
}

fn plain_step(input: &mut Input<'_>, has_begun: &mut bool, out: &mut [u8]) -> Step {
    if !std::mem::replace(has_begun, true) {
        return Step::Segment(input.position());
    }
    let from = input.position();
    match input.read(out) {
        Ok(0) => Step::Finished,
        Ok(count) => Step::Data(count),
        Err(error) => {
            let fault = Fault::new(Reason::Unreadable, error.to_string());
            *input = Input::slice(&[], from);
            Step::Gap { bytes: from..from, decoded: None, fault }
        }
    }
}

/// A codec of several that lie in one another.
struct Layer<'a> {
    stream: Stream<'a>,
    entry: u32,
    /// What the layers around it said.
    around: Outer,
    /// Whether none of them is of its own chain, which knows its position by it.
    is_outermost: bool,
    /// What they and it said, by its own bytes.
    said: Log,
    /// How many bytes it has decoded.
    decoded: u64,
    ready: Ready,
}

impl<'a> Layer<'a> {
    fn new(stream: Stream<'a>, entry: u32, around: Outer, is_outermost: bool) -> Self {
        let (said, ready) = (Log::default(), Ready::new());
        Self { stream, entry, around, is_outermost, said, decoded: 0, ready }
    }

    /// Decodes on; `false` at the end. It is called when nothing is ready.
    fn advance(&mut self) -> bool {
        let step = self.stream.step(&mut self.ready.buffer);
        if self.stream.is_prompt() {
            // It takes no byte of which something is said with those before it: what came out is of the last ones.
            self.hear(self.stream.position().saturating_sub(1));
        }
        if self.is_outermost {
            self.around.position.set(self.stream.position());
        }
        if let Step::Data(count) = step {
            (self.ready.at, self.ready.end) = (0, count);
            self.decoded += count as u64;
        }
        let goes_on = step != Step::Finished;
        let is_all = !goes_on && !self.stream.stands_alone();
        self.hear(if is_all { u64::MAX } else { self.stream.position() });
        if goes_on && !matches!(step, Step::Data(_)) {
            self.said.borrow_mut().push_back(Said { at: self.decoded, entry: self.entry, step });
        }
        goes_on
    }

    /// Takes over what the layers around it said of the bytes before `reached`. They are read ahead of what is
    /// decoded, and a gap in them must cut only what lies on either side of it.
    fn hear(&mut self, reached: u64) {
        let mut said = self.said.borrow_mut();
        while let Some((entry, step)) = self.around.next(reached) {
            said.push_back(Said { at: self.decoded, entry, step });
        }
    }

    fn step(&mut self, out: &mut [u8]) -> (u32, Step) {
        loop {
            let given = self.decoded - (self.ready.end - self.ready.at) as u64;
            if let Some(said) = self.said.borrow_mut().pop_front_if(|said| said.at <= given) {
                return (said.entry, said.step);
            }
            if !self.ready.is_empty() {
                return (self.entry, Step::Data(self.ready.take(out)));
            }
            if !self.advance() && self.said.borrow().is_empty() {
                return (self.entry, Step::Finished);
            }
        }
    }
}

impl Read for Layer<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            if !self.advance() {
                return Ok(0);
            }
        }
        Ok(self.ready.take(out))
    }
}

/// An index as an entry's number.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
