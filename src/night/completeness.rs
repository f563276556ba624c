//! Which units have reported to which source: read from the raw rows, written and read back.
//!
//! The tables are those that a definition names under `reported_by_units`; their contracts have a
//! column of units (a reference to a table behind `core.units`). Who is expected stands in
//! [`tertial_outcomes::reporting`].

use super::warehouse::ask;
use crate::own;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Code, ColumnType, Contract, Diagnostic, Faults, Location, Month, Period};
use tertial_outcomes::reporting::{self, Known, Reported, SourceUnits, UnitName};
use tertial_warehouse::engine::{EngineError, identifier, qualified};
use tertial_warehouse::{Cell, Engine, Record, Value};

/// The table in the release.
const TABLE: &str = "indicator.reporting_units";

/// The column of a contract that holds units of the organisation.
pub fn unit_column<'a>(project: &Project, contract: &'a Contract) -> Option<&'a str> {
    let organisation = project.graph.behind("core.units");
    let is_unit = |reference: &str| {
        let Some((table, column)) = reference.rsplit_once('.') else { return false };
        column == "unit_id" && organisation.contains(table)
    };
    let column = contract.columns.iter().find(|c| c.references.as_deref().is_some_and(is_unit))?;
    Some(&column.name)
}

/// Writes the table, from the raw rows of a warehouse under construction.
pub fn compute(engine: &Engine, project: &Project) -> Result<(), Faults> {
    let wanted: BTreeSet<&String> =
        project.definitions.values().flat_map(|definition| &definition.reported_by_units).collect();
    let organisation = known(engine)?;
    let mut rows = Vec::new();
    for table in wanted {
        let Some(contract) = project.contracts.get(table) else { continue };
        let columns = unit_column(project, contract).zip(contract.period_column.as_deref());
        let Some((unit, period)) = columns else { continue };
        let is_monthly = contract.column(period).is_some_and(|column| {
            matches!(column.column_type, ColumnType::Month | ColumnType::Date)
        });
        if !is_monthly {
            continue;
        }
        let (unit, period) = (identifier(unit), identifier(period));
        let sql = format!(
            "select {unit}, strftime({period}, '%Y-%m') as month from {} \
             where {unit} is not null and {period} is not null group by all order by all",
            qualified(&format!("raw.{table}"))
        );
        let mut reported: BTreeMap<String, BTreeSet<Month>> = BTreeMap::new();
        for row in ask(engine, &sql)?.rows {
            let month = row[1].text().as_deref().and_then(Month::parse);
            if let Some((unit, month)) = row[0].text().zip(month) {
                reported.entry(unit).or_default().insert(month);
            }
        }
        rows.extend(reporting::expected(table, &reported, &organisation));
    }
    own::write(engine, rows.into_iter().map(ReportedRow)).map_err(|error: EngineError| {
        let message = format!("the units that have reported cannot be written: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(TABLE)))
    })
}

fn known(engine: &Engine) -> Result<Known, Faults> {
    let rows = ask(
        engine,
        "select unit_id, unit_name, strftime(valid_from, '%Y-%m'), strftime(valid_to, '%Y-%m') \
         from core.units order by unit_id, valid_from",
    )?;
    let month = |value: &Value| value.text().as_deref().and_then(Month::parse);
    let mut known = Known::default();
    for row in &rows.rows {
        let text = |at: usize| row[at].text().unwrap_or_default();
        known.add(UnitName { id: text(0), name: text(1) }, month(&row[2]), month(&row[3]));
    }
    Ok(known)
}

/// Whether a unit has reported, as a row.
struct ReportedRow(Reported);

impl Record for ReportedRow {
    const TABLE: &'static str = TABLE;

    fn cells(&self) -> Vec<Cell> {
        let ReportedRow(row) = self;
        vec![
            ("table_name", (&row.table).into()),
            ("month", row.month.to_string().into()),
            ("unit_id", (&row.unit.id).into()),
            ("unit_name", (&row.unit.name).into()),
            ("has_reported", row.has_reported.into()),
        ]
    }
}

/// Which units have reported for a period; none from a release that was made before it had the table.
pub fn read(engine: &Engine, period: Period) -> Result<Vec<SourceUnits>, Faults> {
    if engine.columns_of(TABLE).unwrap_or_default().is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select table_name, unit_id, unit_name, month, has_reported from {TABLE} order by all"
    );
    let rows = ask(engine, &sql)?;
    let row = |row: &Vec<Value>| {
        let text = |at: usize| row[at].text().unwrap_or_default();
        Some(Reported {
            table: text(0),
            unit: UnitName { id: text(1), name: text(2) },
            month: Month::parse(&text(3))?,
            has_reported: row[4] != Value::Boolean(false),
        })
    };
    let months: BTreeSet<String> = period.months().map(|month| month.to_string()).collect();
    Ok(reporting::by_source(rows.rows.iter().filter_map(row), &months))
}
