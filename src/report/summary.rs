//! What stands above the hits: one box that says whether the evidence was read, and the gaps.

use std::io::{self, Write};

use super::layout::{Line, Page, Style, count, fit, number, size, wrap};
use super::view::utc;
use super::{Counts, Report, escape};
use crate::ledger::{Gap, Integrity, Ledger, SourceAccount};
use crate::rule::Severity;
use unicode_width::UnicodeWidthStr;

/// The widest box; beyond it lines get long to read.
const WIDEST: usize = 110;
/// The label column of the box.
const LABEL: usize = 11;
/// How many gaps, skipped paths and rules a terminal lists; files list all.
const SHOWN: usize = 10;

/// Writes the box and what belongs below it.
pub(super) fn write(report: &Report<'_>, counts: &Counts, page: Page, out: &mut dyn Write) -> io::Result<()> {
    let (verdict, style) = verdict(report.ledger);
    let width = page.width.unwrap_or(WIDEST).min(WIDEST);
    let page_of_box = Page { width: Some(width), ..page };
    edge(
        page_of_box,
        "┌─ ",
        &format!("coldtrail {}: {verdict} ", escape(&report.run.version)),
        style,
        '┐',
        out,
    )?;
    for (label, text) in rows(report, counts) {
        boxed(page_of_box, label, &text, out)?;
    }
    // Without a terminal the text is a document, the same for the same evidence and rules.
    if page.width.is_some() {
        boxed(page_of_box, "Time", &time(report), out)?;
    }
    edge(page_of_box, "└─", "", Style::Plain, '┘', out)?;
    gaps(report.ledger, page, out)?;
    let skipped = &report.ledger.skipped;
    let lines = skipped.iter().map(|skipped| format!("{}: {}", skipped.path.display(), skipped.reason));
    list("Skipped", skipped.len(), lines, page, out)?;
    let (not_run, rejected) = (&report.run.not_run, &report.run.order.rejected);
    let lines = not_run.iter().map(|not_run| {
        let rule = report.rules.rules.get(not_run.rule as usize);
        format!("{}: {}", rule.map_or("?", |rule| rule.name.as_str()), not_run.reason)
    });
    list("Rules that did not run", not_run.len(), lines, page, out)?;
    list("Rule files that were rejected", rejected.len(), rejected.iter().cloned(), page, out)
}

fn verdict(ledger: &Ledger) -> (&'static str, Style) {
    match (ledger.interrupted, ledger.gaps()) {
        (true, _) => ("INTERRUPTED, not all evidence was read", Style::Bad),
        (false, 0) => ("COMPLETE, all evidence was read", Style::Good),
        (false, _) => ("GAPS, not all evidence could be read", Style::Bad),
    }
}

fn rows(report: &Report<'_>, counts: &Counts) -> Vec<(&'static str, String)> {
    let total = report.ledger.total();
    let gaps = report.ledger.gaps() as u64;
    let mut rows = vec![
        ("Evidence", count(report.ledger.sources.len() as u64, "source", "sources")),
        ("Read", format!("{} in, {} decoded", size(total.read), size(total.decoded))),
        ("Unread", format!("{} in {}", size(total.unread), count(gaps, "gap", "gaps"))),
        ("Integrity", integrity(&report.ledger.sources)),
        ("Records", records(report)),
        ("Hits", hits(counts)),
    ];
    if let (Some(first), Some(last)) = (counts.first, counts.last) {
        rows.push(("First, last", format!("{} to {}", utc(first), utc(last))));
    }
    if !report.ledger.skipped.is_empty() {
        let skipped = report.ledger.skipped.len() as u64;
        rows.push(("Skipped", format!("{}, listed below", count(skipped, "path", "paths"))));
    }
    if report.ledger.untimed > 0 {
        let untimed = count(report.ledger.untimed, "event", "events");
        rows.push(("Untimed", format!("{untimed} without a time took no part in sequences")));
    }
    rows.push(("Rules", rules(report)));
    rows
}

fn integrity(sources: &[SourceAccount]) -> String {
    let of = |kind: Integrity| sources.iter().filter(|source| source.integrity == kind).count();
    [
        (Integrity::Verified, "verified by checksum"),
        (Integrity::NoChecksum, "without checksum"),
        (Integrity::Truncated, "cut short"),
        (Integrity::Mismatch, "DAMAGED"),
    ]
    .iter()
    .filter(|(kind, _)| of(*kind) > 0)
    .map(|(kind, words)| format!("{} {words}", number(of(*kind) as u64)))
    .collect::<Vec<_>>()
    .join(", ")
}

