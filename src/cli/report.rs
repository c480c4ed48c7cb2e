//! Where a hunt's report goes, and in which format.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

use super::{Exit, message};
use crate::report::case::{CaseError, CaseFolder, Existing};
use crate::report::{self, Format, Report, csv, jsonl, terminal, timesketch};

/// The formats for standard output by their names on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// For reading: summary, then timeline.
    Table,
    /// ECS alert documents, one a line, exact.
    Jsonl,
    /// RFC 4180, with cells that a spreadsheet would run made harmless.
    Csv,
    /// JSON lines that Timesketch imports.
    Timesketch,
}

/// The options that say where the report goes.
#[derive(Debug, Clone, Parser)]
pub(super) struct Destination {
    /// What to write to standard output.
    #[arg(short, long, value_enum, default_value_t = Name::Table)]
    format: Name,

    /// Write a case folder as well: every format, and ledger.json.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Overwrite the files of a case folder that exists.
    #[arg(long)]
    force: bool,
}

/// Whether colour is wanted, for each of the two streams.
#[derive(Debug, Clone, Copy)]
pub(super) struct Colouring {
    pub(super) stdout: bool,
    pub(super) stderr: bool,
}

impl Colouring {
    /// Colour on terminals, unless `NO_COLOR` (no-color.org) is set or the terminal is dumb.
    pub(super) fn detect() -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            stdout: !forbidden && io::stdout().is_terminal(),
            stderr: !forbidden && io::stderr().is_terminal(),
        }
    }
}

/// Which parts of a report are there, whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    /// The case folder, if one was asked for.
    pub(super) case: bool,
    pub(super) stdout: bool,
}

impl Destination {
    /// The same, into a case folder that is there.
    pub(super) fn resumed(&self, dir: &Path) -> Self {
        Self { output: Some(dir.to_owned()), force: true, ..self.clone() }
    }

    /// Whether what stands in the case folder may be replaced.
    pub(super) fn is_forced(&self) -> bool {
        self.force
    }

    /// Checks the case folder before anything is read or written.
    pub(super) fn check(&self, evidence: &[PathBuf]) -> Result<Option<CaseFolder>, CaseError> {
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        self.output.as_deref().map(|dir| CaseFolder::check(dir, evidence, existing)).transpose()
    }

    /// Writes the report everywhere, and says what went wrong.
    pub(super) fn write(
        &self,
        report: &Report<'_>,
        case: Option<&CaseFolder>,
        colouring: Colouring,
    ) -> Written {
        let case = case.map(|case| case.write(report));
        let stdout = self.write_stdout(report, colouring);
        if let Some(Err(error)) = &case {
            message::fail(Exit::OutputFailed, &error.to_string());
        }
        if let Err(error) = &stdout {
            message::fail_stdout(error);
        }
        Written { case: !matches!(case, Some(Err(_))), stdout: stdout.is_ok() }
    }

    fn write_stdout(&self, report: &Report<'_>, colouring: Colouring) -> io::Result<()> {
        if self.format != Name::Table {
            // Standard output holds the format and nothing else.
            let summary = terminal::Terminal { width: width(&io::stderr()), colour: colouring.stderr };
            drop(summary.begin(report, &mut io::stderr().lock()));
        }
        let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        let table = terminal::Terminal { width: width(&io::stdout()), colour: colouring.stdout };
        let format: &dyn Format = match self.format {
            Name::Table => &table,
            Name::Jsonl => &jsonl::Jsonl,
            Name::Csv => &csv::Csv,
            Name::Timesketch => &timesketch::Timesketch,
        };
        report::write(report, format, &mut out)?;
        out.flush()
    }
}

/// Columns of the terminal that `stream` is; `None` if it is none.
fn width(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stream).map(|(terminal_size::Width(columns), _)| usize::from(columns))
}
