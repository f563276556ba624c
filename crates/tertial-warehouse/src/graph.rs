//! Which query needs which: read from the queries themselves with DuckDB's own parser.
//!
//! One `SELECT` a file; the folder says the layer, the file the name. There is no second list of
//! dependencies that could be wrong. Here a query is only parsed, never run.

use crate::calendar::ROW_MONTHS;
use crate::engine::Engine;
use crate::remembered::Remembered;
use crate::value::Value;
use serde_json::Value as Json;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tertial_model::{Code, Diagnostic, Excerpt, Faults, Location, same};

/// The layers, in the direction of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Renames, casts, converts units; never joins. Views.
    Staging,
    /// Joins and de-duplicates; facts and dimensions.
    Core,
    /// Additive facts that indicators sum.
    Measure,
    /// Numerator and denominator of one indicator.
    Indicator,
    /// Wide tables for people and the report.
    Mart,
    /// Returns offenders.
    Audit,
}

impl Layer {
    /// Folder and schema name.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Staging => "staging",
            Layer::Core => "core",
            Layer::Measure => "measure",
            Layer::Indicator => "indicator",
            Layer::Mart => "mart",
            Layer::Audit => "audits",
        }
    }

    /// Whether a query of this layer may read that table; `is_own` says that the program fills it.
    fn may_read(self, table: &str, is_own: bool) -> bool {
        let schema = table.split('.').next().unwrap_or("");
        match self {
            Layer::Staging => matches!(schema, "raw" | "seed"),
            Layer::Core => matches!(schema, "staging" | "core" | "seed") || table == ROW_MONTHS,
            Layer::Measure => matches!(schema, "core" | "seed"),
            Layer::Indicator => matches!(schema, "core" | "measure" | "seed"),
            Layer::Mart => {
                matches!(schema, "core" | "measure" | "seed" | "mart")
                    || is_own && schema == "indicator"
            }
            Layer::Audit => !matches!(schema, "raw"),
        }
    }

    fn reads_in_words(self) -> &'static str {
        match self {
            Layer::Staging => "`raw` and `seed`",
            Layer::Core => "`staging`, `core` and `seed`",
            Layer::Measure => "`core` and `seed`",
            Layer::Indicator => "`measure`, `core` and `seed`",
            Layer::Mart => {
                "`core`, `measure`, `mart`, `seed` and the program's own tables such as \
                 `indicator.outcomes`"
            }
            Layer::Audit => "any layer but `raw`",
        }
    }
}

/// One query.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Its layer.
    pub layer: Layer,
    /// `core.units`, `staging.ledger__entries`, `audits.units__are_known`.
    pub name: String,
    /// Path relative to the project.
    pub file: String,
    /// The text as it stands in the file.
    pub sql: String,
    /// The comment lines on top, without `--`.
    pub comment: Vec<String>,
    /// The tables it reads, sorted.
    pub reads: Vec<String>,
}

/// A query that no file holds: what a definition's metric comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// `indicator.hr__sick_leave_pct`.
    pub name: String,
    /// The file that states it, relative to the project.
    pub file: String,
    /// The query.
    pub sql: String,
}

/// All queries of a project.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Staging, core, indicator and mart queries, each after what it reads.
    pub models: Vec<Model>,
    /// Audits, by name.
    pub audits: Vec<Model>,
    /// What the parser gave of the queries that were parsed, by their texts.
    pub(crate) parsed: Arc<BTreeMap<String, String>>,
}

