//! Which class each column of each query has: classes follow columns through queries, read from the
//! tree of DuckDB's own parser.
//!
//! A value has the class of every column it is made of, under whatever name and in whatever
//! expression. Where the tree cannot be followed, everything in reach counts.
//!
//! A *count or sum* over several rows is no value of a row: [`MEASURES`] free what they are made of.
//! Smallest, largest, first, most common, middle and joined-together values are values of a row and do
//! not. Grouped by a column that tells persons apart, a measure is about one person again.
//!
//! A *row* can be about a person without any column that says so. A table with a column that tells
//! persons apart has such rows, and so has every query that hands them on one by one; grouping and
//! `distinct` end that, unless they keep persons apart.
//!
//! What is decided from the classes stands in [`crate::publication`].

use crate::engine::EngineError;
use crate::graph::{Graph, Layer, Model, Parser};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::contract::{Classification, Transform};
use tertial_model::{Column, ColumnType, Contract, Diagnostic, Faults};

/// Aggregates over several rows that give no row's own value.
pub const MEASURES: [&str; 35] = [
    "approx_count_distinct",
    "avg",
    "corr",
    "count",
    "count_if",
    "count_star",
    "countif",
    "covar_pop",
    "covar_samp",
    "favg",
    "fsum",
    "kahan_sum",
    "kurtosis",
    "kurtosis_pop",
    "mean",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "sem",
    "skewness",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "sum_no_overflow",
    "sumkahan",
    "var_pop",
    "var_samp",
    "variance",
];

/// Other aggregates: they make one row of many, of values that stood in a row.
const PICKS: [&str; 41] = [
    "any_value",
    "approx_quantile",
    "approx_top_k",
    "arbitrary",
    "arg_max",
    "arg_max_null",
    "arg_max_nulls_last",
    "arg_min",
    "arg_min_null",
    "arg_min_nulls_last",
    "argmax",
    "argmin",
    "array_agg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bitstring_agg",
    "bool_and",
    "bool_or",
    "entropy",
    "first",
    "group_concat",
    "histogram",
    "histogram_exact",
    "last",
    "list",
    "listagg",
    "lttb",
    "mad",
    "max",
    "max_by",
    "median",
    "min",
    "min_by",
    "mode",
    "product",
    "quantile",
    "quantile_cont",
    "quantile_disc",
    "reservoir_quantile",
    "string_agg",
];

/// Columns of an indicator's query that hold numbers before the disclosure control.
const BEFORE_CONTROL: [&str; 5] =
    ["numerator", "denominator", "person_count", "response_count", "invited_count"];

/// What is known of a column, or of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The class of its values.
    pub class: Classification,
    /// The column that gives the class, `core.worked_time.person_id`; none when it is open.
    pub source: Option<String>,
    /// Whether its values tell persons apart.
    identifies: bool,
    /// Whether it is held back until the disclosure control has seen it, sums of it too.
    is_held: bool,
    /// Whether it is always nothing.
    pub is_nothing: bool,
}

impl Mark {
    const OPEN: Mark = Mark {
        class: Classification::Open,
        source: None,
        identifies: false,
        is_held: false,
        is_nothing: false,
    };

    /// Whether anyone may see it.
    pub fn is_open(&self) -> bool {
        self.class == Classification::Open
    }

    fn of(class: Classification, source: String, identifies: bool) -> Mark {
        let source = Some(source).filter(|_| class != Classification::Open);
        Mark { class, source, identifies, is_held: false, is_nothing: false }
    }

    fn of_column(contract: &Contract, column: &Column) -> Mark {
        // A key of units, sexes or other values that somebody lists tells groups apart. The key of a
        // table that a query makes says nothing: its columns tell apart what they told before.
        let is_key = !contract.table.contains('.')
            && contract.key.contains(&column.name)
            && column.column_type == ColumnType::Text
            && column.allowed.is_empty()
            && column.references.is_none();
        let identifies = column.classification >= Classification::Personal
            && (is_key || column.unique || column.transform != Transform::None);
        let layer = if contract.table.contains('.') { "" } else { "raw." };
        let source = format!("{layer}{}.{}", contract.table, column.name);
        // What stays in the house for other reasons than persons is not followed out of its table.
        let class = match column.classification {
            Classification::Internal => Classification::Open,
            class => class,
        };
        Mark::of(class, source, identifies)
    }

    /// The stricter of the two.
    fn and(&self, other: &Mark) -> Mark {
        let stricter = if other.class > self.class { other } else { self };
        Mark {
            class: stricter.class,
            source: stricter.source.clone(),
            identifies: self.identifies || other.identifies,
            is_held: self.is_held || other.is_held,
            is_nothing: self.is_nothing && other.is_nothing,
        }
    }

    fn all<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Mark {
        let nothing = Mark { is_nothing: true, ..Mark::OPEN };
        let mark = marks.into_iter().fold(nothing, |all, mark| all.and(mark));
        Mark { is_nothing: false, ..mark }
    }

    /// One of several values: nothing where each of them is.
    fn one_of(marks: &[Mark]) -> Mark {
        let is_nothing = !marks.is_empty() && marks.iter().all(|mark| mark.is_nothing);
        Mark { is_nothing, ..Mark::all(marks) }
    }

    /// As it stands where it tells nobody apart, such as the answer to a comparison.
    fn without_identity(self) -> Mark {
        Mark { identifies: false, is_nothing: false, ..self }
    }
}

/// The columns of a table or a query, in order, and its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Names, lower case, with what is known of each.
    pub columns: Vec<(String, Mark)>,
    /// What a row as such is about.
    pub rows: Mark,
}

impl Relation {
    fn empty() -> Relation {
        Relation { columns: Vec::new(), rows: Mark::OPEN }
    }

    fn with_columns(columns: Vec<(String, Mark)>) -> Relation {
        let telling = columns.iter().map(|(_, mark)| mark).filter(|mark| mark.identifies);
        let rows = Mark::all(telling).without_identity();
        Relation { columns, rows }
    }

