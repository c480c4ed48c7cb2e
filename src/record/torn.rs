//! Records that share a line: a writer was killed in the midst of one, two wrote at once, or a line feed is missing.

use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

use super::nesting::{Nesting, Stop};

/// How long a record's beginning, up to its first colon, may be.
const LONGEST_OPENING: usize = 128;

/// The records that `record` may have been made of; none if it is one value whose brackets and quotes fit, or if
/// nothing in it looks like another's beginning.
pub(crate) fn torn(record: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut next = if is_one_value(record) { None } else { find(record, 1) };
    let mut start = next.map(|_| 0);
    let parts = std::iter::from_fn(move || {
        let from = start?;
        let end = next.unwrap_or(record.len());
        (start, next) = (next, next.and_then(|at| find(record, at + 1)));
        let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
        let length = end - record[from..end].iter().rev().take_while(blank).count() - from;
        Some(from..from + length)
    });
    // The end of a record may stand first.
    parts.filter(|part| record[part.clone()].contains(&b'{'))
}

/// Whether brackets and quotes fit in what `record` holds behind what may stand before it (a syslog header), and no more
/// follows than what stands between the values of an array.
pub(crate) fn is_whole(record: &[u8]) -> bool {
    let Some(start) = memchr2(b'{', b'[', record) else { return false };
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']');
    end_of_value(&record[start..]).is_some_and(|end| record[start + end..].iter().all(is_between))
}

fn is_one_value(record: &[u8]) -> bool {
    end_of_value(record).is_some_and(|end| record[end..].trim_ascii().is_empty())
}

/// Where the value ends that `record` begins with, if its brackets and quotes fit.
fn end_of_value(record: &[u8]) -> Option<usize> {
    let (mut nesting, mut at) = (Nesting::new(false), 0);
    loop {
        let (next, stop) = nesting.follow(record, at);
        match stop {
            Stop::LineFeed => at = next + 1,
            Stop::Closed => return Some(next),
            _ => return None,
        }
    }
}

/// The first place from `from` on where another record may begin: where an object begins although none can, or as
/// `record` does.
fn find(record: &[u8], from: usize) -> Option<usize> {
    let opening = opening(record);
    memmem::find_iter(record.get(from..)?, b"{\"").map(|at| from + at).find(|at| {
        let before = record[..*at].trim_ascii_end().last();
        !matches!(before, Some(b':' | b',' | b'[') | None)
            || opening.is_some_and(|opening| record[*at..].starts_with(opening))
    })
}

/// How `record` begins, up to the first colon.
fn opening(record: &[u8]) -> Option<&[u8]> {
    let head = &record[..record.len().min(LONGEST_OPENING)];
    head.starts_with(b"{\"").then(|| memchr(b':', head)).flatten().map(|colon| &head[..=colon])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(record: &str) -> Vec<&str> {
        torn(record.as_bytes()).map(|part| &record[part]).collect()
    }

    #[test]
    fn a_line_is_cut_where_a_record_begins_that_cannot_be_part_of_the_one_before() {
        for (line, expected) in [
            (r#"{"a":1}{"b":2}"#, vec![r#"{"a":1}"#, r#"{"b":2}"#]),
            (r#"{"a":1} , {"a":2} "#, vec![r#"{"a":1}"#, r#"{"a":2}"#]),
            (r#"{"a":{"x":"cut{"a":2}"#, vec![r#"{"a":{"x":"cut"#, r#"{"a":2}"#]),
            (r#"{"a":1,"b":{"a":2}"#, vec![r#"{"a":1,"b":"#, r#"{"a":2}"#]),
            (r#"tail"}}{"a":2}"#, vec![r#"{"a":2}"#]),
            (r#"{"a":{"a":{"a":1}"#, vec![r#"{"a":"#, r#"{"a":"#, r#"{"a":1}"#]),
        ] {
            assert_eq!(parts(line), expected, "{line}");
        }
    }

    #[test]
    fn a_record_is_whole_if_its_brackets_and_quotes_fit() {
        for (record, expected) in [
            (r#"{"a":["x",NaN,{"b":"{"}]}"#, true),
            (r#"<14>Nov 28 host app: {"a":1}"#, true),
            (r#"{"a":1},"#, true),
            (r#"{"a":1}]"#, true),
            (r#"{"a":[1},"b":2}"#, false),
            (r#"{"a":[1,"b":2}"#, false),
            (r#"{"a":{"c":1],"b":2}"#, false),
            (r#"{"a":"x,"b":2}"#, false),
            (r#"{"a":1},"b":2}"#, false),
            (r#"{"a":1"#, false),
            ("no object", false),
        ] {
            assert_eq!(is_whole(record.as_bytes()), expected, "{record}");
        }
    }

    #[test]
    fn what_is_one_record_is_not_cut() {
        for line in [
            r#"{"a":{"a":1}}"#,
            r#"{"a":"x{","b":NaN}"#,
            r#"{"a":1,"b":{"c":1}"#,
            r#"{"a":1}"#,
            r#"{"a":1}]"#,
            r#"junk {"a":1}"#,
            r#"{"a":"\"{\"b""#,
            "[1,2",
            "",
            "{",
        ] {
            assert_eq!(parts(line), Vec::<&str>::new(), "{line}");
        }
    }
}
