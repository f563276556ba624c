//! Running a query on the rows of a case, and on nothing else.

use super::difference::{Difference, Row};
use super::file::{Case, Cell, Table};
use crate::project::Project;
use tertial_model::{Code, Decimal, Diagnostic, Faults, similar};
use tertial_warehouse::engine::{EngineError, identifier, literal, qualified};
use tertial_warehouse::{Engine, Layer, Model, Value};

/// What cases are tried with: the project's queries, and a warehouse that tells which columns of
/// which types each table has.
pub struct Bench<'a> {
    project: &'a Project,
    warehouse: &'a Engine,
}

/// A column: its name and type, as the engine names it.
type Column = (String, String);

impl Bench<'_> {
    /// One for a project and a warehouse with every table of it, without rows or with.
    pub fn new<'a>(project: &'a Project, warehouse: &'a Engine) -> Bench<'a> {
        Bench { project, warehouse }
    }

    /// Runs a query on the rows given and compares its answer with the one expected, in the columns
    /// that the case names.
    ///
    /// Faults are told of a query that is not there, of tables that it does not read, of columns that are
    /// not there, of values that do not fit their type, and of a query that fails on these rows.
    pub fn compare(&self, query: &str, case: &Case) -> Result<Difference, Faults> {
        let failed = |error: EngineError| self.failed(case, &error);
        let model = self.model(query).ok_or_else(|| Faults::from(self.no_query(query, case)))?;
        let engine = Engine::in_memory().map_err(failed)?;
        engine.create_schemas().map_err(failed)?;
        if model.layer == Layer::Audit {
            engine.execute("create schema audits").map_err(failed)?;
        }
        let mut faults = Vec::new();
        for table in case.given.iter().filter(|table| !model.reads.contains(&table.name)) {
            faults.push(not_read(model, case, table));
        }
        for name in &model.reads {
            let columns = columns_of(self.warehouse, name).map_err(failed)?;
            engine.create_table(name, &columns_in_sql(&columns), []).map_err(failed)?;
            let Some(given) = case.given.iter().find(|table| table.name == *name) else { continue };
            let held = self.held(&engine, case, given, name, &columns).map_err(failed)?;
            match held {
                Ok(values) => insert(&engine, given, &values, &columns).map_err(failed)?,
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        engine.run_model(model).map_err(|fault| of_case(*fault, case))?;
        let columns = columns_of(&engine, &model.name).map_err(failed)?;
        let expected =
            self.held(&engine, case, &case.expect, &model.name, &columns).map_err(failed)??;
        let names: Vec<String> = case.expect.names().into_iter().map(str::to_owned).collect();
        let answered = answer(&engine, &model.name, &names).map_err(failed)?;
        Ok(Difference::between(names, expected, answered))
    }

    fn model(&self, query: &str) -> Option<&Model> {
        let graph = &self.project.graph;
        graph.model(query).or_else(|| graph.audits.iter().find(|audit| audit.name == query))
    }

    fn no_query(&self, query: &str, case: &Case) -> Diagnostic {
        let graph = &self.project.graph;
        let names = graph.models.iter().chain(&graph.audits).map(|model| model.name.as_str());
        let near = similar::question(&similar::meant(query, names, 3));
        let fault =
            Diagnostic::error(Code::UnknownName, "there is no query of that name", case.location())
                .with_found(format!("the folder `{query}`"))
                .with_expected("a folder named after a query, with its layer: `core.units`")
                .with_effect("the case is not tried");
        near.into_iter().fold(fault, Diagnostic::with_hint)
    }

    /// The values of rows as the engine writes them in their types, exactly; faults of columns that
    /// are not there and of values that do not fit.
    fn held(
        &self,
        engine: &Engine,
        case: &Case,
        rows: &Table,
        name: &str,
        columns: &[Column],
    ) -> Result<Result<Vec<Row>, Faults>, EngineError> {
        let mut faults = Vec::new();
        let mut types = Vec::new();
        for heading in &rows.columns {
            let found = heading.text.as_deref().unwrap_or("");
            match columns.iter().find(|(column, _)| column == found) {
                Some((_, column_type)) => types.push(column_type.as_str()),
                None => faults.push(self.no_column(case, heading, name, columns)),
            }
        }
        if !faults.is_empty() {
            return Ok(Err(faults.into()));
        }
        let mut values = Vec::new();
        for row in &rows.rows {
            let mut held = Vec::new();
            for ((cell, column_type), heading) in row.iter().zip(&types).zip(rows.names()) {
                let Some(text) = &cell.text else {
                    held.push(None);
                    continue;
                };
                let value = exact(engine, column_type, text)?;
                if value.is_none() {
                    faults.push(no_fit(case, cell, heading, column_type));
                }
                held.push(value);
            }
            values.push(held);
        }
        Ok(if faults.is_empty() { Ok(values) } else { Err(faults.into()) })
    }

    fn no_column(
        &self,
        case: &Case,
        heading: &Cell,
        table: &str,
        columns: &[Column],
    ) -> Diagnostic {
        let found = heading.text.as_deref().unwrap_or("");
        let names = || columns.iter().map(|(name, _)| name.as_str());
        let message = format!("`{table}` has no such column");
        let near = similar::question(&similar::nearest(found, names(), 2));
        let fault = case
            .fault(Code::UnknownName, message, &heading.place)
            .with_found(format!("`{found}`"))
            .with_expected(one_of(names()));
        let file = self.project.contracts.get(table.trim_start_matches("raw."));
        let fault = match file {
            Some(contract) => fault.with_contract(contract.file.clone()),
            None => fault,
        };
        near.into_iter().fold(fault, Diagnostic::with_hint)
    }

    fn failed(&self, case: &Case, error: &EngineError) -> Faults {
        let message = format!("the case cannot be tried: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, case.location()))
    }
}

fn not_read(model: &Model, case: &Case, table: &Table) -> Diagnostic {
    let reads = || model.reads.iter().map(String::as_str);
    let near = similar::question(&similar::nearest(&table.name, reads(), 2));
    let fault = case
        .fault(Code::UnknownName, format!("`{}` reads no such table", model.name), &table.place)
        .with_found(format!("`{}`", table.name))
        .with_expected(one_of(reads()));
    near.into_iter().fold(fault, Diagnostic::with_hint)
}

fn no_fit(case: &Case, cell: &Cell, heading: &str, column_type: &str) -> Diagnostic {
    let found = cell.text.as_deref().unwrap_or("");
    let fault = case.fault(
        Code::BadSetting,
        format!("the value does not fit the type of `{heading}`"),
        &cell.place,
    );
    let kind = column_type.to_lowercase();
    let example = match kind.split('(').next().unwrap_or("") {
        "date" => ", e.g. `2024-05-01`; a month is its first day",
        "decimal" => ", with a point and no more decimals than these",
        "bigint" | "integer" | "hugeint" => ", a whole number",
        "boolean" => ", `true` or `false`",
        _ => "",
    };
    let fault = fault.with_found(format!("`{found}`")).with_expected(format!("{kind}{example}"));
    match found {
        "null" | "NULL" => fault.with_hint("leave the cell empty where there is no value"),
        _ => fault,
    }
}

/// A fault of the query, which is run for a case and not for a release.
fn of_case(fault: Diagnostic, case: &Case) -> Faults {
    Faults::from(fault.with_effect(format!("the case `{}` is not tried", case.location())))
}

/// ``one of `a`, `b` ``
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "nothing: the query reads no table".to_owned(),
        [only] => only.clone(),
        _ => format!("one of {}", quoted.join(", ")),
    }
}

