//! The catalogue from outside: plans and their revisions over time, versions and breaks, reported
//! outcomes, organisations, and the proof that every plan can be followed.

use crate::support::{demo, demo_copy, on, repository};
use serde_json::{Value, json};
use std::path::Path;

fn rows(project: &Path, sql: &str) -> Vec<Value> {
    let answer = on(project, &["sql", "--warehouse", "--format", "json", sql]).ended(0);
    answer.json().as_array().expect("rows").clone()
}

fn one(project: &Path, sql: &str) -> Value {
    let mut found = rows(project, sql);
    assert_eq!(found.len(), 1, "{sql}: {found:?}");
    found.remove(0)
}

#[test]
fn one_rule_gives_twenty_two_of_the_twenty_three_printed_statuses() {
    let counted = one(
        demo(),
        "select count(*) as n, count(*) filter (where agrees) as agreed from \
         indicator.published_judgements where report_period = '2024T2'",
    );
    assert_eq!(counted, json!({"n": 23, "agreed": 22}));
    let other = one(
        demo(),
        "select id, unit_id, printed_outcome, printed_target, printed_status, rule_status, reason \
         from indicator.published_judgements where not agrees",
    );
    assert_eq!(other["id"], "hr__influence_index");
    assert_eq!((&other["printed_outcome"], &other["printed_target"]), (&json!("4,6"), &json!("5")));
    assert_eq!((&other["printed_status"], &other["rule_status"]), (&json!(0), &json!(1)));
    let reason = other["reason"].as_str().unwrap();
    assert!(reason.contains("uppfyllelse utfall/mål = 92"), "{reason}");
    assert!(reason.ends_with("regel status, version 1"), "{reason}");
    // And the finding is an audit of its own.
    let audit = one(
        demo(),
        "select offender_count, holds from meta.audits \
         where audit = 'published_statuses__follow_from_the_rule'",
    );
    assert_eq!(audit, json!({"offender_count": 1, "holds": false}));
}

#[test]
fn an_indicator_that_changed_its_name_without_a_version_is_a_finding() {
    let found = rows(
        demo(),
        "select regexp_extract(finding, 'indicator_id=([^,]*)', 1) as id from meta.findings \
         where audit = 'plan_items__renamed_indicators_have_a_version' order by id",
    );
    let ids: Vec<&str> = found.iter().map(|row| row["id"].as_str().unwrap()).collect();
    // Emissions got a version, hardware kept its name but for an ending: neither is found.
    assert_eq!(
        ids,
        [
            "climate__recycling_pct",
            "climate__waste_change_pct",
            "drugs__cost_growth_pct",
            "hr__health_promotion_index",
            "hr__influence_index",
            "hr__sick_leave_pct",
        ]
    );
}

#[test]
fn every_item_of_the_plans_stands_in_the_catalogue() {
    let project = demo_copy("catalogue-items");
    on(&project, &["run", "--as-of", "2025-03-01"]);
    let counted = rows(
        &project,
        "select plan, kind, count(*) as n from core.plan_items group by all order by all",
    );
    let count = |plan: &str, kind: &str| {
        let row = counted.iter().find(|row| row["plan"] == plan && row["kind"] == kind);
        row.map_or(0, |row| row["n"].as_i64().unwrap())
    };
    assert_eq!((count("2022", "goal"), count("2022", "financial_goal")), (52, 4), "56 mål");
    assert_eq!((count("2022", "indicator"), count("2022", "own_indicator")), (22, 3));
    assert_eq!(count("2025", "long_indicator"), 10);
    assert_eq!((count("2022", "priority"), count("2022", "follow_up_area")), (13, 16));
    assert_eq!((count("2024", "short_indicator"), count("2024", "financial_goal")), (15, 8));
    assert_eq!((count("2025", "short_indicator"), count("2025", "financial_goal")), (9, 8));
    let assigned = one(
        &project,
        "select count(*) filter (where plan = '2024') as first, \
         count(*) filter (where plan = '2025') as second, \
         count(*) filter (where plan = '2025r1') as revised from seed.assignments",
    );
    assert_eq!(assigned, json!({"first": 38, "second": 28, "revised": 1}));
}

/// What the plan says of one item, and where one unit stands.
fn seen(project: &Path) -> Value {
    one(
        project,
        "select (select plan_revision from core.plans where body = 'RS' \
           and in_force_from <= date '2025-02-11' and in_force_to >= date '2025-02-11') as in_force, \
         (select description from core.plan_items where plan = '2025' and nr = 6) as energy, \
         (select count(*) from seed.assignments where assignment_id = 'U67') as leases, \
         (select parent_unit_id from core.units where unit_id = '631') as parent, \
         (select string_agg(ancestor_unit_id, ' ' order by distance) from core.unit_ancestors \
           where unit_id = '605') as merged",
    )
}