impl Graph {
    /// Reads `sql/` under the project and puts its queries in order.
    ///
    /// `known` are the tables that no query makes: `raw.…`, `seed.…`, and the program's own; `resolved` are the
    /// queries of indicators that state a metric; a query that is remembered is not parsed again.
    /// Every fault of every file is returned in one run.
    pub fn read(
        project: &Path,
        known: &BTreeSet<String>,
        resolved: &[Resolved],
        remembered: &mut Remembered,
    ) -> Result<Graph, Faults> {
        let mut faults = Vec::new();
        let parser = Parser::default();
        let mut models = Vec::new();
        let layers = [
            Layer::Staging,
            Layer::Core,
            Layer::Measure,
            Layer::Indicator,
            Layer::Mart,
            Layer::Audit,
        ];
        let files = layers.into_iter().flat_map(|layer| {
            let paths = sql_files(&project.join("sql").join(layer.name())).into_iter();
            paths.map(move |path| QueryFile::read(project, path, layer))
        });
        let files: Vec<QueryFile> = files.collect();
        let texts = files.iter().filter_map(|file| file.sql.as_deref().ok());
        let texts = texts.chain(resolved.iter().map(|query| query.sql.as_str()));
        parser.parse_all(texts.filter(|sql| !remembered.knows(sql)));
        for file in files {
            match file.model(&parser, remembered) {
                Ok(model) => models.push(model),
                Err(fault) => faults.push(*fault),
            }
        }
        for query in resolved {
            match resolved_model(&parser, remembered, query) {
                Ok(model) => models.push(model),
                Err(fault) => faults.push(*fault),
            }
        }
        let mut names: BTreeSet<String> = known.clone();
        names.extend(models.iter().map(|model| model.name.clone()));
        for model in &models {
            check_reads(model, known, &names, &mut faults);
        }
        let (audits, models): (Vec<_>, Vec<_>) =
            models.into_iter().partition(|model| model.layer == Layer::Audit);
        let models = match in_order(models) {
            Ok(models) => models,
            Err(fault) => {
                faults.push(*fault);
                Vec::new()
            }
        };
        let parsed = Arc::new(parser.parsed.into_inner());
        if faults.is_empty() { Ok(Graph { models, audits, parsed }) } else { Err(faults.into()) }
    }

    /// The query that makes a table.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// Whether a table, or one it reads through any number of queries, reads one that is wanted.
    pub fn reaches(&self, name: &str, wanted: &dyn Fn(&str) -> bool) -> bool {
        self.behind(name).iter().any(|table| wanted(table))
    }

    /// Every table that stands behind a table, through all layers.
    pub fn behind(&self, name: &str) -> BTreeSet<String> {
        self.behind_up_to(name, &[])
    }

    /// The same, without what stands behind the tables `ends` alone; they themselves are there.
    pub fn behind_up_to(&self, name: &str, ends: &[&str]) -> BTreeSet<String> {
        let (mut open, mut seen) = (vec![name.to_owned()], BTreeSet::new());
        while let Some(table) = open.pop() {
            let Some(model) = self.model(&table) else { continue };
            for read in &model.reads {
                if seen.insert(read.clone()) && !ends.contains(&read.as_str()) {
                    open.push(read.clone());
                }
            }
        }
        seen
    }

    /// Every `raw.` table that stands behind a table, through all layers.
    pub fn raw_tables_behind(&self, name: &str) -> BTreeSet<String> {
        self.behind(name).into_iter().filter(|table| table.starts_with("raw.")).collect()
    }
}

