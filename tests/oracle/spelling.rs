//! Five ways to write the same JSON.

use serde_json::{Value, json};

/// All of them.
pub(crate) const ALL: [fn(&Value) -> String; 5] = [plain, ascii, slashes, html, escaped];

/// A record of some fields, nested or dotted.
pub(crate) fn document<'f>(fields: impl Iterator<Item = (&'f str, Value)>, dotted: bool) -> Value {
    let mut record = json!({"extra": [{"process": "cmd.exe"}, 3.0]});
    for (field, value) in fields {
        if dotted {
            record[field] = value;
        } else {
            *field.split('.').fold(&mut record, |object, segment| &mut object[segment]) = value;
        }
    }
    record
}

/// UTF-8 as it is.
fn plain(record: &Value) -> String {
    record.to_string()
}

/// Nothing but ASCII, as Python writes it.
fn ascii(record: &Value) -> String {
    respell(record, |character| !character.is_ascii())
}

/// `/` behind a backslash, as PHP writes it.
fn slashes(record: &Value) -> String {
    plain(record).replace('/', "\\/")
}

/// What could be HTML as escapes, as Go and .NET write it.
fn html(record: &Value) -> String {
    respell(record, |character| matches!(character, '<' | '>' | '&' | '\'' | '+'))
}

/// Letters here and there as escapes, as nobody but an attacker writes it.
fn escaped(record: &Value) -> String {
    respell(record, |character| matches!(character, 'e' | 'E' | 'r' | '.' | 'x'))
}

/// JSON with some characters of strings and keys as `\uXXXX`. Characters behind a backslash are left alone.
fn respell(record: &Value, which: impl Fn(char) -> bool) -> String {
    let (mut out, mut in_string, mut behind_backslash) = (String::new(), false, false);
    for character in plain(record).chars() {
        let is_quote = character == '"' && !behind_backslash;
        in_string ^= is_quote;
        if in_string && !is_quote && !behind_backslash && which(character) {
            let mut units = [0; 2];
            character
                .encode_utf16(&mut units)
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(character);
        }
        behind_backslash = character == '\\' && !behind_backslash;
    }
    out
}