#[test]
fn a_decision_does_not_exist_before_its_day() {
    let project = demo_copy("catalogue-days");
    let report = || std::fs::read(project.join("data/reports/2024T2/report.json")).unwrap();
    on(&project, &["run", "--as-of", "2025-02-10"]);
    let before = seen(&project);
    assert_eq!(
        before,
        json!({"in_force": "2025", "energy": null, "leases": 0, "parent": "REGIONDIREKTOR",
               "merged": "605 640 RS RJH"})
    );
    let first = report();
    // Nothing is decided on a day of its own without a new release, and the day itself counts.
    let night = on(&project, &["run", "--as-of", "2025-02-11", "--format", "json"]).json();
    assert_eq!(night["is_new_release"], true);
    assert_eq!(
        seen(&project),
        json!({"in_force": "2025r1",
               "energy": "Nyckeltalet gäller Region Jämtland Härjedalens egna lokaler.",
               "leases": 1, "parent": "REGIONSTABEN", "merged": "605 640 REGIONSTABEN RS RJH"})
    );
    let night = on(&project, &["run", "--as-of", "2025-02-12", "--format", "json"]).json();
    assert_eq!(night["is_new_release"], false, "no decision, no new release");
    // Seen from before once more: the same answers and the same bytes.
    on(&project, &["run", "--as-of", "2025-02-10"]);
    assert_eq!(seen(&project), before);
    assert!(report() == first, "the report seen from the day before differs");
}

#[test]
fn a_decision_of_tomorrow_changes_nothing_seen_from_today() {
    let project = demo_copy("catalogue-tomorrow");
    let release = std::fs::read_link(project.join("data/releases/current")).unwrap();
    let append = |file: &str, line: &str| {
        let path = project.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{text}{line}\n")).unwrap();
    };
    append(
        "seeds/plans.csv",
        "2024r1,Reviderad,RS,Protokoll,RS,2024-10-01,tryckt,2024-01-01,2024-12-31,2024,Protokoll",
    );
    append(
        "seeds/targets.csv",
        "2024r1,hr__sick_leave_pct,RS,,2024T1,2024T3,9,printed,,,Protokoll",
    );
    append("seeds/status_rules.csv", "status,2,2024-01-01,2024-10-01,0.5,0,Mildare.");
    let definition = "sql/indicator/hr__sick_leave_pct.toml";
    append(
        definition,
        "\n[[version]]\nnumber = 2\nvalid_from = \"2024-01-01\"\ndecided_on = \"2024-10-01\"\nreason = \"Ny.\"\nname = \"Frånvaro\"",
    );
    let night = on(&project, &["run", "--as-of", "2024-09-17", "--format", "json"]).json();
    assert_eq!(night["is_new_release"], false);
    assert_eq!(std::fs::read_link(project.join("data/releases/current")).unwrap(), release);
    // Once it has come, the target, the rule and the method are the new ones.
    on(&project, &["run", "--as-of", "2024-10-01"]);
    let after = one(
        &project,
        "select name, method_version, target_printed, plan, status, status_reason from \
         indicator.outcomes where id = 'hr__sick_leave_pct' and unit_id = 'RS' and breakdown = '' \
         and period = '2024T2' and sex = 'T'",
    );
    assert_eq!((&after["name"], &after["method_version"]), (&json!("Frånvaro"), &json!(2)));
    assert_eq!((&after["target_printed"], &after["plan"]), (&json!("9"), &json!("2024r1")));
    assert_eq!(after["status"], 0);
    assert!(
        after["status_reason"]
            .as_str()
            .unwrap()
            .ends_with("gräns för delvis 50\u{a0}%; regel status, version 2"),
        "{after}"
    );
}

#[test]
fn a_series_breaks_where_the_measure_changes_and_both_methods_can_be_asked() {
    let project = demo_copy("catalogue-break");
    on(&project, &["run", "--as-of", "2025-03-01"]);
    let own = one(
        &project,
        "select name, method_version, value from indicator.outcomes \
         where id = 'economy__cash_liquidity_pct' and period = '2024T2'",
    );
    assert_eq!(own["name"], "Kassalikviditet inklusive pensionsplaceringar");
    assert_eq!(
        (&own["method_version"], own["value"].as_f64().unwrap().round()),
        (&json!(1), 268.0)
    );
    let other = one(
        &project,
        "select method_version, value from indicator.restatements \
         where id = 'economy__cash_liquidity_pct' and period = '2024T2'",
    );
    assert_eq!(other["method_version"], 2);
    assert!(other["value"].as_f64().unwrap() < own["value"].as_f64().unwrap());
    let told = on(&project, &["explain", "economy__cash_liquidity_pct", "2024T2"]).ended(0);
    assert!(told.out.contains("Tidsseriebrott 2025-01-01: Plan med budget 2025"), "{}", told.out);
    let broken = rows(
        &project,
        "select name_before, name_after from mart.tidsseriebrott \
         where indicator_id = 'climate__travel_co2_change_pct' and report_period = '2024T2'",
    );
    assert_eq!(broken.len(), 1);
    // Seen from before the decision the other method does not exist.
    let none = "select count(*) as n from indicator.restatements";
    assert_eq!(one(demo(), none)["n"], 0);
}

