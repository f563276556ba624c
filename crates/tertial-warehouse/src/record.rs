//! The tables that the program itself fills: made as their contracts say, and filled by name.
//!
//! A contract gives the columns, their order and their types; a [`Record`] gives the values, each with
//! the name of its column. A value without a column, or a column without a value, is a fault of the
//! program and stops it at the first row.

use crate::engine::{Engine, EngineError};
use crate::value::Value;
use std::path::PathBuf;
use tertial_model::Contract;

/// A value and the column it belongs in.
pub type Cell = (&'static str, Value);

/// A row of one of the program's own tables.
pub trait Record {
    /// `meta.release`.
    const TABLE: &'static str;

    /// Every column's value, in any order.
    fn cells(&self) -> Vec<Cell>;
}

impl Engine {
    /// A table as its contract says, empty.
    pub fn create_agreed(&self, contract: &Contract) -> Result<(), EngineError> {
        self.create_table(&contract.table, &agreed(contract), [])
    }

    /// A table as its contract says, with the rows given.
    pub fn write_records<R: Record>(
        &self,
        contract: &Contract,
        records: impl IntoIterator<Item = R>,
    ) -> Result<(), EngineError> {
        let rows = records.into_iter().map(|record| placed(contract, record.cells()));
        self.create_table(&contract.table, &agreed(contract), rows)
    }

    /// A table as its contract says, from Parquet files; a column that a file was written without is
    /// empty there.
    pub fn read_agreed(&self, contract: &Contract, files: &[PathBuf]) -> Result<(), EngineError> {
        self.table_from_parquet(&contract.table, &agreed(contract), files)
    }
}

/// The columns with their types in the engine's words.
fn agreed(contract: &Contract) -> Vec<(&str, String)> {
    contract.columns.iter().map(|column| (&*column.name, column.column_type.duckdb())).collect()
}

/// The values in the contract's order.
fn placed(contract: &Contract, mut cells: Vec<Cell>) -> Vec<Value> {
    let table = &contract.table;
    let mut row = Vec::with_capacity(contract.columns.len());
    for column in &contract.columns {
        let at = cells.iter().position(|(name, _)| *name == column.name);
        let at = at.unwrap_or_else(|| panic!("`{table}` is written without `{}`", column.name));
        row.push(std::mem::replace(&mut cells[at], ("", Value::Null)).1);
    }
    if let Some((name, _)) = cells.iter().find(|(name, _)| !name.is_empty()) {
        panic!("`{table}` has no column `{name}`");
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::{Column, ColumnType};

    struct Release<'a>(&'a [&'static str]);

    impl Record for Release<'_> {
        const TABLE: &'static str = "meta.release";

        fn cells(&self) -> Vec<Cell> {
            self.0.iter().map(|name| (*name, Value::from(1_i64))).collect()
        }
    }

    fn written(names: &[&'static str]) -> (Vec<String>, Vec<(String, String)>) {
        let column = |name: &str, column_type| Column { column_type, ..Column::text(name) };
        let columns =
            vec![column("first", ColumnType::Integer), column("last", ColumnType::Double)];
        let contract = Contract::of("meta.release", columns);
        let engine = Engine::in_memory().unwrap();
        engine.execute("create schema meta").unwrap();
        engine.write_records(&contract, [Release(names)]).unwrap();
        let rows = engine.query("select * from meta.release", &[]).unwrap();
        let values = rows.rows[0].iter().filter_map(Value::text).collect();
        (values, engine.types_of("meta.release").unwrap())
    }

    #[test]
    fn values_find_their_columns_by_name() {
        let (values, types) = written(&["last", "first"]);
        assert_eq!(values, ["1", "1"]);
        let types: Vec<String> =
            types.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        assert_eq!(types, ["first BIGINT", "last DOUBLE"]);
    }

    #[test]
    #[should_panic(expected = "`meta.release` is written without `last`")]
    fn a_column_without_a_value_is_a_fault_of_ours() {
        written(&["first"]);
    }

    #[test]
    #[should_panic(expected = "`meta.release` has no column `middle`")]
    fn a_value_without_a_column_is_a_fault_of_ours() {
        written(&["first", "middle", "last"]);
    }
}
