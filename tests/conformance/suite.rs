//! Finds the files of a suite and what belongs together.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::data::Data;
use crate::{Tally, folds, run};

/// The data of suites that have none of their own name, as Elasticsearch's `DataLoader` has it.
const MAIN_DATA: [&str; 3] = ["test-data", "endgame-140", "events"];

/// One query and what it must return.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) query: String,
    /// Any of these is right.
    pub(crate) expected: Vec<Vec<i64>>,
    pub(crate) join_keys: Option<Vec<String>>,
    /// No more results than this.
    pub(crate) size: Option<usize>,
}

/// Runs every suite below `folder`.
pub(crate) fn run_folder(folder: &Path) -> Tally {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.sort();
    let mut tally = Tally::default();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".eql") && name.contains("supported") {
            tally.add(folds::run_texts(file, &name));
        } else if name.ends_with(".toml") {
            match read(file).as_deref().map(str::parse::<Table>) {
                Ok(Ok(table)) => tally.add(run_table(&name, &table, &files)),
                _ => tally.count(&name, Err("is not TOML".to_owned())),
            }
        }
    }
    tally
}

fn run_table(name: &str, table: &Table, files: &[PathBuf]) -> Tally {
    let mut tally = Tally::default();
    let Some(queries) = table.get("queries").and_then(Value::as_array) else {
        return folds::run_table(name, table);
    };
    let data = match data_of(name, files) {
        Ok(data) => data,
        Err(why) => {
            tally.count(name, Err(why));
            return tally;
        }
    };
    for query in queries {
        match case(query) {
            Some(case) => tally.count(&format!("{name} {}", case.name), run::check(&case, &data)),
            None => tally.count(name, Err(format!("cannot read {query}"))),
        }
    }
    tally
}

fn case(query: &Value) -> Option<Case> {
    let text = |key: &str| query.get(key).and_then(Value::as_str).map(str::to_owned);
    let ids = |list: &[Value]| list.iter().map(Value::as_integer).collect::<Option<Vec<i64>>>();
    let expected = query.get("expected_event_ids")?.as_array()?;
    let expected = match expected.first() {
        Some(Value::Array(_)) => expected.iter().map(|list| ids(list.as_array()?)).collect::<Option<_>>()?,
        _ => vec![ids(expected)?],
    };
    let join_keys = query.get("join_keys").and_then(Value::as_array);
    let join_keys = join_keys.map(|keys| keys.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let size = query.get("size").and_then(Value::as_integer).and_then(|size| usize::try_from(size).ok());
    Some(Case { name: text("name")?, query: text("query")?, expected, join_keys, size })
}

/// The data and the mappings that a suite is about: those of its name, `sample1` and `sample2` both
/// being of the name `sample`, or else the main ones.
fn data_of(suite: &str, files: &[PathBuf]) -> Result<Data, String> {
    let name = suite.trim_end_matches(".toml").replace('_', "-");
    let name = name.trim_start_matches("additional-").trim_start_matches("test-");
    let own = [name, name.trim_start_matches("queries-")];
    let main = MAIN_DATA.as_slice();
    for names in [own.as_slice(), main] {
        let named = |extensions: &[&str]| {
            let belongs = |file: &&PathBuf| {
                extensions.contains(&extension(file)) && names.contains(&stem(file).as_str())
            };
            files.iter().filter(belongs).cloned().collect::<Vec<_>>()
        };
        let (data, mappings) = (named(&["data", "json", "ndjson"]), named(&["mapping"]));
        if !data.is_empty() {
            return Data::read(&data, &mappings);
        }
    }
    Err("there is no data for it".to_owned())
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// `sample` of `sample1.data`; `endgame-140` keeps its number.
fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
    if stem.ends_with("-140") { stem } else { stem.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned() }
}

/// All files below `folder`.
pub(crate) fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        if path.is_dir() { list(&path, files) } else { files.push(path) }
    }
}

/// A file as text.
pub(crate) fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}