#[test]
fn a_reported_outcome_needs_a_definition_and_no_query() {
    let told = rows(
        demo(),
        "select id, unit_id, numerator, denominator, status, status_reason from \
         indicator.outcomes where period = '2022T3' and sex = 'T' and status is not null order by 1, 2",
    );
    let of = |id: &str, unit: &str| {
        told.iter()
            .find(|row| row["id"] == id && row["unit_id"] == unit)
            .unwrap_or_else(|| panic!("no status of {id} {unit}"))
    };
    // Activity done, half done; a count met and missed; a share; a number the plan never set.
    assert_eq!(of("hr__supply_activities_done", "RS")["status"], 0);
    assert_eq!(of("care__primary_care_plan_done", "RS")["status"], 2);
    assert_eq!(of("health__association_partnerships_count", "RS")["status"], 0);
    assert_eq!(of("health__association_partnerships_count", "HSN")["status"], 2);
    assert_eq!(of("it__bed_management_activities_count", "RS")["status"], 2);
    assert_eq!(of("hr__placement_places_count", "RS")["status"], 0);
    let open = of("hr__hybrid_home_agreements_count", "RS");
    assert_eq!(open["status"], 3);
    assert!(open["status_reason"].as_str().unwrap().starts_with("målvärdet är inte fastställt"));
    let reported = one(
        demo(),
        "select count(*) as n, count(*) filter (where reported_by_role is null or reported_date \
         is null) as bare from mart.rapporterade_utfall where report_period = '2022T3'",
    );
    assert!(reported["n"].as_i64().unwrap() >= 35);
    assert_eq!(reported["bare"], 0);
    let explained = on(demo(), &["explain", "hr__supply_activities_done", "2022T3"]).ended(0);
    assert!(explained.out.contains("rapporterade_utfall_2022T3.csv"), "{}", explained.out);
    assert!(explained.out.contains("sql/core/reported_outcomes.sql"), "{}", explained.out);
}

