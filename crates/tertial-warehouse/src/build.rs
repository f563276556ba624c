//! Filling a warehouse: raw tables over the lake, seeds, queries in order, small tables of the run,
//! comments from the contracts, and the public copy without anything about persons.

use crate::engine::{Engine, EngineError, STORAGE_VERSION, identifier, literal, qualified};
use crate::graph::{Layer, Model, place_in};
use crate::restated::SUPERSEDED_ROWS;
use crate::value::Value;
use duckdb::appender_params_from_iter;
use duckdb::types::Value as Native;
use std::path::{Path, PathBuf};
use tertial_model::{Code, Contract, Diagnostic, same};

/// The schemas of a warehouse, in the order of the walk.
pub const SCHEMAS: [&str; 8] =
    ["raw", "seed", "staging", "core", "measure", "indicator", "mart", "meta"];

impl Engine {
    /// Makes the schemas.
    pub fn create_schemas(&self) -> Result<(), EngineError> {
        for schema in SCHEMAS {
            self.execute(&format!("create schema if not exists {schema}"))?;
        }
        Ok(())
    }

    /// A raw table: a view over the Parquet files in force, empty but typed when there are none.
    /// `is_restated` says that rows of it stand in [`SUPERSEDED_ROWS`] and do not count.
    pub fn define_raw(
        &self,
        contract: &Contract,
        files: &[PathBuf],
        is_restated: bool,
    ) -> Result<(), EngineError> {
        let name = qualified(&format!("raw.{}", contract.table));
        let typed = |column: &tertial_model::Column, value: &str| {
            let column_type = column.column_type.duckdb();
            format!("cast({value} as {column_type}) as {}", identifier(&column.name))
        };
        let sql = if files.is_empty() {
            let columns: Vec<String> =
                contract.columns.iter().map(|column| typed(column, "null")).collect();
            format!(
                "create view {name} as select {}, null::varchar as _delivery, \
                 null::bigint as _row where false",
                columns.join(", ")
            )
        } else {
            let columns: Vec<String> = contract
                .columns
                .iter()
                .map(|column| typed(column, &identifier(&column.name)))
                .collect();
            let left_out = format!(
                " as held where not exists (select 1 from {} as gone where gone.table_name = {} \
                 and gone.delivery_id = held._delivery and gone.line = held._row)",
                qualified(SUPERSEDED_ROWS),
                literal(&contract.table)
            );
            format!(
                "create view {name} as select {}, _delivery, _row \
                 from read_parquet([{}], union_by_name = true, hive_partitioning = false){}",
                columns.join(", "),
                list(files),
                if is_restated { &*left_out } else { "" }
            )
        };
        self.execute(&sql)
    }

    /// A raw table without a contract: a view with the columns as they were written.
    pub fn define_raw_as_written(&self, table: &str, files: &[PathBuf]) -> Result<(), EngineError> {
        self.execute(&format!(
            "create view {} as select * \
             from read_parquet([{}], union_by_name = true, hive_partitioning = false)",
            qualified(&format!("raw.{table}")),
            list(files)
        ))
    }

    /// A seed: every column text, so that no type is guessed; `core` gives the types.
    pub fn load_seed(&self, name: &str, csv: &Path) -> Result<(), EngineError> {
        // Letters that a Mac took apart are put together, as they are in every other text of ours.
        let text = std::fs::read_to_string(csv).unwrap_or_default();
        let columns = match same::composed(&text) == text {
            true => "*",
            false => "nfc_normalize(columns(*))",
        };
        self.execute(&format!(
            "create table {} as select {columns} from read_csv({}, header = true, delim = ',', \
             quote = '\"', escape = '\"', all_varchar = true, null_padding = false, \
             strict_mode = true)",
            qualified(&format!("seed.{name}")),
            literal(&csv.to_string_lossy())
        ))
    }

    /// Runs one query: staging becomes a view, every other layer a table.
    pub fn run_model(&self, model: &Model) -> Result<(), Box<Diagnostic>> {
        let kind = if model.layer == Layer::Staging { "view" } else { "table" };
        let query = model.sql.trim_end().trim_end_matches(';');
        let sql = format!("create {kind} {} as\n{query}", qualified(&model.name));
        self.execute(&sql).map_err(|error| Box::new(model_fault(model, &error)))
    }

