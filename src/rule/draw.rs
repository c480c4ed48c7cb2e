//! Draws a problem on the lines where it stands. The one place that knows ariadne.

use std::ops::Range;

use ariadne::{Color, Config, Label, Report, ReportKind, Source};

use crate::escape::{deceives, escape};

/// A line longer than this, in bytes, is not drawn: a terminal could not show it.
const MAX_LINE: usize = 4096;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// The rule cannot run.
    Error,
    /// It runs, and may not do what is meant.
    Warning,
}

/// Some bytes of a named text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// What the text is called.
    pub name: String,
    /// The whole text.
    pub text: &'a str,
    /// The bytes that are meant.
    pub span: Range<usize>,
}

impl Excerpt<'_> {
    /// The lines of the span with `message` above and `help` beside the place; ends in a newline. Nothing
    /// in name, text or words reaches a terminal as a control.
    #[must_use]
    pub fn draw(&self, gravity: Gravity, message: &str, help: &str, colour: bool) -> String {
        let name = escape(&self.name).into_owned();
        let message = escape(message);
        let help = escape(help);
        let plain = format!("{name}: {message} ({help})\n");
        if self.text.lines().any(|line| line.len() > MAX_LINE) {
            return plain;
        }
        let span = self.characters();
        let (kind, paint) = match gravity {
            Gravity::Error => (ReportKind::Error, Color::Red),
            Gravity::Warning => (ReportKind::Warning, Color::Yellow),
        };
        let label = Label::new((name.clone(), span.clone())).with_message(&help).with_color(paint);
        let report = Report::build(kind, (name.clone(), span))
            .with_config(Config::default().with_color(colour))
            .with_message(&message)
            .with_label(label)
            .finish();
        let mut drawn = Vec::new();
        match report.write((name, Source::from(self.tamed())), &mut drawn) {
            Ok(()) => String::from_utf8_lossy(&drawn).into_owned(),
            Err(_) => plain,
        }
    }

    /// The span counted in characters, as ariadne wants it; an end beyond the text is the text's end.
    fn characters(&self) -> Range<usize> {
        let count = |end: usize| self.text.char_indices().take_while(|(at, _)| *at < end).count();
        let start = count(self.span.start);
        start..count(self.span.end).max(start)
    }

    /// The text with one U+FFFD for each character that would act on a terminal, so that places keep.
    fn tamed(&self) -> String {
        let tame = |character| match character {
            '\n' | '\t' => character,
            // Beside its line feed a carriage return is a line ending; alone it overwrites the line.
            '\r' => ' ',
            _ if deceives(character) => char::REPLACEMENT_CHARACTER,
            _ => character,
        };
        self.text.chars().map(tame).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_place_in_any_text_can_be_drawn(text in "[a\n\t\r\u{1b}é日👍\u{202e}]{0,40}", start in 0usize..60, end in 0usize..60) {
            let excerpt = Excerpt { name: "x\n".to_owned(), text: &text, span: start..end };
            let drawn = excerpt.draw(Gravity::Error, "what", "remedy", false);
            prop_assert!(drawn.contains("what"));
            prop_assert!(!drawn.contains(|character| character != '\n' && deceives(character)), "{drawn:?}");
        }
    }

    #[test]
    fn a_line_no_terminal_could_show_is_named_only() {
        let text = "x".repeat(MAX_LINE + 1);
        let excerpt = Excerpt { name: "x.toml".to_owned(), text: &text, span: 0..1 };
        assert_eq!(excerpt.draw(Gravity::Error, "what", "remedy", true), "x.toml: what (remedy)\n");
    }
}
