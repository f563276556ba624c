//! What the caller hands over: tables with labels, outcomes, definitions, plan and quality rows.
//!
//! Values are typed and unrounded. Labels, units and decimals come from the contracts, so that no
//! table or indicator is named here.

use crate::document::{Mark, Number};
use crate::figure::FigureEvidence;
use std::collections::BTreeMap;
use tertial_model::{
    ColumnType, Decimal, Missing, Outcome, Period, Signal, SignalPoint, UnitFigure, UnitPanel,
    contract,
};

/// Everything a report is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportData {
    /// The region's name.
    pub region: String,
    /// The period the report concerns.
    pub period: Period,
    /// Running number of the edition, from 1; 0 is a draft.
    pub edition: u32,
    /// The day whose knowledge the figures show, `2024-09-16`.
    pub as_of: String,
    /// Whether the figures are made up.
    pub synthetic: bool,
    /// The release the figures were read from.
    pub release_id: String,
    /// The program's version.
    pub program_version: String,
    /// What the edition's own checks found not accessible.
    pub known_faults: Vec<String>,
    /// The report tables by name.
    pub tables: BTreeMap<String, DataTable>,
    /// The outcomes of the period.
    pub outcomes: Vec<Outcome>,
    /// The definitions of the indicators.
    pub indicators: Vec<IndicatorText>,
    /// The goal areas.
    pub goal_areas: Vec<GoalArea>,
    /// What the levels and units are called, by code.
    pub levels: BTreeMap<String, String>,
    /// Earlier values of the plan's indicators on their levels, months and tertials, that can be
    /// compared with those of the period.
    pub history: Vec<Outcome>,
    /// Which indicators the plan follows, on which level, under which goal area.
    pub plan: Vec<PlanEntry>,
    /// What the responsible say.
    pub comments: Vec<Comment>,
    /// Deliveries, rejects, audits, reconciliations and what else says how good the data is.
    pub quality: Vec<QualityTable>,
    /// Variation, assurance, trend and forecast of the plan's indicators.
    pub signals: Vec<Signal>,
    /// The months behind the limits.
    pub signal_points: Vec<SignalPoint>,
    /// What stands behind the figures.
    pub evidence: Vec<FigureEvidence>,
    /// How the report tables are made, by name.
    pub table_texts: BTreeMap<String, TableText>,
    /// Units beside each other, for the indicators that ask for it.
    pub units: Vec<(UnitPanel, Vec<UnitFigure>)>,
    /// What a reader of the whole report must know first; none = nothing.
    pub note: Option<String>,
}

/// A table of typed values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataTable {
    /// The columns in order.
    pub columns: Vec<DataColumn>,
    /// One value per column.
    pub rows: Vec<Vec<Value>>,
    /// Where the figures come from; printed below the table.
    pub source: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataColumn {
    /// Identifier.
    pub name: String,
    /// Swedish label.
    pub label: String,
    /// Unit; empty = none.
    pub unit: String,
    /// Decimals when printed.
    pub decimals: u8,
    /// How the values are shown.
    pub kind: DataKind,
}

/// How a column's values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataKind {
    /// Words.
    Text,
    /// Numbers.
    Number,
    /// A judgement, 0–3.
    Status,
    /// Days as they stand.
    Date,
    /// Months, `augusti 2024`.
    Month,
    /// T, K and M, shown as words.
    Sex,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known.
    Null,
    /// Words.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Money, hours, counts.
    Exact(Decimal),
    /// A ratio.
    Float(f64),
    /// `2024-08-31`.
    Date(String),
    /// True or false.
    Boolean(bool),
    /// A kind of nothing that is known.
    Missing(Missing),
    /// A value with a reservation.
    Marked(Box<Value>, Mark),
}

/// What the report says about an indicator.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndicatorText {
    /// `area__what_unit`.
    pub id: String,
    /// Swedish name.
    pub name: String,
    /// Unit of the value.
    pub unit: String,
    /// What it measures.
    pub measures: String,
    /// Short description for the public.
    pub kort: String,
    /// What a reader should know.
    pub viktigt: Vec<String>,
    /// How the data was processed.
    pub bearbetning: String,
    /// Role that answers for the indicator.
    pub responsible: String,
    /// The source system.
    pub source: String,
    /// The national measure of the same thing; empty = none.
    pub kolada: String,
    /// `Högre är bättre`, `Lägre är bättre`; empty = neither.
    pub direction: String,
    /// How often it is measured.
    pub frequency: String,
    /// Method version in force.
    pub version: u32,
    /// From when the version holds.
    pub version_valid_from: String,
    /// Why the version came.
    pub version_reason: String,
    /// The query.
    pub sql: String,
}

