//! From a built and audited warehouse to a release: free of the lake, the public copy beside it.

use super::coarse::Coarse;
use super::record::Record;
use super::untold;
use super::warehouse::{Built, engine_settings};
use crate::clock::Moment;
use crate::own;
use crate::project::Project;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tertial_indicator::Definition;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::engine::{EngineError, identifier, literal};
use tertial_warehouse::publish::{PUBLIC_FILE, Releases, WAREHOUSE_FILE};
use tertial_warehouse::{Catalog, Comments, Engine};

/// Puts a built warehouse in force at a moment. What was `found` in it is kept until it is told.
pub fn publish(
    project: &Project,
    lake: &Lake,
    built: &Built,
    moment: &Moment,
    found: &[Diagnostic],
) -> Result<PathBuf, Faults> {
    let access = super::access::of(project)?;
    let path = built.folder.join(WAREHOUSE_FILE);
    let failed = |error: EngineError| {
        let message = format!("the release cannot be finished: {error}");
        Faults::from(
            Diagnostic::error(
                Code::UnverifiedRelease,
                message,
                Location::file(path.to_string_lossy()),
            )
            .with_effect("the release that was published last stays in force"),
        )
    };
    let engine = Engine::create(&path, &engine_settings(project, &built.folder)).map_err(failed)?;
    finish(project, built, &engine).map_err(failed)?;
    plain_types(&built.folder.join(PUBLIC_FILE)).map_err(failed)?.map_or(Ok(()), Err)?;
    let record = Record::new(project);
    record.prepare(&engine, &built.folder, &moment.at_by_now())?;
    engine.close().map_err(failed)?;
    let _ = std::fs::remove_dir_all(built.folder.join("spill"));
    lake.keep_untold(&untold::of_release(&built.id), found)?;
    let keep = project.config.night.keep_releases;
    let releases = Releases::new(&project.data()).with_access(access);
    let release = releases.publish(&built.folder, &built.id, keep)?;
    record.enter()?;
    let lie_there = releases.list().unwrap_or_default();
    lake.mark_releases(lie_there)?;
    Ok(release)
}

fn finish(project: &Project, built: &Built, engine: &Engine) -> Result<(), EngineError> {
    let graph = &project.graph;
    let refined = |raw: &str| graph.models.iter().any(|model| model.reads.iter().any(|r| r == raw));
    let catalog = engine.catalog()?;
    // The audits write theirs after the build has put words on everything else.
    let mut comments = Comments::on(&catalog);
    own::contracts().iter().for_each(|(name, contract)| comments.contract(name, contract));
    engine.comment(&comments)?;
    engine.detach_from_lake(&refined)?;
    let tables = public_tables(project, &catalog);
    let coarse = Coarse::new(project);
    let told = |table: &str, column: &str| coarse.expression(table, column);
    let broken_down = engine
        .query("select distinct indicator_id from indicator.outcomes where breakdown <> ''", &[])?;
    let broken_down: BTreeSet<String> =
        broken_down.rows.iter().filter_map(|row| row[0].text()).collect();
    let views: Vec<String> = project
        .definitions
        .values()
        .flat_map(|definition| views_of(definition, broken_down.contains(&definition.id)))
        .collect();
    let public = built.folder.join(PUBLIC_FILE);
    engine.copy_public(&public, &tables, &views, &told)?;
    let engine = Engine::create(&public, &engine_settings(project, &built.folder))?;
    let catalog = engine.catalog()?;
    let mut comments = Comments::on(&catalog);
    for (name, _) in &tables {
        if let Some(contract) = project.contracts.get(name) {
            comments.contract(name, contract);
        }
    }
    engine.comment(&comments)?;
    engine.close()
}

/// An indicator's own views: the figure itself, and its breakdowns where it has any.
fn views_of(definition: &Definition, has_breakdowns: bool) -> Vec<String> {
    let view = |name: &str, rows: &str, words: &str| {
        let view = format!("indicator.{}", identifier(name));
        let id = literal(&definition.id);
        format!(
            "create view {view} as select * from indicator.outcomes \
             where indicator_id = {id} and {rows}; comment on view {view} is {}",
            literal(words)
        )
    };
    let words = format!("{}. {}", definition.name, definition.measures);
    let mut views = vec![view(&definition.id, "breakdown = ''", &words)];
    if has_breakdowns {
        let name = format!("{}__breakdowns", definition.id);
        let words = format!("{} Uppdelningar.", words.trim_end());
        views.push(view(&name, "breakdown <> ''", &words));
    }
    views
}

/// The tables that leave the house, with the columns of each that do.
fn public_tables(project: &Project, catalog: &Catalog) -> Vec<(String, Vec<String>)> {
    let open = &project.decision().publication.tables;
    let there = catalog.names().filter_map(|name| Some((name, open.get(name)?)));
    let tables = there.map(|(name, open)| {
        let columns = catalog.columns_of(name).iter().filter(|column| open.contains(column));
        (name.to_owned(), columns.cloned().collect::<Vec<_>>())
    });
    tables.filter(|(_, columns)| !columns.is_empty()).collect()
}

/// Told when a column of the public database is of a type that not every client has.
fn plain_types(public: &Path) -> Result<Option<Vec<Diagnostic>>, EngineError> {
    let uncommon = Engine::open_read_only(public)?.uncommon_types()?;
    let fault = |(column, found): &(String, String)| {
        let message = format!("`{column}` has a type that clients over ODBC do not have");
        Diagnostic::error(Code::ContractBroken, message, Location::file(public.to_string_lossy()))
            .with_found(format!("`{}`", found.to_lowercase()))
            .with_expected("`varchar`, `bigint`, `decimal`, `double`, `date` or `boolean`")
            .with_effect("the release that was published last stays in force")
    };
    let faults: Vec<Diagnostic> = uncommon.iter().map(fault).collect();
    Ok(Some(faults).filter(|faults| !faults.is_empty()))
}
