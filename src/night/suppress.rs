//! The additive structure of an indicator's cells, for the disclosure control.
//!
//! Cells of one period add up in two ways: women and men to both, units to the unit above. What is
//! hidden is decided in `tertial-indicator`; here it is only said which cells add up to which.
//! Cells of different periods add up too, months to the year to date. So where one cell of a unit,
//! sex and year is hidden, all its months are: a pattern that is safe in one month is safe in every
//! month, and a sum of several hidden months tells none of them.

use super::outcomes::{Fact, Units};
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_indicator::suppression::{CellId, Settings, Structure};
use tertial_model::{Period, Sex};

/// Marks the facts that must be hidden. An indicator without a limit hides nothing.
pub fn hide(definition: &Definition, units: &Units, facts: &mut [Fact]) {
    let Some(limit) = definition.suppress_max else { return };
    let settings = Settings { max_persons: u64::from(limit) };
    let mut groups: BTreeMap<(Period, String), Vec<usize>> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate() {
        groups.entry((fact.period, fact.breakdown.clone())).or_default().push(at);
    }
    for members in groups.into_values() {
        hide_group(units, facts, &members, &settings);
    }
    hide_months(facts);
}

/// Hides every month of a unit, sex and year in which anything is hidden.
fn hide_months(facts: &mut [Fact]) {
    let key =
        |fact: &Fact| (fact.unit_id.clone(), fact.sex, fact.breakdown.clone(), fact.period.year());
    let touched: BTreeSet<_> = facts.iter().filter(|fact| fact.hidden).map(key).collect();
    for fact in facts.iter_mut() {
        if matches!(fact.period, Period::Month(_)) && touched.contains(&key(fact)) {
            fact.hidden = true;
        }
    }
}

fn hide_group(units: &Units, facts: &mut [Fact], members: &[usize], settings: &Settings) {
    let mut structure = Structure::new();
    let mut cells: BTreeMap<(String, Sex), CellId> = BTreeMap::new();
    let mut of_fact = Vec::with_capacity(members.len());
    for &at in members {
        let fact = &facts[at];
        let name = format!("{} {}", fact.unit_id, fact.sex);
        let cell = structure.cell(&name, fact.person_count);
        cells.insert((fact.unit_id.clone(), fact.sex), cell);
        of_fact.push((at, cell));
    }
    for ((unit, sex), &whole) in &cells {
        if *sex == Sex::T {
            let parts: Vec<CellId> = [Sex::K, Sex::M]
                .iter()
                .filter_map(|sex| cells.get(&(unit.clone(), *sex)).copied())
                .collect();
            if !parts.is_empty() {
                structure.sum(whole, &parts);
            }
        }
        let below = units.parents.iter().filter(|(_, parent)| parent.as_deref() == Some(unit));
        let parts: Vec<CellId> =
            below.filter_map(|(child, _)| cells.get(&(child.clone(), *sex)).copied()).collect();
        if !parts.is_empty() {
            structure.sum(whole, &parts);
        }
    }
    let answer = structure.suppress(settings);
    for (at, cell) in of_fact {
        facts[at].hidden = answer.is_hidden(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::Decimal;

    fn fact(unit: &str, period: &str, sex: Sex, hours: i128, hidden: bool) -> Fact {
        Fact {
            unit_id: unit.to_owned(),
            period: Period::parse(period).unwrap(),
            sex,
            breakdown: String::new(),
            numerator: Some(Decimal::whole(hours)),
            denominator: Some(Decimal::whole(100)),
            person_count: Some(20),
            hidden,
        }
    }

    #[test]
    fn a_hidden_month_takes_the_year_s_other_months_with_it() {
        let mut facts = vec![
            fact("605", "2024-01", Sex::K, 1, false),
            fact("605", "2024-02", Sex::K, 2, true),
            fact("605", "2024T1", Sex::K, 3, false),
            fact("605", "2024-01", Sex::T, 4, false),
            fact("605", "2023-01", Sex::K, 5, false),
            fact("607", "2024-01", Sex::K, 6, false),
        ];
        hide_months(&mut facts);
        let hidden: Vec<bool> = facts.iter().map(|fact| fact.hidden).collect();
        assert_eq!(hidden, [true, true, false, false, false, false]);
    }
}
