//! What figures belong to: this machine and this build.

use std::fs;

use serde::Serialize;

use crate::archive;
use crate::evidence::digest_of_program;

/// A machine and a build. What the system does not tell is `unknown`, or 0.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// As the CPU calls itself.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Bytes of memory.
    pub memory: u64,
    /// Release of the kernel.
    pub kernel: String,
    /// Load average of the last minute, before anything was measured: above 0, other work is in the figures.
    pub load: f64,
    /// coldtrail's version.
    pub version: String,
    /// SHA-256 of the executable.
    pub executable: String,
    /// Name and version of each decoder.
    pub decoders: Vec<(String, String)>,
}

impl Machine {
    /// Asks the system.
    pub(super) fn read() -> Self {
        let decoders = archive::decoders().into_iter();
        Self {
            cpu: value("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: kib("MemTotal").map_or(0, |kib| kib * 1024),
            kernel: line("/proc/sys/kernel/osrelease").unwrap_or_else(unknown),
            load: load().unwrap_or(0.0),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            executable: digest_of_program().unwrap_or_else(unknown),
            decoders: decoders.map(|(name, version)| (name.to_owned(), version)).collect(),
        }
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn line(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// The first `key : value` of a file.
fn value(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.to_owned())
}

/// `MemTotal:       24689652 kB`
fn kib(key: &str) -> Option<u64> {
    value("/proc/meminfo", key)?.strip_suffix(" kB")?.parse().ok()
}

fn load() -> Option<f64> {
    line("/proc/loadavg")?.split(' ').next()?.parse().ok()
}
