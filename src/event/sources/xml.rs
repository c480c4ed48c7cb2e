//! The XML of a Windows event, as a tree like `evtx_dump`'s.
//!
//! Not an XML parser: it knows elements, attributes, the five entities and references to characters, which
//! is all that Windows writes. A reference to a character that a needle may hold is left as it is: Windows
//! writes none, and the prefilter does not know them.

use serde_json::{Map, Value as Json, json};

/// What `EventData` and `System` of `text` hold; `None` when there is no `<` at its beginning.
pub(super) fn read(text: &str) -> Option<Map<String, Json>> {
    if !text.trim_start().starts_with('<') {
        return None;
    }
    let (mut system, mut data) = (Map::new(), Map::new());
    for element in Elements(text) {
        match element.name {
            "Data" => {
                if let Some(name) = attribute(element.attributes, "Name") {
                    data.insert(name, Json::String(unescape(element.text)));
                }
            }
            "Provider" => put(&mut system, "Provider", "Name", element.attributes),
            "TimeCreated" => put(&mut system, "TimeCreated", "SystemTime", element.attributes),
            "EventID" | "Channel" | "Computer" => {
                system.insert(element.name.to_owned(), Json::String(unescape(element.text)));
            }
            _ => {}
        }
    }
    let event = json!({ "System": system, "EventData": data });
    if let Json::Object(event) = event { Some(event) } else { None }
}

fn put(system: &mut Map<String, Json>, element: &str, name: &str, attributes: &str) {
    if let Some(value) = attribute(attributes, name) {
        system.insert(element.to_owned(), json!({ name: value }));
    }
}

struct Element<'a> {
    name: &'a str,
    attributes: &'a str,
    /// What stands between its tag and the next one.
    text: &'a str,
}

/// The opening tags of a text, in order.
struct Elements<'a>(&'a str);

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        loop {
            let start = self.0.find('<')? + 1;
            let end = start + self.0[start..].find('>')?;
            let (tag, rest) = (&self.0[start..end], &self.0[end + 1..]);
            self.0 = rest;
            if tag.starts_with(['/', '?', '!']) {
                continue;
            }
            let is_empty = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let (name, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
            let text = if is_empty { "" } else { &rest[..rest.find('<').unwrap_or(rest.len())] };
            return Some(Element { name, attributes, text });
        }
    }
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        let (key, after) = rest.split_once('=')?;
        let quote = after.trim_start().chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let value = &after.trim_start()[1..];
        let end = value.find(quote)?;
        if key.trim() == name {
            return Some(unescape(&value[..end]));
        }
        rest = &value[end + 1..];
    }
}

fn unescape(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').and_then(|end| Some((entity(&rest[1..end])?, end)));
        let (letter, length) = entity.map_or(('&', 1), |(letter, end)| (letter, end + 1));
        plain.push(letter);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => {}
    }
    let digits = name.strip_prefix('#')?;
    let code = match digits.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code).filter(|letter| !letter.is_ascii_graphic() || "&<>\"'\\/".contains(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_an_event_are_read() {
        let xml = r#"<Event xmlns="http://x"><System><Provider Name='Microsoft-Windows-Sysmon' Guid="{0}"/>
            <EventID Qualifiers="">1</EventID><TimeCreated SystemTime="2026-02-20T14:03:07.1Z"/></System>
            <EventData><Data Name="CommandLine">a &amp; b &lt;&#10;&#83;&nope; &</Data><Data>x</Data>
            <Data Name='Empty'/></EventData></Event>"#;
        let event = read(xml).map(Json::Object).unwrap();
        assert_eq!(event["System"]["EventID"], "1");
        assert_eq!(event["System"]["Provider"]["Name"], "Microsoft-Windows-Sysmon");
        assert_eq!(event["EventData"]["CommandLine"], "a & b <\n&#83;&nope; &");
        assert_eq!(event["EventData"]["Empty"], "");
        for odd in ["", "x", "<", "<a", "<Data Name=", "<Data Name='", "<Data Name='é'>", "<é é=é>"] {
            let _ = read(odd);
        }
    }
}
