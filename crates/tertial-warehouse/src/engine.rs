//! A connection to the embedded engine with the settings every one of ours has.
//!
//! No extension is ever fetched or loaded, the file format is one that DuckDB 1.4 clients open,
//! threads and memory are stated. The bundled engine has no ICU: see `docs/decisions/`.

use crate::value::{Rows, Value};
use duckdb::arrow::datatypes::{DataType, TimeUnit};
use duckdb::{AccessMode, Config, Connection, params_from_iter};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The newest storage format that DuckDB 1.4 reads.
pub const STORAGE_VERSION: &str = "v1.4.0";

/// The name of the file an engine stands beside.
pub const BESIDE: &str = "release";

/// Resources of a connection.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Worker threads; the answer never depends on it.
    pub threads: usize,
    /// `700MB`.
    pub memory_limit: String,
    /// Folder for what does not fit in memory; none = none.
    pub temp_directory: Option<String>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        EngineSettings { threads: 2, memory_limit: "700MB".to_owned(), temp_directory: None }
    }
}

/// What the engine answered when it could not do something.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// In the engine's own words.
    #[error("{0}")]
    Engine(#[from] duckdb::Error),
    /// The query went on for longer than it may and was stopped.
    #[error("the query was stopped: it had not answered within {} s", .0.as_secs_f64())]
    TimeLimit(Duration),
    /// There is nothing to ask.
    #[error("the query is empty")]
    Empty,
    /// A column of a type that has no text either.
    #[error("the column `{0}` is of a type that cannot be shown; cast it to one that can")]
    Type(String),
}

/// A connection.
pub struct Engine {
    pub(crate) connection: Connection,
    /// How long a query may take; none = as long as it takes.
    time_limit: Option<Duration>,
}

impl Engine {
    /// A database in memory, for parsing and small questions.
    pub fn in_memory() -> Result<Engine, EngineError> {
        let config = base_config()?;
        Ok(Engine { connection: Connection::open_in_memory_with_flags(config)?, time_limit: None })
    }

    /// Puts limits on an engine in memory.
    pub fn limit(&self, settings: &EngineSettings) -> Result<(), EngineError> {
        let EngineSettings { threads, memory_limit, temp_directory } = settings;
        self.execute(&format!(
            "set threads = {threads}; set memory_limit = {}",
            literal(memory_limit)
        ))?;
        match temp_directory {
            Some(folder) => self.execute(&format!("set temp_directory = {}", literal(folder))),
            None => Ok(()),
        }
    }

    /// Plans queries as they stand: right for many of them over few rows.
    pub fn plan_plainly(&self) -> Result<(), EngineError> {
        self.execute("pragma disable_optimizer")
    }

    /// A new database file, private until it is published.
    pub fn create(path: &Path, settings: &EngineSettings) -> Result<Engine, EngineError> {
        let config = base_config()?
            .threads(settings.threads as i64)?
            .max_memory(&settings.memory_limit)?
            .with("storage_compatibility_version", STORAGE_VERSION)?;
        let config = match &settings.temp_directory {
            Some(folder) => config.with("temp_directory", folder)?,
            None => config,
        };
        Ok(Engine { connection: Connection::open_with_flags(path, config)?, time_limit: None })
    }

    /// A published file, read only. External access is off: a question can read nothing else.
    pub fn open_read_only(path: &Path) -> Result<Engine, EngineError> {
        let config = base_config()?.access_mode(AccessMode::ReadOnly)?;
        let connection = Connection::open_with_flags(path, config)?;
        let engine = Engine { connection, time_limit: None };
        engine.execute("set enable_external_access = false")?;
        engine.execute("set lock_configuration = true")?;
        Ok(engine)
    }

    /// An engine in memory beside a published file, which is attached read only under [`BESIDE`].
    /// External access is off: a question can read nothing else.
    pub fn beside(path: &Path) -> Result<Engine, EngineError> {
        let engine = Engine::in_memory()?;
        let file = literal(&path.to_string_lossy());
        engine.execute(&format!("attach {file} as {BESIDE} (read_only)"))?;
        engine.execute("set enable_external_access = false")?;
        Ok(engine)
    }

    /// The same connection, on which every query is stopped that has not answered within the limit.
    #[must_use]
    pub fn with_time_limit(self, limit: Option<Duration>) -> Engine {
        Engine { time_limit: limit, ..self }
    }

    /// Runs statements that give no answer.
    pub fn execute(&self, sql: &str) -> Result<(), EngineError> {
        let begin = Instant::now();
        self.within_limit(|| Ok(self.connection.execute_batch(sql)?))?;
        trace(sql, begin);
        Ok(())
    }

