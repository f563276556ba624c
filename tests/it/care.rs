//! Care, drugs, IT and public health in the demo region: parts add up to their whole, printed
//! figures come out, and what other registers say stays apart from what is computed.

use crate::support::{demo, on};
use serde_json::{Value, json};

/// Rows of a question to the published database.
fn ask(sql: &str) -> Vec<Value> {
    on(demo(), &["sql", "--format", "json", sql]).ended(0).json().as_array().unwrap().clone()
}

fn ask_warehouse(sql: &str) -> Vec<Value> {
    let answer = on(demo(), &["sql", "--warehouse", "--format", "json", sql]).ended(0);
    answer.json().as_array().unwrap().clone()
}

#[test]
fn parts_that_cover_the_whole_add_up_to_it() {
    let covers = [
        ("health__targeted_talks_pct", "breakdown <> ''", "true"),
        ("drugs__antibiotics_per_1000", "breakdown like 'Kommun %'", "true"),
        ("drugs__antibiotics_per_1000", "breakdown like 'Ålder %'", "true"),
        ("drugs__cost_growth_pct", "breakdown in ('Recept', 'Rekvisition')", "true"),
        ("care__assessment_within_3_days_pct", "breakdown <> ''", "breakdown <> ''"),
        ("care__doctor_visits_primary_share_pct", "sex in ('K', 'M')", "true"),
    ];
    for (id, part, shown) in covers {
        let rows = ask(&format!(
            "select period, sum(numerator) filter (where {part}) as parts, \
             sum(denominator) filter (where {part}) as parts_below, \
             sum(numerator) filter (where breakdown = '' and sex = 'T') as whole, \
             sum(denominator) filter (where breakdown = '' and sex = 'T') as whole_below \
             from indicator.outcomes where id = '{id}' and missing is null \
             and length(period) = 6 group by period having bool_or({shown}) and bool_or({part}) \
             order by period"
        ));
        let is_at_scale = !id.starts_with("care__assessment");
        assert!(!rows.is_empty() || !is_at_scale, "{id} has no parts");
        for row in rows {
            assert_eq!(row["parts"], row["whole"], "{id} {part}: {row}");
            assert_eq!(row["parts_below"], row["whole_below"], "{id} {part}: {row}");
        }
    }
}

#[test]
fn figures_that_were_printed_come_out_of_the_rows() {
    let printed = [
        ("it__helpdesk_first_call_pct", "2024T2", "", 20_352, 24_432),
        ("it__hardware_security_pct", "2024T2", "", 1, 8),
        ("it__software_security_pct", "2024T2", "", 4, 10),
        ("health__targeted_talks_pct", "2024T2", "", 957, 6_805),
        ("health__self_rated_health_pct", "2021", "Årskurs 7", 910, 1_300),
        ("health__self_rated_health_pct", "2021", "Gymnasiet årskurs 1", 660, 1_200),
    ];
    for (id, period, breakdown, numerator, denominator) in printed {
        // Numerators and denominators about persons stay in the warehouse.
        let rows = ask_warehouse(&format!(
            "select cast(numerator as bigint) as above, cast(denominator as bigint) as below \
             from indicator.outcomes where id = '{id}' and period = '{period}' \
             and breakdown = '{breakdown}' and sex = 'T' and unit_id = 'RJH'"
        ));
        assert_eq!(rows, [json!({"above": numerator, "below": denominator})], "{id}");
    }
}

#[test]
fn every_new_measure_has_an_outcome_in_the_demo() {
    for id in [
        "care__assessment_within_3_days_pct",
        "care__doctor_visits_primary_share_pct",
        "care__patient_board_travel_cases_count",
        "care__travel_satisfaction_pct",
        "economy__grp_per_inhabitant_ksek",
        "economy__tax_base_per_inhabitant_sek",
        "health__mental_wellbeing_pct",
        "health__self_rated_health_pct",
        "health__talks_area_gap_pct",
        "it__information_classified_pct",
        "it__outage_count",
        "it__outages_solved_3h_pct",
        "research__publications_count",
    ] {
        let rows = ask(&format!(
            "select count(*) as n from indicator.outcomes where id = '{id}' and value is not null"
        ));
        assert!(rows[0]["n"].as_i64().unwrap() > 0, "{id}");
    }
}

#[test]
fn a_low_response_hides_the_value_and_shows_the_rate() {
    let rows = ask("select breakdown, value is null as is_grey from indicator.outcomes \
         where id = 'care__travel_satisfaction_pct' and period = '2024T1' order by breakdown");
    // Nineteen to twenty-four flights answered, which is below thirty.
    assert_eq!(
        rows,
        [
            json!({"breakdown": "", "is_grey": false}),
            json!({"breakdown": "Flyg", "is_grey": true}),
            json!({"breakdown": "Specialfordon", "is_grey": false}),
            json!({"breakdown": "Svarsfrekvens", "is_grey": false}),
            json!({"breakdown": "Taxi", "is_grey": false}),
        ]
    );
}

#[test]
fn a_reported_outcome_that_is_computed_too_agrees_or_is_a_finding() {
    let rows = ask("select audit, offender_count from meta.audits \
         where audit = 'reported_outcomes__agree_with_computed'");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["offender_count"], 0, "{rows:?}");
    let answer = on(demo(), &["explain", "it__helpdesk_first_call_pct", "2024T2"]).ended(0);
    assert!(answer.out.contains("raw.helpdesk__cases"), "{}", answer.out);
    assert!(!answer.out.contains("raw.reported__outcomes"), "{}", answer.out);
}

#[test]
fn kolada_stands_beside_and_behind_no_computed_figure() {
    let rows = ask("select distinct outcomes.id from indicator.outcomes \
         inner join meta.deliveries on contains(outcomes.source_deliveries, deliveries.delivery_id) \
         where deliveries.source = 'kolada'");
    assert_eq!(rows, Vec::<Value>::new());
    let rows = ask("select count(*) as n from mart.jamforelse \
         where report_period = '2024T2' and kpi_id in ('N79173', 'N70001', 'N70059', 'N00487')");
    assert_eq!(rows[0]["n"], 4);
}

#[test]
fn the_report_shows_care_per_area_and_drug_cost_beside_the_nation() {
    let report = on(demo(), &["report", "2024T2", "--format", "json"]).ended(0).json();
    let rows = |table: &str| report["tables"][table]["rows"].as_array().map_or(0, Vec::len);
    assert_eq!(rows("vard_omrade"), 8 + 1, "eight municipalities and the county");
    assert_eq!(rows("antibiotika"), 8 + 5 + 2 + 1, "municipalities, age bands, sexes, the county");
    assert_eq!(rows("lakemedelskostnad"), 4);
    let cost = report["tables"]["lakemedelskostnad"].to_string();
    assert!(cost.contains("\"10,7\"") && cost.contains("\"10,1\""), "{cost}");
}

#[test]
fn rows_about_care_never_reach_the_public_database() {
    let rows = ask("select table_name, column_name from information_schema.columns \
         where column_name in ('contact_id', 'clinic_id', 'case_number', 'incident_number', \
         'asset_name', 'sub_control_name')");
    assert_eq!(rows, Vec::<Value>::new());
}
