//! Tokens to a tree, by hand.
//!
//! A syntax error ends the bracketed item in which it stands, not the query: each item of a sequence
//! reports its own. What is grammatical but wrong (an unknown function, a sequence of one) is reported
//! without ending anything.

mod expression;
mod level;
mod query;

use super::ast::Query;
use super::diagnostic::Diagnostic;
use super::lexer::{Token, tokens};
use super::span::{Span, Spanned};

pub(super) use level::Level;

/// How deep brackets, `not`s and operators may nest. Every walk over a tree recurses at most this far.
pub const MAX_DEPTH: usize = 300;

/// The words that are no field names outside of backticks.
const KEYWORDS: [&str; 15] = [
    "and", "any", "by", "false", "in", "like", "not", "null", "or", "regex", "sample", "sequence", "true",
    "until", "where",
];

/// Whether `word` needs backticks as a field name.
pub(super) fn is_keyword(word: &str) -> bool {
    word == "with" || KEYWORDS.contains(&word)
}

/// Reads a query; all that is wrong with it when it is none.
///
/// # Errors
///
/// At least one diagnostic, each with its place in `text`.
pub fn parse(text: &str) -> Result<Query, Vec<Diagnostic>> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, problems: Vec::new() };
    let query = parser.query();
    match query {
        Ok(query) if parser.problems.is_empty() => Ok(query),
        _ => Err(parser.problems),
    }
}

/// A syntax error that has been reported already.
#[derive(Debug)]
struct Reported;

type Parsed<T> = Result<T, Reported>;

struct Parser<'t> {
    tokens: Vec<Spanned<Token<'t>>>,
    at: usize,
    depth: usize,
    problems: Vec<Diagnostic>,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &Token<'t> {
        &self.tokens[self.at].node
    }

    fn span(&self) -> Span {
        self.tokens[self.at].span
    }

    /// The span from `start` to the last token read.
    fn since(&self, start: Span) -> Span {
        start.to(self.tokens[self.at.saturating_sub(1)].span)
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if *found == word)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn expect_symbol(&mut self, symbol: &str, because: &str) -> Parsed<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}` {because}"))) }
    }

    fn report(&mut self, problem: Diagnostic) -> Reported {
        self.problems.push(problem);
        Reported
    }

    /// Reports that something else should stand here.
    fn unexpected(&mut self, expected: &str) -> Reported {
        let found = match self.peek() {
            Token::End => "the query ends here".to_owned(),
            Token::Word(word) => format!("found `{word}`"),
            Token::TildeWord(word) => format!("found `{word}~`"),
            Token::Backticked(name) => format!("found the field `{name}`"),
            Token::Text(_) => "found a string".to_owned(),
            Token::Number(number) => format!("found {number}"),
            Token::Symbol(symbol) => format!("found `{symbol}`"),
        };
        let mut problem = Diagnostic::new(format!("expected {expected}"), self.span(), found);
        problem.help = self.remedy();
        self.report(problem)
    }

    /// What somebody who wrote the token at hand most likely wants to know.
    fn remedy(&self) -> Option<String> {
        match self.peek() {
            Token::Symbol("=") => {
                Some("use `==` for equality, or `:` to compare in any case with wildcards".into())
            }
            Token::Symbol("!") => Some("use `not`".into()),
            Token::Symbol("[") => {
                Some("array elements have no numbers in EQL: a field means any of its values".into())
            }
            Token::Word(word) | Token::TildeWord(word) => {
                let lower = word.to_ascii_lowercase();
                if lower != *word && is_keyword(&lower) {
                    Some(format!("keywords are lower case: write `{lower}`"))
                } else if is_keyword(word) {
                    Some(format!("`{word}` is a keyword; if it is a field, put it in backticks: `{word}`"))
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// Whether nothing stands between this token and the one before it.
    fn touches_last(&self) -> bool {
        self.at > 0 && self.tokens[self.at - 1].span.end == self.span().start
    }

    /// Runs `parse` one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_deep(self.span()));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn too_deep(&mut self, span: Span) -> Reported {
        let message = format!("this nests deeper than {MAX_DEPTH} levels");
        self.report(
            Diagnostic::new(message, span, "too deep")
                .with_help("`and`, `or` and lists may be of any length"),
        )
    }
}

#[cfg(test)]
mod tests;
