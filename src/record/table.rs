//! Rows to JSON objects: the columns that a header names.

use serde_json::{Map, Value};

/// The columns of a table whose rows are records.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<String>,
    layout: Layout,
}

#[derive(Clone, Copy, Debug)]
enum Layout {
    /// Rows are JSON arrays.
    Json,
    /// Rows are delimited by this byte.
    Csv(u8),
}

impl Table {
    /// The table that the beginning of an object with `columns` describes; `opened` ends where the rows
    /// begin. Elasticsearch names columns `name`, Log Analytics too.
    pub(super) fn of_columns(opened: &[u8]) -> Option<Self> {
        let object: Value = serde_json::from_slice(&[opened, b"null}"].concat()).ok()?;
        let columns = object.get("columns")?.as_array()?;
        let name = |column: &Value| {
            let name = column.get("name").or_else(|| column.get("ColumnName")).unwrap_or(column);
            name.as_str().map(str::to_owned)
        };
        let columns: Option<Vec<String>> = columns.iter().map(name).collect();
        Some(Self { columns: columns?, layout: Layout::Json })
    }

    /// The table that a CSV header describes.
    pub(super) fn of_header(header: &[u8], delimiter: u8) -> Self {
        Self { columns: cells(header, delimiter), layout: Layout::Csv(delimiter) }
    }

    /// A row as a JSON object: a member a column, those without a value left out. `None` if it is no row: no
    /// array, or one that does not fit the columns, as when the values of a *column* stand side by side.
    #[must_use]
    pub fn object(&self, row: &[u8]) -> Option<Vec<u8>> {
        let values: Vec<Value> = match self.layout {
            Layout::Json => serde_json::from_slice(row)
                .ok()
                .filter(|values: &Vec<Value>| values.len() == self.columns.len())?,
            Layout::Csv(delimiter) => {
                cells(row, delimiter).into_iter().map(|cell| cell_value(&cell)).collect()
            }
        };
        let members = self.columns.iter().zip(values).filter(|(_, value)| !value.is_null());
        let object: Map<String, Value> = members.map(|(column, value)| (column.clone(), value)).collect();
        serde_json::to_vec(&object).ok()
    }
}

fn cells(row: &[u8], delimiter: u8) -> Vec<String> {
    let row = row.strip_prefix(b"\xef\xbb\xbf").unwrap_or(row);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(row);
    let mut record = csv::ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(),
        _ => Vec::new(),
    }
}

/// What a cell holds: nothing if it is empty or Kibana's `-`.
fn cell_value(cell: &str) -> Value {
    if matches!(cell, "" | "-" | "(empty)") {
        return Value::Null;
    }
    if let Some(time) = kibana_time(cell) {
        return Value::String(time);
    }
    // Kibana guards against spreadsheets with an apostrophe.
    let guarded = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    Value::String(guarded.unwrap_or(cell).to_owned())
}

/// `Nov 14, 2019 @ 17:10:15.151`, which Kibana writes in the zone of its settings, as ISO 8601 without one.
fn kibana_time(cell: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (date, time) = cell.split_once(" @ ")?;
    let (month, rest) = date.split_once(' ')?;
    let (day, year) = rest.split_once(", ")?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let (day, year): (u8, u16) = (day.parse().ok()?, year.parse().ok()?);
    Some(format!("{year:04}-{month:02}-{day:02}T{time}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(row: &str) -> String {
        let table = Table::of_header(b"\xef\xbb\xbf\"@timestamp\",process.name,args\r\n", b',');
        String::from_utf8(table.object(row.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_csv_row_becomes_an_object() {
        for (row, object) in [
            (
                "\"Nov 14, 2019 @ 17:10:15.151\",cmd.exe,-",
                r#"{"@timestamp":"2019-11-14T17:10:15.151","process.name":"cmd.exe"}"#,
            ),
            ("x,\"a\"\"b\nc\",'=1", "{\"@timestamp\":\"x\",\"process.name\":\"a\\\"b\\nc\",\"args\":\"=1\"}"),
            ("x", r#"{"@timestamp":"x"}"#),
            (",,,,too,many", "{}"),
        ] {
            assert_eq!(csv(row), object, "{row}");
        }
    }

    #[test]
    fn a_row_of_values_becomes_an_object() {
        let table = Table::of_columns(br#"{"columns":[{"name":"a.b"},{"name":"c"}],"values":"#).unwrap();
        assert_eq!(table.object(br#"["x",null]"#).as_deref(), Some(&br#"{"a.b":"x"}"#[..]));
        assert_eq!(table.object(b"[broken"), None);
    }
}
