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
    Coded { stream: Stream<'a>, depth: u32 },
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
                    let buffer = vec![0; BUFFER];
                    let layer = Layer { stream, depth, log, position, buffer, at: 0, end: 0 };
                    input = Input::reader(Box::new(layer));
                    depth += 1;
                }
                Inner::Coded { stream: Stream::new(*inner, input, memory), depth }
            }
        };
        Self { inner, log, position }
    }

    /// The next step of any layer, with the layer's depth; only the innermost gives data.
    pub(super) fn step(&mut self, out: &mut [u8]) -> (u32, Step) {
        if let Some(logged) = self.log.borrow_mut().pop_front() {
            return logged;
        }
        let (depth, step) = match &mut self.inner {
            Inner::Plain { input, has_begun } => {
                let step = plain_step(input, has_begun, out);
                self.position.set(input.position());
                (0, step)
            }
            Inner::Coded { stream, depth } => {
                let step = stream.step(out);
                if *depth == 0 {
                    self.position.set(stream.position());
                }
                (*depth, step)
            }
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
            Inner::Plain { .. } => 0,
            Inner::Coded { depth, .. } => *depth,
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
    buffer: Vec<u8>,
    at: usize,
    end: usize,
}

impl Read for Layer<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.end {
            let step = self.stream.step(&mut self.buffer);
            if self.depth == 0 {
                self.position.set(self.stream.position());
            }
            match step {
                Step::Data(count) => (self.at, self.end) = (0, count),
                Step::Finished => return Ok(0),
                step => self.log.borrow_mut().push_back((self.depth, step)),
            }
        }
        let count = out.len().min(self.end - self.at);
        out[..count].copy_from_slice(&self.buffer[self.at..self.at + count]);
        self.at += count;
        Ok(count)
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
