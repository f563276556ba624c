//! Sample files for the tests: read where they lie beside the repository, skipped where they do not.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// One row of a CSV file, by heading.
pub(crate) type Row = BTreeMap<String, String>;

/// The rows of `shared/<path>` beside the repository, or none (with a note) when it is not there.
pub(crate) fn rows(path: &str) -> Option<Vec<Row>> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared", path].iter().collect();
    if !file.exists() {
        println!("skipped: no sample file {}", file.display());
        return None;
    }
    let mut reader = csv::Reader::from_path(&file).expect("a readable sample");
    let headings = reader.headers().expect("headings").clone();
    let rows = reader.records().map(|record| {
        let record = record.expect("a sound sample row");
        let cells = record.iter().map(str::to_owned);
        headings.iter().map(str::to_owned).zip(cells).collect()
    });
    Some(rows.collect())
}

/// The rows of a table of the project that this repository is.
pub(crate) fn project_rows(path: &str) -> Vec<Row> {
    let text = project_text(path).expect("a table of the project");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let row = |record: csv::StringRecord| {
        headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.expect("a sound row"))).collect()
}

/// The text of a file of the project, none when it is not there.
pub(crate) fn project_text(path: &str) -> Option<String> {
    let file: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../..", path].iter().collect();
    std::fs::read_to_string(file).ok()
}

/// The rows of a file of `shared/samples/spc`.
pub(crate) fn spc(name: &str) -> Option<Vec<Row>> {
    rows(&format!("samples/spc/{name}.csv"))
}

/// A cell as a number; none when it is empty.
pub(crate) fn number(row: &Row, heading: &str) -> Option<f64> {
    row[heading].trim().parse().ok()
}

/// Fails unless both agree within an absolute and relative tolerance.
#[track_caller]
pub(crate) fn close(found: f64, expected: f64, tolerance: f64) {
    let distance = (found - expected).abs();
    assert!(
        distance <= tolerance * expected.abs().max(1.0),
        "found {found}, expected {expected} (distance {distance:e})"
    );
}
