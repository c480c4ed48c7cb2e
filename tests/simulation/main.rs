//! Simulated hunts: evidence of any kind, nested and damaged at random, in which each hit has an id and knows
//! which bytes it needs. One seed is one run.
//!
//! * `COLDTRAIL_SEED=123` runs one seed, and nothing else.
//! * `COLDTRAIL_SEEDS=1000` runs so many, from 0; `COLDTRAIL_SEEDS=5000..6000` runs these.

mod archive;
#[cfg(debug_assertions)]
mod canary;
mod codec;
mod dice;
mod evidence;
mod hunting;
mod record;
mod text;
mod world;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use dice::Dice;
use evidence::Evidence;
use hunting::{Catch, Way, check_command, hunt_through};

/// How many seeds run unless something else is asked for.
const SEEDS: u64 = 1_000;

/// The command is run for one in so many seeds; the library for all.
const COMMANDS: u64 = 20;

/// Runs one seed.
fn run(seed: u64, dice: &mut Dice, evidence: &Evidence, folder: &Path) {
    let path = folder.join("evidence");
    std::fs::write(&path, &evidence.bytes).expect("the folder takes files");
    let caught = hunt_through(&path, Way::PLAIN);
    check_catch(&caught, evidence);
    for way in [Way::any(dice), Way::any(dice)] {
        let again = hunt_through(&path, way);
        // What does not fit into the memory of this way is read by no other with as little.
        let caught = if again.lacks_memory() { &hunt_through(&path, way.plain()) } else { &caught };
        assert_eq!(caught.hits, again.hits, "{way:?}");
        // Without the prefilter more records are tried, and more of them bad.
        if way.is_filtered {
            assert_eq!(format!("{:#?}", caught.source), format!("{:#?}", again.source), "{way:?}");
        }
    }
    if seed.is_multiple_of(COMMANDS) {
        check_command(&path, &caught);
    }
}

/// What can be reached is found, once; nothing is invented; nothing goes missing unnoticed.
fn check_catch(caught: &Catch, evidence: &Evidence) {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    caught.ids().into_iter().for_each(|id| *found.entry(id).or_default() += 1);
    let (mut lost, mut damaged) = (Vec::new(), 0);
    for planted in &evidence.planted {
        let count = found.remove(&planted.id).unwrap_or(0);
        if planted.is_sure {
            assert_eq!(count, 1, "{} is found so often\n{:#?}", planted.id, caught.source);
        }
        damaged += usize::from(!planted.is_sure);
        if count == 0 {
            lost.push(&planted.id);
        }
    }
    assert!(evidence.is_silent || lost.is_empty() || !caught.is_complete, "no gap tells of {lost:?}");
    assert!(found.len() <= damaged, "nobody planted {found:?}");
    if !evidence.is_damaged {
        assert!(caught.is_complete, "sound evidence has no gaps: {:#?}", caught.source);
    }
}

/// Runs one seed in a folder of its own, which stays if something does not hold.
fn run_seed(seed: u64) {
    let mut dice = Dice::new(seed);
    let evidence = world::evidence(&mut dice);
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = catch_unwind(AssertUnwindSafe(|| run(seed, &mut dice, &evidence, folder.path())));
    if outcome.is_err() {
        let folder = folder.keep();
        let story = evidence.story.join("\n  ");
        panic!(
            "seed {seed} does not hold. Again: COLDTRAIL_SEED={seed} cargo test --test simulation\n  {story}\n  \
             kept in {}",
            folder.display()
        );
    }
}

fn asked_for() -> Range<u64> {
    let number = |text: &str| text.parse().expect("a number");
    let variable = |name| std::env::var(name).ok();
    match (variable("COLDTRAIL_SEED"), variable("COLDTRAIL_SEEDS")) {
        (Some(seed), _) => number(&seed)..number(&seed) + 1,
        (None, None) => 0..SEEDS,
        (None, Some(seeds)) => match seeds.split_once("..") {
            Some((first, end)) => number(first)..number(end),
            None => 0..number(&seeds),
        },
    }
}

#[test]
fn whatever_can_be_reached_is_found() {
    let failed: Vec<u64> = asked_for().filter(|seed| catch_unwind(|| run_seed(*seed)).is_err()).collect();
    assert!(failed.is_empty(), "these seeds do not hold: {failed:?}");
}
