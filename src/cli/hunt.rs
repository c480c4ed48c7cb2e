//! `coldtrail hunt`: the main job.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Parser, ValueEnum};

use super::progress::{Display, Show};
use super::report::{Colouring, Destination};
use super::selection::{Loaded, Selection};
use super::size::parse_size;
use super::task::{PlanOptions, Task};
use super::{Exit, message};
use crate::event::Timestamp;
use crate::evidence::{self, Outcome, Walk};
use crate::hunt::{self, Cancel, Catch, Engine, Filtering, Journal, Meter};
use crate::ledger::Ledger;
use crate::order::Order;
use crate::report::case::{CaseError, CaseFolder};
use crate::report::{NotRun, Report, Run};
use crate::rule::RuleSet;
use crate::{archive, limits};

/// Digests by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Digest {
    /// SHA-256.
    Sha256,
    /// BLAKE3.
    Blake3,
}

/// Hunt through files and folders of compressed or plain JSON logs.
///
/// Exit codes: 0 every byte was scanned; 1 hits, with --fail-on-hit; 2 wrong usage or a wrong rule; 3 done,
/// but with gaps; 4 a report could not be written, or the reader of a pipe had enough; 130 interrupted.
#[derive(Debug, Parser)]
pub struct Args {
    /// Files and folders; `-` is standard input.
    #[arg(required_unless_present = "resume")]
    evidence: Vec<PathBuf>,

    /// Go on with a hunt that was broken off: the folder that its -o named. Evidence, rules and options are those
    /// it began with, and so is what comes out.
    #[arg(long, value_name = "DIR", conflicts_with_all = [
        "evidence", "rules", "query", "rule_id", "severity", "tag", "index", "mapping", "output", "force", "hash",
        "chunk_size", "memory", "no_prefilter", "renormalise",
    ])]
    resume: Option<PathBuf>,

    #[command(flatten)]
    rules: Selection,

    #[command(flatten)]
    destination: Destination,

    /// Worker threads [default: one per core].
    #[arg(short = 'j', long)]
    threads: Option<NonZeroUsize>,

    /// Size of the pieces that work is cut into; the output does not depend on it.
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = parse_chunk_size)]
    chunk_size: usize,

    /// Memory that decoders may take, window sizes above all [default: a quarter of the machine's, at most
    /// 2GiB].
    #[arg(long, value_name = "SIZE", value_parser = parse_memory)]
    memory: Option<u64>,

    /// Parse every record, also those that cannot match; the output is the same, later.
    #[arg(long)]
    no_prefilter: bool,

    /// Derive ECS documents anew from event.original or the vendor's fields in them: integrations of old wrote
    /// fields that no rule matches today. Such hits carry the flag `renormalised`.
    #[arg(long)]
    renormalise: bool,

    /// Digest every file, for the ledger.
    #[arg(long, value_enum, value_delimiter = ',')]
    hash: Vec<Digest>,

    /// Show progress on standard error.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    progress: Show,

    /// Exit with 1 if there are hits.
    #[arg(long)]
    fail_on_hit: bool,
}

/// Hunts, and says how it went.
#[must_use]
pub(super) fn run(args: &Args) -> Exit {
    match &args.resume {
        Some(dir) => resume(args, dir),
        None => begin(args),
    }
    .unwrap_or_else(|exit| exit)
}

/// A hunt that is about to run.
struct Ready {
    task: Task,
    set: RuleSet,
    engine: Engine,
    walk: Walk,
    destination: Destination,
    case: Option<CaseFolder>,
    journal: Option<Journal>,
}

