//! The outer forms: event queries, sequences, samples, pipes.

use std::time::Duration;

use super::{Level, Parsed, Parser, Reported};
use crate::eql::ast::{
    Body, Category, EventFilter, Field, Item, KeyedFilter, Pipe, Query, SampleQuery, SequenceQuery,
};
use crate::eql::diagnostic::Diagnostic;
use crate::eql::lexer::Token;
use crate::eql::span::{Span, Spanned};

/// Elasticsearch repeats an item no more often than this.
const MAX_RUNS: u32 = 100;

/// Items of a sequence and filters of a sample, at most.
const MAX_ITEMS: usize = 256;

/// Units of time in milliseconds.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Other query languages' pipes, which Elasticsearch's EQL refuses too.
const FOREIGN_PIPES: [&str; 5] = ["count", "filter", "sort", "unique", "unique_count"];

impl<'t> Parser<'t> {
    pub(super) fn query(&mut self) -> Parsed<Query> {
        let start = self.span();
        let body = if self.take_word("sequence") {
            Body::Sequence(self.sequence(start)?)
        } else if self.take_word("sample") {
            Body::Sample(self.sample(start)?)
        } else {
            Body::Event(self.event_filter()?)
        };
        let pipes = self.pipes(&body)?;
        if *self.peek() != Token::End {
            return Err(self.unexpected("the end of the query"));
        }
        Ok(Query { body, pipes })
    }

    fn event_filter(&mut self) -> Parsed<EventFilter> {
        let category = match self.peek() {
            Token::Word("any") => Category::Any,
            // `Sequence` is no category but a slip; a category of that name can be quoted.
            Token::Word(name) if !super::is_keyword(&name.to_ascii_lowercase()) => {
                Category::Named((*name).to_owned())
            }
            Token::Text(name) => Category::Named(name.clone()),
            _ => return Err(self.unexpected("an event category, `any`, `sequence` or `sample`")),
        };
        self.advance();
        if !self.take_word("where") {
            return Err(self.unexpected("`where` after the event category"));
        }
        let condition = self.condition()?;
        Ok(EventFilter { category, condition })
    }

    fn sequence(&mut self, start: Span) -> Parsed<SequenceQuery> {
        let mut by = self.keys()?;
        let maxspan = self.maxspan()?;
        if by.is_empty() {
            by = self.keys()?;
        }
        let (mut items, mut broken) = (Vec::new(), false);
        while self.is_symbol("[") || self.is_symbol("!") {
            match self.item() {
                Ok(item) => items.push(item),
                Err(Reported) => broken = true,
            }
        }
        let until = if self.take_word("until") { Some(self.keyed_filter()?) } else { None };
        if !broken {
            self.check_sequence(start, &items, maxspan);
            let keyed = items.iter().map(|item| &item.filter).chain(&until);
            self.check_keys(keyed);
        }
        Ok(SequenceQuery { by, maxspan, items, until })
    }

    fn item(&mut self) -> Parsed<Item> {
        let missing = self.take_symbol("!");
        let filter = self.keyed_filter()?;
        let runs = self.runs()?;
        Ok(Item { filter, runs, missing })
    }

    fn sample(&mut self, start: Span) -> Parsed<SampleQuery> {
        let by = self.keys()?;
        let (mut filters, mut broken) = (Vec::new(), false);
        while self.is_symbol("[") {
            match self.keyed_filter() {
                Ok(filter) => filters.push(filter),
                Err(Reported) => broken = true,
            }
        }
        for (symbol, what) in [("!", "missing events"), ("until", "`until`"), ("with", "`with`")] {
            if self.is_symbol(symbol) || self.is_word(symbol) {
                let problem =
                    Diagnostic::new(format!("samples have no {what}"), self.span(), "not in a sample");
                return Err(self.report(problem.with_help("use a `sequence`")));
            }
        }
        if !broken && filters.len() < 2 {
            let problem = Diagnostic::new("a sample needs two filters or more", self.since(start), "too few");
            self.report(problem.with_help("write `sample by key [category where …] [category where …]`"));
        }
        if !broken && by.is_empty() && filters.first().is_some_and(|filter| filter.by.is_empty()) {
            let problem = Diagnostic::new("a sample needs a join key", start, "no key");
            self.report(problem.with_help("write `sample by host.id …`"));
        }
        self.check_keys(filters.iter());
        Ok(SampleQuery { by, filters })
    }

    /// `[category where condition] by key, key`; on an error, goes on behind the bracket.
    fn keyed_filter(&mut self) -> Parsed<KeyedFilter> {
        let start = self.span();
        self.expect_symbol("[", "before an item")?;
        let event = match self
            .event_filter()
            .and_then(|event| self.expect_symbol("]", "after the item").map(|()| event))
        {
            Ok(event) => event,
            Err(Reported) => {
                self.skip_item();
                return Err(Reported);
            }
        };
        let event = Spanned::new(event, self.since(start));
        let by = self.keys()?;
        Ok(KeyedFilter { event, by })
    }

    /// To behind the `]` that ends this item, its keys and its runs.
    fn skip_item(&mut self) {
        while !matches!(self.peek(), Token::End | Token::Symbol("]")) {
            self.advance();
        }
        while !matches!(self.peek(), Token::End | Token::Symbol("[" | "!" | "|") | Token::Word("until")) {
            self.advance();
        }
    }

    /// `by key, key`, or nothing.
    fn keys(&mut self) -> Parsed<Vec<Spanned<Field>>> {
        let mut keys = Vec::new();
        if self.take_word("by") {
            loop {
                keys.push(self.field()?);
                if !self.take_symbol(",") {
                    break;
                }
            }
        }
        Ok(keys)
    }