/// The columns of a table or view, in order.
fn columns_of(engine: &Engine, table: &str) -> Result<Vec<Column>, EngineError> {
    let (schema, name) = table.split_once('.').unwrap_or(("main", table));
    let rows = engine.query(
        "select column_name, data_type from duckdb_columns() \
         where schema_name = $1 and table_name = $2 order by column_index",
        &[schema, name],
    )?;
    let pair = |row: &Vec<Value>| Some((row[0].text()?, row[1].text()?));
    Ok(rows.rows.iter().filter_map(pair).collect())
}

fn columns_in_sql(columns: &[Column]) -> Vec<(&str, &str)> {
    columns.iter().map(|(name, column_type)| (name.as_str(), column_type.as_str())).collect()
}

/// A text as a value of a type, in the engine's own text; none when it is no such value, or only
/// after rounding.
fn exact(engine: &Engine, column_type: &str, text: &str) -> Result<Option<String>, EngineError> {
    if column_type == "VARCHAR" {
        return Ok(Some(text.to_owned()));
    }
    let sql = format!("select cast(try_cast(cast($1 as varchar) as {column_type}) as varchar)");
    let value = engine.scalar(&sql, &[text])?;
    let number = |text: &str| Decimal::parse(text).map(Decimal::normalized);
    let is_exact = |value: &String| match column_type.split('(').next().unwrap_or("") {
        "DECIMAL" | "BIGINT" | "INTEGER" | "SMALLINT" | "TINYINT" | "HUGEINT" | "UBIGINT" => {
            number(value).is_some() && number(value) == number(text)
        }
        "DATE" => value == text,
        _ => true,
    };
    Ok(value.filter(is_exact))
}

