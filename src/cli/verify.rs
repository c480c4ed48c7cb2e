//! `coldtrail verify`: does a case folder stand?

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;

use super::hunt::{default_memory, default_threads, listen, parse_memory};
use super::{Exit, message};
use crate::escape::escape;
use crate::hunt::{Cancel, Meter};
use crate::verify::{self, Effort, Faults, Verdict};

/// Hold a case folder against the evidence: are its files as they were written, is the evidence, does each hit
/// stand?
///
/// The rules are taken from the case folder. Exit codes: 0 everything is as the case folder says; 1 something is
/// not; 2 this is no case folder, or the evidence is not where it is said to be; 130 interrupted.
#[derive(Debug, Parser)]
pub(super) struct Args {
    /// A folder that `coldtrail hunt -o` has written.
    case: PathBuf,

    /// Where the files and folders that were hunted through are now, in the order of the hunt [default: where they
    /// were].
    evidence: Vec<PathBuf>,

    /// Worker threads [default: one per core].
    #[arg(short = 'j', long)]
    threads: Option<NonZeroUsize>,

    /// Memory that decoders may take [default: a quarter of the machine's, at most 2GiB].
    #[arg(long, value_name = "SIZE", value_parser = parse_memory)]
    memory: Option<u64>,
}

/// Verifies, and says how it went.
#[must_use]
pub(super) fn run(args: &Args) -> Exit {
    let effort =
        Effort { threads: default_threads(args.threads), memory: args.memory.unwrap_or_else(default_memory) };
    let cancel = Arc::new(Cancel::default());
    listen(&cancel);
    let verdict = match verify::verify(&args.case, &args.evidence, &effort, &Meter::default(), &cancel) {
        Ok(verdict) => verdict,
        Err(error) => return message::fail(Exit::Usage, &error.to_string()),
    };
    if let Err(error) = tell(&args.case, &verdict, &mut io::stdout().lock()) {
        return message::fail_stdout(&error);
    }
    match (verdict.interrupted, verdict.holds()) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Complete,
        (false, false) => Exit::Hits,
    }
}

fn tell(case: &Path, verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let manifest = &verdict.manifest;
    let shown = |path: &Path| escape(&path.display().to_string()).into_owned();
    let word = if verdict.holds() { "HOLDS" } else { "DOES NOT HOLD" };
    writeln!(out, "{}: {word}", shown(case))?;
    let host = manifest.host.as_deref().map(escape).unwrap_or_default();
    let version = escape(&manifest.program.version);
    writeln!(
        out,
        "  made by   coldtrail {version} on {host}, {:.0} to {:.0}",
        manifest.started, manifest.ended
    )?;
    writeln!(out, "  manifest  SHA-256 {}", verdict.manifest_sha256)?;
    let sound = manifest.files.len() - verdict.files.len();
    writeln!(out, "  files     {sound} as they were written, {} not", verdict.files.len())?;
    for fault in &verdict.files {
        writeln!(out, "            {}: {}", escape(&fault.name), escape(&fault.reason))?;
    }
    let digest = if verdict.rules_hold { "with" } else { "NOT with" };
    writeln!(out, "  rules     {}, {digest} the digest in the manifest", manifest.order.rules.len())?;
    let sources = &verdict.sources;
    writeln!(
        out,
        "  sources   {} read again: {} the same by digest, {} by size and time, {} not",
        sources.count,
        sources.by_digest,
        sources.by_size_and_time,
        sources.faults.len()
    )?;
    for fault in &sources.faults {
        writeln!(out, "            {}: {}", shown(&fault.path), fault.reason)?;
    }
    let (fallen, unreported) = (&verdict.fallen, &verdict.unreported);
    writeln!(
        out,
        "  hits      {} stand, {} do not; {} found that the report does not have",
        verdict.standing, fallen.count, unreported.count
    )?;
    tell_faults(fallen, out)?;
    tell_faults(unreported, out)?;
    out.flush()
}

fn tell_faults(faults: &Faults, out: &mut dyn Write) -> io::Result<()> {
    for fault in &faults.first {
        let line = fault.line.map(|line| format!("hits.jsonl:{line}: ")).unwrap_or_default();
        writeln!(out, "            {line}{}: {}", escape(&fault.what), escape(&fault.reason))?;
    }
    let more = faults.count - faults.first.len() as u64;
    if more > 0 {
        writeln!(out, "            and {more} more")?;
    }
    Ok(())
}
