//! The four answers and the forecast, from deliveries to database, command line and report.

use crate::support::{demo, on};
use serde_json::Value;

fn figures() -> Vec<Value> {
    let answer = on(demo(), &["indicators", "2024T2", "--format", "json"]).ended(0);
    answer.json().as_array().unwrap().clone()
}

fn signal<'a>(figures: &'a [Value], id: &str, level: &str, question: &str) -> &'a Value {
    let figure = figures
        .iter()
        .find(|f| f["id"] == id && f["level"] == level && f["sex"] == "T" && f["breakdown"] == "")
        .unwrap_or_else(|| panic!("no figure {id} {level}"));
    let signals = figure["signals"].as_array().unwrap();
    signals.iter().find(|signal| signal["question"] == question).unwrap()
}

fn count(sql: &str, warehouse: bool) -> i64 {
    let mut arguments = vec!["sql", sql, "--format", "json"];
    if warehouse {
        arguments.push("--warehouse");
    }
    let rows = on(demo(), &arguments).ended(0).json();
    rows[0].as_object().unwrap().values().next().unwrap().as_i64().unwrap()
}

#[test]
fn sick_leave_has_limits_freed_of_its_season() {
    let all = figures();
    let variation = signal(&all, "hr__sick_leave_pct", "RS", "variation");
    assert_ne!(variation["answer"], "silent", "{variation}");
    assert!(variation["points"].as_i64().unwrap() >= 36);
    let limit = |name: &str| variation[name].as_f64().unwrap();
    assert!(limit("lower_limit") < limit("mean") && limit("mean") < limit("upper_limit"));
    assert!(variation["method_text"].as_str().unwrap().contains("värdena är rensade från säsong"));
    let forecast = signal(&all, "hr__sick_leave_pct", "RS", "forecast");
    assert!(forecast["forecast_low"].as_f64() < forecast["forecast"].as_f64());
    assert!(forecast["mase"].as_f64().is_some());
}

#[test]
fn growth_and_rolling_series_are_silent_with_their_reason() {
    let all = figures();
    for question in ["variation", "assurance", "trend"] {
        let growth = signal(&all, "economy__gross_cost_growth_pct", "RS", question);
        assert_eq!(growth["answer"], "silent");
        assert_eq!(
            growth["reason"],
            "förändringstal delar underlag med den period de jämförs med och bedöms inte"
        );
        let rolling = signal(&all, "hr__healthy_share_pct", "RS", question);
        assert_eq!(rolling["reason"], "rullande värden överlappar varandra och bedöms inte");
    }
}

#[test]
fn every_followed_figure_has_every_answer_with_reason_and_version_in_both_databases() {
    for warehouse in [false, true] {
        let lacking = "select count(*) as n from indicator.signals where coalesce(reason, '') = '' \
             or coalesce(answer_word, '') = '' or coalesce(method, '') = '' \
             or coalesce(method_version, 0) < 1 or coalesce(method_text, '') = ''";
        assert_eq!(count(lacking, warehouse), 0);
        assert!(count("select count(*) as n from indicator.signals", warehouse) > 0);
        let comment = "select count(*) as n from duckdb_tables() \
             where schema_name = 'indicator' and table_name like 'signal%' and comment <> ''";
        assert_eq!(count(comment, warehouse), 2);
    }
    let odd = "select count(*) as n from (select id, unit_id, breakdown, period from \
         indicator.signals group by all having count(distinct question) <> 4 or count(*) <> 4)";
    assert_eq!(count(odd, true), 0);
    let forgotten = "select count(*) as n from core.plan_indicators p \
         where p.plan = '2024' and not exists (select 1 from indicator.signals s \
         where s.id = p.indicator_id and s.unit_id = p.unit_id and s.period = '2024T2')";
    assert_eq!(count(forgotten, true), 0);
}

#[test]
fn no_hidden_month_stands_behind_limits() {
    let hidden = "select count(*) as n from indicator.signal_points p \
         join indicator.outcomes o on o.id = p.id and o.unit_id = p.unit_id \
         and o.breakdown = p.breakdown and o.period = p.month and o.sex = 'T' \
         where o.missing is not null or o.value <> p.value";
    assert_eq!(count(hidden, false), 0);
    let ahead = "select count(*) as n from indicator.signal_points \
         where month > left(period, 4) || '-' || lpad(cast(4 * right(period, 1)::integer as varchar), 2, '0')";
    assert_eq!(count(ahead, false), 0);
}

#[test]
fn the_report_shows_the_questions_and_the_limits() {
    let folder = demo().join("data/reports/2024T2");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let page = read("report.html");
    assert!(page.contains("id=\"fragor-hr__sick_leave_pct\""));
    assert!(page.contains("id=\"variation-hr__sick_leave_pct-rs\""));
    let explained = on(demo(), &["explain", "hr__sick_leave_pct", "2024T2"]).ended(0).out;
    for words in ["variation ", "säkerhet mot målet ", "trend ", "prognos helår "] {
        assert!(explained.contains(&format!("    {words}")), "{words}: {explained}");
    }
}
