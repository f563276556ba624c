//! A built table is held against its contract: names, types, what must be there and what may stand there.
//!
//! A value keeps its meaning, so a type is changed only where nothing is lost; a table that cannot be
//! what its contract says is told with table and column, before anything is published. That keys are
//! unique is an audit ([`crate::derived`]).

use crate::engine::{Engine, EngineError, identifier, literal, qualified};
use tertial_model::{Code, Column, ColumnType, Contract, Diagnostic, Location, Severity};

/// How a table is held against its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding<'a> {
    /// The file that makes the table.
    pub file: &'a str,
    /// How grave a value is that is missing, or that the contract does not allow.
    pub of_values: Severity,
    /// How grave a column is that the contract does not know; none = told elsewhere.
    pub of_unknown: Option<Severity>,
}

/// Types that every client of the public database has, as DuckDB writes them.
const COMMON_TYPES: [&str; 11] = [
    "BIGINT",
    "BOOLEAN",
    "DATE",
    "DOUBLE",
    "FLOAT",
    "INTEGER",
    "SMALLINT",
    "TIME",
    "TIMESTAMP",
    "TINYINT",
    "VARCHAR",
];

/// Whether ODBC and the usual BI tools have a type.
pub fn is_common_type(data_type: &str) -> bool {
    COMMON_TYPES.contains(&data_type)
        || data_type.starts_with("DECIMAL(") && data_type.ends_with(')')
}

impl Engine {
    /// Makes a table's columns of the types its contract says; what cannot be is told.
    pub fn hold_to_contract(
        &self,
        contract: &Contract,
        holding: Holding,
    ) -> Result<Vec<Diagnostic>, EngineError> {
        let table = &contract.table;
        let types = self.types_of(table)?;
        let mut faults = Vec::new();
        let mut claims = Vec::new();
        for column in &contract.columns {
            let Some((_, found)) = types.iter().find(|(name, _)| *name == column.name) else {
                let message = format!("`{table}` lacks a column that its contract promises");
                let names = types.iter().map(|(name, _)| format!("`{name}`"));
                faults.push(
                    told(&holding, contract, column, message)
                        .with_found(names.collect::<Vec<_>>().join(", "))
                        .with_expected(format!("a column `{}`", column.name)),
                );
                continue;
            };
            if let Some(fault) = self.hold_type(&holding, contract, column, found)? {
                faults.push(fault);
                continue;
            }
            claims.extend(Claim::all_of(column));
        }
        faults.extend(self.hold_values(&holding, contract, &claims)?);
        // Delivery and line are ours.
        let is_unknown = |name: &&str| !name.starts_with('_') && contract.column(name).is_none();
        let unknown = types.iter().map(|(name, _)| name.as_str()).filter(is_unknown);
        let unknown: Vec<String> = unknown.map(|name| format!("`{name}`")).collect();
        if let Some(severity) = holding.of_unknown.filter(|_| !unknown.is_empty()) {
            let message = format!("`{table}` has columns that its contract does not know");
            let fault =
                Diagnostic::error(Code::ContractBroken, message, Location::file(holding.file))
                    .with_found(unknown.join(", "))
                    .with_expected(format!(
                        "each column named, typed and classed in `{}`",
                        contract.file
                    ));
            faults.push(with_severity(fault, severity));
        }
        Ok(faults)
    }

