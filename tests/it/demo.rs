//! The demo region end to end: what the pipeline computes from rows is what was printed.

use crate::support::{copy, demo, demo_copy, folder, on, tertial};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

fn indicators() -> Vec<Value> {
    let answer = on(demo(), &["indicators", "2024T2", "--format", "json"]).ended(0);
    answer.json().as_array().unwrap().clone()
}

fn figure<'a>(all: &'a [Value], id: &str, level: &str, sex: &str, breakdown: &str) -> &'a Value {
    all.iter()
        .find(|row| {
            row["id"] == id
                && row["level"] == level
                && row["sex"] == sex
                && row["breakdown"] == breakdown
        })
        .unwrap_or_else(|| panic!("no outcome of {id} {level} {sex} {breakdown}"))
}

#[test]
fn computed_outcomes_print_as_the_published_ones() {
    let all = indicators();
    let printed = [
        ("hr__sick_leave_pct", "RS", "", "5,7"),
        ("hr__health_promotion_index", "RS", "", "4,6"),
        ("it__hardware_security_pct", "RJH", "", "13"),
        ("it__software_security_pct", "RJH", "", "40"),
        ("it__helpdesk_first_call_pct", "RJH", "", "83,3"),
        ("economy__equity_ratio_pct", "RJH", "", "−17,0"),
        ("economy__cash_liquidity_pct", "RJH", "", "268"),
        ("economy__gross_cost_growth_pct", "RJH", "", "5,2"),
        ("economy__gross_cost_growth_pct", "RS", "", "9,2"),
        ("economy__net_cost_growth_pct", "RJH", "", "7,5"),
        ("economy__net_cost_growth_pct", "RS", "", "8,4"),
        ("economy__supplier_loyalty_pct", "RJH", "", "90,0"),
        ("economy__supplier_loyalty_pct", "RS", "", "89,0"),
        ("economy__supplier_loyalty_pct", "RS", "exkl. EU-projekt", "91,0"),
        ("economy__debt_ratio_pct", "RJH", "", "7,0"),
        ("hr__influence_index", "RS", "", "4,6"),
        ("drugs__cost_growth_pct", "RJH", "", "10,7"),
        ("drugs__cost_growth_pct", "RJH", "Riket", "10,1"),
        ("climate__travel_co2_change_pct", "RJH", "", "−21,0"),
        ("climate__organic_food_pct", "RJH", "Kostenheten", "29,0"),
        ("climate__organic_food_pct", "RJH", "Birka folkhögskola", "33,0"),
        ("climate__organic_food_pct", "RJH", "Bäckedals folkhögskola", "36,0"),
    ];
    for (id, level, breakdown, expected) in printed {
        let row = figure(&all, id, level, "T", breakdown);
        let value =
            row["value"].as_f64().unwrap_or_else(|| panic!("{id} {level} has no value: {row}"));
        let decimals = row["decimals"].as_u64().unwrap() as u8;
        assert_eq!(
            tertial_model::swedish::float(value, decimals),
            expected,
            "{id} {level} {breakdown}"
        );
    }
    let talks = figure(&all, "health__targeted_talks_pct", "RJH", "T", "");
    assert_eq!(
        (talks["numerator"].as_str(), talks["denominator"].as_str()),
        (Some("957"), Some("6805"))
    );
    let food = figure(&all, "climate__organic_food_pct", "RJH", "T", "");
    assert_eq!(food["value"].as_f64().unwrap().round(), 35.0);
    let waste = figure(&all, "climate__waste_change_pct", "RJH", "T", "");
    assert_eq!(waste["value"].as_f64().unwrap().round(), -1.0);
}

#[test]
fn statuses_follow_the_stated_rule() {
    let all = indicators();
    let statuses = [
        ("hr__sick_leave_pct", "RS", 2),
        ("hr__health_promotion_index", "RS", 0),
        ("economy__equity_ratio_pct", "RJH", 1),
        ("economy__cash_liquidity_pct", "RJH", 0),
        ("economy__gross_cost_growth_pct", "RS", 2),
        ("economy__supplier_loyalty_pct", "RJH", 1),
        ("economy__debt_ratio_pct", "RJH", 0),
        ("climate__travel_co2_change_pct", "RJH", 2),
        ("climate__waste_change_pct", "RJH", 0),
        ("climate__organic_food_pct", "RJH", 1),
        ("climate__energy_kwh_per_m2", "RJH", 3),
        ("climate__recycling_pct", "RJH", 3),
        ("drugs__cost_growth_pct", "RJH", 1),
    ];
    for (id, level, status) in statuses {
        let row = figure(&all, id, level, "T", "");
        assert_eq!(row["status"], status, "{id}: {}", row["status_reason"]);
        assert!(!row["status_reason"].as_str().unwrap().is_empty());
    }
    let energy = figure(&all, "climate__energy_kwh_per_m2", "RJH", "T", "");
    assert_eq!(energy["missing"], "cannot_occur");
    let sick = figure(&all, "hr__sick_leave_pct", "RS", "T", "");
    assert!((sick["attainment"].as_f64().unwrap() - 0.877).abs() < 0.01);
}