    /// What a contract says of its table.
    pub fn of_contract(contract: &Contract) -> Relation {
        let columns = contract.columns.iter();
        let columns =
            columns.map(|column| (column.name.clone(), Mark::of_column(contract, column)));
        Relation::with_columns(columns.collect())
    }

    /// A table of open columns.
    pub fn open<'a>(columns: impl IntoIterator<Item = &'a str>) -> Relation {
        let columns = columns.into_iter().map(|name| (name.to_lowercase(), Mark::OPEN));
        Relation { columns: columns.collect(), rows: Mark::OPEN }
    }

    /// A column of that name.
    pub fn column(&self, name: &str) -> Option<&Mark> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, mark)| mark)
    }

    /// The strictest of all columns and of the rows.
    pub fn whole(&self) -> Mark {
        Mark::all(self.columns.iter().map(|(_, mark)| mark).chain([&self.rows]))
    }

    /// The same with other names for the first columns.
    fn renamed(mut self, names: &Json) -> Relation {
        for (column, name) in self.columns.iter_mut().zip(texts(names)) {
            column.0 = name;
        }
        self
    }
}

/// The classes of every table of a project.
#[derive(Debug, Clone, Default)]
pub struct Classes {
    tables: BTreeMap<String, Relation>,
    audits: BTreeMap<String, Relation>,
    about_persons: BTreeMap<String, String>,
    persons_in: BTreeMap<String, Vec<(String, Mark)>>,
}

impl Classes {
    /// Follows every query of a project. `seeds` gives the columns of each `seed.…` table.
    pub fn read(
        graph: &Graph,
        contracts: &BTreeMap<String, Contract>,
        seeds: &BTreeMap<String, Vec<String>>,
    ) -> Result<Classes, Faults> {
        let mut classes = Classes::default();
        for (name, contract) in contracts {
            let (table, mut relation) = match name.contains('.') {
                true => (name.clone(), Relation::of_contract(contract)),
                false => (format!("raw.{name}"), Relation::of_contract(contract)),
            };
            if table.starts_with("raw.") {
                for own in ["_delivery", "_row"] {
                    relation.columns.push((own.to_owned(), Mark::OPEN));
                }
            }
            classes.tables.insert(table, relation);
        }
        for (name, columns) in seeds {
            let relation = Relation::open(columns.iter().map(String::as_str));
            classes.tables.entry(format!("seed.{name}")).or_insert(relation);
        }
        let parser = Parser::after(graph);
        parser.parse_all(graph.models.iter().chain(&graph.audits).map(|model| model.sql.as_str()));
        let mut faults = Vec::new();
        for model in &graph.models {
            match follow(&parser, model, &classes.tables) {
                Ok(found) => {
                    let known = classes.joined(graph, model, found, contracts);
                    classes.tables.insert(model.name.clone(), known);
                }
                Err(fault) => faults.push(*fault),
            }
        }
        for model in &graph.audits {
            match follow(&parser, model, &classes.tables) {
                Ok(found) => drop(classes.audits.insert(model.name.clone(), found)),
                Err(fault) => faults.push(*fault),
            }
        }
        if faults.is_empty() { Ok(classes) } else { Err(faults.into()) }
    }

    /// The columns of a table that a contract, a seed or a query gives.
    pub fn table(&self, name: &str) -> Option<&Relation> {
        self.tables.get(name)
    }

    /// The columns of an audit's offenders.
    pub fn audit(&self, name: &str) -> Option<&Relation> {
        self.audits.get(name)
    }

    /// The column of a person that an indicator stands on, or its own `person_count`; none when it
    /// is not about persons.
    pub fn person_behind(&self, table: &str) -> Option<&str> {
        self.about_persons.get(table).map(String::as_str)
    }

    /// Columns of an indicator's query that tell persons apart or are a person's value.
    pub fn persons_in(&self, table: &str) -> &[(String, Mark)] {
        self.persons_in.get(table).map_or(&[], Vec::as_slice)
    }

    /// What a query gives together with what its contract says: the stricter of the two.
    fn joined(
        &mut self,
        graph: &Graph,
        model: &Model,
        mut found: Relation,
        contracts: &BTreeMap<String, Contract>,
    ) -> Relation {
        if let Some(contract) = contracts.get(&model.name) {
            let said = Relation::of_contract(contract);
            for (name, mark) in &mut found.columns {
                match said.column(name) {
                    Some(said) => *mark = mark.and(said),
                    // Delivery and line are ours; what else the contract does not know, nobody has
                    // classed.
                    None if name.starts_with('_') => {}
                    None => {
                        let source = format!("{}.{name}", model.name);
                        *mark = mark.and(&Mark::of(Classification::Undeclared, source, false));
                    }
                }
            }
        }
        if model.layer == Layer::Indicator {
            let is_wrong =
                |(name, mark): &&(String, Mark)| match BEFORE_CONTROL.contains(&name.as_str()) {
                    true => mark.class >= Classification::Personal,
                    false => mark.identifies,
                };
            let mut wrong: Vec<(String, Mark)> =
                found.columns.iter().filter(is_wrong).cloned().collect();
            if wrong.is_empty() && found.rows.class >= Classification::Personal {
                wrong.push(("unit_id".to_owned(), found.rows.clone()));
            }
            self.persons_in.insert(model.name.clone(), wrong);
        }
        if model.layer == Layer::Indicator
            && let Some(person) = person_behind(graph, model, &found, contracts)
        {
            let held = |name: &str| Mark {
                is_held: true,
                ..Mark::of(Classification::Personal, format!("{}.{name}", model.name), false)
            };
            for (name, mark) in &mut found.columns {
                if BEFORE_CONTROL.contains(&name.as_str()) {
                    *mark = mark.and(&held(name));
                }
            }
            found.rows = found.rows.and(&Mark { is_held: false, ..held("person_count") });
            self.about_persons.insert(model.name.clone(), person);
        }
        found
    }
}

