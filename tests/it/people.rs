//! Staff and climate in the demo: the statutory figures of sick leave, the survey, emissions; and
//! that nobody can be seen in them.

use crate::support::{demo, on};
use serde_json::Value;
use std::collections::BTreeMap;

fn ask(sql: &str, database: &[&str]) -> Vec<Value> {
    let arguments = [&["sql", "--format", "json"], database, &[sql]].concat();
    on(demo(), &arguments).ended(0).json().as_array().unwrap().clone()
}

fn outcomes(id: &str) -> Vec<Value> {
    ask(
        &format!(
            "select unit_id, sex, breakdown, value, numerator, denominator, missing \
             from indicator.outcomes where id = '{id}' and period = '2024T2' order by all"
        ),
        // Numerators and denominators about persons stay in the warehouse.
        &["--warehouse"],
    )
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or("")
}

fn number(row: &Value, key: &str) -> f64 {
    let value = &row[key];
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(f64::NAN)
}

#[test]
fn the_seven_statutory_figures_stand_in_the_report() {
    let report = on(demo(), &["report", "2024T2", "--format", "json"]).ended(0).json();
    let rows = report["tables"]["sjukfranvaro_lagstadgad"]["rows"].as_array().unwrap().clone();
    let of_board: Vec<String> = rows
        .iter()
        .filter(|row| row.to_string().contains("Regionstyrelsen"))
        .map(Value::to_string)
        .collect();
    assert_eq!(of_board.len(), 7, "{of_board:#?}");
    for measure in [
        "Total sjukfrånvaro",
        "60 dagar",
        "Kvinnor",
        "Män",
        "29 år eller yngre",
        "30–49 år",
        "50 år eller äldre",
    ] {
        assert!(of_board.iter().any(|row| row.contains(measure)), "{measure}: {of_board:#?}");
    }
    assert!(of_board[0].contains("5,7"), "{}", of_board[0]);
}

#[test]
fn age_groups_and_sexes_add_up_to_all_where_nothing_is_hidden() {
    let mut sums: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    for row in outcomes("hr__sick_leave_pct") {
        let place = match (text(&row, "breakdown"), text(&row, "sex")) {
            ("", "T") => 0,
            ("", _) => 1,
            _ => 2,
        };
        sums.entry(text(&row, "unit_id").to_owned()).or_default()[place] +=
            number(&row, "denominator");
    }
    assert!(sums.len() > 20);
    let whole: BTreeMap<&str, &[f64; 3]> = sums
        .iter()
        .filter(|(_, sums)| sums.iter().all(|sum| sum.is_finite()))
        .map(|(unit, sums)| (unit.as_str(), sums))
        .collect();
    // The units large enough in the small region; in the others a part of ten persons or fewer is hidden.
    let units: Vec<&str> = whole.keys().copied().collect();
    assert_eq!(units, ["605", "616", "REGIONSTABEN", "RJH", "RS"], "{sums:?}");
    for [all, sexes, ages] in whole.into_values() {
        assert!((all - sexes).abs() < 0.01 && (all - ages).abs() < 0.01, "{all} {sexes} {ages}");
    }
}

#[test]
fn no_figure_about_ten_persons_or_fewer_is_shown() {
    let persons = ask(
        "select unit_id, breakdown, person_count from indicator.hr__sick_leave_pct \
         where period = '2024T2' and sex = 'T'",
        &["--warehouse"],
    );
    let small: Vec<(String, String)> = persons
        .iter()
        .filter(|row| number(row, "person_count") <= 10.0)
        .map(|row| (text(row, "unit_id").to_owned(), text(row, "breakdown").to_owned()))
        .collect();
    assert!(small.iter().any(|(_, breakdown)| !breakdown.is_empty()), "{small:?}");
    let shown = outcomes("hr__sick_leave_pct");
    let is_shown = |unit: &str, breakdown: &str| {
        shown.iter().any(|row| {
            text(row, "unit_id") == unit
                && text(row, "sex") == "T"
                && text(row, "breakdown") == breakdown
                && row["missing"].is_null()
        })
    };
    for (unit, breakdown) in &small {
        assert!(!is_shown(unit, breakdown), "{unit} {breakdown}");
    }
}

