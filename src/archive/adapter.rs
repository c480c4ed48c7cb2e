//! Decoders of other crates that read from a `BufRead`, as segment readers.

use std::io::{self, Read};
use std::ops::Range;

use super::{Budget, Fault, Input, SegmentReader};
use crate::ledger::{Integrity, Reason};

/// How much is decoded at once, however little is asked for: where a damaged segment fails, and what comes out
/// of it before, must not depend on that.
const BUFFER: usize = 64 << 10;

/// What such a decoder must give back.
pub(super) trait Decoder<'a>: Read {
    fn source(&self) -> &Input<'a>;
    fn release(self) -> Input<'a>;

    /// How many bytes it has written so far, those of a call that failed counted. A decoder that writes nothing
    /// before it fails need not count.
    fn written(&self) -> u64 {
        0
    }
}

/// One segment read through `D`.
pub(super) struct Adapter<D> {
    decoder: D,
    integrity: Integrity,
    /// Decoded bytes that were not asked for yet, and what stands behind them.
    buffer: Vec<u8>,
    ready: Range<usize>,
    failed: Option<Fault>,
}

impl<D> Adapter<D> {
    /// `integrity`: what a segment is that decodes to its end.
    pub(super) fn new(decoder: D, integrity: Integrity) -> Self {
        Self { decoder, integrity, buffer: vec![0; BUFFER], ready: 0..0, failed: None }
    }
}

impl<'a, D: Decoder<'a>> Adapter<D> {
    /// Decodes into the buffer, which is empty.
    fn fill(&mut self) -> Result<(), Fault> {
        if let Some(fault) = self.failed.take() {
            return Err(fault);
        }
        let before = self.decoder.written();
        match self.decoder.read(&mut self.buffer) {
            Ok(count) => self.ready = 0..count,
            Err(error) => {
                let written = usize::try_from(self.decoder.written() - before).unwrap_or(0);
                if written == 0 {
                    return Err(fault(&error));
                }
                self.ready = 0..written.min(self.buffer.len());
                self.failed = Some(fault(&error));
            }
        }
        Ok(())
    }
}

impl<'a, D: Decoder<'a>> SegmentReader<'a> for Adapter<D> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        if self.ready.is_empty() {
            self.fill()?;
        }
        let count = out.len().min(self.ready.len());
        let end = self.ready.start + count;
        out[..count].copy_from_slice(&self.buffer[self.ready.start..end]);
        self.ready.start = end;
        Ok(count)
    }

    fn integrity(&self) -> Integrity {
        self.integrity
    }

    fn input(&self) -> &Input<'a> {
        self.decoder.source()
    }

    fn into_input(self: Box<Self>) -> Input<'a> {
        self.decoder.release()
    }
}

/// A segment that cannot be opened.
pub(super) struct Refused<'a> {
    pub(super) input: Input<'a>,
    pub(super) fault: Fault,
}

impl<'a> SegmentReader<'a> for Refused<'a> {
    fn read(&mut self, _out: &mut [u8]) -> Result<usize, Fault> {
        Err(self.fault.clone())
    }

    fn integrity(&self) -> Integrity {
        Integrity::NoChecksum
    }

    fn input(&self) -> &Input<'a> {
        &self.input
    }

    fn into_input(self: Box<Self>) -> Input<'a> {
        self.input
    }
}

/// What a segment is that wants a larger window than there may ever be.
pub(super) fn too_large(codec: &str, wanted: u64, budget: &Budget) -> Fault {
    let (wanted, whole) = (wanted.div_ceil(1 << 20), budget.whole() >> 20);
    let detail = format!(
        "{codec}: a window of {wanted} MiB is needed, and --memory leaves {whole} MiB for all that lie in one another"
    );
    Fault::new(Reason::WindowTooLarge, detail)
}

/// Sorts a decoder's error.
pub(super) fn fault(error: &io::Error) -> Fault {
    let text = error.to_string();
    let reason = match error.kind() {
        io::ErrorKind::UnexpectedEof => Reason::Truncated,
        _ if error.raw_os_error().is_some() => Reason::Unreadable,
        _ if text.to_ascii_lowercase().contains("checksum") => Reason::ChecksumMismatch,
        _ if text.contains("memory") => Reason::WindowTooLarge,
        _ => Reason::Corrupt,
    };
    Fault::new(reason, text)
}

/// Decodes a whole segment with a reader, into exactly `out`.
pub(super) fn read_whole<'a>(
    mut reader: Box<dyn SegmentReader<'a> + 'a>,
    mut out: &mut [u8],
) -> Result<Integrity, Fault> {
    while !out.is_empty() {
        let count = reader.read(out)?;
        if count == 0 {
            return Err(Fault::new(Reason::Corrupt, "the segment holds less than it announces"));
        }
        out = &mut out[count..];
    }
    match reader.read(&mut [0])? {
        0 => Ok(reader.integrity()),
        _ => Err(Fault::new(Reason::Corrupt, "the segment holds more than it announces")),
    }
}