/// Does what the arguments say.
fn begin(args: &Args) -> Result<Exit, Exit> {
    let colouring = Colouring::detect();
    let mut loaded = args.rules.load(colouring.stderr).ok_or(Exit::Usage)?;
    let filtering = if args.no_prefilter { Filtering::ParseEverything } else { Filtering::Prefilter };
    let engine = args.rules.compile(&mut loaded, filtering, colouring.stderr).ok_or(Exit::Usage)?;
    let Loaded { set, reading, rejected, .. } = loaded;
    let order = Order { rejected, ..Order::new(&args.evidence, &set, reading, args.renormalise) };
    let documents = order.documents();
    let walk = evidence::walk(&args.evidence);
    if let Some(missing) = missing(&walk, &args.evidence) {
        return Err(message::fail(Exit::Usage, &missing));
    }
    let refused = |error: CaseError| message::fail(Exit::Usage, &error.to_string());
    let case = args.destination.check(&args.evidence).map_err(refused)?;
    let task = Task::new(order, args.plan_options(), &walk);
    let journal = match &case {
        Some(case) => Some(task.begin(case.path(), args.destination.is_forced())?),
        None => None,
    };
    let engine = engine.with_documents(documents);
    args.carry_out(Ready { task, set, engine, walk, destination: args.destination.clone(), case, journal })
}

/// Goes on with the hunt whose case folder is `dir`.
fn resume(args: &Args, dir: &Path) -> Result<Exit, Exit> {
    let refused =
        |error: &dyn fmt::Display| message::fail(Exit::Usage, &format!("{}: {error}", dir.display()));
    let (task, journal) = Task::resume(dir)?;
    let set = task.order.rules().map_err(|errors| refused(&errors[0]))?;
    let options = task.order.reading.options().map_err(|error| refused(&error))?;
    let filtering = if task.options.no_prefilter { Filtering::ParseEverything } else { Filtering::Prefilter };
    let engine = Engine::new(&set, &options, filtering)
        .map_err(|_| refused(&"its rules do not compile; resume with the version that began the hunt"))?
        .with_documents(task.order.documents());
    let evidence: Vec<PathBuf> = task.order.evidence.iter().map(|path| path.0.clone()).collect();
    let walk = evidence::walk(&evidence);
    if let Some(changed) = task.changed(&walk) {
        return Err(refused(&format!("{changed} since the hunt began; hunt anew, with --force")));
    }
    let destination = args.destination.resumed(dir);
    let case = destination.check(&evidence).map_err(|error| refused(&error))?;
    args.carry_out(Ready { task, set, engine, walk, destination, case, journal: Some(journal) })
}

impl Args {
    fn plan_options(&self) -> PlanOptions {
        PlanOptions {
            chunk_size: self.chunk_size,
            memory: self.memory.unwrap_or_else(default_memory),
            sha256: self.hash.contains(&Digest::Sha256),
            blake3: self.hash.contains(&Digest::Blake3),
            no_prefilter: self.no_prefilter,
        }
    }

    fn carry_out(&self, ready: Ready) -> Result<Exit, Exit> {
        let Ready { task, set, engine, walk, destination, case, mut journal } = ready;
        let (started, clock) = (Timestamp::now(), Instant::now());
        let threads = default_threads(self.threads);
        warn_of_open_rules(&set, &engine);
        let names = set.rules.iter().map(|rule| rule.name.clone()).collect();
        let catch = self.hunt(walk, &engine, &task.options.of_hunt(threads), names, journal.as_mut());
        let catch = catch.map_err(|error| match error {
            hunt::Error::Threads(_) => message::fail(Exit::Usage, &error.to_string()),
            hunt::Error::Spill { .. } => message::fail(Exit::OutputFailed, &error.to_string()),
        })?;
        let run = Run {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command_line: std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect(),
            started,
            elapsed: clock.elapsed(),
            threads,
            decoders: archive::decoders()
                .into_iter()
                .map(|(name, version)| (name.to_owned(), version))
                .collect(),
            not_run: not_run(&set),
            executable_sha256: case.as_ref().and_then(|_| evidence::digest_of_program()),
            host: host(),
            order: task.order,
            working_directory: std::env::current_dir().ok(),
        };
        let report = Report { rules: &set, ledger: &catch.ledger, hits: &catch.hits, run: &run };
        let written = destination.write(&report, case.as_ref(), Colouring::detect());
        if let (Some(case), Some(journal)) = (&case, journal) {
            super::task::end(case.path(), &journal, written.case && !catch.ledger.interrupted);
        }
        if !(written.case && written.stdout) {
            return Ok(Exit::OutputFailed);
        }
        Ok(self.verdict(&catch.ledger, catch.ledger.total().hits > 0))
    }