/// Every `.sql` file below a folder, sorted by path.
fn sql_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return files };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(sql_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A query's file and its text.
struct QueryFile {
    layer: Layer,
    path: PathBuf,
    /// The path as messages name it.
    file: String,
    sql: Result<String, Box<Diagnostic>>,
}

impl QueryFile {
    fn read(project: &Path, path: PathBuf, layer: Layer) -> QueryFile {
        let file = path.strip_prefix(project).unwrap_or(&path).to_string_lossy().into_owned();
        let sql = std::fs::read_to_string(&path).map_err(|error| {
            let message = format!("the query cannot be read: {error}");
            Box::new(Diagnostic::error(Code::FileAccess, message, Location::file(&file)))
        });
        let sql = sql.map(|sql| same::composed(&sql).into_owned());
        QueryFile { layer, path, file, sql }
    }

    fn model(self, parser: &Parser, remembered: &mut Remembered) -> Result<Model, Box<Diagnostic>> {
        let QueryFile { layer, path, file, sql } = self;
        let sql = sql?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        // A staging file's folder is its source; the other layers are flat.
        let name = match (layer, path.parent().and_then(Path::file_name)) {
            (Layer::Staging, Some(source)) if source != "staging" => {
                format!("staging.{}__{stem}", source.to_string_lossy())
            }
            _ => format!("{}.{stem}", layer.name()),
        };
        let reads = remembered.reads(&sql, || reads_of(parser, &file, &sql))?;
        Ok(Model { layer, name, file, comment: comment_of(&sql), sql, reads })
    }
}

fn resolved_model(
    parser: &Parser,
    remembered: &mut Remembered,
    query: &Resolved,
) -> Result<Model, Box<Diagnostic>> {
    let Resolved { name, file, sql } = query.clone();
    let reads = remembered.reads(&sql, || reads_of(parser, &file, &sql))?;
    Ok(Model { layer: Layer::Indicator, name, file, comment: comment_of(&sql), sql, reads })
}

/// The comment lines on top of a query.
fn comment_of(sql: &str) -> Vec<String> {
    let lines = sql.lines().map_while(|line| line.strip_prefix("--"));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The tables that a query reads, sorted.
fn reads_of(parser: &Parser, file: &str, sql: &str) -> Result<Vec<String>, Box<Diagnostic>> {
    let tree = parser.parse(file, sql)?;
    let mut walk = Walk { reads: BTreeSet::new(), unknown: Vec::new(), forbidden: Vec::new() };
    walk.visit(&tree, &mut Vec::new());
    if let Some((expression, at)) = walk.forbidden.first() {
        return Err(Box::new(
            place_in(
                Code::ForbiddenExpression,
                format!("`{expression}` is not allowed in a query"),
                file,
                sql,
                *at,
                expression.len(),
            )
            .with_expected("dates and texts that do not depend on when or where the query runs")
            .with_effect("the project cannot be built")
            .with_hint(
                "take the day from `core.periods`; order Swedish names by a stored sort column",
            ),
        ));
    }
    if let Some((table, at)) = walk.unknown.first() {
        return Err(Box::new(
            place_in(
                Code::UnknownTable,
                format!("`{table}` names no layer and is no common table expression"),
                file,
                sql,
                *at,
                table.len(),
            )
            .with_expected("a table with its layer, e.g. `core.units`")
            .with_effect("the project cannot be built"),
        ));
    }
    Ok(walk.reads.into_iter().collect())
}

/// DuckDB's parser, started for the first query that needs it.
#[derive(Default)]
pub(crate) struct Parser {
    engine: OnceCell<Engine>,
    /// What another parser gave, by the queries' texts.
    known: Arc<BTreeMap<String, String>>,
    /// What this one gave.
    parsed: RefCell<BTreeMap<String, String>>,
}

impl Parser {
    /// One that need not parse again what was parsed for a graph.
    pub(crate) fn after(graph: &Graph) -> Parser {
        Parser { known: Arc::clone(&graph.parsed), ..Parser::default() }
    }

    /// Parses many queries in one question, which takes a third of the time of as many questions. What
    /// cannot be parsed so is left to be parsed, and told, by itself.
    pub(crate) fn parse_all<'a>(&self, queries: impl Iterator<Item = &'a str>) {
        let unknown = queries.filter(|sql| !self.known.contains_key(*sql));
        let rows: Vec<Vec<Value>> = unknown.map(|sql| vec![Value::from(sql)]).collect();
        if rows.is_empty() {
            return;
        }
        let Ok(engine) = self.engine() else { return };
        let answer =
            engine.create_table("main.queries", &[("sql", "varchar")], rows).and_then(|()| {
                engine.query("select sql, json_serialize_sql(sql) from main.queries", &[])
            });
        let answer = answer.map(|answer| answer.rows).unwrap_or_default();
        let pairs = answer.iter().filter_map(|row| row[0].text().zip(row[1].text()));
        self.parsed.borrow_mut().extend(pairs);
    }

    fn engine(&self) -> Result<&Engine, Box<Diagnostic>> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let engine = Engine::in_memory().map_err(|error| {
            let message = format!("the query engine could not start: {error}");
            Box::new(Diagnostic::error(Code::FileAccess, message, Location::file("sql")))
        })?;
        Ok(self.engine.get_or_init(|| engine))
    }

    fn serialized(&self, file: &str, sql: &str) -> Result<String, Box<Diagnostic>> {
        let answer = self.engine()?.scalar("select json_serialize_sql($1)", &[sql]);
        answer.map(Option::unwrap_or_default).map_err(|error| {
            let message = format!("the parser refused the query: {error}");
            Box::new(Diagnostic::error(Code::UnparsableQuery, message, Location::file(file)))
        })
    }

    /// The query as the parser sees it; exactly one `SELECT`.
    pub(crate) fn parse(&self, file: &str, sql: &str) -> Result<Json, Box<Diagnostic>> {
        let kept = self.known.get(sql).cloned().or_else(|| self.parsed.borrow().get(sql).cloned());
        let text = match kept {
            Some(text) => text,
            None => self.serialized(file, sql)?,
        };
        let tree: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
        if tree["error"] == Json::Bool(true) {
            let at = tree["position"].as_str().and_then(|t| t.parse().ok()).unwrap_or(0);
            let reason = tree["error_message"].as_str().unwrap_or("unknown reason");
            return Err(Box::new(
                place_in(
                    Code::UnparsableQuery,
                    format!("the query cannot be parsed: {reason}"),
                    file,
                    sql,
                    at,
                    1,
                )
                .with_expected(
                    "one `select` in DuckDB's SQL, without a `pivot` that lacks its value list",
                )
                .with_effect("the project cannot be built"),
            ));
        }
        match tree["statements"].as_array().map(Vec::len) {
            Some(1) => Ok(tree["statements"][0].clone()),
            count => {
                let found = format!("{} statements", count.unwrap_or(0));
                let message = "a query file holds exactly one `select`";
                Err(Box::new(
                    Diagnostic::error(Code::UnparsableQuery, message, Location::file(file))
                        .with_found(found),
                ))
            }
        }
    }
}

