//! Records with hostile values.

use crate::dice::Dice;

/// The value that the rule looks for.
const WANTED: &str = "ScreenConnect.Service.exe";

/// Values that some parser refuses, or once fell over. All but the first few are no valid JSON.
const ODD: [&[u8]; 16] = [
    b"-0",
    b"18446744073709551616",
    b"\"\\u0000\\ud83d\\ude00\"",
    b"\"{[\\\"}]\"",
    "\"\u{202e}\u{17f}\u{212a}\u{fffd}\"".as_bytes(),
    b"[[],{},\"\"]",
    b"{\"\":null}",
    b"1e400",
    b"\"\\ud800\"",
    b"\"\x1b[31m\"",
    b"\"\t\x07\"",
    b"\"\xff\xfe\"",
    b"\"\xc3\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xc0\xaf\"",
    b"-9223372036854775809",
];

/// How many of [`ODD`] are text that every encoding can hold.
pub(crate) const CLEAN: usize = 8;

/// How a record is laid out.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Between top-level fields.
    pub(crate) between: &'static str,
    /// How many of the odd values may be taken.
    pub(crate) odd: usize,
}

/// The text of `value`, some letters of it escaped.
fn spelled(value: &str, dice: &mut Dice) -> String {
    let rate = dice.pick(&[2, 10, 1000]);
    let letters = value.chars().map(|letter| match dice.below(2 * rate) {
        0 => format!("\\u{:04x}", u32::from(letter)),
        1 => format!("\\u{:04X}", u32::from(letter)),
        _ => letter.to_string(),
    });
    letters.collect()
}

fn process(parent: &str, dice: &mut Dice) -> Vec<u8> {
    let [process, key, name] = ["process", "parent", "name"].map(|key| spelled(key, dice));
    let parent = spelled(parent, dice);
    let parent = if dice.one_in(4) { parent.to_ascii_lowercase() } else { parent };
    match dice.below(3) {
        0 => format!(r#""{process}.{key}.{name}":"{parent}""#),
        1 => format!(r#""{process}":{{"{key}":{{"{name}":"{parent}"}}}}"#),
        _ => format!(r#""{process}" : {{"pid": 4,"{key}.{name}" :"{parent}"}}"#),
    }
    .into_bytes()
}

fn noise(number: usize, style: Style, dice: &mut Dice) -> Vec<u8> {
    let value = match dice.below(12) {
        0 => [b"[".repeat(50), b"]".repeat(50)].concat(),
        1 => vec![b'7'; 1 + dice.below(40)],
        2 if dice.one_in(20) => [b"\"", &b"x".repeat(150_000)[..], b"\""].concat(),
        3..6 => format!("\"{}\"", "lorem ipsum ".repeat(dice.below(12))).into_bytes(),
        _ => ODD[dice.below(style.odd)].to_vec(),
    };
    [format!("\"n{number}\":").as_bytes(), &value].concat()
}

/// A record of one JSON object; a hit if it has an id.
pub(crate) fn record(id: Option<&str>, style: Style, dice: &mut Dice) -> Vec<u8> {
    let mut fields = vec![
        format!(r#""event":{{"id":"{}","category":"process"}}"#, id.unwrap_or("none")).into_bytes(),
        process(if id.is_some() { WANTED } else { "services.exe" }, dice),
    ];
    (0..dice.below(5)).for_each(|number| fields.push(noise(number, style, dice)));
    if dice.one_in(8) {
        fields.push(process("twice.exe", dice));
    }
    let turn = dice.below(fields.len());
    fields.rotate_left(turn);
    fields.insert(0, br#""@timestamp":"2026-03-14T09:00:00Z""#.to_vec());
    [b"{", &fields.join(style.between.as_bytes())[..], b"}"].concat()
}

/// A row under the header of [`HEADER`].
pub(crate) fn row(id: Option<&str>, dice: &mut Dice) -> Vec<u8> {
    let parent = if id.is_some() { WANTED } else { "services.exe" };
    let note =
        dice.pick(&["", "-", "plain", "\"a \"\"quoted\"\" one\"", "\"two\nlines, one cell\"", "{\"a\":1}"]);
    format!("2026-03-14T09:00:00Z,{},{parent},{note}", id.unwrap_or("none")).into_bytes()
}

/// The columns of [`row`].
pub(crate) const HEADER: &[u8] = b"@timestamp,event.id,process.parent.name,note\n";
