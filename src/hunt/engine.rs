//! All rules of a hunt as one machine: prefilter, fields, verdicts.

use std::sync::Arc;

use crate::eql::{self, Candidates, Diagnostic, Filter, Glance, Index, Lookup, Pipes, Search};
use crate::event::{
    Documents, Event, FieldSet, Flags, Reader, Reading, Sources, Timestamp, assess, event_time,
};
use crate::prefilter::{EitherWidth, Needle, Prefilter, best_clause};
use crate::record::{Location, inner, is_blank};
use crate::rule::{Rule, RuleSet};
use crate::timeline::{Hit, Member};

use super::join::Sighting;
use super::recall::Witness;
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

/// A rule that runs.
#[derive(Debug)]
pub(super) struct Running {
    /// Index of the rule in its set.
    pub(super) rule: u32,
    pub(super) search: Search,
    pub(super) pipes: Pipes,
    needles: Option<Vec<Needle>>,
    /// The number of its first filter.
    first: usize,
}

/// The rules, compiled together.
#[derive(Debug)]
pub struct Engine {
    fields: FieldSet,
    sources: Sources,
    documents: Documents,
    running: Vec<Running>,
    prefilter: Prefilter,
    /// What a record must hold to be counted, where records that cannot match are parsed all the same: the books are
    /// those of a hunt with the prefilter.
    counted: Prefilter,
    /// For chunks of event logs; see [`super::evtx`].
    chunk_prefilter: EitherWidth,
    /// Instead of a prefilter that would let nearly all records through.
    glance: Option<Glance>,
    index: Index,
    /// For each filter of the index, the rule that it belongs to.
    owners: Vec<usize>,
}

/// A record that is to be examined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    /// Its bytes.
    pub(super) record: &'a [u8],
    /// The JSON that it stands for, if it is none itself.
    pub(super) rendered: Option<&'a [u8]>,
    pub(super) location: Location,
    pub(super) flags: Flags,
}

/// What a worker needs to examine records; kept from record to record.
#[derive(Debug)]
pub struct Examiner {
    reader: Reader,
    event: Event,
    candidates: Candidates,
    lookup: Lookup,
    /// How many records are not glanced at.
    unglanced: u32,
}

/// What a glance at a record told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Glanced {
    /// No rule can match it.
    RuledOut,
    /// It must be read whole, and can be read again.
    Seen,
    /// Nothing.
    Not,
}

/// So many records are read without a glance after one that did not pay: records like it follow it.
const UNGLANCED: u32 = 31;

impl Engine {
    /// Compiles the EQL rules of `rules`; those of other languages are left out. `options` hold for every
    /// rule that does not say otherwise itself.
    ///
    /// # Errors
    /// Every query that does not compile.
    pub fn new(rules: &RuleSet, options: &eql::Options, filtering: Filtering) -> Result<Self, Vec<BadQuery>> {
        let mut engine = Self {
            fields: FieldSet::new(),
            sources: Sources::new(&mut FieldSet::new()),
            documents: Documents::AsTheyStand,
            running: Vec::new(),
            prefilter: Prefilter::off(),
            counted: Prefilter::off(),
            chunk_prefilter: EitherWidth::off(),
            glance: None,
            index: Index::default(),
            owners: Vec::new(),
        };
        let mut bad = Vec::new();
        for (index, rule) in rules.rules.iter().enumerate() {
            let Some(text) = rule.eql() else { continue };
            if let Err(diagnostics) = engine.add(index, rule, text, options) {
                bad.push(BadQuery { rule: index, diagnostics });
            }
        }
        if !bad.is_empty() {
            return Err(bad);
        }
        engine.sources = Sources::new(&mut engine.fields);
        engine.build_index();
        engine.build_prefilter();
        match filtering {
            Filtering::Prefilter => engine.build_glance(),
            Filtering::ParseEverything => engine.open_prefilter(),
        }
        Ok(engine)
    }

    /// Says what happens to records that are ECS documents already.
    #[must_use]
    pub fn with_documents(self, documents: Documents) -> Self {
        Self { documents, ..self }
    }

