//! Times in the formats that a mapping names, and the periods that a query's dates stand for.

use jiff::SignedDuration;
use jiff::fmt::strtime;

use crate::eql::ast::CompareOp;
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

/// What a date in a query stands for: from its beginning to the end of what it leaves open. In a
/// comparison Elasticsearch fills a missing time up to 23:59:59.999999999, so `> "2026-01-01"` means
/// behind that day. (It fills a missing month or day with 01 either way.)
#[derive(Clone, Copy, Debug)]
pub(in crate::eql) struct Period {
    from: Timestamp,
    to: Timestamp,
}

impl Period {
    /// Exactly one time.
    pub(in crate::eql) fn instant(time: Timestamp) -> Self {
        Self { from: time, to: time }
    }

    /// Reads a date of a query.
    pub(in crate::eql) fn parse(text: &str, formats: &[String]) -> Option<Self> {
        let formatted =
            formats.iter().find_map(|format| Some((parse(text, format)?, open_in_format(format))));
        let plain = || parse_time(Value::Str(text)).map(|(time, _)| (time, open_in_text(text)));
        let (from, open) = formatted.or_else(plain)?;
        let to = from.checked_add(open - SignedDuration::from_nanos(1)).ok()?;
        Some(Self { from, to })
    }

    /// Whether `time op period` holds.
    pub(in crate::eql) fn compares(self, op: CompareOp, time: Timestamp) -> bool {
        match op {
            CompareOp::Equal => (self.from..=self.to).contains(&time),
            CompareOp::NotEqual => !(self.from..=self.to).contains(&time),
            CompareOp::Less => time < self.from,
            CompareOp::LessOrEqual => time <= self.to,
            CompareOp::Greater => time > self.to,
            CompareOp::GreaterOrEqual => time >= self.from,
        }
    }
}

/// How much time a date in ISO 8601 leaves open.
fn open_in_text(text: &str) -> SignedDuration {
    let is_number = text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    match text.trim().split_once(['T', 't', ' ']) {
        None if is_number && text.len() != 4 => SignedDuration::from_nanos(1),
        None => SignedDuration::from_hours(24),
        Some((_, clock)) => {
            let clock = clock.split(['Z', 'z', '+', '-']).next().unwrap_or_default();
            match clock.split(':').count() {
                1 => SignedDuration::from_hours(1),
                2 => SignedDuration::from_mins(1),
                _ if clock.contains(['.', ',']) => SignedDuration::from_nanos(1),
                _ => SignedDuration::from_secs(1),
            }
        }
    }
}

/// How much time a date in a Java format leaves open.
fn open_in_format(format: &str) -> SignedDuration {
    if !format.contains("HH") {
        SignedDuration::from_hours(24)
    } else if !format.contains("mm") {
        SignedDuration::from_hours(1)
    } else if !format.contains("ss") {
        SignedDuration::from_mins(1)
    } else {
        SignedDuration::from_secs(1)
    }
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

    #[test]
    fn what_a_date_leaves_open_counts_as_elasticsearch_counts_it() {
        use CompareOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let noon = parse_time(Value::Str("2026-02-20T12:00:00.5Z")).unwrap().0;
        for (date, holding) in [
            ("2026-02-20", vec![Equal, LessOrEqual, GreaterOrEqual]),
            ("2026-02-20T12:00:00Z", vec![Equal, LessOrEqual, GreaterOrEqual]),
            ("2026-02-20T12:00:00.5Z", vec![Equal, LessOrEqual, GreaterOrEqual]),
            ("2026-02-20T13:00+01:00", vec![Equal, LessOrEqual, GreaterOrEqual]),
            ("2026-02-20T12:00:00.4Z", vec![Greater, GreaterOrEqual]),
            ("2026-02", vec![Greater, GreaterOrEqual]),
            ("2026-02-21", vec![Less, LessOrEqual]),
            ("1771588800500", vec![Equal, LessOrEqual, GreaterOrEqual]),
        ] {
            let period = Period::parse(date, &[]).unwrap();
            for op in [Equal, Greater, GreaterOrEqual, Less, LessOrEqual] {
                assert_eq!(period.compares(op, noon), holding.contains(&op), "{op:?} {date}");
            }
        }
    }
}
