//! Lake to private warehouse: raw views, seeds, queries in order, outcomes, marts, comments.

use super::meta::Inputs;
use super::methods::Methods;
use super::outcomes;
use super::record::Record;
use super::standing::Deliveries;
use super::warehouse::{Built, engine_settings};
use super::{Told, intact, meta};
use crate::clock::Moment;
use crate::config;
use crate::needs;
use crate::own;
use crate::project::Project;
use std::collections::BTreeSet;
use tertial_lake::Lake;
use tertial_model::{Code, Contract, Diagnostic, Faults, Location, Severity};
use tertial_warehouse::calendar::ROW_MONTHS;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::publish::{Releases, WAREHOUSE_FILE};
use tertial_warehouse::{Comments, Engine, Holding, Layer, Model};

/// The id a release of these inputs has.
pub fn release_id(project: &Project, deliveries: &Deliveries, moment: &Moment) -> String {
    let mut fingerprint = project.fingerprint(moment.day());
    for line in deliveries.fingerprint_lines() {
        fingerprint.add("delivery", line);
    }
    format!("{}-{}", moment.day(), &fingerprint.finish()[..12])
}

/// Builds; whatever fails leaves the published release untouched.
pub fn build(
    project: &Project,
    lake: &Lake,
    deliveries: &Deliveries,
    moment: &Moment,
) -> Result<(Built, Told), Faults> {
    intact::require_lake(lake, deliveries)?;
    let errors = project.decision().errors();
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let missing = needs::missing_tables(project, true);
    if !missing.is_empty() {
        return Err(missing.into());
    }
    nothing_left_out(project)?;
    let id = release_id(project, deliveries, moment);
    let releases = Releases::new(&project.data());
    let folder = releases.private_folder(&id).map_err(|error| {
        let place = Location::file("data/releases");
        Faults::from(Diagnostic::error(
            Code::FileAccess,
            format!("the build folder cannot be made: {error}"),
            place,
        ))
    })?;
    let path = folder.join(WAREHOUSE_FILE);
    let failed = |error: EngineError| {
        let message = format!("the warehouse cannot be built: {error}");
        Faults::from(
            Diagnostic::error(Code::QueryFailed, message, Location::file(path.to_string_lossy()))
                .with_effect("the release that was published last stays in force"),
        )
    };
    let engine = Engine::create(&path, &engine_settings(project, &folder)).map_err(failed)?;
    let engine = engine.with_time_limit(project.config.night.query_limit());
    let facts = Methods::new(&project.data()).keep(project)?;
    let release = meta::Release { id: &id, moment, methods: &facts };
    let mut told = Told { diagnostics: project.decision().warnings() };
    told.diagnostics.extend(super::wording::changed(project));
    let inputs = Inputs { project, lake, deliveries, moment };
    told.diagnostics.extend(fill(&engine, &inputs, &release)?);
    comment(&engine, project).map_err(failed)?;
    engine.close().map_err(failed)?;
    let folder = releases.mark_built(&folder, &id).map_err(|error| {
        let message = format!("the built warehouse cannot be put aside: {error}");
        Faults::from(Diagnostic::error(Code::FileAccess, message, Location::file("data/releases")))
    })?;
    Ok((Built { folder, id }, told))
}

/// Fills an empty warehouse, everything in its order, and holds each table against its contract.
pub fn fill(
    engine: &Engine,
    inputs: &Inputs,
    release: &meta::Release,
) -> Result<Vec<Diagnostic>, Faults> {
    let Inputs { project, lake, deliveries, moment } = *inputs;
    let failed = |error: EngineError| {
        let message = format!("the warehouse cannot be filled: {error}");
        Faults::from(
            Diagnostic::error(Code::QueryFailed, message, Location::file("data/releases"))
                .with_effect("the release that was published last stays in force"),
        )
    };
    let receipts = lake.receipts()?;
    engine.create_schemas().map_err(failed)?;
    define_inputs(engine, project, lake, deliveries, moment).map_err(failed)?;
    meta::write_sources(engine, inputs, release).map_err(failed)?;
    super::receipts::write(engine, &receipts, moment).map_err(failed)?;

    let before = |model: &&Model| !after_outcomes(project, model);
    let models = &project.graph.models;
    let mut told = run_all(engine, project, models.iter().filter(before))?;
    if !project.definitions.is_empty() {
        outcomes::compute(engine, project, deliveries, moment.day())?;
        super::signals::compute(engine, project)?;
        super::units::compute(engine, project)?;
        super::completeness::compute(engine, project)?;
    }
    own::create_missing(engine, "indicator").map_err(failed)?;
    let after = models.iter().filter(|model| after_outcomes(project, model));
    told.extend(run_all(engine, project, after)?);
    meta::write_dictionary(engine, project.contracts.values()).map_err(failed)?;
    own::create_missing(engine, "meta").map_err(failed)?;
    hold_own(engine)?;
    Ok(told)
}

