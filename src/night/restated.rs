//! Which rows in force a later delivery of the same sender takes the place of, and what is told of it.
//!
//! What may meet is planned from the manifests, what does is found by the engine, and the counts are
//! remembered in `data/restated.json` by everything they depend on, so that a night without news looks
//! at no row. The file can be made again at any time; only what it does not hold yet is told.

use super::warehouse::engine_settings;
use crate::fingerprint::Fingerprint;
use crate::own;
use crate::project::{Project, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tertial_lake::{Kind, Lake, LoadManifest, Standing, atomic};
use tertial_model::pipeline::{FileSpec, Format};
use tertial_model::{Code, Contract, Diagnostic, Faults, Location, Period, Restatement, Statement};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::restated::SUPERSEDED_ROWS;
use tertial_warehouse::{Engine, Stated};

/// What is remembered, in the data folder.
const FILE: &str = "restated.json";

/// The tables of which some rows no longer count.
#[derive(Debug, Default)]
pub struct Restated {
    tables: BTreeMap<String, Table>,
}

/// One of them.
#[derive(Debug)]
struct Table {
    unit: Unit,
    statements: Vec<Statement>,
    found: Vec<Restatement>,
}

/// What rows have in common that are stated as one thing.
#[derive(Debug, Default)]
struct Unit {
    columns: Vec<String>,
    given: Vec<String>,
}

/// What was found about a table, by everything it depends on.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    inputs: String,
    found: Vec<Restatement>,
}

type Memory = BTreeMap<String, Remembered>;

impl Restated {
    /// Of the deliveries of a moment.
    pub fn of(project: &Project, lake: &Lake, standings: &[Standing]) -> Result<Restated, Faults> {
        Ok(find(project, lake, standings, &read(project))?.0)
    }

    /// As [`Restated::of`], and remembers it; what was not known before is told.
    pub fn tell(
        project: &Project,
        lake: &Lake,
        standings: &[Standing],
    ) -> Result<Vec<Diagnostic>, Faults> {
        let known = read(project);
        let (restated, memory) = find(project, lake, standings, &known)?;
        let mut told = Vec::new();
        for (name, table) in &restated.tables {
            let before = known.get(name).map_or(&[][..], |known| &known.found);
            let new: Vec<&Restatement> =
                table.found.iter().filter(|found| !before.contains(found)).collect();
            told.extend(notes(project, standings, name, &new).into_iter().map(|(_, note)| note));
        }
        if memory != known {
            write(project, &memory)?;
        }
        Ok(told)
    }

    /// What is to be told of all tables, with the later delivery of each pair.
    pub fn notes(&self, project: &Project, standings: &[Standing]) -> Vec<(String, Diagnostic)> {
        let tables = self.tables.iter();
        let notes = tables.flat_map(|(name, table)| {
            notes(project, standings, name, &table.found.iter().collect::<Vec<_>>())
        });
        notes.collect()
    }

    /// Every restatement with its table.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Restatement)> {
        let tables = self.tables.iter();
        tables.flat_map(|(name, table)| table.found.iter().map(move |found| (name.as_str(), found)))
    }

    /// Whether rows of a table no longer count.
    pub fn concerns(&self, table: &str) -> bool {
        self.tables.get(table).is_some_and(|table| !table.found.is_empty())
    }

    /// Rows of a delivery in one partition of a table that no longer count.
    pub fn rows(&self, table: &str, delivery: &str, period: &str) -> u64 {
        let of_table = self.tables.get(table).into_iter().flat_map(|table| &table.found);
        let own = of_table.filter(|found| found.earlier == delivery && found.period == period);
        own.map(|found| found.rows).sum()
    }

    /// Writes down which rows no longer count, for the raw tables to leave out.
    pub fn write_rows(&self, project: &Project, engine: &Engine) -> Result<(), EngineError> {
        own::create(engine, SUPERSEDED_ROWS)?;
        for (name, table) in self.tables.iter().filter(|(name, _)| self.concerns(name)) {
            let Some(contract) = project.contracts.get(name) else { continue };
            engine.add_superseded_rows(&table.stated(contract))?;
        }
        Ok(())
    }
}

impl Table {
    fn stated<'a>(&'a self, contract: &'a Contract) -> Stated<'a> {
        Stated {
            contract,
            unit: &self.unit.columns,
            given: &self.unit.given,
            statements: &self.statements,
        }
    }
}

