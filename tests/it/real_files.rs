//! Files that nobody here wrote, in a project with nothing but a pipeline that names the reader.

use crate::support::{MORNING, folder, on, samples};
use std::path::{Path, PathBuf};

/// A project with one pipeline that names a reader and a drop folder.
fn project(name: &str, format: &str, files: &[PathBuf], patterns: &[&str]) -> PathBuf {
    let project = folder(name);
    std::fs::write(project.join("tertial.toml"), "[region]\nname = \"Region\"\n").unwrap();
    let pipeline = project.join("pipelines/sample");
    std::fs::create_dir_all(&pipeline).unwrap();
    let kinds: String = patterns
        .iter()
        .map(|pattern| format!("\n[[file]]\npattern = \"{pattern}\"\nformat = \"{format}\"\n"))
        .collect();
    std::fs::write(pipeline.join("pipeline.toml"), format!("name = \"sample\"\n{kinds}")).unwrap();
    let inbox = project.join("data/inbox/sample");
    std::fs::create_dir_all(&inbox).unwrap();
    for file in files {
        std::fs::copy(file, inbox.join(file.file_name().unwrap())).unwrap();
    }
    project
}

fn files(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| wanted(&path.file_name().unwrap().to_string_lossy()))
        .collect();
    found.sort();
    found
}

fn ask(project: &Path, query: &str) -> serde_json::Value {
    on(project, &["sql", "--warehouse", "--format", "json", query]).ended(0).json()
}

#[test]
fn every_sie_file_is_loaded_or_refused_with_a_reason() {
    let Some(samples) = samples() else { return };
    let all = files(&samples.join("sie"), &|_| true);
    let project = project(
        "sie",
        "sie",
        &all,
        &["{scope}.SE", "{scope}.se", "{scope}.SI", "{scope}.si", "{scope}.sie"],
    );
    on(&project, &["--quiet", "run", "--as-of", MORNING]).ended(1);
    let golden = std::fs::read_to_string(samples.join("golden/sie_counts.csv")).unwrap();
    let deliveries = ask(&project, "select original_name, delivery_id, state from meta.deliveries");
    let rows = deliveries.as_array().unwrap();
    assert_eq!(rows.len(), all.len(), "every file is a delivery");
    let counts = ask(
        &project,
        "select d.original_name as name, \
         (select count(*) from raw.sample__transactions t where t._delivery = d.delivery_id) as trans, \
         (select count(*) from raw.sample__vouchers v where v._delivery = d.delivery_id) as ver, \
         (select count(*) from raw.sample__accounts a where a._delivery = d.delivery_id) as konto, \
         d.state from meta.deliveries d",
    );
    let mut compared = 0;
    for line in golden.lines().skip(1) {
        let fields: Vec<&str> = line.split(';').collect();
        let (name, kind) = (fields[0], fields[3]);
        let row = counts.as_array().unwrap().iter().find(|row| row["name"] == name);
        let row = row.unwrap_or_else(|| panic!("{name} was not received"));
        if kind != "SIE" {
            assert_eq!(row["state"], "refused", "{name} is no SIE 1–4 file");
            continue;
        }
        if row["state"] == "refused" {
            // Only a file with something broken in it may be refused.
            let reasons = ask(
                &project,
                &format!(
                    "select g.code from meta.diagnostics g join meta.deliveries d using (delivery_id) where d.original_name = '{name}'"
                ),
            );
            assert!(!reasons.as_array().unwrap().is_empty(), "{name} is refused without a reason");
            continue;
        }
        let number = |at: usize| fields[at].parse::<i64>().unwrap();
        let (konto, ver, trans, unreadable) = (number(4), number(15), number(16), number(18));
        assert_eq!(row["konto"].as_i64(), Some(konto), "{name}: accounts");
        assert_eq!(row["ver"].as_i64(), Some(ver), "{name}: vouchers");
        if unreadable == 0 {
            assert_eq!(row["trans"].as_i64(), Some(trans), "{name}: rows");
        }
        compared += 1;
    }
    assert!(compared > 60, "only {compared} files could be compared");
    let wrong = ask(
        &project,
        "select count(*) as n from meta.deliveries where rows_read <> rows_accepted + rows_rejected + rows_sum",
    );
    assert_eq!(wrong[0]["n"], 0);
}

#[test]
fn scb_cubes_answer_a_query() {
    let Some(samples) = samples() else { return };
    let cubes = files(&samples.join("scb"), &|name| name == "tab4242_data_2024_v2.json");
    let project = project("scb", "json_stat", &cubes, &["{scope}.json"]);
    on(&project, &["--quiet", "run", "--as-of", MORNING]);
    let rows = ask(
        &project,
        "select count(*) as n, count(value) as filled, count(status) as marked from raw.sample",
    );
    assert_eq!(
        (
            rows[0]["n"].as_i64(),
            rows[0]["n"].as_i64().unwrap() - rows[0]["filled"].as_i64().unwrap()
        ),
        (Some(22 * 13), 33)
    );
    assert_eq!(rows[0]["marked"], 33);
}

#[test]
fn kolada_answers_a_query() {
    let Some(samples) = samples() else { return };
    let answers = files(&samples.join("kolada"), &|name| name.starts_with("data_"));
    let project = project("kolada", "kolada", &answers, &["{scope}.json"]);
    on(&project, &["--quiet", "run", "--as-of", MORNING]);
    let rows = ask(&project, "select kpi, count(*) as n from raw.sample group by all order by all");
    let kpis: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["kpi"].as_str().unwrap()).collect();
    assert!(kpis.contains(&"N00945") && kpis.contains(&"N03702"), "{kpis:?}");
}

#[test]
fn socialstyrelsens_workbooks_and_table_answer_a_query() {
    let Some(samples) = samples() else { return };
    let folder = samples.join("socialstyrelsen");
    let books = files(&folder, &|name| name.ends_with(".xlsx"));
    let first = project("sos-xlsx", "xlsx", &books, &["{scope}.xlsx"]);
    on(&first, &["--quiet", "run", "--as-of", MORNING]);
    let loaded = ask(
        &first,
        "select count(*) as n from meta.deliveries where state = 'loaded' and rows_accepted > 10",
    );
    assert_eq!(loaded[0]["n"], 3);
    let table = files(&folder, &|name| name.ends_with(".csv"));
    let second = project("sos-csv", "csv", &table, &["{scope}.csv"]);
    on(&second, &["--quiet", "run", "--as-of", MORNING]);
    let lines = std::fs::read_to_string(&table[0]).unwrap().lines().count() as i64 - 1;
    assert_eq!(ask(&second, "select count(*) as n from raw.sample")[0]["n"], lines);
}