    /// Every claim about values in one look at the table.
    fn hold_values(
        &self,
        holding: &Holding,
        contract: &Contract,
        claims: &[Claim],
    ) -> Result<Vec<Diagnostic>, EngineError> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let table = &contract.table;
        let counts: Vec<String> = claims
            .iter()
            .map(|claim| format!("count(*) filter (where {})", claim.breach()))
            .collect();
        let sql = format!("select {} from {}", counts.join(", "), qualified(table));
        let answer = self.query(&sql, &[])?;
        let row = answer.rows.first().map(Vec::as_slice).unwrap_or_default();
        let mut faults = Vec::new();
        for (claim, count) in claims.iter().zip(row) {
            let Some(count @ 1..) = count.integer() else { continue };
            let column = claim.column();
            let rows = if count == 1 { "row" } else { "rows" };
            let fault = match claim {
                Claim::Required(_) => told(
                    holding,
                    contract,
                    column,
                    format!("a required column of `{table}` is empty in some rows"),
                )
                .with_found(format!("{count} {rows} without `{}`", column.name))
                .with_expected("a value in every row, or no `required` in the contract"),
                Claim::Allowed(_) => {
                    let found = match column.classification.concerns_persons() {
                        true => None,
                        false => self.scalar(
                            &format!(
                                "select string_agg(value, ', ') from (select distinct '`' || \
                                 left(cast({} as varchar), 40) || '`' as value from {} where {} \
                                 order by 1 limit 3) as few",
                                name(column),
                                qualified(table),
                                claim.breach()
                            ),
                            &[],
                        )?,
                    };
                    let values = found.map_or_else(String::new, |values| format!(": {values}"));
                    let allowed = column.allowed.iter().map(|value| format!("`{value}`"));
                    told(
                        holding,
                        contract,
                        column,
                        format!(
                            "a column of `{table}` holds values that its contract does not allow"
                        ),
                    )
                    .with_found(format!("{count} {rows} with another `{}`{values}", column.name))
                    .with_expected(format!("one of {}", allowed.collect::<Vec<_>>().join(", ")))
                }
            };
            faults.push(with_severity(fault, holding.of_values));
        }
        Ok(faults)
    }

    fn hold_type(
        &self,
        holding: &Holding,
        contract: &Contract,
        column: &Column,
        found: &str,
    ) -> Result<Option<Diagnostic>, EngineError> {
        let wanted = column.column_type.duckdb();
        if found.eq_ignore_ascii_case(&wanted) {
            return Ok(None);
        }
        let message =
            format!("a column of `{}` is of another type than its contract says", contract.table);
        let fault = || {
            told(holding, contract, column, message.clone())
                .with_expected(format!("`{}`", wanted.to_lowercase()))
                .with_hint(format!(
                    "write `cast({} as {})` in the query, or change `physicalType` in the contract",
                    column.name,
                    wanted.to_lowercase()
                ))
        };
        let of = format!("`{}` is `{}`", column.name, found.to_lowercase());
        if !may_become(found, column.column_type) {
            return Ok(Some(fault().with_found(of)));
        }
        let name = name(column);
        if !always_fits(found, column.column_type) {
            let changed = format!(
                "{name} is not null and try_cast(try_cast({name} as {wanted}) as {found}) is distinct from {name}"
            );
            let lost = self.count(&contract.table, &changed)?;
            if lost > 0 {
                let rows = if lost == 1 { "row" } else { "rows" };
                let found = format!("{of}, and {lost} {rows} would be changed by the cast");
                return Ok(Some(fault().with_found(found)));
            }
        }
        let table = qualified(&contract.table);
        self.execute(&format!("alter table {table} alter column {name} set data type {wanted}"))?;
        Ok(None)
    }

    fn count(&self, table: &str, condition: &str) -> Result<u64, EngineError> {
        let sql = format!("select count(*) from {} where {condition}", qualified(table));
        Ok(self.scalar(&sql, &[])?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Columns and types of a table, in order.
    pub fn types_of(&self, table: &str) -> Result<Vec<(String, String)>, EngineError> {
        let rows = self.query(&format!("describe {}", qualified(table)), &[])?;
        let text = |row: &Vec<crate::Value>, at: usize| row[at].text().unwrap_or_default();
        Ok(rows.rows.iter().map(|row| (text(row, 0), text(row, 1))).collect())
    }

    /// The columns of a database whose types not every client has, `mart.x.accounts` with the type.
    pub fn uncommon_types(&self) -> Result<Vec<(String, String)>, EngineError> {
        let rows = self.query(
            "select schema_name || '.' || table_name || '.' || column_name, data_type \
             from duckdb_columns() where not internal and database_name = current_database() order by all",
            &[],
        )?;
        let pairs = rows.rows.iter();
        let pairs =
            pairs.map(|row| (row[0].text().unwrap_or_default(), row[1].text().unwrap_or_default()));
        Ok(pairs.filter(|(_, data_type)| !is_common_type(data_type)).collect())
    }
}

fn name(column: &Column) -> String {
    identifier(&column.name)
}

/// What a contract says of a column's values.
enum Claim<'a> {
    Required(&'a Column),
    Allowed(&'a Column),
}

impl<'a> Claim<'a> {
    fn all_of(column: &'a Column) -> impl Iterator<Item = Claim<'a>> {
        let required = column.required.then_some(Claim::Required(column));
        // The allowed words of a truth value are the source's, and are gone once it is read.
        let is_listed = !column.allowed.is_empty() && column.column_type != ColumnType::Boolean;
        required.into_iter().chain(is_listed.then_some(Claim::Allowed(column)))
    }

    fn column(&self) -> &'a Column {
        match self {
            Claim::Required(column) | Claim::Allowed(column) => column,
        }
    }

    /// The condition of a row that breaks it.
    fn breach(&self) -> String {
        let name = name(self.column());
        match self {
            Claim::Required(_) => format!("{name} is null"),
            Claim::Allowed(column) => {
                let allowed: Vec<String> =
                    column.allowed.iter().map(|value| literal(value)).collect();
                format!("{name} not in ({})", allowed.join(", "))
            }
        }
    }
}

fn told(holding: &Holding, contract: &Contract, column: &Column, message: String) -> Diagnostic {
    Diagnostic::error(Code::ContractBroken, message, Location::file(holding.file))
        .with_contract(format!("{}, `{}`", contract.file, column.name))
        .with_effect("the release that was published last stays in force")
}

fn with_severity(mut fault: Diagnostic, severity: Severity) -> Diagnostic {
    fault.severity = severity;
    fault.effect = Some(match severity {
        Severity::Error => "the release that was published last stays in force".to_owned(),
        _ => "published all the same".to_owned(),
    });
    fault
}

/// Numbers become numbers, days days, and words words; nothing is written out as text.
fn may_become(found: &str, wanted: ColumnType) -> bool {
    let is_number = matches!(
        found,
        "TINYINT"
            | "SMALLINT"
            | "INTEGER"
            | "BIGINT"
            | "HUGEINT"
            | "UTINYINT"
            | "USMALLINT"
            | "UINTEGER"
            | "UBIGINT"
            | "UHUGEINT"
            | "FLOAT"
            | "DOUBLE"
    ) || found.starts_with("DECIMAL(");
    match wanted {
        ColumnType::Integer | ColumnType::Decimal { .. } => is_number,
        ColumnType::Date | ColumnType::Month => {
            found.starts_with("TIMESTAMP") && !found.contains("ZONE")
        }
        ColumnType::Text => found.starts_with("ENUM("),
        ColumnType::Boolean => false,
        ColumnType::Double => found == "FLOAT",
    }
}

/// Whether every value of the type found has a place in the type wanted.
fn always_fits(found: &str, wanted: ColumnType) -> bool {
    match wanted {
        ColumnType::Integer => {
            matches!(
                found,
                "TINYINT" | "SMALLINT" | "INTEGER" | "UTINYINT" | "USMALLINT" | "UINTEGER"
            )
        }
        ColumnType::Decimal { precision, scale } => {
            let parts = found.strip_prefix("DECIMAL(").and_then(|rest| rest.strip_suffix(')'));
            let parts = parts.and_then(|parts| parts.split_once(','));
            let parts = parts.and_then(|(p, s)| p.parse::<u8>().ok().zip(s.parse::<u8>().ok()));
            parts.is_some_and(|(p, s)| s <= scale && p.saturating_sub(s) <= precision - scale)
        }
        _ => found.starts_with("ENUM(") || found == "FLOAT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(columns: &[(&str, ColumnType, bool)]) -> Contract {
        let columns = columns.iter().map(|(name, column_type, required)| Column {
            column_type: *column_type,
            required: *required,
            ..Column::text(name)
        });
        let file = "schemas/mart.x.odcs.yaml".to_owned();
        Contract { file, ..Contract::of("mart.x", columns.collect()) }
    }

    fn held(sql: &str, columns: &[(&str, ColumnType, bool)]) -> (Vec<(String, String)>, String) {
        let engine = Engine::in_memory().unwrap();
        engine.execute(&format!("create schema mart; create table mart.x as {sql}")).unwrap();
        let holding = Holding {
            file: "sql/mart/x.sql",
            of_values: Severity::Error,
            of_unknown: Some(Severity::Error),
        };
        let faults = engine.hold_to_contract(&contract(columns), holding).unwrap();
        let text = faults.iter().map(|fault| format!("{fault}\n")).collect();
        (engine.types_of("mart.x").unwrap(), text)
    }

    const MONEY: ColumnType = ColumnType::Decimal { precision: 18, scale: 2 };

    #[test]
    fn a_type_is_changed_where_nothing_is_lost() {
        let (types, told) = held(
            "select sum(n)::hugeint as n, 1::integer as i, 1.5::decimal(9, 1) as d, \
             timestamp '2024-08-01 00:00' as m, 2.25::double as r from range(5) as t(n)",
            &[
                ("n", ColumnType::Integer, true),
                ("i", ColumnType::Integer, true),
                ("d", MONEY, true),
                ("m", ColumnType::Month, true),
                ("r", MONEY, true),
            ],
        );
        assert_eq!(told, "");
        let types: Vec<&str> = types.iter().map(|(_, found)| found.as_str()).collect();
        assert_eq!(types, ["BIGINT", "BIGINT", "DECIMAL(18,2)", "DATE", "DECIMAL(18,2)"]);
    }

    #[test]
    fn what_would_be_changed_or_is_missing_is_told() {
        let (_, told) = held(
            "select 170141183460469231731687303715884105727 as n, [1, 2] as l, 0.125 as d, \
             null::varchar as t",
            &[
                ("n", ColumnType::Integer, true),
                ("l", ColumnType::Text, true),
                ("d", MONEY, true),
                ("t", ColumnType::Text, true),
                ("gone", ColumnType::Text, false),
            ],
        );
        let found: Vec<&str> = told
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("= found:    "))
            .collect();
        assert_eq!(
            found,
            [
                "`n` is `hugeint`, and 1 row would be changed by the cast",
                "`l` is `integer[]`",
                "`d` is `decimal(4,3)`, and 1 row would be changed by the cast",
                "`n`, `l`, `d`, `t`",
                "1 row without `t`",
            ],
            "{told}"
        );
        let first = "\
error[T0610]: a column of `mart.x` is of another type than its contract says
   --> sql/mart/x.sql
    = found:    `n` is `hugeint`, and 1 row would be changed by the cast
    = expected: `bigint`
    = contract: schemas/mart.x.odcs.yaml, `n`
    = effect:   the release that was published last stays in force

hint: write `cast(n as bigint)` in the query, or change `physicalType` in the contract
";
        assert!(told.starts_with(first), "{told}");
    }

    #[test]
    fn values_and_columns_that_the_contract_does_not_know_are_told() {
        let engine = Engine::in_memory().unwrap();
        engine
            .execute(
                "create schema mart; create table mart.x as select * from (values ('K', 1), ('kvinna', 9), \
                 (null, 2)) t(sex, status); alter table mart.x add column extra varchar; \
                 alter table mart.x add column _row bigint",
            )
            .unwrap();
        let mut contract =
            contract(&[("sex", ColumnType::Text, false), ("status", ColumnType::Integer, false)]);
        contract.columns[0].allowed = vec!["K".to_owned(), "M".to_owned()];
        contract.columns[1].allowed = vec!["1".to_owned(), "2".to_owned()];
        contract.columns[1].classification = tertial_model::contract::Classification::Personal;
        let holding = Holding {
            file: "sql/mart/x.sql",
            of_values: Severity::Warning,
            of_unknown: Some(Severity::Error),
        };
        let faults = engine.hold_to_contract(&contract, holding).unwrap();
        let told: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
        let expected = "\
warning[T0610]: a column of `mart.x` holds values that its contract does not allow
   --> sql/mart/x.sql
    = found:    1 row with another `sex`: `kvinna`
    = expected: one of `K`, `M`
    = contract: schemas/mart.x.odcs.yaml, `sex`
    = effect:   published all the same

warning[T0610]: a column of `mart.x` holds values that its contract does not allow
   --> sql/mart/x.sql
    = found:    1 row with another `status`
    = expected: one of `1`, `2`
    = contract: schemas/mart.x.odcs.yaml, `status`
    = effect:   published all the same

error[T0610]: `mart.x` has columns that its contract does not know
   --> sql/mart/x.sql
    = found:    `extra`
    = expected: each column named, typed and classed in `schemas/mart.x.odcs.yaml`
    = effect:   the release that was published last stays in force

";
        assert_eq!(told, expected);
    }

    #[test]
    fn clients_have_plain_types_only() {
        for found in ["BIGINT", "DECIMAL(38,6)", "VARCHAR", "DATE"] {
            assert!(is_common_type(found), "{found}");
        }
        for found in [
            "HUGEINT",
            "UHUGEINT",
            "UBIGINT",
            "VARCHAR[]",
            "STRUCT(a INTEGER)",
            "MAP(VARCHAR, INTEGER)",
            "ENUM('a')",
            "INTERVAL",
            "UUID",
            "BLOB",
            "BIT",
            "TIMESTAMP WITH TIME ZONE",
            "DECIMAL(1,1)[]",
        ] {
            assert!(!is_common_type(found), "{found}");
        }
    }
}
