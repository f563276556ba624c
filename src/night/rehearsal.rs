//! A night on nothing: a warehouse is filled in memory, without a delivery, so that every query is bound
//! and every table has its columns and is held against its contract. What it finds would stop the first
//! night.

use super::meta::Inputs;
use super::meta::Release;
use super::warehouse::engine_settings;
use super::{audit, build};
use crate::clock::Moment;
use crate::night::standing::Deliveries;
use crate::project::Project;
use std::collections::BTreeMap;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::Engine;

/// The columns of every table that the project makes.
pub struct Tables(BTreeMap<String, Vec<String>>);

impl Tables {
    /// The columns of a table, in order; empty when there is no such table.
    pub fn columns_of(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The tables of a layer, in order.
    pub fn of_layer<'a>(&'a self, layer: &str) -> impl Iterator<Item = &'a str> {
        let prefix = format!("{layer}.");
        self.0.keys().map(String::as_str).filter(move |name| name.starts_with(&prefix))
    }
}

/// Fills a warehouse without any data, in memory, while the classes of the queries' columns are
/// followed beside it.
pub fn rehearse(project: Project) -> (Project, Result<Tables, Faults>) {
    in_a_room(project, |project| {
        let (_, tables) = rayon::join(|| project.decision(), || tables(project));
        tables
    })
}

/// A warehouse in memory with every table of the project and of the program, none with a row but the
/// seeds and what follows from them.
pub fn without_data(project: Project) -> (Project, Result<Engine, Faults>) {
    in_a_room(project, filled)
}

/// Does something with the project and an empty data folder, which it keeps and which is then gone.
fn in_a_room<T>(
    project: Project,
    work: impl FnOnce(&Project) -> Result<T, Faults>,
) -> (Project, Result<T, Faults>) {
    let room = match tempfile::tempdir() {
        Ok(room) => room,
        Err(error) => return (project, Err(failed(&error))),
    };
    let project = project.with_data(room.path().to_path_buf());
    let done = work(&project);
    (project, done)
}

fn tables(project: &Project) -> Result<Tables, Faults> {
    let engine = filled(project)?;
    audit::run(&engine, project)?;
    let catalog = engine.catalog().map_err(|error| failed(&error))?;
    let columns = |name: &str| (name.to_owned(), catalog.columns_of(name).to_vec());
    Ok(Tables(catalog.names().map(columns).collect()))
}

fn filled(project: &Project) -> Result<Engine, Faults> {
    let lake = Lake::open(project.data())?;
    let moment = Moment::now();
    let deliveries = Deliveries::at(project, &lake, &moment)?;
    let engine = Engine::in_memory().map_err(|error| failed(&error))?;
    engine.limit(&engine_settings(project, &project.data())).map_err(|error| failed(&error))?;
    engine.plan_plainly().map_err(|error| failed(&error))?;
    let inputs = Inputs { project, lake: &lake, deliveries: &deliveries, moment: &moment };
    let release = Release { id: "", moment: &moment, methods: "" };
    build::fill(&engine, &inputs, &release)?;
    Ok(engine)
}

fn failed(error: &dyn std::fmt::Display) -> Faults {
    let message = format!("the queries cannot be tried: {error}");
    Faults::from(Diagnostic::error(Code::FileAccess, message, Location::file("sql")))
}