    /// Asks a question, with texts bound to `$1`, `$2` ….
    ///
    /// Values of the types that reports are made of come as they are. Those of any other type
    /// (lists, structs, blobs, intervals …) come as the text that the engine itself gives them.
    pub fn query(&self, sql: &str, arguments: &[&str]) -> Result<Rows, EngineError> {
        if is_empty(sql) {
            return Err(EngineError::Empty);
        }
        let begin = Instant::now();
        let answer = self.within_limit(|| match self.ask(sql, arguments)? {
            Answer::Rows(rows) => Ok(rows),
            Answer::Unreadable(columns) => {
                match self.ask(&as_text(sql, &columns), arguments)? {
                    Answer::Rows(mut rows) => {
                        // The names are those of the question, also where two are alike.
                        for (column, asked) in rows.columns.iter_mut().zip(columns) {
                            column.0 = asked.name;
                        }
                        Ok(rows)
                    }
                    Answer::Unreadable(columns) => Err(EngineError::Type(
                        columns.into_iter().filter(|c| !c.is_readable()).map(|c| c.name).collect(),
                    )),
                }
            }
        })?;
        trace(sql, begin);
        Ok(answer)
    }

    fn ask(&self, sql: &str, arguments: &[&str]) -> Result<Answer, EngineError> {
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query(params_from_iter(arguments))?;
        let Some(statement) = found.as_ref() else { return Ok(Answer::Rows(Rows::default())) };
        let columns: Vec<Asked> = (0..statement.column_count())
            .map(|at| Asked {
                name: statement.column_name(at).cloned().unwrap_or_default(),
                kind: statement.column_type(at),
            })
            .collect();
        if columns.iter().any(|column| !column.is_readable()) {
            return Ok(Answer::Unreadable(columns));
        }
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let value = |(at, column): (usize, &Asked)| match column.kind {
                // A column of nothing but nothing has a type of its own.
                DataType::Null => Ok(Value::Null),
                _ => Ok(Value::from_native(row.get::<_, duckdb::types::Value>(at)?)),
            };
            let values = columns.iter().enumerate().map(value);
            rows.push(values.collect::<Result<Vec<_>, duckdb::Error>>()?);
        }
        let named = |column: Asked| (column.name, format!("{:?}", column.kind));
        Ok(Answer::Rows(Rows { columns: columns.into_iter().map(named).collect(), rows }))
    }

    /// Runs what asks the engine; what has not come to an end within the limit is interrupted.
    fn within_limit<T>(
        &self,
        run: impl FnOnce() -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let Some(limit) = self.time_limit else { return run() };
        let watch = Watch::begin(&self.connection, limit);
        let answer = run();
        match watch.end() {
            // An answer that came in the last moment is an answer.
            true => answer.map_err(|_| EngineError::TimeLimit(limit)),
            false => answer,
        }
    }

    /// The first value of the first row, as text.
    pub fn scalar(&self, sql: &str, arguments: &[&str]) -> Result<Option<String>, EngineError> {
        let rows = self.query(sql, arguments)?;
        Ok(rows.rows.first().and_then(|row| row.first()).and_then(Value::text))
    }

    /// Closes the file after a checkpoint, so that nothing is left in a write-ahead log.
    pub fn close(self) -> Result<(), EngineError> {
        self.execute("checkpoint")?;
        self.connection.close().map_err(|(_, error)| EngineError::Engine(error))
    }
}

/// What the engine gave, or columns whose type has no value of ours.
enum Answer {
    Rows(Rows),
    Unreadable(Vec<Asked>),
}

/// A column of an answer.
struct Asked {
    name: String,
    kind: DataType,
}

impl Asked {
    /// Whether a value of this type is one of [`Value`]'s kinds, so that nothing is lost.
    fn is_readable(&self) -> bool {
        match &self.kind {
            DataType::Null
            | DataType::Boolean
            | DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
            | DataType::Float32
            | DataType::Float64
            | DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
            | DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Date32
            | DataType::Timestamp(..)
            | DataType::Time64(TimeUnit::Microsecond) => true,
            DataType::Dictionary(key, _) => {
                matches!(key.as_ref(), DataType::UInt8 | DataType::UInt16 | DataType::UInt32)
            }
            _ => false,
        }
    }
}

/// The same question with every column that cannot be read cast to text by the engine.
fn as_text(sql: &str, columns: &[Asked]) -> String {
    let sql = sql.trim_end().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
    let shown: Vec<String> = columns
        .iter()
        .zip(&names)
        .map(|(column, name)| match column.is_readable() {
            true => name.clone(),
            false => format!("cast({name} as varchar) as {name}"),
        })
        .collect();
    // The line break ends a comment that the question may end with.
    format!("select {} from ({sql}\n) as answer({})", shown.join(", "), names.join(", "))
}

/// Whether a text holds nothing but blanks, comments and semicolons.
fn is_empty(sql: &str) -> bool {
    let mut rest = sql.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest.is_empty();
        };
        rest = after.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
    }
}

