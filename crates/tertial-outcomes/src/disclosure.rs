//! The disclosure control over an indicator's facts.
//!
//! What is hidden, and why, is decided in `tertial_indicator::suppression`; here facts become its
//! rows, and its answer is written back and counted.

use crate::fact::Fact;
use crate::organisation::Organisation;
use std::collections::BTreeMap;
use tertial_indicator::Definition;
use tertial_indicator::suppression::{Reason, Row, hidden};
use tertial_model::Period;

/// Cells of one indicator in periods of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// All cells.
    pub cells: i64,
    /// Hidden because few persons stand behind them.
    pub for_few_persons: i64,
    /// Hidden so that those cannot be worked out.
    pub for_others: i64,
}

/// What the disclosure control did, by indicator and kind of period.
#[derive(Debug, Default)]
pub struct HiddenCells(BTreeMap<(String, &'static str), Count>);

/// Marks the facts that must be hidden. An indicator without a limit hides nothing.
///
/// `is_planned` says of a fact whether a plan in force asks for it.
pub fn hide(
    definition: &Definition,
    organisation: &Organisation,
    is_planned: &dyn Fn(&Fact) -> bool,
    facts: &mut [Fact],
    counts: &mut HiddenCells,
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
    let reasons = hidden(definition, &organisation.parents, &rows);
    for (fact, reason) in facts.iter_mut().zip(reasons) {
        fact.hidden = reason.is_some();
        counts.count(&definition.id, fact.period, reason);
    }
}

impl HiddenCells {
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

    /// By indicator and kind of period: `month`, `tertial`, `year`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'static str, &Count)> {
        self.0.iter().map(|((indicator, kind), count)| (indicator.as_str(), *kind, count))
    }
}
