//! The disclosure control over an indicator's facts.
//!
//! What is hidden, and why, is decided in `tertial_indicator::suppression`; here facts become its
//! rows, and its answer is written back and counted.

use super::outcomes::{Fact, Units};
use crate::own;
use std::collections::BTreeMap;
use tertial_indicator::Definition;
use tertial_indicator::suppression::{RULE, Reason, Row, VERSION, hidden};
use tertial_model::Period;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Cell, Engine, Record};

/// Cells of one indicator in periods of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    cells: i64,
    for_few_persons: i64,
    for_others: i64,
}

/// What the disclosure control did, by indicator and kind of period.
#[derive(Debug, Default)]
pub struct Price(BTreeMap<(String, &'static str), Count>);

/// Marks the facts that must be hidden. An indicator without a limit hides nothing.
///
/// `is_planned` says of a fact whether a plan in force asks for it.
pub fn hide(
    definition: &Definition,
    units: &Units,
    is_planned: &dyn Fn(&Fact) -> bool,
    facts: &mut [Fact],
    price: &mut Price,
) {
    if definition.suppress_max.is_none() {
        return;
    }
    let rows = facts.iter().map(|fact| Row {
        unit: &fact.unit_id,
        period: fact.period,
        sex: fact.sex,
        breakdown: &fact.breakdown,
        numerator: fact.numerator,
        denominator: fact.denominator,
        persons: fact.person_count,
        is_planned: is_planned(fact),
    });
    let rows: Vec<Row> = rows.collect();
    let reasons = hidden(definition, &units.parents, &rows);
    for (fact, reason) in facts.iter_mut().zip(reasons) {
        fact.hidden = reason.is_some();
        price.count(&definition.id, fact.period, reason);
    }
}

impl Price {
    fn count(&mut self, id: &str, period: Period, reason: Option<Reason>) {
        let kind = match period {
            Period::Month(_) => "month",
            Period::Tertial { .. } => "tertial",
            Period::Year(_) => "year",
        };
        let count = self.0.entry((id.to_owned(), kind)).or_default();
        count.cells += 1;
        count.for_few_persons += i64::from(reason == Some(Reason::Primary));
        count.for_others += i64::from(reason == Some(Reason::Secondary));
    }

    /// Writes how many cells are hidden.
    pub fn write(&self, engine: &Engine) -> Result<(), EngineError> {
        let rows = self.0.iter();
        own::write(
            engine,
            rows.map(|((indicator, kind), count)| HiddenRow { indicator, kind, count }),
        )
    }
}

struct HiddenRow<'a> {
    indicator: &'a str,
    kind: &'a str,
    count: &'a Count,
}

impl Record for HiddenRow<'_> {
    const TABLE: &'static str = "meta.hidden_cells";

    fn cells(&self) -> Vec<Cell> {
        vec![
            ("indicator_id", self.indicator.into()),
            ("period_kind", self.kind.into()),
            ("cell_count", self.count.cells.into()),
            ("hidden_for_few_persons_count", self.count.for_few_persons.into()),
            ("hidden_for_others_count", self.count.for_others.into()),
            ("rule", RULE.into()),
            ("rule_version", VERSION.into()),
        ]
    }
}
