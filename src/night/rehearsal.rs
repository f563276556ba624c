//! A night on nothing: the whole project is built in a folder of its own, without a delivery, so that
//! every query is bound and every table has its columns. What it finds would stop the first night.

use super::{audit, build};
use crate::clock::Moment;
use crate::night::standing::Deliveries;
use crate::project::Project;
use std::collections::BTreeMap;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::Engine;
use tertial_warehouse::publish::WAREHOUSE_FILE;

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

/// Builds a project without any data, in a data folder that is gone afterwards.
pub fn rehearse(project: Project) -> (Project, Result<Tables, Vec<Diagnostic>>) {
    let room = match tempfile::tempdir() {
        Ok(room) => room,
        Err(error) => return (project, Err(failed(&error))),
    };
    let project = project.with_data(room.path().to_path_buf());
    let tables = tables(&project);
    (project, tables)
}

fn tables(project: &Project) -> Result<Tables, Vec<Diagnostic>> {
    let one = |fault: Box<Diagnostic>| vec![*fault];
    let lake = Lake::open(project.data()).map_err(one)?;
    let moment = Moment::now();
    let deliveries = Deliveries::at(project, &lake, &moment)?;
    let (built, _) = build::build(project, &lake, &deliveries, &moment)?;
    audit::audit(project, &built)?;
    let engine = Engine::open_read_only(&built.folder.join(WAREHOUSE_FILE))
        .map_err(|error| failed(&error))?;
    let catalog = engine.catalog().map_err(|error| failed(&error))?;
    let columns = |name: &str| (name.to_owned(), catalog.columns_of(name).to_vec());
    Ok(Tables(catalog.names().map(columns).collect()))
}

fn failed(error: &dyn std::fmt::Display) -> Vec<Diagnostic> {
    let message = format!("the queries cannot be tried: {error}");
    vec![Diagnostic::error(Code::T0805, message, Location::file("sql"))]
}
