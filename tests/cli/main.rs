//! Runs the binary on files and reads what it prints, as users do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;
mod bounds;
mod containers;
mod corpus;
mod damage;
mod determinism;
mod environment;
mod evidence;
mod exact;
mod exit_codes;
mod heads;
mod hostile_rules;
mod inner;
mod json;
mod nests;
mod output;
mod prefilter;
mod resume;
mod rules;
mod sequences;
mod sources;
mod support;
mod verify;
mod zips;