/// Refuses settings that only an omission would change from those of the release in force.
fn nothing_left_out(project: &Project) -> Result<(), Faults> {
    let Some(identity) = Record::new(project).in_force()? else { return Ok(()) };
    let methods = Methods::new(&project.data());
    let Some(text) = methods.text(&identity.methods, config::FILE)? else {
        return Ok(());
    };
    let Some(gone) = config::left_out(&text, project.text(config::FILE)) else { return Ok(()) };
    let fault = Diagnostic::error(
        Code::BadSetting,
        "a setting of the release in force is no longer stated",
        Location::file(config::FILE),
    )
    .with_found("no such line")
    .with_expected(format!("`{gone}`, as before, or another value in so many words"))
    .with_effect("nothing was published; the release in force stays")
    .with_hint("a line that is gone is no decision: write out what shall hold, be it what holds without it");
    Err(Faults::from(fault))
}

/// Whether a query needs the outcomes, itself or through another one.
fn after_outcomes(project: &Project, model: &Model) -> bool {
    model.layer == Layer::Mart
        && model.reads.iter().any(|table| {
            table.starts_with("indicator.")
                || project.graph.model(table).is_some_and(|read| after_outcomes(project, read))
        })
}

/// Runs queries in order and holds what they give against its contract; errors of all of them at once.
fn run_all<'a>(
    engine: &Engine,
    project: &Project,
    models: impl Iterator<Item = &'a Model>,
) -> Result<Vec<Diagnostic>, Faults> {
    let mut told = Vec::new();
    let mut failed: BTreeSet<&str> = BTreeSet::new();
    for model in models {
        // What stands on a query that failed is not tried: its faults would be echoes.
        if model.reads.iter().any(|read| failed.contains(read.as_str())) {
            failed.insert(&model.name);
            continue;
        }
        tracing::info!(model = model.name, "build");
        if let Err(fault) = engine.run_model(model) {
            told.push(*fault);
            failed.insert(&model.name);
            continue;
        }
        let Some(contract) = project.contracts.get(&model.name) else { continue };
        // What leaves the house must be whole; a gap further in is for a person to look at.
        let (of_values, of_unknown) = match model.layer {
            Layer::Mart => (Severity::Error, None),
            _ => (Severity::Warning, Some(Severity::Error)),
        };
        let holding = Holding { file: &model.file, of_values, of_unknown };
        told.extend(hold(engine, contract, holding)?);
    }
    if told.iter().any(|fault| fault.severity == Severity::Error) {
        Err(told.into())
    } else {
        Ok(told)
    }
}

fn hold(engine: &Engine, contract: &Contract, holding: Holding) -> Result<Vec<Diagnostic>, Faults> {
    engine.hold_to_contract(contract, holding).map_err(|error| {
        let table = &contract.table;
        let message = format!("`{table}` cannot be held against its contract: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(holding.file)))
    })
}

/// The program's own tables are what their contracts say, too.
fn hold_own(engine: &Engine) -> Result<(), Faults> {
    let mut told = Vec::new();
    for contract in own::contracts().values() {
        let file = &contract.file;
        let severity = Severity::Error;
        let holding = Holding { file, of_values: severity, of_unknown: Some(severity) };
        told.extend(hold(engine, contract, holding)?);
    }
    if told.is_empty() { Ok(()) } else { Err(told.into()) }
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
    own::create(engine, ROW_MONTHS)?;
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
