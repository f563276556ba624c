//! Which rows of a table a query can use at all: the conditions it sets before anything is joined.
//!
//! A row of a table reaches a query's answer only through a place where the query reads that table,
//! and there it must meet the conditions of that place. So the conditions that concern the table
//! alone, one place *or* the other, hold for every row that is used, whatever comes after. They are
//! read from the tree of DuckDB's own parser. What cannot be told in this way narrows nothing.

use crate::engine::{Engine, EngineError};
use serde_json::{Value as Json, json};

/// The condition on the rows of `table` that `sql` can use, in words of the table's own `columns`;
/// none when the query may use every row.
pub fn condition(
    engine: &Engine,
    sql: &str,
    table: &str,
    columns: &[String],
) -> Result<Option<String>, EngineError> {
    let text = engine.scalar("select json_serialize_sql($1)", &[sql])?.unwrap_or_default();
    let tree: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
    let mut search = Search { table, columns, places: Vec::new() };
    search.visit(&tree);
    let mut conditions = Vec::new();
    for place in &search.places {
        if place.is_empty() {
            return Ok(None);
        }
        let parts = place.iter().map(|part| words(engine, part));
        let Some(parts) = parts.collect::<Result<Option<Vec<String>>, EngineError>>()? else {
            return Ok(None);
        };
        let condition = parts.join(" and ");
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    Ok(match conditions.len() {
        0 => None,
        1 => conditions.pop(),
        _ => Some(conditions.iter().map(|c| format!("({c})")).collect::<Vec<_>>().join(" or ")),
    })
}

/// The places where a query reads a table, each with the conditions that concern it alone.
struct Search<'a> {
    table: &'a str,
    columns: &'a [String],
    places: Vec<Vec<Json>>,
}

impl Search<'_> {
    fn visit(&mut self, node: &Json) {
        match node {
            Json::Array(items) => items.iter().for_each(|item| self.visit(item)),
            Json::Object(fields) => {
                if node["type"] == "SELECT_NODE" {
                    self.select(node);
                }
                fields.values().for_each(|child| self.visit(child));
            }
            _ => {}
        }
    }

    /// The base tables of one `from`, those inside subqueries not counted.
    fn select(&mut self, node: &Json) {
        let mut read = Vec::new();
        let mut count = 0;
        base_tables(&node["from_table"], &mut |table| {
            count += 1;
            let name = |key: &str| table[key].as_str().unwrap_or("").to_lowercase();
            if format!("{}.{}", name("schema_name"), name("table_name")) == self.table {
                let alias = name("alias");
                read.push(if alias.is_empty() { name("table_name") } else { alias });
            }
        });
        for alias in read {
            let mut parts = Vec::new();
            conjuncts(&node["where_clause"], &mut parts);
            let own = parts.into_iter().filter_map(|part| self.own(part, &alias, count == 1));
            self.places.push(own.collect());
        }
    }

    /// A condition freed of its qualifiers, when it speaks of this table alone.
    fn own(&self, part: &Json, alias: &str, is_alone: bool) -> Option<Json> {
        let mut freed = part.clone();
        self.free(&mut freed, alias, is_alone).then_some(freed)
    }

    fn free(&self, node: &mut Json, alias: &str, is_alone: bool) -> bool {
        match node {
            Json::Array(items) => items.iter_mut().all(|item| self.free(item, alias, is_alone)),
            Json::Object(fields) => {
                let kind = fields.get("type").and_then(Json::as_str).unwrap_or("");
                if matches!(kind, "SUBQUERY" | "LAMBDA" | "WINDOW" | "PARAMETER") {
                    return false;
                }
                if kind == "COLUMN_REF" {
                    let Some(names) = fields.get("column_names").and_then(Json::as_array) else {
                        return false;
                    };
                    let names: Vec<String> =
                        names.iter().filter_map(Json::as_str).map(str::to_lowercase).collect();
                    let column = match names.as_slice() {
                        [column] if is_alone => column,
                        [table, column] if table == alias => column,
                        _ => return false,
                    };
                    if !self.columns.contains(column) {
                        return false;
                    }
                    fields.insert("column_names".to_owned(), json!([column]));
                    return true;
                }
                fields.values_mut().all(|child| self.free(child, alias, is_alone))
            }
            _ => true,
        }
    }
}

/// Calls `found` for each base table of a `from`.
fn base_tables(from: &Json, found: &mut impl FnMut(&Json)) {
    match from["type"].as_str().unwrap_or("") {
        "BASE_TABLE" => found(from),
        "JOIN" => {
            base_tables(&from["left"], found);
            base_tables(&from["right"], found);
        }
        // A subquery's own `from` is a place of its own; what it gives is no base table.
        _ => found(&Json::Null),
    }
}

/// The parts of a condition that must all hold.
fn conjuncts<'a>(clause: &'a Json, parts: &mut Vec<&'a Json>) {
    if clause["type"] == "CONJUNCTION_AND" {
        for child in clause["children"].as_array().into_iter().flatten() {
            conjuncts(child, parts);
        }
    } else if !clause.is_null() {
        parts.push(clause);
    }
}

/// A condition as SQL, written by DuckDB itself.
fn words(engine: &Engine, part: &Json) -> Result<Option<String>, EngineError> {
    const START: &str = "SELECT * FROM t WHERE ";
    let template = engine
        .scalar("select json_serialize_sql('select * from t where true')", &[])?
        .unwrap_or_default();
    let mut tree: Json = serde_json::from_str(&template).unwrap_or(Json::Null);
    tree["statements"][0]["node"]["where_clause"] = part.clone();
    let sql =
        engine.scalar("select json_deserialize_sql(cast($1 as json))", &[&tree.to_string()])?;
    Ok(sql.and_then(|sql| sql.strip_prefix(START).map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sql: &str) -> Option<String> {
        let engine = Engine::in_memory().unwrap();
        let columns = ["month", "kind", "amount"].map(str::to_owned);
        condition(&engine, sql, "core.rows", &columns).unwrap()
    }

    #[test]
    fn conditions_on_one_table_are_kept_and_the_rest_narrows_nothing() {
        let cte = "with r as (select month from core.rows where kind = 'a' and amount > 0) \
                   select * from r";
        assert_eq!(found(cte).as_deref(), Some("(kind = 'a') and (amount > 0)"));
        assert_eq!(found("select * from core.rows"), None);
        let joined = "select 1 from core.rows as r inner join core.months as m \
                      on r.month = m.month where r.kind = 'a' and m.year = 2024";
        assert_eq!(found(joined).as_deref(), Some("(kind = 'a')"));
        let asked = "select * from core.rows where month in (select month from core.months)";
        assert_eq!(found(asked), None, "a subquery is another question");
    }

    #[test]
    fn two_places_are_one_or_the_other() {
        let twice = "select * from core.rows where kind = 'a' \
                     union all select * from core.rows where kind = 'b'";
        assert_eq!(found(twice).as_deref(), Some("((kind = 'a')) or ((kind = 'b'))"));
        let open = "select * from core.rows where kind = 'a' union all select * from core.rows";
        assert_eq!(found(open), None);
    }

    #[test]
    fn a_name_from_outside_the_table_is_no_condition_on_it() {
        let outer = "select (select max(amount) from core.rows where kind = other.kind) \
                     from core.months as other";
        assert_eq!(found(outer), None);
        let bare = "select (select max(amount) from core.rows where kind = year) \
                    from core.months";
        assert_eq!(found(bare), None);
    }
}
