//! Tells by a few fields that no filter can match.

use super::candidates::Candidates;
use super::filter::Filter;
use super::index::{Index, Lookup, is_of_kind};
use crate::event::{Event, FieldSet, Sources};

/// What most filters demand is a kind of event: a category, a type, an operating system. Most records of a log
/// are of other kinds, and are not worth reading whole.
#[derive(Debug)]
pub struct Glance {
    fields: FieldSet,
    index: Index,
    relaxed: Vec<Filter>,
}

impl Glance {
    /// For `filters`, which were compiled with `fields`; `None` if no event can rule out all of them.
    #[must_use]
    pub fn new(filters: &[&Filter], fields: &FieldSet) -> Option<Self> {
        let seen: Vec<bool> = fields.names().map(is_of_kind).collect();
        let index = Index::over(filters, fields, &seen);
        let relaxed = filters.iter().map(|filter| filter.relaxed(&seen)).collect();
        let fields = fields.only(|name| is_of_kind(name) || Sources::names_documents(name));
        index.can_rule_out_all().then_some(Self { fields, index, relaxed })
    }

    /// What must be read for it, with the ids of the whole set.
    #[must_use]
    pub fn fields(&self) -> &FieldSet {
        &self.fields
    }

    /// Whether no filter can match an event which has these values in [`Glance::fields`], and into which no
    /// others will be derived.
    pub fn rules_out_all(&self, event: &Event, candidates: &mut Candidates, lookup: &mut Lookup) -> bool {
        self.index.candidates(event, candidates, lookup);
        !candidates.iter().any(|filter| self.relaxed[filter].matches(event))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Search, compile, parse};
    use super::*;
    use crate::event::Reader;

    const QUERIES: [&str; 7] = [
        r#"process where event.type == "start" and process.name : "a""#,
        r#"any where (event.category == "process" and event.action like "load*") or event.type == "end""#,
        r#"file where event.type != "deletion" and not (event.action == "x" and file.name : "b")"#,
        r#"file where not (file.name == null or not event.action : "y*")"#,
        r#"process where event.type : "s*" and length(process.name) > 1"#,
        r#"process where not event.outcome == "failure" and not process.name == "a" and event.kind != null"#,
        r#"registry where event.type == "change" or registry.value == "z""#,
    ];

    fn values(field: &str) -> Vec<String> {
        let values: &[&str] = match field {
            "category" => &["\"process\"", "\"file\"", "[\"registry\",\"FILE\"]"],
            "type" => &["\"start\"", "\"END\"", "[\"change\",\"info\"]", "3"],
            "action" => &["\"loaded\"", "\"x\"", "\"y1\"", "null"],
            _ => &["\"failure\"", "true"],
        };
        let pairs = values.iter().map(|value| format!("\"{field}\":{value}"));
        pairs.chain([format!("\"other_{field}\":1")]).collect()
    }

    #[test]
    fn an_event_that_some_filter_matches_is_never_ruled_out() {
        let mut fields = FieldSet::new();
        let mut filters = Vec::new();
        for query in QUERIES {
            match compile(&parse(query).unwrap(), &Options::default(), &mut fields).unwrap().search {
                Search::Event(filter) => filters.push(filter),
                other => panic!("{other:?}"),
            }
        }
        let sets: Vec<Vec<&Filter>> =
            filters.iter().map(|filter| vec![filter]).chain([filters.iter().collect()]).collect();
        let (mut event, mut ruled_out) = (Event::new(&fields), 0);
        for (category, kind) in pairs("category", "type") {
            for (action, outcome) in pairs("action", "outcome") {
                for rest in
                    ["\"process\":{\"name\":\"a\"}", "\"file\":{\"name\":\"b\"}", "\"registry.value\":\"z\""]
                {
                    let record = format!("{{\"event\":{{{category},{kind},{action},{outcome}}},{rest}}}");
                    for set in &sets {
                        let Some(glance) = Glance::new(set, &fields) else { continue };
                        let mut candidates = Candidates::new(set.len());
                        Reader::default().read(record.as_bytes(), glance.fields(), &mut event);
                        if glance.rules_out_all(&event, &mut candidates, &mut Lookup::default()) {
                            ruled_out += 1;
                            Reader::default().read(record.as_bytes(), &fields, &mut event);
                            assert!(!set.iter().any(|filter| filter.matches(&event)), "{record}");
                        }
                    }
                }
            }
        }
        assert!(ruled_out > 500, "{ruled_out}");
    }

    fn pairs(one: &str, other: &str) -> Vec<(String, String)> {
        let others = values(other);
        values(one).iter().flat_map(|one| others.iter().map(|other| (one.clone(), other.clone()))).collect()
    }
}
