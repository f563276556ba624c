//! From a figure to its rows, and what stands around it.

use crate::support::{demo, demo_copy, on};
use serde_json::Value;
use std::path::Path;

fn rows(project: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["explain"];
    all.extend(arguments);
    all.extend(["--rows", "--format", "json"]);
    on(project, &all).ended(0).json()
}

#[test]
fn the_rows_behind_a_figure_give_the_figure_again() {
    // An indicator of each kind: summed rows, two years compared, stocks, a chain of core tables.
    for (id, unit) in [
        ("hr__sick_leave_pct", "RS"),
        ("economy__gross_cost_growth_pct", "RS"),
        ("economy__supplier_loyalty_pct", "RJH"),
        ("drugs__antibiotics_per_1000", "RJH"),
        ("climate__organic_food_pct", "RJH"),
        ("hr__monthly_paid_count", "RS"),
    ] {
        let arguments =
            [id, "2024T2", "--unit", unit, "--sex", "T", "--breakdown", "", "--limit", "3"];
        let found = rows(demo(), &arguments);
        assert_eq!(found["is_proven"], true, "{id}: {found:#}");
        let tables = found["tables"].as_array().unwrap();
        assert!(!tables.is_empty(), "{id}");
        for table in tables {
            let shown = table["rows"].as_array().unwrap();
            let count = table["row_count"].as_u64().unwrap();
            assert_eq!(shown.len() as u64, count.min(3), "{id}: {table}");
            for row in shown {
                assert!(row["file"].is_string() && row["line"].as_i64().unwrap() > 0, "{row}");
            }
        }
    }
}

#[test]
fn a_listed_line_is_the_line_in_the_received_file() {
    let found =
        rows(demo(), &["economy__supplier_loyalty_pct", "2024T2", "--unit", "RJH", "--limit", "1"]);
    let row = &found["tables"][0]["rows"][0];
    let (delivery, file) = (row["delivery"].as_str().unwrap(), row["file"].as_str().unwrap());
    let source = delivery.rsplit_once('-').unwrap().0;
    let path = demo().join(format!("data/received/{source}/{delivery}/{file}"));
    let bytes = std::fs::read(&path).unwrap();
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let line = text.lines().nth(row["line"].as_u64().unwrap() as usize - 1).unwrap();
    let voucher = row["voucher_number"].as_str().unwrap();
    assert!(line.contains(voucher), "{voucher} is not in {line}");
}

#[test]
fn rows_about_persons_are_masked_and_small_groups_are_not_listed() {
    let found = rows(demo(), &["hr__sick_leave_pct", "2024T2", "--unit", "RS", "--sex", "T"]);
    for row in found["tables"][0]["rows"].as_array().unwrap() {
        for (name, value) in row.as_object().unwrap() {
            if !["delivery", "file", "line"].contains(&name.as_str()) {
                assert_eq!(value, "[skyddad]", "{name}");
            }
        }
    }
    let small = "select unit_id, sex from indicator.outcomes where id = 'hr__sick_leave_pct' \
                 and period = '2024T2' and breakdown = '' and missing = 'suppressed' \
                 order by all limit 1";
    let small = on(demo(), &["sql", small, "--format", "json"]).ended(0).json();
    let (unit, sex) = (small[0]["unit_id"].as_str().unwrap(), small[0]["sex"].as_str().unwrap());
    let arguments =
        ["explain", "hr__sick_leave_pct", "2024T2", "--unit", unit, "--sex", sex, "--rows"];
    let answer = on(demo(), &arguments);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("T0807") && answer.out.is_empty(), "{}{}", answer.err, answer.out);
    // Nor does the explanation tell how many rows there are.
    let text = on(demo(), &arguments[..arguments.len() - 1]).ended(0).out;
    assert!(text.contains("listas inte"), "{text}");
    let behind = text.split("rader bakom:").nth(1).unwrap();
    assert!(!behind.lines().nth(1).unwrap().contains(" rader;"), "{behind}");
}

