//! Each indicator's query on rows written by hand, with answers worked out by hand:
//! `tests/indicators/<indicator>.toml`.

use crate::support::repository;
use crate::workbench::{Facts, Given, stems};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::BTreeSet;
use tertial_model::Decimal;
use tertial_warehouse::Rows;

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// Rows given and rows expected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows.
    name: String,
    /// The periods compared; all when empty.
    #[serde(default)]
    periods: BTreeSet<String>,
    /// Rows of the answer as CSV.
    expected: String,
    /// Rows of the tables below.
    given: Given,
}

#[test]
fn every_query_has_cases() {
    let cases = stems("tests/indicators", "toml");
    let models = Facts::get().graph.models.iter();
    let queries: BTreeSet<String> = models
        .filter_map(|model| model.name.strip_prefix("indicator.").map(str::to_owned))
        .collect();
    let without: Vec<&String> = queries.difference(&cases).collect();
    assert!(without.is_empty(), "no tests/indicators/<indicator>.toml for {without:?}");
    let orphans: Vec<&String> = cases.difference(&queries).collect();
    assert!(orphans.is_empty(), "cases of no query: {orphans:?}");
}

#[test]
fn queries_give_what_was_worked_out_by_hand() {
    let faults: Vec<String> =
        stems("tests/indicators", "toml").par_iter().flat_map(|indicator| run(indicator)).collect();
    assert!(faults.is_empty(), "{} cases differ\n\n{}", faults.len(), faults.join("\n\n"));
}

fn run(indicator: &str) -> Vec<String> {
    let path = repository().join(format!("tests/indicators/{indicator}.toml"));
    let text = std::fs::read_to_string(&path).expect("cases");
    let file: File =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!file.case.is_empty(), "{} has no case", path.display());
    let query = format!("indicator.{indicator}");
    file.case
        .iter()
        .filter_map(|case| {
            let answer = Facts::get().answer(&query, &case.given);
            let (headings, expected) = expected(case);
            let found = found(&answer, &headings, &case.periods);
            (expected != found).then(|| {
                format!(
                    "{indicator}, {}\n  {}\n  expected\n    {}\n  found\n    {}",
                    case.name,
                    headings.join(","),
                    expected.join("\n    "),
                    found.join("\n    ")
                )
            })
        })
        .collect()
}

/// The headings and the rows in a comparable form, sorted.
fn expected(case: &Case) -> (Vec<String>, Vec<String>) {
    let mut reader = csv::ReaderBuilder::new().from_reader(case.expected.trim_start().as_bytes());
    let headings: Vec<String> =
        reader.headers().expect("headings").iter().map(str::to_owned).collect();
    for needed in ["unit_id", "period", "sex", "breakdown", "numerator", "denominator"] {
        assert!(headings.iter().any(|heading| heading == needed), "{}: {needed}", case.name);
    }
    let mut rows: Vec<String> = reader
        .records()
        .map(|row| {
            let row = row.unwrap_or_else(|error| panic!("{}: {error}", case.name));
            row.iter().map(comparable).collect::<Vec<_>>().join(",")
        })
        .collect();
    rows.sort();
    (headings, rows)
}

fn found(answer: &Rows, headings: &[String], periods: &BTreeSet<String>) -> Vec<String> {
    let period = answer.position("period").expect("a period");
    let mut rows: Vec<String> = (0..answer.rows.len())
        .filter(|&at| {
            let found = answer.rows[at][period].text().unwrap_or_default();
            periods.is_empty() || periods.contains(&found)
        })
        .map(|at| {
            let cells = headings.iter().map(|heading| {
                assert!(answer.position(heading).is_some(), "the answer has no `{heading}`");
                comparable(&answer.get(at, heading).text().unwrap_or_default())
            });
            cells.collect::<Vec<_>>().join(",")
        })
        .collect();
    rows.sort();
    rows
}

/// A number without trailing zeros; periods and codes as they are.
fn comparable(text: &str) -> String {
    match Decimal::parse(text).filter(|_| text.contains('.')) {
        Some(number) => number.normalized().to_string(),
        None => text.to_owned(),
    }
}
