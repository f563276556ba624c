//! What stands around a figure, on figures worked out by hand: units in a funnel or with intervals, age
//! mix, low response, the forecast of the one who answers.

use crate::support::{demo_copy, on};
use serde_json::Value;
use std::path::Path;

const HEAD: &str = "unit = \"%\"\nfactor = 100\ndecimals = 1\ndirection = \"higher\"\n\
    frequency = \"tertial\"\nmeasures = \"Prov.\"\nkort = \"Prov.\"\nviktigt = [\"Prov.\"]\n\
    bearbetning = \"Prov.\"\nresponsible = \"Prov\"\nsource = \"Prov\"\n";

/// Adds an indicator whose rows are written out.
fn add(project: &Path, id: &str, settings: &str, columns: &str, rows: &str) {
    let sql = format!(
        "-- One row per unit of the test.\n-- Written out by hand.\nselect *\nfrom (\n    values\n{rows}\n) as rows_of_test ({columns})\n"
    );
    let version = "\n[[version]]\nnumber = 1\nvalid_from = \"2019-01-01\"\nreason = \"Prov.\"\n";
    let toml = format!("name = \"Prov {id}\"\n{HEAD}{settings}{version}");
    std::fs::write(project.join(format!("sql/indicator/{id}.sql")), sql).unwrap();
    std::fs::write(project.join(format!("sql/indicator/{id}.toml")), toml).unwrap();
}

const COLUMNS: &str = "unit_id, period, sex, breakdown, numerator, denominator, person_count";

fn units(project: &Path, id: &str) -> Value {
    let arguments = ["explain", id, "2024T2", "--format", "json"];
    on(project, &arguments).ended(0).json()["units"].clone()
}

fn unit<'a>(told: &'a Value, name: &str) -> &'a Value {
    let all = told["units"].as_array().unwrap();
    all.iter().find(|unit| unit["unit"] == name).unwrap_or_else(|| panic!("{name}: {told:#}"))
}

fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - wanted).abs() < 1e-3, "{found} is not {wanted}");
}

#[test]
fn units_stand_around_their_total_without_a_rank() {
    let project = demo_copy("around-funnel");
    // Twelve units: eleven with 20 of 100, one with 50 of 100; the total is 270 of 1 200 = 22,5 %.
    let rows: Vec<String> = (1..=12)
        .map(|at| {
            let events = if at == 7 { 50 } else { 20 };
            format!(
                "    ('RJH', '2024T2', 'T', 'enhet {at:02}', {events}, 100, cast(null as bigint))"
            )
        })
        .collect();
    let settings = "units = \"funnel\"\nunits_of = \"breakdown\"\nunits_count = \"shares\"\n";
    add(&project, "test__share_pct", settings, COLUMNS, &rows.join(",\n"));
    // Three units are too few: intervals instead. Wilson for 50 of 100 is 40,383 to 59,617.
    let few: Vec<String> = [(1, 20), (2, 20), (3, 50)]
        .map(|(at, events)| {
            format!(
                "    ('RJH', '2024T2', 'T', 'enhet {at:02}', {events}, 100, cast(null as bigint))"
            )
        })
        .into();
    add(&project, "test__few_pct", settings, COLUMNS, &few.join(",\n"));
    on(&project, &["run", "--as-of", "2024-09-17"]);

    let told = units(&project, "test__share_pct");
    assert_eq!(told["panel"]["form"], "funnel");
    close(&told["panel"]["total"], 22.5);
    // Score limits before overdispersion are 22,5 ± 1,96 · √(0,225 · 0,775 / 100) = ± 8,18; the one
    // unit far out is winsorised, so φ stays below 1 and nothing is widened.
    close(&unit(&told, "enhet 01")["low"], 14.315);
    close(&unit(&told, "enhet 01")["high"], 30.685);
    assert_eq!(unit(&told, "enhet 01")["verdict"], "som väntat");
    assert_eq!(unit(&told, "enhet 07")["verdict"], "mycket högre än väntat");
    let order: Vec<&str> =
        told["units"].as_array().unwrap().iter().map(|u| u["unit"].as_str().unwrap()).collect();
    assert!(order.is_sorted(), "{order:?}");

    let told = units(&project, "test__few_pct");
    assert_eq!(told["panel"]["form"], "interval");
    assert_eq!(told["panel"]["reason"], "för få enheter: 3 av 10");
    close(&unit(&told, "enhet 03")["low"], 40.383);
    close(&unit(&told, "enhet 03")["high"], 59.617);
    assert_eq!(unit(&told, "enhet 03")["verdict"], "högre än väntat");
    let page = std::fs::read_to_string(project.join("data/reports/2024T2/report.html")).unwrap();
    assert!(page.contains("id=\"enheter-test__share_pct-diagram\""));
    assert!(page.contains("1 av 12 enheter ligger utanför 95-procentsgränserna: enhet 07 (50,00"));
    assert!(page.contains("Inget trattdiagram: för få enheter: 3 av 10."));
}

