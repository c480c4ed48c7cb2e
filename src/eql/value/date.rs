//! Times in the formats that a mapping names.

use jiff::fmt::strtime;

use crate::event::{Timestamp, Value, parse_time};

/// Java's letters and what `strptime` calls them, longest first.
const FIELDS: [(&str, &str); 9] = [
    ("yyyy", "%Y"),
    ("uuuu", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
    ("XXX", "%:z"),
    ("Z", "%z"),
];

/// The time that `value` is: in one of `formats`, else as ISO 8601 or epoch milliseconds. Formats with
/// anything in them but numbers of fixed width are passed over.
pub(in crate::eql) fn time_of(value: Value<'_>, formats: &[String]) -> Option<Timestamp> {
    let formatted = match value {
        Value::Str(text) => formats.iter().find_map(|format| parse(text, format)),
        _ => None,
    };
    formatted.or_else(|| parse_time(value).map(|(time, _)| time))
}

fn parse(text: &str, format: &str) -> Option<Timestamp> {
    let parsed = strtime::parse(strptime(format)?, text).ok()?;
    if let Ok(time) = parsed.to_timestamp() {
        return Some(time);
    }
    let date = parsed.to_date().ok()?;
    let clock = parsed.to_time().unwrap_or_default();
    jiff::tz::Offset::UTC.to_timestamp(date.to_datetime(clock)).ok()
}

/// A Java format as a `strptime` one.
fn strptime(format: &str) -> Option<String> {
    let mut rest = format;
    let mut out = String::new();
    while let Some(next) = rest.chars().next() {
        if let Some((java, field)) = FIELDS.iter().find(|(java, _)| rest.starts_with(java)) {
            out.push_str(field);
            rest = &rest[java.len()..];
        } else if let Some(quoted) = rest.strip_prefix('\'') {
            let (literal, behind) = quoted.split_once('\'')?;
            out.push_str(&literal.replace('%', "%%"));
            rest = behind;
        } else if next.is_ascii_punctuation() || next == ' ' {
            out.push(next);
            rest = &rest[1..];
        } else {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_s_formats_are_read_before_the_usual_ones() {
        let formats =
            ["dd-MM-yyyy".to_owned(), "strict_date_time".to_owned(), "yyyy/MM/dd'T'HH:mm".to_owned()];
        for (text, expected) in [
            ("17-12-2022", "2022-12-17T00:00:00Z"),
            ("2022/12/17T08:30", "2022-12-17T08:30:00Z"),
            ("2022-12-17", "2022-12-17T00:00:00Z"),
            ("1671235200000", "2022-12-17T00:00:00Z"),
        ] {
            assert_eq!(time_of(Value::Str(text), &formats).unwrap().to_string(), expected, "{text}");
        }
        assert!(time_of(Value::Str("31-31-2022"), &formats).is_none());
    }
}