/// Collects base tables with regard to the scope of common table expressions.
struct Walk {
    reads: BTreeSet<String>,
    unknown: Vec<(String, usize)>,
    forbidden: Vec<(String, usize)>,
}

/// Functions whose answer depends on the clock or that the bundled engine lacks.
const FORBIDDEN: &[&str] = &[
    "now",
    "today",
    "current_date",
    "current_timestamp",
    "current_time",
    "current_localtime",
    "current_localtimestamp",
    "get_current_timestamp",
    "get_current_time",
    "transaction_timestamp",
    "timezone",
    "random",
    "uuid",
    "gen_random_uuid",
    "setseed",
];

/// Table functions that would read files past the lake.
const FORBIDDEN_PREFIXES: &[&str] = &["read_", "parquet_", "glob", "sniff_"];

impl Walk {
    fn visit(&mut self, node: &Json, scope: &mut Vec<String>) {
        match node {
            Json::Array(items) => items.iter().for_each(|item| self.visit(item, scope)),
            Json::Object(fields) => {
                let depth = scope.len();
                if let Some(entries) = node["cte_map"]["map"].as_array() {
                    // Each expression sees those before it (and itself, when recursive).
                    for entry in entries {
                        if let Some(name) = entry["key"].as_str() {
                            scope.push(name.to_lowercase());
                        }
                        self.visit(&entry["value"], scope);
                    }
                }
                self.look_at(node, scope);
                for (name, child) in fields {
                    if name != "cte_map" {
                        self.visit(child, scope);
                    }
                }
                scope.truncate(depth);
            }
            _ => {}
        }
    }

