//! Lake to private warehouse: raw views, seeds, queries in order, outcomes, marts, comments.

use super::methods::Methods;
use super::outcomes;
use super::record::Record;
use super::standing::Deliveries;
use super::{Told, meta, store};
use crate::clock::Moment;
use crate::config;
use crate::needs;
use crate::project::Project;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Location, Severity};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::graph::RUNNER_TABLES;
use tertial_warehouse::publish::{Releases, WAREHOUSE_FILE};
use tertial_warehouse::{Comments, Engine, EngineSettings, Layer, Model, Rows};

/// A warehouse that was built and is not yet published.
pub struct Built {
    /// The private folder.
    pub folder: PathBuf,
    /// The release's id: day looked from, and a hash of everything that went in.
    pub id: String,
}

/// The id a release of these inputs has.
pub fn release_id(project: &Project, deliveries: &Deliveries, moment: &Moment) -> String {
    let mut fingerprint = project.fingerprint(moment.day());
    for line in deliveries.fingerprint_lines() {
        fingerprint.add("delivery", line);
    }
    format!("{}-{}", moment.day(), &fingerprint.finish()[..12])
}

/// The settings of every connection that builds.
pub fn engine_settings(project: &Project, folder: &Path) -> EngineSettings {
    EngineSettings {
        threads: project.config.night.threads,
        memory_limit: project.config.night.memory_limit.clone(),
        temp_directory: Some(folder.join("spill").to_string_lossy().into_owned()),
    }
}

/// Builds; whatever fails leaves the published release untouched.
pub fn build(
    project: &Project,
    lake: &Lake,
    deliveries: &Deliveries,
    moment: &Moment,
) -> Result<(Built, Told), Vec<Diagnostic>> {
    store::require_lake(lake, deliveries)?;
    let errors = project.decision().errors();
    if !errors.is_empty() {
        return Err(errors);
    }
    let missing = needs::missing_tables(project, true);
    if !missing.is_empty() {
        return Err(missing);
    }
    nothing_left_out(project)?;
    let id = release_id(project, deliveries, moment);
    let releases = Releases::new(&project.data());
    let folder = releases.private_folder(&id).map_err(|error| {
        let place = Location::file("data/releases");
        vec![Diagnostic::error(
            Code::T0805,
            format!("the build folder cannot be made: {error}"),
            place,
        )]
    })?;
    let path = folder.join(WAREHOUSE_FILE);
    let failed = |error: EngineError| {
        let message = format!("the warehouse cannot be built: {error}");
        vec![
            Diagnostic::error(Code::T0607, message, Location::file(path.to_string_lossy()))
                .with_effect("the release that was published last stays in force"),
        ]
    };
    let receipts = lake.receipts().map_err(|fault| vec![*fault])?;
    let engine = Engine::create(&path, &engine_settings(project, &folder)).map_err(failed)?;
    let engine = engine.with_time_limit(project.config.night.query_limit());
    engine.create_schemas().map_err(failed)?;
    define_inputs(&engine, project, lake, deliveries, moment).map_err(failed)?;
    let facts = Methods::new(&project.data()).keep(project).map_err(|fault| vec![*fault])?;
    let release = meta::Release { id: &id, moment, methods: &facts };
    meta::write_sources(&engine, project, lake, deliveries, &release).map_err(failed)?;
    super::receipts::write(&engine, &receipts, moment).map_err(failed)?;

    let before = |model: &&Model| !after_outcomes(project, model);
    let models = &project.graph.models;
    let mut told = Told { diagnostics: project.decision().warnings() };
    told.diagnostics.extend(super::wording::changed(project));
    told.diagnostics.extend(run_all(&engine, project, models.iter().filter(before))?);
    if !project.definitions.is_empty() {
        told.diagnostics.extend(outcomes::compute(&engine, project, deliveries, moment.day())?);
        super::signals::compute(&engine, project)?;
        super::units::compute(&engine, project)?;
        super::completeness::compute(&engine, project)?;
    }
    let after = models.iter().filter(|model| after_outcomes(project, model));
    told.diagnostics.extend(run_all(&engine, project, after)?);
    let contracts: Vec<_> = project.contracts.values().collect();
    meta::write_dictionary(&engine, &contracts).map_err(failed)?;
    comment(&engine, project).map_err(failed)?;
    engine.close().map_err(failed)?;
    let folder = releases.mark_built(&folder, &id).map_err(|error| {
        let message = format!("the built warehouse cannot be put aside: {error}");
        vec![Diagnostic::error(Code::T0805, message, Location::file("data/releases"))]
    })?;
    Ok((Built { folder, id }, told))
}

