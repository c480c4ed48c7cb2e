//! `coldtrail bench`: how fast this workstation will hunt, and why not faster.

mod table;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use serde_json::json;

use super::report::Colouring;
use super::selection::Selection;
use super::size::parse_size;
use super::{Exit, message};
use crate::bench::{self, Error, Measured, Options};
use crate::hunt::{Cancel, Filtering};
use crate::synth;

/// Decoded bytes of the made-up corpus for each thread: enough frames that no thread runs dry early.
const FOR_EACH_THREAD: u64 = 256 << 20;

/// Measure how fast this machine hunts, stage by stage, and what limits it.
///
/// Reads what is named several times, on one thread and on more, so name a few typical files. Without evidence
/// it makes a corpus as `synth` does, in a temporary folder (TMPDIR), and deletes it.
#[derive(Debug, Parser)]
pub(super) struct Args {
    /// Files and folders [default: a made-up corpus].
    evidence: Vec<PathBuf>,

    /// Decoded bytes of the made-up corpus [default: 256MiB for each thread].
    #[arg(long, value_parser = parse_size, conflicts_with = "evidence")]
    size: Option<u64>,

    /// Also tell how long so much would take.
    #[arg(long = "for", value_name = "SIZE", default_value = "10TB", value_parser = parse_size)]
    forecast: u64,

    /// The most threads [default: one per core].
    #[arg(short = 'j', long)]
    threads: Option<NonZeroUsize>,

    /// How often each stage runs; the best counts.
    #[arg(long, default_value = "3")]
    runs: NonZeroUsize,

    /// Print JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    rules: Selection,
}

/// Measures and prints.
#[must_use]
pub(super) fn run(args: &Args) -> Exit {
    let colour = Colouring::detect().stderr;
    let Some(mut loaded) = args.rules.load(colour) else { return Exit::Usage };
    let Some(engine) = args.rules.compile(&mut loaded, Filtering::Prefilter, colour) else {
        return Exit::Usage;
    };
    let threads =
        args.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let options = Options {
        rules: &loaded.set,
        reading: &loaded.options,
        engine: &engine,
        threads,
        runs: args.runs.get(),
    };
    let cancel = Arc::new(Cancel::default());
    let heard = Arc::clone(&cancel);
    // Without it Ctrl-C ends the bench at once, and leaves the corpus.
    drop(ctrlc::set_handler(move || heard.set()));
    let measured = if args.evidence.is_empty() {
        over_a_corpus(args.size.unwrap_or(FOR_EACH_THREAD * threads as u64), &options, &cancel)
    } else {
        bench::measure(&args.evidence, &options, &cancel).map_err(|error| failed(&error))
    };
    match measured {
        Ok(measured) => print(args, &measured),
        Err(exit) => exit,
    }
}

fn failed(error: &Error) -> Exit {
    let exit = match error {
        Error::Interrupted => Exit::Interrupted,
        Error::Hunt(crate::hunt::Error::Spill { .. }) => Exit::OutputFailed,
        _ => Exit::Usage,
    };
    message::fail(exit, &error.to_string())
}

/// Measures over a corpus that is gone afterwards.
fn over_a_corpus(size: u64, options: &Options<'_>, cancel: &Cancel) -> Result<Measured, Exit> {
    let cannot = |error: io::Error| message::fail(Exit::OutputFailed, &format!("the corpus: {error}"));
    let folder = tempfile::Builder::new().prefix("coldtrail-bench-").tempdir().map_err(cannot)?;
    let path = folder.path().join("corpus.ndjson.zst");
    message::say(&format!("making {size} bytes of events in {}", folder.path().display()));
    make(&path, size).map_err(|error| match error {
        synth::Error::Io(error) => cannot(error),
        error @ synth::Error::TooSmall { .. } => message::fail(Exit::Usage, &error.to_string()),
    })?;
    let measured = bench::measure(&[path], options, cancel).map_err(|error| failed(&error));
    folder.close().map_err(cannot)?;
    measured
}

/// Writes the corpus, and waits until it is on the disk: the system does not forget what it has yet to write.
fn make(path: &Path, size: u64) -> Result<(), synth::Error> {
    let codec = synth::Codec::Zstd;
    let frame = NonZeroUsize::new(4 << 20).expect("it is not 0");
    let options = synth::Options {
        size,
        hits: 16,
        near_misses: 48,
        seed: 1,
        hours: 72,
        codec,
        framing: synth::Framing::Every(frame),
        level: codec.default_level(),
    };
    let mut file = std::fs::File::create_new(path)?;
    synth::write(&options, io::BufWriter::with_capacity(1 << 20, &mut file), io::sink())?;
    Ok(file.sync_all()?)
}

fn print(args: &Args, measured: &Measured) -> Exit {
    let text = if args.json { json(measured, args.forecast) } else { table::draw(measured, args.forecast) };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) if measured.volume.complete => Exit::Complete,
        Ok(()) => {
            message::fail(Exit::Gaps, "the hunt could not read everything: the figures are of what it read")
        }
        Err(error) => message::fail_stdout(&error),
    }
}

fn json(measured: &Measured, size: u64) -> String {
    let cores = measured.machine.cores;
    let document = json!({
        "measured": measured,
        "bounds": measured.bounds(cores),
        "limit": measured.limit(cores),
        "serial_share": measured.serial_share(),
        "forecast": {
            "size": size,
            "seconds_on_disk": measured.seconds_on_disk(size),
            "seconds_decoded": measured.seconds_decoded(size),
        },
    });
    format!("{document:#}\n")
}
