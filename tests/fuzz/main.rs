//! Runs what cargo-fuzz runs (`fuzz/bodies`) on stable: each body over its seeds and over mutations of them, the
//! same in every run.
//!
//! * `COLDTRAIL_FUZZ_ROUNDS=100000` makes so many mutations for each target instead of a few hundred.
//! * `COLDTRAIL_FUZZ=eql:1234` runs mutation 1234 of one target, and nothing else; `COLDTRAIL_FUZZ=eql:PATH` runs
//!   a file, such as cargo-fuzz leaves behind.

#[path = "../../fuzz/bodies/mod.rs"]
mod bodies;
mod mutation;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bodies::{TARGETS, Target};
use mutation::mutation;

/// How many mutations of each target are tried unless something else is asked for.
const ROUNDS: u64 = 500;

/// No input may take longer, on a machine that has other things to do.
const SLOW: Duration = Duration::from_secs(10);

/// The seeds of a target, in the order of their names.
fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    let seeds: Vec<_> = paths.iter().map(|path| fs::read(path).expect("a seed can be read")).collect();
    assert!(!seeds.is_empty(), "{} holds no seeds", folder.display());
    seeds
}

/// Runs one input; tells how to do it again if the property does not hold.
fn run(target: &Target, input: &[u8], again: &str) {
    let started = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.body)(input)));
    let took = started.elapsed();
    assert!(
        outcome.is_ok() && took < SLOW,
        "{} does not hold, or took long ({took:?}). Again: COLDTRAIL_FUZZ={}:{again} cargo test --test fuzz\n\
         input: b\"{}\"",
        target.name,
        target.name,
        input.escape_ascii(),
    );
}

/// The first so many mutations of each target, which two threads share.
fn run_all(rounds: u64) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let seeds = seeds(target);
            for (seed, number) in seeds.iter().zip(0..) {
                run(target, seed, &format!("fuzz/seeds/{}/ (file {number}, sorted)", target.name));
            }
            (0..rounds).for_each(|number| run(target, &mutation(&seeds, number), &number.to_string()));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}

#[test]
fn every_property_holds_for_seeds_and_mutations_of_them() {
    let variable = |name| std::env::var(name).ok();
    let Some(one) = variable("COLDTRAIL_FUZZ") else {
        let rounds = variable("COLDTRAIL_FUZZ_ROUNDS").map(|rounds| rounds.parse().expect("a number"));
        return run_all(rounds.unwrap_or(ROUNDS));
    };
    let (name, which) = one.split_once(':').expect("TARGET:NUMBER or TARGET:FILE");
    let target = TARGETS.iter().find(|target| target.name == name).expect("the name of a target");
    let input = match which.parse() {
        Ok(number) => mutation(&seeds(target), number),
        Err(_) => fs::read(which).expect("a file"),
    };
    run(target, &input, which);
}

#[test]
fn every_folder_of_seeds_has_its_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for entry in fs::read_dir(folder).expect("there are seeds") {
        let name = entry.expect("the folder can be read").file_name();
        assert!(TARGETS.iter().any(|target| name == target.name), "{} has no target", name.display());
    }
}
