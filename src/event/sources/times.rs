//! Times as each source writes them. A function gives the time and what must be said of it.

use super::super::{Flags, Timestamp, Value, parse_time};

type Read = Option<(Timestamp, Flags)>;

/// 100 ns ticks between the beginning of 1601 and that of 1970.
const FILETIME_EPOCH: i128 = 116_444_736_000_000_000;
/// A number above this is a FILETIME: as such it lies in 1829, as milliseconds beyond the year 9999.
const LEAST_FILETIME: i128 = 0x0100_0000_0000_0000;
/// A number below this is seconds: as such it lies before the year 2286, as milliseconds in 1970.
const MOST_SECONDS: i128 = 10_000_000_000;

/// A time that needs no remark: with a zone, or in a field that is UTC by definition.
pub(super) fn utc(value: Value<'_>) -> Read {
    parse_time(value).map(|(time, _)| (time, Flags::empty()))
}

/// A time with its zone, or without one and so assumed.
pub(super) fn plain(value: Value<'_>) -> Read {
    parse_time(value)
}

/// A local time, whatever zone it claims.
pub(super) fn local(value: Value<'_>) -> Read {
    parse_time(value).map(|(time, _)| (time, Flags::LOCAL_TIME))
}

/// `SystemTime` of a Windows event: ISO 8601, seconds since 1970 as a number (Velociraptor), or
/// `/Date(milliseconds)/` (.NET).
pub(super) fn system(value: Value<'_>) -> Read {
    match value {
        Value::Str(text) => match text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
            Some(millis) => utc(Value::Int(millis.parse().ok()?)),
            None => plain(value),
        },
        number => epoch(number),
    }
}

/// 100 ns ticks since 1601, as a number or its digits.
pub(super) fn filetime(value: Value<'_>) -> Read {
    let ticks = match value {
        Value::Int(ticks) => i128::from(ticks),
        Value::UInt(ticks) => i128::from(ticks),
        Value::Str(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    from_ticks(ticks)
}

fn from_ticks(ticks: i128) -> Read {
    let nanos = ticks.checked_sub(FILETIME_EPOCH)?.checked_mul(100)?;
    Some((Timestamp::from_nanosecond(nanos).ok()?, Flags::empty()))
}

/// Seconds, milliseconds or FILETIME ticks, told by their size, with or without a fraction, as number or
/// text; or ISO 8601.
pub(super) fn epoch(value: Value<'_>) -> Read {
    let spelled;
    let text = match value {
        Value::Str(text) => text.trim(),
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
            spelled = value.to_string();
            &spelled
        }
        Value::Null | Value::Bool(_) => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = !whole.is_empty() && [whole, fraction].iter().all(|part| is_digits(part));
    if !is_number {
        return plain(Value::Str(text));
    }
    let number: i128 = whole.parse().ok()?;
    if number > LEAST_FILETIME {
        return from_ticks(number);
    }
    let unit = if number < MOST_SECONDS { 1_000_000_000 } else { 1_000_000 };
    let fraction: i128 = format!("{:0<9}", &fraction[..fraction.len().min(9)]).parse().ok()?;
    let nanos = number.checked_mul(unit)?.checked_add(fraction * unit / 1_000_000_000)?;
    Some((Timestamp::from_nanosecond(nanos).ok()?, Flags::empty()))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_is_read_by_its_own_rule() {
        type Rule = fn(Value<'_>) -> Read;
        for (rule, value, expected) in [
            (filetime as Rule, Value::Int(131_485_996_510_000_000), Some("2017-08-30T20:47:31Z")),
            (filetime, Value::Int(0), Some("1601-01-01T00:00:00Z")),
            (filetime, Value::Str("116444736000000001"), Some("1970-01-01T00:00:00.0000001Z")),
            (filetime, Value::Int(i64::MAX), None),
            (filetime, Value::Int(i64::MIN), None),
            (filetime, Value::UInt(u64::MAX), None),
            (epoch, Value::Str("1743508799999"), Some("2025-04-01T11:59:59.999Z")),
            (epoch, Value::Str("1625677502.233"), Some("2021-07-07T17:05:02.233Z")),
            (epoch, Value::Str("1625677502"), Some("2021-07-07T17:05:02Z")),
            (epoch, Value::Str("131485996510000000"), Some("2017-08-30T20:47:31Z")),
            (epoch, Value::Str("2022-11-09T17:59:52.6265786Z"), Some("2022-11-09T17:59:52.6265786Z")),
            (epoch, Value::Int(1_664_811_149_470), Some("2022-10-03T15:32:29.47Z")),
            (epoch, Value::Float(1e300), None),
            (epoch, Value::Float(f64::NAN), None),
            (epoch, Value::Str("9".repeat(60).leak()), None),
            (epoch, Value::Str(""), None),
            (system, Value::Float(1_573_751_415.15), Some("2019-11-14T17:10:15.15Z")),
            (system, Value::Str("/Date(1573751415151)/"), Some("2019-11-14T17:10:15.151Z")),
            (system, Value::Str("/Date(99999999999999999999)/"), None),
            (utc, Value::Str("2020-10-27 20:00:14.320"), Some("2020-10-27T20:00:14.32Z")),
            (utc, Value::Str("10000-01-01 00:00:00"), None),
        ] {
            assert_eq!(rule(value).map(|(time, _)| time.to_string()).as_deref(), expected, "{value}");
        }
        assert_eq!(local(Value::Str("2020-10-27 20:00:14")).unwrap().1, Flags::LOCAL_TIME);
    }
}
