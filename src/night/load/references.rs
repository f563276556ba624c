//! Values that columns must point at in other raw tables: those that the deliveries in force hold.
//!
//! Tables that others point at are loaded first. A load depends on the values, not on the files they
//! came in: a new delivery with the same values makes nothing due again.

use super::Night;
use crate::fingerprint::Fingerprint;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_check::References;
use tertial_lake::LoadManifest;
use tertial_model::pipeline::FileSpec;
use tertial_model::{Code, Column, Contract, Diagnostic, Location};

/// Values of one column that may be looked up; beyond that the table is no reference table.
const MOST_VALUES: usize = 2_000_000;

/// `raw.hr__employments.employment_id` as table and column.
fn target(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("raw.")?.split_once('.')
}

/// The raw columns that a file's tables point at.
fn targets<'a>(project: &'a Project, spec: &'a FileSpec) -> BTreeSet<&'a str> {
    let contracts = spec.tables.iter().filter_map(|table| project.contracts.get(&table.contract));
    let columns = contracts.flat_map(|contract| &contract.columns);
    columns
        .filter_map(|column| column.references.as_deref())
        .filter(|name| target(name).is_some())
        .collect()
}

/// In which turn the files of a spec are loaded: after those that hold what they point at.
pub fn turn(project: &Project, spec: &FileSpec) -> usize {
    turn_after(project, spec, &mut BTreeSet::new()).unwrap_or(0)
}

/// None for a spec that points at itself, directly or through others.
fn turn_after<'a>(
    project: &'a Project,
    spec: &'a FileSpec,
    above: &mut BTreeSet<&'a str>,
) -> Option<usize> {
    if !above.insert(&spec.pattern) {
        return None;
    }
    let mut turn = 0;
    for name in targets(project, spec) {
        let Some((table, _)) = target(name) else { continue };
        for holder in holders(project, table) {
            turn = turn.max(turn_after(project, holder, above)? + 1);
        }
    }
    above.remove(spec.pattern.as_str());
    Some(turn)
}

/// The kinds of file that bring rows of a table.
fn holders<'a>(project: &'a Project, table: &str) -> impl Iterator<Item = &'a FileSpec> {
    let specs = project.sources.iter().flat_map(|source| &source.pipeline.files);
    specs.filter(move |spec| spec.tables.iter().any(|own| own.contract == table))
}

/// References that can never be looked up.
pub fn faults(project: &Project) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for contract in project.contracts.values() {
        for column in &contract.columns {
            let Some(name) = &column.references else { continue };
            let Some((table, wanted)) = target(name) else { continue };
            let is_there = |other: &Contract| other.column(wanted).is_some();
            if !project.contracts.get(table).is_some_and(is_there) {
                faults.push(unknown(contract, column, name));
            }
        }
    }
    for spec in project.sources.iter().flat_map(|source| &source.pipeline.files) {
        if turn_after(project, spec, &mut BTreeSet::new()).is_none() {
            faults.push(circle(project, spec));
        }
    }
    faults
}

/// References to seeds, or columns of them, that the project does not have.
pub fn seed_faults(project: &Project) -> Vec<Diagnostic> {
    let known = project.references();
    let mut faults = Vec::new();
    for contract in project.contracts.values() {
        for column in &contract.columns {
            let Some(name) = &column.references else { continue };
            if target(name).is_none() && known.get(name).is_none() {
                faults.push(unknown(contract, column, name));
            }
        }
    }
    faults
}

fn unknown(contract: &Contract, column: &Column, name: &str) -> Diagnostic {
    let message = format!("`{}` refers to a column that does not exist", column.name);
    Diagnostic::error(Code::InvalidReferenceTable, message, Location::file(&contract.file))
        .with_found(format!("`{name}`"))
        .with_expected(
            "a column of a table in `seeds/`, or of a raw table with a contract in `schemas/`",
        )
        .with_contract(format!("{}, `{}`", contract.file, column.name))
}

fn circle(project: &Project, spec: &FileSpec) -> Diagnostic {
    let names: Vec<String> =
        targets(project, spec).into_iter().map(|name| format!("`{name}`")).collect();
    let message = format!("files `{}` refer to tables that refer back to them", spec.pattern);
    let place = spec.tables.iter().find_map(|table| project.contracts.get(&table.contract));
    let place = place.map_or("schemas", |contract| contract.file.as_str());
    Diagnostic::error(Code::InvalidReferenceTable, message, Location::file(place))
        .with_found(names.join(", "))
        .with_expected("references that lead to files which can be loaded before")
        .with_hint("what two tables of one file must agree about is a question for an audit")
}

/// The values of raw columns, looked up once a turn.
#[derive(Debug, Default)]
pub struct RawValues {
    hashes: BTreeMap<String, String>,
    unknown: BTreeSet<String>,
}

impl RawValues {
    /// Looks up what the tables of a file point at, and adds it to `references`. Tables of which
    /// nothing is loaded have no values to be held against, which the check tells.
    pub(super) fn look_up(
        &mut self,
        night: &Night,
        spec: &FileSpec,
        known: &BTreeMap<String, LoadManifest>,
        references: &mut References,
    ) -> Result<(), Box<Diagnostic>> {
        for name in targets(night.project, spec) {
            if self.hashes.contains_key(name) || self.unknown.contains(name) {
                continue;
            }
            let Some(values) = values(night, known, name)? else {
                self.unknown.insert(name.to_owned());
                continue;
            };
            let mut hash = Fingerprint::default();
            values.iter().for_each(|value| hash.add("", value));
            self.hashes.insert(name.to_owned(), hash.finish());
            references.insert(name, values);
        }
        Ok(())
    }

    /// A hash of the values of a column that was looked up.
    pub fn hash(&self, name: &str) -> &str {
        self.hashes.get(name).map_or("", String::as_str)
    }
}

/// The values of a raw column in the deliveries in force; none when no file holds it, or too many do.
fn values(
    night: &Night,
    known: &BTreeMap<String, LoadManifest>,
    name: &str,
) -> Result<Option<BTreeSet<String>>, Box<Diagnostic>> {
    let Some((table, column)) = target(name) else { return Ok(None) };
    let loads = known.values().cloned().collect();
    let standings = night.lake.standings_among(loads, Some(&night.moment.at))?;
    let mut values = BTreeSet::new();
    let mut is_known = false;
    for standing in standings.iter().filter(|standing| standing.in_force) {
        for load in standing.manifest.tables.iter().filter(|load| load.table == table) {
            for file in &load.files {
                is_known |= night.lake.columns(file, &[column], |rows| {
                    tertial_check::references::collect(&rows, 0, &mut values);
                    Ok(())
                })?;
            }
        }
    }
    Ok(Some(values).filter(|values| is_known && values.len() <= MOST_VALUES))
}