/// The column of a person behind an indicator's query, or its own head count.
fn person_behind(
    graph: &Graph,
    model: &Model,
    found: &Relation,
    contracts: &BTreeMap<String, Contract>,
) -> Option<String> {
    let personal = graph.behind(&model.name).into_iter().find_map(|table| {
        let contract = contracts.get(&table)?;
        let is_personal = |c: &&Column| c.classification >= Classification::Personal;
        let column = contract.columns.iter().find(is_personal)?;
        Some(format!("{table}.{}", column.name))
    });
    let counted = || {
        let count = found.column("person_count")?;
        (!count.is_nothing).then(|| format!("{}.person_count", model.name))
    };
    personal.or_else(counted)
}

/// The columns a query gives.
fn follow(
    parser: &Parser,
    model: &Model,
    tables: &BTreeMap<String, Relation>,
) -> Result<Relation, Box<Diagnostic>> {
    let tree = parser.parse(&model.file, &model.sql)?;
    let walk = Walk { tables };
    Ok(walk.query(&tree["node"], &Scope::default()))
}

/// The columns that a query over known tables gives, for questions outside a project.
pub fn of_query(sql: &str, tables: &BTreeMap<String, Relation>) -> Result<Relation, EngineError> {
    let text = crate::Engine::in_memory()?
        .scalar("select json_serialize_sql($1)", &[sql])?
        .unwrap_or_default();
    let tree: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
    let walk = Walk { tables };
    Ok(walk.query(&tree["statements"][0]["node"], &Scope::default()))
}

/// What names mean at a place of a query.
#[derive(Clone, Default)]
struct Scope {
    /// Common table expressions, later ones last.
    ctes: Vec<(String, Relation)>,
    /// Tables of the query and, before them, of the queries around it.
    sources: Vec<Vec<Source>>,
    /// Names given in the select list so far.
    named: Vec<(String, Mark)>,
}

/// A table of a `from`.
#[derive(Clone)]
struct Source {
    /// Name to qualify with.
    alias: String,
    relation: Relation,
    /// Columns that `using` made one with an earlier table's; a star leaves them out.
    merged: BTreeSet<String>,
}

struct Walk<'a> {
    tables: &'a BTreeMap<String, Relation>,
}

