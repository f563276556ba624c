//! Which units have reported to which source, month by month.
//!
//! The tables are those that a definition names under `reported_by_units`; their contracts have a
//! column of units (a reference to a table behind `core.units`). Expected are the units that had
//! rows in one of the [`LOOK_BACK`] months before the month asked about, as long as the organisation
//! has them: a unit that falls silent is missing, one that never reported to this source is not
//! waited for.

use super::build::ask;
use crate::own;
use crate::project::Project;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::{Contract, Diagnostic, Month, Period};
use tertial_warehouse::engine::{EngineError, identifier, qualified};
use tertial_warehouse::{Cell, Engine, Record, Value};

/// The table in the release.
const TABLE: &str = "indicator.reporting_units";
/// How many months back a unit's rows make it expected.
const LOOK_BACK: i32 = 12;

/// Units expected to report to a source for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceUnits {
    /// The raw table.
    pub table: String,
    /// Units that have reported every month they were expected to.
    pub complete: Vec<UnitName>,
    /// Units that lack a month.
    pub lacking: Vec<Lacking>,
}

/// A unit that has not reported all it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitName,
    /// The months it lacks.
    pub months: Vec<String>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnitName {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl SourceUnits {
    /// How many units were expected.
    pub fn expected(&self) -> usize {
        self.complete.len() + self.lacking.len()
    }

    /// Only those units.
    pub fn among(&self, units: &BTreeSet<String>) -> SourceUnits {
        let own = |unit: &UnitName| units.contains(&unit.id);
        SourceUnits {
            table: self.table.clone(),
            complete: self.complete.iter().filter(|unit| own(unit)).cloned().collect(),
            lacking: self.lacking.iter().filter(|lacking| own(&lacking.unit)).cloned().collect(),
        }
    }

    /// `11 av 14 enheter har rapporterat; saknas: …`.
    pub fn text(&self) -> String {
        let (reported, expected) = (self.complete.len(), self.expected());
        let mut text = format!("{reported} av {expected} enheter har rapporterat");
        let missing: Vec<String> = self
            .lacking
            .iter()
            .map(|lacking| format!("{} ({})", lacking.unit.name, lacking.months.join(", ")))
            .collect();
        if !missing.is_empty() {
            text.push_str(&format!("; saknas: {}", missing.join("; ")));
        }
        text
    }
}

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
pub fn compute(engine: &Engine, project: &Project) -> Result<(), Vec<Diagnostic>> {
    let wanted: BTreeSet<&String> =
        project.definitions.values().flat_map(|definition| &definition.reported_by_units).collect();
    let organisation = organisation(engine)?;
    let mut rows = Vec::new();
    for table in wanted {
        let Some(contract) = project.contracts.get(table) else { continue };
        let columns = unit_column(project, contract).zip(contract.period_column.as_deref());
        let Some((unit, period)) = columns else { continue };
        let is_monthly = contract.column(period).is_some_and(|column| {
            matches!(
                column.column_type,
                tertial_model::ColumnType::Month | tertial_model::ColumnType::Date
            )
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
        rows.extend(expected(table, &reported, &organisation));
    }
    own::write(engine, rows).map_err(|error: EngineError| {
        let message = format!("the units that have reported cannot be written: {error}");
        let place = tertial_model::Location::file(TABLE);
        vec![Diagnostic::error(tertial_model::Code::T0607, message, place)]
    })
}

/// A unit's name and the months in which the organisation has it.
struct Known {
    name: String,
    first: Option<Month>,
    last: Option<Month>,
}

fn organisation(engine: &Engine) -> Result<BTreeMap<String, Known>, Vec<Diagnostic>> {
    let rows = ask(
        engine,
        "select unit_id, unit_name, strftime(valid_from, '%Y-%m'), strftime(valid_to, '%Y-%m') \
         from core.units order by unit_id, valid_from",
    )?;
    let month = |value: &Value| value.text().as_deref().and_then(Month::parse);
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for row in &rows.rows {
        let unit = row[0].text().unwrap_or_default();
        let own = Known {
            name: row[1].text().unwrap_or_default(),
            first: month(&row[2]),
            last: month(&row[3]),
        };
        // A unit that stands twice, with other names or parents, is there from first to last.
        let first = known.get(&unit).map_or(own.first, |earlier| earlier.first.min(own.first));
        known.insert(unit, Known { first, ..own });
    }
    Ok(known)
}

/// Whether a unit has reported for a month to a source.
struct ReportingRow {
    table: String,
    month: Month,
    unit: UnitName,
    has_reported: bool,
}

impl Record for ReportingRow {
    const TABLE: &'static str = TABLE;

    fn cells(&self) -> Vec<Cell> {
        vec![
            ("table_name", (&self.table).into()),
            ("month", self.month.to_string().into()),
            ("unit_id", (&self.unit.id).into()),
            ("unit_name", (&self.unit.name).into()),
            ("has_reported", self.has_reported.into()),
        ]
    }
}

fn expected(
    table: &str,
    reported: &BTreeMap<String, BTreeSet<Month>>,
    organisation: &BTreeMap<String, Known>,
) -> Vec<ReportingRow> {
    let months: BTreeSet<Month> = reported.values().flatten().copied().collect();
    let mut rows = Vec::new();
    for (unit, own) in reported {
        let Some(known) = organisation.get(unit) else { continue };
        for month in &months {
            let is_there = known.first.is_none_or(|first| first <= *month)
                && known.last.is_none_or(|last| *month <= last);
            let has_reported = own.contains(month);
            let was_heard = own.range(month.plus(-LOOK_BACK)..*month).next().is_some();
            if has_reported || is_there && was_heard {
                let (table, unit) =
                    (table.to_owned(), UnitName { id: unit.clone(), name: known.name.clone() });
                rows.push(ReportingRow { table, month: *month, unit, has_reported });
            }
        }
    }
    rows
}

/// Which units have reported for a period; none from a release that was made before it had the table.
pub fn read(engine: &Engine, period: Period) -> Result<Vec<SourceUnits>, Vec<Diagnostic>> {
    if engine.columns_of(TABLE).unwrap_or_default().is_empty() {
        return Ok(Vec::new());
    }
    let rows = ask(
        engine,
        &format!(
            "select table_name, unit_id, unit_name, month, has_reported from {TABLE} order by all"
        ),
    )?;
    let months: BTreeSet<String> = period.months().map(|month| month.to_string()).collect();
    let mut found: BTreeMap<String, BTreeMap<UnitName, Vec<String>>> = BTreeMap::new();
    for row in &rows.rows {
        let text = |at: usize| row[at].text().unwrap_or_default();
        if !months.contains(&text(3)) {
            continue;
        }
        let unit = UnitName { id: text(1), name: text(2) };
        let lacking = found.entry(text(0)).or_default().entry(unit).or_default();
        if row[4] == Value::Boolean(false) {
            lacking.push(text(3));
        }
    }
    let source = |(table, units): (String, BTreeMap<UnitName, Vec<String>>)| {
        let (complete, lacking): (Vec<_>, Vec<_>) =
            units.into_iter().partition(|(_, months)| months.is_empty());
        SourceUnits {
            table,
            complete: complete.into_iter().map(|(unit, _)| unit).collect(),
            lacking: lacking.into_iter().map(|(unit, months)| Lacking { unit, months }).collect(),
        }
    };
    Ok(found.into_iter().map(source).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    #[test]
    fn a_unit_that_falls_silent_is_missing_and_one_that_is_closed_is_not() {
        let known = |last: Option<&str>| Known {
            name: "Enhet".to_owned(),
            first: None,
            last: last.map(month),
        };
        let organisation = BTreeMap::from([
            ("a".to_owned(), known(None)),
            ("b".to_owned(), known(None)),
            ("c".to_owned(), known(Some("2024-01"))),
        ]);
        let all = |texts: &[&str]| texts.iter().map(|text| month(text)).collect::<BTreeSet<_>>();
        let reported = BTreeMap::from([
            ("a".to_owned(), all(&["2024-01", "2024-02"])),
            ("b".to_owned(), all(&["2024-01"])),
            ("c".to_owned(), all(&["2024-01"])),
            ("x".to_owned(), all(&["2024-02"])),
        ]);
        let rows = expected("t", &reported, &organisation);
        let lines: Vec<String> = rows
            .iter()
            .map(|row| format!("{} {} {}", row.unit.id, row.month, row.has_reported))
            .collect();
        let told = [
            "a 2024-01 true",
            "a 2024-02 true",
            "b 2024-01 true",
            "b 2024-02 false",
            "c 2024-01 true",
        ];
        assert_eq!(lines, told);
    }

    #[test]
    fn the_text_names_the_units_that_lack_months() {
        let unit = |id: &str, name: &str| UnitName { id: id.to_owned(), name: name.to_owned() };
        let source = SourceUnits {
            table: "hr".to_owned(),
            complete: vec![unit("1", "Köket")],
            lacking: vec![Lacking {
                unit: unit("2", "Lagret"),
                months: vec!["2024-08".to_owned()],
            }],
        };
        assert_eq!(source.text(), "1 av 2 enheter har rapporterat; saknas: Lagret (2024-08)");
        let own = source.among(&BTreeSet::from(["1".to_owned()]));
        assert_eq!(own.text(), "1 av 1 enheter har rapporterat");
    }
}
