//! The statuses of printed reports, judged anew: printed outcome, printed target and the rule.
//!
//! A report that prints outcome, target and status says with them how it judged. Whether one rule
//! explains all its statuses is a question about the print alone; no row of ours is in the answer.

use crate::plan::{KIND_NATION, PlanTarget, parse_target};
use tertial_indicator::target::{Comparator, Resolved, Unresolved};
use tertial_indicator::{AttainmentForm, Definition, Direction, Judgement, Ratio, judge, status};
use tertial_model::{Decimal, Missing, Period};

/// A status of a printed report, with what stands beside it in print.
#[derive(Debug, Clone)]
pub struct PrintedStatus {
    /// The report's period.
    pub period: Period,
    /// The printed outcome.
    pub outcome: Option<Decimal>,
    /// The printed target and what it is set for.
    pub target: PlanTarget,
}

/// What the rule of the period gives.
pub fn rejudge(
    definition: &Definition,
    rules: &status::Rules,
    printed: &PrintedStatus,
) -> Judgement {
    let resolved = resolve(definition, &printed.target);
    let value = printed.outcome.and_then(Ratio::from_decimal);
    let question = status::Question {
        value,
        missing: value.is_none().then_some(Missing::NotAvailable),
        target: Some(resolved.as_ref()),
        direction: definition.direction,
        // The print shows a share for all alike: outcome and target are all it gives.
        form: AttainmentForm::Ratio,
        start: None,
        completeness: None,
    };
    judge(&question, &rules.for_period(printed.period))
}

/// The printed target as a number; the nation's figure, where that is the target, is printed too.
fn resolve(definition: &Definition, target: &PlanTarget) -> Result<Resolved, Unresolved> {
    let plain = PlanTarget { kind: "printed".to_owned(), ..target.clone() };
    let is_nation = target.kind == KIND_NATION;
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