impl Walk<'_> {
    fn query(&self, node: &Json, outer: &Scope) -> Relation {
        let mut scope = outer.clone();
        scope.named.clear();
        for entry in items(&node["cte_map"]["map"]) {
            let name = entry["key"].as_str().unwrap_or("").to_lowercase();
            let found = self.query(query_of(&entry["value"]), &scope);
            scope.ctes.push((name, found.renamed(&entry["value"]["aliases"])));
        }
        match kind(node) {
            "SELECT_NODE" => self.select(node, &scope),
            "SET_OPERATION_NODE" => self.set_operation(node, &scope),
            "RECURSIVE_CTE_NODE" => self.recursive(node, scope),
            "CTE_NODE" => {
                let name = node["cte_name"].as_str().unwrap_or("").to_lowercase();
                let found = self.query(&node["query"], &scope);
                scope.ctes.push((name, found.renamed(&node["aliases"])));
                self.query(&node["child"], &scope)
            }
            // A node that is not known: everything that can be read below it.
            _ => {
                let mut marks = Vec::new();
                self.everything(node, &scope, &mut marks);
                let mark = Mark::all(&marks);
                Relation { columns: vec![("*".to_owned(), mark.clone())], rows: mark }
            }
        }
    }

    fn set_operation(&self, node: &Json, scope: &Scope) -> Relation {
        let mut children = items(&node["children"]).iter().collect::<Vec<_>>();
        if children.is_empty() {
            children = vec![&node["left"], &node["right"]];
        }
        let by_name = node["setop_type"].as_str().is_some_and(|kind| kind.ends_with("BY_NAME"));
        let mut whole: Option<Relation> = None;
        for child in children {
            let found = self.query(child, scope);
            whole = Some(match whole {
                None => found,
                Some(whole) => union(whole, found, by_name),
            });
        }
        let whole = whole.unwrap_or_else(Relation::empty);
        if node["setop_all"] == Json::Bool(true) { whole } else { distinct(whole) }
    }

    fn recursive(&self, node: &Json, mut scope: Scope) -> Relation {
        let name = node["cte_name"].as_str().unwrap_or("").to_lowercase();
        let mut whole = self.query(&node["left"], &scope).renamed(&node["aliases"]);
        // Classes only ever rise, and there are few of them.
        loop {
            scope.ctes.push((name.clone(), whole.clone()));
            let next = union(whole.clone(), self.query(&node["right"], &scope), false);
            scope.ctes.pop();
            if next == whole {
                return whole;
            }
            whole = next;
        }
    }

    fn select(&self, node: &Json, outer: &Scope) -> Relation {
        let mut scope = outer.clone();
        let mut sources = Vec::new();
        let rows = self.from(&node["from_table"], &scope, &mut sources);
        scope.sources.push(sources);
        let list = items(&node["select_list"]);
        let groups = items(&node["group_expressions"]);
        let is_all = node["aggregate_handling"] == "FORCE_AGGREGATES";
        let is_grouped = is_all
            || !groups.is_empty()
            || list.iter().any(is_aggregated)
            || is_aggregated(&node["having"]);
        let mut keys: Vec<Mark> = Vec::new();
        for group in groups {
            keys.push(self.key(group, list, &scope));
        }
        if is_all {
            for expression in list.iter().filter(|expression| !is_aggregated(expression)) {
                keys.extend(self.expanded(expression, &scope, None).into_iter().map(|(_, m)| m));
            }
        }
        let apart: Vec<&Mark> = keys.iter().filter(|mark| mark.identifies).collect();
        let group = is_grouped.then(|| Mark::all(apart.iter().copied()).without_identity());
        let mut columns = Vec::new();
        for expression in list {
            let found = self.expanded(expression, &scope, group.as_ref());
            scope.named.extend(found.iter().cloned());
            columns.extend(found);
        }
        let rows = group.unwrap_or(rows);
        let found = Relation { columns, rows };
        let is_distinct = items(&node["modifiers"]).iter().any(|modifier| {
            kind(modifier) == "DISTINCT_MODIFIER"
                && items(&modifier["distinct_on_targets"]).is_empty()
        });
        if is_distinct { distinct(found) } else { found }
    }

    /// What a group is made by; a number is a place in the select list, a name may stand there.
    fn key(&self, group: &Json, list: &[Json], scope: &Scope) -> Mark {
        if kind(group) == "VALUE_CONSTANT" {
            let at = group["literal"]["text"].as_str().and_then(|text| text.parse::<usize>().ok());
            let named = at.and_then(|at| list.get(at.checked_sub(1)?));
            return named.map_or(Mark::OPEN, |expression| self.mark(expression, scope, None));
        }
        let own = self.mark(group, scope, None);
        if let [name] = texts(&group["column_names"]).as_slice() {
            let alias = list.iter().find(|expression| alias_of(expression) == *name);
            if let Some(expression) = alias {
                return own.and(&self.mark(expression, scope, None));
            }
        }
        own
    }

    /// The columns that an entry of a select list stands for.
    fn expanded(
        &self,
        expression: &Json,
        scope: &Scope,
        group: Option<&Mark>,
    ) -> Vec<(String, Mark)> {
        if kind(expression) != "STAR" {
            let mark = self.mark(expression, scope, group);
            return vec![(name_of(expression), mark)];
        }
        let sources = scope.sources.last().map_or(&[][..], Vec::as_slice);
        let relation = expression["relation_name"].as_str().unwrap_or("").to_lowercase();
        let is_of = |source: &&Source| relation.is_empty() || source.alias == relation;
        let mut columns: Vec<(String, Mark)> = Vec::new();
        for source in sources.iter().filter(is_of) {
            let own = source.relation.columns.iter();
            let own = own.filter(|(name, _)| !relation.is_empty() || !source.merged.contains(name));
            columns.extend(own.cloned());
        }
        if columns.is_empty() {
            // A name that is not known to qualify: all there is.
            columns = sources.iter().flat_map(|source| source.relation.columns.clone()).collect();
        }
        let left_out: BTreeSet<String> = texts(&expression["exclude_list"])
            .into_iter()
            .chain(items(&expression["qualified_exclude_list"]).iter().map(last_name))
            .collect();
        columns.retain(|(name, _)| !left_out.contains(name));
        for entry in items(&expression["rename_list"]) {
            let (from, to) = (last_name(&entry["key"]), entry["value"].as_str().unwrap_or(""));
            for column in columns.iter_mut().filter(|(name, _)| *name == from) {
                column.0 = to.to_lowercase();
            }
        }
        for entry in items(&expression["replace_list"]) {
            let name = last_name(&entry["key"]);
            let mark = self.mark(&entry["value"], scope, group);
            for column in columns.iter_mut().filter(|(column, _)| *column == name) {
                column.1 = mark.clone();
            }
        }
        columns
    }

    /// Adds the tables of a `from` and gives what its rows are about.
    fn from(&self, node: &Json, scope: &Scope, sources: &mut Vec<Source>) -> Mark {
        let alias = |otherwise: &str| {
            let alias = node["alias"].as_str().unwrap_or("").to_lowercase();
            if alias.is_empty() { otherwise.to_lowercase() } else { alias }
        };
        let mut add = |name: String, relation: Relation| {
            let relation = relation.renamed(&node["column_name_alias"]);
            let rows = relation.rows.clone();
            sources.push(Source { alias: name, relation, merged: BTreeSet::new() });
            rows
        };
        match kind(node) {
            "BASE_TABLE" => {
                let table = node["table_name"].as_str().unwrap_or("").to_lowercase();
                add(alias(&table), self.base(node, &table, scope))
            }
            "SUBQUERY" => {
                // A lateral subquery sees the tables before it.
                let mut inner = scope.clone();
                inner.sources.push(sources.clone());
                let found = self.query(query_of(&node["subquery"]), &inner);
                let relation = found.renamed(&node["column_name_alias"]);
                let rows = relation.rows.clone();
                sources.push(Source { alias: alias(""), relation, merged: BTreeSet::new() });
                rows
            }
            "JOIN" => {
                let left = self.from(&node["left"], scope, sources);
                let between = sources.len();
                let right = self.from(&node["right"], scope, sources);
                let mut merged: BTreeSet<String> =
                    texts(&node["using_columns"]).into_iter().collect();
                if node["ref_type"] == "NATURAL" {
                    merged.extend(natural(&sources[..between], &sources[between..]));
                }
                for source in &mut sources[between..] {
                    source.merged.extend(merged.iter().cloned());
                }
                match node["join_type"].as_str().unwrap_or("") {
                    "SEMI" | "ANTI" => {
                        sources.truncate(between);
                        left
                    }
                    _ => left.and(&right).without_identity(),
                }
            }
            "PIVOT" => {
                let mut inner = Vec::new();
                let rows = self.from(&node["source"], scope, &mut inner);
                let relation = self.pivot(node, scope, inner, rows);
                let rows = relation.rows.clone();
                sources.push(Source { alias: alias(""), relation, merged: BTreeSet::new() });
                rows
            }
            "EMPTY" | "" => Mark::OPEN,
            "EXPRESSION_LIST" => {
                let mut columns: Vec<(String, Mark)> = Vec::new();
                for row in items(&node["values"]) {
                    for (at, cell) in items(row).iter().enumerate() {
                        let mark = self.mark(cell, scope, None);
                        match columns.get_mut(at) {
                            Some((_, known)) => *known = known.and(&mark),
                            None => columns.push((format!("col{at}"), mark)),
                        }
                    }
                }
                add(alias("valueslist"), Relation::with_columns(columns))
            }
            // Table functions, and whatever is not known: all that is read in it.
            _ => {
                let mut inner = scope.clone();
                inner.sources.push(sources.clone());
                let mut marks = Vec::new();
                self.everything(node, &inner, &mut marks);
                let mark = Mark::all(&marks);
                let function = node["function"]["function_name"].as_str().unwrap_or("");
                let mut columns = texts(&node["column_name_alias"]);
                if columns.is_empty() {
                    columns = vec![function.to_lowercase(), alias(function)];
                    columns.dedup();
                }
                let columns = columns.into_iter().map(|name| (name, mark.clone())).collect();
                let relation = Relation { columns, rows: mark.without_identity() };
                let rows = relation.rows.clone();
                sources.push(Source { alias: alias(function), relation, merged: BTreeSet::new() });
                rows
            }
        }
    }

    fn base(&self, node: &Json, table: &str, scope: &Scope) -> Relation {
        let schema = node["schema_name"].as_str().unwrap_or("").to_lowercase();
        if schema.is_empty() {
            let cte = scope.ctes.iter().rev().find(|(name, _)| name == table);
            return cte.map_or_else(Relation::empty, |(_, relation)| relation.clone());
        }
        let name = format!("{schema}.{table}");
        self.tables.get(&name).cloned().unwrap_or_else(Relation::empty)
    }

    fn pivot(&self, node: &Json, scope: &Scope, inner: Vec<Source>, rows: Mark) -> Relation {
        let all: Vec<(String, Mark)> =
            inner.iter().flat_map(|source| source.relation.columns.clone()).collect();
        let mut scope = scope.clone();
        scope.sources.push(inner);
        if !items(&node["unpivot_names"]).is_empty() {
            // The values of several columns in one, beside the columns that are left.
            let mut read: BTreeSet<String> = BTreeSet::new();
            let mut values = Mark { is_nothing: true, ..Mark::OPEN };
            let mut names = Vec::new();
            for pivot in items(&node["pivots"]) {
                names.extend(texts(&pivot["unpivot_names"]));
                let mut marks = Vec::new();
                self.everything(pivot, &scope, &mut marks);
                values = values.and(&Mark::all(&marks));
                read.extend(column_names(pivot));
            }
            let kept = all.into_iter().filter(|(name, _)| !read.contains(name));
            let mut columns: Vec<(String, Mark)> = kept.collect();
            columns.extend(names.into_iter().map(|name| (name, Mark::OPEN)));
            let value_names = texts(&node["unpivot_names"]);
            columns.extend(value_names.into_iter().map(|name| (name, values.clone())));
            return Relation { columns, rows };
        }
        // Rows become columns: named groups, or all columns that are not read, and the cells.
        let mut read: BTreeSet<String> = column_names(&node["pivots"]);
        read.extend(column_names(&node["aggregates"]));
        let named = texts(&node["groups"]);
        let is_key = |name: &String| match named.is_empty() {
            true => !read.contains(name),
            false => named.contains(name),
        };
        let keys: Vec<(String, Mark)> = all.into_iter().filter(|(name, _)| is_key(name)).collect();
        let apart = keys.iter().map(|(_, mark)| mark).filter(|mark| mark.identifies);
        let group = Mark::all(apart).without_identity();
        let aggregates = items(&node["aggregates"]).iter();
        let marks: Vec<Mark> = aggregates.map(|one| self.mark(one, &scope, Some(&group))).collect();
        // A cell's name is one of the values that were turned.
        let mut turned = Vec::new();
        self.everything(&node["pivots"], &scope, &mut turned);
        let cell = Mark::all(marks.iter().chain(&turned));
        let mut columns = keys;
        for entry in items(&node["pivots"]).iter().flat_map(|pivot| items(&pivot["entries"])) {
            let name = Some(alias_of(entry)).filter(|name| !name.is_empty());
            let value = entry["star_expr"]["literal"]["text"].as_str().unwrap_or("");
            columns.push((name.unwrap_or_else(|| value.to_lowercase()), cell.clone()));
        }
        columns.push(("*".to_owned(), cell));
        Relation { columns, rows: group }
    }

    /// What is known of an expression. `group` stands where rows are grouped: what the groups keep
    /// apart.
    fn mark(&self, node: &Json, scope: &Scope, group: Option<&Mark>) -> Mark {
        match kind(node) {
            "" => Mark::OPEN,
            "VALUE_CONSTANT" => Mark { is_nothing: is_null(node), ..Mark::OPEN },
            "COLUMN_REF" => self.named(&texts(&node["column_names"]), scope),
            "OPERATOR_CAST" => self.mark(&node["child"], scope, group),
            "FUNCTION" => self.function(node, scope, group),
            "SUBQUERY" => {
                let found = self.query(query_of(&node["subquery"]), scope);
                let child = self.mark(&node["child"], scope, group);
                match node["subquery_type"].as_str().unwrap_or("") {
                    "SCALAR" => Mark::all(found.columns.iter().map(|(_, mark)| mark)),
                    "EXISTS" | "NOT_EXISTS" => found.rows.without_identity(),
                    _ => child.and(&found.whole()).without_identity(),
                }
            }
            "STAR" => {
                let columns = self.expanded(node, scope, group);
                Mark::all(columns.iter().map(|(_, mark)| mark))
            }
            "LAMBDA" => {
                // Its own names stand for what the function reads, which counts already.
                let mut inner = scope.clone();
                let own = column_names(&node["lhs"]);
                inner.named.extend(own.into_iter().map(|name| (name, Mark::OPEN)));
                self.mark(&node["expr"], &inner, group)
            }
            "CASE_EXPR" => {
                let checks = items(&node["case_checks"]);
                let given = checks.iter().map(|check| self.mark(&check["then_expr"], scope, group));
                let mut given: Vec<Mark> = given.collect();
                given.push(match node["else_expr"].is_null() {
                    true => Mark { is_nothing: true, ..Mark::OPEN },
                    false => self.mark(&node["else_expr"], scope, group),
                });
                let is_nothing = Mark::one_of(&given).is_nothing;
                let asked = checks.iter().map(|check| self.mark(&check["when_expr"], scope, group));
                given.extend(asked.map(Mark::without_identity));
                Mark { is_nothing, ..Mark::all(&given) }
            }
            kind if node["class"] == "WINDOW" || kind.starts_with("WINDOW") => {
                self.window(node, scope, group)
            }
            kind => {
                let parts: Vec<Mark> =
                    children(node).into_iter().map(|part| self.mark(part, scope, group)).collect();
                let mark = Mark::all(&parts);
                let is_answer = kind.starts_with("COMPARE_")
                    || kind.starts_with("CONJUNCTION_")
                    || matches!(kind, "OPERATOR_NOT" | "OPERATOR_IS_NULL" | "OPERATOR_IS_NOT_NULL");
                if is_answer { mark.without_identity() } else { mark }
            }
        }
    }

    fn function(&self, node: &Json, scope: &Scope, group: Option<&Mark>) -> Mark {
        let name = node["function_name"].as_str().unwrap_or("").to_lowercase();
        let arguments = items(&node["arguments"]).iter().map(argument);
        let parts: Vec<Mark> = arguments.map(|part| self.mark(part, scope, group)).collect();
        let read = Mark::all(&parts);
        if !MEASURES.contains(&name.as_str()) {
            return read;
        }
        let filter = self.mark(&node["filter"], scope, group);
        let held = [&read, &filter].into_iter().find(|mark| mark.is_held).cloned();
        let kept = group.cloned().unwrap_or(Mark::OPEN);
        held.map_or(kept.clone(), |held| held.and(&kept)).without_identity()
    }

    /// A measure over a whole partition is one, when nothing keeps persons apart; the rest are values.
    fn window(&self, node: &Json, scope: &Scope, group: Option<&Mark>) -> Mark {
        let name = node["function_name"].as_str().unwrap_or("").to_lowercase();
        let marks = |parts: &Json| -> Vec<Mark> {
            items(parts).iter().map(|part| self.mark(argument(part), scope, group)).collect()
        };
        let partitions = marks(&node["partitions"]);
        let orders = marks(&node["orders"]);
        let mut read = marks(&node["arguments"]);
        for part in ["filter_expr", "offset_expr", "default_expr", "start_expr", "end_expr"] {
            read.push(self.mark(&node[part], scope, group));
        }
        let is_measure = MEASURES.contains(&name.as_str()) && orders.is_empty();
        if is_measure && !read.iter().any(|mark| mark.is_held) {
            let apart = partitions.iter().filter(|mark| mark.identifies);
            return Mark::all(apart).without_identity();
        }
        Mark::all(read.iter().chain(&orders)).without_identity()
    }

    /// What a name stands for; everything in reach when that cannot be told.
    fn named(&self, names: &[String], scope: &Scope) -> Mark {
        for (depth, sources) in scope.sources.iter().enumerate().rev() {
            if let Some(mark) = in_sources(names, sources) {
                return mark;
            }
            let is_innermost = depth + 1 == scope.sources.len();
            if is_innermost && let [name] = names {
                let alias = scope.named.iter().rev().find(|(alias, _)| alias == name);
                if let Some((_, mark)) = alias {
                    return mark.clone();
                }
            }
        }
        if let [name, ..] = names
            && let Some((_, mark)) = scope.named.iter().rev().find(|(alias, _)| alias == name)
        {
            return mark.clone();
        }
        let all = scope.sources.iter().flatten().map(|source| source.relation.whole());
        Mark::all(&all.collect::<Vec<_>>())
    }

    /// The marks of every name below a node.
    fn everything(&self, node: &Json, scope: &Scope, marks: &mut Vec<Mark>) {
        match node {
            Json::Array(list) => list.iter().for_each(|item| self.everything(item, scope, marks)),
            Json::Object(fields) => match kind(node) {
                "COLUMN_REF" | "SUBQUERY" | "STAR" => marks.push(self.mark(node, scope, None)),
                "BASE_TABLE" => {
                    let table = node["table_name"].as_str().unwrap_or("").to_lowercase();
                    marks.push(self.base(node, &table, scope).whole());
                }
                _ => fields.values().for_each(|child| self.everything(child, scope, marks)),
            },
            _ => {}
        }
    }
}