fn records(report: &Report<'_>) -> String {
    let total = report.ledger.total();
    let mut text = format!("{} could match and were tried", number(total.tried));
    if total.tolerated + total.bad > 0 {
        let (damaged, lost) = (number(total.tolerated), number(total.bad));
        text.push_str(&format!("; {damaged} damaged and read all the same, {lost} unreadable"));
    }
    text
}

fn hits(counts: &Counts) -> String {
    let severities = Severity::ALL.iter().rev();
    let by = severities.map(|severity| format!("{} {}", number(counts.severity(*severity)), severity.name()));
    let mut text = format!("{}: {}", number(counts.hits), by.collect::<Vec<_>>().join(", "));
    if counts.untimed > 0 {
        text.push_str(&format!("; {} without a time", number(counts.untimed)));
    }
    text
}

fn rules(report: &Report<'_>) -> String {
    let not_run = report.run.not_run.len();
    let ran = report.rules.rules.len().saturating_sub(not_run);
    let rejected = report.run.order.rejected.len();
    let digest = report.rules.digest();
    format!("{ran} ran, {not_run} not run, {rejected} rejected; rule set {}", &digest[..16])
}

fn time(report: &Report<'_>) -> String {
    let seconds = report.run.elapsed.as_secs_f64();
    let speed = |bytes: u64| match report.run.elapsed.as_millis() {
        0 => "-".to_owned(),
        millis => {
            let per_second = u128::from(bytes) * 1000 / millis;
            format!("{}/s", size(u64::try_from(per_second).unwrap_or(u64::MAX)))
        }
    };
    let total = report.ledger.total();
    let threads = count(report.run.threads as u64, "thread", "threads");
    format!("{seconds:.1} s on {threads}; {} in, {} decoded", speed(total.read), speed(total.decoded))
}

fn edge(
    page: Page,
    left: &str,
    title: &str,
    style: Style,
    right: char,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = page.width.unwrap_or(WIDEST);
    let title = fit(title, width.saturating_sub(left.width() + 2));
    let rule = width.saturating_sub(left.width() + title.width() + 1);
    let mut line = Line::new(page);
    line.add(left, Style::Dim).add(&title, style);
    line.add(&"─".repeat(rule), Style::Dim).add(&right.to_string(), Style::Dim).end(out)
}

fn boxed(page: Page, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let room = page.width.unwrap_or(WIDEST).saturating_sub(LABEL + 6).max(2);
    for (at, part) in wrap(&escape(text), room).iter().enumerate() {
        let mut line = Line::new(page);
        line.add("│ ", Style::Dim).cell(if at == 0 { label } else { "" }, LABEL, Style::Bold);
        line.add(part, Style::Plain).blanks(room.saturating_sub(part.width()) + 1).add("│", Style::Dim);
        line.end(out)?;
    }
    Ok(())
}

fn gaps(ledger: &Ledger, page: Page, out: &mut dyn Write) -> io::Result<()> {
    let all = ledger.sources.iter().flat_map(|source| source.gaps.iter().map(move |gap| (source, gap)));
    list("Gaps", ledger.gaps(), all.map(|(source, gap)| describe(source, gap)), page, out)
}

fn describe(source: &SourceAccount, gap: &Gap) -> String {
    let (start, end) = (gap.bytes.start, gap.bytes.end);
    let mut text = format!("{} bytes {start}..{end}", source.name(gap.entry));
    if let Some(decoded) = gap.decoded {
        let end = decoded.end.map_or_else(|| "?".to_owned(), |end| end.to_string());
        text.push_str(&format!(" (segment {}, decoded {}..{end})", decoded.segment, decoded.start));
    }
    text.push_str(&format!(": {}, {}", gap.reason.name(), gap.detail));
    text
}

/// A titled list; on a page of limited width only the beginning, and then how much is missing.
fn list(
    title: &str,
    total: usize,
    items: impl Iterator<Item = String>,
    page: Page,
    out: &mut dyn Write,
) -> io::Result<()> {
    if total == 0 {
        return Ok(());
    }
    writeln!(out)?;
    Line::new(page).add(&format!("{title} ({})", number(total as u64)), Style::Bold).end(out)?;
    let shown = if page.width.is_some() { SHOWN } else { total };
    for item in items.take(shown) {
        let item = escape(&item);
        let room = page.width.map_or(usize::MAX, |width| width.saturating_sub(4));
        for (at, part) in wrap(&item, room).iter().enumerate() {
            let mut line = Line::new(page);
            line.add(if at == 0 { "  - " } else { "    " }, Style::Plain).add(part, Style::Plain).end(out)?;
        }
    }
    if total > shown {
        let more = format!("  … and {} more; -o DIR writes all of them to ledger.json", total - shown);
        Line::new(page).add(&more, Style::Warning).end(out)?;
    }
    Ok(())
}
