//! Draws what was measured, for people.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{DecimalBytes, HumanDuration};

use crate::bench::{Bound, Cost, Limit, Measured, Stage};
use crate::escape::escape;

/// Cores that the work model is asked about, beyond those there are.
const ON_PAPER: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The whole page.
pub(super) fn draw(measured: &Measured, size: u64) -> String {
    let mut page = String::new();
    page += &machine(measured);
    page += &stages(measured);
    page += &roofline(measured);
    page += &model(measured);
    page += &forecast(measured, size);
    page
}

fn machine(measured: &Measured) -> String {
    let (machine, volume) = (&measured.machine, &measured.volume);
    let digest = machine.executable.get(..16).unwrap_or(&machine.executable);
    format!(
        "coldtrail {} ({digest}) on {}, {} cores, {} of memory, Linux {}, load {:.2}\n\
         {} files, {} on disk, {} decoded in {} pieces, {} candidates, {} hits\n\n",
        machine.version,
        escape(&machine.cpu),
        machine.cores,
        DecimalBytes(machine.memory),
        escape(&machine.kernel),
        machine.load,
        volume.files,
        DecimalBytes(volume.encoded),
        DecimalBytes(volume.decoded),
        volume.pieces,
        volume.candidates,
        volume.hits,
    )
}

fn stages(measured: &Measured) -> String {
    let mut table = format!(
        "{:<26} {:>7} {:>9} {:>9} {:>14} {:>14} {:>8}\n",
        "stage", "threads", "wall s", "CPU s", "decoded/s", "on disk/s", "x floor"
    );
    let threads = measured.rows.last().map_or(1, |row| row.threads);
    let mut row = |name: &str, threads: usize, cost: Cost, decoded: bool| {
        let Cost { wall, cpu } = cost;
        let decodes = |text: String| if decoded { text } else { "-".to_owned() };
        let times = decodes(format!("{:.2}", cpu / measured.floor().max(f64::MIN_POSITIVE)));
        let plain = decodes(rate(measured.volume.decoded, wall));
        let written = writeln!(
            table,
            "{name:<26} {threads:>7} {wall:>9.3} {cpu:>9.3} {plain:>14} {:>14} {times:>8}",
            rate(measured.volume.encoded, wall)
        );
        written.expect("a string takes it");
    };
    row("read, cold cache", 1, measured.disk.cold, false);
    row("read, warm cache", 1, measured.disk.warm, false);
    for one in &measured.rows {
        row(name(one.stage), one.threads, one.cost, true);
    }
    row("whole hunt, cold cache", threads, measured.cold_hunt, true);
    table += "x floor: CPU time, times that of bare decompression on one thread\n\n";
    table
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Decode => "bare decompression",
        Stage::Prefilter => "+ prefilter",
        Stage::Parse => "+ parse of candidates",
        Stage::Evaluate => "+ evaluation",
        Stage::Hunt => "whole hunt",
    }
}

fn roofline(measured: &Measured) -> String {
    let cores = measured.rows.last().map_or(1, |row| row.threads);
    let mut text = format!("What limits this machine, over these files on {cores} threads:\n");
    let limit = measured.limit(cores).limit;
    for Bound { limit: one, seconds } in measured.bounds(cores) {
        let mark = if one == limit { "  <- the limit" } else { "" };
        let written = writeln!(text, "  {:<62} {seconds:>9.3} s{mark}", bound(one));
        written.expect("a string takes it");
    }
    if let Some(share) = measured.serial_share() {
        let written =
            writeln!(text, "  {:.0} % of the hunt did not speed up with threads (Karp-Flatt)", share * 100.0);
        written.expect("a string takes it");
    }
    text + remedy(limit) + "\n\n"
}

fn bound(limit: Limit) -> &'static str {
    match limit {
        Limit::Disk => "disk: reading the files from front to back",
        Limit::Memory => "memory: every decoded byte written once and read once",
        Limit::Cores => "cores: the hunt on one thread, shared out",
        Limit::LastUnit => "the last unit: the largest piece, decoded by one thread",
    }
}

fn remedy(limit: Limit) -> &'static str {
    match limit {
        Limit::Disk => "The disk is slower than the cores: more cores bring nothing, a faster disk does.",
        Limit::Memory => "Memory is slower than the cores: more cores bring nothing.",
        Limit::Cores => "The cores are the limit: more of them make it faster, until the next bound.",
        Limit::LastUnit => "One piece takes longer than all the rest: smaller frames, or more files at once.",
    }
}

fn model(measured: &Measured) -> String {
    let mut text =
        "The work model (the slowest of the four bounds), also for cores that are not there:\n".to_owned();
    let mut cores: Vec<usize> =
        ON_PAPER.into_iter().chain(measured.rows.iter().map(|row| row.threads)).collect();
    cores.sort_unstable();
    cores.dedup();
    for cores in cores {
        let Bound { limit, seconds } = measured.limit(cores);
        let found = measured.wall(Stage::Hunt, cores);
        let found = found.map_or("on paper".to_owned(), |wall| format!("measured warm {wall:.3} s"));
        let limit = bound(limit).split(':').next().unwrap_or_default();
        let written = writeln!(text, "  {cores:>3} cores {seconds:>9.3} s  {limit:<14} {found}");
        written.expect("a string takes it");
    }
    text + "\n"
}

fn forecast(measured: &Measured, size: u64) -> String {
    let time = |seconds: f64| HumanDuration(Duration::from_secs_f64(seconds.clamp(0.0, 1e12)));
    let size_text = DecimalBytes(size);
    format!(
        "How long for {size_text} like this, cold, on this machine?\n\
         \u{20} {size_text} on disk: {}\n\
         \u{20} {size_text} decoded: {}\n",
        time(measured.seconds_on_disk(size)),
        time(measured.seconds_decoded(size)),
    )
}

/// Bytes a second.
fn rate(bytes: u64, seconds: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    let rate = bytes as f64 / seconds.max(f64::MIN_POSITIVE);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let rate = rate as u64;
    format!("{}/s", DecimalBytes(rate))
}
