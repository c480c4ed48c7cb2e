//! Text to tokens.

use super::diagnostic::Diagnostic;
use super::span::{Span, Spanned};
use super::text_literal;

/// A token; words and numbers as they stand in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A bare word: keyword, function or segment of a field path.
    Word(&'t str),
    /// A bare word with a `~` behind it, given without it.
    TildeWord(&'t str),
    /// A word in backticks, without them.
    Backticked(String),
    /// A string, unescaped.
    Text(String),
    /// An unsigned number.
    Number(&'t str),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// Longest first, so that the first that fits is right.
const SYMBOLS: [&str; 23] = [
    "==", "!=", "<=", ">=", "<", ">", "=", ":", "(", ")", "[", "]", ",", ".", "|", "?", "!", "+", "-", "*",
    "/", "%", "~",
];

/// What people bring from other languages, and what EQL calls it.
const FOREIGN: [(&str, &str); 5] =
    [("&&", "and"), ("||", "or"), ("<>", "!="), ("=~", "regex~"), ("!:", "not … :")];

/// Cuts `text` into tokens, the last of which is [`Token::End`]. All that is wrong is reported.
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned<Token<'_>>>, Vec<Diagnostic>> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), problems: Vec::new() };
    while lexer.skip_blanks() {
        lexer.token();
    }
    if !lexer.problems.is_empty() {
        return Err(lexer.problems);
    }
    lexer.tokens.push(Spanned::new(Token::End, Span::new(text.len(), text.len())));
    Ok(lexer.tokens)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Spanned<Token<'t>>>,
    problems: Vec<Diagnostic>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn push(&mut self, token: Token<'t>, length: usize) {
        self.tokens.push(Spanned::new(token, Span::new(self.at, self.at + length)));
        self.at += length;
    }

    /// Reports what stands here and steps over it.
    fn refuse(&mut self, length: usize, message: &str, help: &str) {
        let span = Span::new(self.at, self.at + length);
        self.problems.push(Diagnostic::new(message, span, "here").with_help(help));
        self.at += length;
    }

    /// Steps over blanks and comments; false at the end.
    fn skip_blanks(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                match trimmed.find("*/") {
                    Some(end) => self.at += end + 2,
                    None => self.refuse(trimmed.len(), "this comment does not end", "close it with `*/`"),
                }
            } else {
                return !trimmed.is_empty();
            }
        }
    }

    fn token(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        match bytes[0] {
            b'"' => self.string(),
            b'\'' => self.single_quoted(),
            b'`' => self.backticked(),
            b'0'..=b'9' => self.push(Token::Number(number(rest)), number(rest).len()),
            b'.' if bytes.get(1).is_some_and(u8::is_ascii_digit) && !self.after_word() => {
                self.push(Token::Number(number(rest)), number(rest).len());
            }
            b'?' if matches!(bytes.get(1), Some(b'"' | b'\'')) => {
                self.refuse(1, "`?\"…\"` strings are no longer EQL", "use a raw string: \"\"\"…\"\"\"");
            }
            first if first.is_ascii_alphabetic() || matches!(first, b'_' | b'@') => self.word(),
            _ => self.symbol(),
        }
    }

    /// Whether the last token touches this place and is part of a path.
    fn after_word(&self) -> bool {
        self.tokens.last().is_some_and(|last| {
            last.span.end == self.at && matches!(last.node, Token::Word(_) | Token::Backticked(_))
        })
    }

    fn word(&mut self) {
        let rest = self.rest();
        let end = rest[1..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let end = end.map_or(rest.len(), |end| end + 1);
        let word = &rest[..end];
        if rest[end..].starts_with('~') {
            self.push(Token::TildeWord(word), end + 1);
        } else {
            self.push(Token::Word(word), end);
        }
    }

    fn symbol(&mut self) {
        let rest = self.rest();
        if let Some((foreign, ours)) = FOREIGN.iter().find(|(foreign, _)| rest.starts_with(foreign)) {
            let message = format!("`{foreign}` is not an operator of EQL");
            self.refuse(foreign.len(), &message, &format!("use `{ours}`"));
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.push(Token::Symbol(symbol), symbol.len());
        } else {
            let found = rest.chars().next().unwrap_or_default();
            let message = format!("`{}` means nothing in EQL", found.escape_default());
            self.refuse(
                found.len_utf8(),
                &message,
                "a value goes in double quotes, a field name in backticks",
            );
        }
    }

    fn string(&mut self) {
        match text_literal::read(self.rest(), self.at) {
            Ok((text, length)) => self.push(Token::Text(text), length),
            Err((problem, length)) => {
                self.problems.push(problem);
                self.at += length;
            }
        }
    }

    fn single_quoted(&mut self) {
        let rest = self.rest();
        let end = rest[1..].find(['\'', '\n', '\r']).filter(|end| rest[1 + end..].starts_with('\''));
        let length = end.map_or(1, |end| end + 2);
        self.refuse(length, "strings go in double quotes", "use double quotes: \"…\"");
    }

    fn backticked(&mut self) {
        let rest = self.rest();
        let mut name = String::new();
        let mut at = 1;
        while let Some(end) = rest[at..].find('`') {
            name.push_str(&rest[at..at + end]);
            at += end + 1;
            if !rest[at..].starts_with('`') {
                if name.is_empty() {
                    return self.refuse(
                        at,
                        "a field name cannot be empty",
                        "write the name between the backticks",
                    );
                }
                return self.push(Token::Backticked(name), at);
            }
            name.push('`');
            at += 1;
        }
        self.refuse(rest.len(), "this backtick is never closed", "close it with another backtick");
    }
}

/// The number at the beginning of `text`: digits, a fraction, an exponent.
fn number(text: &str) -> &str {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = if end + 1 + sign < bytes.len() { digits(end + 1 + sign) } else { 0 };
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexed(text: &str) -> Vec<Token<'_>> {
        tokens(text).unwrap().into_iter().map(|token| token.node).collect()
    }

    #[test]
    fn words_numbers_symbols_and_comments_are_told_apart() {
        use Token::{Backticked, End, Number, Symbol, TildeWord, Word};
        for (text, expected) in [
            ("in~(", vec![TildeWord("in"), Symbol("("), End]),
            ("a.b", vec![Word("a"), Symbol("."), Word("b"), End]),
            ("@timestamp // x\n/* y */z", vec![Word("@timestamp"), Word("z"), End]),
            ("`a-``b`", vec![Backticked("a-`b".into()), End]),
            (
                "1.5e3 .5 1e 5m",
                vec![Number("1.5e3"), Number(".5"), Number("1"), Word("e"), Number("5"), Word("m"), End],
            ),
            ("<=5", vec![Symbol("<="), Number("5"), End]),
        ] {
            assert_eq!(lexed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_all_reported_with_its_remedy() {
        let problems = tokens("'a' && b # c").unwrap_err();
        let helps: Vec<_> = problems.iter().filter_map(|problem| problem.help.as_deref()).collect();
        assert_eq!(problems.len(), 3);
        assert_eq!(helps[0], "use double quotes: \"…\"");
        assert_eq!(helps[1], "use `and`");
        for text in ["\"a", "\"\"\"a", "`a", "/* a", "?\"a\"", "\"\\u{d800}\"", "\"\\u12\"", "``", "\"a\nb\""]
        {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