#[test]
fn reported_outcomes_are_read_as_they_are_delivered() {
    let project = demo_copy("catalogue-reported");
    let file = project.join("data/inbox/reported/rapporterade_utfall_2022T3.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = |id: &str| text.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
    let supply = line("hr__supply_activities_done;RS");
    // One of three steps instead of all; no kommun at all; one row gone.
    let changed = text
        .replace(&supply, &supply.replacen(";3;3;", ";1;3;", 1))
        .replace(";7;8;", ";7;0;")
        .replace(&format!("{}\n", line("hr__placement_places_count;RS")), "")
        .replace(&format!("{}\r\n", line("hr__placement_places_count;RS")), "");
    assert_ne!(changed, text);
    std::fs::write(&file, changed).unwrap();
    on(&project, &["run", "--as-of", "2024-09-20"]);
    let of = |id: &str| {
        one(
            &project,
            &format!(
                "select numerator, denominator, value, missing, status from indicator.outcomes \
                 where id = '{id}' and period = '2022T3' and unit_id = 'RS'"
            ),
        )
    };
    // Late rows count: the later delivery stands in for the earlier.
    let supply = of("hr__supply_activities_done");
    assert_eq!((supply["status"].as_i64(), supply["missing"].is_null()), (Some(2), true));
    let presence = of("hr__hub_presence_pct");
    assert!(presence["value"].is_null(), "nothing is divided by zero: {presence}");
    let placement = of("hr__placement_places_count");
    assert_eq!((&placement["missing"], &placement["status"]), (&json!("not_available"), &json!(3)));
}

#[test]
fn the_same_facts_give_the_figures_of_either_organisation() {
    let project = demo_copy("catalogue-organisations");
    on(&project, &["run", "--as-of", "2025-03-01"]);
    let sums = rows(
        &project,
        "select o.organisation_id, o.ancestor_unit_id, cast(sum(l.outcome_sek) as varchar) as sum \
         from core.ledger_tertials l join core.organisation_ancestors o on l.unit_id = o.unit_id \
         where l.period = '2024T2' and o.ancestor_unit_id in \
         ('RS', 'REGIONSTABEN', 'REGIONDIREKTOR', '640', '650', '605', '612', 'VARDVAL') \
         group by all order by all",
    );
    let sum = |organisation: &str, unit: &str| {
        let row = sums
            .iter()
            .find(|row| row["organisation_id"] == organisation && row["ancestor_unit_id"] == unit);
        row.map_or(0.0, |row| row["sum"].as_str().unwrap().parse::<f64>().unwrap())
    };
    // The board is the same whatever the tree; its areas are not.
    assert_eq!(sum("2015", "RS"), sum("2025r1", "RS"));
    assert_eq!(sum("2025r1", "REGIONSTABEN"), sum("2025r1", "RS"), "one area holds all");
    assert!(sum("2015", "REGIONDIREKTOR") < 0.0 && sum("2015", "640") == 0.0);
    // Units that were merged live on below their successor.
    assert_eq!(sum("2025r1", "640"), sum("2015", "605") + sum("2015", "612"));
    // The printed table of departments follows the tree in force and still sums to the board.
    let table = |project: &Path| {
        rows(
            project,
            "select unit_id, row_kind, cast(outcome_tkr as varchar) as tkr from mart.avdelningar \
             where report_period = '2024T2' order by sort_order",
        )
    };
    let total = |rows: &[Value]| {
        let row = rows.iter().find(|row| row["row_kind"] == "sum").unwrap();
        row["tkr"].as_str().unwrap().to_owned()
    };
    let (now, then) = (table(&project), table(demo()));
    assert_eq!(total(&now), total(&then));
    let units: Vec<&str> = now.iter().map(|row| row["unit_id"].as_str().unwrap()).collect();
    assert_eq!(units, ["634", "631", "632", "633", "VARDVAL", "640", "650", "REGIONSTABEN", "RS"]);
}

#[test]
fn targets_stand_as_printed_and_as_read() {
    let read = |plan: &str, id: &str, unit: &str| {
        one(
            demo(),
            &format!(
                "select printed, read_as from indicator.targets \
                 where plan = '{plan}' and id = '{id}' and unit_id = '{unit}' and breakdown = ''"
            ),
        )["read_as"]
            .clone()
    };
    assert_eq!(read("2022", "climate__recycling_pct", "RJH"), "Minst 41\u{a0}%");
    assert_eq!(read("2022", "climate__waste_change_pct", "RJH"), "Högst −1\u{a0}% mot 2019");
    assert_eq!(
        read("2022", "hr__health_promotion_index", "RS"),
        "Över 4,67\u{a0}index (RJH), över 4,67\u{a0}index (RS)"
    );
    assert_eq!(read("2024", "hr__health_promotion_index", "RS"), "Minst 4,5\u{a0}index");
}

/// A copy of the project's own files, without data.
fn project_copy(name: &str) -> std::path::PathBuf {
    let target = crate::support::folder(name);
    for part in ["pipelines", "schemas", "seeds", "sql"] {
        crate::support::copy(&repository().join(part), &target.join(part));
    }
    std::fs::copy(repository().join("tertial.toml"), target.join("tertial.toml")).unwrap();
    target
}

#[test]
fn check_proves_that_every_plan_can_be_followed() {
    let project = project_copy("catalogue-check");
    on(&project, &["check"]).ended(0);
    let edit = |file: &str, from: &str, to: &str| {
        let path = project.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    edit(
        "seeds/plan_indicators.csv",
        "2024,2,hr__healthy_share_pct,RS,",
        "2024,2,hr__healthy_shares_pct,RS,",
    );
    edit("seeds/plan_indicators.csv", "2024,3,hr__health_promotion_index,RS,\n", "");
    edit(
        "seeds/targets.csv",
        "2024,it__hardware_security_pct,RJH,,",
        "2024,it__hardware_security_pct,RS,,",
    );
    edit("seeds/plans.csv", "2025-02-11,tryckt", "xxxx-xx-xx,tryckt");
    edit("seeds/assignments.csv", "U08,halso_och_sjukvard,80", "U08,vard_och_omsorg,80");
    edit("seeds/unit_successors.csv", "605,640,", "606,640,");
    let answer = on(&project, &["check"]).ended(2);
    for part in [
        "error[T0507]: an indicator of a plan has no definition",
        "`indicator_id` = `hr__healthy_shares_pct`",
        "error[T0507]: no indicator tells how an item of the plan goes",
        "error[T0507]: the plan sets no target for an indicator it aims with",
        "error[T0507]: a target is set for a figure that its plan does not follow",
        "error[T0507]: the plan lacks a day",
        "error[T0507]: the row belongs to a goal area that is not known",
        "error[T0507]: a unit ceases and nothing takes over",
        "error[T0507]: a unit that took over or ceased is not known",
        "--> seeds/plans.csv:5:1",
        "--> seeds/assignments.csv:9:1",
    ] {
        assert!(answer.err.contains(part), "{part} is not in\n{}", answer.err);
    }
}
