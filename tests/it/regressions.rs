//! Inputs that once did harm, and the fuzzers' corpus: every reader comes to an end over each of them.

use crate::door::Agreement;
use crate::support::repository;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tertial_model::pipeline::{FixedColumn, Format};
use tertial_read::ReadOptions;

const FORMATS: [(&str, Format); 12] = [
    ("csv", Format::Csv),
    ("sie", Format::Sie),
    ("json_stat", Format::JsonStat),
    ("px", Format::Px),
    ("xlsx", Format::Xlsx),
    ("", Format::Fixed),
    ("", Format::Kolada),
    ("", Format::Paxml),
    ("", Format::Smhi),
    ("", Format::Socialstyrelsen),
    ("", Format::Json),
    ("", Format::Parquet),
];

fn inputs(kind: &str, target: &str) -> Vec<PathBuf> {
    let folder = repository().join("tests/fuzz").join(kind).join(target);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// A workbook of the fuzzers is the XML of its parts, parted by zero bytes.
fn unfolded(target: &str, bytes: Vec<u8>) -> Vec<u8> {
    if target != "xlsx" || bytes.starts_with(b"PK") || bytes.starts_with(b"\xD0\xCF") {
        return bytes;
    }
    let mut pieces = bytes.splitn(3, |byte| *byte == 0).map(<[u8]>::to_vec);
    let mut piece = || pieces.next().unwrap_or_default();
    crate::mutation::deliveries::pack_workbook(piece(), piece(), piece())
}

#[test]
fn every_reader_ends_over_what_the_fuzzers_found() {
    let mut replayed = 0;
    for (target, _) in FORMATS.iter().filter(|(target, _)| !target.is_empty()) {
        for kind in ["corpus", "regressions"] {
            for path in inputs(kind, target) {
                let bytes = unfolded(target, std::fs::read(&path).unwrap());
                for (_, format) in FORMATS {
                    let column = FixedColumn { heading: "a".to_owned(), start: 1, width: None };
                    let options =
                        ReadOptions { columns: vec![column], ..ReadOptions::new(format, "fil") };
                    let begin = Instant::now();
                    Agreement::of(options).take(bytes.clone());
                    let spent = begin.elapsed();
                    assert!(spent < Duration::from_secs(5), "{}: {spent:?}", path.display());
                }
                replayed += 1;
            }
        }
    }
    assert!(replayed >= 30, "only {replayed} inputs were found");
}

/// What the hostile ones must be told as.
#[test]
fn hostile_files_are_refused_with_the_right_code() {
    let refused = [
        ("xlsx", "texts_without_number", "T0103"),
        ("xlsx", "row_numbers_that_collide", "T0103"),
        ("json_stat", "position_twice", "T0103"),
        ("json_stat", "bare_line_end_in_a_text", "T0103"),
    ];
    for (target, name, code) in refused {
        let path = repository().join("tests/fuzz/regressions").join(target).join(name);
        let bytes = unfolded(target, std::fs::read(&path).unwrap());
        let format = FORMATS.iter().find(|(known, _)| *known == target).unwrap().1;
        let taken = Agreement::of(ReadOptions::new(format, "fil")).take(bytes);
        let told = taken.refused.first().unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(told.code.name(), code, "{name}: {told}");
    }
}
