//! A warehouse under construction: where it lies, the connection that fills it, questions to it.

use crate::project::Project;
use std::path::{Path, PathBuf};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::{Engine, EngineSettings, Rows};

/// A warehouse that was built and is not yet published.
pub struct Built {
    /// The private folder.
    pub folder: PathBuf,
    /// The release's id: day looked from, and a hash of everything that went in.
    pub id: String,
}

impl Built {
    /// The day the release looks from.
    pub fn day(&self) -> &str {
        self.id.get(..10).unwrap_or_default()
    }
}

/// The settings of every connection that builds.
pub fn engine_settings(project: &Project, folder: &Path) -> EngineSettings {
    EngineSettings {
        threads: project.config.night.threads,
        memory_limit: project.config.night.memory_limit.clone(),
        temp_directory: Some(folder.join("spill").to_string_lossy().into_owned()),
    }
}

/// Rows of a question to a warehouse under construction.
pub fn ask(engine: &Engine, sql: &str) -> Result<Rows, Faults> {
    engine.query(sql, &[]).map_err(|error| {
        let message = format!("the warehouse could not answer: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file("data/releases")))
    })
}
