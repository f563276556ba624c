//! What the queries and definitions of a release say, and which of them say something else than in
//! the release in force without a new version of the method.
//!
//! A figure's method is its query, the queries behind it, and the fields of its definition that have
//! a say in the value or its judgement. Each release keeps a hash of each; comments, layout and the
//! words for readers are left out. A change is told once, by the build that brings it.

use crate::own;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::publish::{Releases, WAREHOUSE_FILE};
use tertial_warehouse::{Cell, Engine, Record, wording};

/// One row per query and definition.
const TABLE: &str = "meta.queries";

/// The hash of everything that has a say, by name, and the highest version of each indicator.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sayings {
    hashes: BTreeMap<String, String>,
    versions: BTreeMap<String, i64>,
}

/// Writes what the project's queries and definitions say.
pub fn write(engine: &Engine, project: &Project) -> Result<(), EngineError> {
    let sayings = Sayings::of(project);
    let rows = sayings.hashes.iter().map(|(name, hash)| {
        let version = name.strip_prefix("definition.").and_then(|id| sayings.versions.get(id));
        SayingRow { name, hash, version: version.copied() }
    });
    own::write(engine, rows)
}

struct SayingRow<'a> {
    name: &'a str,
    hash: &'a str,
    version: Option<i64>,
}

impl Record for SayingRow<'_> {
    const TABLE: &'static str = TABLE;

    fn cells(&self) -> Vec<Cell> {
        vec![
            ("name", self.name.into()),
            ("hash", self.hash.into()),
            ("method_version", self.version.into()),
        ]
    }
}

/// Every query and definition that says something else than in the release in force, where an
/// indicator that stands on it has no new version. Nothing before the first release.
pub fn changed(project: &Project) -> Vec<Diagnostic> {
    let releases = Releases::new(&project.data());
    if releases.current().is_none() {
        return Vec::new();
    }
    // A release that cannot be read, or that an older program made, says nothing.
    let Some(before) = Sayings::read(&releases.current_file(WAREHOUSE_FILE)) else {
        return Vec::new();
    };
    let now = Sayings::of(project);
    let is_other = |name: &str| {
        let was = before.hashes.get(name);
        was.is_some() && was != now.hashes.get(name)
    };
    let has_new_version = |id: &str| {
        let number = |sayings: &Sayings| sayings.versions.get(id).copied().unwrap_or(0);
        number(&now) > number(&before)
    };
    let mut behind: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut told = Vec::new();
    for id in project.definitions.keys() {
        if has_new_version(id) || !before.versions.contains_key(id) {
            continue;
        }
        let own = project.table_of(id);
        let definition = format!("definition.{id}");
        let files = [
            (is_other(&own) && own.starts_with("indicator.")).then(|| project.file_of_query(id)),
            is_other(&definition).then(|| format!("sql/indicator/{id}.toml")),
        ];
        for file in files.into_iter().flatten() {
            told.push(own_method(id, &file));
        }
        let mut others = project.graph.behind(&own);
        others.insert(own.clone());
        for name in others.into_iter().filter(|name| !name.starts_with("indicator.")) {
            if is_other(&name) {
                behind.entry(name).or_default().insert(id);
            }
        }
    }
    told.extend(behind.into_iter().map(|(name, ids)| common_method(project, &name, &ids)));
    told
}

const HINT: &str = "a changed method is a new `[[version]]` with its reason; when every figure is \
                    meant to be the same there is nothing to do, and this is told once";

fn own_method(id: &str, file: &str) -> Diagnostic {
    Diagnostic::warning(
        Code::MethodChangedSilently,
        format!("the method of `{id}` has changed without a new version"),
        Location::file(file),
    )
    .with_found("another text than in the release in force, comments and layout apart")
    .with_expected(format!("a new `[[version]]` in `sql/indicator/{id}.toml`"))
    .with_effect("figures may change backwards, and no reader is told why")
    .with_hint(HINT)
}

fn common_method(project: &Project, name: &str, ids: &BTreeSet<&str>) -> Diagnostic {
    let file = project.graph.model(name).map_or_else(
        || format!("sql/{}.sql", name.replacen('.', "/", 1)),
        |model| model.file.clone(),
    );
    let few: Vec<String> = ids.iter().take(5).map(|id| format!("`{id}`")).collect();
    let more = match ids.len() - few.len() {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let (indicators, have) =
        if ids.len() == 1 { ("indicator", "stands") } else { ("indicators", "stand") };
    Diagnostic::warning(
        Code::MethodChangedSilently,
        format!(
            "`{name}` has changed, and {} {indicators} without a new version {have} on it",
            ids.len()
        ),
        Location::file(file),
    )
    .with_found(format!("{}{more}", few.join(", ")))
    .with_expected("a new `[[version]]` in the definition of each whose figures change")
    .with_effect("figures may change backwards, and no reader is told why")
    .with_hint(HINT)
}

impl Sayings {
    fn of(project: &Project) -> Sayings {
        let mut sayings = Sayings::default();
        for model in &project.graph.models {
            sayings.hashes.insert(model.name.clone(), wording::fingerprint(&model.sql));
        }
        for (id, definition) in &project.definitions {
            let hash = wording::fingerprint(&method_of(definition));
            sayings.hashes.insert(format!("definition.{id}"), hash);
            let highest = definition.versions.iter().map(|version| version.number).max();
            sayings.versions.insert(id.clone(), highest.unwrap_or(0).into());
        }
        sayings
    }

    fn read(path: &std::path::Path) -> Option<Sayings> {
        let engine = Engine::open_read_only(path).ok()?;
        let rows = engine.query(&format!("select name, hash, method_version from {TABLE}"), &[]);
        let mut sayings = Sayings::default();
        for row in rows.ok()?.rows {
            let name = row[0].text()?;
            if let Some((id, version)) = name.strip_prefix("definition.").zip(row[2].integer()) {
                sayings.versions.insert(id.to_owned(), version);
            }
            sayings.hashes.insert(name, row[1].text()?);
        }
        Some(sayings)
    }
}

/// The fields of a definition that have a say in the value, its judgement or what is hidden.
fn method_of(definition: &Definition) -> String {
    format!(
        "{:?}",
        (
            (&definition.unit, definition.factor, definition.direction, definition.frequency),
            (definition.series, definition.seasonal, definition.attainment_form),
            (definition.start_value, &definition.judged_by, definition.suppress_max),
            (definition.response_rate_min, &definition.standard_population, &definition.units),
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"A\"\nunit = \"%\"\nfactor = 100\ndecimals = 1\n\
                        direction = \"lower\"\nfrequency = \"tertial\"\nmeasures = \"A.\"\n\
                        kort = \"A.\"\nviktigt = [\"A.\"]\nbearbetning = \"A.\"\n\
                        responsible = \"A\"\nsource = \"A\"\n[[version]]\nnumber = 1\n\
                        valid_from = \"2019-01-01\"\nreason = \"A.\"\n";

    #[test]
    fn words_for_readers_are_no_method() {
        let method = |from: &str, to: &str| {
            let text = TEXT.replacen(from, to, 1);
            method_of(&Definition::parse("sql/indicator/a__b_pct.toml", &text).unwrap())
        };
        let own = method("", "");
        for (from, to) in [("kort = \"A.\"", "kort = \"B.\""), ("decimals = 1", "decimals = 2")] {
            assert_eq!(method(from, to), own, "{to}");
        }
        for (from, to) in [("= 100", "= 1000"), ("\"lower\"", "\"higher\"")] {
            assert_ne!(method(from, to), own, "{to}");
        }
    }
}
