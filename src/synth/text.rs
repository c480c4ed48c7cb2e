//! Appends values to a record as JSON wants them. Hand-written because a general serializer costs
//! more than the compression of what it writes.

use super::rng::Rng;

/// 100 ns ticks in a second: the resolution of Windows file times, and of Elastic Defend's `@timestamp`.
pub(super) const TICKS_PER_SECOND: u64 = 10_000_000;

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `text` quoted and escaped (RFC 8259 section 7; the texts hold no control characters).
pub(super) fn json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', rest[at]]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Appends `text` as JSON with the bytes that `hide` names written as `\u00XX`; any JSON reader gives
/// the same string back.
pub(super) fn json_string_escaping(out: &mut Vec<u8>, text: &[u8], hide: impl Fn(usize, u8) -> bool) {
    out.push(b'"');
    for (at, &byte) in text.iter().enumerate() {
        if byte.is_ascii() && hide(at, byte) {
            out.extend_from_slice(b"\\u");
            hex(out, u64::from(byte), 4);
        } else {
            if matches!(byte, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
    }
    out.push(b'"');
}

/// Appends a decimal number.
pub(super) fn number(out: &mut Vec<u8>, value: u64) {
    let digits = value.checked_ilog10().unwrap_or(0) as usize + 1;
    padded_number(out, value, digits);
}

/// Appends the last `digits` decimal digits of `value`.
pub(super) fn padded_number(out: &mut Vec<u8>, mut value: u64, digits: usize) {
    let start = out.len();
    out.resize(start + digits, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Appends the last `digits` (at most 16) hexadecimal digits of `value`.
pub(super) fn hex(out: &mut Vec<u8>, value: u64, digits: u32) {
    out.extend((0..digits).rev().map(|digit| HEX[((value >> (4 * digit)) & 15) as usize]));
}

/// Appends a random UUID of version 4.
pub(super) fn guid(out: &mut Vec<u8>, rng: &mut Rng) {
    let (high, low) = (rng.next(), rng.next());
    hex(out, high >> 32, 8);
    out.push(b'-');
    hex(out, high >> 16, 4);
    out.extend_from_slice(b"-4");
    hex(out, high, 3);
    out.push(b'-');
    out.push(b"89ab"[(low >> 62) as usize]);
    hex(out, low >> 48, 3);
    out.push(b'-');
    hex(out, low, 12);
}

/// Appends `bytes` in base64 with padding (RFC 4648 section 4).
pub(super) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let quad = [18, 12, 6, 0].map(|shift| BASE64[((bits >> shift) & 63) as usize]);
        let kept = group.len() + 1;
        out.extend_from_slice(&quad[..kept]);
        out.extend_from_slice(&b"=="[..4 - kept]);
    }
}

/// Appends `count` random base64 digits.
pub(super) fn base64_noise(out: &mut Vec<u8>, rng: &mut Rng, count: usize) {
    let mut left = count;
    while left > 0 {
        let bits = rng.next();
        let digits = left.min(10);
        out.extend((0..digits).map(|digit| BASE64[((bits >> (6 * digit)) & 63) as usize]));
        left -= digits;
    }
}

/// Appends a UTC time with seven decimals, as Elastic Defend writes `@timestamp`.
///
/// `ticks`: 100 ns since 1970.
pub(super) fn time(out: &mut Vec<u8>, ticks: u64) {
    second_of_time(out, ticks);
    out.push(b'.');
    padded_number(out, ticks % TICKS_PER_SECOND, 7);
    out.push(b'Z');
}

/// Appends a UTC time in whole seconds, as the ingest pipeline writes `event.ingested`.
pub(super) fn time_in_seconds(out: &mut Vec<u8>, ticks: u64) {
    second_of_time(out, ticks);
    out.push(b'Z');
}

fn second_of_time(out: &mut Vec<u8>, ticks: u64) {
    let seconds = ticks / TICKS_PER_SECOND;
    let (year, month, day) = civil_date(seconds / 86_400);
    let parts = [(year, 4, b'-'), (month, 2, b'-'), (day, 2, b'T')];
    let clock = [(seconds / 3600 % 24, 2, b':'), (seconds / 60 % 60, 2, b':')];
    for (value, digits, separator) in parts.into_iter().chain(clock) {
        padded_number(out, value, digits);
        out.push(separator);
    }
    padded_number(out, seconds % 60, 2);
}

/// Year, month and day of a day since 1970 (Howard Hinnant's `civil_from_days`, for days after 1970).
fn civil_date(day: u64) -> (u64, u64, u64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + u64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_come_back_from_a_json_reader() {
        for text in ["", r"C:\Windows\cmd.exe", r#""quoted" \"#, "münchen"] {
            let plain = written(|out| json_string(out, text.as_bytes()));
            let hidden = written(|out| json_string_escaping(out, text.as_bytes(), |at, _| at % 2 == 0));
            assert_eq!(serde_json::from_str::<String>(&plain).unwrap(), text);
            assert_eq!(serde_json::from_str::<String>(&hidden).unwrap(), text);
        }
    }

    #[test]
    fn numbers_are_written_in_full() {
        for value in [0, 9, 10, 65_535, u64::MAX] {
            assert_eq!(written(|out| number(out, value)), value.to_string());
        }
        assert_eq!(written(|out| hex(out, 0xbeef, 6)), "00beef");
    }

    #[test]
    fn base64_pads() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(written(|out| base64(out, bytes.as_bytes())), text);
        }
        assert_eq!(written(|out| base64_noise(out, &mut Rng::of(1, 1), 23)).len(), 23);
    }

    #[test]
    fn times_agree_with_a_calendar() {
        for seconds in [0, 951_782_400, 951_868_799, 1_772_409_600, 4_107_542_399_i64] {
            let expected = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            let ticks = u64::try_from(seconds).unwrap() * TICKS_PER_SECOND;
            assert_eq!(written(|out| time_in_seconds(out, ticks)), expected);
            let exact = written(|out| time(out, ticks + 123));
            assert_eq!(exact, expected.replace('Z', ".0000123Z"));
        }
    }
}