/// A name among the tables of one `from`; none when it stands for nothing there.
fn in_sources(names: &[String], sources: &[Source]) -> Option<Mark> {
    let column = |source: &Source, name: &str| source.relation.column(name).cloned();
    let of_alias = |alias: &str| sources.iter().find(|source| source.alias == alias);
    match names {
        [] => None,
        [name] => {
            let found: Vec<Mark> =
                sources.iter().filter_map(|source| column(source, name)).collect();
            if !found.is_empty() {
                return Some(Mark::one_of(&found));
            }
            // A whole row as one value.
            of_alias(name).map(|source| source.relation.whole())
        }
        [first, second, rest @ ..] => {
            if let Some(mark) = of_alias(first).and_then(|source| column(source, second)) {
                return Some(mark);
            }
            // `schema.table.column`, or a field of a column.
            if let [third, ..] = rest
                && let Some(mark) = of_alias(second).and_then(|source| column(source, third))
            {
                return Some(mark);
            }
            in_sources(std::slice::from_ref(first), sources)
        }
    }
}

/// Column by column, by place or by name; what only one side has is its own.
fn union(mut whole: Relation, other: Relation, by_name: bool) -> Relation {
    for (at, (name, mark)) in other.columns.into_iter().enumerate() {
        let known = match by_name {
            true => whole.columns.iter_mut().find(|(known, _)| *known == name),
            false => whole.columns.get_mut(at),
        };
        match known {
            Some((_, known)) => *known = known.and(&mark),
            None => whole.columns.push((name, mark)),
        }
    }
    whole.rows = whole.rows.and(&other.rows);
    whole
}

