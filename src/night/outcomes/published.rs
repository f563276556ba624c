//! The statuses of printed reports, judged anew: printed outcome, printed target and the rule.
//!
//! A report that prints outcome, target and status says with them how it judged. Whether one rule
//! explains all its statuses is a question about the print alone; no row of ours is in the answer.

use super::plan::{PlanTarget, parse_target};
use super::unwritten;
use crate::night::build::ask;
use tertial_indicator::target::{Comparator, Resolved, Unresolved};
use tertial_indicator::{Definition, Direction, Ratio, judge, status};
use tertial_model::{Diagnostic, Missing, Period};
use tertial_warehouse::{Engine, Value};

/// Where the program finds the printed statuses.
const PUBLISHED: &str = "core.published_statuses";
/// Where it puts its own.
const JUDGED: &str = "indicator.published_judgements";

/// Judges every printed status and writes what the rule gives beside it.
pub(super) fn rejudge(
    engine: &Engine,
    definitions: &[Definition],
    rules: &status::Rules,
) -> Result<(), Vec<Diagnostic>> {
    let columns = [
        ("report_period", "varchar"),
        ("nr", "bigint"),
        ("indicator_id", "varchar"),
        ("id", "varchar"),
        ("unit_id", "varchar"),
        ("printed_outcome", "varchar"),
        ("printed_target", "varchar"),
        ("printed_status", "bigint"),
        ("rule_status", "bigint"),
        ("agrees", "boolean"),
        ("reason", "varchar"),
    ];
    let mut judged = Vec::new();
    if !engine.columns_of(PUBLISHED).unwrap_or_default().is_empty() {
        let sql = format!(
            "select report_period, nr, indicator_id, unit_id, printed_outcome, outcome, \
             printed_target, target_kind, target_baseline, printed_status from {PUBLISHED} \
             order by report_period, nr"
        );
        for row in ask(engine, &sql)?.rows {
            if let Some(row) = judgement(definitions, rules, &row) {
                judged.push(row);
            }
        }
    }
    engine.create_table(JUDGED, &columns, judged).map_err(|error| unwritten(JUDGED, &error))
}

fn judgement(
    definitions: &[Definition],
    rules: &status::Rules,
    row: &[Value],
) -> Option<Vec<Value>> {
    let text = |at: usize| row[at].text().unwrap_or_default();
    let definition = definitions.iter().find(|definition| definition.id == text(2))?;
    let period = Period::parse(&text(0))?;
    let target = PlanTarget {
        plan: text(0),
        indicator_id: text(2),
        unit_id: text(3),
        breakdown: String::new(),
        printed: text(6),
        kind: text(7),
        baseline: row[8].text(),
        valid_from: String::new(),
        valid_to: String::new(),
    };
    let resolved = resolve(definition, &target);
    let value = row[5].decimal().and_then(Ratio::from_decimal);
    let question = status::Question {
        value,
        missing: value.is_none().then_some(Missing::NotAvailable),
        target: Some(resolved.as_ref()),
        direction: definition.direction,
        // The print shows a share for all alike: outcome and target are all it gives.
        form: tertial_indicator::AttainmentForm::Ratio,
        start: None,
        completeness: None,
    };
    let judgement = judge(&question, &rules.for_period(period));
    let number = i64::from(judgement.status.number());
    let mut cells: Vec<Value> =
        [0, 1, 2, 2, 3, 4, 6, 9].iter().map(|&at| row[at].clone()).collect();
    cells.push(Value::Integer(number));
    cells.push(Value::Boolean(row[9].integer() == Some(number)));
    cells.push(Value::Text(judgement.reason));
    Some(cells)
}

/// The printed target as a number; the nation's figure, where that is the target, is printed too.
fn resolve(definition: &Definition, target: &PlanTarget) -> Result<Resolved, Unresolved> {
    let plain = PlanTarget { kind: "printed".to_owned(), ..target.clone() };
    let is_nation = target.kind == "nation";
    let read = parse_target(definition, if is_nation { &plain } else { target });
    let read = read.map_err(|_| Unresolved::ToBeSet)?;
    let mut resolved =
        read.resolve(&target.unit_id, &|baseline| Err(Unresolved::NoReference(baseline)))?;
    if is_nation {
        let is_higher = definition.direction == Direction::Higher;
        resolved.comparator = if is_higher { Comparator::Above } else { Comparator::Below };
    }
    Ok(resolved)
}
