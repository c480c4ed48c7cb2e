//! Times as logs write them.

pub use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{Flags, Value};

/// Reads the time of an event.
///
/// Takes ISO 8601 with any number of fraction digits (cut to nanoseconds), `T` or a blank between date
/// and time, `Z`, `±hh:mm`, `±hhmm` or no zone at all (taken as UTC, and said so with
/// [`Flags::ASSUMED_UTC`]), and epoch milliseconds as a number or a string of digits, as
/// Elasticsearch's `strict_date_optional_time||epoch_millis` does. `None` when it is none of these.
#[must_use]
pub fn parse_time(value: Value<'_>) -> Option<(Timestamp, Flags)> {
    match value {
        Value::Int(millis) => from_millis(millis),
        Value::Float(millis) => from_millis_fraction(millis),
        Value::Str(text) => parse_text(text.trim()),
        Value::Null | Value::Bool(_) | Value::UInt(_) => None,
    }
}

fn from_millis(millis: i64) -> Option<(Timestamp, Flags)> {
    Timestamp::from_millisecond(millis).ok().map(|time| (time, Flags::empty()))
}

/// Beats and Logstash write fractions of a millisecond at times.
fn from_millis_fraction(millis: f64) -> Option<(Timestamp, Flags)> {
    let nanos = millis * 1e6;
    if !nanos.is_finite() || nanos.abs() >= 1e27 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "finite and far below 2^127")]
    let time = Timestamp::from_nanosecond(nanos as i128).ok()?;
    Some((time, Flags::empty()))
}

fn parse_text(text: &str) -> Option<(Timestamp, Flags)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() != 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return from_millis(text.parse().ok()?);
    }
    let (civil, zone) = split_zone(text);
    let civil = parse_civil(civil)?;
    let offset = match zone {
        None => jiff::tz::Offset::UTC,
        Some(zone) => parse_offset(zone)?,
    };
    let time = offset.to_timestamp(civil).ok()?;
    let flags = if zone.is_none() { Flags::ASSUMED_UTC } else { Flags::empty() };
    Some((time, flags))
}

/// Cuts `2026-02-20T14:03:07.5+01:00` into the civil time and the zone.
fn split_zone(text: &str) -> (&str, Option<&str>) {
    if let Some(civil) = text.strip_suffix(['Z', 'z']) {
        return (civil.trim_end(), Some("Z"));
    }
    // The date has hyphens of its own: look behind the time's first colon.
    let Some(colon) = text.find(':') else { return (text, None) };
    match text[colon..].find(['+', '-']) {
        Some(sign) => (text[..colon + sign].trim_end(), Some(&text[colon + sign..])),
        None => (text, None),
    }
}

fn parse_offset(zone: &str) -> Option<jiff::tz::Offset> {
    if zone == "Z" {
        return Some(jiff::tz::Offset::UTC);
    }
    let (sign, digits) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    jiff::tz::Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// `yyyy-MM-dd`, or that and `HH:mm[:ss[.fraction]]`; a leap second is taken as `:59`.
fn parse_civil(text: &str) -> Option<DateTime> {
    let (date, clock) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let mut date = date.splitn(3, '-');
    let year = number(date.next()?, 4, 4)?;
    let month = date.next().map_or(Some(1), |text| number(text, 1, 2))?;
    let day = date.next().map_or(Some(1), |text| number(text, 1, 2))?;
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut clock = clock.splitn(3, ':').filter(|text| !text.is_empty());
    let hour = clock.next().map_or(Some(0), |text| number(text, 1, 2))?;
    let minute = clock.next().map_or(Some(0), |text| number(text, 1, 2))?;
    let second = clock.next().map_or(Some(0), |text| number(text, 1, 2))?;
    DateTime::new(
        year,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second.min(if second == 60 { 59 } else { second })).ok()?,
        nanoseconds(fraction)?,
    )
    .ok()
}

fn number(text: &str, least: usize, most: usize) -> Option<i16> {
    let plain = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Fraction digits as nanoseconds; digits past the ninth are cut, as Elasticsearch cuts them.
fn nanoseconds(fraction: &str) -> Option<i32> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = &fraction[..fraction.len().min(9)];
    format!("{kept:0<9}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        parse_time(Value::Str(text)).map(|(time, flags)| {
            let assumed = if flags.contains(Flags::ASSUMED_UTC) { " assumed" } else { "" };
            format!("{time}{assumed}")
        })
    }

    #[test]
    fn the_spellings_of_logs_are_read() {
        for (text, expected) in [
            ("2026-02-20T14:03:07.1234567Z", "2026-02-20T14:03:07.1234567Z"),
            ("2026-02-20T14:03:07.123456789123Z", "2026-02-20T14:03:07.123456789Z"),
            ("2026-02-20T14:03:07+09:00", "2026-02-20T05:03:07Z"),
            ("2026-02-20T14:03:07.5-0330", "2026-02-20T17:33:07.5Z"),
            ("2026-02-20 14:03:07.123", "2026-02-20T14:03:07.123Z assumed"),
            ("2026-02-20", "2026-02-20T00:00:00Z assumed"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("17", "1970-01-01T00:00:00.017Z"),
            ("1771596187123", "2026-02-20T14:03:07.123Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-30T21:59:59.9Z", "9999-12-30T21:59:59.9Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none_and_never_a_panic() {
        for text in [
            "",
            "-",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-02-30",
            "99999999999999999999",
            "T",
            "é:+é",
            "12:+",
            "2026-02-20T14:03:07+99:99",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(parse_time(Value::Float(f64::NAN)), None);
        assert_eq!(parse_time(Value::Int(i64::MAX)), None);
    }
}