#[test]
fn every_outcome_carries_what_a_machine_needs() {
    for row in indicators() {
        for field in [
            "id",
            "name",
            "unit",
            "level",
            "period",
            "sex",
            "numerator",
            "denominator",
            "value",
            "target",
            "attainment",
            "status",
            "status_reason",
            "completeness",
            "source_deliveries",
        ] {
            assert!(row.get(field).is_some(), "{field} is missing in {row}");
        }
        if let Some(target) = row["target"].as_object() {
            for field in ["printed", "comparator", "value", "unit", "baseline"] {
                assert!(target.contains_key(field), "{field} is missing in {row}");
            }
        }
        assert!(!row["source_deliveries"].as_array().unwrap().is_empty(), "{row}");
    }
}

#[test]
fn an_outcome_names_the_deliveries_of_the_months_it_looks_at() {
    let all = indicators();
    let files = on(
        demo(),
        &[
            "sql",
            "--warehouse",
            "--format",
            "json",
            "select delivery_id, original_name from meta.deliveries",
        ],
    )
    .ended(0)
    .json();
    let names = |id: &str| -> Vec<String> {
        let ids = all.iter().find(|row| row["id"] == id).unwrap()["source_deliveries"]
            .as_array()
            .unwrap()
            .clone();
        let name = |delivery: &Value| {
            let file = files
                .as_array()
                .unwrap()
                .iter()
                .find(|file| file["delivery_id"] == *delivery)
                .unwrap();
            file["original_name"].as_str().unwrap().to_owned()
        };
        let mut names: Vec<String> = ids.iter().map(name).collect();
        names.sort();
        names
    };
    assert_eq!(names("hr__sick_leave_pct"), ["arbetstid_2024.csv"]);
    assert_eq!(names("hr__healthy_share_pct"), ["arbetstid_2023.csv", "arbetstid_2024.csv"]);
    assert_eq!(
        names("climate__waste_change_pct"),
        ["klimatdata_2019.xlsx", "klimatdata_2024.xlsx"]
    );
    assert_eq!(
        names("drugs__antibiotics_per_1000"),
        [
            "befolkning_2022.json",
            "befolkning_2023.json",
            "expedieringar_2023.csv",
            "expedieringar_2024.csv"
        ]
    );
    assert_eq!(names("economy__gross_cost_growth_pct"), ["RJH_2023.SE", "RJH_2024.SE"]);
    assert_eq!(names("hr__influence_index"), ["medarbetarenkat_2024-04.xlsx"]);
}

#[test]
fn small_groups_are_hidden_and_cannot_be_subtracted() {
    let all = indicators();
    let hidden: Vec<(&str, &str)> = all
        .iter()
        .filter(|row| row["id"] == "hr__sick_leave_pct" && row["missing"] == "suppressed")
        .map(|row| (row["level"].as_str().unwrap(), row["sex"].as_str().unwrap()))
        .collect();
    assert!(hidden.contains(&("623", "T")), "{hidden:?}");
    assert!(
        hidden.iter().filter(|(_, sex)| *sex == "T").count() >= 2,
        "one hidden unit alone: {hidden:?}"
    );
    for row in &all {
        if row["missing"] == "suppressed" {
            assert!(
                row["value"].is_null()
                    && row["numerator"].is_null()
                    && row["denominator"].is_null()
            );
        }
    }
}

#[test]
fn totals_are_conserved_from_the_ledger_file_to_the_report_to_the_ore() {
    let sum_of_file = |name: &str| -> i128 {
        let bytes = std::fs::read(demo().join("data/inbox/ledger").join(name)).unwrap();
        let trans = bytes.split(|&b| b == b'\n').filter(|line| line.starts_with(b"#TRANS"));
        trans.map(|line| cost_of(&String::from_utf8_lossy(line))).sum()
    };
    let in_files = sum_of_file("RJH_2024.SE");
    let answer = on(
        demo(),
        &[
            "sql",
            "--warehouse",
            "--format",
            "csv",
            "select cast(sum(amount_sek) * 100 as hugeint) from core.ledger_entries \
           where entry_date >= date '2024-01-01' and left(account_code, 1) in ('4', '5', '6', '7')",
        ],
    );
    let in_warehouse: i128 = answer.ended(0).out.lines().nth(1).unwrap().parse().unwrap();
    assert_eq!(in_files, in_warehouse);
}