    fn hunt(
        &self,
        walk: Walk,
        engine: &Engine,
        options: &hunt::Options,
        rules: Vec<String>,
        journal: Option<&mut Journal>,
    ) -> Result<Catch, hunt::Error> {
        let (meter, cancel) = (Arc::new(Meter::default()), Arc::new(Cancel::default()));
        listen(&cancel);
        let _display = Display::start(self.progress, total(&walk), Arc::clone(&meter), rules);
        hunt::hunt(walk, engine, options, &meter, &cancel, journal)
    }

    fn verdict(&self, ledger: &Ledger, has_hits: bool) -> Exit {
        if ledger.interrupted {
            Exit::Interrupted
        } else if has_hits && self.fail_on_hit {
            Exit::Hits
        } else if ledger.is_complete() {
            Exit::Complete
        } else {
            Exit::Gaps
        }
    }
}

/// Rules without a literal cost a parse of every record; that is said before it is paid.
fn warn_of_open_rules(set: &RuleSet, engine: &Engine) {
    let open: Vec<&str> = engine.open().map(|rule| set.rules[rule as usize].name.as_str()).collect();
    if let Some(first) = open.first() {
        let more = match open.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        message::say(&format!(
            "coldtrail: every record will be parsed, since no literal must be in what matches: {first}{more} (see `coldtrail rules list`)"
        ));
    }
}

/// Ctrl-C and SIGTERM end the hunt with what there is; a second one ends the program.
pub(super) fn listen(cancel: &Arc<Cancel>) {
    let cancel = Arc::clone(cancel);
    let heard = ctrlc::set_handler(move || {
        if cancel.is_set() {
            #[expect(clippy::exit, reason = "asked twice: whatever hangs must not hold the user")]
            std::process::exit(Exit::Interrupted as i32);
        }
        cancel.set();
    });
    if let Err(error) = heard {
        message::say(&format!("coldtrail: Ctrl-C will end the hunt without a report: {error}"));
    }
}

/// What is wrong with a path that was named and is not there. One in a folder that went while the folder was read is
/// a gap instead.
fn missing(walk: &Walk, named: &[PathBuf]) -> Option<String> {
    walk.found.iter().find_map(|found| match &found.outcome {
        Outcome::Unreadable(error)
            if error.kind() == std::io::ErrorKind::NotFound && named.contains(&found.path) =>
        {
            Some(format!("{}: no such file or folder", found.path.display()))
        }
        _ => None,
    })
}

fn total(walk: &Walk) -> u64 {
    walk.found.iter().map(|found| if let Outcome::File(size) = found.outcome { size } else { 0 }).sum()
}

/// The machine's name, as Linux gives it.
fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim_end().to_owned())
}

/// Rules in other languages are named, never silently dropped.
fn not_run(set: &RuleSet) -> Vec<NotRun> {
    let others = (0..).zip(&set.rules).filter(|(_, rule)| rule.eql().is_none());
    others
        .map(|(rule, other)| NotRun { rule, reason: format!("a rule of type {}, not eql", other.kind) })
        .collect()
}

fn parse_chunk_size(text: &str) -> Result<usize, String> {
    let size = usize::try_from(parse_size(text)?).map_err(|_| format!("{text} is too large"))?;
    if limits::CHUNK_RANGE.contains(&size) {
        Ok(size)
    } else {
        Err("a chunk is between 4KiB and 256MiB".to_owned())
    }
}

pub(super) fn parse_memory(text: &str) -> Result<u64, String> {
    let size = parse_size(text)?;
    if size >= limits::LEAST_MEMORY { Ok(size) } else { Err("the least is 64MiB".to_owned()) }
}

/// As many as asked for, or one per core.
pub(super) fn default_threads(asked: Option<NonZeroUsize>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// A quarter of the machine's memory, at most 2 GiB.
pub(super) fn default_memory() -> u64 {
    const MOST: u64 = 2 << 30;
    // `MemTotal:       24689652 kB`
    let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|info| {
        let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    total.map_or(MOST, |kib| (kib * 1024 / 4).clamp(limits::LEAST_MEMORY, MOST))
}