#[test]
fn rows_as_comma_separated_values_hold_one_table() {
    let arguments = [
        "explain",
        "economy__supplier_loyalty_pct",
        "2024T2",
        "--unit",
        "RJH",
        "--rows",
        "--limit",
        "2",
        "--format",
        "csv",
    ];
    let answer = on(demo(), &arguments).ended(0).out;
    assert!(answer.starts_with("delivery,file,line,"), "{answer}");
    assert_eq!(answer.lines().count(), 3, "{answer}");
    let whole = on(demo(), &["explain", "hr__sick_leave_pct", "2024T2", "--format", "csv"]);
    assert_eq!(whole.code, 2);
    assert!(whole.err.contains("an explanation is no table"), "{}", whole.err);
}

#[test]
fn rejected_rows_that_would_have_counted_are_told_with_their_lines() {
    let project = demo_copy("explain-rejects");
    let file = project.join("data/inbox/health_talks/halsosamtal_2024.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let head: Vec<&str> = lines[0].split(';').collect();
    // The last number of the last line is no number; the row's month is known all the same.
    let last = lines.len() - 1;
    let cells: Vec<String> = lines[last].split(';').map(str::to_owned).collect();
    let number = (0..head.len()).rev().find(|at| cells[*at].parse::<i64>().is_ok()).unwrap();
    let mut broken = cells.clone();
    broken[number] = "åtta".to_owned();
    lines[last] = broken.join(";");
    std::fs::write(&file, lines.join("\r\n") + "\r\n").unwrap();
    on(&project, &["run", "--as-of", "2024-09-20"]);
    let arguments =
        ["explain", "health__targeted_talks_pct", "2024T2", "--unit", "RJH", "--format", "json"];
    let told = on(&project, &arguments).ended(0).json();
    let figures = told["figures"].as_array().unwrap();
    let whole = figures.iter().find(|f| f["sex"] == "T" && f["breakdown"] == "").unwrap();
    let rejects = &whole["evidence"]["rejects"][0];
    assert_eq!(rejects["would_have_counted"], 1, "{whole:#}");
    assert_eq!(rejects["lines"][0], last as i64 + 1);
    // The contract suffers no faulty row: the delivery was stopped, and the figure says so.
    let refused = &whole["evidence"]["refused"][0];
    assert_eq!(refused["file"], "halsosamtal_2024.csv");
    assert_eq!(refused["rows_rejected"], 1);
    let arguments = ["explain", "health__targeted_talks_pct", "2024T2", "--unit", "RJH"];
    let text = on(&project, &arguments).ended(0).out;
    assert!(
        text.contains("stoppade leveranser: halsosamtal_2024.csv (mottagen 2024-09-20; "),
        "{text}"
    );
    // It would not have counted for a period that was over before.
    let earlier =
        ["explain", "health__targeted_talks_pct", "2024T1", "--unit", "RJH", "--format", "json"];
    let told = on(&project, &earlier).ended(0).json();
    assert_eq!(told["figures"][0]["evidence"]["rejects"], serde_json::json!([]));
}

#[test]
fn the_terminal_tells_the_target_s_source_the_units_and_the_query() {
    let text =
        on(demo(), &["explain", "hr__sick_leave_pct", "2024T2", "--unit", "RS"]).ended(0).out;
    for part in [
        "mål `5` (plan 2024), Delårsrapport augusti 2024",
        "enheter har rapporterat",
        "avvisade rader: ",
        "rader bakom:",
        "prövat: frågan ger samma täljare och nämnare",
        "from measure.hr__worked_time",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn every_figure_of_the_report_leads_to_an_explanation_that_is_there() {
    let page = std::fs::read_to_string(demo().join("data/reports/2024T2/report.html")).unwrap();
    let targets: Vec<&str> =
        page.split("href=\"#").skip(1).filter_map(|t| t.split('"').next()).collect();
    assert!(targets.len() > 100);
    for target in &targets {
        assert!(page.contains(&format!("id=\"{target}\"")), "#{target} leads nowhere");
    }
    assert!(targets.iter().any(|target| target.starts_with("figur-hr__sick_leave_pct-rs")));
    // Every table with figures of a mart has its section.
    let tables = page.matches("Så är siffrorna framtagna").count();
    assert!(tables >= 8, "{tables}");
    assert!(page.contains("id=\"tabell-mart-ekonomi\""));
}
