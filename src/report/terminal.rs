//! The report for reading: the summary, then the timeline, times in UTC.
//!
//! Three layouts. Without a width (piped, or `timeline.txt`) a hit is one line, whole, with its place in
//! the evidence at the end. From 180 columns a hit is one line in columns. Below, it is three: when, how bad,
//! which rule (by number, the names stand above), where and who; parent → process; command line. Columns
//! show milliseconds, and what does not fit ends in `…`. Fields come from evidence, so all are escaped.

use std::io::{self, Write};

use super::layout::{Line, Page, Style, number};
use super::view::{describe, utc};
use super::{Counts, Format, Report, View, escape, summary};
use crate::event::Timestamp;
use crate::rule::Severity;
use crate::timeline::Member;

/// From here on a hit fits on one line.
const ONE_LINE: usize = 180;
/// `2026-02-20T14:03:07.123Z`.
const TIME: usize = 24;
/// `CRITICAL 99`.
const SEVERITY: usize = 11;

/// The format.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    /// Columns; `None` when it is not a terminal, for whole lines.
    pub width: Option<usize>,
    /// Whether to colour.
    pub colour: bool,
}

impl Terminal {
    fn page(self) -> Page {
        Page { width: self.width, colour: self.colour }
    }
}

impl Format for Terminal {
    fn begin(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let counts = Counts::of(report)?;
        summary::write(report, &counts, self.page(), out)?;
        legend(report, &counts, self.page(), out)?;
        writeln!(out)
    }

    fn hit(&self, hit: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self.width {
            None => whole(hit, self.page(), out)?,
            Some(width) if width >= ONE_LINE => columns(hit, self.page(), out)?,
            Some(_) => stacked(hit, self.page(), out)?,
        }
        if let Some(first) = &hit.also_at {
            let said = format!("the same event as the hit at {}", escape(first));
            Line::new(self.page()).blanks(6).add(&said, Style::Dim).end(out)?;
        }
        if hit.hit.members.len() > 1 { members(hit, self.page(), out) } else { Ok(()) }
    }
}

/// The rules that matched, each with the number that stands for it below.
fn legend(report: &Report<'_>, counts: &Counts, page: Page, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    if counts.hits == 0 {
        return Line::new(page).add("No hits in what was read", Style::Bold).end(out);
    }
    Line::new(page).add("Rules with hits", Style::Bold).end(out)?;
    for (at, (rule, hits)) in report.rules.rules.iter().zip(&counts.by_rule).enumerate() {
        if *hits > 0 {
            let (text, style) = rank(Some((rule.severity, rule.risk_score)));
            let mut line = Line::new(page);
            line.cell(&format!("  [{at}]"), 6, Style::Plain).cell(&text, SEVERITY, style);
            line.cell(&number(*hits), 9, Style::Plain).add(&escape(&rule.name), Style::Plain).end(out)?;
        }
    }
    Ok(())
}

fn rank(rule: Option<(Severity, u8)>) -> (String, Style) {
    let Some((severity, risk_score)) = rule else { return ("-".to_owned(), Style::Plain) };
    let style = match severity {
        Severity::Low => Style::Plain,
        Severity::Medium => Style::Warning,
        Severity::High | Severity::Critical => Style::Bad,
    };
    (format!("{} {risk_score}", severity.name().to_uppercase()), style)
}

/// The cells that every layout has, escaped; `-` where the record says nothing.
struct Cells {
    time: String,
    rank: (String, Style),
    rule: String,
    number: String,
    host: String,
    user: String,
    processes: String,
    command_line: String,
    flags: String,
}

impl Cells {
    fn of(view: &View<'_>, time: fn(Timestamp) -> String) -> Self {
        let shown = |text: String| if text.is_empty() { "-".to_owned() } else { escape(&text).into_owned() };
        let flags = view.flags().names().collect::<Vec<_>>().join(",");
        Cells {
            time: view.hit.time.map_or_else(|| "time unknown".to_owned(), time),
            rank: rank(view.rule.map(|rule| (rule.severity, rule.risk_score))),
            rule: shown(view.rule_name().to_owned()),
            number: format!("[{}]", view.hit.rule),
            host: shown(view.host()),
            user: shown(view.user()),
            processes: format!("{} → {}", shown(view.parent()), shown(view.process())),
            command_line: shown(view.command_line()),
            flags: if flags.is_empty() { flags } else { format!("({flags})  ") },
        }
    }
}

/// UTC to the millisecond, cut.
fn short(time: Timestamp) -> String {
    format!("{time:.3}")
}

fn whole(view: &View<'_>, page: Page, out: &mut dyn Write) -> io::Result<()> {
    let cells = Cells::of(view, utc);
    let place = view.hit.members.last().map(|member| place(view, member));
    let mut line = Line::new(page);
    line.add(&cells.time, Style::Plain).blanks(2).add(&cells.rank.0, cells.rank.1);
    let rest = [&cells.rule, &cells.host, &cells.user, &cells.processes, &cells.command_line];
    for cell in rest {
        line.blanks(2).add(cell, Style::Plain);
    }
    line.blanks(2).add(&cells.flags, Style::Warning);
    line.add(place.as_deref().unwrap_or("-"), Style::Dim).end(out)
}

/// `source@segment+offset:length`, escaped.
fn place(view: &View<'_>, member: &Member) -> String {
    escape(&view.place(member)).into_owned()
}

fn columns(view: &View<'_>, page: Page, out: &mut dyn Write) -> io::Result<()> {
    let cells = Cells::of(view, short);
    let mut line = Line::new(page);
    line.cell(&cells.time, TIME, Style::Plain).cell(&cells.rank.0, SEVERITY, cells.rank.1);
    line.cell(&cells.number, 4, Style::Plain).cell(&cells.host, 15, Style::Plain);
    line.cell(&cells.user, 24, Style::Plain).cell(&cells.processes, 42, Style::Bold);
    line.add(&cells.flags, Style::Warning).add(&cells.command_line, Style::Plain).end(out)
}

fn stacked(view: &View<'_>, page: Page, out: &mut dyn Write) -> io::Result<()> {
    let cells = Cells::of(view, short);
    let mut line = Line::new(page);
    line.add(&cells.time, Style::Plain).blanks(2).add(&cells.rank.0, cells.rank.1).blanks(2);
    line.add(&cells.number, Style::Plain).blanks(2).add(&cells.host, Style::Plain).blanks(2);
    line.add(&cells.user, Style::Plain).end(out)?;
    let mut line = Line::new(page);
    line.blanks(4).add(&cells.processes, Style::Bold).blanks(2).add(&cells.flags, Style::Warning).end(out)?;
    Line::new(page).blanks(4).add(&cells.command_line, Style::Plain).end(out)
}

/// The events of a sequence, in order, below its hit.
fn members(view: &View<'_>, page: Page, out: &mut dyn Write) -> io::Result<()> {
    let members = &view.hit.members;
    if !view.hit.join_keys.is_empty() {
        let keys = format!("joined by {}", view.hit.join_keys.join(", "));
        Line::new(page).blanks(6).add(&escape(&keys), Style::Dim).end(out)?;
    }
    for (at, member) in members.iter().enumerate() {
        let mut line = Line::new(page);
        line.blanks(6).add(&format!("{}/{}  ", at + 1, members.len()), Style::Dim);
        line.add(&escape(&describe(member)), Style::Plain);
        if page.width.is_none() {
            line.blanks(2).add(&place(view, member), Style::Dim);
        }
        line.end(out)?;
    }
    Ok(())
}
