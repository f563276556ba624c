//! `tertial init`: a new project with the tables that the program itself asks for, all empty.

use super::demo::{SEEDS, SQL};
use super::{Ending, Outcome, check};
use crate::config::{self, After, Config, Night, Privacy, Region};
use crate::output;
use crate::project::Project;
use include_dir::{Dir, include_dir};
use std::io;
use std::path::Path;
use tertial_model::{Code, Diagnostic, Faults, Location};

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

/// What a new project has of its own: the plainest form of the tables that differ from region to
/// region.
static TEMPLATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/project");
/// Queries that are the same in every project, from this repository.
const QUERIES: [&str; 7] =
    ["goal_areas", "period_months", "periods", "plan_indicators", "plan_items", "plans", "targets"];
/// Seeds of which a new project gets the headings.
const SEED_HEADINGS: [&str; 6] =
    ["goal_areas", "plan_indicators", "plan_items", "plans", "targets", "units"];

/// The verb.
pub fn run(dir: &Path, name: &str) -> Outcome {
    if dir.join(config::FILE).exists() {
        return Err(Faults::from(
            Diagnostic::error(
                Code::FileAccess,
                "the folder is a project already",
                Location::file(dir.to_string_lossy()),
            )
            .with_found(format!("a file `{}`", config::FILE)),
        ));
    }
    let config = Config {
        region: Region { name: name.to_owned(), synthetic: false },
        night: Night::default(),
        privacy: Privacy::default(),
        after: After::default(),
    };
    write(dir, &config).and_then(|()| ship(dir)).map_err(|error| {
        let message = format!("the project cannot be made: {error}");
        Faults::from(Diagnostic::error(
            Code::FileAccess,
            message,
            Location::file(dir.to_string_lossy()),
        ))
    })?;
    output::data(&format!("{}\nnext: docs/guide/add-a-source.md", dir.display()));
    output::data("still to be done:");
    for item in check::to_do(&Project::open(dir)?) {
        output::data(&format!("- {item}"));
    }
    Ok(Ending::Clean)
}

/// Writes the tables that the program asks for. What is there already stays as it is.
fn ship(dir: &Path) -> io::Result<()> {
    let lost = |name: &str| io::Error::other(format!("the program lacks its own `{name}`"));
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for name in QUERIES {
        let name = format!("core/{name}.sql");
        let file = SQL.get_file(&name).ok_or_else(|| lost(&name))?;
        files.push((format!("sql/{name}"), file.contents().to_vec()));
    }
    for name in SEED_HEADINGS {
        let name = format!("{name}.csv");
        let text = SEEDS.get_file(&name).and_then(include_dir::File::contents_utf8);
        let heading = text.and_then(|text| text.lines().next()).ok_or_else(|| lost(&name))?;
        files.push((format!("seeds/{name}"), format!("{heading}\n").into_bytes()));
    }
    for folder in ["sql/core", "seeds"] {
        let own = TEMPLATE.get_dir(folder).ok_or_else(|| lost(folder))?;
        let own = own
            .files()
            .map(|file| (file.path().to_string_lossy().into_owned(), file.contents().to_vec()));
        files.extend(own);
    }
    for (name, bytes) in files {
        let path = dir.join(name);
        if !path.exists() {
            std::fs::write(path, bytes)?;
        }
    }
    Ok(())
}

/// Makes the folders and `tertial.toml`.
pub fn write(dir: &Path, config: &Config) -> std::io::Result<()> {
    for folder in FOLDERS {
        std::fs::create_dir_all(dir.join(folder))?;
    }
    std::fs::write(dir.join(config::FILE), toml::to_string_pretty(config).expect("plain values"))?;
    std::fs::write(dir.join(".gitignore"), "/data\n")
}