#[test]
fn the_age_mix_is_taken_out_and_low_response_is_not_judged() {
    let project = demo_copy("around-standard");
    let seed = "standard_population,year,age_group,weight,source\n\
                prov,2020,ung,3000,prov\nprov,2020,gammal,1000,prov\n";
    std::fs::write(project.join("seeds/standard_populations.csv"), seed).unwrap();
    // 10 of 100 young and 90 of 300 old: crude 25 %; standardised (3 · 10 % + 1 · 30 %) / 4 = 15 %.
    let rows = "    ('RJH', '2024T2', 'T', 'Åre', 100, 400, cast(null as bigint)),\n    \
                ('RJH', '2024T2', 'T', 'Åre, ung', 10, 100, cast(null as bigint)),\n    \
                ('RJH', '2024T2', 'T', 'Åre, gammal', 90, 300, cast(null as bigint)),\n    \
                ('RJH', '2024T2', 'T', 'Berg', 5, 100, cast(null as bigint)),\n    \
                ('RJH', '2024T2', 'T', 'Berg, ung', 5, 50, cast(null as bigint)),\n    \
                ('RJH', '2024T2', 'T', 'Berg, gammal', 0, 50, cast(null as bigint))";
    let settings = "units = \"interval\"\nunits_of = \"breakdown\"\nunits_count = \"events\"\n\
                    standard_population = \"prov\"\n";
    add(&project, "test__aged_pct", settings, COLUMNS, rows);
    let columns = format!("{COLUMNS}, response_count, invited_count, mark");
    let rows = "    ('RJH', '2024T2', 'T', '', 40, 50, 50, 50, 100, cast(null as varchar)),\n    \
                ('RJH', '2024T1', 'T', '', 40, 70, 70, 70, 100, 'revised')";
    let settings = "attainment_form = \"ratio\"\nresponse_rate_min = 60\n";
    add(&project, "test__survey_pct", settings, &columns, rows);
    on(&project, &["run", "--as-of", "2024-09-17"]);

    let told = units(&project, "test__aged_pct");
    let names: Vec<&str> =
        told["units"].as_array().unwrap().iter().map(|u| u["unit"].as_str().unwrap()).collect();
    assert_eq!(names, ["Berg", "Åre"], "age groups are no units");
    close(&unit(&told, "Åre")["value"], 25.0);
    close(&unit(&told, "Åre")["standardised"], 15.0);
    assert_eq!(told["panel"]["standard"], "prov (2020)");
    let few = &unit(&told, "Berg")["standardised_reason"];
    assert_eq!(*few, "för få händelser för åldersstandardisering: 5 av 10");

    let figures = on(&project, &["indicators", "2024T2", "--format", "json"]).ended(0).json();
    let own = |figures: &Value| -> Value {
        let all = figures.as_array().unwrap().iter();
        all.clone().find(|figure| figure["id"] == "test__survey_pct").unwrap().clone()
    };
    let few = own(&figures);
    assert_eq!(few["mark"], "uncertain");
    assert_eq!(few["response"], serde_json::json!({"answered": 50, "asked": 100}));
    close(&few["value"], 80.0);
    let enough = on(&project, &["indicators", "2024T1", "--format", "json"]).ended(0).json();
    assert_eq!(own(&enough)["mark"], "revised", "the source's reservation follows the value");
}

