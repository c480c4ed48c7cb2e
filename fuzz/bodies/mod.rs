//! What is fuzzed: properties that hold for any bytes. A body panics where its property does not.
//!
//! cargo-fuzz runs them (`fuzz_targets/property.rs`), and so does a test (`tests/fuzz`). A new target is a file
//! here, its line in [`TARGETS`], and seeds in `fuzz/seeds/NAME/`.

mod container;
mod eql;
mod hunting;
mod inflate;
mod pattern;
mod prefilter;
mod record_splitter;
mod regex;
mod rule_toml;
mod simd_tolerant;
mod tolerant_json;
mod wildcard;

/// Panics if the property does not hold for these bytes.
pub(crate) type Body = fn(&[u8]);

/// A property with its name, which is that of its folder of seeds too.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) body: Body,
}

/// All of them. Containers and codecs share one body and differ in their seeds.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "csv", body: container::check_framing },
    Target { name: "eql", body: eql::check },
    Target { name: "evtx", body: container::check_framing },
    Target { name: "gzip_framing", body: container::check },
    Target { name: "inflate", body: inflate::check },
    Target { name: "json_framing", body: container::check_framing },
    Target { name: "prefilter", body: prefilter::check },
    Target { name: "record_splitter", body: record_splitter::check },
    Target { name: "regex", body: regex::check },
    Target { name: "rule_toml", body: rule_toml::check },
    Target { name: "simd_tolerant", body: simd_tolerant::check },
    Target { name: "tar", body: container::check_framing },
    Target { name: "tolerant_json", body: tolerant_json::check },
    Target { name: "wildcard", body: wildcard::check },
    Target { name: "zip", body: container::check_framing },
    Target { name: "zstd_framing", body: container::check },
];
