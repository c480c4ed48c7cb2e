//! Parts of vendors' values, and texts made of them.

use std::ops::Range;

/// What stands behind the last backslash; nothing if there is none.
pub(super) fn behind_backslash(path: &str) -> Option<Range<usize>> {
    path.rfind('\\').map(|at| at + 1..path.len()).filter(|name| !name.is_empty())
}

/// What stands behind the last backslash; all of it if there is none.
pub(super) fn last_component(path: &str) -> Option<Range<usize>> {
    let start = path.rfind('\\').map_or(0, |at| at + 1);
    (start < path.len()).then_some(start..path.len())
}

/// The file name of a Falcon path: device paths and Unix paths are cut, anything else is a name already.
pub(super) fn falcon_name(path: &str) -> Option<Range<usize>> {
    let separator = path.chars().next().filter(|first| matches!(first, '\\' | '/'));
    let start = separator.and_then(|separator| path.rfind(separator)).map_or(0, |at| at + 1);
    (start < path.len()).then_some(start..path.len())
}

/// `DOMAIN` of `DOMAIN\user`, when it is exactly that.
pub(super) fn domain(account: &str) -> Option<Range<usize>> {
    backslash(account).map(|at| 0..at)
}

/// `user` of `DOMAIN\user`, when it is exactly that.
pub(super) fn user(account: &str) -> Option<Range<usize>> {
    backslash(account).map(|at| at + 1..account.len())
}

fn backslash(account: &str) -> Option<usize> {
    let at = account.find('\\')?;
    (account.rfind('\\') == Some(at)).then_some(at)
}

/// Without blanks around it.
pub(super) fn trimmed(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let end = start + text.trim().len();
    (start < end).then_some(start..end)
}

/// In lower case. A letter whose small form is ASCII though it is not (the Kelvin sign) is left, or a
/// prefilter that folds ASCII only would not find it.
#[expect(clippy::unnecessary_wraps, reason = "the type of all such functions")]
pub(super) fn lower(text: &str) -> Option<String> {
    let mut lowered = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() || letter.to_lowercase().any(|small| small.is_ascii()) {
            lowered.push(letter.to_ascii_lowercase());
        } else {
            lowered.extend(letter.to_lowercase());
        }
    }
    Some(lowered)
}

/// One backslash for every two: some SentinelOne feeds escape twice.
#[expect(clippy::unnecessary_wraps, reason = "the type of all such functions")]
pub(super) fn halved(text: &str) -> Option<String> {
    Some(text.replace(r"\\", r"\"))
}

/// [`halved`], without a pair of quotes around it.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    halved(inner.unwrap_or(text))
}

/// One of the hashes in Sysmon's `SHA1=…,MD5=…`, in lower case as ECS wants it.
fn hash(hashes: &str, name: &str) -> Option<String> {
    let values = hashes.split(',').filter_map(|hash| hash.trim().split_once('='));
    let mut named = values.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.to_ascii_lowercase())
}

pub(super) fn md5(hashes: &str) -> Option<String> {
    hash(hashes, "MD5")
}

pub(super) fn sha1(hashes: &str) -> Option<String> {
    hash(hashes, "SHA1")
}

pub(super) fn sha256(hashes: &str) -> Option<String> {
    hash(hashes, "SHA256")
}

pub(super) fn imphash(hashes: &str) -> Option<String> {
    hash(hashes, "IMPHASH")
}

/// The arguments of a command line as Windows itself cuts it: quotes and the backslashes before them are
/// taken off.
pub(super) fn argv(line: &str) -> Vec<String> {
    let (mut args, mut arg, mut quoted) = (Vec::new(), None::<String>, false);
    let mut rest = line.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            ' ' | '\t' if !quoted => args.extend(arg.take()),
            '"' => {
                quoted = !quoted;
                arg.get_or_insert_default();
            }
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let arg = arg.get_or_insert_default();
                if rest.peek() == Some(&'"') {
                    arg.extend(std::iter::repeat_n('\\', count / 2));
                    if count % 2 == 1 {
                        arg.extend(rest.next());
                    }
                } else {
                    arg.extend(std::iter::repeat_n('\\', count));
                }
            }
            letter => arg.get_or_insert_default().push(letter),
        }
    }
    args.extend(arg);
    args
}

/// The arguments of a command line with their quotes, as the pipeline for event 4688 cuts it.
pub(super) fn quoted_args(line: &str) -> Vec<String> {
    let (mut args, mut arg, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        quoted ^= letter == '"';
        if letter == ' ' && !quoted {
            args.push(std::mem::take(&mut arg));
        } else {
            arg.push(letter);
        }
    }
    args.push(arg);
    args.retain(|arg| !arg.is_empty());
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_as_each_pipeline_cuts_them() {
        type Cut = fn(&str) -> Option<Range<usize>>;
        for (cut, text, expected) in [
            (behind_backslash as Cut, r"C:\Windows\cmd.exe", Some("cmd.exe")),
            (behind_backslash, "System", None),
            (behind_backslash, r"C:\", None),
            (last_component, "Registry", Some("Registry")),
            (last_component, "", None),
            (falcon_name, r"\Device\HarddiskVolume3\cmd.exe", Some("cmd.exe")),
            (falcon_name, "/bin/sh", Some("sh")),
            (falcon_name, r"C:\Windows\cmd.exe", Some(r"C:\Windows\cmd.exe")),
            (domain, r"SHIRE\frodo", Some("SHIRE")),
            (user, r"SHIRE\frodo", Some("frodo")),
            (user, r"a\b\c", None),
            (user, "frodo", None),
            (trimmed, "  a b ", Some("a b")),
            (trimmed, "  ", None),
        ] {
            assert_eq!(cut(text).map(|range| &text[range]), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_made() {
        assert_eq!(lower("DESKTOP-É").as_deref(), Some("desktop-é"));
        assert_eq!(lower("\u{212a}").as_deref(), Some("\u{212a}"));
        assert_eq!(unquoted(r#""C:\\a b\\c.exe""#).as_deref(), Some(r"C:\a b\c.exe"));
        assert_eq!(sha1("MD5=0A,SHA1=0B").as_deref(), Some("0b"));
        assert_eq!(sha256("MD5=0A"), None);
    }

    #[test]
    fn command_lines_are_cut() {
        for (line, plain, quoted) in [
            (
                r#""C:\a b\c.exe" cl "x y""#,
                &[r"C:\a b\c.exe", "cl", "x y"][..],
                &[r#""C:\a b\c.exe""#, "cl", r#""x y""#][..],
            ),
            (r#"a \"b\" c\\ ""#, &["a", r#""b""#, r"c\\", ""], &["a", r#"\"b\""#, r"c\\", "\""]),
            ("", &[], &[]),
        ] {
            assert_eq!(argv(line), plain, "{line}");
            assert_eq!(quoted_args(line), quoted, "{line}");
        }
    }
}