/// How a report table is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableText {
    /// What a row is.
    pub description: String,
    /// Label and meaning of each column.
    pub columns: Vec<(String, String)>,
    /// The tables of the sources that stand behind it.
    pub behind: Vec<String>,
    /// How many deliveries and rows they have, in Swedish.
    pub deliveries: String,
    /// File of the query.
    pub file: String,
    /// The query.
    pub sql: String,
}

/// A goal area of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalArea {
    /// Code.
    pub code: String,
    /// Swedish name.
    pub name: String,
    /// Order.
    pub sort: i64,
}

/// An indicator that the plan follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEntry {
    /// Code of the goal area.
    pub goal_area: String,
    /// The indicator.
    pub indicator: String,
    /// `RJH`, `RS` or a unit's code.
    pub level: String,
    /// Order within the goal area.
    pub sort: i64,
    /// Who decided the target, `RF` or `RS`; may be empty.
    pub decided_by: String,
}

/// What a responsible person says about an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The indicator.
    pub indicator: String,
    /// The level it concerns.
    pub level: String,
    /// The words.
    pub text: String,
    /// Who says it, a role.
    pub author_role: String,
    /// When; may be empty.
    pub written_date: String,
}

/// A table about the data itself.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityTable {
    /// Anchor.
    pub id: String,
    /// Heading above the table.
    pub heading: String,
    /// What the reader should know first; may be empty.
    pub intro: String,
    /// The sentence that stands instead of a table without rows.
    pub empty: String,
    /// The rows.
    pub table: DataTable,
}

impl ReportData {
    /// What a level or unit is called; its code when nobody has named it.
    pub fn level_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.levels.get(code).map_or(code, String::as_str)
    }
}

impl DataColumn {
    /// A column as its contract states it.
    pub fn from_contract(column: &contract::Column) -> DataColumn {
        let is_year = column.name == "year" || column.name.ends_with("_year");
        let kind = match column.column_type {
            _ if column.name == "status" || column.name.ends_with("_status") => DataKind::Status,
            _ if column.name == "sex" => DataKind::Sex,
            ColumnType::Integer if is_year => DataKind::Text,
            ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Double => {
                DataKind::Number
            }
            ColumnType::Date => DataKind::Date,
            ColumnType::Month => DataKind::Month,
            ColumnType::Text | ColumnType::Boolean => DataKind::Text,
        };
        let scale = match column.column_type {
            ColumnType::Decimal { scale, .. } => scale,
            _ => 0,
        };
        DataColumn {
            name: column.name.clone(),
            label: column.label.clone(),
            unit: column.unit.clone().unwrap_or_default(),
            decimals: column.decimals.unwrap_or(scale),
            kind,
        }
    }

    /// A column of words.
    pub fn text(name: &str, label: &str) -> DataColumn {
        DataColumn::new(name, label, "", 0, DataKind::Text)
    }

    /// A column of numbers.
    pub fn number(name: &str, label: &str, unit: &str, decimals: u8) -> DataColumn {
        DataColumn::new(name, label, unit, decimals, DataKind::Number)
    }

    /// Any column.
    pub fn new(name: &str, label: &str, unit: &str, decimals: u8, kind: DataKind) -> DataColumn {
        let (name, label, unit) = (name.to_owned(), label.to_owned(), unit.to_owned());
        DataColumn { name, label, unit, decimals, kind }
    }
}

impl DataTable {
    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl Value {
    /// Words.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// The number behind the value, where it is one.
    pub fn number(&self) -> Option<Number> {
        match self {
            Value::Integer(value) => Some(Number::Exact(Decimal::whole((*value).into()))),
            Value::Exact(value) => Some(Number::Exact(*value)),
            Value::Float(value) if value.is_finite() => Some(Number::Float(*value)),
            Value::Marked(value, _) => value.number(),
            _ => None,
        }
    }

    /// The value as plain text, for comparing and for columns of words.
    pub fn plain(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) | Value::Date(text) => text.clone(),
            Value::Integer(value) => value.to_string(),
            Value::Exact(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Boolean(value) => if *value { "ja" } else { "nej" }.to_owned(),
            Value::Missing(missing) => missing.sign().to_owned(),
            Value::Marked(value, _) => value.plain(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_decides_how_a_column_is_shown() {
        let column = |name: &str, column_type| {
            let plain = contract::Column { column_type, ..contract::Column::text(name) };
            DataColumn::from_contract(&plain)
        };
        assert_eq!(column("year", ColumnType::Integer).kind, DataKind::Text);
        assert_eq!(column("item_count", ColumnType::Integer).kind, DataKind::Number);
        assert_eq!(column("status", ColumnType::Integer).kind, DataKind::Status);
        assert_eq!(column("sex", ColumnType::Text).kind, DataKind::Sex);
        let money = column("amount_tkr", ColumnType::Decimal { precision: 18, scale: 1 });
        assert_eq!((money.kind, money.decimals), (DataKind::Number, 1));
    }
}