/// Refuses settings that only an omission would change from those of the release in force.
fn nothing_left_out(project: &Project) -> Result<(), Vec<Diagnostic>> {
    let one = |fault: Box<Diagnostic>| vec![*fault];
    let Some(identity) = Record::new(project).in_force().map_err(one)? else { return Ok(()) };
    let methods = Methods::new(&project.data());
    let Some(text) = methods.text(&identity.methods, config::FILE).map_err(one)? else {
        return Ok(());
    };
    let Some(gone) = config::left_out(&text, project.text(config::FILE)) else { return Ok(()) };
    let fault = Diagnostic::error(
        Code::T0502,
        "a setting of the release in force is no longer stated",
        Location::file(config::FILE),
    )
    .with_found("no such line")
    .with_expected(format!("`{gone}`, as before, or another value in so many words"))
    .with_effect("nothing was published; the release in force stays")
    .with_hint("a line that is gone is no decision: write out what shall hold, be it what holds without it");
    Err(vec![fault])
}

/// Whether a query needs the outcomes, itself or through another one.
fn after_outcomes(project: &Project, model: &Model) -> bool {
    model.layer == Layer::Mart
        && model.reads.iter().any(|table| {
            RUNNER_TABLES.contains(&table.as_str())
                || project.graph.model(table).is_some_and(|read| after_outcomes(project, read))
        })
}

/// Runs queries in order and holds what they give against its contract; errors of all of them at once.
fn run_all<'a>(
    engine: &Engine,
    project: &Project,
    models: impl Iterator<Item = &'a Model>,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut told = Vec::new();
    for model in models {
        tracing::info!(model = model.name, "build");
        engine.run_model(model).map_err(|fault| vec![*fault])?;
        let Some(contract) = project.contracts.get(&model.name) else { continue };
        // What leaves the house must be whole; a gap further in is for a person to look at.
        let when_missing = match model.layer {
            Layer::Mart => Severity::Error,
            _ => Severity::Warning,
        };
        let held = engine.hold_to_contract(model, contract, when_missing).map_err(|error| {
            let message = format!("`{}` cannot be held against its contract: {error}", model.name);
            vec![Diagnostic::error(Code::T0607, message, Location::file(&model.file))]
        })?;
        told.extend(held);
    }
    if told.iter().any(|fault| fault.severity == Severity::Error) { Err(told) } else { Ok(told) }
}

/// Raw views over the lake, the months their rows are about, and seed tables as they were known at
/// the moment.
fn define_inputs(
    engine: &Engine,
    project: &Project,
    lake: &Lake,
    deliveries: &Deliveries,
    moment: &Moment,
) -> Result<(), EngineError> {
    let files = deliveries.files(lake);
    let mut done = BTreeSet::new();
    deliveries.restated.write_rows(project, engine)?;
    for (name, contract) in project.contracts.iter().filter(|(name, _)| !name.contains('.')) {
        let is_restated = deliveries.restated.concerns(name);
        engine.define_raw(contract, files.get(name).map_or(&[], Vec::as_slice), is_restated)?;
        done.insert(name.clone());
    }
    for (name, files) in files.iter().filter(|(name, _)| !done.contains(*name)) {
        engine.define_raw_as_written(name, files)?;
    }
    for (name, path) in &project.seeds {
        engine.load_seed(name, path)?;
    }
    engine.count_row_months(project.contracts.values().filter(|of| !of.table.contains('.')))?;
    engine.forget_undecided(moment.day())
}

fn comment(engine: &Engine, project: &Project) -> Result<(), EngineError> {
    let catalog = engine.catalog()?;
    let mut comments = Comments::on(&catalog);
    for (name, contract) in &project.contracts {
        let table = if name.contains('.') { name.clone() } else { format!("raw.{name}") };
        comments.contract(&table, contract);
    }
    for definition in project.definitions.values() {
        let table = format!("indicator.{}", definition.id);
        comments.table(&table, &format!("{}. {}", definition.name, definition.measures));
    }
    engine.comment(&comments)
}

/// Rows of a question to a warehouse under construction.
pub fn ask(engine: &Engine, sql: &str) -> Result<Rows, Vec<Diagnostic>> {
    engine.query(sql, &[]).map_err(|error| {
        let message = format!("the warehouse could not answer: {error}");
        vec![Diagnostic::error(Code::T0607, message, Location::file("data/releases"))]
    })
}