    fn build_index(&mut self) {
        self.index = Index::new(&self.filters(), &self.fields);
        for (rule, running) in self.running.iter_mut().enumerate() {
            running.first = self.owners.len();
            self.owners.extend(running.search.filters().map(|_| rule));
        }
    }

    fn filters(&self) -> Vec<&Filter> {
        self.running.iter().flat_map(|running| running.search.filters()).collect()
    }

    fn build_glance(&mut self) {
        if self.prefilter.is_off() {
            self.glance = Glance::new(&self.filters(), &self.fields);
        }
    }

    /// One rule without needles opens the whole: its records must be parsed.
    fn build_prefilter(&mut self) {
        let clauses: Option<Vec<_>> = self.running.iter().map(|running| running.needles.clone()).collect();
        let Some(mut needles) = clauses.map(|clauses| clauses.concat()) else { return };
        needles.sort_unstable();
        needles.dedup();
        if needles.iter().all(|needle| super::evtx::is_text(needle.bytes())) {
            self.chunk_prefilter = EitherWidth::any_of(&needles);
        }
        self.prefilter = Prefilter::any_of(&needles);
    }

    fn open_prefilter(&mut self) {
        self.counted = std::mem::replace(&mut self.prefilter, Prefilter::off());
        self.chunk_prefilter = EitherWidth::off();
    }

    fn add(
        &mut self,
        index: usize,
        rule: &Rule,
        text: &str,
        options: &eql::Options,
    ) -> Result<(), Vec<Diagnostic>> {
        let query = eql::parse(text)?;
        let program = eql::compile(&query, &options_of(rule, options), &mut self.fields)?;
        let rule = u32::try_from(index).expect("fewer than 2^32 rules");
        let needles = best_clause(&eql::requirement(&query, &options.types));
        self.running.push(Running { rule, search: program.search, pipes: program.pipes, needles, first: 0 });
        Ok(())
    }

    /// An examiner for one worker.
    #[must_use]
    pub fn examiner(&self) -> Examiner {
        Examiner {
            reader: Reader::default(),
            event: Event::new(&self.fields),
            candidates: self.index.candidates_of_none(),
            lookup: Lookup::default(),
            unglanced: 0,
        }
    }

    /// The prefilter of these rules.
    #[must_use]
    pub fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// The prefilter for chunks of Windows event logs.
    pub(super) fn chunk_prefilter(&self) -> &EitherWidth {
        &self.chunk_prefilter
    }

    /// Whether a record is one that the prefilter lets through, or would.
    pub(super) fn counts(&self, record: &[u8]) -> bool {
        self.counted.find(record, 0).is_some()
    }

    /// The rules without a needle, by their index in the set: for their sake every record is parsed.
    pub fn open(&self) -> impl Iterator<Item = u32> {
        self.running.iter().filter(|running| running.needles.is_none()).map(|running| running.rule)
    }

    /// The rules that run; a [`Sighting`] counts in here.
    pub(super) fn running(&self) -> &[Running] {
        &self.running
    }

    fn glance(&self, examiner: &mut Examiner, record: &[u8]) -> Glanced {
        let Some(glance) = &self.glance else { return Glanced::Not };
        if examiner.unglanced > 0 {
            examiner.unglanced -= 1;
            return Glanced::Not;
        }
        let Examiner { reader, event, candidates, lookup, .. } = examiner;
        if !reader.glance(record, glance.fields(), event) || !self.sources.leaves(event, self.documents) {
            examiner.unglanced = UNGLANCED;
            return Glanced::Not;
        }
        if glance.rules_out_all(event, candidates, lookup) { Glanced::RuledOut } else { Glanced::Seen }
    }

    /// The rules that match one record, or of which it can be an event; by their index in the set.
    #[must_use]
    pub fn matching(&self, record: &[u8]) -> Vec<u32> {
        let mut found = Found::default();
        let location = Location { source: 0, entry: 0, segment: 0, offset: 0, length: 0 };
        let candidate = Candidate { record, rendered: None, location, flags: Flags::empty() };
        self.examine(&mut self.examiner(), candidate, &mut found);
        let sighted = found.sightings.iter().map(|sighting| self.running[sighting.running as usize].rule);
        found.hits.iter().map(|hit| hit.rule).chain(sighted).collect()
    }

