//! A chain of codecs as one stream: what the outer decodes, the inner reads.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

use crate::archive::{self, Codec, Fault, Input, Step, Stream};
use crate::ledger::Reason;
use crate::limits;
use crate::record::{Content, sniff};

use super::unit::Chain;

/// How much a layer decodes at once for the one inside it.
const BUFFER: usize = 256 << 10;

/// A chain of codecs over one input; without a codec, the input as it is.
pub(super) struct Layers<'a> {
    inner: Inner<'a>,
    /// Steps of the layers around the innermost, each with its depth (0: the file itself).
    log: Log,
    /// How far the outermost has read.
    position: Rc<Cell<u64>>,
}

type Log = Rc<RefCell<VecDeque<(u32, Step)>>>;

enum Inner<'a> {
    Plain { input: Input<'a>, has_begun: bool },
    Coded { stream: Stream<'a> },
    Nested { stream: Stream<'a>, depth: u32, ready: Ready },
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
    /// Opens `chain` over `input`.
    pub(super) fn open(chain: &Chain, mut input: Input<'a>, memory: u64) -> Self {
        let (log, position) = (Log::default(), Rc::new(Cell::new(input.position())));
        let mut depth = 0;
        let inner = match chain.split_last() {
            None => Inner::Plain { input, has_begun: false },
            Some((inner, outer)) => {
                for codec in outer {
                    let stream = Stream::new(*codec, input, memory);
                    let (log, position) = (Rc::clone(&log), Rc::clone(&position));
                    let layer = Layer { stream, depth, log, position, ready: Ready::new() };
                    input = Input::reader(Box::new(layer));
                    depth += 1;
                }
                let stream = Stream::new(*inner, input, memory);
                if outer.is_empty() {
                    Inner::Coded { stream }
                } else {
                    Inner::Nested { stream, depth, ready: Ready::new() }
                }
            }
        };
        Self { inner, log, position }
    }

    /// The next step of any layer, with the layer's depth; only the innermost gives data.
    pub(super) fn step(&mut self, out: &mut [u8]) -> (u32, Step) {
        if let Inner::Nested { depth, ready, .. } = &mut self.inner
            && !ready.is_empty()
        {
            return (*depth, Step::Data(ready.take(out)));
        }
        if let Some(logged) = self.log.borrow_mut().pop_front() {
            return logged;
        }
        let (depth, step) = match &mut self.inner {
            Inner::Plain { input, has_begun } => {
                let step = plain_step(input, has_begun, out);
                self.position.set(input.position());
                (0, step)
            }
            Inner::Coded { stream } => {
                let step = stream.step(out);
                self.position.set(stream.position());
                (0, step)
            }
            Inner::Nested { stream, depth, ready } => match stream.step(&mut ready.buffer) {
                Step::Data(count) => {
                    (ready.at, ready.end) = (0, count);
                    (*depth, Step::Data(ready.take(out)))
                }
                step => (*depth, step),
            },
        };
        if step == Step::Finished
            && let Some(logged) = self.log.borrow_mut().pop_front()
        {
            // What the outer layers said while they ended comes first; the stream stays finished.
            return logged;
        }
        (depth, step)
    }

    /// Depth of the innermost layer.
    pub(super) fn depth(&self) -> u32 {
        match &self.inner {
            Inner::Plain { .. } | Inner::Coded { .. } => 0,
            Inner::Nested { depth, .. } => *depth,
        }
    }

    /// Offset of the next byte of the outermost container.
    pub(super) fn position(&self) -> u64 {
        self.position.get()
    }
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

/// An outer stream as a reader.
struct Layer<'a> {
    stream: Stream<'a>,
    depth: u32,
    log: Log,
    position: Rc<Cell<u64>>,
    ready: Ready,
}

impl Read for Layer<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            let step = self.stream.step(&mut self.ready.buffer);
            if self.depth == 0 {
                self.position.set(self.stream.position());
            }
            match step {
                Step::Data(count) => (self.ready.at, self.ready.end) = (0, count),
                Step::Finished => return Ok(0),
                step => self.log.borrow_mut().push_back((self.depth, step)),
            }
        }
        Ok(self.ready.take(out))
    }
}

/// What a source is.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) chain: Chain,
    pub(super) content: Content,
    /// Whether another archive lies in the innermost one that may be opened.
    pub(super) too_deep: bool,
}

/// Looks into `bytes`, the beginning of a source, as deep as archives lie in archives.
pub(super) fn probe(bytes: &[u8], memory: u64) -> Probe {
    let mut chain: Chain = Vec::new();
    let mut head = bytes[..bytes.len().min(limits::SNIFF)].to_vec();
    while let Some(codec) = archive::sniff(if chain.is_empty() { bytes } else { &head }) {
        if chain.len() == limits::NESTING {
            return Probe { chain, content: Content::Lines, too_deep: true };
        }
        chain.push(codec);
        head = decode_head(&chain, bytes, memory);
    }
    Probe { content: sniff(&head), chain, too_deep: false }
}

/// The first decoded bytes, as far as they can be had.
fn decode_head(chain: &Chain, bytes: &[u8], memory: u64) -> Vec<u8> {
    let mut layers = Layers::open(chain, Input::slice(bytes, 0), memory);
    let (mut head, mut at) = (vec![0; limits::SNIFF], 0);
    while at < head.len() {
        match layers.step(&mut head[at..]).1 {
            Step::Data(count) => at += count,
            Step::Finished => break,
            // Past the first damage nothing is told by what comes.
            Step::Gap { .. } if at > 0 => break,
            _ => {}
        }
    }
    head.truncate(at);
    head
}

/// How reports name a chain: `plain`, `zstd`, `gzip in zstd`.
pub(super) fn describe(chain: &[&'static dyn Codec]) -> String {
    if chain.is_empty() {
        return "plain".to_owned();
    }
    let names: Vec<&str> = chain.iter().rev().map(|codec| codec.name()).collect();
    names.join(" in ")
}

/// The suffixes of a chain's entries: the file itself, then one for each archive in an archive.
pub(super) fn entries(chain: &[&'static dyn Codec]) -> Vec<String> {
    (0..chain.len().max(1)).map(|depth| "!0".repeat(depth)).collect()
}
