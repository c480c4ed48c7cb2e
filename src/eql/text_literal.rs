//! String literals: `"…"` with escapes and `"""…"""` without.

use super::diagnostic::Diagnostic;
use super::span::Span;

/// Reads the literal at the beginning of `text`, which begins with a quote and lies at `offset` in the
/// query: the string and the literal's length, or what is wrong and how much to step over.
pub(super) fn read(text: &str, offset: usize) -> Result<(String, usize), (Diagnostic, usize)> {
    let read = if text.starts_with("\"\"\"") { raw(text) } else { escaped(text) };
    read.map_err(|problem| {
        let span = Span::new(offset + problem.at, offset + problem.at + problem.length);
        let line = text.find(['\n', '\r']).unwrap_or(text.len());
        (Diagnostic::new(problem.message, span, "here").with_help(problem.help), line)
    })
}

struct Problem {
    at: usize,
    length: usize,
    message: &'static str,
    help: &'static str,
}

/// What a string is that the line, or the text, ends in at `end`.
fn unterminated(end: usize) -> Problem {
    let help = "close it on the same line; a line break inside a string is written \\n";
    Problem { at: 0, length: end, message: "this string does not end", help }
}

/// Up to two quotes before the closing three belong to the string, as in Elasticsearch's grammar.
fn raw(text: &str) -> Result<(String, usize), Problem> {
    let mut end = 3;
    loop {
        end += text[end..].find(['"', '\n', '\r']).ok_or_else(|| unterminated(text.len()))?;
        if text[end..].starts_with("\"\"\"") {
            break;
        }
        if !text[end..].starts_with('"') {
            return Err(unterminated(end));
        }
        end += 1;
    }
    end += text[end + 3..].bytes().take(2).take_while(|byte| *byte == b'"').count();
    Ok((text[3..end].to_owned(), end + 3))
}

fn escaped(text: &str) -> Result<(String, usize), Problem> {
    let mut unescaped = String::new();
    let mut at = 1;
    while let Some(special) = text[at..].find(['"', '\\', '\n', '\r']) {
        unescaped.push_str(&text[at..at + special]);
        at += special;
        match text.as_bytes()[at] {
            b'"' => return Ok((unescaped, at + 1)),
            b'\\' => at += escape(text, at, &mut unescaped)?,
            _ => return Err(unterminated(at)),
        }
    }
    Err(unterminated(text.len()))
}

/// Reads the escape at `at` into `unescaped`; its length. An unknown escape keeps its backslash.
fn escape(text: &str, at: usize, unescaped: &mut String) -> Result<usize, Problem> {
    let Some(escaped) = text[at + 1..].chars().next() else { return Err(unterminated(text.len())) };
    let plain = match escaped {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '"' | '\'' | '\\' => escaped,
        'u' => return unicode(text, at, unescaped),
        '\n' | '\r' => return Err(unterminated(at)),
        other => {
            unescaped.push('\\');
            other
        }
    };
    unescaped.push(plain);
    Ok(1 + escaped.len_utf8())
}

/// `\u{…}`: two to eight hexadecimal digits that name a character.
fn unicode(text: &str, at: usize, unescaped: &mut String) -> Result<usize, Problem> {
    let help = "write two to eight hexadecimal digits in braces: \\u{00e9}";
    let problem = |message| Problem { at, length: 2, message, help };
    let inside = text[at + 2..].strip_prefix('{').ok_or_else(|| problem("this escape lacks its braces"))?;
    let digits = &inside[..inside.bytes().take_while(u8::is_ascii_hexdigit).take(9).count()];
    if !(2..=8).contains(&digits.len()) || !inside[digits.len()..].starts_with('}') {
        return Err(problem("this is not a hexadecimal number of two to eight digits"));
    }
    let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    unescaped.push(character.ok_or_else(|| problem("there is no such character"))?);
    Ok(2 + digits.len() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_unescaped_as_elasticsearch_does() {
        for (literal, expected) in [
            (r#""a\nb""#, "a\nb"),
            (r#""C:\\Windows\\*""#, r"C:\Windows\*"),
            (r#""\d+\'\"""#, r#"\d+'""#),
            (r#""\u{202E}\u{0000e9}""#, "\u{202e}\u{e9}"),
            (r#""""a\n"b""""#, r#"a\n"b"#),
            (r#""""a"""""#, r#"a""#),
            (r#""""""""#, ""),
            (r#""""#, ""),
        ] {
            let (text, length) = read(literal, 0).map_err(|(problem, _)| problem).unwrap();
            assert_eq!((text.as_str(), length), (expected, literal.len()), "{literal}");
        }
    }
}
