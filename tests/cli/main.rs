//! Runs the binary on files and reads what it prints, as users do.

mod bounds;
mod containers;
mod corpus;
mod damage;
mod determinism;
mod evidence;
mod exit_codes;
mod output;
mod prefilter;
mod rules;
mod sequences;
mod support;
