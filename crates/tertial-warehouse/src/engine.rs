//! A connection to the embedded engine with the settings every one of ours has.
//!
//! No extension is ever fetched or loaded, the file format is one that DuckDB 1.4 clients open,
//! threads and memory are stated. The bundled engine has no ICU: see `docs/decisions/`.

use crate::value::{Rows, Value};
use duckdb::{AccessMode, Config, Connection, params_from_iter};
use std::path::Path;
use std::time::Instant;

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
#[error("{0}")]
pub struct EngineError(#[from] pub duckdb::Error);

/// A connection.
pub struct Engine {
    pub(crate) connection: Connection,
}

impl Engine {
    /// A database in memory, for parsing and small questions.
    pub fn in_memory() -> Result<Engine, EngineError> {
        let config = base_config()?;
        Ok(Engine { connection: Connection::open_in_memory_with_flags(config)? })
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
        Ok(Engine { connection: Connection::open_with_flags(path, config)? })
    }

    /// A published file, read only. External access is off: a question can read nothing else.
    pub fn open_read_only(path: &Path) -> Result<Engine, EngineError> {
        let config = base_config()?.access_mode(AccessMode::ReadOnly)?;
        let engine = Engine { connection: Connection::open_with_flags(path, config)? };
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

    /// Runs statements that give no answer.
    pub fn execute(&self, sql: &str) -> Result<(), EngineError> {
        let begin = Instant::now();
        self.connection.execute_batch(sql)?;
        trace(sql, begin);
        Ok(())
    }

    /// Asks a question, with texts bound to `$1`, `$2` ….
    pub fn query(&self, sql: &str, arguments: &[&str]) -> Result<Rows, EngineError> {
        let begin = Instant::now();
        let mut statement = self.connection.prepare(sql)?;
        let mut found = statement.query(params_from_iter(arguments))?;
        let columns = {
            let statement = found.as_ref().expect("a query that ran has a statement");
            (0..statement.column_count())
                .map(|at| {
                    let name = statement.column_name(at).cloned().unwrap_or_default();
                    (name, format!("{:?}", statement.column_type(at)))
                })
                .collect::<Vec<_>>()
        };
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let values = (0..columns.len())
                .map(|at| Ok(Value::from_native(row.get::<_, duckdb::types::Value>(at)?)))
                .collect::<Result<Vec<_>, duckdb::Error>>()?;
            rows.push(values);
        }
        trace(sql, begin);
        Ok(Rows { columns, rows })
    }

    /// The first value of the first row, as text.
    pub fn scalar(&self, sql: &str, arguments: &[&str]) -> Result<Option<String>, EngineError> {
        let rows = self.query(sql, arguments)?;
        Ok(rows.rows.first().and_then(|row| row.first()).and_then(Value::text))
    }

    /// Closes the file after a checkpoint, so that nothing is left in a write-ahead log.
    pub fn close(self) -> Result<(), EngineError> {
        self.execute("checkpoint")?;
        self.connection.close().map_err(|(_, error)| EngineError(error))
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
