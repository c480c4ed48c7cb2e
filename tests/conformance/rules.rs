//! Rule files: each EQL query must compile and print back to itself.

use std::path::Path;

use coldtrail::eql::{Diagnostic, Options, compile, parse};
use coldtrail::event::FieldSet;
use toml::{Table, Value};

use crate::Tally;
use crate::suite::{list, read};

/// Tries every rule below `folder`; those in other languages are passed over.
pub(crate) fn run_folder(folder: &Path) -> Tally {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.sort();
    let mut tally = Tally::default();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let Some(rule) = read(file).ok().and_then(|text| text.parse::<Table>().ok()) else {
            tally.count(&name, Err("is not TOML".to_owned()));
            continue;
        };
        let text = |key: &str| rule.get("rule").and_then(|rule| rule.get(key)).and_then(Value::as_str);
        if let (Some("eql"), Some(query)) = (text("language"), text("query")) {
            tally.count(&name, check(query));
        }
    }
    tally
}

fn check(text: &str) -> Result<(), String> {
    let refused = |problems: Vec<Diagnostic>| format!("{problems:?}");
    let query = parse(text).map_err(refused)?;
    compile(&query, &Options::default(), &mut FieldSet::new()).map_err(refused)?;
    match parse(&query.to_string()) {
        Ok(again) if again == query => Ok(()),
        _ => Err(format!("does not survive printing: {query}")),
    }
}