/// Puts rows into an empty table; columns that they do not have are null.
fn insert(
    engine: &Engine,
    table: &Table,
    rows: &[Row],
    columns: &[Column],
) -> Result<(), EngineError> {
    if rows.is_empty() {
        return Ok(());
    }
    let names = table.names();
    let type_of = |name: &str| {
        columns.iter().find(|(column, _)| column == name).map_or("varchar", |(_, kind)| kind)
    };
    let tuples: Vec<String> = rows
        .iter()
        .map(|row| {
            let value = |(value, name): (&Option<String>, &&str)| {
                let text = value.as_deref().map_or("null".to_owned(), literal);
                format!("cast({text} as {})", type_of(name))
            };
            let values: Vec<String> = row.iter().zip(&names).map(value).collect();
            format!("({})", values.join(", "))
        })
        .collect();
    let quoted: Vec<String> = names.iter().map(|name| identifier(name)).collect();
    engine.execute(&format!(
        "insert into {} ({}) values {}",
        qualified(&table.name),
        quoted.join(", "),
        tuples.join(", ")
    ))
}

/// The answer of a query that was run, in some of its columns, as the engine's own text.
fn answer(engine: &Engine, name: &str, columns: &[String]) -> Result<Vec<Row>, EngineError> {
    let texts: Vec<String> =
        columns.iter().map(|column| format!("cast({} as varchar)", identifier(column))).collect();
    let sql = format!("select {} from {}", texts.join(", "), qualified(name));
    let rows = engine.query(&sql, &[])?;
    Ok(rows.rows.iter().map(|row| row.iter().map(Value::text).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_exactly_or_not_at_all() {
        let engine = Engine::in_memory().unwrap();
        let value = |column_type: &str, text: &str| exact(&engine, column_type, text).unwrap();
        for (column_type, text, held) in [
            ("VARCHAR", "", ""),
            ("VARCHAR", "007", "007"),
            ("BIGINT", "12", "12"),
            ("DECIMAL(18,2)", "60", "60.00"),
            ("DECIMAL(18,2)", "-0.5", "-0.50"),
            ("DECIMAL(18,2)", "1.500", "1.50"),
            ("DATE", "2024-05-01", "2024-05-01"),
            ("BOOLEAN", "true", "true"),
        ] {
            assert_eq!(value(column_type, text).as_deref(), Some(held), "{column_type} {text}");
        }
        for (column_type, text) in [
            ("BIGINT", "1.5"),
            ("BIGINT", "many"),
            ("BIGINT", ""),
            ("DECIMAL(18,2)", "0.005"),
            ("DECIMAL(4,2)", "1000"),
            ("DECIMAL(18,2)", "1,5"),
            ("DATE", "2024-05"),
            ("DATE", "2024-02-30"),
            ("BOOLEAN", "perhaps"),
        ] {
            assert_eq!(value(column_type, text), None, "{column_type} {text}");
        }
    }
}
