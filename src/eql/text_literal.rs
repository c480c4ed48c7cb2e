//! String literals: `"…"` with escapes and `"""…"""` without.

use super::diagnostic::Diagnostic;
use super::span::Span;

/// Reads the literal at the beginning of `text`, which begins with a quote and lies at `offset` in the
/// query: the string and the literal's length, or what is wrong and how much to step over.
pub(super) fn read(text: &str, offset: usize) -> Result<(String, usize), (Diagnostic, usize)> {
    let line = &text[..text.find(['\n', '\r']).unwrap_or(text.len())];
    let read = if text.starts_with("\"\"\"") { raw(line) } else { escaped(line) };
    read.map_err(|problem| {
        let span = Span::new(offset + problem.at, offset + problem.at + problem.length);
        (Diagnostic::new(problem.message, span, "here").with_help(problem.help), line.len())
    })
}

struct Problem {
    at: usize,
    length: usize,
    message: &'static str,
    help: &'static str,
}

fn unterminated(line: &str) -> Problem {
    let help = "close it on the same line; a line break inside a string is written \\n";
    Problem { at: 0, length: line.len(), message: "this string does not end", help }
}

/// Up to two quotes before the closing three belong to the string, as in Elasticsearch's grammar.
fn raw(line: &str) -> Result<(String, usize), Problem> {
    let body = &line[3..];
    let mut end = body.find("\"\"\"").ok_or_else(|| unterminated(line))?;
    end += body[end + 3..].bytes().take(2).take_while(|byte| *byte == b'"').count();
    Ok((body[..end].to_owned(), end + 6))
}

fn escaped(line: &str) -> Result<(String, usize), Problem> {
    let mut text = String::new();
    let mut at = 1;
    while let Some(special) = line[at..].find(['"', '\\']) {
        text.push_str(&line[at..at + special]);
        at += special;
        if line.as_bytes()[at] == b'"' {
            return Ok((text, at + 1));
        }
        at += escape(line, at, &mut text)?;
    }
    Err(unterminated(line))
}

/// Reads the escape at `at` into `text`; its length. An unknown escape keeps its backslash.
fn escape(line: &str, at: usize, text: &mut String) -> Result<usize, Problem> {
    let Some(escaped) = line[at + 1..].chars().next() else { return Err(unterminated(line)) };
    let plain = match escaped {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '"' | '\'' | '\\' => escaped,
        'u' => return unicode(line, at, text),
        other => {
            text.push('\\');
            other
        }
    };
    text.push(plain);
    Ok(1 + escaped.len_utf8())
}

/// `\u{…}`: two to eight hexadecimal digits that name a character.
fn unicode(line: &str, at: usize, text: &mut String) -> Result<usize, Problem> {
    let help = "write two to eight hexadecimal digits in braces: \\u{00e9}";
    let problem = |message| Problem { at, length: 2, message, help };
    let digits = line[at + 2..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let (digits, _) = digits.ok_or_else(|| problem("this escape lacks its braces"))?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hexadecimal || !(2..=8).contains(&digits.len()) {
        return Err(problem("this is not a hexadecimal number of two to eight digits"));
    }
    let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    text.push(character.ok_or_else(|| problem("there is no such character"))?);
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
