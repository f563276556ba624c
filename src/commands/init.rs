//! `tertial init`: a new, empty project.

use super::{Ending, Outcome};
use crate::config::{self, Config, Night, Privacy, Region};
use crate::output;
use std::path::Path;
use tertial_model::{Code, Diagnostic, Location};

/// The folders of a project.
pub const FOLDERS: [&str; 8] = [
    "pipelines",
    "schemas",
    "seeds",
    "sql/staging",
    "sql/core",
    "sql/indicator",
    "sql/mart",
    "sql/audits",
];

/// The verb.
pub fn run(dir: &Path, name: &str) -> Outcome {
    if dir.join(config::FILE).exists() {
        return Err(vec![
            Diagnostic::error(
                Code::T0805,
                "the folder is a project already",
                Location::file(dir.to_string_lossy()),
            )
            .with_found(format!("a file `{}`", config::FILE)),
        ]);
    }
    let config = Config {
        region: Region { name: name.to_owned(), synthetic: false },
        night: Night::default(),
        privacy: Privacy::default(),
    };
    write(dir, &config).map_err(|error| {
        let message = format!("the project cannot be made: {error}");
        vec![Diagnostic::error(Code::T0805, message, Location::file(dir.to_string_lossy()))]
    })?;
    output::data(&format!("{}\nnext: docs/guide/add-a-source.md", dir.display()));
    Ok(Ending::Clean)
}

/// Makes the folders and `tertial.toml`.
pub fn write(dir: &Path, config: &Config) -> std::io::Result<()> {
    for folder in FOLDERS {
        std::fs::create_dir_all(dir.join(folder))?;
    }
    std::fs::write(dir.join(config::FILE), toml::to_string_pretty(config).expect("plain values"))?;
    std::fs::write(dir.join(".gitignore"), "/data\n")
}
