//! Draws a problem on the lines where it stands. The one place that knows ariadne.

use std::ops::Range;

use ariadne::{Color, Config, Label, Report, ReportKind, Source};

use crate::escape::{deceives, escape};

/// A line longer than this, in bytes, is not drawn: a terminal could not show it.
const MAX_LINE: usize = 4096;

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
    /// The lines of the span with `message` above and `help` beside the place; ends in a newline. in
    /// name, text or words reaches a terminal as a control.
    #[must_use]
    pub fn draw(&self, message: &str, help: &str, colour: bool) -> String {
        let name = escape(&self.name).into_owned();
        let message = escape(message);
        let plain = format!("{name}: {message}\n");
        if self.text.lines().any(|line| line.len() > MAX_LINE) {
            return plain;
        }
        let span = self.characters();
        let label =
            Label::new((name.clone(), span.clone())).with_message(escape(help)).with_color(Color::Red);
        let report = Report::build(ReportKind::Error, (name.clone(), span))
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
