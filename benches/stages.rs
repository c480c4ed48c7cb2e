//! The stages of a hunt, each alone, over the same frame: bytes a second.
//!
//!     cargo bench --bench stages

use coldtrail::archive::{self, Extent, Tools};
use coldtrail::eql::{self, Filter, Search};
use coldtrail::event::{Event, FieldSet, Reader, Reading};
use coldtrail::prefilter::{Needle, Prefilter};
use coldtrail::rule::RuleSet;
use coldtrail::synth;
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// Hits and near misses planted in [`records`].
const PLANTED: u64 = 16;

/// 4 MiB of process events.
fn records() -> Vec<u8> {
    encoded(synth::Codec::None)
}

fn encoded(codec: synth::Codec) -> Vec<u8> {
    let options = synth::Options {
        size: 4 << 20,
        hits: PLANTED / 2,
        near_misses: PLANTED / 2,
        seed: 1,
        hours: 72,
        codec,
        framing: synth::Framing::Single,
        level: codec.default_level(),
    };
    let mut out = Vec::new();
    synth::write(&options, &mut out, std::io::sink()).expect("memory takes it");
    out
}

#[divan::bench(args = [synth::Codec::Zstd, synth::Codec::Gzip])]
fn decode(bencher: Bencher<'_, '_>, codec: synth::Codec) {
    let archive = encoded(codec);
    let decoder = archive::sniff(&archive).expect("a known codec");
    let mut out = vec![0; 4 << 20];
    if let Extent::Known { decoded: Some(decoded), .. } = decoder.extent(&archive, u64::MAX) {
        assert_eq!(decoded, out.len() as u64);
    }
    let mut tools = Tools::default();
    bencher
        .counter(BytesCount::of_slice(&out.clone()))
        .bench_local(|| decoder.decode(&archive, &mut out, &mut tools));
}

#[divan::bench(args = [1, 20, 300])]
fn prefilter(bencher: Bencher<'_, '_>, needles: usize) {
    let records = records();
    let names = (1..needles).map(|number| format!("absent-tool-{number}.exe"));
    let needles: Vec<Needle> =
        names.chain(["ScreenConnect.Service.exe".to_owned()]).filter_map(|name| Needle::of(&name)).collect();
    let prefilter = Prefilter::any_of(&needles);
    bencher.counter(BytesCount::of_slice(&records)).bench_local(|| {
        let (mut at, mut found) = (0, 0);
        while let Some(candidate) = prefilter.find(&records, at) {
            found += 1;
            at = candidate + 1;
        }
        assert!(found > 0);
        found
    });
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let records = records();
    let mut fields = FieldSet::new();
    compile(&mut fields);
    let (mut reader, mut event) = (Reader::default(), Event::new(&fields));
    bencher.counter(BytesCount::of_slice(&records)).bench_local(|| {
        let lines = records.split(|byte| *byte == b'\n').filter(|line| line.ends_with(b"}"));
        lines.filter(|line| reader.read(line, &fields, &mut event) == Reading::Parsed).count()
    });
}

#[divan::bench]
fn evaluate(bencher: Bencher<'_, '_>) {
    let records = records();
    let mut fields = FieldSet::new();
    let filters = compile(&mut fields);
    let mut reader = Reader::default();
    let events: Vec<Event> = records
        .split(|byte| *byte == b'\n')
        .map(|line| {
            let mut event = Event::new(&fields);
            reader.read(line, &fields, &mut event);
            event
        })
        .collect();
    bencher.counter(BytesCount::of_slice(&records)).bench_local(|| {
        events.iter().filter(|event| filters.iter().any(|filter| filter.matches(event))).count()
    });
}

fn compile(fields: &mut FieldSet) -> Vec<Filter> {
    let rules = RuleSet::bundled().rules;
    let queries = rules.iter().filter_map(|rule| rule.eql());
    queries
        .map(|text| {
            let query = eql::parse(text).expect("bundled rules parse");
            let program =
                eql::compile(&query, &eql::Options::default(), fields).expect("bundled rules compile");
            match program.search {
                Search::Event(filter) => filter,
                Search::Sequence(_) | Search::Sample(_) => panic!("bundled rules look for single events"),
            }
        })
        .collect()
}
