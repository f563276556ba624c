//! The additive structure of an indicator's cells, for the disclosure control.
//!
//! Cells of one period add up in two ways: women and men to both, units to the unit above. What is
//! hidden is decided in `tertial-indicator`; here it is only said which cells add up to which.

use super::outcomes::{Fact, Units};
use std::collections::BTreeMap;
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