    /// A small table made by the program, filled row by row.
    pub fn create_table(
        &self,
        name: &str,
        columns: &[(&str, impl std::fmt::Display)],
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<(), EngineError> {
        let declared: Vec<String> = columns
            .iter()
            .map(|(column, column_type)| format!("{} {column_type}", identifier(column)))
            .collect();
        self.execute(&format!("create table {} ({})", qualified(name), declared.join(", ")))?;
        let (schema, table) = name.split_once('.').unwrap_or(("main", name));
        let mut appender = self.connection.appender_to_db(table, schema)?;
        for row in rows {
            appender.append_row(appender_params_from_iter(row.into_iter().map(native)))?;
        }
        appender.flush()?;
        Ok(())
    }

    /// A table from Parquet files, with the columns named; it is empty when there are no files.
    pub(crate) fn table_from_parquet(
        &self,
        name: &str,
        columns: &[(&str, String)],
        files: &[PathBuf],
    ) -> Result<(), EngineError> {
        if files.is_empty() {
            return self.create_table(name, columns, []);
        }
        let selected: Vec<String> = columns
            .iter()
            .map(|(column, column_type)| {
                format!("cast({0} as {column_type}) as {0}", identifier(column))
            })
            .collect();
        let none: Vec<String> = columns
            .iter()
            .map(|(c, t)| format!("cast(null as {t}) as {}", identifier(c)))
            .collect();
        self.execute(&format!(
            "create table {} as select {} from (select {} where false union all by name \
             select * from read_parquet([{}], union_by_name = true, hive_partitioning = false))",
            qualified(name),
            selected.join(", "),
            none.join(", "),
            list(files)
        ))
    }

    /// Makes the file independent of the lake: staging views go, and so do the raw ones, except
    /// those that no query reads, which stay as tables.
    pub fn detach_from_lake(&self, refined: &dyn Fn(&str) -> bool) -> Result<(), EngineError> {
        let relations = self.relations()?;
        for (name, kind) in &relations {
            if name.starts_with("staging.") {
                self.execute(&format!("drop {kind} {}", qualified(name)))?;
            }
        }
        for (name, _) in relations.iter().filter(|(name, _)| name.starts_with("raw.")) {
            let view = qualified(name);
            if refined(name) {
                self.execute(&format!("drop view {view}"))?;
                continue;
            }
            let kept = qualified(&format!("{name}__kept"));
            let bare = identifier(name.trim_start_matches("raw."));
            self.execute(&format!(
                "create table {kept} as select * from {view}; drop view {view}; \
                 alter table {kept} rename to {bare}"
            ))?;
        }
        Ok(())
    }

    /// Writes the public database: the tables named, without the columns that concern persons.
    ///
    /// `columns` gives the columns to keep of each table.
    pub fn copy_public(
        &self,
        target: &Path,
        tables: &[(String, Vec<String>)],
        views: &[String],
        told: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Result<(), EngineError> {
        self.execute(&format!(
            "attach {} as public_copy (storage_version {})",
            literal(&target.to_string_lossy()),
            literal(STORAGE_VERSION)
        ))?;
        let own = self.scalar("select current_database()", &[])?.unwrap_or_default();
        for schema in ["indicator", "mart", "meta"] {
            self.execute(&format!("create schema public_copy.{schema}"))?;
        }
        for (name, columns) in tables {
            let as_told = |column: &String| told(name, column).unwrap_or(identifier(column));
            let selected: Vec<String> = columns.iter().map(as_told).collect();
            self.execute(&format!(
                "create table public_copy.{0} as select {1} from {0}",
                qualified(name),
                selected.join(", ")
            ))?;
        }
        self.execute("use public_copy")?;
        let made = views.iter().try_for_each(|view| self.execute(view));
        self.execute(&format!("use {}", identifier(&own)))?;
        made?;
        self.execute("checkpoint public_copy; detach public_copy")
    }
}

fn model_fault(model: &Model, error: &EngineError) -> Diagnostic {
    let text = error.to_string();
    let reason = text.lines().next().unwrap_or("").to_owned();
    // Our statement has one line before the query's first.
    let (offset, length) = place_of(&text, &model.sql, 1);
    place_in(
        Code::QueryFailed,
        format!("`{}` failed when it was run: {reason}", model.name),
        &model.file,
        &model.sql,
        offset,
        length,
    )
    .with_effect("the release that was published last stays in force")
}

/// Where in a query the engine points, as an offset in bytes and a number of letters: the word under
/// its mark, or the whole line when there is no mark. `before` are the lines of the statement that
/// stand before the query's first.
pub(crate) fn place_of(text: &str, sql: &str, before: usize) -> (usize, usize) {
    let mut lines = text.lines();
    let shown = lines.by_ref().find_map(|line| {
        let (number, shown) = line.strip_prefix("LINE ")?.split_once(": ")?;
        Some((number.parse::<usize>().ok()?, shown, line.chars().count() - shown.chars().count()))
    });
    let number = shown.map_or(1, |(number, ..)| number.saturating_sub(before).max(1));
    let start: usize = sql.split_inclusive('\n').take(number - 1).map(str::len).sum();
    let line = sql[start..].lines().next().unwrap_or("");
    let whole = (start, line.chars().count().max(1));
    let (Some((_, shown, prefix)), Some(mark)) = (shown, lines.next()) else { return whole };
    let Some(mark) = mark.chars().position(|letter| letter == '^') else { return whole };
    // A long line is shown in part, with dots for what is left out.
    let cut = shown.strip_prefix("...").unwrap_or(shown);
    let skipped = prefix + shown.chars().count() - cut.chars().count();
    let part = cut.strip_suffix("...").unwrap_or(cut);
    let Some((found, inner)) = line.find(part).zip(mark.checked_sub(skipped)) else { return whole };
    let within: usize = part.chars().take(inner).map(char::len_utf8).sum();
    let rest = &line[found + within..];
    let is_part = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    let length = rest.chars().take_while(is_part).count().max(1);
    (start + found + within, length)
}

fn list(files: &[PathBuf]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| literal(&file.to_string_lossy())).collect();
    quoted.join(", ")
}

fn native(value: Value) -> Native {
    match value {
        Value::Null => Native::Null,
        Value::Boolean(value) => Native::Boolean(value),
        Value::Integer(value) => Native::BigInt(value),
        Value::Float(value) => Native::Double(value),
        // The appender casts text to the column's type, exactly.
        Value::Decimal(value) => Native::Text(value.to_string()),
        Value::Text(value) | Value::Date(value) | Value::Timestamp(value) => Native::Text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that the engine points at in a query that it cannot carry out.
    fn pointed(sql: &str) -> (usize, String) {
        let engine = Engine::in_memory().unwrap();
        engine.execute("create table units (unit_id varchar, \"ö\" varchar)").unwrap();
        let text = engine.execute(&format!("create table t as\n{sql}")).unwrap_err().to_string();
        let (offset, length) = place_of(&text, sql, 1);
        let line = sql[..offset].lines().count().max(1);
        (line, sql[offset..].chars().take(length).collect())
    }

    #[test]
    fn the_word_that_is_wrong_is_pointed_at() {
        let long = format!("select '{}' as a, unit_idd from units", "x".repeat(300));
        for (sql, line) in [
            ("select\n    unit_id,\n    unit_idd\nfrom units\n", 3),
            ("select ö, unit_idd from units", 1),
            ("select units.unit_idd from units", 1),
            (long.as_str(), 1),
        ] {
            let (found, word) = pointed(sql);
            assert!(word.ends_with("unit_idd"), "{word}: {sql}");
            assert_eq!(found, line, "{sql}");
        }
        assert_eq!(pointed("select 1,\n2 from unitss").1, "unitss");
    }

    #[test]
    fn without_a_mark_it_is_the_line() {
        assert_eq!(place_of("Conversion Error: no number", "select 1\nfrom t", 1), (0, 8));
        assert_eq!(place_of("Error: x\n\nLINE 3: from t", "select 1\nfrom t", 1), (9, 6));
    }
}
