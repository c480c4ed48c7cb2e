//! Fills the braces of the catalogue's texts.
//!
//! | text | becomes |
//! |---|---|
//! | `{exe}` | the path of the executable |
//! | `{user}` | the name of the person logged on |
//! | `{word}`, `{service}` | a word, the name of a service |
//! | `{guid}` | a UUID |
//! | `{n4}`, `{h8}`, `{b160}` | that many random decimal, hexadecimal or base64 digits |
//!
//! A brace that starts none of these stands for itself.

use super::rng::Rng;
use super::text;

/// What the names in braces stand for in one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    /// `process.executable`
    pub(super) executable: &'a [u8],
    /// The person logged on to the host.
    pub(super) user: &'a str,
}

const WORDS: &[&str] = &[
    "amber", "anchor", "basalt", "beacon", "birch", "cedar", "cobalt", "copper", "delta", "ember", "falcon",
    "fjord", "garnet", "granite", "harbor", "heron", "indigo", "iris", "juniper", "kestrel", "lagoon",
    "larch", "marble", "meadow", "nickel", "north", "onyx", "orchid", "pebble", "poplar", "quartz", "quill",
    "raven", "ridge", "saffron", "slate", "tidal", "topaz", "umber", "upland", "velvet", "violet", "walnut",
    "willow", "yarrow", "zephyr",
];
const SERVICES: &[&str] = &[
    "BITS",
    "wuauserv",
    "Schedule",
    "UsoSvc",
    "wlidsvc",
    "Themes",
    "ProfSvc",
    "SysMain",
    "StorSvc",
    "DsSvc",
    "lmhosts",
    "Dhcp",
    "EventLog",
    "CryptSvc",
    "Dnscache",
    "LanmanWorkstation",
    "TermService",
    "WdiSystemHost",
    "PcaSvc",
];

/// Appends `template` to `out` with its braces filled.
pub(super) fn fill(out: &mut Vec<u8>, template: &str, names: Names<'_>, rng: &mut Rng) {
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.extend_from_slice(&rest.as_bytes()[..open]);
        let inner = &rest[open + 1..];
        let filled = inner.find('}').filter(|&close| fill_one(out, &inner[..close], names, rng));
        rest = if let Some(close) = filled {
            &inner[close + 1..]
        } else {
            out.push(b'{');
            inner
        };
    }
    out.extend_from_slice(rest.as_bytes());
}

/// Appends what `name` stands for, or nothing and false if it stands for nothing.
fn fill_one(out: &mut Vec<u8>, name: &str, names: Names<'_>, rng: &mut Rng) -> bool {
    match name {
        "exe" => out.extend_from_slice(names.executable),
        "user" => out.extend_from_slice(names.user.as_bytes()),
        "word" => out.extend_from_slice(rng.pick(WORDS).as_bytes()),
        "service" => out.extend_from_slice(rng.pick(SERVICES).as_bytes()),
        "guid" => text::guid(out, rng),
        _ => return fill_digits(out, name, rng),
    }
    true
}

fn fill_digits(out: &mut Vec<u8>, name: &str, rng: &mut Rng) -> bool {
    let Some((kind, count)) = name.split_at_checked(1) else { return false };
    let Ok(count) = count.parse::<u32>() else { return false };
    match kind {
        "n" => text::padded_number(out, rng.next(), count as usize),
        "h" => hex_noise(out, rng, count),
        "b" => text::base64_noise(out, rng, count as usize),
        _ => return false,
    }
    true
}

fn hex_noise(out: &mut Vec<u8>, rng: &mut Rng, count: u32) {
    let mut left = count;
    while left > 0 {
        let digits = left.min(16);
        text::hex(out, rng.next(), digits);
        left -= digits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> String {
        let mut out = Vec::new();
        let names = Names { executable: br"C:\a.exe", user: "ada" };
        fill(&mut out, template, names, &mut Rng::of(3, 3));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_are_filled_in() {
        assert_eq!(filled("\"{exe}\" /u {user}"), "\"C:\\a.exe\" /u ada");
    }

    #[test]
    fn digits_have_their_count() {
        for (template, length) in
            [("{n4}", 4), ("{h64}", 64), ("{b160}", 160), ("{guid}", 36), ("{{guid}}", 38)]
        {
            assert_eq!(filled(template).len(), length, "{template}");
        }
    }

    #[test]
    fn other_braces_stand_for_themselves() {
        for text in ["{", "}", "{}", "{x}", "{nx}", "a {b c} d", "{ö}"] {
            assert_eq!(filled(text), text);
        }
    }
}
