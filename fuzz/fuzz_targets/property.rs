//! The one program that cargo-fuzz builds; `COLDTRAIL_FUZZ_TARGET` says which of the bodies it runs.

#![no_main]

#[path = "../bodies/mod.rs"]
mod bodies;

use std::sync::LazyLock;

use bodies::{Body, TARGETS};

static BODY: LazyLock<Body> = LazyLock::new(|| {
    let name = std::env::var("COLDTRAIL_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|target| target.name == name);
    let names = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>();
    found.unwrap_or_else(|| panic!("COLDTRAIL_FUZZ_TARGET is one of {:?}", names())).body
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| BODY(data));
