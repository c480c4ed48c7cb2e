//! Case folders whose files cannot get their names. They get them by raw system calls, which no library can fail; a
//! folder in the way stands for that.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::{EIO, EXACT, Lab};

/// Puts a folder where a file is to be.
fn block(path: &Path) {
    drop(fs::remove_file(path));
    fs::create_dir_all(path.join("in the way")).unwrap();
}

fn coldtrail(args: &[&str], case: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coldtrail")).args(args).arg(case).output().unwrap()
}

#[test]
fn a_file_that_cannot_get_its_name_is_told_and_the_hunt_can_go_on() {
    let lab = Lab::new();
    let whole = lab.hunt(("none", 0, 0), "");
    assert!(!whole.has_journal, "a report is there");
    for name in whole.files.keys() {
        drop(fs::remove_dir_all(lab.case()));
        block(&lab.case().join(name));
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
        command.args(["hunt", "-f", "jsonl", "--force", "-o"]).arg(lab.case());
        let output = command.arg(lab.folder.path().join("evidence")).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{stderr}");
        assert!(stderr.contains(&format!("{name} cannot be written")), "{stderr}");
        assert!(lab.case().join("journal").exists(), "{name}: there is no report");
        for entry in fs::read_dir(lab.case()).unwrap() {
            let path = entry.unwrap().path();
            let other = path.file_name().unwrap().to_str().unwrap();
            if other == "journal" {
                continue;
            }
            assert!(whole.files.contains_key(other), "{other} is left behind");
            let is_whole =
                other == name || !EXACT.contains(&other) || fs::read(&path).unwrap() == whole.files[other];
            assert!(is_whole, "{other} is not whole");
        }
        fs::remove_dir_all(lab.case().join(name)).unwrap();
        lab.resume(&whole, name);
    }
}

#[test]
fn a_folder_whose_files_are_of_two_reports_has_no_manifest() {
    let lab = Lab::new();
    let whole = lab.hunt(("none", 0, 0), "");
    for name in whole.files.keys().filter(|name| *name != "manifest.json") {
        assert_eq!(lab.hunt(("none", 0, 0), "").exit, Some(0));
        block(&lab.case().join(name));
        let mut command = Command::new(env!("CARGO_BIN_EXE_coldtrail"));
        command.args(["hunt", "--force", "--query", "any where true", "-o"]).arg(lab.case());
        let output = command.arg(lab.folder.path().join("evidence")).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        assert!(!lab.case().join("manifest.json").exists(), "{name}");
        let verdict = coldtrail(&["verify"], &lab.case());
        assert_eq!(verdict.status.code(), Some(2), "{verdict:?}");
        let told = String::from_utf8_lossy(&verdict.stderr);
        assert!(told.contains("its files may be of two hunts"), "{name}: {told}");
    }
}

#[test]
fn no_report_goes_into_evidence_that_the_system_cannot_resolve() {
    let lab = Lab::new();
    let evidence = lab.folder.path().join("evidence");
    for call in ["realpath", "statx"] {
        for at in 1..=30 {
            let mut command = lab.command((call, EIO, at), "evidence");
            command.args(["hunt", "-j2", "-o"]).arg(evidence.join("deeper/case")).arg(&evidence);
            let outcome = lab.run(command, call);
            assert_ne!(outcome.exit, Some(0), "{call} #{at}: {}", outcome.stderr);
            assert!(!evidence.join("deeper/case").exists(), "{call} #{at}: {}", outcome.stderr);
        }
    }
}
