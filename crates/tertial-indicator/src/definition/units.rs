//! How units of an indicator are shown beside each other, as its definition asks for it.

use super::form::{Fields, Form};
use serde::Serialize;

/// How units of an indicator are shown beside each other; never ranked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitComparison {
    /// In what form.
    pub form: UnitForm,
    /// Level of the units in the organisation, or `breakdown` when the query's breakdowns are units.
    pub of: String,
    /// What numerator and denominator count.
    pub counts: UnitCounts,
}

/// In what form units are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitForm {
    /// Around the total of all units, between limits that follow from each unit's size.
    Funnel,
    /// Each with its own interval.
    Interval,
}

/// What numerator and denominator count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitCounts {
    /// Some of the same: persons among persons, rows among rows.
    Shares,
    /// Events among persons or over time.
    Events,
    /// Hours, money and other amounts: no count, so limits are drawn with overdispersion or not at all.
    Amounts,
}

/// `units`, `units_of` and `units_count`: all of them or none.
pub(super) fn read(form: &mut Form, fields: &Fields) -> Option<UnitComparison> {
    const KEYS: [&str; 3] = ["units", "units_of", "units_count"];
    let given: Vec<&str> = KEYS.into_iter().filter(|key| fields.get(key).is_some()).collect();
    let first = given.first()?;
    if given.len() < KEYS.len() {
        let message = "`units`, `units_of` and `units_count` belong together";
        form.content(fields, first, message, "all three or none");
        return None;
    }
    let shown = form.word(fields, "units", &["funnel", "interval"], None)?;
    let of = form.required_text(fields, "units_of");
    let counts = form.word(fields, "units_count", &["shares", "events", "amounts"], None)?;
    Some(UnitComparison {
        form: [UnitForm::Funnel, UnitForm::Interval][shown],
        of,
        counts: [UnitCounts::Shares, UnitCounts::Events, UnitCounts::Amounts][counts],
    })
}
