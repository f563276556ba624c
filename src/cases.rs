//! Cases of queries: given rows of the tables that a query reads, and the rows that it must answer.
//!
//! A case is a file `sql/tests/<query>/<case>.toml`. It has no say in what a release holds. [`file`] reads
//! it, [`trial`] runs the query on the given rows alone, [`difference`] compares.

mod difference;
mod file;
mod trial;

pub use difference::{Difference, shown};
pub use file::Case;
pub use trial::Bench;

use crate::project::Project;
use std::path::Path;
use tertial_model::{Code, Diagnostic, Faults, Location, similar};

/// The folder of the cases, a folder per query below it.
pub const FOLDER: &str = "sql/tests";

/// A case's file, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The query: `core.units`, `indicator.hr__sick_leave_pct`.
    pub query: String,
    /// The case's own name: the file's, without its ending.
    pub name: String,
    /// The file, relative to the project.
    pub file: String,
}

impl Listed {
    /// `core.units/ceased_units_stand_below_their_successor`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.query, self.name)
    }

    /// Whether a name that was typed means it: the query, the query without its layer, or the full
    /// name with or without the layer.
    fn is_meant_by(&self, name: &str) -> bool {
        let full = self.full_name();
        let bare = |text: &str| text.split_once('.').is_some_and(|(_, bare)| bare == name);
        self.query == name || full == name || bare(&self.query) || bare(&full) || self.file == name
    }
}

/// The cases of a project, by query and name; a fault for a file that no query's folder holds.
pub fn list(root: &Path) -> Result<Vec<Listed>, Faults> {
    let mut found = Vec::new();
    let mut faults = Vec::new();
    let mut open = vec![FOLDER.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let file = format!("{folder}/{name}");
            if entry.path().is_dir() {
                open.push(file);
                continue;
            }
            let Some(name) = name.strip_suffix(".toml") else { continue };
            match folder.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/')) {
                Some(query) if !query.contains('/') => {
                    let (query, name) = (query.to_owned(), name.to_owned());
                    found.push(Listed { query, name, file });
                }
                _ => faults.push(
                    Diagnostic::error(
                        Code::BadSetting,
                        "a case does not lie in the folder of its query",
                        Location::file(file),
                    )
                    .with_expected(format!("`{FOLDER}/<query>/<case>.toml`"))
                    .with_effect("the case is not tried"),
                ),
            }
        }
    }
    found.sort_by(|one, other| one.file.cmp(&other.file));
    if faults.is_empty() { Ok(found) } else { Err(faults.into()) }
}

/// The cases that are meant by the names, all of them when there are none; a fault for every name that
/// means no case.
pub fn chosen(
    listed: Vec<Listed>,
    names: &[String],
    project: &Project,
) -> Result<Vec<Listed>, Faults> {
    let means_nothing = |name: &&String| !listed.iter().any(|case| case.is_meant_by(name));
    let unknown: Vec<Diagnostic> =
        names.iter().filter(means_nothing).map(|name| no_case(name, &listed, project)).collect();
    if !unknown.is_empty() {
        return Err(unknown.into());
    }
    let is_meant =
        |case: &Listed| names.is_empty() || names.iter().any(|name| case.is_meant_by(name));
    Ok(listed.into_iter().filter(is_meant).collect())
}

fn no_case(name: &str, listed: &[Listed], project: &Project) -> Diagnostic {
    let place = Location::file(FOLDER);
    let fault = |message: &str| {
        Diagnostic::error(Code::UnknownName, message, place.clone()).with_found(format!("`{name}`"))
    };
    let models = || project.graph.models.iter().map(|model| model.name.as_str());
    let bare = |query: &&str| query.split_once('.').is_some_and(|(_, bare)| bare == name);
    if let Some(query) = models().find(|query| *query == name || bare(query)) {
        return fault("the query has no case")
            .with_hint(format!("write one as `{FOLDER}/{query}/<what it shows>.toml`"));
    }
    let cases: Vec<String> = listed.iter().map(Listed::full_name).collect();
    let mut known: Vec<&str> = cases.iter().map(String::as_str).collect();
    known.extend(listed.iter().map(|case| case.query.as_str()));
    known.sort_unstable();
    known.dedup();
    let near = similar::question(&similar::meant(name, known.iter().copied(), 3));
    let told = fault("there is no case and no query of that name")
        .with_expected("a query with cases, or `QUERY/CASE`");
    near.into_iter().fold(told, Diagnostic::with_hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_meant_by_its_query_or_its_name_with_or_without_the_layer() {
        let case = Listed {
            query: "core.visits".to_owned(),
            name: "no_rows".to_owned(),
            file: "sql/tests/core.visits/no_rows.toml".to_owned(),
        };
        for name in [
            "core.visits",
            "visits",
            "core.visits/no_rows",
            "visits/no_rows",
            "sql/tests/core.visits/no_rows.toml",
        ] {
            assert!(case.is_meant_by(name), "{name}");
        }
        for name in ["no_rows", "core", "core.visit", "", "visits/no"] {
            assert!(!case.is_meant_by(name), "{name}");
        }
    }

    #[test]
    fn cases_are_listed_in_order_and_one_without_a_query_is_a_fault() {
        let root = tempfile::tempdir().unwrap();
        let write = |file: &str| {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        assert_eq!(list(root.path()).unwrap(), []);
        write("sql/tests/core.b/two.toml");
        write("sql/tests/core.b/one.toml");
        write("sql/tests/core.b/README.md");
        write("sql/tests/core.a/one.toml");
        let names: Vec<String> = list(root.path()).unwrap().iter().map(Listed::full_name).collect();
        assert_eq!(names, ["core.a/one", "core.b/one", "core.b/two"]);
        write("sql/tests/lost.toml");
        insta::assert_snapshot!(list(root.path()).unwrap_err()[0].to_string(), @r"
        error[T0502]: a case does not lie in the folder of its query
           --> sql/tests/lost.toml
            = expected: `sql/tests/<query>/<case>.toml`
            = effect:   the case is not tried
        ");
    }
}