    /// `with maxspan=5m`, or nothing.
    fn maxspan(&mut self) -> Parsed<Option<Duration>> {
        if !self.take_word("with") {
            return Ok(None);
        }
        if !self.take_word("maxspan") {
            return Err(self.unexpected("`maxspan` after `with`"));
        }
        self.expect_symbol("=", "after `maxspan`")?;
        let start = self.span();
        let Token::Number(number) = *self.peek() else { return Err(self.unexpected("a time such as 5m")) };
        self.advance();
        let unit = match *self.peek() {
            Token::Word(unit) if self.span().start == start.end => {
                self.advance();
                unit
            }
            _ => "",
        };
        let span = self.since(start);
        let Some((_, millis)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let problem =
                Diagnostic::new("this time has no unit that EQL knows", span, "unit missing or unknown");
            return Err(self.report(problem.with_help("the units are ms, s, m, h and d: write 5m")));
        };
        let length =
            number.parse::<u64>().ok().and_then(|count| count.checked_mul(*millis)).filter(|ms| *ms > 0);
        match length {
            Some(millis) => Ok(Some(Duration::from_millis(millis))),
            None => Err(self.report(Diagnostic::new(
                "maxspan is a whole number above zero",
                span,
                "not such a number",
            ))),
        }
    }

    /// `with runs=3`, or nothing.
    fn runs(&mut self) -> Parsed<u32> {
        if !self.take_word("with") {
            return Ok(1);
        }
        if self.is_word("maxspan") {
            let help = "write `sequence by … with maxspan=… [item] …`";
            let problem =
                Diagnostic::new("maxspan belongs to the sequence, not to an item", self.span(), "here");
            return Err(self.report(problem.with_help(help)));
        }
        if !self.take_word("runs") {
            return Err(self.unexpected("`runs` after `with`"));
        }
        self.expect_symbol("=", "after `runs`")?;
        let Token::Number(number) = *self.peek() else { return Err(self.unexpected("a whole number")) };
        let span = self.span();
        self.advance();
        match number.parse() {
            Ok(runs) if (1..=MAX_RUNS).contains(&runs) => Ok(runs),
            _ => {
                let message = format!("runs is a whole number from 1 to {MAX_RUNS}");
                Err(self.report(Diagnostic::new(message, span, "not such a number")))
            }
        }
    }

    fn check_sequence(&mut self, start: Span, items: &[Item], maxspan: Option<Duration>) {
        let span = self.since(start);
        let events: u32 = items.iter().map(|item| item.runs).sum();
        if events < 2 {
            let problem = Diagnostic::new("a sequence needs two items or more", span, "too few");
            self.report(problem.with_help("write `sequence [category where …] [category where …]`"));
        } else if items.iter().all(|item| item.missing) {
            self.report(Diagnostic::new(
                "a sequence needs an event that is there",
                span,
                "all are missing events",
            ));
        }
        if maxspan.is_none()
            && let Some(missing) = items.iter().find(|item| item.missing)
        {
            let problem = Diagnostic::new(
                "a missing event needs a maxspan",
                missing.filter.event.span,
                "missing for how long?",
            );
            self.report(problem.with_help("write `sequence with maxspan=1m …`"));
        }
    }

    /// All items have as many keys as the first, and there are not too many.
    fn check_keys<'a>(&mut self, filters: impl Iterator<Item = &'a KeyedFilter>) {
        let mut expected = None;
        for (index, filter) in filters.enumerate() {
            if index == MAX_ITEMS {
                let message = format!("there are more than {MAX_ITEMS} items");
                self.report(Diagnostic::new(message, filter.event.span, "one too many"));
            }
            let expected = *expected.get_or_insert(filter.by.len());
            if filter.by.len() != expected {
                let found = filter.by.len();
                let message =
                    format!("all items need as many join keys as the first: {expected}, not {found}");
                self.report(Diagnostic::new(message, filter.event.span, "another number of keys"));
            }
        }
    }

    fn pipes(&mut self, body: &Body) -> Parsed<Vec<Spanned<Pipe>>> {
        let mut pipes = Vec::new();
        while self.is_symbol("|") {
            let start = self.span();
            self.advance();
            let pipe = self.pipe()?;
            pipes.push(Spanned::new(pipe, self.since(start)));
        }
        if let (Body::Sample(_), Some(first)) = (body, pipes.first()) {
            let problem = Diagnostic::new("samples have no pipes", first.span, "not after a sample");
            return Err(self.report(problem));
        }
        Ok(pipes)
    }

    fn pipe(&mut self) -> Parsed<Pipe> {
        let pipe = match *self.peek() {
            Token::Word("head") => Pipe::Head,
            Token::Word("tail") => Pipe::Tail,
            Token::Word(name) if FOREIGN_PIPES.contains(&name) => {
                let problem =
                    Diagnostic::new(format!("the pipe `{name}` is not supported"), self.span(), "here");
                return Err(self.report(problem.with_help("there are `head n` and `tail n`")));
            }
            _ => return Err(self.unexpected("`head` or `tail` after `|`")),
        };
        self.advance();
        match self.peek() {
            Token::Number(number) => match number.parse() {
                Ok(count) => {
                    self.advance();
                    Ok(pipe(count))
                }
                Err(_) => Err(self.unexpected("a whole number")),
            },
            _ => Err(self.unexpected("how many to keep")),
        }
    }

    /// A whole condition.
    fn condition(&mut self) -> Parsed<crate::eql::ast::Expr> {
        self.expression(Level::Or).map(|tall| tall.expr)
    }
}
