//! The statuses of printed reports, judged anew: printed outcome, printed target and the rule.
//!
//! A report that prints outcome, target and status says with them how it judged. Whether one rule
//! explains all its statuses is a question about the print alone; no row of ours is in the answer.

use super::plan::{PlanTarget, parse_target};
use super::unwritten;
use crate::night::build::ask;
use crate::own;
use tertial_indicator::target::{Comparator, Resolved, Unresolved};
use tertial_indicator::{Definition, Direction, Ratio, judge, status};
use tertial_model::{Diagnostic, Missing, Period};
use tertial_warehouse::{Cell, Engine, Record, Rows};

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
    let mut judged = Vec::new();
    if !engine.columns_of(PUBLISHED).unwrap_or_default().is_empty() {
        let sql = format!(
            "select report_period, nr, indicator_id, unit_id, printed_outcome, outcome, \
             printed_target, target_kind, target_baseline, printed_status from {PUBLISHED} \
             order by report_period, nr"
        );
        let rows = ask(engine, &sql)?;
        judged
            .extend((0..rows.rows.len()).filter_map(|at| judgement(definitions, rules, &rows, at)));
    }
    own::write(engine, judged).map_err(|error| unwritten(JUDGED, &error))
}

/// A printed status and what the rule gives.
struct Judged {
    printed: Vec<Cell>,
    number: i64,
    agrees: bool,
    reason: String,
}

impl Record for Judged {
    const TABLE: &'static str = JUDGED;

    fn cells(&self) -> Vec<Cell> {
        let mut cells = self.printed.clone();
        cells.push(("rule_status", self.number.into()));
        cells.push(("agrees", self.agrees.into()));
        cells.push(("reason", (&self.reason).into()));
        cells
    }
}

fn judgement(
    definitions: &[Definition],
    rules: &status::Rules,
    rows: &Rows,
    at: usize,
) -> Option<Judged> {
    let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
    let id = text("indicator_id");
    let definition = definitions.iter().find(|definition| definition.id == id)?;
    let period = Period::parse(&text("report_period"))?;
    let target = PlanTarget {
        plan: text("report_period"),
        indicator_id: id,
        unit_id: text("unit_id"),
        breakdown: String::new(),
        printed: text("printed_target"),
        kind: text("target_kind"),
        baseline: rows.get(at, "target_baseline").text(),
        valid_from: String::new(),
        valid_to: String::new(),
    };
    let resolved = resolve(definition, &target);
    let value = rows.get(at, "outcome").decimal().and_then(Ratio::from_decimal);
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
    let printed = |name| (name, rows.get(at, name).clone());
    Some(Judged {
        printed: vec![
            printed("report_period"),
            printed("nr"),
            printed("indicator_id"),
            ("id", rows.get(at, "indicator_id").clone()),
            printed("unit_id"),
            printed("printed_outcome"),
            printed("printed_target"),
            printed("printed_status"),
        ],
        number,
        agrees: rows.get(at, "printed_status").integer() == Some(number),
        reason: judgement.reason,
    })
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
