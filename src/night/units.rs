//! Units of an indicator beside each other: their inputs from the warehouse, the panels into it.
//!
//! How they are compared stands in [`tertial_outcomes::units`].

mod table;

pub use table::read;

use super::outcomes;
use super::warehouse::ask;
use crate::own;
use crate::project::Project;
use table::{FigureRow, PanelRow};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_outcomes::units::{Levels, Standards, panels};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Engine, Value};

/// The panels' table: one row per indicator and period.
const PANELS: &str = "indicator.unit_panels";
/// The units' table.
const FIGURES: &str = "indicator.unit_figures";

/// Compares the units of every indicator that asks for it and writes both tables.
pub fn compute(engine: &Engine, project: &Project) -> Result<(), Faults> {
    let levels = read_levels(engine)?;
    let standards = read_standards(engine)?;
    let mut found = Vec::new();
    for definition in project.definitions.values().filter(|one| one.units.is_some()) {
        let condition = "id = $1 and sex = 'T' and period like '%T%'";
        let own = outcomes::read(engine, condition, &[&definition.id])?;
        found.extend(panels(definition, &levels, &standards, &own));
    }
    let failed = |error: EngineError| {
        let message = format!("the comparison of units cannot be written: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(PANELS)))
    };
    own::write(engine, found.iter().map(|(panel, _)| PanelRow(panel))).map_err(failed)?;
    let figures =
        found.iter().flat_map(|(panel, units)| units.iter().map(move |unit| (panel, unit)));
    own::write(engine, figures.map(|(panel, unit)| FigureRow(panel, unit))).map_err(failed)
}

fn text(row: &[Value], at: usize) -> String {
    row[at].text().unwrap_or_default()
}

fn read_levels(engine: &Engine) -> Result<Levels, Faults> {
    let rows =
        ask(engine, "select unit_id, unit_name, level from core.units order by sort_order, 1")?;
    let unit = |row: &Vec<Value>| (text(row, 0), text(row, 1), text(row, 2));
    Ok(Levels::new(rows.rows.iter().map(unit).collect()))
}

/// From `seed.standard_populations`; empty when the project has none.
fn read_standards(engine: &Engine) -> Result<Standards, Faults> {
    let mut found = Standards::default();
    if engine.columns_of("seed.standard_populations").unwrap_or_default().is_empty() {
        return Ok(found);
    }
    let rows = ask(
        engine,
        "select standard_population, year, age_group, weight \
         from seed.standard_populations order by all",
    )?;
    for row in &rows.rows {
        let weight = text(row, 3).parse().unwrap_or(f64::NAN);
        found.add(text(row, 0), text(row, 1), text(row, 2), weight);
    }
    Ok(found)
}
