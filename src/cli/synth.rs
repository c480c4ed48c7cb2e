//! `coldtrail synth`: writes a corpus to measure and to test with.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use thiserror::Error;

use super::size::parse_size;
use crate::synth::{self, Codec, Framing, Options, Totals};

/// Write invented process events with known hits, to measure and to test with.
///
/// The same options give the same NDJSON on every machine and in every container. `synth --size 512MiB`
/// has a zstd ratio of 9.3; one core makes up about 1 GB of NDJSON in a second, before compression.
#[derive(Debug, Clone, Parser)]
pub struct Args {
    /// Bytes of NDJSON, exactly: 64KiB, 4MiB, 2GiB, 1GB, or plain bytes.
    #[arg(long, default_value = "1GiB", value_parser = parse_size)]
    size: u64,

    /// Decoded bytes in each zstd frame or gzip member, or `single` for one that holds everything.
    #[arg(long, default_value = "4MiB", value_name = "SIZE|single", value_parser = parse_frame_size)]
    frame_size: FrameSize,

    /// The container.
    #[arg(long, value_enum, default_value_t = Container::Zstd)]
    codec: Container,

    /// Compression level in the codec's own scale [default: 3 for zstd, 6 for gzip].
    #[arg(long, allow_negative_numbers = true)]
    level: Option<i32>,

    /// Events that the bundled ScreenConnect rule matches.
    #[arg(long, default_value_t = 16)]
    hits: u64,

    /// Events that it just does not match.
    #[arg(long, default_value_t = 48)]
    near_misses: u64,

    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Hours from the first event to the last.
    #[arg(long, default_value_t = 72)]
    hours: u32,

    /// Where to write, `-` for standard output [default: named after the options, in this directory].
    #[arg(short, long)]
    output: Option<PathBuf>,

    /// Where to list the planted events [default: OUTPUT.truth.jsonl; nowhere for standard output].
    #[arg(long)]
    truth: Option<PathBuf>,

    /// Overwrite files that exist.
    #[arg(long)]
    force: bool,
}

/// The containers by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Container {
    /// Zstandard frames.
    Zstd,
    /// gzip members.
    Gzip,
    /// gzip in the blocks of `bgzip`, whatever the frame size.
    Bgzip,
    /// Plain NDJSON.
    None,
}

/// A frame size as typed, which also goes into the default file name.
#[derive(Debug, Clone)]
struct FrameSize {
    text: String,
    framing: Framing,
}

/// What was written, for the user.
#[derive(Debug)]
pub struct Summary {
    /// What the corpus holds.
    pub totals: Totals,
    /// Where it is.
    pub output: PathBuf,
    /// Where the planted events are listed.
    pub truth: Option<PathBuf>,
}

/// Why nothing, or not everything, was written.
#[derive(Debug, Error)]
pub enum Error {
    /// A file is in the way.
    #[error("{0} exists; --force overwrites it")]
    Exists(PathBuf),
    /// A file cannot be created.
    #[error("cannot create {0}: {1}")]
    Create(PathBuf, #[source] io::Error),
    /// The corpus cannot be made or written.
    #[error(transparent)]
    Synth(#[from] synth::Error),
}

/// Writes the corpus and its truth file.
///
/// # Errors
/// [`Error::Exists`] before anything is written, unless `--force` is given.
pub fn run(args: &Args) -> Result<Summary, Error> {
    let options = args.options();
    let output = args.output.clone().unwrap_or_else(|| args.default_output());
    let truth = args.truth.clone().or_else(|| default_truth(&output));
    for path in truth.iter().chain(Some(&output)) {
        if !args.force && !is_stdout(path) && path.exists() {
            return Err(Error::Exists(path.clone()));
        }
    }
    let truth_file: Box<dyn Write> = match &truth {
        Some(path) => args.create(path)?,
        None => Box::new(io::sink()),
    };
    let totals = synth::write(&options, args.create(&output)?, truth_file)?;
    Ok(Summary { totals, output, truth })
}

impl Args {
    fn options(&self) -> Options {
        let codec = Codec::from(self.codec);
        Options {
            size: self.size,
            hits: self.hits,
            near_misses: self.near_misses,
            seed: self.seed,
            hours: self.hours,
            codec,
            framing: self.frame_size.framing,
            level: self.level.unwrap_or(codec.default_level()),
        }
    }

    /// A name that tells apart what has different bytes, short of the numbers of planted events.
    fn default_output(&self) -> PathBuf {
        let Self { size, seed, frame_size, .. } = self;
        let (codec, extension) = match self.codec {
            Container::Zstd => (format!("-zstd-{}", frame_size.text), "ndjson.zst"),
            Container::Gzip => (format!("-gzip-{}", frame_size.text), "ndjson.gz"),
            Container::Bgzip => ("-bgzip".to_owned(), "ndjson.gz"),
            Container::None => (String::new(), "ndjson"),
        };
        PathBuf::from(format!("synth-{size}-seed{seed}{codec}.{extension}"))
    }

    fn create(&self, path: &Path) -> Result<Box<dyn Write>, Error> {
        if is_stdout(path) {
            return Ok(Box::new(io::stdout().lock()));
        }
        let mut how = OpenOptions::new();
        how.write(true).truncate(true).create(self.force).create_new(!self.force);
        let file: File = how.open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
            _ => Error::Create(path.to_owned(), error),
        })?;
        Ok(Box::new(BufWriter::with_capacity(1 << 20, file)))
    }
}