/// Each row once: about persons only where a column keeps them apart.
fn distinct(found: Relation) -> Relation {
    let apart = found.columns.iter().map(|(_, mark)| mark).filter(|mark| mark.identifies);
    let rows = Mark::all(apart).without_identity();
    Relation { columns: found.columns, rows }
}

fn natural(left: &[Source], right: &[Source]) -> Vec<String> {
    let names = |sources: &[Source]| -> BTreeSet<String> {
        let columns = sources.iter().flat_map(|source| &source.relation.columns);
        columns.map(|(name, _)| name.clone()).collect()
    };
    names(left).intersection(&names(right)).cloned().collect()
}

/// Whether an expression makes one row of many; not inside a subquery or a window.
fn is_aggregated(node: &Json) -> bool {
    match kind(node) {
        "SUBQUERY" => false,
        kind if node["class"] == "WINDOW" || kind.starts_with("WINDOW") => false,
        "FUNCTION" => {
            let name = node["function_name"].as_str().unwrap_or("").to_lowercase();
            MEASURES.contains(&name.as_str())
                || PICKS.contains(&name.as_str())
                || items(&node["arguments"]).iter().map(argument).any(is_aggregated)
        }
        "CASE_EXPR" => {
            let checks = items(&node["case_checks"]).iter();
            let parts = checks.flat_map(|check| [&check["when_expr"], &check["then_expr"]]);
            parts.chain([&node["else_expr"]]).any(is_aggregated)
        }
        _ => children(node).into_iter().any(is_aggregated),
    }
}

