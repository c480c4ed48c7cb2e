//! What can be wrong with a rule file.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::{Excerpt, Gravity, MAX_FILE, Origin};

/// A problem with its place. Prints as `file:line: problem (remedy)`, the file's name as it is: for a
/// terminal there is [`RuleError::draw`].
#[derive(Debug, thiserror::Error)]
#[error("{origin}:{line}: {problem} ({remedy})", line = self.line(), remedy = self.problem.remedy())]
pub struct RuleError {
    /// Where the rule came from.
    pub origin: Origin,
    /// Its text; empty if it could not be read.
    pub text: Arc<str>,
    /// The bytes of the text that are meant.
    pub span: Range<usize>,
    /// What is wrong.
    #[source]
    pub problem: Problem,
}

/// What is wrong, without the place.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file or folder cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    /// A name that ends in `.toml` and belongs to no regular file.
    #[error("it is no regular file, nor a link to one")]
    NoFile,
    /// The file is longer than [`MAX_FILE`].
    #[error("it is longer than {MAX_FILE} bytes")]
    TooLarge,
    /// The file is not UTF-8, as TOML must be.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A folder without rule files.
    #[error("no .toml file lies in this folder")]
    EmptyFolder,
    /// Not TOML.
    #[error("it is not TOML: {0}")]
    Syntax(String),
    /// A key that must be there is not.
    #[error("`{table}` has no `{key}`")]
    Missing {
        /// The table.
        table: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong type.
    #[error("`{key}` is a TOML {found}, and must be {wanted}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What must stand there.
        wanted: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A severity that is none of the four.
    #[error("`{0}` is no severity")]
    UnknownSeverity(String),
    /// A risk score that is not 0 to 100.
    #[error("{0} is no risk score")]
    RiskOutOfRange(String),
    /// Two rules with one id.
    #[error("rule_id `{id}` is taken by the rule in {first}")]
    DuplicateId {
        /// The id.
        id: String,
        /// Where the other one came from.
        first: Origin,
    },
}

impl Problem {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Problem::Unreadable(_) => "check the path and its permissions",
            Problem::NoFile => "mend the link, or take it out",
            Problem::TooLarge => "give one rule per file",
            Problem::NotUtf8 => "save it as UTF-8",
            Problem::EmptyFolder => "name a folder with Elastic rule files, or a file",
            Problem::Syntax(_) => "mend this line, or take the file out",
            Problem::Missing { .. } => "add it",
            Problem::WrongType { .. } => "write it as Elastic's rule files do",
            Problem::UnknownSeverity(_) => "use low, medium, high or critical",
            Problem::RiskOutOfRange(_) => "use a whole number from 0 to 100",
            Problem::DuplicateId { .. } => "load one of the two, or give one a new UUID",
        }
    }
}

impl RuleError {
    /// The line, from 1, on which the problem begins.
    #[must_use]
    pub fn line(&self) -> usize {
        let before = self.text.as_bytes().get(..self.span.start).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// The problem drawn on the file's own lines, for a terminal.
    #[must_use]
    pub fn draw(&self, colour: bool) -> String {
        let name = self.origin.to_string();
        let excerpt = Excerpt { name, text: &self.text, span: self.span.clone() };
        excerpt.draw(Gravity::Error, &self.problem.to_string(), self.problem.remedy(), colour)
    }
}