impl From<Container> for Codec {
    fn from(container: Container) -> Self {
        match container {
            Container::Zstd => Self::Zstd,
            Container::Gzip => Self::Gzip,
            Container::Bgzip => Self::Bgzip,
            Container::None => Self::None,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { records, hits, companion_hits, misses, decoded_bytes, encoded_bytes, ratio } =
            self.totals;
        writeln!(
            f,
            "{}: {records} records, {decoded_bytes} bytes in {encoded_bytes} (ratio {ratio:.2})",
            self.output.display()
        )?;
        write!(f, "{hits} hits, {companion_hits} only for the companion rule, {misses} near misses")?;
        self.truth.iter().try_for_each(|path| write!(f, ", listed in {}", path.display()))
    }
}

fn parse_frame_size(text: &str) -> Result<FrameSize, String> {
    let framing = if text == "single" {
        Framing::Single
    } else {
        let size = usize::try_from(parse_size(text)?).map_err(|_| format!("{text} is too large"))?;
        Framing::Every(NonZeroUsize::new(size).ok_or("a frame holds at least one byte")?)
    };
    Ok(FrameSize { text: text.to_owned(), framing })
}

fn default_truth(output: &Path) -> Option<PathBuf> {
    if is_stdout(output) {
        return None;
    }
    let mut path = output.as_os_str().to_owned();
    path.push(".truth.jsonl");
    Some(path.into())
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args::try_parse_from(["synth"].iter().chain(words)).unwrap()
    }

    #[test]
    fn an_existing_file_stays_without_force() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("a.ndjson");
        let words = ["--size", "1MiB", "--codec", "none", "-o", output.to_str().unwrap()];
        std::fs::write(&output, "evidence").unwrap();
        assert!(matches!(run(&args(&words)), Err(Error::Exists(path)) if path == output));
        assert_eq!(std::fs::read_to_string(&output).unwrap(), "evidence");
        assert!(!folder.path().join("a.ndjson.truth.jsonl").exists());

        let summary = run(&args(&[&words[..], &["--force"]].concat())).unwrap();
        assert_eq!(std::fs::metadata(&output).unwrap().len(), 1 << 20);
        let truth = std::fs::read_to_string(summary.truth.unwrap()).unwrap();
        assert_eq!(truth.lines().count(), 16 + 48 + 1);
        assert!(matches!(run(&args(&words)), Err(Error::Exists(_))));
    }

    #[test]
    fn the_default_name_tells_containers_apart() {
        let name = |words: &[&str]| args(words).default_output().display().to_string();
        assert_eq!(name(&["--size", "1MiB"]), "synth-1048576-seed1-zstd-4MiB.ndjson.zst");
        assert_eq!(
            name(&["--size", "1MiB", "--codec", "gzip", "--frame-size", "single"]),
            "synth-1048576-seed1-gzip-single.ndjson.gz"
        );
        assert_eq!(name(&["--size", "9", "--codec", "none"]), "synth-9-seed1.ndjson");
    }

    #[test]
    fn frames_of_nothing_are_refused() {
        assert!(Args::try_parse_from(["synth", "--frame-size", "0"]).is_err());
    }
}
