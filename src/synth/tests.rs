use std::collections::BTreeSet;
use std::io::Read;
use std::num::NonZeroUsize;

use serde_json::Value;

use super::*;

const MIB: u64 = 1 << 20;

fn options() -> Options {
    Options {
        size: MIB,
        hits: 15,
        near_misses: 26,
        seed: 1,
        hours: 72,
        codec: Codec::None,
        framing: Framing::Single,
        level: 3,
    }
}

/// The encoded corpus, the truth file and the totals.
fn written(options: &Options) -> (Vec<u8>, Vec<Value>, Totals) {
    let (mut output, mut truth) = (Vec::new(), Vec::new());
    let totals = write(options, &mut output, &mut truth).unwrap();
    let lines = truth.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    (output, lines.map(|line| serde_json::from_slice(line).unwrap()).collect(), totals)
}

fn decoded(codec: Codec, encoded: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match codec {
        Codec::Zstd => plain = zstd::decode_all(encoded).unwrap(),
        Codec::Gzip | Codec::Bgzip => {
            flate2::read::MultiGzDecoder::new(encoded).read_to_end(&mut plain).map(drop).unwrap();
        }
        Codec::None => plain = encoded.to_vec(),
    }
    plain
}

fn every(bytes: usize) -> Framing {
    Framing::Every(NonZeroUsize::new(bytes).unwrap())
}

#[test]
fn the_same_options_give_the_same_bytes() {
    assert_eq!(written(&options()), written(&options()));
    assert_ne!(written(&options()).0, written(&Options { seed: 2, ..options() }).0);
}

/// A changed digest means that published measurements no longer describe what `synth` writes.
#[test]
fn the_bytes_are_those_of_every_machine() {
    let (plain, ..) = written(&options());
    assert_eq!(
        blake3::hash(&plain).to_hex().as_str(),
        "a28c216466a9298ff6c3a0831d23e1eb4f32a8c947360ebc2b986a61b06b61eb"
    );
}

#[test]
fn every_container_holds_the_same_bytes() {
    let (plain, truth, totals) = written(&options());
    for codec in [Codec::Zstd, Codec::Gzip, Codec::Bgzip, Codec::None] {
        for framing in [Framing::Single, every(1000), every(64 << 10), every(4 << 20)] {
            let (encoded, its_truth, its_totals) = written(&Options { codec, framing, ..options() });
            assert!(decoded(codec, &encoded) == plain, "{codec:?} {framing:?}");
            assert_eq!(its_truth[..truth.len() - 1], truth[..truth.len() - 1]);
            assert_eq!(its_totals.encoded_bytes, encoded.len() as u64);
            assert_eq!(its_totals.records, totals.records);
        }
    }
}

#[test]
fn frames_are_cut_at_their_size_and_state_it() {
    let (encoded, ..) = written(&Options { codec: Codec::Zstd, framing: every(300_000), ..options() });
    let mut rest = encoded.as_slice();
    let mut sizes = Vec::new();
    while !rest.is_empty() {
        sizes.push(zstd::zstd_safe::get_frame_content_size(rest).unwrap().unwrap());
        rest = &rest[zstd::zstd_safe::find_frame_compressed_size(rest).unwrap()..];
    }
    assert_eq!(sizes, [300_000, 300_000, 300_000, MIB - 900_000]);
}

#[test]
fn counts_are_exact() {
    for (size, hits, near_misses) in [(MIB, 0, 0), (MIB, 1, 0), (MIB, 0, 64), (MIB, 17, 47), (16_384, 1, 0)] {
        let (plain, truth, totals) = written(&Options { size, hits, near_misses, ..options() });
        assert_eq!(plain.len() as u64, size);
        assert_eq!(totals.hits, hits);
        assert_eq!(totals.companion_hits + totals.misses, near_misses);
        assert_eq!(truth.len() as u64, hits + near_misses + 1);
        assert_eq!(totals.records, line_count(&plain));
    }
}

fn line_count(plain: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', plain).count() as u64
}

#[test]
fn too_many_plants_are_refused() {
    let crowded = Options { size: MIB, hits: 60, near_misses: 5, ..options() };
    let refused = write(&crowded, io::sink(), io::sink());
    assert!(matches!(refused, Err(Error::TooSmall { needed: 1_064_960, planted: 65, .. })), "{refused:?}");
}