#[test]
fn long_spells_are_a_share_of_sick_time_and_few_long_sick_are_hidden() {
    let rows = outcomes("hr__long_term_sick_share_pct");
    let of = |unit: &str| {
        rows.iter().find(|row| text(row, "unit_id") == unit && text(row, "sex") == "T").unwrap()
    };
    let region = of("RJH");
    let share = number(region, "value");
    // All days of a long spell count, so the share lies above that of the hours from day 60.
    assert!((40.0..80.0).contains(&share), "{region}");
    let sick_leave = outcomes("hr__sick_leave_pct");
    let sick = sick_leave
        .iter()
        .find(|row| {
            text(row, "unit_id") == "RJH"
                && text(row, "sex") == "T"
                && text(row, "breakdown").is_empty()
        })
        .unwrap();
    assert!((number(region, "denominator") - number(sick, "numerator")).abs() < 0.01);
    // The board beside the region would tell of the eight who are long sick outside of it.
    let persons = ask(
        "select person_count from indicator.hr__long_term_sick_share_pct where period = '2024T2' \
         and sex = 'T' and unit_id in ('RJH', 'RS') order by unit_id",
        &["--warehouse"],
    );
    let others = number(&persons[0], "person_count") - number(&persons[1], "person_count");
    assert!((1.0..=10.0).contains(&others), "{persons:?}");
    assert_eq!(of("RS")["missing"], "suppressed");
    let few = ask(
        "select unit_id, sex from indicator.hr__long_term_sick_share_pct \
         where period = '2024T2' and person_count <= 10",
        &["--warehouse"],
    );
    assert!(!few.is_empty());
    for small in few {
        let row = rows
            .iter()
            .find(|row| row["unit_id"] == small["unit_id"] && row["sex"] == small["sex"])
            .unwrap();
        assert_eq!(row["missing"], "suppressed", "{row}");
    }
}

#[test]
fn the_survey_gives_the_printed_indices_and_the_reported_ones_agree() {
    for id in ["hr__health_promotion_index", "hr__influence_index"] {
        let rows = outcomes(id);
        let board = rows
            .iter()
            .find(|row| text(row, "unit_id") == "RS" && text(row, "breakdown").is_empty())
            .unwrap();
        assert_eq!((number(board, "value") * 10.0).round(), 46.0, "{id}: {board}");
    }
    let start = ask(
        "select value from indicator.outcomes where id = 'hr__health_promotion_index' \
         and unit_id in ('RJH', 'RS') and period = '2021T1' and breakdown = ''",
        &["--warehouse"],
    );
    assert_eq!(start.len(), 2);
    for row in start {
        assert_eq!((number(&row, "value") * 100.0).round(), 467.0, "{row}");
    }
    let managers = outcomes("hr__health_promotion_index");
    let board = managers
        .iter()
        .find(|row| text(row, "unit_id") == "RS" && text(row, "breakdown") == "Chefer")
        .unwrap();
    // Four managers stand outside the board, and print does not tell what they answered.
    let persons = ask(
        "select person_count from indicator.hr__health_promotion_index where period = '2024T2' \
         and breakdown = 'Chefer' and unit_id in ('RJH', 'RS') order by unit_id",
        &["--warehouse"],
    );
    let others = number(&persons[0], "person_count") - number(&persons[1], "person_count");
    assert!((1.0..=10.0).contains(&others), "{persons:?}");
    assert!((4.0..6.0).contains(&number(board, "value")), "{board}");
    let region = managers
        .iter()
        .find(|row| text(row, "unit_id") == "RJH" && text(row, "breakdown") == "Chefer")
        .unwrap();
    assert!((4.6..6.0).contains(&number(region, "value")), "{region}");
}

#[test]
fn audits_of_staff_and_climate_hold() {
    let rows = ask(
        "select audit, offender_count from meta.audits where offender_count > 0 and regexp_matches(audit, \
         '^(reported_outcomes|employments|sick_|worked_time|time_report|survey|recruit|training|\
         degree_days|chemical|travel|food|units|core_tables)')",
        &[],
    );
    assert_eq!(rows, Vec::<Value>::new());
}

#[test]
fn a_unit_with_a_low_response_is_marked() {
    let rows = ask(
        "select unit_name, row_kind, response_pct, basis from mart.medarbetarenkat \
         where report_period = '2024T2' and response_pct is not null",
        // Shares of persons leave as they are printed: 59,96 is 60,0 there.
        &["--warehouse"],
    );
    assert!(rows.len() > 5, "{rows:?}");
    for row in &rows {
        let is_low = number(row, "response_pct") < 60.0;
        assert_eq!(is_low, text(row, "row_kind") == "uncertain", "{row}");
        assert_eq!(is_low, text(row, "basis") == "Låg svarsfrekvens", "{row}");
    }
    assert!(rows.iter().any(|row| text(row, "row_kind") == "uncertain"));
}

#[test]
fn emissions_per_means_add_up_and_a_year_nobody_delivered_has_none() {
    let rows = outcomes("climate__travel_co2_tonnes");
    let total = rows.iter().find(|row| text(row, "breakdown").is_empty()).unwrap();
    let parts: f64 = rows
        .iter()
        .filter(|row| !text(row, "breakdown").is_empty())
        .map(|row| number(row, "numerator"))
        .sum();
    assert!((parts - number(total, "numerator")).abs() < 0.001);
    let empty_years = ask(
        "select period from indicator.outcomes where value is not null \
         and coalesce(mark, '') != 'stated' and left(period, 4) in \
         ('2020', '2021', '2022') and id in ('climate__travel_co2_change_pct', \
         'climate__travel_co2_2010_change_pct', 'climate__waste_change_pct')",
        &[],
    );
    assert_eq!(empty_years, Vec::<Value>::new());
    let since_2010 = outcomes("climate__travel_co2_2010_change_pct");
    assert!(since_2010.iter().any(|row| text(row, "breakdown") == "Flyg"));
}