/// What no longer counts, and what is to be remembered of it.
fn find(
    project: &Project,
    lake: &Lake,
    standings: &[Standing],
    known: &Memory,
) -> Result<(Restated, Memory), Faults> {
    let mut restated = Restated::default();
    let mut memory = Memory::new();
    let mut engine = None;
    for (name, contract) in project.contracts.iter().filter(|(name, _)| !name.contains('.')) {
        let unit = unit(project, contract);
        let is_divided =
            contract.period_column.as_ref().is_some_and(|column| unit.columns.contains(column));
        let kind_of = |manifest: &LoadManifest| kind(project, contract, &unit, manifest);
        let statements = lake.statements(name, standings, is_divided, kind_of);
        if statements.is_empty() {
            continue;
        }
        let mut table = Table { unit, statements, found: Vec::new() };
        let inputs = inputs(project, contract, &table);
        table.found = match known.get(name).filter(|known| known.inputs == inputs) {
            Some(known) => known.found.clone(),
            None => {
                let failed = |error: EngineError| Faults::from(failed(contract, &error));
                let engine = match &engine {
                    Some(engine) => engine,
                    None => engine.insert(room(project).map_err(failed)?),
                };
                tracing::info!(table = name, "restated");
                engine.restatements(&table.stated(contract)).map_err(failed)?
            }
        };
        memory.insert(name.clone(), Remembered { inputs, found: table.found.clone() });
        restated.tables.insert(name.clone(), table);
    }
    Ok((restated, memory))
}

/// An engine with the settings of a build, and no file.
fn room(project: &Project) -> Result<Engine, EngineError> {
    let settings = engine_settings(project, &project.data().join("scratch"));
    let engine = Engine::in_memory()?;
    engine.limit(&settings)?;
    Ok(engine)
}

/// What rows of a table have in common that are stated as one thing: the key; in accounting files the
/// voucher, whose rows are corrected together, and which needs a number to be known again.
fn unit(project: &Project, contract: &Contract) -> Unit {
    let feeds: Vec<_> = feeds(project, &contract.table).collect();
    let is_voucher = |(_, spec, part): &(&Source, &FileSpec, Option<&str>)| {
        spec.format == Format::Sie && matches!(part, Some("transactions" | "vouchers"))
    };
    let of_vouchers = feeds.first().filter(|_| feeds.iter().all(is_voucher));
    let Some((source, ..)) = of_vouchers else {
        return Unit { columns: contract.key.clone(), given: Vec::new() };
    };
    let is_from = |column: &str, heading: &str| {
        let names = source.headings.of(&contract.table, column);
        names.contains(&heading) || names.is_empty() && column == heading
    };
    let number: Vec<String> =
        contract.key.iter().filter(|column| is_from(column, "number")).cloned().collect();
    if number.is_empty() {
        return Unit::default();
    }
    let columns = contract.key.iter().filter(|column| !is_from(column, "row")).cloned().collect();
    Unit { columns, given: number }
}

/// The kinds of file that bring rows of a table, each with the part that holds them.
fn feeds<'a>(
    project: &'a Project,
    table: &'a str,
) -> impl Iterator<Item = (&'a Source, &'a FileSpec, Option<&'a str>)> {
    project.sources.iter().flat_map(move |source| {
        source.pipeline.files.iter().flat_map(move |spec| {
            let own = spec.tables.iter().filter(move |own| own.contract == table);
            own.map(move |own| (source, spec, own.part.as_deref()))
        })
    })
}

fn kind(
    project: &Project,
    contract: &Contract,
    unit: &Unit,
    manifest: &LoadManifest,
) -> Option<Kind> {
    let (_, spec) = project.spec_of(&manifest.delivery)?;
    let fiscal_year = (spec.format == Format::Sie).then(|| fiscal_year(manifest));
    let is_told = contract.period_column.is_some() || spec.sends.is_some() || fiscal_year.is_some();
    Some(Kind { sends: spec.sends, by_key: is_told && !unit.columns.is_empty(), fiscal_year })
}

/// The fiscal year an accounting file states, else that of its name, with the company whose it is; a
/// file that tells no year stands alone. Vouchers of two companies are not the same whatever their number.
fn fiscal_year(manifest: &LoadManifest) -> String {
    let fact = |name: &str| manifest.facts.iter().find(|(own, _)| own == name);
    let named = manifest.delivery.period.as_deref().and_then(Period::parse);
    let year = match (fact("year"), named) {
        (Some((_, year)), _) => year.clone(),
        (None, Some(period)) => period.first_month().year().to_string(),
        (None, None) => manifest.delivery.id.clone(),
    };
    match fact("organisation_number") {
        Some((_, company)) => format!("{year} {company}"),
        None => year,
    }
}

/// A hash of everything that the rows found depend on.
fn inputs(project: &Project, contract: &Contract, table: &Table) -> String {
    let mut fingerprint = Fingerprint::new();
    fingerprint.add(&contract.file, project.text(&contract.file));
    fingerprint.add("unit", format!("{:?}", table.unit));
    let data = project.data();
    for one in &table.statements {
        // The number tells the order only, and grows with whatever else is in force.
        let what = format!("{} {} {:?} {:?}", one.lane, one.by_key, one.about, one.replaces);
        fingerprint.add(&one.delivery, what);
        for file in &one.files {
            let path = std::path::Path::new(file);
            fingerprint
                .add("file", path.strip_prefix(&data).unwrap_or(path).to_string_lossy().as_bytes());
        }
    }
    fingerprint.finish()
}

fn read(project: &Project) -> Memory {
    let text = std::fs::read_to_string(project.data().join(FILE)).unwrap_or_default();
    // Without it everything is looked at again, that is all.
    serde_json::from_str(&text).unwrap_or_default()
}