#[test]
fn records_are_json_of_the_stated_sizes_in_order() {
    let (plain, ..) = written(&options());
    let text = std::str::from_utf8(&plain).unwrap();
    let mut ids = BTreeSet::new();
    let mut last = String::new();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert!((2000..3600).contains(&line.trim_end().len()), "{} bytes: {line}", line.trim_end().len());
        let time = record["@timestamp"].as_str().unwrap().to_owned();
        assert!(time >= last, "{time} after {last}");
        last = time;
        assert!(ids.insert(record["event"]["id"].as_str().unwrap().to_owned()));
        assert_eq!(
            record["process"]["args"].as_array().unwrap().len() as u64,
            record["process"]["args_count"]
        );
    }
    assert!(last.starts_with("2026-03-04T23:"), "{last}");
}

#[test]
fn the_truth_points_at_the_planted_lines() {
    let (plain, truth, _) = written(&options());
    let number = |entry: &Value, key: &str| usize::try_from(entry[key].as_u64().unwrap()).unwrap();
    for entry in &truth[..truth.len() - 1] {
        let (offset, length) = (number(entry, "offset"), number(entry, "length"));
        assert_eq!(plain[offset + length], b'\n');
        assert_eq!(line_count(&plain[..offset]) + 1, entry["line"].as_u64().unwrap());
        let record: Value = serde_json::from_slice(&plain[offset..offset + length]).unwrap();
        assert_eq!(record["event"]["id"], entry["event.id"]);
        assert_eq!(record["@timestamp"], entry["@timestamp"]);
    }
}

/// The two rules once more, written down without the engine they test.
fn verdict(record: &Value) -> Verdict {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let process = &record["process"];
    let nested = text(&process["parent"]["name"]);
    let parent = if nested.is_empty() { text(&record["process.parent.name"]) } else { nested };
    let starts = record["event"]["type"].as_array().unwrap().iter().any(|kind| kind == "start");
    let windows = record["host"]["os"]["type"] == "windows";
    if !(windows && starts && parent.eq_ignore_ascii_case("ScreenConnect.Service.exe")) {
        return Verdict::Miss;
    }
    let shells = ["cmd.exe", "powershell.exe", "pwsh.exe", "powershell_ise.exe", "csc.exe"];
    let originals = ["cmd.exe", "powershell.exe", "pwsh.dll", "powershell_ise.exe"];
    let (name, original) = (text(&process["name"]), text(&process["pe"]["original_file_name"]));
    if shells.iter().any(|shell| name.eq_ignore_ascii_case(shell)) || originals.contains(&original.as_str()) {
        Verdict::Hit
    } else if originals.iter().any(|it| original.eq_ignore_ascii_case(it)) {
        Verdict::CompanionHit
    } else {
        Verdict::Miss
    }
}

#[test]
fn only_the_planted_hits_are_hits() {
    let (plain, truth, _) = written(&options());
    let planted = |wanted: &str| -> Vec<Value> {
        let chosen = truth.iter().filter(|entry| entry["verdict"] == wanted);
        chosen.map(|entry| entry["event.id"].clone()).collect()
    };
    let records: Vec<Value> = std::str::from_utf8(&plain)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let found = |wanted| -> Vec<Value> {
        let chosen = records.iter().filter(|record| verdict(record) == wanted);
        chosen.map(|record| record["event"]["id"].clone()).collect()
    };
    assert_eq!(found(Verdict::Hit), planted("hit"));
    assert_eq!(found(Verdict::CompanionHit), planted("companion_hit"));
}

#[test]
fn some_hits_hide_their_parent_from_a_plain_search() {
    let (plain, truth, _) = written(&options());
    let hidden = truth.iter().filter(|entry| {
        let variant = entry["variant"].as_str().unwrap_or_default();
        matches!(variant, "escaped_initial" | "escaped_throughout")
    });
    for entry in hidden {
        let offset = usize::try_from(entry["offset"].as_u64().unwrap()).unwrap();
        let line = plain[offset..].split(|&byte| byte == b'\n').next().unwrap();
        let name = line.to_ascii_lowercase();
        assert!(memchr::memmem::find(&name, br#""name":"screenconnect.service.exe""#).is_none());
    }
}

#[test]
fn it_compresses_as_real_telemetry_does() {
    let (.., totals) =
        written(&Options { size: 16 * MIB, codec: Codec::Zstd, framing: every(4 << 20), ..options() });
    assert!((5.0..15.0).contains(&totals.ratio), "{}", totals.ratio);
}