#[test]
fn the_forecast_of_the_responsible_stands_beside_ours_with_both_errors() {
    let project = demo_copy("around-forecast");
    std::fs::write(
        project.join("sql/core/responsible_forecasts.sql"),
        "-- One row per forecast of a responsible role.\n-- Written out by hand.\nselect *\nfrom (\n    values\n    \
         (date '2023-09-14', 'hr__sick_leave_pct', 'RS', 2023, 6.5, '%', 'HR-direktör', 1, true),\n    \
         (date '2024-05-20', 'hr__sick_leave_pct', 'RS', 2024, 9.9, '%', 'HR-direktör', 1, true),\n    \
         (date '2024-09-12', 'hr__sick_leave_pct', 'RS', 2024, 5.9, '%', 'HR-direktör', 1, true),\n    \
         (date '2024-12-01', 'hr__sick_leave_pct', 'RS', 2024, 1.1, '%', 'HR-direktör', 1, true)\n\
         ) as forecasts (made_on, indicator_id, unit_id, year, value, unit, author_role, version, is_same_unit)\n",
    )
    .unwrap();
    on(&project, &["run", "--as-of", "2024-09-17"]);
    let told = on(
        &project,
        &[
            "explain",
            "hr__sick_leave_pct",
            "2024T2",
            "--unit",
            "RS",
            "--sex",
            "T",
            "--format",
            "json",
        ],
    )
    .ended(0)
    .json();
    let signals = told["figures"][0]["signals"].as_array().unwrap();
    let ours = signals.iter().find(|signal| signal["question"] == "forecast").unwrap();
    let theirs = &ours["responsible"];
    assert_eq!(theirs["made_on"], "2024-09-12", "{ours:#}");
    close(&theirs["value"], 5.9);
    let year = "select value from indicator.outcomes where id = 'hr__sick_leave_pct' \
                and unit_id = 'RS' and sex = 'T' and breakdown = '' and period = '2023T3'";
    let year = on(&project, &["sql", "--warehouse", year, "--format", "json"]).ended(0).json();
    close(&theirs["last_error"], 6.5 - year[0]["value"].as_f64().unwrap());
    assert!(ours["last_error"].as_f64().is_some() && ours["mase"].as_f64().is_some());
    assert!(ours["covered"].as_u64() <= ours["tested"].as_u64());
    let reason = ours["reason"].as_str().unwrap();
    assert!(reason.contains("ansvarigs prognos (HR-direktör, 2024-09-12)"), "{reason}");
    assert!(reason.contains("fel i fjol vid samma tid: vår"), "{reason}");
}

#[test]
fn a_unit_that_falls_silent_is_missed_by_name() {
    let project = demo_copy("around-silent");
    let file = project.join("data/inbox/hr/arbetstid_2024.csv");
    let bytes = std::fs::read(&file).unwrap();
    // Latin text, byte for byte; the last month of one unit is left out.
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let kept: Vec<&str> = text
        .split_inclusive('\n')
        .filter(|line| !(line.contains("2024-08") && line.contains(";605;")))
        .collect();
    assert!(kept.len() < text.split_inclusive('\n').count(), "unit 605 reports 2024-08");
    let kept: Vec<u8> = kept.concat().chars().map(|c| c as u8).collect();
    std::fs::write(&file, kept).unwrap();
    on(&project, &["run", "--as-of", "2024-09-20"]);
    let told =
        on(&project, &["explain", "hr__sick_leave_pct", "2024T2", "--unit", "RS"]).ended(0).out;
    let line = told.lines().find(|line| line.contains("enheter har rapporterat")).unwrap();
    assert!(line.contains("saknas: Avdelningen för eHälsa och IT (2024-08)"), "{line}");
    let page = std::fs::read_to_string(project.join("data/reports/2024T2/report.html")).unwrap();
    assert!(page.contains("id=\"kvalitet-enheter\""));
}
