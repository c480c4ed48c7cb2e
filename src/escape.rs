//! What is shown to a human: nothing that a terminal would obey or an eye would miss.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does something other than show itself: controls (C0, DEL, C1), BiDi controls,
/// zero-width characters, fillers, line and paragraph separators, variation selectors and tags. These are
/// what Trojan Source (CVE-2021-42574), terminal escape attacks and text smuggling are made of.
#[must_use]
pub fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Makes the invisible visible: controls as `\n`, `\t`, `\r`, `\x1b`, `\x9b`; other deceiving
/// characters as `⟨U+202E⟩`.
///
/// A backslash stays a backslash, since doubling each one would make every Windows path unreadable. So
/// the text `\x1b` and an escape byte look alike here; `hits.jsonl` has the exact value.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(deceives) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for character in text[first..].chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if character.is_control() => push(&mut shown, format_args!("\\x{:02x}", u32::from(character))),
            _ if deceives(character) => push(&mut shown, format_args!("⟨U+{:04X}⟩", u32::from(character))),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

fn push(to: &mut String, formatted: std::fmt::Arguments<'_>) {
    to.write_fmt(formatted).expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown_and_what_shows_is_left() {
        for (text, shown) in [
            ("cmd.exe /c whoami", "cmd.exe /c whoami"),
            (r"C:\Windows\System32", r"C:\Windows\System32"),
            ("a\nb\r\tc", r"a\nb\r\tc"),
            ("\x1b]8;;http://x\x07", r"\x1b]8;;http://x\x07"),
            ("\u{9b}2J\u{7f}\0", r"\x9b2J\x7f\x00"),
            ("exe.\u{202e}gpj", "exe.⟨U+202E⟩gpj"),
            ("a\u{200b}b\u{2028}c\u{feff}", "a⟨U+200B⟩b⟨U+2028⟩c⟨U+FEFF⟩"),
            ("\u{e0041}", "⟨U+E0041⟩"),
            ("日本 é 👍", "日本 é 👍"),
        ] {
            assert_eq!(escape(text), shown, "{text:?}");
        }
    }

    #[test]
    fn no_deceiving_character_survives() {
        let all: String = (0..=0x0010_ffff).filter_map(char::from_u32).collect();
        assert!(!escape(&all).contains(deceives));
    }
}