fn write(project: &Project, memory: &Memory) -> Result<(), Box<Diagnostic>> {
    let bytes = serde_json::to_vec_pretty(memory).expect("text keys");
    let path = project.data().join(FILE);
    atomic::write(&path, &bytes).map_err(|error| {
        let message = format!("what is stated anew cannot be written down: {error}");
        Box::new(Diagnostic::error(
            Code::FileAccess,
            message,
            Location::file(path.to_string_lossy()),
        ))
    })
}

fn failed(contract: &Contract, error: &EngineError) -> Diagnostic {
    let message = format!(
        "the deliveries of `{}` cannot be held against each other: {error}",
        contract.table
    );
    Diagnostic::error(Code::QueryFailed, message, Location::file(&contract.file))
        .with_effect("the release that was published last stays in force")
}

/// A note for every two deliveries, with the later one.
fn notes(
    project: &Project,
    standings: &[Standing],
    table: &str,
    found: &[&Restatement],
) -> Vec<(String, Diagnostic)> {
    let mut pairs: BTreeMap<(&str, &str), Vec<&Restatement>> = BTreeMap::new();
    for one in found {
        pairs.entry((&one.later, &one.earlier)).or_default().push(one);
    }
    let manifest = |id: &str| {
        standings.iter().map(|one| &one.manifest).find(|manifest| manifest.delivery.id == id)
    };
    let told = pairs.into_iter().filter_map(|((later, earlier), found)| {
        let contract = project.contracts.get(table)?;
        let note = note(project, contract, manifest(earlier)?, manifest(later)?, &found);
        Some((later.to_owned(), note))
    });
    told.collect()
}

fn note(
    project: &Project,
    contract: &Contract,
    earlier: &LoadManifest,
    later: &LoadManifest,
    found: &[&Restatement],
) -> Diagnostic {
    let sum = |of: fn(&Restatement) -> u64| found.iter().map(|one| of(one)).sum::<u64>();
    let (rows, moved) = (sum(|one| one.rows), sum(|one| one.moved));
    let (changed, left_out) = (sum(|one| one.changed), sum(|one| one.left_out));
    let accepted = |manifest: &LoadManifest| {
        let tables = manifest.tables.iter().filter(|load| load.table == contract.table);
        tables.map(|load| load.rows_accepted).sum::<u64>()
    };
    let spec = project.spec_of(&later.delivery);
    let sends = spec.and_then(|(_, spec)| spec.sends);
    let pipeline =
        spec.map_or_else(String::new, |(source, _)| format!("{}/pipeline.toml", source.folder()));
    // A number that names another row in each file looks like a row that moves in each file.
    let begins_anew = sends.is_none()
        && rows > 1
        && moved == rows
        && (rows == accepted(earlier) || rows == accepted(later));
    let place = Location::file(later.delivery.place());
    let earlier_load = earlier;
    let (earlier, day) = (&earlier.delivery, earlier.delivery.received_at.get(..10));
    let plain = rows - left_out - changed.max(moved);
    let parts: Vec<String> =
        [(plain, "as before"), (changed.max(moved), "otherwise"), (left_out, "left out")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
    let word = if rows == 1 { "row" } else { "rows" };
    let mut told = format!(
        "{rows} {word} of `{}`, received {}: {}",
        earlier.original_name,
        day.unwrap_or_default(),
        parts.join(", ")
    );
    for example in found.first().map_or(&[][..], |one| &one.examples) {
        told.push_str(&format!("; {example}"));
    }
    let table = &contract.table;
    let is_older = made_on(later).zip(made_on(earlier_load)).is_some_and(|(a, b)| a < b);
    let note = match begins_anew {
        false if is_older => {
            let message = format!(
                "a later file states rows of `{table}` anew, and says that it was made earlier"
            );
            Diagnostic::warning(Code::RowsRestated, message, place)
                .with_expected("files in the order in which they were made")
                .with_hint("if the older file came by mistake, lay the newer one into the drop folder again")
        }
        false => {
            let message = format!("a later file states rows of `{table}` anew");
            Diagnostic::note(Code::RowsRestated, message, place)
        }
        true => {
            let message = format!(
                "a later file moves every row of `{table}` that it shares with an earlier one"
            );
            Diagnostic::warning(Code::RowsRestated, message, place)
        }
    };
    let note = note
        .with_found(told)
        .with_contract(match sends {
            Some(_) => format!("{pipeline}, `sends`"),
            None => format!("{}, key", contract.file),
        })
        .with_effect("the later statement counts; the rows of the earlier file do not");
    match begins_anew {
        false => note,
        true => note
            .with_expected("a key that names the same row in every file")
            .with_hint(format!(
                "if numbers begin anew in each file, add the column of the period to the key in {}",
                contract.file
            ))
            .with_hint(format!(
                "if the source did move the rows, write `sends = \"changes\"` in {pipeline}"
            )),
    }
}

/// The day a file says it was made on, in digits.
fn made_on(manifest: &LoadManifest) -> Option<String> {
    let (_, text) = manifest.facts.iter().find(|(name, _)| name == "generated")?;
    Some(text.chars().filter(char::is_ascii_digit).collect())
}