    fn look_at(&mut self, node: &Json, scope: &[String]) {
        let at = node["query_location"].as_u64().unwrap_or(0) as usize;
        match node["type"].as_str().unwrap_or("") {
            "BASE_TABLE" => {
                let table = node["table_name"].as_str().unwrap_or("").to_lowercase();
                match node["schema_name"].as_str().unwrap_or("") {
                    "" if scope.contains(&table) => {}
                    "" => self.unknown.push((table, at)),
                    schema => {
                        self.reads.insert(format!("{}.{table}", schema.to_lowercase()));
                    }
                }
            }
            "FUNCTION" => {
                let name = node["function_name"].as_str().unwrap_or("").to_lowercase();
                let reads_files = FORBIDDEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
                if FORBIDDEN.contains(&name.as_str()) || reads_files {
                    self.forbidden.push((name, at));
                }
            }
            "COLUMN_REF" => {
                let names = node["column_names"].as_array().map_or(&[][..], Vec::as_slice);
                if let [Json::String(name)] = names
                    && FORBIDDEN.contains(&name.to_lowercase().as_str())
                {
                    self.forbidden.push((name.to_lowercase(), at));
                }
            }
            "COLLATE" => {
                let collation = node["collation"].as_str().unwrap_or("");
                self.forbidden.push((format!("collate {collation}"), at));
            }
            _ => {}
        }
    }
}

fn check_reads(
    model: &Model,
    known: &BTreeSet<String>,
    names: &BTreeSet<String>,
    faults: &mut Vec<Diagnostic>,
) {
    for table in &model.reads {
        let at = model.sql.to_lowercase().find(table.as_str()).unwrap_or(0);
        if !model.layer.may_read(table, known.contains(table)) {
            let message = format!("`{}` may not read `{table}`", model.name);
            faults.push(
                place_in(Code::ForbiddenLayer, message, &model.file, &model.sql, at, table.len())
                    .with_expected(format!(
                        "a query of layer `{}` reads {}",
                        model.layer.name(),
                        model.layer.reads_in_words()
                    ))
                    .with_effect("the project cannot be built"),
            );
        } else if !names.contains(table) {
            let message = format!("`{table}` does not exist");
            let mut fault =
                place_in(Code::UnknownTable, message, &model.file, &model.sql, at, table.len())
                    .with_expected(
                        "a table that a contract, a seed or a query of the project makes",
                    )
                    .with_effect("the project cannot be built");
            if let Some(near) = nearest(table, names) {
                fault = fault.with_hint(format!("did you mean `{near}`?"));
            }
            faults.push(fault);
        }
    }
}

/// The known name with the most pairs of neighbouring letters in common.
fn nearest<'a>(name: &str, names: &'a BTreeSet<String>) -> Option<&'a String> {
    let pairs = |text: &str| -> BTreeSet<(u8, u8)> {
        text.as_bytes().windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let wanted = pairs(name);
    let score = |other: &String| {
        let found = pairs(other);
        2 * wanted.intersection(&found).count() * 100 / (wanted.len() + found.len()).max(1)
    };
    names.iter().max_by_key(|other| score(other)).filter(|other| score(other) > 60)
}

/// Kahn's order with names breaking ties; a circle is told as a path.
fn in_order(models: Vec<Model>) -> Result<Vec<Model>, Box<Diagnostic>> {
    let mut waiting: BTreeMap<(Layer, String), Model> =
        models.into_iter().map(|model| ((model.layer, model.name.clone()), model)).collect();
    let mut ordered: Vec<Model> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let open: BTreeSet<String> = waiting.keys().map(|(_, name)| name.clone()).collect();
        let ready = waiting
            .iter()
            .find(|(_, model)| model.reads.iter().all(|table| !open.contains(table)))
            .map(|(key, _)| key.clone());
        match ready {
            Some(key) => ordered.extend(waiting.remove(&key)),
            None => return Err(Box::new(circle(&waiting))),
        }
    }
    Ok(ordered)
}

fn circle(waiting: &BTreeMap<(Layer, String), Model>) -> Diagnostic {
    let by_name: BTreeMap<&str, &Model> =
        waiting.values().map(|model| (model.name.as_str(), model)).collect();
    let first = waiting.values().next().expect("a circle has members");
    let (mut path, mut current) = (vec![first.name.clone()], first);
    loop {
        let next = current.reads.iter().find_map(|table| by_name.get(table.as_str()));
        let Some(next) = next else { break };
        let closed = path.contains(&next.name);
        path.push(next.name.clone());
        if closed {
            break;
        }
        current = next;
    }
    Diagnostic::error(
        Code::CircularQueries,
        "queries depend on each other in a circle",
        Location::file(&first.file),
    )
    .with_found(path.join(" → "))
    .with_expected("an order in which each query comes after what it reads")
    .with_effect("the project cannot be built")
}