/// Öre of a `#TRANS` line on a cost account, 0 otherwise; by plain string work, apart from our reader.
fn cost_of(line: &str) -> i128 {
    let account = line.split_whitespace().nth(1).unwrap_or("");
    if !matches!(account.as_bytes().first(), Some(b'4'..=b'7')) {
        return 0;
    }
    let after = line.rsplit_once('}').map_or("", |(_, after)| after);
    let amount = after.split_whitespace().next().unwrap_or("0");
    let (whole, ore) = amount.split_once('.').unwrap_or((amount, "0"));
    let ore: i128 = format!("{ore:0<2}").parse().unwrap();
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    whole.parse::<i128>().unwrap() * 100 + sign * ore
}

#[test]
fn rows_in_are_accepted_rejected_or_sums_for_every_delivery() {
    let answer = on(
        demo(),
        &[
            "sql",
            "--format",
            "json",
            "select count(*) as n, count(*) filter (where rows_read <> rows_accepted + rows_rejected + rows_sum) as wrong \
           from meta.deliveries",
        ],
    );
    let row = &answer.ended(0).json()[0];
    assert!(row["n"].as_i64().unwrap() > 40);
    assert_eq!(row["wrong"], 0);
}

fn report() -> Value {
    on(demo(), &["report", "2024T2", "--format", "json"]).ended(0).json()
}

#[test]
fn the_report_document_holds_every_printed_table_as_rows() {
    let report = report();
    for table in [
        "maluppfyllelse",
        "nyckeltal",
        "uppdrag",
        "ekonomi",
        "avdelningar",
        "personal",
        "sjukfranvaro",
        "arbetad_tid",
    ] {
        let rows = report["tables"][table]["rows"].as_array();
        assert!(
            rows.is_some_and(|rows| !rows.is_empty()),
            "no rows in {table}: {:?}",
            report["tables"].as_object().map(|t| t.keys().collect::<Vec<_>>())
        );
    }
}

#[test]
fn the_economy_table_is_the_printed_one() {
    let report = report();
    let rows = report["tables"]["ekonomi"]["rows"].as_array().unwrap();
    let text = serde_json::to_string(rows).unwrap();
    for printed in [
        "564",
        "270\u{a0}927",
        "491\u{a0}357",
        "−542\u{a0}657",
        "−1\u{a0}760\u{a0}223",
        "−1\u{a0}268\u{a0}866",
        "−1\u{a0}163\u{a0}521",
        "−105\u{a0}345",
        "−1\u{a0}170\u{a0}161",
        "−98\u{a0}705",
        "19\u{a0}201",
    ] {
        assert!(text.contains(&format!("\"{printed}\"")), "{printed} is not in the economy table");
    }
}

#[test]
fn the_reconciliation_chapter_shows_published_beside_computed() {
    let report = report();
    let text = report["tables"]["avstamning"].to_string();
    assert!(
        text.contains("Bruttokostnadsutveckling")
            && text.contains("\"5,2\"")
            && text.contains("9,2"),
        "{text}"
    );
}

#[test]
fn every_page_says_that_the_data_is_synthetic() {
    let html = std::fs::read_to_string(demo().join("data/reports/2024T2/report.html")).unwrap();
    assert!(html.matches("Syntetiska data").count() > 5);
    assert!(html.contains("lang=\"sv\""));
    assert!(
        !html.contains("http://") || !html.contains("src=\"http"),
        "the page must work offline"
    );
}