/// Every expression directly below a node.
fn children(node: &Json) -> Vec<&Json> {
    let Json::Object(fields) = node else { return Vec::new() };
    let mut found = Vec::new();
    for (name, child) in fields {
        match child {
            Json::Object(_) if name != "type_expr" => found.push(argument(child)),
            Json::Array(list) => found.extend(list.iter().map(argument)),
            _ => {}
        }
    }
    found
}

/// An argument, freed of the place and name it is handed over with.
fn argument(node: &Json) -> &Json {
    if node["class"].is_null() && node["expression"].is_object() {
        &node["expression"]
    } else {
        node
    }
}

fn query_of(node: &Json) -> &Json {
    ["query_node", "node", "query"]
        .into_iter()
        .find_map(|key| {
            let inner = &node[key];
            (!inner.is_null()).then_some(inner)
        })
        .map_or(node, |inner| if inner["node"].is_object() { &inner["node"] } else { inner })
}

fn kind(node: &Json) -> &str {
    node["type"].as_str().unwrap_or("")
}

fn is_null(node: &Json) -> bool {
    node["literal"]["kind"] == "NULL_LITERAL"
}

fn items(node: &Json) -> &[Json] {
    node.as_array().map_or(&[][..], Vec::as_slice)
}

fn texts(node: &Json) -> Vec<String> {
    items(node).iter().filter_map(Json::as_str).map(str::to_lowercase).collect()
}

/// The last part of a name, whether it stands alone or as a path.
fn last_name(node: &Json) -> String {
    let name = match node {
        Json::String(name) => Some(name.as_str()),
        Json::Array(path) => path.last().and_then(Json::as_str),
        Json::Object(_) => ["column", "name", "column_name"]
            .into_iter()
            .find_map(|key| node[key].as_str())
            .or_else(|| {
                node["path"].as_array().and_then(|path| path.last()).and_then(Json::as_str)
            }),
        _ => None,
    };
    name.unwrap_or("").to_lowercase()
}

