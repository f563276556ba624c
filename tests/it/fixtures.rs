//! Each source's own dress: a small delivery as that provider sends it, taken through the door.
//!
//! `tests/fixtures/<source>/` holds files named as the source names them, and `expected.csv` with
//! the rows of each table; a fixture without its counts, or a source without a fixture, is a fault.

use crate::support::{KEY, MORNING, copy, folder, give_key, on, repository};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A project with the repository's facts, and the fixtures in its drop folders.
fn project(sources: &BTreeSet<String>) -> PathBuf {
    let project = folder("fixtures");
    for part in ["pipelines", "schemas", "sql", "seeds"] {
        copy(&repository().join(part), &project.join(part));
    }
    std::fs::copy(repository().join("tertial.toml"), project.join("tertial.toml")).unwrap();
    give_key(&project.join("data/secret/pseudonym.key"), KEY);
    for source in sources {
        let inbox = project.join("data/inbox").join(source);
        copy(&repository().join("tests/fixtures").join(source), &inbox);
        std::fs::remove_file(inbox.join("expected.csv"))
            .unwrap_or_else(|_| panic!("tests/fixtures/{source} has no expected.csv"));
    }
    project
}

fn folders(below: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(repository().join(below)).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_source_is_read_in_its_own_dress() {
    let sources = folders("pipelines");
    let fixtures = folders("tests/fixtures");
    let without: Vec<_> = sources.difference(&fixtures).collect();
    assert!(without.is_empty(), "no tests/fixtures/<source> for {without:?}");
    let project = project(&sources);
    on(&project, &["--quiet", "receive", "--as-of", MORNING]);
    let answer = on(&project, &["--quiet", "load", "--as-of", MORNING, "--format", "json"]);
    let mut found = BTreeSet::new();
    for load in answer.json().as_array().expect("loads") {
        let name = load["delivery"]["original_name"].as_str().unwrap();
        let source = load["delivery"]["source"].as_str().unwrap();
        assert!(
            !load["tables"].as_array().unwrap().is_empty(),
            "{source}/{name} was refused: {}\n{}",
            load["diagnostics"],
            answer.err
        );
        for table in load["tables"].as_array().unwrap() {
            let count = |key: &str| table[key].as_u64().unwrap();
            found.insert(format!(
                "{source}: {name},{},{},{},{},{}",
                table["table"].as_str().unwrap(),
                count("rows_read"),
                count("rows_accepted"),
                count("rows_rejected"),
                count("rows_sum")
            ));
        }
    }
    let mut expected = BTreeSet::new();
    for source in &sources {
        let path = repository().join("tests/fixtures").join(source).join("expected.csv");
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("file,table,rows_read,rows_accepted,rows_rejected,rows_sum"),
            "{source}"
        );
        expected.extend(lines.map(|line| format!("{source}: {line}")));
    }
    let lacking: Vec<_> = expected.difference(&found).collect();
    let unexpected: Vec<_> = found.difference(&expected).collect();
    assert!(
        lacking.is_empty() && unexpected.is_empty(),
        "expected and not found:\n{lacking:#?}\nfound and not expected:\n{unexpected:#?}\n{}",
        answer.err
    );
}
