//! Variation, assurance, trend and forecast: their inputs from the warehouse, the answers into it.
//!
//! What is answered, and when nothing can be, stands in [`tertial_outcomes::signals`].

mod table;

pub use table::{read, read_points};

use super::outcomes;
use super::warehouse::ask;
use crate::own;
use crate::project::Project;
use std::collections::BTreeSet;
use table::{PointRow, SignalRow};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_outcomes::responsible::{ForecastLine, Forecasts};
use tertial_warehouse::engine::{EngineError, literal};
use tertial_warehouse::{Engine, Value};

/// The answers' table.
const SIGNALS: &str = "indicator.signals";
/// The table of the months behind the limits.
const POINTS: &str = "indicator.signal_points";
/// Where the forecasts of those who answer for a figure lie, when the project has them.
const RESPONSIBLE: &str = "core.responsible_forecasts";

/// Answers every question about every figure that the plan follows or that somebody has forecast,
/// and writes both tables.
pub fn compute(engine: &Engine, project: &Project) -> Result<(), Faults> {
    let plan = outcomes::read_plan(engine)?;
    let responsible = read_forecasts(engine)?;
    let forecast: BTreeSet<String> = responsible
        .figures()
        .map(|(indicator, unit)| format!("({}, {}, '')", literal(indicator), literal(unit)))
        .collect();
    let forecast = match forecast.is_empty() {
        true => String::new(),
        false => format!(
            "or (id, unit_id, breakdown) in ({})",
            forecast.into_iter().collect::<Vec<_>>().join(", ")
        ),
    };
    let condition = format!(
        "sex = 'T' and ((id, unit_id, breakdown) in \
         (select indicator_id, unit_id, breakdown from core.plan_indicators) {forecast})"
    );
    let followed = outcomes::read(engine, &condition, &[])?;
    let (signals, points) =
        tertial_outcomes::signals::answers(&project.definitions, &plan, &responsible, followed);
    let failed = |error: EngineError| {
        let message = format!("the answers beside the status cannot be written: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(SIGNALS)))
    };
    own::write(engine, signals.iter().map(SignalRow)).map_err(failed)?;
    let months = points.iter().map(|(period, point)| PointRow(*period, point));
    own::write(engine, months).map_err(failed)
}

/// The forecasts of those who answer for a figure; none when the project has no such table.
fn read_forecasts(engine: &Engine) -> Result<Forecasts, Faults> {
    let columns = engine.columns_of(RESPONSIBLE).unwrap_or_default();
    if columns.is_empty() {
        return Ok(Forecasts::default());
    }
    let has = |name: &str| columns.iter().any(|column| column == name);
    let subject = if has("indicator_id") { "indicator_id" } else { "measure" };
    let version = if has("version") { "version" } else { "year" };
    let same = if has("is_same_unit") { "is_same_unit" } else { "true" };
    let sql = format!(
        "select strftime(made_on, '%Y-%m-%d'), {subject}, unit_id, year, \
         cast(value as double), coalesce(unit, ''), coalesce(author_role, ''), {same} \
         from {RESPONSIBLE} \
         where value is not null and made_on is not null order by made_on, {version}, 2, 3, 4, 5"
    );
    let line = |row: &Vec<Value>| {
        Some(ForecastLine {
            made_on: row[0].text()?,
            indicator: row[1].text()?,
            unit: row[2].text()?,
            year: row[3].integer()?.try_into().ok()?,
            value: row[4].float()?,
            unit_word: row[5].text()?,
            role: row[6].text()?,
            is_same_unit: row[7] != Value::Boolean(false),
        })
    };
    Ok(Forecasts::new(ask(engine, &sql)?.rows.iter().filter_map(line).collect()))
}