    /// Tries the rules on `candidate` as one record; how that could be read, if it had to be.
    pub(super) fn examine_one(
        &self,
        examiner: &mut Examiner,
        candidate: Candidate<'_>,
        found: &mut Found,
    ) -> Option<Reading> {
        let Candidate { record, rendered, location, mut flags } = candidate;
        if is_blank(record) {
            return None;
        }
        let json = inner(rendered.unwrap_or(record));
        let glanced = self.glance(examiner, json);
        if glanced == Glanced::RuledOut {
            found.tally.tried += 1;
            found.tally.parsed += 1;
            return None;
        }
        let reading = examiner.read(json, &self.fields, glanced);
        match reading {
            Reading::Parsed => found.tally.parsed += 1,
            Reading::Tolerated => found.tally.tolerated += 1,
            Reading::Bad => {
                found.reject(location);
                return Some(reading);
            }
        }
        found.tally.tried += 1;
        flags.insert(self.sources.normalise(json, &self.fields, self.documents, &mut examiner.event));
        self.index.candidates(&examiner.event, &mut examiner.candidates, &mut examiner.lookup);
        let mut asked = None;
        for index in examiner.candidates.iter().map(|filter| self.owners[filter]) {
            // A sequence has several filters, which follow each other; it is asked once.
            if asked.replace(index) != Some(index) {
                let member = || {
                    let rendered = rendered.map(<[u8]>::to_vec);
                    Member { location, original: record.to_vec(), rendered, flags }
                };
                self.running[index].ask(index, &examiner.event, &examiner.candidates, member, found);
            }
        }
        Some(reading)
    }
}

impl Examiner {
    fn read(&mut self, record: &[u8], fields: &FieldSet, glanced: Glanced) -> Reading {
        if glanced == Glanced::Seen && self.reader.reread(fields, &mut self.event) {
            return Reading::Parsed;
        }
        self.reader.read(record, fields, &mut self.event)
    }
}

impl Running {
    /// Asks the rule about one event.
    fn ask(
        &self,
        index: usize,
        event: &Event,
        candidates: &Candidates,
        member: impl FnOnce() -> Member,
        found: &mut Found,
    ) {
        let may = |filter| candidates.contains(self.first + filter);
        let (matches, time, tiebreak) = match &self.search {
            Search::Event(filter) if !filter.matches(event) => return,
            Search::Event(_) if self.pipes.is_empty() => {
                found.tally.hits += 1;
                found.hits.push(hit(self.rule, member()));
                return;
            }
            Search::Event(_) => (Vec::new(), None, None),
            Search::Sequence(sequence) => {
                let matches = sequence.look(event, may);
                if matches.is_empty() {
                    return;
                }
                (matches, sequence.time(event), sequence.tiebreak(event))
            }
            Search::Sample(sample) => {
                let matches = sample.look(event, may);
                if matches.is_empty() {
                    return;
                }
                (matches, None, None)
            }
        };
        let member = member();
        let time = time.or_else(|| event_time(member.json(), Documents::of(member.flags)));
        let running = u32::try_from(index).expect("fewer than 2^32 rules");
        let witness = Witness::Held(Arc::new(member));
        found.sightings.push(Sighting { running, time, tiebreak, matches, witness });
    }
}

/// What a rule says itself goes before what the command line says.
fn options_of(rule: &Rule, options: &eql::Options) -> eql::Options {
    let mut options = options.clone();
    for (said, option) in [
        (&rule.event_category_override, &mut options.category_field),
        (&rule.timestamp_field, &mut options.timestamp_field),
    ] {
        if let Some(field) = said {
            option.clone_from(field);
        }
    }
    options.tiebreaker_field = rule.tiebreaker_field.clone().or(options.tiebreaker_field);
    options
}

/// A hit of a single event.
pub(super) fn hit(rule: u32, mut member: Member) -> Hit {
    let time = judge(&mut member);
    Hit { time, rule, members: vec![member], join_keys: Vec::new() }
}

/// Says what was wrong with a member's record, and when it was.
pub(super) fn judge(member: &mut Member) -> Option<Timestamp> {
    let (time, flags) = assess(member.json(), Documents::of(member.flags));
    member.flags.insert(flags);
    time
}