/// Relative paths and contents of all files below a folder with one of the endings.
fn contents(root: &Path, endings: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if endings
                .iter()
                .any(|ending| path.extension().is_some_and(|found| found == *ending))
            {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads() {
    let other = folder("demo-again");
    let answer =
        crate::support::command(&["--quiet", "demo", other.to_str().unwrap(), "--scale", "0.005"])
            .env("RAYON_NUM_THREADS", "1")
            .output()
            .unwrap();
    assert_eq!(answer.status.code(), Some(0), "{}", String::from_utf8_lossy(&answer.stderr));
    let endings = ["parquet", "json", "pdf", "html"];
    for part in ["data/lake", "data/reports", "data/deliveries"] {
        let (first, second) =
            (contents(&demo().join(part), &endings), contents(&other.join(part), &endings));
        assert!(!first.is_empty(), "{part}");
        assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>(), "{part}");
        for (name, bytes) in &first {
            assert!(bytes == &second[name], "{part}/{name} differs");
        }
    }
}

#[test]
fn a_second_night_without_news_does_nothing_and_says_so() {
    let project = demo_copy("demo-second-night");
    let before = std::fs::read_link(project.join("data/releases/current")).unwrap();
    let answer = on(&project, &["run", "--as-of", "2024-09-17"]).ended(0);
    assert!(answer.out.contains("nothing has changed since the last run"), "{}", answer.out);
    assert_eq!(std::fs::read_link(project.join("data/releases/current")).unwrap(), before);
    let night = on(&project, &["run", "--as-of", "2024-09-17", "--format", "json"]).json();
    assert_eq!(
        (night["loaded"].as_i64(), night["is_new_release"].as_bool()),
        (Some(0), Some(false))
    );
}

#[test]
fn a_late_delivery_supersedes_as_of_its_receipt() {
    let project = demo_copy("demo-late");
    let file = project.join("data/inbox/health_talks/halsosamtal_2024.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // The last line of talks is withdrawn by the sender.
    std::fs::write(&file, lines[..lines.len() - 1].join("\r\n") + "\r\n").unwrap();
    on(&project, &["run", "--as-of", "2024-09-20"]);
    let talks = |project: &Path| {
        let rows = on(project, &["indicators", "2024T2", "--format", "json"]).json();
        let all = rows.as_array().unwrap().clone();
        figure(&all, "health__targeted_talks_pct", "RJH", "T", "")["numerator"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_ne!(talks(&project), "957");
    // Looked at from the earlier morning, the earlier delivery is in force again.
    on(&project, &["run", "--as-of", "2024-09-16T06:00:00Z"]);
    assert_eq!(talks(&project), "957");
}

#[test]
fn explain_follows_a_figure_to_its_deliveries() {
    let answer = on(demo(), &["explain", "hr__sick_leave_pct", "2024T2", "--unit", "RS"]).ended(0);
    for part in [
        "Sjukfrånvaro",
        "täljare",
        "mål `5`",
        "87,",
        "sql/indicator/hr__sick_leave_pct.toml",
        "raw.hr__worked_time",
        "arbetstid_2024.csv",
    ] {
        assert!(answer.out.contains(part), "{part} is not in:\n{}", answer.out);
    }
    let machine = on(demo(), &["explain", "hr__sick_leave_pct", "2024T2", "--format", "json"])
        .ended(0)
        .json();
    assert_eq!(machine["raw_tables"], serde_json::json!(["raw.hr__worked_time"]));
    let code = tertial(&["explain", "T0203"]).ended(0);
    assert!(code.out.starts_with("T0203:"), "{}", code.out);
}

#[test]
fn the_public_database_holds_nothing_about_persons() {
    let answer = on(
        demo(),
        &[
            "sql",
            "--format",
            "json",
            "select table_schema || '.' || table_name || '.' || column_name as name from information_schema.columns \
           where column_name in ('person_id', 'employment_id', 'birth_year', 'raw')",
        ],
    );
    assert_eq!(answer.ended(0).json(), serde_json::json!([]));
    let warehouse = on(
        demo(),
        &[
            "sql",
            "--warehouse",
            "--format",
            "json",
            "select count(*) as n, count(*) filter (where regexp_matches(person_id, '^[0-9a-f]{32}$')) as hashed from core.worked_time",
        ],
    );
    let row = &warehouse.ended(0).json()[0];
    assert!(row["n"].as_i64().unwrap() > 1000);
    assert_eq!(row["n"], row["hashed"]);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(demo().join("data/releases/current/warehouse.duckdb"))
            .unwrap()
            .permissions(),
    );
    assert_eq!(mode & 0o007, 0, "others may not read the row level");
}

#[test]
fn audits_about_persons_show_no_row() {
    let rows = on(
        demo(),
        &[
            "sql",
            "--format",
            "json",
            // A printed text may speak of persons; a row about one names a column.
            "with told as (select audit, example as text from meta.audits \
             union all select audit, finding from meta.findings) \
             select * from told where text like '%employment_id=%' or text like '%person_id=%' \
             or text like '%civic%=%' or text like '%sick_hours%=%'",
        ],
    );
    assert_eq!(rows.ended(0).json(), serde_json::json!([]));
}

#[test]
fn a_demo_never_overwrites_somebodys_folder() {
    let folder = folder("not-a-demo");
    std::fs::write(folder.join("mine.txt"), "mine").unwrap();
    let answer = tertial(&["demo", folder.to_str().unwrap()]).ended(2);
    assert!(answer.err.contains("not empty and is no earlier demo"), "{}", answer.err);
    let copied = crate::support::folder("not-a-demo-copy");
    copy(&folder, &copied);
    assert!(copied.join("mine.txt").exists());
}
