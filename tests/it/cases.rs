//! Cases of queries: rows that are given, and the rows that must come of them.

use crate::support::{demo, demo_copy, on, repository};
use std::path::Path;

const CASE: &str = "sql/tests/measure.it__helpdesk_calls/only_calls_are_counted.toml";
const QUERY: &str = "measure.it__helpdesk_calls";

/// Writes the case with one change.
fn edit(project: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(repository().join(CASE)).unwrap();
    assert!(text.contains(from), "{CASE} holds no `{from}`");
    std::fs::write(project.join(CASE), text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_cases_of_the_repository_hold() {
    let folders = std::fs::read_dir(repository().join("sql/tests")).unwrap().flatten();
    let cases = |folder: std::fs::DirEntry| std::fs::read_dir(folder.path()).unwrap().count();
    let count: usize = folders.map(cases).sum();
    assert!(count >= 4, "only {count} cases");
    let answer = on(demo(), &["test"]).ended(0);
    let mut lines: Vec<&str> = answer.out.lines().collect();
    assert_eq!(lines.pop(), Some(&*format!("{count} cases: {count} equal")));
    assert_eq!(lines.len(), count, "{}", answer.out);
    assert!(lines.iter().all(|line| line.starts_with("ok       ")), "{}", answer.out);
    let one = on(demo(), &["test", "it__helpdesk_calls", "--format", "json"]).ended(0).json();
    let expected = serde_json::json!({
        "cases": [{
            "query": QUERY,
            "case": "only_calls_are_counted",
            "file": CASE,
            "is_equal": true,
            "missing": [],
            "surplus": [],
        }],
        "equal": 1,
        "different": 0,
        "not_tried": 0,
    });
    assert_eq!(one, expected);
}

#[test]
fn an_answer_that_is_another_is_told_row_by_row() {
    let project = demo_copy("cases-differ");
    edit(&project, "2024-05-01,  100,         60", "2024-05-01,  100,         61");
    let answer = on(&project, &["test", QUERY]).ended(1);
    insta::assert_snapshot!(answer.out, @r"
    differs  measure.it__helpdesk_calls/only_calls_are_counted
             month       case_count  first_call_count
    ───────  ──────────  ──────────  ────────────────
    missing  2024-05-01  100         61
    surplus  2024-05-01  100         60
    1 case: 0 equal, 1 different
    ");
    let found = on(&project, &["test", QUERY, "--format", "json"]).ended(1).json();
    assert_eq!(found["different"], 1);
    assert_eq!(found["cases"][0]["missing"][0]["first_call_count"], "61");
    assert_eq!(found["cases"][0]["surplus"][0]["first_call_count"], "60");

    // A query that counts what it should not.
    std::fs::copy(repository().join(CASE), project.join(CASE)).unwrap();
    let query = project.join("sql/measure/it__helpdesk_calls.sql");
    let sql = std::fs::read_to_string(&query).unwrap();
    std::fs::write(&query, sql.replace("channel = 'telephone'", "channel <> 'chat'")).unwrap();
    let answer = on(&project, &["test", QUERY]).ended(1);
    assert!(answer.out.contains("surplus  2024-05-01  130         90"), "{}", answer.out);
}

#[test]
fn a_case_that_cannot_be_tried_is_told_with_its_place() {
    let project = demo_copy("cases-faults");
    let told = || on(&project, &["test", QUERY]).ended(2);
    edit(&project, "case_count, first_call_count\n", "case_count, first_cal_count\n");
    let answer = told();
    assert_eq!(answer.out, "1 case: 0 equal, 1 not tried\n");
    insta::assert_snapshot!(answer.err, @r"
    error[T0503]: `core.helpdesk_cases` has no such column
       --> sql/tests/measure.it__helpdesk_calls/only_calls_are_counted.toml:6:49
        |
      6 | month,       channel,    category,  case_count, first_cal_count
        |                                                 ^^^^^^^^^^^^^^^
        = found:    `first_cal_count`
        = expected: one of `month`, `channel`, `category`, `case_count`, `first_call_count`, `_delivery`, `_row`
        = contract: schemas/core.helpdesk_cases.odcs.yaml
        = effect:   the case is not tried

    hint: did you mean `first_call_count`?
    ");
    edit(&project, "password,  60,         45", "password,  60,         4.5");
    let value = told().err;
    assert!(
        value.contains("[T0502]: the value does not fit the type of `first_call_count`")
            && value.contains("only_calls_are_counted.toml:7:49")
            && value.contains("= found:    `4.5`")
            && value.contains("= expected: bigint, a whole number"),
        "{value}"
    );
    edit(&project, "given.\"core.helpdesk_cases\"", "given.\"core.helpdesk_case\"");
    let table = told().err;
    assert!(
        table.contains("[T0503]: `measure.it__helpdesk_calls` reads no such table")
            && table.contains("only_calls_are_counted.toml:5:")
            && table.contains("= expected: `core.helpdesk_cases`")
            && table.contains("hint: did you mean `core.helpdesk_cases`?"),
        "{table}"
    );
    std::fs::copy(repository().join(CASE), project.join(CASE)).unwrap();
    let folder = project.join("sql/tests/measure.it__helpdesk_call");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(project.join(CASE), folder.join("lost.toml")).unwrap();
    let query = on(&project, &["test"]).ended(2);
    assert!(query.out.contains("ok       measure.it__helpdesk_calls/"), "{}", query.out);
    assert!(
        query.err.contains("[T0503]: there is no query of that name")
            && query.err.contains("= found:    the folder `measure.it__helpdesk_call`")
            && query.err.contains("did you mean `measure.it__helpdesk_calls`"),
        "{}",
        query.err
    );
}

#[test]
fn a_name_that_means_no_case_is_told() {
    let name = on(demo(), &["test", "measure.it__helpdesk_cals"]).ended(2).err;
    assert!(
        name.contains("[T0503]: there is no case and no query of that name")
            && name.contains("hint: did you mean `measure.it__helpdesk_calls`"),
        "{name}"
    );
    let query = on(demo(), &["test", "core.units"]).ended(2).err;
    assert!(
        query.contains("[T0503]: the query has no case")
            && query.contains("hint: write one as `sql/tests/core.units/<what it shows>.toml`"),
        "{query}"
    );
}
