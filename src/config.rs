//! `tertial.toml`: the few facts about a project that are neither pipeline, contract, query nor seed.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use tertial_model::{Code, Diagnostic, Excerpt, Location, Period};

/// File name in the project folder.
pub const FILE: &str = "tertial.toml";

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The region.
    pub region: Region,
    /// The nightly run.
    #[serde(default)]
    pub night: Night,
    /// Persons.
    #[serde(default)]
    pub privacy: Privacy,
}

/// The region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Name, `Region Jämtland Härjedalen`.
    pub name: String,
    /// Whether every figure is made up; then every page says so.
    #[serde(default)]
    pub synthetic: bool,
}

/// The nightly run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Night {
    /// The period whose report is written each night.
    pub open_period: Option<Period>,
    /// How many releases are kept.
    pub keep_releases: usize,
    /// Memory the query engine may use.
    pub memory_limit: String,
    /// Threads of the query engine; no answer depends on it.
    pub threads: usize,
    /// Seconds after which a query is stopped, of the night or of `tertial sql`; 0 = never.
    pub query_seconds: u64,
}

impl Default for Night {
    fn default() -> Self {
        let memory_limit = "600MB".to_owned();
        Night { open_period: None, keep_releases: 7, memory_limit, threads: 2, query_seconds: 600 }
    }
}

impl Night {
    /// How long a query may take; none = as long as it takes.
    pub fn query_limit(&self) -> Option<Duration> {
        (self.query_seconds > 0).then(|| Duration::from_secs(self.query_seconds))
    }
}

/// Persons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// File with the key for pseudonyms, relative to the project; the environment variable
    /// `TERTIAL_PSEUDONYM_KEY` goes before it.
    pub key_file: Option<String>,
    /// The group that may read rows of persons, a name or a number; none is the program's own group.
    pub restricted_group: Option<String>,
    /// The group that may read the public database; none is the program's own group.
    pub public_group: Option<String>,
}

impl Config {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Config, Vec<Diagnostic>> {
        toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text[..offset].matches('\n').count();
            let start = offset - text[..offset].rfind('\n').map_or(0, |at| at + 1);
            let content = text.lines().nth(line).unwrap_or("").to_owned();
            let place = Location::text(FILE, line as u64 + 1, start as u32 + 1);
            vec![
                Diagnostic::error(Code::T0502, error.message().to_owned(), place)
                    .with_excerpt(Excerpt {
                        line: line as u64 + 1,
                        text: content,
                        start,
                        length: 1,
                    })
                    .with_effect("the project cannot be opened"),
            ]
        })
    }
}
