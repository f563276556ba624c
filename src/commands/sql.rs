//! `tertial sql`: a question to the release in force, read only.

use super::{Ending, Outcome};
use crate::args::TableFormat;
use crate::night::edition::no_release;
use crate::output;
use crate::project::Project;
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::Engine;
use tertial_warehouse::publish::{PUBLIC_FILE, Releases, WAREHOUSE_FILE};

/// The verb.
pub fn run(project: &Project, query: &str, warehouse: bool, format: TableFormat) -> Outcome {
    let releases = Releases::new(&project.data());
    if releases.current().is_none() {
        return Err(vec![no_release()]);
    }
    let file = if warehouse { WAREHOUSE_FILE } else { PUBLIC_FILE };
    let failed = |error: tertial_warehouse::engine::EngineError| {
        let message = format!("the query could not be answered: {error}");
        let place = Location::Query { query: file.to_owned(), key: String::new() };
        let mut fault = Diagnostic::error(Code::T0607, message, place);
        if !warehouse && error.to_string().contains("does not exist") {
            fault = fault.with_hint("row-level tables are in the warehouse: add `--warehouse`");
        }
        vec![fault]
    };
    let engine = Engine::open_read_only(&releases.current_file(file)).map_err(failed)?;
    let rows = engine.query(query, &[]).map_err(failed)?;
    output::table(&rows, format);
    Ok(Ending::Clean)
}
