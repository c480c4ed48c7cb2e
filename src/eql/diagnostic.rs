//! What is wrong with a query, as data, and the one place that draws it.

use ariadne::{Config, IndexType, Label, Report, ReportKind, Source};

use super::span::Span;

/// One thing that is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to write under the place.
    pub label: String,
    /// How to put it right.
    pub help: Option<String>,
}

/// Whether a rendering may use terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Escape sequences for a terminal.
    Ansi,
    /// Plain text.
    None,
}

impl Diagnostic {
    /// A diagnostic without help.
    #[must_use]
    pub fn new(message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self { message: message.into(), span, label: label.into(), help: None }
    }

    /// The same with help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Diagnostics that are drawn; of more only the number is told.
const MAX_DRAWN: usize = 20;

/// Draws diagnostics over the text they are about, which is called `name` (a file, or `query`).
#[must_use]
pub fn render(diagnostics: &[Diagnostic], name: &str, text: &str, colour: Colour) -> String {
    let (name, text) = (printable(name), printable(text));
    let mut source = (name.as_str(), Source::from(text.as_str()));
    let config = Config::default().with_color(colour == Colour::Ansi).with_index_type(IndexType::Byte);
    let mut drawn = Vec::new();
    for diagnostic in diagnostics.iter().take(MAX_DRAWN) {
        let span = (name.as_str(), clamp(diagnostic.span, text.len()).range());
        let mut report = Report::build(ReportKind::Error, span.clone())
            .with_config(config)
            .with_message(printable(&diagnostic.message))
            .with_label(Label::new(span).with_message(printable(&diagnostic.label)));
        if let Some(help) = &diagnostic.help {
            report = report.with_help(printable(help));
        }
        // Writing to memory does not fail; if it ever did, what has been drawn still stands.
        if report.finish().write(&mut source, &mut drawn).is_err() {
            break;
        }
    }
    let mut drawn = String::from_utf8_lossy(&drawn).into_owned();
    if let Some(more) = diagnostics.len().checked_sub(MAX_DRAWN).filter(|more| *more > 0) {
        drawn.push_str(&format!("and {more} more\n"));
    }
    drawn
}

fn clamp(span: Span, length: usize) -> Span {
    Span::new(span.start.min(length), span.end.clamp(span.start.min(length), length))
}

/// The text without what a terminal would obey; every replacement is as long as what it replaces, so
/// that spans still fit.
fn printable(text: &str) -> String {
    let replace = |c: char| match c {
        '\n' | '\t' => c,
        '\r' => ' ',
        '\0'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' | '\u{61c}' => '\u{bf}',
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => c,
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendering_shows_place_label_and_help_and_nothing_a_terminal_obeys() {
        let text = "process where \u{1b}[31mé = 1";
        let problem =
            Diagnostic::new("`=` compares nothing", Span::new(22, 23), "here").with_help("use `==`");
        let plain = render(std::slice::from_ref(&problem), "rule.toml", text, Colour::None);
        assert!(plain.contains("rule.toml:1:"), "{plain}");
        assert!(plain.contains("use `==`") && plain.contains("here"), "{plain}");
        assert!(!plain.contains('\u{1b}'));
        assert!(render(&[problem], "rule.toml", text, Colour::Ansi).contains('\u{1b}'));
    }

    #[test]
    fn a_span_outside_the_text_is_drawn_at_its_end() {
        let problem = Diagnostic::new("the query ends early", Span::new(9, 12), "here");
        assert!(render(&[problem], "query", "any", Colour::None).contains("ends early"));
    }
}
