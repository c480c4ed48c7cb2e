//! Sizes as people type them.

/// Reads a size in bytes: `4096`, `64KiB`, `4MiB`, `2GiB`, `1GB`; units in any letter case.
///
/// # Errors
/// A sentence for the user, if it is no such size or does not fit 64 bits.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = factor(unit.trim_start())
        .ok_or_else(|| format!("unknown unit {unit:?}: use KiB, MiB, GiB, TiB, kB, MB, GB or TB"))?;
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is not a size such as 64KiB or 4MiB"))?;
    number.checked_mul(factor).ok_or_else(|| format!("{text} is too large"))
}

fn factor(unit: &str) -> Option<u64> {
    let factors = [
        ("", 1),
        ("b", 1),
        ("kb", 1_000),
        ("mb", 1_000_000),
        ("gb", 1_000_000_000),
        ("tb", 1_000_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("tib", 1 << 40),
    ];
    factors.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name)).map(|&(_, factor)| factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_typed() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("64KiB", 65_536),
            ("4mib", 4 << 20),
            ("2 GiB", 2 << 30),
            ("1GB", 1_000_000_000),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "MiB", "-1", "1.5GiB", "4 Mebi", "99999999TiB", "99999999999999999999"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
