//! Corpora that are made for the bench and deleted after it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Hits of the bundled rule that are planted in each corpus.
pub(crate) const HITS: usize = 40;

/// One corpus.
pub(crate) struct Corpus {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// How many hits the bundled rules have in it.
    pub(crate) expected: usize,
}

impl Corpus {
    /// Makes `name` in `folder` with `coldtrail synth`.
    pub(crate) fn make(folder: &Path, name: &str, options: &[&str]) -> Self {
        let path = folder.join(name);
        let status = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
            .args(["synth", "--hits", &HITS.to_string(), "--near-misses", "120"])
            .args(options)
            .arg("--output")
            .arg(&path)
            .stderr(Stdio::null())
            .status()
            .expect("coldtrail runs");
        assert!(status.success(), "the corpus {name} is made");
        let truth =
            fs::read_to_string(path.with_file_name(format!("{name}.truth.jsonl"))).expect("its truth file");
        let planted = |verdict: &str| truth.matches(&format!("\"verdict\":\"{verdict}\"")).count();
        let expected = planted("hit") + planted("companion_hit");
        assert_eq!(planted("hit"), HITS);
        Self { path, expected }
    }

    /// Peak memory of a hunt over it, in MiB, as the kernel tells in `/proc` while it runs.
    pub(crate) fn peak_mib(&self) -> f64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_coldtrail"))
            .args(["hunt", "--progress", "never"])
            .arg(&self.path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("coldtrail runs");
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0.0_f64;
        while child.try_wait().expect("the child is ours").is_none() {
            let kib = fs::read_to_string(&status).ok().and_then(|text| {
                let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
                line.trim().strip_suffix(" kB")?.parse::<f64>().ok()
            });
            peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        peak
    }
}