/// Somebody who looks at the clock while a query runs.
struct Watch {
    done: mpsc::Sender<()>,
    watcher: JoinHandle<bool>,
}

impl Watch {
    fn begin(connection: &Connection, limit: Duration) -> Watch {
        let handle = connection.interrupt_handle();
        let (done, told) = mpsc::channel();
        let watcher = std::thread::spawn(move || {
            let is_over = told.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            if is_over {
                handle.interrupt();
            }
            is_over
        });
        Watch { done, watcher }
    }

    /// Whether the query was interrupted.
    fn end(self) -> bool {
        // A watcher that has gone home hears nothing.
        let _ = self.done.send(());
        self.watcher.join().unwrap_or(false)
    }
}

/// For whoever looks for what takes time: `TERTIAL_LOG=debug`.
fn trace(sql: &str, begin: Instant) {
    tracing::debug!(sql, microseconds = begin.elapsed().as_micros() as u64, "statement");
}

fn base_config() -> Result<Config, EngineError> {
    Ok(Config::default()
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?)
}

/// `a "quoted" name`, safe inside SQL.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `schema.table` with both parts quoted; a name without a point is quoted whole.
pub fn qualified(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, table)) => format!("{}.{}", identifier(schema), identifier(table)),
        None => identifier(name),
    }
}

/// A text literal, safe inside SQL.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<Option<String>> {
        let rows = Engine::in_memory().unwrap().query(sql, &[]).unwrap();
        rows.rows.iter().flatten().map(Value::text).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn nothing_is_an_answer() {
        assert_eq!(texts("select null"), [None]);
        assert_eq!(texts("select null as a, 1 as b, null as c")[1], Some("1".to_owned()));
        assert_eq!(texts("select 1 where false"), []);
        assert_eq!(texts("select [null], [], {'a': null}"), some(&["[NULL]", "[]", "{'a': NULL}"]));
    }

    #[test]
    fn what_is_no_plain_value_is_the_engines_own_text() {
        assert_eq!(
            texts(
                "select [1, 2], {'a': 1, 'b': 'x'}, map {'k': 1}, '\\x00\\xff'::blob, \
                 interval '1 month 2 days', array_value(1, 2), union_value(n := 1), '0101'::bit, \
                 170141183460469231731687303715884105727::hugeint, \
                 340282366920938463463374607431768211455::uhugeint -- the end"
            ),
            some(&[
                "[1, 2]",
                "{'a': 1, 'b': x}",
                "{k=1}",
                "\\x00\\xFF",
                "1 month 2 days",
                "[1, 2]",
                "1",
                "0101",
                "170141183460469231731687303715884105727",
                "340282366920938463463374607431768211455",
            ])
        );
        let engine = Engine::in_memory().unwrap();
        let rows = engine.query("select 1 as a, [1] as a, $1 as b;", &["x"]).unwrap();
        let names: Vec<&str> = rows.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "a", "b"]);
        assert_eq!(rows.rows[0], [1_i64.into(), "[1]".into(), "x".into()]);
    }

    /// Every type the engine knows, with its least and greatest value.
    #[test]
    fn no_type_of_the_engine_panics() {
        let engine = Engine::in_memory().unwrap();
        let types = engine.query("describe from test_all_types()", &[]).unwrap();
        assert!(types.rows.len() > 40, "{}", types.rows.len());
        for at in 0..types.rows.len() {
            let name = types.get(at, "column_name").text().unwrap();
            let sql = format!("select {} from test_all_types()", identifier(&name));
            match engine.query(&sql, &[]) {
                Ok(rows) => assert_eq!(rows.rows.len(), 3, "{name}"),
                Err(error) => assert!(!error.to_string().is_empty(), "{name}"),
            }
        }
    }

    #[test]
    fn an_empty_question_is_told() {
        let engine = Engine::in_memory().unwrap();
        for sql in ["", " \n", ";", "-- nothing", "/* nothing */ ;", "--\n/**/"] {
            assert!(matches!(engine.query(sql, &[]), Err(EngineError::Empty)), "{sql}");
        }
    }

    #[test]
    fn a_query_is_stopped_at_its_limit_and_the_next_one_answers() {
        let limit = Duration::from_millis(200);
        let engine = Engine::in_memory().unwrap().with_time_limit(Some(limit));
        let begin = Instant::now();
        let endless = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b";
        let error = engine.query(endless, &[]).unwrap_err();
        assert_eq!(error.to_string(), "the query was stopped: it had not answered within 0.2 s");
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        assert_eq!(engine.query("select 1", &[]).unwrap().rows.len(), 1);
        assert!(matches!(
            engine.execute(&format!("create table t as {endless}")),
            Err(EngineError::TimeLimit(_))
        ));
    }
}
