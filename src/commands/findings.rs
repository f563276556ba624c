//! `tertial findings`: what the audits found in the release in force, the new before the known.

use super::{Ending, Outcome};
use crate::args::TableFormat;
use crate::night::edition::no_release;
use crate::output;
use crate::project::Project;
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::publish::{Releases, WAREHOUSE_FILE};

/// What the user wished for.
pub struct Wish {
    /// Only what nobody answers for yet.
    pub new: bool,
    /// As rows to be completed and added to the known findings.
    pub draft: bool,
    /// How to print.
    pub format: TableFormat,
}

/// The verb.
pub fn run(project: &Project, wish: &Wish) -> Outcome {
    let releases = Releases::new(&project.data());
    if releases.current().is_none() {
        return Err(Faults::from(no_release()));
    }
    let failed =
        |error: EngineError| {
            let place = Location::Query { query: WAREHOUSE_FILE.to_owned(), key: String::new() };
            let message = format!("the findings of the release cannot be read: {error}");
            vec![Diagnostic::error(Code::QueryFailed, message, place).with_hint(
                "a release of an earlier program has none: `tertial run` makes a new one",
            )]
        };
    let engine = Engine::open_read_only(&releases.current_file(WAREHOUSE_FILE)).map_err(failed)?;
    if wish.draft {
        let rows = engine.query(include_str!("../own/findings/draft.sql"), &[]).map_err(failed)?;
        output::table(&rows, TableFormat::Csv);
        return Ok(Ending::Clean);
    }
    let which = if wish.new { "new" } else { "all" };
    let rows = engine.query(include_str!("../own/findings/list.sql"), &[which]).map_err(failed)?;
    output::table(&rows, wish.format);
    Ok(Ending::Clean)
}
