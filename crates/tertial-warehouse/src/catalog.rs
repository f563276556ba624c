//! The tables and views of a database, read once for whoever asks about many of them, and the words
//! put on them, in one transaction.

use crate::engine::{Engine, EngineError, identifier, literal, qualified};
use crate::value::Value;
use std::collections::BTreeMap;
use tertial_model::Contract;

/// The tables and views of our schemas as they were at one moment.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    relations: BTreeMap<String, Relation>,
}

#[derive(Debug, Clone)]
struct Relation {
    kind: String,
    columns: Vec<String>,
}

impl Engine {
    /// Every table and view there is now.
    pub fn catalog(&self) -> Result<Catalog, EngineError> {
        let mut catalog = Catalog::default();
        for (name, kind) in self.relations()? {
            catalog.relations.insert(name, Relation { kind, columns: Vec::new() });
        }
        let rows = self.query(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() \
             where not internal order by 1, column_index",
            &[],
        )?;
        let text = |row: &Vec<Value>, at: usize| row[at].text().unwrap_or_default();
        for row in &rows.rows {
            if let Some(relation) = catalog.relations.get_mut(&text(row, 0)) {
                relation.columns.push(text(row, 1));
            }
        }
        Ok(catalog)
    }

    /// Every table and view of our schemas, `schema.name` with its kind, sorted.
    pub fn relations(&self) -> Result<Vec<(String, String)>, EngineError> {
        let rows = self.query(
            "select schema_name || '.' || table_name as name, 'table' as kind from duckdb_tables() \
             where not internal \
             union all \
             select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal \
             order by 1",
            &[],
        )?;
        let text = |row: &Vec<Value>, at: usize| row[at].text().unwrap_or_default();
        Ok(rows.rows.iter().map(|row| (text(row, 0), text(row, 1))).collect())
    }

    /// The names of a table's columns, in order; empty when there is no such table.
    pub fn columns_of(&self, name: &str) -> Result<Vec<String>, EngineError> {
        let (schema, table) = name.split_once('.').unwrap_or(("main", name));
        let rows = self.query(
            "select column_name from duckdb_columns() where schema_name = $1 and table_name = $2 \
             order by column_index",
            &[schema, table],
        )?;
        Ok(rows.rows.iter().filter_map(|row| row[0].text()).collect())
    }

    /// Puts words on tables and columns.
    pub fn comment(&self, comments: &Comments) -> Result<(), EngineError> {
        self.execute(&format!("begin; {} commit", comments.statements))
    }
}

impl Catalog {
    /// Names of the tables and views, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.relations.keys().map(String::as_str)
    }

    /// The names of a table's columns, in order; empty when there is no such table.
    pub fn columns_of(&self, name: &str) -> &[String] {
        self.relations.get(name).map_or(&[], |relation| &relation.columns)
    }
}

/// Words to be put on what a catalog holds; what it lacks is passed by.
pub struct Comments<'a> {
    catalog: &'a Catalog,
    statements: String,
}

impl<'a> Comments<'a> {
    /// None yet.
    pub fn on(catalog: &'a Catalog) -> Comments<'a> {
        Comments { catalog, statements: String::new() }
    }

    /// A text on a table.
    pub fn table(&mut self, name: &str, text: &str) {
        if let Some(relation) = self.catalog.relations.get(name) {
            self.say(&format!("{} {}", relation.kind, qualified(name)), text);
        }
    }

    /// The contract's words on a table and its columns.
    pub fn contract(&mut self, name: &str, contract: &Contract) {
        self.table(name, &contract.description);
        let present = self.catalog.columns_of(name);
        for column in contract.columns.iter().filter(|column| present.contains(&column.name)) {
            let text = match &column.unit {
                Some(unit) => format!("{} ({unit}). {}", column.label, column.description),
                None => format!("{}. {}", column.label, column.description),
            };
            let place = format!("column {}.{}", qualified(name), identifier(&column.name));
            self.say(&place, text.trim());
        }
    }

    fn say(&mut self, place: &str, text: &str) {
        self.statements.push_str(&format!("comment on {place} is {};\n", literal(text)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_on_what_is_there() {
        let engine = Engine::in_memory().unwrap();
        engine
            .execute(
                "create schema core; create table core.units (unit_id varchar, name varchar); \
                 create view core.tops as select unit_id from core.units",
            )
            .unwrap();
        let catalog = engine.catalog().unwrap();
        assert_eq!(catalog.names().collect::<Vec<_>>(), ["core.tops", "core.units"]);
        assert_eq!(catalog.columns_of("core.units"), ["unit_id", "name"]);
        assert_eq!(catalog.columns_of("core.tops"), ["unit_id"]);
        assert!(catalog.columns_of("core.gone").is_empty());
        let mut comments = Comments::on(&catalog);
        comments.table("core.units", "Enheter; 'alla'");
        comments.table("core.tops", "De översta");
        comments.table("core.gone", "Ingen");
        engine.comment(&comments).unwrap();
        let told = |sql: &str| engine.scalar(sql, &[]).unwrap().unwrap();
        assert_eq!(told("select comment from duckdb_tables()"), "Enheter; 'alla'");
        assert_eq!(told("select comment from duckdb_views() where not internal"), "De översta");
    }
}
