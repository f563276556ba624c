//! What time the delivered rows are about: the calendar of a release follows from it.

use crate::engine::{Engine, EngineError, identifier, literal, qualified};
use tertial_model::{ColumnType, Contract};

/// One row per raw table and month its rows are about, made before the first query runs; the only
/// table of the program's own that `core` may read.
pub const ROW_MONTHS: &str = "meta.row_months";

impl Engine {
    /// Adds rows to [`ROW_MONTHS`] from the raw tables whose contracts say which column tells the time: a
    /// year counts as its December, a tertial as its last month. A row whose dividing column is empty
    /// has no month.
    pub fn count_row_months<'a>(
        &self,
        contracts: impl Iterator<Item = &'a Contract>,
    ) -> Result<(), EngineError> {
        for contract in contracts {
            let Some((month, may_be_empty)) = month_of(contract) else { continue };
            let only = if may_be_empty { " where month is not null" } else { "" };
            self.execute(&format!(
                "insert into {} select {}, month, count(*) from (select {month} as month from {}) \
                 {only} group by all order by all",
                qualified(ROW_MONTHS),
                literal(&contract.table),
                qualified(&format!("raw.{}", contract.table)),
            ))?;
        }
        Ok(())
    }
}

/// The month of a row as an expression, and whether rows without one are in order.
fn month_of(contract: &Contract) -> Option<(String, bool)> {
    let stated = contract.time_column.as_deref();
    let name = stated.or(contract.period_column.as_deref())?;
    let column = contract.column(name)?;
    let value = identifier(name);
    let month = match column.column_type {
        ColumnType::Date | ColumnType::Month => {
            format!("cast(date_trunc('month', {value}) as date)")
        }
        ColumnType::Integer => december(&value),
        ColumnType::Text => {
            let year = format!("left({value}, 4)");
            format!(
                "case when regexp_full_match({value}, '[0-9]{{4}}T[1-3]') \
                 then make_date(cast({year} as integer), 4 * cast(right({value}, 1) as integer), 1) \
                 when regexp_full_match({value}, '[0-9]{{4}}-(0[1-9]|1[0-2])') \
                 then make_date(cast({year} as integer), cast(right({value}, 2) as integer), 1) \
                 when regexp_full_match({value}, '[0-9]{{4}}') then {} end",
                december(&year)
            )
        }
        ColumnType::Decimal { .. } | ColumnType::Boolean | ColumnType::Double => return None,
    };
    Some((month, stated.is_some() || column.column_type == ColumnType::Text))
}

/// The December of a year that a date can have.
fn december(year: &str) -> String {
    format!(
        "case when try_cast({year} as integer) between 1 and 9999 \
         then make_date(cast({year} as integer), 12, 1) end"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::Column;

    fn contract(table: &str, columns: &[(&str, ColumnType)], divides: bool) -> Contract {
        let name = Some(columns[0].0.to_owned());
        let columns = columns
            .iter()
            .map(|(name, column_type)| Column { column_type: *column_type, ..Column::text(name) });
        Contract {
            period_column: name.clone().filter(|_| divides),
            time_column: name.filter(|_| !divides),
            ..Contract::of(table, columns.collect())
        }
    }

    #[test]
    fn every_kind_of_time_has_its_month() {
        let engine = Engine::in_memory().unwrap();
        engine
            .execute(
                "create schema raw; create schema meta; \
                 create table meta.row_months (table_name varchar, month date, row_count bigint); \
                 create table raw.days as select * from (values (date '2027-01-31'), \
                 (date '2027-01-02'), (null)) t(entry_date); \
                 create table raw.spells as select * from (values (date '2204-08-01'), (null)) t(to_date); \
                 create table raw.years as select * from (values (2023::bigint), (0), (123456)) t(year); \
                 create table raw.texts as select * from (values ('2024T2'), ('2025-03'), ('2026'), \
                 ('våren'), (null)) t(period); \
                 create table raw.registers as select 1 as code",
            )
            .unwrap();
        let contracts = [
            contract("days", &[("entry_date", ColumnType::Date)], true),
            contract("spells", &[("to_date", ColumnType::Date)], false),
            contract("years", &[("year", ColumnType::Integer)], true),
            contract("texts", &[("period", ColumnType::Text)], true),
            Contract {
                period_column: None,
                ..contract("registers", &[("code", ColumnType::Text)], true)
            },
        ];
        engine.count_row_months(contracts.iter()).unwrap();
        let rows = engine
            .query(
                "select table_name || ' ' || coalesce(month::varchar, '-') || ' ' || row_count \
                 from meta.row_months order by all",
                &[],
            )
            .unwrap();
        let found: Vec<String> =
            rows.rows.iter().map(|row| row[0].text().unwrap_or_default()).collect();
        assert_eq!(
            found,
            [
                "days - 1",
                "days 2027-01-01 2",
                "spells 2204-08-01 1",
                "texts 2024-08-01 1",
                "texts 2025-03-01 1",
                "texts 2026-12-01 1",
                "years - 2",
                "years 2023-12-01 1",
            ]
        );
    }
}
