//! From a built and audited warehouse to a release: free of the lake, the public copy beside it.

use super::build::{Built, engine_settings};
use super::meta;
use super::record::Record;
use crate::project::Project;
use std::path::PathBuf;
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::build::public_columns;
use tertial_warehouse::engine::{EngineError, identifier, literal};
use tertial_warehouse::publish::{PUBLIC_FILE, Releases, WAREHOUSE_FILE};
use tertial_warehouse::{Comments, Engine};

/// Tables of the program's own that may leave the house as they are.
const PUBLIC_META: [&str; 20] = [
    "meta.audits",
    "meta.deliveries",
    "meta.delivery_tables",
    "meta.dictionary",
    "meta.findings",
    "meta.indicators",
    "meta.lineage",
    "meta.reconciliations",
    "meta.rejects_by_rule",
    "meta.release",
    "indicator.outcomes",
    "indicator.published_judgements",
    "indicator.reporting_units",
    "indicator.restatements",
    "indicator.signal_points",
    "indicator.signals",
    "indicator.targets",
    "indicator.unit_figures",
    "indicator.unit_panels",
    "indicator.versions",
];

/// Puts a built warehouse in force.
pub fn publish(project: &Project, built: &Built) -> Result<PathBuf, Vec<Diagnostic>> {
    let path = built.folder.join(WAREHOUSE_FILE);
    let failed = |error: EngineError| {
        let message = format!("the release cannot be finished: {error}");
        vec![
            Diagnostic::error(Code::T0802, message, Location::file(path.to_string_lossy()))
                .with_effect("the release that was published last stays in force"),
        ]
    };
    let engine = Engine::create(&path, &engine_settings(project, &built.folder)).map_err(failed)?;
    finish(project, built, &engine).map_err(failed)?;
    let record = Record::new(project);
    let one = |fault: Box<Diagnostic>| vec![*fault];
    record.prepare(&engine, &built.folder).map_err(one)?;
    engine.close().map_err(failed)?;
    let _ = std::fs::remove_dir_all(built.folder.join("spill"));
    let keep = project.config.night.keep_releases;
    let releases = Releases::new(&project.data());
    let release = releases.publish(&built.folder, &built.id, keep).map_err(one)?;
    record.enter().map_err(one)?;
    Ok(release)
}

fn finish(project: &Project, built: &Built, engine: &Engine) -> Result<(), EngineError> {
    let graph = &project.graph;
    let refined = |raw: &str| graph.models.iter().any(|model| model.reads.iter().any(|r| r == raw));
    let catalog = engine.catalog()?;
    let mut comments = Comments::on(&catalog);
    meta::comment_own(&mut comments);
    engine.comment(&comments)?;
    engine.detach_from_lake(&refined)?;
    let mut tables = Vec::new();
    for name in catalog.names() {
        let columns = if PUBLIC_META.contains(&name) {
            catalog.columns_of(name).to_vec()
        } else if name.starts_with("mart.") {
            match project.contracts.get(name) {
                Some(contract) => public_columns(contract),
                None => catalog.columns_of(name).to_vec(),
            }
        } else {
            continue;
        };
        tables.push((name.to_owned(), columns));
    }
    if !tables.iter().any(|(name, _)| name == "indicator.outcomes") {
        return engine.copy_public(&built.folder.join(PUBLIC_FILE), &tables, &[]);
    }
    let views: Vec<String> = project
        .definitions
        .values()
        .flat_map(|definition| {
            let view = format!("indicator.{}", identifier(&definition.id));
            [
                format!(
                    "create view {view} as select * from indicator.outcomes where id = {}",
                    literal(&definition.id)
                ),
                format!(
                    "comment on view {view} is {}",
                    literal(&format!("{}. {}", definition.name, definition.measures))
                ),
            ]
        })
        .collect();
    let public = built.folder.join(PUBLIC_FILE);
    engine.copy_public(&public, &tables, &views)?;
    let engine = Engine::create(&public, &engine_settings(project, &built.folder))?;
    let catalog = engine.catalog()?;
    let mut comments = Comments::on(&catalog);
    meta::comment_own(&mut comments);
    for (name, _) in &tables {
        if let Some(contract) = project.contracts.get(name) {
            comments.contract(name, contract);
        }
    }
    engine.comment(&comments)?;
    engine.close()
}