/// Every column name below a node, unqualified.
fn column_names(node: &Json) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node {
            Json::Array(list) => open.extend(list),
            Json::Object(fields) => {
                if kind(node) == "COLUMN_REF" {
                    found.extend(texts(&node["column_names"]).pop());
                }
                open.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

fn alias_of(node: &Json) -> String {
    node["alias"].as_str().unwrap_or("").to_lowercase()
}

/// The name that an entry of a select list gets.
fn name_of(node: &Json) -> String {
    let alias = alias_of(node);
    if !alias.is_empty() {
        return alias;
    }
    match kind(node) {
        "COLUMN_REF" => texts(&node["column_names"]).pop().unwrap_or_default(),
        "OPERATOR_CAST" => name_of(&node["child"]),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Classification::{Open, Personal, Sensitive};

    /// `core.time` has a row per person and month; `core.units` and `core.months` are open.
    fn tables() -> BTreeMap<String, Relation> {
        let mark = |name: &str, class, identifies| {
            (name.to_owned(), Mark::of(class, format!("core.time.{name}"), identifies))
        };
        let time = Relation::with_columns(vec![
            mark("month", Personal, false),
            mark("person_id", Sensitive, true),
            mark("unit_id", Personal, false),
            mark("hours", Personal, false),
            mark("cause", Sensitive, false),
            mark("kind", Open, false),
        ]);
        BTreeMap::from([
            ("core.time".to_owned(), time),
            ("core.units".to_owned(), Relation::open(["unit_id", "unit_name"])),
            ("core.months".to_owned(), Relation::open(["month", "year"])),
        ])
    }

    fn follow(sql: &str) -> Relation {
        of_query(sql, &tables()).unwrap()
    }

    /// Each column with its class and source, and the class of the rows.
    fn told(sql: &str) -> String {
        let found = follow(sql);
        let word = |mark: &Mark| match &mark.source {
            Some(source) => {
                format!("{} {}", mark.class.word(), source.trim_start_matches("core.time."))
            }
            None => mark.class.word().to_owned(),
        };
        let columns = found.columns.iter().map(|(name, mark)| format!("{name}: {}", word(mark)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("{columns} | rows {}", found.rows.class.word())
    }

    #[test]
    fn a_class_follows_a_column_under_every_name() {
        for sql in [
            "select person_id as x from core.time",
            "select t.person_id as x from core.time as t",
            "select core.time.person_id as x from core.time",
            "select cast(person_id as varchar) as x from core.time",
            "select 'p' || left(person_id, 3) as x from core.time",
            "select case when hours > 3 then person_id else 'a' end as x from core.time",
            "select coalesce(null, person_id) as x from core.time",
            "with a as (select * from core.time), b(y) as (select person_id from a) select y as x from b",
            "select x from (select person_id as x from core.time) as s",
            "select x from (select person_id from core.time) as s(x)",
            "select unit_name as x from core.units union all select person_id from core.time",
            "select 'a' as x union all by name select person_id as x from core.time",
            "select (select max(person_id) from core.time) as x",
            "select max(person_id) as x from core.time",
            "select any_value(person_id) as x from core.time group by unit_id",
            "select string_agg(person_id, ',' order by month) as x from core.time",
            "select list(person_id)[1] as x from core.time",
            "select arg_max(person_id, hours) as x from core.time",
            "select first_value(person_id) over (partition by unit_id order by month) as x from core.time",
            "select lag(person_id) over (order by month) as x from core.time",
            "select s.x from (select {'p': person_id} as x from core.time) as s",
            "select struct_pack(p := person_id).p as x from core.time",
            "select list_transform([person_id], lambda e: e || 'a')[1] as x from core.time",
            "select unnest([person_id]) as x from core.time",
            "select x from core.time, unnest([person_id]) as u(x)",
            "select x from core.units, lateral (select person_id as x from core.time) as l",
            "select distinct person_id as x from core.time",
            "select person_id as y, y as x from core.time",
            "select * exclude (month, unit_id, hours, cause, kind) rename (person_id as x) from core.time",
            "select * replace (person_id as x) from (select 1 as x, person_id from core.time) as s",
            "with recursive r as (select '' as x union all select t.person_id from core.time as t, r) select x from r",
            "select columns('person.*') as x from core.time",
            "select x from (select t as x from core.time as t) as s",
            "from core.time select person_id as x",
            "(select person_id as x from core.time) except select unit_name from core.units",
            "select min(person_id) filter (where kind = 'a') as x from core.time",
            "select x from (values ((select min(person_id) from core.time))) as v(x)",
        ] {
            let found = follow(sql);
            let mark = found.column("x").cloned().unwrap_or_else(|| found.whole());
            assert_eq!(
                (mark.class, mark.source.as_deref()),
                (Sensitive, Some("core.time.person_id")),
                "{sql}"
            );
        }
    }

    #[test]
    fn counts_and_sums_over_several_rows_are_free_and_values_of_a_row_are_not() {
        let grouped = "select m.month, count(*) as n, count(distinct t.person_id) as p, sum(t.hours) as h, \
                       avg(t.hours) filter (where t.cause = 'a') as a, max(t.hours) as top \
                       from core.time as t join core.months as m on t.month = m.month group by m.month";
        assert_eq!(
            told(grouped),
            "month: open, n: open, p: open, h: open, a: open, top: personal hours | rows open"
        );
        assert_eq!(
            told("select sum(hours) * 100 / count(*) as h from core.time"),
            "h: open | rows open"
        );
        assert_eq!(
            told("select sum(hours) over () as h, kind from core.time"),
            "h: open, kind: open | rows sensitive",
            "the sum is one, the rows are still persons'"
        );
        assert_eq!(
            told("select sum(hours) over (order by month) as h from core.time"),
            "h: personal hours | rows sensitive"
        );
    }

    #[test]
    fn a_sum_for_each_person_is_the_person_s() {
        assert_eq!(
            told("select sum(hours) as h from core.time group by person_id"),
            "h: sensitive person_id | rows sensitive"
        );
        assert_eq!(
            told("select hash(person_id) as p, sum(hours) as h from core.time group by all"),
            "p: sensitive person_id, h: sensitive person_id | rows sensitive"
        );
        assert_eq!(
            told("select person_id as p, sum(hours) as h from core.time group by p"),
            "p: sensitive person_id, h: sensitive person_id | rows sensitive"
        );
        assert_eq!(
            told("select person_id, sum(hours) as h from core.time group by 1"),
            "person_id: sensitive person_id, h: sensitive person_id | rows sensitive"
        );
        // And free once several persons are added up.
        let twice = "with each as (select person_id, unit_id, sum(hours) as h from core.time group by all) \
                     select u.unit_name, sum(e.h) as h, count(*) as n from each as e \
                     join core.units as u on e.unit_id = u.unit_id group by u.unit_name";
        assert_eq!(told(twice), "unit_name: open, h: open, n: open | rows open");
        assert_eq!(
            told("select sum(hours) over (partition by person_id) as h from core.time"),
            "h: sensitive person_id | rows sensitive"
        );
    }

    #[test]
    fn rows_are_about_persons_until_they_are_grouped() {
        assert_eq!(told("select kind from core.time"), "kind: open | rows sensitive");
        assert_eq!(
            told(
                "select u.unit_name from core.units as u join core.time as t on u.unit_id = t.unit_id"
            ),
            "unit_name: open | rows sensitive"
        );
        assert_eq!(
            told(
                "select u.unit_name from core.units as u semi join core.time as t on u.unit_id = t.unit_id"
            ),
            "unit_name: open | rows open"
        );
        assert_eq!(told("select distinct kind from core.time"), "kind: open | rows open");
        assert_eq!(told("select kind from core.time union select 'a'"), "kind: open | rows open");
        assert_eq!(
            told("select distinct on (kind) kind from core.time"),
            "kind: open | rows sensitive"
        );
        assert_eq!(
            told("select unit_name from core.units where exists (select 1 from core.time)"),
            "unit_name: open | rows open"
        );
        assert_eq!(
            told(
                "select exists (select 1 from core.time as t where t.unit_id = u.unit_id) as e from core.units as u"
            ),
            "e: sensitive person_id | rows open"
        );
    }

    #[test]
    fn pivots_keep_what_they_turn() {
        assert_eq!(
            told(
                "select * from (select unit_id, kind, hours from core.time) pivot (max(hours) for kind in ('a', 'b') group by unit_id)"
            ),
            "unit_id: personal unit_id, a: personal hours, b: personal hours, *: personal hours | rows open"
        );
        let unpivoted = follow("select * from core.time unpivot (v for n in (person_id, cause))");
        assert_eq!(unpivoted.column("v").map(|mark| mark.class), Some(Sensitive));
    }

    #[test]
    fn what_cannot_be_followed_counts_as_all_there_is() {
        let found = follow("select nowhere as x from core.time");
        assert_eq!(found.column("x").map(|mark| mark.class), Some(Sensitive));
        let found = follow("select unit_name as x from core.units");
        assert_eq!(found.column("x").map(|mark| mark.class), Some(Open));
    }

    #[test]
    fn nothing_is_known_as_nothing() {
        let found = follow(
            "with a as (select cast(null as bigint) as n, 1 as one) select n, one, case when one > 0 then null end as c from a union all select null, 2, null",
        );
        let nothing = |name| found.column(name).map(|mark| mark.is_nothing);
        assert_eq!(
            [nothing("n"), nothing("one"), nothing("c")],
            [Some(true), Some(false), Some(true)]
        );
    }
}