/// A fault at a byte offset of a query.
pub(crate) fn place_in(
    code: Code,
    message: String,
    file: &str,
    sql: &str,
    offset: usize,
    length: usize,
) -> Diagnostic {
    let mut offset = offset.min(sql.len());
    while !sql.is_char_boundary(offset) {
        offset -= 1;
    }
    let line_start = sql[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = sql[..offset].matches('\n').count() as u64 + 1;
    let text = sql[line_start..].lines().next().unwrap_or("").to_owned();
    let start = sql[line_start..offset].chars().count();
    Diagnostic::error(code, message, Location::text(file, line, start as u32 + 1))
        .with_excerpt(Excerpt { line, text, start, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, sql) in files {
            let path = folder.path().join("sql").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, sql).unwrap();
        }
        folder
    }

    fn read(files: &[(&str, &str)]) -> Result<Graph, String> {
        let folder = project(files);
        let known = BTreeSet::from(
            ["raw.ledger__entries", "seed.units", "indicator.outcomes"].map(str::to_owned),
        );
        Graph::read(folder.path(), &known, &[], &mut Remembered::default())
            .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn order_comes_from_the_queries() {
        let graph = read(&[
            ("core/b.sql", "select * from core.a"),
            (
                "core/a.sql",
                "with entries as (select * from staging.ledger__entries) select * from entries",
            ),
            (
                "staging/ledger/entries.sql",
                "-- One row per entry.\nselect 1 as x from raw.ledger__entries",
            ),
            ("mart/m.sql", "select * from core.b where x in (select x from indicator.outcomes)"),
        ])
        .unwrap();
        let names: Vec<&str> = graph.models.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["staging.ledger__entries", "core.a", "core.b", "mart.m"]);
        assert_eq!(graph.models[0].comment, ["One row per entry."]);
        let raw: Vec<String> = graph.raw_tables_behind("mart.m").into_iter().collect();
        assert_eq!(raw, ["raw.ledger__entries"]);
    }

    #[test]
    fn looking_ahead_is_told_with_the_line() {
        let text = read(&[("core/a.sql", "select *\nfrom raw.ledger__entries")]).unwrap_err();
        let expected = "\
error[T0603]: `core.a` may not read `raw.ledger__entries`
   --> sql/core/a.sql:2:6
    |
  2 | from raw.ledger__entries
    |      ^^^^^^^^^^^^^^^^^^^
    = expected: a query of layer `core` reads `staging`, `core` and `seed`
    = effect:   the project cannot be built
";
        assert_eq!(text, expected);
    }

    #[test]
    fn circles_are_told_as_a_path() {
        let text =
            read(&[("core/a.sql", "select * from core.b"), ("core/b.sql", "select * from core.a")])
                .unwrap_err();
        assert!(text.contains("= found:    core.a → core.b → core.a"), "{text}");
    }

    #[test]
    fn unknown_tables_and_clocks_are_refused() {
        let text = read(&[("core/a.sql", "select * from seed.unit")]).unwrap_err();
        assert!(text.contains("T0602") && text.contains("did you mean `seed.units`?"), "{text}");
        for query in [
            "select current_date",
            "select now()",
            "select random() from seed.units",
            "select * from read_csv('x')",
            "select unit_name collate sv from seed.units",
        ] {
            let text = read(&[("core/a.sql", query)]).unwrap_err();
            assert!(text.contains("T0605"), "{query}: {text}");
        }
        let text = read(&[("core/a.sql", "select * from units")]).unwrap_err();
        assert!(text.contains("T0602"), "{text}");
    }

    #[test]
    fn a_faulty_query_shows_where() {
        let text = read(&[("core/a.sql", "select *\nfrom where x")]).unwrap_err();
        assert!(text.contains("error[T0601]") && text.contains("sql/core/a.sql:2:6"), "{text}");
        let text = read(&[("core/a.sql", "select 1; select 2")]).unwrap_err();
        assert!(text.contains("exactly one `select`"), "{text}");
    }
}
