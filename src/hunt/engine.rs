//! All rules of a hunt as one machine: prefilter, fields, verdicts.

use crate::eql::{self, Diagnostic, Filter, Search};
use crate::event::{Document, Documents, Event, FieldSet, Flags, Reader, Reading, Sources, event_time};
use crate::prefilter::{Needle, Prefilter, best_clause};
use crate::record::{Location, is_blank};
use crate::rule::{Rule, RuleSet};
use crate::timeline::{Hit, Member};

use super::unit::Found;

/// Whether records are thrown out before they are parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filtering {
    /// Those that cannot match.
    Prefilter,
    /// None.
    ParseEverything,
}

/// A rule's query that does not compile.
#[derive(Debug)]
pub struct BadQuery {
    /// Index of the rule in its set.
    pub rule: usize,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// The rules, compiled together.
#[derive(Debug)]
pub struct Engine {
    fields: FieldSet,
    sources: Sources,
    documents: Documents,
    filters: Vec<(u32, Filter)>,
    not_run: Vec<(u32, &'static str)>,
    prefilter: Prefilter,
}

/// What a worker needs to examine records; kept from record to record.
#[derive(Debug)]
pub struct Examiner {
    reader: Reader,
    event: Event,
}

impl Engine {
    /// Compiles the EQL rules of `rules`; those of other languages are left out.
    ///
    /// # Errors
    /// Every query that does not compile.
    pub fn new(
        rules: &RuleSet,
        filtering: Filtering,
        documents: Documents,
    ) -> Result<Self, Vec<BadQuery>> {
        let mut engine = Self {
            fields: FieldSet::new(),
            sources: Sources::new(&mut FieldSet::new()),
            documents,
            filters: Vec::new(),
            not_run: Vec::new(),
            prefilter: Prefilter::off(),
        };
        let (mut needles, mut bad) = (Some(Vec::new()), Vec::new());
        for (index, rule) in rules.rules.iter().enumerate() {
            let Some(text) = rule.eql() else { continue };
            match engine.add(index, rule, text) {
                Ok(of_rule) => needles = needles.zip(of_rule).map(|(all, more)| [all, more].concat()),
                Err(diagnostics) => bad.push(BadQuery { rule: index, diagnostics }),
            }
        }
        if !bad.is_empty() {
            return Err(bad);
        }
        engine.sources = Sources::new(&mut engine.fields);
        if let (Filtering::Prefilter, Some(mut needles)) = (filtering, needles) {
            needles.sort_unstable();
            needles.dedup();
            engine.prefilter = Prefilter::any_of(&needles);
        }
        Ok(engine)
    }

    /// Adds one rule; the needles of which a matching record holds at least one, if it has such.
    fn add(&mut self, index: usize, rule: &Rule, text: &str) -> Result<Option<Vec<Needle>>, Vec<Diagnostic>> {
        let query = eql::parse(text)?;
        let mut options = eql::Options::default();
        if let Some(field) = &rule.event_category_override {
            options.category_field.clone_from(field);
        }
        let program = eql::compile(&query, &options, &mut self.fields)?;
        let index = u32::try_from(index).expect("fewer than 2^32 rules");
        match program.search {
            Search::Event(filter) => self.filters.push((index, filter)),
            Search::Sequence(_) => self.not_run.push((index, "sequences are not run yet")),
            Search::Sample(_) => self.not_run.push((index, "samples are not run yet")),
        }
        Ok(best_clause(&eql::requirement(&query)))
    }

    /// An examiner for one worker.
    #[must_use]
    pub fn examiner(&self) -> Examiner {
        Examiner { reader: Reader::default(), event: Event::new(&self.fields) }
    }

    /// The prefilter of these rules.
    #[must_use]
    pub fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// The rules that are EQL and do not run, with the reason.
    #[must_use]
    pub fn not_run(&self) -> &[(u32, &'static str)] {
        &self.not_run
    }

    /// Tries every rule on one record, if the prefilter lets it through.
    pub(super) fn examine(
        &self,
        examiner: &mut Examiner,
        record: &[u8],
        location: Location,
        flags: Flags,
        found: &mut Found,
    ) {
        if is_blank(record) || self.prefilter.find(record, 0).is_none() {
            return;
        }
        found.tally.tried += 1;
        match examiner.reader.read(record, &self.fields, &mut examiner.event) {
            Reading::Parsed => found.tally.parsed += 1,
            Reading::Tolerated => found.tally.tolerated += 1,
            Reading::Bad => {
                found.tally.bad += 1;
                found.bad.push(location);
                return;
            }
        }
        self.sources.normalise(record, &self.fields, self.documents, &mut examiner.event);
        for (rule, filter) in &self.filters {
            if filter.matches(&examiner.event) {
                found.tally.hits += 1;
                found.hits.push(hit(*rule, record, location, flags, self.documents));
            }
        }
    }
}

fn hit(rule: u32, record: &[u8], location: Location, mut flags: Flags, documents: Documents) -> Hit {
    let document = Document::read_with(record, documents);
    let (time, time_flags) = event_time(&document);
    flags.insert(document.flags);
    flags.insert(time_flags);
    let member = Member { location, original: record.to_vec(), flags };
    Hit { time, rule, members: vec![member], join_keys: Vec::new() }
}
